"""A published ONNX file as every network here needs it: opened by its member's name, fed by the names of its inputs, with pictures as it saw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from pixwright.encoders.lean import lean
from pixwright.encoders.parts.contract import Floats
from pixwright.encoders.published import open_tokenizer
from pixwright.errors import PartFailed
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session, session_errors
from pixwright.weights.store import path

SHOWN = 160
"""Characters of onnxruntime's reason that are told."""
_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(uint8)": np.uint8,
}
"""onnxruntime's names of element types."""


class PublishedGraph:
    """One graph. Stateless: may be run from several threads."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.inputs = {one.name: one for one in session.get_inputs()}
        self.outputs = [one.name for one in session.get_outputs()]

    @classmethod
    def of(cls, name: str, member: str) -> PublishedGraph:
        """A file of pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(open_session(name, member))

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any]) -> list[Any]:
        """The outputs by name. Feeds that the graph does not ask for are left out, the others get the element type that it wants.

        Raises `PartFailed` where it asks for more, has no such output, or cannot be run.
        """
        missing = [name for name in self.inputs if name not in feeds]
        if missing:
            raise PartFailed(f"the graph asks for {', '.join(missing)}")
        given: dict[str, Any] = {
            name: np.asarray(feeds[name], _TYPES.get(one.type, np.float32)) for name, one in self.inputs.items()
        }
        # onnxruntime checks names of outputs itself, by a plain ValueError.
        failures: tuple[type[Exception], ...] = (*session_errors(), ValueError, RuntimeError)
        try:
            return list(self._session.run(list(outputs), given, lean()))
        except failures as problem:
            raise PartFailed((str(problem).strip().splitlines() or [type(problem).__name__])[0][:SHOWN]) from problem

    def size(self, name: str, side: int) -> tuple[int, int]:
        """Height and width that a picture's input has, if the graph fixes them; else `side` for both."""
        shape = self.inputs[name].shape if name in self.inputs else []
        fixed = [n for n in shape[2:] if isinstance(n, int) and n > 0]
        return (fixed[0], fixed[1]) if len(fixed) == 2 else (side, side)


def tokenizer_of(name: str) -> Any:
    """The `tokenizers.Tokenizer` of pulled weights. Raises `WeightsCorrupt`."""
    return open_tokenizer(path(name))


def shown(picture: Array, height: int, width: int, mean: Sequence[float], std: Sequence[float]) -> Floats:
    """HxWx3 uint8 stretched to a size: (1, 3, height, width) float32, (x / 255 - mean) / std."""
    small = resized(np.ascontiguousarray(picture[..., :3]), height, width)
    values = (small.astype(np.float32) / 255 - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)


class WordsAndSight:
    """One graph that reads a phrase and looks at a picture. Stateless."""

    file = "onnx/model_quantized.onnx"

    def __init__(self, graph: PublishedGraph, tokenizer: Any) -> None:
        self._graph, self._tokenizer = graph, tokenizer

    @classmethod
    def load(cls, name: str) -> Self:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, cls.file), tokenizer_of(name))
