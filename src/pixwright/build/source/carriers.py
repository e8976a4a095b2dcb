"""What `pixwright assets fetch` has put into the store, as sources."""

from __future__ import annotations

from pathlib import Path

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.pictures import background, cutout
from pixwright.build.source.rows import read_index
from pixwright.media import load_sound
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset


class IndexedSource:
    """A folder with an index: `files/` and `index.jsonl`, as the store holds them. Raises `InvalidOption` if it is not one."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        assets, rejects = read_index(folder)
        self.assets: tuple[Asset, ...] = tuple(assets)
        self.quarantined: tuple[Quarantined, ...] = tuple(rejects)

    def pixels(self, asset: Asset) -> Array:
        """A cut-out HxWx4 or a background HxWx3."""
        file = self._folder / "files" / asset.path
        return cutout(file) if asset.kind == "cutout" else background(file)

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """Mono float32 and its rate."""
        sound = load_sound(self._folder / "files" / asset.path)
        return sound.samples, sound.rate
