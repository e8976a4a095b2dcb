"""Tensors out of a safetensors file: only those asked for, memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.extras import optional

if TYPE_CHECKING:
    from torch import Tensor


def read(path: Path, names: Iterable[str]) -> dict[str, Tensor]:
    """The tensors of those names, in the dtype that they are stored in. Raises MissingExtra without torch or safetensors."""
    safetensors = library("safetensors")
    library("torch")
    try:
        with safetensors.safe_open(str(path), framework="pt") as opened:
            return {name: opened.get_tensor(name) for name in names}
    except safetensors.SafetensorError as problem:
        raise WeightsCorrupt(f"{path} cannot be read ({problem}); fetch it again") from None


def library(name: str) -> Any:
    """A module of the extra `torch`; typed as anything, for diffusers' and transformers' classes carry no types."""
    return optional(name, "a file of published weights", "torch")


def fit(path: Path, state: Mapping[str, Tensor], wanted: Mapping[str, Any], what: str) -> None:
    """Raise InvalidOption, naming the first difference, unless the weights have the names and shapes of the network."""
    missing = sorted(wanted.keys() - state.keys())
    if missing:
        raise InvalidOption(
            f"{path} has no {missing[0]} ({len(missing)} missing) for {what}; give the settings it was trained with"
        )
    spare = sorted(state.keys() - wanted.keys())
    if spare:
        raise InvalidOption(
            f"{path} has {spare[0]} ({len(spare)} such), which {what} has not; give the settings it was trained with"
        )
    for name, tensor in state.items():
        if tensor.shape != wanted[name].shape:
            raise InvalidOption(
                f"{path}: {name} is {tuple(tensor.shape)}, {what} needs {tuple(wanted[name].shape)}; give the settings it was trained with"
            )
