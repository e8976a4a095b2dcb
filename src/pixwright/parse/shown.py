"""What is meant by a sentence: the thing that it names, or what the picture shows, and the kinds that it is one of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pixwright.encoders.bundle import Encoders
from pixwright.parse.about import kind_at, kind_of, kinds, named
from pixwright.records.instruction import Array

SURE = 0.12
"""Probability from which the classifier's opinion counts as what the picture shows."""
PRESENT = 0.5
"""Score from which the detector's opinion counts."""
LARGE = 0.12
"""Share of the picture from which a person is what the picture shows: the classifier knows no people."""


@dataclass(frozen=True)
class Shown:
    """What the picture (or the sentence itself) is about: a noun, and the kinds that it is one of, nearest first."""

    noun: str
    kinds: tuple[str, ...]


def shown(text: str, picture: Array | None, encoders: Encoders) -> Shown | None:
    """What is meant: a noun of the sentence, or what is seen in the picture (HxWx3 uint8); None if neither says anything."""
    words = re.findall(r"[a-z]+", text.lower())
    at = next((i for i in range(len(words)) if kind_at(words, i)), None)
    if at is None and picture is not None:
        return _person(picture, encoders) or _classified(picture, encoders)
    if at is None:
        subject = named(text)
        return Shown(subject, ()) if subject else None
    owned = {"his": words[at + 1 : at + 3], "her": words[at + 1 : at + 3], "they": words[at + 1 :]}.get(words[at], [])
    word = next((thing for thing in owned if thing in kind_of()), words[at])
    kind = kind_of().get(word) or kind_at(words, at) or ""
    return Shown("person" if kind == "person" else word, (kind, *kinds().parents.get(kind, ())))


def _person(picture: Array, encoders: Encoders) -> Shown | None:
    area = picture.shape[0] * picture.shape[1]
    for found in encoders.detector.detect(picture, PRESENT):
        x0, y0, x1, y1 = found.box
        if found.kind == "person" and (x1 - x0) * (y1 - y0) >= LARGE * area:
            return Shown("person", ("person",))
    return None


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
