"""The detector's boxes: several looks at one picture fused.

The detector knows 80 kinds. It looks at several sizes and once in a mirror, because a box that only one look gives is mostly a mistake,
and a small thing shows only in a large picture. A box of any kind holds something, whatever it is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pixwright.encoders.sight import Detection, Detector
from pixwright.ground.geometry import Floats, Frame, fit
from pixwright.records.instruction import Array

Look: TypeAlias = tuple[int, bool]
"""Longer side in pixels, and whether mirrored."""
LOOKS: tuple[Look, ...] = ((320, False), (416, False), (416, True), (640, False), (832, False))
"""Those that every picture is given."""
CLOSER = 1280
"""Longer side, in pixels, of a second look for what is too small for the others."""
ENLARGED = 2.0
"""That look shows a small picture no larger than this times its own size."""
TRAINED = 416
"""Longer side, in pixels, that the network was trained at."""
BEST, BREADTH = 110.0, 1.3
"""A thing of so many pixels is seen best, and one of so many octaves more or less counts by exp(-1/2)."""
LARGEST = 400.0
"""Pixels of a look beyond which the network has seen too few things to be believed."""
MAGNIFIED = 1.3
"""No look shows the picture larger than this times its own size, beyond what the network was trained to see: it shows nothing more."""
FAINT = 0.1
"""Least score of a box in any look."""
MOST = 200
"""Most proposals of a picture."""
SAME, ALIKE = 0.5, 0.6
"""Intersection over union of boxes that are of one thing, of one kind and of any kinds."""
HELD, LARGER = 0.85, 1.3
"""Share of a box within one so many times as large from which it is held by that."""
EDGE = 0.01
"""Of the picture's sides: how near to the edge a box ends that the edge may cut."""
WIDE = 1000
"""No look needs more pixels than this on the longer side."""
RIVALRY, KINSHIP = 0.9, 0.3
"""How much a surer name for the same box counts against a kind: of another sort, and of one that it is mistaken for."""
CHANCE, CERTAIN, CURVE = 0.08, 0.5, 0.85
"""The detector's scores that are worth nothing, and that are sure; and the power of the way between."""


@dataclass(frozen=True)
class Detected:
    """A box that holds something: `score` of its surest kind, and the scores of all its kinds, in [0, 1]."""

    box: Frame
    score: float
    kinds: dict[str, float]

    def of(self, kinds: Sequence[str], alike: Sequence[str] = ()) -> float:
        """The best score of these kinds, less what a kind that is none of them has more; kinds that are `alike` hardly contradict."""
        own = max((self.kinds.get(k, 0.0) for k in kinds), default=0.0)
        rival = max((s for k, s in self.kinds.items() if k not in kinds and k not in alike), default=0.0)
        near = max((self.kinds.get(k, 0.0) for k in alike), default=0.0)
        return max(0.0, own - RIVALRY * max(0.0, rival - own) - KINSHIP * max(0.0, near - own))


def sure(score: float) -> float:
    """The detector's score as a probability."""
    return float(np.clip((score - CHANCE) / (CERTAIN - CHANCE), 0, 1) ** CURVE)


def looks_at(picture: Array) -> tuple[Look, ...]:
    """Those of LOOKS that a picture is large enough for."""
    longer = min(max(picture.shape[:2]), WIDE)
    return tuple(look for look in LOOKS if look[0] <= max(TRAINED, MAGNIFIED * longer))


def closer_at(picture: Array) -> Look:
    """The second look at a picture."""
    return min(CLOSER, round(ENLARGED * max(picture.shape[:2]))), False


def glimpses(picture: Array, detector: Detector, looks: Sequence[Look]) -> tuple[tuple[Detection, ...], ...]:
    """What each look alone gives, boxes in 0..1 of the picture's sides."""
    widest = max(WIDE, max(side for side, _ in looks))
    picture = fit(picture, widest) if max(picture.shape[:2]) > widest else picture
    height, width = picture.shape[:2]
    every = []
    for side, mirrored in looks:
        shown, found = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture, []
        for each in detector.detect(shown, FAINT, side):
            x0, y0, x1, y1 = each.box
            if side > TRAINED and max(x1 - x0, y1 - y0) * side / max(height, width) > LARGEST:
                continue
            if mirrored:
                x0, x1 = width - x1, width - x0
            found.append(Detection(each.kind, (x0 / width, y0 / height, x1 / width, y1 / height), each.score))
        every.append(tuple(found))
    return tuple(every)


def fused(
    seen: Sequence[Sequence[Detection]], shape: tuple[int, int], looks: Sequence[Look], most: int = MOST
) -> tuple[Detected, ...]:
    """What `looks` have seen of a picture of that height and width as one, surest first."""
    found = [(number, each) for number, some in enumerate(seen) for each in some]
    return _merged(_fuse(found, *shape, tuple(looks)))[:most]


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two XYXY boxes."""
    common = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = area_of(a) + area_of(b) - common
    return common / both if both > 0 else 0.0


def within(part: Sequence[float], whole: Sequence[float]) -> float:
    """Share of one box that lies in another."""
    x0, y0 = max(part[0], whole[0]), max(part[1], whole[1])
    x1, y1 = min(part[2], whole[2]), min(part[3], whole[3])
    return max(0.0, x1 - x0) * max(0.0, y1 - y0) / max(area_of(part), 1e-9)


def area_of(box: Sequence[float]) -> float:
    """Width times height of an XYXY box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def overlaps(boxes: Floats) -> Floats:
    """(n, 4) XYXY -> (n, n) intersection over union."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    return np.asarray(common / np.maximum(area[:, None] + area[None] - common, 1e-9), np.float32)


def nested(boxes: Floats) -> tuple[Floats, Floats, Floats]:
    """(n, 4) XYXY in shares of the picture -> (n,) each: log(1 + how many larger boxes hold it), the same of how many smaller ones it holds, and how many of the picture's sides it reaches."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    common = overlaps(boxes)
    # From intersection over union to intersection.
    common = common * (area[:, None] + area[None]) / (1 + common)
    inside = (common > HELD * area[:, None]) & (area[None] > LARGER * area[:, None])
    sides = (boxes[:, :2] < EDGE).sum(1) + (boxes[:, 2:] > 1 - EDGE).sum(1)
    held, holding = (np.log1p(inside.sum(axis)).astype(np.float32) for axis in (1, 0))
    return held, holding, sides.astype(np.float32)


def _fuse(
    found: list[tuple[int, Detection]], height: int, width: int, looks: tuple[Look, ...] = LOOKS
) -> list[Detection]:
    """One box for what several looks gave of one kind: the mean, weighed by score and by how well a look sees that size. Surest first."""
    order = sorted(found, key=lambda pair: -pair[1].score)
    if not order:
        return []
    boxes = np.array([each.box for _, each in order], np.float32)
    kinds = np.array([each.kind for _, each in order])
    alike = (overlaps(boxes) > SAME) & (kinds[:, None] == kinds)
    free, out = np.ones(len(order), bool), []
    for first in range(len(order)):
        if free[first]:
            group = np.flatnonzero(alike[first] & free)
            free[group] = False
            out.append(_mean([order[i] for i in group], max(height, width), (height, width), looks))
    return sorted(out, key=lambda s: -s.score)


def _mean(
    group: list[tuple[int, Detection]], longer: int, shape: tuple[int, int], looks: tuple[Look, ...]
) -> Detection:
    x0, y0, x1, y1 = group[0][1].box
    long = max((x1 - x0) * shape[1], (y1 - y0) * shape[0]) / longer
    trust = [_clarity(long * side, side) for side, _ in looks]
    best: dict[int, Detection] = {}
    for number, each in group:
        if number not in best or each.score > best[number].score:
            best[number] = each
    score = sum(trust[n] * each.score for n, each in best.items()) / max(sum(trust), 1e-6)
    box = _blend([(each.box, trust[n] * each.score + 1e-6) for n, each in best.items()])
    return Detection(group[0][1].kind, box, score)


def _blend(boxes: Sequence[tuple[Sequence[float], float]]) -> Frame:
    """The mean of boxes, each with its weight. (Many small sums: plain numbers are ten times as fast here as arrays.)"""
    total = sum(weight for _, weight in boxes)
    x0, y0, x1, y1 = (sum(box[i] * weight for box, weight in boxes) / total for i in range(4))
    return x0, y0, x1, y1


def _clarity(pixels: float, side: int) -> float:
    if side > TRAINED and pixels > LARGEST:
        return 0.0
    # What fills a trained picture is no smaller problem to it: only small things are hard to see.
    octaves = math.log2(max(min(pixels, BEST if side <= TRAINED else pixels), 1.0) / BEST)
    return math.exp(-((octaves / BREADTH) ** 2) / 2)


def _merged(seen: Sequence[Detection]) -> tuple[Detected, ...]:
    """Boxes of all kinds fused."""
    if not seen:
        return ()
    alike = overlaps(np.array([s.box for s in seen], np.float32)) > ALIKE
    free, out = np.ones(len(seen), bool), []
    for i, first in enumerate(seen):
        if not free[i]:
            continue
        group = np.flatnonzero(alike[i] & free).tolist()
        free[group] = False
        kinds: dict[str, float] = {}
        for j in group:
            kinds[seen[j].kind] = max(kinds.get(seen[j].kind, 0.0), seen[j].score)
        box = _blend([(seen[j].box, seen[j].score + 1e-6) for j in group])
        out.append(Detected(box, first.score, kinds))
    return tuple(out)
