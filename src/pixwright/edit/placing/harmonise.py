"""Make a cut-out look as if it had been photographed with the picture: light, colour, contrast, sharpness, grain and shadow.

Everything is measured on a reduced copy of the surroundings and applied in the cut-out's own box.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.placing.place import Spot
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.surroundings import Floats, ShadowCast, Surroundings, edge_spread, surroundings_of
from pixwright.edit.surfaces.noise import fbm
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_DRAWN_CHROMA, _DRAWN_RATIO = (0.9, 12.0), (0.65, 1.0)
"""Most colourfulness of a drawing: a share of that of its surroundings, and more; and how far it may be taken back."""
_ORDINARY, _DIM = 235.0, 80.0
"""Lightness, of 255, of the brightest of the surroundings from which the light is an ordinary one, in which a photographed thing is right but for the light's colour; and
how much less it is where the thing takes on all of their tones. Measured on things of 27 photographs, with and without another light: recipes/train/harmoniser.py score."""
_EDGE_SHADE, _EDGE_WIDTH = 0.28, 0.05
"""How much darker a drawing's outline becomes, and over which share of its size."""
_UNEVEN, _UNEVEN_SCALE = 0.16, 0.05
"""How uneven a drawing's surface becomes, and the size of its spots as a share of its size."""
_UPRIGHT = 1.5
"""Degrees under which a thing is not turned."""
_WORN_REACH, _WORN_DARK = 0.06, 0.45
"""How far below what is worn its shadow falls, as a share of its shorter side, and how dark it is."""
_FLATTEST = 0.08
"""Least height of a shadow on the ground, in heights of the thing: a thinner one is no shadow any more."""
_SHADOW_SIDE = 256
"""Longer side, in pixels, at which a shadow is drawn: it is soft."""


def relight(rgba: Array, around: Surroundings, photographic: bool) -> Array:
    """Fit a cut-out's tones to `around`, its identity kept: HxWx4 uint8 -> HxWx4 uint8."""
    solid = rgba[..., 3] > 128
    if not solid.any():
        return rgba
    rgb = np.clip(rgba[..., :3].astype(np.float32) * (0.4 + 0.6 * np.array(around.tint, np.float32)), 0, 255).astype(
        np.uint8
    )
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    low, high = np.percentile(lab[..., 0][solid], (3, 97))
    trust = 0.45 if photographic else 0.65
    goal_high = (1 - trust) * high + trust * min(high, around.bright + 8)
    goal_low = low + trust * (float(np.clip(around.dark, 0, 90)) - low) * (0.8 if around.dark > low else 0.5)
    # The middle follows the surroundings a little: a thing in the dark is dark all over.
    gamma = 1.0 + float(np.clip((118 - around.middle) / 118, -0.25, 0.55)) * trust
    unit = np.clip((lab[..., 0] - low) / max(high - low, 1), 0, 1.2)
    lab[..., 0] = goal_low + np.power(unit, gamma) * max(goal_high - goal_low, 20)
    own = float(np.percentile(np.hypot(lab[..., 1] - 128, lab[..., 2] - 128)[solid], 90))
    if photographic:
        ratio = 1 - (1 - float(np.clip((around.chroma + 22) / max(own, 1), 0.55, 1.0))) * 0.5
    else:
        ratio = float(np.clip((_DRAWN_CHROMA[0] * around.chroma + _DRAWN_CHROMA[1]) / max(own, 1), *_DRAWN_RATIO))
        lab[..., 0] *= _modelled(rgba[..., 3])
    lab[..., 1:] = 128 + (lab[..., 1:] - 128) * ratio
    ramp = np.linspace(-1, 1, rgba.shape[1], dtype=np.float32)[None, :] * around.light
    fall = np.linspace(0.3, -1.0, rgba.shape[0], dtype=np.float32)[:, None] * 0.13
    lab[..., 0] *= 1 + 0.12 * ramp + fall
    out = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    if photographic:
        dim = float(np.clip((_ORDINARY - around.bright) / _DIM, 0, 1))
        out = cv2.addWeighted(rgb, 1 - dim, out, dim, 0)
    return np.dstack([out, rgba[..., 3]])


def _modelled(alpha: Array) -> Floats:
    """What a drawing lacks of a thing, as factors of its lightness HxW: edges that turn away from the light, and a surface that is not quite even."""
    size = max(alpha.shape)
    solid = np.pad((alpha > 127).astype(np.uint8), 1)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 3)[1:-1, 1:-1]
    turned = 1 - _EDGE_SHADE * np.exp(-depth / (_EDGE_WIDTH * size))
    grain = fbm(alpha.shape[0], alpha.shape[1], max(size * _UNEVEN_SCALE, 2), 5, np.random.default_rng(size))
    return np.asarray(turned * (1 + _UNEVEN * (grain - float(grain.mean()))), np.float32)


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
    return np.asarray(np.clip(np.dstack([colour, big[..., 3]]), 0, 255), np.uint8)


def paste(
    picture: Array,
    cutout: Cutout,
    spot: Spot,
    rng: np.random.Generator,
    *,
    native: bool = False,
    shade: float = 1.0,
    cast: ShadowCast | None = None,
) -> tuple[Array, Array]:
    """Put a harmonised cut-out into a copy of the picture: -> (HxWx3 uint8, mask HxW uint8: 255 wherever a pixel was touched).

    `native`: the cut-out comes from this very picture, so that its light, sharpness and grain are right already. `shade`: strength of its shadow.
    `cast`: how the picture's own things throw their shadows, if any is seen.
    """
    x0, y0, x1, y1 = spot.box
    around = surroundings_of(picture, spot.anchor or spot.box)
    if cast is not None:
        around = replace(around, light=cast.light, cast=cast)
    if spot.blur is not None:
        around = replace(around, blur=min(around.blur, spot.blur))
    rgba = cutout.pixels[:, ::-1] if spot.mirrored else cutout.pixels
    rgba = np.ascontiguousarray(rgba) if native else relight(np.ascontiguousarray(rgba), around, cutout.photographic)
    rgba = scaled(rgba, x1 - x0, y1 - y0)
    own = around.blur if native else edge_spread(rgba[..., :3]) or 0.7
    sigma = float(np.sqrt(max(around.blur**2 - own**2, 0.0)))
    shadow = shade * ground_shadow(rgba[..., 3], around) if spot.contact else None
    reach = max(1, round(_WORN_REACH * min(rgba.shape[:2])))
    pad = (shadow.shape[0] - (y1 - y0)) // 2 if shadow is not None else 8 + round(3 * sigma) + 4 * reach
    layer = _turned(np.pad(rgba, ((pad, pad), (pad, pad), (0, 0))), spot.tilt)
    layer = layer if native else _soften(layer, max(sigma, 0.45))
    if spot.worn:
        shadow = shade * worn_shadow(layer[..., 3], reach)
    return _draw(picture, layer, shadow, (x0 - pad, y0 - pad), spot.front, 0.0 if native else around.grain, rng)


def _turned(layer: Array, degrees: float) -> Array:
    """A layer HxWx4 turned clockwise about its middle."""
    if abs(degrees) < _UPRIGHT:
        return layer
    height, width = layer.shape[:2]
    way = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    alpha = cv2.warpAffine(layer[..., 3], way, (width, height))
    colours = cv2.warpAffine(
        np.ascontiguousarray(layer[..., :3]), way, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.dstack([colours, alpha])


def _soften(layer: Array, sigma: float) -> Array:
    alpha = layer[..., 3:].astype(np.float32) / 255
    pre = cv2.GaussianBlur(np.dstack([layer[..., :3] * alpha, alpha * 255]), (0, 0), sigma)
    colour = pre[..., :3] * (255 / np.maximum(pre[..., 3:], 1))
    return np.asarray(np.clip(np.dstack([colour, pre[..., 3]]), 0, 255), np.uint8)


def worn_shadow(alpha: Array, reach: int) -> Floats:
    """How much light what is worn takes from the skin and hair up to `reach` pixels below it, 0..1: HxW uint8 -> HxW float32."""
    below = np.roll(alpha.astype(np.float32) / 255, reach, axis=0)
    return np.asarray(_WORN_DARK * cv2.GaussianBlur(below, (0, 0), reach), np.float32)


def ground_shadow(alpha: Array, around: Surroundings) -> Floats:
    """How much light the ground loses, 0..1, on a canvas padded all round so far as it reaches: HxW uint8 -> float32."""
    height, width = alpha.shape
    reach = max(abs(around.cast.aside), abs(around.cast.down)) if around.cast is not None else 0.0
    pad = max(12, width // 2, round(1.1 * reach * height))
    scale = min(1.0, _SHADOW_SIDE / max(height, width))
    small = _shadow(shrink(alpha, _SHADOW_SIDE, least=2), around, round(pad * scale))
    return np.asarray(
        cv2.resize(small, (width + 2 * pad, height + 2 * pad), interpolation=cv2.INTER_LINEAR), np.float32
    )


def _shadow(alpha: Array, around: Surroundings, pad: int) -> Floats:
    """Three layers: a dark line where it touches, a soft pool around its foot, and, in hard light, its outline laid down away from the light."""
    height, width = alpha.shape
    canvas = np.zeros((height + 2 * pad, width + 2 * pad), np.float32)
    foot = np.flatnonzero((alpha[round(height * 0.9) :] > 90).any(axis=0))
    if not foot.size:
        return canvas
    left, right = int(foot[0]) + pad, int(foot[-1]) + pad
    ground = height + pad
    middle, half = (left + right) / 2, max((right - left) / 2, 2)

    def pool(wide: float, flat: float, sigma: float, dark: float) -> None:
        layer = np.zeros_like(canvas)
        axes = (max(1, round(half * wide)), max(1, round(half * flat)))
        centre = (round(middle - around.light * half * 0.15), ground)
        cv2.ellipse(layer, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        np.maximum(canvas, dark * cv2.GaussianBlur(layer, (0, 0), max(sigma, 0.6)), out=canvas)

    pool(1.0, 0.1, 0.05 * half, 0.7)
    pool(1.06, 0.26, 0.12 * half, 0.46 + 0.1 * around.hard)
    pool(1.4, 0.45, 0.3 * half, 0.26)
    if around.cast is not None or around.hard > 0.35:
        lay = -0.9 * (around.light if abs(around.light) > 0.15 else 0.15)
        seen = around.cast
        aside, down, dark = (seen.aside, seen.down, seen.dark) if seen else (lay * 0.35, -0.22, 0.3 * around.hard)
        down = float(np.copysign(max(abs(down), _FLATTEST), down))
        move = np.array([[1, -aside, pad + aside * height], [0, -down, ground + down * height - 1]], np.float32)
        cast = cv2.warpAffine(alpha.astype(np.float32) / 255, move, (canvas.shape[1], canvas.shape[0]))
        np.maximum(canvas, dark * cv2.GaussianBlur(cast, (0, 0), 0.05 * half + 1), out=canvas)
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
