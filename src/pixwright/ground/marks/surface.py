"""Marks on a surface: what differs from the surface around it, within the outline of what bears it.

The surface is a robust local mean: what is far from it counts less and less (iteratively reweighted normalised convolution, Knutsson and Westin 1993). It is looked at coarsely
first, so that large marks are no surface, and more finely while nothing is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import TINY, Floats, disc, odd, square
from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

SIDE = 480
"""Longer side, in pixels, at which a surface is looked at."""
AROUND = 0.3
"""Share of the bearer's longer side that is looked at around it."""
ROUNDS, FAR = 8, 12.0
"""How often the mean is taken anew; and the distance from the commonest colour that counts a quarter at first."""
CALMEST, DEVIATION = 40, 1.9
"""Percentile of the distances from the mean that is the surface's own variation, and the deviation over it of a normal distribution."""
LEAST_NOISE, UNEVEN, BUSY = 1.5, 12.0, 0.4
"""Least variation of a surface, and the most of one on which marks are told from what else there is (of a bus they are not); and the share of it that differs from its mean from which it is no even surface."""
CLOSED = 0.15
"""Over the root of the bearer's area: the width of a bay in its outline that belongs to it."""
BAND, IN_BAND = 0.05, 0.5
"""Width of the bearer's rim, over the root of its area, and the share of a mark in it from which it is a rim's shade."""
CORE = 0.1
"""Share of a mark that is as far from the surface as a mark must be."""
BESIDE, OWN = 0.5, 0.3
"""Share of what is right beside a mark that is surface, and share of the mark that is on the bearer's own outline."""
LARGEST, LARGEST_SPECK = 0.6, 0.008
"""The largest mark and the largest speck, of the bearer's area."""
SMALLEST, LEAST_PIXELS = 2e-4, 4
"""The smallest mark, of the bearer's area, and in pixels."""
ROUND, DARKER, REDDER = 0.4, 1.0, 2.0
"""Share of the square about its longer side that a speck fills; and by how much it is darker than what is around it (CIE L), or redder (CIE a)."""
COLOURS, RING, SHOWS = 3, 5, 0.3
"""Colours that a tangle of marks is split into; pixels of the kernel that gives the ring around one; and the share of a mark that has the colour asked for."""
TOGETHER, BETWEEN = 0.1, 0.05
"""Over the root of the bearer's area: how near each other the strokes of one mark are, and the width of the gaps between them that go with it."""
OUTSIDE = 0.2
"""Share of what is right beside a part of a mark that is not the bearer, from which that part belongs to what hangs over it."""
ON_FACE = 0.03
"""Over the root of the bearer's area: how far about a feature its folds and shades are."""
BIN = np.array([6.0, 5.0, 5.0], np.float32)
"""Steps of L*, a* and b* in which the commonest colour is counted."""
TELLING = 0.04
"""Difference that marks make in all, over the bearer's area, under which they are crumbs."""
STEP, STEPS, EDGED = 7, 0.4, 0.6
"""A mark has an edge, which light and shade have not: within so many pixels the distance from the surface changes by this share of the mark's own, along this share of its outline."""
AS_FAR, STRIDES, INK, GROUND, MOSTLY = 0.25, 3, 20.0, 30.0, 0.35
"""How far from letters the next ones are, over the root of the bearer's area, and how often one goes on from them; and how near a colour lies to a mark's, and to the surface's commonest, to be one; and share of that around it."""
AS_LARGE, MANY_MORE = 4.0, 5.5
"""A letter is at most so many times as large as the largest one on the bearer, and all of them make at most so much more of it: else something else has their colour."""
ALL_OF_IT = 0.6
"""Share of all that is of the marks' colour there that was taken, under which too little is known of them: half a word is worse than all of it."""
SOFT_RIM, FADES = 7, 0.3
"""Pixels of the kernel within which a mark fades into the surface, and share of its own distance from the surface down to which it does."""
GROWN = 3
"""Pixels of the kernel that takes a mark's soft rim in."""

Bools = NDArray[np.bool_]


class _Look(NamedTuple):
    """A way to look at a surface. `reach` of the local mean, over the root of the bearer's area; how much a difference of L* counts, and one of a* or b*; the distance
    from the mean from which a mark is seen, and that to which it goes on: in variations of the surface, and at least."""

    reach: float
    light: float = 0.7
    colour: float = 1.2
    strong: float = 2.7
    weak: float = 1.7
    seen: float = 9.0
    goes_on: float = 6.0


LOOKS = (_Look(0.12), _Look(0.12, 0.15, 1.5, 1.8, 1.2, 6.0, 4.0), _Look(0.06), _Look(0.035))
"""The coarsest first; faint ink on uneven skin shows by its colour alone."""
SPECK_LOOKS = (_Look(0.05), _Look(0.03))


@dataclass(frozen=True, eq=False)
class Mark:
    """`mask` HxW uint8, 0 to 255; its box; `strength`: how much of a difference it makes in all; `clear`: its difference, in variations of the surface."""

    mask: Array
    box: Box
    strength: float
    clear: float


@dataclass(frozen=True, eq=False)
class _Surface:
    """A bearer as it is looked at: CIE Lab, its outline without its own features, that with its bays, its rim, those features, and the root of its area."""

    lab: Floats
    own: Bools
    place: Bools
    rim: Bools
    taken: Bools
    size: float


def marks_on(
    picture: Array, bearer: Array, features: Array, colours: tuple[str, ...], specks: bool, letters: bool = False
) -> list[Mark]:
    """The marks in HxWx3 on what is under `bearer`, strongest first, but for its `features` (HxW uint8 each); of these colours if any are said. `letters`: they may go on where the bearer's outline was lost."""
    x, y, wide, high = cv2.boundingRect((bearer > 127).astype(np.uint8))
    if not wide:
        return []
    pad = round(AROUND * max(wide, high))
    part = np.s_[max(0, y - pad) : y + high + pad, max(0, x - pad) : x + wide + pad]
    surface = _surface(picture[part], bearer[part], features[part])
    if surface.own.sum() < SIDE:
        return []
    found = np.zeros(surface.own.shape, np.bool_)
    away, noise = np.zeros(found.shape, np.float32), 1.0
    for look in SPECK_LOOKS if specks else LOOKS:
        away, noise = _apart(surface, look)
        if noise > UNEVEN:
            return []
        found = _pieces(surface, look, away, noise, specks)
        if colours:
            found = _of_colour(surface.lab, found, colours)
        if float((away[found] - noise).clip(0).sum()) > (0 if specks else TELLING) * surface.size**2:
            break
    if found.any() and letters:
        found, whole = _going_on(surface, found)
        if whole < ALL_OF_IT:
            return []
    return _grouped(surface, found, away, noise, part, picture.shape[:2], specks)


def _surface(crop: Array, bearer: Array, features: Array) -> _Surface:
    scale = min(1.0, SIDE / max(crop.shape[:2]))
    size = max(2, round(crop.shape[1] * scale)), max(2, round(crop.shape[0] * scale))
    small, mask, own = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (crop, bearer, features))
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 0.5).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    solid = (mask > 127).astype(np.uint8)
    root = float(solid.sum()) ** 0.5
    taken = cv2.dilate(own, disc(odd(2 * ON_FACE * root))) > 127
    reach = max(1, round(CLOSED * root))
    padded = cv2.copyMakeBorder(solid, *(4 * (2 * reach,)), cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc(2 * reach + 1))[
        2 * reach : -2 * reach, 2 * reach : -2 * reach
    ]
    inner = cv2.erode(solid, square(2 * max(1, round(BAND * root)) + 1), borderValue=1)
    return _Surface(np.asarray(lab, np.float32), (solid > 0) & ~taken, (closed > 0) & ~taken, (solid > 0) & (inner == 0), taken, root)  # fmt: skip


def _apart(surface: _Surface, look: _Look) -> tuple[Floats, float]:
    """(h, w): how far each pixel is from the surface's local mean; and the surface's own variation."""
    lab, own, sigma = surface.lab, surface.own, look.reach * surface.size
    counts = np.array([look.light, look.colour, look.colour], np.float32)
    inside = own.astype(np.float32)
    away = np.linalg.norm((lab - commonest(lab[own], BIN)) * counts, axis=2)
    weight, noise = inside / (1 + (away / FAR) ** 2) ** 2 + TINY * inside, 1.0
    for _ in range(ROUNDS):
        total = cv2.GaussianBlur(weight, (0, 0), sigma) + TINY * TINY
        mean = cv2.GaussianBlur(weight[..., None] * lab, (0, 0), sigma) / total[..., None]
        away = np.linalg.norm((lab - mean) * counts, axis=2)
        noise = max(LEAST_NOISE, DEVIATION * float(np.percentile(away[own], CALMEST)))
        weight = inside / (1 + (away / (2 * noise)) ** 2) ** 2 + TINY * inside
    return np.asarray(away, np.float32), noise


def commonest(colours: Floats, size: Floats | float) -> Floats:
    """Of colours (n, 3) the one that most pixels have about; `size` of a bin, of all channels or of each."""
    bins = np.floor(colours / size).astype(np.int32)
    kinds, counts = np.unique(bins, axis=0, return_counts=True)
    near = (np.abs(bins - kinds[int(counts.argmax())]) <= 1).all(axis=1)
    return np.asarray(np.median(colours[near], axis=0), np.float32)


def _pieces(surface: _Surface, look: _Look, away: Floats, noise: float, specks: bool) -> Bools:
    """(h, w): the connected marks; a tangle of which no good is surrounded by surface is looked at colour by colour."""
    weak = (away > max(look.goes_on, look.weak * noise)) & surface.place
    if weak[surface.own].mean() > BUSY:
        return np.zeros_like(weak)
    strong = away > max(look.seen, look.strong * noise)
    found, rest = _surrounded(surface, weak, weak, strong, away, specks)
    tangled = found | rest
    colours = surface.lab[tangled]
    if specks or len(colours) < COLOURS:
        return found
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, ROUNDS, 1.0)
    cv2.setRNGSeed(0)
    _, labels, _ = cv2.kmeans(colours, COLOURS, None, stop, 1, cv2.KMEANS_PP_CENTERS)
    for k in range(COLOURS):
        own = np.zeros_like(tangled)
        own[tangled] = labels.ravel() == k
        found = found & ~_hanging_over(surface, own) | _surrounded(surface, own, weak, strong, away, specks)[0]
    return _without_crumbs(surface, away, found)


def _without_crumbs(surface: _Surface, away: Floats, found: Bools) -> Bools:
    """Without what is no mark by itself once something else was cut off: slivers along the bearer's rim, and shades."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    pixels = stats[:, cv2.CC_STAT_AREA]
    kept = np.bincount(labels[surface.rim], minlength=count) <= IN_BAND * pixels
    kept &= pixels >= max(LEAST_PIXELS, SMALLEST * surface.size**2)
    kept[0] = False
    for k in np.flatnonzero(kept):
        kept[k] = _has_edge(away, labels == k)
    return np.asarray(kept[labels], np.bool_)


def _hanging_over(surface: _Surface, pieces: Bools) -> Bools:
    """(h, w): those pieces of one colour that go on outside of the bearer, such as hair over a shirt."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pieces.astype(np.uint8), connectivity=8)
    over = np.zeros(count, np.bool_)
    for k in range(1, count):
        x, y, wide, high, _ = (int(v) for v in stats[k])
        part = np.s_[max(0, y - RING) : y + high + RING, max(0, x - RING) : x + wide + RING]
        own = labels[part] == k
        ring = (cv2.dilate(own.astype(np.uint8), disc(RING)) > 0) & ~own
        over[k] = float((~surface.place & ~surface.taken)[part][ring].mean()) > OUTSIDE
    return np.asarray(over[labels], np.bool_)


def _surrounded(
    surface: _Surface, pieces: Bools, weak: Bools, strong: Bools, away: Floats, specks: bool
) -> tuple[Bools, Bools]:
    """Those connected pieces that are marks, and those that are none only since other things are beside them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pieces.astype(np.uint8), connectivity=8)
    good, rest = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    area = surface.size**2
    for k in range(1, count):
        x, y, wide, high, pixels = (int(v) for v in stats[k])
        if not max(LEAST_PIXELS, SMALLEST * area) <= pixels < (LARGEST_SPECK if specks else LARGEST) * area:
            continue
        part = np.s_[max(0, y - RING) : y + high + RING, max(0, x - RING) : x + wide + RING]
        own = labels[part] == k
        if strong[part][own].mean() < CORE:
            continue
        if not specks and not _has_edge(away[part], own):
            continue
        if surface.rim[part][own].mean() > IN_BAND or surface.own[part][own].mean() < OWN:
            continue
        ring = (cv2.dilate(own.astype(np.uint8), disc(RING)) > 0) & ~own
        if specks and not _is_speck(surface.lab[part], own, ring):
            continue
        beside = float((surface.own & ~weak)[part][ring].mean())
        good[k], rest[k] = beside > BESIDE, beside <= BESIDE
    return good[labels], rest[labels]


def _has_edge(away: Floats, own: Bools) -> bool:
    """Whether a piece differs from what is right beside it, and not only from the mean."""
    outline = own & (cv2.erode(own.astype(np.uint8), square(GROWN)) == 0)
    step = cv2.dilate(away, square(STEP)) - cv2.erode(away, square(STEP))
    return float((step[outline] > STEPS * np.percentile(away[own], 90)).mean()) > EDGED


def _going_on(surface: _Surface, found: Bools) -> tuple[Bools, float]:
    """(h, w): the marks, and what is of their colour beyond the bearer's outline, with its surface around it: an outline may lose what is behind an arm. And the share of all in that colour that they are."""
    ink = np.median(surface.lab[found], axis=0)
    ground = commonest(surface.lab[surface.own & ~found], BIN)
    near_ink, near_ground = (np.linalg.norm(surface.lab - one, axis=2) for one in (ink, ground))
    like = ((near_ink < INK) & (near_ink < near_ground) & ~surface.own & ~surface.taken).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(like, connectivity=8)
    good = np.zeros(count, np.bool_)
    for k in range(1, count):
        x, y, wide, high, pixels = (int(v) for v in stats[k])
        if not SMALLEST * surface.size**2 <= pixels < LARGEST * surface.size**2:
            continue
        part = np.s_[max(0, y - STEP) : y + high + STEP, max(0, x - STEP) : x + wide + STEP]
        own = labels[part] == k
        ring = (cv2.dilate(own.astype(np.uint8), disc(STEP)) > 0) & ~own
        good[k] = (near_ground[part][ring] < GROUND).mean() > MOSTLY
    _, _, letters, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    good &= stats[:, cv2.CC_STAT_AREA] <= AS_LARGE * letters[1:, cv2.CC_STAT_AREA].max()
    out, near = found.copy(), found
    for _ in range(STRIDES):
        near = cv2.distanceTransform((~out).astype(np.uint8), cv2.DIST_L2, 3) < AS_FAR * surface.size
        next_ones = good & (np.bincount(labels[near], minlength=count) > 0)
        out |= next_ones[labels]
    if out.sum() > MANY_MORE * found.sum():
        return found, 0.0
    inked = (near_ink < INK) & (near_ink < near_ground) & near & ~surface.taken
    return out, float(out[inked].mean()) if inked.any() else 1.0


def _is_speck(lab: Floats, own: Bools, ring: Bools) -> bool:
    """Whether a piece is round, and darker or redder than what is around it: what is lighter is a gloss."""
    rows, columns = np.nonzero(own)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    light, red, _ = lab[own].mean(axis=0) - lab[ring].mean(axis=0)
    return bool(len(rows) > ROUND * longer**2 and (light < -DARKER or red > REDDER))


def _of_colour(lab: Floats, found: Bools, colours: tuple[str, ...]) -> Bools:
    """Those marks that show a colour."""
    odds = any_colour(lab, colours) > 0
    count, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    total = np.bincount(labels.ravel(), minlength=count)
    shown = np.bincount(labels[odds], minlength=count) / np.maximum(total, 1)
    shown[0] = 0
    return np.asarray((shown > SHOWS)[labels], np.bool_)


def _grouped(
    surface: _Surface, found: Bools, away: Floats, noise: float, part: tuple[slice, slice], shape: Sequence[int], specks: bool
) -> list[Mark]:  # fmt: skip
    """Strokes that are near each other are one mark; each at the picture's own size."""
    reach = RING if specks else odd(TOGETHER * surface.size)
    gap = odd(BETWEEN * surface.size)
    count, labels = cv2.connectedComponents(cv2.dilate(found.astype(np.uint8), disc(reach)), connectivity=8)
    height, width = np.zeros(shape, np.uint8)[part].shape
    out = []
    for k in range(1, count):
        own = (labels == k) & found
        if not own.any():
            continue
        joined = (
            own
            if specks
            else cv2.morphologyEx(np.pad(own.astype(np.uint8), gap), cv2.MORPH_CLOSE, disc(gap))[gap:-gap, gap:-gap] > 0
        )
        fading = away > FADES * float(np.median(away[own]))
        rim = (cv2.dilate(joined.astype(np.uint8), disc(SOFT_RIM)) > 0) & fading
        filled = _without_holes(joined if specks else joined | rim)
        soft = cv2.resize(cv2.dilate(filled, square(GROWN)) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
        mask = np.zeros(shape, np.uint8)
        mask[part] = soft
        strength = float((away[own] - noise).clip(0).sum())
        out.append(Mark(mask, box_of(mask > 127) if (mask > 127).any() else box_of(mask), strength, float(np.percentile(away[own], 90)) / noise))  # fmt: skip
    return sorted(out, key=lambda one: -one.strength)


def _without_holes(mask: Bools) -> Array:
    """(h, w), 0 or 1: what a mark encloses belongs to it."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    out = mask.astype(np.uint8)
    cv2.drawContours(out, outlines, -1, 1, cv2.FILLED)
    return np.asarray(out, np.uint8)
