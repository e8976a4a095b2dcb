"""Appearance: patterns and states of a surface (striped, old, wet, burnt, ...), lit as the surface was."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors import color_alter as color
from pixwright.edit.editors import material_change as material
from pixwright.edit.editors.material_change import TILE, dressing_controls
from pixwright.edit.filling.fill import fill
from pixwright.edit.retouch.skin import evened
from pixwright.edit.surfaces import patterns
from pixwright.edit.surfaces.body import Meant
from pixwright.edit.surfaces.laid import laid
from pixwright.edit.surfaces.noise import fbm, ridged, streaks, worley
from pixwright.edit.surfaces.substances import SUBSTANCES
from pixwright.edit.surfaces.surface import Field, Surface, bounds, from_lab, read_surface, sample, to_lab
from pixwright.edit.surfaces.tint import relit, tinted
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Control, Origin
from pixwright.records.vocabulary import APPEARANCES, EVENED, material_in
from pixwright.words.colours import is_colour
from pixwright.words.marking import is_skin

_State = Callable[[Array, Array, np.random.Generator], Array]
_LARGEST = 1400
_RELIEF = 2.2
"""How much of the old relief is seen through a print: a face, folds and fur must be."""
_DENSITY = 430.0
"""Pattern pixels to the square root of a thing's area."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Give `region` the look `step.value`; `step.amount` in strength weakens it."""
    value = (step.value or "").lower()
    if value in EVENED and step.target is not None and is_skin(step.target):
        return evened(picture, step, region, context)
    if value in patterns.WEIGHTS or value in patterns.COLOURS:
        controls = dressing_controls(context.controls, "as the word says")
        new, touched = _patterned(picture, region, value, step, context, controls[0].value)
        return Proposal(new, _weakened(touched, step), added=Origin.DRAWN, controls=controls)
    if value == "transparent":
        return _transparent(picture, region, context)
    if value == "glowing":
        return _glowing(picture, region)
    if value in _AS_MATERIAL:
        return material.edit(picture, step.model_copy(update={"value": _AS_MATERIAL[value]}), region, context)
    if value in _LYING and region.source == "phrase" and region.score < _WHERE:
        return refuse(
            picture,
            f"the outline of the {region.phrase.removeprefix('the ')} is not sure, and {value} in the wrong places is blots: show it with --mask FILE, or say 'make it winter'",
        )
    if value in STATES:
        return _in_state(picture, region, value, step, context)
    if is_colour(value):
        return color.edit(picture, step, region, context)
    if material_in(value):
        return material.edit(picture, step, region, context)
    return refuse(picture, f"'{step.value}' is no look that can be given honestly; there are {', '.join(APPEARANCES)}")


_SOLID = 127
"""A pixel of a mask above it belongs to the thing."""
_STRIPES, _PRINTED = 12, 9.0
"""What changes within the square root of a surface's area over the first is a print, if it deviates by so much in L*."""
_LYING, _WHERE = frozenset({"snow covered"}), 0.5
"""Looks that lie on a thing in a colour of their own, and the score of an outline under which they are left out whole."""
_GLOSS, _GLOSSY = 6.0, 80.0
"""How much lighter than the middle, in L*, what shines is at least, and the percentile of the surface's light from which on it does: on a white car not all of it."""
_KNEE, _WHITEST = 80.0, 95.0
"""L* from which highlights are held back, and the one that they come up to."""
_AS_MATERIAL = {"frozen": "ice", "metallic": "steel"}


_OF_THE_PAINT = frozenset({"rusty"})
"""States of what a thing's colour is said of; the others are of all of it."""


def _weakened(mask: Array, step: Step) -> Array:
    if step.amount is None or step.amount.unit is not Unit.STRENGTH:
        return mask
    return (mask * np.float32(np.clip(abs(step.amount.value) + 0.3, 0.3, 1.0))).astype(np.uint8)


def _patterned(
    picture: Array, region: Region, value: str, step: Step, context: Context, scale: float
) -> tuple[Array, Array]:
    """Print a pattern onto the surface: it bends with the form, and the inks are lit as the surface was. A second try lets more of the old relief through."""

    def work(own: Array, body: Meant) -> Array:
        surface = read_surface(own, body.mask)
        density = _DENSITY / max(surface.size, 60.0) * (0.7 if value == "rainbow" else 1) / scale
        rng, repeats = context.rng(1), value in patterns.REPEATING
        if value in patterns.WEIGHTS:
            paint, ink = patterns.WEIGHTS[value]
            weight = sample(paint(rng), surface, density, repeats=repeats)[..., None]
            rgb = ink or ((28, 26, 28) if surface.middle > 55 else (244, 242, 238))
            printed = tinted(own, body.mask, rgb)
            return np.asarray(_plain(own, body.mask, surface) * (1 - weight) + printed * weight, np.uint8)
        tile = sample(patterns.COLOURS[value](rng), surface, density, repeats=repeats)
        return relit(tile, own, body.mask, detail=_RELIEF * (1 + context.attempt))

    return laid(picture, region, step.target, work, side=_LARGEST)


def _plain(own: Array, mask: Array, surface: Surface) -> Array:
    """The surface without a pattern that is printed on it already: dots on a striped tie are dots on a tie of its commonest colour."""
    inside = mask > _SOLID
    change = surface.light - cv2.GaussianBlur(surface.light, (0, 0), max(surface.size / _STRIPES, 1.0))
    if not inside.any() or float(change[inside].std()) < _PRINTED:
        return own
    red, green, blue = (int(v) for v in np.median(own[inside], axis=0))
    return tinted(own, mask, (red, green, blue))


def _in_state(picture: Array, region: Region, value: str, step: Step, context: Context) -> Proposal:
    """What weather, wear and use do to a surface; rust only to what can rust."""
    strength = Control(
        name="strength", value=float(np.clip(context.controls.get("strength", 1.0), 0, 1)), low=0, high=1, why=f"1 is as {value} as it gets"
    )  # fmt: skip

    def work(own: Array, body: Meant) -> Array:
        return STATES[value](own, body.mask, context.rng(2))

    everything = value not in _OF_THE_PAINT or context.attempt > 0
    new, mask = laid(picture, region, step.target, work, everything=everything, statue=True, side=_LARGEST)
    mask = (_weakened(mask, step) * np.float32(strength.value)).astype(np.uint8)
    return Proposal(new, mask, added=Origin.DRAWN, controls=(strength,))


def _transparent(picture: Array, region: Region, context: Context) -> Proposal:
    """Mostly what is behind, with the object's edges and highlights left."""
    hole = np.asarray(cv2.dilate(region.mask, np.ones((5, 5), np.uint8)), np.uint8)
    behind = fill(picture, hole, rng=context.rng(3), parts=context.encoders.parts)
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


def _upward(surface: Surface) -> Field:
    """How much a place looks up, HxW in [0, 1]: by the form, and by its light, since what looks up is lit by the sky."""
    lit = np.clip((surface.shade - 1) * 1.5, -0.35, 0.35)
    return np.asarray(np.clip(-surface.down + lit, 0, 1), np.float32)


def _coat(colour: Field | tuple[int, int, int], pixels: Array, mask: Array, detail: float = 1.0) -> Field:
    """A layer of one colour, or of a field of colours HxWx3, in the light of the surface."""
    field = np.asarray(np.broadcast_to(np.asarray(colour, np.float32), pixels.shape))
    return np.asarray(relit(field, pixels, mask, detail=detail), np.float32)


def _old(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    """Faded and yellowed, with stains and what rain has washed down."""
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    out = _graded(pixels, chroma=0.55, warm=6, contrast=1.1, light=0.94)
    washed = streaks(h, w, 90, surface.size / 2.5, max(surface.size / 45, 1.2), rng)
    run = np.clip((washed - 0.55) * 2.2, 0, 1) * (0.4 + 0.6 * fbm(h, w, surface.size / 4, 3, rng))
    out = _mix(out, (70, 60, 48), run * 0.6)
    out = _mix(out, (58, 50, 42), _patches(mask.shape, surface, 0.3, rng, 4.0) * 0.3)
    return _mix(out, (168, 158, 138), _patches(mask.shape, surface, 0.25, rng, 9.0) * 0.3)


def _dusty(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    weight = 0.32 + 0.3 * _patches(mask.shape, surface, 0.5, rng, 3.0) + 0.3 * _upward(surface)
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
    brown = _coat(np.array([92, 66, 42], np.float32) * tone[..., None], pixels, mask)
    return _mix(pixels, brown, np.maximum(weight, splash))


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
    least = max(surface.middle + _GLOSS, float(np.percentile(surface.light[mask > _SOLID], _GLOSSY)))
    shine = np.clip((surface.light - least) / 20, 0, 1) ** 1.3
    bloom = cv2.GaussianBlur(shine, (0, 0), max(surface.size / 40, 1.0))
    return _unburnt(_mix(out, (255, 255, 255), np.clip(shine * 0.75 + bloom * 0.35, 0, 0.95)), surface)


def _unburnt(pixels: Array, surface: Surface) -> Array:
    """HxWx3 whose highlights end below white, as paint shows its form in them; what was lighter before stays as light."""
    lab = to_lab(pixels)
    over = np.maximum(lab[..., 0] - _KNEE, 0)
    soft = np.minimum(lab[..., 0], _KNEE) + (_WHITEST - _KNEE) * (1 - np.exp(-over / (2 * (_WHITEST - _KNEE))))
    lab[..., 0] = np.minimum(lab[..., 0], np.maximum(soft, surface.light))
    return from_lab(lab)


def _matte(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    surface = read_surface(pixels, mask)
    lab = to_lab(pixels)
    over = np.clip(lab[..., 0] - surface.middle - 4, 0, None)
    lab[..., 0] -= over * 0.75
    lab[..., 1:] *= np.float32(0.9)
    return from_lab(lab)


def _burnt(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    """Charred nearly everywhere, scorched brown about what is left, with ash on the char."""
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    field = fbm(h, w, surface.size / 3, 5, rng)
    tone = 0.7 + 0.6 * fbm(h, w, surface.size / 12, 4, rng)
    char = _coat(np.array([44, 40, 38], np.float32) * tone[..., None], pixels, mask, 1.2)
    edge = float(np.quantile(field[mask > 127], 0.1)) if (mask > 127).any() else 0.3
    scorched = _mix(
        _graded(pixels, light=0.75, warm=8, chroma=0.7), (72, 46, 26), np.clip(1.2 - np.abs(field - edge) * 7, 0, 0.75)
    )
    out = _mix(scorched, char, np.clip((field - edge) * 9 + 0.5, 0, 0.97))
    return _mix(out, (150, 146, 142), _patches((h, w), surface, 0.18, rng, 9.0) * 0.35 * _upward(surface))


def _snowy(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    """Snow on what looks up, with a soft edge of its own thickness; a breath of it on all else."""
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    rough = fbm(h, w, surface.size / 5, 5, rng) - 0.5
    cover = np.clip((_upward(surface) + rough * 0.5 - 0.46) * 7, 0, 1)
    cover = cv2.GaussianBlur(cover, (0, 0), max(surface.size / 120, 0.8))
    # A heap of snow has a shaded lower edge.
    lower = cv2.GaussianBlur(
        np.maximum(cover - np.roll(cover, -max(2, round(surface.size / 70)), axis=0), 0), (0, 0), 1.2
    )
    white = _coat((243, 246, 251), pixels, mask, 0.5) - (lower * 55)[..., None]
    frost = 0.1 + 0.22 * np.clip(fbm(h, w, surface.size / 14, 4, rng) * 2 - 0.9, 0, 1)
    return _mix(_graded(pixels, chroma=0.8, lift=2), np.asarray(white, np.float32), np.maximum(cover, frost))


def _mossy(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    """Tufts on what looks up and in patches on the rest, in the light and relief of the surface."""
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    field = fbm(h, w, surface.size / 4, 5, rng) + 0.35 * _upward(surface)
    ragged = field + 0.25 * (fbm(h, w, max(surface.size / 40, 2), 3, rng) - 0.5)
    edge = float(np.quantile(ragged[mask > 127], 0.4)) if (mask > 127).any() else 0.5
    weight = np.clip((ragged - edge) * 12 + 0.5, 0, 1)
    tuft = fbm(h, w, max(surface.size / 60, 2.5), 3, rng)
    green = np.stack([58 + 62 * tuft, 84 + 74 * tuft, 26 + 30 * tuft], axis=2)
    return _mix(pixels, _coat(green, pixels, mask, 1.3), weight * (0.75 + 0.25 * tuft))


def _rusty(pixels: Array, mask: Array, rng: np.random.Generator) -> Array:
    """Faded paint that rust has eaten in patches with ragged edges."""
    surface = read_surface(pixels, mask)
    h, w = mask.shape
    field = fbm(h, w, surface.size / 3.5, 6, rng)
    edge = float(np.quantile(field[mask > 127], 0.4)) if (mask > 127).any() else 0.5
    rust = sample(SUBSTANCES["rust"].paint(TILE, rng), surface, _DENSITY / max(surface.size, 60.0))
    out = _mix(_graded(pixels, chroma=0.6, light=0.95), (150, 92, 52), np.clip(1 - np.abs(field - edge) * 9, 0, 0.6))
    return _mix(out, _coat(rust, pixels, mask, 1.3), np.clip((field - edge) * 14 + 0.3, 0, 0.95))


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
    "muddy": _muddy, "rusty": _rusty, "glittery": _glittery,
}  # fmt: skip
