"""What a neighbourhood looks like: its tones, light, sharpness and grain, measured so that a cut-out can be fitted to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.placing.lifting import FAINT, bounds
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats: TypeAlias = NDArray[np.float32]
_FOOT = 8
"""The lowest eighth of a thing is its foot."""
_RING, _OUTSIDE, _INSIDE = 15, 16, 200
"""Pixels about a shadow in which the lit ground is measured; alpha under which a pixel is not the thing's, and over which it is in the shadow."""
_ASIDE, _DOWN = 0.9, (-0.3, 0.6)
"""How far a new shadow is drawn at most, in heights of the thing: what falls farther back than this often lies on a wall."""
_CORE = 20
"""Percentile of the light within a shadow's mask that is the shadow's own."""
_DARK, _LONGEST = (0.15, 0.65), 2.0
"""Least and most darkness of a shadow, and its most length in heights of the thing: what is longer is none, or that of several things."""
_MEASURE = 320
"""Longest side of the copy that statistics are taken from."""


@dataclass(frozen=True)
class ShadowCast:
    """A shadow on the ground. `light`: -1 the light comes from the left .. 1 from the right; `aside`, `down`: where the shadow of the thing's top lies, from its
    foot, in heights of the thing (down is towards the viewer); `dark`: share of the light that the ground loses."""

    light: float
    aside: float
    down: float
    dark: float


@dataclass(frozen=True)
class Surroundings:
    """What a neighbourhood looks like. `dark`, `bright`: 3rd and 97th percentile of lightness, 0..255; `tint`: gains of the light's colour,
    mean 1; `chroma`: 90th percentile of colourfulness; `blur`: the sharpest edges' spread in pixels; `grain`: noise, 0..255; `light`: -1
    light from the left .. 1 from the right; `hard`: 0 overcast .. 1 strong shadows."""

    dark: float
    bright: float
    middle: float
    tint: tuple[float, float, float]
    chroma: float
    blur: float
    grain: float
    light: float
    hard: float
    cast: ShadowCast | None = None
    """The picture's own shadows, where there are any."""


def surroundings_of(picture: Array, box: Box) -> Surroundings:
    """Measure the surroundings of `box` in a picture (HxWx3 uint8)."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    pad = max(x1 - x0, y1 - y0, 24)
    part = picture[max(0, y0 - pad) : min(height, y1 + pad), max(0, x0 - pad) : min(width, x1 + pad)]
    near, all_of_it = shrink(part, _MEASURE, least=2), shrink(picture, _MEASURE, least=2)
    lab = cv2.cvtColor(near, cv2.COLOR_RGB2LAB).astype(np.float32)
    far = cv2.cvtColor(all_of_it, cv2.COLOR_RGB2LAB).astype(np.float32)
    dark, middle, bright = (
        0.6 * np.percentile(lab[..., 0], q) + 0.4 * np.percentile(far[..., 0], q) for q in (3, 50, 97)
    )
    chroma = np.percentile(np.hypot(lab[..., 1] - 128, lab[..., 2] - 128), 90)
    grain = noise_of(part)
    blur = edge_spread(part)
    if blur is None:
        blur = edge_spread(picture)
    columns = all_of_it.shape[1]
    lightness = cv2.GaussianBlur(far[..., 0], (0, 0), columns / 20)
    left, right = float(lightness[:, : columns // 2].mean()), float(lightness[:, columns // 2 :].mean())
    light = float(np.clip((right - left) / 40, -1, 1))
    hard = float(np.clip((bright - dark - 110) / 110, 0, 1))
    return Surroundings(
        float(dark),
        float(bright),
        float(middle),
        illuminant(all_of_it, near),
        float(chroma),
        blur or 0.7,
        grain,
        light,
        hard,
    )


def cast_by(picture: Array, mask: Array) -> ShadowCast | None:
    """How the thing under `mask` (HxW uint8) throws its shadow on the ground; None where no shadow of it is seen."""
    shadow, box = cast_shadow(picture, mask)[0], bounds(mask, FAINT)
    if box is None or not shadow.any():
        return None
    tall = box[3] - box[1]
    foot = mask[box[3] - max(1, tall // _FOOT) : box[3]].sum(axis=0, dtype=np.float64)
    if foot.sum() == 0:
        return None
    rows, columns = shadow.sum(axis=1, dtype=np.float64), shadow.sum(axis=0, dtype=np.float64)
    aside = np.average(np.arange(mask.shape[1]), weights=columns) - np.average(np.arange(mask.shape[1]), weights=foot)
    down = np.average(np.arange(mask.shape[0]), weights=rows) - box[3]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    # Beyond its soft rim, so that shade and ground are compared and not their border.
    free = mask < _OUTSIDE
    about = (cv2.dilate(shadow, np.ones((_RING, _RING), np.uint8)) > 0) & (shadow == 0) & free
    inside = free & (shadow > _INSIDE)
    if not (about.any() and inside.any()):
        return None
    # The mask of a shadow is a little larger than the shadow.
    lit, shade = float(np.median(grey[about])), float(np.percentile(grey[inside], _CORE))
    light = float(np.clip(-2 * aside / max(box[2] - box[0], 1), -1, 1))
    dark = float(np.clip(1 - shade / max(lit, 1.0), *_DARK))
    # What is seen of a shadow is about its middle; its far end lies twice as far from the foot.
    end = float(2 * aside / max(tall, 1)), float(2 * down / max(tall, 1))
    if max(map(abs, end)) >= _LONGEST:
        return None
    return ShadowCast(light, float(np.clip(end[0], -_ASIDE, _ASIDE)), float(np.clip(end[1], *_DOWN)), dark)


def illuminant(picture: Array, near: Array) -> tuple[float, float, float]:
    """The light's colour as RGB gains of mean 1: shades of grey with p = 6 (Finlayson and Trezzi 2004), the picture and its part averaged."""
    gains = np.zeros(3)
    for part, weight in ((picture, 0.6), (near, 0.4)):
        flat = part.reshape(-1, 3).astype(np.float32) / 255
        usable = flat[flat.max(axis=1) < 0.98]  # clipped pixels have lost their colour
        power = np.power((usable if len(usable) > 50 else flat) ** 6, 1.0).mean(axis=0) ** (1 / 6)
        gains += weight * power / max(float(power.mean()), 1e-4)
    r, g, b = np.clip(gains, 0.86, 1.14)
    return float(r), float(g), float(b)


def noise_of(picture: Array) -> float:
    """Standard deviation of a picture's noise, 0..255: the difference operator of Immerkaer (1996), its median so that texture counts less."""
    grey = _centre(picture)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(min(np.median(np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))) / (0.6745 * 6), 12.0))


def edge_spread(picture: Array) -> float | None:
    """Spread (sigma, pixels) of the sharpest edges of a picture, by re-blurring: an edge of spread s keeps the share s / sqrt(s^2 + 1)
    of its slope when blurred with sigma 1 (Zhuo and Sim 2011, section 3). None where there is no edge."""
    grey = _centre(picture)
    again = cv2.GaussianBlur(grey, (0, 0), 1.0)
    slope = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    after = cv2.magnitude(cv2.Sobel(again, cv2.CV_32F, 1, 0), cv2.Sobel(again, cv2.CV_32F, 0, 1))
    strong = slope >= max(float(np.percentile(slope, 98)), 60.0)
    if int(strong.sum()) < 20:
        return None
    ratio = float(np.percentile(slope[strong] / np.maximum(after[strong], 1e-3), 60))
    spread = 1 / max(ratio * ratio - 1, 1e-3) - 0.58  # the Sobel operator's own spread
    return float(np.clip(np.sqrt(max(spread, 0.09)), 0.3, 6.0))


def _centre(picture: Array) -> Floats:
    """At most 640 x 640 grey pixels from the middle, at full resolution: sharpness and noise do not survive a reduction."""
    height, width = picture.shape[:2]
    top, left = max(0, height // 2 - 320), max(0, width // 2 - 320)
    part = np.ascontiguousarray(picture[top : top + 640, left : left + 640])
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
