"""Implicit instructions: a situation or a wish -> explicit steps, with the reasoning.

The knowledge is `knowledge.tsv`: situation, what the picture must show (`when`), explicit steps in plain words, why. An instruction is
matched by sentence embedding; among the rows that are about as near, the one whose `when` fits the picture best is taken, so that
"make it 50 years later" differs for a person, a fruit and a statue (ReasonPix2Pix, section 3: the picture is part of the reasoning).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.parse.about import kind_of, kinds, named, plain
from pixwright.parse.lexicon import LEXICON
from pixwright.records.instruction import Array
from pixwright.records.plan import Step

FLOOR = 0.52
"""Cosine below which a sentence is not understood: a wrong guess is worse than a question."""
COMMAND_FLOOR = 0.76
"""The floor for a command or a question: one that the grammar did not read is more likely unclear than implicit."""
CERTAIN = 0.66
"""Below this cosine the step's `why` names the situation that the sentence was read as."""
ALONE = 0.6
"""Cosine from which one row is enough; below it another near row must ask for the same."""
NEAR = 0.08
"""Rows whose cosine is within this of the best row's are told apart by what the picture shows."""
EXACT = 0.06
"""What a row of exactly the kind that is shown gains on a row for anything; of its parent kind, half."""
SAME = 0.85
"""Cosine from which a sentence is as good as the row's own, whatever the thing in it."""
SURE = 0.12
"""Probability from which the classifier's opinion counts as what the picture shows."""


@dataclass(frozen=True)
class Row:
    """One line of the knowledge file. A row without steps ("nothing") is talk that asks for no edit."""

    situation: str
    when: str
    steps: tuple[str, ...]
    why: str

    @property
    def general(self) -> bool:
        """Whether it is about a thing, which the sentence may call by any name."""
        return self.when != "any" or any("{it}" in words for words in self.steps)


@dataclass(frozen=True)
class Shown:
    """What the picture (or the sentence itself) is about: a noun, and the kinds that it is one of, nearest first."""

    noun: str
    kinds: tuple[str, ...]


_IMPERATIVE = (
    "remove add replace turn change color_verb move enlarge shrink scale rotate flip swap outpaint crop apply graded_verb decrease put stylize"
).split()
_VERBS = "|".join(sorted({re.escape(word) for name in _IMPERATIVE for word in LEXICON.classes[name].by_first}))
_COMMAND = re.compile(
    rf"\s*((please|now|just|also|then|can you|could you|can u|could u|pls|plz)\s+)*({_VERBS}|do|fix|improve|try|tell|write|"
    r"rebuild|build|cast|blow|straighten|delete|translate|send|copy|isolate|undo|run|open|print|ignore|explain|play|sing|buy|call|search|find)\b"
    r"|\s*(what (is|are|time|does|do|did|was|were|colou?r)|who|why|where|which|when (is|will|was|did)|how (much|many|do|does|did|is|are|old|far)|"
    r"(is|are|do|does|did|has|have|was|were) (it|this|that|he|she|they|you|we|i|there|the|my|your)|can (you|i|we)|will you)\b"
    r"|\s*(?!(prepare|dress|decorate|show|imagine|let|get|welcome|protect|all|both|with|when|while|because|since|after|before|if|of|in|on|at|from|for|to|is|by|and|but|only|not|maybe|today|here|there)\b)"
    r"[a-z]+ (the|a|an|his|her|its|their|my|your|this|that|these|those|it|him|them|me|us)\b"
)


def match(text: str, picture: Array | None, encoders: Encoders) -> tuple[Step, ...] | None:
    """The explicit steps for an implicit sentence, each with its `why`; None if no row of the knowledge is near enough."""
    from pixwright.parse.rules import parse_rules

    scores = similarities(text, encoders)
    best = float(scores.max())
    floor = COMMAND_FLOOR if _COMMAND.match(text.lower()) else FLOOR
    if best < floor or not knowledge()[int(scores.argmax())].steps or (best < ALONE and not _agreed(scores)):
        return None
    seen = shown(text, picture, encoders)
    row = _fitting(scores, best, seen)
    if row is None or (best < CERTAIN and any(words.startswith("remove") for words in row.steps)):
        return None  # a guess takes nothing away
    why = row.why if best >= CERTAIN else f"{row.why} (read as: {row.situation})"
    subject = named(text) if row.when == "any" else None
    it = subject if subject and not (seen and seen.noun in subject) else seen.noun if seen else "subject"
    steps: list[Step] = []
    for words in row.steps:
        plan = parse_rules(words.format(it=it), ())
        steps += [step.model_copy(update={"why": why}) for step in plan.steps]
    return tuple(steps)


def similarities(text: str, encoders: Encoders) -> NDArray[np.float32]:
    """Cosine of the sentence with every row's situation: (rows,), -1 to 1."""
    own, general = plain(text), plain(text, general=True)
    vectors = encoders.text.embed([own, general] if general != own else [own])
    return np.asarray(np.where(_general(), embeddings() @ vectors[-1], embeddings() @ vectors[0]), np.float32)


def shown(text: str, picture: Array | None, encoders: Encoders) -> Shown | None:
    """What is meant: a noun of the sentence, or what the classifier sees in the picture; None if neither says anything."""
    words, known = re.findall(r"[a-z]+", text.lower()), kind_of()
    at = next((i for i, word in enumerate(words) if word in known), None)
    if at is None and picture is not None:
        return _classified(picture, encoders)
    if at is None:
        subject = named(text)
        return Shown(subject, ()) if subject else None
    owned = {"his": words[at + 1 : at + 3], "her": words[at + 1 : at + 3], "they": words[at + 1 :]}.get(words[at], [])
    word = next((thing for thing in owned if thing in known), words[at])
    kind = known[word]
    return Shown("person" if kind == "person" else word, (kind, *kinds().parents.get(kind, ())))


def _classified(picture: Array, encoders: Encoders) -> Shown | None:
    totals: dict[int, float] = {}
    labels = encoders.picture.classify(picture, top=10)
    groups = kinds().classes
    member = {label.index: _group_of(label.index, groups) for label in labels}
    for label in labels:
        group = member[label.index]
        if group is not None:
            totals[group] = totals.get(group, 0.0) + label.probability
    if not totals:
        return None
    group = max(totals, key=lambda key: totals[key])
    if totals[group] < SURE:
        return None
    _, noun, parents = groups[group]
    best = next(label for label in labels if member[label.index] == group)
    name = noun or best.name.replace("_", " ").lower()
    return Shown(name, (name, *parents))


def _group_of(index: int, groups: list[tuple[list[tuple[int, int]], str, list[str]]]) -> int | None:
    for number, (ranges, _, _) in enumerate(groups):
        if any(first <= index <= last for first, last in ranges):
            return number
    return None


def _agreed(scores: NDArray[np.float32]) -> bool:
    """Whether a second of the nearest rows begins with the same step as the nearest: stray likeness finds rows of every sort."""
    first, *others = (int(index) for index in np.argsort(-scores)[:6])
    return any(
        knowledge()[other].steps[:1] == knowledge()[first].steps[:1] and scores[first] - scores[other] < NEAR
        for other in others
    )


def _fitting(scores: NDArray[np.float32], best: float, seen: Shown | None) -> Row | None:
    """The nearest row that fits what is shown; an exact kind beats its parents, and those beat `any`."""
    fits: list[tuple[float, int]] = []
    kinds_seen = seen.kinds if seen else ()
    for index in np.flatnonzero(scores >= max(best - NEAR, FLOOR)):
        row, score = knowledge()[index], float(scores[index])
        if not row.steps:
            continue
        if row.when in kinds_seen:
            fits.append((score + EXACT / (1 + kinds_seen.index(row.when)), int(index)))
        elif row.when == "any":
            fits.append((score, int(index)))
        elif seen is None or (not kinds_seen and score > SAME):
            fits.append((score - 0.05, int(index)))  # nothing is known of the thing: the words may be right
    return knowledge()[max(fits)[1]] if fits else None


@lru_cache
def knowledge() -> tuple[Row, ...]:
    """Every row, in the file's order."""
    text = (resources.files(__package__) / "knowledge.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(
        Row(
            r["situation"],
            r["when"],
            tuple(s.strip() for s in r["steps"].split(";") if s.strip() != "nothing"),
            r["why"],
        )
        for r in rows
    )


@lru_cache
def _general() -> NDArray[np.bool_]:
    return np.array([row.general for row in knowledge()])


@lru_cache
def embeddings() -> NDArray[np.float32]:
    """(rows, 384) unit vectors of the situations; made by `recipes/convert/knowledge.py`."""
    data = (resources.files(__package__) / "knowledge.npy").read_bytes()
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), np.float32)
