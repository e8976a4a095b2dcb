"""The gallery of looks that music is shown by: `python -m recipes.looks [--sheet FILE]`.

Every row of looks.tsv is a piece of music in words, and the picture that stands for it: a scene of the project's own, in tones and a style of its own editors. Of each picture only the
style vector is kept (`encoders.stylist`), beside the words, in `edit/data/music_looks.npz`. At work the words go through the aligned encoder that is there, so that a new
training of it needs no new gallery.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pixwright.edit.editors.style_change import stylise
from pixwright.edit.painting.scenery import paint
from pixwright.edit.toning.grade import apply_grade, grade_named
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import STYLES

HERE = Path(__file__).parent
OUT = HERE.parent / "src/pixwright/edit/data/music_looks.npz"
SIDE = 512
SEEDS = 2
"""Pictures of every row: the same words, another draw."""


def rows() -> list[tuple[str, str, list[str], str]]:
    """(words, scene, grades and styles that it goes through, last style)."""
    lines = (line.split("\t") for line in (HERE / "looks.tsv").read_text("utf-8").splitlines())
    return [(words, scene, through.split(","), style) for words, scene, through, style in lines]


def picture_of(scene: str, grades: list[str], style: str, seed: int) -> Array:
    """The scene, graded and painted."""
    rng = np.random.default_rng(seed)
    made = paint(scene, SIDE, SIDE, rng)
    for name in grades:
        if name in STYLES:
            made = stylise(made, name, rng)
        else:
            made = apply_grade(made, grade_named(name), rng)
    return stylise(made, style, rng)


def main() -> None:
    """Paint, look, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, help="write the pictures on one sheet, to be looked at")
    given = parser.parse_args()
    encoders = Encoders()
    words, styles, shown = [], [], []
    for text, scene, grades, style in rows():
        for seed in range(SEEDS):
            picture = picture_of(scene, grades, style, seed)
            words.append(text)
            styles.append(encoders.stylist.style_of(picture))
            shown.append(picture[::4, ::4])
        print(text, flush=True)
    np.savez_compressed(OUT, words=np.array(words), styles=np.stack(styles).astype(np.float16))
    print(f"{OUT}: {len(words)} looks, {OUT.stat().st_size:,} bytes")
    if given.sheet:
        from PIL import Image

        across = 12
        blank = np.zeros_like(shown[0])
        shown += [blank] * (-len(shown) % across)
        grid = np.concatenate([np.concatenate(shown[k : k + across], 1) for k in range(0, len(shown), across)])
        Image.fromarray(grid).save(given.sheet)


if __name__ == "__main__":
    main()
