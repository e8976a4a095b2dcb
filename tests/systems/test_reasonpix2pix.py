"""ReasonPix2Pix from file to file with small random networks: what the system promises does not depend on what was learned."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from pixwright import systems  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.errors import InvalidOption, UnclearInstruction, WeightsMissing  # noqa: E402
from pixwright.files import Job, UserPlace, edit_file  # noqa: E402
from pixwright.media import load_picture  # noqa: E402
from pixwright.mllm.files import save_adapter  # noqa: E402
from pixwright.mllm.network import Adaptation  # noqa: E402
from pixwright.mllm.opening import build  # noqa: E402
from pixwright.mllm.states import MINI_TOKENS  # noqa: E402
from pixwright.mllm.tokens import PromptLayout  # noqa: E402
from pixwright.models.connector import connector_for, load_connector, save_connector  # noqa: E402
from pixwright.models.files import read_part, save_part  # noqa: E402
from pixwright.nn.sampling import Schedule  # noqa: E402
from pixwright.nn.shapes import shape  # noqa: E402
from pixwright.records.instruction import Instruction  # noqa: E402
from pixwright.systems.auto import TRIED_FROM, read_table  # noqa: E402
from pixwright.systems.reasonpix2pix import whole  # noqa: E402
from pixwright.weights.registry import entry  # noqa: E402
from pixwright.weights.store import digest, expected_digest, path, place  # noqa: E402
from tiny_language import tiny_folder  # noqa: E402

SMALL = {"block_out_channels": [16, 16], "down_block_types": ["CrossAttnDownBlock2D"] * 2} | {
    "up_block_types": ["CrossAttnUpBlock2D"] * 2,
    "norm_num_groups": 8,
    "sample_size": 8,
}
pytestmark = pytest.mark.usefixtures("noise_passes")
CONNECTOR = {"width": 16, "queries": 5, "depth": 1, "heads": 2, "head_width": 8, "growth": 2}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A language model folder as training leaves it: a tiny Llama with an adapter for the aligned encoder's vectors."""
    folder = tiny_folder(tmp_path_factory.mktemp("reader"))
    torch.manual_seed(2)
    network, _ = build(folder, Adaptation(256, enter=2, rank=2), PromptLayout())
    save_adapter(folder / "adapter.safetensors", network, PromptLayout(), "tiny", {})
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("weights") / "random-reason"
    small = shape("mini").with_unet(SMALL)
    unet, coder = small.make_unet(), small.make_autoencoder()
    with torch.no_grad():  # freshly drawn, both say grey to everything; louder, an edit shows
        for layer in (unet.conv_out, list(coder.encoder.modules())[-1], list(coder.decoder.modules())[-1]):
            layer.weight.mul_(30)
    save_part(
        folder / "denoiser.safetensors", unet.state_dict(), small.unet, Schedule(prediction="v_prediction"), 32, {}
    )
    save_part(folder / "autoencoder.safetensors", coder.state_dict(), small.autoencoder, None, 32, {})
    save_connector(folder / "connector.safetensors", connector_for(32, 384, MINI_TOKENS, "tiny", 0, CONNECTOR), 32, {})
    return folder


def test_the_words_go_whole_and_a_box_limits_every_pixel(weights, reader, coffee):
    options = {"weights": str(weights), "reader": str(reader), "steps": "3"}
    words = "make it look like a mosaic"
    job = Job(
        coffee,
        words,
        coffee.with_name("out.png"),
        system="reasonpix2pix",
        options=options,
        place=UserPlace(box="30,20,110,100"),
    )
    done = edit_file(job)
    assert [step.instruction for step in done.result.plan.steps] == [words]
    before, after = load_picture(coffee).pixels, load_picture(done.output).pixels
    changed = np.any(before != after, axis=2)
    assert changed.any() and not changed[:, :30].any() and not changed[100:].any()
    assert len(done.result.report.weights["connector"]) == 64


def test_other_words_and_another_picture_paint_something_else(weights, reader, coffee):
    options = {"weights": str(weights), "reader": str(reader), "steps": "2", "ground": "no"}
    system = systems.build("reasonpix2pix", options=options)
    from pixwright import edit

    one = edit(coffee, "make it look like a mosaic", system=system, seed=1).picture
    assert not np.array_equal(one, edit(coffee, "turn it into a watercolor", system=system, seed=1).picture)
    assert np.array_equal(one, edit(coffee, "make it look like a mosaic", system=system, seed=1).picture)


def test_without_weights_it_says_what_to_do(coffee, tmp_path):
    options = {"weights": str(tmp_path)}
    with pytest.raises(WeightsMissing, match="holds no connector"):
        edit_file(Job(coffee, "make it look like a mosaic", system="reasonpix2pix", options=options))


def test_a_connector_without_a_denoiser_belongs_to_the_packaged_one_and_changes_its_layers(reader, coffee, tmp_path):
    """Words reach the picture through the layers of the file: without them the same connector paints something else."""
    connector = connector_for(32, 384, MINI_TOKENS, "tiny", 0, CONNECTOR, {"denoiser": digest(path("mini-denoiser"))})
    layers = read_part(path("mini-denoiser")).state
    changed = {name: -value for name, value in layers.items() if name.endswith("attn2.to_out.0.weight")}
    assert changed
    painted = []
    for name, own in (("plain", {}), ("changed", changed)):
        save_connector(tmp_path / name / "connector.safetensors", connector, 64, {}, own)
        options = {"weights": str(tmp_path / name), "reader": str(reader), "steps": "2", "ground": "no"}
        job = Job(coffee, "make it sepia", tmp_path / f"{name}.png", system="reasonpix2pix", options=options)
        done = edit_file(job)
        assert {"connector", "denoiser", "language model", "aligned heads"} <= set(done.result.report.weights)
        painted.append(load_picture(done.output).pixels)
    assert not np.array_equal(*painted)


def test_a_situation_without_a_sure_type_is_an_edit_and_a_question_is_none():
    encoders = Encoders()
    plan = whole(Instruction("the fire would only distract from what matters"), None, encoders)
    assert [step.instruction for step in plan.steps] == ["the fire would only distract from what matters"]
    with pytest.raises(UnclearInstruction):
        whole(Instruction("what is the capital of France?"), None, encoders)


def test_auto_does_not_choose_what_was_not_found_to_be_better():
    (measured,) = [one for one in read_table().editors if one.name == "reasonpix2pix"]
    assert measured.types and all(share.interval[0] < TRIED_FROM for share in measured.types.values())


def test_the_packaged_weights_belong_to_the_packaged_parts():
    """Whoever trains the language model, the heads or the denoiser anew has to train these again."""
    connector = load_connector(path("mini-reason"))
    parts = {"language model": "mini-mllm", "aligned heads": "aligned", "denoiser": "mini-denoiser"}
    assert connector.about["of"] == {part: expected_digest(name) for part, name in parts.items()}
    assert connector.about["reader"] == "mini" and connector.layers
    assert path("mini-reason").stat().st_size < 6e6


def test_the_packaged_weights_edit_by_a_situation(coffee):
    if not place(entry("smollm2")).exists():
        pytest.skip("needs: pixwright models pull smollm2")
    words = "he has a formal meeting to attend"
    done = edit_file(Job(coffee, words, coffee.with_name("out.png"), system="reasonpix2pix", options={"steps": "2"}))
    assert {"connector", "denoiser", "language model", "aligned heads"} <= set(done.result.report.weights)
    assert not np.array_equal(load_picture(coffee).pixels, load_picture(done.output).pixels)


@pytest.mark.parametrize("part", ["denoiser", "language model", "aligned heads"])
def test_a_connector_refuses_parts_that_it_was_not_trained_with(reader, coffee, tmp_path, part):
    connector = connector_for(32, 384, MINI_TOKENS, "tiny", 0, CONNECTOR, {part: "0" * 64})
    save_connector(tmp_path / "connector.safetensors", connector, 64, {})
    options = {"weights": str(tmp_path), "reader": str(reader)}
    with pytest.raises(InvalidOption, match=f"another {part} than is here"):
        edit_file(Job(coffee, "make it sepia", system="reasonpix2pix", options=options))


def test_parts_that_do_not_belong_together_are_named(weights, reader, coffee, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for part in ("denoiser", "autoencoder"):
        (other / f"{part}.safetensors").symlink_to(weights / f"{part}.safetensors")
    save_connector(other / "connector.safetensors", connector_for(48, 384, 9, "another", 0, CONNECTOR), 32, {})
    options = {"weights": str(other), "reader": str(reader)}
    with pytest.raises(InvalidOption, match="was trained on another"):
        edit_file(Job(coffee, "make it look like a mosaic", system="reasonpix2pix", options=options))
