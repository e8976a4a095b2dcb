"""What only the picture can decide: whether "on the beach" is a place in it, or another place that it shall show."""

from __future__ import annotations

from collections.abc import Callable

from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Relation, Step
from pixwright.records.thing import Thing
from pixwright.words import lexicon

_THERE = (Relation.ON, Relation.INSIDE, Relation.BESIDE, Relation.IN_FRONT)
"""Relations that say in which place something is."""


def settled(plan: Plan, shows: Callable[[Thing], bool]) -> Plan:
    """The plan with places that the picture does not show as its new background; `shows` says whether it shows a thing."""
    return plan.model_copy(update={"steps": tuple(_settled(step, shows) for step in plan.steps)})


def _settled(step: Step, shows: Callable[[Thing], bool]) -> Step:
    where = step.where
    if step.type is not EditType.RELATION_CHANGE or where is None or where.relation not in _THERE:
        return step
    place = where.anchor
    if place is None or not lexicon().is_(place.head, "place", "landscape", "heaven") or shows(place):
        return step
    why = f"the picture shows no {place.name}: it becomes the background"
    return step.model_copy(
        update={
            "type": EditType.BACKGROUND_CHANGE,
            "target": None,
            "where": None,
            "amount": None,
            "value": place.text.removeprefix("the "),
            "why": step.why or why,
        }
    )
