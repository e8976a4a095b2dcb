"""Outlines of one thing, chosen among by all that is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import discs, planted

from pixwright.ground.fitted.drawing import MEASURES, Outlined, complete, measures, merits, signs, surely
from pixwright.ground.geometry import frame_of
from pixwright.ground.things import Candidate, likeliest, one_meant

COLUMNS = list(MEASURES)


def outlined(mask, score=0.5, agreed=0.9, uncut=1.0, box=None):
    return Outlined(box or frame_of(mask), np.asarray(mask, np.float32), score, agreed, uncut)


def table(**columns):
    rows = max(len(values) for values in columns.values())
    out = np.zeros((rows, len(COLUMNS)), np.float32)
    for name, values in columns.items():
        out[:, COLUMNS.index(name)] = values
    return out


def test_the_likelier_box_is_rather_meant_and_a_whole_thing_rather_than_a_piece():
    assert merits(table(score=np.log([0.2, 0.7]))).argmax() == 1
    assert merits(table(whole=[0.4, 1.0])).argmax() == 1
    assert merits(table(explains=[0.1, 0.9])).argmax() == 1


def test_what_lacks_the_colour_is_less_meant():
    lacking = [-0.8, 0.0]
    assert merits(table(**{"colour": [0.1, 0.9], "less than the best colour": lacking})).argmax() == 1


def test_outlines_are_measured():
    picture, (left, right) = discs((130, 190, 60), (370, 190, 60))
    scene = planted(picture)
    whole, piece = outlined(left, 0.6), outlined(left * (np.arange(512) < 130), 0.3, 0.5, 0.8)
    seen = measures(scene, [whole, piece, outlined(right, 0.1, box=frame_of(left))], None, (), False)
    told = {name: seen[:, i] for i, name in enumerate(COLUMNS)}
    assert seen.shape == (3, len(COLUMNS)) and np.isfinite(seen).all()
    assert told["agrees"][0] > 0.99 and told["agrees"][2] == 0
    assert told["in a likelier one"][1] > 0.99 and told["holds a likelier one"][2] == 0
    assert told["runs out"][1] == pytest.approx(0.2) and told["has evidence"].max() == 0
    assert told["whole"][0] > told["whole"][1] and complete(scene, left) > 0.95
    assert measures(scene, [], None, (), False).shape == (0, len(COLUMNS))


def test_how_sure_the_best_is_follows_its_score_and_the_others():
    alone, rivalled = table(score=np.log([0.9]), agrees=[1.0]), table(score=np.log([0.9, 0.88]), agrees=[1.0, 1.0])
    weak = table(score=np.log([0.2]), agrees=[1.0])
    sure = [surely(signs(merits(seen), seen, 0)) for seen in (alone, rivalled, weak)]
    assert sure[0] > sure[1] > 0 and sure[0] > sure[2] and all(0 < one < 1 for one in sure)


def test_two_readings_of_one_place_are_one():
    picture, (left, right) = discs((130, 190, 60), (370, 190, 60))
    scene = planted(picture)
    drawn = [outlined(left, 0.6), outlined(left, 0.55), outlined(right, 0.2)]
    found = one_meant(drawn, measures(scene, drawn, None, (), False))
    assert len(found) == 2 and found[0].score > found[1].score and found[0].box == frame_of(left)
    assert one_meant([], measures(scene, [], None, (), False)) == []


def test_of_several_those_nearly_as_sure_are_taken_and_of_one_only_rivals():
    boxes = [(0.1 * i, 0.1, 0.1 * i + 0.08, 0.2) for i in range(4)]
    found = [(Candidate(box, 1.0), score) for box, score in zip(boxes, (0.8, 0.5, 0.4, 0.1), strict=True)]
    assert [score for _, score in likeliest(found, False)] == [0.8, 0.5, 0.4]
    assert [score for _, score in likeliest(found, True)] == [0.8, 0.5]
    again = [*found, (Candidate((0.0, 0.1, 0.075, 0.2), 1.0), 0.7)]
    assert len(likeliest(again, False)) == 3
    around = [*found, (Candidate((0.0, 0.0, 0.1, 0.3), 1.0), 0.6)]
    assert len(likeliest(around, False)) == 3, "what holds a surer one is the same thing"
