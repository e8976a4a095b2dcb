"""A look as parameters: what an edit did to the key frame's colours, as one function of colour for the whole shot, and what that leaves over, carried along with the surface.

    after = function(before) + rest

The function (an affine map of RGB, and a table of what it misses) is the same in every frame, so light and shade that change are edited as the key frame's were, and nothing
flickers. The rest (a pattern, strokes, a sky that was treated unlike the ground) belongs to places: it moves with what was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pixwright.edit.composite import blend
from pixwright.motion import Floats
from pixwright.records.instruction import Array
from pixwright.video.contract import Followed, MadeStep
from pixwright.video.spool import ArrayShelf, KeptPlace, SpotInFrame, spot

_SURE = 200
"""Level of a mask from which a pixel shows the edit wholly."""
_SAMPLES = 60_000
"""Pixels that the function is fitted to, at most."""
_FIRM = 0.003
"""How firmly the affine map is held to one gain for all channels, a share of the pixels' weight: colours that the key frame does not show are not made up."""
_CELLS = 17
"""Of the table, along each channel."""
_REACH, _FEW = 1.2, 0.4
"""Sigma, in cells, over which what is known of a colour is believed of others; weight from which it is."""
_GRID = 33
"""Points along each channel at which the function is tabulated to be applied."""
_COARSE = 24
"""Sigma, in pixels, over which the rest is averaged where nothing is known of a place."""
_RIM, _KNOWN = 3.0, 0.02
"""Sigma, in pixels, over which the change inside is continued over the rim; weight from which a blurred value means something."""


@dataclass(frozen=True, eq=False)
class Transfer:
    """A function from colour to colour."""

    matrix: NDArray[np.float64]
    """4x3, on (r, g, b, 1) in [0, 1]."""
    misses: Floats
    """Table of what is to be added, by red, green and blue."""

    def __call__(self, pixels: Array) -> Array:
        """HxWx3 uint8 -> HxWx3 uint8."""
        return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).filter(self._lookup), np.uint8)

    @cached_property
    def _lookup(self) -> ImageFilter.Color3DLUT:
        axis = np.linspace(0, 1, _GRID, dtype=np.float32)
        blue, green, red = (one.ravel() for one in np.meshgrid(axis, axis, axis, indexing="ij"))
        colours = np.stack([red, green, blue], 1)
        made = np.clip(_affine(colours) @ self.matrix + _looked_up(self.misses, colours), 0, 1)
        return ImageFilter.Color3DLUT(_GRID, made.astype(np.float32).ravel().tolist())


def fit(before: Array, after: Array, mask: Array) -> Transfer:
    """What an edit did: before and after HxWx3 uint8, fitted where `mask` HxW uint8 says that the edit is whole (or strongest)."""
    where = np.flatnonzero(mask.ravel() >= min(_SURE, int(mask.max())))
    where = where[:: max(1, where.size // _SAMPLES)]
    x = before.reshape(-1, 3)[where].astype(np.float64) / 255
    y = after.reshape(-1, 3)[where].astype(np.float64) / 255
    terms = _affine(x)
    gain = float((x * y).sum() / max((x * x).sum(), 1e-9))
    start = np.vstack([np.eye(3) * gain, np.zeros((1, 3))])
    firm = _FIRM * len(x) * np.diag([1.0, 1.0, 1.0, 0.0])
    matrix = np.asarray(np.linalg.solve(terms.T @ terms + firm, terms.T @ y + firm @ start), np.float64)
    return Transfer(matrix, _table(x, np.asarray(y - terms @ matrix, np.float64)))


def _affine(colours: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.concatenate([colours, np.ones((len(colours), 1), colours.dtype)], axis=1)


def _table(colours: NDArray[np.float64], left: NDArray[np.float64]) -> Floats:
    """What is left over, by colour: weighted means, spread to colours nearby and 0 far from all that were seen."""
    sums = np.zeros((_CELLS, _CELLS, _CELLS, 4))
    for corner, weight in _corners(colours):
        np.add.at(sums, tuple(corner.T), np.concatenate([left * weight[:, None], weight[:, None]], axis=1))
    kernel = cv2.getGaussianKernel(7, _REACH).ravel()
    for axis in range(3):
        sums = np.apply_along_axis(np.convolve, axis, sums, kernel, "same")
    weight = sums[..., 3:]
    return np.asarray(sums[..., :3] / (weight + _FEW), np.float32)


def _corners(colours: NDArray[np.floating]) -> list[tuple[NDArray[np.int64], NDArray[np.floating]]]:
    """The eight cells about each colour, with their weights."""
    at = np.clip(colours, 0, 1) * (_CELLS - 1)
    low = np.minimum(at.astype(np.int64), _CELLS - 2)
    share = at - low
    found = []
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(np.array(corner) == 1, share, 1 - share), axis=1)
        found.append((low + np.array(corner), weight))
    return found


def _looked_up(table: Floats, colours: NDArray[np.floating]) -> NDArray[np.floating]:
    return sum(
        (table[tuple(corner.T)] * weight[:, None] for corner, weight in _corners(colours)), np.zeros_like(colours)
    )


@dataclass(frozen=True, eq=False)
class Rest:
    """What the function leaves over in one picture, and how much of each pixel is edited there."""

    left: NDArray[np.int16]
    """HxWx3: after - function(before)."""
    mask: Array
    """HxW uint8."""

    @staticmethod
    def of(before: Array, after: Array, mask: Array, transfer: Transfer) -> Rest:
        """`after` is the edit itself, not yet blended by `mask`."""
        return Rest(after.astype(np.int16) - transfer(before), mask)


def apply(pixels: Array, spot: SpotInFrame, transfer: Transfer, rest: Rest) -> tuple[Array, Array]:
    """The look on a frame HxWx3: (what the edit makes of the spot's box, how much of each pixel there is edited, hxw uint8)."""
    left = np.asarray(
        cv2.remap(rest.left, spot.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    mask = cv2.remap(rest.mask, spot.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    if (spot.valid < 1).any():
        left = _where_known(left, np.asarray(spot.valid, np.float32))
    own = pixels[spot.part]
    change = _beyond_rim(transfer(own) + left - own, mask)
    new = np.clip(np.rint(own + change), 0, 255).astype(np.uint8)
    return new, np.asarray(np.rint(mask * (1 - spot.hidden)), np.uint8)


def _beyond_rim(change: Floats, mask: Floats) -> Floats:
    """The change of what is wholly the thing's, continued over its rim: there pixels are mixed with a ground that is another one in each frame."""
    core = cv2.erode((mask >= _SURE).astype(np.float32), np.ones((3, 3), np.uint8))
    if not core.any():
        return change
    total = cv2.GaussianBlur(core, (0, 0), _RIM)
    near = cv2.GaussianBlur(change * core[..., None], (0, 0), _RIM) / np.maximum(total, _KNOWN)[..., None]
    rim = (core == 0) & (total > _KNOWN)
    return np.asarray(np.where(rim[..., None], near, change), np.float32)


def _where_known(left: Floats, valid: Floats) -> Floats:
    """The rest where it is known, and its mean about there elsewhere."""
    step = max(1, _COARSE // 4)
    size = max(1, valid.shape[1] // step), max(1, valid.shape[0] // step)
    both = cv2.resize(np.dstack([left * valid[..., None], valid]), size, interpolation=cv2.INTER_AREA)
    both = cv2.resize(cv2.GaussianBlur(both, (0, 0), _COARSE / step), valid.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mean = both[..., :3] / np.maximum(both[..., 3:], _KNOWN)
    return np.asarray(left * valid[..., None] + mean * (1 - valid[..., None]), np.float32)


_WHOLE_LEAST, _THING_LEAST = 0.92, 0.6
"""Coverage under which a look is carried over from another picture: of a whole picture, and of a thing."""


_EXPLAINED = 0.35
"""What a function of colour may leave over of an edit that is one, as a share of what the edit changed; root mean squares."""


def _rms(values: NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean(values.astype(np.float64) ** 2))) if values.size else 0.0


class LookCarrier:
    """A look: colour, material, tone, style; or whatever a system made of surfaces. Its parameters are the key frame's in all of the shot."""

    way, renews = "look", True

    def __init__(self, made: MadeStep, shelf: ArrayShelf) -> None:
        """The key frame's edit; the rests go onto `shelf`."""
        self._transfer = fit(made.before, made.after, made.mask)
        self._shelf = shelf
        rest = Rest.of(made.before, made.after, made.mask, self._transfer)
        sure = made.mask >= min(_SURE, int(made.mask.max()))
        change = made.after.astype(np.float32) - made.before
        self._is_function = _rms(rest.left[sure]) <= _EXPLAINED * _rms(change[sure])
        shelf.put("rest-0", rest.left, rest.mask)
        whole = made.region.source == "whole"
        own = Followed(made.mask, whole, made.region.source == "phrase", _WHOLE_LEAST if whole else _THING_LEAST)
        self.followed: tuple[Followed, ...] = (own,)

    def link(self, thing: int, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """Nothing: each picture that it is carried over from has its own rest."""

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """Nothing: the parameters are known."""

    def finish(self) -> None:
        """Nothing."""

    def renew(self, anchor: int, before: Array, after: Array, mask: Array) -> None:
        """The parameters stay; the rest is another picture's, where there is any: a colour that was fitted anew would be another one."""
        rest = Rest.of(before, after, mask, self._transfer)
        left = np.zeros_like(rest.left) if self._is_function else rest.left
        self._shelf.put(f"rest-{anchor}", left, rest.mask)

    def lay(self, pixels: Array, things: Sequence[KeptPlace]) -> tuple[Array, Array]:
        """The parameters applied through the mask, and the rest laid on."""
        kept = things[0]
        mask = np.zeros(pixels.shape[:2], np.uint8)
        rest = self._shelf.get(f"rest-{kept.anchor}")
        if rest is None:
            return pixels, mask
        found = spot(kept, pixels)
        new, part = apply(pixels, found, self._transfer, Rest(*rest))
        result = pixels.copy()
        result[found.part] = blend(pixels[found.part], new, part)
        mask[found.part] = part
        return result, mask
