"""Make docs/scene.jpg: edits of the example scenes, each from two sides, before above and after below.

python recipes/scenes/shown.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.edit import SceneJob, edit_scene
from pixwright.scene3d.splats.gaussians import gaussians_of
from pixwright.scene3d.splats.ply import read_ply
from pixwright.scene3d.splats.render import render
from pixwright.systems import build

ROOT = Path(__file__).parents[2]
SHOWN = (
    ("table-vase", "make the vase gold"),
    ("table-vase", "make the vase out of marble"),
    ("table-vase", "remove the ball"),
    ("table-vase", "turn it into an oil painting"),
    ("table-teapot", "put a hat on the teapot"),
    ("table-vase", "replace the vase with a teddy bear"),
    ("table-teapot", 'write "TEA" on the teapot'),
    ("table-vase", "change the background to a beach"),
)
SIDE, SIDES, EVERY = 200, (0, 5), 16
"""Pixels of a picture; which of so many cameras of an orbit are shown."""
_LINE, _FONT = 20, 0.42
_QUALITY = 90


def main() -> None:
    """Edit, draw, and say what became of each."""
    system, columns = build("local"), []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, words) in enumerate(SHOWN):
            source = ROOT / "examples" / "scenes" / f"{name}.ply"
            done = edit_scene(SceneJob(source, words, Path(folder) / f"{number}.ply"), system)
            print(f"{name}: {words}")
            print("\n".join(f"  {line}" for line in done.report.lines()), flush=True)
            columns.append(column(words, source, done.output or source))
    half = len(columns) // 2
    sheet = np.vstack([np.hstack(columns[:half]), np.hstack(columns[half:])])
    Image.fromarray(sheet).save(ROOT / "docs" / "scene.jpg", quality=_QUALITY)


def column(words: str, before: Path, after: Path) -> np.ndarray:
    """The words, and below them two views before and two after."""
    scenes = [gaussians_of(read_ply(path)) for path in (before, after)]
    cameras = orbit(*scenes[0].box(), EVERY, SIDE)
    rows = [np.hstack([render(scene, cameras[side]) for side in SIDES]) for scene in scenes]
    title = np.full((_LINE, rows[0].shape[1], 3), 255, np.uint8)
    cv2.putText(title, words, (4, _LINE - 6), cv2.FONT_HERSHEY_SIMPLEX, _FONT, (0, 0, 0), 1, cv2.LINE_AA)
    return np.pad(np.vstack([title, *rows]), ((0, 4), (0, 4), (0, 0)), constant_values=255)


if __name__ == "__main__":
    main()
