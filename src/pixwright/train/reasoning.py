"""ReasonPix2Pix: a connector, and with it the denoiser, learn from states of a frozen language model (paper: section 3.3, equations 8 and 9).

The connector comes first and alone: what the denoiser's own text encoder says of the plain instruction is what it has to say of the indirect one (the loss of GILL's
mapper: Koh et al. 2023, section 3.2). That needs no denoiser; its linear path is solved in closed form, the rest descends from there. Then connector and denoiser
learn with the diffusion loss, as in the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.models.connector import (
    MINI,
    PUBLISHED,
    Connector,
    connector_for,
    load_connector,
    pooled,
    put_layers,
    save_connector,
)
from pixwright.nn.denoise import Condition
from pixwright.records.instruction import Array
from pixwright.train.cache import Examples, Rows
from pixwright.train.config import Run
from pixwright.train.networks import Networks
from pixwright.train.objective import Reasoned, Translated
from pixwright.train.tasks import DenoiserTask

CONNECTOR = "connector.safetensors"
"""What both kinds of run write."""
_SOLVED = 256
"""Examples that are summarised at once before the linear path is solved."""
_RIDGE = 100.0
"""Of the linear path: features have variance 1, so this counts like a hundred examples. Of 10 to 3,000 it was about the best in loss and in held-out meanings together."""
_LEAST = 1e-6


class ReasonTask(DenoiserTask):
    """Connector and denoiser."""

    def __init__(self, run: Run, networks: Networks, cache: Path, begin: Path | None = None) -> None:
        """begin: a connector to go on with, and the layers that learnt with it."""
        self.connector = _going_on(_connector(run, networks), begin, anew=False)
        if begin is not None and self.connector.layers:
            put_layers(networks.unet, self.connector, begin)
        super().__init__(run, networks, cache)

    def _learning(self) -> torch.nn.Module:
        self._choose()
        self.connector.to(self._device)
        return Reasoned(self.unet, self.connector, self._noise, self._run.objective).train()

    def _condition(self, rows: Rows) -> Condition:
        seen = super()._condition(rows)
        assert seen.text is not None and seen.null_text is not None
        return replace(seen, text=self.connector(seen.text), null_text=self.connector(seen.null_text))

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """The connector, with the layers of the denoiser that learnt beside it; or, where all of the denoiser learnt, both as stage 1 has them."""
        if self._run.objective.learns == "all":
            super().export(folder, recipe)
            save_connector(folder / CONNECTOR, self.connector, self._run.side, recipe)
            return
        layers = {name: one for name, one in self.unet.named_parameters() if one.requires_grad}
        save_connector(folder / CONNECTOR, self.connector, self._run.side, recipe, layers)


class ConnectorTask(DenoiserTask):
    """The connector alone: states -> the tokens of the plain instruction."""

    def __init__(self, run: Run, networks: Networks, cache: Path, begin: Path | None = None) -> None:
        """begin: a connector to go on with; it may have learnt from another language model."""
        self.connector = _going_on(_connector(run, networks), begin, anew=True)
        super().__init__(run, networks, cache)

    def _learning(self) -> torch.nn.Module:
        meant = self._net.readers.meant
        if meant is None or meant.tokens != self.connector.length:
            raise InvalidOption(
                f"a connector of {self.connector.length} tokens learns from a text encoder of as many; use the recipe mini_reason_words"
            )
        self._nothing = torch.from_numpy(meant.read([""]))[0]
        if self.connector.linear is not None:
            every = [self._rows(np.arange(k, min(k + _SOLVED, self.size()))) for k in range(0, self.size(), _SOLVED)]
            none = max(1, round(2 * self._run.objective.drop_each * self.size()))
            seen = [*(pooled(states) for states, _ in every), pooled(self._null[None]).expand(none, -1)]
            wanted = [*(tokens for _, tokens in every), self._nothing.expand(none, -1, -1)]
            solve(self.connector, torch.cat(seen), torch.cat(wanted))
        return Translated(self.connector.to(self._device)).train()

    def _rows(self, indices: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """States and the tokens that are meant."""
        rows = self._examples.take(indices, np.zeros(len(indices), np.bool_))
        assert rows.meant is not None
        return torch.from_numpy(rows.words), torch.from_numpy(rows.meant)

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Any, ...]:
        """States and what they should become; as many as the objective says are states of nothing, which are to become the tokens of the empty text."""
        states, meant = self._rows(indices)
        lost = (torch.rand(len(indices), generator=generator) < 2 * self._run.objective.drop_each)[:, None, None]
        states, meant = torch.where(lost, self._null, states), torch.where(lost, self._nothing, meant)
        return states.to(device), meant.to(device)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """On held-out examples: the loss, and the share whose tokens are nearest to those of the right plain instruction, of all held-out ones;
        of what is told indirectly and directly."""
        said, meant = said_of(self.connector, self._checked, self._device)
        about = [self._checked.row(k) for k in range(len(self._checked))]
        plain = [row["plain"] for row in about]
        indirect = np.array([row["indirect"] for row in about], np.bool_)
        found = {"validation_loss": float((said - meant).square().mean()), "meanings": float(len(set(plain)))}
        return {**found, **_shares(nearest_right(said, meant, plain), indirect)}

    def sheet(self) -> Array:
        """No picture is made: a single grey pixel."""
        return np.full((1, 1, 3), 128, np.uint8)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """The connector, and the layers that had learnt with it."""
        save_connector(folder / CONNECTOR, self.connector, self._run.side, recipe, self.connector.layers)


@torch.no_grad()
def said_of(connector: Connector, examples: Examples, device: torch.device) -> tuple[Tensor, Tensor]:
    """The connector's tokens of every example, and those of the plain instruction: (n, M, C) each, on the processor."""
    rows = examples.take(np.arange(len(examples)), np.zeros(len(examples), np.bool_))
    assert rows.meant is not None
    return connector(torch.from_numpy(rows.words).to(device)).float().cpu(), torch.from_numpy(rows.meant)


def nearest_right(said: Tensor, meant: Tensor, plain: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether each row of `said` (n, M, C) is nearer to the tokens of its own plain instruction than to those of any other; `meant`: each row's right tokens."""
    names = sorted(set(plain))
    first = [plain.index(name) for name in names]
    nearest = torch.cdist(said.flatten(1), meant[first].flatten(1)).argmin(1).tolist()
    return np.array([names[near] == name for near, name in zip(nearest, plain, strict=True)], np.bool_)


def solve(connector: Connector, seen: Tensor, wanted: Tensor) -> None:
    """Set the connector's linear path: ridge regression of `wanted` (n, length, C) on `seen` (n, 3 H), reduced to the path's rank by what it explains most of."""
    assert connector.linear is not None
    first, second = connector.linear
    assert isinstance(first, torch.nn.Linear) and isinstance(second, torch.nn.Linear)
    middle, scale = seen.mean(0), seen.std(0) + _LEAST
    tokens = wanted[:, : connector.queries].flatten(1)
    features, usual = (seen - middle) / scale, tokens.mean(0)
    # In single precision a gram of fewer examples than features is not positive definite.
    exact = features.double().T @ features.double()
    gram, ones = exact.to(features.dtype), torch.eye(len(exact))
    weights = torch.linalg.solve(gram + _RIDGE * ones, features.T @ (tokens - usual))
    root = torch.linalg.cholesky(exact + _LEAST * exact.diagonal().mean() * ones.double())
    fitted = root.to(features.dtype).T @ weights
    directions = torch.linalg.eigh(fitted @ fitted.T).eigenvectors[:, -first.out_features :]
    basis = F.normalize(fitted.T @ directions, dim=0)
    inward = (weights @ basis) / scale[:, None]
    with torch.no_grad():
        first.weight.copy_(inward.T)
        second.weight.copy_(basis)
        second.bias.copy_(usual - (middle @ inward) @ basis.T)


def _shares(right: NDArray[np.bool_], indirect: NDArray[np.bool_]) -> dict[str, float]:
    kinds = {"right_indirect": indirect, "right_direct": ~indirect}
    return {name: float(right[which].mean()) for name, which in kinds.items() if which.any()}


def _connector(run: Run, networks: Networks) -> Connector:
    """A fresh one for this language model and denoiser."""
    readers = networks.readers
    text = int(networks.unet.config.cross_attention_dim)
    shape = MINI if run.shape == "mini" else PUBLISHED
    of = {**readers.digests, **networks.digests}
    return connector_for(readers.width, text, readers.tokens, run.reader, run.seed, shape, of)


def _going_on(fresh: Connector, begin: Path | None, *, anew: bool) -> Connector:
    """The connector in `begin`, if there is one, as far as it belongs to the same parts as `fresh`. `anew`: the language model may be another one, to whose states it gets used.

    Raises InvalidOption where it does not.
    """
    if begin is None or not begin.is_file():
        return fresh
    found = load_connector(begin)
    wanted, held = dict(fresh.about), dict(found.about)
    if anew:
        wanted["of"], held["of"] = ({"denoiser": about["of"].get("denoiser")} for about in (wanted, held))
    if held != wanted:
        differs = sorted(name for name in wanted if held.get(name) != wanted[name])
        raise InvalidOption(
            f"{begin} differs in {', '.join(differs)}; train it again with mini_reason_words, or take another folder"
        )
    fresh.load_state_dict(found.state_dict())
    fresh.layers = found.layers
    return fresh
