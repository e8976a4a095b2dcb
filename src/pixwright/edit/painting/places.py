"""Places that somebody can be put into: photographs of them, as a lens out of focus shows them, and what is painted where there is none.

One table (`edit/data/places/places.tsv`) says by which words each is meant; without any it has its own name alone, which is one of `vocabulary.BACKGROUNDS`. A
photograph's horizon comes to the height of whoever stands before it. What else a place is said in the table's columns, in its first row: `blur`, how far out of
focus it is where that is not usual; `stands`, whether somebody stands on its ground (nothing said), before it (`before`) or not at all (`no`: its ground, or
the want of one, would show under the feet); `shows`, the weather and seasons that it shows as it is.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from PIL import Image

from pixwright.edit.toning.lut import add_grain
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array

_MIDDLE = 0.5
"""Row of the horizon in a view of a panorama, as a share of its height."""
_WIDE, _NARROW = 1.0, 0.62
"""Shares of a view's width that are seen behind somebody who stands in it, and behind a head and shoulders, for which a longer lens is taken."""
_EYE, _HIGHEST, _LOWEST = 0.4, 0.22, 0.62
"""Row of the horizon behind a head and shoulders, and between which rows it comes for others, as shares of the picture's height."""
_GRAIN = 1.6
_FREE = "CC0-1.0"
"""The licence that does not ask for a name."""
_STANDS = {"": (True, True), "before": (True, False), "no": (False, False)}
"""What the table says of standing: whether somebody can stand there whose feet are seen, and whether there is level ground in front."""


@dataclass(frozen=True)
class PlaceView:
    """A photograph of a place. `horizon` is a row, as a share of its height; `around`, whether it is taken from a panorama, and so by a wide lens; `credit` names who made it where the licence asks for it."""

    file: str
    horizon: float
    around: bool
    credit: str


@dataclass(frozen=True)
class Scenery:
    """What words name: a place, its views (none where it is painted), and the words that they were.

    `blur` is in percent of the strongest, None where it is as out of focus as any place; `stands`, whether somebody can stand there whose feet are seen;
    `ground`, whether it has level ground in front; `shows`, weather and seasons that it shows as it is.
    """

    name: str
    views: tuple[PlaceView, ...]
    words: str
    blur: float | None
    stands: bool
    ground: bool
    shows: tuple[str, ...]


def place_in(said: str) -> Scenery | None:
    """The place that is named in words, by the longest of its names that stands there whole; of two as long, the first. None where none is."""
    words = " ".join(said.lower().replace(",", " ").split())
    names, places = _table()
    within = [(phrase, f" {words} ".find(f" {phrase} ")) for phrase in names]
    found = [(-len(phrase.split()), at, phrase) for phrase, at in within if at >= 0]
    if not found:
        return None
    phrase = min(found)[2]
    return replace(places[names[phrase]], words=phrase)


def place_named(name: str) -> Scenery:
    """The place of that very name, one of `place_names()`."""
    return _table()[1][name]


def photographed(place: Scenery, h: int, w: int, eye: float | None, rng: np.random.Generator) -> tuple[Array, str]:
    """One of a place's views as HxWx3, and whom to name; its horizon at share `eye` of the height, or behind a head and shoulders where that is None."""
    view = place.views[int(rng.integers(len(place.views)))]
    whole = _opened(view.file)
    tall, wide = whole.shape[:2]
    share = _NARROW if eye is None and view.around else _WIDE
    across = min(share * wide, tall * w / h)
    down = across * h / w
    row = np.clip(_EYE if eye is None else eye, _HIGHEST, _LOWEST)
    top = float(np.clip(view.horizon * tall - row * down, 0, tall - down))
    left = (wide - across) / 2
    seen = whole[round(top) : round(top + down), round(left) : round(left + across)]
    return add_grain(resized(np.ascontiguousarray(seen), h, w), _GRAIN, rng), view.credit


def place_names() -> tuple[str, ...]:
    """Every place, by its own name, in the table's order."""
    return tuple(_table()[1])


@cache
def _table() -> tuple[dict[str, str], dict[str, Scenery]]:
    """Which place a phrase names, and the places by name."""
    text = files("pixwright.edit").joinpath("data/places/places.tsv").read_text("utf-8")
    names: dict[str, str] = {}
    places: dict[str, Scenery] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        name = row["place"]
        names.update(dict.fromkeys(_listed(row["words"]), name))
        if name not in places:
            blur = float(row["blur"]) if row["blur"] else None
            places[name] = Scenery(name, (), name, blur, *_STANDS[row["stands"]], _listed(row["shows"]))
        if row["file"]:
            places[name] = replace(places[name], views=(*places[name].views, _view(row)))
    return names, places


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def _view(row: dict[str, str]) -> PlaceView:
    around = float(row["key"]) > 0
    credit = "" if row["licence"] == _FREE else f"the background is by {row['author']}, {row['licence']}"
    return PlaceView(row["file"], _MIDDLE if around else float(row["at"]), around, credit)


@cache
def _opened(file: str) -> Array:
    data = files("pixwright.edit").joinpath(f"data/places/{file}.webp").read_bytes()
    with Image.open(BytesIO(data)) as opened:
        return np.asarray(opened.convert("RGB"), np.uint8)
