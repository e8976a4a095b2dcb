"""From a recipe to its trained files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.extras import require
from pixwright.train.config import UNREAD, Run

if TYPE_CHECKING:
    from pixwright.train.aligned.rows import Grade
    from pixwright.train.loop import TrainingProgress


def train(
    run: Run,
    out: Path,
    cache: Path | None = None,
    *,
    resume: bool = False,
    make: bool = True,
    grade: Grade | None = None,
) -> TrainingProgress:
    """Make what is missing of the examples in `cache` (default: out/cache), train, and leave the weights in `out`.

    `make=False` takes the examples that are there; `grade` says how good a picture is, for the refinement. Raises MissingExtra, InvalidOption (nothing to begin with, a checkpoint that is in the way) or InvalidRecord (a checkpoint
    of another run).
    """
    require(("torch", "accelerate", "diffusers", "safetensors"), "training", "train")
    from pixwright.train.cache import make_parts, parts_of
    from pixwright.train.loop import Loop, TrainingTask, shared_out, where
    from pixwright.train.networks import networks_for
    from pixwright.train.readers import mini_readers
    from pixwright.train.reasoning import CONNECTOR, ConnectorTask, ReasonTask
    from pixwright.train.tasks import AutoencoderTask, DenoiserTask, ExpertsTask

    folder = cache or out / "cache"
    if run.kind in ("aligned", "refinement"):
        return _train_aligned(run, out, folder, resume=resume, make=make, grade=grade)
    if run.kind == "decoder":
        return _train_decoder(run, out, folder, resume=resume, make=make)
    if run.kind == "language":
        from pixwright.train.language.start import language_task

        return Loop(run, language_task(run, folder, make=make), out, resume=resume)()
    if run.kind == "autoencoder":
        readers = mini_readers()
    else:
        networks = networks_for(run, out, where())
        readers = networks.readers
    if make:
        shared_out(
            lambda worker, workers: make_parts(folder, run.data, run.side, readers, worker=worker, workers=workers)
        )
    task: TrainingTask
    if run.kind == "autoencoder":
        task = AutoencoderTask(run, parts_of(folder))
    elif run.kind in ("reason", "connector") and run.reader != UNREAD:
        reasoning = ReasonTask if run.kind == "reason" else ConnectorTask
        task = reasoning(run, networks, folder, out / CONNECTOR)
    else:
        task = (ExpertsTask if run.kind == "experts" else DenoiserTask)(run, networks, folder)
    return Loop(run, task, out, resume=resume)()


def _train_aligned(
    run: Run, out: Path, folder: Path, *, resume: bool, make: bool, grade: Grade | None
) -> TrainingProgress:
    from pixwright.train.aligned.latents import make_latents
    from pixwright.train.aligned.refining import RefinementTask
    from pixwright.train.aligned.rows import SIDES
    from pixwright.train.aligned.tasks import AlignedTask
    from pixwright.train.loop import Loop, TrainingTask, first_process_first

    if make:
        sides = SIDES if run.kind == "aligned" else ("graded", "sound")
        first_process_first(lambda: make_latents(folder, run.aligned, sides, grade))
    kind = AlignedTask if run.kind == "aligned" else RefinementTask
    task: TrainingTask = kind(run, folder, out)
    return Loop(run, task, out, resume=resume)()


def _train_decoder(run: Run, out: Path, folder: Path, *, resume: bool, make: bool) -> TrainingProgress:
    from pixwright.encoders.bundle import Encoders
    from pixwright.train.decoder import DecoderTask, make_views
    from pixwright.train.loop import Loop, first_process_first, where
    from pixwright.train.networks import networks_for

    vectors = Encoders().aligned
    if make:
        first_process_first(lambda: make_views(folder, run.data, run.side, vectors))
    return Loop(run, DecoderTask(run, networks_for(run, out, where()), folder, vectors), out, resume=resume)()
