"""What is in a photograph: the nouns of its caption, grounded; without a caption, what the picture encoder sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.build.contract import Catalogue
from pixwright.build.run.networks import system
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.records.sample import Asset, Part
from pixwright.records.vocabulary import COLOURS
from pixwright.systems import Eyes, System
from pixwright.words import lexicon
from pixwright.words.adjectives import MEASURES, PLACES
from pixwright.words.numbers import number
from pixwright.words.saying import article

SMALLEST, LARGEST = 0.004, 0.6
"""Share of the picture that a thing covers; AnyEdit's segmenter refuses what is nearly all of the picture (code: union ratio)."""
SURE = 0.61
"""Least score of the grounder: a pair made at a wrong place would teach the wrong thing. Of 66 outlines that were looked at five of the eight below were wrong, and seven of the 58 above."""
SEEN = 0.25
"""Least probability of a class for a picture without a caption."""
MOST = 6
_OPEN_AIR = ("sky", "grass", "water", "snow", "sand", "mountain", "road")


@dataclass(frozen=True, eq=False)
class PhotoThing:
    """A noun phrase without an article, and where it is."""

    name: str
    region: Region
    stuff: str
    """What the lexicon calls sky, grass, water and the like, which are no objects that could be moved or counted; "" for an object."""
    person: bool

    @property
    def area(self) -> float:
        """Share of the picture, 0 to 1."""
        return float((self.region.mask > 127).mean())

    @property
    def filled(self) -> float:
        """Share of its boxes that it fills, 0 to 1."""
        boxes = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in self.region.boxes)
        return float((self.region.mask > 127).sum()) / max(boxes, 1)

    @property
    def bordering(self) -> bool:
        """Whether the frame cuts it."""
        height, width = self.region.mask.shape
        return any(x0 <= 1 or y0 <= 1 or x1 >= width - 1 or y1 >= height - 1 for x0, y0, x1, y1 in self.region.boxes)


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph HxWx3 uint8 with its caption, the things that were found in it, and where it came from."""

    key: str
    pixels: Array
    caption: str
    things: tuple[PhotoThing, ...]
    part: Part
    eyes: Eyes

    @property
    def names(self) -> tuple[str, ...]:
        """What its caption names, or, where that names nothing, what was found."""
        return nouns(self.caption) or tuple(thing.name for thing in self.objects)

    @property
    def outdoors(self) -> bool:
        """Whether it shows sky, grass, water or the like, and so has a weather and a time of day; a wall or a table is no open air."""
        return any(thing.stuff in _OPEN_AIR for thing in self.things)

    @property
    def grows(self) -> bool:
        """Whether a season shows on what grows in it."""
        return any(thing.stuff in ("grass", "foliage") for thing in self.things)

    @property
    def objects(self) -> tuple[PhotoThing, ...]:
        """Things that are single objects, not stuff."""
        return tuple(thing for thing in self.things if not thing.stuff)


def look(key: str, pixels: Array, caption: str, part: Part, eyes_of: System) -> Photo:
    """Find what the caption names or, without one, what the classifier sees; largest first, at most `MOST` things; what is not found for certain is left out."""
    eyes = eyes_of.eyes()
    names = nouns(caption) if caption else seen(pixels, eyes_of)
    things = []
    for name in names[:MOST]:
        region = eyes.find(pixels, name)
        if not region.found or region.guess or region.score < SURE or region.source != "phrase":
            continue
        kind = lexicon().look(lexicon().singular(name)[0])
        thing = PhotoThing(name, region, kind.stuff if kind else "", kind is not None and kind.is_("person"))
        if SMALLEST <= thing.area <= LARGEST or thing.stuff:
            things.append(thing)
    things.sort(key=lambda thing: -thing.area)
    return Photo(key, pixels, caption or f"a photograph of {_list(names[:2])}", tuple(things), part, eyes)


def nouns(caption: str) -> tuple[str, ...]:
    """The noun phrases of a caption that the grounder knows, in order, longest first at each word."""
    words = re.findall(r"[a-z][a-z'-]*", caption.lower())
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in (2, 1):
            phrase = " ".join(words[at : at + length])
            adjective = length == 1 and words[at] in COLOURS and _noun(" ".join(words[at + 1 : at + 2]))
            framing = _framing(words[at]) and not _stuff(phrase)
            if len(words) >= at + length and not framing and not adjective and _concrete(phrase):
                found.append(phrase)
                at += length
                break
        else:
            at += 1
    return tuple(dict.fromkeys(found))


def _noun(word: str) -> bool:
    return lexicon().knows(lexicon().singular(word)[0])


def _concrete(phrase: str) -> bool:
    """Whether it names, in singular or plural, a thing that can be looked for by that very name, a kind of stuff, or a person."""
    found = lexicon().entry(lexicon().singular(phrase)[0])
    if found is None or found.part:
        return False
    return _stuff(phrase) or found.is_("person") or bool(found.imagenet and found.exact)


def _stuff(phrase: str) -> bool:
    """Whether it is sky, water, snow or the like, which tells of the weather and can be seen as well."""
    found = lexicon().entry(lexicon().singular(phrase)[0])
    return found is not None and bool(found.stuff)


def _framing(word: str) -> bool:
    """A word that says how the picture is taken, where or how many, but names nothing in it."""
    return (
        word in PLACES
        or word in MEASURES
        or number(word) is not None
        or lexicon().is_(word, "picture", "setting", "weather")
    )


def seen(pixels: Array, eyes_of: System) -> tuple[str, ...]:
    """Names of what the classifier is sure of, for a picture without a caption."""
    labels = eyes_of.encoders.picture.classify(pixels, top=5)
    names = [label.name.replace("_", " ").lower().split(",")[0] for label in labels if label.probability >= SEEN]
    return (*names, "sky", "person")


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(names) if names else "a scene"


@dataclass(frozen=True, eq=False)
class CutThing:
    """A thing cut out of a photograph: HxWx4 uint8, with its name without an article, a caption and where it came from."""

    name: str
    caption: str
    pixels: Array
    part: Part


def cut_out(photo: Photo, thing: PhotoThing) -> CutThing:
    """A thing of a photograph with its outline as alpha, cropped to its box."""
    x0, y0, x1, y1 = thing.region.boxes[0]
    rgba = np.dstack([photo.pixels[y0:y1, x0:x1, :3], thing.region.mask[y0:y1, x0:x1]])
    return CutThing(thing.name, article(thing.name), np.ascontiguousarray(rgba), photo.part)


_photographs: dict[tuple[str, str, int], Photo] = {}
_MOST_PHOTOGRAPHS = 64
"""That a process remembers with all that was seen of them, those asked for last: one takes some 10 MB."""
_things: dict[tuple[str, str, int], tuple[str, tuple[PhotoThing, ...]]] = {}
_MOST_THINGS = 2000
"""Photographs of which a process remembers where their things are: one takes some 200 kB, and to find them again a second."""


def photograph(catalogue: Catalogue, asset: Asset, size: int) -> Photo:
    """A photograph of the catalogue with its longer side `size` pixels, its things found once as long as they are remembered."""
    key = (asset.key, asset.sha256, size)
    if key in _photographs:
        _photographs[key] = _photographs.pop(key)
        return _photographs[key]
    for held, most in ((_photographs, _MOST_PHOTOGRAPHS), (_things, _MOST_THINGS)):
        while len(held) >= most:
            del held[next(iter(held))]
    pixels = catalogue.pixels(asset.key)
    scale = size / max(pixels.shape[:2])
    high, wide = (max(1, round(side * scale)) for side in pixels.shape[:2])
    small = np.ascontiguousarray(resized(pixels, high, wide, cv2.INTER_LANCZOS4))
    if key in _things:
        photo = Photo(asset.key, small, *_things[key], asset.part, system().eyes())
    else:
        photo = look(asset.key, small, asset.caption, asset.part, system())
        _things[key] = photo.caption, photo.things
    _photographs[key] = photo
    return photo
