"""Rows become assets here: one place decides which rows of a source are bad. And the index that a fetched source keeps beside its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.pictures import background, cutout
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.media import load_sound, write_atomically
from pixwright.records.sample import Asset

INDEX, REJECTS = "index.jsonl", "quarantine.jsonl"
_FIELDS = {field.name for field in fields(Asset)}


class Sieve:
    """Takes good rows and keeps the reason for each bad one: missing or corrupt file, no licence, duplicate id, no name."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.taken: dict[str, Asset] = {}
        self.sizes: dict[str, tuple[int, ...]] = {}
        self.rejects: list[Quarantined] = []
        self._files: dict[str, str] = {}

    def reject(self, row: str, reason: str) -> None:
        """Quarantine a row; the reason is `code: detail`."""
        self.rejects.append(Quarantined(row, reason, self.source))

    def admit(self, asset: Asset, content: Callable[[], bytes] | None = None, row: str = "") -> bool:
        """Take the asset, or quarantine it under `row` (by default its path). `content` reads its file, which is then decoded and hashed."""
        row = row or asset.path
        flaw = (
            "no_licence: the row states none, and none was given for the source" if not asset.licence
            else "no_caption: neither name nor caption" if not (asset.name and asset.caption)
            else f"duplicate_id: {asset.key}" if asset.key in self.taken
            else ""
        )  # fmt: skip
        if not flaw and content is not None:
            try:
                data = content()
                asset = replace(asset, sha256=hashlib.sha256(data).hexdigest())
                twin = self._files.setdefault(asset.sha256, asset.key)
                flaw = f"duplicate_file: the same as {twin}" if twin != asset.key else ""
                if not flaw:
                    self.sizes[asset.key] = _checked(asset, data)
            except OSError as problem:
                flaw = f"missing_picture: {problem.strerror or problem}"
            except PixwrightError as problem:
                flaw = f"{problem.code}: {problem}"
        if flaw:
            self.reject(row, flaw)
            return False
        self.taken[asset.key] = asset
        return True


class IndexWriter(Sieve):
    """A sieve that puts what it takes into `folder/files`."""

    def __init__(self, folder: Path, source: str) -> None:
        super().__init__(source)
        self.folder = folder

    def add(self, asset: Asset, content: bytes) -> bool:
        """Check one file and write it. Returns whether it was taken."""
        taken = self.admit(asset, lambda: content)
        if taken:
            target = self.folder / "files" / asset.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return taken

    def close(self) -> None:
        """Write the index and the quarantine. The index comes last: a folder without one is not a source."""
        write_atomically(self.folder / REJECTS, _lines(asdict(row) for row in self.rejects))
        rows = ({**asdict(asset), "size": self.sizes[key]} for key, asset in sorted(self.taken.items()))
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
