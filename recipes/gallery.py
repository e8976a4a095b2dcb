"""Write docs/gallery.md and docs/failures.md with their pictures, and docs/demo.jpg for the README; `shown.py` says what is on them.

python recipes/gallery.py
"""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from shown import FAILURES, OVERVIEW, SHOWN

from cases import Case
from pixwright.compare import comparison
from pixwright.flow import Request, edit_picture
from pixwright.media import load_attachment, load_picture
from pixwright.records.instruction import Instruction
from pixwright.records.result import Result
from pixwright.systems import System, local

DOCS = Path(__file__).parents[1] / "docs"
SIDE = 760
"""Longest width of a gallery picture, both halves together, in pixels."""
CELL = (640, 300)
"""Largest width and height of an edit in the README's sheet, in pixels."""
SQUARE, LIGHT, DARK = 12, 255, 215
"""Of the squares below what is transparent: side in pixels, the two greys."""
QUALITY = 86
"""Of the JPEG files."""


def run(case: Case, system: System) -> tuple[np.ndarray, Result]:
    """(the picture before, the result)."""
    pixels = load_picture(case.picture).pixels
    attachments = tuple(load_attachment(path) for path in case.attachments())
    return pixels, edit_picture(pixels, Request(Instruction(case.instruction, attachments)), system)


def fitted(sheet: np.ndarray, width: int, height: int) -> np.ndarray:
    """`sheet` in at most `width` x `height` pixels."""
    scale = min(width / sheet.shape[1], height / sheet.shape[0], 1)
    return cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def on_squares(result: Result) -> Result:
    """What is transparent shows grey squares."""
    if result.picture.shape[2] == 3:
        return result
    rows, columns = np.indices(result.picture.shape[:2]) // SQUARE
    ground = np.where((rows + columns)[..., None] % 2, LIGHT, DARK)
    alpha = result.picture[..., 3:] / np.float32(255)
    return replace(result, picture=np.asarray(result.picture[..., :3] * alpha + ground * (1 - alpha), np.uint8))


def save(path: Path, sheet: np.ndarray) -> None:
    """As a JPEG."""
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def overview(system: System) -> np.ndarray:
    """Before and after of six edits, each with its words: two columns."""
    cells = []
    for case in OVERVIEW:
        pixels, result = run(case, system)
        sheet = fitted(comparison(pixels, replace(result, effective_mask=None)), *CELL)
        cell = np.full((sheet.shape[0] + 40, CELL[0] + 20, 3), 255, np.uint8)
        cell[: sheet.shape[0], : sheet.shape[1]] = sheet
        cv2.putText(cell, case.instruction, (2, sheet.shape[0] + 24), (30, 30, 34), cv2.FontFace("sans"), 16, 400)
        cells.append(cell)
    rows = []
    for left, right in zip(cells[::2], cells[1::2], strict=True):
        height = max(left.shape[0], right.shape[0])
        pad = [np.pad(c, ((0, height - c.shape[0]), (0, 0), (0, 0)), constant_values=255) for c in (left, right)]
        rows.append(np.hstack(pad))
    return np.vstack(rows)


def entry(case: Case, name: str, folder: Path, system: System) -> list[str]:
    """The lines of one edit; its picture is saved as `name`.jpg."""
    pixels, result = run(case, system)
    save(folder / f"{name}.jpg", fitted(comparison(pixels, on_squares(result)), SIDE, SIDE))
    report = result.report
    said = "; ".join(report.reasons) or f"{report.changed_fraction:.0%} of the pixels changed, the others not by a bit"
    attached = "".join(f" --attach {path.name}" for path in case.attachments())
    print(f"{name:14} {report.verdict:9} {case.instruction}  {'; '.join(report.reasons)}", flush=True)
    return [
        f"`pixwright edit {case.picture.name} {shlex.quote(case.instruction)}{attached}`",
        "",
        f"![{case.type}](gallery/{name}.jpg)",
        "",
        f"The report: **{report.verdict}**, {said}",
        "",
    ]


def main() -> None:
    """Both pages and their pictures; the overview sheet for the README."""
    folder = DOCS / "gallery"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    system = local()
    save(DOCS / "demo.jpg", overview(system))
    lines = [
        "# Gallery",
        "",
        "Edits that work, on the photographs of `examples/`: before (the touched region outlined), after (squares are transparent), and what the report said.",
        "Each is one command, run in `examples/`, with nothing drawn or marked by hand. They were chosen: [what fails](failures.md) has a page of its own. `make gallery` makes both pages. Who took the photographs: [examples/README.md](../examples/README.md).",
        "Attached music is made by `recipes/cases.py`.",
        "",
    ]
    for chapter, (heading, cases) in enumerate(SHOWN.items(), 1):
        lines += [f"## {heading}", ""]
        for number, case in enumerate(cases, 1):
            lines += entry(case, f"shown-{chapter}-{number}", folder, system)
    (DOCS / "gallery.md").write_text("\n".join(lines), encoding="utf-8")
    lines = [
        "# What fails",
        "",
        "Edits that come out badly now, each of a kind that fails often: before, after, why, and what the report said. The report does not always notice. Who took the photographs: [examples/README.md](../examples/README.md).",
        "",
    ]
    for number, (case, why) in enumerate(FAILURES, 1):
        shown = entry(case, f"failure-{number}", folder, system)
        lines += [*shown[:4], f"Why: {why}", "", *shown[4:]]
    (DOCS / "failures.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
