"""COCO-format annotations: things cut out of photographs, and the photographs with their captions as backgrounds."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.packaged import article
from pixwright.build.source.pictures import background, visible
from pixwright.build.source.rle import mask_of
from pixwright.build.source.rows import Sieve
from pixwright.edit.placing.shelves import support_of, typical_size
from pixwright.errors import InvalidMask, InvalidOption
from pixwright.media import load_picture
from pixwright.records.instruction import Array, Samples
from pixwright.records.placement import turned
from pixwright.records.sample import Asset

SMALLEST = 48
"""Pixels of the shorter side from which a thing is worth cutting out."""
_CLASSES = {
    "accessory": "clothing", "sports": "sport", "kitchen": "household", "furniture": "household", "electronic": "electronics",
    "appliance": "household", "indoor": "household", "outdoor": "street",
}  # fmt: skip


class CocoSource:
    """Cut-outs `<name>/<picture>#<annotation>` and backgrounds `<name>/<picture>`; a cut-out falls into the split of its picture.

    `annotations` is an instances file, `captions` a captions file of the same pictures (those without a caption are no backgrounds).
    `licence` is that of pictures whose own is not listed. Crowds, things under 48 px, and things that the frame cuts off are quarantined, each
    with its reason, as are rows without a picture, a licence or a readable outline, and duplicate ids. With `check` every picture is decoded
    and hashed once, which takes about 10 ms each; without, a damaged one raises when it is asked for.
    Raises `InvalidOption` if a file is not in COCO's format.
    """

    def __init__(
        self,
        annotations: Path,
        pictures: Path,
        *,
        captions: Path | None = None,
        licence: str = "",
        name: str = "coco",
        check: bool = True,
    ) -> None:
        self.name = name
        self._pictures = pictures
        self._outlines: dict[str, tuple[Any, int, int]] = {}
        table = _read(annotations, ("images", "annotations", "categories"))
        said = _captions(captions)
        licences = {row.get("id"): row.get("name", "") for row in table.get("licenses", [])}
        sieve = Sieve(name)
        frames = self._frames(table["images"], licences, licence, said, sieve, check)
        self._things(table, frames, sieve)
        self.assets: tuple[Asset, ...] = tuple(
            a for a in sieve.taken.values() if a.kind == "cutout" or a.caption != a.path
        )
        self.quarantined: tuple[Quarantined, ...] = tuple(sieve.rejects)

    def _frames(
        self,
        rows: list[dict[str, Any]],
        licences: dict[Any, str],
        licence: str,
        said: dict[Any, str],
        sieve: Sieve,
        check: bool,
    ) -> dict[Any, tuple[Asset, int, int]]:
        """Image id -> its background asset (caption = path where it has none), height, width."""
        found: dict[Any, tuple[Asset, int, int]] = {}
        for row in rows:
            path, image = str(row.get("file_name", "")), row.get("id")
            file = self._pictures / path
            if image in found or not path or not file.is_file():
                sieve.reject(
                    f"image {image}",
                    "duplicate_id: a second image of that id" if image in found else f"missing_picture: {path}",
                )
                continue
            size = file.stat().st_size
            asset = Asset(
                key=f"{self.name}/{path}",
                kind="background",
                name=said.get(image, path),
                caption=said.get(image, path),
                category="photograph",
                licence=licences.get(row.get("license"), "") or licence,
                origin=f"COCO annotations {self.name}",
                path=path,
                # Replaced by the file's own hash where the pictures are checked.
                sha256=_digest(f"{self.name}/{path} {size}"),
                photographic=True,
            )
            if sieve.admit(asset, file.read_bytes if check else None, f"image {image}"):
                found[image] = (sieve.taken[asset.key], int(row["height"]), int(row["width"]))
        return found

    def _things(self, table: dict[str, Any], frames: dict[Any, tuple[Asset, int, int]], sieve: Sieve) -> None:
        kinds = {row["id"]: row for row in table["categories"]}
        seen = Counter(row.get("id") for row in table["annotations"])
        for row in table["annotations"]:
            label = f"annotation {row.get('id')}"
            if (flaw := _flaw(row, frames, kinds)) or seen[row.get("id")] > 1:
                sieve.reject(label, flaw or "duplicate_id: several annotations have it")
                continue
            frame, kind = frames[row["image_id"]][0], kinds[row["category_id"]]
            noun, above = str(kind["name"]).lower(), str(kind.get("supercategory", "thing"))
            size = typical_size(noun)
            key = f"{frame.key}#{row['id']}"
            asset = Asset(
                key=key,
                kind="cutout",
                name=noun,
                caption=article(noun),
                category=_CLASSES.get(above, above),
                licence=frame.licence,
                origin=frame.origin,
                path=frame.path,
                sha256=_digest(f"{frame.sha256}#{row['id']}"),
                photographic=True,
                size_m=size[0] if size else None,
                tags=(support_of(noun),),
            )
            if sieve.admit(asset, None, label):
                self._outlines[key] = (row["segmentation"], *frames[row["image_id"]][1:])

    def pixels(self, asset: Asset) -> Array:
        """A thing HxWx4 with an edge of a pixel's softness, or a photograph HxWx3. Raises `InvalidImage` or `InvalidMask`."""
        file = self._pictures / asset.path
        if asset.kind == "background":
            return background(file)
        loaded = load_picture(file)
        pixels = loaded.pixels[..., :3]
        outline, height, width = self._outlines[asset.key]
        mask = mask_of(outline, height, width)
        if pixels.shape[:2] != (height, width) == pixels.shape[1::-1]:
            # The outline was drawn on the picture as it is stored; EXIF turns it, and so the outline.
            mask = turned(mask, loaded.source.orientation)
        if pixels.shape[:2] != mask.shape:
            raise InvalidMask(
                f"{asset.path} has {pixels.shape[1]}x{pixels.shape[0]} pixels, its annotations {width}x{height}"
            )
        soft = cv2.GaussianBlur(cv2.erode(mask, np.ones((3, 3), np.uint8)), (0, 0), 0.8)
        return visible(np.dstack([pixels, soft]))

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """Always raises `InvalidOption`: there are only pictures."""
        raise InvalidOption(f"'{asset.key}' has no sound; COCO annotations hold pictures only")


def _flaw(row: dict[str, Any], frames: dict[Any, tuple[Asset, int, int]], kinds: dict[Any, Any]) -> str:
    """Why an annotation gives no cut-out, or empty."""
    if row.get("image_id") not in frames:
        return f"missing_picture: image {row.get('image_id')}"
    if row.get("category_id") not in kinds:
        return f"no_caption: unknown category {row.get('category_id')}"
    if row.get("iscrowd"):
        return "not_a_thing: a crowd"
    _, height, width = frames[row["image_id"]]
    try:
        mask = mask_of(row.get("segmentation"), height, width)
    except InvalidMask as problem:
        return f"corrupt_outline: {problem}"
    x, y, w, h = cv2.boundingRect(mask)
    if min(w, h) < SMALLEST:
        return f"too_small: {w}x{h} pixels"
    if x < 2 or y < 2 or x + w > width - 2 or y + h > height - 2:
        return "cut_off: it touches the frame"
    return ""


def _captions(file: Path | None) -> dict[Any, str]:
    """Image id -> its first caption, without the full stop."""
    if file is None:
        return {}
    found: dict[Any, str] = {}
    for row in _read(file, ("annotations",))["annotations"]:
        text = str(row.get("caption", "")).strip().rstrip(".")
        if text:
            found.setdefault(row.get("image_id"), text)
    return found


def _read(file: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    try:
        table = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise InvalidOption(f"{file} is no readable JSON ({problem}); give a COCO annotation file") from problem
    missing = [key for key in needed if not isinstance(table, dict) or not isinstance(table.get(key), list)]
    if missing:
        raise InvalidOption(f"{file} has no list '{missing[0]}'; give a COCO annotation file")
    return dict(table)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def unpacked(path: Path, split: str = "") -> tuple[Path, Path, Path | None]:
    """(annotations, pictures, captions or None) of COCO as it is unpacked: `annotations/instances_SPLIT.json` beside `SPLIT/` or `images/SPLIT/`.

    `path`: the folder of both, or an instances file. Raises InvalidOption where no split, or more than one, has both.
    """
    if path.is_file():
        files, root = [path], path.parent.parent
    else:
        files, root = sorted((path / "annotations").glob("instances_*.json")), path
    found = []
    for file in files:
        name = file.stem.removeprefix("instances_")
        pictures = next((folder for folder in (root / name, root / "images" / name) if folder.is_dir()), None)
        if pictures is not None and split in ("", name):
            captions = file.with_name(f"captions_{name}.json")
            found.append((file, pictures, captions if captions.is_file() else None))
    if len(found) == 1:
        return found[0]
    if path.is_file():
        return path, path.parent, None
    names = ", ".join(file.stem.removeprefix("instances_") for file, *_ in found)
    raise InvalidOption(
        f"{path} holds several splits with pictures ({names}); name one with ;split=NAME"
        if found
        else f"{path} holds no annotations/instances_NAME.json with a folder NAME of pictures beside; give the file, and its pictures with ;pictures=PATH"
    )
