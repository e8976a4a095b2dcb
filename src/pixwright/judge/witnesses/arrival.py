"""What was put in or moved: is it whole, is it what was asked, and does it lie where it was asked?"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.encoders.reading import likeness
from pixwright.judge.contract import HALF, WORK_SIDE, crop
from pixwright.judge.look import Look, grown
from pixwright.judge.witnesses.heard import Heard
from pixwright.media.pixels import lab, shrink
from pixwright.records.kind import Aspect
from pixwright.records.plan import Relation
from pixwright.records.region import Box
from pixwright.records.result import Origin
from pixwright.words import lexicon, read

_CHANGED = 6.0
"""Difference in L*a*b* from which a pixel shows what was put in."""
_CLOSED = 5
"""Pixels of a gap that is closed before pieces are counted: a pattern of the ground's own colour parts nothing."""
_SIDES = {
    Relation.LEFT: (-1, 0), Relation.RIGHT: (1, 0), Relation.ABOVE: (0, -1), Relation.BELOW: (0, 1),
    Relation.TOP: (0, -1), Relation.BOTTOM: (0, 1), Relation.CENTER: (0, 0),
    Relation.TOP_LEFT: (-1, -1), Relation.TOP_RIGHT: (1, -1), Relation.BOTTOM_LEFT: (-1, 1), Relation.BOTTOM_RIGHT: (1, 1),
}  # fmt: skip
"""The way from the middle, right and down."""
_LEVELS = 2.55
"""Levels of 8 bits to one of L*."""
_FOOT, _LEAST_FOOT = 0.06, 3
"""Share of a thing's height that is its foot, and rows of it at least."""
_RIM, _LEAST_THING = 3, 150
"""Pixels around a thing that are its rim, and of another thing at least."""
_MIDDLE = 0.25
"""Distance from the middle, in shares of the picture's sides, up to which a thing is in the middle."""


def pieces(look: Look) -> Heard | None:
    """Share of what was put in from a picture that is not its largest connected piece."""
    trial = look.trial
    if trial.step.reference is None or not trial.evidence.placed or not trial.same_size:
        return None
    changed = np.linalg.norm(look.after - look.before, axis=2) > _CHANGED
    shown = (changed & look.within(trial.evidence.placed) & look.touched).astype(np.uint8)
    joined = cv2.morphologyEx(shown, cv2.MORPH_CLOSE, np.ones((_CLOSED, _CLOSED), np.uint8))
    sizes = cv2.connectedComponentsWithStats(joined)[2][1:, cv2.CC_STAT_AREA]
    if not sizes.size:
        return None
    return Heard(1 - float(sizes.max() / sizes.sum()), "what was put in is in pieces")


def cut_off(look: Look) -> Heard | None:
    """Share of a thing of a new size that the picture's frame cuts off."""
    evidence, region = look.trial.evidence, look.trial.region
    if evidence.factor is None or not evidence.placed or not region.boxes:
        return None
    grown = evidence.factor**2 if evidence.axis == "both" else evidence.factor
    shown = sum(map(_area, evidence.placed)) / max(grown * sum(map(_area, region.boxes)), 1)
    return Heard(max(0.0, 1 - shown), "the picture's edge cuts it off")


def drawn(look: Look) -> Heard | None:
    """1 where what was put in is a drawing."""
    evidence = look.trial.evidence
    if not evidence.placed or not look.trial.step.type.traits.brings:
        return None
    light = lexicon().is_(
        read(evidence.placed_phrase or "").head, "heaven"
    )  # a rainbow is light: it has no surface that could look drawn
    is_drawn = evidence.origin is Origin.DRAWN and not light
    return Heard(float(is_drawn), "what was put in is a drawing, not a photograph")


def other_name(look: Look) -> Heard | None:
    """0 where what was put in has the name that was asked for, 0.5 where only its last word, 1 where none of it."""
    asked, got = look.trial.step.value, look.trial.evidence.placed_phrase
    if not asked or not got or look.trial.step.reference is not None:
        return None
    wanted, put = read(asked), read(got)
    rows = [lexicon().look(thing.name) for thing in (wanted, put)]
    same = wanted.name == put.name or (rows[0] is not None and rows[1] is not None and rows[0].noun == rows[1].noun)
    # A top hat is a hat, and a sailboat a boat.
    same = (
        same or put.name.endswith(f" {wanted.name}") or (rows[0] is not None and lexicon().is_(put.name, rows[0].noun))
    )
    loosely = wanted.name.split()[-1] in got.lower().split()
    return Heard(0.0 if same else 0.5 if loosely else 1.0, f'what was put in is "{got}", not "{asked}"')


def place(look: Look) -> Heard | None:
    """0 where a thing lies, or went, on the side of the picture that was asked for; 1 where on the opposite one."""
    where, evidence, region = look.trial.step.where, look.trial.evidence, look.trial.region
    if where is None or where.anchor is not None or where.relation not in _SIDES or not evidence.placed:
        return None
    height, width = look.trial.after.shape[:2]
    x, y = _middle(evidence.placed, width, height)
    way = _SIDES[where.relation]
    if way == (0, 0):
        return Heard(float(np.clip(np.hypot(x, y) / (2 * _MIDDLE), 0, 1)), "it does not lie in the middle")
    if look.trial.step.type.traits.changes is Aspect.PLACE and region.boxes:
        from_x, from_y = _middle(region.boxes, width, height)
        x, y = x - from_x, y - from_y
    along = [part * side for part, side in zip((x, y), way, strict=True) if side]
    return Heard(
        float(min(along) <= 0), f"it does not lie where it was asked ({where.relation.value.replace('_', ' ')})"
    )


def upright(look: Look) -> Heard | None:
    """How unlike the wanted words is what a reader of upright lines sees in the text's own box."""
    wanted, boxes = look.trial.evidence.text, look.trial.evidence.placed
    if not wanted or not boxes or look.trial.step.type.traits.changes is not Aspect.TEXT:
        return None
    part = crop(look.trial.after, boxes[0])
    if not part.size or part.shape[0] > part.shape[1] or "\n" in wanted:
        return None
    seen = look.trial.encoders.reader.recognise(np.ascontiguousarray(part))[0]
    return Heard(1 - likeness(seen, wanted), "the words cannot be read whole and upright where they were set")


def legible(look: Look) -> Heard | None:
    """How far the two inks of the words' own box are apart, in L*a*b*: parted where their lightness parts best (Otsu 1979)."""
    trial = look.trial
    if not trial.evidence.text or not trial.evidence.placed:
        return None
    part = crop(trial.after, trial.evidence.placed[0])
    if not part.size:
        return None
    colours = lab(np.ascontiguousarray(part))
    light = np.round(colours[..., 0] * _LEVELS).astype(np.uint8)
    ink = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1] > 0
    apart = np.linalg.norm(colours[ink].mean(axis=0) - colours[~ink].mean(axis=0)) if ink.any() else 0.0
    return Heard(float(apart), "the words hardly stand out from what is behind them")


def by_anchor(look: Look) -> Heard | None:
    """How far from what it was to be put by a thing lies, in diagonals of the picture; 1 where it lies on another side of it than was asked."""
    where, placed = look.trial.step.where, look.trial.evidence.placed
    if where is None or where.anchor is None or not placed or not look.trial.same_size:
        return None
    anchor = look.trial.ground(look.trial.before, where.anchor)
    if not anchor.found or anchor.guess:
        return None
    said = f"it does not lie where it was asked ({where.relation.value.replace('_', ' ')} {where.anchor})"
    height, width = look.trial.after.shape[:2]
    if where.relation in _SIDES:
        way = zip(
            _middle(placed, width, height), _middle(anchor.boxes, width, height), _SIDES[where.relation], strict=True
        )
        return Heard(float(any((it - other) * side < 0 for it, other, side in way)), said)
    apart = cv2.distanceTransform((~look.within(anchor.boxes)).astype(np.uint8), cv2.DIST_L2, 3)
    return Heard(float(apart[look.within(placed)].min() / np.hypot(*apart.shape)), said)


def rests(look: Look) -> Heard | None:
    """How much of the foot of a thing that was to go on another does not lie on that: it floats, or stands before it."""
    where, placed = look.trial.step.where, look.trial.evidence.placed
    if where is None or where.anchor is None or where.relation is not Relation.ON or not placed:
        return None
    if not look.trial.same_size:
        return None
    anchor = look.trial.ground(look.trial.before, where.anchor)
    shown = look.within(placed[:1]) & look.touched & (look.difference > _CHANGED)
    if not anchor.found or anchor.guess or not shown.any():
        return None
    rows = np.flatnonzero(shown.any(axis=1))
    foot = max(_LEAST_FOOT, round(_FOOT * len(rows)))
    low = int(rows[-1])
    columns = shown[max(0, low - foot) : low + 1].any(axis=0)
    held = shrink(anchor.mask, WORK_SIDE)[max(0, low - foot) : low + foot] > HALF
    return Heard(1 - float(np.asarray(held.any(axis=0))[columns].mean()), f"it does not stand on {where.anchor}")


def covers(look: Look) -> Heard | None:
    """How much what was put in hides a part of something else that stands out, and leaves the rest of it: 1 where half of it is hidden."""
    trial = look.trial
    step, placed = trial.step, trial.evidence.placed
    written = step.type.traits.changes is Aspect.TEXT
    if not placed or not trial.same_size or step.type.traits.surface or written:
        return None
    put = look.within(placed) & look.touched & (look.difference > _CHANGED)
    others = look.salient & ~grown(look.named, _RIM) if trial.evidence.vacated else look.salient
    if step.where is not None and step.where.anchor is not None:
        anchor = trial.ground(trial.before, step.where.anchor)
        others = others & ~grown(np.asarray(shrink(anchor.mask, WORK_SIDE) > HALF, np.bool_), _RIM)
    opened = cv2.morphologyEx(others.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_CLOSED, _CLOSED), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    sizes = stats[:, cv2.CC_STAT_AREA]
    hidden = np.bincount(labels[put], minlength=count) / np.maximum(sizes, 1)
    halved = [
        2 * min(share, 1 - share) for share, size in zip(hidden[1:], sizes[1:], strict=True) if size > _LEAST_THING
    ]
    return Heard(float(max(halved, default=0.0)), "it covers a part of something else")


def _middle(boxes: tuple[Box, ...], width: int, height: int) -> tuple[float, float]:
    """The middle of the boxes, from the picture's middle, in shares of its sides."""
    x0, y0, x1, y1 = (float(np.mean(sides)) for sides in zip(*boxes, strict=True))
    return (x0 + x1) / 2 / width - 0.5, (y0 + y1) / 2 / height - 0.5


def _area(box: Box) -> int:
    x0, y0, x1, y1 = box
    return max(0, x1 - x0) * max(0, y1 - y0)
