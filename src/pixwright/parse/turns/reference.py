"""What "it", "her" and "one" mean: the things that the steps before were about."""

from __future__ import annotations

from collections.abc import Iterable

from pixwright.parse.grammar import Memory
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, Reader
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.thing import Thing
from pixwright.words import adjectives, lexicon, read
from pixwright.words.numbers import ordinal


def remembered(steps: Iterable[Step], before: Memory) -> Memory:
    """What pronouns mean after these steps of one clause or one turn. What was removed is nothing any more."""
    steps = list(steps)
    named: list[Thing] = []
    for step in steps:
        if step.type is EditType.BACKGROUND_CHANGE:
            named.append(read("background"))
        elif step.type in (EditType.ADD, EditType.REPLACE):
            named += [read(step.value)] if step.value else []
        elif step.type is not EditType.REMOVE and step.target is not None:
            named.append(step.target)
    person = next(
        (
            name
            for name in [s.target for s in steps] + [s.where.anchor for s in steps if s.where]
            if name and lexicon().is_(name.head, "person", "animal")
        ),
        before.person,
    )
    if steps[0].type is EditType.TONE_TRANSFER and steps[0].target is None and before.targets:
        named = list(before.targets)
    return Memory(tuple(dict.fromkeys(named)), person)


def at_the_mark() -> Memory:
    """What pronouns mean where the user shows a place."""
    thing = Thing(text="what is marked", head="object", definite=True)
    return Memory((thing,), thing)


_MARKS = frozenset("thing object area part region spot selection mask place".split())
_SHOWING = frozenset("this that the".split())
_MARKED = frozenset("marked selected masked painted highlighted circled".split())


def with_marks(tokens: list[Token]) -> list[Token]:
    """ "This thing", "the marked area" as the "it" that the user shows. "The area of the sky" is a phrase of its own."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        words = [token.text for token in tokens[at : at + 4]]
        size = 3 if words[1:2] and words[1] in _MARKED else 2
        named = words[0] in _SHOWING and words[size - 1 : size] and words[size - 1] in _MARKS
        if named and words[size : size + 1] not in (["of"], ["with"], ["that"]):
            out.append(Token("it", "word", tokens[at].raw))
            at += size
        else:
            out.append(tokens[at])
            at += 1
    return out


def spoken_of(steps: Iterable[Step]) -> Thing | None:
    """The thing that the last turn was about, what it removed included: the noun of "one"."""
    named = [thing for step in steps for thing in (step.target, step.where and step.where.anchor) if thing]
    return named[-1] if named else None


def with_nouns(tokens: list[Token], spoken: Thing | None) -> list[Token]:
    """ "The left one", "the other", "the one on the left" with the noun of what was spoken of: "the left cup"."""
    if spoken is None or spoken.head in ("", "object") or spoken.whole:
        return tokens
    reader = Reader(tuple(tokens))
    out: list[Token] = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        if _speaks_of_others(reader, i):
            out += tokens[i:]
            break  # "all the chairs except the green one": the noun is in the same sentence
        if token.text in ("one", "ones") and token.kind == "word" and _stands_alone(out, following):
            noun = lexicon().counted(spoken.head, token.text == "ones")
            out += [Token(word, "word", word) for word in noun.split()]
            continue
        out.append(token)
        if token.text == "other" and _picks(out) and (not following or following in _AFTER | LEXICON.predicates):
            out += [Token(word, "word", word) for word in spoken.head.split()]
    return out


def with_kinds(steps: Iterable[Step]) -> list[Step]:
    """The steps of one instruction, in which "the other one" and "the one on the right" have the noun of a step before; of two cars the other is the one that was not changed."""
    out: list[Step] = []
    last: Step | None = None
    for step in steps:
        thing = step.target
        if thing is None and step.type.traits.surface and _FRAME in step.instruction.lower().split():
            thing = Thing(
                text=_FRAME, head=_FRAME, definite=True
            )  # of a window, of glasses: nobody paints all of the picture
            step = step.model_copy(update={"target": thing})
        if thing is not None and last is not None and last.target is not None:
            gone = last.type in (EditType.REMOVE, EditType.REPLACE)
            thing = _named_like(thing, last.target, gone)
            if thing.other and thing.all_but is None and thing.head == last.target.head and not gone:
                thing = thing.model_copy(update={"other": False, "all_but": last.target})
            step = step.model_copy(update={"target": thing})
        if thing is not None and thing.head not in ("", "object") and not thing.parts and not thing.whole:
            last = step
        out.append(step)
    return out


def _named_like(thing: Thing, spoken: Thing, gone: bool) -> Thing:
    """A thing that is only picked, with the noun of what was spoken of. What is left when that is `gone` is no other one."""
    words = thing.text.split()
    if thing.head != "object" or not _KINDLESS.isdisjoint(words) or not (thing.selective or "one" in words):
        return thing
    words = ["other" if word == "others" else word for word in words]
    if gone:
        words = [word for word in words if word != "other"]
    noun = lexicon().counted(spoken.head, thing.plural)
    at = next((i for i, word in enumerate(words) if word in ("one", "ones")), None)
    named = [*words, noun] if at is None else [*words[:at], noun, *words[at + 1 :]]
    return read(" ".join(["the", *named]))


_FRAME = "frame"
"""A word for the whole picture where it is cropped, filled or left."""
_KINDLESS = frozenset("thing things object objects item items it them this that something everything".split())
"""Words for whatever there is: they need no noun."""
_LONGEST = 4
"""Words before "one" that may pick it."""
_AFTER = frozenset("too as also instead , . and".split())
"""What may follow "the other" where the noun is left out."""
_PICKING = frozenset(
    (*adjectives.PLACES, *adjectives.RANKS, *adjectives.SIZES, *adjectives.AGES, *adjectives.STATES, "other", "next")
)


def _speaks_of_others(reader: Reader, at: int) -> bool:
    """Whether a definite noun, such as "the lamp", stands before this place: then "one" is that."""
    ends = [(end, noun) for start in range(at) for end, noun in reader.ends(start, "simple") if end <= at]
    return any(
        noun.definite and noun.pronoun is None and noun.head not in ("one", "ones", "other") and not noun.whole
        and noun.head not in LEXICON.adjectives | _PICKING
        for _, noun in ends
    )  # fmt: skip


def _stands_alone(before: list[Token], following: str) -> bool:
    """Whether "one" stands for a noun here: not in "one of", nor in "one" alone."""
    if before and before[-1].text in ("the", "that", "this", "those"):
        return following in adjectives.PREPOSITIONS - {"of"} or following in adjectives.RELATIVE
    return following != "of" and _picks(before)


def _picks(before: list[Token]) -> bool:
    """Whether the words pick one of several: "the left", "that big red", "another"."""
    for token in reversed(before[-_LONGEST:]):
        if token.text in DETERMINERS and token.text != "other":
            return token is not before[-1] or token.text == "another"
        if not (token.text in LEXICON.adjectives | _PICKING or ordinal(token.text) is not None):
            return False
    return False
