"""The foreground: what the photographer meant, without a name."""

from __future__ import annotations

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
    total = 2.7 * scene.plain + 1.3 * _unit(recognised(scene), area) + 0.8 * _unit(_centred(scene), area)
    return np.asarray(1.3 * (total / 2.2 - 0.45), np.float32)


def standing_out(scene: Scene) -> Floats:
    """How much each piece (n,) stands out, in about -2.5..2.5, by the picture alone.

    Background is connected to the picture's frame (Zhu et al. 2014, "Saliency optimization from robust background detection", eq. 4 and 8);
    foreground differs from it in colour and is in focus.
    """
    area = scene.pieces.area
    behind = _behind(scene)
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
