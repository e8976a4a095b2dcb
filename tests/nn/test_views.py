"""Embeddings shown to a denoiser: nothing at first, the same numbers as diffusers' own processor, dropping and mixing as the paper says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from nets import TINY, condition_of, normal, unet_of

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Denoiser
from pixwright.nn.experts import eject
from pixwright.nn.guidance import Scales
from pixwright.nn.views import TOKENS, drop_views, inject_views, mixture, polar_mix, views_for

WIDTH = 6


def speaking(unet, seed: int = 3):
    """An adapter that says something: its values are not zero any more."""
    adapter = views_for(unet, WIDTH).eval()
    with torch.no_grad():
        for n, layer in enumerate(adapter.each_layer()):
            layer.to_v_ip.weight.copy_(0.2 * normal(seed + n, *layer.to_v_ip.weight.shape))
        adapter.image_proj.raw_embed.copy_(normal(seed, *adapter.image_proj.raw_embed.shape))
    return adapter


@pytest.mark.parametrize("name", TINY)
@torch.no_grad()
def test_a_new_adapter_adds_nothing_and_a_speaking_one_does_and_ejecting_gives_the_network_back(name):
    unet = unet_of(name)
    condition, noisy = condition_of(unet, picture=unet.config.in_channels == 8), normal(9, 1, 4, 16, 16)
    before = Denoiser(unet, condition, Scales(text=3.0, visual=3.0))(noisy, 500)
    views = normal(8, 1, 2, WIDTH)
    for adapter, changes in ((views_for(unet, WIDTH), False), (speaking(unet), True)):
        inject_views(unet, adapter)
        shown = replace(condition, visual=adapter(views))
        after = Denoiser(unet, shown, Scales(text=3.0, visual=3.0))(noisy, 500)
        assert (float((after - before).abs().max()) > 1e-4) is changes
        silent = replace(condition, visual=adapter(views, strength=0.0))
        assert torch.equal(Denoiser(unet, silent, Scales(text=3.0, visual=3.0))(noisy, 500), before)
        eject(unet)
    assert torch.equal(Denoiser(unet, condition, Scales(text=3.0, visual=3.0))(noisy, 500), before)


@torch.no_grad()
def test_a_layer_computes_what_diffusers_own_processor_computes():
    from diffusers.models.attention_processor import Attention, IPAdapterAttnProcessor2_0

    unet = unet_of("sd15")
    adapter = speaking(unet)
    inject_views(unet, adapter)
    name, layer = "down_blocks.1.attentions.0.transformer_blocks.0.attn2", unet
    for part in name.split("."):
        layer = getattr(layer, part) if not part.isdigit() else layer[int(part)]
    assert isinstance(layer, Attention)
    hidden, text = normal(1, 1, 9, layer.to_q.in_features), normal(2, 1, 5, layer.to_k.in_features)
    prompt = adapter(normal(4, 1, 2, WIDTH), strength=0.7)
    ours = layer(hidden, encoder_hidden_states=(text, prompt))
    own = layer.processor.layer
    theirs = IPAdapterAttnProcessor2_0(
        layer.to_k.out_features, layer.to_k.in_features, num_tokens=(2 * TOKENS,), scale=0.7
    )
    theirs.to_k_ip[0].weight.copy_(own.to_k_ip.weight)
    theirs.to_v_ip[0].weight.copy_(own.to_v_ip.weight)
    layer.set_processor(theirs)
    assert torch.allclose(ours, layer(hidden, encoder_hidden_states=(text, [prompt.tokens[:, None]])), atol=1e-5)


@torch.no_grad()
def test_subject_strength_goes_from_the_whole_picture_to_the_subject():
    adapter = speaking(unet_of("mini"))
    views = normal(5, 1, 2, WIDTH)
    same = views.clone()
    same[:, 1] = views[:, 0]
    assert torch.allclose(adapter(views, subject=0.0).tokens, adapter(same).tokens, atol=1e-6)
    assert not torch.allclose(adapter(views, subject=1.0).tokens, adapter(same).tokens, atol=1e-2)
    assert adapter(normal(5, 1, 4, WIDTH)).tokens.shape[1] == 4 * TOKENS, "several subjects, each with its tokens"
    with pytest.raises(InvalidOption, match=f"views, {WIDTH}"):
        adapter(normal(5, 1, 2, WIDTH + 1))


def test_a_fifth_of_the_rows_loses_the_whole_and_another_fifth_the_subjects():
    views = torch.ones(20_000, 3, 2)
    kept = drop_views(views, torch.Generator().manual_seed(0))
    whole, first, second = (kept[:, n, 0] for n in range(3))
    assert abs(float(whole.mean()) - 0.8) < 0.01 and abs(float(first.mean()) - 0.8) < 0.01
    assert torch.equal(first, second), "all subjects of a picture go together"
    assert abs(float((whole * first).mean()) - 0.64) < 0.01, "independently"


def test_alpha_goes_from_noise_to_structure_by_way_of_every_length_between():
    kept, noise = normal(1, 2, 4, 8, 8) * 3, normal(2, 2, 4, 8, 8)
    assert torch.allclose(polar_mix(kept, noise, 1.0), kept, atol=1e-5)
    assert torch.allclose(polar_mix(kept, noise, 0.0), noise, atol=1e-5)
    half = polar_mix(kept, noise, 0.5)
    expected = (kept.flatten(1).norm(dim=1) + noise.flatten(1).norm(dim=1)) / 2
    assert torch.allclose(half.flatten(1).norm(dim=1), expected, rtol=1e-4), "a straight line would be shorter"
    alike = [
        float(torch.cosine_similarity(polar_mix(kept, noise, a).flatten(), kept.flatten(), 0)) for a in (0.2, 0.5, 0.8)
    ]
    assert alike == sorted(alike)
    with pytest.raises(InvalidOption, match=r"alpha is 1\.5"):
        polar_mix(kept, noise, 1.5)


def test_the_mixture_has_the_asked_length_and_h_decides_its_direction():
    base, gen, refined = (torch.nn.functional.normalize(normal(n, 1, WIDTH), dim=-1) for n in range(3))
    made = mixture(base, gen, refined, (0.0, 0.4, 1.0), 20.0)
    assert torch.allclose(made.norm(dim=-1), torch.tensor([20.0]))
    assert torch.allclose(mixture(base, gen, refined, (1.0, 0.0, 0.0), 5.0), 5 * base, atol=1e-5)
    with pytest.raises(InvalidOption, match="leaves nothing"):
        mixture(base, gen, refined, (0.0, 0.0, 0.0), 20.0)
