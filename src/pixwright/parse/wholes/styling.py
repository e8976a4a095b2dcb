"""A style in flowery words: "bathe the picture in the soft washes of watercolor", "tell its story through the medium of an engraving".

What is said of the style does not matter; that the picture, or nothing that can be seen, is the object of the verb does: "give the jacket the look of a
watercolor" is about a jacket.
"""

from __future__ import annotations

from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon
from pixwright.words.adjectives import PRONOUNS
from pixwright.words.inflection import bases

_PREPOSITIONS = frozenset("with in into of through to using from as by via on for reminiscent where".split())
_SPARING = frozenset("but except only keep without not unless".split())
_ARTICLES = frozenset("a an the some this that my our your its".split())


def styled(clause: Clause) -> list[Step] | None:
    """The step of a sentence that gives the whole picture a style; None for any other sentence."""
    if any(token.kind not in ("word", "stop") for token in clause.tokens):
        return None
    words = tuple(part for token in clause.tokens for part in _parted(token.text))
    if not words or not any(one in roles().classes["style_verbs"] for one in bases(words[0])):
        return None
    found = _last_style(words)
    if found is None or _SPARING & set(words) or _commands_on(words):
        return None
    at, value, kind = found
    thing = _object(words)
    table = roles().classes
    if (
        thing is None
        or thing >= at
        or words[thing] in PRONOUNS
        or not (words[thing] in table["picture"] or _unseen(words[thing]))
    ):
        return None
    return [Step(type=kind, instruction=clause.sentence, value=value)]


def _parted(word: str) -> tuple[str, ...]:
    """The parts of "oil-painting", where it is no word that the grammar knows."""
    return (word,) if word in LEXICON.known else tuple(part for part in word.split("-") if part) or (word,)


def _last_style(words: tuple[str, ...]) -> tuple[int, str, EditType] | None:
    """Where the last style, or black and white, begins, and its step: the others tell of it."""
    best: tuple[int, int, str, EditType] | None = None
    for name, kind in (("style", EditType.STYLE_CHANGE), ("look", EditType.TONE_TRANSFER)):
        for at in range(1, len(words)):
            for end, value in LEXICON.values[name].matches(words, at):
                if name == "look" and value not in ("black and white", "sepia"):
                    continue
                if _is_so(words, at, end):
                    continue
                if best is None or end > best[0] or (end == best[0] and at < best[1]):
                    best = (end, at, value, kind)
    return None if best is None else (best[1], best[2], best[3])


def _is_so(words: tuple[str, ...], at: int, end: int) -> bool:
    """Whether the words only say what the picture is like now: "this old black and white photo"."""
    article = next((word for word in reversed(words[:at]) if word in _ARTICLES), "")
    return (
        words[end : end + 1] != ()
        and words[end] in roles().classes["picture"]
        and article not in ("a", "an", "some", "")
    )


def _commands_on(words: tuple[str, ...]) -> bool:
    """Whether another command follows: "..., and remove the car"."""
    return any(
        word in ("and", "then", ",")
        and words[i + 1] in COMMANDS
        and words[i + 2] in ("the", "a", "an", "it", "his", "her")
        for i, word in enumerate(words[:-2])
    )


def _object(words: tuple[str, ...]) -> int | None:
    """Where the head of the verb's object stands: the last word before the first preposition; what is gone into where nothing stands between."""
    start = 1
    while start < len(words) and words[start] in (*_PREPOSITIONS, *_ARTICLES):
        start += 1
    ends = (
        *_PREPOSITIONS,
        *_ARTICLES,
        "look",
        "looks",
        "like",
        "that",
        ",",
        "'s",
    )  # a second article: "give the picture the look of ..."
    end = next((i for i in range(start, len(words)) if words[i] in ends), len(words))
    return end - 1 if end > start else None


def _unseen(word: str) -> bool:
    """Whether a noun names nothing that is seen in a picture: "narrative", "essence"."""
    return word in roles().classes["abstract"] or lexicon().look(word) is None
