"""References that stand for a noun: "remove [1]", "replace [1] with [2]", "add [audio:dog barking] to the picture".

A rule that uses the attachment itself comes first. Where none fits, a reference becomes the noun that its caption or its file's name says, and the
clause is read by the rules for words; each step's `why` says how the reference was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias

from pixwright.errors import UnclearInstruction
from pixwright.parse.grammar import Clause
from pixwright.parse.heard import heard, is_music, is_weather, pictured
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS
from pixwright.parse.tokens import HEARD, Token, is_file_name, notation
from pixwright.records.instruction import Attachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon

MOST_WRITTEN = 24
"""References in one instruction: three for each of the eight steps that a plan may have."""
MOST = 16
"""Highest number of a reference (`records.plan.Step.reference`)."""


@dataclass(frozen=True)
class Read:
    """What `[number]` is: its caption or file name, the noun that this says, and whether the attachment itself can be used."""

    number: int
    name: str
    sound: bool
    noun: str | None
    given: bool
    """Whether a rule may use the attachment, or shall complain that there is none: only a caption with nothing attached has but its noun."""

    @property
    def complaint(self) -> str:
        """Why it stands for no noun, and what to do; one line."""
        kind = "audio" if self.sound else "image"
        if not self.name:
            return f"nothing is attached as [{self.number}]; attach a file named after the thing, or write [{kind}:dog]"
        if self.sound and is_music(self.name):
            return f"[{self.number}] is {self.name!r}, which is music and names no thing; use it as 'fit the picture to [{self.number}]', or write [audio:dog barking]"
        return f"[{self.number}] is {self.name!r}, which names no thing; name the file after the thing (dog.{'wav' if self.sound else 'jpg'}), or write [{kind}:{'dog barking' if self.sound else 'dog'}]"


_THING = "(?:animals?|creatures?|things?|objects?|person|one|vehicle|machine|instrument|item|bird|being|source|maker)"
_MEDIUM = "(?:sounds?|noises?|audio|voice|call|cry|clip|recording|picture|image|photo|reference|attachment)"
_MAKES = "(?:makes?|making|made|produces?|producing|gives?|emits?|utters?|hear|heard|sounds|sounding|shown|seen|pictured|depicted|see|called|named)"

Known: TypeAlias = dict[int, Read]
Apply: TypeAlias = Callable[[Clause], "list[Step] | None"]


def read_references(tokens: list[Token], attachments: tuple[Attachment, ...], stand_in: str | None = None) -> Known:
    """Every reference of the tokens; `stand_in` is the noun of those whose names say none. Raises UnclearInstruction for a number above 16, or too many."""
    count = sum(token.kind == "ref" for token in tokens)
    if count > MOST_WRITTEN:
        raise UnclearInstruction(
            f"{count} references in one instruction; at most {MOST_WRITTEN} are allowed: give it in parts"
        )
    known: Known = {}
    for token in tokens:
        if token.kind != "ref" or int(token.text) in known:
            continue
        number = int(token.text)
        if not 1 <= number <= MOST:
            raise UnclearInstruction(
                f"[{number}] is no attachment; allowed are [1] to [{MOST}]: attach at most {MOST} files"
            )
        known[number] = _read(number, token, attachments, stand_in)
    return known


def _read(number: int, token: Token, attachments: tuple[Attachment, ...], stand_in: str | None) -> Read:
    attached = attachments[number - 1] if number <= len(attachments) else None
    written = notation(token)
    name = written[1] if written else attached.name if attached else ""
    sound = isinstance(attached, SoundAttachment) if attached else bool(written and written[0] in HEARD)
    noun = (heard(name) if sound else pictured(name)) if name else None
    if noun is None and attached is not None and name != attached.name:
        noun = heard(attached.name) if sound else pictured(attached.name)
    given = attached is not None or written is None or is_file_name(name) or noun is None
    return Read(number, name, sound, noun or stand_in, given)


def introduces(tokens: list[Token], at: int) -> bool:
    """Whether the token is the colon of "the one who makes this noise: [1]", which parts nothing."""
    around = tokens[at - 1 : at + 2] if at else []
    return (
        tokens[at].text == ":"
        and len(around) == 3
        and around[2].kind == "ref"
        and re.fullmatch(_MEDIUM, around[0].text) is not None
    )


def with_references(clause: Clause, known: Known, apply: Apply) -> list[Step] | None:
    """The steps of a clause that holds references, by the first way of reading them that `apply` understands."""
    if sum(token.kind == "ref" for token in clause.tokens) > MOST_READ:
        return apply(clause)
    if steps := _apart(clause, known, apply):
        return steps
    given = all(known[n].given for n in _numbers(clause))
    steps = (apply(clause) if given else None) or _as_nouns(clause, known, apply) or (None if given else apply(clause))
    return [_weathered(step, known) for step in steps] if steps else None


def _numbers(clause: Clause) -> list[int]:
    return list(dict.fromkeys(int(t.text) for t in clause.tokens if t.kind == "ref"))


def _weathered(step: Step, known: Known) -> Step:
    """ "fit the picture to [audio:rain]": a weather that is heard is no music."""
    one = known.get(step.reference or 0)
    if step.type is not EditType.STYLE_TRANSFER or step.target is not None or one is None or not one.sound:
        return step
    if not is_weather(one.noun):
        return step
    return step.model_copy(
        update={
            "type": EditType.TONE_TRANSFER,
            "value": one.noun,
            "reference": None,
            "why": _said({one.number: one.noun or ""}),
        }
    )


MOST_READ = 6
"""References of one clause that are read as nouns; a sentence with more is no instruction."""
_BASE = "the picture"
_FITTING = frozenset("fit match adapt suit harmonize tune adjust stylize restyle redraw repaint mood music".split())


def _as_nouns(clause: Clause, known: Known, apply: Apply) -> list[Step] | None:
    for words in _readings(clause, known):
        nouns = {n: spelt if spelt == _BASE else known[n].noun or _NAMELESS for n, spelt in words.items()}
        found = apply(replace(clause, tokens=_spelt(clause.tokens, words))) or []
        steps = [_used(step, nouns, known) for step in found]
        used = {step.reference for step in steps}
        if steps and all(known[n].noun or spelt == _BASE or n in used for n, spelt in words.items()):
            return _reasoned(steps, {n: noun for n, noun in nouns.items() if n not in used})
    return None


_NAMELESS = "object"
"""Stands for a picture whose name says nothing, where its pixels are used after all."""


def _shown(kind: EditType) -> EditType | None:
    """The type of the same edit where an attachment shows what comes, instead of a word."""
    if kind in (EditType.ADD, EditType.REPLACE):
        return EditType.VISUAL_REFERENCE
    return EditType.STYLE_TRANSFER if kind is EditType.STYLE_CHANGE else None


def _used(step: Step, nouns: dict[int, str], known: Known) -> Step:
    """What a given picture shows is taken from the picture."""
    number = next(
        (n for n, noun in nouns.items() if known[n].given and not known[n].sound and noun == step.value), None
    )
    shown = _shown(step.type)
    if number is None or shown is None or step.reference is not None or step.count is not None:
        return step
    return step.model_copy(update={"type": shown, "value": None, "reference": number})


def _reasoned(steps: list[Step], nouns: dict[int, str]) -> list[Step]:
    """Each step with how the references that it names were read; one that no step names is told by all."""
    named = [{n for n, noun in nouns.items() if noun in _names(step)} for step in steps]
    nowhere = set(nouns).difference(*named)
    return [
        step.model_copy(update={"why": step.why or _said({n: nouns[n] for n in sorted(own | nowhere)})})
        for step, own in zip(steps, named)
    ]


def _names(step: Step) -> str:
    anchors = (step.where.anchor, step.where.second_anchor) if step.where else ()
    return " ".join(str(name) for name in (step.target, step.value, *anchors) if name)


def _readings(clause: Clause, known: Known) -> Iterator[dict[int, str]]:
    """Ways to read some or all references as nouns: number -> words. As many pictures as can be stay pictures."""
    numbers = _numbers(clause)[:4]
    if len(numbers) > 1 and _FITTING.intersection(clause.words) and not known[numbers[0]].sound:
        yield {numbers[0]: _BASE}
    pictures = [n for n in numbers if known[n].given and not known[n].sound and known[n].name]
    nouns = [n for n in numbers if known[n].noun is not None or n in pictures]
    kept = [set(some) for size in range(len(pictures), -1, -1) for some in combinations(pictures, size)]
    for determiner in ("a", "the", ""):
        for stay in kept:
            if read := {n: _phrase(known[n].noun or _NAMELESS, determiner) for n in nouns if n not in stay}:
                yield read


def _phrase(noun: str, determiner: str) -> str:
    first, last = noun.split()[0], noun.split()[-1]
    if not determiner or first in DETERMINERS or LEXICON.number(first) is not None:
        return noun
    if determiner == "the":
        return f"the {noun}"
    if noun in ("rain", "snow", "fog"):
        return noun
    plural = lexicon().singular(last)[1] or lexicon().is_(last, "pair")
    return f"{'some' if plural else 'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _said(read: dict[int, str]) -> str:
    return "; ".join(f"[{number}] was read as {noun!r}" for number, noun in read.items())


_REL = "(?:that|which|who|what|whatever)"
_DOES = rf"(?:(?:is|are|was|can|be|you|we|i) )*{_MAKES} (?:(?:of|in|from|like|by|on) )?"
_AROUND = re.compile(
    rf"(?:^|(?<= ))(?:(?:(?:the|an?|this|that|any|every) )?{_THING} (?:(?:{_REL} )?{_DOES}|(?:of|in|from|behind|on) )?|{_REL} {_DOES})?"
    rf"(?:(?:(?:the|an?|this|that|given|attached) )*{_MEDIUM} (?:(?:of|in|from) )?)?(?:(?:the|this) )?\[(\d+)\](?: {_MEDIUM}(?= |$))?"
)
"""A reference with what is said around it: "the animal that makes the sound [1]", "what is heard in [1]", "the attached picture [1]"."""


def _spelt(tokens: tuple[Token, ...], words: dict[int, str]) -> tuple[Token, ...]:
    """The tokens with references, and what is said around them, as words."""
    line = " ".join(f"[{t.text}]" if t.kind == "ref" else t.text if t.kind == "word" else "\0" for t in tokens)
    out: list[Token] = []
    at = 0
    for found in _AROUND.finditer(line):
        number = int(found[1])
        if number not in words:
            continue
        begin = line[: found.start()].count(" ")
        spelt = words[number].split()
        start = _with_head(tokens[:begin], spelt[-1])
        before = tokens[start - 1].text if start else ""
        if spelt[0] in DETERMINERS and (
            before in DETERMINERS or before == "more" or LEXICON.number(before) is not None
        ):
            spelt = spelt[1:]
        out += tokens[at:start]
        out += [Token(word, "number" if word.isdigit() else "word") for word in spelt]
        at = begin + found.group().count(" ") + 1
    return (*out, *tokens[at:])


def _with_head(before: tuple[Token, ...], head: str) -> int:
    """Where "the dog in [1]", "two of [1]" begins, of which `before` is what stands before the reference and its noun is a `head`."""
    end = len(before)
    if end < 2 or before[-1].text not in ("in", "from", "of"):
        return end
    if before[-1].text == "of" and LEXICON.number(before[-2].text) is not None:
        return end - 1
    if before[-2].text != head:
        return end
    return end - 3 if end > 2 and before[-3].text in ("the", "a", "an", "this", "that") else end - 2


_ALSO = frozenset(("with", "and", ","))
_TOGETHER = frozenset("together along also".split())


def _apart(clause: Clause, known: Known, apply: Apply) -> list[Step] | None:
    """ "make it foggy with [1]": a change of the whole picture, and a thing that comes in."""
    at = next((i for i, t in enumerate(clause.tokens) if t.kind == "ref"), 0)
    cut = at
    while cut and clause.words[cut - 1] in _ALSO | _TOGETHER:
        cut -= 1
    if not 0 < cut < at or "with" not in clause.words[cut:at]:
        return None
    first = apply(replace(clause, tokens=clause.tokens[:cut]))
    if not first or not all(s.type.traits.finish and s.target is None and s.reference is None for s in first):
        return None
    then = with_references(replace(clause, tokens=(Token("add", "word"), *clause.tokens[at:])), known, apply)
    return [*first, *then] if then else None
