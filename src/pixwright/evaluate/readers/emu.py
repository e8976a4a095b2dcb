"""Emu Edit's test set (Sheynin et al. 2023) as facebook/emu_edit_test_set: parquet rows with instruction, image, task, split, idx, input_caption, output_caption.

Rows are taken by their own `split` column, never by the name of a file: the set of published generations has test and validation
exchanged. There is no ground truth; generations of Emu Edit itself are results, not truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers.files import embedded, parquet_rows
from pixwright.evaluate.run.example import BenchmarkExample


def emu_edit(folder: Path) -> Iterator[BenchmarkExample]:
    """The test rows. Raises `InvalidOption` where the columns are others, or where no row says that it is of the test split."""
    empty = True
    for row in parquet_rows(folder):
        missing = [name for name in ("instruction", "task", "split", "idx") if row.get(name) is None]
        if missing:
            raise InvalidOption(f"{folder} is not Emu Edit's test set: a row has no {missing[0]!r}")
        if row["split"] != "test":
            continue
        empty = False
        yield BenchmarkExample(
            key=f"emu-{row['idx']}",
            instruction=row["instruction"],
            source=embedded(row, "image"),
            caption=row.get("output_caption") or "",
            source_caption=row.get("input_caption") or "",
            groups={"task": row["task"]},
            output=f"{row['idx']}.png",
        )
    if empty:
        raise InvalidOption(f"no row of {folder} has split 'test'; give the test set, not the validation set")
