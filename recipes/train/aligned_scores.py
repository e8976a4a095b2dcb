"""Print what the packaged aligned encoder finds on reserved rows, with chance beside it and what fails: the table of docs/multimodal.md.

    python -m recipes.train.aligned_scores --cache out/train/aligned/cache

The cache is that of `mini_aligned`; without one, its rows are made first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from recipes.train.recipes import mini_aligned

from pixwright.encoders.bundle import Encoders
from pixwright.train.aligned.latents import make_latents, read_latents
from pixwright.train.aligned.rows import SIDES
from pixwright.train.aligned.scores import Recall, score_heads
from pixwright.train.aligned.tasks import without_second_recordings

ABOUT = {
    "text_picture_concepts": "words to a picture, nouns never trained",
    "text_picture_files": "words to a picture, files never trained",
    "text_scene": "caption to a composed scene of reserved files",
    "music_mood": "piece to its mood, reserved pieces",
    "sound_picture_heard": "another collection's recording to a picture, animals known from one recording",
    "sound_picture_unheard": "recording to a picture, animals never heard",
}


def line(name: str, one: Recall) -> str:
    """A row of the table."""
    chance = f"{1 / one.among:.0%}, {min(5 / one.among, 1):.0%}"
    return f"| {ABOUT[name]} | {one.queries} | {one.among} | {one.first:.0%} | {one.five:.0%} | {chance} |"


def main() -> None:
    """Make what is missing, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("out/train/aligned/cache"))
    folder: Path = parser.parse_args().cache
    if not folder.is_dir():
        make_latents(folder, mini_aligned().aligned)
    rows = {side: read_latents(folder, side) for side in SIDES}
    rows["sound"] = without_second_recordings(rows["sound"])
    held = {side: [row for row in found if not row.trained] for side, found in rows.items()}
    kept = {side: [row for row in found if row.trained] for side, found in rows.items()}
    scores = score_heads(Encoders().aligned.project, held, folder, kept)
    print("| question | asked | among | first | five | chance |\n|---|---|---|---|---|---|")
    for name, one in scores.found.items():
        print(line(name, one))
    for name, one in scores.found.items():
        print(f"\n{ABOUT[name]}, not found: {', '.join(one.missed)}")


if __name__ == "__main__":
    main()
