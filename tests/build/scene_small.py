"""A catalogue small enough to reason about: drawn cut-outs and backgrounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixwright.build.contract import Layer, LayeredScene
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset, AssetKind, Split


def _asset(key: str, kind: AssetKind, name: str, category: str, metres: float | None = None, *tags: str) -> Asset:
    return Asset(key, kind, name, name, category, "CC0", "drawn", key, f"hash of {key}", size_m=metres, tags=tags)


def _disc(side: int, colour: tuple[int, int, int]) -> Array:
    at = np.arange(side) - (side - 1) / 2
    alpha = np.clip(side / 2 - np.hypot(at[:, None], at[None]) + 0.5, 0, 1) * 255
    return np.dstack([np.full((side, side, 3), colour, np.uint8), alpha.astype(np.uint8)])


def _block(tall: int, wide: int) -> Array:
    """Left half red, right half blue, a soft left edge."""
    out = np.zeros((tall, wide, 4), np.uint8)
    out[..., 3] = 255
    out[:, : wide // 2, 0] = 220
    out[:, wide // 2 :, 2] = 220
    out[:, :2, 3] = 128
    return out


def _noise(tall: int, wide: int) -> Array:
    rng = np.random.default_rng(5)
    return np.dstack([rng.integers(0, 256, (tall, wide, 3), dtype=np.uint8), np.full((tall, wide), 230, np.uint8)])


PIXELS: dict[str, Array] = {
    "own/ball": _disc(96, (230, 120, 20)),
    "own/block": _block(80, 60),
    "own/noise": _noise(150, 51),
    "own/dot": _disc(5, (20, 200, 40)),
    "own/plain": np.full((90, 120, 3), 120, np.uint8),
    "own/ramp": np.dstack([np.tile(np.linspace(0, 255, 200), (150, 1)).astype(np.uint8)] * 3),
    "own/field": np.vstack([np.full((80, 240, 3), (120, 180, 240)), np.full((80, 240, 3), (80, 140, 50))]).astype(
        np.uint8
    ),
}
ASSETS = (
    _asset("own/ball", "cutout", "ball", "sport", 0.3, "ground"),
    _asset("own/block", "cutout", "block", "toy", 0.5, "ground"),
    _asset("own/noise", "cutout", "pole", "street", 1.2, "ground"),
    _asset("own/dot", "cutout", "dot", "food", 0.05, "table"),
    _asset("own/plain", "background", "brick wall", "wall"),
    _asset("own/ramp", "background", "road", "outdoors"),
    _asset("own/field", "background", "meadow", "outdoors"),
)


class Small:
    """Implements `contract.Catalogue`."""

    split = Split.TRAIN

    def assets(self, kind: AssetKind) -> Sequence[Asset]:
        return [a for a in ASSETS if a.kind == kind]

    def asset(self, key: str) -> Asset:
        found = next((a for a in ASSETS if a.key == key), None)
        if found is None:
            raise InvalidOption(f"'{key}' is unknown")
        return found

    def pixels(self, key: str) -> Array:
        return PIXELS[self.asset(key).key]

    def samples(self, key: str) -> tuple[Samples, int]:
        raise InvalidOption("no sounds")


SMALL = Small()


def layer(key: str = "own/ball", **changes: object) -> Layer:
    """A layer in the middle, changed as told."""
    values: dict[str, object] = {"x": 0.5, "y": 0.8, "height": 0.4, "name": key.split("/")[-1], **changes}
    return Layer(asset=key, **values)  # type: ignore[arg-type]


def scene(
    *layers: Layer, width: int = 96, height: int = 96, background: str = "own/plain", **changes: object
) -> LayeredScene:
    """A scene of these layers."""
    return LayeredScene(background, "wall", layers, width, height, **changes)  # type: ignore[arg-type]
