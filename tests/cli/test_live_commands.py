"""`design`, `live` and `wall` from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

from pixwright.build.music.listing import play
from pixwright.cli.app import app
from pixwright.cli.values import controls_from, settings_from
from pixwright.errors import InvalidOption

RUN = CliRunner()
LOCAL = ("--system", "local", "--instruction", "fit the picture to [1]")


@pytest.fixture
def folder(tmp_path):
    rows, columns = np.mgrid[0:96, 0:128]
    picture = np.stack([rows * 2, columns, 255 - rows - columns // 2], axis=2).clip(0, 255).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "shirt.png")
    samples, rate = play("calm-00")
    soundfile.write(tmp_path / "song.wav", samples[: 6 * rate], rate)
    return tmp_path


def run(*words):
    return RUN.invoke(app, [str(word) for word in words])


def test_design_writes_a_sheet_and_says_what_it_did(folder):
    done = run("design", folder / "shirt.png", "--music", folder / "song.wav", "-o", folder / "out", *LOCAL)
    assert done.exit_code == 0 and "shirt-song.png: done" in done.output and "sheet.png" in done.output
    assert {path.name for path in (folder / "out").iterdir()} == {"shirt-song.png", "sheet.png"}
    again = run("design", folder / "shirt.png", "--music", folder / "song.wav", "-o", folder / "out", *LOCAL)
    assert isinstance(again.exception, InvalidOption) and "--force" in str(again.exception)


def test_live_hears_a_file_at_once_and_tells_how_late_it_was(folder):
    done = run(
        "live",
        "--picture",
        folder / "shirt.png",
        "--music",
        folder / "song.wav",
        "--at-once",
        "--listen",
        "4",
        "-o",
        folder / "out",
        *LOCAL,
    )
    assert done.exit_code == 0 and "new piece" in done.output and "1 pictures" in done.output and "after" in done.output
    (row,) = map(json.loads, (folder / "out/shown.jsonl").read_text().splitlines())
    assert row["what"] == "piece" and row["latency"] >= 4
    nowhere = run("live", "--picture", folder / "shirt.png", "--music", folder / "song.wav", *LOCAL)
    assert isinstance(nowhere.exception, InvalidOption) and "nowhere to show it" in str(nowhere.exception)


def test_live_reads_raw_samples_from_a_pipe(folder, monkeypatch):
    import io
    import sys
    from types import SimpleNamespace

    samples, _ = play("calm-00")
    raw = io.BytesIO((samples[: 5 * 16_000] * 32767).astype("<i2").tobytes())
    monkeypatch.setattr(
        "pixwright.live.sources.sys", SimpleNamespace(stdin=SimpleNamespace(buffer=raw), platform=sys.platform)
    )
    done = run("live", "--picture", folder / "shirt.png", "--music", "-", "--listen", "3", "-o", folder / "out", *LOCAL)
    assert done.exit_code == 0 and "1 pictures" in done.output


def test_the_wall_opens_its_page_and_ends_when_it_is_interrupted(folder, monkeypatch):
    def stop(self, *given):
        self.look()
        raise KeyboardInterrupt

    monkeypatch.setattr("pixwright.live.wall.Wall.watch", stop)
    done = run("wall", folder, "--port", "0", *LOCAL)
    assert done.exit_code == 0 and "http://127.0.0.1:" in done.output and "stopped" in done.output
    missing = run("wall", folder / "none", *LOCAL)
    assert isinstance(missing.exception, InvalidOption)


def test_values_are_tables_or_errors():
    assert settings_from(["a=1", "b=c=d"]) == {"a": "1", "b": "c=d"} and settings_from(None) == {}
    assert controls_from(["2.exposure=-0.4"]) == {"2.exposure": -0.4}
    for wrong, read in (("a", settings_from), ("=1", settings_from), ("a=b", controls_from)):
        with pytest.raises(InvalidOption):
            read([wrong])
