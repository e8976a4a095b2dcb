"""Superpixels: small pieces of a picture that belong together, and the graph of those that touch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import Floats, square
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
