"""What an edit says while it works, and what it found."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixwright
from pixwright.cli import watching
from pixwright.files import Job, edit_file
from pixwright.flow import Progress, Request, edit_picture
from pixwright.records.instruction import Instruction
from pixwright.systems import build


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("watched") / "a.png"
    pixels = np.full((60, 80, 3), (150, 160, 170), np.uint8)
    pixels[20:40, 30:60] = (190, 40, 40)
    Image.fromarray(pixels).save(path)
    return path


def test_every_stage_of_every_step_is_told(photo, tmp_path):
    seen = []
    words = "make it black and white, then make it 20 % brighter"
    edit_file(Job(photo, words, tmp_path / "out.png"), watch=seen.append)
    stages = [(one.step, one.stage) for one in seen]
    assert stages == [
        (0, "parse"),
        *((step, stage) for step in (1, 2) for stage in ("ground", "edit", "judge")),
        (0, "write"),
    ]
    assert {one.steps for one in seen} == {0, 2} and "brighter" in seen[-2].words
    assert watching.line(seen[-2]).startswith("2 of 2, looking at the result: ")


def test_who_watches_can_end_the_edit(photo):
    class Enough(Exception):
        pass

    def stop(progress):
        if progress.stage == "edit":
            raise Enough

    with pytest.raises(Enough):
        edit_picture(
            pixwright.media.load_picture(photo).pixels,
            Request(Instruction("make it sepia")),
            build("local", None, {}),
            watch=stop,
        )


def test_quiet_and_pipes_hear_nothing(capsys):
    for quiet, verbose in ((True, True), (True, False), (False, False)):
        with watching.watching(quiet=quiet, verbose=verbose) as watch:
            watch(Progress("edit", 1, 1, "x"))
    assert capsys.readouterr().err == ""
    with watching.watching(quiet=False, verbose=True) as watch:
        watch(Progress("edit", 1, 3, "make \x1b[2J it red"))
    assert capsys.readouterr().err == "1 of 3, editing: make \\x1b[2J it red\n"


def test_a_terminal_sees_one_line_that_goes_away(monkeypatch):
    monkeypatch.setattr(watching, "_PATIENCE", 0.0)
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with watching.watching(quiet=False, verbose=False) as watch:
            watch(Progress("ground", 1, 2, "the cup"))
            watch(Progress("edit", 1, 2, "the cup"))
        written = ""
        while select.select([leader], [], [], 1)[0]:  # a terminal may hand over what was written in parts
            written += os.read(leader, 10_000).decode()
    os.close(leader)
    assert "1 of 2, looking for what is meant: the cup" in written and "\n" not in written
    assert written.endswith("\r" + " " * 78 + "\r")


def test_verbose_says_what_was_found_and_how_long_it_took(photo, tmp_path):
    command = [sys.executable, "-m", "pixwright", "edit", str(photo), "make it sepia", "-o", str(tmp_path / "v.png")]
    run = subprocess.run([*command, "--verbose"], capture_output=True, text=True, check=True)
    assert "1 of 1, editing: make it sepia" in run.stderr and "found the whole picture" in run.stderr
    assert "took: parse " in run.stderr and Path(tmp_path / "v.png").exists()
    assert "editing" not in run.stdout
