"""A scene that is known exactly: a red and a blue ball over a chequered floor under a plain sky, traced at any camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Camera, looking
from pixwright.scene3d.nerf.field import FieldSize
from pixwright.scene3d.nerf.fitting import FieldSettings
from pixwright.scene3d.nerf.render import RaySamples

SIDE, VIEWS = 32, 24
SIZE = FieldSize(levels=4, table=2**15, coarsest=8, finest=64, width=16, hidden=7)
SMALL = FieldSettings(steps=250, rays=256, rate=2e-2, end=0.1, size=SIZE, samples=RaySamples(24, 12))
"""A fit of some seconds on one core."""
BALLS = (((0.0, 0.0, -0.05), 0.45, (0.85, 0.2, 0.15)), ((0.8, 0.3, -0.25), 0.25, (0.15, 0.4, 0.85)))
"""Middle, radius and colour; the floor lies at z = -0.5."""
_FLOOR, _LIGHT = -0.5, np.array([0.5, 0.3, 0.8]) / np.linalg.norm([0.5, 0.3, 0.8])


def ring(count: int, side: int, start: float = 0.0) -> list[Camera]:
    """Cameras about the scene, at three heights in turn."""
    cameras = []
    for number in range(count):
        azimuth, height = 2 * np.pi * (number + start) / count, 0.35 + 0.3 * (number % 3)
        eye = 3.4 * np.array([np.cos(height) * np.cos(azimuth), np.cos(height) * np.sin(azimuth), np.sin(height)])
        cameras.append(looking(eye, (0.0, 0.0, -0.2), side, 45.0))
    return cameras


def trace(camera: Camera) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture HxWx3, and where the red ball is: HxW, 255."""
    eye, rays = camera.position, camera.rays()
    colour = np.tile([0.75, 0.82, 0.9], (len(rays), 1))
    with np.errstate(divide="ignore"):
        nearest = (_FLOOR - eye[2]) / rays[:, 2]
    place = eye + nearest[:, None] * rays
    floor = (nearest > 0) & (np.hypot(place[:, 0], place[:, 1]) < 1.5)
    tiles = np.floor(place[:, 0] * 2) + np.floor(place[:, 1] * 2)
    colour[floor] = np.where((tiles % 2)[:, None] > 0, [0.8, 0.75, 0.6], [0.35, 0.3, 0.3])[floor]
    nearest, owner = np.where(floor, nearest, np.inf), np.full(len(rays), -1)
    for number, (middle, radius, own) in enumerate(BALLS):
        from_middle = eye - np.array(middle)
        along = rays @ from_middle
        root = along**2 - (from_middle @ from_middle - radius**2)
        at = -along - np.sqrt(np.maximum(root, 0))
        hit = (root > 0) & (at > 0) & (at < nearest)
        normal = (eye + at[:, None] * rays - np.array(middle)) / radius
        shade = 0.35 + 0.65 * np.maximum(normal @ _LIGHT, 0)
        colour[hit] = (np.array(own) * shade[:, None])[hit]
        nearest, owner = np.where(hit, at, nearest), np.where(hit, number, owner)
    size = (camera.height, camera.width)
    picture = np.rint(255 * colour).astype(np.uint8).reshape(*size, 3)
    return picture, np.where(owner == 0, 255, 0).astype(np.uint8).reshape(size)
