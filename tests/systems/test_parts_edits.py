"""Whole edits by the embedded system with pulled networks in the store: planted ones, in the published layout, whose answers are known."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixwright import api
from pixwright.cli.app import main
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts.table import Parts, pulled
from pixwright.files import Job, edit_file, recorded_job, redo
from pixwright.systems import build
from pixwright.systems.local import local, parts_from

sys.path.insert(0, str(Path(__file__).parents[1] / "encoders"))
from parts_store import stored

SHARED = Encoders()
"""The embedded networks, loaded once for all tests here."""


def local_system():
    """The embedded system with what is in the store, as `build("local")` makes it."""
    encoders = copy.copy(SHARED)
    encoders.parts = Parts(pulled())
    return local(encoders)


def edited(file, output, system=None):
    return edit_file(Job(file, "remove the ball", output=output), system=system or local_system())


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def plain():
    """A red ball on even ground."""
    made = np.random.default_rng(0).integers(0, 12, (96, 128, 3), dtype=np.uint8) + np.uint8(100)
    y, x = np.mgrid[:96, :128]
    made[(x - 80) ** 2 + (y - 62) ** 2 < 15**2] = (225, 25, 30)
    return made


@pytest.fixture
def scene(plain):
    """The same below a blue sky."""
    plain[:32] = np.array([60, 90, 225], np.uint8)
    return plain


@pytest.fixture
def file(plain, tmp_path):
    Image.fromarray(plain).save(tmp_path / "ball.png")
    return tmp_path / "ball.png"


def test_removing_goes_through_the_pulled_finder_outliner_and_filler_and_is_made_again(home, plain, file, tmp_path):
    stored(home, "grounding-dino-tiny-onnx", "sam2.1-tiny-onnx", "migan-onnx")
    done = edited(file, tmp_path / "out.png")
    report = done.result.report
    assert report.parts[:3] == (
        "looked for by grounding-dino-tiny-onnx: 1 found, the surest 0.88 by its own measure, which is not calibrated here",
        "outlined by sam2.1-tiny-onnx",
        "filled by migan-onnx",
    )
    assert {"grounding-dino-tiny-onnx", "sam2.1-tiny-onnx", "migan-onnx"} <= report.weights.keys() and set(
        report.parts
    ) <= set(done.notes)
    (region,) = done.result.regions
    assert region.by == "grounding-dino-tiny-onnx" and region.score == pytest.approx(0.881, abs=0.01)
    after = np.asarray(Image.open(done.output))
    untouched = done.result.effective_mask == 0
    assert np.array_equal(after[untouched], plain[untouched]) and report.outside_max_difference == 0
    hole = after[done.result.effective_mask == 255].reshape(-1, 3)
    assert (hole == hole[0]).all() and len(hole) > 600
    assert "it is not sure that what was edited" not in json.dumps(report.reasons)
    names = "grounding-dino-tiny-onnx,sam2.1-tiny-onnx,migan-onnx"
    assert done.record.options["set.parts"] == names
    assert recorded_job(done.record, file, [tmp_path]).options == {"parts": names}
    stored(home, "clipseg-onnx", "birefnet-lite-onnx")
    assert redo(tmp_path / "out.png")[1]


def test_what_the_pulled_finder_does_not_see_is_asked_of_the_embedded_one_and_never_guessed(home, scene):
    stored(home, "grounding-dino-tiny-onnx", "sam2.1-tiny-onnx")
    eyes = local_system().eyes()
    assert not eyes.find(scene, "the gizmo").found
    assert eyes.find(scene, "the sky").found and not eyes.find(scene, "the sky").by


def test_a_filler_that_fails_leaves_the_embedded_filling_and_the_record_of_the_embedded_system(home, file, tmp_path):
    before = edited(file, tmp_path / "plain.png")
    assert before.result.report.parts == () and not any("parts" in name for name in before.record.options)
    assert recorded_job(before.record, file, [tmp_path]).options == {"parts": "embedded"}
    stored(home, "lama-onnx", kind="nan")
    done = edited(file, tmp_path / "out.png")
    assert np.array_equal(done.result.picture, before.result.picture)
    assert len(done.result.report.parts) == 1 and "lama-onnx failed" in done.result.report.parts[0]


def test_colours_and_order_choose_among_the_pulled_boxes(home, scene):
    stored(home, "grounding-dino-tiny-onnx", "sam2.1-tiny-onnx")
    eyes = local_system().eyes()
    assert eyes.find(scene, "the red ball").by and not eyes.find(scene, "the second ball from the left").found
    green = eyes.find(scene, "the green ball")
    assert not green.found and "not so sure to be the green ball" in green.note


def test_surfaces_mattes_and_depth_come_from_their_parts(home, scene):
    stored(home, "clipseg-onnx", "birefnet-lite-onnx", "depth-anything-v2-small-onnx")
    eyes = local_system().eyes()
    sky = eyes.find(scene, "the sky")
    assert sky.by == "clipseg-onnx" and sky.mask[:28].min() > 200 and sky.mask[40:].max() < 50
    front = eyes.salient(scene)
    assert front[62, 80] > 200 and front[80, 10] < 50
    foggy = api.edit(scene, "make it foggy", system=local_system())
    assert any("depth seen by depth-anything-v2-small-onnx" in line for line in foggy.report.parts)


def test_what_was_added_is_judged_by_the_pulled_likeness(home, scene):
    stored(home, "clip-vit-base-patch32-onnx")
    report = api.edit(scene, "add a red apple on the ground", system=local_system()).report
    assert (
        any("likeness judged by clip-vit-base-patch32-onnx" in line for line in report.parts)
        or not report.steps[0].checks
    )


def test_pointing_asks_the_pulled_outliner(home, file, tmp_path, capsys):
    stored(home, "sam2.1-tiny-onnx")
    assert run("mask", file, "--point", "80,62", "-o", tmp_path / "m.png") == 0
    mask = np.asarray(Image.open(tmp_path / "m.png"))
    assert mask[62, 80] == 255 and mask[15, 15] == 0 and mask[80, 20] == 0
    assert "outlined by sam2.1-tiny-onnx" in capsys.readouterr().err


def test_the_mask_command_names_the_part_and_lists_it_as_here(home, file, tmp_path, capsys):
    stored(home, "grounding-dino-tiny-onnx", "sam2.1-tiny-onnx")
    assert run("mask", file, "the ball", "-o", tmp_path / "m.png", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parts"][0].startswith("looked for by grounding-dino-tiny-onnx") and told["score"] == pytest.approx(
        0.881, abs=0.01
    )
    assert run("models", "list") == 0
    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert " here " in rows["sam2.1-tiny-onnx"] and "improves outlines" in rows["sam2.1-tiny-onnx"]


def run(*arguments):
    """The command line in this process: its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["pixwright", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    return 0


def test_the_option_is_checked_when_the_system_is_built(home):
    stored(home, "migan-onnx")
    assert parts_from("auto").names == ("migan-onnx",) and parts_from("embedded").names == ()
    assert build("local", None, {"parts": "migan-onnx"}).options == {"parts": "migan-onnx"}
    assert (
        build("auto").options == {"parts": "migan-onnx"}
        and build("auto", None, {"parts": "embedded"}).encoders.parts.names == ()
    )
