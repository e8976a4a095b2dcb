"""The foreground: what the photographer meant, without a name."""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pixwright.ground.geometry import Floats
from pixwright.ground.lexicon import CLASSES

if TYPE_CHECKING:
    from pixwright.ground.scene import Scene

SCENES = (*range(970, 981), 449, 460, 536, 562, 718, 733, 825, 912, 975, 977, 978, 979)
"""Classes that name a landscape or a setting rather than a thing."""


def foreground(scene: Scene) -> Floats:
    """Log-odds (n,) of each piece to be foreground: it stands out, the network recognises it, and it is not at the rim."""
    area = scene.pieces.area
    known = recognised(scene)
    total = 2.7 * scene.plain + 1.3 * _unit(known, area) + 0.8 * _unit(_centred(scene), area)
    close = scene.close
    total = (1 - 0.7 * close) * total + 3.0 * close * _unit(known, area)
    return np.asarray(1.3 * (total / 2.2 - 0.45) + 1.2 * close - 2 * scene.smooth, np.float32)


def close_up(scene: Scene, known: Floats) -> float:
    """0 to 1: whether one recognised thing fills the picture, so that half of it is known about as well as the best of it."""
    middle, best = np.quantile(known, [0.5, 0.9])
    backdrop = float(np.average(scene.smooth, weights=scene.pieces.area))
    even = float(np.clip((middle / max(float(best), 1.0) - 0.4) / 0.15, 0, 1))
    return even * float(np.clip((float(known.mean()) - 3) / 2, 0, 1)) * max(0.0, 1 - 4 * backdrop)


def smoothly(scene: Scene) -> Floats:
    """(n,) in 0..1: how smoothly each piece runs on to the picture's upper frame, as skies and backdrops do.

    The cost of a way is what its steps exceed a slow gradient's (after Wei et al. 2012, "Geodesic saliency using background priors", eq. 1).
    0 everywhere if what is reached is no large area.
    """
    pieces = scene.pieces
    one, other = pieces.pairs.T
    step = np.linalg.norm(pieces.colour[one] - pieces.colour[other], axis=1)
    cost = np.maximum(step - 3.0, 0) + np.maximum(pieces.contrast - 4.0, 0)
    cost = cost + np.maximum(np.maximum(pieces.spread[one], pieces.spread[other]) - 3.0, 0)
    ways: list[list[tuple[int, float]]] = [[] for _ in pieces.area]
    for a, b, c in zip(one.tolist(), other.tolist(), cost.tolist(), strict=True):
        ways[a].append((b, c))
        ways[b].append((a, c))
    away = np.full(len(pieces.area), 1e3, np.float32)
    starts = np.flatnonzero((pieces.frame > 0) & (pieces.centre[:, 1] < 0.06) & (pieces.spread < 4))
    queue = [(0.0, int(i)) for i in starts]
    away[starts] = 0
    while queue:
        so_far, here = heapq.heappop(queue)
        if so_far > away[here] or so_far > 12:
            continue
        for there, c in ways[here]:
            if so_far + c < away[there]:
                away[there] = so_far + c
                heapq.heappush(queue, (so_far + c, there))
    near = np.exp(-((away / 5) ** 2)).astype(np.float32)
    share = float((near * pieces.area).sum() / pieces.area.sum())
    return near if share > 0.12 else np.zeros_like(near)


def standing_out(scene: Scene) -> Floats:
    """How much each piece (n,) stands out, in about -2.5..2.5, by the picture alone.

    Background is connected to the picture's frame (Zhu et al. 2014, "Saliency optimization from robust background detection", eq. 4 and 8);
    foreground differs from it in colour and is in focus.
    """
    area = scene.pieces.area
    behind = np.maximum(_behind(scene), 0.9 * scene.smooth)
    parts = (
        1.0 * _unit(_contrast(scene, behind), area),
        0.9 * _unit(-np.log(behind + 1e-3), area),
        0.8 * _unit(_focus(scene), area),
    )
    return np.asarray(sum(parts) / 2.7, np.float32)


def _unit(values: Floats, area: Floats) -> Floats:
    mean = np.average(values, weights=area)
    spread = np.sqrt(np.average((values - mean) ** 2, weights=area))
    return np.asarray(np.clip((values - mean) / (spread + 1e-6), -2.5, 2.5), np.float32)


def _square(values: Floats) -> Floats:
    """(n, d) -> (n, n) squared distances."""
    length = np.einsum("nd,nd->n", values, values)
    return np.asarray(np.maximum(length[:, None] + length[None] - 2 * (values @ values.T), 0), np.float32)


def _behind(scene: Scene) -> Floats:
    """(n,) probability to be background, from the share of a colour's pieces that lie on the frame."""
    pieces = scene.pieces
    far = _square(pieces.colour * np.array([0.7, 1, 1], np.float32)) / (2 * 9.0**2)
    far += _square(pieces.centre) / (2 * 0.35**2)
    alike = np.exp(-far)
    touching = (alike @ pieces.frame) / np.sqrt(alike @ pieces.area)
    return np.asarray(1 - np.exp(-(touching**2) / (2 * 1.0**2)), np.float32)


def _contrast(scene: Scene, behind: Floats) -> Floats:
    """Distance in colour and in the network's eyes to the likely background."""
    pieces, traits = scene.pieces, scene.traits
    far = np.sqrt(_square(traits[:, -4:-1])) + 0.5 * np.sqrt(_square(traits[:, :12]))
    near = np.exp(_square(pieces.centre) / np.float32(-2 * 0.4**2)) * (behind * pieces.area)
    return np.asarray(np.einsum("nm,nm->n", far, near) / (near.sum(1) + 1e-6), np.float32)


@lru_cache(maxsize=1)
def _things() -> Floats:
    out = np.ones(CLASSES, np.float32)
    out[list(SCENES)] = 0.05
    return out


def recognised(scene: Scene) -> Floats:
    """(n,) class activation of the picture's own likeliest classes, landscapes excepted."""
    height, width = scene.shape
    logits = scene.logits + np.log(_things())
    odds = np.exp(0.7 * (logits - logits.max()))
    odds[np.argsort(-odds)[12:]] = 0
    share = (odds / odds.sum()).astype(np.float32)
    maps = [cv2.resize(d @ share, (width, height), interpolation=cv2.INTER_LINEAR) for d in scene.dense]
    return scene.pieces.mean(np.mean(maps, axis=0).astype(np.float32))


def _focus(scene: Scene) -> Floats:
    """(n,) fine detail: photographs blur what they are not about."""
    grey = scene.lab[..., 0]
    fine = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.2))
    wide = cv2.GaussianBlur(np.minimum(fine, 6), (0, 0), max(scene.shape) * 0.02)
    return np.asarray(np.log(scene.pieces.mean(wide.astype(np.float32)) + 0.1), np.float32)


def _centred(scene: Scene) -> Floats:
    away = (scene.pieces.centre - 0.5) / np.array([0.33, 0.36], np.float32)
    return np.asarray(np.exp(-(away**2).sum(1) / 2), np.float32)
