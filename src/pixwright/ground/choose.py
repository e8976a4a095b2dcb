"""Which of the things found a phrase means: by colour, relation, place, measure, order and count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.detections import area_of, overlap, within
from pixwright.ground.geometry import TINY, Floats, Frame, covered
from pixwright.ground.instance import Instance, union
from pixwright.ground.scene import Scene
from pixwright.records.thing import Rank, Thing, Tie
from pixwright.words.naming import scale_of

COLOURED, LIKE_BEST = 0.15, 0.5
"""Share of a thing that must have the colour asked for, at all and of what the best has."""
AMONG = 0.4
"""Of the surest one's score: what others must have to be counted among several."""
ASKED = 0.25
"""The same where a number was named and fewer were found."""
FRAGMENT = 0.8
"""Share of a box within a larger one of the same kind from which it is a part of that."""
GROUP = 0.03
"""Share of a group's box that each of those in it has at least."""
SPECK = 0.0004
"""Share of the picture below which a thing is a speck, unless it is as sure as the surest."""
MAIN = 0.3
"""How much size speaks for a thing where nothing else tells which of several is meant."""
SURELY = 0.9
"""Of the surest one's score: what a speck must have to be no speck."""
SHOWS = 0.6
"""How far a thing that has the colour is believed, to which the share of it that shows the colour is added."""
MUCH_LARGER = 3.0
"""Of two that may be meant by a name, one whose area is so many times the other's is not the little one."""
SAME_SIZE = 1.3
"""What covers a thing and is not so many times larger is that thing, not what it lies on."""
CONTRADICTS = -2.0
"""Merit of a thing that contradicts a relation."""
LEAST_TIE, GRID = -1.2, 64
"""Least merit of a box in a relation, where boxes and not outlines are compared; and the cells of a side of the grid on which they are."""
MIDDLING, OCTAVES = 0.03, 3.5
"""Share of the picture of a box that is neither small nor large, and the logarithm of how many times larger or smaller one is that surely is."""
BESIDE, STRAIGHT, STEP = 0.5, 0.5, 0.1
"""Beside another: how much being farther to that side speaks for a thing, how much lying off the line speaks against it, and the most that counts as farther."""
ON_TOP, EDGES = 0.5, 0.3
"""How much lying over another's outline speaks for what is on it; and how much the way between two edges counts: foot to top on it, foot to foot before and behind."""
HALF, FILLS, EDGE = 0.55, 0.4, 0.03
"""Where the other half surely begins, in sides of the picture; the share of it that nothing in the background fills whose box ends so near its lower edge."""
APART, AS_SURE = 0.35, 0.7
"""The most of its outline that lies in another's, and the least of its score, for a thing whose box lies in the other's box to be no fragment of it: who stands behind another."""
WEIGHT = 0.15
"""How much size speaks for a thing at a place: of two on the left the larger is rather meant."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Those that are meant, and `doubt` in [0, 1] that multiplies the score; `note` says what is missing."""

    found: tuple[Instance, ...]
    doubt: float = 1.0
    note: str = ""


def choose(scene: Scene, found: Sequence[Instance], thing: Thing, anchors: Sequence[Sequence[Instance]] = ()) -> Choice:
    """Those of `found` that the phrase means. `anchors`: what the things of its relation are, in their order; nothing if it has none."""
    many = thing.plural or thing.every or bool(thing.count) or thing.selective
    left = whole_ones(without_groups(found) if many else found)
    best = max((i.score for i in left), default=0.0)
    left = [i for i in left if i.area > SPECK or i.score > SURELY * best]
    left, doubt = _of_colour(scene, left, thing)
    left = _of_size(left, thing)
    if thing.link and anchors and left:
        left = _related(left, thing.link.tie, anchors)
    best = max((i.score for i in left), default=0.0)
    wanted = thing.count if thing.count and not thing.order else None
    several = thing.plural or thing.every or wanted is not None
    sure = [i for i in left if i.score >= AMONG * best]
    if wanted is not None and len(sure) < wanted:
        sure = [i for i in left if i.score >= ASKED * best]
    if thing.order:
        return _nth(sure, thing, doubt)
    if thing.rank:
        sure = sorted(sure, key=_measure(scene, thing.rank), reverse=True)
    elif thing.places:
        there = [i for i in sure if not _elsewhere(i, thing.places)]
        if sure and not there:
            return Choice((), 0.0, f"what was found lies elsewhere than {thing} does")
        sure = sorted(sure, key=lambda i: _merit(i, thing.places), reverse=True)
        if several and wanted is None and len(sure) > 1:
            sure = _nearer(sure, thing)
        sure = sure if wanted is not None else [i for i in sure if i in there]
    elif not thing.link:
        largest = max((i.area for i in sure), default=1.0)
        sure = sorted(sure, key=lambda i: -(i.score * (1 - MAIN + MAIN * (i.area / largest) ** 0.5)))
    if wanted is not None:
        short = len(sure) < wanted
        note = f"{len(sure)} of {wanted} found" if short else ""
        return Choice(tuple(sure[:wanted]), doubt * (0.5 if short else 1.0), note)
    if several:
        return Choice(tuple(sure[:255]), doubt)
    return Choice(tuple(sure[:1]), doubt)


def _of_size(found: list[Instance], thing: Thing) -> list[Instance]:
    """Those that are small, or large, beside the others that are as likely, where the words call the thing so: "the little lamp"."""
    best = max((i.score for i in found), default=0.0)
    areas = [i.area for i in found if i.score >= AMONG * best]
    scale = scale_of(thing)
    if not areas or scale == 1:
        return found
    most = min(areas) * MUCH_LARGER if scale < 1 else np.inf
    least = max(areas) / MUCH_LARGER if scale > 1 else 0.0
    return [i for i in found if least <= i.area <= most]


def without_groups(found: Sequence[Instance]) -> list[Instance]:
    """Without those that hold two or more others of their kind: where several are meant, or one of them, a group is none of them."""
    return [each for each in found if len(_held(each, found)) < 2]


def _held(group: Instance, found: Sequence[Instance]) -> list[Instance]:
    """Those that lie in a thing's box and are hardly less sure, none of them in another of them."""
    out: list[Instance] = []
    for each in sorted(found, key=lambda i: -i.score):
        inside = (
            each is not group
            and within(each.box, group.box) > FRAGMENT
            and each.score > ASKED * group.score
            and area_of(each.box) > GROUP * area_of(group.box)
        )
        if inside and all(within(each.box, other.box) < FRAGMENT for other in out):
            out.append(each)
    return out


def whole_ones(found: Sequence[Instance]) -> list[Instance]:
    """Without fragments: a mask or box that lies in a surer or hardly less sure larger one of its kind, and without groups of two or more others."""
    order = sorted(found, key=lambda i: -i.score)
    kept: list[Instance] = []
    for each in order:
        doubled = any(
            overlap(each.box, o.box) > FRAGMENT
            or covered(each.mask, o.mask) > FRAGMENT
            or (
                within(each.box, o.box) > FRAGMENT
                and area_of(each.box) < 0.5 * area_of(o.box)
                and each.score < o.score
                and not (each.score > AS_SURE * o.score and covered(each.mask, o.mask) < APART)
            )
            for o in kept
        )
        group = sum(within(o.box, each.box) > FRAGMENT and covered(o.mask, each.mask) > 0.5 for o in kept) > 1
        if not doubled and not group:
            kept.append(each)
    return kept


def _of_colour(scene: Scene, found: list[Instance], thing: Thing) -> tuple[list[Instance], float]:
    """Those that have the colour, and 1 where they do, less where hardly any of it is there."""
    if not thing.colours or not found:
        return found, 1.0
    odds = any_colour(scene.lab, thing.colours) > 0
    match = [float(odds[i.solid].mean()) if i.solid.any() else 0.0 for i in found]
    best = max(match)
    kept = [i for i, m in zip(found, match, strict=True) if m > max(COLOURED, LIKE_BEST * best)]
    if kept:
        return kept, min(1.0, SHOWS + best)
    return [found[int(np.argmax(match))]], 0.5


def _merit(i: Instance, places: Sequence[str]) -> float:
    """How well a thing answers to places in the picture."""
    x, y = i.centre
    size = i.area**0.5
    marks = {
        "left": -x,
        "right": x,
        "top": -y,
        "bottom": y,
        "middle": -2 * float(np.hypot(x - 0.5, y - 0.5)),
        # What is farther away stands higher and is smaller.
        "background": -i.box[3] - size,
        "foreground": i.box[3] + size,
    }
    return float(sum(marks[place] for place in places) + WEIGHT * size)


def _elsewhere(i: Instance, places: Sequence[str]) -> bool:
    """Whether a thing plainly lies at none of the places that the words name: wholly in the other half, or before all else in place of behind it."""
    x0, y0, x1, y1 = i.box
    against = {
        "left": x0 > HALF,
        "right": x1 < 1 - HALF,
        "top": y0 > HALF,
        "bottom": y1 < 1 - HALF,
        "background": area_of(i.box) > FILLS and y1 > 1 - EDGE,
    }
    return any(against.get(place, False) for place in places)


def _nearer(order: list[Instance], thing: Thing) -> list[Instance]:
    """Of several at a place ("the birds on the left"), those on that side of the middle; where that is all or none of them, those before the step that parts
    them best (Otsu 1979), of which large ones count more than specks."""
    halves = {"left": (0, -1), "right": (0, 1), "top": (1, -1), "bottom": (1, 1)}
    sides = [halves[place] for place in thing.places if place in halves]
    there = [i for i in order if all((i.centre[axis] - 0.5) * way > 0 for axis, way in sides)]
    if sides and 0 < len(there) < len(order):
        return there
    marks = np.array([_merit(i, thing.places) for i in order])
    weight = np.array([i.area for i in order]) ** 0.5
    before, total = np.cumsum(weight)[:-1], weight.sum()
    mean = np.cumsum(weight * marks)
    apart = mean[:-1] / before - (mean[-1] - mean[:-1]) / (total - before)
    return order[: 1 + int(np.argmax(before * (total - before) * apart**2))]


def standing(boxes: Sequence[Frame], thing: Thing, anchors: Sequence[Sequence[Instance]]) -> Floats:
    """(n, 3): how well each box answers to the places that the words name, in [-1, 1], to the relation, CONTRADICTS to about 1, and to "small" or "large", in [-1, 1]; 0 where they say none.

    `anchors`: what the things of the relation are, in their order.
    """
    out = np.zeros((len(boxes), 3), np.float32)
    if thing.places:
        out[:, 0] = [_placed(box, thing.places) for box in boxes]
    if thing.link is not None and anchors and anchors[0]:
        anchor, *second = (_coarse(union(list(found), found[0].mask.shape[:2])) for found in anchors if found)
        rest = [Instance(mask) for mask in second]
        out[:, 1] = [max(LEAST_TIE, _relation(Instance(_filled(box)), thing.link.tie, anchor, rest)) for box in boxes]
    if (scale := scale_of(thing)) != 1:
        out[:, 2] = [np.sign(scale - 1) * _large(box) for box in boxes]
    return out


def _placed(box: Frame, places: Sequence[str]) -> float:
    """-1 to 1: how far a box lies towards the places."""
    x, y, size = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, max(area_of(box), 0.0) ** 0.5
    marks = {
        "left": 1 - 2 * x,
        "right": 2 * x - 1,
        "top": 1 - 2 * y,
        "bottom": 2 * y - 1,
        "middle": 1 - 2 * float(np.hypot(x - 0.5, y - 0.5)),
        "background": 1 - box[3] - size,
        "foreground": box[3] + size - 1,
    }
    return float(np.mean([marks[place] for place in places]))


def _large(box: Frame) -> float:
    """-1 to 1: how large a box is, by the logarithm of its share of the picture."""
    share = max(area_of(box), TINY)
    return float(np.clip(np.log(share / MIDDLING) / OCTAVES, -1, 1))


def _coarse(mask: Floats) -> Floats:
    """A mask on a grid of GRID x GRID, on which boxes are compared with it."""
    return np.asarray(cv2.resize(mask, (GRID, GRID), interpolation=cv2.INTER_AREA), np.float32)


def _filled(box: Frame) -> Floats:
    """(GRID, GRID): a box as a mask, of one cell at least."""
    out = np.zeros((GRID, GRID), np.float32)
    left, top = (min(GRID - 1, round(edge * GRID)) for edge in box[:2])
    out[top : max(round(box[3] * GRID), top + 1), left : max(round(box[2] * GRID), left + 1)] = 1
    return out


def _measure(scene: Scene, rank: Rank) -> Callable[[Instance], float]:
    def light(i: Instance) -> float:
        return float(scene.lab[..., 0][i.solid].mean()) if i.solid.any() else 0.0

    def near(i: Instance) -> float:
        return float(i.box[3] + i.area**0.5)

    return {
        Rank.LARGEST: lambda i: i.area,
        Rank.SMALLEST: lambda i: -i.area,
        Rank.TALLEST: lambda i: i.box[3] - i.box[1],
        Rank.WIDEST: lambda i: i.box[2] - i.box[0],
        Rank.NEAREST: near,
        Rank.FARTHEST: lambda i: -near(i),
        Rank.BRIGHTEST: light,
        Rank.DARKEST: lambda i: -light(i),
    }[rank]


def _nth(found: list[Instance], thing: Thing, doubt: float) -> Choice:
    assert thing.order is not None, "asked for without an order"
    n, side = thing.order.n, thing.order.side
    axis = 0 if side in ("left", "right") else 1
    line = sorted(found, key=lambda i: i.centre[axis], reverse=side in ("right", "bottom", "front"))
    index = len(line) - 1 if n == -1 else n - 1
    if index < len(line):
        return Choice((line[index],), doubt)
    return Choice((), 0.0, f"only {len(line)} found, so none is number {n}")


def _related(found: list[Instance], tie: Tie, anchors: Sequence[Sequence[Instance]]) -> list[Instance]:
    """Sorted by how well they stand in the relation; those that contradict it are dropped."""
    if not anchors[0]:
        return found
    anchor = union(list(anchors[0]), found[0].mask.shape[:2])
    second = anchors[1] if len(anchors) > 1 else []
    marks = [_relation(i, tie, anchor, second) for i in found]
    order = np.argsort([-m for m in marks], kind="stable")
    kept = [found[i] for i in order if marks[i] > -1]
    return [Instance(i.mask, i.score) for i in kept]


def _relation(i: Instance, tie: Tie, anchor: Floats, second: Sequence[Instance]) -> float:
    """Merit of a thing for "thing TIE anchor"; below -1 it contradicts. Distances are shares of the picture's sides."""
    other = Instance(anchor)
    if not other.solid.any():
        return CONTRADICTS
    ax0, ay0, ax1, ay1 = other.box
    x0, y0, x1, y1 = i.box
    (cx, cy), (ax, ay) = i.centre, other.centre
    on = covered(i.mask, anchor)
    if on > FRAGMENT and other.area < SAME_SIZE * i.area:
        return CONTRADICTS
    gap = max(max(ax0 - x1, x0 - ax1, 0.0), max(ay0 - y1, y0 - ay1, 0.0))
    if tie is Tie.BETWEEN and second:
        bx, by = second[0].centre
        return -float(np.hypot(cx - (ax + bx) / 2, cy - (ay + by) / 2))
    ways = {Tie.LEFT: ax - cx, Tie.RIGHT: cx - ax, Tie.ABOVE: ay - cy, Tie.BELOW: cy - ay}
    if tie in ways:
        # Of what is on that side, the next one is meant, and at about the same height (or, above and below, in line).
        if on > 0.5:
            return CONTRADICTS
        across = abs(cy - ay) if tie in (Tie.LEFT, Tie.RIGHT) else abs(cx - ax)
        return BESIDE * min(ways[tie], STEP) - gap - STRAIGHT * across if ways[tie] > 0 else CONTRADICTS
    if tie is Tie.ON:
        return ON_TOP * on - gap - EDGES * abs(y1 - ay0)
    if tie is Tie.INSIDE:
        return on - gap
    if tie is Tie.BEHIND:
        if on > FRAGMENT:  # what is seen on it is no more behind it than its wing is
            return CONTRADICTS
        return -gap + EDGES * (ay1 - y1)
    if tie is Tie.IN_FRONT:
        return -gap + EDGES * (y1 - ay1)
    if tie is Tie.WITH:
        return covered(anchor, i.mask) + 0.5 * within(other.box, i.box) - gap
    return -gap
