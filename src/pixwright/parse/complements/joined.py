"""What two steps say of one thing at once: "white marble" is one surface, and no marble that is painted white."""

from __future__ import annotations

from pixwright.records.kind import Aspect
from pixwright.records.plan import Plan, Step


def joined_looks(plan: Plan) -> Plan:
    """The plan with each material whose colour is the next step's, said of the same thing by the same words, as one step: `value` is then "white marble"."""
    steps: list[Step] = []
    for step in plan.steps:
        if steps and _colours(step, steps[-1]):
            steps[-1] = steps[-1].model_copy(
                update={"value": f"{step.value} {steps[-1].value}", "edited_caption": step.edited_caption}
            )
        else:
            steps.append(step)
    return plan if len(steps) == len(plan.steps) else plan.model_copy(update={"steps": tuple(steps)})


def _colours(step: Step, made: Step) -> bool:
    """Whether a step says the colour of the material that a thing was given just before."""
    return (
        made.type.traits.changes is Aspect.MATERIAL
        and step.type.traits.changes is Aspect.COLOUR
        and made.target is not None
        and (step.target, step.instruction) == (made.target, made.instruction)
        and None not in (step.value, made.value)
        and step.amount is None
    )
