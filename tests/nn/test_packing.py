from __future__ import annotations

import pytest
import torch
from nets import TINY, condition_of, normal, unet_of
from torch import nn

from pixwright.nn.denoise import Denoiser
from pixwright.nn.guidance import Scales
from pixwright.nn.packing import can_pack, pack, unpack

pytestmark = pytest.mark.skipif(not can_pack(), reason="this torch has no oneDNN")


@pytest.mark.parametrize("name", TINY)
@torch.no_grad()
def test_packed_networks_compute_the_same_and_unpack_to_the_bit(name):
    unet = unet_of(name)
    condition, noisy = condition_of(unet), normal(9, 1, 4, 16, 16)
    state = list(unet.state_dict())
    plain = Denoiser(unet, condition, Scales())(noisy, 500)
    layers = sum(type(m) in (nn.Conv2d, nn.Linear) for m in unet.modules())
    assert pack(unet) == layers > 50, "group norms of float32 are left alone"
    assert list(unet.state_dict()) == state
    assert torch.allclose(Denoiser(unet, condition, Scales())(noisy, 500), plain, atol=2e-5)
    unpack(unet)
    assert torch.equal(Denoiser(unet, condition, Scales())(noisy, 500), plain)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@torch.no_grad()
def test_layers_of_every_form_stay_right_when_sizes_and_weights_change(dtype):
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(6, 8, 3, padding=1),
        nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False),
        nn.Conv2d(6, 6, 3, groups=3, dilation=2),
        nn.Conv2d(6, 8, 1),
        nn.Linear(6, 8),
        nn.Linear(6, 8, bias=False),
    ]
    net = nn.ModuleList(layers).to(dtype)
    assert pack(net) == 6
    tolerance = 1e-5 if dtype is torch.float32 else 3e-2
    for turn in range(2):
        for layer in layers:
            linear = isinstance(layer, nn.Linear)
            sizes = [(5, 6), (1, 6), (9, 6)] if linear else [(2, 6, 9, 7), (1, 6, 16, 16), (3, 6, 5, 5)]
            for size in sizes:
                x = normal(turn, *size).to(dtype)
                forms = (
                    [x, x.flip(-1).T.contiguous().T]
                    if linear
                    else [x, x.contiguous(memory_format=torch.channels_last), x.mT]
                )
                forms += [x.expand(2, *size), x[None, :, None]] if linear else []
                for form in forms:
                    wanted = type(layer).forward(layer, form)
                    assert torch.allclose(layer(form), wanted, atol=tolerance, rtol=tolerance)
            layer.weight.mul_(-1.5)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@torch.no_grad()
def test_a_packed_group_norm_of_bfloat16_is_as_near_to_float32_as_its_type_allows(layout):
    layer = nn.GroupNorm(4, 32).bfloat16()
    nn.init.normal_(layer.weight)
    assert pack(layer) == 1
    for turn in range(2):
        x = (3 * normal(turn, 2, 32, 9, 7) + 5).bfloat16().contiguous(memory_format=layout)
        wanted = nn.functional.group_norm(x.float(), 4, layer.weight.float(), layer.bias.float(), layer.eps)
        got = layer(x)
        assert got.dtype is torch.bfloat16
        assert torch.equal(got, wanted.bfloat16())
        layer.bias.add_(1)


def test_gradients_still_flow_through_a_packed_layer():
    layer = nn.Linear(4, 3)
    pack(layer)
    with torch.no_grad():
        layer(torch.ones(1, 4))
    layer(torch.ones(1, 4)).sum().backward()
    assert torch.equal(layer.weight.grad, torch.ones(3, 4))
    with torch.no_grad():
        layer.weight.zero_()
        assert torch.equal(layer(torch.ones(1, 4)), layer.bias[None])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_plain_weights_can_be_given_up_and_come_back(dtype):
    net = unet_of("mini").to(dtype)
    held = {name: value.clone() for name, value in net.state_dict().items()}
    given = (normal(1, 1, 8, 16, 16).to(dtype), 5, normal(2, 1, 3, net.config.cross_attention_dim).to(dtype))
    with torch.no_grad():
        pack(net)
        kept = net(*given).sample
        unpack(net)
        assert pack(net, keep=False) > 0
        assert torch.equal(net(*given).sample, kept) and torch.equal(net(*given).sample, kept)
        empty = [layer for layer in net.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
        assert all(not layer.weight.numel() for layer in empty if layer not in unused(net))
    assert all(torch.equal(value, held[name]) for name, value in net.state_dict().items())
    with torch.no_grad():
        assert torch.equal(net(*given).sample, kept)
    assert net(*given).sample.requires_grad, "with gradients the plain weights are back"
    with torch.no_grad():
        net(*given)
        unpack(net)
    assert all(torch.equal(value, held[name]) for name, value in net.named_parameters())


def unused(net):
    """Layers that no call reaches."""
    return [layer for name, layer in net.named_modules() if name.endswith("cond_proj")]
