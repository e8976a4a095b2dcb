"""Write docs/gallery.md: for every type at least two edits of photographs, with what the report says of each.

python recipes/gallery.py
"""

from __future__ import annotations

import shlex
from pathlib import Path

import cv2
import numpy as np

from cases import ASTRONAUT, CASES, CAT, COFFEE, ROCKET, Case
from pixwright.compare import comparison
from pixwright.flow import Request, edit_picture
from pixwright.media import load_attachment, load_picture
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.result import Result
from pixwright.systems import System, local

DOCS = Path(__file__).parents[1] / "docs"
SIDE = 640
"""Longer side of a gallery picture, both halves together."""


def run(case: Case, system: System) -> tuple[np.ndarray, Result]:
    """(before and after side by side, the result)."""
    pixels = load_picture(case.picture).pixels
    attachments = tuple(load_attachment(path) for path in case.attachments())
    result = edit_picture(pixels, Request(Instruction(case.instruction, attachments)), system)
    sheet = comparison(pixels, result)
    scale = SIDE / sheet.shape[1]
    return cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), result


OVERVIEW = (
    Case(EditType.BACKGROUND_CHANGE, ASTRONAUT, "change the background to a beach"),
    Case(EditType.COLOR_ALTER, COFFEE, "make the cup blue and put a croissant next to the cup"),
    Case(EditType.STYLE_CHANGE, CAT, "turn it into a watercolor"),
    Case(EditType.STYLE_CHANGE, ASTRONAUT, "make it look like a comic"),
    Case(EditType.TEXTUAL_CHANGE, ROCKET, 'write "LIFT OFF" at the top and add a full moon in the sky'),
    Case(EditType.MATERIAL_CHANGE, COFFEE, "make the cup out of marble"),
)
"""What the README shows."""


def overview(system: System) -> np.ndarray:
    """Before and after of six edits, each with its words: two columns."""
    cells = []
    for case in OVERVIEW:
        sheet, _ = run(case, system)
        cell = np.full((330, SIDE + 20, 3), 255, np.uint8)
        scale = min(SIDE / sheet.shape[1], 290 / sheet.shape[0])
        sheet = cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cell[: sheet.shape[0], : sheet.shape[1]] = sheet
        cv2.putText(cell, case.instruction, (2, sheet.shape[0] + 24), (30, 30, 34), cv2.FontFace("sans"), 18, 400)
        cells.append(cell[: sheet.shape[0] + 40])
    rows = []
    for left, right in zip(cells[::2], cells[1::2], strict=True):
        height = max(left.shape[0], right.shape[0])
        pad = [np.pad(c, ((0, height - c.shape[0]), (0, 0), (0, 0)), constant_values=255) for c in (left, right)]
        rows.append(np.hstack(pad))
    return np.vstack(rows)


def main() -> None:
    """The page and its pictures; the overview sheet for the README."""
    folder = DOCS / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    system = local()
    shown = cv2.cvtColor(overview(system), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(DOCS / "demo.jpg"), shown, [cv2.IMWRITE_JPEG_QUALITY, 88])
    lines = [
        "# Gallery",
        "",
        "Every edit type on photographs that ship with the project, made by `make gallery`: before (the touched region outlined) and after, and",
        'what the report said, failures included. Each is one command: `pixwright edit PICTURE "INSTRUCTION"`.',
        "",
    ]
    for kind in EditType:
        lines += [f"## {kind}", ""]
        for number, case in enumerate((c for c in CASES if c.type is kind), 1):
            sheet, result = run(case, system)
            name = f"{kind}-{number}.jpg"
            cv2.imwrite(str(folder / name), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
            report = result.report
            attached = "".join(f" --attach {p.name}" for p in case.attachments())
            said = (
                "; ".join(report.reasons)
                or f"{report.changed_fraction:.0%} of the pixels changed, largest difference outside {report.outside_max_difference}"
            )
            lines += [
                f"`pixwright edit {case.picture.name} {shlex.quote(case.instruction)}{attached}`",
                "",
                f"![{kind}](gallery/{name})",
                "",
                f"**{report.verdict}**: {said}",
                "",
            ]
            print(f"{kind:20} {report.verdict:9} {case.instruction}  {'; '.join(report.reasons)}")
    (DOCS / "gallery.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
