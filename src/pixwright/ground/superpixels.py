"""Superpixels: small pieces of a picture that belong together, the graph of those that touch, and the tree of regions that they make when they are joined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import TINY, Floats, Frame, square
from pixwright.records.instruction import Array

Labels = NDArray[np.int32]
PIECES = 900
"""About so many a picture."""
ALIKE = 9.0
"""CIE Lab distance at which two pieces hang together by exp(-1)."""
ROUNDS, CLOSE = 60, 5e-4
"""Most rounds of conjugate gradients, and the step below which they end early."""
NO_STEP = 1e-20
"""Least divisor in them: a column that is solved stands still."""
LEAST_TRUST = 0.05
"""How much a belief of one half, which says nothing, counts against its neighbours; a sure one counts 1 more."""
DENOISE = (5, 30.0, 3.0)
"""Bilateral filter before the flood: its width in pixels, and its Gaussians' width in levels of 0..255 and in pixels."""
LEAST_SIDE = 8
"""Pixels up to which a side is too short for that."""
LIKE = 9.0
"""Standard deviation in CIE Lab within which two colours are alike."""
SMALL_FIRST = 0.25
"""Power of a region's share of the picture by which a small one is joined earlier."""
LEAST_STEP, MARGIN = 4, 4
"""Least distance of two seeds in pixels; one part in so many of their cell stays free of seeds on each side."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Superpixels, and the graph of those that touch."""

    labels: Labels
    """(h, w), 0..n-1."""
    colour: Floats
    """(n, 3) mean Lab: L 0..100, a and b about -100..100."""
    spread: Floats
    """(n,) standard deviation of L."""
    centre: Floats
    """(n, 2) x, y in 0..1."""
    area: Floats
    """(n,) pixels."""
    pairs: Labels
    """(m, 2) touching pieces."""
    border: Floats
    """(m,) pixels of common border."""
    contrast: Floats
    """(m,) mean Lab difference across the common border."""

    @cached_property
    def links(self) -> tuple[Labels, Floats, Floats]:
        """Each piece's neighbours as a padded table: (n, k) index (its own where there are fewer than k), (n, k) how firmly they hang together
        (0 where padded), (n,) the sum of that."""
        count = len(self.area)
        one, other = self.pairs.T
        apart = np.linalg.norm(self.colour[one] - self.colour[other], axis=1)
        firm = np.exp(-(apart + self.contrast) / ALIKE) * self.border / self.border.mean() if len(one) else self.border
        source, target = np.concatenate([one, other]), np.concatenate([other, one])
        order = np.argsort(source, kind="stable")
        source, target = source[order], target[order]
        many = np.bincount(source, minlength=count)
        column = np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many)
        near = np.repeat(np.arange(count, dtype=np.int32)[:, None], max(1, int(many.max())), 1)
        weight = np.zeros(near.shape, np.float32)
        near[source, column] = target
        weight[source, column] = np.concatenate([firm, firm])[order]
        return near, weight, weight.sum(1)

    @cached_property
    def alike(self) -> Floats:
        """(n, n) in [0, 1]: how like two pieces' colours are, by a Gaussian of their difference."""
        size = (self.colour**2).sum(1)
        apart = np.maximum(size[:, None] + size[None] - 2 * (self.colour @ self.colour.T), 0)
        return np.asarray(np.exp(-apart / (2 * LIKE**2)), np.float32)

    def mean(self, values: Floats) -> Floats:
        """Mean of an (h, w) map over each piece."""
        return np.asarray(np.bincount(self.labels.ravel(), values.ravel(), len(self.area)) / self.area, np.float32)

    def paint(self, values: Floats) -> Floats:
        """(n,) values -> (h, w) map."""
        return np.asarray(values[self.labels], np.float32)


@dataclass(frozen=True, eq=False)
class Tree:
    """Every region of a picture: first its superpixels, then those that were joined of two, the last of which is all of it."""

    children: Labels
    """(m, 2) of those that were joined."""
    box: Floats
    """(n + m, 4) XYXY in 0..1."""

    @property
    def pieces(self) -> int:
        """How many superpixels there are."""
        return len(self.box) - len(self.children)

    def filling(self, box: Frame) -> Floats:
        """(n,) in [0, 1] of each superpixel: how well the box of the region it is in, of all such regions the best, agrees with a box."""
        low, high = np.maximum(self.box[:, :2], box[:2]), np.minimum(self.box[:, 2:], box[2:])
        common = np.clip(high - low, 0, None).prod(1)
        own = (self.box[:, 2:] - self.box[:, :2]).prod(1)
        best = (common / np.maximum(own + (box[2] - box[0]) * (box[3] - box[1]) - common, TINY)).tolist()
        for at in range(len(self.children) - 1, -1, -1):
            above = best[at + self.pieces]
            for child in self.children[at]:
                best[child] = max(best[child], above)
        return np.array(best[: self.pieces], np.float32)


def walk(pieces: Pieces, odds: Floats, trust: Floats) -> Floats:
    """Beliefs (n,) or (n, k) smoothed over the graph: minimise sum trust_i (x_i - odds_i)^2 + sum w_ij (x_i - x_j)^2 (Grady 2006, eq. 8).

    The system is sparse, symmetric and dominated by its diagonal: conjugate gradients, preconditioned by that diagonal, need some ten rounds.
    """
    near, weight, degree = pieces.links
    own = trust * pieces.area / pieces.area.mean()
    columns = odds.reshape(len(odds), -1).astype(np.float32)
    diagonal = (degree + own)[:, None]

    def pull(x: Floats) -> Floats:
        return np.asarray(np.einsum("nk,nkc->nc", weight, x[near]), np.float32)

    x = columns.copy()
    rest = own[:, None] * columns - diagonal * x + pull(x)
    ready = rest / diagonal
    way, power = ready, (rest * ready).sum(0)
    for _ in range(ROUNDS):
        if float(np.abs(ready).max()) < CLOSE:
            break
        pushed = diagonal * way - pull(way)
        length = power / ((way * pushed).sum(0) + NO_STEP)
        x, rest = x + length * way, rest - length * pushed
        ready = rest / diagonal
        last, power = power, (rest * ready).sum(0)
        way = ready + power / (last + NO_STEP) * way
    return np.asarray(np.clip(x, 0, 1).reshape(odds.shape), np.float32)


def settle(pieces: Pieces, likely: Floats) -> Floats:
    """Beliefs (n,) smoothed over the graph, each trusted by how far it is from one half."""
    return walk(pieces, likely, np.abs(likely - 0.5) * 2 + LEAST_TRUST)


def cut_up(small: Array, lab: Floats) -> Pieces:
    """Superpixels by flooding from a grid of seeds, each at the smoothest point of its cell (Meyer's watershed)."""
    height, width = small.shape[:2]
    calm = cv2.bilateralFilter(small, *DENOISE) if min(height, width) > LEAST_SIDE else small
    grey = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    step = max(LEAST_STEP, round((height * width / PIECES) ** 0.5))
    seeds = np.zeros((height, width), np.int32)
    number, edge = 0, step // MARGIN
    for y in range(0, height, step):
        for x in range(0, width, step):
            cell = slope[y + edge : y + step - edge, x + edge : x + step - edge]
            if cell.size == 0:
                cell, dy, dx = slope[y : y + step, x : x + step], 0, 0
            else:
                dy = dx = edge
            row, column = divmod(int(cell.argmin()), cell.shape[1])
            number += 1
            seeds[y + dy + row, x + dx + column] = number
    cv2.watershed(np.ascontiguousarray(calm), seeds)
    while (seeds <= 0).any():
        grown = cv2.dilate(seeds.astype(np.float32), square()).astype(np.int32)
        seeds = np.where(seeds <= 0, grown, seeds)
    return _measure(seeds - 1, number, lab)


def _measure(labels: Labels, count: int, lab: Floats) -> Pieces:
    height, width = labels.shape
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1).astype(np.float32)
    colour = np.stack([np.bincount(flat, lab[..., i].ravel(), count) / area for i in range(lab.shape[-1])], 1)
    square = np.bincount(flat, (lab[..., 0] ** 2).ravel(), count) / area
    xs = np.bincount(flat, np.tile(np.arange(width), height), count) / area
    ys = np.bincount(flat, np.repeat(np.arange(height), width), count) / area
    pairs, border, contrast = _touching(labels, count, lab)
    centre = np.stack([(xs + 0.5) / width, (ys + 0.5) / height], 1).astype(np.float32)
    spread = np.sqrt(np.maximum(square - colour[:, 0] ** 2, 0)).astype(np.float32)
    return Pieces(labels, colour.astype(np.float32), spread, centre, area, pairs, border, contrast)


def _touching(labels: Labels, count: int, lab: Floats) -> tuple[Labels, Floats, Floats]:
    keys, jumps = [], []
    for a, b, p, q in (
        (labels[:, :-1], labels[:, 1:], lab[:, :-1], lab[:, 1:]),
        (labels[:-1], labels[1:], lab[:-1], lab[1:]),
    ):
        cross = a != b
        low, high = np.minimum(a[cross], b[cross]).astype(np.int64), np.maximum(a[cross], b[cross])
        keys.append(low * count + high)
        jumps.append(np.linalg.norm(p[cross] - q[cross], axis=1))
    unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    border = np.bincount(inverse, minlength=len(unique)).astype(np.float32)
    contrast = np.bincount(inverse, np.concatenate(jumps), len(unique)) / np.maximum(border, 1)
    pairs = np.stack([unique // count, unique % count], 1).astype(np.int32)
    return pairs, border, contrast.astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Graph:
    """Regions as they are at one step, and the borders between them."""

    node: Labels
    """(n,) their numbers in the tree."""
    colour: Floats
    area: Floats
    pairs: Labels
    border: Floats
    contrast: Floats
    """(m,) sum over the border's pixels."""


def joined_up(pieces: Pieces) -> Tree:
    """The tree of a picture's superpixels: the likest neighbours are joined first (agglomerative clustering by mutual nearest neighbours)."""
    count, total = len(pieces.area), float(pieces.area.sum())
    box = _boxes(pieces)
    children: Labels = np.zeros((0, 2), np.int32)
    graph = _Graph(
        np.arange(count, dtype=np.int32), pieces.colour, pieces.area, pieces.pairs, pieces.border,
        pieces.border * pieces.contrast,
    )  # fmt: skip
    while len(graph.pairs):
        apart = _apart(graph, total)
        joined = _mutual(graph.pairs, apart, len(graph.node))
        two = graph.node[graph.pairs[joined]]
        children = np.concatenate([children, two])
        box = np.concatenate([box, np.concatenate([box[two, :2].min(1), box[two, 2:].max(1)], 1)])
        graph = _join(graph, joined, len(box) - len(joined))
    return Tree(children, box)


def _apart(graph: _Graph, total: float) -> Floats:
    """(m,) how unlike two neighbours are: half their colours' difference and half that across their border; less if one is small."""
    one, other = graph.pairs.T
    colours = np.linalg.norm(graph.colour[one] - graph.colour[other], axis=1)
    smaller = np.minimum(graph.area[one], graph.area[other]) / total
    return np.asarray(0.5 * (colours + graph.contrast / graph.border) * (smaller * PIECES) ** SMALL_FIRST, np.float32)


def _mutual(pairs: Labels, apart: Floats, count: int) -> Labels:
    """Which pairs are each other's likest neighbours; no region is in two."""
    rank = np.empty(len(pairs), np.int32)
    rank[np.argsort(apart, kind="stable")] = np.arange(len(pairs), dtype=np.int32)
    best = np.full(count, len(pairs), np.int32)
    np.minimum.at(best, pairs[:, 0], rank)
    np.minimum.at(best, pairs[:, 1], rank)
    return np.asarray(np.flatnonzero((best[pairs[:, 0]] == rank) & (best[pairs[:, 1]] == rank)), np.int32)


def _join(graph: _Graph, joined: Labels, first: int) -> _Graph:
    """The graph after those pairs have become one region each, whose numbers in the tree begin at `first`."""
    one, other = graph.pairs[joined].T
    first_of = np.arange(len(graph.node), dtype=np.int32)
    first_of[other] = one
    left, to = np.unique(first_of, return_inverse=True)
    area = np.bincount(to, graph.area).astype(np.float32)
    colour = np.stack([np.bincount(to, graph.area * graph.colour[:, i]) / area for i in range(3)], 1).astype(np.float32)
    node = graph.node[left]
    node[to[one]] = first + np.arange(len(joined), dtype=np.int32)
    a, b = to[graph.pairs].T
    apart = a != b
    low, high = np.minimum(a, b)[apart].astype(np.int64), np.maximum(a, b)[apart].astype(np.int64)
    keys, group = np.unique(low * len(left) + high, return_inverse=True)
    border, contrast = (
        np.bincount(group, values[apart], len(keys)).astype(np.float32) for values in (graph.border, graph.contrast)
    )
    pairs = np.stack([keys // len(left), keys % len(left)], 1).astype(np.int32)
    return _Graph(node, colour, area, pairs, border, contrast)


def _boxes(pieces: Pieces) -> Floats:
    """(n, 4) XYXY in 0..1: the box of each superpixel."""
    height, width = pieces.labels.shape
    flat, count = pieces.labels.ravel(), len(pieces.area)
    ys, xs = (at.ravel() for at in np.indices((height, width)))
    out = np.zeros((count, 4), np.float32)
    for column, (at, side) in enumerate(((xs, width), (ys, height))):
        low, high = np.full(count, side, np.int64), np.zeros(count, np.int64)
        np.minimum.at(low, flat, at)
        np.maximum.at(high, flat, at)
        out[:, column], out[:, column + 2] = low / side, (high + 1) / side
    return out
