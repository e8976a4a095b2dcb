"""Implicit instructions: a situation or a wish -> explicit steps, with the reasoning.

The knowledge is `knowledge.tsv`: situation, what the picture must show (`when`), explicit steps in plain words, why. An instruction is
matched by sentence embedding. Rows vote for the outcome that they lead to, each as much as it is near and its `when` fits what is shown, so that
"make it 50 years later" differs for a person, a fruit and a statue (ReasonPix2Pix, section 3: the picture is part of the reasoning).
Whether the winner is believed is a logistic regression over a few readable measures (`Reading`), fitted by `recipes/convert/belief.py`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse.about import Shown, named, plain, subjects
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.unread import complains
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import MILD
from pixwright.words.saying import article
from pixwright.words.vectors import unit_rows

LOWEST = 0.36
"""Rows of a lower cosine have no vote."""
CERTAIN = 0.66
"""Below this cosine the step's `why` names the situation that the sentence was read as."""
CAREFUL = 0.6
"""Below this cosine nothing is taken away: a guess destroys nothing."""
TAU = 0.05
"""How fast the weight of a vote falls with its distance from the nearest row: votes are exp(cosine / TAU)."""
EXACT = 0.06
"""What a row of exactly the kind that is shown gains on a row for anything; of its parent kind, half."""
UNSEEN = 0.05
"""What a row about a kind loses where nothing is known of the thing."""
HUMAN = 0.08
"""What a row about a person loses when an animal takes the part ("the cat has a formal meeting")."""
ANYTHING = "subject"
"""The name of a thing of which no name is known."""
DRAWN = 0.04
"""What an outcome loses that puts a drawn thing in: of a tone, a style or a background a person keeps most, of drawings few (docs/parse.md)."""
SAME = 0.85
"""Cosine from which a sentence is as good as the row's own, whatever the thing in it."""


@dataclass(frozen=True)
class Reading:
    """The likeliest outcome of a sentence, and how far it can be believed."""

    row: Row
    """The nearest row that leads there, its steps in words for the thing that is shown."""
    about: Shown | None
    """Of what the sentence may be about, what the row is about here; None where nothing is known."""
    nearness: float
    """Cosine of that row, with what its `when` gains or loses."""
    support: float
    """What further rows with the same outcome add, in cosines."""
    lead: float
    """Distance to the best other outcome."""
    talk: float
    """How much nearer it is than the nearest sentence that asks for nothing."""
    command: bool
    """A command or a question, of which the grammar reads most that are meant."""
    speaker: bool
    """The sentence is about the one who writes or the one who reads."""

    @property
    def measures(self) -> list[float]:
        """What `belief.json` weighs, in its order."""
        return [self.nearness, self.support, self.lead, self.talk, float(self.command), float(self.speaker)]


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
_SPEAKER = re.compile(r"\s*(i|i'm|i've|i'll|i'd|im|we|we've|we're|you|you're|thanks|ok|okay|lol|wait)\b")
_BODY = re.compile(r"\b(clothes|hair|face|skin|shirt|beard)\b")
_PLACE = re.compile(r" (next to|above|below|on|in|over) .*")


def match(text: str, picture: Array | None, encoders: Encoders, least: float = 0) -> tuple[Step, ...] | None:
    """The explicit steps for an implicit sentence, each with its `why`; None if no outcome can be believed, or none has a row with at least that cosine."""
    return answered(text, subjects(text, picture, encoders), encoders, least)


def answered(text: str, seen: tuple[Shown, ...], encoders: Encoders, least: float = 0) -> tuple[Step, ...] | None:
    """The same where it is known what the sentence may be about."""
    scores = similarities(text, encoders)
    if float(scores.max()) < max(LOWEST, least):
        return None
    found = reading(text, scores, seen)
    believed_so = found is not None and found.nearness >= least and _trusted(found, text)
    steps = steps_of(found, text) if found is not None and believed_so else None
    if found is not None and found.nearness < CERTAIN and complains(text) and not mild(steps or ()):
        return None  # "it looks like nobody works here" is no wish for a bleak office
    return steps


def mild(steps: tuple[Step, ...]) -> bool:
    """Whether steps mend the photograph, or move its tones by a little, and nothing else."""
    return all(step.type is EditType.TONE_TRANSFER and step.value in MILD for step in steps)


def _trusted(found: Reading, text: str) -> bool:
    """Whether a reading is acted upon: what the grammar reads of commands and questions is most that is meant, so that one of these must be near."""
    if belief(found) < believed().least or (found.command and found.nearness < CERTAIN):
        return False
    if found.command and found.nearness < SAME and not _COMMAND.match(found.row.situation.lower()):
        return False  # "water the plants" is near to that nobody did
    return not _takes_away(found.row) or _may_take(found, text)


def _takes_away(row: Row) -> bool:
    return any(words.startswith("remove") for words in row.steps)


def _may_take(found: Reading, text: str) -> bool:
    """Nothing is taken away on a guess: the words must be near, and say what is to go."""
    said = "{it}" not in "".join(found.row.steps) or named(text) or (found.about and found.about.noun in text.lower())
    return found.nearness >= CAREFUL and bool(said)


def steps_of(found: Reading, text: str) -> tuple[Step, ...]:
    """The steps of a reading, about the thing that is shown, each with its `why`."""
    from pixwright.parse.rules import parse_rules

    row, seen = found.row, found.about
    why = row.why if found.nearness >= CERTAIN else f"{row.why} (read as: {row.situation})"
    subject = named(text) if row.when == "any" else None
    it = subject if subject and not (seen and seen.noun in subject) else seen.noun if seen else ANYTHING
    try:
        plans = [parse_rules(words.format(it=it), ()) for words in row.steps]
    except UnclearInstruction:  # a name like "ice cream" may hold a word of the grammar
        plans = [parse_rules(words.format(it=ANYTHING), ()) for words in row.steps]
    return tuple(step.model_copy(update={"why": why}) for plan in plans for step in plan.steps)


def similarities(text: str, encoders: Encoders) -> NDArray[np.float32]:
    """Cosine of the sentence with every row's situation: (rows,), -1 to 1."""
    own, general = plain(text), plain(text, general=True)
    vectors = encoders.text.embed([own, general] if general != own else [own])
    return np.asarray(np.where(_general(), embeddings() @ vectors[-1], embeddings() @ vectors[0]), np.float32)


def reading(text: str, scores: NDArray[np.float32], seen: tuple[Shown, ...]) -> Reading | None:
    """The outcome with the most votes; None if no row fits what the sentence may be about (`seen`) or if the nearest sentence asks for nothing."""
    votes: dict[str, list[tuple[float, int, Row, Shown | None]]] = defaultdict(list)
    talk: list[float] = []
    for index in np.flatnonzero(scores >= LOWEST):
        row, score = knowledge()[index], float(scores[index])
        if not row.steps:
            talk.append(score)
        elif (fit := _fitted(row, score, seen)) is not None:
            votes[_outcome(fit[1])].append((fit[0], int(index), fit[1], fit[2]))
    if not votes:
        return None
    weight = {key: _weight([score for score, *_ in rows]) - _poorly(key) for key, rows in votes.items()}
    nothing = _weight(talk) if talk else 0.0
    first, *others = sorted(weight, key=lambda key: -weight[key])
    nearness, _, row, about = max(votes[first], key=lambda vote: vote[:2])
    if nothing > weight[first]:
        return None
    lead = weight[first] - weight[others[0]] if others else weight[first] - LOWEST
    lowered = text.lower()
    return Reading(
        row,
        about,
        nearness,
        weight[first] - nearness,
        lead,
        weight[first] - nothing,
        _COMMAND.match(lowered) is not None,
        _SPEAKER.match(lowered) is not None,
    )


def _weight(scores: list[float]) -> float:
    """Of several votes for one thing: the largest, and a little for every other one that is nearly as large."""
    return TAU * math.log(sum(math.exp(score / TAU) for score in scores))


def _fitted(row: Row, score: float, seen: tuple[Shown, ...]) -> tuple[float, Row, Shown | None] | None:
    """The row's vote, the row as it is meant here, and what it is about; None if it is about nothing of what the sentence may be about."""
    fits = [fit for one in seen or (None,) if (fit := _fitted_to(row, score, one)) is not None]
    return max(fits, key=lambda fit: fit[0], default=None)


def _fitted_to(row: Row, score: float, one: Shown | None) -> tuple[float, Row, Shown | None] | None:
    kinds = one.kinds if one else ()
    if row.when in kinds:
        return score + EXACT / (1 + kinds.index(row.when)), row, one
    if row.when == "any":
        meant = row if one is None or "person" in kinds else _without_person(row, "animal" in kinds)
        return None if meant is None else (score, meant, one)
    if one is None or (not kinds and score > SAME):
        return score - UNSEEN, row, one  # nothing is known of the thing: the words may be right
    if row.when == "person" and "animal" in kinds:
        meant = _without_person(row, True)
        return None if meant is None else (score - HUMAN, meant, one)
    return None


def _without_person(row: Row, animal: bool) -> Row | None:
    """The row where no person is: the steps at a person are for the animal, or fall away; None if none is left."""
    steps = tuple(
        words.replace("the person", "the {it}") if animal else words
        for words in row.steps
        if "the person" not in words or (animal and not _BODY.search(words))
    )
    if animal and row.when == "person":
        steps = tuple(words for words in steps if not _BODY.search(words))
    return replace(row, steps=steps) if steps else None


def _poorly(outcome: str) -> float:
    """What an outcome loses because its results are seldom kept."""
    return DRAWN if outcome.startswith(("add ", "put ")) and not outcome.startswith("add fog") else 0.0


def _outcome(row: Row) -> str:
    """What rows must have in common to vote together: the first step, wherever it is put."""
    return _PLACE.sub("", row.steps[0])


def asked(wish: str, kind: str) -> str:
    """What a language model that was tuned on the rows is asked. kind: of the thing that the picture shows; empty where nothing is known of it."""
    return f"wish about {article(kind)}: {wish}" if kind else f"wish: {wish}"


def thought(
    text: str, picture: Array | None, encoders: Encoders, think: Callable[[str], str]
) -> tuple[Step, ...] | None:
    """The steps that a language model answers for a sentence that no rule and no row reads; None where it answers none that the grammar reads."""
    seen = next(iter(subjects(text, picture, encoders)), None)
    kind = seen.kinds[0] if seen and seen.kinds else ""
    return steps_said(think(asked(plain(text), kind)), kind, seen.noun if seen else ANYTHING)


def plan_words(row: Row) -> str:
    """What it shall answer for a row."""
    steps = [words.replace("{it}", row.when if row.when != "any" else "subject") for words in row.steps]
    return f"{'; '.join(steps) or _NOTHING}{_BECAUSE}{row.why}"


def steps_said(answer: str, kind: str, it: str) -> tuple[Step, ...] | None:
    """The steps of an answer, read by the grammar, each with its `why`; None where the grammar does not read one, or there is none. `it`: what `kind` is called here."""
    from pixwright.parse.rules import parse_rules

    said, _, why = answer.strip().rstrip(".").partition(_BECAUSE)
    words = [part.strip() for part in said.split(";") if part.strip()]
    if not words or words == [_NOTHING] or len(words) > _MOST_SAID:
        return None
    named_so = re.compile(rf"\bthe {re.escape(kind or ANYTHING)}\b")
    try:
        plans = [parse_rules(named_so.sub(f"the {it}", part), ()) for part in words]
    except (UnclearInstruction, ValidationError):
        return None
    return tuple(step.model_copy(update={"why": why}) for plan in plans for step in plan.steps)


_NOTHING, _BECAUSE = "nothing", " because "
_MOST_SAID = 4
"""Steps of an answer; no row has more."""


@dataclass(frozen=True)
class Belief:
    """The weights of `Reading.measures`, the constant, and the probability from which a reading is believed."""

    weights: tuple[float, ...]
    constant: float
    least: float


@lru_cache
def believed() -> Belief:
    """The table `belief.json`."""
    table = json.loads((resources.files(__package__) / "belief.json").read_text(encoding="utf-8"))
    return Belief(tuple(table["weights"].values()), table["constant"], table["least"])


def belief(found: Reading) -> float:
    """Probability, 0 to 1, that the reading is what was meant."""
    table = believed()
    return 1 / (1 + math.exp(-table.constant - sum(w * x for w, x in zip(table.weights, found.measures, strict=True))))


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
    return unit_rows(__package__, "knowledge.npy")
