"""A mask made exact where the ground behind it is plain: forgotten tips are taken in, and a rim of ground is left out.

A clean-plate difference, after Qian and Sezan, "Video background replacement without a blue screen" (1999): the plate is the
surroundings continued across the object, and it is believed only as far as it explains the surroundings themselves.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.filling.copying import diffuse
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import box_in

_SIDE = 480
"""Longer side, in pixels, of the window at which the difference is taken."""
_PLAIN = 5.0
"""Mean error (L*a*b*) of the plate on the surroundings themselves, above which it says nothing."""
_GROWTH = 0.25
"""The most that is taken in, as a share of the object."""
_SURPLUS = 0.7
"""The most that is left out, as a share of the mask."""
_RAGGED = 1.1
"""The most that the outline may grow when the surplus goes, as a factor."""
_ARM = 0.6
"""Thickness of what is taken in, over the object's greatest half thickness."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


def refine(picture: Array, mask: Array) -> Array:
    """The mask (HxW uint8) of an object in `picture` HxWx3, corrected before plain ground; elsewhere as it was."""
    box = box_in(mask > 127)
    if box is None:
        return mask
    x0, y0, x1, y1 = box
    reach = max(6, round(0.1 * max(y1 - y0, x1 - x0)))
    height, width = mask.shape
    window = np.s_[
        max(0, y0 - 2 * reach) : min(height, y1 + 2 * reach), max(0, x0 - 2 * reach) : min(width, x1 + 2 * reach)
    ]
    part, pixels = mask[window], picture[window]
    scale = min(1.0, _SIDE / max(part.shape))
    more, less = _changes(shrink(pixels, _SIDE, least=8), shrink(part, _SIDE, least=8), max(3, round(reach * scale)))
    if not more.any() and not less.any():
        return mask
    result = mask.copy()
    result[window] = _applied(part, more, less)
    return result


def _changes(pixels: Array, mask: Array, reach: int) -> tuple[Bools, Bools]:
    """What to take in and what to leave out (both HxW)."""
    inside = mask > 127
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    wide = cv2.dilate(inside.astype(np.uint8), kernel) > 0
    nothing = np.zeros_like(inside)
    if wide.mean() > 0.95:
        return nothing, nothing
    off, doubt = _off_plate(pixels, ~wide)
    plain = doubt < _PLAIN
    seen = plain & (off > np.maximum(12, 4 * doubt))
    thick = float(cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 3).max())
    more = _attached(seen & wide & ~inside, inside, wide, round(_ARM * thick))
    if more.sum() > _GROWTH * inside.sum():
        more = nothing
    return more, _surplus(inside, plain & (off < np.maximum(5, 1.6 * doubt)))


def _surplus(inside: Bools, like_plate: Bools) -> Bools:
    """What of the mask looks like the ground and reaches in from its outline; only the outermost pixels if that were most of it."""
    rim = inside & (cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    # What is open by two pixels is no hole in the object's own colours.
    tidy = cv2.morphologyEx((inside & like_plate).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(tidy, connectivity=4)
    outer = np.bincount(labels[rim], minlength=count) > 0
    outer[0] = False
    deep = outer[labels]
    thin: Bools = np.asarray(rim & like_plate, np.bool_)
    if deep.sum() > _SURPLUS * inside.sum():
        return thin
    # A halo that goes makes the outline shorter; a longer, ragged one says that the object has the ground's colour.
    ragged = _outline(inside & ~(deep | thin)) > _RAGGED * _outline(inside)
    return thin if ragged else np.asarray(deep | thin, np.bool_)


def _outline(flags: Bools) -> float:
    contours, _ = cv2.findContours(flags.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return float(sum(cv2.arcLength(contour, True) for contour in contours))


def _off_plate(pixels: Array, known: Bools) -> tuple[Floats, Floats]:
    """How far each pixel is from the continued surroundings, and how far those are from themselves there (L*a*b*, both HxW)."""
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    plate = diffuse(lab, known)
    weight = known.astype(np.float32)
    around = cv2.blur(weight, (15, 15))[..., None]
    mean = cv2.blur(lab * weight[..., None], (15, 15)) / np.maximum(around, 1e-3)
    error = np.linalg.norm(lab - mean, axis=2).astype(np.float32)
    doubt = cv2.GaussianBlur(diffuse(error[..., None], known)[..., 0], (0, 0), 4)
    return np.linalg.norm(lab - plate, axis=2).astype(np.float32), np.asarray(doubt, np.float32)


def _attached(found: Bools, inside: Bools, wide: Bools, least: int) -> Bools:
    """The parts of `found` that touch the object, are no thinner than `least` pixels and end before the window's reach does.

    What goes on further is another thing, and what is thin may be a cable or an arm that holds the object.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(2, least), max(2, least)))
    tidy = cv2.morphologyEx((found | inside).astype(np.uint8), cv2.MORPH_OPEN, kernel) & (found & ~inside)
    count, labels = cv2.connectedComponents(tidy, connectivity=8)
    near = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    edge = cv2.dilate((~wide).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touching = np.bincount(labels[near], minlength=count) > 0
    ending = np.bincount(labels[edge], minlength=count) == 0
    good = touching & ending
    good[0] = False
    return np.asarray(good[labels], np.bool_)


def _applied(part: Array, more: Bools, less: Bools) -> Array:
    size = (part.shape[1], part.shape[0])

    def full(flags: Bools) -> Array:
        soft = cv2.resize(flags.astype(np.uint8) * 255, size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.GaussianBlur(soft, (0, 0), 0.7), np.uint8)

    return np.asarray(np.minimum(np.maximum(part, full(more)), 255 - full(less)), np.uint8)
