"""Make the critic's data, train its head, and write it into the package.

    pixwright assets fetch photos stamps
    python -m recipes.train.critic data  --out out/critic --count 12000     # features of 12,000 changes, each right and spoilt in two ways; goes on where it was
    python -m recipes.train.critic sheet --out out/critic                   # 48 examples, to be looked at
    python -m recipes.train.critic train --out out/critic                   # on a GPU: --device cuda
    python -m recipes.train.critic write --out out/critic                   # into the package; then recipes/convert/register.py

Photographs and cut-outs are of the training split; `--photos FOLDER` adds photographs of a folder, of which only those that tests/golden/ground names for development are
taken, and none that a test shows.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from pixwright.build.sets.bench import catalogue_of
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.critic import kinds_of
from pixwright.encoders.critic.features import look
from pixwright.encoders.heads import write_arrays
from pixwright.encoders.picture import FeatureMap, PictureEncoder
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.sample import Split, split_of
from pixwright.train.critic.corruptions import CORRUPTIONS
from pixwright.train.critic.examples import PictureStock, RatedChange, family

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
TARGET = ROOT / "src" / "pixwright" / "weights" / "data" / "critic.npz"
SOURCES = ("photos", "stamps")
LONG_SIDE, CUTOUT_SIDE, SHARD = 900, 300, 200
SHOWN = 1000
"""Added to the seed of what is shown: other examples than those that are trained on."""
FEWEST = 0.02
"""Share of a photograph that what stands out of it must cover to serve as a subject; and that it must leave."""


def development() -> set[str]:
    """Names of the photographs that may be looked at: of the development files, and not of any test."""
    shown = {
        row["photo"] for name in ("dev", "dev2") for row in json.loads((GOLDEN / "ground" / f"{name}.json").read_text())
    }
    return {name for name in shown - tested() if split_of(name) is Split.TRAIN}


def tested() -> set[str]:
    """Names of the photographs that tests show."""
    finding = {
        row["photo"]
        for name in ("test", "test2")
        for row in json.loads((GOLDEN / "ground" / f"{name}.json").read_text())
    }
    lines = (GOLDEN / "judge" / "test.jsonl").read_text().splitlines()
    return finding | {json.loads(line)["photo"] for line in lines if line}


def pool(photos: Path | None, encoders: Encoders) -> PictureStock:
    """All that examples are made of, from the training split."""
    catalogue, banned = catalogue_of(SOURCES, Split.TRAIN), {Path(name).stem.lower() for name in tested()}
    pictures = [
        shrink(catalogue.pixels(one.key)[..., :3], LONG_SIDE)
        for one in catalogue.assets("background")
        if one.photographic and Path(one.path).stem.lower() not in banned
    ]
    if photos is not None:
        for file in sorted(photos / name for name in development() if (photos / name).exists()):
            pictures.append(shrink(np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGB")), LONG_SIDE))
    cutouts = [shrink(catalogue.pixels(one.key), CUTOUT_SIDE) for one in catalogue.assets("cutout") if one.photographic]
    subjects = []
    for picture in pictures:
        mask = np.rint(encoders.segmenter.outline(picture) * 255).astype(np.uint8)
        share = float((mask > 127).mean())
        if FEWEST < share < 1 - FEWEST:
            subjects.append((picture, mask))
    print(f"{len(pictures)} photographs, {len(cutouts)} cut-outs, {len(subjects)} subjects", flush=True)
    return PictureStock(pictures, cutouts, subjects)


def made(material: PictureStock, seed: int, index: int) -> list[RatedChange]:
    """Family `index`: it depends on (seed, index) and the material alone."""
    return family(material, np.random.default_rng([seed, index]), CORRUPTIONS)


class Remembering:
    """The picture network, which looks at a picture once: the rows of a family have the same one before."""

    def __init__(self, encoder: PictureEncoder) -> None:
        self._encoder = encoder
        self._seen: dict[bytes, FeatureMap] = {}

    def features(self, picture: Array, side: int) -> FeatureMap:
        """As the network's own."""
        key = picture.tobytes()
        if key not in self._seen:
            self._seen[key] = self._encoder.features(picture, side)
        return self._seen[key]


def data(out: Path, count: int, seed: int, material: PictureStock, encoders: Encoders) -> None:
    """Features of `count` families, SHARD to a file."""
    out.mkdir(parents=True, exist_ok=True)
    for start in range(0, count, SHARD):
        file = out / f"rows-{seed}-{start:07}.npz"
        if file.exists():
            continue
        rows = [
            told for index in range(start, start + SHARD) for told in described(made(material, seed, index), encoders)
        ]
        part = file.with_suffix(".part")
        with part.open("wb") as stream:
            write_arrays(stream, {name: np.array([row[name] for row in rows]) for name in rows[0]})
        part.rename(file)
        print(file.name, len(rows), flush=True)


def described(rows: list[RatedChange], encoders: Encoders) -> Iterator[dict[str, Any]]:
    """What the head is trained on, of each row of a family."""
    encoder = Remembering(encoders.picture)
    for row in rows:
        seen = look(row.change.before, row.change.after, row.change.mask, encoder)
        yield {
            "grid": seen.grid.astype(np.float16), "mid": seen.mid.astype(np.float16), "pixels": seen.pixels,
            "kinds": kinds_of(row.change.type.traits), "accepted": row.accepted, "broken": row.broken,
            "fault": row.fault, "type": row.change.type.value,
        }  # fmt: skip


def sheet(out: Path, seed: int, material: PictureStock, count: int = 48, columns: int = 8) -> None:
    """Before over after, with what was done to it."""
    side = 180
    rows = -(-count // columns)
    page = Image.new("RGB", (columns * (side + 4), rows * (2 * side + 20)), "white")
    draw = ImageDraw.Draw(page)
    shown = (row for index in range(count) for row in made(material, seed + SHOWN, index))
    for n, row in enumerate(islice(shown, count)):
        x, y = n % columns * (side + 4), n // columns * (2 * side + 20)
        for k, picture in enumerate((row.change.before, row.change.after)):
            page.paste(Image.fromarray(picture).resize((side, side)), (x, y + k * side))
        draw.text((x, y + 2 * side), f"{row.change.type.value[:12]} {row.fault or 'right'}", fill="black")
    page.save(out / "sheet.jpg", quality=88)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("data", "sheet", "train", "write"))
    parser.add_argument("--out", type=Path, default=Path("out/critic"))
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    if given.what in ("data", "sheet"):
        encoders = Encoders()
        material = pool(given.photos, encoders)
        if given.what == "data":
            data(given.out, given.count, given.seed, material, encoders)
        else:
            given.out.mkdir(parents=True, exist_ok=True)
            sheet(given.out, given.seed, material)
        return
    from recipes.train.critic_fit import fit_and_report, keep  # torch is needed from here on

    if given.what == "train":
        fit_and_report(given.out, given.epochs, given.device)
    else:
        keep(given.out, TARGET)


if __name__ == "__main__":
    main()
