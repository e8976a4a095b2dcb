"""From the working size to the picture's own: where a soft edge runs at full resolution."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.geometry import Floats, fill_holes
from pixwright.media.backdrop import told_by_backdrop
from pixwright.media.guided import guided_lines, squares
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

GUIDED = 1024
"""Longer side, in pixels, of the part of the picture that is looked at to find the edge."""
EPSILON = 1e-4
"""Of the guided filter: the variance of a guide in 0..1 that is taken for noise."""
PAD = 0.06
"""Share of a thing's longer side that is looked at around it."""
HAZE = 0.02
"""Value of a mask up to which there is nothing."""
WINDOW = 1.5
"""Radius of the guided filter in pixels of the working size."""
SURE, NOTHING = 0.96, 0.04
"""Values that are rounded to 1 and to 0: the filter leaves a haze."""
REACH = 4.0
"""Pixels of the working size about the outline within which the edge is looked for: hair reaches so far, and what is farther in is the thing."""


def full_size(mask: Floats, picture: Array) -> Array:
    """A soft mask (h, w) in [0, 1] at the size of `picture` (HxWx3 uint8), 0..255, its edge where the picture has one.

    Between the thing's middle and its surroundings the mask is a guided filter of itself (He, Sun and Tang 2013), whose lines are fitted at GUIDED pixels and
    drawn at full size.
    """
    height, width = picture.shape[:2]
    solid = mask > HAZE
    if not solid.any():
        return np.zeros((height, width), np.uint8)
    stretch = np.array([width / mask.shape[1], height / mask.shape[0]])
    x0, y0, x1, y1 = box_of(solid)
    pad = PAD * max(x1 - x0, y1 - y0) + 2
    left, top = np.maximum(np.floor((np.array([x0, y0]) - pad) * stretch), 0).astype(int)
    right, low = np.minimum(np.ceil((np.array([x1, y1]) + pad) * stretch), [width, height]).astype(int)
    crop = np.ascontiguousarray(picture[top:low, left:right])
    turn = np.array([[stretch[0], 0, (stretch[0] - 1) / 2 - left], [0, stretch[1], (stretch[1] - 1) / 2 - top]])
    placed = cv2.warpAffine(mask, turn, crop.shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    out = np.zeros((height, width), np.uint8)
    out[top:low, left:right] = np.round(255 * _guided(crop, placed, float(stretch.max()))).astype(np.uint8)
    return out


def faded(mask: Floats, picture: Array) -> Array:
    """The same of what fades into what it is on: no edge of the picture is its own."""
    large = cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.round(255 * np.clip(large, 0, 1)), np.uint8)


def before_backdrop(mask: Array, picture: Array, seen: Array, behind: bool = False) -> Array:
    """What stands out (HxW uint8), or with `behind` all but that, as a plain backdrop tells it; `seen` HxW uint8: what the segmenter alone says stands out."""
    front = 255 - mask if behind else mask
    told = told_by_backdrop(picture, np.asarray(front / np.float32(255), np.float32), seen)
    front = np.rint(255 * told.alpha).astype(np.uint8)
    return 255 - front if behind else front


def _guided(crop: Array, mask: Floats, stretch: float) -> Floats:
    """The mask with its edge on the crop's; `stretch`: crop pixels in a pixel of the mask's own size."""
    height, width = mask.shape
    scale = min(1.0, GUIDED / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    guide, small = (
        cv2.resize(grey, size, interpolation=cv2.INTER_AREA),
        cv2.resize(mask, size, interpolation=cv2.INTER_AREA),
    )
    radius = max(2, round(WINDOW * stretch * scale))
    lines = guided_lines(guide, small, squares(radius), EPSILON)
    slope, offset = lines.slope, lines.offset
    reach = 2 * max(1, round(REACH * stretch * scale)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    # A hole smaller than the rim that would be drawn around it is a doubt of the mask, and no edge.
    solid = (small > 0.5).astype(np.uint8)
    solid = (fill_holes(small, float(disc.sum()) / max(int(solid.sum()), 1)) > 0.5).astype(np.uint8)
    inner, outer = cv2.erode(solid, disc, borderValue=1), cv2.dilate(solid, disc)
    if size != (width, height):
        slope, offset = (cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in (slope, offset))
        inner, outer = (cv2.resize(each, (width, height), interpolation=cv2.INTER_NEAREST) for each in (inner, outer))
    edge = np.clip((slope * grey + offset - NOTHING) / (SURE - NOTHING), 0, 1)
    return np.asarray(np.where(inner > 0, 1, np.where(outer > 0, edge, 0)), np.float32)
