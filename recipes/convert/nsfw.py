"""A classifier of indecent pictures: nsfwjs's MobileNetV2 (Laborde 2019, MIT), five classes.

`python -m recipes.convert.nsfw`, with numpy, onnx and onnxruntime installed, and node, which reads the carrier's JavaScript. The weights stay as published, 8 bits each; they are brought to
float32 when the session is made. `--golden DIR` (a folder with @tensorflow/tfjs installed by npm) writes what TensorFlow.js itself answers, for the tests.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from onnx import TensorProto, numpy_helper
from PIL import Image
from recipes.convert.carriers import member
from recipes.convert.graph import Graph

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "src/pixwright/weights/data/nsfw.onnx"
GOLDEN = ROOT / "tests/golden/encoders/nsfw.json"
MODEL = "package/dist/models/mobilenet_v2"
SIDE = 224
PICTURES = ("chelsea", "astronaut", "coffee")


def javascript(name: str) -> str:
    """What a module of the carrier exports, as JSON."""
    with tempfile.NamedTemporaryFile(suffix=".js") as file:
        file.write(member("nsfw", f"{MODEL}/{name}.min.js"))
        file.flush()
        return subprocess.run(
            ["node", "-p", f"JSON.stringify(require({file.name!r}))"], check=True, capture_output=True, text=True
        ).stdout


class Net(Graph):
    """Layers of Keras as nodes, in NCHW."""

    def __init__(self, model: dict[str, Any], binary: bytes) -> None:
        super().__init__()
        self.stored: dict[str, tuple[np.ndarray, float, float]] = {}
        at = 0
        for row in model["weightsManifest"][0]["weights"]:
            size = int(np.prod(row["shape"]))
            values = np.frombuffer(binary, np.uint8, size, at).reshape(row["shape"])
            self.stored[row["name"]] = values, row["quantization"]["scale"], row["quantization"]["min"]
            at += size
        assert at == len(binary)

    def real(self, name: str) -> np.ndarray:
        """Weights in float32."""
        values, scale, low = self.stored[name]
        return (values * np.float64(scale) + low).astype(np.float32)

    def packed(self, name: str, order: tuple[int, ...]) -> str:
        """Weights in 8 bits, with what brings them to float32; onnxruntime does that once."""
        values, scale, low = self.stored[name]
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values.transpose(order)), name + ".bytes"))
        there = self.add("Cast", [name + ".bytes"], name + ".cast", to=TensorProto.FLOAT)
        step = self.weight(name + ".scale", np.array(scale, np.float32), half=False)
        least = self.weight(name + ".min", np.array(low, np.float32), half=False)
        return self.add("Add", [self.add("Mul", [there, step], name + ".step"), least], name + ".real")

    def layer(self, kind: str, config: dict[str, Any], given: list[str]) -> str:
        """One layer; dropout does nothing when a network is used."""
        name, source = config["name"], given[0]
        match kind:
            case "Dropout":
                return source
            case "ZeroPadding2D":
                (top, bottom), (left, right) = config["padding"]
                pads = self.weight(name + ".pads", np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
                return self.add("Pad", [source, pads], name)
            case "Conv2D" | "DepthwiseConv2D":
                deep = kind == "DepthwiseConv2D"
                weight = name + ("/depthwise_kernel" if deep else "/kernel")
                kernel = self.packed(weight, (2, 3, 0, 1) if deep else (3, 2, 0, 1))
                side = config["kernel_size"][0]
                even = config["padding"] == "same"
                assert not even or config["strides"] == [1, 1]
                inputs = [source, kernel]
                if config["use_bias"]:
                    inputs.append(self.weight(name + ".bias", self.real(name + "/bias"), half=False))
                return self.add(
                    "Conv",
                    inputs,
                    name,
                    strides=config["strides"],
                    pads=[side // 2 if even else 0] * 4,
                    group=self.stored[weight][0].shape[2] if deep else 1,
                )
            case "BatchNormalization":
                parts = ("gamma", "beta", "moving_mean", "moving_variance")
                rest = [self.weight(f"{name}.{one}", self.real(f"{name}/{one}"), half=False) for one in parts]
                return self.add("BatchNormalization", [source, *rest], name, epsilon=config["epsilon"])
            case "ReLU":
                return self.clip6(source, name)
            case "Add":
                return self.add("Add", given, name)
            case "AveragePooling2D":
                return self.add(
                    "AveragePool", [source], name, kernel_shape=config["pool_size"], strides=config["strides"]
                )
            case "Flatten":
                channels_last = self.add("Transpose", [source], name + ".last", perm=[0, 2, 3, 1])
                return self.add("Flatten", [channels_last], name)
            case "Dense":
                bias = self.weight(name + ".bias", self.real(name + "/bias"), half=False)
                dense = self.add("Gemm", [source, self.packed(name + "/kernel", (0, 1)), bias], name + ".dense")
                return self.add("Relu" if config["activation"] == "relu" else "Softmax", [dense], name)
        raise ValueError(f"layer {kind} is not known")


def convert() -> None:
    """Write the ONNX file: picture (1, 224, 224, 3) uint8 -> (1, 5) probabilities."""
    net = Net(json.loads(javascript("model")), base64.b64decode(json.loads(javascript("group1-shard1of1"))))
    model = json.loads(javascript("model"))["modelTopology"]["model_config"]["config"]
    real = net.add("Cast", ["picture"], "real", to=TensorProto.FLOAT)
    scaled = net.add("Div", [real, net.weight("full", np.array(255, np.float32), half=False)], "scaled")
    made = {model["input_layers"][0][0]: net.add("Transpose", [scaled], "planes", perm=[0, 3, 1, 2])}
    for row in model["layers"]:
        name = row["config"]["name"]
        if name not in made:
            made[name] = net.layer(row["class_name"], row["config"], [made[one[0]] for one in row["inbound_nodes"][0]])
    net.add("Identity", [made[model["output_layers"][0][0]]], "likelihoods")
    net.save(
        TARGET,
        {"picture": (TensorProto.UINT8, [1, SIDE, SIDE, 3])},
        {"likelihoods": [1, 5]},
        "nsfwjs 4.3.0, mobilenet_v2",
    )
    print(TARGET, TARGET.stat().st_size)


def golden(folder: Path) -> None:
    """Write TensorFlow.js's answers for a few pictures."""
    rows = {}
    for name in PICTURES:
        picture = Image.fromarray(getattr(skimage.data, name)()[..., :3]).resize(
            (SIDE, SIDE), Image.Resampling.BILINEAR
        )
        (folder / "picture.bin").write_bytes(np.asarray(picture).tobytes())
        (folder / "model.json").write_text(javascript("model"))
        (folder / "group.bin").write_bytes(base64.b64decode(json.loads(javascript("group1-shard1of1"))))
        script = """
            const tf = require("@tensorflow/tfjs"), fs = require("fs");
            const told = JSON.parse(fs.readFileSync("model.json")), bytes = fs.readFileSync("group.bin");
            const load = async () => ({modelTopology: told.modelTopology, weightSpecs: told.weightsManifest[0].weights,
                weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)});
            (async () => {
                const model = await tf.loadLayersModel({load});
                const input = tf.tensor(new Uint8Array(fs.readFileSync("picture.bin")), [1, 224, 224, 3], "float32").div(255);
                console.log(JSON.stringify(Array.from(await model.predict(input).data())));
            })();
        """
        out = subprocess.run(["node", "-e", script], cwd=folder, check=True, capture_output=True, text=True).stdout
        rows[name] = json.loads(out.strip().splitlines()[-1])
    GOLDEN.write_text(json.dumps(rows, indent=1) + "\n")
    print(GOLDEN)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", type=Path)
    asked = parser.parse_args()
    convert()
    if asked.golden is not None:
        golden(asked.golden)
