"""What turns an example's words and reference into conditions, once, before training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.models.contract import LatentModel
from pixwright.models.mini import TOKENS, features_of, tokens_of
from pixwright.records.instruction import Array

if TYPE_CHECKING:
    from pixwright.mllm.states import StateReader

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Readers:
    """The frozen encoders of a network: the ones that the editor uses too."""

    tokens: int
    """N, the tokens of a text."""
    width: int
    read: Callable[[Sequence[str]], Floats]
    """Texts -> (B, N, width)."""
    look: Callable[[Array], Floats] | None
    """A picture H x W x 3 uint8 -> (cells, feature_width); None where the network sees no references."""
    understand: Callable[[Sequence[str], Sequence[Array]], Floats] | None = None
    """Instructions and the pictures that they are about -> (B, N, width); None where the words are read by themselves."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the trained parts that what is read depends on, by name."""
    meant: Readers | None = None
    """How the network itself reads words, which another reader stands in for: what an instruction plainly means is read so."""


def mini_readers(encoders: Encoders | None = None) -> Readers:
    """MiniLM's tokens (32, 384) and EfficientNet-Lite2's grid of 4 x 4 cells (16, 1280); both come with the package."""
    bundle = encoders or Encoders()
    return Readers(
        TOKENS, 384, lambda texts: tokens_of(texts, bundle), lambda picture: features_of([picture], bundle)[0]
    )


def states_readers(reader: StateReader, meant: Readers) -> Readers:
    """The hidden states of a language model that sees (ReasonPix2Pix, equation 8), in place of the readers `meant`. Of texts alone only the empty one is read, which is
    what dropping leaves."""

    def read(texts: Sequence[str]) -> Floats:
        assert list(texts) == [""], "an instruction is read with its picture"
        return reader([("", None)]).numpy()

    def understand(texts: Sequence[str], pictures: Sequence[Array]) -> Floats:
        return np.asarray(reader(list(zip(texts, pictures, strict=True))).numpy())

    return Readers(reader.tokens, reader.width, read, None, understand, reader.digests, meant)


def readers_of(model: LatentModel) -> Readers:
    """Those of published weights."""
    blank = model.read([""]).tokens
    look = model.look
    return Readers(
        int(blank.shape[1]),
        int(blank.shape[2]),
        lambda texts: model.read(texts).tokens.float().cpu().numpy(),
        None if look is None else lambda picture: look([picture])[0].float().cpu().numpy(),
    )
