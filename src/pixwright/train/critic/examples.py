"""Changes whose right result is known: a cut-out comes, goes or is exchanged, a surface gets another colour, a picture another tone or background.

What is pasted is taken away exactly by showing the picture without it. `family` leaves a change right, and lets `corruptions` spoil it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.kind import Aspect, EditType

SIDE = 352
"""Side, in pixels, of the pictures of an example."""
_CROP = (0.45, 1.0)
"""Share of a photograph's shorter side that an example shows."""
_THING = (0.16, 0.75)
"""Longer side of a pasted thing, as a share of the picture's."""
_DRAWN_TO = (0.1, 0.6)
"""How far the brightness of a pasted thing is drawn to that of its ground."""
SPOILT = 2
"""Ways in which a change that is also left right is spoilt."""
_PLAIN = 6.0
"""Mean difference, of 255, that nobody overlooks: of a change from the old picture, and of a spoilt one from the right one."""
_SOLID = 127
GRAINY = 0.2
"""Share of the families whose grounds are grain all over, such as sand, gravel, felt or a photograph by little light: there, noise is no fault."""
_GRAIN, _GRAIN_SIZE = (5.0, 28.0), (0.0, 2.5)
"""Deviation of such grain in levels of 255, and the sigma of its spots in pixels."""
_GRAIN_COLOUR = (0.0, 0.8)
"""How much each channel's grain is its own."""
_FINEST = 0.3
"""Sigma below which a spot is one pixel."""
_TINY = 1e-6
_CALM = 24.0
"""Sigma, in pixels, to which the photograph below grain may be blurred: sand shows nothing but its grain."""


@dataclass(frozen=True, eq=False)
class PictureStock:
    """What examples are made of: photographs HxWx3, cut-outs HxWx4 of photographs, and (photograph, mask HxW of what stands out in it). `grainy`: grounds are grain."""

    pictures: Sequence[Array]
    cutouts: Sequence[Array]
    subjects: Sequence[tuple[Array, Array]]
    grainy: bool = False


@dataclass(frozen=True, eq=False)
class KnownChange:
    """Before and the right result HxWx3 uint8, and where (HxW uint8). `thing` is the outline of what comes, goes or changes; `spare` another picture of that size.

    `grainy`: all of it is grain, so that more of the same, or another piece of it, is no fault.
    """

    type: EditType
    before: Array
    after: Array
    mask: Array
    thing: Array
    spare: Array
    grainy: bool = False


@dataclass(frozen=True, eq=False)
class RatedChange:
    """One row: a change as it came out, whether it is to be accepted, whether its place is noise, and by what it was spoilt ("" where it was not)."""

    change: KnownChange
    accepted: bool
    broken: bool
    fault: str


Corruption = Callable[[KnownChange, np.random.Generator], KnownChange | None]
"""A change -> the same spoilt, or None where it cannot be spoilt in this way."""


def family(
    stock: PictureStock,
    rng: np.random.Generator,
    corruptions: dict[str, tuple[Corruption, float, bool]],
    spoilt: int = SPOILT,
) -> list[RatedChange]:
    """One change left right, and the same change spoilt in `spoilt` ways. `corruptions`: name -> how, how often, and whether it makes noise."""
    stock = replace(stock, grainy=bool(rng.random() < GRAINY))
    for _ in range(20):
        change = replace(pick(rng, _MAKERS)(stock, rng), grainy=stock.grainy)
        if np.count_nonzero(change.mask > _SOLID) < SIDE or _difference(change, change.before) < _PLAIN:
            continue
        if stock.grainy and change.type.traits.changes is Aspect.BACKGROUND:
            continue  # nobody asks for grain as a background
        made = [RatedChange(_imperfect(change, rng), True, False, "")]
        names = list(corruptions)
        shares = np.array([corruptions[name][1] for name in names])
        for name in map(str, rng.choice(names, len(names), replace=False, p=shares / shares.sum())):
            wrong = corruptions[name][0](change, rng)
            if wrong is not None and _difference(wrong := _outside_kept(wrong), change.after) >= _PLAIN:
                made.append(RatedChange(wrong, False, corruptions[name][2], name))
            if len(made) > spoilt:
                break
        return made
    raise RuntimeError("20 changes in a row came out empty")


def _difference(change: KnownChange, other: Array) -> float:
    """How far what came out is from another picture, inside the mask, of 255."""
    inside = change.mask > _SOLID
    return float(np.abs(change.after.astype(np.float32) - other)[inside].mean())


def _outside_kept(change: KnownChange) -> KnownChange:
    """As `edit.composite` promises: where the mask is 0 the picture is the old one."""
    return replace(change, after=_blended(change.before, change.after, change.mask.astype(np.float32) / 255))


def _imperfect(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """Small faults that nobody minds: a little grain, softness, a shade."""
    after = change.after.astype(np.float32)
    if rng.random() < 0.3:
        after = cv2.GaussianBlur(after, (0, 0), rng.uniform(0.3, 0.7))
    if rng.random() < 0.3:
        after += rng.normal(0, rng.uniform(0.5, 2), after.shape).astype(np.float32)
    if rng.random() < 0.3:
        after += np.float32(rng.uniform(-3, 3))
    return _outside_kept(replace(change, after=np.clip(after, 0, 255).astype(np.uint8)))


def _blended(before: Array, after: Array, share: NDArray[np.floating]) -> Array:
    weight = share[..., None]
    return np.asarray(np.rint(before * (1 - weight) + after * weight), np.uint8)


def ground(stock: PictureStock, rng: np.random.Generator) -> Array:
    """A square part of a photograph, SIDE pixels; of a grainy stock under grain."""
    part = _crop(rng, pick(rng, stock.pictures))[0]
    return _under_grain(part, rng) if stock.grainy else part


def _under_grain(picture: Array, rng: np.random.Generator) -> Array:
    """The picture, or no more than its light, under grain of one kind all over."""
    below = cv2.GaussianBlur(picture, (0, 0), _CALM) if rng.random() < 0.6 else picture
    noise = rng.standard_normal((*picture.shape[:2], 4)).astype(np.float32)
    size, own = rng.uniform(*_GRAIN_SIZE), rng.uniform(*_GRAIN_COLOUR)
    if size > _FINEST:
        noise = cv2.GaussianBlur(noise, (0, 0), size)
    spots = (1 - own) * noise[..., 3:] + own * noise[..., :3]
    grain = spots / max(float(spots.std()), _TINY) * rng.uniform(*_GRAIN)
    return np.clip(below + grain, 0, 255).astype(np.uint8)


def _crop(rng: np.random.Generator, *pictures: Array) -> list[Array]:
    height, width = pictures[0].shape[:2]
    side = max(32, int(min(height, width) * rng.uniform(*_CROP)))
    top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    flip = rng.random() < 0.5
    parts = [resized(np.ascontiguousarray(one[top : top + side, left : left + side]), SIDE, SIDE) for one in pictures]
    return [np.ascontiguousarray(part[:, ::-1]) if flip else part for part in parts]


def layer(
    stock: PictureStock, rng: np.random.Generator, middle: tuple[float, float] | None = None
) -> tuple[Array, Array]:
    """A cut-out somewhere in the frame, or about `middle` (row, column in pixels): its colours HxWx3 and its outline HxW uint8."""
    cutout = pick(rng, stock.cutouts)
    small = shrink(cutout, round(SIDE * rng.uniform(*_THING)))
    if rng.random() < 0.5:
        small = np.ascontiguousarray(small[:, ::-1])
    high, wide = small.shape[:2]
    y, x = int(rng.integers(0, SIDE - high + 1)), int(rng.integers(0, SIDE - wide + 1))
    if middle is not None:
        y, x = (int(np.clip(round(at - n / 2), 0, SIDE - n)) for at, n in zip(middle, (high, wide), strict=True))
    colours, alpha = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    colours[y : y + high, x : x + wide], alpha[y : y + high, x : x + wide] = small[..., :3], small[..., 3]
    return colours, alpha


def laid(below: Array, colours: Array, alpha: Array, drawn_to: float = 0.0) -> Array:
    """A layer on a picture, its brightness drawn to the ground's by a share."""
    inside = alpha > _SOLID
    if drawn_to and inside.any():
        own, around = (float(one[inside].mean()) for one in (colours, below))
        colours = np.clip(colours * (1 + drawn_to * (around / max(own, 1) - 1)), 0, 255).astype(np.uint8)
    return _blended(below, colours, alpha.astype(np.float32) / 255)


def _drawn(rng: np.random.Generator) -> float:
    return float(rng.uniform(*_DRAWN_TO))


def _grown(mask: Array, rng: np.random.Generator) -> Array:
    side = 2 * int(rng.integers(0, 7)) + 1
    return np.asarray(cv2.GaussianBlur(cv2.dilate(mask, np.ones((side, side), np.uint8)), (0, 0), 0.8), np.uint8)


def _added(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    before = ground(stock, rng)
    colours, thing = layer(stock, rng)
    return KnownChange(
        EditType.ADD, before, laid(before, colours, thing, _drawn(rng)), thing, thing, ground(stock, rng)
    )


def _removed(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    after = ground(stock, rng)
    colours, thing = layer(stock, rng)
    before = laid(after, colours, thing, _drawn(rng))
    return KnownChange(EditType.REMOVE, before, after, _grown(thing, rng), thing, ground(stock, rng))


def _replaced(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    below = ground(stock, rng)
    colours, old = layer(stock, rng)
    x, y, wide, tall = cv2.boundingRect(old)
    others, new = layer(stock, rng, (y + tall / 2, x + wide / 2))
    before, after = laid(below, colours, old, _drawn(rng)), laid(below, others, new, _drawn(rng))
    return KnownChange(EditType.REPLACE, before, after, np.maximum(_grown(old, rng), new), new, ground(stock, rng))


def _recoloured(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    if rng.random() < 0.6 and stock.subjects:
        before, thing = _crop(rng, *pick(rng, stock.subjects))
    else:
        below = ground(stock, rng)
        colours, thing = layer(stock, rng)
        before = laid(below, colours, thing, _drawn(rng))
    return KnownChange(EditType.COLOR_ALTER, before, _dyed(before, thing, rng), thing, thing, ground(stock, rng))


def _dyed(picture: Array, thing: Array, rng: np.random.Generator) -> Array:
    """The thing in another colour: lightness and detail stay."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    angle, chroma = rng.uniform(0, 2 * np.pi), rng.uniform(15, 60)
    keep = rng.uniform(0.2, 0.8)
    new = lab.copy()
    hue = np.array([np.cos(angle), np.sin(angle)], np.float32) * chroma * rng.uniform(0.6, 1)
    shade = np.clip(lab[..., :1] / 55, 0.2, 1.15)
    new[..., 1:] = (lab[..., 1:] - lab[..., 1:].mean((0, 1))) * keep + hue * shade
    new[..., 0] = np.clip(lab[..., 0] + rng.uniform(-12, 12), 0, 100)
    dyed = np.clip(cv2.cvtColor(new, cv2.COLOR_LAB2RGB) * 255, 0, 255)
    return _blended(picture, dyed.astype(np.uint8), thing.astype(np.float32) / 255)


def _toned(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    before = ground(stock, rng)
    light = before.astype(np.float32) / 255
    light = light ** rng.uniform(0.6, 1.7) * rng.uniform(0.85, 1.1, 3).astype(np.float32)
    grey = light.mean(2, keepdims=True)
    light = grey + (light - grey) * rng.uniform(0, 1.5)
    light = 0.5 + (light - 0.5) * rng.uniform(0.7, 1.3)
    after = np.clip(light * 255, 0, 255).astype(np.uint8)
    whole = np.full(before.shape[:2], 255, np.uint8)
    return KnownChange(EditType.TONE_TRANSFER, before, after, whole, whole, ground(stock, rng))


def _set_elsewhere(stock: PictureStock, rng: np.random.Generator) -> KnownChange:
    """Another background behind the same thing."""
    colours, thing = layer(stock, rng)
    before, after = (laid(ground(stock, rng), colours, thing) for _ in range(2))
    return KnownChange(EditType.BACKGROUND_CHANGE, before, after, 255 - thing, 255 - thing, ground(stock, rng))


_MAKERS: tuple[Callable[[PictureStock, np.random.Generator], KnownChange], ...] = (
    _added, _removed, _removed, _replaced, _recoloured, _recoloured, _toned, _set_elsewhere,
)  # fmt: skip
