"""The detector's boxes: several looks at one picture fused, and which of its kinds a noun means.

The detector knows 80 kinds. It looks at several sizes and once in a mirror, because a box that only one look gives is mostly a mistake,
and a small thing shows only in a large picture.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from pixwright.encoders.sight import Detection, Detector
from pixwright.ground.geometry import Floats, fit
from pixwright.ground.lexicon import lexicon
from pixwright.records.instruction import Array

LOOKS = ((320, False), (416, False), (416, True), (640, False), (832, False))
"""Longer side in pixels, and whether mirrored."""
BEST, BREADTH = 110.0, 1.3
"""A thing of so many pixels is seen best, and one of so many octaves more or less counts by exp(-1/2)."""
LARGEST = 400.0
"""Pixels of a look beyond which the network has seen too few things to be believed."""
MAGNIFIED = 1.3
"""No look shows the picture larger than this times its own size, beyond what the network was trained to see: it shows nothing more."""
FAINT = 0.1
SAME = 0.5
"""Intersection over union of boxes that are of one thing."""
ALIKE = 0.6
"""The same for boxes of different kinds."""
COVER = 0.45
"""The same for two boxes that may be called by one noun."""
WIDE = 1000
"""No look needs more pixels than this on the longer side."""


@dataclass(frozen=True)
class Seen:
    """One thing: `kind`, `box` XYXY in 0..1 of the picture's sides, `score` in [0, 1]: the looks' mean, weighed by how well each could see it;
    `rival`: the best score of another kind for the same box."""

    kind: str
    box: tuple[float, float, float, float]
    score: float
    rival: float = 0.0


def detect(picture: Array, detector: Detector) -> tuple[Seen, ...]:
    """Everything in `picture` (HxWx3 uint8), surest first."""
    picture = fit(picture, WIDE) if max(picture.shape[:2]) > WIDE else picture
    height, width = picture.shape[:2]
    found: list[tuple[int, Detection]] = []
    looks = tuple(look for look in LOOKS if look[0] <= max(LOOKS[1][0], MAGNIFIED * max(height, width)))
    for number, (side, mirrored) in enumerate(looks):
        shown = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
        for each in detector.detect(shown, FAINT, side):
            x0, y0, x1, y1 = each.box
            if side > LOOKS[1][0] and max(x1 - x0, y1 - y0) * side / max(height, width) > LARGEST:
                continue
            if mirrored:
                x0, x1 = width - x1, width - x0
            found.append((number, Detection(each.kind, (x0 / width, y0 / height, x1 / width, y1 / height), each.score)))
    return _rivals(_fuse(found, height, width, looks))


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two XYXY boxes."""
    common = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / both if both > 0 else 0.0


def overlaps(boxes: Floats) -> Floats:
    """(n, 4) XYXY -> (n, n) intersection over union."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(-1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    return np.asarray(common / np.maximum(area[:, None] + area[None] - common, 1e-9), np.float32)


def _fuse(
    found: list[tuple[int, Detection]], height: int, width: int, looks: tuple[tuple[int, bool], ...] = LOOKS
) -> list[Seen]:
    """One box for what several looks gave of one kind: the mean, weighed by score and by how well a look sees that size."""
    if not found:
        return []
    order = sorted(range(len(found)), key=lambda i: -found[i][1].score)
    boxes = np.array([each.box for _, each in found], np.float32)
    alike = overlaps(boxes)
    kinds = np.array([each.kind for _, each in found])
    alike = (alike > SAME) & (kinds[:, None] == kinds)
    free, out = np.ones(len(found), bool), []
    for first in order:
        if not free[first]:
            continue
        group = np.flatnonzero(alike[first] & free)
        free[group] = False
        out.append(_mean(found[first][1].kind, [found[i] for i in group], boxes[first], height, width, looks))
    return out


def _mean(
    kind: str,
    group: list[tuple[int, Detection]],
    box: Floats,
    height: int,
    width: int,
    looks: tuple[tuple[int, bool], ...],
) -> Seen:
    x0, y0, x1, y1 = box.tolist()
    long = max((x1 - x0) * width, (y1 - y0) * height) / max(height, width)
    trust = [_clarity(long * side, side) for side, _ in looks]
    best: dict[int, Detection] = {}
    for number, each in group:
        if number not in best or each.score > best[number].score:
            best[number] = each
    score = sum(trust[n] * each.score for n, each in best.items()) / max(sum(trust), 1e-6)
    return Seen(kind, _blend([(each.box, trust[n] * each.score + 1e-6) for n, each in best.items()]), score)


def _blend(boxes: Sequence[tuple[Sequence[float], float]]) -> tuple[float, float, float, float]:
    """The mean of boxes, each with its weight. (Many small sums: plain numbers are ten times as fast here as arrays.)"""
    total = sum(weight for _, weight in boxes)
    x0, y0, x1, y1 = (sum(box[i] * weight for box, weight in boxes) / total for i in range(4))
    return x0, y0, x1, y1


def _clarity(pixels: float, side: int) -> float:
    if side > LOOKS[1][0] and pixels > LARGEST:
        return 0.0
    # What fills a trained picture is no smaller problem to it: only small things are hard to see.
    octaves = math.log2(max(min(pixels, BEST if side <= LOOKS[1][0] else pixels), 1.0) / BEST)
    return math.exp(-((octaves / BREADTH) ** 2) / 2)


def _rivals(found: list[Seen]) -> tuple[Seen, ...]:
    if not found:
        return ()
    alike = overlaps(np.array([s.box for s in found], np.float32)) > SAME
    kinds = np.array([s.kind for s in found])
    scores = np.array([s.score for s in found])
    rivals = (np.where(alike & (kinds[:, None] != kinds), scores, 0.0)).max(1).tolist()
    out = [Seen(s.kind, s.box, s.score, rival) for s, rival in zip(found, rivals, strict=True)]
    return tuple(sorted(out, key=lambda s: -s.score))


@lru_cache(maxsize=2)
def _nouns(column: str) -> dict[str, tuple[str, ...]]:
    table = json.loads(files("pixwright.ground").joinpath("kinds.json").read_text("utf-8"))
    out: dict[str, tuple[str, ...]] = {}
    for kind, row in table.items():
        for noun in row[column]:
            out[noun] = (*out.get(noun, ()), kind)
    return out


def listed(noun: str) -> bool:
    """Whether the noun is one of the names of a kind itself."""
    return noun in _nouns("nouns")


def alike_kinds(noun: str) -> tuple[str, ...]:
    """Kinds that a singular noun's things are mistaken for: a pumpkin for an orange."""
    table = _nouns("alike")
    return table.get(noun) or table.get(noun.rpartition(" ")[2], ())


@lru_cache(maxsize=512)
def kinds_of(noun: str) -> tuple[str, ...]:
    """The detector's kinds that a singular noun means; none if it knows nothing of the sort.

    What is not listed is found through ImageNet's classes: a noun whose classes are all classes of one kind is of that kind.
    """
    table = _nouns("nouns")
    if noun in table:
        return table[noun]
    meaning = lexicon().look(noun)
    if meaning.kind == "person":
        return ("person",)
    if meaning.kind != "things" or not meaning.exact:
        return table.get(noun.rpartition(" ")[2], ())
    own = {c for c, _ in meaning.classes}
    return tuple(kind for kind, classes in _classes().items() if own and own <= classes)


@lru_cache(maxsize=1)
def _classes() -> dict[str, set[int]]:
    words = lexicon()
    return {
        kind: {c for c, w in words.look(kind).classes if w > 0.5}
        for kind in dict.fromkeys(k for kinds in _nouns("nouns").values() for k in kinds)
        if kind != "person" and words.look(kind).exact
    }


@dataclass(frozen=True)
class Proposal:
    """A box that holds something, whatever it is: `box` XYXY in 0..1, `score` of its surest kind, and the scores of all its kinds."""

    box: tuple[float, float, float, float]
    score: float
    kinds: dict[str, float]

    def of(self, kinds: Sequence[str], akin: Sequence[str] = ()) -> float:
        """The best score of these kinds, less what a kind that is none of them has more; kinds that are `akin` hardly contradict."""
        own = max((self.kinds.get(k, 0.0) for k in kinds), default=0.0)
        rival = max((s for k, s in self.kinds.items() if k not in kinds and k not in akin), default=0.0)
        near = max((self.kinds.get(k, 0.0) for k in akin), default=0.0)
        return max(0.0, own - 0.9 * max(0.0, rival - own) - 0.3 * max(0.0, near - own))


def propose_boxes(seen: Sequence[Seen], most: int = 200) -> tuple[Proposal, ...]:
    """Boxes of all kinds fused: what the detector has no name for, it still sees as something like what it knows."""
    if not seen:
        return ()
    boxes = np.array([s.box for s in seen], np.float32)
    alike = overlaps(boxes) > ALIKE
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
        out.append(Proposal(box, first.score, kinds))
    return tuple(out[:most])


@dataclass(frozen=True)
class Named:
    """A box (XYXY in 0..1) and how sure it is, in [0, 1], that the noun is meant."""

    box: tuple[float, float, float, float]
    score: float


def sure(score: float) -> float:
    """The detector's score as a probability; 0.25 is the toss of a coin."""
    return float(np.clip((score - 0.08) / 0.42, 0, 1) ** 0.85)


def tidy(found: list[Named], *, nested: bool = True) -> list[Named]:
    """Surest first; without boxes that mostly cover surer ones and, with `nested`, those that lie within surer ones or around them."""
    kept: list[Named] = []
    for each in sorted(found, key=lambda n: -n.score):
        if not any(overlap(each.box, o.box) > COVER or (nested and _nested(each, o)) for o in kept):
            kept.append(each)
    return kept


def without_groups(found: Sequence[Named]) -> list[Named]:
    """Without boxes that are around two or more others: where several are meant, or one of them, a group is none of them."""
    out = []
    for each in found:
        parts = [o for o in found if o is not each and o.score > 0.4 * each.score and _within(o, each) > 0.8]
        parts = [p for p in parts if _area(p.box) > 0.04 * _area(each.box)]
        if not any(overlap(a.box, b.box) < 0.1 for i, a in enumerate(parts) for b in parts[i + 1 :]):
            out.append(each)
    return out


def _within(part: Named, whole: Named) -> float:
    """Share of `part`'s box that lies in `whole`'s."""
    x0, y0 = max(part.box[0], whole.box[0]), max(part.box[1], whole.box[1])
    x1, y1 = min(part.box[2], whole.box[2]), min(part.box[3], whole.box[3])
    return max(0.0, x1 - x0) * max(0.0, y1 - y0) / max(_area(part.box), 1e-9)


def _nested(less: Named, more: Named) -> bool:
    """A part of a surer thing, unless it is nearly as sure; or what is around one."""
    within, around = _within(less, more), _within(more, less)
    return (within > 0.85 and less.score < 0.75 * more.score) or (around > 0.85 and less.score < 0.9 * more.score)


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
