"""A folder of pictures with captions: `metadata.jsonl` or `metadata.csv`, at the top or in sub-folders; a `.txt` beside each picture; or folders named by what is in them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.packaged import article
from pixwright.build.source.pictures import background, cutout
from pixwright.build.source.rows import Sieve
from pixwright.edit.placing.shelves import support_of, typical_size
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset
from pixwright.words import read
from pixwright.words.naming import full_name

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
METADATA = ("metadata.jsonl", "metadata.csv")
"""Lists of pictures, at the top or beside the pictures, as Hugging Face's ImageFolder has them."""
SPLITS = re.compile(r"train(ing)?|test(ing)?|val(id(ation)?)?|dev|eval|images", re.IGNORECASE)
"""Folders that name a part of the data and not what its pictures show."""


class FolderSource:
    """Pictures under `folder`: backgrounds, or (`kind="cutout"`) things with an alpha channel.

    A row of `metadata.jsonl` or `metadata.csv` has `file_name` (relative to the list) and `caption` (or `text`), and may have `name`, `category`, `licence`
    (or `license`) and `photographic`. Without a list every picture is a row, and its caption the first line of the `.txt` of the same name, or else the name of its
    folder; a cut-out without either is called what its file is called. `licence` is that of rows that state none; rows without either are quarantined.
    Every picture is decoded once. Raises `InvalidOption` if `folder` is no folder, or the metadata is not JSON lines.
    """

    def __init__(
        self, folder: Path, *, kind: Literal["background", "cutout"] = "background", licence: str = "", name: str = ""
    ) -> None:
        if not folder.is_dir():
            raise InvalidOption(f"{folder} is not a folder; give one of pictures with captions")
        self.name = name or folder.name
        self._folder = folder
        sieve = Sieve(self.name)
        for row in _rows(folder):
            relative = str(row.get("file_name", ""))
            file = folder / relative
            if not relative or not file.resolve().is_relative_to(folder.resolve()):
                sieve.reject(
                    relative or json.dumps(row)[:80], "missing_picture: no file_name, or one outside the folder"
                )
                continue
            sieve.admit(_asset(row, kind, licence, self.name), file.read_bytes)
        self.assets: tuple[Asset, ...] = tuple(sieve.taken.values())
        self.quarantined: tuple[Quarantined, ...] = tuple(sieve.rejects)

    def pixels(self, asset: Asset) -> Array:
        """A cut-out HxWx4 or a background HxWx3."""
        file = self._folder / asset.path
        return cutout(file) if asset.kind == "cutout" else background(file)

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """Always raises `InvalidOption`: a folder holds pictures."""
        raise InvalidOption(f"'{asset.key}' has no sound; a folder of pictures holds none")


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of every list in the folder, or else its pictures; names of files are then relative to `folder`."""
    lists = sorted(path for name in METADATA for path in folder.rglob(name))
    for listed in lists:
        inside = listed.parent.relative_to(folder)
        for row in _listed(listed):
            name = str(row.get("file_name") or "")
            yield row | {"file_name": (inside / name).as_posix() if name else ""}
    if lists:
        return
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        text = path.with_suffix(".txt")
        lines = text.read_text("utf-8-sig", errors="replace").strip().split("\n") if text.is_file() else [""]
        caption = lines[0].strip() or _label(path.relative_to(folder))
        yield {"file_name": path.relative_to(folder).as_posix(), "caption": caption}


def _listed(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a `metadata.jsonl` or `metadata.csv`. Raises `InvalidOption` for lines that are not JSON."""
    text = path.read_text("utf-8-sig", errors="replace")
    if path.suffix == ".csv":
        yield from csv.DictReader(text.splitlines())
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise InvalidOption(f"{path}, line {number} is not JSON ({problem}); correct it") from problem
        yield row if isinstance(row, dict) else {}


def _label(path: Path) -> str:
    """What a picture without a caption shows: the name of its folder, unless that is a split's; "" at the top."""
    names = [part for part in path.parts[:-1] if not SPLITS.fullmatch(part)]
    return article(re.sub(r"[\W_]+", " ", names[-1]).strip().lower()) if names else ""


def _asset(row: dict[str, Any], kind: Literal["background", "cutout"], licence: str, source: str) -> Asset:
    path = str(row["file_name"])
    caption = str(row.get("caption") or row.get("text") or "").strip()
    name = str(row.get("name") or "").strip()
    if kind == "cutout":
        stem = re.sub(r"[\W_\d]+", " ", Path(path).stem).strip().lower() or Path(path).stem.lower()
        name = name or (full_name(read(caption)) if caption else stem)
        caption = caption or article(name)
    size = typical_size(name) if kind == "cutout" and name else None
    return Asset(
        key=f"{source}/{path}",
        kind=kind,
        name=name or caption,
        caption=caption,
        category=str(row.get("category") or ("thing" if kind == "cutout" else "place")),
        licence=str(row.get("licence") or row.get("license") or licence),
        origin=f"folder {source}",
        path=path,
        sha256="",
        photographic=bool(row.get("photographic", kind == "background")),
        size_m=size[0] if size else None,
        tags=(support_of(name),) if kind == "cutout" else (),
    )
