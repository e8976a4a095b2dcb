"""Photographic cut-outs laid on a photograph, as `recipes/photos.py` needs them: pictures in which the outline of every thing is known exactly.

A cut-out's outline is where its alpha, enlarged or reduced with it, is over one half, less what a later one covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]

CONTACT_DARKNESS, DROP_DARKNESS = 0.62, 0.45
"""How much light the shadow of a thing that stands, and of one that lies flat, takes away."""
DROP_SHIFT = (4.0, 5.0)
"""Pixels to the right and down."""
DROP_BLUR = 3.5
FOOT = 0.12
"""Share of a cut-out's height at its bottom that touches the ground."""


def compose(
    background: NDArray[np.uint8], stamps: Iterable[tuple[NDArray[np.uint8], dict[str, Any]]]
) -> NDArray[np.uint8]:
    """HxWx3 uint8 BGR with the cut-outs (BGRA uint8, and how to lay them) on it, the first one lowest.

    How: `at` [x, y] of the upper left corner, `scale`, `shadow` "contact" or "drop", `gain` of brightness, `tint` a factor for each of B, G, R.
    """
    image = background.astype(np.float32)
    for stamp, how in stamps:
        colour, alpha, height = laid(stamp, how, *image.shape[:2])
        match how.get("shadow"):
            case "contact":
                image *= 1 - CONTACT_DARKNESS * contact(alpha, height)[..., None]
            case "drop":
                image *= 1 - DROP_DARKNESS * drop(alpha)[..., None]
        light = np.float32(how.get("gain", 1)) * np.array(how.get("tint", [1, 1, 1]), np.float32)
        image = image * (1 - alpha[..., None]) + colour * light
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def laid(stamp: NDArray[np.uint8], how: dict[str, Any], height: int, width: int) -> tuple[Plane, Plane, int]:
    """Colour times alpha (HxWx3, 0 to 255) and alpha (HxW, 0 to 1) in the picture's size, and the cut-out's own height there."""
    alpha = stamp[..., 3:].astype(np.float32) / 255
    cut = np.concatenate([stamp[..., :3] * alpha, alpha], 2)
    scale = how.get("scale", 1)
    if scale != 1:
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        cut = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=smooth)
    cut = np.clip(cut, 0, 255)
    (x, y), (rows, columns) = how["at"], cut.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + columns), min(height, y + rows)
    full = np.zeros((height, width, 4), np.float32)
    full[y0:y1, x0:x1] = cut[y0 - y : y1 - y, x0 - x : x1 - x]
    return full[..., :3], np.clip(full[..., 3], 0, 1), rows


def contact(alpha: Plane, height: int) -> Plane:
    """The flat blurred ellipse below what touches the ground: HxW, 0 to 1."""
    bottom = int(np.flatnonzero((alpha > 0.5).any(1))[-1])
    foot = np.flatnonzero((alpha[bottom - max(3, int(FOOT * height)) : bottom + 1] > 0.5).any(0))
    left, right = int(foot[0]), int(foot[-1])
    half = max(4, (right - left) / 2 * 1.1)
    shade = np.zeros_like(alpha)
    axes = (int(half), int(max(4, half * 0.14)))
    cv2.ellipse(shade, (int((left + right) / 2), bottom - 1), axes, 0, 0, 360, 1, -1)
    return np.asarray(cv2.GaussianBlur(shade, (0, 0), max(2, half * 0.07)), np.float32)


def drop(alpha: Plane) -> Plane:
    """The cut-out itself, shifted and blurred: HxW, 0 to 1."""
    shift = np.array([[1, 0, DROP_SHIFT[0]], [0, 1, DROP_SHIFT[1]]], np.float32)
    moved = cv2.warpAffine(alpha, shift, alpha.shape[::-1])
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), DROP_BLUR), np.float32)
