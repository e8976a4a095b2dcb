"""Scene -> picture, in numpy: what the batched renderer is measured against.

Every pixel is a bilinear sample, computed in float, of a premultiplied level at most twice as dense as the picture (Porter and Duff 1984 for
the compositing; Williams 1983 for the levels, without blending between two).
"""

from __future__ import annotations

from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import IDENTITY, Catalogue, LayeredScene, Rendering
from pixwright.build.scene.captions import caption
from pixwright.build.scene.geometry import Placed, backdrop_size, background_window, place
from pixwright.build.scene.looks import finished
from pixwright.build.scene.texture import backdrop_of, texture_of
from pixwright.build.scene.truth import ground_in
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_in

Floats: TypeAlias = NDArray[np.float32]

MAX_SIDE = 4096
OPAQUE = 0.5
"""Alpha above which a layer is what is seen."""


def render(scene: LayeredScene, catalogue: Catalogue) -> Rendering:
    """The scene as a picture with its exact masks, which are disjoint. Pure: the same scene and assets give the same bytes.

    Raises `InvalidOption` for an unknown asset, a look that cannot be given, or a size, window or number outside its range.
    """
    picture, labels = layers_of(scene, catalogue)
    masks = masks_from(labels, len(scene.layers))
    if scene.finish:
        picture = finished(picture, scene.finish, scene.seed, ground_in(scene, masks, catalogue))
    return Rendering(picture, masks, boxes_of(masks), caption(scene))


def layers_of(scene: LayeredScene, catalogue: Catalogue) -> tuple[Array, Array]:
    """The picture HxWx3 uint8 before its finish, and HxW uint8: 0 for the background, i + 1 where layer i is seen."""
    check(scene)
    canvas = _background(scene, catalogue)
    labels = np.zeros(canvas.shape[:2], np.uint8)
    textures = [texture_of(layer, catalogue) for layer in scene.layers]
    placed = place([scene], textures, [0] * len(textures))
    for index in range(len(textures)):
        _lay(canvas, labels, placed, index)
    return np.rint(np.clip(canvas, 0, 255)).astype(np.uint8), labels


def masks_from(labels: Array, count: int) -> Array:
    """n x H x W uint8 from the labels of one picture."""
    numbers = np.arange(1, count + 1, dtype=np.uint8)[:, None, None]
    return np.where(labels[None] == numbers, np.uint8(255), np.uint8(0))


def boxes_of(masks: Array) -> tuple[Box, ...]:
    """The box of each of n x H x W masks; (0, 0, 0, 0) for an empty one."""
    return tuple(box_in(mask) or (0, 0, 0, 0) for mask in masks)


def check(scene: LayeredScene) -> None:
    """Raises `InvalidOption` for a scene that cannot be rendered."""
    if not (1 <= scene.width <= MAX_SIDE and 1 <= scene.height <= MAX_SIDE):
        raise InvalidOption(f"A scene of {scene.width}x{scene.height} pixels; give sides from 1 to {MAX_SIDE}.")
    if len(scene.layers) > 254:
        raise InvalidOption(f"A scene of {len(scene.layers)} layers; give at most 254.")
    for name, (x0, y0, x1, y1) in (("camera", scene.camera), ("crop", scene.crop)):
        if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            raise InvalidOption(f"A {name} of {(x0, y0, x1, y1)}; give shares of 0 to 1 with x0 < x1 and y0 < y1.")
    for layer in scene.layers:
        sizes = (layer.x, layer.y, layer.angle, layer.height)
        if not (isfinite(sum(sizes)) and 0 < layer.height <= 20 and 0 <= layer.shadow <= 1 and len(layer.light) == 12):
            raise InvalidOption(f"The layer '{layer.name}' has a number out of range: {sizes}, shadow {layer.shadow}.")


def _background(scene: LayeredScene, catalogue: Catalogue) -> Floats:
    """H x W x 3, 0 to 255: lines first, then columns, which is bilinear on an upright window."""
    tall, wide = backdrop_size(scene)
    level = backdrop_of(scene.background, catalogue).level(tall, wide)
    x0, y0, x1, y1 = background_window(scene)
    rows = (y0 + (np.arange(scene.height) + 0.5) / scene.height * (y1 - y0)) * tall - 0.5
    columns = (x0 + (np.arange(scene.width) + 0.5) / scene.width * (x1 - x0)) * wide - 0.5
    return _between(_between(level, rows, 0), columns, 1)


def _between(values: NDArray[np.uint8] | Floats, at: NDArray[np.float64], axis: int) -> Floats:
    last = values.shape[axis] - 1
    at = np.clip(at, 0, last)
    low = np.floor(at).astype(np.int64)
    share = (at - low).astype(np.float32).reshape([-1 if k == axis else 1 for k in range(3)])
    first = values.take(low, axis).astype(np.float32)
    return np.asarray(first + (values.take(np.minimum(low + 1, last), axis) - first) * share, np.float32)


def _lay(canvas: Floats, labels: Array, placed: Placed, index: int) -> None:
    """Put one layer and its shadow onto the canvas."""
    x0, y0, x1, y1 = (int(v) for v in placed.boxes[index])
    if x1 <= x0 or y1 <= y0:
        return
    x, y = np.arange(x0, x1, dtype=np.float64)[None], np.arange(y0, y1, dtype=np.float64)[:, None]
    (a, b, c), (d, e, f) = placed.transform[index]
    level = placed.textures[index].level(int(placed.sides[index]))
    colour = bilinear(level, (a * x + b * y + c).astype(np.float32), (d * x + e * y + f).astype(np.float32))
    alpha = colour[..., 3:] / np.float32(255)
    rgb = _lit(colour[..., :3], alpha, placed.light[index].astype(np.float32))
    through = 1 - alpha
    cx, cy, rx, ry, dark = placed.shadow[index]
    if dark > 0:
        near = np.maximum(1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2, 0)
        through = through * (1 - dark * near * near).astype(np.float32)[..., None]
    part = canvas[y0:y1, x0:x1]
    np.add(part * through, rgb, out=part)
    labels[y0:y1, x0:x1][alpha[..., 0] > OPAQUE] = index + 1


def _lit(rgb: Floats, alpha: Floats, light: Floats) -> Floats:
    """The light matrix on premultiplied colours 0 to 255; no colour exceeds its alpha."""
    if np.array_equal(light.ravel(), np.array(IDENTITY, np.float32)):
        return rgb
    full = alpha * np.float32(255)
    return np.asarray(np.clip(rgb @ light[:, :3].T + light[:, 3] * full, 0, full), np.float32)


def bilinear(level: Array, x: Floats, y: Floats) -> Floats:
    """Samples of an SxSx4 uint8 level at float positions (texel centres at whole numbers), 0 outside: ... x 4 float32."""
    side = level.shape[0]
    texels = np.ascontiguousarray(level).view(np.uint32)[..., 0]
    # Outside the level there is nothing; its rim is transparent, so that positions may be cut to it.
    x, y = np.clip(x, 0, side - 1.001), np.clip(y, 0, side - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - column)[..., None], (y - row)[..., None]
    at = row * side + column
    flat = texels.ravel()

    def tap(offset: int) -> Floats:
        found = flat.take(at + offset)
        return np.asarray(found.view(np.uint8).reshape(*found.shape, 4), np.float32)

    upper = tap(0)
    upper += (tap(1) - upper) * fx
    lower = tap(side)
    lower += (tap(side + 1) - lower) * fx
    return np.asarray(upper + (lower - upper) * fy, np.float32)
