"""Text that is there becomes another: which lines are meant, how they were set, and where the new ones stand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import textual_change as textual
from pixwright.edit.lettering import changing
from pixwright.edit.lettering import setting as letters
from pixwright.edit.lettering.setting import LineSetting
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.reading import TextLine, ink
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region

ENCODERS = Encoders()
GROUND = (150, 40, 40)
WHITE = (250, 250, 240)


def quad(x0, y0, x1, y1):
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def board(*lines, size=(420, 640), ground=GROUND, ink=WHITE):
    """A picture with lines of (words, left, base line, size of the type)."""
    picture = np.full((*size, 3), ground, np.uint8)
    picture[:] = np.clip(picture + np.random.default_rng(1).normal(0, 3, picture.shape), 0, 255)
    for words, x, y, tall in lines:
        cv2.putText(picture, words, (x, y), ink, cv2.FontFace("sans"), tall, 650)
    return picture


def read(picture):
    return [line.text for line in ENCODERS.reader.read(picture)]


def told(words, value=None, **more):
    return Step(type=EditType.TEXTUAL_CHANGE, instruction=words, value=value, **more)


def edited(before, step, mask=None):
    mask = np.full(before.shape[:2], 255, np.uint8) if mask is None else mask
    ys, xs = np.nonzero(mask)
    box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    here = Region(mask, (box,), 0.9, "board", source="phrase")
    nowhere = Region(np.zeros_like(mask), (), 0.0, "")
    context = Context(7, ENCODERS, lambda picture, phrase: here, ())
    proposal = textual.edit(before, step, nowhere, context)
    assert proposal.refused is None, proposal.refused
    after, changed = composite(before, proposal)
    assert np.array_equal(after[changed == 0], before[changed == 0])
    return after, proposal


def test_all_lines_of_a_thing_become_as_many_others():
    before = board(("KEEP", 150, 180, 110), ("WALKING", 160, 280, 60))
    after, _ = edited(before, told('change the text on the board to "NEVER STOP"', "NEVER STOP", target="board"))
    assert read(after) == ["NEVER", "STOP"]


def test_fewer_words_than_lines_stand_in_the_middle_of_the_block():
    before = board(("OPEN EVERY", 80, 120, 64), ("DAY FROM", 80, 200, 64), ("NINE", 80, 280, 64))
    after, proposal = edited(before, told('change the text on the board to "CLOSED"', "CLOSED", target="board"))
    assert read(after) == ["CLOSED"]
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert 120 < (y0 + y1) / 2 < 240 and 45 < y1 - y0 < 90


def test_the_name_of_a_thing_is_its_chief_line_alone():
    before = board(("MILLER", 120, 180, 110), ("bread and cakes", 130, 270, 40))
    after, _ = edited(before, told('change the name on the board to "BAKER"', "BAKER", target="board"))
    assert read(after)[0] == "BAKER" and "bread and cakes" in " ".join(read(after))


def test_a_time_takes_the_place_of_a_time():
    before = board(("ARRIVALS", 120, 150, 80), ("11 38", 200, 300, 110))
    after, _ = edited(before, told("change the time on the board to 09:15", "09:15", target="board"))
    assert read(after) == ["ARRIVALS", "09:15"]


@pytest.mark.parametrize(("old", "new"), [("11 38", "09:15"), ("SALE", "RENT")])
def test_as_many_letters_are_about_as_wide(old, new):
    before = board((old, 200, 250, 110))
    wide = cv2.boundingRect((before.sum(axis=2) > 500).astype(np.uint8))[2]
    after, _ = edited(before, told(f'change the text on the board to "{new}"', new, target="board"))
    changed = cv2.boundingRect((after.sum(axis=2) > 500).astype(np.uint8))[2]
    assert changed < 1.5 * wide


def test_new_text_stays_on_what_bears_it():
    before = board(("NO", 420, 230, 90), size=(420, 640))
    mask = np.zeros((420, 640), np.uint8)
    mask[100:330, 380:600] = 255
    _, proposal = edited(before, told('the board should say "WELCOME"', "WELCOME", target="board"), mask)
    x0, _, x1, _ = proposal.evidence.placed[0]
    assert x0 >= 376 and x1 <= 604


def test_writing_that_nobody_can_read_is_still_taken_away():
    before = board(("ECLIPSE", 60, 230, 110), size=(380, 640))
    before[:, 300:340] = GROUND
    before = cv2.GaussianBlur(before, (0, 0), 9)
    ground = board(size=(380, 640))
    after, _ = edited(before, told("remove the writing on the board", target="board"))
    assert np.abs(after.astype(int) - ground).mean() < 0.35 * np.abs(before.astype(int) - ground).mean()


def test_of_several_lines_that_say_it_the_largest_becomes_another():
    before = board(("Foster's", 60, 60, 30), ("Foster's", 120, 240, 110))
    step = told("change Foster's to Freddy's", "Freddy's", old_text="Foster's")
    after, _ = edited(before, step)
    assert read(after[:90]) == ["Foster's"] and read(after[100:])[0].startswith("Freddy")


def test_what_can_still_be_read_goes_with_all_that_is_no_ground(monkeypatch):
    before = board(("MILLER", 120, 180, 110))
    monkeypatch.setattr(changing, "_hole", lambda picture, found: np.zeros(picture.shape[:2], np.uint8))
    after, _ = edited(before, told("remove the writing on the board", target="board"))
    assert "MILLER" not in read(after)


def test_lines_beyond_a_bearers_outline_go_with_those_on_it():
    before = board(("KEEP", 150, 180, 110), ("WALKING", 160, 260, 60))
    mask = np.zeros(before.shape[:2], np.uint8)
    mask[190:290, 100:560] = 255
    after, _ = edited(before, told('the board should say "NEVER STOP"', "NEVER STOP", target="board"), mask)
    assert read(after) == ["NEVER", "STOP"]


def line(words, x0, y0, x1, y1):
    return TextLine(words, quad(x0, y0, x1, y1), 0.95)


def test_lines_that_stand_together_are_a_block_and_the_largest_comes_first():
    far, upper, lower = line("far", 500, 300, 560, 320), line("up", 50, 50, 300, 100), line("low", 50, 110, 300, 160)
    assert [[one.text for one in group] for group in changing.blocks([upper, lower, far])] == [["up", "low"], ["far"]]


def test_a_line_ends_where_the_next_begins():
    upper, lower = changing.parted([line("up", 50, 50, 300, 130), line("low", 60, 110, 300, 160)])
    assert upper.quad[2, 1] == pytest.approx(110) and lower.quad[0, 1] == 110
    kept, _ = changing.parted([line("up", 50, 50, 300, 130), line("over", 60, 60, 300, 160)])
    assert kept.quad[2, 1] == 130


def written(text, setting, size=(140, 520), place=(60, 40, 460, 100)):
    paper = np.full((*size, 3), 225, np.uint8)
    inked, cover = letters.write(paper, text, quad(*place), setting)
    share = (cover.astype(np.float32) / 255)[..., None]
    return (paper * (1 - share) + inked * share).astype(np.uint8), quad(
        place[0] - 12, place[1] - 12, place[2] + 12, place[3] + 12
    )


@pytest.mark.parametrize("blur", [1.0, 2.0, 4.0])
def test_blur_is_read_back(blur):
    picture, around = written("HOME", LineSetting((20, 20, 30), 700, 0.0, blur))
    assert letters.read_setting(picture, around, "HOME").blur == pytest.approx(blur, rel=0.35)


def test_letters_that_stand_apart_are_told_from_wide_ones():
    apart = LineSetting((20, 20, 30), 600, 0.0, 0.3, spacing=0.3)
    tall = 60
    wide = letters.natural_width("HARBOUR", 600, spacing=0.3) * tall
    picture, around = written("HARBOUR", apart, (140, 640), (40, 40, 40 + round(wide), 40 + tall))
    assert letters.read_setting(picture, around, "HARBOUR").spacing == pytest.approx(0.3, abs=0.1)
    stretched, around = written("HARBOUR", replace(apart, spacing=0.0), (140, 640), (40, 40, 40 + round(wide), 100))
    assert letters.read_setting(stretched, around, "HARBOUR").spacing < 0.1


@pytest.mark.parametrize("face", ["sans", "serif"])
def test_a_face_is_read_back(face):
    natural = letters.natural_width("HARBOUR", 600, face) * 60
    picture, around = written(
        "HARBOUR", LineSetting((20, 20, 30), 600, 0.0, 0.3, face), (140, 640), (40, 40, 40 + round(natural), 100)
    )
    assert letters.read_setting(picture, around, "HARBOUR").face == face


def test_what_a_line_says_tells_its_letters_from_the_frame_about_them():
    picture = np.full((160, 420, 3), (70, 50, 40), np.uint8)
    cv2.rectangle(picture, (20, 20), (400, 140), (230, 220, 200), 12)
    picture[26:134, 26:394] = (60, 80, 130)
    cv2.putText(picture, "OPEN", (60, 120), (230, 220, 200), cv2.FontFace("sans"), 100, 800)
    around = quad(18, 18, 402, 142)
    mask = ink.ink_mask(picture, around, "OPEN")
    assert (mask[20:30] > 0).mean() < 0.05 and (mask[:, 20:32] > 0).mean() < 0.1
    assert (mask[48:120, 60:300] > 0).mean() > 0.25


def test_light_and_shade_lie_on_new_letters_too():
    paper = np.full((140, 520, 3), 210, np.uint8)
    paper[:, 260:] = 110
    setting = LineSetting((200, 40, 40), 900, 0.0, 0.3)
    inked, cover = letters.write(paper, "HHHHHH", quad(40, 40, 480, 100), setting, lit=True)
    solid = cover > 250
    left, right = (inked[:, part][solid[:, part]].mean() for part in (slice(60, 200), slice(320, 460)))
    assert right < 0.85 * left


def test_the_flag_about_a_ribbon_is_no_ink_of_what_stands_on_it():
    """A frame that is as high as a slanting ribbon holds letters, and corners of what the ribbon lies on."""
    frame, off = np.zeros((80, 200), np.uint8), np.full((80, 200), 255, np.uint8)
    frame[10:70, 10:190] = 255
    cv2.fillPoly(off, [np.array([(0, 40), (199, 5), (199, 45), (0, 79)], np.int32)], 0)
    cv2.putText(off, "INK", (70, 56), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 255, 2)
    found, letters_ = changing._enclosed(off, frame), np.s_[32:58, 66:112]
    assert np.array_equal(found[letters_], off[letters_]) and found[letters_].any()
    assert found.sum() == found[letters_].sum()
