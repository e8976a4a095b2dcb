"""Fit which pixels of a box are its thing (`ground/fitted/inside.json`) to the outlines that people drew of development things.

    python recipes/photos.py
    python recipes/fit/outline.py          # figures by six-fold cross-validation over photographs, then the fit on all of them

Logistic regression of a sample of pixels about each true box, which is shaken a little: the detector's boxes are not tight either. Every thing counts alike.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import ground as benchmark  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground.fitted import inside as voting  # noqa: E402
from pixwright.ground.fitted.numbers import fitted  # noqa: E402
from pixwright.ground.geometry import frame_of  # noqa: E402
from pixwright.ground.outline import shown_by  # noqa: E402
from pixwright.ground.scene import see  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/inside.json"
FOLDS, PIXELS, DECAY, SHAKEN = 6, 400, 1.0, 0.04
"""Folds by photograph; pixels of a thing; weight of the squared weights, where a thing weighs 100; and how far a box's sides are off, in its sides."""
WEIGHT = 100.0


def rows_of(encoders: Encoders) -> list[dict]:
    """Features, truth and the scene's shape of every drawn thing."""
    rows = []
    for pair in benchmark.load_pairs("dev"):
        if "polygons" not in pair or pair.get("outside") or pair["kind"] in ("stuff", "part"):
            continue
        picture = benchmark.load_pixels(pair, benchmark.PHOTOS)
        scene = see(picture, encoders)
        height, width = scene.shape
        for number, mask in enumerate(benchmark.outlines(pair, *picture.shape[:2])[:2]):
            truth = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
            box = np.array(frame_of(truth))
            sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
            shaken = box + np.random.default_rng(len(rows) + number).normal(0, SHAKEN, 4) * sides
            frame = tuple(float(v) for v in np.clip(shaken, 0, 1))
            seen, window = voting.features(scene, frame, *shown_by(scene, frame))
            rows.append({"photo": pair["photo"], "seen": seen, "window": window, "truth": truth > 0.5})
    return rows


def fit(rows: list[dict]) -> tuple[np.ndarray, float]:
    """Weights and constant."""
    chosen, right, weight = [], [], []
    draw = np.random.default_rng(0)
    for row in rows:
        seen, truth = row["seen"].reshape(-1, row["seen"].shape[-1]), row["truth"][row["window"]].ravel()
        some = draw.choice(len(seen), min(len(seen), PIXELS), replace=False)
        chosen.append(seen[some])
        right.append(truth[some])
        weight.append(np.full(len(some), WEIGHT / len(some)))
    x, y, w = np.concatenate(chosen), np.concatenate(right).astype(float), np.concatenate(weight)
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z = np.c_[(x - mean) / spread, np.ones(len(x))]

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        u = z @ v
        slope = z.T @ (w * (1 / (1 + np.exp(-u)) - y)) + DECAY * np.r_[v[:-1], 0]
        return float((w * (np.logaddexp(0, u) - y * u)).sum() + DECAY * (v[:-1] @ v[:-1]) / 2), slope

    v = minimize(loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B").x
    return v[:-1] / spread, float(v[-1] - (v[:-1] / spread) @ mean)


def right_share(rows: list[dict], weights: np.ndarray, constant: float) -> list[float]:
    """IoU of each."""
    out = []
    for row in rows:
        belief = np.zeros(row["truth"].shape, np.float32)
        belief[row["window"]] = 1 / (1 + np.exp(-(row["seen"] @ weights + constant)))
        mask = cv2.GaussianBlur(belief, (0, 0), voting.SOFTEN) > voting.LEVEL
        out.append(float((mask & row["truth"]).sum() / max(1, (mask | row["truth"]).sum())))
    return out


def main() -> None:
    rows = rows_of(Encoders())
    photos = sorted({row["photo"] for row in rows})
    folds = [photos.index(row["photo"]) % FOLDS for row in rows]
    scores: list[float] = []
    for fold in range(FOLDS):
        held = [r for r, f in zip(rows, folds, strict=True) if f == fold]
        scores += right_share(held, *fit([r for r, f in zip(rows, folds, strict=True) if f != fold]))
    print(
        f"{len(rows)} things, not fitted to: mean IoU {np.mean(scores):.3f}, {np.mean(np.array(scores) >= 0.5):.1%} right"
    )
    weights, constant = fit(rows)
    named = {name: round(float(w), 4) for name, w in zip(fitted("inside"), [*weights, constant], strict=True)}
    TARGET.write_text(json.dumps(named, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
