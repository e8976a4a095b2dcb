"""Empty edges: where the content of a picture ends, and the picture cut to it with a margin."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.framing import MAX_SIDE
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Unit
from pixwright.records.region import Box, box_in

_SEEN = 8
"""Alpha from which something is seen."""
_BORDER = 0.004
"""Width of the border whose colour is looked at, of the shorter side."""
_ONE_COLOUR, _LIKE = 0.9, 14
"""Share of the border that has one colour where the edge is empty, and the difference of a channel up to which it is the same."""
_SPECK = 6
"""Pixels of the smallest thing: a smaller one is noise of the file."""
_WITH_ALPHA = 4


def content_box(pixels: Array) -> Box | None:
    """XYXY of what is in HxWx3 or HxWx4: what can be seen, or, where all of it can, what differs from a border of one colour.

    None where the border has more than one colour, or nothing else is there.
    """
    if pixels.shape[2] == _WITH_ALPHA and (pixels[..., 3] < _SEEN).any():
        return box_in(pixels[..., 3] >= _SEEN)
    colour = border_colour(pixels)
    if colour is None:
        return None
    apart = np.abs(pixels[..., :3].astype(np.int16) - np.array(colour, np.int16)).max(axis=2) > _LIKE
    _, labels, stats, _ = cv2.connectedComponentsWithStats(apart.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= _SPECK
    large[0] = False
    return box_in(large[labels])


def border_colour(pixels: Array) -> tuple[int, int, int] | None:
    """The one colour that nearly all of the border of HxWx3 has; None where it has several."""
    wide = max(1, round(_BORDER * min(pixels.shape[:2])))
    sides = pixels[:wide], pixels[-wide:], pixels[:, :wide], pixels[:, -wide:]
    border = np.concatenate([side[..., :3].reshape(-1, 3) for side in sides]).astype(np.int16)
    usual = np.median(border, axis=0)
    same = (np.abs(border - usual).max(axis=1) <= _LIKE).mean()
    return (int(usual[0]), int(usual[1]), int(usual[2])) if same >= _ONE_COLOUR else None


def margin_pixels(margin: Amount | None, box: Box) -> int:
    """A margin in pixels; percent are of the content's longer side."""
    if margin is None:
        return 0
    share = {Unit.PERCENT: max(box[2] - box[0], box[3] - box[1]) / 100}.get(margin.unit, 1.0)
    return max(0, round(margin.value * share))


def trimmed(pixels: Array, box: Box, margin: int) -> Array:
    """HxWxC cut to `box` and `margin` pixels around it. Beyond the picture the margin is transparent, or has the colour of its border."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin
    part = pixels[max(0, y0) : y1, max(0, x0) : x1]
    over = max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)
    if not any(over):
        return np.ascontiguousarray(part)
    fill = (0, 0, 0, 0) if pixels.shape[2] == _WITH_ALPHA else border_colour(pixels) or (255, 255, 255)
    return np.asarray(cv2.copyMakeBorder(part, *over, cv2.BORDER_CONSTANT, value=fill), np.uint8)


def trim(picture: Array, margin: Amount | None, context: Context) -> Proposal:
    """The picture HxWx3 without its empty edges but for a margin."""
    height, width = picture.shape[:2]
    whole = picture if context.alpha is None else np.dstack([picture, context.alpha])
    box = content_box(whole)
    if box is None:
        return refuse(
            picture,
            "there is no empty edge to trim: it is neither transparent nor of one colour; say what is to be kept, such as 'crop to the cup'",
        )
    pixels = margin_pixels(margin, box)
    if max(box[2] - box[0], box[3] - box[1]) + 2 * pixels > MAX_SIDE:
        return refuse(picture, f"with a margin of {pixels} pixels a side would be over {MAX_SIDE} pixels: give less")
    x0, y0, x1, y1 = box[0] - pixels, box[1] - pixels, box[2] + pixels, box[3] + pixels
    if (x0, y0, x1, y1) == (0, 0, width, height):
        return refuse(picture, "nothing is to be trimmed: the content reaches the edges already")
    new = trimmed(whole, box, pixels)
    alpha = None if context.alpha is None else np.ascontiguousarray(new[..., 3])
    inside = x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
    said = f"trimmed from {width}x{height} to {new.shape[1]}x{new.shape[0]}"
    evidence = Evidence(canvas=(x0, y0, x1, y1)) if inside else Evidence(factor=1.0, canvas=(0, 0, *new.shape[1::-1]))
    mask = np.full(new.shape[:2], 0 if inside else 255, np.uint8)
    return Proposal(np.ascontiguousarray(new[..., :3]), mask, evidence, notes=(said,), alpha=alpha)
