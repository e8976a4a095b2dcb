"""The trained tagger (torch) -> instruction_tagger.onnx, int8 weights. Called by `python -m recipes.train.tagger write`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto
from recipes.convert.text import Bert

from pixwright.encoders.tagging.labels import KINDS, MEANINGS, ROLES
from pixwright.encoders.tagging.tagger import HERE
from pixwright.train.tagging.network import PARTS, TRUNK, WIDTH, TaggerNetwork


class Writer(Bert):
    """The tagger's arithmetic, operation by operation, as in `train.tagging.network`."""

    def __init__(self, network: TaggerNetwork) -> None:
        state = {name: value.numpy() for name, value in network.state_dict().items()}
        for i in range(len(network.layers)):
            for part, name in PARTS.items():
                for kind in ("weight", "bias"):
                    state[f"encoder.layer.{i}.{name}.{kind}"] = state[f"layers.{i}.{part}.{kind}"]
        super().__init__(state)


def write_graph(network: TaggerNetwork, target: Path) -> None:
    """The graph: unmixed (1, t, WIDTH), flags (n, t) int64 -> begins (n, t), roles (n, t, r), kinds (n, k), means (n, m). One text, so nothing is padded; the lower layers read it once."""
    w = Writer(network)
    nothing = w.number("unpadded", 0.0)
    x = "unmixed"
    for i in range(TRUNK):
        x = w.layer(x, i, nothing)
    flag = w.weight("flag", w.state["flag.weight"])
    x = w.add("Add", [x, w.add("Gather", [flag, "flags"], "flag.picked", axis=0)], "flagged")
    for i in range(TRUNK, len(network.layers)):
        x = w.layer(x, i, nothing)
    here = w.add("Equal", ["flags", w.weight("here", np.array(HERE, np.int64))], "step.here")
    share = w.add("Cast", [here], "step.share", to=TensorProto.FLOAT)
    wide = w.add("Unsqueeze", [share, w.ints("axis2", 2)], "step.wide")
    total = w.add("ReduceSum", [w.add("Mul", [x, wide], "step.kept"), w.ints("axis1", 1)], "step.total", keepdims=0)
    many = w.add("ReduceSum", [share, w.ints("axis1", 1)], "step.many", keepdims=1)
    mean = w.add("Div", [total, w.add("Max", [many, w.number("unit", 1.0)], "step.least")], "step.mean")
    first = w.add("Squeeze", [w.add("Gather", [x, w.ints("nought", 0)], "firsts", axis=1), w.ints("axis1", 1)], "first")
    told = w.gelu(w.dense(w.add("Concat", [first, mean], "both", axis=1), "mixed"), "told.")
    w.add("Squeeze", [w.dense(x, "starts"), w.ints("axis2", 2)], "begins")
    w.dense(x, "roles")
    w.dense(told, "kinds")
    w.dense(told, "means")
    w.save(
        target,
        {"unmixed": (TensorProto.FLOAT, [1, "t", WIDTH]), "flags": (TensorProto.INT64, ["n", "t"])},
        {
            "begins": ["n", "t"],
            "roles": ["n", "t", len(ROLES)],
            "kinds": ["n", len(KINDS)],
            "means": ["n", len(MEANINGS)],
        },
        "what each step of an instruction is and what its words are for; int8 weights",
    )
