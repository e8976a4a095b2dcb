"""How well a candidate place suits: what the words ask for, what it would cover and what it would stand on, as one cost.

Distances are shares of the picture's sides, so that the weights hold at every size; lower is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.placing.anchor import Anchor, outline
from pixwright.edit.placing.space import Floats, Space, mean_in, shares
from pixwright.records.plan import Relation

SPOTS = {Relation.CENTER: (0.5, 0.5), Relation.TOP: (0.5, 0.15), Relation.BOTTOM: (0.5, 0.9), Relation.LEFT: (0.2, 0.5),
         Relation.RIGHT: (0.8, 0.5), Relation.TOP_LEFT: (0.17, 0.17), Relation.TOP_RIGHT: (0.83, 0.17),
         Relation.BOTTOM_LEFT: (0.17, 0.85), Relation.BOTTOM_RIGHT: (0.83, 0.85)}  # fmt: skip
_UPRIGHT = {Relation.TOP, Relation.TOP_LEFT, Relation.TOP_RIGHT, Relation.CENTER}
"""Places that are meant as said, even for a thing that would rather stand on the ground."""


_NEXT_TO = {Relation.BESIDE, Relation.LEFT, Relation.RIGHT}
_CLUTTER = 1.5
"""What it costs to stand before what is all edges, beside a thing: other things stand there."""
_OTHERS, _BEFORE_OTHERS, _FREE = 4.0, 0.8, 3.0
"""What it costs to cover what is there: beside a thing, elsewhere by one, and where no thing is named."""
_NEARER, _SMALL = 4.0, 1.0
"""What it costs to stand nearer to us than a thing that one is put beside, by shares of the height, if that is lower than so many metres: on a table all is in reach."""
_NARROWEST = 0.1
"""Width of an area, as a share of the picture's, under which being off its middle costs no more."""
_BEFORE = 0.4
"""Weight of what lies before a thing that is to be in something, against its own place."""
_HIDDEN = 16.0
"""What it costs that more than half of a thing is hidden by what it stands behind, by the share that is."""
_CORE, _OWN = 0.35, 0.5
"""Share of a thing's box on every side that is not its middle; and the least share of the middle that is the thing's own, else it is hollow."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Boxes to choose from, in full pixels: centre column, base row, height and width, arrays of one shape."""

    cx: Floats
    base: Floats
    tall: Floats
    wide: Floats

    def mean(self, grid: Floats, scale: float, share: float = 1.0) -> Floats:
        """Mean of a small map over the lowest `share` of every box."""
        half = self.wide / 2
        return mean_in(grid, scale, (self.cx - half, self.base - share * self.tall, self.cx + half, self.base))

    def before(self, grid: Floats, scale: float) -> Floats:
        """Mean of a small map over what lies before every box, half as deep as it is high."""
        half = self.wide / 2
        return mean_in(grid, scale, (self.cx - half, self.base, self.cx + half, self.base + self.tall / 2))


def cost_of(
    space: Space, taken: Floats, relation: Relation | None, anchor: Anchor | None, at: Candidates, airborne: bool
) -> Floats:
    """The cost of every candidate. `taken` 0..1: what should not be covered; more than 1: what must not."""
    top, half = at.base - at.tall, at.wide / 2
    cut = np.maximum(half - at.cx, 0) / at.wide + np.maximum(at.cx + half - space.width, 0) / at.wide
    cost = 15.0 * (cut + np.maximum(-top, 0) / at.tall) + 3.0 * np.maximum(0.04 - top / space.height, 0)
    covers = at.mean(taken, space.scale)
    by_a_thing = anchor is not None and not anchor.area
    weight = _OTHERS if relation in _NEXT_TO else _BEFORE_OTHERS if by_a_thing else _FREE
    cost = cost + np.where(covers > 1, 20 * covers, weight * covers)
    cost = cost + 0.7 * at.mean(space.busy, space.scale, 1.0 if airborne else 0.14)
    if relation in _NEXT_TO:
        cost = cost + _CLUTTER * at.mean(space.busy, space.scale)
    if anchor is None:
        return np.asarray(cost + _free(space, relation, at, airborne))
    return np.asarray(cost + _by_anchor(space, anchor, relation or Relation.BESIDE, at, airborne))


def _free(space: Space, relation: Relation | None, at: Candidates, airborne: bool) -> Floats:
    """Without an anchor: in the sky or on the ground, and where in the picture the words say."""
    x, y = at.cx / space.width, at.base / space.height
    middle = y - at.tall / 2 / space.height
    horizon = space.horizon / space.height
    if airborne:
        cost = np.abs(middle - 0.25) + 0.3 * np.abs(x - 0.5)
        if space.sky.any():
            cost = cost + 2.5 * (1 - at.mean(space.sky, space.scale))
    else:
        cost = 4.0 * np.maximum(horizon + 0.3 * (1 - horizon) - y, 0) + 1.5 * np.abs(y - 0.86) + 0.1 * np.abs(x - 0.5)
        cost = cost + 3.0 * at.mean(space.sky, space.scale, 0.14)
    if relation in SPOTS:
        fx, fy = SPOTS[relation]
        as_said = airborne or relation in _UPRIGHT
        away = np.abs(middle - fy) if as_said else np.abs(y - max(fy, 0.8))
        cost = cost + 6.0 * np.hypot(x - fx, 0.8 * away)
    elif relation == Relation.FOREGROUND:
        cost = cost + 3.0 * np.abs(y - 0.97)
    elif relation == Relation.BACKGROUND:
        cost = cost + 5.0 * np.abs(y - (horizon + 0.12 * (1 - horizon)))
    return np.asarray(cost)


def _by_anchor(space: Space, anchor: Anchor, relation: Relation, at: Candidates, airborne: bool) -> Floats:
    """How far each candidate is from standing in `relation` to the anchor."""
    x, y = at.cx / space.width, at.base / space.height
    ax0, ay0, ax1, ay1 = (v / n for v, n in zip(anchor.box, (space.width, space.height) * 2, strict=True))
    mask = shares(anchor.region.mask, (space.busy.shape[1], space.busy.shape[0]))
    off_middle, cover = np.abs(x - (ax0 + ax1) / 2), at.mean(mask, space.scale)
    if relation in {Relation.ON, Relation.INSIDE} and anchor.area:
        inside = cover if anchor.sky or relation == Relation.INSIDE else at.mean(mask, space.scale, 0.1)
        off_middle = off_middle / max(ax1 - ax0, _NARROWEST)
        if (
            relation == Relation.INSIDE and not anchor.sky
        ):  # in the pool, not at its rim: there is water before it as well
            inside = (1 - _BEFORE) * inside + _BEFORE * at.before(mask, space.scale)
        return np.asarray(8.0 * (1 - inside) + 0.6 * off_middle + (0.0 if anchor.sky else 0.2) * (1 - y))
    if relation == Relation.ON:
        return _on_top(space, anchor, at)
    if relation == Relation.INSIDE and (depth := _depth_of_hollow(anchor, mask, space)) is not None:
        row = np.clip(((at.base - at.tall / 2) * space.scale).astype(np.int64), 0, mask.shape[0] - 1)
        column = np.clip((at.cx * space.scale).astype(np.int64), 0, mask.shape[1] - 1)
        return np.asarray(5.0 * (1 - cover) + 3.0 * (1 - depth[row, column]))
    if relation == Relation.INSIDE:
        middle = y - 0.45 * at.tall / space.height
        return np.asarray(5.0 * (1 - cover) + 3.0 * np.hypot(off_middle, middle - (ay0 + ay1) / 2))
    if relation == Relation.ABOVE:
        return np.asarray(4.0 * off_middle + 8.0 * np.abs(y - (ay0 - 0.03)) + 2.0 * cover)
    if relation == Relation.BELOW:
        under = np.maximum(ay1 + 0.02 - (y - at.tall / space.height), 0)
        return np.asarray(4.0 * off_middle + 8.0 * under + 0.5 * (y - ay1))
    if relation == Relation.IN_FRONT:
        return np.asarray(3.0 * off_middle + 6.0 * np.abs(y - min(ay1 + 0.12 * (ay1 - ay0), 0.97)))
    if relation == Relation.BEHIND:
        hidden = 4.0 * np.abs(cover - 0.3) + _HIDDEN * np.maximum(cover - 0.5, 0)
        return np.asarray(6.0 * np.abs(y - (ay1 - 0.12 * (ay1 - ay0))) + hidden + off_middle)
    if relation == Relation.BETWEEN and anchor.second is not None:
        bx0, bx1 = anchor.second[0] / space.width, anchor.second[2] / space.width
        goal = (ax0 + ax1 + bx0 + bx1) / 4
        return np.asarray(8.0 * np.abs(x - goal) + 6.0 * np.abs(y - (ay1 + anchor.second[3] / space.height) / 2))
    half, gap = at.wide / 2 / space.width, 0.02
    left, right = np.abs(x - (ax0 - half - gap)), np.abs(x - (ax1 + half + gap))
    side = {Relation.LEFT: left, Relation.RIGHT: right}.get(relation, np.minimum(left, right))
    foot = y - min(ay1, 0.96)
    level = np.abs(y - at.tall / 2 / space.height - (ay0 + ay1) / 2) if airborne else np.abs(foot)
    small = not airborne and relation == Relation.BESIDE and anchor.size_m is not None and anchor.size_m < _SMALL
    off = np.where(foot > 0, _NEARER, 12.0) * level if small else 12.0 * level
    return np.asarray(5.0 * side + off + (_OTHERS if small else 1.5) * cover)


def _depth_of_hollow(anchor: Anchor, mask: Floats, space: Space) -> Floats | None:
    """How deep every place lies within an anchor whose middle is not its own, as that of hair is the face: 0 outside to 1 at its thickest. None for any other anchor."""
    x0, y0, x1, y1 = (v * space.scale for v in anchor.box)
    across, down = _CORE * (x1 - x0), _CORE * (y1 - y0)
    core = mask[round(y0 + down) : max(round(y1 - down), 1), round(x0 + across) : max(round(x1 - across), 1)]
    if core.size == 0 or float(core.mean()) >= _OWN:
        return None
    depth = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(depth / max(float(depth.max()), 1.0), np.float32)


def _on_top(space: Space, anchor: Anchor, at: Candidates) -> Floats:
    """On the anchor's upper outline, where it is level under the foot and near the middle."""
    line = outline(anchor)
    reach = max(3, round(0.5 * float(at.wide.mean())))
    mean, square = cv2.blur(line[None], (reach, 1))[0], cv2.blur((line * line)[None], (reach, 1))[0]
    rough = np.sqrt(np.maximum(square - mean * mean, 0))
    column = np.clip(at.cx.astype(np.int64), 0, space.width - 1)
    x0, _, x1, _ = anchor.box
    off_middle = np.abs(at.cx - (x0 + x1) / 2) / max(x1 - x0, 1)
    return np.asarray(3.0 * off_middle + 6.0 * (rough[column] + np.abs(at.base - mean[column])) / space.height)
