"""Scribble as guidance: a rough outline says where and in what shape; the words' own edit is done in it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.add import put, source
from pixwright.edit.editors.visual.guidance import derive, outline_area, read, within
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import taken
from pixwright.edit.placing.place import Spot
from pixwright.edit.placing.shelves import Cutout
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region, box_of

STRETCH = 1.6
"""How far a cut-out's aspect may be bent towards the drawing's."""
_SHEET = 96
"""Pixels along each side of the sheet on which outlines are compared, whatever the drawing's size."""
_ANGLES = (0, -15, 15, -30, 30, -50, 50)


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Put the thing that was named into the drawn shape, bent and turned to it; any other edit is done in the drawn area."""
    guide = read(step, picture.shape, context)
    if isinstance(guide, str):
        return refuse(picture, guide)
    area = outline_area(guide, picture)
    if isinstance(area, str):
        return refuse(picture, area)
    return shape_edit(picture, step, area, region, context)


def shape_edit(picture: Array, step: Step, area: Array, region: Region, context: Context) -> Proposal:
    """The edit in a drawn area (HxW uint8): an object takes its shape, everything else its extent."""
    derived = derive(step)
    if not derived.type.traits.brings or derived.value is None:
        return within(picture, step, area, region, context)
    cutout = source(derived.value, derived, context)
    if isinstance(cutout, str):
        return refuse(picture, cutout)
    vacated: tuple[Box, ...] = ()
    base, hole = picture, np.zeros_like(area)
    if derived.type == EditType.REPLACE:
        old = region.mask if region.found and region.source != "whole" else area
        empty = emptied(picture, taken(picture, old, context), context, 41)
        base, hole = empty.picture, empty.weight
        vacated = region.boxes if old is region.mask else ()
    shaped, box, mirrored = fit_shape(cutout, area)
    placed = put(base, shaped, [Spot(box, shaped.support != "air", mirrored)], context, salt=42)
    if placed.refused:
        return placed
    evidence = Evidence(placed=placed.evidence.placed, placed_phrase=cutout.name, vacated=vacated)
    return Proposal(placed.picture, np.maximum(placed.mask, hole), evidence, partly=placed.partly)


def fit_shape(cutout: Cutout, area: Array) -> tuple[Cutout, Box, bool]:
    """Turn, mirror and bend a cut-out so that its outline overlaps a drawn area most: -> (cut-out, box XYXY, mirrored).

    The aspect is bent by at most `STRETCH`; a thing that stands on the ground keeps its foot on the drawing's lower edge.
    """
    box = box_of(area > 127)
    goal = cv2.resize(area[box[1] : box[3], box[0] : box[2]], (_SHEET, _SHEET), interpolation=cv2.INTER_AREA) > 127
    best: tuple[float, Cutout, Box, bool] | None = None
    for angle in _ANGLES:
        turned = _turned(cutout.pixels, angle)
        place = _bent(turned, box)
        for mirrored in (False, True):
            alpha = turned[:, ::-1, 3] if mirrored else turned[..., 3]
            score = _overlap(np.ascontiguousarray(alpha), place, box, goal) - 0.0012 * abs(angle) - 0.005 * mirrored
            if best is None or score > best[0]:
                best = (
                    score,
                    replace(cutout, pixels=turned),
                    place,
                    mirrored,
                )
    assert best is not None
    return best[1:]


def _turned(rgba: Array, angle: float) -> Array:
    if angle == 0:
        return rgba
    rows, cols = rgba.shape[:2]
    side = int(np.ceil(np.hypot(rows, cols)))
    move = cv2.getRotationMatrix2D((cols / 2, rows / 2), -angle, 1.0)
    move[:, 2] += (side - cols) / 2, (side - rows) / 2
    pre = rgba.astype(np.float32)
    pre[..., :3] *= pre[..., 3:] / 255
    big = cv2.warpAffine(pre, move, (side, side), flags=cv2.INTER_LINEAR)
    big[..., :3] *= 255 / np.maximum(big[..., 3:], 1)
    out = np.clip(big, 0, 255).astype(np.uint8)
    x0, y0, x1, y1 = box_of(out[..., 3] > 8)
    return np.ascontiguousarray(out[y0:y1, x0:x1])


def _bent(rgba: Array, box: Box) -> Box:
    """The drawing's box with its aspect held within `STRETCH` of the cut-out's; on the same lower edge and middle."""
    x0, y0, x1, y1 = box
    own = rgba.shape[1] / rgba.shape[0]
    aspect = float(np.clip((x1 - x0) / (y1 - y0), own / STRETCH, own * STRETCH))
    wide, tall = (y1 - y0) * aspect, float(y1 - y0)
    if wide > x1 - x0:
        wide, tall = float(x1 - x0), (x1 - x0) / aspect
    left = round((x0 + x1 - wide) / 2)
    return left, y1 - max(2, round(tall)), left + max(2, round(wide)), y1


def _overlap(alpha: Array, place: Box, box: Box, goal: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Intersection over union of the placed outline and the drawn area, on a sheet of the drawing's box."""
    sx, sy = _SHEET / (box[2] - box[0]), _SHEET / (box[3] - box[1])
    x0, x1 = round((place[0] - box[0]) * sx), round((place[2] - box[0]) * sx)
    y0, y1 = round((place[1] - box[1]) * sy), round((place[3] - box[1]) * sy)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(max(x1, x0 + 1), _SHEET), min(max(y1, y0 + 1), _SHEET)
    sheet = np.zeros((_SHEET, _SHEET), np.bool_)
    sheet[y0:y1, x0:x1] = cv2.resize(alpha, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA) > 127
    return float((sheet & goal).sum() / max((sheet | goal).sum(), 1))
