"""Things known by their colour alone: the connected spots of a colour, and, for many, those of about one size."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import Floats
from pixwright.ground.instances import Instance, separate
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.segment import fill_holes, guided
from pixwright.ground.things import Sight

LEAST, MOST = 0.0008, 0.6
"""Shares of the picture between which a spot is a thing."""
ALIKE = (0.3, 3.5)
"""Of the middle size: what the others of many may have."""
CLEAR = 0.35
"""Of the largest spot's weight: what a second one may have and the thing still be the only one of its colour."""


def find_tinted(scene: Scene, query: Query, evidence: Floats | None) -> Sight:
    """Spots of the query's colours, heaviest first. `evidence` (h, w): log-odds of the noun's classes, where they are known.

    One thing is found surely if no other spot rivals it, and several if they are of one size.
    """
    odds = any_colour(scene.lab, query.colours)
    calm = cv2.GaussianBlur(odds, (0, 0), max(0.8, 0.003 * max(scene.shape)))
    size = max(3, round(0.008 * max(scene.shape))) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    solid = cv2.morphologyEx((calm > 0.2).astype(np.uint8), cv2.MORPH_OPEN, disc)
    if not query.several:
        solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, disc)
    mask = guided(scene.small, fill_holes(solid.astype(np.float32), 0.15), 2, 1e-4)
    spots = separate(mask, odds, split=query.several)
    spots = [s for s in spots if LEAST < s.area / mask.size < MOST]
    if not spots:
        return Sight([], 0.1)
    weights = [_weight(scene, spot, odds, evidence) for spot in spots]
    order = np.argsort([-w for w in weights], kind="stable")
    if query.several:
        return _alike([spots[i] for i in order])
    if query.selective:
        return Sight([spots[i] for i in order if weights[i] > 0.1 * max(weights)], 0.6)
    second = weights[order[1]] / weights[order[0]] if len(order) > 1 else 0.0
    return Sight([spots[order[0]]], 0.65 if second < CLEAR else 0.5)


def _weight(scene: Scene, spot: Instance, odds: Floats, evidence: Floats | None) -> float:
    """Size (by its side), purity of colour, how much it stands out from what is around, compactness, and the evidence for the noun."""
    inside = spot.solid
    x0, y0, x1, y1 = spot.box
    ring = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & ~inside
    apart = float(np.clip(odds[inside].mean() - (odds[ring].mean() if ring.any() else -2), 0, 5))
    filled = float(inside.sum()) / max(1, (x1 - x0) * (y1 - y0))
    weight = spot.area**0.5 * apart * filled**0.5
    if evidence is not None:
        weight *= float(np.exp(np.clip(evidence[inside].mean() / 3, -1.5, 1.5)))
    return float(weight)


def _alike(spots: list[Instance]) -> Sight:
    """Those whose size is about the middle one's."""
    areas = np.array([s.area for s in spots])
    middle = float(np.median(areas[areas > 0.1 * areas.max()]))
    kept = [s for s in spots if ALIKE[0] * middle < s.area < ALIKE[1] * middle]
    return Sight(kept, 0.65 if len(kept) > 1 else 0.5)
