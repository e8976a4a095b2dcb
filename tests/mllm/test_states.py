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
    one = reader("he has a formal meeting", red)
    assert one.shape == (reader.tokens, reader.width) and one.dtype == torch.float32
    assert torch.equal(one, reader("he has a formal meeting", red))
    assert not torch.allclose(one, reader("he has a formal meeting", blue))
    assert not torch.allclose(one, reader("it is winter", red))


@pytest.mark.parametrize("name", ["mini", "llava"])
def test_nothing_at_all_is_a_condition_too(name, request):
    reader = request.getfixturevalue(name)
    none = reader("", None)
    used = none.abs().amax(1) > 0
    assert used.any() and not used[-1]


def test_states_are_cut_or_filled_with_zeros():
    states = torch.ones(5, 3, dtype=torch.bfloat16)
    assert fitted(states, 3).shape == (3, 3)
    longer = fitted(states, 7)
    assert longer.dtype == torch.float32 and longer[:5].eq(1).all() and longer[5:].eq(0).all()


def test_a_folder_that_is_no_llava_is_named(tmp_path):
    with pytest.raises(WeightsCorrupt, match="no LLaVA model"):
        LlavaStates(tmp_path)
