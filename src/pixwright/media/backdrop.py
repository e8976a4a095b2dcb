"""What a plain backdrop tells of an outline: where it is seen through the thing, and which parts of the thing an outline has lost.

A segmenter draws what stands out as one piece. Before a studio wall or a sheet of paper the colour says more: the light of the wall is a smooth surface, and a pixel either
lies on it or does not. Only where the two agree is a hole opened, because a white shirt before white paper lies on the surface as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array

_SIDE, _COARSE = 768, 160
"""Longer sides, in pixels, at which an outline is told, and at which the light of the backdrop is fitted."""
_ORDER, _ROUNDS, _TAIL, _LEAST_SPREAD = 3, 6, 4.0, 0.3
"""Degree of the surface; rounds of its robust fit; and the deviations, of at least that many units of L*a*b*, from which a pixel has no weight in it (Tukey's biweight)."""
_LOCAL, _TRUST = 0.06, 0.05
"""Width, of the longer side, over which what the surface leaves is smoothed and added to it; and the share of backdrop in that width that counts half."""
_FREE, _APART, _LEAST_FREE = 20, 7, 0.08
"""Level of an outline under which nothing stands; pixels about it, at the coarse size, that are no surely free place; and the share of the picture that must be free."""
_EXPLAINED, _PLAIN = 6.0, 0.93
"""Distance from the surface, in L*a*b*, up to which it explains a pixel; and the share of the free places that it must explain for the backdrop to be plain."""
_CLOSELY, _PLAINEST = 3.0, 0.95
"""The same for a backdrop so plain that what differs from it can be nothing but the thing."""
_GRAIN, _ON, _NEARLY = 0.9, 2.0, 2.5
"""Quantile of the free places' distance that is the backdrop's noise; the least distance up to which a pixel lies on the surface; and how many times as far it nearly does."""
_OFF, _OFF_BY = 10.0, 4.0
"""Distance from which a pixel surely is something else: at least so much, and so many times the noise."""
_INSIDE, _THROUGH = 0.3, 0.5
"""Share from which a place is within the outline, and the segmenter's own share under which it takes a place for no part of the thing."""
_AGREED, _AROUND, _CRUMB = 0.6, 15, 12
"""Share of what the segmenter leaves out within so many pixels that must nearly lie on the surface, for dark stripes before a dark wall are no holes; and the least hole in pixels."""
_ENCLOSED, _AT_THE_RIM = 0.3, 0.6
"""Share of a hole that must lie on the surface: where the thing is all around it, and where it is a bay, for there the thing's own dark or white side would be eaten."""
_SPREAD = 6
"""Pixels by which a hole spreads on the surface whatever the segmenter says, for its edges are blurred."""
_SOFT, _PEAK, _WHOLE = 5, 9, 0.7
"""Pixels about a hole that are told anew, and about each of them in which the thing's own distance is looked for; and the share of that which is wholly the thing."""
_JOIN, _TRACE, _MOST, _PIECE, _SEAM = 0.012, 0.08, 1.0, 0.03, 0.5
"""Width of the gaps over which parts belong together, and of the least part, of the longer side; the segmenter's mean share in a part that is added; how much may be added at most, and is at least worth it, of the thing; and the least border with the thing, in square roots of the part's area: what meets it at a point is another thing."""
_EVEN = 5.0
"""Deviation of the distance, in L*a*b*, under which a part is even: one that reaches the picture's edge is another wall or floor."""
_DEEPEST, _TINT = 0.15, 0.14
"""A cast shadow's light, as a share of the backdrop's, at least; and how far its channels may differ."""
_SHOWN = 0.85
"""Segmenter's share up to which a place on the surface may be a hole that was not opened."""

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ToldOutline:
    """An outline (HxW in [0, 1]) as a plain backdrop tells it. `doubtful`: share of the thing that may be backdrop and was kept; `plain`: whether there is such a backdrop."""

    alpha: Floats
    plain: bool = False
    doubtful: float = 0.0


def told_by_backdrop(picture: Array, alpha: Floats, seen: Array, grow: bool = True) -> ToldOutline:
    """The outline `alpha` (HxW in [0, 1]) of a thing in HxWx3, opened where a plain backdrop is seen through it.

    `seen` HxW uint8: what stands out by the segmenter alone, before holes were filled. `grow`: what differs from the backdrop and hangs together with the thing joins
    it, if the segmenter has a trace of it. Without a plain backdrop, or where nothing stands out, the outline is returned as it is.
    """
    if not seen.any():
        return ToldOutline(alpha)
    small = shrink(picture[..., :3], _SIDE)
    height, width = small.shape[:2]
    own, prior = (_at(each, width, height) for each in (alpha, seen.astype(np.float32) / np.float32(255)))
    thing = np.maximum(own, prior)
    found = _light(small, thing)
    if found is None:
        return ToldOutline(alpha)
    light, plainest = found
    apart = lab(small) - light
    fine = cv2.magnitude(cv2.magnitude(apart[..., 0], apart[..., 1]), apart[..., 2])
    gap = cv2.blur(fine, (3, 3))
    free = cv2.dilate(thing, np.ones((2 * _APART + 1,) * 2, np.uint8)) < _FREE / 255
    noise, grain = (float(np.quantile(each[free], _GRAIN)) if free.any() else _ON for each in (gap, fine))
    on, off = max(_ON, noise), max(_OFF, _OFF_BY * noise)
    new = _grown(small, own, prior, gap, (on, off), light) if grow and plainest else own
    holes = _holes(own, prior, gap, on) if plainest else np.zeros(own.shape, np.bool_)
    new = _opened(new, holes, fine, (max(_ON, grain), off))
    left = ((own > _INSIDE) & (gap < on) & ~holes & (prior < _SHOWN)).astype(np.uint8)
    # What is as narrow as a soft rim is one.
    left = cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((_SOFT, _SOFT), np.uint8))
    doubtful = float(left.sum()) / max(float((own > _INSIDE).sum()), 1.0)
    change = np.abs(new - own)
    if not change.any():
        return ToldOutline(alpha, True, doubtful)
    full, touched = (_at(each, alpha.shape[1], alpha.shape[0]) for each in (new, np.sign(change)))
    return ToldOutline(np.asarray(alpha + (full - alpha) * touched, np.float32), True, doubtful)


def _at(values: Floats, width: int, height: int) -> Floats:
    """A map at another size."""
    if values.shape == (height, width):
        return values
    how = cv2.INTER_AREA if width < values.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (width, height), interpolation=how), np.float32)


def _light(small: Array, thing: Floats) -> tuple[Floats, bool] | None:
    """The backdrop's light in L*a*b*, hxwx3, and whether it is of the plainest; None where what is behind the thing is not plain."""
    coarse = lab(shrink(small, _COARSE))
    height, width = coarse.shape[:2]
    free = cv2.dilate(_at(thing, width, height), np.ones((_APART, _APART), np.uint8)) < _FREE / 255
    if float(free.mean()) < _LEAST_FREE:
        return None
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([x**i * y**j for i in range(_ORDER + 1) for j in range(_ORDER + 1 - i)], axis=2).astype(np.float32)
    known, wanted = terms[free], coarse[free]
    weight, spread, surface = np.ones((len(known), 1), np.float32), 1.0, coarse
    for _ in range(_ROUNDS):
        factors, *_ = np.linalg.lstsq(known * weight, wanted * weight, rcond=None)
        away = np.linalg.norm(wanted - known @ factors, axis=1)
        spread = max(1.48 * float(np.median(away)), _LEAST_SPREAD)
        weight = np.clip(1 - (away / (_TAIL * spread)) ** 2, 0, 1).astype(np.float32)[:, None]
        surface = terms @ factors
    left = coarse - surface
    sure = (free & (np.linalg.norm(left, axis=2) < _EXPLAINED)).astype(np.float32)
    sigma = _LOCAL * max(height, width)
    shares = cv2.GaussianBlur(sure, (0, 0), sigma)[..., None]
    surface = surface + cv2.GaussianBlur(left * sure[..., None], (0, 0), sigma) / (shares + _TRUST)
    away = np.linalg.norm(coarse - surface, axis=2)[free]
    if float((away < _EXPLAINED).mean()) < _PLAIN:
        return None
    light = cv2.resize(surface, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(light, np.float32), float((away < _CLOSELY).mean()) >= _PLAINEST


def _holes(own: Floats, prior: Floats, gap: Floats, on: float) -> Bools:
    """Where the backdrop is seen through the thing: on its surface, and no part of the thing to the segmenter either."""
    nearly = (own > _INSIDE) & (gap < _NEARLY * on)
    missed = (own > _INSIDE) & (prior < _THROUGH)
    maybe = (nearly & missed).astype(np.uint8)
    size = (2 * _AROUND + 1,) * 2
    agreed = cv2.blur(maybe.astype(np.float32), size) / np.maximum(cv2.blur(missed.astype(np.float32), size), 1e-6)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(maybe, connectivity=4)
    area, flat = np.maximum(stats[:, cv2.CC_STAT_AREA], 1), labels.ravel()
    kept = (np.bincount(flat, agreed.ravel(), count) > _AGREED * area) & (area >= _CRUMB)
    bays = np.unique(labels[cv2.dilate((own <= _INSIDE).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0])
    least = np.full(count, _ENCLOSED)
    least[bays] = _AT_THE_RIM
    kept &= np.bincount(flat, (gap < on).ravel(), count) > least * area
    kept[0] = False
    holes, free = kept[labels].astype(np.uint8), nearly.astype(np.uint8)
    for _ in range(_SPREAD if holes.any() else 0):
        holes = np.maximum(holes, cv2.dilate(holes, np.ones((3, 3), np.uint8)) & free)
    return np.asarray(holes > 0, np.bool_)


def _opened(alpha: Floats, holes: Bools, gap: Floats, levels: tuple[float, float]) -> Floats:
    """The outline without its holes; beside them a pixel is so much the thing as it is away from the backdrop, measured by what is farthest near by."""
    if not holes.any():
        return alpha
    near = cv2.dilate(holes.astype(np.uint8), np.ones((_SOFT, _SOFT), np.uint8)) > 0
    peak = cv2.dilate(gap, np.ones((_PEAK, _PEAK), np.uint8))
    on, off = levels
    share = np.clip((gap - on) / (np.maximum(_WHOLE * peak, off) - on), 0, 1)
    return np.asarray(np.where(near, np.minimum(alpha, share), alpha), np.float32)


def _grown(small: Array, own: Floats, prior: Floats, gap: Floats, levels: tuple[float, float], light: Floats) -> Floats:
    """The outline with those parts that it has lost: far from the backdrop, joined to the thing, no shadow."""
    on, off = levels
    strong = (gap > off) & ~_shadow(small, light)
    reach = max(3, round(_JOIN * max(small.shape)) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    joined = cv2.morphologyEx((strong | (own > _THROUGH)).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    extra = ((joined > 0) & (own < _THROUGH)).astype(np.uint8)
    extra = cv2.morphologyEx(extra, cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(extra, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    trace = np.bincount(labels.ravel(), prior.ravel(), count) / np.maximum(area, 1)
    core = cv2.dilate((own > _THROUGH).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    kept = np.bincount(labels[core], minlength=count) > _SEAM * np.sqrt(area)
    mean = np.bincount(labels.ravel(), gap.ravel(), count) / np.maximum(area, 1)
    spread = np.bincount(labels.ravel(), (gap - mean.astype(np.float32)[labels]).ravel() ** 2, count) / np.maximum(
        area, 1
    )
    x, y, wide, high = (stats[:, n] for n in range(4))
    framed = (x == 0) | (y == 0) | (x + wide == own.shape[1]) | (y + high == own.shape[0])
    kept &= (trace > _TRACE) & (area > _PIECE * core.sum()) & ~(framed & (spread < _EVEN**2))
    kept[0] = False
    added = kept[labels]
    if not added.any() or float(added.sum()) > _MOST * float((own > _THROUGH).sum()):
        return own
    whole = np.maximum(added, own > _THROUGH).astype(np.uint8)
    inner = cv2.erode(whole, np.ones((_SOFT, _SOFT), np.uint8), borderValue=1) > 0
    sure = inner & (added | (gap > off))
    soft = np.where(added, np.clip((gap - on) / (off - on), 0, 1), 0)
    return np.asarray(np.maximum(own, np.where(sure, 1, soft)), np.float32)


def _shadow(small: Array, light: Floats) -> Bools:
    """Where HxWx3 may be the backdrop in a shadow: darker than its light (L*a*b*), and of its own tint."""
    lit = np.clip(cv2.cvtColor(light, cv2.COLOR_LAB2RGB), 1 / 255, 1)
    ratio = small.astype(np.float32) / 255 / lit
    mean = ratio.mean(axis=2)
    even = np.abs(ratio - mean[..., None]).max(axis=2) < _TINT
    return np.asarray((mean < 1) & (mean > _DEEPEST) & even, np.bool_)
