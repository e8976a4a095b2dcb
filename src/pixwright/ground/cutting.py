"""From a detector's box to a mask: the graph cut of Rother et al. 2004 ("GrabCut"), told what a box tells.

A box's middle mostly shows its thing and its corners mostly do not. Neighbours of the same kind share an overlap by whose middle is nearer.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.detected import Named, overlap
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import Instance
from pixwright.ground.scene import Scene
from pixwright.ground.segment import fill_holes, guided

FINE, COARSE = 224, 112
"""Longer side, in pixels, at which one of a few things is cut, and one of many."""
FEW = 4
MARGIN = 0.2
"""How much of a box's sides is looked at around it."""
ROUND = 2.6
"""Exponent of the superellipse that a box's thing is thought to fill."""
CORE, BODY = 0.4, 0.92
"""The superellipse's share that surely is the thing, and that probably is."""
CALM, JUMP, ROUGH, NEAR = 2.5, 4.0, 4.0, 4.0
"""In Lab: a step between superpixels, a jump at their border and a spread within one that cost nothing; and the cost up to which a way leads out."""
FIRM, SEEN_THROUGH = 0.5, 0.08
"""The sure share of a superellipse where the backdrop has been taken off, and how much of the box that must be."""
LEFT = 0.3
"""Share of a box that must remain when what runs on outside it is taken off; else nothing is taken off."""
TRUE = 0.62
"""A cut whose own box agrees less with the detector's is not believed."""


def cut_out(scene: Scene, things: Sequence[Named], outlines: Sequence[Floats | None] = ()) -> list[Instance]:
    """One instance for each box. `outlines` (h, w) in [0, 1]: where the thing is known to be, one for each or None."""
    if not things:
        return []
    side = FINE if len(things) <= FEW else COARSE
    depths = [_depth(scene.shape, _pixels(t, scene.shape)) for t in things]
    out = []
    for i, thing in enumerate(things):
        rivals = [depths[j] for j, o in enumerate(things) if j != i and overlap(thing.box, o.box) > 0]
        mine = depths[i]
        lost = np.min(rivals, axis=0) < mine if rivals else np.zeros(scene.shape, bool)
        known = outlines[i] if outlines else None
        core = CORE
        if known is None:
            behind = _running_on(scene, _pixels(thing, scene.shape), mine)
            core = FIRM if float(behind.mean()) > SEEN_THROUGH * float((mine < 1).mean()) else CORE
            lost = lost | behind
        mask = _cut(scene, _pixels(thing, scene.shape), mine, lost, side, known, core)
        out.append(Instance(mask, 4 * thing.score))
    return out


def _pixels(thing: Named, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    height, width = shape
    x0, y0, x1, y1 = thing.box
    left, top = int(np.clip(round(x0 * width), 0, width - 1)), int(np.clip(round(y0 * height), 0, height - 1))
    right, bottom = max(left + 1, min(width, round(x1 * width))), max(top + 1, min(height, round(y1 * height)))
    return left, top, right, bottom


def _depth(shape: tuple[int, int], box: tuple[int, int, int, int]) -> Floats:
    """(h, w): 0 in the box's middle, 1 on its superellipse. A side that lies on the picture's frame is no end: the thing goes on there."""
    height, width = shape
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    near = 0.015 * max(height, width)
    left, right = x0 - (0.35 * w if x0 < near else 0), x1 + (0.35 * w if width - x1 < near else 0)
    top, bottom = y0 - (0.2 * h if y0 < near else 0), y1 + (0.6 * h if height - y1 < near else 0)
    u = (np.arange(width, dtype=np.float32) + 0.5 - (left + right) / 2) / ((right - left) / 2)
    v = (np.arange(height, dtype=np.float32) + 0.5 - (top + bottom) / 2) / ((bottom - top) / 2)
    return np.asarray((np.abs(u)[None] ** ROUND + np.abs(v)[:, None] ** ROUND) ** (1 / ROUND), np.float32)


def _running_on(scene: Scene, box: tuple[int, int, int, int], depth: Floats) -> NDArray[np.bool_]:
    """(h, w): what within a box is joined to its surroundings by a way without edges: a smooth backdrop goes on behind its thing.

    Shortest ways over the graph of superpixels, from those around the box; steps of a slow gradient are free.
    """
    pieces = scene.pieces
    height, width = scene.shape
    x, y = pieces.centre.T * np.array([[width], [height]], np.float32)
    x0, y0, x1, y1 = box
    pad = max(8.0, MARGIN * max(x1 - x0, y1 - y0))
    inside = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    around = ~inside & (x > x0 - pad) & (x < x1 + pad) & (y > y0 - pad) & (y < y1 + pad)
    none = np.zeros(scene.shape, bool)
    if inside.sum() < 8 or around.sum() < 4 or not len(pieces.pairs):
        return none
    one, other = pieces.pairs.T
    step = np.linalg.norm(pieces.colour[one] - pieces.colour[other], axis=1)
    cost = np.maximum(step - CALM, 0) + np.maximum(pieces.contrast - JUMP, 0)
    cost = cost + np.maximum(np.maximum(pieces.spread[one], pieces.spread[other]) - ROUGH, 0)
    way = np.where(around & (pieces.spread < ROUGH + 1), 0, 1e3).astype(np.float32)
    for _ in range(40):
        before = way.copy()
        np.minimum.at(way, one, before[other] + cost)
        np.minimum.at(way, other, before[one] + cost)
        if np.array_equal(before, way):
            break
    out = inside & (way < NEAR)
    body = inside & (pieces.mean(depth) < BODY)
    if pieces.area[body & ~out].sum() < LEFT * (x1 - x0) * (y1 - y0):
        return none
    return np.asarray(out[pieces.labels], np.bool_)


def _cut(
    scene: Scene,
    box: tuple[int, int, int, int],
    depth: Floats,
    lost: NDArray[np.bool_],
    side: int,
    likely: Floats | None,
    core: float,
) -> Floats:
    height, width = scene.shape
    x0, y0, x1, y1 = box
    pad = max(4, round(MARGIN * max(x1 - x0, y1 - y0)))
    a, b, c, d = max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad)
    window = np.s_[b:d, a:c]
    inside = np.zeros(scene.shape, np.uint8)
    slack = max(1, round(0.03 * max(x1 - x0, y1 - y0)))
    inside[max(0, y0 - slack) : y1 + slack, max(0, x0 - slack) : x1 + slack] = 1
    probable = (depth < BODY) & ~lost
    sure = (depth < core) & ~lost
    if likely is not None:
        probable = np.where((likely > 0.2) & (likely < 0.8), probable, likely >= 0.8) & ~lost
        sure = (likely > 0.85) & (depth < 0.9) & ~lost
    trimap = np.where(probable, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[sure] = cv2.GC_FGD
    trimap[inside == 0] = cv2.GC_BGD
    found = _grab(scene.small[window], trimap[window], side)
    mask = np.zeros(scene.shape, np.float32)
    mask[window] = guided(scene.small[window], _whole(found, depth[window]), 3, 1e-4)
    mask[inside == 0] = 0
    solid = mask > 0.5
    if not solid.any() or overlap(box_of(solid), box) < TRUE:
        mask = np.maximum(mask, cv2.GaussianBlur((probable & (inside > 0)).astype(np.float32), (0, 0), 1.5))
    return np.asarray(mask, np.float32)


def _grab(picture: NDArray[np.uint8], trimap: NDArray[np.uint8], side: int) -> Floats:
    """GrabCut at `side` pixels: (h, w) in 0..1."""
    tall, wide = trimap.shape
    scale = min(1.0, side / max(tall, wide))
    size = max(8, round(wide * scale)), max(8, round(tall * scale))
    shown = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    marks = np.ascontiguousarray(cv2.resize(trimap, size, interpolation=cv2.INTER_NEAREST))
    behind = (marks == cv2.GC_BGD) | (marks == cv2.GC_PR_BGD)
    if behind.sum() >= 10 and (~behind).sum() >= 10:
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(shown, marks, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    kept = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.resize(kept, (wide, tall), interpolation=cv2.INTER_LINEAR), np.float32)


def _whole(mask: Floats, depth: Floats) -> Floats:
    """Without crumbs: the parts that are large or reach the middle; holes closed."""
    hard = (mask > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(hard)
    if count > 2:
        central = np.bincount(labels[depth < CORE].ravel(), minlength=count)
        area = stats[:, cv2.CC_STAT_AREA].astype(np.float32)
        area[0] = 0
        keep = (area > 0.2 * area.max()) | ((central > 0.02 * area.max()) & (np.arange(count) > 0))
        mask = mask * keep[labels]
    return fill_holes(np.asarray(mask, np.float32), 0.05)
