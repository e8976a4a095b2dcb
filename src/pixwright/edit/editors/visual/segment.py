"""Segmentation as guidance: a map of flat label colours says where; the words' own edit is done in the segment that they mean."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.visual.guidance import read
from pixwright.edit.editors.visual.scribble import shape_edit
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import COLOURS
from pixwright.words import read as read_phrase

MAX_LABELS = 64
_NEW_EDGE = 0.45
"""A segment is new if less than this share of its border lies on an edge of the picture."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Choose the segment, then edit in it.

    In this order: the class that the value or target names in ADE20K's palette; a colour named in the words ("the red area"); the
    segment that agrees with the grounded target; the segment whose border the picture does not have.
    """
    guide = read(step, picture.shape, context)
    if isinstance(guide, str):
        return refuse(picture, guide)
    segments = read_segments(guide)
    if isinstance(segments, str):
        return refuse(picture, segments)
    area = _choose(picture, step, region, *segments)
    if area is None:
        return refuse(
            picture, "no segment of the guidance fits the words; name its colour (the red area) or what is there now"
        )
    return shape_edit(picture, step, area, region, context)


def read_segments(guide: Array) -> tuple[NDArray[np.int32], Array] | str:
    """A label map's classes: -> (HxW int32 class numbers, Kx3 uint8 colours), or why it is not a label map."""
    coarse = guide[:: max(1, guide.shape[0] // 400), :: max(1, guide.shape[1] // 400)].reshape(-1, 3)
    colours, counts = np.unique(coarse, axis=0, return_counts=True)
    kept: list[Array] = []
    for index in np.argsort(-counts):
        colour = colours[index]
        near = any(int(np.abs(colour.astype(int) - one).max()) <= 20 for one in kept)
        if counts[index] >= 0.003 * len(coarse) and not near:
            kept.append(colour)
    covered = sum(
        int(counts[i]) for i in range(len(colours)) if any(int(np.abs(colours[i].astype(int) - one).max()) <= 20 for one in kept)
    ) if len(colours) < 60_000 else 0  # fmt: skip
    if not 2 <= len(kept) <= MAX_LABELS or covered < 0.85 * len(coarse):
        return "the guidance is not a label map: it should hold 2 to 64 flat colours, one a segment"
    palette = np.array(kept, np.uint8)
    nearest = np.full(guide.shape[:2], 1000, np.int16)
    labels = np.zeros(guide.shape[:2], np.int32)
    for number, colour in enumerate(palette):
        distance = np.abs(guide.astype(np.int16) - colour.astype(np.int16)).max(axis=2)
        closer = distance < nearest
        nearest[closer], labels[closer] = distance[closer], number
    return labels, palette


def _choose(picture: Array, step: Step, region: Region, labels: NDArray[np.int32], palette: Array) -> Array | None:
    for phrase in (step.value, step.target):
        number = _by_class(str(phrase), palette) if phrase else None
        if number is not None:
            return _area(labels == number)
    number = _by_colour(step.instruction, palette)
    if number is not None:
        return _area(labels == number)
    if region.found and region.source != "whole":
        return _agreeing(labels, len(palette), region.mask)
    return _new_segment(picture, labels, len(palette))


def _area(where: NDArray[np.bool_]) -> Array:
    return np.where(where, 255, 0).astype(np.uint8)


@lru_cache(maxsize=1)
def _classes() -> dict[str, tuple[int, int, int]]:
    text = resources.files("pixwright.edit").joinpath("data", "labels.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def _by_class(phrase: str, palette: Array) -> int | None:
    colour = _classes().get(read_phrase(phrase).head)
    if colour is None:
        return None
    distance = np.abs(palette.astype(int) - np.array(colour)).max(axis=1)
    return int(distance.argmin()) if distance.min() <= 12 else None


def _by_colour(words: str, palette: Array) -> int | None:
    """The segment named as "the red area", "the blue segment", "marked in green"."""
    text = words.lower().split()
    cues = {"area", "segment", "region", "part", "mask", "label"}
    for index, word in enumerate(text[:-1]):
        if word in COLOURS and text[index + 1].strip(".,;") in cues:
            distance = np.linalg.norm(palette.astype(float) - np.array(COLOURS[word]), axis=1)
            return int(distance.argmin()) if distance.min() < 110 else None
    return None


def _agreeing(labels: NDArray[np.int32], count: int, mask: Array) -> Array | None:
    """The class with the largest overlap (intersection over union) with the grounded mask, at least a quarter."""
    inside = mask > 127
    both = np.bincount(labels[inside], minlength=count).astype(float)
    each = np.bincount(labels.ravel(), minlength=count)
    overlap = both / np.maximum(each + inside.sum() - both, 1)
    return _area(labels == int(overlap.argmax())) if overlap.max() >= 0.25 else None


def _new_segment(picture: Array, labels: NDArray[np.int32], count: int) -> Array | None:
    scale = min(1.0, 480 / max(labels.shape))
    size = (max(2, round(labels.shape[1] * scale)), max(2, round(labels.shape[0] * scale)))
    small = cv2.resize(labels.astype(np.float32), size, interpolation=cv2.INTER_NEAREST).astype(np.int32)
    grey = cv2.cvtColor(resized(picture, *size[::-1]), cv2.COLOR_RGB2GRAY)
    edges = cv2.dilate(cv2.Canny(grey, 50, 150), np.ones((5, 5), np.uint8)) > 0
    best, support = None, _NEW_EDGE
    for number in range(count):
        part = (small == number).astype(np.uint8)
        rim = (
            cv2.morphologyEx(
                cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_REPLICATE),
                cv2.MORPH_GRADIENT,
                np.ones((3, 3), np.uint8),
            )[1:-1, 1:-1]
            > 0
        )
        if not 0.002 < float(part.mean()) < 0.5 or rim.sum() < 20:
            continue
        share = float((edges & rim).sum() / rim.sum())
        if share < support:
            best, support = number, share
    return _area(labels == best) if best is not None else None
