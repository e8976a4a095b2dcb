"""Fit which of the outlines drawn for one thing is rather meant, and how sure that is (`ground/fitted/drawing.npz`), to what people said of photographs: pairs of development and phrases.jsonl.

    python recipes/fit/weighing.py fit out/naming          # as its docstring says: it keeps a network for each fold
    python recipes/fit/drawing.py look out/naming          # every phrase's candidates outlined: half an hour, and what is there is kept
    python recipes/fit/drawing.py fit out/naming           # figures by cross-validation over packages, then the fit on all

Conditional logit: an outline is right if it, or its box where no more was drawn, has an intersection over union of at least one half with the true one. Every photograph is seen with a namer and a
choice among boxes that have learnt none of its package. How sure the likeliest is right is a logistic function of `signs`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from logistic import logistic
from merits import Network, chosen, fitted
from phrases import ROOT, boxes_of, pairs, said
from recipes.train import naming
from weighing import FOLD

import ground as benchmark
from pixwright.encoders.bundle import Encoders
from pixwright.ground import things
from pixwright.ground.detections import overlap
from pixwright.ground.fitted import weighing
from pixwright.ground.fitted.drawing import MEASURES, Outlined, merits, signs
from pixwright.ground.geometry import Floats, frame_of
from pixwright.ground.grounder import find, known
from pixwright.ground.meaning.sense import sense_of
from pixwright.ground.scene import Scene, see
from pixwright.records.thing import Thing

TARGET = ROOT / "src/pixwright/ground/fitted/drawing.npz"
LOOKS = "drawing"
"""Folder of what `look` keeps."""
DECAY, DOUBT, STEPS = 1.0, 1.0, 500
"""Weight of the squared weights of the merit, and of the logistic function; and steps of the fit, at most."""


def asked(photo: str, own: list, encoders: Encoders) -> Iterator[tuple[Scene, Thing, Floats | list]]:
    """The phrases for one thing of a photograph, each with its true mask (h, w), or boxes."""
    drawn = [(pair, thing) for pair, thing in own if pair["kind"] != "several"]
    if drawn:
        scene = see(benchmark.load_pixels(drawn[0][0], benchmark.PHOTOS), encoders)
        height, width = scene.picture.shape[:2]
        for pair, thing in drawn:
            if "polygons" in pair:
                mask = np.max(benchmark.outlines(pair, height, width), 0).astype(np.float32)
                yield scene, thing, cv2.resize(mask, scene.shape[::-1], interpolation=cv2.INTER_AREA)
            else:
                yield scene, thing, boxes_of(pair, width, height)
    ones = [phrase for phrase in said().get(photo, ()) if phrase.sort == "said"]
    if ones:
        scene = naming.scene_of(photo, encoders)
        yield from ((scene, phrase.thing, phrase.true) for phrase in ones)


def look(out: Path) -> None:
    """Keep what is seen of the outlines for every phrase."""
    encoders, folder = Encoders(), out / LOOKS
    namers = [naming.kept(out, fold) for fold in range(naming.FOLDS)]
    nets = [dict(np.load(out / FOLD.format(fold))) for fold in range(naming.FOLDS)]
    own = pairs([name for split in benchmark.OPEN for name in benchmark.SPLITS[split]])
    folder.mkdir(parents=True, exist_ok=True)
    every, packaged = sorted({*own, *said()}), weighing.network
    for number, photo in enumerate(every, 1):
        target, fold = folder / f"{photo}.npz", naming.folds()[photo]
        if target.exists():
            continue
        vars(encoders)["namer"] = namers[fold]
        weighing.network = lambda name="weighing", own=nets[fold]: own if name == "weighing" else packaged(name)
        tables, rights = [], []
        for scene, thing, true in asked(photo, own.get(photo, []), encoders):
            drawn, table = outlined(scene, thing)
            if drawn:
                tables.append(table)
                rights.append([right(one.mask, true) for one in drawn])
        every_table = np.concatenate(tables) if tables else np.zeros((0, len(MEASURES)))
        np.savez(target, table=every_table, right=np.concatenate(rights) if rights else np.zeros(0, bool), count=np.array([len(one) for one in rights], int))  # fmt: skip
        print(f"{number} of {len(every)}", flush=True)


def outlined(scene: Scene, thing: Thing) -> tuple[list[Outlined], Floats]:
    """The outlines for a thing, the likeliest box's first, and what is known of each; none of what has a finder of its own."""
    anchors = [find(scene, each).found for to in (thing.link.to if thing.link else ()) for each in to.parts or (to,)]
    entry = known(thing)
    if entry is not None and (entry.stuff or (entry.worn and scene.people)):
        return [], np.zeros((0, len(MEASURES)), np.float32)
    sense = sense_of(thing, scene.encoders)
    return things.drawn_for_one(scene, thing, sense, things.named(scene, sense), anchors)


def right(mask: Floats, true: Floats | list) -> bool:
    """Whether an outline is the true one."""
    if isinstance(true, list):
        return max((overlap(frame_of(mask), tuple(box)) for box in true), default=0.0) >= benchmark.HIT
    return benchmark.mask_iou(mask > 0.5, true > 0.5) >= benchmark.HIT


def rows_of(out: Path) -> list[dict]:
    """What `look` kept, a row a phrase."""
    found = []
    for photo, fold in naming.folds().items():
        file = out / LOOKS / f"{photo}.npz"
        if file.exists():
            with np.load(file) as kept:
                ends = np.cumsum(kept["count"])[:-1]
                found += [{"table": table, "right": hits.astype(bool), "fold": fold} for table, hits in zip(np.split(kept["table"], ends), np.split(kept["right"], ends), strict=True) if len(hits)]  # fmt: skip
    return found


def fit(rows: list[dict]) -> Network:
    """Mean and spread of the measures, and their weights."""
    rows = [row for row in rows if row["right"].any() and not row["right"].all()]
    table = np.concatenate([row["table"] for row in rows])
    mean, spread = table.mean(0), table.std(0) + 1e-6
    loss = chosen(np.concatenate([row["right"] for row in rows]), [len(row["right"]) for row in rows])
    return {"mean": mean, "spread": spread, "straight": fitted((table - mean) / spread, loss, 0, DECAY, 0.0, 0, STEPS)["straight"]}  # fmt: skip


def main(out: Path) -> None:
    """Measure by cross-validation, fit to all, and write."""
    rows, before, hits, told = rows_of(out), 0, [], []
    for fold in range(naming.FOLDS):
        net = fit([row for row in rows if row["fold"] != fold])
        for row in (row for row in rows if row["fold"] == fold):
            merit = merits(row["table"], net)
            best = int(merit.argmax())
            before += bool(row["right"][0])
            hits.append(float(row["right"][best]))
            told.append([*signs(merit, row["table"], best), 1.0])
    print(f"{len(rows)} phrases with an outline: right one by the box alone {before}, by the outlines {int(sum(hits))} (not fitted to), one of them {sum(row['right'].any() for row in rows)}")  # fmt: skip
    found = {**fit(rows), "sure": logistic(np.array(told), np.array(hits), DOUBT)}
    np.savez_compressed(TARGET, **{name: np.asarray(value, np.float32) for name, value in found.items()})


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="fit the choice among outlines")
    options.add_argument("what", choices=("look", "fit"))
    options.add_argument("out", type=Path)
    given = options.parse_args()
    (look if given.what == "look" else main)(given.out)
