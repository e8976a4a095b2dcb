"""Material: a procedural surface in place of the old one, wrapped around the object and lit as the object was."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.clean_plate import refined
from pixwright.edit.filling.fill import fill
from pixwright.edit.surfaces.substances import SUBSTANCES, Substance
from pixwright.edit.surfaces.surface import Field, Surface, bounds, read_surface, sample
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import MATERIAL_ALIASES, MATERIALS

TILE = 512
"""Side of a pattern tile, in pattern pixels."""
_LARGEST = 1400
"""Longer side, in pixels, at which a surface is painted; a larger one is enlarged and gets its fine light back."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Make `region` of the material `step.value`."""
    region = refined(picture, region)
    words = (step.value or "").lower()
    name = MATERIAL_ALIASES.get(words, words)
    if name not in SUBSTANCES:
        return refuse(picture, f"'{step.value}' is no material that is known; there are {', '.join(MATERIALS)}")
    substance = SUBSTANCES[name]
    behind = _behind(picture, region, context) if substance.clear > 0 else None
    tile = substance.paint(TILE, context.rng(1))
    return Proposal(dress(picture, region, substance, tile, behind), region.mask, Evidence())


def dress(picture: Array, region: Region, substance: Substance, tile: Field, behind: Array | None = None) -> Array:
    """The picture with the region's surface replaced by `tile` (hxwx3, 0 to 255), in the substance's way of taking light.

    `behind` HxWx3 is what is seen through a clear substance.
    """
    box = x0, y0, x1, y1 = bounds(region.mask)
    pixels, mask = np.ascontiguousarray(picture[y0:y1, x0:x1]), region.mask[y0:y1, x0:x1]
    scale = min(1.0, _LARGEST / max(x1 - x0, y1 - y0))
    surface = read_surface(shrink(pixels, _LARGEST), shrink(mask, _LARGEST))
    albedo = sample(tile, surface, substance.density * 200 / max(surface.size, 60.0) * 1.6)
    painted = _lit(albedo, surface, substance)
    if behind is not None:
        through = np.ascontiguousarray(behind[y0:y1, x0:x1])
        through = cv2.resize(through, (painted.shape[1], painted.shape[0]), interpolation=cv2.INTER_AREA)
        painted = _see_through(painted, np.asarray(through, np.float32), surface, substance.clear)
    new = np.clip(painted, 0, 255).astype(np.uint8)
    out = picture.copy()
    out[box[1] : box[3], box[0] : box[2]] = (
        cv2.resize(new, (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC) if scale < 1 else new
    )
    return out


def _lit(albedo: Field, surface: Surface, substance: Substance) -> Field:
    shade = surface.shade
    if substance.mirror > 0:
        return _metal(albedo, surface, substance)
    # Details of the old surface (its print, its weave) go; creases and edges, which are much stronger, stay in part.
    detail = (surface.light - cv2.GaussianBlur(surface.light, (0, 0), max(surface.size / 30, 1.0))) / 100
    crease = np.sign(detail) * np.clip(np.abs(detail) - 0.05, 0, 0.35)
    # A dark object gets its new material's own lightness, so shade is around 1; roundness darkens towards the outline.
    body = 0.82 + 0.18 * surface.height
    light = (1 + (shade - 1) * 0.75 * substance.depth) * body + crease
    painted = albedo * light[..., None]
    return np.asarray(painted + (255 - painted) * (_highlight(surface) * substance.gloss)[..., None], np.float32)


def _highlight(surface: Surface) -> Field:
    """Where the lamp is mirrored, 0 to 1: the brightest parts as photographed."""
    return np.asarray(np.clip((surface.light - max(surface.middle + 18, 78)) / 20, 0, 1), np.float32)


def _metal(albedo: Field, surface: Surface, substance: Substance) -> Field:
    """Metal shows its surroundings: light becomes bands of bright and dark, in the metal's own colour."""
    smooth = cv2.GaussianBlur(surface.height, (0, 0), max(surface.size / 18, 1))
    slope = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3) * surface.size * 0.10
    side = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3) * surface.size * 0.07
    local = np.clip((surface.light - surface.middle) / 55, -1, 1)
    look = slope + side + local * 0.9
    bands = 0.5 + 0.5 * np.sin(look * 3.4 + 0.6) * 0.75 + 0.25 * np.clip(look, -1, 1)
    light = 0.45 + 0.85 * np.clip(bands, 0, 1.1) * substance.mirror + 0.25 * (1 - substance.mirror)
    light = light * (0.55 + 0.45 * np.clip(surface.shade, 0.3, 1.6))
    painted = albedo * light[..., None]
    glint = np.clip((bands - 0.86) / 0.2, 0, 1) * substance.gloss * 0.6 + _highlight(surface) * substance.gloss * 0.5
    return np.asarray(painted + (255 - painted) * np.clip(glint, 0, 0.9)[..., None], np.float32)


def _see_through(painted: Field, through: Field, surface: Surface, clear: float) -> Field:
    """Bend what is behind by the body's slope; the outline, seen at a grazing angle, stays the substance's own."""
    h, w = surface.height.shape
    smooth = cv2.GaussianBlur(surface.height, (0, 0), max(surface.size / 16, 1))
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    reach = np.float32(surface.size * surface.size * 0.02)
    bent = cv2.remap(through, x + dx * reach, y + dy * reach, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    share = (clear * np.clip(surface.height * 1.6, 0, 1) ** 0.7)[..., None]
    glass = bent * (0.72 + 0.28 * np.clip(surface.shade, 0.4, 1.6))[..., None] * np.array([0.95, 1.0, 1.0], np.float32)
    mixed = painted * (1 - share) + glass * share
    return np.asarray(mixed + (255 - mixed) * (_highlight(surface) * 0.85)[..., None], np.float32)


def _behind(picture: Array, region: Region, context: Context) -> Array:
    """What would be seen if the object were not there."""
    hole = cv2.dilate(region.mask, np.ones((5, 5), np.uint8))
    return np.asarray(fill(picture, np.asarray(hole, np.uint8), rng=context.rng(2)), np.uint8)
