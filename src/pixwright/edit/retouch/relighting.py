"""A cast shadow is lit again: a gain for each channel, as soft at its border as the shadow is, so that all that lies in it stays.

What is dark within the place that is shown is compared with the ground across its border (Finlayson et al. 2006, doi:10.1109/TPAMI.2006.18: one ratio of light on either side).
It is a shadow only where nearly all of its border has that ratio, in nearly one colour; a dark carpet or a thing is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.filling.copying import diffuse
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE, _LEAST = 420, 60
"""Longer side, in pixels, of the window at which a shadow is measured, and its least area there."""
_AROUND = 0.35
"""Ground beside the place that is seen with it, as a share of its longer side."""
_REACH = 0.03
"""How far from the place its shadow may go on, and on either side of its border the light is compared, of the window's longer side."""
_GAMMA, _DARK = 2.2, 0.004
"""From pixels to light, and the light that is added before a logarithm."""
_FAINT, _BLACK = 0.22, 2.2
"""Difference of log light below which there is no shadow, and above which what lies in it cannot be seen."""
_STEADY, _AGREEING = 0.3, 0.85
"""Deviation of that difference along the border, over the difference itself, up to which it is one light; and the share of the border that is darker inside at least."""
_TINT, _BLUER = 0.12, 0.35
"""How far a channel's difference may be from the mean's, over the mean; of blue, how much less it may be, since the sky lights a shadow."""
_ROUGH = 2.5
"""Fine detail on one side of the border over that on the other, at most: more is another surface."""
_DEEP, _SOFT, _DARKEST = 0.5, 1.5, 1.15
"""Depth in the shadow, over its greatest, at which it is darkest; how much darker that may be than near its border, and a place of it than that."""
_CALM = 0.03
"""Fine detail of the ground, over the shadow's depth, up to about which it has no texture to lose."""
_LINE = 0.25
"""How far from the border, over the distance that is looked at, light is compared pixel by pixel."""
_LONGER = 3.0
"""Area of a whole shadow over the part of it that was found beside its thing, at most."""
_LINES = 24
"""Pixels of border, at least, that are compared."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Relit:
    """`picture` HxWx3 uint8 without the shadow; `mask` HxW uint8: how much each pixel lay in it; `why`: empty, or why nothing was done, in words."""

    picture: Array
    mask: Array
    why: str = ""


def relit(picture: Array, place: Array, things: Array | None = None) -> Relit:
    """HxWx3 with the shadow lit that lies in `place` (HxW uint8). `things` HxW uint8: what is no ground and stays as it is."""
    mask = np.zeros_like(place)
    x, y, wide, tall = cv2.boundingRect((place > 127).astype(np.uint8))
    if not wide:
        return Relit(picture, mask, "no place was shown")
    around = round(_AROUND * max(wide, tall))
    part = np.s_[max(0, y - around) : y + tall + around, max(0, x - around) : x + wide + around]
    pixels, own = shrink(picture[part], _SIDE), shrink(place[part], _SIDE) > 127
    other = np.zeros_like(own) if things is None else shrink(things[part], _SIDE) > 64
    light = np.log((pixels.astype(np.float32) / 255) ** _GAMMA + _DARK)
    reach = max(3, round(_REACH * max(own.shape)))
    dark, gap = _dark(light.mean(axis=2), own, other, reach)
    if dark.sum() < _LEAST:
        return Relit(picture, mask, "nothing there is darker than the ground beside it")
    away = _signed(dark)
    if away.max() < reach:
        return Relit(picture, mask, "what is dark there is too narrow to be compared with the ground beside it")
    gain, why = _gain(light, away, ~other, reach)
    if why:
        return Relit(picture, mask, why)
    height = float(gain.mean())
    deep = dark & (away > _DEEP * away.max())
    # Of a soft border the two sides that were compared lie within it.
    height *= float(np.clip(np.median(gap[deep]) / height, 1, _SOFT))
    gain *= height / gain.mean()
    share = np.clip(_share(gap, away, ~other, 2 * reach) / height, 0, _DARKEST)
    share[other] = 0
    mean = light.mean(axis=2)
    rough = float(np.median(np.abs(mean - cv2.GaussianBlur(mean, (0, 0), 1.0))[(away < -reach) & ~other]))
    calm = float(np.clip(1.5 - rough / (_CALM * height), 0, 1))
    full = _at_full_size(share, gap + mean, away / (2 * reach), picture[part], calm, height)
    lit = picture[part] * np.exp(full[..., None] * gain / _GAMMA)
    new = picture.copy()
    new[part] = np.rint(np.clip(lit, 0, 255))
    mask[part] = np.where((new[part] != picture[part]).any(axis=2), 255, 0)
    return Relit(new, mask)


def whole_shadow(picture: Array, seen: Array, things: Array) -> Array:
    """The place (HxW uint8, 0 or 255) of a shadow of which `seen` is a part: what is joined to it and as dark, if that is not much more. `things`: what is no ground."""
    small, part, other = shrink(picture, _SIDE), shrink(seen, _SIDE) > 127, shrink(things, _SIDE) > 64
    light = np.log((small.astype(np.float32) / 255) ** _GAMMA + _DARK).mean(axis=2)
    light = cv2.GaussianBlur(light, (0, 0), 1.5)
    reach = max(3, round(_AROUND / 2 * np.sqrt(part.sum())))
    near, far = (
        cv2.dilate(part.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * one + 1, 2 * one + 1))) > 0
        for one in (reach // 3, reach)
    )
    ring = far & ~near & ~other
    if not part.any() or not ring.any():
        return seen
    level = (float(np.median(light[ring])) + float(np.median(light[part & ~other]))) / 2
    _, labels = cv2.connectedComponents(((light < level) & ~other).astype(np.uint8), connectivity=4)
    joined = np.unique(labels[part & (labels > 0)])
    found = np.isin(labels, joined) & (labels > 0)
    if found.sum() > _LONGER * part.sum():
        return seen
    grown = cv2.resize((found | part).astype(np.float32), seen.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(grown > 1 / 2, 255, 0).astype(np.uint8)


def _dark(light: Floats, own: Bools, other: Bools, reach: int) -> tuple[Bools, Floats]:
    """What is dark in the place and just beside it, against the light of the ground around: the darker of two classes (Otsu 1979); and by how much every pixel is (HxW, log light)."""
    near = cv2.dilate(own.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    ground = ~near & ~other
    if ground.sum() < _LEAST:
        return np.zeros_like(own), np.zeros_like(light)
    usual = diffuse(np.repeat(light[..., None], 3, 2), ground)[..., 0]
    gap = cv2.GaussianBlur(usual - light, (0, 0), 1.5)
    asked = near & ~other
    levels = np.clip(gap[asked] / _BLACK * 255, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = (asked & (gap > max(level / 255 * _BLACK, _FAINT / 2))).astype(np.uint8)
    kernel = np.ones((5, 5), np.uint8)
    dark = cv2.morphologyEx(cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel), cv2.MORPH_CLOSE, kernel)
    return np.asarray((dark > 0) & ~other, np.bool_), np.asarray(usual - light, np.float32)


def _signed(dark: Bools) -> Floats:
    """Distance to the border in pixels, more than 0 inside."""
    inside, outside = (
        cv2.distanceTransform(one.astype(np.uint8), cv2.DIST_L2, 5).astype(np.float32) for one in (dark, ~dark)
    )
    return np.asarray(inside - outside, np.float32)


def _gain(light: Floats, away: Floats, ground: Bools, reach: int) -> tuple[Floats, str]:
    """(3,) the difference of log light across the border, and why it is no shadow's."""
    smooth = cv2.GaussianBlur(away, (0, 0), 2.0)
    dy, dx = np.gradient(smooth)
    rows, columns = np.nonzero((np.abs(away) < 1.5) & ground)
    steep = np.maximum(np.hypot(dx, dy)[rows, columns], 1e-3)
    across = np.stack([dy[rows, columns], dx[rows, columns]], 1) / steep[:, None] * (reach + 2)
    places = np.stack([rows, columns], 1)
    sides, known = [], np.ones(len(rows), np.bool_)
    mean = cv2.GaussianBlur(light, (0, 0), 1.5)
    for way in (-1, 1):
        at = np.rint(places + way * across).astype(int)
        known &= (at >= 0).all(axis=1) & (at < light.shape[:2]).all(axis=1)
        at = np.clip(at, 0, np.array(light.shape[:2]) - 1)
        known &= ground[at[:, 0], at[:, 1]] & (np.sign(away[at[:, 0], at[:, 1]]) == way)
        sides.append(mean[at[:, 0], at[:, 1]])
    nothing = np.zeros(3, np.float32)
    if known.sum() < _LINES:
        return nothing, "too little of its border lies on open ground"
    steps = (sides[0] - sides[1])[known]
    gain = np.median(steps, axis=0)
    height = float(gain.mean())
    along = steps.mean(axis=1)
    if not _FAINT < height < _BLACK or (along > _FAINT / 2).mean() < _AGREEING:
        return nothing, f"what is dark there has no border that a shadow has ({height:.2f} in log light)"
    if 1.48 * float(np.median(np.abs(along - height))) > _STEADY * height:
        return nothing, "the light differs along its border, as of several surfaces"
    off = gain / height - 1
    if max(abs(float(off[0])), abs(float(off[1]))) > _BLUER or off[2] > _TINT or off[2] < -_BLUER or off[0] < -_TINT:
        return nothing, "what is dark there has another colour than the ground beside it"
    fine = np.abs(light.mean(axis=2) - mean.mean(axis=2))
    inside, outside = (ground & (way * away > reach / 2) & (np.abs(away) < 4 * reach) for way in (1, -1))
    if min(inside.sum(), outside.sum()) < _LEAST:
        return nothing, "it is too narrow to be compared with the ground beside it"
    inner, outer = (float(np.median(fine[on])) + 0.01 for on in (inside, outside))
    if not 1 / _ROUGH < inner / outer < _ROUGH:
        return nothing, "what is dark there has other detail than the ground beside it"
    return gain.astype(np.float32), ""


def _share(gap: Floats, away: Floats, ground: Bools, reach: int) -> Floats:
    """HxW: how far each pixel lies under the usual light, as it is on average of its neighbours at the same distance from the border: what is drawn on the ground stays."""
    found = np.zeros_like(gap)
    clipped = np.clip(away, -reach, reach)
    for distance in range(-reach, reach + 1, 2):
        own = np.maximum(0, 1 - np.abs(clipped - distance) / 2)
        counted = cv2.GaussianBlur(own * ground, (0, 0), reach / 2)
        mean = cv2.GaussianBlur(own * ground * gap, (0, 0), reach / 2) / np.maximum(counted, 1e-4)
        found += own * mean
    return np.asarray(found * np.clip(2 * (away + reach) / reach, 0, 1), np.float32)


def _at_full_size(share: Floats, usual: Floats, away: Floats, pixels: Array, calm: float, height: float) -> Floats:
    """The share at the size of `pixels` (HxWx3). Near the border it is what each pixel lacks of the `usual` light, so that no rim is left; the finer, the more `calm` (0 to 1) the ground is."""
    size = pixels.shape[1::-1]
    share, usual, away = (cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (share, usual, away))
    own = np.log((pixels.astype(np.float32) / 255) ** _GAMMA + _DARK).mean(axis=2)
    # On the border itself a blur would leave a dark line inside and a bright one outside.
    edge = calm * np.clip(_LINE - np.abs(away), 0, _LINE / 2) / (_LINE / 2)
    seen = edge * own + (1 - edge) * cv2.GaussianBlur(own, (0, 0), 1.0)
    lacking = np.clip((usual - seen) / height, 0, _DARKEST)
    near = np.clip(2 - 2 * np.abs(away), 0, 1)
    return np.asarray(near * lacking * (share > 0) + (1 - near) * share, np.float32)
