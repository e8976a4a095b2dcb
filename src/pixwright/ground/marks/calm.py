"""What is small, or long and thin, before the sky: it stands out of a calm ground by itself, whatever it is called, and is too small for the networks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import Floats, disc, odd, square
from pixwright.ground.marks.surface import Mark
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

SPECK_REACH, THIN_REACHES = 0.06, (0.015, 0.03)
"""Shares of the longer side: the window of the median that is the ground, which is wider than twice what stands before it."""
LIGHT = 0.39
"""How much a level of lightness counts beside one of colour: OpenCV's L* has 255 levels for 100."""
CLEAR, LEAST = 3.5, 7.0
"""Deviations of the ground, and levels at least, by which something stands out."""
NOISE, STEADY = 1.48, 0.7
"""The deviation of a normal distribution over the median distance, and what is added to it."""
CLOSED = 0.03
"""Share of the longer side: how wide what stands before the ground is, for the ground to go on behind it."""
WIDEST, LARGEST, SMALLEST = 0.1, 0.004, 6
"""The largest side of a small thing, of the longer side; its largest share of the picture; and its least pixels."""
FREE = 0.01
"""How far, of the longer side, it is from anything else that stands before the ground."""
WITHIN, CALM, RING = 0.95, 0.75, 9
"""Share of it that lies on the ground, share of what is around it that is calm; and the pixels of the kernel that gives that."""
LONG, VOTES, GAP = 0.06, 0.035, 0.015
"""Shares of the longer side: the shortest line, the pixels that must speak for it, and its widest gap."""
ANGLES, UPRIGHT = 360, 20.0
"""Directions in which lines are sought; and the degrees from the vertical up to which one is upright."""
BUSY, BUSY_REACH = 0.3, 4
"""Share of a window that stands out from which it is no calm ground; and its side, in windows of the median."""
GROWN = 3
"""Pixels of the kernel that takes a soft rim in."""

Bools = NDArray[np.bool_]


def small_ones(picture: Array, ground: Array) -> list[Mark]:
    """What is small before `ground` (HxW uint8) in HxWx3, strongest first."""
    place, seen = _behind(ground), cv2.morphologyEx((ground > 127).astype(np.uint8), cv2.MORPH_CLOSE, disc(RING)) > 0
    away, noise = _apart(picture, SPECK_REACH)
    out = away > max(LEAST, CLEAR * noise)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((out & place).astype(np.uint8), connectivity=8)
    longer, found = max(place.shape), []
    apart, free = _from_the_rest(seen), FREE * longer
    for k in range(1, count):
        x, y, wide, high, pixels = (int(v) for v in stats[k])
        if max(wide, high) > WIDEST * longer or not SMALLEST <= pixels <= LARGEST * place.size:
            continue
        part = np.s_[max(0, y - RING) : y + high + RING, max(0, x - RING) : x + wide + RING]
        own = labels[part] == k
        ring = (cv2.dilate(own.astype(np.uint8), disc(RING)) > 0) & ~own
        calm = seen[part] & ~out[part]
        if place[part][own].mean() < WITHIN or calm[ring].mean() < CALM or float(apart[part][own].min()) < free:
            continue
        found.append(_mark(labels == k, away, noise))
    return sorted(found, key=lambda one: -one.strength)


def _from_the_rest(seen: Bools) -> Floats:
    """(H, W) pixels from what is not the ground and no small thing before it: the tip of a spire is part of the spire."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~seen).astype(np.uint8), connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= 2 * LARGEST * seen.size
    free = (seen | small[labels]).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 3), np.float32)


def thin_ones(picture: Array, ground: Array, upright: bool) -> list[Mark]:
    """What is long, thin and straight before `ground` (HxW uint8) in HxWx3, longest first: poles where `upright`, else wires."""
    place = _behind(ground)
    for reach in THIN_REACHES:
        away, noise = _apart(picture, reach)
        out = (away > max(LEAST, CLEAR * noise)) & place
        side = BUSY_REACH * odd(reach * max(place.shape)) + 1
        ridge = out & (cv2.blur(out.astype(np.float32), (side, side)) < BUSY)
        drawn = _lines(ridge, odd(reach * max(place.shape)) // 2, upright)
        count, labels = cv2.connectedComponents((cv2.dilate(drawn, square(GROWN)) > 0).astype(np.uint8), connectivity=8)
        found = [_mark((labels == k) & (drawn > 0), away, noise) for k in range(1, count)]
        if found:
            return sorted(found, key=lambda one: -one.strength)
    return []


def _behind(ground: Array) -> Bools:
    """(H, W): where the ground goes on behind what stands before it."""
    reach = odd(CLOSED * max(ground.shape))
    solid = np.pad((ground > 127).astype(np.uint8), reach, mode="edge")
    closed = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, disc(reach))[reach:-reach, reach:-reach]
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(closed, list(outlines), -1, 1, cv2.FILLED)
    return np.asarray(closed > 0, np.bool_)


def _apart(picture: Array, reach: float) -> tuple[Floats, float]:
    """(H, W): how far each pixel is from the median around it; and the noise of that."""
    lab = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2LAB)
    ground = cv2.medianBlur(lab, min(odd(reach * max(lab.shape[:2])) | 1, 255))
    counts = np.array([LIGHT, 1, 1], np.float32)
    away = np.linalg.norm((lab.astype(np.float32) - ground) * counts, axis=2)
    return np.asarray(away, np.float32), NOISE * float(np.median(away)) + STEADY


def _lines(ridge: Bools, half: int, upright: bool) -> Array:
    """(H, W) 0 or 1: what of a ridge lies along straight lines (Matas et al. 2000, the probabilistic Hough transform)."""
    longer = max(ridge.shape)
    found = cv2.HoughLinesP(
        ridge.astype(np.uint8), 1, np.pi / ANGLES, max(2, round(VOTES * longer)), None, LONG * longer, GAP * longer
    )
    drawn = np.zeros(ridge.shape, np.uint8)
    for x0, y0, x1, y1 in [] if found is None else found.reshape(-1, 4).tolist():
        leaning = np.degrees(np.arctan2(abs(x1 - x0), abs(y1 - y0)))
        if (leaning < UPRIGHT) == upright:
            cv2.line(drawn, (x0, y0), (x1, y1), 1, max(1, half))
    return np.asarray(drawn * ridge, np.uint8)


def _mark(own: Bools, away: Floats, noise: float) -> Mark:
    mask = cv2.dilate(own.astype(np.uint8), square(GROWN)) * np.uint8(255)
    return Mark(np.asarray(mask, np.uint8), box_of(mask), float(away[own].sum()), float(away[own].mean()) / noise)
