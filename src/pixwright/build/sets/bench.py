"""What the makers of all data sets share: the sources of a recipe, the trial of candidates for a place, measuring and selecting."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TypeAlias

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, LayeredScene
from pixwright.build.measure.measures import measure
from pixwright.build.measure.select import Limits, load_thresholds, select
from pixwright.build.run.networks import encoders
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe
from pixwright.build.scene.compose import compose
from pixwright.build.source.hub import HubSource
from pixwright.build.source.merged import MergedCatalogue, MergedSource
from pixwright.build.source.named import account, check, identity, open_source
from pixwright.build.wording.validate import validate_sample
from pixwright.records.sample import Sample, Split

_OF_SCENES = frozenset(
    {
        "target",
        "noun",
        "reference",
        "look",
        "place",
        "condition",
        "rim",
        "blend",
        "class",
        "action",
        "rise",
        "angle",
        "inside",
    }
)
"""Families of measurements whose limits hold for layered scenes only."""
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

    def fill(self, index: int, candidate: Candidate, kind: str = "") -> Iterator[Sample | Quarantined]:
        """The rows of a place: tries that gave no pair and candidates that a filter rejects, each with its reason, and at most one that is kept.

        kind: the place's edit type, where it has one. Dice are salted by the maker, so that two data sets of one seed share no scene.
        """
        reason = ""
        made = False
        for number in range(ATTEMPTS):
            rng = np.random.default_rng([self.recipe.seed, index, number, zlib.crc32(self.recipe.maker.encode())])
            name = f"{self.recipe.name}-{index:08d}-{number}"
            row = candidate(index, rng, name)
            if isinstance(row, str):
                reason = row
                yield Quarantined(name, row, type=kind, trial=True)
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
        rules = self.thresholds if sample.extra.get("method", "scene") == "scene" else _without_bank(self.thresholds)
        failed = f"words: {broken}" if broken else _coded(select(scored, rules))
        return replace(scored, rejected=failed if self.recipe.filters else "")

    def scene(self, rng: np.random.Generator, least: int = 1, most: int = 4) -> LayeredScene:
        """A composed scene of the recipe's size."""
        size = self.recipe.size
        wide, high = (max(32, round(size * share / 8) * 8) for share in pick(rng, _ASPECTS))
        count = int(rng.integers(least, most + 1))
        return compose(self.catalogue, rng, wide, high, count, rare=bool(rng.random() < RARE))


def bench(recipe: Recipe) -> Bench:
    """Open a recipe's sources, once a process. Raises `InvalidOption` for a source that is not there."""
    base = load_thresholds()
    own = recipe.thresholds
    thresholds = {kind: {**base.get(kind, {}), **own.get(kind, {})} for kind in {*base, *own}}
    return Bench(recipe, catalogue_of(recipe.sources, recipe.split), thresholds)


@lru_cache(maxsize=4)
def catalogue_of(sources: tuple[str, ...], split: Split) -> MergedCatalogue:
    """One catalogue of named sources (`build.source.named`); without names, what the package brings. Opened once a process."""
    return MergedCatalogue(split, [_source(text) for text in sources or ("packaged",)])


@cache
def _source(text: str) -> MergedSource:
    return open_source(text)


@lru_cache(maxsize=4)
def existing(sources: tuple[str, ...], split: Split) -> tuple[tuple[HubSource, str], ...]:
    """Every pair of the sources that are data sets (`hub:PATH`), of one split: where it is and its id, not yet read."""
    held = [found for found in map(_source, sources) if isinstance(found, HubSource)]
    return tuple((one, name) for one in held for name in one.pair_ids(split))


def accounts(sources: tuple[str, ...]) -> list[str]:
    """A line for each source that keeps something back: how much it gives, and why not the rest."""
    return [account(found) for found in map(_source, sources) if found.quarantined]


def identify(sources: tuple[str, ...]) -> str:
    """A digest of all that the sources offer: what a recipe writes down, so that a run whose sources changed is not resumed.

    Raises `InvalidOption` for a source that gives nothing.
    """
    for text in sources:
        check(_source(text))
    return ",".join(identity(_source(text)) for text in sources)


def _without_bank(thresholds: Mapping[str, Mapping[str, Limits]]) -> dict[str, dict[str, Limits]]:
    """The rules that hold for photographs: what was calibrated against drawn cut-outs says nothing of them. There the product's own verdict, on
    which a row from a photograph depends already, takes their place."""
    return {
        kind: {name: limits for name, limits in rules.items() if name.partition("_")[0] not in _OF_SCENES}
        for kind, rules in thresholds.items()
    }


def _coded(failed: str) -> str:
    """`colour_distance 61.2 > 40` -> `colour_distance: 61.2 > 40`: reports count by what stands before the colon."""
    name, _, rest = failed.partition(" ")
    return f"{name}: {rest}" if failed else ""
