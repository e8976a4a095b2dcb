"""`read`: a noun phrase, understood once.

    list     := phrase (("," | "and" | "or" | "plus" | "as well as" | "together with") phrase)*
    phrase   := whole picture | "everything except" list | pronoun | [owner "'s"] core modifier*
    core     := [determiner] (number | ordinal | rank | place | colour | material | size | age | state | word)* noun
    modifier := place | "from the left" | "of" phrase | relation phrase | "that is" ... | "wearing" phrase | adjunct

The noun is the longest end of the core that the lexicon knows, so "hot dog" and "light bulb" are one word and "garden gnome" is a gnome. Whatever cannot be
read is kept in `said`: a thing is never refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pixwright.records.plan import Plan, Step, Where
from pixwright.records.thing import Thing
from pixwright.words import adjectives as adj
from pixwright.words.colours import colour_at
from pixwright.words.lexicon import Lexicon, lexicon
from pixwright.words.numbers import number, ordinal
from pixwright.words.single import core_end, describes, is_whole, single

_EXCEPT = (
    "except for",
    "except",
    "but for",
    "but not",
    "but",
    "other than",
    "apart from",
    "aside from",
    "besides",
    "excluding",
    "save for",
)
_RELATIVES = frozenset("that which who whom whose where and or".split())
_JOINERS = frozenset("and or plus & ,".split())
_QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]*)[\"“”«»]")


def read(said: str | Thing) -> Thing:
    """The thing that a noun phrase names. A thing that is read already comes back as it is; an empty or unreadable text is a thing whose head is the text."""
    if isinstance(said, Thing):
        return said if said.understood else _read(said.text)
    return _read(said)


@lru_cache(maxsize=1024)
def _read(said: str) -> Thing:
    # Lone surrogates, which stand for bytes that are no text, cannot be looked up anywhere.
    text = " ".join(said.encode("utf-8", "replace").decode().split())[:200] or "object"
    words = _words(text)
    if not words:
        return Thing(text=text, head="object")
    return _list(words).model_copy(update={"text": text})


def owned(owner: str | Thing, noun: str) -> Thing:
    """Somebody's or something's part or garment: "the man's clothes", but "the clothes of the man on the left", since of "the man on the left's clothes" the clothes would be lost."""
    who = read(owner)
    if core_end(words := _words(who.text)) == len(words):
        return read(f"{who.text}'s {noun}")
    return read(f"the {noun} of {who.text}" if words[0] in adj.DEFINITE | {"one"} else f"the {noun} of the {who.text}")


def read_plan(plan: Plan) -> Plan:
    """The plan with every thing in it read, as a language model's or an old record's has them unread."""
    return plan.model_copy(update={"steps": tuple(read_step(step) for step in plan.steps)})


def read_step(step: Step) -> Step:
    """The step with every thing in it read."""
    done = _read_record(step)
    assert isinstance(done, Step)
    return done


def _read_record(record: Step | Where) -> Step | Where:
    changed: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, Thing) and not value.understood:
            changed[name] = read(value)
        elif isinstance(value, Where):
            changed[name] = _read_record(value)
    return record.model_copy(update=changed) if changed else record


def _words(text: str) -> list[str]:
    """Lower-case words and commas; "'s" is a word of its own."""
    low = text.lower().replace("’", "'").replace("grey", "gray")
    low = re.sub(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", r"rgb(\1;\2;\3)", low)
    low = _QUOTED.sub(" ", low)
    low = re.sub(r"(\w)'s\b", r"\1 's", low)
    low = re.sub(r"(\w)s'(?=\s)", r"\1s 's", low)
    low = re.sub(r"\b(\w+) to last\b", r"\1-to-last", low).replace("last but one", "second-to-last")
    low = re.sub(r"[^\w\s,'&#();.-]", " ", low)
    found = re.findall(
        r"rgb\([\d;]+\)|#[0-9a-f]{3,6}\b|'s|\d+(?:\.\d+)?(?:st|nd|rd|th)?|[^\W_]+(?:['-][^\W_]+)*|[,&]", low
    )
    while found and found[-1] in _JOINERS:
        found.pop()
    while found and found[0] in _JOINERS:
        found.pop(0)
    return found


_WAYS = frozenset("in up down out over through".split())


def _placed(words: list[str]) -> list[str]:
    """ "Sticking (in) on the left", "hanging (down) from the ceiling": which way a thing goes there says no more of where it is than the place behind it."""
    return [
        word
        for i, word in enumerate(words)
        if not (
            word in _WAYS
            and 0 < i < len(words) - 1
            and words[i - 1] in adj.POSTURES
            and words[i + 1] in adj.PREPOSITIONS - {"of"}
        )
    ]


def _relative(words: list[str]) -> list[str]:
    """ "The sign he is holding" with its "that"."""
    at = next((i for i, word in enumerate(words) if i and word in adj.SUBJECTS), 0)
    known = at == 0 or words[at - 1] in _RELATIVES or at + 1 == len(words)
    return words if known else [*words[:at], "that", *words[at:]]


def _list(words: list[str]) -> Thing:
    """Everything but some, or things joined by "and"."""
    words = _without_adjuncts(_relative(_placed(words)))
    if words[-1] == "else" and words[0] in adj.EVERYBODY:
        words = ["the", "other", "people"]
    if found := _all_but(words):
        return found
    if is_whole(words):
        return Thing(text=" ".join(words), head="picture", definite=True, whole=True)
    pieces = _conjuncts(words, lexicon())
    if len(pieces) < 2:
        return _one(pieces[0] if pieces else ["it"])
    parts = tuple(_one(piece) for piece in _completed(pieces)[:8])
    return Thing(text=" ".join(words), parts=parts, definite=parts[0].definite, plural=True)


def _one(words: list[str]) -> Thing:
    """One thing; what is said of an owner between him and his thing is his: "the man on the left's tie", but not "the cup on the woman's table"."""
    at = next((i for i in range(len(words) - 2, 1, -1) if words[i] == "'s" and words[i - 1] in adj.PLACES), 0)
    if not at or core_end(words[:at]) == at:
        return single(words)
    text = " ".join(words).replace(" 's", "'s")
    return single(words[at + 1 :]).model_copy(update={"text": text, "owner": single(words[:at]), "definite": True})


def _without_adjuncts(words: list[str]) -> list[str]:
    for adjunct in adj.ADJUNCTS:
        if len(words) > len(adjunct) and tuple(words[-len(adjunct) :]) == adjunct:
            return _without_adjuncts(words[: -len(adjunct)])
    return words


def _all_but(words: list[str]) -> Thing | None:
    for i in range(1, len(words)):
        for text in _EXCEPT:
            other = text.split()
            if words[i : i + len(other)] == other and len(words) > i + len(other):
                before = _of_all([w for w in words[:i] if w != ","])
                if text == "besides" and before[-1] not in ("everything", "all", "anything"):
                    continue
                but = _list(words[i + len(other) :])
                if (
                    before[0] in ("everything", "anything", "all", "rest")
                    or is_whole(before)
                    or before[-1:] == ["rest"]
                ):
                    named = [
                        w
                        for w in before
                        if w not in adj.DEFINITE and w not in ("of", "else", "rest", "in", "everything", "anything")
                    ]
                    head = _list(named) if named and not is_whole(named) and before[0] == "all" else None
                    if head is None and before == ["all"] and but.count and words[i + len(other) + 1 :][:1] == ["of"]:
                        head = but.model_copy(update={"count": None})  # "all but one of the birds"
                    if head is None or head.parts:
                        return Thing(text=" ".join(words), definite=True, all_but=but)
                    return head.model_copy(
                        update={
                            "text": " ".join(words),
                            "definite": True,
                            "every": True,
                            "plural": True,
                            "all_but": _named_like(but, head.head),
                        }
                    )
    return None


def _of_all(words: list[str]) -> list[str]:
    """ "Everyone (else)", "people" and "the cups", of which some are left out, as all of them."""
    if words[0] in ("everyone", "everybody"):
        return ["all", "people"]
    named = [word for word in words if word not in adj.DEFINITE]
    plural = bool(named) and named[0] not in adj.ALL_WORDS and lexicon().singular(named[-1])[1]
    return ["all", *named] if plural and lexicon().knows(lexicon().singular(named[-1])[0]) else words


def _named_like(but: Thing, head: str) -> Thing:
    """ "All cups except the blue one": the one is a cup."""
    return but.model_copy(update={"head": head}) if but.head == "object" else but


def _conjuncts(words: list[str], nouns: Lexicon) -> list[list[str]]:
    """Split at joiners, but not between two adjectives of one noun, nor in "between A and B", nor where "with a hat and a beard" goes on."""
    pieces: list[list[str]] = [[]]
    words = " ".join(words).replace(" as well as ", " and ").replace(" together with ", " and ").split()
    for i, word in enumerate(words):
        if word not in _JOINERS:
            pieces[-1].append(word)
        elif pieces[-1]:
            after = [w for w in words[i + 1 :] if w not in _JOINERS]
            if _belongs(pieces[-1], after, nouns) or (word == "," and _praised(pieces[-1], after)):
                pieces[-1].append("and")
            else:
                pieces.append([])
    return [piece for piece in pieces if piece]


def _praised(before: list[str], after: list[str]) -> bool:
    """Whether the comma stands between two adjectives of one noun: "the tall, thin man"; of two colours or sides there are two."""
    last = before[-1]
    if len(after) < 2 or not (last in adj.SIZES or last in adj.AGES or last in adj.STATES):
        return False
    return all(w in adj.DEFINITE | adj.INDEFINITE or describes(w) for w in before) and not colour_at(after, 0)


def _belongs(before: list[str], after: list[str], nouns: Lexicon) -> bool:
    """Whether the joiner between the two lies inside one phrase."""
    if not after:
        return True
    if "between" in before and "and" not in before[before.index("between") :]:
        return True
    last = next((w for w in reversed(before) if w != "and"), "")
    if describes(last) and describes(after[0]) and len(after) > 1 and not nouns.knows(last):
        return True
    if (
        describes(last)
        and last not in adj.PLACES
        and describes(after[0])
        and len(after) > 1
        and colour_at([last], 0)
        and colour_at(after, 0)
    ):
        return len(before) == 1 or before[-2] in adj.DEFINITE | adj.INDEFINITE | {"and"} or describes(before[-2])
    if after[0] in ("a", "an") and "with" in before and before[0] in adj.DEFINITE:
        return True
    clothed = bool(adj.WORN.intersection(before)) and before[0] in adj.DEFINITE and after[0] not in adj.DEFINITE
    if clothed and nouns.is_(after[-1], "wearable", "held"):
        return True
    return nouns.entry(" ".join([last, "and", after[0]])) is not None


def _completed(pieces: list[list[str]]) -> list[list[str]]:
    """Conjuncts with what they leave out: "the left and the right lamp", "both the cat and dog"."""
    if pieces[0][0] == "both" and len(pieces[0]) > 1:
        pieces[0] = pieces[0][1:]
    core = core_end(pieces[-1])
    head = pieces[-1][core - 1]
    done: list[list[str]] = []
    for piece in pieces:
        bare = [w for w in piece if w not in adj.DEFINITE | adj.INDEFINITE]
        if (
            piece is not pieces[-1]
            and bare
            and all(describes(w) for w in bare)
            and not describes(head)
            and _leaves_out(bare[-1])
        ):
            piece = [*piece, head]
        if done and "'s" in done[0] and "'s" not in piece and piece[0] not in adj.DEFINITE | adj.INDEFINITE:
            piece = [*done[0][: done[0].index("'s") + 1], *piece]
        if (
            done
            and piece[0] not in adj.DEFINITE | adj.INDEFINITE
            and number(piece[0]) is None
            and piece[0] not in adj.PRONOUNS
            and done[0][0] in adj.DEFINITE - adj.EVERY
        ):
            piece = [done[0][0], *piece]
        done.append(piece)
    return done


def _leaves_out(word: str) -> bool:
    """Whether an adjective at a conjunct's end waits for a noun: "the left and ...", but not "an orange and ..."."""
    return word in adj.PLACES or ordinal(word) is not None or not lexicon().knows(word)
