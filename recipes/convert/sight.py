"""Detectors: NanoDet-g (80 kinds of things), MediaPipe's face detector, face mesh and BlazePose, with golden outputs of the originals.

`python -m recipes.convert.sight`, with numpy, onnx, onnxruntime, opencv, scikit-image, tflite and ai-edge-litert installed.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import skimage.data
from onnx import TensorProto
from recipes.convert.carriers import member
from recipes.convert.graph import Graph
from recipes.convert.tf_graph import Network, read_tfjs, read_tflite
from recipes.convert.tf_onnx import Translator
from recipes.convert.tf_run import execute

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/pixwright/weights/data"
GOLDEN = ROOT / "tests/golden/encoders"
MEAN, SPREAD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
"""NanoDet's normalisation, in the order blue, green, red."""
HEADS = (("Identity", "Identity_3"), ("Identity_1", "Identity_4"), ("Identity_2", "Identity_5"))
"""NanoDet's outputs for strides 8, 16, 32: class probabilities and box distributions."""
POSE = {"outline": "Identity_1", "points": "Identity_2", "sure": "Identity_3"}
"""BlazePose's outputs that are kept: segmentation, 39 points of 5 numbers, whether there is a person."""
STRIDES = (8, 16, 32)


def begin(layout: str) -> Graph:
    """A graph that takes (n, h, w, 3) uint8 RGB and normalises it as NanoDet or as MediaPipe does."""
    g = Graph()
    x = g.add("Cast", ["picture"], "picture.float", to=TensorProto.FLOAT)
    x = g.add("Transpose", [x], "picture.turned", perm=[0, 3, 1, 2])
    if layout == "nanodet":
        order = g.weight("order", np.array([2, 1, 0], np.int64))
        x = g.add("Gather", [x, order], "picture.bgr", axis=1)
        x = g.add(
            "Sub", [x, g.weight("mean", np.array(MEAN, np.float32).reshape(1, 3, 1, 1), False)], "picture.centred"
        )
        g.add("Div", [x, g.weight("spread", np.array(SPREAD, np.float32).reshape(1, 3, 1, 1), False)], "picture.planes")
    elif layout == "signed":
        x = g.add("Div", [x, g.weight("half", np.array(127.5, np.float32), False)], "picture.scaled")
        g.add("Sub", [x, g.weight("one", np.array(1.0, np.float32), False)], "picture.planes")
    else:
        g.add("Div", [x, g.weight("full", np.array(255.0, np.float32), False)], "picture.planes")
    return g


def finish(g: Graph, outputs: dict[str, str], file: str, sides: list, about: str) -> None:
    """Name the outputs and save."""
    for name, stored in outputs.items():
        g.add("Identity", [stored], name)
    shapes = {name: ["n", f"{name}.c", f"{name}.h", f"{name}.w"] for name in outputs}
    g.save(DATA / file, {"picture": (TensorProto.UINT8, ["n", *sides, 3])}, shapes, about)


def run(file: str, picture: np.ndarray) -> dict[str, np.ndarray]:
    """The converted network's outputs."""
    session = onnxruntime.InferenceSession(str(DATA / file), providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, {"picture": picture[None]}), strict=True))


def nanodet(picture: np.ndarray) -> dict[str, np.ndarray]:
    """Convert, and return the original's outputs for the picture (416x416)."""
    base = "package/models/nanodet"
    network = read_tfjs(member("human", base + ".json"), member("human", base + ".bin"))
    given = ((picture[..., ::-1] - np.array(MEAN)) / np.array(SPREAD)).astype(np.float32).transpose(2, 0, 1)[None]
    values = execute(network, given)
    network.shapes.update({k: v.shape for k, v in values.items()})
    g = begin("nanodet")
    made = Translator(network, g, planes_last=False).run()
    outputs, golden = {}, {}
    for stride, (kinds, sides) in zip(STRIDES, HEADS, strict=True):
        for name, end, depth in ((f"kinds{stride}", kinds, 80), (f"sides{stride}", sides, 44)):
            before = reshaped(network, end)
            outputs[name] = made[before].stored
            golden[name] = values[before]
            assert golden[name].shape[1] == depth
    finish(g, outputs, "nanodet.onnx", ["h", "w"], "NanoDet-g, COCO, 80 classes")
    return golden


def pose(picture: np.ndarray) -> dict[str, np.ndarray]:
    """Convert BlazePose's landmark network (lite); return the original's outputs for the picture (256x256)."""
    base = "package/models/blazepose-lite"
    network = read_tfjs(member("human", base + ".json"), member("human", base + ".bin"))
    values = execute(network, picture.astype(np.float32)[None] / 255)
    network.shapes.update({k: v.shape for k, v in values.items()})
    g = begin("unsigned")
    made = Translator(network, g, planes_last=True).run()
    outputs, golden = {}, {}
    for name, end in POSE.items():
        before = reshaped(network, end)
        outputs[name] = made[before].stored
        golden[name] = values[before].transpose(0, 3, 1, 2)
    finish(g, outputs, "pose.onnx", list(picture.shape[:2]), "BlazePose lite: 39 points and the outline of one person")
    return golden


def reshaped(network: Network, end: str) -> str:
    """The value that an output's closing reshape and transposition start from."""
    makers = {o: op for op in network.ops for o in op.outputs}
    while end in makers and makers[end].kind in ("identity", "transpose", "reshape"):
        end = makers[end].inputs[0]
    return end


def mediapipe(path: str, file: str, layout: str, names: dict[int, str], picture: np.ndarray) -> dict[str, np.ndarray]:
    """Convert a TensorFlow Lite file; return the original's outputs for the picture by litert. `names`: of its outputs, by their depth."""
    content = member("mediapipe", f"mediapipe/modules/{path}.tflite")
    scaled = picture.astype(np.float32)[None] / 255
    given = scaled * 2 - 1 if layout == "signed" else scaled
    network = read_tflite(content, given)
    g = begin(layout)
    made = Translator(network, g, planes_last=True, lite=True).run()
    outputs, golden = {}, {}
    for end, value in zip(network.outputs, litert(content, given), strict=True):
        name = names[value.shape[-1]]
        outputs[name] = made[reshaped(network, end)].stored
        side = round((value.size / value.shape[-1]) ** 0.5)
        golden[name] = value.reshape(1, side, side, -1).transpose(0, 3, 1, 2)
    finish(g, outputs, file, list(picture.shape[:2]), path)
    return golden


def litert(content: bytes, given: np.ndarray) -> list[np.ndarray]:
    """The original, run by its own interpreter."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], given)
    interpreter.invoke()
    return [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]


def main() -> None:
    astronaut = skimage.data.astronaut()
    face = astronaut[50:200, 155:305]
    inputs = {
        "pose": cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA),
        "nanodet": cv2.resize(astronaut, (416, 416), interpolation=cv2.INTER_AREA),
        "face_finder": cv2.resize(astronaut, (192, 192), interpolation=cv2.INTER_AREA),
        "face_mesh": cv2.resize(face, (192, 192), interpolation=cv2.INTER_LINEAR),
    }
    golden = {
        "pose": pose(inputs["pose"]),
        "nanodet": nanodet(inputs["nanodet"]),
        "face_finder": mediapipe(
            "face_detection/face_detection_full_range_sparse",
            "face_finder.onnx",
            "signed",
            {1: "faces", 16: "frames"},
            inputs["face_finder"],
        ),
        "face_mesh": mediapipe(
            "face_landmark/face_landmark",
            "face_mesh.onnx",
            "unsigned",
            {1: "sure", 1404: "points"},
            inputs["face_mesh"],
        ),
    }
    stored = {}
    for network, values in golden.items():
        made = run(f"{network}.onnx", inputs[network])
        for name, value in values.items():
            loss = float(np.abs(made[name] - value).max())
            print(f"{network:12} {name:8} {value.shape} range {value.min():.3f}..{value.max():.3f} loss {loss:.5f}")
            stored[f"{network}.{name}"] = value.astype(np.float16)
    np.savez_compressed(GOLDEN / "sight.npz", **stored)


if __name__ == "__main__":
    main()
