"""Sizes and proportions of the whole picture, apart from sizes of things."""

from __future__ import annotations

import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules

FRAMES = {
    "resize to 640x480": "resize - > fill 640x480",
    "please resize the photo to 640 by 480 pixels": "resize - > fill 640x480",
    "stretch it to 640 x 480": "resize - > stretch 640x480",
    "fit the image inside 300×200": "resize - > fit 300x200",
    "scale the picture to a width of 900 pixels": "resize - > fit 900x",
    "make the image 700px tall": "resize - > fit x700",
    "the longer side should be 1500 pixels": "resize - > fit 1500x1500",
    "crop it to 3:4": "resize - > crop 3:4",
    "make the picture 21:9": "resize - > crop 21:9",
    "crop the photo to 5x7": "resize - > crop 5:7",
    "extend it to 4:3": "outpaint - 4:3",
    "widen the photo to 16:9": "outpaint - 16:9",
    "make the picture square without cropping": "outpaint - 1:1",
    "pad to 3:2": "outpaint - 3:2",
    "crop to 500x300 pixels for the web": "resize - > crop 500x300",
    "wide banner format 4:1 pls": "resize - > crop 4:1",
    "ultra wide 21:9": "resize - > crop 21:9",
    "upscale by 3x": "resize - 3 factor",
    "shrink the image to a quarter of its size": "resize - 0.25 factor",
    "make the photo bigger": "resize - 0.6 strength",
    "zoom in twice": "resize - > zoom in 2 factor",
}
THINGS = {
    "make the kite twice as large": "resize kite 2 factor",
    "shrink the drum to half its size": "resize drum 0.5 factor",
    "crop 50 pixels off the left": "resize - > crop @right 50 pixels",
    "extend the picture by 200 pixels to the left": "outpaint - @left 200 pixels",
}


@pytest.mark.parametrize("text", [*FRAMES, *THINGS])
def test_what_is_sized(text, said):
    assert said(text) == [(FRAMES | THINGS)[text]]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("resize to 0x100", "0 x 100"),
        ("make it 90000 px wide", "90000"),
        ("upscale it 900 times", "900 times"),
        ("enlarge the picture a million times", "million"),
        ("make the drum 12345678 times bigger", "12345678"),
    ],
)
def test_absurd_sizes_are_refused_by_name(text, named):
    with pytest.raises(UnclearInstruction, match=named):
        parse_rules(text)


def only(text):
    (step,) = parse_rules(text).steps
    assert step.value == "crop"
    return step


@pytest.mark.parametrize(
    ("text", "thing", "sides", "close"),
    [
        ("crop it square around the bird", "bird", (1, 1), True),
        ("crop to 4:5 around the woman's face", "woman's face", (4, 5), True),
        ("square crop on his hands", "his hands", (1, 1), True),
        ("make it a square picture of the kettle", "kettle", (1, 1), True),
        ("crop this to 16:9 with the barn in the middle", "barn", (16, 9), False),
        ("crop to 4:3 keeping the chimney", "chimney", (4, 3), False),
        ("crop the photo to a square centred on the bike", "bike", (1, 1), False),
        ("crop it to 3:2 so the two goats stay in frame", "two goats", (3, 2), False),
    ],
)
def test_the_proportion_and_the_thing_are_both_kept(text, thing, sides, close):
    step = only(text)
    assert step.target.text == thing and (step.frame.width, step.frame.height) == sides and step.frame.ratio
    assert (step.where is None) == close


@pytest.mark.parametrize("text", ["crop to a 4:5 portrait", "crop it square", "crop square to the picture"])
def test_without_a_thing_it_is_the_picture(text):
    assert only(text).target is None


def test_a_size_in_pixels_is_no_proportion():
    frame = only("crop it to 1080x1080").frame
    assert not frame.ratio and frame.width == 1080
