"""Text in a scene: it is set in one view by an editor of pictures, and each pixel of it becomes a flat Gaussian on the surface that the view shows there."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.scene3d.brought.form import facing
from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.carried import Carried
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.repaint import Editing
from pixwright.scene3d.report import ViewVerdict
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import CONSTANT
from pixwright.scene3d.splats.render import as_bytes, colours_of, depth_of, weights_of
from pixwright.scene3d.splats.rigid import quaternions_of
from pixwright.scene3d.stage import SceneStage
from pixwright.scene3d.views import Views

_SIDE = 512
"""Pixels of the view in which letters are set: as fine as they are drawn."""
_FRONT = 0.4
"""Of the most that any view shows of a thing: what the first one must show to be the one that is written in."""
_SURE = 0.5
"""Coverage from which a pixel is the thing's."""
_CHANGED = 24
"""Change of 255 from which a pixel belongs to a letter."""
_SMOOTH = 6.0
"""Sigma, in pixels, over which the surface below is evened out: Gaussians make a bumpy one."""
_REACH = 2.0
"""Standard deviations of a Gaussian over which it may hide what lies behind its middle: Gaussians are drawn in the order of their middles."""
_RAISED = 0.004
"""How far above that letters lie, in distances from the camera."""
_WIDTH, _THICK, _OPAQUE = 0.6, 0.1, 4.0
"""Standard deviations along and across the surface, in pixels there; logit of every opacity."""
_TINY = 1e-6


def write(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    """`step.value` on the chosen Gaussians (N bool), as the first view that shows them well sees them."""
    nothing = np.zeros(len(chosen), np.bool_)
    number = _view(stage, chosen)
    camera = stage.views.cameras[number].sized(_SIDE)
    footprint = weights_of(stage.gaussians, camera)
    picture = as_bytes(colours_of(stage.gaussians, camera, footprint, stage.views.backdrop))
    near = Views((camera,), (footprint,), stage.views.backdrop)
    after, proposal = editing.done(picture, step, near.region(0, chosen, str(step.target or "")))
    if proposal.refused is not None:
        return Carried(nothing, refused=proposal.refused)
    own = coverage(footprint, chosen) >= _SURE
    letters = (np.abs(after.astype(np.int16) - picture).max(axis=2) >= _CHANGED) & own
    if not letters.any():
        return Carried(nothing, refused="there is no room for it there: say another place")
    depth = depth_of(stage.gaussians, camera, footprint)
    surface = _evened(_fronts(stage.gaussians, chosen, camera, depth), own & np.isfinite(depth))
    stage.bring(laid(camera, after, letters, surface, stage.gaussians.degree))
    brought = np.arange(len(stage.gaussians)) >= len(chosen)
    now = as_bytes(colours_of(stage.gaussians, camera, weights_of(stage.gaussians, camera), stage.views.backdrop))
    touched = np.where((now != picture).any(axis=2), 255, 0).astype(np.uint8)
    region = near.region(0, chosen, str(step.target or ""))
    report = editing.system.judge(
        picture, now, step, replace(region, exact=False), touched, proposal.evidence, editing.eyes
    )
    judged = ViewVerdict(view=number, verdict=report.verdict, score=report.score, reasons=report.reasons)
    said = (f"written as view {number + 1} sees it",)
    return Carried(chosen, partly=proposal.partly or "", said=said, brought=brought, judged=(judged,))


def _view(stage: SceneStage, chosen: NDArray[np.bool_]) -> int:
    """The first view that shows the chosen well."""
    shown = [float(coverage(one, chosen).sum()) for one in stage.views.footprints]
    return next(n for n, one in enumerate(shown) if one >= _FRONT * max(shown))


def laid(camera: Camera, picture: Array, where: NDArray[np.bool_], depth: Floats, degree: int) -> Gaussians:
    """The pixels `where` (HxW bool) of a picture HxWx3 uint8 as flat Gaussians a little above a surface that a camera sees at a `depth` HxW."""
    rays = camera.rays().reshape(*depth.shape, 3)
    along = rays @ camera.forward
    points = camera.position + rays * (depth / along)[..., None]
    slopes = np.gradient(points, axis=1), np.gradient(points, axis=0)
    out = -np.cross(*slopes)
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), _TINY)
    out = np.where(((out * rays).sum(axis=2) > 0)[..., None], -out, out)
    apart = depth / camera.fx
    centres = (points - rays * (_RAISED * depth)[..., None])[where]
    count = len(centres)
    coefficients = np.zeros((count, (degree + 1) ** 2, 3))
    coefficients[:, 0] = (picture[where] / 255 - 0.5) / CONSTANT
    size = np.log(apart[where][:, None] * (_WIDTH, _WIDTH, _WIDTH * _THICK))
    numbers = centres, quaternions_of(facing(out[where])), size, np.full(count, _OPAQUE), coefficients
    return Gaussians(*(np.asarray(one, np.float32) for one in numbers))


def _fronts(gaussians: Gaussians, chosen: NDArray[np.bool_], camera: Camera, depth: Floats) -> Floats:
    """A `depth` HxW, no farther than the middle of any of the chosen (N bool) that is drawn over a pixel."""
    seen = camera.seen(gaussians.centres[chosen].astype(np.float64))
    pixels = np.rint(camera.projected(gaussians.centres[chosen].astype(np.float64)) - 0.5)
    reach = np.rint(_REACH * np.exp(gaussians.log_scales[chosen]).max(axis=1) * camera.fx / seen[:, 2])
    result = np.where(np.isfinite(depth), depth, seen[:, 2].max()).astype(np.float32)
    # The farthest first, so that the nearest stays.
    for number in np.argsort(-seen[:, 2]):
        if np.isfinite(pixels[number]).all():
            x, y = pixels[number].astype(int)
            disc = cv2.circle(np.zeros(result.shape, np.uint8), (int(x), int(y)), int(reach[number]), 1, -1)
            result = np.where(disc > 0, np.minimum(result, np.float32(seen[number, 2])), result)
    return result


def _evened(depth: Floats, known: NDArray[np.bool_]) -> Floats:
    """The depth about each pixel, of those that are known."""
    weight = known.astype(np.float32)
    total = cv2.GaussianBlur(weight, (0, 0), _SMOOTH)
    mean = cv2.GaussianBlur(np.where(known, depth, 0).astype(np.float32), (0, 0), _SMOOTH)
    usual = float(np.median(depth[known]))
    return np.asarray(np.where(total > _TINY, mean / np.maximum(total, _TINY), usual), np.float64)
