"""Run a training recipe, on one process or under `accelerate launch -m`. Its examples are made first, as far as they are missing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from recipes.train.recipes import RUNS

from pixwright.evaluate.metrics.brisque import brisque
from pixwright.records.instruction import Array
from pixwright.train.config import Run
from pixwright.train.start import train


def configured(given: Any) -> Run:
    """The recipe with what the command line says otherwise."""
    run = RUNS[given.name]()
    if given.toy:
        run = toy(run)
    length: dict[str, Any] = {"minutes": given.minutes} if given.minutes else {}
    length |= {"steps": given.steps, "minutes": None} if given.steps else {}
    data: dict[str, Any] = {"shards": tuple(given.shards)} if given.shards else {}
    data |= {"kinds": tuple(given.kinds.split(","))} if given.kinds else {}
    return run.model_copy(
        update={
            "length": run.length.model_copy(update=length),
            "data": run.data.model_copy(update=data),
            "start": given.start or run.start,
            "reader": given.reader or run.reader,
            "seed": run.seed if given.seed is None else given.seed,
        }
    )


def toy(run: Run) -> Run:
    """The same in a minute: 256 examples, 60 steps of 16."""
    data = run.data.model_copy(update={"pairs": 256, "part": 128, "held_out": 32})
    optimiser = run.optimiser.model_copy(update={"batch": 16, "accumulate": 1, "warm_up": 10})
    length = run.length.model_copy(update={"steps": 60, "minutes": None, "log_every": 10})
    aligned = run.aligned.model_copy(update={"most": 256, "hearings": 2})
    return run.model_copy(update={"data": data, "optimiser": optimiser, "length": length, "aligned": aligned})


def quality(picture: Array) -> float:
    """The project's own score of a picture: 10 - BRISQUE / 10, held in 0 to 10."""
    return float(np.clip(10 - brisque(picture) / 10, 0, 10))


def main() -> None:
    """Parse, train, say where the result is."""
    parser = argparse.ArgumentParser(prog="recipes.train.run", description=__doc__)
    parser.add_argument("name", choices=RUNS)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, sheets, log and weights")
    parser.add_argument("--cache", type=Path, help="where the examples lie; default: OUT/cache")
    parser.add_argument("--shards", nargs="*", default=[], help="what `pixwright build` wrote; default: scenes")
    parser.add_argument("--start", default="", help="weights to begin with")
    parser.add_argument(
        "--reader", default="", help="the frozen language model of reasonpix2pix: mini, a folder, or none"
    )
    parser.add_argument(
        "--kinds", default="", help="of ReasonPix2Pix's data the parts that are learnt from: I, or I,II"
    )
    parser.add_argument("--seed", type=int, help="of weights, order and noise")
    parser.add_argument("--minutes", type=float, help="wall time of training, over all resumptions")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--resume", action="store_true", help="go on from OUT's checkpoint, if there is one")
    parser.add_argument("--toy", action="store_true", help="256 examples, 60 steps: does it run?")
    parser.add_argument("--no-make", action="store_true", help="use what is in the cache, however little")
    given = parser.parse_args()
    run = configured(given)
    progress = train(run, given.out, given.cache, resume=given.resume, make=not given.no_make, grade=quality)
    print(f"{run.name}: {progress.step} steps in {progress.seconds / 60:.1f} minutes; {given.out}")


if __name__ == "__main__":
    main()
