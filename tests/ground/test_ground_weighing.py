"""Candidates weighed by all that is known of each."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import Bright, photo

from pixwright.encoders.bundle import Encoders
from pixwright.ground.choose import standing
from pixwright.ground.detections import Detected, nested
from pixwright.ground.fitted.weighing import (
    MEASURES,
    NAMED_SO,
    agreed,
    features,
    of_itself,
    one_of_them,
    signs,
    surely,
    weigh,
)
from pixwright.ground.meaning.regions import named_so
from pixwright.ground.meaning.sense import sense_of
from pixwright.ground.scene import see
from pixwright.ground.things import (
    CERTAIN,
    Candidate,
    denied,
    find_things,
    named,
    stands,
    told,
    weighed,
    weighed_by,
)
from pixwright.words import read

ENCODERS = Encoders()
COLUMNS = list(MEASURES)


def table(**columns):
    rows = max(len(values) for values in columns.values())
    out = np.zeros((rows, len(COLUMNS)), np.float32)
    for name, values in columns.items():
        out[:, COLUMNS.index(name.replace("_", " "))] = values
    return out


def test_shares_follow_merit():
    share = weigh(table(named=[0.2, 0.8, 0.4], less_than_the_best_named=[-0.6, 0.0, -0.4], share_of_the_names=[0.14, 0.57, 0.29]))  # fmt: skip
    assert abs(share.sum() - 1) < 1e-5 and share[1] > share[2] > share[0] > 0


def test_what_shows_the_colour_is_rather_meant():
    assert weigh(table(named=[0.6, 0.5], colour=[0.0, 1.0])).argmax() == 1


def test_a_name_of_the_detector_outweighs_prominence():
    seen = table(stands_out=[0.0, 1.0], named=[0.8, 0.0], less_than_the_best_named=[0.0, -0.8])
    seen[0, COLUMNS.index("detector's name")] = 0.8
    assert weigh(seen).argmax() == 0


def test_a_cat_is_known_by_its_classes_in_its_own_box():
    scene = photo("chelsea")
    thing = read("the cat")
    sense = sense_of(thing, scene.encoders)
    boxes = [(0.0, 0.0, 0.89, 1.0), (0.9, 0.0, 1.0, 0.2)]
    found = [(boxes[0], Detected(boxes[0], 0.9, {"cat": 0.9})), (boxes[1], None)]
    near = named_so(scene, boxes, [one for _, one in found], thing.name)
    seen = features(
        scene, found, np.array([0.9, 0.0]), np.zeros(2), (sense.kinds, sense.alike), sense.weights, "cat", near
    )  # fmt: skip
    assert seen.shape == (2, len(COLUMNS)) and np.isfinite(seen).all()
    classes = seen[:, COLUMNS.index("classes")]
    assert classes[0] > classes[1] and weigh(seen).argmax() == 0


def test_the_namer_knows_a_cat_by_names_that_no_class_has():
    """The cat's own box is rather a kitten than the wall beside it, and a kitten rather than a ship."""
    scene = photo("chelsea")
    boxes = [(0.0, 0.0, 0.89, 1.0), (0.9, 0.0, 1.0, 0.2)]
    kitten, ship = (named_so(scene, boxes, [None, None], noun) for noun in ("kitten", "ship"))
    assert kitten.shape == (2, 3) and kitten[:, 0].max() == 0 and (kitten[:, 2] < 0).all()
    assert kitten[0, 2] > kitten[1, 2] and kitten[0, 2] > ship[0, 2]
    assert kitten[:, 1] == pytest.approx(ship[:, 1])


def test_what_is_not_there_is_hardly_believed():
    assert find_things(photo("chelsea"), read("the truck")).score < 0.2


class NotAsked:
    """A network that must not be asked."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked for")


def certain_of(phrase, name="chelsea", **networks):
    """A fresh scene of a photograph whose thing the detector is certain of, with what names it."""
    known = photo(name)
    scene = see(
        known.picture, SimpleNamespace(detector=known.encoders.detector, parts=known.encoders.parts, **networks)
    )
    sense = sense_of(read(phrase), scene.encoders)
    return scene, sense, named(scene, sense)


def test_what_the_detector_is_certain_of_is_weighed_without_the_other_networks():
    blind = {name: NotAsked() for name in ("picture", "segmenter", "text")}
    scene, sense, found = certain_of("the cat", **blind)
    assert found[0][1] > CERTAIN
    order = weighed(scene, read("the cat"), sense, found)
    every, clearly = weighed_by(photo("chelsea"), read("the cat"), sense, found, looked=True)
    assert order[0][0].box == every[0][0].box and order[0][1] > 0.8 and clearly > 0.9


def test_where_two_are_as_likely_the_others_are_asked():
    scene, sense, found = certain_of("the cat", picture=ENCODERS.picture, namer=ENCODERS.namer, segmenter=Bright())
    second = Candidate((0.1, 0.1, 0.9, 0.9), 1.0, Detected((0.1, 0.1, 0.9, 0.9), 0.9, dict(found[0][0].kinds.kinds)))
    weighed(scene, read("the cat"), sense, [(replace(found[0][0], box=(0.0, 0.0, 0.4, 0.4)), 0.9), (second, 0.9)])
    assert scene.encoders.segmenter.looks


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("the valve at the bottom right", True),
        ("the parcel under the bench", True),
        ("the valve", False),
        ("the second valve from the left", False),
        ("the largest valve on the right", False),
    ],
)
def test_what_nothing_but_its_place_picks(phrase, wanted):
    assert stands(read(phrase)) is wanted


@pytest.mark.parametrize(("phrase", "side"), [("the knob on the left", 0), ("the knob on the right", 1)])
def test_of_what_no_network_names_the_one_at_its_place_is_meant(phrase, side):
    boxes = [(0.05, 0.4, 0.2, 0.55), (0.8, 0.4, 0.95, 0.55)]
    seen = table(holds=[0.4, 0.4])
    seen[:, [COLUMNS.index(name) for name in ("place", "relation", "size asked for")]] = standing(
        boxes, read(phrase), ()
    )
    share = weigh(seen)
    assert share.argmax() == side and share.max() > 0.7


@pytest.mark.parametrize(("phrase", "side"), [("the small bowl", 0), ("the big bowl", 1), ("the bowl", None)])
def test_boxes_answer_to_the_size_that_is_asked_for(phrase, side):
    told = standing([(0.1, 0.4, 0.2, 0.5), (0.3, 0.2, 0.9, 0.9)], read(phrase), ())[:, 2]
    assert (told == 0).all() if side is None else told.argmax() == side


def test_a_relation_tells_between_two_that_are_alike():
    assert weigh(table(named=[0.3, 0.3], relation=[-1.2, 0.2])).argmax() == 1


def test_what_holds_something_is_rather_meant():
    assert weigh(table(holds=[0.05, 0.6])).argmax() == 1


def test_all_candidates_are_told_of_those_with_the_name_first():
    scene, thing = photo("chelsea"), read("the cat")
    sense = sense_of(thing, scene.encoders)
    found = named(scene, sense)
    seen, known = told(scene, thing, sense, found, True)
    assert [c.box for c in seen[: len(found)]] == [c.box for c, _ in found] and known.shape == (len(seen), len(COLUMNS))
    fewer, bare = told(scene, thing, sense, found, False)
    assert len(fewer) <= len(seen) and not bare[:, NAMED_SO].any()


def test_how_sure_the_likeliest_is_follows_its_share_and_its_names():
    likely, measures = np.array([0.7, 0.2], np.float32), table(named=[0.5, 0.1])
    measures[:, NAMED_SO] = -2.0
    known = surely(signs(likely, measures, 0))
    assert 0 < known < 1 and known > surely(signs(np.array([0.3, 0.2], np.float32), measures, 0))
    measures[:, NAMED_SO] = -9.0
    assert surely(signs(likely, measures, 0)) < known
    nobody = table(named=[0.0, 0.0])
    nobody[:, NAMED_SO] = -9.0
    assert surely(signs(np.array([0.2, 0.1], np.float32), nobody, 0)) < 0.25


def test_what_the_detector_surely_calls_otherwise_is_denied():
    cat, dog = sense_of(read("the cat"), ENCODERS), sense_of(read("the dog"), ENCODERS)
    seen = Detected((0, 0, 1, 1), 0.9, {"cat": 0.9, "chair": 0.1})
    assert denied(seen, dog) and not denied(seen, cat) and not denied(None, dog)
    assert not denied(seen, sense_of(read("the zorbulator"), ENCODERS))


def test_boxes_that_agree_are_likely_together():
    same = [(0.1, 0.1, 0.5, 0.5), (0.12, 0.1, 0.5, 0.52), (0.1, 0.12, 0.48, 0.5)]
    apart = [*same, (0.6, 0.6, 0.9, 0.9)]
    likely = agreed(np.array([0.2, 0.25, 0.2, 0.35], np.float32), apart)
    assert likely[:3] == pytest.approx(0.65, abs=0.02) and likely[3] == pytest.approx(0.35)
    # One within another is no other reading of it.
    nested = agreed(np.array([0.5, 0.5], np.float32), [(0.0, 0.0, 1.0, 1.0), (0.4, 0.4, 0.6, 0.6)])
    assert nested == pytest.approx(0.5)


def test_what_holds_others_and_what_the_edge_cuts():
    held, holding, sides = nested(
        np.array([(0.0, 0.2, 0.9, 1.0), (0.1, 0.3, 0.3, 0.5), (0.5, 0.3, 0.7, 0.5), (0.85, 0.3, 1.0, 0.5)], np.float32)
    )
    assert holding == pytest.approx([np.log(3), 0, 0, 0]) and held == pytest.approx([0, np.log(2), np.log(2), 0])
    assert list(sides) == [2, 0, 0, 1]


def test_of_those_with_a_name_each_has_its_share():
    scene, thing = photo("chelsea"), read("the cat")
    sense = sense_of(thing, scene.encoders)
    _, known = told(scene, thing, sense, named(scene, sense), True)
    shares = known[:, COLUMNS.index("share of the names")]
    assert 0 < shares.max() <= 1 and shares.sum() == pytest.approx(1, abs=1e-3)


def test_each_thing_of_a_noun_is_likely_wherever_it_lies():
    seen = table(
        named=[0.8, 0.8, 0.0], share_of_the_names=[0.5, 0.5, 0.0], place=[1.0, -1.0, 1.0], holds=[0.6, 0.6, 0.3]
    )
    seen[:2, COLUMNS.index("detector's name")] = 0.8
    seen[:, COLUMNS.index("name, of all names")] = -1, -1, -9
    likely = one_of_them(seen)
    assert likely[0] == pytest.approx(likely[1]) and likely[0] > 3 * likely[2]
    assert not of_itself(seen)[:, COLUMNS.index("place")].any() and seen[0, COLUMNS.index("place")] == 1
