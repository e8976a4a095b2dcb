"""Rows of parquet and tar files: texts at once, pictures when they are asked for."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidImage, InvalidOption
from pixwright.extras import optional

_SUFFIXES = (".parquet", ".tar")
_PICTURES = {"jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"}


@dataclass(frozen=True)
class ShardRow:
    """One row of a shard. `pictures`: name of a field -> where it is, for a tar (offset, bytes), for parquet (group, row of the group)."""

    shard: str
    number: int
    pictures: dict[str, tuple[int, int]]


def shards_of(path: Path) -> list[Path]:
    """The files themselves, in order. Raises `InvalidOption` if there are none."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in _SUFFIXES)
    if not files or any(file.suffix not in _SUFFIXES for file in files):
        raise InvalidOption(f"{path} is or holds no .parquet or .tar file; give a data set on disk")
    return files


def rows_of(shard: Path) -> Iterator[tuple[ShardRow, dict[str, Any]]]:
    """(row, its fields that are not pictures). Raises `InvalidOption` if the file cannot be read, `MissingExtra` without pyarrow."""
    yield from _tar_rows(shard) if shard.suffix == ".tar" else _parquet_rows(shard)


def read_row(row: ShardRow, name: str) -> bytes:
    """The picture in a field. Raises `InvalidImage` if it is gone."""
    first, second = row.pictures[name]
    if row.shard.endswith(".tar"):
        try:
            with Path(row.shard).open("rb") as stream:
                stream.seek(first)
                return stream.read(second)
        except OSError as problem:
            raise InvalidImage(f"{row.shard} cannot be read ({problem}); restore it") from problem
    value = _group(row.shard, first, name)[second]
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise InvalidImage(f"row {row.number} of {Path(row.shard).name} holds no bytes in '{name}'; embed the pictures")
    return data


def _tar_rows(shard: Path) -> Iterator[tuple[ShardRow, dict[str, Any]]]:
    """Files with the same name up to the first dot are one row; the rest of the name is the field, without a picture's suffix if there is more."""
    groups: dict[str, tuple[dict[str, tuple[int, int]], dict[str, Any]]] = {}
    try:
        with tarfile.open(shard, "r:") as tar:
            for info in tar:
                folder, _, file = info.name.rpartition("/")
                stem, _, rest = file.partition(".")
                if not info.isfile() or not rest:
                    continue
                key = f"{folder}/{stem}".lstrip("./")
                pictures, values = groups.setdefault(key, ({}, {"__key__": key}))
                name, _, suffix = rest.lower().rpartition(".")
                if suffix in _PICTURES:
                    pictures[name or suffix] = (info.offset_data, info.size)
                    continue
                content = tar.extractfile(info)
                assert content is not None
                _add_text(values, name or suffix, suffix, content.read())
    except (tarfile.TarError, OSError, EOFError) as problem:
        raise InvalidOption(f"{shard} cannot be read ({problem}); restore it") from problem
    for number, (pictures, values) in enumerate(groups.values()):
        yield ShardRow(str(shard), number, pictures), values


def _add_text(values: dict[str, Any], name: str, suffix: str, content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    if suffix != "json":
        values[name] = text
        return
    try:
        read = json.loads(text)
    except ValueError:
        read = {}  # what the row then lacks is found wanting where it is used
    values.update(read if isinstance(read, dict) else {})


def _parquet_rows(shard: Path) -> Iterator[tuple[ShardRow, dict[str, Any]]]:
    pa, parquet = arrow()
    try:
        file = parquet.ParquetFile(str(shard))
        schema = file.schema_arrow
        blobs = [
            f.name
            for f in schema
            if _holds_bytes(pa, f.type) or pa.types.is_binary(f.type) or pa.types.is_large_binary(f.type)
        ]
        texts = [f.name for f in schema if f.name not in blobs]
        number = 0
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            values = file.read_row_group(group, columns=texts).to_pylist() if texts else [{}] * count
            # A null picture is missing; whether there are bytes in the others is seen without decoding them.
            there = {name: _present(file.read_row_group(group, columns=[name]).column(0)) for name in blobs}
            for index, row in enumerate(values):
                pictures = {name: (group, index) for name in blobs if there[name][index]}
                yield ShardRow(str(shard), number, pictures), row
                number += 1
    except (pa.ArrowException, OSError) as problem:
        raise InvalidOption(f"{shard} cannot be read ({problem}); restore it") from problem


def _holds_bytes(pa: Any, kind: Any) -> bool:
    """Whether it is the struct that Hugging Face writes for a picture; another struct (a size, a score) is an ordinary value."""
    return bool(pa.types.is_struct(kind)) and kind.get_field_index("bytes") >= 0


def _present(column: Any) -> list[bool]:
    flat = column.combine_chunks()
    return list((flat.field("bytes") if hasattr(flat, "field") else flat).is_valid().to_pylist())


@lru_cache(maxsize=4)
def _group(shard: str, group: int, name: str) -> list[Any]:
    """A column of a row group: neighbouring rows are asked for one after the other."""
    _, parquet = arrow()
    return list(parquet.ParquetFile(shard).read_row_group(group, columns=[name]).column(0).to_pylist())


def arrow() -> tuple[Any, Any]:
    """pyarrow and its part for parquet files. Raises MissingExtra."""
    pyarrow, parquet = (optional(name, "a parquet file", "data") for name in ("pyarrow", "pyarrow.parquet"))
    return pyarrow, parquet
