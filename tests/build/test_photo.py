"""Photographs as pairs: what is found, what is carried out, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from skimage import data, io

from pixwright.build.photo import PIPELINES, Failed, candidate, look, realise
from pixwright.build.photo.look import nouns
from pixwright.build.run.networks import system
from pixwright.build.run.recipe import anyedit
from pixwright.build.sets.bench import catalogue_of
from pixwright.records.kind import EditType
from pixwright.records.sample import Part, Sample, Split

PART = Part("mine/cup", "folder:mine", "public domain", "0" * 64)


def test_nouns_are_those_that_the_grounder_knows() -> None:
    assert nouns("a photo of two black cats on a red sofa in front of a window") == ("cats", "sofa")
    assert nouns("an orange cup beside an orange") == ("cup", "orange")
    assert nouns("an orange leaf") == ("leaf",)
    assert nouns("an orange nose") == ()
    assert nouns("") == ()


def test_every_type_has_a_pipeline() -> None:
    assert set(PIPELINES) == set(EditType)


@pytest.fixture(scope="module")
def cup():  # type: ignore[no-untyped-def]
    pixels = np.ascontiguousarray(data.coffee()[::2, ::2])
    return look("mine/cup", pixels, "a cup on a table", PART, system())


def attempted(cup, kind: EditType, seed: int = 3) -> Sample | Failed:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    catalogue = catalogue_of((), Split.TRAIN)
    attempt = PIPELINES[kind](cup, catalogue, rng)
    assert attempt is not None
    return realise(cup, attempt, catalogue, rng, "row", "anyedit")


def test_adding_is_the_reverse_of_removal(cup) -> None:  # type: ignore[no-untyped-def]
    assert "cup" in [thing.name for thing in cup.objects]
    gone, come = attempted(cup, EditType.REMOVE), attempted(cup, EditType.ADD)
    assert isinstance(gone, Sample) and isinstance(come, Sample)
    assert np.array_equal(gone.source, cup.pixels)
    assert np.array_equal(come.edited, cup.pixels)
    assert "cup" in gone.instruction and "cup" in come.instruction
    for row in (gone, come):
        assert row.mask is not None and row.mask.any()
        assert np.array_equal(row.source[row.mask == 0], row.edited[row.mask == 0])
        assert row.parts == (PART,)


def test_outpainting_is_the_reverse_of_cropping() -> None:
    pixels = np.ascontiguousarray(data.coffee())
    photo = look("mine/cup", pixels, "a cup", PART, system())
    attempt = PIPELINES[EditType.OUTPAINT](photo, catalogue_of((), Split.TRAIN), np.random.default_rng(1))
    assert attempt is not None
    row = realise(photo, attempt, catalogue_of((), Split.TRAIN), np.random.default_rng(1), "row", "anyedit")
    assert isinstance(row, Sample) and row.canvas is not None
    x0, y0, x1, y1 = row.canvas
    assert np.array_equal(row.edited[y0:y1, x0:x1], row.source)


def test_a_depth_guide_is_refused_and_a_box_is_drawn_round_the_edit(cup) -> None:  # type: ignore[no-untyped-def]
    failed = attempted(cup, EditType.VISUAL_DEPTH)
    assert isinstance(failed, Failed)
    assert failed.reason.split(":")[0] in ("no_depth", "not_done", "partly", "words")
    boxed = attempted(cup, EditType.VISUAL_BBOX)
    if isinstance(boxed, Sample):
        guide = boxed.references[0].pixels
        assert guide is not None and guide.shape == boxed.source.shape
        assert np.any(guide != boxed.source)


def test_a_folder_of_photographs_is_a_source(tmp_path: Path) -> None:
    io.imsave(tmp_path / "cup.png", data.coffee()[::2, ::2], check_contrast=False)
    row = {"file_name": "cup.png", "caption": "a cup", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    held = catalogue_of((f"folder:{tmp_path}", "packaged"), Split.TRAIN)
    recipe = anyedit().model_copy(update={"types": {EditType.MOVEMENT: 1.0}, "size": 256})
    found = candidate(held, recipe, 0, np.random.default_rng(2), "row")
    assert not isinstance(found, str), found
    assert found.type == EditType.MOVEMENT and found.extra["photograph"].endswith("cup.png")
    nothing = candidate(catalogue_of((), Split.TRAIN), recipe, 0, np.random.default_rng(2), "row")
    assert isinstance(nothing, str) and nothing.startswith("no_photograph: ")
