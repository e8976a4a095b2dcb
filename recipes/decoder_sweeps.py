"""Figures A.9 to A.11 of InstructAny2Pix in kind: what alpha, guidance and refinement do to one picture and its music.

`python -m recipes.decoder_sweeps PICTURE MUSIC --output DIR [--set NAME=VALUE ...]` writes a sheet for each option (a row of pictures, one a value) and sweeps.csv: for every value how near the
result is to the vector of the picture to be (the paper's CLIP_out) and to the source's (its CLIP_im), both cosines in the aligned space of the package. With `--set views=FILE` the
decoder paints, otherwise the style network.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

from pixwright.encoders.bundle import Encoders
from pixwright.flow import Request, edit_picture
from pixwright.live.design import contact_sheet
from pixwright.media import load_attachment, load_picture
from pixwright.records.instruction import Instruction, SoundAttachment
from pixwright.systems import build

SWEEPS = {
    "alpha": ("0", "0.25", "0.5", "0.75", "1"),
    "guidance": ("1", "3", "5", "7.5", "10"),
    "score": ("0", "4", "6.5", "9"),
    "h": ("1,0,0", "0.5,0.5,0", "0,1,0", "0,0.4,1", "0.4,0.6,0.4"),
    "norm": ("5", "10", "20", "40"),
    "subject": ("0", "0.35", "0.65", "1"),
    "strength": ("0", "0.5", "1", "1.5"),
}
"""Option -> values. Figure A.9 is alpha, A.10 guidance, A.11 both with refinement (`score`; 0 leaves it out)."""
PAINTED = ("guidance", "norm", "subject", "strength")
"""What only the decoder hears."""
WORDS = "modify the design of the picture based on [1]"


def main() -> None:
    """Every option that counts, value by value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("music", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    fixed = dict(text.split("=", 1) for text in given.set)
    encoders = Encoders()
    pixels, sound = load_picture(given.picture).pixels[..., :3], load_attachment(given.music)
    assert isinstance(sound, SoundAttachment), "the second file is a sound"
    wanted = encoders.aligned.music(sound.samples, sound.rate)
    source = encoders.aligned.picture(pixels)
    given.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, values in SWEEPS.items():
        if name in PAINTED and "views" not in fixed:
            continue
        shown = [pixels]
        for value in values:
            system = build("instructany2pix", encoders, {**fixed, name: value})
            result = edit_picture(pixels, Request(Instruction(WORDS, (sound,))), system)
            shown.append(result.picture[..., :3])
            vector = encoders.aligned.picture(np.ascontiguousarray(shown[-1]))
            change = float(np.abs(shown[-1].astype(np.float32) - pixels).mean())
            rows.append(
                (name, value, round(float(vector @ wanted), 4), round(float(vector @ source), 4), round(change, 2))
            )
            print(*rows[-1], flush=True)
        sheet = contact_sheet([shown], ["source", *(f"{name} {value}" for value in values)], [given.picture.stem])
        Image.fromarray(sheet).save(given.output / f"{name}.png")
    with (given.output / "sweeps.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [("option", "value", "nearness_to_wanted", "nearness_to_source", "mean_change"), *rows]
        )


if __name__ == "__main__":
    main()
