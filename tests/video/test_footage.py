"""Reading: every frame at its own time, upright; and what is no video, or a broken one, says so in one line."""

from __future__ import annotations

import wave

import numpy as np
import pytest

av = pytest.importorskip("av")
from films import Film, ball  # noqa: E402

from pixwright.errors import InvalidVideo, UnsupportedVideo  # noqa: E402
from pixwright.video.footage import Footage, cuts  # noqa: E402

TIMES = [0, 2000, 7000, 9000, 9500, 20000, 24000, 30000]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    frames, _ = ball()
    return Film(pts=TIMES, options={"crf": "4", "g": "4", "bf": "2"}).write(
        tmp_path_factory.mktemp("film") / "a.mp4", frames
    )


def test_frames_come_at_their_own_times(film):
    footage = Footage(film)
    assert list(footage.timeline.pts) == TIMES and footage.timeline.size == (120, 160)
    assert [one.index for one in footage.frames()] == list(range(8))
    assert [one.pts for one in footage.frames(3, 6)] == TIMES[3:6]


def test_a_frame_is_sought_and_is_the_same_as_in_order(film):
    footage = Footage(film)
    in_order = [one.pixels for one in footage.frames()]
    for index in (7, 0, 5):
        assert np.array_equal(footage.frame(index).pixels, in_order[index])


def test_backwards_gives_the_same_frames_in_lists(film):
    footage = Footage(film)
    assert [[one.index for one in chunk] for chunk in footage.backwards(1, 8, 3)] == [[5, 6, 7], [2, 3, 4], [1]]
    assert list(footage.backwards(2, 2, 3)) == []


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotated_frames_are_set_upright(rotation, tmp_path):
    frames, _ = ball(2)
    laid = [np.ascontiguousarray(np.rot90(one, -rotation // 90)) for one in frames]
    footage = Footage(Film(rotation=rotation).write(tmp_path / "r.mp4", laid))
    shown = footage.frame(0)
    assert shown.pixels.shape == frames[0].shape
    assert np.abs(shown.pixels.astype(int) - frames[0]).mean() < 6
    assert len(footage.timeline.matrix) == 9


def test_a_cut_is_where_everything_changes_at_once(tmp_path):
    frames, _ = ball(6)
    other = [255 - one[::-1] for one in frames]
    footage = Footage(Film().write(tmp_path / "c.mp4", frames + other))
    assert footage.timeline.cuts == (0, 6) and footage.timeline.shots() == [(0, 6), (6, 12)]


def test_fast_motion_is_no_cut():
    assert cuts([0, 30, 31, 29, 30]) == (0,)
    assert cuts([0, 3, 90, 3, 2]) == (0, 2)
    assert cuts([0]) == (0,)


def test_what_is_no_video_is_said(tmp_path):
    text = tmp_path / "t.mp4"
    text.write_text("no video at all")
    with pytest.raises(InvalidVideo, match=r"t\.mp4 is no video"):
        Footage(text)
    with pytest.raises(InvalidVideo, match="not a file"):
        Footage(tmp_path / "nothing.mp4")
    sound = tmp_path / "s.wav"
    with wave.open(str(sound), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(8000))
    with pytest.raises(InvalidVideo, match="no moving pictures, only: audio"):
        Footage(sound)


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_a_video_without_a_frame_is_said(ending, tmp_path):
    path = Film().write(tmp_path / f"one.{ending}", ball(1)[0])
    with av.open(str(path)) as held, av.open(str(tmp_path / f"none.{ending}"), "w") as out:
        out.add_stream_from_template(held.streams.video[0])
        out.start_encoding()
    with pytest.raises(InvalidVideo) as said:
        Footage(tmp_path / f"none.{ending}").timeline  # noqa: B018
    assert "none." in str(said.value) and "\n" not in str(said.value)


def test_a_file_that_ends_too_early_is_no_video(film, tmp_path):
    data = film.read_bytes()
    head = tmp_path / "head.mp4"
    head.write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidVideo):
        Footage(head).timeline  # noqa: B018
    frames, _ = ball(8)
    whole = Film(options={"crf": "4", "g": "1"}).write(tmp_path / "w.mp4", frames)
    broken = bytearray(whole.read_bytes())
    at = broken.find(b"mdat")
    broken[at + 4000 : at + 4000 + len(broken) // 2] = bytes(len(broken) // 2)
    whole.write_bytes(bytes(broken[: len(data)]) if at > len(data) else bytes(broken))
    with pytest.raises(InvalidVideo):
        Footage(whole).timeline  # noqa: B018


def test_a_broken_index_is_said_or_read_around(film, tmp_path):
    """Where an index says wrongly which frames are key frames the film is read all the same; where it does not say where frames lie it is damaged."""
    data, path = film.read_bytes(), tmp_path / "index.mp4"
    keys, places = data.find(b"stss") + 12, data.find(b"stco") + 12
    path.write_bytes(data[: keys + 4] + (7).to_bytes(4, "big") + data[keys + 8 :])
    for index in (7, 2):
        assert np.array_equal(Footage(path).frame(index).pixels, Footage(film).frame(index).pixels)
    path.write_bytes(data[:places] + b"\x7f\xff\xff\xff" + data[places + 4 :])
    with pytest.raises(InvalidVideo, match=r"index\.mp4"):
        Footage(path).timeline  # noqa: B018


def test_hdr_is_refused_with_a_way_out(tmp_path):
    frames, _ = ball(1)
    path = Film(tags=(9, 16, 9, 1), pixels="yuv420p10le").write(tmp_path / "h.mp4", frames)
    with pytest.raises(UnsupportedVideo, match=r"HDR, PQ.*convert it to SDR"):
        Footage(path)


def test_frames_that_are_too_small_to_follow_are_refused(tmp_path):
    path = Film().write(tmp_path / "s.mp4", [np.zeros((8, 64, 3), np.uint8)])
    with pytest.raises(UnsupportedVideo, match="64x8"):
        Footage(path)


def test_colours_without_tags_are_read_as_players_do(tmp_path):
    frames, _ = ball(1)
    small = Footage(Film(tags=(2, 2, 2, 0)).write(tmp_path / "u.mp4", frames))
    assert small.facts.conversion.matrix == 5 and not small.facts.conversion.full
    assert np.abs(small.frame(0).pixels.astype(int) - frames[0]).mean() < 4
