"""The published path in its layout, tiny: SDXL's folder, a view adapter under the published names, the decoder on them, and SDXL's refiner."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from skimage import data
from tiny import write_folder

from pixwright.edit.networks.decoder import Decoder
from pixwright.edit.networks.wanted import Wanted
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.models.families import PipelineRequest
from pixwright.models.layouts.views import open_views, save_views
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions
from pixwright.models.pipelines import open_pipeline, open_refiner
from pixwright.nn.views import TOKENS, ViewPrompt, inject_views

WIDTH, TEXT = 1024, 24
"""ImageBind's vector, and the tiny network's text."""


def published_state(unet, seed: int = 0) -> dict[str, torch.Tensor]:
    """A view adapter as the published program names it: written from its structure, not from ours."""
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *size: 0.05 * torch.randn(*size, generator=generator)  # noqa: E731
    state = {
        "image_proj.proj.weight": draw(TOKENS * TEXT, WIDTH),
        "image_proj.proj.bias": draw(TOKENS * TEXT),
        "image_proj.norm.weight": 1 + draw(TEXT),
        "image_proj.norm.bias": draw(TEXT),
        "image_proj.raw_embed": draw(2, TEXT),
    }
    for number, (name, _processor) in enumerate(unet.attn_processors.items()):
        if ".attn2." in name:
            layer = unet.get_submodule(name.removesuffix(".processor"))
            for part in ("to_k_ip", "to_v_ip"):
                state[f"ip_adapter.{number}.{part}.weight"] = draw(layer.to_k.out_features, TEXT)
    return state


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("sdxl") / "base", channels=4, xl=True)


@pytest.fixture(scope="module")
def model(base):
    return open_model(ModelOptions(weights=str(base)), Encoders())


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("views") / "ip_adapter.safetensors"
    save_file(published_state(model.unet), path)
    return path


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32)
    return vector / np.linalg.norm(vector)


def published_tokens(state, views):
    """The published projector's arithmetic in one line each."""
    made = (views @ state["image_proj.proj.weight"].T + state["image_proj.proj.bias"]).reshape(1, 2, TOKENS, TEXT)
    made = (made + state["image_proj.raw_embed"][None, :, None]).reshape(1, 2 * TOKENS, TEXT)
    weight, bias = state["image_proj.norm.weight"], state["image_proj.norm.bias"]
    return torch.nn.functional.layer_norm(made, (TEXT,), weight, bias)


@torch.no_grad()
def test_a_published_file_is_read_and_its_projector_computes_the_same(model, file, tmp_path):
    state = published_state(model.unet)
    adapter = open_views(file, model.unet)
    assert adapter.embedding_width == WIDTH
    views = 20 * torch.from_numpy(np.stack([unit(1), unit(2)]))[None]
    prompt: ViewPrompt = adapter(views)
    assert torch.allclose(prompt.tokens, published_tokens(state, views), atol=1e-5)
    assert torch.allclose(prompt.null, published_tokens(state, torch.zeros_like(views)), atol=1e-5)
    save_views(tmp_path / "again.safetensors", model.unet, adapter, {}, dtype="float32")
    again = open_views(tmp_path / "again.safetensors", model.unet)
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in adapter.state_dict().items())
    save_views(tmp_path / "old.safetensors", model.unet, adapter, {"trained_on": {"aligned": "0" * 64}})
    with pytest.raises(WeightsCorrupt, match="was trained on weights 'aligned' of sha256 000"):
        open_views(tmp_path / "old.safetensors", model.unet)


def test_pickle_is_never_loaded(model, tmp_path):
    (tmp_path / "ip_adapter.bin").write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(WeightsCorrupt):
        open_views(tmp_path / "ip_adapter.bin", model.unet)


def decoder_of(base, file, **changes):
    model = open_model(ModelOptions(weights=str(base)), Encoders())
    views = open_views(file, model.unet)
    inject_views(model.unet, views)
    return Decoder(model, views, **{"steps": 3, "side": 32, "praised": True, **changes})


@pytest.mark.usefixtures("noise_passes")
def test_the_decoder_keeps_what_is_outside_and_hears_every_one_of_its_options(base, file):
    picture = np.ascontiguousarray(data.coffee()[:200:2, :240:2])
    limit = np.zeros(picture.shape[:2], np.uint8)
    limit[20:80, 30:90] = 255
    wanted = Wanted(unit(1), unit(2), unit(3), (unit(4),), "a cup")
    decoder = decoder_of(base, file)
    painted, mask = decoder.paint(picture, wanted, limit, seed=1)
    assert mask.any() and np.array_equal(painted[limit == 0], picture[limit == 0]) and not mask[limit == 0].any()
    same = decoder.repaint(picture[:32, :32], wanted, 1)
    assert all(np.array_equal(a, b) for a, b in zip(same, decoder.repaint(picture[:32, :32], wanted, 1), strict=True))
    for changes in (
        {"alpha": 0.2},
        {"guidance": 3.0},
        {"h": (1.0, 0.0, 0.0)},
        {"norm": 60.0},
        {"subject": 0.0},
        {"strength": 0.0},
        {"praised": False},
    ):
        other = replace(decoder, **changes).repaint(picture[:32, :32], wanted, 1)
        assert not np.array_equal(same[1], other[1]), changes
        assert np.array_equal(same[0], other[0]), "the autoencoder alone knows no option"
    assert not np.array_equal(same[1], decoder.repaint(picture[:32, :32], wanted, 2)[1]), "the seed is the noise"
    whole = replace(decoder, alpha=1.0)
    assert np.array_equal(
        whole.repaint(picture[:32, :32], wanted, 1)[1], whole.repaint(picture[:32, :32], wanted, 2)[1]
    )


def test_a_network_that_follows_no_captions_and_a_side_under_its_grid_are_refused(base, file, tmp_path):
    with pytest.raises(InvalidOption, match="under the"):
        decoder_of(base, file, side=1)
    pix2pix = write_folder(tmp_path / "p2p", channels=8)
    with pytest.raises(InvalidOption, match="follows instructions, not captions"):
        Decoder(open_model(ModelOptions(weights=str(pix2pix)), Encoders()), None)


def refiner_in(folder):
    """SDXL's refiner, tiny: one text encoder, five sizes."""
    root = write_folder(folder, channels=4, xl=True)
    (root / "unet/config.json").write_text(
        json.dumps(
            {
                **json.loads((root / "unet/config.json").read_text()),
                "cross_attention_dim": 16,
                "projection_class_embeddings_input_dim": 12 + 5 * 4,
            }
        )
    )
    from diffusers import UNet2DConditionModel

    config = json.loads((root / "unet/config.json").read_text())
    UNet2DConditionModel.from_config(config).save_pretrained(root / "unet")
    parts = {"scheduler": ["diffusers", "EulerDiscreteScheduler"], "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
             "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"], "tokenizer_2": ["transformers", "CLIPTokenizer"],
             "text_encoder": [None, None], "tokenizer": [None, None]}  # fmt: skip
    index = {
        "_class_name": "StableDiffusionXLImg2ImgPipeline",
        "_diffusers_version": "0.40.0",
        "requires_aesthetics_score": True,
        "force_zeros_for_empty_prompt": False,
    }
    (root / "model_index.json").write_text(json.dumps({**index, **parts}))
    return root


def test_the_refiner_repaints_by_its_strength(base, file, tmp_path):
    folder = refiner_in(tmp_path / "refiner")
    options = ModelOptions(weights=str(folder))
    picture = np.ascontiguousarray(data.coffee()[:128, :128])
    little, much = (
        open_refiner(options, strength).run(PipelineRequest([picture], "a cup", 1, 4, 5.0)) for strength in (0.3, 1.0)
    )
    assert little.shape == much.shape == picture.shape
    change = lambda one: float(np.abs(one.astype(int) - picture).mean())  # noqa: E731
    assert change(little) > 0 and not np.array_equal(little, much)
    with pytest.raises(InvalidOption, match="not supported"):
        open_pipeline(options)
