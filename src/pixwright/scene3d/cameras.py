"""Cameras: where a picture of a scene is taken from. They are read from nerfstudio's `transforms.json`, or stand on an orbit around a box.

A camera looks along +z, with x to the right and y down, as OpenCV's do; the centre of the first pixel is (0.5, 0.5). World units are the scene's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import tan
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidScene

Floats: TypeAlias = NDArray[Any]
"""Real numbers: float64 in cameras, float32 in what there are many of."""

_PLAIN_MODELS = ("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL")
"""Camera models whose distortion is OpenCV's k1, k2, p1, p2, k3."""
_BENDS = ("k1", "k2", "p1", "p2", "k3")
"""Distortion, in OpenCV's order and by nerfstudio's names."""
_POSE = (4, 4)
"""Shape of a frame's matrix."""
_ROUNDING = 1e-3
"""Share by which the axes of a file's rotation may differ in length."""
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])
"""From OpenGL's camera axes (y up, looking along -z), which the file uses, to ours."""
_MOVED = "dataparser_transforms.json"
"""What nerfstudio writes beside an exported scene: how it moved and scaled the cameras before training."""
_UP = (0.0, 0.0, 1.0)
"""The upward direction of nerfstudio's worlds, and of ours."""
_ORBIT_FIELD = 40.0
"""Degrees that the shorter side of an orbit's pictures spans."""
_ORBIT_ROOM = 1.15
"""Distance of an orbit, in distances at which the box's ball just fits the picture."""
_SMALLEST = 1e-6
"""Radius of the smallest box that an orbit goes around."""
ORBIT_ELEVATIONS = (20.0, 35.0)
"""Degrees above the horizon at which the cameras of an orbit stand in turn."""


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera.

    `rotation` 3x3 and `position` 3, float64: from camera axes to the world. `width`, `height`, and the intrinsics `fx`, `fy`, `cx`, `cy` in pixels. `distortion`: OpenCV's k1, k2, p1, p2, k3, or empty.
    `picture`: the photograph that it took, where there is one.
    """

    rotation: Floats
    position: Floats
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()
    picture: Path | None = None

    @property
    def right(self) -> Floats:
        """The unit vector in the world that points to the right in the picture: 3."""
        return self.rotation[:, 0]

    @property
    def up(self) -> Floats:
        """The unit vector in the world that points upwards in the picture: 3."""
        return -self.rotation[:, 1]

    @property
    def forward(self) -> Floats:
        """The unit vector in the world along which it looks: 3."""
        return self.rotation[:, 2]

    @property
    def intrinsics(self) -> Floats:
        """3x3: from camera axes to pixels."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]])

    @property
    def world_to_camera(self) -> Floats:
        """4x4: from the world to camera axes."""
        return np.asarray(np.linalg.inv(_as_pose(self.rotation, self.position)))

    def seen(self, points: Floats) -> Floats:
        """World points Nx3 in camera axes, Nx3: the last column is the depth along the line of sight."""
        return (points - self.position) @ self.rotation

    def projected(self, points: Floats) -> Floats:
        """World points Nx3 as pixels (x, y), Nx2, without distortion; NaN behind the camera."""
        x, y, z = self.seen(points).T
        z = np.where(z > 0, z, np.nan)
        return np.stack([self.fx * x / z + self.cx, self.fy * y / z + self.cy], axis=1)

    def rays(self, pixels: Floats | None = None) -> Floats:
        """Unit directions in the world, Nx3, through pixels (x, y) Nx2, or through every pixel's centre row by row; distortion is undone."""
        if pixels is None:
            y, x = np.mgrid[: self.height, : self.width]
            pixels = np.stack([x.ravel(), y.ravel()], axis=1) + 0.5
        if any(self.distortion):
            bends = np.array(self.distortion)
            flat = cv2.undistortPoints(pixels[:, None].astype(np.float64), self.intrinsics, bends)[:, 0]
        else:
            flat = (pixels - (self.cx, self.cy)) / (self.fx, self.fy)
        directions = np.hstack([flat, np.ones((len(flat), 1))]) @ self.rotation.T
        return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))

    def sized(self, side: int) -> Camera:
        """The same camera with a picture whose longer side is `side` pixels."""
        scale = side / max(self.width, self.height)
        width, height = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        across, down = width / self.width, height / self.height
        return replace(
            self, width=width, height=height,
            fx=self.fx * across, fy=self.fy * down, cx=self.cx * across, cy=self.cy * down,
        )  # fmt: skip


def looking(eye: Sequence[float] | Floats, at: Sequence[float] | Floats, side: int, field: float) -> Camera:
    """A camera at `eye` that looks at `at`, upright, with a square picture of `side` pixels that spans `field` degrees."""
    eye, at = np.asarray(eye, np.float64), np.asarray(at, np.float64)
    forward = (at - eye) / np.linalg.norm(at - eye)
    right = np.cross(forward, _UP)
    if np.linalg.norm(right) < _SMALLEST:  # straight up or down: any right will do
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward], axis=1)
    focal = side / 2 / tan(np.radians(field) / 2)
    return Camera(rotation, eye, side, side, focal, focal, side / 2, side / 2)


def orbit(
    low: Floats, high: Floats, count: int, side: int, elevations: Sequence[float] = ORBIT_ELEVATIONS
) -> tuple[Camera, ...]:
    """`count` cameras around the box from `low` to `high` (3 each), evenly by azimuth, looking at its middle from the `elevations` (degrees) in turn.

    The first stands on the side of -y, so that +x is to its right; then counter-clockwise, seen from above. Pictures are `side` pixels square.
    """
    middle, radius = (low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, _SMALLEST)
    distance = _ORBIT_ROOM * radius / np.sin(np.radians(_ORBIT_FIELD) / 2)
    cameras = []
    for number in range(count):
        azimuth = 2 * np.pi * number / count - np.pi / 2
        elevation = np.radians(elevations[number % len(elevations)])
        level = np.cos(elevation)
        away = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
        cameras.append(looking(middle + distance * away, middle, side, _ORBIT_FIELD))
    return tuple(cameras)


def read_transforms(path: Path, *, pictures: bool = False) -> tuple[Camera, ...]:
    """The cameras of a `transforms.json`, in the file's order: nerfstudio's fields, for all frames or for each, or the older `camera_angle_x`.

    A `dataparser_transforms.json` beside it, which nerfstudio writes with a trained scene, is applied. `pictures`: every frame's picture must be there, and is named by
    `Camera.picture`, which is None otherwise where it is not. Raises InvalidScene.
    """
    held = _json(path)
    frames = held.get("frames")
    if not isinstance(frames, list) or not frames:
        raise InvalidScene(f"{path}: no list of frames in it; a transforms.json of nerfstudio has one")
    move = _moved(path, held)
    return tuple(_camera(path, held, frame, number, move, pictures) for number, frame in enumerate(frames, 1))


def _json(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidScene(f"{path} cannot be read ({error.strerror}); give the path of a transforms.json") from error
    except ValueError as error:
        raise InvalidScene(f"{path}: not JSON ({str(error)[:60]}); give the path of a transforms.json") from error
    if not isinstance(held, dict):
        raise InvalidScene(f"{path}: not a JSON object; give the path of a transforms.json")
    return held


def _as_pose(linear: Floats, offset: Floats) -> Floats:
    """A 4x4 of a 3x3 and a 3."""
    return np.block([[linear, offset[:, None]], [np.zeros(len(offset)), np.ones(1)]])


def _moved(path: Path, held: Mapping[str, Any]) -> Floats:
    """The 4x4 by which a trained scene's cameras were moved and scaled; nothing where no file beside `path` says so.

    The file tells how the capture's own coordinates were moved; the part of it that `path` holds already (`applied_transform`) is taken out.
    """
    still = _as_pose(np.eye(len(_UP)), np.zeros(len(_UP)))
    beside = path.with_name(_MOVED)
    if not beside.exists():
        return still
    said = _json(beside)
    whole = _affine(said.get("transform"), f"{beside}: transform")
    applied = _affine(held.get("applied_transform", still[:-1]), f"{path}: applied_transform")
    scale = _number(said.get("scale"), f"{beside}: scale")
    scale /= _number(held.get("applied_scale", 1.0), f"{path}: applied_scale")
    return np.diag([scale] * len(_UP) + [1.0]) @ whole @ np.linalg.inv(applied)


def _camera(path: Path, held: Mapping[str, Any], frame: object, number: int, move: Floats, pictures: bool) -> Camera:
    where = f"{path}: frame {number}"
    if not isinstance(frame, dict):
        raise InvalidScene(f"{where}: not a JSON object")
    said = {**held, **frame}
    if (model := said.get("camera_model", "OPENCV")) not in _PLAIN_MODELS:
        raise InvalidScene(f"{where}: camera model {model!r}; read are {', '.join(_PLAIN_MODELS)}: undistort it first")
    pose = move @ _numbers(said.get("transform_matrix"), _POSE, f"{where}: transform_matrix") @ _FLIP
    rotation = _rotation(pose[:-1, :-1], where)
    picture = _picture(path.parent, said.get("file_path"), where, pictures)
    width, height = (_side(said.get(name), picture, index) for index, name in enumerate(("w", "h")))
    fx, fy = _focal(said, width, height, where)
    bends = tuple(_number(said.get(name, 0.0), f"{where}: {name}") for name in _BENDS)
    cx = _number(said.get("cx", width / 2), f"{where}: cx")
    cy = _number(said.get("cy", height / 2), f"{where}: cy")
    return Camera(rotation, pose[:-1, -1], width, height, fx, fy, cx, cy, bends if any(bends) else (), picture)


def _rotation(turn: Floats, where: str) -> Floats:
    """The 3x3 without its scale and the rounding of a file's decimals. Raises InvalidScene where it is no rotation."""
    left, sizes, right = np.linalg.svd(turn)
    if sizes[0] > (1 + _ROUNDING) * sizes[-1] or np.linalg.det(turn) <= 0:
        raise InvalidScene(f"{where}: transform_matrix is no rotation with a position")
    return np.asarray(left @ right)


def _number(given: object, where: str) -> float:
    """A finite number. Raises InvalidScene."""
    return float(_numbers(given, (), where))


def _affine(given: object, where: str) -> Floats:
    """A 4x4 of a file's 3x4. Raises InvalidScene."""
    held = _numbers(given, (len(_UP), len(_UP) + 1), where)
    return _as_pose(held[:, :-1], held[:, -1])


def _numbers(given: object, shape: tuple[int, ...], where: str) -> Floats:
    """Finite numbers of that shape. Raises InvalidScene."""
    try:
        found = np.array(given, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != shape or not np.isfinite(found).all():
        raise InvalidScene(f"{where}: {'x'.join(map(str, shape)) or 'one'} finite numbers are needed")
    return found


def _picture(folder: Path, name: object, where: str, needed: bool) -> Path | None:
    """The frame's picture; the older files leave its ending out."""
    if isinstance(name, str) and name:
        for candidate in (folder / name, folder / f"{name}.png"):
            if candidate.is_file():
                return candidate
    if needed:
        raise InvalidScene(f"{where}: its picture {name!r} is not there; file_path counts from {folder}")
    return None


def _side(said: object, picture: Path | None, index: int) -> int:
    """Width (0) or height (1) in pixels: as said, or the picture's own."""
    if isinstance(said, int | float) and said >= 1:
        return int(said)
    if picture is None:
        raise InvalidScene("transforms.json says no w and h, and the pictures are not there; add both in pixels")
    from PIL import Image

    with Image.open(picture) as opened:
        return opened.size[index]


def _focal(said: Mapping[str, Any], width: int, height: int, where: str) -> tuple[float, float]:
    """Focal lengths in pixels, from `fl_x` and `fl_y` or from the field of view in radians."""
    found: list[float | None] = []
    for length, angle, side in (("fl_x", "camera_angle_x", width), ("fl_y", "camera_angle_y", height)):
        if length in said:
            found.append(_number(said[length], f"{where}: {length}"))
        elif angle in said:
            found.append(side / 2 / tan(_number(said[angle], f"{where}: {angle}") / 2))
        else:
            found.append(None)
    across, down = found[0] or found[1], found[1] or found[0]
    if across is None or down is None or min(across, down) <= 0:
        raise InvalidScene(f"{where}: no focal length; fl_x in pixels or camera_angle_x in radians is needed")
    return across, down
