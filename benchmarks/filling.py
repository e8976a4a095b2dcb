"""Holes over nothing, whose answer is known, filled by us and, where it is installed, by PyPatchMatch: structure and time.

    python benchmarks/filling.py FOLDER [--side 700] [--holes 3] [--share 0.05] [--large]

Each photograph of FOLDER gets blob holes at seeded places where nothing stands out. *hog*: distance of the histograms of edges (8 directions in 4x4 cells over the hole, weighed by strength; 0 is
equal, 1 has nothing in common); *ssim* of the hole, light only. `pip install PyPatchMatch` (MIT) brings the oracle; nothing else needs it. `--large` times one hole at 12 megapixels.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from pixwright.edit.filling.fill import fill
from pixwright.media import load_picture
from pixwright.systems import Eyes, local

LARGE = 12e6
CELLS, WAYS = 4, 8
TRIES = 30


def nothing_there(picture: np.ndarray, eyes: Eyes, share: float, seed: list[int]) -> np.ndarray:
    """Of TRIES blobs, the one in whose place the least stands out: a hole over something has no answer in its surroundings."""
    standing = eyes.salient(picture) > 127
    tries = [blob(picture.shape[:2], share, np.random.default_rng([*seed, number])) for number in range(TRIES)]
    return min(tries, key=lambda hole: float(standing[hole > 0].mean()))


def blob(shape: tuple[int, int], share: float, rng: np.random.Generator) -> np.ndarray:
    """A round hole with bumps (HxW uint8) that covers `share` of the picture, wholly in it."""
    height, width = shape
    radius = np.sqrt(share * height * width / np.pi)
    angle = np.linspace(0, 2 * np.pi, 72)
    waves = sum(rng.normal(0, 0.12 / k) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(1, 6))
    reach = radius * (1 + waves)
    far = float(reach.max()) + 8
    x, y = (
        rng.uniform(min(far, width / 2), max(width - far, width / 2)),
        rng.uniform(min(far, height / 2), max(height - far, height / 2)),
    )
    points = np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], 1).astype(np.int32)
    return cv2.fillPoly(np.zeros(shape, np.uint8), [points], 255)


def edges(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Histograms of the directions of edges in the cells of a hole's box: (cells, ways)."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1).astype(np.float32)
    strength, angle = cv2.cartToPolar(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    x, y, wide, tall = cv2.boundingRect(hole)
    found = np.zeros((CELLS * CELLS, WAYS))
    rows, columns = np.nonzero(hole)
    cell = (rows - y) * CELLS // tall * CELLS + (columns - x) * CELLS // wide
    way = (angle[rows, columns] % np.pi * WAYS / np.pi).astype(int) % WAYS
    np.add.at(found, (cell, way), strength[rows, columns])
    return found


def structure(truth: np.ndarray, filled: np.ndarray, hole: np.ndarray) -> float:
    """Distance of the two pictures' edges in the hole, in [0, 1]."""
    a, b = edges(truth, hole), edges(filled, hole)
    return float(np.abs(a - b).sum() / max(1e-6, (a + b).sum()))


def similarity(truth: np.ndarray, filled: np.ndarray, hole: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) of the light, mean over the hole."""
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (truth, filled))
    ma, mb = (cv2.GaussianBlur(p, (0, 0), 1.5) for p in (a, b))
    va, vb, ab = (
        cv2.GaussianBlur(p * q, (0, 0), 1.5) - m * n for p, q, m, n in ((a, a, ma, ma), (b, b, mb, mb), (a, b, ma, mb))
    )
    c1, c2 = 6.5025, 58.5225
    ssim = (2 * ma * mb + c1) * (2 * ab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return float(ssim[hole > 0].mean())


def ours(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return fill(picture, hole, rng=np.random.default_rng(0))


def oracle() -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
    """PyPatchMatch's filling, or None where it is not installed."""
    try:
        from patchmatch import patch_match
    except ImportError:
        return None
    patch_match.set_random_seed(0)
    return lambda picture, hole: patch_match.inpaint(picture, hole[..., None], patch_size=5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=700)
    parser.add_argument("--holes", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--only", nargs="*", help="names of the photographs")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    eyes = local().eyes()
    ways = {"ours": ours} | ({"PyPatchMatch": other} if (other := oracle()) else {})
    rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in ways}
    paths = [
        p for p in sorted(options.folder.iterdir()) if p.is_file() and (not options.only or p.name in options.only)
    ]
    for index, path in enumerate(paths):
        truth = np.ascontiguousarray(load_picture(path).pixels[..., :3])
        scale = (
            (LARGE / (truth.shape[0] * truth.shape[1])) ** 0.5 if options.large else options.side / max(truth.shape[:2])
        )
        truth = cv2.resize(
            truth, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        )
        for number in range(options.holes):
            hole = nothing_there(truth, eyes, options.share, [index, number])
            broken = np.where(hole[..., None] > 0, np.uint8(0), truth)
            for name, way in ways.items():
                wall, own = time.perf_counter(), time.process_time()
                filled = way(broken, hole)
                took = time.perf_counter() - wall, time.process_time() - own
                rows[name].append((structure(truth, filled, hole), similarity(truth, filled, hole), *took))
    for name, got in rows.items():
        hog, ssim, wall, own = zip(*got, strict=True)
        print(
            f"{name:13} n {len(got)}  hog {statistics.mean(hog):.3f}  ssim {statistics.mean(ssim):.3f}  seconds: median {statistics.median(wall):.2f} of wall, {statistics.median(own):.2f} of processor"
        )
    if len(rows) == 2:
        a, b = rows.values()
        better = sum(x[0] < y[0] for x, y in zip(a, b, strict=True))
        print(f"edges nearer to the truth: {better} of {len(a)} times")


if __name__ == "__main__":
    main()
