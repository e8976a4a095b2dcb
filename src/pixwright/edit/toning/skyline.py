"""Where a sky ends: the white one behind branches, the sharp things before it, and the land that was taken for a part of it."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import blur_field, grey
from pixwright.records.instruction import Array

_HALF = 0.5
"""Share of sky from which a pixel is sky."""
_ROUGH = (3.0, 8.0)
"""What is finer than the first blur, averaged over the second, is rough; in pixels of the small picture."""
_SHARP = 42.0
"""Step of L* (of 255) from pixel to pixel within a thin thing before the sky: what has a softer edge is the underside of a cloud."""
_WHITE_SKY, _BLOWN, _TOUCHING = 232.0, 228, 5
"""Least channel of a sky that is blown out; level from which a pixel is; and how wide, in pixels, what parts two pieces of it may be."""
_LOW_EDGE, _ROUGH_SKY, _DIM = 25, 0.22, 12.0
"""Percentile of the lower ends of the sky's columns that is its edge over far land; roughness over luma from which on what lies below it is land; and the least luma that is reckoned with."""


def without_land(sky: Field, small: Array) -> Field:
    """The sky (HxW in [0, 1], of the picture `small`, HxWx3 uint8) without what hangs below its usual lower edge and is as rough as a town by night or a field: no sky is."""
    seen = sky > _HALF
    columns = seen.any(axis=0)
    if not columns.any():
        return sky
    y = grey(small).astype(np.float32)
    detail, about = _ROUGH
    rough = blur_field(np.abs(y - blur_field(y, detail)), about) / np.maximum(blur_field(y, about), _DIM)
    lower = len(seen) - 1 - np.argmax(seen[::-1], axis=0)[columns]
    edge = int(np.percentile(lower, _LOW_EDGE)) + 1
    below = np.arange(len(seen))[:, None] >= edge
    land = cv2.dilate((seen & below & (rough > _ROUGH_SKY)).astype(np.uint8), np.ones((5, 5), np.uint8))
    left = (seen & (land == 0)).astype(np.uint8)
    _, labels = cv2.connectedComponents(left)
    joined = np.isin(labels, np.unique(labels[:edge][left[:edge] > 0])) & (left > 0)
    kept = cv2.dilate(joined.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return np.asarray(np.where(below & ~kept, 0, sky), np.float32)


def blown(fine: Array, sky: Field, horizon: float) -> Field:
    """HxW, 1 where a blown-out sky goes on behind branches: what is nearly as white as it, above the horizon, and joined to it or to the upper edge."""
    inside = sky > _HALF
    least = fine.min(axis=2)
    if not inside.any() or float(np.median(least[inside])) < _WHITE_SKY:
        return np.zeros_like(sky)
    white = (least >= _BLOWN) & (np.arange(len(sky))[:, None] < horizon * len(sky))
    joined = cv2.dilate((white | inside).astype(np.uint8), np.ones((_TOUCHING, _TOUCHING), np.uint8))
    _, labels = cv2.connectedComponents(joined)
    seen = np.isin(labels, np.unique(labels[inside].tolist() + labels[0][white[0]].tolist()))
    return np.asarray(white & seen, np.float32)


def sharp(y: Field, dark: Field) -> Field:
    """HxW, 1 in the pieces of `dark` (HxW in [0, 1]) whose edges in `y` (HxW, L* of 255) are sharp, and 0 in soft ones."""
    count, labels = cv2.connectedComponents((dark > 0.25).astype(np.uint8))
    edge = cv2.morphologyEx(y, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    size = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    mean = np.bincount(labels.ravel(), edge.ravel(), minlength=count) / size
    keeps = (mean > _SHARP).astype(np.float32)
    keeps[0] = 0
    return np.asarray(keeps[labels], np.float32)
