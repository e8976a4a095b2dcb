"""People, without a face network: skin, faces by shape and features, clothing classes, and what stands out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.evidence import seek
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import separate
from pixwright.ground.lexicon import Meaning, lexicon
from pixwright.ground.objects import instances, named
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.segment import fill_holes, matte, settle
from pixwright.ground.things import Sight
from pixwright.records.region import Box

CLOTHING = frozenset(
    [
        "clothes",
        "clothing",
        "outfit",
        "dress",
        "shirt",
        "t-shirt",
        "jacket",
        "coat",
        "suit",
        "space suit",
        "spacesuit",
        "uniform",
        "sweater",
        "costume",
    ]
)
"""Nouns for what covers a body."""


@dataclass(frozen=True, eq=False)
class Face:
    """A face: its skin (h, w) bool in the small picture, its box, and a mark in 0..1."""

    skin: NDArray[np.bool_]
    box: Box
    mark: float


def skin_odds(scene: Scene) -> Floats:
    """(h, w) log-odds that a pixel is human skin, by CIE Lab hue and chroma; light hardly matters."""
    light, a, b = np.moveaxis(scene.lab, -1, 0)
    hue = np.degrees(np.arctan2(b, a))
    chroma = np.hypot(a, b)
    odds = 2.0 - np.abs(hue - 50) / 11 - np.maximum(9 - chroma, 0) / 2 - np.maximum(chroma - 38, 0) / 5
    return np.asarray(odds - np.maximum(32 - light, 0) / 8, np.float32)


def faces(scene: Scene) -> list[Face]:
    """Faces, best first: blobs of skin of a face's shape that hold darker features where eyes are."""
    height, width = scene.shape
    skin = cv2.GaussianBlur(skin_odds(scene), (0, 0), max(height, width) * 0.004) > 0.3
    size = max(3, round(max(height, width) * 0.008)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    out = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 0.003 * height * width or area > 0.4 * height * width or not 0.8 < h / w < 2.2:
            continue
        own = labels == i
        mark = _face_mark(scene, own, (x, y, x + w, y + h))
        if mark > 0.35:
            out.append(Face(own, (x, y, x + w, y + h), mark))
    return sorted(out, key=lambda f: -f.mark * float(f.skin.sum()) ** 0.25)


def _face_mark(scene: Scene, own: NDArray[np.bool_], box: Box) -> float:
    """Product of: fills an ellipse; has dark features in the upper half, on both sides; is not flat."""
    x0, y0, x1, y1 = box
    part = own[y0:y1, x0:x1]
    closed = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    ellipse = np.zeros(part.shape, np.uint8)
    axes = max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2)
    cv2.ellipse(ellipse, axes, axes, 0, 0, 360, 1, -1)
    fit = float((closed & ellipse).sum()) / max(1.0, float((closed | ellipse).sum()))
    light = scene.lab[y0:y1, x0:x1, 0]
    middle = float(np.median(light[part]))
    dark = (light < middle - 14) & (ellipse > 0)
    h, w = part.shape
    upper = dark[round(0.2 * h) : round(0.6 * h)]
    left, right = float(upper[:, : w // 2].mean()), float(upper[:, w // 2 :].mean())
    features = min(1.0, min(left, right) / 0.05) if max(left, right) < 0.75 else 0.2
    return float(np.clip((fit - 0.4) / 0.35, 0, 1)) * (0.4 + 0.6 * features)


def find_people(scene: Scene, query: Query) -> Sight:
    """Persons: the detector's boxes; without one, each face with what hangs together with it, or the foreground where clothing is seen."""
    boxes = named(scene, Meaning("person", query.head), replace(query, head="person"))
    if boxes and boxes[0].score > 0.4:
        return Sight(instances(scene, boxes, query), boxes[0].score)
    evidence = seek(scene, Meaning("person", query.head, lexicon().person_classes))
    seen = faces(scene)
    height, width = scene.shape
    pieces = scene.pieces
    front = np.clip(scene.front, -3, 3)
    odds = 0.5 * np.tanh(pieces.mean(evidence.odds) / 3) * 2 + 0.8 * front
    odds = odds + 0.4 * np.clip(pieces.mean(skin_odds(scene)), -1, 2)
    if seen:
        near = np.zeros((height, width), np.float32)
        for face in seen[: 8 if query.several else 2]:
            near = np.maximum(near, _stance(face, height, width))
        odds = 0.7 * odds + 3.2 * pieces.mean(near) - 1.6
    belief = settle(scene, np.asarray(odds, np.float32))
    mask = _mend(scene, matte(scene, belief))
    found = separate(mask, np.asarray(evidence.odds, np.float32), split=query.selective or query.several)
    sure = max(0.85 * seen[0].mark + 0.1 if seen else 0.0, evidence.presence * (0.9 if seen else 0.62))
    return Sight(found, float(min(1.0, sure)))


def _mend(scene: Scene, mask: Floats) -> Floats:
    """A person is whole: clefts and holes as wide as a neck in shadow are closed."""
    wide = max(3, round(0.03 * max(scene.shape))) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    hard = (mask > 0.5).astype(np.uint8)
    gap = cv2.morphologyEx(hard, cv2.MORPH_CLOSE, disc) - hard
    gap = cv2.morphologyEx(gap, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return fill_holes(np.maximum(mask, gap.astype(np.float32)), 0.06)


def _stance(face: Face, height: int, width: int) -> Floats:
    """Where the person of a face probably is: head, and a body about three faces wide below it."""
    x0, y0, x1, y1 = face.box
    w, h = x1 - x0, y1 - y0
    out = np.zeros((height, width), np.float32)
    cv2.ellipse(
        out,
        (round((x0 + x1) / 2), round((y0 + y1) / 2 - 0.1 * h)),
        (round(0.85 * w), round(0.85 * h)),
        0,
        0,
        360,
        1.0,
        -1,
    )
    middle = (x0 + x1) / 2
    top, bottom = round(y1 + 0.1 * h), min(height, round(y1 + 7 * h))
    wide, slope = 1.5 * w, 0.25
    corners = [
        (middle - wide, top + 0.4 * h),
        (middle - 0.6 * w, top - 0.2 * h),
        (middle + 0.6 * w, top - 0.2 * h),
        (middle + wide, top + 0.4 * h),
    ]
    corners += [(middle + wide + slope * w, bottom), (middle - wide - slope * w, bottom)]
    cv2.fillPoly(out, [np.round(corners).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), max(2.0, 0.2 * w)), np.float32)


def find_clothing(scene: Scene, query: Query) -> Sight | None:
    """What a person with a visible face wears: the person without head and hands. None if there is no such person."""
    seen = faces(scene)
    if not seen:
        return None
    people = find_people(scene, replace(query, colours=()))
    if not people.found:
        return None
    _, y0, _, y1 = seen[0].box
    body = people.found[0].mask.copy()
    body[: y1 - round(0.1 * (y1 - y0))] = 0
    odds = 2 - 1.5 * np.clip(skin_odds(scene), 0, 2)
    if query.colours:
        odds = odds + any_colour(scene.lab, query.colours)
    odds = np.where(body > 0.4, odds, -3).astype(np.float32)
    near = cv2.dilate(body, np.ones((9, 9), np.uint8))
    mask = np.minimum(matte(scene, settle(scene, scene.pieces.mean(odds), reach=0.05)), near)
    return Sight(separate(np.asarray(mask, np.float32), odds, split=False)[:1], 0.85 * people.presence)


def face_region(scene: Scene, within: Floats | None) -> tuple[Floats, float] | None:
    """(soft mask, mark) of the best face, within an owner if one is given."""
    for face in faces(scene):
        if within is None or float(within[face.skin].mean()) > 0.4:
            filled = cv2.morphologyEx(face.skin.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
            contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            solid = np.zeros(scene.shape, np.uint8)
            cv2.drawContours(solid, contours, -1, 1, -1)
            return cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 1.0), face.mark
    return None


def head_box(mask: NDArray[np.bool_]) -> Box:
    """The face's box widened to the head: hair above and beside."""
    x0, y0, x1, y1 = box_of(mask)
    w, h = x1 - x0, y1 - y0
    return x0 - round(0.3 * w), y0 - round(0.45 * h), x1 + round(0.3 * w), y1 + round(0.12 * h)
