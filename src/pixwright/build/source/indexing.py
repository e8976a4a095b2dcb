"""Carriers -> indexed files: what the things in a package are called, and which of them are of use in a scene."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.packaged import FLUENT_ORIGIN, PackagedSource, article, classes, fluent_rows
from pixwright.build.source.pictures import cutout
from pixwright.build.source.qt import qt_entry
from pixwright.build.source.rows import IndexWriter
from pixwright.edit.placing.shelves import support_of, typical_size
from pixwright.errors import PixwrightError
from pixwright.records.instruction import Array
from pixwright.records.sample import Asset
from pixwright.weights.carrier import members
from pixwright.words import lexicon

_STAMPS = "usr/share/tuxpaint/stamps/"
_CLIPART = "usr/share/openclipart/png/"
_GCOMPRIS = "usr/share/gcompris-qt/rcc/"
_SMOOTH = 0.35
"""Share of pixels without any texture from which a stamp is a drawing: in photographs it is noise and fur that fill the surfaces."""
_STAMP_CLASSES = {
    "animals": "animal", "plants": "plant", "vehicles": "vehicle", "clothes": "clothing", "sports": "sport", "hobbies": "toy",
    "people": "person", "naturalforces": "nature", "space": "sky", "town": "building", "seasonal": "celebration",
    "medical": "tool", "military": "vehicle", "symbols": "symbol",
}  # fmt: skip
_CLIPART_CLASSES = {
    "animals": "animal", "buildings": "building", "containers": "household", "electronics": "electronics", "food": "food",
    "office": "household", "people": "person", "plants": "plant", "tools": "tool", "transportation": "vehicle",
}  # fmt: skip
"""Folders whose files are things. The others hold signs, buttons, logos, maps and ornaments."""


def index_fluent(archives: list[Path], writer: IndexWriter) -> None:
    """Fluent emoji by their Unicode names; those that the package ships keep its name, key and file name. Skin tones are left out."""
    pictures, names = archives
    shipped = {asset.sha256: asset for asset in PackagedSource().assets if asset.key.startswith("fluent/")}
    table = json.loads(next(content for _, content in members(names, lambda name: name == "package/emoji.json")))
    by_code = {
        code.lower(): entry for entry in table for code in (entry["unified"], entry["non_qualified"] or "") if code
    }
    sizes = classes()["emoji"]
    keys = {asset.key for asset in shipped.values()}
    for member, content in members(pictures, lambda name: name.endswith(".webp")):
        entry = by_code.get(PurePosixPath(member).stem)
        if entry is None:
            continue
        name = entry["name"].lower()
        known = shipped.get(hashlib.sha256(content).hexdigest())
        category = sizes.get(entry["subcategory"], "symbol")
        if known is None and category == "symbol":
            writer.reject(f"{entry['short_name']}.webp", f"not_a_thing: {entry['subcategory']}")
            continue
        stem = entry["short_name"] if f"fluent/{entry['short_name']}" not in keys else f"{entry['short_name']}-emoji"
        asset = Asset(
            key=f"fluent/{stem}",
            kind="cutout",
            name=name,
            caption=article(name),
            category=category,
            licence="MIT",
            origin=FLUENT_ORIGIN,
            path=f"{stem}.webp",
            sha256="",
            size_m=_height(name),
            tags=(support_of(name),),
        )
        writer.add(known or asset, content)
    taken = writer.taken
    missing = [row["file"] for row in fluent_rows() if f"fluent/{row['file'].removesuffix('.webp')}" not in taken]
    for file in missing:
        writer.reject(file, "missing_picture: shipped with pixwright, but not in this version of the package")


def index_stamps(archives: list[Path], writer: IndexWriter) -> None:
    """Tux Paint's stamps: caption = first line of the `.txt`, class = folder, sound = the `.ogg` of the same name. Letters and signs are left out."""
    found = {name.removeprefix(_STAMPS): content for name, content in members(archives[0], _is_stamp)}
    origin = "deb:" + archives[0].name.removesuffix("_all.deb")
    for path, content in sorted(found.items()):
        file = PurePosixPath(path)
        if file.suffix != ".png" or file.stem.endswith("_mirror"):
            continue
        text = found.get(str(file.with_suffix(".txt")), b"").decode("utf-8", "replace").strip().split("\n")[0]
        if not text:
            writer.reject(path, "no_caption: there is no .txt beside it")
            continue
        name = _name_in(text, file.stem)
        key = f"stamps/{'/'.join(file.with_suffix('').parts[1:])}"
        sound = str(file.with_suffix(".ogg"))
        category = _stamp_class(file.parts, name)
        base = Asset(key, "cutout", name, text, category, "GPL-2.0", origin, path, "", tags=(support_of(name),))
        spoken = file.parts[:2] == ("seasonal", "hanukkah")
        noise = replace(
            base, key=f"{key}.ogg", kind="sound", caption=f"the sound of {article(name)}", path=sound, tags=()
        )
        heard = sound in found and not spoken and writer.add(noise, found[sound])
        photographic = "cartoon" not in file.parts and category != "symbol" and _is_photograph(content)
        size = _height(name)
        voice = noise.key if heard else None
        writer.add(replace(base, photographic=photographic, size_m=size, sound=voice), content)


def index_clipart(archives: list[Path], writer: IndexWriter) -> None:
    """Open Clip Art: named by the file name where that holds a noun that is known; the rest is quarantined, since nothing else says what it is."""
    for member, content in members(archives[0], lambda name: name.startswith(_CLIPART) and name.endswith(".png")):
        path = member.removeprefix(_CLIPART)
        file = PurePosixPath(path)
        category = _CLIPART_CLASSES.get(file.parts[0])
        if category is None:
            writer.reject(path, f"not_a_thing: a picture of '{file.parts[0]}'")
            continue
        name = _noun_in(file.stem)
        if name is None or _class_of().get(name, category) != category:
            writer.reject(
                path,
                "no_caption: its file name holds no noun that is known"
                if not name
                else f"not_a_thing: '{name}' is no {category}",
            )
            continue
        asset = Asset(
            key=f"clipart/{path.removesuffix('.png')}",
            kind="cutout",
            name=name,
            caption=f"a drawing of {article(name)}",
            category=category,
            licence="public domain",
            origin="deb:" + archives[0].name.removesuffix("_all.deb"),
            path=path,
            sha256="",
            size_m=_height(name),
            tags=(support_of(name),),
        )
        writer.add(asset, content)


def index_photos(archives: list[Path], writer: IndexWriter) -> None:
    """The pictures that `photos.tsv` lists, with the captions that were written for them."""
    text = resources.files("pixwright.build.source").joinpath("photos.tsv").read_text("utf-8")
    listed = {row["member"]: row for row in csv.DictReader(text.splitlines(), delimiter="\t")}
    for archive in archives:
        for member, content in members(archive, listed.__contains__):
            row = listed.pop(member)
            parts = PurePosixPath(member).parts
            stem = parts[parts.index("contents") - 1] if "contents" in parts else PurePosixPath(member).stem
            asset = Asset(
                key=f"photos/{stem.lower()}",
                kind="background",
                name=row["name"],
                caption=row["caption"],
                category="outdoors",
                licence="GPL-2.0-or-later",
                origin="deb:" + archive.name.removesuffix("_all.deb"),
                path=f"{stem}{PurePosixPath(member).suffix}",
                sha256="",
                photographic=row["photographic"] == "1",
            )
            writer.add(asset, content)
    writer.rejects += [Quarantined(member, "missing_picture: not in the package", writer.source) for member in listed]


def _is_stamp(name: str) -> bool:
    spoken = "_desc" in name
    return name.startswith(_STAMPS) and "/symbols/" not in name and "/roadsigns/" not in name and not spoken


def _stamp_class(parts: tuple[str, ...], name: str) -> str:
    known = _class_of().get(name)
    return known or _STAMP_CLASSES.get(parts[0], parts[0])


def _is_photograph(content: bytes) -> bool:
    try:
        pixels = cutout(content)
    except PixwrightError:
        return False
    return smoothness(pixels) < _SMOOTH


def smoothness(rgba: Array) -> float:
    """Share of the inner pixels of a cut-out, HxWx4, around which the grey value is flat or a ramp; 1 if there is no inner part."""
    grey = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    inner = cv2.erode((rgba[..., 3] > 250).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not inner.any():
        return 1.0
    return float((np.abs(cv2.Laplacian(grey, cv2.CV_32F))[inner] <= 1).mean())


def _name_in(caption: str, stem: str) -> str:
    """The noun phrase of a caption such as "A rat." or "The caboose - a carriage."; of a whole sentence, the file's own name."""
    head = re.split(r"[.,;:!?(—–]", caption.strip())[0].strip()
    words = head.split()
    if words and words[0].lower() in ("a", "an", "the") and 2 <= len(words) <= 5 and not _VERB.search(head):
        return " ".join(words[1:]).lower()
    return _cleaned(stem)


_VERB = re.compile(r"\b(is|are|was|were|has|have|can|carry|playing|with|in|on|for|used|to)\b")


def _cleaned(stem: str) -> str:
    return re.sub(r"[\W_\d]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)).strip().lower() or stem.lower()


def _noun_in(stem: str) -> str | None:
    """The longest known noun among the words of a file name, the first of these; None if there is none."""
    words = re.findall(r"[a-z]{2,}", stem.lower())
    spans = ((length, start) for length in (3, 2, 1) for start in range(len(words) - length + 1))
    phrases = (" ".join(words[start : start + length]) for length, start in spans)
    return next((phrase for phrase in phrases if phrase in _nouns()), None)


@lru_cache(maxsize=1)
def _nouns() -> frozenset[str]:
    table = lexicon()
    sized = (noun for noun in table.nouns if (entry := table.entry(noun)) and entry.size)
    shipped: Iterator[str] = (name for row in fluent_rows() for name in (row["name"], *row["synonyms"]))
    return frozenset((*sized, *shipped))


@lru_cache(maxsize=1)
def _class_of() -> dict[str, str]:
    return {name: kind for kind, names in classes()["packaged"].items() for name in names}


def _height(name: str) -> float | None:
    size = typical_size(name)
    return size[0] if size else None


def index_sounds(archives: list[Path], writer: IndexWriter) -> None:
    """GCompris' recordings of animals, instruments and a few things: those that `sounds.tsv` names, out of its Qt resource containers."""
    text = resources.files("pixwright.build.source").joinpath("sounds.tsv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    wanted = {f"{_GCOMPRIS}{row['container']}.rcc" for row in rows}
    held = dict(members(archives[0], wanted.__contains__))
    for row in rows:
        member, file = f"{_GCOMPRIS}{row['container']}.rcc", PurePosixPath(row["entry"])
        if member not in held:
            writer.reject(str(file), f"missing_sound: there is no {row['container']}.rcc in the package")
            continue
        asset = Asset(
            key=f"sounds/{file.stem.lower()}",
            kind="sound",
            name=row["name"],
            caption=f"the sound of {article(row['name'])}",
            category=row["category"],
            licence="GPL-3.0-or-later and Creative Commons, by file",
            origin="deb:" + archives[0].name.removesuffix("_all.deb"),
            path=file.name,
            sha256="",
        )
        writer.add(
            asset, qt_entry(held[member], f"/gcompris/src/activities/{row['container']}/resource/{row['entry']}")
        )
