"""The whole picture in another size or proportion: how large it is then, what stays in it, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.framing import in_frame, resized_to
from pixwright.media.pixels import resampled
from pixwright.records.kind import EditType
from pixwright.records.plan import Frame, Relation, Step, Where
from pixwright.records.region import Region


def scene(x=0, y=0):
    """A grey picture 90 high and 160 wide with a red square of 30 at (x, y), and a context that finds it."""
    picture = np.full((90, 160, 3), 128, np.uint8)
    picture[y : y + 30, x : x + 30] = (220, 30, 30)
    mask = np.zeros((90, 160), np.uint8)
    mask[y : y + 30, x : x + 30] = 255
    region = Region(mask, ((x, y, x + 30, y + 30),), 1.0, "foreground")
    return picture, Context(0, None, lambda picture, phrase: region)


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
