"""Run the fixed list of edits that strangers' eyes rate, make blind sheets of it, and print the table of grades.

    python recipes/photos.py
    python recipes/rated_edits.py run out/rated                 # 120 results, some minutes
    python recipes/rated_edits.py sheets out/rated              # before | after, without verdicts
    python recipes/rated_edits.py table out/rated GRADES.jsonl  # {"id": "h001", "grade": "B"} a line

The list is `tests/golden/judge/test.jsonl`, written before the work that it measures, over photographs that nobody tuned to. Pictures are reduced to 768 px, the seed is 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

import pixwright
from pixwright.errors import PixwrightError

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "golden" / "judge" / "test.jsonl"
PHOTOS = ROOT / ".cache" / "photos"
LONG_SIDE, SHOWN, PAIRS = 768, 360, 6
GOOD = ("A", "B")


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def photograph(name: str) -> Image.Image:
    """Upright RGB, its longer side at most LONG_SIDE."""
    image = ImageOps.exif_transpose(Image.open(PHOTOS / name)).convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return image


def run(folder: Path) -> None:
    """Edit every row; what is there already is kept. A row whose words are not understood has a verdict and no picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows(LIST):
        told = folder / f"{row['id']}.json"
        if told.exists():
            continue
        attachments = [np.asarray(photograph(name)) for name in row.get("attachments", ())]
        try:
            result = pixwright.edit(np.asarray(photograph(row["photo"])), row["instruction"], attachments=attachments)
        except PixwrightError as error:
            told.write_text(json.dumps({"verdict": "not_done", "reasons": [str(error)]}))
            continue
        Image.fromarray(result.picture).save(folder / f"{row['id']}.png")
        told.write_text(result.report.model_dump_json())
        print(row["id"], result.report.verdict, flush=True)


def sheets(folder: Path) -> None:
    """Pairs in order, PAIRS a sheet, with number and words; nothing of what the program thinks of them."""
    listed = rows(LIST)
    for start in range(0, len(listed), PAIRS):
        sheet = Image.new("RGB", (4 * SHOWN + 40, 3 * (SHOWN + 50)), "white")
        draw = ImageDraw.Draw(sheet)
        for n, row in enumerate(listed[start : start + PAIRS]):
            x, y = n % 2 * (2 * SHOWN + 20), n // 2 * (SHOWN + 50)
            before, file = photograph(row["photo"]), folder / f"{row['id']}.png"
            after = Image.open(file).convert("RGBA") if file.exists() else before.convert("RGBA")
            after = Image.alpha_composite(Image.new("RGBA", after.size, "magenta"), after).convert("RGB")
            for k, image in enumerate((before, after)):
                image.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
                sheet.paste(image, (x + k * (SHOWN + 5), y))
            draw.text((x, y + SHOWN + 5), f"{row['id']}  {row['instruction']}", fill="black")
        sheet.save(folder / f"sheet-{start // PAIRS + 1:02d}.jpg", quality=88)


def table(folder: Path, graded: Path) -> str:
    """Grades by type, and how many verdicts `done` a stranger would not give."""
    grades = {row["id"]: row["grade"] for row in rows(graded)}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("A", "B", "C", "D", "done", "false"), 0))
    for row in rows(LIST):
        done = json.loads((folder / f"{row['id']}.json").read_text())["verdict"] == "done"
        for name in (row["type"], "all"):
            counts[name][grades[row["id"]]] += 1
            counts[name]["done"] += done
            counts[name]["false"] += done and grades[row["id"]] not in GOOD
    lines = ["| type | A | B | C | D | A or B | called done | of these not good |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for name, c in sorted(counts.items(), key=lambda item: item[0] == "all"):
        good = (c["A"] + c["B"]) / sum(c[grade] for grade in "ABCD")
        lines.append(
            f"| {name} | {c['A']} | {c['B']} | {c['C']} | {c['D']} | {good:.0%} | {c['done']} | {c['false']} |"
        )
    return "\n".join(lines)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "sheets", "table"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("grades", type=Path, nargs="?")
    given = parser.parse_args()
    if given.what == "run":
        run(given.folder)
    elif given.what == "sheets":
        sheets(given.folder)
    elif given.grades is None:
        sys.exit("table needs the file of grades")
    else:
        print(table(given.folder, given.grades))


if __name__ == "__main__":
    main()
