"""Composed music: what the captions say is in the notes and in the sound."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pixwright.build.music.compose import Note, _chord, compose, instruments, moods, outline, pieces
from pixwright.build.music.listing import composed, play
from pixwright.build.music.soundfont import SoundFont
from pixwright.build.music.synth import Synth
from pixwright.encoders.music import MusicTagger
from pixwright.encoders.signal import music_facts
from pixwright.errors import InvalidSound
from pixwright.records.instruction import SoundAttachment


def test_there_are_enough_and_each_is_its_own():
    assert len(moods()) >= 12 and len(pieces()) >= 12 * 20
    assert len({compose(m, n).notes for m, n in pieces()}) == len(pieces())
    assert len({asset.key for asset in composed()}) == len(pieces())


@pytest.mark.parametrize("mood", moods())
def test_every_piece_is_playable_and_keeps_its_promises(mood):
    for number in range(0, 20, 3):
        piece = compose(mood, number)
        assert piece == compose(mood, number) and piece.tracks == outline(mood, number).tracks
        assert 8 <= piece.seconds <= 12.05
        assert max(n.start + n.length for n in piece.notes) <= piece.seconds + 0.5
        for track, name in enumerate(piece.tracks):
            low, high = instruments()[name]["range"]
            pitches = [n.pitch for n in piece.notes if n.track == track]
            assert pitches and low <= min(pitches) and max(pitches) <= high + 7, (piece.name, name)
        assert all(1 <= n.velocity <= 127 and n.length > 0 for n in piece.notes)
        assert piece.mode in piece.caption and mood in piece.caption and piece.instruments[0] in piece.caption


def test_captions_read_like_a_sentence():
    captions = {outline(m, n).caption for m, n in pieces()}
    assert "a slow sad piano piece in a minor key" in captions
    assert not [c for c in captions if c.startswith(("a energetic", "a epic", "a angry"))]


def test_the_melody_ends_on_the_tonic_and_stays_in_reach():
    for mood, number in pieces()[::9]:
        piece = compose(mood, number)
        line = [n.pitch for n in piece.notes if n.track == 0]
        tonic = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B").index(piece.key)
        assert line[-1] % 12 == tonic
        assert np.mean(np.abs(np.diff(line)) <= 5) > 0.7, f"{piece.name} leaps about"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("I", (0, 4, 7)), ("vi", (9, 0, 4)), ("V7", (7, 11, 2, 5)), ("bVI", (8, 0, 3)), ("iio", (2, 5, 8)), ("IVM7", (5, 9, 0, 4)), ("bvi", (8, 11, 3))],
)  # fmt: skip
def test_chords(name, expected):
    assert _chord(name, 0) == expected
    assert _chord(name, 3) == tuple((tone + 3) % 12 for tone in expected)


@pytest.mark.parametrize("instrument", ["piano", "violin", "flute", "guitar", "organ", "acoustic bass"])
def test_the_synthesiser_plays_the_pitch(instrument):
    pitch = 40 if "bass" in instrument else 64
    sound = Synth(16_000).play(instrument, Note(0, 1, pitch, 100, 0))
    spectrum = np.abs(np.fft.rfft(sound[:16_000] * np.hanning(min(len(sound), 16_000))))
    hertz = np.argmax(spectrum) * 16_000 / min(len(sound), 16_000)
    ratio = hertz / (440 * 2 ** ((pitch - 69) / 12))
    assert min(abs(ratio - n) for n in (1, 2, 3)) < 0.02


def test_sound_is_fit_to_be_kept_and_repeats():
    samples, rate = play("sad-00")
    assert rate == 16_000 and samples.dtype == np.float32 and np.abs(samples).max() <= 1
    assert 8 * rate <= len(samples) <= 12.05 * rate and np.sqrt(np.mean(samples**2)) > 0.02
    assert np.array_equal(samples, play("sad-00")[0])


def test_facts_and_tags_agree_with_the_captions():
    """Fast is heard as fast, happy as happier than sad, and keys as what they are."""
    tagger = MusicTagger.load()
    (fast, fast_facts), (slow, slow_facts) = (
        (tagger.tags(SoundAttachment(name, *play(name))), music_facts(play(name)[0]))
        for name in ("festive-01", "sad-00")
    )
    assert fast["fast"] / fast["slow"] > 3 * slow["fast"] / slow["slow"]
    assert fast["happy"] / fast["sad"] > 3 * slow["happy"] / slow["sad"]
    assert (fast_facts.mode, slow_facts.mode) == ("major", "minor")
    assert list(slow).index("piano") < 8


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def soundfont(rate: int = 22_050, looped: bool = True) -> bytes:
    """A SoundFont of one sine, 50 samples a period, for General MIDI's first program."""
    wave = (12_000 * np.sin(2 * np.pi * 441 * np.arange(2205) / rate)).astype("<i2")

    def gens(*rows):
        return b"".join(struct.pack("<Hh", *row) for row in rows)

    def bags(*starts):
        return b"".join(struct.pack("<HH", start, 0) for start in starts)

    preset = struct.pack("<20sHHHIII", b"sine", 0, 0, 0, 0, 0, 0) + struct.pack("<20sHHHIII", b"EOP", 0, 0, 1, 0, 0, 0)
    header = struct.pack("<20sIIIIIBbHH", b"sine", 0, 2205, 400, 1750, rate, 69, 0, 0, 1) + b"\0" * 46
    inside = {
        b"phdr": preset,
        b"pbag": bags(0, 1),
        b"pgen": gens((41, 0), (0, 0)),
        b"inst": struct.pack("<20sH", b"sine", 0) + struct.pack("<20sH", b"EOI", 2),
        b"ibag": bags(0, 1, 3 + 1),
        b"igen": gens((38, -2400), (43, (127 << 8) - 65536 if 127 << 8 > 32767 else 127 << 8), (54, int(looped)), (53, 0), (0, 0)),
        b"shdr": header,
    }  # fmt: skip
    pdta = chunk(b"LIST", b"pdta" + b"".join(chunk(name, data) for name, data in inside.items()))
    sdta = chunk(b"LIST", b"sdta" + chunk(b"smpl", wave.tobytes()))
    body = b"sfbk" + sdta + pdta
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_soundfont_is_played_in_tune_and_looped(tmp_path):
    (tmp_path / "a.sf2").write_bytes(soundfont())
    font = SoundFont(tmp_path / "a.sf2")
    for pitch in (57, 69, 76):
        sound = font.play("piano", Note(0, 1, pitch, 127, 0))
        assert len(sound) == pytest.approx(1.25 * font.rate, abs=5)  # released in a quarter of a second
        spectrum = np.abs(np.fft.rfft(sound[: font.rate] * np.hanning(font.rate)))
        assert np.argmax(spectrum) == pytest.approx(441 * 2 ** ((pitch - 69) / 12), abs=2)
    quiet = font.play("piano", Note(0, 1, 69, 64, 0))
    assert np.abs(quiet).max() == pytest.approx(np.abs(font.play("piano", Note(0, 1, 69, 127, 0))).max() / 4, rel=0.03)
    with pytest.raises(InvalidSound, match="violin"):
        font.play("violin", Note(0, 1, 69, 100, 0))


def test_what_is_no_soundfont_is_refused(tmp_path):
    for data in (b"RIFF", b"nothing of the kind" * 10, soundfont()[:400]):
        (tmp_path / "b.sf2").write_bytes(data)
        with pytest.raises(InvalidSound, match=r"b\.sf2"):
            SoundFont(tmp_path / "b.sf2")
