"""What the makers of all data sets share: the sources of a recipe, the trial of candidates for a place, measuring and selecting."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias, get_args

import numpy as np

from pixwright.build.assets import fetched, source
from pixwright.build.compose import compose
from pixwright.build.contract import Catalogue, Scene
from pixwright.build.measure import measure
from pixwright.build.quarantine import Quarantined
from pixwright.build.recipe import Recipe
from pixwright.build.select import Limits, load_thresholds, select
from pixwright.build.source.coco import CocoSource
from pixwright.build.source.folder import FolderSource
from pixwright.build.source.hub import HubSource
from pixwright.build.source.merged import MergedCatalogue, Source
from pixwright.build.source.packaged import PackagedSource
from pixwright.build.validate import validate_sample
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.sample import AssetKind, Sample, Split

KINDS: tuple[AssetKind, ...] = get_args(AssetKind)
ATTEMPTS = 8
"""Candidates that are tried for a place before it stays empty."""
RARE = 0.2
"""Share of scenes whose things do not belong together (AnyEdit's counterfactual scenes)."""
_ASPECTS = ((1.0, 1.0), (1.0, 0.75), (0.75, 1.0), (1.0, 0.67))
"""Width and height as shares of the recipe's size; a multiple of 8 each."""

Candidate: TypeAlias = Callable[[int, np.random.Generator, str], Sample | str]
"""(place, dice, id of the row) -> a sample, or why there is none, as `code: detail`."""


@dataclass(frozen=True)
class Bench:
    """A recipe with its sources opened."""

    recipe: Recipe
    catalogue: Catalogue
    thresholds: Mapping[str, Mapping[str, Limits]]

    def fill(self, index: int, candidate: Candidate) -> Iterator[Sample | Quarantined]:
        """The rows of a place: candidates that a filter rejects, each with its reason, and at most one that is kept."""
        reason = ""
        made = False
        for number in range(ATTEMPTS):
            rng = np.random.default_rng([self.recipe.seed, index, number])
            row = candidate(index, rng, f"{self.recipe.name}-{index:08d}-{number}")
            if isinstance(row, str):
                reason = row
                continue
            made = True
            judged = self.judged(row)
            yield judged
            if not judged.rejected:
                return
        if not made:
            yield Quarantined(f"{self.recipe.name}-{index:08d}", f"no_pair: {ATTEMPTS} tries; the last: {reason}")

    def judged(self, sample: Sample) -> Sample:
        """The sample with what was measured of it and, if the recipe filters, the first rule that it fails."""
        broken = validate_sample(sample)
        scored = replace(sample, scores={**sample.scores, **measure(sample, encoders())})
        failed = f"words: {broken}" if broken else _coded(select(scored, self.thresholds))
        return replace(scored, rejected=failed if self.recipe.filters else "")

    def scene(self, rng: np.random.Generator, least: int = 1, most: int = 4) -> Scene:
        """A composed scene of the recipe's size."""
        size = self.recipe.size
        wide, high = (max(32, round(size * share / 8) * 8) for share in _ASPECTS[int(rng.integers(len(_ASPECTS)))])
        count = int(rng.integers(least, most + 1))
        return compose(self.catalogue, rng, wide, high, count, rare=bool(rng.random() < RARE))


def bench(recipe: Recipe) -> Bench:
    """Open a recipe's sources, once a process. Raises `InvalidOption` for a source that is not there."""
    base = load_thresholds()
    own = recipe.thresholds
    thresholds = {kind: {**base.get(kind, {}), **own.get(kind, {})} for kind in {*base, *own}}
    return Bench(recipe, catalogue_of(recipe.sources, recipe.split), thresholds)


@lru_cache(maxsize=4)
def catalogue_of(sources: tuple[str, ...], split: Split) -> Catalogue:
    """One catalogue of named sources; without names, what the package brings.

    `packaged`; `folder:PATH` (pictures), `cutouts:PATH`, `coco:ANNOTATIONS,PICTURES[,CAPTIONS]`, `hub:PATH`, each perhaps with `@LICENCE` for rows that
    state none; or a fetched carrier (`fluent`, `stamps`, ...).
    """
    return MergedCatalogue(split, [_source(name) for name in sources or ("packaged",)])


def _source(name: str) -> Source:
    kind, _, rest = name.partition(":")
    place, _, licence = rest.partition("@")
    if kind == "packaged":
        return PackagedSource()
    if kind in ("folder", "cutouts") and place:
        return FolderSource(Path(place), kind="cutout" if kind == "cutouts" else "background", licence=licence)
    if kind == "coco" and place.count(",") in (1, 2):
        annotations, pictures, *captions = (Path(one) for one in place.split(","))
        return CocoSource(annotations, pictures, captions=captions[0] if captions else None, licence=licence)
    if kind == "hub" and place:
        return _hub(place, licence)
    if name in fetched():
        return source(name)
    raise InvalidOption(
        f"'{name}' is no source that is here; give packaged, folder:PATH, cutouts:PATH, hub:PATH or coco:ANNOTATIONS,PICTURES[,CAPTIONS], each "
        f"perhaps with @LICENCE, or a carrier that `pixwright assets fetch` brought ({', '.join(fetched()) or 'none yet'})"
    )


@cache
def _hub(place: str, licence: str) -> HubSource:
    return HubSource(Path(place), licence=licence)


@lru_cache(maxsize=4)
def existing(sources: tuple[str, ...], split: Split) -> tuple[tuple[HubSource, str], ...]:
    """Every pair of the sources that are data sets (`hub:PATH`), of one split: where it is and its id, not yet read."""
    places = [name.partition(":")[2].partition("@") for name in sources if name.startswith("hub:")]
    return tuple(
        (_hub(place, licence), one) for place, _, licence in places for one in _hub(place, licence).pair_ids(split)
    )


def identify(sources: tuple[str, ...], split: Split) -> str:
    """A hash of every asset of the sources: what a recipe writes down, so that a run whose sources changed is not resumed."""
    assets = [a for kind in KINDS for a in catalogue_of(sources, split).assets(kind)]
    text = "\n".join(f"{a.key} {a.sha256} {a.name} {a.caption}" for a in assets)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def encoders() -> Encoders:
    """The packaged networks, once a process."""
    return Encoders()


def _coded(failed: str) -> str:
    """`colour_distance 61.2 > 40` -> `colour_distance: 61.2 > 40`: reports count by what stands before the colon."""
    name, _, rest = failed.partition(" ")
    return f"{name}: {rest}" if failed else ""
