"""Write docs/multimodal.jpg: twenty instructions with pictures and sounds by `instructany2pix`, first come, first shown, with the verdicts.

`python -m recipes.multimodal_sheet [--set NAME=VALUE ...]`, after `pixwright assets fetch fluent stamps music`. The list was written before the first of them was made. Shown are only pictures that may be:
scikit-image's own, Fluent Emoji (MIT) and this project's; sounds are heard and not shipped.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from pixwright.build.source.assets import folder_of
from pixwright.flow import Request, edit_picture
from pixwright.live.design import contact_sheet
from pixwright.media import load_attachment
from pixwright.records.instruction import Attachment, Instruction, PictureAttachment
from pixwright.systems import System, build

DOCS = Path(__file__).parent.parent / "docs"
COLUMNS, SIDE = 4, 640
PICTURES = {
    "coffee": data.coffee,
    "astronaut": data.astronaut,
    "cat": data.chelsea,
    "rocket": data.rocket,
    "stars": data.hubble_deep_field,
    "tissue": data.immunohistochemistry,
}
"""scikit-image's own: public domain or CC0."""
EDITS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("coffee", "add [1] and fit the mood of [2]", ("stamps:cow.ogg", "music:calm-03.flac")),
    ("astronaut", "fit the picture to [1]", ("music:energetic-09.flac",)),
    ("rocket", "fit the picture to [1]", ("music:sad-03.flac",)),
    ("cat", "fit the picture to [1]", ("music:romantic-07.flac",)),
    ("coffee", "add [1]", ("fluent:croissant.webp",)),
    ("coffee", "add [1] and [2]", ("fluent:croissant.webp", "fluent:cookie.webp")),
    ("rocket", "add [1] and [2]", ("picture:cat", "stamps:dog.ogg")),
    ("cat", "replace the cat with [1]", ("fluent:dog.webp",)),
    ("rocket", "replace the rocket with [1]", ("fluent:statue_of_liberty.webp",)),
    ("coffee", "change the picture to the style of [1]", ("picture:stars",)),
    ("astronaut", "change [1] to the style of [2]", ("picture:astronaut", "picture:tissue")),
    ("rocket", "transform [1] into a night scene with the sound of [2]", ("picture:rocket", "stamps:owl.ogg")),
    ("coffee", "modify the design of the picture based on [1]", ("music:epic-03.flac",)),
    ("astronaut", "add [1] and fit the picture to [2]", ("fluent:balloon.webp", "music:happy-05.flac")),
    ("rocket", "add [image:full moon] to [image:base:a rocket on its pad]", ()),
    ("cat", "fit [image:base:a cat] to [audio:upbeat electronic music]", ()),
    ("rocket", "fit the picture to [1]", ("stamps:lightningbolt.ogg",)),
    ("coffee", "remove [1] from [image:base:a cup on a table]", ("fluent:spoon.webp",)),
    ("astronaut", "change the background to [1] and fit the mood of [2]", ("picture:stars", "music:dreamy-09.flac")),
    ("rocket", "put [1] on the left and [2] on the right", ("fluent:pine_tree.webp", "fluent:palm_tree.webp")),
)


def attached(name: str) -> Attachment:
    """A picture of ours, or a fetched asset by its file's name."""
    source, _, file = name.partition(":")
    if source == "picture":
        return PictureAttachment(f"{file}.png", PICTURES[file]())
    found = sorted((folder_of(source) / "files").rglob(file))
    assert found, f"{name}: run pixwright assets fetch {source}"
    return load_attachment(found[0])


def made(picture: str, words: str, inputs: tuple[Attachment, ...], system: System) -> tuple[np.ndarray, str, str]:
    """The result, its verdict and what was said of it."""
    pixels = PICTURES[picture]()
    result = edit_picture(pixels, Request(Instruction(words, inputs)), system)
    said = "; ".join((*result.report.reasons, *result.notes))
    return result.picture[..., :3], str(result.report.verdict), said


def main() -> None:
    """All of them, in rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--output", type=Path, default=DOCS / "multimodal.jpg")
    parser.add_argument("--folder", type=Path, help="write every result at full size there, and what was said of it")
    given = parser.parse_args()
    inputs = [tuple(map(attached, names)) for _, _, names in EDITS]
    # The cut-outs that are put in are the package's own: what was fetched may be seen here and not shipped.
    os.environ["PIXWRIGHT_ASSETS"] = str(given.output.parent / "no-assets")
    system = build("instructany2pix", options=dict(text.split("=", 1) for text in given.set))
    shown: list[np.ndarray] = []
    for number, (picture, words, names) in enumerate(EDITS, 1):
        result, verdict, said = made(picture, words, inputs[number - 1], system)
        print(f"{number:2} {picture}: {words} {names}: {verdict}: {said}", flush=True)
        shown.append(result)
        if given.folder:
            given.folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(result).save(given.folder / f"{number:02d}.png")
            row = {
                "number": number,
                "picture": picture,
                "words": words,
                "attached": names,
                "verdict": verdict,
                "said": said,
            }
            with (given.folder / "said.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")
    rows = [shown[k : k + COLUMNS] for k in range(0, len(shown), COLUMNS)]
    labels = [f"{k * COLUMNS + 1} to {(k + 1) * COLUMNS}" for k in range(len(rows))]
    Image.fromarray(contact_sheet(rows, [""] * COLUMNS, labels)).save(given.output, quality=88)


if __name__ == "__main__":
    main()
