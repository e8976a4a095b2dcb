"""Remove: every instance of the region is filled with what surrounds it, its halo and contact shadow included."""

from __future__ import annotations

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import going
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

_MOST, _OWN = 0.75, 127
"""A thing of more than this share of the picture leaves too little to continue; and the level of a mask from which a pixel is the thing's."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Fill the region. Refused if it is empty or takes nearly the whole picture."""
    if not region.found:
        return refuse(picture, "nothing was found to remove: name it differently or show it with --box X0,Y0,X1,Y1")
    gone = going(picture, region, context)
    # A soft shadow on even ground may reach far, and that ground goes on however much of it is taken.
    share = float((gone.mask > _OWN).mean())
    if share > _MOST:
        return refuse(
            picture,
            f"{step.target or 'the region'} takes {share:.0%} of the picture: too little is left to continue; mark a smaller part with --box",
        )
    empty = emptied(picture, gone, context, 31)
    return Proposal(empty.picture, empty.weight, Evidence(vacated=region.boxes), partly=gone.left)
