"""PP-OCR: the lines of text in a picture. Detection by differentiable binarisation, recognition by CTC.

Detection gives a map of shrunken text kernels; each is grown back by area * ratio / perimeter (Liao et al. 2020, "Real-time scene text
detection with differentiable binarization", section 3.5). Recognition gives a distribution over characters in each column; repeats and
blanks are dropped (Graves et al. 2006, "Connectionist temporal classification").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import on_grid
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

Floats = NDArray[np.float32]
SMALLEST_SIDE, LARGEST_SIDE = 640, 1280
"""The detector sees the longer side at its own size within these bounds, in pixels."""
KERNEL_THRESHOLD, BOX_THRESHOLD, GROW = 0.3, 0.5, 1.6
_CELL = 32
"""Both sides of what the detector sees are multiples of this."""
LINE_HEIGHT = 48
SHORTEST_LINE, LONGEST_LINE = 160, 3200
TALL = 1.5
"""A box this much taller than wide holds a line that runs up or down."""
MIN_SCORE = 0.5
DOUBTFUL = 0.9
"""Below this score a line is also tried upside down."""
SPARSE = 3.0
"""A box this many times its height long for each character holds something else than text."""


@dataclass(frozen=True, eq=False)
class TextLine:
    """One line of text. `quad` (4, 2) float32, x and y in pixels of the picture: clockwise from the text's own top left corner, so that
    quad[0] -> quad[1] is the direction of reading. `score` in [0, 1] is the mean probability of its characters."""

    text: str
    quad: Floats
    score: float


class TextReader:
    """Stateless: may be used from several threads."""

    def __init__(self, detector: Any, recogniser: Any) -> None:
        self._detector = detector
        self._recogniser = recogniser
        characters = recogniser.get_modelmeta().custom_metadata_map["character"]
        self._characters = ["", *characters.split("\n"), " "]

    @classmethod
    def load(cls) -> TextReader:
        """The packaged networks. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("ppocr-det"), open_session("ppocr-rec"))

    def read(self, picture: Array, min_score: float = MIN_SCORE) -> tuple[TextLine, ...]:
        """The lines in `picture` (HxWx3 uint8) whose score is at least `min_score`: from top to bottom, then from left to right."""
        blue_first = np.ascontiguousarray(picture[..., 2::-1])
        lines = [self._line(blue_first, quad) for quad in self._detect(blue_first)]
        return tuple(in_reading_order([line for line in lines if line.score >= min_score and is_plausible(line)]))

    def boxes(self, picture: Array) -> list[Floats]:
        """Where text is in `picture` (HxWx3 uint8), whether it can be read or not: quads as of `TextLine`."""
        return self._detect(np.ascontiguousarray(picture[..., 2::-1]))

    def recognise(self, crop: Array) -> tuple[str, float]:
        """Text and score of one upright line (hxwx3 uint8, BGR)."""
        height, width = crop.shape[:2]
        columns = min(max(math.ceil(LINE_HEIGHT * width / height), 8), LONGEST_LINE)
        small = cv2.resize(crop, (columns, LINE_HEIGHT))
        x = np.zeros((1, 3, LINE_HEIGHT, max(columns, SHORTEST_LINE)), np.float32)
        x[0, :, :, :columns] = _normal(small)
        odds = self._recogniser.run(None, {"x": x})[0][0]
        return decode(odds, self._characters)

    def _detect(self, picture: Array) -> list[Floats]:
        height, width = picture.shape[:2]
        small = on_grid(picture, min(max(height, width, SMALLEST_SIDE), LARGEST_SIDE), _CELL)
        rows, columns = small.shape[:2]
        kernels = self._detector.run(None, {"x": _normal(small)[None]})[0][0, 0]
        stretch = np.array([width / columns, height / rows], np.float32)
        return [quad * stretch for quad in quads_of(kernels)]

    def _line(self, picture: Array, quad: Floats) -> TextLine:
        text, score = self.recognise(crop_quad(picture, quad))
        if score < DOUBTFUL:
            turned = np.roll(quad, 2, axis=0)
            other, other_score = self.recognise(crop_quad(picture, turned))
            if len(other) > 1 and other_score > score + 0.1:  # of one character alone nobody can say which way up it is
                return TextLine(other, turned, other_score)
        return TextLine(text, quad, score)


def is_plausible(line: TextLine) -> bool:
    """Whether there are characters, and enough of them for the length of the line."""
    across, down = np.linalg.norm(line.quad[1] - line.quad[0]), np.linalg.norm(line.quad[3] - line.quad[0])
    return bool(line.text.strip()) and bool(across <= SPARSE * len(line.text.strip()) * down)


def quads_of(kernels: Floats) -> list[Floats]:
    """Text quads (4, 2), in cells of the map, from the detector's map (h, w) in [0, 1]."""
    binary = cv2.dilate((kernels > KERNEL_THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(binary, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    quads = []
    for contour in contours:
        centre, (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < 3 or _mean_inside(kernels, contour) < BOX_THRESHOLD:
            continue
        grow = GROW * w * h / (w + h)
        box = cv2.boxPoints((centre, (w + grow, h + grow), angle)).astype(np.float32)
        quads.append(from_top_left(box))
    return quads


def from_top_left(box: Floats) -> Floats:
    """The corners of a rectangle, clockwise from where its text starts: a tall box is read downwards, any other to the right."""
    centre = box.mean(0)
    around = np.argsort(np.arctan2(box[:, 1] - centre[1], box[:, 0] - centre[0]))
    ring = box[around]
    # The side that points most to the right is the top one.
    sides = np.roll(ring, -1, axis=0) - ring
    lengths = np.linalg.norm(sides, axis=1)
    ring = np.roll(ring, -int(np.argmax(sides[:, 0] / np.maximum(lengths, 1e-6))), axis=0)
    across, down = np.linalg.norm(ring[1] - ring[0]), np.linalg.norm(ring[2] - ring[1])
    return np.ascontiguousarray(np.roll(ring, -1, axis=0) if down > TALL * across else ring, np.float32)


def crop_quad(picture: Array, quad: Floats) -> Array:
    """The quad's content as an upright rectangle of the quad's own size."""
    width = max(1, round(float(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])))))
    height = max(1, round(float(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])))))
    if height > 2 * LINE_HEIGHT:  # no need to warp more pixels than the recogniser will look at
        width, height = max(1, round(width * 2 * LINE_HEIGHT / height)), 2 * LINE_HEIGHT
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(quad, target)
    crop = cv2.warpPerspective(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)


def decode(odds: Floats, characters: list[str]) -> tuple[str, float]:
    """Greedy CTC: (columns, characters) probabilities -> text and mean probability of its characters; ("", 0.0) for none."""
    best = odds.argmax(1)
    fresh = np.concatenate(([True], best[1:] != best[:-1])) & (best > 0)
    if not fresh.any():
        return "", 0.0
    text = "".join(characters[i] for i in best[fresh])
    return text, float(odds.max(1)[fresh].mean())


def likeness(read: str, wanted: str) -> float:
    """How alike a text that was read is to a wanted one, 0 to 1: of their letters and digits, whatever their case (Ratcliff and Obershelp)."""
    a, b = ("".join(c for c in text.lower() if c.isalnum()) for text in (read, wanted))
    return SequenceMatcher(None, a, b).ratio() if a and b else float(read.strip() == wanted.strip())


def in_reading_order(lines: list[TextLine]) -> list[TextLine]:
    """Rows from top to bottom, each from left to right. Lines share a row if their centres differ by less than half a line's height."""
    placed = sorted(lines, key=lambda line: float(line.quad[:, 1].mean()))
    rows: list[list[TextLine]] = [[line] for line in placed[:1]]
    for before, line in pairwise(placed):
        height = min(float(np.ptp(before.quad[:, 1])), float(np.ptp(line.quad[:, 1])))
        if float(line.quad[:, 1].mean() - before.quad[:, 1].mean()) < height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: float(line.quad[:, 0].min()))]


def _normal(picture: Array) -> Floats:
    """hxwx3 uint8 -> (3, h, w) float32 in [-1, 1]."""
    return np.ascontiguousarray((picture.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1))


def _mean_inside(values: Floats, contour: NDArray[np.int32]) -> float:
    x, y, w, h = cv2.boundingRect(contour)
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(values[y : y + h, x : x + w], mask)[0])
