"""Whole edits by the embedded system with pulled networks in the store: planted ones, in the published layout, whose answers are known."""

from __future__ import annotations

import copy
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from pixwright.cli.app import main
from pixwright.edit.contract import Context
from pixwright.edit.filling.fill import fill
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts import birefnet
from pixwright.encoders.parts.account import heard
from pixwright.encoders.parts.table import Parts, pulled
from pixwright.files import Job, edit_file
from pixwright.judge.contract import Trial
from pixwright.judge.presence import placed
from pixwright.records.evidence import Evidence
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.redoing import recorded_job, redo
from pixwright.systems import build
from pixwright.systems.local import local, parts_from
from pixwright.weights import registry
from pixwright.weights.sets import weight_sets

sys.path.insert(0, str(Path(__file__).parents[1] / "encoders"))
sys.path.insert(0, str(Path(__file__).parents[1] / "weights"))
from parts_store import GOLDEN, stored
from stand_in_hub import served

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
    # The planted network is tiny: how much memory is free must not decide what is tested.
    monkeypatch.setattr(birefnet, "NEEDED", 0)
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
    cat = eyes.find(data.chelsea(), "the cat")
    assert cat.found and not cat.by


def test_a_filler_that_fails_leaves_the_embedded_filling_bit_for_bit(home, plain):
    hole = np.zeros(plain.shape[:2], np.uint8)
    hole[40:60, 20:44] = 255
    before = fill(plain, hole, rng=np.random.default_rng(3))
    stored(home, "lama-onnx", kind="nan")
    with heard() as told:
        after = fill(plain, hole, rng=np.random.default_rng(3), parts=Parts(pulled()))
    assert np.array_equal(before, after) and len(told) == 1 and "lama-onnx failed" in told[0]


def test_a_record_of_the_embedded_system_is_made_again_by_it_whatever_is_pulled_since(home, file, tmp_path):
    words = "make it black and white"
    done = edit_file(Job(file, words, output=tmp_path / "plain.png"), system=local_system())
    assert done.result.report.parts == () and not any("parts" in name for name in done.record.options)
    assert recorded_job(done.record, file, [tmp_path]).options == {"parts": "embedded"}
    stored(home)
    system = build("local", None, {"parts": "embedded"})
    again = edit_file(Job(file, words, output=tmp_path / "again.png", options={"parts": "embedded"}), system=system)
    assert again.output.read_bytes() == done.output.read_bytes()


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
    system = local_system()
    context = Context(0, system.encoders, system.eyes().find)
    with heard() as told:
        distance = Outdoors(scene, context).distance
    assert "depth seen by depth-anything-v2-small-onnx" in told
    assert distance[10, 64] > 0.9 and distance[92, 64] < 0.1 and distance[50, 100] > distance[80, 100]


def test_what_was_added_is_judged_by_the_pulled_likeness(home, plain):
    stored(home, "clip-vit-base-patch32-onnx")
    ground = np.full_like(plain, 105)
    step = Step(type=EditType.ADD, value="red ball", instruction="add a red ball")
    system = local_system()
    eyes = system.eyes()
    nowhere = Region(np.zeros(plain.shape[:2], np.uint8), (), 0.0, "", "none")
    mask = np.full(plain.shape[:2], 255, np.uint8)
    evidence = Evidence(placed=((65, 47, 96, 78),), placed_phrase="red ball")
    with heard() as told:
        seen = placed(Trial(ground, plain, step, nowhere, mask, evidence, system.encoders, eyes.find, eyes.salient))
        taken = placed(Trial(plain, ground, step, nowhere, mask, evidence, system.encoders, eyes.find, eyes.salient))
    assert told == ["likeness judged by clip-vit-base-patch32-onnx"]
    good, bad = ({one.check.name: one.check.value for one in each}["recognised"] for each in (seen, taken))
    assert good > 0.9 > 0.1 > bad


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


def test_two_commands_from_an_empty_store_to_an_edit_by_pulled_parts(home, file, tmp_path, monkeypatch, capsys):
    """`models pull laptop` from a stand-in hub that holds the planted networks under the published names; their hashes are others, so none is recorded here."""
    known = registry.packaged()
    unknown = {name: replace(row, files=dict.fromkeys(row.files, "")) for name, row in known.items()}
    monkeypatch.setattr(registry, "packaged", lambda: unknown)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "no-token"))
    with served() as (hub, address):
        monkeypatch.setenv("HF_ENDPOINT", address)
        for name in weight_sets()["laptop"].weights:
            folder = GOLDEN / "planted" / name
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
            }
            # The tiny exports keep their weights in the graph; the published files beside it.
            hub.repositories[known[name].repo] = {one: files.get(one, b"") for one in known[name].files}
        assert run("models", "pull", "laptop") == 2
        assert "nobody agreed; add --yes" in capsys.readouterr().err and not any(home.glob("*-onnx"))
        assert run("models", "pull", "laptop", "--yes") == 0
        told = capsys.readouterr().out
        assert (
            "set" not in told
            and told.count(" is at ") == 7
            and "onnx-community/grounding-dino-tiny-ONNX@c0ffeec0ffee" in told
        )
    assert run("mask", file, "the ball", "-o", tmp_path / "m.png") == 0
    assert "outlined by sam2.1-tiny-onnx" in capsys.readouterr().err
    assert run("models", "verify") == 0


def test_the_option_is_checked_when_the_system_is_built(home):
    stored(home, "migan-onnx")
    assert parts_from("auto").names == ("migan-onnx",) and parts_from("embedded").names == ()
    assert build("local", None, {"parts": "migan-onnx"}).options == {"parts": "migan-onnx"}
    assert (
        build("auto").options == {"parts": "migan-onnx"}
        and build("auto", None, {"parts": "embedded"}).encoders.parts.names == ()
    )
