"""InstructPix2Pix's data set (Brooks et al. 2023): `seeds.json` lists (folder, seeds); a folder holds `prompt.json` and `SEED_0.jpg`, `SEED_1.jpg`.

The test split is the last 5 % of that list, one seed a folder (timothybrooks/instruct-pix2pix: `edit_dataset.py`, 90/5/5).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers.files import beside, read_json
from pixwright.evaluate.run.example import BenchmarkExample

TRAIN_AND_VALIDATION = 0.95


def instruct_pix2pix(folder: Path) -> Iterator[BenchmarkExample]:
    """The test split's first pair of each prompt. Raises `InvalidOption` for another layout."""
    listed = read_json(folder / "seeds.json", "InstructPix2Pix's list of folders and seeds")
    for entry in listed[math.floor(TRAIN_AND_VALIDATION * len(listed)) :]:
        try:
            name, seeds = str(entry[0]), [str(seed) for seed in entry[1]]
        except (TypeError, IndexError, KeyError):
            raise InvalidOption(f"{folder / 'seeds.json'} holds {entry!r}; an entry is [folder, [seeds]]") from None
        prompt = read_json(folder / name / "prompt.json", "a prompt with input, edit and output")
        if not seeds or any(part not in prompt for part in ("input", "edit", "output")):
            raise InvalidOption(f"{folder / name} lacks seeds, or input, edit or output in its prompt.json")
        yield BenchmarkExample(
            key=f"{name}-{seeds[0]}",
            instruction=prompt["edit"],
            source=beside(folder, f"{name}/{seeds[0]}_0.jpg"),
            target=beside(folder, f"{name}/{seeds[0]}_1.jpg"),
            caption=prompt["output"],
            source_caption=prompt["input"],
            output=f"{name}.png",
        )
