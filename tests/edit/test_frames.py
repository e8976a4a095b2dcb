"""The whole picture in another size or proportion: how large it is then, what stays in it, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.framing import all_of, in_frame, resized_to
from pixwright.encoders.bundle import Encoders
from pixwright.media.pixels import resampled
from pixwright.records.kind import EditType
from pixwright.records.plan import Frame, Relation, Step, Where
from pixwright.records.region import Region
from pixwright.words import read


def scene(x=0, y=0):
    """A grey picture 90 high and 160 wide with a red square of 30 at (x, y), and a context that finds it."""
    picture = np.full((90, 160, 3), 128, np.uint8)
    picture[y : y + 30, x : x + 30] = (220, 30, 30)
    mask = np.zeros((90, 160), np.uint8)
    mask[y : y + 30, x : x + 30] = 255
    region = Region(mask, ((x, y, x + 30, y + 30),), 1.0, "foreground")
    return picture, Context(0, None, lambda picture, phrase: region if phrase != "faces" else NOTHING)


NOTHING = Region(np.zeros((90, 160), np.uint8), (), 0.0, "phrase")


def framed(picture, value, frame, context, region=NOTHING, where=None):
    step = Step(type=EditType.RESIZE, instruction="crop it", value=value, where=where)
    return in_frame(picture, step, frame, context, region)


def red(picture):
    return int((picture[..., 0].astype(int) - picture[..., 1] > 100).sum())


@pytest.mark.parametrize("x", [0, 60, 130])
@pytest.mark.parametrize("ratio", [(1, 1), (9, 16), (2, 1)])
def test_a_crop_keeps_the_subject_whole_wherever_it_is(x, ratio):
    picture, context = scene(x, 30)
    done = framed(picture, "crop", Frame(width=ratio[0], height=ratio[1], ratio=True), context)
    high, wide = done.picture.shape[:2]
    assert abs(wide / high - ratio[0] / ratio[1]) < 0.03 and (high == 90 or wide == 160), "as large as can be"
    assert red(done.picture) == 900 and done.partly is None


@pytest.mark.parametrize("x", [0, 60, 130])
def test_a_frame_closes_round_a_thing_that_is_named(x):
    picture, context = scene(x, 30)
    picture[:10, 70:90] = (0, 0, 255)  # something else stands out
    other = Region(np.zeros((90, 160), np.uint8), (), 0.0, "foreground")
    named = Region(context.ground(picture, "square").mask, ((x, 30, x + 30, 60),), 0.9, "phrase")
    context = Context(0, None, lambda picture, phrase: other)
    close = framed(picture, "crop", Frame(width=1, height=1, ratio=True), context, named).picture
    assert close.shape[0] == close.shape[1] and 30 < close.shape[0] < 40, "the thing with a little room"
    assert red(close) == 900
    centre = Where(relation=Relation.CENTER)
    wide = framed(picture, "crop", Frame(width=1, height=1, ratio=True), context, named, centre).picture
    assert wide.shape[:2] == (90, 90) and red(wide) == 900, "as large as can be"


def test_a_thing_that_leaves_no_room_gets_all_that_the_picture_has():
    picture, context = scene(60, 0)
    tall = np.zeros((90, 160), np.uint8)
    tall[:, 60:90] = 255
    named = Region(tall, ((60, 0, 90, 90),), 0.9, "phrase")
    wide = framed(picture, "crop", Frame(width=2, height=1, ratio=True), context, named).picture
    assert wide.shape[1] == 160 and wide.shape[0] == 80, "all of the width, and what of the thing there is room for"
    square = framed(picture, "crop", Frame(width=1, height=1, ratio=True), context, named).picture
    assert square.shape[:2] == (90, 90) and red(square) == 900


def wide_subject(x0=10, x1=150, faces=()):
    """A picture 90 high and 160 wide whose subject reaches from `x0` to `x1`."""
    picture = np.full((90, 160, 3), 128, np.uint8)
    picture[20:70, x0:x1] = (220, 30, 30)
    mask = np.zeros((90, 160), np.uint8)
    mask[20:70, x0:x1] = 255
    subject = Region(mask, ((x0, 20, x1, 70),), 1.0, "foreground")
    seen = Region(mask, tuple(faces), 1.0, "phrase") if faces else NOTHING
    return picture, Context(0, Encoders(), lambda picture, phrase: seen if phrase == "faces" else subject)


@pytest.mark.parametrize(("words", "made_up"), [("make it square", True), ("crop it square", False)])
def test_what_a_proportion_would_cut_off_is_kept_by_more_picture_but_not_where_a_crop_was_asked(words, made_up):
    picture, context = wide_subject()
    step = Step(type=EditType.RESIZE, instruction=words, value="crop")
    done = in_frame(picture, step, Frame(width=1, height=1, ratio=True), context, NOTHING)
    high, wide = done.picture.shape[:2]
    assert high == wide
    if made_up:
        assert wide == 140 and red(done.picture) >= 140 * 50 and done.partly is None
        assert any("made up" in note for note in done.notes) and any("cut off" in note for note in done.notes)
    else:
        assert wide == 90 and "cut off" in done.partly


def test_heads_stay_in_the_frame_before_all_else():
    picture, context = wide_subject(10, 150, faces=((20, 24, 30, 36), (84, 24, 94, 36)))
    frame = Frame(width=80, height=80)
    done = framed(picture, "fill", frame, context)
    assert done.picture.shape[:2] == (80, 80) and not any("made up" in note for note in done.notes), "both fit"
    picture, context = wide_subject(10, 150, faces=((12, 24, 22, 36), (134, 24, 144, 36)))
    done = framed(picture, "fill", frame, context)
    assert any("made up" in note for note in done.notes), "they do not"


def test_what_the_frame_cuts_at_its_edge_is_no_subject_and_a_scene_is_cut_in_its_middle():
    picture, context = wide_subject(0, 160)
    rail = np.zeros((90, 160), np.uint8)
    rail[75:] = 255
    region = Region(rail, ((0, 75, 160, 90),), 1.0, "foreground")
    context = replace(context, ground=lambda picture, phrase: NOTHING if phrase == "faces" else region)
    done = framed(picture, "crop", Frame(width=160, height=60, ratio=False), context)
    assert done.evidence.canvas[1] <= 20 and done.evidence.canvas[3] >= 70 and done.partly is None


@pytest.mark.parametrize("found", [1, 2])
def test_a_frame_about_several_things_holds_what_was_only_partly_found_and_says_how_many_it_was(found):
    picture, context = wide_subject(10, 60)
    both = np.zeros((90, 160), np.uint8)
    both[20:70, 10:60] = 255
    mask = both.copy()
    mask[:, 40:] = 0
    boxes = ((10, 20, 25, 70), (25, 20, 40, 70))[:found]
    step = Step(type=EditType.RESIZE, instruction="crop to the two dogs", value="crop", target=read("the two dogs"))
    context = replace(context, standing=lambda picture: both)
    held, told = all_of(picture, step, Region(mask, boxes, 0.6, "two dogs", "phrase"), context)
    assert (held.mask == both).all() and (told is None) == (found == 2)
    assert told is None or "only 1 of the 2" in told
    alone = step.model_copy(update={"target": read("the dog")})
    assert all_of(picture, alone, Region(mask, boxes, 0.6, "dog", "phrase"), context)[1] is None


def test_a_subject_that_does_not_fit_is_told():
    picture, context = scene(60, 30)
    done = framed(picture, "crop", Frame(width=20, height=20), context)
    assert done.picture.shape == (20, 20, 3) and "cut off" in done.partly


@pytest.mark.parametrize(
    ("value", "frame", "size"),
    [
        ("fit", Frame(width=80, height=80), (45, 80)),
        ("fit", Frame(width=320), (180, 320)),
        ("fit", Frame(height=45), (45, 80)),
        ("fill", Frame(width=50, height=50), (50, 50)),
        ("stretch", Frame(width=50, height=60), (60, 50)),
    ],
)
def test_the_size_is_the_one_that_was_asked(value, frame, size):
    picture, context = scene(130, 30)
    done = framed(picture, value, frame, context)
    assert done.picture.shape[:2] == size and red(done.picture) > 0
    told = " ".join(done.notes)
    assert ("cut off for the proportion" in told) == (value == "fill")
    assert ("no detail was invented" in told) == (size[0] * size[1] > 90 * 160)


def test_what_cannot_be_is_refused():
    picture, context = scene()
    assert "already" in resized_to(picture, 160, 90).refused
    assert "out of range" in resized_to(picture, 20_000, 90).refused
    assert "only 160x90" in framed(picture, "crop", Frame(width=600, height=50), context).refused
    assert "already" in framed(picture, "crop", Frame(width=16, height=9, ratio=True), context).refused


def test_resampling_mixes_light():
    stripes = np.zeros((2, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert abs(int(resampled(stripes, 1, 32)[0, 16, 0]) - 188) <= 1, "half the light of white is 188, not 128"
    flat = np.full((5, 7, 3), (3, 130, 251), np.uint8)
    assert (resampled(flat, 11, 13) == (3, 130, 251)).all()
