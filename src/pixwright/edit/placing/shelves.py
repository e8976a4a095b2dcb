"""Where cut-outs lie: the user's own folder, the photographs that `pixwright assets fetch stamps` brings, and what is shipped: photographs with traced
models, and drawings.

Each is a row of `Shelved` values; `load` makes a `Cutout` of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pixwright.errors import InvalidOption
from pixwright.media.matte import foreground_colours
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.thing import Thing
from pixwright.weights.registry import assets_home
from pixwright.words import lexicon, read
from pixwright.words.naming import full_name, last_noun, noun_of
from pixwright.words.vectors import unit_rows

Support: TypeAlias = Literal["ground", "table", "air", "water", "wear"]
"""What holds a thing up in the real world."""
Shows: TypeAlias = Literal["whole", "head", "piece", "sign"]
"""What of the thing its cut-out shows: all of it, its head (or a bust), a piece (a slice, a quarter), or a sign that stands for it."""
Faces: TypeAlias = Literal["", "left", "right", "lettered"]
"""Which way a thing looks in its picture; `lettered` where it must not be mirrored; "" where it has no side, or none is known."""
Ground: TypeAlias = Callable[[Array, str | Thing], Region]

MAX_FILES = 5_000
FETCHED = "stamps"
"""The set of photographs that is used where it was fetched."""
_PAINTED = frozenset(("easter", "newyears", "hanukkah"))
"""Folders of that set whose pictures are painted, whatever their surfaces look like: a butterfly of lace is no photograph of one."""
_UNCREDITED = {"CC0-1.0", "public domain", None}
"""Licences that do not ask for a name; None where the whole folder has one, which NOTICE tells."""
_SUFFIXES = {".png", ".webp", ".jpg", ".jpeg"}
_PACKAGE = "pixwright.edit"
_DRAWN, _REAL = "data/fluent", "data/cutouts"
"""Folders of the shipped drawings and of the shipped photographs and traced models."""
_OPAQUE = 250
"""Alpha from which on a picture is not seen through."""
_FAINT, _FEWEST = 24, 16
"""Alpha under which nothing is seen; and pixels of a thing, at least."""
_SURE, _NONE = 0.86, 0.12
"""Shares of a matte above and below which it is all thing and all background."""
_RIM = 0.03
"""Share of a side of the picture on which a thing that is cut by it lies, at least."""


@dataclass(frozen=True, eq=False)
class Cutout:
    """A thing to place. `pixels` HxWx4 uint8 sRGB with straight alpha, cropped to what is visible. `size_m` is its real height in
    metres, or None if unknown. `score` is 1.0 for a match by name, else the cosine of the match."""

    name: str
    pixels: Array
    size_m: float | None = None
    support: Support = "ground"
    score: float = 1.0
    origin: Origin = Origin.EXISTING
    """`cut-outs` from a photograph, whose colours are real and are changed less; `drawn`; or `existing pixels` of a picture that the user gave."""
    shows: Shows = "whole"
    cropped: frozenset[str] = frozenset()
    """Sides (left, top, right, bottom) at which the picture that it was cut from ended."""
    flaw: str = ""
    """What of it is not as asked, for the user; "" where all is."""
    faces: Faces = ""
    credit: str = ""
    """Who made it and under which licence, where that asks to be named."""

    @property
    def photographic(self) -> bool:
        """Whether it looks as photographed: a photograph, or a solid model traced in daylight."""
        return self.origin is not Origin.DRAWN


@dataclass(frozen=True)
class Shelved:
    """A cut-out that is at hand: `names` are all it is called by, the first its own; `waterline` is the share of its height, from below, that shows
    water and is cut away; `turn` the degrees, clockwise, by which it is to be turned to lie or stand as such a thing does."""

    name: str
    names: tuple[str, ...]
    file: Traversable
    size_m: float | None
    support: Support
    origin: Origin
    shows: Shows = "whole"
    waterline: float = 0.0
    turn: float = 0.0
    faces: Faces = ""
    credit: str = ""
    traced: bool = False
    """Whether it is a solid model, traced in daylight, and no photograph."""


def shelves(library: Path | None) -> tuple[tuple[Shelved, ...], ...]:
    """All that is at hand, in the order in which it is looked through. Raises `InvalidOption` if `library` cannot be read."""
    return own(library), real(), fetched(assets_home() / FETCHED), drawn()


def load(entry: Shelved, ground: Ground | None) -> Cutout | None:
    """The cut-out of an entry; `ground` cuts out a picture without alpha. None if nothing is seen in it. Raises `InvalidOption` for a broken file."""
    try:
        with Image.open(BytesIO(entry.file.read_bytes())) as opened:
            pixels = np.asarray(opened.convert("RGBA"))
    except (UnidentifiedImageError, OSError) as error:
        raise InvalidOption(
            f"{entry.file.name} in the library is not a picture that can be read; remove or re-save it."
        ) from error
    mask = None
    if int(pixels[..., 3].min()) >= _OPAQUE and ground is not None:
        region = ground(np.ascontiguousarray(pixels[..., :3]), "foreground")
        mask = region.mask if region.found else None
    if entry.waterline:
        pixels = pixels[: round(len(pixels) * (1 - entry.waterline))]
    cutout = cut(_turned(pixels, entry.turn), entry.name, mask)
    if cutout is None:
        return None
    return replace(
        cutout,
        size_m=entry.size_m or cutout.size_m,
        support=entry.support,
        origin=entry.origin,
        shows=entry.shows,
        cropped=frozenset(),
        faces=entry.faces,
        credit=entry.credit,
    )


def cut(pixels: Array, name: str, mask: Array | None = None) -> Cutout | None:
    """A cut-out from a picture HxWx3|4: by its own alpha channel if that says anything, else by `mask` (HxW uint8), in the thing's own colours.
    None if nothing is left."""
    cropped: frozenset[str] = frozenset()
    if pixels.shape[2] == 4 and int(pixels[..., 3].min()) < _OPAQUE:
        alpha, colours = pixels[..., 3], pixels[..., :3]
    elif mask is not None:
        # The matte's faint outer rim is mostly background, and what is nearly solid is solid.
        share = (mask.astype(np.float32) / 255 - _NONE) / (_SURE - _NONE)
        alpha = np.asarray(255 * np.clip(share, 0, 1), np.uint8)
        colours = foreground_colours(pixels[..., :3], mask)
        cropped = cut_sides(alpha)
    else:
        return None
    ys, xs = np.nonzero(alpha > _FAINT)
    if len(xs) < _FEWEST:
        return None
    box = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    rgba = np.dstack([colours, alpha])[box]
    size = typical_size(name)
    return Cutout(
        name,
        np.ascontiguousarray(rgba),
        size[0] if size else None,
        support_of(name),
        1.0,
        Origin.EXISTING,
        "whole",
        cropped,
    )


def cut_sides(alpha: Array) -> frozenset[str]:
    """The sides of a picture that cut the thing under `alpha` (HxW uint8): it lies along more than a few hundredths of them."""
    solid = alpha > 127
    lines = {"left": solid[:, 0], "top": solid[0], "right": solid[:, -1], "bottom": solid[-1]}
    return frozenset(side for side, line in lines.items() if line.mean() > _RIM)


def typical_size(name: str) -> tuple[float, float] | None:
    """Typical (height, width) in metres of what a noun phrase names, or None if unknown."""
    found = lexicon().look(read(name).head)
    return found.size if found is not None else None


def support_of(name: str) -> Support:
    """What holds up the thing that a phrase names; `ground` where nothing else is known."""
    found = lexicon().look(read(name).head)
    return cast(Support, found.stands) if found is not None and found.stands else "ground"


def _turned(pixels: Array, degrees: float) -> Array:
    if not degrees:
        return pixels
    turned = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
    return np.asarray(turned)


@lru_cache(maxsize=1)
def real() -> tuple[Shelved, ...]:
    """The photographs and traced models in the package: from Tux Paint, KDE, Sweet Home 3D and 0 A.D., each with its author and licence."""
    return _shipped(_REAL, Origin.CUTOUTS)


@lru_cache(maxsize=1)
def drawn() -> tuple[Shelved, ...]:
    """The drawings in the package: Microsoft's Fluent 3D emoji (MIT)."""
    return _shipped(_DRAWN, Origin.DRAWN)


def _shipped(name: str, origin: Origin) -> tuple[Shelved, ...]:
    """A folder of the package; a row of its index that names an author and a licence is credited where that asks for it."""
    folder = resources.files(_PACKAGE).joinpath(name)
    return tuple(
        Shelved(
            row["name"],
            _spellings(row["name"], *row["synonyms"]),
            folder.joinpath(row["file"]),
            row["size_m"],
            row["support"],
            origin,
            row.get("shows", "whole"),
            row.get("waterline", 0.0),
            row.get("turn", 0.0),
            row.get("faces", ""),
            "" if row.get("licence") in _UNCREDITED else f"{row['author']} ({row['licence']})",
            row.get("made") == "model",
        )
        for row in _index(folder)
    )


def _index(folder: Traversable) -> list[dict[str, Any]]:
    return list(json.loads(folder.joinpath("cutouts.json").read_text(encoding="utf-8")))


def vectors(entries: tuple[Shelved, ...]) -> NDArray[np.float32] | None:
    """The meaning of each name of a shipped shelf, (N, D) unit rows; None for a shelf whose names have to be read first."""
    return _vectors(_REAL) if entries is real() else _vectors(_DRAWN) if entries is drawn() else None


@lru_cache(maxsize=2)
def _vectors(folder: str) -> NDArray[np.float32]:
    return unit_rows(_PACKAGE, folder, "vectors.npy")


@lru_cache(maxsize=4)
def fetched(folder: Path) -> tuple[Shelved, ...]:
    """The photographs of a fetched set of assets, by what their index says; none where it was not fetched."""
    index = folder / "index.jsonl"
    if not index.is_file():
        return ()
    rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(
        Shelved(
            row["name"],
            _spellings(row["name"], noun_of(read(row["name"])), last_noun(read(row["name"]))),
            folder / "files" / row["path"],
            row["size_m"],
            support_of(row["name"]),
            Origin.CUTOUTS,
        )
        for row in rows
        if row.get("kind") == "cutout" and row.get("photographic") and not _PAINTED.intersection(row["path"].split("/"))
    )


def own(library: Path | None) -> tuple[Shelved, ...]:
    """The user's pictures: named by the first line of a `.txt` beside them, or by the file's name."""
    if library is None:
        return ()
    if not library.is_dir():
        raise InvalidOption(f"--library {library} is not a folder; give a folder of PNG or WebP pictures.")
    files = sorted(path for path in library.rglob("*") if path.suffix.lower() in _SUFFIXES)[:MAX_FILES]
    if not files:
        raise InvalidOption(f"--library {library} holds no PNG, WebP or JPEG picture.")
    return tuple(_own_entry(path) for path in files)


def _own_entry(path: Path) -> Shelved:
    caption = path.with_suffix(".txt")
    stem = re.sub(r"[_\-.\d]+", " ", path.stem).strip().lower() or path.stem.lower()
    line = caption.read_text(encoding="utf-8", errors="replace").strip().split("\n")[0] if caption.is_file() else stem
    name = full_name(read(line[:200])) if line.strip() else stem
    size = typical_size(name)
    names = _spellings(name, stem, noun_of(read(name)))
    return Shelved(name, names, path, size[0] if size else None, support_of(name), Origin.CUTOUTS)


def _spellings(*names: str) -> tuple[str, ...]:
    """The names, each also as it is spelt where people ask for it."""
    return tuple(dict.fromkeys(form for name in names for form in (name, full_name(read(name)))))
