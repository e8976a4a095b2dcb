"""Edits whose right result is known: a photograph is spoilt, the classical tools mend it, and the photograph is the truth.

What is laid into a photograph goes again (fill), what was cut out of it comes back (harmonise), its light, a shadow, rain or snow are taken back. Weather, materials and colours
that are put on have no such truth: nobody photographed them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np
import torch

from pixwright.build.chance import pick
from pixwright.edit.filling.fill import fill_softly
from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.painting.weather import drops, flakes
from pixwright.edit.placing.harmonise import paste
from pixwright.edit.placing.place import Spot
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.retouch.exposing import LEAST_CAST, LEAST_STOPS, balanced, lit, measure_cast, measure_exposure
from pixwright.edit.retouch.falling import find_rain, find_snow, rains, snows, without_rain, without_snow
from pixwright.edit.retouch.relighting import relit
from pixwright.edit.toning.lut import expose, map_colours
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.train.harmoniser.fit import change
from pixwright.train.harmoniser.samples import Standing

Rng: TypeAlias = np.random.Generator

_FAINT, _RIM, _SHADED = 12, 0.04, 24
"""Alpha from which a thing is seen, the rim that goes with it as a share of its size, and the level of a soft mask from which a pixel lies in a shadow."""
_LAID = (0.12, 0.45)
"""Longer side of what is laid into a photograph, as a share of the photograph's shorter."""
_OTHER_LIGHT, _SPOILT_LIGHT = 0.8, 0.9
"""How strongly the light of a thing, and that of a whole photograph, is changed."""
_AS_IT_WAS = 0.3
"""Share of the things that come back in their own light."""
_SHADE, _SOFT, _BLUER = (0.35, 1.1), (0.02, 0.08), 0.15
"""A shadow's depth in log levels, its border's sigma over its size, and how much less of it blue loses."""
_FLATTER = (0.3, 1.0)
"""Height of a shadow over that of the outline that throws it."""
_UNIT = 512.0
"""Pixels of a picture at which rain and snow are drawn in their own size."""
_AMOUNT, _SLANT, _VEIL = (0.6, 1.2), 25.0, 225.0
"""How much falls, the most degrees at which rain falls, and the level of what falls."""


@dataclass(frozen=True, eq=False)
class Reversal:
    """`before` is what the classical tools were given, `made` what they made, `truth` the photograph, HxWx3 uint8 each; `mask` HxW uint8: how much of each pixel they made."""

    before: Array
    made: Array
    truth: Array
    mask: Array


@dataclass(frozen=True, eq=False)
class Removable:
    """A thing of a photograph that can be taken out of it: the photograph HxWx3 uint8, and what `harmoniser.samples.standing` found there."""

    picture: Array
    thing: Standing

    @cached_property
    def hole(self) -> Array:
        """HxW uint8: the thing, its rim, and the shadow that is found beside it."""
        mask = np.zeros(self.picture.shape[:2], np.uint8)
        x0, y0, x1, y1 = self.thing.box
        mask[y0:y1, x0:x1] = self.thing.pixels[..., 3]
        shadow = cast_shadow(self.picture, mask)[0]
        return np.maximum(_rimmed(mask), np.where(shadow > _SHADED, 255, 0).astype(np.uint8))

    @cached_property
    def ground(self) -> Array:
        """The photograph without it, HxWx3 uint8, as the classical tools fill it; the same every time."""
        return _filled(self.picture, self.hole, np.random.default_rng(0))[0]


@dataclass(frozen=True, eq=False)
class ReversalStock:
    """What reversals are made of: photographs HxWx3 uint8, and things of them."""

    pictures: Sequence[Array]
    things: Sequence[Removable]


def _rimmed(alpha: Array) -> Array:
    reach = 2 * max(2, round(_RIM * max(cv2.boundingRect(alpha)[2:]))) + 1
    return np.asarray(cv2.dilate(np.where(alpha > _FAINT, 255, 0).astype(np.uint8), np.ones((reach, reach), np.uint8)))


def _filled(picture: Array, hole: Array, rng: Rng) -> tuple[Array, Array]:
    """The picture without what is in the hole, and how much of each pixel is new."""
    new, weight = fill_softly(picture, hole, rng=rng)
    share = weight[..., None].astype(np.float32) / 255
    return np.rint(picture * (1 - share) + new * share).astype(np.uint8), weight


def _layer(picture: Array, stock: ReversalStock, rng: Rng, flatter: float = 1.0) -> Array:
    """Another photograph's thing somewhere in the frame of this one, HxWx4 uint8. `flatter`: a factor on its height."""
    height, width = picture.shape[:2]
    pixels = pick(rng, stock.things).thing.pixels
    scale = min(height, width) * rng.uniform(*_LAID) / max(pixels.shape[:2])
    tall, wide = (max(8, round(n * scale * by)) for n, by in zip(pixels.shape[:2], (flatter, 1.0), strict=True))
    y, x = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
    layer = np.zeros((height, width, 4), np.uint8)
    layer[y : y + tall, x : x + wide] = resized(pixels, tall, wide, cv2.INTER_LINEAR)
    return layer


def _in_another_light(pixels: Array, strength: float, rng: Rng) -> Array:
    """HxWx3 uint8 by a change of `harmoniser.fit.change`."""
    by = change(1, strength, torch.Generator().manual_seed(int(rng.integers(2**31))))
    x = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
    return np.asarray((by(x)[0].permute(1, 2, 0) * 255).round().byte().numpy(), np.uint8)


def fill(stock: ReversalStock, rng: Rng) -> Reversal | None:
    """What was laid into a photograph is taken away."""
    truth = pick(rng, stock.pictures)
    layer = _layer(truth, stock, rng)
    alpha = layer[..., 3:].astype(np.float32) / 255
    before = np.rint(truth * (1 - alpha) + layer[..., :3] * alpha).astype(np.uint8)
    made, weight = _filled(before, _rimmed(layer[..., 3]), rng)
    return Reversal(before, made, truth, weight)


def harmonise(stock: ReversalStock, rng: Rng) -> Reversal | None:
    """A thing was taken out of its photograph and comes back in another light; the truth has its own light, and its shadow."""
    one = pick(rng, stock.things)
    pixels = one.thing.pixels
    if rng.random() >= _AS_IT_WAS:
        pixels = np.dstack([_in_another_light(pixels[..., :3], _OTHER_LIGHT, rng), pixels[..., 3]])
    stands = one.thing.box[3] < one.picture.shape[0] - 1
    made, touched = paste(one.ground, Cutout("thing", pixels), Spot(one.thing.box, stands), rng)
    return Reversal(one.ground, made, one.picture, np.maximum(touched, one.hole))


def relight(stock: ReversalStock, rng: Rng) -> Reversal | None:
    """A photograph gets another light, and exposure and white balance are mended; None where neither is measured to be off."""
    truth = pick(rng, stock.pictures)
    before = _in_another_light(truth, _SPOILT_LIGHT, rng)
    made, everywhere = before, np.full(truth.shape[:2], 255, np.uint8)
    stops = measure_exposure(before, everywhere).stops
    if abs(stops) >= LEAST_STOPS:
        made = lit(before, stops) if stops > 0 else map_colours(before, lambda colours: expose(colours, stops))
    cast = measure_cast(made, everywhere)
    if cast.sure and cast.degrees >= LEAST_CAST:
        made = balanced(made, cast.gains)
    return None if made is before else Reversal(before, made, truth, everywhere)


def shadow(stock: ReversalStock, rng: Rng) -> Reversal | None:
    """A shadow falls on a photograph, and its ground is lit again; None where it is not told from a dark ground."""
    truth = pick(rng, stock.pictures)
    outline = _layer(truth, stock, rng, rng.uniform(*_FLATTER))[..., 3]
    sigma = rng.uniform(*_SOFT) * max(cv2.boundingRect(outline)[2:])
    soft = cv2.GaussianBlur(outline, (0, 0), max(sigma, 1.0)).astype(np.float32)[..., None] / 255
    depth = np.array([1.0, 1.0, 1 - _BLUER], np.float32) * np.float32(rng.uniform(*_SHADE))
    before = np.rint(truth * np.exp(-soft * depth)).astype(np.uint8)
    made = relit(before, _rimmed(outline))
    return None if made.why else Reversal(before, made.picture, truth, made.mask)


def weather(stock: ReversalStock, rng: Rng) -> Reversal | None:
    """Rain or snow falls before a photograph, and is taken away; None where it is not told from what the photograph shows."""
    truth = pick(rng, stock.pictures)
    (high, wide), amount = truth.shape[:2], float(rng.uniform(*_AMOUNT))
    unit = max(high, wide) / _UNIT
    if rng.random() < 1 / 2:
        falls = drops(high, wide, unit, amount, rng.uniform(-_SLANT, _SLANT), rng)
        find, seen, clear = find_rain, rains, without_rain
    else:
        falls = flakes(high, wide, unit, amount, rng)
        find, seen, clear = find_snow, snows, without_snow
    before = np.rint(truth + (np.maximum(_VEIL, truth) - truth) * falls[..., None]).astype(np.uint8)
    found = find(before)
    if not seen(found):
        return None
    made, mask = clear(before, found)
    return Reversal(before, made, truth, mask)


MAKERS: dict[str, Callable[[ReversalStock, Rng], Reversal | None]] = {
    "fill": fill,
    "harmonise": harmonise,
    "relight": relight,
    "shadow": shadow,
    "weather": weather,
}
"""What is learnt, by name; the order is that of the network's tasks."""
