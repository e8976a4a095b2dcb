"""Make the harmoniser's data, train it, measure it beside today's light matching, and write it into the package.

    pixwright assets fetch photos stamps
    python -m recipes.train.harmoniser data  --out out/harmoniser --photos .cache/photos    # things of photographs, 3,000 places of them
    python -m recipes.train.harmoniser train --out out/harmoniser --minutes 15              # of processor time; goes on where it was
    python -m recipes.train.harmoniser score --out out/harmoniser                           # on things of photographs of the reserved split
    python -m recipes.train.harmoniser sheet --out out/harmoniser                           # shipped cut-outs on reserved photographs, to be looked at
    python -m recipes.train.harmoniser write --out out/harmoniser && python recipes/convert/register.py

`--photos FOLDER`: of it the photographs are taken that tests/golden names for development and no test shows. Those of the training split are trained on, the others measured.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps
from recipes.train.critic import GOLDEN

from pixwright.build.sets.bench import catalogue_of
from pixwright.edit.placing.harmonise import relight
from pixwright.edit.placing.shelves import load, real
from pixwright.edit.placing.surroundings import surroundings_of
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.harmoniser import Harmoniser, applied, place_of, seen
from pixwright.encoders.heads import pack, unpack, write_arrays
from pixwright.media.pixels import lab, resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.records.sample import Split, split_of
from pixwright.train.harmoniser.fit import HarmoniserNetwork, change, train
from pixwright.train.harmoniser.samples import SIDE, Standing, put_back, sample, standing

TARGET = Path(__file__).parents[2] / "src" / "pixwright" / "weights" / "data" / "harmoniser.npz"
STATE = "state.pt"
HELD = 400
"""Held-out samples, of photographs of the reserved split."""
SHOWN = 5
"""Rows and pairs of columns of a sheet."""


def named(*patterns: str, key: str = "photo") -> set[str]:
    """Photographs that golden files name."""
    found = set()
    for pattern in patterns:
        for file in GOLDEN.glob(pattern):
            text = file.read_text()
            rows = json.loads(text) if file.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]
            found |= {row[key] for row in rows}
    return found


def photographs(folder: Path | None, split: Split) -> list[Array]:
    """Photographs of a split, HxWx3 uint8, at most SIDE pixels: the packaged sets', and the folder's that are named for development."""
    catalogue = catalogue_of(("photos",), Split.TRAIN)
    closed = named("ground/test*.json", "judge/test2.jsonl")
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


def network(out: Path) -> Harmoniser:
    """What was trained, in the package's form."""
    made = HarmoniserNetwork()
    made.load_state_dict(torch.load(out / STATE, weights_only=True)["network"])
    return Harmoniser(unpack(pack(made.tensors())))


def by_network(harmoniser: Harmoniser, ground: Array, rgba: Array, box: Box) -> Array:
    """The thing's colours as the network has them."""
    height, width = ground.shape[:2]
    alpha = np.zeros((height, width), np.float32)
    x0, y0, x1, y1 = box
    alpha[y0:y1, x0:x1] = rgba[..., 3] / 255
    pasted = ground.copy()
    pasted[y0:y1, x0:x1] = rgba[..., :3]
    pasted = np.rint(ground + (pasted.astype(np.float32) - ground) * alpha[..., None]).astype(np.uint8)
    return applied(harmoniser.grid(seen(pasted, alpha, box)), rgba[..., :3], box, place_of(box, height, width))


def score(out: Path, count: int = 300) -> None:
    """Mean distance in CIE Lab from the thing's own colours, over changes of its colours: as it came, by today's matching, by the network."""
    harmoniser, stock = network(out), held(out)
    rng = np.random.default_rng(5)
    table: dict[str, list[float]] = {"as it came": [], "light matching": [], "network": []}
    for k in range(count):
        ground, layer, box = put_back(stock[k % len(stock)], rng)
        x0, y0, x1, y1 = box
        rgba = np.ascontiguousarray(layer[y0:y1, x0:x1])
        solid = rgba[..., 3] > 128
        if solid.sum() < 50:
            continue
        whole = change(1, 0.8 if k % 5 < 3 else 0.0, torch.Generator().manual_seed(k))
        wrong = change(1, 0.0 if k % 8 == 0 else 1.0, torch.Generator().manual_seed(10_000 + k))
        ground, true = _changed(ground, whole), _changed(rgba[..., :3], whole)
        came = np.dstack([_changed(true, wrong), rgba[..., 3]])
        ways = {
            "as it came": came[..., :3],
            "light matching": relight(came, surroundings_of(ground, box), True)[..., :3],
            "network": by_network(harmoniser, ground, came, box),
        }
        for name, made in ways.items():
            table[name].append(float(np.linalg.norm(lab(made) - lab(true), axis=2)[solid].mean()))
    for name, values in table.items():
        found = np.array(values)
        spread = 1.96 * found.std() / np.sqrt(len(found))
        alone = found[[k for k in range(len(found)) if k % 8 == 0]].mean()
        print(f"{name:16} {found.mean():5.2f} +- {spread:.2f}; median {np.median(found):.2f}; of those that came right {alone:.2f}")
    wins = np.mean(np.array(table["network"]) < np.array(table["light matching"]))
    print(f"{len(found)} pastes; the network is nearer than light matching in {100 * wins:.0f} %")


def _changed(picture: Array, by: object) -> Array:
    x = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
    return np.asarray((by(x)[0].permute(1, 2, 0) * 255).round().byte().numpy(), np.uint8)  # type: ignore[operator]


def sheet(out: Path) -> None:
    """Shipped cut-outs on reserved photographs and on the same by evening and by night: as they came, by light matching, by the network."""
    harmoniser, stock = network(out), held(out)
    rng = np.random.default_rng(8)
    shelf = [one for one in real() if one.support in ("ground", "table")]
    rows = []
    for k in range(2 * SHOWN):
        ground = resized(stock[int(rng.integers(len(stock)))].ground, 240, 320)
        if k % 2:
            ground = _changed(ground, change(1, 1.0, torch.Generator().manual_seed(k)))
        cutout = load(shelf[int(rng.integers(len(shelf)))], None)
        if cutout is None:
            continue
        tall = 130
        wide = min(240, round(tall * cutout.pixels.shape[1] / cutout.pixels.shape[0]))
        rgba, x0, y0 = resized(cutout.pixels, tall, wide), (320 - wide) // 2, 90
        box = (x0, y0, x0 + wide, y0 + tall)
        alpha = rgba[..., 3:].astype(np.float32) / 255
        cells = []
        for made in (rgba[..., :3], relight(rgba, surroundings_of(ground, box), True)[..., :3], by_network(harmoniser, ground, rgba, box)):  # fmt: skip
            page = ground.copy()
            page[y0 : y0 + tall, x0 : x0 + wide] = np.rint(made * alpha + page[y0 : y0 + tall, x0 : x0 + wide] * (1 - alpha))
            cells.append(page)
        rows.append(np.hstack(cells))
    half = len(rows) // 2
    page = np.vstack([np.hstack([rows[k], rows[k + half]]) for k in range(half)])
    cv2.imwrite(str(out / "sheet.png"), page[..., ::-1])


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("data", "train", "score", "sheet", "write"))
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
        train(near, far, (check[0], check[1]), minutes=given.minutes, keep=out / STATE, say=lambda text: print(text, flush=True))
    elif given.what == "score":
        score(out)
    elif given.what == "sheet":
        sheet(out)
    else:
        with TARGET.open("wb") as stream:
            write_arrays(stream, pack(dict(network(out).tensors)))
        print(f"{TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
