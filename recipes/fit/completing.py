"""Fit what of an outline is missing and what is too much in it (`ground/fitted/completing.npz`) to the outlines that people drew of development things.

    python recipes/photos.py
    python recipes/fit/completing.py          # figures by four-fold cross-validation over photographs, then the fit on all of them; an hour of one core

Outlines as the finder draws them, and drawn ones that were spoilt: cut by a line, with regions of the picture's tree left out or added. The box outliner then saw a spoilt box as well: its log-odds are
cut off beyond that, and drawn towards the spoilt outline. Needs the extra `torch`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from layers import tensors_of

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import ground as benchmark  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground import ground  # noqa: E402
from pixwright.ground.fitted import completing  # noqa: E402
from pixwright.ground.fitted.inside import Network, off_middle  # noqa: E402
from pixwright.ground.geometry import frame_of  # noqa: E402
from pixwright.ground.scene import Scene, see  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/completing.npz"
FOUND, DRAWN = ("dev",), ("drawn", "former")
"""Splits whose phrases are looked for, and those of which drawn outlines are spoilt."""
KINDS, LEAST_IOU = ("object", "attribute", "stuff", "several"), 0.3
"""What is completed, and the agreement with the truth from which what was found is that thing at all."""
SPOILT, HALF = 2, 0.5
"""Spoilt outlines of each drawn one; and what one of them counts beside one that was found."""
LINE, PIECES, ODDS = (0.3, 1.4), (0.02, 0.35), (0.6, 1.5, 4.0)
"""How far from the middle a cut runs, in deviations; the areas of regions left out or added, in the thing's; and of the outliner's log-odds what is left, the noise, and how far they are drawn to the spoilt outline."""
HIDDEN, ROUNDS, BATCH, RATE, DECAY, FOLDS = 24, 40, 2048, 3e-3, 0.03, 4
"""Units of the hidden layer; rounds, pieces in a step, AdamW's rate and decay; folds by photograph."""
LARGEST = 0.2
"""The most that a piece weighs, in the thing's area: every thing counts alike, by the areas of its pieces."""


@dataclass(frozen=True, eq=False)
class Sample:
    """An outline's pieces: `seen` (n, 25), `truth` and `was` (n,) shares of the thing, `area` (n,), and which are `near` enough to count."""

    photo: str
    found: bool
    seen: np.ndarray
    truth: np.ndarray
    was: np.ndarray
    area: np.ndarray
    near: np.ndarray


def sample(
    scene: Scene, pair: dict, mask: np.ndarray, truth: np.ndarray, box: tuple, score: float, found: bool
) -> Sample:
    """What the network is shown of an outline."""
    pieces = scene.pieces
    seen = completing.measures(scene, mask, box, score)
    across, down = off_middle(mask.shape, frame_of(mask))
    near = pieces.mean(np.asarray(np.maximum(np.abs(across), np.abs(down)), np.float32)) < completing.REACH
    return Sample(
        pair["photo"], found, seen, pieces.mean(truth), pieces.mean(mask), pieces.area / pieces.area.sum(), near
    )


def spoilt(scene: Scene, truth: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A true outline (h, w) with a side cut off, or regions of the tree left out or added."""
    pieces, tree, mask = scene.pieces, scene.tree, truth.copy()
    members = [[number] for number in range(tree.pieces)]
    for one, other in tree.children:
        members.append(members[one] + members[other])
    area = np.array([pieces.area[some].sum() for some in members]) / max(float(truth.sum()), 1.0)
    inside = pieces.mean(truth)
    share = np.array([np.average(inside[some], weights=pieces.area[some]) for some in members])
    x0, y0, x1, y1 = frame_of(truth)
    middle = np.array([pieces.centre[some].mean(0) for some in members])
    close = (middle > (x0 - 0.1, y0 - 0.1)).all(1) & (middle < (x1 + 0.1, y1 + 0.1)).all(1)
    if draw.random() < 1 / 3:
        ys, xs = np.nonzero(truth > 0.5)
        angle = draw.uniform(0, 2 * np.pi) if draw.random() < 0.4 else draw.integers(4) * np.pi / 2
        rows, columns = np.indices(truth.shape)
        along = np.cos(angle) * (columns - xs.mean()) / (xs.std() + 1) + np.sin(angle) * (rows - ys.mean()) / (
            ys.std() + 1
        )
        mask[along > draw.uniform(*LINE)] = 0
    for _ in range(draw.integers(1, 4)):
        pool = np.flatnonzero((area > PIECES[0]) & (area < PIECES[1]) & ((share > 0.7) | ((share < 0.3) & close)))
        if len(pool):
            number = int(draw.choice(pool))
            mask[np.isin(pieces.labels, members[number])] = share[number] < 0.5
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.2), np.float32)


def misled(scene: Scene, box: tuple, mask: np.ndarray, draw: np.random.Generator) -> Scene:
    """The scene with an outliner that was shown the box of a spoilt outline."""
    height, width = scene.shape
    across, down = off_middle(mask.shape, frame_of(mask))
    odds = scene.boxed(box).copy()
    odds[np.maximum(np.abs(across), np.abs(down)) > 1 + completing.REACH / 20] = -6
    noise = cv2.GaussianBlur(draw.standard_normal((height, width)).astype(np.float32), (0, 0), max(height, width) / 16)
    kept, noisy, drawn = ODDS
    odds = np.clip(odds * kept + noise / noise.std() * noisy + np.clip((mask - 0.5) * drawn, -2, 2), -6, 6)
    other = replace(scene, _boxed={frame_of(mask): (odds.astype(np.float32), (0.0, 0.0, 1.0, 1.0))})
    other.__dict__.update(
        {
            name: value
            for name, value in scene.__dict__.items()
            if name in ("pieces", "tree", "lab", "salient", "proposals", "middling")
        }
    )
    return other


def samples(encoders: Encoders) -> list[Sample]:
    """Outlines that were found and that were spoilt, with their truth."""
    out, draw = [], np.random.default_rng(0)
    for split in (*FOUND, *DRAWN):
        for pair in benchmark.load_pairs(split):
            if not pair.get("polygons") or pair["kind"] not in KINDS:
                continue
            scene = see(benchmark.load_pixels(pair, benchmark.PHOTOS), encoders)
            full = np.any(benchmark.outlines(pair, *scene.picture.shape[:2]), axis=0).astype(np.float32)
            truth = cv2.resize(full, scene.shape[::-1], interpolation=cv2.INTER_AREA)
            if split in FOUND:
                region = ground(scene, pair["phrase"], encoders)
                mask = np.asarray(
                    cv2.resize(region.mask, scene.shape[::-1], interpolation=cv2.INTER_AREA) / 255, np.float32
                )
                if region.found and benchmark.mask_iou(mask > 0.5, truth > 0.5) > LEAST_IOU:
                    out.append(sample(scene, pair, mask, truth, frame_of(mask), region.score, True))
                continue
            for _ in range(SPOILT):
                mask = spoilt(scene, truth, draw)
                if (mask > 0.5).sum() > completing.LEAST:
                    other = misled(scene, frame_of(truth), mask, draw)
                    out.append(sample(other, pair, mask, truth, frame_of(mask), draw.uniform(0.4, 0.95), False))
    return out


def fit(given: list[Sample]) -> Network:
    """A network of one hidden layer, by cross-entropy; every thing counts alike, and a spoilt outline half."""
    torch.manual_seed(0)
    seen, truth = (np.concatenate([getattr(one, name)[one.near] for one in given]) for name in ("seen", "truth"))
    weight = np.concatenate(
        [
            np.clip(one.area / max(float((one.area * one.truth).sum()), 0.005), 0, LARGEST)[one.near]
            * (1 if one.found else HALF)
            for one in given
        ]
    )
    mean, spread = seen.mean(0), seen.std(0) + 1e-3
    x, y, w = (
        torch.from_numpy(np.asarray(a, np.float32)) for a in ((seen - mean) / spread, truth, weight / weight.mean())
    )
    network = torch.nn.Sequential(torch.nn.Linear(len(mean), HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 1))
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    for _ in range(ROUNDS):
        for at in torch.randperm(len(x)).split(BATCH):
            odds = network(x[at])[:, 0]
            loss = (torch.nn.functional.binary_cross_entropy_with_logits(odds, y[at], reduction="none") * w[at]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return tensors_of(network, mean, spread)


def agreement(one: Sample, network: Network | None) -> float:
    """IoU, by pieces, of an outline with the truth: as it is, or completed."""
    own = one.was
    if network is not None:
        belief = completing.believed(network, one.seen) * one.near
        own = np.where(belief > completing.SURELY, np.maximum(own, 1), np.where(belief < completing.SURELY_NOT, 0, own))
    return float((one.area * np.minimum(own, one.truth)).sum() / (one.area * np.maximum(own, one.truth)).sum())


def main() -> None:
    given = samples(Encoders())
    photos = sorted({one.photo for one in given})
    pairs: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for fold in range(FOLDS):
        network = fit([one for one in given if photos.index(one.photo) % FOLDS != fold])
        for one in given:
            if photos.index(one.photo) % FOLDS == fold:
                pairs[one.found].append((agreement(one, None), agreement(one, network)))
    for found, rows in pairs.items():
        before, after = np.mean(rows, axis=0)
        print(
            f"{len(rows)} outlines {'as found' if found else 'spoilt'}, not fitted to: mean IoU {before:.3f}, completed {after:.3f}"
        )
    np.savez(TARGET, **fit(given))


if __name__ == "__main__":
    main()
