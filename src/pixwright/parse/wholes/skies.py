"""What becomes of a sky: in whatever words it is asked for, it is another weather or another hour of the sky alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixwright.parse.lexicon import LEXICON
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import TIMES, WEATHERS
from pixwright.words import lexicon, read

_BY_DAY = frozenset("blue clear cloudless azure".split())
"""Words for the sky of a fine day that name no weather."""
_FINE_DAY = "noon"
_SKY = "sky"
_BEYOND = re.compile(
    r"\b(?P<before>(?:[a-z-]+ ){0,5})sky (?:behind|beyond|over|above|around|outside) (?:(?:the|a|an|this|that|my|our|his|her|their) )?[a-z-]+(?P<after>(?: [a-z-]+){0,3})"
)
"""A sky, what is said of it, and where it is seen."""
_MISREAD = (EditType.TONE_TRANSFER, EditType.RELATION_CHANGE)
"""What such words are read as where what stands before the sky is taken for what is changed."""


def with_skies(instruction: str, steps: Sequence[Step]) -> list[Step]:
    """The steps, in which the sky that replaces a sky, or its clouds, is told by its conditions, and what is said of a sky after its weather is said of it, not of the picture."""
    out: list[Step] = []
    alone = len(steps) == 1
    for step in (_beyond(step, instruction if alone else step.instruction) for step in steps):
        if step.type is EditType.REPLACE and step.reference is None and step.target is not None and step.value:
            became = conditions_of(step.value) if lexicon().is_(step.target.head, _SKY) else None
            if became is not None:
                target = step.target if step.target.head == _SKY else read(_SKY)
                step = step.model_copy(update={"target": target, "conditions": became})
        elif step.type is EditType.COLOR_ALTER and step.target is None and out and _told_of_a_sky(out[-1]):
            step = step.model_copy(update={"target": read(_SKY)})
        out.append(step)
    return out


def _beyond(step: Step, sentence: str) -> Step:
    """ "A stormy sky behind the arch" is another sky: the arch only says where it is seen."""
    of_sky = step.target is not None and step.target.head == _SKY and step.target.link is None
    if step.type not in _MISREAD or (of_sky and step.type is EditType.TONE_TRANSFER):
        return step
    found = _BEYOND.search(sentence.lower())
    said = "" if found is None else f"{found['before']} {found['after']}"
    became = conditions_of(said)
    if found is None or became is None or step.value not in (None, became, *WEATHERS, *TIMES):
        return step
    sky = Step(type=EditType.REPLACE, instruction=step.instruction, target=read(_SKY), value=f"{became} {_SKY}")
    return sky.model_copy(update={"conditions": became, "why": step.why})


def conditions_of(words: str) -> str | None:
    """The weather, hour or season that is said of a sky; None where it is no such thing ("a dragon")."""
    said = tuple(words.lower().split())
    for name in ("weather", "time", "season"):
        for at in range(len(said)):
            if (found := LEXICON.values[name].matches(said, at)) and not _by_day(said, found[0][1]):
                return str(found[0][1])
    return _FINE_DAY if not _BY_DAY.isdisjoint(said) else None


def _by_day(said: tuple[str, ...], weather: str) -> bool:
    """Whether "clear" or "blue" says it better: a clear blue sky needs no sun in it."""
    return weather == "sunny" and not _BY_DAY.isdisjoint(said) and "sunny" not in said


def _told_of_a_sky(before: Step) -> bool:
    """ "Make the sky clear and blue": one sentence, whose first half is a weather."""
    return before.value in WEATHERS and before.target is None and _SKY in before.instruction.lower().split()
