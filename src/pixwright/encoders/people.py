"""Bodies and faces, MediaPipe's: the outline and 33 points of a person, faces, and the 468 points of a face's mesh.

BlazePose: Bazarevsky et al. 2020, "BlazePose: on-device real-time body pose tracking"; faces: Bazarevsky et al. 2019, "BlazeFace"; mesh:
Kartynnik et al. 2019, "Real-time facial surface geometry from monocular video on mobile GPUs".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

Floats = NDArray[np.float32]
BODY, FACE = 256, 192
"""Sides of the squares, in pixels, that the networks for bodies and for faces take."""
ROOM_BODY, ROOM_FACE = 1.2, 1.5
"""How much larger than the box the square is that they are shown."""
POINTS = 33
CELLS = 48
"""The face detector answers in 48x48 cells of 4 pixels."""
FACE_SURE, FACE_OVERLAP = 0.5, 0.3


@dataclass(frozen=True, eq=False)
class Body:
    """A person. `outline` (h, w) float32 in [0, 1] lies on `window` (XYXY in whole pixels of the picture); `points` (33, 3): x, y in pixels of the
    picture, and in [0, 1] whether the point can be seen; `score` in [0, 1]: whether there is a person."""

    outline: Floats
    window: tuple[int, int, int, int]
    points: Floats
    score: float


@dataclass(frozen=True, eq=False)
class FaceBox:
    """A face: `box` XYXY in pixels of the picture; `eyes` (2, 2): the picture's left eye and right eye, x and y; `score` in [0, 1]."""

    box: tuple[float, float, float, float]
    eyes: Floats
    score: float


class PeopleReader:
    """Stateless: may be used from several threads."""

    def __init__(self, pose: Any, finder: Any, mesh: Any) -> None:
        self._pose, self._finder, self._mesh = pose, finder, mesh

    @classmethod
    def load(cls) -> PeopleReader:
        """The packaged networks. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("pose"), open_session("face-finder"), open_session("face-mesh"))

    def body(self, picture: Array, box: tuple[float, float, float, float]) -> Body:
        """The person in `box` (XYXY in pixels) of `picture` (HxWx3 uint8)."""
        centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        side = ROOM_BODY * max(box[2] - box[0], box[3] - box[1], 2.0)
        turn = square(centre, side, 0.0, BODY)
        out = self._pose.run(["outline", "points", "sure"], {"picture": cut(picture, turn, BODY)[None]})
        points = out[1].reshape(-1, 5)[:POINTS]
        x, y = back(points[:, :2], turn).T
        seen = 1 / (1 + np.exp(-np.clip(points[:, 3], -30, 30)))
        height, width = picture.shape[:2]
        x0, y0 = max(0, int(centre[0] - side / 2)), max(0, int(centre[1] - side / 2))
        x1, y1 = min(width, int(np.ceil(centre[0] + side / 2))), min(height, int(np.ceil(centre[1] + side / 2)))
        # Where each of the window's pixels lies on the network's square.
        place = cv2.invertAffineTransform(turn)
        place[:, 2] -= (x0, y0)
        outline = cv2.warpAffine(out[0][0, 0], place, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        return Body(
            np.asarray(np.clip(outline, 0, 1), np.float32),
            (x0, y0, x1, y1),
            np.stack([x, y, seen], 1).astype(np.float32),
            float(out[2].item()),
        )

    def faces(self, picture: Array, least: float = FACE_SURE) -> tuple[FaceBox, ...]:
        """Faces in `picture` (HxWx3 uint8), surest first. Those smaller than a twentieth of its longer side are hardly seen."""
        height, width = picture.shape[:2]
        turn = square((width / 2, height / 2), max(height, width), 0.0, FACE)
        scores, frames = self._finder.run(["faces", "frames"], {"picture": cut(picture, turn, FACE)[None]})
        odds = 1 / (1 + np.exp(-np.clip(scores[0, 0], -30, 30)))
        rows, columns = np.nonzero(odds >= least)
        if not len(rows):
            return ()
        values = frames[0][:, rows, columns].T
        middle = (np.stack([columns, rows], 1) + 0.5) * (FACE / CELLS)
        points = values.reshape(-1, 8, 2) + middle[:, None]
        half = values[:, 2:4] / 2
        low, high = back(points[:, 0] - half, turn), back(points[:, 0] + half, turn)
        eyes = np.stack([back(points[:, 2], turn), back(points[:, 3], turn)], 1)
        found = odds[rows, columns]
        sizes = np.concatenate([low, high - low], 1)
        kept = cv2.dnn.NMSBoxes(sizes.tolist(), found.tolist(), least, FACE_OVERLAP)
        out = []
        for i in np.ravel(kept).astype(int):
            (x0, y0), (x1, y1) = low[i].tolist(), high[i].tolist()
            out.append(FaceBox((x0, y0, x1, y1), eyes[i].astype(np.float32), float(found[i])))
        return tuple(out)

    def mesh(self, picture: Array, face: FaceBox) -> tuple[Floats, float]:
        """The 468 points (468, 2) of a face, x and y in pixels of `picture`, and in [0, 1] whether it is one."""
        x0, y0, x1, y1 = face.box
        along = face.eyes[1] - face.eyes[0]
        angle = float(np.degrees(np.arctan2(along[1], along[0])))
        turn = square(((x0 + x1) / 2, (y0 + y1) / 2), ROOM_FACE * max(x1 - x0, y1 - y0), angle, FACE)
        points, sure = self._mesh.run(["points", "sure"], {"picture": cut(picture, turn, FACE)[None]})
        return back(points.reshape(-1, 3)[:, :2], turn), float(1 / (1 + np.exp(-sure.item())))


def square(centre: tuple[float, float], side: float, angle: float, size: int) -> Floats:
    """(2, 3): pixels of the picture to pixels of a `size` square that shows `side` pixels about `centre`, turned upright by `angle` degrees."""
    scale = size / max(side, 1.0)
    turn = np.asarray(cv2.getRotationMatrix2D(centre, angle, scale), np.float32)
    turn[:, 2] += np.array([size / 2 - centre[0], size / 2 - centre[1]], np.float32)
    return turn


def cut(picture: Array, turn: Floats, size: int) -> Array:
    """The square as the networks take it; black outside the picture. A large picture is first reduced, so that nothing is skipped."""
    scale = float(np.hypot(turn[0, 0], turn[0, 1]))
    pixels = np.ascontiguousarray(picture[..., :3])
    if scale < 0.5:
        height, width = pixels.shape[:2]
        small = max(1, round(2 * scale * width)), max(1, round(2 * scale * height))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        turn = turn.copy()
        turn[:, :2] /= np.array([small[0] / width, small[1] / height], np.float32)
    return np.asarray(cv2.warpAffine(pixels, turn, (size, size), flags=cv2.INTER_LINEAR), np.uint8)


def back(points: Floats, turn: Floats) -> Floats:
    """(n, 2) points of the square -> of the picture."""
    inverse = cv2.invertAffineTransform(turn)
    return np.asarray(points @ inverse[:, :2].T + inverse[:, 2], np.float32)
