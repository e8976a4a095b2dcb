"""How people type in a chat, said plainly: "um so like can you uh make it warmer but not too much", "car -> red", "only keep the man"."""

from __future__ import annotations

import re

from pixwright.parse.chat.contrast import answered, lacking, liked, uncontrasted, unlikened
from pixwright.parse.frames import COMMANDS
from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DEFINITE
from pixwright.parse.tokens import Token
from pixwright.words import lexicon
from pixwright.words.colours import colour_at

_FILLERS = frozenset("um umm uhm uh uhh er erm eh ehm hm hmm hmmm mhm ah actually basically literally honestly".split())
"""Sounds of thinking and laughing: they say nothing wherever they stand."""
_MEANT = phrases("i mean|you know|i guess|i think|i suppose|kind of like|or something|or something like that|or so")
"""The same in words, between the others or at the end."""
_MILD = phrases(
    "but not too much|not too much|but not too strong|but not too strongly|but only a bit|but not a lot|just not too much|but subtle"
)
"""Behind a command: less of it."""
_TWICE = frozenset("the a an to of in on at and is it my this that please make remove with".split())
"""Words that nobody means twice in a row."""
_ARROW = re.compile(
    r"(?:^|(?<=[,;.] ))\s*(?P<thing>[a-z0-9](?:[a-z0-9' ]|[.,](?=\d))*?)\s*(?:-+>|=+>|→)\s*", re.IGNORECASE
)
_HEADED = re.compile(r"^\s*(?P<thing>(?:the )?[a-z]+(?: [a-z]+)?)\s*:\s*(?=[a-z]+(?: [a-z]+)?\s*$)", re.IGNORECASE)
_IN_BRACKETS = re.compile(
    r"(?<=[a-z])\(e?s\)| \((?:(?!the |a |an |on |in |at |not )[a-z-]+(?: [a-z-]+){0,2}|(?:including|e\.?g\.?|i\.?e\.?|such as|like)\b[^()]{1,120})\)",
    re.IGNORECASE,
)
"""What a thing is once more, or has: "the cabin (building)"."""
_BECOMES = frozenset("change turn make paint color switch set recolor".split())
_NO_HEAD = frozenset(("background", "backdrop", "step", "note", "please"))
_NARROW = frozenset(("only", "just"))
_LEFT = frozenset(("keep", "leave", "show", "see"))


_CAPTION = re.compile(
    r"^(?P<lead>\s*(?:please )?(?:add|put|write|place)(?: the| a| some)? (?:text|caption|title|words?|heading|line)(?: (?:at|on|in|across|along|under|over) [a-z ]{2,30}?)?)\s*:\s*(?P<said>[^\"':]{1,80}?)\s*$",
    re.IGNORECASE,
)
"""Text behind a colon: "add text at the bottom: Summer 2025"."""
_REPORTED = re.compile(
    r"(^|, ?|and )(?:my|our|the) [a-z]+ (?:says|said|thinks|reckons)(?: that)?,? (?=it|this|that|the|we|he|she|they)",
    re.IGNORECASE,
)
"""Who says so: "my mate says it needs more pop"."""


_LOOKS = re.compile(r"^\s*(?=(?:looks|seems|feels) (?!like ))", re.IGNORECASE)
""" "(It) looks hazy", which says how the picture is; "look" would ask for it."""


def spelt_out(text: str) -> str:
    """ "car -> red" and "sky: sunset" as commands; everything else as it was."""
    text = _CAPTION.sub(r'\g<lead> "\g<said>"', _LOOKS.sub("it ", text))
    text = _REPORTED.sub(r"\1", _IN_BRACKETS.sub("", text))
    said = _ARROW.sub(lambda m: f"change the {m['thing'].removeprefix('the ')} to ", text)
    headed = _HEADED.match(said)
    if headed and headed["thing"].lower().split()[0] not in COMMANDS | _NO_HEAD:
        return f"change the {headed['thing'].lower().removeprefix('the ')} to {said[headed.end() :]}"
    return said


def plainly(tokens: list[Token]) -> list[Token]:
    """The tokens without fillers and doubled words, and with "not too much" as "a bit"."""
    end = len(tokens)
    while end and tokens[end - 1].kind == "stop":
        end -= 1
    tokens, stops = tokens[:end], tokens[end:]
    out = _mild(_laughed([t for t in tokens if t.kind != "word" or t.text not in _FILLERS]))
    for phrase in _MEANT:
        out = _cut(out, phrase)
    kept: list[Token] = []
    for at, token in enumerate(out):
        last = kept[-1].text if kept else ""
        following = out[at + 1].text if at + 1 < len(out) else ""
        doubled = token.kind == "word" and token.text == last and last in _TWICE
        dangling = token.text == "," and (not kept or last == ",")
        like = token.text == "like" and last in ("", "so", ",", "and") and following in COMMANDS | _ASKING
        if not (doubled or dangling or like):
            kept.append(token)
    return [
        *_narrowed(
            _less(
                _verb_first(_to_colour(_plain_parts(lacking(unlikened(answered(uncontrasted(liked(_stated(kept)))))))))
            )
        ),
        *stops,
    ]


def _laughed(tokens: list[Token]) -> list[Token]:
    """Without laughter: between two sentences it is their full stop ("who are these lol delete them")."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        if token.kind != "word" or not _LAUGHS.fullmatch(token.text):
            out.append(token)
        elif len(out) > 2 and out[-1].kind != "stop" and at + 2 < len(tokens) and tokens[at + 1].kind == "word":
            out.append(Token(".", "stop", token.raw))
    return out


_LAUGHS = re.compile(r"lo+l|(ha){2,}h?|(he){2,}|lmao|rofl|xd")


def _verb_first(tokens: list[Token]) -> list[Token]:
    """ "Cat hair on the black coat, remove" in the order of a command; "there is a sign, get rid" with an "of it"."""
    words = tuple(t.text for t in tokens)
    if words[-3:] == (",", "get", "rid"):
        return [*tokens, Token("of", "word"), Token("it", "word")]
    if words[-1:] == ("please",) and (again := _verb_first(tokens[:-1])) != tokens[:-1]:
        return again
    gone = next((tail for tail in _GONE if len(words) > len(tail) + 1 and words[-len(tail) :] == tail), ())
    if gone and words[0] not in COMMANDS and words[-len(gone) - 1] == "," and _VERBS.isdisjoint(words[: -len(gone)]):
        return [Token("remove", "word"), *tokens[: -len(gone) - 1]]
    tail = next((tail for tail in _BARE if len(words) > len(tail) + 1 and words[-len(tail) :] == tail), None)
    if tail is None or words[-len(tail) - 1] != "," or words[0] in COMMANDS or words.count(",") > 2:
        return tokens
    if not _VERBS.isdisjoint(words):
        return [*tokens, Token("it", "word")] if len(tail) == 1 else tokens
    named = [t for t in tokens[: -len(tail) - 1] if t.text != ","]
    return [*tokens[-len(tail) :], *named]  # "dirt on the lens, top right, remove"


_BARE = phrases("remove|delete|erase|fix|retouch|crop|straighten|brighten|sharpen|darken|blur")
_GONE = tuple(
    sorted(
        phrases(
            "away with it|away with them|bye|bye bye|goodbye|begone|be gone|off with it|off with them|out with it|out with them|go away|get out|out|gone|all gone|all of them gone|all out|all away|both gone"
        ),
        key=len,
        reverse=True,
    )
)
"""What is said to a thing that shall go: "the fence, bye"."""
_VERBS = frozenset("is are was were has have do does looks look i we he she it they there".split())


def _stated(tokens: list[Token]) -> list[Token]:
    """ "Skin's a little shiny", "eye's creepy" with an "is": what follows is no thing that somebody owns."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        after = [t.text for t in tokens[at + 1 : at + 3]]
        if token.text == "its" and after[:1] and after[0] in _SAYS_HOW and (at == 0 or tokens[at - 1].kind == "stop"):
            out += [Token("it", "word", token.raw), Token("is", "word")]
            continue
        ends = after[1:] in ([], [","], ["."], ["so"])
        states = after[:1] and (after[0] in _SAYS_HOW or (ends and _is_state(after[0])))
        out.append(Token("is", "word", token.raw) if token.text == "'s" and token.raw == "'s" and states else token)
    return out


_SAYS_HOW = frozenset(
    "too so a an all not just completely totally very quite really been got taken far way rather pretty".split()
)
_CREEPY = ("y", "ing", "ed", "ful", "ish")


def _is_state(word: str) -> bool:
    """Whether a last word behind "'s" is an adjective and no noun: "creepy", "teal"."""
    if colour_at([word], 0):
        return True
    return lexicon().look(word) is None and (word in LEXICON.predicates or word.endswith(_CREEPY))


_TOO_MUCH = frozenset(
    "is are was were be look looks looked seem seems got gets came way far much all bit little".split()
)
"""Words behind which "too" is "too" indeed."""
_SHORT = 5
"""Words of "only the black dog, please"."""
_ASKING = frozenset("can could would please i we".split())


def _cut(tokens: list[Token], phrase: tuple[str, ...]) -> list[Token]:
    """Without a phrase that stands behind everything else, or between commas."""
    words = tuple(t.text for t in tokens)
    size = len(phrase)
    for at in range(len(words) - size + 1):
        ends = at + size == len(words) or words[at + size] == ","
        if words[at : at + size] == phrase and ends and (at > 2 or at == 0 or words[at - 1] == ","):
            return _cut([*tokens[:at], *tokens[at + size :]], phrase)
    return tokens


def _mild(tokens: list[Token]) -> list[Token]:
    words = tuple(t.text for t in tokens)
    for phrase in _MILD:
        if len(words) > len(phrase) + 1 and words[-len(phrase) :] == phrase:
            before = tokens[: -len(phrase)]
            while before and before[-1].kind == "stop":
                before = before[:-1]
            return [*before, Token("a", "word"), Token("bit", "word")]
    return tokens


def _to_colour(tokens: list[Token]) -> list[Token]:
    """ "Change the car too green": the little word that sounds the same."""
    words = [t.text for t in tokens]
    if "too" not in words[2:] or _BECOMES.isdisjoint(words) or "to" in words:
        return tokens
    at = words.index("too", 2)
    complains = words[at - 1] in _TOO_MUCH or words[at - 1].endswith(("'s", "'re"))
    meant = at + 1 < len(words) and colour_at(words, at + 1) and words[1:2] != ["it"] and not complains
    return [*tokens[:at], Token("to", "word"), *tokens[at + 1 :]] if meant else tokens


def _plain_parts(tokens: list[Token]) -> list[Token]:
    """ "The balloons all white" without its "all", "the wall behind sage green" with the wall in the background, "..., bit more sun" with an article."""
    words = [t.text for t in tokens]
    out: list[Token] = []
    for at, token in enumerate(tokens):
        colour = colour_at(words, at + 1) if at and at + 1 < len(words) else 0
        ends = colour and (at + 1 + colour == len(words) or tokens[at + 1 + colour].kind == "stop")
        before = out[-1] if out else None
        noun = before is not None and before.kind == "word" and lexicon().look(before.text) is not None
        if token.text == "all" and colour and noun:
            continue
        if token.text == "behind" and ends and noun:
            out += [Token(word, "word") for word in ("in", "the", "background")]
        elif token.text == "bit" and before is not None and before.text == ",":
            out += [Token("a", "word"), token]
        else:
            out.append(token)
    return out


def _less(tokens: list[Token]) -> list[Token]:
    """ "Not so bright" and "too much contrast" as "less bright" and "less contrast"; "not enough contrast" as "more contrast"."""
    words = tuple(t.text for t in tokens[:3])
    if words[:1] == ("bit",):
        return [Token("a", "word"), *tokens]
    for lead, said in _COMPLAINTS.items():
        if words[: len(lead)] == lead and len(tokens) - len(lead) in (1, 2):
            return [Token(said, "word"), *tokens[len(lead) :]]
    return tokens


_COMPLAINTS = {
    ("not", "so"): "less", ("not", "that"): "less", ("not", "quite", "so"): "less", ("too", "much"): "less", ("way", "too", "much"): "less", ("not", "enough"): "more", ("too", "little"): "more",
}  # fmt: skip


def _narrowed(tokens: list[Token]) -> list[Token]:
    """ "Only keep the man" as "keep only the man", "i only want to see it" likewise, and "crop to just the dog" without the word."""
    words = [t.text for t in tokens]
    at = next((i for i, word in enumerate(words) if word in _NARROW), None)
    if at is None:
        return tokens
    if at > 1 and words[at + 1 : at + 2] in (["a"], ["an"]):
        return [*tokens[:at], *tokens[at + 1 :]]  # "make the wall just a plain white"
    if at > 3 and words[at - 1] in ("you", "we", "i") and words[at - 2] in ("so", "that", ","):
        wants = words[at - 2] != "," or words[at + 1 : at + 2] in (["want"], ["need"])
        if wants and not LEXICON.classes["remove"].by_first.keys().isdisjoint(words[: at - 2]):
            return tokens[: at - 2]  # "remove the bin so you only see the door": what it is for
        if words[0] in COMMANDS and words[at - 2] != ",":
            return tokens[: at - 2]
    if (
        at == 0
        and words[1:2]
        and words[1] in DEFINITE
        and len(words) <= _SHORT
        and LEXICON.function_words.isdisjoint(set(words[2:]) - {"please"})
    ):
        return [Token("keep", "word"), Token("only", "word"), *tokens[1:]]
    if at == len(words) - 1 and words[0] in LEXICON.classes["crop"].by_first:
        return tokens[:-1]
    verb = next((i for i in range(at + 1, len(words)) if words[i] in _LEFT), None)
    between = words[at + 1 : verb] if verb is not None else [""]
    if (
        verb is not None
        and verb + 1 < len(words)
        and words[verb + 1] in DEFINITE
        and between in ([], ["want", "to"], ["like", "to"])
    ):
        return [Token("keep", "word"), Token("only", "word"), *tokens[verb + 1 :]]
    inner = (
        at > 1
        and words[at - 1] in ("to", "on", "in", "around")
        and words[at + 1 : at + 2]
        and words[at + 1] in DEFINITE
    )
    return [*tokens[:at], *tokens[at + 1 :]] if inner else tokens
