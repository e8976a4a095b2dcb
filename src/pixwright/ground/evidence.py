"""Where in a picture the network sees a noun's classes, and how sure it is that they are there at all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.ground.geometry import Floats
from pixwright.ground.lexicon import Meaning
from pixwright.ground.scene import Scene

SHARES = (0.3, 0.4, 0.3)
"""How much each of scene.SIDES counts where all are equally sure."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """`odds` (h, w): log-odds, over all scales, that a place shows the classes, shifted so that the threshold is 0.

    `presence` in [0, 1]: how sure the network is that the picture holds them anywhere.
    """

    odds: Floats
    presence: float


def seek(scene: Scene, meaning: Meaning) -> Evidence:
    """Evidence for the classes of `meaning`; weights are (1000,) priors, 0 for all other classes."""
    prior = meaning.weights()
    height, width = scene.shape
    maps = [_fill(contest(mass, prior), height, width) for mass in scene.masses]
    presence = _presence(scene, prior, maps)
    # A close-up is recognised at the coarse scale, a small thing at the fine one: each counts by how sure it is.
    shares = np.array([b * np.clip(float(np.quantile(m, 0.99)), 0.3, 6) for b, m in zip(SHARES, maps, strict=False)])
    odds = sum(share * np.clip(part, -8, 8) for share, part in zip(shares / shares.sum(), maps, strict=True))
    odds = np.asarray(odds, np.float32)
    peak = float(odds.max())
    if peak < 3:
        odds = _relative(scene, prior, odds)
    return Evidence(np.asarray(odds, np.float32), presence)


def contest(mass: Floats, prior: Floats) -> Floats:
    """(rows, columns): log-odds, within about -18..14, of the wanted classes against all others in each cell of `Scene.masses`."""
    wanted = np.flatnonzero(prior)
    own = mass[..., wanted]
    rest = np.maximum(mass.sum(-1) - own.sum(-1), 1e-6)
    return np.asarray(np.log(own @ prior[wanted] + 1e-8) - np.log(rest), np.float32)


def _fill(cells: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _presence(scene: Scene, prior: Floats, maps: list[Floats]) -> float:
    """The surest of: the picture as a whole, or its best place at any scale (a place must be surer than a whole)."""
    count = max(1, int((prior > 0).sum()))
    chance = np.log(count / (1001 - count))
    overall = float(contest(np.exp(scene.logits - scene.logits.max())[None, None], prior)[0, 0])
    places = sorted((float(np.quantile(m, 0.995)) for m in maps), reverse=True)
    best = max(overall, 0.6 * places[0] + 0.4 * places[1] - 0.5)
    return float(1 / (1 + np.exp(-0.8 * (best - 0.4 * chance) - 0.2)))


def _relative(scene: Scene, prior: Floats, odds: Floats) -> Floats:
    """Where the classes never win, judge a place against the other places: class activation, standardised."""
    height, width = scene.shape
    share = prior * np.exp(np.clip(scene.logits - scene.logits[prior > 0].max(), -30, 0)) ** 0.5
    share = (share / share.sum()).astype(np.float32)
    parts = [_fill(d @ share, height, width) for d in scene.dense]
    cam = np.mean(parts, axis=0)
    cam = (cam - cam.mean()) / (cam.std() + 1e-6)
    own = (odds - odds.mean()) / max(float(odds.std()), 0.7)
    return np.asarray(2.2 * (0.65 * cam + 0.35 * own - 0.75), np.float32)
