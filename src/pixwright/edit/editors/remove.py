"""Remove: every instance of the region is filled with what surrounds it, its halo and contact shadow included; of a shadow alone, the ground is lit."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.filling.taking import beyond_surface, going
from pixwright.edit.retouch.relighting import relit, whole_shadow
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import SHADOW
from pixwright.words import lexicon

_SHADED = 24
"""Level of a shadow's soft mask from which a pixel lies in it."""
_MOST, _OWN = 0.75, 127
"""A thing of more than this share of the picture leaves too little to continue; and the level of a mask from which a pixel is the thing's."""

_BEHIND = 0.25
"""Share of the eyes of a picture that lies behind what is worn before them, and of make-up that lies on a face."""
_GROWN = ("chin", "lip")
"""Where on a face a beard grows: what is beside it is no cheek that could go on under it."""
_MUCH, _LIKELY = 0.3, 0.6
"""Share of the picture from which a thing that is found is only taken away where it is so likely the right one: a wrong one would cost the picture."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Fill the region. Refused if it is empty or takes nearly the whole picture."""
    if not region.found:
        return refuse(picture, "nothing was found to remove: name it differently or show it with --box X0,Y0,X1,Y1")
    notes: tuple[str, ...] = ()
    if step.target is not None and step.target.head == SHADOW:
        lit, why = _lit(picture, step.target, region, context)
        if lit is not None:
            return lit
        if region.source != "user":
            return refuse(picture, f"{why}: show all of the shadow, and little else, with --mask FILE")
        notes = (f"it was filled and not lit, since {why}",)
    hidden = "" if step.target is None else _hidden(picture, step.target, region, context)
    if hidden:
        return refuse(
            picture,
            f"{hidden} behind {step.target} cannot be made up here: nothing was taken away; a network that fills holes may be pulled, as docs/systems.md says",
        )
    gone = going(picture, region, context)
    # A soft shadow on even ground may reach far, and that ground goes on however much of it is taken.
    share = float((gone.mask > _OWN).mean())
    if share > _MOST:
        return refuse(
            picture,
            f"{step.target or 'the region'} takes {share:.0%} of the picture: too little is left to continue; mark a smaller part with --box",
        )
    filled = max(share, float((gone.hole > _OWN).mean()))
    if filled > _MUCH and region.source == "phrase" and region.score < _LIKELY:
        return refuse(
            picture,
            f'what was found as "{step.target}" takes {filled:.0%} of the picture and is likely wrong (score {region.score:.2f}): '
            "nothing was taken away; show it with --point X,Y or --box X0,Y0,X1,Y1",
        )
    empty = emptied(picture, gone, context, 31, beyond_surface(picture, gone.hole) if region.exact else None)
    return Proposal(empty.picture, empty.weight, Evidence(vacated=region.boxes), partly=gone.left, notes=notes)


def _hidden(picture: Array, thing: Thing, region: Region, context: Context) -> str:
    """What of a face would go with what is worn before it, or grows on it; empty where nothing would."""
    kind = lexicon().look(thing.head)
    if kind is None or region.source == "user" or context.encoders.parts.has("fill"):
        return ""
    if kind.worn in _GROWN:
        return "the face"
    if kind.is_("cosmetic"):
        face = context.ground(picture, "the face")
        on_it = np.count_nonzero((face.mask > _OWN) & (region.mask > _OWN)) if face.found else 0
        return f"the {kind.worn}" if on_it > _BEHIND * np.count_nonzero(region.mask > _OWN) else ""
    if kind.worn != "eyes":
        return ""
    eyes = context.ground(picture, "the eyes")
    behind = np.count_nonzero((eyes.mask > _OWN) & (region.mask > _OWN)) if eyes.found else 0
    return "the eyes" if behind > _BEHIND * np.count_nonzero(eyes.mask > _OWN) else ""


def _lit(picture: Array, thing: Thing, region: Region, context: Context) -> tuple[Proposal | None, str]:
    """The shadow of what the region is, or that the user shows, lit again; else why not."""
    place, things = region.mask, context.protected
    if region.source != "user" and str(thing) != region.phrase:
        place, _ = cast_shadow(picture, region.mask)  # what stands out beside it may be the shadow
        place = np.where(place > _SHADED, 255, 0).astype(np.uint8)
        things = region.mask if things is None else np.maximum(things, region.mask)
        if not place.any():
            return None, f"no dark patch at the foot of {thing.owner} is surely its shadow"
        place = whole_shadow(picture, place, things)
    made = relit(picture, place, things)
    if made.why:
        return None, made.why
    mask = np.minimum(made.mask, region.mask) if region.source == "user" else made.mask
    return Proposal(made.picture, mask, notes=("the ground was lit where the shadow lay",)), ""
