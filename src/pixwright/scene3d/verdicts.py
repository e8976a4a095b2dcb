"""Whether a step was done: the judge of pictures looks at rendered views, and neighbouring views are compared with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import whole as whole_picture
from pixwright.records.result import RANKS, Verdict
from pixwright.scene3d.carried import Carried
from pixwright.scene3d.consistency import warp_error
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.repaint import Editing
from pixwright.scene3d.report import ViewVerdict
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.views import Views

_JUDGED = 4
"""Views that the judge looks at."""
_PAIRS = 8
"""Pairs of neighbouring views that are compared."""
_DIGITS = 3
_SURE = 0.5
"""Coverage from which a pixel is the thing's."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A scene before or after a step: its Gaussians, its views, and what they show (HxWx3 uint8 each)."""

    gaussians: Gaussians
    views: Views
    pictures: Sequence[Array]


def judged_views(
    step: Step,
    before: Moment,
    after: Moment,
    done: Carried,
    whole: bool,
    editing: Editing,
) -> tuple[ViewVerdict, ...]:
    """The judge's verdicts on a few views that show what was done, evenly chosen among those that there is evidence of."""
    evidence, shown = done.evidence, sorted(done.evidence)
    found = []
    for number in (
        [shown[i] for i in np.unique(np.linspace(0, len(shown) - 1, _JUDGED).round().astype(int))] if shown else []
    ):
        was, now = before.pictures[number], after.pictures[number]
        region = (
            whole_picture(*was.shape[:2]) if whole else before.views.region(number, done.chosen, str(step.target or ""))
        )
        touched = coverage(before.views.footprints[number], done.chosen) > 0
        if done.brought is not None:
            touched |= coverage(after.views.footprints[number], done.brought) > 0
            region = replace(region, mask=np.maximum(region.mask, after.views.region(number, done.brought, "").mask))
        mask = np.where(touched, np.maximum(region.mask, 1), 0).astype(np.uint8)
        # The judge decides by itself what of the thing a colour is said of.
        report = editing.system.judge(
            was, now, step, replace(region, exact=False), mask, evidence[number], editing.eyes
        )
        apart = np.abs(was.astype(np.int16) - now)[~touched]
        found.append(
            ViewVerdict(
                view=number,
                verdict=report.verdict,
                score=report.score,
                reasons=report.reasons,
                outside_max_difference=int(apart.max(initial=0)),
            )
        )
    return tuple(found)


def settled(judged: Sequence[ViewVerdict]) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict that half of the views reach at least, and what they say against a better one. Where none was asked, it is done by arithmetic."""
    if not judged:
        return Verdict.DONE, ()
    order = sorted((one.verdict for one in judged), key=RANKS.__getitem__)
    verdict = order[(len(order) - 1) // 2]
    if verdict is Verdict.DONE:
        return verdict, ()
    said = [reason for one in judged if one.verdict is verdict for reason in one.reasons]
    return verdict, tuple(dict.fromkeys(said))


def measured(before: Moment, after: Moment, chosen: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    """How far neighbouring views differ over the chosen Gaussians (N bool, of those before the step), before it and after it; None where nothing is seen by two."""
    count = len(before.pictures)
    firsts = np.linspace(0, count - 2, min(_PAIRS, count - 1)).round().astype(int) if count > 1 else np.zeros(0, int)
    pairs = [(int(first), int(first) + 1) for first in np.unique(firsts)]
    where = [coverage(footprint, chosen) >= _SURE for footprint in before.views.footprints]
    later = where
    if len(after.gaussians) == len(chosen):
        later = [coverage(footprint, chosen) >= _SURE for footprint in after.views.footprints]
    was = warp_error(before.gaussians, before.views, pairs, where)
    now = warp_error(after.gaussians, after.views, pairs, later)
    return _rounded(was), _rounded(now)


def _rounded(error: float) -> float | None:
    return None if np.isnan(error) else round(error, _DIGITS)
