"""Fit which place is rather what somebody wears, and how sure that is (`ground/fitted/wearing.npz`), to boxes that were named by hand and to the development pairs.

    python -m recipes.train.worn cells --out out/worn        # and score: a labeller for each fourth of the packages, which has not learnt them
    python -m recipes.train.worn score --out out/worn
    python recipes/fit/wearing.py out/worn                   # figures by cross-validation over packages, then the fit on all of them

Conditional logit, as in recipes/fit/weighing.py: of a phrase's places on all people those whose box has an intersection over union of at least one half with the true one shall be the
likeliest. Every photograph is seen with a labeller that has not learnt its package. How sure the likeliest is right is a logistic function of `signs`; for that there are also zones of which
nothing was named in a photograph.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from logistic import logistic
from merits import chosen, fitted

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
sys.path.insert(0, str(ROOT))
from recipes.train import naming, worn  # noqa: E402

import ground as benchmark  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground.detections import overlap  # noqa: E402
from pixwright.ground.fitted.wearing import WornPlace, measures, signs  # noqa: E402
from pixwright.ground.grounder import known  # noqa: E402
from pixwright.ground.people import CROWD, by_face  # noqa: E402
from pixwright.ground.persons.bodies import DRAWN  # noqa: E402
from pixwright.ground.persons.labelled import ZONES  # noqa: E402
from pixwright.ground.persons.wearing import spots  # noqa: E402
from pixwright.ground.scene import Scene  # noqa: E402
from pixwright.train.naming.samples import NamedPhotograph, read_rows  # noqa: E402
from pixwright.words import read  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/wearing.npz"
ONE, TOUCHES = 0.45, 0.05
"""Overlap of all boxes of one thing; and of the boxes that hold it badly with one that does not: elsewhere there is another."""
DECAY, DOUBT, STEPS = 5.0, 1.0, 1000
"""Weight of the squared weights of the merit, and of the logistic function; and steps of the fit, at most."""
ABSENT, MISSING = ("head", "eyes", "chin", "neck", "lower", "feet"), 0.5
"""Zones that are asked for where nothing of them was named, and what such a question weighs."""
Boxes = list[list[float]]


@dataclass(frozen=True, eq=False)
class Asked:
    """A phrase of a photograph: its places, which of them are right, and what tells which is meant."""

    photo: str
    places: list[WornPlace]
    table: np.ndarray
    right: np.ndarray
    there: bool = True
    """Whether there is such a thing."""


def zone_of(phrase: str) -> str | None:
    """Where on the body what a phrase names is worn; None where that has no label."""
    thing = read(phrase)
    entry = known(thing)
    if entry is None or thing.parts or thing.link:
        return None
    zone = entry.worn or ("hair" if entry.part == "hair" else "")
    return zone if zone in ZONES else None


def named(row: NamedPhotograph) -> list[tuple[str, Boxes]]:
    """Zones and boxes of what a photograph surely has one of."""
    out = []
    for noun in dict.fromkeys(box.names[0] for box in row.boxes if box.names):
        zone = zone_of(f"the {noun}")
        mine = [box for box in row.boxes if noun in box.names]
        whole = [list(box.box) for box in mine if box.whole]
        one = whole and all(overlap(whole[0], box) > ONE for box in whole)
        if zone and one and all(max(overlap(box.box, each) for each in whole) > TOUCHES for box in mine):
            out.append((zone, whole))
    return out


def drawn() -> dict[str, list[tuple[str, dict]]]:
    """By photograph: zones and pairs of development."""
    out: dict[str, list[tuple[str, dict]]] = defaultdict(list)
    for name in worn.DRAWN:
        for pair in json.loads((benchmark.GOLDEN / f"{name}.json").read_text(encoding="utf-8")):
            zone = zone_of(pair["phrase"])
            single = "polygons" in pair or len(pair.get("boxes", ())) == 1
            if zone and single and pair["kind"] not in ("several", benchmark.ABSENT) and not pair.get("outside"):
                out[pair["photo"]].append((zone, pair))
    return out


def box_of(pair: dict, scene: Scene) -> list[float]:
    """The true box in 0..1."""
    points = np.concatenate([np.array(p) for p in pair["polygons"]]) if "polygons" in pair else None
    box = pair["boxes"][0] if points is None else [*points.min(0), *points.max(0)]
    height, width = scene.picture.shape[:2]
    return [box[0] / width, box[1] / height, box[2] / width, box[3] / height]


def asked(looks: Path, see: Callable[[str, Encoders], Scene] = naming.scene_of) -> list[Asked]:
    """All phrases, each seen with the labeller that has not learnt the photograph's package."""
    encoders, package, out = Encoders(), worn.packages(), []
    rows, pairs = {row.photo: row for row in read_rows(naming.ROWS)}, drawn()
    labellers = [worn.labeller(looks, fold, encoders) for fold in range(worn.FOLDS)]
    for photo in sorted({*rows, *pairs}):
        told = named(rows[photo]) if photo in rows else []
        if not told and photo not in pairs:
            continue
        vars(encoders)["worn"] = labellers[worn.fold_of(photo, package)]
        scene = see(photo, encoders)
        told += [(zone, [box_of(pair, scene)]) for zone, pair in pairs.get(photo, ())]
        if photo in rows:
            here = {zone_of(f"the {box.names[0]}") for box in rows[photo].boxes if box.names} | {
                zone for zone, _ in told
            }
            told += [(zone, []) for zone in ABSENT if zone not in here]
        best = max((person.score for person in scene.people), default=0.0)
        people = [person for person in scene.people[:DRAWN] if person.score > CROWD * best]
        for zone, true in told if people else ():
            places = spots(scene, people, zone, [by_face(scene, person, zone) for person in people])
            right = np.array(
                [max((overlap(place.box, box) for box in true), default=0) >= benchmark.HIT for place in places], bool
            )
            out.append(Asked(photo, places, measures(places, zone) if places else np.zeros((0, 0)), right, bool(true)))
    return out


def fit(rows: list[Asked]) -> dict[str, np.ndarray]:
    """Mean and spread of the measures, and their weights."""
    rows = [row for row in rows if row.right.any() and not row.right.all()]
    table = np.concatenate([row.table for row in rows])
    mean, spread = table.mean(0), table.std(0) + 1e-6
    loss = chosen(np.concatenate([row.right for row in rows]), [len(row.right) for row in rows])
    weights = fitted((table - mean) / spread, loss, 0, DECAY, 0.0, 0, STEPS)["straight"]
    return {"mean": mean, "spread": spread, "weights": weights}


def main(rows: list[Asked]) -> None:
    """Measure by cross-validation, fit to all, and write."""
    package, hits, told, there = worn.packages(), [], [], []
    folds = np.array([worn.fold_of(row.photo, package) for row in rows])
    for fold in range(worn.FOLDS):
        numbers = fit([row for row, own in zip(rows, folds, strict=True) if own != fold])
        for row in (row for row, own in zip(rows, folds, strict=True) if own == fold and row.places):
            merit = (row.table - numbers["mean"]) / numbers["spread"] @ numbers["weights"]
            best = int(merit.argmax())
            hits.append(float(row.right[best]))
            told.append(signs(merit, row.places, best))
            there.append(row.there)
    real = [row for row in rows if row.there]
    print(f"{len(real)} phrases; not fitted to: the likeliest place is right for {int(sum(hits))}, one of the places for {sum(row.right.any() for row in real)}")  # fmt: skip
    weight = np.where(there, 1.0, MISSING)
    found = {**fit(rows), "sure": logistic(np.array(told), np.array(hits), DOUBT, weight=weight)}
    np.savez_compressed(TARGET, **{name: value.astype(np.float32) for name, value in found.items()})


if __name__ == "__main__":
    main(asked(Path(sys.argv[1])))
