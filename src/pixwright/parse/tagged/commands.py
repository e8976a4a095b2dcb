"""A tagged step -> `Step`s: it is said again as the plain command of its kind (`commands.tsv`), and the rules read that.

So the tagger needs to know no grammar, and what it says is held to the schema: what the rules do not read of it is no edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from pixwright import words
from pixwright.encoders.tagging.labels import LESS, MORE
from pixwright.encoders.tagging.tagger import TaggedStep
from pixwright.errors import PixwrightError
from pixwright.parse.amounts import signed
from pixwright.parse.nouns import DEFINITE, INDEFINITE
from pixwright.parse.rules import parse_rules
from pixwright.parse.wholes.blemishes import SMOOTH
from pixwright.records.kind import Aspect, EditType, Target
from pixwright.records.plan import Amount, Relation, Step, Where
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import CONTROLS
from pixwright.words.adjectives import PREPOSITIONS

_HOLE = re.compile(r"{(\w+)}")
_WORD = re.compile(r"[\w'-]+")
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
_LOOKS = (Aspect.COLOUR, Aspect.APPEARANCE, Aspect.MATERIAL, Aspect.ACTION, Aspect.TONE, Aspect.SIZE, Aspect.ANGLE)
"""What an edit changes of a thing that stays: people's words for one are often the rules' words for another."""
_STAND_IN = "the ball"
"""What a command is about where its own thing's phrase is too long for the rules."""
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
    if kind is EditType.RELATION_CHANGE and _worn_by(said):
        kind, said = EditType.ADD, {"value": said["target"], "place": said["place"]}
    if kind.traits.changes is Aspect.TONE:
        steps = _toned(kind, tagged.means, said)
    else:
        steps = _commanded(kind, said | {"means": _MEANT.get(tagged.means, tagged.means)})
    if steps is None or any(map(_is_so, steps)):
        return None
    spared = thing_of(said["protect"]) if "protect" in said else None
    says = text[tagged.says[0] : tagged.says[1]].strip(" ,;.\n")[:1000]
    more = {"instruction": says} | ({"protect": spared} if spared is not None else {})
    return tuple(step.model_copy(update=more) for step in steps)


def _is_so(step: Step) -> bool:
    """Whether a thing is already what it shall become: "the quick brown fox" asks for nothing."""
    return step.type.traits.surface and step.target is not None and step.value in str(step.target).split()


def _worn_by(said: dict[str, str]) -> bool:
    """ "Hat on the dog": what can be worn, without an article, and who is to wear it. It is put on, and no hat is looked for."""
    first, *_ = said.get("target", "the").lower().split()
    place = said.get("place", "").split(maxsplit=1)
    if first in DEFINITE or len(place) < 2 or place[0].lower() != "on":
        return False
    what, wearer = words.read(said["target"]).head, words.read(place[1]).head
    return words.lexicon().is_(what, "wearable") and words.lexicon().is_(wearer, "person", "animal")


_AFTERTHOUGHT = re.compile(r"(?:(?P<thing>.+), )?(?:an?|the) (?P<how>\w+(?: \w+){0,2}) ones?", re.IGNORECASE)
""" "(A lamp,) a tall one", "the man's hat, the brown one": what a thing is like, told behind it."""


def _said(text: str, spans: tuple[tuple[int, int], ...], role: str) -> str:
    """The words of the places, joined as a list is; a thing does not end in "of the", and "a lamp ..., a tall one" is one thing. Of two places only "between" has both."""
    pieces: list[str] = []
    for a, b in spans:
        piece = _QUOTES.sub("", text[a:b]).strip(" ,;.:!?").split()
        while role in ("target", "value") and len(piece) > 1 and piece[-1].lower() in _OPEN:
            piece.pop()
        words_of = " ".join(piece)
        second = _AFTERTHOUGHT.fullmatch(words_of)
        if second is None or not (second["thing"] or pieces):
            pieces.append(words_of)
            continue
        *lead, noun = (second["thing"] or pieces.pop()).split()
        pieces.append(" ".join((*lead, second["how"], noun)))
    if role == "place" and pieces and not pieces[0].lower().startswith("between"):
        pieces = pieces[:1]
    return " and ".join(dict.fromkeys(p for p in pieces if p))


def _without_one(said: dict[str, str]) -> dict[str, str]:
    """ "(A blue cat instead of) the ginger one": the noun is the other thing's."""
    for role, other in (("target", "value"), ("value", "target")):
        phrase = said.get(role, "").split()
        if (
            len(phrase) > 1
            and phrase[-1].lower() in ("one", "ones")
            and (noun := words.read(said.get(other, "it")).head)
        ):
            return {role: " ".join((*phrase[:-1], noun))}
    return {}


def thing_of(phrase: str) -> Thing | None:
    """A noun phrase as a thing, as the rules read it; as the words alone are read where no rule takes them for one ("a hair on the cake, long and black")."""
    steps = obey(f"remove {phrase}")
    if steps is not None and len(steps) == 1 and steps[0].target is not None and not steps[0].type.traits.surface:
        return steps[0].target
    plain = _bare(phrase)
    found = words.read(plain)
    known = plain not in _OPEN and words.lexicon().look(found.head) is not None
    return found if known and not found.whole else None


def _amount(said: str) -> Amount | None:
    """An amount's words as the rules read them of a comparative."""
    steps = obey(f"make the picture {said} brighter") or obey(f"brighten the picture {said}")
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
    """The steps of the first command, of those that all is known for, that the rules read as one of its kind about its thing; else of one that comes near; else what the roles say outright."""
    about = thing_of(said["target"]) if "target" in said else None
    near = torn = None
    for steps in _obeyed(kind, said):
        if kind is EditType.ADD and "place" in said and steps[0].type is EditType.BACKGROUND_CHANGE:
            return steps  # "a blackboard behind him" fills all that is there
        of_kind = all(alike(step.type, kind) for step in steps)
        if of_kind and _says(steps, said, about):
            return steps
        if len(steps) == 1 and of_kind and _heads(steps[0], about):
            torn = torn or steps
        if all(_near(kind, step, said, about) for step in steps):
            near = near or steps
    if near is None and about is not None and kind is not EditType.REMOVE:
        for step, *more in _obeyed(kind, said | {"target": _STAND_IN}):
            if not more and alike(step.type, kind) and str(step.target) in _STAND_IN:
                return (step.model_copy(update={"target": about}),)
    return near or torn or _direct(kind, said, about)


def _heads(step: Step, about: Thing | None) -> bool:
    """Whether a step is about such a thing as was tagged."""
    return (step.target and step.target.head) == (about and about.head)


def _obeyed(kind: EditType, said: dict[str, str]) -> Iterator[tuple[Step, ...]]:
    """What the rules read of the commands of a kind, of those that all is known for."""
    table = _commands()
    for command in (*table.get(f"{kind.value}: {said['means']}", ()), *table.get(kind.value, ())):
        if all(said.get(hole) for hole in _HOLE.findall(command)):
            steps = obey(_HOLE.sub(lambda hole: said[hole[1]], command))
            if steps is not None:
                yield steps


def _says(steps: tuple[Step, ...], said: dict[str, str], about: Thing | None) -> bool:
    """Whether steps are about the thing that was tagged, and bring what was: a long phrase may be read as two, or be torn."""
    if len(steps) > 1 or about is None or about.parts:
        return True
    step = steps[0]
    brings = step.type.traits.brings and step.type.traits.changes is Aspect.THING
    if brings and not set((step.value or "").lower().split()) & set(_WORD.findall(said.get("value", "").lower())):
        return False
    if step.target is None:
        return step.type.traits.target not in (Target.NEEDED, Target.USUAL)
    covered = step.target.head in said.get("value", "").lower().split()  # "a concrete floor instead of the wood"
    return covered or str(step.target) == str(about)


def _near(kind: EditType, step: Step, said: dict[str, str], about: Thing | None) -> bool:
    """Whether a step of another kind does the same: a darker lipstick is a tone of it, a cat instead of a cat a colour, and fog is a tone as well as a thing."""
    same = _heads(step, about)
    if alike(kind, step.type):
        return same and str(step.target) == str(about)
    if kind.traits.brings:
        return same and step.type.traits.surface and words.read(said.get("value", "it")).head == (about and about.head)
    if kind is EditType.REMOVE:
        return step.type.traits.changes in (Aspect.TONE, Aspect.TEXT) or step.value == SMOOTH
    looks = kind.traits.changes in _LOOKS and step.type.traits.changes in _LOOKS
    meant = {said.get("value", "").lower(), said["means"]}
    return same and looks and (step.type.traits.changes is not Aspect.ACTION or step.value in meant)


def _direct(kind: EditType, said: dict[str, str], about: Thing | None) -> tuple[Step, ...] | None:
    """What the roles say where no rule has words for it: the editor says whether it can."""
    changes, value = kind.traits.changes, said.get("value", "")
    if changes is Aspect.BACKGROUND:
        about, value = None, said["means"] or _bare(value)
    elif about is None:
        return None
    elif changes is Aspect.PLACE:
        return _swapped(kind, said, about)
    elif changes is Aspect.THING and not kind.traits.brings:
        plainly = obey(f"remove the {about.head}")
        if plainly is None or about.link is not None or any(step.type is not kind for step in plainly):
            return None  # a thing on another may be that thing's look, and what the rules refuse to take away stays
        value = ""
    elif kind.traits.surface or changes is Aspect.ACTION:
        value = said["means"] or value
    elif changes is not Aspect.THING or kind.traits.target is not Target.NEEDED:
        return None
    else:
        value = _bare(value)
    if not value and kind is not EditType.REMOVE:
        return None
    return (Step(type=kind, instruction="", target=about, value=value[:_LONGEST] or None),)


def _swapped(kind: EditType, said: dict[str, str], about: Thing) -> tuple[Step, ...] | None:
    """Two things that take each other's place."""
    other = thing_of(said["value"]) if said.get("value") and "place" not in said else None
    where = None if other is None else Where(relation=Relation.SWAP, anchor=other)
    return None if where is None else (Step(type=kind, instruction="", target=about, where=where),)


def _bare(phrase: str) -> str:
    """A phrase without what leads it: "by the lake of Como" is a lake."""
    kept = phrase.lower().split()
    while len(kept) > 1 and kept[0] in _OPEN:
        kept.pop(0)
    return " ".join(kept)


@lru_cache(256)
def obey(command: str) -> tuple[Step, ...] | None:
    """The steps of words that the rules read; None where they do not."""
    try:
        return parse_rules(command, ()).steps
    except PixwrightError:
        return None


def alike(one: EditType, other: EditType) -> bool:
    """Whether two types are one, or both say where a thing shall be: "next to the tree" is a place and a relation."""
    return one is other or one.traits.changes is other.traits.changes is Aspect.PLACE
