from __future__ import annotations

import json
import shutil

import layout_names
import numpy as np
import pytest
import torch
from diffusers import EulerAncestralDiscreteScheduler, StableDiffusionInstructPix2PixPipeline, StableDiffusionXLPipeline
from safetensors.torch import load_file, save_file
from tiny import write_folder, write_text

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.models import published
from pixwright.models.files import save_part
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition
from pixwright.nn.experts import experts_for
from pixwright.nn.guidance import Scales
from pixwright.nn.sampling import Sampler, Schedule, sample, scheduler_of
from pixwright.nn.shapes import Shape, shape

ENCODERS = Encoders()
PICTURE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
EULER = Sampler(solver="euler_ancestral", steps=2, scales=Scales(picture=1.5, text=7.5))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each made once; tests that change one work on a copy."""
    root = tmp_path_factory.mktemp("published")
    return {
        "edit": write_folder(root / "edit", sees=True),
        "plain": write_folder(root / "plain", channels=4, prediction="v_prediction"),
        "xl": write_folder(root / "xl", channels=4, xl=True),
    }


@pytest.fixture
def copy(folders, tmp_path):
    def one(name):
        return shutil.copytree(folders[name], tmp_path / name)

    return one


def opened(folder, **options):
    return open_model(ModelOptions(weights=str(folder), **options), ENCODERS)


def normal(seed, *size):
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def edited(model, sampler=EULER, pixels=16):
    """Latents of two steps, through everything that a model offers."""
    shown = normal(4, 1, 3, pixels, pixels).clamp(-1, 1).to(model.dtype)
    latents = encode(model.autoencoder, shown, scaled=False)
    texts = model.read(["make it blue", ""])
    pooled = texts.pooled
    condition = Condition(
        text=texts.tokens[:1],
        null_text=texts.tokens[1:],
        picture=latents if model.edits else None,
        pooled=None if pooled is None else pooled[:1],
        null_pooled=None if pooled is None else pooled[1:],
        sizes=None if pooled is None else torch.tensor([[16.0, 16, 0, 0, 16, 16]], dtype=model.dtype),
    )
    generator = torch.Generator().manual_seed(11)
    return sample(
        model.unet, condition, sampler, normal(6, *latents.shape), schedule=model.schedule, generator=generator
    )


def test_an_editing_folder_is_read_whole(folders):
    model = opened(folders["edit"])
    assert model.edits and not model.reads_captions and model.experts is None
    assert (model.side, model.multiple) == (16, 16) and model.dtype is torch.float32
    texts = model.read(["make it blue", "", "cat"])
    assert texts.tokens.shape == (3, 77, 8) and texts.pooled is None
    assert not torch.allclose(texts.tokens[0], texts.tokens[1])
    assert model.look([PICTURE, PICTURE[:, ::-1]]).shape == (2, 5, 16)
    assert edited(model).shape == (1, 4, 8, 8) and torch.isfinite(edited(model)).all()
    assert decode(model.autoencoder, edited(model)).shape == (1, 3, 16, 16)
    assert {"unet/config.json", "unet/diffusion_pytorch_model.safetensors", "tokenizer/vocab.json"} <= set(
        model.digests
    )


def test_other_shapes_are_read_whole(folders):
    plain, xl = opened(folders["plain"]), opened(folders["xl"])
    assert not plain.edits and plain.schedule == Schedule(prediction="v_prediction") and plain.look is None
    assert edited(plain).shape == edited(xl).shape == (1, 4, 8, 8)
    texts = xl.read(["a red cat", ""])
    assert texts.tokens.shape == (2, 77, 24) and texts.pooled.shape == (2, 12) and xl.multiple == 8
    assert texts.tokens[0].abs().sum() > 0 and texts.tokens[1].abs().sum() == 0, "SDXL's blank text is zeros"


def test_latents_equal_the_pipeline_of_the_same_folder(folders):
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        write_index(folders["edit"]), safety_checker=None, local_files_only=True
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = scheduler_of(EULER, Schedule())
    pixels = normal(4, 1, 3, 16, 16).clamp(-1, 1)
    theirs = pipe(
        "make it blue",
        image=(pixels + 1) / 2,
        num_inference_steps=2,
        guidance_scale=7.5,
        image_guidance_scale=1.5,
        latents=normal(6, 1, 4, 8, 8),
        generator=torch.Generator().manual_seed(11),
        output_type="latent",
    ).images
    ours = edited(opened(folders["edit"]))
    assert theirs.abs().max() > 0.1 and (ours - theirs).abs().max() < 1e-4


def write_index(folder):
    """What diffusers' own loader wants to know."""
    names = {
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "EulerAncestralDiscreteScheduler"],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
    }
    if (folder / "text_encoder_2").is_dir():
        names |= {"text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]}
        names |= {"tokenizer_2": ["transformers", "CLIPTokenizer"]}
        names.pop("safety_checker")
    index = json.loads((folder / "model_index.json").read_text()) | names
    (folder / "model_index.json").write_text(json.dumps(index))
    return str(folder)


@torch.no_grad()
def test_texts_of_two_encoders_equal_the_pipelines(folders):
    pipe = StableDiffusionXLPipeline.from_pretrained(write_index(folders["xl"]), local_files_only=True)
    tokens, blank, pooled, blank_pooled = pipe.encode_prompt("make it blue", device="cpu")
    ours = opened(folders["xl"]).read(["make it blue", ""])
    assert torch.allclose(ours.tokens, torch.cat([tokens, blank]), atol=1e-5)
    assert torch.allclose(ours.pooled, torch.cat([pooled, blank_pooled]), atol=1e-5)


def test_offload_gives_the_same_and_one_network_is_there_at_a_time(folders):
    plain, turned = opened(folders["edit"]), opened(folders["edit"], offload="true")
    assert torch.allclose(edited(plain), edited(turned), atol=1e-4)
    assert torch.allclose(plain.look([PICTURE]), turned.look([PICTURE]), atol=1e-5)


@pytest.mark.parametrize("turns", ["false", "true"])
def test_eight_bits_are_near(folders, turns):
    pytest.importorskip("torchao")
    plain, small = opened(folders["edit"]), opened(folders["edit"], quantised="int8", offload=turns)
    error = (edited(small) - edited(plain)).norm() / edited(plain).norm()
    assert 0 < error < 0.02


def test_lora_is_in_the_model_and_in_its_digests(folders, tmp_path):
    name = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q"
    file = tmp_path / "l.safetensors"
    save_file({f"unet.{name}.lora_A.weight": normal(1, 2, 16), f"unet.{name}.lora_B.weight": normal(2, 16, 2)}, file)
    plain, changed = opened(folders["edit"]), opened(folders["edit"], lora=str(file))
    weights = [model.unet.get_submodule(name).weight for model in (plain, changed)]
    assert torch.allclose(weights[1], weights[0] + normal(2, 16, 2) @ normal(1, 2, 16), atol=1e-5)
    assert not torch.equal(edited(plain), edited(changed)) and "lora" in changed.digests


def test_four_bits_do_not_leave_the_gpu(folders):
    with pytest.raises(InvalidOption, match="offload=no"):
        opened(folders["edit"], quantised="int4", offload="true")


def test_experts_for_other_features_are_refused(folders, tmp_path):
    unet = opened(folders["edit"]).unet
    for width in (16, 24):
        projector = {"queries": 4, "projector_width": 8, "depth": 1, "heads": 2, "head_width": 4}
        experts = experts_for(unet, width, **projector)
        about = {**projector, "feature_width": width, "inner": [a.to_k.out_features for a in layers(unet)], "width": 8}
        save_part(tmp_path / f"{width}.safetensors", experts.state_dict(), about, None, 16, {})
    model = opened(folders["edit"], experts=str(tmp_path / "16.safetensors"))
    prompt = model.experts(torch.tensor([10]), model.look([PICTURE]), model.read(["a"]).tokens)
    assert prompt.tokens.shape == (1, 5, 8)
    with pytest.raises(InvalidOption, match="width 24"):
        opened(folders["edit"], experts=str(tmp_path / "24.safetensors"))


@pytest.mark.parametrize("name", ["edit", "xl"])
def test_half_precision_keeps_to_its_dtype(folders, name):
    model = opened(folders[name], dtype="float16")
    pixels = normal(4, 1, 3, 16, 16).clamp(-1, 1).half()
    assert model.autoencoder.dtype is (torch.float32 if name == "xl" else torch.float16)
    assert encode(model.autoencoder, pixels).dtype is torch.float16
    assert decode(model.autoencoder, normal(5, 1, 4, 8, 8).half()).dtype is torch.float16
    assert model.read(["a"]).tokens.dtype is torch.float16


def test_files_of_half_precision_are_read(copy):
    folder = copy("edit")
    unet = folder / "unet"
    before = edited(opened(folder))
    (unet / "diffusion_pytorch_model.safetensors").rename(unet / "diffusion_pytorch_model.fp16.safetensors")
    model = opened(folder)
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in model.digests and torch.equal(edited(model), before)


def test_digests_follow_the_file(copy):
    folder = copy("plain")
    first = opened(folder)
    name = "vae/diffusion_pytorch_model.safetensors"
    before, file = dict(first.digests), folder / name
    state = load_file(file)
    save_file({key: value + 1 for key, value in state.items()}, file, metadata={"format": "pt"})
    after = dict(opened(folder).digests)
    assert [key for key in after if after[key] != before[key]] == [name]
    with pytest.raises(WeightsCorrupt, match="changed since"):
        first.digests[name]


def test_pickle_is_refused(copy, tmp_path):
    folder = copy("plain")
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(file), file.with_suffix(".bin"))
    file.unlink()
    with pytest.raises(WeightsCorrupt, match="pickle"):
        opened(folder)
    with pytest.raises(WeightsCorrupt, match="pickle"):
        opened(folder / "unet" / "diffusion_pytorch_model.bin")


@pytest.mark.parametrize("part", ["vae", "tokenizer", "scheduler", "text_encoder"])
def test_a_missing_part_is_named(copy, part, monkeypatch, tmp_path):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "home"))
    folder = copy("edit")
    shutil.move(folder / part, tmp_path / "away")
    with pytest.raises(WeightsMissing, match=f"no {part}/"):
        opened(folder)
    base = tmp_path / "home" / "stable-diffusion-1.5"
    base.mkdir(parents=True)
    shutil.move(tmp_path / "away", base / part)
    assert opened(folder).edits, "the base's part stands in"


def test_missing_weights_are_not_drawn_by_chance(copy):
    folder = copy("plain")
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    state = load_file(file)
    del state["conv_out.bias"]
    save_file(state, file, metadata={"format": "pt"})
    with pytest.raises(WeightsCorrupt, match=r"conv_out\.bias"):
        opened(folder)


def test_networks_that_cannot_be_driven_are_refused(copy, tmp_path):
    inpainting = write_folder(tmp_path / "nine", channels=9)
    with pytest.raises(InvalidOption, match="9 channels"):
        opened(inpainting)
    folder = copy("plain")
    path = folder / "scheduler" / "scheduler_config.json"
    for wrong, match in (
        ({"_class_name": "LCMScheduler"}, "LCMScheduler"),
        ({"rescale_betas_zero_snr": True}, "rescale_betas"),
        ({"prediction_type": "sample"}, "sample"),
    ):
        told = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
        path.write_text(json.dumps(told | wrong))
        with pytest.raises(InvalidOption, match=match):
            opened(folder)
        path.write_text(json.dumps(told))


def test_what_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(WeightsMissing, match="nowhere"):
        opened(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsMissing, match="unet/"):
        opened(tmp_path / "empty")
    with pytest.raises(InvalidOption, match="cpu"):
        opened(tmp_path, device="cuda:7")
    with pytest.raises(InvalidOption, match="sofa"):
        opened(tmp_path, device="sofa")


def test_a_single_file_is_the_folder_that_it_was_made_from(tmp_path, monkeypatch):
    """The usual settings are replaced by tiny ones; the tokenizer lies beside the file."""
    folder = tmp_path / "folder"
    write_text(folder / "text_encoder", folder / "tokenizer", 12, projected=False)
    text = json.loads((folder / "text_encoder" / "config.json").read_text())
    net, coder = layout_names.unet(), layout_names.autoencoder()
    net.save_pretrained(folder / "unet")
    coder.save_pretrained(folder / "vae")
    EulerAncestralDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear").save_pretrained(
        folder / "scheduler"
    )
    state = {k: v for k, v in layout_names.compvis_state().items() if not k.startswith("cond_stage_model")}
    for name, value in load_file(folder / "text_encoder" / "model.safetensors").items():
        state[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = value
    file = tmp_path / "model.safetensors"
    save_file(state, file)
    tiny = Shape(layout_names.UNET, {"kind": "kl", **coder.config}, {})
    monkeypatch.setattr(published, "shape", lambda name: tiny)
    monkeypatch.setattr(published, "CLIP_L", text)
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "home"))
    with pytest.raises(WeightsMissing, match="tokenizer"):
        opened(file)
    shutil.copytree(folder / "tokenizer", tmp_path / "tokenizer")
    one, whole = opened(file), opened(folder)
    assert one.edits and one.multiple == whole.multiple == 64 and one.schedule == whole.schedule
    assert torch.equal(edited(one, pixels=64), edited(whole, pixels=64))
    assert "model.safetensors" in one.digests


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mini")
    torch.manual_seed(0)
    found = shape("mini").with_unet({"block_out_channels": [8, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2})
    unet, coder = found.make_unet(), found.make_autoencoder()
    about = {
        **found.projector,
        "feature_width": 1280,
        "inner": [a.to_k.out_features for a in layers(unet)],
        "width": 384,
    }
    experts = experts_for(unet, 1280, **found.projector)
    save_part(
        folder / "denoiser.safetensors", unet.state_dict(), found.unet, Schedule(prediction="v_prediction"), 64, {}
    )
    settings = {**found.autoencoder, "scaling_factor": 0.7}
    save_part(folder / "autoencoder.safetensors", coder.state_dict(), settings, None, 64, {})
    save_part(folder / "experts.safetensors", experts.state_dict(), about, None, 64, {})
    return folder


def layers(unet):
    return [part for name, part in unet.named_modules() if name.endswith(".attn2")]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@torch.no_grad()
def test_a_folder_of_our_own_is_a_model(mini, dtype):
    model = opened(mini, dtype=dtype)
    assert model.reads_captions and model.edits and (model.side, model.multiple) == (64, 16)
    assert model.schedule.prediction == "v_prediction" and float(model.autoencoder.config.scaling_factor) == 0.7
    texts, seen = model.read(["make it blue", ""]), model.look([PICTURE])
    assert texts.tokens.shape == (2, 32, 384) and seen.shape == (1, 16, 1280)
    assert texts.tokens.dtype is seen.dtype is model.dtype
    assert edited(model).shape == (1, 4, 4, 4) and torch.isfinite(edited(model)).all()
    prompt = model.experts(torch.tensor([10]), seen, texts.tokens[:1])
    noisy = normal(9, 1, 8, 16, 16).to(model.dtype)
    shown = model.unet(noisy, 500, (texts.tokens[:1], prompt)).sample
    assert not torch.allclose(shown, model.unet(noisy, 500, texts.tokens[:1]).sample), "the experts are in"
    assert set(model.digests) == {"autoencoder", "denoiser", "experts"}


def test_what_a_folder_of_our_own_lacks(mini, tmp_path):
    shutil.copy(mini / "denoiser.safetensors", tmp_path)
    with pytest.raises(WeightsMissing, match="autoencoder"):
        opened(tmp_path)
    shutil.copy(mini / "autoencoder.safetensors", tmp_path)
    assert opened(tmp_path).experts is None
    assert opened(tmp_path, experts=str(mini)).experts is not None
