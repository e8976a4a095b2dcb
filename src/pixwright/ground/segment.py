"""From evidence to a region: which superpixels belong together, then where exactly the edge runs.

`settle` spreads evidence over the graph of superpixels. Each round learns, from what is believed so far, how the thing and its
surroundings look (a ridge classifier on the network's middle layer and colour, and two colour histograms, in the manner of GrabCut,
Rother et al. 2004), and then solves the random-walker system (Grady 2006, eq. 8, with soft data terms) for all pieces at once.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import Floats
from pixwright.ground.scene import Pieces, Scene

ROUNDS = 3
GRABBED = 256
"""Longer side, in pixels, at which GrabCut runs."""
CLIMB, CLOSE = 60, 5e-4
"""Most rounds of conjugate gradients, and the step below which they end early."""


def settle(scene: Scene, evidence: Floats, *, learn: float = 1.0, reach: float = 0.12) -> Floats:
    """Belief in [0, 1] of each piece, from the log-odds `evidence` (n,) of each piece.

    `learn` weighs what is learnt from the picture itself; `reach` is how far, in picture sides, the thing may extend from the evidence.
    """
    pieces = scene.pieces
    belief = _sigmoid(evidence)
    if learn == 0 or belief.max() < 0.5 or belief.min() > 0.5:
        return _walk(pieces, belief, np.abs(belief - 0.5) * 2 + 0.05)
    far = _distance(pieces, belief > 0.5) / reach
    for _ in range(ROUNDS):
        learnt = _discriminate(scene.traits, pieces.area, belief) + _palette(pieces, belief)
        unary = 0.6 * np.clip(evidence, -4, 4) + learn * np.clip(learnt, -4, 4) - np.clip(far - 0.5, 0, 4) ** 2
        odds = _sigmoid(unary)
        belief = _walk(pieces, odds, np.abs(odds - 0.5) * 2 + 0.05)
    return belief


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def _distance(pieces: Pieces, inside: NDArray[np.bool_]) -> Floats:
    outside = (~inside)[pieces.labels].astype(np.uint8)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / max(outside.shape)
    return pieces.mean(away)


def _discriminate(traits: Floats, area: Floats, belief: Floats) -> Floats:
    """Log-odds from a ridge classifier that was fitted to the beliefs; the larger side weighs a little more."""
    sure = area * np.abs(belief - 0.5)
    yes = belief > 0.5
    total_yes, total_no = float(sure[yes].sum()) + 1e-6, float(sure[~yes].sum()) + 1e-6
    weight = np.where(yes, sure / total_yes**0.75, sure / total_no**0.75)
    weight = weight / weight.sum() * 2
    x = np.concatenate([traits, np.ones((len(traits), 1), np.float32)], 1)
    gram = x.T @ (x * weight[:, None]) + 0.02 * np.eye(x.shape[1], dtype=np.float32)
    found = np.linalg.solve(gram, x.T @ (weight * np.where(yes, 1.0, -1.0)))
    return np.asarray(2.5 * (x @ found), np.float32)


def _palette(pieces: Pieces, belief: Floats) -> Floats:
    """Log ratio of two colour histograms over a palette made for this picture."""
    bins = pieces.bins
    count = int(bins.max()) + 1
    inside = np.bincount(bins, pieces.area * belief, count)
    outside = np.bincount(bins, pieces.area * (1 - belief), count)
    # By counts, not by shares: a colour that lies mostly outside belongs to the outside, however little else the inside holds.
    # Between counting and sharing: the smaller side counts by the square root of its size.
    inside, outside = inside / np.sqrt(inside.sum()), outside / np.sqrt(outside.sum())
    floor = 0.02 * min(inside.sum(), outside.sum()) + 1e-6
    ratio = np.log((inside + floor) / (outside + floor))
    return np.asarray(ratio[bins], np.float32)


def _walk(pieces: Pieces, odds: Floats, trust: Floats) -> Floats:
    """Minimise sum trust_i (x_i - odds_i)^2 + sum w_ij (x_i - x_j)^2 over the pieces.

    The system is sparse, symmetric and dominated by its diagonal: conjugate gradients, preconditioned by that diagonal, need some ten rounds
    over the pieces' few neighbours where a direct solver needs n^3.
    """
    near, weight, degree = pieces.links
    own = trust * pieces.area / pieces.area.mean()
    diagonal = degree + own
    x = odds.astype(np.float32)
    rest = own * odds - diagonal * x + np.einsum("nk,nk->n", weight, x[near])
    ready = rest / diagonal
    way, power = ready, float(rest @ ready)
    for _ in range(CLIMB):
        if float(np.abs(ready).max()) < CLOSE:
            break
        pushed = diagonal * way - np.einsum("nk,nk->n", weight, way[near])
        length = power / (float(way @ pushed) + 1e-20)
        x, rest = x + length * way, rest - length * pushed
        ready = rest / diagonal
        last, power = power, float(rest @ ready)
        way = ready + power / (last + 1e-20) * way
    return np.asarray(np.clip(x, 0, 1), np.float32)


def matte(scene: Scene, belief: Floats) -> Floats:
    """Belief of each piece -> soft mask (h, w) in [0, 1] with edges where the picture has them.

    GrabCut (OpenCV) decides the pixels of a band around the edge; a guided filter softens it.
    """
    coarse = scene.pieces.paint(belief)
    inside = (coarse > 0.5).astype(np.uint8)
    if not inside.any() or inside.all():
        return inside.astype(np.float32)
    band = max(2, round(max(inside.shape) * 0.018))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    core = cv2.erode(inside, disc, borderValue=1)
    rim = cv2.dilate(inside, disc)
    trimap = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[core > 0] = cv2.GC_FGD
    trimap[rim == 0] = cv2.GC_BGD
    return unmix(scene.small, grab(scene.small, trimap, inside))


def grab(picture: NDArray[np.uint8], trimap: NDArray[np.uint8], fallback: NDArray[np.uint8]) -> Floats:
    """GrabCut (h, w), 0 to 1, within the box of what is undecided in `trimap`; `fallback` where it degenerates.

    The cut is made at GRABBED pixels at most: it says on which side of an edge things are, and `unmix` says where the edge is.
    """
    ys, xs = np.nonzero(trimap != cv2.GC_BGD)
    pad = 24
    top, left = max(0, ys.min() - pad), max(0, xs.min() - pad)
    window = slice(top, ys.max() + pad + 1), slice(left, xs.max() + pad + 1)
    part = np.ascontiguousarray(trimap[window])
    shape = part.shape
    shown = np.ascontiguousarray(picture[window])
    if (scale := GRABBED / max(shape)) < 1:
        size = max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
        shown = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), np.uint8)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    behind = (part == cv2.GC_BGD) | (part == cv2.GC_PR_BGD)
    if behind.sum() < 10 or (~behind).sum() < 10:
        return fallback.astype(np.float32)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(shown, part, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    out = np.zeros(trimap.shape, np.float32)
    kept = ((part == cv2.GC_FGD) | (part == cv2.GC_PR_FGD)).astype(np.float32)
    out[window] = cv2.resize(kept, shape[::-1], interpolation=cv2.INTER_LINEAR)
    before, after = float(fallback.sum()), float(out.sum())
    return out if 0.4 * before < after < 2.5 * before else fallback.astype(np.float32)


def unmix(picture: NDArray[np.uint8], mask: Floats, reach: int = 3) -> Floats:
    """Soft mask (h, w) in [0, 1]: within `reach` pixels of the mask's edge each pixel is the share of the near inside's colour in it.

    The share is the projection of the pixel's colour on the line from the mean colour outside to the one inside (the compositing equation,
    solved for alpha). Where the two colours are alike, a guided filter of the mask stands in.
    """
    if min(mask.shape) < 4 * reach:
        return guided(picture, mask, reach, 1e-4)
    hard = (mask > 0.5).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    sure = cv2.erode(hard, disc, borderValue=1)
    never = 1 - cv2.dilate(hard, disc)
    # A thing thinner than the band has no core; its own middle must serve.
    sure = np.where((cv2.dilate(sure, disc) == 0) & (hard > 0), hard, sure).astype(np.float32)
    colour = picture.astype(np.float32) / 255
    size = (6 * reach + 1, 6 * reach + 1)
    near, far = cv2.blur(sure, size), cv2.blur(never.astype(np.float32), size)
    inside = cv2.blur(colour * sure[..., None], size) / (near[..., None] + 1e-4)
    outside = cv2.blur(colour * never[..., None], size) / (far[..., None] + 1e-4)
    line = inside - outside
    length = np.einsum("hwc,hwc->hw", line, line)
    share = np.einsum("hwc,hwc->hw", colour - outside, line) / (length + 1e-4)
    share = np.clip(1.3 * (share - 0.5) + 0.5, 0, 1)
    soft = guided(picture, mask, reach, 1e-4)
    trust = np.clip((length - 0.01) / 0.05, 0, 1) * np.clip(40 * near, 0, 1) * np.clip(40 * far, 0, 1)
    out = trust * share + (1 - trust) * soft
    out = np.where(sure > 0, 1, np.where(never > 0, 0, out))
    return np.asarray(cv2.GaussianBlur(out.astype(np.float32), (3, 3), 0.7), np.float32)


def guided(picture: NDArray[np.uint8], mask: Floats, radius: int, eps: float) -> Floats:
    """Guided filter with a grey guide (He, Sun and Tang 2013, eq. 5 and 6)."""
    slope, offset = guide_fit(picture, mask, radius, eps)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    return np.asarray(np.clip(slope * grey + offset, 0, 1), np.float32)


def guide_fit(picture: NDArray[np.uint8], mask: Floats, radius: int, eps: float) -> tuple[Floats, Floats]:
    """The filter's local lines: slope and offset, (h, w) each."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    size = (2 * radius + 1, 2 * radius + 1)
    mean_i, mean_p = cv2.blur(grey, size), cv2.blur(mask, size)
    cov = cv2.blur(grey * mask, size) - mean_i * mean_p
    var = cv2.blur(grey * grey, size) - mean_i * mean_i
    slope = cov / (var + eps)
    return cv2.blur(slope, size), cv2.blur(mean_p - slope * mean_i, size)


def fill_holes(mask: Floats, share: float = 0.04) -> Floats:
    """Close holes of at most `share` of the mask's area: a window in a car belongs to the car."""
    hard = (mask > 0.5).astype(np.uint8)
    contours, tree = cv2.findContours(hard, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    least = share * float(hard.sum())
    patch = np.zeros_like(hard)
    for i, contour in enumerate(contours):
        if tree[0][i][3] >= 0 and cv2.contourArea(contour) < least:
            cv2.drawContours(patch, contours, i, 1, -1)
    return np.maximum(mask, patch.astype(np.float32))
