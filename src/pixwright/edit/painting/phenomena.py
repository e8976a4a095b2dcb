"""What appears in a sky and is as large as a scene: rainbow, sun, moon, stars, lightning, clouds. Painted with light into the sky that is there.

Each function takes the picture HxWx3 uint8, how much of each pixel is sky (HxW in [0, 1]), where it is meant to be (shares of the width and the height) and a
generator, and returns a new picture.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.painting.skies import add_clouds, add_moon, add_stars, add_sun, disc, lightning
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import blur_field, mix, screen_layer
from pixwright.records.instruction import Array

Painter = Callable[[Array, Field, tuple[float, float], np.random.Generator], Array]

BOW = 0.055
"""Width of a rainbow's band, over its radius: 2.3 of 42 degrees."""
BOW_RADIUS, BOW_LIGHT = 0.62, 0.46
"""A rainbow's radius over the picture's width, and how much of what is seen in its band is its own."""
DISC = 0.035
"""Radius of the sun and the moon as people draw and photograph them, over the longer side: more than the quarter of a degree that they measure."""
DAYLIGHT = 110
"""Lightness of a sky, 0..255, from which it is day."""
STARS = 700
"""In 512 x 512 pixels."""
GLOW = 40
"""Of 255: how much lighter than the sky clouds are, at least, where it is dark."""
COVER = 0.3
"""Share of the sky that added clouds take."""


def rainbow(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """One arc across the scene, its foot on the horizon: red outside, violet inside, lighter within than without."""
    h, w = sky.shape
    rows = np.flatnonzero(sky.mean(axis=1) > 0.2)
    foot = float(rows[-1]) if rows.size else 0.7 * h
    radius = min(BOW_RADIUS * w, 0.92 * foot)
    yy, xx = (
        np.arange(h, dtype=np.float32)[:, None] - (foot + 0.12 * radius),
        np.arange(w, dtype=np.float32)[None] - at[0] * w,
    )
    distance = np.sqrt(yy * yy + xx * xx) / radius
    place = (distance - (1 - BOW)) / BOW
    hue = np.clip(140 * (1 - place), 0, 140)
    colours = cv2.cvtColor(
        np.dstack([hue, np.full_like(hue, 200), np.full_like(hue, 255)]).astype(np.uint8), cv2.COLOR_HSV2RGB
    )
    band = np.exp(-(((place - 0.5) / 0.42) ** 4)).astype(np.float32)
    inner = np.where(distance < 1, 0.06 * np.clip(distance, 0, 1), 0).astype(np.float32)
    lit = screen_layer(picture, np.ascontiguousarray(inner * sky), (255, 255, 255))
    return mix(lit, colours, np.ascontiguousarray(BOW_LIGHT * band * sky))


def sun(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """A blinding disc with a wide glow."""
    return add_sun(picture, *at, DISC, (255, 236, 196), 0.55, np.maximum(sky, 0.02).astype(np.float32))


def moon(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """A full moon: shining by night; by day as pale as the sky lets it be, its maria as blue as the sky."""
    night = add_moon(picture, *at, DISC, rng, sky)
    level = float(np.average(picture.mean(axis=2), weights=sky + 1e-6))
    if level < DAYLIGHT:
        return night
    h, w = sky.shape
    side = DISC * max(h, w)
    face = disc(h, w, at[0] * w, at[1] * h, side, max(0.8, side * 0.05)) * sky
    grey = cv2.cvtColor(night, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    return screen_layer(
        picture, np.ascontiguousarray(face * np.clip(1.35 * grey - 0.45, 0.1, 0.85), np.float32), (250, 250, 246)
    )


def crescent(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """A waxing moon: the lit part of its disc, the rest as dark as the sky."""
    h, w = sky.shape
    side = DISC * max(h, w)
    x, y, soft = at[0] * w, at[1] * h, max(0.8, side * 0.05)
    lit = (
        np.clip(disc(h, w, x, y, side, soft) - disc(h, w, x - 0.5 * side, y - 0.12 * side, 0.98 * side, soft), 0, 1)
        * sky
    )
    halo = blur_field(np.ascontiguousarray(lit, np.float32), side)
    glow = screen_layer(picture, np.clip(0.5 * halo, 0, 0.5), (190, 200, 230))
    return screen_layer(glow, np.ascontiguousarray(0.92 * lit, np.float32), (252, 248, 232))


def stars(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """Many stars, of all magnitudes."""
    return add_stars(picture, STARS, rng, sky)


def bolt(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """A forked bolt from above down to the horizon, with its glow."""
    h, w = sky.shape
    rows = np.flatnonzero(sky.mean(axis=1) > 0.2)
    low = min(float(rows[-1] + 1) / h if rows.size else 0.6, 0.75)
    light = lightning(h, w, at[0], low, rng) * sky
    return screen_layer(picture, np.ascontiguousarray(light, np.float32), (226, 226, 255))


def clouds(picture: Array, sky: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
    """Clouds as light as the sky's lightest part."""
    top = np.percentile(picture[sky > 0.5].reshape(-1, 3), 98, axis=0) if (sky > 0.5).any() else np.array([245.0] * 3)
    lit = tuple(int(v) for v in np.clip(np.maximum(0.4 * top + 0.6 * top.max(), top + GLOW), 0, 252))
    shade = tuple(int(0.8 * v) for v in lit)
    return mix(picture, add_clouds(picture, COVER, lit, shade, rng), sky)  # type: ignore[arg-type]


PAINTERS: dict[str, Painter] = {
    "rainbow": rainbow, "sun": sun, "moon": moon, "full moon": moon, "crescent moon": crescent, "crescent": crescent,
    "star": stars, "lightning": bolt, "lightning bolt": bolt, "thunderbolt": bolt, "cloud": clouds,
}  # fmt: skip
"""By noun."""
