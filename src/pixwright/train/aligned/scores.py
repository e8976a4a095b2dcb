"""How well the heads find across sides, on rows of reserved files and concepts: recall, and which concepts fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from pixwright.encoders.heads import Floats
from pixwright.train.aligned.concepts import reserved_concept
from pixwright.train.aligned.latents import text_latents
from pixwright.train.aligned.rows import AlignedRow, Side
from pixwright.words import lexicon

Project: TypeAlias = Callable[[str, Floats], Floats]
"""Kind and latents -> unit vectors."""
FIVE = 5
"""What counts as found, besides being first."""
GALLERY = 100
"""Pictures among which a text has to find its own."""
MOODS_ASKED = 12
"""Moods among which a piece of music has to find its own."""
_DICE = 1


@dataclass(frozen=True)
class Recall:
    """Queries, size of what was searched, and the shares whose own was first or among the first five."""

    queries: int
    among: int
    first: float
    five: float
    missed: tuple[str, ...] = ()
    """What was not among the first five (with music: not first)."""


@dataclass(frozen=True)
class Scores:
    """By what was asked."""

    found: dict[str, Recall] = field(default_factory=dict)

    def flat(self) -> dict[str, float]:
        """For logs: `NAME_1` and `NAME_5`."""
        return {f"{name}_{k}": v for name, one in self.found.items() for k, v in ((1, one.first), (5, one.five))}


def score_heads(
    project: Project,
    held: Mapping[Side, Sequence[AlignedRow]],
    folder: Path,
    known: Mapping[Side, Sequence[AlignedRow]],
) -> Scores:
    """All that the held rows can tell; `known` are the trained ones, whose pictures sounds search among, too. What has no rows is left out."""
    found: dict[str, Recall] = {}
    for name, wanted in (("text_picture_concepts", True), ("text_picture_files", False)):
        rows = one_of_each(held["view"], wanted)
        if rows:
            texts = project("text", text_latents(folder, [row.texts[0] for row in rows]))
            seen = project("picture", stacked(rows))
            found[name] = recall(texts, seen, [row.concepts[0] for row in rows])
    if held["scene"]:
        rows = list(held["scene"])[:GALLERY]
        texts = project("text", text_latents(folder, [row.texts[0] for row in rows]))
        found["text_scene"] = recall(texts, project("picture", stacked(rows)), [row.texts[0] for row in rows])
    if held["music"]:
        found["music_mood"] = mood_recall(project, held["music"], folder)
    heard = {row.concepts[0] for rows in (held["sound"], known["sound"]) for row in rows}
    found |= sound_recalls(project, held["sound"], [*held["view"], *known["view"]], heard)
    return Scores(found)


def sound_recalls(
    project: Project, sounds: Sequence[AlignedRow], views: Sequence[AlignedRow], heard: AbstractSet[str]
) -> dict[str, Recall]:
    """Held recordings of animals against a picture of each animal that was `heard`: those that other recordings taught, and those never heard."""
    pictures: dict[str, AlignedRow] = {}
    for row in views:
        if row.concepts[0] in heard and lexicon().is_(row.concepts[0], "animal"):
            pictures.setdefault(row.concepts[0], row)
    names = sorted(pictures)
    asked = [row for row in sounds if row.key.endswith("#0") and row.concepts[0] in pictures]
    if not asked:
        return {}
    searched = project("picture", stacked([pictures[name] for name in names]))
    found = {}
    for name, wanted in (("sound_picture_heard", False), ("sound_picture_unheard", True)):
        rows = [row for row in asked if reserved_concept(row.concepts[0]) == wanted]
        if rows:
            likeness = project("sound", stacked(rows)) @ searched.T
            truth = np.array([names.index(row.concepts[0]) for row in rows])
            rank = (likeness > likeness[np.arange(len(rows)), truth][:, None]).sum(1)
            missed = tuple(
                f"{row.concepts[0]} as {names[int(best)]}"
                for row, place, best in zip(rows, rank, likeness.argmax(1), strict=True)
                if place >= FIVE
            )
            found[name] = Recall(len(rows), len(names), float((rank < 1).mean()), float((rank < FIVE).mean()), missed)
    return found


def one_of_each(rows: Sequence[AlignedRow], reserved: bool) -> list[AlignedRow]:
    """At most `GALLERY` rows of different concepts, either all of reserved concepts, or of reserved files of others; always the same."""
    fitting: dict[str, AlignedRow] = {}
    for row in rows:
        if reserved_concept(row.concepts[0]) == reserved and not row.key.startswith("scenery/"):
            fitting.setdefault(row.concepts[0], row)
    names = sorted(fitting)
    order = np.random.default_rng(_DICE).permutation(len(names))[:GALLERY]
    return [fitting[names[k]] for k in order]


def mood_recall(project: Project, rows: Sequence[AlignedRow], folder: Path) -> Recall:
    """Pieces of the first twelve moods against the words for those moods."""
    moods = sorted({row.concepts[0] for row in rows})[:MOODS_ASKED]
    asked = [row for row in rows if row.concepts[0] in moods]
    names = project("text", text_latents(folder, [f"{mood} music" for mood in moods]))
    order = np.argsort(-(project("music", stacked(asked)) @ names.T), axis=1)
    truth = np.array([moods.index(row.concepts[0]) for row in asked])
    first, five = order[:, 0] == truth, (order[:, :FIVE] == truth[:, None]).any(1)
    missed = [
        f"{row.concepts[0]} as {moods[k]}" for row, k, hit in zip(asked, order[:, 0], first, strict=True) if not hit
    ]
    return Recall(len(asked), len(moods), float(first.mean()), float(five.mean()), tuple(missed))


def recall(queries: Floats, searched: Floats, names: Sequence[str]) -> Recall:
    """Query i is to find row i."""
    likeness = queries @ searched.T
    rank = (likeness > likeness.diagonal()[:, None]).sum(1)
    missed = tuple(name for name, place in zip(names, rank, strict=True) if place >= FIVE)
    return Recall(len(names), len(names), float((rank < 1).mean()), float((rank < FIVE).mean()), missed)


def stacked(rows: Sequence[AlignedRow]) -> Floats:
    """(n, d) latents."""
    return np.stack([row.latent for row in rows])
