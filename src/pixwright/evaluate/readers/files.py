"""What the readers share: JSON files, and rows of parquet files with embedded pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.extras import optional


def read_json(path: Path, what: str) -> Any:
    """The file's content. Raises `InvalidOption` if it is not there or broken; `what` says what it should be."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InvalidOption(f"{path} is not there; it should be {what}") from problem
    except ValueError as problem:
        raise InvalidOption(f"{path} is not JSON ({problem}); it should be {what}") from problem


def read_lines(path: Path, what: str) -> list[dict[str, Any]]:
    """The objects of a JSON lines file. Raises `InvalidOption`, with the line's number, for one that is none."""
    if not path.is_file():
        raise InvalidOption(f"{path} is not there; it should be {what}")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise InvalidOption(f"{path}, line {number} is not a JSON object; it should be {what}")
        rows.append(row)
    return rows


def parquet_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of all parquet files below, in the order of their names. Raises `InvalidOption` if there are none, `MissingExtra` without pyarrow."""
    pq = optional("pyarrow.parquet", "this data set", "data")
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.parquet"))
    if not paths:
        raise InvalidOption(f"{folder} holds no .parquet file; give the folder of the data set")
    for path in paths:
        with pq.ParquetFile(path) as held:
            for batch in held.iter_batches(batch_size=16):
                yield from batch.to_pylist()


def embedded(row: dict[str, Any], column: str) -> bytes:
    """The encoded picture in a column. Raises `InvalidOption` if there is none."""
    held = row.get(column)
    data = held.get("bytes") if isinstance(held, dict) else held
    if not isinstance(data, bytes):
        raise InvalidOption(f"the rows hold no picture in '{column}'; there are {', '.join(row)}")
    return data


def beside(base: Path, name: str) -> Path:
    """A file that a list names, relative to the list's folder. Raises `InvalidOption` for one outside of it or not there."""
    path = base / name
    if not path.resolve().is_relative_to(base.resolve()):
        raise InvalidOption(f"{name!r} leads out of {base}; name files inside the folder")
    if not path.is_file():
        raise InvalidOption(f"{path} is not there; complete the data set")
    return path
