"""Every command that answers can answer a program: `--json` is valid JSON, and says what the lines say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.cli.guard import guarded
from pixwright.errors import UnclearInstruction

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Runs a command with `--json` beside a small cat; what it prints, read."""
    monkeypatch.chdir(tmp_path)
    Image.open(EXAMPLES / "cat.png").convert("RGB").resize((300, 200)).save("cat.png")

    def told(*words, code=0):
        done = CliRunner().invoke(app, [*words, "--json"], prog_name="pixwright")
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    return told


def test_lists(told):
    assert {"name", "group", "example"} == told("types")[0].keys()
    assert told("systems")[0]["name"] == "local"
    assert {"name": "steps", "default": 25, "about": "denoising steps"} in told("systems", "anysd")
    assert any(row["name"] == "minilm" and row["here"] for row in told("models", "list"))
    assert {"name", "here", "licence", "about"} <= told("assets", "list")[0].keys()
    plan = told("plan", "make the cat blue")
    assert plan["steps"][0]["value"] == "blue"


def test_an_error_is_json_too(monkeypatch, capsys):
    def body():
        raise UnclearInstruction("did not understand 'florp'")

    monkeypatch.setattr("sys.argv", ["pixwright", "plan", "florp", "--json"])
    assert guarded(body) == UnclearInstruction.exit_code
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": {"code": "unclear_instruction", "message": "did not understand 'florp'"}}
    assert err == "pixwright: unclear_instruction: did not understand 'florp'\n"
    monkeypatch.setattr("sys.argv", ["pixwright", "plan", "florp"])
    guarded(body)
    assert capsys.readouterr().out == ""


def test_what_is_found_and_cut(told):
    seen = told("mask", "cat.png", "--all")
    assert {"name", "score", "box"} == seen[0].keys() and len(seen[0]["box"]) == 4
    mask = told("mask", "cat.png", "the cat", "-o", "mask.png")
    assert mask["output"] == "mask.png" and Path("mask.png").exists() and mask["score"] > 0.5 and not mask["guess"]
    cut = told("cut", "cat.png", "the cat")
    assert Path(cut["output"]).exists() and cut["boxes"] == mask["boxes"]


def test_what_is_edited_again_and_in_numbers(told):
    edit = told("edit", "cat.png", "make it warmer")
    again = told("redo", edit["output"])
    assert again["identical"] and Path(again["output"]).exists() and again["notes"] == []
    rows = told("batch", ".", "make it warmer", "-o", "out")
    assert {row["status"] for row in rows} == {"done"} and len(rows) == 3
