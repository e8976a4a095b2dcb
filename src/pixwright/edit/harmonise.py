"""Make a cut-out look as if it had been photographed with the picture: light, colour, contrast, sharpness, grain and shadow.

Everything is measured on a reduced copy of the surroundings and applied in the cut-out's own box.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.library import Cutout
from pixwright.edit.place import Spot
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats = NDArray[np.float32]
_MEASURE = 320
"""Longest side of the copy that statistics are taken from."""


@dataclass(frozen=True)
class Look:
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


def look_at(picture: Array, box: Box) -> Look:
    """Measure the surroundings of `box` in a picture (HxWx3 uint8)."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    pad = max(x1 - x0, y1 - y0, 24)
    part = picture[max(0, y0 - pad) : min(height, y1 + pad), max(0, x0 - pad) : min(width, x1 + pad)]
    near, all_of_it = _small(part), _small(picture)
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
    return Look(
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


def _small(picture: Array) -> Array:
    scale = min(1.0, _MEASURE / max(picture.shape[:2]))
    size = (max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


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
    return float(np.clip(1 / np.sqrt(max(ratio * ratio - 1, 1e-3)), 0.3, 6.0))


def _centre(picture: Array) -> Floats:
    """At most 640 x 640 grey pixels from the middle, at full resolution: sharpness and noise do not survive a reduction."""
    height, width = picture.shape[:2]
    top, left = max(0, height // 2 - 320), max(0, width // 2 - 320)
    return cv2.cvtColor(np.ascontiguousarray(picture[top : top + 640, left : left + 640]), cv2.COLOR_RGB2GRAY).astype(
        np.float32
    )


def relight(rgba: Array, look: Look, photographic: bool) -> Array:
    """Fit a cut-out's tones to `look`, its identity kept: HxWx4 uint8 -> HxWx4 uint8."""
    solid = rgba[..., 3] > 128
    if not solid.any():
        return rgba
    rgb = np.clip(rgba[..., :3].astype(np.float32) * (0.4 + 0.6 * np.array(look.tint, np.float32)), 0, 255).astype(
        np.uint8
    )
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    low, mid, high = np.percentile(lab[..., 0][solid], (3, 50, 97))
    trust = 0.45 if photographic else 0.65
    goal_high = (1 - trust) * high + trust * min(high, look.bright + 8)
    goal_low = low + trust * (float(np.clip(look.dark, 0, 90)) - low) * (0.8 if look.dark > low else 0.5)
    # The middle follows the surroundings a little: a thing in the dark is dark all over.
    gamma = 1.0 + float(np.clip((118 - look.middle) / 118, -0.25, 0.55)) * trust
    unit = np.clip((lab[..., 0] - low) / max(high - low, 1), 0, 1.2)
    lab[..., 0] = goal_low + np.power(unit, gamma) * max(goal_high - goal_low, 20)
    own = float(np.percentile(np.hypot(lab[..., 1] - 128, lab[..., 2] - 128)[solid], 90))
    ratio = float(np.clip((look.chroma + 22) / max(own, 1), 0.55, 1.0))
    ratio = 1 - (1 - ratio) * (0.5 if photographic else 0.8)
    lab[..., 1:] = 128 + (lab[..., 1:] - 128) * ratio
    ramp = np.linspace(-1, 1, rgba.shape[1], dtype=np.float32)[None, :] * look.light
    fall = np.linspace(0.35, -0.65, rgba.shape[0], dtype=np.float32)[:, None] * 0.1
    lab[..., 0] *= 1 + 0.12 * ramp + fall
    out = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return np.dstack([out, rgba[..., 3]])


def scaled(rgba: Array, width: int, height: int) -> Array:
    """Resize with premultiplied alpha, so that no colour of the transparent part leaks in; enlarging is Lanczos, then sharpened."""
    shrink = width < rgba.shape[1] or height < rgba.shape[0]
    way = cv2.INTER_AREA if shrink else cv2.INTER_LANCZOS4
    alpha = rgba[..., 3:].astype(np.float32) / 255
    pre = np.dstack([rgba[..., :3].astype(np.float32) * alpha, alpha * 255])
    big = np.clip(cv2.resize(pre, (width, height), interpolation=way), 0, 255)
    factor = max(width / rgba.shape[1], height / rgba.shape[0])
    if factor > 1.3:
        soft = cv2.GaussianBlur(big, (0, 0), 0.8 * factor)
        big = np.clip(big + 0.55 * (big - soft), 0, 255)
    colour = big[..., :3] * (255 / np.maximum(big[..., 3:], 1))
    return np.clip(np.dstack([np.clip(colour, 0, 255), big[..., 3]]), 0, 255).astype(np.uint8)


def paste(
    picture: Array, cutout: Cutout, spot: Spot, rng: np.random.Generator, *, native: bool = False
) -> tuple[Array, Array]:
    """Put a harmonised cut-out into a copy of the picture: -> (HxWx3 uint8, mask HxW uint8: 255 wherever a pixel was touched).

    `native`: the cut-out comes from this very picture, so that its light, sharpness and grain are right already.
    """
    x0, y0, x1, y1 = spot.box
    look = look_at(picture, spot.anchor or spot.box)
    rgba = cutout.pixels[:, ::-1] if spot.mirrored else cutout.pixels
    rgba = np.ascontiguousarray(rgba) if native else relight(np.ascontiguousarray(rgba), look, cutout.photographic)
    rgba = scaled(rgba, x1 - x0, y1 - y0)
    own = look.blur if native else edge_spread(rgba[..., :3]) or 0.7
    sigma = float(np.sqrt(max(look.blur**2 - own**2, 0.0)))
    shadow = ground_shadow(rgba[..., 3], look) if spot.contact else None
    pad = (shadow.shape[0] - (y1 - y0)) // 2 if shadow is not None else 8 + round(3 * sigma)
    layer = np.pad(rgba, ((pad, pad), (pad, pad), (0, 0)))
    layer = layer if native else _soften(layer, max(sigma, 0.45))
    return _draw(picture, layer, shadow, (x0 - pad, y0 - pad), spot.front, 0.0 if native else look.grain, rng)


def _soften(layer: Array, sigma: float) -> Array:
    alpha = layer[..., 3:].astype(np.float32) / 255
    pre = cv2.GaussianBlur(np.dstack([layer[..., :3] * alpha, alpha * 255]), (0, 0), sigma)
    colour = pre[..., :3] * (255 / np.maximum(pre[..., 3:], 1))
    return np.clip(np.dstack([colour, pre[..., 3]]), 0, 255).astype(np.uint8)


def ground_shadow(alpha: Array, look: Look) -> Floats:
    """How much light the ground loses, 0..1, on a canvas padded by half the thing's width all round: HxW uint8 -> float32."""
    height, width = alpha.shape
    pad = max(12, width // 2)
    scale = min(1.0, 256 / max(height, width))  # a shadow is soft: it is drawn small
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = _shadow(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), look, round(pad * scale))
    return cv2.resize(small, (width + 2 * pad, height + 2 * pad), interpolation=cv2.INTER_LINEAR)


def _shadow(alpha: Array, look: Look, pad: int) -> Floats:
    """Three layers: a dark line where it touches, a soft pool around its foot, and, in hard light, its outline laid down away from the light."""
    height, width = alpha.shape
    canvas = np.zeros((height + 2 * pad, width + 2 * pad), np.float32)
    foot = np.flatnonzero((alpha[round(height * 0.9) :] > 90).any(axis=0))
    if not foot.size:
        return canvas
    left, right = int(foot[0]) + pad, int(foot[-1]) + pad
    ground = height + pad
    middle, half = (left + right) / 2, max((right - left) / 2, 2)

    def pool(wide: float, flat: float, lift: float, sigma: float, dark: float) -> None:
        layer = np.zeros_like(canvas)
        axes = (max(1, round(half * wide)), max(1, round(half * flat)))
        cv2.ellipse(
            layer,
            (round(middle - look.light * half * 0.15), round(ground - lift)),
            axes,
            0,
            0,
            360,
            1.0,
            -1,
            cv2.LINE_AA,
        )
        np.maximum(canvas, dark * cv2.GaussianBlur(layer, (0, 0), max(sigma, 0.6)), out=canvas)

    flat = float(np.clip(0.22, 0.03 * height / half, 0.3))
    pool(1.0, 0.3 * flat, 0.1 * flat * half, 0.04 * half, 0.62)
    pool(1.1, flat, 0.25 * flat * half, 0.14 * half, 0.36 + 0.12 * look.hard)
    pool(1.5, 1.5 * flat, 0.2 * flat * half, 0.4 * half, 0.2)
    if look.hard > 0.35:
        lay = -0.9 * (look.light if abs(look.light) > 0.15 else 0.15)
        move = np.array(
            [[1, -lay * 0.35, pad + lay * 0.35 * height], [0, 0.22, ground - 0.22 * height - 1]], np.float32
        )
        cast = cv2.warpAffine(alpha.astype(np.float32) / 255, move, (canvas.shape[1], canvas.shape[0]))
        np.maximum(canvas, 0.3 * look.hard * cv2.GaussianBlur(cast, (0, 0), 0.05 * half + 1), out=canvas)
    return canvas


def _draw(
    picture: Array, layer: Array, shadow: Floats | None, corner: tuple[int, int], front: Array | None, grain: float, rng: np.random.Generator
) -> tuple[Array, Array]:  # fmt: skip
    height, width = picture.shape[:2]
    left, top = corner
    tall, wide = layer.shape[:2]
    noise = grain * rng.standard_normal((tall, wide, 1), dtype=np.float32)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + wide), min(height, top + tall)
    mask = np.zeros((height, width), np.uint8)
    result = picture.copy()
    if x0 >= x1 or y0 >= y1:
        return result, mask
    here, there = np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = layer[there][..., 3].astype(np.float32) / 255
    shade = shadow[there].copy() if shadow is not None else np.zeros_like(alpha)
    if front is not None:
        free = 1 - front[here].astype(np.float32) / 255
        alpha, shade = alpha * free, shade * free
    under = result[here].astype(np.float32) * (1 - shade[..., None])
    over = layer[there][..., :3].astype(np.float32) + noise[there]
    mixed = under + (over - under) * alpha[..., None]
    touched = (alpha > 0.004) | (shade > 0.012)
    result[here] = np.where(touched[..., None], np.clip(mixed + 0.5, 0, 255).astype(np.uint8), result[here])
    mask[here] = np.where(touched, 255, 0)
    return result, mask
