"""The contract of a canonical picture: one picture that a whole shot is carried over from, and where each frame lies in it (CoDeF: Ouyang et al. 2023; InstructEdit's paper, section 4.7).

By default the canonical picture is the key frame, and the places are what following finds. Another way, such as a deformation field that is trained for the shot, is a
function of the kind `Canonicalise`; what comes of it is edited as a picture and carried by the same carriers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.motion import Floats, grid, sampled
from pixwright.records.instruction import Array


@dataclass(frozen=True, eq=False)
class Canonical:
    """A shot as one picture."""

    picture: Array
    """hxwx3 uint8; it may be larger than a frame, so that a camera that pans has room."""
    places: Sequence[Floats]
    """For each frame HxWx2: where each of its pixels lies in the picture (x, y), -1 where it does not."""

    def rebuilt(self, frame: int) -> Array:
        """The frame as the picture shows it, HxWx3; black where it does not."""
        place = self.places[frame]
        shown = np.asarray(sampled(self.picture, place), np.uint8)
        inside = np.asarray((place >= 0).all(axis=2), np.bool_)
        return np.where(inside[..., None], shown, np.uint8(0))


class Canonicalise(Protocol):
    """Makes a canonical picture of a shot."""

    def __call__(self, frames: Sequence[Array], masks: Sequence[Array], flows: Sequence[Floats]) -> Canonical:
        """`frames` HxWx3 uint8, `masks` HxW uint8 of what is edited, `flows` HxWx2 from each frame but the first back to the one before."""
        ...


def checked(canonical: Canonical, frames: Sequence[Array]) -> Canonical:
    """The same. Raises InvalidOption where it does not fit the frames."""
    height, width = frames[0].shape[:2]
    if len(canonical.places) != len(frames) or any(one.shape != (height, width, 2) for one in canonical.places):
        raise InvalidOption(
            f"a canonical picture of {len(canonical.places)} frames was made of {len(frames)}; each needs a place HxWx2"
        )
    if canonical.picture.dtype != np.uint8 or canonical.picture.ndim != 3:
        raise InvalidOption("a canonical picture is hxwx3 uint8")
    return canonical


def of_key_frame(frames: Sequence[Array], key: int, places: Sequence[Floats]) -> Canonical:
    """The key frame as the canonical picture: what following finds, in the same form."""
    return checked(Canonical(frames[key], places), frames)


def unmoved(frame: Array) -> Floats:
    """The place of a frame that is the canonical picture itself: HxWx2."""
    return grid(*frame.shape[:2])
