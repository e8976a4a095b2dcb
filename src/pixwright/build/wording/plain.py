"""One plain sentence for a step, always the same one: "remove the dog". Instructions that mean the same have it in common."""

from __future__ import annotations

from pixwright.build.wording.grammar import slots_of, templates
from pixwright.build.wording.reasoning import outcome
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words.saying import article


def plainly(step: Step) -> str:
    """The first imperative that the templates have for such a step, filled. The step's own instruction where they have none, and where a place or a number
    is said, which have many forms."""
    value = step.value or ""
    slots = {"target": f"the {step.target}", "thing": article(value)}
    slots |= dict.fromkeys(("value", "scenery", "styled", "control"), value)
    first = next(iter(templates().get(_key(step), {}).get("do", ())), "")
    if not first or not slots_of(first) <= slots.keys() or step.where is not None or step.count is not None:
        return step.instruction
    return first.format(**slots)


def _key(step: Step) -> str:
    kind, leads = str(step.type), outcome(step)
    if step.type is EditType.RESIZE:
        return f"{kind}.{leads}"
    if step.type is EditType.TONE_TRANSFER:
        return "tone.more" if leads.endswith("+") else "tone.less" if leads.endswith("-") else "tone.look"
    return kind
