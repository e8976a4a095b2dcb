"""What is only said for contrast, or as a liking: "in brass rather than black", "same shirt but in navy", "I like the hat but in camel"."""

from __future__ import annotations

import re

from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DETERMINERS
from pixwright.parse.tokens import Token, tokenise, words_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan
from pixwright.words import lexicon
from pixwright.words.colours import colour_at, is_colour

_CONTRASTS = phrases("rather than|instead of|and not|but not|not")
_SHADES = frozenset("dark light pale bright dull deep plain old boring ugly all".split())
_LIKED = phrases("i like|i love|love|we like|we love|i really like|the same|same")


def uncontrasted(tokens: list[Token]) -> list[Token]:
    """Without "rather than black" where the new look is said before it: what it is now is no wish."""
    words = list(words_of(tokens))
    for lead in _CONTRASTS:
        for at in range(2, len(words) - len(lead)):
            if tuple(words[at : at + len(lead)]) != lead:
                continue
            end = next((i for i in range(at, len(words)) if words[i] in (",", "\0")), len(words))
            about = next((i for i in range(at + len(lead), end) if words[i] in ("for", "on")), end)
            end = about if _looks(words[at + len(lead) : about]) else end
            old, before = words[at + len(lead) : end], words[:at]
            if _looks(old) and _says_look(before):
                return uncontrasted([*_made(tokens[:at]), *tokens[end:]])
    return tokens


def told_apart(plan: Plan) -> Plan:
    """The plan whose thing is called by the colour that it has now, where the words say that only for contrast: "green instead of blue", "from red to blue"."""
    looks = [step for step in plan.steps if step.type in (EditType.COLOR_ALTER, EditType.MATERIAL_CHANGE)]
    target = looks[0].target if len(looks) == 1 else None
    if target is None or not target.head or target.colours or target.parts:
        return plan
    now = _had(words_of(tokenise(plan.instruction)))
    if not now or now == looks[0].value:
        return plan
    called = looks[0].model_copy(update={"target": target.model_copy(update={"colours": (now,)})})
    return plan.model_copy(update={"steps": tuple(called if step is looks[0] else step for step in plan.steps)})


def _had(words: tuple[str, ...]) -> str:
    """The colour that words say something has and shall not have; empty if they say none."""
    for lead in (*_CONTRASTS, ("from",)):
        for at in range(2, len(words) - len(lead)):
            start = at + len(lead)
            start += words[start] in DETERMINERS
            size = colour_at(words, start) if words[at : at + len(lead)] == lead else 0
            follows = words[start + size : start + size + 1]
            if size and (lead != ("from",) or follows in (("to",), ("into",))):
                return " ".join(words[start : start + size])
    return ""


def lacking(tokens: list[Token]) -> list[Token]:
    """ "(The sky blue) with no clouds" as a further wish, ", no clouds": it stands behind a look, and so tells no thing apart."""
    words = words_of(tokens)
    for at in range(3, len(words) - 2):
        looks = words[at - 1] in LEXICON.predicates or is_colour(words[at - 1]) or _state(words[at - 1])
        if words[at : at + 2] == ("with", "no") and looks:
            return [*tokens[:at], Token(",", "stop", ","), *tokens[at + 1 :]]
    return tokens


def unlikened(tokens: list[Token]) -> list[Token]:
    """ "Blue like the others", "orange and white like a clownfish": the colour says it, and what has it is no further wish."""
    words = list(words_of(tokens))
    for at in range(2, len(words) - 1):
        if words[at] == "like" and is_colour(words[at - 1]) and colour_at(words, at - 1):
            end = next((i for i in range(at, len(words)) if words[i] in (",", "\0", "and", "but")), len(words))
            return [*tokens[:at], *tokens[end:]]
    return tokens


_CUTS = re.compile(
    r"(please |just |can you |could you )*(cut|crop|trim|chop|take|slice) (some of |a bit of |part of )?(it|that|this|them|some|a bit)( all)? (off|out|away|down)( please)?"
)
_SIDE = re.compile(r"\b(?:on|at|to|in) the (left|right|top|bottom)\b")
_THERE = re.compile(
    r"(the |that |this |my )?(?P<old>[a-z]+( [a-z]+){0,2}?) (is|are|looks|look) [a-z' ]+ , (please |so |just |can you |could you )*(put|place|use|have|get|add) (?P<new>(a|an|some) [a-z -]+?) (there|here|instead)"
)


def answered(tokens: list[Token]) -> list[Token]:
    """What a complaint and its command say together: "too much ground on the right, cut it off", "the lamp is ugly, put a plant there"."""
    end = len(tokens)
    while end and tokens[end - 1].kind == "stop":
        end -= 1
    said = " ".join(t.text for t in tokens[:end])
    before, comma, after = said.partition(" , ")
    side = _SIDE.search(before)
    if comma and side and ("too much" in before or "takes up" in before) and _CUTS.fullmatch(after):
        return [Token(word, "word") for word in ("trim", "the", side[1], "side", "off")]
    if (there := _THERE.fullmatch(said)) and lexicon().look(there["old"]) is not None:
        words = f"replace the {there['old']} with {there['new']}".split()
        return [Token(word, "word") for word in words]
    if said in ("turn upside down", "flip upside down"):
        return [tokens[0], Token("it", "word"), *tokens[1:]]
    at = next(
        (
            i
            for i in range(2, end - 2)
            if tokens[i - 1].text in ("it", "them", "him", "her") and tokens[i].text == "all"
        ),
        0,
    )
    if at and [t.text for t in tokens[at + 1 : at + 3]] == ["over", "in"]:
        return [*tokens[:at], *tokens[at + 2 :]]  # "paint it all over in gold"
    if said.split()[:3] in (["can", "it", "be"], ["could", "it", "be"]) and said.split()[3:4] in (["a"], ["an"]):
        return [Token("make", "word", tokens[0].raw), *tokens[1:2], *tokens[3:]]
    return tokens


def _made(tokens: list[Token]) -> list[Token]:
    """ "Leather jacket (rather than denim)" as "make the jacket leather"."""
    words = [t.text for t in tokens]
    look = colour_at(words, 0) or _material(words[0])
    if not look or len(words) > 3 or lexicon().look(words[-1]) is None:
        return tokens
    return [Token("make", "word"), Token("the", "word"), *tokens[look:], *tokens[:look]]


def _looks(words: list[str]) -> bool:
    """Whether the words are colours and materials and no thing: "black and white", "this pale wood"."""
    said = [word for word in words if word not in DETERMINERS | _SHADES | {"and", "or"}]
    if not said or len(words) > 5:
        return False
    at = 0
    while at < len(said):
        size = colour_at(said, at) or int(is_colour(said[at])) or _material(said[at]) or _state(said[at])
        if not size:
            return False
        at += size
    return True


def _material(word: str) -> int:
    """1 for a material that is no thing as well: "denim", but not "carpet"."""
    thing = lexicon().is_(word, "furniture", "ground", "container")
    return int(bool(LEXICON.values["material"].matches((word,), 0)) and not thing)


def _says_look(words: list[str]) -> bool:
    return any(
        colour_at(words, at) or is_colour(word) or _material(word) or _state(word) for at, word in enumerate(words)
    )


def _state(word: str) -> int:
    """1 for a state that is no thing as well ("open", "closed"), and for a tone ("night", "sunny")."""
    if any(LEXICON.values[kind].whole((word,)) is not None for kind in ("season", "time", "weather")):
        return 1
    return int(LEXICON.values["appearance"].whole((word,)) is not None and not lexicon().knows(word))


def liked(tokens: list[Token]) -> list[Token]:
    """ "I like the hat but in a camel color" as "the hat in a camel color"."""
    words = tuple(t.text for t in tokens)
    lead = next((lead for lead in _LIKED if words[: len(lead)] == lead), None)
    if lead is None or "but" not in words[: len(lead) + 6]:
        return tokens
    at = words.index("but")
    wanted = words[at + 1 : at + 2]
    if wanted not in (("in",), ("with",), ("make",)) or at <= len(lead):
        return tokens
    rest = tokens[len(lead) : at]
    if wanted == ("make",):
        return [*tokens[at + 1 :]]
    if rest[0].text not in DETERMINERS:
        rest = [Token("the", "word"), *rest]
    return [Token("make", "word"), *rest, *tokens[at + (1 if wanted == ("with",) else 2) :]]
