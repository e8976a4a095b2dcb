"""Photographs as pairs: what is found, what is carried out, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data, io

import pixwright
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


def cat_on_the_ground() -> NDArray[np.uint8]:
    """A cat cut out of its photograph, on even ground: something that can be taken away without a guess (a cup on its saucer cannot)."""
    whole = np.ascontiguousarray(data.chelsea())
    cut = pixwright.cut(whole)
    rows, columns = (np.flatnonzero((cut[..., 3] > 127).any(axis)) for axis in (1, 0))
    cut = cut[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cut = cv2.resize(cut, (round(cut.shape[1] * 120 / cut.shape[0]), 120), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(5).normal(0, 16, (220, 330, 3)).astype(np.float32)
    ground = (np.array([150, 120, 84], np.float32) + cv2.GaussianBlur(grain, (0, 0), 1.0)).clip(0, 255).astype(np.uint8)
    place, weight = np.s_[60:180, 100 : 100 + cut.shape[1]], cut[..., 3:] / 255.0
    ground[place] = (ground[place] * (1 - weight) + cut[..., :3] * weight).astype(np.uint8)
    return ground


@pytest.fixture(scope="module")
def cat():  # type: ignore[no-untyped-def]
    return look("mine/cat", cat_on_the_ground(), "a cat on the ground", PART, system())


def attempted(cup, kind: EditType, seed: int = 3) -> Sample | Failed:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    catalogue = catalogue_of((), Split.TRAIN)
    attempt = PIPELINES[kind](cup, catalogue, rng)
    assert attempt is not None
    return realise(cup, attempt, catalogue, rng, "row", "anyedit")


def test_adding_is_the_reverse_of_removal(cat) -> None:  # type: ignore[no-untyped-def]
    assert "cat" in [thing.name for thing in cat.objects]
    gone, come = attempted(cat, EditType.REMOVE), attempted(cat, EditType.ADD)
    assert isinstance(gone, Sample) and isinstance(come, Sample)
    assert np.array_equal(gone.source, cat.pixels)
    assert np.array_equal(come.edited, cat.pixels)
    assert "cat" in gone.instruction and "cat" in come.instruction
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
    io.imsave(tmp_path / "cat.png", cat_on_the_ground(), check_contrast=False)
    row = {"file_name": "cat.png", "caption": "a cat", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    held = catalogue_of((f"folder:{tmp_path}", "packaged"), Split.TRAIN)
    recipe = anyedit().model_copy(update={"types": {EditType.REMOVE: 1.0}, "size": 330})
    found = candidate(held, recipe, 0, np.random.default_rng(2), "row")
    assert not isinstance(found, str), found
    assert found.type == EditType.REMOVE and found.extra["photograph"].endswith("cat.png")
    nothing = candidate(catalogue_of((), Split.TRAIN), recipe, 0, np.random.default_rng(2), "row")
    assert isinstance(nothing, str) and nothing.startswith("no_photograph: ")
