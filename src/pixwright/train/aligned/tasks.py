"""What the loop trains: the heads of the aligned encoder on cached latents."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixwright.encoders.heads import Floats, pack, write_arrays
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.train.aligned.charts import curve
from pixwright.train.aligned.heads import TrainedHead
from pixwright.train.aligned.latents import read_latents, text_latents
from pixwright.train.aligned.objective import AlignedHeads
from pixwright.train.aligned.rows import SIDES, AlignedRow, Side
from pixwright.train.aligned.scores import Scores, score_heads
from pixwright.train.config import Run

_SHARES: dict[Side, float] = {"view": 0.5, "scene": 0.2, "sound": 0.2, "music": 0.1}
"""What a batch is made of."""
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


class AlignedTask:
    """Implements `loop.TrainingTask`."""

    def __init__(self, run: Run, folder: Path, out: Path) -> None:
        """Rows are read from the cache `folder`; `out` is where the loop keeps its log."""
        self.run, self.folder, self.out = run, folder, out
        rows = {side: read_latents(folder, side) for side in SIDES}
        kept = {side: [row for row in found if row.trained] for side, found in rows.items()}
        if missing := [side for side in _NEEDED if not kept[side]]:
            raise InvalidOption(
                f"{folder} holds no rows of {', '.join(missing)}; the sources need cut-outs, sounds and music: pixwright assets fetch stamps"
            )
        self.held = {side: [row for row in found if not row.trained] for side, found in rows.items()}
        texts = list(dict.fromkeys(text for found in kept.values() for row in found for text in row.texts))
        self.texts = text_latents(folder, texts)
        number = {text: k for k, text in enumerate(texts)}
        groups: dict[object, int] = {}
        self.sides = {side: _arrays(side, found, number, groups) for side, found in kept.items()}
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
        torch.manual_seed(run.seed)
        self.module: nn.Module = AlignedHeads(
            {
                kind: TrainedHead(one, settings.width, settings.blocks, settings.expansion, settings.dropout)
                for kind, one in given.items()
            }
        )
        self.spread = {kind: float(np.sqrt(one.var(0).mean())) for kind, one in given.items()}

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
        mixed = rng.random(sum(map(len, chosen.values()))) < self.run.aligned.mixed
        before = sum(len(places) for side, places in chosen.items() if side in _SEEN)
        mixed[before : before + len(pairs)] = False
        latents, words, first = {}, [], 0
        for side, places in chosen.items():
            rows = self.sides[side]
            said = self.texts[[rng.choice(rows.words[k]) for k in places]]
            part = mixed[first : first + len(places)]
            first += len(places)
            kind = "picture" if side in _SEEN else side
            latents[side], text = _blended(rows.latents[places], said, part, rng)
            latents[side] += self._noise(latents[side].shape, kind, rng)
            words.append(text + self._noise(text.shape, "text", rng))
        groups = np.concatenate([self.sides[side].group[places] for side, places in chosen.items()])
        concepts = [self.sides[side].concepts[k] for side, places in chosen.items() for k in places]
        arrays = (
            np.concatenate([latents[side] for side in _SEEN if side in latents]),
            latents["sound"],
            latents["music"],
            np.concatenate(words),
            self._partners(np.asarray(pairs, np.int64), rng),
            groups,
            apart(groups, concepts),
            mixed,
        )
        return tuple(torch.from_numpy(np.ascontiguousarray(one)).to(device) for one in arrays)

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
        return score_heads(self.project, self.held, self.folder)

    @torch.no_grad()
    def project(self, kind: str, latents: Floats) -> Floats:
        """Unit vectors of latents by a head."""
        device = next(self.module.parameters()).device
        given = torch.from_numpy(np.asarray(latents, np.float32)).to(device)
        return np.asarray(self.module.get_submodule(f"heads.{kind}")(given).float().cpu().numpy(), np.float32)

    def sheet(self) -> Array:
        """The loss over the steps so far, read from the log."""
        log = self.out / f"log-{self.run.kind}.jsonl"
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
        return curve([line["loss"] for line in lines if "loss" in line], f"loss of {self.run.name}")

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """`aligned.npz`, as the package ships it."""
        tensors = {
            name.removeprefix("heads."): value.detach().float().cpu().numpy()
            for name, value in self.module.state_dict().items()
            if name.startswith("heads.")
        }
        draft = folder / ".aligned.npz"
        with draft.open("wb") as stream:
            write_arrays(stream, pack(tensors))
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
