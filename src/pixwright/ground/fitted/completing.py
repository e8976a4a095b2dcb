"""What of an outline is missing, and what is too much in it: a fitted judgement of each superpixel by its colour, what it touches, and what it hangs together with.

A vote of pixels leaves a wedge of a sofa out, or takes a bit of the floor beside it; a garment's box is drawn too short. The thing's own surface tells: pieces of its colour, in light and in shade,
that it joins without an edge are of it, and pieces of what is all around are not. A small network was fitted to outlines that people drew, as they are found and with pieces that were left out
or added (recipes/fit/completing.py). It counts only where it is sure; elsewhere the outline stays.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.detections import area_of
from pixwright.ground.fitted import numbers
from pixwright.ground.fitted.inside import Network, believed, off_middle
from pixwright.ground.geometry import TINY, Floats, Frame, frame_of, logistic
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import Pieces, Tree, settle, walk

SURELY, SURELY_NOT = 0.7, 0.3
"""Mean belief from which what hangs together is added, and below which it is taken away."""
REACH = 1.5
"""Half sides of the outline's box from its middle, beyond which nothing is of it."""
SEEN, ALL = 0.15, 4.0
"""A detector's score from which a smaller box is another thing that may lie on it; and twice the most that a measure of belief says."""
AROUND, NEAR = 0.3, 0.2
"""In half sides and in longer sides of the box: how fast surroundings count less, and how far off a piece's own neighbourhood is."""
DEEP, FAINT = 0.8, 0.3
"""Belief from which a piece is surely inside, and what one that is not counts as the thing's colour."""
NEVER = 3e-3
"""A share of colour that is next to none: it keeps the logarithm finite."""
DIM, LOOSE, LOOSER = 20.0, 0.05, 0.3
"""CIE L under which chroma is measured as if it were that; and how much beliefs are trusted that are spread widely, and the outliner's."""
HARDLY_LIGHT, LESS_LIGHT = np.array([0.35, 1, 1], np.float32), np.array([0.3, 1, 1], np.float32)
"""What L*, a* and b* count where shade is no other colour: in a piece's own colour, and beside others'."""
BARELY, MIDDLING, SPREADS = 0.1, 50.0, (9.0, 5.0, 4.0)
"""What L* counts beside chroma over lightness, which is measured at the second; and how alike colours are of each kind: a Gaussian's deviation."""
FAR, STEP = (20.0, 10.0), 3.0
"""CIE Lab that count 1, with and hardly with lightness; and log-odds, or powers of e of an area, that do."""
NO_WEIGHT, NEXT_TO_NOTHING = 1e-9, 1e-4
"""Least divisor of a mean, and share of the picture: they keep both finite."""
SHARES = (0.03, 0.1, 0.3)
"""Of the thing: the largest regions of the tree in which a piece's company is looked at."""
MOST = 6.0
"""No measure counts more."""
LEAST = 64
"""Pixels of an outline, at the scene's size, from which it is completed."""


def network() -> Network:
    """The fitted network (recipes/fit/completing.py)."""
    return numbers.network("completing")


def completed(scene: Scene, mask: Floats, box: Frame, score: float) -> tuple[Floats, Floats] | None:
    """An outline (h, w) with what it misses and without what is not of it, and where it was changed (h, w); None where it stays.

    `box` XYXY in 0..1 is the thing's, `score` in [0, 1] how sure it is.
    """
    if int((mask > 0.5).sum()) < LEAST:
        return None
    pieces = scene.pieces
    seen = measures(scene, mask, box, score)
    belief = settle(pieces, np.asarray(believed(network(), seen) * (_away(pieces, mask) < REACH), np.float32))
    likely, held = pieces.paint(belief), pieces.paint(pieces.mean(mask)) > 0.5
    added = _together((likely > 0.5) & ~held, likely, SURELY, 1.0)
    lost = _together((likely < 0.5) & held, likely, 0.0, SURELY_NOT)
    whole = np.asarray(np.maximum(mask, added) * (1 - lost), np.float32)
    if not (added.any() or lost.any()) or float(whole.sum()) < float(mask.sum()) / 2:
        return None
    return whole, np.asarray(np.maximum(added, lost), np.float32)


def _together(where: NDArray[np.bool_], likely: Floats, low: float, high: float) -> Floats:
    """(h, w) 0 or 1: those connected parts of a place whose mean belief lies between two: all of one or nothing, so that no islands are left."""
    count, labels = cv2.connectedComponents(where.astype(np.uint8), connectivity=4)
    flat = labels.ravel()
    mean = np.bincount(flat, likely.ravel(), count) / np.maximum(np.bincount(flat, minlength=count), 1)
    sure = (mean >= low) & (mean <= high)
    sure[0] = False
    return np.asarray(sure[labels], np.float32)


def measures(scene: Scene, mask: Floats, box: Frame, score: float) -> Floats:
    """(n, 25) of each superpixel: what tells whether it is of the thing whose outline (h, w) is `mask`."""
    pieces = scene.pieces
    was, away, share = pieces.mean(mask), _away(pieces, mask), pieces.area / pieces.area.sum()
    soft = settle(pieces, was)
    inner = share * np.where(was > 0.5, was, 0) * (FAINT + (soft > DEEP))
    outer = share * np.where(was < 0.5, 1 - was, 0) * np.exp(-np.maximum(away - 1, 0) / AROUND)
    weights = [np.asarray(one / (one.sum() + TINY), np.float32) for one in (inner, outer)]
    outliner = pieces.mean(scene.boxed(box))
    spread = walk(pieces, np.asarray(logistic(outliner), np.float32), np.full(len(was), LOOSER, np.float32))
    loose = walk(pieces, was, np.full(len(was), LOOSE, np.float32))
    beliefs = [was, soft, loose]
    total = float((share * was).sum())
    columns: list[Floats] = [
        *_colours(pieces, weights), *_beside(pieces, weights, mask),
        outliner / STEP, _odd(spread), *map(_odd, beliefs), np.clip(1 - away, -1, 1),
        2 * pieces.mean(scene.salient) - 1, 2 * pieces.mean(_others(scene, mask)),
        *map(_odd, _touching(pieces, was)), *map(_odd, _company(scene.tree, share, was, total)),
        np.full(len(was), 2 * score - 1), np.full(len(was), np.log(total + NEXT_TO_NOTHING) / STEP),
    ]  # fmt: skip
    return np.asarray(np.clip(np.stack(columns, 1), -MOST, MOST), np.float32)


def _odd(belief: Floats) -> Floats:
    """A belief in 0..1 as -2 to 2."""
    return np.asarray(ALL * belief - ALL / 2, np.float32)


def _away(pieces: Pieces, mask: Floats) -> Floats:
    """(n,): how far each piece is from the middle of the outline's box, in half its sides."""
    across, down = off_middle(mask.shape, frame_of(mask))
    return pieces.mean(np.asarray(np.maximum(np.abs(across), np.abs(down)), np.float32))


def _alike(some: Floats, others: Floats, spread: float) -> Floats:
    """(n, m) in [0, 1]: a Gaussian of the distance of rows; 0 of a row and itself."""
    apart = ((some[:, None] - others[None]) ** 2).sum(-1)
    out = np.exp(-apart / (2 * spread**2))
    np.fill_diagonal(out, 0)
    return np.asarray(out, np.float32)


def _colours(pieces: Pieces, weights: list[Floats]) -> list[Floats]:
    """Log-odds that a piece's colour is rather the thing's than its surroundings', and the logarithm of how much of the thing's it is: as it is, hardly by lightness, and by
    chroma over lightness, which shade does not change."""
    lab = pieces.colour
    chroma = lab[:, 1:] / np.maximum(lab[:, :1], DIM) * MIDDLING
    kinds = (lab, lab * HARDLY_LIGHT, np.concatenate([chroma, lab[:, :1] * BARELY], 1))
    out: list[Floats] = []
    for colours, spread in zip(kinds, SPREADS, strict=True):
        alike = _alike(colours, colours, spread)
        own, other = (np.log(alike @ weight + NEVER) for weight in weights)
        out += [own - other, own]
    return out


def _beside(pieces: Pieces, weights: list[Floats], mask: Floats) -> list[Floats]:
    """How far a piece's colour is from that of the thing, and of the surroundings, near by: in CIE Lab, and hardly by lightness."""
    x0, y0, x1, y1 = frame_of(mask)
    near = _alike(pieces.centre, pieces.centre, NEAR * max(x1 - x0, y1 - y0) + TINY)
    out: list[Floats] = []
    for weight in weights:
        own = near * weight[None]
        off = pieces.colour - (own @ pieces.colour) / (own.sum(1, keepdims=True) + NO_WEIGHT)
        for weighed, far in zip((off, off * LESS_LIGHT), FAR, strict=True):
            out.append(np.asarray(np.linalg.norm(weighed, axis=1) / far, np.float32))
    return out


def _others(scene: Scene, mask: Floats) -> Floats:
    """(h, w): the detector's score of boxes that are much smaller than the thing's."""
    height, width = scene.shape
    out, room = np.zeros(scene.shape, np.float32), area_of(frame_of(mask)) / 2
    for seen in scene.proposals:
        if seen.score > SEEN and area_of(seen.box) < room:
            x0, y0, x1, y1 = seen.box
            part = np.s_[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1]
            out[part] = np.maximum(out[part], seen.score)
    return out


def _touching(pieces: Pieces, was: Floats) -> list[Floats]:
    """The mean belief of a piece's neighbours: by common border, and less across an edge."""
    one, other = pieces.pairs.T
    out = []
    for firm in (pieces.border, np.exp(-pieces.contrast / SPREADS[0]) * pieces.border):
        drawn, total = (
            np.bincount(one, firm * a, len(was)) + np.bincount(other, firm * b, len(was))
            for a, b in ((was[other], was[one]), (np.ones(len(one)), np.ones(len(one))))
        )
        out.append(np.asarray(drawn / (total + NO_WEIGHT), np.float32))
    return out


def _company(tree: Tree, share: Floats, was: Floats, total: float) -> list[Floats]:
    """The mean belief in the largest region of the tree about a piece that is no larger than a share of the thing."""
    count, joined = len(share), len(tree.children)
    area, inside = (np.concatenate([one, np.zeros(joined)]) for one in (share, share * was))
    above = np.full(count + joined, -1)
    for number, (one, other) in enumerate(tree.children, count):
        area[number], inside[number] = area[one] + area[other], inside[one] + inside[other]
        above[one] = above[other] = number
    out = []
    for most in SHARES:
        mean = inside / np.maximum(area, NO_WEIGHT)
        for number in range(count + joined - 1, -1, -1):
            if above[number] >= 0 and area[above[number]] <= most * total:
                mean[number] = mean[above[number]]
        out.append(np.asarray(mean[:count], np.float32))
    return out
