"""The refinement module in torch, and its task: (vector of words or of a sound, score of a picture) -> the vector of that picture (InstructAny2Pix, section 3.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.build.chance import pick
from pixwright.build.run.networks import encoders
from pixwright.encoders.aligned import HEADS as SPACE
from pixwright.encoders.aligned import AlignedEncoder
from pixwright.encoders.heads import Floats, pack, unit, write_arrays
from pixwright.encoders.refinement import HEADS, ON, SOURCES, WAVES, Refinement, waves
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.train.aligned.charts import losses
from pixwright.train.aligned.latents import read_latents, text_latents
from pixwright.train.aligned.rows import AlignedRow
from pixwright.train.config import Run
from pixwright.weights.store import expected_digest

_WIDTH, _LAYERS, _EXPANSION = 192, 2, 2
_TARGETS = (2.0, 4.0, 6.0, 8.0)
"""Scores that are asked for where it is tested whether the answer follows."""
_RIDGE, _DROPOUT = 1.0, 0.4
_STEP = 0.03
"""How much vectors are shaken in training."""


class _Layer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.merge = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, _EXPANSION * width), nn.Linear(_EXPANSION * width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, count, width = x.shape
        query, key, value = (
            part.view(n, count, HEADS, -1).transpose(1, 2) for part in self.attend(self.first(x)).split(width, -1)
        )
        mixed = (
            F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).reshape(n, count, width)
        )
        x = x + self.merge(mixed)
        out: Tensor = x + self.down(F.gelu(self.up(self.second(x)), approximate="tanh"))
        return out


class RefinementNetwork(nn.Module):
    """As `encoders.refinement` runs it; `forward` is the loss."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.kinds = nn.Parameter(torch.randn(len(SOURCES), _WIDTH) * 0.02)
        self.places = nn.Parameter(torch.randn(3, _WIDTH) * 0.02)
        self.given, self.wanted = nn.Linear(width, _WIDTH), nn.Linear(WAVES, _WIDTH)
        self.layers = nn.ModuleList(_Layer(_WIDTH) for _ in range(_LAYERS))
        self.last = nn.LayerNorm(_WIDTH)
        self.dropout = nn.Dropout(_DROPOUT)
        self.out = nn.Linear(_WIDTH, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def refined(self, vectors: Tensor, kinds: Tensor, scores: Tensor) -> Tensor:
        """(n, width) unit vectors; `scores` (n, WAVES)."""
        tokens = [self.kinds[kinds], self.dropout(self.given(vectors)), self.wanted(scores)]
        x = torch.stack(tokens, 1) + self.places
        for layer in self.layers:
            x = layer(x)
        return F.normalize(vectors + self.out(self.dropout(self.last(x[:, -1]))), dim=1)

    def forward(self, vectors: Tensor, kinds: Tensor, scores: Tensor, targets: Tensor) -> Tensor:
        """Mean squared distance to the pictures' vectors (the paper's L2), times the width."""
        return (self.refined(vectors, kinds, scores) - targets).square().sum(1).mean()


@dataclass(frozen=True, eq=False)
class _Graded:
    """Graded pictures: their vectors, scores, texts, and concepts."""

    seen: Floats
    scores: Floats
    words: tuple[Floats, ...]
    rows: list[AlignedRow]


class RefinementTask:
    """Implements `loop.TrainingTask`."""

    def __init__(self, run: Run, folder: Path, out: Path) -> None:
        """Graded rows, sounds and texts are read from the cache `folder`. Raises `InvalidOption` where it holds none."""
        self.run, self.out = run, out
        aligned = encoders().aligned
        rows = read_latents(folder, "graded")
        if not any(row.trained for row in rows):
            raise InvalidOption(f"{folder} holds no graded pictures to learn from; let the recipe make them")
        texts = list(dict.fromkeys(text for row in rows for text in row.texts))
        said = dict(zip(texts, aligned.project("text", text_latents(folder, texts)), strict=True))
        self.kept = _graded([row for row in rows if row.trained], said, aligned)
        self.held = _graded([row for row in rows if not row.trained], said, aligned)
        self.heard = _by_concept([row for row in read_latents(folder, "sound") if row.trained], aligned, "sound")
        self.shown = _by_concept([row for row in read_latents(folder, "view") if row.trained], aligned, "picture")
        torch.manual_seed(run.seed)
        self.module: nn.Module = RefinementNetwork(aligned.width)

    def size(self) -> int:
        """Graded pictures."""
        return len(self.kept.rows)

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Tensor, ...]:
        """Inputs are the words of a picture, a sound of what it shows where there is one, or another picture of the same thing."""
        rng = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
        vectors, kinds = [], []
        for k in indices.tolist():
            concept = self.kept.rows[k].concepts[0]
            known = {"text": self.kept.words[k], "picture": self.shown.get(concept), "sound": self.heard.get(concept)}
            choices = [(source, held) for source in SOURCES if (held := known[source]) is not None]
            source, held = pick(rng, choices)
            vectors.append(held[rng.integers(len(held))])
            kinds.append(SOURCES.index(source))
        shaken = unit(np.stack(vectors) + rng.normal(0, _STEP, (len(vectors), len(vectors[0]))).astype(np.float32))
        arrays = (shaken, np.array(kinds), waves(self.kept.scores[indices]), self.kept.seen[indices])
        return tuple(torch.from_numpy(one).to(device) for one in arrays)

    def validate(self) -> dict[str, float]:
        """Held pictures: cosine of their words' vectors with them before and after, and whether what is asked for is what comes."""
        return evidence(self._packaged(), self.kept, self.held)

    def _packaged(self) -> Refinement:
        return Refinement({k: v.detach().float().cpu().numpy() for k, v in self.module.state_dict().items()})

    def sheet(self) -> Array:
        """The loss over the steps so far, read from the log."""
        return losses(self.out, self.run)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """`refinement.npz`, as the package ships it."""
        draft = folder / ".refinement.npz"
        with draft.open("wb") as stream:
            heads = np.frombuffer(expected_digest(SPACE).encode(), np.uint8)
            write_arrays(stream, pack(self._packaged().tensors) | {f"{ON}{SPACE}": heads})
        draft.replace(folder / "refinement.npz")


def _graded(rows: list[AlignedRow], said: dict[str, Floats], aligned: AlignedEncoder) -> _Graded:
    latents = np.stack([row.latent for row in rows]) if rows else np.zeros((0, 0), np.float32)
    seen = aligned.project("picture", latents) if rows else np.zeros((0, aligned.width), np.float32)
    scores = np.array([row.score or 0.0 for row in rows], np.float32)
    return _Graded(seen, scores, tuple(np.stack([said[text] for text in row.texts]) for row in rows), rows)


def _by_concept(rows: list[AlignedRow], aligned: AlignedEncoder, kind: str) -> dict[str, Floats]:
    found: dict[str, list[Floats]] = {}
    for row in rows:
        found.setdefault(row.concepts[0], []).append(aligned.project(kind, row.latent[None])[0])
    return {name: np.stack(vectors) for name, vectors in found.items()}


def evidence(refine: Refinement, kept: _Graded, held: _Graded) -> dict[str, float]:
    """What the paper's step promises, on held pictures: nearer to them than its input, for the same score; and higher where more is asked.

    The score of a vector is read by a linear probe that is fitted to the graded pictures of training; `probe` is its correlation with the scores of held pictures.
    """
    if not held.rows:
        return {}
    words = np.stack([one[0] for one in held.words])
    after = np.concatenate([refine(word[None], float(s)) for word, s in zip(words, held.scores, strict=True)])
    mean = kept.seen.mean(0)
    x = kept.seen - mean
    weights = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ (kept.scores - kept.scores.mean()))

    def read(vectors: Floats) -> Floats:
        return np.asarray((vectors - mean) @ weights + kept.scores.mean(), np.float32)

    levels = np.stack([read(refine(words, score)) for score in _TARGETS])
    found = {
        "before": float((words * held.seen).sum(1).mean()),
        "after": float((after * held.seen).sum(1).mean()),
        "nearer": float(((after * held.seen).sum(1) > (words * held.seen).sum(1)).mean()),
        "probe": float(np.corrcoef(read(held.seen), held.scores)[0, 1]),
        "rising": float((np.diff(levels, axis=0) > 0).all(0).mean()),
        "first_before": _first(words, held.seen),
        "first_after": _first(after, held.seen),
    }
    return found | {f"read_at_{score:g}": float(row.mean()) for score, row in zip(_TARGETS, levels, strict=True)}


def _first(queries: Floats, searched: Floats) -> float:
    likeness = queries @ searched.T
    return float((likeness.argmax(1) == np.arange(len(queries))).mean())
