"""Make a harmoniser's data, train it, and measure the light matching that is used today on the same things.

    pixwright assets fetch photos stamps
    python -m recipes.train.harmoniser data  --out out/harmoniser --photos .cache/photos    # things of photographs, 3,000 places of them
    python -m recipes.train.harmoniser train --out out/harmoniser --minutes 15              # of processor time; goes on where it was
    python -m recipes.train.harmoniser score --out out/harmoniser                           # on things of photographs of the reserved split

`--photos FOLDER`: of it the photographs are taken that tests/golden names for development and no test shows. Those of the training split are trained on, the others measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from recipes.train.critic import GOLDEN

from pixwright.build.sets.bench import catalogue_of
from pixwright.edit.placing.harmonise import relight
from pixwright.edit.placing.surroundings import surroundings_of
from pixwright.encoders.bundle import Encoders
from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array
from pixwright.records.sample import Split, split_of
from pixwright.train.harmoniser.fit import change, train
from pixwright.train.harmoniser.samples import SIDE, Standing, put_back, sample, standing

STATE = "state.pt"
HELD = 400
"""Held-out samples, of photographs of the reserved split."""
FEWEST = 50
"""Pixels of a thing that is measured."""


def named(*patterns: str, key: str = "photo") -> set[str]:
    """Photographs that golden files name."""
    found = set()
    for pattern in patterns:
        for file in GOLDEN.glob(pattern):
            text = file.read_text()
            rows = (
                json.loads(text) if file.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]
            )
            found |= {row[key] for row in rows}
    return found


def photographs(folder: Path | None, split: Split) -> list[Array]:
    """Photographs of a split, HxWx3 uint8, at most SIDE pixels: the packaged sets', and the folder's that are named for development."""
    catalogue = catalogue_of(("photos",), Split.TRAIN)
    closed = named("ground/test*.json", "judge/test[2-9].jsonl")
    pictures = [
        catalogue.pixels(one.key)[..., :3]
        for one in catalogue.assets("background")
        if split is Split.TRAIN and one.photographic and Path(one.path).stem.lower() not in {Path(n).stem.lower() for n in closed}
    ]  # fmt: skip
    if folder is not None:
        allowed = named("ground/dev*.json", "judge/dev*.jsonl", "judge/test.jsonl") - closed
        for file in sorted(folder / name for name in allowed if split_of(name) is split and (folder / name).exists()):
            pictures.append(np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGB")))
    return [np.ascontiguousarray(shrink(one, SIDE)) for one in pictures]


def things(pictures: list[Array], encoders: Encoders) -> list[Standing]:
    """All that is cut out of photographs."""
    found = []
    for picture in pictures:
        boxes = []
        for one in encoders.detector.detect(picture):
            x0, y0, x1, y1 = (round(v) for v in one.box)
            if min(x1 - x0, y1 - y0) > SIDE // 12:
                boxes.append(((x0, y0, x1, y1), one.score))
        found += standing(picture, boxes[:6], encoders.segmenter)
    return found


def data(out: Path, photos: Path | None, count: int) -> None:
    """`near-SPLIT.npy`, `far-SPLIT.npy`, and the reserved things."""
    out.mkdir(parents=True, exist_ok=True)
    encoders = Encoders()
    for split, many in ((Split.TEST, HELD), (Split.TRAIN, count)):
        pictures = photographs(photos, split)
        found = things(pictures, encoders)
        rng = np.random.default_rng(len(found))
        rows = [sample(found, rng) for _ in range(many)]
        for side in ("near", "far"):
            np.save(out / f"{side}-{split.value}.npy", np.stack([getattr(row, side) for row in rows]))
        if split is Split.TEST:
            np.savez(out / "things.npz", **{f"{name}{k}": value for k, one in enumerate(found) for name, value in (("pixels", one.pixels), ("ground", one.ground), ("box", np.array(one.box)))})  # type: ignore[arg-type]  # fmt: skip
        print(f"{split.value}: {len(pictures)} photographs, {len(found)} things, {many} samples", flush=True)


def held(out: Path) -> list[Standing]:
    """The reserved things."""
    with np.load(out / "things.npz") as stored:
        count = len(stored.files) // 3
        return [Standing(stored[f"pixels{k}"], tuple(map(int, stored[f"box{k}"])), stored[f"ground{k}"]) for k in range(count)]  # type: ignore[arg-type]  # fmt: skip


def score(out: Path, count: int = 300) -> None:
    """Mean distance in CIE Lab from the thing's own colours: as it came, and by today's light matching; the network's own figures are in the log of its training.

    `right`: the thing and its scene are as they were photographed; `mild`, `strong`: the scene has another light, and the thing has not.
    """
    stock, rng = held(out), np.random.default_rng(5)
    table: dict[str, list[tuple[float, float]]] = {"right": [], "mild": [], "strong": []}
    for k in range(count):
        ground, layer, box = put_back(stock[k % len(stock)], rng)
        x0, y0, x1, y1 = box
        came = np.ascontiguousarray(layer[y0:y1, x0:x1])
        solid = came[..., 3] > 128
        if solid.sum() < FEWEST:
            continue
        for name, strength in zip(table, (0.0, 0.5, 1.0), strict=True):
            light = change(1, strength, torch.Generator().manual_seed(k))
            scene, true = changed(ground, light), lab(changed(came[..., :3], light))
            matched = relight(came, surroundings_of(scene, box), True)
            gaps = [float(np.linalg.norm(lab(one[..., :3]) - true, axis=2)[solid].mean()) for one in (came, matched)]
            table[name].append((gaps[0], gaps[1]))
    print("| scene | things | as it came | light matching |\n|---|---|---|---|")
    for name, pairs in table.items():
        found = np.array(pairs)
        print(f"| {name} | {len(found)} | {found[:, 0].mean():.1f} | {found[:, 1].mean():.1f} |")


def changed(picture: Array, by: Callable[[torch.Tensor], torch.Tensor]) -> Array:
    """A picture HxWx3 uint8 by a change of `fit.change`."""
    x = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
    return np.asarray((by(x)[0].permute(1, 2, 0) * 255).round().byte().numpy(), np.uint8)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("data", "train", "score"))
    parser.add_argument("--out", type=Path, default=Path("out/harmoniser"))
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--minutes", type=float, default=15.0)
    given = parser.parse_args()
    out = given.out
    if given.what == "data":
        data(out, given.photos, given.count)
    elif given.what == "train":
        near, far, *check = (np.load(out / f"{side}-{split}.npy", mmap_mode="r") for split in ("train", "test") for side in ("near", "far"))  # fmt: skip
        train(
            near,
            far,
            (check[0], check[1]),
            minutes=given.minutes,
            keep=out / STATE,
            say=lambda text: print(text, flush=True),
        )
    else:
        score(out)


if __name__ == "__main__":
    main()
