"""What lies behind everything in a scene: a wall of Gaussians all around, farther out than the cameras, with a picture on it, and a floor and a ceiling in the colours of its edges.

The picture is as high as the first view sees, and goes around by being mirrored, so that it has no seam. What the scene itself holds out there gives way to it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Proposal
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import CLEAR, CLEAR_BUT_SHADOW
from pixwright.scene3d.brought.form import facing
from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.carried import Carried
from pixwright.scene3d.repaint import Editing
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import CONSTANT
from pixwright.scene3d.splats.render import as_bytes
from pixwright.scene3d.splats.rigid import quaternions_of
from pixwright.scene3d.stage import SceneStage

_FAR = 12.0
"""Radius of the wall, in distances of the farthest camera from the middle."""
_FINE, _COARSE = 0.75, 4.0
"""Degrees between the Gaussians of the wall, and of floor and ceiling."""
_OUT = 0.9
"""Of the nearest camera's distance from the middle: what lies farther out is background."""
_WIDTH, _THICK, _OPAQUE = 0.7, 0.02, 6.0
"""Standard deviations along and across the wall, in distances of neighbours; logit of every opacity."""
_TILE = 90.0
"""Degrees that the painted picture goes around; it is laid on four times, every second time mirrored."""
_SIDE = 400
"""Height of that picture, in pixels."""
_STEEP = 88.0
"""Degrees beyond which floor and ceiling are closed by their last ring."""
_NO_FOCUS = "blurred"


def change(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    """`step.value`, or the picture `[step.reference]`, behind the scene; whatever the scene holds farther out than its cameras goes."""
    middle, far = _around(stage)
    apart = np.linalg.norm(stage.gaussians.centres - middle, axis=1)
    behind = apart > _OUT * min(far)
    if step.reference is None and step.value == _NO_FOCUS:
        return Carried(
            behind, refused="a scene has no focus, so its background cannot be blurred: give it a colour or a picture"
        )
    if step.reference is None and step.value in (CLEAR, CLEAR_BUT_SHADOW):
        if not behind.any():
            return Carried(
                behind, refused="nothing in the scene lies behind its things: it is transparent there already"
            )
        stage.drop(behind)
        return Carried(behind, said=(f"{int(behind.sum()):,} Gaussians farther out than the cameras taken away",))
    painted, proposal = _painted(stage, step, editing)
    if proposal.refused is not None:
        return Carried(behind, refused=proposal.refused)
    if behind.any():
        stage.drop(behind)
    kept = len(stage.gaussians)
    stage.bring(_wall(stage, painted, middle, _FAR * max(far)))
    brought = np.arange(len(stage.gaussians)) >= kept
    return Carried(
        behind,
        partly=proposal.partly or "",
        brought=brought,
        said=("it is as high as the first view sees, and goes all around",),
    )


def _around(stage: SceneStage) -> tuple[Floats, list[float]]:
    """The point (3) that the cameras look at, nearest to all their lines of sight, and how far each is from it."""
    cameras = stage.views.cameras
    across = [np.eye(3) - np.outer(one.forward, one.forward) for one in cameras]
    low, high = stage.gaussians.box()
    # A little of the box's middle, for cameras that all look the same way.
    held = sum(across) + _HELD * np.eye(3)
    middle = np.linalg.solve(
        held, sum(a @ one.position for a, one in zip(across, cameras, strict=True)) + _HELD * (low + high) / 2
    )
    return middle, [float(np.linalg.norm(one.position - middle)) for one in cameras]


_HELD = 1e-3
"""What the middle of the box counts, in cameras."""


def _painted(stage: SceneStage, step: Step, editing: Editing) -> tuple[Array, Proposal]:
    """The picture for the wall, HxWx3 uint8, painted by the system behind what the first view shows, and what its editor said."""
    camera, left = stage.views.cameras[0], stage.views.footprints[0].left
    wide = round(_SIDE * _TILE / _field(camera))
    x = (wide - _SIDE) // 2
    canvas = np.full((_SIDE, wide, 3), np.rint(255 * np.array(stage.views.backdrop)), np.uint8)
    free = np.full((_SIDE, wide), 255, np.uint8)
    at = np.s_[:, max(x, 0) : max(x, 0) + min(_SIDE, wide)]
    size = min(_SIDE, wide), _SIDE
    canvas[at] = cv2.resize(stage.pictures[0], size, interpolation=cv2.INTER_AREA)
    free[at] = cv2.resize(as_bytes(left), size, interpolation=cv2.INTER_AREA)
    region = Region(free, ((0, 0, wide, _SIDE),), 1.0, "background", "user")
    proposal = editing.done(canvas, step, region)[1]
    return proposal.picture, proposal


def _field(camera: Camera) -> float:
    """Degrees from the upper to the lower edge of its picture."""
    return float(np.degrees(2 * np.arctan(camera.height / 2 / camera.fy)))


def _wall(stage: SceneStage, picture: Array, middle: Floats, far: float) -> Gaussians:
    """The picture HxWx3 on a ball of radius `far` around the middle (3)."""
    camera, axes = stage.views.cameras[0], stage.bearings.axes
    level = float(np.degrees(np.arcsin(np.clip(camera.forward @ stage.bearings.up, -1, 1))))
    half = _field(camera) / 2
    low, high = max(level - half, -_STEEP), min(level + half, _STEEP)
    rows = [(one, _FINE) for one in np.arange(low, high, _FINE)]
    rows += [
        (one, _COARSE)
        for one in (*np.arange(low - _COARSE / 2, -90, -_COARSE), *np.arange(high + _COARSE / 2, 90, _COARSE))
    ]
    parts = []
    for elevation, step in rows:
        count = max(6, round(360 * np.cos(np.radians(elevation)) / step))
        azimuth = 360 * (np.arange(count) + 0.5) / count - 180
        parts.append(np.column_stack([azimuth, np.full(count, elevation), np.full(count, step)]))
    azimuth, elevation, step = np.concatenate(parts).T
    turn, rise = np.radians(azimuth), np.radians(elevation)
    way = np.stack([np.cos(rise) * np.sin(turn), np.cos(rise) * np.cos(turn), np.sin(rise)], axis=1)
    spread = np.abs((azimuth / _TILE + 0.5 + 1) % 2 - 1)
    place = np.stack(
        [spread * (picture.shape[1] - 1), (level + half - elevation) / (2 * half) * (picture.shape[0] - 1)], axis=1
    )
    colours = np.empty((len(way), 3))
    fine = step == _FINE
    for own, soft in ((fine, _SOFT[0]), (~fine, _SOFT[1])):
        blurred = cv2.GaussianBlur(picture, (0, 0), soft)
        clipped = np.clip(place[own], 0, (picture.shape[1] - 1, picture.shape[0] - 1)).astype(np.float32)
        colours[own] = cv2.remap(blurred, clipped[None], None, cv2.INTER_LINEAR)[0]
    out = way @ axes
    size = far * np.radians(step)[:, None] * (_WIDTH, _WIDTH, _THICK)
    coefficients = np.zeros((len(way), (stage.gaussians.degree + 1) ** 2, 3))
    coefficients[:, 0] = (colours / 255 - 0.5) / CONSTANT
    numbers = middle + far * out, quaternions_of(facing(-out)), np.log(size), np.full(len(way), _OPAQUE), coefficients
    return Gaussians(*(np.asarray(one, np.float32) for one in numbers))


_SOFT = (2.0, 30.0)
"""Sigma, in pixels of the painted picture, over which the colours of the wall, and of floor and ceiling, are averaged."""
