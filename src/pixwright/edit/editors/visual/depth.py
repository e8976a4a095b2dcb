"""Depth as guidance: a map in which near is bright says how far everything is; the words' own edit follows it.

Weather and blur grow with distance; a new thing stands at a depth, in the size of that depth, behind what is nearer; any other edit keeps to
the target's own layer of depth.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.editors.add import choose, put
from pixwright.edit.editors.visual.guidance import derive, read, region_of
from pixwright.edit.placing.place import Spot
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step
from pixwright.records.region import Box, Region, whole

Floats = NDArray[np.float32]
_FAR = frozenset(
    {"fog", "haze", "blur", "cloudy", "storm", "snow", "rain", "sandstorm", "underwater", "blurred", "bokeh"}
)
"""Effects of the air between, and of the lens: they grow with distance."""
_MARGIN = 0.06
"""A thing is hidden only by what is nearer by more than this, in the map's 0..1."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Dispatch the words' own edit and let the depth map weigh, order or bound it."""
    guide = read(step, picture.shape, context)
    if isinstance(guide, str):
        return refuse(picture, guide)
    near = read_depth(guide)
    if isinstance(near, str):
        return refuse(picture, near)
    derived = derive(step)
    if derived.value in {"blurred", "bokeh"}:
        derived = derived.model_copy(update={"type": EditType.TONE_TRANSFER, "value": "blur"})
    if derived.type == EditType.ADD:
        return _add(picture, derived, near, context)
    if derived.type.traits.finish:
        return _by_distance(picture, derived, near, region, context)
    return _in_layer(picture, derived, near, region, context)


def read_depth(guide: Array) -> Floats | str:
    """Nearness 0..1 from a grey map (near is bright) or from a rainbow one (near is red, far is blue): HxWx3 uint8 -> HxW float32."""
    hsv = cv2.cvtColor(guide, cv2.COLOR_RGB2HSV)
    if float(np.median(hsv[..., 1])) < 40:
        near = cv2.cvtColor(guide, cv2.COLOR_RGB2GRAY).astype(np.float32)
    else:
        hue = hsv[..., 0].astype(np.float32)
        near = 130 - np.where(
            hue > 160, 0, np.minimum(hue, 130)
        )  # OpenCV's hue: 0 red, 60 green, 120 blue; 160 and more is red again
    low, high = (float(v) for v in np.percentile(near[::4, ::4], (1, 99)))
    if high - low < 12:
        return "the depth map is flat: it should be bright where things are near and dark where they are far"
    return np.asarray(np.clip((near - low) / (high - low), 0, 1), np.float32)


def _by_distance(picture: Array, step: Step, near: Floats, region: Region, context: Context) -> Proposal:
    place = region if region.found and region.source != "whole" else whole(*picture.shape[:2])
    proposal = dispatch(picture, step, place, context)
    if proposal.refused or step.value not in _FAR:
        return proposal
    focus = float(np.percentile(near, 90))
    weight = np.clip((focus - near) / max(focus, 0.05), 0, 1)
    return replace(proposal, mask=(proposal.mask * cv2.GaussianBlur(weight, (0, 0), 1.5)).astype(np.uint8))


def _in_layer(picture: Array, step: Step, near: Floats, region: Region, context: Context) -> Proposal:
    """The edit of a thing, kept to the layer of depth that most of it lies in, so that what stands before it is spared."""
    if not region.found:
        return refuse(
            picture, "the words name nothing that was found; name what is edited, or show it with --box X0,Y0,X1,Y1"
        )
    inside = near[region.mask > 127]
    if not inside.size:
        return dispatch(picture, step, region, context)
    middle = float(np.median(inside))
    spread = max(0.08, 3.0 * float(np.median(np.abs(inside - middle))))
    layer = np.where(np.abs(near - middle) <= spread, region.mask, 0).astype(np.uint8)
    proposal = dispatch(picture, step, region_of(layer, region.phrase), context)
    if proposal.refused or proposal.evidence.canvas is not None or step.type in {EditType.REPLACE, EditType.REMOVE}:
        return proposal
    return replace(proposal, mask=np.minimum(proposal.mask, cv2.dilate(layer, np.ones((3, 3), np.uint8))))


def _add(picture: Array, step: Step, near: Floats, context: Context) -> Proposal:
    phrase = step.value or str(step.target or "")
    chosen = choose(phrase, step, picture, context)
    if isinstance(chosen, str):
        return refuse(picture, chosen)
    cutout, _, spots = chosen
    background = step.where is not None and step.where.relation in {Relation.BEHIND, Relation.BACKGROUND}
    return put(picture, cutout, [_at_depth(spot, near, background) for spot in spots], context, asked=len(spots))


def _at_depth(spot: Spot, near: Floats, background: bool) -> Spot:
    """The spot with what is nearer than its foot in front of it; behind and background things stand a little further back."""
    depth = _depth_at(near, spot.box) - (0.1 if background else 0.0)
    front = np.clip((near - depth - _MARGIN) / 0.03, 0, 1)
    x0, y0, x1, y1 = (max(0, v) for v in spot.box)
    hidden = float(front[y0:y1, x0:x1].mean()) if front[y0:y1, x0:x1].size else 0.0
    if hidden > 0.75:  # the map says that there is no room at this depth: stand in front instead of vanishing
        return spot
    mask = np.maximum((255 * front).astype(np.uint8), spot.front if spot.front is not None else 0).astype(np.uint8)
    return replace(spot, front=mask)


def _depth_at(near: Floats, box: Box) -> float:
    height, width = near.shape
    row = int(np.clip(box[3] - 1, 0, height - 1))
    left, right = int(np.clip(box[0], 0, width - 1)), int(np.clip(box[2], 1, width))
    # The far part of the row is the ground; the near part may be what stands before it.
    return float(np.percentile(near[max(0, row - 3) : row + 1, left : max(right, left + 1)], 20))
