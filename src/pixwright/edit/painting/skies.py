"""Painted skies: gradients, clouds, stars, the sun and moon, lightning. Used by tones (in the picture's own sky) and by backgrounds."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pixwright.edit.surfaces.noise import Field, fbm, ridged
from pixwright.edit.toning.lut import as_picture, blur_field, mix, resize_field, screen_layer, smoothstep
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

_LARGEST = 900
"""Longer side, in pixels, at which clouds are made; skies are soft."""


def gradient(h: int, w: int, stops: Sequence[tuple[float, Rgb]], curve: Field | None = None) -> Array:
    """Vertical gradient, HxWx3: `stops` are (fraction of the height, colour), top first. `curve` HxW shifts the fraction."""
    places = np.array([s for s, _ in stops], np.float32)
    colours = np.array([c for _, c in stops], np.float32)
    table = np.stack([np.interp(np.linspace(0, 1, 1024), places, colours[:, k]) for k in range(3)], 1)
    rows = np.broadcast_to(np.linspace(0, 1, h, dtype=np.float32)[:, None], (h, w))
    if curve is not None:
        rows = rows + curve
    return np.asarray(table[np.clip(rows * 1023, 0, 1023).astype(np.int32)], np.float32).astype(np.uint8)


def cloud_field(h: int, w: int, cover: float, rng: np.random.Generator, stretch: float = 2.6) -> tuple[Field, Field]:
    """Clouds: (opacity, light), both HxW in [0, 1]. `cover` 0 to 1; they flatten towards the bottom as towards a horizon."""
    scale = min(1.0, _LARGEST / max(h, w))
    sh, sw = max(8, round(h * scale)), max(8, round(w * scale))
    tall = max(8, int(sh * stretch))
    noise = fbm(tall, sw, max(sw, sh) / 2.2, 7, rng)
    detail = fbm(tall, sw, max(sw, sh) / 9, 5, rng)
    body = noise * 0.78 + detail * 0.22
    # Perspective: rows near the horizon show more of the cloud layer.
    rows = (np.linspace(0, 1, sh, dtype=np.float32) ** 1.4 * (tall - 1))[:, None]
    columns = np.broadcast_to(np.arange(sw, dtype=np.float32)[None], (sh, sw))
    body = cv2.remap(body, columns, np.broadcast_to(rows, (sh, sw)).astype(np.float32), cv2.INTER_LINEAR)
    edge = float(np.quantile(body, 1 - np.clip(cover, 0.02, 0.98)))
    opacity = smoothstep(edge - 0.03, edge + 0.17, body)
    below = cv2.warpAffine(
        body, np.array([[1, 0, 0.02 * sw], [0, 1, 0.05 * sh]], np.float32), (sw, sh), borderMode=cv2.BORDER_REFLECT
    )
    light = np.clip(0.62 + (body - below) * 2.6 - 0.35 * (opacity - 0.5), 0, 1)
    return resize_field(opacity, w, h), resize_field(light, w, h)


def add_clouds(
    sky: Array, cover: float, lit: Rgb, shade: Rgb, rng: np.random.Generator, opacity: float = 0.92
) -> Array:
    """Clouds of colour `lit` above and `shade` below, over `sky`."""
    h, w = sky.shape[:2]
    body, light = cloud_field(h, w, cover, rng)
    cloud = mix(np.full_like(sky, shade), np.full_like(sky, lit), light)
    return mix(sky, cloud, body * np.float32(opacity))


def add_stars(picture: Array, density: float, rng: np.random.Generator, where: Field | None = None) -> Array:
    """Stars of many magnitudes, a few with a halo; `density` per 512x512 pixels, fewer below; `where` HxW limits them."""
    h, w = picture.shape[:2]
    u = max(np.sqrt(h * w) / 512, 0.3)
    layer = np.zeros((h, w), np.float32)
    count = int(density)
    x, y = rng.random(count) * w, rng.random(count) * h
    power = rng.random(count) ** 5
    for px, py, m in zip(x.tolist(), y.tolist(), power.tolist()):
        radius = (0.38 + 0.95 * m) * u
        spot = (int(px * 16), int(py * 16))
        cv2.circle(layer, spot, max(8, int(radius * 16)), 0.35 + 0.65 * m, -1, cv2.LINE_AA, 4)
    halo = blur_field(np.where(layer > 0.75, layer, 0).astype(np.float32), 2.2 * u) * 2.5
    layer = np.clip(blur_field(layer, 0.35 * u) + halo, 0, 1)
    if where is not None:
        layer = layer * where
    return screen_layer(picture, np.ascontiguousarray(layer, np.float32), (244, 246, 255))


def disc(h: int, w: int, x: float, y: float, radius: float, soft: float) -> Field:
    """A soft disc, HxW in [0, 1]; all in pixels."""
    yy, xx = np.arange(h, dtype=np.float32)[:, None] - y, np.arange(w, dtype=np.float32)[None] - x
    return smoothstep(radius + soft, radius - soft, np.sqrt(xx * xx + yy * yy))


def add_sun(
    picture: Array, x: float, y: float, size: float, colour: Rgb, power: float, where: Field | None = None
) -> Array:
    """The sun at fractions `x`, `y`, `size` of the longer side: a disc with a wide glow of `colour`."""
    h, w = picture.shape[:2]
    side = max(h, w)
    yy = (np.arange(h, dtype=np.float32)[:, None] - y * h) / (size * side)
    xx = (np.arange(w, dtype=np.float32)[None] - x * w) / (size * side)
    r = np.sqrt(xx * xx + yy * yy)
    glow = np.clip(power / (1 + 0.10 * r * r) + 0.5 * power / (1 + 1.6 * r), 0, 0.95).astype(np.float32)
    core = smoothstep(1.12, 0.88, r)
    if where is not None:
        glow, core = glow * np.maximum(where, 0.25), core * where
    return screen_layer(screen_layer(picture, glow, colour), core, (255, 250, 232))


def add_moon(
    picture: Array, x: float, y: float, size: float, rng: np.random.Generator, where: Field | None = None
) -> Array:
    """A full moon with maria and a halo."""
    h, w = picture.shape[:2]
    side = max(h, w)
    face = disc(h, w, x * w, y * h, size * side, max(0.8, size * side * 0.04))
    halo = blur_field(face, size * side * 1.6) * 0.9
    maria = 0.80 + 0.30 * (fbm(h, w, max(size * side * 0.9, 2), 4, rng) - 0.35)
    if where is not None:
        face, halo = face * where, halo * where
    out = screen_layer(picture, np.clip(halo, 0, 0.6), (150, 175, 225))
    grey = np.clip(maria, 0.4, 1)[..., None] * np.array([246, 244, 230], np.float32)
    return mix(out, as_picture(grey), np.ascontiguousarray(face, np.float32))


def lightning(h: int, w: int, x: float, bottom: float, rng: np.random.Generator) -> Field:
    """A forked bolt from the top at fraction `x` down to fraction `bottom`: HxW light in [0, 1] with its glow."""
    layer = np.zeros((h, w), np.float32)
    u = max(np.sqrt(h * w) / 512, 0.3)

    def bolt(start: tuple[float, float], end: tuple[float, float], width: float, forks: int) -> None:
        n = 33
        t = np.linspace(0, 1, n)
        wander = np.zeros(n)
        for step in (16, 8, 4, 2, 1):
            knots = rng.normal(0, step / 16, n // step + 2)
            wander += np.interp(np.arange(n), np.arange(len(knots)) * step, knots)
        wander -= np.linspace(wander[0], wander[-1], n)
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        px = start[0] + (end[0] - start[0]) * t + wander * length * 0.075
        py = start[1] + (end[1] - start[1]) * t + rng.normal(0, length * 0.004, n)
        path = np.rint(np.stack([px, py], 1) * 8).astype(np.int32)
        cv2.polylines(layer, [path], False, 1.0, max(1, round(width)), cv2.LINE_AA, 3)
        for _ in range(forks):
            k = int(rng.integers(6, n - 8))
            side = rng.choice([-1.0, 1.0])
            tip = (px[k] + side * length * rng.uniform(0.12, 0.3), py[k] + length * rng.uniform(0.15, 0.35))
            bolt((px[k], py[k]), tip, width * 0.5, max(0, forks - 2))

    bolt((x * w, -0.02 * h), ((x + rng.uniform(-0.1, 0.1)) * w, bottom * h), 2.2 * u, 3)
    glow = blur_field(layer, 3 * u) * 1.6 + blur_field(layer, 16 * u) * 2.2
    return np.clip(layer + glow, 0, 1).astype(np.float32)


def rays(h: int, w: int, x: float, y: float, rng: np.random.Generator) -> Field:
    """Shafts of light that fan out from fractions (x, y), HxW in [0, 1], fading with distance."""
    scale = min(1.0, 700 / max(h, w))
    sh, sw = max(4, round(h * scale)), max(4, round(w * scale))
    yy = np.arange(sh, dtype=np.float32)[:, None] - y * sh
    xx = np.arange(sw, dtype=np.float32)[None] - x * sw
    angle = np.arctan2(yy, xx)
    profile = np.interp(np.linspace(0, 1, 720), np.linspace(0, 1, 121), rng.random(121))
    profile = np.convolve(np.tile(profile, 3), np.ones(9) / 9, "same")[720:1440].astype(np.float32)
    beam = profile[((angle + np.pi) / (2 * np.pi) * 719).astype(np.int32)]
    far = np.sqrt(xx * xx + yy * yy) / np.float32(np.hypot(sh, sw))
    light = smoothstep(0.42, 0.95, beam) * np.clip(1 - far, 0, 1) ** 1.4
    return resize_field(blur_field(light, 2.0), w, h)


def caustics(h: int, w: int, scale: float, rng: np.random.Generator) -> Field:
    """The net of light on things under water, HxW in [0, 1]."""
    net = ridged(h, w, scale, 3, rng) * ridged(h, w, scale * 0.8, 3, rng)
    return smoothstep(0.62, 0.98, net)
