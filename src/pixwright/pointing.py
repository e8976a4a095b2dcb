"""Where the user pointed, as the command line and job files say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidAttachment, InvalidOption
from pixwright.ground import from_box, from_mask, from_points, from_scribble, see
from pixwright.media import load_mask
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.weights.store import digest


@dataclass(frozen=True)
class UserPlace:
    """Where the user pointed: a mask, a box, points, or strokes; at most one of the four. `not_points` go with points.

    A mask or a box is the limit of every change as well, unless `limits` is false.
    """

    mask: Path | None = None
    box: str | None = None
    points: tuple[str, ...] = ()
    not_points: tuple[str, ...] = ()
    scribble: Path | None = None
    found: Path | None = None
    """The thing exactly as this mask shows it. Unlike `mask` it sets no limit: what belongs to the thing, such as its shadow, may change too."""
    limits: bool = True
    protect: Path | None = None
    """What shall stay, white; it goes with any of the others."""

    def __post_init__(self) -> None:
        ways = {"--mask": self.mask, "--box": self.box, "--point": self.points or None, "--scribble": self.scribble}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise InvalidOption(f"{given[0]} and {given[1]} were both given; give one of {', '.join(ways)}")
        if self.not_points and not self.points:
            raise InvalidOption("--not-point was given without --point; give the thing's own point too")

    def region(self, pixels: Array, encoders: Encoders) -> Region | None:
        """The region on this picture, or None if the user did not point. Raises InvalidMask or InvalidOption."""
        if self.mask is not None:
            return from_mask(load_mask(self.mask, *pixels.shape[:2]))
        if self.found is not None:
            return from_mask(load_mask(self.found, *pixels.shape[:2]))
        if self.box is None and not self.points and self.scribble is None:
            return None
        scene = see(pixels, encoders)
        if self.scribble is not None:
            return from_scribble(scene, load_mask(self.scribble, *pixels.shape[:2]))
        if self.box is not None:
            x0, y0, x1, y1 = _numbers(self.box, 4, "--box X0,Y0,X1,Y1")
            return from_box(scene, (x0, y0, x1, y1))
        at = [_point(text, "--point X,Y") for text in self.points]
        return from_points(scene, at, [_point(text, "--not-point X,Y") for text in self.not_points])

    def limit(self, pixels: Array, region: Region | None) -> Array | None:
        """What no edit may go beyond: the mask, or the whole box; points, strokes and what was found set no limit. HxW uint8."""
        if region is None or self.points or not self.limits or self.scribble is not None or self.found is not None:
            return None
        if self.box is None:
            return region.mask
        x0, y0, x1, y1 = _numbers(self.box, 4, "--box X0,Y0,X1,Y1")
        inside = np.zeros(pixels.shape[:2], np.uint8)
        inside[y0:y1, x0:x1] = 255
        return inside

    def protected(self, pixels: Array) -> Array | None:
        """What shall stay: HxW uint8, or None. Raises InvalidMask."""
        return None if self.protect is None else load_mask(self.protect, *pixels.shape[:2])

    def record(self) -> str | None:
        """How a record names it, `protect` apart."""
        for kind, file in (("mask", self.mask), ("scribble", self.scribble), ("found", self.found)):
            if file is not None:
                return f"{kind}:{file.name}:{file_digest(file)}"
        if self.box is not None:
            return f"box:{self.box}"
        signed = [*self.points, *(f"!{point}" for point in self.not_points)]
        return f"point:{';'.join(signed)}" if signed else None


NOWHERE = UserPlace()
"""The user did not point."""


def file_digest(path: Path) -> str:
    """The sha256 of a file. Raises InvalidAttachment where there is none."""
    if not path.is_file():
        raise InvalidAttachment(f"{path} is not a file")
    return digest(path)


def _point(text: str, usage: str) -> tuple[int, int]:
    x, y = _numbers(text, 2, usage)
    return x, y


def _numbers(text: str, count: int, usage: str) -> tuple[int, ...]:
    try:
        values = tuple(int(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count:
        raise InvalidOption(f"{text!r} does not fit {usage}: {count} whole numbers of pixels, comma-separated")
    return values
