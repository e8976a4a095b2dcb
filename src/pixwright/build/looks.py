"""Looks: edits of one thing's surface or of a whole scene, by the project's own editors."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from pixwright.build.contract import Look, Matrix
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.dispatch import edit
from pixwright.edit.substances import SUBSTANCES
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.edit_type import EditType
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.records.vocabulary import MATERIAL_ALIASES

SURFACE = frozenset(
    {
        EditType.COLOR_ALTER,
        EditType.APPEARANCE_ALTER,
        EditType.MATERIAL_CHANGE,
        EditType.STYLE_CHANGE,
        EditType.TONE_TRANSFER,
    }
)
"""What can be a look of one thing."""
WHOLE = frozenset({EditType.STYLE_CHANGE, EditType.TONE_TRANSFER})
"""What can be a look of the whole picture."""
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


def finished(picture: Array, looks: tuple[Look, ...], seed: int, ground: Callable[[Array, str], Region]) -> Array:
    """A picture HxWx3 uint8 with looks of the whole of it. `ground` answers what is where. Raises `InvalidOption` as `dressed`."""
    for look in looks:
        if look[0] not in WHOLE:
            raise InvalidOption(f"'{look[0]}' is no look of a whole picture; use one of {_names(WHOLE)}.")
        picture = _edited(picture, look, whole(*picture.shape[:2]), seed, ground)
    return picture


@lru_cache(maxsize=256)
def matrix_of(look: Look) -> Matrix | None:
    """The look of a whole picture as one colour matrix, if it is one to within about a level, else None.

    Found by looking: what the editor does to a cube of colours, and to its dark colours in another order, must be the same map of colour
    alone, affine before clipping, and made without looking for anything.
    """
    if look[0] is not EditType.TONE_TRANSFER:
        return None
    steps = np.linspace(0, 255, 16).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    order = np.random.default_rng(0).permutation(len(cube))
    dark = order[cube[order].sum(axis=1) < 380][:1024]
    asked: list[str] = []

    def ground(picture: Array, phrase: str) -> Region:
        asked.append(phrase)
        return nothing(picture, phrase)

    one = finished(cube.reshape(64, 64, 3), (look,), 0, ground).reshape(-1, 3)
    two = finished(cube[dark].reshape(32, 32, 3), (look,), 1, ground).reshape(-1, 3)
    if asked or not np.array_equal(one[dark], two):
        return None
    known = np.column_stack([cube / 255, np.ones(len(cube))])
    rows = []
    for channel in one.T / 255:
        free = (channel > 0.01) & (channel < 0.99)
        if free.sum() < 64:
            return None
        rows.append(np.linalg.lstsq(known[free], channel[free], rcond=None)[0])
    matrix = np.array(rows)
    error = np.abs(np.clip(known @ matrix.T, 0, 1) * 255 - one)
    if error.max() > 1.2:
        return None
    return tuple(float(v) for v in matrix.ravel())


def nothing(picture: Array, phrase: str) -> Region:
    """The ground of a picture in which nothing is to be found."""
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, phrase, "none")


@lru_cache(maxsize=1)
def encoders() -> Encoders:
    """The packaged networks, loaded when first used."""
    return Encoders()


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
    new = _edited(picture, look, region, seed, nothing)[box[1] : box[3], box[0] : box[2]]
    clear = _clearness(look)
    through = rgba[..., 3] if clear == 0 else _thinned(new, rgba[..., 3], clear)
    return np.ascontiguousarray(np.dstack([new, through]))


def _edited(picture: Array, look: Look, region: Region, seed: int, ground: Callable[[Array, str], Region]) -> Array:
    kind, value = look
    step = Step(type=kind, instruction="", target=None if region.source == "whole" else "thing", value=value)
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


def _clearness(look: Look) -> float:
    name = {"frozen": "ice"}.get(look[1], MATERIAL_ALIASES.get(look[1], look[1]))
    if look[0] not in (EditType.MATERIAL_CHANGE, EditType.APPEARANCE_ALTER) or name not in SUBSTANCES:
        return 0.0
    return SUBSTANCES[name].clear


def _thinned(rgb: Array, alpha: Array, clear: float) -> Array:
    """Less alpha inside, where one looks straight through; highlights and the rim stay."""
    depth = cv2.distanceTransform((np.pad(alpha, 1) > 127).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    inside = np.clip(depth / max(0.12 * max(alpha.shape), 1.0), 0, 1)
    bright = np.clip((rgb.max(axis=2).astype(np.float32) - 200) / 55, 0, 1)
    return np.asarray(alpha * (1 - _CLEAR * clear * inside * (1 - bright)), np.uint8)


def _transparent(rgba: Array) -> Array:
    out = rgba.copy()
    out[..., 3] = _thinned(rgba[..., :3], rgba[..., 3], 1.35)
    return out


def _names(kinds: frozenset[EditType]) -> str:
    return ", ".join(sorted(kinds))
