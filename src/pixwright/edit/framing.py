"""The whole picture in another size or proportion: all of it resampled, or a part of another proportion that keeps the subject in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.widening import extend
from pixwright.edit.placing.lifting import bounds, clip
from pixwright.media.pixels import resampled, shrink
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
_CUT_SUBJECT, _CUT_MUCH = 0.02, 0.2
"""Share of what stands out that may be cut off before it is told, and before more picture is made up instead."""
_ALL_OVER, _HALF = 0.6, 127
"""Share of the picture from which what stands out is no subject in it; and the level of a mask from which a pixel is its own."""
_OUTER, _LONG = 0.25, 0.4
"""How far from the picture's middle, in sides, the middle of a thing lies that is no subject, and how long it is at least along the side of the frame that cuts it."""
_MOST_OF_IT = 0.5
"""Share of what stands out that is left without such things, from which it is a subject."""
_GLANCE, _MIDDLE = 160, 0.55
"""Longer side, in pixels, at which structure is looked for; and how much of half a side the middle is."""
_ENDS, _EQUAL, _NEARLY = 0.3, 1e-3, 0.1
"""What it costs to cut where there is most to see; how much of all mass is no difference; and how much is none of a scene without a subject."""
_LEAST_FACE = 0.05
"""Height of a face, of the shorter side, from which its head must be in the frame."""
_HEAD_WORTH = 4.0
"""What a head counts beside all of the subject."""
_MOST_WIDER = 1.8
"""How much wider or higher than the picture a window gets that holds the subject."""
_PARTLY_FOUND = 0.2
"""Share of what stands out in one piece that was found, from which the frame holds all of it."""
_SALT = 43
_CROPS = re.compile(r"\b(crop|cut|trim|zoom)")
"""Verbs that ask for less: then no picture is made up."""


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
    window = _holding(_window(picture, wide / high, context), wide / high, width, height)
    box, part = window.box, _part(picture, window.box, context)
    done = resized_to(part, wide, high)
    if done.refused or box == (0, 0, width, height):
        return done
    told = [*done.notes, *_told(box, width, height)]
    if not window.made_up:
        told.append(f"'fit within {wide}x{high}' keeps all of it")
    return Proposal(done.picture, done.mask, done.evidence, partly=window.loss, notes=tuple(told))


def _part(picture: Array, box: Box, context: Context) -> Array:
    """The part of HxWx3 in a box that may reach beyond the picture, which is continued there."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    sides = top, _, left, _ = max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)
    wider = extend(picture, sides, context, _SALT)[0] if any(sides) else picture
    return np.ascontiguousarray(wider[y0 + top : y1 + top, x0 + left : x1 + left])


def _told(box: Box, width: int, height: int) -> list[str]:
    """What of a picture of that size the box leaves out, and what beyond it is made up."""
    x0, y0, x1, y1 = box
    kept = (min(x1, width) - max(x0, 0)) * (min(y1, height) - max(y0, 0))
    made = 1 - kept / ((x1 - x0) * (y1 - y0))
    told = (
        [f"{1 - kept / (width * height):.0%} of the picture was cut off for the proportion"]
        if kept < width * height
        else []
    )
    return [
        *told,
        *([f"{made:.0%} of the new picture was made up, so that the subject stays whole"] if made > 0 else []),
    ]


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
    named, missing = None, None
    if region.found and region.source in ("phrase", "user"):
        named, missing = all_of(picture, step, region, context)
    if named is not None and step.where is None and frame.ratio:
        window = _Window(_close(named, wide / high, width, height))
    else:
        window = _window(picture, wide / high, context, None if frame.ratio else (wide, high), named)
        if frame.ratio and not _CROPS.search(step.instruction.lower()):
            window = _holding(window, wide / high, width, height)
    box = window.box
    if box == (0, 0, width, height):
        return refuse(picture, "the picture has this proportion already")
    if window.made_up:
        part = _part(picture, box, context)
        size = part.shape[1], part.shape[0]
        mask = np.full(part.shape[:2], 255, np.uint8)
        return Proposal(part, mask, Evidence(factor=1.0, canvas=(0, 0, *size)), notes=tuple(_told(box, width, height)))
    box = context.grid.box(box, height, width)
    part = picture[box[1] : box[3], box[0] : box[2]].copy()
    return Proposal(part, np.zeros(part.shape[:2], np.uint8), Evidence(canvas=box), partly=missing or window.loss)


@dataclass(frozen=True)
class _Window:
    """A part of a picture: `box` may reach beyond it where `made_up`; `cut` is the share of the subject that is lost, and `must` what should not be."""

    box: Box
    cut: float = 0.0
    heads_cut: bool = False
    must: Box | None = None
    made_up: bool = False

    @property
    def loss(self) -> str | None:
        if self.heads_cut:
            return "not all of the people's heads fit in"
        return f"the subject does not fit: {self.cut:.0%} of it is cut off" if self.cut > _CUT_SUBJECT else None


def all_of(picture: Array, step: Step, region: Region, context: Context) -> tuple[Region, str | None]:
    """Where several things are that a frame shall hold, and what to say where fewer were found than were named.

    Things that stand together are often found as fewer, or only in part: so what stands out and was partly found is held whole.
    """
    thing = step.target
    if region.source != "phrase" or thing is None or not (thing.plural or (thing.count or 1) > 1):
        return region, None
    found = region.mask > _HALF
    _, labels = cv2.connectedComponents((context.standing(picture) > _HALF).astype(np.uint8))
    sizes, shared = (np.bincount(labels[where], minlength=labels.max() + 1) for where in (labels >= 0, found))
    whole = np.flatnonzero(shared > _PARTLY_FOUND * sizes)
    mask = np.where(np.isin(labels, whole[whole > 0]), 255, region.mask).astype(np.uint8)
    held = replace(region, mask=mask, boxes=(*region.boxes, bounds(mask) or region.boxes[0]))
    short = thing.count is not None and len(region.boxes) < thing.count
    told = f"only {len(region.boxes)} of the {thing.count} were found: look whether all are in it" if short else None
    return held, told


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
) -> _Window:
    """The largest part of this width to height, or the part of `size` (width, height), that keeps heads first, then most of what was named or stands out.

    Among places that keep as much, the one with the subject nearest to its middle. What fills nearly all of the picture is no subject: any part of it will do.
    """
    height, width = picture.shape[:2]
    wide, high = size or (min(width, round(height * ratio)), min(height, round(width / ratio)))
    wide, high = max(1, wide), max(1, high)
    if (wide, high) == (width, height):
        return _Window((0, 0, width, height))
    subject = named.mask if named is not None else _subject(picture, context)
    mask = _interest(picture) if subject is None else subject.astype(np.float64)
    heads = () if named is not None else _heads(picture, context)
    for x0, y0, x1, y1 in heads:
        mask[y0:y1, x0:x1] += _HEAD_WORTH * mask.sum() / max(1, (y1 - y0) * (x1 - x0))
    left, top = (_best(mask.sum(axis=axis), length, subject is None) for axis, length in ((0, wide), (1, high)))
    box = (left, top, left + wide, top + high)
    lost = any(x0 < left or y0 < top or x1 > box[2] or y1 > box[3] for x0, y0, x1, y1 in heads)
    must = _joined(heads) or (None if subject is None else bounds(subject))
    kept = 1.0 if subject is None else subject[top : box[3], left : box[2]].sum() / max(1, subject.sum())
    return _Window(box, 1 - float(kept), lost, must)


def _heads(picture: Array, context: Context) -> tuple[Box, ...]:
    """The heads that are large enough to be somebody's portrait."""
    height, width = picture.shape[:2]
    least = _LEAST_FACE * min(height, width)
    faces = context.ground(picture, "faces").boxes
    return tuple(_head(box, width, height) for box in faces if box[3] - box[1] >= least)


def _subject(picture: Array, context: Context) -> Array | None:
    """What stands out, without what the frame cuts near its edges: a railing before the view is no subject. None where nothing is left, or nearly all of the picture."""
    height, width = picture.shape[:2]
    found = context.ground(picture, "foreground")
    if not found.found or float((found.mask > _HALF).mean()) >= _ALL_OVER:
        return None
    mask = found.mask.copy()
    count, labels, stats, middles = cv2.connectedComponentsWithStats((mask > _HALF).astype(np.uint8))
    for part in range(1, count):
        x, y, wide, tall = stats[part, :4]
        across = wide > _LONG * width and (y == 0 or y + tall == height)
        down = tall > _LONG * height and (x == 0 or x + wide == width)
        if (across or down) and np.abs(middles[part] / (width, height) - 0.5).max() > _OUTER:
            mask[labels == part] = 0
    return mask if np.count_nonzero(mask > _HALF) > _MOST_OF_IT * np.count_nonzero(found.mask > _HALF) else None


def _interest(picture: Array) -> NDArray[np.float64]:
    """Where there is most to see, HxW, for a picture without a subject: fine structure, rather in the middle."""
    height, width = picture.shape[:2]
    small = cv2.cvtColor(shrink(picture, _GLANCE), cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))
    rows, columns = (np.exp(-0.5 * (np.linspace(-1, 1, side) / _MIDDLE) ** 2) for side in small.shape)
    wanted = slope * rows[:, None].astype(np.float32) * columns[None].astype(np.float32)
    return np.asarray(cv2.resize(wanted, (width, height), interpolation=cv2.INTER_LINEAR), np.float64)


def _head(face: Box, width: int, height: int) -> Box:
    """The head about a face: hair above and beside it, the chin below."""
    x0, y0, x1, y1 = face
    wide, tall = x1 - x0, y1 - y0
    return clip((x0 - wide // 3, y0 - tall // 2, x1 + wide // 3, y1 + tall // 4), width, height)


def _joined(boxes: tuple[Box, ...]) -> Box | None:
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _holding(window: _Window, ratio: float, width: int, height: int) -> _Window:
    """The window, or, where it cuts heads or much of the subject, a larger one that holds them and reaches beyond the picture."""
    if window.must is None or not (window.heads_cut or window.cut > _CUT_MUCH):
        return window
    x0, y0, x1, y1 = window.must
    wide = max(x1 - x0, round((y1 - y0) * ratio), min(width, round(height * ratio)))
    high = round(wide / ratio)
    if wide > _MOST_WIDER * width or high > _MOST_WIDER * height:
        return window
    left, top = _start(x0, x1, wide, width), _start(y0, y1, high, height)
    return _Window((left, top, left + wide, top + high), must=window.must, made_up=wide > width or high > height)


def _start(first: int, last: int, length: int, side: int) -> int:
    """Where a run of `length` begins that has first..last in its middle, and as little as can be beyond 0..`side`."""
    middle = (first + last - length) // 2
    return int(np.clip(middle, min(0, side - length), max(0, side - length)))


def _best(mass: NDArray[np.float64], length: int, scene: bool) -> int:
    """The first of the run of `length` that holds most of `mass`; of equal ones the one whose middle is nearest to that of the mass. Of a `scene` it is rather the middle, and one whose ends cut little."""
    total = np.concatenate([[0.0], np.cumsum(mass)])
    kept = (total[length:] - total[:-length]) / max(float(total[-1]), 1e-9)
    middle = float((np.arange(len(mass)) * mass).sum() / max(mass.sum(), 1e-9))
    if scene:
        ends = np.pad(mass / max(float(mass.max()), 1e-9), 1)
        kept = kept - _ENDS * (ends[: len(kept)] + ends[length + 1 : length + 1 + len(kept)])
        middle = (len(mass) - 1) / 2
    good = np.flatnonzero(kept >= kept.max() - (_NEARLY if scene else _EQUAL))
    return int(good[np.argmin(np.abs(good + (length - 1) / 2 - middle))])
