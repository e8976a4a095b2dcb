"""Every edit type on composed scenes: there is a pair, it parses back, it differs inside its mask and nowhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pixwright.build.contract import LayeredScene, ScenePair
from pixwright.build.pairs import MAKERS, attempt
from pixwright.build.pairs.global_ import growing
from pixwright.build.pairs.implicit import shown
from pixwright.build.pairs.realise import realise
from pixwright.build.pairs.stage import Stage, stand_ins
from pixwright.build.pairs.surface import made_of
from pixwright.build.scene.captions import caption
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.scene.traced.cutouts import PREFIX, read_key
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.build.wording.check import parse_back
from pixwright.build.wording.validate import SAYABLE
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Unit
from pixwright.records.sample import Sample, Split
from pixwright.records.vocabulary import COLOURS

SIDE = 96
SCENES = 12
TRIES = 6


@cache
def catalogue() -> PackagedCatalogue:
    return PackagedCatalogue(Split.TRAIN)


@cache
def scene(number: int) -> LayeredScene:
    rng = np.random.default_rng([31, number])
    return compose(catalogue(), rng, SIDE, SIDE, int(rng.integers(2, 6)))


@cache
def pair(kind: EditType, number: int) -> ScenePair | str:
    found: ScenePair | str = ""
    for attempted in range(TRIES):
        found = attempt(kind, scene(number), catalogue(), np.random.default_rng([number, attempted]))
        if isinstance(found, ScenePair):
            break
    return found


def sample(found: ScenePair) -> Sample:
    return realise(found, render, catalogue(), "one")


def pairs(kind: EditType) -> list[ScenePair]:
    return [one for one in (pair(kind, number) for number in range(SCENES)) if isinstance(one, ScenePair)]


@pytest.mark.parametrize("kind", EditType)
def test_nearly_every_scene_gives_a_pair(kind: EditType) -> None:
    missing = {number: pair(kind, number) for number in range(SCENES) if not isinstance(pair(kind, number), ScenePair)}
    # A sign does not float: where there is no ground there is no pair.
    assert len([why for why in missing.values() if "no ground for a sign" not in str(why)]) <= 1, missing
    for found in pairs(kind):
        assert found.type == kind
        implicit = bool(found.step.why)
        assert parse_back(found.instruction, found.step, stand_ins(found.references), implicit=implicit) is None
        assert found.before != found.after
        assert found.step.instruction == found.instruction


@pytest.mark.parametrize("kind", EditType)
def test_it_differs_inside_the_mask_and_nowhere_else(kind: EditType) -> None:
    for found in pairs(kind)[:2]:
        row = sample(found)
        assert row.parts and all(part.licence and part.sha256 for part in row.parts)
        assert row.source_caption and row.edited_caption
        if row.canvas is not None:
            x0, y0, x1, y1 = row.canvas
            assert np.array_equal(row.edited[y0:y1, x0:x1], row.source)
            assert row.mask is not None and not row.mask[y0:y1, x0:x1].any() and row.mask.any()
            continue
        difference = np.abs(row.source.astype(int) - row.edited).max(axis=2)
        assert (difference > 10).mean() > 0.0015, found.instruction
        if row.mask is None:
            assert kind.group == "global" or kind in (EditType.STYLE_TRANSFER, EditType.IMPLICIT_CHANGE)
        else:
            assert difference[row.mask == 0].max(initial=0) == 0


def test_the_same_dice_give_the_same_row() -> None:
    for kind in (EditType.ADD, EditType.VISUAL_REFERENCE, EditType.RELATION_CHANGE):
        first, again = (
            [MAKERS[kind](scene(number), catalogue(), np.random.default_rng(8)) for number in range(6)]
            for _ in range(2)
        )
        assert first == again
        made = [found for found in first if found is not None]
        one, other = sample(made[0]), sample(made[0])
        assert np.array_equal(one.edited, other.edited)
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(one.references, other.references, strict=True))


def test_adding_is_removal_reversed() -> None:
    for found in pairs(EditType.ADD):
        assert set(found.after.layers) > set(found.before.layers)
    for found in pairs(EditType.REMOVE):
        assert set(found.before.layers) > set(found.after.layers)


def test_counts_are_what_the_words_say() -> None:
    for found in pairs(EditType.COUNTING):
        new = set(found.after.layers) ^ set(found.before.layers)
        name = next(iter(new)).name
        n, m = (sum(layer.name == name for layer in one.layers) for one in (found.before, found.after))
        assert n >= 1 and m >= 1
        if found.step.count is not None:
            assert m == found.step.count
        else:
            assert found.step.amount is not None and m - n == found.step.amount.value


def test_sizes_and_angles_are_what_the_words_say() -> None:
    for found in pairs(EditType.RESIZE):
        (old,), (new,) = (
            set(found.before.layers) - set(found.after.layers),
            set(found.after.layers) - set(found.before.layers),
        )
        amount = found.step.amount
        assert amount is not None
        factor = amount.value if amount.unit is Unit.FACTOR else 1.4 ** np.sign(amount.value)
        assert new.height / old.height == pytest.approx(factor, rel=1e-3)
        assert (new.x, new.y) == (old.x, old.y)
    for found in pairs(EditType.ROTATION_CHANGE):
        (old,), (new,) = (
            set(found.before.layers) - set(found.after.layers),
            set(found.after.layers) - set(found.before.layers),
        )
        assert found.step.amount is not None
        turned = new.angle - old.angle
        if new.asset.startswith(PREFIX):  # turned on the spot: seen from another side
            turned = read_key(new.asset).heading - read_key(old.asset).heading
        assert (turned - found.step.amount.value) % 360 == 0


def test_a_colour_is_one_that_the_thing_does_not_have() -> None:
    from pixwright.build.pairs.surface import far_from, main_colour

    for found in pairs(EditType.COLOR_ALTER):
        (old,) = set(found.before.layers) - set(found.after.layers)
        assert found.step.value is not None
        assert far_from(found.step.value, main_colour(catalogue().pixels(old.asset)))


def test_a_situation_tells_its_step_and_its_reason() -> None:
    for found in pairs(EditType.IMPLICIT_CHANGE):
        assert found.step.why and found.reasoning and found.extra["direct"]
        assert found.step.type != EditType.IMPLICIT_CHANGE


def test_an_empty_scene_is_refused_with_a_reason() -> None:
    empty = compose(catalogue(), np.random.default_rng(1), SIDE, SIDE, 0)
    assert "unfit" in str(attempt(EditType.REMOVE, empty, catalogue(), np.random.default_rng(0)))
    assert MAKERS[EditType.REMOVE](empty, catalogue(), np.random.default_rng(0)) is None


def test_what_is_put_behind_shrinks_a_little_and_what_is_put_in_front_grows() -> None:
    found = {Relation.BEHIND: 0, Relation.IN_FRONT: 0}
    for number in range(60):
        one = attempt(EditType.RELATION_CHANGE, scene(number % SCENES), catalogue(), np.random.default_rng([number, 5]))
        if not isinstance(one, ScenePair) or one.step.where is None or one.step.where.relation not in found:
            continue
        old, new = ({a.asset: a.height for a in s.layers} for s in (one.before, one.after))
        if len(old) < len(one.before.layers):
            continue  # two of a kind: which is which?
        ratio = max((new[key] / old[key] for key in old), key=lambda value: abs(np.log(value)))
        low, high = (1 / 1.4, 1) if one.step.where.relation is Relation.BEHIND else (1, 1.4)
        assert low - 1e-6 <= ratio <= high + 1e-6
        found[one.step.where.relation] += 1
    assert all(found.values())


def test_a_situation_speaks_only_of_what_the_scene_shows() -> None:
    stage = Stage(replace(scene(0), layers=()), catalogue(), np.random.default_rng(0))
    assert not shown(stage, "the candle was blown out") and shown(stage, "the sun has gone down")


_SAME_WORDS = frozenset("a an the some and two three four one".split())


@pytest.mark.parametrize("kind", list(EditType))
def test_the_two_captions_differ_in_exactly_what_changes(kind: EditType) -> None:
    """For every type that changes something sayable; of a frame, a way to face and a small move there is nothing to say."""
    made = 0
    for at in range(SCENES):
        rng = np.random.default_rng([7, at])
        pair = attempt(kind, scene(at), catalogue(), rng)
        if isinstance(pair, str):
            continue
        made += 1
        before, after = (re.findall(r"[a-z-]+", caption(one).lower()) for one in (pair.before, pair.after))
        step = pair.step
        aspect = step.type.traits.changes
        if kind.traits.guided or kind in (EditType.IMPLICIT_CHANGE, EditType.VISUAL_REFERENCE):
            assert before != after, pair.instruction
        elif aspect in SAYABLE:
            assert before != after, pair.instruction
            if step.type.traits.surface:
                looks = {word for layer in pair.after.layers for _, value in layer.looks for word in value.split()}
                new = set(after) - set(before) - _SAME_WORDS
                names = {word for layer in pair.before.layers for word in layer.name.split()}
                assert new <= looks | names | {"made", "of", "wool", "knitted", "cloth", "green", "strawberries"}, new
                assert set(before) - set(after) <= _SAME_WORDS | set(COLOURS) | {f"{name}s" for name in names} | names
        if made == 3:
            return
    assert made, f"no pair of {kind}"


def test_actions_are_of_what_can_act() -> None:
    found = [
        one.step.value for number in range(SCENES) if isinstance(one := pair(EditType.ACTION_CHANGE, number), ScenePair)
    ]
    assert len(set(found)) >= 3 and found.count("tilt") <= len(found) // 3, found


def test_a_season_is_given_only_where_something_grows() -> None:
    water = next(asset for asset in catalogue().assets("background") if asset.name == "ocean")
    meadow = next(asset for asset in catalogue().assets("background") if asset.name == "meadow")
    for asset, shows in ((water, False), (meadow, True)):
        here = Stage(replace(scene(0), background=asset.key, place=asset.name), catalogue(), np.random.default_rng(1))
        assert growing(here) is shows


def test_nothing_is_made_of_what_it_is_made_of_already():
    assert {"stone"} <= made_of("old gravestone")
    assert {"wood"} <= made_of("wooden chair") and "wood" not in made_of("chair")
    assert "steel" in made_of("metal spoon")
