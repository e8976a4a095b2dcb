"""Everything that is seen in a picture without being asked for: names, boxes and scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pixwright.ground.detections import overlap, sure
from pixwright.ground.geometry import Frame, frame_of
from pixwright.ground.scene import Scene
from pixwright.ground.stuff import KINDS, surfaces
from pixwright.records.region import Box

LEAST = 0.3
"""Score below which nothing is listed."""
SAME = 0.6
"""Intersection over union of two boxes of one thing."""
WIDE = 0.03
"""Share of the picture from which a surface is listed."""
SURFACES = {"s": "sky", "w": "water", "g": "grass", "f": "foliage", "d": "ground", "r": "road", "m": "mountain", "n": "snow", "h": "building", "t": "table"}  # fmt: skip
"""Classes of surfaces that have an everyday name."""


@dataclass(frozen=True)
class Seen:
    """One thing or surface: an everyday name, its box (XYXY in pixels) and a score in [0, 1]."""

    name: str
    box: Box
    score: float


def everything(scene: Scene) -> tuple[Seen, ...]:
    """What the detector, the classifier and the surfaces' classifier see, surest first; no thing twice."""
    found: list[tuple[str, Frame, float]] = []
    for proposal in scene.proposals:
        kind = max(proposal.kinds, key=lambda k: proposal.kinds[k])
        found.append((kind, proposal.box, sure(proposal.of((kind,)))))
    for part in scene.salient_parts:
        box = frame_of(part)
        logits = scene.labels(box)
        odds = np.exp(logits - logits.max())
        best = int(odds.argmax())
        found.append((scene.encoders.picture.class_names[best], box, float(odds[best] / odds.sum())))
    found.sort(key=lambda row: -row[2])
    kept: list[tuple[str, Frame, float]] = []
    for row in found:
        if row[2] >= LEAST and all(overlap(row[1], other[1]) < SAME for other in kept):
            kept.append(row)
    belief = surfaces(scene)
    best_kind = belief.belief.argmax(1)
    for kind, name in SURFACES.items():
        own = best_kind == KINDS.index(kind)
        share = float(scene.pieces.area[own].sum() / scene.pieces.area.sum())
        if share > WIDE:
            mask = scene.pieces.paint(own.astype(np.float32))
            kept.append((name, frame_of(mask), float(np.average(belief.of(kind)[own], weights=scene.pieces.area[own]))))
    height, width = scene.picture.shape[:2]
    stretch = (width, height, width, height)
    rows = [Seen(name, _pixels(box, stretch), score) for name, box, score in kept if score >= LEAST]
    return tuple(sorted(rows, key=lambda row: -row.score))


def _pixels(box: Frame, stretch: tuple[int, int, int, int]) -> Box:
    x0, y0, x1, y1 = (round(edge * side) for edge, side in zip(box, stretch, strict=True))
    return x0, y0, x1, y1
