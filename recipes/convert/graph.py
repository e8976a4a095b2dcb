"""A small writer of ONNX graphs: nodes by name, weights stored in half precision and cast back when the session is made.

onnxruntime folds the casts when a session is created, so that all arithmetic is float32; only the file is small.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Graph:
    """Collects nodes and weights; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.known: set[str] = set()

    def weight(self, name: str, value: np.ndarray, half: bool = True) -> str:
        """A constant. Floats are stored as float16 unless `half` is false or they would overflow."""
        if name in self.known:
            return name
        self.known.add(name)
        if value.dtype.kind == "f" and half and np.abs(value).max(initial=0) < 60000:
            self.weights.append(numpy_helper.from_array(value.astype(np.float16), name + ".half"))
            return self.add("Cast", [name + ".half"], name, to=TensorProto.FLOAT)
        stored = value.astype(np.float32) if value.dtype.kind == "f" else value
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(stored), name))
        return name

    def add(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        """A node with one output, called `name`."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def conv(self, source: str, name: str, kernel: np.ndarray, bias: np.ndarray, **attributes: object) -> str:
        """A convolution; `kernel` (out, in/groups, kh, kw)."""
        inputs = [source, self.weight(name + ".kernel", kernel), self.weight(name + ".bias", bias, half=False)]
        return self.add("Conv", inputs, name, **attributes)

    def clip6(self, source: str, name: str) -> str:
        """ReLU6."""
        low = self.weight("zero", np.array(0.0, np.float32), half=False)
        high = self.weight("six", np.array(6.0, np.float32), half=False)
        return self.add("Clip", [source, low, high], name)

    def save(self, path: Path, inputs: dict[str, tuple[int, list]], outputs: dict[str, list], about: str) -> None:
        """Write the model; `inputs`: name -> (element type, shape), `outputs`: name -> shape (float32)."""
        graph = helper.make_graph(
            self.nodes,
            "pixwright",
            [helper.make_tensor_value_info(k, kind, shape) for k, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(k, TensorProto.FLOAT, shape) for k, shape in outputs.items()],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], doc_string=about)
        model.ir_version = 9
        onnx.checker.check_model(model, full_check=True)
        path.write_bytes(model.SerializeToString(deterministic=True))


def fold(kernel: np.ndarray, norm: dict[str, np.ndarray], eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Batch normalisation folded into the convolution before it: (kernel, bias), computed in float64."""
    scale = norm["weight"].astype(np.float64) / np.sqrt(norm["running_var"].astype(np.float64) + eps)
    bias = norm["bias"].astype(np.float64) - norm["running_mean"].astype(np.float64) * scale
    shape = (-1,) + (1,) * (kernel.ndim - 1)
    return (kernel.astype(np.float64) * scale.reshape(shape)).astype(np.float32), bias.astype(np.float32)
