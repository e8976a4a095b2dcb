"""Implicit change: plans hold the explicit steps that an implicit instruction leads to; one that is left over is refused."""

from __future__ import annotations

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Always refused, with the kind of explicit instruction that would do."""
    del region, context
    thing = step.target or "it"
    return refuse(
        picture,
        f'no explicit edit is known for "{step.instruction or step.value or "this"}": say what shall be seen, such as '
        f'"make {thing} old", "add snow" or "change the background to a beach"',
    )
