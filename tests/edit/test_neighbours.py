"""Things that touch and are changed one after the other: no line of the old colour is left between them, and nothing else is taken in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from test_surfaces import SIDE, context, lit, named

import pixwright
from pixwright.edit.composite import composite
from pixwright.edit.editors import color_alter
from pixwright.edit.surfaces.neighbours import joined, shared
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region

COFFEE = Path(__file__).parents[2] / "examples" / "coffee.png"
SEAM = 120
"""Column at which the two things meet."""


def halves(soft=3.0, gap=1.0):
    """Masks of a left and a right thing on a table, both soft and a little short of the line between them."""
    x = np.broadcast_to(np.arange(SIDE, dtype=np.float32)[None], (SIDE, SIDE))
    left, right = (np.clip((SEAM - gap - x) / soft, 0, 1), np.clip((x - SEAM - gap) / soft, 0, 1))
    table = np.zeros((SIDE, SIDE), np.float32)
    table[40:200, 40:200] = 1
    return [np.asarray(np.rint(255 * each * table), np.uint8) for each in (left, right)]


def after_both(pixels, masks, words):
    """The picture after each thing got its colour, in turn, as `flow` does it."""
    picture = pixels
    for (mask, beside), value in zip(shared(pixels, masks), words, strict=True):
        region = replace(Region(mask, ((0, 0, SIDE, SIDE),), 0.9, "cup", "user"), beside=beside)
        step = Step(type=EditType.COLOR_ALTER, instruction="", target=named("cup"), value=value)
        picture, _ = composite(picture, color_alter.edit(pixels, step, region, context()))
    return picture.astype(int)


def red_things(line=None):
    pixels = np.full((SIDE, SIDE, 3), (90, 130, 90), np.float32)
    pixels[40:200, 40:200] = lit((190, 40, 30))[40:200, 40:200]
    if line is not None:
        pixels[40:200, SEAM - 2 : SEAM + 2] = line
    return pixels.astype(np.uint8)


def test_two_red_things_that_become_blue_have_no_red_line_between_them():
    after = after_both(red_things(), halves(), ("blue", "blue"))
    seam = after[60:180, SEAM - 12 : SEAM + 12]
    assert (seam[..., 2] > seam[..., 0] + 40).all()
    alone = red_things()
    for mask in halves():  # one after the other, each in what the other left
        region = Region(mask, ((0, 0, SIDE, SIDE),), 0.9, "cup", "user")
        step = Step(type=EditType.COLOR_ALTER, instruction="", target=named("cup"), value="blue")
        alone, _ = composite(alone, color_alter.edit(alone, step, region, context()))
    assert (alone[60:180, SEAM, 0].astype(int) > alone[60:180, SEAM, 2]).all(), "there is something to cure"


def test_two_colours_meet_without_the_old_one():
    after = after_both(red_things(), halves(), ("blue", "green"))
    seam = after[60:180, SEAM - 12 : SEAM + 12]
    assert (seam[..., 0] < seam[..., 1:].max(axis=2)).all()
    assert (after[60:180, SEAM - 10, 2] > after[60:180, SEAM - 10, 1]).all(), "the left one is blue to its end"
    assert (after[60:180, SEAM + 10, 1] > after[60:180, SEAM + 10, 2]).all(), "the right one is green to its end"


def test_a_third_thing_between_them_is_left():
    after = after_both(red_things(line=(215, 214, 210)), halves(), ("blue", "blue"))
    assert (after[60:180, SEAM - 1 : SEAM + 1].min(axis=2) > 160).mean() > 0.9


def test_a_crease_between_them_is_no_third_thing_and_the_ground_is_left():
    after = after_both(red_things(line=(60, 12, 9)), halves(), ("blue", "blue"))
    crease = after[60:180, SEAM - 1 : SEAM + 1]
    assert (crease[..., 2] > crease[..., 0]).all()
    assert np.array_equal(after[:34], red_things()[:34])


def test_what_lies_in_another_thing_has_its_own_pixels():
    large, small = np.zeros((2, SIDE, SIDE), np.uint8)
    large[40:200, 40:200] = 255
    small[90:150, 90:150] = 255
    for order in ((large, small), (small, large)):
        masks = [mask for mask, _ in shared(red_things(), order)]
        of_large, of_small = masks if order[0] is large else masks[::-1]
        assert of_small[120, 120] == 255 and of_large[120, 120] == 0 and of_large[60, 60] == 255


def test_things_of_one_kind_that_touch_are_one_surface():
    left, right = halves()
    mask, labels = np.maximum(left, right), np.where(left > 127, 1, np.where(right > 127, 2, 0)).astype(np.uint8)
    whole = joined(red_things(), mask, labels)
    assert mask[120, SEAM] < 30 and whole[120, SEAM] > 240
    assert np.array_equal(whole[:, :60], mask[:, :60])


def test_the_red_of_one_thing_does_not_speak_for_the_ground_of_the_other():
    """The cup counted as the saucer's surroundings: streaks of the saucer, an edge of it and what lies under the spoon stayed red."""
    before = np.asarray(Image.open(COFFEE).convert("RGB"))
    after = pixwright.edit(before, "make the cup and the saucer blue").picture.astype(int)
    saucer = np.s_[180:235, 115:175]
    assert (before[saucer][..., 0].astype(int) > before[saucer][..., 2] + 20).mean() > 0.9, "it was red"
    assert not (after[saucer][..., 0] > after[saucer][..., 2] + 20).any()
