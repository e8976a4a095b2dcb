"""Exposure and white balance: how far a photograph is off, measured on its own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 512
"""Longer side, in pixels, at which light is measured."""
_GAMMA = 2.2
_KEY = 0.14
"""Log-average of linear light that a photograph is brought to (Reinhard et al. 2002 call it the key; 0.18 there, and the median of 80 photographs here)."""
_BLACK = 0.004
"""Added to light before its logarithm."""
MOST_STOPS = 3.0
"""Stops that a photograph is brightened or darkened by at most."""
_ROOM, _PEAK = 1.5, 99.0
"""Stops by which the light at this percentile may be driven beyond white: the curve has a soft shoulder."""
LEAST_STOPS = 0.6
"""Stops below which a photograph counts as well exposed."""
_CLIPPED = 252
"""Level from which a sample holds no detail."""
_GREY_NORM = 6.0
"""Minkowski norm of "shades of grey" (Finlayson and Trezzi 2004)."""
_TOP = 0.03
"""Share of the brightest unclipped pixels that are taken for white."""
_AGREE = 5.0
"""Degrees between the estimates of a cast, up to which they agree."""
LEAST_CAST = 3.0
"""Degrees between the light and grey, from which it is a cast."""
_MOST_GAIN = 2.2
"""Largest gain of a channel."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Exposure:
    """`stops` that a photograph lacks (negative: has too many), and the share of its pixels that are clipped to white in all channels."""

    stops: float
    blown: float


def measure_exposure(picture: Array, mask: Array) -> Exposure:
    """The exposure of HxWx3 under `mask` (HxW uint8, > 127)."""
    pixels = _inside(picture, mask)
    light = np.asarray((pixels / 255) ** _GAMMA @ np.array([0.2126, 0.7152, 0.0722]), np.float64)
    stops = np.log2(_KEY / np.exp(np.log(light + _BLACK).mean()))
    room = -np.log2(max(float(np.percentile(light, _PEAK)), _BLACK)) + _ROOM
    blown = float((pixels >= _CLIPPED).all(axis=1).mean())
    return Exposure(float(np.clip(min(stops, room), -MOST_STOPS, MOST_STOPS)), blown)


@dataclass(frozen=True)
class Cast:
    """The light's colour: `gains` (red, green, blue) make it grey; `degrees` is how far it is from grey, and `apart` how far the estimates are from each other."""

    gains: tuple[float, float, float]
    degrees: float
    apart: float

    @property
    def sure(self) -> bool:
        """Whether the estimates agree."""
        return self.apart <= _AGREE


def measure_cast(picture: Array, mask: Array) -> Cast:
    """The colour of the light that falls on HxWx3 under `mask`, by what two ways of measuring it have in common.

    The brightest pixels that are not clipped are taken for white, and the differences between neighbours for grey on average (van de Weijer et al. 2007, "Edge-based color
    constancy"): a coloured thing fools the one or the other, a coloured light both.
    """
    small = shrink(picture, _SIDE)
    inside = shrink(mask, _SIDE) > 127
    linear = (small / 255.0) ** _GAMMA
    whole = (small < _CLIPPED).all(axis=2) & inside
    if whole.sum() < 100:
        return Cast((1.0, 1.0, 1.0), 0.0, 0.0)
    bright = linear[whole]
    order = np.argsort(bright.sum(axis=1))
    white = bright[order[-max(20, round(_TOP * len(order))) :]].mean(axis=0)
    steps = _steps(linear, whole)
    edges = (steps**_GREY_NORM).mean(axis=0) ** (1 / _GREY_NORM)
    a, b = (one / max(float(np.linalg.norm(one)), 1e-9) for one in (white, edges))
    light = a + b
    light /= np.linalg.norm(light)
    grey = np.full(3, 3**-0.5)
    gains = np.clip(light[1] / np.maximum(light, 1e-3), 1 / _MOST_GAIN, _MOST_GAIN)
    return Cast((float(gains[0]), float(gains[1]), float(gains[2])), _degrees(light, grey), _degrees(a, b))


def _steps(linear: Floats, whole: NDArray[np.bool_]) -> Floats:
    """Differences between neighbours, of pixels that are not clipped: Nx3."""
    down, across = np.abs(np.diff(linear, axis=0)), np.abs(np.diff(linear, axis=1))
    return np.concatenate([down[whole[1:] & whole[:-1]], across[whole[:, 1:] & whole[:, :-1]]])


def _degrees(a: Floats, b: Floats) -> float:
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def balanced(picture: Array, gains: tuple[float, float, float]) -> Array:
    """HxWx3 under a light with these gains, as bright as before."""
    linear = ((np.arange(256) / 255) ** _GAMMA)[:, None] * np.array(gains)
    # The brightness of the picture's mean colour stays.
    mean = ((shrink(picture, _SIDE).reshape(-1, 3) / 255.0) ** _GAMMA).mean(axis=0)
    weights = np.array([0.2126, 0.7152, 0.0722])
    linear *= float(weights @ mean) / max(float(weights @ (mean * np.array(gains))), 1e-6)
    table = np.rint(255 * np.clip(linear, 0, 1) ** (1 / _GAMMA)).astype(np.uint8)
    return np.stack([table[picture[..., k], k] for k in range(3)], axis=-1)


def _inside(picture: Array, mask: Array) -> Array:
    """The pixels under the mask, Nx3, at the size of measuring; all of them where there are none."""
    small, inside = shrink(picture, _SIDE), shrink(mask, _SIDE) > 127
    pixels: Array = small[inside] if inside.any() else small.reshape(-1, 3)
    return pixels
