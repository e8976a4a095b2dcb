"""`pixwright session`: a newcomer's way through it, and what a program gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import InvalidOption, NothingToUndo, PixwrightError, UnknownSession

PHOTOS = Path(__file__).parents[2] / "examples"


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs `pixwright session ...` with sessions of its own: (exit code, what was printed)."""
    monkeypatch.setenv("PIXWRIGHT_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    Image.open(PHOTOS / "coffee.png").convert("RGB").resize((240, 160)).save(tmp_path / "coffee.png")

    def ran(*words, code=0):
        done = CliRunner().invoke(app, ["session", *map(str, words)], prog_name="pixwright")
        if isinstance(done.exception, PixwrightError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    return ran


def test_a_newcomer_needs_no_names(ran, tmp_path):
    assert "pixwright session edit" in ran("new", "coffee.png")
    assert "version 1: make it warmer" in ran("edit", "make it warmer")
    assert "version 2" in ran("edit", "a bit more")
    assert "now at version 1" in ran("undo") and "now at version 2" in ran("redo")
    ran("go", "0")
    ran("edit", "flip it horizontally")
    shown = ran("show").splitlines()[1:]
    assert [line.split()[0] for line in shown if line.startswith("*")] == ["*"]
    assert any("a bit more [make it warmer]" in line for line in shown), "what was meant is said"
    assert "identical" in ran("verify") and "NOT" not in ran("verify")
    ran("export", "-o", "now.png")
    assert Image.open("now.png").size == (240, 160)
    ran("name", "mirrored", "--version", "3")
    ran("go", "1")
    assert "now at version 3: mirrored" in ran("edit", "go back to mirrored")


def test_a_session_is_named_exported_imported_and_deleted(ran):
    ran("new", "coffee.png", "--name", "breakfast")
    ran("edit", "make it warmer", "--quiet")
    assert "breakfast.pixwright" in ran("export")
    assert "'breakfast-2': 2 versions" in ran("import", "breakfast.pixwright")
    assert len(ran("list").splitlines()) == 2
    ran("name", "brunch", "-s", "breakfast-2")
    assert "deleted" in ran("delete", "brunch")
    assert ran("show").startswith("breakfast: ")
    assert "1 version deleted; now at version 0" in ran("delete", "breakfast", "--version", "1")


def test_a_program_gets_json(ran):
    begun = json.loads(ran("new", "coffee.png", "--json"))
    assert begun["versions"][0]["number"] == 0
    edit = json.loads(ran("edit", "make it warmer", "--json"))
    assert edit["session"] == begun["id"] and Path(edit["current"]["picture"]).is_file()
    assert edit["edits"][0]["report"]["verdict"] == "done"
    assert json.loads(ran("undo", "--json"))["undone"] == [edit["current"]["id"]]
    assert json.loads(ran("list", "--json"))[0]["versions"] == 2
    assert [row["same"] for row in json.loads(ran("verify", "--json"))] == [True, True]
    not_done = json.loads(ran("edit", "remove the dog", "--json", code=3))
    assert not_done["current"]["number"] == 0 and not_done["edits"][0]["output"] is None


def test_what_is_wrong_is_one_line(ran):
    with pytest.raises(UnknownSession, match="pixwright session new"):
        ran("show")
    ran("new", "coffee.png")
    with pytest.raises(UnknownSession, match="there is: coffee"):
        ran("show", "-s", "tea")
    with pytest.raises(NothingToUndo, match="this is the original"):
        ran("undo")
    with pytest.raises(NothingToUndo, match="there is: 0"):
        ran("go", "7")
    ran("export", "-o", "out.png")
    with pytest.raises(InvalidOption, match="exists"):
        ran("export", "-o", "out.png")


def test_the_shell_completes_commands_and_names(ran, tmp_path):
    ran("new", "coffee.png", "--name", "breakfast")

    def completed(words):
        ask = {"_PIXWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        code = "from pixwright.cli.app import app; app(prog_name='pixwright')"
        done = subprocess.run([sys.executable, "-c", code], env=os.environ | ask, capture_output=True, text=True)
        return done.stdout.split()

    assert completed("pixwright session ex") == ["export"]
    assert completed("pixwright session delete b") == ["breakfast"]


def test_an_edit_of_a_file_may_be_kept_in_a_session(ran, tmp_path):
    def edit(*words, code=0):
        done = CliRunner().invoke(app, ["edit", *words, "--session", "walls"], prog_name="pixwright")
        if isinstance(done.exception, PixwrightError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.stdout

    assert "coffee-edited.png (in session 'walls')" in edit("coffee.png", "make it warmer", "--report", "report.json")
    assert json.loads(Path("report.json").read_text())["report"]["verdict"] == "done"
    # The original again: the current version is edited. A result: that one is.
    edit("coffee.png", "a bit more", "-o", "more.png")
    edit("coffee-edited.png", "flip it horizontally", "-o", "flipped.png")
    shown = json.loads(ran("show", "-s", "walls", "--json"))["versions"]
    ids = [one["id"] for one in shown]
    assert [one.get("base") for one in shown] == [None, ids[0], ids[0], ids[1]]
    edit("coffee.png", "undo everything", "-o", "back.png")
    assert Path("back.png").read_bytes() == Path("coffee.png").read_bytes()
    Image.new("RGB", (20, 20)).save("other.png")
    for bad, why in (
        (("other.png", "make it warmer"), "no picture of session"),
        (("coffee.png", "make it warmer", "-o", "x.jpg"), "must end in .png"),
        (("coffee.png", "make it warmer", "--library", "."), "--library"),
        (("coffee.png", "make it warmer", "-o", "more.png"), "exists"),
    ):
        with pytest.raises(InvalidOption, match=why):
            edit(*bad)
