"""A drawing over the picture says what is meant, and its result can be made again."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.files import Job, UserPlace, edit_file
from pixwright.redoing import redo


@pytest.fixture
def two_discs(tmp_path):
    """A photograph's stand-in: two red discs on grey, in a file."""
    picture = np.full((240, 320, 3), 150, np.uint8)
    for x in (80, 240):
        cv2.circle(picture, (x, 120), 40, (190, 40, 40), -1, cv2.LINE_AA)
    Image.fromarray(picture).save(tmp_path / "discs.png")
    return tmp_path / "discs.png"


def layer(path, draw):
    pixels = np.zeros((240, 320, 4), np.uint8)
    draw(pixels)
    Image.fromarray(pixels).save(path)
    return path


def ring(pixels):
    cv2.ellipse(pixels, (240, 120), (58, 54), 0, 0, 350, (0, 90, 255, 255), 3)


def arrow(pixels):
    cv2.arrowedLine(pixels, (310, 20), (258, 100), (0, 90, 255, 255), 3, tipLength=0.3)


@pytest.mark.parametrize("draw", [ring, arrow])
def test_only_what_is_pointed_at_changes(two_discs, draw):
    drawing = layer(two_discs.with_name("drawing.png"), draw)
    out = two_discs.with_name("out.png")
    done = edit_file(Job(two_discs, "make it green", out, place=UserPlace(markup=drawing)))
    changed = np.any(np.asarray(Image.open(out)) != np.asarray(Image.open(two_discs)), 2)
    assert changed[100:140, 220:260].all() and not changed[:, :160].any()
    assert done.record.override.startswith("markup:drawing.png:")
    assert redo(out)[1]


def test_it_does_not_go_with_a_mask(two_discs):
    with pytest.raises(InvalidOption, match="--mask and --markup were both given"):
        UserPlace(mask=two_discs, markup=two_discs)
