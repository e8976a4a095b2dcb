"""Makes tests/golden/encoders/second.onnx: a graph in open_nsfw's layout whose answer is known, since the real one is not in the package.

    pip install onnx && python tests/encoders/tiny_second.py

The likelihood is the softmax over (0, BLUE x blue + GREEN x green + RED x red) of the means of what it is given.
"""

from __future__ import annotations

from pathlib import Path

BLUE, GREEN, RED = 0.01, 0.02, 0.04
TARGET = Path(__file__).parents[1] / "golden" / "encoders" / "second.onnx"


def main():
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.array([[0, BLUE], [0, GREEN], [0, RED]], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["input:0"], ["means"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["outputs"], axis=1),
    ]
    given = helper.make_tensor_value_info("input:0", TensorProto.FLOAT, ["n", 224, 224, 3])
    made = helper.make_tensor_value_info("outputs", TensorProto.FLOAT, ["n", 2])
    graph = helper.make_graph(nodes, "second", [given], [made], [numpy_helper.from_array(weights, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, TARGET)


if __name__ == "__main__":
    main()
