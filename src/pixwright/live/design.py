"""Music-inspired design: n pictures by m tracks on one sheet, or one picture by one track in several variations (InstructAny2Pix: appendix E.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pixwright.errors import InvalidAttachment, InvalidOption, OutputExists
from pixwright.flow import Request, edit_picture
from pixwright.live.performance import MUSIC, TEMPLATE
from pixwright.media import load_attachment, load_picture
from pixwright.media.pixels import on_white, shrink
from pixwright.records.instruction import Array, Instruction, SoundAttachment
from pixwright.systems import System

MOST = 400
"""Cells of a sheet."""
CELL, GAP, LINE = 320, 8, 26
"""Pixels: a cell's longer side, the space between cells, and the height of a line of words."""
_LETTERS, _WIDE = 14, 9
"""Height of letters, and about how wide each is."""
_PAPER, _INK = (250, 250, 250), (30, 30, 30)
SHEET = "sheet.png"


@dataclass(frozen=True)
class Cell:
    """One edit of the sheet."""

    picture: Path
    track: Path
    seed: int
    file: Path
    verdict: str
    said: tuple[str, ...]


def design(
    pictures: Sequence[Path],
    tracks: Sequence[Path],
    out: Path,
    system: System,
    *,
    template: str = TEMPLATE,
    variations: int = 1,
    seed: int = 0,
    force: bool = False,
    tell: Callable[[Cell], None] = lambda cell: None,
) -> tuple[Path, list[Cell]]:
    """Every picture by every track, `variations` times with seeds from `seed` on: a PNG each, and the sheet, whose path comes back with the cells.

    A row is a picture, a column a track; variations stand beside each other. Raises InvalidOption (no [1] in the template, more than 400 cells), OutputExists, InvalidAttachment (a track that is
    no sound) and what reading pictures and sounds raises, before anything is edited.
    """
    if "[1]" not in template:
        raise InvalidOption(f"--instruction {template!r} does not name the music; write [1] for it")
    count = len(pictures) * len(tracks) * variations
    if not 1 <= count <= MOST:
        raise InvalidOption(
            f"{len(pictures)} pictures, {len(tracks)} tracks and {variations} variations are {count} cells; 1 to {MOST} are made"
        )
    sheet = out / SHEET
    if sheet.exists() and not force:
        raise OutputExists(f"{sheet} is there already; give another folder with --output, or --force")
    shown = [load_picture(path).pixels for path in pictures]
    heard = [_track(path) for path in tracks]
    out.mkdir(parents=True, exist_ok=True)
    cells: list[Cell] = []
    made: list[list[Array]] = []
    for path, pixels in zip(pictures, shown, strict=True):
        row = [on_white(pixels)]
        for track, sound in zip(tracks, heard, strict=True):
            for number in range(seed, seed + variations):
                result = edit_picture(
                    pixels, Request(Instruction(template, (sound,)), seed=number, anyway=True), system
                )
                ending = f"-{number}" if variations > 1 else ""
                file = _free(out, f"{path.stem}-{track.stem}{ending}", {one.file for one in cells})
                Image.fromarray(result.picture).save(file)
                cells.append(Cell(path, track, number, file, str(result.report.verdict), result.notes))
                row.append(on_white(result.picture))
                tell(cells[-1])
        made.append(row)
    heads = [
        f"{track.stem}{f', {number}' if variations > 1 else ''}"
        for track in tracks
        for number in range(seed, seed + variations)
    ]
    Image.fromarray(contact_sheet(made, ["", *heads], [path.stem for path in pictures])).save(sheet)
    return sheet, cells


def contact_sheet(rows: Sequence[Sequence[Array]], heads: Sequence[str], names: Sequence[str]) -> Array:
    """Pictures HxWx3 in rows on paper, `heads` above the columns and `names` under the first of each row: HxWx3 uint8."""
    small = [[shrink(picture, CELL) for picture in row] for row in rows]
    width = GAP + len(heads) * (CELL + GAP)
    heights = [max(one.shape[0] for one in row) + LINE for row in small]
    page = Image.new("RGB", (width, LINE + sum(heights) + GAP * (len(rows) + 1)), _PAPER)
    draw, face = ImageDraw.Draw(page), ImageFont.load_default(_LETTERS)
    most = CELL // _WIDE
    for column, head in enumerate(heads):
        draw.text((GAP + column * (CELL + GAP), GAP), head[:most], _INK, face)
    top = LINE + GAP
    for row, name, height in zip(small, names, heights, strict=True):
        for column, picture in enumerate(row):
            page.paste(Image.fromarray(picture), (GAP + column * (CELL + GAP), top))
        draw.text((GAP, top + height - LINE), name[:most], _INK, face)
        top += height + GAP
    return np.asarray(page, np.uint8)


def _track(path: Path) -> SoundAttachment:
    sound = load_attachment(path)
    if not isinstance(sound, SoundAttachment):
        raise InvalidAttachment(f"--music {path} is a picture; give a sound: WAV, FLAC, OGG or MP3")
    return replace(sound, name=MUSIC)


def _free(folder: Path, stem: str, taken: set[Path]) -> Path:
    """A name that no other cell of this sheet has: two pictures of one name may lie in two folders."""
    path, number = folder / f"{stem}.png", 2
    while path in taken:
        path, number = folder / f"{stem}-{number}.png", number + 1
    return path
