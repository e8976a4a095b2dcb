"""Writing: the same times, size, tags, sound and words; without loss to the bit; and what a file cannot hold is said before the work."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")
import av
from films import Film, ball, decoded, packets

from pixwright.errors import InvalidOption, InvalidVideo, OutputExists, UnsupportedVideo
from pixwright.video import joining, segments
from pixwright.video.codecs import writing_for
from pixwright.video.footage import Footage

TIMES = [0, 2000, 7000, 9000, 9500, 20000, 24000, 30000]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    frames, _ = ball()
    kind = Film(pts=TIMES, rotation=90, aspect=Fraction(4, 3), sound=True, title="a film")
    return kind.write(tmp_path_factory.mktemp("film") / "a.mp4", frames)


def written(source: Path, target: Path, *, codec=None, lossless=True, change=None, length=3, span=None):
    footage = Footage(source)
    size = footage.facts.height, footage.facts.width
    writing = writing_for(footage.facts, target, codec, lossless, size=size)
    work = target.parent / f"{target.name}.work"
    work.mkdir()
    parts, count = [], len(footage.timeline.pts)
    for first in range(0, count, length):
        parts.append(segments.path_of(work, first))
        rows = (
            (shown, change(shown) if change else None) for shown in footage.frames(first, min(count, first + length))
        )
        segments.encode(parts[-1], rows, writing, footage.facts, size)
    made, notes = joining.join(footage, parts, target, writing, size, span=span)
    joining.take_name(made, target, replace=False)
    return footage, Footage(target), notes, parts


def test_nothing_is_lost_but_the_codec_s_share(film, tmp_path):
    was, now, notes, _ = written(film, tmp_path / "o.mp4")
    assert now.timeline.pts == was.timeline.pts and now.facts == was.facts and not notes
    assert now.timeline.matrix == was.timeline.matrix and now.timeline.turns == 1
    assert all(np.array_equal(a, b) for a, b in zip(decoded(film), decoded(tmp_path / "o.mp4"), strict=True))
    assert packets(film, "audio") == packets(tmp_path / "o.mp4", "audio")
    with av.open(str(film)) as a, av.open(str(tmp_path / "o.mp4")) as b:
        assert b.metadata["title"] == "a film" and abs(a.duration - b.duration) < 60_000


def test_words_are_copied_where_the_file_holds_them(tmp_path):
    source = Film(subtitles=True).write(tmp_path / "a.mkv", ball(3)[0])
    written(source, tmp_path / "o.mkv")
    assert packets(source, "subtitle") == packets(tmp_path / "o.mkv", "subtitle") == [b"hello"]
    with pytest.raises(UnsupportedVideo, match=r"its subtitle is subrip, which \.mp4 files do not hold"):
        written(source, tmp_path / "o.mp4")


@pytest.mark.parametrize(
    ("ending", "codec", "lossless"),
    [("mkv", None, True), ("mov", "h264", False), ("mp4", "hevc", True), ("mp4", "vp9", False), ("mkv", "av1", False)],
)
def test_every_codec_writes_every_frame_at_its_time(ending, codec, lossless, tmp_path):
    frames, _ = ball(5)
    source = Film(pts=[k * 3600 for k in range(5)]).write(tmp_path / "a.mp4", frames)
    was, now, _, _ = written(source, tmp_path / f"o.{ending}", codec=codec, lossless=lossless)
    seconds = [[round(float(pts * one.facts.time_base), 3) for pts in one.timeline.pts] for one in (was, now)]
    assert seconds[0] == seconds[1]
    off = [np.abs(a.astype(int) - b).mean() for a, b in zip(decoded(source), decoded(now.path), strict=True)]
    assert max(off) == 0 if lossless else max(off) < 6


def test_only_the_edit_differs_and_the_parts_fit_together(film, tmp_path):
    def change(shown):
        after = shown.pixels.copy()
        after[20:50, 20:50] = (10, 200, 30)
        return after

    was, now, _, _ = written(film, tmp_path / "o.mp4", change=change, length=2)
    for a, b in zip(was.frames(), now.frames(), strict=True):
        same = (a.pixels == b.pixels).all(axis=2)
        assert same[:18].all() and same[:, 54:].all() and not same[24:46, 24:46].any()


def test_the_same_parts_give_the_same_file(film, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for folder in ("one", "two"):
        written(film, tmp_path / folder / "o.mp4", lossless=False)
    assert (tmp_path / "one" / "o.mp4").read_bytes() == (tmp_path / "two" / "o.mp4").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="MALLOC_PERTURB_ is glibc's")
def test_what_memory_held_before_does_not_reach_the_file(film, tmp_path):
    """x264's macroblock tree read unwritten memory at uneven times: two runs of one command then gave two files."""
    run = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[3:];"
        " from test_writing import written; written(Path(sys.argv[1]), Path(sys.argv[2]), lossless=False)"
    )
    for fill in ("0", "85"):
        env = {**os.environ, "MALLOC_PERTURB_": fill}
        command = [sys.executable, "-c", run, str(film), str(tmp_path / f"{fill}.mp4"), str(Path(__file__).parent)]
        subprocess.run([*command, *sys.path], check=True, env=env)
    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "85.mp4").read_bytes()


def test_a_part_of_the_film_begins_at_zero(film, tmp_path):
    footage = Footage(film)
    size = footage.facts.height, footage.facts.width
    writing = writing_for(footage.facts, tmp_path / "o.mp4", None, True, size=size)
    part = segments.path_of(tmp_path, 2)
    segments.encode(part, ((one, None) for one in footage.frames(2, 6)), writing, footage.facts, size)
    made, _ = joining.join(footage, [part], tmp_path / "o.mp4", writing, size, span=(TIMES[2], TIMES[6]))
    joining.take_name(made, tmp_path / "o.mp4", replace=False)
    assert list(Footage(tmp_path / "o.mp4").timeline.pts) == [t - TIMES[2] for t in TIMES[2:6]]


def test_a_name_that_is_taken_is_not_written_over(tmp_path):
    new, old = tmp_path / "n", tmp_path / "o"
    new.write_text("new")
    old.write_text("old")
    with pytest.raises(OutputExists, match="--force"):
        joining.take_name(new, old, replace=False)
    assert old.read_text() == "old"
    joining.take_name(new, old, replace=True)
    assert old.read_text() == "new" and not new.exists()


def test_a_part_that_is_not_whole_is_said(film, tmp_path):
    *_, parts = written(film, tmp_path / "o.mp4")
    parts[0].write_bytes(parts[0].read_bytes()[:-5])
    with pytest.raises(InvalidVideo, match="is not whole"):
        list(segments.read(parts[0]))


@pytest.mark.parametrize(
    ("name", "codec", "lossless", "said"),
    [
        ("o.txt", None, False, "no ending of a video"),
        ("o.mp4", "divx", False, "no codec that is written"),
        ("o.mp4", "ffv1", False, r"such as \.mkv"),
        ("o.mp4", "av1", True, "not written without loss"),
    ],
)
def test_what_cannot_be_written_is_said_first(name, codec, lossless, said, film):
    facts = Footage(film).facts
    with pytest.raises(InvalidOption, match=said):
        writing_for(facts, Path(name), codec, lossless, size=(120, 160))


def test_odd_sizes_go_where_they_fit(tmp_path):
    frames = [one[:61, :81] for one in ball(3)[0]]
    source = Film(codec="ffv1", options={}, pixels="yuv420p").write(tmp_path / "odd.mkv", frames)
    facts = Footage(source).facts
    with pytest.raises(UnsupportedVideo, match=r"width of 81 pixels is odd.*--codec vp9"):
        writing_for(facts, Path("o.mp4"), None, False, size=(61, 81))
    _, now, _, _ = written(source, tmp_path / "o.mkv")
    assert now.timeline.size == (61, 81)


def test_more_bits_and_other_formats_are_said(tmp_path):
    deep = Film(pixels="yuv420p10le").write(tmp_path / "d.mp4", ball(3)[0])
    _, now, _, _ = written(deep, tmp_path / "o.mp4")
    writing = writing_for(Footage(deep).facts, Path("o.mp4"), None, False, size=(120, 160))
    assert now.facts.pixels == "yuv420p10le" and "more than 8 bits" in writing.notes[0]
    rgb = Film(codec="ffv1", options={}, pixels="bgr0", tags=(1, 1, 0, 2)).write(tmp_path / "r.mkv", ball(2)[0])
    writing = writing_for(Footage(rgb).facts, Path("o.mp4"), None, False, size=(120, 160))
    assert writing.pixels == "yuv444p" and "written as yuv444p" in writing.notes[0]
    clear = Film(codec="ffv1", options={}, pixels="bgra", tags=(1, 1, 0, 2)).write(tmp_path / "c.mkv", ball(2)[0])
    with pytest.raises(UnsupportedVideo, match=r"transparency.*ffv1"):
        writing_for(Footage(clear).facts, Path("o.mp4"), None, False, size=(120, 160))
    assert writing_for(Footage(clear).facts, Path("o.mkv"), None, True, size=(120, 160)).pixels == "bgra"


def test_sound_that_a_file_cannot_hold_is_said(film, tmp_path):
    with pytest.raises(UnsupportedVideo, match=r"its audio is aac, which \.webm files do not hold"):
        written(film, tmp_path / "o.webm", lossless=False)
    assert not (tmp_path / "o.webm").exists()
