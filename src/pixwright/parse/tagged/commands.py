"""A tagged step -> `Step`s: it is said again as the plain command of its kind (`commands.tsv`), and the rules read that.

So the tagger needs to know no grammar, and what it says is held to the schema: what the rules do not read of it is no edit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from pixwright.encoders.tagging.labels import LESS, MORE
from pixwright.encoders.tagging.tagger import TaggedStep
from pixwright.errors import PixwrightError
from pixwright.parse.amounts import signed
from pixwright.parse.nouns import DEFINITE, INDEFINITE
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Amount, Step
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import CONTROLS
from pixwright.words import read
from pixwright.words.adjectives import PREPOSITIONS

_HOLE = re.compile(r"{(\w+)}")
_QUOTES = re.compile(r"[\"“”‘’`]")
_MEANT = {
    "look at camera": "look at the camera",
    "eyes closed": "close the eyes",
    "eyes open": "open the eyes",
    "mouth open": "open the mouth",
    "mouth closed": "close the mouth",
    "up": "top",
    "down": "bottom",
    "other": "",
}
"""Canonical words as the rules know them, where that is another way."""
_OPEN = DEFINITE | INDEFINITE | PREPOSITIONS | {"of", "and", "or"}
"""Words that something follows."""
_LONGEST = 200
"""Characters of a step's value."""


@lru_cache
def _commands() -> dict[str, tuple[str, ...]]:
    """Kind, or kind and canonical word ("resize: crop") -> its commands, the fullest first."""
    table: dict[str, tuple[str, ...]] = {}
    for line in (files(__package__) / "commands.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        kind, command = line.split("\t")
        table[kind] = (*table.get(kind, ()), command)
    return table


def steps_of(text: str, tagged: TaggedStep) -> tuple[Step, ...] | None:
    """What a step of the instruction `text` comes to; None where the rules read no command that says it."""
    kind = EditType(tagged.kind)
    said = {role: _said(text, spans, role) for role, spans in tagged.roles.items()}
    said |= _without_one(said)
    if kind.traits.changes is Aspect.TONE:
        steps = _toned(kind, tagged.means, said)
    else:
        steps = _commanded(kind, said | {"means": _MEANT.get(tagged.means, tagged.means)})
    if steps is None:
        return None
    spared = thing_of(said["protect"]) if "protect" in said else None
    words = text[tagged.says[0] : tagged.says[1]].strip(" ,;.\n")[:1000]
    more = {"instruction": words} | ({"protect": spared} if spared is not None else {})
    return tuple(step.model_copy(update=more) for step in steps)


def _said(text: str, spans: tuple[tuple[int, int], ...], role: str) -> str:
    """The words of the places, joined as a list is; a thing does not end in "of the"."""
    pieces = []
    for a, b in spans:
        words = _QUOTES.sub("", text[a:b]).strip(" ,;.:!?").split()
        while role in ("target", "value") and len(words) > 1 and words[-1].lower() in _OPEN:
            words.pop()
        pieces.append(" ".join(words))
    return " and ".join(dict.fromkeys(p for p in pieces if p))


def _without_one(said: dict[str, str]) -> dict[str, str]:
    """ "(A blue cat instead of) the ginger one": the noun is the other thing's."""
    for role, other in (("target", "value"), ("value", "target")):
        words = said.get(role, "").split()
        if len(words) > 1 and words[-1].lower() in ("one", "ones") and (noun := read(said.get(other, "it")).head):
            return {role: " ".join((*words[:-1], noun))}
    return {}


def thing_of(phrase: str) -> Thing | None:
    """A noun phrase as a thing, as the rules read it."""
    steps = obey(f"remove {phrase}")
    return steps[0].target if steps is not None and len(steps) == 1 else None


def _amount(words: str) -> Amount | None:
    """An amount's words as the rules read them of a comparative."""
    steps = obey(f"make the picture {words} brighter") or obey(f"brighten the picture {words}")
    return steps[0].amount if steps is not None and len(steps) == 1 else None


def _toned(kind: EditType, means: str, said: dict[str, str]) -> tuple[Step, ...] | None:
    """A tone is its canonical word: the words it was said in are many, and there is no command that holds them all."""
    if not means:
        return None
    target = thing_of(said["target"]) if "target" in said else None
    if "target" in said and target is None:
        return None
    if target is not None and target.whole:
        target = None
    amount = _amount(said["amount"]) if "amount" in said else None
    sign = {MORE: 1, LESS: -1}.get(means[-1], 0)
    if sign and means[:-1] in CONTROLS:
        return (Step(type=kind, instruction="", target=target, value=means[:-1], amount=signed(amount, sign)),)
    return (Step(type=kind, instruction="", target=target, value=means, amount=amount),)


def _commanded(kind: EditType, said: dict[str, str]) -> tuple[Step, ...] | None:
    """The steps of the first command, of those that all is known for, that the rules read as one of its kind; else of the first that they read at all."""
    other = None
    table = _commands()
    for command in (*table.get(f"{kind.value}: {said['means']}", ()), *table.get(kind.value, ())):
        holes = _HOLE.findall(command)
        if not all(said.get(hole) for hole in holes):
            continue
        steps = obey(_HOLE.sub(lambda hole: said[hole[1]], command))
        if steps is None:
            continue
        if all(step.type is kind for step in steps):
            return steps
        other = other or steps
    return other or _direct(kind, said)


def _direct(kind: EditType, said: dict[str, str]) -> tuple[Step, ...] | None:
    """How a thing shall look or behave in words that no rule has: the editor says whether it can."""
    if not (kind.traits.surface or kind.traits.changes is Aspect.ACTION) or not said.get("target"):
        return None
    target, value = thing_of(said["target"]), said.get("means") or said.get("value")
    if target is None or not value:
        return None
    return (Step(type=kind, instruction="", target=target, value=value[:_LONGEST]),)


@lru_cache(256)
def obey(command: str) -> tuple[Step, ...] | None:
    """The steps of words that the rules read; None where they do not."""
    try:
        return parse_rules(command, ()).steps
    except PixwrightError:
        return None
