"""Training a small network for so many minutes: AdamW, a rate that falls as the time does, and a state that is kept and gone on from."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

_AVERAGED = 0.998
"""What is left of the averaged weights at a step, at most; at the first steps less."""
_RUNNING = 200
"""Steps over which the loss that is told is averaged."""


class TimedFit:
    """A network in training, with what `keep` holds of it. `clock` counts the seconds; after `every` of them is told, and kept, how far it is.

    `warm`: steps over which the rate rises to `rate`. `average`: a network of the same kind that takes on the averaged weights.
    """

    def __init__(self, network: nn.Module, keep: Path, *, rate: float, decay: float, warm: int, every: float, clock: Callable[[], float], average: nn.Module | None = None) -> None:  # fmt: skip
        self._network, self._keep, self._rate, self._warm, self._every = network, keep, rate, warm, every
        self._clock, self._averaged = clock, average
        self._optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=decay)
        self.step, self.spent = 0, 0.0
        self._parts: dict[str, Any] = {"network": network, "optimiser": self._optimiser}
        if average is not None:
            self._parts["average"] = average
        if keep.exists():
            state = torch.load(keep, weights_only=True)
            for name, part in self._parts.items():
                part.load_state_dict(state[name])
            self.step, self.spent = int(state["step"]), float(state["spent"])
        elif average is not None:
            average.load_state_dict(network.state_dict())

    def run(self, loss_of: Callable[[], Tensor], minutes: float, told: Callable[[], str], say: Callable[[str], object]) -> None:  # fmt: skip
        """Steps down `loss_of()` until so many minutes are spent in all, the earlier ones counted."""
        seconds, last, running = 60 * minutes, self.spent, 0.0
        while self.spent < seconds:
            began = self._clock()
            falling = 0.5 * (1 + math.cos(math.pi * self.spent / seconds))
            for group in self._optimiser.param_groups:
                group["lr"] = self._rate * min(1.0, (self.step + 1) / self._warm) * falling
            loss = loss_of()
            self._optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            self._optimiser.step()
            self.step += 1
            if self._averaged is not None:
                left = min(_AVERAGED, (self.step + 1) / (self.step + 10))
                with torch.no_grad():
                    for own, live in zip(self._averaged.parameters(), self._network.parameters(), strict=True):
                        own.lerp_(live, 1 - left)
            running += (float(loss.detach()) - running) / min(self.step, _RUNNING)
            self.spent += self._clock() - began
            if self.spent - last >= self._every or self.spent >= seconds:
                last = self.spent
                say(f"{self.step} steps, {self.spent:.0f} s: loss {running:.4f} {told()}")
                state = {name: part.state_dict() for name, part in self._parts.items()}
                torch.save(state | {"step": self.step, "spent": self.spent}, self._keep)
