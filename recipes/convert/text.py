"""all-MiniLM-L6-v2 (safetensors) -> minilm.onnx with int8 weights, tokenizer.json and golden outputs.

Every matrix is stored as int8 with one scale a row (symmetric); the session turns them into float32 once, the embedding table row by row as
it is looked up. Pooling (mean over the tokens) and unit length are part of the graph. `python -m recipes.convert.text`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from onnx import TensorProto
from recipes.convert.carriers import inner
from recipes.convert.graph import Graph
from safetensors.numpy import load

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src/pixwright/weights/data"
GOLDEN = ROOT / "tests/golden/encoders"
ZIP = "all_minilm_l6_v2/model.zip"
HEADS, LENGTH, EPS = 12, 256, 1e-12
PHRASES = (
    "a cat",
    "the dog on the left",
    "make the sky purple",
    "horse",
    "a red sports car parked by the sea",
    "remove the people in the background",
    "sad piano music",
    "hippopotamus",
    "It is fifty years later.",
    "Turn the wooden table into marble, keeping the two cups where they are and the light as it was in the late afternoon.",
    "naïve café",
    "?",
)


def rows_to_int8(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 values and the float32 scale of each row."""
    scale = np.maximum(np.abs(matrix).max(1, keepdims=True), 1e-12) / 127
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


class Bert(Graph):
    """The nodes that BERT is made of."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.state = weights

    def ints(self, name: str, *values: int) -> str:
        """A constant list of integers."""
        return self.weight(name, np.array(values, np.int64))

    def dense(self, source: str, name: str) -> str:
        """x @ W.T + b, W in int8."""
        value, scale = rows_to_int8(self.state[name + ".weight"])
        self.weight(name + ".int8", value)
        wide = self.add("Cast", [name + ".int8"], name + ".wide", to=TensorProto.FLOAT)
        real = self.add("Mul", [wide, self.weight(name + ".scale", scale, half=False)], name + ".real")
        turned = self.add("Transpose", [real], name + ".turned", perm=[1, 0])
        product = self.add("MatMul", [source, turned], name + ".product")
        return self.add("Add", [product, self.weight(name + ".bias", self.state[name + ".bias"], half=False)], name)

    def norm(self, source: str, name: str) -> str:
        """Layer normalisation."""
        scale = self.weight(name + ".weight", self.state[name + ".weight"], half=False)
        bias = self.weight(name + ".bias", self.state[name + ".bias"], half=False)
        return self.add("LayerNormalization", [source, scale, bias], name, axis=-1, epsilon=EPS)

    def embed(self) -> str:
        """Words + positions + the one token type."""
        value, scale = rows_to_int8(self.state["embeddings.word_embeddings.weight"])
        picked = self.add("Gather", [self.weight("words", value), "ids"], "words.picked", axis=0)
        wide = self.add("Cast", [picked], "words.wide", to=TensorProto.FLOAT)
        scales = self.add("Gather", [self.weight("words.scale", scale, half=False), "ids"], "words.scales", axis=0)
        words = self.add("Mul", [wide, scales], "words.real")
        place = (
            self.state["embeddings.position_embeddings.weight"][:LENGTH]
            + self.state["embeddings.token_type_embeddings.weight"][0]
        )
        shape = self.add("Shape", ["ids"], "ids.shape")
        length = self.add(
            "Slice", [shape, self.ints("one", 1), self.ints("two", 2), self.ints("zeroth", 0)], "ids.length"
        )
        places = self.add(
            "Slice", [self.weight("places", place), self.ints("nought", 0), length, self.ints("axis0", 0)], "places.cut"
        )
        return self.norm(self.add("Add", [words, places], "embedded"), "embeddings.LayerNorm")

    def heads(self, source: str, name: str, perm: list[int]) -> str:
        """(n, t, 384) -> (n, heads, t, 32), or transposed."""
        split = self.add("Reshape", [source, self.ints("split", 0, 0, HEADS, -1)], name + ".split")
        return self.add("Transpose", [split], name + ".heads", perm=perm)

    def layer(self, x: str, i: int, bias: str) -> str:
        """One encoder layer."""
        p = f"encoder.layer.{i}."
        a = p + "attention."
        q = self.heads(self.dense(x, a + "self.query"), a + "q", [0, 2, 1, 3])
        k = self.heads(self.dense(x, a + "self.key"), a + "k", [0, 2, 3, 1])
        v = self.heads(self.dense(x, a + "self.value"), a + "v", [0, 2, 1, 3])
        root = self.weight("root", np.array((384 / HEADS) ** -0.5, np.float32), half=False)
        score = self.add("Mul", [self.add("MatMul", [q, k], a + "qk"), root], a + "scaled")
        share = self.add("Softmax", [self.add("Add", [score, bias], a + "masked")], a + "share", axis=-1)
        mixed = self.add("Transpose", [self.add("MatMul", [share, v], a + "mixed")], a + "back", perm=[0, 2, 1, 3])
        joined = self.add("Reshape", [mixed, self.ints("join", 0, 0, 384)], a + "joined")
        x = self.norm(self.add("Add", [self.dense(joined, a + "output.dense"), x], a + "sum"), a + "output.LayerNorm")
        wide = self.dense(x, p + "intermediate.dense")
        gelu = self.gelu(wide, p)
        return self.norm(self.add("Add", [self.dense(gelu, p + "output.dense"), x], p + "sum"), p + "output.LayerNorm")

    def gelu(self, x: str, p: str) -> str:
        """x * (1 + erf(x / sqrt 2)) / 2; `p` leads the names of its nodes."""
        erf = self.add("Erf", [self.add("Div", [x, self.number("sqrt2", 2**0.5)], p + "div")], p + "erf")
        plus = self.add("Add", [erf, self.number("unit", 1.0)], p + "plus")
        half = self.number("half", 0.5)
        return self.add("Mul", [self.add("Mul", [x, plus], p + "product"), half], p + "gelu")

    def number(self, name: str, value: float) -> str:
        """A constant."""
        return self.weight(name, np.array(value, np.float32), half=False)

    def bias(self) -> tuple[str, str]:
        """The input `mask` (n, t) as floats, and what it adds to the attention: padding is far behind."""
        mask = self.add("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
        away = self.add("Sub", [mask, self.number("unit", 1.0)], "mask.away")
        heavy = self.add("Mul", [away, self.number("heavy", 1e4)], "mask.heavy")
        return mask, self.add("Unsqueeze", [heavy, self.ints("axes12", 1, 2)], "mask.bias")

    def pool(self, x: str, mask: str) -> str:
        """Mean over the tokens that are not padding, then unit length."""
        weight = self.add("Unsqueeze", [mask, self.ints("axis2", 2)], "pool.weight")
        total = self.add(
            "ReduceSum", [self.add("Mul", [x, weight], "pool.kept"), self.ints("axis1", 1)], "pool.total", keepdims=0
        )
        return self.add("LpNormalization", [total], "embedding", axis=1, p=2)


def build(weights: dict[str, np.ndarray], target: Path) -> None:
    """Write the graph: ids, mask (n, t) int64 -> embedding (n, 384), and tokens and unmixed (n, t, 384) of the last layer and before the first, float32."""
    g = Bert(weights)
    mask, bias = g.bias()
    x = g.embed()
    g.add("Identity", [x], "unmixed")
    for i in range(6):
        x = g.layer(x, i, bias)
    g.pool(x, mask)
    g.add("Identity", [x], "tokens")
    ids = (TensorProto.INT64, ["n", "t"])
    g.save(
        target,
        {"ids": ids, "mask": ids},
        {"embedding": ["n", 384], "tokens": ["n", "t", 384], "unmixed": ["n", "t", 384]},
        "all-MiniLM-L6-v2, int8 weights",
    )


def tokenizer() -> str:
    """The original tokenizer without its fixed padding to 128, truncating at 256 tokens."""
    settings = json.loads(inner("minilm", ZIP, "tokenizer.json"))
    settings["padding"] = None
    settings["truncation"]["max_length"] = LENGTH
    return json.dumps(settings, ensure_ascii=False, separators=(",", ":"))


def original(texts: tuple[str, ...]) -> np.ndarray:
    """The original in torch and transformers, one text at a time: mean pooling, unit length."""
    import torch
    from transformers import BertModel, BertTokenizerFast

    with tempfile.TemporaryDirectory() as folder:
        for file in (
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
        ):
            (Path(folder) / file).write_bytes(inner("minilm", ZIP, file))
        model, tokens = BertModel.from_pretrained(folder).eval(), BertTokenizerFast.from_pretrained(folder)
    with torch.no_grad():
        out = [
            model(**tokens(t, return_tensors="pt", truncation=True, max_length=LENGTH)).last_hidden_state[0].mean(0)
            for t in texts
        ]
    return np.stack([(o / o.norm()).numpy() for o in out]).astype(np.float32)


def main() -> None:
    build(load(inner("minilm", ZIP, "model.safetensors")), DATA / "minilm.onnx")
    (DATA / "minilm_tokenizer.json").write_text(tokenizer(), encoding="utf-8")
    np.savez_compressed(GOLDEN / "text.npz", phrases=np.array(PHRASES), embeddings=original(PHRASES))


if __name__ == "__main__":
    main()
