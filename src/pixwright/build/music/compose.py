"""Composition: a mood and a number -> a piece as notes. The same pair gives the same piece for ever.

A mood fixes tempo, mode, chord progressions, ensembles and how busy the melody is (`moods.json`). The melody is a motif that returns on each
chord, with a contrasting bar before the end and a close on the tonic; chord tones fall on strong beats and steps of the scale between.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

PIECES = 20
"""Pieces of every mood."""
SLOW, FAST = 84, 112
"""Beats a minute: below is slow, from there on fast."""
_SHORTEST, _LONGEST = 7.0, 11.0
"""Seconds before the last chord rings out."""
_TAIL, _RINGING = 1.0, 0.4
"""Seconds after the last chord, and the share of them for which its notes are held."""
_MINUTE, _BAR = 60, 4
"""Seconds; beats of a bar."""
_FEW = 3
"""Bars, up to which chords change twice in one: else two or three would hold half a progression."""
OCTAVE, LOUDEST = 12, 127
"""Semitones; the largest velocity of MIDI."""
_MINOR_THIRD, _MAJOR_THIRD, _FOURTH, _TRITONE, _FIFTH, _MINOR_SIXTH, _MINOR_SEVENTH, _MAJOR_SEVENTH = (
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    11,
)
"""Semitones."""
_TENTH, _SIXTH_ABOVE = 16, 20
"""The span, in semitones, in which a chord is set and a bass moves."""
_STEP, _PULL = 3, 5
"""A melody moves by fewer scale steps than the first either way, and is drawn to its middle by a fifth of its distance."""
_STRONG, _SWAY = 8, (-4, 5)
"""What a strong beat adds to a note's velocity, and chance to any."""
_LOW, _POWER_LOW, _BELOW_TOP = 52, 40, 19
"""Lowest notes of chords, plain and for a power chord, and how far under an instrument's highest they begin at the least."""
_CHORDS, _SECOND, _HATS, _BEATS = 0.72, 6, 0.6, 0.95
"""Loudness of chords, hats and other drums beside the melody's; what every bass note takes off."""
_HELD, _SHORT = 0.98, 0.9
"""Share of its time that a note of chords, and of a bass, sounds."""
_STRUM = 0.02
"""Seconds between the strings of a strummed chord."""
_KICK, _CRASH, _CLOSED, _OPEN, _STROKE = 36, 49, "42", "46", 0.25
"""General MIDI's bass drum, crash and hats; beats of a stroke."""
_NUMERALS = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_KEYS = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")


@dataclass(frozen=True)
class Note:
    """One note. Times in seconds, pitch and velocity as in MIDI."""

    start: float
    length: float
    pitch: int
    velocity: int
    track: int


@dataclass(frozen=True)
class Piece:
    """A composed piece; `tracks` names an instrument each ("drums" among them)."""

    name: str
    mood: str
    tempo: int
    mode: str
    key: str
    tracks: tuple[str, ...]
    notes: tuple[Note, ...]
    seconds: float

    @property
    def pace(self) -> str:
        """slow, moderate or fast."""
        return "slow" if self.tempo < SLOW else "fast" if self.tempo >= FAST else "moderate"

    @property
    def instruments(self) -> tuple[str, ...]:
        """Each instrument once, the leading one first."""
        return tuple(dict.fromkeys(self.tracks))

    @property
    def caption(self) -> str:
        """Such as "a slow sad piano piece in a minor key"."""
        pace = "" if self.pace == "moderate" else f"{self.pace} "
        heard = [name for name in self.instruments if "bass" not in name]
        mood = f"{pace}{self.mood}"
        article = "an" if mood[0] in "aeiou" else "a"
        if len(heard) == 1:
            return f"{article} {mood} {heard[0]} piece in a {self.mode} key"
        return f"{article} {mood} piece for {', '.join(heard[:-1])} and {heard[-1]} in a {self.mode} key"


def moods() -> tuple[str, ...]:
    """The names of all moods."""
    return tuple(_data("moods"))


def instruments() -> dict[str, dict[str, Any]]:
    """Instrument -> General MIDI program, range and what the small synthesiser needs."""
    return _data("instruments")


def pieces() -> tuple[tuple[str, int], ...]:
    """(mood, number) of every piece that there is."""
    return tuple((mood, number) for mood in moods() for number in range(PIECES))


@dataclass(frozen=True)
class _Plan:
    """What is decided before the first note: chords as pitch classes, one a span of `beats`."""

    mood: dict[str, Any]
    mode: str
    tonic: int
    tempo: int
    chords: tuple[tuple[int, ...], ...]
    beats: float

    @property
    def beat(self) -> float:
        return _MINUTE / self.tempo


def outline(mood: str, number: int) -> Piece:
    """Piece `number` of a mood without its notes: all that its caption needs."""
    plan, _ = _start(mood, number)
    lead, chords, bass, drums, _ = _ensemble(mood, number)
    tracks = (lead, chords, bass, "drums" if drums else "")
    seconds = len(plan.chords) * plan.beats * plan.beat + _TAIL
    return Piece(
        f"{mood}-{number:02d}", mood, plan.tempo, plan.mode, _KEYS[plan.tonic], tuple(filter(None, tracks)), (), seconds
    )


def compose(mood: str, number: int) -> Piece:
    """Piece `number` of a mood: 8 to 12 seconds."""
    plan, rng = _start(mood, number)
    lead, chords, bass, drums, pattern = _ensemble(mood, number)
    parts = [_melody(plan, lead, rng)]
    if chords:
        parts.append(_accompaniment(plan, chords, pattern))
    if bass:
        parts.append(_bass(plan, bass, pattern))
    if drums:
        parts.append(_drums(plan, drums))
    notes = [replace(note, track=track) for track, part in enumerate(parts) for note in part]
    ordered = sorted(notes, key=lambda note: (note.start, note.track, note.pitch))
    return replace(outline(mood, number), notes=tuple(ordered))


def _start(mood: str, number: int) -> tuple[_Plan, np.random.Generator]:
    rng = np.random.default_rng([zlib.crc32(mood.encode()), number])
    return _plan(_data("moods")[mood], rng), rng


def _ensemble(mood: str, number: int) -> list[str]:
    ensembles: list[list[str]] = _data("moods")[mood]["ensembles"]
    return ensembles[number % len(ensembles)]


def _plan(row: dict[str, Any], rng: np.random.Generator) -> _Plan:
    mode = "major" if rng.random() < row["major"] else "minor"
    choices = row["progressions"] if mode == "major" or row["major"] == 0 else row["minor"]
    tempo = int(rng.integers(row["tempo"][0], row["tempo"][1] + 1))
    bar = _BAR * _MINUTE / tempo
    count = max(2, round((_SHORTEST + _LONGEST) / 2 / bar))
    while count * bar > _LONGEST:
        count -= 1
    while count * bar < _SHORTEST:
        count += 1
    beats = _BAR / 2 if count <= _FEW else float(_BAR)
    spans = int(count * _BAR / beats)
    progression = str(rng.choice(choices)).split()
    tonic = int(rng.integers(OCTAVE))
    names = [progression[i % len(progression)] for i in range(spans - 1)] + [progression[0]]
    return _Plan(row, mode, tonic, tempo, tuple(_chord(name, tonic) for name in names), beats)


def _chord(name: str, tonic: int) -> tuple[int, ...]:
    """A Roman numeral -> pitch classes, the root first. Lower case is minor; `b` lowers the root; suffixes o, 7, M7, M."""
    match = re.fullmatch(r"(b?)([IViv]+)(o|7|M7|M)?", name)
    assert match, name
    flat, numeral, kind = match.groups()
    root = (tonic + _NUMERALS[numeral.lower()] - (1 if flat else 0)) % OCTAVE
    third = _MINOR_THIRD if numeral.islower() and kind != "M" else _MAJOR_THIRD
    steps = [0, third, _TRITONE if kind == "o" else _FIFTH]
    if kind in ("7", "M7"):
        steps.append(_MAJOR_SEVENTH if kind == "M7" else _MINOR_SEVENTH)
    return tuple((root + step) % OCTAVE for step in steps)


def _melody(plan: _Plan, instrument: str, rng: np.random.Generator) -> list[Note]:
    low, high = instruments()[instrument]["range"]
    centre = int(np.clip(plan.mood["register"], low + _TRITONE, high - _TRITONE))
    scale = sorted({(plan.tonic + step) % OCTAVE for step in _SCALES[plan.mode]})
    rhythms = _data("patterns")["rhythms"][plan.mood["density"]]
    motif, contrast = (rhythms[int(i)] for i in rng.choice(len(rhythms), 2, replace=False))
    contours = [rng.integers(1 - _STEP, _STEP, len(rhythm)) for rhythm in (motif, contrast)]
    notes: list[Note] = []
    pitch, spans = centre, len(plan.chords)
    for index, chord in enumerate(plan.chords):
        start = index * plan.beats
        last = index == spans - 1
        second = index == spans - 2 and spans > _FEW
        rhythm, contour = (contrast, contours[1]) if second else (motif, contours[0])
        if last:
            rhythm, contour = [plan.beats], np.zeros(1, int)
        tones = {plan.tonic % OCTAVE} if last else set(chord)
        step_scale = [p for p in scale if not any((p - c) % OCTAVE in (1, OCTAVE - 1) for c in chord)] + list(chord)
        shrink = plan.beats / sum(rhythm)
        for beat_length, move in zip(rhythm, contour, strict=True):
            strong = start % 1 == 0 and (start - index * plan.beats) % 2 == 0
            target = pitch + int(move) * 2 - round((pitch - centre) / _PULL)
            pitch = _nearest(target, tones if strong or last else set(step_scale), low, high)
            length = beat_length * shrink
            velocity = plan.mood["velocity"] + (_STRONG if strong else 0) + int(rng.integers(*_SWAY))
            ring = _TAIL if last else 0.0
            notes.append(_note(plan, start, length, pitch, velocity, plan.mood["legato"], ring))
            start += length
    return notes


def _nearest(target: int, classes: set[int], low: int, high: int) -> int:
    inside = [p for p in range(low, high + 1) if p % OCTAVE in classes]
    return min(inside, key=lambda p: (abs(p - target), p))


def _accompaniment(plan: _Plan, instrument: str, pattern: str) -> list[Note]:
    low, high = instruments()[instrument]["range"]
    floor = int(np.clip(_POWER_LOW if pattern == "power" else _LOW, low, max(low, high - _BELOW_TOP)))
    velocity = int(plan.mood["velocity"] * _CHORDS)
    notes = []
    for index, chord in enumerate(plan.chords):
        voiced = sorted(_nearest(floor + _MINOR_SIXTH, {tone}, floor, floor + _TENTH) for tone in chord)
        last = index == len(plan.chords) - 1
        rows: list[list[Any]] = [[0, plan.beats, "all"]] if last else _data("patterns")["chords"][pattern]
        for offset, length, what in rows:
            if offset >= plan.beats:
                continue
            root = _nearest(floor, {chord[0]}, floor, floor + OCTAVE)
            named = {"all": voiced, "low": [root], "power": [root, root + _FIFTH, root + OCTAVE]}
            pitches = named[what] if isinstance(what, str) else [[*voiced, voiced[0] + OCTAVE][what]]
            held = min(length, plan.beats - offset)
            for number, pitch in enumerate(pitches):
                late = _STRUM * number if pattern == "strum" else 0.0
                note = _note(plan, index * plan.beats + offset, held, pitch, velocity, _HELD, _TAIL if last else 0.0)
                notes.append(Note(note.start + late, note.length, pitch, note.velocity, 0))
    return notes


def _bass(plan: _Plan, instrument: str, pattern: str) -> list[Note]:
    low, _ = instruments()[instrument]["range"]
    notes = []
    for index, chord in enumerate(plan.chords):
        root = _nearest(low + _MINOR_SIXTH, {chord[0]}, low, low + _TENTH)
        fifth = _nearest(root + _FOURTH, {chord[2]}, low, low + _SIXTH_ABOVE)
        at = index * plan.beats
        if index == len(plan.chords) - 1:
            notes.append(_note(plan, at, plan.beats, root, plan.mood["velocity"], _HELD, _TAIL))
        elif pattern in ("pulse", "power"):
            notes += [
                _note(plan, at + i / 2, 0.5, root, plan.mood["velocity"], _SHORT, 0.0)
                for i in range(int(plan.beats * 2))
            ]
        else:
            notes += [
                _note(plan, at + i, 2, (root, fifth)[i // 2 % 2], plan.mood["velocity"] - _SECOND, _SHORT, 0.0)
                for i in range(0, int(plan.beats), 2)
            ]
    return notes


def _drums(plan: _Plan, pattern: str) -> list[Note]:
    rows = _data("patterns")["drums"][pattern]
    total = len(plan.chords) * plan.beats
    notes = [_note(plan, total - plan.beats, 1, pitch, plan.mood["velocity"], 1, 0.0) for pitch in (_KICK, _CRASH)]
    for bar in np.arange(0, total - plan.beats, _BAR):
        for pitch, beats in rows.items():
            loud = int(plan.mood["velocity"] * (_HATS if pitch in (_CLOSED, _OPEN) else _BEATS))
            notes += [
                _note(plan, float(bar) + beat, _STROKE, int(pitch), loud, 1, 0.0)
                for beat in beats
                if bar + beat < total - plan.beats
            ]
    return notes


def _note(plan: _Plan, beat: float, beats: float, pitch: int, velocity: int, legato: float, ring: float) -> Note:
    return Note(
        beat * plan.beat, beats * plan.beat * legato + ring * _RINGING, pitch, int(np.clip(velocity, 1, LOUDEST)), 0
    )


@cache
def _data(name: str) -> dict[str, Any]:
    return dict(json.loads(resources.files("pixwright.build.music").joinpath(f"{name}.json").read_text("utf-8")))
