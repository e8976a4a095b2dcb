"""From folders that `pixwright evaluate` wrote to the items of a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.evaluate.run.suites import open_suite
from pixwright.evaluate.run.task import EDITS, read_record
from pixwright.evaluate.study.items import Item, plain_png
from pixwright.journal import read_journal


def study_from(
    folders: Sequence[Path], data: Path | None = None, limit: int | None = None, seed: int = 0
) -> list[Item]:
    """What several runs of one suite have in common, at most `limit` items drawn by `seed`; `data` as for `pixwright evaluate`.

    A system is called as its run says, or by its folder where two runs are of the same system. An edit that failed shows what the run
    kept: the unchanged picture. Of a chain of turns its first picture and all its instructions are shown. Raises `InvalidOption` if the
    folders are no runs, are of several suites, or have nothing in common.
    """
    records = [read_record(folder) for folder in folders]
    suites = {(str(record["suite"]), str(record["data"])) for record in records}
    if len(suites) != 1:
        raise InvalidOption(
            f"the folders hold runs of {sorted(suites)}; a study compares systems on one suite's same data"
        )
    ((suite, _),) = suites
    names = _names(folders, [str(record["system"]) for record in records])
    edits = [_rows(folder) for folder in folders]
    common = [key for key in edits[0] if all(key in rows for rows in edits)]
    if not common:
        raise InvalidOption("the runs have no counted example in common; run them with the same --limit")
    if limit is not None and limit < len(common):
        kept = np.random.default_rng([seed, 8]).choice(len(common), limit, replace=False)
        common = [common[index] for index in sorted(int(value) for value in kept)]
    # A run's record calls a suite by its title, "NAME" or "NAME (mini split)".
    examples = open_suite(suite.split(" ")[0], data).examples()
    made = {
        key: {
            name: folder / "pictures" / rows[key]["file"]
            for name, folder, rows in zip(names, folders, edits, strict=True)
        }
        for key in common
    }
    return _items(examples, made)


def _items(examples: Iterable[BenchmarkExample], made: dict[str, dict[str, Path]]) -> list[Item]:
    """In the data set's order; a chain's turns come in order, so that what a turn follows has been seen."""
    words: dict[str, tuple[str, ...]] = {}
    first: dict[str, BenchmarkExample] = {}
    found = []
    for example in examples:
        words[example.key] = (*words.get(example.previous, ()), example.instruction)
        first[example.key] = first.get(example.previous, example)
        if example.key in made:
            source = plain_png(pixels_of(first[example.key].source))
            asked = words[example.key]
            text = asked[0] if len(asked) == 1 else "\n".join(f"{turn}. {one}" for turn, one in enumerate(asked, 1))
            found.append(Item(example.key, text, source, dict(made[example.key]), example.attachments))
    if len(found) < len(made):
        raise InvalidOption(
            f"the data set lacks {len(made) - len(found)} examples of the runs; give the data of the runs"
        )
    return found


def _names(folders: Sequence[Path], systems: list[str]) -> list[str]:
    names = systems if len(set(systems)) == len(systems) else [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        raise InvalidOption(f"two of the folders are called {sorted(names)}; rename one, the study needs names")
    return names


def _rows(folder: Path) -> dict[str, dict[str, Any]]:
    return {str(row["key"]): row for row in read_journal(folder / EDITS) if row.get("counted", True) and "key" in row}
