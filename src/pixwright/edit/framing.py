"""The whole picture in another size or proportion: all of it resampled, or a part of another proportion that keeps the subject in."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.placing.lifting import bounds
from pixwright.media.pixels import resampled
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Frame, Step
from pixwright.records.region import Box, Region

MAX_SIDE = 12_000
"""Longest side, in pixels, that is made."""
MOST_PIXELS = 120_000_000
"""Pixels of the largest picture that is made."""
_NOTHING_NEW = "enlarged from the pixels that are there: no detail was invented"
ABOUT = 0.12
"""Room on each side of a thing that a frame closes round: share of the thing's side."""
_CUT_SUBJECT = 0.02
"""Share of what stands out that may be cut off before it is told."""


def in_frame(picture: Array, step: Step, frame: Frame, context: Context, region: Region) -> Proposal:
    """The picture in a frame, by a value of `vocabulary.FRAMES` that takes one: `crop`, `fit`, `fill` or `stretch`; a crop is chosen for the step's target, where it has one."""
    height, width = picture.shape[:2]
    value = step.value
    if value == "crop":
        return _cropped(picture, step, frame, context, region)
    wide = frame.width or round(width * (frame.height or height) / height)
    high = frame.height or round(height * wide / width)
    if value == "stretch":
        return resized_to(picture, wide, high)
    if value == "fit":
        scale = min(wide / width, high / height)
        return resized_to(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    box, cut = _window(picture, wide / high, context)
    part = picture[box[1] : box[3], box[0] : box[2]]
    done = resized_to(np.ascontiguousarray(part), wide, high)
    if done.refused or part.shape == picture.shape:
        return done
    lost = 1 - part.shape[0] * part.shape[1] / (height * width)
    said = f"{lost:.0%} of the picture was cut off for the proportion; 'fit within {wide}x{high}' keeps all of it"
    return Proposal(done.picture, done.mask, done.evidence, partly=_loss(cut), notes=(*done.notes, said))


def resized_to(picture: Array, wide: int, high: int) -> Proposal:
    """All of the picture, with other numbers of pixels."""
    height, width = picture.shape[:2]
    if min(wide, high) < 1 or max(wide, high) > MAX_SIDE or wide * high > MOST_PIXELS:
        return refuse(
            picture,
            f"the new size {wide}x{high} is out of range: each side from 1 to {MAX_SIDE} pixels, {MOST_PIXELS // 10**6} megapixels in all",
        )
    if (wide, high) == (width, height):
        return refuse(
            picture, f"the picture is {width}x{height} already: give another size, or a factor such as 0.5 or 2"
        )
    new = resampled(picture, high, wide)
    notes = (_NOTHING_NEW,) if wide * high > width * height else ()
    evidence = Evidence(factor=high / height, canvas=(0, 0, wide, high))
    return Proposal(new, np.full(new.shape[:2], 255, np.uint8), evidence, notes=notes)


def _cropped(picture: Array, step: Step, frame: Frame, context: Context, region: Region) -> Proposal:
    """A part of the picture, its pixels as they are."""
    height, width = picture.shape[:2]
    wide, high = frame.width or width, frame.height or height
    if not frame.ratio and (wide > width or high > height):
        return refuse(picture, f"the picture is only {width}x{height}: crop to less, or resize it to {wide}x{high}")
    named = region if region.found and region.source in ("phrase", "user") else None
    if named is not None and step.where is None and frame.ratio:
        box, cut = _close(named, wide / high, width, height), 0.0
    else:
        box, cut = _window(picture, wide / high, context, None if frame.ratio else (wide, high), named)
    if box == (0, 0, width, height):
        return refuse(picture, "the picture has this proportion already")
    box = context.grid.box(box, height, width)
    part = picture[box[1] : box[3], box[0] : box[2]].copy()
    return Proposal(part, np.zeros(part.shape[:2], np.uint8), Evidence(canvas=box), partly=_loss(cut))


def _loss(cut: float) -> str | None:
    return f"the subject does not fit: {cut:.0%} of it is cut off" if cut > _CUT_SUBJECT else None


def _close(region: Region, ratio: float, width: int, height: int) -> Box:
    """The smallest part of this width to height that holds the thing with room about it, moved to lie in the picture."""
    x0, y0, x1, y1 = bounds(region.mask) or region.boxes[0]
    room = 1 + 2 * ABOUT
    wide = max((x1 - x0) * room, (y1 - y0) * room * ratio)
    wide = round(min(wide, width, height * ratio))
    high = min(height, round(wide / ratio))
    left = int(np.clip((x0 + x1 - wide) // 2, 0, width - wide))
    top = int(np.clip((y0 + y1 - high) // 2, 0, height - high))
    return left, top, left + wide, top + high


def _window(
    picture: Array, ratio: float, context: Context, size: tuple[int, int] | None = None, named: Region | None = None
) -> tuple[Box, float]:
    """The largest part of this width to height, or the part of `size` (width, height), that keeps most of what was named or stands out, and the share of that which it cuts off.

    Among places that keep as much, the one with the subject nearest to its middle.
    """
    height, width = picture.shape[:2]
    wide, high = size or (min(width, round(height * ratio)), min(height, round(width / ratio)))
    wide, high = max(1, wide), max(1, high)
    if (wide, high) == (width, height):
        return (0, 0, width, height), 0.0
    found = named or context.ground(picture, "foreground")
    mask = found.mask if found.found else np.full((height, width), 255, np.uint8)
    left, kept_across = _best(mask.sum(axis=0, dtype=np.float64), wide)
    top, kept_down = _best(mask.sum(axis=1, dtype=np.float64), high)
    cut = 1 - kept_across * kept_down if found.found else 0.0
    return (left, top, left + wide, top + high), cut


def _best(mass: np.ndarray[tuple[int, ...], np.dtype[np.float64]], length: int) -> tuple[int, float]:
    """(first, share kept) of the run of `length` that holds most of `mass`; of equal ones the one whose middle is nearest to that of the mass."""
    total = np.concatenate([[0.0], np.cumsum(mass)])
    kept = total[length:] - total[:-length]
    good = np.flatnonzero(kept >= kept.max() * (1 - 1e-3))
    middle = float((np.arange(len(mass)) * mass).sum() / max(mass.sum(), 1e-9))
    first = int(good[np.argmin(np.abs(good + (length - 1) / 2 - middle))])
    return first, float(kept[first] / max(total[-1], 1e-9))
