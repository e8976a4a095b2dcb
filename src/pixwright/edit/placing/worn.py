"""Where what is worn sits: glasses on the eyes, hats on the head, scarves below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.placing.anchor import Anchor
from pixwright.edit.placing.shelves import Cutout
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.records.thing import Thing
from pixwright.words import lexicon

GLASSES, SCARF, HAT = 0.85, 0.8, 1.05
"""How wide, in widths of the head, what is worn there is."""
APART = 2.05
"""How wide glasses are, in distances between the eyes."""
HEAD = (1.3, 1.15, 1.4)
"""How far an animal's head reaches to either side of the middle between its eyes, above it and below it, in distances between them."""
PERSONS_HEAD = (1.35, 1.9, 1.85)
"""The same of a person, hair left out."""
_PAIR = (1.9, 0.5, 1.6, 8.0)
"""Of two eyes: how much larger one may seem; how steep their line may be; and their distance in eyes' widths, at least and at most."""
_DEEP = 0.33
"""Least distance of an eye from the outline, in distances between the eyes: what lies nearer to it is an ear."""
_BODY, _TOP = (0.35, 0.5), 0.12
"""Where in a hat's height its crown is measured, and its top."""
_BLUNT, _NARROWEST = 0.5, 0.5
"""Widths of the crown that its top has at least, else it is a cone; and the least share of a hat that is crown."""
_SEEN, _TIGHT = 0.92, 0.55
"""Share of a hat's height that lies in the picture; and how much smaller it is made for that, at most."""
_EYE = 0.04
"""Least distance between the eyes, as a share of the wearer's height."""

_OWN_HEAD = 0.6
"""Share of a head that lies on the animal whose it is."""


@dataclass(frozen=True)
class EyePair:
    """Two eyes: the middle between them (x, y), their distance in pixels, and how far their line is turned, in degrees clockwise."""

    middle: tuple[float, float]
    apart: float
    tilt: float


def wearer_of(thing: Thing) -> Thing:
    """Whose face, head or neck it is, where a part is named on which something is worn; else the thing itself."""
    kind = lexicon().entry(thing.head)
    return thing.owner if kind is not None and kind.part and thing.owner is not None else thing


def eyes_of(picture: Array, wearer: Thing | None, anchor: Anchor, context: Context) -> EyePair | None:
    """The eyes of the one wearer, if two are seen that can be a pair; else None. Among several people those eyes count that lie on the one who is meant."""
    if wearer is None or len(anchor.region.boxes) != 1:
        return None
    noun = "animal" if lexicon().entry(wearer.head) is None else wearer.head
    asked = f"the {noun}'s eyes", f"the eyes of the {wearer.text.removeprefix('the ')}"
    for phrase in dict.fromkeys(asked if wearer.text.removeprefix("the ") != noun else asked[:1]):
        found = context.ground(picture, phrase)
        pair = _pair(sorted(found.boxes), anchor) if found.found and len(found.boxes) == 2 else None
        if pair is not None:
            return pair
    return None


def _pair(boxes: Sequence[Box], anchor: Anchor) -> EyePair | None:
    """Two boxes, the left one first, as the eyes of the anchor; None where they cannot be."""
    (x0, y0, x1, y1), (u0, v0, u1, v1) = boxes
    wide = (x1 - x0) + (u1 - u0)
    dx, dy = (u0 + u1 - x0 - x1) / 2, (v0 + v1 - y0 - y1) / 2
    most, steep, near, far = _PAIR
    alike = 1 / most < (x1 - x0) / max(u1 - u0, 1) < most
    left, top, right, bottom = anchor.box
    middle = (x0 + x1 + u0 + u1) / 4, (y0 + y1 + v0 + v1) / 4
    inside = left <= middle[0] <= right and top <= middle[1] <= (top + bottom) / 2 + HEAD[1] * dx
    body = cv2.distanceTransform((anchor.region.mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    deep = min(body[(y0 + y1) // 2, (x0 + x1) // 2], body[(v0 + v1) // 2, (u0 + u1) // 2]) > _DEEP * dx
    if not (
        deep and alike and inside and dx > _EYE * (bottom - top) and abs(dy) < steep * dx and near < 2 * dx / wide < far
    ):
        return None
    return EyePair(middle, float(np.hypot(dx, dy)), float(np.degrees(np.arctan2(dy, dx))))


def head_seen(picture: Array, wearer: Thing | None, anchor: Anchor, context: Context) -> Box | None:
    """The head of the one animal that wears, where it is found: of one that lies or turns away it is not its upper end."""
    if wearer is None or anchor.person or len(anchor.region.boxes) != 1 or lexicon().entry(wearer.head) is None:
        return None
    found = context.ground(picture, f"the {wearer.head}'s head")
    if not found.found or found.guess:
        return None
    box, own = found.boxes[0], anchor.region.mask > 127
    head = found.mask > 127
    return box if np.count_nonzero(head & own) > _OWN_HEAD * np.count_nonzero(head) else None


def before_eyes(cutout: Cutout) -> bool:
    """Whether it is worn before the eyes, as glasses are."""
    return _zone(cutout) in ("eyes", "face")


def _zone(cutout: Cutout) -> str:
    kind = lexicon().look(cutout.name)
    return kind.worn if kind is not None else ""


def worn_place(
    anchor: Anchor, index: int, cutout: Cutout, eyes: EyePair | None, scale: float = 1.0, head: Box | None = None
) -> tuple[Box, float]:
    """Where a worn thing sits on a person or an animal, XYXY, and by how many degrees clockwise it is turned with the eyes.

    `scale`: its size over that of one that fits. `head`: where the head is, if that is known.
    """
    order = sorted(range(len(anchor.region.boxes)), key=lambda i: -_area(anchor.region.boxes[i]))
    if eyes is not None:
        left, top, right, bottom = _head_about(eyes, PERSONS_HEAD if anchor.person else HEAD)
    else:
        left, top, right, bottom = head or head_of(anchor, order[index])
    depth, wide = bottom - top, right - left
    rows, cols = cutout.pixels.shape[:2]
    worn = _zone(cutout)
    middle, tilt = (left + right) / 2, eyes.tilt if eyes is not None else 0.0
    if before_eyes(cutout) and eyes is not None:
        span = APART * eyes.apart
        middle, foot = eyes.middle[0], eyes.middle[1] + span / 2 * rows / cols
    elif before_eyes(cutout):
        span = GLASSES * wide
        foot = top + (0.43 if anchor.person else 0.38) * depth + span / 2 * rows / cols
    elif worn == "neck":
        span = SCARF * wide
        foot = top + 1.1 * depth + span * rows / cols
    else:
        share, crown = crown_of(cutout.pixels[..., 3])
        span = HAT * wide / share * scale
        middle -= (crown - 0.5) * span
        # Near the frame's upper edge a hat is smaller and pulled lower, so that it is seen at all.
        span *= float(np.clip((top + 0.35 * depth) / (_SEEN * span * rows / cols), _TIGHT, 1.0))
        foot = max(top + 0.28 * depth, min(0.62 * span * rows / cols, top + 0.33 * depth))
    high = span * rows / cols
    middle, centre = (middle, foot - high / 2) if eyes is None else _leaning(eyes, middle, foot - high / 2)
    x0, y0 = round(middle - span / 2), round(centre - high / 2)
    return (x0, y0, x0 + max(2, round(span)), y0 + max(2, round(high))), tilt


def crown_of(alpha: Array) -> tuple[float, float]:
    """What of a hat goes about the head: the width of its crown and where its middle is, as shares of the width of `alpha` (HxW uint8).

    A brim or a peak reaches past the crown; a cone has none, since it is narrow at the top, and all of its foot sits on the head.
    """
    solid = alpha > 127
    rows, columns = solid.shape
    body, top = solid[int(_BODY[0] * rows) : int(_BODY[1] * rows) + 1], solid[: max(1, int(_TOP * rows))]
    wide = float(np.median(body.sum(axis=1)))
    if wide == 0 or float(top.sum(axis=1).max()) < _BLUNT * wide:
        return 1.0, 0.5
    centre = float(np.median(np.nonzero(body)[1])) / columns
    return float(np.clip(wide / columns, _NARROWEST, 1.0)), centre


def _head_about(eyes: EyePair, reach: tuple[float, float, float]) -> Box:
    x, y = eyes.middle
    side, above, below = (share * eyes.apart for share in reach)
    return round(x - side), round(y - above), round(x + side), round(y + below)


def _leaning(eyes: EyePair, x: float, y: float) -> tuple[float, float]:
    """Where a place on an upright head is when the head leans as the line of the eyes does."""
    across, down = x - eyes.middle[0], y - eyes.middle[1]
    cosine, sine = np.cos(np.radians(eyes.tilt)), np.sin(np.radians(eyes.tilt))
    return float(eyes.middle[0] + across * cosine - down * sine), float(eyes.middle[1] + across * sine + down * cosine)


def head_of(anchor: Anchor, index: int) -> Box:
    """The head of an instance: the upper end of its mask, about as wide as high.

    Going down from the top, the mask widens to the head's width and then jumps to the shoulders'; a standing person's head is an
    eighth of the height, of a bust or an animal at most the upper 45 %.
    """
    x0, y0, x1, y1 = anchor.region.boxes[index]
    mask = anchor.region.instance(index)[y0:y1, x0:x1] > 127
    filled = np.flatnonzero(mask.mean(axis=1) > 0.12)  # an ear or a stray spike is not the top of the head
    if filled.size:
        y0, mask = y0 + int(filled[0]), mask[filled[0] :]
    tall, wide = y1 - y0, x1 - x0
    near = tall * wide > 0.28 * anchor.region.mask.size
    compact = 0.75 < wide / max(tall, 1) < 1.35 and float(mask.mean()) > 0.6
    if not anchor.person and (near or compact):  # an animal so near, or so round, shows its face
        return x0 + wide // 8, y0, x1 - wide // 8, y1
    widths = mask.sum(axis=1).astype(np.float32)
    if not widths.any():
        return x0, y0, x1, y0 + max(2, tall // 3)
    if anchor.person and tall > 2.2 * wide:
        depth = 0.14 * tall
    else:
        limit = max(2, round(0.45 * tall))
        # The head ends where the width so far no longer exceeds the depth so far: a ball's lower end.
        reach = np.maximum.accumulate(widths[:limit])
        rows = np.arange(1, limit + 1)
        before = np.concatenate([reach[:3], reach[:-3]])[:limit]
        shoulders = (widths[:limit] > 1.2 * before) & (rows >= 0.9 * before)
        round_enough = np.flatnonzero(shoulders | (rows >= (1.25 if anchor.person else 0.85) * reach))
        depth = float(round_enough[0] + 1) if round_enough.size else float(limit)
    depth = max(depth, 0.12 * tall, 4.0)
    upper = mask[: round(0.75 * depth)]
    columns = np.nonzero(upper)[1]
    middle = float(np.median(columns)) if columns.size else wide / 2
    half = 0.5 * min(
        max(float(np.percentile(upper.sum(axis=1), 90)), 0.15 * wide), (0.85 if anchor.person else 1.3) * depth
    )
    return round(x0 + middle - half), y0, round(x0 + middle + half), round(y0 + depth)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
