"""A thing's own two tones: where it is the lighter of the two, and where the darker, so that two colours can take their places and the pattern stays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import to_lab
from pixwright.edit.toning.lut import smoothstep
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

Floats = NDArray[np.float32]

_SIDE, _SOLID, _FEWEST = 480, 200, 200
"""Longer side, in pixels, at which the two are told; a pixel of the shrunk mask above it lies wholly inside; and pixels without which there is nothing to tell."""
_WIDE = 0.35
"""Sigma of the slow light that is taken out, over the square root of the thing's area: the shaded side of a ball is no second tone."""
_APART, _PARTED = 14.0, 0.62
"""Distance of the two tones in CIE Lab, at least, and share of all the thing's variance that lies between them."""
_LEAST = 0.08
"""Share of the thing that the smaller of the two has, at least."""
_SOFT = 0.2
"""Half of the width over which one goes over into the other, of their distance."""
_ROUNDS = 12
"""Rounds in which two means are looked for."""


def two_parts(pixels: Array, mask: Array) -> Floats | None:
    """HxW in [0, 1]: how far each pixel of HxWx3 is of the lighter of the two tones that the thing under `mask` (HxW uint8) has; None where it has one.

    They differ in lightness, as stripes on a fish do, or in colour, as two fields of a flag; which of the two parts the thing better counts.
    """
    small, inside = shrink(pixels, _SIDE), shrink(mask, _SIDE) > _SOLID
    if inside.sum() < _FEWEST:
        return None
    colours = to_lab(small)
    ways = [way for way in (_by_light(colours, inside), _by_colour(colours, inside)) if way is not None]
    if not ways:
        return None
    _, axis, middle, apart, flat = max(ways, key=lambda way: way[0])
    full = to_lab(pixels)
    light = full @ axis
    if flat:
        wide = _WIDE * float(np.sqrt(inside.sum()))
        slow = _slow(colours[..., 0], inside, wide)
        light = light - cv2.resize(slow, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_LINEAR)
    return smoothstep(middle - _SOFT * apart, middle + _SOFT * apart, np.asarray(light, np.float32))


Way = tuple[float, Floats, float, float, bool]
"""How well it parts; the axis in CIE Lab that tells the lighter, its middle, the distance of the two on it; and whether the slow light is taken out."""


def _by_light(colours: Floats, inside: NDArray[np.bool_]) -> Way | None:
    wide = _WIDE * float(np.sqrt(inside.sum()))
    values = (colours[..., 0] - _slow(colours[..., 0], inside, wide))[inside]
    return _parted(values[:, None], np.array([[1.0, 0.0, 0.0]], np.float32), flat=True)


def _by_colour(colours: Floats, inside: NDArray[np.bool_]) -> Way | None:
    values = colours[inside]
    return _parted(values[:, 1:], np.array([[0, 1, 0], [0, 0, 1]], np.float32), flat=False, light=values[:, 0])


def _parted(values: Floats, axes: Floats, *, flat: bool, light: Floats | None = None) -> Way | None:
    """Two means of NxK values; None where they are no two."""
    along = values @ np.linalg.svd(values - values.mean(0), full_matrices=False)[2][0]
    upper = along > along.mean()
    for _ in range(_ROUNDS):
        if not _LEAST <= upper.mean() <= 1 - _LEAST:
            return None
        means = values[~upper].mean(0), values[upper].mean(0)
        upper = ((values - means[1]) ** 2).sum(1) < ((values - means[0]) ** 2).sum(1)
    share = float(upper.mean())
    step = means[1] - means[0]
    apart = float(np.linalg.norm(step))
    total = float(values.var(0).sum())
    parts = share * (1 - share) * apart**2 / max(total, 1e-6)
    if apart < _APART or parts < _PARTED or not _LEAST <= share <= 1 - _LEAST:
        return None
    own = values[:, 0] if light is None else light
    sign = 1.0 if own[upper].mean() >= own[~upper].mean() else -1.0
    axis = np.asarray(sign * (step / apart) @ axes, np.float32)
    middle = sign * float((means[0] + means[1]) @ step) / (2 * apart)
    return parts, axis, middle, apart, flat


def _slow(light: Floats, inside: NDArray[np.bool_], wide: float) -> Floats:
    """The slow light of a thing, HxW: the mean about each pixel of what is its own."""
    weight = inside.astype(np.float32)
    about = np.maximum(cv2.GaussianBlur(weight, (0, 0), wide), 1e-3)
    return np.asarray(cv2.GaussianBlur(light * weight, (0, 0), wide) / about, np.float32)
