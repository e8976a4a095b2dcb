"""Measure an editor for `--system auto`, and write the table of acceptances by type.

    python recipes/auto.py local                                              # from the rated results: into the package
    python recipes/auto.py anysd --system anysd --each 5                      # the packaged mini weights, judged, five results of a type: into the package
    python recipes/auto.py mine  --system anysd --set weights=~/anysd --own   # one's own weights: into the store, for this user
    python recipes/auto.py mine  --system anysd --set weights=~/anysd --own --grades GRADES.jsonl   # ... with a person's grades: {"id", "grade"} a line
    python recipes/auto.py --table

The instructions are tests/golden/judge/dev2.jsonl on the photographs of recipes/photos.py (`--list` and `--photos` name others: rows with id, photo, instruction), at 640 pixels, seed 0. `--keep FOLDER` keeps the
pictures, so that a person can grade them: the same command with `--grades FILE` then counts them and edits nothing again. Where nobody did, a verdict counts by what it is worth: the share of rated results with that verdict that a person accepts (A or B). That was
measured on `local`; for a network that paints it is a guess, and only grades are better.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

import pixwright
from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError, UnclearInstruction
from pixwright.parse import parse
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.result import Verdict
from pixwright.systems.auto import FILE, read_table, told
from pixwright.weights.registry import home

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "judge"
PACKAGED = ROOT / "src" / "pixwright" / "systems" / FILE
LONG_SIDE = 640
GOOD = "AB"
DIGITS = 2
RESULTS = "results.jsonl"
"""In the folder of kept pictures: id, type and verdict of each."""

Row = dict[str, Any]


def lines_of(path: Path) -> list[Row]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def rated() -> list[Row]:
    """Rated results of today's editors, with what today's judge calls them: instruction, grade, verdict, steps."""
    return lines_of(GOLDEN / "rated.jsonl")


def worth() -> dict[str, float]:
    """Verdict -> the share of rated results with it that a person accepts."""
    shares: dict[str, list[bool]] = defaultdict(list)
    for row in rated():
        shares[row["verdict"]].append(row["grade"] in GOOD)
    return {verdict: float(np.mean(good)) for verdict, good in shares.items()} | {Verdict.NOT_DONE.value: 0.0}


def counted(results: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    """(type, accepted) of each result -> the table's pairs."""
    pairs: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    for kind, accepted in results:
        pairs[kind][0] += accepted
        pairs[kind][1] += 1
    return {kind: [round(pair[0], DIGITS), int(pair[1])] for kind, pair in sorted(pairs.items())}


def type_of(instruction: str, encoders: Encoders) -> str | None:
    """The type of the first step as the rules read it; None where they read nothing. No picture is looked at."""
    try:
        return parse(Instruction(instruction), None, encoders).steps[0].type.value
    except UnclearInstruction:
        return None


def from_grades(rows: Iterable[Row]) -> Iterator[tuple[str, float]]:
    """Rated results by type."""
    encoders = Encoders()
    for row in rows:
        heard = row["steps"][0]["kind"] if row["steps"] else ""
        # The judge's name for a type is sometimes one of its own.
        kind = heard if heard in set(EditType) else type_of(row["instruction"], encoders)
        if kind is not None:
            yield kind, float(row["grade"] in GOOD)


def from_run(given: argparse.Namespace, options: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Every row of the list, edited and judged, by type. What was kept of an earlier run is not made again: a run that was broken off goes on, and after a person's grades the second run counts."""
    kept = given.keep / RESULTS if given.keep else None
    rows = lines_of(kept) if kept and kept.exists() else []
    for row in _edited(given, options, {row["id"] for row in rows}):
        rows.append(row)
        if kept:
            kept.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    grades = {row["id"]: row["grade"] for row in lines_of(given.grades)} if given.grades else {}
    worths = worth()
    for row in rows:
        yield row["type"], float(grades[row["id"]] in GOOD) if row["id"] in grades else worths[row["verdict"]]


def some_of(rows: Iterable[Row], each: int) -> list[Row]:
    """The first so many rows of each type, a row of each in turn; none of a type that has fewer, which would decide nothing (`systems.auto.FEWEST`)."""
    encoders = Encoders()
    types: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        types[type_of(row["instruction"], encoders)].append(row)
    enough = [those[:each] for kind, those in types.items() if kind and len(those) >= each]
    return [row for turn in zip(*enough, strict=True) for row in turn]


def _edited(given: argparse.Namespace, options: dict[str, str], there: set[str]) -> Iterator[Row]:
    system = pixwright.systems.build(given.system, None, options)
    rows = [
        row for row in lines_of(given.list) if (given.photos / row["photo"]).exists() and not row.get("attachments")
    ]
    for row in some_of(rows, given.each) if given.each else rows[: given.limit]:
        if row["id"] in there:
            continue
        file = given.photos / row["photo"]
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
        try:
            result = pixwright.edit(np.asarray(image), row["instruction"], system=system)
        except PixwrightError as problem:
            print(row["id"], type(problem).__name__, flush=True)
            continue
        if given.keep:
            Image.fromarray(result.picture).save(given.keep / f"{row['id']}.png")
        step = result.report.steps[0]
        print(row["id"], step.type, result.report.verdict, round(step.score, DIGITS), flush=True)
        yield {"id": row["id"], "type": step.type.value, "verdict": result.report.verdict.value}


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="", help="of the editor in the table")
    parser.add_argument("--system", default="")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--list", type=Path, default=GOLDEN / "dev2.jsonl")
    parser.add_argument("--photos", type=Path, default=ROOT / ".cache" / "photos")
    parser.add_argument("--grades", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--each", type=int, metavar="N", help="the first N rows of each type alone")
    parser.add_argument("--own", action="store_true", help="into the store, not into the package")
    parser.add_argument("--table", action="store_true", help="print the table")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    if given.name:
        target = home() / FILE if given.own else PACKAGED
        stored = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        options = dict(pair.split("=", 1) for pair in given.set)
        results = from_run(given, options) if given.system else from_grades(rated())
        stored[given.name] = {"system": given.system or given.name, "options": options, "types": counted(results)}
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in stored.items()]
        target.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print("\n".join(told(read_table())))


if __name__ == "__main__":
    main()
