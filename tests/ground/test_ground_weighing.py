"""Candidates weighed by all that is known of each."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import Bright, photo

from pixwright.encoders.bundle import Encoders
from pixwright.ground.choose import standing
from pixwright.ground.detections import Detected
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.fitted.weighing import LIKENESS, features, weigh
from pixwright.ground.meaning.classes import class_likeness, meaning_of
from pixwright.ground.meaning.sense import sense_of
from pixwright.ground.scene import see
from pixwright.ground.things import (
    ALONE,
    CERTAIN,
    RESEMBLING,
    Candidate,
    find_things,
    named,
    stands,
    told,
    weighed,
    weighed_by,
)
from pixwright.words import lexicon, read
from pixwright.words.nearest import vector_of

ENCODERS = Encoders()
COLUMNS = list(fitted("weighing"))


def table(**columns):
    rows = max(len(values) for values in columns.values())
    out = np.zeros((rows, len(COLUMNS)), np.float32)
    for name, values in columns.items():
        out[:, COLUMNS.index(name.replace("_", " "))] = values
    return out


def test_shares_follow_merit():
    share = weigh(table(named=[0.2, 0.8, 0.4]))
    assert abs(share.sum() - 1) < 1e-5 and share[1] > share[2] > share[0] > 0


def test_what_shows_the_colour_is_rather_meant():
    assert weigh(table(named=[0.6, 0.5], colour=[0.0, 1.0])).argmax() == 1


def test_a_name_of_the_detector_outweighs_prominence():
    seen = table(stands_out=[0.0, 1.0])
    seen[0, COLUMNS.index("detector's name")] = 0.8
    assert weigh(seen).argmax() == 0


def test_a_cat_is_known_by_its_classes_in_its_own_box():
    scene = photo("chelsea")
    thing = read("the cat")
    sense = sense_of(thing, scene.encoders)
    boxes = [(0.0, 0.0, 0.89, 1.0), (0.9, 0.0, 1.0, 0.2)]
    found = [(boxes[0], Detected(boxes[0], 0.9, {"cat": 0.9})), (boxes[1], None)]
    near = class_likeness(thing.name, scene.encoders)
    seen = features(
        scene, found, np.array([0.9, 0.0]), np.zeros(2), (sense.kinds, sense.alike), sense.weights, near, lexicon().look("cat")
    )  # fmt: skip
    assert seen.shape == (2, len(COLUMNS)) and np.isfinite(seen).all()
    classes = seen[:, COLUMNS.index("classes")]
    assert classes[0] > classes[1] and weigh(seen).argmax() == 0


def test_a_place_is_like_what_it_shows():
    """The cosine in the aligned encoder's space, whose nouns are not the classifier's: the cat's own box is more like one than the wall, and less like a ship."""
    assert COLUMNS[LIKENESS] == "likeness"
    scene = photo("chelsea")
    boxes = [((0.0, 0.0, 0.89, 1.0), None), ((0.9, 0.0, 1.0, 0.2), None)]

    def like(noun):
        meaning = meaning_of(noun, scene.encoders)
        assert np.linalg.norm(meaning) == pytest.approx(1, abs=1e-4)
        zeros = np.zeros(2, np.float32)
        cosines = class_likeness(noun, scene.encoders)
        seen = features(scene, boxes, zeros, zeros, ((), ()), np.zeros(1000, np.float32), cosines, None, meaning)
        assert (np.abs(seen[:, LIKENESS]) <= 1).all()
        return seen[:, LIKENESS]

    assert like("cat")[0] > like("cat")[1] + 0.1 and like("cat")[0] > like("ship")[0] + 0.1
    asked = ENCODERS.text.embed(["kitten"])[0]
    stored = vector_of("cat")
    assert stored is not None and float(stored @ asked) > 0.6 and vector_of("zorbulator") is None


def test_a_thing_without_any_candidate_stays_unfound():
    assert not find_things(photo("chelsea"), read("the truck")).found


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
    order, clear = weighed(scene, read("the cat"), sense, found)
    every, clearly = weighed_by(photo("chelsea"), read("the cat"), sense, found, looked=True)
    assert order[0][0].box == every[0][0].box and abs(clear - clearly) < 0.05


def test_where_two_are_as_likely_the_others_are_asked():
    scene, sense, found = certain_of("the cat", picture=ENCODERS.picture, aligned=ENCODERS.aligned, segmenter=Bright())
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
    seen[:, [COLUMNS.index("place"), COLUMNS.index("relation")]] = standing(boxes, read(phrase), ())
    share = weigh(seen)
    assert share.argmax() == side and share.max() > 0.7


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
    assert len(fewer) <= len(seen) and not bare[:, LIKENESS].any()


def test_a_nameless_thing_needs_to_be_likelier_than_all_others_together(monkeypatch):
    scene, thing = photo("chelsea"), read("the zorbulator on the left")
    sense = sense_of(thing, scene.encoders)
    for first, wanted in ((ALONE + 0.2, RESEMBLING), (ALONE - 0.2, 0.0)):
        monkeypatch.setattr(
            "pixwright.ground.things.weigh",
            lambda seen, first=first: np.array([first, *[(1 - first) / (len(seen) - 1)] * (len(seen) - 1)], np.float32),
        )
        monkeypatch.setattr("pixwright.ground.things.SAME_THING", 0.99)
        order, _ = weighed_by(scene, thing, sense, [], True)
        assert (order[0][1] if order else 0.0) == pytest.approx(wanted)
