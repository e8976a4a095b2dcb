"""What stands around a clause and adds nothing to the edit: politeness, wishes, questions, "in the picture".

"could you please ...", "what would it look like if ...", "I would like ..." are taken off, remembering whether what is left is a wish.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pixwright.parse.grammar import Wish
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.tokens import BASE, Token, spell_out, words_of
from pixwright.words.inflection import bases

_TRAILING = (
    "please", "thanks", "thank you", "for me", "nothing else", "nothing more", "and nothing else", "but nothing else", "and nothing more", "only that", "and only that", "if applicable", "if any", "if present", "if there are any", "if there is any", "if there is one", "if they are there", "if necessary", "if needed", "where applicable", "if possible", "if you can", "if you could", "instead", "too", "as well", "now", "right now", "though", "ok", "okay", "would you", "will you", "could you", "immediately", "again", "thank you very much", "thanks a lot", "will look good", "in it",
    "at once", "if you do not mind", "if that is possible", "in this picture", "by the way", "in here", "asap", "quickly", "this time", "for a change", "a try", "thank you so much", "many thanks", "completely please", "also", "can you", "right", "somehow", "maybe", "that is all", "would be nice", "would be great", "if that works", "how would that look", "how would it look", "how would this look", "how will that look", "how does that look", "what would that look like", "what would it look like", "what would this look like", "what will it look like", "can you show me", "can you show us", "could you show me", "could you show us", "show me", "already", "there please", "there", "cheers", "when you can", "perhaps",
)  # fmt: skip


_TAILS = tuple(sorted((tuple(phrase.split()) for phrase in _TRAILING), key=len, reverse=True))


_HARD = frozenset(".;!?:")


_PICTURE = frozenset("picture photo image photograph scene shot pic".split())


_PREPOSITIONS = frozenset("of in from on to within at across throughout".split())


_AFTER_PICTURE = frozenset(
    "and , . ; ! ? then to with by so into look looks is are was were should please for a an slightly as in instead be now than but such".split()
)


COMMANDS = frozenset(word for name in ("remove", "add", "put", "replace", "turn", "change", "make", "color_verb", "move", "enlarge", "shrink", "rotate", "stylize", "crop", "apply", "graded_verb", "increase", "decrease", "flip", "outpaint") for word in LEXICON.classes[name].by_first)  # fmt: skip


_NARROWING = frozenset(("only", "just"))
_HAVING = frozenset(("have", "get", "want"))
_WANTING = frozenset(("i", "id", "we", "let", "show", "can", "could", "may", "gimme"))
_VERBS = frozenset("is are was were looks look appears be had has have wears snows rains".split())


@dataclass(frozen=True)
class Framed:
    """A clause without its frame: whether it is a wish, and what it is about ("what would the sky look like if it ...")."""

    tokens: list[Token]
    wish: Wish = ""
    about: str | None = None
    weak: bool = False
    """Rather part of the sentence ("make it look like ..."): tried last, and only before a statement."""


def sentences(tokens: list[Token]) -> list[list[Token]]:
    """Cut at full stops and their like, at "then" and at "after that"."""
    out: list[list[Token]] = [[]]
    i = 0
    listed = 1 if len(tokens) > 1 and (tokens[0].text, tokens[1].text) == ("1", ".") else 0
    while i < len(tokens):
        token = tokens[i]
        rest = tuple(t.text for t in tokens[i : i + 3])
        jump = 0
        if token.text == ":" and i + 1 < len(tokens) and tokens[i + 1].kind == "quote":
            i += 1
            continue
        if token.text == ":" and len(out[-1]) <= 2 and out[-1] and out[-1][-1].text in ("background", "backdrop"):
            out[-1] += [Token("should", "word"), Token("be", "word")]
            i += 1
            continue
        if listed and rest[:2] == (str(listed), "."):
            listed, jump = listed + 1, 2
        elif (token.kind == "stop" and token.text in _HARD) or (
            token.kind == "word" and token.text in ("then", "afterwards", "afterward")
        ):
            jump = 1
        elif rest[:2] in (("after", "that"), ("after", "this"), ("followed", "by")):
            jump = 2
        if jump:
            while out[-1] and out[-1][-1].text in ("and", ",", "but", "also") and out[-1][-1].kind != "quote":
                out[-1].pop()
            out.append([])
            i += jump
        else:
            out[-1].append(token)
            i += 1
    return [s for s in (_stripped(sentence) for sentence in out) if s]


def _stripped(tokens: list[Token]) -> list[Token]:
    start = 0
    while start < len(tokens) and tokens[start].text in (",", "and", "but") and tokens[start].kind != "quote":
        start += 1
    end = len(tokens)
    while end > start and tokens[end - 1].text in (",", "and") and tokens[end - 1].kind != "quote":
        end -= 1
    return tokens[start:end]


def without_picture(tokens: list[Token]) -> list[Token]:
    """Without "in the picture", "of this photo" and a leading "the picture": they add nothing to what is edited."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        if [t.text for t in tokens[i : i + 5]] == ["what", "is", "in", "the", "background"]:
            i += 3
            continue
        if [t.text for t in tokens[i : i + 3]] == ["what", "is", "behind"]:
            out.append(Token("everything", "word"))
            i += 2
            continue
        words = [t.text if t.kind == "word" else "" for t in tokens[i : i + 5]]
        here = tokens[i].kind == "word" and words[0] in _PREPOSITIONS
        width = (
            3
            if here
            and len(words) > 2
            and words[1] in ("the", "this", "my", "that", "your", "our")
            and words[2] in _PICTURE
            else 0
        )
        if (
            here
            and width == 0
            and len(words) > 3
            and words[1] in ("the", "this")
            and words[2] in ("whole", "entire", "given", "original")
            and words[3] in _PICTURE
        ):
            width = 4
        following = tokens[i + width].text if i + width < len(tokens) else ""
        last = i + width >= len(tokens)
        keep = not out or (
            out[-1].text in ("it", "me", "zoom", "get", "closer", "in", "change", "be", "center", "move")
            and words[0] != "in"
        )
        if (
            width
            and (last or following in _AFTER_PICTURE)
            and not keep
            and not (words[0] == "to" and _is_change(out))
            and not _goes(words[0], out)
        ):
            i += width
        else:
            out.append(tokens[i])
            i += 1
    return _where_first(_without_only(_without_base(out)))


def _goes(preposition: str, before: list[Token]) -> bool:
    """Whether it is what somebody does: "running across the picture"."""
    return preposition in ("across", "throughout") and before[-1].text.endswith("ing")


def _where_first(tokens: list[Token]) -> list[Token]:
    """ "Where the bench is, put a fountain" in the order of "put a fountain where the bench is"."""
    words = [t.text for t in tokens]
    if words[:1] != ["where"] or "," not in words:
        return tokens
    comma = words.index(",")
    return (
        [*tokens[comma + 1 :], *tokens[:comma]]
        if words[comma - 1] in ("is", "are", "was", "were", "stands")
        else tokens
    )


def _without_only(tokens: list[Token]) -> list[Token]:
    """ "Change only the left pillow": nothing else would be changed anyway."""
    first = [t.text for t in tokens[:3]]
    narrowed = (
        len(first) == 3 and first[1] in ("only", "just") and first[2] in ("the", "this", "that", "his", "her", "my")
    )
    return [tokens[0], *tokens[2:]] if narrowed and first[0] not in ("keep", "leave", "show") else tokens


def _is_change(before: list[Token]) -> bool:
    return any(t.text in ("apply", "transfer", "change", "turn") for t in before[:2])


def _without_base(tokens: list[Token]) -> list[Token]:
    """ "[image:base:room.jpg] replace the lamp": the picture is named before the instruction begins."""
    if len(tokens) > 3 and tokens[0].raw == BASE:
        third = tokens[2].text
        if (
            third == ","
            or third == ":"
            or (third in LEXICON.classes["please"].by_first and third != "to")
            or (third in COMMANDS and third not in ("look", "to"))
        ):
            return tokens[3:] if third in ",:" else tokens[2:]
    return tokens


def frames(tokens: list[Token]) -> list[Framed]:
    """The clause with as much of its frame taken off as can be, then with less."""
    body = _without_tail(tokens)
    praised = _unpraised(body)
    stages = [Framed(praised, "want")] if praised else [Framed(body)]
    while len(stages) < 6:
        now = stages[-1]
        step = _unframed(now)
        if step is None:
            break
        stages.append(step)
    stages.reverse()
    stages.sort(key=lambda framed: framed.weak)
    if praised:
        stages.append(Framed(body))
    if len(body) != len(tokens):
        # A thing alone with a "please" is a wish: "a glass of milk beside the plate, please".
        asked = body and body[0].text in ("a", "an", "some", "there") and tokens[-1].text == "please"
        stages += [Framed(body, "want"), Framed(tokens)] if asked else [Framed(tokens)]
    return stages


def _unpraised(tokens: list[Token]) -> list[Token]:
    """ "A hedgehog would be cute" without what is said of it; empty if nothing is."""
    words = [t.text for t in tokens]
    for at in range(1, len(words)):
        if (
            words[at] in ("would", "could", "might")
            and words[at + 1 : at + 2] in (["be"], ["look"])
            and words[0] in ("a", "an", "some", "two", "three", "this")
        ):
            rest = words[at + 2 :]
            if words[at + 1] == "look" and rest and rest[0] in _PRAISE and len(rest) > 2:
                return [*tokens[:at], *tokens[at + 3 :]]
            if 0 < len(rest) <= 3 and rest[-1] in _PRAISE:
                return tokens[:at]
    return []


_PRAISE = frozenset(
    "nice great cute good fun funny perfect lovely cool better awesome amazing ideal pretty wonderful sweet fine".split()
)


def _unframed(now: Framed) -> Framed | None:
    words = words_of(now.tokens)
    while words and words[0] in (",", "\0") and now.tokens and now.tokens[0].kind == "stop":
        now, words = replace(now, tokens=now.tokens[1:]), words[1:]
    best: tuple[int, str] = (0, "")
    for name in ("please", "gerund", "subjunctive"):
        for end, _ in LEXICON.classes[name].matches(words, 0):
            if end > best[0] and end < len(words):
                best = (end, name)
    if question := _about(now.tokens, words):
        return question
    length, name = best
    if not length:
        return None
    rest = now.tokens[length:]
    while rest and rest[0].kind == "stop":
        rest = rest[1:]
    if not rest:
        return None
    if words[length - 1] in _NARROWING and LEXICON.number(rest[0].text) is not None:
        return None  # "only two cups" counts them
    if name == "gerund":
        base = _base(rest[0].text)
        return Framed(
            [Token(base, "word"), *rest[1:]] if base else rest, now.wish or ("" if base else "want"), now.about
        )
    phrase = words[:length]
    wants = (phrase[0] in _WANTING or phrase[-1] in _HAVING or phrase[0] == "would") and phrase[-1] not in (
        "if",
        "that",
        "though",
        "wish",
        "wishes",
        "so",
    )
    wish: Wish = "" if name != "subjunctive" else "want" if wants else "if"
    weak = name == "subjunctive" and words[0] in ("make", "have", "edit", "change", "modify", "show", "picture")
    if weak and not {t.text for t in rest} & _VERBS and words[0] != "show":
        return None
    return Framed(rest, now.wish or wish, now.about, now.weak or weak)


def _about(tokens: list[Token], words: tuple[str, ...]) -> Framed | None:
    """ "what would the sky look like if it were purple", "how would the car look in red"."""
    if (
        len(words) < 5
        or words[0] not in ("what", "how")
        or words[1] not in ("would", "will", "does", "could", "might", "do", "if")
    ):
        return None
    if "look" not in words[2:] and "looks" not in words[2:]:
        return None
    at = next(i for i in range(2, len(words)) if words[i] in ("look", "looks"))
    subject = [t for t in tokens[2:at] if t.text not in ("the", "a", "this", "that")]
    rest = at + 1
    while rest < len(words) and words[rest] in ("like", "if", "when", "though"):
        rest += 1
    if rest >= len(words):
        return None
    about = spell_out(subject) if subject and subject[0].text not in (*_PICTURE, "it", "things") else None
    body = list(tokens[rest:])
    if words[rest] == "in" and not about:
        return Framed([Token("make", "word"), Token("it", "word"), *tokens[rest + 1 :]], "", None)
    if words[rest] == "with" and about:
        return Framed([Token("give", "word"), *tokens[2:at], *tokens[rest + 1 :]], "", None)
    statement = "if" in words[at:rest] or "when" in words[at:rest]
    if about and not statement:
        body = [*tokens[2:at], *body]
    return Framed(body, "if" if statement else "want", about if statement else None)


def _base(word: str) -> str | None:
    """The verb of an -ing form that the grammar knows: "removing" -> "remove"."""
    said = bases(word)[1:] if word.endswith("ing") else ()
    return next((form for form in said if form in COMMANDS | {"give", "zoom", "write", "swap", "have", "let"}), None)


def _without_tail(tokens: list[Token]) -> list[Token]:
    changed = True
    while changed:
        changed = False
        while tokens and tokens[-1].kind == "stop":
            tokens, changed = tokens[:-1], True
        words = words_of(tokens)
        for tail in _TAILS:
            if (
                len(words) > len(tail)
                and words[-len(tail) :] == tail
                and not (tail == ("right",) and words[-2] not in (",",))
            ):
                tokens, changed = tokens[: -len(tail)], True
                break
    return tokens
