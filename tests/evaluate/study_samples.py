"""A small study to test with: drawn pictures of systems whose names are in their files' names and metadata."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SYSTEMS = ("zebrafinch", "quokkanet", "axolotlgan")
SECRET = "secretitem"


def write_items(folder: Path, count: int = 4, systems: tuple[str, ...] = SYSTEMS, failed: bool = False) -> Path:
    """The JSON-lines file of `count` items; with `failed`, the last system failed on the first item."""
    lines = []
    for number in range(count):
        names = {}
        for index, name in enumerate(("source", *systems)):
            rng = np.random.default_rng(number)
            pixels = np.full((48, 64, 3), 90 + 20 * index, np.uint8)
            pixels[rng.integers(5, 30) :, : rng.integers(10, 50)] = rng.integers(0, 255, 3)
            note = PngInfo()
            note.add_text("Software", name)
            names[name] = f"{name}/{SECRET}-{number}.png"
            path = folder / names[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, pnginfo=note)
        made: dict[str, str | None] = {name: names[name] for name in systems}
        if failed and number == 0:
            made[systems[-1]] = None
        row = {"id": f"{SECRET}-{number}", "source": names["source"], "systems": made}
        lines.append(json.dumps({**row, "instruction": f"make thing {number} <b>red</b>"}))
    path = folder / "items.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
