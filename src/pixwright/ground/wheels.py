"""Wheels: circles at the foot of a vehicle (Hough transform, after Yuen et al. 1990)."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import Instance
from pixwright.ground.scene import Scene
from pixwright.ground.things import Sight

VEHICLES = ("motorcycle", "bicycle", "car", "bus", "truck", "train")
SIDE = 480
"""Longer side, in pixels, at which circles are looked for."""
RADII = {"motorcycle": (0.1, 0.19), "bicycle": (0.14, 0.26)}
"""Of the vehicle's width."""
OTHER = {"car": (0.13, 0.26), "bus": (0.06, 0.13), "truck": (0.08, 0.2), "train": (0.05, 0.15)}
"""Of its height: such vehicles are seen from wherever."""


ROUNDNESS = 0.65
"""How perfect a circle must be, 1 at most."""


def find_wheels(scene: Scene, owner: Floats | None) -> Sight:
    """Wheels of the vehicle whose mask (h, w) is given, or of the surest in the picture."""
    best = next((s for s in scene.seen if s.kind in VEHICLES and s.score >= 0.3 and s.score > s.rival), None)
    height, width = scene.shape
    kind = best.kind if best else "car"
    if owner is not None and (owner > 0.5).any():
        box = box_of(owner > 0.5)
    elif best is not None:
        a, b, c, d = best.box
        box = round(a * width), round(b * height), round(c * width), round(d * height)
    else:
        return Sight([], 0.1)
    x0, y0, x1, y1 = box
    tall, wide = scene.picture.shape[:2]
    crop = scene.picture[y0 * tall // height : -(-y1 * tall // height), x0 * wide // width : -(-x1 * wide // width)]
    if min(crop.shape[:2]) < 16:
        return Sight([], 0.1)
    scale = SIDE / max(crop.shape[:2])
    grey = cv2.cvtColor(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    unit = (x1 - x0) / grey.shape[1]
    out = []
    for x, y, r in _circles(cv2.GaussianBlur(grey, (5, 5), 1.2), kind):
        disc = np.zeros(scene.shape, np.float32)
        cv2.circle(disc, (round(x0 + x * unit), round(y0 + y * unit)), max(2, round(r * unit)), 1.0, -1, cv2.LINE_AA)
        out.append(Instance(disc, 1.0))
    return Sight(out, 0.65 if out else 0.1)


def _circles(grey: np.ndarray, kind: str) -> list[tuple[float, float, float]]:
    """The strongest circles that stand on the ground: none overlaps another, at most two for what has two wheels, else three."""
    rows, columns = grey.shape
    low, high = (r * columns for r in RADII[kind]) if kind in RADII else (r * rows for r in OTHER[kind])
    found = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT_ALT, 1.5, 10, param1=250, param2=ROUNDNESS, minRadius=int(low), maxRadius=int(high) + 1
    )
    kept: list[tuple[float, float, float]] = []
    most = 2 if kind in RADII else 3
    for x, y, r in found[0][:, :3].tolist() if found is not None else []:
        stands = y + r > 0.84 * rows and y > 0.45 * rows
        apart = all(np.hypot(x - a, y - b) > 0.9 * (r + c) for a, b, c in kept)
        # What has two wheels has one at either end.
        if kind in RADII and (
            abs(x - 0.5 * columns) < 0.15 * columns
            or any((x - 0.5 * columns) * (a - 0.5 * columns) > 0 for a, _, _ in kept)
        ):
            continue
        alike = all(0.5 < r / c < 2 for _, _, c in kept)
        if stands and apart and alike and len(kept) < most:
            kept.append((x, y, r))
    return kept
