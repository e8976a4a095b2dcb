"""Parts of animals and vehicles by their silhouette: what sticks out of it, near the head or away from it, above or below; eyes and wheels are round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import (
    Floats,
    calm,
    circle,
    crop_of,
    ellipse,
    fit,
    frame_of,
    parts_of,
    softened,
    square,
    window_of,
)
from pixwright.ground.instance import Instance
from pixwright.ground.parts import silhouette
from pixwright.ground.parts.eyes import EYE, Spot, blob_pair, eye_pair, middle_of
from pixwright.ground.scene import Scene
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

LIKELY = 0.6
"""The score of a part that was found by its place on the owner alone."""
GUESSED, EYE_SCORE, WHEEL_SCORE = 0.7, 0.8, 0.7
"""How far a beak is believed that does not stand out of the head; scores of what is round."""
PAIR_APART = 3
"""Eyes lie at least so many of the smallest eye's widths apart."""
EAR_OUT, EAR_UP, EAR_RADIUS, EAR_SHOWN = 0.55, 0.55, 0.42, 0.15
"""In distances of the eyes: an ear outward of its eye, above it, and its radius; and the share of that disc that must lie on the owner."""
BEAK_REACH, BEAK_RADIUS = 1.6, 0.35
"""In radii of the head: how far from its middle a beak's tip is at most, and the beak's own radius."""
HEAD_REACH = 1.5
"""The same of a head's own edge."""
LEG_THICK, LEG_BELOW, LEG_END = 0.5, 0.55, 0.2
"""Half a leg's width in the trunk's; in heights of the body: how far down its middle is at least, and how far above the feet it ends at most."""
NOSE_BELOW, NOSE_NEAR = 0.9, 0.3
"""In distances of the eyes: a nose below their middle, and how far from there it may be."""
NOSE_BLUR = (0.06, 0.3)
"""The same: what is blurred to compare a nose with the fur around."""
NOSE_RED = 2
"""Being redder than the fur speaks so many times more for a nose than being darker."""
NOSE_ON, NOSE_MARK, NOSE_PLACE, NOSE_PIXELS = 0.3, 0.45, 0.2, 3
"""Least value of the owner's mask, share of the highest mark, nearness to the place, and pixels."""
TONGUE_BLUR, TONGUE_REDDER, TONGUE_RED = 1.5, 9.0, 12.0
"""Pixels over which red is judged; CIE a that a tongue has more than the owner, and at all."""
TONGUE_GAP, TONGUE_PIXELS = 7, 4
"""Pixels of a gap in a tongue that is closed, and of a tongue at least."""
ROUND = 0.65
"""How perfect a circle must be to be a wheel, 1 at most."""
RIMS = ((0.08, 0.3), (0.045, 0.12))
"""Radius of a wheel in lengths of the vehicle's longer side: a motorcycle's, then a car's."""
CIRCLES, AROUND = 480, 0.03
"""Longer side, in pixels, at which circles are looked for, and the share of the vehicle's sides that is shown around it."""
BLUR, BLUR_SIGMA = (5, 5), 1.2
"""The blur before the transform, in pixels."""
GRID, CENTRES, EDGE = 1.5, 10.0, 250.0
"""OpenCV's Hough transform: its cell in pixels, least distance of two middles in pixels, and the gradient of an edge (its Canny threshold)."""
FOOT, AXLE, UNEVEN = 0.8, 0.4, 0.15
"""Shares of the vehicle's height: from above, below which a wheel ends and has its middle; and how much higher than the lowest one it may end."""
CLEAR, LIKE_SIZE = 0.9, (0.5, 2.0)
"""Distance of two wheels in the sum of their radii, and ratio of their radii."""
WHEELS = 4
"""Most wheels of one vehicle."""
LEAST_DISC = 2
"""Pixels of a disc's radius at least."""


@dataclass(frozen=True, eq=False)
class _Owner:
    """What the finders of parts see: the owner's outline, its build, and its eyes as boxes in pixels of the small picture."""

    scene: Scene
    whole: Floats
    build: silhouette.Build
    eyes: list[Spot]

    def soft(self, part: NDArray[np.bool_], score: float = LIKELY) -> Instance:
        """A part with the owner's own soft rim."""
        return Instance(np.asarray(np.minimum(softened(part), np.maximum(self.whole, part)), np.float32), score)


def parts_of_silhouette(scene: Scene, name: str, whole: Floats) -> list[Instance]:
    """What of an owner's outline (h, w) is a part of that name; nothing where nobody knows such a part."""
    finder = _FINDERS.get(name)
    if finder is None:
        return []
    eyes = eye_pair(scene, whole)
    build = silhouette.build_of(whole, _between(eyes, whole))
    if name in ("eye", "nose"):
        eyes = eyes or blob_pair(scene, whole)
    return finder(_Owner(scene, whole, build, eyes)) if build is not None else []


def _between(eyes: list[Spot], whole: Floats) -> tuple[float, float] | None:
    """x, y between two eyes, if they lie as far apart as eyes of so large a body do."""
    if len(eyes) != 2:
        return None
    x0, _, x1, _ = box_of(whole > 0.5)
    (ax, ay), (bx, by) = map(middle_of, eyes)
    return ((ax + bx) / 2, (ay + by) / 2) if bx - ax > EYE[0] * PAIR_APART * (x1 - x0) else None


def _lobes(owner: _Owner) -> list[Instance]:
    """What stands up from the head to the left and to the right; else above and outside of two eyes."""
    stand = silhouette.lobes(owner.build)
    if len(stand) == 2 or (stand and not owner.eyes):
        return [owner.soft(lobe) for lobe in stand]
    if not owner.eyes:
        return []
    (ax, ay), (bx, by) = map(middle_of, owner.eyes)
    along = np.array([bx - ax, by - ay])
    up = np.array([along[1], -along[0]])
    out = []
    for at, side in ((np.array([ax, ay]), -1), (np.array([bx, by]), 1)):
        x, y = at + EAR_OUT * side * along + EAR_UP * up
        disc = circle(owner.scene.shape, (round(x), round(y)), round(EAR_RADIUS * float(np.hypot(*along))))
        part = np.minimum(disc, owner.whole)
        if part.sum() > EAR_SHOWN * disc.sum() > 0:
            out.append(Instance(np.asarray(part, np.float32), LIKELY))
    return out


def _tail(owner: _Owner) -> list[Instance]:
    part = silhouette.tail(owner.build)
    return [owner.soft(part)] if part is not None else []


def _beak(owner: _Owner) -> list[Instance]:
    part = silhouette.tip(owner.build)
    if part is not None:
        return [owner.soft(part)]
    x, y = owner.build.head
    ahead = np.array([x - owner.build.rump[0], y - owner.build.rump[1]])
    ys, xs = np.nonzero((owner.build.solid > 0) & (silhouette.ring(owner.build) < BEAK_REACH))
    if not len(xs):
        return []
    at = int((ahead[0] * xs + ahead[1] * ys).argmax())
    radius = max(LEAST_DISC, round(BEAK_RADIUS * owner.build.radius))
    disc = circle(owner.scene.shape, (int(xs[at]), int(ys[at])), radius)
    return [Instance(np.asarray(np.minimum(disc, owner.whole), np.float32), GUESSED * LIKELY)]


def _head_of(owner: _Owner) -> list[Instance]:
    """What lies about the middle of the head."""
    near = silhouette.ring(owner.build) < HEAD_REACH
    return [owner.soft(near & (owner.build.solid > 0))]


def _legs(owner: _Owner) -> list[Instance]:
    """What sticks out of the trunk downwards."""
    _, y0, _, y1 = box_of(owner.build.solid > 0)
    out = []
    for mask, (_, y) in silhouette.appendages(owner.build, LEG_THICK * float(owner.build.away.max())):
        if y > y0 + LEG_BELOW * (y1 - y0) and np.nonzero(mask)[0].max() > y1 - LEG_END * (y1 - y0):
            out.append(owner.soft(mask))
    return out


def _wings(owner: _Owner) -> list[Instance]:
    """What lies to the left and to the right of the trunk's middle."""
    columns = np.arange(owner.whole.shape[1])
    middle = float(np.average(columns, weights=owner.build.solid.sum(0)))
    solid = owner.build.solid > 0
    return [owner.soft(solid & side[None]) for side in (columns < middle, columns > middle)]


def _eyes(owner: _Owner) -> list[Instance]:
    out = []
    for a, b, c, d in owner.eyes:
        halves = max(1, round((c - a) / 2)), max(1, round((d - b) / 2))
        spot = ellipse(owner.scene.shape, (round((a + c) / 2), round((b + d) / 2)), halves)
        out.append(Instance(spot, EYE_SCORE))
    return out


def _nose(owner: _Owner) -> list[Instance]:
    """Below the middle of two eyes by about their distance, what differs most from the fur around."""
    if len(owner.eyes) != 2:
        return []
    (ax, ay), (bx, by) = map(middle_of, owner.eyes)
    gap = float(np.hypot(bx - ax, by - ay))
    x, y = (ax + bx) / 2 - NOSE_BELOW * (by - ay), (ay + by) / 2 + NOSE_BELOW * (bx - ax)
    ys, xs = np.indices(owner.scene.shape, np.float32)
    near = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * (NOSE_NEAR * gap) ** 2))
    lab = owner.scene.lab
    inner, outer = (calm(lab, share * gap) for share in NOSE_BLUR)
    unlike = np.maximum(outer[..., 0] - inner[..., 0], 0) + NOSE_RED * np.maximum(inner[..., 1] - outer[..., 1], 0)
    mark = unlike * near * (owner.whole > NOSE_ON)
    spot = (mark > NOSE_MARK * mark.max()) & (near > NOSE_PLACE)
    parts = parts_of(spot.astype(np.float32), NOSE_PIXELS)
    return [owner.soft(parts[0] > 0.5)] if parts else []


def _tongue(owner: _Owner) -> list[Instance]:
    """What is redder than the animal is, below its eyes if they are seen."""
    inside = owner.whole > 0.5
    if owner.eyes:
        inside = inside.copy()
        inside[: round(max(e[3] for e in owner.eyes))] = False
    a = calm(owner.scene.lab[..., 1], TONGUE_BLUR)
    redder = a > float(np.median(a[owner.whole > 0.5])) + TONGUE_REDDER
    part = (redder & (a > TONGUE_RED) & inside).astype(np.uint8)
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, square(TONGUE_GAP))
    return [owner.soft(p > 0.5) for p in parts_of(part.astype(np.float32), TONGUE_PIXELS)[:1]]


def _wheels(owner: _Owner) -> list[Instance]:
    """Circles at the foot of a vehicle (Hough transform, after Yuen et al. 1990): of the sizes that are tried, the first with two."""
    scene = owner.scene
    window = window_of(frame_of(owner.whole), AROUND, scene.picture)
    grey = cv2.cvtColor(fit(crop_of(scene.picture, window), CIRCLES), cv2.COLOR_RGB2GRAY)
    tried = [_circles(grey, rims) for rims in RIMS]
    kept = next((found for found in tried if len(found) > 1), max(tried, key=len))
    unit = (window[2] - window[0]) / grey.shape[1] * scene.shape[1] / scene.picture.shape[1]
    left, top = (window[i] * scene.shape[1 - i] / scene.picture.shape[1 - i] for i in (0, 1))
    out = []
    for x, y, r in kept:
        middle = round(left + x * unit), round(top + y * unit)
        out.append(Instance(circle(scene.shape, middle, max(LEAST_DISC, round(r * unit))), WHEEL_SCORE))
    return out


def _circles(grey: Array, rims: tuple[float, float]) -> list[tuple[float, float, float]]:
    """x, y and radius of circles that stand about as low as the lowest one, of about one size, none over another."""
    longer = max(grey.shape)
    found = cv2.HoughCircles(
        cv2.GaussianBlur(grey, BLUR, BLUR_SIGMA), cv2.HOUGH_GRADIENT_ALT, GRID, CENTRES, param1=EDGE, param2=ROUND,
        minRadius=round(rims[0] * longer), maxRadius=round(rims[1] * longer),
    )  # fmt: skip
    circles = found[0][:, :3].tolist() if found is not None else []
    low = [(x, y, r) for x, y, r in circles if y + r > FOOT * grey.shape[0] and y > AXLE * grey.shape[0]]
    ground = max((y + r for _, y, r in low), default=0.0)
    kept: list[tuple[float, float, float]] = []
    for x, y, r in low:
        apart = all(
            np.hypot(x - a, y - b) > CLEAR * (r + c) and LIKE_SIZE[0] < r / c < LIKE_SIZE[1] for a, b, c in kept
        )
        if apart and y + r > ground - UNEVEN * grey.shape[0] and len(kept) < WHEELS:
            kept.append((x, y, r))
    return [each for each in kept if not _hangs(each, kept)]


def _hangs(wheel: tuple[float, float, float], all_of_them: list[tuple[float, float, float]]) -> bool:
    """Whether a circle ends higher than one on either side of it, as an engine does between two wheels."""
    x, y, r = wheel
    lower = [a for a, b, c in all_of_them if b + c > y + r]
    return any(a < x for a in lower) and any(a > x for a in lower)


_FINDERS: dict[str, Callable[[_Owner], list[Instance]]] = {
    "ear": _lobes, "horn": _lobes, "tail": _tail, "beak": _beak, "head": _head_of, "face": _head_of, "leg": _legs, "foot": _legs, "wing": _wings, "eye": _eyes, "nose": _nose,
    "tongue": _tongue, "wheel": _wheels,
}  # fmt: skip
"""Canonical part -> what finds it on a silhouette."""
