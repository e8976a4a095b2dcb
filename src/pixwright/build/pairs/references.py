"""Pictures that an instruction refers to: another view of a thing, a piece of a material, another picture in a style."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.compose import compose
from pixwright.build.scene.looks import dressed
from pixwright.build.scene.texture import texture_of
from pixwright.edit.surfaces.noise import Field as Floats
from pixwright.edit.surfaces.noise import fbm
from pixwright.media.picture import ALPHA, COLOUR, RGBA
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType

SIDE = 256
"""Pixels of a reference picture's side."""
_RIM = 48
"""Pixels at the edge of a sheet that are cut off: an editor rounds what it dresses towards its rim."""
_VIEW, _MATERIAL, _STYLED = 11, 12, 13
"""Salts of the dice."""
_SIZES, _TURN, _OFF = (0.66, 0.84), 14, 0.05
"""Another view: longer side as a share of the picture's, degrees either way, and how far from its middle."""
_LIGHT, _TINT = (0.88, 1.1), (0.95, 1.05)
"""Its light as a factor, and each channel's besides."""
_REDUCED, _SOFT = 0.75, 0.4
"""The factor below which a cut-out is softened before it is reduced, and by what sigma at full size."""
_ACROSS, _SHADE = (1.03, 0.94), 0.22
"""The paper's light from side to side, and how dark the thing's shadow is on it."""
_SHADOW, _SHADOW_SOFT = (SIDE // 28, SIDE // 50), SIDE / 40
"""Pixels by which it falls down and to the right, and its sigma."""
_WAVES, _WAVE_SOFT, _DARK, _SPREAD, _TINY = 1.2, 24, 110, 90, 1e-3
"""A waved sheet: waves a side, softness as a part of it, its darkest grey, and from there to the brightest."""
_THINGS = 3
"""In another picture in a style, at the most."""
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
    rng = np.random.default_rng([seed, _VIEW])
    rgba = texture_of(layer, catalogue).pixels
    size = float(rng.uniform(*_SIZES)) * SIDE / max(rgba.shape[:2])
    turn = np.radians(float(rng.uniform(-_TURN, _TURN)))
    flip = -1.0 if not layer.text and rng.random() < 0.5 else 1.0
    c, s = size * float(np.cos(turn)), size * float(np.sin(turn))
    matrix = np.array([[c * flip, -s, 0], [s * flip, c, 0]], np.float64)
    middle = np.array([rgba.shape[1] / 2, rgba.shape[0] / 2])
    matrix[:, 2] = SIDE / 2 + rng.uniform(-_OFF, _OFF, 2) * SIDE - matrix[:, :2] @ middle
    share = rgba[ALPHA].astype(np.float32)[..., None] / 255
    flat = np.dstack([rgba[COLOUR] * share, share])
    if size < _REDUCED:  # sampled once only, a large cut-out would be jagged
        flat = cv2.GaussianBlur(flat, (0, 0), _SOFT / size)
    moved = cv2.warpAffine(flat, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    gain = rng.uniform(*_LIGHT) * rng.uniform(*_TINT, RGBA - 1)
    alpha = moved[ALPHA][..., None]
    out: Floats = _paper(rng, moved[ALPHA]) * (1 - alpha) + np.minimum(moved[COLOUR] * gain, 255 * alpha)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _paper(rng: np.random.Generator, alpha: Floats) -> Floats:
    """A plain backdrop, a little darker towards one side and below the thing."""
    colour = np.array(pick(rng, _PAPERS), np.float32)
    across = np.linspace(*_ACROSS, SIDE, dtype=np.float32)[None, :, None]
    shade = cv2.GaussianBlur(np.roll(alpha, _SHADOW, (0, 1)), (0, 0), _SHADOW_SOFT)[..., None]
    return np.asarray(colour * (across if rng.random() < 0.5 else across[:, ::-1]) * (1 - _SHADE * shade), np.float32)


def material(value: str, seed: int) -> Array:
    """A close-up of a material on a gently waved surface, SIDE x SIDE x 3. Raises `InvalidOption` for a material that no editor knows."""
    rng = np.random.default_rng([seed, _MATERIAL])
    side = SIDE + 2 * _RIM
    waves = cv2.GaussianBlur(fbm(side, side, side / _WAVES, 2, rng), (0, 0), side / _WAVE_SOFT)
    waves = (waves - waves.min()) / max(float(np.ptp(waves)), _TINY)
    grey = (_DARK + _SPREAD * waves).astype(np.uint8)
    sheet = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    whole = dressed(sheet, ((EditType.MATERIAL_CHANGE, value),), seed)
    return np.ascontiguousarray(whole[_RIM:-_RIM, _RIM:-_RIM][COLOUR])


def styled(value: str, catalogue: Catalogue, seed: int) -> LayeredScene:
    """Another scene in a style, to be rendered."""
    rng = np.random.default_rng([seed, _STYLED])
    scene = compose(catalogue, rng, SIDE, SIDE, int(rng.integers(1, _THINGS + 1)))
    return replace(scene, finish=((EditType.STYLE_CHANGE, value),))
