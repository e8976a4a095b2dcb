"""SoundFont 2 files: recorded instruments, played note by note (SoundFont Technical Specification 2.04).

Read: presets, key and velocity ranges, tuning, loops, volume envelope, attenuation, a static low-pass filter. Left out: modulators, LFOs,
effects. No package is needed: those on PyPI bring an audio driver that wants the system's PortAudio.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.build.music.compose import LOUDEST, Note, instruments
from pixwright.errors import InvalidSound
from pixwright.records.instruction import Samples

Generators: TypeAlias = dict[int, int]

_ADDRESS = {"start": (0, 4), "end": (1, 12), "loop": (2, 45), "loop_end": (3, 50)}
"""Generators that move a sample's marks: by samples, and by 32,768 of them."""
_FILTER, _PAN, _DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE = 8, 17, 33, 34, 35, 36, 37, 38
_INSTRUMENT, _KEYS, _VELOCITIES, _ATTENUATION, _COARSE, _FINE, _SAMPLE, _LOOPS, _SCALE, _ROOT = (
    41,
    43,
    44,
    48,
    51,
    52,
    53,
    54,
    56,
    58,
)
_AT_ONCE = -12_000
"""Timecents: about a thousandth of a second."""
_DEFAULTS: Generators = {_FILTER: 13_500, _SCALE: 100, _ROOT: -1} | dict.fromkeys(
    (_DELAY, _ATTACK, _HOLD, _DECAY, _RELEASE), _AT_ONCE
)
_NOT_ADDED = {_KEYS, _VELOCITIES, _INSTRUMENT, _SAMPLE, _LOOPS, _ROOT, *(g for pair in _ADDRESS.values() for g in pair)}
"""A preset's values are added to its instruments', except these."""
_PERCUSSION = 128
_LONGEST_RELEASE, _RINGS, _SHORTEST_LOOP = 1.5, 0.3, 8
"""Seconds of a release at the most, seconds that a sample without a loop rings on, and samples of a loop that is one."""
_RATE, _HALF = 32_000, 32_768
"""Samples a second that are made; the range of a 16-bit sample to one side."""
_SEMITONE, _OCTAVE, _LOWEST = 100, 1200, 8.176
"""Cents; and the hertz from which a filter's are counted."""
_SILENT, _TENFOLD, _PAN_WIDTH = 1000, 200, 1000
"""Centibels: what counts as silence, and what a factor of ten is; and from hard left to hard right."""
_ATTENUATED = 0.4
"""Attenuation counts four tenths, as the hardware that the format comes from had it and all files expect."""
_AUDIBLE, _STEEP, _TINY = 0.4, 4, 1e-4
"""A filter above this share of the sampling rate does nothing; how steep it is; and the shortest rise in seconds."""
_START, _HEAD, _BYTE = 12, 8, 8
"""RIFF: bytes of the file's, or of a list's, own header and of a chunk's; bits of a byte."""


class SoundFont:
    """A player (`render.Player`) at 32 kHz, twice the rate that is kept, so that what aliases is filtered away afterwards."""

    rate = _RATE

    def __init__(self, file: Path) -> None:
        """Raises `InvalidSound` if the file is not a SoundFont."""
        try:
            data: NDArray[np.uint8] = np.memmap(file, np.uint8, mode="r")
            chunks = dict(_chunks(data))
            self._samples = chunks["smpl"].view("<i2")
            self._headers = chunks["shdr"].view(_SAMPLE_HEADER)
            self._instruments = _zones(chunks["inst"].view(_INSTRUMENT_HEADER)["bag"], chunks["ibag"], chunks["igen"])
            presets = chunks["phdr"].view(_PRESET_HEADER)
            zones = _zones(presets["bag"], chunks["pbag"], chunks["pgen"])
        except (OSError, KeyError, ValueError) as problem:
            raise InvalidSound(f"{file.name}: not a SoundFont 2 file ({problem}); fetch it again") from problem
        self._presets = {(int(p["bank"]), int(p["preset"])): z for p, z in zip(presets, zones, strict=False)}

    def play(self, instrument: str, note: Note) -> Samples:
        """One note, mono float32, its release included. Raises `InvalidSound` if the file has no such instrument."""
        program = instruments()[instrument]["program"]
        bank = _PERCUSSION if instrument == "drums" else 0
        if (bank, program) not in self._presets:
            raise InvalidSound(f"the SoundFont has no preset {bank}:{program} ({instrument}); use a General MIDI one")
        sounds = [self._voice(zone, note) for zone in self._matching(self._presets[bank, program], note)]
        out = np.zeros(max((len(sound) for sound in sounds), default=0), np.float32)
        for sound in sounds:
            out[: len(sound)] += sound
        return out * np.float32((note.velocity / LOUDEST) ** 2)

    def _matching(self, zones: list[Generators], note: Note) -> Iterator[Generators]:
        for preset in zones:
            if _INSTRUMENT not in preset or not _covers(preset, note):
                continue
            for zone in self._instruments[preset[_INSTRUMENT]]:
                if _SAMPLE in zone and _covers(zone, note):
                    whole = _DEFAULTS | zone
                    added = {g: whole.get(g, 0) + v for g, v in preset.items() if g not in _NOT_ADDED}
                    yield whole | added

    def _voice(self, zone: Generators, note: Note) -> Samples:
        header = self._headers[zone[_SAMPLE]]
        marks = {
            name: int(header[name]) + zone.get(fine, 0) + _HALF * zone.get(coarse, 0)
            for name, (fine, coarse) in _ADDRESS.items()
        }
        root = zone[_ROOT] if zone[_ROOT] >= 0 else int(header["pitch"])
        cents = (
            (note.pitch - root) * zone[_SCALE]
            + _SEMITONE * zone.get(_COARSE, 0)
            + zone.get(_FINE, 0)
            + int(header["correction"])
        )
        step = 2 ** (cents / _OCTAVE) * float(header["rate"]) / self.rate
        loops = bool(zone.get(_LOOPS, 0) & 1) and marks["loop_end"] - marks["loop"] > _SHORTEST_LOOP
        release = min(_seconds(zone[_RELEASE]), _LONGEST_RELEASE)
        length = (
            note.length + release
            if loops
            else min((marks["end"] - marks["start"]) / step / self.rate, note.length + max(release, _RINGS))
        )
        at = np.arange(int(length * self.rate)) * step
        if loops:
            begin, span = marks["loop"] - marks["start"], marks["loop_end"] - marks["loop"]
            at = np.where(at < begin + span, at, begin + (at - begin) % span)
        wave = np.asarray(self._samples[marks["start"] : marks["end"]], np.float32) / _HALF
        out = np.interp(at, np.arange(len(wave)), wave) * self._envelope(zone, len(at), note.length)
        return _low_pass(np.asarray(out, np.float32), zone[_FILTER], self.rate)

    def _envelope(self, zone: Generators, count: int, held: float) -> NDArray[np.float64]:
        """Delay, linear attack, hold, then straight lines in decibels: to the sustain level, and from the end of the note to silence."""
        t = np.arange(count) / self.rate
        begin = _seconds(zone[_DELAY])
        top = begin + _seconds(zone[_ATTACK])
        falls = np.clip(
            (t - top - _seconds(zone[_HOLD])) / _seconds(zone[_DECAY]) * _SILENT, 0, max(zone.get(_SUSTAIN, 0), 0)
        )
        released = np.clip((t - held) / _seconds(zone[_RELEASE]) * _SILENT, 0, None)
        centibels = falls + released + _ATTENUATED * max(zone.get(_ATTENUATION, 0), 0)
        rise = np.clip((t - begin) / max(top - begin, _TINY), 0, 1)
        # Mixed down to one channel, a sound from one side is 3 dB quieter than one from the middle.
        turn = (zone.get(_PAN, 0) / _PAN_WIDTH + 0.5) * np.pi / 2
        return np.asarray(rise * 10 ** (-centibels / _TENFOLD) * (np.cos(turn) + np.sin(turn)) / 2**0.5)


_SAMPLE_HEADER = np.dtype(
    {
        "names": ["start", "end", "loop", "loop_end", "rate", "pitch", "correction"],
        "formats": ["<u4", "<u4", "<u4", "<u4", "<u4", "u1", "i1"],
        "offsets": [20, 24, 28, 32, 36, 40, 41],
        "itemsize": 46,
    }
)
_INSTRUMENT_HEADER = np.dtype([("name", "S20"), ("bag", "<u2")])
_PRESET_HEADER = np.dtype(
    {"names": ["preset", "bank", "bag"], "formats": ["<u2", "<u2", "<u2"], "offsets": [20, 22, 24], "itemsize": 38}
)


def _chunks(data: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """(identifier, content) of all chunks, those in lists included."""
    if bytes(data[:4]) != b"RIFF" or bytes(data[_HEAD:_START]) != b"sfbk":
        raise ValueError("no RIFF header of kind sfbk")
    at = _START
    while at + _HEAD <= len(data):
        name, size = bytes(data[at : at + 4]), int.from_bytes(bytes(data[at + 4 : at + _HEAD]), "little")
        if name == b"LIST":
            at += _START
            continue
        yield name.decode("ascii"), data[at + _HEAD : at + _HEAD + size]
        at += _HEAD + size + size % 2


def _zones(
    starts: NDArray[np.uint16], bags: NDArray[np.uint8], generators: NDArray[np.uint8]
) -> list[list[Generators]]:
    """Of every preset or instrument its zones, what its global zone says filled in."""
    first = bags.view("<u2").reshape(-1, 2)[:, 0]
    table = generators.view("<i2").reshape(-1, 2)
    rows = [{int(op): int(value) for op, value in table[a:b]} for a, b in pairwise(first)]
    found = []
    for begin, end in pairwise(starts):
        zones = rows[int(begin) : int(end)]
        whole = not zones or _SAMPLE in zones[0] or _INSTRUMENT in zones[0]
        common = {} if whole else zones[0]
        found.append([common | zone for zone in (zones if whole else zones[1:])])
    return found


def _covers(zone: Generators, note: Note) -> bool:
    """Whether the note's pitch and velocity lie in the zone's ranges: low byte first, high byte last of each."""
    return all(
        (zone[g] & 255) <= value <= (zone[g] >> _BYTE & 255)
        for g, value in ((_KEYS, note.pitch), (_VELOCITIES, note.velocity))
        if g in zone
    )


def _seconds(timecents: int) -> float:
    return float(2 ** (max(timecents, _AT_ONCE) / _OCTAVE))


def _low_pass(sound: Samples, cents: int, rate: int) -> Samples:
    """Second order, without resonance, at `cents` above 8.176 Hz."""
    hertz = _LOWEST * 2 ** (cents / _OCTAVE)
    if hertz >= _AUDIBLE * rate or not len(sound):
        return sound
    gain = 1 / np.sqrt(1 + (np.fft.rfftfreq(len(sound), 1 / rate) / hertz) ** _STEEP)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * gain, len(sound)), np.float32)
