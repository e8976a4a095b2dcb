"""Noun phrases: where they can end, and what they say.

    list    := phrase ((","|"and"|"or"|", and") phrase)*
    phrase  := pronoun | [determiner] word+ modifier*
    word    := any open word, number, ordinal or quoted text; adjectives may be joined ("black and white")
    modifier:= preposition phrase | ("that"|"which"|"who") ... | ("wearing"|"holding"|"made of"|...) phrase

Any word outside the closed list of function words may be a noun: the grammar cannot know every thing that is in a picture. An ambiguity of attachment is
left to the rules: `ends` gives every possible end with its reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.tokens import Token, spell_out
from pixwright.records.thing import Thing
from pixwright.words import adjectives, lexicon, read
from pixwright.words.colours import colour_at, is_colour, is_shaded

PRONOUNS = frozenset("it them him her he she they this that these those everyone everybody itself me us".split())
POSSESSIVES = frozenset(adjectives.POSSESSIVES)
DEFINITE = adjectives.DEFINITE
INDEFINITE = adjectives.INDEFINITE
DETERMINERS = DEFINITE | INDEFINITE | {"no", "other"}
_PREPOSITIONS = frozenset(
    "of with without in on from at near behind under above below over beside inside around along against beneath underneath between by for atop within nearby across among amongst amid amidst throughout".split()
)
_PLACING = frozenset("on in at over by above behind under below near inside next beside between".split())
_COMPLEX = phrases(
    "next to|close to|in front of|on top of|to the left of|to the right of|on the left of|on the right of|on the left side of|on the right side of|left of|right of|closest to|"
    "nearest to|nearest|adjacent to|facing|made of|made out of|filled with|full of|covered in|covered with|dressed in|dressed as|out of"
)
_EXCEPT = (("except", "for"), ("except",), ("but", "for"), ("but",), ("other", "than"), ("apart", "from"), ("besides",))
"""What may follow "everything": "everything except the car"."""
STRESS = frozenset(
    "way directly straight just somewhere immediately out far further farther high up low down right deep".split()
)
"""Words that only stress the place behind them: "way in the back"."""
_PARTICIPLES = adjectives.POSTURES | frozenset(
    "wearing holding carrying filled dressed called named saying reading labeled coming pulling".split()
)
_WAYS = frozenset(
    "in on at to up down by over under behind next away into onto through across toward towards from around along past".split()
)
"""Where what somebody does goes to: "climbing into the car"."""
_CANS = frozenset("trash garbage watering soda tin beer paint coke spray oil cola milk".split())
_MEASURES = [["a", word] for word in ("factor", "third", "quarter", "lot", "little", "bit", "half")]


_WHOLE = adjectives.PICTURES | {"everything", "thing"}
_BEHIND_CORE = frozenset("that which who whose nearest closest made to next dressed covered except but".split())
_BARE = frozenset("underneath beneath nearby outside".split())
"""Places that need no thing: "the paper underneath"."""
_PICTURES_OWN = frozenset(
    "the this my that entire whole our overall full your given original all of input base".split()
)
"""Words that say nothing more of the picture."""


@dataclass(frozen=True)
class Noun:
    """A noun phrase. `parts` are its conjuncts; a single one has itself as its only part."""

    tokens: tuple[Token, ...]
    parts: tuple[Noun, ...] = ()
    joiner: str = ""

    @cached_property
    def text(self) -> str:
        """As a phrase; the determiner is kept ("the second cup from the left")."""
        return spell_out(self.tokens)

    @cached_property
    def thing(self) -> Thing:
        """What the phrase means, spelt as `bare`."""
        return read(self.text).model_copy(update={"text": self.bare[:200]})

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The lower-case words."""
        return tuple(token.text for token in self.tokens)

    @property
    def bare(self) -> str:
        """Without article: "second cup from the left". A possessive, "all" or "both" belongs to the meaning and stays."""
        words = self.tokens
        while (
            len(words) > 1
            and words[0].kind == "word"
            and words[0].text
            in ("the", "a", "an", "some", "this", "that", "these", "those", "my", "your", "our", "any")
        ):
            words = words[1:]
        if len(words) > 2 and words[0].text == "of" and words[1].text in ("the", "these", "those", "my", "our"):
            words = words[2:]  # "some of the chairs"
        if [t.text for t in words[:2]] == ["all", "of"]:
            words = (words[0], *words[2:])
        return spell_out(
            [words[0], *words[2:]]
            if len(words) > 2 and words[0].text == "all" and words[1].text in ("the", "these", "those")
            else words
        )

    @property
    def pronoun(self) -> str | None:
        """The pronoun that the whole phrase is."""
        return self.words[0] if len(self.words) == 1 and self.words[0] in PRONOUNS else None

    @property
    def definite(self) -> bool:
        """Whether it names something that is in the picture already."""
        return self.words[0] in DEFINITE or self.pronoun is not None or "'s" in self.words[:4]

    @property
    def indefinite(self) -> bool:
        """Whether it names something new: "a", "some", a number."""
        return self.words[0] in INDEFINITE or (LEXICON.number(self.words[0]) is not None and len(self.words) > 1)

    @property
    def whole(self) -> bool:
        """Whether it means the whole picture."""
        if self.words == ("it", "all"):
            return True
        words = [w for w in self.words if w not in _PICTURES_OWN]
        return words == ["it", "all"] or (len(words) == 1 and words[0] in _WHOLE)

    @cached_property
    def core(self) -> tuple[Token, ...]:
        """The phrase without what is attached behind it: determiner, adjectives and head."""
        begun = False
        for i, token in enumerate(self.tokens):
            before = begun
            begun = begun or token.text not in DETERMINERS
            if (
                before
                and token.kind == "word"
                and (token.text in _PREPOSITIONS or token.text in _PARTICIPLES or token.text in _BEHIND_CORE)
            ):
                return self.tokens[:i]
        return self.tokens

    @property
    def head(self) -> str:
        """The last word of the core: "cup" in "the second cup from the left"."""
        return self.core[-1].text if self.core else ""

    @property
    def count(self) -> int | None:
        """The number in front, if any."""
        first = self.words[0]
        value = LEXICON.number(first) if first not in ("one",) or len(self.words) > 1 else None
        return int(value) if value is not None and value == int(value) and len(self.words) > 1 else None

    @property
    def uncounted(self) -> str:
        """Without determiner and number."""
        tokens = self.tokens
        while len(tokens) > 1 and (
            tokens[0].text in DETERMINERS - POSSESSIVES
            or LEXICON.number(tokens[0].text) is not None
            or tokens[0].text in ("more", "new")
        ):
            tokens = tokens[1:]
        return spell_out(tokens)


class Reader:
    """Noun phrases over one clause's tokens; readings are kept, for the rules try the same place often."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self._known: dict[tuple[str, int], list[tuple[int, Noun]]] = {}

    def ends(self, start: int, kind: str = "list") -> list[tuple[int, Noun]]:
        """(end, reading) of every noun phrase at `start`, longest first. `kind`: "simple" (no modifier), "thing" (no place), "phrase", or "list"."""
        key = (kind, start)
        if key not in self._known:
            joined = {"list": "phrase", "things": "thing"}.get(kind)
            found = self._joined_phrases(start, joined) if joined else self._phrases(start, kind)
            self._known[key] = sorted(found.items(), key=lambda item: -item[0])
        return self._known[key]

    def _text(self, i: int) -> str:
        return self.tokens[i].text if i < len(self.tokens) and self.tokens[i].kind in ("word", "number") else ""

    def _open(self, i: int) -> bool:
        if i >= len(self.tokens):
            return False
        token = self.tokens[i]
        if token.text == "can" and i and (self._text(i - 1) in _CANS or self._text(i - 1) in DETERMINERS):
            return True
        if (
            token.text in STRESS
            and self._text(i - 1) != "the"
            and (self._text(i + 1) in _PREPOSITIONS or self._unstressed(i) != i)
        ):
            return False
        return token.kind in ("quote", "number") or (token.kind == "word" and token.text not in LEXICON.function_words)

    def _simple(self, start: int) -> list[int]:
        """Ends of [determiner] word+, shortest first."""
        i = start
        if self._text(i) in PRONOUNS and not (self._text(i) in DETERMINERS and self._open(i + 1)):
            return [i + 1] + ([i + 2] if self._text(i + 1) == "all" else [])
        if (
            self._text(i)
            in ("all", "both", "each", "every", "some", "most", "one", "two", "three", "none", "any", "half", "many")
            and self._text(i + 1) == "of"
        ):
            i += 2
        if self._text(i) == "all" and self._text(i + 1) in ("but", "except"):
            return [i + 1]
        if self._text(i) in ("all", "both"):
            i += 1
        if self._text(i) in DETERMINERS or (self._text(i) in LEXICON.function_words and self._text(i) in DEFINITE):
            i += 1
        if self._text(i) in ("more", "other"):
            i += 1
        ends = []
        after = LEXICON.adjectives if self._text(start) in ("this", "that") else LEXICON.predicates
        if self._text(start) in ("this", "that", "her") and i == start + 1 and self._text(i) in after:
            ends.append(i)  # "make this black and white", "make her smile"
        if self._text(start) == "her" and self._text(i) in ("hold", "wear", "carry", "have") and i == start + 1:
            ends.append(i)
        if i > start + 1 and self._text(i - 1) in ("these", "those", "them"):
            ends.append(i)
        while True:
            if (
                self._open(i)
                and not (
                    self._text(i) in ("all", "both", "left", "right")
                    and i > start
                    and self._text(i + 1) == "of"
                    and self._text(i - 1) in ("the", "")
                )
                and not (i > start and self._words(i, i + 2) in (["all", "over"], ["all", "across"]))
            ):
                i += 1
                ends.append(i)
            elif ends and (
                self._joined(i) or self._hyphened(start, i) or (self._text(i) == "'s" and self._open(i + 1))
            ):
                i += 1
            else:
                return ends

    def _joined(self, i: int) -> bool:
        """Whether the "and", "or" or comma at `i` joins two adjectives of one noun."""
        token = self.tokens[i] if i < len(self.tokens) else None
        if token is None or token.text not in ("and", ","):
            return False
        known = LEXICON.adjectives
        if self._text(i - 1) not in known or not self._open(i + 2):
            return False
        after = self._text(i + 1)
        return after in known or (token.text == "," and self._open(i + 1) and self._praises(after, i + 2))

    def _hyphened(self, start: int, i: int) -> bool:
        """Whether the "up" or "down" at `i` is of the word before it, and the noun follows: "a white button up shirt", "his zip up hoodie"."""
        after, new = self._text(i + 1), self._text(start) in INDEFINITE
        a_thing = lexicon().knows(after) if new else lexicon().is_(after, "wearable")
        return self._text(i) in ("up", "down") and a_thing and after not in adjectives.PLACES

    def _praises(self, word: str, at: int) -> bool:
        """Whether an unknown word is an adjective of the noun at `at`: the "charming" of "a small, charming gazebo"."""
        praising = word.endswith(("ing", "ed", "ful", "ous", "y", "al", "ive", "ant", "ent", "ble", "ic", "some"))
        return praising and not lexicon().knows(word) and lexicon().knows(self._text(at)) and not LEXICON.begins(word)

    def _phrases(self, start: int, kind: str) -> dict[int, Noun]:
        ends = set(self._simple(start))
        if kind == "simple":
            return {end: Noun(self.tokens[start:end]) for end in ends}
        todo = list(ends)
        while todo:
            at = todo.pop()
            for end in self._modifiers(at, kind):
                if end not in ends:
                    ends.add(end)
                    todo.append(end)
        return {end: Noun(self.tokens[start:end]) for end in ends}

    def _modifiers(self, at: int, kind: str) -> list[int]:
        """Ends of one modifier that begins at `at`."""
        if (start := self._unstressed(at)) != at:
            return self._modifiers(start, kind)
        word = self._text(at)
        if not word:
            return []
        found: list[int] = []
        if word in ("that", "which", "who", "whose") and self._text(at - 1) != "it":
            found += self._relative(at)
        if word in _PARTICIPLES or self._acts(at):
            found += self._participle(at + 1)
        if word in adjectives.SUBJECTS and self._text(at - 1) not in PRONOUNS:
            found += self._contact(at)
        if self._text(at - 1) in PRONOUNS and word not in ("of",):
            # "(the man) behind her on the left": the place is said of what stands there.
            attached = at > 1 and self._text(at - 2) in _PREPOSITIONS | {"to"}
            return found + (self._objects(at + 1) if attached and self._sided(at) else [])
        if self._text(at - 1) in ("everything", "anything", "all"):
            for other in _EXCEPT:
                if self._words(at, at + len(other)) == list(other):
                    found += self._objects(at + len(other))
        for words in _COMPLEX:
            if all(self._text(at + k) == w for k, w in enumerate(words)) and (
                kind == "phrase" or words[0] in ("made", "filled", "full", "covered", "dressed")
            ):
                found += self._objects(at + len(words))
        places_only = kind == "thing" and word not in ("of", "with", "without", "for")
        if word == "by" and (
            LEXICON.number(self._text(at + 1)) is not None
            or self._words(at + 1, at + 3) in _MEASURES
            or self._text(at + 1) == "half"
        ):
            return found
        if word in _PREPOSITIONS and not (places_only and not self._clothing(at)):
            found += self._objects(at + 1)
            if word == "between":
                found += [
                    e
                    for middle in self._objects(at + 1)
                    if self._text(middle) == "and"
                    for e in self._objects(middle + 1)
                ]
        if word in ("to", "toward", "towards") and self._text(at - 1) in ("back", "backs", "turned"):
            found += [end for end in self._objects(at + 1) if self._text(end - 1) in adjectives.VIEWERS]
        if word in _BARE and kind == "phrase" and self._text(at + 1) in ("to", "into", "should", ""):
            found.append(at + 1)
        if word in ("closest", "nearest", "furthest", "farthest") and kind == "phrase":
            found.append(at + 1)
        return found

    def _unstressed(self, at: int) -> int:
        """Behind the words that only stress a place: "high up on the wall" is on the wall."""
        end = at
        if self._text(at - 1) in ("the", "top", "bottom", "far"):
            return at  # "from the right in the back row"
        while self._text(end) in STRESS and self._text(end + 1) in STRESS | _PLACING:
            end += 1
        return end if self._text(end) in _PLACING else at

    def _sided(self, at: int) -> bool:
        """Whether a place in the picture begins here: "on the (far) left"."""
        words = [word for word in self._words(at + 1, at + 4) if word not in adjectives.STRESS | {"the"}]
        return self._text(at) in ("on", "in", "at", "to") and words[:1] != [] and words[0] in adjectives.PLACES

    def _clothing(self, at: int) -> bool:
        return (
            self._text(at) in ("in", "from")
            and self._text(at + 1) in ("a", "an")
            and not (
                set(self._words(at + 2, at + 5)) & {"corner", "field", "row", "box", "basket", "bowl", "cup", "vase"}
            )
        )

    def _words(self, start: int, end: int) -> list[str]:
        return [self._text(i) for i in range(start, min(end, len(self.tokens)))]

    def _objects(self, at: int) -> list[int]:
        """Ends of a modifier's own noun phrase; it takes further modifiers by the loop in `_phrases`."""
        return self._simple(at)

    def _participle(self, at: int) -> list[int]:
        ends = [at]
        ends += self._simple(at)
        if self._text(at) in ("by", "past", "nearby", "along", "there"):
            ends.append(at + 1)
        if self._text(at) in _WAYS:
            step = at + 2 if self._text(at + 1) == "to" else at + 1
            alone = (
                self._text(at) in ("up", "down", "away") or self._text(step) in _PREPOSITIONS
            )  # "sticking in on the left"
            ends += [step, *self._simple(step)] if alone else self._simple(step)
        return ends

    def _relative(self, at: int) -> list[int]:
        """A relative clause: "that is on the table", "who wears a hat". It needs a verb."""
        i = at + 1
        if self._text(i) in ("is", "are", "was", "were", "has", "have", "looks", "wears"):
            i += 1
            return [*self._simple(i), *self._modifiers(i, "phrase")] if i < len(self.tokens) else []
        if self._open(i):
            return [e for e in (*self._simple(i + 1), *self._modifiers(i + 1, "phrase")) if e > i]
        return []

    def _contact(self, at: int) -> list[int]:
        """A relative clause without its pronoun: "(the sign) he is holding", "(the cup) she drinks from"."""
        verb = at + 2 if self._text(at + 1) in adjectives.AUXILIARIES else at + 1
        said = self._text(verb)
        if not self._open(verb) and not {said, f"{said}ing", f"{said.removesuffix('s')}ing"} & _PARTICIPLES:
            return []
        return [verb + 1, *([verb + 2] if self._text(verb + 1) in _PREPOSITIONS else [])]

    def _does(self, at: int) -> bool:
        """Whether a participle with what it is done with begins here: "(a tower,) looming over the town" says more of the tower, and is no further thing."""
        at += self._text(at).endswith("ly")
        word, behind = self._text(at), self._text(at + 1)
        if word in adjectives.STATES and behind in ("for", "with", "of", "from"):
            return True  # "(a plum,) ripe for the picking"
        form = word in adjectives.POSTURES | _PARTICIPLES or word.endswith(("ing", "ed"))
        known = lexicon().knows(word) or word in LEXICON.adjectives or colour_at([word], 0) > 0
        return form and not known and behind in LEXICON.function_words | DETERMINERS | {"facing"}

    def _acts(self, at: int) -> bool:
        """Whether a participle of somebody begins here: "(a man) singing into the microphone"."""
        word = self._text(at)
        if not word.endswith("ing") or self._text(at + 1) not in _WAYS or lexicon().knows(word):
            return False
        return lexicon().is_(self._text(at - 1), "person", "animal", "vehicle")

    def _joined_phrases(self, start: int, kind: str) -> dict[int, Noun]:
        """Phrases joined by "and", "or" and commas, at most six."""
        found: dict[int, Noun] = {}
        todo: list[tuple[int, tuple[Noun, ...], str]] = [
            (end, (noun,), "") for end, noun in self._phrases(start, kind).items()
        ]
        while todo:
            end, parts, joiner = todo.pop()
            if end not in found or len(found[end].parts) < len(parts):
                found[end] = Noun(self.tokens[start:end], _completed(parts), joiner)
            after = end
            while after < len(self.tokens) and self.tokens[after].text in (",", "and", "or", "plus"):
                after += 1
            if after == end or len(parts) >= 6 or (self.tokens[end].text == "," and self._does(after)):
                continue
            if predicated(parts[-1]) or self._joined(end):
                continue
            for further, noun in self._phrases(after, kind).items():
                if is_shaded(noun.words):
                    continue  # "(a lorry,) dark red" says more of it
                todo.append((further, (*parts, noun), self.tokens[after - 1].text))
        return found


_ENDS = frozenset("top bottom front back".split())
"""Ranks that are a thing's end as well: "the table top"."""


def predicated(part: Noun) -> bool:
    """Whether the phrase is rather a thing and what it becomes: "the car red", "car blue" is not a noun that could be joined with another."""
    words = part.words
    if len(words) == 2 and is_colour(words[1]) and lexicon().knows(words[0]) and not colour_at(list(words), 0):
        return words[0] not in LEXICON.adjectives and not lexicon().knows(" ".join(words))
    plain = words[-2:-1] and words[-2] not in LEXICON.adjectives | DETERMINERS
    looks = len(words) > 2 and words[-1] in LEXICON.adjectives - _ENDS and words[0] in DETERMINERS
    return bool(looks and plain and not set(words) & {"on", "of", "in", "at", "from", "to"})


def _completed(parts: tuple[Noun, ...]) -> tuple[Noun, ...]:
    """Conjuncts with what they leave out: "the cat and dog", "the red and the blue car", "a man with a hat and a beard"."""
    if len(parts) == 1:
        return parts
    head = parts[-1].core[-1]
    if parts[0].words[0] == "both" and len(parts[0].tokens) > 1:
        parts = (replace(parts[0], tokens=parts[0].tokens[1:]), *parts[1:])
    done: list[Noun] = []
    for part in parts:
        words = part.words
        if (
            part is not parts[-1]
            and words[-1] in LEXICON.adjectives
            and len(part.tokens) <= 2
            and head.text not in LEXICON.adjectives
        ):
            part = replace(part, tokens=(*part.tokens, head))
        if (
            done
            and words[0] not in DETERMINERS
            and LEXICON.number(words[0]) is None
            and part.pronoun is None
            and done[0].words[0] in ("the", "a", "an", "some", "his", "her", "their", "its", "my", "all")
        ):
            det = done[0].tokens[0]
            if det.text in ("a", "an"):
                plural = part.core[-1].text.endswith("s") and not part.core[-1].text.endswith("ss")
                det = Token("some" if plural else "an" if part.tokens[0].text[0] in "aeiou" else "a", "word")
            part = replace(part, tokens=(det, *part.tokens))
        worn = words[0] not in DETERMINERS and lexicon().is_(part.thing.head, "wearable", "held")
        has = {"with"} if words[0] in ("a", "an") else {"wearing", "holding", "carrying"} if worn else set()
        if done and done[-1].words[0] in DEFINITE and has & set(done[-1].words):
            part = replace(part, tokens=part.tokens[1:]) if worn and words[0] != part.words[0] else part
            done[-1] = replace(done[-1], tokens=(*done[-1].tokens, Token("and", "word"), *part.tokens))
        else:
            done.append(part)
    return tuple(done)
