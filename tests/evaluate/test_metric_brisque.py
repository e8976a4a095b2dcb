"""BRISQUE against OpenCV's own (features that its `quality` module printed), against scipy, and on what it must order."""

import cv2
import numpy as np
import pytest
from evaluate_samples import noisy
from scipy import ndimage, special
from skimage import data

from pixwright.evaluate.metrics.brisque import WORST, _model, brisque, features, predict

# cv2.quality.QualityBRISQUE_computeFeatures of opencv-contrib 5.0.0, skimage.data.coffee(), every third value.
COFFEE = (1.716, 0.022124, 0.611, 0.091069, 0.16713, 0.118384, 1.692, -0.058304, 0.599, 0.096927, 0.173217, 0.10295)


def grey(picture):
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def test_features_are_those_of_opencv():
    assert features(grey(data.coffee()))[::3] == pytest.approx(COFFEE, abs=2e-5)


def test_the_first_features_are_those_of_scipy():
    picture = grey(data.astronaut()).astype(np.float64) / 255
    axis = np.arange(-3, 4)
    line = np.exp(-(axis**2) / (2 * (7 / 6) ** 2))
    kernel = np.outer(line, line) / line.sum() ** 2
    mean = ndimage.correlate(picture, kernel, mode="nearest")
    deviation = np.sqrt(np.abs(ndimage.correlate(picture**2, kernel, mode="nearest") - mean**2))
    local = (picture - mean) / (deviation + 1 / 255)
    left, right = (np.sqrt((local[side] ** 2).mean()) for side in (local < 0, local > 0))
    skew = left / right
    wanted = np.abs(local).mean() ** 2 / (local**2).mean() * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shapes = np.arange(0.2, 10, 0.001)
    ratio = special.gamma(2 / shapes) ** 2 / (special.gamma(1 / shapes) * special.gamma(3 / shapes))
    found = features(grey(data.astronaut()))
    assert found[0] == pytest.approx(shapes[np.abs(ratio - wanted).argmin()], abs=1e-6)
    # Flat areas are zero up to rounding, whose sign decides on which side they count.
    assert found[1] == pytest.approx((left**2 + right**2) / 2, rel=2e-3)


def test_the_regression_is_the_sum_of_its_vectors():
    low, high, vectors, weights, gamma, rho = _model()
    assert vectors.shape == (770, 36)
    assert weights.sum() == pytest.approx(0, abs=0.5)  # an epsilon-SVR's weights balance
    found = features(grey(data.chelsea()))
    scaled = [2 * (f - a) / (b - a) - 1 for f, a, b in zip(found, low, high, strict=True)]
    total = -rho
    for weight, vector in zip(weights, vectors, strict=True):
        total += weight * np.exp(-gamma * sum((s - v) ** 2 for s, v in zip(scaled, vector, strict=True)))
    assert predict(found) == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_damage_is_worse_than_none(name):
    picture = getattr(data, name)()
    clean = brisque(picture)
    assert clean < 20
    # Less noise than that passes for grain, which natural pictures have.
    values = [brisque(noisy(picture, sigma)) for sigma in (12, 25, 60)]
    assert [clean, *values] == sorted([clean, *values])
    assert brisque(cv2.GaussianBlur(picture, (0, 0), 3)) > clean + 30


def test_a_blackened_picture_scores_worst_and_not_nothing():
    for value in (0, 128):
        assert brisque(np.full((64, 64, 3), value, np.uint8)) == WORST
