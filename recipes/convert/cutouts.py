"""Make the shipped cut-outs of `edit/data/fluent` from Fluent Emoji 3D (npm, MIT) and the table beside this file.

    python recipes/convert/cutouts.py [CACHE_FOLDER]

Needs npm. `cutouts.tsv` holds: emoji short name, our names (the first is the name, the rest synonyms), real height in metres, support.
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

import pixwright.edit
from pixwright.encoders.bundle import Encoders

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
TARGET = Path(pixwright.edit.__file__).parent / "data" / "fluent"


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
        short, names, size, support = line.split("\t")
        entry = emoji[short]
        codes = [c.lower() for c in (entry["unified"], entry["non_qualified"]) if c]
        source = next(fluent / "assets" / f"{c}.webp" for c in codes if (fluent / "assets" / f"{c}.webp").exists())
        name, *synonyms = names.split(",")
        file = f"{name.replace(' ', '_')}.webp"
        shutil.copyfile(source, TARGET / file)
        rows.append(
            {
                "name": name,
                "synonyms": synonyms,
                "category": entry["category"],
                "file": file,
                "size_m": float(size),
                "support": support,
            }
        )
    (TARGET / "cutouts.json").write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")
    vectors = Encoders().text.embed([row["name"] for row in rows])
    np.savez(TARGET / "embeddings.npz", names=vectors.astype(np.float16))
    total = sum(f.stat().st_size for f in TARGET.iterdir())
    print(f"{len(rows)} cut-outs, {total / 1e6:.1f} MB in {TARGET}")


if __name__ == "__main__":
    main()
