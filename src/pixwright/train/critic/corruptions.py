"""The ways in which a change goes wrong, each for itself and whatever is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.records.instruction import Array
from pixwright.records.kind import Aspect, EditType
from pixwright.train.critic import textures
from pixwright.train.critic.examples import Corruption, KnownChange

_SOLID = 127
_SHIFT = (0.25, 0.9)
"""How far a wrong region lies from the right one, as a share of its box."""
_CUT = (0.3, 0.7)
"""Share of a thing at which it is cut."""
_SMEAR = (4.0, 14.0)
"""Sigma, in pixels, of a smear."""
_STEP = (9.0, 40.0)
"""Difference in brightness, of 255, that makes a patch."""
_OPAQUE = (0.35, 1.0)
"""How much of a texture covers what is below."""


def _box(mask: Array) -> tuple[int, int, int, int]:
    x, y, wide, tall = cv2.boundingRect((mask > _SOLID).astype(np.uint8))
    return int(x), int(y), int(wide), int(tall)


def _filled(change: KnownChange, paint: NDArray[Any], opaque: float = 1.0) -> KnownChange:
    share = (change.mask.astype(np.float32) / 255 * opaque)[..., None]
    after = change.after * (1 - share) + np.asarray(paint, np.float32) * share
    return replace(change, after=np.clip(after, 0, 255).astype(np.uint8))


def painted_noise(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """A random network's texture, often of the right colour, in the place."""
    height, width = change.mask.shape
    paint = pick(rng, textures.PAINTED)(height, width, rng)
    like = change.after if rng.random() < 0.5 else change.before
    if rng.random() < 0.6:
        paint = textures.matched(paint, like, change.mask > _SOLID)
    return _filled(change, paint, rng.uniform(*_OPAQUE))


def shuffled(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """The place's own patches in another order."""
    if change.grainy:
        return None  # grain in another order is the same grain
    return _filled(change, textures.shuffled(change.after if rng.random() < 0.5 else change.before, rng))


def grain(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """The right result, or the old picture, under strong noise."""
    if change.grainy:
        return None
    return _filled(change, textures.grainy(change.after if rng.random() < 0.6 else change.before, rng))


def nothing(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """The old picture, or nearly."""
    share = 0.0 if rng.random() < 0.5 else rng.uniform(0, 0.12)
    after = change.before * (1 - share) + change.after * share
    return replace(change, after=np.rint(after).astype(np.uint8))


def smeared(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """A blur in the place: of the right result, of the old picture, or diffused from around."""
    way = int(rng.integers(3))
    if way == 2:
        small = cv2.resize(change.before, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        hole = cv2.resize((change.mask > 0).astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        if hole.all():
            way = 0
        else:
            return _filled(change, cv2.resize(cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA), change.mask.shape[::-1]))
    return _filled(change, cv2.GaussianBlur((change.after, change.before)[way], (0, 0), rng.uniform(*_SMEAR)))


def elsewhere(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """The change is made in another place than the thing's: its outline is shifted or of another size."""
    if change.type.traits.whole_look or change.type.traits.brings:
        return None
    if change.grainy and change.type is EditType.REMOVE:
        return None  # another piece of the same grain
    x, y, wide, tall = _box(change.mask)
    dx, dy = (int(rng.choice([-1, 1]) * rng.uniform(*_SHIFT) * side) for side in (wide, tall))
    scale = rng.uniform(0.6, 1.3)
    middle = (x + wide / 2, y + tall / 2)
    moved = cv2.warpAffine(
        change.mask,
        np.array([[scale, 0, middle[0] * (1 - scale) + dx], [0, scale, middle[1] * (1 - scale) + dy]]),
        change.mask.shape[::-1],
    )
    if np.count_nonzero(moved > _SOLID) < change.mask.shape[0]:
        return None
    if change.type is EditType.REMOVE:
        paint = np.roll(change.before, int(rng.integers(20, 80)), int(rng.integers(2)))
    else:
        # The right colours, taken over the whole frame, and shown where the thing is not.
        inside = change.thing > _SOLID
        offset = change.after[inside].astype(np.float32).mean(0) - change.before[inside].astype(np.float32).mean(0)
        paint = np.clip(change.before + offset, 0, 255)
    return _filled(replace(change, after=change.before, mask=moved), paint)


def half(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """Only a part of it was done; the rest is as before."""
    if change.type.traits.whole_look:
        return None
    x, y, wide, tall = _box(change.mask)
    rows, columns = np.mgrid[: change.mask.shape[0], : change.mask.shape[1]]
    angle = rng.uniform(0, 2 * np.pi)
    along = (columns - x - wide / 2) * np.cos(angle) / max(wide, 1) + (rows - y - tall / 2) * np.sin(angle) / max(
        tall, 1
    )
    done = along > rng.uniform(*_CUT) - 0.5
    after = np.where(done[..., None], change.after, change.before)
    mask = np.where(done, change.mask, 0).astype(np.uint8) if rng.random() < 0.6 else change.mask
    return replace(change, after=after, mask=mask) if np.count_nonzero(mask > _SOLID) > mask.shape[0] else None


def patch(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """A piece of another picture, or of another part of this one, with the mask's hard outline."""
    if change.type.traits.changes is Aspect.BACKGROUND or change.grainy:
        return None  # another picture is what was asked for; another piece of grain is as good
    source = (
        change.spare
        if rng.random() < 0.5
        else np.roll(change.before, (int(rng.integers(40, 200)), int(rng.integers(40, 200))), (0, 1))
    )
    hard = np.where(change.mask > _SOLID, 255, 0).astype(np.uint8)
    return _filled(replace(change, mask=hard), source)


def seam(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """The right result, brighter, darker or tinted as a whole inside of a hard outline."""
    if change.type.traits.whole_look or change.type.traits.surface:
        return None  # a tint of the whole is no fault
    hard = np.where(change.mask > _SOLID, 255, 0).astype(np.uint8)
    step = rng.choice([-1, 1]) * rng.uniform(*_STEP) * np.where(rng.random(3) < 0.7, 1, rng.uniform(-0.5, 0.5, 3))
    return _filled(replace(change, mask=hard), np.clip(change.after + step, 0, 255))


def rectangle(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """What came brings its own background along."""
    if not change.type.traits.brings:
        return None
    x, y, wide, tall = _box(change.thing)
    box = np.zeros_like(change.mask)
    box[y : y + tall, x : x + wide] = 255
    share = (change.thing.astype(np.float32) / 255)[..., None]
    paint = change.after * share + change.spare * (1 - share)
    return _filled(
        replace(change, mask=np.maximum(change.mask, box)), np.where(box[..., None] > 0, paint, change.after)
    )


def holes(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """What came, or was coloured, has holes or is in pieces."""
    if change.type.traits.whole_look:
        return None
    height, width = change.mask.shape
    cells = int(rng.integers(5, 14))
    field = cv2.resize(
        rng.standard_normal((cells, cells)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    kept = field < rng.uniform(-0.4, 0.6)
    return replace(change, after=np.where(kept[..., None], change.after, change.before))


def flat(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """One colour, with little or nothing of the detail."""
    inside = change.mask > _SOLID
    colour = change.after[inside].astype(np.float32).mean(0) if rng.random() < 0.6 else rng.uniform(20, 235, 3)
    return _filled(change, np.broadcast_to(colour, change.after.shape), rng.uniform(0.8, 1.0))


def garish(change: KnownChange, rng: np.random.Generator) -> KnownChange:
    """Colours and contrasts that burn out: clipped, in few steps, or of no light."""
    after = change.after.astype(np.float32)
    if rng.random() < 0.5:
        steps = int(rng.integers(2, 5))
        after = np.asarray(np.rint(after / 255 * steps) / steps * 255, np.float32)
    else:
        grey = after.mean(2, keepdims=True)
        vivid = grey + (after - grey) * rng.uniform(2.5, 5)
        after = np.asarray(128 + (vivid - 128) * rng.uniform(1.4, 3) + rng.uniform(-60, 60), np.float32)
    return _filled(change, np.clip(after, 0, 255))


def spilt(change: KnownChange, rng: np.random.Generator) -> KnownChange | None:
    """A surface's new colour runs over its outline."""
    if change.type.traits.changes is not Aspect.COLOUR:
        return None
    side = 2 * int(rng.integers(10, 28)) + 1
    wide = cv2.dilate(change.thing, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    inside = change.thing > _SOLID
    offset = change.after[inside].astype(np.float32).mean(0) - change.before[inside].astype(np.float32).mean(0)
    paint = np.where(inside[..., None], change.after, np.clip(change.before + offset, 0, 255))
    return _filled(replace(change, after=change.before, mask=wide), paint)


CORRUPTIONS: dict[str, tuple[Corruption, float, bool]] = {
    "painted_noise": (painted_noise, 3.0, True),
    "shuffled": (shuffled, 1.0, True),
    "grain": (grain, 1.0, True),
    "nothing": (nothing, 1.0, False),
    "smeared": (smeared, 2.0, False),
    "elsewhere": (elsewhere, 1.5, False),
    "half": (half, 2.0, False),
    "patch": (patch, 1.5, False),
    "seam": (seam, 1.0, False),
    "rectangle": (rectangle, 1.5, False),
    "holes": (holes, 1.0, False),
    "flat": (flat, 1.0, False),
    "garish": (garish, 1.0, False),
    "spilt": (spilt, 1.5, False),
}
"""Name -> how it is spoilt, how often, and whether the place is noise then."""
