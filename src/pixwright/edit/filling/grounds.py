"""The grounds that a hole lies before, a wall and a floor, a table and what is behind it: told apart, and the borders between them drawn on through the hole.

Pieces of one look are joined where the step between them is small against what each varies in itself (Felzenszwalb and Huttenlocher 2004, Efficient graph-based image
segmentation), so that light that falls off along a wall makes no border. In the hole the borders are lines, or curves of second order, that part what is seen beside it:
a horizon goes straight through, and the edge of a round table as an ellipse.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.plate import surface_terms
from pixwright.edit.filling.synthesis import Bools, Floats, Ints
from pixwright.records.instruction import Array

_SIDE, _FINE = 256, 640
"""Longer side, in pixels, at which grounds are told apart, and at which their borders are drawn."""
_CELL, _FAR_CELLS = 9, 2
"""Side of the cells of which each gets one piece, and how many of them a piece reaches."""
_SOFT, _TEXTURE, _WIDE_TEXTURE = 1.2, 2.0, 3.0
"""How far colours are blurred before they are compared; how much the strength of detail counts beside them, and how far that is blurred."""
_CONTACT = 4
"""Pixels along which two pieces touch at least, to be neighbours: at a mere corner nothing is told of the step between them."""
_LOOSE = 40.0, 80.0
"""The step, in L*a*b* over the root of a piece's pixels, that is joined besides what the piece varies in itself; and a looser one, where that leaves too many grounds."""
_SCRAP = 0.004
"""Share of the window up to which a piece is joined to its likest neighbour."""
_BESIDE = 3
"""Width of the rim whose grounds are looked at, in pixels of `_SIDE`."""
_ALIKE, _PARTED, _NEAR = 5.5, 10.0, 12
"""Difference in L*a*b* beside the hole up to which two grounds are one, and where they touch nowhere; and how far from it they are compared, in pixels of `_SIDE`."""
_TOUCHES, _MOST, _EXPLAINED = 0.04, 6, 0.7
"""Share of the rim from which a ground goes on in the hole; how many do at most; and how much of the rim they must be together."""
_RUNS = 3
"""How often, over their number, grounds may take turns along the rim: more often they are a pattern."""
_THIN = 0.02
"""Share of the rim from which what is seen on two sides of a hole goes through it."""
_WIDE = 0.3
"""Share of the rim from which also a thing goes on that ends within the picture: the hole lies before it."""
_LARGE = 3.0
"""Size over the hole's, from which it does as well."""
_EDGE = 4
"""Pixels of `_SIDE` from the window's sides within which a ground leaves it."""
_FORBIDDEN = 0.5
"""Share of a ground that is forbidden, from which it is none."""
_CURVED, _PARTS_WELL = 1.5, 0.95
"""How many times less of the rim curves must get wrong to be taken instead of lines; and the share of it from which either is believed."""
_FITS, _ROWS, _SLACK = 300, 600, 1e-3
"""Rounds of the fit of borders, the pixels that it looks at, and how much its weights are kept small."""
_SMOOTHER, _TIMES = 0.03, 6
"""How far labels are blurred, over the hole's span, and how often, so that borders in the hole meet those that are seen."""
_BAND = 3
"""Half the width of the band along a border in which it is looked for again at `_FINE`."""
_MARGIN = 48
"""Pixels around a hole's box that are looked at while its borders are drawn."""


@dataclass(frozen=True, eq=False)
class Grounds:
    """`labels` HxW int32 of a window: which ground each pixel is of, in the hole as well. `going`: those that go on in the hole."""

    labels: Ints
    going: tuple[int, ...]

    def usable(self, banned: Bools, holes: Bools) -> Bools:
        """What is banned (HxW) without those grounds that are mostly banned and go on all the same: the hole lies before them. All `holes` stay banned."""
        ours = np.isin(self.labels, self.going) & ~holes
        size, lost = (
            np.bincount(self.labels[some], minlength=int(self.labels.max()) + 1) for some in (ours, ours & banned)
        )
        return np.asarray((banned & ~(ours & (lost > _FORBIDDEN * size)[self.labels])) | holes)


def grounds(picture: Array, hole: Bools, banned: Bools) -> Grounds | None:
    """The grounds around a hole (HxW) of `picture` HxWx3 uint8, and their shares of it; None where what is around is no few grounds, as in foliage. `banned` HxW: other things."""
    height, width = hole.shape
    small, inner = _shrunk(picture, hole, _SIDE)
    if inner.all() or not inner.any():
        return None
    features = _features(small, ~inner)
    pieces = _pieces(features, inner)
    forbidden = cv2.resize(banned.astype(np.float32), inner.shape[::-1], interpolation=cv2.INTER_AREA)
    labels = pieces
    going: tuple[int, ...] = ()
    for loose in _LOOSE:
        if not going:
            labels = _one_behind(_joined(features, pieces, inner, loose), features, inner)
            going = _going_on(labels, inner, forbidden)
    if not going:
        return None
    drawn = _drawn_on(labels, inner, going, _hulls(labels, inner, going))
    if drawn is None:
        return None
    fine, hidden = _shrunk(picture, hole, _FINE)
    if hidden.shape != inner.shape:
        drawn = _sharper(fine, hidden, drawn)
        drawn = _smoother(drawn, hidden, going, _hulls(drawn, hidden, going))
    return Grounds(_enlarged(drawn, (height, width)), going)


def _shrunk(picture: Array, hole: Bools, side: int) -> tuple[Floats, Bools]:
    """The picture (HxWx3 float32) at no more than `side`, the hole filled smoothly, and where that is."""
    scale = min(1.0, side / max(hole.shape))
    size = max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale))
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(picture * (~hole)[..., None].astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    mean = total.astype(np.float32) / np.maximum(weight, 1e-3)[..., None]
    inner = weight < 1 / 2
    return diffuse(np.asarray(mean, np.float32), ~inner), np.asarray(inner)


def _features(small: Floats, known: Bools) -> Floats:
    """HxWx4: L*a*b* a little blurred, and the strength of detail."""
    lab = cv2.cvtColor(np.clip(small, 0, 255) / np.float32(255), cv2.COLOR_RGB2LAB)
    detail = np.abs(lab[..., :1] - cv2.GaussianBlur(lab[..., 0], (0, 0), 1.5)[..., None])
    seen = known.astype(np.float32)

    def blurred(values: Floats, reach: float) -> Floats:
        """Of what is known alone."""
        weight = np.maximum(cv2.GaussianBlur(seen, (0, 0), reach), 1e-3)
        total = cv2.GaussianBlur(values * seen[..., None], (0, 0), reach).reshape(values.shape)
        return np.asarray(total / weight[..., None], np.float32)

    return np.dstack([blurred(lab, _SOFT), _TEXTURE * blurred(detail, _WIDE_TEXTURE)]).astype(np.float32)


def _pieces(features: Floats, hole: Bools) -> Ints:
    """Small pieces (HxW, from 1 on) whose edges are edges of the picture: from the calmest known pixel of each cell the water rises."""
    height, width = hole.shape
    colours = np.ascontiguousarray(features[..., :3])
    steep = sum(np.abs(cv2.Sobel(colours, cv2.CV_32F, *way)).sum(axis=2) for way in ((1, 0), (0, 1)))
    steep = np.where(hole, np.inf, steep)
    markers, middles = np.zeros((height, width), np.int32), [(0, 0)]
    for y in range(0, height, _CELL):
        for x in range(0, width, _CELL):
            cell = steep[y : y + _CELL, x : x + _CELL]
            dy, dx = np.unravel_index(int(np.argmin(cell)), cell.shape)
            if np.isfinite(cell[dy, dx]):
                markers[y + dy, x + dx] = len(middles)
                middles.append((y + int(dy), x + int(dx)))
    labels = _flooded(colours, markers)
    # What was reached through the hole is of another piece.
    away = np.moveaxis(np.indices(hole.shape), 0, 2) - np.array(middles)[labels]
    return _nearest(labels, ~hole & (np.linalg.norm(away, axis=2) < _FAR_CELLS * _CELL))


def _flooded(colours: Floats, markers: Ints) -> Ints:
    """Every pixel gets the marker (HxW, 0: none) that it can be reached from over the smallest steps of L*a*b*."""
    seen = np.clip(colours * (2.55, 1, 1) + (0, 128, 128), 0, 255).astype(np.uint8)
    labels = cv2.watershed(seen, markers.copy())
    return _nearest(labels, labels > 0)


def _nearest(labels: Ints, known: Bools) -> Ints:
    """The label of the nearest known pixel."""
    _, index = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros(int(index.max()) + 1, np.int32)
    values[index[known]] = labels[known]
    return np.asarray(values[index], np.int32)


def _joined(features: Floats, pieces: Ints, hole: Bools, loose: float) -> Ints:
    """Pieces joined to grounds (HxW, from 0 on)."""
    first, second, step = _steps(features, np.where(hole, 0, pieces))
    # A piece that is a scrap is no looser for it: it may lie on a border.
    size = np.maximum(np.bincount(pieces[~hole], minlength=int(pieces.max()) + 1), _CELL**2 / 2)
    parent, varies = np.arange(len(size)), np.zeros(len(size))

    def root(piece: int) -> int:
        while parent[piece] != piece:
            parent[piece] = parent[parent[piece]]
            piece = int(parent[piece])
        return piece

    order = np.argsort(step)
    for scraps in (False, True):
        for edge in order:
            a, b = root(int(first[edge])), root(int(second[edge]))
            if a == b:
                continue
            if scraps:
                join = min(size[a], size[b]) < _SCRAP * hole.size
            else:
                join = step[edge] <= min(varies[a] + loose / np.sqrt(size[a]), varies[b] + loose / np.sqrt(size[b]))
                varies[a] = max(varies[a], varies[b], step[edge]) if join else varies[a]
            if join:
                parent[b] = a
                size[a] += size[b]
    roots = np.array([root(piece) for piece in range(len(size))])
    _, labels = np.unique(roots[pieces], return_inverse=True)
    return np.asarray(labels.reshape(pieces.shape), np.int32)


def _steps(features: Floats, pieces: Ints) -> tuple[Ints, Ints, Floats]:
    """The pairs of neighbouring pieces (0: none), and the mean step between their sides."""
    height, width = pieces.shape
    pairs, steps = [], []
    for dy, dx in ((0, 1), (1, 0)):
        here, there = pieces[: height - dy, : width - dx], pieces[dy:, dx:]
        y, x = np.nonzero((here != there) & (here > 0) & (there > 0))
        before, behind = (
            (np.maximum(y - dy, 0), np.maximum(x - dx, 0)),
            (np.minimum(y + 2 * dy, height - 1), np.minimum(x + 2 * dx, width - 1)),
        )
        clear = (pieces[before] > 0) & (pieces[behind] > 0)
        y, x, before, behind = (
            y[clear],
            x[clear],
            (before[0][clear], before[1][clear]),
            (behind[0][clear], behind[1][clear]),
        )
        steps.append(np.linalg.norm(features[before] - features[behind], axis=1))
        pairs.append(np.sort(np.stack([here[y, x], there[y, x]], 1), axis=1))
    both, index, count = np.unique(np.concatenate(pairs), axis=0, return_inverse=True, return_counts=True)
    mean = np.bincount(index.ravel(), np.concatenate(steps)) / count
    long = count >= _CONTACT
    return both[long, 0], both[long, 1], np.asarray(mean[long], np.float32)


def _one_behind(labels: Ints, features: Floats, hole: Bools) -> Ints:
    """The labels, those made one that look alike beside the hole: it parts them, or something else does."""
    first, second, _ = _steps(features, np.where(hole, 0, labels + 1))
    touching = {(int(a) - 1, int(b) - 1) for a, b in zip(first, second, strict=True)}
    rim, near = (_around(hole, reach) for reach in (_BESIDE, _NEAR))
    share = np.bincount(labels[rim], minlength=int(labels.max()) + 1) / max(1, int(rim.sum()))
    looks = {int(label): features[near & (labels == label)].mean(axis=0) for label in np.flatnonzero(share >= _THIN)}
    for a in looks:
        for b in looks:
            apart = float(np.linalg.norm(looks[a] - looks[b]))
            if a < b and apart < (_ALIKE if (a, b) in touching else _PARTED):
                labels = np.where(labels == b, a, labels)
    return labels


def _around(hole: Bools, reach: int) -> Bools:
    """What lies beside a hole."""
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    return np.asarray(near & ~hole)


def _going_on(labels: Ints, hole: Bools, banned: Floats) -> tuple[int, ...]:
    """The grounds that go on in the hole; none where they do not explain what is around it."""
    rim = _around(hole, _BESIDE)
    count = int(labels.max()) + 1
    along, size = np.bincount(labels[rim], minlength=count), np.bincount(labels[~hole], minlength=count)
    forbidden = np.bincount(labels[~hole], banned[~hole], minlength=count)
    share = along / max(1, int(rim.sum()))
    ground = (share >= _TOUCHES) & ((forbidden <= _FORBIDDEN * size) | (share >= _WIDE))
    ground &= np.isin(np.arange(count), _leaving(labels, hole)) | (share >= _WIDE) | (size >= _LARGE * hole.sum())
    going = np.flatnonzero(ground)
    if not 1 <= len(going) <= _MOST or share[going].sum() < _EXPLAINED:
        return ()
    if _runs(np.where((share >= _TOUCHES)[labels], labels, -1), hole) > _RUNS * len(going):
        return ()
    if any(_goes_through(rim & (labels == n), hole) for n in np.flatnonzero(~ground & (share >= _THIN))):
        return ()
    return tuple(int(label) for label in going)


def _runs(labels: Ints, hole: Bools) -> int:
    """How often another ground begins along the rim of a hole; -1 is left out."""
    changes = 0
    wider = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _BESIDE + 1, 2 * _BESIDE + 1), np.uint8))
    for contour in cv2.findContours(wider, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
        along = labels[contour[:, 0, 1], contour[:, 0, 0]]
        along = along[along >= 0]
        changes += int(np.count_nonzero(along != np.roll(along, 1)))
    return changes


def _goes_through(ends: Bools, hole: Bools) -> bool:
    """Whether what is seen beside a hole at `ends` is seen on two sides of it, as a rail or a stripe is: it is no ground, but goes on."""
    y, x = (round(float(axis.mean())) for axis in np.nonzero(ends))
    deep = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
    return bool(deep[y, x] > deep.max() / 2)


def _leaving(labels: Ints, hole: Bools) -> Ints:
    """The grounds that leave the window."""
    seen = np.where(hole, -1, labels)
    return np.unique(
        np.concatenate([side.ravel() for side in (seen[:_EDGE], seen[-_EDGE:], seen[:, :_EDGE], seen[:, -_EDGE:])])
    )


def _hulls(labels: Ints, hole: Bools, going: tuple[int, ...]) -> list[Bools]:
    """Where each ground may be: one that ends within the window is no larger than its convex hull, so that what lies before the hole does not grow into it."""
    leaving, hulls = _leaving(labels, hole), []
    for label in going:
        may = np.ones(hole.shape, np.uint8)
        if label not in leaving:
            points = np.argwhere((labels == label) & ~hole)[:, ::-1].astype(np.int32)
            may = cv2.fillConvexPoly(np.zeros(hole.shape, np.uint8), cv2.convexHull(points), 1)
        hulls.append(may > 0)
    return hulls if np.any(hulls, axis=0)[hole].all() else [np.ones_like(hole)] * len(going)


def _smoother(labels: Ints, hole: Bools, going: tuple[int, ...], hulls: list[Bools]) -> Ints:
    """The labels, their borders in the hole made shorter, so that they meet those that are seen."""
    x, y, wide, tall = cv2.boundingRect(hole.astype(np.uint8))
    near = np.s_[max(0, y - _MARGIN) : y + tall + _MARGIN, max(0, x - _MARGIN) : x + wide + _MARGIN]
    part, inner = labels[near].copy(), hole[near]
    never = np.stack([np.where(hull[near], np.float32(0), np.float32(-1)) for hull in hulls])
    blur = max(1.0, _SMOOTHER * max(wide, tall))
    for _ in range(_TIMES):
        soft = np.stack([cv2.GaussianBlur((part == one).astype(np.float32), (0, 0), blur) for one in going])
        part = np.where(inner, np.array(going, np.int32)[np.argmax(soft + never, axis=0)], part)
    result = labels.copy()
    result[near] = part
    return result


def _drawn_on(labels: Ints, hole: Bools, going: tuple[int, ...], hulls: list[Bools]) -> Ints | None:
    """The labels with those in the hole (HxW) that lines between what is seen beside it draw, or else curves of second order (multinomial regression); None where neither parts that."""
    seen = _around(hole, _NEAR) & np.isin(labels, going)
    own = np.searchsorted(going, labels[seen])
    true = np.eye(len(going))[own]
    never = np.stack([np.where(hull, np.float32(0), np.float32(-np.inf)) for hull in hulls], axis=2)
    best: tuple[float, Floats] | None = None
    for terms in (surface_terms(labels.shape)[..., :3], surface_terms(labels.shape)):
        rows = terms[seen].astype(np.float64)
        few = np.s_[:: max(1, len(rows) // _ROWS)]
        # The bound of Boehning (1992) on the curvature makes each round one product.
        bound = np.linalg.inv(rows[few].T @ rows[few] / 2 + _SLACK * np.eye(rows.shape[1]))
        weights = np.zeros((rows.shape[1], len(going)))
        for _ in range(_FITS):
            odds = rows[few] @ weights
            share = np.exp(odds - odds.max(axis=1, keepdims=True))
            gap = true[few] - share / share.sum(axis=1, keepdims=True)
            weights += bound @ (rows[few].T @ gap - _SLACK * weights)
        wrong = float((np.argmax(rows @ weights, axis=1) != own).mean())
        if best is None or _CURVED * wrong < best[0]:
            best = wrong, np.asarray(terms @ weights, np.float32)
    if best is None or best[0] > 1 - _PARTS_WELL:
        return None
    return np.where(hole, np.array(going, np.int32)[np.argmax(best[1] + never, axis=2)], labels)


def _sharper(fine: Floats, hole: Bools, labels: Ints) -> Ints:
    """The labels at the size of `fine` HxWx3, their borders where the picture has them."""
    large = _enlarged(labels, hole.shape)
    values = large.astype(np.float32)
    kernel = np.ones((2 * _BAND + 1, 2 * _BAND + 1), np.uint8)
    sure = (cv2.dilate(values, kernel) == values) & (cv2.erode(values, kernel) == values)
    lab = cv2.cvtColor(np.clip(fine, 0, 255) / np.float32(255), cv2.COLOR_RGB2LAB)
    found = _flooded(lab, np.where(sure, large + 1, 0).astype(np.int32)) - 1
    return np.where(hole, large, found)


def _enlarged(labels: Ints, shape: tuple[int, ...]) -> Ints:
    """Labels (HxW) at another size, with smooth borders."""
    if labels.shape == tuple(shape):
        return labels
    best, result = np.full(shape, -1.0, np.float32), np.zeros(shape, np.int32)
    for label in np.unique(labels):
        share = cv2.resize((labels == label).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
        better = share > best
        result[better], best[better] = label, share[better]
    return result
