"""How a picture of any size meets a network of a fixed scale, and how what the network painted comes back at full size.

What comes back is one affine map of the colour for each pixel, `after = M before + v`. Where the network only shifted colours, M and v are fitted in small
windows (the guided filter, He et al. 2010, with the fit drawn to the identity), so that the photograph keeps its detail and the autoencoder's loss
cancels; where it drew something new, M is 0 and v the new picture; where it changed nothing, M is the identity and the mask 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats: TypeAlias = NDArray[np.float32]
Small: TypeAlias = Array | Floats
"""A picture at the network: HxWx3, uint8 or float32, 0 to 255."""

_SHARE = 0.4
"""Part of the window that the region shall cover."""
_ROOM = 1.2
"""The window's side, at least, in sides of the region's box."""
_STRIP = 256
_FLAT = 6.0
"""Contrast of a small window, in levels, below which only an offset is fitted."""


@dataclass(frozen=True)
class Window:
    """The part of a picture that a network sees, and its size there. Sizes are (height, width) in pixels."""

    size: tuple[int, int]
    """Of the picture."""
    box: Box
    inner: tuple[int, int]
    """Of the window at the network, longer side `side`."""
    outer: tuple[int, int]
    """Of what the network is given: `inner`, padded by reflection on all sides to multiples of its grid."""

    @property
    def scale(self) -> float:
        """Pixels of the picture to one of the network's; above 1 the network sees less than there is."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0) / max(self.inner)

    def take(self, picture: Array) -> Array:
        """What the network is given: HxWx3 uint8 of the picture's size -> `outer` x 3 uint8."""
        assert picture.shape[:2] == self.size, (picture.shape, self.size)
        return self._padded(resized(self._cut(picture), *self.inner))

    def take_mask(self, mask: Array) -> Array:
        """The same of a mask: HxW uint8 -> `outer` uint8, the share of each pixel."""
        assert mask.shape == self.size, (mask.shape, self.size)
        return self._padded(resized(self._cut(mask), *self.inner))

    def put(
        self, before: Array, decoded: Small, after: Small, *, redrawn: bool = False, limit: Array | None = None
    ) -> tuple[Array, Array]:
        """The edit at full size: (picture HxWx3 uint8, mask HxW uint8). The mask is 0 where the network changed nothing, and there the picture is `before`.

        before: HxWx3 uint8, the whole picture. decoded, after: `outer` x 3; the autoencoder's own reconstruction of what `take` gave, and the edit. `redrawn`:
        things were to appear, vanish or move, so that old detail is kept only where the drawing plainly stayed; otherwise it is kept wherever it
        still fits (colour, tone, light, style). limit: HxW uint8, the most that the mask may be; where it is 0 a steady drift of the network's colours is measured
        and taken out.
        """
        assert before.shape[:2] == self.size and before.dtype == np.uint8, (before.shape, self.size)
        assert decoded.shape == after.shape == (*self.outer, 3), (decoded.shape, after.shape, self.outer)
        was, now = (self._unpadded(np.asarray(one, np.float32)) for one in (decoded, after))
        shown = np.asarray(resized(self._cut(before), *self.inner), np.float32)
        outside = None if limit is None else resized(self._cut(limit), *self.inner) == 0
        now, noise = _settled(was, now, shown, outside)
        weight = _changed(was, now, noise) * self._ramp()
        picture, mask = before.copy(), np.zeros(self.size, np.uint8)
        if not weight.any():
            return picture, mask
        matrix, offset = _affine(was, now, _redrawn(was, now) if redrawn else _misfit(was, now))
        x0, y0, x1, y1 = self.box
        part = np.s_[y0:y1, x0:x1]
        _apply(picture[part], matrix, offset)
        large = cv2.resize(weight, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        mask[part] = np.rint(255 * np.clip(large, 0, 1)).astype(np.uint8)
        if limit is not None:
            mask = np.minimum(mask, limit)
        np.copyto(picture, before, where=(mask == 0)[..., None])
        return picture, mask

    def enlarge(self, small: Array) -> Array:
        """`outer` x 3 uint8 at the network -> the window at full size, softened by the enlargement and nothing else: for what has no old picture under it."""
        x0, y0, x1, y1 = self.box
        inner = np.rint(self._unpadded(np.asarray(small, np.float32))).astype(np.uint8)
        return resized(inner, y1 - y0, x1 - x0)

    def _cut(self, picture: Array) -> Array:
        x0, y0, x1, y1 = self.box
        return np.ascontiguousarray(picture[y0:y1, x0:x1])

    def _margins(self) -> tuple[int, int, int, int]:
        """Padding at the top, bottom, left and right."""
        tall, wide = (outer - inner for outer, inner in zip(self.outer, self.inner, strict=True))
        return tall // 2, tall - tall // 2, wide // 2, wide - wide // 2

    def _padded(self, small: Array) -> Array:
        return np.asarray(cv2.copyMakeBorder(small, *self._margins(), cv2.BORDER_REFLECT), np.uint8)

    def _unpadded(self, small: Floats) -> Floats:
        top, _, left, _ = self._margins()
        return np.ascontiguousarray(small[top : top + self.inner[0], left : left + self.inner[1]])

    def _ramp(self) -> Floats:
        """1 inside, falling to 0 towards those sides of the window that are not the picture's: no seam."""
        reach = max(2.0, max(self.inner) / 24)
        (height, width), (x0, y0, x1, y1) = self.size, self.box
        sides = []
        for count, open_low, open_high in ((self.inner[0], y0 > 0, y1 < height), (self.inner[1], x0 > 0, x1 < width)):
            place = np.arange(count, dtype=np.float32)
            low = place / reach if open_low else np.ones(count, np.float32)
            high = place[::-1] / reach if open_high else np.ones(count, np.float32)
            sides.append(np.clip(np.minimum(low, high), 0, 1))
        return np.asarray(sides[0][:, None] * sides[1][None], np.float32)


def window_for(height: int, width: int, mask: Array | None, side: int, multiple: int) -> Window:
    """The window for an edit of a picture, and its size at a network.

    mask: HxW uint8 of what is edited, None or empty for the whole picture. The window is as square as the picture allows, holds the mask's box with room around
    it, has at least `side` pixels a side where the picture has, and the mask covers about two fifths of it unless it is long or scattered. `multiple`: of this many
    pixels are the sides of what the network is given.
    """
    assert height > 0 and width > 0 and side > 0 and multiple > 0
    box = (0, 0, width, height) if mask is None or not mask.any() else _neighbourhood(mask, side)
    tall, wide = box[3] - box[1], box[2] - box[0]
    ratio = side / max(tall, wide)
    inner = max(1, round(tall * ratio)), max(1, round(wide * ratio))
    outer = (math.ceil(inner[0] / multiple) * multiple, math.ceil(inner[1] / multiple) * multiple)
    return Window((height, width), box, inner, outer)


def _neighbourhood(mask: Array, side: int) -> Box:
    height, width = mask.shape
    x, y, wide, tall = cv2.boundingRect((mask > 0).astype(np.uint8))
    area = float(mask.sum(dtype=np.float64)) / 255
    length = math.ceil(max(math.sqrt(area / _SHARE), _ROOM * max(wide, tall), side))
    (x0, x1), (y0, y1) = _span(x, wide, length, width), _span(y, tall, length, height)
    return x0, y0, x1, y1


def _span(start: int, size: int, length: int, limit: int) -> tuple[int, int]:
    """`length` pixels around start..start + size, moved into 0..limit; all of it where a tenth or less would be left over."""
    if length >= 0.9 * limit:
        return 0, limit
    low = min(max(0, start + size // 2 - length // 2), limit - length)
    return low, low + length


def _box(values: Floats, radius: float) -> Floats:
    side = 2 * round(radius) + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)


def _soft(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)


def _step(values: Floats, low: float, high: float) -> Floats:
    """0 at `low` and below, 1 at `high` and above, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _reach(small: Floats) -> float:
    """The unit of neighbourhoods at the network, pixels: 1 at 64 pixels, growing slower than the side."""
    return max(1.0, math.sqrt(max(small.shape[:2]) / 64))


def _settled(was: Floats, now: Floats, shown: Floats, outside: NDArray[np.bool_] | None) -> tuple[Floats, float]:
    """The edit without a steady drift of its colours, and the level (of 255) under which a difference says nothing."""
    noise = min(4.0, 1.5 + 0.15 * float(np.sqrt(np.mean((was - shown) ** 2))))
    if outside is None or outside.mean() < 0.1:
        return now, noise
    drift = np.median((now - was)[outside], axis=0)
    now = np.asarray(now - np.clip(drift, -12, 12), np.float32)
    left = _soft(now - was, _reach(was))[outside]
    return now, max(noise, min(6.0, 1.5 * float(np.median(np.abs(left)))))


def _changed(was: Floats, now: Floats, noise: float) -> Floats:
    """HxW in 0..1: where the edit differs from the reconstruction by more than noise, with soft edges; 0 elsewhere.

    A shift of colour is told from noise by its mean over a neighbourhood, a new texture by its strength. A faint difference counts where it touches a clear one.
    """
    reach, difference = _reach(was), now - was
    shift = np.abs(_soft(difference, reach)).max(axis=2)
    strength = np.sqrt(_soft(np.asarray((difference**2).mean(axis=2)), reach))
    seen = np.maximum(shift / noise, strength / (3 * noise))
    faint = (seen > 1).astype(np.uint8)
    _, labels = cv2.connectedComponents(faint, connectivity=8)
    clear = np.bincount(labels.ravel(), weights=(seen > 2).ravel()) > 0
    clear[0] = False
    kept = clear[labels].astype(np.uint8)
    grown = cv2.dilate(kept, np.ones((2 * round(reach) + 1,) * 2, np.uint8)).astype(np.float32)
    soft = _soft(grown, reach)
    return _step(soft, 0.05, 0.75)


def _slopes(picture: Floats) -> Floats:
    """HxWx6: horizontal and vertical differences of each channel."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, dx, dy, ksize=3, scale=0.25) for dx, dy in ((1, 0), (0, 1)))
    return np.concatenate([across, down], axis=2)


def _likeness(was: Floats, now: Floats) -> Floats:
    """HxW in -1..1: the correlation of slopes in a neighbourhood; where both are flat, 1."""
    a, b = _slopes(was), _slopes(now)
    radius, floor = 2 * _reach(was), 2.0**2 * 3
    both, one, two = (_box(np.asarray(v.sum(axis=2)), radius) for v in (a * b, a * a, b * b))
    return np.asarray((both + floor) / np.sqrt((one + floor) * (two + floor)), np.float32)


def _misfit(was: Floats, now: Floats) -> Floats:
    """HxW in 0..1: where not even a recoloured old detail fits the edit."""
    return _soft(1 - _step(_likeness(was, now), 0.15, 0.5), _reach(was))


def _redrawn(was: Floats, now: Floats) -> Floats:
    """HxW in 0..1: where something new was drawn, or something old taken away; inside of new outlines too."""
    reach = _reach(was)
    large = np.asarray(np.sqrt(_soft(np.asarray(((now - was) ** 2).mean(axis=2)), reach)), np.float32)
    new = np.maximum(1 - _step(_likeness(was, now), 0.6, 0.85), _step(large, 18, 36))
    side = 2 * round(4 * reach) + 1
    new = cv2.morphologyEx(new, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return _soft(np.asarray(new, np.float32), 0.6 * reach) * _step(large, 4, 10)


def _affine(was: Floats, now: Floats, anew: Floats) -> tuple[Floats, Floats]:
    """M (HxWx3x3) and v (HxWx3, levels) of `after = M before + v`: M fitted where `anew` is 0, none where it is 1; v so that, made small, the result is the edit."""
    difference, radius = now - was, 2 * _reach(was)
    mean, target = _box(was, radius), _box(difference, radius)
    spread = np.empty((*was.shape[:2], 3, 3), np.float32)
    joint = np.empty_like(spread)
    for i in range(3):
        product = _box(was[..., i : i + 1] * np.concatenate([was, difference], axis=2), radius)
        spread[..., i, :] = product[..., :3] - mean[..., i : i + 1] * mean
        joint[..., i, :] = product[..., 3:] - mean[..., i : i + 1] * target
    gain = np.linalg.solve(spread + _FLAT**2 * np.eye(3, dtype=np.float32), joint).swapaxes(2, 3)
    gain = _box(np.clip(gain, -1.5, 1.5).reshape(*was.shape[:2], 9), radius).reshape(spread.shape)
    matrix = np.asarray((1 - anew)[..., None, None] * (np.eye(3, dtype=np.float32) + gain), np.float32)
    return matrix, np.asarray(now - np.einsum("hwij,hwj->hwi", matrix, was), np.float32)


def _apply(picture: Array, matrix: Floats, offset: Floats) -> None:
    """`picture` HxWx3 uint8 becomes `M picture + v` in place, M and v enlarged to its size; by strips, so that 12 megapixels need little memory."""
    height, width = picture.shape[:2]
    maps = np.concatenate([matrix.reshape(*matrix.shape[:2], 9), offset], axis=2)
    step = min(4, max(1, round(max(height, width) / max(maps.shape[:2]))), max(1, 1024 // max(maps.shape[:2])))
    finer = (maps.shape[0] * step, maps.shape[1] * step)
    wide = [_enlarged(_enlarged(maps[..., i : i + 4], finer), (finer[0], width)) for i in (0, 4, 8)]
    rows = np.clip((np.arange(height, dtype=np.float32) + 0.5) * finer[0] / height - 0.5, 0, finer[0] - 1)
    above = np.floor(rows).astype(np.intp)
    below, share = np.minimum(above + 1, finer[0] - 1), (rows - above).astype(np.float32)[:, None, None]
    for top in range(0, height, _STRIP):
        here = np.s_[top : min(top + _STRIP, height)]
        weight = share[here]
        planes = [m[above[here]] * (1 - weight) + m[below[here]] * weight for m in wide]
        flat = [plane[..., i] for plane in planes for i in range(4)]
        old = picture[here].astype(np.float32)
        for c in range(3):
            new = sum((flat[3 * c + k] * old[..., k] for k in range(3)), flat[9 + c])
            picture[here][..., c] = np.clip(np.rint(new), 0, 255).astype(np.uint8)


def _enlarged(maps: Floats, size: tuple[int, int]) -> Floats:
    """Cubic to a finer grid of both, then linear along one: no blocks, no ringing at full size."""
    if maps.shape[:2] == size:
        return maps
    way = cv2.INTER_CUBIC if maps.shape[0] != size[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(maps), size[::-1], interpolation=way), np.float32)
