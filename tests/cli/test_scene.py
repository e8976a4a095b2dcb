"""`pixwright scene ...` on the example scene, with everything that it writes."""

import json
from pathlib import Path

from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import InvalidOption, OutputExists

EXAMPLE = Path(__file__).parents[2] / "examples" / "scenes" / "table-vase.ply"
BALL = "86,130,146,188"
"""The box of the ball in the first view at 256 pixels, by hand."""


def test_a_scene_is_edited_and_filmed(tmp_path):
    """`scene edit` with everything that it writes, then `scene turntable` of both."""
    out, report = tmp_path / "o.ply", tmp_path / "r.json"
    words = [
        "scene",
        "edit",
        str(EXAMPLE),
        "rotate the vase by 90 degrees",
        "-o",
        str(out),
        "--views",
        "4",
        "--side",
        "128",
    ]
    done = CliRunner().invoke(app, [*words, "--report", str(report)])
    assert done.exit_code == 0, done.output
    assert "largest difference in any other 0" in done.output and str(out) in done.output
    told = json.loads(report.read_text())
    assert told["verdict"] == "done" and told["outside_bytes_differ"] == 0 and told["plan"]["steps"][0]["target"]
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 2 or isinstance(again.exception, OutputExists)
    film = tmp_path / "t.gif"
    words = ["scene", "turntable", str(EXAMPLE), "--beside", str(out), "-o", str(film), "--frames", "2", "--side", "64"]
    done = CliRunner().invoke(app, [*words, "--backdrop", "white"])
    assert done.exit_code == 0 and "2 frames" in done.output
    with Image.open(film) as shown:
        assert min(shown.convert("RGB").getpixel((0, 0))) > 240  # as near as a GIF's colours are
    bad = CliRunner().invoke(app, [*words[:-1], "65", "--backdrop", "plaid", "--force"])
    assert isinstance(bad.exception, InvalidOption) or bad.exit_code == 2


def test_a_thing_is_pointed_at_in_what_a_view_shows(tmp_path):
    """What a view shows, then a thing that is pointed at in it, cut out."""
    view, thing = tmp_path / "view.png", tmp_path / "ball.ply"
    small = ["--views", "4", "--side", "256"]
    done = CliRunner().invoke(app, ["scene", "render", str(EXAMPLE), "-o", str(view), "--view", "1", *small])
    assert done.exit_code == 0, done.output
    with Image.open(view) as shown:
        x0, y0, x1, y1 = map(int, BALL.split(","))
        red, green, _ = shown.convert("RGB").getpixel(((x0 + x1) // 2, (y0 + y1) // 2))
        assert shown.size == (256, 256) and red > 2 * green
    done = CliRunner().invoke(app, ["scene", "cut", str(EXAMPLE), "--box", BALL, "-o", str(thing), *small])
    assert done.exit_code == 0 and "Gaussians are it" in done.output
    report = tmp_path / "r.json"
    words = [
        "scene",
        "edit",
        str(EXAMPLE),
        "rotate it by 90 degrees",
        "--box",
        BALL,
        "-o",
        str(tmp_path / "o.ply"),
        *small,
    ]
    done = CliRunner().invoke(app, [*words, "--report", str(report)])
    assert done.exit_code == 0, done.output
    assert json.loads(report.read_text())["pointed"] == f"box:{BALL} in view 1"
    bad = CliRunner().invoke(app, ["scene", "render", str(EXAMPLE), "-o", str(tmp_path / "v.jpg"), *small])
    assert "written as .png" in str(bad.exception)
