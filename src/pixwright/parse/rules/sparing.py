"""What an instruction spares, wherever it says so: "... but leave the face", "keep the birds and ...", "the clock should stay as it is", "... except the rose"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DEFINITE, Noun, Reader
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import CLEAR, CLEAR_BUT_SHADOW
from pixwright.words import lexicon, owned, read
from pixwright.words.adjectives import QUALITIES
from pixwright.words.colours import MADE_UP

_DEEDS = "touch change alter affect move modify edit ruin lose harm recolor blur include clip overexpose".split()
_LEADS = phrases(
    "do not blow out|not blow out|do not blow|not blow|without blowing out|leaving only|leaving just|keeping only|leaving|keeping|preserving|maintaining|retaining|sparing|maintain|retain|leave|keep|preserve|spare|protect|ignore|skip|not|only not|just not|but not|do not mess with|without messing with|avoid touching|stay away from|"
    + "|".join(f"do not {deed}|not {deed}|without {deed.removesuffix('e')}ing" for deed in _DEEDS)
)
_EXCEPT = phrases("except for|except|apart from|aside from|other than|excluding|save for|but for")
_STAYS = tuple(
    (*modal, *verb)
    for modal in phrases("should|must|shall|needs to|has to|have to|can|may|ought to|will")
    for verb in phrases(
        "stay|remain|be left|be kept|be spared|not be touched|not be changed|not change|not be affected|keep"
    )
) + phrases("stays|remains|stay|remain|still|is to stay|are to stay")
"""What makes a statement one of what shall be as it is."""
_STAY_WORDS = {word for phrase in _STAYS for word in phrase[-2:]}
_SOFT = frozenset((",", "but", "and", "please", "just", "though", "while", "also", "then", "only", "whilst"))
_TAILS = phrases(
    "consistent|unaltered|alone|as it is|as is|as they are|as it was|as before|unchanged|untouched|the same|the way it is|the way they are|in place|in color|in colors|there|intact|lit|"
    "visible|exactly as it is|exactly the same|as it is now|how it is|like it is|like that|out of it|normal|natural|on|in full color|in focus|sharp|dry|where it is|where they are|in|in it|in frame|in the frame|in view|in shot"
)
_AROUND = frozenset("background backdrop environment surroundings surrounding scene scenery setting context".split())
_ABOUT = frozenset("surrounding background original outdoor existing remaining".split())
_REST = frozenset("rest everything others else anything other".split())
_EVERYTHING = Token("everything", "word")


@dataclass(frozen=True)
class Spared:
    """The tokens without the part that spares, what is spared (None: "the rest", which says nothing), whether it was said as an exception, and whether first."""

    tokens: list[Token]
    noun: Noun | None
    exception: bool
    first: bool


@dataclass(frozen=True)
class _Part:
    """What is spared, where the words that say so end, which these are, and whether a state of the thing is said ("as it is")."""

    noun: Noun
    end: int
    lead: tuple[str, ...]
    stated: bool

    @property
    def rank(self) -> tuple[bool, int]:
        """A thing with its state before a longer thing without."""
        size = len(self.noun.tokens)
        return not self.stated, size if self.stated else -size


def take_spared(tokens: list[Token]) -> Spared | None:
    """The first part of a sentence that spares something; None if there is none. No tokens may be left."""
    words = [t.text if t.kind == "word" or t.text == "," else "\0" for t in tokens]
    reader = Reader(tuple(tokens))
    for at in range(len(words) - 1):
        before = at
        while before and words[before - 1] in _SOFT:
            before -= 1
        for part in sorted(_parts(words, reader, at), key=lambda part: part.rank):
            noun, end, lead = part.noun, part.end, part.lead
            rest = end
            while rest < len(words) and words[rest] in _SOFT:
                rest += 1
            exception = lead in _EXCEPT
            joined = before == at and at > 0 and not exception and lead[:1] != ("without",)
            ends = end == len(words) or rest > end
            if joined or not ends or (exception and before < 2):
                continue
            named = noun.words[-1] not in _REST and noun.words[0] not in _REST
            return Spared(
                _joined(tokens[:before], tokens[rest:]), noun if named else None, exception, before == 0 and named
            )
    return None


def _parts(words: list[str], reader: Reader, at: int) -> Iterator[_Part]:
    """Every part that begins here."""
    for lead in (*_EXCEPT, *_LEADS):
        start = at + len(lead)
        if tuple(words[at:start]) == lead and start < len(words):
            for end, noun in reader.ends(start, "list"):
                for stop in _tails(words, end):
                    if _fits(noun, lead in _EXCEPT):
                        yield _Part(noun, stop, lead, stop > end)
    for end, noun in reader.ends(at, "list") if _STAY_WORDS & set(words) else []:
        for stays in _STAYS:
            if tuple(words[end : end + len(stays)]) == stays and (_fits(noun, False) or _bare(noun)):
                for stop in _tails(words, end + len(stays)):
                    yield _Part(noun, stop, stays, True)


def _bare(noun: Noun) -> bool:
    """ "Wheels stay black": a noun that is known needs no article."""
    named = lexicon().look(noun.core[-1].text) is not None and not LEXICON.begins(noun.words[0])
    return named and len(noun.parts) < 2 and not noun.indefinite and noun.count is None and noun.pronoun is None


def _fits(noun: Noun, exception: bool) -> bool:
    named = noun.words[0] in DEFINITE or noun.words[0] in _REST
    me = exception and noun.pronoun == "me"
    return (exception or named) and (noun.count is None or noun.words[0] in DEFINITE) and (noun.pronoun is None or me)


def _tails(words: list[str], end: int) -> list[int]:
    """Where "as it is", a state ("dry") or nothing ends behind the thing, the furthest first."""
    ends = [end + len(tail) for tail in _TAILS if tuple(words[end : end + len(tail)]) == tail]
    if end < len(words) and words[end] in LEXICON.predicates | LEXICON.adjectives:
        ends.append(end + 1)
    return [*sorted(ends, reverse=True), end]


def _joined(before: list[Token], after: list[Token]) -> list[Token]:
    """What is left of the sentence; "the rest" of it is everything else."""
    out = [*before, Token(",", "stop"), *after] if before and after else [*before, *after]
    words = [t.text for t in out]
    for at in range(len(words) - 1):
        if words[at : at + 2] in (["the", "rest"], ["everything", "else"], ["the", "remaining"]):
            of = words[at + 2 : at + 3] == ["of"]
            return [*out[:at], *out[at + 3 :]] if of else [*out[:at], _EVERYTHING, *out[at + 2 :]]
    return out


def spare(steps: tuple[Step, ...], spared: Spared) -> tuple[Step, ...]:
    """The steps with what they must leave; "all the chairs, except the green one" is a target of its own."""
    if spared.noun is None:
        return steps
    return tuple(_with(step, spared.noun.thing, spared.exception) for step in steps)


def _with(step: Step, thing: Thing, exception: bool) -> Step:
    target = step.target
    if step.type is EditType.RESIZE and target is None:
        centred = Where(relation=Relation.CENTER)
        # What a crop is to keep in; to trim, enlarge or extend a picture leaves all that it shows.
        return step.model_copy(update={"target": thing, "where": centred}) if step.value == "crop" else step
    if step.target is not None and any(map(_about, thing.parts or (thing,))):
        return step  # what is about a thing stays anyway, and where the thing goes it closes
    if thing.head in QUALITIES and not thing.parts:
        return step  # a pattern, the folds: no place that could be left out, and every editor of surfaces keeps them
    named = thing.parts or (thing,)
    if step.value == CLEAR and any(part.head == "shadow" for part in named):
        subject = next((read(part.text.removeprefix("the ")) for part in named if part.head != "shadow"), target)
        return step.model_copy(update={"value": CLEAR_BUT_SHADOW, "target": subject})
    if exception and target is not None and (target.plural or target.every):
        left = thing.text if thing.text == "me" else f"the {thing.text.removeprefix('the ')}"
        return step.model_copy(update={"target": read(f"{target} except {left}")})
    kept = thing if step.protect is None else read(f"{step.protect} and the {thing}")
    return step.model_copy(update={"protect": kept})


def _about(thing: Thing) -> bool:
    """Whether it is what is about a thing: "the surrounding trees", "the background elements"."""
    return thing.head in _AROUND or "background" in thing.places or not _ABOUT.isdisjoint(thing.said)


def _made_up(step: Step, worn: Thing) -> Step | None:
    """ "Give her red lipstick", "add some blush": a colour of her lips or cheeks, and no thing to be put there."""
    entry = lexicon().look(worn.head)
    if entry is None or not entry.is_("cosmetic"):
        return None
    name, colour = MADE_UP.get(entry.worn, (entry.worn, None))
    colour = worn.colours[0] if worn.colours else colour
    if colour is None:
        return None
    somebody = step.where.anchor if step.where is not None else None
    if somebody is not None and lexicon().is_(somebody.head, "part"):
        somebody = somebody.owner and read(somebody.owner.head)  # "(blush) on her cheeks"
    elif somebody is not None and not lexicon().is_(somebody.head, "person"):
        return None  # "(a red lipstick) beside the mirror"
    part = read(name) if somebody is None else owned(somebody, name)
    return step.model_copy(
        update={"type": EditType.COLOR_ALTER, "target": part, "value": colour, "where": None, "count": None}
    )


def finished(step: Step) -> Step:
    """What only all of a sentence's words say: a look of "everything except the rose" is the whole picture's, and spares the rose; make-up is a colour."""
    target = step.target
    if step.type is EditType.ADD and step.value is not None and (coloured := _made_up(step, read(step.value))):
        return coloured
    if target is None or target.all_but is None or target.head or not step.type.traits.finish:
        return step
    kept = read(target.all_but.text.removeprefix("the "))
    return _with(step.model_copy(update={"target": None}), kept, False)
