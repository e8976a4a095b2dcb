"""Run a fixed list of edits that strangers' eyes rate, make blind sheets of it, and print the table of grades. One program, or two that are compared.

    python recipes/photos.py
    python recipes/rated_edits.py run out/after                      # 120 results, some minutes
    python recipes/rated_edits.py sheets out/after                   # the photograph and the result, without verdict
    python recipes/rated_edits.py table out/after --grades G.jsonl   # {"id": "k001", "grade": "B"} a line

    python recipes/rated_edits.py sheets out/before out/after                   # the photograph and both results, as X and Y by chance
    python recipes/rated_edits.py table out/before out/after --grades G.jsonl   # {"id": "k001", "x": "B", "y": "C"} a line

The list is the newest `tests/golden/judge/test*.jsonl`, or the one that `--list` names. It was written before the work that it measures, over photographs that nobody tuned to. Pictures are
reduced to 768 px, the seed is 0. To run another commit, put its `src` on PYTHONPATH; with an empty PIXWRIGHT_HOME nothing that was fetched takes part.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

import pixwright
from pixwright.errors import PixwrightError
from pixwright.systems import build

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "golden" / "judge"
PHOTOS = ROOT / ".cache" / "photos"
LONG_SIDE, SHOWN, LINES = 768, 400, 3
GOOD = ("A", "B")


def newest() -> Path:
    """The list with the highest number: test.jsonl, test2.jsonl, ..."""
    return max(LISTS.glob("test*.jsonl"), key=lambda path: int(re.sub(r"\D", "", path.stem) or 1))


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def photograph(name: str) -> Image.Image:
    """Upright RGB, its longer side at most LONG_SIDE."""
    image = ImageOps.exif_transpose(Image.open(PHOTOS / name)).convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return image


def run(listed: list[dict[str, Any]], folder: Path, keeping: bool) -> None:
    """Edit every row; what is there already is left. A row whose words are not understood has a verdict and no picture. `keeping`: with all that the judge saw."""
    from judging.kept import keep, recording

    folder.mkdir(parents=True, exist_ok=True)
    system, seen = recording(build("local"))
    for done, row in enumerate(listed, 1):
        told = folder / f"{row['id']}.json"
        if told.exists():
            continue
        attachments = [np.asarray(photograph(name)) for name in row.get("attachments", ())]
        seen.clear()
        try:
            result = pixwright.edit(
                np.asarray(photograph(row["photo"])), row["instruction"], attachments=attachments, system=system
            )
        except PixwrightError as error:
            told.write_text(json.dumps({"verdict": "not_done", "reasons": [str(error)]}))
            continue
        Image.fromarray(result.picture).save(folder / f"{row['id']}.png")
        told.write_text(result.report.model_dump_json())
        if keeping:
            keep(folder / f"{row['id']}.kept", result, seen)
        print(done, "of", len(listed), flush=True)


def result(folder: Path, row: dict[str, Any]) -> Image.Image:
    """What a program made of a row, on magenta where it is transparent; the photograph where it made nothing."""
    file = folder / f"{row['id']}.png"
    after = Image.open(file).convert("RGBA") if file.exists() else photograph(row["photo"]).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", after.size, "magenta"), after).convert("RGB")


def x_first(folders: list[Path], row: dict[str, Any]) -> list[Path]:
    """The folders in the order in which a rater sees their results: by a hash of the pictures, so nobody knows it who has not both."""
    return sorted(folders, key=lambda folder: hashlib.sha256(result(folder, row).tobytes()).digest())


def sheets(listed: list[dict[str, Any]], folders: list[Path]) -> None:
    """LINES rows a sheet, into the last folder: the photograph and what was made, with number and words; nothing of what a program thinks of it."""
    for start in range(0, len(listed), LINES):
        sheet = Image.new("RGB", ((len(folders) + 1) * (SHOWN + 5), LINES * (SHOWN * 3 // 4 + 20)), "white")
        draw = ImageDraw.Draw(sheet)
        for line, row in enumerate(listed[start : start + LINES]):
            y = line * (SHOWN * 3 // 4 + 20)
            images = [photograph(row["photo"]), *(result(folder, row) for folder in x_first(folders, row))]
            same = len(images) > 2 and images[1].tobytes() == images[2].tobytes()
            for k, image in enumerate(images[:2] if same else images):
                image.thumbnail((SHOWN, SHOWN * 3 // 4), Image.Resampling.LANCZOS)
                sheet.paste(image, (k * (SHOWN + 5), y))
            words = " ".join([row["id"], "", row["instruction"], *(f"[{name}]" for name in row.get("attachments", ()))])
            draw.text((0, y + SHOWN * 3 // 4 + 4), words + "   (X = Y)" * same, fill="black")
        sheet.save(folders[-1] / f"sheet-{start // LINES + 1:02d}.png")


def grades_of(listed: list[dict[str, Any]], folders: list[Path], graded: Path) -> dict[Path, dict[str, str]]:
    """Folder -> row -> grade, back from X and Y."""
    given = {row["id"]: row for row in rows(graded)}
    found: dict[Path, dict[str, str]] = {folder: {} for folder in folders}
    for row in listed:
        letters = given[row["id"]]
        for folder, name in zip(x_first(folders, row), ("x", "y") if len(folders) > 1 else ("grade",), strict=True):
            found[folder][row["id"]] = letters[name]
    return found


def auc(good: list[float], bad: list[float]) -> float:
    """How often a good result has the higher score than a bad one; a tie counts half."""
    wins = sum((a > b) + (a == b) / 2 for a in good for b in bad)
    return wins / max(1, len(good) * len(bad))


def counted(
    listed: list[dict[str, Any]], folder: Path, grades: dict[str, str]
) -> tuple[dict[str, Counter[str]], float]:
    """By type and for all: grades, verdicts `done`, those of them that a stranger would not give (false), good results without it (missed); and the score's AUC."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    scores: dict[bool, list[float]] = {True: [], False: []}
    for row in listed:
        told = json.loads((folder / f"{row['id']}.json").read_text())
        done, grade = told["verdict"] == "done", grades[row["id"]]
        good = grade in GOOD
        kinds = [grade] + ["rows"] + ["good"] * good + ["done"] * done
        kinds += ["false"] * (done and not good) + ["missed"] * (good and not done)
        for name in (row["type"], "all"):
            counts[name].update(kinds)
        if told["verdict"] != "not_done":
            scores[good].append(told["score"])
    return counts, auc(scores[True], scores[False])


def table(listed: list[dict[str, Any]], folders: list[Path], grades: dict[Path, dict[str, str]]) -> str:
    """The figures of one program, or of an earlier one and of this one beside each other; the best types first."""
    columns = ("A", "B", "C", "D", "good", "done", "false", "missed")
    made = [counted(listed, folder, grades[folder]) for folder in folders]
    now = made[-1][0]
    heads = [f"{name}{' before' if n < len(folders) - 1 else ''}" for n in range(len(folders)) for name in columns]
    lines = ["| " + " | ".join(["type", "rows", *heads]) + " |", "|---|" + "--:|" * (1 + len(heads))]
    for name in sorted(now, key=lambda name: (name == "all", -now[name]["good"] / now[name]["rows"])):
        figures = [str(counts[name][column]) for counts, _ in made for column in columns]
        lines.append("| " + " | ".join([name, str(now[name]["rows"]), *figures]) + " |")
    lines += [""] + [
        f"{folder}: AUC of the score over what was done at all {order:.2f}"
        for folder, (_, order) in zip(folders, made, strict=True)
    ]
    if len(folders) > 1:
        lines.append(_moves(listed, [grades[folder] for folder in folders]))
    return "\n".join(lines)


def _moves(listed: list[dict[str, Any]], grades: list[dict[str, str]]) -> str:
    """How many rows the second program does better, worse, the same."""
    old, new = ([given[row["id"]] for row in listed] for given in grades)
    better = sum(b < a for a, b in zip(old, new, strict=True))
    worse = sum(b > a for a, b in zip(old, new, strict=True))
    return f"{better} better than before, {worse} worse, {len(listed) - better - worse} of the same grade"


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "sheets", "table"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument(
        "--list", type=Path, default=newest(), help="the rows; the newest list of the goldens otherwise"
    )
    parser.add_argument("--grades", type=Path)
    parser.add_argument("--keep", action="store_true", help="keep what the judge saw, for recipes/fit_judge.py")
    given = parser.parse_args()
    listed = rows(given.list)
    if len(given.folders) > (1 if given.what == "run" else 2):
        parser.error("run takes one folder, sheets and table one or two")
    if given.what == "run":
        run(listed, given.folders[0], given.keep)
    elif given.what == "sheets":
        sheets(listed, given.folders)
    elif given.grades is None:
        parser.error("table needs --grades, the file of grades")
    else:
        print(table(listed, given.folders, grades_of(listed, given.folders, given.grades)))


if __name__ == "__main__":
    main()
