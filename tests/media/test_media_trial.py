"""Files that ask for far more work than their bytes let one expect are read in a process with bounds first; ordinary ones are not."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixwright.errors import ImageTooLarge
from pixwright.media import load_picture, trial

SCAN = b"\xff\xda"


def scans(picture, count):
    """A progressive JPEG whose last scan comes again until there are so many."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "JPEG", progressive=True, quality=95)
    data = held.getvalue()
    again = data[data.rindex(SCAN) : -2]
    return data[:-2] + again * (count - data.count(SCAN)) + b"\xff\xd9"


@pytest.fixture
def started(monkeypatch):
    """The processes that are started."""
    commands, real = [], subprocess.run
    monkeypatch.setattr(
        trial.subprocess, "run", lambda command, **more: commands.append(command) or real(command, **more)
    )
    return commands


def test_a_bomb_of_scans_ends_in_its_process(tmp_path, monkeypatch, started):
    noise = np.random.default_rng(0).integers(0, 255, (1400, 1400), np.uint8)
    bomb = tmp_path / "bomb.jpg"
    bomb.write_bytes(scans(noise, 190))
    monkeypatch.setattr(trial, "SECONDS", 1)
    with pytest.raises(ImageTooLarge, match=r"'bomb.jpg': it takes more than 1 seconds or 4 GB"):
        load_picture(bomb)
    assert len(started) == 1


def test_an_odd_file_that_is_read_within_the_bounds_is_read(tmp_path, started):
    ramp = np.add.outer(np.arange(40, dtype=np.uint8), np.arange(60, dtype=np.uint8))
    odd = tmp_path / "odd.jpg"
    odd.write_bytes(scans(ramp, 40))
    assert np.array_equal(load_picture(odd).pixels, load_picture(odd.read_bytes()).pixels)
    assert len(started) == 1


def test_a_picture_that_is_too_large_for_the_memory_is_refused(tmp_path, monkeypatch, started):
    Image.new("L", (4600, 4600), 120).save(tmp_path / "wide.png")
    monkeypatch.setattr(trial, "MEMORY", 200_000_000)
    with pytest.raises(ImageTooLarge, match=r"'wide.png': it takes more than 20 seconds or 0.2 GB"):
        load_picture(tmp_path / "wide.png")


def test_ordinary_files_are_read_here(started):
    load_picture(Path(__file__).parents[2] / "examples" / "coffee.png")
    assert not started
    assert not trial.is_odd(24_000_000, 900_000, 10), "a camera's sky"
    assert trial.is_odd(24_000_000, 30_000, 1) and trial.is_odd(10_000, 10_000, 31)
