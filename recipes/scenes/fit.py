"""Make the example scenes: solids, traced from 24 cameras, become a few thousand Gaussians.

    python recipes/scenes/fit.py table-vase|table-teapot [--out FILE.ply]

Prints how well five other views are shown, and how long it took. No GPU and no torch.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from pixwright.build.scene.traced.splats import coloured, covered
from pixwright.build.scene.traced.things import banana, bottle, bowl, mug, sphere, table, teapot, vase
from pixwright.build.scene.traced.trace import SolidThing, trace
from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.splats.gaussians import as_rows
from pixwright.scene3d.splats.ply import new_scene, write_ply
from pixwright.scene3d.splats.render import render

SCENES: dict[str, list[tuple[SolidThing, int]]] = {
    "table-vase": [
        (table(1.0, (0.52, 0.33, 0.18)), 900),
        (vase((-0.42, 0.22), (0.06, 0.18, 0.5)), 1300),
        (sphere("ball", (-0.08, -0.5), 0.28, (0.7, 0.05, 0.04)), 600),
        (mug((0.5, 0.12), (0.85, 0.8, 0.68), 20), 1200),
    ],
    "table-teapot": [
        (table(1.0, (0.3, 0.2, 0.13)), 800),
        (teapot((-0.3, 0.3), (0.1, 0.42, 0.2), 200), 1500),
        (banana((-0.2, -0.55), (0.9, 0.62, 0.05), 10), 400),
        (bottle((0.5, 0.5), (0.35, 0.08, 0.06)), 600),
        (bowl((0.48, -0.25), (0.2, 0.35, 0.6)), 700),
    ],
}
"""Each with its things, the ground first, and how many Gaussians each gets."""
LOW, HIGH = np.array([-0.85, -0.85, -0.05]), np.array([0.85, 0.85, 0.95])
"""The box that the cameras go around."""
SIDE, TRAINED, TESTED = 256, 24, 5
ELEVATIONS, OTHER_ELEVATIONS = (12.0, 30.0, 50.0), (20.0, 40.0)


def main() -> None:
    """Trace, cover, colour, test and write."""
    name = sys.argv[1]
    out = Path(sys.argv[sys.argv.index("--out") + 1]) if "--out" in sys.argv else Path(f"examples/scenes/{name}.ply")
    things, counts = zip(*SCENES[name], strict=True)
    start, processor = time.perf_counter(), time.process_time()
    views = [trace(things, camera, 1) for camera in orbit(LOW, HIGH, TRAINED, SIDE, ELEVATIONS)]
    print(f"{TRAINED} views traced: {time.perf_counter() - start:.0f} s")
    plain = covered(things, counts).gaussians
    gaussians = coloured(plain, views)
    shown = [trace(things, camera, 2) for camera in orbit(LOW, HIGH, TESTED, SIDE, OTHER_ELEVATIONS)]
    for title, one in (("laid on the surfaces", plain), ("coloured by the views", gaussians)):
        print(f"{title}: {np.mean([psnr(render(one, view.camera), view.picture) for view in shown]):.2f} dB")
    empty = new_scene(len(gaussians), gaussians.degree)
    write_ply(empty.with_rows(as_rows(empty, np.arange(len(gaussians)), gaussians)), out, replace=True)
    print(
        f"{out}: {len(gaussians)} Gaussians, {out.stat().st_size:,} bytes; {time.perf_counter() - start:.0f} s, {time.process_time() - processor:.0f} s of one processor"
    )


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(np.float64) - other) ** 2)))


if __name__ == "__main__":
    main()
