"""Text: find it by reading and take it away; set another in its size, ink, weight, slant and perspective; or add some where there was none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.fill import fill
from pixwright.edit.lettering.adding import SIZES, PlacedText, in_frame, ink_for, on_thing, type_of, written
from pixwright.edit.lettering.calm import bearing
from pixwright.edit.lettering.faces import unset
from pixwright.edit.lettering.setting import (
    LineSetting,
    extent,
    natural_width,
    part_of,
    read_setting,
    room_beside,
    shares,
    stretched,
    write,
)
from pixwright.edit.lettering.stacked import numbers, shared_out, stacked
from pixwright.edit.lettering.unread import unread_gone
from pixwright.encoders.reading import TextLine, in_reading_order, likeness
from pixwright.encoders.reading.ink import Quad, ink_mask, ink_of, line_size, rectified
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Step
from pixwright.records.region import Box, Region
from pixwright.records.result import Control, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence


_ALIKE = 0.65
"""Likeness from which a line that was read counts as the text that was named."""
_SURE = 0.75
"""Score of the reader under which a line may be a seam or a pattern."""
_HIGH = 0.25
"""Height of a line, as a share of the picture's shorter side, from which an unsure one is a pattern."""
_LEAST_STRIP = 64
"""Pixels of height under which a third of the picture is not read by itself."""
_SAME = 0.5
"""Overlap from which two lines are one that was read twice."""
_SURE_LETTER = 0.95
"""The same of a line of one character."""
_CONDENSED = (0.66, 1.5)
"""Bounds of how narrow or wide the old type is against ours; the new text is set as narrow or wide."""
_SQUEEZED = 0.72
"""How much narrower new text is set at most to stay on its ground; beyond, it is set smaller."""
_CHIEF = 1.5
"""How much higher than the others a line must be to be what a thing says, alone."""
_HALF = 0.5
"""Share of a line from which it is on a thing."""
_DATED = re.compile(r"\b(date|time|clock|timestamp|datestamp)\b")
_DATE = re.compile(r"^[\W\d]*\d[\W\d]*([ap]\.?m\.?)?[\W\d]*$", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(change|replace|edit|correct|update|fix|modify|make|let|have|turn|switch|swap|rewrite|rename|retitle|relabel|call|name|say|says|read|reads|instead|should|must)\b"
)
"""Verbs of which the text that a thing bears becomes another; "write" and "put" add to it."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Change `step.old_text` (or what the region says) to `step.value`; without a value it is taken away, without an old text some is added."""
    if step.value and (why := unset(step.value)):
        return refuse(picture, why)
    lines = _read(picture, context, closely=not step.value)
    if step.old_text:
        if above := stacked(lines, step.old_text):
            return _line_by_line(picture, above, step, context)
        named = _named(lines, step.old_text) or _named(_read(picture, context, closely=True), step.old_text)
        if named is None:
            return _unread(picture, lines, f"the text '{step.old_text}'")
        return _reset(picture, named, step, context) if step.value else _erased(picture, [named], context)
    changes = bool(step.value) and step.where is None and _CHANGED.search(_spoken(step)) is not None
    adds, elsewhere = bool(step.value) and not changes, None
    if region.source != "user" and step.target is not None:
        # The thing that bears the text; a sign that nobody recognises is known by what it says.
        region, elsewhere = bearing(picture, step.target, context, else_by_owner=adds)
    aimed = region.source in ("user", "phrase") and region.found
    sure = [line for line in lines if line.score >= _SURE]
    if not aimed and step.target is not None and not (elsewhere or (changes and sure)):
        return refuse(picture, f"{step.target} was not found: show it with --box X0,Y0,X1,Y1")
    if not step.value:
        meant = [
            _Found(line.quad, line.text) for line in _meant(lines, step, region, picture, context.standing(picture))
        ]
        gone = _erased(picture, meant, context) if meant else unread_gone(picture, step, context)
        return gone or _unread(picture, lines, "the text that is meant")
    if adds:
        added = _added(picture, step, region, context, aimed=aimed)
        return replace(added, partly=added.partly or elsewhere)
    # A sign is where the writing is: if none is on what was taken for it, something else was.
    borne = _on(sure, region) or sure if aimed else sure
    if figures := numbers(borne, str(step.value)):
        return _line_by_line(picture, figures, step, context)
    return _said(picture, borne, step, region, context, aimed=aimed)


def _spoken(step: Step) -> str:
    """The words around the quoted text."""
    return re.sub(r"[\"“”'‘’].*[\"“”'‘’]", " ", step.instruction.lower())


def _read(picture: Array, context: Context, *, closely: bool) -> list[TextLine]:
    """The lines of the picture. `closely`: its upper and lower thirds are read by themselves as well, where stamps and captions stand."""
    reader = context.encoders.reader
    lines = list(reader.read(picture))
    third = picture.shape[0] // 3
    if closely and third >= _LEAST_STRIP:
        for top, strip in ((0, picture[:third]), (2 * third, picture[2 * third :])):
            shift = np.array([0, top], np.float32)
            lines += [replace(line, quad=line.quad + shift) for line in reader.read(np.ascontiguousarray(strip))]
    kept: list[TextLine] = []
    for line in sorted((line for line in lines if _is_text(line, picture)), key=lambda line: -line.score):
        if all(_shared(line.quad, other.quad) < _SAME for other in kept):
            kept.append(line)
    return in_reading_order(kept)


def _shared(a: Quad, b: Quad) -> float:
    """The area that two lines share, over the smaller one's."""
    both, _ = cv2.intersectConvexConvex(np.ascontiguousarray(a), np.ascontiguousarray(b))
    smaller = min(cv2.contourArea(a), cv2.contourArea(b))
    return float(both) / max(smaller, 1.0)


def _is_text(line: TextLine, picture: Array) -> bool:
    """Whether it is a text at all: a lone character is more often a pattern, and so is an unsure line of half the picture's height."""
    letters = sum(c.isalnum() for c in line.text)
    if line.score < _SURE and line_size(line.quad)[1] > _HIGH * min(picture.shape[:2]):
        return False
    return letters > 1 or (letters == 1 and line.score > _SURE_LETTER)


def _unread(picture: Array, lines: Sequence[TextLine], wanted: str) -> Proposal:
    read = ", ".join(f"'{line.text}'" for line in lines[:8]) or "none"
    return refuse(picture, f"{wanted} was not found; text that can be read here: {read}")


@dataclass(frozen=True, eq=False)
class _Found:
    """The text that is to be changed: where it is, what it says, and whether more of its line follows on the right."""

    quad: Quad
    text: str
    followed: bool = False
    ending: str = ""
    """Punctuation at the end of its line, which stays."""
    preceded: bool = False
    """Whether more of its line stands on the left."""


def _erased(picture: Array, found: list[_Found], context: Context) -> Proposal:
    """The lines filled with what is around their letters."""
    hole = np.zeros(picture.shape[:2], np.uint8)
    for one in found:
        hole = np.maximum(hole, _letters(picture, one.quad))
    blank = _blank(picture, hole, context)
    notes = (f"taken away: {', '.join(one.text for one in found)}",)
    return Proposal(blank, hole, Evidence(vacated=tuple(_box(one.quad, picture) for one in found)), notes=notes)


def _on(lines: list[TextLine], region: Region) -> list[TextLine]:
    """The lines on what was found; if none is, those in its box."""
    borne = [line for line in lines if _covered(line.quad, region.mask) > _HALF]
    if borne or region.source == "user":
        return borne
    frame = np.zeros_like(region.mask)
    for x0, y0, x1, y1 in region.boxes:
        frame[y0:y1, x0:x1] = 255
    return [line for line in lines if _covered(line.quad, frame) > _HALF]


def _all_of_it(region: Region, standing: Array) -> Region:
    """A region with all that stands out where it lies (`standing` HxW uint8): of a shoe sometimes only the sole is found."""
    if region.source == "user" or float((standing[region.mask > 127] > 127).mean()) < _HALF:
        return region
    return replace(region, mask=np.maximum(region.mask, standing), boxes=())


def _meant(lines: list[TextLine], step: Step, region: Region, picture: Array, standing: Array) -> list[TextLine]:
    """Of a thing that was named, its lines; in a place of the frame, those there; a date or a time, what looks like one; else all."""
    if region.source in ("user", "phrase") and region.found:
        return _on(lines, region) or _on(lines, _all_of_it(region, standing))
    words = _spoken(step)
    if _DATED.search(words):
        return [line for line in lines if _DATE.match(line.text.strip())]
    where = step.where.relation if step.where is not None and step.where.anchor is None else None
    if where is not None:
        lines = [line for line in lines if _lies(line.quad, where, picture)]
    elif re.search(r"\bcorners?\b", words):
        lines = [line for line in lines if any(_lies(line.quad, corner, picture) for corner in _CORNERS)]
    return lines


_CORNERS = (Relation.TOP_LEFT, Relation.TOP_RIGHT, Relation.BOTTOM_LEFT, Relation.BOTTOM_RIGHT)


def _lies(quad: Quad, where: Relation, picture: Array) -> bool:
    """Whether a line's middle is in that part of the frame."""
    height, width = picture.shape[:2]
    x, y = quad.mean(axis=0) / (width, height)
    words = where.value.split("_")
    sides = {"left": x < 0.5, "right": x > 0.5, "top": y < 0.5, "bottom": y > 0.5, "above": y < 0.5, "below": y > 0.5}
    return all(bool(sides.get(word, True)) for word in words)


def _blank(picture: Array, hole: Array, context: Context) -> Array:
    """The hole filled with the ground about it, and never with other letters."""
    others = np.zeros_like(hole)
    for line in context.encoders.reader.read(picture):
        others = np.maximum(others, _letters(picture, line.quad))
    others[hole > 0] = 0
    return np.asarray(fill(picture, hole, rng=context.rng(1), forbid=others, parts=context.encoders.parts), np.uint8)


def _letters(picture: Array, quad: Quad) -> Array:
    """The hole that takes a line's letters away, with their rim."""
    tall = line_size(quad)[1]
    spread = round(max(3, min(tall / 9, 6 + tall / 60))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (spread, spread))
    return np.asarray(cv2.dilate(ink_mask(picture, quad), kernel), np.uint8)


def _said(
    picture: Array, borne: list[TextLine], step: Step, region: Region, context: Context, *, aimed: bool
) -> Proposal:
    """What a thing says becomes the new text: its chief line, or all of several equal ones; if it says nothing, the text is added."""
    chief = _chief(borne)
    if chief is not None:
        return _reset(picture, chief, step, context)
    if not aimed:
        return _unread(picture, borne, "the text that is meant")
    if not borne:
        return _added(picture, step, region, context, aimed=True)
    hole = np.zeros(picture.shape[:2], np.uint8)
    place = hole.copy()
    for line in borne:
        hole = np.maximum(hole, _letters(picture, line.quad))
    corners = np.concatenate([line.quad for line in borne]).round().astype(np.int32)
    cv2.fillConvexPoly(place, cv2.convexHull(corners), 255)
    blank = _blank(picture, hole, context)
    setting = read_setting(picture, sorted(borne, key=lambda line: line_size(line.quad)[1])[len(borne) // 2].quad)
    type_, _ = type_of(step.lettering)
    placed = on_thing(str(step.value), replace(type_, weight=setting.weight), blank, place, 2.0)
    if placed is None:
        return refuse(picture, f"'{step.value}' would be too small to be read there")
    ink = ink_for(step.lettering, blank, placed.box) if step.lettering and step.lettering.colour else setting.ink
    new, cover = written(blank, placed, ink, on=True)
    return Proposal(
        new, np.maximum(hole, cover), Evidence(text=_one_line(step), placed=(placed.box,)), added=Origin.DRAWN
    )


def _reset(picture: Array, found: _Found, step: Step, context: Context) -> Proposal:
    """Another text in the place and manner of the one that was found."""
    value = _one_line(step)
    quad = found.quad
    setting = read_setting(picture, quad)
    if step.lettering is not None and step.lettering.colour:
        setting = replace(setting, ink=ink_for(step.lettering, picture, _box(quad, picture)))
    hole = _letters(picture, quad)
    blank = _blank(picture, hole, context)
    place = _place(_tight(picture, quad), found, value + found.ending, setting, picture)
    inked, cover = write(blank, value + found.ending, place, setting)
    mask = np.maximum(hole, cover)
    share = (cover.astype(np.float32) / 255)[..., None]
    out = np.where(hole[..., None] > 0, blank * (1 - share) + inked * share, inked)
    evidence = Evidence(text=value, placed=(_box(place, picture),))
    return Proposal(np.asarray(out, np.uint8), mask, evidence, added=Origin.DRAWN)


def _line_by_line(picture: Array, lines: Sequence[TextLine], step: Step, context: Context) -> Proposal:
    """A text on several lines becomes another on as many; a line that says the same stays."""
    found = [_Found(line.quad, line.text) for line in lines]
    if not step.value:
        return _erased(picture, found, context)
    new, mask, placed = picture, np.zeros(picture.shape[:2], np.uint8), list[Box]()
    for one, value in zip(found, shared_out(_one_line(step), [line.text for line in lines])):
        if value.casefold() == one.text.casefold():
            placed.append(_box(one.quad, picture))
            continue
        turned = step.model_copy(update={"value": value or None})
        done = _reset(new, one, turned, context) if value else _erased(new, [one], context)
        new, mask = np.where(done.mask[..., None] > 0, done.picture, new), np.maximum(mask, done.mask)
        placed += done.evidence.placed
    return Proposal(new, mask, Evidence(text=_one_line(step), placed=tuple(placed)), added=Origin.DRAWN)


def _one_line(step: Step) -> str:
    return " ".join(str(step.value).replace(" / ", "\n").split("\n"))


def _place(tight: Quad, found: _Found, value: str, setting: LineSetting, picture: Array) -> Quad:
    """Where the new text goes: on the old one's line, in its size, as narrow as its type was, no further than its ground."""
    above, below = extent(found.text)
    up, down = extent(value)
    line = above / (above + below)
    left, right = tight[3] - tight[0], tight[2] - tight[1]
    # Before a busy ground the ink's height is overestimated; the old text's own width then tells the type's size.
    width, height = line_size(tight)
    condensed = width / max(natural_width(found.text, setting.weight) * height, 1.0)
    size = min(1.0, condensed / _CONDENSED[0])
    condensed = float(np.clip(condensed, *_CONDENSED)) if len(found.text.strip()) > 1 else 1.0
    rows = line - size * up / (above + below), line + size * down / (above + below)
    corners = (
        tight[0] + left * rows[0],
        tight[1] + right * rows[0],
        tight[1] + right * rows[1],
        tight[0] + left * rows[1],
    )
    level = np.array(corners, np.float32)
    width, height = line_size(level)
    factor = float(np.clip(natural_width(value, setting.weight) * height * condensed / width, 0.1, 6.0))
    if found.followed:
        return stretched(level, min(factor, 1.02), 0.0)
    before, after = room_beside(picture, found.quad)
    before = 0.0 if found.preceded else before
    room = 1 + before + after
    squeezed = float(np.clip(room / factor, _SQUEEZED, 1.0))
    factor *= squeezed
    if factor > room:
        level = _smaller(level, room / factor)
        factor = room
    return _kept(level, factor, (before, after), picture)


def _smaller(quad: Quad, share: float) -> Quad:
    """A line of less height about its middle."""
    left, right = quad[3] - quad[0], quad[2] - quad[1]
    cut = (1 - share) / 2
    return np.array(
        [quad[0] + left * cut, quad[1] + right * cut, quad[2] - right * cut, quad[3] - left * cut], np.float32
    )


def _kept(level: Quad, factor: float, room: tuple[float, float], picture: Array) -> Quad:
    """The line `factor` times as wide: about its middle, as a sign is set, moved to where there is room (widths left, right)."""
    grown = factor - 1
    start = float(np.clip(grown / 2, grown - room[1], max(room[0], grown - room[1]))) if grown > 0 else grown / 2
    for anchor in (start, 0.0, grown):
        place = part_of(level, -anchor, factor - anchor)
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


def _named(lines: Sequence[TextLine], wanted: str) -> _Found | None:
    """The line, or the part of one, that is the wanted text."""
    scored = [(*_likeness(line.text, wanted), line) for line in lines]
    alike, start, end, line = max(scored, key=lambda s: s[0], default=(0.0, 0, 0, None))
    if line is None or alike < _ALIKE:
        return None
    rest = line.text[end:].strip()
    if rest and not any(c.isalnum() for c in rest):
        # A comma at the end moves with the word.
        return _Found(
            part_of(line.quad, *shares(line.text, start, len(line.text))),
            line.text[start:],
            ending=rest,
            preceded=start > 0,
        )
    quad = part_of(line.quad, *shares(line.text, start, end)) if (start, end) != (0, len(line.text)) else line.quad
    return _Found(quad, line.text[start:end], bool(rest), preceded=start > 0)


def _chief(lines: Sequence[TextLine]) -> _Found | None:
    """The only line, or one that is clearly higher than all others; None where several are as high."""
    by_height = sorted(lines, key=lambda line: -line_size(line.quad)[1])
    if not by_height or (
        len(by_height) > 1 and line_size(by_height[0].quad)[1] < _CHIEF * line_size(by_height[1].quad)[1]
    ):
        return None
    return _Found(by_height[0].quad, by_height[0].text)


def _likeness(line: str, wanted: str) -> tuple[float, int, int]:
    """(likeness, first, last + 1): how well a line, or a run of its characters, is the wanted text."""
    a, b = line.lower(), wanted.lower().strip()
    at = a.find(b)
    if at >= 0:
        return 1.0, at, at + len(b)
    return likeness(line, wanted), 0, len(line)


def _added(picture: Array, step: Step, region: Region, context: Context, *, aimed: bool) -> Proposal:
    """New text: on the thing that was named, in the part of the frame that was said, or where it is calm."""
    value = str(step.value).replace(" / ", "\n")
    type_, missing = type_of(step.lettering)
    size = step.lettering.size if step.lettering is not None else None
    where = step.where.relation if step.where is not None else None
    short = min(picture.shape[:2])
    cap = context.controls.get("text_size", 100 * SIZES[size]) / 100 * short
    grown = cap / (SIZES[None] * short)
    if aimed:
        found = on_thing(value, type_, picture, region.mask, grown)
        if found is None:
            return refuse(picture, f"'{value}' would be too small to be read on {step.target or 'that place'}")
    elif step.where is not None and step.where.anchor is not None:
        anchor = context.ground(picture, step.where.anchor)
        if not anchor.found:
            return refuse(picture, f'"{step.where.anchor}" was not found: {anchor.note or "name it differently"}')
        found = _by_thing(picture, value, step, anchor.mask, cap)
    else:
        found = in_frame(value, type_, picture, cap, where, context.standing(picture))
    found = _moved(found, context, picture)
    ink = ink_for(step.lettering, picture, found.box)
    new, cover = written(picture, found, ink, on=aimed and region.source == "phrase")
    evidence = Evidence(text=_one_line(step), placed=(found.box,))
    return Proposal(new, cover, evidence, partly=missing, added=Origin.DRAWN, controls=_controls(found, picture, size))


def _by_thing(picture: Array, value: str, step: Step, mask: Array, cap: float) -> PlacedText:
    """Text beside a thing, on the side that was said and not on the thing; smaller where there is little room."""
    assert step.where is not None
    height, width = mask.shape
    rows, columns = np.flatnonzero((mask > 127).any(axis=1)), np.flatnonzero((mask > 127).any(axis=0))
    x, y = int(columns[0] + columns[-1]) // 2, int(rows[0] + rows[-1]) // 2
    sides: dict[Relation, Box] = {
        Relation.ABOVE: (0, 0, width, y),
        Relation.TOP: (0, 0, width, y),
        Relation.BELOW: (0, y, width, height),
        Relation.BOTTOM: (0, y, width, height),
        Relation.LEFT: (0, 0, x, height),
        Relation.RIGHT: (x, 0, width, height),
    }
    left, top, right, bottom = sides.get(step.where.relation, (0, 0, width, height))
    busy = np.full_like(mask, 255)
    busy[top:bottom, left:right] = mask[top:bottom, left:right]
    spots = {(0, 0, width, y): (x, rows[0]), (0, y, width, height): (x, rows[-1]), (0, 0, x, height): (columns[0], y)}
    near = spots.get((left, top, right, bottom), (columns[-1], y))
    return in_frame(value, type_of(step.lettering)[0], picture, cap, None, busy, near)


def _moved(placed: PlacedText, context: Context, picture: Array) -> PlacedText:
    """The text where the controls say, if they say anything."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = placed.box
    across, down = context.controls.get("text_x"), context.controls.get("text_y")
    dx = 0 if across is None else round(across / 100 * width - (x0 + x1) / 2)
    dy = 0 if down is None else round(down / 100 * height - (y0 + y1) / 2)
    dx, dy = int(np.clip(dx, -x0, width - x1)), int(np.clip(dy, -y0, height - y1))
    return replace(placed, box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy))


def _controls(placed: PlacedText, picture: Array, size: str | None) -> tuple[Control, ...]:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = placed.box
    tall = 100 * placed.cap / min(height, width)
    how = f"{size} letters were asked for" if size else "no size was said"
    return (
        Control(name="text_size", value=round(tall, 1), low=2, high=40, unit="% of the shorter side", why=how),
        Control(name="text_x", value=round(50 * (x0 + x1) / width, 1), low=0, high=100, unit="% of the width", why="the text's middle"),
        Control(name="text_y", value=round(50 * (y0 + y1) / height, 1), low=0, high=100, unit="% of the height", why="the text's middle"),
    )  # fmt: skip


def _covered(quad: Quad, mask: Array) -> float:
    area = np.zeros_like(mask)
    cv2.fillConvexPoly(area, np.round(quad).astype(np.int32), 255)
    return float((mask[area > 0] > 127).mean()) if area.any() else 0.0


def _in_frame(quad: Quad, picture: Array) -> bool:
    height, width = picture.shape[:2]
    return bool((quad >= -1).all() and (quad[:, 0] <= width + 1).all() and (quad[:, 1] <= height + 1).all())


def _box(quad: Quad, picture: Array) -> Box:
    height, width = picture.shape[:2]
    x0, y0 = np.floor(quad.min(axis=0)).astype(int)
    x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
    return max(0, int(x0)), max(0, int(y0)), min(width, int(x1)), min(height, int(y1))
