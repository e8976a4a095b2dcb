"""What the systems with a denoiser share: the extra that they need, and networks that are read at the first edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pixwright.edit.contract import Proposal
from pixwright.extras import require
from pixwright.records.result import Origin

T = TypeVar("T")


def need_torch(system: str) -> None:
    """Raise MissingExtra where torch, diffusers or transformers are not installed."""
    require(("torch", "diffusers", "transformers"), system, "torch")


def painted(proposal: Proposal) -> Proposal:
    """What a network painted, named as such: credentials say so, and the judge looks for noise."""
    return proposal if proposal.refused else replace(proposal, added=Origin.GENERATED)


class Once(Generic[T]):
    """Made at the first call, from what that one gives, and kept. `made` is it, or None before that."""

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self.made: T | None = None

    def __call__(self, *given: Any) -> T:
        if self.made is None:
            self.made = self._make(*given)
        return self.made
