"""A checkpoint is recognised by its header; what is not supported is refused by name."""

from __future__ import annotations

import json

import diffusers
import pytest
import torch
from layout_names import PUBLISHED, adapter_state, compvis_state, text_encoder, unet, write

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.models.layouts.recognise import header, recognise


def shaped(path, shapes):
    """A file of zeros with those names."""
    return write(path, {name: torch.zeros(shape) for name, shape in shapes.items()})


def first_layer(channels):
    return {"model.diffusion_model.input_blocks.0.0.weight": (4, channels, 3, 3)}


@pytest.mark.parametrize("channels", [4, 8])
def test_text_to_picture_and_editing_are_told_apart(tmp_path, channels):
    found = recognise(shaped(tmp_path / "m.safetensors", first_layer(channels)))
    assert (found.kind, found.channels, set(found.parts), found.averaged) == ("compvis", channels, {"denoiser"}, False)


@pytest.mark.parametrize(
    ("make", "kind", "part"),
    [
        (lambda: unet().state_dict(), "diffusers", "denoiser"),
        (lambda: diffusers.AutoencoderTiny().state_dict(), "tiny", "autoencoder"),
        (lambda: text_encoder().state_dict(), "diffusers", "text"),
        (
            lambda: {f"text_model.{n.removeprefix('text_model.')}": t for n, t in text_encoder().state_dict().items()},
            "diffusers",
            "text",
        ),
        (lambda: adapter_state(unet()), "adapter", "adapter"),
        (lambda: {"task_embs": torch.zeros(PUBLISHED["anysd"]["rows"])}, "table", "table"),
        (compvis_state, "compvis", "text"),
    ],
)
def test_single_files(tmp_path, make, kind, part):
    found = recognise(write(tmp_path / "model.safetensors", make()))
    assert found.kind == kind and part in found.parts


def test_a_folder_of_one_network_is_that_network(tmp_path):
    write(tmp_path / "diffusion_pytorch_model.safetensors", diffusers.AutoencoderTiny().state_dict())
    found = recognise(tmp_path)
    assert (found.kind, found.path, found.parts["autoencoder"].name) == (
        "tiny",
        tmp_path,
        "diffusion_pytorch_model.safetensors",
    )


def test_taesds_names():
    assert not set(PUBLISHED["tiny"]) - diffusers.AutoencoderTiny().state_dict().keys()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (first_layer(9), "9 of inpainting"),
        (
            {**first_layer(4), "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias": (2,)},
            "Stable Diffusion XL",
        ),
        ({**first_layer(4), "cond_stage_model.model.token_embedding.weight": (2, 2)}, "Stable Diffusion 2"),
        ({"model.diffusion_model.double_blocks.0.img_attn.norm.key_norm.scale": (2,)}, "FLUX"),
        ({"image_proj.proj.weight": (2, 2), "ip_adapter.1.to_k_ip.weight": (2, 2)}, "without a resampler"),
        (dict.fromkeys(PUBLISHED["tiny_refused"], (2, 2)), "TAESD"),
        ({"unet.down_blocks.0.attentions.0.lora_A.weight": (2, 2)}, "lora=FILE"),
        ({"vision_model.embeddings.class_embedding": (2,)}, "picture encoder"),
        ({"some.other.weight": (2,)}, r"no known layout \(some\.other\.weight"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(tmp_path, names, told):
    with pytest.raises(InvalidOption, match=told):
        recognise(shaped(tmp_path / "model.safetensors", names))


def test_pixwrights_own_are_known(tmp_path):
    for part in ("denoiser", "autoencoder"):
        write(tmp_path / f"{part}.safetensors", {"a": torch.zeros(1)}, shape="{}", side="64")
    assert recognise(tmp_path).kind == "pixwright"
    assert recognise(tmp_path / "denoiser.safetensors").kind == "pixwright"


def test_folders_that_hold_nothing_known(tmp_path):
    with pytest.raises(InvalidOption, match="is not there"):
        recognise(tmp_path / "nowhere")
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(InvalidOption, match=r"holds a\.txt; supported: a diffusers folder"):
        recognise(tmp_path)


def test_pickle_is_refused_with_what_to_take_instead(tmp_path):
    file = tmp_path / "MagicBrush-epoch-52-step-4999.ckpt"
    file.write_bytes(b"PK\x03\x04archive/data.pkl")
    for path in (file, tmp_path):
        with pytest.raises(WeightsCorrupt, match=r"pickle.*vinesmsuic/magicbrush-jul7"):
            recognise(path)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x10",
        b"\xff" * 40,
        (20).to_bytes(8, "little") + b"{not json at all...}",
        (2).to_bytes(8, "little") + b"[]",
    ],
)
def test_broken_headers_are_refused(tmp_path, broken):
    file = tmp_path / "model.safetensors"
    file.write_bytes(broken)
    with pytest.raises(WeightsCorrupt, match="fetch it again"):
        recognise(file)


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    file = shaped(tmp_path / "model.safetensors", first_layer(8))
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(WeightsCorrupt, match="its header promises"):
        recognise(file)


def test_only_the_header_is_read(tmp_path):
    rows = json.dumps({"conv_in.weight": {"dtype": "F32", "shape": [4, 8, 3, 3], "data_offsets": [0, 10**9]}}).encode()
    file = tmp_path / "large.safetensors"
    with file.open("wb") as stream:
        stream.write(len(rows).to_bytes(8, "little") + rows)
        stream.truncate(8 + len(rows) + 10**9)
    assert header(file)[0] == {"conv_in.weight": (4, 8, 3, 3)}
