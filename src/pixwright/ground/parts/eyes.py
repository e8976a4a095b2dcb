"""The two eyes of a creature: small round things of like size and height that are unlike what is around them."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from pixwright.ground.geometry import TINY, Floats, calm, odd, square
from pixwright.ground.scene import Scene
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

Spot: TypeAlias = tuple[float, float, float, float]
"""A box, XYXY in pixels of the small picture."""
EYE = (0.03, 0.3)
"""Shares of the owner's width between which an eye is."""
SHY = 0.012
"""The detector's least score for something round that may be an eye."""
ROUND = (0.75, 1.8)
"""Width over height of a round thing: an eye is hardly taller than wide."""
UPPER, UPPER_BLOB = 0.75, 0.6
"""Shares of the owner's height, from above, in which eyes are: those that the detector sees, and blobs."""
APART, BLOBS_APART = (1.2, 7.0), (2.5, 14.0)
"""Distance of two eyes: in widths of the larger one, and in radii of a blob."""
LEVEL, BLOBS_LEVEL = 0.4, 0.35
"""Of their distance: how much higher one may be than the other."""
ALIKE = 1.7
"""How many times larger one may be than the other."""
BLOBS = (0.035, 0.055, 0.085, 0.115)
"""Shares of the owner's width that are tried as the radius of an eye."""
LEAST_RADIUS = 2
"""Pixels of such a radius at least."""
INNER, OUTER = 0.6, 1.8
"""Radii of a blob over which its middle and its surroundings are blurred."""
AMID = 2.2
"""Radii of a blob within which all is the owner's."""
FACE, MIRRORED = (48, 36), 0.4
"""Width and height, in pixels, at which what is about two eyes is compared with its mirror image, and how like that must be for two blobs to be eyes."""
DARKNESS = 2
"""CIE L that a blob is darker by counts so many times less than a and b that it differs by."""
BLOB, PEAK = 4.0, 2.5
"""CIE Lab that a blob differs by at least; and the side, in its radii, of the square in which it is the clearest."""
TRIED = 10
"""So many blobs are paired, the clearest."""
LIDS = 1.3
"""Half an eye's box in radii of its blob."""
RIM = 0.3
"""Shares of a box's sides on each side that are its rim."""
LEAST_UNLIKE, UNLIKE = 0.2, 12.0
"""What counts a box whose middle is like its rim; and the CIE L that it differs by to count 1."""
LEAST_HEIGHT = 1e-3
"""Pixels: least divisor."""


def middle_of(spot: Spot) -> tuple[float, float]:
    """x, y."""
    return (spot[0] + spot[2]) / 2, (spot[1] + spot[3]) / 2


def eye_pair(scene: Scene, whole: Floats) -> list[Spot]:
    """Boxes (XYXY in pixels of the small picture) of two small round things of like size and height on an owner; empty if there are none.

    The detector calls eyes clocks, balls and oranges; whatever it calls them, it draws the box.
    """
    solid = whole > 0.5
    height, width = scene.shape
    x0, y0, x1, y1 = box_of(solid)
    wide = x1 - x0
    spots: list[tuple[float, Spot]] = []
    for seen in scene.proposals:
        a, b, c, d = (v * side for v, side in zip(seen.box, (width, height) * 2, strict=True))
        w, h = c - a, d - b
        middle = int(np.clip((b + d) / 2, 0, height - 1)), int(np.clip((a + c) / 2, 0, width - 1))
        if (
            seen.score < SHY
            or not EYE[0] * wide < w < EYE[1] * wide
            or not ROUND[0] < w / max(h, LEAST_HEIGHT) < ROUND[1]
        ):
            continue
        if solid[middle] and (b + d) / 2 < y0 + UPPER * (y1 - y0):
            spots.append((seen.score, (a, b, c, d)))
    best: tuple[float, list[Spot]] = (0.0, [])
    for i, (first, p) in enumerate(spots):
        for second, q in spots[i + 1 :]:
            small, large = sorted((p[2] - p[0], q[2] - q[0]))
            across, down = abs(p[0] + p[2] - q[0] - q[2]) / 2, abs(p[1] + p[3] - q[1] - q[3]) / 2
            if not APART[0] * large < across < APART[1] * large or down > LEVEL * across or large > ALIKE * small:
                continue
            mark = min(first, second) * (1 - down / across) * (small / large)
            mark *= min(_unlike(scene, p), _unlike(scene, q)) * max(
                LEAST_UNLIKE, mirrored(scene, middle_of(p), middle_of(q))
            )
            if mark > best[0]:
                best = mark, sorted((p, q))
    return best[1]


def circled(side: int) -> Array:
    """A disc as a kernel of that side."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def blob_pair(scene: Scene, whole: Floats) -> list[Spot]:
    """The same where the detector sees nothing: two blobs of like size and height that differ from their surroundings (difference of Gaussians in Lab)."""
    solid = whole > 0.5
    x0, y0, x1, y1 = box_of(solid)
    best: tuple[float, list[Spot]] = (0.0, [])
    for share in BLOBS:
        radius = share * (x1 - x0)
        if radius < LEAST_RADIUS:
            continue
        inner, outer = (calm(scene.lab, scale * radius) for scale in (INNER, OUTER))
        apart = inner - outer
        unlike = np.linalg.norm(apart[..., 1:], axis=2) + np.maximum(-apart[..., 0], 0) / DARKNESS
        # What shows between legs and beside ears is no spot on the animal.
        amid = cv2.erode(solid.astype(np.uint8), circled(odd(2 * AMID * radius)), borderValue=0) > 0
        blob = np.where(amid, unlike, 0).astype(np.float32)
        ys, xs = np.nonzero((blob == cv2.dilate(blob, square(odd(PEAK * radius)))) & (blob > BLOB))
        order = np.argsort(-blob[ys, xs], kind="stable")[:TRIED]
        spots = [(float(xs[i]), float(ys[i]), float(blob[ys[i], xs[i]])) for i in order]
        for i, (ax, ay, a) in enumerate(spots):
            for bx, by, b in spots[i + 1 :]:
                across, down = abs(ax - bx), abs(ay - by)
                high = (ay + by) / 2 < y0 + UPPER_BLOB * (y1 - y0)
                near, far = (share * radius for share in BLOBS_APART)
                if not high or not near < across < far or down > BLOBS_LEVEL * across:
                    continue
                mark = min(a, b) * (1 - down / across) * min(a, b) / max(a, b)
                if mark <= best[0] or (alike := mirrored(scene, (ax, ay), (bx, by))) < MIRRORED:
                    continue
                mark *= alike
                if mark > best[0]:
                    wide = LIDS * radius
                    best = mark, sorted([(x - wide, y - wide, x + wide, y + wide) for x, y in ((ax, ay), (bx, by))])
    return best[1]


def mirrored(scene: Scene, one: tuple[float, float], other: tuple[float, float]) -> float:
    """-1 to 1: how like its own mirror image the place about two points is, as a face is about its eyes (correlation of lightness without its slow changes)."""
    left, right = sorted((one, other))
    across, down = right[0] - left[0], right[1] - left[1]
    wide, high = FACE
    # Of the patch's pixels to the picture's: the points come to lie level, each a quarter from the sides.
    turn = np.array([[across, -down], [down, across]]) * 2 / wide
    start = np.array(left) - turn @ np.array([wide / 4 - 0.5, high / 2])
    light = np.ascontiguousarray(scene.lab[..., 0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(light, np.column_stack([turn, start]), FACE, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    fine = patch - calm(patch, wide / 4)
    return float((fine * fine[:, ::-1]).sum() / ((fine**2).sum() + TINY))


def _unlike(scene: Scene, box: Spot) -> float:
    """LEAST_UNLIKE to 1: how much the middle of a box differs in lightness from its rim, as an eye does from the fur about it."""
    x0, y0, x1, y1 = box
    dx, dy = RIM * (x1 - x0), RIM * (y1 - y0)
    light = scene.lab[..., 0]
    whole = light[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
    inner = light[max(0, int(y0 + dy)) : int(y1 - dy) + 1, max(0, int(x0 + dx)) : int(x1 - dx) + 1]
    if not inner.size or not whole.size:
        return LEAST_UNLIKE
    rim = (float(whole.sum()) - float(inner.sum())) / max(whole.size - inner.size, 1)
    return float(np.clip(abs(float(inner.mean()) - rim) / UNLIKE, LEAST_UNLIKE, 1))
