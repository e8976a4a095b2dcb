"""Single files in latent-diffusion's layout give the networks that they were written from, bit for bit."""

from __future__ import annotations

import diffusers
import pytest
import torch
from layout_names import PUBLISHED, UNET, autoencoder, compvis_state, text_encoder, unet, write

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.models.layouts.compvis import autoencoder_state, denoiser_state, text_state
from pixwright.models.layouts.recognise import recognise


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    return write(tmp_path_factory.mktemp("compvis") / "model.safetensors", compvis_state())


@torch.no_grad()
def denoised(net):
    make = torch.Generator().manual_seed(3)
    noisy, text = torch.randn(1, 8, 8, 8, generator=make), torch.randn(1, 5, 12, generator=make)
    return net(noisy, 500, text).sample


@pytest.mark.parametrize("part", ["denoiser", "averaged", "autoencoder", "text"])
def test_the_written_names_are_the_published_ones(part):
    wanted = set(PUBLISHED["compvis"][part])
    assert not wanted - compvis_state(average=True).keys()


def test_the_denoiser_computes_the_same(single):
    assert recognise(single).parts.keys() == {"denoiser", "autoencoder", "text"}
    assert recognise(single).channels == 8
    net = diffusers.UNet2DConditionModel(**UNET).eval()
    net.load_state_dict(denoiser_state(single, UNET))
    assert torch.equal(denoised(net), denoised(unet()))


def test_the_moving_average_is_what_is_used(tmp_path):
    file = write(tmp_path / "ip2p.safetensors", compvis_state(average=True))
    assert recognise(file).averaged
    net = diffusers.UNet2DConditionModel(**UNET).eval()
    net.load_state_dict(denoiser_state(file, UNET))
    assert torch.equal(denoised(net), denoised(unet(seed=7)))
    assert not torch.equal(denoised(net), denoised(unet()))


@torch.no_grad()
def test_the_autoencoder_computes_the_same(single):
    net, original = autoencoder(seed=9), autoencoder()
    net.load_state_dict(autoencoder_state(single))
    pixels = torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(4))
    assert torch.equal(net(pixels).sample, original(pixels).sample)


def test_an_autoencoder_alone_without_its_prefix(tmp_path):
    state = {
        name.removeprefix("first_stage_model."): tensor
        for name, tensor in compvis_state().items()
        if "first_stage" in name
    }
    file = write(tmp_path / "vae.safetensors", {**state, "loss.logvar": torch.zeros(1)})
    found = autoencoder_state(file)
    original = autoencoder().state_dict()
    assert found.keys() == original.keys()
    assert all(torch.equal(found[name], original[name]) for name in original)


@torch.no_grad()
def test_the_text_encoder_computes_the_same(single):
    net, original = text_encoder(seed=9), text_encoder()
    net.load_state_dict(text_state(single))
    tokens = torch.tensor([[17, 3, 4, 18, 19, 19, 19, 19]])
    assert torch.equal(net(tokens).last_hidden_state, original(tokens).last_hidden_state)


def test_a_diffusers_folder_gives_its_own_names_and_the_old_ones_of_attention(tmp_path):
    write(tmp_path / "unet/diffusion_pytorch_model.safetensors", unet().state_dict())
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    kept = {}
    for name, tensor in autoencoder().state_dict().items():
        for new, before in old.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{before}.")
        kept[name] = tensor
    write(tmp_path / "vae/diffusion_pytorch_model.safetensors", kept)
    write(
        tmp_path / "text_encoder/model.safetensors",
        {f"text_model.{n.removeprefix('text_model.')}": t for n, t in text_encoder().state_dict().items()},
    )
    found = recognise(tmp_path)
    assert (found.kind, found.channels, set(found.parts)) == ("pipeline", 8, {"denoiser", "autoencoder", "text"})
    for state, net in (
        (denoiser_state(tmp_path, UNET), unet()),
        (autoencoder_state(tmp_path), autoencoder()),
        (text_state(tmp_path), text_encoder()),
    ):
        original = net.state_dict()
        assert state.keys() == original.keys()
        assert all(torch.equal(state[name], original[name]) for name in original)


def test_other_settings_are_named(single):
    with pytest.raises(InvalidOption, match=r"mid_block|down_blocks|settings"):
        denoiser_state(single, {**UNET, "block_out_channels": [4, 8, 8, 16]})
    with pytest.raises(InvalidOption, match=r"label_emb.*settings it was trained"):
        denoiser_state(single, {**UNET, "class_embed_type": "timestep"})


def test_a_part_that_is_not_there_is_named(tmp_path):
    file = write(tmp_path / "unet.safetensors", unet().state_dict())
    with pytest.raises(InvalidOption, match="holds denoiser, no text"):
        text_state(file)
    write(tmp_path / "pipe/unet/diffusion_pytorch_model.safetensors", unet().state_dict())
    (tmp_path / "pipe/vae").mkdir()
    (tmp_path / "pipe/vae/diffusion_pytorch_model.bin").write_bytes(b"\x80\x02")
    assert denoiser_state(tmp_path / "pipe", UNET)
    with pytest.raises(WeightsCorrupt, match="pickle"):
        autoencoder_state(tmp_path / "pipe")
