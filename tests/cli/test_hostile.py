"""No traceback reaches a user: odd arguments through the real command, and what a stranger's text may do to a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pixwright.cli.guard import guarded
from pixwright.cli.say import plain
from pixwright.errors import InvalidOption

CAT = str(Path(__file__).parents[2] / "examples" / "cat.png")
LONG = "n" * 300
ODD = [
    ["edit", CAT, "add 100000000000000000000 cats", "-o", "x.png"],
    ["edit", CAT, "add -3 cats", "-o", "x.png"],
    ["edit", CAT, "remove the " + "very " * 400 + "big cat", "-o", "x.png"],
    ["edit", CAT, "\udcff\udc80 make it blue", "-o", "x.png"],
    ["edit", CAT, "\x1b[2J\x00make it blue".replace("\x00", ""), "-o", "x.png"],
    ["edit", CAT, "make it blue", "-o", f"{LONG}.png"],
    ["edit", CAT, "make it blue", "-o", "/proc/none/x.png"],
    ["edit", CAT, "make it blue", "-o", "\udcff.png"],
    ["edit", CAT, "make it blue", "--box", "5,5,6,6", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--box", "5,5,5,5", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--box", f"0,0,{10**30},9", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--box", "٣,٤,٥,٦", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--point", "-1,-1", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--seed", str(10**40), "-o", "x.png"],
    ["edit", CAT, "make it blue", "--n", "0", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--mask", "/dev/null", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--set", "=", "-o", "x.png"],
    ["edit", CAT, "make it blue", "--system", "\x1b[31m", "-o", "x.png"],
    ["edit", CAT, "", "-o", "x.png"],
    ["edit", "/dev/stdin", "make it blue", "-o", "x.png"],
    ["edit", LONG, "make it blue"],
    ["edit", "\udcfe.png", "make it blue"],
    ["redo", CAT],
    ["redo", CAT, "--source", LONG],
    ["mask", CAT, "", "-o", "x.png"],
    ["cut", CAT, "\udcff", "-o", "x.png"],
    ["plan", ""],
    ["plan", "x" * 100_000],
    ["batch", CAT, "make it blue", "-o", "/dev/null"],
    ["batch", "/dev/null", "-o", "out"],
    ["build", "anyedit", "-o", "/proc/none", "--count", "1"],
    ["models", "path", "../../etc/passwd"],
]


@pytest.mark.parametrize("arguments", ODD, ids=lambda arguments: ascii(" ".join(arguments))[:60])
def test_odd_arguments_end_in_one_line(arguments, tmp_path):
    line = [sys.executable, "-m", "pixwright", *(one.encode("utf-8", "surrogateescape") for one in arguments)]
    done = subprocess.run(line, capture_output=True, cwd=tmp_path, stdin=subprocess.DEVNULL)
    told = done.stdout.decode() + done.stderr.decode()
    assert done.returncode in (0, 2, 3), told
    assert "Traceback" not in told and "internal:" not in told
    assert "\x1b" not in told and "Warning" not in told


def test_what_steers_a_terminal_is_written_out():
    assert plain("a\x1b[2J\u202eb\udcff\r") == "a\\x1b[2J\\u202eb\\udcff\\r"
    assert plain("naïve 写\n\tend") == "naïve 写\n\tend"


@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (InvalidOption("the value"), 2, "invalid_option: the value"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 2, "make it smaller"),
        (OSError(28, "No space left on device"), 2, "No space left"),
        (KeyError("missing"), 70, "our fault"),
    ],
)
def test_whatever_happens_is_one_line_and_a_code(problem, code, words, capsys):
    def body():
        raise problem

    assert guarded(body) == code
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1
