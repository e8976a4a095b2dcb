"""Photographic styles: cyberpunk, vintage photo, film noir."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.styles.drawing import noir_base
from pixwright.edit.styles.structure import at_most, lines, smooth, unit
from pixwright.edit.surfaces.noise import fbm, streaks
from pixwright.edit.toning.lut import (
    Colours,
    add_grain,
    blur_field,
    blur_picture,
    contrast,
    fade,
    gamma,
    map_colours,
    mix,
    multiply_layer,
    saturate,
    screen_layer,
    smoothstep,
    split_tone,
    tint,
    vignette_field,
)
from pixwright.records.instruction import Array


def cyberpunk(picture: Array, rng: np.random.Generator) -> Array:
    """Night in teal and magenta: neon along the edges, blooming lights, colour fringes, scan lines."""

    # A bright day is taken down to the same night as a dim one.
    night = float(np.clip(np.log(0.20) / np.log(np.clip(np.median(picture) / 255, 0.1, 0.9)), 0.9, 5.0))

    def grade(c: Colours) -> Colours:
        dark = contrast(gamma(saturate(c, 1.2), night), 0.25) * 0.72
        return split_tone(dark, (0.30, 0.75, 1.9), (1.5, 0.55, 1.6), 0.8) + np.array([0.02, 0.0, 0.06], np.float32)

    def light(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        out = map_colours(p, grade)
        edge = 1 - lines(smooth(p, 2), 1.5 * u, 7, along=4)
        side = smoothstep(
            0.25,
            0.75,
            np.broadcast_to(np.linspace(0, 1, w, dtype=np.float32), (h, w)) + fbm(h, w, 120 * u, 2, rng) - 0.5,
        )
        neon = mix(np.full_like(p, (20, 235, 255)), np.full_like(p, (255, 30, 190)), side)
        core = multiply_layer(neon, edge)
        glow = cv2.addWeighted(blur_picture(core, 2.2 * u), 0.5, blur_picture(core, 10 * u), 0.55, 0)
        out = cv2.add(cv2.add(out, glow), cv2.multiply(core, (0.8, 0.8, 0.8, 0)))
        lamps = cv2.subtract(p, (165, 165, 165, 0))
        out = cv2.add(out, map_colours(blur_picture(lamps, 8 * u), lambda c: tint(c * 0.7, (1.5, 0.7, 1.6), 0.8)))
        out = _fringe(out, max(1, round(1.6 * u)))
        rows = 1 - 0.13 * (np.arange(h) // max(1, round(1.5 * u)) % 2).astype(np.float32)
        shade = np.broadcast_to(rows[:, None], (h, w)) * (1 - 0.55 * vignette_field(h, w))
        return multiply_layer(out, shade.astype(np.float32))

    return at_most(picture, 2000, light, rng)


def _fringe(p: Array, shift: int) -> Array:
    """Red to the left, blue to the right: lateral colour."""
    red, green, blue = cv2.split(p)
    h, w = green.shape
    left, right = (np.array([[1, 0, d], [0, 1, 0]], np.float32) for d in (-shift, shift))
    red = cv2.warpAffine(red, left, (w, h), borderMode=cv2.BORDER_REPLICATE)
    blue = cv2.warpAffine(blue, right, (w, h), borderMode=cv2.BORDER_REPLICATE)
    result: Array = cv2.merge([red, green, blue])
    return result


def vintage_photo(picture: Array, rng: np.random.Generator) -> Array:
    """A print of the 1970s: blacks and whites faded to warm grey and cream, colours that are muted but still their own, fine grain, a little dust."""
    h, w = picture.shape[:2]
    u = unit(picture)

    def grade(c: Colours) -> Colours:
        c = saturate(contrast(c, 0.12), 0.74)
        c = split_tone(c, (1.05, 1.00, 0.98), (1.07, 1.00, 0.89), 0.85)
        return fade(c, 0.10, 0.94) + np.array([0.015, 0.004, -0.004], np.float32)

    out = map_colours(mix(picture, blur_picture(picture, 0.9 * u), 0.5), grade)
    y, x = _grid(h, w)
    leak = smoothstep(0.30, 0.0, x + 0.16 * (y - 0.4) + 0.05 * np.sin(y * 7))
    out = screen_layer(out, leak * np.float32(0.20), (255, 130, 60))
    out = multiply_layer(out, 1 - 0.28 * vignette_field(h, w, 0.5, 1.1))
    dust = blur_field((rng.random((h, w), dtype=np.float32) > 1 - 0.00004 / u**2).astype(np.float32), 0.7 * u) * 6 * u
    scratch = smoothstep(1.22, 1.35, streaks(h, w, 88, 400 * u, 0.8 * u, rng)) * 0.4
    out = mix(out, np.full_like(out, (244, 238, 224)), np.clip(dust + scratch, 0, 0.6))
    return add_grain(out, _PRINT_GRAIN, rng, float(np.clip(0.6 * u, 1.0, _LARGEST_GRAIN)))


_PRINT_GRAIN = 4.5
"""Deviation of a print's grain in levels: seen when looked for, and no noise over a plain sky."""
_LARGEST_GRAIN = 1.6
"""Pixels of a grain at most: larger ones are blotches."""


def _grid(h: int, w: int) -> tuple[Colours, Colours]:
    """Relative coordinates as broadcastable row and column."""
    return np.linspace(0, 1, h, dtype=np.float32)[:, None], np.linspace(0, 1, w, dtype=np.float32)[None]


def film_noir(picture: Array, rng: np.random.Generator) -> Array:
    """Black and white of the 1940s: deep shadows, blinds across the wall, soft highlights, grain."""
    h, w = picture.shape[:2]
    u = unit(picture)
    out = noir_base(picture)
    out = mix(out, blur_picture(out, 7 * u), 0.22)
    y, x = _grid(h, w)
    slats = (y * h + x * w * 0.22) / (34 * u)
    slat = smoothstep(0.16, 0.34, np.abs(slats - np.floor(slats) - 0.5) * 2)
    beam = smoothstep(0.95, 0.25, np.abs(x - 0.55 + (y - 0.5) * 0.25) * 2.0)
    shade = (0.62 + 0.50 * slat * beam) * (1 - 0.7 * vignette_field(h, w, 0.4, 1.05))
    out = multiply_layer(out, blur_field(shade.astype(np.float32), 2.2 * u))
    return add_grain(out, 8, rng, max(1.0, u))
