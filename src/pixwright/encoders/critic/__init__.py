"""The critic: a change, before and after -> how likely a stranger is to accept it as done, and whether its place is noise or a broken texture.

A small head on the packaged picture network's features (`features`), trained by `recipes.train.critic` on edits that are exact and on corrupted ones. Numpy, no torch. The
judge hears it as one more witness (`judge.witnesses.stranger`): it can take trust away, and it orders results that nobody else tells apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pixwright.encoders.critic.features import GRID, MID, PARTS, Floats, SeenChange, look
from pixwright.encoders.heads import UNREADABLE, gelu, linear, unpack
from pixwright.encoders.picture import PictureEncoder
from pixwright.errors import WeightsCorrupt
from pixwright.records.instruction import Array
from pixwright.records.kind import Traits
from pixwright.weights.store import path

__all__ = ["Critic", "Opinion", "kinds_of"]

WEIGHTS = "critic"
"""Their name in the registry."""
KINDS = ("surface", "brings", "takes", "whole")
"""What a change can be, as the head is told: a surface's look, something that comes, something that goes, the look of the whole picture."""


def kinds_of(traits: Traits) -> Floats:
    """(len(KINDS),) 0 or 1, from the edit type's traits."""
    takes = traits.redraws and not traits.whole_look and not traits.reframes
    return np.array([traits.surface, traits.brings, takes, traits.whole_look], np.float32)


@dataclass(frozen=True)
class Opinion:
    """Probabilities."""

    accepted: float
    """That a stranger accepts the change as done."""
    broken: float
    """That its place is noise or a broken texture."""


@dataclass(frozen=True, eq=False)
class Critic:
    """Stateless: may be used from several threads."""

    tensors: Mapping[str, Floats]

    @classmethod
    def load(cls) -> Critic:
        """The packaged head. Raises `WeightsMissing` or `WeightsCorrupt`."""
        where = path(WEIGHTS)
        try:
            with np.load(where) as stored:
                made = cls(unpack({name: stored[name] for name in stored.files}))
            count = len(made.tensors["pixels.mean"])
            made.opinion(
                SeenChange(*(np.zeros(shape, np.float32) for shape in ((PARTS, GRID), (2 * PARTS, MID), (count,)))),
                np.zeros(len(KINDS), np.float32),
            )
        except UNREADABLE as problem:
            raise WeightsCorrupt(f"{where} is no critic ({problem}); reinstall pixwright") from problem
        return made

    def __call__(self, before: Array, after: Array, mask: Array, traits: Traits, encoder: PictureEncoder) -> Opinion:
        """before, after HxWx3 uint8 sRGB of one size; mask HxW uint8, 255 = changed; the traits of the edit's type."""
        return self.opinion(look(before, after, mask, encoder), kinds_of(traits))

    def opinion(self, seen: SeenChange, kinds: Floats) -> Opinion:
        """What is seen, and the kinds (len(KINDS),) -> the opinion."""
        t = self.tensors
        grid = linear(self.tensors, "grid", np.log1p(seen.grid))
        mid = linear(self.tensors, "mid", np.sign(seen.mid) * np.log1p(np.abs(seen.mid)))
        pixels = (seen.pixels - t["pixels.mean"]) / t["pixels.spread"]
        # The differences from before to after do not care for the sign of a direction.
        moved = np.concatenate([np.abs(grid[1] - grid[0]), np.abs(mid[1] - mid[0])])
        x = np.concatenate([grid.ravel(), mid.ravel(), moved, np.clip(pixels, -PIXELS_MOST, PIXELS_MOST), kinds])[None]
        for name in ("first", "second"):
            x = gelu(linear(self.tensors, name, np.asarray(x, np.float32)))
        accepted, broken = 1 / (1 + np.exp(-linear(self.tensors, "out", x)[0].astype(np.float64) / CALM))
        return Opinion(float(accepted), float(broken))


PIXELS_MOST = 6.0
"""Deviations at which a statistic is held."""
CALM = 3.0
"""What the log-odds are divided by. The head saw few rows and is too sure of itself; two bad results shall still differ."""
