from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
)
from nets import TINY, condition_of, normal, unet_of

from pixwright.errors import InvalidOption
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition
from pixwright.nn.experts import eject, experts_for, inject
from pixwright.nn.guidance import Scales
from pixwright.nn.reuse import DeepReuse
from pixwright.nn.sampling import Sampler, Schedule, sample, scheduler_of
from pixwright.nn.shapes import shape
from pixwright.nn.solvers import SOLVERS

NOISE = (1, 4, 16, 16)


def autoencoder():
    torch.manual_seed(5)
    return AutoencoderKL(
        block_out_channels=[8, 8],
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        norm_num_groups=4,
        latent_channels=4,
    ).eval()


@pytest.mark.parametrize("solver", SOLVERS)
def test_latents_equal_diffusers_pipeline_with_experts_ejected(solver):
    """Same weights, seeds and steps as StableDiffusionInstructPix2PixPipeline: latents within 1e-4 in float32."""
    unet, vae = unet_of("sd15"), autoencoder()
    inject(unet, experts_for(unet, 6, projector_width=8, depth=1, heads=2, head_width=4))
    eject(unet)
    sampler = Sampler(solver=solver, steps=5, scales=Scales(picture=1.5, text=7.5))
    parts = {"text_encoder": None, "tokenizer": None, "safety_checker": None, "feature_extractor": None}
    pipe = StableDiffusionInstructPix2PixPipeline(
        vae=vae, unet=unet, scheduler=scheduler_of(sampler, Schedule()), requires_safety_checker=False, **parts
    )
    pipe.set_progress_bar_config(disable=True)
    condition = condition_of(unet, picture=False)
    pixels = (normal(4, 1, 3, 32, 32).clamp(-1, 1) * 64).round() / 64  # survives their [0, 1] and back exactly
    theirs = pipe(
        image=(pixels + 1) / 2,
        prompt_embeds=condition.text,
        negative_prompt_embeds=condition.null_text,
        num_inference_steps=5,
        guidance_scale=7.5,
        image_guidance_scale=1.5,
        latents=normal(6, *NOISE),
        eta=0.3 if solver == "tcd" else 0.0,  # the scheduler's own
        generator=torch.Generator().manual_seed(11),
        output_type="latent",
    ).images
    ours = sample(
        unet,
        replace(condition, picture=encode(vae, pixels, scaled=False)),
        sampler,
        normal(6, *NOISE),
        generator=torch.Generator().manual_seed(11),
    )
    assert theirs.abs().max() > 0.1
    assert (ours - theirs).abs().max() < 1e-4


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("layers", [1, 2])
@torch.no_grad()
def test_a_short_call_on_fresh_features_is_the_whole_call(name, layers):
    unet = unet_of(name)
    condition = condition_of(unet)
    added = None
    if condition.pooled is not None:
        added = {"text_embeds": condition.pooled, "time_ids": condition.sizes}
    reuse = DeepReuse(unet, layers)
    noisy = torch.cat([normal(1, *NOISE), condition.picture], 1)
    whole = reuse(noisy, 400, condition.text, added, fresh=True)
    assert torch.equal(whole, unet(noisy, 400, condition.text, added_cond_kwargs=added).sample)
    assert torch.allclose(reuse(noisy, 400, condition.text, added, fresh=False), whole, atol=1e-6)
    assert not unet.up_blocks[-1].resnets[-layers]._forward_pre_hooks, "no hook is left behind"


def error_of(unet, condition, **changes: object) -> float:
    """Relative error against the run without shortcuts."""
    plain = Sampler(solver="ddim", steps=12, scales=Scales(picture=1.2, text=2.0))
    wanted, got = (sample(unet, condition, s, normal(6, *NOISE)) for s in (plain, replace(plain, **changes)))
    return float((got - wanted).norm() / wanted.norm())


def test_reuse_costs_little_and_less_when_more_is_computed():
    unet = unet_of("sd15")
    condition = condition_of(unet)
    errors = [error_of(unet, condition, reuse=3, reuse_layers=layers) for layers in (1, 3)]
    assert 0 < errors[1] < errors[0] < 0.1, errors
    assert error_of(unet, condition, reuse=2) < error_of(unet, condition, reuse=6)


def test_shortcuts_save_the_passes_and_blocks_that_they_promise():
    unet = unet_of("mini")
    condition = condition_of(unet)
    rows: list[int] = []
    middle: list[int] = []
    unet.conv_in.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    unet.mid_block.register_forward_pre_hook(lambda _, inputs: middle.append(len(inputs[0])))
    sample(unet, condition, Sampler(solver="ddim", steps=8, interval=(0.25, 0.75)), normal(6, *NOISE))
    assert rows == middle == [1, 1, 3, 3, 3, 3, 1, 1]
    rows.clear(), middle.clear()
    sample(unet, condition, Sampler(solver="ddim", steps=8, reuse=3), normal(6, *NOISE))
    assert rows == [3] * 8 and middle == [3] * 3
    middle.clear()
    sample(unet, condition, Sampler(solver="ddim", steps=8, reuse=4, interval=(0, 0.75)), normal(6, *NOISE))
    assert middle == [3, 3], "the unguided steps go on with the richest pass's features"
    rows.clear(), middle.clear()
    sample(unet, condition, Sampler(solver="ddim", steps=6, compare=3), normal(6, *NOISE))
    assert rows == middle == [3, 1, 1, 3, 1, 1]
    rows.clear(), middle.clear()
    sample(unet, condition, Sampler(solver="ddim", steps=6, compare=2, reuse=2, interval=(0, 0.5)), normal(6, *NOISE))
    assert rows == [3, 1, 3, 1, 1, 1] and middle == [3, 3, 1]


def test_a_comparison_that_is_kept_costs_little_and_less_the_oftener_it_is_made():
    unet = unet_of("sd15")
    condition = condition_of(unet)
    errors = [error_of(unet, condition, compare=every) for every in (1, 2, 6)]
    assert errors[0] == 0 < errors[1] < errors[2] < 0.2, errors
    assert error_of(unet, condition, compare=2, rescale=0.7) < 1


def test_runs_repeat_and_watch_sees_every_step():
    unet = unet_of("mini")
    condition = condition_of(unet, rows=2)
    noise, seen = normal(6, 2, 4, 16, 16), []
    runs = [
        sample(
            unet,
            condition,
            Sampler(steps=4),
            noise,
            generator=torch.Generator().manual_seed(s),
            watch=seen.append,
        )
        for s in (1, 1, 2)
    ]
    assert torch.equal(runs[0], runs[1]) and not torch.allclose(runs[0], runs[2])
    assert [(one.step, one.steps) for one in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)] * 3
    assert torch.allclose(seen[-1].clean(), runs[2], atol=0.2), "the last step's clean picture is all but the result"
    assert (seen[0].clean() - noise).abs().mean() > (seen[-1].clean() - runs[2]).abs().mean()


def test_float32_latents_keep_a_bfloat16_network_closer_to_the_truth():
    unet = unet_of("mini")
    condition, sampler = condition_of(unet), Sampler(solver="ddim", steps=10)
    wanted = sample(unet, condition, sampler, normal(6, *NOISE))
    unet.to(torch.bfloat16)
    half = replace(condition, **{k: v.bfloat16() for k, v in vars(condition).items() if v is not None})
    mixed = sample(unet, half, sampler, normal(6, *NOISE))
    low = sample(unet, half, sampler, normal(6, *NOISE).bfloat16())
    assert mixed.dtype is torch.float32 and low.dtype is torch.bfloat16
    assert (mixed - wanted).norm() < (low - wanted).norm() < 0.2 * wanted.norm()


def test_rows_of_a_batch_do_not_touch_each_other():
    unet = unet_of("sdxl")
    condition, noise = condition_of(unet, rows=2), normal(6, 2, 4, 16, 16)
    sampler = Sampler(solver="dpm++", steps=3)
    both = sample(unet, condition, sampler, noise)
    values = {k: None if v is None else v[1:] for k, v in vars(condition).items()}
    assert torch.allclose(sample(unet, Condition(**values), sampler, noise[1:]), both[1:], atol=1e-4)


def test_solvers_are_diffusers_with_the_published_spacing():
    kinds = {
        "ddim": DDIMScheduler,
        "euler_ancestral": EulerAncestralDiscreteScheduler,
        "dpm++": DPMSolverMultistepScheduler,
    }
    for solver, kind in kinds.items():
        scheduler = scheduler_of(Sampler(solver=solver), Schedule())
        assert type(scheduler) is kind
        scheduler.set_timesteps(10)
        assert int(scheduler.timesteps[0]) == {"ddim": 901, "euler_ancestral": 999, "dpm++": 999}[solver]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"solver": "magic"}, "magic"),
        ({"steps": 0}, "steps 0"),
        ({"interval": (0.9, 0.1)}, "interval"),
        ({"reuse": 0}, "reuse 0"),
        ({"compare": 0}, "compare 0"),
    ],
)
def test_unusable_samplers_are_refused(options, word):
    with pytest.raises(InvalidOption, match=word):
        Sampler(**options)


def test_reuse_refuses_more_layers_than_there_are():
    with pytest.raises(InvalidOption, match=r"1\.\.3"):
        DeepReuse(unet_of("sd15"), 4)


def test_codec_treats_both_autoencoders_alike():
    torch.manual_seed(0)
    pixels = normal(1, 1, 3, 32, 32).clamp(-1, 1)
    mini = shape("mini").make_autoencoder()
    assert isinstance(mini, AutoencoderTiny)
    for vae, side in ((autoencoder(), 16), (mini, 8)):
        scaled, plain = encode(vae, pixels), encode(vae, pixels, scaled=False)
        assert plain.shape == (1, 4, side, side)
        assert torch.allclose(scaled, plain * vae.config.scaling_factor)
        back = decode(vae, scaled)
        assert back.shape == pixels.shape and back.abs().max() <= 1
        assert torch.allclose(back, vae.decode(plain).sample.clamp(-1, 1), atol=1e-5)
