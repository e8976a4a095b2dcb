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
Stops = tuple[tuple[float, Rgb], ...]

_DARK: Stops = ((0, (14, 12, 22)), (0.74, (34, 26, 46)), (0.75, (30, 22, 30)), (1, (12, 10, 14)))
_EVENING: Stops = ((0, (34, 48, 84)), (0.2, (78, 96, 134)), (0.6, (60, 64, 74)), (1, (54, 58, 66)))
_GRASS: Stops = ((0, (92, 142, 74)), (1, (62, 116, 50)))
_ROOM: Stops = ((0, (232, 228, 220)), (0.62, (222, 216, 206)), (1, (206, 198, 186)))
_DAY: Stops = ((0, (112, 162, 214)), (0.4, (216, 226, 230)), (1, (216, 226, 230)))
_SOIL: Stops = ((0, (150, 150, 96)), (0.4, (160, 152, 98)), (1, (142, 118, 76)))
"""Colours of the air and the ground of each place, by the share of its height."""

_LIGHTS: tuple[Rgb, ...] = ((255, 196, 120), (150, 110, 255), (90, 170, 255), (255, 110, 150))
_BEAMS, _LAMPS, _LAMP, _LAMP_ROWS = 7, 11, 0.012, (0.04, 0.1)
"""Beams of light on a stage, the lamps above them, a lamp's radius (of the longer side), and the rows that they hang in."""
_BEAM, _POOL, _FADES = (0.012, 0.12), ((0.83, 0.05), 0.16), (0.8, 0.72)
"""Half a beam's width at its lamp, and how it grows downwards; row, depth and width of its light on the floor; and the rows between which it comes to its end."""
_HAZE, _DIM, _SPREAD = (0.3, 0.55, 0.9), (0.62, 0.4, 0.5), (0.02, 1.4, 0.9)
"""Of the haze: size (of the longer side), usual density, and how uneven it is; how strong a beam is, how much weaker at the floor, and its pool there; and the lamps' glow."""

_TIERS, _EDGE, _HEAD = ((0.2, 0.36), (0.39, 0.56)), (0.02, (196, 200, 206)), 0.006
"""Upper and lower edges of a stadium's stands; the height and colour of their fronts; and the size of a head there, of the longer side."""
_CLOTHES: tuple[Rgb, ...] = ((206, 60, 56), (232, 232, 228), (48, 84, 150), (60, 64, 74), (224, 186, 60), (176, 140, 116), (96, 110, 120))  # fmt: skip
_SHADE = (0.45, 0.95)
"""Light on the last and the first row of the stands."""
_PITCH, _MOWN, _FLAT, _BLADES = 0.62, (2.2, 0.86), 0.12, (0.02, 0.9, 0.2)
"""Row at which the grass begins; how dense its stripes are, and how much darker each other one; how far the farthest is; and size, level and strength of its grain."""
_FLOODS, _FLOOD, _FLOOD_GLOW = (0.12, 0.37, 0.63, 0.88), (5, 0.022, 0.07, 0.009), (3.0, 0.03, (255, 250, 232))
"""Where floodlights stand; lamps of each, how far apart, in which row and how large; and the strength, size and colour of their glow."""

_FRONT, _GRIP, _TOP, _METAL = (150, 166, 160), (120, 112, 100), (196, 164, 128), (70, 66, 62)
_GLASS, _OUTSIDE, _FRAME = (224, 238, 246), (176, 198, 164), (250, 250, 248)
_KITCHEN: tuple[tuple[float, float, float, float, Rgb], ...] = (
    *((0.13 * k, 0.0, 0.13 * k + 0.124, 0.35, _FRONT) for k in range(3)), *((0.74 + 0.13 * k, 0.0, 0.864 + 0.13 * k, 0.35, _FRONT) for k in range(2)),
    (0.43, 0.05, 0.71, 0.46, _FRAME), (0.44, 0.07, 0.565, 0.44, _GLASS), (0.575, 0.07, 0.7, 0.44, _GLASS),
    (0.44, 0.3, 0.565, 0.44, _OUTSIDE), (0.575, 0.3, 0.7, 0.44, _OUTSIDE), (0.0, 0.62, 1.0, 0.66, _TOP),
    *((0.125 * k, 0.66, 0.125 * k + 0.121, 1.0, _FRONT) for k in range(8)), *((0.125 * k + 0.04, 0.71, 0.125 * k + 0.085, 0.722, _GRIP) for k in range(8)),
    (0.299, 0.0, 0.301, 0.1, _METAL), (0.27, 0.1, 0.33, 0.13, _METAL), (0.869, 0.0, 0.871, 0.1, _METAL), (0.84, 0.1, 0.9, 0.13, _METAL),
)  # fmt: skip
"""What a kitchen has, from the back: left, upper, right and lower edge, as shares of the sides, and colour."""
_ABOUT: tuple[Rgb, ...] = ((176, 60, 44), (62, 60, 58), (238, 234, 226), (90, 126, 70), (204, 150, 84), (150, 160, 166))
_STANDING = (9, 0.62, (0.02, 0.95), (0.015, 0.04), (0.05, 0.15))
"""Of what stands on its counter: how many, on which row, and the ranges of their places, widths and heights."""
_WINDOW = ((0.57, 0.3), (0.25, 0.4), 0.35)
"""The light from its window: middle and reach across and down, and strength."""

_HORIZON, _ROWS, _NARROW = 0.4, 4.5, 0.02
"""Row of the horizon behind a vineyard; rows of vines in half a width at the lower edge; and the least depth at which they are told apart."""
_HILLS: tuple[tuple[float, Rgb], ...] = ((0.09, (136, 158, 150)), (0.05, (110, 138, 92)))
_WAVES, _SWELL, _LINE = (3, 9), (0.7, 0.4), 1.5
"""How often a hill rises and falls across the picture; its usual height and how far it differs; and how soft its line is, in pixels."""
_CLOUDS = (0.2, (255, 255, 255), (206, 216, 228))
_VINE, _LEAF, _BODY = (112, 140, 62), (0.012, 4), (0.27, 0.12)
"""Colour of leaves; the size of their noise, of the longer side, and its octaves; and half a row's width and how ragged it is."""
_SUN, _LIT, _CLODS, _FADING = (0.285, 0.9, 0.35), (0.25, 1.5), (0.03, 0.85, 0.3), 0.12
"""Light on a row: usual, by its leaves, and by its side; darkest and brightest of it; size, level and strength of the soil's clods; and the depth under which the rows pale."""


def stage(h: int, w: int, rng: np.random.Generator) -> Array:
    """A dark stage in haze: beams from lamps above, and their light on the floor."""
    out, side = gradient(h, w, list(_DARK)), max(h, w)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / np.array((h, w), np.float32)[:, None, None]
    size, usual, uneven = _HAZE
    strong, weaker, floor = _DIM
    (row, deep), broad = _POOL
    haze = usual + uneven * (fbm(h, w, size * side, 4, rng) - 1 / 2)
    for k in range(_BEAMS):
        colour = _LIGHTS[int(rng.integers(len(_LIGHTS)))]
        top, foot = (k + rng.random()) / _BEAMS, rng.random()
        across = np.exp(-(((x - (top + (foot - top) * y)) / (_BEAM[0] + _BEAM[1] * y)) ** 2))
        beam = across * smoothstep(*_FADES, y) * (strong - weaker * y) * haze
        pool = np.exp(-(((x - foot) / broad) ** 2 + ((y - row) / deep) ** 2))
        out = screen_layer(out, np.clip(beam + floor * pool, 0, 1).astype(np.float32), colour)
    lamps = np.zeros((h, w, 3), np.float32)
    for k in range(_LAMPS):
        at = (round((k + 1 / 2) / _LAMPS * w), round(rng.uniform(*_LAMP_ROWS) * h))
        cv2.circle(lamps, at, max(2, round(_LAMP * side)), _LIGHTS[k % len(_LIGHTS)], -1, cv2.LINE_AA)
    far, glow, own = _SPREAD
    shine = blur_picture(as_picture(lamps), far * side).astype(np.float32)
    return as_picture(np.minimum(out.astype(np.float32) + own * lamps + glow * shine, 255))


def stadium(h: int, w: int, rng: np.random.Generator) -> Array:
    """A stadium in the evening from its grass: full stands, floodlights, mown stripes."""
    out, side = gradient(h, w, list(_EVENING)), max(h, w)
    people, size = np.array(_CLOTHES, np.uint8), max(2, round(_HEAD * side))
    for top, end in _TIERS:
        first, last = round(top * h), round(end * h)
        crowd = people[rng.integers(0, len(people), ((last - first) // size + 1, w // size + 1))]
        crowd = np.repeat(np.repeat(crowd, size, 0), size, 1)[: last - first, :w]
        shade = np.linspace(*_SHADE, last - first, dtype=np.float32)[:, None]
        out[first:last] = multiply_layer(crowd, np.broadcast_to(shade, crowd.shape[:2]))
        out[last : last + max(2, round(_EDGE[0] * h))] = _EDGE[1]
    first = round(_PITCH * h)
    depth = 1 / (np.arange(1, h - first + 1, dtype=np.float32) / (h - first) + _FLAT)
    stripes = np.where(np.floor(_MOWN[0] * depth) % 2 < 1, 1, _MOWN[1])[:, None]
    fine, level, rough = _BLADES
    grain = level + rough * fbm(h - first, w, fine * side, 3, rng)
    out[first:] = multiply_layer(gradient(h - first, w, list(_GRASS)), (stripes * grain).astype(np.float32))
    lights = np.zeros((h, w), np.float32)
    many, apart, row, radius = _FLOOD
    for x in _FLOODS:
        for k in range(many):
            at = (round((x + apart * (k - many // 2)) * w), round(row * h))
            cv2.circle(lights, at, max(2, round(radius * side)), 1.0, -1, cv2.LINE_AA)
    strong, far, colour = _FLOOD_GLOW
    glow = np.clip(lights + strong * blur_field(lights, far * side), 0, 1)
    return screen_layer(out, glow.astype(np.float32), colour)


def kitchen(h: int, w: int, rng: np.random.Generator) -> Array:
    """A bright kitchen: a window, cupboards above and below, a counter with what stands on it, two lamps."""
    out = gradient(h, w, list(_ROOM))
    many, foot, places, widths, heights = _STANDING
    things = []
    for k in range(many):
        x = float(rng.uniform(*places))
        right, top = x + float(rng.uniform(*widths)), foot - float(rng.uniform(*heights))
        things.append((x, top, right, foot, _ABOUT[k % len(_ABOUT)]))
    for x0, y0, x1, y1, colour in (*_KITCHEN, *things):
        cv2.rectangle(out, (int(x0 * w), int(y0 * h)), (int(x1 * w), int(y1 * h)), colour, -1)
    y, x2 = np.mgrid[0:h, 0:w].astype(np.float32)
    (across, wide), (down, tall), strong = _WINDOW
    light = np.exp(-(((x2 / w - across) / wide) ** 2 + ((y / h - down) / tall) ** 2))
    return screen_layer(out, (strong * light).astype(np.float32))


def vineyard(h: int, w: int, rng: np.random.Generator) -> Array:
    """Rows of vines that run towards hills, on a clear day."""
    cover, lit_cloud, shade = _CLOUDS
    out, side = add_clouds(gradient(h, w, list(_DAY)), cover, lit_cloud, shade, rng), max(h, w)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    for rise, colour in _HILLS:
        waves = np.mean([np.sin(x[0] / w * rng.uniform(*_WAVES) + 2 * np.pi * rng.random()) for _ in range(3)], axis=0)
        line = (_HORIZON - rise * (_SWELL[0] + _SWELL[1] * waves)) * h
        share = smoothstep(-_LINE, _LINE, y - line[None])
        out = mix(out, np.broadcast_to(np.array(colour, np.uint8), out.shape), share)
    ground = smoothstep(-_LINE, _LINE, y - _HORIZON * h)
    size, level, rough = _CLODS
    clods = (level + rough * fbm(h, w, size * side, 4, rng)).astype(np.float32)
    out = mix(out, multiply_layer(gradient(h, w, list(_SOIL)), clods), ground)
    # All rows run to one point on the horizon.
    down = np.clip((y / h - _HORIZON) / (1 - _HORIZON), 0, 1)
    place = (x / w - 1 / 2) / np.maximum(down, _NARROW) * _ROWS
    leaf, off = fbm(h, w, _LEAF[0] * side, _LEAF[1], rng).astype(np.float32), place - np.round(place)
    body = np.abs(off) < _BODY[0] + _BODY[1] * (leaf - 1 / 2)
    usual, leaves, sideways = _SUN
    lit: Field = np.clip(usual + leaves * leaf + sideways * off, *_LIT).astype(np.float32)
    vines = multiply_layer(np.broadcast_to(np.array(_VINE, np.uint8), out.shape), lit)
    seen = blur_field(body.astype(np.float32), 1.0) * ground * (1 + smoothstep(0.0, _FADING, down)) / 2
    return mix(out, vines, seen.astype(np.float32))


AROUND: dict[str, Painter] = {"stage": stage, "stadium": stadium, "kitchen": kitchen, "vineyard": vineyard}
"""What is painted about somebody, by the names of `data/places/places.tsv`."""
