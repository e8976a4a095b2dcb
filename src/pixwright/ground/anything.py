"""What is only described: "the red thing", "the black thing at the left edge". Boxes that hold something, what stands out, and spots of the colour, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.detections import Detected, area_of, overlap, sure
from pixwright.ground.geometry import Floats, Frame, frame_of, iou, odd, square
from pixwright.ground.instance import Instance, Sight
from pixwright.ground.outline import outline
from pixwright.ground.scene import Scene
from pixwright.ground.things import coloured_spots
from pixwright.records.thing import Thing

HOLDS, STANDS_OUT = 0.15, 0.5
"""The detector's sureness from which a box is looked at, and how sure it is that what stands out is a thing."""
MOST, LARGEST = 12, 0.6
"""So many boxes are outlined; the largest share of the picture that is a thing in it."""
SAME = 0.6
"""Intersection over union of boxes or outlines of one thing."""
AGREES = 0.4
"""Agreement of box and outline under which there is no thing of that form."""
SHOWN, RING = 0.3, 0.03
"""Share of a thing that must show its colour; and how far around it the same is looked for, of the longer side."""
BASE = 0.6
"""What being there at all is worth beside how sure the detector is."""


def find_anything(scene: Scene, thing: Thing) -> Sight:
    """Candidates for a thing without a name, surest first: one that has the colour where one is said, and the more so the less of it is around."""
    boxes = [row for row in unnamed(scene, HOLDS, STANDS_OUT) if area_of(row[0]) < LARGEST]
    odds = any_colour(scene.lab, thing.colours) if thing.colours else None
    if odds is not None:
        boxes = [row for row in boxes if _share(odds, row[0]) > SHOWN / 2]
    found = []
    for box, likely in boxes[:MOST]:
        mask, agreed = outline(scene, box)
        if agreed > AGREES and (mask > 0.5).any():
            found.append(Instance(mask, BASE + (1 - BASE) * likely))
    if odds is not None:
        found += [Instance(mask, BASE) for mask in coloured_spots(odds)]
        found = [Instance(one.mask, one.score * stands) for one in found if (stands := _apart(one, odds)) > SHOWN]
    found = _once(sorted(found, key=lambda one: -one.score))
    return Sight(tuple(found), found[0].score if found else 0.0)


def unnamed(
    scene: Scene, least: float, standing_out: float, among: Callable[[Detected], bool] = lambda _: True
) -> list[tuple[Frame, float]]:
    """Boxes that hold something, whatever it is, none twice: the detector's that are surer than `least` and `among` those asked for, and what stands out, which is so sure."""
    boxes = [(p.box, sure(p.score)) for p in scene.proposals if sure(p.score) > least and among(p)]
    boxes += [(frame_of(part), standing_out) for part in scene.salient_parts]
    return [row for i, row in enumerate(boxes) if all(overlap(row[0], other[0]) < SAME for other in boxes[:i])]


def _share(odds: Floats, box: Sequence[float]) -> float:
    """How much of a box has the colour."""
    height, width = odds.shape
    x0, y0, x1, y1 = box
    part = odds[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1]
    return float((part > 0).mean()) if part.size else 0.0


def _apart(one: Instance, odds: Floats) -> float:
    """How much more of the colour a thing has than what is around it, in [0, 1]."""
    reach = square(odd(RING * max(odds.shape)))
    ring = (cv2.dilate(one.solid.astype(np.uint8), reach) > 0) & ~one.solid
    inside = float((odds[one.solid] > 0).mean()) if one.solid.any() else 0.0
    return max(0.0, inside - (float((odds[ring] > 0).mean()) if ring.any() else 0.0))


def _once(found: Sequence[Instance]) -> list[Instance]:
    """Surest first, no thing twice."""
    kept: list[Instance] = []
    for one in found:
        if all(iou(one.mask, other.mask) < SAME for other in kept):
            kept.append(one)
    return kept
