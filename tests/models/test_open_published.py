"""AnySD and IP-Adapter as they are published: by folder and by name, with their picture encoder, and as they were trained."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from layout_names import PUBLISHED, adapter_state, write
from safetensors.torch import save_file
from tiny import write_folder

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.models.contract import ANYSD, PIX2PIX
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions
from pixwright.models.published import load_folder
from pixwright.systems import BUILDERS, build
from pixwright.systems.anysd import _check_experts, regions_from
from pixwright.systems.options import AnySDOptions
from pixwright.weights.registry import packaged

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
CPU = torch.device("cpu")


def opened(folder, **more):
    return open_model(ModelOptions(weights=str(folder), **more), Encoders())


def expert_files(folder, unet, names):
    for seed, name in enumerate(names):
        write(folder / f"{name}.safetensors", adapter_state(unet, seed, features=16))


@pytest.fixture(scope="module")
def anysd(tmp_path_factory):
    """AnySD's repository once `models convert` or `models pull` has rewritten its pickle: 8 of 9 experts, and the table."""
    root = write_folder(tmp_path_factory.mktemp("published") / "anysd", sees=True)
    unet = load_folder(root, "anysd", CPU, torch.float32).unet
    expert_files(root / "experts", unet, PUBLISHED["anysd"]["files"][:-1])
    write(root / "experts/task_embs.safetensors", {"task_embs": torch.ones(14, 1, 1, 8)})
    return root


@pytest.fixture(scope="module")
def plain(anysd, tmp_path_factory):
    """The same without experts and without a picture encoder: InstructPix2Pix."""
    root = tmp_path_factory.mktemp("plain") / "pix2pix"
    return shutil.copytree(anysd, root, ignore=shutil.ignore_patterns("experts", "image_encoder"))


@pytest.fixture(scope="module")
def adapter(anysd, plain, tmp_path_factory):
    """h94/IP-Adapter as it is pulled."""
    root = tmp_path_factory.mktemp("ip") / "IP-Adapter"
    shutil.copytree(anysd / "image_encoder", root / "models/image_encoder")
    unet = load_folder(plain, "plain", CPU, torch.float32).unet
    write(root / "models/ip-adapter-plus_sd15.safetensors", adapter_state(unet, 3, features=16))
    return root


def test_published_experts_are_used_as_they_were_trained(anysd):
    model = opened(anysd)
    assert model.routing == "hard" and model.unreferenced == "zero_picture" and model.scales == ANYSD
    assert model.missing == {"sketch"} and "experts/global" in model.digests
    zero, black = model.look([None]), model.look([np.zeros((9, 9, 3), np.uint8)])
    pixels = torch.zeros(1, 3, 28, 28)
    encoder = load_folder(anysd, "anysd", CPU, torch.float32).image_encoder
    with torch.no_grad():
        assert torch.allclose(zero, encoder(pixels, output_hidden_states=True).hidden_states[-2], atol=1e-5)
    assert not torch.allclose(zero, black)


def test_an_ip_adapter_is_given_by_folder_file_or_name(plain, adapter, monkeypatch):
    file = adapter / "models/ip-adapter-plus_sd15.safetensors"
    for given in (adapter, file):
        model = opened(plain, experts=str(given))
        assert model.unreferenced == "plain" and model.routing == "hard" and model.scales == PIX2PIX
        assert model.look([PICTURE]).shape == (1, 5, 16) and not model.experts.own_projectors
    monkeypatch.setenv("PIXWRIGHT_HOME", str(adapter.parent))
    adapter.parent.joinpath("ip-adapter-plus").symlink_to(adapter)
    assert opened(plain, experts="ip-adapter-plus").experts is not None


def test_a_picture_encoder_can_be_given_and_must_be_there(plain, adapter, anysd, tmp_path):
    alone = tmp_path / "alone" / "ip-adapter-plus_sd15.safetensors"
    alone.parent.mkdir()
    shutil.copy(adapter / "models/ip-adapter-plus_sd15.safetensors", alone)
    with pytest.raises(WeightsMissing, match="image_encoder=DIR"):
        opened(plain, experts=str(alone))
    for encoder in (anysd, anysd / "image_encoder"):
        model = opened(plain, experts=str(alone), image_encoder=str(encoder))
        assert model.look([PICTURE]).shape == (1, 5, 16)
    with pytest.raises(WeightsMissing, match="holds no picture encoder"):
        opened(plain, image_encoder=str(tmp_path))
    shutil.copy(alone, alone.with_name("ip-adapter-plus-face_sd15.safetensors"))
    with pytest.raises(InvalidOption, match="give one of the files"):
        opened(plain, experts=str(alone.parent))


def test_weights_whose_experts_are_not_there_do_not_paint_as_if_they_had_none(anysd, plain, tmp_path):
    bare = shutil.copytree(anysd, tmp_path / "bare", ignore=shutil.ignore_patterns("experts"))
    (bare / "experts").mkdir()
    (bare / "experts/global.bin").write_bytes(b"PK\x03\x04archive/data.pkl")
    model = opened(bare)
    with pytest.raises(WeightsMissing, match=r"models pull anysd.*models convert FILE.*experts=no"):
        _check_experts(AnySDOptions(weights=str(bare)), model)
    _check_experts(AnySDOptions(weights=str(bare), experts="no"), model)
    _check_experts(AnySDOptions(weights=str(plain)), opened(plain))
    assert opened(anysd, experts="no").experts is None


def test_every_default_name_is_known():
    for name in BUILDERS:
        given = BUILDERS[name].options.model_fields.get("weights")
        if given is not None and given.default not in ("mini", "mini-reason"):
            assert given.default in packaged(), name
    assert build("qwen-image-edit").name == "qwen-image-edit"


@torch.no_grad()
def test_long_texts_are_read_in_rows_of_77(plain):
    model = opened(plain)
    words = "make it blue"
    short, long = model.read([words, ""]), model.read([words + " a red cat" * 40, words, ""])
    assert long.tokens.shape[1] % 77 == 0 and long.tokens.shape[1] > 77
    assert torch.allclose(long.tokens[1:, :77], short.tokens, atol=1e-6), "what fits is read as ever"
    again = model.read([words + " a red cat" * 40 + " blue"])
    assert not torch.allclose(again.tokens[0, -77:], long.tokens[0, -77:]), "the end of a long text counts"


def test_looks_come_from_a_tiny_autoencoder_of_the_same_latents(plain, tmp_path):
    sizes = {"encoder_block_out_channels": [4, 4], "decoder_block_out_channels": [4, 4]}
    blocks = {"num_encoder_blocks": [1, 1], "num_decoder_blocks": [1, 1], "upsampling_scaling_factor": 2}
    AutoencoderTiny(latent_channels=4, **sizes, **blocks).save_pretrained(tmp_path / "tiny")
    assert opened(plain, preview=str(tmp_path / "tiny")).glimpse.config.latent_channels == 4
    AutoencoderTiny(latent_channels=8, **sizes, **blocks).save_pretrained(tmp_path / "wide")
    with pytest.raises(InvalidOption, match="8 channels"):
        opened(plain, preview=str(tmp_path / "wide"))
    with pytest.raises(WeightsMissing, match="models pull taesd"):
        opened(plain, preview=str(tmp_path / "none"))


def test_compiling_and_tiles_reach_the_networks_and_memory_is_said_first(plain):
    said = []
    model = open_model(ModelOptions(weights=str(plain), compiled=True, tiles=True), Encoders(), said.append)
    assert model.unet._compiled_call_impl is not None and model.autoencoder.use_tiling and model.tiles
    assert len(said) == 1 and "MB of weights for cpu" in said[0]


def test_a_lora_is_given_by_name(plain, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match=r"models pull lcm-lora-sd1\.5"):
        opened(plain, lora="lcm-lora-sd1.5")
    name = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q"
    (tmp_path / "lcm-lora-sd1.5").mkdir()
    factors = {f"unet.{name}.lora_A.weight": torch.ones(2, 16), f"unet.{name}.lora_B.weight": torch.ones(16, 2)}
    save_file(factors, tmp_path / "lcm-lora-sd1.5/pytorch_lora_weights.safetensors")
    before, after = (opened(plain, lora=lora).unet.get_submodule(name).weight for lora in ("", "lcm-lora-sd1.5"))
    assert torch.allclose(after, before + 2, atol=1e-5)


def test_regions_are_read_from_a_file(tmp_path):
    file = tmp_path / "regions.json"
    file.write_text(json.dumps([{"words": "a red roof", "mask": "roof.png"}]))
    (one,) = regions_from(str(file))
    assert one.words == "a red roof" and one.mask == tmp_path / "roof.png" and regions_from("") == ()
    file.write_text("{}[")
    with pytest.raises(InvalidOption, match="it holds"):
        regions_from(str(file))
