"""Cut-outs: things with an alpha channel that can be put into a picture, found by name and then by meaning.

The one rule of which is used, in `find`: the user's own folder, then what looks photographed (shipped, then fetched), then drawings (`shelves`); on each the exact
noun, then what means the same, then a kind of it. A traced model gives way to a photograph of the same name. Only where none of them has the thing: what its last words name, then what it is a kind of, and then what
comes closest in meaning.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pixwright.edit.placing.eyewear import eyewear, is_eyewear
from pixwright.edit.placing.shelves import Cutout, Ground, Shelved, load, shelves, typical_size, vectors
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Array
from pixwright.records.result import Origin
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import Rgb
from pixwright.words import lexicon, read
from pixwright.words.adjectives import ARTICLES, INDEFINITE
from pixwright.words.colours import rgb
from pixwright.words.lexicon import NounEntry
from pixwright.words.naming import full_name, last_noun, noun_of

FLOOR = 0.62
"""Least cosine between a phrase and a name for the two to mean the same thing; under it there is no such cut-out."""
_HEAD = 0.5
"""The same between a phrase and the last word of a name: a fire truck comes close to a campfire, and a truck does not."""
_SAME = 0.9
"""Cosine from which two names mean the same, whatever else is known of them."""
_PARENT = 0.9
"""Score of what the thing is a kind of: nearly it, and not it."""
_BEST = 5
"""Of a shelf, by meaning."""
_ANOTHER_SIZE = 2.0
"""Ratio of two heights from which a compound names another kind of thing."""
_SHOWN = {"head": "only the head of", "piece": "only a piece of", "sign": "only a sign for"}
"""What is said of a cut-out that does not show the whole thing."""


def find(phrase: str, encoders: Encoders, library: Path | None, ground: Ground | None = None) -> Cutout | None:
    """The cut-out that a phrase names, in its colour; None if nothing is close enough.

    By the rule of this module; what only comes closest in meaning has at least `FLOOR`. `ground` cuts out library pictures that have no alpha. `Cutout.flaw` says in what it is not what was asked. Raises
    `InvalidOption` if `library` cannot be read.
    """
    wanted = read(phrase)
    rows = shelves(library)
    for look, score in ((_exact, 1.0), (_by_last_words, 1.0), (_by_parent, _PARENT)):
        for entries in rows:
            if entry := look(wanted, entries):
                entry = _as_asked(_photographed(entry, wanted, rows), wanted)
                cutout = load(entry, ground)
                if cutout is not None and entry.traced and is_eyewear(wanted):
                    cutout = replace(cutout, pixels=eyewear(cutout.pixels, wanted), credit="")
                return _dress(cutout, wanted, score)
    for entries in rows:
        for entry, likeness in _by_meaning(noun_of(wanted), encoders, entries):
            if likeness >= _SAME or (likeness >= FLOOR and _akin(wanted, entry, encoders)):
                return _dress(load(entry, ground), wanted, likeness)
    return None


def nearest(phrase: str, encoders: Encoders, library: Path | None, top: int = 3) -> tuple[str, ...]:
    """The names of the things in the libraries that come closest to a phrase, best first."""
    noun = noun_of(read(phrase))
    ranked = [pair for entries in shelves(library) for pair in _by_meaning(noun, encoders, entries)]
    return tuple(dict.fromkeys(entry.name for entry, _ in sorted(ranked, key=lambda pair: -pair[1])))[:top]


def recolour(rgba: Array, colour: Rgb) -> Array:
    """Give a cut-out's main colour another hue and tone, its shading kept: HxWx4 uint8 -> HxWx4 uint8."""
    lab = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2LAB).astype(np.float32)
    goal = cv2.cvtColor(np.array([[colour]], np.uint8), cv2.COLOR_RGB2LAB).astype(np.float32)[0, 0]
    solid = rgba[..., 3] > 128
    chroma = np.hypot(lab[..., 1] - 128, lab[..., 2] - 128)
    main = solid & (chroma >= 0.5 * np.percentile(chroma[solid], 90)) if solid.any() else solid
    centre = np.median(lab[main], axis=0) if main.any() else np.array([128.0, 128, 128], np.float32)
    if np.hypot(*(centre[1:] - 128)) < 14:
        weight = np.ones(lab.shape[:2], np.float32)
    else:
        weight = np.exp(-((np.hypot(lab[..., 1] - centre[1], lab[..., 2] - centre[2]) / 70) ** 2))
    lab += weight[..., None] * (goal - centre) * np.array([0.8, 1, 1], np.float32)
    rgb = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return np.dstack([rgb, rgba[..., 3]])


def _photographed(entry: Shelved, wanted: Thing, rows: tuple[tuple[Shelved, ...], ...]) -> Shelved:
    """The photograph of what a drawing shows, where the drawing bears the asked name only beside its own: a drawn cat is no better a kitten than a photographed one. And that of what a
    traced model shows, where one of its very name is at hand."""
    if entry.traced:
        each = (one for entries in rows for one in entries if one.name == entry.name and one.shows == entry.shows)
        real = next((one for one in each if one.origin is Origin.CUTOUTS and not one.traced), None)
        return entry if real is None else replace(real, names=entry.names, size_m=entry.size_m, support=entry.support)
    if entry.origin is not Origin.DRAWN or entry.name in (full_name(wanted), noun_of(wanted), wanted.name):
        return entry
    seen = (_called(entry.name, entries) for entries in rows)
    better = next((one for one in seen if one is not None and one.origin is not Origin.DRAWN), None)
    if better is None:
        return entry
    size = typical_size(wanted.name)
    return replace(better, size_m=size[0]) if size else better


def _as_asked(entry: Shelved, wanted: Thing) -> Shelved:
    """The entry by the name that it was asked by, where it has that name too: a soccer ball that was put in is called no ball."""
    if entry.origin is Origin.DRAWN:
        return entry
    asked = (*_with_contents(wanted), full_name(wanted), noun_of(wanted), wanted.name)
    return replace(entry, name=next((name for name in asked if name in entry.names), entry.name))


def _dress(cutout: Cutout | None, wanted: Thing, score: float) -> Cutout | None:
    if cutout is None:
        return None
    colour = (
        wanted.colours[0]
        if wanted.colours and full_name(wanted) != cutout.name and wanted.colours[0] not in cutout.name
        else None
    )
    pixels = recolour(cutout.pixels, ink) if colour and (ink := rgb(colour)) else cutout.pixels
    name = f"{colour} {cutout.name}" if colour else cutout.name
    size = typical_size(wanted.name) if score < 1 else None
    size_m = size[0] if size else cutout.size_m
    return replace(cutout, name=name, pixels=pixels, size_m=size_m, score=score, flaw=_flaw(cutout, wanted, score))


def _flaw(cutout: Cutout, wanted: Thing, score: float) -> str:
    """In what the cut-out is not what was asked: another kind, a part, a drawing. "" where it is."""
    what = f"a drawn {cutout.name}" if cutout.origin is Origin.DRAWN else cutout.name
    if score < 1 or not _same_kind(wanted, cutout.name):
        return f"the cut-out is {what}, not {noun_of(wanted)}"
    if (held := _held(wanted)) and cutout.name not in _with_contents(wanted):
        return f"the cut-out is {what}, without {held}"
    if cutout.shows in _SHOWN:
        return f"the cut-out shows {_SHOWN[cutout.shows]} {what}"
    return f"the cut-out is {what}, not a photograph" if cutout.origin is Origin.DRAWN else ""


def _same_kind(wanted: Thing, name: str) -> bool:
    """Whether a name that shares the last word means the kind that was asked: a hot air balloon is a kind of its own and no balloon."""
    own, found = lexicon().entry(wanted.name), lexicon().look(read(name).head)
    return own is None or found is None or own == found or last_noun(wanted) == wanted.name


def _exact(wanted: Thing, entries: tuple[Shelved, ...]) -> Shelved | None:
    """By the whole name, with its colour first; then by its noun, by what means the same, and by what is a kind of it: a blackbird is a bird."""
    nouns = [*_with_contents(wanted), full_name(wanted), noun_of(wanted), wanted.name]
    row = lexicon().entry(wanted.name)
    if row is None:  # a compound that is no kind of its own is what its last words name
        nouns += _tails(wanted.name)
    found = next((entry for name in nouns if (entry := _called(name, entries))), None)
    if found is not None or row is None:
        return found
    rows = [(entry, lexicon().entry(entry.name)) for entry in entries]
    same = (entry for entry, own in rows if own == row)
    kinds = (entry for entry, own in rows if own is not None and own.is_(row.noun) and entry.shows == "whole")
    return next(same, None) or next(kinds, None)


def _held(wanted: Thing) -> str:
    """What the thing holds, as it is said: the coffee of a cup of coffee, the flowers of a vase with flowers; "" where nothing is said."""
    inside = wanted.of or (wanted.link.to[0] if wanted.link is not None and wanted.link.tie == "with" else None)
    return "" if inside is None else " ".join(word for word in inside.text.split() if word not in ARTICLES | INDEFINITE)


def _with_contents(wanted: Thing) -> list[str]:
    """The names of a thing with what it holds, which is a thing of its own: a cup of coffee is no empty cup."""
    held = _held(wanted)
    return [f"{noun} {tie} {held}" for noun in (noun_of(wanted), wanted.name) for tie in ("of", "with")] if held else []


def _by_last_words(wanted: Thing, entries: tuple[Shelved, ...]) -> Shelved | None:
    """By the last words of a compound that is a kind of its own: the nearest there is."""
    return next((entry for name in _tails(wanted.name) if (entry := _called(name, entries))), None)


def _by_parent(wanted: Thing, entries: tuple[Shelved, ...]) -> Shelved | None:
    """By what the thing is a kind of, as a spaniel is a dog: the narrowest of its kinds that is here and about as large."""
    row = lexicon().entry(wanted.name)
    if row is None:
        return None
    above = [*row.coco, *sorted(row.kinds, key=lambda kind: len(lexicon().of_kind(kind)))]
    found = (_called(kind, entries) for kind in above if _as_large(row, lexicon().entry(kind)))
    # A drawing is of one kind: an office building for a lighthouse is worse than none.
    return next((entry for entry in found if entry is not None and entry.origin is not Origin.DRAWN), None)


def _akin(wanted: Thing, entry: Shelved, encoders: Encoders) -> bool:
    """Whether what comes close in meaning could stand for the thing: something of one of its kinds (a collar is no dog), and not only named with it."""
    own, other = lexicon().look(wanted.name), lexicon().look(entry.name)
    if own is not None and other is not None and own.kinds and other.kinds and not own.is_(*other.kinds):
        return False
    head = last_noun(read(entry.name))
    noun, last = encoders.text.embed([noun_of(wanted), head])
    return float(noun @ last) >= _HEAD


def _as_large(own: NounEntry, other: NounEntry | None) -> bool:
    if other is None or not own.size or not other.size:
        return False
    return max(own.size[0] / other.size[0], other.size[0] / own.size[0]) < _ANOTHER_SIZE


def _tails(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[start:]) for start in range(1, len(words))]


def _called(name: str, entries: tuple[Shelved, ...]) -> Shelved | None:
    """The entry of this name: rather its own name than a synonym, the whole thing than a part; no special kind, as a Christmas tree is for a tree."""
    kind = lexicon().entry(name)
    hits = [entry for entry in entries if name in entry.names and _ordinary(entry, name, kind)]
    return min(hits, key=lambda e: (e.name != name, e.shows != "whole", e.names.index(name))) if hits else None


def _ordinary(entry: Shelved, name: str, kind: NounEntry | None) -> bool:
    """Whether an entry of a longer name is what the shorter one means: if it has a row of its own, that is of the kind, and of about its size."""
    own = lexicon().entry(entry.name)
    if own is None or kind is None or own == kind or not entry.name.endswith(f" {name}"):
        return True
    return own.is_(kind.noun, *kind.kinds) and _as_large(own, kind)


def _by_meaning(noun: str, encoders: Encoders, entries: tuple[Shelved, ...]) -> list[tuple[Shelved, float]]:
    if not entries:
        return []
    known = vectors(entries)
    rows = known if known is not None else encoders.text.embed([e.name for e in entries])
    scores = rows @ encoders.text.embed([noun])[0]
    order = np.argsort(-scores)[:_BEST]
    return [(entries[int(i)], float(scores[i])) for i in order]
