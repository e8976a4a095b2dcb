"""A store with the tiny networks of tests/golden/parts in the places of the pulled ones."""

import shutil
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "parts"


def stored(home, *names, kind="planted"):
    """Put networks of a kind (`planted`, `random`, `nan`, `bright`) into the store's folder; all of them without names."""
    for folder in sorted((GOLDEN / kind).iterdir()):
        if not names or folder.name in names:
            shutil.copytree(folder, Path(home) / folder.name)
