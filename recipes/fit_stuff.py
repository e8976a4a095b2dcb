"""Fit the classifier of surfaces (`ground/fitted/stuff.npz`) to `tests/golden/ground/stuff.json`: cells of photographs that people labelled.

    python recipes/photos.py
    python recipes/fit_stuff.py            # five-fold figures by photograph, then the fit on all of them

Needs the extra `torch`. Two minutes on two cores. The labels are on development photographs only.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch

from pixwright.encoders.bundle import Encoders
from pixwright.ground.scene import see
from pixwright.ground.stuff import KINDS, features, seen_by

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "tests/golden/ground/stuff.json"
PHOTOS = ROOT / ".cache/photos"
TARGET = ROOT / "src/pixwright/ground/fitted/stuff.npz"
DEEP, WIDE, HIDDEN = 32, 24, 48
"""Principal components of the class logits and of the middle features, and the network's hidden units."""
DECAY, DROPOUT, STEPS, RATE = 0.02, 0.4, 120, 0.02
MEMBERS = 2
"""Networks that are fitted with other seeds; their mean is what is shipped, as one wider network."""


def axes_of(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and principal axes, scaled to unit spread."""
    mean = rows.mean(0)
    _, spread, axes = np.linalg.svd(rows[:: max(1, len(rows) // 8000)] - mean, full_matrices=False)
    scale = spread[:count] / np.sqrt(min(len(rows), 8000))
    return mean.astype(np.float32), (axes[:count].T / scale).astype(np.float32)


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, seed: int) -> list[torch.Tensor]:
    """Weights of a network with one hidden layer, by AdamW on the weighted cross-entropy."""
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Dropout(0.1),
        torch.nn.Linear(x.shape[1], HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Dropout(DROPOUT),
        torch.nn.Linear(HIDDEN, len(KINDS)),
    )
    given, wanted, w = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(weight)
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        optimiser.zero_grad()
        noisy = given + 0.15 * torch.randn_like(given)
        loss = (
            torch.nn.functional.cross_entropy(net(noisy), wanted, reduction="none", label_smoothing=0.05) * w
        ).sum() / w.sum()
        loss.backward()
        optimiser.step()
        schedule.step()
    return [p.detach() for p in net.parameters()]


def joined(members: list[list[torch.Tensor]]) -> dict[str, np.ndarray]:
    """Several networks as one: hidden units side by side, outputs averaged."""
    first, first_bias, second, second_bias = (torch.stack([m[i] for m in members]) for i in range(4))
    return {
        "first": first.reshape(-1, first.shape[2]).T.numpy(),
        "first_bias": first_bias.reshape(-1).numpy(),
        "second": (second / len(members)).transpose(1, 2).reshape(-1, len(KINDS)).numpy(),
        "second_bias": second_bias.mean(0).numpy(),
    }


def predict(fitted: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    return np.maximum(x @ fitted["first"] + fitted["first_bias"], 0) @ fitted["second"] + fitted["second_bias"]


def main() -> None:
    torch.set_num_threads(1)  # such small products gain nothing from more
    encoders = Encoders()
    labels = json.loads(LABELS.read_text("utf-8"))
    scenes, wanted = [], []
    for name, row in labels.items():
        pixels = cv2.imread(str(PHOTOS / name), cv2.IMREAD_COLOR)
        scene = see(np.ascontiguousarray(pixels[..., ::-1]), encoders)
        cells = np.array([list(line) for line in row["rows"]])
        x, y = scene.pieces.centre.T
        own = cells[np.minimum((y * 12).astype(int), 11), np.minimum((x * 16).astype(int), 15)]
        scenes.append((scene, seen_by(scene)))
        wanted.append(np.array([KINDS.find(kind) for kind in own]))
    logits = np.concatenate([seen[0] for _, seen in scenes])
    middle = np.concatenate([seen[1] for _, seen in scenes])
    projections = dict(zip(("logits_mean", "logits_axes"), axes_of(logits, DEEP), strict=True))
    projections |= dict(zip(("middle_mean", "middle_axes"), axes_of(middle, WIDE), strict=True))
    x = np.concatenate([features(scene, projections) for scene, _ in scenes])
    photo = np.concatenate([np.full(len(w), i) for i, w in enumerate(wanted)])
    area = np.concatenate([scene.pieces.area for scene, _ in scenes])
    y = np.concatenate(wanted)
    np.savez(ROOT / ".cache" / "stuff_features.npz", x=x, y=y, photo=photo, area=area, **projections)
    mean, spread = x.mean(0), x.std(0) + 1e-3
    x = ((x - mean) / spread).astype(np.float32)
    known = y >= 0
    share = np.bincount(y[known], minlength=len(KINDS)) / known.sum()
    weight = np.where(known, 1 / np.maximum(share[np.maximum(y, 0)], 0.005) ** 0.5, 0).astype(np.float32)
    guesses = np.full(len(y), -1)
    for fold in range(5):
        held = photo % 5 == fold
        fitted = joined(
            [fit(x[known & ~held], y[known & ~held], weight[known & ~held], seed) for seed in range(MEMBERS)]
        )
        guesses[held] = predict(fitted, x[held]).argmax(1)
    print(f"right by area, held-out photographs: {np.average(guesses[known] == y[known], weights=area[known]):.3f}")
    for i, kind in enumerate(KINDS):
        true, found = known & (y == i), known & (guesses == i)
        union = area[true | found].sum()
        print(kind, f"cells {true.sum()} IoU {area[true & found].sum() / max(union, 1):.2f}")
    fitted = joined([fit(x[known], y[known], weight[known], seed) for seed in range(MEMBERS)])
    stored = projections | fitted | {"mean": mean, "spread": spread}
    np.savez_compressed(TARGET, **{name: value.astype(np.float16) for name, value in stored.items()})


if __name__ == "__main__":
    main()
