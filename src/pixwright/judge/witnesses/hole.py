"""Where something was taken away: is all of it gone, and is what fills the place like what is around it?"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from pixwright.judge.look import Bools, Look, along, grown, likelier
from pixwright.judge.witnesses.heard import Heard, named

_REACH = 12
"""Pixels around a vacated box that are filled with it."""
_SMALLEST, _SEEN = 60, 0.004
"""Pixels of a hole below which nothing is told of it, and its share of the picture below which nobody looks at its filling."""
_RIM, _NARROWEST = 0.06, 4
"""Width of the rim in which leftovers are sought: of the hole's side, and in pixels at least."""
_RING, _THINNEST = 0.25, 8
"""The same for the ring that shows what is around the hole."""
_FEWEST = 50
"""Pixels of that ring, at least."""
_CRUMB, _SPECK = 0.002, 12
"""Share of the hole, and pixels, below which a leftover is none."""
_SOFT = 4.0
"""Sigma, in pixels, over which colours are averaged before they are compared."""
_SPREAD = 3.0
"""L*a*b* that are added to the ring's own spread: in an even sky a small difference is seen, but not the smallest."""


class _Place:
    """The hole, its rim outside of it, and the ring around that."""

    def __init__(self, look: Look) -> None:
        evidence = look.trial.evidence
        landed = look.within(evidence.placed)
        self.hole: Bools = look.touched & look.within(evidence.vacated, _REACH) & ~landed
        side = float(np.sqrt(np.count_nonzero(self.hole)))
        width = max(_NARROWEST, int(_RIM * side))
        near = grown(self.hole, width)
        far = grown(near, max(_THINNEST, int(_RING * side)))
        self.rim: Bools = near & ~look.touched
        self.ring: Bools = far & ~near & ~look.touched & ~landed


@lru_cache(maxsize=1)
def _place(look: Look) -> _Place | None:
    """Three witnesses in a row ask for the same place."""
    if not look.trial.evidence.vacated or not look.trial.same_size or not look.named.any():
        return None
    place = _Place(look)
    enough = np.count_nonzero(place.hole) > _SMALLEST and np.count_nonzero(place.ring) > _FEWEST
    return place if enough else None


def leftovers(look: Look) -> Heard | None:
    """Share of the hole's rim that has the colours of what was taken and not those of what is around."""
    place = _place(look)
    if place is None or not place.rim.any():
        return None
    cells = look.cells[0]
    taken = look.named & look.touched
    alike = place.rim & likelier(cells, taken if taken.any() else look.named, place.ring)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    least = max(_SPECK, _CRUMB * np.count_nonzero(place.hole))
    large = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] > least]
    pieces = np.isin(labels, large)
    share = np.count_nonzero(pieces) / np.count_nonzero(place.rim)
    return Heard(share, f"a piece of {named(look.trial.step)} is left{_where(pieces, place.hole)}")


def _where(pieces: Bools, hole: Bools) -> str:
    """At which edge of the hole pieces lie, in words."""
    if not pieces.any():
        return ""
    (y, x), (cy, cx) = np.argwhere(pieces).mean(axis=0), np.argwhere(hole).mean(axis=0)
    if abs(y - cy) > abs(x - cx):
        return " at the lower edge" if y > cy else " at the upper edge"
    return " on the right" if x > cx else " on the left"


def filling(look: Look) -> Heard | None:
    """How far the filling's mean colour is from the ring's, in spreads of the ring."""
    place = _place(look)
    if place is None or place.hole.mean() < _SEEN:
        return None
    core = grown(place.hole, -2)
    if not core.any():
        return None
    soft = cv2.GaussianBlur(look.after, (0, 0), _SOFT)
    apart = np.linalg.norm(soft[core].mean(axis=0) - soft[place.ring].mean(axis=0))
    spread = float(soft[place.ring].std(axis=0).mean()) + _SPREAD
    return Heard(float(apart) / spread, "the filled place has another colour than what is around it")


def filled(look: Look) -> Heard | None:
    """Share of the picture that was filled: what stood behind much of it is made up."""
    place = _place(look)
    return None if place is None else Heard(float(place.hole.mean()), "much had to be made up where it was")


def seam(look: Look) -> Heard | None:
    """Share of the hole's outline that shows an edge which is not beside it and was not there before."""
    place = _place(look)
    if place is None or place.hole.mean() < _SEEN:
        return None
    seen = along(place.hole, look)
    return None if seen is None else Heard(seen.new_seam, "the edge of the filled place can be seen")
