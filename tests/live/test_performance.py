"""A performance from sound to pictures: what is shown when, in a folder, on a page, and what silence and bad sources do."""

from __future__ import annotations

import io
import json
import urllib.request

import numpy as np
import pytest
from PIL import Image

from pixwright.errors import InvalidOption, InvalidSound, SilentSound
from pixwright.live.performance import Act, Performance
from pixwright.live.screens import JOURNAL, FolderScreen, Several, StreamScreen, WindowScreen
from pixwright.live.sources import BLOCK, blocks_of, played, raw_blocks, recorder

RATE = 16_000
WORDS = "fit the picture to [1]"


class Noted:
    def __init__(self):
        self.pictures = []

    def show(self, picture, shown):
        self.pictures.append((picture, shown))

    def close(self):
        pass


def test_every_piece_has_its_picture_and_the_picture_is_of_its_first_seconds(picture, music, system):
    rest = np.zeros(4 * RATE, np.float32)
    samples = np.concatenate([rest, music["calm-00"][: 9 * RATE], rest, music["energetic-00"][: 9 * RATE]])
    screen, said = Noted(), []
    shown = Performance(Act(picture, system, WORDS, listen=5), screen, said.append).follow(played(samples, None))
    assert [(one.what, one.began) for one in shown] == [("piece", 4.0), ("piece", 17.0)]
    assert all(one.latency >= 5 and one.verdict != "not_done" for one in shown)
    (first, _), (second, _) = screen.pictures
    assert not np.array_equal(first, picture) and not np.array_equal(first, second), "another piece, another picture"
    assert len(said) == 2 and "after" in said[0] and "made in" in said[0]
    again = Noted()
    Performance(Act(picture, system, WORDS, listen=5), again).follow(played(samples, None))
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(screen.pictures, again.pictures, strict=True))


def test_silence_is_no_instruction_and_a_scrap_is_no_piece(picture, music, system):
    screen = Noted()
    assert Performance(Act(picture, system, WORDS), screen).follow(played(np.zeros(20 * RATE, np.float32), None)) == []
    scrap = np.concatenate([np.zeros(RATE, np.float32), music["calm-00"][: 2 * RATE]])
    assert Performance(Act(picture, system, WORDS), screen).follow(played(scrap, None)) == []
    assert screen.pictures == []


def test_an_edit_that_fails_is_said_and_the_performance_goes_on(picture, music, system):
    said = []
    act = Act(picture, system, "colour the seventh wish of [1] kindly")
    assert Performance(act, Noted(), said.append).follow(played(music["calm-00"][: 12 * RATE], None)) == []
    assert "no picture for this piece" in said[0]


def test_options_that_cannot_be_are_refused_in_one_line(picture, system):
    with pytest.raises(InvalidOption, match=r"write \[1\]"):
        Act(picture, system, "fit it")
    with pytest.raises(InvalidOption, match="at least 3 seconds"):
        Act(picture, system, WORDS, listen=1)


def test_a_folder_holds_every_picture_the_latest_and_the_times(picture, music, system, tmp_path):
    screen = FolderScreen(tmp_path / "out")
    Performance(Act(picture, system, WORDS, listen=4), screen).follow(played(music["sad-03"][: 6 * RATE], None))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"001.png", "latest.png", JOURNAL}
    latest, first = (np.asarray(Image.open(tmp_path / "out" / name)) for name in ("latest.png", "001.png"))
    assert np.array_equal(latest, first) and latest.shape == picture.shape
    (row,) = map(json.loads, (tmp_path / "out" / JOURNAL).read_text().splitlines())
    assert row["file"] == "001.png" and row["latency"] == pytest.approx(row["shown"] - row["began"], abs=0.01)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOption, match="cannot be made"):
        FolderScreen(tmp_path / "file" / "out")


def test_the_stream_shows_a_browser_the_first_picture_and_then_each_new_one(picture, music, system):
    screen = StreamScreen(0, picture)
    try:
        page = urllib.request.urlopen(screen.address, timeout=10).read().decode()
        assert "/stream.mjpg" in page
        stream = urllib.request.urlopen(f"{screen.address}stream.mjpg", timeout=30)
        assert stream.headers.get_content_type() == "multipart/x-mixed-replace"
        before = part(stream)
        act = Act(picture, system, WORDS, listen=4)
        Performance(act, Several([screen, Noted()])).follow(played(music["energetic-00"][: 6 * RATE], None))
        after = part(stream)
        assert before.shape == after.shape == picture.shape and np.abs(before.astype(int) - after).mean() > 3
        state = json.loads(urllib.request.urlopen(f"{screen.address}state", timeout=10).read())
        assert state["number"] == 1 and state["said"]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{screen.address}../../etc/passwd", timeout=10)
        with pytest.raises(InvalidOption, match="cannot be used"):
            StreamScreen(int(screen.address.rsplit(":", 1)[1].strip("/")), picture)
    finally:
        screen.close()


def part(stream) -> np.ndarray:
    """The next picture of a multipart stream."""
    while (line := stream.readline()) and not line.lower().startswith(b"content-length"):
        pass
    length = int(line.split(b":")[1])
    stream.readline()
    return np.asarray(Image.open(io.BytesIO(stream.read(length))))


def test_a_window_needs_a_desktop(picture, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(InvalidOption, match="needs a desktop"):
        WindowScreen(picture)


def test_raw_samples_of_a_pipe_come_in_blocks_and_an_empty_pipe_is_an_error(music):
    samples = music["calm-00"][: 3 * BLOCK + 100]
    raw = (samples * 32767).astype("<i2").tobytes()
    blocks = list(raw_blocks(io.BytesIO(raw)))
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, BLOCK, 100]
    assert np.allclose(np.concatenate(blocks), samples, atol=1e-3)
    with pytest.raises(InvalidSound, match="no sound came in"):
        list(raw_blocks(io.BytesIO(b"")))


def test_a_file_is_heard_at_16_khz_whatever_its_rate_and_bad_ones_are_refused(music, tmp_path):
    import soundfile

    path = tmp_path / "low.wav"
    soundfile.write(path, music["calm-00"][: RATE * 2 : 2], 8000)
    blocks = list(blocks_of(str(path), paced=False))
    assert sum(map(len, blocks)) == 2 * RATE
    soundfile.write(path, np.zeros(RATE), RATE)
    with pytest.raises(SilentSound):
        list(blocks_of(str(path), paced=False))
    (tmp_path / "no.mp3").write_bytes(b"no sound at all")
    with pytest.raises(InvalidSound):
        list(blocks_of(str(tmp_path / "no.mp3"), paced=False))


def test_a_played_file_waits_for_the_time_at_which_each_block_would_be_heard():
    waits = []
    assert len(list(played(np.zeros(3 * BLOCK, np.float32), waits.append))) == 3
    assert all(0 <= wait <= 3 * BLOCK / RATE for wait in waits) and waits == sorted(waits), (
        "from the start, not from the last block"
    )


def test_a_microphone_needs_a_program_that_records(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidOption, match="needs a program that records"):
        recorder()
    with pytest.raises(InvalidOption, match="needs a program that records"):
        next(blocks_of("microphone"))


def test_the_microphones_program_is_heard_through_its_pipe(music, tmp_path, monkeypatch):
    """A program of the recorder's name that writes raw samples: what a sound card would give."""
    raw = tmp_path / "sound.raw"
    raw.write_bytes((music["sad-03"][: 2 * RATE] * 32767).astype("<i2").tobytes())
    program = tmp_path / "arecord"
    program.write_text(f"#!/bin/sh\nexec /bin/cat {raw}\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    heard = np.concatenate(list(blocks_of("microphone")))
    assert np.allclose(heard, music["sad-03"][: 2 * RATE], atol=1e-3)
