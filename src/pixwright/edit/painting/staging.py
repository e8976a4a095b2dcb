"""A subject before a new background: the shadow where it stands, the scene's light on it, and the blur of what lies behind the line of its feet."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import LUMA, blur_field, grey, map_colours, mix, multiply_layer, resize_field, smoothstep
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array

_SIDE = 1000
"""Longer side, in pixels, at which blur and shadows are made; they are soft."""
_EDGE = 0.985
"""A subject that reaches lower than this share of the height is cut off by the frame: no feet are seen, and nothing is in front."""
_TOUCH = 0.07
"""How far above the lowest row, in heights of a part of the subject, it still touches the ground."""
_PART = 0.05
"""Smallest part of the subject that stands by itself, as a share of the largest."""
_DARK, _POOL = 0.62, 0.34
"""Light that the ground loses where it is touched, and about it."""
_LENS = 1 / 40
"""Radius of the strongest blur, of the longer side."""
_DEEP = 0.45
"""Height above the line of the feet at which the blur is full, as a share of the height."""
_AT_FEET = 0.12
"""Share of the blur at the line of the feet."""
_CAST, _STOPS = 0.6, 0.45
"""Shares of the scene's colour and of the difference in brightness (in logarithms) that the subject takes over in full light."""
_SMALL = 256
"""Longer side, in pixels, on which a scene's light is measured."""
_WRAP = 0.8
"""How much of the light behind it spills over the subject's rim."""


def foot_of(alpha: Field) -> float | None:
    """The row on which the subject (HxW in [0, 1]) stands, as a fraction of the height; None where the frame cuts it off, or there is none."""
    rows = np.flatnonzero((alpha > 0.5).mean(1) > 0.002)
    if not rows.size or rows[-1] + 1 >= _EDGE * alpha.shape[0]:
        return None
    return (int(rows[-1]) + 1) / int(alpha.shape[0])


def contact_shadow(alpha: Field) -> Field:
    """Light that level ground loses under the subject, HxW in [0, 1]: dark where a part's lowest rows touch it, a soft pool about them."""
    h, w = alpha.shape
    scale = min(1.0, _SIDE / max(h, w))
    small = resize_field(alpha, max(8, round(w * scale)), max(8, round(h * scale)))
    sh, sw = small.shape
    total = np.zeros_like(small)
    solid = (small > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    largest = max((int(stats[k][4]) for k in range(1, count)), default=0)
    for k in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[k])
        if area < _PART * largest or y + height >= _EDGE * sh:
            continue
        part = labels == k
        low = np.where(part.any(0), sh - np.argmax(part[::-1], axis=0), 0)
        touching = low > y + height - max(2, _TOUCH * height)
        line = np.zeros_like(small)
        columns = np.flatnonzero(touching)
        line[np.minimum(low[columns], sh - 1), columns] = 1
        size = float(np.sqrt(area))
        for dark, wide, flat in ((_DARK, 0.035, 0.018), (_POOL, 0.14, 0.05)):
            spread = cv2.GaussianBlur(line, (0, 0), sigmaX=max(0.8, wide * size), sigmaY=max(0.8, flat * size))
            total = np.maximum(total, dark * np.clip(spread / max(float(spread.max()), 1e-6), 0, 1))
    return resize_field(total, w, h)


def shadowed(new: Array, alpha: Field, amount: float) -> Array:
    """The background with the subject's contact shadow on it; `amount` 0 to 1."""
    return multiply_layer(new, 1 - contact_shadow(alpha) * np.float32(amount)) if amount > 0 else new


def behind_focus(new: Array, foot: float | None, amount: float) -> Array:
    """A wide aperture that is focused on the line of the feet: what lies above it, and so behind it, blurs the more the farther; `amount` 0 to 1."""
    if amount <= 0:
        return new
    h = new.shape[0]
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    share = np.ones_like(rows) if foot is None else _AT_FEET + (1 - _AT_FEET) * smoothstep(foot, foot - _DEEP, rows)
    return lens_blur(new, np.broadcast_to(share * np.float32(amount), new.shape[:2]))


def lens_blur(picture: Array, share: Field, back: Field | None = None) -> Array:
    """The picture under a lens-shaped blur whose radius is `share` (HxW in [0, 1]) of the strongest.

    `back` HxW is 1 where the background is: what lies elsewhere is kept out of the blur (normalised convolution), so that it leaves no halo.
    """
    h, w = picture.shape[:2]
    small = shrink(picture, _SIDE)
    sh, sw = small.shape[:2]
    weight = np.ones((sh, sw), np.float32) if back is None else resize_field(back, sw, sh) + np.float32(1e-4)
    light = (small.astype(np.float32) / 255) ** 2.6 * weight[..., None]
    levels = [picture]
    for part in (0.25, 0.5, 1.0):
        lens = _lens(max(1.0, part * _LENS * max(sh, sw)))
        total = cv2.filter2D(light, -1, lens, borderType=cv2.BORDER_REFLECT)
        count = cv2.filter2D(weight, -1, lens, borderType=cv2.BORDER_REFLECT)
        out = np.maximum(total / np.maximum(count, 1e-6)[..., None], 0) ** (1 / 2.6)
        levels.append(resized(np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8), h, w))
    places = np.interp(np.clip(share, 0, 1), (0, 0.25, 0.5, 1.0), (0, 1, 2, 3)).astype(np.float32)
    out = levels[0]
    for k in (1, 2, 3):
        out = mix(out, levels[k], np.clip(places - (k - 1), 0, 1))
    return out


def _lens(radius: float) -> Field:
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return np.asarray(disc / disc.sum(), np.float32)


def scene_light(picture: Array, new: Array, alpha: Field) -> Array:
    """The subject (`picture`, before its new background) in the full light of the new scene `new`: its cast, its brightness, and its glow over the rim."""
    now = shrink(new, _SMALL)
    subject = resize_field(alpha, *shrink(picture, _SMALL).shape[1::-1])[..., None] + np.float32(1e-3)
    before = (shrink(picture, _SMALL) * subject).sum((0, 1)) / subject.sum() / 255
    after = now.reshape(-1, 3).mean(0) / 255
    levels = [max(float(colour @ LUMA), 0.02) for colour in (before, after)]
    gains = np.clip(np.maximum(after, 0.02) / levels[1], 0.4, 2.0) ** _CAST
    gains = np.asarray(gains / float(gains @ LUMA), np.float32)
    power = float(np.clip(levels[0] / levels[1], 0.6, 3.0) ** _STOPS)
    lit = map_colours(picture, lambda c: np.clip(c, 0, 1) ** np.float32(power) * gains)
    reach = max(2.0, max(alpha.shape) / 180)
    around = blur_field(np.asarray(1 - alpha, np.float32), reach) * alpha
    soft = resized(cv2.GaussianBlur(now, (0, 0), 4), *new.shape[:2])
    brighter = smoothstep(0, 120, grey(soft).astype(np.float32) - grey(picture))
    return mix(lit, soft, np.clip(around * brighter * np.float32(_WRAP), 0, 1))
