from __future__ import annotations

import sys

import pytest
import torch
from torch import nn

from pixwright.errors import InvalidOption, MissingExtra
from pixwright.models.device import Turns, devices, quantise, quiet, resolve
from pixwright.models.options import ModelOptions


class Traced(nn.Linear):
    """Says where it is sent."""

    def __init__(self, name, log):
        super().__init__(2, 2)
        self.name, self.log = name, log

    def to(self, *where, **how):
        self.log.append((self.name, str(where[0])))
        return super().to("cpu")

    def encode(self, x):
        return self.forward(x)


def test_networks_take_turns():
    log = []
    unet, experts, coder = (Traced(name, log) for name in ("unet", "experts", "coder"))
    turns = Turns(torch.device("cuda"))
    turns.add([unet, experts])
    turns.add([coder], methods=["encode"])
    x = torch.ones(1, 2)
    coder.encode(x)
    assert log == [("coder", "cuda")]
    experts(x), unet(x), unet(x)
    assert log[1:] == [("coder", "cpu"), ("unet", "cuda"), ("experts", "cuda")], "once, not at every step"
    coder.encode(x)
    assert log[4:] == [("unet", "cpu"), ("experts", "cpu"), ("coder", "cuda")]


def test_device_and_dtype(monkeypatch):
    assert resolve(ModelOptions(device="cpu")) == (torch.device("cpu"), torch.float32)
    assert resolve(ModelOptions(device="cpu", dtype="bfloat16"))[1] is torch.bfloat16
    monkeypatch.setattr("pixwright.models.device.devices", lambda: ["cuda:0", "cpu"])
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **_: True)
    assert resolve(ModelOptions()) == (torch.device("cuda:0"), torch.bfloat16)
    assert resolve(ModelOptions(device="cuda"))[0] == torch.device("cuda")
    with pytest.raises(InvalidOption, match="cuda:0, cpu"):
        resolve(ModelOptions(device="cuda:1"))
    assert devices()[-1] == "cpu"


def test_quantised_needs_torchao_and_for_four_bits_a_gpu(monkeypatch):
    unet = nn.Linear(32, 32)
    unet.dtype = torch.float32
    with pytest.raises(InvalidOption, match="int8 works"):
        quantise(unet, "int4", torch.device("cpu"))
    monkeypatch.setitem(sys.modules, "torchao.quantization", None)
    with pytest.raises(MissingExtra, match="pip install torchao"):
        quantise(unet, "int8", torch.device("cpu"))


@torch.no_grad()
def test_eight_bits_are_near():
    pytest.importorskip("torchao")
    torch.manual_seed(0)
    layer, x = nn.Sequential(nn.Linear(64, 48), nn.Linear(48, 8)), torch.randn(5, 64)
    before = layer(x)
    quantise(layer, "int8", torch.device("cpu"))
    error = (layer(x) - before).norm() / before.norm()
    assert 0 < error < 0.02


def test_nothing_is_drawn_on_stderr_while_networks_load_and_bars_come_back(capfd):
    from diffusers.utils import logging as ours
    from transformers.utils import logging as theirs

    for library in (ours, theirs):
        library.enable_progress_bar()  # whatever a test before this one has done
    with quiet():
        for library in (ours, theirs):
            assert list(library.tqdm(range(3))) == [0, 1, 2]
    assert capfd.readouterr().err == ""
    assert ours.is_progress_bar_enabled() and theirs.is_progress_bar_enabled()
