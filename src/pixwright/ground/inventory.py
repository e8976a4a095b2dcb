"""Everything that is seen in a picture without being asked for: names, boxes and scores."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.anything import unnamed
from pixwright.ground.detections import Detected, overlap, sure
from pixwright.ground.geometry import Floats, Frame, covered, frame_of, odd
from pixwright.ground.instance import Instance
from pixwright.ground.outline import outlines
from pixwright.ground.scene import Scene
from pixwright.ground.stuff import KINDS, surfaces
from pixwright.records.region import Box
from pixwright.words import lexicon

LEAST = 0.3
"""Score below which nothing is listed."""
SAME = 0.6
"""Intersection over union of two boxes of one thing."""
WIDE = 0.03
"""Share of the picture from which a surface is listed."""
SURFACES = {"s": "sky", "w": "water", "g": "grass", "f": "foliage", "d": "ground", "r": "road", "m": "mountain", "n": "snow", "h": "building", "t": "table"}  # fmt: skip
"""Classes of surfaces that have an everyday name."""


HELD = 0.5
"""Share of what is seen about a thing's lower half that must be its holder, for it to lie on it or in it."""
RIM = 0.02
"""Of the longer side: how far about a thing one looks for its holder."""
HOLDER = 0.5
"""Share of the holder that an outline covers from which it is the holder itself."""


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
        kind = _kind(proposal)
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


def lying_on(scene: Scene, holder: Floats) -> tuple[Instance, ...]:
    """Whatever lies on a table or in a basket (`holder`: (h, w) in [0, 1]), unnamed, surest first: about its lower half the holder is seen."""
    boxes = unnamed(scene, LEAST, LEAST, lambda proposal: not _stays(proposal))
    drawn = outlines(scene, [box for box, _ in boxes])
    seen = [Instance(mask, max(score, agreed)) for (mask, agreed), (_, score) in zip(drawn, boxes, strict=True)]
    found = [one for one in seen if one.solid.any() and covered(holder, one.mask) < HOLDER and _held(one, holder)]
    return tuple(sorted(found, key=lambda one: -one.score))


def _kind(proposal: Detected) -> str:
    """The detector's surest name for it."""
    return max(proposal.kinds, key=lambda k: proposal.kinds[k])


def _stays(proposal: Detected) -> bool:
    """Whether it is somebody at the table, or the table or a chair: nothing that lies there."""
    return lexicon().is_(_kind(proposal), "person", "furniture")


def _held(one: Instance, holder: Floats) -> bool:
    """Whether the holder is what is seen about the lower half of an outline."""
    reach = odd(RIM * max(holder.shape))
    rim = (cv2.dilate(one.solid.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0) & ~one.solid
    rows = np.flatnonzero(one.solid.any(axis=1))
    rim[: (rows[0] + rows[-1]) // 2] = False
    return bool(rim.any()) and float(holder[rim].mean()) > HELD


def _pixels(box: Frame, stretch: tuple[int, int, int, int]) -> Box:
    x0, y0, x1, y1 = (round(edge * side) for edge, side in zip(box, stretch, strict=True))
    return x0, y0, x1, y1
