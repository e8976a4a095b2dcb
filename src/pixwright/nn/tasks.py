"""Which task an edit type is, and which expert the AnySD paper gives it (table 8)."""

from __future__ import annotations

from pixwright.records.edit_type import EditType

E = EditType
TASKS: tuple[EditType, ...] = (
    E.BACKGROUND_CHANGE,
    E.TONE_TRANSFER,
    E.STYLE_CHANGE,
    E.MOVEMENT,
    E.RESIZE,
    E.OUTPAINT,
    E.ROTATION_CHANGE,
    E.VISUAL_BBOX,
    E.VISUAL_DEPTH,
    E.MATERIAL_TRANSFER,
    E.VISUAL_REFERENCE,
    E.VISUAL_SCRIBBLE,
    E.VISUAL_SEGMENT,
    E.VISUAL_SKETCH,
)
"""The rows of the task table, in the order of the published one. One more row, `GENERAL`, serves every other type."""

GENERAL = len(TASKS)
EXPERTS = ("global", "viewpoint", "bbox", "depth", "material", "reference", "scribble", "segment", "sketch")
SHARED = len(EXPERTS)
"""The slot behind the nine experts: the shared path alone, which is the plain text cross-attention."""

_EXPERT_OF_TASK = (0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, SHARED)


def task_of(edit_type: EditType) -> int:
    """The row of the task table: 0..13 as published, `GENERAL` for types that table 8 does not list.

    Style transfer shares the row of style change: table 8 names both, the published table has one row for them.
    """
    if edit_type is EditType.STYLE_TRANSFER:
        return TASKS.index(EditType.STYLE_CHANGE)
    return TASKS.index(edit_type) if edit_type in TASKS else GENERAL


def expert_of(task: int) -> int:
    """The paper's hard assignment: the expert 0..8 of a task row, or `SHARED`."""
    return _EXPERT_OF_TASK[task]
