"""An instruction is cut into clauses, frames of politeness and wish are taken off, what a clause leaves out is filled in, and each clause is given to the rules.

Full stops, semicolons and "then" always part. A comma or an "and" parts only where both sides can stand: "remove the cat and the dog" is one clause, "make the car red and the
bike blue" is two, of which the second borrows its verb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from pixwright.parse.clauses.asides import brought_by, complains, may_borrow, restates, says_itself
from pixwright.parse.clauses.neighbours import joined, taken_in
from pixwright.parse.clauses.pieces import (
    BORROWED,
    controlled,
    excepting,
    gapped,
    glued,
    merged,
    sentence_of,
    takes_all,
    thing_alone,
    vague,
)
from pixwright.parse.clauses.topics import Statement, topic
from pixwright.parse.frames import COMMANDS, frames, sentences, without_picture
from pixwright.parse.grammar import Clause, Memory, Understood, Wish
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, PRONOUNS
from pixwright.parse.order import emptied, fits_in, ways, without_asides, without_purpose
from pixwright.parse.rules.remarks import GREETING, idle, reasons, stated
from pixwright.parse.rules.sparing import Spared, finished, spare, take_spared
from pixwright.parse.tokens import Token, as_written, words_of
from pixwright.parse.turns.reference import remembered
from pixwright.parse.wholes import wholly
from pixwright.records.instruction import Attachment
from pixwright.records.kind import Aspect
from pixwright.records.plan import Step
from pixwright.words import read
from pixwright.words.colours import is_shaded

Apply: TypeAlias = Callable[[Clause], "list[Step] | None"]
Reading: TypeAlias = Callable[[list[Token]], "list[Step] | None"]

_NOUNY = frozenset(
    "paint color light shade stain park plant cut crop drop place set show frame picture cover sketch mirror rest seat hang style filter shift turn stand spray hue coat lean draw lower left right up burn rust age crack shine view center flip trim station label title caption mark use throw lift raise fit".split()
)
_OBJECTS = DETERMINERS | PRONOUNS | frozenset("and up down out off".split())
"""What follows an adjective that is a verb as well: "clean the desk"."""
_LONGEST_RUN = 80
"""Tokens of commands without anything between them."""
_SOFT = frozenset((",", "and", "but", "plus", "while", "also"))


class Splitter:
    """Reads one instruction; `begins` says whether a word can begin a command, `pointed` whether a verb may lack its object."""

    def __init__(
        self,
        apply: Apply,
        begins: Callable[[str], bool],
        attachments: tuple[Attachment, ...],
        memory: Memory = Memory(),
        pointed: bool = False,
    ) -> None:
        self._apply = apply
        self._pointed = pointed
        self._begins = begins
        self._attachments = attachments
        self._memory = memory
        self._last: Clause | None = None
        self._told: Statement | None = None
        self._elsewhere = False
        self._topics: set[str] = set()
        """Statements that told what a pronoun means, and so are no more to be read."""

    def read(self, tokens: list[Token]) -> list[Understood]:
        """Every clause in order."""
        out: list[Understood] = []
        cut, said = sentences(without_picture(emptied(tokens))), sentences(tokens)
        always: list[Spared] = []
        for at, sentence in enumerate(cut):
            if steps := wholly(without_asides(said[at] if len(said) == len(cut) else sentence), self._memory):
                out.append(Understood(as_written(sentence), tuple(steps)))
                continue
            spared = take_spared(sentence) if len(cut) > 1 else None
            if spared is not None and all(t.text in GREETING or t.kind == "stop" for t in spared.tokens):
                always.append(spared)
                continue
            idles = (len(cut) > 1 and idle(sentence)) or (at > 0 and fits_in(sentence))
            if idles or all(t.text in GREETING for t in sentence):
                continue
            parts = self._ordered_as_said(excepting(without_purpose(sentence)))
            if all(part.steps is None for part in parts):
                self._tell(sentence)
            out += parts
        for spared in always:
            out = [replace(part, steps=part.steps and spare(part.steps, spared)) for part in out]
        out = [part for part in out if part.steps is not None or part.sentence not in self._topics]
        return joined([replace(part, steps=part.steps and tuple(map(finished, part.steps))) for part in out])

    def _ordered_as_said(self, tokens: list[Token]) -> list[Understood]:
        """A sentence as it stands; where something of it is not read, in the order of a command, and without what is done anyway."""
        before = self._memory, self._last, self._told
        parts = self._sparing(tokens)
        if all(part.steps is not None for part in parts):
            return parts
        after = self._memory, self._last, self._told
        plain = without_asides(tokens)
        for said in (*ways(tokens), *([plain, *ways(plain)] if plain != tokens else [])):
            self._memory, self._last, self._told = before
            again = self._sparing(said)
            if again and all(part.steps is not None for part in again):
                return again
        self._memory, self._last, self._told = after
        return parts

    def _sparing(self, tokens: list[Token]) -> list[Understood]:
        """A sentence, and what it spares. An exception may belong to a noun ("everything except the car"), and what is named first may only be
        what "it" then means ("keep the chair, but make it red"): such a sentence is first read whole."""
        spared = take_spared(tokens)
        if spared is None or not spared.tokens:
            return self._sentence(tokens)
        if spared.first and spared.noun and takes_all(spared.tokens):
            return self._sentence([Token("keep", "word"), Token("only", "word"), *spared.noun.tokens])
        before = self._memory, self._last
        if spared.exception or spared.first:
            whole = self._sentence(tokens)
            about = [step.target for part in whole for step in part.steps or ()]
            meant = spared.exception or (spared.noun is not None and spared.noun.thing in about)
            if meant and all(part.steps is not None for part in whole):
                return whole
            self._memory, self._last = before
        out = self._sparing(spared.tokens)
        if all(part.steps is None for part in out):
            self._memory, self._last = before
            return self._sentence(tokens)
        return [replace(part, steps=part.steps and spare(part.steps, spared)) for part in out]

    def _sentence(self, tokens: list[Token]) -> list[Understood]:
        pieces = self._pieces(tokens)
        if len(pieces) > 1:
            pieces = [piece for piece in pieces if not idle(piece[1])] or pieces
        start_memory, start_last = self._memory, self._last
        out: list[Understood] = []
        k = 0
        while k < len(pieces):
            if taken_in(out, *pieces[k]):
                k += 1
                continue
            remark = bool(out and out[-1].steps) and stated([t.text for t in pieces[k][1]])
            if remark and not (k + 1 < len(pieces) and self._topic(pieces[k][1], pieces[k + 1][1])):
                k += 1
                continue
            if (
                k + 1 < len(pieces)
                and any(t.text == "so" for t in pieces[k + 1][0])
                and not self._starts_clause(pieces[k][1])
                and not out
            ):
                self._tell(pieces[k][1])  # why, and then what
                k += 1
                continue
            if (
                k + 1 < len(pieces)
                and not out
                and complains(pieces[k][1], pieces[k + 1][1])
                and self._starts_clause(pieces[k + 1][1])
            ):
                k += 1  # "it is hazy, make it clear"
                continue
            if pieces[k][1][0].text == "there" and (further := self._pointed_at(pieces, k)):
                k = further
                continue
            if k + 1 < len(pieces) and thing_alone(pieces[k][1]) and self._topic(pieces[k][1], pieces[k + 1][1]):
                k += 1
                continue
            size, steps = self._longest(pieces, k)
            if steps is None and k + 1 < len(pieces) and self._topic(pieces[k][1], pieces[k + 1][1]):
                k += 1
                continue
            if steps is None and (told := self._one_after_another(pieces, k)):
                size, parts = told
                out += parts
                k += size
            elif steps is None:
                steps = self._without_object(pieces[k][1]) if self._pointed else None
                out.append(Understood(as_written(pieces[k][1]), None if steps is None else tuple(steps)))
                if steps is None:
                    self._tell(pieces[k][1])
                k += 1
            else:
                out.append(Understood(steps[0].instruction, tuple(steps)))
                k += size
        if out and all(part.steps is None for part in out):
            self._memory, self._last = start_memory, start_last
            return [Understood(as_written(tokens), None)]
        return merged(reasons([part for part in out if part.steps is not None or part.sentence not in self._topics]))

    def _one_after_another(
        self, pieces: list[tuple[list[Token], list[Token]]], k: int
    ) -> tuple[int, list[Understood]] | None:
        """How many pieces from `k` are commands with nothing between them, and these; the longest such run."""
        for stop in range(min(len(pieces), k + 3), k, -1):
            if parts := self._run_on(glued(pieces[k:stop]), borrows=k > 0):
                return stop - k, parts
        return None

    def _run_on(
        self, tokens: list[Token], hopeless: set[int] | None = None, borrows: bool = False
    ) -> list[Understood] | None:
        """ "make the fork green remove the spoon": commands with nothing between them, each of which is read whole.

        `hopeless`: lengths of ends that were tried already. `borrows`: the first may lack its verb.
        """
        hopeless = set() if hopeless is None else hopeless
        for cut in range(2, len(tokens) - 1) if len(tokens) <= _LONGEST_RUN else ():
            new = self._starts_clause(tokens[cut:])
            if len(tokens) - cut in hopeless or (
                not new and not (tokens[cut].text in DETERMINERS and tokens[cut - 1].text in LEXICON.predicates)
            ):
                continue
            before = self._memory, self._last
            first = self._clause(tokens[:cut], None) or (self._elliptical(tokens[:cut]) if borrows else None)
            # The second may lack its verb: "make the cup red the saucer blue".
            second = first and (self._clause(tokens[cut:], None) if new else self._elliptical(tokens[cut:]))
            if first and second:
                return [Understood(steps[0].instruction, tuple(steps)) for steps in (first, second)]
            verb = [] if new else list(self._last.tokens[: self._verb_length(self._last)]) if self._last else []
            left = verb + tokens[cut:]
            # "cut down the tree": what is left must be less, or this never ends.
            rest = self._run_on(left, hopeless) if first and len(left) < len(tokens) else None
            if first and rest:
                return [Understood(first[0].instruction, tuple(first)), *rest]
            if first:
                hopeless.add(len(tokens) - cut)
            self._memory, self._last = before
        return None

    def _tell(self, tokens: list[Token]) -> None:
        """Keep what a pronoun may mean; a remark that names nothing leaves what was told before."""
        command = self._starts_clause(tokens) and tokens[0].text not in ("i", "we", "there")
        told = Statement(tuple(tokens), as_written(tokens), command)
        if self._told is None or told.named:
            self._told = told

    def _pointed_at(self, pieces: list[tuple[list[Token], list[Token]]], k: int) -> int:
        """The next piece that means what "there is ..." named, with nothing but remarks between ("..., it drives me crazy, please make it disappear"); 0 if there is none."""
        for at in range(k + 1, min(k + 4, len(pieces))):
            if self._topic(pieces[k][1], pieces[at][1]):
                return at
            if self._starts_clause(pieces[at][1]):
                return 0
        return 0

    def _topic(self, tokens: list[Token], following: list[Token]) -> bool:
        """ "the sky, make it pink": a thing named first, for the pronoun that comes."""
        memory = topic(tokens, following) if self._starts_clause(following) else None
        self._memory = memory or self._memory
        return memory is not None

    def _pieces(self, tokens: list[Token]) -> list[tuple[list[Token], list[Token]]]:
        """(separator, tokens) between commas and conjunctions."""
        pieces: list[tuple[list[Token], list[Token]]] = []
        separator: list[Token] = []
        piece: list[Token] = []
        for i, token in enumerate(tokens):
            as_well = token.text == "as" and [t.text for t in tokens[i : i + 3]] == ["as", "well", "as"]
            all_but = token.text == "but" and i and tokens[i - 1].text in ("everything", "anything", "all")
            soft = token.text in _SOFT and not (token.text == "also" and i + 1 == len(tokens))
            soft = soft or (token.text == "so" and i > 2 and self._ordered(tokens[i + 1 : i + 3]))
            if token.kind != "quote" and not all_but and (soft or as_well or controlled(tokens, i)):
                if piece:
                    pieces.append((separator, piece))
                    separator, piece = [], []
                separator.append(token)
            elif (
                separator
                and not piece
                and token.text in ("well", "as", "then", "also", "next")
                and token.kind == "word"
            ):
                separator.append(token)
            else:
                piece.append(token)
        if piece:
            pieces.append((separator, piece))
        return pieces

    def _ordered(self, tokens: list[Token]) -> bool:
        """Whether a command follows: "it is his birthday, so stick balloons on the wall"."""
        if len(tokens) < 2 or tokens[0].kind != "word":
            return False
        plain = tokens[0].text in ("please", "can", "could") or tokens[0].text in COMMANDS | {
            "make",
            "give",
            "put",
            "try",
            "turn",
        }
        return (plain and tokens[0].text not in ("look", "looks", "to", "can")) or (
            tokens[0].text == "can" and tokens[1].text == "you"
        )

    def _longest(self, pieces: list[tuple[list[Token], list[Token]]], k: int) -> tuple[int, list[Step] | None]:
        """The longest run of pieces from `k` that is one clause, else the piece with what it leaves out."""
        end = k + 1
        while end < len(pieces) and end - k < 8 and not self._starts_clause(pieces[end][1]):
            if restates(pieces[end][1], pieces[k][1]):
                break
            end += 1
        following = pieces[k + 1][1] if end > k + 1 else []
        if following and (self._own_predicate(pieces[k][1], following) or stated([t.text for t in following])):
            steps = self._clause(pieces[k][1], None)
            if steps is not None:
                return 1, steps
        plain: Reading = lambda tokens: self._clause(tokens, None)  # noqa: E731
        compared = pieces[k][1][0].text in ("more", "less", "fewer", "higher", "lower")
        setting = pieces[k][1][-1].text in ("background", "backdrop")
        alone = self._last is not None and self._last.words[0] not in COMMANDS and says_itself(pieces[k][1])
        borrowing = k > 0 and not self._starts_clause(pieces[k][1]) and not compared and not setting and not alone
        for way in (self._elliptical, plain) if borrowing else (plain, self._elliptical):
            for stop in range(end, k, -1):
                steps = way(glued(pieces[k:stop]))
                if steps is not None:
                    return stop - k, steps
        if k + 1 < len(pieces):
            steps = self._shared_object(pieces[k][1], pieces[k + 1][1])
            if steps is not None:
                return 1, steps
            for stop in range(min(len(pieces), k + 6), end, -1):
                steps = self._clause(glued(pieces[k:stop]), None)
                if steps is not None:
                    return stop - k, steps
        return 1, None

    def _own_predicate(self, tokens: list[Token], following: list[Token]) -> bool:
        """ "make the wall brick and the floor ...": the first half says already what becomes of its thing."""
        words = {t.text for t in tokens}
        if following[0].text not in DETERMINERS and LEXICON.number(following[0].text) is None:
            return False
        placed = (
            tokens[0].text in LEXICON.classes["add"].by_first
            and words & BORROWED - {"of", "with"}
            and "between" not in words
        )
        return bool(placed) or (tokens[-1].text in LEXICON.predicates and len(following) > 2)

    def _starts_clause(self, tokens: list[Token]) -> bool:
        words = words_of(tokens)
        i = 0
        while i < len(words) and words[i] in (
            "please",
            "then",
            "also",
            "now",
            "finally",
            "next",
            "just",
            "slightly",
            "gently",
            "kindly",
            "could",
            "can",
            "you",
            "afterwards",
        ):
            i += 1
        if i >= len(words):
            return False
        if words[i] in ("make", "let", "have", "give", "let us", "i", "what", "there"):
            return True
        if words[i] in LEXICON.adjectives and words[i + 1 : i + 2] and words[i + 1] not in _OBJECTS:
            return False  # "the red and black bird", "a tall, thin man"
        if (
            not self._begins(words[i])
            or words[i] in DETERMINERS
            or words[i] in PRONOUNS
            or words[i]
            in LEXICON.function_words - {"make", "remove", "add", "replace", "turn", "change", "give", "put", "let"}
        ):
            return False
        if words[i] not in _NOUNY:
            return True
        following = words[i + 1] if i + 1 < len(words) else ""
        return (
            following in DETERMINERS
            or following in PRONOUNS
            or following in ("up", "down", "in", "out", "to", "off")
            or (following == "\0" and words[i] in ("use", "place", "paint"))
        )

    def _clause(self, tokens: list[Token], wish: Wish | None) -> list[Step] | None:
        """One clause by the rules; a pronoun for which nothing stands yet may mean what was told of before."""
        told = self._told if self._told and not self._memory.targets else None
        tokens = told.shown(tokens) if told else tokens
        meant = told.meant_by(tokens) if told else None
        if told is None or meant is None:
            return self._framed(tokens, wish, self._memory)
        memory, subject = meant
        plain = None if subject else self._framed(tokens, wish, self._memory)
        if plain and all(step.target is not None or step.type.traits.finish for step in plain):
            return plain
        if found := self._framed(tokens, wish, memory):
            self._topics |= set() if told.command else {told.sentence}
            return found
        return plain

    def _framed(self, tokens: list[Token], wish: Wish | None, before: Memory) -> list[Step] | None:
        """One clause by the rules, with every frame that can be taken off it."""
        for framed in frames(tokens):
            memory = replace(before, targets=(read(framed.about),)) if framed.about else before
            clause = Clause(
                tuple(framed.tokens),
                sentence_of(tokens),
                self._attachments,
                memory,
                framed.wish if wish is None else wish or framed.wish,
            )
            if len(clause) and (steps := self._apply(clause)) and not vague(steps):
                self._remember(clause, steps)
                return steps
        return None

    def _elliptical(self, tokens: list[Token]) -> list[Step] | None:
        """A clause that borrows its beginning from the one before."""
        last = self._last
        if last is None:
            return None
        if tokens and not may_borrow(tokens, list(last.tokens)):
            return None
        if self._elsewhere and tokens[0].text not in DETERMINERS:
            return None  # "put it in the desert, sand dunes": what is there, and nothing to be put
        tokens = frames(tokens)[0].tokens
        wish = last.wish or set(last.words) & {"should", "must", "shall", "could"} or {"so", "that"} <= set(last.words)
        if wish and (steps := self._clause(tokens, "want")):
            return steps
        head = list(last.tokens)
        it = Token("it", "word")
        if not tokens or not may_borrow(tokens, head):
            return None
        verb = head[: self._verb_length(last)]
        candidates = [verb + tokens, [*verb, it, *tokens]]
        # "(Make the door steel,) dark green": of what was named, and no green dark.
        if is_shaded([t.text for t in tokens]):
            candidates.reverse()
        for cut in range(len(head) - 1, 0, -1):
            before = head[cut - 1]
            if before.kind == "word" and (
                before.text in BORROWED or (tokens[0].text in BORROWED and head[cut].text == tokens[0].text)
            ):
                candidates.append(head[:cut] + tokens)
        if tokens[0].text in ("the", "his", "her") and head[0].text in LEXICON.classes["add"].by_first:
            candidates = candidates[2:] + candidates[:2]
        candidates = gapped(head, tokens) + candidates
        if (
            head[0].text not in COMMANDS
            and self._memory.targets
            and len(tokens) == 1
            and tokens[0].text in LEXICON.raw["graded"]
        ):
            named = [Token(word, "word") for word in self._memory.targets[-1].text.split()]
            candidates.insert(
                0, [Token("make", "word"), Token("the", "word"), *named, *tokens]
            )  # "my beard longer and darker"
        sentence = sentence_of(tokens)
        for candidate in candidates:
            clause = Clause(tuple(candidate), sentence, self._attachments, self._memory, last.wish)
            if (steps := self._apply(clause)) and not vague(steps) and brought_by(tokens, steps):
                self._remember(clause, steps)
                return steps
        return None

    def _shared_object(self, tokens: list[Token], following: list[Token]) -> list[Step] | None:
        """ "rotate and enlarge the cup": the first verb takes the second's object."""
        framed = frames(following)[0].tokens
        after = framed[self._verb_length(Clause(tuple(framed), "")) :]
        return self._clause(tokens + after, None) if after and len(tokens) <= 4 else None

    def _without_object(self, tokens: list[Token]) -> list[Step] | None:
        """ "Remove", "replace with a cat": a verb whose object the user shows."""
        framed = frames(tokens)[0].tokens
        verb = self._verb_length(Clause(tuple(framed), ""))
        return self._clause([*framed[:verb], Token("it", "word"), *framed[verb:]], None) if framed else None

    def _verb_length(self, clause: Clause) -> int:
        ends = [end for phrases in LEXICON.classes.values() for end, _ in phrases.matches(clause.words, 0)]
        return max(ends, default=1)

    def _remember(self, clause: Clause, steps: list[Step]) -> None:
        self._elsewhere = clause.words[0] in LEXICON.classes["put"].by_first and all(
            step.type.traits.changes is Aspect.BACKGROUND for step in steps
        )
        self._memory = remembered(steps, self._memory)
        self._last = clause
