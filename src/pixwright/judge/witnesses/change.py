"""Where the pixels changed, whatever mask was meant: does the change end where something in the picture ends?"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from pixwright.judge.look import Bools, Look, along, grown
from pixwright.judge.softly import without_outline
from pixwright.judge.witnesses.heard import Heard
from pixwright.records.kind import Aspect

_SOFT = 1.0
"""Sigma, in pixels, over which a change is averaged before its outline is drawn."""
_SEEN, _LEAST = 2.0, 3.0
"""Difference in L*a*b* that an eye sees, and below which nothing is taken to have changed."""
_STRONG, _SHARE = 75, 0.5
"""Percentile of what changed that stands for the change, and the share of it from which a pixel belongs to it."""
_LIT, _DARK, _MOST = 60.0, 15.0, 3.0
"""A difference is stronger by the first over L* and the second, and at most by the third."""
_EDGED, _SPARED = (0.8, 0.88), 0.6
"""Share of the change's outline on edges of the picture from which on such a sign counts less, and at which it counts least; and how much less."""
_AROUND = 5
"""Pixels by which an edge may have moved."""
_DRAWN = 4
"""Pixels at the outline of a mask that the user drew where the new colour has an edge of its own."""
_STEEPER, _STEP = 2.0, 3.0
"""How many times steeper than all around it was, and by how many L*a*b* a pixel, an edge is a new one."""


def _changed(look: Look) -> Bools:
    lit = np.maximum(look.before[..., 0], look.after[..., 0])
    surface = look.trial.step.type.traits.surface
    # Of a surface what lies in the shade changes less, and ends nowhere there.
    stronger = np.clip(_LIT / (lit + _DARK), 1, _MOST) if surface else np.float32(1)
    apart = cv2.GaussianBlur(look.difference * stronger, (0, 0), _SOFT)
    seen = apart[apart > _SEEN]
    strong = float(np.percentile(seen, _STRONG)) if seen.size else 0.0
    return np.asarray(apart > max(_LEAST, _SHARE * strong), np.bool_)


def ends_on_edges(look: Look) -> Heard | None:
    """Share of the outline of what changed that lay on edges of the picture. What fades into the picture, or lies new in it, is not asked."""
    share = edged(look)
    return None if share is None else Heard(share, "the change ends where nothing in the picture ends")


@lru_cache(maxsize=1)
def edged(look: Look) -> float | None:
    """That share, which other witnesses want to know as well; None where it is not asked."""
    evidence = look.trial.evidence
    if look.trial.region.source == "user" or without_outline(look.trial.step, look.trial.region):
        # Who draws a mask has said where it ends.
        return None
    if not look.trial.step.type.traits.surface and (not evidence.vacated or evidence.placed):
        return None
    outline = along(_changed(look), look) if look.trial.same_size else None
    return None if outline is None else outline.was_edge


def unless_edged(look: Look, value: float) -> float:
    """What is a sign of a wrong outline, and of none where the change ends on edges of the picture all around: of twelve such results nine are good, of 26 others six."""
    share = edged(look)
    sure = 0.0 if share is None else float(np.clip((share - _EDGED[0]) / (_EDGED[1] - _EDGED[0]), 0, 1))
    return value * (1 - _SPARED * sure)


def new_edges(look: Look) -> Heard | None:
    """Share of a surface that shows edges which were not there before: blots, torn rims, a film with holes."""
    if not look.trial.step.type.traits.surface or not look.trial.same_size or not look.touched.any():
        return None
    was, now = look.gradients
    new = now > _STEEPER * cv2.dilate(was, np.ones((_AROUND, _AROUND))) + _STEP
    alone = look.touched & ~look.beside
    if look.trial.region.source == "user":
        if look.trial.step.type.traits.changes is not Aspect.COLOUR:
            # Bricks have edges of their own: only where the change has holes are they torn.
            new &= grown(~_changed(look), _AROUND // 2)
        alone &= grown(look.named, -_DRAWN)
    return Heard(float(new[alone].mean()) if alone.any() else 0.0, "blots or torn edges appeared on it")
