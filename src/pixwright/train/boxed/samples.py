"""A crop about a box and the outline of the thing in it: things pasted onto photographs, before and behind each other, and things of photographs themselves.

A pasted thing is betrayed by its edge and its light. So edges are softened, light is drawn to that of the place, shadows are cast, and the whole is blurred, given
grain and compressed; and a share of the things are silhouettes filled with a piece of another photograph, or of the same one, so that nothing but where
the surface ends tells what belongs together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.encoders.boxed.frames import SIDE, frame_about
from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]

CANVAS = 320
"""Side, in pixels, of the picture that things are pasted onto; the crop is taken of it."""
_REAL = 0.5
"""Share of the samples that are of a photograph's own thing."""
_LAYERS = (1, 5)
_SIZE = (0.18, 0.95)
"""Longer side of a pasted thing, in sides of the canvas."""
_FILLED, _SAME_PHOTO = 0.35, 0.35
"""Share of the pasted things that are a silhouette filled with a piece of a photograph; and of those, of the one below."""
_FORMS = 0.4
"""Share of the silhouettes that are a simple form: a bent quadrilateral, an ellipse, a band."""
_SEEN = 0.4
"""Share of a thing that must be seen for it to be asked for."""
_LEAST = 0.012
"""Of the canvas: what is smaller is not asked for."""
_COVERED = 0.4
"""Share of the photographs' own things that something is pasted before."""
_SHAKEN = 0.035
"""Deviation of a box's sides, in its own."""
_SHADOW = 0.45
_DRAWN_TO = 0.7
"""How far the light of a pasted thing is drawn to that of its place, at most."""
_JPEG = 0.5
_CUT_FROM = 0.8
"""Above this draw, a pasted thing is one cut from a photograph."""
_OWN_SIZE = (0.35, 0.75)
"""Longer side of a photograph's own thing, in sides of the canvas."""
_SOFTENED, _BLURRED, _SOFT = 0.6, 0.35, (0.3, 1.4)
"""Shares of edges that are softened and of pictures that are blurred; and by how many pixels."""
_GRAINY, _GRAIN, _GREY, _QUALITY = 0.4, (1.0, 10.0), 0.1, (40, 95)
"""Shares with grain and without colour; the grain's deviation; and the quality of JPEG."""
_GAMMA, _TINT, _LIGHT = 0.3, 0.06, 0.15
"""Deviations, in logarithms, of the power of a picture's tones, of its channels, and of a thing's light."""
_DARK, _SPREADS = (0.1, 0.6), (2.0, 12.0)
"""How dark a shadow is, and how many pixels it is soft over."""
_SPREAD = 24
"""Pixels about a thing within which its shadow falls."""


@dataclass(frozen=True, eq=False)
class OutlineStock:
    """What samples are made of: photographs HxWx3, cut-outs HxWx4, and (photograph, outline HxW uint8) of things in photographs."""

    pictures: Sequence[Array]
    cutouts: Sequence[Array]
    things: Sequence[tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class BoxSample:
    """`picture` SIDExSIDEx3 and `outline` SIDExSIDE uint8, and the box in that picture (XYXY in 0..1)."""

    picture: Array
    outline: Array
    box: tuple[float, float, float, float]


def sample(stock: OutlineStock, rng: np.random.Generator) -> BoxSample:
    """One of them, by chance."""
    while True:
        drawn = _own(stock, rng) if stock.things and rng.random() < _REAL else _pasted(stock, rng)
        if drawn is not None:
            return _cropped(*drawn, rng)


def _own(stock: OutlineStock, rng: np.random.Generator) -> tuple[Array, Array] | None:
    """A photograph's own thing, as it stands, or with something before it."""
    picture, outline = pick(rng, stock.things)
    ys, xs = np.flatnonzero((outline > 127).any(1)), np.flatnonzero((outline > 127).any(0))
    size = max(ys[-1] - ys[0], xs[-1] - xs[0]) + 1
    scale = CANVAS * rng.uniform(*_OWN_SIZE) / size
    shift = (
        CANVAS / 2 - scale * np.array([(xs[0] + xs[-1]) / 2, (ys[0] + ys[-1]) / 2]) + rng.uniform(-0.1, 0.1, 2) * CANVAS
    )
    turn = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    if rng.random() < 0.5:
        turn = np.array([[-1, 0, CANVAS], [0, 1, 0]]) @ np.vstack([turn, [0, 0, 1]])
    canvas = cv2.warpAffine(picture, turn, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpAffine(outline, turn, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)
    if rng.random() < _COVERED:
        whole = float((seen > 127).sum())
        canvas, alpha = _onto(canvas, _thing(stock, rng), rng)
        seen = (seen * (1 - alpha)).astype(np.uint8)
        if (seen > 127).sum() < _SEEN * whole:
            return None
    return canvas, seen


def _pasted(stock: OutlineStock, rng: np.random.Generator) -> tuple[Array, Array] | None:
    """Things on a piece of a photograph; one of those that are seen well is asked for."""
    canvas = _piece(pick(rng, stock.pictures), rng, (CANVAS, CANVAS))
    ground = canvas
    seen: list[Floats] = []
    whole: list[int] = []
    for _ in range(int(rng.integers(*_LAYERS))):
        canvas, alpha = _onto(canvas, _thing(stock, rng, ground), rng)
        left = 1 - alpha
        seen = [one * left for one in seen] + [alpha]
        whole.append(cv2.countNonZero((alpha > 0.5).astype(np.uint8)))
    good = [
        one
        for one, area in zip(seen, whole, strict=True)
        if (held := cv2.countNonZero((one > 0.5).astype(np.uint8))) > _SEEN * area and held > _LEAST * CANVAS**2
    ]
    return (canvas, np.rint(255 * pick(rng, good)).astype(np.uint8)) if good else None


def _piece(picture: Array, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """A piece of a photograph at (rows, columns)."""
    height, width = picture.shape[:2]
    size = rng.uniform(0.35, 1.0) * min(height, width)
    tall, wide = (
        int(np.clip(round(size * s), 8, most))
        for s, most in ((rng.uniform(0.8, 1.2), height), (rng.uniform(0.8, 1.2), width))
    )
    y, x = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
    part = picture[y : y + tall, x : x + wide]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    return np.ascontiguousarray(
        cv2.resize(part, shape[::-1], interpolation=cv2.INTER_AREA if tall > shape[0] else cv2.INTER_LINEAR)
    )


def _thing(stock: OutlineStock, rng: np.random.Generator, ground: Array | None = None) -> Array:
    """A cut-out HxWx4, or a silhouette with the surface of a photograph."""
    chosen = rng.random()
    if chosen > _FILLED:
        if stock.things and chosen > _CUT_FROM:
            picture, outline = pick(rng, stock.things)
            x, y, wide, tall = cv2.boundingRect((outline > 127).astype(np.uint8))
            return np.dstack([picture, outline])[y : y + tall, x : x + wide]
        return pick(rng, stock.cutouts)
    alpha = _form(rng) if rng.random() < _FORMS else pick(rng, stock.cutouts)[..., 3]
    source = ground if ground is not None and rng.random() < _SAME_PHOTO else pick(rng, stock.pictures)
    surface = _piece(source, rng, alpha.shape[:2]).astype(np.float32)
    if rng.random() < 0.5:
        # Plain or nearly plain things: paper, walls, cloth.
        calm = _blurred(surface, rng.uniform(2, 40))
        surface = calm + np.float32(rng.uniform(0, 0.5)) * (surface - calm)
    if rng.random() < 0.5:
        lines = np.linspace(-1, 1, alpha.shape[0])[:, None] * rng.uniform(-0.4, 0.4) + np.linspace(
            -1, 1, alpha.shape[1]
        )[None] * rng.uniform(-0.4, 0.4)
        surface = surface * (1 + lines[..., None].astype(np.float32))
    return np.dstack([np.clip(surface, 0, 255).astype(np.uint8), alpha])


def _blurred(x: Floats, sigma: float) -> Floats:
    """A Gaussian blur, on fewer pixels where it is wide."""
    fewer = max(1, int(sigma / 2))
    if fewer == 1:
        return np.asarray(cv2.GaussianBlur(x, (0, 0), sigma), np.float32)
    size = x.shape[1::-1]
    small = cv2.resize(x, tuple(max(1, n // fewer) for n in size), interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / fewer), size, interpolation=cv2.INTER_LINEAR), np.float32
    )


def _form(rng: np.random.Generator) -> Array:
    """A simple silhouette, HxW uint8."""
    tall, wide = (int(v) for v in 220 * rng.uniform(0.25, 1, 2) + 4)
    alpha = np.zeros((tall, wide), np.uint8)
    kind = rng.random()
    if kind < 0.25:
        cv2.ellipse(alpha, (wide // 2, tall // 2), (wide // 2 - 1, tall // 2 - 1), 0, 0, 360, 255, -1, cv2.LINE_AA)
        return alpha
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) + rng.uniform(-1, 1, (4, 2)) * rng.uniform(0, 0.3)
    corners = np.clip(corners, 0, 1) * [wide - 1, tall - 1]
    if kind < 0.5:
        # Rounded or bent: its sides are splines through a point that is moved in or out.
        points = []
        for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
            bend = (a + b) / 2 + rng.normal(0, 0.08, 2) * [wide, tall]
            steps = np.linspace(0, 1, 12, endpoint=False)[:, None]
            points.append((1 - steps) ** 2 * a + 2 * steps * (1 - steps) * bend + steps**2 * b)
        corners = np.clip(np.concatenate(points), 0, [wide - 1, tall - 1])
    cv2.fillPoly(alpha, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)
    return alpha


def _onto(canvas: Array, thing: Array, rng: np.random.Generator) -> tuple[Array, Floats]:
    """The canvas with a thing somewhere on it, and the thing's alpha (CANVAS, CANVAS) in [0, 1]."""
    tall, wide = thing.shape[:2]
    scale = CANVAS * rng.uniform(*_SIZE) / max(tall, wide)
    angle = np.radians(rng.normal(0, 12) if rng.random() < 0.8 else rng.uniform(-180, 180))
    across = scale * rng.uniform(0.8, 1.25) * (-1 if rng.random() < 0.5 else 1)
    turn = np.array([[across * np.cos(angle), -scale * np.sin(angle)], [across * np.sin(angle), scale * np.cos(angle)]])
    middle = rng.uniform(0.12, 0.88, 2) * CANVAS
    matrix = np.column_stack([turn, middle - turn @ [wide / 2, tall / 2]])
    if scale < 0.6:
        shrunk = cv2.resize(thing, None, fx=scale * 1.2, fy=scale * 1.2, interpolation=cv2.INTER_AREA)
        matrix[:, :2] /= scale * 1.2
        thing = shrunk
    high, long = thing.shape[:2]
    corners = matrix @ np.array([[0, long, 0, long], [0, 0, high, high], [1, 1, 1, 1]])
    (left, top), (right, low) = (
        np.clip(f(corners, 1) + pad, 0, CANVAS).astype(int) for f, pad in ((np.min, -_SPREAD), (np.max, _SPREAD))
    )
    whole = np.zeros((CANVAS, CANVAS), np.float32)
    if right - left < 2 or low - top < 2:
        return canvas, whole
    matrix[:, 2] -= left, top
    window = np.s_[top:low, left:right]
    placed = cv2.warpAffine(thing, matrix, (int(right - left), int(low - top)), flags=cv2.INTER_LINEAR).astype(
        np.float32
    )
    alpha = placed[..., 3] / 255
    if rng.random() < _SOFTENED:
        alpha = cv2.GaussianBlur(alpha, (0, 0), rng.uniform(*_SOFT))
    scene = canvas[window].astype(np.float32)
    area = float(alpha.sum())
    if area < 1:
        return canvas, whole
    colours = placed[..., :3]
    own, there = (np.array(cv2.mean(c, (alpha > 0.5).astype(np.uint8))[:3], np.float32) for c in (colours, scene))
    drawn = rng.uniform(0, _DRAWN_TO)
    gain = ((there + 20) / (own + 20)) ** drawn * np.exp(rng.normal(0, _LIGHT) + rng.normal(0, _TINT, 3))
    colours *= gain.astype(np.float32)
    if rng.random() < _SHADOW:
        offset = rng.normal(0, 0.03, 2) * CANVAS + [0, 0.02 * CANVAS]
        cast = cv2.warpAffine(alpha, np.array([[1, 0, offset[0]], [0, 1, offset[1]]]), alpha.shape[::-1])
        scene *= (1 - np.float32(rng.uniform(*_DARK)) * _blurred(cast, rng.uniform(*_SPREADS)))[..., None]
    scene += (colours - scene) * alpha[..., None]
    made = canvas.copy()
    made[window] = np.clip(scene, 0, 255)
    whole[window] = alpha
    return made, whole


def _cropped(canvas: Array, outline: Array, rng: np.random.Generator) -> BoxSample:
    """What is shown of a box that is a little off, with the faults of a photograph."""
    ys, xs = np.flatnonzero((outline > 127).any(1)), np.flatnonzero((outline > 127).any(0))
    if not len(ys):
        ys = xs = np.array([0, CANVAS - 1])
    box = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], np.float64) / CANVAS
    sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    # Boxes of a detector leave out what is thin rather than that they take in too much.
    box = np.clip(box + rng.normal(0, _SHAKEN, 4) * sides, 0, 1)
    frame = np.array(frame_about(tuple(box), 1.0))
    scale = SIDE / (np.array([frame[2] - frame[0], frame[3] - frame[1]]) * CANVAS)
    matrix = np.array([[scale[0], 0, -frame[0] * CANVAS * scale[0]], [0, scale[1], -frame[1] * CANVAS * scale[1]]])
    picture = cv2.warpAffine(canvas, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(outline, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    wide, tall = frame[2] - frame[0], frame[3] - frame[1]
    inner = tuple(float(v) for v in (box - frame[[0, 1, 0, 1]]) / [wide, tall, wide, tall])
    return BoxSample(_worn(picture, rng), mask, (inner[0], inner[1], inner[2], inner[3]))


def _worn(picture: Array, rng: np.random.Generator) -> Array:
    """Blurred, with grain, another tone and compressed, each by chance."""
    if rng.random() < _BLURRED:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(*_SOFT))
    x = picture.astype(np.float32)
    if rng.random() < 0.5:
        x = 255 * (x / 255) ** np.exp(rng.normal(0, _GAMMA)) * np.exp(rng.normal(0, _TINT, 3))
    if rng.random() < _GRAINY:
        x = x + rng.uniform(*_GRAIN) * rng.standard_normal(x.shape, np.float32)
    if rng.random() < _GREY:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    picture = np.clip(x, 0, 255).astype(np.uint8)
    if rng.random() < _JPEG:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*_QUALITY))])[1]
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return picture
