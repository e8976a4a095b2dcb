"""`-` was a file of that name. Now it is standard input and output: bytes there, words elsewhere."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixwright.media import load_picture, read_record

COFFEE = Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 200))
WORDS = "make it black and white"


def coded(name, **options):
    held = io.BytesIO()
    COFFEE.save(held, name, **options)
    return held.getvalue()


def pixwright(*arguments, data=b"", cwd=None):
    command = [sys.executable, "-m", "pixwright", *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, check=False, cwd=cwd)


@pytest.mark.parametrize("arguments", [(), ("-o", "-")])
def test_a_picture_goes_through_as_it_came(arguments, tmp_path):
    done = pixwright("edit", "-", WORDS, *arguments, data=coded("JPEG", quality=90), cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith(b"\xff\xd8") and b"done" in done.stderr
    assert load_picture(done.stdout).size == (200, 300) and read_record(done.stdout)
    assert not list(tmp_path.iterdir()), "nothing lies about"


def test_a_file_goes_out_in_the_format_that_is_asked_for(tmp_path):
    (tmp_path / "a.jpg").write_bytes(coded("JPEG"))
    done = pixwright("edit", "a.jpg", WORDS, "-o", "-", "--format", "webp", cwd=tmp_path)
    assert done.returncode == 0 and load_picture(done.stdout).source.format == "WEBP"
    assert [one.name for one in tmp_path.iterdir()] == ["a.jpg"]
    wrong = pixwright("edit", "a.jpg", WORDS, "-o", "b.jpg", "--format", "webp", cwd=tmp_path)
    assert wrong.returncode == 2 and b"--format" in wrong.stderr and not wrong.stdout
    other = pixwright("edit", "a.jpg", WORDS, "-o", "-", "--format", "xyz", cwd=tmp_path)
    assert other.returncode == 2 and b"unknown ending" in other.stderr and not other.stdout


def test_masks_and_cut_outs_and_plans(tmp_path):
    data = coded("PNG")
    mask = pixwright("mask", "-", "the cup", data=data, cwd=tmp_path)
    assert mask.returncode == 0 and load_picture(mask.stdout).size == (200, 300) and b"score" in mask.stderr
    cut = pixwright("cut", "-", "the cup", "-o", "-", "--format", "webp", data=data, cwd=tmp_path)
    assert cut.returncode == 0 and load_picture(cut.stdout).pixels.shape == (200, 300, 4)
    plan = pixwright("plan", "make the cup blue", "-", data=data, cwd=tmp_path)
    assert plan.returncode == 0 and plan.stdout.startswith(b"1. color_alter")
    seen = load_picture(mask.stdout).pixels[..., 0] > 127
    assert np.abs((load_picture(cut.stdout).pixels[..., 3] > 127).mean() - seen.mean()) < 0.02
    assert not list(tmp_path.iterdir())


def test_what_was_not_done_and_what_is_no_picture_leave_the_pipe_empty(tmp_path):
    missing = pixwright("edit", "-", "make the giraffe blue", data=coded("PNG"), cwd=tmp_path)
    assert missing.returncode == 3 and missing.stdout == b""
    broken = pixwright("edit", "-", WORDS, data=coded("PNG")[:200], cwd=tmp_path)
    assert broken.returncode == 2 and broken.stdout == b"" and len(broken.stderr.splitlines()) == 1
