"""Appearance: patterns and states of a surface (striped, old, wet, burnt, ...), lit as the surface was."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors import color_alter as color
from pixwright.edit.editors import material_change as material
from pixwright.edit.filling.clean_plate import refined
from pixwright.edit.filling.fill import fill
from pixwright.edit.surfaces import patterns
from pixwright.edit.surfaces.noise import fbm, ridged, worley
from pixwright.edit.surfaces.surface import Field, Surface, bounds, from_lab, in_box, read_surface, sample, to_lab
from pixwright.edit.surfaces.tint import tinted
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.vocabulary import APPEARANCES, COLOURS, MATERIAL_ALIASES, MATERIALS

_State = Callable[[Array, Array, np.random.Generator], Array]
_LARGEST = 1400


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Give `region` the look `step.value`; `step.amount` in strength weakens it."""
    region = refined(picture, region)
    value = (step.value or "").lower()
    mask = _weakened(region.mask, step)
    if value in patterns.WEIGHTS or value in patterns.COLOURS:
        return Proposal(_patterned(picture, region, value, context.rng(1)), mask)
    if value == "transparent":
        return _transparent(picture, region, context)
    if value == "glowing":
        return _glowing(picture, region)
    if value in _AS_MATERIAL:
        return material.edit(picture, step.model_copy(update={"value": _AS_MATERIAL[value]}), region, context)
    if value in STATES:
        work = STATES[value]
        return Proposal(in_box(picture, region, lambda p, m: _at_work_size(p, m, work, context.rng(2))), mask)
    if value in COLOURS:
        return color.edit(picture, step, region, context)
    if MATERIAL_ALIASES.get(value, value) in MATERIALS:
        return material.edit(picture, step, region, context)
    return refuse(picture, f"'{step.value}' is no look that can be given honestly; there are {', '.join(APPEARANCES)}")


_AS_MATERIAL = {"frozen": "ice", "metallic": "steel", "rusty": "rust"}


def _weakened(mask: Array, step: Step) -> Array:
    if step.amount is None or step.amount.unit is not Unit.STRENGTH:
        return mask
    return (mask * np.float32(np.clip(abs(step.amount.value) + 0.3, 0.3, 1.0))).astype(np.uint8)


def _patterned(picture: Array, region: Region, value: str, rng: np.random.Generator) -> Array:
    """Print a pattern onto the surface: the inks are lit by the surface's own shading."""

    def work(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
        surface = read_surface(pixels, mask)
        density = 480 / max(surface.size, 60.0) * (0.55 if value == "rainbow" else 0.8)
        if value in patterns.WEIGHTS:
            paint, ink = patterns.WEIGHTS[value]
            weight = sample(paint(rng), surface, density)[..., None]
            rgb = ink or ((28, 26, 28) if surface.middle > 55 else (244, 242, 238))
            base = tinted(pixels, mask, (238, 236, 230)) if value == "zebra print" else pixels
            printed = tinted(pixels, mask, (26, 24, 26) if value == "zebra print" else rgb)
            return np.asarray(base * (1 - weight) + printed * weight, np.uint8)
        albedo = sample(patterns.COLOURS[value](rng), surface, density)
        fine = surface.light - cv2.GaussianBlur(surface.light, (0, 0), max(surface.size / 30, 1))
        light = 1 + (surface.shade - 1) * 0.85 + np.clip(fine / 100, -0.3, 0.3) * 0.6
        return np.asarray(np.clip(albedo * light[..., None], 0, 255), np.uint8)

    return in_box(picture, region, lambda p, m: _at_work_size(p, m, work, rng))


def _at_work_size(pixels: Array, mask: Array, work: _State, rng: np.random.Generator) -> Array:
    """Work at a bounded size; what changed is enlarged and added to the full-size pixels, so that fine detail stays."""
    small = shrink(pixels, _LARGEST)
    if small is pixels:
        return work(pixels, mask, rng)
    change = work(small, shrink(mask, _LARGEST), rng).astype(np.int16) - small
    size = (pixels.shape[1], pixels.shape[0])
    return np.asarray(np.clip(cv2.resize(change, size, interpolation=cv2.INTER_LINEAR) + pixels, 0, 255), np.uint8)


def _transparent(picture: Array, region: Region, context: Context) -> Proposal:
    """Mostly what is behind, with the object's edges and highlights left."""
    hole = np.asarray(cv2.dilate(region.mask, np.ones((5, 5), np.uint8)), np.uint8)
    behind = fill(picture, hole, rng=context.rng(3))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), max(3.0, max(picture.shape[:2]) / 150))
    out = behind * np.float32(0.78) + picture * np.float32(0.22) + np.clip(detail, -40, 60)[..., None] * 0.6
    return Proposal(np.asarray(np.clip(out, 0, 255), np.uint8), region.mask)


def _glowing(picture: Array, region: Region) -> Proposal:
    """Bright from within, with a halo around it: the one look that also touches what is near."""
    x0, y0, x1, y1 = bounds(region.mask)
    reach = max(8.0, np.hypot(x1 - x0, y1 - y0) / 9)
    inside = region.mask.astype(np.float32) / 255
    scale = min(1.0, 400 / max(picture.shape[:2]))
    small = cv2.resize(inside, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    halo = cv2.GaussianBlur(small, (0, 0), reach * scale) + 0.5 * cv2.GaussianBlur(small, (0, 0), reach * scale / 3)
    halo = cv2.resize(halo, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    solid = region.mask > 127
    own = picture[solid].mean(axis=0) if solid.any() else np.full(3, 200.0)
    lamp = np.clip(own / max(float(own.max()), 1.0), 0.35, 1).astype(np.float32) * 255
    out = picture.astype(np.float32)
    out += (255 - out) * (halo * (1 - inside) * 0.85)[..., None] * (lamp / 255)
    out += (255 - out) * (inside * 0.5)[..., None] * (lamp / 255)
    touched = np.maximum(region.mask, (np.clip(halo * 2.2 - 0.02, 0, 1) * 255).astype(np.uint8))
    return Proposal(np.asarray(np.clip(out, 0, 255), np.uint8), np.asarray(touched, np.uint8))


def _mix(pixels: Array, over: Field | tuple[int, int, int], weight: Field) -> Array:
    """`over` laid on the pixels with a weight in [0, 1]."""
    top = np.asarray(over, np.float32)
    return np.asarray(np.clip(pixels + (top - pixels) * np.clip(weight, 0, 1)[..., None], 0, 255), np.uint8)


def _graded(
    pixels: Array,
    *,
    light: float = 1.0,
    lift: float = 0.0,
    chroma: float = 1.0,
    warm: float = 0.0,
    contrast: float = 1.0,
) -> Array:
    lab = to_lab(pixels)
    mean = float(lab[..., 0].mean())
    lab[..., 0] = np.clip((mean + (lab[..., 0] - mean) * contrast) * light + lift, 0, 100)
    lab[..., 1:] *= np.float32(chroma)
    lab[..., 2] += np.float32(warm)
    return from_lab(lab)


def _patches(
    shape: tuple[int, ...], surface: Surface, share: float, rng: np.random.Generator, grain: float = 5.0
) -> Field:
    """Soft-edged blots that cover about `share` of the surface, HxW in [0, 1]."""
    field = fbm(shape[0], shape[1], surface.size / grain, 5, rng)
    edge = float(np.quantile(field, 1 - share))
    return np.asarray(np.clip((field - edge) * 7 + 0.5, 0, 1), np.float32)


def _upward(mask: Array, size: float) -> Field:
    """How much a place looks up, HxW in [0, 1]: 1 just under the upper outline."""
    inside = (mask > 127).astype(np.float32)
    below = cv2.GaussianBlur(inside, (0, 0), max(size / 12, 1.5))
    return np.asarray(np.clip(-cv2.Sobel(below, cv2.CV_32F, 0, 1, ksize=3) * -size / 8, 0, 1) * inside, np.float32)


def _old(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    out = _graded(pixels, chroma=0.5, warm=7, contrast=1.15, light=0.94)
    h, w = mask.shape
    lines = np.clip(ridged(h, w, surface.size / 7, 4, rng) ** 9 - 0.25, 0, 1) * 0.75
    out = _mix(out, (66, 56, 44), lines)
    return _mix(out, (150, 138, 116), _patches(mask.shape, surface, 0.3, rng, 3.0) * 0.22)


def _dusty(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    weight = 0.32 + 0.3 * _patches(mask.shape, surface, 0.5, rng, 3.0) + 0.3 * _upward(mask, surface.size)
    grain = 0.85 + 0.3 * fbm(mask.shape[0], mask.shape[1], 3, 2, rng)
    return _mix(_graded(pixels, chroma=0.7), (184, 172, 152), weight * grain)


def _dirty(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    weight = _patches(mask.shape, surface, 0.4, rng, 5.0) * 0.6 + _patches(mask.shape, surface, 0.12, rng, 14.0) * 0.4
    return _mix(_graded(pixels, light=0.93, chroma=0.85), (74, 58, 40), weight)


def _muddy(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    low = np.linspace(-0.25, 0.45, mask.shape[0], dtype=np.float32)[:, None]
    field = fbm(mask.shape[0], mask.shape[1], surface.size / 4, 5, rng) + low
    weight = np.clip((field - 0.62) * 9, 0, 1) * 0.92
    splash = np.clip((fbm(mask.shape[0], mask.shape[1], surface.size / 30, 3, rng) + low * 0.6 - 0.72) * 9, 0, 1) * 0.85
    tone = 0.75 + 0.5 * fbm(mask.shape[0], mask.shape[1], surface.size / 18, 3, rng)
    brown = np.array([92, 66, 42], np.float32) * (tone * (0.5 + 0.5 * surface.shade))[..., None]
    return _mix(pixels, np.asarray(brown, np.float32), np.maximum(weight, splash))


def _wet(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    out = _graded(pixels, light=0.8, chroma=1.3, contrast=1.2)
    first, _, cell = worley(mask.shape[0], mask.shape[1], max(surface.size / 16, 5), rng)
    size = rng.random(int(cell.max()) + 1).astype(np.float32)[cell] * max(surface.size / 55, 1.4)
    drop = np.clip(size - first + 0.5, 0, 1)
    spark = cv2.warpAffine(drop, np.array([[1, 0, -1], [0, 1, -1]], np.float32), (drop.shape[1], drop.shape[0]))
    out = _mix(out, (255, 255, 255), np.clip(spark - cv2.GaussianBlur(drop, (0, 0), 1.2) * 0.75, 0, 1) * 0.9)
    shine = np.clip((surface.light - surface.middle - 10) / 22, 0, 1)
    return _mix(out, (250, 252, 255), np.asarray(shine * 0.55, np.float32))


def _shiny(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    out = _graded(pixels, chroma=1.15, contrast=1.35)
    shine = np.clip((surface.light - surface.middle - 6) / 20, 0, 1) ** 1.3
    bloom = cv2.GaussianBlur(shine, (0, 0), max(surface.size / 40, 1.0))
    return _mix(out, (255, 255, 255), np.clip(shine * 0.75 + bloom * 0.35, 0, 0.95))


def _matte(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    lab = to_lab(pixels)
    over = np.clip(lab[..., 0] - surface.middle - 4, 0, None)
    lab[..., 0] -= over * 0.75
    lab[..., 1:] *= np.float32(0.9)
    return from_lab(lab)


def _burnt(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    char = _graded(pixels, light=0.28, chroma=0.25, contrast=1.1)
    field = fbm(mask.shape[0], mask.shape[1], surface.size / 4, 5, rng)
    burnt = np.clip((field - 0.28) * 6, 0, 1)
    out = _mix(_graded(pixels, light=0.7, warm=8, chroma=0.8), char.astype(np.float32), burnt)
    rim = np.exp(-((field - 0.3) ** 2) / 0.0012) * 0.75
    out = _mix(out, (226, 96, 24), rim)
    ash = _patches(mask.shape, surface, 0.12, rng, 12.0) * burnt
    return _mix(out, (138, 134, 130), ash * 0.45)


def _snowy(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    inside = mask > 127
    depth = np.zeros(mask.shape, np.float32)
    run = np.zeros(mask.shape[1], np.float32)
    for y in range(mask.shape[0]):  # rows below the upper outline: how far down the snow still lies
        run = np.where(inside[y], run + 1, 0)
        depth[y] = run
    edge = surface.size * (0.10 + 0.14 * fbm(mask.shape[0], mask.shape[1], surface.size / 6, 4, rng))
    cover = np.clip((edge - depth) / max(surface.size * 0.03, 1) + 0.5, 0, 1) * inside
    dust = np.clip((fbm(mask.shape[0], mask.shape[1], surface.size / 10, 4, rng) - 0.5) * 5, 0, 1) * 0.55
    white = np.array([240, 245, 252], np.float32) * (0.86 + 0.14 * np.clip(surface.shade, 0.6, 1.2))[..., None]
    return _mix(_graded(pixels, chroma=0.8, lift=3), np.asarray(white, np.float32), np.maximum(cover, dust))


def _mossy(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    weight = np.clip(_patches(mask.shape, surface, 0.42, rng, 4.0) + _upward(mask, surface.size) * 0.5, 0, 1)
    tuft = fbm(mask.shape[0], mask.shape[1], 5, 3, rng)
    green = (
        np.stack([52 + 70 * tuft, 84 + 78 * tuft, 28 + 34 * tuft], axis=2) * (0.45 + 0.55 * surface.shade)[..., None]
    )
    return _mix(pixels, np.asarray(green, np.float32), weight * (0.72 + 0.28 * tuft))


def _cracked(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    warp = surface.size / 16
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    x += (fbm(h, w, surface.size / 8, 3, rng) - 0.5) * warp * 2
    y += (fbm(h, w, surface.size / 8, 3, rng) - 0.5) * warp * 2
    first, second, _ = worley(h, w, surface.size / 4.5, rng)
    gap = cv2.remap(second - first, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    width = max(surface.size / 90, 1.0)
    line = np.clip(1.2 - gap / width, 0, 1)
    lit = cv2.warpAffine(line, np.array([[1, 0, 1], [0, 1, 1]], np.float32), (w, h))
    out = _mix(pixels, (250, 246, 238), np.clip(lit - line, 0, 1) * 0.35)
    return _mix(_graded(out, chroma=0.9), (24, 20, 18), line * 0.9)


def _wrinkled(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    folds = ridged(h, w, surface.size / 7, 3, rng) ** 6
    smooth = cv2.GaussianBlur(folds, (0, 0), max(surface.size / 150, 0.7))
    relief = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    lab = to_lab(pixels)
    lab[..., 0] = np.clip(lab[..., 0] + np.clip(relief * 2.5, -1, 1) * 9 - smooth * 15, 0, 100)
    return from_lab(lab)


def _glittery(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    first, _, cell = worley(mask.shape[0], mask.shape[1], max(surface.size / 55, 3.5), rng)
    power = rng.random(int(cell.max()) + 1).astype(np.float32)[cell] ** 5
    hue = (rng.random(int(cell.max()) + 1) * 180).astype(np.uint8)[cell]
    tinted = cv2.cvtColor(np.dstack([hue, np.full_like(hue, 60), np.full_like(hue, 255)]), cv2.COLOR_HSV2RGB)
    spark = np.clip(1.6 - first, 0, 1) * power
    flare = cv2.GaussianBlur(spark, (0, 0), 1.5) * 1.6
    return _mix(
        _graded(pixels, chroma=1.15, contrast=1.1), tinted.astype(np.float32), np.clip(spark * 1.6 + flare, 0, 1)
    )


def _sharp(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.6)
    return np.asarray(cv2.addWeighted(pixels, 2.1, soft, -1.1, 0), np.uint8)


def _blurry(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(2.0, max(pixels.shape[:2]) / 60)), np.uint8)


def _new(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    clean = np.asarray(cv2.bilateralFilter(pixels, 7, 28, 5), np.uint8)
    return _shiny(_graded(clean, chroma=1.2, light=1.06), mask, rng)


STATES: dict[str, _State] = {
    "old": _old, "new": _new, "wet": _wet, "dirty": _dirty, "dusty": _dusty, "shiny": _shiny, "matte": _matte, "burnt": _burnt,
    "snow covered": _snowy, "mossy": _mossy, "cracked": _cracked, "blurry": _blurry, "sharp": _sharp, "wrinkled": _wrinkled,
    "muddy": _muddy, "glittery": _glittery,
}  # fmt: skip
