"""Brush strokes: traced along a flow for all strokes at once, drawn one by one, largest first (Hertzmann 1998)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.noise import Field
from pixwright.records.instruction import Array


@dataclass(frozen=True)
class Brush:
    """Lengths in pixels of the canvas. `jitter` is the colour's deviation in levels; `error` the mean difference from the picture above
    which a finer layer paints at all (0: everywhere)."""

    width: float
    length: float
    spacing: float
    jitter: float = 6.0
    error: float = 0.0


def seeds(h: int, w: int, spacing: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """(N, 2) x, y: a jittered grid in random order."""
    spacing = max(spacing, 1.5)
    y, x = np.mgrid[0 : h + spacing : spacing, 0 : w + spacing : spacing]
    points = np.stack([x.ravel(), y.ravel()], 1) + rng.uniform(-0.6, 0.6, (x.size, 2)) * spacing
    points = np.clip(points, 0, [w - 1, h - 1])
    return rng.permutation(points).astype(np.float32)


def _pick(layer: NDArray[Any], points: NDArray[np.float32]) -> NDArray[Any]:
    h, w = layer.shape[:2]
    x = np.clip(points[:, 0], 0, w - 1).astype(np.int32)
    y = np.clip(points[:, 1], 0, h - 1).astype(np.int32)
    return np.asarray(layer[y, x])


def trace(points: NDArray[np.float32], fx: Field, fy: Field, length: float, steps: int = 6) -> NDArray[np.float32]:
    """(N, 2 * (steps // 2) + 1, 2): the curve through each point, `length` pixels long, along the flow."""
    half = max(steps // 2, 1)
    pace = length / (2 * half)
    paths = []
    for sign in (-1.0, 1.0):
        at, side = points.copy(), []
        heading = np.stack([_pick(fx, at), _pick(fy, at)], 1) * sign
        for _ in range(half):
            at = np.asarray(at + heading * pace, np.float32)
            side.append(at)
            turned = np.stack([_pick(fx, at), _pick(fy, at)], 1)
            agree = np.where((turned * heading).sum(1, keepdims=True) < 0, -1.0, 1.0)
            heading = turned * agree
        paths.append(side)
    return np.stack([*reversed(paths[0]), points, *paths[1]], 1).astype(np.float32)


def paint_layer(
    canvas: Array, height: Field, picture: Array, way: tuple[Field, Field], brush: Brush, rng: np.random.Generator
) -> None:
    """Draw one layer of strokes of `picture`'s colours onto `canvas`, and their order of laying onto `height`; both are written to."""
    h, w = picture.shape[:2]
    points = seeds(h, w, brush.spacing, rng)
    if brush.error > 0:
        wrong = cv2.blur(cv2.absdiff(canvas, picture).max(axis=2), (max(3, int(brush.spacing)) | 1,) * 2)
        points = points[_pick(wrong, points) > brush.error]
    if not len(points):
        return
    paths = trace(points, *way, brush.length)
    colours = _pick(picture, points).astype(np.float32)
    colours += rng.normal(0, brush.jitter, (len(points), 1)) + rng.normal(0, brush.jitter * 0.6, (len(points), 3))
    shades = np.clip(colours, 0, 255).astype(int).tolist()
    widths = np.maximum(1, np.rint(brush.width * rng.uniform(0.7, 1.2, len(points)))).astype(int).tolist()
    lifts = rng.uniform(0.0, 1.0, len(points)).tolist()
    fixed = np.rint(paths * 8).astype(np.int32)
    for path, shade, width, lift in zip(fixed, shades, widths, lifts):
        cv2.polylines(canvas, [path], False, shade, width, cv2.LINE_AA, 3)
        cv2.polylines(height, [path], False, lift, width, cv2.LINE_8, 3)
