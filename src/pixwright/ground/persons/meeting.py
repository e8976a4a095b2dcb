"""People: the detector's boxes, each with the outline and points of its body and with its face; a face without a box is a person too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np

from pixwright.encoders.people import Body, FaceBox, PeopleReader
from pixwright.ground.detections import Detected, overlap, sure, within
from pixwright.ground.geometry import Floats, Frame, fit
from pixwright.records.instruction import Array

SEEN = 0.3
"""Probability below which a box holds no person."""
MOST = 16
"""Most boxes of people."""
LARGE = 1280
"""Longer side, in pixels, at which people are looked at."""
BODY_SURE, FACE_SURE = 0.5, 0.7
"""Least scores of a body or a mesh, and of a face."""
COVER, NESTED = 0.45, 0.85
"""Intersection over union of two boxes of one person, and share of a box within another's of the same."""
PART, GROUP = 0.75, 0.9
"""Of the surer box's score: what a box within it, and one around it, must have to be another person."""
UNLIKE, DOUBTED = 0.25, 0.75
"""A body less sure than this makes the box doubtful: what is left of its score, unless that was high."""
CLOSE = 0.0175
"""Share of the picture from which a person's head is looked at once more, closer."""
CLOSER, MARGIN = 6, 0.1
"""So many people's heads are; and what is shown around the square at the top of a box, in its sides."""
FARTHER = 0.5
"""Room that is put around a head in which no face is seen, in its longer sides."""
ASTRAY = 0.05
"""Share of the picture's height by which a face may lie outside the upper half of its box."""
BELOW_TOP = 1.2
"""A face's middle lies at most so many of its heights below the top of the person: hair, or a hat, is above it."""
BODY = (0.9, 0.6, 0.9, 5.0)
"""The person about a face without a box: to the left, above, to the right and below, in widths and heights of the face."""
BY_FACE = 0.9
"""How sure a face is that there is a person."""
HIGH, RESTORED = 0.8, 0.6
"""A doubted box's score that is high, and how much of what it has more is given back."""

FINE, FINE_BITS = 8, 3
"""Parts of a pixel in which a hull is drawn, and the bits of that."""


@dataclass(frozen=True, eq=False)
class Face:
    """`points` (468, 2): x, y in the small picture, in the order of MediaPipe's mesh; `score` in [0, 1]."""

    points: Floats
    score: float


@dataclass(frozen=True, eq=False)
class Person:
    """One person: `box` XYXY in 0..1, `score` in [0, 1]. `outline` (h, w) float32 in [0, 1] in the small picture; `points` (33, 3): x and y there, and
    whether it can be seen: both None where no body was made out. `face` is None where none was found."""

    box: Frame
    score: float
    outline: Floats | None = None
    points: Floats | None = None
    face: Face | None = None


@lru_cache(maxsize=1)
def mesh() -> dict[str, list[int]]:
    """Part of a face -> the points of its outline in MediaPipe's mesh."""
    return dict(json.loads(files("pixwright.ground.fitted").joinpath("people.json").read_text("utf-8"))["mesh"])


def hull(points: Floats, shape: tuple[int, int]) -> Floats:
    """(h, w): the convex hull of points, with a soft rim."""
    out = np.zeros(shape, np.uint8)
    around = cv2.convexHull(np.round(points * FINE).astype(np.int32))
    cv2.fillConvexPoly(out, around, 255, cv2.LINE_AA, FINE_BITS)
    return np.asarray(out / 255, np.float32)


def enclosed(points: Floats, shape: tuple[int, int]) -> Floats:
    """(h, w): what a closed line through the points, in their order, encloses, with a soft rim."""
    out = np.zeros(shape, np.uint8)
    cv2.fillPoly(out, [np.round(points * FINE).astype(np.int32)], (255.0,), cv2.LINE_AA, FINE_BITS)
    return np.asarray(out / 255, np.float32)


def meet(
    picture: Array, proposals: Sequence[Detected], shape: tuple[int, int], reader: PeopleReader
) -> tuple[Person, ...]:
    """The people in `picture` (HxWx3 uint8), surest first; `shape` is the small picture's."""
    boxes = _tidy([Person(p.box, sure(p.of(("person",)))) for p in proposals if "person" in p.kinds])
    boxes = [b for b in boxes if b.score > SEEN][:MOST]
    shown = fit(picture, LARGE) if max(picture.shape[:2]) > LARGE else picture
    height, width = shown.shape[:2]
    stretch = np.array([shape[1] / width, shape[0] / height], np.float32)
    faces = _faces(shown, boxes, reader)
    people = []
    for box in boxes:
        own = next((f for f in faces if _belongs(f, box, width, height)), None)
        faces = [f for f in faces if f is not own]
        people.append(_person(shown, box, own, shape, stretch, reader))
    for face in faces:
        people.append(_person(shown, _around(face, width, height), face, shape, stretch, reader))
    return tuple(sorted(people, key=lambda p: -p.score))


def _tidy(found: Sequence[Person]) -> list[Person]:
    """Surest first, without boxes that mostly cover surer ones, parts of them, and what is around one."""
    kept: list[Person] = []
    for each in sorted(found, key=lambda p: -p.score):
        if not any(
            overlap(each.box, o.box) > COVER
            or (within(each.box, o.box) > NESTED and each.score < PART * o.score)
            or (within(o.box, each.box) > NESTED and each.score < GROUP * o.score)
            for o in kept
        ):
            kept.append(each)
    return kept


def _faces(shown: Array, boxes: Sequence[Person], reader: PeopleReader) -> list[FaceBox]:
    """Faces in the whole picture, and in the heads of large people in whom none was found."""
    height, width = shown.shape[:2]
    found = list(reader.faces(shown, FACE_SURE))
    for box in boxes[:CLOSER]:
        x0, y0, x1, y1 = box.box
        if (x1 - x0) * (y1 - y0) < CLOSE or any(_belongs(f, box, width, height) for f in found):
            continue
        side = min(x1 - x0, 1.0) * width
        pad = MARGIN * side
        left, top = max(0, int(x0 * width - pad)), max(0, int(y0 * height - pad))
        right, bottom = min(width, int(x1 * width + pad)), min(height, int(y0 * height + (1 + MARGIN) * side))
        head = shown[top:bottom, left:right]
        # A face that fills what is shown is seen from farther away: the network wants room about it.
        away = round(FARTHER * max(head.shape[:2]))
        beyond = cv2.copyMakeBorder(head, away, away, away, away, cv2.BORDER_REPLICATE)
        faces, by = reader.faces(head, FACE_SURE)[:1], 0
        if not faces:
            faces, by = reader.faces(beyond, FACE_SURE)[:1], away
        for face in faces:
            a, b, c, d = face.box
            x, y = left - by, top - by
            found.append(FaceBox((a + x, b + y, c + x, d + y), face.eyes + np.array([x, y], np.float32), face.score))
    return found


def _belongs(face: FaceBox, box: Person, width: int, height: int) -> bool:
    """Whether the face lies in the upper half of the box, or no more than a head's hair below its top: of somebody near no more than the head is seen."""
    x0, y0, x1, y1 = box.box
    x, y = (face.box[0] + face.box[2]) / 2 / width, (face.box[1] + face.box[3]) / 2 / height
    tall = (face.box[3] - face.box[1]) / height
    lowest = max((y0 + y1) / 2 + ASTRAY, y0 + BELOW_TOP * tall)
    return x0 < x < x1 and y0 - ASTRAY < y < min(lowest, y1)


def _around(face: FaceBox, width: int, height: int) -> Person:
    """Where the person of a face probably is."""
    x0, y0, x1, y1 = face.box
    w, h = x1 - x0, y1 - y0
    left, above, right, below = BODY
    box = (x0 - left * w, y0 - above * h, x1 + right * w, y1 + below * h)
    low, high = np.zeros(2), np.array([width, height])
    a, b = np.clip(box[:2], low, high) / high, np.clip(box[2:], low, high) / high
    return Person((float(a[0]), float(a[1]), float(b[0]), float(b[1])), BY_FACE * face.score)


def _person(
    shown: Array, box: Person, face: FaceBox | None, shape: tuple[int, int], stretch: Floats, reader: PeopleReader
) -> Person:
    height, width = shown.shape[:2]
    x0, y0, x1, y1 = box.box
    body = reader.body(shown, (x0 * width, y0 * height, x1 * width, y1 * height))
    person = box
    if body.score > BODY_SURE:
        points = body.points.copy()
        points[:, :2] *= stretch
        person = replace(person, outline=_paint(body, shape, (height, width)), points=points)
    if face is not None:
        mesh, score = reader.mesh(shown, face)
        if score > BODY_SURE:
            person = replace(person, face=Face(mesh * stretch, score * face.score))
            person = replace(person, score=max(box.score, BY_FACE * face.score))
    if person.face is None and body.score < UNLIKE:
        person = replace(person, score=min(box.score, DOUBTED * box.score + RESTORED * max(0.0, box.score - HIGH)))
    return person


def _paint(body: Body, shape: tuple[int, int], size: tuple[int, int]) -> Floats:
    """A body's outline on the small picture; `shape`: its height and width, `size`: those of the picture that was looked at."""
    x0, y0, _, _ = body.window
    scale = np.array([shape[1] / size[1], 0, x0 * shape[1] / size[1], 0, shape[0] / size[0], y0 * shape[0] / size[0]])
    turn = scale.reshape(2, 3).astype(np.float32)
    return np.asarray(cv2.warpAffine(body.outline, turn, shape[::-1], flags=cv2.INTER_LINEAR), np.float32)
