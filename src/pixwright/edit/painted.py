"""What an editor that paints by a network cannot claim. A classical editor knows what it did; a network may have done something else."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context
from pixwright.records.edit_type import EditType
from pixwright.records.instruction import Array
from pixwright.records.plan import Step

E = EditType
_UNCHECKED = frozenset(
    {E.MATERIAL_CHANGE, E.APPEARANCE_ALTER, E.STYLE_CHANGE, E.BACKGROUND_CHANGE, E.ACTION_CHANGE, E.OUTPAINT}
) | {kind for kind in EditType if kind.group in ("implicit", "visual")}
"""Types of which the judge measures that something changed in the right place, but not that it is what was asked."""
_SEEN = 0.3
"""Share of the found thing that must lie where was painted."""


def unseen(picture: Array, mask: Array, step: Step, context: Context) -> str | None:
    """Why a painted result can be `partly` done at most, for the user; None where the judge's own checks decide. picture HxWx3, mask HxW uint8: the result."""
    if step.type in (E.ADD, E.REPLACE) and step.value:
        found = context.ground(picture, step.value)
        thing = found.mask > 127
        share = float(np.mean(mask[thing] > 0)) if found.found and thing.any() else 0.0
        return None if share >= _SEEN else f"no {step.value} is recognised where it was painted"
    if step.type in _UNCHECKED:
        what = f"it looks like {step.value}" if step.value else "it looks as asked"
        return f"it was painted, and nothing here can check that {what}"
    return None
