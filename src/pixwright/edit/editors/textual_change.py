"""Text: find it by reading and take it away; set another in its size, ink, weight, slant and perspective; or add some where there was none."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.lettering.adding import (
    SIZES,
    PlacedText,
    across_thing,
    in_frame,
    ink_for,
    on_thing,
    type_of,
    written,
)
from pixwright.edit.lettering.calm import bearing
from pixwright.edit.lettering.changing import (
    FoundText,
    as_block,
    blocks,
    erased,
    line_by_line,
    one_line,
    reset,
)
from pixwright.edit.lettering.faces import unset
from pixwright.edit.lettering.setting import part_of, shares
from pixwright.edit.lettering.stacked import numbers, stacked
from pixwright.edit.lettering.unread import unread_gone
from pixwright.encoders.reading import TextLine, in_reading_order, likeness
from pixwright.encoders.reading.ink import Quad, line_size
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Step
from pixwright.records.region import Box, Region, box_in, whole
from pixwright.records.result import Control, Origin
from pixwright.records.thing import Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


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
_CHIEF = 1.5
"""How much higher than the others a line must be to be what a thing says, alone."""
_MOST_LINES = 4
"""Lines of a block that are all changed, where one of them is clearly the chief one."""
_FEW = 3
"""Lines of a picture that are all meant, where what bears them is not found."""
_CERTAIN, _UNLIKE = 0.85, 0.4
"""Scores of two lines in one place, and likeness of what they say, by which they are two."""
_ABOUT = 0.08
"""What is looked at about a thing, in its longer side."""
_LOOKS = (640, 800, 960)
"""Longer sides, in pixels, at which a thing's writing is looked for."""
_HALF = 0.5
"""Share of a line from which it is on a thing."""
_DATED = re.compile(r"\b(date|time|clock|timestamp|datestamp)\b")
_DATE = re.compile(r"^[\W\d]*\d[\W\d]*([ap]\.?m\.?)?[\W\d]*$", re.IGNORECASE)
_MEANT = "the text that is meant"
_PIECE = re.compile(r"\b(name|title|number|word|price|headline|heading|brand|logo)\b")
"""What of a text is one line, where a thing bears more."""
_CHANGED = re.compile(
    r"\b(change|replace|edit|correct|update|fix|modify|make|let|have|turn|switch|swap|rewrite|rename|retitle|relabel|call|name|say|says|read|reads|instead|should|must)\b"
)
"""Verbs of which the text that a thing bears becomes another; "write" and "put" add to it."""

_SPANNING = re.compile(r"\b(across|from (side|edge|end|left) to \w+|(all )?over (all of )?the (whole|entire))\b")
"""What is said of text that spans most of what it is written over."""
_LARGEST = 40
"""Size of the type in per cent of the picture's shorter side, at most."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Change `step.old_text` (or what the region says) to `step.value`; without a value it is taken away, without an old text some is added."""
    if step.value and (why := unset(step.value)):
        return refuse(picture, why)
    lines = _read(picture, context, closely=not step.value)
    if step.old_text:
        return _named_text(picture, lines, step, region, context)
    changes = bool(step.value) and step.where is None and _CHANGED.search(_spoken(step)) is not None
    adds, elsewhere = bool(step.value) and not changes, None
    if region.source != "user" and step.target is not None:
        # The thing that bears the text; a sign that nobody recognises is known by what it says, or by what it is on.
        region, elsewhere = bearing(picture, step.target, context, else_by_owner=adds)
        if not (adds or region.found):
            region = _owner(picture, step.target, context) or region
    aimed = region.source in ("user", "phrase") and region.found
    sure = [line for line in lines if line.score >= _SURE]
    if not aimed and step.target is not None and not step.value and 0 < len(sure) <= _FEW:
        meant = [FoundText(line.quad, line.text) for line in sure]
        return replace(erased(picture, meant, context), partly=f"{step.target} was not found: all text went")
    if not aimed and step.target is not None and not (elsewhere or (changes and sure)):
        return refuse(picture, f"{step.target} was not found: show it with --box X0,Y0,X1,Y1")
    if not step.value:
        return _wiped(picture, lines, step, region, context, aimed=aimed)
    if adds:
        added = _added(picture, step, region, context, aimed=aimed)
        return replace(added, partly=added.partly or elsewhere)
    # A sign is where the writing is: if none is on what was taken for it, something else was.
    borne = (_on(sure, region) or _on(_near_by(picture, region, context), region) or sure) if aimed else sure
    # Of a flag or a shirt whose outline ends amid its letters, those that stand with them are meant too.
    borne = [
        line for line in sure if any(line in group for group in blocks(sure) if any(o in borne for o in group))
    ] or borne
    if figures := numbers(borne, str(step.value)):
        return line_by_line(picture, figures, step, context)
    return _said(picture, borne, step, region, context, aimed=aimed)


def _owner(picture: Array, thing: Thing, context: Context) -> Region | None:
    """Where that is which a thing is on or a part of, if the thing itself was not found: "the sign on the bus"."""
    link = thing.link
    larger = [*(link.to if link is not None else ()), thing.owner, thing.of]
    for one in [one for one in larger if one is not None]:
        if (there := context.ground(picture, one)).found:
            return there
        if (deeper := _owner(picture, one, context)) is not None:
            return deeper
    return None


def _named_text(picture: Array, lines: list[TextLine], step: Step, region: Region, context: Context) -> Proposal:
    """The text that was named becomes another, or goes: on one line or several, looked for more closely if it is not seen at once."""
    wanted = str(step.old_text)
    everywhere = region if region.found else whole(picture.shape[0], picture.shape[1])
    looks: tuple[Callable[[], list[TextLine]], ...] = (
        lambda: lines,
        lambda: _read(picture, context, closely=True),
        lambda: _near_by(picture, everywhere, context),
    )
    for look in looks:
        seen = look()
        if above := stacked(seen, wanted):
            return line_by_line(picture, above, step, context)
        if (named := _named(seen, wanted)) is not None:
            return reset(picture, named, step, context) if step.value else erased(picture, [named], context)
    return _unread(picture, lines, f"the text '{wanted}'")


def _wiped(
    picture: Array, lines: list[TextLine], step: Step, region: Region, context: Context, *, aimed: bool
) -> Proposal:
    """Text goes: what can be read, and on a thing that was named what is seen to be text though nobody can read it."""
    meant = [
        FoundText(line.quad, line.text) for line in _meant(lines, step, region, picture, context.standing(picture))
    ]
    if not meant and (gone := unread_gone(picture, step, context)) is not None:
        return gone
    if aimed and not meant:
        meant = [FoundText(quad, "") for quad in _seen(picture, region, context)]
        if meant:
            return erased(picture, meant, context, within=_bearing_place(region))
    return erased(picture, meant, context) if meant else _unread(picture, lines, "the text that is meant")


def _looks(picture: Array, region: Region) -> Iterator[tuple[Array, Callable[[Quad], Quad]]]:
    """What a region holds, with a little about it, at the sizes at which it is looked at, and what brings a place in it back into the picture."""
    box = box_in(region.mask)
    if box is None:
        return
    height, width = picture.shape[:2]
    air = round(_ABOUT * max(box[2] - box[0], box[3] - box[1]))
    x0, y0, x1, y1 = max(0, box[0] - air), max(0, box[1] - air), min(width, box[2] + air), min(height, box[3] + air)
    part, corner = np.ascontiguousarray(picture[y0:y1, x0:x1]), np.array([x0, y0], np.float32)
    for side in _LOOKS:
        scale = side / max(part.shape[:2])
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        large = np.asarray(cv2.resize(part, size, interpolation=way), np.uint8)
        yield large, partial(_back, scale, corner)


def _back(scale: float, corner: Quad, quad: Quad) -> Quad:
    return np.asarray(quad / scale + corner, np.float32)


def _near_by(picture: Array, region: Region, context: Context) -> list[TextLine]:
    """The lines that can be read on what was found when it is looked at by itself, each at the size at which it reads best."""
    lines = [
        replace(line, quad=back(line.quad))
        for large, back in _looks(picture, region)
        for line in context.encoders.reader.read(large)
    ]
    return _once([line for line in lines if line.score >= _SURE and _is_text(line, picture)])


def _seen(picture: Array, region: Region, context: Context) -> list[Quad]:
    """Where text is on what was found, read or not: at the size at which most of it is seen."""
    best: tuple[float, list[Quad]] = 0.0, []
    hull = _bearing_place(region)
    for large, back in _looks(picture, region):
        quads = [back(quad) for quad in context.encoders.reader.boxes(large)]
        held = [quad for quad in quads if _covered(quad, hull) > _HALF]
        best = max(best, (float(sum(cv2.contourArea(quad) for quad in held)), held), key=lambda one: one[0])
    return best[1]


def _bearing_place(region: Region) -> Array:
    """Where letters are on what was found: between its parts too, since letters on a shirt or a flag are often left out of its outline."""
    if region.source == "user":
        return region.mask
    corners = cv2.findNonZero((region.mask > 127).astype(np.uint8))
    hull = np.zeros_like(region.mask)
    if corners is not None:
        cv2.fillConvexPoly(hull, cv2.convexHull(corners), 255)
    return hull


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
    return _once([line for line in lines if _is_text(line, picture)])


def _once(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines in reading order, each once: of two in one place that say about the same, or of which one is unsure, the surer one."""
    kept: list[TextLine] = []
    for line in sorted(lines, key=lambda line: -line.score):
        if not any(_shared(line.quad, other.quad) >= _SAME and not _both_there(line, other) for other in kept):
            kept.append(line)
    return in_reading_order(kept)


def _both_there(line: TextLine, other: TextLine) -> bool:
    """Whether two lines of which one lies in the other's frame, as beside a slanting one, are two."""
    return min(line.score, other.score) >= _CERTAIN and likeness(line.text, other.text) < _UNLIKE


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


def _on(lines: list[TextLine], region: Region) -> list[TextLine]:
    """The lines on what was found; if none is, those in its box."""
    borne = [line for line in lines if _covered(line.quad, _bearing_place(region)) > _HALF]
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


def _said(
    picture: Array, borne: list[TextLine], step: Step, region: Region, context: Context, *, aimed: bool
) -> Proposal:
    """What a thing says becomes the new text: one line of it, or all of a block; if it says nothing, the text is added."""
    within = _bearing_place(region) if aimed and region.source == "phrase" else None
    if within is not None and any(_covered(line.quad, within) < _HALF for line in borne):
        within = None
    if _DATE.match(str(step.value)) and (dated := [line for line in borne if _DATE.match(line.text.strip())]):
        borne = dated
    if not borne:
        return _added(picture, step, region, context, aimed=True) if aimed else _unread(picture, borne, _MEANT)
    groups = blocks(borne)
    if not aimed and len(groups) > 1 and _chief(borne) is None:
        return _unread(picture, borne, _MEANT)
    chief = _chief(borne)
    lines = groups[0]
    if chief is not None and not any(line.quad is chief.quad for line in lines):
        lines = next(group for group in groups if any(line.quad is chief.quad for line in group))
    if chief is not None and (len(lines) == 1 or len(lines) > _MOST_LINES or _PIECE.search(_spoken(step))):
        return reset(picture, chief, step, context, within)
    if len(lines) == 1:
        return reset(picture, FoundText(lines[0].quad, lines[0].text), step, context, within)
    if len(lines) <= len(one_line(step).split()) and len(lines) <= _MOST_LINES and _stand_below(lines):
        return line_by_line(picture, lines, step, context, within)
    return as_block(picture, lines, step, context)


def _stand_below(lines: Sequence[TextLine]) -> bool:
    """Whether each line stands below the one before, and none beside it."""
    return all(
        float(lower.quad[:, 1].mean() - upper.quad[:, 1].mean()) > _HALF * line_size(lower.quad)[1]
        for upper, lower in pairwise(lines)
    )


def _named(lines: Sequence[TextLine], wanted: str) -> FoundText | None:
    """The line, or the part of one, that is the wanted text."""
    scored = [(*_likeness(line.text, wanted), line) for line in lines]
    # Of several that say it the largest is meant.
    alike, start, end, line = max(
        scored, key=lambda s: (round(s[0], 1), line_size(s[3].quad)[1]), default=(0.0, 0, 0, None)
    )
    if line is None or alike < _ALIKE:
        return None
    rest = line.text[end:].strip()
    if rest and not any(c.isalnum() for c in rest):
        # A comma at the end moves with the word.
        return FoundText(
            part_of(line.quad, *shares(line.text, start, len(line.text))),
            line.text[start:],
            ending=rest,
            preceded=start > 0,
        )
    quad = part_of(line.quad, *shares(line.text, start, end)) if (start, end) != (0, len(line.text)) else line.quad
    return FoundText(quad, line.text[start:end], bool(rest), preceded=start > 0)


def _chief(lines: Sequence[TextLine]) -> FoundText | None:
    """The only line, or one that is clearly higher than all others; None where several are as high."""
    by_height = sorted(lines, key=lambda line: -line_size(line.quad)[1])
    if not by_height or (
        len(by_height) > 1 and line_size(by_height[0].quad)[1] < _CHIEF * line_size(by_height[1].quad)[1]
    ):
        return None
    return FoundText(by_height[0].quad, by_height[0].text)


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
    if _SPANNING.search(_spoken(step)) and size is None:
        largest = context.controls.get("text_size", _LARGEST) / 100 * short
        found = across_thing(value, type_, _spanned(picture, step, region, context, aimed=aimed), largest)
        if found is None:
            return refuse(picture, f"'{value}' would be too small to be read across {step.target or 'that place'}")
    elif aimed:
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
    evidence = Evidence(text=one_line(step), placed=(found.box,))
    return Proposal(new, cover, evidence, partly=missing, added=Origin.DRAWN, controls=_controls(found, picture, size))


def _spanned(picture: Array, step: Step, region: Region, context: Context, *, aimed: bool) -> Array:
    """HxW uint8: what text that goes across something goes across: the thing, the upper or lower quarter of the frame, or all of it."""
    if aimed:
        return region.mask
    if step.where is not None and step.where.anchor is not None:
        there = context.ground(picture, step.where.anchor)
        if there.found:
            return there.mask
    mask = whole(*picture.shape[:2]).mask.copy()
    edge = mask.shape[0] // 4
    if step.where is not None and step.where.relation is Relation.TOP:
        mask[edge:] = 0
    if step.where is not None and step.where.relation is Relation.BOTTOM:
        mask[:-edge] = 0
    return mask


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
        Control(name="text_size", value=round(tall, 1), low=2, high=_LARGEST, unit="% of the shorter side", why=how),
        Control(name="text_x", value=round(50 * (x0 + x1) / width, 1), low=0, high=100, unit="% of the width", why="the text's middle"),
        Control(name="text_y", value=round(50 * (y0 + y1) / height, 1), low=0, high=100, unit="% of the height", why="the text's middle"),
    )  # fmt: skip


def _covered(quad: Quad, mask: Array) -> float:
    area = np.zeros_like(mask)
    cv2.fillConvexPoly(area, np.round(quad).astype(np.int32), 255)
    return float((mask[area > 0] > 127).mean()) if area.any() else 0.0
