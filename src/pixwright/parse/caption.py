"""InstructEdit's two editing prompts for every step: a caption of the picture before it and one after it (paper: section 3.2)."""

from __future__ import annotations

from collections.abc import Callable

from pixwright.parse.nouns import DETERMINERS
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Relation, Step, Unit, Where
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import CONTROLS

T = EditType
_WORDS = {
    Relation.LEFT: "to the left of", Relation.RIGHT: "to the right of", Relation.ABOVE: "above", Relation.BELOW: "below", Relation.ON: "on", Relation.INSIDE: "inside",
    Relation.BESIDE: "next to", Relation.BEHIND: "behind", Relation.IN_FRONT: "in front of", Relation.BETWEEN: "between", Relation.AROUND: "around",
}  # fmt: skip


def captioned(steps: tuple[Step, ...], shown: str | None = None) -> tuple[Step, ...]:
    """The steps with both captions filled in; what an earlier step has written is kept. `shown`: what the picture shows, such as "cat"."""
    scene = f"a photo of {_some(shown)}" if shown else "a photo"
    return tuple(
        step
        if step.edited_caption
        else step.model_copy(
            update=dict(zip(("source_caption", "edited_caption"), (c[:1000] for c in captions(step, scene))))
        )
        for step in steps
    )


def captions(step: Step, scene: str = "a photo") -> tuple[str, str]:
    """(before, after) in the words of a caption."""
    subject = f"a photo of {_the(step.target)}" if step.target else scene
    kind = step.type
    if step.type.group == "visual":
        kind = T.REPLACE if step.value and step.target else T.REMOVE if step.target else T.ADD
        if step.type.traits.refers and not step.value:
            return (
                subject,
                f"{subject} with the {'style' if step.type is T.STYLE_TRANSFER else 'look'} of reference {step.reference}",
            )
    return subject, _after(kind, step, subject, scene)


def _the(thing: Thing | None) -> str:
    if thing is None:
        return "the scene"
    phrase = str(thing)
    first = phrase.split()[0]
    return phrase if first in DETERMINERS or "'s" in phrase.split()[0:3] else f"the {phrase}"


def _some(phrase: str | None) -> str:
    if not phrase:
        return "something"
    first, last = phrase.split()[0], phrase.split()[-1]
    if first in DETERMINERS or (last.endswith("s") and not last.endswith("ss")):
        return phrase
    return f"{'an' if first[0] in 'aeiou' else 'a'} {phrase}"


def _place(where: Where | None) -> str:
    if where is None:
        return ""
    if where.anchor and where.relation in _WORDS:
        second = f" and {_the(where.second_anchor)}" if where.second_anchor else ""
        return f" {_WORDS[where.relation]} {_the(where.anchor)}{second}"
    return f" at the {where.relation.replace('_', ' ')}"


def _adjective(step: Step, subject: str, scene: str) -> str:
    return f"a photo of the {step.value} {step.target}" if step.target else f"{scene} in {step.value}"


def _made(step: Step, subject: str, scene: str) -> str:
    return f"{subject} made of {step.value}"


def _replaced(step: Step, subject: str, scene: str) -> str:
    return f"a photo of {_some(step.value)}"


def _added(step: Step, subject: str, scene: str) -> str:
    thing = f"{step.count} {step.value}" if step.count and step.count > 1 else _some(step.value)
    return f"{scene} with {thing}{_place(step.where)}"


def _removed(step: Step, subject: str, scene: str) -> str:
    return f"{scene} without {_the(step.target)}"


def _counted(step: Step, subject: str, scene: str) -> str:
    if step.count is not None:
        return f"{scene} with {step.count} {step.target}"
    more = step.amount.value if step.amount else 1
    return f"{scene} with {abs(more):g} {'more' if more > 0 else 'fewer'} {step.target}"


def _toned(step: Step, subject: str, scene: str) -> str:
    if step.value not in CONTROLS:
        return f"{subject}, {step.value}"
    less = step.amount is not None and step.amount.value < 0
    return f"{subject} with {'less' if less else 'more'} {step.value}"


def _drawn(step: Step, subject: str, scene: str) -> str:
    return (
        f"{subject.replace('a photo', _some(step.value), 1)}"
        if step.value and " " in step.value
        else f"{subject} in the style of {step.value}"
    )


def _text(step: Step, subject: str, scene: str) -> str:
    old = f' "{step.old_text}"' if step.old_text else ""
    return f'{subject} with the text "{step.value}"' if step.value else f"{subject} without the text{old}"


def _background(step: Step, subject: str, scene: str) -> str:
    when = f" in {step.conditions}" if step.conditions else ""
    return (
        f"{scene} with {_some(step.value)} background{when}"
        if step.value
        else f"{scene} with the background of reference {step.reference}"
    )


def _sized(step: Step, subject: str, scene: str) -> str:
    if step.value:
        return f"{subject}, {step.value}"
    smaller = step.amount is not None and (
        step.amount.value < 0 or (step.amount.unit is Unit.FACTOR and step.amount.value < 1)
    )
    size = "smaller" if smaller else "larger"
    return f"a photo of a {size} {step.target}" if step.target else f"{scene}, {size}"


def _placed(step: Step, subject: str, scene: str) -> str:
    if step.where is not None and step.where.relation is Relation.SWAP:
        return f"{subject} in the place of {_the(step.where.anchor)}"
    return f"{subject}{_place(step.where)}"


def _stated(step: Step, subject: str, scene: str) -> str:
    return f"{subject}, {step.value}" if step.value else f"{subject}, changed"


_AFTER: dict[Aspect, Callable[[Step, str, str], str]] = {
    Aspect.NUMBER: _counted,
    Aspect.COLOUR: _adjective,
    Aspect.APPEARANCE: _adjective,
    Aspect.MATERIAL: _made,
    Aspect.TEXT: _text,
    Aspect.BACKGROUND: _background,
    Aspect.TONE: _toned,
    Aspect.STYLE: _drawn,
    Aspect.PLACE: _placed,
    Aspect.SIZE: _sized,
    Aspect.FRAME: lambda step, subject, scene: f"{scene}, extended{_place(step.where)}",
    Aspect.ANGLE: lambda step, subject, scene: f"{subject}, {step.value or 'rotated'}",
}

_VALUED = {Aspect.COLOUR, Aspect.APPEARANCE, Aspect.MATERIAL, Aspect.TONE, Aspect.STYLE}
"""Aspects of which nothing can be said without a value."""


def _after(kind: EditType, step: Step, subject: str, scene: str) -> str:
    if kind is T.REMOVE:
        return _removed(step, subject, scene)
    if kind is T.REPLACE:
        return _replaced(step, subject, scene)
    if kind is T.ADD:
        return _added(step, subject, scene)
    if not step.value and kind.traits.changes in _VALUED:
        return _stated(step, subject, scene)
    return _AFTER.get(kind.traits.changes, _stated)(step, subject, scene)
