"""Backgrounds close behind somebody: a board full of formulas, shelves of books or of goods, leaves in their season, a couch by a wall. Each: (height, width, rng) -> HxWx3 uint8."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.lettering.faces import Type, cut
from pixwright.edit.painting.places import photographed, place_in
from pixwright.edit.placing.shelves import Shelved, load, real
from pixwright.edit.surfaces.noise import Field, fbm, streaks
from pixwright.edit.toning.lut import (
    blur_field,
    blur_picture,
    mix,
    multiply_layer,
    screen_layer,
    vignette_field,
)
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

Painter = Callable[[int, int, np.random.Generator], Array]

_BOARD, _CHALK = (46, 62, 56), (226, 232, 226)
_FORMULAS = (
    "E = mc²", "a² + b² = c²", "f(x) = ax² + bx + c", "F = m a", "sin²x + cos²x = 1", "dy/dx = 2x + 3",
    "A = a b / 2", "pV = nRT", "U = R I", "v = s / t", "log(ab) = log a + log b", "y = 3x - 7", "(a + b)² = a² + 2ab + b²",
)  # fmt: skip
_SPINES: tuple[Rgb, ...] = (
    (122, 46, 40), (44, 66, 96), (196, 178, 138), (58, 84, 62), (150, 104, 48), (76, 62, 84), (214, 206, 190), (34, 36, 42), (104, 78, 56), (92, 30, 36),
)  # fmt: skip
_GOODS: tuple[Rgb, ...] = (
    (206, 44, 40), (238, 196, 52), (44, 110, 176), (64, 150, 78), (236, 236, 230), (226, 120, 44), (120, 60, 130), (40, 160, 170), (236, 160, 170),
)  # fmt: skip
_NEARER, _SOFT = 1.7, 0.008
"""How much nearer leaves are seen than the wood that they are taken from, and their blur, of the longer side."""
_RED, _YELLOW = 4.0, 25.0
"""Hues (of 180) between which leaves turn."""
_FINE = 640
"""Longer side, in pixels, for which the sizes here are given."""


def blackboard(h: int, w: int, rng: np.random.Generator) -> Array:
    """A dark board, wiped often, full of what is written in chalk."""
    s = max(h, w) / _FINE
    wiped = 0.8 * fbm(h, w, 120 * s, 4, rng) + 0.5 * streaks(h, w, 25, 90 * s, 7 * s, rng)
    out = screen_layer(
        np.full((h, w, 3), _BOARD, np.uint8), (0.26 * (wiped - 0.35)).clip(0, 1).astype(np.float32), _CHALK
    )
    chalk = np.zeros((h, w), np.float32)
    y = 0.04 * h
    while y < h:
        x = rng.uniform(0.0, 0.06) * w
        tall = 0.062 * max(h, w) * rng.uniform(0.8, 1.2)
        while x < w:
            x += _written(chalk, _FORMULAS[int(rng.integers(len(_FORMULAS)))], x, y + rng.normal(0, 0.12) * tall, tall)
            x += rng.uniform(0.05, 0.11) * w
        y += 1.75 * tall
    crumbs = np.clip(0.55 + 0.9 * (fbm(h, w, 2.2 * s, 3, rng) - 0.35), 0.25, 1)
    out = screen_layer(out, (blur_field(chalk, 0.6 * s) * crumbs * 0.85).astype(np.float32), _CHALK)
    return multiply_layer(out, 1 - 0.3 * vignette_field(h, w))


def _written(chalk: Field, text: str, x: float, y: float, tall: float) -> float:
    """Write a line of chalk onto HxW, `tall` pixels high, from (x, y); how long it is, in pixels."""
    ink = cut(text, Type(face="handwritten")).astype(np.float32) / 255
    long = float(ink.shape[1] * tall / ink.shape[0])
    ink = np.asarray(cv2.resize(ink, (max(1, round(long)), max(1, round(tall))), interpolation=cv2.INTER_AREA))
    x0, y0 = max(0, round(x)), max(0, round(y))
    part = chalk[y0 : y0 + ink.shape[0], x0 : x0 + ink.shape[1]]
    np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)
    return long


def library(h: int, w: int, rng: np.random.Generator) -> Array:
    """Dark shelves full of books, in the light of lamps."""
    out = _shelved(h, w, 0.17 * max(h, w), (58, 38, 24), (28, 18, 12), _SPINES, (0.13, 0.30), rng)
    return _lamplight(out, (255, 206, 140), 0.34, rng)


def supermarket(h: int, w: int, rng: np.random.Generator) -> Array:
    """White shelves full of goods, brightly lit."""
    out = _shelved(h, w, 0.2 * max(h, w), (232, 232, 228), (150, 150, 148), _GOODS, (0.3, 0.55), rng)
    return _lamplight(out, (255, 255, 250), 0.3, rng)


def _shelved(
    h: int,
    w: int,
    pitch: float,
    board: Rgb,
    back: Rgb,
    colours: tuple[Rgb, ...],
    wide: tuple[float, float],
    rng: np.random.Generator,
) -> Array:
    """Shelves `pitch` pixels apart, of what stands side by side in one of the colours, `wide` (least and most) as a share of its height; several of a kind together."""
    out = np.full((h, w, 3), back, np.uint8)
    board_tall = max(2, round(0.09 * pitch))
    y = -rng.uniform(0, 0.6) * pitch
    while y < h:
        foot, x = y + pitch - board_tall, -0.2 * pitch
        while x < w:
            tall, thick = pitch * rng.uniform(0.58, 0.84), pitch * rng.uniform(*wide) * 0.55
            colour = np.array(colours[int(rng.integers(len(colours)))]) * rng.uniform(0.75, 1.15)
            for _ in range(int(rng.integers(1, 5))):
                x0, x1, top = round(x), round(x + thick), round(foot - tall * rng.uniform(0.97, 1.0))
                face = np.clip(colour * rng.uniform(0.92, 1.06), 0, 255).astype(int).tolist()
                cv2.rectangle(out, (x0, top), (x1 - 1, round(foot)), face, -1)
                label = np.clip(np.array(face) * 0.5 + 110, 0, 255).astype(int).tolist()
                cv2.rectangle(
                    out, (x0, round(top + 0.2 * tall)), (x1 - 1, round(top + rng.uniform(0.3, 0.45) * tall)), label, -1
                )
                cv2.rectangle(out, (x1 - 1, top), (x1, round(foot)), [int(c * 0.45) for c in face], -1)
                x += thick
            x += pitch * (rng.uniform(0.05, 0.5) if rng.random() < 0.12 else 0.012)
        cv2.rectangle(out, (0, round(foot)), (w, round(foot) + board_tall), board, -1)
        shade = slice(max(0, round(foot) + board_tall), max(0, round(foot + board_tall + 0.16 * pitch)))
        out[shade] = (out[shade] * 0.55).astype(np.uint8)
        y += pitch
    return out


def _lamplight(picture: Array, colour: Rgb, most: float, rng: np.random.Generator) -> Array:
    """Uneven light on what stands about: two lamps that are not seen, and dimness between."""
    h, w = picture.shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    glow = np.zeros((h, w), np.float32)
    for at in (rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.9)):
        glow += np.exp(-(((x / w - at) / 0.3) ** 2 + ((y / h - 0.2) / 0.45) ** 2)).astype(np.float32)
    lit = multiply_layer(picture, (0.72 + 0.45 * glow).astype(np.float32))
    return screen_layer(lit, np.clip(glow * most, 0, 1), colour)


def leaves(h: int, w: int, rng: np.random.Generator) -> Array:
    """Leaves of trees with the light coming through, seen by a long lens and far out of focus."""
    wood = place_in("park")
    assert wood is not None
    seen, _ = photographed(wood, round(h * _NEARER), round(w * _NEARER), None, rng)
    top, left = (seen.shape[0] - h) // 4, (seen.shape[1] - w) // 2
    return blur_picture(np.ascontiguousarray(seen[top : top + h, left : left + w]), _SOFT * max(h, w))


def autumn_leaves(h: int, w: int, rng: np.random.Generator) -> Array:
    """The same, of leaves that have turned: what is green is yellow where the light falls and red where it does not."""
    hue, strong, light = cv2.split(cv2.cvtColor(leaves(h, w, rng), cv2.COLOR_RGB2HSV).astype(np.float32))
    bright = light / 255
    turned = _RED + (_YELLOW - _RED) * np.clip(bright + 0.7 * (fbm(h, w, 0.25 * max(h, w), 4, rng) - 0.5), 0, 1)
    full = np.clip(strong * 1.5 + 70 * (1 - bright), 0, 235)
    return np.asarray(
        cv2.cvtColor(cv2.merge([turned, full, np.clip(light * 1.12, 0, 255)]).astype(np.uint8), cv2.COLOR_HSV2RGB)
    )


_FURNITURE = (("sofa", 0.42, 0.95, 0.62), ("floor lamp", 0.86, 0.92, 0.95), ("houseplant", 0.08, 0.95, 0.62))
"""What stands by the wall behind a couch: its name, where its middle and its foot are, and how tall it is, as shares of the picture's width, height and height."""


def couch(h: int, w: int, rng: np.random.Generator) -> Array:
    """A bright room with a couch, a lamp and a plant by its wall."""
    room = place_in("apartment")
    assert room is not None
    out, _ = photographed(room, h, w, 0.2, rng)
    out = blur_picture(out, 0.01 * max(h, w))
    shelf = {entry.name: entry for entry in real()}
    side = min(h, w)
    for name, x, foot, tall in _FURNITURE:
        out = _standing(out, shelf[name], round(x * w), round(foot * h), tall * side)
    return out


def _standing(picture: Array, entry: Shelved, x: int, foot: int, tall: float) -> Array:
    """The picture with a cut-out in it, its middle at column x, its lowest row `foot`, `tall` pixels high."""
    thing = load(entry, None)
    if thing is None:
        return picture
    h, w = picture.shape[:2]
    high, wide = max(2, round(tall)), max(2, round(tall * thing.pixels.shape[1] / thing.pixels.shape[0]))
    scaled = resized(thing.pixels, high, wide)
    canvas = np.zeros((h + 2 * high, w + 2 * wide, 4), np.uint8)
    top, left = foot - high + high, x - wide // 2 + wide
    canvas[top : top + high, left : left + wide] = scaled
    laid = canvas[high : high + h, wide : wide + w]
    share = np.asarray(laid[..., 3] / 255, np.float32)
    shade = blur_field(np.roll(share, round(0.01 * h), axis=0), 0.03 * h)
    return mix(multiply_layer(picture, 1 - 0.35 * shade), np.ascontiguousarray(laid[..., :3]), share)


NEAR: dict[str, Painter] = {
    "blackboard": blackboard,
    "library": library,
    "supermarket": supermarket,
    "leaves": leaves,
    "autumn leaves": autumn_leaves,
    "couch": couch,
}
"""What is painted close behind somebody, by the names of `data/places/places.tsv`."""
