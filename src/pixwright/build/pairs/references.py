"""Pictures that an instruction refers to: another view of a thing, a piece of a material, another picture in a style."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.compose import compose
from pixwright.build.scene.looks import dressed
from pixwright.build.scene.texture import texture_of
from pixwright.edit.surfaces.noise import Field as Floats
from pixwright.edit.surfaces.noise import fbm
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType

SIDE = 256
"""Pixels of a reference picture's side."""
_RIM = 48
"""Pixels at the edge of a sheet that are cut off: an editor rounds what it dresses towards its rim."""
_PAPERS = (
    (244, 244, 242),
    (232, 236, 240),
    (214, 218, 222),
    (238, 228, 214),
    (222, 232, 222),
    (206, 212, 226),
    (240, 220, 220),
)


def view(layer: Layer, catalogue: Catalogue, seed: int) -> Array:
    """The layer's thing as another picture shows it: on plain paper, turned a little, mirrored or not, in another light, SIDE x SIDE x 3."""
    rng = np.random.default_rng([seed, 11])
    rgba = texture_of(layer, catalogue).pixels
    size = float(rng.uniform(0.66, 0.84)) * SIDE / max(rgba.shape[:2])
    turn = np.radians(float(rng.uniform(-14, 14)))
    flip = -1.0 if not layer.text and rng.random() < 0.5 else 1.0
    c, s = size * float(np.cos(turn)), size * float(np.sin(turn))
    matrix = np.array([[c * flip, -s, 0], [s * flip, c, 0]], np.float64)
    middle = np.array([rgba.shape[1] / 2, rgba.shape[0] / 2])
    matrix[:, 2] = SIDE / 2 + rng.uniform(-0.05, 0.05, 2) * SIDE - matrix[:, :2] @ middle
    share = rgba[..., 3:].astype(np.float32) / 255
    flat = np.dstack([rgba[..., :3] * share, share])
    if size < 0.75:  # sampled once only, a large cut-out would be jagged
        flat = cv2.GaussianBlur(flat, (0, 0), 0.4 / size)
    moved = cv2.warpAffine(flat, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    gain = rng.uniform(0.88, 1.1) * rng.uniform(0.95, 1.05, 3)
    alpha = moved[..., 3:]
    out: Floats = _paper(rng, alpha[..., 0]) * (1 - alpha) + np.minimum(moved[..., :3] * gain, 255 * alpha)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _paper(rng: np.random.Generator, alpha: Floats) -> Floats:
    """A plain backdrop, a little darker towards one side and below the thing."""
    colour = np.array(_PAPERS[int(rng.integers(len(_PAPERS)))], np.float32)
    across = np.linspace(1.03, 0.94, SIDE, dtype=np.float32)[None, :, None]
    shade = cv2.GaussianBlur(np.roll(alpha, (SIDE // 28, SIDE // 50), (0, 1)), (0, 0), SIDE / 40)[..., None]
    return np.asarray(colour * (across if rng.random() < 0.5 else across[:, ::-1]) * (1 - 0.22 * shade), np.float32)


def material(value: str, seed: int) -> Array:
    """A close-up of a material on a gently waved surface, SIDE x SIDE x 3. Raises `InvalidOption` for a material that no editor knows."""
    rng = np.random.default_rng([seed, 12])
    side = SIDE + 2 * _RIM
    waves = cv2.GaussianBlur(fbm(side, side, side / 1.2, 2, rng), (0, 0), side / 24)
    waves = (waves - waves.min()) / max(float(np.ptp(waves)), 1e-3)
    grey = (110 + 90 * waves).astype(np.uint8)
    sheet = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    whole = dressed(sheet, ((EditType.MATERIAL_CHANGE, value),), seed)
    return np.ascontiguousarray(whole[_RIM:-_RIM, _RIM:-_RIM, :3])


def styled(value: str, catalogue: Catalogue, seed: int) -> LayeredScene:
    """Another scene in a style, to be rendered."""
    rng = np.random.default_rng([seed, 13])
    scene = compose(catalogue, rng, SIDE, SIDE, int(rng.integers(1, 4)))
    return replace(scene, finish=((EditType.STYLE_CHANGE, value),))
