"""The detector's boxes: looks fused, kinds fused, rivals."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import discs, planted
from ground_looks import overlap as apart

from pixwright.encoders.sight import Detection
from pixwright.ground.detections import (
    CERTAIN,
    CHANCE,
    CLOSER,
    LOOKS,
    Detected,
    _fuse,
    _merged,
    area_of,
    fused,
    glimpses,
    looks_at,
    overlap,
    overlaps,
    sure,
    within,
)


class Looker:
    """Sees the box of what is bright, at every side it is asked for; `only` at some."""

    def __init__(self, only=None):
        self.only, self.sides = only, []

    def detect(self, picture, least, side):
        self.sides.append((side, bool(picture[0, -1].any())))
        rows, columns = np.nonzero(picture.max(2) > 128)
        if self.only and side not in self.only:
            return ()
        box = tuple(float(v) for v in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
        return (Detection("ball", box, 0.6), Detection("orange", box, 0.3))


def detect(picture, looker):
    """All looks at a picture as one."""
    looks = looks_at(picture)
    return fused(glimpses(picture, looker, looks), picture.shape[:2], looks)


@pytest.fixture
def ball():
    picture, _ = discs((300, 200, 80), shape=(500, 800), ground=(0, 0, 0))
    picture[0, 0] = 90  # tells a mirrored look
    return picture


def test_every_look_is_taken_and_mirrored_boxes_are_turned_back(ball):
    looker = Looker()
    (proposal,) = detect(ball, looker)
    assert looker.sides == [*LOOKS]
    assert apart(proposal.box, (220 / 800, 120 / 500, 381 / 800, 281 / 500)) > 0.95
    assert proposal.kinds == pytest.approx({"ball": 0.6, "orange": 0.3})
    assert proposal.score == pytest.approx(0.6)


def test_a_small_picture_is_not_magnified_beyond_what_the_network_knows():
    picture, _ = discs((40, 40, 20), shape=(120, 160), ground=(0, 0, 0))
    looker = Looker()
    detect(picture, looker)
    assert max(side for side, _ in looker.sides) == 416


def test_a_second_look_sees_more_and_takes_none_of_the_others_again(ball):
    looker = Looker(only=(CLOSER,))
    scene = planted(ball, detector=looker)
    assert scene.proposals == () and looker.sides == [*LOOKS]
    (proposal,) = scene.closer.proposals
    assert apart(proposal.box, (220 / 800, 120 / 500, 381 / 800, 281 / 500)) > 0.95
    assert scene.closer is scene.closer and looker.sides == [*LOOKS, (CLOSER, False)]


def test_a_second_look_enlarges_a_small_picture_no_more_than_twice():
    picture, _ = discs((160, 120, 20), shape=(240, 320))
    looker = Looker()
    assert planted(picture, detector=looker).closer.proposals
    assert max(side for side, _ in looker.sides) == 640


def test_what_only_one_look_gives_is_doubted(ball):
    (once,) = detect(ball, Looker(only=(320,)))
    assert once.score < 0.35


def test_nothing_is_nothing():
    assert _fuse([], 100, 100) == [] and _merged([]) == ()


def test_looks_are_fused_and_doubtful_alone():
    agreed = [(n, Detection("dog", (0.1, 0.1, 0.5 + 0.01 * n, 0.6), 0.6)) for n in range(3)]
    once = [(0, Detection("cat", (0.6, 0.1, 0.9, 0.6), 0.6))]
    both = sorted(_fuse(agreed + once, 100, 100), key=lambda s: s.kind)
    assert [s.kind for s in both] == ["cat", "dog"]
    assert both[1].score > 1.5 * both[0].score and 0.5 < both[1].box[2] < 0.52


def test_kinds_of_one_box_are_one_proposal():
    seen = [
        Detection("dog", (0, 0, 0.5, 0.5), 0.6),
        Detection("cat", (0, 0, 0.5, 0.48), 0.3),
        Detection("cat", (0.6, 0.6, 0.9, 0.9), 0.2),
    ]
    first, second = _merged(seen)
    assert first.kinds == {"dog": 0.6, "cat": 0.3} and first.score == 0.6
    assert second.kinds == {"cat": 0.2}


def test_a_surer_rival_counts_against_a_kind_and_one_that_is_alike_hardly():
    proposal = Detected((0, 0, 1, 1), 0.6, {"dog": 0.6, "cat": 0.3})
    assert proposal.of(["dog"]) == 0.6
    assert proposal.of(["cat"]) < 0.1 < proposal.of(["cat"], ["dog"]) < 0.3
    assert proposal.of(["cat", "dog"]) == 0.6
    assert proposal.of(["horse"]) == 0 and proposal.of([]) == 0


def test_scores_become_probabilities():
    assert sure(CHANCE) == 0 and sure(0) == 0 and sure(CERTAIN) == 1 and sure(1) == 1
    values = [sure(s) for s in np.linspace(CHANCE, CERTAIN, 9)]
    assert values == sorted(values)


def test_measures_of_boxes():
    boxes = np.random.default_rng(1).random((12, 4)).astype(np.float32)
    boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    table = overlaps(boxes)
    assert np.allclose(table, [[apart(a, b) for b in boxes] for a in boxes], atol=1e-5)
    assert np.allclose(table, [[overlap(a, b) for b in boxes] for a in boxes], atol=1e-5)
    assert within((0, 0, 2, 2), (1, 0, 5, 5)) == 0.5 and within((0, 0, 1, 1), (2, 2, 3, 3)) == 0
    assert area_of((1, 2, 4, 4)) == 6 and overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0
