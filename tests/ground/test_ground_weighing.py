"""Candidates weighed by all that is known of each."""

from __future__ import annotations

import numpy as np
from ground_looks import photo

from pixwright.ground.detections import Detected
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.fitted.weighing import features, weigh
from pixwright.ground.things import class_vectors, find_things, sense_of
from pixwright.words import lexicon, read

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
    near = class_vectors() @ scene.encoders.text.embed([thing.name])[0]
    seen = features(
        scene, found, np.array([0.9, 0.0]), np.zeros(2), (sense.kinds, sense.alike), sense.weights, near, lexicon().look("cat")
    )  # fmt: skip
    assert seen.shape == (2, len(COLUMNS)) and np.isfinite(seen).all()
    classes = seen[:, COLUMNS.index("classes")]
    assert classes[0] > classes[1] and weigh(seen).argmax() == 0


def test_a_thing_without_any_candidate_stays_unfound():
    assert not find_things(photo("chelsea"), read("the truck")).found
