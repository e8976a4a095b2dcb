"""The diffusion systems from file to file, with small random networks: what they promise does not depend on what was learned."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from pixwright import systems  # noqa: E402
from pixwright.batch import Common, jobs_from, run  # noqa: E402
from pixwright.errors import InvalidOption, MissingExtra  # noqa: E402
from pixwright.files import Job, UserPlace, edit_file  # noqa: E402
from pixwright.media import load_picture, read_record  # noqa: E402
from pixwright.models.files import save_part  # noqa: E402
from pixwright.nn.sampling import Schedule  # noqa: E402
from pixwright.nn.shapes import shape  # noqa: E402
from pixwright.records.result import Origin, Verdict  # noqa: E402
from pixwright.redoing import redo  # noqa: E402
from pixwright.systems.instructedit import ratios_from  # noqa: E402
from pixwright.systems.torch_parts import Once  # noqa: E402

pytestmark = pytest.mark.usefixtures("noise_passes")
SMALL = {"block_out_channels": [16, 16], "down_block_types": ["CrossAttnDownBlock2D"] * 2} | {
    "up_block_types": ["CrossAttnUpBlock2D"] * 2,
    "norm_num_groups": 8,
    "sample_size": 8,
}
FAST = {"anysd": {"steps": "3"}, "instructedit": {"steps": "4", "ratio": "0.5,1"}}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A folder as training leaves it: random values."""
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("weights") / "random-mini"
    small = shape("mini").with_unet(SMALL)
    unet, coder = small.make_unet(), small.make_autoencoder()
    with torch.no_grad():
        # Freshly drawn, both say grey to everything; louder, an edit shows.
        for layer in (unet.conv_out, list(coder.encoder.modules())[-1], list(coder.decoder.modules())[-1]):
            layer.weight.mul_(30)
    experts = small.make_experts(unet, 1280)
    inner = [layer.to_k.shape[1] for layer in experts.each_layer()]
    settings = {**small.projector, "feature_width": 1280, "inner": inner, "width": 384}
    schedule = Schedule(prediction="v_prediction")
    save_part(folder / "denoiser.safetensors", unet.state_dict(), small.unet, schedule, 32, {})
    save_part(folder / "autoencoder.safetensors", coder.state_dict(), small.autoencoder, None, 32, {})
    save_part(folder / "experts.safetensors", experts.state_dict(), settings, None, 32, {})
    return folder


def job(path, words, name, weights, **more):
    options = {"weights": str(weights), **FAST[name], **more.pop("options", {})}
    return Job(path, words, path.with_name(f"{name}.png"), system=name, options=options, **more)


@pytest.mark.parametrize("name", ["anysd", "instructedit"])
def test_a_box_limits_every_pixel_and_the_record_makes_it_again(weights, coffee, name):
    # Of what random networks paint the judge says rightly that no cup is blue, and then nothing is written; a style it lets pass in part.
    words = "make it look like a mosaic"
    done = edit_file(job(coffee, words, name, weights, place=UserPlace(box="30,20,110,100")))
    before, after = load_picture(coffee).pixels, load_picture(done.output).pixels
    changed = np.any(before != after, axis=2)
    assert changed.any() and not changed[:, :30].any() and not changed[100:].any()
    assert done.result.report.outside_max_difference == 0 and done.result.report.file_outside_max_difference == 0
    used = done.result.report.weights
    assert any("denoiser" in key for key in used) and all(len(value) == 64 for value in used.values())
    record = json.loads(read_record(done.output))
    assert record["system"] == name and record["options"]["set.weights"] == weights.name
    path, same, _ = redo(done.output, options={"weights": str(weights)})
    assert same and path != done.output


def test_words_that_no_rule_reads_are_edited_all_the_same(weights, coffee):
    words = "render everything as though pencilled"
    done = edit_file(job(coffee, words, "anysd", weights))
    assert done.result.plan.parser == "tagged"
    assert done.result.report.steps and "experts:" in " ".join(done.notes)


def test_a_reference_reaches_the_experts(weights, coffee, tmp_path):
    red = tmp_path / "red.png"
    cv2.imwrite(str(red), np.full((40, 40, 3), (0, 0, 255), np.uint8))
    words = "apply the style of [1]"
    one = edit_file(job(coffee, words, "anysd", weights, attachments=(red,), seed=1, force=True)).result.picture
    none = edit_file(job(coffee, words, "anysd", weights, attachments=(coffee,), seed=1, force=True)).result.picture
    assert not np.array_equal(one, none)


def test_what_a_caption_cannot_say_is_refused_and_nothing_is_written(weights, coffee):
    done = edit_file(job(coffee, "rotate the picture by 90 degrees", "instructedit", weights))
    assert done.output is None and done.result.report.verdict is Verdict.NOT_DONE


def test_the_judge_chooses_the_ratio_and_says_so(weights, coffee):
    done = edit_file(job(coffee, "make the cup blue", "instructedit", weights, place=UserPlace(box="30,20,110,100")))
    assert any(note.startswith("encoding ratio") and "the best of" in note for note in done.notes)


@pytest.mark.parametrize("name", ["anysd", "instructedit"])
def test_what_a_network_painted_is_said_and_noise_is_not_done(weights, coffee, name):
    """Of what networks of random weights paint nothing is called done, and the report says who painted."""
    done = edit_file(job(coffee, "replace the cup with a teapot", name, weights))
    step = done.result.report.steps[0]
    assert step.added is Origin.GENERATED and step.verdict is not Verdict.DONE
    assert {"stranger", "broken", "noise"} & {check.name for check in step.checks if not check.passed}


def test_batches_take_a_system_and_its_options(weights, coffee, tmp_path):
    out = tmp_path / "out"
    options = {"weights": str(weights), "steps": "2"}
    common = Common(out, "make it night", system="anysd", options=options)
    rows = list(run(jobs_from(coffee.parent, common).jobs, out))
    assert len(rows) == 1 and rows[0].status in ("done", "partly", "not_done")
    other = jobs_from(coffee.parent, replace(common, options=options | {"steps": "3"}))
    assert next(iter(run(other.jobs, out))).key != rows[0].key


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("anysd", {"steps": "0"}, "steps='0'"),
        ("anysd", {"stepz": "3"}, "no option 'stepz'"),
        ("local", {"steps": "3"}, "no option 'steps'"),
        ("instructedit", {"ratio": "0.5,1.5"}, "0.5,1.5"),
        ("instructedit", {"segmenter": "dino"}, "give both"),
        ("magic", {}, "anysd"),
    ],
)
def test_wrong_options_are_named_before_anything_is_read(name, options, told):
    with pytest.raises(InvalidOption, match=told):
        systems.build(name, None, options)


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("pixwright.extras.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(MissingExtra, match=r"pixwright\[torch\]"):
        systems.build("anysd")


def test_ratios():
    assert ratios_from("auto") == (0.5, 0.7, 0.9) and ratios_from("0.9,0.3,0.9") == (0.3, 0.9)


def test_every_option_is_described():
    for name in systems.BUILDERS:
        assert all(len(row.split(None, 1)) >= 2 for row in systems.describe(name))
    with pytest.raises(InvalidOption, match="magic"):
        systems.describe("magic")


def test_made_once():
    calls = []
    once = Once(lambda: calls.append(1) or "x")
    assert once.made is None and once() == once() == once.made == "x" and calls == [1]


def test_the_embedded_system_needs_no_torch():
    import subprocess

    code = "import sys; from pixwright import systems; systems.build('local'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
