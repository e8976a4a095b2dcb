"""Sounds: four formats, and silence is no instruction."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from media_pictures import file_of, photo

from pixwright.errors import InvalidAttachment, InvalidImage, InvalidSound, SilentSound
from pixwright.media import load_attachment, load_sound
from pixwright.records.instruction import PictureAttachment, SoundAttachment

RATE = 16_000


def _tone(seconds: float = 0.5, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(np.arange(int(seconds * RATE)) * 0.2)).astype(np.float32)


def _file(samples: np.ndarray, name: str, subtype: str | None = None, rate: int = RATE) -> bytes:
    held = io.BytesIO()
    soundfile.write(held, samples, rate, format=name, subtype=subtype)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "subtype"), [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", None), ("OGG", "VORBIS"), ("MP3", None)]
)
def test_four_formats(name: str, subtype: str | None):
    tone = _tone()
    sound = load_sound(_file(tone, name, subtype))
    assert sound.rate == RATE
    assert sound.samples.dtype == np.float32 and sound.samples.ndim == 1
    assert len(sound.samples) == pytest.approx(len(tone), abs=3_000)
    assert np.abs(sound.samples).max() == pytest.approx(0.5, abs=0.05)


def test_stereo_is_averaged():
    both = np.stack([_tone(), np.zeros_like(_tone())], 1)
    assert np.abs(load_sound(_file(both, "WAV")).samples).max() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(RATE), _tone(level=1e-3), np.random.default_rng(0).normal(0, 1e-4, RATE)])
def test_silence_is_an_error(samples: np.ndarray):
    with pytest.raises(SilentSound, match="silence"):
        load_sound(_file(samples, "WAV", "FLOAT"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, this is text", "not a sound"),
        (b"RIFF\0\0\0\0WAVE", "damaged"),
        (b"fLaC" + b"\0" * 200, "damaged"),
        (b"OggS" + b"\0" * 200, "damaged"),
        (b"ID3\x04" + b"\0" * 200, "damaged"),
        (_file(_tone(0.05), "WAV"), "at least"),
        (_file(np.full(RATE, np.nan), "WAV", "FLOAT"), "no numbers"),
        (_file(_tone(), "WAV", rate=1_000), "1000 Hz"),
        (_file(_tone(), "FLAC")[:3000], "damaged"),
    ],
)
def test_bad_sounds(data: bytes, words: str):
    with pytest.raises(InvalidSound, match=words) as caught:
        load_sound(data)
    assert not isinstance(caught.value, SilentSound)


def test_too_long_is_refused_by_the_header():
    data = bytearray(_file(np.zeros(8_000 * 16 * 60, np.uint8).astype(np.int16), "WAV", "PCM_U8", rate=8_000))
    assert struct.unpack_from("<I", data, 24)[0] == 8_000
    with pytest.raises(InvalidSound, match=r"16\.0 minutes"):
        load_sound(bytes(data))


def test_attachments_are_told_apart_by_content(tmp_path: Path):
    sound, picture = tmp_path / "a.bin", tmp_path / "b"
    sound.write_bytes(_file(_tone(), "OGG", "VORBIS"))
    picture.write_bytes(file_of(photo(9, 9), "RGB", "PNG"))
    heard, seen = load_attachment(sound), load_attachment(picture)
    assert isinstance(heard, SoundAttachment) and heard.name == "a.bin"
    assert isinstance(seen, PictureAttachment) and seen.pixels.shape == (9, 9, 3)
    with pytest.raises(InvalidAttachment, match="cannot be read"):
        load_attachment(tmp_path / "none.wav")
    with pytest.raises(InvalidAttachment, match="cannot be read"):
        load_attachment(tmp_path)
    (tmp_path / "c.txt").write_text("nothing")
    with pytest.raises(InvalidImage):
        load_attachment(tmp_path / "c.txt")
    with pytest.raises(InvalidSound, match="does not exist"):
        load_sound(tmp_path / "none.wav")
