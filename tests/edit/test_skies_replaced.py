"""A sky is made blue by light and not by paint, and is replaced by another weather; what lies below keeps every bit."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

import pixwright


@pytest.fixture(scope="module")
def rocket():
    return np.ascontiguousarray(data.rocket())


@pytest.mark.parametrize(
    "words, type_", [("make the sky blue", "color_alter"), ("clear blue sky instead of the clouds", "replace")]
)
def test_a_blue_sky_is_paler_towards_the_horizon(rocket, words, type_):
    result = pixwright.edit(rocket, words)
    (report,) = result.report.steps
    assert (report.type.value, report.verdict.value) == (type_, "done")
    after = result.picture[..., :3].astype(int)
    top, low = after[5:25, 30:150].mean((0, 1)), after[230:250, 30:150].mean((0, 1))
    assert top[2] > top[0] + 60, "blue above"
    assert low.mean() > top.mean() + 10, "paler below"
    assert np.array_equal(after[415:, 280:360], rocket[415:, 280:360]), "the ground is the same"


def test_a_sky_behind_something_is_cut_along_the_sky(rocket):
    result = pixwright.edit(rocket, "put a pink sunset sky behind the rocket")
    (report,) = result.report.steps
    after = result.picture[..., :3].astype(int)
    assert report.type.value == "background_change" and report.verdict.value != "not_done"
    assert np.abs(after[5:200, 30:150] - rocket[5:200, 30:150]).mean() > 30, "another sky"
    assert np.abs(after[415:, 280:360] - rocket[415:, 280:360]).mean() < 30, "the ground is there"
    assert after[5:200, 30:150, 0].mean() > after[5:200, 30:150, 1].mean() + 20, "pink"
