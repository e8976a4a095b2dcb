"""What appears in a sky and is as large as a scene: rainbow, sun, moon, stars, lightning, clouds; and what glows in the air: fireflies, sparks. Painted with light into what is there.

Each function takes the picture HxWx3 uint8, how much of each pixel is sky, or lets it be seen (HxW in [0, 1]), where it is meant to be (shares of the width and the height) and a
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
from pixwright.records.vocabulary import Rgb

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
_RED = 0.82
"""Place across a rainbow's band, from its inner edge, at which it is red; violet lies as far from the other."""
_LIGHTS, _SWARM, _MOSTLY_FAR = 36, (0.26, 0.2), 0.5
"""How many lights hang in the air; how far they are spread about their place, as deviations in shares of the sides; and the power that makes most of them far away."""
_LIGHT, _HALO, _PALE = (0.0022, 0.0062), 2.6, 0.6
"""Radius of a light far away and near by, over the root of the area; its glow's over its own; and how far its middle is white."""
_SHIFT = 4
_SUBPIXEL = 1 << _SHIFT
"""Parts of a pixel in which a light's place is told."""


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
    hue = np.clip(140 * (_RED - place) / (2 * _RED - 1), 0, 140)
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


def glowing(light: Rgb) -> Painter:
    """A painter of small lights of one colour that hang in the air about a place: some near and large, most far and small."""

    def paint(picture: Array, air: Field, at: tuple[float, float], rng: np.random.Generator) -> Array:
        h, w = air.shape
        side = float(np.sqrt(h * w))
        cores, halos = np.zeros((2, h, w), np.float32)
        places = rng.normal(at, _SWARM, (_LIGHTS, 2)) * (w, h)
        for (x, y), near in zip(places, rng.power(_MOSTLY_FAR, _LIGHTS), strict=True):
            centre = round(float(np.clip(x, 0, w - 1)) * _SUBPIXEL), round(float(np.clip(y, 0, h - 1)) * _SUBPIXEL)
            radius = (_LIGHT[0] + (_LIGHT[1] - _LIGHT[0]) * near) * side
            strong = float(0.5 + 0.5 * rng.random())
            for layer, wide in ((cores, 1.0), (halos, _HALO)):
                cv2.circle(layer, centre, max(1, round(radius * wide * _SUBPIXEL)), strong, -1, cv2.LINE_AA, _SHIFT)
        glow = blur_field(halos, 2 * _LIGHT[1] * side) * air
        lit = screen_layer(picture, np.ascontiguousarray(np.clip(glow, 0, 1)), light)
        core = blur_field(cores, _LIGHT[0] * side) * air
        pale = tuple(int(channel + (255 - channel) * _PALE) for channel in light)
        return screen_layer(lit, np.ascontiguousarray(np.clip(1.6 * core, 0, 1)), (pale[0], pale[1], pale[2]))

    return paint


PAINTERS: dict[str, Painter] = {
    "sun": sun, "moon": moon, "full moon": moon, "crescent moon": crescent, "crescent": crescent,
    "star": stars, "lightning": bolt, "lightning bolt": bolt, "thunderbolt": bolt, "cloud": clouds,
}  # fmt: skip
"""By noun: what is in the sky."""
IN_THE_AIR: dict[str, Painter] = {
    "rainbow": rainbow, "firefly": glowing((196, 255, 96)), "glowworm": glowing((196, 255, 96)), "spark": glowing((255, 168, 64)), "ember": glowing((255, 112, 40)),
    "sparkle": glowing((255, 244, 224)),
}  # fmt: skip
"""By noun: what is seen before hills and trees as well."""
IN_DAYLIGHT = frozenset((rainbow,))
"""Those of them that are seen out of doors alone."""
