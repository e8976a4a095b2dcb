"""What the critic looks at: the place of a change before and after, through the packaged picture network, and a few statistics of its pixels.

A square window about the change is reduced to SIDE pixels. The network's maps are averaged inside of the mask and around it. Which thing was named, and by which words,
is not looked at: the critic says how a change looks, the checks say whether it is the one that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.picture import FeatureMap
from pixwright.media.pixels import lab, resized
from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]

SIDE = 224
"""Side, in pixels, of the window that is looked at."""
AROUND = 0.5
"""Surroundings in the window on each side, as a share of the longer side of the change's box."""
_LEAST = 48
"""Side of a window, in pixels of the picture, at least."""
GRID, MID = 1280, 120
"""Channels of the network's two maps."""
PARTS = 3
"""Of each map: the change before, the change after, and what is around it after."""
_HALF = 127
_FEW = 1e-3
"""Share of the window below which a part is not there."""
_OCTAVES = 4
"""Of detail that are measured, from single pixels on."""
_LOCAL = 17
"""Pixels of the neighbourhood from which lightness differs."""
_LAGS = (1, 2, 4, 8)
"""Pixels by which lightness is compared with itself."""
_FLAT = 0.3
"""L* that are added to an amount of detail, so that a flat part has some."""
_SEEN = 3.0
"""Difference in L*a*b* from which an eye sees a change."""
_RIM = 3
"""Pixels on each side of the mask's outline that are its rim."""
_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class SeenChange:
    """One change: `grid` (PARTS, GRID) and `mid` (2 * PARTS, MID; means, then deviations) of the network, `pixels` (n,) statistics."""

    grid: Floats
    mid: Floats
    pixels: Floats


def window_of(mask: Array) -> tuple[int, int, int, int]:
    """XYXY, inside the picture: the box of the mask (HxW uint8) with its surroundings, as near to a square as the picture allows."""
    height, width = mask.shape
    x, y, wide, tall = cv2.boundingRect((mask > _HALF).astype(np.uint8))
    if wide == 0:
        x, y, wide, tall = 0, 0, width, height
    side = max(_LEAST, round(max(wide, tall) * (1 + 2 * AROUND)))
    left, right = _span(x + wide / 2, side, width)
    top, bottom = _span(y + tall / 2, side, height)
    return left, top, right, bottom


def _span(middle: float, side: int, most: int) -> tuple[int, int]:
    start = int(np.clip(round(middle - side / 2), 0, max(0, most - side)))
    return start, min(most, start + side)


class Sees(Protocol):
    """The packaged picture network, or what remembers what it saw."""

    def features(self, picture: Array, side: int) -> FeatureMap:
        """As `PictureEncoder.features`."""
        ...


def look(before: Array, after: Array, mask: Array, encoder: Sees) -> SeenChange:
    """before, after HxWx3 uint8 sRGB of one size; mask HxW uint8, 255 = changed -> what the critic judges by."""
    left, top, right, bottom = window_of(mask)
    place = np.s_[top:bottom, left:right]
    was, now, inside = (
        resized(np.ascontiguousarray(one[place]), SIDE, SIDE, cv2.INTER_LINEAR) for one in (before, after, mask)
    )
    maps = [encoder.features(picture, SIDE) for picture in (was, now)]
    share = np.asarray(inside.astype(np.float32) / 255, np.float32)
    rest = np.asarray(1 - share, np.float32)
    grids = [_pooled(maps[k].grid, part)[0] for k, part in ((0, share), (1, share), (1, rest))]
    mids = [_pooled(maps[k].mid, part) for k, part in ((0, share), (1, share), (1, rest))]
    return SeenChange(
        np.stack(grids),
        np.stack([mean for mean, _ in mids] + [spread for _, spread in mids]),
        statistics(was, now, share, mask),
    )


def _pooled(planes: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each channel of (h, w, C) under a mask of any size, with its shares as weights; zeros where there is none."""
    height, width = planes.shape[:2]
    weights = cv2.resize(share, (width, height), interpolation=cv2.INTER_AREA)
    total = float(weights.sum())
    if total < _FEW * weights.size:
        return np.zeros(planes.shape[2], np.float32), np.zeros(planes.shape[2], np.float32)
    flat, rows = planes.reshape(-1, planes.shape[2]), weights.ravel() / total
    mean = rows @ flat
    return np.asarray(mean, np.float32), np.asarray(
        np.sqrt(np.maximum(rows @ (flat * flat) - mean * mean, 0)), np.float32
    )


def statistics(was: Array, now: Array, share: Floats, mask: Array) -> Floats:
    """Plain numbers of two windows of SIDE pixels: how much changed, how fine and how regular the detail is, inside against around and before; the rim; the mask's share."""
    labs = [lab(picture) for picture in (was, now)]
    inside = np.asarray(share > 0.5, np.float32)
    around = 1 - inside
    parts = [inside if inside.any() else around, around if around.any() else inside]
    difference = np.asarray(np.linalg.norm(labs[1] - labs[0], axis=2), np.float32)
    told = [
        float(np.log1p(_mean(difference, parts[0]))),
        _mean(np.asarray(difference > _SEEN, np.float32), parts[0]),
        float(np.log1p(_mean(difference, parts[1]))),
        float((mask > _HALF).mean()),
        float(inside.mean()),
        *_colours(labs, parts),
        *_details(labs, parts),
        *_regularity(labs, parts),
        *_edges(labs, parts[0]),
    ]
    return np.asarray(told, np.float32)


def _mean(values: Floats, part: Floats) -> float:
    return float(np.vdot(values, part)) / max(float(part.sum()), 1.0)


def _colours(labs: list[Floats], parts: list[Floats]) -> list[float]:
    """Means and deviations of L*, a*, b*, in hundreds: how far the change is from before and from around, and how spread it is; its chroma before and after."""
    measured = []
    for colours, part in ((labs[0], parts[0]), (labs[1], parts[0]), (labs[1], parts[1])):
        planes = cv2.split(colours)
        means = np.array([_mean(np.asarray(plane, np.float32), part) for plane in planes])
        squares = np.array([_mean(np.asarray(plane * plane, np.float32), part) for plane in planes])
        measured.append((means, np.sqrt(np.maximum(squares - means * means, 0))))
    (was, was_spread), (now, spread), (around, around_spread) = measured
    told = np.concatenate([now - was, now - around, spread, spread - was_spread, spread - around_spread]) / 100
    chroma = [
        _mean(np.asarray(np.hypot(colours[..., 1], colours[..., 2]), np.float32), parts[0]) / 100 for colours in labs
    ]
    return [*(float(value) for value in told), *chroma]


def _details(labs: list[Floats], parts: list[Floats]) -> list[float]:
    """Logarithms of the amount of detail in each octave (a Laplacian pyramid), of lightness and of colour: after, over before, over around."""
    told: list[float] = []
    levels, shares = list(labs), list(parts)
    for _ in range(_OCTAVES):
        smaller = [np.asarray(cv2.pyrDown(level), np.float32) for level in levels]
        fine = [np.abs(level - cv2.pyrUp(small)) for level, small in zip(levels, smaller, strict=True)]
        for channel in range(3):
            was, now, around = (
                float(np.log(_mean(np.ascontiguousarray(fine[k][..., channel]), part) + _FLAT))
                for k, part in ((0, shares[0]), (1, shares[0]), (1, shares[1]))
            )
            told += [now, now - was, now - around]
        levels, shares = smaller, [np.asarray(cv2.pyrDown(share), np.float32) for share in shares]
    return told


def _regularity(labs: list[Floats], parts: list[Floats]) -> list[float]:
    """How like lightness is to itself some pixels on, and how even its steepness is: noise is like nothing, and steep everywhere alike."""
    told: list[float] = []
    for colours, part in ((labs[0], parts[0]), (labs[1], parts[0]), (labs[1], parts[1])):
        light = np.asarray(colours[..., 0] - cv2.blur(colours[..., 0], (_LOCAL, _LOCAL)), np.float32)
        power = _mean(light * light, part) + _TINY
        for lag in _LAGS:
            told.append(_mean(light[:, :-lag] * light[:, lag:], np.ascontiguousarray(part[:, lag:])) / power)
            told.append(_mean(light[:-lag] * light[lag:], np.ascontiguousarray(part[lag:])) / power)
        steep = _steepness(colours)
        told += [
            float(np.log(_mean(steep * steep, part) + _TINY) - 2 * np.log(_mean(steep, part) + _TINY)),
            _mean(np.asarray(steep < 1, np.float32), part),
        ]
    return told


def _edges(labs: list[Floats], inside: Floats) -> list[float]:
    """Steepness along the outline of the mask, before and after, against that within."""
    kernel = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    rim = np.asarray(cv2.dilate(inside, kernel) - cv2.erode(inside, kernel, borderValue=1), np.float32)
    return [float(np.log1p(_mean(_steepness(colours), part))) for colours in labs for part in (rim, inside)]


def _steepness(colours: Floats) -> Floats:
    light = colours[..., 0]
    return np.asarray(cv2.magnitude(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)), np.float32)
