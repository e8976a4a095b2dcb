"""A TensorFlow network (`tf_graph.Network`) to ONNX, without a transposition left in it.

TensorFlow's planes lie last, ONNX's second. Every value is therefore kept as a stored tensor and the permutation that would make it
what the original calls it: a transposition in the original only changes that permutation. Paddings wait for the convolution or
pooling after them, and biases join the convolution before them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from onnx import helper
from recipes.convert.graph import Graph
from recipes.convert.tf_graph import Network, Op

LAST = (0, 2, 3, 1)
"""Stored with planes second, called with planes last."""
PLAIN = (0, 1, 2, 3)


@dataclass(frozen=True)
class Value:
    """`called = stored.transpose(view)`; `pad` (4, 2) in stored order is still to be done."""

    stored: str
    view: tuple[int, ...] = PLAIN
    pad: np.ndarray | None = None


class Translator:
    """Adds a network's operations to a graph."""

    def __init__(self, network: Network, graph: Graph, planes_last: bool, lite: bool = False) -> None:
        self.network, self.graph = network, graph
        self.values = {network.source: Value("picture.planes", LAST if planes_last else PLAIN)}
        self.lite = lite

    def run(self) -> dict[str, Value]:
        """Translate everything up to the reshapes at the end, which are left to the reader; returns all values."""
        for op in self.network.ops:
            if all(i in self.values or i in self.network.constants for i in op.inputs):
                getattr(self, op.kind, self.unknown)(op)
        return self.values

    def unknown(self, op: Op) -> None:
        raise SystemExit(f"no rule for {op.kind}")

    def constant(self, name: str) -> np.ndarray:
        return self.network.constants[name]

    def node(self, kind: str, inputs: list[str], op: Op, **attributes: object) -> str:
        return self.graph.add(kind, inputs, "v." + op.outputs[0], **attributes)

    def settled(self, name: str) -> Value:
        """The value with its padding done."""
        value = self.values[name]
        if value.pad is None:
            return value
        pads = self.graph.weight(value.stored + ".pads", value.pad.T.ravel().astype(np.int64))
        done = self.graph.add("Pad", [value.stored, pads], value.stored + ".padded")
        self.values[name] = replace(value, stored=done, pad=None)
        return self.values[name]

    def pad(self, op: Op) -> None:
        value = self.values[op.inputs[0]]
        stored = np.zeros((4, 2), np.int64)
        for called, axis in enumerate(value.view):
            stored[axis] = self.constant(op.inputs[1])[called]
        self.values[op.outputs[0]] = replace(value, pad=stored)

    def transpose(self, op: Op) -> None:
        value = self.values[op.inputs[0]]
        turn = self.constant(op.inputs[1])
        if len(turn) == 4:
            self.values[op.outputs[0]] = replace(value, view=tuple(value.view[i] for i in turn))

    def reshape(self, op: Op) -> None:
        """Only the output's shape: the value ends here."""

    def identity(self, op: Op) -> None:
        self.values[op.outputs[0]] = self.values[op.inputs[0]]

    def window(self, value: Value, op: Op) -> dict[str, object]:
        out: dict[str, object] = {"strides": [op.attributes["stride"]] * 2}
        if op.attributes.get("same"):
            assert value.pad is None, "padded twice"
            out["auto_pad"] = "SAME_UPPER"
        elif value.pad is not None:
            (top, bottom), (left, right) = value.pad[2:]
            out["pads"] = [int(top), int(left), int(bottom), int(right)]
        return out

    def weighted(self, op: Op, kernel: np.ndarray, group: int) -> None:
        value = self.values[op.inputs[0]]
        assert value.view == LAST
        if value.pad is not None and value.pad[1].any():
            value = self.settled(op.inputs[0])
        name = "v." + op.outputs[0]
        inputs = [value.stored, self.graph.weight(name + ".kernel", np.ascontiguousarray(kernel))]
        if len(op.inputs) > 2:
            inputs.append(self.graph.weight(name + ".bias", self.constant(op.inputs[2]), half=False))
        self.node("Conv", inputs, op, group=group, kernel_shape=list(kernel.shape[2:]), **self.window(value, op))
        self.values[op.outputs[0]] = Value(name, LAST)

    def conv(self, op: Op) -> None:
        kernel = self.constant(op.inputs[1])
        self.weighted(op, kernel.transpose((0, 3, 1, 2) if self.lite else (3, 2, 0, 1)), 1)

    def depthwise(self, op: Op) -> None:
        kernel = self.constant(op.inputs[1])
        turned = kernel.transpose((3, 0, 1, 2) if self.lite else (2, 3, 0, 1))
        self.weighted(op, turned, len(turned))

    def maxpool(self, op: Op) -> None:
        value = self.values[op.inputs[0]]
        size = op.attributes["size"]
        name = self.node("MaxPool", [value.stored], op, kernel_shape=[size, size], **self.window(value, op))
        self.values[op.outputs[0]] = Value(name, value.view)

    def add(self, op: Op) -> None:
        first, second = op.inputs
        if second in self.network.constants:
            conv = next(n for n in self.graph.nodes if n.output[0] == self.values[first].stored)
            assert conv.op_type == "Conv" and len(conv.input) == 2
            conv.input.append(self.graph.weight(conv.name + ".bias", self.constant(second), half=False))
            # The cast of a weight must stand before the node that reads it.
            self.graph.nodes.remove(conv)
            self.graph.nodes.append(conv)
            self.values[op.outputs[0]] = self.values[first]
            return
        a, b = self.settled(first), self.settled(second)
        assert a.view == b.view
        self.values[op.outputs[0]] = Value(self.node("Add", [a.stored, b.stored], op), a.view)

    def simple(self, op: Op, kind: str, *weights: str, **attributes: object) -> None:
        value = self.settled(op.inputs[0])
        name = self.node(kind, [value.stored, *weights], op, **attributes)
        self.values[op.outputs[0]] = Value(name, value.view)

    def relu(self, op: Op) -> None:
        self.simple(op, "Relu")

    def relu6(self, op: Op) -> None:
        value = self.settled(op.inputs[0])
        self.values[op.outputs[0]] = Value(self.graph.clip6(value.stored, "v." + op.outputs[0]), value.view)

    def sigmoid(self, op: Op) -> None:
        self.simple(op, "Sigmoid")

    def leaky(self, op: Op) -> None:
        self.simple(op, "LeakyRelu", alpha=op.attributes["alpha"])

    def prelu(self, op: Op) -> None:
        slope = self.constant(op.inputs[1]).reshape(-1, 1, 1)
        self.simple(op, "PRelu", self.graph.weight(f"v.{op.outputs[0]}.slope", slope))

    def concat(self, op: Op) -> None:
        *names, axis = op.inputs
        if "axis" in op.attributes:
            names, called = list(op.inputs), op.attributes["axis"]
        else:
            called = int(self.constant(axis))
        values = [self.settled(n) for n in names]
        name = self.node("Concat", [v.stored for v in values], op, axis=values[0].view[called])
        self.values[op.outputs[0]] = Value(name, values[0].view)

    def split(self, op: Op) -> None:
        value = self.settled(op.inputs[0])
        sizes = self.constant(op.inputs[1]).astype(np.int64)
        names = ["v." + o for o in op.outputs]
        axis = value.view[int(self.constant(op.inputs[2]))]
        inputs = [value.stored, self.graph.weight(names[0] + ".sizes", sizes)]
        self.graph.nodes.append(helper.make_node("Split", inputs, names, axis=axis))
        self.values.update({o: Value(n, value.view) for o, n in zip(op.outputs, names, strict=True)})

    def resize(self, op: Op) -> None:
        """By a factor instead of to a size, so that other input sizes work; half-pixel centres, linear."""
        assert op.attributes.get("half"), "resize without half-pixel centres"
        value = self.settled(op.inputs[0])
        before = self.network.shapes[op.inputs[0]][1]
        factor = float(self.constant(op.inputs[1])[0]) / float(before)
        scales = self.graph.weight(f"scale.{factor}", np.array([1, 1, factor, factor], np.float32), half=False)
        name = self.node(
            "Resize", [value.stored, "", scales], op, mode="linear", coordinate_transformation_mode="half_pixel"
        )
        self.values[op.outputs[0]] = Value(name, value.view)

    def shuffle(self, op: Op) -> None:
        self.simple(op, "DepthToSpace", blocksize=op.attributes["block"], mode="DCR")
