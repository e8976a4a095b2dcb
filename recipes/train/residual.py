"""Make a residual network's data, train it, and measure it against what the classical tools make alone.

    python recipes/photos.py
    python -m recipes.train.residual data  --out out/residual --minutes 20     # photographs spoilt and mended again; what is there is kept
    python -m recipes.train.residual train --out out/residual --minutes 30     # one thread; goes on where it was; --only fill: a network for that task alone
    python -m recipes.train.residual score --out out/residual                  # distances to the truth at 64 px and at full size, by task
    python -m recipes.train.residual sheet --out out/residual                  # 20 edits on held-back photographs: the photograph, `local`, and with the residual

The photographs are those that lists for development name, and none that a held-out list shows: of the training split to learn from, of the reserved split to measure on.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from recipes.train.critic import GOLDEN
from recipes.train.harmoniser import named

import pixwright
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.sample import Split, split_of
from pixwright.systems import System, build
from pixwright.train.harmoniser.samples import SIDE, standing
from pixwright.train.residual.fit import ResidualNetwork, ReversalRows, distances, residuals, train
from pixwright.train.residual.samples import MAKERS, Removable, Reversal, ReversalStock
from pixwright.train.residual.views import Floats, corrected, slots_of, small, window_of

PHOTOS = Path(".cache/photos")
HELD_OUT = ("ground/test3.json", "ground/test4.json", "ground/test6.json", "judge/test8.jsonl")
RESERVED_FOR_IT = "edit8_"
"""Lists that are held out, and how photographs begin that were reserved for the newest."""
FOR_DEVELOPMENT = ("ground/dev*.json", "ground/test*.json", "judge/dev*.jsonl", "judge/test*.jsonl")
SHARES = {"fill": 0.3, "harmonise": 0.2, "relight": 0.2, "shadow": 0.15, "weather": 0.15}
"""How often each task is made."""
TRIES = 20
"""How often a task is tried before another is drawn: few drawn shadows look like one."""
PARTS = {Split.TEST: 0.25, Split.TRAIN: 0.75}
"""Shares of the time that rows of each split are made in."""
SURE, BOXES = 0.4, 2
"""Least probability of a box whose thing is outlined, and most of them in a photograph."""
SHOWN = {EditType.REMOVE: "fill", EditType.ADD: "harmonise"}
"""Types of the sheet, and the task that each is."""
ROWS, SHEET_SIDE, TILE = 10, 560, 420
"""Edits of each type on the sheet, the side at which they are made, and at which they are shown. Edits that are refused are no part of it."""
NORMAL = 1.96
"""Standard errors on each side of a mean that hold the true one in 95 of 100 cases."""


def allowed(split: Split) -> list[Path]:
    """Photographs of a split that may be looked at."""
    closed = named(*HELD_OUT)
    names = sorted(named(*FOR_DEVELOPMENT) - closed)
    fitting = (name for name in names if not name.startswith(RESERVED_FOR_IT) and split_of(name) is split)
    return [PHOTOS / name for name in fitting if (PHOTOS / name).exists()]


def opened(file: Path, side: int) -> Array:
    """HxWx3 uint8, upright."""
    return np.ascontiguousarray(shrink(np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGB")), side))


def stock_of(split: Split) -> ReversalStock:
    """All photographs of a split, and what stands out in them."""
    encoders, things = Encoders(), []
    pictures = [opened(file, SIDE) for file in allowed(split)]
    for picture in pictures:
        found = [(one.box, one.score) for one in encoders.detector.detect(picture) if one.score >= SURE]
        boxes = [(tuple(round(v) for v in box), score) for box, score in found[:BOXES]]
        things += [Removable(picture, one) for one in standing(picture, boxes, encoders.segmenter)]  # type: ignore[arg-type]
    return ReversalStock(pictures, things)


def row_of(task: str, one: Reversal, photo: int) -> dict[str, Any] | None:
    """A stored row of a reversal; None where nothing was made. What is taken away is not shown: a soft outline of it would show what is behind."""
    window = window_of(one.mask)
    before = one.made if task == "fill" else one.before
    if window is None:
        return None
    views = np.dstack([small(side, window) for side in (before, one.made, one.truth, one.mask)])
    return {"views": views, "tasks": list(MAKERS).index(task), "slots": slots_of(one.before, one.mask), "photos": photo}


def data(out: Path, minutes: float) -> None:
    """`train.npz` and `test.npz`, each unless it is there, and of the latter the pictures themselves in `full`."""
    (out / "full").mkdir(parents=True, exist_ok=True)
    for split, share in PARTS.items():
        if (out / f"{split.value}.npz").exists():
            continue
        stock, rng, rows = stock_of(split), np.random.default_rng(len(split.value)), []
        print(f"{split.value}: {len(stock.pictures)} photographs, {len(stock.things)} things", flush=True)
        ends = time.monotonic() + 60 * minutes * share
        while time.monotonic() < ends:
            task = str(rng.choice(list(SHARES), p=list(SHARES.values())))
            one = next((one for _ in range(TRIES) if (one := MAKERS[task](stock, rng)) is not None), None)
            photo = -1 if one is None else next(k for k, p in enumerate(stock.pictures) if p is one.truth)
            row = None if one is None else row_of(task, one, photo)
            if one is None or row is None:
                continue
            if split is Split.TEST:
                np.savez(out / "full" / f"{len(rows)}.npz", made=one.made, truth=one.truth, mask=one.mask)
            rows.append(row)
        stored = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        ReversalRows(**stored).write(out / f"{split.value}.npz")
        counts = np.bincount(stored["tasks"], minlength=len(MAKERS))
        print(f"{split.value}: {dict(zip(MAKERS, counts.tolist(), strict=True))}", flush=True)


def state_of(out: Path, only: str) -> Path:
    """Where the network's state is kept: of all tasks, or of the one that it was trained on alone."""
    return out / (f"state-{only}.pt" if only else "state.pt")


def trained(state: Path) -> ResidualNetwork:
    """The averaged weights of a kept state."""
    network = ResidualNetwork().eval()
    network.load_state_dict(torch.load(state, weights_only=True)["average"])
    return network


def score(out: Path, only: str) -> None:
    """What a residual takes from the distance to the truth, of 255, by task; each photograph counts once, so that the interval is that of photographs."""
    network, rows = trained(state_of(out, only)), ReversalRows.read(out / "test.npz")
    seen = distances(network, rows)
    added = residuals(network, rows).permute(0, 2, 3, 1).numpy()
    full = np.array([_at_full_size(out / "full" / f"{k}.npz", added[k]) for k in range(len(added))]).T
    print(
        "| task | rows | photographs | 64 px: local | residual | nearer by | full size: local | residual | nearer by |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for task, name in enumerate(MAKERS):
        if only not in ("", name):
            continue
        own = rows.tasks == task
        told = [_paired(before[own], after[own], rows.photos[own]) for before, after in (seen, full)]
        print(f"| {name} | {own.sum()} | {len(np.unique(rows.photos[own]))} | {' | '.join(told)} |")


def _at_full_size(file: Path, residual: Floats) -> tuple[float, float]:
    """Distances under the mask as it was made, and corrected."""
    with np.load(file) as stored:
        made, truth, mask = stored["made"], stored["truth"], stored["mask"]
    window = window_of(mask)
    assert window is not None, "a row without a window is not stored"
    share = mask[..., None] / 255
    gaps = [float((np.abs(one.astype(np.float32) - truth) * share).sum() / (3 * share.sum())) for one in (made, corrected(made, mask, window, residual))]  # fmt: skip
    return gaps[0], gaps[1]


def _paired(before: Floats, after: Floats, photos: Any) -> str:
    """Both means, and the mean gain with its interval, over photographs."""
    kinds = np.unique(photos)
    pairs = np.array([[before[photos == one].mean(), after[photos == one].mean()] for one in kinds])
    gain = pairs[:, 0] - pairs[:, 1]
    reach = NORMAL * gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.nan
    return f"{pairs[:, 0].mean():.2f} | {pairs[:, 1].mean():.2f} | {gain.mean():.2f} ± {reach:.2f}"


def wishes() -> list[dict[str, Any]]:
    """The edits of the shown types that lists for development ask for on photographs that are held back, in their order."""
    held = {file.name for file in allowed(Split.TEST)}
    lists = [file for file in sorted(GOLDEN.glob("judge/test*.jsonl")) if f"judge/{file.name}" not in HELD_OUT]
    lines = [text for file in lists for text in file.read_text().splitlines() if text]
    rows = [row for row in map(json.loads, lines) if row["photo"] in held and "type" in row]
    return [row for kind in SHOWN for row in rows if row["type"] == kind.value]


def with_residual(system: System, network: ResidualNetwork) -> System:
    """The system, whose editor's proposals of the shown types get their residual before they are laid into the picture and judged."""

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        proposal = system.edit(picture, step, region, context)
        task = SHOWN.get(step.type)
        if task is None or proposal.refused is not None or proposal.picture.shape != picture.shape:
            return proposal
        made, mask = composite(picture, proposal)
        row, window = row_of(task, Reversal(picture, made, picture, mask), 0), window_of(mask)
        if row is None or window is None:
            return proposal
        rows = ReversalRows(**{name: np.stack([value]) for name, value in row.items()})
        added = residuals(network, rows)[0].permute(1, 2, 0).numpy()
        everywhere = np.where(mask > 0, 255, 0).astype(np.uint8)
        return replace(proposal, picture=corrected(proposal.picture, everywhere, window, added))

    return replace(system, edit=edit)


def sheet(out: Path, only: str) -> None:
    """`sheet/TYPE-N.png`: the photograph, what `local` makes, and the same with the residual; with each verdict in a line that is printed. What is refused, or a residual leaves as it is, is left out."""
    systems = [build("local"), with_residual(build("local"), trained(state_of(out, only)))]
    (out / "sheet").mkdir(exist_ok=True)
    left, number = {kind.value: ROWS if only in ("", task) else 0 for kind, task in SHOWN.items()}, 0
    for row in wishes():
        if not left[row["type"]]:
            continue
        before = opened(PHOTOS / row["photo"], SHEET_SIDE)
        made = [pixwright.edit(before, row["instruction"], system=system) for system in systems]
        pictures = [before, *(one.picture[..., :3] for one in made)]
        if any(one.shape != before.shape or np.array_equal(one, before) for one in pictures[1:]):
            continue
        change = np.abs(pictures[2].astype(np.float32) - pictures[1])
        if not change.any():
            continue
        left[row["type"]] -= 1
        number += 1
        Image.fromarray(np.hstack([shrink(one, TILE) for one in pictures])).save(
            out / "sheet" / f"{row['type']}-{number:02}.png"
        )
        verdicts = " | ".join(str(one.report.verdict.value) for one in made)
        moved = change[change.max(axis=2) > 0].mean()
        print(f"{number:02} | {row['photo']} | {row['instruction']} | {verdicts} | {moved:.1f}", flush=True)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("data", "train", "score", "sheet"))
    parser.add_argument("--out", type=Path, default=Path("out/residual"))
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    names = list(MAKERS)
    parser.add_argument("--only", choices=names, default="", help="a network of its own for this task")
    given = parser.parse_args()
    out = given.out
    if given.what == "data":
        data(out, given.minutes)
    elif given.what == "train":
        torch.set_num_threads(1)
        kept = [names.index(given.only)] if given.only else range(len(names))
        rows, check = (ReversalRows.read(out / f"{split}.npz").of(kept) for split in ("train", "test"))
        keep = state_of(out, given.only)
        train(rows, check, minutes=given.minutes, keep=keep, rate=given.rate, say=lambda text: print(text, flush=True))
    else:
        (score if given.what == "score" else sheet)(out, given.only)


if __name__ == "__main__":
    main()
