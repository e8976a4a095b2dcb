"""Surfaces: the fitted classifier on photographs, and what it was fitted to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ground_looks import encoders, photo

from pixwright.ground import ground
from pixwright.ground.stuff import KINDS, MADE_OF, NAMES, Surfaces, _fitted, features, surfaces
from pixwright.words import lexicon

GOLDEN = Path(__file__).parents[1] / "golden" / "ground"


def shares(name, phrase):
    """The found mask's share of a grid of 8x8 cells."""
    region = ground(photo(name), phrase, encoders())
    assert region.found, region.note
    solid = region.mask > 127
    height, width = (side // 8 * 8 for side in solid.shape)
    return solid[:height, :width].reshape(8, height // 8, 8, width // 8).mean((1, 3)), region


def test_a_sky_goes_down_to_the_horizon():
    cells, region = shares("rocket", "sky")
    assert cells[:5, 3:7].mean() > 0.9 and cells[7].mean() < 0.4
    assert region.score > 0.6


def test_a_grey_sky_is_sky_too():
    cells, _ = shares("camera", "the sky")
    assert cells[0].mean() > 0.85 and cells[4:].mean() < 0.05


def test_a_table_is_around_what_stands_on_it():
    cells, _ = shares("coffee", "table")
    assert cells[:, 7].mean() > 0.8 and cells[2:5, 3:5].mean() < 0.05


def test_a_floor_is_below():
    region = ground(photo("stereo_motorcycle"), "the floor", encoders())
    solid = region.mask > 127
    assert region.found and solid[-60:].mean() > 0.7 and solid[:150].mean() < 0.05


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("astronaut", "sky"),
        ("astronaut", "water"),
        ("coffee", "grass"),
        ("coffee", "the sea"),
        ("rocket", "snow"),
        ("chelsea", "sky"),
        ("camera", "water"),
    ],
)
def test_surfaces_that_are_not_there(name, phrase):
    assert not ground(photo(name), phrase, encoders()).found


@pytest.mark.parametrize("phrase", ["the table", "the table on the left"])
def test_what_stands_on_a_table_is_not_the_table(phrase):
    cup = ground(photo("coffee"), "the cup", encoders()).mask > 127
    assert (ground(photo("coffee"), phrase, encoders()).mask[cup] > 127).mean() < 0.1


def test_a_place_keeps_its_half():
    left, _ = shares("coffee", "the table on the left")
    right, _ = shares("coffee", "the table on the right")
    assert not left[:, 5:].any() and not right[:, :3].any()
    assert left[:, :3].mean() > 0.1 and right[:, 5:].mean() > 0.1


def test_background_and_foreground_share_the_picture():
    front, back = (ground(photo("coffee"), p, encoders()).mask.astype(int) for p in ("foreground", "background"))
    assert np.abs(front + back - 255).mean() < 20


def test_beliefs_are_a_distribution():
    belief = surfaces(photo("coffee")).belief
    assert belief.shape == (len(photo("coffee").pieces.area), len(KINDS))
    assert np.allclose(belief.sum(1), 1, atol=1e-3) and belief.min() >= 0


def test_several_kinds_are_summed():
    rows = np.zeros((2, len(KINDS)), np.float32)
    rows[0, KINDS.index("s")], rows[0, KINDS.index("w")], rows[1, KINDS.index("g")] = 0.5, 0.25, 1
    assert Surfaces(rows).of("sw").tolist() == [0.75, 0] and Surfaces(rows).of("g").tolist() == [0, 1]


def test_the_fitted_file_has_the_shapes_that_the_code_asks_for():
    fitted = _fitted()
    seen = features(photo("chelsea"), fitted)
    wide, hidden = fitted["first"].shape
    assert seen.shape[1] == wide == len(fitted["mean"]) == len(fitted["spread"])
    assert fitted["second"].shape == (hidden, len(KINDS)) and fitted["second_bias"].shape == (len(KINDS),)
    assert fitted["first_bias"].shape == (hidden,) and (fitted["spread"] > 0).all()
    assert fitted["logits_axes"].shape[0] == 1000
    assert all(np.isfinite(value).all() for value in fitted.values())


def test_every_name_of_a_surface_has_classes():
    table = lexicon()
    names = {entry.stuff for noun in table.nouns if (entry := table.entry(noun)) and entry.stuff}
    assert names - {"background", "foreground"} <= set(NAMES)
    assert set("".join([*NAMES.values(), *MADE_OF.values()])) <= set(KINDS) and len(set(KINDS)) == len(KINDS)


def test_labels_are_cells_of_photographs_that_measure_nothing():
    labels = json.loads((GOLDEN / "stuff.json").read_text("utf-8"))
    measured = {row["sha256"] for row in json.loads((GOLDEN / "test.json").read_text("utf-8"))}
    assert len(labels) >= 60
    for name, row in labels.items():
        assert row["sha256"] not in measured, name
        assert [len(line) for line in row["rows"]] == [16] * 12, name
        assert set("".join(row["rows"])) <= {*KINDS, "?"}, name
