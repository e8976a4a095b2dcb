"""A job from file to file: what is promised, measured; parts of it; kills; and nothing under the result's name but a whole result."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("av")
from films import Film, ball, decoded, overlap, packets

from pixwright.errors import InvalidOption, InvalidVideo, OutputExists, UnsupportedVideo
from pixwright.media import load_picture, save_plain
from pixwright.pointing import UserPlace
from pixwright.records.result import Verdict
from pixwright.systems import local
from pixwright.video import VideoJob, edit_video, segments
from pixwright.video.account import FrameAccount, ranges, together
from pixwright.video.footage import Footage
from pixwright.video.measured import promise_kept, touched
from pixwright.video.run import frame_at, span_of
from pixwright.video.sheet import preview, sheet

SYSTEM = local()
COUNT = 8
TIMES = [0, 3000, 7000, 10500, 14000, 18000, 22000, 27000]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A film with sound, the masks of its disc, and the first of them as a file."""
    folder = tmp_path_factory.mktemp("film")
    frames, masks = ball(COUNT)
    film = Film(pts=TIMES, sound=True).write(folder / "a.mp4", frames)
    save_plain(masks[0], folder / "m.png")
    return film, masks, UserPlace(mask=folder / "m.png", limits=False)


@pytest.fixture(scope="module")
def job(place, tmp_path_factory):
    film, _, where = place
    return VideoJob(film, "make it blue", tmp_path_factory.mktemp("out") / "o.mp4", place=where, lossless=True)


@pytest.fixture(scope="module")
def done(job):
    return edit_video(job, SYSTEM)


def test_the_report_says_what_the_file_shows(done, job, place):
    report, masks = done.report, place[1]
    assert done.output == job.output and not job.work.exists()
    assert report.verdict is not Verdict.NOT_DONE and report.shots[0].ways == ("look",)
    assert len(report.frames) == COUNT and report.key_frames[0] == 0 and report.frames[0].key
    assert report.outside_max_difference == 0 and report.outside_psnr is None and report.samples_kept == 1
    assert report.outside_file_max_difference == 0 and report.written == "h264 yuv420p mp4 without loss"
    assert report.frames[0].warp_error is None and report.warp_error - report.input_warp_error < 5
    assert [round(one.seconds * 90000) for one in report.frames] == TIMES
    was, now = decoded(job.video), decoded(job.output)
    for a, b, mask in zip(was, now, masks, strict=True):
        changed = np.abs(a.astype(int) - b).max(axis=2) > 24
        assert overlap(np.where(changed, 255, 0), mask) > 0.75
        middle = b[mask == 255].mean(0)
        assert middle[2] > middle[0] + 40, "blue"


def test_times_and_sound_are_the_input_s(done, job):
    assert Footage(done.output).timeline.pts == tuple(TIMES)
    assert packets(job.video, "audio") == packets(done.output, "audio")


def test_a_result_is_not_written_over_and_an_input_never(done, job):
    with pytest.raises(OutputExists):
        edit_video(job, SYSTEM)
    with pytest.raises(InvalidOption, match="inputs are never overwritten"):
        edit_video(replace(job, output=job.video, force=True), SYSTEM)


def test_only_the_part_that_was_asked_for_is_edited(job, tmp_path):
    end = TIMES[5] / 90000
    part = replace(job, output=tmp_path / "p.mp4", end=end)
    report = edit_video(part, SYSTEM).report
    assert [one.edited for one in report.frames] == [True] * 5 + [False] * 3 and report.verdict is not Verdict.NOT_DONE
    was, now = decoded(job.video), decoded(part.output)
    assert all(np.array_equal(a, b) for a, b in zip(was[5:], now[5:], strict=True))
    assert not np.array_equal(was[4], now[4])


def test_only_the_part_is_written(job, tmp_path):
    part = replace(job, output=tmp_path / "p.mp4", end=TIMES[4] / 90000, only=True)
    done = edit_video(part, SYSTEM)
    assert Footage(done.output).timeline.pts == tuple(TIMES[:4]) and len(done.report.frames) == 4
    assert done.report.samples_kept == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from pixwright.pointing import UserPlace
from pixwright.video import VideoJob, edit_video, segments
segments.FRAMES = 2
def watch(progress):
    if progress.stage == "edit" and progress.done > 5:
        os.kill(os.getpid(), signal.SIGKILL)
film, mask, out = map(Path, sys.argv[1:])
edit_video(VideoJob(film, "make it blue", out, place=UserPlace(mask=mask, limits=False)), watch=watch)
"""


def test_a_killed_job_goes_on_to_the_same_file(place, tmp_path, monkeypatch):
    film, _, where = place
    out = tmp_path / "k.mp4"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(film), str(where.mask), str(out)], timeout=300)
    job = VideoJob(film, "make it blue", out, place=where)
    assert killed.returncode == -signal.SIGKILL and not out.exists()
    left = sorted(path.name for path in job.work.glob("*.part"))
    assert left == ["0000000.part", "0000002.part"]
    monkeypatch.setattr(segments, "FRAMES", 2)
    stamp = (job.work / left[0]).stat().st_mtime_ns
    seen = []

    def watch(progress):
        if progress.stage == "join":
            seen.append((job.work / left[0]).stat().st_mtime_ns)

    report = edit_video(job, SYSTEM, watch).report
    assert seen == [stamp], "what was there was used"
    whole = replace(job, output=tmp_path / "w.mp4")
    again = edit_video(whole, SYSTEM).report
    assert out.read_bytes() == whole.output.read_bytes()
    assert report.frames == again.frames and not job.work.exists()


def test_what_is_stopped_by_its_watcher_writes_nothing_and_stays(job, tmp_path):
    class Enough(Exception):
        pass

    def watch(progress):
        assert progress.total == COUNT and progress.left >= 0
        if progress.stage == "follow" and progress.done > 3:
            raise Enough

    stopped = replace(job, output=tmp_path / "s.mp4")
    with pytest.raises(Enough):
        edit_video(stopped, SYSTEM, watch)
    assert stopped.work.is_dir() and list(tmp_path.glob("*.mp4")) == []


def test_another_process_s_job_and_another_s_folder_are_left_alone(job, tmp_path):
    other = replace(job, output=tmp_path / "x.mp4")
    other.work.mkdir()
    (other.work / "precious.txt").write_text("mine")
    with pytest.raises(InvalidOption, match="no folder of ours"):
        edit_video(other, SYSTEM)
    (other.work / "job.json").write_text(json.dumps({"pixwright": "0", "job": [], "process": 1}))
    with pytest.raises(InvalidOption, match="by another process"):
        edit_video(other, SYSTEM)
    assert (other.work / "precious.txt").read_text() == "mine"


def test_what_is_not_found_is_not_done_and_nothing_is_written(place, tmp_path):
    done = edit_video(VideoJob(place[0], "make the elephant blue", tmp_path / "n.mp4"), SYSTEM)
    assert done.output is None and done.report.verdict is Verdict.NOT_DONE and done.report.missed == 0
    assert "elephant" in done.report.reasons[0] and list(tmp_path.iterdir()) == []


def test_a_whole_look_and_another_size_go_through_all_frames(place, tmp_path):
    done = edit_video(
        VideoJob(place[0], "make it black and white, then crop it to a square", tmp_path / "g.mp4"), SYSTEM
    )
    assert done.report.shots[0].ways == ("look", "frame by frame") and Footage(done.output).timeline.size == (120, 120)
    assert max(np.ptp(frame.astype(int), axis=2).mean() for frame in decoded(done.output)) < 6


def test_frames_of_two_sizes_are_refused(place, tmp_path):
    with pytest.raises(UnsupportedVideo, match="--only"):
        edit_video(VideoJob(place[0], "crop it to a square", tmp_path / "c.mp4", end=0.1), SYSTEM)
    assert not (tmp_path / "c.mp4").exists()


def test_a_preview_shows_a_few_frames_before_the_rest(place, tmp_path):
    job = VideoJob(place[0], "make it black and white", tmp_path / "p.mp4")
    path, verdicts = preview(job, 2, SYSTEM)
    assert path.name == "p-preview.png" and verdicts == ["done", "done"] and not job.output.exists()
    pixels = load_picture(path).pixels
    assert pixels.shape[0] >= 240 and np.ptp(pixels[124:240, :160].astype(int), axis=2).max() < 6
    with pytest.raises(OutputExists):
        preview(job, 1, SYSTEM)
    with pytest.raises(InvalidOption, match="30 frames"):
        preview(replace(job, output=tmp_path / "q.mp4"), 30, SYSTEM)
    assert sheet([[np.zeros((4, 6, 3), np.uint8)] * 2]).shape == (8, 20, 3)


def test_times_outside_of_the_video_are_said(place):
    footage = Footage(place[0])
    assert span_of(footage, None, None) == (0, COUNT) and span_of(footage, TIMES[2] / 90000, None) == (2, COUNT)
    assert frame_at(footage, 0.05) == 1
    with pytest.raises(InvalidOption, match="no frame from 5 s"):
        span_of(footage, 5, 6)
    with pytest.raises(InvalidOption, match="outside of the video"):
        frame_at(footage, 99)


def test_the_promise_is_measured_and_a_wrong_file_refused(place, tmp_path):
    footage = Footage(place[0])
    nothing = [b""] * COUNT
    same = promise_kept(footage, place[0], nothing, 0, 0, lambda: None)
    assert same.kept == 1 and same.psnr is None and same.largest == 0
    frames = decoded(place[0])
    frames[3] = np.clip(frames[3].astype(int) + 9, 0, 255).astype(np.uint8)
    other = Film(pts=TIMES).write(tmp_path / "o.mp4", frames)
    worse = promise_kept(footage, other, nothing, 0, 0, lambda: None)
    assert worse.kept < 1 and 25 < worse.psnr < 60 and worse.largest >= 8
    late = Film(pts=[t + 4000 * (k > 4) for k, t in enumerate(TIMES)]).write(tmp_path / "l.mp4", frames)
    with pytest.raises(InvalidVideo, match="at other times"):
        promise_kept(footage, late, nothing, 0, 0, lambda: None)
    assert touched(np.packbits(np.eye(3, dtype=bool)).tobytes(), (3, 3)).sum() == 3 and not touched(None, (2, 2)).any()


def test_numbers_of_frames_are_told_as_ranges():
    assert ranges([0, 1, 2, 7]) == "1-3, 8" and ranges([]) == ""
    assert ranges(list(range(0, 40, 2))).endswith(", ...")
    assert together([Verdict.DONE, Verdict.NOT_DONE]) is Verdict.PARTLY
    assert FrameAccount(frame=0, seconds=0, verdicts=(Verdict.DONE,)).verdict is Verdict.DONE


def test_memory_does_not_grow_with_the_number_of_frames(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "FRAMES", 4)
    peaks = []
    for count in (8, 32):
        film = Film().write(tmp_path / f"{count}.mp4", [ball(1)[0][0]] * count)
        tracemalloc.start()
        done = edit_video(VideoJob(film, "make it black and white", tmp_path / f"o{count}.mp4"), SYSTEM)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(done.report.frames) == count
    assert peaks[1] < 1.25 * peaks[0]
