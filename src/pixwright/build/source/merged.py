"""Several sources as one catalogue. The reserved-for-testing rule is applied here and nowhere else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Protocol, get_args

from pixwright.build.run.quarantine import Quarantined
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset, AssetKind, Split

CACHE_BYTES = 512 << 20
"""Decoded pictures that a catalogue keeps: all of the package's own fit."""


class MergedSource(Protocol):
    """What one place holds, of both splits. Cheap to pickle: workers of the engine get a copy each."""

    name: str

    @property
    def assets(self) -> Sequence[Asset]:
        """Every usable asset, in a stable order."""
        ...

    @property
    def quarantined(self) -> Sequence[Quarantined]:
        """Every row that cannot be used, with its reason."""
        ...

    def pixels(self, asset: Asset) -> Array:
        """A cut-out HxWx4 or a background HxWx3, uint8 sRGB."""
        ...

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """A sound or a piece of music: mono float32, and its rate."""
        ...


class MergedCatalogue:
    """One split of one or several sources. Implements `contract.Catalogue`.

    A file that is reserved in one source is reserved in all, whatever it is called elsewhere: assets are compared by sha256 too.
    Of assets with the same key the first source's is kept; a later one with other bytes is quarantined.
    """

    def __init__(self, split: Split, sources: Iterable[MergedSource], cache_bytes: int = CACHE_BYTES) -> None:
        self.split = split
        self._cache: OrderedDict[str, Array] = OrderedDict()
        self._budget = cache_bytes
        self._held = 0
        self._found: dict[str, tuple[Asset, MergedSource]] = {}
        sources = tuple(sources)
        bad = [row for source in sources for row in source.quarantined]
        for source in sources:
            for asset in source.assets:
                first = self._found.setdefault(asset.key, (asset, source))[0]
                if first.sha256 != asset.sha256:
                    both = f"duplicate_id: {asset.origin} and {first.origin} both have it"
                    bad.append(Quarantined(asset.key, both, source.name))
        self.quarantined: tuple[Quarantined, ...] = tuple(bad)
        reserved = {asset.sha256 for asset, _ in self._found.values() if asset.split is Split.TEST}
        mine = [asset for asset, _ in self._found.values() if (asset.sha256 in reserved) == (split is Split.TEST)]
        self._kinds = {kind: tuple(a for a in mine if a.kind == kind) for kind in get_args(AssetKind)}
        self._found = {asset.key: self._found[asset.key] for asset in mine}

    def assets(self, kind: AssetKind) -> Sequence[Asset]:
        """Those of a kind, in a stable order. Raises `InvalidOption` for an unknown kind."""
        if kind not in self._kinds:
            raise InvalidOption(f"'{kind}' is not a kind of asset; choose one of {', '.join(self._kinds)}")
        return self._kinds[kind]

    def asset(self, key: str) -> Asset:
        """The asset of that key. Raises `InvalidOption` for an unknown one or one of another split."""
        return self._of(key)[0]

    def pixels(self, key: str) -> Array:
        """A cut-out HxWx4 or a background HxWx3, uint8 sRGB; read-only, because it is cached.

        Raises `InvalidOption` for an unknown key or one without a picture, `InvalidImage` if the file has been damaged since.
        """
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        asset, source = self._of(key)
        if asset.kind not in ("cutout", "background"):
            raise InvalidOption(f"'{key}' is {asset.kind} and has no pixels; ask for its samples")
        found = source.pixels(asset)
        found.setflags(write=False)
        self._cache[key] = found
        self._held += found.nbytes
        while self._held > self._budget and len(self._cache) > 1:
            self._held -= self._cache.popitem(last=False)[1].nbytes
        return found

    def samples(self, key: str) -> tuple[Samples, int]:
        """A sound or piece of music: mono float32, and its rate. Raises `InvalidOption` for an unknown key or a picture."""
        asset, source = self._of(key)
        if asset.kind not in ("sound", "music"):
            raise InvalidOption(f"'{key}' is a {asset.kind} and has no sound; ask for its pixels")
        return source.samples(asset)

    def _of(self, key: str) -> tuple[Asset, MergedSource]:
        if key not in self._found:
            raise InvalidOption(
                f"no asset of the {self.split} split has the key '{key}'; `assets(kind)` lists those that there are"
            )
        return self._found[key]
