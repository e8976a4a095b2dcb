"""Projection heads of the aligned encoder, in numpy: a latent of a frozen network -> a unit vector in the space that all share.

Each is a linear map and residual inverted-bottleneck blocks (FuseMix, Vouitsis et al. 2024, section 4). Weights are stored in 8 bits, one scale a row.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import WeightsCorrupt
from pixwright.weights.store import path

Floats = NDArray[np.float32]
_EPS = 1e-5
"""Of every layer normalisation."""
_GELU, _CUBE = float(np.sqrt(2 / np.pi)), 0.044715
"""The tanh form of GELU (Hendrycks & Gimpel 2016, section 2)."""
LIKENESS = 10.0
"""How sharply a sound chooses among the known ones."""
_MOST = 127
"""The largest 8-bit weight."""
_TINY = 1e-8
UNREADABLE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged `.npz` file raises."""


@dataclass(frozen=True, eq=False)
class Linear:
    """x @ weight.T + bias."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        """(n, in) -> (n, out)."""
        return np.asarray(x @ self.weight.T + self.bias, np.float32)


@dataclass(frozen=True, eq=False)
class ResidualBlock:
    """x + down(gelu(up(norm(x))))."""

    gain: Floats
    offset: Floats
    up: Linear
    down: Linear

    def __call__(self, x: Floats) -> Floats:
        """(n, width) -> the same."""
        centred = x - x.mean(1, keepdims=True)
        normed = centred / np.sqrt(np.square(centred).mean(1, keepdims=True) + _EPS) * self.gain + self.offset
        return x + self.down(gelu(self.up(normed)))


@dataclass(frozen=True, eq=False)
class ProjectionHead:
    """Stateless: may be used from several threads."""

    mean: Floats
    scale: float
    first: Linear
    blocks: tuple[ResidualBlock, ...]

    def __call__(self, latents: Floats) -> Floats:
        """(n, d) latents -> (n, width) unit vectors, float32."""
        x = self.first((latents - self.mean) * np.float32(self.scale))
        for block in self.blocks:
            x = block(x)
        return unit(x)


@dataclass(frozen=True, eq=False)
class SoundMemory:
    """Known sounds and what they are: a sound becomes the mixture of the vectors of those that it is like.

    Of most things there is one recording. A head that maps sounds freely learns that recording; likening them to it in directions that augmentation does not change
    (`train.aligned.heads.discriminants`) finds other recordings more often (docs/multimodal.md).
    """

    mean: Floats
    basis: Floats
    """(k, d): the directions."""
    centres: Floats
    """(c, k) unit vectors: the known sounds there."""
    values: Floats
    """(c, width) unit vectors: what they are, in the shared space."""

    def __call__(self, latents: Floats) -> Floats:
        """(n, d) latents -> (n, width) unit vectors."""
        placed = unit(np.asarray((latents - self.mean) @ self.basis.T, np.float32))
        like = LIKENESS * (placed @ self.centres.T)
        share = np.exp(like - like.max(1, keepdims=True))
        return unit(np.asarray(share / share.sum(1, keepdims=True) @ self.values, np.float32))


def unit(x: Floats) -> Floats:
    """Rows of length 1."""
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), _TINY), np.float32)


def linear(tensors: Mapping[str, Floats], name: str, x: Floats) -> Floats:
    """The layer `name` (`NAME.weight` OxI, `NAME.bias` O) of `x`, ...xI -> ...xO."""
    return np.asarray(x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"], np.float32)


def gelu(x: Floats) -> Floats:
    """Gaussian error linear unit, tanh form."""
    return np.asarray(0.5 * x * (1 + np.tanh(_GELU * (x + _CUBE * x**3))), np.float32)


def pack(tensors: Mapping[str, Floats]) -> dict[str, NDArray[np.generic]]:
    """What a file holds: matrices in 8 bits with a scale for each row (`NAME.scale`), the rest in half precision."""
    packed: dict[str, NDArray[np.generic]] = {}
    for name, value in tensors.items():
        if value.ndim < 2:
            packed[name] = value.astype(np.float16)
            continue
        scale = (np.abs(value).max(1) / _MOST + _TINY).astype(np.float32)
        packed[name] = np.rint(value / scale[:, None]).astype(np.int8)
        packed[f"{name}.scale"] = scale
    return packed


def write_arrays(stream: BinaryIO, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """An `.npz` file."""
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]


def unpack(packed: Mapping[str, NDArray[np.generic]]) -> dict[str, Floats]:
    """The tensors that `pack` was given, as near as 8 bits come."""
    found = {}
    for name, value in packed.items():
        if name.endswith(".scale") and name.removesuffix(".scale") in packed:
            continue
        scale = packed.get(f"{name}.scale")
        whole = np.asarray(value, np.float32)
        found[name] = whole if scale is None else whole * np.asarray(scale, np.float32)[:, None]
    return found


def save(tensors: Mapping[str, Floats], file: Path) -> None:
    """Packed, as the package holds it."""
    with file.open("wb") as stream:
        write_arrays(stream, pack(tensors))


def load(file: Path) -> dict[str, Floats]:
    """The tensors that `save` wrote. Raises one of `UNREADABLE`."""
    with np.load(file) as stored:
        return unpack({name: stored[name] for name in stored.files})


def packaged(name: str) -> dict[str, Floats]:
    """The tensors of a registered file that `save` wrote. Raises `WeightsMissing` or `WeightsCorrupt`."""
    where = path(name)
    try:
        return load(where)
    except UNREADABLE as problem:
        raise WeightsCorrupt(f"{where.name} is damaged ({problem}); install pixwright again") from problem


def memory_of(tensors: Mapping[str, Floats]) -> SoundMemory:
    """The known sounds from the tensors of all heads. Raises `KeyError` where one is missing."""
    return SoundMemory(
        tensors["sound.mean"], tensors["sound.basis"], tensors["sound.centres"], unit(tensors["sound.values"])
    )


def head_of(tensors: Mapping[str, Floats], side: str) -> ProjectionHead:
    """The head of a side ("text", "picture", "music") from the tensors of all. Raises `KeyError` where one is missing."""

    def linear(name: str) -> Linear:
        return Linear(tensors[f"{side}.{name}.weight"], tensors[f"{side}.{name}.bias"])

    count = sum(name.startswith(f"{side}.blocks.") and name.endswith("norm.weight") for name in tensors)
    blocks = tuple(
        ResidualBlock(
            tensors[f"{side}.blocks.{k}.norm.weight"],
            tensors[f"{side}.blocks.{k}.norm.bias"],
            linear(f"blocks.{k}.up"),
            linear(f"blocks.{k}.down"),
        )
        for k in range(count)
    )
    return ProjectionHead(tensors[f"{side}.mean"], float(tensors[f"{side}.scale"].ravel()[0]), linear("first"), blocks)
