"""Where the user pointed, as the command line and job files say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidAttachment, InvalidOption
from pixwright.ground import from_box, from_mask, from_points, from_scribble, see
from pixwright.ground.scene import Scene
from pixwright.media import load_markup, load_mask
from pixwright.media.markup import Markup
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.weights.store import digest


@dataclass(frozen=True)
class UserPlace:
    """Where the user pointed: a mask, a box, points, strokes, or a drawing of rings, arrows and strokes; at most one of the five. `not_points` go with points.

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
    markup: Path | None = None
    """A transparent drawing over the picture: what is circled or framed, what arrows point at, what strokes lie over. It sets no limit."""

    def __post_init__(self) -> None:
        ways = {
            "--mask": self.mask,
            "--box": self.box,
            "--point": self.points or None,
            "--scribble": self.scribble,
            "--markup": self.markup,
        }
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise InvalidOption(f"{given[0]} and {given[1]} were both given; give one of {', '.join(ways)}")
        if self.not_points and not self.points:
            raise InvalidOption("--not-point was given without --point; give the thing's own point too")

    def region(self, pixels: Array, encoders: Encoders) -> Region | None:
        """The region on this picture, or None if the user did not point. Raises InvalidMask or InvalidOption."""
        if self.mask is not None:
            return replace(from_mask(load_mask(self.mask, *pixels.shape[:2])), outlined=not self.limits)
        if self.found is not None:
            return replace(from_mask(load_mask(self.found, *pixels.shape[:2])), outlined=True)
        if self.box is None and not self.points and self.scribble is None and self.markup is None:
            return None
        scene = see(pixels, encoders)
        if self.markup is not None:
            return _drawn(scene, load_markup(self.markup, *pixels.shape[:2]))
        if self.scribble is not None:
            return from_scribble(scene, load_mask(self.scribble, *pixels.shape[:2]))
        if self.box is not None:
            x0, y0, x1, y1 = _numbers(self.box, 4, "--box X0,Y0,X1,Y1")
            return from_box(scene, (x0, y0, x1, y1))
        at = [_point(text, "--point X,Y") for text in self.points]
        return from_points(scene, at, [_point(text, "--not-point X,Y") for text in self.not_points])

    def limit(self, pixels: Array, region: Region | None) -> Array | None:
        """What no edit may go beyond: the mask, or the whole box; everything else sets no limit. HxW uint8."""
        if region is None or not self.limits or (self.mask is None and self.box is None):
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
        for kind in FILES:
            file: Path | None = getattr(self, kind)
            if file is not None:
                return f"{kind}:{file.name}:{file_digest(file)}"
        if self.box is not None:
            return f"box:{self.box}"
        signed = [*self.points, *(f"!{point}" for point in self.not_points)]
        return f"point:{';'.join(signed)}" if signed else None


FILES = ("mask", "scribble", "found", "markup")
"""The fields that are files, `protect` apart: what a record calls them."""
NOWHERE = UserPlace()
"""The user did not point."""


def file_digest(path: Path) -> str:
    """The sha256 of a file. Raises InvalidAttachment where there is none."""
    if not path.is_file():
        raise InvalidAttachment(f"{path} is not a file")
    return digest(path)


def _drawn(scene: Scene, drawing: Markup) -> Region:
    """Everything that a drawing points at, as one region."""
    found = [_ringed(scene, ring) for ring in drawing.rings]
    if drawing.tips:
        found.append(from_points(scene, drawing.tips))
    if drawing.strokes.any():
        found.append(from_scribble(scene, drawing.strokes))
    return found[0] if len(found) == 1 else from_mask(np.max([one.mask for one in found], axis=0))


def _ringed(scene: Scene, inside: Array) -> Region:
    """The thing that a ring was drawn round: what stands out within it, or all that it holds."""
    (bounds,) = from_mask(inside).boxes[:1]
    return from_mask(np.minimum(from_box(scene, bounds).mask, inside))


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
