"""One region or several: which parts of a belief are separate things, and which of them a phrase means."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.records.region import Box

SMALLEST = 0.0003
"""Of the picture's area: what is smaller is a speck."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One thing in the small picture. `mask` (h, w) in [0, 1]; `odds`: its mean evidence; `detail`: a finer mask of a window of the picture
    (its box in the picture's own pixels), where the thing was looked at more closely."""

    mask: Floats
    odds: float
    detail: tuple[Box, Floats] | None = None

    @property
    def solid(self) -> NDArray[np.bool_]:
        """Where it surely is."""
        return self.mask > 0.5

    @property
    def area(self) -> float:
        """Pixels."""
        return float(self.mask.sum())

    @property
    def box(self) -> Box:
        """XYXY in the small picture."""
        solid = self.solid
        return box_of(solid if solid.any() else self.mask >= self.mask.max())

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the box's middle."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2


def separate(mask: Floats, odds: Floats, *, split: bool) -> list[Instance]:
    """The connected parts of a soft mask, and with `split` also the touching things within a part; largest first."""
    solid = (mask > 0.5).astype(np.uint8)
    if split:
        labels = _split(solid)
        count = int(labels.max()) + 1
    else:
        count, labels = cv2.connectedComponents(solid)
    out = []
    least = SMALLEST * mask.size
    for i in range(1, count):
        own = labels == i
        area = int(own.sum())
        if area < least:
            continue
        # The soft rim belongs to the part that it touches.
        rim = cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        part = np.where(own | (rim & (labels == 0)), mask, 0).astype(np.float32)
        out.append(Instance(part, float(odds[own].mean())))
    return sorted(out, key=lambda i: -i.area)


def _split(solid: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Watershed from the bulges of the distance to the edge."""
    away = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    if away.max() < 3:
        return np.asarray(cv2.connectedComponents(solid)[1], np.int32)
    calm = cv2.GaussianBlur(away, (0, 0), max(1.0, 0.12 * float(away.max())))
    size = max(5, round(0.9 * float(np.quantile(away[solid > 0], 0.9)))) | 1
    peaks = (calm >= cv2.dilate(calm, np.ones((size, size), np.uint8)) - 1e-3) & (calm > 0.4 * calm.max())
    count, marks = cv2.connectedComponents(peaks.astype(np.uint8))
    rest = cv2.connectedComponents(solid)[1]
    for i in range(1, int(rest.max()) + 1):
        if not marks[rest == i].any():
            count += 1
            marks[rest == i] = count - 1
    marks = np.asarray(np.where(solid > 0, marks, count), np.int32)
    relief = (255 - np.clip(255 * calm / calm.max(), 0, 255)).astype(np.uint8)
    # OpenCV's flood goes by the step between neighbours, so that the outside must be a high step away.
    wall = (solid * 255).astype(np.uint8)
    cv2.watershed(cv2.merge([relief, wall, wall]), marks)
    grown = cv2.dilate(np.where(marks == count, 0, marks).clip(0).astype(np.float32), np.ones((3, 3), np.uint8))
    labels = np.where((marks > 0) & (marks != count), marks, grown)
    return np.asarray(np.where(solid > 0, labels, 0), np.int32)


def choose(scene: Scene, found: list[Instance], query: Query, anchors: list[list[Instance]]) -> list[Instance]:
    """Those of `found` that the phrase means; may be empty if a relation or colour excludes all."""
    left = _of_colour(scene, found, query)
    if query.link and anchors and left:
        left = _related(left, query, anchors)
    left = _placed(scene, left, query)
    if query.rank and left:
        left = _ranked(scene, left, query)
    if query.order and left:
        left = _nth(left, query)
    if not left or query.order:
        return left
    if query.several and not query.count:
        return [i for i in left if i.area > 0.08 * left[0].area][:255]
    if query.count:
        return left[: query.count]
    return left[:1] if query.selective else _main(left)


def _main(found: list[Instance]) -> list[Instance]:
    """The best one; and, as one thing, fragments beside it, such as a wheel behind a pole."""
    best = max(found, key=lambda i: i.area**0.5 * max(i.odds + 3, 0.2))
    x0, y0, x1, y1 = best.box
    near = 0.15 * max(x1 - x0, y1 - y0)
    whole, detail = best.mask.copy(), best.detail
    for other in found:
        a0, b0, a1, b1 = other.box
        beside = a0 < x1 + near and a1 > x0 - near and b0 < y1 + near and b1 > y0 - near
        if (
            other is not best
            and beside
            and other.area < 0.3 * best.area
            and other.odds > 0.4 * best.odds
            and detail is None
        ):
            whole = np.maximum(whole, other.mask)
    return [Instance(whole, best.odds, detail)]


def _of_colour(scene: Scene, found: list[Instance], query: Query) -> list[Instance]:
    if not query.colours or not found:
        return found
    odds = any_colour(scene.lab, query.colours)
    match = [float((odds[i.solid] > 0).mean()) if i.solid.any() else 0.0 for i in found]
    best = max(match)
    return [i for i, m in zip(found, match, strict=True) if m > max(0.15, 0.5 * best)]


def _placed(scene: Scene, found: list[Instance], query: Query) -> list[Instance]:
    """In the order in which they answer to the places; unchanged without places."""
    height, width = scene.shape

    def merit(i: Instance) -> float:
        x, y = i.centre[0] / width, i.centre[1] / height
        size = 0.15 * (i.area / found[0].area) ** 0.5
        marks = {
            "left": -x,
            "right": x,
            "top": -y,
            "bottom": y,
            "middle": -2 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) ** 0.5,
            "background": -y - 0.5 * (i.area / (height * width)) ** 0.5,
            "foreground": y + 0.5 * (i.area / (height * width)) ** 0.5,
        }
        return float(sum(marks[p] for p in query.places) + size)

    if not query.places:
        return found
    real = [i for i in found if i.area > 0.08 * found[0].area]
    return sorted(real, key=merit, reverse=True)[: None if query.several else 1]


def _ranked(scene: Scene, found: list[Instance], query: Query) -> list[Instance]:
    real = [i for i in found if i.area > 0.04 * found[0].area]

    def merit(i: Instance) -> float:
        x0, y0, x1, y1 = i.box
        light = float(scene.lab[..., 0][i.solid].mean()) if i.solid.any() else 0.0
        marks = {
            "largest": i.area,
            "smallest": -i.area,
            "tallest": float(y1 - y0),
            "widest": float(x1 - x0),
            "nearest": y1 + 0.5 * i.area**0.5,
            "farthest": -y1 - 0.5 * i.area**0.5,
            "brightest": light,
            "darkest": -light,
        }
        return float(marks[query.rank or "largest"])

    return sorted(real, key=merit, reverse=True)[: None if query.several else 1]


def _nth(found: list[Instance], query: Query) -> list[Instance]:
    n, side = query.order or (1, "left")
    real = [i for i in found if i.area > 0.08 * found[0].area]
    axis = 0 if side in ("left", "right") else 1
    line = sorted(real, key=lambda i: i.centre[axis], reverse=side in ("right", "bottom", "front"))
    index = len(line) - 1 if n == -1 else n - 1
    return [line[index]] if index < len(line) else []


def _related(found: list[Instance], query: Query, anchors: list[list[Instance]]) -> list[Instance]:
    """Sorted by how well they stand in the relation; those that contradict it are dropped."""
    if not anchors[0]:
        return []
    anchor = np.max([i.mask for i in anchors[0]], axis=0)
    others = anchors[1] if len(anchors) > 1 else []
    marks = [_relation(i, query.link or "beside", anchor, others) for i in found]
    order = np.argsort([-m for m in marks], kind="stable")
    return [found[i] for i in order if marks[i] > -1]


def _relation(thing: Instance, link: str, anchor: Floats, others: list[Instance]) -> float:
    """Merit of `thing` for "thing LINK anchor": below -1 it contradicts."""
    height, width = anchor.shape
    side = max(height, width)
    solid = anchor > 0.5
    if not solid.any():
        return -2.0
    ax0, ay0, ax1, ay1 = box_of(solid)
    x0, y0, x1, y1 = thing.box
    cx, cy = thing.centre
    ax, ay = (ax0 + ax1) / 2, (ay0 + ay1) / 2
    overlap = float(np.minimum(thing.mask, anchor).sum()) / max(thing.area, 1.0)
    gap = max(max(ax0 - x1, x0 - ax1, 0), max(ay0 - y1, y0 - ay1, 0)) / side
    if overlap > 0.8 and float(anchor.sum()) < 1.3 * thing.area:
        return -2.0
    if link == "between" and others:
        bx, by = others[0].centre
        return float(-np.hypot(cx - (ax + bx) / 2, cy - (ay + by) / 2) / side)
    ways = {
        "left": (ax - cx) / side,
        "right": (cx - ax) / side,
        "above": (ay - cy) / side,
        "below": (cy - ay) / side,
    }
    if link in ways:
        # Of what is on that side, the next one is meant, and at about the same height (or, above and below, in line).
        across = abs(cy - ay) if link in ("left", "right") else abs(cx - ax)
        return float(0.5 * min(ways[link], 0.1) - gap - 0.5 * across / side) if ways[link] > 0 else -2.0
    if link == "on":
        return float(0.5 * overlap - gap - 0.3 * abs(y1 - ay0) / side)
    if link in ("inside", "of"):
        within = float(x0 >= ax0 - 0.1 * (ax1 - ax0) and x1 <= ax1 + 0.1 * (ax1 - ax0))
        return float(overlap + 0.3 * within - gap)
    return float(-gap)
