"""A TensorFlow.js graph model in NumPy, operation by operation as the file has them: what the converted network is compared with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from recipes.convert.tf_graph import Network, Op


def execute(network: Network, given: np.ndarray) -> dict[str, np.ndarray]:
    """Every value of the network for one input, float32. Operations that only compute shapes must be constants."""
    values = dict(network.constants) | {network.source: given}
    for op in network.ops:
        if all(i in values for i in op.inputs):
            outs = RULES[op.kind](op, *(values[i] for i in op.inputs))
            values.update(zip(op.outputs, outs if isinstance(outs, list) else [outs], strict=True))
    return values


def _windows(x: np.ndarray, rows: int, columns: int, stride: int) -> np.ndarray:
    return sliding_window_view(x, (rows, columns), (1, 2))[:, ::stride, ::stride]


def _conv(op: Op, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    rows, columns = kernel.shape[:2]
    seen = _windows(x, rows, columns, op.attributes["stride"])
    flat = np.ascontiguousarray(seen.transpose(0, 1, 2, 4, 5, 3)).reshape(-1, int(np.prod(kernel.shape[:3])))
    return (flat @ kernel.reshape(-1, kernel.shape[-1])).reshape(*seen.shape[:3], -1)


def _resize(op: Op, x: np.ndarray, size: np.ndarray) -> np.ndarray:
    return cv2.resize(x[0], (int(size[1]), int(size[0])), interpolation=cv2.INTER_LINEAR)[None]


def _leaky(op: Op, x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.float32(op.attributes["alpha"]) * x)


RULES = {
    "pad": lambda op, x, pads, *fill: np.pad(x, pads, constant_values=fill[0] if fill else 0),
    "transpose": lambda op, x, turn: x.transpose(turn),
    "conv": _conv,
    "add": lambda op, a, b: a + b,
    "leaky": _leaky,
    "maxpool": lambda op, x: _windows(x, *(op.attributes["size"],) * 2, op.attributes["stride"]).max((-2, -1)),
    "concat": lambda op, *parts: np.concatenate(parts[:-1], int(parts[-1])),
    "resize": _resize,
    "split": lambda op, x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], int(axis)),
    "sigmoid": lambda op, x: 1 / (1 + np.exp(-x)),
    "identity": lambda op, x: x,
}
