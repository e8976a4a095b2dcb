"""Colours as people write them: names, shades and mixtures of them, #rrggbb, rgb(r, g, b).

`records.vocabulary.COLOURS` are the names that every room has, `colours.tsv` all others, each with its own sRGB: those of CSS, of the xkcd colour survey of 2010 (CC0), and
by eye, as paint, cloth and hair have them, what is called so on walls and clothes. A row is a name, its colour or `=` and the name that it is another word for, and
for what is a thing first `thing` (a colour only where nothing else fits) or `either` (a colour wherever one is expected). What has no row is told by its words: "very light sage" by the shade, "bluish brown" by the mixture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.vocabulary import COLOURS, Rgb

Lab = tuple[float, float, float]
"""CIE L* (0 to 100), a*, b*."""

_ROWS = [line.split("\t") for line in files("pixwright.words").joinpath("colours.tsv").read_text("utf-8").splitlines()]
ALIASES: dict[str, str] = {name: colour[1:] for name, colour, *_ in _ROWS if colour[0] == "="}
"""What people call our colours -> our name."""
NAMED: dict[str, Rgb] = {
    name: (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for name, code, *_ in _ROWS if code[0] != "="
}
"""Names that are not in the vocabulary -> sRGB."""
_THINGS = frozenset(name for name, _, *kind in _ROWS if kind)
"""Names that are things first."""
EXPECTED = (frozenset(NAMED) | frozenset(ALIASES)) - {name for name, _, *kind in _ROWS if kind == ["thing"]}
"""What is a colour wherever one is expected."""
_JOINED = {name.replace(" ", "").replace("-", ""): name for name in (*ALIASES, *NAMED, *COLOURS)}
"""Every name, and without its spaces."""
_LONGEST = 5
"""Words of a colour, at most: "very light dusty sage green"."""

_REMEMBERED = 4096
"""Colours, said otherwise, that are worked out once."""

SHADES: dict[str, tuple[float, float]] = {
    "dark": (-0.4, 0.75), "deep": (-0.25, 1.05), "light": (0.45, 0.75), "pale": (0.6, 0.45), "pastel": (0.55, 0.5), "soft": (0.35, 0.6),
    "bright": (0.25, 1.35), "vivid": (0.08, 1.4), "neon": (0.4, 1.7), "rich": (-0.12, 1.15), "muted": (0.05, 0.5), "dusty": (0.15, 0.5), "dull": (-0.05, 0.5),
    "faded": (0.25, 0.5), "burnt": (-0.3, 0.95), "medium": (0.0, 0.95), "dusky": (-0.12, 0.55),
}  # fmt: skip
"""What is said before a colour -> how far its L* goes up to white (a share of the way) or down to black (below 0), and the factor of its chroma."""
_DEGREES = {"very": 1.5, "really": 1.5, "extremely": 1.8, "super": 1.6, "slightly": 0.5, "somewhat": 0.6, "quite": 1.1}
"""What is said before a shade -> how much of it is meant."""
_ONCE_MORE = 0.8
"""Share of a shade that a colour whose name has it already ("light blue") gets once more of "very"."""
_TINGES = {f"{word}{end}": colour for word, colour in (("red", "red"), ("redd", "red"), ("blu", "blue"), ("green", "green"), ("yellow", "yellow"), ("brown", "brown"), ("gray", "gray"), ("purpl", "purple"), ("pink", "pink"), ("orang", "orange")) for end in ("ish", "y")}  # fmt: skip
_TINGE, _NEAR = 0.4, 100.0
"""Share of a mixture ("bluish brown") that its first word has; and degrees of hue up to which two plain names side by side are one."""
_BASIC = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "gray", "white", "black")
"""The plain colours that all others are kinds of."""
_HUES = ((20.0, "pink"), (50.0, "red"), (76.0, "orange"), (104.0, "yellow"), (215.0, "green"), (300.0, "blue"), (335.0, "purple"), (361.0, "pink"))  # fmt: skip
"""Degrees of hue in CIE Lab up to which a colour is a kind of that plain one."""
_GREYS = (9.0, 22.0, 88.0)
"""Chroma under which it is a kind of black, gray or white; L* up to which black, and from which white."""
_DEEP_PINK, _PALE_RED, _BROWN, _OLIVE, _CREAM = 45.0, (58.0, 50.0), (41.0, 66.0, 50.0), 98.0, (82.0, 25.0)
"""L* under which pink is red or purple; from which, and chroma under which, red is pink; hue from which and L* and chroma under which red, orange and yellow are brown; the hue from
which they are then green; L* from which, and chroma under which, they are white."""


_TONAL = re.compile(
    r"\b(colou?rs?|tones?|tonality|palette|grading|grade|look|mood|vibe|atmosphere|light|lighting|filter|hues?)\b"
)
_PAINTED = re.compile(
    r"\b(style|styled|paint(ed|ing)?|draw(n|ing)?|brush\w*|strokes?|artist|sketch(ed)?|looks? like|looking like)\b"
)
"""What is said of another picture's colours, and of how it is painted."""


def rgb(said: str) -> Rgb | None:
    """The sRGB of a colour's name, with its shade if one is said, of two names mixed, of `#rgb`, `#rrggbb` or `rgb(r, g, b)`; None if it is no colour."""
    return _rgb(_plainly(said))


def two_colours(said: str) -> tuple[Rgb, Rgb] | None:
    """The two of "yellow and black"; None where it is no two colours."""
    first, joint, second = said.partition(" and ")
    one, other = (rgb(first), rgb(second)) if joint else (None, None)
    return None if one is None or other is None else (one, other)


def _plainly(said: str) -> str:
    return " ".join(said.strip().lower().replace("grey", "gray").split())


@lru_cache(_REMEMBERED)
def _rgb(text: str) -> Rgb | None:
    if text.startswith(("#", "rgb(")):
        return _coded(text)
    text = " ".join(text.replace("-", " ").split())
    name = _JOINED.get(text.replace(" ", ""), text)
    name = ALIASES.get(name, name)
    words = tuple(text.split())
    return COLOURS.get(name) or NAMED.get(name) or (_told(words) if len(words) <= _LONGEST else None)


def _coded(text: str) -> Rgb | None:
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        code = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))
    if found := re.fullmatch(r"rgb\(\s*(\d{1,3})\s*,?\s*(\d{1,3})\s*,?\s*(\d{1,3})\s*\)", text):
        r, g, b = (min(int(part), 255) for part in found.groups())
        return (r, g, b)
    return None


def _told(words: tuple[str, ...]) -> Rgb | None:
    """A colour without a row: a shade of one, "light" or "very light", or a mixture of two."""
    degree = _DEGREES.get(words[0], 1.0) if words else 1.0
    shade, rest = (words[1:2], words[2:]) if degree != 1 else (words[:1], words[1:])
    if not rest:
        return None
    if shade[0] in SHADES:
        own = _rgb(" ".join(words[1:])) if degree > 1 and " ".join(words[1:]) in COLOURS else None
        known = own or _rgb(" ".join(rest))
        return None if known is None else _shaded(known, SHADES[shade[0]], degree * (_ONCE_MORE if own else 1))
    if degree != 1:
        return None
    first, second = _TINGES.get(words[0], words[0]), _rgb(" ".join(rest))
    if second is None or not mixes(words[0], rest[0]):
        return None
    one, other = (np.array(lab_of(colour)) for colour in (COLOURS[first], second))
    return _from_lab(one * _TINGE + other * (1 - _TINGE))


def mixes(first: str, second: str) -> bool:
    """Whether two words are one colour: "bluish" and any other, "blue" and "gray", "blue" and "green"; "white" and "black" are two."""
    if first in _TINGES:
        return second != _TINGES[first]
    if first == second or not {first, second} <= set(_BASIC) or {first, second} & {"white", "black"}:
        return False
    angles = [np.degrees(np.arctan2(b, a)) for _, a, b in (lab_of(COLOURS[name]) for name in (first, second))]
    apart = abs((angles[0] - angles[1] + 180) % 360 - 180)
    return "gray" in (first, second) or bool(apart < _NEAR)


def _shaded(colour: Rgb, shade: tuple[float, float], degree: float) -> Rgb:
    light, a, b = lab_of(colour)
    up, chroma = float(np.clip(shade[0] * degree, -0.85, 0.92)), max(1 + (shade[1] - 1) * degree, 0.1)
    light = light + (100 - light) * up if up > 0 else light * (1 + up)
    return _from_lab(np.array((light, a * chroma, b * chroma)))


def lab_of(colour: Rgb) -> Lab:
    """CIE Lab of sRGB."""
    light, a, b = cv2.cvtColor(np.array([[colour]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    return float(light), float(a), float(b)


def _from_lab(values: NDArray[np.floating]) -> Rgb:
    pixel = cv2.cvtColor(values.astype(np.float32)[None, None], cv2.COLOR_LAB2RGB)[0, 0]
    r, g, b = (int(v) for v in np.rint(np.clip(pixel, 0, 1) * 255))
    return (r, g, b)


@lru_cache(_REMEMBERED)
def kind_of(said: str) -> str | None:
    """The plain colour that a colour is a kind of: "forest green" is green, mustard yellow, navy blue; None if it is no colour."""
    known = rgb(said)
    if known is None:
        return None
    last = _plainly(said).split()[-1]
    if last in _BASIC:
        return last
    light, a, b = lab_of(known)
    return _kind(light, float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360))


def _kind(light: float, chroma: float, hue: float) -> str:
    least, black, white = _GREYS
    if chroma < least:
        return "black" if light < black else "white" if light > white else "gray"
    name = next(name for end, name in _HUES if hue < end)
    if name == "pink" and light < _DEEP_PINK:
        return "red" if hue < _HUES[0][0] else "purple"
    if name == "red" and light > _PALE_RED[0] and chroma < _PALE_RED[1]:
        return "pink"
    if name in ("red", "orange", "yellow") and hue > _BROWN[0]:
        if light > _CREAM[0] and chroma < _CREAM[1]:
            return "white"
        if light < _BROWN[1] and chroma < _BROWN[2]:
            return "green" if hue > _OLIVE else "brown"
    return name


_BORN: dict[str, dict[str, Rgb]] = {
    "eye": {"blue": (84, 128, 166), "green": (92, 126, 84), "brown": (92, 62, 40), "gray": (118, 128, 136), "amber": (168, 118, 52), "violet": (108, 94, 146)},
    "hair": {"red": (156, 58, 30)},
    "lips": {"red": (168, 30, 46), "pink": (206, 98, 124), "purple": (120, 44, 92), "orange": (206, 88, 60), "brown": (132, 72, 62)},
    "cheek": {"rose": (222, 120, 120), "pink": (226, 122, 132), "red": (208, 84, 84)},
    "coat": {"ginger": (186, 136, 94), "orange": (186, 136, 94), "golden": (204, 160, 98), "brown": (104, 74, 50), "chestnut": (124, 70, 44), "chestnut brown": (116, 74, 52), "auburn": (104, 62, 42), "gray": (124, 121, 118), "cream": (228, 210, 180), "beige": (206, 184, 152)},
}  # fmt: skip
"""Part of a body -> what a colour's plain name means there: blue eyes are not the blue of a flag, red hair is copper, and a ginger cat no orange. `coat` is that of animals."""


def born(said: str, part: str) -> Rgb | None:
    """The sRGB that a colour's plain name means of a part of a body, where it has another sense there; None elsewhere, and for a name with a shade ("neon blue")."""
    return _BORN.get(part, {}).get(canonical(said))


MADE_UP = {
    "lips": ("lips", "red"), "lid": ("eyelids", "brown"), "lash": ("eyelashes", "black"), "cheek": ("cheeks", "rose"), "nail": ("nails", "red"),
}  # fmt: skip
"""Part of a body that make-up is worn on -> what those of somebody are called, and the colour of make-up on them where none is said."""


def about_colours(sentence: str) -> bool:
    """Whether a sentence about another picture asks for its colours and light, and for nothing of how it is painted: "the same look as in [1]"."""
    said = sentence.lower()
    return _TONAL.search(said) is not None and _PAINTED.search(said) is None


def canonical(said: str) -> str:
    """Our own name of a colour that is called otherwise ("navy blue" is navy, "hotpink" hot pink); any other colour as it was written."""
    text = _plainly(said)
    name = _JOINED.get(text.replace(" ", "").replace("-", ""), text)
    return ALIASES.get(name, name)


def is_colour(said: str) -> bool:
    """Whether the words say a colour and nothing else."""
    return rgb(said) is not None


def is_shaded(words: Sequence[str]) -> bool:
    """Whether the words are a colour of two words or more and nothing else: "dark brown", "navy blue"."""
    return len(words) > 1 and colour_at(list(words), 0) == len(words)


def colour_at(words: Sequence[str], start: int) -> int:
    """How many words from `start` are one colour that is said of a noun ("dark red" in "dark red car": 2); 0 if there is none."""
    longest = min(_LONGEST, len(words) - start)
    return next((size for size in range(longest, 0, -1) if _is_said(tuple(words[start : start + size]))), 0)


@lru_cache(_REMEMBERED)
def _is_said(words: tuple[str, ...]) -> bool:
    """Whether the words are one colour before a noun: no thing, and no shade of one."""
    name = next((said for n in range(len(words)) if (said := _plainly(" ".join(words[n:]))) in _JOINED.values()), "")
    return all(words) and name not in _THINGS and is_colour(" ".join(words))
