"""Cut-outs: things with an alpha channel that can be put into a picture, found by name and then by meaning.

The shipped ones are Microsoft's Fluent 3D emoji (MIT); `--library DIR` puts the user's own folder before them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Literal, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import Rgb
from pixwright.words import lexicon, read
from pixwright.words.colours import rgb
from pixwright.words.naming import full_name, noun_of

Support: TypeAlias = Literal["ground", "table", "air", "water", "wear"]
"""What holds a thing up in the real world."""

FLOOR = 0.62
"""Least cosine between a phrase and a name for the two to mean the same thing; under it there is no such cut-out."""
MAX_FILES = 5_000
_SUFFIXES = {".png", ".webp", ".jpg", ".jpeg"}


@dataclass(frozen=True, eq=False)
class Cutout:
    """A thing to place. `pixels` HxWx4 uint8 sRGB with straight alpha, cropped to what is visible. `size_m` is its real height in
    metres, or None if unknown. `score` is 1.0 for a match by name, else the cosine of the match."""

    name: str
    pixels: Array
    size_m: float | None = None
    support: Support = "ground"
    score: float = 1.0
    photographic: bool = False
    """Cut from a photograph: its colours are real and are changed less."""


@dataclass(frozen=True)
class _Entry:
    name: str
    names: tuple[str, ...]
    file: str
    size_m: float | None
    support: Support


def find(
    phrase: str, encoders: Encoders, library: Path | None, ground: Callable[[Array, str | Thing], Region] | None = None
) -> Cutout | None:
    """The cut-out that a phrase names, in its colour; None if nothing is close enough.

    By name or synonym first, the user's `library` before the shipped one; then by sentence embedding, at least `FLOOR`.
    `ground` cuts out library pictures that have no alpha. Raises `InvalidOption` if `library` cannot be read.
    """
    wanted = read(phrase)
    own, shipped = _folder(library), _shipped()
    for full in (True, False):
        for entries in (own, shipped):
            entry = _by_name(wanted, entries, full)
            if entry:
                return _dress(_load(entry, library if entries is own else None, ground), wanted, 1.0)
    ranked = _by_meaning(noun_of(wanted), encoders, own)
    if ranked and ranked[0][1] >= FLOOR:
        return _dress(_load(ranked[0][0], library, ground), wanted, ranked[0][1])
    ranked = _by_meaning(noun_of(wanted), encoders, shipped)
    if ranked and ranked[0][1] >= FLOOR:
        return _dress(_load(ranked[0][0], None, ground), wanted, ranked[0][1])
    return None


def nearest(phrase: str, encoders: Encoders, library: Path | None, top: int = 3) -> tuple[str, ...]:
    """The names of the things in the libraries that come closest to a phrase, best first."""
    noun = noun_of(read(phrase))
    ranked = _by_meaning(noun, encoders, _folder(library)) + _by_meaning(noun, encoders, _shipped())
    return tuple(dict.fromkeys(entry.name for entry, _ in sorted(ranked, key=lambda pair: -pair[1])))[:top]


def cut(pixels: Array, name: str, mask: Array | None = None) -> Cutout | None:
    """A cut-out from a picture: by its own alpha channel if that says anything, else by `mask` (HxW uint8). None if nothing is left."""
    if pixels.shape[2] == 4 and int(pixels[..., 3].min()) < 250:
        alpha = pixels[..., 3]
    elif mask is not None:
        # A soft edge holds the old background's colour: keep the inner part of it only.
        alpha = np.clip((mask.astype(np.float32) - 90) * (255 / 150), 0, 255).astype(np.uint8)
    else:
        return None
    ys, xs = np.nonzero(alpha > 24)
    if len(xs) < 16:
        return None
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    rgba = np.dstack([pixels[..., :3], alpha])[box]
    size = typical_size(name)
    return Cutout(
        name, np.ascontiguousarray(rgba), size[0] if size else None, support=support_of(name), photographic=True
    )


def typical_size(name: str) -> tuple[float, float] | None:
    """Typical (height, width) in metres of what a noun phrase names, or None if unknown."""
    found = lexicon().look(read(name).head)
    return found.size if found is not None else None


def support_of(name: str) -> Support:
    """What holds up the thing that a phrase names; `ground` where nothing else is known."""
    found = lexicon().look(read(name).head)
    return cast(Support, found.stands) if found is not None and found.stands else "ground"


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
    return replace(cutout, name=name, pixels=pixels, score=score)


def _by_name(wanted: Thing, entries: tuple[_Entry, ...], full: bool) -> _Entry | None:
    words = (full_name(wanted) if full else noun_of(wanted)).split()
    for start in range(1 if full else len(words)):
        name = " ".join(words[start:])
        hits = [entry for entry in entries if name in entry.names]
        if hits:
            return min(hits, key=lambda entry: (entry.name != name, entry.names.index(name)))
    return None


def _by_meaning(noun: str, encoders: Encoders, entries: tuple[_Entry, ...]) -> list[tuple[_Entry, float]]:
    if not entries:
        return []
    table = _embeddings() if entries == _shipped() else None
    rows = table if table is not None and len(table) == len(entries) else encoders.text.embed([e.name for e in entries])
    scores = rows @ encoders.text.embed([noun])[0]
    order = np.argsort(-scores)[:5]
    return [(entries[int(i)], float(scores[i])) for i in order]


def _load(entry: _Entry, folder: Path | None, ground: Callable[[Array, str | Thing], Region] | None) -> Cutout | None:
    data = (
        (folder / entry.file).read_bytes()
        if folder
        else resources.files(_PACKAGE).joinpath(_DATA, entry.file).read_bytes()
    )
    try:
        with Image.open(BytesIO(data)) as opened:
            pixels = np.asarray(opened.convert("RGBA"))
    except (UnidentifiedImageError, OSError) as error:
        raise InvalidOption(
            f"{entry.file} in the library is not a picture that can be read; remove or re-save it."
        ) from error
    mask = None
    if int(pixels[..., 3].min()) >= 250 and ground is not None:
        region = ground(np.ascontiguousarray(pixels[..., :3]), "foreground")
        mask = region.mask if region.found else None
    cutout = cut(pixels, entry.name, mask)
    if cutout is None:
        return None
    return replace(cutout, size_m=entry.size_m or cutout.size_m, support=entry.support, photographic=folder is not None)


_PACKAGE = "pixwright.edit"
_DATA = "data/fluent"


@lru_cache(maxsize=1)
def _shipped() -> tuple[_Entry, ...]:
    text = resources.files(_PACKAGE).joinpath(_DATA, "cutouts.json").read_text(encoding="utf-8")
    rows = json.loads(text)
    return tuple(
        _Entry(row["name"], _spellings(row["name"], *row["synonyms"]), row["file"], row["size_m"], row["support"])
        for row in rows
    )


def _spellings(*names: str) -> tuple[str, ...]:
    """The names, each also as it is spelt where people ask for it."""
    return tuple(dict.fromkeys(form for name in names for form in (name, full_name(read(name)))))


@lru_cache(maxsize=1)
def _embeddings() -> NDArray[np.float32]:
    with (
        resources.files(_PACKAGE).joinpath(_DATA, "embeddings.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as table,
    ):
        return np.asarray(table[table.files[0]], np.float32)


def _folder(library: Path | None) -> tuple[_Entry, ...]:
    """The user's pictures: named by the first line of a `.txt` beside them, or by the file's name."""
    if library is None:
        return ()
    if not library.is_dir():
        raise InvalidOption(f"--library {library} is not a folder; give a folder of PNG or WebP pictures.")
    files = sorted(path for path in library.rglob("*") if path.suffix.lower() in _SUFFIXES)[:MAX_FILES]
    if not files:
        raise InvalidOption(f"--library {library} holds no PNG, WebP or JPEG picture.")
    entries = []
    for path in files:
        caption = path.with_suffix(".txt")
        stem = re.sub(r"[_\-.\d]+", " ", path.stem).strip().lower() or path.stem.lower()
        line = (
            caption.read_text(encoding="utf-8", errors="replace").strip().split("\n")[0] if caption.is_file() else stem
        )
        name = full_name(read(line[:200])) if line.strip() else stem
        size = typical_size(name)
        entries.append(
            _Entry(
                name,
                _spellings(name, stem, noun_of(read(name))),
                str(path.relative_to(library)),
                size[0] if size else None,
                support_of(name),
            )
        )
    return tuple(entries)
