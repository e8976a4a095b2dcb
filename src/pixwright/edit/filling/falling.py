"""Light that falls off along a ground: it is taken out before patches are copied, and put back on what they fill, so that a bright patch is not laid where it is dim."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.filling.copying import STRIP, stretched
from pixwright.edit.filling.plate import beside, reduced, surface_terms
from pixwright.edit.filling.synthesis import Bools, Floats
from pixwright.records.instruction import Array

_FLOOR = 16.0
"""Levels added to both sides of a ratio of light, so that black stays black."""
_LEAST, _EXPLAINED = 6.0, 0.3
"""Spread in levels from which light falls off, and the least share of the ground's variance that a smooth surface explains."""
_FEW = 200
"""Pixels, at the reduced size, that a surface needs."""
_SEEN, _ROUNDS, _OFF = (0.02, 0.98), 3, 2.5
"""Quantiles of the surface beside the hole, which it keeps to in it; how often it is fitted again without what is off it, and by how many deviations that is."""


@dataclass(frozen=True, eq=False)
class LightFall:
    """`light` hxwx3: the smooth light of a ground, at a reduced size; `usual` (3,): its mean."""

    light: Floats
    usual: Floats

    def evened(self, picture: Array) -> Array:
        """`picture` HxWx3 uint8 in its usual light."""
        return self._times(picture, away=True)

    def lit(self, picture: Array) -> Array:
        """The opposite."""
        return self._times(picture, away=False)

    def _times(self, picture: Array, away: bool) -> Array:
        height, width = picture.shape[:2]
        result = np.empty_like(picture)
        usual = self.usual + _FLOOR
        for top in range(0, height, STRIP):
            bottom = min(top + STRIP, height)
            light = stretched(self.light, top, bottom, height, width) + _FLOOR
            ratio = usual / light if away else light / usual
            result[top:bottom] = np.clip((picture[top:bottom] + _FLOOR) * ratio - _FLOOR + 0.5, 0, 255).astype(np.uint8)
        return result


def falling(picture: Array, hole: Bools, known: Bools) -> LightFall | None:
    """How light falls off over the ground of `picture` HxWx3 uint8 that is `known` (HxW) beside a hole, as a plane; None where it does not."""
    small, seen, inner = reduced(picture, hole, known)
    if np.count_nonzero(seen) < _FEW or not (beside(inner) & seen).any():
        return None
    terms = surface_terms(seen.shape)[..., :3]
    kept, light = seen, small
    for _ in range(_ROUNDS):
        weights, *_ = np.linalg.lstsq(terms[kept], small[kept], rcond=None)
        light = np.asarray(terms @ weights, np.float32)
        off = np.abs(small - light).mean(axis=2)
        again = seen & (off <= _OFF * max(1.0, float(off[kept].std()) + float(off[kept].mean())))
        if np.count_nonzero(again) < _FEW:
            break
        kept = again
    low, high = np.quantile(light[beside(inner) & seen], _SEEN, axis=0)
    light = np.where(inner[..., None], np.clip(light, low, high), light).astype(np.float32)
    spread = float(light[kept | inner].mean(axis=1).std())
    whole = float(small[kept].mean(axis=1).var())
    if spread < _LEAST or float(light[kept].mean(axis=1).var()) < _EXPLAINED * whole:
        return None
    return LightFall(cv2.max(light, 0), np.asarray(light[kept].mean(axis=0), np.float32))
