"""Sentences whose verb is not first: passives and modals, a place first, a participle first, somebody invited, a picture enriched by adding something."""

from __future__ import annotations

from functools import cache

from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DEFINITE, DETERMINERS, Noun, Reader
from pixwright.parse.tokens import Token, words_of
from pixwright.words import lexicon
from pixwright.words.adjectives import PICTURES, POSTURES
from pixwright.words.inflection import bases

_IRREGULAR = {
    "put": "put", "set": "set", "laid": "lay", "hung": "hang", "stuck": "stick", "taken": "take", "drawn": "draw", "hidden": "hide", "brought": "bring",
    "situated": "place", "located": "place", "swapped": "swap", "cut": "cut", "thrown": "throw", "gotten": "get", "stood": "stand",
}  # fmt: skip
"""Participle -> verb, where no ending tells."""
_PASSIVES = tuple(
    (*modal, *be)
    for modal in phrases(
        "should|must|shall|ought to|needs to|need to|has to|have to|is to|are to|could|can|will|would|may|might"
    )
    for be in phrases("be|get|now be")
) + phrases("has been|have been|wants|is being|are being|should have been|needs|is|are")
_PLAIN = phrases("wants|is being|are being|needs|is|are")
"""Those behind which a participle may only say how it is: only what has come or gone counts."""
_ADVERBS = frozenset("completely entirely fully totally now gently carefully seamlessly digitally neatly also".split())
_BRINGING = ("add", "put")
_IS = phrases("is|are|stands|stand|sits|sit|should be|must be|shall be|we see|there is|there are|there should be")
_THERE = phrases("there should be|there must be|there shall be")
_PLACED = frozenset("placed positioned situated located set added parked seated".split())
_ASKS = frozenset("invite let allow welcome have get make permit ask encourage".split())
_BETTER = frozenset(
    "enrich enliven enhance liven brighten diversify improve complete decorate adorn elevate complement spice freshen".split()
)
"""Verbs of a purpose: what is done stands behind "by"."""
_MOST = 3
"""Words of a verb and its particles before "by"."""


_DEEDS = tuple(
    LEXICON.classes[name].by_first
    for name in ("put", "add", "remove", "replace", "move", "color_verb", "swap", "enlarge", "shrink", "rotate")
)


def _done(word: str) -> str | None:
    """The verb of a participle, of those that put, take away, replace, move and colour."""
    said = bases(word)[1:] if word.endswith("ed") else ()
    return _IRREGULAR.get(word) or next((one for one in said if any(one in verbs for verbs in _DEEDS)), None)


def active(tokens: list[Token]) -> list[Token]:
    """ "The kite ought to be eradicated" as "eradicate the kite"; "a crate should be placed on the cart" as "place a crate on the cart"."""
    words = words_of(tokens, "number")
    for at in range(1, len(words) - 1):
        lead = next((lead for lead in _PASSIVES if words[at : at + len(lead)] == lead), None)
        if lead is None:
            continue
        verb = at + len(lead)
        while verb < len(words) and words[verb] in _ADVERBS:
            verb += 1
        base = _done(words[verb]) if verb < len(words) else None
        subject = tokens[:at]
        if base is None or not _is_noun(subject):
            return tokens
        brings = any(base in LEXICON.classes[name].by_first for name in _BRINGING)
        indefinite = Noun(tuple(subject)).indefinite
        if lead in _PLAIN and not (brings and indefinite and len(tokens) > verb + 1):
            return tokens  # "the wall is painted": how it is
        if brings and not indefinite and base == "add":
            base = "put"
        return [Token(base, "word", tokens[verb].raw), *subject, *tokens[verb + 1 :]]
    return tokens


def _is_noun(tokens: list[Token]) -> bool:
    reader = Reader(tuple(tokens))
    noun = next((noun for end, noun in reader.ends(0, "list") if end == len(tokens)), None)
    return (noun is not None and not LEXICON.begins(noun.words[0])) or (
        noun is not None and noun.words[0] in DETERMINERS
    )


def is_place(tokens: list[Token]) -> bool:
    """Whether the tokens are a place and no more: "to the left of the mug"."""
    clause = Clause(tuple(tokens), "")
    return bool(tokens) and any(end == len(tokens) for end, _ in NONTERMINALS["place"](clause, 0))


def place_last(tokens: list[Token]) -> list[Token]:
    """ "To the left of the mug, add a spoon" as "add a spoon to the left of the mug"; "from the picture, ..." says nothing."""
    at = next((i for i, t in enumerate(tokens) if t.text == "," and t.kind == "stop"), 0)
    before, rest = tokens[:at], tokens[at + 1 :]
    if not before or not rest:
        return tokens
    words = words_of(before, "number")
    if words[0] in ("from", "in", "within", "on") and words[-1] in PICTURES and len(words) <= _MOST:
        return rest
    while rest and rest[0].text in ("please", "let", "us", "kindly"):
        rest = rest[1:]
    if not is_place(before) or len(rest) < _MOST - 1 or any(t.text == "," for t in rest):
        return tokens
    turned = active(rest)
    brings = any(turned[0].text in LEXICON.classes[name].by_first for name in _BRINGING)
    return [*turned, *before] if brings and len(turned) > 1 and not _has_place(turned) else tokens


def behind_all(tokens: list[Token]) -> list[Token]:
    """ "Remove the building behind": in the background."""
    end = len(tokens)
    while end and tokens[end - 1].kind == "stop":
        end -= 1
    if end < _MOST or tokens[end - 1].text != "behind" or tokens[0].text in ("leave", "stay", "keep"):
        return tokens
    return [*tokens[: end - 1], *(Token(word, "word") for word in ("in", "the", "background")), *tokens[end:]]


def attached(tokens: list[Token]) -> list[Token]:
    """ "Remove the bus, parked by the road, with a dent" without the commas: all of it tells which bus."""
    if tokens[0].text not in LEXICON.classes["remove"].by_first and tokens[0].text not in ("extract", "isolate"):
        return tokens
    words = words_of(tokens, "number")
    more = POSTURES | {"with", "wearing", "holding", "carrying", "positioned"}
    return [
        token
        for at, token in enumerate(tokens)
        if not (token.text == "," and token.kind == "stop" and words[at + 1 : at + 2] and words[at + 1] in more)
    ]


def exchanged(tokens: list[Token]) -> list[Token]:
    """ "Laptop out, old typewriter in" as "replace the laptop with an old typewriter"."""
    words = words_of(tokens, "number")
    comma = next((at for at, token in enumerate(tokens) if token.text in (",", "and")), 0)
    end = len(words) - (words[-1] == "instead")
    if comma < 2 or words[comma - 1] != "out" or words[end - 1] != "in" or comma + 2 >= end:
        return tokens
    old, new = tokens[: comma - 1], tokens[comma + 1 + (words[comma + 1] == "and") : end - 1]
    if not _is_noun(old) or not _is_noun(new) or words[0] in COMMANDS:
        return tokens
    verb, joint = ("turn", "into") if "with" in words_of(new, "number") else ("replace", "with")
    return [Token(verb, "word"), *old, Token(joint, "word"), *new]


def nearer(tokens: list[Token]) -> list[Token]:
    """ "Add a boat further back on the lake": it is on the lake."""
    words = words_of(tokens, "number")
    at = next((i for i in range(2, len(words) - 2) if words[i] in ("further", "farther")), 0)
    if not at or words[at + 1] not in ("back", "away", "left", "right", "up", "down") or not is_place(tokens[at + 2 :]):
        return tokens
    return [*tokens[:at], *tokens[at + 2 :]]


def _has_place(tokens: list[Token]) -> bool:
    """Whether the command says where already."""
    return any(is_place(tokens[at:]) for at in range(2, len(tokens)) if tokens[at].text != "round")


def place_named(tokens: list[Token]) -> list[Token]:
    """ "Placed on the bench is a cat" as "add a cat on the bench"."""
    words = words_of(tokens, "number")
    placed = words[0] in _PLACED | POSTURES or _done(words[0]) in LEXICON.classes["put"].by_first
    for at in range(2, len(words) - 3):
        if words[at : at + 3] in _THERE and is_place(tokens[:at]) and _is_noun(tokens[at + 3 :]):
            return [Token("add", "word"), *tokens[at + 3 :], *tokens[:at]]
    if not placed:
        return tokens
    for at in range(2, len(words) - 1):
        lead = next((lead for lead in _IS if words[at : at + len(lead)] == lead), None)
        thing = tokens[at + len(lead) :] if lead else []
        if thing and thing[0].text not in DEFINITE and _is_noun(thing) and is_place(tokens[1:at]):
            return [Token("add", "word"), *thing, *tokens[1:at]]
    return tokens


def joining(tokens: list[Token]) -> list[Token]:
    """ "Invite two goats to play on the lawn", "let an owl join the scene": they are to be there."""
    words = words_of(tokens, "number")
    if words[0] not in _ASKS or len(words) < _MOST:
        return tokens
    for end, noun in Reader(tuple(tokens)).ends(1, "thing"):
        rest = end + 1 if words[end : end + 1] == ("to",) else end
        if not noun.indefinite or noun.pronoun or rest >= len(words):
            continue
        joins = words[rest] in ("join", "enter", "inhabit", "visit", "grace")
        known = lexicon().look(noun.thing.head) is not None and lexicon().look(noun.core[-1].text) is not None
        if joins and _is_whole(words[rest + 1 :]):
            return [Token("add", "word"), *tokens[1:end]]
        where = tokens[rest + 1 :]
        if known and (rest > end or words[rest] in _poses()) and is_place(where):
            return [Token("add", "word"), *tokens[1:end], *where]
    return tokens


@cache
def _poses() -> frozenset[str]:
    return frozenset(LEXICON.values["action"].by_first)


def _is_whole(words: tuple[str, ...]) -> bool:
    return len(words) > 0 and words[-1] in PICTURES | {"party", "group"} and len(words) <= _MOST


def through(tokens: list[Token]) -> list[Token]:
    """ "Enrich the picture by adding two owls": what is done stands behind "by"."""
    words = words_of(tokens, "number")
    at = next(
        (i for i in range(2, len(words) - 2) if words[i] in ("by", "through", "with") and words[i + 1][-3:] == "ing"), 0
    )
    if not at or words[0] not in _BETTER or words[at - 1] not in PICTURES:
        return tokens
    base = next((form for form in bases(words[at + 1])[1:] if form in COMMANDS), None)
    return [Token(base, "word", tokens[at + 1].raw), *tokens[at + 2 :]] if base else tokens
