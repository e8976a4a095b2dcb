"""Edit type -> editor. The module of a type is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from pixwright.edit.contract import Context, Editor, Proposal, refuse
from pixwright.records.instruction import Array
from pixwright.records.kind import Aspect, EditType, Group, Target
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read_step

_SHOW = "show it with --point X,Y, --box X0,Y0,X1,Y1 or --mask FILE"


def module_of(kind: EditType) -> str:
    """The module that serves a type: it bears the type's name."""
    if kind.group is Group.VISUAL:
        return f"pixwright.edit.editors.visual.{kind.removeprefix('visual_')}"
    return f"pixwright.edit.editors.{kind}"


def needs_target(step: Step) -> bool:
    """Whether the step's target must be found, or given by the user, before its editor runs.

    False: the editor works on the whole picture, or looks for its place itself (add: the anchor; text: by reading; guidance: in the
    guidance picture).
    """
    how = step.type.traits.target
    if how in (Target.PICTURE, Target.SEARCHED, Target.DRAWN):
        return False
    return how is Target.NEEDED or step.target is not None


def beyond(step: Step) -> str | None:
    """Why the step's editor cannot do it whatever the picture shows, one line with what to do instead; None where it may. Only editors that can tell say so."""
    tells = getattr(import_module(module_of(step.type)), "beyond", None)
    return None if tells is None else cast(str | None, tells(step))


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Run the editor of `step.type`; a step whose target was not found is refused here, once for all editors."""
    if needs_target(step) and not region.found:
        named = f'"{step.target}" was not found' if step.target else "the step names no object"
        return refuse(picture, region.note or f"{named}: {_SHOW}")
    traits = step.type.traits
    if region.guess and (traits.moves or traits.changes is Aspect.THING) and not step.reframes:
        # A guess is wrong nine times in ten. A colour on the wrong thing, or a frame about it, is seen and undone; what is taken away takes the picture with it.
        return refuse(picture, f'nothing here is known as "{step.target}": {_SHOW}')
    editor = cast(Editor, import_module(module_of(step.type)).edit)
    return editor(picture, read_step(step), region, context)
