"""Fitting one small network to one thing (a video, a scene): Adam with a falling rate, draws that hang on seed and step alone, and a state that can be stored.

So a fit that was stopped and goes on has the losses of one that was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pixwright.errors import InvalidRecord

_BETAS, _EPSILON = (0.9, 0.99), 1e-15
"""Of Adam, as instant-ngp has them for hash grids: gradients of a cell that is seldom seen are small."""


@dataclass(frozen=True)
class FittingPace:
    """How fast a fit learns."""

    steps: int
    rate: float
    """Of learning, at the first step."""
    end: float = 0.1
    """What is left of the rate at the last step; in between it falls geometrically."""

    def at(self, step: int) -> float:
        """The rate of a step, counted from 0; behind the last one it stays."""
        return float(self.rate * self.end ** min(step / max(self.steps, 1), 1.0))


class Fit:
    """A network that is being fitted. The caller makes the loss of a step with `draws()` and hands it to `learn`."""

    def __init__(self, module: nn.Module, pace: FittingPace, seed: int) -> None:
        self.module, self.pace, self.seed = module, pace, seed
        self.step = 0
        """Steps that are over."""
        self._adam = torch.optim.Adam(module.parameters(), lr=pace.rate, betas=_BETAS, eps=_EPSILON)

    @property
    def done(self) -> bool:
        """Whether all steps are over."""
        return self.step >= self.pace.steps

    def draws(self) -> np.random.Generator:
        """The generator of the coming step: the same one after a restart."""
        return np.random.default_rng([self.seed, self.step])

    def learn(self, loss: Tensor) -> float:
        """One step down; the loss as a number. Raises InvalidRecord where it is not finite."""
        value = float(loss.detach())
        if not np.isfinite(value):
            raise InvalidRecord(f"the fit diverged at step {self.step} (loss {value}); begin anew with a lower rate")
        for group in self._adam.param_groups:
            group["lr"] = self.pace.at(self.step)
        self._adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._adam.step()
        self.step += 1
        return value

    def state(self) -> dict[str, Tensor]:
        """Everything that `restore` needs, as flat tensors on the processor."""
        kept = {f"module.{name}": value for name, value in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for kind, value in self._adam.state.get(parameter, {}).items():
                kept[f"adam.{name}/{kind}"] = torch.as_tensor(value)
        kept["step"] = torch.tensor(self.step)
        return {name: value.detach().cpu().contiguous().clone() for name, value in kept.items()}

    def restore(self, kept: Mapping[str, Tensor]) -> None:
        """Go on where `state` was taken. Raises InvalidRecord for another network's state."""
        module = {name[7:]: value for name, value in kept.items() if name.startswith("module.")}
        try:
            self.module.load_state_dict(module)
        except RuntimeError as problem:
            reason = " ".join(str(problem).split())[:160]
            raise InvalidRecord(f"the stored fit is another network's ({reason}); begin in another folder") from None
        for name, parameter in self.module.named_parameters():
            held = {
                key.rpartition("/")[2]: value for key, value in kept.items() if key.rpartition("/")[0] == f"adam.{name}"
            }
            if held:
                self._adam.state[parameter] = {
                    kind: value if kind == "step" else value.to(parameter) for kind, value in held.items()
                }
        self.step = int(kept["step"])
