"""Textures: cut-outs and backgrounds at several sizes, ready to be sampled. Kept in memory up to a bound.

A cut-out's level is a square of a power of two with premultiplied alpha and a transparent rim; a background's level is stretched to
powers of two on both axes. Sizes thus repeat, which lets the batched renderer stack them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Catalogue, Layer, Look
from pixwright.build.scene.looks import dressed
from pixwright.build.scene.signs import asset_of, pixels_of
from pixwright.records.instruction import Array

RIM = 1
"""Transparent texels around a cut-out, so that a bilinear sample fades to nothing."""
SMALLEST, LARGEST = 8, 1024
"""Sides of levels, in texels."""
KEEP_BYTES = 640 << 20
"""What each of the two caches may hold: every painted background fits, because painting one anew costs as much as half a row."""
_FOOT = 0.1
"""Share of a cut-out's height, from below, that counts as its foot."""

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
TextureKey: TypeAlias = tuple[str, str, tuple[Look, ...], str]
V = TypeVar("V")


class Bounded(Generic[V]):
    """A cache that forgets what was used longest ago when it holds more than `limit` bytes. Safe to share between threads."""

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self._limit, self._size, self._held = limit, size, 0
        self._items: OrderedDict[object, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, make: Callable[[], V]) -> V:
        """The value of `key`, made if it is not held."""
        with self._lock:
            hit = self._items.get(key)
            if hit is not None:
                self._items.move_to_end(key)
                return hit[0]
        value = make()
        size = self._size(value)
        with self._lock:
            if key not in self._items:
                self._items[key] = (value, size)
                self._held += size
            while self._held > self._limit and len(self._items) > 1:
                _, (_, gone) = self._items.popitem(last=False)
                self._held -= gone
        return value


@dataclass(frozen=True, eq=False)
class Texture:
    """A cut-out with its looks and its text. `foot` is where its lowest tenth lies, from and to as shares of its
    width, and how much of that really touches the ground."""

    key: TextureKey
    pixels: Array
    foot: tuple[float, float, float]
    levels: dict[int, Array] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @cached_property
    def row(self) -> tuple[float, ...]:
        """Width, height and foot, for arithmetic over many."""
        return (*self.size, *self.foot)

    def level(self, side: int) -> Array:
        """SxSx4 uint8 with premultiplied alpha."""
        if side not in self.levels:
            self.levels[side] = self._made(side)
        return self.levels[side]

    def _made(self, side: int) -> Array:
        wide, tall = (int(n) for n in inner_of(np.array([self.size]), np.array([side]))[0])
        small = self.pixels.astype(np.float32)
        small[..., :3] *= small[..., 3:] / 255
        if (wide, tall) != self.size:
            small = cv2.resize(small, (wide, tall), interpolation=cv2.INTER_AREA)
        out = np.zeros((side, side, 4), np.uint8)
        out[RIM : RIM + tall, RIM : RIM + wide] = np.rint(small)
        return out


@dataclass(frozen=True, eq=False)
class Backdrop:
    """A background. `key` is its own and its content's."""

    key: tuple[str, str]
    pixels: Array
    levels: dict[tuple[int, int], Array] = field(default_factory=dict)

    def level(self, tall: int, wide: int) -> Array:
        """tall x wide x 3 uint8: the whole background, stretched."""
        if (tall, wide) not in self.levels:
            smaller = tall <= self.pixels.shape[0] and wide <= self.pixels.shape[1]
            way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
            self.levels[tall, wide] = np.asarray(cv2.resize(self.pixels, (wide, tall), interpolation=way), np.uint8)
        return self.levels[tall, wide]


# A level adds at most a third to what lies above it; a square one of a narrow thing adds more. A background's few levels are smaller than itself.
_TEXTURES: Bounded[Texture] = Bounded(KEEP_BYTES, lambda t: t.pixels.nbytes + 2 * 4 * max(t.size) ** 2)
_BACKDROPS: Bounded[Backdrop] = Bounded(KEEP_BYTES, lambda b: 2 * b.pixels.nbytes)


def texture_of(layer: Layer, catalogue: Catalogue) -> Texture:
    """The texture of a layer's cut-out with its looks and text. Raises `InvalidOption` for an unknown asset or look."""
    asset = asset_of(layer.asset, catalogue)
    key: TextureKey = (layer.asset, asset.sha256, layer.looks, layer.text)
    return _TEXTURES.get(key, lambda: _texture(key, layer, catalogue))


def backdrop_of(key: str, catalogue: Catalogue) -> Backdrop:
    """The background of that key. Raises `InvalidOption` for an unknown one."""
    full = (key, catalogue.asset(key).sha256)
    return _BACKDROPS.get(full, lambda: Backdrop(full, np.ascontiguousarray(catalogue.pixels(key)[..., :3])))


def sides_for(texels: Floats, native: Floats) -> Ints:
    """The sides of the smallest levels that have at least so many texels across, of cut-outs whose longer sides are `native`."""
    wanted = np.maximum(np.minimum(texels, native) + 2 * RIM, SMALLEST)
    return np.asarray(np.minimum(2 ** np.ceil(np.log2(wanted)), LARGEST), np.int64)


def inner_of(sizes: Floats | Ints, sides: Ints) -> Floats:
    """Width and height in texels, n x 2, that cut-outs of those sizes take up in levels of those sides; they start at `RIM`."""
    scale = np.minimum(1.0, (sides - 2 * RIM) / sizes.max(axis=1))
    return np.asarray(np.maximum(1.0, np.rint(sizes * scale[:, None])), np.float64)


def _texture(key: TextureKey, layer: Layer, catalogue: Catalogue) -> Texture:
    pixels = dressed(pixels_of(layer.asset, layer.text, catalogue), layer.looks, key)
    return Texture(key, pixels, _foot(pixels[..., 3]))


def _foot(alpha: Array) -> tuple[float, float, float]:
    rows = max(2, round(alpha.shape[0] * _FOOT))
    columns = np.flatnonzero((alpha[-rows:] > 127).any(axis=0))
    if not columns.size:
        return 0.25, 0.75, 0.5
    first, last = int(columns[0]), int(columns[-1]) + 1
    return first / alpha.shape[1], last / alpha.shape[1], columns.size / (last - first)
