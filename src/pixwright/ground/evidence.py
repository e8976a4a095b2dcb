"""Where in a picture the network sees a noun's classes, and how sure it is that they are there at all."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.lexicon import Meaning
from pixwright.ground.scene import Floats, Scene

ZOOM_BELOW = 0.10
"""A thing whose evidence covers less of the picture than this is looked at again, closer."""
ZOOM_SIDE = 480


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
    maps = [_fill(contest(dense, prior), height, width) for dense in scene.dense]
    presence = _presence(scene, prior, maps)
    cover = float((maps[1] > 0).mean())
    if cover > 0.3 or float((maps[0] > 0).mean()) > 0.55:
        mix = (0.6, 0.3, 0.1)
    elif cover > ZOOM_BELOW:
        mix = (0.25, 0.45, 0.3)
    else:
        mix = (0.1, 0.4, 0.5)
    odds = sum(share * np.clip(part, -8, 8) for share, part in zip(mix, maps, strict=True))
    odds = np.asarray(odds, np.float32)
    peak = float(odds.max())
    if peak < 3:
        odds = _relative(scene, prior, odds)
    elif cover < ZOOM_BELOW:
        odds = _closer(scene, prior, odds)
    return Evidence(np.asarray(odds, np.float32), presence)


def contest(dense: Floats, prior: Floats) -> Floats:
    """(rows, columns): log-odds of the wanted classes against all others in each cell."""
    wanted = prior > 0
    inside = _lse(dense[..., wanted] + np.log(prior[wanted]))
    outside = _lse(dense[..., ~wanted])
    return np.asarray(inside - outside, np.float32)


def _lse(values: Floats) -> Floats:
    top = values.max(-1, keepdims=True)
    return np.asarray(np.log(np.exp(values - top).sum(-1)) + top[..., 0], np.float32)


def _fill(cells: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _presence(scene: Scene, prior: Floats, maps: list[Floats]) -> float:
    """The surest of: the picture as a whole, or its best place at any scale (a place must be surer than a whole)."""
    count = max(1, int((prior > 0).sum()))
    chance = np.log(count / (1001 - count))
    overall = float(contest(scene.logits[None, None], prior)[0, 0])
    places = sorted((float(np.quantile(m, 0.995)) for m in maps), reverse=True)
    best = max(overall, 0.6 * places[0] + 0.4 * places[1] - 0.5)
    return float(1 / (1 + np.exp(-0.8 * (best - 0.25 * chance) - 0.2)))


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


def _closer(scene: Scene, prior: Floats, odds: Floats) -> Floats:
    """Look again at each small place, enlarged, and let that decide there."""
    height, width = scene.shape
    count, _, stats, _ = cv2.connectedComponentsWithStats((odds > max(0.0, 0.35 * float(odds.max()))).astype(np.uint8))
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA])[:3]
    out = odds.copy()
    full_h, full_w = scene.picture.shape[:2]
    for i in order:
        x, y, w, h = (int(v) for v in stats[i, :4])
        pad = round(0.6 * max(w, h)) + 8
        x0, y0, x1, y1 = max(0, x - pad), max(0, y - pad), min(width, x + w + pad), min(height, y + h + pad)
        crop = scene.picture[y0 * full_h // height : y1 * full_h // height, x0 * full_w // width : x1 * full_w // width]
        features = scene.encoders.picture.features(crop, ZOOM_SIDE)
        cells = contest(features.grid @ scene.encoders.picture.class_weights.T, prior)
        near = np.clip(_fill(cells, y1 - y0, x1 - x0), -8, 8)
        window = out[y0:y1, x0:x1]
        out[y0:y1, x0:x1] = 0.35 * window + 0.65 * np.minimum(near, window + 6)
    return out


def region_odds(scene: Scene, prior: Floats, mask: NDArray[np.bool_]) -> float:
    """Mean evidence within a mask of the small picture, over the two finer scales."""
    height, width = scene.shape
    maps = [_fill(contest(d, prior), height, width) for d in scene.dense[1:]]
    return float(np.mean([m[mask].mean() for m in maps])) if mask.any() else -8.0
