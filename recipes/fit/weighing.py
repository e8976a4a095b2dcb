"""Fit which candidate for one thing is rather meant (`ground/fitted/weighing.json`) to the development pairs.

    python recipes/photos.py
    python recipes/fit/weighing.py                 # figures by ten-fold cross-validation over photographs, then the fit on all of them
    python recipes/fit/weighing.py dev dev2        # fit on these files of pairs alone, to check on the others

Conditional logit: of a phrase's candidates those whose box has an intersection over union of at least one half with the true one shall be the likeliest.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import ground as benchmark  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground import things  # noqa: E402
from pixwright.ground.detections import overlap  # noqa: E402
from pixwright.ground.fitted.numbers import fitted  # noqa: E402
from pixwright.ground.grounder import find, known  # noqa: E402
from pixwright.ground.meaning.sense import sense_of  # noqa: E402
from pixwright.ground.scene import see  # noqa: E402
from pixwright.words import read  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/weighing.json"
FOLDS, DECAY = 10, 2.0
"""Folds by photograph, and weight of the squared weights."""


def boxes_of(pair: dict, width: int, height: int) -> list[list[float]]:
    """The true boxes in 0..1."""
    many = "boxes" in pair and (len(pair["boxes"]) > 1 or "polygons" not in pair)
    points = np.concatenate([np.array(p) for p in pair.get("polygons", [[[0, 0]]])])
    boxes = pair["boxes"] if many else [[*points.min(0), *points.max(0)]]
    return [[b[0] / width, b[1] / height, b[2] / width, b[3] / height] for b in boxes]


def rows_of(encoders: Encoders, files: list[str]) -> list[dict]:
    """Features and truth of the candidates of every phrase that names one thing, or several that no order or measure tells apart."""
    rows = []
    for name in files:
        for pair in json.loads((benchmark.GOLDEN / f"{name}.json").read_text(encoding="utf-8")):
            thing = read(pair["phrase"])
            entry = known(thing)
            part = entry is not None and (
                entry.is_("person") or (entry.part and (thing.owner or not entry.is_("plant")))
            )
            picked = thing.selective and not things.stands(thing)
            if pair.get("outside") or pair["kind"] == "stuff" or len(thing.parts) > 1 or picked or part:
                continue
            picture = benchmark.load_pixels(pair, benchmark.PHOTOS)
            scene = see(picture, encoders)
            sense = sense_of(thing, encoders)
            anchors = [
                find(scene, each).found for to in (thing.link.to if thing.link else ()) for each in to.parts or (to,)
            ]
            seen, table = things.told(scene, thing, sense, things.named(scene, sense), True, anchors)
            if not seen:
                continue
            true = boxes_of(pair, picture.shape[1], picture.shape[0])
            right = np.array([max(overlap(c.box, box) for box in true) >= benchmark.HIT for c in seen])
            rows.append({"photo": pair["photo"], "seen": table, "right": right, "several": pair["kind"] == "several"})
    return rows


def fit(rows: list[dict]) -> np.ndarray:
    """Weights."""
    rows = [row for row in rows if row["right"].any() and not row["right"].all()]
    spread = np.concatenate([row["seen"] for row in rows]).std(0) + 1e-6

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = DECAY * (v @ v) / 2, DECAY * v
        for row in rows:
            z = row["seen"] / spread
            u = z @ v
            odds = np.exp(u - u.max())
            share = odds / odds.sum()
            total -= np.log(share[row["right"]].sum() + 1e-12)
            wanted = odds * row["right"] / max(odds[row["right"]].sum(), 1e-12)
            slope = slope + z.T @ (share - wanted)
        return float(total), slope

    return np.asarray(
        minimize(loss, np.zeros(len(spread)), jac=True, method="L-BFGS-B", options={"maxiter": 80}).x / spread
    )


def main() -> None:
    rows = rows_of(Encoders(), sys.argv[1:] or [*benchmark.SPLITS["dev"], *benchmark.SPLITS["asked"]])
    photos = sorted({row["photo"] for row in rows})
    hits = []
    for fold in range(FOLDS):
        weights = fit([r for r in rows if photos.index(r["photo"]) % FOLDS != fold])
        held = [r for r in rows if photos.index(r["photo"]) % FOLDS == fold and not r["several"]]
        hits += [bool(r["right"][int(np.argmax(r["seen"] @ weights))]) for r in held]
    print(f"{len(rows)} phrases; not fitted to: the first candidate is right for {np.mean(hits):.1%} of {len(hits)}")
    weights = {name: round(float(w), 4) for name, w in zip(fitted("weighing"), fit(rows), strict=True)}
    TARGET.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
