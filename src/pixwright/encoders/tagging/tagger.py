"""The tagger: an instruction -> its steps, each with its kind, a canonical word, and what each of its words is for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.tagging.labels import KINDS, LENGTH, MEANINGS, ROLES, meanings_of, needed
from pixwright.weights.session import open_session

Floats: TypeAlias = NDArray[np.float32]
Span: TypeAlias = tuple[int, int]
BEGINS = 0.5
"""Probability from which a step begins at a word."""
CHANGE = 1.5
"""What it costs, in natural logarithms of probability, that a word has another role than the one before it."""
HELP = (1.5, 3.0)
"""What is added, first and then, to the log-probability of a role that a step cannot be without and that no word has."""
TINY = 1e-6
ALL, HERE, BESIDE = 0, 1, 2
"""Flags of a token: all is asked about, it is of the step in question, it is beside that step."""


@dataclass(frozen=True, eq=False)
class TaggedStep:
    """What the tagger takes a step for. Spans are characters of the instruction."""

    says: Span
    kind: str
    """One of `labels.KINDS`."""
    likely: float
    """Probability of the kind."""
    means: str
    """One of `labels.MEANINGS`; "" where the words say it."""
    roles: Mapping[str, tuple[Span, ...]]
    surety: float
    """Least probability of a word's role."""
    begun: float
    """Probability that a step begins where it does."""


class InstructionTagger:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any, unmixed: Callable[[str, int], tuple[Any, Floats]]) -> None:
        """`unmixed`: of a text its tokens and what the table of words says of them, as `TextEncoder.unmixed` gives it."""
        self._session = session
        self._unmixed = unmixed

    @classmethod
    def load(cls, unmixed: Callable[[str, int], tuple[Any, Floats]]) -> InstructionTagger:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("instruction-tagger"), unmixed)

    def read(self, text: str) -> tuple[TaggedStep, ...]:
        """The steps of an instruction of one word or more, in order; what lies behind its first LENGTH tokens is not read."""
        encoded, unmixed = self._unmixed(text, LENGTH)
        words, length = words_of(encoded), unmixed.shape[1]
        if not words.spans:
            return ()
        (begins,) = self._run(["begins"], unmixed, np.full((1, length), ALL, np.int64))
        starts = starts_of(begins[0], words)
        flags = flags_of([i for i, _ in starts], words, length)
        return steps_of(starts, words, *self._run(["roles", "kinds", "means"], unmixed, flags))

    def _run(self, asked: list[str], unmixed: Floats, flags: NDArray[np.int64]) -> list[Floats]:
        return list(self._session.run(asked, {"unmixed": unmixed, "flags": flags}))


@dataclass(frozen=True, eq=False)
class WordPlaces:
    """A text's words: their characters, and the token that each begins with."""

    spans: tuple[Span, ...]
    tokens: NDArray[np.int64]


def words_of(encoded: Any) -> WordPlaces:
    """The words of the first LENGTH tokens of a tokenizer's `Encoding`."""
    spans: list[Span] = []
    tokens: list[int] = []
    last = None
    for number, (word, (start, end)) in enumerate(zip(encoded.word_ids[:LENGTH], encoded.offsets, strict=False)):
        if word is None:
            continue
        if word != last:
            spans.append((start, end))
            tokens.append(number)
        else:
            spans[-1] = (spans[-1][0], end)
        last = word
    return WordPlaces(tuple(spans), np.array(tokens, np.int64))


def starts_of(begins: Floats, words: WordPlaces) -> list[tuple[int, float]]:
    """Word and probability of each step's beginning; `begins` are log-odds by token. There is one at least."""
    chance = 1 / (1 + np.exp(-begins[words.tokens]))
    found = np.flatnonzero(chance >= BEGINS)
    if not len(found):
        found = np.array([int(np.argmax(chance))])
    return [(int(i), float(chance[i])) for i in found]


def flags_of(starts: Sequence[int], words: WordPlaces, length: int) -> NDArray[np.int64]:
    """(steps, length): HERE from a step's first token to the next step's, else BESIDE. A start behind the last word has no token."""
    edges = [*(int(words.tokens[i]) if i < len(words.tokens) else length for i in starts), length]
    flags = np.full((len(starts), length), BESIDE, np.int64)
    for row, (a, b) in enumerate(itertools.pairwise(edges)):
        flags[row, a:b] = HERE
    return flags


def steps_of(
    starts: Sequence[tuple[int, float]], words: WordPlaces, roles: Floats, kinds: Floats, means: Floats
) -> tuple[TaggedStep, ...]:
    """Of log-odds (steps, t, roles), (steps, kinds), (steps, meanings) what they say."""
    found = []
    for row, (first, begun) in enumerate(starts):
        last = starts[row + 1][0] if row + 1 < len(starts) else len(words.spans)
        share = _softmax(roles[row, words.tokens])
        kind = _softmax(kinds[row])
        name = KINDS[int(kind.argmax())]
        best = _roles(np.log(share + TINY), needed(name))
        can = np.array(meanings_of(name))
        found.append(
            TaggedStep(
                (words.spans[first][0], words.spans[last - 1][1]),
                name,
                float(kind.max()),
                MEANINGS[int(can[means[row][can].argmax()])],
                {
                    role: spans
                    for number, role in enumerate(ROLES)
                    if number and (spans := _runs(best == number, words))
                },
                float(share[np.arange(len(best)), best][first:last].min()),
                begun,
            )
        )
    return tuple(found)


def _roles(odds: Floats, must: Sequence[str]) -> NDArray[np.int64]:
    """(words,) roles of (words, roles) log-probabilities; a role that must be there is helped until it is."""
    best = _smoothed(odds)
    for role in must:
        number = ROLES.index(role)
        for help_ in HELP:
            if number not in best:
                helped = odds.copy()
                helped[:, number] += help_
                best = _smoothed(helped)
    return best


def _smoothed(odds: Floats) -> NDArray[np.int64]:
    """(words,) the likeliest roles of (words, roles) log-probabilities where each change of role costs CHANGE: what lies between two words of a role is rather of it too."""
    total, came = odds[0], []
    for now in odds[1:]:
        stay, best = total, int(total.argmax())
        jump = total[best] - CHANGE
        came.append(np.where(stay >= jump, np.arange(len(stay)), best))
        total = np.maximum(stay, jump) + now
    path = [int(total.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1])


def _runs(here: NDArray[np.bool_], words: WordPlaces) -> tuple[Span, ...]:
    """Places of words in a row that have the role."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], here.astype(np.int8), [0]])))
    return tuple((words.spans[a][0], words.spans[b - 1][1]) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _softmax(x: Floats) -> Floats:
    odds = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(odds / odds.sum(-1, keepdims=True), np.float32)
