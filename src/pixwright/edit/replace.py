"""Replace: take the target away with its shadow, and set the new thing on the same ground in its place."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.add import inside, put, source
from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.fill import fill
from pixwright.edit.library import Cutout, describe, typical_size
from pixwright.edit.place import Spot
from pixwright.records.edit_type import EditType
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region
from pixwright.records.vocabulary import BACKGROUNDS, COLOURS

_STUFF = frozenset(["background", "backdrop", "sky", "wall", "scene", "surroundings"])
MAX_PLACES = 12


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Every instance of the target becomes `step.value`, of about the same size and with its foot where the old one's was."""
    if step.value is None:
        return refuse(picture, "nothing was named to put in its place; say: replace the cup with a teapot")
    target = describe(step.target).noun.split()[-1] if step.target else ""
    if target in _STUFF and step.reference is None and (step.value in BACKGROUNDS or step.value in COLOURS):
        return dispatch(picture, step.model_copy(update={"type": EditType.BACKGROUND_CHANGE}), region, context)
    cutout = source(step.value, step, context)
    if isinstance(cutout, str):
        return refuse(picture, cutout)
    return exchange(picture, cutout, region, context)


def exchange(picture: Array, cutout: Cutout, region: Region, context: Context) -> Proposal:
    """Fill where `region` was and put `cutout` there, once for each of its boxes (the `MAX_PLACES` largest)."""
    boxes = sorted(region.boxes, key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))[:MAX_PLACES]
    hole = with_shadow(picture, region.mask)
    empty = fill(picture, hole, rng=context.rng(21))
    airborne = cutout.support == "air"
    ratio = _real_ratio(cutout, region.phrase)
    spots = [
        Spot(in_place_of(cutout, box, picture, ratio), not airborne, index % 2 == 1, None, None)
        for index, box in enumerate(boxes)
    ]
    placed = put(empty, cutout, spots, context, asked=len(boxes), salt=22)
    if placed.refused:
        return refuse(picture, placed.refused)
    vacated = tuple(box for box in (inside(box, picture) for box in boxes) if box)
    evidence = Evidence(placed=placed.evidence.placed, placed_phrase=cutout.name, vacated=vacated)
    return Proposal(
        placed.picture,
        np.maximum(placed.mask, np.where(hole > 0, 255, 0).astype(np.uint8)),
        evidence,
        partly=placed.partly,
    )


def _real_ratio(cutout: Cutout, old: str) -> float:
    """How much larger the new thing is than the old, tempered to its root so that it still belongs in the old one's place."""
    size = typical_size(old) if old else None
    if size is None or cutout.size_m is None:
        return 1.0
    return float(np.clip((cutout.size_m / size[0]) ** 0.25, 0.75, 1.3))


def in_place_of(cutout: Cutout, box: Box, picture: Array, ratio: float = 1.0) -> Box:
    """A box of the cut-out's aspect between the largest inside `box` and the smallest that covers it, standing where `box` stands."""
    x0, y0, x1, y1 = box
    rows, columns = cutout.pixels.shape[:2]
    fits, covers = sorted(((x1 - x0) / columns, (y1 - y0) / rows))
    scale = min(float(np.sqrt(fits * covers)), 1.6 * fits) * ratio
    scale = min(scale, 0.95 * picture.shape[0] / rows, 0.98 * picture.shape[1] / columns)
    wide, tall = max(2, round(columns * scale)), max(2, round(rows * scale))
    left = int(np.clip(round((x0 + x1 - wide) / 2), min(0, x0), max(picture.shape[1] - wide, x0, 0)))
    base = y1 if cutout.support != "air" else round((y0 + y1 + tall) / 2)
    return left, base - tall, left + wide, base


def with_shadow(picture: Array, mask: Array) -> Array:
    """A region's mask, grown past its soft edge and by the dark pool at its foot: HxW uint8 -> HxW uint8, 0 or 255.

    The shadow is what lies beside or under the lower third, touches the thing, and is clearly darker than the ground around.
    """
    height, width = mask.shape
    scale = min(1.0, 512 / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    solid = (small > 40).astype(np.uint8)
    ys, xs = np.nonzero(solid)
    if not ys.size:
        return np.zeros_like(mask)
    tall, wide = int(ys.max() - ys.min() + 1), int(xs.max() - xs.min() + 1)
    grown = cv2.dilate(solid, _disc(max(2, round(0.02 * max(tall, wide)))))
    light = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)[..., 0].astype(
        np.float32
    )
    reach = cv2.dilate(solid, _disc(max(3, round(0.18 * min(tall, wide))))) > 0
    rows = np.arange(size[1])[:, None]
    low = reach & (rows > ys.max() - 0.33 * tall) & (grown == 0)
    ring = (
        (cv2.dilate(solid, _disc(max(6, round(0.4 * min(tall, wide))))) > 0) & ~reach & (rows > ys.max() - 0.33 * tall)
    )
    if ring.sum() > 30 and low.any():
        dark = low & (light < np.median(light[ring]) - max(14.0, 0.8 * float(light[ring].std())))
        count, labels = cv2.connectedComponents((dark | (grown > 0)).astype(np.uint8))
        touching = np.unique(labels[grown > 0])
        grown = (np.isin(labels, touching[touching > 0]) & (count > 1)).astype(np.uint8)
        grown = cv2.morphologyEx(grown, cv2.MORPH_CLOSE, _disc(2))
    big = cv2.resize(grown * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where((big > 100) | (mask > 20), 255, 0).astype(np.uint8)


def _disc(radius: int) -> Array:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
