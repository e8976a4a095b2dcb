"""Looks for what has no picture: a gallery of style vectors, each with the music that it stands for in words. A vector of music or words finds its own.

`recipes/looks.py` paints the gallery. Its words go through the aligned encoder that is at work, so it fits every encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.stylist import Style
from pixwright.errors import InvalidOption

Floats = NDArray[np.float32]

_NEAREST = 4
"""Looks that are mixed into one."""
_SHARP = 40.0
"""Inverse temperature of the mixture, in units of cosine: what lies 0.025 behind the nearest counts a third of it."""
_SPREAD = 0.03
"""How far, in cosine, another seed lets a look come forward: about what lies between the nearest ten."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """`keys` (N, W) unit vectors in the aligned space, `styles` (N, 100) of `encoders.stylist`, `words` what each stands for."""

    words: tuple[str, ...]
    styles: Floats
    keys: Floats

    def look(self, vector: Floats, seed: int = 0) -> tuple[Style, str]:
        """(style vector, words of the look that counts most) for a unit vector (W,). Seed 0 takes the nearest; every other seed is a variation among those near.

        Raises InvalidOption for a vector of another width.
        """
        if vector.shape != self.keys.shape[1:]:
            raise InvalidOption(f"a vector of shape {vector.shape}; the gallery's have {self.keys.shape[1:]}")
        alike = self.keys @ vector
        if seed:
            alike = alike + _SPREAD * np.random.default_rng([seed, len(alike)]).gumbel(size=len(alike))
        near = np.argsort(-alike)[:_NEAREST]
        weights = np.exp(_SHARP * (alike[near] - alike[near[0]]))
        mixed = (weights / weights.sum()) @ self.styles[near]
        return np.asarray(mixed, np.float32), self.words[int(near[0])]


def open_gallery(read: Callable[[list[str]], Floats]) -> Gallery:
    """The packaged looks, their words read by the aligned encoder's `text`: N words -> (N, W)."""
    words, styles = _packaged()
    once = list(dict.fromkeys(words))
    vectors = dict(zip(once, read(once), strict=True))
    return Gallery(words, styles, np.stack([vectors[one] for one in words]))


@cache
def _packaged() -> tuple[tuple[str, ...], Floats]:
    with files("pixwright.edit").joinpath("data/music_looks.npz").open("rb") as stream, np.load(stream) as held:
        return tuple(held["words"].tolist()), np.asarray(held["styles"], np.float32)
