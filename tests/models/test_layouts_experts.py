"""AnySD's experts and IP-Adapter-Plus: exact names, and the same numbers as diffusers computes from the same file."""

from __future__ import annotations

import pytest
import torch
from layout_names import PUBLISHED, adapter_state, unet, write

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.models.layouts.anysd import open_experts
from pixwright.models.layouts.recognise import EXPERT_FILES, recognise
from pixwright.nn.experts import VisualPrompt, experts_for, inject
from pixwright.nn.tasks import EXPERTS, GENERAL, SHARED, expert_of

FEATURES = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """AnySD's folder of experts as it would be in safetensors."""
    path = tmp_path_factory.mktemp("anysd") / "experts"
    for seed, name in enumerate(PUBLISHED["anysd"]["files"]):
        write(path / f"{name}.safetensors", adapter_state(unet(), seed))
    rows = torch.arange(14.0)[:, None, None, None].expand(14, 1, 1, 12)
    write(path / f"{PUBLISHED['anysd']['table']}.safetensors", {"task_embs": rows})
    return path


def features() -> torch.Tensor:
    return torch.randn(1, 7, FEATURES, generator=torch.Generator().manual_seed(5))


def test_the_written_names_are_the_published_ones():
    assert tuple(PUBLISHED["anysd"]["files"]) == EXPERT_FILES
    state = adapter_state(unet())
    assert not set(PUBLISHED["adapter"]) - state.keys()
    names = list(unet().attn_processors)
    assert {number: names[int(number)].removesuffix(".processor") for number in PUBLISHED["attention"]} == PUBLISHED[
        "attention"
    ]


def test_every_expert_has_its_keys_its_projector_and_the_tasks_their_rows(folder):
    net = unet()
    assert recognise(folder).feature_width == FEATURES
    opened, report = open_experts(folder, net)
    state = opened.state_dict()
    assert (report.present, report.missing, report.has_table) == (EXPERTS, (), True)
    experts = experts_for(net, FEATURES, **report.settings)
    experts.load_state_dict(state)
    assert experts.table.weight[:, 0].tolist() == [*map(float, range(14)), 0.0]
    assert GENERAL == 14
    layers = [number for number, name in enumerate(net.attn_processors) if "attn2" in name]
    for e, name in enumerate(EXPERT_FILES):
        published = adapter_state(net, EXPERT_FILES.index(name))
        for layer, number in zip(experts.each_layer(), layers, strict=True):
            assert torch.equal(layer.to_k[e], published[f"ip_adapter.{number}.to_k_ip.weight"])
            assert torch.equal(layer.to_v[e], published[f"ip_adapter.{number}.to_v_ip.weight"])
        assert torch.equal(experts.projector[e].queries, published["image_proj.latents"])
    again = open_experts(folder, net)[0].state_dict()
    assert all(torch.equal(again[key], state[key]) for key in state), "the same every time"


@torch.no_grad()
def test_an_expert_computes_what_diffusers_computes_from_its_file(folder):
    """diffusers reads the file by its own names and code; the task token, which it does not know, is left out of ours."""
    net, theirs = unet(), unet()
    read = {"image_proj": {}, "ip_adapter": {}}
    for name, tensor in adapter_state(net, EXPERTS.index("reference")).items():
        lead, rest = name.split(".", 1)
        read[lead][rest] = tensor
    theirs._load_ip_adapter_weights([read], low_cpu_mem_usage=False)

    experts, _ = open_experts(folder, net)
    prompt = experts(torch.tensor([10]), features(), torch.zeros(1, 5, 12), routing="hard")
    assert expert_of(10) == EXPERTS.index("reference") and prompt.active == (5,)
    seen = prompt.tokens[:, 5, 1:]
    wanted = theirs.encoder_hid_proj([features()[:, None]])[0][:, 0]
    assert torch.allclose(seen, wanted, atol=2e-6)

    inject(net, experts)
    make = torch.Generator().manual_seed(6)
    noisy, text = torch.randn(1, 8, 8, 8, generator=make), torch.randn(1, 5, 12, generator=make)
    without_task = VisualPrompt(prompt.tokens[:, :, 1:], prompt.routing, prompt.active)
    ours = net(noisy, 500, (text, without_task)).sample
    same = theirs(noisy, 500, text, added_cond_kwargs={"image_embeds": [features()[:, None]]}).sample
    plain = unet()(noisy, 500, text).sample
    assert (same - plain).abs().max() > 1e-3
    assert (ours - same).abs().max() < 1e-5


def test_missing_experts_keep_the_layers_own_keys_and_are_reported(tmp_path):
    net = unet()
    write(tmp_path / "visual_ref.safetensors", adapter_state(net))
    experts, report = open_experts(tmp_path, net)
    assert report.present == ("reference",) and len(report.missing) == 8 and not report.has_table
    own = net.get_submodule("down_blocks.0.attentions.0.transformer_blocks.0.attn2")
    assert torch.equal(experts.each_layer()[0].to_k[0], own.to_k.weight)
    prompt = experts(torch.tensor([0]), features(), torch.zeros(1, 5, 12), routing="hard")
    assert not prompt.tokens.any()


@torch.no_grad()
def test_ip_adapter_plus_starts_all_nine_with_one_projector(tmp_path):
    net = unet()
    file = write(tmp_path / "ip-adapter-plus_sd15.safetensors", adapter_state(net))
    experts, report = open_experts(file, net)
    assert report.present == EXPERTS and not experts.own_projectors
    layer = experts.each_layer()[3]
    assert all(torch.equal(layer.to_k[0], layer.to_k[e]) for e in range(SHARED))
    assert experts(torch.tensor([0]), features(), torch.zeros(1, 5, 12)).tokens.shape == (1, 6, 12)


def test_what_does_not_fit_is_named(tmp_path, folder):
    net = unet()
    with pytest.raises(InvalidOption, match="experts"):
        open_experts(folder, unet(block_out_channels=[4, 8, 8, 16]))
    with pytest.raises(InvalidOption, match="no experts"):
        open_experts(write(tmp_path / "unet.safetensors", net.state_dict()), net)
    state = adapter_state(net)
    del state["ip_adapter.31.to_v_ip.weight"]
    with pytest.raises(InvalidOption, match=r"ip_adapter\.31\.to_v_ip\.weight"):
        open_experts(write(tmp_path / "short.safetensors", state), net)


def test_pickled_experts_are_refused_with_what_to_do(tmp_path):
    (tmp_path / "experts").mkdir()
    (tmp_path / "experts/global.bin").write_bytes(b"PK\x03\x04archive/data.pkl")
    with pytest.raises(WeightsCorrupt, match=r"global\.bin is pickle.*models convert .*global\.bin.*models pull anysd"):
        open_experts(tmp_path, unet())
