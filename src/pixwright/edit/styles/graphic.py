"""Printed and drawn for print: comic, anime, pop art, ukiyo-e, poster."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.styles.structure import (
    at_most,
    kuwahara,
    lab_to_rgb,
    lines,
    palette_of,
    paper,
    smooth,
    to_palette,
    unit,
)
from pixwright.edit.surfaces.noise import Field, fbm, streaks
from pixwright.edit.toning.lut import (
    Colours,
    blur_field,
    blur_picture,
    contrast,
    gamma,
    grey,
    luma,
    map_colours,
    mix,
    multiply_layer,
    saturate,
    smoothstep,
    vibrance,
)
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array


def halftone(tone: Field, period: float, angle: float) -> Field:
    """Dots whose area grows with `tone` (HxW, [0, 1]): returns their coverage, [0, 1], soft by about a pixel."""
    h, w = tone.shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    a = np.radians(angle)
    u, v = (x * np.cos(a) + y * np.sin(a)) / period, (y * np.cos(a) - x * np.sin(a)) / period
    distance = np.sqrt((u - np.floor(u) - 0.5) ** 2 + (v - np.floor(v) - 0.5) ** 2)
    radius = np.sqrt(np.clip(tone, 0, 1) / np.pi) * 1.12
    soft = 0.7 / period
    return np.where(tone > 0.02, smoothstep(soft, -soft, distance - radius), 0).astype(np.float32)


def _steps(value: Colours, count: int, softness: float = 0.12) -> Colours:
    """Posterise [0, 1] to `count` levels with short ramps between them."""
    scaled = value * count
    base = np.floor(scaled)
    ramp = np.clip((scaled - base - (1 - softness)) / softness, 0, 1)
    return np.asarray(np.clip((base + ramp + 0.5) / count, 0, 1))


def cel(colours: Colours, count: int) -> Colours:
    """Quantise lightness only, so that hues stay."""
    y = np.clip(luma(colours), 1e-3, 1)
    return np.asarray(np.clip(colours * (_steps(y, count) / y), 0, 1))


def comic(picture: Array, rng: np.random.Generator) -> Array:
    """Flat strong colours in four tones, a dot screen in the half-tones, strokes of ink."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        flat = smooth(kuwahara(p, max(2, round(4 * u))), 2)
        tone = blur_field(grey(flat).astype(np.float32) / 255, 1.5 * u)
        flat = map_colours(flat, lambda c: cel(vibrance(saturate(gamma(c, 0.82), 1.45), 0.4), 4))
        half = smoothstep(0.62, 0.3, tone) * smoothstep(0.06, 0.2, tone)
        flat = multiply_layer(flat, 1 - 0.3 * halftone(half * 0.42, 5.2 * u, 45))
        ink = _whole_strokes(lines(smooth(p, 2), 1.5 * u, 20, 0.13, along=4), 12 * u)
        return multiply_layer(flat, 0.04 + 0.96 * ink)

    return at_most(picture, 2000, draw, rng)


def _whole_strokes(ink: Field, length: float) -> Field:
    """Ink (HxW, 1 is paper) without the specks that texture leaves: a stroke is at least `length` pixels long."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink < 1 / 2).astype(np.uint8), connectivity=8)
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= length
    long[0] = False
    kept = cv2.dilate(long[labels].astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(length / 12)))
    return np.where(kept > 0, ink, 1).astype(np.float32) if count else ink


def anime(picture: Array, rng: np.random.Generator) -> Array:
    """Cel shading: clean bright colour in three tones, thin coloured outlines, soft bloom from the upper corner."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        flat = smooth(kuwahara(p, max(2, round(5 * u)), 9), 3, 9)

        def grade(c: Colours) -> Colours:
            c = vibrance(saturate(gamma(c, 0.72), 1.35), 0.6)
            mixed = 0.7 * cel(c, 5) + 0.3 * c
            return np.asarray(mixed + (1 - luma(mixed)) * np.array([0.03, 0.02, 0.10], np.float32))

        flat = map_colours(flat, grade)
        ink = lines(smooth(p, 3), 0.95 * u, 13, along=4)
        dark = map_colours(flat, lambda c: saturate(c, 1.2) * 0.28)
        flat = mix(dark, flat, ink)
        bloom = cv2.multiply(blur_picture(cv2.subtract(flat, (150, 150, 150, 0)), 9 * u), (0.45, 0.45, 0.45, 0))
        flat = cv2.add(_anime_sky(flat), bloom)
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        ray = smoothstep(1.0, 0.0, np.hypot(x / w - 0.92, y / h + 0.02)) * 0.28
        return mix(flat, np.full_like(flat, (255, 246, 222)), ray)

    return at_most(picture, 2000, draw, rng)


def _anime_sky(p: Array) -> Array:
    """Pale, colourless lights turn a clear blue towards the top."""
    h, w = p.shape[:2]
    high, low = p.max(2).astype(np.float32), p.min(2).astype(np.float32)
    pale = smoothstep(165, 235, low) * smoothstep(60, 20, high - low)
    top = np.broadcast_to(np.linspace(1, 0, h, dtype=np.float32)[:, None] ** 1.4, (h, w))
    return mix(p, np.full_like(p, (112, 186, 250)), pale * top * np.float32(0.85))


_POP = (
    ((24, 16, 60), (235, 30, 120), (255, 205, 30), (255, 246, 210)),
    ((16, 30, 90), (20, 150, 200), (255, 120, 150), (255, 240, 190)),
    ((60, 10, 70), (230, 70, 40), (60, 205, 180), (240, 250, 190)),
    ((20, 45, 35), (120, 60, 200), (255, 150, 40), (250, 240, 130)),
)
"""Dark, shade, middle, light of the four colourways."""


def pop_art(picture: Array, rng: np.random.Generator) -> Array:
    """A silk screen in four colourways, one a quarter, with a dot screen between the inks."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        tone = grey(smooth(kuwahara(p, max(2, round(2.5 * u))), 1))
        low, high = np.percentile(tone, (3, 97))
        t = blur_field(np.clip((tone.astype(np.float32) - low) / max(high - low, 1), 0, 1), 0.8 * u)
        screen = halftone(np.full((h, w), 0.5, np.float32), 6.5 * u, 45) * 0.16 - 0.08
        t = t + screen
        edges = np.array([0.24, 0.50, 0.76], np.float32)
        out = np.empty((h, w, 3), np.float32)
        for k, inks in enumerate(_POP):
            part = np.s_[: h // 2, :] if k < 2 else np.s_[h // 2 :, :]
            side = np.s_[: w // 2] if k % 2 == 0 else np.s_[w // 2 :]
            tile = t[part][:, side]
            colour = np.broadcast_to(np.array(inks[0], np.float32), (*tile.shape, 3))
            for edge, ink in zip(edges, inks[1:]):
                cover = smoothstep(edge - 0.012, edge + 0.012, tile)[..., None]
                colour = colour * (1 - cover) + np.array(ink, np.float32) * cover
            out[part][:, side] = colour
        return multiply_layer(out.astype(np.uint8), 0.05 + 0.95 * lines(p, 1.7 * u, 18, along=3))

    return at_most(picture, 2000, draw, rng)


_UKIYO: NDArray[np.float32] = np.array(
    [
        (28, 38, 72),
        (46, 82, 130),
        (108, 150, 172),
        (176, 200, 196),
        (236, 222, 186),
        (222, 190, 132),
        (200, 140, 72),
        (182, 84, 52),
        (126, 44, 38),
        (112, 120, 70),
        (66, 84, 62),
        (150, 128, 104),
        (84, 66, 58),
        (232, 176, 160),
    ],
    np.float32,
)
"""Prussian blue, indigo, ochre, madder, pine and the paper: the pigments of late woodblock prints."""


def ukiyo_e(picture: Array, rng: np.random.Generator) -> Array:
    """Woodblock print: flat areas of few pigments, indigo contours, wood grain, a graded band at the top (bokashi)."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        flat = smooth(kuwahara(p, max(3, round(5 * u)), 9), 2, 9)
        flat = map_colours(flat, lambda c: vibrance(saturate(gamma(c, 0.85), 1.25), 0.4))
        lab = cv2.cvtColor(_UKIYO[None] / 255, cv2.COLOR_RGB2LAB)[0] * np.array([1.0, 1.25, 1.25], np.float32)
        own = palette_of(flat, 12, rng)
        near = ((own[:, None] * [1.0, 1.25, 1.25] - lab[None]) ** 2).sum(-1).argmin(1)
        pigments = _UKIYO[near] * 0.72 + lab_to_rgb(own) * 0.28
        index = cv2.medianBlur(to_palette(flat, own), 2 * max(1, round(2.0 * u)) + 1)
        print_ = cv2.GaussianBlur(pigments.astype(np.uint8)[index], (0, 0), max(0.5, 0.7 * u))
        grain = streaks(h, w, 0, 220 * u, 1.6 * u, rng) - 0.5
        wood = 1 + 0.11 * grain + 0.05 * (fbm(h, w, 90 * u, 3, rng) - 0.5)
        print_ = multiply_layer(print_, wood.astype(np.float32))
        band = smoothstep(0.26, 0.0, np.broadcast_to(np.linspace(0, 1, h, dtype=np.float32)[:, None], (h, w))) * 0.55
        print_ = mix(print_, cv2.multiply(print_, (0.36, 0.52, 0.80, 0)), band)
        key = lines(smooth(p, 1), 1.5 * u, 20, along=6)
        print_ = mix(np.full_like(p, (26, 30, 52)), print_, key)
        return multiply_layer(print_, 1 + 0.03 * paper(h, w, rng, 1.0))

    return at_most(picture, 1800, draw, rng)


def poster(picture: Array, rng: np.random.Generator) -> Array:
    """Travel poster: eleven flat inks from the picture's own colours, made warm and strong, cleanly cut shapes, slight print grain."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        flat = smooth(kuwahara(p, max(2, round(4 * u)), 9), 2, 9)
        flat = map_colours(flat, lambda c: contrast(vibrance(saturate(c, 1.15), 0.6), 0.25))
        own = palette_of(flat, 11, rng)
        index = cv2.medianBlur(to_palette(flat, own), 2 * max(1, round(1.8 * u)) + 1)
        inks = own.copy()
        light = inks[:, 0]
        low, high = float(light.min()), float(light.max())
        inks[:, 0] = 14 + (light - low) / max(high - low, 1) * 80
        inks[:, 1:] *= 1.35
        inks[:, 2] += 7
        cream, navy = np.array([94, 1, 14], np.float32), np.array([15, 4, -18], np.float32)
        inks[int(inks[:, 0].argmax())], inks[int(inks[:, 0].argmin())] = cream, navy
        colours = lab_to_rgb(inks)
        big = resized(colours[index], h * 2, w * 2) if max(h, w) <= 900 else colours[index]
        out = resized(cv2.medianBlur(big, 5), h, w)
        speck = smoothstep(1.6, 2.6, paper(h, w, rng, 0.8))
        return mix(out, np.full_like(out, (245, 234, 208)), speck * 0.35)

    return at_most(picture, 2000, draw, rng)
