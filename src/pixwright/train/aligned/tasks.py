"""What the loop trains: the heads of the aligned encoder on cached latents."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixwright.build.run.networks import encoders
from pixwright.encoders.heads import Floats, memory_of, pack, unit, write_arrays
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.train.aligned.charts import losses
from pixwright.train.aligned.heads import TrainedHead, discriminants
from pixwright.train.aligned.imagined import Imaginable, Imagined, classes_imagined, nouns_imagined
from pixwright.train.aligned.latents import read_latents, text_latents
from pixwright.train.aligned.objective import AlignedHeads
from pixwright.train.aligned.rows import SIDES, AlignedRow, Side
from pixwright.train.aligned.scores import Scores, score_heads
from pixwright.train.config import Run
from pixwright.words import lexicon

_SHARES: dict[Side, float] = {"view": 0.5, "scene": 0.2, "sound": 0.2, "music": 0.1}
"""What a batch is made of."""
_IMAGINED = (0.4, 0.4)
"""Imagined pictures for each row of a batch: of the classifier's classes, and of nouns that are kin to some."""
_MEDIA = ("picture", "sound", "music")
_TOLD_APART = 64
"""Directions of a sound's latent that the trained head sees; what is shipped likens sounds in all of them (`SoundMemory`)."""
_BACKGROUNDS = ("scenery", "photos")
"""Sources whose pictures are of places."""
_NEEDED: tuple[Side, ...] = ("view", "sound", "music")
_SEEN: tuple[Side, ...] = ("view", "scene")
"""Sides that are pictures."""


@dataclass(frozen=True, eq=False)
class AlignedSide:
    """The trained rows of one side as arrays."""

    latents: Floats
    words: tuple[NDArray[np.int64], ...]
    """Of each row, which of the texts say what it is."""
    group: NDArray[np.int64]
    """Rows of one group mean the same."""
    concepts: tuple[frozenset[str], ...]


@dataclass(frozen=True, eq=False)
class _Imaginables:
    """Things whose pictures are imagined: the classes that they are, their texts, groups and concepts."""

    shares: Floats
    words: tuple[NDArray[np.int64], ...]
    group: NDArray[np.int64]
    concepts: tuple[frozenset[str], ...]


@dataclass(frozen=True, eq=False)
class _Part:
    """What one side gives to a batch."""

    latents: Floats
    words: Floats
    groups: NDArray[np.int64]
    concepts: list[frozenset[str]]
    mixed: NDArray[np.bool_]


class AlignedTask:
    """Implements `loop.TrainingTask`."""

    def __init__(self, run: Run, folder: Path, out: Path) -> None:
        """Rows are read from the cache `folder`; `out` is where the loop keeps its log."""
        self.run, self.folder, self.out = run, folder, out
        rows = {side: read_latents(folder, side) for side in SIDES}
        rows["sound"] = without_second_recordings(rows["sound"])
        kept = {side: [row for row in found if row.trained] for side, found in rows.items()}
        if missing := [side for side in _NEEDED if not kept[side]]:
            raise InvalidOption(
                f"{folder} holds no rows of {', '.join(missing)}; the sources need cut-outs, sounds and music: pixwright assets fetch stamps"
            )
        self.held = {side: [row for row in found if not row.trained] for side, found in rows.items()}
        self.kept = kept
        self.vocabulary = vocabulary_of(rows)
        imaginable = (classes_imagined(encoders().picture), nouns_imagined())
        said = [row.texts for found in kept.values() for row in found]
        said += [one.texts for some in imaginable for one in some]
        texts = list(dict.fromkeys(text for one in said for text in one))
        self.texts = text_latents(folder, texts)
        number = {text: k for k, text in enumerate(texts)}
        groups: dict[object, int] = {}
        self.sides = {side: _arrays(side, found, number, groups) for side, found in kept.items()}
        self.imaginable = [_imaginables(some, number, groups) for some in imaginable]
        self.seen = _places(self.sides["view"].group)
        given = {
            "text": self.texts,
            "picture": np.concatenate(
                [one.latents for side, one in self.sides.items() if side in _SEEN and len(one.group)]
            ),
            "sound": self.sides["sound"].latents,
            "music": self.sides["music"].latents,
        }
        settings = run.aligned
        self.basis = self._discriminants(kept["sound"])
        torch.manual_seed(run.seed)
        self.module: nn.Module = AlignedHeads(
            {
                kind: TrainedHead(
                    one,
                    settings.width,
                    settings.blocks if kind != "sound" else 0,
                    settings.expansion,
                    settings.dropout,
                    self.basis[:_TOLD_APART] if kind == "sound" else None,
                )
                for kind, one in given.items()
            }
        )
        self.imagined = Imagined(given["picture"], encoders().picture)
        self.spread = {kind: float(np.sqrt(one.var(0).mean())) for kind, one in given.items()}

    def _discriminants(self, rows: Sequence[AlignedRow]) -> Floats:
        """What of a sound's latent tells things apart: of most things there is one recording, and a head that saw everything would learn its room and microphone."""
        names: dict[str, int] = {}
        copies = np.array([names.setdefault(row.key.partition("#")[0], len(names)) for row in rows])
        sounds = self.sides["sound"]
        return discriminants(sounds.latents, copies, np.unique(sounds.group, return_inverse=True)[1])

    def size(self) -> int:
        """All rows that are trained."""
        return sum(len(side.group) for side in self.sides.values())

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Tensor, ...]:
        """A batch of its own composition (`_SHARES`), as large as `indices` is long."""
        rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
        chosen = {
            side: rng.integers(len(self.sides[side].group), size=max(2, round(len(indices) * share)))
            for side, share in _SHARES.items()
            if len(self.sides[side].group)
        }
        pairs = [k for k in chosen["sound"].tolist() if int(self.sides["sound"].group[k]) in self.seen]
        pairs = pairs[: len(pairs) // 2 + 1]
        chosen["sound"][: len(pairs)] = pairs
        parts = [self._drawn(self.sides[side], side, places, rng) for side, places in chosen.items()]
        for some, share in zip(self.imaginable, _IMAGINED, strict=True):
            parts.insert(0, self._imagine(some, round(len(indices) * share), rng))
        kinds = ["picture"] * len(_IMAGINED) + ["picture" if side in _SEEN else side for side in chosen]
        for part, side in zip(parts, [*(["imagined"] * len(_IMAGINED)), *chosen], strict=True):
            part.mixed[: len(pairs) if side == "sound" else 0] = False
        made = [
            self._noisy(*_blended(part.latents, part.words, part.mixed, rng), kind, rng)
            for part, kind in zip(parts, kinds, strict=True)
        ]
        groups = np.concatenate([part.groups for part in parts])
        arrays = (
            *(np.concatenate([one for (one, _), k in zip(made, kinds, strict=True) if k == kind]) for kind in _MEDIA),
            np.concatenate([words for _, words in made]),
            self._partners(np.asarray(pairs, np.int64), rng),
            groups,
            apart(groups, [concepts for part in parts for concepts in part.concepts]),
            np.concatenate([part.mixed for part in parts]),
        )
        return tuple(torch.from_numpy(np.ascontiguousarray(one)).to(device) for one in arrays)

    def _drawn(self, rows: AlignedSide, side: Side, places: NDArray[np.int64], rng: np.random.Generator) -> _Part:
        """Those rows, each with one of its texts."""
        words = self.texts[[rng.choice(rows.words[k]) for k in places]]
        mixed = rng.random(len(places)) < self.run.aligned.mixed
        return _Part(rows.latents[places], words, rows.group[places], [rows.concepts[k] for k in places], mixed)

    def _imagine(self, some: _Imaginables, count: int, rng: np.random.Generator) -> _Part:
        """So many imagined pictures."""
        places = rng.integers(len(some.shares), size=count)
        words = self.texts[[rng.choice(some.words[k]) for k in places]]
        latents = self.imagined.draw(some.shares[places], rng)
        mixed = rng.random(count) < self.run.aligned.mixed
        return _Part(latents, words, some.group[places], [some.concepts[k] for k in places], mixed)

    def _noisy(self, latents: Floats, words: Floats, kind: str, rng: np.random.Generator) -> tuple[Floats, Floats]:
        return latents + self._noise(latents.shape, kind, rng), words + self._noise(words.shape, "text", rng)

    def _noise(self, shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Floats:
        return rng.standard_normal(shape, np.float32) * np.float32(self.run.aligned.noise * self.spread[kind])

    def _partners(self, sounds: NDArray[np.int64], rng: np.random.Generator) -> Floats:
        """A picture of what makes each of these sounds."""
        groups = self.sides["sound"].group[sounds].tolist()
        return self.sides["view"].latents[[rng.choice(self.seen[group]) for group in groups]]

    def validate(self) -> dict[str, float]:
        """Recalls on reserved rows of this cache."""
        return self.scores().flat()

    def scores(self) -> Scores:
        """Everything that is measured, with its tables."""
        self.module.eval()
        known = memory_of(self.known_sounds())

        def project(kind: str, latents: Floats) -> Floats:
            return known(latents) if kind == "sound" else self.project(kind, latents)

        return score_heads(project, self.held, self.folder, self.kept)

    def known_sounds(self) -> dict[str, Floats]:
        """What `encoders.heads.SoundMemory` holds: of each thing the middle of its recordings' copies, and the middle of its words' and its pictures' vectors."""
        sounds, basis = self.sides["sound"], self.basis
        mean = sounds.latents.mean(0)
        placed = unit((sounds.latents - mean) @ basis.T)
        words = self.project("text", self.texts[[choices[0] for choices in sounds.words]])
        views = self.sides["view"].latents
        centres, values = [], []
        for group in np.unique(sounds.group).tolist():
            mine = sounds.group == group
            centres.append(placed[mine].mean(0))
            value = unit(words[mine].mean(0))
            if group in self.seen:
                value = value + unit(self.project("picture", views[self.seen[group]]).mean(0))
            values.append(value)
        made = {"mean": mean, "basis": basis, "centres": unit(np.stack(centres)), "values": unit(np.stack(values))}
        return {f"sound.{name}": value for name, value in made.items()}

    @torch.no_grad()
    def project(self, kind: str, latents: Floats) -> Floats:
        """Unit vectors of latents by a head."""
        device = next(self.module.parameters()).device
        given = torch.from_numpy(np.asarray(latents, np.float32)).to(device)
        return np.asarray(self.module.get_submodule(f"heads.{kind}")(given).float().cpu().numpy(), np.float32)

    def sheet(self) -> Array:
        """The loss over the steps so far, read from the log."""
        return losses(self.out, self.run)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """`aligned.npz`, as the package ships it."""
        heads = {kind: self.module.get_submodule(f"heads.{kind}") for kind in ("text", *_MEDIA)}
        tensors = {
            f"{kind}.{name}": value
            for kind, head in heads.items()
            if isinstance(head, TrainedHead) and kind != "sound"
            for name, value in head.plain().items()
        } | self.known_sounds()
        draft = folder / ".aligned.npz"
        with draft.open("wb") as stream:
            write_arrays(stream, pack(tensors) | {f"words.{k}": encoded(v) for k, v in self.vocabulary.items()})
        draft.replace(folder / "aligned.npz")


def _arrays(side: Side, rows: Sequence[AlignedRow], number: dict[str, int], groups: dict[object, int]) -> AlignedSide:
    """Things alone, sounds of things and pieces of a mood are grouped by it; every scene is a group of its own."""
    keys = [row.key if side == "scene" else (side == "music", row.concepts[0]) for row in rows]
    return AlignedSide(
        np.stack([row.latent for row in rows]) if rows else np.zeros((0, 0), np.float32),
        tuple(np.array([number[text] for text in row.texts]) for row in rows),
        np.array([groups.setdefault(key, len(groups)) for key in keys], np.int64),
        tuple(frozenset(row.concepts) if side != "music" else frozenset() for row in rows),
    )


def _imaginables(some: Sequence[Imaginable], number: dict[str, int], groups: dict[object, int]) -> _Imaginables:
    """In the group of what it is."""
    return _Imaginables(
        np.stack([one.shares for one in some]),
        tuple(np.array([number[text] for text in one.texts]) for one in some),
        np.array([groups.setdefault((False, one.concept), len(groups)) for one in some], np.int64),
        tuple(frozenset([one.concept]) for one in some),
    )


def vocabulary_of(rows: Mapping[Side, Sequence[AlignedRow]]) -> dict[str, list[str]]:
    """Words that describe: of things, those with a size that a person would know; of places, what backgrounds are called; what makes sounds; moods."""
    table = lexicon()

    def known(names: set[str]) -> list[str]:
        return sorted(name for name in names if (entry := table.entry(name)) is not None and entry.size)

    views = [(row, row.key.partition("/")[0]) for row in rows["view"]]
    return {
        "things": known({row.concepts[0] for row, source in views if source not in _BACKGROUNDS}),
        "places": sorted(
            name
            for name in {row.concepts[0] for row, source in views if source in _BACKGROUNDS}
            if table.is_(name, "place")
        ),
        "sounds": sorted({row.concepts[0] for row in rows["sound"]}),
        "moods": sorted({row.concepts[0] for row in rows["music"]}),
    }


def encoded(names: list[str]) -> NDArray[np.uint8]:
    """Words as an array of an `.npz` file."""
    return np.frombuffer(json.dumps(names).encode(), np.uint8)


def without_second_recordings(rows: Sequence[AlignedRow]) -> list[AlignedRow]:
    """Where two collections have a recording of one thing, the later one's is kept for the test: what a head learns of one recording may be the recording."""
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row.concepts[0], row.key.partition("/")[0])
    return [replace(row, trained=row.trained and row.key.startswith(f"{first[row.concepts[0]]}/")) for row in rows]


def _places(groups: NDArray[np.int64]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(groups.tolist()):
        found[group].append(place)
    return dict(found)


def _blended(
    latents: Floats, words: Floats, which: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Where `which` says so, rows mixed with another row of the side by one share, the same for the words (FuseMix, section 4)."""
    share = np.where(which, rng.beta(1, 1, len(latents)), 1.0).astype(np.float32)[:, None]
    other = rng.permutation(len(latents))
    return share * latents + (1 - share) * latents[other], share * words + (1 - share) * words[other]


def apart(groups: NDArray[np.int64], concepts: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """(n, n): whether two rows may count as different. A scene with a dog is neither the same as a dog nor something else."""
    names = {name: k for k, name in enumerate(dict.fromkeys(name for one in concepts for name in one))}
    held = np.zeros((len(concepts), max(len(names), 1)), np.float32)
    for row, one in enumerate(concepts):
        held[row, [names[name] for name in one]] = 1
    return np.asarray((held @ held.T == 0) | (groups[:, None] == groups[None]), np.bool_)
