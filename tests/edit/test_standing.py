"""What stands before a wall or on a table keeps its colours; what is written on a thing does, where another way is tried."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import color_alter, material_change
from pixwright.edit.surfaces.body import meant
from pixwright.edit.surfaces.standing import is_level, standing_before
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read

SIDE = 200
BOTTLE = (90, 70, 120, 150)


class Drawn:
    """An outliner that knows where the thing is: an ellipse in its box, in a frame that is the picture."""

    def odds(self, picture, box):
        height, width = picture.shape[:2]
        x0, y0, x1, y1 = (v * n for v, n in zip(box, (width, height) * 2))
        rows, columns = np.ogrid[:height, :width]
        inside = ((columns - (x0 + x1) / 2) / (x1 - x0) * 2) ** 2 + ((rows - (y0 + y1) / 2) / (y1 - y0) * 2) ** 2 < 1
        return np.where(inside, 6.0, -6.0).astype(np.float32), (0.0, 0.0, 1.0, 1.0)


def wall():
    pixels = np.full((SIDE, SIDE, 3), (90, 100, 120), np.uint8)
    x0, y0, x1, y1 = BOTTLE
    cv2.ellipse(pixels, ((x0 + x1) // 2, (y0 + y1) // 2), (15, 40), 0, 0, 360, (60, 130, 70), -1)
    return pixels, np.full((SIDE, SIDE), 255, np.uint8)


@pytest.mark.parametrize(
    "phrase, level",
    [("stone wall", True), ("desk", True), ("road", True), ("chair", False), ("river", False), ("", False)],
)
def test_what_things_stand_on(phrase, level):
    assert is_level(read(phrase) if phrase else None) is level


def test_what_stands_before_a_plane_is_not_of_it():
    pixels, mask = wall()
    share = standing_before(pixels, mask, [BOTTLE], Drawn())
    assert share[110, 105] > 0.9 and share[20, 20] == 0 and share[75, 92] < 0.1


@pytest.mark.parametrize("box", [(0, 0, SIDE, SIDE), (150, 20, 198, 60)])
def test_the_plane_itself_and_what_lies_beside_it_are_no_things_before_it(box):
    pixels, mask = wall()
    mask[:, 140:] = 0
    assert not standing_before(pixels, mask, [box], Drawn()).any()


@pytest.mark.parametrize(
    "editor, kind, value",
    [(material_change, EditType.MATERIAL_CHANGE, "white marble"), (color_alter, EditType.COLOR_ALTER, "terracotta")],
)
def test_a_bottle_before_the_wall_keeps_its_colour(editor, kind, value):
    pixels, mask = wall()
    encoders = Encoders()
    encoders.__dict__["boxed"] = Drawn()
    region = Region(mask, ((0, 0, SIDE, SIDE),), 0.9, "wall", "phrase", exact=True)
    nothing = Region(np.zeros((SIDE, SIDE), np.uint8), (), 0.0, "x")
    context = Context(7, encoders, lambda picture, what: nothing, things=lambda picture: (BOTTLE,))
    step = Step(type=kind, instruction="", target=read("wall"), value=value)
    after, _ = composite(pixels, editor.edit(pixels, step, region, context))
    assert np.abs(after[110, 105].astype(int) - pixels[110, 105]).max() < 12
    assert np.abs(after[20, 20].astype(int) - pixels[20, 20]).max() > 40


def lettered(ground, letters):
    pixels = np.full((SIDE, SIDE, 3), 128, np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[40:160, 30:170] = 255
    pixels[mask > 0] = ground
    pixels[90:100, 60:140] = letters
    return pixels, mask


def test_what_is_written_stays_where_all_of_a_thing_is_taken():
    pixels, mask = lettered((150, 150, 152), (230, 190, 20))
    taken = meant(pixels, mask, read("box"), loosely=True).mask
    assert taken[95, 100] < 60 and taken[60, 60] > 240


def test_what_is_mostly_of_one_paint_has_no_other_way():
    pixels, mask = lettered((30, 50, 150), (235, 235, 235))
    first, again = (meant(pixels, mask, read("car"), loosely=way) for way in (False, True))
    assert first.paint and np.array_equal(first.mask, again.mask)


def test_two_halves_of_strong_colours_are_both_meant():
    pixels, mask = lettered((200, 40, 40), (230, 190, 20))
    pixels[40:100, 30:170] = (40, 160, 60)
    taken = meant(pixels, mask, read("box"), loosely=True).mask
    assert (taken[mask > 0] > 200).mean() > 0.45
