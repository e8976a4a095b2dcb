"""Fit which candidate for one thing is rather meant, and how sure that is (`ground/fitted/weighing.npz`), to the development pairs and to boxes that were named by hand.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json
    python -m recipes.train.naming looks --out out/naming        # and score: a namer for each fifth of the photographs, which has not learnt them
    python -m recipes.train.naming score --out out/naming
    python recipes/fit/weighing.py out/naming                    # figures by cross-validation over photographs, then the fit on all of them

Conditional logit: of a phrase's candidates those whose box has an intersection over union of at least one half with the true one shall be the likeliest. Merit is a straight part and a
hidden layer; networks from several random starts are joined to one, whose merit is the mean of theirs. How sure the likeliest is right is a logistic function of its share and of its
names; for that there are also nouns that the photograph does not hold. Every photograph is seen with a namer that has not learnt it.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
from logistic import logistic
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
sys.path.insert(0, str(ROOT))
from recipes.train import naming  # noqa: E402

import ground as benchmark  # noqa: E402
from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.ground import things  # noqa: E402
from pixwright.ground.detections import overlap  # noqa: E402
from pixwright.ground.fitted.weighing import agreed, merits, signs, standardised  # noqa: E402
from pixwright.ground.grounder import find, known  # noqa: E402
from pixwright.ground.meaning.sense import sense_of  # noqa: E402
from pixwright.ground.scene import Scene, see  # noqa: E402
from pixwright.records.thing import Thing  # noqa: E402
from pixwright.train.naming.samples import NamedPhotograph, read_rows  # noqa: E402
from pixwright.words import read  # noqa: E402

TARGET = ROOT / "src/pixwright/ground/fitted/weighing.npz"
FOLDS = 6
"""Folds by photograph."""
ONE, TOUCHES = 0.45, 0.05
"""Overlap of all boxes of one thing; and of the boxes that hold it badly with one that does not: elsewhere there is another."""
ABSENT = 2
"""Nouns of a photograph that it has no thing of."""
DRAWN, MISSING = 2.0, 0.6
"""Weights, in how sure the likeliest is, of a drawn phrase, and of what is not there; of a named box 1."""
STRAIGHT, BENT = 2.0, 20.0
"""Weight of the squared weights of the straight part, and of the hidden layer."""
HIDDEN, STARTS, STEPS = 4, 2, 120
"""Units of a network's hidden layer, networks that are joined to one, and steps of the fit."""
Network = dict[str, np.ndarray]


def boxes_of(pair: dict, width: int, height: int) -> list[list[float]]:
    """The true boxes in 0..1."""
    many = "boxes" in pair and (len(pair["boxes"]) > 1 or "polygons" not in pair)
    points = np.concatenate([np.array(p) for p in pair.get("polygons", [[[0, 0]]])])
    boxes = pair["boxes"] if many else [[*points.min(0), *points.max(0)]]
    return [[b[0] / width, b[1] / height, b[2] / width, b[3] / height] for b in boxes]


def tells_one(thing: Thing) -> bool:
    """Whether a phrase names one thing, or several that no order or measure tells apart, that is looked for among boxes."""
    entry = known(thing)
    part = entry is not None and (entry.is_("person") or (entry.part and (thing.owner or not entry.is_("plant"))))
    return len(thing.parts) < 2 and not part and (not thing.selective or things.stands(thing))


def row_of(scene: Scene, thing: Thing, true: list[list[float]]) -> dict | None:
    """Measures and truth of a phrase's candidates; None without any. `true`: the boxes that are right, none if there is no such thing."""
    sense = sense_of(thing, scene.encoders)
    anchors = [find(scene, each).found for to in (thing.link.to if thing.link else ()) for each in to.parts or (to,)]
    found = things.named(scene, sense)
    seen, table = things.told(scene, thing, sense, found, True, anchors)
    if not seen:
        return None
    right = np.array([max((overlap(c.box, box) for box in true), default=0) >= benchmark.HIT for c in seen])
    return {"boxes": [c.box for c in seen], "seen": table, "right": right, "several": False}


def pairs(files: list[str]) -> dict[str, list[tuple[dict, Thing]]]:
    """By photograph: the development pairs that can be learnt from."""
    found: dict[str, list[tuple[dict, Thing]]] = defaultdict(list)
    for name in files:
        for pair in json.loads((benchmark.GOLDEN / f"{name}.json").read_text(encoding="utf-8")):
            thing = read(pair["phrase"])
            if not pair.get("outside") and pair["kind"] != "stuff" and tells_one(thing):
                found[pair["photo"]].append((pair, thing))
    return found


def named_things(row: NamedPhotograph) -> list[tuple[Thing, list[list[float]]]]:
    """The nouns of which a photograph surely holds one thing, with the boxes that hold it well."""
    found = []
    for noun in dict.fromkeys(name for box in row.boxes for name in box.names[:2]):
        mine = [box for box in row.boxes if noun in box.names]
        whole = [list(box.box) for box in mine if box.whole]
        one = whole and all(overlap(whole[0], box) > ONE for box in whole)
        if one and all(max(overlap(box.box, each) for each in whole) > TOUCHES for box in mine):
            found.append((read(f"the {noun}"), whole))
    return [(thing, whole) for thing, whole in found if plain(thing)]


def plain(thing: Thing) -> bool:
    """Whether it is one thing by its noun alone, and no surface."""
    entry = known(thing)
    return tells_one(thing) and not (thing.plural or thing.link or thing.selective or (entry and entry.stuff))


def absent(row: NamedPhotograph, rows: list[NamedPhotograph]) -> list[Thing]:
    """Nouns of other photographs that this one has no thing of."""
    here = {name for box in row.boxes for name in box.names}
    heads = {name.rpartition(" ")[2] for name in here}
    rng = np.random.default_rng(zlib.crc32(row.photo.encode()))
    others = (rows[int(i)] for i in rng.permutation(len(rows))[: 4 * ABSENT])
    nouns = [box.names[0] for other in others for box in other.boxes[:3] if box.names]
    free = [noun for noun in dict.fromkeys(nouns) if noun.rpartition(" ")[2] not in heads]
    return [thing for thing in (read(f"the {noun}") for noun in free[:ABSENT]) if plain(thing)]


def rows_of(looks: Path) -> list[dict]:
    """Of all photographs, each seen with the namer that has not learnt it."""
    encoders, out = Encoders(), []
    named = {row.photo: row for row in read_rows(naming.ROWS)}
    drawn = pairs([name for split in benchmark.OPEN for name in benchmark.SPLITS[split]])
    for photo in sorted({*named, *drawn}, key=lambda photo: (naming.fold_of(photo), photo)):
        vars(encoders)["namer"] = naming.kept(looks, naming.fold_of(photo))
        for pair, thing in drawn.get(photo, ()):
            scene = see(benchmark.load_pixels(pair, benchmark.PHOTOS), encoders)
            row = row_of(scene, thing, boxes_of(pair, scene.picture.shape[1], scene.picture.shape[0]))
            if row:
                out.append({**row, "photo": photo, "drawn": True, "several": pair["kind"] == "several"})
        if photo in named:
            scene = naming.scene_of(photo, encoders)
            phrases = named_things(named[photo])
            phrases += [(thing, []) for thing in absent(named[photo], list(named.values()))]
            told = (row_of(scene, thing, true) for thing, true in phrases)
            out += [{**row, "photo": photo, "drawn": False} for row in told if row]
    return out


def fit(rows: list[dict]) -> Network:
    """The networks from all starts as one."""
    rows = [row for row in rows if row["right"].any() and not row["right"].all()]
    every = np.concatenate([row["seen"] for row in rows])
    mean, spread = every.mean(0), every.std(0) + 1e-6
    seen = np.concatenate([standardised(row["seen"], mean, spread) for row in rows])
    right = np.concatenate([row["right"] for row in rows]).astype(float)
    sizes = [len(row["right"]) for row in rows]
    fitted = [started(seen, right, sizes, seed) for seed in range(STARTS)]
    return {
        "mean": mean, "spread": spread, "straight": np.mean([one["straight"] for one in fitted], 0),
        **{name: np.concatenate([one[name] for one in fitted], -1) for name in ("first", "first_bias")},
        "second": np.concatenate([one["second"] for one in fitted]) / STARTS,
    }  # fmt: skip


def started(seen: np.ndarray, right: np.ndarray, sizes: list[int], seed: int) -> Network:
    """One network, fitted from a random start to the standardised measures of all phrases' candidates, `sizes` of each phrase."""
    columns, begins = seen.shape[1], np.r_[0, np.cumsum(sizes)[:-1]]
    shapes = {"straight": (columns,), "first": (columns, HIDDEN), "first_bias": (HIDDEN,), "second": (HIDDEN,)}
    decay = {"straight": STRAIGHT, "first": BENT, "first_bias": 0.0, "second": BENT}
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])

    def parts(flat: np.ndarray) -> Network:
        cut = np.split(flat, ends[:-1])
        return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), cut, strict=True)}

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        net = parts(flat)
        hidden = np.tanh(seen @ net["first"] + net["first_bias"])
        merit = seen @ net["straight"] + hidden @ net["second"]
        odds = np.exp(merit - np.repeat(np.maximum.reduceat(merit, begins), sizes))
        every, hits = np.add.reduceat(odds, begins), np.add.reduceat(odds * right, begins)
        wrong = odds / np.repeat(every, sizes) - odds * right / np.repeat(np.maximum(hits, 1e-12), sizes)
        back = np.outer(wrong, net["second"]) * (1 - hidden**2)
        slopes = {
            "straight": seen.T @ wrong,
            "first": seen.T @ back,
            "first_bias": back.sum(0),
            "second": hidden.T @ wrong,
        }
        total = -np.log(hits / every + 1e-12).sum() + sum(decay[name] * (net[name] ** 2).sum() / 2 for name in net)
        return float(total), np.concatenate([(slopes[name] + decay[name] * net[name]).ravel() for name in net])

    draw = np.random.default_rng(seed)
    start = {name: draw.normal(0, 0.3 if name == "second" else 0.1, shape) for name, shape in shapes.items()}
    start["straight"][:] = 0
    flat = np.concatenate([value.ravel() for value in start.values()])
    return parts(minimize(loss, flat, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x)


def best(row: dict, net: Network) -> tuple[bool, np.ndarray]:
    """Whether the likeliest candidate by a network is right, and what tells how sure that is."""
    merit = merits(net, standardised(row["seen"], net["mean"], net["spread"]))
    odds = np.exp(merit - merit.max())
    likely = agreed(odds / odds.sum(), row["boxes"])
    first = int(likely.argmax())
    return bool(row["right"][first]), signs(likely, row["seen"], first)


def main() -> None:
    rows = rows_of(Path(sys.argv[1]))
    photos = sorted({row["photo"] for row in rows})
    fold = [photos.index(row["photo"]) % FOLDS for row in rows]
    hits, told = np.zeros(len(rows), bool), []
    for k in range(FOLDS):
        net = fit([row for row, own in zip(rows, fold, strict=True) if own != k])
        for i in (i for i, own in enumerate(fold) if own == k):
            hits[i], sign = best(rows[i], net)
            told.append((i, sign))
    drawn = np.array([row["drawn"] and not row["several"] for row in rows])
    print(
        f"{len(rows)} phrases; not fitted to: the likeliest candidate is right for {hits[drawn].mean():.1%} of {drawn.sum()} drawn ones"
    )
    order = np.array([i for i, _ in told])
    net = fit(rows)
    weight = np.where(drawn, DRAWN, np.where([row["right"].any() for row in rows], 1.0, MISSING))[order]
    seen = np.array([[*sign, 1.0] for _, sign in told])
    net["sure"] = logistic(seen, hits[order].astype(float), 1.0, weight=weight)
    np.savez_compressed(TARGET, **{name: value.astype(np.float32) for name, value in net.items()})


if __name__ == "__main__":
    main()
