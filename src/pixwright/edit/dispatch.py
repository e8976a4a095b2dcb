"""Edit type -> editor. The module of a type is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from pixwright.edit.contract import Context, Editor, Proposal, refuse
from pixwright.records.edit_type import EditType
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

MODULES: dict[EditType, str] = {
    EditType.REMOVE: "remove",
    EditType.REPLACE: "replace",
    EditType.ADD: "add",
    EditType.COUNTING: "counting",
    EditType.COLOR_ALTER: "color",
    EditType.APPEARANCE_ALTER: "appearance",
    EditType.MATERIAL_CHANGE: "material",
    EditType.ACTION_CHANGE: "action",
    EditType.TEXTUAL_CHANGE: "textual",
    EditType.BACKGROUND_CHANGE: "background",
    EditType.TONE_TRANSFER: "tone",
    EditType.STYLE_CHANGE: "style",
    EditType.MOVEMENT: "movement",
    EditType.RESIZE: "resize",
    EditType.OUTPAINT: "outpaint",
    EditType.ROTATION_CHANGE: "rotation",
    EditType.IMPLICIT_CHANGE: "implicit",
    EditType.RELATION_CHANGE: "relation",
    EditType.VISUAL_REFERENCE: "visual_reference",
    EditType.MATERIAL_TRANSFER: "material_transfer",
    EditType.STYLE_TRANSFER: "style_transfer",
    EditType.VISUAL_BBOX: "visual_bbox",
    EditType.VISUAL_SCRIBBLE: "visual_scribble",
    EditType.VISUAL_SEGMENT: "visual_segment",
    EditType.VISUAL_SKETCH: "visual_sketch",
    EditType.VISUAL_DEPTH: "visual_depth",
}
"""The file in this folder that serves each type."""

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
    editor = cast(Editor, import_module(f"pixwright.edit.{MODULES[step.type]}").edit)
    return editor(picture, step, region, context)
