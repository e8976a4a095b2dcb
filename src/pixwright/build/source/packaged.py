"""What the package itself brings: Fluent 3D emoji (MIT), painted backgrounds, composed music. Needs no download; it has no sounds."""

from __future__ import annotations

import hashlib
import json
import zlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from pixwright import __version__
from pixwright.build.music.listing import composed, play
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.merged import MergedCatalogue
from pixwright.build.source.pictures import cutout, out_of_water
from pixwright.edit.painting.scenery import PAINTERS, paint
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset, Split

_AFLOAT = "water"
"""The support of what swims."""
SCENERY_SEEDS = 12
"""Paintings of every kind of background."""
SCENERY_SIZE = (512, 768)
"""Their height and width in pixels."""
FLUENT_ORIGIN = "npm:@lobehub/fluent-emoji-3d@1.1.0"
_OWN = f"pixwright {__version__}"


class PackagedSource:
    """Cut-outs `fluent/<file>`, backgrounds `scenery/<place>-<seed>`, music `composed/<mood>-<number>`. Tags of a cut-out: its support, then its synonyms."""

    name = "packaged"

    @property
    def assets(self) -> tuple[Asset, ...]:
        """About 600 cut-outs and 12 paintings of each of 21 places."""
        return _assets()

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """Nothing: a test keeps the package's own rows right."""
        return ()

    def pixels(self, asset: Asset) -> Array:
        """A cut-out, or a background that is painted now: the same key, the same picture."""
        if asset.kind == "cutout":
            pixels = cutout(fluent_folder() / asset.path)
            return out_of_water(pixels) if asset.category == "vehicle" and _AFLOAT in asset.tags[:1] else pixels
        place, _, seed = asset.path.rpartition("-")
        rng = np.random.default_rng([zlib.crc32(place.encode()), int(seed)])
        return paint(place, *SCENERY_SIZE, rng)

    def samples(self, asset: Asset) -> tuple[Samples, int]:
        """A piece of music, played now by the small synthesiser."""
        return play(asset.path)


class PackagedCatalogue(MergedCatalogue):
    """One split of what the package brings."""

    def __init__(self, split: Split) -> None:
        super().__init__(split, (PackagedSource(),))


def fluent_folder() -> Path:
    """The folder of the shipped cut-outs."""
    return Path(str(resources.files("pixwright.edit").joinpath("data", "fluent")))


@lru_cache(maxsize=1)
def classes() -> dict[str, dict[str, Any]]:
    """`packaged`: coarse class -> names of shipped cut-outs; `emoji`: Unicode's subcategory -> class; `places`: name -> [caption, class]."""
    return dict(json.loads(resources.files("pixwright.build.source").joinpath("classes.json").read_text("utf-8")))


@lru_cache(maxsize=1)
def fluent_rows() -> tuple[dict[str, Any], ...]:
    """The shipped cut-outs' index: name, synonyms, file, size_m, support."""
    return tuple(json.loads((fluent_folder() / "cutouts.json").read_text("utf-8")))


def article(noun: str) -> str:
    """The noun phrase with its article; none for a plural."""
    plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and " of " not in noun
    return noun if plural else f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


@lru_cache(maxsize=1)
def _assets() -> tuple[Asset, ...]:
    return (*_fluent(), *_scenery(), *composed())


def _fluent() -> list[Asset]:
    folder = fluent_folder()
    category = {name: kind for kind, names in classes()["packaged"].items() for name in names}
    return [
        Asset(
            key=f"fluent/{row['file'].removesuffix('.webp')}",
            kind="cutout",
            name=row["name"],
            caption=article(row["name"]),
            category=category[row["name"]],
            licence="MIT",
            origin=FLUENT_ORIGIN,
            path=row["file"],
            sha256=hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest(),
            size_m=row["size_m"],
            tags=(row["support"], *row["synonyms"]),
        )
        for row in fluent_rows()
    ]


def _scenery() -> list[Asset]:
    places = classes()["places"]
    found = []
    for place in PAINTERS:
        for seed in range(SCENERY_SEEDS):
            path = f"{place}-{seed}"
            found.append(
                Asset(
                    key=f"scenery/{path.replace(' ', '_')}",
                    kind="background",
                    name=place,
                    caption=places[place][0],
                    category=places[place][1],
                    licence="Apache-2.0",
                    origin=_OWN,
                    path=path,
                    # There is no file: what is hashed is what the painting is made from.
                    sha256=hashlib.sha256(f"{path} {SCENERY_SIZE}".encode()).hexdigest(),
                )
            )
    return found
