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


def _under(op: Op, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """(1, h, w, c, kh, kw): what the kernel lies on at each step; "same" padding as TensorFlow defines it."""
    stride = op.attributes["stride"]
    if op.attributes.get("same"):
        need = [
            max((-(-n // stride) - 1) * stride + k - n, 0) for n, k in zip(x.shape[1:3], kernel.shape, strict=False)
        ]
        x = np.pad(x, [(0, 0), *((n // 2, n - n // 2) for n in need), (0, 0)])
    return _windows(x, *kernel.shape[:2], stride)


def _conv(op: Op, x: np.ndarray, kernel: np.ndarray, *bias: np.ndarray) -> np.ndarray:
    seen = _under(op, x, kernel)
    flat = np.ascontiguousarray(seen.transpose(0, 1, 2, 4, 5, 3)).reshape(-1, int(np.prod(kernel.shape[:3])))
    out = (flat @ kernel.reshape(-1, kernel.shape[-1])).reshape(*seen.shape[:3], -1)
    return out + bias[0] if bias else out


def _depthwise(op: Op, x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.einsum("nhwcij,ijc->nhwc", _under(op, x, kernel), kernel[..., 0], optimize=True) + bias


def _resize(op: Op, x: np.ndarray, size: np.ndarray) -> np.ndarray:
    return cv2.resize(x[0], (int(size[1]), int(size[0])), interpolation=cv2.INTER_LINEAR)[None]


def _leaky(op: Op, x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.float32(op.attributes["alpha"]) * x)


RULES = {
    "pad": lambda op, x, pads, *fill: np.pad(x, pads, constant_values=fill[0] if fill else 0),
    "transpose": lambda op, x, turn: x.transpose(turn),
    "conv": _conv,
    "depthwise": _depthwise,
    "relu6": lambda op, x: np.clip(x, 0, 6),
    "reshape": lambda op, x, shape: x.reshape(shape),
    "add": lambda op, a, b: a + b,
    "leaky": _leaky,
    "maxpool": lambda op, x: _windows(x, *(op.attributes["size"],) * 2, op.attributes["stride"]).max((-2, -1)),
    "concat": lambda op, *parts: np.concatenate(parts[:-1], int(parts[-1])),
    "resize": _resize,
    "split": lambda op, x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], int(axis)),
    "sigmoid": lambda op, x: 1 / (1 + np.exp(-x)),
    "identity": lambda op, x: x,
}
