"""The surface of an object: its light and shade apart from its colour, and coordinates that follow its roundness.

Shared by the editors that give a surface a new colour, pattern or material.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

Field = NDArray[np.float32]

DIM = 20.0
"""L* under which chroma is so small that it is measured as if the pixel were as light as this."""
_COARSEST, _WORK, _ROUNDS = 16, 128, 60
"""The inflated shape is worked out at sizes from the first to the second (longer side in pixels, doubled each time), with so many rounds at each."""
_NEIGHBOURS = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
_LIMB, _STEEPEST = 0.8, 0.9
"""How far a place's ridge is looked for, as a share of the half width; the greatest slope that patterns follow (1 is the very outline)."""
_FINER = 0.3
"""Sigma of the blur of a pattern that is made smaller, over how many times it is."""
_CREASE = 8.0
"""Half width of the body over the sigma under which its slope is taken."""
_RIM = 1.0
"""Sigma of the rim of a mask that is made small, in pixels of that size."""


def bounds(mask: Array, margin: int = 0) -> Box:
    """The box of the mask's nonzero pixels, grown by `margin` and clipped. The mask must not be empty."""
    x0, y0, x1, y1 = box_of(mask)
    height, width = mask.shape
    return max(x0 - margin, 0), max(y0 - margin, 0), min(x1 + margin, width), min(y1 + margin, height)


def to_lab(pixels: Array) -> Field:
    """CIE L*a*b* HxWx3 float32: L 0 to 100, a and b about -128 to 127."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB), np.float32)


def from_lab(values: Field) -> Array:
    """sRGB HxWx3 uint8; colours outside sRGB are clipped."""
    rgb = cv2.cvtColor(values, cv2.COLOR_LAB2RGB)
    np.clip(rgb, 0, 1, out=rgb)
    return np.asarray(rgb * np.float32(255) + np.float32(0.5), np.uint8)


def hue_of(lab: Field) -> tuple[Field, Field]:
    """Hue in degrees, and how coloured a pixel is: chroma over lightness."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    return np.asarray(hue, np.float32), np.asarray(chroma / np.maximum(lab[..., 0], DIM), np.float32)


def chromaticity(lab: Field) -> Field:
    """(a*, b*) / L* of L*a*b* HxWx3: HxWx2, the same in light and in shade."""
    return np.asarray(lab[..., 1:] / np.maximum(lab[..., :1], DIM), np.float32)


def softened(mask: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """A hard mask that was made at a smaller size (hxw, uint8 or float32), with a soft rim at the picture's own: HxW of that kind, `shape` (H, W, ...)."""
    soft = cv2.GaussianBlur(mask, (0, 0), _RIM)
    return np.asarray(cv2.resize(soft, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True, eq=False)
class Surface:
    """What a region's pixels say about its shape. All fields HxW float32 of the box.

    `light` is L* (0 to 100); `low`, `middle`, `high` are its 4th, 50th and 96th percentiles inside; `shade` is the smooth light, 1 on average; `u`, `v` are coordinates in pixels
    that crowd towards the outline, as on a rounded body; `height` is 1 on the ridge and 0 at the outline.
    """

    light: Field
    low: float
    middle: float
    high: float
    shade: Field
    u: Field
    v: Field
    height: Field
    right: Field
    """Component of the unit normal to the right; `down` is the one downwards."""
    down: Field
    size: float
    """Square root of the region's area, in pixels: the scale for patterns."""
    thick: float
    """Its greatest half width, in pixels: how high the body stands."""


def read_surface(pixels: Array, mask: Array, *, flat: bool = False) -> Surface:
    """Take light and shape from the pixels HxWx3 inside the mask HxW. `flat`: it is no body but a plane, such as a wall."""
    inside = mask > 127
    if not inside.any():
        inside = mask > 0
    light = to_lab(pixels)[..., 0]
    low, middle, high = (float(v) for v in np.percentile(light[inside], (4, 50, 96)))
    size = float(np.sqrt(np.count_nonzero(inside)))
    smooth = _inner_blur(light, inside, max(size / 40, 1.0))
    shade = np.clip(smooth / max(middle, 8.0), 0.25, 2.2).astype(np.float32)
    height = inflate(inside)
    distance = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 3)
    thick = float(distance.max())
    right, down = _normals(height, thick)
    if flat:
        right, down = np.zeros_like(height), np.zeros_like(height)
        x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in height.shape[::-1]))
        return Surface(light, low, middle, high, shade, x, y, height, right, down, size, thick)
    u, v = _wrapped(height, thick, right, down)
    return Surface(light, low, middle, high, shade, u, v, height, right, down, size, thick)


def inflate(inside: NDArray[np.bool_]) -> Field:
    """The region blown up like a membrane under pressure: HxW, 1 at its highest, 0 at the outline and outside; thin parts stay low.

    The root of the solution of Poisson's equation with a constant source: of a disc that is a half ball, of a long strip a half cylinder.
    """
    height, width = inside.shape
    field = np.zeros((1, 1), np.float32)
    longest = max(height, width)
    side = _COARSEST
    while True:
        scale = min(1.0, side / longest)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        mask = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        field = cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
        source = np.float32(1 / side**2)
        for _ in range(_ROUNDS):
            field = (cv2.filter2D(field, -1, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT) + source) * mask
        if scale == 1.0 or side >= _WORK:
            break
        side *= 2
    round_ = np.sqrt(np.maximum(field, 0) / max(float(field.max()), 1e-12)).astype(np.float32)
    full = cv2.resize(round_, (width, height), interpolation=cv2.INTER_CUBIC) if scale < 1.0 else round_
    return np.asarray(np.clip(full, 0, 1), np.float32)


def sample(pattern: Field, surface: Surface, density: float = 1.0, *, repeats: bool = False) -> Field:
    """Wrap a pattern (hxw or hxwx3) around the surface by its coordinates.

    `repeats`: the tile's ends fit, and it is set beside itself; any other is mirrored at its ends, so that no seam is seen.
    """
    if density > 1:
        # Of several threads to a pixel their mean is seen, and no moire.
        pattern = np.asarray(cv2.GaussianBlur(pattern, (0, 0), _FINER * density), np.float32)
    h, w = pattern.shape[:2]
    x, y = surface.u * np.float32(density), surface.v * np.float32(density)
    border = cv2.BORDER_WRAP if repeats else cv2.BORDER_REFLECT_101
    # OpenCV follows a border only a little way: bring the coordinates near.
    x, y = (np.mod(c, n * (1 if repeats else 2)).astype(np.float32) for c, n in ((x, w), (y, h)))
    return np.asarray(cv2.remap(pattern, x, y, cv2.INTER_LINEAR, borderMode=border), np.float32)


def receding(surface: Surface, horizon: float, near: float, focal: float) -> tuple[Surface, Field]:
    """The surface as ground that runs away from the viewer, and HxW how many pixels of ground at the row `near` lie in one pixel there, level ways.

    `horizon` and `near` are rows of the box, the former above all of it; `focal` is the camera's, in pixels (a pinhole above a plane).
    """
    height, width = surface.u.shape
    away = np.maximum(np.arange(height, dtype=np.float32) - np.float32(horizon), 1)[:, None]
    depth = np.broadcast_to(np.float32(max(near - horizon, 1)) / away, (height, width)).astype(np.float32)
    x = np.arange(width, dtype=np.float32)[None] - np.float32(width / 2)
    return replace(
        surface, u=np.asarray(x * depth, np.float32), v=np.asarray(-depth * np.float32(focal), np.float32)
    ), depth


def sample_far(pattern: Field, surface: Surface, density: float, depth: Field, *, repeats: bool = True) -> Field:
    """`sample` where more and more of it lies in a pixel: there a blurred one is taken (mip maps, Williams 1983)."""
    near = sample(pattern, surface, density, repeats=repeats)
    level = np.log2(np.maximum(depth * np.float32(density), 1))
    out, last = near, near
    for step in range(1, int(np.ceil(float(level.max()))) + 1):
        blurred = np.asarray(
            cv2.GaussianBlur(pattern, (0, 0), _FINER * 2**step, borderType=cv2.BORDER_REFLECT), np.float32
        )
        coarse = sample(blurred, surface, density, repeats=repeats)
        share = np.clip(level - (step - 1), 0, 1)[..., None]
        out = np.where(share > 0, last * (1 - share) + coarse * share, out)
        last = coarse
    return np.asarray(out, np.float32)


def _inner_blur(values: Field, inside: NDArray[np.bool_], sigma: float) -> Field:
    """Gaussian blur that takes nothing from outside the region."""
    weight = inside.astype(np.float32)
    total = cv2.GaussianBlur(values * weight, (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.where(share > 0.05, total / np.maximum(share, 0.05), values).astype(np.float32)


def _normals(height: Field, thick: float) -> tuple[Field, Field]:
    """The two upright components of the unit normal (x to the right, y down), HxW each, of a body `thick` pixels high."""
    smooth = cv2.GaussianBlur(height, (0, 0), max(thick / _CREASE, 1.0)) * np.float32(thick)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3) / 8
    length = np.sqrt(1 + dx * dx + dy * dy)
    return np.asarray(-dx / length, np.float32), np.asarray(-dy / length, np.float32)


def widest(values: Field, kernel: Array) -> Field:
    """The greatest of the values HxW under a kernel whose rows have no gaps: what `cv2.dilate` gives, which takes far longer with a large one.

    Of 2, 4, 8, ... neighbours in a row the greatest is found once; two such stretches cover any row of the kernel.
    """
    (h, w), half = values.shape, kernel.shape[0] // 2
    stretches = [np.pad(values, half, constant_values=-np.inf)]
    while 2 ** len(stretches) <= kernel.shape[1]:
        last, step = stretches[-1], 2 ** (len(stretches) - 1)
        stretches.append(np.maximum(last[:, :-step], last[:, step:]))
    out = np.full((h, w), -np.inf, np.float32)
    for down, row in enumerate(kernel > 0):
        columns = np.flatnonzero(row)
        size = int(np.log2(len(columns)))
        lines = stretches[size][down : down + h]
        for across in {columns[0], columns[-1] + 1 - 2**size}:
            np.maximum(out, lines[:, across : across + w], out=out)
    return out


def _wrapped(height: Field, thick: float, right: Field, down: Field) -> tuple[Field, Field]:
    """Lengths along the surface: what is seen at a slant is longer than it looks, as the arc `R asin(s)` is than `R s`."""
    h, w = height.shape
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    # A limb is round by itself: its own ridge is its top.
    reach = max(3, round(thick * _LIMB)) | 1
    ridge = widest(height, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    ridge = np.maximum(cv2.GaussianBlur(ridge, (0, 0), reach / 3), 0.05)
    slant = np.sqrt(1 - np.clip(height / ridge, 1 - _STEEPEST, 1) ** 2)
    stretch = thick * ridge * (np.arcsin(slant) - slant) / np.maximum(np.hypot(right, down), 1e-3)
    return (x + right * stretch).astype(np.float32), (y + down * stretch).astype(np.float32)
