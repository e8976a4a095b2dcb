"""Write docs/systems.jpg: twelve edits by `anysd` and eight by `instructedit`, first come, first shown, with the verdicts; or twenty by `reasonpix2pix`.

python recipes/systems_sheet.py [--set NAME=VALUE ...]      # weights=FOLDER for others than the packaged mini ones
python recipes/systems_sheet.py --systems reasonpix2pix --output docs/reasonpix2pix.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from gallery import DOCS

from cases import ASTRONAUT, CASES, CAT, COFFEE, ROCKET
from pixwright import systems
from pixwright.flow import Request, edit_picture
from pixwright.media import load_attachment, load_picture
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType

WIDTH, HEIGHT, COLUMNS = 300, 240, 4
EDITS = {
    "anysd": (
        (COFFEE, "make it night"),
        (CAT, "make it look like a sunset"),
        (ASTRONAUT, "change the background to a beach"),
        (ROCKET, "make it winter"),
        (COFFEE, "make the cup blue"),
        (CAT, "turn it into a watercolor"),
        (ASTRONAUT, "turn it into a sketch"),
        (ROCKET, "remove the rocket"),
        (COFFEE, "add a croissant next to the cup"),
        (CAT, "make the cat out of gold"),
        (COFFEE, "extend the picture to the left"),
        (ASTRONAUT, ""),
    ),
    "instructedit": (
        (COFFEE, "make the cup blue"),
        (CAT, "replace the cat with a dog"),
        (ASTRONAUT, "change the background to a beach"),
        (ROCKET, "turn the sky purple"),
        (COFFEE, "make the cup out of gold"),
        (CAT, "make the cat white"),
        (ASTRONAUT, "make it look like a comic"),
        (COFFEE, "replace the cup with a cupcake"),
    ),
    "reasonpix2pix": (
        (ROCKET, "it is the middle of the night"),
        (COFFEE, "the first birds are awake, and light creeps up in the east"),
        (ASTRONAUT, "he has a formal meeting to attend"),
        (CAT, "the cat was painted like a wizard's cloak"),
        (ROCKET, "polar bears would feel at home here"),
        (COFFEE, "the cup could hide beside a ripe tomato"),
        (ASTRONAUT, "behind her there is no water for a hundred miles"),
        (CAT, "somebody let the cat out"),
        (ROCKET, "the engineers need the plans"),
        (COFFEE, "the doctor said no more coffee"),
        (CAT, "it is an early 3d game"),
        (ROCKET, "the photograph is from grandfather's album"),
        (COFFEE, "the cup came from the joiner's workshop"),
        (ASTRONAUT, "this belongs among the old masters"),
        (COFFEE, "make it night"),
        (CAT, "turn it into a watercolor"),
        (ASTRONAUT, "change the background to a beach"),
        (ROCKET, "make it winter"),
        (COFFEE, "make the cup blue"),
        (CAT, "remove the cat"),
    ),
}
"""The empty instruction is the gallery's first style transfer, which brings its reference."""


def cell(path: Path, words: str, system: systems.System) -> np.ndarray:
    """One result with its words and verdict, HEIGHT + 40 high."""
    attached: tuple[Path, ...] = ()
    if not words:
        case = next(
            one
            for one in CASES
            if one.type is EditType.STYLE_TRANSFER and one.attachments()[0].suffix in (".png", ".jpg")
        )
        words, attached = case.instruction, tuple(case.attachments())
    pixels = load_picture(path).pixels
    result = edit_picture(pixels, Request(Instruction(words, tuple(map(load_attachment, attached)))), system)
    shown = result.picture[..., :3]
    scale = min((WIDTH - 8) / shown.shape[1], HEIGHT / shown.shape[0])
    small = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    sheet = np.full((HEIGHT + 44, WIDTH, 3), 255, np.uint8)
    sheet[: small.shape[0], : small.shape[1]] = small
    for row, text in enumerate((words, f"{system.name}: {result.report.verdict.replace('_', ' ')}")):
        cv2.putText(sheet, text[:44], (2, HEIGHT + 16 + 20 * row), (30, 30, 34), cv2.FontFace("sans"), 14, 400)
    print(
        f"{system.name}: {words}: {result.report.verdict}: {'; '.join((*result.report.reasons, *result.notes))[:160]}"
    )
    return sheet


def main() -> None:
    """All of them, in rows of four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--systems", nargs="*", default=["anysd", "instructedit"], choices=list(EDITS))
    parser.add_argument("--output", type=Path, default=DOCS / "systems.jpg")
    given = parser.parse_args()
    options = dict(text.split("=", 1) for text in given.set)
    cells = []
    for name, edits in ((name, EDITS[name]) for name in given.systems):
        system = systems.build(
            name, None, {k: v for k, v in options.items() if k in systems.BUILDERS[name].options.model_fields}
        )
        cells += [cell(path, words, system) for path, words in edits]
    rows = [np.hstack(cells[at : at + COLUMNS]) for at in range(0, len(cells), COLUMNS)]
    cv2.imwrite(str(given.output), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
