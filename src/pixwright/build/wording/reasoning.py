"""Reasoning instructions: what one says of a situation in place of the edit that follows from it, with the reason that a person would give.

Three tables: `reasons.tsv` (edit type, value, kind of thing, situation, why), `clues.tsv` (what tells a thing or a colour without naming it) and
`frames.txt` (ways to bring a situation up); and the parser's own knowledge. A sentence is kept if it does not name what it leads to, if the
grammar reads no command in it, and if the knowledge does not read it as another edit.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.run.networks import encoders
from pixwright.build.wording.known import complains, holds_of, kinds_of, known_rows, named, with_capital
from pixwright.errors import UnclearInstruction
from pixwright.parse.about import kind_at, kinds
from pixwright.parse.implicit import match
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.vocabulary import CONTROLS
from pixwright.words import lexicon, read
from pixwright.words.naming import noun_of
from pixwright.words.saying import article, is_plural

TRIES = 12
"""Sentences that are drawn for a pair before it is given up."""
UNFRAMED = "="
"""Begins a situation that says already what is wanted, and stands for itself."""
_STANDS_ALONE = re.compile(
    r"^(make|show|take|let|turn|give|add|put|change|prepare|dress|set|imagine|picture|how|what|where|who|why|when|if|now|i|we|my|our)\b|\?|"
    r"\b(should|must|needs? to)\b"
)
_SOMEBODY = re.compile(r"^(he|she)\b")
_MANY = re.compile(r"^(all|both|all of|both of|every|each)\b")
_SHORT = 4
"""Letters of a word that is compared as it is; of a longer one an ending of two may differ ("frozen", "froze")."""
_SMALL = frozenset({"and", "the", "with", "of"})
_PRESENT = {"was": ("was", "were"), "is": ("is", "are"), "has": ("has", "have"), "does": ("does", "do")}
_SAME = {"gray": ("grey",), "black and white": ("monochrome", "colourless")}
"""Other words for a value, which would name it as well."""


@dataclass(frozen=True)
class Reason:
    """A situation and what follows from it. `when`: the kind of thing that it can be about."""

    type: EditType
    value: str
    when: str
    situation: str
    why: str


@cache
def reasons() -> dict[tuple[EditType, str], tuple[Reason, ...]]:
    """(edit type, outcome) -> its situations, of `reasons.tsv`; the outcome is as `outcome` says, or `*` for any."""
    found: dict[tuple[EditType, str], list[Reason]] = defaultdict(list)
    for row in _rows("reasons.tsv"):
        reason = Reason(EditType(row["type"]), row["value"], row["when"], row["situation"], row["why"])
        found[reason.type, reason.value].append(reason)
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def clues() -> dict[tuple[str, str], tuple[str, ...]]:
    """("thing", name) or ("colour", name) -> what tells it without naming it, as a noun phrase with its article."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _rows("clues.tsv"):
        found[row["type"], row["value"]].append(row["clue"])
    return {key: tuple(rows) for key, rows in found.items()}


@cache
def frames() -> tuple[str, ...]:
    """Ways to bring a situation up; `{s}` is the situation."""
    return tuple(files(__package__).joinpath("frames.txt").read_text("utf-8").split("\n")[:-1])


def types() -> tuple[EditType, ...]:
    """The types for which there are reasoning instructions."""
    return tuple(dict.fromkeys(kind for kind, _ in reasons()))


def outcome(step: Step) -> str:
    """What a step leads to, in the words of `reasons.tsv`: its value; of a control the direction too ("contrast-"); of a new size the direction."""
    if step.type is EditType.RESIZE:
        return "" if step.amount is None else "larger" if _grows(step.amount) else "smaller"
    if step.value in CONTROLS and step.type is EditType.TONE_TRANSFER:
        return f"{step.value}{'+' if step.amount is None or _grows(step.amount) else '-'}"
    return step.value or ""


def situations(step: Step, caption: str) -> list[tuple[str, str]]:
    """(situation, why) that lead to the step and to no other, for a picture that the caption describes; `=` before one that stands for itself."""
    wanted = outcome(step)
    target = str(step.target or "")
    if step.count not in (None, 1) or _MANY.match(target):
        return []
    kinds_meant = (*kinds_of(noun_of(read(target)), ""), "any") if target else ("any",)
    fitting = (*reasons().get((step.type, wanted), ()), *reasons().get((step.type, "*"), ()))
    told = [pair for reason in fitting if reason.when in kinds_meant for pair in filled(reason, step)]
    return told + _known(step, caption, kinds_meant)


def filled(reason: Reason, step: Step) -> list[tuple[str, str]]:
    """(situation, why) of a reason for a step, once for every clue to what the step brings; none where it speaks of a thing and the step is about none."""
    target, value = str(step.target or ""), outcome(step)
    if "{target}" in reason.situation and not target:
        return []
    several = bool(target) and is_plural(target)
    slots = {name: forms[several] for name, forms in _PRESENT.items()}
    brought = article(value) if value and reason.type.traits.brings else value
    slots |= {"target": target, "value": brought, "vis": "are" if value and is_plural(value) else "is"}
    told = []
    for clue in _clues_for(step) if "{clue}" in reason.situation else ("",):
        own = {**slots, "clue": clue, "cis": "are" if _plural_clue(clue) else "is"}
        told.append((reason.situation.format(**own), reason.why.format(**own)))
    return told


def reasoned(step: Step, caption: str, rng: np.random.Generator, tries: int = TRIES) -> tuple[str, str] | None:
    """(reasoning instruction, why) for a step on a picture with that caption; None if nothing fitting is known or nothing drawn holds the checks."""
    every = situations(step, caption)
    for index in rng.permutation(len(every))[:tries]:
        situation, why = every[int(index)]
        sentence = framed(situation, rng)
        if why and problem(sentence, step) is None:
            return sentence, why
    return None


def framed(situation: str, rng: np.random.Generator) -> str:
    """The situation in one of the frames, or as it is where it stands for itself."""
    if situation.startswith(UNFRAMED):
        return situation.removeprefix(UNFRAMED)
    return pick(rng, frames()).format(s=situation)


def problem(sentence: str, step: Step) -> str | None:
    """Why the sentence is no reasoning instruction for the step, in one line, or None.

    It must not name the outcome, the grammar must read no command in it, and the parser's knowledge, where it is certain, no other edit.
    """
    told = names(sentence, step)
    if told:
        return f"'{told}' names the outcome '{outcome(step)}'"
    try:
        plan = parse_rules(sentence, ())
    except UnclearInstruction:
        return _contradicted(sentence, step)
    return f"read as the command {plan.steps[0].type}"


def names(sentence: str, step: Step) -> str:
    """The word of the sentence that names what the step leads to, or ""."""
    value = step.value or ""
    brings = step.type.traits.brings
    wanted = [word for one in (value, *_SAME.get(value, ())) for word in re.findall(r"[a-z]+", one.lower())]
    target = set(re.findall(r"[a-z]+", str(step.target or "").lower()))
    for token in re.findall(r"[a-z]+", sentence.lower()):
        for word in wanted:
            if word in _SMALL or token in target or len(word) < 3:
                continue
            if token == word or (lexicon().singular(token)[0] == word if brings else _akin(token, word)):
                return str(token)
    return ""


def kinds_shown(caption: str) -> dict[str, str]:
    """Kind of thing -> the one thing of that kind which a caption tells of; kinds of which it tells several, or one in the plural, are left out."""
    words = re.findall(r"[a-z]+", caption.lower())
    found: dict[str, list[str]] = defaultdict(list)
    for at, word in enumerate(words):
        kind = kind_at(words, at)
        if kind is not None:
            for one in (kind, *kinds().parents.get(kind, ())):
                found[one].append(word)
    return {kind: some[0] for kind, some in found.items() if len(some) == 1 and not is_plural(some[0])}


def _known(step: Step, caption: str, kinds_meant: Sequence[str]) -> list[tuple[str, str]]:
    """Situations of the parser's knowledge that lead to the same outcome, for a picture or thing of which they hold."""
    found = []
    shown = kinds_shown(caption)
    target = str(step.target or "")
    for known in known_rows():
        if (known.step.type, outcome(known.step)) != (step.type, outcome(step)) or known.of_thing != bool(target):
            continue
        row = known.row
        text: str | None = row.situation
        if known.of_thing:
            fits = holds_of(known, target, tuple(kinds_meant)) and not is_plural(target)
            text = named(row.situation, target, 2) if fits else None
        elif row.when != "any":
            text = named(row.situation, shown[row.when], 2) if row.when in shown else None
        elif absent(row.situation, caption):
            continue
        elif _SOMEBODY.match(row.situation):
            text = named(row.situation, shown["person"], 2) if "person" in shown else None
        if text is not None:
            alone = complains(known) or _STANDS_ALONE.search(text) is not None
            found.append((UNFRAMED * alone + with_capital(text), row.why))
    return found


def absent(situation: str, caption: str) -> str:
    """The first thing that a situation speaks of as there ("the coffee") and the caption does not name, or ""."""
    shown = {lexicon().singular(word)[0] for word in re.findall(r"[a-z]+", caption.lower())}
    for word in re.findall(r"\bthe ([a-z]+)", situation.lower()):
        entry = lexicon().entry(word)
        if entry is not None and entry.imagenet and entry.exact and word not in shown:
            return str(word)
    return ""


def _contradicted(sentence: str, step: Step) -> str | None:
    steps = match(sentence, None, encoders())
    if steps is None or any(_same_outcome(one, step) for one in steps):
        return None
    return None if "(read as:" in steps[0].why else f"known as {steps[0].type} {outcome(steps[0])}".rstrip()


def _same_outcome(one: Step, other: Step) -> bool:
    """Whether two steps come to the same: "gold" as a colour and as a material, "warm" and more warmth."""
    a, b = outcome(one), outcome(other)
    if not a or not b or a[-1] == "-" or b[-1] == "-":
        return (one.type, a) == (other.type, b)
    return (one.type == other.type and a == b) or _akin(a, b) or _akin(b, a)


def _clues_for(step: Step) -> tuple[str, ...]:
    kind = "colour" if step.type is EditType.COLOR_ALTER else "thing"
    return clues().get((kind, step.value or ""), ())


def _plural_clue(clue: str) -> bool:
    return not clue.startswith(("a ", "an ", "the ")) and is_plural(clue)


def _grows(amount: Amount) -> bool:
    return amount.value > (1 if amount.unit is Unit.FACTOR else 0)


def _akin(token: str, word: str) -> bool:
    """Whether a word is another form of a value's: "snowman" of "snow", "froze" of "frozen"."""
    if len(word) <= _SHORT:
        return token.startswith(word)
    root = word[: max(_SHORT, len(word) - 2)]
    return token.startswith(root) or (len(token) >= len(word) - 2 and word.startswith(token))


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
