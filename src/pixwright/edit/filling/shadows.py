"""The shadow that a thing casts on the ground, and its image in water or on gloss: found beside the thing, so that they go with it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE, _LEAST = 200, 8
"""Longer side of the window, and the least of both, in pixels, at which shadows and mirror images are looked for."""
_DARKER = 0.2
"""Difference of log luminance from which ground is in shadow; of a rough ground, twice its own variation."""
_BLACK = 2.4
"""Beyond this difference of log luminance it is no shadow but something black."""
_TINT, _BLUER = 0.2, 0.4
"""How far a channel's log ratio may be from the mean's: a shadow keeps the ground's colour, but under the sky it is bluer."""
_EVEN, _ROUGH = 0.1, 0.3
"""Variation of the ground's log luminance up to which a dark patch is worth a word, and from which no shadow can be told."""
_SMALL, _LARGE = 0.01, 0.9
"""Area of a shadow, over the thing's."""
_NOTED = 0.2
"""Area over the thing's from which a dark patch that may be its shadow is worth a word."""
_SEEN, _FOOT = 0.6, 0.4
"""The lower shares of the thing's height beside which a shadow is looked for, and at which it begins."""
_WALL = 1.3
"""The share of the height beside which it is looked for where it leaves the other at its top: a thing on a wall, by a lamp from below or from the side."""
_FADE = 0.1
"""Share of the window over which a shadow that goes on beyond it fades."""
_PENUMBRA = 0.06
"""Difference of log luminance at which a shadow's soft edge ends, on a ground without grain."""
_THROUGH = 0.3
"""Share of a side of the window: darkness that leaves by so much of it is a dark ground."""
_LIKE_IT = 0.35
"""Area over a shadow's, from which another patch as dark makes the first doubtful."""
_COVERED = 0.2
"""Share of a mirror image that may be covered by other things; where there is more, it is one of them."""
_MIRRORED = 0.6
"""Correlation of what is below the thing with its mirror image, from which it is one."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


def cast_shadow(picture: Array, mask: Array, others: Array | None = None) -> tuple[Array, str | None]:
    """The soft mask (HxW uint8) of the shadow of the thing under `mask` (HxW uint8), and what to say of one that must stay.

    A shadow is darker than the ground, has the ground's colour, begins at the thing's foot and ends. It stays if the ground has
    patches like it elsewhere. `others` HxW uint8: things beside it.
    """
    shadow = np.zeros_like(mask)
    if not (mask >= 16).any():
        return shadow, None
    found, note = _seen_shadow(picture, mask, others, _SEEN)
    if found is not None and found[1][0].any() and found[0][0].start > 0:
        # On a wall it is as high as the thing.
        found, note = _seen_shadow(picture, mask, others, _WALL)
    if found is not None:
        part, soft = found
        shadow[part] = soft
    return shadow, note


def _seen_shadow(
    picture: Array, mask: Array, others: Array | None, seen: float
) -> tuple[tuple[tuple[slice, slice], Array] | None, str | None]:
    """Where a shadow was looked for, beside so much of the thing's height, and its soft mask there, None without one; and what to say of one that must stay."""
    x, y, wide, tall = cv2.boundingRect((mask >= 16).astype(np.uint8))
    height, width = mask.shape
    side, down = round(0.9 * max(wide, 0.6 * tall)), round(0.5 * max(wide, tall))
    x0, x1 = max(0, x - side), min(width, x + wide + side)
    y0, y1 = max(0, y + tall - round(seen * tall)), min(height, y + tall + down)
    part = np.s_[y0:y1, x0:x1]
    own, other = (shrink(one[part], _SIDE) for one in (mask, np.zeros_like(mask) if others is None else others))
    if min(own.shape) < _LEAST:
        return None, None
    logs = _log_light(shrink(picture[part], _SIDE))
    thing = cv2.dilate((own > 32).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    area = float((mask > 127).sum()) * (own.shape[0] * own.shape[1]) / max(1, (y1 - y0) * (x1 - x0))
    inside = (x0 > 0, x1 < width, y1 < height)
    foot = round(_FOOT * tall * own.shape[0] / max(1, y1 - y0))
    found, sure = _dark_patch(logs, thing, (other > 127) & ~thing, area, inside, foot)
    if not found.any():
        return None, None
    if not sure:
        noted = found.sum() > _NOTED * area
        return None, "a dark patch at its foot, perhaps its shadow, stays" if noted else None
    soft = cv2.GaussianBlur(cv2.dilate(found.astype(np.uint8) * 255, np.ones((5, 5), np.uint8)), (0, 0), 1.5)
    soft = (soft * _towards_sides(soft.shape, (*inside, seen > 1 and y0 > 0))).astype(np.uint8)
    return (part, np.asarray(cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR), np.uint8)), None


def _towards_sides(shape: tuple[int, ...], inside: tuple[bool, ...]) -> Floats:
    """HxW: 1, and falling to 0 at those sides of the window (left, right, bottom, top) that are `inside` the picture: a shadow that goes on beyond has no edge there."""
    height, width = shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    away = (columns / width, 1 - (columns + 1) / width, 1 - (rows + 1) / height, rows / height)
    fade = np.ones(shape, np.float32)
    for far, faded in zip(away, inside, strict=True):
        if faded:
            fade = np.minimum(fade, np.clip(far / _FADE, 0, 1))
    return fade


def _log_light(pixels: Array) -> Floats:
    """Log of linear light, of a picture without its finest grain: HxWx3."""
    linear = (cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.float32) / 255) ** 2.2
    return np.asarray(np.log(linear + 0.004), np.float32)


def _dark_patch(
    logs: Floats, thing: Bools, other: Bools, area: float, inside: tuple[bool, bool, bool], foot: int
) -> tuple[Bools, bool]:
    """The dark patch of the ground's colour at the thing's foot, its lowest `foot` rows, and whether it is surely a shadow. `inside`: left, right, bottom are no frame."""
    nothing = np.zeros_like(thing)
    ground = ~thing & ~other
    if ground.sum() < 60:
        return nothing, False
    usual, rough = _usual_ground(logs, ground)
    gap = logs - usual
    mean = gap.mean(axis=2)
    tint = gap - mean[..., None]
    coloured = (np.abs(tint[..., :2]).max(axis=2) > _BLUER) | (tint[..., 2] < -_TINT) | (tint[..., 2] > _BLUER)
    dark = ground & (mean < -max(_DARKER, 2 * rough)) & (mean > -_BLACK) & ~coloured
    dark = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    count, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    sizes = np.bincount(labels.ravel(), minlength=count)
    contact = cv2.dilate(thing.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    rows = np.flatnonzero(thing.any(axis=1))
    contact[: rows[-1] + 1 - foot] = False
    joined = np.bincount(labels[contact], minlength=count) > 0
    joined[0] = False
    for edge, open_ground in zip((labels[:, 0], labels[:, -1], labels[-1]), inside, strict=True):
        if open_ground:
            joined &= np.bincount(edge, minlength=count) < _THROUGH * len(edge)
    found = joined[labels]
    if rough > _ROUGH or not _SMALL * area < found.sum() < _LARGE * area:
        return nothing, False
    elsewhere = ~(joined | _of_others(labels, other, inside))
    elsewhere[0] = False
    like_it = sizes[elsewhere].max(initial=0) > _LIKE_IT * sizes[joined].max(initial=0)
    if like_it and rough > _EVEN:
        return nothing, False
    return _to_its_edge(found, ground & (mean < -max(_PENUMBRA, rough)) & ~coloured), not like_it


def _of_others(labels: NDArray[np.int32], other: Bools, inside: tuple[bool, bool, bool]) -> Bools:
    """By label: the patches that begin at another thing, or that the window cuts on one side, where that is no frame. The light that throws those throws this one as well; a ground that
    has such patches has them on both sides."""
    found = np.zeros(int(labels.max()) + 1, np.bool_)
    found[labels[cv2.dilate(other.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0]] = True
    left, right = (
        (edge if free else edge[:0]) for edge, free in zip((labels[:, 0], labels[:, -1]), inside[:2], strict=True)
    )
    if not (left.any() and right.any()):
        found[left], found[right] = True, True
    return found


def _to_its_edge(found: Bools, dim: Bools) -> Bools:
    """The shadow with its soft edge: what is joined to it and still dim, as far as the shadow is thick."""
    thick = float(cv2.distanceTransform(np.pad(found, 1).astype(np.uint8), cv2.DIST_L2, 3).max())
    for _ in range(max(1, round(thick))):
        found = found | (dim & (cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0))
    return found


def _usual_ground(logs: Floats, ground: Bools) -> tuple[Floats, float]:
    """The ground's light as a plane, fitted to what is not darker than the rest; and how far the rest is from it (log light)."""
    height, width = ground.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    terms = np.stack([np.ones_like(rows), rows / height - 0.5, columns / width - 0.5], axis=2)
    light = logs.mean(axis=2)
    kept = ground & (light >= np.quantile(light[ground], 0.3))
    plane, rough = np.zeros_like(logs), 1.0
    for _ in range(6):
        weights, *_ = np.linalg.lstsq(terms[kept], logs[kept], rcond=None)
        plane = np.asarray(terms @ weights, np.float32)
        gap = light - plane.mean(axis=2)
        rough = 1.48 * float(np.median(np.abs(gap[kept])))
        again = ground & (np.abs(gap) < max(2.5 * rough, 0.1))
        if again.sum() < 40:
            break
        kept = again
    return plane, rough


def mirror_image(picture: Array, mask: Array, others: Array) -> Array:
    """The image of the thing in what lies below it (HxW uint8, 0 or 255): its pixels upside down, found again below its foot; else all 0."""
    found = np.zeros_like(mask)
    x, y, wide, tall = cv2.boundingRect((mask > 127).astype(np.uint8))
    height, width = mask.shape
    below = min(height - (y + tall), tall)
    if min(wide, tall) < _LEAST or below < max(_LEAST, tall // 5):
        return found
    side = wide // 4
    x0, x1 = max(0, x - side), min(width, x + wide + side)
    scale = min(1.0, _SIDE / max(x1 - x0, 2 * tall))
    size = max(4, round((x1 - x0) * scale)), max(4, round((tall + below) * scale))
    part = np.s_[y : y + tall + below, x0:x1]
    lab = cv2.cvtColor(picture[part].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    small = cv2.GaussianBlur(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    own = cv2.resize((mask[part] > 127).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    other = cv2.resize((others[part] > 127).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    foot = min(round(tall * scale), small.shape[0] - 4)
    best, image = _best_image(small, own, other, foot)
    if best < _MIRRORED or other[foot:][image > 0].mean() > _COVERED:
        return found
    whole = np.zeros(own.shape, np.uint8)
    whole[foot:] = image
    whole = cv2.dilate(whole, np.ones((5, 5), np.uint8)) * np.uint8(255)
    found[part] = np.where(cv2.resize(whole, (x1 - x0, tall + below), interpolation=cv2.INTER_LINEAR) > 127, 255, 0)
    return found


def _best_image(small: Floats, own: Bools, other: Bools, foot: int) -> tuple[float, Array]:
    """The highest correlation of what is below row `foot` with the thing upside down, over small shifts and squashes; and its outline there."""
    seen, blocked = small[foot:], other[foot:]
    upside, outline = small[:foot][::-1], own[:foot][::-1].astype(np.uint8)
    best, image = 0.0, np.zeros(seen.shape[:2], np.uint8)
    for squash in (1.0, 0.85, 0.7):
        size = (small.shape[1], max(4, round(foot * squash)))
        there = cv2.resize(outline, size, interpolation=cv2.INTER_NEAREST)
        colours = cv2.resize(upside, size, interpolation=cv2.INTER_AREA)
        for shift in range(-foot // 12, foot // 12 + 1, max(1, foot // 24)):
            top, start = max(0, shift), max(0, -shift)
            rows = min(len(there) - start, len(seen) - top)
            if rows < 4:
                continue
            inside = np.zeros(seen.shape[:2], np.bool_)
            inside[top : top + rows] = there[start : start + rows] > 0
            expected = np.zeros_like(seen)
            expected[top : top + rows] = colours[start : start + rows]
            value = _correlation(seen, expected, inside, ~inside & ~blocked)
            if value > best:
                best, image = value, inside.astype(np.uint8)
    return best, image


def _correlation(seen: Floats, expected: Floats, inside: Bools, outside: Bools) -> float:
    """How far the thing's colours, seen against the ground beside it, come again inside the outline; 0 where that cannot be told."""
    if inside.sum() < 20 or outside.sum() < 20:
        return 0.0
    ground = np.median(seen[outside], axis=0)
    expected = np.where(inside[..., None], expected - ground, 0)
    use = inside | outside
    a, b = (seen - ground)[use].ravel(), expected[use].ravel()
    size = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / max(size, 1e-6)
