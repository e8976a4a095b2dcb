"""Make the box outliner's material, train it on the packaged picture encoder, measure it on outlines drawn by hand, and write it into the package.

    pixwright assets fetch photos stamps clipart fluent
    python recipes/photos.py
    python -m recipes.train.boxed things --out out/boxed                  # things of photographs that stand out clearly, and sheets of them
    python -m recipes.train.boxed train  --out out/boxed --minutes 29                  # goes on where it was
    python -m recipes.train.boxed train  --out out/boxed --minutes 46 --drawn half     # with the outlines that people drew of half of the development photographs
    python -m recipes.train.boxed score  --out out/boxed                 # with the same --drawn: on what it has not learnt
    python -m recipes.train.boxed write  --out out/boxed                               # into the package; then `python -m recipes.convert.register`
    python recipes/fit/outline.py                                                      # the vote, on the half that the network has not seen
    python -m recipes.train.boxed train  --out out/boxed --minutes 52 --drawn all      # and write and register again

What stands out clearly is not always a thing: boxed.tsv names by photograph and box what was refused by eye on the sheets. No photograph of a held-out test is
trained on. Needs the extra `torch`, and `onnx` to write.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageOps
from recipes.convert import picture as converted
from recipes.convert.boxed import write_graph
from recipes.convert.graph import fold
from recipes.train.harmoniser import named

from pixwright.build.sets.bench import catalogue_of
from pixwright.encoders.boxed.frames import SIDE, frame_about, place_of, shown, within
from pixwright.encoders.bundle import Encoders
from pixwright.ground.geometry import Floats, Frame, frame_of, iou
from pixwright.ground.outline import MARGIN, shown_by, uncut
from pixwright.ground.scene import Scene, see
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.sample import Split, split_of
from pixwright.train.boxed.fit import FrozenEncoder, seen, train
from pixwright.train.boxed.network import BoxDecoder
from pixwright.train.boxed.samples import OutlineStock

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import ground as benchmark  # noqa: E402

PHOTOS = ROOT / ".cache" / "photos"
TARGET = ROOT / "src/pixwright/weights/data/box_outline.onnx"
SHIPPED = ROOT / "src/pixwright/edit/data/cutouts"
REFUSED = Path(__file__).with_name("boxed.tsv")
STATE = "state.pt"
SOURCES = ("photos", "stamps", "clipart", "fluent")
LONG_SIDE, CUTOUT_SIDE = 768, 256
LEAST = 0.05
"""Share of its picture that a cut-out covers."""
BOXES = 14
"""The detector's boxes of a photograph that are looked at."""
FIRM, AGREES, AGAIN, SAME, WHOLE = 0.75, 0.7, 0.8, 0.9, 0.85
"""Least mean of an outline where it is none; agreement with the box, and with its own box when it is looked at again; overlap of the two looks; and how little it is cut."""
SHARE = (0.003, 0.7)
"""Of a photograph that a thing covers."""
ROW, CELL = 10, (195, 210)
"""Of a sheet: cells in a row; width and height of each."""
GROUP = 24
"""Crops that are looked at together when it is measured."""


def photographs() -> dict[str, Array]:
    """Photographs to train on by name, HxWx3 uint8: the packaged sets', and those of edits that are for development."""
    catalogue = catalogue_of(("photos",), Split.TRAIN)
    closed = named("ground/test*.json", "ground/dev*.json", "judge/test4.jsonl")
    stems = {Path(name).stem.lower() for name in closed}
    found = {
        one.key: catalogue.pixels(one.key)[..., :3]
        for one in catalogue.assets("background")
        if one.photographic and Path(one.path).stem.lower() not in stems
    }
    for name in sorted(named("judge/test2.jsonl", "judge/test3.jsonl", "judge/dev*.jsonl") - closed):
        if split_of(name) is Split.TRAIN and (PHOTOS / name).exists():
            found[name] = np.asarray(ImageOps.exif_transpose(Image.open(PHOTOS / name)).convert("RGB"))
    return {name: np.ascontiguousarray(shrink(one, LONG_SIDE)) for name, one in found.items()}


def cutouts() -> list[Array]:
    """Cut-outs HxWx4 of the training split."""
    catalogue = catalogue_of(SOURCES, Split.TRAIN)
    found = [shrink(catalogue.pixels(one.key), CUTOUT_SIDE) for one in catalogue.assets("cutout")]
    shipped = [file for file in sorted(SHIPPED.rglob("*.webp")) if split_of(file.name) is Split.TRAIN]
    found += [np.asarray(Image.open(file).convert("RGBA")) for file in shipped]
    return [one for one in found if one.shape[2] == 4 and (one[..., 3] > 127).mean() > LEAST]


def clear_things(scene: Scene) -> list[Floats]:
    """Outlines (h, w) of what stands out clearly, and the same when it is looked at again about its own box."""
    kept: list[Floats] = []
    for box in [*map(frame_of, scene.salient_parts[:4]), *(p.box for p in scene.proposals[:BOXES])]:
        first, agreed = shown_by(scene, box)
        if not (first > 0.5).any() or float(first[first > 0.05].mean()) < FIRM:
            continue
        own = frame_of(first)
        mask, again = shown_by(scene, own)
        clear = agreed > AGREES and again > AGAIN and iou(first, mask) > SAME and uncut(mask, own, MARGIN) > WHOLE
        if clear and SHARE[0] < float((mask > 0.5).mean()) < SHARE[1] and all(iou(mask, one) < AGREES for one in kept):
            kept.append(mask)
    return kept


def refused() -> dict[str, list[Frame]]:
    """By photograph: the boxes, in hundredths of its sides, of what is no thing or is outlined badly."""
    out: dict[str, list[Frame]] = {}
    for line in REFUSED.read_text().splitlines():
        name, *box = line.split("\t")
        x0, y0, x1, y1 = (int(v) / 100 for v in box)
        out.setdefault(name, []).append((x0, y0, x1, y1))
    return out


def things(out: Path, pictures: dict[str, Array]) -> None:
    """Find them, keep their outlines, and draw sheets."""
    encoders, no, cells, kept = Encoders(), refused(), [], {}
    for name, picture in pictures.items():
        for number, mask in enumerate(clear_things(see(picture, encoders))):
            if any(np.abs(np.subtract(frame_of(mask), box)).max() < 0.02 for box in no.get(name, ())):
                continue
            full = cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            kept[f"{name}\t{number}"] = np.rint(255 * full).astype(np.uint8)
            told = " ".join(str(round(100 * v)) for v in frame_of(mask))
            cells.append(cell(picture, kept[f"{name}\t{number}"], f"{name[-22:]} {told}"))
    np.savez_compressed(out / "things.npz", **kept)
    for start in range(0, len(cells), ROW * 6):
        part = cells[start : start + ROW * 6]
        part += [np.full_like(part[0], 255)] * (-len(part) % ROW)
        rows = [np.hstack(part[i : i + ROW]) for i in range(0, len(part), ROW)]
        Image.fromarray(np.vstack(rows)).save(out / f"things-{start // (ROW * 6)}.png")
    print(f"{len(kept)} things of {len(pictures)} photographs")


def cell(picture: Array, mask: Array, told: str) -> Array:
    """A thing on a sheet: what is not of it is violet."""
    x, y, wide, tall = cv2.boundingRect((mask > 127).astype(np.uint8))
    pad = round(0.12 * max(wide, tall))
    solid = mask[..., None] > 127
    dimmed = np.where(solid, picture, picture * 0.35 + np.array([60, 0, 60])).astype(np.uint8)
    part = shrink(dimmed[max(0, y - pad) : y + tall + pad, max(0, x - pad) : x + wide + pad], CELL[0] - 5)
    out = np.full((CELL[1], CELL[0], 3), 255, np.uint8)
    out[: part.shape[0], : part.shape[1]] = part
    cv2.putText(out, told, (2, CELL[1] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (0, 0, 0))
    return out


def stock(out: Path, drawn: str) -> OutlineStock:
    """All that samples are made of; `drawn`: which photographs' outlines drawn by hand are among it."""
    pictures = photographs()
    with np.load(out / "things.npz") as kept:
        own = [(pictures[name.split("\t")[0]], kept[name]) for name in kept.files]
    for outlined in drawn_by_hand(("object", "attribute", "several", "part")):
        if is_learnt(outlined, drawn):
            small = np.ascontiguousarray(shrink(outlined.picture, LONG_SIDE))
            own.append((small, cv2.resize(outlined.mask, small.shape[1::-1], interpolation=cv2.INTER_AREA)))
    return OutlineStock(list(pictures.values()), cutouts(), own)


@dataclass(frozen=True, eq=False)
class Outlined:
    """A thing that was outlined by hand: its photograph's name and pixels, the outline HxW uint8, and whether the finder is measured on it."""

    photo: str
    picture: Array
    mask: Array
    measured: bool


def is_learnt(outlined: Outlined, drawn: str) -> bool:
    """Whether the network is trained on an outline. Of those that the finder is measured on: "none", "half" of the photographs, so that the vote can be fitted to the other, or "all"."""
    if not outlined.measured:
        return split_of(outlined.photo) is Split.TRAIN
    return drawn == "all" or (drawn == "half" and is_of_first_half(outlined.photo))


def is_of_first_half(photo: str) -> bool:
    """Whether a development photograph is of the half whose outlines the network is trained on before the vote is fitted to the other half's."""
    return hashlib.sha1(photo.encode()).digest()[0] < 128


def frozen() -> FrozenEncoder:
    """The picture encoder in torch, its normalisations folded in."""
    weights, layers, owner = converted.state(), [], []

    def layer(conv: str, norm: str, stride: int, clip: bool, block: int, deep: bool = False) -> None:
        kernel, bias = fold(weights[conv + ".weight"], converted.norm(weights, norm), converted.EPS)
        layers.append((kernel, bias, stride, len(kernel) if deep else 1, clip))
        owner.append(block)

    layer("_conv_stem", "_bn0", 2, True, -1)
    for i in range(converted.blocks(weights)):
        name = f"_blocks.{i}."
        if i:
            layer(name + "_expand_conv", name + "_bn0", 1, True, i)
        layer(name + "_depthwise_conv", name + "_bn1", converted.STRIDES.get(i, 1), True, i, deep=True)
        layer(name + "_project_conv", name + "_bn2", 1, False, i)
    layer("_conv_head", "_bn1", 1, True, converted.blocks(weights))
    return FrozenEncoder(layers, owner)


def drawn_by_hand(kinds: tuple[str, ...]) -> Iterator[Outlined]:
    """What was outlined for development, of some kinds."""
    measured = {pair["photo"] for pair in benchmark.load_pairs("dev")}
    for split in ("dev", "drawn"):
        for pair in benchmark.load_pairs(split):
            if "polygons" in pair and not pair.get("outside") and pair["kind"] in kinds:
                picture = benchmark.load_pixels(pair, PHOTOS)
                for mask in benchmark.outlines(pair, *picture.shape[:2])[:2]:
                    yield Outlined(pair["photo"], picture, mask.astype(np.uint8) * 255, pair["photo"] in measured)


@dataclass(frozen=True, eq=False)
class Shown:
    """A crop about a true box, the outline at half its side in [0, 1], and the box as planes."""

    crop: Array
    truth: Floats
    place: Floats


def crops(kinds: tuple[str, ...], drawn: str) -> list[Shown]:
    """What is shown of each thing of a kind that was outlined by hand and is not learnt."""
    rows = []
    for one in drawn_by_hand(kinds):
        if is_learnt(one, drawn):
            continue
        box = frame_of(one.mask / np.float32(255))
        frame = frame_about(box, one.picture.shape[1] / one.picture.shape[0])
        truth = shown(one.mask, frame, SIDE // 2, cv2.BORDER_CONSTANT) / np.float32(255)
        rows.append(Shown(shown(one.picture, frame), truth, place_of(within(box, frame), SIDE // 2)))
    return rows


def checker(encoder: FrozenEncoder, drawn: str) -> Callable[[BoxDecoder], str]:
    """What tells how well a decoder outlines what was drawn by hand, and not learnt, given the true boxes."""
    groups = {"things": ("object", "attribute", "several"), "parts": ("part",), "surfaces": ("stuff",)}
    rows = {name: crops(kinds, drawn) for name, kinds in groups.items()}
    looked = {
        name: [
            seen(encoder, torch.from_numpy(np.stack([r.crop for r in some[i : i + GROUP]])))
            for i in range(0, len(some), GROUP)
        ]
        for name, some in rows.items()
    }

    @torch.no_grad()
    def check(decoder: BoxDecoder) -> str:
        told = []
        for name, some in rows.items():
            found: list[float] = []
            for i, (taps, colours) in enumerate(looked[name]):
                part = some[i * GROUP : (i + 1) * GROUP]
                odds, _ = decoder(taps, colours, torch.from_numpy(np.stack([r.place for r in part])))
                for one, row in zip(odds[:, 0].numpy() > 0, part, strict=True):
                    found.append(float((one & (row.truth > 0.5)).sum() / max(1, (one | (row.truth > 0.5)).sum())))
            values, second = np.array(found), np.array([not r.first for r in some])
            told.append(
                f"{name} {values.mean():.3f} ({(values >= 0.8).mean():.0%} over .8), second half {values[second].mean():.3f}"
            )
        return ", ".join(told)

    return check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("things", "train", "score", "write"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=29.0)
    parser.add_argument("--drawn", choices=("none", "half", "all"), default="none")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    keep = asked.out / STATE
    if asked.what == "things":
        things(asked.out, photographs())
    elif asked.what == "train":
        encoder = frozen()
        train(
            stock(asked.out, asked.drawn),
            encoder,
            minutes=asked.minutes,
            keep=keep,
            check=checker(encoder, asked.drawn),
        )
    else:
        decoder = BoxDecoder()
        decoder.load_state_dict(torch.load(keep, weights_only=True)["average"])
        if asked.what == "score":
            print(checker(frozen(), asked.drawn)(decoder.eval()))
        else:
            write_graph(decoder.eval(), TARGET)


if __name__ == "__main__":
    main()
