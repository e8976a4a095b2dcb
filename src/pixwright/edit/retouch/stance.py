"""How the camera was held: the direction that is upright in the scene, from the lines that run to one point; and the picture turned, or its perspective changed, until that direction stands.

Lines that are parallel in the scene meet in one point of the picture. Seen from the camera each line spans a plane, and a direction of the scene along which the line runs lies in it (Coughlan and Yuille 1999,
"Manhattan world"): so the upright direction is the one in most planes of steep lines, where what is left runs along two level directions at right angles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats = NDArray[np.float64]

_SIDE, _LEAST_LINE, _LINES = 900, 0.03, 500
"""Longer side, in pixels, at which lines are looked for; length of one that counts, of that side; and how many at most, the longest first."""
_STEEP, _STEEPEST = 50.0, 150
"""Degrees from upright within which a line may be upright in the scene; and how many of these make guesses."""
_FOCAL = (0.75, 1.0, 1.4)
"""Focal lengths that are tried, in longer sides of the picture: 27 to 50 mm of a full-frame camera."""
_GUESSES, _TOP, _APART = 2500, 250, 0.02
"""Pairs of steep lines that guess a direction; how many of the best are looked at closely; and the sine between a pair's planes from which they say one."""
MOST_TURN, _MOST_PITCH = 45.0, 40.0
"""Degrees that a camera is turned about its axis, and tipped up or down, at most: beyond, up and across cannot be told apart."""
_WITHIN, _MEMBER = 1.2, 2.0
"""Degrees: spread of the lines along one direction, and from it the most of one that decides the last digit."""
_LEVEL_WORTH = 0.7
"""What a line along a level direction counts beside an upright one."""
_LEAST_LINES, _LEAST_LENGTH = 24, 1.2
"""Upright lines, and their length together in longer sides of the picture, from which the direction is sure."""
_SURE_SHARE, _SURE_UPRIGHT, _SURE_PITCH = 0.38, 0.2, 30.0
"""Share of all lines' length along the three directions from which it is sure; or share along the upright one alone, of a camera tipped by no more than so many degrees."""
_REFINED = 4
"""Rounds in which the direction is fitted to its lines."""
_QUARTER = 90
_SHAPES = (1.0, 0.85, 1.18, 0.7, 1.4)
"""Proportions of what is kept, over the picture's own."""
_TRIES = 13
"""Middles a side that are tried in the search for what is kept."""


@dataclass(frozen=True, eq=False)
class Stance:
    """`up` (3,) is the scene's upright direction seen from the camera (x right, y down, z ahead); `focal` is in longer sides; `sure` whether enough lines say so."""

    up: Floats
    focal: float
    sure: bool

    @property
    def roll(self) -> float:
        """Degrees clockwise by which the picture leans."""
        return -math.degrees(math.atan2(self.up[0], self.up[1]))

    @property
    def pitch(self) -> float:
        """Degrees by which the camera was tipped: below 0 upwards, so that walls lean together at the top."""
        return math.degrees(math.asin(float(np.clip(self.up[2], -1, 1))))


@dataclass(frozen=True, eq=False)
class _Lines:
    planes: Floats
    """(n, 3): each line's plane through the camera, by its normal."""
    lengths: Floats
    steep: NDArray[np.intp]


def measure_stance(picture: Array) -> Stance | None:
    """How HxWx3 was held; None where hardly a line is steep. Deterministic."""
    grey = cv2.cvtColor(shrink(np.ascontiguousarray(picture[..., :3]), _SIDE), cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    if found is None:
        return None
    ends = found.reshape(-1, 4).astype(np.float64)
    lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]) / max(grey.shape)
    order = np.argsort(-lengths)[:_LINES]
    order = order[lengths[order] >= _LEAST_LINE]
    best: tuple[float, Floats, float, _Lines] | None = None
    for focal in _FOCAL:
        lines = _seen(ends[order], lengths[order], grey.shape, focal)
        for up in _guesses(lines):
            score = _score(lines, up)
            if best is None or score > best[0]:
                best = score, up, focal, lines
    return None if best is None else _settled(*best[1:])


def _seen(ends: Floats, lengths: Floats, shape: tuple[int, ...], focal: float) -> _Lines:
    height, width = shape
    unit = focal * max(height, width)
    first, last = (
        np.stack([(ends[:, at] - width / 2) / unit, (ends[:, at + 1] - height / 2) / unit, np.ones(len(ends))], 1)
        for at in (0, 2)
    )
    planes = np.cross(first, last)
    planes /= np.maximum(np.linalg.norm(planes, axis=1, keepdims=True), 1e-12)
    angles = np.degrees(np.arctan2(ends[:, 3] - ends[:, 1], ends[:, 2] - ends[:, 0]))
    return _Lines(planes, lengths, np.flatnonzero(np.abs(angles % 180 - _QUARTER) <= _STEEP)[:_STEEPEST])


def _guesses(lines: _Lines) -> Floats:
    """Directions (k, 3) that two steep lines agree on, those first that most of the others agree with."""
    if len(lines.steep) < 2:
        return np.zeros((0, 3))
    one, other = np.random.default_rng(0).choice(lines.steep, (2, _GUESSES))
    across = np.cross(lines.planes[one], lines.planes[other])
    size = np.linalg.norm(across, axis=1)
    ups = across[size > _APART] / size[size > _APART, None]
    ups = ups * np.where(ups[:, 1:2] < 0, -1, 1)
    turned = np.degrees(np.arctan2(ups[:, 0], ups[:, 1]))
    tipped = np.degrees(np.arcsin(np.clip(ups[:, 2], -1, 1)))
    ups = ups[(np.abs(turned) <= MOST_TURN) & (np.abs(tipped) <= _MOST_PITCH)]
    votes = (_along(lines.planes @ ups.T) * lines.lengths[:, None]).sum(axis=0)
    return np.asarray(ups[np.argsort(-votes)[:_TOP]], np.float64)


def _along(sine: Floats) -> Floats:
    """How much a line runs along a direction, 0 to 1, from the sine between the direction and the line's plane."""
    return np.asarray(np.exp(-0.5 * (sine / math.sin(math.radians(_WITHIN))) ** 2), np.float64)


def _score(lines: _Lines, up: Floats) -> float:
    upright, level = _lengths(lines, up)
    return upright + _LEVEL_WORTH * level


def _lengths(lines: _Lines, up: Floats) -> tuple[float, float]:
    """Length of the lines that run upright, and of those along the best two level directions at right angles."""
    upright = _along(lines.planes @ up)
    right = np.array([1.0, 0, 0]) - up * up[0]
    right /= np.linalg.norm(right)
    level = np.cross(lines.planes, up)
    azimuth = np.degrees(np.arctan2(level @ np.cross(up, right), level @ right)) % _QUARTER
    # Of a line that nearly lies in the horizon's own plane nobody can say where it runs to.
    weight = lines.lengths * (1 - upright) * np.minimum(1, 3 * np.linalg.norm(level, axis=1))
    table = np.bincount(azimuth.astype(np.intp) % _QUARTER, weights=weight, minlength=_QUARTER)
    return float((upright * lines.lengths).sum()), float((table + np.roll(table, 1) + np.roll(table, -1)).max())


def _settled(up: Floats, focal: float, lines: _Lines) -> Stance:
    """The direction fitted to the lines along it, and whether they are enough."""
    member = np.abs(lines.planes @ up) < math.sin(math.radians(_MEMBER))
    for _ in range(_REFINED):
        planes, weights = lines.planes[member], lines.lengths[member]
        fitted = np.linalg.eigh((planes * weights[:, None]).T @ planes)[1][:, 0]
        fitted = fitted * (-1 if fitted[1] < 0 else 1)
        member = np.abs(lines.planes @ fitted) < math.sin(math.radians(_MEMBER))
        if fitted @ up < math.cos(math.radians(2 * _MEMBER)):
            break
        up = fitted
    upright, level = _lengths(lines, up)
    total = max(float(lines.lengths.sum()), 1e-9)
    told = Stance(up, focal, sure=False)
    enough = int(member.sum()) >= _LEAST_LINES and upright >= _LEAST_LENGTH
    agreed = (upright + level) / total >= _SURE_SHARE
    alone = upright / total >= _SURE_UPRIGHT and abs(told.pitch) <= _SURE_PITCH
    return Stance(up, focal, sure=enough and (agreed or alone))


def standing(stance: Stance, width: int, height: int, share: float) -> Floats:
    """The homography (3, 3) that turns the camera until what is upright stands in the middle of the picture, and tips it back by `share` (0 to 1) of its pitch: at 1 upright lines are parallel."""
    unit = stance.focal * max(width, height)
    camera = np.array([[unit, 0, width / 2], [0, unit, height / 2], [0, 0, 1]])
    roll, pitch = math.radians(stance.roll), math.radians(stance.pitch) * share
    turn = np.array([[math.cos(roll), math.sin(roll), 0], [-math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    tip = np.array([[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]])
    return np.asarray(camera @ tip @ turn @ np.linalg.inv(camera), np.float64)


def largest_inside(corners: Floats, shape: float) -> Box:
    """The largest box that lies in a convex quadrilateral (4, 2), of about `shape` (width over height)."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    across = np.linspace(0.2, 0.8, _TRIES)
    best, box = 0.0, (0, 0, 1, 1)
    edges = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-edges[:, 1], edges[:, 0]], 1)
    inward *= np.sign(((corners.mean(axis=0) - corners) * inward).sum(axis=1))[:, None]
    for x, y in ((x, y) for x in low[0] + across * (high - low)[0] for y in low[1] + across * (high - low)[1]):
        room = ((np.array([x, y]) - corners) * inward).sum(axis=1)
        if (room <= 0).any():
            continue
        for one in _SHAPES:
            half = np.array([shape * one, 1.0]) / 2
            tall = float((room / np.maximum(np.abs(inward) @ half, 1e-9)).min())
            if tall**2 * shape * one > best:
                best = tall**2 * shape * one
                box = (
                    math.ceil(x - tall * half[0]),
                    math.ceil(y - tall * half[1]),
                    math.floor(x + tall * half[0]),
                    math.floor(y + tall * half[1]),
                )
    return box


def stood_up(pixels: Array, stance: Stance, share: float) -> tuple[Array, float]:
    """`pixels` (HxW or HxWxC uint8) by `standing`, cut to the largest part without an empty corner; and the share of them that is left."""
    height, width = pixels.shape[:2]
    goal = standing(stance, width, height, share)
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)
    x0, y0, x1, y1 = largest_inside(cv2.perspectiveTransform(corners[None], goal)[0], width / height)
    own = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)
    before = cv2.perspectiveTransform(own[None], np.linalg.inv(goal))[0].astype(np.float32)
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], np.float64)
    size = (max(1, x1 - x0), max(1, y1 - y0))
    new = cv2.warpPerspective(pixels, shift @ goal, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(new, np.uint8), float(cv2.contourArea(before)) / (width * height)
