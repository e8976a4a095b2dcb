"""`pixwright video edit` as a newcomer types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

av = pytest.importorskip("av")

from pixwright.cli.app import app  # noqa: E402
from pixwright.errors import InvalidVideo, OutputExists  # noqa: E402

COFFEE = Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 200))
FRAMES = 5
GREY = "make it black and white"


def invoke(*words):
    return CliRunner().invoke(app, ["video", "edit", *map(str, words)])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A camera that moves over a still life."""
    path = tmp_path_factory.mktemp("film") / "pan.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for k in range(FRAMES):
            frame = av.VideoFrame.from_image(COFFEE.crop((3 * k, k, 3 * k + 160, k + 120)))
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_a_video_is_edited_and_reported(film, tmp_path):
    out, report = tmp_path / "o.mp4", tmp_path / "r.json"
    result = invoke(film, GREY, "-o", out, "--report", report, "--to", "0.1")
    assert result.exit_code == 0, result.output
    assert f"done, {FRAMES} frames" in result.output and "largest difference 0 before encoding" in result.output
    account = json.loads(report.read_text())
    assert account["verdict"] == "done" and [one["edited"] for one in account["frames"]] == [True] * 3 + [False] * 2
    with av.open(str(out)) as held:
        colour = [np.ptp(one.to_ndarray(format="rgb24").astype(int), axis=2).mean() for one in held.decode(video=0)]
    assert max(colour[:3]) < 6 < min(colour[3:])
    assert isinstance(invoke(film, GREY, "-o", out).exception, OutputExists)


def test_the_default_name_and_json(film):
    result = invoke(film, GREY, "--json", "--only", "--to", "0.05")
    assert result.exit_code == 0 and json.loads(result.output)["verdict"] == "done"
    assert (film.parent / "pan-edited.mp4").is_file()


def test_a_preview_comes_before_minutes_are_spent(film, tmp_path):
    result = invoke(film, GREY, "-o", tmp_path / "o.mp4", "--preview", 1)
    assert result.exit_code == 0 and "o-preview.png: done" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["o-preview.png"]


def test_what_cannot_be_done_has_its_exit_code(film, tmp_path):
    assert isinstance(invoke(Path(__file__), GREY, "-o", tmp_path / "n.mp4").exception, InvalidVideo)
    missing = invoke(film, "make the elephant blue", "-o", tmp_path / "n.mp4")
    assert missing.exit_code == 3 and "nothing was written" in missing.output
    assert list(tmp_path.iterdir()) == []
