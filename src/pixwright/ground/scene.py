"""`Scene`: everything about one picture that does not depend on the phrase, computed once and passed as a value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.picture import FeatureMap
from pixwright.ground.detected import Proposal, Seen, detect, propose_boxes
from pixwright.ground.folk import Person, meet
from pixwright.ground.geometry import Floats, fit
from pixwright.ground.saliency import close_up, foreground, recognised, smoothly, standing_out
from pixwright.records.instruction import Array

Labels = NDArray[np.int32]

WORK = 512
"""Longer side, in pixels, at which regions are found."""
SIDES = (320, 512, 736)
"""Longer sides at which the network looks; small ones see the whole, large ones see where."""
MIDDLE = 1000
"""Longer side, in pixels, above which only faces, small things and the mask's edge are looked at."""
PIECES = 900
PROPOSED = 40
"""Boxes that are considered as things in their own right."""
PALETTE = 24


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
    frame: Floats
    """(n,) pixels on the picture's frame."""

    @cached_property
    def links(self) -> tuple[Labels, Floats, Floats]:
        """Each piece's neighbours as a padded table: (n, k) index (its own where there are fewer than k), (n, k) how firmly they hang together
        (0 where padded), (n,) the sum of that."""
        count = len(self.area)
        one, other = self.pairs.T
        apart = np.linalg.norm(self.colour[one] - self.colour[other], axis=1)
        firm = np.exp(-apart / 9 - self.contrast / 9) * self.border / self.border.mean() if len(one) else self.border
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
    def bins(self) -> Labels:
        """(n,) each piece's colour in a palette of at most PALETTE that is made for this picture."""
        colours = (self.colour * np.array([0.6, 1, 1], np.float32)).astype(np.float32)
        cv2.setRNGSeed(0)
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 0.5)
        found = cv2.kmeans(colours, min(PALETTE, len(colours)), None, stop, 1, cv2.KMEANS_PP_CENTERS)[1]
        return np.asarray(found.ravel(), np.int32)

    def mean(self, values: Floats) -> Floats:
        """Mean of an (h, w) map over each piece."""
        return np.asarray(np.bincount(self.labels.ravel(), values.ravel(), len(self.area)) / self.area, np.float32)

    def paint(self, values: Floats) -> Floats:
        """(n,) values -> (h, w) map."""
        return np.asarray(values[self.labels], np.float32)


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture that was looked at. `picture` HxWx3 uint8; `small` is it at WORK pixels."""

    picture: Array
    small: Array
    encoders: Encoders
    sides: tuple[int, ...] = SIDES

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of `small`."""
        return int(self.small.shape[0]), int(self.small.shape[1])

    @cached_property
    def lab(self) -> Floats:
        """(h, w, 3) float32 CIE Lab of `small`."""
        return np.asarray(cv2.cvtColor(self.small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)

    @cached_property
    def middling(self) -> Array:
        """The picture at MIDDLE pixels at most: enough for every network that looks at the whole of it."""
        return fit(self.picture, MIDDLE) if max(self.picture.shape[:2]) > MIDDLE else self.picture

    @cached_property
    def features(self) -> tuple[FeatureMap, ...]:
        """The network's features at each of `sides`."""
        return tuple(self.encoders.picture.features(self.middling, side) for side in self.sides)

    @cached_property
    def dense(self) -> tuple[Floats, ...]:
        """Class logits in every cell, smoothed 3x3: (rows, columns, 1000) for each of `sides` (a classifier run convolutionally)."""
        weight = self.encoders.picture.class_weights
        return tuple(_smooth(f.grid @ weight.T) for f in self.features)

    @cached_property
    def masses(self) -> tuple[Floats, ...]:
        """exp(logit - the cell's highest) of `dense`: what every noun's share is taken from."""
        return tuple(np.exp(d - d.max(-1, keepdims=True)) for d in self.dense)

    @cached_property
    def logits(self) -> Floats:
        """(1000,) scores of the whole picture: the mean over the two coarser scales."""
        looked = [self.encoders.picture.logits(f) for f in self.features[:2]]
        return np.asarray(np.mean(looked, axis=0), np.float32)

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """What the detector sees, surest first."""
        return detect(self.middling, self.encoders.detector)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """Boxes that hold something, whatever it is."""
        return self.proposals_all[:PROPOSED]

    @cached_property
    def proposals_all(self) -> tuple[Proposal, ...]:
        """The same, with those that are hardly anything."""
        return propose_boxes(self.seen)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """People, surest first."""
        return meet(self.picture, self.seen, self.shape, self.encoders.people)

    @cached_property
    def pieces(self) -> Pieces:
        """Superpixels of `small`."""
        return cut_up(self.small, self.lab)

    @cached_property
    def front(self) -> Floats:
        """(n,) log-odds of each piece to be foreground."""
        return foreground(self)

    @cached_property
    def close(self) -> float:
        """0 to 1: whether one recognised thing fills the picture."""
        return close_up(self, recognised(self))

    @cached_property
    def smooth(self) -> Floats:
        """(n,) how smoothly each piece runs on to the upper frame: sky and plain backdrops."""
        return smoothly(self)

    @cached_property
    def plain(self) -> Floats:
        """(n,) how much each piece stands out, whatever it is."""
        return standing_out(self)

    @cached_property
    def traits(self) -> Floats:
        """(n, d) float32: what each piece looks like to the network (principal components of its middle layer) and its colour."""
        columns = [_sample(f.mid, self.pieces.centre) for f in self.features[-2:]]
        deep = np.concatenate(columns, 1)
        deep = deep / (np.linalg.norm(deep, axis=1, keepdims=True) + 1e-6)
        deep = deep - np.average(deep, axis=0, weights=self.pieces.area)
        _, vectors = np.linalg.eigh(deep.T @ (deep * self.pieces.area[:, None]))
        deep = deep @ vectors[:, ::-1][:, :24]
        deep = deep / (deep.std(0).max() + 1e-6)
        colour = self.pieces.colour / np.array([40, 25, 25], np.float32)
        return np.concatenate([deep, colour, self.pieces.spread[:, None] / 12], 1).astype(np.float32)


def look(picture: Array, encoders: Encoders, sides: tuple[int, ...] = SIDES) -> Scene:
    """Prepare a picture (HxWx3 uint8) for any number of phrases. Nothing is computed before it is needed."""
    rgb = np.ascontiguousarray(picture[..., :3])
    return Scene(rgb, fit(rgb, WORK), encoders, sides)


def _smooth(maps: Floats) -> Floats:
    rows, columns = maps.shape[:2]
    padded = np.pad(maps, ((1, 1), (1, 1), (0, 0)), mode="edge")
    across = padded[:, :columns] + padded[:, 1 : columns + 1] + padded[:, 2:]
    return np.asarray((across[:rows] + across[1 : rows + 1] + across[2:]) / 9, np.float32)


def _sample(grid: Floats, centre: Floats) -> Floats:
    """Bilinear samples of a (rows, columns, c) grid that covers the picture, at points given in 0..1."""
    rows, columns = grid.shape[:2]
    x = np.clip(centre[:, 0] * columns - 0.5, 0, columns - 1)
    y = np.clip(centre[:, 1] * rows - 0.5, 0, rows - 1)
    x0, y0 = np.minimum(x.astype(int), max(columns - 2, 0)), np.minimum(y.astype(int), max(rows - 2, 0))
    x1, y1 = np.minimum(x0 + 1, columns - 1), np.minimum(y0 + 1, rows - 1)
    fx, fy = (x - x0)[:, None], (y - y0)[:, None]
    above = grid[y0, x0] * (1 - fx) + grid[y0, x1] * fx
    below = grid[y1, x0] * (1 - fx) + grid[y1, x1] * fx
    return np.asarray(above * (1 - fy) + below * fy, np.float32)


def cut_up(small: Array, lab: Floats) -> Pieces:
    """Superpixels by flooding from a grid of seeds, each at the smoothest point of its cell (Meyer's watershed)."""
    height, width = small.shape[:2]
    calm = cv2.bilateralFilter(small, 5, 30, 3) if min(height, width) > 8 else small
    grey = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    step = max(4, round((height * width / PIECES) ** 0.5))
    seeds = np.zeros((height, width), np.int32)
    number = 0
    for y in range(0, height, step):
        for x in range(0, width, step):
            cell = slope[y + step // 4 : y + step - step // 4, x + step // 4 : x + step - step // 4]
            if cell.size == 0:
                cell, dy, dx = slope[y : y + step, x : x + step], 0, 0
            else:
                dy = dx = step // 4
            row, column = divmod(int(cell.argmin()), cell.shape[1])
            number += 1
            seeds[y + dy + row, x + dx + column] = number
    cv2.watershed(np.ascontiguousarray(calm), seeds)
    while (seeds <= 0).any():
        grown = cv2.dilate(seeds.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
        seeds = np.where(seeds <= 0, grown, seeds)
    return _measure(seeds - 1, number, lab)


def _measure(labels: Labels, count: int, lab: Floats) -> Pieces:
    height, width = labels.shape
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1).astype(np.float32)
    colour = np.stack([np.bincount(flat, lab[..., i].ravel(), count) / area for i in range(3)], 1)
    square = np.bincount(flat, (lab[..., 0] ** 2).ravel(), count) / area
    xs = np.bincount(flat, np.tile(np.arange(width), height), count) / area
    ys = np.bincount(flat, np.repeat(np.arange(height), width), count) / area
    frame = np.zeros((height, width), bool)
    frame[[0, -1]] = True
    frame[:, [0, -1]] = True
    pairs, border, contrast = _touching(labels, count, lab)
    centre = np.stack([(xs + 0.5) / width, (ys + 0.5) / height], 1).astype(np.float32)
    spread = np.sqrt(np.maximum(square - colour[:, 0] ** 2, 0)).astype(np.float32)
    rim = np.bincount(labels[frame], minlength=count).astype(np.float32)
    return Pieces(labels, colour.astype(np.float32), spread, centre, area, pairs, border, contrast, rim)


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
