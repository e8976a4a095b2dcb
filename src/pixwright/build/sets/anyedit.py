"""AnyEdit: direct instructions of the 26 types, from layered scenes and, where a source has them, from photographs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from pixwright.build import photo
from pixwright.build.contract import ScenePair
from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.pairs.stage import stand_ins
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import GOLDEN, Recipe
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import Bench, bench
from pixwright.build.wording.paraphrase import Pool, paraphrase
from pixwright.parse.language import endpoint_from
from pixwright.records.sample import Sample


def make(recipe: Recipe, start: int, stop: int) -> Iterable[Sample | Quarantined]:
    """Rows of places start..stop-1. Option `photographs`: the share of places, 0 to 1, that are filled from photographs."""
    work = bench(recipe)
    for index in range(start, stop):
        yield from place(work, index)


def place(work: Bench, index: int) -> Iterator[Sample | Quarantined]:
    """One place, of the type that the recipe gives it."""
    kind = str(work.recipe.type_of(index))
    share = float(work.recipe.options.get("photographs", "0"))
    # Another multiple of the golden ratio than the one that chooses the type, so that every type gets its share.
    if (index * GOLDEN * GOLDEN) % 1.0 < share:
        yield from work.fill(index, lambda at, rng, name: from_photograph(work, at, rng, name), kind)
    else:
        yield from work.fill(index, lambda at, rng, name: from_scene(work, at, rng, name), kind)


def from_scene(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """A candidate from a composed scene."""
    pair = attempt(work.recipe.type_of(index), work.scene(rng), work.catalogue, rng)
    if isinstance(pair, str):
        return pair
    return realise(reworded(pair, work, rng), render, work.catalogue, identity, work.recipe.name)


def reworded(pair: ScenePair, work: Bench, rng: np.random.Generator) -> ScenePair:
    """The pair in a language model's words, where the recipe's option `paraphrase` is `yes` and one is configured; else as it is.

    Such rows depend on the server: the same recipe gives the same bytes only as long as the server answers the same.
    """
    endpoint = endpoint_from() if work.recipe.options.get("paraphrase") == "yes" else None
    if endpoint is None:
        return pair
    told = paraphrase(
        pair.instruction, pair.step, pool(), endpoint, rng, count=3, attachments=stand_ins(pair.references)
    )
    if not told.accepted:
        return pair
    words = told.accepted[0]
    return replace(pair, instruction=words, step=pair.step.model_copy(update={"instruction": words}))


@cache
def pool() -> Pool:
    """The process's examples; they grow with what is accepted."""
    return Pool.load()


def from_photograph(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """A candidate from a photograph of the sources, by the adaptive pipelines."""
    return photo.candidate(work.catalogue, work.recipe, index, rng, identity)
