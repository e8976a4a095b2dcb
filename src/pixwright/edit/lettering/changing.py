"""Text that is there becomes another: taken away without a trace, and set anew in its place, size, ink, weight, slant, blur and perspective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal
from pixwright.edit.filling.fill import fill
from pixwright.edit.lettering.adding import broken, ink_for
from pixwright.edit.lettering.faces import block
from pixwright.edit.lettering.setting import (
    LineSetting,
    extent,
    natural_width,
    part_of,
    read_setting,
    room_beside,
    stretched,
    stroke_of,
    write,
)
from pixwright.edit.lettering.stacked import shared_out
from pixwright.encoders.reading import TextLine, crop_quad, likeness
from pixwright.encoders.reading.ink import Quad, ink_mask, ink_of, line_size, rectified
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Box
from pixwright.records.result import Origin

_CONDENSED = (0.66, 1.5)
"""Bounds of how narrow or wide the old type is against ours; the new text is set as narrow or wide."""
_SQUEEZED = 0.72
"""How much narrower new text is set at most to stay on its ground; beyond, it is set smaller."""
_AS_LONG = 1.08
"""How much wider than the old text one of as many characters may be."""
_SOFT_RIM, _WIDEST_RIM = 1.5, 8.0
"""How far beyond its ink a line is taken away, in sigmas of its blur, and the most of that in pixels."""
_ABOUT = 0.012
"""How far about a hole its ground is looked at, in the picture's shorter side."""
_SHADES, _MOSTLY, _GRAIN, _FEWEST, _GRAIN_SIZE = 40.0, 0.8, 5.0, 40, 0.7
"""An even ground: how far its pixels are from the usual one, 0 to 255, at most; the share of them that are; the median of what is rough in it; the fewest pixels
that tell it; and the blur of its grain."""
_TRACE = 1e-3
"""Weight of the wider surroundings where nothing is known near by."""
_OF_STROKE = 2.0
"""Width of that rim, in strokes: between thin letters their ground must be left."""
_STILL, _FRAME, _OFF_GROUND = 0.5, 0.06, 24
"""Likeness of what is read in a filled line's place to what stood there, beyond which it still stands there; what of its frame stays then on each side;
and how far from the usual colour there, 0 to 255, a pixel is none of the ground."""
_THEIRS = 0.25
"""Share of a piece that lies in a smaller line's frame from which it is no letter of the larger one."""
_LARGER = 1.1
"""How much larger than the old letters those of a block are set at most."""
_JOINED = 0.7
"""Distance between lines of one block, at most, in heights of the lower one of them."""
_LEAST_LEFT = 0.6
"""Share of a line's height that is left to it at least where the next line begins."""


_NEAR = np.ones((5, 5), np.uint8)
"""Pixels about ink that are partly of it."""


@dataclass(frozen=True, eq=False)
class FoundText:
    """The text that is to be changed: where it is, what it says, and whether more of its line follows on the right."""

    quad: Quad
    text: str
    followed: bool = False
    ending: str = ""
    """Punctuation at the end of its line, which stays."""
    preceded: bool = False
    """Whether more of its line stands on the left."""


def erased(picture: Array, found: Sequence[FoundText], context: Context, within: Array | None = None) -> Proposal:
    """The lines filled with what is around their letters; `within` HxW uint8 is what bears them, and nothing beyond it is touched."""
    hole, blank = _cleared(picture, found, context, within)
    said = ", ".join(one.text for one in found if one.text)
    notes = (f"taken away: {said or 'what is written'}",)
    return Proposal(blank, hole, Evidence(vacated=tuple(box_of(one.quad, picture) for one in found)), notes=notes)


def _cleared(
    picture: Array, found: Sequence[FoundText], context: Context, within: Array | None = None
) -> tuple[Array, Array]:
    """The hole of some lines and the picture without them. Of a line that can be read on, as where it is bent, all goes that is in its frame and not its ground."""
    hole = _hole(picture, found)
    if within is not None:
        hole = np.where(within > 127, hole, 0).astype(np.uint8)
    blank = blank_of(picture, hole, context)
    seen = np.ascontiguousarray(blank[..., ::-1])
    left = [
        one.quad
        for one in found
        if one.text and likeness(context.encoders.reader.recognise(crop_quad(seen, one.quad))[0], one.text) > _STILL
    ]
    for quad in left:
        frame = np.zeros_like(hole)
        inner = _part(quad, (_FRAME, _FRAME), (1 - _FRAME, 1 - _FRAME))
        cv2.fillConvexPoly(frame, np.round(inner).astype(np.int32), 255)
        usual = np.median(picture[(frame > 0) & (hole == 0)], axis=0)
        off = (np.abs(picture - usual).max(axis=2) > _OFF_GROUND).astype(np.uint8) * np.uint8(255)
        ink = _enclosed(off, frame)
        other = cv2.dilate(np.minimum(off, frame) - ink, _NEAR) > 0
        gone = (frame > 0) & ((hole > 0) | (cv2.dilate(ink, _NEAR) > 0)) & ~(other & (ink == 0))
        even = _even(picture, gone, (frame > 0) & ~gone & ~other, context)
        if even is not None:
            blank[gone], hole[gone] = even[gone], 255
    return hole, blank


def _enclosed(off: Array, frame: Array) -> Array:
    """The pieces of what is not the ground (HxW uint8) that lie inside a frame: what goes on beyond it is what a ribbon lies on, and no ink."""
    inside = np.minimum(off, frame)
    _, labels = cv2.connectedComponents(inside, connectivity=4)
    rim = (frame > 0) & (cv2.erode(frame, np.ones((3, 3), np.uint8)) == 0)
    beyond = np.unique(labels[rim & (inside > 0)])
    return np.where(np.isin(labels, beyond), 0, inside).astype(np.uint8)


def _hole(picture: Array, found: Sequence[FoundText]) -> Array:
    """What takes the lines' letters away. A piece that lies in a smaller line's frame is that line's ground, such as its ribbon, and stays."""
    hole = np.zeros(picture.shape[:2], np.uint8)
    for one in found:
        own = letters_of(picture, one.quad, one.text)
        smaller = [other.quad for other in found if line_size(other.quad)[1] < line_size(one.quad)[1]]
        hole = np.maximum(hole, _outside(own, smaller))
    return hole


def _outside(own: Array, quads: Sequence[Quad]) -> Array:
    """A line's pieces (HxW uint8) without those that lie in other lines' frames, and what is left of them there."""
    others = np.zeros_like(own)
    for quad in quads:
        cv2.fillConvexPoly(others, np.round(quad).astype(np.int32), 255)
    if not (own & others).any():
        return own
    _, labels = cv2.connectedComponents(own, connectivity=8)
    count = np.bincount(labels.ravel())
    theirs = np.bincount(labels.ravel(), weights=(others > 0).ravel(), minlength=len(count)) > _THEIRS * count
    theirs[0] = False
    return np.where(theirs[labels] | (others > 0), 0, own).astype(np.uint8)


def blank_of(picture: Array, hole: Array, context: Context) -> Array:
    """The hole filled with the ground about it, and never with other letters."""
    others = np.zeros_like(hole)
    for line in context.encoders.reader.read(picture):
        others = np.maximum(others, letters_of(picture, line.quad, line.text))
    others[hole > 0] = 0
    return _blank_ground(picture, hole, others, context)


def _blank_ground(picture: Array, hole: Array, others: Array, context: Context) -> Array:
    """A hole (HxW uint8) filled: where it lies on an even ground, such as a sign's, with that ground and its grain; elsewhere with what is about it, and never with `others`."""
    out, rest = picture.copy(), hole.copy()
    reach = max(2, round(_ABOUT * min(hole.shape)))
    wide = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    for label in range(1, count):
        x, y, across, down, _ = stats[label]
        part = np.s_[y : y + down, x : x + across]
        own = labels[part] == label
        even = _even(picture[part], (hole[part] > 0) & own, (hole[part] == 0) & (others[part] == 0) & own, context)
        if even is not None:
            inner = (hole[part] > 0) & own
            out[part][inner] = even[inner]
            rest[part][inner] = 0
    if not rest.any():
        return out
    filled = fill(out, rest, rng=context.rng(1), forbid=others, parts=context.encoders.parts)
    return np.asarray(filled, np.uint8)


def _even(part: Array, hole: NDArray[np.bool_], ring: NDArray[np.bool_], context: Context) -> Array | None:
    """The even ground of a hole, hxwx3, from the ring about it; None where that is not even."""
    if ring.sum() < _FEWEST:
        return None
    pixels = part.astype(np.float32)
    usual = np.median(pixels[ring], axis=0)
    known = ring & (np.abs(pixels - usual).max(axis=2) < _SHADES)
    if known.sum() < _MOSTLY * ring.sum():
        return None
    sigma = max(2.0, float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max()))
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), sigma) + _TRACE
    whole_weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 4 * sigma) + _TRACE
    near = cv2.GaussianBlur(pixels * known[..., None], (0, 0), sigma) + _TRACE * (
        (cv2.GaussianBlur(pixels * known[..., None], (0, 0), 4 * sigma) + _TRACE * usual) / whole_weight[..., None]
    )
    ground = near / weight[..., None]
    rough = pixels[known] - ground[known]
    if float(np.median(np.abs(rough))) > _GRAIN:
        return None
    grain = cv2.GaussianBlur(context.rng(2).normal(0, 1, part.shape[:2]).astype(np.float32), (0, 0), _GRAIN_SIZE)
    steps = np.abs(np.diff(pixels.mean(axis=2), axis=1))[known[:, 1:] & known[:, :-1]]
    loud = float(np.median(steps) if steps.size else 0) / max(float(np.median(np.abs(np.diff(grain, axis=1)))), 1e-6)
    return np.asarray(np.clip(ground + (grain * loud)[..., None] + 0.5, 0, 255), np.uint8)


def letters_of(picture: Array, quad: Quad, text: str = "") -> Array:
    """The hole that takes a line's letters away, with their rim and, where they are blurred, that too."""
    tall = line_size(quad)[1]
    flat, _ = rectified(picture, quad)
    stroke = stroke_of(ink_of(flat, text)) * tall / flat.shape[0]
    soft = min(_SOFT_RIM * max(read_setting(picture, quad, text).blur - 1, 0), _WIDEST_RIM)
    spread = round(max(3, min(tall / 9, 6 + tall / 60, _OF_STROKE * stroke)) + 2 * soft) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (spread, spread))
    return np.asarray(cv2.dilate(ink_mask(picture, quad, text), kernel), np.uint8)


def reset(picture: Array, found: FoundText, step: Step, context: Context, within: Array | None = None) -> Proposal:
    """Another text in the place and manner of the one that was found, on what bears it (`within` HxW uint8)."""
    return _anew(picture, [found], [(found, one_line(step))], step, context, within)


def line_by_line(
    picture: Array, lines: Sequence[TextLine], step: Step, context: Context, within: Array | None = None
) -> Proposal:
    """A text on several lines becomes another on as many; a line that says the same stays."""
    found = [FoundText(line.quad, line.text) for line in parted(lines)]
    if not step.value:
        return erased(picture, found, context)
    values = list(zip(found, shared_out(one_line(step), [line.text for line in lines])))
    stays = [one for one, value in values if value.casefold() == one.text.casefold()]
    goes = [one for one in found if one not in stays]
    return _anew(
        picture, goes, [(one, value) for one, value in values if value and one not in stays], step, context, within
    )


def as_block(picture: Array, lines: Sequence[TextLine], step: Step, context: Context) -> Proposal:
    """All lines go, and the new text stands in the middle of their place, as large as it fits and as they were, set as the largest of them."""
    chief = max(lines, key=lambda line: line_size(line.quad)[1])
    setting = _setting(picture, FoundText(chief.quad, chief.text), step)
    hole = _hole(picture, [FoundText(line.quad, line.text) for line in lines])
    blank = blank_of(picture, hole, context)
    tight = [_tight(picture, line.quad, line.text) for line in lines]
    place = _frame(np.concatenate(tight), chief.quad)
    wide, tall = line_size(place)
    largest = _LARGER * line_size(_tight(picture, chief.quad, chief.text))[1]
    best: tuple[float, str, Array] | None = None
    for text in broken(one_line(step)):
        letters = block(text, setting.type)
        rows = text.count("\n") + 1
        scale = min(wide / letters.shape[1], tall / letters.shape[0], largest * rows / letters.shape[0])
        if best is None or scale > best[0]:
            best = float(scale), text, letters
    assert best is not None
    scale, text, letters = best
    across, down = scale * letters.shape[1] / wide, scale * letters.shape[0] / tall
    quad = _part(place, ((1 - across) / 2, (1 - down) / 2), ((1 + across) / 2, (1 + down) / 2))
    return _set(picture, hole, blank, [(text, quad, setting)], step)


def _anew(
    picture: Array,
    goes: Sequence[FoundText],
    comes: Sequence[tuple[FoundText, str]],
    step: Step,
    context: Context,
    within: Array | None,
) -> Proposal:
    """What goes is filled at once; then each text is set in the manner of the line that it takes the place of."""
    hole, blank = _cleared(picture, goes, context)
    texts = []
    for found, value in comes:
        setting, value = _setting(picture, found, step), value + found.ending
        place = _place(_tight(picture, found.quad, found.text), found, value, setting, picture, within)
        texts.append((value, place, setting))
    return _set(picture, hole, blank, texts, step)


def _setting(picture: Array, found: FoundText, step: Step) -> LineSetting:
    setting = read_setting(picture, found.quad, found.text)
    if step.lettering is not None and step.lettering.colour:
        return replace(setting, ink=ink_for(step.lettering, picture, box_of(found.quad, picture)))
    return setting


def _set(
    picture: Array, hole: Array, blank: Array, texts: Sequence[tuple[str, Quad, LineSetting]], step: Step
) -> Proposal:
    """The texts, each in its place, on what was filled."""
    out, mask = np.where(hole[..., None] > 0, blank, picture), hole.copy()
    for text, place, setting in texts:
        inked, cover = write(blank, text, place, setting, lit=True)
        share = (cover.astype(np.float32) / 255)[..., None]
        out = np.clip(out * (1 - share) + inked * share + 0.5, 0, 255).astype(np.uint8)
        mask[cover > 0] = 255
    placed = tuple(box_of(place, picture) for _, place, _ in texts)
    return Proposal(np.asarray(out, np.uint8), mask, Evidence(text=one_line(step), placed=placed), added=Origin.DRAWN)


def _frame(points: Quad, like: Quad) -> Quad:
    """The smallest frame about points (n, 2) whose sides run as those of a line do."""
    along, down = like[1] - like[0] + like[2] - like[3], like[3] - like[0] + like[2] - like[1]
    turn = np.stack([along / np.linalg.norm(along), down / np.linalg.norm(down)], axis=1)
    at = np.linalg.solve(turn, points.T)
    (x0, y0), (x1, y1) = at.min(axis=1), at.max(axis=1)
    corners = turn @ np.array([[x0, x1, x1, x0], [y0, y0, y1, y1]])
    return np.ascontiguousarray(corners.T, np.float32)


def _part(quad: Quad, start: tuple[float, float], end: tuple[float, float]) -> Quad:
    """The part of a quad between two points that are given as shares of its width and height."""
    sides = part_of(quad, start[0], end[0])
    left, right = sides[3] - sides[0], sides[2] - sides[1]
    return np.array(
        [
            sides[0] + left * start[1],
            sides[1] + right * start[1],
            sides[1] + right * end[1],
            sides[0] + left * end[1],
        ],
        np.float32,
    )


def blocks(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """The lines that stand together, as they are in reading order; the block that takes the most room first."""
    groups: list[list[TextLine]] = []
    for line in lines:
        near = [group for group in groups if any(_near(line.quad, other.quad) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(one for group in near for one in group), line])
    order = {id(line): at for at, line in enumerate(lines)}
    groups = [sorted(group, key=lambda line: order[id(line)]) for group in groups]
    return sorted(groups, key=lambda group: -sum(cv2.contourArea(line.quad) for line in group))


def parted(lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines one below the other, each ending where the next begins: a reader's frame of a line takes in what slants or hangs below it."""
    out = list(lines)
    for at, (upper, lower) in enumerate(pairwise(lines)):
        if cv2.intersectConvexConvex(upper.quad, lower.quad)[0] <= 0:
            continue
        down = upper.quad[3] + upper.quad[2] - upper.quad[0] - upper.quad[1]
        start = (lower.quad[0] + lower.quad[1] - upper.quad[0] - upper.quad[1]) / 2
        end = 2 * float(start @ down) / float(down @ down)
        if _LEAST_LEFT < end < 1:
            out[at] = replace(upper, quad=_part(upper.quad, (0, 0), (1, end)))
    return out


def _near(a: Quad, b: Quad) -> bool:
    """Whether two lines are less than a share of the lower one's height apart."""
    air = _JOINED * min(line_size(a)[1], line_size(b)[1]) / 2
    grown = []
    for quad in (a, b):
        wide, tall = line_size(quad)
        across, down = air / wide, air / tall
        grown.append(_part(quad, (-across, -down), (1 + across, 1 + down)))
    return cv2.intersectConvexConvex(grown[0], grown[1])[0] > 0


def one_line(step: Step) -> str:
    """The new text of a step, its lines joined."""
    return " ".join(str(step.value).replace(" / ", "\n").split("\n"))


def _place(
    tight: Quad, found: FoundText, value: str, setting: LineSetting, picture: Array, within: Array | None = None
) -> Quad:
    """Where the new text goes: on the old one's line, in its size, as narrow as its type was, no further than its ground."""
    above, below = extent(found.text)
    up, down = extent(value)
    line = above / (above + below)
    left, right = tight[3] - tight[0], tight[2] - tight[1]
    # Before a busy ground the ink's height is overestimated; the old text's own width then tells the type's size.
    width, height = line_size(tight)
    condensed = width / max(_own_width(found.text, setting) * height, 1.0)
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
    factor = float(np.clip(_own_width(value, setting) * height * condensed / width, 0.1, 6.0))
    if found.followed:
        return stretched(level, min(factor, 1.02), 0.0)
    before, after = room_beside(picture, found.quad, found.text, within)
    before = 0.0 if found.preceded else before
    room = 1 + before + after
    wanted = min(room, _AS_LONG) if len(value) <= len(found.text) else room
    factor = float(np.clip(wanted, _SQUEEZED * factor, factor))
    if factor > room:
        level = _smaller(level, room / factor)
        factor = room
    return _kept(level, factor, (before, after), picture)


def _own_width(text: str, setting: LineSetting) -> float:
    return natural_width(text, setting.weight, setting.face, setting.spacing)


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


def _tight(picture: Array, quad: Quad, text: str = "") -> Quad:
    """The quad cut to its ink: readers draw generous boxes, and a text's size is its ink's."""
    flat, _ = rectified(picture, quad)
    ink = ink_of(flat, text)
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 0), np.flatnonzero(ink.sum(axis=0) > 0)
    if rows.size < 4 or columns.size < 4:
        return quad
    h, w = ink.shape
    x0, x1, y0, y1 = columns[0] / w, (columns[-1] + 1) / w, rows[0] / h, (rows[-1] + 1) / h
    return _part(quad, (x0, y0), (x1, y1))


def _in_frame(quad: Quad, picture: Array) -> bool:
    height, width = picture.shape[:2]
    return bool((quad >= -1).all() and (quad[:, 0] <= width + 1).all() and (quad[:, 1] <= height + 1).all())


def box_of(quad: Quad, picture: Array) -> Box:
    """The box (XYXY) about a quad, in the frame of `picture` HxWx3."""
    height, width = picture.shape[:2]
    x0, y0 = np.floor(quad.min(axis=0)).astype(int)
    x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
    return max(0, int(x0)), max(0, int(y0)), min(width, int(x1)), min(height, int(y1))
