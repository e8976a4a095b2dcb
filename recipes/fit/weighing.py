"""Fit which candidate for one thing is rather meant, and how sure that is (`ground/fitted/weighing.npz`), to the development pairs and to boxes that were named by hand.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json
    python -m recipes.train.naming looks --out out/naming        # and score: a namer for each fifth of the packages, which has not learnt their photographs
    python -m recipes.train.naming score --out out/naming
    python recipes/fit/weighing.py look out/naming               # what is seen of the candidates for every phrase of `phrases.py`: half an hour, and what is there is kept
    python recipes/fit/weighing.py fit out/naming                # figures by cross-validation over packages, then the fit on all

Conditional logit: of a phrase's candidates those whose box has an intersection over union of at least one half with the true one shall be the likeliest. Merit is a straight part and a
hidden layer; networks from several random starts are joined to one, whose merit is the mean of theirs. How sure the likeliest is right is a logistic function of its share and of its
names; for that there are also nouns that the photograph does not hold. Every photograph is seen with a namer that has learnt none of its package.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from logistic import logistic
from phrases import ROOT, Phrase, absent, boxes_of, made, named_things, pairs
from scipy.optimize import minimize

sys.path.insert(0, str(ROOT))
from recipes.train import naming

import ground as benchmark
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.naming.namer import BoxLooks, BoxMeanings
from pixwright.ground import things
from pixwright.ground.detections import overlap
from pixwright.ground.fitted.weighing import NAMED_SO, agreed, merits, signs, standardised
from pixwright.ground.grounder import find
from pixwright.ground.meaning.classes import word_of
from pixwright.ground.meaning.regions import looks, names_of
from pixwright.ground.meaning.sense import sense_of
from pixwright.ground.scene import Scene, see
from pixwright.train.naming.samples import NamedPhotograph, read_rows

TARGET = ROOT / "src/pixwright/ground/fitted/weighing.npz"
ROWS = "rows"
"""Folder of what `look` keeps."""
EACH = 2
"""Of so many photographs whose boxes were named one is asked for: what is seen of the candidates takes long. A fourth is worth 8 phrases of 684 less."""
DRAWN, MISSING = 2.0, 0.6
"""Weights, in how sure the likeliest is, of a drawn phrase, and of what is not there; of a named box 1."""
STRAIGHT, BENT = 2.0, 20.0
"""Weight of the squared weights of the straight part, and of the hidden layer."""
HIDDEN, STARTS, STEPS = 4, 3, 120
"""Units of a network's hidden layer, networks that are joined to one, and steps of the fit."""
Network = dict[str, np.ndarray]


def look(out: Path) -> None:
    """Keep what is seen of the candidates for the phrases of every photograph."""
    encoders = Encoders()
    rows = read_rows(naming.ROWS)
    named = asked_of(rows)
    drawn = pairs([name for split in benchmark.OPEN for name in benchmark.SPLITS[split]])
    (out / ROWS).mkdir(parents=True, exist_ok=True)
    every = sorted({*named, *drawn}, key=lambda photo: (photo not in drawn, photo))
    for number, photo in enumerate(every, 1):
        for own, target in ((True, file_of(out, photo, True)), (False, file_of(out, photo, False))):
            if target.exists() or photo not in (drawn if own else named):
                continue
            if own:
                scene = see(benchmark.load_pixels(drawn[photo][0][0], benchmark.PHOTOS), encoders)
                height, width = scene.picture.shape[:2]
                phrases = [
                    Phrase(thing, boxes_of(pair, width, height), "several" if pair["kind"] == "several" else "drawn")
                    for pair, thing in drawn[photo]
                ]
            else:
                scene, row = naming.scene_of(photo, encoders), named[photo]
                phrases = [*named_things(row), *absent(row, rows), *made(row)]
            keep(scene, phrases, target)
        print(f"{number} of {len(every)}", flush=True)


def asked_of(rows: list[NamedPhotograph]) -> dict[str, NamedPhotograph]:
    """The photographs whose named boxes are asked for."""
    return {row.photo: row for row in sorted(rows, key=lambda row: row.photo)[::EACH]}


def file_of(out: Path, photo: str, own: bool) -> Path:
    """Where that is kept: of pairs of development, and of named boxes."""
    return out / ROWS / f"{'drawn' if own else 'named'}-{photo}.npz"


def keep(scene: Scene, phrases: list[Phrase], target: Path) -> None:
    """Each candidate's measures for each phrase, and what is seen of the boxes: the names themselves depend on the namer."""
    boxes: dict = {}
    told = [(phrase, *measured(scene, phrase)) for phrase in phrases]
    for _, seen, _ in told:
        for one in seen:
            boxes.setdefault(one.box, one.kinds)
    told = [(phrase, seen, table) for phrase, seen, table in told if seen]
    kept: dict[str, np.ndarray] = {"boxes": np.array(list(boxes), np.float32).reshape(-1, 4)}
    if told:
        number = {box: i for i, box in enumerate(boxes)}
        held = looks(scene, list(boxes), list(boxes.values()))
        words = [word_of(phrase.thing.name, scene.encoders) for phrase, _, _ in told]
        assert all(word is not None for word in words), "the text encoder is missing"
        kept |= {name: getattr(held, name).astype(np.float16) for name in naming.ARRAYS}
        kept |= {
            "sort": np.array([phrase.sort for phrase, _, _ in told]), "text": np.array([str(phrase.thing) for phrase, _, _ in told]),
            "word": np.array(words, np.float32), "count": np.array([len(seen) for _, seen, _ in told]),
            "which": np.array([number[one.box] for _, seen, _ in told for one in seen]),
            "seen": np.concatenate([table for _, _, table in told]),
            "right": np.array([max((overlap(one.box, box) for box in phrase.true), default=0) for phrase, seen, _ in told for one in seen]) >= benchmark.HIT,
        }  # fmt: skip
    np.savez(target, **kept)


def measured(scene: Scene, phrase: Phrase) -> tuple[list[things.Candidate], np.ndarray]:
    """The candidates for a phrase and what is known of each."""
    thing, sense = phrase.thing, sense_of(phrase.thing, scene.encoders)
    anchors = [find(scene, each).found for to in (thing.link.to if thing.link else ()) for each in to.parts or (to,)]
    return things.told(scene, thing, sense, things.named(scene, sense), True, anchors)


def rows_of(out: Path) -> list[dict]:
    """What `look` kept, each photograph named by the namer that has learnt none of its package."""
    namers = [naming.kept(out, fold) for fold in range(naming.FOLDS)]
    named, found = asked_of(read_rows(naming.ROWS)), []
    for photo, fold in naming.folds().items():
        for own in (True, False):
            file = file_of(out, photo, own)
            if not file.exists() or not (own or photo in named):
                continue
            with np.load(file) as stored:
                kept = dict(stored)
            if "sort" not in kept:
                continue
            held = namers[fold].held(BoxLooks(**{name: kept[name] for name in naming.ARRAYS}))
            ends = np.cumsum(kept["count"])[:-1]
            cut = (np.split(kept[name], ends) for name in ("which", "seen", "right"))
            for which, seen, right, sort, text, word in zip(
                *cut, kept["sort"], kept["text"], kept["word"], strict=True
            ):
                meant = BoxMeanings(held.vectors[which], held.whole[which])
                seen[:, NAMED_SO - 2 : NAMED_SO + 1] = names_of(namers[fold], meant, word)
                boxes = [tuple(box) for box in kept["boxes"][which].tolist()]
                found.append({
                    "boxes": boxes, "seen": seen, "right": right, "sort": str(sort), "text": str(text), "photo": photo, "fold": fold,
                })  # fmt: skip
    return found


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
    options = argparse.ArgumentParser(description="fit the choice among boxes")
    options.add_argument("what", choices=("look", "fit"))
    options.add_argument("out", type=Path)
    given = options.parse_args()
    if given.what == "look":
        look(given.out)
        return
    rows = rows_of(given.out)
    hits, told = np.zeros(len(rows), bool), []
    for fold in range(naming.FOLDS):
        net = fit([row for row in rows if row["fold"] != fold])
        for i in (i for i, row in enumerate(rows) if row["fold"] == fold):
            hits[i], sign = best(rows[i], net)
            told.append((i, sign))
    sorts = np.array([row["sort"] for row in rows])
    for sort in dict.fromkeys(sorts):
        print(f"{sort}: the likeliest candidate is right for {hits[sorts == sort].sum()} of {(sorts == sort).sum()}")
    order = np.array([i for i, _ in told])
    net = fit(rows)
    weight = np.array([MISSING if sort == "absent" else DRAWN if sort == "drawn" else 1.0 for sort in sorts])[order]
    seen = np.array([[*sign, 1.0] for _, sign in told])
    net["sure"] = logistic(seen, hits[order].astype(float), 1.0, weight=weight)
    np.savez_compressed(TARGET, **{name: value.astype(np.float32) for name, value in net.items()})


if __name__ == "__main__":
    main()
