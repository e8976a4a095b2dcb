"""Training of the language model: next token on what it shall write, and regression of what is read at the control tokens (InstructAny2Pix: section 3.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
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
_AMONG, _FIRST = 100, 5
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
        device = self.network.rows.device
        losses, right, cosines, gens, truth = [], [], [], [], []
        for start in range(0, min(len(self.held), CHECKED), self.run.language.group):
            rows = self.held[start : start + self.run.language.group]
            batch = {name: value.to(device) for name, value in self.tensors(rows).items()}
            losses.append(float(self.objective(batch)))
            hidden = self.objective.hidden(batch)
            scores = self.objective.scores(hidden[batch["from_row"], batch["from_place"]])
            is_control = batch["token"] >= len(self.objective.spoken)
            right += (scores.argmax(-1) == batch["token"])[is_control].tolist()
            found = self.network.vectors(hidden[batch["control_row"], batch["control_place"]])
            cosines += (found * batch["target"]).sum(-1).tolist()
            kinds = batch["ids"][
                batch["control_row"], batch["control_place"]
            ] == self.network.vocabulary + CONTROLS.index(GEN)
            gens.append(found[kinds].float().cpu().numpy())
            truth.append(batch["target"][kinds].cpu().numpy())
        some, true = np.concatenate(gens)[:_AMONG], np.concatenate(truth)[:_AMONG]
        figures = {"held_out_loss": float(np.mean(losses)), "controls_right": float(np.mean(right or [0]))}
        figures["cosine"] = float(np.mean(cosines or [0]))
        if len(some):
            self._cosines = some @ true.T
            ranks = (self._cosines > np.diag(self._cosines)[:, None]).sum(1)
            figures[f"gen_recall_{_FIRST}_of_{len(some)}"] = float((ranks < _FIRST).mean())
        return figures

    def sheet(self) -> Array:
        """How near each held-out row's `[gen]` is to each true result, as grey cells: the diagonal shall be the lightest of its row."""
        grey = np.clip(self._cosines, 0, 1) * 255
        cells = np.kron(grey, np.ones((_CELL, _CELL))).astype(np.uint8)
        return np.repeat(cells[..., None], 3, axis=2)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """`mini_mllm.safetensors`."""
        about = {**recipe, "aligned": expected_digest("aligned")}
        save_adapter(folder / f"{self.run.name}.safetensors", self.network, self.layout, self.run.language.base, about)
