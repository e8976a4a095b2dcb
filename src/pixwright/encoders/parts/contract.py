"""What each part answers, whoever does it, and how an answer is checked before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import PartFailed
from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]
Part: TypeAlias = Literal["ground", "outline", "words", "fill", "matte", "depth", "similarity"]
Point: TypeAlias = tuple[float, float]
"""x, y in pixels of the picture."""
PixelBox: TypeAlias = tuple[float, float, float, float]
"""XYXY in pixels of the picture."""


@dataclass(frozen=True)
class Found:
    """A box of one phrase: XYXY in pixels of the picture, score in [0, 1] as the network gives it."""

    box: tuple[float, float, float, float]
    score: float


class PhraseFinder(Protocol):
    """Part `ground`: boxes of phrases."""

    def find(self, picture: Array, phrases: Sequence[str]) -> list[list[Found]]:
        """For each phrase its boxes in HxWx3 uint8, surest first, none twice; empty where it sees none."""
        ...


class Outliner(Protocol):
    """Part `outline`: what is in a box, or at points. The picture is looked at once for any number of them."""

    def look(self, picture: Array) -> Any:
        """What it keeps of HxWx3 uint8; `boxes` and `points` take it."""
        ...

    def boxes(self, looked: Any, boxes: Sequence[tuple[float, float, float, float]]) -> list[tuple[Floats, float]]:
        """For each box (XYXY in pixels) a mask in [0, 1] of the network's own size over the whole picture, and how sure it is in [0, 1]."""
        ...

    def points(
        self, looked: Any, at: Sequence[Point], not_at: Sequence[Point], about: Callable[[], PixelBox | None]
    ) -> tuple[Floats, float]:
        """The same of the one thing that is at all points `at` and at none of `not_at`. `about`: the box of what seems to be there, for a network that must be given one."""
        ...


class WordsMasker(Protocol):
    """Part `words`: where a phrase is, as a map."""

    def mask(self, picture: Array, phrase: str) -> Floats:
        """A map in [0, 1] of the network's own size over the whole of HxWx3 uint8."""
        ...


class Filler(Protocol):
    """Part `fill`: what may be in a hole."""

    def fill(self, picture: Array, hole: Array) -> Array:
        """HxWx3 uint8 of which only what is under `hole` (HxW uint8, > 0) is to be used."""
        ...


class Matter(Protocol):
    """Part `matte`: what stands out."""

    def matte(self, picture: Array) -> Floats:
        """A matte in [0, 1] of the network's own size over the whole of HxWx3 uint8."""
        ...


class DepthReader(Protocol):
    """Part `depth`: how near everything is."""

    def near(self, picture: Array) -> Floats:
        """Nearness in [0, 1], 1 the nearest, of the network's own size over the whole of HxWx3 uint8. Its scale is relative within a picture."""
        ...


class Likeness(Protocol):
    """Part `similarity`: pictures and words in one space."""

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors."""
        ...

    def picture(self, picture: Array) -> Floats:
        """(width,) of HxWx3 uint8."""
        ...


def checked(
    values: Any, shape: tuple[int | None, ...], what: str, low: float | None = None, high: float | None = None
) -> Floats:
    """A network's output as float32, if it has the shape (None: any length), is finite and within [low, high]. Raises `PartFailed`."""
    array = np.asarray(values)
    if array.ndim != len(shape) or any(
        want is not None and want != has for want, has in zip(shape, array.shape, strict=True)
    ):
        raise PartFailed(f"{what} has the shape {array.shape}, not {shape}")
    if not np.issubdtype(array.dtype, np.number) or not np.isfinite(array.astype(np.float32)).all():
        raise PartFailed(f"{what} holds numbers that are none")
    out = array.astype(np.float32)
    if (low is not None and out.min(initial=low) < low) or (high is not None and out.max(initial=high) > high):
        raise PartFailed(f"{what} lies in [{out.min():.3g}, {out.max():.3g}], not in [{low}, {high}]")
    return out


def sigmoid(logits: Floats) -> Floats:
    """Logits as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60.0, 60.0))), np.float32)
