"""Where the classifier sees a noun: made maps, and a cat."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import encoders, photo

from pixwright.ground.evidence import ClassEvidence, contest, peaks, seek, shown
from pixwright.ground.meaning.sense import sense_of
from pixwright.words import read


def hills(*places, shape=(120, 160)):
    """A map with hills (x, y, height) on a plain below zero."""
    ys, xs = np.mgrid[: shape[0], : shape[1]]
    out = np.full(shape, -4.0)
    for x, y, height in places:
        out += (height + 4) * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 7**2))
    return ClassEvidence(out.astype(np.float32), 0.9)


def test_peaks_are_the_hilltops_highest_first():
    found = peaks(hills((30, 30, 6), (120, 40, 8), (80, 100, 7)))
    wanted = [(120, 40), (80, 100), (30, 30)]
    assert np.abs(np.array(found) * (160, 120) - wanted).max() < 3
    assert len(peaks(hills((30, 30, 6), (120, 40, 8), (80, 100, 7)), most=2)) == 2


def test_a_hill_that_is_low_beside_the_highest_is_no_peak():
    assert len(peaks(hills((30, 30, 1.5), (120, 40, 8)))) == 1


def test_where_the_classes_never_win_there_is_no_peak():
    assert peaks(ClassEvidence(np.full((50, 60), -1, np.float32), 0.1)) == []


def test_a_contest_is_won_by_mass():
    mass = np.full((1, 2, 1000), 1e-3, np.float32)
    mass[0, 0, 7] = 5.0
    weights = np.zeros(1000, np.float32)
    weights[7] = 1
    won, lost = contest(mass, weights)[0]
    assert won > 1 and lost < -5
    assert contest(mass, 0.5 * weights)[0, 0] < won


def weights_of(phrase):
    return sense_of(read(phrase), encoders()).weights


@pytest.fixture(scope="module")
def seen():
    return {name: seek(photo("chelsea"), weights_of(name)) for name in ("cat", "dog", "teapot")}


def test_a_cat_is_present_and_nothing_else(seen):
    assert seen["cat"].presence > 0.8
    assert seen["dog"].presence < 0.5 and seen["teapot"].presence < 0.3


def test_the_evidence_lies_on_the_cats_head(seen):
    odds = seen["cat"].odds
    height, width = photo("chelsea").shape
    assert odds.shape == (height, width)
    head = odds[int(0.2 * height) : int(0.7 * height), int(0.25 * width) : int(0.75 * width)]
    corner = odds[: height // 4, -width // 12 :]
    assert head.mean() > corner.mean() + 1
    x, y = peaks(seen["cat"])[0]
    assert 0.1 < x < 0.9 and 0.1 < y < 0.9


def test_what_is_shown_in_a_box():
    scene = photo("chelsea")
    face, corner = (0.2, 0.05, 0.8, 0.95), (0.9, 0.0, 1.0, 0.2)
    assert shown(scene, face, weights_of("cat")) > 0.7
    assert shown(scene, corner, weights_of("cat")) < shown(scene, face, weights_of("cat"))
    assert shown(scene, face, weights_of("teapot")) < 0.05
