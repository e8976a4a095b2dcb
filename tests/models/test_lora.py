from __future__ import annotations

import json

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.models.lora import merge_lora
from pixwright.nn.shapes import shape

LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
OUT = "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0"
KOHYA = f"lora_unet_{LAYER.replace('.', '_')}"


def tiny():
    torch.manual_seed(0)
    small = {"block_out_channels": [8, 16, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2, "sample_size": 8}
    return UNet2DConditionModel(**{**shape("sd15").unet, **small, "cross_attention_dim": 8})


def factors(rank=2, out=8, into=8):
    return torch.randn(rank, into), torch.randn(out, rank)


FORMS = {
    "kohya": (KOHYA, ".lora_down.weight", ".lora_up.weight", {f"{KOHYA}.alpha": torch.tensor(1.0)}, {}, 0.5),
    "kohya without alpha": (KOHYA, ".lora_down.weight", ".lora_up.weight", {}, {}, 1.0),
    "peft": (f"unet.{LAYER}", ".lora_A.weight", ".lora_B.weight", {}, {}, 1.0),
    "peft bare": (LAYER, ".lora_A.default.weight", ".lora_B.default.weight", {}, {}, 1.0),
    "peft with settings": (
        f"unet.{LAYER}",
        ".lora_A.weight",
        ".lora_B.weight",
        {},
        {"lora_adapter_metadata": json.dumps({"unet.r": 2, "unet.lora_alpha": 8})},
        4.0,
    ),
    "diffusers": (f"unet.{LAYER}", ".lora.down.weight", ".lora.up.weight", {}, {}, 1.0),
    "old diffusers": (
        f"unet.{LAYER.replace('.to_k', '.processor.to_k_lora')}",
        ".down.weight",
        ".up.weight",
        {},
        {},
        1.0,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_merged_weights_are_the_product(form, tmp_path):
    stem, down_key, up_key, more, about, scale = FORMS[form]
    unet = tiny()
    down, up = factors()
    file = tmp_path / "lora.safetensors"
    save_file({stem + down_key: down, stem + up_key: up, **more}, file, metadata=about)
    before = {key: value.clone() for key, value in unet.state_dict().items()}
    assert merge_lora(file, unet) == 1
    wanted = before[f"{LAYER}.weight"] + scale * up @ down
    after = unet.state_dict()
    assert torch.allclose(after[f"{LAYER}.weight"], wanted, atol=1e-6)
    assert [key for key in after if not torch.equal(after[key], before[key])] == [f"{LAYER}.weight"]
    merge_lora(file, unet, scale=-1.0)
    assert torch.allclose(unet.state_dict()[f"{LAYER}.weight"], before[f"{LAYER}.weight"], atol=1e-6)


def test_convolutions_and_other_spellings_of_the_output(tmp_path):
    unet = tiny()
    conv = "down_blocks.0.resnets.0.conv1"
    down, up = torch.randn(2, 8, 3, 3), torch.randn(8, 2, 1, 1)
    old, old_up = factors(out=16, into=16)
    spelled = OUT.replace(".to_out.0", ".processor.to_out_lora")
    state = {f"lora_unet_{conv.replace('.', '_')}.lora_{k}.weight": v for k, v in (("down", down), ("up", up))}
    save_file({**state, f"{spelled}.down.weight": old, f"{spelled}.up.weight": old_up}, tmp_path / "l.safetensors")
    x = torch.randn(1, 8, 5, 5)
    layer = unet.get_submodule(conv)
    with torch.no_grad():
        wanted = layer(x) + torch.nn.functional.conv2d(torch.nn.functional.conv2d(x, down, padding=1), up)
        linear = unet.get_submodule(OUT).weight + old_up @ old
        assert merge_lora(tmp_path / "l.safetensors", unet) == 2
        assert torch.allclose(layer(x), wanted, atol=1e-4)
        assert torch.allclose(unet.get_submodule(OUT).weight, linear, atol=1e-6)


def test_text_encoders_change_with_the_file(tmp_path):
    text = torch.nn.ModuleDict({"q_proj": torch.nn.Linear(8, 8)})
    down, up = factors()
    save_file(
        {"lora_te_text_model_q_proj.lora_down.weight": down, "lora_te_text_model_q_proj.lora_up.weight": up},
        tmp_path / "l.safetensors",
    )
    before = text["q_proj"].weight.clone()
    assert merge_lora(tmp_path / "l.safetensors", tiny(), {"text_encoder": text}) == 1
    assert torch.allclose(text["q_proj"].weight, before + up @ down, atol=1e-6)
    with pytest.raises(InvalidOption, match="text_encoder"):
        merge_lora(tmp_path / "l.safetensors", tiny())


def test_what_is_not_known_is_refused_and_nothing_changes(tmp_path):
    unet, file = tiny(), tmp_path / "l.safetensors"
    down, up = factors()
    good = {f"{KOHYA}.lora_down.weight": down, f"{KOHYA}.lora_up.weight": up}
    before = unet.get_submodule(LAYER).weight.clone()
    for more, match in (
        ({f"{KOHYA}.hada_w1_a": down}, "hada_w1_a"),
        ({f"{KOHYA}.dora_scale": down}, "dora_scale"),
        ({"lora_unet_nowhere_to_q.lora_down.weight": down, "lora_unet_nowhere_to_q.lora_up.weight": up}, "nowhere"),
        ({f"unet.{OUT}.lora_A.weight": down}, "one of its two"),
        ({f"unet.{OUT}.lora_A.weight": down, f"unet.{OUT}.lora_B.weight": up}, "another network"),
    ):
        save_file({key: value.clone() for key, value in {**good, **more}.items()}, file)
        with pytest.raises(InvalidOption, match=match):
            merge_lora(file, unet)
        assert torch.equal(unet.get_submodule(LAYER).weight, before)
    with pytest.raises(WeightsMissing):
        merge_lora(tmp_path / "none.safetensors", unet)
    torch.save(good, tmp_path / "l.pt")
    with pytest.raises(WeightsCorrupt):
        merge_lora(tmp_path / "l.pt", unet)
