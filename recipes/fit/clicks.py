"""Fit which of the things at a point a click means, and say how often that is the one that people outlined.

    python recipes/photos.py
    python recipes/fit/clicks.py [--write]      # prints; --write replaces the numbers that are shipped

Every outline or box of the development pairs gets one click: a point drawn in it, the more likely the farther from its rim (of a box, in the ellipse in its middle). The
choice among the candidates is a softmax of a linear function of their features, trained on the expected intersection over union. Tenfold by photograph, so that no
photograph is judged by weights that saw it.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pixwright.encoders.bundle import Encoders
from pixwright.ground import see
from pixwright.ground.detections import overlap
from pixwright.ground.fitted.clicked import LEAST, candidates, features, pointed
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.geometry import Floats, frame_of, iou

ROOT = Path(__file__).resolve().parents[2]
SETS = ("dev", "dev2", "dev3")
WRITTEN = ROOT / "src" / "pixwright" / "ground" / "fitted" / "clicked.json"
SIDE, SMALLEST, MOST = 768, 60, 2
"""Longer side at which pictures are clicked on; pixels that a thing has at least; instances of a pair that get a click."""
ELLIPSE = 0.35
"""Half axes of the ellipse that is clicked in, in a box's sides."""
FOLDS, DECAY, STEPS = 10, 0.01, 80
"""Of the cross-validation; weight decay; iterations of L-BFGS."""
RIGHT, DIGITS = 0.5, 4
"""Intersection over union of what counts as right; digits of a weight."""


@dataclass(frozen=True)
class Click:
    """One click: features (n, k) of its candidates, what each candidate is worth, and what is chosen with the weights that are there."""

    photo: str
    kind: str
    told: Floats
    worth: Floats
    chosen: float


def drawn(pair: dict, scale: float, shape: tuple[int, int]) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8], bool]]:
    """Of each instance: its mask (of a box, the box), where may be clicked, and whether it is an outline."""
    found = []
    for polygon in pair.get("polygons", ())[:MOST]:
        mask = np.zeros(shape, np.uint8)
        cv2.fillPoly(mask, [np.round(np.array(polygon) * scale).astype(np.int32)], 1)
        found.append((mask, mask, True))
    for box in () if found else pair["boxes"][:MOST]:
        x0, y0, x1, y1 = (round(edge * scale) for edge in box)
        mask, inner = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        mask[y0:y1, x0:x1] = 1
        axes = (max(1, round((x1 - x0) * ELLIPSE)), max(1, round((y1 - y0) * ELLIPSE)))
        cv2.ellipse(inner, ((x0 + x1) // 2, (y0 + y1) // 2), axes, 0, 0, 360, 1, -1)
        found.append((mask, inner, False))
    return [one for one in found if one[0].sum() >= SMALLEST and one[1].any()]


def clicks() -> list[Click]:
    """All clicks of the development pairs."""
    rng, encoders, found = np.random.default_rng(0), Encoders(), []
    by_photo = defaultdict(list)
    for name in SETS:
        for pair in json.loads((ROOT / "tests" / "golden" / "ground" / f"{name}.json").read_text()):
            if pair["kind"] != "stuff":
                by_photo[pair["photo"]].append(pair)
    for photo, pairs in by_photo.items():
        image = ImageOps.exif_transpose(Image.open(ROOT / ".cache" / "photos" / photo)).convert("RGB")
        scale = min(1.0, SIDE / max(image.size))
        picture = np.asarray(
            image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BOX)
        )
        scene = see(picture, encoders)
        height, width = scene.shape
        for pair in pairs:
            for mask, inner, outlined in drawn(pair, scale, picture.shape[:2]):
                depth = cv2.distanceTransform(np.pad(inner, 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1].astype(float)
                row, column = np.unravel_index(rng.choice(depth.size, p=(depth / depth.sum()).ravel()), depth.shape)
                point = ((column + 0.5) / picture.shape[1], (row + 0.5) / picture.shape[0])
                truth = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)

                def worth(seen: Floats, truth: Floats = truth, outlined: bool = outlined) -> float:
                    if not (seen > 0.5).any():
                        return 0.0
                    return iou(seen, truth) if outlined else overlap(frame_of(seen), frame_of(truth))

                some = [one for one in candidates(scene, point) if (one.mask > 0.5).sum() >= LEAST]
                if some:
                    worths = np.array([worth(one.mask) for one in some], np.float32)
                    chosen = worth(pointed(scene, point))
                    found.append(Click(photo, pair["kind"], features(scene, point, some), worths, chosen))
        print(photo, len(found), flush=True)
    return found


def learnt(some: list[Click], mean: Floats, spread: Floats) -> Floats:
    """The weights that make the expected worth greatest."""
    rows = [(torch.from_numpy((one.told - mean) / spread), torch.from_numpy(one.worth)) for one in some]
    weights = torch.zeros(len(fitted("clicked")), requires_grad=True)
    steps = torch.optim.LBFGS([weights], max_iter=STEPS)

    def loss() -> torch.Tensor:
        steps.zero_grad()
        gained = torch.stack([(torch.softmax(told @ weights, 0) * worth).sum() for told, worth in rows]).mean()
        (found := DECAY / 2 * weights.square().sum() - gained).backward()
        return found

    steps.step(loss)
    return weights.detach().numpy()


def chosen_by(weights: Floats, mean: Floats, spread: Floats, one: Click) -> float:
    """What the chosen candidate of a click is worth."""
    return float(one.worth[int(np.argmax(((one.told - mean) / spread) @ weights))])


def main() -> None:
    """Fit, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace the weights that are shipped")
    args = parser.parse_args()
    found = clicks()
    told = np.concatenate([one.told for one in found])
    mean, spread = told.mean(0), told.std(0) + np.finfo(np.float32).eps
    photos = sorted({one.photo for one in found})
    fold = {photo: number % FOLDS for number, photo in enumerate(np.random.default_rng(0).permutation(photos))}
    unseen = {}
    for number in range(FOLDS):
        weights = learnt([one for one in found if fold[one.photo] != number], mean, spread)
        unseen |= {id(one): chosen_by(weights, mean, spread, one) for one in found if fold[one.photo] == number}
    for kind in ("all", *sorted({one.kind for one in found})):
        own = [one for one in found if kind in ("all", one.kind)]
        best, by, now = ([max(one.worth) for one in own], [unseen[id(one)] for one in own], [one.chosen for one in own])
        shares = ", ".join(
            f"{name} {np.mean(np.array(values) >= RIGHT):.1%}"
            for name, values in (
                ("shipped", now),
                ("fitted, on photographs not seen", by),
                ("the best candidate", best),
            )
        )
        print(
            f"{kind}: {len(own)} clicks; outlines right (IoU of {RIGHT} or more): {shares}; mean IoU {np.mean(by):.3f}"
        )
    if args.write:
        weights = learnt(found, mean, spread)
        named = dict(zip(fitted("clicked"), (weights / spread).astype(float).round(DIGITS).tolist(), strict=True))
        WRITTEN.write_text(json.dumps(named, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
