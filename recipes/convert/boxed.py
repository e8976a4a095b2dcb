"""The trained box decoder (torch) -> box_outline.onnx. Called by `python -m recipes.train.boxed write`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto
from recipes.convert.graph import Graph

from pixwright.encoders.boxed.frames import SIDE
from pixwright.encoders.picture import LEVELS
from pixwright.train.boxed.network import PLACE, TAPS, TINY, WIDTHS, BoxDecoder

NAMES = dict(zip((2, 4, 8, 16, 32), LEVELS, strict=True))


class Writer:
    """The decoder's arithmetic, operation by operation, as in `train.boxed.network`."""

    def __init__(self, decoder: BoxDecoder) -> None:
        self.graph = Graph()
        self._weights = {name: value.numpy() for name, value in decoder.state_dict().items()}
        self._count = 0

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        """A node with a name of its own."""
        self._count += 1
        return self.graph.add(kind, list(inputs), f"{kind.lower()}{self._count}", **attributes)

    def number(self, name: str, value: object, kind: type = np.float32) -> str:
        """A constant."""
        return self.graph.weight(name, np.array(value, kind), half=False)

    def conv(self, source: str, name: str, **attributes: object) -> str:
        """A convolution with the decoder's weights `name`."""
        kernel, bias = self._weights[name + ".weight"], self._weights[name + ".bias"]
        pad = kernel.shape[2] // 2
        groups = len(kernel) if kernel.shape[1] == 1 and len(kernel) > 1 else 1
        return self.graph.conv(
            source, name, kernel, bias, kernel_shape=[*kernel.shape[2:]], pads=[pad] * 4, group=groups
        )

    def sized(self, source: str, like: str) -> str:
        """Bilinear, to the height and width of another."""
        shape = self.op("Shape", like)
        sides = self.op("Slice", shape, self.number("two", [2], np.int64), self.number("four", [4], np.int64))
        head = self.op(
            "Slice", self.op("Shape", source), self.number("none", [0], np.int64), self.number("two", [2], np.int64)
        )
        return self.op(
            "Resize",
            source,
            "",
            "",
            self.op("Concat", head, sides, axis=0),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def pooled(self, source: str, times: int) -> str:
        """Means of squares."""
        return source if times == 1 else self.op("AveragePool", source, kernel_shape=[times] * 2, strides=[times] * 2)

    def blocks(self, x: str, stride: int) -> str:
        """The blocks of a stride."""
        number = 0
        while f"blocks.{stride}.{number}.near.weight" in self._weights:
            name = f"blocks.{stride}.{number}."
            inner = self.op("Relu", self.conv(self.conv(x, name + "near"), name + "mix1"))
            x = self.op("Add", x, self.conv(inner, name + "mix2"))
            number += 1
        return x

    def likeness(self, tap: str, guess: str, inside: str) -> list[str]:
        """The guess, and how much rather a place is like what it holds."""
        axes, tiny = self.number("across", [2, 3], np.int64), self.number("tiny", TINY)
        share = self.op("Sigmoid", guess)
        length = self.op(
            "Sqrt", self.op("Add", self.op("ReduceMean", self.op("Mul", tap, tap), axes=[1], keepdims=1), tiny)
        )
        unit = self.op("Div", tap, length)
        means = []
        for weight in (self.op("Mul", share, inside), self.op("Sub", self.number("one", 1.0), share)):
            total = self.op("Add", self.op("ReduceSum", weight, axes, keepdims=1), tiny)
            means.append(self.op("Div", self.op("ReduceSum", self.op("Mul", unit, weight), axes, keepdims=1), total))
        apart = self.op("Mul", unit, self.op("Sub", *means))
        return [guess, self.op("ReduceMean", apart, axes=[1], keepdims=1)]


def write_graph(decoder: BoxDecoder, target: Path) -> None:
    """The graph: features by stride, picture (1, SIDE, SIDE, 3) uint8, place (1, PLACE, SIDE / 2, SIDE / 2) -> odds (1, 1, SIDE / 2, SIDE / 2)."""
    w = Writer(decoder)
    x = w.op("Transpose", w.op("Cast", "picture", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    colours = w.op("Div", w.op("Sub", x, w.number("offset", 127.0)), w.number("range", 128.0))
    x, guess = w.op("Relu", w.conv(NAMES[32], "deep")), ""
    for stride in WIDTHS:
        tap, place = NAMES[stride], w.pooled("place", stride // 2)
        parts = [w.sized(x, tap), tap, place]
        if guess:
            inside = w.op(
                "Slice",
                place,
                w.number("none", [0], np.int64),
                w.number("first", [1], np.int64),
                w.number("first", [1], np.int64),
            )
            parts += [w.op("Concat", *w.likeness(tap, w.sized(guess, tap), inside), axis=1)]
        if stride == 2:
            parts.append(w.pooled(colours, 2))
        x = w.blocks(w.op("Relu", w.conv(w.op("Concat", *parts, axis=1), f"join.{stride}")), stride)
        if stride == 8:
            guess = w.conv(x, "guess")
    w.graph.add("Identity", [w.conv(x, "out")], "odds")
    half = SIDE // 2
    given = {NAMES[k]: (TensorProto.FLOAT, ["n", TAPS[k], SIDE // k, SIDE // k]) for k in TAPS}
    w.graph.save(
        target,
        {
            **given,
            "picture": (TensorProto.UINT8, ["n", SIDE, SIDE, 3]),
            "place": (TensorProto.FLOAT, ["n", PLACE, half, half]),
        },
        {"odds": ["n", 1, half, half]},
        "the outline of the thing in a box",
    )
