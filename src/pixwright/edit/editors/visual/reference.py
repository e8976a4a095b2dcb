"""Visual reference: the thing in an attached picture, cut out and put into this one."""

from __future__ import annotations

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.add import placement_for, put
from pixwright.edit.editors.replace import exchange
from pixwright.edit.placing.attached import from_attachment
from pixwright.edit.placing.place import find_spots
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.plan import Step
from pixwright.records.region import Region


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Replace `step.target` by the thing in attachment `[step.reference]` (the first picture if none is named); with no target, add it."""
    number = step.reference or first_picture(context)
    if number is None:
        return refuse(picture, "no picture is attached; attach one with --image FILE and write [1] for it")
    cutout = from_attachment(number, step.value, context, step.target.head if step.target else "")
    if isinstance(cutout, str):
        return refuse(picture, cutout)
    replacing = step.target is not None and step.where is None and region.found and region.source != "whole"
    if replacing:
        return exchange(picture, cutout, region, context)
    placement = placement_for(cutout, step.value or cutout.name, step, picture, context)
    spots = find_spots(picture, placement, context)
    if isinstance(spots, str):
        return refuse(picture, spots)
    return put(picture, cutout, spots, context, asked=placement.count)


def first_picture(context: Context) -> int | None:
    """The number of the first attachment that is a picture, or None."""
    return next((n for n, one in enumerate(context.attachments, 1) if isinstance(one, PictureAttachment)), None)
