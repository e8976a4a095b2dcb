"""Two TensorFlow formats, TensorFlow.js graph models and TensorFlow Lite files, as one plain list of operations.

Only what the networks of `sight.py` use is read. Constants are decoded to float32 or integers; a TensorFlow Lite file's constants are taken
from its own interpreter, which has unpacked the half-precision and sparse ones.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DTYPES = {"float32": np.float32, "float16": np.float16, "int32": np.int32}
NAMES = {
    "Conv2D": "conv",
    "_FusedConv2D": "conv",
    "FusedDepthwiseConv2dNative": "depthwise",
    "AddV2": "add",
    "LeakyRelu": "leaky",
    "ConcatV2": "concat",
    "ResizeBilinear": "resize",
    "SplitV": "split",
    "PadV2": "pad",
    "CONV_2D": "conv",
    "DEPTHWISE_CONV_2D": "depthwise",
    "MAX_POOL_2D": "maxpool",
    "CONCATENATION": "concat",
    "RESIZE_BILINEAR": "resize",
    "DEPTH_TO_SPACE": "shuffle",
}


@dataclass(frozen=True)
class Op:
    """One operation: canonical `kind`, names of its inputs and outputs, and what shapes it (`stride`, `same`, `block`, ...)."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """Operations in running order; `constants` by name; `outputs` in the file's order."""

    ops: tuple[Op, ...]
    constants: dict[str, np.ndarray]
    source: str
    outputs: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)


def read_tfjs(description: bytes, binary: bytes) -> Network:
    """A TensorFlow.js graph model: model.json and its one weight file."""
    model = json.loads(description)
    constants, at = {}, 0
    for row in model["weightsManifest"][0]["weights"]:
        stored = DTYPES[row.get("quantization", row)["dtype"]]
        count = int(np.prod(row["shape"], dtype=int))
        value = np.frombuffer(binary, stored, count, at).reshape(row["shape"])
        constants[row["name"]] = value.astype(DTYPES[row["dtype"]])
        at += count * np.dtype(stored).itemsize
    assert at == len(binary), "the weight file is longer than its description"
    ops, source = [], ""
    for node in model["modelTopology"]["node"]:
        if node["op"] == "Placeholder":
            source = node["name"]
        elif node["op"] not in ("Const", "SparseToDense"):
            attributes = _tfjs_attributes(node.get("attr", {}))
            many = int(attributes.get("num_split", 1))
            outputs = (node["name"], *(f"{node['name']}:{i}" for i in range(1, many)))
            kind = NAMES.get(node["op"], node["op"].lower())
            if attributes.pop("clipped", False):
                inner = node["name"] + ".linear"
                ops.append(Op(kind, tuple(node["input"]), (inner,), attributes))
                ops.append(Op("relu6", (inner,), outputs))
            else:
                ops.append(Op(kind, tuple(node["input"]), outputs, attributes))
    last = tuple(o.outputs[0] for o in ops if o.kind == "identity")
    return Network(tuple(ops), constants, source, tuple(sorted(last)))


def _tfjs_attributes(rows: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if "strides" in rows:
        out["stride"] = int(rows["strides"]["list"]["i"][1])
    if "ksize" in rows:
        out["size"] = int(rows["ksize"]["list"]["i"][1])
    if "padding" in rows:
        out["same"] = base64.b64decode(rows["padding"]["s"]) == b"SAME"
    if "alpha" in rows:
        out["alpha"] = float(rows["alpha"]["f"])
    if "fused_ops" in rows:
        out["clipped"] = b"Relu6" in [base64.b64decode(s) for s in rows["fused_ops"]["list"]["s"]]
    if "half_pixel_centers" in rows:
        out["half"] = bool(rows["half_pixel_centers"]["b"])
    if "num_split" in rows:
        out["num_split"] = int(rows["num_split"]["i"])
    return out


def read_tflite(content: bytes, sample: np.ndarray) -> Network:
    """A TensorFlow Lite file; `sample` is any input, run once so that the interpreter unpacks the constants."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    from tflite.Model import Model

    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    interpreter.set_tensor(given["index"], sample)
    interpreter.invoke()
    model = Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    known: set[int] = {int(given["index"])}
    ops, constants = [], {}
    for i in range(graph.OperatorsLength()):
        node = graph.Operators(i)
        kind, attributes = _tflite_kind(model, node)
        inputs = [int(n) for n in node.InputsAsNumpy() if n >= 0]
        outputs = [int(n) for n in node.OutputsAsNumpy()]
        if kind in ("dequantize", "densify"):
            continue
        for n in inputs:
            if n not in known:
                constants[str(n)] = np.asarray(interpreter.get_tensor(n))
        known.update(outputs)
        last = str(outputs[0])
        activation = attributes.pop("activation", 0)
        inner = last + ".linear" if activation else last
        ops.append(Op(kind, tuple(map(str, inputs)), (inner, *map(str, outputs[1:])), attributes))
        if activation:
            ops.append(Op({1: "relu", 3: "relu6"}[activation], (inner,), (last,)))
    shapes = {str(i): tuple(graph.Tensors(i).ShapeAsNumpy()) for i in range(graph.TensorsLength())}
    last_ones = tuple(str(graph.Outputs(i)) for i in range(graph.OutputsLength()))
    return Network(tuple(ops), constants, str(given["index"]), last_ones, shapes)


def _tflite_kind(model: Any, node: Any) -> tuple[str, dict[str, Any]]:
    import tflite

    code = model.OperatorCodes(node.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    name = next(k for k, v in vars(tflite.BuiltinOperator).items() if v == number)
    options = {
        "CONV_2D": tflite.Conv2DOptions,
        "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
        "MAX_POOL_2D": tflite.Pool2DOptions,
        "ADD": tflite.AddOptions,
        "RESIZE_BILINEAR": tflite.ResizeBilinearOptions,
        "DEPTH_TO_SPACE": tflite.DepthToSpaceOptions,
        "CONCATENATION": tflite.ConcatenationOptions,
    }.get(name)
    out: dict[str, Any] = {}
    if options:
        read = options()
        table = node.BuiltinOptions()
        read.Init(table.Bytes, table.Pos)
        for ours, theirs in (
            ("stride", "StrideW"),
            ("activation", "FusedActivationFunction"),
            ("size", "FilterWidth"),
            ("half", "HalfPixelCenters"),
            ("block", "BlockSize"),
            ("axis", "Axis"),
        ):
            if hasattr(read, theirs):
                out[ours] = getattr(read, theirs)()
        if hasattr(read, "Padding"):
            out["same"] = read.Padding() == tflite.Padding.SAME
    return NAMES.get(name, name.lower()), out
