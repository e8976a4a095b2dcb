"""Nameable things: class evidence and saliency to a mask, looking closer where the thing is small."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.evidence import seek
from pixwright.ground.geometry import Floats
from pixwright.ground.instances import Instance, separate
from pixwright.ground.lexicon import Meaning
from pixwright.ground.phrase import Query
from pixwright.ground.saliency import foreground
from pixwright.ground.scene import Scene, look
from pixwright.ground.segment import matte, settle
from pixwright.records.region import Box

CLOSE = 0.16
"""A window of less than this share of the picture is looked at on its own."""
LEAST = 48
"""Pixels of the picture: no window is smaller."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What was found for a noun: candidates, and how sure it is that they are of its kind."""

    found: list[Instance]
    presence: float
    note: str = ""


def find_things(scene: Scene, meaning: Meaning, query: Query) -> Sight:
    """Candidates for things of known classes."""
    evidence = seek(scene, meaning)
    split = query.several or query.selective
    window = None if split else _window(evidence.odds)
    if window is not None:
        close = _look_closer(scene, meaning, query, window)
        if close is not None:
            return Sight([close], evidence.presence)
    mask = cut(scene, evidence.odds, query.colours)
    return Sight(separate(mask, evidence.odds, split=split), evidence.presence)


def cut(scene: Scene, odds: Floats, colours: tuple[str, ...] = ()) -> Floats:
    """Soft mask (h, w) of what the evidence (h, w) points at, helped by what stands out in the picture."""
    named = scene.pieces.mean(odds)
    front = foreground(scene)
    total = 4 * np.tanh(named / 4) + 0.55 * np.clip(front, -3, 3)
    if colours:
        total = total + np.clip(scene.pieces.mean(any_colour(scene.lab, colours)), -3, 1.5)
    belief = settle(scene, np.asarray(total, np.float32))
    return matte(scene, belief)


def _window(odds: Floats) -> Box | None:
    """A window around the strongest evidence, if that is a small part of the picture."""
    height, width = odds.shape
    hot = (odds > max(0.0, 0.4 * float(odds.max()))).astype(np.uint8)
    if not hot.any() or float(odds.max()) < 1:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(hot)
    x, y, w, h = (int(v) for v in stats[labels[np.unravel_index(int(odds.argmax()), odds.shape)], :4])
    pad = round(0.35 * max(w, h)) + 4
    x0, y0, x1, y1 = max(0, x - pad), max(0, y - pad), min(width, x + w + pad), min(height, y + h + pad)
    return (x0, y0, x1, y1) if (x1 - x0) * (y1 - y0) < CLOSE * odds.size else None


def _look_closer(scene: Scene, meaning: Meaning, query: Query, window: Box, depth: int = 0) -> Instance | None:
    """The thing in a window of the picture, cut at the window's own resolution."""
    height, width = scene.shape
    tall, wide = scene.picture.shape[:2]
    x0, y0, x1, y1 = window
    fx0, fy0, fx1, fy1 = x0 * wide // width, y0 * tall // height, x1 * wide // width, y1 * tall // height
    if min(fx1 - fx0, fy1 - fy0) < LEAST:
        return None
    inner = look(scene.picture[fy0:fy1, fx0:fx1], scene.encoders)
    evidence = seek(inner, meaning)
    if depth < 1 and (again := _window(evidence.odds)):
        deeper = _look_closer(inner, meaning, query, again, depth + 1)
        if deeper is not None and deeper.detail is not None:
            (dx0, dy0, dx1, dy1), fine = deeper.detail
            return _place(scene, (fx0 + dx0, fy0 + dy0, fx0 + dx1, fy0 + dy1), fine, deeper.odds)
    mask = cut(inner, evidence.odds, query.colours)
    parts = separate(mask, evidence.odds, split=False)
    if not parts:
        return None
    best = max(parts, key=lambda i: i.area**0.5 * max(i.odds + 3, 0.2))
    kept = np.max(
        [p.mask for p in parts if p is best or (p.area > 0.05 * best.area and p.odds > 0.5 * best.odds)], axis=0
    )
    return _place(scene, (fx0, fy0, fx1, fy1), kept, best.odds)


def _place(scene: Scene, where: Box, fine: Floats, odds: float) -> Instance:
    height, width = scene.shape
    tall, wide = scene.picture.shape[:2]
    x0, y0 = where[0] * width // wide, where[1] * height // tall
    x1, y1 = max(x0 + 1, where[2] * width // wide), max(y0 + 1, where[3] * height // tall)
    mask = np.zeros((height, width), np.float32)
    mask[y0:y1, x0:x1] = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return Instance(mask, odds, (where, fine))
