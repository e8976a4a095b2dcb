"""The surface of an object: its light and shade apart from its colour, and coordinates that follow its roundness.

Shared by the editors that give a surface a new colour, pattern or material.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box, Region
from pixwright.records.vocabulary import Rgb
from pixwright.words.colours import rgb

Field = NDArray[np.float32]

_WORK = 900
"""Longer side, in pixels, at which patterns of very large regions are made."""


_SHADES: dict[str, tuple[float, float]] = {
    "dark": (-0.4, 0.75), "deep": (-0.25, 1.05), "light": (0.45, 0.75), "pale": (0.6, 0.45), "pastel": (0.55, 0.5), "soft": (0.35, 0.6),
    "bright": (0.25, 1.35), "vivid": (0.08, 1.4), "neon": (0.4, 1.7),
}  # fmt: skip
"""What is said before a colour -> how far its L* goes up to white (a share of the way) or down to black (below 0), and the factor of its chroma."""


def bounds(mask: Array, margin: int = 0) -> Box:
    """The box of the mask's nonzero pixels, grown by `margin` and clipped. The mask must not be empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return (
        max(int(columns[0]) - margin, 0),
        max(int(rows[0]) - margin, 0),
        min(int(columns[-1]) + 1 + margin, width),
        min(int(rows[-1]) + 1 + margin, height),
    )


def in_box(picture: Array, region: Region, work: Callable[[Array, Array], Array]) -> Array:
    """Run `work(pixels, mask) -> pixels` on the region's box only; the rest is the input."""
    x0, y0, x1, y1 = bounds(region.mask)
    out = picture.copy()
    out[y0:y1, x0:x1] = work(np.ascontiguousarray(picture[y0:y1, x0:x1]), region.mask[y0:y1, x0:x1])
    return out


def named_colour(words: str) -> Rgb | None:
    """The sRGB colour of a name (ours or of CSS), of "#rrggbb" or "rgb(r, g, b)", or of a shade of one ("bright green"); None if it is no colour."""
    words = " ".join(words.lower().replace("grey", "gray").split())
    known = rgb(words)
    if known is not None:
        return known
    shade, _, name = words.partition(" ")
    known = rgb(name)
    if known is None or shade not in _SHADES:
        return None
    up, chroma = _SHADES[shade]
    lab = to_lab(np.array([[known]], np.uint8))
    light = float(lab[0, 0, 0])
    lab[0, 0, 0] = light + (100 - light) * up if up > 0 else light * (1 + up)
    lab[0, 0, 1:] *= np.float32(chroma)
    r, g, b = (int(v) for v in from_lab(lab)[0, 0])
    return (r, g, b)


def to_lab(pixels: Array) -> Field:
    """CIE L*a*b* HxWx3 float32: L 0 to 100, a and b about -128 to 127."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB), np.float32)


def from_lab(values: Field) -> Array:
    """sRGB HxWx3 uint8; colours outside sRGB are clipped."""
    rgb = cv2.cvtColor(values, cv2.COLOR_LAB2RGB)
    np.clip(rgb, 0, 1, out=rgb)
    return np.asarray(rgb * np.float32(255) + np.float32(0.5), np.uint8)


@dataclass(frozen=True, eq=False)
class Surface:
    """What a region's pixels say about its shape. All fields HxW float32 of the box.

    `light` is L* (0 to 100) and `middle` its median inside; `shade` is the smooth light, 1 on average; `u`, `v` are coordinates in pixels
    that crowd towards the outline, as on a rounded body; `height` is 1 on the ridge and 0 at the outline.
    """

    light: Field
    middle: float
    shade: Field
    u: Field
    v: Field
    height: Field
    size: float
    """Square root of the region's area, in pixels: the scale for patterns."""


def read_surface(pixels: Array, mask: Array) -> Surface:
    """Take light and shape from the pixels HxWx3 inside the mask HxW."""
    inside = mask > 127
    if not inside.any():
        inside = mask > 0
    light = to_lab(pixels)[..., 0]
    middle = float(np.median(light[inside]))
    size = float(np.sqrt(np.count_nonzero(inside)))
    smooth = _inner_blur(light, inside, max(size / 40, 1.0))
    shade = np.clip(smooth / max(middle, 8.0), 0.25, 2.2).astype(np.float32)
    height = inflate(inside)
    u, v = _wrapped(height, size)
    return Surface(light, middle, shade, u, v, height, size)


def inflate(inside: NDArray[np.bool_]) -> Field:
    """The region blown up like a balloon: HxW, 1 on the ridge, 0 at the outline and outside."""
    scale = min(1.0, _WORK / max(inside.shape))
    small = inside.astype(np.uint8)
    if scale < 1.0:
        small = np.asarray(cv2.resize(small, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST), np.uint8)
    padded = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    far = max(float(distance.max()), 1.0)
    depth = np.clip(distance / far, 0, 1)
    round_ = np.sqrt(np.clip(1 - (1 - depth) ** 2, 0, 1)).astype(np.float32)
    round_ = cv2.GaussianBlur(round_, (0, 0), max(far / 8, 0.8))
    size = (inside.shape[1], inside.shape[0])
    return np.asarray(cv2.resize(round_, size, interpolation=cv2.INTER_LINEAR), np.float32) if scale < 1.0 else round_


def sample(pattern: Field, surface: Surface, density: float = 1.0) -> Field:
    """Wrap a tileable pattern (hxw or hxwx3) around the surface by its coordinates."""
    h, w = pattern.shape[:2]
    x, y = np.mod(surface.u * np.float32(density), w - 1), np.mod(surface.v * np.float32(density), h - 1)
    return np.asarray(cv2.remap(pattern, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR), np.float32)


def _inner_blur(values: Field, inside: NDArray[np.bool_], sigma: float) -> Field:
    """Gaussian blur that takes nothing from outside the region."""
    weight = inside.astype(np.float32)
    total = cv2.GaussianBlur(values * weight, (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.where(share > 0.05, total / np.maximum(share, 0.05), values).astype(np.float32)


def _wrapped(height: Field, size: float) -> tuple[Field, Field]:
    """Pixel coordinates, moved along the slope of the inflated shape so that a pattern looks wrapped around it."""
    h, w = height.shape
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    smooth = cv2.GaussianBlur(height, (0, 0), max(size / 14, 1.0))
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3) / 8
    reach = np.float32(size * size * 0.025)
    return (x - dx * reach).astype(np.float32), (y - dy * reach).astype(np.float32)
