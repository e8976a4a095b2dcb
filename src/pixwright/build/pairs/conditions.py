"""The five guidance pictures, from the edited scene, in the formats that the editors `edit/editors/visual/` read. All HxWx3 uint8."""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import ConditionKind, Layer, LayeredScene, Rendering, ScenePair
from pixwright.build.wording.names import head
from pixwright.judge.contract import HALF
from pixwright.records.instruction import Array
from pixwright.records.region import Box

RED = (255, 0, 0)
NOTHING = (24, 24, 24)
"""The label colour of what is no thing."""
_FAR, _NEAR, _STEP = 0.04, 0.94, 0.03
"""Nearness of the horizon and of the lower edge; how much nearer, at least, a thing is than what it covers."""
_AIR = 0.45
"""Nearness of what flies before nothing."""

_NEAREST, _LEAST_GROUND, _UPRIGHT = 0.99, 0.2, 0.02
"""Nearness of a thing at the most, height of the ground that counts at the least, and how much nearer a thing is than the ground at its foot."""
_LINES = 120
"""The frame's lines to a side."""
_SOFT_EDGES, _SOFT_LINES, _THINNEST = 130, 260, 0.9
"""Sigmas of a scribble's edges and outlines as parts of the side, and pixels of an outline's at the least."""
_STRONGEST, _WEAK, _EDGE, _BOLD, _TINY = 99, 0.35, 0.8, 1.3, 1e-3
"""Percentile of the slopes that counts as 1, what is left out below, how dark edges are at the most, and how bold outlines."""
_CANNY = (50, 150)
"""Thresholds."""
_HUES, _VIVID, _SHADES = 180, 150, 106
"""OpenCV's hues; the least saturation and value of a colour that is made from a noun, and how many there are from there on."""
_CROSS, _NEIGHBOURS = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
"""What counts as touching."""


def condition(kind: ConditionKind, pair: ScenePair, before: Rendering, after: Rendering) -> Array:
    """The guidance picture of a kind."""
    if kind == "bbox":
        return boxed(before.picture, box_of_edit(pair, before, after))
    if kind == "scribble":
        return scribble(after)
    if kind == "segment":
        return segments(pair.after, after.masks)
    if kind == "sketch":
        return sketch(after.picture)
    return depth(pair.after, after.masks)


def box_of_edit(pair: ScenePair, before: Rendering, after: Rendering) -> Box:
    """Around what comes new or is changed, else around what goes: XYXY."""
    new = [box for box, layer in zip(after.boxes, pair.after.layers, strict=True) if layer not in pair.before.layers]
    gone = [box for box, layer in zip(before.boxes, pair.before.layers, strict=True) if layer not in pair.after.layers]
    seen = [(x0, y0, x1, y1) for x0, y0, x1, y1 in new or gone if x1 > x0]
    if not seen:
        return (0, 0, before.picture.shape[1], before.picture.shape[0])
    left, top, right, bottom = zip(*seen, strict=True)
    return min(left), min(top), max(right), max(bottom)


def boxed(picture: Array, box: Box) -> Array:
    """A red frame just outside the box, on a copy of the picture; at the picture's edge just inside."""
    height, width = picture.shape[:2]
    thick = max(2, round(min(height, width) / _LINES))
    x0, y0, x1, y1 = box
    x0, y0, x1, y1 = max(0, x0 - thick), max(0, y0 - thick), min(width, x1 + thick), min(height, y1 + thick)
    out = picture.copy()
    frame = np.zeros((height, width), bool)
    frame[y0:y1, x0:x1] = True
    frame[y0 + thick : y1 - thick, x0 + thick : x1 - thick] = False
    out[frame] = RED
    return out


def scribble(after: Rendering) -> Array:
    """Coarse soft outlines, dark on white, as a network for object contours draws them: the things' own outlines, and strong blurred edges."""
    side = max(after.picture.shape[:2])
    soft = cv2.GaussianBlur(
        cv2.cvtColor(after.picture, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), side / _SOFT_EDGES
    )
    slope = np.hypot(cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)).max(axis=2)
    edges = np.clip(slope / max(float(np.percentile(slope, _STRONGEST)), _TINY) - _WEAK, 0, 1) * _EDGE
    outline = np.zeros_like(edges)
    for mask in after.masks:
        rim = cv2.morphologyEx(np.pad(mask, 1), cv2.MORPH_GRADIENT, _CROSS)[1:-1, 1:-1]
        outline = np.maximum(outline, (rim > 0).astype(np.float32))
    line = cv2.GaussianBlur(outline, (0, 0), max(_THINNEST, side / _SOFT_LINES))
    line /= max(float(line.max()), _TINY)
    dark = np.clip(np.maximum(line * _BOLD, edges), 0, 1)
    return _grey(255 * (1 - dark))


def sketch(picture: Array) -> Array:
    """Canny's edges (1986), black on white."""
    return _grey(255 - cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), *_CANNY))


def segments(scene: LayeredScene, masks: Array) -> Array:
    """A label map: one flat colour a noun, ADE20K's where it has one, else one made from the noun; what is no thing is dark."""
    out = np.empty((scene.height, scene.width, len(NOTHING)), np.uint8)
    out[:] = NOTHING
    for mask, layer in zip(masks, scene.layers, strict=True):
        out[mask > HALF] = label_colour(head(layer.name))
    return out


def label_colour(noun: str) -> tuple[int, int, int]:
    """The colour that a noun has in every label map."""
    if noun in _palette():
        return _palette()[noun]
    code = zlib.crc32(noun.encode())
    saturation, value = code // _HUES % _SHADES, code // (_HUES * _SHADES) % _SHADES
    hsv = np.array([[[code % _HUES, _VIVID + saturation, _VIVID + value]]], np.uint8)
    r, g, b = (int(v) for v in cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0])
    return r, g, b


@cache
def _palette() -> dict[str, tuple[int, int, int]]:
    text = resources.files("pixwright.edit").joinpath("data", "labels.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {noun: (int(red), int(green), int(blue)) for noun, red, green, blue, *_ in rows}


def depth(scene: LayeredScene, masks: Array) -> Array:
    """Nearness as grey, near is bright: linear in the row below the horizon, which is inverse depth on a ground plane; a thing is as near as
    its foot, and nearer than everything that it covers."""
    _, top, _, bottom = scene.camera
    rows = top + (np.arange(scene.height) + 0.5) / scene.height * (bottom - top)
    near = np.repeat(_ground(rows, scene.horizon)[:, None], scene.width, axis=1)
    levels: list[float] = []
    for index, (mask, layer) in enumerate(zip(masks, scene.layers, strict=True)):
        level = _foot(layer, scene.horizon)
        grown = cv2.dilate(mask, _NEIGHBOURS) > 0
        covers = [levels[i] for i in range(index) if bool((masks[i][grown] > 0).any())]
        covers = [value for value in covers if value >= 0]
        if layer.asset.startswith("table/"):
            levels.append(-1.0)  # a plane like the ground: its rows say how near it is
            continue
        levels.append(min(_NEAREST, max([level, *(value + _STEP for value in covers)])))
        near[mask > HALF] = levels[-1]
    return _grey(255 * near)


def _ground(rows: NDArray[np.float64], horizon: float) -> NDArray[np.float32]:
    below = np.clip((rows - horizon) / max(1.0 - horizon, _LEAST_GROUND), 0, 1)
    return np.asarray(_FAR + (_NEAR - _FAR) * below, np.float32)


def _foot(layer: Layer, horizon: float) -> float:
    if layer.support == "air":
        return _AIR
    return float(_ground(np.array([layer.y]), horizon)[0]) + _UPRIGHT


def _grey(values: NDArray[np.float32] | NDArray[np.float64] | Array) -> Array:
    flat = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(flat[..., None], len(NOTHING), axis=2))
