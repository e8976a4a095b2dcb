"""`pixwright scene edit-photos`: what is said before anything is fitted, and one whole small run."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("torch")

from typer.testing import CliRunner

from pixwright.cli.scene import scene_app
from pixwright.scene3d.cameras import looking
from pixwright.scene3d.nerf.views import write_dataset


def test_a_look_for_all_of_a_scene(tmp_path):
    """Nothing has to be found, so three flat pictures do; the folder that comes out is a data set with a report."""
    eyes = ((3, 0, 1), (0, 3, 1), (-3, 0, 1))
    pictures = [np.full((24, 24, 3), (180, 140 + 20 * number, 90), np.uint8) for number in range(3)]
    write_dataset(tmp_path / "photos", [looking(eye, (0, 0, 0), 24, 40.0) for eye in eyes], pictures)
    command = ["edit-photos", str(tmp_path / "photos"), "make it darker", "-o", str(tmp_path / "dark"), "--json"]
    few = ["--fit-steps", "2", "--iterations", "11", "--side", "16", "--device", "cpu"]
    done = CliRunner().invoke(scene_app, [*command, *few])
    assert done.exit_code in (0, 3), done.output
    report = json.loads(done.stdout)
    assert report["updates"] == 2 and report["pictures"] == 3 and report["asked"] == 0 and report["masked"] == 1
    assert (tmp_path / "dark" / "transforms.json").exists()
    assert json.loads((tmp_path / "dark" / "report.json").read_text()) == report


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "cannot be read"),
        (("--turntable", "turn.txt"), "a turntable is .mp4"),
        (("--device", "tpu9"), "is no device"),
    ],
)
def test_what_cannot_work_is_said_at_once(tmp_path, more, said):
    done = CliRunner().invoke(scene_app, ["edit-photos", str(tmp_path), "make it darker", "-o", str(tmp_path / "out"), *more])  # fmt: skip
    assert done.exception is not None and said in str(done.exception)
