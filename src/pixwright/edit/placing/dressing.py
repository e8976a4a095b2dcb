"""Garments of a body, and shoes on feet: nobody is dressed anew here, so that what is worn takes the colour and material of what was asked for, and keeps its cut.

A cut-out of a jacket laid over somebody hides the face and hangs beside the arms. Hats, glasses and scarves are put on (`worn`).
"""

from __future__ import annotations

from dataclasses import replace

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import material_in
from pixwright.words import lexicon, owned, read

_ON_A_BODY = {"upper": "shirt", "lower": "trousers", "all": "clothes", "over": "clothes", "coat": "clothes"}
"""Where a garment is worn -> what is there already."""
_FEET, _WEARER = "feet", "person"
"""Where shoes are worn, and what a picture shows where they are and do not stand alone: other shoes are of another cut, and no foot is drawn in them."""


def dressed(picture: Array, step: Step, context: Context) -> Proposal | None:
    """Somebody in another garment: what he wears in its colour and material, or no; None where the step is about something else."""
    garment = (_garment(step) or _shoes(picture, step, context)) if context.user_region is None else None
    if garment is None or step.value is None:
        return None
    material, colours = material_in(step.value), read(step.value).colours
    if not colours and material is None:
        return refuse(
            picture,
            f"'{step.value}' cannot be put on a body, since no bodies are drawn here; say a colour or a material, such as 'make {garment.text} black'",
        )
    place = context.ground(picture, garment)
    if not place.found:
        return refuse(picture, f"{garment} was not found: show it with --box X0,Y0,X1,Y1")
    type_ = EditType.COLOR_ALTER if material is None else EditType.MATERIAL_CHANGE
    value = " ".join((*colours[:1], *([material] if material else [])))
    done = step.model_copy(update={"type": type_, "target": garment, "value": value, "where": None, "count": None})
    return replace(
        dispatch(picture, done, place, context),
        partly=f"only {'material' if material else 'colour'} was changed: the cut of what is worn stays, since '{step.value}' cannot be drawn on a body",
        done_as=done,
    )


def _garment(step: Step) -> Thing | None:
    """What is worn and shall become another garment; None where no garment of a body is put on anybody."""
    head = _first(read(step.value or "")).head
    # "Leather jacket" and "rain coat" are worn as their last word is.
    zones = [kind.worn for noun in (head, head.split()[-1] if head else "") if (kind := lexicon().look(noun))]
    zone = next((zone for zone in zones if zone in _ON_A_BODY), None)
    if step.reference is not None or zone is None:
        return None
    about = step.target if step.target is not None else step.where.anchor if step.where is not None else None
    old = lexicon().look(about.head) if about is not None else None
    if about is None or old is None:
        return None
    if old.worn in _ON_A_BODY:
        return about
    return owned(about, _ON_A_BODY[zone]) if old.is_("person") else None


def _shoes(picture: Array, step: Step, context: Context) -> Thing | None:
    """The shoes on somebody's feet that shall become others; None where it is about something else, or nobody is seen."""
    kind = lexicon().look(step.target.head) if step.target is not None and step.reference is None else None
    if kind is None or kind.worn != _FEET or not context.ground(picture, _WEARER).found:
        return None
    return step.target


def _first(thing: Thing) -> Thing:
    return thing.parts[0] if thing.parts else thing
