"""The edits that the benchmark times and the tests run: at least two for every type, on the photographs of `examples/`.

Reference pictures, guidance drawings and music are made here, from the photographs or from scratch, so that nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import soundfile

from pixwright.records.kind import EditType

EXAMPLES = Path(__file__).parents[1] / "examples"
MADE = Path(__file__).parents[1] / "out" / "references"
COFFEE, CAT, ASTRONAUT, ROCKET = (EXAMPLES / name for name in ("coffee.png", "cat.png", "astronaut.png", "rocket.jpg"))
PAGODA, PANDA = EXAMPLES / "pagoda.jpg", EXAMPLES / "panda.webp"
HAMMER, SCREWDRIVER, WRENCH = (EXAMPLES / f"{name}.webp" for name in ("hammer", "screwdriver", "wrench"))
CHAIR = EXAMPLES / "chair.webp"
_Maker = Callable[[], Path]


@dataclass(frozen=True)
class Case:
    """One edit: its type, the photograph, the words and what is attached."""

    type: EditType
    picture: Path
    instruction: str
    makers: tuple[_Maker, ...] = field(default=())

    def attachments(self) -> tuple[Path, ...]:
        """The attached files; made when first asked for."""
        return tuple(make() for make in self.makers)


def _saved(name: str, pixels: np.ndarray) -> Path:
    MADE.mkdir(parents=True, exist_ok=True)
    path = MADE / name
    cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return path


def _read(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@lru_cache
def box_on_coffee() -> Path:
    """The photograph with a red box on the free table."""
    return _saved("box.png", cv2.rectangle(_read(COFFEE), (440, 200), (580, 340), (255, 0, 0), 3))


@lru_cache
def box_on_rocket() -> Path:
    """The photograph with a red box in the sky."""
    return _saved("box-rocket.png", cv2.rectangle(_read(ROCKET), (440, 60), (560, 190), (255, 0, 0), 3))


def _drawing(name: str, size: tuple[int, int], centre: tuple[int, int], axes: tuple[int, int]) -> Path:
    page = np.full((*size, 3), 255, np.uint8)
    cv2.ellipse(page, centre, axes, 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    return _saved(name, page)


@lru_cache
def scribble_in_sky() -> Path:
    """A hand-drawn round in the rocket's sky."""
    return _drawing("scribble.png", (427, 640), (500, 120), (55, 70))


@lru_cache
def scribble_on_table() -> Path:
    """A round on the free part of the table."""
    return _drawing("scribble-table.png", (400, 600), (510, 280), (60, 50))


@lru_cache
def sketch_of_cup() -> Path:
    """The outline of the cup and saucer."""
    return _drawing("sketch.png", (400, 600), (292, 215), (178, 168))


@lru_cache
def sketch_of_helmet() -> Path:
    """The outline of the astronaut's helmet."""
    return _drawing("sketch-helmet.png", (512, 512), (390, 405), (92, 82))


@lru_cache
def segments_of_rocket() -> Path:
    """A label picture: sky blue, ground green."""
    page = np.full((427, 640, 3), (70, 130, 180), np.uint8)
    page[340:] = (40, 120, 40)
    return _saved("segments.png", page)


@lru_cache
def segments_of_coffee() -> Path:
    """A label picture: the cup and saucer on the table."""
    page = np.full((400, 600, 3), (120, 80, 40), np.uint8)
    cv2.ellipse(page, (292, 215), (178, 168), 0, 0, 360, (200, 40, 40), -1)
    return _saved("segments-coffee.png", page)


@lru_cache
def depth_of_rocket() -> Path:
    """A depth picture, near is bright: ground near, sky far."""
    rows = np.clip((np.arange(427) - 200) / 227, 0, 1)
    return _saved("depth.png", np.repeat(np.repeat((rows * 255).astype(np.uint8)[:, None, None], 640, 1), 3, 2))


@lru_cache
def depth_of_coffee() -> Path:
    """A depth picture of the table: the lower, the nearer."""
    rows = (np.linspace(30, 255, 400)).astype(np.uint8)
    return _saved("depth-coffee.png", np.repeat(np.repeat(rows[:, None, None], 600, 1), 3, 2))


def attached(path: Path) -> _Maker:
    """A file that needs no making."""
    return lambda: path


@lru_cache
def wood_close_up() -> Path:
    """A piece of the table."""
    return _saved("wood.png", _read(COFFEE)[300:390, 10:120])


@lru_cache
def fur_close_up() -> Path:
    """A piece of the cat."""
    return _saved("fur.png", _read(CAT)[20:110, 160:280])


RATE = 16_000


def _note(pitch: float, seconds: float, bright: float) -> np.ndarray:
    """A plucked note of MIDI number `pitch`: harmonics that die away the faster the higher they are."""
    t = np.arange(int(RATE * seconds)) / RATE
    base = 440 * 2 ** ((pitch - 69) / 12)
    parts = [
        np.sin(2 * np.pi * base * k * t * (1 + 0.0004 * k * k)) * np.exp(-t * (1.2 + k) / bright) / k
        for k in range(1, 13)
    ]
    return np.asarray(sum(parts) * np.minimum(t / 0.008, 1), np.float32)


def _piece(name: str, tempo: float, chords: list[list[int]], *, bright: float, drums: bool) -> Path:
    """Eighteen seconds: broken chords (MIDI numbers) over a bass, with drums or without."""
    beat = 60 / tempo
    out = np.zeros(RATE * 18, np.float32)

    def add(at: float, sound: np.ndarray, loud: float) -> None:
        start = int(at * RATE)
        if start < len(out):
            out[start : start + len(sound)] += sound[: len(out) - start] * loud

    for i in range(int(18 / beat)):
        chord = chords[(i // 4) % len(chords)]
        add(i * beat, _note(chord[0] - 12, beat * 2, bright), 0.35)
        for step, pitch in enumerate([*chord, chord[1]]):
            add((i + step / 4) * beat if drums else (i + step) * beat, _note(pitch, beat * 2.5, bright), 0.16)
        if drums:
            noise = np.random.default_rng(i).normal(0, 1, int(RATE * 0.06)).astype(np.float32)
            add((i + 0.5) * beat, noise * np.exp(-np.linspace(0, 7, len(noise))).astype(np.float32), 0.25)
            t = np.arange(int(RATE * 0.15)) / RATE
            add(i * beat, np.asarray(np.sin(2 * np.pi * (120 - 300 * t) * t) * np.exp(-t * 22), np.float32), 0.8)
    MADE.mkdir(parents=True, exist_ok=True)
    path = MADE / name
    soundfile.write(path, out / max(float(np.abs(out).max()), 1e-6) * 0.8, RATE)
    return path


@lru_cache
def happy_music() -> Path:
    """Fast, bright, in a major key."""
    return _piece("happy.wav", 140, [[60, 64, 67], [65, 69, 72], [67, 71, 74], [60, 64, 67]], bright=2.0, drums=True)


@lru_cache
def sad_music() -> Path:
    """Slow, soft, in a minor key."""
    return _piece("sad.wav", 50, [[57, 60, 64], [53, 57, 60], [50, 53, 57], [52, 55, 59]], bright=6.0, drums=False)


T = EditType
CASES: tuple[Case, ...] = (
    Case(T.REMOVE, COFFEE, "remove the spoon"),
    Case(T.REMOVE, ROCKET, "remove the rocket"),
    Case(T.REPLACE, COFFEE, "replace the cup with a teapot"),
    Case(T.REPLACE, ROCKET, "replace the rocket with a palm tree"),
    Case(T.ADD, CAT, "put a crown on the cat"),
    Case(T.ADD, ROCKET, "add two balloons in the sky"),
    Case(T.COUNTING, ROCKET, "there should be two rockets"),
    Case(T.COUNTING, ROCKET, "there should be three rockets"),
    Case(T.COLOR_ALTER, COFFEE, "make the cup blue"),
    Case(T.COLOR_ALTER, CAT, "make the cat gray"),
    Case(T.APPEARANCE_ALTER, COFFEE, "make the cup polka dot"),
    Case(T.APPEARANCE_ALTER, CAT, "make the cat leopard print"),
    Case(T.MATERIAL_CHANGE, COFFEE, "make the cup out of marble"),
    Case(T.MATERIAL_CHANGE, ROCKET, "make the rocket out of gold"),
    Case(T.ACTION_CHANGE, ROCKET, "make the rocket tilt"),
    Case(T.ACTION_CHANGE, CAT, "make the cat face the other way"),
    Case(T.TEXTUAL_CHANGE, COFFEE, 'add the text "GOOD MORNING" at the bottom'),
    Case(T.TEXTUAL_CHANGE, ROCKET, 'write "LIFT OFF" at the top'),
    Case(T.BACKGROUND_CHANGE, ASTRONAUT, "change the background to a beach"),
    Case(T.BACKGROUND_CHANGE, CAT, "change the background to a forest"),
    Case(T.TONE_TRANSFER, ROCKET, "what would it look like if it were snowing?"),
    Case(T.TONE_TRANSFER, COFFEE, "make it night"),
    Case(T.STYLE_CHANGE, CAT, "turn it into an oil painting"),
    Case(T.STYLE_CHANGE, ASTRONAUT, "make it look like a comic"),
    Case(T.MOVEMENT, ROCKET, "move the rocket to the left"),
    Case(T.MOVEMENT, ROCKET, "move the rocket 20% to the right"),
    Case(T.RESIZE, ROCKET, "make the rocket half as large"),
    Case(T.RESIZE, CAT, "crop to the right half"),
    Case(T.OUTPAINT, COFFEE, "extend the picture to the left by 30%"),
    Case(T.OUTPAINT, ROCKET, "extend the picture on every side by 20%"),
    Case(T.ROTATION_CHANGE, ROCKET, "rotate the rocket by 30 degrees"),
    Case(T.ROTATION_CHANGE, CAT, "rotate the picture by 10 degrees"),
    Case(T.IMPLICIT_CHANGE, ROCKET, "it is the middle of December in Lapland"),
    Case(T.IMPLICIT_CHANGE, ASTRONAUT, "she has won the championship"),
    Case(T.RELATION_CHANGE, ROCKET, "put the rocket on the left side of the tower"),
    Case(T.RELATION_CHANGE, COFFEE, "swap the cup and the spoon"),
    Case(T.VISUAL_REFERENCE, COFFEE, "add the cat from [1] next to the cup", (attached(CAT),)),
    Case(T.VISUAL_REFERENCE, ROCKET, "replace the rocket with [1]", (attached(COFFEE),)),
    Case(T.MATERIAL_TRANSFER, ASTRONAUT, "use the material of [1] for the suit", (wood_close_up,)),
    Case(T.MATERIAL_TRANSFER, COFFEE, "use the material of [1] for the cup", (fur_close_up,)),
    Case(T.STYLE_TRANSFER, CAT, "fit the picture to the music [1]", (happy_music,)),
    Case(T.STYLE_TRANSFER, CAT, "fit the picture to the music [1]", (sad_music,)),
    Case(T.STYLE_TRANSFER, ASTRONAUT, "apply the style of [1]", (attached(ROCKET),)),
    Case(T.VISUAL_BBOX, COFFEE, "follow the bounding box in [1] and add a croissant", (box_on_coffee,)),
    Case(T.VISUAL_BBOX, ROCKET, "follow the bounding box in [1] and add a flying saucer", (box_on_rocket,)),
    Case(T.VISUAL_SCRIBBLE, ROCKET, "follow the scribble [1] and add a balloon", (scribble_in_sky,)),
    Case(T.VISUAL_SCRIBBLE, COFFEE, "follow the scribble [1] and add a cookie", (scribble_on_table,)),
    Case(T.VISUAL_SEGMENT, ROCKET, "follow the segmentation [1] and make the sky purple", (segments_of_rocket,)),
    Case(T.VISUAL_SEGMENT, COFFEE, "follow the segmentation [1] and make the cup green", (segments_of_coffee,)),
    Case(T.VISUAL_SKETCH, COFFEE, "follow the sketch [1] and make the cup gold", (sketch_of_cup,)),
    Case(T.VISUAL_SKETCH, ASTRONAUT, "follow the sketch [1] and make the helmet red", (sketch_of_helmet,)),
    Case(T.VISUAL_DEPTH, ROCKET, "follow the depth map [1] and add fog", (depth_of_rocket,)),
    Case(T.VISUAL_DEPTH, COFFEE, "follow the depth map [1] and blur the background", (depth_of_coffee,)),
)
