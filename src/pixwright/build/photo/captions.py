"""Captions of a photograph before and after an edit: its own caption, changed in exactly what the edit changes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixwright.build.scene.captions import listed, made_of, place_phrase, with_finish
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import COLOURS
from pixwright.words.saying import article, counted

_BEFORE = r"\b(?:(?:an?|the|some|one|its|his|her) )?"
"""What may stand before a name and belongs to its phrase."""
_COLOUR = rf"(?:(?:{'|'.join(COLOURS)}) )?"
_JUMPS = {"jump": "jumping", "fly": "flying", "lie down": "lying down", "flip": "upside down"}


def captions_of(caption: str, names: Sequence[str], step: Step, value: str = "", had: int = 0) -> tuple[str, str]:
    """(caption before, caption after) a step. `names`: what the photograph shows; `value`: a look that only a reference shows; `had`: how many of a thing there are."""
    target, value = str(step.target or ""), step.value or value
    aspect = Aspect.THING if step.type.traits.guided else step.type.traits.changes
    before = caption if not target or _phrase(target).search(caption) else _shown(_with(names, target))
    after = before
    if step.type is EditType.REMOVE:
        before, after = _shown(_with(names, target)), _shown([one for one in names if one != target])
    elif aspect is Aspect.THING:
        after = _said(before, target, article(value), recoloured=True)
    elif aspect is Aspect.NUMBER:
        before, after = (_said(before, target, counted(target, count)) for count in (had, step.count or 1))
    elif aspect in (Aspect.COLOUR, Aspect.APPEARANCE):
        after = _said(before, target, article(f"{value} {target}"), recoloured=aspect is Aspect.COLOUR)
    elif aspect is Aspect.MATERIAL:
        after = _said(before, target, article(target) + made_of(value))
    elif aspect is Aspect.ACTION and value in _JUMPS:
        after = _said(before, target, f"{article(target)} {_JUMPS[value]}")
    elif aspect is Aspect.TEXT:
        before, after = (f'{before}, with the text "{text}"' for text in (step.old_text, value))
    elif aspect is Aspect.BACKGROUND:
        after = (
            f"{listed([article(one) for one in names])} {place_phrase(value)}"
            if names
            else f"a view {place_phrase(value)}"
        )
    elif step.type.traits.finish:
        look = (EditType.STYLE_CHANGE if aspect is Aspect.STYLE else EditType.TONE_TRANSFER, value)
        return with_finish(_bare(before), ()), with_finish(_bare(before), (look,))
    return with_finish(_bare(before), ()), with_finish(_bare(after), ())


def _with(names: Sequence[str], target: str) -> list[str]:
    return list(names) if target in names or not target else [*names, target]


def _shown(names: Sequence[str]) -> str:
    return f"a photograph of {listed([article(one) for one in names])}" if names else "a photograph of an empty scene"


def _phrase(name: str, between: str = "") -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}{between}{re.escape(name)}\b", re.IGNORECASE)


def _said(caption: str, name: str, phrase: str, recoloured: bool = False) -> str:
    """The caption with a thing told anew; `recoloured`: the colour that it had is told no more."""
    return _phrase(name, _COLOUR if recoloured else "").sub(phrase, caption, count=1)


def _bare(caption: str) -> str:
    return caption.strip().rstrip(".")
