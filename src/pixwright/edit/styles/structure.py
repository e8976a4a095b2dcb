"""What the painterly styles read from a picture: flow along the edges, lines, flat areas, palettes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import Colours, as_picture, blur_field, grey
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Unit
from pixwright.records.result import Control

Style = Callable[[Array, np.random.Generator], Array]


def strength_of(amount: Amount | None, controls: Mapping[str, float]) -> float:
    """How much of a style is taken, 0.1 to 1: as the control says, else as the words do ("slightly" is a half), else all of it."""
    if "style_strength" in controls:
        return float(np.clip(controls["style_strength"] / 100, 0, 1))
    if amount is None:
        return 1.0
    scale = {Unit.PERCENT: 0.01, Unit.STRENGTH: 1 / 0.6}.get(amount.unit, 1.0)
    return float(np.clip(amount.value * scale, 0.1, 1.0))


def strength_control(strength: float, why: str) -> Control:
    """The control that `strength_of` reads."""
    return Control(name="style_strength", value=round(100 * strength), low=0, high=100, unit="%", why=why)


def unit(picture: Array) -> float:
    """The picture's scale: 1.0 where the geometric mean of the sides is 512 pixels. Strokes, dots and lines are measured in it."""
    h, w = picture.shape[:2]
    return float(max(np.sqrt(h * w), 48.0) / 512.0)


def at_most(picture: Array, side: int, paint: Style, rng: np.random.Generator) -> Array:
    """Paint on a copy whose longer side is at most `side`, then enlarge: brushwork has no finer detail than its bristles."""
    h, w = picture.shape[:2]
    if max(h, w) <= side:
        return paint(picture, rng)
    scale = side / max(h, w)
    done = paint(resized(picture, max(8, round(h * scale)), max(8, round(w * scale))), rng)
    return crisp(resized(done, h, w), 0.6 / scale, 0.7)


def crisp(picture: Array, sigma: float, amount: float) -> Array:
    """Unsharp mask."""
    soft = cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.4))
    result: Array = cv2.addWeighted(picture, 1 + amount, soft, -amount, 0)
    return result


def flow(picture: Array, sigma: float) -> tuple[Field, Field, Field]:
    """Unit direction (x, y) along the edges and how strongly there is one, in [0, 1]: the smoothed structure tensor's minor axis.

    The tensor is averaged over `sigma` pixels, so that flat areas inherit the direction of the edges about them (Kang, Lee, Chui 2009).
    """
    y = grey(picture).astype(np.float32)
    gx, gy = cv2.Sobel(y, cv2.CV_32F, 1, 0), cv2.Sobel(y, cv2.CV_32F, 0, 1)
    xx, yy, xy = blur_field(gx * gx, sigma), blur_field(gy * gy, sigma), blur_field(gx * gy, sigma)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    strength = spread / (xx + yy + 60.0)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32), strength.astype(np.float32)


def advect(layer: NDArray[np.float32], fx: Field, fy: Field, length: int, step: float = 1.0) -> NDArray[np.float32]:
    """Line integral convolution: average `layer` (HxW or HxWxC float32) over `length` steps both ways along the flow (Cabral, Leedom 1993)."""
    h, w = fx.shape
    grid_y, grid_x = np.mgrid[0:h, 0:w].astype(np.float32)
    total = layer.copy()
    for sign in (1.0, -1.0):
        x, y = grid_x.copy(), grid_y.copy()
        last_x, last_y = fx * sign, fy * sign
        for _ in range(length):
            x += last_x * step
            y += last_y * step
            total += cv2.remap(layer, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            now_x = cv2.remap(fx, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            now_y = cv2.remap(fy, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            turn = np.where(now_x * last_x + now_y * last_y < 0, np.float32(-1), np.float32(1))
            last_x, last_y = now_x * turn, now_y * turn
    result: NDArray[np.float32] = total / np.float32(2 * length + 1)
    return result


def kuwahara(picture: Array, radius: int, sharpness: float = 6.0) -> Array:
    """Generalised Kuwahara filter: each pixel takes the mean of those of its eight neighbouring windows that vary least.

    Weights fall with the window's deviation to the power `sharpness` (Papari, Petkov, Campisi 2007).
    """
    f = picture.astype(np.float32)
    y = grey(picture).astype(np.float32)
    size = (radius + 1) | 1
    mean = cv2.blur(f, (size, size))
    m1, m2 = cv2.blur(y, (size, size)), cv2.blur(y * y, (size, size))
    deviation = np.sqrt(np.maximum(m2 - m1 * m1, 0)) + 2.0
    weight = (10.0 / deviation) ** np.float32(sharpness)
    total, norm = np.zeros_like(f), np.zeros_like(y)
    packed = cv2.merge([mean * weight[..., None], weight])
    for k in range(8):
        angle = k * np.pi / 4
        matrix = np.array(
            [[1, 0, round(np.cos(angle) * radius * 0.75)], [0, 1, round(np.sin(angle) * radius * 0.75)]], np.float32
        )
        moved = cv2.warpAffine(
            packed, matrix, (y.shape[1], y.shape[0]), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT
        )
        total += moved[..., :3]
        norm += moved[..., 3]
    return as_picture(total / norm[..., None])


def lines(picture: Array, sigma: float, sharpness: float = 18.0, tone: float = 0.0, along: int = 0) -> Field:
    """Ink: HxW in [0, 1], 1 = paper, 0 = line. Thresholded difference of Gaussians (Winnemoeller, Kyprianidis, Olsen 2012).

    `tone` in [0, 1] is the grey below which whole areas go dark. `along` smooths the lines that many steps along the flow.
    """
    y = grey(picture).astype(np.float32) / 255
    narrow, wide = cv2.GaussianBlur(y, (0, 0), sigma), cv2.GaussianBlur(y, (0, 0), sigma * 1.6)
    difference = narrow - wide + np.float32(0.014)
    if along:
        fx, fy, _ = flow(picture, sigma * 2.5)
        difference = advect(difference, fx, fy, along)
    edge = 1 + np.tanh(np.minimum(difference * 10 * sharpness, 0))
    if tone > 0:
        dark = 1 + np.tanh(np.minimum((narrow - tone) * sharpness, 0))
        edge = np.minimum(edge, dark)
    result: Field = np.clip(edge, 0, 1).astype(np.float32)
    return result


def smooth(picture: Array, passes: int, radius: int = 7) -> Array:
    """Flatten surfaces but keep edges (repeated bilateral filter)."""
    for _ in range(passes):
        picture = cv2.bilateralFilter(picture, radius, 30, radius)
    return picture


def palette_of(picture: Array, count: int, rng: np.random.Generator) -> Colours:
    """The `count` main colours, (count, 3) float32 in Lab of OpenCV's float range, by k-means on a thumbnail."""
    small = resized(picture, min(96, picture.shape[0]), min(96, picture.shape[1]))
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    count = min(count, len(lab))
    centres = lab[rng.choice(len(lab), 1)]
    for _ in range(count - 1):
        far = ((lab[:, None] - centres[None]) ** 2).sum(-1).min(1)
        centres = np.vstack([centres, lab[int(far.argmax())]])
    for _ in range(8):
        nearest = ((lab[:, None] - centres[None]) ** 2).sum(-1).argmin(1)
        for k in range(count):
            if (nearest == k).any():
                centres[k] = lab[nearest == k].mean(0)
    return np.asarray(centres, np.float32)


def to_palette(picture: Array, palette: Colours) -> NDArray[np.uint8]:
    """Index of the nearest palette colour (Lab) for each pixel, through a 64-cube table: HxW uint8."""
    axis = (np.arange(64, dtype=np.float32) * 4 + 2) / 255
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(1, -1, 3)
    lab = cv2.cvtColor(cube, cv2.COLOR_RGB2LAB)[0]
    squared = (palette**2).sum(1)[None] - 2 * lab @ palette.T
    table = squared.argmin(1).astype(np.uint8)
    q = (picture >> 2).astype(np.int32)
    result: NDArray[np.uint8] = table[(q[..., 0] << 12) | (q[..., 1] << 6) | q[..., 2]]
    return result


def lab_to_rgb(palette: Colours) -> NDArray[np.uint8]:
    """(N, 3) float Lab to (N, 3) uint8 RGB."""
    rgb = cv2.cvtColor(palette[None].astype(np.float32), cv2.COLOR_LAB2RGB)[0]
    return as_picture(rgb * 255)


def relief(picture: Array, height: Field, depth: float) -> Array:
    """Light a painted surface from the upper left: `height` HxW, about unit deviation; `depth` in levels."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) + cv2.Sobel(height, cv2.CV_32F, 0, 1)
    slope *= np.float32(depth / max(float(slope.std()), 1e-3))
    layer = np.clip(slope, -3 * depth, 3 * depth).astype(np.int16)
    result: Array = cv2.add(picture, cv2.merge([layer, layer, layer]), dtype=cv2.CV_8U)
    return result


def paper(h: int, w: int, rng: np.random.Generator, tooth: float = 1.0) -> Field:
    """Rough paper: HxW, mean 0, deviation 1, grain about `tooth` pixels."""
    tile_h, tile_w = min(h, 1400), min(w, 1400)
    fine = cv2.GaussianBlur(
        rng.standard_normal((tile_h, tile_w)).astype(np.float32), (0, 0), max(0.6, tooth), borderType=cv2.BORDER_REFLECT
    )
    coarse = cv2.GaussianBlur(fine, (0, 0), max(1.0, 2 * tooth), borderType=cv2.BORDER_REFLECT)
    tile = fine / fine.std() + 0.7 * coarse / coarse.std()
    tile = (tile - tile.mean()) / tile.std()
    result: Field = np.tile(tile, (h // tile_h + 1, w // tile_w + 1))[:h, :w].astype(np.float32)
    return result
