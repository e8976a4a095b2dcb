"""Lettering: what is written can be read back in its ink, weight and slant, and nothing beside it changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.edit.composite import blend
from pixwright.edit.contract import Context
from pixwright.edit.lettering import adding, faces
from pixwright.edit.lettering import setting as letters
from pixwright.edit.lettering.calm import bearing, calmest
from pixwright.edit.lettering.faces import Type
from pixwright.edit.lettering.setting import LineSetting
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.reading import ink
from pixwright.records.region import whole
from pixwright.words import read

PAPER = np.full((120, 360, 3), 235, np.uint8)


def quad(x0=30, y0=35, x1=330, y1=85):
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def written(text="HOUSE", weight=500, slant=0.0, ink=(20, 30, 120)):
    """The picture with the text on it, and what of it the letters cover."""
    inked, cover = letters.write(PAPER, text, quad(), LineSetting(ink, weight, slant, 0.5))
    return blend(PAPER, inked, cover), cover


AROUND = quad(20, 25, 340, 95)
"""What a reader would frame: the line with a little paper around it."""


def test_a_line_has_a_size_and_parts():
    line = quad()
    assert ink.line_size(line) == (300.0, 50.0)
    half = letters.part_of(line, 0.0, 0.5)
    assert ink.line_size(half) == (150.0, 50.0) and half[1].tolist() == [180, 35]
    assert ink.line_size(letters.stretched(line, 2.0)) == (600.0, 50.0)
    wider = letters.stretched(line, 2.0, 0.5)
    assert wider[0].tolist() == [-120, 35] and wider[1].tolist() == [480, 35]


def test_shares_follow_the_letters_own_widths():
    assert letters.shares("illW", 0, 4) == (0.0, 1.0)
    start, end = letters.shares("illW", 0, 3)
    assert start == 0 and end < 0.6
    assert letters.shares("aaaa", 1, 2) == pytest.approx((0.25, 0.5), abs=0.02)


def test_only_the_letters_change():
    picture, cover = written()
    assert np.array_equal(picture[cover == 0], PAPER[cover == 0]) and (picture != PAPER).any()
    ys, xs = np.nonzero(cover)
    assert xs.min() >= 25 and xs.max() <= 335 and ys.min() >= 30 and ys.max() <= 90


def test_the_ink_is_read_back():
    picture, _ = written(ink=(180, 30, 40))
    found = letters.read_setting(picture, AROUND)
    assert np.abs(np.array(found.ink) - (180, 30, 40)).max() < 30
    mask = ink.ink_mask(picture, AROUND)
    assert 0.05 < (mask > 0).mean() < 0.5 and picture[mask > 0].mean() < PAPER.mean() - 60


def test_bold_is_heavier_than_light():
    light, bold = (letters.read_setting(written(weight=weight)[0], AROUND).weight for weight in (300, 800))
    assert light + 100 < bold
    assert letters.natural_width("HOUSE", 800) > letters.natural_width("HOUSE", 300)


def test_a_slant_is_read_back():
    upright, leaning = (letters.read_setting(written("HILL", slant=slant)[0], AROUND).slant for slant in (0.0, 0.3))
    assert abs(upright) < 0.12 and leaning > upright + 0.1


def test_letters_reach_above_and_below_their_line():
    above, below = letters.extent("x")
    tall, _ = letters.extent("h")
    _, deep = letters.extent("p")
    assert tall > above and deep > below >= -0.05


def test_the_width_of_a_stroke_is_measured():
    bar = np.zeros((60, 60), np.uint8)
    bar[10:50, 20:26] = 1
    assert letters.stroke_of(bar) == pytest.approx(6, abs=1.5)
    assert letters.stroke_of(np.zeros((9, 9), np.uint8)) == 0


def test_a_tilted_line_is_straightened():
    turned = np.array([[40, 60], [300, 20], [305, 60], [45, 100]], np.float32)
    picture, cover = letters.write(PAPER, "HOUSE", turned, LineSetting((0, 0, 0), 600, 0.0, 0.3))
    flat, back = ink.rectified(picture, turned)
    assert flat.shape[1] > 4 * flat.shape[0] and back.shape == (3, 3)
    assert ink.ink_of(flat).mean() > 0.05 and np.array_equal(picture[cover == 0], PAPER[cover == 0])


def test_a_frame_about_a_line_is_not_its_ink():
    picture, cover = written()
    framed = picture.copy()
    framed[28:31, 22:340] = framed[90:93, 22:340] = (20, 30, 120)
    mask = ink.ink_mask(framed, AROUND)
    assert mask[28:31, 60:300].max() == 0 and mask[cover > 200].mean() > 150


def test_ink_is_told_from_a_ground_that_darkens():
    shade = np.linspace(1.0, 0.75, PAPER.shape[0])[:, None, None]
    picture, cover = written(ink=(150, 60, 60))
    mask = ink.ink_mask((picture * shade).astype(np.uint8), AROUND)
    assert mask[cover > 200].mean() > 200 and (mask[cover == 0] > 0).mean() < 0.05


def test_the_room_beside_a_line_ends_at_a_frame():
    wide = np.full((120, 900, 3), 235, np.uint8)
    wide[:, 250:256] = 10
    before, after = letters.room_beside(wide, quad(330, 35, 530, 85))
    assert 0.2 < before < 0.45 and after > 1


def test_faces_differ_and_lines_are_set_one_below_the_other():
    shapes = {face: faces.block("Hello", Type(face=face)).shape for face in ("sans", "serif", "handwritten")}
    assert len(set(shapes.values())) == 3
    one, two = faces.block("Hello", Type()), faces.block("Hello\nyou", Type())
    assert two.shape[0] > 1.8 * one.shape[0] and abs(two.shape[1] - one.shape[1]) < 5
    assert faces.block("漢字", Type(face="serif")).any()


def test_text_goes_where_it_is_calm():
    busy = np.random.default_rng(3).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    busy[:, 180:] = 120
    everywhere = np.full((200, 300), 255, np.uint8)
    x0, y0, x1, y1 = calmest(busy, everywhere, 3.0, (30,))
    assert x0 >= 178 and (x1 - x0, y1 - y0) == (90, 30)
    left = everywhere.copy()
    left[:, 170:] = 0
    assert calmest(busy, left, 3.0, (30,))[2] <= 172
    assert calmest(busy, left, 9.0, (60,)) is None


@pytest.mark.parametrize(
    ("phrase", "known", "on", "said"),
    [
        ("the circle on the bag", ("the bag",), "the bag", "it stands on the bag"),
        ("the lid of the box", ("the box",), "the box", "it stands on the box"),
        ("the fog", ("the bag",), "", "it stands where the picture is calm"),
        ("the boat", ("the bag",), "", ""),
        ("the bag", ("the bag",), "the bag", ""),
    ],
)
def test_text_for_what_is_not_found_goes_on_what_that_is_on(phrase, known, on, said):
    def ground(picture, thing):
        found = str(thing) in known
        return replace(whole(*picture.shape[:2]), phrase=str(thing) if found else "", boxes=((0, 0, 9, 9),) * found)

    context = Context(0, Encoders(), ground)
    picture = np.full((60, 80, 3), 90, np.uint8)
    region, why = bearing(picture, read(phrase), context, else_by_owner=True)
    assert region.phrase == on and said in (why or "") and bool(why) == bool(said)
    assert bearing(picture, read(phrase), context, else_by_owner=False)[1] is None


def test_text_on_a_thing_stays_on_it_and_breaks_where_it_is_larger_so():
    picture = np.full((300, 300, 3), 90, np.uint8)
    mask = np.zeros((300, 300), np.uint8)
    mask[100:260, 120:220] = 255
    placed = adding.on_thing("FREE COFFEE TODAY", Type(), picture, mask, 1.0)
    x0, y0, x1, y1 = placed.box
    assert mask[y0:y1, x0:x1].min() == 255 and y1 - y0 > 0.5 * (x1 - x0)
    mask[:] = 0
    mask[100:106, 120:126] = 255
    assert adding.on_thing("FREE COFFEE TODAY", Type(), picture, mask, 1.0) is None


def test_ink_that_would_not_be_read_gets_a_rim():
    pale = np.full((200, 300, 3), 230, np.uint8)
    placed = adding.in_frame("Hi", Type(), pale, 40, None, np.zeros((200, 300), np.uint8))
    white, rimmed = adding.written(pale, placed, (255, 255, 255), on=False)
    black, plain = adding.written(pale, placed, (0, 0, 0), on=False)
    assert white.min() < 150 and (rimmed > 0).sum() > 1.2 * (plain > 0).sum()
    assert np.array_equal(white[rimmed == 0], pale[rimmed == 0]) and np.array_equal(black[plain == 0], pale[plain == 0])


def on_plate():
    """Dark letters on a white plate in a dark bumper, read by a line that is as large as the plate."""
    plate = np.full((120, 360, 3), 60, np.uint8)
    plate[34:88, 24:336] = 235
    setting = LineSetting((30, 30, 34), 600, 0.0, 0.4)
    inked, cover = letters.write(plate, "KLM 404", quad(44, 44, 316, 78), setting)
    return blend(plate, inked, cover), quad(20, 30, 340, 92)


def test_the_letters_of_a_plate_are_its_ink_and_not_the_plate():
    picture, around = on_plate()
    found = letters.read_setting(picture, around)
    assert max(found.ink) < 80, "dark"
    assert 0.1 < (ink.ink_mask(picture, around)[44:78, 44:316] > 0).mean() < 0.5


def test_a_line_that_runs_through_letters_does_not_make_them_taller():
    setting = LineSetting((40, 20, 20), 700, 0.0, 0.4)
    inked, cover = letters.write(PAPER, "PASSION", quad(40, 48, 320, 74), setting)
    picture = blend(PAPER, inked, cover)
    plain = letters.read_setting(picture, AROUND)
    picture[:, 300:303] = 60
    through = letters.read_setting(picture, AROUND)
    assert abs(plain.weight - through.weight) <= 120
    flat, _ = ink.rectified(picture, AROUND)
    rows = np.flatnonzero(ink.ink_of(flat).any(axis=1))
    assert (rows[-1] - rows[0]) / len(flat) < 0.75


@pytest.mark.parametrize("left", [0, 120])
def test_text_that_goes_across_a_thing_spans_most_of_it_and_lies_on_it(left):
    mask = np.zeros((300, 600), np.uint8)
    mask[100:200, left : left + 400] = 255
    placed = adding.across_thing("HELLO", Type(), mask, 200)
    x0, y0, x1, y1 = placed.box
    assert x1 - x0 > 0.4 * 400 and left <= x0 and x1 <= left + 400
    assert abs((x0 + x1) / 2 - left - 200) < 8 and y0 >= 100 and y1 <= 200
    assert adding.across_thing("HELLO", Type(), np.zeros_like(mask), 200) is None


def test_the_rim_is_fainter_where_contrast_is_nearly_enough():
    placed = adding.in_frame(
        "Hello", Type(), np.full((200, 400, 3), 200, np.uint8), 40, None, np.zeros((200, 400), np.uint8)
    )
    darkest = [
        int(
            ground
            - adding.written(np.full((200, 400, 3), ground, np.uint8), placed, (255, 255, 255), on=False)[0].min()
        )
        for ground in (250, 190)
    ]
    assert darkest[0] > darkest[1] > 0
