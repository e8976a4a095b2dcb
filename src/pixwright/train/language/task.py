"""Training of the language model: next token on what it shall write, and regression of what is read at the control tokens (InstructAny2Pix: section 3.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.mllm.files import save_adapter
from pixwright.mllm.network import InterleavedNetwork
from pixwright.mllm.tokens import CONTROLS, GEN, PromptLayout
from pixwright.records.instruction import Array
from pixwright.train.config import LanguageSettings, Run
from pixwright.train.language.states import States, TokenRow
from pixwright.weights.store import expected_digest

Floats = NDArray[np.float32]
CHECKED = 256
"""Held-out rows that validation looks at."""
_CELL = 6
"""Pixels of a cell of the sheet."""
AMONG, FIRST = 100, 5
"""`[gen]` is looked for among so many results, and has to be among the first so many."""


class LanguageObjective(nn.Module):
    """The loss of a batch."""

    def __init__(self, network: InterleavedNetwork, settings: LanguageSettings, spoken: Tensor) -> None:
        """spoken: ids of the vocabulary among which a written token is told from others; all that any answer holds, and a sample of the rest."""
        super().__init__()
        self.network, self.settings = network, settings
        self.spoken: Tensor
        self.register_buffer("spoken", spoken, persistent=False)

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Cross-entropy, plus the weighted regression."""
        hidden = self.hidden(batch)
        written = hidden[batch["from_row"], batch["from_place"]]
        loss = F.cross_entropy(self.scores(written), batch["token"], weight=None)
        if len(batch["target"]):
            found = self.network.vectors(hidden[batch["control_row"], batch["control_place"]])
            loss = loss + self.settings.weight * self.distance(found, batch["target"])
        return loss

    def hidden(self, batch: dict[str, Tensor]) -> Tensor:
        """The last states (B, T, H)."""
        states = self.network.enter(batch["states"], batch["ids"], batch["places"], batch["vectors"])
        return self.network.upper(states, batch["mask"])

    def scores(self, written: Tensor) -> Tensor:
        """Logits over `spoken` and the control tokens."""
        head = self.network.head.weight[self.spoken]
        return torch.cat([F.linear(written, head), F.linear(written, self.network.written.to(written.dtype))], -1)

    def distance(self, found: Tensor, target: Tensor) -> Tensor:
        """Between unit vectors: their squared distance (paper), or the sum of absolute differences over the root of the width (published code)."""
        if self.settings.regression == "l2":
            squared: Tensor = (found - target).square().sum(-1).mean()
            return squared
        absolute: Tensor = (found - target).abs().sum(-1).mean() / found.shape[-1] ** 0.5
        return absolute


class LanguageTask:
    """A `TrainingTask`: an example is a group of rows of about one length."""

    def __init__(
        self,
        run: Run,
        network: InterleavedNetwork,
        layout: PromptLayout,
        trained: Sequence[TokenRow],
        held: Sequence[TokenRow],
        table: Floats,
        folder: Path,
    ) -> None:
        settings, vocabulary = run.language, network.vocabulary
        self.run, self.network, self.layout, self.table, self.held = run, network, layout, table, held
        rows = [*trained, *held]
        self.states = States(network, rows, folder)
        self._cosines: Floats = np.zeros((1, 1), np.float32)
        spoken = sorted({row.ids[k] for row in rows for k in row.learnt if row.ids[k] < vocabulary})
        rng = np.random.default_rng(run.seed)
        others = np.setdiff1d(np.arange(vocabulary), spoken)
        sample = rng.choice(others, min(settings.others, len(others)), replace=False)
        chosen = np.concatenate([np.array(spoken, np.int64), np.sort(sample)]).astype(np.int64)
        self.number = {int(one): k for k, one in enumerate(chosen)} | {
            vocabulary + k: len(chosen) + k for k in range(len(CONTROLS))
        }
        self.objective = LanguageObjective(network, settings, torch.from_numpy(chosen))
        self.module: nn.Module = self.objective
        order = sorted(rng.permutation(len(trained)).tolist(), key=lambda k: len(trained[k].ids))
        size = settings.group
        self.groups = [[trained[k] for k in order[start : start + size]] for start in range(0, len(order), size)]

    def size(self) -> int:
        """Groups."""
        return len(self.groups)

    def batch(
        self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device
    ) -> tuple[dict[str, Tensor]]:
        """The rows of groups; a little noise on the vectors that go in."""
        rows = [row for index in indices.tolist() for row in self.groups[index]]
        batch = self.tensors(rows)
        noise = torch.randn(batch["vectors"].shape, generator=generator) * self.run.language.noise
        batch["vectors"] = F.normalize(batch["vectors"] + noise / self.table.shape[1] ** 0.5, dim=-1)
        return ({name: value.to(device) for name, value in batch.items()},)

    def tensors(self, rows: Sequence[TokenRow]) -> dict[str, Tensor]:
        """A padded batch."""
        length = max(len(row.ids) for row in rows)
        states = np.zeros((len(rows), length, self.network.size), np.float32)
        ids = np.zeros((len(rows), length), np.int64)
        mask = np.zeros((len(rows), length), np.int64)
        places, vectors, wrote, controls = [], [], [], []
        for k, row in enumerate(rows):
            states[k, : len(row.ids)] = self.states.of(row.ids)
            ids[k, : len(row.ids)] = row.ids
            mask[k, : len(row.ids)] = 1
            places += [(k, place, part) for place, part, _ in row.slots]
            vectors += [number for *_, number in row.slots]
            wrote += [(k, place - 1, self.number[row.ids[place]]) for place in row.learnt]
            controls += [(k, place, number) for place, number in row.controls]
        read = np.array(controls, np.int64).reshape(-1, 3)
        said = np.array(wrote, np.int64).reshape(-1, 3)
        found = {
            "states": states,
            "ids": ids,
            "mask": mask,
            "places": np.array(places, np.int64).reshape(-1, 3),
            "vectors": self.table[np.array(vectors, np.int64)],
            "from_row": said[:, 0],
            "from_place": said[:, 1],
            "token": said[:, 2],
            "control_row": read[:, 0],
            "control_place": read[:, 1],
            "target": self.table[read[:, 2]],
        }
        return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in found.items()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """On held-out rows, each token after the right ones: the loss, how many control tokens are right, and what the vectors retrieve."""
        read = [self._read(group) for group in self._checked()]
        right, cosines = (np.concatenate([getattr(one, name) for one in read]) for name in ("right", "cosines"))
        some, true = (np.concatenate([getattr(one, name) for one in read])[:AMONG] for name in ("gens", "truth"))
        figures = {"held_out_loss": float(np.mean([one.loss for one in read]))}
        figures["controls_right"] = float(right.mean()) if len(right) else 0.0
        figures["cosine"] = float(cosines.mean()) if len(cosines) else 0.0
        if len(some):
            self._cosines = some @ true.T
            figures[f"gen_recall_{FIRST}_of_{len(some)}"] = float((_ranks(self._cosines) < FIRST).mean())
        return figures

    @torch.no_grad()
    def answers(self) -> dict[str, NDArray[np.float64]]:
        """Of each held-out row: the share of its control tokens that are right, the mean cosine of its vectors, and whether `[gen]` has its own result among the first ones; NaN where it has none."""
        right, cosines, found = [], [], []
        read = [self._read(group) for group in self._checked()]
        gens, truth = (np.concatenate([getattr(one, name) for one in read])[:AMONG] for name in ("gens", "truth"))
        ranks, seen = _ranks(gens @ truth.T), 0
        for one in read:
            for k in range(one.rows):
                right.append(_mean(one.right[one.right_of == k]))
                cosines.append(_mean(one.cosines[one.cosine_of == k]))
                has = k in one.gen_of and seen < len(ranks)
                found.append(float(ranks[seen] < FIRST) if has else np.nan)
                seen += has
        return {"controls": np.array(right), "cosine": np.array(cosines), "found": np.array(found)}

    def _checked(self) -> list[Sequence[TokenRow]]:
        """The held-out rows that are looked at, in groups."""
        size = self.run.language.group
        return [self.held[start : start + size] for start in range(0, min(len(self.held), CHECKED), size)]

    def _read(self, rows: Sequence[TokenRow]) -> _ReadRows:
        device = self.network.rows.device
        batch = {name: value.to(device) for name, value in self.tensors(rows).items()}
        hidden = self.objective.hidden(batch)
        scores = self.objective.scores(hidden[batch["from_row"], batch["from_place"]])
        is_control = batch["token"] >= len(self.objective.spoken)
        found = self.network.vectors(hidden[batch["control_row"], batch["control_place"]])
        ids = batch["ids"][batch["control_row"], batch["control_place"]]
        # The vector of a `[gen]` whose result is not known is not among the targets.
        kinds = ids == self.network.vocabulary + CONTROLS.index(GEN)
        return _ReadRows(
            len(rows),
            float(self.objective(batch)),
            (scores.argmax(-1) == batch["token"])[is_control].cpu().numpy(),
            batch["from_row"][is_control].cpu().numpy(),
            (found * batch["target"]).sum(-1).float().cpu().numpy(),
            batch["control_row"].cpu().numpy(),
            found[kinds].float().cpu().numpy(),
            batch["target"][kinds].cpu().numpy(),
            batch["control_row"][kinds].cpu().numpy(),
        )

    def sheet(self) -> Array:
        """How near each held-out row's `[gen]` is to each true result, as grey cells: the diagonal shall be the lightest of its row."""
        grey = np.clip(self._cosines, 0, 1) * 255
        cells = np.kron(grey, np.ones((_CELL, _CELL))).astype(np.uint8)
        return np.repeat(cells[..., None], 3, axis=2)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """`mini_mllm.safetensors`."""
        about = {**recipe, "aligned": expected_digest("aligned")}
        save_adapter(folder / f"{self.run.name}.safetensors", self.network, self.layout, self.run.language.base, about)


@dataclass(frozen=True, eq=False)
class _ReadRows:
    """What is read of a group of rows; `..._of` says which row each value is of."""

    rows: int
    loss: float
    right: NDArray[np.bool_]
    right_of: NDArray[np.int64]
    cosines: Floats
    cosine_of: NDArray[np.int64]
    gens: Floats
    truth: Floats
    gen_of: NDArray[np.int64]


def _ranks(cosines: Floats) -> NDArray[np.int64]:
    """How many results are nearer to each `[gen]` than its own."""
    return np.asarray((cosines > np.diag(cosines)[:, None]).sum(1))


def _mean(values: NDArray[np.floating[Any]] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
