"""The decoder's training in little: crops as the paper says, a cache that is whole, nothing learns but the adapter, and what is written is read again."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from small import SIDE, networks, run_of

from pixwright.errors import InvalidOption
from pixwright.models.layouts.views import about_views, open_views
from pixwright.train.config import Data
from pixwright.train.decoder import DecoderTask, crop_of, make_views
from pixwright.train.loop import Loop

WIDTH = 12
DATA = Data(pairs=24, part=12, seed=3, held_out=8)


class Colours:
    """A small real encoder: mean colours of four quarters, as a unit vector."""

    width = WIDTH

    def picture(self, picture):
        vector = cv2.resize(picture, (2, 2), interpolation=cv2.INTER_AREA).astype(np.float32).ravel() - 120
        return vector / max(float(np.linalg.norm(vector)), 1e-6)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("views")
    make_views(folder, DATA, SIDE, Colours())
    return folder


def task_of(cache, steps=6):
    run = run_of("decoder", steps=steps).model_copy(update={"data": DATA})
    return run, DecoderTask(run, networks(), cache, Colours())


def test_half_of_the_crops_are_things_and_half_are_drawn_anywhere():
    boxes, drawn = ((4, 4, 20, 24), (0, 0, 1, 1)), [np.random.default_rng(n) for n in range(400)]
    crops = [crop_of(boxes, SIDE, rng) for rng in drawn]
    share = np.mean([crop == boxes[0] for crop in crops])
    assert 0.4 < share < 0.6 and boxes[1] not in crops, "a speck is no subject"
    others = {crop for crop in crops if crop != boxes[0]}
    assert len(others) > 100
    assert all(0 <= x0 < x1 <= SIDE and 0 <= y0 < y1 <= SIDE for x0, y0, x1, y1 in others)
    assert all(min(x1 - x0, y1 - y0) >= 0.2 * SIDE - 1 for x0, y0, x1, y1 in others)


def test_a_killed_cache_goes_on_and_is_the_same(cache, tmp_path):
    make_views(tmp_path, DATA, SIDE, Colours())
    (tmp_path / "views-0001.npz").unlink()
    make_views(tmp_path, DATA, SIDE, Colours())
    for name in ("views-0000.npz", "views-0001.npz"):
        one, other = np.load(cache / name), np.load(tmp_path / name)
        assert all(np.array_equal(one[key], other[key]) for key in one.files)
    assert one["views"].shape == (12, 2, WIDTH) and one["pictures"].shape == (12, SIDE, SIDE, 3)


def test_only_the_adapter_learns_and_it_learns(cache, tmp_path):
    run, task = task_of(cache, steps=16)
    before = {name: value.clone() for name, value in task._net.unet.state_dict().items()}
    first = [value.clone() for value in task.views.parameters()]
    losses = Loop(run, task, tmp_path)().losses
    assert all(torch.equal(value, before[name]) for name, value in task._net.unet.state_dict().items())
    assert all(not torch.equal(a, b) for a, b in zip(first, task.views.parameters(), strict=True))
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    figures = json.loads((tmp_path / "log-decoder.jsonl").read_text().splitlines()[-1])
    assert {"validation_loss", "loss_of_text_alone", "nearness", "nearness_of_text_alone"} <= set(figures)


def test_what_was_trained_is_written_in_the_published_layout_and_read_again(cache, tmp_path):
    _, task = task_of(cache)
    with torch.no_grad():
        for n, parameter in enumerate(task.views.parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(n)))
    task.export(tmp_path, {"name": "test"})
    read = open_views(tmp_path / "views.safetensors", task._net.unet)
    for name, value in task.views.state_dict().items():
        assert torch.allclose(read.state_dict()[name], value, atol=2e-3), name
    assert about_views(tmp_path / "views.safetensors")["norm"] == 20.0


def test_files_that_are_no_adapter_of_this_network_are_refused(cache, tmp_path):
    from safetensors.torch import save_file

    _, task = task_of(cache)
    unet = task._net.unet
    with pytest.raises(InvalidOption, match="is not there"):
        open_views(tmp_path / "none.safetensors", unet)
    save_file({"image_proj.latents": torch.zeros(1)}, tmp_path / "plus.safetensors")
    with pytest.raises(InvalidOption, match=r"no image_proj\.proj\.weight"):
        open_views(tmp_path / "plus.safetensors", unet)
    task.export(tmp_path, {})
    with pytest.raises(InvalidOption, match="view adapter needs"):
        open_views(tmp_path / "views.safetensors", networks_of_another_width())
    with pytest.raises(InvalidOption, match="holds no examples"):
        DecoderTask(run_of("decoder"), networks(), tmp_path / "empty", Colours())


def networks_of_another_width():
    from small import TINY

    from pixwright.nn.shapes import shape

    return shape("mini").with_unet({**TINY, "cross_attention_dim": 32}).make_unet()
