"""Where in a picture the classifier sees a noun's classes, and how sure it is that they are there at all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.detections import Frame
from pixwright.ground.geometry import Floats
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


@dataclass(frozen=True, eq=False)
class Evidence:
    """`odds` (h, w): log-odds, over all scales, that a place shows the classes. `presence` in [0, 1]: how sure it is that the picture holds them."""

    odds: Floats
    presence: float


def seek(scene: Scene, weights: Floats) -> Evidence:
    """Evidence for classes; `weights` (1000,) are priors in [0, 1], 0 for all other classes."""
    height, width = scene.shape
    maps = [_fill(contest(mass, weights), height, width) for mass in scene.masses]
    # A close-up is recognised at the coarse scale, a small thing at the fine one: each counts by how sure it is.
    shares = np.array([b * np.clip(float(np.quantile(m, 0.99)), 0.3, 6) for b, m in zip(SHARES, maps, strict=True)])
    odds = sum(share * np.clip(part, -8, 8) for share, part in zip(shares / shares.sum(), maps, strict=True))
    odds = np.asarray(odds, np.float32)
    if float(odds.max()) < RARE:
        odds = _relative(scene, weights, odds)
    return Evidence(odds, _presence(scene, weights, maps))


def contest(mass: Floats, weights: Floats) -> Floats:
    """(rows, columns): log-odds, within about -18..14, of the wanted classes against all others in each cell of `Scene.masses`."""
    wanted = np.flatnonzero(weights)
    own = mass[..., wanted]
    rest = np.maximum(mass.sum(-1) - own.sum(-1), 1e-6)
    return np.asarray(np.log(own @ weights[wanted] + 1e-8) - np.log(rest), np.float32)


def shown(scene: Scene, box: Frame, weights: Floats) -> float:
    """In [0, 1]: the share of the classes in what the classifier sees in a box."""
    logits = scene.labels(box)
    odds = float(contest(np.exp(logits - logits.max())[None, None], weights)[0, 0])
    return float(1 / (1 + np.exp(-STEEP * (odds + STEEP))))


def peaks(evidence: Evidence, most: int = 4) -> list[tuple[float, float]]:
    """The middles (x, y in 0..1) of the places with the most evidence, best first."""
    height, width = evidence.odds.shape
    calm = cv2.GaussianBlur(evidence.odds, (0, 0), 0.02 * max(height, width))
    top = float(calm.max())
    if top <= 0:
        return []
    size = max(3, round(0.12 * max(height, width))) | 1
    highest = (calm >= cv2.dilate(calm, np.ones((size, size), np.uint8)) - 1e-6) & (calm > PEAK * top)
    ys, xs = np.nonzero(highest)
    order = np.argsort(-calm[ys, xs], kind="stable")[:most]
    return [((float(xs[i]) + 0.5) / width, (float(ys[i]) + 0.5) / height) for i in order]


def _fill(cells: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _presence(scene: Scene, weights: Floats, maps: list[Floats]) -> float:
    """The surest of: the picture as a whole, or its best place at any scale (a place must be surer than a whole)."""
    count = max(1, int((weights > 0).sum()))
    chance = np.log(count / (1001 - count))
    overall = float(contest(np.exp(scene.logits - scene.logits.max())[None, None], weights)[0, 0])
    places = sorted((float(np.quantile(m, 0.995)) for m in maps), reverse=True)
    best = max(overall, 0.6 * places[0] + 0.4 * places[1] - 0.5)
    return float(1 / (1 + np.exp(-STEEP * (best - WHOLE * chance) - 0.2)))


def _relative(scene: Scene, weights: Floats, odds: Floats) -> Floats:
    """Where the classes never win, judge a place against the other places: class activation, standardised."""
    height, width = scene.shape
    share = weights * np.exp(np.clip(scene.logits - scene.logits[weights > 0].max(), -30, 0)) ** 0.5
    share = (share / share.sum()).astype(np.float32)
    seen = np.mean([_fill(d @ share, height, width) for d in scene.dense], axis=0)
    seen = (seen - seen.mean()) / (seen.std() + 1e-6)
    own = (odds - odds.mean()) / max(float(odds.std()), 0.7)
    return np.asarray(2.2 * (0.65 * seen + 0.35 * own - 0.75), np.float32)
