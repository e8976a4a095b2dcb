"""An index of assets: JSON lines beside the files, and the writer that checks each file before it is listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from pixwright.build.source.merged import Quarantined
from pixwright.build.source.pictures import background, cutout
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.media import load_sound, write_atomically
from pixwright.records.sample import Asset

INDEX, REJECTS = "index.jsonl", "quarantine.jsonl"
_FIELDS = {field.name for field in fields(Asset)}


class IndexWriter:
    """Puts files into `folder/files` and lists them; what cannot be decoded, or is there already, is quarantined and not written."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        self.source = source
        self.rows: list[tuple[Asset, tuple[int, ...]]] = []
        self.rejects: list[Quarantined] = []
        self._keys: set[str] = set()
        self._hashes: dict[str, str] = {}

    def reject(self, row: str, reason: str) -> None:
        """Quarantine a row."""
        self.rejects.append(Quarantined(self.source, row, reason))

    def add(self, asset: Asset, content: bytes) -> bool:
        """Check and write one file; its `sha256` is filled in here. Returns whether it was taken."""
        digest = hashlib.sha256(content).hexdigest()
        twin = self._hashes.get(digest)
        if asset.key in self._keys or twin:
            self.reject(asset.path, f"duplicate id {asset.key}" if not twin else f"the same file as {twin}")
            return False
        try:
            size = _checked(asset, content)
        except PixwrightError as problem:
            self.reject(asset.path, str(problem))
            return False
        target = self.folder / "files" / asset.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self._keys.add(asset.key)
        self._hashes[digest] = asset.key
        self.rows.append((replace(asset, sha256=digest), size))
        return True

    def close(self) -> None:
        """Write the index and the quarantine. The index comes last: a folder without one is not a source."""
        write_atomically(self.folder / REJECTS, _lines(asdict(row) for row in self.rejects))
        rows = ({**asdict(asset), "size": size} for asset, size in sorted(self.rows, key=lambda row: row[0].key))
        write_atomically(self.folder / INDEX, _lines(rows))


def _checked(asset: Asset, content: bytes) -> tuple[int, ...]:
    """Height and width of what scenes will see, or the number of samples and their rate. Raises what decoding raises."""
    if asset.kind in ("sound", "music"):
        sound = load_sound(content)
        return len(sound.samples), sound.rate
    pixels = cutout(content) if asset.kind == "cutout" else background(content)
    return pixels.shape[0], pixels.shape[1]


def read_index(folder: Path) -> tuple[list[Asset], list[Quarantined]]:
    """What `IndexWriter` wrote. Raises `InvalidOption` if there is no index, or it is damaged."""
    try:
        assets = [_asset(json.loads(line)) for line in (folder / INDEX).read_text("utf-8").splitlines()]
        rejects = [Quarantined(**json.loads(line)) for line in (folder / REJECTS).read_text("utf-8").splitlines()]
    except (OSError, ValueError, TypeError) as problem:
        raise InvalidOption(f"{folder} holds no readable index ({problem}); fetch it again") from problem
    return assets, rejects


def _asset(row: dict[str, Any]) -> Asset:
    known = {key: value for key, value in row.items() if key in _FIELDS}
    return Asset(**{**known, "tags": tuple(known.get("tags", ()))})


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
