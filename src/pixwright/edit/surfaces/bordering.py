"""Places of a thing that do not look like its paint: whether they are of one surface with it is told from the border between them.

Light and mirrored surroundings change over a surface softly; another material begins within a pixel or two. So the dark lower half of a glossy mug belongs to the mug, and a black sole
does not belong to a red shoe.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import chromaticity, hue_of, softened, to_lab
from pixwright.media.guided import guided_lines
from pixwright.records.instruction import Array

Field = NDArray[np.float32]
Bools = NDArray[np.bool_]

_SOFT = 3.5
"""Change of colour (CIE Lab a pixel) under which a border is soft, at the size at which colours of a thing are told apart."""
_MOSTLY = 0.45
"""Share of a border that is soft from which both sides are one surface."""
_LONG = 0.4
"""Length of the border over the square root of the place's area, at least: what touches in a point is no part of it."""
_LEAST = 0.015
"""Area of a place over that of the thing, at least: smaller ones are left as they are."""
_DARKER, _TINGED = 0.85, 0.45
"""L* under which a place is darker than the paint, as a share of the paint's; and chroma over lightness of what has a colour of its own."""
_JOINT = np.ones((7, 7), np.uint8)
"""Within it what lies between two joined places is of both."""
_IN_SHADE, _SAME_TINT, _BROADLY = 0.25, 0.12, 0.12
"""Of a shaded side: L* over that of the lit one, at least; distance in (a*, b*) / L* from it, at most; and width over the square root of the thing's area."""
_SURE, _FEWEST = 0.9, 60
"""Share from which a pixel is surely meant, and under the rest of which surely not; and so few pixels of either tell no edge."""
_WINDOW, _EDGELESS, _CRISP = 0.015, 4e-4, 1.8
"""Sigma of the guided filter's window over the square root of the thing's area; variance (in hundreds of CIE Lab) of what has no edge; and how much steeper the fitted edge is made."""
_NEAR = np.ones((5, 5), np.uint8)
"""Pixels across which two places border on each other."""


def one_surface(lab: Field, inside: Bools, weight: Field, light: float) -> Field:
    """The weight HxW of a paint of L* `light`, with what is dark and goes over into it softly. `lab` hxwx3 L*a*b* and `inside` hxw are smaller."""
    small = cv2.resize(weight, inside.shape[::-1], interpolation=cv2.INTER_AREA)
    taken = inside & (small > 1 / 2)
    dark = inside & ~taken & (lab[..., 0] < _DARKER * light) & (hue_of(lab)[1] < _TINGED)
    more = softly_joined(lab, taken, dark, inside)
    if not more.any():
        return weight
    seam = cv2.morphologyEx((taken | more).astype(np.uint8), cv2.MORPH_CLOSE, _JOINT) > 0
    more = seam & ~taken & (cv2.dilate(more.astype(np.uint8), _JOINT) > 0)
    return np.asarray(np.minimum(weight + softened(more.astype(np.float32), weight.shape), 1), np.float32)


def shaded_side(lab: Field, inside: Bools, own: Field, shape: tuple[int, ...]) -> Field:
    """1 in what is darker than the thing's usual colour `own` but of its tint, and broad: the front of a pale sofa, not its legs; of `shape`."""
    alike = np.linalg.norm(chromaticity(lab) - chromaticity(own), axis=2) < _SAME_TINT
    dark = inside & alike & (lab[..., 0] > _IN_SHADE * own[0])
    wide = max(3, round(_BROADLY * float(np.sqrt(np.count_nonzero(inside)))))
    broad = cv2.morphologyEx(
        dark.astype(np.uint8), cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    )
    return np.asarray(cv2.resize(broad.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def steepness(lab: Field) -> Field:
    """HxW: how fast the colour of L*a*b* HxWx3 changes, a pixel."""
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.0)
    total = np.zeros(lab.shape[:2], np.float32)
    for plane in cv2.split(smooth):
        for way in ((1, 0), (0, 1)):
            total += cv2.Sobel(plane, cv2.CV_32F, *way, scale=1 / 8) ** 2
    return np.asarray(np.sqrt(total), np.float32)


def softly_joined(lab: Field, paint: Bools, places: Bools, inside: Bools) -> Bools:
    """HxW: those of the connected `places` that go over into the `paint` softly, along a border that is long enough. `lab` HxWx3 L*a*b*, `inside` HxW is the thing."""
    # A sharp border is steep next to it too, and a soft one nowhere.
    slope = cv2.dilate(steepness(lab), _JOINT)
    near = cv2.dilate(paint.astype(np.uint8), _NEAR) > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats((places & inside).astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    border = labels * near
    length = np.bincount(border.ravel(), minlength=count)
    soft = np.bincount(border.ravel(), (slope < _SOFT).ravel(), minlength=count) / np.maximum(length, 1)
    across = _NEAR.shape[0] // 2
    joined = (soft >= _MOSTLY) & (areas >= _LEAST * np.count_nonzero(inside))
    joined &= length >= across * _LONG * np.sqrt(areas)
    joined[0] = False
    return np.asarray(joined[labels])


def on_edges(pixels: Array, share: Field, inside: Bools) -> Field:
    """The share HxW in [0, 1] of a thing that is meant, with its inner edges on those of the pixels HxWx3: a guided filter along the axis of colour that parts what is meant from the rest.

    Blots and holes that are smaller than its window go with what is around them, where nothing in the picture parts them.
    """
    meant, rest = inside & (share > _SURE), inside & (share < 1 - _SURE)
    if min(np.count_nonzero(meant), np.count_nonzero(rest)) < _FEWEST:
        return share
    lab = to_lab(pixels)
    axis = lab[meant].mean(axis=0) - lab[rest].mean(axis=0)
    guide = lab @ (axis / max(float(np.linalg.norm(axis)), 1.0)) / np.float32(100)
    weight = inside.astype(np.float32)
    radius = float(np.clip(_WINDOW * np.sqrt(np.count_nonzero(inside)), 1.5, 6.0))
    total = cv2.GaussianBlur(weight, (0, 0), radius) + np.float32(1e-4)

    def mean(values: Field) -> Field:
        # Unlike `guided.within` a little low at the rim; with that one 8 pixels in 100,000 come out up to 8 levels otherwise.
        return np.asarray(cv2.GaussianBlur(values * weight, (0, 0), radius) / total, np.float32)

    fitted = guided_lines(guide, share, mean, _EDGELESS).on(guide)
    return np.asarray(np.where(inside, np.clip((fitted - 0.5) * _CRISP + 0.5, 0, 1), share), np.float32)
