"""Parts of animals, from where the detector sees two eyes and from the silhouette's extremities. Rules of proportion, ours."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground import shape
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import Instance
from pixwright.ground.scene import Scene
from pixwright.ground.segment import guided
from pixwright.ground.things import Sight

EYE = (0.03, 0.3)
"""Shares of the animal's width between which an eye is."""
SHY = 0.012
"""The detector's least score for something round that may be an eye."""


Point: TypeAlias = tuple[float, float] | None
APART = 0.1
"""Of the animal's width: how far apart its eyes are at least, for them to say where the head is."""


def eye_pair(scene: Scene, zone: Floats) -> list[tuple[float, float, float, float]]:
    """Boxes (XYXY in the small picture) of two small round things of like size and height within the zone (h, w); empty if there are none.

    The detector calls eyes clocks, balls and oranges; whatever it calls them, it draws the box.
    """
    solid = zone > 0.5
    if not solid.any():
        return []
    height, width = scene.shape
    x0, y0, x1, y1 = box_of(solid)
    wide = x1 - x0
    spots: list[tuple[float, tuple[float, float, float, float]]] = []
    for seen in scene.proposals_all:
        a, b, c, d = (v * side for v, side in zip(seen.box, (width, height) * 2, strict=True))
        w, h = c - a, d - b
        middle = int(np.clip((b + d) / 2, 0, height - 1)), int(np.clip((a + c) / 2, 0, width - 1))
        if seen.score < SHY or not EYE[0] * wide < w < EYE[1] * wide or not 0.55 < w / max(h, 1e-3) < 1.8:
            continue
        if solid[middle] and (b + d) / 2 < y0 + 0.75 * (y1 - y0):
            spots.append((seen.score, (a, b, c, d)))
    best: tuple[float, list[tuple[float, float, float, float]]] = (0.0, [])
    for i, (first, p) in enumerate(spots):
        for second, q in spots[i + 1 :]:
            size, other = p[2] - p[0], q[2] - q[0]
            across, down = abs(p[0] + p[2] - q[0] - q[2]) / 2, abs(p[1] + p[3] - q[1] - q[3]) / 2
            large = max(size, other)
            if not 1.2 * large < across < 7 * large or down > 0.4 * across or large > 1.7 * min(size, other):
                continue
            mark = min(first, second) * (1 - down / across) * (min(size, other) / large)
            mark *= min(_unlike(scene, p), _unlike(scene, q))
            if mark > best[0]:
                best = mark, sorted((p, q))
    return best[1]


def _unlike(scene: Scene, box: tuple[float, float, float, float]) -> float:
    """0.2 to 1: how much the middle of a box differs in lightness from its corners, as an eye does from the fur about it."""
    x0, y0, x1, y1 = box
    dx, dy = 0.3 * (x1 - x0), 0.3 * (y1 - y0)
    light = scene.lab[..., 0]
    whole = light[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
    inner = light[max(0, int(y0 + dy)) : int(y1 - dy) + 1, max(0, int(x0 + dx)) : int(x1 - dx) + 1]
    if not inner.size or not whole.size:
        return 0.2
    rim = (float(whole.sum()) - float(inner.sum())) / max(whole.size - inner.size, 1)
    return float(np.clip(abs(float(inner.mean()) - rim) / 12, 0.2, 1))


def eyes(scene: Scene, zone: Floats) -> Sight:
    """The pair, each as an ellipse in its box."""
    out = []
    for a, b, c, d in eye_pair(scene, zone):
        spot = np.zeros(scene.shape, np.float32)
        axes = max(1, round((c - a) / 2)), max(1, round((d - b) / 2))
        cv2.ellipse(spot, (round((a + c) / 2), round((b + d) / 2)), axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        out.append(Instance(spot, 1.0))
    return Sight(out, 0.8 if out else 0.0)


def clue(scene: Scene, body: Floats) -> tuple[float, float] | None:
    """x, y between the eyes, if they are seen and lie as far apart as eyes of so large a body do."""
    pair = eye_pair(scene, body)
    if not pair:
        return None
    x0, _, x1, _ = box_of(body > 0.5)
    (ax, ay), (bx, by) = (((p[0] + p[2]) / 2, (p[1] + p[3]) / 2) for p in pair)
    return ((ax + bx) / 2, (ay + by) / 2) if bx - ax > APART * (x1 - x0) else None


def _soft(scene: Scene, part: NDArray[np.bool_], body: Floats) -> Instance:
    mask = guided(scene.small, part.astype(np.float32), 3, 1e-4)
    return Instance(np.asarray(np.minimum(mask, np.maximum(body, part)), np.float32), 1.0)


def ears(scene: Scene, body: Floats, hint: Point = None) -> Sight:
    """The lobes of the head; where the silhouette shows none, above and outside of two eyes by about half the distance between them."""
    build = shape.build_of(body, clue(scene, body), hint)
    stand = shape.lobes(build) if build else []
    if len(stand) == 2:
        return Sight([_soft(scene, lobe, body) for lobe in stand], 0.6)
    pair = eye_pair(scene, body)
    if not pair:
        return Sight([_soft(scene, lobe, body) for lobe in stand], 0.5 if stand else 0.1)
    (ax, ay), (bx, by) = (((p[0] + p[2]) / 2, (p[1] + p[3]) / 2) for p in pair)
    along = np.array([bx - ax, by - ay])
    up = np.array([along[1], -along[0]])
    out = []
    for (x, y), side in (((ax, ay), -1), ((bx, by), 1)):
        middle = np.array([x, y]) + 0.55 * side * along + 0.55 * up
        disc = np.zeros(scene.shape, np.float32)
        cv2.circle(
            disc, (round(middle[0]), round(middle[1])), round(0.42 * float(np.hypot(*along))), 1.0, -1, cv2.LINE_AA
        )
        part = np.minimum(disc, body)
        if part.sum() > 0.15 * disc.sum() > 0:
            out.append(Instance(np.asarray(part, np.float32), 1.0))
    return Sight(out, 0.6 if out else 0.1)


def tail(scene: Scene, body: Floats, hint: Point = None) -> Sight:
    """The slender part of the silhouette that is farthest from the head."""
    build = shape.build_of(body, clue(scene, body), hint)
    part = shape.tail(build) if build else None
    return Sight([_soft(scene, part, body)], 0.55) if part is not None else Sight([], 0.15)


def beak(scene: Scene, body: Floats, hint: Point = None) -> Sight:
    """What sticks out of the head forward; where nothing does, the head's foremost edge."""
    build = shape.build_of(body, clue(scene, body), hint)
    if build is None:
        return Sight([], 0.1)
    part = shape.tip(build)
    if part is not None:
        return Sight([_soft(scene, part, body)], 0.55)
    x, y = build.head
    way = np.array([x - build.rump[0], y - build.rump[1]])
    ys, xs = np.nonzero((build.solid > 0) & (shape.ring(build) < 1.6))
    if not len(xs):
        return Sight([], 0.15)
    at = int((way[0] * xs + way[1] * ys).argmax())
    disc = np.zeros(scene.shape, np.float32)
    cv2.circle(disc, (int(xs[at]), int(ys[at])), max(2, round(0.35 * build.radius)), 1.0, -1, cv2.LINE_AA)
    return Sight([Instance(np.asarray(np.minimum(disc, body), np.float32), 1.0)], 0.5)


def wings(scene: Scene, body: Floats) -> Sight:
    """The silhouette to the left and to the right of its middle."""
    solid = body > 0.5
    if not solid.any():
        return Sight([], 0.1)
    x0, _, x1, _ = box_of(solid)
    middle = float(np.average(np.arange(body.shape[1]), weights=solid.sum(0)))
    out = []
    for keep in (
        np.arange(body.shape[1]) < middle - 0.02 * (x1 - x0),
        np.arange(body.shape[1]) > middle + 0.02 * (x1 - x0),
    ):
        out.append(Instance(np.asarray(body * keep, np.float32), 1.0))
    return Sight(out, 0.55)


def tongue(scene: Scene, body: Floats) -> Sight:
    """What is redder than the animal is, below the middle of its eyes if they are seen."""
    pair = eye_pair(scene, body)
    inside = body > 0.5
    if not inside.any():
        return Sight([], 0.1)
    if pair:
        inside = inside.copy()
        inside[: round(max(p[3] for p in pair))] = False
    a = cv2.GaussianBlur(scene.lab[..., 1], (0, 0), 1.5)
    usual = float(np.median(a[body > 0.5]))
    part = ((a > usual + 9) & (a > 12) & inside).astype(np.uint8)
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return _largest(scene, part, 0.003 * float((body > 0.5).sum()))


def _largest(scene: Scene, part: NDArray[np.uint8], least: float) -> Sight:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part)
    if count < 2:
        return Sight([], 0.1)
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if stats[best, cv2.CC_STAT_AREA] < least:
        return Sight([], 0.1)
    return Sight([Instance(guided(scene.small, (labels == best).astype(np.float32), 2, 1e-4), 1.0)], 0.55)
