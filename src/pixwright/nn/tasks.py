"""Which task an edit type is, and which expert the AnySD paper gives it (table 8)."""

from __future__ import annotations

from pixwright.records.kind import EditType

GENERAL = 1 + max(one.traits.task for one in EditType if one.traits.task is not None)
"""The row of the task table behind the published ones: it serves every type that has none there."""
EXPERTS = ("global", "viewpoint", "bbox", "depth", "material", "reference", "scribble", "segment", "sketch")
SHARED = len(EXPERTS)
"""The slot behind the nine experts: the shared path alone, which is the plain text cross-attention."""
_EXPERT_OF_TASK = {one.traits.task: EXPERTS.index(one.traits.expert) for one in EditType if one.traits.task is not None}


def task_of(edit_type: EditType) -> int:
    """The row of the task table: 0..13 as published, `GENERAL` for types that table 8 does not list."""
    task = edit_type.traits.task
    return GENERAL if task is None else task


def expert_of(task: int) -> int:
    """The paper's hard assignment: the expert 0..8 of a task row, or `SHARED`."""
    return _EXPERT_OF_TASK.get(task, SHARED)
