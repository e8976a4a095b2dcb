"""musicnn, MTT and MSD (TensorFlow V2 checkpoints) -> musicnn_mtt.onnx, musicnn_msd.onnx, and golden outputs.

The graph follows musicnn's description (Pons & Serra 2019, "musicnn: pre-trained convolutional neural networks for music audio tagging"):
timbral and temporal convolutions, three dense layers of 64, max and mean over time, 200 units, 50 tags. `python -m recipes.convert.music`.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto
from recipes.convert.carriers import member
from recipes.convert.graph import Graph
from recipes.convert.picture import DATA, GOLDEN
from recipes.convert.tf_checkpoint import read

EPS = 1e-3
"""Of every batch normalisation."""
TIMBRAL, TEMPORAL = (0, 1), (2, 3, 4)
"""Numbers of the front-end's convolutions; normalisation i + 1 follows convolution i."""


def state(kind: str) -> dict[str, np.ndarray]:
    """The network's tensors, without the optimiser's."""
    folder = f"musicnn/{kind}_musicnn/"
    tensors = read(member("musicnn", folder + ".index"), member("musicnn", folder + ".data-00000-of-00001"))
    return {k: v for k, v in tensors.items() if "Adam" not in k and "_power" not in k}


def norm_name(i: int) -> str:
    """TensorFlow's name of normalisation `i`."""
    return "batch_normalization" + (f"_{i}" if i else "")


def conv_name(i: int) -> str:
    """TensorFlow's name of convolution `i`."""
    return "conv2d" + (f"_{i}" if i else "")


class Musicnn(Graph):
    """The graph, written from the checkpoint's tensors."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.state = weights

    def norm(self, x: str, i: int, shape: tuple[int, ...]) -> str:
        """Normalisation `i` as one scale and one offset, computed in float64. It follows a ReLU, so it cannot be folded away."""
        name = norm_name(i)
        gamma, beta, mean, var = (
            self.state[f"{name}/{k}"].astype(np.float64) for k in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(var + EPS)
        offset = self.weight(name + ".offset", (beta - mean * scale).astype(np.float32).reshape(shape), half=False)
        scaled = self.add(
            "Mul",
            [x, self.weight(name + ".scale", scale.astype(np.float32).reshape(shape), half=False)],
            name + ".scaled",
        )
        return self.add("Add", [scaled, offset], name)

    def front(self, x: str, i: int) -> str:
        """Convolution over the spectrogram, ReLU, normalisation, maximum over all frequencies: (n, c, t)."""
        name = conv_name(i)
        kernel = self.state[name + "/kernel"].transpose(3, 2, 0, 1)
        padding = {"pads": [3, 0, 3, 0]} if i in TIMBRAL else {"auto_pad": "SAME_UPPER"}
        out = self.conv(x, name, kernel, self.state[name + "/bias"], kernel_shape=list(kernel.shape[2:]), **padding)
        out = self.norm(self.add("Relu", [out], name + ".relu"), i + 1, (1, -1, 1, 1))
        return self.add("ReduceMax", [out], name + ".max", axes=[3], keepdims=0)

    def middle(self, x: str, i: int) -> str:
        """Convolution over time with all channels: (n, 64, t)."""
        name = conv_name(i)
        kernel = self.state[name + "/kernel"][:, :, 0].transpose(2, 1, 0)
        out = self.conv(x, name, kernel, self.state[name + "/bias"], kernel_shape=[7], pads=[3, 3])
        return self.norm(self.add("Relu", [out], name + ".relu"), i + 1, (1, -1, 1))

    def dense(self, x: str, name: str) -> str:
        """x @ W + b."""
        product = self.add(
            "MatMul", [x, self.weight(name + ".kernel", self.state[name + "/kernel"])], name + ".product"
        )
        return self.add("Add", [product, self.weight(name + ".bias", self.state[name + "/bias"], half=False)], name)

    def build(self) -> None:
        """mel (n, t, 96) -> tags (n, 50), and the 200 features that they are read from."""
        x = self.add("Unsqueeze", ["mel", self.weight("axis1", np.array([1], np.int64))], "mel.plane")
        x = self.norm(x, 0, (1, 1, 1, 1))
        front = self.add("Concat", [self.front(x, i) for i in TIMBRAL + TEMPORAL], "front", axis=1)
        one = self.middle(front, 5)
        two = self.add("Add", [self.middle(one, 6), one], "two")
        three = self.add("Add", [self.middle(two, 7), two], "three")
        everything = self.add("Concat", [front, one, two, three], "everything", axis=1)
        last = self.weight("axis2", np.array([2], np.int64))
        pools = [
            self.add(
                "Unsqueeze",
                [self.add(kind, [everything], kind + ".pool", axes=[2], keepdims=0), last],
                kind + ".column",
            )
            for kind in ("ReduceMax", "ReduceMean")
        ]
        flat = self.add("Flatten", [self.add("Concat", pools, "pools", axis=2)], "flat", axis=1)
        hidden = self.dense(self.norm(flat, 9, (1, -1)), "dense")
        hidden = self.norm(self.add("Relu", [hidden], "dense.relu"), 10, (1, -1))
        self.add("Identity", [hidden], "features")
        self.add("Sigmoid", [self.dense(hidden, "dense_1")], "tags")


def original(weights: dict[str, np.ndarray], mel: np.ndarray) -> np.ndarray:
    """The network in torch, float32, in TensorFlow's layout of channels: what the graph is compared with."""
    t = {k: torch.from_numpy(v) for k, v in weights.items()}

    def norm(x: torch.Tensor, i: int) -> torch.Tensor:
        n = norm_name(i)
        return F.batch_norm(
            x, t[n + "/moving_mean"], t[n + "/moving_variance"], t[n + "/gamma"], t[n + "/beta"], False, 0, EPS
        )

    def conv(x: torch.Tensor, i: int, pads: tuple[int, ...]) -> torch.Tensor:
        kernel = t[conv_name(i) + "/kernel"].permute(3, 2, 0, 1)
        return norm(F.relu(F.conv2d(F.pad(x, pads), kernel, t[conv_name(i) + "/bias"])), i + 1)

    x = norm(torch.from_numpy(mel)[:, None], 0)
    heights = {i: t[conv_name(i) + "/kernel"].shape[0] for i in TEMPORAL}
    front = [conv(x, i, (0, 0, 3, 3)) for i in TIMBRAL]
    front += [conv(x, i, (0, 0, (h - 1) // 2, h - 1 - (h - 1) // 2)) for i, h in heights.items()]
    planes = [torch.cat([f.amax(3) for f in front], 1).transpose(1, 2)]
    for i in (5, 6, 7):
        out = conv(planes[-1][:, None], i, (0, 0, 3, 3))[..., 0].transpose(1, 2)
        planes.append(out + planes[-1] if i > 5 else out)
    features = torch.cat(planes, 2)
    flat = torch.stack([features.amax(1), features.mean(1)], 2).flatten(1)
    hidden = norm(F.relu(norm(flat, 9) @ t["dense/kernel"] + t["dense/bias"]), 10)
    return torch.sigmoid(hidden @ t["dense_1/kernel"] + t["dense_1/bias"]).numpy()


def main() -> None:
    rng = np.random.default_rng(7)
    # Log-mel values of music lie between 0 and about 5 and change smoothly.
    steps = rng.normal(0, 0.25, (2, 187, 96)).cumsum(1) + rng.normal(0, 0.25, (2, 187, 96)).cumsum(2)
    mel = np.clip(2 + steps, 0, 5).astype(np.float16).astype(np.float32)
    golden = {"mel": mel.astype(np.float16)}
    for kind in ("MTT", "MSD"):
        weights = state(kind)
        graph = Musicnn(weights)
        graph.build()
        target = DATA / f"musicnn_{kind.lower()}.onnx"
        results = {"tags": ["n", 50], "features": ["n", 200]}
        graph.save(target, {"mel": (TensorProto.FLOAT, ["n", "t", 96])}, results, f"musicnn, {kind} tags")
        golden[kind.lower()] = original(weights, mel)
    np.savez_compressed(GOLDEN / "music.npz", **golden)


if __name__ == "__main__":
    main()
