"""From masks in pictures to Gaussians: each view votes for a Gaussian by the weight with which it shows it inside and outside of the mask.

A view whose mask disagrees with what all views say together is left out, and the votes are counted again. What no view shows, the inside of a thing, goes with
what lies around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import iou
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import Footprint

_MOST = 0.5
"""Share of a Gaussian's weight that must lie inside the masks."""
_AGREES = 0.4
"""Intersection over union of a view's mask with what was lifted, under which the view is left out."""
_SEEN = 0.05
"""Pixels' worth of weight, over all views, under which a Gaussian counts as not seen."""
_AROUND = 8
"""Seen neighbours that decide where an unseen Gaussian belongs."""
_TREES, _CHECKS = 4, 32
"""Of the search for neighbours: trees, and leaves that are looked at."""
_APART = 3.0
"""Distance of two groups that are two things, in the usual distance of a Gaussian's neighbours."""


@dataclass(frozen=True, eq=False)
class LiftedGaussians:
    """`chosen` N bool: the Gaussians. `used`: which views voted in the end, by number."""

    chosen: NDArray[np.bool_]
    used: tuple[int, ...]


def lift(
    gaussians: Gaussians, footprints: Sequence[Footprint], masks: Sequence[Array | None], trust: Sequence[float]
) -> LiftedGaussians:
    """The Gaussians that masks (HxW uint8, 255 = it; None: not found in this view) show together. `trust`, 0 to 1: how much each view's vote counts."""
    shown = {n: mask for n, mask in enumerate(masks) if mask is not None and mask.any()}
    used = list(shown)
    while used:
        chosen = voted(gaussians, footprints, masks, trust, used)
        agreed = [
            n
            for n, mask in shown.items()
            if n in used and iou(coverage(footprints[n], chosen), _shares(mask)) >= _AGREES
        ]
        if len(agreed) == len(used) or not agreed:
            return LiftedGaussians(chosen, tuple(used))
        used = agreed
    return LiftedGaussians(np.zeros(len(gaussians), np.bool_), ())


def voted(
    gaussians: Gaussians,
    footprints: Sequence[Footprint],
    masks: Sequence[Array | None],
    trust: Sequence[float],
    used: Iterable[int],
) -> NDArray[np.bool_]:
    """The Gaussians (N bool) that have most of their weight inside the masks of the views that are `used`. See `lift`."""
    total = np.zeros((len(gaussians), 2), np.float64)
    for n in used:
        total += trust[n] * votes(footprints[n], masks[n])
    seen = total[:, 1] > _SEEN
    chosen = seen & (total[:, 0] > _MOST * total[:, 1])
    return with_unseen(gaussians, chosen, seen)


def votes(footprint: Footprint, mask: Array | None) -> Floats:
    """Of each Gaussian the pixels' worth of weight that a view shows inside of a mask (HxW uint8; None: all of it), and in all: Nx2."""
    own = np.ones_like(footprint.left) if mask is None else _shares(mask)
    return footprint.backward(np.stack([own, np.ones_like(own)], axis=2))


def with_unseen(gaussians: Gaussians, chosen: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The chosen (N bool), and of what was not `seen` (N bool) that which lies among them."""
    where = np.isfinite(gaussians.centres).all(axis=1)
    asked, known = np.flatnonzero(~seen & where), np.flatnonzero(seen & where)
    if not asked.size or not chosen.any() or len(known) < _AROUND:
        return chosen
    # Only what lies in the box of the chosen can lie among them.
    low, high = gaussians.centres[chosen].min(axis=0), gaussians.centres[chosen].max(axis=0)
    asked = asked[((gaussians.centres[asked] >= low) & (gaussians.centres[asked] <= high)).all(axis=1)]
    if not asked.size:
        return chosen
    near, _ = neighbours(gaussians.centres[known], gaussians.centres[asked], _AROUND)
    found = chosen.copy()
    found[asked] = chosen[known][near].mean(axis=1) > _MOST
    return found


def neighbours(among: Floats, of: Floats, count: int) -> tuple[NDArray[np.int32], Floats]:
    """For each point `of` (Mx3) the `count` nearest `among` Nx3: their numbers, and their distances, both Mxcount."""
    cv2.setRNGSeed(0)
    index = cv2.flann.Index(np.ascontiguousarray(among), {"algorithm": 1, "trees": _TREES})
    numbers, squares = index.knnSearch(np.ascontiguousarray(of), count, params={"checks": _CHECKS})
    return numbers, np.sqrt(squares)


def coverage(footprint: Footprint, chosen: NDArray[np.bool_]) -> Floats:
    """How much of each pixel of a view the chosen Gaussians (N bool) have: HxW, 0 to 1."""
    return np.clip(footprint.forward(chosen[:, None].astype(np.float32))[..., 0], 0, 1)


def _shares(mask: Array) -> Floats:
    """A mask HxW uint8 as shares from 0 to 1."""
    return mask / np.float32(255)


def pieces(centres: Floats, most: int) -> NDArray[np.int32]:
    """Numbers the groups of points Nx3 that lie apart, the largest 0: N int32, below `most`; smaller groups belong to what is next to them.

    Several things of one kind are several groups.
    """
    count = min(_AROUND, len(centres))
    near, distance = neighbours(centres, centres, count)
    reach = _APART * float(np.median(distance[:, min(1, count - 1)]))
    group = np.arange(len(centres))
    linked = distance <= reach
    while True:  # each point takes the least number among its neighbours', until nothing changes
        least = np.where(linked, group[near], len(centres)).min(axis=1)
        now = np.minimum(group, least)
        np.minimum.at(now, near[linked], np.repeat(now, linked.sum(axis=1)))
        now = now[now]
        if np.array_equal(now, group):
            break
        group = now
    _, numbers, sizes = np.unique(group, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    found = rank[numbers]
    small = found >= most
    if small.any():
        nearest, _ = neighbours(centres[~small], centres[small], 1)
        found[small] = found[~small][nearest[:, 0]]
    return np.asarray(found, np.int32)
