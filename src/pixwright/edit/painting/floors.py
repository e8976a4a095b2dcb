"""Ground that something stands on, of a material: boards, marble or concrete that run away from the viewer, with a wall behind; or seen from straight above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.painting.scenery_built import brick_wall, wooden_wall
from pixwright.edit.surfaces.noise import Field, fbm
from pixwright.edit.surfaces.substances import Substance, in_colour, meant_by
from pixwright.edit.toning.lut import add_grain, as_picture, multiply_layer, smoothstep
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb, material_in
from pixwright.words import lexicon, read

_TILE = 480
"""Pixels of a tile's side, as it is painted."""
_USUAL = "concrete"
"""What a pavement is made of of which nothing is said."""
_BRICK, _WOOD = "brick", "wood"
_LARGEST = 1000
"""Longer side, in pixels, that is painted."""
_BEHIND, _OF_TALL, _FARTHEST, _NEAREST = 0.2, 0.35, 0.25, 0.78
"""How far above the line of the feet the ground ends at least, in heights of the picture and of what stands there; and between which rows."""
_VANISHES = 0.55
"""How far above its end the ground's lines would meet, in heights of the picture."""
_ACROSS, _ABOVE = 1.1, 1.5
"""Tiles that lie side by side at the lower edge, and, seen from above, along the longer side."""
_BOARDS = 4
"""Boards in a tile's width."""
_JOINT = 0.035
"""Width of the gap between two boards, of a board."""
_WALL: Rgb = (206, 201, 194)
_DARKER: Rgb = (148, 150, 154)
_PALE = 185
"""Mean level of a ground before which a darker wall stands."""
_FINE = 2
"""Times as fine as it is shown the ground is painted."""


@dataclass(frozen=True)
class Floor:
    """What is to be stood on, and what stands behind it: materials, each with the colour that is said of it; no wall where none is named."""

    ground: tuple[Substance, Rgb | None]
    boards: bool
    wall: str = ""


def floor_in(words: str) -> Floor | None:
    """The ground that words name ("a wooden table", "marble floor", "brick wall and pavement"); None where they name none, or a wall alone."""
    named = [part.strip() for part in words.split(" and ")]
    grounds = [part for part in named if _is_floor(part)]
    walls = [part for part in named if lexicon().is_(read(part).head, "wall")]
    if not grounds or len(grounds) + len(walls) < len(named):
        return None
    said = grounds[0] if material_in(grounds[0]) else f"{_USUAL} {grounds[0]}" if walls else ""
    found = meant_by(said) if said else None
    if found is None or found[0].clear:
        return None  # through glass one sees what lies under it
    wall = (material_in(walls[0]) or "") if walls else ""
    return Floor(found, material_in(said) == _WOOD, wall)


def _is_floor(words: str) -> bool:
    """Whether a phrase names something flat to stand on that is made, not grown."""
    head = read(words).head
    return lexicon().is_(head, "surface") and not lexicon().is_(
        head, "wall", "plant", "landscape", "water", "sky", "setting"
    )


def paint_floor(floor: Floor, h: int, w: int, foot: float, tall: float, rng: np.random.Generator) -> Array:
    """The ground with a wall behind it, HxWx3. It ends above `foot`, the row where something stands on it, and the farther the taller (`tall`) that is: fractions of the height."""
    scale = min(1.0, _LARGEST / max(h, w))
    sh, sw = max(24, round(h * scale)), max(24, round(w * scale))
    end = float(np.clip(foot - max(_BEHIND, _OF_TALL * tall), _FARTHEST, _NEAREST))
    top = round(end * sh)
    rows = np.arange(top, sh, 1 / _FINE, dtype=np.float32) + np.float32(0.25)
    away = _VANISHES * sh
    depth = (sh - top + away) / (rows - top + away)  # 1 at the lower edge
    x = (np.arange(0, sw, 1 / _FINE, dtype=np.float32) / sw - 0.5) * np.float32(max(sw / sh, 1.0))
    across = x[None] * depth[:, None] * _ACROSS
    along: Field = np.asarray(np.broadcast_to((depth * (1 + away / sh) * _ACROSS)[:, None], across.shape), np.float32)
    near = _laid(floor, np.asarray(across, np.float32), along, rng)
    near = cv2.resize(near, (sw, sh - top), interpolation=cv2.INTER_AREA)
    wall = _DARKER if float(near.mean()) > _PALE else _WALL
    out = np.concatenate([_wall(floor.wall, wall, top, sw, sh, rng), near])
    light = 1.06 - 0.16 * smoothstep(
        0.0, 1.0, np.linspace(0, 1, sh, dtype=np.float32)[:, None] * np.ones((1, sw), np.float32)
    )
    meeting = np.exp(-np.abs(np.arange(sh, dtype=np.float32)[:, None] - top) / (0.02 * sh)) * np.ones(
        (1, sw), np.float32
    )
    out = multiply_layer(out, (light * (1 - 0.25 * meeting)).astype(np.float32))
    return add_grain(resized(out, h, w) if out.shape[:2] != (h, w) else out, 1.6, rng)


def paint_from_above(floor: Floor, h: int, w: int, rng: np.random.Generator) -> Array:
    """The ground alone, seen from straight above, HxWx3."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) * np.float32(_ABOVE / max(h, w))
    out = _laid(floor, x, y, rng)
    uneven = 1 + 0.12 * (fbm(h, w, 0.7 * w, 3, rng) - 0.5)
    return add_grain(multiply_layer(out, uneven.astype(np.float32)), 1.6, rng)


def _laid(floor: Floor, across: Field, along: Field, rng: np.random.Generator) -> Array:
    """The material at each place of the plane (in tiles), HxWx3; wood lies in boards that run away from the viewer."""
    substance, colour = floor.ground
    tile = np.clip(substance.paint(_TILE, rng), 0, 255).astype(np.float32)
    if colour is not None:
        tile = in_colour(tile, colour, veined=substance.veined)
    if not floor.boards:
        return as_picture(_sampled(tile, across + rng.uniform(0, 2), along))
    tile = np.ascontiguousarray(tile.transpose(1, 0, 2)) if substance.grained else tile
    board = np.floor(across * _BOARDS)
    inner = across * _BOARDS - board
    own = rng.uniform(0, 1, 97).astype(np.float32)[np.mod(board, 97).astype(int)]
    out = _sampled(tile, across + own * 7, along * np.float32(0.6) + own * 3)
    gap = smoothstep(0.0, _JOINT, np.minimum(inner, 1 - inner))
    return as_picture(out * ((0.88 + 0.24 * own) * (0.45 + 0.55 * gap))[..., None])


def _sampled(tile: Field, across: Field, along: Field) -> Field:
    """The tile at each place, mirrored at its sides so that it shows no seam."""
    u, v = (_there_and_back(np.asarray(place, np.float32)) for place in (across, along))
    return np.asarray(cv2.remap(tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def _there_and_back(place: Field) -> Field:
    within = np.mod(place, 2)
    return np.asarray(np.where(within > 1, 2 - within, within) * np.float32(_TILE - 1), np.float32)


def _wall(material: str, colour: Rgb, rows: int, w: int, h: int, rng: np.random.Generator) -> Array:
    """What stands behind the ground: bricks, boards, or a plain wall on which the light falls off. rows x w x 3, of a picture of h rows."""
    painters: dict[str, Callable[[int, int, np.random.Generator], Array]] = {_BRICK: brick_wall, _WOOD: wooden_wall}
    if material in painters:
        return painters[material](h, w, rng)[:rows]
    plain = np.full((rows, w, 3), colour, np.uint8)
    y, x = np.linspace(0, 1, rows, dtype=np.float32)[:, None], np.linspace(-1, 1, w, dtype=np.float32)[None]
    return multiply_layer(plain, (1.1 - 0.22 * np.hypot(x * 0.8, 1 - y)).astype(np.float32))
