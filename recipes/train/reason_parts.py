"""ReasonPix2Pix's ablation in miniature: parts I, I and II, all of the data; with the language model and without it. Makes the data, trains, and prints the table of docs/mini.md.

    pixwright models pull smollm2 && python recipes/photos.py
    python -m recipes.train.reason_parts --out out/reason --photos .cache/photos

Every run has the same number of steps, and all are asked the same held-out instructions, of all three parts, which none learnt from. What is there already is kept: a killed run goes on.
Photographs are those that `tests/golden/ground` names for development, each with the things that it names there as its caption.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from recipes.train.critic import GOLDEN, development
from recipes.train.recipes import mini_reason, mini_reason_words

from pixwright.build.run import commands
from pixwright.evaluate.report.statistics import Interval, differences, intervals
from pixwright.train.config import UNREAD, Run
from pixwright.train.networks import Networks, networks_for
from pixwright.train.reasoning import CONNECTOR, ReasonTask, nearest_right, said_of
from pixwright.train.start import train
from pixwright.train.tasks import DenoiserTask

RECIPES = Path(__file__).parents[1] / "build" / "reasonpix2pix.py"
NAMED = ("object", "attribute")
"""Kinds of questions in tests/golden/ground whose phrases name what a photograph shows."""


@dataclass(frozen=True)
class Arm:
    """A run of the ablation."""

    name: str
    parts: tuple[str, ...]
    """Of the data, that are learnt from."""
    reader: str = "mini"

    @property
    def slug(self) -> str:
        """Begins its folder's name."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.name).lower()

    @property
    def cache(self) -> str:
        """Where its examples lie: read by the language model, or by the denoiser's own text encoder."""
        return "cache-plain" if self.reader == UNREAD else "cache"


ALL = ("I", "II", "III")
ARMS = (
    Arm("I", ("I",)),
    Arm("I + II", ("I", "II")),
    Arm("I + II + III", ALL),
    Arm("I, no language model", ("I",), UNREAD),
    Arm("I + II + III, no language model", ALL, UNREAD),
)
COMPARED = (
    ("I + II", "I"),
    ("I + II + III", "I"),
    ("I + II + III", "I + II + III, no language model"),
    ("I", "I, no language model"),
)
"""Pairs of arms whose difference is printed."""
HELD = 180
"""Instructions at the beginning of OUT/parts that no run learns from."""
NEVER = 1e6
"""Minutes between checkpoints: there is one at the end."""
WORDS_STEPS = 150
"""Steps of the connector alone, before the steps that are counted."""
NOISES = 8
"""Noise levels at which each held-out example's loss is taken."""
SAMPLED, TOGETHER = 96, 16
"""Held-out examples whose edit is sampled, so many at once."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a trained arm does with each held-out instruction; n of them."""

    right: NDArray[np.bool_]
    """Its tokens are nearest to those of the right plain instruction."""
    loss: NDArray[np.float64]
    l1: NDArray[np.float64]
    """Of the sampled edit to the wanted one, in [0, 1]; NaN where none was sampled."""
    idle: NDArray[np.float64]
    """Of the unchanged source."""
    indirect: NDArray[np.bool_]
    parts: NDArray[np.str_]


def captioned(photos: Path, folder: Path) -> None:
    """Copy the development photographs into `folder`, with what is named in them as their captions."""
    said: dict[str, list[str]] = defaultdict(list)
    for name in ("dev", "dev2"):
        for row in json.loads((GOLDEN / "ground" / f"{name}.json").read_text(encoding="utf-8")):
            if row["kind"] in NAMED and row.get("boxes"):
                said[row["photo"]].append(row["phrase"])
    folder.mkdir(parents=True, exist_ok=True)
    allowed = development()
    rows = {name: f"a photograph of {' and '.join(dict.fromkeys(told))}" for name, told in sorted(said.items())}
    lines = []
    for name, caption in rows.items():
        if name in allowed and (photos / name).is_file():
            shutil.copy(photos / name, folder / name)
            lines.append(json.dumps({"file_name": name, "caption": caption}))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def build(out: Path, photos: Path) -> None:
    """The data, in OUT/parts and OUT/first."""
    if not (out / "photos" / "metadata.jsonl").exists():
        captioned(photos, out / "photos")
    shown = f"folder:{out / 'photos'};licence=each its own"
    for name, sources in (("parts", ("packaged", shown)), ("first", ("packaged",))):
        recipe = commands.recipe_for(f"{RECIPES}:{name}", sources=sources)
        print(commands.run(recipe, out / name, workers=0, cluster=None, force=False)[0], flush=True)


def run_of(recipe: Run, out: Path, arm: Arm, steps: int, seed: int) -> Run:
    """The recipe with an arm's options."""
    sets = (str(out / "parts"), str(out / "first"))
    data = recipe.data.model_copy(update={"shards": sets, "kinds": arm.parts, "part": HELD, "held_out": HELD})
    length = recipe.length.model_copy(update={"steps": steps, "minutes": None, "check_every": NEVER, "log_every": 25})
    # One process has one precision.
    optimiser = recipe.optimiser.model_copy(update={"precision": mini_reason().optimiser.precision})
    change = {"data": data, "length": length, "optimiser": optimiser, "reader": arm.reader, "seed": seed}
    return recipe.model_copy(update=change)


def learn(out: Path, folder: Path, arm: Arm, steps: int, seed: int) -> Run:
    """Train an arm in `folder`, or find it there; its run."""
    run = run_of(mini_reason(), out, arm, steps, seed)
    if not (folder / "checkpoint-reason.safetensors").exists():
        if arm.reader != UNREAD:
            train(run_of(mini_reason_words(), out, arm, WORDS_STEPS, seed), folder, out / arm.cache, resume=True)
        train(run, folder, out / arm.cache)
    return run


@torch.no_grad()
def asked(run: Run, folder: Path, cache: Path) -> Found:
    """Ask a trained arm every held-out instruction."""
    file = folder / "found.npz"
    if not file.exists():
        start = str(folder) if run.reader == UNREAD else run.start
        run = run.model_copy(update={"start": start})
        networks = networks_for(run, folder, torch.device("cpu"))
        task: DenoiserTask
        if run.reader == UNREAD:
            task = DenoiserTask(run, networks, cache)
        else:
            task = ReasonTask(run, networks, cache, folder / CONNECTOR)
        task.module.eval()
        count = len(task.held)
        about = [task.held.row(k) for k in range(count)]
        loss = np.array([task.loss_of(k, NOISES) for k in range(count)])
        l1, idle = np.full((2, count), np.nan)
        for first in range(0, min(SAMPLED, count), TOGETHER):
            before, after, made = task.sampled(np.arange(first, min(first + TOGETHER, SAMPLED, count)))
            for k, (x, y, z) in enumerate(zip(before, after, made, strict=True), first):
                l1[k], idle[k] = (float(np.abs(one.astype(np.float32) - y).mean()) / 255 for one in (z, x))
        right = nearest_right(*_tokens(task, networks), [row["plain"] for row in about])
        indirect = np.array([row["indirect"] for row in about])
        parts = np.array([row["part"] for row in about])
        np.savez(file, right=right, loss=loss, l1=l1, idle=idle, indirect=indirect, parts=parts)
    with np.load(file) as held:
        return Found(**{one.name: held[one.name] for one in fields(Found)})


def _tokens(task: DenoiserTask, networks: Networks) -> tuple[torch.Tensor, torch.Tensor]:
    """What the denoiser is told of every held-out instruction, and what its own text encoder says of the plain one."""
    if isinstance(task, ReasonTask):
        return said_of(task.connector, task.held, torch.device("cpu"))
    count = len(task.held)
    rows = task.held.take(np.arange(count), np.zeros(count, np.bool_))
    plain = networks.readers.read([task.held.row(k)["plain"] for k in range(count)])
    return torch.from_numpy(rows.words), torch.from_numpy(plain)


def columns(found: list[Found]) -> tuple[NDArray[np.float64], list[str]]:
    """An arm's values, (seeds x held-out examples, 4): right where told indirectly and directly, loss, L1; and the example that each row is of."""
    rows = []
    for one in found:
        right = one.right.astype(np.float64)
        halves = np.where(one.indirect, right, np.nan), np.where(one.indirect, np.nan, right)
        rows.append(np.stack([*halves, one.loss, one.l1], 1))
    return np.concatenate(rows), [str(k) for one in found for k in range(len(one.right))]


def cells(some: list[Interval], scales: tuple[float, ...] = (100, 100, 1, 1)) -> str:
    """Means with their intervals; shares in per cent."""
    said = []
    for one, scale in zip(some, scales, strict=True):
        digits = 0 if scale == 100 else 4
        mean, low, high = (f"{(value or 0) * scale:.{digits}f}" for value in (one.mean, one.low, one.high))
        said.append(f"{mean} ({low} to {high})")
    return " | ".join(said)


def table(held: dict[str, list[Found]]) -> None:
    """Print the arms, then what each differs by from the one that it is to be compared with."""
    first = next(iter(held.values()))[0]
    print(f"{len(first.right)} held-out instructions, {int(first.indirect.sum())} indirect; parts", end=" ")
    print(dict(zip(*np.unique(first.parts, return_counts=True), strict=True)))
    print(f"L1 of doing nothing: {np.nanmean(first.idle):.4f}")
    print(
        "| learnt from | right, told indirectly | right, told directly | validation loss | L1 of samples |\n|---|---|---|---|---|"
    )
    for name, found in held.items():
        print(f"| {name} | {cells(intervals(*columns(found)))} |")
    print(
        "\n| difference | right, told indirectly | right, told directly | validation loss | L1 of samples |\n|---|---|---|---|---|"
    )
    for one, other in COMPARED:
        if one in held and other in held:
            (a, names), (b, _) = columns(held[other]), columns(held[one])
            gaps = [Interval(gap.mean, gap.low, gap.high, gap.count) for gap in differences(a, b, names)]
            print(f"| {one} less {other} | {cells(gaps)} |")
    for name, found in held.items():
        gaps = intervals(np.concatenate([(one.l1 - one.idle)[:, None] for one in found]), columns(found)[1])[0]
        print(f"{name}: L1 of samples less that of doing nothing {cells([gaps], (1,))}")


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/reason"))
    parser.add_argument("--photos", type=Path, default=Path(".cache/photos"))
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--no-build", action="store_true", help="take what of the data is there, however little")
    given = parser.parse_args()
    if not given.no_build:
        build(given.out, given.photos)
    held: dict[str, list[Found]] = {}
    for seed in range(given.seeds):
        for arm in ARMS:
            folder = given.out / f"arm-{arm.slug}-{seed}"
            run = learn(given.out, folder, arm, given.steps, seed)
            held.setdefault(arm.name, []).append(asked(run, folder, given.out / arm.cache))
            print(arm.name, seed, f"right {held[arm.name][-1].right.mean():.3f}", flush=True)
    table(held)


if __name__ == "__main__":
    main()
