"""Run a training recipe: `python -m recipes.train.run NAME --out DIR [--minutes M] [--resume] [--toy] [--cache-only]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from pixwright.train.cache import make_parts, parts_of
from pixwright.train.config import Run
from pixwright.train.loop import Loop, Task
from pixwright.train.readers import mini_readers
from pixwright.train.tasks import AutoencoderTask, DenoiserTask, ExpertsTask
from recipes.train.recipes import RUNS


def toy(run: Run) -> Run:
    """The same in a minute: 256 examples, 60 steps of 16."""
    data = run.data.model_copy(update={"pairs": 256, "part": 128, "held_out": 32})
    optimiser = run.optimiser.model_copy(update={"batch": 16, "warm_up": 10})
    length = run.length.model_copy(update={"steps": 60, "minutes": None, "log_every": 10})
    return run.model_copy(update={"data": data, "optimiser": optimiser, "length": length})


def main() -> None:
    """Make what is missing of the cache, then train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RUNS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="where the examples lie; default: OUT/cache")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--no-make", action="store_true", help="use what is in the cache, however little")
    given = parser.parse_args()
    run = RUNS[given.name]()
    run = toy(run) if given.toy else run
    if given.minutes:
        run = run.model_copy(update={"length": run.length.model_copy(update={"minutes": given.minutes})})
    cache, readers = given.cache or given.out / "cache", mini_readers()
    if not given.no_make:
        make_parts(cache, run.data, run.side, readers)
    task: Task
    if run.kind == "autoencoder":
        task = AutoencoderTask(run, parts_of(cache))
    else:
        task = (ExpertsTask if run.kind == "experts" else DenoiserTask)(run, given.out, cache, readers)
    progress = Loop(run, task, given.out, resume=given.resume)()
    print(f"{run.name}: {progress.step} steps in {progress.seconds / 60:.1f} minutes; {given.out}")


if __name__ == "__main__":
    main()
