"""Drawn styles: pencil, charcoal, ink, engraving, blueprint."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.styles.structure import at_most, kuwahara, lines, paper, smooth, unit
from pixwright.edit.surfaces.noise import Field, fbm, streaks
from pixwright.edit.toning.lut import blur_field, blur_picture, contrast, grey, map_colours, mix, smoothstep
from pixwright.records.instruction import Array


def _tone(picture: Array) -> Field:
    """Lightness, [0, 1], spread evenly over the scale in part (contrast-limited equalisation): a drawing uses all of its greys."""
    y = grey(picture)
    even = cv2.createCLAHE(2.0, (4, 4)).apply(y) if min(y.shape) >= 16 else y
    result: Field = (0.5 * even + 0.5 * cv2.normalize(y, None, 0, 255, cv2.NORM_MINMAX)).astype(np.float32) / 255
    return result


def _on_paper(tone: Field, ink: tuple[int, int, int], sheet: tuple[int, int, int]) -> Array:
    """Tone 0 = ink, 1 = paper."""
    t = np.clip(tone, 0, 1)[..., None]
    low, high = np.array(ink, np.float32), np.array(sheet, np.float32)
    return np.clip(low + (high - low) * t + 0.5, 0, 255).astype(np.uint8)


def pencil_sketch(picture: Array, rng: np.random.Generator) -> Array:
    """Graphite: outlines by colour dodge, hatching in two directions that thickens in the dark, white paper."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        y = grey(p)
        dodge = cv2.divide(y, cv2.max(blur_picture(y, 6 * u), 1), scale=250).astype(np.float32) / 255
        outline = np.minimum(dodge**1.9, lines(smooth(p, 1), 0.9 * u, 9, along=2) * 0.6 + 0.4)
        tone = blur_field(_tone(p), 1.2 * u)
        tooth = paper(h, w, rng, 0.7) * 0.10
        one = streaks(h, w, 52, 60 * u, 1.3 * u, rng) + tooth
        two = streaks(h, w, 28, 50 * u, 1.3 * u, rng) + tooth
        shade = 1 - 0.46 * smoothstep(0.85, 0.0, tone + (one - 0.5) * 0.7)
        shade *= 1 - 0.58 * smoothstep(0.42, 0.0, tone + (two - 0.5) * 0.6)
        return _on_paper(outline * shade * (1 + 0.02 * tooth), (38, 38, 42), (250, 249, 245))

    return at_most(picture, 1800, draw, rng)


def charcoal_drawing(picture: Array, rng: np.random.Generator) -> Array:
    """Broad black strokes caught by the paper's tooth, smudged mid-tones, lights left bare."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        flat = smooth(kuwahara(p, max(2, round(3 * u))), 2)
        tone = 0.75 * _tone(flat) + 0.25 * _tone(p)
        tooth = paper(h, w, rng, 1.0 + 0.5 * u)
        broad = streaks(h, w, 40, 45 * u, 3.5 * u, rng) - 0.5
        smudge = 0.25 + 0.80 * blur_field(tone, 2.5 * u) + 0.10 * broad + 0.018 * tooth
        bite = smoothstep(-0.30, 0.30, blur_field(tone, 1.2 * u) - 0.34 + tooth * 0.10 + broad * 0.28)
        edge = blur_field(lines(flat, 1.8 * u, 6, along=4), 0.7 * u)
        edge = np.clip(edge + np.maximum(tooth, 0) * 0.18, 0, 1)
        out = np.minimum(smudge, 0.15 + 0.85 * bite) * (0.15 + 0.85 * edge)
        return _on_paper(out * 1.06, (22, 20, 20), (233, 226, 212))

    return at_most(picture, 1600, draw, rng)


def ink_drawing(picture: Array, rng: np.random.Generator) -> Array:
    """Pen and brush: flowing black lines, solid blacks, hatched half-tones, cream paper."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        tone = blur_field(_tone(p), 1.6 * u)
        line = lines(p, 1.25 * u, 22, 0.17, along=5)
        hatch = np.ones((h, w), np.float32)
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        wave = (fbm(h, w, 60 * u, 3, rng) - 0.5) * 9 * u
        for angle, below in ((45, 0.42), (-40, 0.27)):
            a = np.radians(angle)
            phase = (x * np.sin(a) + y * np.cos(a) + wave) / (4.4 * u)
            ridge = np.abs((phase % 1.0) - 0.5) * 2
            thick = np.clip((below - tone) / below, 0, 1) * 0.75
            hatch = np.minimum(hatch, np.where(thick > 0.04, smoothstep(-0.22, 0.22, ridge - thick), 1))
        return _on_paper(line * hatch, (16, 16, 24), (248, 243, 231))

    return at_most(picture, 2400, draw, rng)


def engraving(picture: Array, rng: np.random.Generator) -> Array:
    """Copper plate: parallel lines that swell with the shade and bend over the forms, crossed in the darks."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        tone = blur_field(_tone(p), 0.9 * u)
        form = blur_field(tone, 9 * u)
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        period = max(4.2 * u, 3.0)
        out = np.ones((h, w), np.float32)
        for angle, start, full in ((12, 0.97, 0.18), (58, 0.52, 0.05), (-38, 0.27, 0.0)):
            a = np.radians(angle)
            phase = (y * np.cos(a) + x * np.sin(a) + form * 26 * u) / period
            ridge = np.abs((phase % 1.0) - 0.5) * 2
            thick = np.clip((start - tone) / max(start - full, 1e-3), 0, 1) * 0.86
            soft = 1.1 / period
            out = np.minimum(out, np.where(thick > 0.03, smoothstep(-soft, soft, ridge - thick), 1))
        out *= 0.35 + 0.65 * lines(p, 0.9 * u, 9, along=3)
        sheet = 1 + 0.02 * paper(h, w, rng, 1.0)
        return _on_paper(out * sheet, (38, 30, 26), (240, 230, 206))

    return at_most(picture, 2800, draw, rng)


def blueprint(picture: Array, rng: np.random.Generator) -> Array:
    """White lines and a measuring grid on Prussian blue."""

    def draw(p: Array, rng: np.random.Generator) -> Array:
        u = unit(p)
        h, w = p.shape[:2]
        calm = smooth(p, 2)
        fine, bold = lines(calm, 0.8 * u, 16, along=3), lines(calm, 1.7 * u, 12, along=4)
        white = np.maximum(1 - fine, 0.9 * (1 - bold))
        y, x = np.arange(h)[:, None], np.arange(w)[None]
        step = max(8, round(21 * u))
        grid = np.maximum((y % step == 0) * 0.09, (x % step == 0) * 0.09)
        thick = max(1, round(u))
        grid = np.maximum(grid, np.maximum((y % (5 * step) < thick) * 0.20, (x % (5 * step) < thick) * 0.20))
        hatch = (((x + y) / (5.5 * u)) % 1 < 0.22) * 0.16 * smoothstep(0.4, 0.15, blur_field(_tone(p), 2 * u))
        stain = (fbm(h, w, 130 * u, 4, rng) - 0.5) * 0.10 + paper(h, w, rng, 0.8) * 0.012
        out = np.clip(white * 0.93 + np.maximum(grid, hatch) * (1 - white) + stain * (1 - white), 0, 1)
        return _on_paper(out.astype(np.float32), (14, 58, 128), (236, 244, 255))

    return at_most(picture, 2400, draw, rng)


def noir_base(picture: Array) -> Array:
    """Hard black and white, for film noir."""
    y = mix(grey(picture), cv2.equalizeHist(grey(picture)), 0.35)
    flat: Array = cv2.merge([y, y, y])
    return map_colours(flat, lambda c: contrast(c, 0.55, 0.42))
