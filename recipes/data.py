"""Write the sheets of docs/data.md: two pairs of every edit type, as `pixwright build anyedit` makes them, each with its instruction.

python recipes/data.py [SEED]
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run.recipe import anyedit
from pixwright.build.sets.anyedit import make
from pixwright.records.kind import EditType, Group
from pixwright.records.sample import Sample

DOCS = Path(__file__).parents[1] / "docs"
SIDE = 176
SHEETS = {"local": (Group.LOCAL,), "whole": (Group.GLOBAL, Group.CAMERA, Group.IMPLICIT), "visual": (Group.VISUAL,)}
INK = (30, 30, 34)


def fitted(pixels: np.ndarray) -> np.ndarray:
    """The picture within SIDE x SIDE on white."""
    scale = min(SIDE / pixels.shape[0], SIDE / pixels.shape[1])
    small = cv2.resize(pixels[..., :3], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    out = np.full((SIDE, SIDE, 3), 255, np.uint8)
    out[: small.shape[0], : small.shape[1]] = small[:SIDE, :SIDE]
    return out


def cell(sample: Sample) -> np.ndarray:
    """Before, after and the reference, with type and instruction under them."""
    shown = [sample.source, sample.edited, *(one.pixels for one in sample.references[:1] if one.pixels is not None)]
    height = max(round(p.shape[0] * min(SIDE / p.shape[0], SIDE / p.shape[1])) for p in shown)
    out = np.full((height + 50, 3 * (SIDE + 6) + 10, 3), 255, np.uint8)
    for place, pixels in enumerate(shown):
        out[:height, place * (SIDE + 6) : place * (SIDE + 6) + SIDE] = fitted(pixels)[:height]
    face = cv2.FontFace("sans")
    cv2.putText(out, str(sample.type), (0, height + 15), (120, 120, 126), face, 12, 400)
    for number, line in enumerate(textwrap.wrap(sample.instruction, 74)[:2]):
        cv2.putText(out, line, (0, height + 30 + 15 * number), INK, face, 13, 500)
    return out


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Cells, two a row."""
    lines = []
    for row in rows:
        tall = max(one.shape[0] for one in row)
        padded = [np.vstack([one, np.full((tall - one.shape[0], *one.shape[1:]), 255, np.uint8)]) for one in row]
        lines.append(np.hstack(padded))
    return np.vstack(lines)


def main() -> None:
    """Make 52 pairs and draw the sheets."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    recipe = anyedit().model_copy(update={"seed": seed, "count": 52, "size": 256})
    kept = [row for row in make(recipe, 0, 52) if isinstance(row, Sample) and not row.rejected]
    for name, groups in SHEETS.items():
        kinds = [kind for kind in EditType if kind.group in groups]
        rows = [[cell(row) for row in kept if row.type == kind] for kind in kinds]
        missing = [kind for kind, row in zip(kinds, rows, strict=True) if len(row) < 2]
        if missing:
            sys.exit(f"seed {seed} left a place of {', '.join(missing)} empty; try another")
        path = DOCS / f"data-{name}.jpg"
        picture = cv2.cvtColor(sheet(rows), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 86])
        print(path)


if __name__ == "__main__":
    main()
