"""Glasses as a model of a few curves."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.placing.eyewear import eyewear, is_eyewear
from pixwright.edit.placing.library import find
from pixwright.encoders.bundle import Encoders
from pixwright.words import read

CLEAR, SOLID = np.zeros((8, 8, 4), np.uint8), np.full((8, 8, 4), 255, np.uint8)


def half_axes(rgba):
    """Half width and half height of the left rim, in pixels."""
    solid = rgba[..., 3] > 200
    left = solid[:, : solid.shape[1] // 2]
    rows = np.flatnonzero(left.any(axis=1))
    columns = np.flatnonzero(left[rows[-1] - 30 : rows[-1]].any(axis=0))
    return (columns[-1] - columns[0]) / 2, (rows[-1] - rows[0]) / 2


def test_round_ones_are_rounder_than_square_ones_and_higher_than_usual_ones():
    made = {name: eyewear(CLEAR, read(f"{name} glasses".strip())) for name in ("round", "square", "")}
    corner = {name: int((rgba[..., 3] > 200)[30:60, 40:110].sum()) for name, rgba in made.items()}
    assert half_axes(made["round"])[1] > half_axes(made[""])[1]
    assert corner["square"] != corner["round"]


def test_both_halves_are_alike_and_one_sees_through_clear_lenses_alone():
    clear, dark = (eyewear(like, read("glasses")) for like in (CLEAR, SOLID))
    frame = clear[..., 3] > 200
    assert np.mean(frame != frame[:, ::-1]) < 0.01
    middle = np.s_[clear.shape[0] // 2 + 20, clear.shape[1] // 4]
    assert clear[middle][3] < 40 < 200 < dark[middle][3]


@pytest.mark.parametrize(
    ("phrase", "is_it"), [("sunglasses", True), ("red glasses", True), ("a hat", False), ("a monocle", False)]
)
def test_what_eyewear_is(phrase, is_it):
    assert is_eyewear(read(phrase)) is is_it


def test_a_model_of_them_is_put_in_in_the_colour_that_is_asked():
    plain, red = (find(phrase, Encoders(), None) for phrase in ("round glasses", "red glasses"))
    assert plain is not None and red is not None and not plain.credit
    solid = red.pixels[..., 3] > 200
    assert red.pixels[solid][:, 0].mean() > 2 * red.pixels[solid][:, 2].mean()
    dark = find("sunglasses", Encoders(), None)
    assert dark is not None and (dark.pixels[..., 3] > 200).mean() > (plain.pixels[..., 3] > 200).mean()
