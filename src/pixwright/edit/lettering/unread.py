"""Writing that cannot be read, such as letters that are cut off, blurred or bent: what differs from the surface that bears it is taken away."""

from __future__ import annotations

from pixwright.edit.contract import Context, Proposal
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import beyond_surface, going
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step

_SALT = 37
"""Of the seed: what is filled here is not what another editor fills."""


def unread_gone(picture: Array, step: Step, context: Context) -> Proposal | None:
    """HxWx3 without the writing on the step's target; None where nothing there looks written."""
    if step.target is None:
        return None
    written = context.ground(picture, f"the writing on {step.target}")
    if not written.found:
        return None
    gone = going(picture, written, context)
    empty = emptied(picture, gone, context, _SALT, beyond_surface(picture, gone.hole))
    return Proposal(empty.picture, empty.weight, Evidence(vacated=written.boxes))
