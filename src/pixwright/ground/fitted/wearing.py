"""Which place of a picture is rather what somebody wears: what the labeller of people saw, or one of the detector's boxes (recipes/fit/wearing.py).

A conditional logit as in `weighing`, straight: of all places on all people each has its share of exp(merit). How sure the likeliest is right is a logistic function of its share and of what is seen in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixwright.ground.detections import area_of
from pixwright.ground.fitted.numbers import network
from pixwright.ground.geometry import Floats, Frame, logistic

SEEN, BY_FACE, BOXED = "seen", "by face", "boxed"
"""How a place was found: by the labeller, by the points of a face, or by the detector."""
GROUPS = (("hair",), ("head", "eyes", "chin", "lip"), ("upper", "over", "coat", "all", "neck"), ("lower", "feet"))
"""Zones of the body that have a size of their own."""
FAINT, NONE = 0.02, 1e-4
"""Added before logarithms: to shares, and to sizes."""
CURVED = 0.1
"""What products of logarithms are multiplied by, so that all measures are of a size."""


@dataclass(frozen=True)
class WornPlace:
    """A place that may be what somebody wears. `person`: whose, by number; `box` XYXY in 0..1."""

    person: int
    box: Frame
    how: str
    sure: float
    """How sure the labeller is of what it saw on the person."""
    agrees: float
    """Intersection over union with that."""
    likely: float
    """Mean of the labeller's belief in the place."""
    held: float
    """Share of all that it believes on the person that the place holds."""
    score: float
    """The person's."""
    size: float
    """Share of the person's box."""
    holds: float
    """The detector's score that a box holds anything."""
    much: float
    """The labeller's belief in all, in shares of the person's box."""


def measures(spots: Sequence[WornPlace], zone: str) -> Floats:
    """(n, k): what tells which of n places is meant."""
    person = [area_of(one.box) / max(one.size, NONE) for one in spots]
    rows = []
    for one, area in zip(spots, person, strict=True):
        seen, face, boxed = (float(one.how == how) for how in (SEEN, BY_FACE, BOXED))
        size, much = np.log(one.size + NONE), np.log(one.much + NONE)
        rows.append([
            seen, face, seen * np.log(one.sure + FAINT), boxed * one.agrees, boxed * one.agrees**2, np.log(one.likely + FAINT), np.log(one.held + FAINT), one.likely * one.held,
            np.log(one.score + FAINT), np.log(area / max(person) + NONE), boxed * one.holds, boxed * np.log(one.holds + FAINT), much, CURVED * much * size,
            *(float(zone in group) * value for group in GROUPS for value in (seen, size, CURVED * size**2)),
        ])  # fmt: skip
    return np.array(rows, np.float32)


def numbers() -> dict[str, Floats]:
    """`mean` and `spread` of the measures, `weights` of them, and `sure`, the weights of `signs`."""
    return network("wearing")


def merits(table: Floats) -> Floats:
    """(n,) of `measures`: of which only differences count."""
    fitted = numbers()
    return np.asarray((table - fitted["mean"]) / fitted["spread"] @ fitted["weights"], np.float32)


def signs(merit: Floats, spots: Sequence[WornPlace], best: int) -> list[float]:
    """What tells how sure it is that the best of some places is right, a constant last."""
    one, share = spots[best], 1 / float(np.exp(merit - merit[best]).sum())
    shares = np.log(
        [share, one.likely + FAINT, one.held + FAINT, one.sure + FAINT, one.agrees + FAINT, one.score + FAINT]
    )
    return [*shares.tolist(), float(np.log(one.much + NONE)), 1.0]


def surely(merit: Floats, spots: Sequence[WornPlace], best: int) -> float:
    """In [0, 1]: how sure that is."""
    return float(logistic(np.array(signs(merit, spots, best)) @ numbers()["sure"]))
