"""The contract can be met without torch, and retrieval is by cosine."""

import subprocess
import sys

import numpy as np
import pytest

from pixwright.mllm.contract import Input
from pixwright.mllm.retrieval import nearest, retrieve, unit


def inputs(count=4, width=8):
    return [Input("picture", row, f"[{k}]") for k, row in enumerate(np.eye(count, width, dtype=np.float32))]


def test_the_contract_needs_no_torch():
    code = "import sys, pixwright.mllm.retrieval; print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_nearest_input_is_found_by_cosine():
    some = inputs()
    vector = unit(some[2].vector + 0.4 * some[1].vector)
    assert nearest(vector, some) == 2
    assert nearest(vector, some, among=[0, 1]) == 1
    assert nearest(vector, []) is None


def test_an_input_is_retrieved_once_and_in_order():
    some = inputs()
    assert retrieve([some[3].vector, some[1].vector], some, [1, 2, 3]) == (3, 1)
    # Both are nearest to [3]; the one that is less so takes what is left.
    doubtful = some[3].vector + 0.2 * some[1].vector
    assert retrieve([unit(doubtful), some[3].vector], some, [1, 2, 3]) == (1, 3)
    assert retrieve([some[3].vector, some[1].vector], some, [2]) == (2,)
    assert retrieve([], some, [1]) == ()
    assert retrieve([some[0].vector], some, []) == ()


def test_unit_vectors_have_length_one():
    assert np.linalg.norm(unit(np.full(5, 3, np.float32))) == pytest.approx(1)
    assert not unit(np.zeros(5, np.float32)).any()
