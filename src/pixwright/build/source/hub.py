"""Data sets on disk: parquet with embedded pictures, as Hugging Face writes it, or WebDataset tar files.

Pairs are recognised by InstructPix2Pix's fields (original_image, edit_prompt, edited_image, original_prompt, edited_prompt) and by MagicBrush's
(img_id, turn_index, source_img, mask_img, instruction, target_img), UltraEdit's, AnyEdit's and OmniEdit's; other rows are a picture with a caption.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.pictures import background
from pixwright.build.source.rows import Sieve
from pixwright.build.source.shards import ShardRow, read_row, rows_of, shards_of
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.media import load_mask, load_picture
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset, Split, split_of

_ROLES = {
    "source": (
        "source_img",
        "original_image",
        "input_image",
        "source_image",
        "src_img",
        "image_file",
        "source",
        "original",
        "input",
    ),
    "edited": (
        "target_img",
        "edited_image",
        "target_image",
        "output_image",
        "edited_img",
        "edited_file",
        "edited",
        "target",
        "output",
    ),
    "picture": ("image", "img", "picture", "jpg", "jpeg", "png", "webp"),
    "mask": ("mask_img", "mask_image", "mask"),
    "instruction": ("instruction", "edit_prompt", "edit", "edit_instruction", "edited_prompt_list", "prompt_list"),
    "caption": (
        "original_prompt",
        "source_caption",
        "input_prompt",
        "original_caption",
        "caption",
        "text",
        "txt",
        "input",
    ),
    "edited_caption": ("edited_prompt", "edited_caption", "target_caption", "output_prompt", "output"),
    "licence": ("licence", "license"),
}
"""What a field means -> the names that it goes by, the likelier first: InstructPix2Pix's, MagicBrush's, UltraEdit's, AnyEdit's and OmniEdit's among them. One that may be a picture or a text counts as what it holds."""
_IDS = ("img_id", "image_id", "omni_edit_id", "id", "__key__")
"""Fields that name what a row shows."""


@dataclass(frozen=True, eq=False)
class ExistingPair:
    """A pair that somebody else made. `source` and `edited` HxWx3 uint8; `mask` HxW uint8 of the source, 255 = edited, or None."""

    id: str
    source: Array
    edited: Array
    instruction: str
    source_caption: str
    edited_caption: str
    mask: Array | None
    licence: str
    origin: str
    split: Split


@dataclass(frozen=True)
class _Entry:
    """A row: where it is, and what its fields are called."""

    id: str
    stem: str
    """What decides the split: rows that show the same picture have the same."""
    row: ShardRow
    texts: dict[str, str]
    pictures: dict[str, str] = field(default_factory=dict)
    """Role -> field."""


class HubSource:
    """A data set's pictures as backgrounds, and its pairs. `path`: a parquet or tar file, or a folder of them.

    `licence` is that of rows that state none; without one they are quarantined. With `check` every picture is decoded and hashed once.
    Raises `InvalidOption` if there is no such file or none of the fields is known, `MissingExtra` without pyarrow.
    """

    def __init__(self, path: Path, *, licence: str = "", name: str = "", check: bool = True) -> None:
        self.name = name or path.stem
        self._licence = licence
        self._entries: dict[str, _Entry] = {}
        sieve = Sieve(self.name)
        for shard in shards_of(path):
            for row, values in rows_of(shard):
                entry = _entry(row, values, shard.stem)
                self._take(entry, sieve, check)
        self.assets: tuple[Asset, ...] = tuple(sieve.taken.values())
        self.quarantined: tuple[Quarantined, ...] = tuple(sieve.rejects)

    def _take(self, entry: _Entry, sieve: Sieve, check: bool) -> None:
        role = "source" if "source" in entry.pictures else "picture"
        if entry.id in self._entries:
            sieve.reject(entry.id, f"duplicate_id: {entry.id}")
            return
        if role not in entry.pictures:
            sieve.reject(entry.id, "missing_picture: none of its fields holds one")
            return
        if not (licence := entry.texts.get("licence") or self._licence):
            sieve.reject(entry.id, "no_licence: the row states none, and none was given for the source")
            return
        self._entries[entry.id] = entry
        caption = entry.texts.get("caption", "")
        if not caption:
            if "instruction" not in entry.texts:
                sieve.reject(entry.id, "no_caption: neither caption nor instruction")
                del self._entries[entry.id]
            return  # a pair without captions is no background, but still a pair
        asset = Asset(
            key=f"{self.name}/{entry.id}",
            kind="background",
            name=caption,
            caption=caption,
            category="photograph",
            licence=licence,
            origin=f"data set {self.name}",
            path=entry.stem,
            sha256=hashlib.sha256(f"{self.name}/{entry.id}".encode()).hexdigest(),
            photographic=True,
        )
        sieve.admit(asset, partial(_bytes, entry, role) if check else None, entry.id)

    def pixels(self, asset: Asset) -> Array:
        """The picture, of a pair the one before the edit: HxWx3."""
        entry = self._entries[asset.key.removeprefix(f"{self.name}/")]
        return background(_bytes(entry, "source" if "source" in entry.pictures else "picture"))

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """Always raises `InvalidOption`: there are only pictures."""
        raise InvalidOption(f"'{asset.key}' has no sound; a data set of pictures holds none")

    def pairs(self, split: Split) -> Iterator[ExistingPair | Quarantined]:
        """The pairs of a split, in their order; in the place of a bad one what is wrong with it."""
        for name in self.pair_ids(split):
            yield self.pair(name)

    def pair_ids(self, split: Split) -> tuple[str, ...]:
        """The ids of a split's pairs, in their order."""
        return tuple(e.id for e in self._entries.values() if "source" in e.pictures and split_of(e.stem) is split)

    def pair(self, name: str) -> ExistingPair | Quarantined:
        """One pair, read now, or what is wrong with it. Raises `KeyError` for an id that is not in `pair_ids`."""
        entry = self._entries[name]
        try:
            return self._pair(entry, split_of(entry.stem))
        except PixwrightError as problem:
            return Quarantined(entry.id, f"{problem.code}: {problem}", self.name)

    def _pair(self, entry: _Entry, split: Split) -> ExistingPair:
        if "edited" not in entry.pictures:
            raise InvalidOption("the edited picture is missing")
        if not entry.texts.get("instruction"):
            raise InvalidOption("the instruction is missing")
        source, edited = (background(_bytes(entry, role)) for role in ("source", "edited"))
        mask = _mask(entry, source) if "mask" in entry.pictures else None
        texts = entry.texts
        return ExistingPair(
            entry.id,
            source,
            edited,
            texts["instruction"],
            texts.get("caption", ""),
            texts.get("edited_caption", ""),
            mask,
            texts.get("licence") or self._licence,
            f"data set {self.name}",
            split,
        )


def _entry(row: ShardRow, values: dict[str, Any], shard: str) -> _Entry:
    texts = {
        role: said for role, names in _ROLES.items() for name in reversed(names) if (said := _said(values.get(name)))
    }
    pictures = {role: name for role, names in _ROLES.items() for name in reversed(names) if name in row.pictures}
    known = next((values[name] for name in _IDS if values.get(name)), None)
    turn = values.get("turn_index")
    label = f"{shard}-{row.number}" if known is None else f"{known}" + (f"-{turn}" if turn is not None else "")
    # Rows made from one prompt look alike: InstructPix2Pix has no other name for what a row shows.
    stem = str(known) if known is not None else _stem(texts.get("caption", "") or label)
    return _Entry(label, stem, row, texts, pictures)


def _said(value: object) -> str:
    """A text; of several ways to say one thing the last, which is the longest in OmniEdit's lists; empty for anything else."""
    if isinstance(value, list | tuple) and value and all(isinstance(one, str) for one in value):
        value = next((one for one in reversed(value) if one.strip()), "")
    return value.strip() if isinstance(value, str) else ""


def _stem(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:16]


def _mask(entry: _Entry, source: Array) -> Array:
    h, w = load_picture(_bytes(entry, "source")).pixels.shape[:2]
    mask = load_mask(_bytes(entry, "mask"), h, w)
    height, width = source.shape[:2]
    return mask if (h, w) == (height, width) else np.asarray(cv2.resize(mask, (width, height)), np.uint8)


def _bytes(entry: _Entry, role: str) -> bytes:
    return read_row(entry.row, entry.pictures[role])
