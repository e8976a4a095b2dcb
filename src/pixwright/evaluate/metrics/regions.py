"""Inside and outside of the edit apart, without a paid judge (after GEditBench v2's region-decoupled pipelines), and masks against masks.

`before` and `after` are HxWx3 uint8 of one size, `mask` HxW uint8, 255 where the edit was to be. None where the region asked for is empty.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidMask
from pixwright.evaluate.metrics.contract import Floats
from pixwright.evaluate.metrics.pixelwise import same
from pixwright.judge.measure import WINDOW, ssim_map
from pixwright.records.instruction import Array

Side = Literal["inside", "outside"]
HALF = 127
"""Mask values above this are inside."""


def region_l1(before: Array, after: Array, mask: Array, side: Side) -> float | None:
    """Mean absolute difference in [0, 1] of the pixels on one side of the mask."""
    chosen = chosen_pixels(before, after, mask, side)
    if not chosen.any():
        return None
    total = cv2.mean(cv2.absdiff(before, after), mask=chosen.astype(np.uint8))
    return float(np.mean(total[:3])) / 255


def outside_max(before: Array, after: Array, mask: Array) -> float | None:
    """The largest change of a value outside, in [0, 1]: 0 is the promise that nothing else was touched."""
    chosen = chosen_pixels(before, after, mask, "outside")
    return float(cv2.absdiff(before, after)[chosen].max()) / 255 if chosen.any() else None


def region_ssim(before: Array, after: Array, mask: Array, side: Side) -> float | None:
    """SSIM of lightness on one side: of the pixels whose centre lies there, after the other side was made equal.

    Inside it says whether structure stayed while colours changed (GEditBench v2: L channel), outside whether anything else changed.
    """
    chosen = chosen_pixels(before, after, mask, side)
    half = WINDOW // 2
    if min(before.shape[:2]) < WINDOW or not (kept := chosen[half:-half, half:-half]).any():
        return None
    mixed = np.where(chosen[..., None], after, before).astype(np.uint8)
    light = [np.asarray(cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[..., 0], np.uint8) for p in (before, mixed)]
    return float(ssim_map(light[0], light[1])[half:-half, half:-half][kept].mean())


def map_mean(distance: Floats, mask: Array, side: Side) -> float | None:
    """Mean of a distance map (LPIPS) over one side; the mask is brought to the map's size."""
    inside = cv2.resize(_binary(mask), (distance.shape[1], distance.shape[0]), interpolation=cv2.INTER_AREA)
    weight = inside / 255.0 if side == "inside" else 1 - inside / 255.0
    total = float(weight.sum())
    return float((distance * weight).sum() / total) if total > 0 else None


def mask_iou(found: Array, wanted: Array) -> float:
    """Intersection over union of two masks HxW uint8, 0 to 1; 1 if both are empty. Raises `InvalidMask` if their sizes differ."""
    if found.shape != wanted.shape:
        raise InvalidMask(f"masks of {found.shape} and {wanted.shape}; they must be of one size; resize the first")
    a, b = found > HALF, wanted > HALF
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def chosen_pixels(before: Array, after: Array, mask: Array, side: Side) -> NDArray[np.bool_]:
    """HxW: which pixels are on the side. Raises `InvalidImage` or `InvalidMask` if sizes differ."""
    same(before, after)
    if mask.shape != before.shape[:2]:
        raise InvalidMask(
            f"a mask of {mask.shape} for a picture of {before.shape[:2]}; it must be of the picture's size"
        )
    return np.asarray((mask > HALF) == (side == "inside"))


def _binary(mask: Array) -> Array:
    return np.asarray((mask > HALF) * 255, np.uint8)
