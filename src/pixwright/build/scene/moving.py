"""Moving scenes: cut-outs that move over a background that moves, with exact masks and exact motion. What work on videos is measured on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.geometry import size_of
from pixwright.build.scene.render import layers_of, masks_from
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array

Doubles: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MovingFrame:
    """One frame: HxWx3 uint8, and n x H x W uint8 of what is visible of each layer."""

    picture: Array
    masks: Array
    motion: NDArray[np.float32]
    """HxWx2: by how much (x, y), in pixels, what is seen at a pixel moves until the next frame; 0 in the last."""


@dataclass(frozen=True)
class MovingScene:
    """Scenes with the same layers, which the film passes through at even times; between them every number runs smoothly."""

    stations: tuple[LayeredScene, ...]
    frames: int

    def __post_init__(self) -> None:
        same = {tuple(layer.asset for layer in scene.layers) for scene in self.stations}
        if len(same) != 1 or self.frames < 1:
            raise InvalidOption("a moving scene has at least one frame and one station, all with the same layers")

    def at(self, frame: int) -> LayeredScene:
        """The scene at a frame, from 0 on."""
        if len(self.stations) == 1 or self.frames == 1:
            return self.stations[0]
        along = frame / (self.frames - 1) * (len(self.stations) - 1)
        first = min(int(along), len(self.stations) - 2)
        share = (1 - math.cos(math.pi * (along - first))) / 2 if len(self.stations) > 2 else along - first
        return _between(self.stations[first], self.stations[first + 1], share)

    def rendered(self, catalogue: Catalogue) -> Iterator[MovingFrame]:
        """Every frame. Raises what `render` raises."""
        for frame in range(self.frames):
            scene = self.at(frame)
            picture, labels = layers_of(scene, catalogue)
            after = self.at(min(frame + 1, self.frames - 1))
            yield MovingFrame(picture, masks_from(labels, len(scene.layers)), motion(scene, after, labels, catalogue))


def motion(scene: LayeredScene, after: LayeredScene, labels: Array, catalogue: Catalogue) -> NDArray[np.float32]:
    """By how much what is seen at each pixel of `scene` (labels HxW: 0 background, i + 1 layer i) moves until `after`: HxWx2."""
    height, width = labels.shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    here = np.stack([x, y, np.ones_like(x)], axis=-1)
    result = np.zeros((height, width, 2))
    for label in range(len(scene.layers) + 1):
        seen = labels == label
        if not seen.any():
            continue
        if label == 0:
            was, now = _backdrop(scene), _backdrop(after)
        else:
            was, now = (_placed(one, one.layers[label - 1], catalogue) for one in (scene, after))
        step = now @ np.linalg.inv(was)
        result[seen] = (here[seen] @ step.T)[:, :2] - here[seen][:, :2]
    return result.astype(np.float32)


def _backdrop(scene: LayeredScene) -> Doubles:
    """3x3: shares of the background's sides -> pixels."""
    x0, y0, x1, y1 = scene.crop
    across, down = scene.width / (x1 - x0), scene.height / (y1 - y0)
    return np.array([[across, 0, -x0 * across - 0.5], [0, down, -y0 * down - 0.5], [0, 0, 1]])


def _placed(scene: LayeredScene, layer: Layer, catalogue: Catalogue) -> Doubles:
    """3x3: a cut-out's own plane, its height 1 and its centre at 0, -> pixels."""
    unit = scene.height
    _, tall = size_of(layer, catalogue)
    turn = math.radians(layer.angle)
    c, s = math.cos(turn) * tall * unit, math.sin(turn) * tall * unit
    flip = -1 if layer.flip else 1
    return np.array([[c * flip, -s, layer.x * unit - 0.5], [s * flip, c, (layer.y - tall / 2) * unit - 0.5], [0, 0, 1]])


def _between(a: LayeredScene, b: LayeredScene, share: float) -> LayeredScene:
    layers = tuple(
        replace(
            one,
            x=_mix(one.x, two.x, share),
            y=_mix(one.y, two.y, share),
            height=_mix(one.height, two.height, share),
            angle=_mix(one.angle, two.angle, share),
            light=_mixed(one.light, two.light, share),
        )
        for one, two in zip(a.layers, b.layers, strict=True)
    )
    x0, y0, x1, y1 = _mixed(a.crop, b.crop, share)
    return replace(a, layers=layers, crop=(x0, y0, x1, y1))


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _mixed(a: Sequence[float], b: Sequence[float], share: float) -> tuple[float, ...]:
    return tuple(_mix(one, two, share) for one, two in zip(a, b, strict=True))
