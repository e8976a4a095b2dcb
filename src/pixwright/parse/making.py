"""From what a rule caught to steps: pronouns resolved, conjuncts told apart, places made into `Where`."""

from __future__ import annotations

from pixwright.parse.grammar import Clause
from pixwright.parse.nouns import POSSESSIVES, Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import HEARD, notation
from pixwright.records.instruction import SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Where
from pixwright.records.thing import Thing
from pixwright.words import lexicon, read

_PERSON = {"him": "man", "he": "man", "his": "man", "her": "woman", "she": "woman"}
_BEHIND = ("area behind", "space behind", "scenery behind", "scene behind", "part behind", "things behind")
BACKGROUND = frozenset(("background", "backdrop", "back ground", "surroundings", "surrounding"))


def resolve(clause: Clause, noun: Noun | None) -> Thing | None:
    """The thing that is meant, spelt without article; None is the whole picture."""
    if noun is None or noun.whole:
        return None
    first = noun.words[0]
    last = clause.memory.targets[-1] if clause.memory.targets else None
    if pronoun := noun.pronoun:
        if pronoun in _PERSON:
            return clause.memory.person or last or read(_PERSON[pronoun])
        if pronoun in ("me", "us"):
            return read("person")
        if pronoun in ("everyone", "everybody"):
            return read("people")
        return last
    if last is not None and len(noun.core) > 1 and noun.core[-1].text in ("one", "ones"):
        what = lexicon().counted(last.head, noun.core[-1].text == "ones")
        return read(
            " ".join((*(t.text for t in noun.core[:-1]), what, *noun.words[len(noun.core) :])).removeprefix("the ")
        )
    if first in POSSESSIVES and len(noun.words) > 1:
        living = last if last and lexicon().is_(last.head, "person", "animal") else None
        owner = (clause.memory.person or living) if first in _PERSON else last
        rest = Noun(noun.tokens[1:]).text
        return read(f"{owner}'s {rest}" if owner else rest if first in ("its", "their") else noun.text)
    return noun.thing


def means_whole(clause: Clause, noun: Noun) -> bool:
    """Whether `resolve` gives None: the picture is named, or a pronoun stands for nothing that was named."""
    pronoun = noun.pronoun
    if noun.whole or not pronoun:
        return noun.whole
    return pronoun not in (*_PERSON, "me", "us", "everyone", "everybody") and not clause.memory.targets


def parts(noun: Noun | None) -> tuple[Noun | None, ...]:
    """The conjuncts of a target; the whole picture is one."""
    if noun is None:
        return (None,)
    return noun.parts or (noun,)


def steps(
    clause: Clause,
    kind: EditType,
    target: Noun | None,
    *,
    value: str | None = None,
    where: Where | None = None,
    amount: Amount | None = None,
    reference: int | None = None,
    count: int | None = None,
) -> list[Step]:
    """One step for each conjunct of `target`, all with the same other fields."""
    if target is not None and target.pronoun in ("them", "they", "these", "those") and len(clause.memory.targets) > 1:
        named: list[Thing | None] = list(clause.memory.targets)
    else:
        named = [resolve(clause, part) for part in parts(target)]
    return [
        Step(
            type=kind,
            instruction=clause.sentence,
            target=name,
            value=value,
            where=where,
            amount=amount,
            reference=reference,
            count=count,
        )
        for name in named
    ]


def where(clause: Clause, place: Place | None) -> Where | None:
    """The record of a place; None where it names no more than the picture."""
    if place is None:
        return None
    anchor = resolve(clause, place.anchor) if place.anchor else None
    if place.anchor is not None and anchor is None and place.relation in ("inside", "on"):
        return None
    second = resolve(clause, place.second) if place.second else None
    return Where(relation=place.relation, anchor=anchor, second_anchor=second)


def is_background(noun: Noun | None) -> bool:
    """Whether the phrase means the background of the picture."""
    if noun is None or len(noun.parts or (noun,)) > 1:
        return False
    return (
        noun.head in BACKGROUND
        or noun.words[:2] == ("everything", "behind")
        or noun.bare in ("rest", "everything else")
        or noun.bare.startswith(_BEHIND)
    )


def is_sound(clause: Clause, number: int) -> bool:
    """Whether reference `number` is a sound: the attachment, or by its notation where nothing is attached."""
    if 1 <= number <= len(clause.attachments):
        return isinstance(clause.attachments[number - 1], SoundAttachment)
    said = [notation(t) for t in clause.tokens if t.kind == "ref" and t.text == str(number)]
    return any(one is not None and one[0] in HEARD for one in said)
