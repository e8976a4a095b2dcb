"""The network in two parts is the model in one; inputs and controls enter where they should; what learns is what is said to."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.errors import InvalidAttachment, InvalidOption, InvalidRecord, WeightsCorrupt  # noqa: E402
from pixwright.mllm.contract import Input  # noqa: E402
from pixwright.mllm.files import AdapterFile, save_adapter  # noqa: E402
from pixwright.mllm.network import Adaptation, LowRank, usual_size  # noqa: E402
from pixwright.mllm.opening import build, language_model  # noqa: E402
from pixwright.mllm.retrieval import unit  # noqa: E402
from pixwright.mllm.speaking import InterleavedModel  # noqa: E402
from pixwright.mllm.tokens import CONTROLS, PromptLayout  # noqa: E402
from pixwright.weights import store  # noqa: E402
from pixwright.weights.registry import entry  # noqa: E402
from tiny_language import tiny_folder  # noqa: E402

WIDTH = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


def made(folder, **settings):
    torch.manual_seed(1)
    return build(folder, Adaptation(WIDTH, **settings), PromptLayout(picture=settings.get("slots", 1)))


def vector(seed):
    return unit(np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32))


@pytest.mark.parametrize("enter", [0, 1, 3])
def test_two_parts_are_one_model(folder, enter):
    network, writer = made(folder, enter=enter)
    whole = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = torch.tensor([writer.prompt("add a cow", {}).ids])
    with torch.no_grad():
        ours = network.logits(network.upper(network.lower(ids)))
        theirs = whole(ids).logits
    assert ours.shape[-1] == theirs.shape[-1] + len(CONTROLS)
    torch.testing.assert_close(ours[..., : -len(CONTROLS)], theirs)


def test_an_input_changes_what_follows_it_alone(folder):
    network, writer = made(folder, enter=2, slots=2)
    prompt = writer.prompt("add [1] here", {1: "picture"})
    ids = torch.tensor([prompt.ids])
    places = torch.tensor([[0, slot.place, slot.part] for slot in prompt.slots])
    assert len(places) == 2
    with torch.no_grad():
        states = network.lower(ids)
        plain = network.upper(states)
        given = network.upper(network.enter(states, ids, places, torch.from_numpy(np.stack([vector(1)] * 2))))
    first = prompt.slots[0].place
    torch.testing.assert_close(given[:, :first], plain[:, :first])
    assert (given[:, first:] - plain[:, first:]).abs().amax(-1).min() > 1e-5


def test_lora_leaves_the_model_frozen_and_full_does_not(folder):
    network, _ = made(folder, enter=2)
    names = {name for name, _ in network.learnt()}
    assert all(name.split(".")[0] in ("rows", "written", "inside", "outside", "above") for name in names)
    assert all(name.endswith((".up", ".down")) for name in names if name.startswith("above"))
    assert sum(isinstance(one, LowRank) for one in network.modules()) == 2 * 7
    full, _ = made(folder, enter=2, tune="full")
    assert any(name.endswith("mlp.up_proj.weight") for name, _ in full.learnt())


def test_remembering_keys_gives_what_reading_all_again_does(folder):
    network, writer = made(folder, enter=2)
    model = InterleavedModel(network, writer)
    speech = model._speech("put [1] in", [Input("picture", vector(0)), Input("sound", vector(1))])
    control = writer.controls(["[base]"])[0]
    found = speech.say(control)
    prompt = writer.prompt("put [1] in", {0: "picture", 1: "sound"})
    ids = torch.tensor([[*prompt.ids, control]])
    places = torch.tensor([[0, slot.place, slot.part] for slot in prompt.slots])
    vectors = torch.from_numpy(np.stack([vector(slot.number) for slot in prompt.slots]))
    with torch.no_grad():
        again = network.vectors(network.upper(network.enter(network.lower(ids), ids, places, vectors))[0, -1])
    np.testing.assert_allclose(found, again.numpy(), atol=1e-4)


def test_an_understanding_is_in_control_tokens(folder):
    model = InterleavedModel(*made(folder, enter=1))
    inputs = [Input("picture", vector(0)), Input("picture", vector(1)), Input("music", vector(2))]
    read = model.understand("add [1] and fit the mood of [2]", inputs)
    assert read.gen.shape == (WIDTH,)
    assert np.linalg.norm(read.gen) == pytest.approx(1, abs=1e-5)
    assert len(read.sub_vectors) <= 2
    assert read.text.startswith("[") and "[gen]" in read.text
    assert (read.base is None) == (read.base_vector is None)
    assert isinstance(model.answer("describe", inputs[:1]), str)


def test_what_does_not_fit_is_said(folder):
    model = InterleavedModel(*made(folder))
    with pytest.raises(InvalidAttachment, match=r"\[3\] names no input"):
        model.understand("add [3]", [Input("picture", vector(0))])
    with pytest.raises(InvalidAttachment, match="this model reads"):
        model.understand("add it", [Input("picture", np.ones(3, np.float32))])
    with pytest.raises(InvalidOption, match="not below the model's 4 layers"):
        made(folder, enter=4)
    with pytest.raises(WeightsCorrupt, match="no tokenizer that transformers reads"):
        build(folder.parent / "nowhere", Adaptation(WIDTH), PromptLayout())


def test_a_trained_part_is_written_and_read(folder, tmp_path):
    network, writer = made(folder, enter=2)
    save_adapter(folder / "adapter.safetensors", network, writer.layout, "tiny", {"step": 3})
    read = language_model(str(folder))
    assert AdapterFile(folder / "adapter.safetensors").recipe == {"step": 3} and not read.describes
    given = [Input("picture", vector(0))]
    mine = InterleavedModel(network, writer).understand("make it night", given)
    theirs = read.understand("make it night", given)
    np.testing.assert_allclose(mine.gen, theirs.gen, atol=0.02)
    save_adapter(folder / "adapter.safetensors", network, writer.layout, "tiny", {"aligned": "0" * 64})
    with pytest.raises(WeightsCorrupt, match="was trained on weights 'aligned' of sha256 000"):
        language_model(str(folder))
    other, _ = made(folder, enter=1)
    with pytest.raises(InvalidRecord, match="does not fit this language model"):
        AdapterFile(folder / "adapter.safetensors").fill(other)
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(InvalidRecord, match="no trained part"):
        AdapterFile(tmp_path / "bad.safetensors")
    with pytest.raises(InvalidOption, match=r"holds no adapter\.safetensors"):
        language_model(str(tmp_path))


def test_the_packaged_part_fits_the_packaged_encoder_and_its_size():
    """Vectors mean something only in the space that the model was trained in: whoever trains new heads has to train this again."""
    adapter = AdapterFile(store.path("mini-mllm"))
    assert adapter.recipe["aligned"] == store.expected_digest("aligned")
    assert adapter.path.stat().st_size < 5e6
    assert (adapter.base, adapter.adaptation.width) == ("smollm2", 256)


def test_the_mini_model_opens_and_answers_in_control_tokens():
    if not store.place(entry("smollm2")).exists():
        pytest.skip("needs: pixwright models pull smollm2")
    model = language_model("mini")
    see = Encoders().aligned
    rng = np.random.default_rng(3)
    inputs = [Input("picture", see.picture(rng.integers(0, 255, (64, 64, 3), np.uint8))) for _ in range(2)]
    read = model.understand("make it fit [1] in the picture", inputs)
    assert read.text.endswith("[gen]") and read.words == ""


def test_a_model_whose_captions_nobody_trusts_says_so(folder):
    model = InterleavedModel(*made(folder, enter=1), describes=False)
    assert model.understand("make it night", [Input("picture", vector(0))]).words == ""
    with pytest.raises(InvalidOption, match="not good enough to be shown"):
        model.answer("describe", [Input("picture", vector(0))])


def test_the_usual_size_is_not_that_of_a_few_huge_tokens():
    states = torch.ones(1, 9, 4)
    states[0, 0] = 1000
    assert usual_size(states) == pytest.approx(1)


def test_no_more_subs_are_written_than_there_are_attachments(folder):
    network, writer = made(folder, enter=1)
    with torch.no_grad():
        network.written.zero_()
        network.written[CONTROLS.index("[sub]")] = 100 * network.rows[0].sign()
    model = InterleavedModel(network, writer)
    for count in (1, 2, 3):
        inputs = [Input("picture", vector(k)) for k in range(count)]
        assert len(model.understand("add them", inputs, caption=False).sub_vectors) <= max(count - 1, 1)
    assert model.understand("a cow", [], caption=False).text == "[gen]"


def test_an_answer_ends_where_it_is_told_to(folder):
    model = InterleavedModel(*made(folder, enter=1))
    assert len(model.answer("tell me", most=3)) <= 12
    assert not any(control in model.answer("tell me [gen]", most=5) for control in CONTROLS[:2])
