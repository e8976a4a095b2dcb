"""The pictures of a scene with their cameras, brought to the size and the units in which a field is fitted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixwright.errors import InvalidScene
from pixwright.media import load_picture, save_plain, write_atomically
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera, looking, read_transforms

Floats = NDArray[np.float64]
_GAP = np.pi / 2
"""Radians between two neighbouring photographs from which on a film does not go all around."""
FEWEST = 3
"""Pictures that a scene needs."""
_TRANSFORMS = "transforms.json"
_AXES = np.diag([1.0, -1.0, -1.0, 1.0])
"""Between our camera axes (OpenCV's) and the file's (OpenGL's)."""


@dataclass(frozen=True, eq=False)
class SceneViews:
    """Photographs HxWx3 uint8 and the cameras that took them, one each. `middle` 3 and `scale`: a place p of the world is (p - middle) * scale in the field."""

    cameras: tuple[Camera, ...]
    pictures: tuple[Array, ...]
    middle: Floats
    scale: float

    def rays(self, camera: Camera) -> tuple[Tensor, Tensor]:
        """Origins and unit directions (H * W, 3) in the field's units, row by row."""
        directions = torch.from_numpy(camera.rays().astype(np.float32))
        origin = torch.from_numpy(((camera.position - self.middle) * self.scale).astype(np.float32))
        return origin.expand(len(directions), -1), directions


def read_dataset(folder: Path, side: int) -> SceneViews:
    """A folder in nerfstudio's layout: `transforms.json` and the pictures that it names, with their longer side brought down to `side` pixels. Raises InvalidScene."""
    cameras = read_transforms(folder / _TRANSFORMS, pictures=True)
    small, pictures = [], []
    for camera in cameras:
        assert camera.picture is not None, "asked for"
        pixels = load_picture(camera.picture).pixels[..., :3]
        if pixels.shape[:2] != (camera.height, camera.width):
            raise InvalidScene(
                f"{camera.picture} is {pixels.shape[1]}x{pixels.shape[0]}, its camera says {camera.width}x{camera.height}; give both the same size"
            )
        shown = camera.sized(min(side, max(camera.width, camera.height)))
        small.append(shown)
        pictures.append(resized(pixels, shown.height, shown.width))
    return views_of(small, pictures)


def write_dataset(folder: Path, cameras: Sequence[Camera], pictures: Sequence[Array]) -> None:
    """The same layout, as `read_dataset` reads it: PNGs in `images/` and their cameras."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    frames = []
    for number, (camera, picture) in enumerate(zip(cameras, pictures, strict=True)):
        path = images / f"{number:04d}.png"
        save_plain(picture, path)
        bends = dict(zip(("k1", "k2", "p1", "p2", "k3"), camera.distortion, strict=False))
        frames.append(
            {
                "file_path": f"images/{path.name}",
                "transform_matrix": (np.linalg.inv(camera.world_to_camera) @ _AXES).tolist(),
                "w": camera.width, "h": camera.height, "fl_x": camera.fx, "fl_y": camera.fy, "cx": camera.cx, "cy": camera.cy, **bends,
            }
        )  # fmt: skip
    text = json.dumps({"camera_model": "OPENCV", "frames": frames}, indent=1)
    write_atomically(folder / _TRANSFORMS, text.encode())


def views_of(cameras: Sequence[Camera], pictures: Sequence[Array]) -> SceneViews:
    """Raises InvalidScene for fewer than three, or cameras in one place."""
    if len(cameras) < FEWEST:
        raise InvalidScene(f"{len(cameras)} pictures; a scene needs at least {FEWEST}, from different places")
    places = np.stack([camera.position for camera in cameras])
    middle = _looked_at(cameras)
    farthest = float(np.linalg.norm(places - middle, axis=1).max())
    if farthest <= 0 or not np.isfinite(farthest) or np.ptp(places, axis=0).max() <= 0:
        raise InvalidScene("all cameras stand in one place: nothing can be seen of depth; add pictures from others")
    return SceneViews(tuple(cameras), tuple(pictures), middle, 1 / farthest)


def path_of(views: SceneViews, count: int, side: int) -> tuple[Camera, ...]:
    """`count` cameras on an arc about what the photographs look at, at their middle height and distance; there and back where they do not go all around."""
    away = np.stack([camera.position - views.middle for camera in views.cameras])
    level, height = float(np.median(np.hypot(away[:, 0], away[:, 1]))), float(np.median(away[:, 2]))
    angles = np.sort(np.arctan2(away[:, 1], away[:, 0]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    widest = int(np.argmax(gaps))
    start, arc = angles[(widest + 1) % len(angles)], 2 * np.pi - gaps[widest]
    turn = np.arange(count) / count
    if gaps[widest] > _GAP:
        turn = 0.5 - 0.5 * np.cos(2 * np.pi * turn)
    else:
        arc = 2 * np.pi
    field = float(
        np.degrees(2 * np.arctan(np.median([min(c.width / c.fx, c.height / c.fy) for c in views.cameras]) / 2))
    )
    steps = [np.array([level * np.cos(angle), level * np.sin(angle), height]) for angle in start + arc * turn]
    return tuple(looking(views.middle + step, views.middle, side, field) for step in steps)


def _looked_at(cameras: Sequence[Camera]) -> Floats:
    """The place that is nearest to all lines of sight; the middle of the cameras where they are parallel."""
    places = np.stack([camera.position for camera in cameras])
    across = [np.eye(3) - np.outer(camera.forward, camera.forward) for camera in cameras]
    matrix, target = sum(across), sum(one @ place for one, place in zip(across, places))
    # A little pull towards the cameras keeps nearly parallel lines from meeting at infinity.
    pull = 1e-3 * len(cameras)
    return np.asarray(np.linalg.solve(matrix + pull * np.eye(3), target + pull * places.mean(0)))
