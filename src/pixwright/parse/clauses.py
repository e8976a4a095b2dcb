"""An instruction is cut into clauses, frames of politeness and wish are taken off, what a clause leaves out is filled in, and each clause is given to the rules.

Full stops, semicolons and "then" always part. A comma or an "and" parts only where both sides can stand: "remove the cat and the dog" is one clause, "make the car red and the
bike blue" is two, of which the second borrows its verb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from pixwright.parse.grammar import Clause, Memory
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, PEOPLE, PRONOUNS
from pixwright.parse.tokens import BASE, Token, spell_out
from pixwright.records.edit_type import EditType
from pixwright.records.instruction import Attachment
from pixwright.records.plan import Step

Apply: TypeAlias = Callable[[Clause], "list[Step] | None"]
Reading: TypeAlias = Callable[[list[Token]], "list[Step] | None"]

_TRAILING = (
    "please", "thanks", "thank you", "for me", "if possible", "if you can", "if you could", "instead", "too", "as well", "now", "right now", "though", "ok", "okay", "would you", "will you", "could you", "immediately", "again", "thank you very much", "thanks a lot", "will look good", "in it",
    "at once", "if you do not mind", "if that is possible", "in this picture", "by the way", "in here", "asap", "quickly", "this time", "for a change", "a try", "thank you so much", "many thanks", "completely please", "also", "can you", "right", "somehow", "maybe", "that is all", "would be nice", "would be great", "if that works", "already", "there please", "cheers", "when you can", "perhaps",
)  # fmt: skip
_TAILS = tuple(sorted((tuple(phrase.split()) for phrase in _TRAILING), key=len, reverse=True))
_HARD = frozenset(".;!?:")
_PICTURE = frozenset("picture photo image photograph scene shot pic".split())
_PREPOSITIONS = frozenset("of in from on to within at".split())
_AFTER_PICTURE = frozenset("and , . ; ! ? then to with by so into look looks is are was were should please for a an slightly as in instead be now than but such".split())
_NOUNY = frozenset("paint color light shade stain park plant cut crop drop place set show frame picture cover sketch mirror rest seat hang style filter shift turn stand spray hue coat lean draw lower left right up burn rust age crack shine view center flip trim label title caption mark use throw lift raise fit".split())
_SOFT = frozenset((",", "and", "but", "plus", "while", "also"))


@dataclass(frozen=True)
class Understood:
    """One clause: its words, and its steps; None where no rule knows it."""

    sentence: str
    steps: tuple[Step, ...] | None


class Splitter:
    """Reads one instruction; `begins` says whether a word can begin a command."""

    def __init__(self, apply: Apply, begins: Callable[[str], bool], attachments: tuple[Attachment, ...]) -> None:
        self._apply = apply
        self._begins = begins
        self._attachments = attachments
        self._memory = Memory()
        self._last: Clause | None = None

    def read(self, tokens: list[Token]) -> list[Understood]:
        """Every clause in order."""
        out: list[Understood] = []
        for sentence in sentences(without_picture(tokens)):
            out += self._sentence(sentence)
        return out

    def _sentence(self, tokens: list[Token]) -> list[Understood]:
        pieces = self._pieces(tokens)
        start_memory, start_last = self._memory, self._last
        out: list[Understood] = []
        k = 0
        while k < len(pieces):
            size, steps = self._longest(pieces, k)
            if steps is None:
                out.append(Understood(spell_out(pieces[k][1]), None))
                k += 1
            else:
                out.append(Understood(steps[0].instruction, tuple(steps)))
                k += size
        if out and all(part.steps is None for part in out):
            self._memory, self._last = start_memory, start_last
            return [Understood(spell_out(tokens), None)]
        return _merged(out)

    def _pieces(self, tokens: list[Token]) -> list[tuple[list[Token], list[Token]]]:
        """(separator, tokens) between commas and conjunctions."""
        pieces: list[tuple[list[Token], list[Token]]] = []
        separator: list[Token] = []
        piece: list[Token] = []
        for i, token in enumerate(tokens):
            as_well = token.text == "as" and [t.text for t in tokens[i : i + 3]] == ["as", "well", "as"]
            if token.kind != "quote" and (token.text in _SOFT or as_well):
                if piece:
                    pieces.append((separator, piece))
                    separator, piece = [], []
                separator.append(token)
            elif separator and not piece and token.text in ("well", "as", "then", "also", "next") and token.kind == "word":
                separator.append(token)
            else:
                piece.append(token)
        if piece:
            pieces.append((separator, piece))
        return pieces

    def _longest(self, pieces: list[tuple[list[Token], list[Token]]], k: int) -> tuple[int, list[Step] | None]:
        """The longest run of pieces from `k` that is one clause, else the piece with what it leaves out."""
        end = k + 1
        while end < len(pieces) and end - k < 8 and not self._starts_clause(pieces[end][1]):
            end += 1
        plain: Reading = lambda tokens: self._clause(tokens, None)  # noqa: E731
        borrowing = k > 0 and not self._starts_clause(pieces[k][1])
        for read in (self._elliptical, plain) if borrowing else (plain, self._elliptical):
            for stop in range(end, k, -1):
                steps = read(_glued(pieces[k:stop]))
                if steps is not None:
                    return stop - k, steps
        if k + 1 < len(pieces):
            steps = self._shared_object(pieces[k][1], pieces[k + 1][1])
            if steps is not None:
                return 1, steps
            for stop in range(min(len(pieces), k + 6), end, -1):
                steps = self._clause(_glued(pieces[k:stop]), None)
                if steps is not None:
                    return stop - k, steps
        return 1, None

    def _starts_clause(self, tokens: list[Token]) -> bool:
        words = [t.text if t.kind == "word" else "\0" for t in tokens]
        i = 0
        while i < len(words) and words[i] in ("please", "then", "also", "now", "finally", "next", "just", "slightly", "gently", "kindly", "could", "can", "you", "afterwards"):
            i += 1
        if i >= len(words):
            return False
        if words[i] in ("make", "let", "have", "give", "let us", "i", "what", "there"):
            return True
        if not self._begins(words[i]) or words[i] in DETERMINERS or words[i] in PRONOUNS or words[i] in LEXICON.function_words - {"make", "remove", "add", "replace", "turn", "change", "give", "put", "let"}:
            return False
        if words[i] not in _NOUNY:
            return True
        following = words[i + 1] if i + 1 < len(words) else ""
        return following in DETERMINERS or following in PRONOUNS or following in ("up", "down", "in", "out", "to", "off") or (following == "\0" and words[i] in ("use", "place", "paint"))

    def _clause(self, tokens: list[Token], wish: bool | None) -> list[Step] | None:
        """One clause by the rules, with every frame that can be taken off it."""
        for framed in frames(tokens):
            memory = replace(self._memory, targets=(framed.about,)) if framed.about else self._memory
            clause = Clause(tuple(framed.tokens), _sentence_of(tokens), self._attachments, memory, framed.wish if wish is None else wish or framed.wish)
            if len(clause) and (steps := self._apply(clause)):
                self._remember(clause, steps)
                return steps
        return None

    def _elliptical(self, tokens: list[Token]) -> list[Step] | None:
        """A clause that borrows its beginning from the one before."""
        last = self._last
        if last is None:
            return None
        tokens = frames(tokens)[0].tokens
        wish = last.wish or bool(set(last.words) & {"should", "must", "shall", "could"})
        if wish and (steps := self._clause(tokens, True)):
            return steps
        head = list(last.tokens)
        it = Token("it", "word")
        if not tokens:
            return None
        candidates = [head[: self._verb_length(last)] + tokens, [*head[: self._verb_length(last)], it, *tokens]]
        for cut in range(len(head) - 1, 0, -1):
            before = head[cut - 1]
            if before.kind == "word" and (before.text in _BORROWED or (tokens[0].text in _BORROWED and head[cut].text == tokens[0].text)):
                candidates.append(head[:cut] + tokens)
        sentence = _sentence_of(tokens)
        for candidate in candidates:
            clause = Clause(tuple(candidate), sentence, self._attachments, self._memory, last.wish)
            if steps := self._apply(clause):
                self._remember(clause, steps)
                return steps
        return None

    def _shared_object(self, tokens: list[Token], following: list[Token]) -> list[Step] | None:
        """ "rotate and enlarge the cup": the first verb takes the second's object."""
        framed = frames(following)[0].tokens
        after = framed[self._verb_length(Clause(tuple(framed), "")) :]
        return self._clause(tokens + after, None) if after and len(tokens) <= 4 else None

    def _verb_length(self, clause: Clause) -> int:
        ends = [end for phrases in LEXICON.classes.values() for end, _ in phrases.matches(clause.words, 0)]
        return max(ends, default=1)

    def _remember(self, clause: Clause, steps: list[Step]) -> None:
        named: list[str] = []
        for step in steps:
            name = step.value if step.type in (EditType.ADD, EditType.REPLACE) else step.target
            if step.type is EditType.REMOVE or name is None or (step.type is EditType.ADD and step.where and step.where.anchor):
                name = None if step.type is not EditType.ADD else step.value
            if name:
                named.append(name)
        person = next((name for name in [s.target for s in steps] + [s.where.anchor for s in steps if s.where] if name and set(name.split()) & PEOPLE), self._memory.person)
        if steps[0].type is EditType.TONE_TRANSFER and steps[0].target is None and self._memory.targets:
            named = list(self._memory.targets)
        self._memory = Memory(tuple(dict.fromkeys(named)), person)
        self._last = clause


_BORROWED = frozenset("on in to of with for by from into onto behind above below under beside near over around at inside".split())


def sentences(tokens: list[Token]) -> list[list[Token]]:
    """Cut at full stops and their like, at "then" and at "after that"."""
    out: list[list[Token]] = [[]]
    i = 0
    while i < len(tokens):
        token = tokens[i]
        rest = tuple(t.text for t in tokens[i : i + 3])
        jump = 0
        if token.kind == "stop" and token.text in _HARD:
            jump = 1
        elif token.kind == "word" and token.text in ("then", "afterwards", "afterward"):
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
        words = [t.text if t.kind == "word" else "" for t in tokens[i : i + 5]]
        here = tokens[i].kind == "word" and words[0] in _PREPOSITIONS
        width = 3 if here and len(words) > 2 and words[1] in ("the", "this", "my", "that", "your", "our") and words[2] in _PICTURE else 0
        if here and width == 0 and len(words) > 3 and words[1] in ("the", "this") and words[2] in ("whole", "entire", "given", "original") and words[3] in _PICTURE:
            width = 4
        following = tokens[i + width].text if i + width < len(tokens) else ""
        last = i + width >= len(tokens)
        keep = not out or (out[-1].text in ("it", "me", "zoom", "get", "closer", "in", "change", "be", "center", "move") and words[0] != "in")
        if width and (last or following in _AFTER_PICTURE) and not keep and not (words[0] == "to" and _is_change(out)):
            i += width
        else:
            out.append(tokens[i])
            i += 1
    return _without_base(out)


def _is_change(before: list[Token]) -> bool:
    return any(t.text in ("apply", "transfer", "change", "turn") for t in before[:2])


def _without_base(tokens: list[Token]) -> list[Token]:
    """ "[image:base:room.jpg] replace the lamp": the picture is named before the instruction begins."""
    if len(tokens) > 3 and tokens[0].raw == BASE:
        third = tokens[2].text
        if third == "," or third == ":" or (third in LEXICON.classes["please"].by_first and third != "to") or (third in _COMMANDS and third not in ("look", "to")):
            return tokens[3:] if third in ",:" else tokens[2:]
    return tokens


_COMMANDS = frozenset(word for name in ("remove", "add", "put", "replace", "turn", "change", "make", "color_verb", "move", "enlarge", "shrink", "rotate", "stylize", "crop", "apply", "graded_verb", "increase", "decrease", "flip", "outpaint") for word in LEXICON.classes[name].by_first)  # fmt: skip


_VERBS = frozenset("is are was were be had has have wears snows rains".split())


@dataclass(frozen=True)
class Framed:
    """A clause without its frame: whether it is a wish, and what it is about ("what would the sky look like if it ...")."""

    tokens: list[Token]
    wish: bool = False
    about: str | None = None
    weak: bool = False
    """Rather part of the sentence ("make it look like ..."): tried last, and only before a statement."""


def frames(tokens: list[Token]) -> list[Framed]:
    """The clause with as much of its frame taken off as can be, then with less."""
    body = _without_tail(tokens)
    stages = [Framed(body)]
    while len(stages) < 6:
        now = stages[-1]
        step = _unframed(now)
        if step is None:
            break
        stages.append(step)
    stages.reverse()
    stages.sort(key=lambda framed: framed.weak)
    if len(body) != len(tokens):
        stages.append(Framed(tokens))
    return stages


def _unframed(now: Framed) -> Framed | None:
    words = tuple(t.text if t.kind == "word" else "\0" for t in now.tokens)
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
    if name == "gerund":
        base = _base(rest[0].text)
        return Framed([Token(base, "word"), *rest[1:]] if base else rest, now.wish or base is None, now.about)
    weak = name == "subjunctive" and words[0] in ("make", "have", "edit", "change", "modify", "show", "picture")
    if weak and not {t.text for t in rest} & _VERBS and words[0] != "show":
        return None
    return Framed(rest, now.wish or name == "subjunctive", now.about, now.weak or weak)


def _about(tokens: list[Token], words: tuple[str, ...]) -> Framed | None:
    """ "what would the sky look like if it were purple", "how would the car look in red"."""
    if len(words) < 5 or words[0] not in ("what", "how") or words[1] not in ("would", "will", "does", "could", "might", "do", "if"):
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
    statement = "if" in words[at:rest] or "when" in words[at:rest]
    if about and not statement:
        body = [*tokens[2:at], *body]
    return Framed(body, True, about if statement else None)


def _base(word: str) -> str | None:
    """The verb of an -ing form that the grammar knows: "removing" -> "remove"."""
    if not word.endswith("ing"):
        return None
    stem = word[:-3]
    forms = (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem)
    return next((form for form in forms if form in _COMMANDS or form in ("give", "zoom", "write", "swap", "have", "let")), None)


def _without_tail(tokens: list[Token]) -> list[Token]:
    changed = True
    while changed:
        changed = False
        while tokens and tokens[-1].kind == "stop":
            tokens, changed = tokens[:-1], True
        words = tuple(t.text if t.kind == "word" else "\0" for t in tokens)
        for tail in _TAILS:
            if len(words) > len(tail) and words[-len(tail) :] == tail and not (tail == ("right",) and words[-2] not in (",",)):
                tokens, changed = tokens[: -len(tail)], True
                break
    return tokens


def _glued(pieces: list[tuple[list[Token], list[Token]]]) -> list[Token]:
    """Pieces joined again; whatever stood between them, a single "and" or comma."""
    out: list[Token] = []
    for i, (separator, piece) in enumerate(pieces):
        if i:
            out.append(Token("and" if any(t.text != "," for t in separator) else ",", "word" if any(t.text != "," for t in separator) else "stop"))
        out += piece
    return out


def _sentence_of(tokens: list[Token]) -> str:
    return spell_out(tokens)[:1000]


def _merged(parts: list[Understood]) -> list[Understood]:
    """Neighbouring clauses that no rule knows, as one."""
    out: list[Understood] = []
    for part in parts:
        if part.steps is None and out and out[-1].steps is None:
            out[-1] = Understood(f"{out[-1].sentence}, {part.sentence}", None)
        else:
            out.append(part)
    return out
