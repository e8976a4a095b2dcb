"""What the tests of `ground` share: photographs of scikit-image, networks that are planted, and measures of boxes and masks."""

from __future__ import annotations

from functools import cache, lru_cache
from types import SimpleNamespace

import cv2
import numpy as np
from skimage import data

from pixwright.encoders.boxed.frames import SIDE
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts.table import Parts
from pixwright.encoders.worn.labeller import CELLS, LABELS
from pixwright.ground.instance import Instance
from pixwright.ground.persons.labelled import PLACES
from pixwright.ground.scene import Scene, see


@lru_cache(maxsize=1)
def encoders() -> Encoders:
    """The packaged networks, loaded once a process."""
    return Encoders()


@cache
def photo(name: str) -> Scene:
    """A photograph of scikit-image, whose looks all tests of a process share."""
    pixels = getattr(data, name)()
    pixels = pixels[0] if isinstance(pixels, tuple) else pixels
    pixels = np.repeat(pixels[..., None], 3, 2) if pixels.ndim == 2 else pixels[..., :3]
    return see(np.ascontiguousarray(pixels), encoders())


class Bright:
    """A segmenter that holds what is brighter than a level for what stands out, and counts its looks."""

    def __init__(self, level: int = 128) -> None:
        self.level, self.looks = level, 0

    def outline(self, picture, side=384):
        self.looks += 1
        return (picture.max(2) > self.level).astype(np.float32)


class Nobody:
    """A detector that sees nothing."""

    kinds = ("dog", "car", "cup", "bicycle", "bird")

    def detect(self, picture, least, side):
        return ()


class Said:
    """A labeller that says the same of everybody, and counts its looks."""

    def __init__(self, **where):
        self.share = np.zeros((CELLS, CELLS, len(LABELS)), np.float32)
        self.share[..., 0] = 1
        for label, (rows, columns) in where.items():
            self.share[rows, columns] = np.eye(len(LABELS), dtype=np.float32)[LABELS.index(label)]
        self.looks = 0

    def likely(self, crop, place):
        assert crop.shape == (SIDE, SIDE, 3) and place.shape == (CELLS, CELLS, PLACES)
        self.looks += 1
        return self.share


def rows(first, last):
    """The cells of a crop from one share of its side to another."""
    return slice(int(first * CELLS), int(last * CELLS))


def planted(picture, /, **networks) -> Scene:
    """A scene with networks of ours, but for the packaged box outliner; one that is not given must not be asked."""
    return see(
        picture,
        SimpleNamespace(
            **{"segmenter": Bright(), "detector": Nobody(), "boxed": encoders().boxed, "parts": Parts(), **networks}
        ),
    )


def discs(*circles, shape=(384, 512), colour=(230, 40, 40), ground=(40, 60, 40)):
    """A picture with discs (x, y, radius), and the masks of each."""
    picture = np.full((*shape, 3), ground, np.uint8)
    masks = []
    for x, y, radius in circles:
        mask = np.zeros(shape, np.float32)
        cv2.circle(mask, (x, y), radius, 1.0, -1)
        picture[mask > 0] = colour
        masks.append(mask)
    return picture, masks


def block(x0, y0, x1, y1, score=1.0, shape=(100, 100)) -> Instance:
    """A rectangle of pixels as an instance."""
    mask = np.zeros(shape, np.float32)
    mask[y0:y1, x0:x1] = 1
    return Instance(mask, score)


def overlap(a, b) -> float:
    """Intersection over union of two boxes, written apart from the room's own."""
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(tall, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def iou(a, b) -> float:
    """Intersection over union of two masks at one half."""
    one, other = (np.asarray(m) > (127 if np.asarray(m).dtype == np.uint8 else 0.5) for m in (a, b))
    return (one & other).sum() / (one | other).sum()
