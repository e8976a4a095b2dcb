"""IS-Net, general use (Qin et al. 2022, "Highly accurate dichotomous image segmentation"): the outline of what stands out in a picture or a crop.

`python -m recipes.convert.segmenter`, with numpy, onnx, onnxruntime, opencv-python-headless and scikit-image installed, after `python recipes/photos.py`. The carrier holds
the network as chunks that are joined in order. What it casts to half precision is undone, eleven of its twelve outputs are cut off, its sides become free, and it is
quantised: weights and activations in 8 bits. Golden outputs of the network before that go to the tests.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import skimage.data
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import create_calibrator
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.quant_utils import load_model_with_shape_infer
from recipes.convert.carriers import member

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "src/pixwright/weights/data/isnet.onnx"
GOLDEN = ROOT / "tests/golden/encoders"
SIZE = 88_188_479
"""Bytes of the published file."""
OPS = ["Conv", "Concat", "MaxPool", "Resize", "Add"]
CALIBRATED = 384
"""Side, in pixels, at which the ranges of the activations are measured."""


def published() -> bytes:
    """The carrier's ONNX file, joined."""
    listing = json.loads(member("background-removal", "package/dist/resources.json"))
    chunks = sorted(listing["/models/medium"]["chunks"], key=lambda chunk: chunk["offsets"][0])
    content = b"".join(member("background-removal", f"package/dist/{chunk['hash']}") for chunk in chunks)
    assert len(content) == SIZE
    return content


def plain(model: onnx.ModelProto) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray], str]:
    """The nodes that lead to the first output, without casts, the weights as float32, and the name of the first output's value."""
    renamed = {n.output[0]: n.input[0] for n in model.graph.node if n.op_type == "Cast"}

    def source(name: str) -> str:
        while name in renamed:
            name = renamed[name]
        return name

    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node if n.op_type != "Cast"]
    for node in nodes:
        node.input[:] = [source(name) for name in node.input]
    end = source(model.graph.output[0].name)
    nodes = free_sides(nodes)
    makers = {name: node for node in nodes for name in node.output}
    needed, waiting = set[str](), [end]
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.output[0] not in needed:
            needed.add(node.output[0])
            waiting += node.input
    kept = [node for node in nodes if node.output[0] in needed]
    used = {name for node in kept for name in node.input}
    weights = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer if w.name in used}
    return kept, {k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in weights.items()}, end


def free_sides(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The published graph enlarges to sizes of a picture of 1024x1024; here, to the size of what the enlarged is joined with, the last to the input's."""
    joined = {name: node for node in nodes if node.op_type == "Concat" for name in node.input}
    out = []
    for node in nodes:
        if node.op_type == "Resize":
            name = node.output[0]
            other = next((i for i in joined[name].input if i != name), "input") if name in joined else "input"
            for part, (origin, first, last) in {"depth": (node.input[0], 0, 2), "sides": (other, 2, 4)}.items():
                out.append(helper.make_node("Shape", [origin], [f"{name}.{part}"], start=first, end=last))
            out.append(helper.make_node("Concat", [f"{name}.depth", f"{name}.sides"], [f"{name}.size"], axis=0))
            node.input[3] = f"{name}.size"
        out.append(node)
    return out


def assemble(nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], end: str) -> onnx.ModelProto:
    """A float32 model from (1, h, w, 3) uint8 to (1, 1, h, w) float32."""
    head = [
        helper.make_node("Cast", ["picture"], ["picture.float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["picture.float"], ["picture.planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Sub", ["picture.planes", "half"], ["picture.centred"]),
        helper.make_node("Div", ["picture.centred", "full"], ["input"]),
    ]
    stored = [numpy_helper.from_array(np.float32(128), "half"), numpy_helper.from_array(np.float32(256), "full")]
    graph = helper.make_graph(
        [*head, *nodes, helper.make_node("Identity", [end], ["outline"])],
        "isnet",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, "h", "w", 3])],
        [helper.make_tensor_value_info("outline", TensorProto.FLOAT, [1, 1, "h", "w"])],
        stored + [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], doc_string="IS-Net, general use")
    model.ir_version = 9
    return model


def shown(picture: np.ndarray, side: int) -> np.ndarray:
    """(1, side, side, 3) uint8."""
    return np.ascontiguousarray(cv2.resize(picture[..., :3], (side, side), interpolation=cv2.INTER_AREA)[None])


def quantise(source: Path, target: Path, pictures: list[np.ndarray]) -> None:
    """Static 8 bits: kernels by output channel, activations by the range that holds 99.995 % of what the pictures give."""
    calibrator = create_calibrator(
        source, OPS, calibrate_method=CalibrationMethod.Percentile, extra_options={"percentile": 99.995}
    )
    for picture in pictures:
        calibrator.collect_data(_Pictures([picture]))
    model = load_model_with_shape_infer(source)
    # The last convolution gives the outline itself: it stays in float32, since every rounding there is seen.
    kept = [node.name for node in model.graph.node if node.name.startswith("/side")]
    quantiser = QDQQuantizer(
        model, True, False, QuantType.QInt8, QuantType.QUInt8, calibrator.compute_data(), [], kept, OPS, {}
    )
    quantiser.quantize_model()
    target.write_bytes(quantiser.model.model.SerializeToString(deterministic=True))


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self._left, None)
        return None if picture is None else {"picture": shown(picture, CALIBRATED)}


def run(content: bytes, name: str, given: np.ndarray) -> np.ndarray:
    """The first output, (h, w)."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([session.get_outputs()[0].name], {name: given})[0][0, 0])


def main() -> None:
    content = published()
    nodes, weights, end = plain(onnx.load_from_string(content))
    whole = assemble(nodes, weights, end).SerializeToString(deterministic=True)
    cat = skimage.data.chelsea()
    original = run(content, "input", ((shown(cat, 1024).astype(np.float32) - 128) / 256).transpose(0, 3, 1, 2))
    freed = run(whole, "picture", shown(cat, 1024))
    print("largest difference to the published network at 1024 px:", np.abs(original - freed).max())
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "whole.onnx"
        source.write_bytes(whole)
        photos = sorted((ROOT / ".cache" / "photos").iterdir())[::8]
        quantise(source, TARGET, [cv2.imread(str(p))[..., ::-1] for p in photos])
    golden = {}
    for name in ("chelsea", "coffee", "astronaut", "rocket"):
        picture = getattr(skimage.data, name)()
        golden[name] = np.round(255 * run(whole, "picture", shown(picture, CALIBRATED))).astype(np.uint8)
    np.savez_compressed(GOLDEN / "segmenter.npz", **golden)


if __name__ == "__main__":
    main()
