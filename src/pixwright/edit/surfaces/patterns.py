"""Patterns for surfaces: tiles of two or more inks, as weights or colours in pattern coordinates."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.noise import fbm, worley
from pixwright.edit.surfaces.surface import Field
from pixwright.records.vocabulary import Rgb

TILE = 480
"""Side of a pattern tile, in pattern pixels; a region of 200 px shows about one tile."""

_Ink = Callable[[np.random.Generator], Field]


def _grid() -> tuple[Field, Field]:
    x, y = np.meshgrid(np.arange(TILE, dtype=np.float32), np.arange(TILE, dtype=np.float32))
    return x, y


def _soft(distance: NDArray[np.floating]) -> Field:
    """An edge of about two pixels: 0 below -1, 1 above 1."""
    return np.asarray(np.clip(distance / 2 + 0.5, 0, 1), np.float32)


def striped(rng: np.random.Generator) -> Field:
    """Upright stripes, 40 px to a pair."""
    x, _ = _grid()
    return _soft(np.abs(x % 40 - 20) - 10)


def polka_dot(rng: np.random.Generator) -> Field:
    """Dots on a staggered grid of 48 px."""
    x, y = _grid()
    row = np.floor(y / 40)
    dx, dy = (x + (row % 2) * 24) % 48 - 24, y % 40 - 20
    return _soft(12 - np.hypot(dx, dy))


def spotted(rng: np.random.Generator) -> Field:
    """Irregular spots."""
    first, _, cell = worley(TILE, TILE, 44, rng)
    size = 6 + 11 * rng.random(int(cell.max()) + 1).astype(np.float32)[cell]
    return _soft(size - first + (fbm(TILE, TILE, 12, 2, rng) - 0.5) * 8)


def checkered(rng: np.random.Generator) -> Field:
    """A chess board of 40 px squares."""
    x, y = _grid()
    return np.asarray(((x // 40 + y // 40) % 2), np.float32)


def zebra(rng: np.random.Generator) -> Field:
    """Wavering, forking stripes of black on white."""
    x, y = _grid()
    bend = fbm(TILE, TILE, 130, 3, rng) * 120
    ink = _soft((np.sin((x + bend + y * 0.15) / 7.2) + (fbm(TILE, TILE, 40, 2, rng) - 0.5)) * 6)[..., None]
    white, black = np.array([238, 236, 230], np.float32), np.array([34, 32, 33], np.float32)
    return np.asarray(white * (1 - ink) + black * ink, np.float32)


def tiger(rng: np.random.Generator) -> Field:
    """Narrow dark stripes on orange, that taper and break off; paler below every stripe's end."""
    x, y = _grid()
    bend = fbm(TILE, TILE, 110, 3, rng) * 90
    thick = fbm(TILE, TILE, 60, 3, rng)
    stripe = _soft((np.sin((x + bend + y * 0.12) / 8.0) - 1.15 + thick * 0.95) * 9)[..., None]
    ground = np.array([206, 124, 48], np.float32) * (0.88 + 0.24 * fbm(TILE, TILE, 70, 3, rng))[..., None]
    return np.asarray(ground * (1 - stripe) + np.array([34, 24, 18], np.float32) * stripe, np.float32)


WEIGHTS: dict[str, tuple[_Ink, Rgb | None]] = {
    "striped": (striped, None),
    "polka dot": (polka_dot, None),
    "spotted": (spotted, (40, 26, 18)),
    "checkered": (checkered, None),
}
"""One-ink patterns: weight tile in [0, 1] and the ink; None: white on a dark surface and dark on a light one."""


def plaid(rng: np.random.Generator) -> Field:
    """Tartan: crossing bands of red, green and dark blue, with thin yellow lines."""
    x, y = _grid()

    def bands(t: Field) -> Field:
        out = np.full((*t.shape, 3), (176, 28, 36), np.float32)
        out[(t % 96) < 30] = (20, 66, 46)
        out[((t % 96) > 40) & ((t % 96) < 56)] = (24, 34, 84)
        out[((t % 96) > 74) & ((t % 96) < 78)] = (232, 206, 96)
        return out

    twill = (((x + y) % 6) < 3)[..., None]
    return np.where(twill, bands(x), bands(y)).astype(np.float32)


def floral(rng: np.random.Generator) -> Field:
    """Blossoms of several colours with leaves on cream."""
    out = np.full((TILE, TILE, 3), (246, 238, 222), np.uint8)
    petals: list[Rgb] = [(214, 64, 96), (236, 132, 150), (120, 92, 190), (240, 178, 60), (80, 140, 206)]
    for i in range(75):
        x, y = (int(v) for v in rng.integers(0, TILE, 2))
        turn, size = float(rng.random() * 360), int(rng.integers(7, 13))
        for dx in (-TILE, 0, TILE):
            for dy in (-TILE, 0, TILE):
                _blossom(out, (x + dx, y + dy), size, turn, petals[i % len(petals)])
    return out.astype(np.float32)


def _blossom(
    out: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], centre: tuple[int, int], size: int, turn: float, colour: Rgb
) -> None:
    for side in (-1, 1):
        angle = np.deg2rad(turn + side * 110)
        leaf = (int(centre[0] + np.cos(angle) * size * 1.6), int(centre[1] + np.sin(angle) * size * 1.6))
        cv2.ellipse(out, leaf, (size, size // 3), float(np.rad2deg(angle)), 0, 360, (74, 128, 70), -1, cv2.LINE_AA)
    for k in range(5):
        angle = np.deg2rad(turn + k * 72)
        petal = (int(centre[0] + np.cos(angle) * size * 0.75), int(centre[1] + np.sin(angle) * size * 0.75))
        cv2.ellipse(out, petal, (size * 3 // 4, size // 2), float(np.rad2deg(angle)), 0, 360, colour, -1, cv2.LINE_AA)
    cv2.circle(out, centre, max(size // 3, 2), (250, 214, 90), -1, cv2.LINE_AA)


def camouflage(rng: np.random.Generator) -> Field:
    """Four greens and browns in blots."""
    inks = np.array([(70, 82, 46), (118, 118, 74), (88, 66, 42), (34, 38, 30)], np.float32)
    out = np.full((TILE, TILE, 3), inks[1], np.float32)
    for ink in (0, 2, 3):
        out[fbm(TILE, TILE, 75, 3, rng) > 0.57] = inks[ink]
    return out


def leopard(rng: np.random.Generator) -> Field:
    """Rosettes on tawny fur."""
    first, _, cell = worley(TILE, TILE, 36, rng)
    rough = (fbm(TILE, TILE, 14, 2, rng) - 0.5) * 7
    gap = rng.random(int(cell.max()) + 1).astype(np.float32)[cell]
    ring = _soft(3.4 - np.abs(first - 8.5 + rough)) * (gap > 0.08)
    heart = _soft(7 - first + rough) * 0.55
    ground = np.array([206, 156, 92], np.float32) * (0.9 + 0.2 * fbm(TILE, TILE, 60, 3, rng))[..., None]
    ink, core = np.array([44, 28, 18], np.float32), np.array([150, 96, 46], np.float32)
    out = ground * (1 - heart[..., None]) + core * heart[..., None]
    return np.asarray(out * (1 - ring[..., None]) + ink * ring[..., None], np.float32)


def rainbow(rng: np.random.Generator) -> Field:
    """All hues, from left to right."""
    hue = (np.arange(TILE) / TILE * 180).astype(np.uint8)
    hsv = np.dstack(
        [np.tile(hue, (TILE, 1)), np.full((TILE, TILE), 205, np.uint8), np.full((TILE, TILE), 238, np.uint8)]
    )
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)


def starry(rng: np.random.Generator) -> Field:
    """Stars on a night-blue ground with faint nebulae."""
    clouds = fbm(TILE, TILE, 120, 4, rng)[..., None]
    out = np.array([14, 20, 58], np.float32) * (1 - clouds) + np.array([72, 44, 122], np.float32) * clouds
    canvas = out.astype(np.uint8)
    for x, y, size in zip(rng.integers(6, TILE - 6, 260), rng.integers(6, TILE - 6, 260), rng.random(260)):
        cv2.circle(canvas, (int(x), int(y)), 1 + int(size**4 * 4), (255, 252, 226), -1, cv2.LINE_AA)
    return canvas.astype(np.float32)


COLOURS: dict[str, _Ink] = {
    "plaid": plaid,
    "floral": floral,
    "camouflage": camouflage,
    "leopard print": leopard,
    "tiger print": tiger,
    "zebra print": zebra,
    "rainbow": rainbow,
    "starry": starry,
}
"""Patterns of several colours: hxwx3 tiles, 0 to 255."""
REPEATING = frozenset({"striped", "polka dot", "checkered", "plaid", "rainbow"})
"""Those whose tile fits itself at its ends."""
