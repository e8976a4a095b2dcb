"""Fit which pixels of a box are its thing (`ground/fitted/inside.npz`) to the outlines that people drew of development things.

    python recipes/photos.py
    python recipes/fit/outline.py          # when the packaged box outliner is the one that saw half of these (recipes/train/boxed.py): figures by five-fold cross-validation over photographs, then the fit on all of them

A small network on a sample of the pixels about each true box, which is shaken a little, and twice: the detector's boxes are not tight either. Needs the extra `torch`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from layers import tensors_of

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from recipes.train.boxed import drawn_by_hand, is_learnt  # noqa: E402

from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground.fitted import inside as voting  # noqa: E402
from pixwright.ground.geometry import frame_of  # noqa: E402
from pixwright.ground.outline import shown_by  # noqa: E402
from pixwright.ground.scene import see  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/inside.npz"
FOLDS, SHAKES, SHAKEN = 5, 2, 0.04
"""Folds by photograph; boxes of a thing, and how far their sides are off, in those sides."""
STORED, PIXELS = 9000, 500
"""Pixels of a box that are kept, about, and that are looked at in a step."""
ROUNDS, BATCH, RATE, DECAY, LEAST_SPREAD = 40, 16, 0.02, 0.01, 1e-4
"""Of the training: rounds over all boxes, boxes in a step, AdamW's highest rate and its decay; and least deviation of a measure."""


def rows_of(encoders: Encoders) -> list[dict]:
    """Features, truth and the scene's shape of every drawn thing that the box outliner has not learnt: it would be believed too much."""
    rows = []
    for one in drawn_by_hand(("object", "attribute", "several")):
        if is_learnt(one, "half"):
            continue
        scene = see(one.picture, encoders)
        height, width = scene.shape
        truth = cv2.resize(one.mask / np.float32(255), (width, height), interpolation=cv2.INTER_AREA)
        box = np.array(frame_of(truth))
        sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
        for _ in range(SHAKES):
            shaken = box + np.random.default_rng(len(rows)).normal(0, SHAKEN, 4) * sides
            frame = tuple(float(v) for v in np.clip(shaken, 0, 1))
            seen, window = voting.features(scene, frame, *shown_by(scene, frame))
            flat = seen.reshape(-1, seen.shape[-1])
            step = max(1, len(flat) // STORED)
            rows.append(
                {"photo": one.photo, "seen": flat[::step], "step": step, "window": window, "truth": truth > 0.5}
            )
    return rows


def fit(rows: list[dict]) -> voting.Network:
    """A network of one hidden layer, by cross-entropy and the Jaccard index of each thing's sample of pixels; every thing counts alike."""
    draw = np.random.default_rng(0)
    torch.manual_seed(0)
    flat = [row["seen"].reshape(-1, row["seen"].shape[-1]) for row in rows]
    some = np.concatenate([seen[draw.choice(len(seen), min(len(seen), PIXELS), replace=False)] for seen in flat])
    mean, spread = some.mean(0), some.std(0) + LEAST_SPREAD
    given = [torch.from_numpy((seen - mean) / spread) for seen in flat]
    wanted = [torch.from_numpy(row["truth"][row["window"]].ravel()[:: row["step"]].astype(np.float32)) for row in rows]
    network = torch.nn.Sequential(
        torch.nn.Linear(len(mean), voting.HIDDEN), torch.nn.ReLU(), torch.nn.Linear(voting.HIDDEN, 1)
    )
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    steps = ROUNDS * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(ROUNDS):
        order = draw.permutation(len(rows))
        for start in range(0, len(rows), BATCH):
            picks = [(i, draw.integers(0, len(wanted[i]), PIXELS)) for i in order[start : start + BATCH]]
            x, y = (torch.stack([table[i][at] for i, at in picks]) for table in (given, wanted))
            odds = network(x)[..., 0]
            share = torch.sigmoid(odds)
            both = (share * y).sum(1)
            jaccard = (both + 1) / ((share + y).sum(1) - both + 1)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, y) + 1 - jaccard.mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return tensors_of(network, mean, spread)


def right_share(rows: list[dict], network: voting.Network) -> list[float]:
    """IoU of each."""
    out = []
    for row in rows:
        mask = voting.believed(network, row["seen"]) > voting.LEVEL
        truth = row["truth"][row["window"]].ravel()[:: row["step"]]
        beyond = (row["truth"].sum() - row["truth"][row["window"]].sum()) / row["step"]
        out.append(float((mask & truth).sum() / max(1.0, float((mask | truth).sum()) + beyond)))
    return out


def main() -> None:
    rows = rows_of(Encoders())
    photos = sorted({row["photo"] for row in rows})
    folds = [photos.index(row["photo"]) % FOLDS for row in rows]
    scores: list[float] = []
    for fold in range(FOLDS):
        held = [r for r, f in zip(rows, folds, strict=True) if f == fold]
        scores += right_share(held, fit([r for r, f in zip(rows, folds, strict=True) if f != fold]))
    print(
        f"{len(rows)} boxes, not fitted to: mean IoU {np.mean(scores):.3f}, {np.mean(np.array(scores) >= 0.5):.1%} right, "
        f"{np.mean(np.array(scores) >= 0.75):.1%} over 0.75"
    )
    np.savez(TARGET, **fit(rows))


if __name__ == "__main__":
    main()
