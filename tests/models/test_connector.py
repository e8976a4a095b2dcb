"""The connector: shapes, what it reads, and that a file of it is itself again."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from pixwright.errors import InvalidRecord  # noqa: E402
from pixwright.models.connector import MINI, PUBLISHED, connector_for, load_connector, save_connector  # noqa: E402
from pixwright.models.files import save_part  # noqa: E402

SMALL = {"width": 16, "queries": 5, "depth": 1, "heads": 2, "head_width": 8, "growth": 2}


def test_states_of_any_size_become_a_few_tokens():
    connector = connector_for(12, 24, 9, "tiny", 0, SMALL).eval()
    states = torch.randn(2, 9, 12)
    out = connector(states)
    assert out.shape == (2, 5, 24)
    louder = connector(states * 300)  # states have huge dimensions; their level must not decide
    assert torch.allclose(out, louder, atol=1e-3)
    assert not torch.allclose(out[0], out[1])


def test_a_file_of_it_is_itself(tmp_path):
    connector = connector_for(12, 24, 9, "tiny", 0, SMALL).eval()
    path = tmp_path / "connector.safetensors"
    save_connector(path, connector, 64, {"step": 3})
    again = load_connector(path)
    states = torch.randn(1, 9, 12)
    assert again.about == connector.about
    assert torch.allclose(again(states), connector(states), atol=2e-2)


def test_another_file_is_refused_with_its_name(tmp_path):
    path = tmp_path / "other.safetensors"
    save_part(path, {"a": torch.zeros(2)}, {"width": 3}, None, 64, {})
    with pytest.raises(InvalidRecord, match=r"other.safetensors is no connector"):
        load_connector(path)


def test_the_published_shape_is_mgies():
    # Fu et al. 2024: 77 queries, width 512, feed-forward 2,048, four layers; out to the 768 of Stable Diffusion 1.5.
    assert (PUBLISHED["queries"], PUBLISHED["width"], PUBLISHED["depth"]) == (77, 512, 4)
    assert PUBLISHED["width"] * PUBLISHED["growth"] == 2048
    assert connector_for(576, 384, 64, "mini", 0, MINI)(torch.zeros(1, 64, 576)).shape == (1, MINI["length"], 384)
