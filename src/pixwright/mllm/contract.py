"""What the multi-modal language model is asked, and what it answers. No torch here: a system may be built on it, and tested, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
"""(W,) float32 of unit length, in the aligned encoder's space; W is that encoder's `width`."""

InputKind: TypeAlias = Literal["picture", "sound", "music"]


@dataclass(frozen=True, eq=False)
class Input:
    """A picture or a sound as the model meets it: its vector. Input 0 is the picture to be edited; input k is what `[k]` in the words names."""

    kind: InputKind
    vector: Vector
    label: str = ""
    """What a person would call it. The model does not see it: it is for messages and for those who look on."""


@dataclass(frozen=True, eq=False)
class Understanding:
    """What an instruction means: control tokens with their vectors, and what they retrieve (paper: section 3.1)."""

    base: int | None
    """The input to be edited; None where the model wrote no `[base]`: the result is a new picture."""
    subs: tuple[int, ...]
    """The inputs that shall appear in the result, in the order in which the model named them, none twice."""
    gen: Vector
    """The picture to be."""
    base_vector: Vector | None
    """What the model wrote for `[base]`, before retrieval; None without a `[base]`."""
    sub_vectors: tuple[Vector, ...]
    """The same for each `[sub]`. There may be more of them than `subs`, where there are fewer attachments."""
    text: str
    """All that the model wrote, control tokens included."""
    words: str
    """Caption of the picture to be, as the model wrote it; empty where it wrote none."""


class LanguageModel(Protocol):
    """A causal language model that reads interleaved words and vectors."""

    width: int
    """Length of the vectors that it takes and gives."""

    def understand(self, words: str, inputs: Sequence[Input]) -> Understanding:
        """Read an instruction. `words` name inputs as `[1]`, `[2]`, ...; what they do not name is put before them, the picture first.

        Raises `InvalidAttachment` for a number without an input, and for a vector of another width.
        """
        ...

    def answer(self, prompt: str, inputs: Sequence[Input] = ()) -> str:
        """What the model writes after `prompt`, greedily, in plain words. `answer("describe [0]", [picture])` is a caption of a 135 M model's quality.

        Raises as `understand`.
        """
        ...
