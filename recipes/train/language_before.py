"""What the language model learns before its instructions, and whether it helps: nothing, captions alone, all four tasks. Trains, and prints the table of docs/multimodal.md.

    pixwright models pull smollm2 && pixwright assets fetch stamps photos
    python -m recipes.train.language_before --out out/language-before --seeds 3

After each start the instructions are learnt for the same number of steps; then every held-out row is read. What is there already is kept: a killed run goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recipes.train.recipes import mini_mllm_captions, mini_mllm_pretraining, mini_mllm_short

from pixwright.evaluate.report.statistics import Interval, differences, intervals
from pixwright.mllm.files import AdapterFile
from pixwright.train.config import Run
from pixwright.train.language.start import language_task
from pixwright.train.language.task import AMONG, FIRST
from pixwright.train.loop import Loop

STARTS: dict[str, Callable[[], Run] | None] = {
    "nothing": None,
    "captions alone": mini_mllm_captions,
    "all four tasks": mini_mllm_pretraining,
}
NEVER = 1e6
"""Minutes between checkpoints: there is one at the end."""


def settled(run: Run, steps: int, seed: int, start: str, scenes: int) -> Run:
    """The recipe with this ablation's length, seed and start."""
    length = run.length.model_copy(update={"steps": steps, "minutes": None, "check_every": NEVER})
    language = run.language.model_copy(update={"scenes": scenes})
    return run.model_copy(update={"length": length, "seed": seed, "start": start, "language": language})


def start_of(recipe: Callable[[], Run], out: Path, scenes: int) -> str:
    """The file of what is learnt before, made where it is missing."""
    run = recipe()
    run = settled(run, run.length.steps, 0, "", scenes)
    folder = out / run.name
    file = folder / f"{run.name}.safetensors"
    if not file.exists():
        Loop(run, language_task(run, out / "cache"), folder)()
    return str(file)


def answers(out: Path, name: str, steps: int, seed: int, scenes: int) -> dict[str, NDArray[np.float64]]:
    """What a run answers to every held-out row."""
    before = STARTS[name]
    folder = out / f"{name.replace(' ', '-')}-{seed}"
    file = folder / "answers.json"
    if not file.exists():
        start = "" if before is None else start_of(before, out, scenes)
        run = settled(mini_mllm_short(), steps, seed, start, scenes)
        task = language_task(run, out / "cache")
        Loop(run, task, folder)()
        AdapterFile(folder / f"{run.name}.safetensors").fill(task.network)  # the averaged weights
        task.module.eval()
        file.write_text(json.dumps({key: value.tolist() for key, value in task.answers().items()}), encoding="utf-8")
    return {key: np.array(value, np.float64) for key, value in json.loads(file.read_text(encoding="utf-8")).items()}


def cells(some: list[Interval]) -> str:
    """Per cent, cosine, per cent, with their intervals."""
    said = []
    for one, scale, digits in zip(some, (100, 1, 100), (1, 3, 0), strict=True):
        mean, low, high = (f"{(value or 0) * scale:.{digits}f}" for value in (one.mean, one.low, one.high))
        said.append(f"{mean} ({low} to {high})")
    return " | ".join(said)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/language-before"))
    parser.add_argument("--steps", type=int, default=260)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--scenes", type=int, default=2048)
    given = parser.parse_args()
    held: dict[str, list[dict[str, NDArray[np.float64]]]] = {name: [] for name in STARTS}
    for seed in range(given.seeds):
        for name in STARTS:
            held[name].append(answers(given.out, name, given.steps, seed, given.scenes))
            print(
                name, seed, {key: round(float(np.nanmean(one)), 3) for key, one in held[name][-1].items()}, flush=True
            )
    tables = {name: np.concatenate([np.stack(list(one.values()), 1) for one in some]) for name, some in held.items()}
    rows = len(tables["nothing"]) // given.seeds
    clusters = [str(k % rows) for k in range(rows * given.seeds)]
    print(f"{rows} held-out rows, {given.seeds} runs each of {given.steps} steps")
    print(
        f"| before the instructions | control tokens right | cosine of the vectors | `[gen]` among the first {FIRST} of at most {AMONG} |\n|---|--:|--:|--:|"
    )
    for name, values in tables.items():
        print(f"| {name} | {cells(intervals(values, clusters))} |")
    for name in list(STARTS)[1:]:
        gaps = differences(tables["nothing"], tables[name], clusters)
        print(f"| {name} less nothing | {cells([Interval(g.mean, g.low, g.high, g.count) for g in gaps])} |")


if __name__ == "__main__":
    main()
