"""Contact sheets, and the wall that answers pairs of a folder."""

from __future__ import annotations

import json
import urllib.request

import numpy as np
import pytest
import soundfile
from PIL import Image

from pixwright.errors import InvalidAttachment, InvalidOption, OutputExists, SilentSound
from pixwright.live.design import CELL, SHEET, contact_sheet, design
from pixwright.live.wall import ANSWERS, Wall, pairs_in

RATE = 16_000
WORDS = "fit the picture to [1]"


@pytest.fixture
def folder(tmp_path, picture, music):
    Image.fromarray(picture).save(tmp_path / "shirt.png")
    Image.fromarray(picture[:, ::-1]).save(tmp_path / "cover.png")
    for name in ("calm-00", "energetic-00"):
        soundfile.write(tmp_path / f"{name}.wav", music[name][: 4 * RATE], RATE)
    return tmp_path


def test_a_sheet_has_a_row_for_each_picture_and_a_column_for_each_track(folder, system):
    pictures, tracks = (
        [folder / "shirt.png", folder / "cover.png"],
        [folder / "calm-00.wav", folder / "energetic-00.wav"],
    )
    told = []
    sheet, cells = design(pictures, tracks, folder / "out", system, template=WORDS, tell=told.append)
    assert [(cell.picture.stem, cell.track.stem) for cell in cells] == [
        (picture, track) for picture in ("shirt", "cover") for track in ("calm-00", "energetic-00")
    ]
    assert told == cells and all(cell.verdict != "not_done" and cell.file.is_file() for cell in cells)
    shirts = [np.asarray(Image.open(cell.file)) for cell in cells[:2]]
    assert not np.array_equal(*shirts), "each track its own"
    shown = np.asarray(Image.open(sheet))
    assert shown.shape[1] >= 3 * 128 and (shown == 250).all(axis=2).mean() > 0.1
    with pytest.raises(OutputExists, match="--force"):
        design(pictures, tracks, folder / "out", system, template=WORDS)


def test_variations_have_seeds_and_files_of_one_name_do_not_meet(folder, system, picture):
    (folder / "other").mkdir()
    Image.fromarray(picture).save(folder / "other/shirt.png")
    both = [folder / "shirt.png", folder / "other/shirt.png"]
    _, cells = design(both, [folder / "calm-00.wav"], folder / "out", system, template=WORDS, variations=2, seed=5)
    assert [cell.seed for cell in cells] == [5, 6, 5, 6] and len({cell.file for cell in cells}) == 4


def test_what_cannot_be_a_sheet_is_refused_before_anything_is_edited(folder, system):
    shirt, calm, out = [folder / "shirt.png"], [folder / "calm-00.wav"], folder / "out"
    with pytest.raises(InvalidOption, match=r"write \[1\]"):
        design(shirt, calm, out, system, template="fit it")
    with pytest.raises(InvalidOption, match="500 cells"):
        design(shirt, calm, out, system, variations=500)
    with pytest.raises(InvalidAttachment, match="is a picture"):
        design(shirt, shirt, out, system)
    soundfile.write(folder / "still.wav", np.zeros(RATE), RATE)
    with pytest.raises(SilentSound):
        design(shirt, [folder / "still.wav"], out, system)
    assert not out.exists() and SHEET == "sheet.png"


def test_a_sheet_shrinks_what_is_large_and_keeps_proportions():
    large = np.zeros((1000, 2000, 3), np.uint8)
    sheet = contact_sheet([[large, large]], ["", "a track with a name that is far too long for its column " * 3], ["x"])
    black = (sheet == 0).all(axis=2)
    rows, columns = np.flatnonzero(black.any(1)), np.flatnonzero(black[black.any(1)][0])
    assert len(rows) == CELL // 2 and len(columns) == 2 * CELL


def test_the_wall_answers_a_pair_once_when_it_is_whole_and_shows_it_on_its_page(folder, system, music, picture):
    said = []
    wall = Wall(folder, system, WORDS, said.append)
    address = wall.open(0)
    try:
        assert wall.look() == [] and pairs_in(folder) == [], "a picture without a track is no pair"
        soundfile.write(folder / "shirt.ogg", music["sad-03"][: 4 * RATE], RATE)
        Image.fromarray(picture).save(folder / "an evening & more.png")
        (folder / "an evening & more.mp3").write_bytes(b"this is no sound")
        assert wall.look() == [], "seen once it may still be being written"
        assert sorted(wall.look()) == ["an evening & more", "shirt"]
        assert wall.look() == [] and (folder / ANSWERS / "shirt.png").is_file()
        assert b"answers.json" in urllib.request.urlopen(address, timeout=10).read()
        rows = {
            row["name"]: row for row in json.loads(urllib.request.urlopen(f"{address}answers.json", timeout=10).read())
        }
        assert rows["shirt"]["file"] == "shirt.png"
        assert rows["an evening & more"]["file"] == "" and "not a sound" in rows["an evening & more"]["said"]
        shown = urllib.request.urlopen(f"{address}answers/shirt.png", timeout=10).read()
        assert shown == (folder / ANSWERS / "shirt.png").read_bytes()
        for hidden in ("answers/../shirt.ogg", "answers/..%2Fshirt.png", "shirt.ogg"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}{hidden}", timeout=10)
        soundfile.write(folder / "shirt.ogg", music["energetic-00"][: 5 * RATE], RATE)
        wall.look()
        assert wall.look() == ["shirt"], "a new track is a new answer"
    finally:
        wall.close()


def test_a_wall_watches_until_it_is_told_and_needs_a_folder(folder, system):
    waited = []
    wall = Wall(folder, system, WORDS)
    wall.watch(until=lambda: len(waited) == 2, wait=waited.append)
    assert waited == [1.0, 1.0]
    with pytest.raises(InvalidOption, match="is no folder"):
        Wall(folder / "none", system)
