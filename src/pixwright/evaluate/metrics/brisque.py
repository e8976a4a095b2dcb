"""BRISQUE: how unnatural the local statistics of a picture are (Mittal, Moorthy, Bovik 2012), without a reference and without torch.

Features and support vectors follow the model that OpenCV publishes for the LIVE database; the 770 vectors and the 36 ranges were read from
PyPI's `brisque` 0.2.0 (`brisque/models/svm.txt`, Apache-2.0). The authors' Matlab release has other vectors (774), so that figures of papers
that used it differ by a few points.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from math import lgamma

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.evaluate.metrics.pixelwise import same
from pixwright.records.instruction import Array

Doubles = NDArray[np.float64]
WORST = 100.0
"""Of a picture without any structure, such as a black one, whose statistics do not exist: the end of LIVE's scale of opinions."""
_STABLE = 1 / 255
_SHIFTS = ((0, 1), (1, 0), (1, 1), (-1, 1))


def brisque(picture: Array) -> float:
    """About 0 (natural) to 100 (distorted); neither end is a hard limit. HxWx3 uint8.

    A picture without structure scores `WORST`: a blackened result has to count.
    """
    same(picture, picture)
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    if min(grey.shape) < 16 or int(grey.max()) == int(grey.min()):
        return WORST
    found = features(np.asarray(grey, np.uint8))
    return predict(found) if np.isfinite(found).all() else WORST


def features(grey: Array) -> Doubles:
    """(36,): 18 at full and 18 at half size (section III). HxW uint8."""
    values = np.asarray(grey.astype(np.float64) / 255)
    half = cv2.resize(values, (values.shape[1] // 2, values.shape[0] // 2), interpolation=cv2.INTER_CUBIC)
    return np.concatenate([_features(values), _features(np.asarray(half, np.float64))])


def predict(found: Doubles) -> float:
    """The support vector regression of 36 features: radial basis functions, gamma .05."""
    low, high, vectors, weights, gamma, rho = _model()
    scaled = 2 * (found - low) / (high - low) - 1
    return float(weights @ np.exp(-gamma * ((vectors - scaled) ** 2).sum(1)) - rho)


def _features(values: Doubles) -> Doubles:
    mean = _blur(values)
    spread = np.sqrt(np.abs(_blur(values * values) - mean * mean))
    local = np.asarray((values - mean) / (spread + _STABLE), np.float64)
    shape, left, right = _fit(local)
    out = [shape, (left * left + right * right) / 2]
    for down, across in _SHIFTS:
        product = local * _shifted(local, down, across)
        shape, left, right = _fit(product)
        ratio = np.exp(lgamma(2 / shape) - (lgamma(1 / shape) + lgamma(3 / shape)) / 2)
        out += [shape, (right - left) * ratio, left * left, right * right]
    return np.asarray(out, np.float64)


def _blur(values: Doubles) -> Doubles:
    return np.asarray(cv2.GaussianBlur(values, (7, 7), 7 / 6, borderType=cv2.BORDER_REPLICATE), np.float64)


def _shifted(values: Doubles, down: int, across: int) -> Doubles:
    """The neighbour of every pixel; 0 beyond the frame."""
    height, width = values.shape
    moved = np.zeros_like(values)
    rows, source = (
        (slice(0, height - down), slice(down, height)) if down >= 0 else (slice(-down, height), slice(0, down))
    )
    moved[rows, : width - across] = values[source, across:]
    return moved


@lru_cache(maxsize=1)
def _shapes() -> tuple[Doubles, Doubles]:
    shapes = np.arange(0.2, 10.0, 0.001)
    ratio = [np.exp(2 * lgamma(2 / s) - lgamma(1 / s) - lgamma(3 / s)) for s in shapes]
    return shapes, np.asarray(ratio, np.float64)


def _fit(values: Doubles) -> tuple[float, float, float]:
    """An asymmetric generalised Gaussian by its moments: shape, left and right deviation (Lasmar et al. 2009). NaN where one side is empty."""
    flat = values.ravel()
    under = np.minimum(flat, 0)
    below = int(np.count_nonzero(under))
    above = int(np.count_nonzero(flat)) - below
    if not below or not above:
        return float("nan"), float("nan"), float("nan")
    low = float(under @ under)
    high = float(flat @ flat) - low
    left, right = (low / below) ** 0.5, (high / above) ** 0.5
    skew = left / right
    size = (float(flat.sum()) - 2 * float(under.sum())) / flat.size
    moment = size**2 / ((low + high) / flat.size)
    wanted = moment * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shapes, ratios = _shapes()
    return float(shapes[int(np.abs(ratios - wanted).argmin())]), left, right


@lru_cache(maxsize=1)
def _model() -> tuple[Doubles, Doubles, Doubles, Doubles, float, float]:
    with files("pixwright.evaluate").joinpath("data/brisque.npz").open("rb") as stored, np.load(stored) as data:
        names = ("low", "high", "vectors", "weights")
        low, high, vectors, weights = (data[name].astype(np.float64) for name in names)
        return low, high, vectors, weights, float(data["gamma"]), float(data["rho"])
