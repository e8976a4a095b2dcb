"""Guidance pictures: a drawing, a label map or a depth map says WHERE; the words say WHAT.

A guided step is read as an ordinary edit (`derive`) whose region is what the guidance picture shows, and is run by that edit's own
editor. Every reader here returns a mask of the base picture's size, or the reason, for the user, why the guidance cannot be read.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.editors.visual.reference import first_picture
from pixwright.media.pixels import on_white, shrink
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.kind import Aspect, EditType, type_for
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region, Source
from pixwright.records.vocabulary import aspect_of

ASPECT = 0.04
"""Largest relative difference between the guidance's aspect and the base picture's."""
_OUTLINE_SIDE = 640
"""Longer side, in pixels, at which a drawn outline is closed and filled."""
_STUFF = frozenset({"background", "backdrop", "sky"})


def read(step: Step, shape: tuple[int, ...], context: Context) -> Array | str:
    """The guidance picture as HxWx3 uint8 of the base picture's size: attachment `[step.reference]`, or the first picture."""
    number = step.reference or first_picture(context)
    attachment = context.attachments[number - 1] if number and number <= len(context.attachments) else None
    if not isinstance(attachment, PictureAttachment):
        return "no guidance picture is attached; attach one with --image FILE and write [1] for it"
    pixels = attachment.pixels
    height, width = shape[:2]
    mine, theirs = width / height, pixels.shape[1] / pixels.shape[0]
    if abs(mine / theirs - 1) > ASPECT:
        return (
            f"the guidance is {pixels.shape[1]}x{pixels.shape[0]} and the picture {width}x{height}: their shapes differ; "
            "draw the guidance over the picture, at its proportions"
        )
    way = cv2.INTER_AREA if pixels.shape[0] > height else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(on_white(pixels), (width, height), interpolation=way), np.uint8)


def derive(step: Step) -> Step:
    """The ordinary edit that the words of a guided step ask for: told by the kind of word that `value` is; without one, remove."""
    value, target = step.value, step.target
    if value is None:
        kind = EditType.REMOVE
    else:
        said = aspect_of(value)
        thing = said is None or (said is Aspect.BACKGROUND and str(target) not in _STUFF)
        kind = (EditType.REPLACE if target else EditType.ADD) if said is None or thing else type_for(said)
    return step.model_copy(update={"type": kind, "reference": None})


def strokes(guide: Array, base: Array) -> Array:
    """What was drawn: HxW uint8 0/255. On a copy of the base picture: the difference; else: what differs from the sheet's colour."""
    difference = np.abs(guide.astype(np.int16) - base.astype(np.int16)).max(axis=2)
    if float(np.median(difference)) < 10:
        return np.where(difference > 48, 255, 0).astype(np.uint8)
    rim = np.concatenate([guide[0], guide[-1], guide[:, 0], guide[:, -1]])
    paper = np.median(rim, axis=0).astype(np.int16)
    away = np.abs(guide.astype(np.int16) - paper).max(axis=2)
    return np.where(away > 60, 255, 0).astype(np.uint8)


def rectangle(guide: Array, base: Array) -> Box | str:
    """The drawn box in a guidance picture: a frame or a filled rectangle, on a copy of the picture or on an empty sheet; XYXY."""
    drawn = cv2.morphologyEx(strokes(guide, base), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    red = (guide[..., 0] > 150) & (guide[..., 1] < 100) & (guide[..., 2] < 100)
    for candidate in (drawn, np.where(red, 255, 0).astype(np.uint8)):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(candidate, connectivity=8)
        for label in sorted(range(1, count), key=lambda one: -int(stats[one, 2] * stats[one, 3]))[:5]:
            x, y, wide, tall, area = (int(v) for v in stats[label, :5])
            if min(wide, tall) < 6 or wide * tall >= 0.999 * base.shape[0] * base.shape[1]:
                continue
            part = labels[y : y + tall, x : x + wide] == label
            if _is_rectangle(part, area):
                return x, y, x + wide, y + tall
    return "no rectangle was found in the guidance picture; draw one box in red on a copy of the picture, or on an empty sheet of its size"


def _is_rectangle(part: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], area: int) -> bool:
    """A filled rectangle covers its box; a frame's four sides are each nearly unbroken along the rim and it is empty within."""
    tall, wide = part.shape
    if area > 0.93 * tall * wide:
        return True
    edge = max(2, round(0.06 * min(tall, wide)))
    sides = (part[:edge].any(0), part[-edge:].any(0), part[:, :edge].any(1), part[:, -edge:].any(1))
    inner = part[edge * 2 : -edge * 2, edge * 2 : -edge * 2]
    return min(float(side.mean()) for side in sides) > 0.85 and (inner.size == 0 or float(inner.mean()) < 0.2)


def outline_area(guide: Array, base: Array) -> Array | str:
    """The area that a line drawing encloses: HxW uint8, 255 inside.

    Gaps up to 2 % of the side are closed; a stroke that encloses nothing stands for its convex hull. In a full edge drawing of the picture the
    lines that the picture has already are left out, so that the new ones say where.
    """
    height, width = base.shape[:2]
    drawn = shrink(strokes(guide, base), _OUTLINE_SIDE, least=2)
    drawn = np.where(drawn > 40, 255, 0).astype(np.uint8)
    if not drawn.any():
        return "the guidance picture is empty; draw the outline of the region in dark lines on a white sheet"
    drawn = _without_known_lines(drawn, shrink(base, _OUTLINE_SIDE, least=2))
    area = _fill_outline(drawn, max(1, round(0.01 * max(drawn.shape))))
    if int(area.sum() // 255) < max(60, 0.0008 * area.size):
        return "the drawing encloses no area; draw a closed outline where the edit belongs"
    return np.where(cv2.resize(area, (width, height), interpolation=cv2.INTER_LINEAR) > 127, 255, 0).astype(np.uint8)


def _without_known_lines(drawn: Array, base: Array) -> Array:
    edges = cv2.dilate(cv2.Canny(cv2.cvtColor(base, cv2.COLOR_RGB2GRAY), 50, 150), np.ones((7, 7), np.uint8))
    thin = drawn > 0
    known = thin & (edges > 0)
    if known.sum() < 0.5 * thin.sum() or thin.sum() < 0.02 * thin.size or (edges > 0).mean() > 0.7:
        return drawn
    new = np.where(thin & ~known, 255, 0).astype(np.uint8)
    joined = cv2.morphologyEx(new, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    if count < 2:
        return drawn
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.where((labels == best) & (new > 0), 255, 0).astype(np.uint8)


def _fill_outline(drawn: Array, reach: int) -> Array:
    """Inside and strokes of closed outlines; of an open one, its hull."""
    disc = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)), np.uint8)
    pad = reach + 2
    sheet = cv2.copyMakeBorder(drawn, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(sheet, cv2.MORPH_CLOSE, disc)
    flooded = closed.copy()
    cv2.floodFill(flooded, None, (0, 0), 128)
    inside = np.where(flooded != 128, 255, 0).astype(np.uint8)
    if float((inside > 0).sum()) < 1.8 * float((closed > 0).sum()):
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        largest = max(contours, key=lambda one: cv2.boundingRect(one)[2] * cv2.boundingRect(one)[3])
        hull = np.zeros_like(inside)
        cv2.fillPoly(hull, [cv2.convexHull(largest)], 255)
        inside = np.maximum(hull, inside) if (drawn > 0).mean() < 0.5 else inside
    return np.ascontiguousarray(inside[pad:-pad, pad:-pad])


def region_of(mask: Array, phrase: str, source: Source = "user", single: bool = False) -> Region:
    """A region drawn by the user: HxW uint8 0/255 -> its connected parts (those of at least 1 % of it) as instances.

    `single`: all of it is one instance. `source`: "phrase" if the mask was cut out and not drawn, so that its halo and shadow belong to it.
    """
    if single and (mask > 0).any():
        x, y, wide, tall = (int(v) for v in cv2.boundingRect((mask > 0).astype(np.uint8)))
        return Region(mask, ((x, y, x + wide, y + tall),), 1.0, phrase, source, (mask > 0).astype(np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8), connectivity=8)
    total = max(int((mask > 127).sum()), 1)
    kept = [i for i in sorted(range(1, count), key=lambda i: -int(stats[i, 4])) if stats[i, 4] >= 0.01 * total][:250]
    table = np.zeros(count, np.uint8)
    for number, label in enumerate(kept, 1):
        table[label] = number
    named = table[labels]
    boxes = tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in (stats[i] for i in kept))
    return Region(np.where(named > 0, mask, 0).astype(np.uint8), boxes, 1.0, phrase, source, named)


def within(picture: Array, step: Step, mask: Array, region: Region, context: Context) -> Proposal:
    """Run the words' own edit in the guidance's `mask`.

    Words about a thing that was grounded mean that thing as far as it lies in the mask; otherwise the masked area itself.
    """
    derived = derive(step)
    place = region_of(mask, str(step.target or step.value or ""))
    if derived.type != EditType.ADD and region.found and region.source == "phrase":
        both = np.minimum(region.mask, mask)
        if int((both > 127).sum()) > 0.3 * int((mask > 127).sum()):
            place = region_of(both, region.phrase, "phrase", single=len(region.boxes) == 1)
    inner = replace(context, user_region=place) if derived.type.traits.brings else context
    where = None if derived.type == EditType.ADD else derived.where
    proposal = dispatch(picture, derived.model_copy(update={"where": where}), place, inner)
    if (
        proposal.refused
        or derived.type.traits.brings
        or derived.type == EditType.REMOVE
        or proposal.evidence.canvas is not None
    ):
        return proposal
    return replace(proposal, mask=np.minimum(proposal.mask, mask))
