"""A plain backdrop, as product photographs have: its light as a smooth surface, what of an outline is still it, and the shadow on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.filling.copying import diffuse
from pixwright.media.matte import foreground_colours
from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array

_SIDE = 480
"""Longer side, in pixels, at which the backdrop is fitted."""
_PLAIN = 0.045
"""Deviation of a backdrop from its smooth light, as a share, up to which it is plain."""
_FAINT, _SEEN = 0.025, 0.07
"""Opacity at which a shadow begins, and from which it is one."""
_TINT = 0.14
"""How far a channel's darkening may be from the mean's: a shadow has no colour of its own."""
_DARKER = 0.06
"""Share by which what is darker than the fit is left out of the next one."""
_ROUNDS = 6
_LEAST_GROUND = 200
"""Pixels of backdrop that a fit needs."""
_RIM = 5
"""Pixels around the thing that belong to its soft edge."""
_LEAST_DARK = 12
"""Level of a backdrop's darkest channel from which darkening can be measured."""
_DEPTH = 0.02
"""How far inside an outline the backdrop is looked for, of the picture's longer side: deeper, it may be a white thing before white."""
_HALF = 127
"""A pixel of a mask above it is inside."""
_STRONG = 22.0
"""Chroma from which a backdrop's colour is strong."""
_ALIKE, _CELLS = 10.0, 64
"""Distance in L*a*b* up to which two colours are one, and cells of that side along each axis."""
_CRUMB, _WINDOW = 12, 0.06
"""Pixels of a patch at least, and its area at most, as a share of the thing's."""
_EVEN, _OWN, _BESIDE, _NEAR = 0.6, 0.01, 0.15, 0.3
"""Share of a patch that has its usual colour; of the thing that may have it elsewhere; and of the backdrop beside the patch, within so many square roots of the thing's area."""
_HAIR, _SURELY = 0.02, 250
"""How far from an outline hair is told from a plain backdrop, of the picture's longer side; and the level of a mask from which it is surely the thing."""
_FAINT_HAIR, _TELLING = 0.08, (60.0, 110.0)
"""Share of a pixel that is no hair yet; and the distance of thing and backdrop, in levels, from which a share can be told, and surely."""
_OFF = 5.0, 12.0
"""Difference of the backdrop beside a rim from its fitted light, in levels, up to which it is trusted, and from which it is not."""
_SAME, _OTHER = 14.0, 40.0
"""Difference from the backdrop, in levels, up to which a pixel is it, and from which it is all thing."""

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PlainBackdrop:
    """The light of a backdrop (hxwx3 levels, at a reduced size), and why nothing can be told from it, if so."""

    light: Floats
    problem: str | None = None


def measure_backdrop(picture: Array, mask: Array) -> PlainBackdrop:
    """The backdrop of HxWx3 around what is under `mask` (HxW uint8, 255 = thing)."""
    small, thing = shrink(picture, _SIDE).astype(np.float32), shrink(mask, _SIDE)
    free = _around(thing)
    if free.sum() < _LEAST_GROUND:
        return PlainBackdrop(small, "too little of the backdrop is seen to tell a shadow from it")
    light, rough = _smooth_light(small, free)
    if rough > _PLAIN or light.min() < _LEAST_DARK:
        return PlainBackdrop(light, "the backdrop is not plain, so its shadow could not be told from it")
    return PlainBackdrop(light)


def without_backdrop(picture: Array, mask: Array, backdrop: PlainBackdrop) -> Array:
    """The mask (HxW uint8) without a fringe of a plain backdrop: near its outline, what has the backdrop's colour and is joined to it."""
    if backdrop.problem is not None:
        return mask
    height, width = mask.shape
    light = cv2.resize(backdrop.light, (width, height), interpolation=cv2.INTER_LINEAR)
    apart = np.abs(picture[..., :3].astype(np.float32) - light).max(axis=2)
    deep = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    near = deep < max(2.0, _DEPTH * max(height, width))
    like = ((apart < _OTHER) & near).astype(np.uint8)
    _, labels = cv2.connectedComponents(like, connectivity=4)
    joined = np.zeros(int(labels.max()) + 1, np.bool_)
    joined[np.unique(labels[(mask < _RIM) & (apart < _SAME)])] = True
    joined[0] = False
    share = np.clip((apart - _SAME) / (_OTHER - _SAME), 0, 1)
    most = np.where(joined[labels], np.rint(255 * share), 255).astype(np.uint8)
    return np.minimum(mask, most)


def unmixed(picture: Array, alpha: Floats) -> Floats:
    """The outline (HxW in [0, 1]) told anew along its rim by colours, where the backdrop is plain: hair is there as far as it is not the backdrop's colour.

    A pixel between the thing's colour near by and the backdrop's is so much the thing as it lies on the way from the one to the other; where the two are alike, the outline stays.
    """
    mask = np.asarray(np.rint(alpha * 255), np.uint8)
    backdrop = measure_backdrop(picture, mask)
    if backdrop.problem is not None:
        return alpha
    height, width = alpha.shape
    behind = cv2.resize(backdrop.light, (width, height), interpolation=cv2.INTER_LINEAR)
    reach = max(2, round(_HAIR * max(height, width)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    deep, near = cv2.erode(mask, disc) > _SURELY, cv2.dilate(mask, disc) > _RIM
    if not deep.any():
        return alpha
    seen = picture[..., :3].astype(np.float32)
    way = diffuse(seen, deep) - behind
    length = np.sqrt((way**2).sum(axis=2))
    share = ((seen - behind) * way).sum(axis=2) / np.maximum(length, 1.0) ** 2
    share = np.clip((share - _FAINT_HAIR) / (1 - 2 * _FAINT_HAIR), 0, 1)
    # Where the backdrop beside the rim is not as it was fitted, it is not known in the rim either.
    beside = diffuse(np.abs(seen - behind).max(axis=2)[..., None], ~near)[..., 0]
    sure = np.clip((length - _TELLING[0]) / (_TELLING[1] - _TELLING[0]), 0, 1) * (near & ~deep)
    sure *= np.clip((_OFF[1] - beside) / (_OFF[1] - _OFF[0]), 0, 1)
    return np.asarray(alpha + (share - alpha) * sure, np.float32)


def without_windows(picture: Array, alpha: Floats) -> Floats:
    """The outline (HxW in [0, 1]) without what is seen through the thing: the green in the loop of a lace before a green backdrop.

    Only patches of one strong colour, which the backdrop has beside the thing and the thing itself nowhere else: grey ones may be eyes, buttons, tyres.
    """
    small, thing = shrink(picture, _SIDE), shrink(np.asarray(np.rint(alpha * 255), np.uint8), _SIDE)
    colours = lab(small)
    inside, outside = thing > _HALF, thing < _RIM
    strong = np.hypot(colours[..., 1], colours[..., 2]) > _STRONG
    maybe = inside & strong & (_alike(colours, colours[outside & strong]) if (outside & strong).any() else False)
    opened = cv2.morphologyEx(maybe.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    area = np.count_nonzero(inside)
    seen = np.zeros(thing.shape, np.uint8)
    for n in range(1, count):
        patch = labels == n
        if not _CRUMB < stats[n, cv2.CC_STAT_AREA] < _WINDOW * area:
            continue
        usual = np.median(colours[patch], axis=0)
        like = np.linalg.norm(colours - usual, axis=2) < _ALIKE
        x, y, wide, high = (int(v) for v in stats[n, :4])
        reach = round(_NEAR * np.sqrt(area)) + max(wide, high)
        near = np.s_[max(0, y - reach) : y + high + reach, max(0, x - reach) : x + wide + reach]
        beside = like[near][outside[near]]
        own = like & inside & ~cv2.dilate(opened, np.ones((5, 5), np.uint8)).astype(np.bool_)
        alone = like[patch].mean() > _EVEN and np.count_nonzero(own) < _OWN * area
        if alone and beside.size and beside.mean() > _BESIDE:
            seen[patch] = 255
    if not seen.any():
        return alpha
    soft = cv2.GaussianBlur(cv2.dilate(seen, np.ones((3, 3), np.uint8)), (0, 0), 0.8)
    full = cv2.resize(soft, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32) / np.float32(255)
    return np.asarray(np.minimum(alpha, 1 - full), np.float32)


def _alike(colours: Floats, others: Floats) -> Bools:
    """HxW: whose colours occur among `others` (n x 3), in cells of `_ALIKE`."""
    sides = np.array([_ALIKE, _ALIKE, _ALIKE], np.float32)
    cells = [np.round(some / sides).astype(np.int32) + _CELLS // 2 for some in (colours, others)]
    flat = [(some[..., 0] * _CELLS + some[..., 1]) * _CELLS + some[..., 2] for some in cells]
    return np.isin(flat[0], np.unique(flat[1]))


@dataclass(frozen=True, eq=False)
class CutOut:
    """`colours` HxWx3 and `alpha` HxW uint8. `problem`: why it has no shadow, where one was wanted."""

    colours: Array
    alpha: Array
    problem: str | None = None


def cut_out(pixels: Array, mask: Array, shadow: bool = False) -> tuple[Array, str | None]:
    """HxWx4 uint8: what a mask (HxW uint8, 255 = thing) holds of `pixels` (HxWx3 or HxWx4), as `cut_from` says; what was transparent stays so.

    Also why it has no shadow, where one was wanted.
    """
    seen = mask if pixels.shape[2] == 3 else np.minimum(mask, pixels[..., 3])
    cut = cut_from(np.ascontiguousarray(pixels[..., :3]), seen, shadow)
    return np.dstack([cut.colours, cut.alpha]), cut.problem


def cut_from(picture: Array, mask: Array, shadow: bool) -> CutOut:
    """What `mask` (HxW uint8, 255 = thing) holds of HxWx3, in its own colours; `shadow`: with the one that it casts on a plain backdrop.

    The shadow is black with an alpha: before the old backdrop it is the old picture, before a new one it darkens that.
    """
    backdrop = measure_backdrop(picture, mask)
    mask = without_backdrop(picture, mask, backdrop)
    own = foreground_colours(picture, mask)
    if not shadow:
        return CutOut(own, mask)
    opacity, problem = _shadow(picture, mask, backdrop)
    if problem is not None:
        return CutOut(own, mask, problem)
    share = mask.astype(np.float32) / 255
    whole = share + (1 - share) * opacity
    colours = np.where((whole > 0)[..., None], own * (share / np.maximum(whole, 1e-6))[..., None], own)
    return CutOut(np.asarray(np.rint(colours), np.uint8), np.asarray(np.rint(255 * whole), np.uint8))


def _shadow(picture: Array, mask: Array, backdrop: PlainBackdrop) -> tuple[Floats, str | None]:
    """How opaque the shadow is at each pixel (HxW in [0, 1]), and why none was found."""
    nothing = np.zeros(mask.shape, np.float32)
    if backdrop.problem is not None:
        return nothing, backdrop.problem
    small, thing = shrink(picture, _SIDE).astype(np.float32), shrink(mask, _SIDE)
    free = _around(thing)
    ratio = small / np.maximum(backdrop.light, 1)
    mean = ratio.mean(axis=2)
    grey = np.abs(ratio - mean[..., None]).max(axis=2) < _TINT
    dark = cv2.GaussianBlur(np.where(grey, np.clip(1 - mean, 0, 1), 0).astype(np.float32), (0, 0), 1.0)
    dark = _from_beside(dark, free)
    count, labels = cv2.connectedComponents((dark > _FAINT).astype(np.uint8), connectivity=8)
    near = cv2.dilate((thing > 127).astype(np.uint8), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)) > 0
    strong = np.zeros(count, np.bool_)
    strong[np.unique(labels[(dark > _SEEN) & near & free])] = True
    strong[0] = False
    if not strong.any():
        return nothing, "no shadow was found beside it"
    kept = np.where(strong[labels], np.clip((dark - _FAINT) / (1 - _FAINT), 0, 1), 0)
    full = cv2.resize(kept.astype(np.float32), (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32), None


def _from_beside(dark: Floats, free: Bools) -> Floats:
    """Where the thing and its soft edge are, the shadow of the nearest place beside them."""
    _, labels = cv2.distanceTransformWithLabels(
        (~free).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros(int(labels.max()) + 1, np.float32)
    values[labels[free]] = dark[free]
    return np.asarray(np.where(free, dark, values[labels]), np.float32)


def _around(thing: Array) -> Bools:
    """Where neither the thing nor its soft edge is."""
    return np.asarray(cv2.dilate((thing > _RIM).astype(np.uint8), np.ones((_RIM, _RIM), np.uint8)) == 0)


def _smooth_light(small: Floats, free: Bools) -> tuple[Floats, float]:
    """The light as a surface of the second order, fitted to what is not darker; and how far the rest is from it, as a share."""
    height, width = free.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y, x = y / height - 0.5, x / width - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)
    brightness = small.mean(axis=2)
    kept = free & (brightness >= np.quantile(brightness[free], 0.35))
    light, rough = small, 1.0
    for _ in range(_ROUNDS):
        weights, *_ = np.linalg.lstsq(terms[kept], small[kept], rcond=None)
        light = np.asarray(terms @ weights, np.float32)
        gap = brightness / np.maximum(light.mean(axis=2), 1) - 1
        rough = 1.48 * float(np.median(np.abs(gap[kept])))
        again = free & (gap > -max(2.5 * rough, _DARKER / 2)) & (np.abs(gap) < max(4 * rough, _DARKER))
        if again.sum() < _LEAST_GROUND:
            break
        kept = again
    return np.clip(light, 1, 255), rough
