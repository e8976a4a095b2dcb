"""Where in a picture the classifier sees a noun's classes, and how sure it is that they are there at all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.geometry import TINY, Floats, Frame, calm, logistic, odd, square
from pixwright.ground.scene import Scene

SHARES = (0.3, 0.4, 0.3)
"""How much each of scene.SIDES counts where all are equally sure."""
STEEP = 0.8
"""Of the logistic curve from log-odds to a probability; the classifier's own are too sure of themselves."""
WHOLE = 0.4
"""A noun of many classes is likelier by chance: how much of the log of that chance is taken off."""
PEAK = 0.5
"""Share of the highest log-odds from which a place belongs to a peak."""
RARE = 3.0
"""Log-odds below which the classes nowhere win: then places are compared with each other."""
CLASSES = 1000
"""How many the classifier knows."""
TOP, PLACE = 0.99, 0.995
"""Quantiles of a map that stand for its best place: where scales are weighed, and where the picture is searched for the thing."""
LEAST_SURE, MOST_SURE = 0.3, 6.0
"""Between which log-odds a scale counts by how sure it is."""
MOST_ODDS = 8.0
"""No scale says more than such log-odds for or against."""
NONE, NO_RIVAL = 1e-8, 1e-6
"""Masses of the wanted classes, and of all others, that stand for nothing in a logarithm."""
PEAK_BLUR, PEAK_APART = 0.02, 0.12
"""Shares of the picture's longer side over which evidence is calmed before its peaks are sought, and within which there is one peak at most."""
PEAKS = 4
"""Most peaks that are tried."""
FIRST, SECOND, CAUTION = 0.6, 0.4, 0.5
"""How the two surest scales add up to a place's log-odds, and what is taken off because places are many."""
BIAS = 0.2
"""Log-odds in favour of what somebody says is there."""
UNLIKELY = -30.0
"""Log-odds to the surest class below which a class counts alike."""
EVEN = 0.7
"""Log-odds: a map that varies less is not stretched to vary more."""
SEEN, CONTESTED, RAISED, STRETCH = 0.65, 0.35, 0.75, 2.2
"""How class activation and log-odds, both standardised, add up; how many deviations a place must stand out; and their worth in log-odds."""


@dataclass(frozen=True, eq=False)
class ClassEvidence:
    """`odds` (h, w): log-odds, over all scales, that a place shows the classes. `presence` in [0, 1]: how sure it is that the picture holds them."""

    odds: Floats
    presence: float


def seek(scene: Scene, weights: Floats) -> ClassEvidence:
    """The evidence for classes; `weights` (1000,) are priors in [0, 1], 0 for all other classes."""
    height, width = scene.shape
    maps = [_fill(contest(mass, weights), height, width) for mass in scene.masses]
    # A close-up is recognised at the coarse scale, a small thing at the fine one: each counts by how sure it is.
    shares = np.array(
        [b * np.clip(float(np.quantile(m, TOP)), LEAST_SURE, MOST_SURE) for b, m in zip(SHARES, maps, strict=True)]
    )
    odds = sum(
        share * np.clip(part, -MOST_ODDS, MOST_ODDS) for share, part in zip(shares / shares.sum(), maps, strict=True)
    )
    odds = np.asarray(odds, np.float32)
    if float(odds.max()) < RARE:
        odds = _relative(scene, weights, odds)
    return ClassEvidence(odds, _presence(scene, weights, maps))


def contest(mass: Floats, weights: Floats) -> Floats:
    """(rows, columns): log-odds of the wanted classes against all others in each cell of `Scene.masses`."""
    wanted = np.flatnonzero(weights)
    own = mass[..., wanted]
    rest = np.maximum(mass.sum(-1) - own.sum(-1), NO_RIVAL)
    return np.asarray(np.log(own @ weights[wanted] + NONE) - np.log(rest), np.float32)


def shown(scene: Scene, box: Frame, weights: Floats) -> float:
    """In [0, 1]: the share of the classes in what the classifier sees in a box."""
    logits = scene.labels(box)
    odds = float(contest(np.exp(logits - logits.max())[None, None], weights)[0, 0])
    return float(logistic(STEEP * (odds + STEEP)))


def peaks(evidence: ClassEvidence, most: int = PEAKS) -> list[tuple[float, float]]:
    """The middles (x, y in 0..1) of the places with the most evidence, best first."""
    height, width = evidence.odds.shape
    seen = calm(evidence.odds, PEAK_BLUR * max(height, width))
    top = float(seen.max())
    if top <= 0:
        return []
    about = square(odd(PEAK_APART * max(height, width)))
    highest = (seen >= cv2.dilate(seen, about) - TINY) & (seen > PEAK * top)
    ys, xs = np.nonzero(highest)
    order = np.argsort(-seen[ys, xs], kind="stable")[:most]
    return [((float(xs[i]) + 0.5) / width, (float(ys[i]) + 0.5) / height) for i in order]


def _fill(cells: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _presence(scene: Scene, weights: Floats, maps: list[Floats]) -> float:
    """The surest of: the picture as a whole, or its best place at any scale (a place must be surer than a whole)."""
    count = max(1, int((weights > 0).sum()))
    chance = np.log(count / (CLASSES + 1 - count))
    overall = float(contest(np.exp(scene.logits - scene.logits.max())[None, None], weights)[0, 0])
    places = sorted((float(np.quantile(m, PLACE)) for m in maps), reverse=True)
    best = max(overall, FIRST * places[0] + SECOND * places[1] - CAUTION)
    return float(logistic(STEEP * (best - WHOLE * chance) + BIAS))


def _relative(scene: Scene, weights: Floats, odds: Floats) -> Floats:
    """Where the classes never win, judge a place against the other places: class activation, standardised."""
    height, width = scene.shape
    share = weights * np.exp(np.clip(scene.logits - scene.logits[weights > 0].max(), UNLIKELY, 0)) ** 0.5
    share = (share / share.sum()).astype(np.float32)
    seen = np.mean([_fill(d @ share, height, width) for d in scene.dense], axis=0)
    seen = (seen - seen.mean()) / (seen.std() + TINY)
    own = (odds - odds.mean()) / max(float(odds.std()), EVEN)
    return np.asarray(STRETCH * (SEEN * seen + CONTESTED * own - RAISED), np.float32)
