"""Text: find it by reading, take it away, and set the new text in the old one's size, ink, weight, slant and perspective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.fill import fill
from pixwright.edit.lettering.setting import (
    LineSetting,
    Quad,
    extent,
    ink_mask,
    ink_of,
    line_size,
    natural_width,
    part_of,
    read_setting,
    rectified,
    shares,
    stretched,
    write,
)
from pixwright.edit.surfaces.surface import named_colour
from pixwright.encoders.reading import TextLine, likeness
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Step
from pixwright.records.region import Region

if TYPE_CHECKING:
    from collections.abc import Sequence


_ALIKE = 0.65
"""Likeness from which a line that was read counts as the text that was named."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Change `step.old_text` (or the text in the region, or the only text) to `step.value`; without a value the text is taken away."""
    lines = context.encoders.reader.read(picture)
    if step.value and step.old_text is None and (step.where is not None or not lines):
        return _added(picture, step, region)
    chosen = _chosen(lines, step.old_text, region)
    if chosen is None:
        read = ", ".join(f"'{line.text}'" for line in lines[:8]) or "none"
        wanted = f"the text '{step.old_text}'" if step.old_text else "the text that is meant"
        return refuse(picture, f"{wanted} was not found; text that can be read here: {read}")
    return _reset(picture, chosen, step.value, context)


@dataclass(frozen=True, eq=False)
class _Found:
    """The text that is to be changed: where it is, what it says, and whether more of its line follows on the right."""

    quad: Quad
    text: str
    followed: bool = False


def _reset(picture: Array, found: _Found, value: str | None, context: Context) -> Proposal:
    quad = found.quad
    setting = read_setting(picture, quad)
    height = line_size(quad)[1]
    spread = max(3, round(height / 9)) | 1
    hole = np.asarray(
        cv2.dilate(ink_mask(picture, quad), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (spread, spread))), np.uint8
    )
    blank = np.asarray(fill(picture, hole, rng=context.rng(1)), np.uint8)
    if not value:
        return Proposal(blank, hole, Evidence())
    place = _place(_tight(picture, quad), found, value, setting, picture)
    written, cover = write(blank, value, place, setting)
    mask = np.maximum(hole, cover)
    share = (cover.astype(np.float32) / 255)[..., None]
    out = np.where(hole[..., None] > 0, blank * (1 - share) + written * share, written)
    return Proposal(np.asarray(out, np.uint8), mask, Evidence(text=value, placed=(_box(place, picture),)))


def _place(tight: Quad, found: _Found, value: str, setting: LineSetting, picture: Array) -> Quad:
    """Where the new text goes: on the old one's line, in its size, as wide as its letters ask, no further than the frame."""
    above, below = extent(found.text)
    up, down = extent(value)
    line = above / (above + below)
    left, right = tight[3] - tight[0], tight[2] - tight[1]
    # Before a busy ground the ink's height is overestimated; the old text's own width then tells the type's size.
    width, height = line_size(tight)
    size = min(1.0, 1.25 * width / max(natural_width(found.text, setting.weight) * height, 1.0))
    rows = line - size * up / (above + below), line + size * down / (above + below)
    corners = (
        tight[0] + left * rows[0],
        tight[1] + right * rows[0],
        tight[1] + right * rows[1],
        tight[0] + left * rows[1],
    )
    level = np.array(corners, np.float32)
    width, height = line_size(level)
    factor = float(np.clip(natural_width(value, setting.weight) * height / width, 0.1, 6.0))
    if found.followed:
        return stretched(level, min(factor, 1.02), 0.0)
    for anchor in (0.0 if factor < 1.5 else 0.5, 0.5, 1.0):
        place = stretched(level, factor, anchor)
        if _in_frame(place, picture):
            return place
    while factor > 0.3 and not _in_frame(stretched(level, factor, 0.5), picture):
        factor *= 0.92
    return stretched(level, factor, 0.5)


def _tight(picture: Array, quad: Quad) -> Quad:
    """The quad cut to its ink: readers draw generous boxes, and a text's size is its ink's."""
    flat, _ = rectified(picture, quad)
    ink = ink_of(flat)
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 0), np.flatnonzero(ink.sum(axis=0) > 0)
    if rows.size < 4 or columns.size < 4:
        return quad
    h, w = ink.shape
    x0, x1, y0, y1 = columns[0] / w, (columns[-1] + 1) / w, rows[0] / h, (rows[-1] + 1) / h
    sides = part_of(quad, x0, x1)
    left, right = sides[3] - sides[0], sides[2] - sides[1]
    return np.array(
        [sides[0] + left * y0, sides[1] + right * y0, sides[1] + right * y1, sides[0] + left * y1], np.float32
    )


def _chosen(lines: Sequence[TextLine], wanted: str | None, region: Region) -> _Found | None:
    """The wanted text, the text in the region, or the only (or by far the largest) line."""
    if wanted:
        scored = [(*_likeness(line.text, wanted), line) for line in lines]
        alike, start, end, line = max(scored, key=lambda s: s[0], default=(0.0, 0, 0, None))
        if line is None or alike < _ALIKE:
            return None
        quad = part_of(line.quad, *shares(line.text, start, end)) if (start, end) != (0, len(line.text)) else line.quad
        return _Found(quad, line.text[start:end], bool(line.text[end:].strip()))
    by_area = sorted(lines, key=lambda line: -float(np.prod(line_size(line.quad))))
    if region.source in ("user", "phrase") and region.found:
        by_area = [line for line in by_area if _covered(line.quad, region.mask) > 0.5]
        return _Found(by_area[0].quad, by_area[0].text) if by_area else None
    areas = [float(np.prod(line_size(line.quad))) for line in by_area]
    if len(areas) == 1 or (len(areas) > 1 and areas[0] > 2 * areas[1]):
        return _Found(by_area[0].quad, by_area[0].text)
    return None


def _likeness(line: str, wanted: str) -> tuple[float, int, int]:
    """(likeness, first, last + 1): how well a line, or a run of its characters, is the wanted text."""
    a, b = line.lower(), wanted.lower().strip()
    at = a.find(b)
    if at >= 0:
        return 1.0, at, at + len(b)
    return likeness(line, wanted), 0, len(line)


def _added(picture: Array, step: Step, region: Region) -> Proposal:
    """Text where there was none: light on dark or dark on light, a tenth of the picture high."""
    assert step.value
    height, width = picture.shape[:2]
    cap = height / 10
    ratio = natural_width(step.value, 650)
    w = min(cap * ratio, width * 0.9)
    cap = w / ratio
    if region.source == "user" and region.found:
        x0, y0, x1, y1 = region.boxes[0]
        w, cap = min(x1 - x0, (y1 - y0) * ratio), min(float(y1 - y0), (x1 - x0) / ratio)
        left, top = (x0 + x1 - w) / 2, (y0 + y1 - cap) / 2
    else:
        left, top = _corner(step, width - w, height - cap, height * 0.05)
    quad = np.array([[left, top], [left + w, top], [left + w, top + cap], [left, top + cap]], np.float32)
    x0, y0, x1, y1 = _box(quad, picture)
    light = float(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[y0:y1, x0:x1].mean())
    named = next((c for c in (named_colour(word) for word in str(step.target or "").split()) if c is not None), None)
    ink = named or ((250, 250, 248) if light < 140 else (24, 24, 28))
    out, cover = write(picture, step.value, quad, LineSetting(ink, 650, 0.0, 0.3))
    return Proposal(out, cover, Evidence(text=step.value, placed=((x0, y0, x1, y1),)))


def _corner(step: Step, free_x: float, free_y: float, margin: float) -> tuple[float, float]:
    where = step.where.relation if step.where else Relation.BOTTOM
    across = {Relation.LEFT: 0.0, Relation.TOP_LEFT: 0.0, Relation.BOTTOM_LEFT: 0.0, Relation.RIGHT: 1.0, Relation.TOP_RIGHT: 1.0,
              Relation.BOTTOM_RIGHT: 1.0}.get(where, 0.5)  # fmt: skip
    down = {Relation.TOP: 0.0, Relation.ABOVE: 0.0, Relation.TOP_LEFT: 0.0, Relation.TOP_RIGHT: 0.0, Relation.CENTER: 0.5,
            Relation.LEFT: 0.5, Relation.RIGHT: 0.5}.get(where, 1.0)  # fmt: skip
    return max(margin, min(free_x * across, free_x - margin)), max(margin, min(free_y * down, free_y - margin))


def _covered(quad: Quad, mask: Array) -> float:
    area = np.zeros_like(mask)
    cv2.fillConvexPoly(area, np.round(quad).astype(np.int32), 255)
    return float((mask[area > 0] > 127).mean()) if area.any() else 0.0


def _in_frame(quad: Quad, picture: Array) -> bool:
    height, width = picture.shape[:2]
    return bool((quad >= -1).all() and (quad[:, 0] <= width + 1).all() and (quad[:, 1] <= height + 1).all())


def _box(quad: Quad, picture: Array) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    x0, y0 = np.floor(quad.min(axis=0)).astype(int)
    x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
    return max(0, int(x0)), max(0, int(y0)), min(width, int(x1)), min(height, int(y1))
