"""What an editor that paints by a network cannot claim. A classical editor knows what it did; a network may have done something else."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step

E = EditType
_SEEN = 0.3
"""Share of the found thing that must lie where was painted."""
_KNOWN = 0.5
"""Share of it that may have been taken for the thing before: a recogniser that sees a statue in any standing person proves nothing."""


def unseen(before: Array, after: Array, mask: Array, step: Step, context: Context) -> str | None:
    """Why a painted result can be `partly` done at most, for the user; None where the judge's own checks decide. Pictures HxWx3, mask HxW uint8: the result's."""
    if step.type in (E.ADD, E.REPLACE) and step.value:
        thing = _thing(after, step.value, context)
        new = thing & (mask > 0)
        if not thing.any() or new.sum() < _SEEN * thing.sum():
            return f"no {step.value} is recognised where it was painted"
        if (new & _thing(before, step.value, context)).sum() > _KNOWN * new.sum():
            return f"what was there is taken for {step.value} already, so nothing here can check that it became one"
        return None
    if not step.type.traits.proved:
        what = f"it looks like {step.value}" if step.value else "it looks as asked"
        return f"it was painted, and nothing here can check that {what}"
    return None


def _thing(picture: Array, phrase: str, context: Context) -> Array:
    """HxW bool: where the phrase is found, nowhere if it is not."""
    found = context.ground(picture, phrase)
    return np.asarray((found.mask > 127) & found.found)
