from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers import DDIMScheduler
from nets import condition_of, normal, unet_of

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.diffedit import (
    Gain,
    caption_gains,
    choose_ratio,
    compose,
    difference_mask,
    edit_inverted,
    latent_mask,
)
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import invert, ladder
from pixwright.nn.sampling import Schedule

STEPS = 10
SCALE = 3.0


def setting():
    """A text-to-image network of four channels, two captions, a picture's latents and a mask with a soft edge."""
    unet = unet_of("sd15", in_channels=4)
    before = condition_of(unet, picture=False)
    after = replace(before, text=normal(21, *before.text.shape))
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 4:11, 5:12], mask[..., 4, 5:12] = 1.0, 0.5
    return unet, before, after, normal(22, 1, 4, 16, 16), mask


def independent(unet, before, after, clean, mask, ratio: float, late: int = 0):
    """DDIM inversion and mask-guided denoising from the papers' equations alone, in plain loops. late=1 is the public code's error."""
    beta = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    bar = torch.cumprod(1 - beta, 0)
    times = [0] + [1 + k * (1000 // STEPS) for k in range(STEPS)]
    alpha = [float(bar[0])] + [float(bar[t]) for t in times[1:]]

    def hop(x, eps, i, j):
        x0 = (x - (1 - alpha[i]) ** 0.5 * eps) / alpha[i] ** 0.5
        return alpha[j] ** 0.5 * x0 + (1 - alpha[j]) ** 0.5 * eps

    top = round(ratio * STEPS)
    x = [clean]
    for i in range(top):
        x.append(hop(x[i], unet(x[i], times[i], before.text).sample, i, i + 1))
    y = x[top]
    for i in range(top, 0, -1):
        with_text, without = unet(y, times[i], after.text).sample, unet(y, times[i], after.null_text).sample
        y = hop(y, without + SCALE * (with_text - without), i, i - 1)
        y = mask * y + (1 - mask) * x[i - 1 + late]
    return x, y


@torch.no_grad()
def test_inversion_and_edit_match_an_independent_implementation():
    unet, before, after, clean, mask = setting()
    rungs = ladder(STEPS)
    levels = invert(Denoiser(unet, before, None), clean, rungs, rungs.level(0.7))
    wanted_levels, wanted = independent(unet, before, after, clean, mask, 0.7)
    assert levels.shape == (8, 1, 4, 16, 16)
    assert torch.allclose(levels, torch.stack(wanted_levels), atol=1e-4)
    got = edit_inverted(unet, after, levels, mask, [0.7], rungs, Scales(text=SCALE))[0]
    assert torch.allclose(got, wanted, atol=1e-4)


@torch.no_grad()
def test_blending_is_with_the_level_just_reached():
    """Outside the mask the result is the picture itself; blending one level late, as the public code does, leaves noise there."""
    unet, before, after, clean, mask = setting()
    rungs = ladder(STEPS)
    levels = invert(Denoiser(unet, before, None), clean, rungs, 7)
    got = edit_inverted(unet, after, levels, mask, [0.7], rungs, Scales(text=SCALE))[0]
    outside = (mask == 0).expand_as(clean)
    assert torch.equal(got[outside], clean[outside])
    assert (got - clean)[~outside].abs().mean() > 0.05, "inside it is edited"
    _, late = independent(unet, before, after, clean, mask, 0.7, late=1)
    assert (late - clean)[outside].abs().max() > 0.005


@torch.no_grad()
def test_ladder_steps_are_those_of_diffusers():
    rungs = ladder(STEPS)
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    scheduler.set_timesteps(STEPS)
    x, eps = normal(1, 1, 4, 8, 8), normal(2, 1, 4, 8, 8)
    for here in (STEPS, 4, 1):
        wanted = scheduler.step(eps, rungs.timesteps[here], x).prev_sample
        assert torch.allclose(rungs.move(x, eps, here, here - 1), wanted, atol=1e-5)
    v = ladder(STEPS, Schedule(prediction="v_prediction"))
    a = rungs.alphas[6]
    as_v = a.sqrt() * eps - (1 - a).sqrt() * (x - (1 - a).sqrt() * eps) / a.sqrt()
    assert torch.allclose(v.move(x, as_v, 6, 5), rungs.move(x, eps, 6, 5), atol=1e-5)
    assert torch.allclose(rungs.move(rungs.move(x, eps, 3, 6), eps, 6, 3), x, atol=1e-5)


class Gaussian:
    """The perfect network for pictures drawn from N(0, 0.25): its probability flow is known in closed form (arXiv 2011.13456, appendix D)."""

    variance = 0.25

    def __init__(self):
        beta = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
        self.bar = torch.cumprod(1 - beta, 0)

    def __call__(self, x, timestep, shown, **options):
        a = self.bar[timestep]
        return ((1 - a).sqrt() * x / (a * self.variance + 1 - a),)


def test_inversion_follows_the_flow_and_comes_back():
    """First order: twice the steps, half the error, going up (against the closed form) and coming back."""
    network, clean = Gaussian(), normal(22, 1, 4, 4, 4) / 2
    nothing = condition_of(unet_of("sd15", in_channels=4), picture=False)
    up, back = [], []
    for steps in (50, 100):
        rungs = ladder(steps)
        levels = invert(Denoiser(network, nothing, None), clean, rungs, rungs.level(0.8))
        spread = (rungs.alphas * network.variance + 1 - rungs.alphas).sqrt()
        exact = clean * (spread[: len(levels)] / spread[0]).view(-1, 1, 1, 1, 1)
        up.append(float((levels - exact).norm() / exact.norm()))
        found = edit_inverted(network, nothing, levels, torch.ones(1, 1, 4, 4), [0.8], rungs, Scales(text=1.0))
        back.append(float((found[0] - clean).norm() / clean.norm()))
    assert up[1] < 0.6 * up[0] < 0.03 and back[1] < 0.6 * back[0] < 0.06, (up, back)


@torch.no_grad()
def test_ratios_together_are_ratios_alone_at_fewer_calls():
    unet, before, after, clean, mask = setting()
    clean, before, after = clean.repeat(2, 1, 1, 1), before.repeat(2), after.repeat(2)
    clean[1] = normal(23, 4, 16, 16)
    rungs = ladder(STEPS)
    levels = invert(Denoiser(unet, before, None), clean, rungs, 9)
    ratios, rows = [0.5, 0.9, 0.7, 0.5], []
    handle = unet.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    together = edit_inverted(unet, after, levels, mask, ratios, rungs, Scales(text=SCALE))
    handle.remove()
    assert rows == [4, 4, 8, 8] + [16] * 5, "two pictures, two passes, and the ratios that have begun"
    assert together.shape == (4, 2, 4, 16, 16)
    for ratio, found in zip(ratios, together, strict=True):
        alone = edit_inverted(unet, after, levels, mask, [ratio], rungs, Scales(text=SCALE))[0]
        assert torch.allclose(found, alone, atol=1e-4)
    change = (together - clean).abs().mean((1, 2, 3, 4))
    assert change[0] < change[1]


def test_chooser_takes_the_best_and_of_equals_the_gentlest():
    ratios = [0.9, 0.5, 0.7]
    assert choose_ratio(ratios, [0.0, 1.0, 2.0]) == 2 and choose_ratio(ratios, [1.0, 1.0, 0.2]) == 1
    with pytest.raises(InvalidOption, match="2 scores"):
        choose_ratio(ratios, [1.0, 2.0])


def test_where_scores_tell_nothing_apart_the_networks_own_preference_does():
    ratios = [0.5, 0.7, 0.9]
    clear, close = (
        [Gain(0.1, 0.01), Gain(0.4, 0.02), Gain(0.41, 0.02)],
        [Gain(0.4, 0.1), Gain(0.2, 0.1), Gain(0.45, 0.1)],
    )
    assert choose_ratio(ratios, [0.83, 0.83, 0.82], clear) == 1, "the smaller of two that are equally good"
    assert choose_ratio(ratios, [0.83, 0.83, 0.83], close) == 0
    assert choose_ratio(ratios, [0.95, 0.6, 0.6], clear) == 0, "a judge that sees a difference decides"


def test_a_painting_of_the_caption_after_has_the_larger_gain():
    """The network is the perfect denoiser of two pictures: each caption's is one level all over."""
    rungs, mask = ladder(10), torch.zeros(1, 1, 8, 8)
    mask[..., 2:6, 2:6] = 1
    level = rungs.level(0.5)
    a = rungs.alphas[level]

    def perfect(noisy, timestep, shown, added_cond_kwargs=None, return_dict=False):
        return ((noisy - a.sqrt() * shown.mean((1, 2))[:, None, None, None]) / (1 - a).sqrt(),)

    def caption(value):
        return Condition(text=torch.full((1, 2, 3), value), null_text=torch.zeros(1, 2, 3))

    painted = torch.tensor([-1.0, 0.0, 1.0])[:, None, None, None].expand(3, 4, 8, 8)
    gains = caption_gains(perfect, caption(-1.0), caption(1.0), painted, mask, rungs, draws=2)
    assert gains[2].mean == pytest.approx(1.0, abs=1e-4) and gains[1].mean == pytest.approx(0.0, abs=1e-3)
    assert gains[0].mean < -100 and gains[2].error < 1e-3


def test_mask_of_latents_keeps_thin_things_and_compose_keeps_pixels():
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 13, 9:50] = 1.0
    small = latent_mask(mask, 8, 8)
    assert small[0, 0].sum() == 6 and small[0, 0, 1, 1:7].all()
    before, after = normal(1, 1, 3, 64, 64), normal(2, 1, 3, 64, 64)
    mask[..., 20, :] = 0.25
    done = compose(before, after, mask)
    assert torch.equal(done[(mask == 0).expand_as(done)], before[(mask == 0).expand_as(done)])
    assert torch.equal(done[..., 13, 9:50], after[..., 13, 9:50])
    assert torch.allclose(done[..., 20, :], 0.75 * before[..., 20, :] + 0.25 * after[..., 20, :], atol=1e-6)


@torch.no_grad()
def test_difference_mask_is_where_the_captions_disagree():
    """Two networks in one: the second caption makes the network add a pattern in one corner only."""
    unet, before, after, clean, _ = setting()
    bump = torch.zeros(1, 4, 16, 16)
    bump[..., 2:7, 3:9] = 2.0
    forward = unet.forward

    def speaking(sample, timestep, shown, **options):
        different = (shown == after.text[:1]).all(-1).all(-1).view(-1, 1, 1, 1)
        return (forward(sample, timestep, before.text.expand(len(sample), -1, -1), **options)[0] + bump * different,)

    unet.forward = speaking
    mask, soft = difference_mask(
        unet, before, after, clean, ladder(STEPS), draws=3, generator=torch.Generator().manual_seed(0)
    )
    assert torch.equal(mask[0, 0], bump[0, 0] > 0)
    assert soft.shape == mask.shape == (1, 1, 16, 16) and soft.min() >= 0 and soft.max() == 1


@torch.no_grad()
def test_the_masks_noise_is_drawn_on_the_processor_wherever_the_latents_are():
    """A seed is then one mask on every device; the meta device stands for a card: it draws nothing itself."""
    unet, before, after, clean, _ = setting()
    shown = []
    unet.forward = lambda sample, *_, **__: (shown.append(sample.device.type) or torch.zeros_like(sample),)
    conditions = [replace(one, text=one.text.to("meta"), null_text=one.null_text.to("meta")) for one in (before, after)]
    drawn, dice = [], torch.Generator().manual_seed(0)
    plain = torch.randn

    def watched(*size, **named):
        drawn.append(str(named.get("device", "cpu")))
        return plain(*size, **named)

    torch.randn = watched
    try:
        difference_mask(unet, *conditions, clean.to("meta"), ladder(STEPS), draws=2, generator=dice)
    finally:
        torch.randn = plain
    assert drawn == ["cpu"] and set(shown) == {"meta"}


def test_levels_that_are_not_there_are_refused():
    unet, before, after, clean, mask = setting()
    rungs = ladder(STEPS)
    with pytest.raises(InvalidOption, match="level 11"):
        invert(Denoiser(unet, before, None), clean, rungs, 11)
    with pytest.raises(InvalidOption, match=r"inversion has 1"):
        edit_inverted(unet, after, torch.zeros(2, 1, 4, 16, 16), mask, [0.9], rungs, Scales())
    with pytest.raises(InvalidOption, match=r"1\.5"):
        rungs.level(1.5)
