"""Places that somebody stands in the middle of, as a lens far out of focus shows them: a stage, a stadium, a kitchen, a vineyard. Each: (height, width, rng) -> HxWx3 uint8."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.painting.skies import add_clouds, gradient
from pixwright.edit.surfaces.noise import Field, fbm
from pixwright.edit.toning.lut import (
    as_picture,
    blur_field,
    blur_picture,
    mix,
    multiply_layer,
    screen_layer,
    smoothstep,
)
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

Painter = Callable[[int, int, np.random.Generator], Array]

_FLOOR, _BEAMS, _LAMPS = 0.74, 7, 11
"""Row of a stage's floor, as a share of the height; its beams of light, and the lamps above them."""
_LIGHTS: tuple[Rgb, ...] = ((255, 196, 120), (150, 110, 255), (90, 170, 255), (255, 110, 150))
_TIERS = ((0.2, 0.36), (0.39, 0.56))
"""Upper and lower edges of a stadium's stands."""
_CLOTHES: tuple[Rgb, ...] = (
    (206, 60, 56),
    (232, 232, 228),
    (48, 84, 150),
    (60, 64, 74),
    (224, 186, 60),
    (176, 140, 116),
    (96, 110, 120),
)
_PITCH = 0.62
"""Row at which its grass begins."""
_ROWS, _HORIZON = 9, 0.4
"""Rows of vines to either side, and the row of the horizon behind them."""


def stage(h: int, w: int, rng: np.random.Generator) -> Array:
    """A dark stage in haze: beams from lamps above, and their light on the floor."""
    out = gradient(h, w, [(0, (14, 12, 22)), (_FLOOR, (34, 26, 46)), (_FLOOR + 0.01, (30, 22, 30)), (1, (12, 10, 14))])
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / np.array((h, w), np.float32)[:, None, None]
    haze = (0.55 + 0.9 * (fbm(h, w, 0.3 * max(h, w), 4, rng) - 0.5)).astype(np.float32)
    for k in range(_BEAMS):
        colour = _LIGHTS[int(rng.integers(len(_LIGHTS)))]
        top, foot = (k + rng.uniform(0.2, 0.8)) / _BEAMS, rng.uniform(0.05, 0.95)
        wide = 0.012 + 0.12 * y
        across = np.exp(-(((x - (top + (foot - top) * y)) / wide) ** 2))
        beam = across * smoothstep(_FLOOR + 0.06, _FLOOR - 0.02, y) * (0.62 - 0.4 * y) * haze
        pool = np.exp(-(((x - foot) / 0.16) ** 2 + ((y - 0.83) / 0.05) ** 2))
        out = screen_layer(out, np.clip(beam + 0.5 * pool, 0, 1).astype(np.float32), colour)
    lamps = np.zeros((h, w, 3), np.float32)
    for k in range(_LAMPS):
        at = (round((k + 0.5) / _LAMPS * w), round(rng.uniform(0.04, 0.1) * h))
        cv2.circle(lamps, at, max(2, round(0.012 * max(h, w))), _LIGHTS[k % len(_LIGHTS)], -1, cv2.LINE_AA)
    glow = blur_picture(as_picture(lamps), 0.02 * max(h, w)).astype(np.float32)
    return as_picture(np.minimum(out.astype(np.float32) + 0.9 * lamps + 1.4 * glow, 255))


def stadium(h: int, w: int, rng: np.random.Generator) -> Array:
    """A stadium in the evening from its grass: full stands, floodlights, mown stripes."""
    out = gradient(h, w, [(0, (34, 48, 84)), (0.2, (78, 96, 134)), (0.6, (60, 64, 74)), (1, (54, 58, 66))])
    people = np.array(_CLOTHES, np.uint8)
    for top, end in _TIERS:
        first, last = round(top * h), round(end * h)
        size = max(2, round(0.006 * max(h, w)))
        crowd = people[rng.integers(0, len(people), ((last - first) // size + 1, w // size + 1))]
        crowd = np.repeat(np.repeat(crowd, size, 0), size, 1)[: last - first, :w]
        shade = np.linspace(0.45, 0.95, last - first, dtype=np.float32)[:, None]
        out[first:last] = multiply_layer(crowd, np.broadcast_to(shade, crowd.shape[:2]))
        out[last : last + max(2, round(0.02 * h))] = (196, 200, 206)
    first = round(_PITCH * h)
    depth = 1 / (np.arange(1, h - first + 1, dtype=np.float32) / (h - first) + 0.12)
    stripes = np.where(np.floor(2.2 * depth) % 2 < 1, 1.0, 0.86).astype(np.float32)
    grass = gradient(h - first, w, [(0, (92, 142, 74)), (1, (62, 116, 50))])
    grain = 0.9 + 0.2 * fbm(h - first, w, 0.02 * max(h, w), 3, rng)
    out[first:] = multiply_layer(grass, (stripes[:, None] * grain).astype(np.float32))
    lights = np.zeros((h, w), np.float32)
    for x in (0.12, 0.37, 0.63, 0.88):
        for k in range(5):
            at = (round((x + 0.022 * (k - 2)) * w), round(0.07 * h))
            cv2.circle(lights, at, max(2, round(0.009 * max(h, w))), 1.0, -1, cv2.LINE_AA)
    glow = np.clip(lights + 3.0 * blur_field(lights, 0.03 * max(h, w)), 0, 1)
    return screen_layer(out, glow.astype(np.float32), (255, 250, 232))


def kitchen(h: int, w: int, rng: np.random.Generator) -> Array:
    """A bright kitchen: a window, cupboards above and below, a counter with what stands on it, two lamps."""
    out = gradient(h, w, [(0, (232, 228, 220)), (0.62, (222, 216, 206)), (1, (206, 198, 186))])
    front = np.array((214, 216, 210), np.float32) if rng.random() < 1 / 2 else np.array((126, 146, 142), np.float32)

    def box(x0: float, y0: float, x1: float, y1: float, colour: object) -> None:
        value = [int(c) for c in np.asarray(colour)]
        cv2.rectangle(out, (int(x0 * w), int(y0 * h)), (int(x1 * w), int(y1 * h)), value, -1)

    left = float(rng.uniform(0.3, 0.4))
    for x0, x1 in ((0.0, left), (left + 0.34, 1.0)):  # cupboards on either side of the window
        doors = max(1, round((x1 - x0) / 0.14))
        for k in range(doors):
            a, b = x0 + (x1 - x0) * k / doors, x0 + (x1 - x0) * (k + 1) / doors
            box(a, 0.0, b, 0.36, front * 0.8)
            box(a + 0.004, 0.0, b - 0.004, 0.35, front)
            box(b - 0.02, 0.29, b - 0.014, 0.34, (120, 112, 100))
    box(left + 0.03, 0.05, left + 0.31, 0.46, (250, 250, 248))
    for k in range(2):
        box(left + 0.04 + 0.135 * k, 0.07, left + 0.165 + 0.135 * k, 0.44, (224, 238, 246))
        box(left + 0.04 + 0.135 * k, 0.3, left + 0.165 + 0.135 * k, 0.44, (176, 198, 164))
    box(0, 0.62, 1, 0.66, (196, 164, 128))
    for k in range(8):
        box(k / 8, 0.66, (k + 1) / 8, 1, front * 0.78)
        box(k / 8 + 0.004, 0.68, (k + 1) / 8 - 0.004, 1, front * 0.94)
        box(k / 8 + 0.04, 0.71, k / 8 + 0.085, 0.722, (120, 112, 100))
    things: tuple[Rgb, ...] = (
        (176, 60, 44),
        (62, 60, 58),
        (238, 234, 226),
        (90, 126, 70),
        (204, 150, 84),
        (150, 160, 166),
    )
    for k in range(9):
        x, wide, tall = float(rng.uniform(0.02, 0.95)), float(rng.uniform(0.015, 0.04)), float(rng.uniform(0.05, 0.15))
        box(x, 0.62 - tall, x + wide, 0.62, things[k % len(things)])
    for x in (0.3, 0.7):
        cv2.line(out, (int(x * w), 0), (int(x * w), int(0.1 * h)), (70, 66, 62), max(1, w // 300))
        cv2.ellipse(out, (int(x * w), int(0.13 * h)), (int(0.04 * w), int(0.035 * w)), 0, 180, 360, (70, 66, 62), -1)
    y, x2 = np.mgrid[0:h, 0:w].astype(np.float32)
    light = np.exp(-(((x2 / w - left - 0.17) / 0.3) ** 2 + ((y / h - 0.25) / 0.4) ** 2)).astype(np.float32)
    return screen_layer(out, 0.35 * light)


def vineyard(h: int, w: int, rng: np.random.Generator) -> Array:
    """Rows of vines that run towards hills, on a clear day."""
    sky = gradient(h, w, [(0, (112, 162, 214)), (_HORIZON, (216, 226, 230)), (1, (216, 226, 230))])
    out = add_clouds(sky, 0.2, (255, 255, 255), (206, 216, 228), rng)
    columns = np.arange(w, dtype=np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    hills: tuple[tuple[float, Rgb], ...] = ((0.09, (136, 158, 150)), (0.05, (110, 138, 92)))
    for rise, colour in hills:
        waves = np.mean([np.sin(columns / w * rng.uniform(3, 9) + rng.uniform(0, 6)) for _ in range(3)], axis=0)
        line = (_HORIZON - rise * (0.7 + 0.4 * waves)) * h
        share = smoothstep(-1.5, 1.5, y - line[None])
        out = mix(out, np.broadcast_to(np.array(colour, np.uint8), out.shape), share)
    down = np.clip(y / h - _HORIZON, 1e-3, 1) / (1 - _HORIZON)
    ground = smoothstep(-1.5, 1.5, y - _HORIZON * h)
    soil = gradient(h, w, [(0, (150, 150, 96)), (_HORIZON, (160, 152, 98)), (1, (142, 118, 76))])
    out = mix(out, multiply_layer(soil, (0.85 + 0.3 * fbm(h, w, 0.03 * max(h, w), 4, rng)).astype(np.float32)), ground)
    # A row of vines is as tall as it is wide, and all rows run to one point.
    across = (x / w - 0.5) / np.maximum(down, 0.02)
    place = across * _ROWS / 2
    leaf = fbm(h, w, 0.012 * max(h, w), 4, rng).astype(np.float32)
    body = np.abs(place - np.round(place)) < 0.27 + 0.12 * (leaf - 0.5)
    lit: Field = (0.6 + 0.9 * (leaf - 0.35) + 0.35 * (place - np.round(place))).astype(np.float32)
    vines = multiply_layer(np.broadcast_to(np.array((112, 140, 62), np.uint8), out.shape), np.clip(lit, 0.25, 1.5))
    far = smoothstep(0.0, 0.12, down)
    return mix(out, vines, (blur_field(body.astype(np.float32), 1.0) * ground * (0.5 + 0.5 * far)).astype(np.float32))


AROUND: dict[str, Painter] = {"stage": stage, "stadium": stadium, "kitchen": kitchen, "vineyard": vineyard}
"""What is painted about somebody, by the names of `data/places/places.tsv`."""
