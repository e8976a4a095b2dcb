"""Draw the rows of a built set as they were rated by eye (docs/data-rated.md): before, after and the reference, with the words; an x where a row was not wanted.

python recipes/build/rated.py SET OUT.jpg FOLDER SEED [FOLDER SEED ...]

Each FOLDER was built with the seed behind it; SET and SEED name its ratings in tests/golden/build/rated.jsonl.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run.shard import read_shard
from pixwright.records.instruction import Array
from pixwright.records.sample import Sample

RATED = Path(__file__).parents[2] / "tests" / "golden" / "build" / "rated.jsonl"
SIDE, GAP, WORDS, COLUMNS = 104, 4, 44, 5
"""Pixels of a picture and between two; pixels of the words under them; pairs a line."""
_GREY, _RED, _INK = (120, 120, 126), (200, 30, 30), (30, 30, 34)
_LETTERS = 56
"""Letters in a line of words."""


def shown(pixels: Array) -> Array:
    """The picture within SIDE x SIDE on white."""
    scale = SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels[..., :3], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    out = np.full((SIDE, SIDE, 3), 255, np.uint8)
    out[: small.shape[0], : small.shape[1]] = small[:SIDE, :SIDE]
    return out


def cell(number: int, row: Sample, wanted: bool) -> Array:
    """A pair with its words."""
    seen = [row.source, row.edited, *(one.pixels for one in row.references[:1] if one.pixels is not None)]
    out = np.full((SIDE + WORDS, 3 * (SIDE + GAP), 3), 255, np.uint8)
    for place, pixels in enumerate(seen):
        out[:SIDE, place * (SIDE + GAP) : place * (SIDE + GAP) + SIDE] = shown(pixels)
    face = cv2.FontFace("sans")
    cv2.putText(
        out, f"{number}{'' if wanted else ' x'}  {row.type}", (0, SIDE + 12), _GREY if wanted else _RED, face, 11, 500
    )
    for place, line in enumerate(textwrap.wrap(row.reasoning or row.instruction, _LETTERS)[:2]):
        cv2.putText(out, line, (0, SIDE + 25 + 13 * place), _INK, face, 11, 500)
    return out


def cells_of(name: str, folder: Path, seed: int) -> list[Array]:
    """All rows of a folder, with their ratings."""
    ratings = [json.loads(line) for line in RATED.read_text("utf-8").splitlines()]
    wanted = {one["n"]: one["wanted"] for one in ratings if (one["set"], one["seed"]) == (name, seed)}
    rows = [row for shard in sorted(folder.glob("shard-*.parquet")) for row in read_shard(shard)]
    return [cell(number, row, wanted[number]) for number, row in enumerate(rows)]


def main() -> None:
    """Draw all rows of the folders."""
    name, out, *built = sys.argv[1:]
    cells = [one for folder, seed in zip(built[::2], built[1::2]) for one in cells_of(name, Path(folder), int(seed))]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % COLUMNS)
    lines = [np.hstack(cells[start : start + COLUMNS]) for start in range(0, len(cells), COLUMNS)]
    cv2.imwrite(out, np.vstack(lines)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 62])


if __name__ == "__main__":
    main()
