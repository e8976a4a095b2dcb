"""Composition: a mood and a number -> a piece as notes. The same pair gives the same piece for ever.

A mood fixes tempo, mode, chord progressions, ensembles and how busy the melody is (`moods.json`). The melody is a motif that returns on each
chord, with a contrasting bar before the end and a close on the tonic; chord tones fall on strong beats and steps of the scale between.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

PIECES = 20
"""Pieces of every mood."""
SLOW, FAST = 84, 112
"""Beats a minute: below is slow, from there on fast."""
_SHORTEST, _LONGEST = 7.0, 11.0
"""Seconds before the last chord rings out."""
_TAIL = 1.0
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
        return 60 / self.tempo


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
    bar = 4 * 60 / tempo
    count = max(2, round((_SHORTEST + _LONGEST) / 2 / bar))
    while count * bar > _LONGEST:
        count -= 1
    while count * bar < _SHORTEST:
        count += 1
    # Slow music changes its chord twice a bar; otherwise two or three bars would hold half a progression.
    beats = 2.0 if count <= 3 else 4.0
    spans = int(count * 4 / beats)
    progression = str(rng.choice(choices)).split()
    tonic = int(rng.integers(12))
    names = [progression[i % len(progression)] for i in range(spans - 1)] + [progression[0]]
    return _Plan(row, mode, tonic, tempo, tuple(_chord(name, tonic) for name in names), beats)


def _chord(name: str, tonic: int) -> tuple[int, ...]:
    """A Roman numeral -> pitch classes, the root first. Lower case is minor; `b` lowers the root; suffixes o, 7, M7, M."""
    match = re.fullmatch(r"(b?)([IViv]+)(o|7|M7|M)?", name)
    assert match, name
    flat, numeral, kind = match.groups()
    root = (tonic + _NUMERALS[numeral.lower()] - (1 if flat else 0)) % 12
    third = 3 if numeral.islower() and kind != "M" else 4
    steps = [0, third, 6 if kind == "o" else 7]
    if kind in ("7", "M7"):
        steps.append(11 if kind == "M7" else 10)
    return tuple((root + step) % 12 for step in steps)


def _melody(plan: _Plan, instrument: str, rng: np.random.Generator) -> list[Note]:
    low, high = instruments()[instrument]["range"]
    centre = int(np.clip(plan.mood["register"], low + 6, high - 6))
    scale = sorted({(plan.tonic + step) % 12 for step in _SCALES[plan.mode]})
    rhythms = _data("patterns")["rhythms"][plan.mood["density"]]
    motif, contrast = (rhythms[int(i)] for i in rng.choice(len(rhythms), 2, replace=False))
    contours = [rng.integers(-2, 3, len(rhythm)) for rhythm in (motif, contrast)]
    notes: list[Note] = []
    pitch, spans = centre, len(plan.chords)
    for index, chord in enumerate(plan.chords):
        start = index * plan.beats
        last = index == spans - 1
        second = index == spans - 2 and spans > 3
        rhythm, contour = (contrast, contours[1]) if second else (motif, contours[0])
        if last:
            rhythm, contour = [plan.beats], np.zeros(1, int)
        tones = {(plan.tonic) % 12} if last else set(chord)
        step_scale = [p for p in scale if not any((p - c) % 12 in (1, 11) for c in chord)] + list(chord)
        shrink = plan.beats / sum(rhythm)
        for beat_length, move in zip(rhythm, contour, strict=True):
            strong = start % 1 == 0 and (start - index * plan.beats) % 2 == 0
            target = pitch + int(move) * 2 - round((pitch - centre) / 5)
            pitch = _nearest(target, tones if strong or last else set(step_scale), low, high)
            length = beat_length * shrink
            velocity = plan.mood["velocity"] + (8 if strong else 0) + int(rng.integers(-4, 5))
            ring = _TAIL if last else 0.0
            notes.append(_note(plan, start, length, pitch, velocity, plan.mood["legato"], ring))
            start += length
    return notes


def _nearest(target: int, classes: set[int], low: int, high: int) -> int:
    inside = [p for p in range(low, high + 1) if p % 12 in classes]
    return min(inside, key=lambda p: (abs(p - target), p))


def _accompaniment(plan: _Plan, instrument: str, pattern: str) -> list[Note]:
    low, high = instruments()[instrument]["range"]
    floor = int(np.clip(52 if pattern != "power" else 40, low, max(low, high - 19)))
    velocity = int(plan.mood["velocity"] * 0.72)
    notes = []
    for index, chord in enumerate(plan.chords):
        voiced = sorted(_nearest(floor + 8, {tone}, floor, floor + 16) for tone in chord)
        last = index == len(plan.chords) - 1
        rows: list[list[Any]] = [[0, plan.beats, "all"]] if last else _data("patterns")["chords"][pattern]
        for offset, length, what in rows:
            if offset >= plan.beats:
                continue
            root = _nearest(floor, {chord[0]}, floor, floor + 12)
            named = {"all": voiced, "low": [root], "power": [root, root + 7, root + 12]}
            pitches = named[what] if isinstance(what, str) else [[*voiced, voiced[0] + 12][what]]
            held = min(length, plan.beats - offset)
            for number, pitch in enumerate(pitches):
                late = 0.02 * number if pattern == "strum" else 0.0
                note = _note(plan, index * plan.beats + offset, held, pitch, velocity, 0.98, _TAIL if last else 0.0)
                notes.append(Note(note.start + late, note.length, pitch, note.velocity, 0))
    return notes


def _bass(plan: _Plan, instrument: str, pattern: str) -> list[Note]:
    low, _ = instruments()[instrument]["range"]
    notes = []
    for index, chord in enumerate(plan.chords):
        root = _nearest(low + 8, {chord[0]}, low, low + 16)
        fifth = _nearest(root + 5, {chord[2]}, low, low + 20)
        at = index * plan.beats
        if index == len(plan.chords) - 1:
            notes.append(_note(plan, at, plan.beats, root, plan.mood["velocity"], 0.98, _TAIL))
        elif pattern in ("pulse", "power"):
            notes += [
                _note(plan, at + i / 2, 0.5, root, plan.mood["velocity"], 0.9, 0.0) for i in range(int(plan.beats * 2))
            ]
        else:
            notes += [
                _note(plan, at + i, 2, (root, fifth)[i // 2 % 2], plan.mood["velocity"] - 6, 0.9, 0.0)
                for i in range(0, int(plan.beats), 2)
            ]
    return notes


def _drums(plan: _Plan, pattern: str) -> list[Note]:
    rows = _data("patterns")["drums"][pattern]
    total = len(plan.chords) * plan.beats
    notes = [_note(plan, total - plan.beats, 1, pitch, plan.mood["velocity"], 1, 0.0) for pitch in (36, 49)]
    for bar in np.arange(0, total - plan.beats, 4):
        for pitch, beats in rows.items():
            loud = int(plan.mood["velocity"] * (0.6 if pitch in ("42", "46") else 0.95))
            notes += [
                _note(plan, float(bar) + beat, 0.25, int(pitch), loud, 1, 0.0)
                for beat in beats
                if bar + beat < total - plan.beats
            ]
    return notes


def _note(plan: _Plan, beat: float, beats: float, pitch: int, velocity: int, legato: float, ring: float) -> Note:
    return Note(beat * plan.beat, beats * plan.beat * legato + ring * 0.4, pitch, int(np.clip(velocity, 1, 127)), 0)


@lru_cache(maxsize=3)
def _data(name: str) -> dict[str, Any]:
    return dict(json.loads(resources.files("pixwright.build.music").joinpath(f"{name}.json").read_text("utf-8")))
