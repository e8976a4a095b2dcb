"""The shipped thresholds on scenes that they were not fitted on: good pairs stay, planted bad ones go."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from pixwright.build.measure.measures import measure
from pixwright.build.measure.planted import planted
from pixwright.build.measure.select import load_thresholds, select
from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.build.wording.validate import validate_sample
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType as T
from pixwright.records.sample import Split

SIDE = 256


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    return Encoders()


@pytest.fixture(scope="module")
def catalogue() -> PackagedCatalogue:
    return PackagedCatalogue(Split.TRAIN)


def good(kind: T, catalogue: PackagedCatalogue):
    for index in range(500):
        dice = np.random.default_rng([77, index])
        pair = attempt(kind, compose(catalogue, dice, SIDE, SIDE, 3), catalogue, dice)
        if not isinstance(pair, str):
            yield realise(pair, render, catalogue, f"{kind}-{index}")


@pytest.mark.parametrize("kind", [T.ADD, T.COLOR_ALTER, T.MOVEMENT, T.VISUAL_REFERENCE])
def test_good_pairs_stay_and_planted_bad_ones_go(kind, catalogue, encoders):
    rules = load_thresholds()
    things = [(a.name, catalogue.pixels(a.key)) for a in catalogue.assets("cutout")[::40] if " " not in a.name]
    samples = list(islice(good(kind, catalogue), 3))
    assert len(samples) == 3 and not any(validate_sample(s) for s in samples)

    def verdict(sample) -> str:
        sample.scores.update(measure(sample, encoders))
        return select(sample, rules)

    assert sum(bool(verdict(s)) for s in samples) <= 1
    bad = planted(samples[0], samples, things, np.random.default_rng(5))
    kept = [name for name, sample in bad.items() if not verdict(sample)]
    assert len(bad) >= 5 and len(kept) <= 1
    assert not {"unchanged", "swapped", "wrong colour", "wrong reference"} & set(kept)
    assert samples[0].edited.flags.owndata and samples[0].rejected == ""
