"""The 26 edit types of AnyEdit (paper: section 3 and tables 7 and 8), spelt once."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """AnyEdit's families of edits (paper: figure 2)."""

    LOCAL = "local"
    GLOBAL = "global"
    CAMERA = "camera"
    IMPLICIT = "implicit"
    VISUAL = "visual"


class EditType(StrEnum):
    """What kind of change a step makes. The value is the name used in files, JSON and on the command line."""

    REMOVE = "remove"
    REPLACE = "replace"
    ADD = "add"
    COUNTING = "counting"
    COLOR_ALTER = "color_alter"
    APPEARANCE_ALTER = "appearance_alter"
    MATERIAL_CHANGE = "material_change"
    ACTION_CHANGE = "action_change"
    TEXTUAL_CHANGE = "textual_change"
    BACKGROUND_CHANGE = "background_change"
    TONE_TRANSFER = "tone_transfer"
    STYLE_CHANGE = "style_change"
    MOVEMENT = "movement"
    RESIZE = "resize"
    OUTPAINT = "outpaint"
    ROTATION_CHANGE = "rotation_change"
    IMPLICIT_CHANGE = "implicit_change"
    RELATION_CHANGE = "relation_change"
    VISUAL_REFERENCE = "visual_reference"
    MATERIAL_TRANSFER = "material_transfer"
    STYLE_TRANSFER = "style_transfer"
    VISUAL_BBOX = "visual_bbox"
    VISUAL_SCRIBBLE = "visual_scribble"
    VISUAL_SEGMENT = "visual_segment"
    VISUAL_SKETCH = "visual_sketch"
    VISUAL_DEPTH = "visual_depth"

    @property
    def group(self) -> Group:
        """The family of this type."""
        return _GROUPS[self]

    @property
    def expert(self) -> str:
        """The AnySD expert that serves this type (paper: table 8; `general` is the plain stage-1 network)."""
        if self.group is Group.VISUAL:
            return str(self)
        return {Group.GLOBAL: "global", Group.CAMERA: "viewpoint"}.get(self.group, "general")


_MEMBERS = list(EditType)
_GROUPS: dict[EditType, Group] = {
    **dict.fromkeys(_MEMBERS[:9], Group.LOCAL),
    **dict.fromkeys(_MEMBERS[9:12], Group.GLOBAL),
    **dict.fromkeys(_MEMBERS[12:16], Group.CAMERA),
    **dict.fromkeys(_MEMBERS[16:18], Group.IMPLICIT),
    **dict.fromkeys(_MEMBERS[18:], Group.VISUAL),
}
