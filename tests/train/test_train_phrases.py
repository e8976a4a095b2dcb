"""The phrases that the choice among boxes is fitted to, made of named boxes; and photographs of one maker, which are learnt from together or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pixwright.train.naming.samples import NamedBox, NamedPhotograph

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "recipes/fit")]

import merits  # noqa: E402
import numpy as np  # noqa: E402
import phrases  # noqa: E402
from recipes.train import packages  # noqa: E402


def kettle(box, *looks, whole=True):
    return NamedBox(box, ("kettle",), whole, looks)


LEFT, RIGHT, HIGH = (0.05, 0.5, 0.25, 0.7), (0.7, 0.5, 0.9, 0.7), (0.4, 0.05, 0.6, 0.25)


def made(*boxes):
    return {str(one.thing): one.true for one in phrases.made(NamedPhotograph("a.jpg", boxes))}


def test_one_of_two_is_told_by_its_colour_and_by_its_side():
    said = made(kettle(LEFT, "red"), kettle(RIGHT, "blue", "metal"))
    assert said["the red kettle"] == said["the kettle on the left"] == [list(LEFT)]
    assert said["the blue kettle"] == said["the kettle on the right"] == [list(RIGHT)]
    assert not any(" at the " in words or " in front" in words for words in said)


@pytest.mark.parametrize("other", [("red",), (), ("blue", "red")])
def test_a_colour_that_another_has_too_or_may_have_tells_nothing(other):
    assert "the red kettle" not in made(kettle(LEFT, "red"), kettle(RIGHT, *other))


def test_two_boxes_of_one_thing_are_one_thing_and_a_bad_one_is_never_right():
    near = (0.05, 0.5, 0.25, 0.72)
    said = made(kettle(LEFT, "red"), kettle(near, whole=False), kettle(RIGHT, "blue"))
    assert said["the red kettle"] == [list(LEFT)]


def test_what_is_much_larger_than_all_others_is_the_big_one():
    big = (0.3, 0.3, 0.65, 0.95)
    said = made(kettle(LEFT), kettle(RIGHT), kettle(big))
    assert said["the big kettle"] == [list(big)] and "the small kettle" not in said
    assert not any(" big " in words for words in made(kettle(LEFT), kettle(RIGHT), kettle(HIGH)))


def test_a_noun_of_two_things_is_not_asked_for_alone():
    two = NamedPhotograph("a.jpg", (kettle(LEFT), kettle(RIGHT)))
    one = NamedPhotograph("a.jpg", (kettle(LEFT),))
    assert not phrases.named_things(two)
    assert [(str(each.thing), each.true) for each in phrases.named_things(one)] == [("the kettle", [list(LEFT)])]


def test_photographs_of_one_maker_are_in_one_fold(monkeypatch):
    owner = {
        f"{maker}{number}.jpg": maker for maker, count in (("a", 9), ("b", 4), ("c", 5)) for number in range(count)
    }
    monkeypatch.setattr(packages, "makers", lambda: owner)
    fold = packages.folds(owner, 2)
    assert [len({fold[photo] for photo in owner if owner[photo] == maker}) for maker in "abc"] == [1, 1, 1]
    assert sorted(list(fold.values()).count(number) for number in (0, 1)) == [9, 9]


def test_packages_of_one_maker_share_its_name():
    assert packages._maker("@tabler/preview@1.2.0") == packages._maker("tabler-ui@0.0.34") == "tabler"


def test_all_things_of_a_noun_are_asked_for_where_there_are_several():
    row = NamedPhotograph("a.jpg", (kettle(LEFT, "red"), kettle(RIGHT, "red"), kettle(HIGH, "blue")))
    said = {str(one.thing): one.true for one in phrases.many(row)}
    assert said == {"the kettles": [list(LEFT), list(RIGHT), list(HIGH)], "the red kettles": [list(LEFT), list(RIGHT)]}
    assert not phrases.many(NamedPhotograph("a.jpg", (kettle(LEFT),)))
    unsure = NamedPhotograph("a.jpg", (kettle(LEFT, "red"), kettle(RIGHT, "red"), kettle(HIGH)))
    assert [str(one.thing) for one in phrases.many(unsure)] == ["the kettles"], "the third may be red"


def test_what_people_said_has_boxes_in_the_picture():
    said = [one for own in phrases.said().values() for one in own]
    assert len(said) > 1000 and {one.sort for one in said} == {"said", "several"}
    assert all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for one in said for x0, y0, x1, y1 in one.true)


def slope_is_right(loss, merit):
    value, slopes = loss(merit)
    for i in range(len(merit)):
        moved = merit + 1e-5 * (np.arange(len(merit)) == i)
        assert (loss(moved)[0] - value) / 1e-5 == pytest.approx(slopes[i], abs=1e-3)


def test_losses_of_merits_and_their_slopes():
    right = np.array([1, 0, 0, 1, 0])
    merit = np.array([0.3, -0.2, 1.0, 0.4, -0.6])
    slope_is_right(merits.chosen(right, [3, 2]), merit)
    slope_is_right(merits.told(right.astype(float), np.array([1.0, 2.0, 1.0, 0.5, 1.0])), merit)
    assert merits.chosen(right, [3, 2])(10.0 * right)[0] < 0.01, "where the right ones are far the likeliest"


def test_a_network_learns_which_is_right_and_several_are_joined_to_their_mean():
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(200, 3))
    right = (seen[:, 0] * seen[:, 1] > 0).astype(float)
    found = [merits.fitted(seen, merits.told(right, np.ones(200)), 6, 0.1, 0.1, seed, 300) for seed in range(2)]

    def merit(net):
        return seen @ net["straight"] + np.tanh(seen @ net["first"] + net["first_bias"]) @ net["second"] + net["bias"]

    assert ((merit(found[0]) > 0) == right).mean() > 0.9
    assert merit(merits.joined(found)) == pytest.approx(np.mean([merit(one) for one in found], 0))
