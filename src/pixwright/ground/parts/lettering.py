"""Letters as a thing: the ink of the lines that can be read, on what was named."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.encoders.reading import TextReader
from pixwright.encoders.reading.ink import ink_mask
from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_in
from pixwright.records.thing import Thing
from pixwright.words.lettering import bearer

_READ = 0.75
"""Score of a line from which it is text."""
_ON_IT = 0.5
"""Share of a line's ink on what bears it."""
_SOLID = 127
"""Level of a mask from which a pixel is the thing's."""
_SOFT = 0.6
"""Sigma, in pixels, of the rim of letters."""


def find_lettering(
    picture: Array, thing: Thing, reader: TextReader, find: Callable[[Thing], Region]
) -> tuple[Array, tuple[tuple[int, int, int, int], ...], float]:
    """The ink (HxW uint8), its lines' boxes, and the mean score of those lines; no box where nothing can be read there. `find` tells where what bears them is."""
    height, width = picture.shape[:2]
    holder = bearer(thing)
    place = find(holder) if holder is not None else None
    ink, boxes, scores = np.zeros((height, width), np.uint8), [], []
    for line in reader.read(picture):
        if line.score < _READ:
            continue
        own = ink_mask(picture, line.quad, line.text)
        box = box_in(own)
        if box is None or (place is not None and place.found and _share(own, place.mask) < _ON_IT):
            continue
        np.maximum(ink, own, out=ink)
        boxes.append(box)
        scores.append(line.score)
    soft = cv2.GaussianBlur(cv2.dilate(ink, np.ones((3, 3), np.uint8)), (0, 0), _SOFT)
    return np.asarray(soft, np.uint8), tuple(boxes), float(np.mean(scores)) if scores else 0.0


def _share(ink: Array, mask: Array) -> float:
    return float((mask[ink > 0] > _SOLID).mean())
