"""States of a picture and an instruction: of our own model and of LLaVA's layout, tiny and random."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from pixwright.errors import WeightsCorrupt  # noqa: E402
from pixwright.mllm.network import Adaptation  # noqa: E402
from pixwright.mllm.opening import build  # noqa: E402
from pixwright.mllm.speaking import InterleavedModel  # noqa: E402
from pixwright.mllm.states import InterleavedStates, LlavaStates, fitted  # noqa: E402
from pixwright.mllm.tokens import PromptLayout  # noqa: E402
from tiny_language import tiny_folder, tiny_llava  # noqa: E402

WIDTH = 8


def look(picture):
    vector = np.full(WIDTH, picture.mean() + 1, np.float32)
    vector[0] = picture[..., 0].mean()
    return vector / np.linalg.norm(vector)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    torch.manual_seed(1)
    network, writer = build(tiny_folder(tmp_path_factory.mktemp("tiny")), Adaptation(WIDTH, enter=2), PromptLayout())
    return InterleavedStates(InterleavedModel(network, writer), look, tokens=80)


@pytest.fixture(scope="module")
def llava(tmp_path_factory):
    return LlavaStates(tiny_llava(tmp_path_factory.mktemp("llava")), tokens=120)


@pytest.mark.parametrize("name", ["mini", "llava"])
def test_states_depend_on_the_words_and_on_the_picture(name, request):
    reader = request.getfixturevalue(name)
    red, blue = np.zeros((2, 40, 50, 3), np.uint8)
    red[..., 0], blue[..., 2] = 200, 200
    asked = [("he has a formal meeting", red), ("he has a formal meeting", blue), ("it is winter", red)]
    one, of_blue, of_winter = reader(asked)
    assert one.shape == (reader.tokens, reader.width) and one.dtype == torch.float32
    assert torch.equal(one, reader(asked)[0])
    assert not torch.allclose(one, of_blue)
    assert not torch.allclose(one, of_winter)


@pytest.mark.parametrize("name", ["mini", "llava"])
def test_what_is_read_together_is_what_is_read_alone(name, request):
    reader = request.getfixturevalue(name)
    grey = np.full((40, 50, 3), 90, np.uint8)
    asked = [("it is winter", grey), ("", None), ("he has a formal meeting", grey), ("it is summer", grey * 2)]
    together = reader(asked)
    for one, states in zip(asked, together, strict=True):
        assert torch.allclose(reader([one])[0], states, atol=1e-5)


@pytest.mark.parametrize("name", ["mini", "llava"])
def test_nothing_at_all_is_a_condition_too(name, request):
    none = request.getfixturevalue(name)([("", None)])[0]
    used = none.abs().amax(1) > 0
    assert used.any() and not used[-1]


def test_states_are_cut_or_filled_with_zeros():
    states = torch.ones(2, 5, 3, dtype=torch.bfloat16)
    assert fitted(states, 3).shape == (2, 3, 3)
    longer = fitted(states, 7)
    assert longer.dtype == torch.float32 and longer[:, :5].eq(1).all() and longer[:, 5:].eq(0).all()


def test_a_folder_that_is_no_llava_is_named(tmp_path):
    with pytest.raises(WeightsCorrupt, match="no LLaVA model"):
        LlavaStates(tmp_path)
