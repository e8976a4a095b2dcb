"""The region-decoupled report: what happened outside the edit, and how much inside (after GEditBench v2's pipelines)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.judge.contract import HALF, WORK_SIDE, Trial
from pixwright.judge.measure import ssim_map
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array


@dataclass(frozen=True)
class Decoupled:
    """Outside: the largest difference (0 to 255) and SSIM. Inside: the mean difference. `changed` is a share of the picture."""

    outside_max: int
    outside_ssim: float
    inside_mean: float
    changed: float


def measure(trial: Trial) -> Decoupled:
    """Compare before and after, inside and outside of the effective mask, at full size. A changed canvas compares the part that both hold."""
    before, after, mask = _aligned(trial)
    if before.size == 0:
        return Decoupled(0, 1.0, 255.0, 1.0)
    difference = cv2.absdiff(before, after)
    delta = np.asarray(cv2.max(cv2.max(difference[..., 0], difference[..., 1]), difference[..., 2]), np.uint8)
    inside = cv2.threshold(mask, 0, 255, cv2.THRESH_BINARY)[1]
    outside = cv2.bitwise_not(inside)
    outside_max = int(cv2.minMaxLoc(delta, mask=outside)[1])
    return Decoupled(
        outside_max,
        _outside_ssim(before, after, outside > 0) if outside_max else 1.0,
        float(np.mean(cv2.mean(difference, mask=inside)[:3])),
        cv2.countNonZero(delta) / delta.size,
    )


def _aligned(trial: Trial) -> tuple[Array, Array, Array]:
    if trial.same_size:
        return trial.before, trial.after, trial.mask
    empty = trial.before[:0]
    if trial.evidence.canvas is None:
        return empty, empty, trial.mask[:0]
    x0, y0, x1, y1 = trial.evidence.canvas
    if trial.after.shape[0] >= trial.before.shape[0] and trial.after.shape[1] >= trial.before.shape[1]:
        part, mask = trial.after[y0:y1, x0:x1], trial.mask[y0:y1, x0:x1]
        return (trial.before, part, mask) if part.shape == trial.before.shape else (empty, empty, trial.mask[:0])
    part = trial.before[y0:y1, x0:x1]
    return (part, trial.after, trial.mask) if part.shape == trial.after.shape else (empty, empty, trial.mask[:0])


def _outside_ssim(before: Array, after: Array, outside: NDArray[np.bool_]) -> float:
    # Inside is made equal first, so that windows on the border see only the outside's own change.
    mixed = np.where(outside[..., None], after, before)
    a = cv2.cvtColor(shrink(before, WORK_SIDE), cv2.COLOR_RGB2GRAY)
    b = cv2.cvtColor(shrink(np.asarray(mixed, np.uint8), WORK_SIDE), cv2.COLOR_RGB2GRAY)
    keep = shrink(outside.astype(np.uint8) * 255, WORK_SIDE) > HALF
    return float(ssim_map(np.asarray(a, np.uint8), np.asarray(b, np.uint8))[keep].mean()) if keep.any() else 1.0
