"""Looks: edits of one thing's surface or of a whole scene, by the project's own editors."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Look
from pixwright.build.run.networks import encoders
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.dispatch import edit
from pixwright.edit.editors.material_change import TILE, dress
from pixwright.edit.surfaces.substances import SUBSTANCES, Substance
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import MATERIAL_ALIASES
from pixwright.words import read

SURFACE = frozenset(one for one in EditType if not one.traits.redraws and not one.traits.refers)
"""What can be a look of one thing."""
WHOLE = frozenset(one for one in SURFACE if one.traits.finish)
"""What can be a look of the whole picture."""
TABLE = 52
"""Steps of a colour in a table: levels 0, 5, 10 to 255, so that none is rounded."""
_MARGIN = 0.12
"""Neutral ground around a cut-out, as a share of its longer side: editors look at what is near, and a glow needs room."""
_GREY = 150
_CLEAR = 0.55
"""How much alpha a wholly clear substance loses."""


def dressed(rgba: Array, looks: tuple[Look, ...], salt: object) -> Array:
    """A cut-out HxWx4 uint8 with its looks, alpha kept but for what is clear. Seeded by `salt`; no looks: the same array.

    Raises `InvalidOption` for a look that no editor can give.
    """
    seed = zlib.crc32(repr(salt).encode())
    for look in looks:
        rgba = _dressed(rgba, look, seed)
    return rgba


def finished(
    picture: Array, looks: tuple[Look, ...], seed: int, ground: Callable[[Array, str | Thing], Region]
) -> Array:
    """A picture HxWx3 uint8 with looks of the whole of it. `ground` answers what is where. Raises `InvalidOption` as `dressed`."""
    for look in looks:
        if look[0] not in WHOLE:
            raise InvalidOption(f"'{look[0]}' is no look of a whole picture; use one of {_names(WHOLE)}.")
        picture = _edited(picture, look, whole(*picture.shape[:2]), seed, ground)
    return picture


@lru_cache(maxsize=32)
def table_of(look: Look) -> Array | None:
    """The look of a whole picture as a table of colours, if it is a map of each pixel's colour alone, else None.

    S x S x S x 3 uint8, indexed by red, green, blue at `TABLE` even steps of 0 to 255; between them it is linear to within two levels. Found
    by looking: what the editor does to a cube of colours it must also do to some of them in another order, size and company, without
    asking for anything that is in the picture.
    """
    if look[0] is not EditType.TONE_TRANSFER:
        return None
    steps = np.linspace(0, 255, TABLE).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1)
    rng = np.random.default_rng(0)
    asked: list[str] = []

    def ground(picture: Array, phrase: str | Thing) -> Region:
        asked.append(str(phrase))
        return nothing(picture, phrase)

    # Dark and few: a look that depends on the picture's mean, size or neighbourhoods treats them differently.
    sample = (rng.random((48, 48, 3)) ** 2 * 255).astype(np.uint8)
    first = finished(sample, (look,), 1, ground)
    if asked:
        return None
    table = finished(cube.reshape(TABLE, -1, 3), (look,), 0, ground).reshape(cube.shape)
    error = np.abs(_through(table, sample) - first)
    return table if float(error.max()) <= 1.6 else None


def _through(table: Array, picture: Array) -> NDArray[np.float32]:
    """A picture through a table of colours, linear between its steps."""
    at = picture.astype(np.float32) * ((TABLE - 1) / 255)
    low = np.minimum(at.astype(np.int64), TABLE - 2)
    share = at - low
    out = np.zeros(picture.shape, np.float32)
    for corner in range(8):
        up = np.array([corner >> 2, (corner >> 1) & 1, corner & 1])
        weight = np.where(up, share, 1 - share).prod(axis=-1, keepdims=True)
        r, g, b = np.moveaxis(low + up, -1, 0)
        out += weight * table[r, g, b]
    return out


def nothing(picture: Array, phrase: str | Thing) -> Region:
    """The ground of a picture in which nothing is to be found."""
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, str(phrase), "none")


def _dressed(rgba: Array, look: Look, seed: int) -> Array:
    if look[0] not in SURFACE:
        raise InvalidOption(f"'{look[0]}' is no look of a thing; use one of {_names(SURFACE)}.")
    room = max(4, round(_MARGIN * max(rgba.shape[:2])))
    alpha = np.pad(rgba[..., 3], room)
    picture = _on_grey(rgba, room)
    box = (room, room, room + rgba.shape[1], room + rgba.shape[0])
    solid = np.where(alpha > 0, np.maximum(alpha, 200), 0).astype(np.uint8)
    region = Region(solid, (box,), 1.0, "thing", "user", (alpha > 0).astype(np.uint8))
    if look == (EditType.APPEARANCE_ALTER, "transparent"):
        return _transparent(rgba)
    clear = _clearness(look)
    new = _edited(picture, look, region, seed, nothing) if clear == 0 else _cleared(picture, look, region, seed)
    new = new[box[1] : box[3], box[0] : box[2]]
    through = rgba[..., 3] if clear == 0 else _thinned(new, rgba[..., 3], clear)
    return np.ascontiguousarray(np.dstack([new, through]))


def _edited(
    picture: Array, look: Look, region: Region, seed: int, ground: Callable[[Array, str | Thing], Region]
) -> Array:
    kind, value = look
    step = Step(type=kind, instruction="", target=None if region.source == "whole" else read("thing"), value=value)
    proposal = edit(picture, step, region, Context(seed, encoders(), ground))
    if proposal.refused is not None:
        raise InvalidOption(f"The look {kind} '{value}' cannot be given: {proposal.refused}.")
    return composite(picture, proposal, None)[0]


def _on_grey(rgba: Array, room: int) -> Array:
    """The cut-out's colours on grey. Under its soft rim its own colours are continued, so that an edit does not tint the edge grey."""
    solid = (rgba[..., 3] > 200).astype(np.float32)
    near = cv2.blur(solid, (9, 9))
    spread = cv2.blur(rgba[..., :3] * solid[..., None], (9, 9)) / np.maximum(near, 1e-3)[..., None]
    own = np.where((rgba[..., 3] <= 200)[..., None] & (near > 0.01)[..., None], spread, rgba[..., :3])
    own = np.where((rgba[..., 3] > 0)[..., None], own, _GREY)
    return np.pad(np.clip(own, 0, 255).astype(np.uint8), ((room, room), (room, room), (0, 0)), constant_values=_GREY)


def _substance(look: Look) -> Substance | None:
    name = {"frozen": "ice"}.get(look[1], MATERIAL_ALIASES.get(look[1], look[1]))
    return SUBSTANCES.get(name) if look[0] in (EditType.MATERIAL_CHANGE, EditType.APPEARANCE_ALTER) else None


def _clearness(look: Look) -> float:
    substance = _substance(look)
    return substance.clear if substance else 0.0


def _cleared(picture: Array, look: Look, region: Region, seed: int) -> Array:
    """Of a clear substance, with the neutral ground behind it: the editor itself would first have to invent what is behind."""
    substance = _substance(look)
    assert substance is not None
    tile = substance.paint(TILE, np.random.default_rng([seed, 1]))
    step = Step(type=look[0], instruction="", target=None, value=look[1])
    return dress(picture, region, step, substance, tile, np.full_like(picture, _GREY))[0]


def _thinned(rgb: Array, alpha: Array, clear: float) -> Array:
    """Less alpha inside, where one looks straight through; highlights and the rim stay."""
    depth = cv2.distanceTransform((np.pad(alpha, 1) > 127).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    inside = np.clip(depth / max(0.12 * max(alpha.shape), 1.0), 0, 1)
    bright = np.clip((rgb.min(axis=2).astype(np.float32) - 200) / 55, 0, 1)
    return np.asarray(alpha * (1 - _CLEAR * clear * inside * (1 - bright)), np.uint8)


def _transparent(rgba: Array) -> Array:
    out = rgba.copy()
    out[..., 3] = _thinned(rgba[..., :3], rgba[..., 3], 1.35)
    return out


def _names(kinds: frozenset[EditType]) -> str:
    return ", ".join(sorted(kinds))
