"""The labeller's training: a network learns what it is shown, and the packaged reader says the same in numpy."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixwright.encoders.heads import pack, unpack  # noqa: E402
from pixwright.encoders.worn.labeller import CELLS, LABELS, LEVELS, WornLabeller, tamed  # noqa: E402
from pixwright.train.worn import LabelNetwork, train  # noqa: E402

SIDES = {"grid": 7, "mid": 14, "stride8": 28, "stride4": CELLS}
WIDTHS = {"grid": 12, "mid": 8, "stride8": 6, "stride4": 4, "place": 5}


def test_what_is_shown_is_learnt():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, len(LABELS), 4000)
    cells = rng.normal(0, 0.3, (4000, sum(WIDTHS.values()))).astype(np.float16)
    cells[np.arange(4000), labels] += 3
    told: list[str] = []
    tensors = train(cells, labels, WIDTHS, passes=12, say=told.append)
    network = LabelNetwork(WIDTHS).eval()
    network.load_state_dict({_torch_name(name): torch.from_numpy(value) for name, value in tensors.items()})
    with torch.no_grad():
        said = network(torch.from_numpy(cells[:500]).float()).argmax(1).numpy()
    assert (said == labels[:500]).mean() > 0.9 and len(told) == 12


def _torch_name(name):
    return name if name.startswith(("hidden", "out")) else f"levels.{name}"


def test_numpy_says_the_same_as_torch():
    rng = np.random.default_rng(1)
    network = LabelNetwork(WIDTHS).eval()
    network.scale = torch.tensor([2.0, 0.5, 1.0, 3.0, 1.0])
    seen = {name: rng.normal(size=(1, WIDTHS[name], SIDES[name], SIDES[name])).astype(np.float32) for name in LEVELS}
    place = rng.normal(size=(CELLS, CELLS, WIDTHS["place"])).astype(np.float32)
    share = WornLabeller(network.tensors(), lambda crop: seen).likely(np.zeros((224, 224, 3), np.uint8), place)
    drawn = [cv2.resize(tamed(seen[name][0].transpose(1, 2, 0)), (CELLS, CELLS)) for name in LEVELS]
    with torch.no_grad():
        odds = network(torch.from_numpy(np.concatenate([*drawn, place], -1).reshape(CELLS**2, -1)))
    true = torch.softmax(odds, 1).numpy().reshape(CELLS, CELLS, -1)
    np.testing.assert_allclose(share, true, atol=1e-4)
    # In eight bits it says nearly the same.
    packed = WornLabeller(unpack(pack(network.tensors())), lambda crop: seen).likely(
        np.zeros((224, 224, 3), np.uint8), place
    )
    np.testing.assert_allclose(packed, true, atol=0.03)
