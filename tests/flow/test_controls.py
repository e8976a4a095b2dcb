"""Controls: reported with every step, set again by name, kept in the record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pixwright import edit
from pixwright.batch import Common, jobs_from
from pixwright.canvas import controls_of
from pixwright.cli.app import app
from pixwright.errors import InvalidOption
from pixwright.files import Job, edit_file
from pixwright.media import load_picture, save_plain
from pixwright.redoing import redo
from pixwright.systems import build

PHOTO = load_picture(Path(__file__).parents[2] / "examples" / "cat.png").pixels[::4, ::4, :3].copy()
SYSTEM = build("local")


@pytest.fixture
def photo(tmp_path):
    save_plain(PHOTO, tmp_path / "cat.png")
    return tmp_path / "cat.png"


def values(result, step=0):
    return {one.name: one.value for one in result.report.steps[step].controls}


def test_a_control_takes_the_place_of_the_editors_own_value():
    as_said = edit(PHOTO, "make it warmer", system=SYSTEM)
    less = edit(PHOTO, "make it warmer", system=SYSTEM, controls={"warmth": 10})
    assert values(as_said)["warmth"] > 10 and values(less)["warmth"] == 10
    moved = [np.abs(r.picture.astype(int) - PHOTO).mean() for r in (as_said, less)]
    assert 0 < moved[1] < moved[0]


def test_a_number_before_the_name_means_one_step():
    words = "make it sepia, then make it dark"
    result = edit(PHOTO, words, system=SYSTEM, controls={"2.exposure": -2.0})
    assert values(result, 0)["exposure"] == 0 and values(result, 1)["exposure"] == -2
    assert controls_of({"exposure": 1.0, "2.exposure": -2.0}, 2) == {"exposure": -2.0}


@pytest.mark.parametrize(
    ("controls", "said"),
    [
        ({"fluffiness": 1}, r"no step has a control 'fluffiness'; there is exposure \(-3 to 3\), contrast"),
        ({"3.exposure": 1}, "no step has a control '3.exposure'"),
        ({"exposure": 4}, "allowed are -3 to 3"),
    ],
)
def test_what_is_not_there_is_an_error_of_one_line(controls, said):
    with pytest.raises(InvalidOption, match=said) as raised:
        edit(PHOTO, "make it sepia", system=SYSTEM, controls=controls)
    assert "\n" not in str(raised.value)


def test_a_record_keeps_the_controls_and_redo_can_set_others(photo, tmp_path):
    job = Job(photo, "make it dark", tmp_path / "a.png", controls={"exposure": -0.4})
    first = edit_file(job, SYSTEM)
    path, same, _ = redo(first.output, tmp_path / "b.png")
    assert same and path.read_bytes() == first.output.read_bytes()
    path, same, _ = redo(first.output, tmp_path / "c.png", controls={"exposure": -2})
    assert not same and load_picture(path).pixels.mean() < load_picture(first.output).pixels.mean()
    assert redo(path, tmp_path / "d.png")[1]


def test_the_commands_set_them_and_say_them(photo, tmp_path):
    run = CliRunner().invoke
    done = run(
        app, ["edit", str(photo), "make it dark", "-o", str(tmp_path / "a.png"), "--set-control", "exposure=-0.4"]
    )
    assert done.exit_code == 0 and "exposure -0.4" in done.stdout and ": less light" in done.stdout
    again = run(app, ["redo", str(tmp_path / "a.png"), "--control", "exposure=-2", "-o", str(tmp_path / "b.png")])
    assert again.exit_code == 0 and "with exposure -2" in again.stdout
    wrong = run(app, ["edit", str(photo), "make it dark", "--set-control", "exposure=much"])
    assert isinstance(wrong.exception, InvalidOption) and "exposure=much is no number" in str(wrong.exception)


def test_a_line_of_jobs_may_set_them(photo, tmp_path):
    lines = tmp_path / "jobs.jsonl"
    rows = [
        {"picture": "cat.png", "instruction": "make it dark", "controls": controls}
        for controls in ({"exposure": 1}, [])
    ]
    lines.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    good, bad = jobs_from(lines, Common(tmp_path)).jobs
    assert good.controls == {"exposure": 1.0} and bad.status == "error"
