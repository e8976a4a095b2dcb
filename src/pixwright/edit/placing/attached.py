"""A thing cut out of an attached picture, hair and all, in its own colours."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.placing.shelves import Cutout, cut, support_of, typical_size
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.region import Box, Region
from pixwright.words import read
from pixwright.words.naming import noun_of

_SURE = 0.35
"""Probability from which the classifier's name of an attached thing is believed."""
_CLEAR = 0.6
"""Score from which what stands out is believed."""
_MOSTLY = 0.75
"""Share of a thing that is in one piece, at least."""
_FILLED = 0.4
"""Share of its convex hull that a thing fills, at least."""
_SPLINTER = 0.1
"""Share of the largest piece's area under which another piece is a splinter, and left out."""
_FADE = 0.12
"""Share of its longer side over which a thing fades at a side where its own picture ended."""
_UNNAMED = frozenset(("thing", "object", "image", "picture", "photo", "one", "it"))
"""Words that name nothing that could be looked for."""


def from_attachment(number: int, phrase: str | None, context: Context, instead: str = "") -> Cutout | str:
    """The thing in attachment `[number]`: by its alpha channel, else what `phrase` names, else what stands out, else a thing like the one
    that it takes the place of (`instead`); or the reason, for the user, why there is none. What the picture's frame cuts, and a name that was not found, is said in the cut-out's `flaw`."""
    attachment = context.attachments[number - 1] if number <= len(context.attachments) else None
    if not isinstance(attachment, PictureAttachment):
        return f"[{number}] is not an attached picture; attach one, for example with --image FILE"
    rgb = np.ascontiguousarray(attachment.pixels[..., :3])
    noun = noun_of(read(phrase)) if phrase else ""
    noun = "" if noun in _UNNAMED else noun
    own = cut(attachment.pixels, noun or "thing")
    if own is not None:
        return own if noun else _named(own, rgb, number, context)
    region, flaw = context.ground(rgb, noun) if noun else _standing_out(rgb, context), ""
    if noun and not region.found:
        region, flaw = (
            context.ground(rgb, "foreground"),
            f'"{noun}" was not found in [{number}]; what stands out there was taken',
        )
    cutout = _cut_one(rgb, noun or "thing", region)
    if cutout is None and instead:
        cutout = _cut_one(rgb, instead, context.ground(rgb, instead))
    if cutout is None:
        return f'nothing could be cut out of "{attachment.name}"; attach a picture of one thing before a plain background, or with transparency'
    if not noun:
        cutout = _named(cutout, rgb, number, context)
    if not flaw and cutout.cropped:
        flaw = f"the {noun or 'thing'} in [{number}] is cut off by its picture's edge ({', '.join(sorted(cutout.cropped))})"
    return replace(cutout, flaw=flaw)


def faded(cutout: Cutout, box: Box, picture: Array) -> Cutout:
    """The cut-out with its cut sides fading, but for those that lie at the picture's edge: a straight line in the middle of a picture is seen at once."""
    height, width = picture.shape[:2]
    hidden = {"left": box[0] <= 0, "top": box[1] <= 0, "right": box[2] >= width, "bottom": box[3] >= height}
    rows, columns = cutout.pixels.shape[:2]
    weight = np.ones((rows, columns), np.float32)
    down, across = (np.arange(n, dtype=np.float32) + 0.5 for n in (rows, columns))
    reach = _FADE * max(rows, columns)
    away = {
        "left": across[None],
        "right": (columns - across)[None],
        "top": down[:, None],
        "bottom": (rows - down)[:, None],
    }
    for side in cutout.cropped:
        if not hidden[side]:
            weight = weight * np.clip(away[side] / reach, 0, 1)
    pixels = cutout.pixels.copy()
    pixels[..., 3] = np.round(pixels[..., 3] * weight)
    return replace(cutout, pixels=pixels)


def _cut_one(picture: Array, name: str, region: Region) -> Cutout | None:
    matte = _one(region) if region.found else None
    return cut(picture, name, matte) if matte is not None and _whole(matte) else None


def _standing_out(picture: Array, context: Context) -> Region:
    """What stands out; where that is doubtful, what the classifier takes the picture for."""
    region = context.ground(picture, "foreground")
    label = context.encoders.picture.classify(picture, 1)[0]
    if region.score >= _CLEAR or label.probability < _SURE:
        return region
    named = context.ground(picture, label.name.split(",")[0])
    return named if named.found else region


def _whole(matte: Array) -> bool:
    """Whether a matte is one thing and no heap of shreds: its largest piece is most of it, and fills a good part of its convex hull."""
    solid = (matte > 127).astype(np.uint8)
    points = cv2.findNonZero(solid)
    if points is None:
        return False
    largest = cv2.connectedComponentsWithStats(solid)[2][1:, cv2.CC_STAT_AREA].max()
    return bool(largest >= _MOSTLY * len(points) and len(points) >= _FILLED * cv2.contourArea(cv2.convexHull(points)))


def _one(region: Region) -> Array:
    """The matte of the largest instance, without the splinters that a segmenter leaves elsewhere. HxW uint8."""
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in region.boxes]
    mask = region.instance(int(np.argmax(areas))) if region.source == "phrase" and len(areas) > 1 else region.mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    if count <= 2:
        return mask
    size = stats[1:, cv2.CC_STAT_AREA]
    kept = np.isin(labels, 1 + np.flatnonzero(size >= _SPLINTER * size.max())).astype(np.uint8)
    reach = 2 * max(2, round(0.01 * max(mask.shape))) + 1
    return np.where(cv2.dilate(kept, np.ones((reach, reach), np.uint8)) > 0, mask, 0).astype(np.uint8)


def _named(cutout: Cutout, picture: Array, number: int, context: Context) -> Cutout:
    """The cut-out with the size and the support of what the classifier surely takes it for."""
    label = context.encoders.picture.classify(picture, 1)[0]
    name = f"the thing in [{number}]"
    kind = next((one.strip() for one in label.name.split(",") if typical_size(one)), None)
    if label.probability < _SURE or kind is None:
        return replace(cutout, name=name, size_m=None, support="ground")
    size = typical_size(kind)
    return replace(cutout, name=kind, size_m=size[0] if size else None, support=support_of(kind))
