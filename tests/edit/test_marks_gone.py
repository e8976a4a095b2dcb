"""What was on a surface is filled from that surface."""

from __future__ import annotations

import numpy as np

from pixwright.edit.filling.taking import beyond_surface


def test_another_surface_beside_is_not_copied():
    picture = np.full((120, 160, 3), (225, 222, 218), np.uint8)
    picture[:, 110:] = (120, 30, 50)
    hole = np.zeros((120, 160), np.uint8)
    hole[40:80, 60:106] = 255
    other = beyond_surface(picture, hole)
    assert other is not None and (other[:, 112:] == 255).all()
    assert not other[:, :55].any() and not other[hole > 0].any()


def test_shade_is_of_the_surface():
    picture = np.full((120, 160, 3), 220, np.uint8)
    picture[:, 80:] = 190
    hole = np.zeros((120, 160), np.uint8)
    hole[40:80, 40:70] = 255
    other = beyond_surface(picture, hole)
    assert other is not None and not other.any()


def test_a_hole_on_several_surfaces_has_none():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 255, (12, 1, 3))
    picture = np.repeat(np.repeat(colours, 10, axis=0), 160, axis=1).astype(np.uint8)
    hole = np.zeros((120, 160), np.uint8)
    hole[:, 78:82] = 255
    assert beyond_surface(picture, hole) is None
