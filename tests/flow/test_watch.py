"""A watched folder: what comes is edited once, when it is whole, and a second watch goes on where the first was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pixwright.batch import JOURNAL, Common, jobs_from
from pixwright.errors import InvalidOption
from pixwright.watch import Pace, watch, with_instruction


def picture(colour=(180, 60, 50)):
    held = io.BytesIO()
    Image.fromarray(np.full((24, 32, 3), colour, np.uint8)).save(held, "PNG")
    return held.getvalue()


class Time:
    """A clock that moves when the watch sleeps, and does what is planned for that look."""

    def __init__(self, plans):
        self.now, self.looks, self.plans = 0.0, 0, plans

    def sleep(self, seconds):
        self.now += seconds
        self.looks += 1
        for plan in self.plans.get(self.looks, ()):
            plan()

    def pace(self, idle=3.0):
        return Pace(1.0, idle, self.sleep, lambda: self.now)


@pytest.fixture
def common(tmp_path):
    (tmp_path / "in").mkdir()
    return Common(tmp_path / "out", "make it black and white", recursive=True)


def test_what_comes_is_edited_once_and_only_when_whole(tmp_path, common):
    folder, whole = tmp_path / "in", picture()
    (folder / "a.png").write_bytes(whole)
    (folder / "note.txt").write_text("no picture")
    half = len(whole) // 2
    time = Time(
        {
            3: [lambda: (folder / "b.png").write_bytes(whole[:half])],
            4: [lambda: (folder / "b.png").write_bytes(whole)],
            7: [(folder / "sub").mkdir, lambda: (folder / "sub" / "a.png").write_bytes(picture((20, 90, 200)))],
        }
    )
    rows = list(watch(folder, common, time.pace()))
    assert [(row.picture.split("in/")[1], row.status) for row in rows] == [
        ("a.png", "done"),
        ("b.png", "done"),
        ("sub/a.png", "done"),
    ]
    assert {path.name for path in common.output.rglob("*.png")} == {"a.png", "b.png"}
    assert (common.output / "sub" / "a.png").exists() and time.now >= 10


def test_a_second_watch_goes_on_where_the_first_was(tmp_path, common):
    folder = tmp_path / "in"
    (folder / "a.png").write_bytes(picture())
    list(watch(folder, common, Time({}).pace()))
    written = (common.output / "a.png").stat().st_mtime_ns
    journal = (common.output / JOURNAL).read_text()
    (folder / "c.png").write_bytes(picture((9, 9, 200)))
    rows = list(watch(folder, common, Time({}).pace()))
    assert [row.status for row in rows] == ["done", "done"]
    assert (common.output / "a.png").stat().st_mtime_ns == written
    assert (common.output / JOURNAL).read_text().startswith(journal)


def test_a_broken_picture_is_a_row_and_is_looked_at_again_when_it_changes(tmp_path, common):
    folder = tmp_path / "in"
    (folder / "a.png").write_bytes(picture()[:60])
    time = Time({4: [lambda: (folder / "a.png").write_bytes(picture())]})
    rows = list(watch(folder, common, time.pace()))
    assert [row.status for row in rows] == ["error", "done"]


def test_results_inside_the_folder_are_no_new_pictures(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture())
    common = Common(folder / "done", "make it sepia", recursive=True)
    assert len(list(watch(folder, common, Time({}).pace()))) == 1


def test_what_cannot_be_watched_is_said(tmp_path, common):
    with pytest.raises(InvalidOption, match="is no folder"):
        next(watch(tmp_path / "nowhere", common))
    with pytest.raises(InvalidOption, match="instruction is empty"):
        with_instruction(common, " ")
    (tmp_path / "in" / "a.png").write_bytes(picture())
    with pytest.raises(InvalidOption, match="inputs are never overwritten"):
        next(watch(tmp_path / "in", Common(tmp_path / "in", "make it sepia"), Time({}).pace()))


def test_masks_lie_in_sub_folders_like_their_pictures(tmp_path, common):
    folder, masks = tmp_path / "in", tmp_path / "masks"
    for name in ("a.png", "sub/a.png"):
        for root in (folder, masks):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(picture())
    (folder / "b.png").write_bytes(picture())
    (masks / "b.png").write_bytes(picture())
    todo = jobs_from(folder, Common(common.output, "make it red", recursive=True, mask=masks))
    assert [job.place.mask for job in todo.jobs] == [masks / "a.png", masks / "b.png", masks / "sub" / "a.png"]
