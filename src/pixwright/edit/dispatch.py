"""Edit type -> editor. The module of a type is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from pixwright.edit.contract import Context, Editor, Proposal, refuse
from pixwright.records.edit_type import EditType, Group
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

_OBJECT_ONLY = frozenset(
    {EditType.REMOVE, EditType.REPLACE, EditType.ACTION_CHANGE, EditType.MOVEMENT, EditType.RELATION_CHANGE}
)
_WHOLE_ONLY = frozenset({EditType.OUTPAINT, EditType.BACKGROUND_CHANGE, EditType.IMPLICIT_CHANGE})
_OWN_SEARCH = frozenset(
    {
        EditType.ADD,
        EditType.TEXTUAL_CHANGE,
        EditType.VISUAL_BBOX,
        EditType.VISUAL_SCRIBBLE,
        EditType.VISUAL_SEGMENT,
        EditType.VISUAL_SKETCH,
        EditType.VISUAL_DEPTH,
    }
)


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
    if step.type in _WHOLE_ONLY or step.type in _OWN_SEARCH:
        return False
    return step.type in _OBJECT_ONLY or step.target is not None


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Run the editor of `step.type`; a step whose target was not found is refused here, once for all editors."""
    if needs_target(step) and not region.found:
        named = f'"{step.target}" was not found' if step.target else "the step names no object"
        return refuse(picture, region.note or f"{named}: show it with --box X0,Y0,X1,Y1 or --mask FILE")
    editor = cast(Editor, import_module(module_of(step.type)).edit)
    return editor(picture, step, region, context)
