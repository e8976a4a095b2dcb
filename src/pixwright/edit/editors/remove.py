"""Remove: every instance of the region is filled with what surrounds it, its halo and contact shadow included."""

from __future__ import annotations

import numpy as np
from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.fill import fill
from pixwright.edit.filling.taking import forbidden, going
from pixwright.edit.placing.lifting import feathered
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

_MOST = 0.75
"""A hole of more than this share of the picture leaves too little to continue."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Fill the region. Refused if it is empty or takes nearly the whole picture."""
    if not region.found:
        return refuse(picture, "nothing was found to remove: name it differently or show it with --box X0,Y0,X1,Y1")
    drawn = region.source == "user"
    gone = going(picture, region, context)
    hole = gone.hole
    share = float((hole > 0).mean())
    if share > _MOST:
        return refuse(
            picture,
            f"{step.target or 'the region'} takes {share:.0%} of the picture: too little is left to continue; mark a smaller part with --box",
        )
    filled = fill(
        picture, hole, rng=context.rng(31), forbid=forbidden(picture, hole, context), avoid=np.where(hole>0,0,context.standing(picture)).astype(np.uint8), parts=context.encoders.parts
    )
    return Proposal(filled, hole if drawn else feathered(hole), Evidence(vacated=region.boxes), partly=gone.left)
