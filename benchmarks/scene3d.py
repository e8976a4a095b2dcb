"""Scenes of Gaussians: how well things are lifted, how long an edit takes, whether views still agree, and what a million Gaussians cost.

    python benchmarks/scene3d.py [--quick] [--lifting] [--scene NAME] [--views N] [--million]

Truth of the lifting: the same solids traced from cameras that no edit saw. Everything is printed; nothing is written but scenes in a temporary folder.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.scene.traced.trace import trace
from pixwright.ground import from_box, from_points, see
from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.edit import SceneJob, edit_scene
from pixwright.scene3d.finding import find_pointed, find_thing
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.splats.gaussians import Gaussians, gaussians_of
from pixwright.scene3d.splats.ply import read_ply
from pixwright.scene3d.splats.render import picture_of, weights_of
from pixwright.scene3d.survey import Survey
from pixwright.scene3d.views import views_of
from pixwright.systems import build
from pixwright.words import read

ROOT = Path(__file__).parents[1]
_SPEC = importlib.util.spec_from_file_location("fit", ROOT / "recipes" / "scenes" / "fit.py")
assert _SPEC is not None and _SPEC.loader is not None
fit = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fit)

EDITS = {
    "table-vase": (
        "make the vase gold",
        "make the ball green",
        "make the vase marble",
        "remove the ball",
        "turn it into an oil painting",
        "replace the vase with a teddy bear",
        "change the background to a beach",
    ),
    "table-teapot": (
        "make the teapot red",
        "make the banana blue",
        "remove the banana",
        "put a hat on the teapot",
        'write "TEA" on the teapot',
    ),
}
"""What is edited, by scene."""
ROOM = 3
"""Pixels by which a box is drawn too large."""
HALF = 0.5
"""Coverage from which a pixel is a thing's."""
OTHERS, OTHER_ELEVATION = 6, (27.0,)
"""Cameras that no edit saw, for the truth."""


def lifting(name: str, count: int, side: int) -> None:
    """Intersection over union of each thing, found by its noun, and by a box and a point in the first view, with its exact mask in pictures that were not voted with."""
    things = [thing for thing, _ in fit.SCENES[name]]
    gaussians = gaussians_of(read_ply(ROOT / "examples" / "scenes" / f"{name}.ply"))
    cameras, system = orbit(*gaussians.box(), count, side), build("local")
    views = views_of(gaussians, cameras)
    pictures, eyes = views.pictures(gaussians), system.eyes()
    others = orbit(*gaussians.box(), OTHERS, side, OTHER_ELEVATION)
    first, *truth = (trace(things, camera, 1).labels for camera in (cameras[0], *others))
    shown = [weights_of(gaussians, camera) for camera in others]
    for number, thing in enumerate(things[1:], 2):
        named = find_thing(gaussians, views, pictures, read(thing.noun), eyes)
        box = around(first == number)
        scene = see(pictures[0], system.encoders)
        boxed, pointed = (
            find_pointed(gaussians, views, 0, one)
            for one in (from_box(scene, box), from_points(scene, [middle(first == number)]))
        )
        for way, found in (
            ("named", named),
            ("in a box of the first view", boxed),
            ("at a point of the first view", pointed),
        ):
            pairs = [
                (view == number, coverage(footprint, found.chosen) > HALF)
                for view, footprint in zip(truth, shown, strict=True)
            ]
            both, either = (sum(int(join(*pair).sum()) for pair in pairs) for join in (np.logical_and, np.logical_or))
            print(
                f"{name}: {thing.noun}, {way}: IoU {both / max(1, either):.3f} over {OTHERS} other views; {len(found.views)} of {count} views agreed; "
                f"{found.chosen.sum()} Gaussians",
                flush=True,
            )


def around(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The box of a mask HxW, with a few pixels of room: as a person would draw it."""
    (x0, y0, width, height), (rows, columns) = cv2.boundingRect(mask.astype(np.uint8)), mask.shape
    return max(0, x0 - ROOM), max(0, y0 - ROOM), min(columns, x0 + width + ROOM), min(rows, y0 + height + ROOM)


def middle(mask: np.ndarray) -> tuple[int, int]:
    """The pixel x, y of a mask HxW that is farthest from its rim: where a person would click."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return int(column), int(row)


def edits(name: str, count: int, side: int) -> None:
    """Each edit whole, from file to file."""
    system = build("local")
    with tempfile.TemporaryDirectory() as folder:
        for number, words in enumerate(EDITS[name]):
            job = SceneJob(
                ROOT / "examples" / "scenes" / f"{name}.ply",
                words,
                Path(folder) / f"{number}.ply",
                Survey(views=count, side=side),
            )
            wall, used = time.perf_counter(), time.process_time()
            report = edit_scene(job, system).report
            wall, used = time.perf_counter() - wall, time.process_time() - used
            (step,) = report.steps
            ratio = "-" if step.consistency_ratio is None else f"{step.consistency_ratio:.3f}"
            print(
                f"{name}: {words!r}: {step.verdict}; {report.changed} changed, {report.removed} removed; outside {report.outside_max_difference}; consistency {ratio}; one function of colour: {step.as_function}; {wall:.1f} s, {used:.1f} s of one processor; {'; '.join(step.reasons)}"
            )


def million(count: int = 1_000_000, side: int = 256) -> None:
    """One view of a million Gaussians of the third degree."""
    rng = np.random.default_rng(0)
    numbers = (
        rng.uniform(-1, 1, (count, 3)), rng.normal(size=(count, 4)), rng.uniform(-6, -4.5, (count, 3)), rng.normal(0, 2, count),
        rng.normal(0, 0.2, (count, 16, 3)),
    )  # fmt: skip
    gaussians = Gaussians(*(one.astype(np.float32) for one in numbers))
    (camera,) = orbit(*gaussians.box(), 1, side)
    used = time.process_time()
    footprint = weights_of(gaussians, camera)
    picture_of(gaussians, camera, footprint)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{count:,} Gaussians, {side} px: {time.process_time() - used:.1f} s of one processor a view, {len(footprint.values):,} weights; {memory:.1f} GB at most in all"
    )


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few small views of one scene: does it run")
    parser.add_argument("--lifting", action="store_true", help="the lifting alone")
    parser.add_argument("--scene", choices=tuple(EDITS), action="append")
    parser.add_argument("--views", type=int, default=16)
    parser.add_argument("--million", action="store_true", help="a million Gaussians as well")
    args = parser.parse_args()
    count, side = (6, 128) if args.quick else (args.views, 256)
    for name in args.scene or (["table-vase"] if args.quick else list(EDITS)):
        lifting(name, count, side)
        if not args.lifting:
            edits(name, count, side)
    if args.million:
        million()


if __name__ == "__main__":
    main()
