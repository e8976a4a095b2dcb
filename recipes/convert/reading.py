"""PP-OCRv6 (small, ONNX) detector and recogniser with their weights in half precision, and golden outputs.

The graphs stay as they are; every large float32 constant becomes float16 with a cast, which the session folds away.
`python -m recipes.convert.reading`.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from recipes.convert.carriers import member

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/pixwright/weights/data"
GOLDEN = ROOT / "tests/golden/encoders"
MODELS = {"ppocr_det": "PP-OCRv6_det_small", "ppocr_rec": "PP-OCRv6_rec_small"}
SMALL = 64
"""Constants of at most this many values stay float32: they cost nothing and hold scales and exponents."""


def halve(model: onnx.ModelProto) -> None:
    """Store the large float32 constants as float16, in place."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        value = numpy_helper.to_array(tensor)
        if value.size <= SMALL or np.abs(value).max() > 60000:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], name=name + ".cast", to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def sample(height: int, width: int) -> np.ndarray:
    """A drawn line of text as the networks take it: (1, 3, height, width) float32 in [-1, 1]."""
    page = np.full((height, width, 3), 255, np.uint8)
    scale = height / 40 if height < 64 else 1.5
    cv2.putText(
        page, "Open 24 hours", (8, height * 7 // 10), cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 40, 90), 2, cv2.LINE_AA
    )
    return (page.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    """The network's one output."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def main() -> None:
    inputs = {"ppocr_det": sample(160, 480), "ppocr_rec": sample(48, 320)}
    golden = {}
    for name, source in MODELS.items():
        content = member("rapidocr", f"rapidocr/models/{source}.onnx")
        model = onnx.load_from_string(content)
        halve(model)
        (DATA / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
        out = run(content, inputs[name])
        golden[name + "_input"] = ((inputs[name] + 1) * 127.5).round().astype(np.uint8)
        if name == "ppocr_det":
            golden[name] = out.astype(np.float16)
        else:
            golden[name + "_best"], golden[name + "_probability"] = out.argmax(2), out.max(2)
    np.savez_compressed(GOLDEN / "reading.npz", **golden)


if __name__ == "__main__":
    main()
