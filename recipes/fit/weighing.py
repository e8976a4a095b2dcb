"""Fit which candidate for one thing is rather meant, and how sure that is (`ground/fitted/weighing.npz`), to the development pairs and to boxes that were named by hand.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json
    python -m recipes.train.naming looks --out out/naming        # and score: a namer for each fifth of the packages, which has not learnt their photographs
    python -m recipes.train.naming score --out out/naming
    python recipes/fit/weighing.py look out/naming               # what is seen of the candidates for every phrase of `phrases.py`: an hour, and what is there is kept
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
from merits import Network, chosen, fitted, joined
from phrases import ROOT, Phrase, absent, boxes_of, made, many, named_things, pairs, said
from PIL import Image

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
from pixwright.records.thing import Thing
from pixwright.train.naming.samples import NamedPhotograph, read_rows

TARGET = ROOT / "src/pixwright/ground/fitted/weighing.npz"
ROWS, SORTS = "rows", ("drawn", "named", "many", "said")
"""Folder of what `look` keeps, and what its files begin with."""
SURELY = {"drawn": 2.0, "said": 2.0, "absent": 0.6}
"""Weights, in how sure the likeliest is, of phrases that people made, and of what is not there; of a named box 1."""
FOLD = "weighing-{}.npz"
"""What `fit` keeps of the network that has learnt nothing of a fold."""
STRAIGHT, BENT = 2.0, 20.0
"""Weight of the squared weights of the straight part, and of the hidden layer."""
HIDDEN, STARTS, STEPS = 4, 3, 120
"""Units of a network's hidden layer, networks that are joined to one, and steps of the fit."""


def look(out: Path) -> None:
    """Keep what is seen of the candidates for the phrases of every photograph."""
    encoders = Encoders()
    rows = {row.photo: row for row in read_rows(naming.ROWS)}
    drawn = pairs([name for split in benchmark.OPEN for name in benchmark.SPLITS[split]])
    (out / ROWS).mkdir(parents=True, exist_ok=True)
    every = sorted({*drawn, *rows}, key=lambda photo: (photo not in drawn, photo))
    for number, photo in enumerate(every, 1):
        if photo in drawn and not (target := file_of(out, "drawn", photo)).exists():
            keep(
                see(benchmark.load_pixels(drawn[photo][0][0], benchmark.PHOTOS), encoders),
                drawn_phrases(drawn[photo]),
                target,
            )
        lacking = [s for s in SORTS[1:] if photo in rows and not file_of(out, s, photo).exists()]
        scene = naming.scene_of(photo, encoders) if lacking else None
        for sort in lacking:
            keep(scene, named_phrases(sort, rows[photo], list(rows.values())), file_of(out, sort, photo))
        print(f"{number} of {len(every)}", flush=True)


def drawn_phrases(own: list[tuple[dict, Thing]]) -> list[Phrase]:
    """Those of a photograph's pairs of development."""
    sizes = Image.open(benchmark.PHOTOS / own[0][0]["photo"]).size
    return [
        Phrase(thing, boxes_of(pair, *sizes), "several" if pair["kind"] == "several" else "drawn")
        for pair, thing in own
    ]


def named_phrases(sort: str, row: NamedPhotograph, rows: list[NamedPhotograph]) -> list[Phrase]:
    """Those of a photograph whose boxes were named."""
    if sort == "many":
        return many(row)
    return said().get(row.photo, []) if sort == "said" else [*named_things(row), *absent(row, rows), *made(row)]


def file_of(out: Path, sort: str, photo: str) -> Path:
    """Where that is kept: of pairs of development ("drawn"), of named boxes asked for by ones ("named") and all together ("many"), and of what people said ("said")."""
    return out / ROWS / f"{sort}-{photo}.npz"


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
            "true": np.concatenate([np.reshape(phrase.true, (-1, 4)) for phrase, _, _ in told]), "trues": np.array([len(phrase.true) for phrase, _, _ in told]),
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
    namers, found = [naming.kept(out, fold) for fold in range(naming.FOLDS)], []
    for photo, fold in naming.folds().items():
        for file in (file_of(out, sort, photo) for sort in SORTS):
            if not file.exists():
                continue
            with np.load(file) as stored:
                kept = dict(stored)
            if "sort" not in kept:
                continue
            held = namers[fold].held(BoxLooks(**{name: kept[name] for name in naming.ARRAYS}))
            ends = np.cumsum(kept["count"])[:-1]
            cut = [np.split(kept[name], ends) for name in ("which", "seen", "right")]
            cut.append(np.split(kept["true"], np.cumsum(kept["trues"])[:-1]))
            for which, seen, right, true, sort, text, word in zip(
                *cut, kept["sort"], kept["text"], kept["word"], strict=True
            ):
                meant = BoxMeanings(held.vectors[which], held.whole[which])
                seen[:, NAMED_SO - 2 : NAMED_SO + 1] = names_of(namers[fold], meant, word)
                boxes = [tuple(box) for box in kept["boxes"][which].tolist()]
                found.append({
                    "boxes": boxes, "seen": seen, "right": right, "true": list(map(tuple, true.tolist())), "sort": str(sort), "text": str(text), "photo": photo, "fold": fold,
                })  # fmt: skip
    return found


def fit(rows: list[dict]) -> Network:
    """The networks from all starts as one."""
    rows = [row for row in rows if row["right"].any() and not row["right"].all()]
    every = np.concatenate([row["seen"] for row in rows])
    mean, spread = every.mean(0), every.std(0) + 1e-6
    seen = np.concatenate([standardised(row["seen"], mean, spread) for row in rows])
    loss = chosen(np.concatenate([row["right"] for row in rows]), [len(row["right"]) for row in rows])
    net = joined([fitted(seen, loss, HIDDEN, STRAIGHT, BENT, seed, STEPS) for seed in range(STARTS)])
    return {"mean": mean, "spread": spread, **{name: value for name, value in net.items() if name != "bias"}}


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
    rows = [row for row in rows_of(given.out) if row["sort"] != "many"]
    hits, told, nets = np.zeros(len(rows), bool), [], []
    for fold in range(naming.FOLDS):
        nets.append(net := fit([row for row in rows if row["fold"] != fold]))
        for i in (i for i, row in enumerate(rows) if row["fold"] == fold):
            hits[i], sign = best(rows[i], net)
            told.append((i, sign))
    sorts = np.array([row["sort"] for row in rows])
    for sort in dict.fromkeys(sorts):
        print(f"{sort}: the likeliest candidate is right for {hits[sorts == sort].sum()} of {(sorts == sort).sum()}")
    order = np.array([i for i, _ in told])
    net = fit(rows)
    weight = np.array([SURELY.get(sort, 1.0) for sort in sorts])[order]
    seen = np.array([[*sign, 1.0] for _, sign in told])
    sure = logistic(seen, hits[order].astype(float), 1.0, weight=weight)
    for file, one in ((TARGET, net), *((given.out / FOLD.format(fold), one) for fold, one in enumerate(nets))):
        np.savez_compressed(
            file, **{name: np.asarray(value, np.float32) for name, value in (one | {"sure": sure}).items()}
        )


if __name__ == "__main__":
    main()
