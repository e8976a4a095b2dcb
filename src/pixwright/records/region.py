"""Region: where a phrase is in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Box: TypeAlias = tuple[int, int, int, int]
"""XYXY in pixels; x1 and y1 are exclusive."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What other steps change together with this one, in the same picture: HxW uint8 each, the share of each pixel that is theirs."""

    before: Array
    """Of the steps before this one."""
    after: Array
    """Of those after it: their new surface is laid over this one's."""


Source: TypeAlias = Literal["phrase", "user", "whole", "none"]


@dataclass(frozen=True, eq=False)
class Region:
    """A soft mask with its instances.

    `mask` is HxW uint8, 255 = edit, values between are soft edges. `labels` is HxW uint8: 0 outside, i for the instance of
    `boxes[i - 1]`. `score` in [0, 1] is how sure the grounder is; below its threshold it abstains: `found` is False and the mask is
    empty. `source` says who drew it: a phrase, the user, the whole picture, or none.
    """

    mask: Array
    boxes: tuple[Box, ...]
    score: float
    phrase: str
    source: Source = "phrase"
    labels: Array | None = None
    note: str = ""
    """Why the grounder abstained, or what it was unsure of; one line."""
    guess: bool = False
    """Nothing in the picture is known by the phrase's noun: the one thing that stands out was taken. A surface of it is at most `partly` done, and it is not taken away or moved."""

    by: str = ""
    """The pulled network that found it: `score` is then that network's own and not calibrated; empty for the embedded grounder."""
    exact: bool = False
    """All of the mask is meant: what of the thing a colour or a material is said of was decided before."""
    outlined: bool = False
    """The user pointed at it and a network drew its outline, which forgets a rim as that of a phrase does; a mask that the user drew is meant as it is drawn, unless the user says that it is no limit."""
    beside: Beside | None = None
    """What is changed together with it, where something is: no ground lies between them."""

    @property
    def found(self) -> bool:
        """Whether there is anything to edit."""
        return bool(self.boxes) and bool(self.mask.any())

    def instance(self, index: int) -> Array:
        """The mask of instance `index` (0-based): HxW uint8."""
        if self.labels is None:
            x0, y0, x1, y1 = self.boxes[index]
            only = np.zeros_like(self.mask)
            only[y0:y1, x0:x1] = self.mask[y0:y1, x0:x1]
            return only
        return np.where(self.labels == index + 1, self.mask, 0).astype(np.uint8)


def box_of(mask: Array | NDArray[np.bool_]) -> Box:
    """The tight box of what is not 0 in a mask HxW, of which something must be."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def box_in(mask: Array | NDArray[np.bool_]) -> Box | None:
    """The same, or None where nothing is."""
    return box_of(mask) if mask.any() else None


def whole(height: int, width: int) -> Region:
    """The explicit region of an edit that is meant for the whole picture."""
    return Region(
        np.full((height, width), 255, np.uint8),
        ((0, 0, width, height),),
        1.0,
        "",
        "whole",
        np.ones((height, width), np.uint8),
    )
