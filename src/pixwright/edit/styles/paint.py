"""Painted styles: oil, impressionism, van Gogh, watercolour, pastel."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.styles.strokes import Brush, paint_layer
from pixwright.edit.styles.structure import advect, at_most, flow, kuwahara, lines, paper, relief, smooth, unit
from pixwright.edit.surfaces.noise import Field, fbm, streaks, value_noise
from pixwright.edit.toning.lut import (
    Colours,
    as_picture,
    blur_field,
    contrast,
    fade,
    gamma,
    grey,
    map_colours,
    mix,
    multiply_layer,
    saturate,
    smoothstep,
    split_tone,
    vibrance,
)
from pixwright.records.instruction import Array

_CANVAS = 1300
"""Longest side, in pixels, that is painted stroke by stroke."""


def oil_painting(picture: Array, rng: np.random.Generator) -> Array:
    """Layers of brush strokes along the forms, coarse to fine where detail asks for it, with raised paint."""

    def paint(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        model = kuwahara(p, max(2, round(3 * u)))
        model = map_colours(model, lambda c: contrast(vibrance(c, 0.45), 0.22))
        fx, fy, _ = flow(cv2.GaussianBlur(p, (0, 0), 1.5 * u), 7 * u)
        canvas, height = cv2.GaussianBlur(model, (0, 0), 6 * u), np.zeros(p.shape[:2], np.float32)
        for brush in (
            Brush(15 * u, 46 * u, 10 * u, 7),
            Brush(8 * u, 28 * u, 6 * u, 6, 13),
            Brush(4 * u, 15 * u, 3.4 * u, 4, 14),
            Brush(2 * u, 8 * u, 2.2 * u, 3, 22),
        ):
            paint_layer(canvas, height, model, (fx, fy), brush, rng)
        return _impasto(canvas, height, fx, fy, u, rng, 13)

    return at_most(picture, _CANVAS, paint, rng)


def _impasto(
    canvas: Array, height: Field, fx: Field, fy: Field, u: float, rng: np.random.Generator, depth: float
) -> Array:
    """Bristle marks along the flow and the thickness of the paint, lit from the side."""
    hair = rng.standard_normal(height.shape).astype(np.float32)
    hair = cv2.GaussianBlur(hair, (0, 0), max(0.7, 0.8 * u))
    hair = advect(hair, fx, fy, max(4, round(7 * u)))
    body = cv2.GaussianBlur(height, (0, 0), max(0.6, 0.8 * u))
    return relief(canvas, body * 0.9 + hair / hair.std() * 0.16, depth)


def impressionism(picture: Array, rng: np.random.Generator) -> Array:
    """Short dabs of broken, bright colour on a light ground; violet shadows and warm lights."""

    def grade(c: Colours) -> Colours:
        c = split_tone(gamma(saturate(c, 1.3), 0.86), (0.82, 0.86, 1.35), (1.14, 1.04, 0.78), 0.55)
        return fade(vibrance(c, 0.4), 0.09, 1.0)

    def paint(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        model = map_colours(cv2.GaussianBlur(p, (0, 0), 1.6 * u), grade)
        fx, fy, _ = flow(p, 9 * u)
        wander = (value_noise(fx.shape[0], fx.shape[1], 34 * u, rng) - 0.5) * 1.7
        fx, fy = fx * np.cos(wander) - fy * np.sin(wander), fx * np.sin(wander) + fy * np.cos(wander)
        canvas, height = np.full_like(p, (226, 214, 190)), np.zeros(p.shape[:2], np.float32)
        for brush in (
            Brush(11 * u, 24 * u, 7 * u, 15),
            Brush(6.5 * u, 14 * u, 5 * u, 19),
            Brush(4 * u, 8 * u, 3.4 * u, 13, 26),
        ):
            paint_layer(canvas, height, model, (fx, fy), brush, rng)
        return _impasto(canvas, height, fx, fy, u, rng, 10)

    return at_most(picture, _CANVAS, paint, rng)


def van_gogh(picture: Array, rng: np.random.Generator) -> Array:
    """Long swirling strokes: the picture's flow where it has one, whirls where it is flat; strong blues and yellows, dark contours."""

    def grade(c: Colours) -> Colours:
        c = contrast(vibrance(saturate(c, 1.25), 0.7), 0.3)
        return split_tone(c, (0.55, 0.80, 1.9), (1.22, 1.08, 0.52), 0.5)

    def paint(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        model = map_colours(cv2.GaussianBlur(p, (0, 0), 1.8 * u), grade)
        fx, fy = _swirl(p, u, rng)
        canvas, height = cv2.GaussianBlur(model, (0, 0), 5 * u), np.zeros((h, w), np.float32)
        for brush in (
            Brush(8 * u, 60 * u, 7 * u, 17),
            Brush(5 * u, 40 * u, 4.6 * u, 21),
            Brush(2.6 * u, 20 * u, 3.2 * u, 15, 26),
        ):
            paint_layer(canvas, height, model, (fx, fy), brush, rng)
        contour = lines(p, 2.0 * u, 10, along=4)
        canvas = mix(np.full_like(canvas, (24, 28, 62)), canvas, 1 - 0.75 * (1 - contour))
        return _impasto(canvas, height, fx, fy, u, rng, 17)

    return at_most(picture, _CANVAS, paint, rng)


def _swirl(p: Array, u: float, rng: np.random.Generator) -> tuple[Field, Field]:
    """Unit flow: the edges' own direction, giving way to the curl of a smooth random potential where there are none."""
    h, w = p.shape[:2]
    fx, fy, strength = flow(p, 6 * u)
    potential = fbm(h, w, 120 * u, 2, rng) * 120 * u
    curl_x, curl_y = cv2.Sobel(potential, cv2.CV_32F, 0, 1), -cv2.Sobel(potential, cv2.CV_32F, 1, 0)
    norm = np.sqrt(curl_x**2 + curl_y**2) + 1e-4
    curl_x, curl_y = curl_x / norm, curl_y / norm
    keep = smoothstep(0.25, 0.75, blur_field(strength, 5 * u))
    agree = np.sign(fx * curl_x + fy * curl_y)
    x, y = keep * fx * agree + (1 - keep) * curl_x, keep * fy * agree + (1 - keep) * curl_y
    norm = np.sqrt(x * x + y * y) + 1e-4
    return (x / norm).astype(np.float32), (y / norm).astype(np.float32)


def watercolor(picture: Array, rng: np.random.Generator) -> Array:
    """Flat transparent washes with dark rims, wobbling outlines, granulating pigment and rough white paper."""

    def wash(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        dx, dy = (blur_field(value_noise(h, w, 11 * u, rng) - 0.5, u) * 3.5 * u for _ in range(2))
        wobbly = cv2.remap(p, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        flat = smooth(kuwahara(wobbly, max(2, round(3 * u)), 8), 2)
        flat = map_colours(flat, lambda c: fade(gamma(vibrance(saturate(c, 1.2), 0.3), 0.66), 0.08, 1.0))
        dark = flat.astype(np.float32)
        rim = np.abs(dark - cv2.GaussianBlur(dark, (0, 0), 2.2 * u)).max(2)
        density = 1 + 0.55 * (fbm(h, w, 70 * u, 5, rng) - 0.5) * 1.6 + np.clip(rim / 50, 0, 0.4)
        tooth = paper(h, w, rng, 1.0 + 0.5 * u)
        density += 0.07 * tooth
        ink = np.clip(dark / 255, 0.02, 1)
        out = ink ** density[..., None]
        edge = _torn_edge(h, w, u, rng)
        pencil = 1 - 0.4 * (1 - lines(wobbly, 1.1 * u, 9, along=3)) * edge
        out = (1 - edge[..., None] * (1 - out)) * pencil[..., None]
        white = np.array([0.992, 0.985, 0.962], np.float32) * (1 + 0.012 * tooth[..., None])
        return as_picture(out * white * 255)

    return at_most(picture, 1600, wash, rng)


def _torn_edge(h: int, w: int, u: float, rng: np.random.Generator) -> Field:
    """1 inside, 0 at the border, with the irregular margin that a wash leaves."""
    y, x = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None]
    distance = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
    noise = fbm(h, w, 60 * u, 4, rng)
    return smoothstep(0.0, 5 * u, distance - noise * 26 * u)


def pastel_drawing(picture: Array, rng: np.random.Generator) -> Array:
    """Chalk on toned paper: soft directional strokes that leave the paper's tooth bare."""

    def chalk(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        model = map_colours(
            kuwahara(p, max(2, round(3 * u))), lambda c: fade(vibrance(saturate(c, 1.2), 0.5), 0.12, 1.0)
        )
        fx, fy, _ = flow(p, 10 * u)
        canvas, height = model.copy(), np.zeros((h, w), np.float32)
        paint_layer(canvas, height, model, (fx * 0.3 + 0.6, fy * 0.3 - 0.7), Brush(5 * u, 26 * u, 5 * u, 12), rng)
        paint_layer(canvas, height, model, (fx, fy), Brush(2.5 * u, 11 * u, 3 * u, 9, 14), rng)
        tooth = paper(h, w, rng, 0.8 + 0.35 * u)
        hatch = streaks(h, w, 58, 38 * u, 1.4 * u, rng) - 0.5
        cover = smoothstep(-1.9, -0.1, tooth + hatch * 3.0 + (grey(canvas).astype(np.float32) / 255 - 0.35) * 0.9)
        ground = np.full_like(p, (176, 160, 140))
        out = mix(ground, canvas, 0.4 + 0.6 * cover)
        return multiply_layer(out, 1 - 0.30 * (1 - lines(p, 1.2 * u, 8, along=3)))

    return at_most(picture, 1600, chalk, rng)
