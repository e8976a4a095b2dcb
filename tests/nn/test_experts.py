from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from nets import TINY, condition_of, normal, unet_of
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Denoiser
from pixwright.nn.experts import cross_attention, eject, experts_for, inject
from pixwright.nn.guidance import Scales
from pixwright.nn.projector import Resampler
from pixwright.nn.shapes import shape
from pixwright.nn.tasks import EXPERTS, GENERAL

SMALL = {"projector_width": 8, "depth": 1, "heads": 2, "head_width": 4}
REFERENCE = 10
"""The task row of a picture reference."""


def equipped(name: str, **changes: object):
    unet = unet_of(name, **changes)
    experts = experts_for(unet, 6, queries=16, **SMALL).eval()
    with torch.no_grad():
        for layer in experts.layers:
            layer.to_v.add_(0.05 * normal(7, *layer.to_v.shape))
    return unet, experts


def prompted(experts, condition, **settings):
    task = torch.full((len(condition.text),), REFERENCE)
    return replace(condition, visual=experts(task, normal(8, len(task), 9, 6), condition.text, **settings))


@pytest.mark.parametrize("name", TINY)
@torch.no_grad()
def test_inject_and_eject_are_inverses_bit_for_bit(name):
    unet, experts = equipped(name)
    condition = condition_of(unet)
    noisy = normal(9, 1, 4, 16, 16)
    state = {key: value.clone() for key, value in unet.state_dict().items()}
    processors = dict(unet.attn_processors)
    before = Denoiser(unet, condition, Scales())(noisy, 500)

    inject(unet, experts)
    assert list(unet.state_dict()) == list(state), "the network's own names do not change"
    assert torch.equal(Denoiser(unet, condition, Scales())(noisy, 500), before), "without a prompt nothing changes"
    shown = Denoiser(unet, prompted(experts, condition), Scales())(noisy, 500)
    assert (shown - before).abs().max() > 1e-4, "with a prompt it does"

    eject(unet)
    assert all(a is b for a, b in zip(unet.attn_processors.values(), processors.values(), strict=True))
    assert all(torch.equal(value, state[key]) for key, value in unet.state_dict().items())
    assert torch.equal(Denoiser(unet, condition, Scales())(noisy, 500), before)
    eject(unet)


@torch.no_grad()
def test_a_layer_is_the_papers_equation():
    """Equations 2 to 5, written out with softmax, for one layer and two rows of which the second has no visual prompt."""
    unet, experts = equipped("sd15")
    condition = condition_of(unet)
    prompt = prompted(experts, condition, strength=0.8).visual
    inject(unet, experts)
    index, attn = 3, cross_attention(unet)[3][1]
    hidden, text = normal(10, 2, 12, attn.to_q.in_features), normal(11, 2, 5, 768)
    got = attn(hidden, encoder_hidden_states=(text, prompt))

    def attend(query, key, value):
        heads = [
            part.reshape(part.shape[0], -1, attn.heads, part.shape[-1] // attn.heads) for part in (query, key, value)
        ]
        q, k, v = (part.permute(0, 2, 1, 3) for part in heads)
        mixed = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1) @ v
        return mixed.permute(0, 2, 1, 3).flatten(2)

    query = attn.to_q(hidden)
    wanted = attend(query, attn.to_k(text), attn.to_v(text))
    for e in range(len(EXPERTS)):
        key, value = (
            F.linear(prompt.tokens, weight[e]) for weight in (experts.layers[index].to_k, experts.layers[index].to_v)
        )
        wanted[:1] += 0.8 * prompt.routing[0, index, e] * attend(query[:1], key, value)
    assert torch.allclose(got, attn.to_out[0](wanted), atol=1e-5)


@torch.no_grad()
def test_a_null_prompt_is_the_plain_network():
    unet, experts = equipped("sdxl")
    condition = condition_of(unet, rows=2)
    noisy = normal(9, 2, 4, 16, 16)
    plain = Denoiser(unet, condition, None)(noisy, 500)
    inject(unet, experts)
    full = prompted(experts, condition)
    half = replace(full, visual=full.visual.keep(torch.tensor([True, False])))
    seen, mixed = (Denoiser(unet, c, None)(noisy, 500) for c in (full, half))
    assert torch.allclose(mixed[1], plain[1], atol=1e-6) and torch.allclose(mixed[0], seen[0], atol=1e-6)
    assert (seen[0] - plain[0]).abs().max() > 1e-4
    general = replace(condition, visual=experts(torch.tensor([GENERAL] * 2), None, condition.text, routing="hard"))
    assert general.visual.active == ()
    assert torch.allclose(Denoiser(unet, general, None)(noisy, 500), plain, atol=1e-6)


@torch.no_grad()
def test_one_call_with_four_passes_is_four_calls():
    unet, experts = equipped("mini")
    inject(unet, experts)
    condition = prompted(experts, condition_of(unet))
    noisy, calls = normal(9, 1, 4, 16, 16), []
    handle = unet.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    got = Denoiser(unet, condition, Scales(picture=2.0, text=5.0, visual=3.0))(noisy, 300)
    handle.remove()
    assert calls == [4]

    def alone(picture, text, visual):
        shown = (text, condition.visual) if visual else text
        return unet(torch.cat([noisy, picture], 1), 300, shown).sample

    i, none, t, empty = condition.picture, torch.zeros_like(condition.picture), condition.text, condition.null_text
    e_0, e_i, e_it, e_itv = alone(none, empty, False), alone(i, empty, False), alone(i, t, False), alone(i, t, True)
    wanted = e_0 + 2.0 * (e_i - e_0) + 5.0 * (e_it - e_i) + 3.0 * (e_itv - e_it)
    assert torch.allclose(got, wanted, atol=1e-4)


def test_experts_start_from_the_layers_own_and_hard_routing_computes_one():
    unet = unet_of("sd15")
    experts = experts_for(unet, 6, **SMALL)
    for (_, attn), layer in zip(cross_attention(unet), experts.layers, strict=True):
        for e in range(len(EXPERTS)):
            assert torch.equal(layer.to_k[e], attn.to_k.weight) and torch.equal(layer.to_v[e], attn.to_v.weight)
    condition = condition_of(unet)
    hard = prompted(experts, condition, routing="hard").visual
    assert hard.active == (5,) and hard.routing.shape == (1, 16, 10)
    assert prompted(experts, condition).visual.active == tuple(range(9))
    assert hard.tokens.shape == (1, 17, 768)
    without = experts(torch.tensor([0]), None, condition.text)
    assert not without.tokens[:, 1:].any() and without.tokens[:, 0].any(), (
        "no reference: zero picture tokens, a task token"
    )


def test_a_step_of_training_reaches_experts_router_table_and_projector_only():
    unet, experts = equipped("mini")
    unet.requires_grad_(False)
    inject(unet, experts)
    condition = prompted(experts.train(), condition_of(unet))
    Denoiser(unet, condition, None)(normal(9, 1, 4, 16, 16), 10).square().mean().backward()
    reached = {
        name.split(".")[0] for name, p in experts.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0
    }
    assert reached == {"layers", "table", "projector", "router"}
    assert all(p.grad is None for p in unet.parameters())


def test_misuse_is_refused_in_one_line():
    unet, experts = equipped("mini")
    inject(unet, experts)
    with pytest.raises(InvalidOption, match="carries experts already"):
        inject(unet, experts)
    with pytest.raises(InvalidOption, match="do not fit"):
        inject(unet_of("sd15"), experts)
    with pytest.raises(InvalidOption, match="task \\[15\\]"):
        experts(torch.tensor([GENERAL + 1]), None, normal(1, 1, 5, 128))
    with pytest.raises(InvalidOption, match="none of mini"):
        shape("huge")


def test_published_shapes_have_the_published_sizes():
    count = lambda module: sum(p.numel() for p in module.parameters())  # noqa: E731
    with torch.device("meta"):
        sd15, sdxl = shape("sd15").make_unet(), shape("sdxl").make_unet()
        projector = Resampler(1280, 768)
        tokens = projector(torch.empty(2, 257, 1280))
    # 859.52 and 2567.46 million with four input channels; four more add 4 * 320 * 9 weights to the first convolution.
    assert count(sd15) == 859_520_964 + 4 * 320 * 9 and len(cross_attention(sd15)) == 16
    assert count(sdxl) == 2_567_463_684 + 4 * 320 * 9 and len(cross_attention(sdxl)) == 70
    assert tokens.shape == (2, 16, 768)
    assert {attn.to_k.in_features for _, attn in cross_attention(sdxl)} == {2048}
    assert 3e6 < count(shape("mini").make_unet()) < 10e6


@torch.no_grad()
def test_experts_with_projectors_of_their_own_see_only_theirs():
    """With nine equal projectors nothing changes; with one of them another, only what uses that expert does."""
    unet, shared = equipped("sd15")
    own = experts_for(unet, 6, queries=16, own_projectors=True, **SMALL).eval()
    state = shared.state_dict()
    for name in own.state_dict():
        lead, _, rest = name.partition(".")
        at = f"projector.{rest.split('.', 1)[1]}" if lead == "projector" else name
        own.state_dict()[name].copy_(state[at])
    condition, noisy = condition_of(unet), normal(9, 1, 4, 16, 16)

    def predicted(experts, routing="hard"):
        inject(unet, experts)
        made = Denoiser(unet, prompted(experts, condition, routing=routing), Scales())(noisy, 500)
        eject(unet)
        return made

    for routing in ("hard", "soft"):
        assert torch.allclose(predicted(own, routing), predicted(shared, routing), atol=1e-6)
    before = predicted(own)
    own.projector[EXPERTS.index("depth")].norm.bias.add_(1.0)
    assert torch.equal(predicted(own), before), "the reference's expert does not read the depth's projector"
    own.projector[EXPERTS.index("reference")].norm.bias.add_(1.0)
    assert (predicted(own) - before).abs().max() > 1e-4
    prompt = own(torch.tensor([REFERENCE]), None, condition.text)
    assert prompt.repeat(2).tokens.shape == (2, 9, 17, 768) and not prompt.tokens[:, :, 1:].any()
