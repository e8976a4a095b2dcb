"""Materials by how they are made: woven, laid in courses, sawn into planks, set with chips, ... A new material is a row of `data/materials.tsv` with the numbers of its craft.

A craft paints a tile whose opposite sides fit, with a whole number of its units across (strands, tiles, boards, stones); how large a unit is in metres says how coarse it looks on a thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.noise import fbm, streaks, value_noise, worley

Field = NDArray[np.float32]
Colour = tuple[int, int, int]
How = Mapping[str, float]
"""The numbers of a craft by name."""
Craft = Callable[[int, np.random.Generator, tuple[Colour, ...], How], Field]
"""Side of the tile in pixels, chance, the run of colours from dark to light, numbers -> tile x tile x 3, 0 to 255."""

_WEAVE_LOW, _WEAVE_FIBRE = 0.25, 0.18
"""Tone of the gaps of a weave; and how much fibres differ along a strand."""
_LAP_SHADE, _ROUND_SHADE, _FACE_NOISE = 0.42, 0.32, 0.3
"""How much darker the shadow under a course's edge, and the hollow between two round tiles, are; and how much of the tone within one tile is uneven."""
_FIBRE, _FIBRE_LONG = 0.5, 70.0
"""How much wood's fibres differ; and how long they are, in pixels of a tile."""
_NODE = 0.035
"""Width of a knot ring of bamboo, as a share of a joint's length."""
_BUMP = 0.6
"""How much darker a rounded stone is at its edge."""


def ramp(field: NDArray[np.floating], *colours: Colour) -> Field:
    """Map a field in [0, 1] onto a run of colours: HxWx3, 0 to 255."""
    stops = np.linspace(0, 1, len(colours))
    table = np.array(colours, np.float32)
    index = np.linspace(0, 1, 256)
    lut = np.stack([np.interp(index, stops, table[:, c]) for c in range(3)], axis=1).astype(np.float32)
    return np.asarray(lut[np.clip(field * 255, 0, 255).astype(np.uint8)], np.float32)


def fitting(field: Field) -> Field:
    """A square field whose opposite sides fit: towards them it goes over into itself, moved by half."""
    out = field
    for axis in (0, 1):
        n = field.shape[axis]
        middle = 1 - np.abs(2 * (np.arange(n, dtype=np.float32) + 0.5) / n - 1)
        middle = np.clip(4 * middle, 0, 1).reshape((n, 1) if axis == 0 else (1, n))
        out = out * middle + np.roll(out, n // 2, axis) * (1 - middle)
    return np.asarray(out, np.float32)


def _coded(code: float) -> Field:
    """The colour that a craft's number 0xRRGGBB says, (3,), 0 to 255."""
    return np.array([int(code) >> 16 & 255, int(code) >> 8 & 255, int(code) & 255], np.float32)


def woven(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Strands over and under one another: `across` of them that are `ratio` times as broad as the others; `twill` shifts the crossing from row to row; `flat` hides their roundness."""
    across, ratio = int(how["across"]), how.get("ratio", 1.0)
    rows = max(2, round(across * ratio / 2)) * 2
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    col, row = np.floor(x * across), np.floor(y * rows)
    fx, fy = x * across - col, y * rows - row
    shift = int(how.get("twill", 1))
    over = np.mod(col + row, 2 * shift) < shift
    # Where a strand is on top it bulges; at its ends it dives under the next one.
    level = np.sin(np.pi * fy) ** 0.5 * (0.55 + 0.45 * np.sin(np.pi * fx))
    upright = np.sin(np.pi * fx) ** 0.5 * (0.55 + 0.45 * np.sin(np.pi * fy))
    height = np.where(over, level, upright)
    each = np.where(over, rng.random(rows)[row.astype(int) % rows], rng.random(across)[col.astype(int) % across])
    fibre = np.where(over, streaks(n, n, 0, 40, 1.0, rng), streaks(n, n, 90, 40, 1.0, rng)) - 0.5
    flat = how.get("flat", 0.0)
    tone = _WEAVE_LOW + (1 - _WEAVE_LOW) * (height * (1 - flat) + flat * (0.5 + 0.35 * height))
    return ramp(
        np.clip(tone * (0.7 + 0.3 * each) + _WEAVE_FIBRE * fitting(np.asarray(fibre, np.float32)), 0, 1), *colours
    )


def courses(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Rows of tiles: `across` by `down`, every other row moved by `offset`; a `joint` of the colour `grout`, or the shadow of a row that laps over the next (`lap`); `round` ones are half pipes."""
    across, down = int(how["across"]), int(how["down"])
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    row = np.floor(y * down)
    moved = x * across + how.get("offset", 0.0) * np.mod(row, 2)
    col = np.mod(np.floor(moved), across)
    fx, fy = moved - np.floor(moved), y * down - row
    each = rng.random((down, across)).astype(np.float32)[row.astype(int), col.astype(int)]
    uneven = fitting(fbm(n, n, n / down, 4, rng)) - 0.5
    rough = fitting(fbm(n, n, 5, 3, rng)) - 0.5
    tone = 0.5 + how.get("tone", 0.5) * (each - 0.5) + _FACE_NOISE * uneven + how.get("rough", 0.1) * rough
    face = ramp(np.clip(tone, 0, 1), *colours)
    shade = np.ones((n, n), np.float32)
    shade *= 1 - how.get("round", 0.0) * _ROUND_SHADE * (1 - np.sin(np.pi * fx)) * 1.6
    if (lap := how.get("lap", 0.0)) > 0:
        # The upper row's edge throws a shadow on the head of this one; its own edge catches the light.
        shade *= 1 - _LAP_SHADE * np.clip(1 - fy / lap, 0, 1)
        shade *= 1 + 0.12 * np.clip((fy - 0.85) / 0.15, 0, 1)
    edge = np.minimum(np.minimum(fx, 1 - fx), np.minimum(fy, 1 - fy) * across / down)
    if (bevel := how.get("bevel", 0.0)) > 0:
        shade *= 1 - 0.15 * np.clip(1 - edge / (bevel / 2), 0, 1)
    face = face * np.clip(shade, 0, 1.2)[..., None]
    joint = how.get("joint", 0.0)
    if joint <= 0:
        return np.asarray(face, np.float32)
    wide = np.clip((edge - joint / 2) * n / across + 0.5, 0, 1)[..., None]
    grout = _coded(how["grout"]) if "grout" in how else np.array(colours[0]) * 0.45
    return np.asarray(face * wide + grout * (1 - wide), np.float32)


def planks(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Boards or canes side by side, level: `across` of them, in pieces of the length `long` (of the tile), with `grain`, `round` ones with `nodes`; between them a `joint`."""
    count, pieces = int(how["across"]), max(1, round(1 / how.get("long", 1.0)))
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    board = np.floor(y * count).astype(int)
    starts = rng.random(count).astype(np.float32)
    along = x * pieces + starts[board] * pieces
    piece = np.mod(np.floor(along), pieces).astype(int)
    fy, fx = y * count - board, along - np.floor(along)
    each = rng.random((count, pieces)).astype(np.float32)[board, piece]
    fibre = fitting(streaks(n, n, 0, _FIBRE_LONG, 1.2, rng)) - 0.5
    broad = fitting(fbm(n, n, n / 3, 3, rng).repeat(1, axis=0)) - 0.5
    # Each board is cut elsewhere out of the wood.
    lines = np.sin(2 * np.pi * (fy * (1.5 + 2 * each) + 3 * broad + 7 * each)) * 0.12
    tone = 0.55 + how.get("tone", 0.4) * (each - 0.5) + how.get("grain", 0.5) * (_FIBRE * fibre + lines) + 0.2 * broad
    face = ramp(np.clip(tone, 0, 1), *colours)
    shade = 1 - how.get("round", 0.0) * (1 - np.sin(np.pi * np.clip(fy, 0, 1)) ** 0.6)
    if how.get("nodes", 0.0) > 0:
        near = np.minimum(fx, 1 - fx)
        shade = (
            shade
            * (1 - 0.35 * np.exp(-((near / _NODE) ** 2)))
            * (1 + 0.15 * np.exp(-(((near - 2 * _NODE) / _NODE) ** 2)))
        )
    joint = how.get("joint", 0.02)
    gap = np.minimum(np.minimum(fy, 1 - fy), np.minimum(fx, 1 - fx) * count / pieces if not how.get("nodes") else 1.0)
    wide = np.clip((gap - joint / 2) * n / count + 0.5, 0, 1)
    return np.asarray(face * (np.clip(shade, 0, 1.2) * (0.4 + 0.6 * wide))[..., None], np.float32)


def chips(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Stones or grains in a `ground`: `across` of them, parted by the share `edge`, `round` ones; with `spread` each has one of the colours and not one of the run between them."""
    cell = n / how["across"]
    first, second, ident = worley(n, n, cell, rng)
    each = rng.random(int(ident.max()) + 1).astype(np.float32)[ident]
    if how.get("spread", 0.0) > 0:
        face = np.array(colours, np.float32)[(each * len(colours)).astype(int) % len(colours)]
        face = face * (0.9 + 0.2 * fbm(n, n, 9, 3, rng))[..., None]
    else:
        face = ramp(np.clip(0.15 + 0.7 * each + 0.35 * (fbm(n, n, cell, 3, rng) - 0.5), 0, 1), *colours)
    rim = (second - first) / cell
    if how.get("round", 0.0) > 0:
        bulge = np.clip(rim / 0.7, 0, 1) ** 0.5
        face = face * (1 - how["round"] * _BUMP * (1 - bulge))[..., None]
    edge = how.get("edge", 0.0)
    if edge <= 0:
        return np.asarray(cv2.GaussianBlur(face.astype(np.float32), (0, 0), 0.8), np.float32)
    ground = _coded(how["ground"]) * (0.92 + 0.16 * fbm(n, n, 6, 3, rng))[..., None]
    # Chips that are scattered differ in size: some places have none.
    share = np.clip((rim - edge * (0.5 + each if how.get("spread") else 1)) * cell / 2 + 0.5, 0, 1)[..., None]
    return np.asarray(face * share + ground * (1 - share), np.float32)


def layers(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Sand that settled: soft level layers, and grains."""
    y = np.mgrid[0:n, 0:n][0].astype(np.float32) / n
    bend = fbm(n, n, n / 2, 3, rng) * 0.08
    beds = 0.5 + 0.5 * np.sin(2 * np.pi * (y + bend) * how["across"] + 4 * fbm(n, n, n / 3, 2, rng))
    grains, slow = value_noise(n, n, 1.8, rng) - 0.5, fbm(n, n, n / 3, 4, rng) - 0.5
    return ramp(np.clip(0.35 + 0.25 * beds + how["grain"] * (0.35 * grains) + 0.5 * slow, 0, 1), *colours)


def strands(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Straw or reed that hangs down, in bundles."""
    straw = (
        streaks(n, n, 84, how["length"], how["width"], rng) * 0.6
        + streaks(n, n, 97, how["length"], how["width"], rng) * 0.4
    )
    bundles = fbm(n, n, n / 9, 3, rng)
    return ramp(np.clip((straw - 0.3) * 1.5 + 0.35 * (bundles - 0.5), 0, 1), *colours)


def nap(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """Short hairs, paler and darker where they were `brushed` one way and the other."""
    hairs = streaks(n, n, 70, how["length"], how["width"], rng) * 0.6 + value_noise(n, n, 1.8, rng) * 0.4
    brushed = fbm(n, n, n / 5, 4, rng)
    return ramp(np.clip(0.5 + (hairs - 0.5) * 0.6 + (brushed - 0.5) * how["brushed"], 0, 1), *colours)


def plain(n: int, rng: np.random.Generator, colours: tuple[Colour, ...], how: How) -> Field:
    """One colour, hardly uneven."""
    slow = fbm(n, n, 12 if how.get("fine") else 60, 4, rng)
    return ramp(np.clip(0.5 + (slow - 0.5) * how["grain"] * 5, 0, 1), *colours)


CRAFTS: dict[str, Craft] = {
    "woven": woven, "courses": courses, "planks": planks, "chips": chips, "layers": layers, "strands": strands, "nap": nap, "plain": plain,
}  # fmt: skip
"""By the name that `data/materials.tsv` calls them; `grain` there is the sawn wood of `substances`."""
