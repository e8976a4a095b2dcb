"""Train the namer on boxes of photographs that were named by hand, measure it on photographs that it has not learnt, and write it into the package.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json
    python -m recipes.train.naming looks --out out/naming            # what the packaged networks see of every box, a quarter of an hour
    python -m recipes.train.naming score --out out/naming            # five folds by package
    python -m recipes.train.naming write --out out/naming            # on all, into the package; then `python -m recipes.convert.register`

`named/boxes.jsonl` has a photograph a line: boxes of the detector, and some drawn by hand, with the nouns that an ordinary person would use for what each holds, the commonest first; ~ before them
says that the box holds the thing badly, no noun that it holds no one thing. What colour and material the thing has stands behind. No photograph of a test is among them. Needs the extra `torch`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from recipes.train import packages

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.heads import load, save
from pixwright.encoders.naming.namer import BoxLooks, Floats, Namer
from pixwright.ground.detections import Detected, overlap, overlaps
from pixwright.ground.geometry import Frame, frame_of
from pixwright.ground.meaning.regions import looks
from pixwright.ground.scene import Scene, see
from pixwright.ground.things import SALIENT
from pixwright.media.pixels import shrink
from pixwright.train.naming.fit import train
from pixwright.train.naming.network import NamingNetwork
from pixwright.train.naming.samples import RIGHT, NamedPhotograph, NamedSample, Vocabulary, read_rows

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROWS = HERE / "named" / "boxes.jsonl"
PHOTOS = ROOT / ".cache" / "photos"
TARGET = ROOT / "src/pixwright/weights/data/namer.npz"
LONG_SIDE = 1000
FOLDS, FOLD = 5, "namer-{}.npz"
SAME, SAME_PART, OWN = 0.92, 0.8, 0.7
"""Intersection over union from which a box of the detector, and a salient part, is one that is there already; and from which a box is the detector's own."""
ARRAYS = ("within", "around", "whole", "classes", "kinds", "form")


def boxes_of(scene: Scene, row: NamedPhotograph) -> list[Frame]:
    """The named boxes, then the detector's and the salient parts that are none of them: what the finder would choose among."""
    found = [box.box for box in row.boxes]
    for one in scene.proposals[: scene.considered]:
        if all(overlap(one.box, box) <= SAME for box in found):
            found.append(one.box)
    for part in scene.salient_parts[:SALIENT]:
        frame = frame_of(part)
        if all(overlap(frame, box) <= SAME_PART for box in found):
            found.append(frame)
    return found


def detected(scene: Scene, box: Frame) -> Detected | None:
    """The detector's box that this is, if any."""
    best = max(scene.proposals, key=lambda one: overlap(one.box, box), default=None)
    return best if best is not None and overlap(best.box, box) > OWN else None


def scene_of(photo: str, encoders: Encoders) -> Scene:
    """A photograph, upright and reduced."""
    picture = ImageOps.exif_transpose(Image.open(PHOTOS / photo)).convert("RGB")
    return see(np.ascontiguousarray(shrink(np.asarray(picture), LONG_SIDE)), encoders)


def look(rows: Sequence[NamedPhotograph], out: Path) -> None:
    """Keep what is seen of every photograph's boxes."""
    encoders = Encoders()
    for number, row in enumerate(rows, 1):
        target = out / f"{Path(row.photo).stem}.npz"
        if target.exists():
            continue
        scene = scene_of(row.photo, encoders)
        boxes = boxes_of(scene, row)
        seen = looks(scene, boxes, [detected(scene, box) for box in boxes])
        kept = {name: getattr(seen, name).astype(np.float16) for name in ARRAYS}
        np.savez(target, boxes=np.array(boxes, np.float32), **kept)
        print(f"{number} of {len(rows)}", flush=True)


def samples(rows: Sequence[NamedPhotograph], out: Path) -> list[NamedSample]:
    """What `look` kept."""
    found = []
    for row in rows:
        with np.load(out / f"{Path(row.photo).stem}.npz") as kept:
            seen = BoxLooks(**{name: kept[name] for name in ARRAYS})
            found.append(NamedSample(seen, row.boxes, overlaps(kept["boxes"])))
    return found


def embedded(nouns: Sequence[str]) -> Floats:
    """(n, 384) sentence embeddings."""
    return np.asarray(Encoders().text.embed(list(nouns)), np.float32)


@cache
def folds() -> dict[str, int]:
    """Of each photograph in any list: all of one maker's packages in the same fold."""
    return packages.folds(packages.makers(), FOLDS)


def hits(namer: Namer, sample: NamedSample, words: dict[str, Floats]) -> list[bool]:
    """For each first name of a photograph that one of the finder's boxes fits: whether the likeliest box does. Boxes drawn by hand cannot be chosen."""
    held = namer.held(sample.looks)
    free = np.ones(len(held.whole), bool)
    free[[i for i, box in enumerate(sample.named) if sample.looks.form[i, 6] == 0 and box.names]] = False
    found = []
    for noun in dict.fromkeys(box.names[0] for box in sample.named if box.names):
        whole = [i for i, box in enumerate(sample.named) if box.whole and box.names[:1] == (noun,)]
        right = (sample.alike[:, whole].max(1) >= RIGHT) & free if whole else np.zeros(len(free), bool)
        if right.any():
            odds = namer.likeness(held, namer.turned(words[noun][None]))[:, 0] + held.whole
            found.append(bool(right[int(np.where(free, odds, -np.inf).argmax())]))
    return found


def fitted(rows: Sequence[NamedPhotograph], out: Path) -> NamingNetwork:
    """Trained on these."""
    vocabulary = Vocabulary.of(rows)
    return train(samples(rows, out), vocabulary, embedded(vocabulary.nouns))


def score(rows: Sequence[NamedPhotograph], out: Path) -> None:
    """How often the likeliest box is right, on photographs that were not learnt."""
    nouns = sorted({box.names[0] for row in rows for box in row.boxes if box.names})
    words = dict(zip(nouns, embedded(nouns), strict=True))
    every: list[bool] = []
    for fold in range(FOLDS):
        network = fitted([row for row in rows if folds()[row.photo] != fold], out)
        save(network.tensors(), out / FOLD.format(fold))
        held = [row for row in rows if folds()[row.photo] == fold]
        own = [hit for one in samples(held, out) for hit in hits(Namer(network.tensors()), one, words)]
        every += own
        print(f"fold {fold}: {np.mean(own):.1%} of {len(own)} nouns", flush=True)
    print(f"all: {np.mean(every):.1%} of {len(every)} nouns")


def kept(out: Path, fold: int) -> Namer:
    """The namer that `score` kept, which has not learnt a fold's photographs."""
    return Namer(load(out / FOLD.format(fold)))


def main() -> None:
    options = argparse.ArgumentParser(description="train the namer of boxes")
    options.add_argument("what", choices=("looks", "score", "write"))
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows = read_rows(ROWS)
    if given.what == "looks":
        look(rows, given.out)
    elif given.what == "score":
        score(rows, given.out)
    else:
        save(fitted(rows, given.out).tensors(), TARGET)


if __name__ == "__main__":
    main()
