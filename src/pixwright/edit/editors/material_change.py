"""Material: a procedural surface in place of the old one, wrapped around the object and lit as the object was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors import background_change as background
from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.fill import fill
from pixwright.edit.surfaces.body import Meant
from pixwright.edit.surfaces.exposure import OFFSET, dimmed, dimness
from pixwright.edit.surfaces.laid import laid, margin_of
from pixwright.edit.surfaces.standing import is_level, standing_before
from pixwright.edit.surfaces.substances import SUBSTANCES, Substance, boards, in_colour, known_names, meant_by
from pixwright.edit.surfaces.surface import (
    Field,
    Surface,
    bounds,
    from_lab,
    read_surface,
    receding,
    sample,
    sample_far,
    to_lab,
)
from pixwright.edit.surfaces.tint import relit, tinted
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Control, Origin
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import Rgb, material_in
from pixwright.words import lexicon
from pixwright.words.colours import rgb as named_colour

TILE = 512
"""Side of a pattern tile, in pattern pixels."""
_BEHIND, _HALF = 0.5, 127
_NEARLY_ALL, _ONE_WALL = 0.5, 25.0
"""Share of what is behind the subject that a wall must be to be all of it; and the difference (L*a*b*) of the rest from it, at most."""
_ALIKE = 7.0
"""Difference (L*a*b*) from the wall near by up to which a pixel that was not found as the wall is it."""
_LARGEST = 1400
"""Longer side, in pixels, at which a surface is painted; of a larger one the change is enlarged."""
_DENSITY = 320.0
"""Pattern pixels to the square root of a thing's area."""
_SMALLEST = 60.0
"""The same root is taken as this, in pixels, at least: finer patterns are not seen."""
_HIGHLIGHT, _HIGHLIGHT_RISE = 15.0, 22.0
"""L* above the median at which the lamp begins to be mirrored, and L* to its full strength."""
_RIM = 2.2
"""How fast a clear body turns opaque towards its outline, where it is seen at a slant (after Fresnel)."""
_BEND = 0.55
"""How far what is behind is displaced by a clear body, as a share of its thickness."""
_CONTRAST = 1.1
"""How strongly a metal shows the fine relief of what it replaces."""
_POLISHED = 9.0
"""L* of grain that a metal does not show."""
_MIRRORED = (0.2, 0.5)
"""Share of a metal's light that its form alone gives, bands of sky and ground: where the old surface showed light and shade, and where it showed none."""
_STILL = 45.0
"""Of what showed none, the square root of the area over the sigma of a blur: what differs there is noise."""
_LAMP_RISE = (2.0, 12.0)
"""L* over the brightest parts at which a metal mirrors the lamp wholly: at least, and at most."""
_PASSED = (0.94, 1.0, 0.99)
"""Light that clear glass lets through, of red, green and blue."""
_EDGES = 22.0
"""L* of a crease at which a clear body is opaque for the most part."""
_METAL_TONES = (0.12, 0.52, 0.92)
"""Tone of what was darkest, middling and brightest."""
_METAL_LIFT, _DARK = 0.3, 50.0
"""How much higher these are, at most, of a surface that was darker than the second in L*."""
_METAL_SHOWN, _METAL_LEAST = 25.0, 0.3
"""L* between darkest and brightest of a surface from which its tones are spread over all of these, and the least share over which they are."""
_METAL_OWN = ((0.0, 0.3, 0.6, 1.0), (0.18, 0.52, 0.95, 1.12))
_METAL_WHITE = ((0.0, 0.66, 0.87, 1.0), (0.0, 0.0, 0.42, 0.9))
"""By tone: how much of its own colour a metal shows, and of white."""
_WEAVE = (0.75, 1.2)
"""How dark and how light a weave is, at most, over its mean."""
_MATT = 0.2
"""Share of a highlight that cloth shows."""
_LAMP, _HALFWAY, _SHARP = (-0.4, -0.6, 0.69), (-0.22, -0.33, 0.92), 40
"""The way to the lamp (right, down, towards us), halfway between it and us, and how small its highlight is."""
_PLANE_DETAIL = 0.5
"""Share of the fine relief of a plane that a new material keeps: it is what the old one looked like, boards or tiles, and no form."""
_UPRIGHT = 1.25
"""Height over width from which a thing is upright."""
_ALONG = 0.25
"""How much slower a grained pattern goes along its grain on a flat side: boards are sawn straight."""
_SHOWN = 0.5
"""Logarithm of the brightest over the darkest of a surface (of `L* + 16`) from which its light and shade show its form."""
_SCALES = (0.3, 3.0)
"""Ends of the control of the pattern's size."""
_GROUNDS = ("ground", "road")
"""Names of surfaces (`NounEntry.stuff`) that run away from the viewer."""
_FROM_ABOVE, _OVER_END, _EYES = 0.42, 0.12, 0.35
"""Of heights of the picture: where ground ends that is seen from above, at most; how far over its end the horizon is, at least; and where that mostly is at the lowest."""
_SEEN_ACROSS, _WALL = 3.5, (2.5, 4.0)
"""Metres of ground that the picture's width holds at its lower edge; and (height, width) of what has no usual size."""
_FINEST_UNIT, _FEWEST_UNITS, _USUAL_UNITS = 1.6, 4.0, 10.0
"""Pixels that a strand or a tile is wide, at least; how many of them a thing has across, at least; and how many one of unknown size has."""
_SKY = 2.6
"""How many bands, in radians to a unit of slope."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Make `region` of the material `step.value`."""
    region = _all_behind(picture, region, step, context)
    region = without_things(picture, region, step.target, context)
    found = meant_by(step.value or "")
    if found is None:
        return refuse(picture, f"'{step.value}' is no material that is known; there are {', '.join(known_names())}")
    substance, colour = found
    behind = _behind(picture, region, context) if substance.clear > 0 else None
    controls = dressing_controls(context.controls, f"as {step.value} is")
    tile = substance.paint(TILE, context.rng(1))
    if _is_ground(step.target) and substance.grained and not substance.units:
        # Nobody stands on one plank: a floor of oak is laid in boards.
        substance, wood = boards(), "#{:02x}{:02x}{:02x}".format(*np.median(tile, axis=(0, 1)).astype(int))
        tile = in_colour(substance.paint(TILE, context.rng(1)), named_colour(wood) or (0, 0, 0))
    tile = tile if colour is None else in_colour(tile, colour, veined=substance.veined)
    relief, scale = 1.0 + context.attempt / 2, controls[0].value
    new, mask = dress(picture, region, step, substance, tile, behind, relief=relief, scale=scale, colour=colour)
    # Half of a metal shows what is dark around it, and of glass one sees what is behind.
    claimed = None if colour is None or substance.mirror > 0 or substance.clear > 0 else colour
    return Proposal(new, mask, Evidence(colour=claimed), added=Origin.DRAWN, controls=controls)


def as_metal(words: str, target: Thing | None) -> str | None:
    """The metal that a colour's name means of a hard thing: a golden vase is of gold, golden hair is not. None where it is but a colour."""
    name = material_in(words.split()[-1]) if words else None
    entry = lexicon().look(target.head) if target is not None else None
    hard = entry is not None and entry.is_("container", "device", "machine", "statue", "tool", "instrument", "weapon")
    soft = entry is None or entry.is_("vehicle", "wearable", "cloth", "food", "building", "seat", "surface")
    return words if name is not None and SUBSTANCES[name].mirror > 0 and hard and not soft else None


def is_plane(target: Thing | None) -> bool:
    """Whether it is flat, as walls, floors, ceilings, tables and doors are: patterns on it are not bent. A stone wall is a wall."""
    if target is None or not target.head:
        return False
    kinds = map(lexicon().look, (target.head, target.head.split()[-1]))
    return is_level(target) or any(kind is not None and kind.is_("wall", "flat") for kind in kinds)


def is_built(target: Thing | None) -> bool:
    """Whether it has flat sides, with seams and panels that are its form: doors, houses, cupboards. Patterns on them are not bent either."""
    entry = lexicon().look(target.head) if target is not None and target.head else None
    return entry is not None and entry.is_("structure", "building", "furniture") and not entry.is_("seat", "cloth")


def without_things(picture: Array, region: Region, target: Thing | None, context: Context) -> Region:
    """The region of a wall, a floor or a table without what stands before or on it; any other as it is."""
    if not is_level(target) or not (boxes := context.things(picture)):
        return region
    share = standing_before(picture, region.mask, boxes, context.encoders.boxed)
    mask = np.asarray(np.rint(region.mask * (1 - share)), np.uint8)
    return replace(region, mask=mask) if (mask > _HALF).any() else region


def _all_behind(picture: Array, region: Region, step: Step, context: Context) -> Region:
    """A wall that is nearly all that is behind the subject, as all of it: up to the subject's own outline, hair and all."""
    if region.source != "phrase" or step.target is None or not lexicon().is_(step.target.head, "wall"):
        return region
    subject = context.ground(picture, "foreground")
    if not subject.found:
        return region
    alpha = background.outlined(
        picture, background.whole_subject(subject.mask).astype(np.float32) / np.float32(255), context
    )
    behind = alpha < _BEHIND
    share = float((region.mask[behind] > _HALF).mean()) if behind.any() else 0.0
    rest = behind & (region.mask <= _HALF)
    if share < _NEARLY_ALL or not rest.any():
        return region
    lab = to_lab(picture)
    apart = np.linalg.norm(np.median(lab[rest], axis=0) - np.median(lab[behind & (region.mask > _HALF)], axis=0))
    if apart > _ONE_WALL:
        return region
    own = np.asarray(diffuse(lab, behind & (region.mask > _HALF)), np.float32)
    like = np.clip(2 - np.linalg.norm(lab - own, axis=2) / _ALIKE, 0, 1)
    # What has another colour and was not found as the wall is a piece of the subject that stands out of nothing.
    wall = np.maximum(region.mask / np.float32(255) * behind, like)
    mask = np.asarray(np.rint(255 * (1 - alpha) * wall), np.uint8)
    return replace(region, mask=mask, boxes=(bounds(mask),), labels=None, exact=True)


def dressing_controls(given: Mapping[str, float], why: str) -> tuple[Control, ...]:
    """The controls of everything that is laid on: how coarse its pattern is."""
    return (
        Control(
            name="scale",
            value=float(np.clip(given.get("scale", 1.0), *_SCALES)),
            low=_SCALES[0],
            high=_SCALES[1],
            unit="times",
            why=f"1 is as coarse {why}",
        ),
    )


def dress(
    picture: Array,
    region: Region,
    step: Step,
    substance: Substance,
    tile: Field,
    behind: Array | None = None,
    *,
    relief: float = 1.0,
    scale: float = 1.0,
    colour: Rgb | None = None,
) -> tuple[Array, Array]:
    """The picture with the region's surface replaced by `tile` (hxwx3, 0 to 255), in the substance's way of taking light, and the mask HxW of what was touched.

    `behind` HxWx3 is what is seen through a clear substance. `scale` above 1 makes the pattern coarser, `relief` above 1 lets more of the old relief through. `colour` is what the tile was
    dyed, for a substance that else keeps the thing's own colours, or that is seen through.
    """

    flat = is_plane(step.target)
    straight = flat or is_built(step.target)
    dim = dimness(picture, region.mask)
    detail = substance.depth * relief * (_PLANE_DETAIL if flat else 1)

    def work(own: Array, body: Meant) -> Array:
        surface = read_surface(own, body.mask, flat=straight)
        depth = None
        if horizon is not None:
            grown = own.shape[0] / max(low - top, 1)
            near = bounds(body.mask)[3]
            surface, depth = receding(surface, (horizon - top) * grown, near, grown * max(picture.shape[:2]))
        albedo = _wrapped(tile, substance, surface, depth, body.mask, step.target, scale)
        if substance.dyed:
            return _woven(albedo, own if colour is None else tinted(own, body.mask, colour, dim=dim), surface)
        if substance.mirror > 0:
            return _in_dim_light(_metal(albedo, surface, substance), dim)
        painted = relit(albedo, own, body.mask, detail=detail, dim=dim, plane=flat).astype(np.float32)
        if through is not None:
            small = cv2.resize(through, (own.shape[1], own.shape[0]), interpolation=cv2.INTER_AREA)
            painted = _see_through(painted, np.asarray(small, np.float32), surface, substance.clear, colour)
        return _glossy(_rounded(painted, surface, substance), surface, substance.gloss)

    left, top, right, low = bounds(region.mask, margin_of(region.mask))
    horizon = _horizon(region, picture.shape[0]) if _is_ground(step.target) else None
    through = None if behind is None else np.ascontiguousarray(behind[top:low, left:right])
    whole = substance.clear > 0 or substance.dyed
    return laid(picture, region, step.target, work, everything=whole, statue=True, plane=flat, side=_LARGEST)


def _wrapped(
    tile: Field,
    substance: Substance,
    surface: Surface,
    depth: Field | None,
    mask: Array,
    target: Thing | None,
    scale: float,
) -> Field:
    """The pattern `tile` on the surface under `mask` (HxW uint8), HxWx3: along its grain, as coarse as it is in the world, times `scale`. `depth` as `receding` gives it, of ground."""
    x0, y0, x1, y1 = bounds(mask)
    flat = is_plane(target)
    straight = flat or is_built(target)
    # Boards are sawn along the trunk: the grain runs along the longer side, or along the boards that are there.
    turned = substance.grained and (
        depth is not None or y1 - y0 > _UPRIGHT * (x1 - x0) if flat or not straight else _upright(surface, mask)
    )
    pattern = np.ascontiguousarray(tile.swapaxes(0, 1)) if turned else tile
    if substance.grained and straight and not substance.units:
        across, down = (1.0, _ALONG) if turned else (_ALONG, 1.0)
        surface = replace(surface, u=surface.u * np.float32(across), v=surface.v * np.float32(down))
    density = substance.density * _DENSITY / max(surface.size, _SMALLEST) / scale
    if flat and substance.veined:
        # A vein that meets its own mirror image in the middle of a table is seen.
        density = min(density, TILE / max(x1, y1))
    if substance.units:
        wide = _unit(target, substance, surface, (x1 - x0, y1 - y0), mask.shape[1] if depth is not None else 0)
        density = TILE / substance.units / wide / scale
    if depth is not None:
        return sample_far(pattern, surface, density, depth, repeats=substance.units > 0)
    return sample(pattern, surface, density, repeats=substance.units > 0)


def _is_ground(target: Thing | None) -> bool:
    """Whether it is ground that runs away from the viewer: a floor, a road, a path."""
    entry = lexicon().look(target.head) if target is not None and target.head else None
    return entry is not None and entry.is_("ground", "surface") and entry.stuff in _GROUNDS


def _horizon(region: Region, height: int) -> float | None:
    """The row where ground would vanish, told from where it ends; None where it reaches so high up that it is seen from above."""
    end = bounds(region.mask)[1] / height
    return None if end < _FROM_ABOVE else height * min(end - _OVER_END, _EYES)


def _unit(target: Thing | None, substance: Substance, surface: Surface, box: tuple[int, int], across: int) -> float:
    """Pixels that a strand, a tile or a board is wide: by the usual size of such a thing, whose box is (width, height); of ground by how much of it is seen `across` the picture at its near end."""
    entry = lexicon().look(target.head) if target is not None and target.head else None
    size = entry.size if entry is not None else None
    if size is None and is_plane(target):
        size = _WALL
    if across:
        wide = substance.unit * across / _SEEN_ACROSS
    elif size is not None:
        wide = substance.unit * float(np.sqrt(box[0] * box[1] / (size[0] * size[1])))
    else:
        wide = surface.size / _USUAL_UNITS
    return float(np.clip(wide, _FINEST_UNIT, surface.size / _FEWEST_UNITS))


def _upright(surface: Surface, mask: Array) -> bool:
    """Whether the seams of what is built run upright rather than level: of the slopes of its light, taken over whole columns and rows of `mask` (HxW uint8), which are the steeper."""
    inside = mask > _HALF
    slopes = (cv2.Sobel(surface.light, cv2.CV_32F, *way) * inside for way in ((1, 0), (0, 1)))
    across, down = (
        float(np.abs(slope.sum(axis)).max() / max(int(inside.sum(axis).max()), 1)) for axis, slope in enumerate(slopes)
    )
    return across > down


def _woven(albedo: Field, own: Array, surface: Surface) -> Array:
    """The thing's own colours HxWx3, with the light and dark of the weave `albedo` HxWx3, and without its shine."""
    lab = to_lab(own)
    knee = surface.middle + _HIGHLIGHT / 2
    lab[..., 0] = np.where(lab[..., 0] > knee, knee + (lab[..., 0] - knee) * _MATT, lab[..., 0])
    light = albedo.mean(axis=2)
    weave = np.clip(light / max(float(light.mean()), 1.0), *_WEAVE)
    return np.asarray(np.clip(from_lab(lab) * weave[..., None], 0, 255), np.uint8)


def _in_dim_light(painted: Array, dim: float) -> Array:
    """HxWx3 uint8 as dim as its surroundings (`exposure.dimness`)."""
    if dim >= 1:
        return painted
    lab = to_lab(painted)
    lab[..., 0] = np.maximum(dimmed(lab[..., 0], dim), 0)
    lab[..., 1:] *= np.float32(dim)
    return from_lab(lab)


def _rounded(painted: Field, surface: Surface, substance: Substance) -> Field:
    """Light from the upper left on the inflated form (Blinn 1977): its shade, and one highlight where it is glossy. HxWx3, 0 to 255.

    As far as the old surface showed no light and shade of its own: what is lit already is not lit twice.
    """
    shown = float(np.log((surface.high + OFFSET) / (surface.low + OFFSET)))
    form = substance.form * float(np.clip(1 - shown / _SHOWN, 0, 1))
    if form <= 0:
        return painted
    facing = np.sqrt(np.clip(1 - surface.right**2 - surface.down**2, 0, 1))
    lit, half = (
        np.clip(surface.right * x + surface.down * y + facing * z, 0, 1).astype(np.float32)
        for x, y, z in (_LAMP, _HALFWAY)
    )
    shade = 1 + np.float32(form) * (lit / _LAMP[2] - 1)
    spot = (half**_SHARP * np.float32(form * substance.gloss))[..., None]
    painted = painted * np.clip(shade, 1 - form, 1.1)[..., None]
    return np.asarray(painted + (255 - painted) * spot, np.float32)


def _glossy(painted: Field, surface: Surface, gloss: float) -> Array:
    """The lamp mirrored where it was brightest."""
    start = max(surface.middle + _HIGHLIGHT, surface.high)
    lamp = np.clip((surface.light - start) / _HIGHLIGHT_RISE, 0, 1) ** 1.5
    return np.asarray(np.clip(painted + (255 - painted) * (lamp * gloss)[..., None], 0, 255), np.uint8)


def _metal(albedo: Field, surface: Surface, substance: Substance) -> Array:
    """Metal shows its surroundings: a run from dark over its own colour to white, along the light that was there and the slope of the form."""
    spread = max(surface.high - surface.low, 12.0)
    # Grain is no relief: a polished body has none.
    light = np.asarray(cv2.bilateralFilter(surface.light, 7, _POLISHED, 2.5), np.float32)
    ends = (min(surface.low, surface.middle - 3), surface.middle, max(surface.high, surface.middle + 3))
    still = cv2.GaussianBlur(light, (0, 0), max(surface.size / _STILL, 1.0))
    # What was black for its colour was not in the shade.
    lift = _METAL_LIFT * max(1 - surface.middle / _DARK, 0)
    # Of what showed hardly any light and shade the little that there is was no mirror's.
    seen = float(np.clip((surface.high - surface.low) / _METAL_SHOWN, _METAL_LEAST, 1))
    light = light * seen + still * (1 - seen)
    dark, own, bright = _METAL_TONES[0] + lift, _METAL_TONES[1] + lift / 2, _METAL_TONES[2]
    tones = (own + (dark - own) * seen, own, own + (bright - own) * seen)
    value = np.interp(light, ends, tones).astype(np.float32)
    relief = seen * (light - cv2.GaussianBlur(light, (0, 0), max(surface.size / 14, 1.5))) / spread
    slope = surface.right * 0.6 - surface.down
    form = 0.5 + 0.35 * np.sin(slope * _SKY) + 0.15 * np.sin(slope * 2 * _SKY + 1)
    # What lit itself shows its form by that: what stands before a thing gives it an outline that is no edge of its form.
    share = substance.mirror * (_MIRRORED[0] + (_MIRRORED[1] - _MIRRORED[0]) * (1 - seen))
    tone = np.clip(value * (1 - share) + form * share + relief * _CONTRAST * (1 - share), 0, 1)
    tone = tone * tone * (3 - 2 * tone)
    painted = albedo * np.interp(tone, *_METAL_OWN).astype(np.float32)[..., None]
    lamp = (surface.light - surface.high) / np.clip(99 - surface.high, *_LAMP_RISE)
    white = np.maximum(np.interp(tone, *_METAL_WHITE), np.clip(lamp, 0, 1)).astype(np.float32)
    white = (white * substance.gloss)[..., None]
    return np.asarray(np.clip(painted + (255 - painted) * white, 0, 255), np.uint8)


def _see_through(painted: Field, through: Field, surface: Surface, clear: float, colour: Rgb | None) -> Field:
    """Bend what is behind by the body's slope, as a lens does; the outline, seen at a slant, stays the substance's own, and so do its edges and creases."""
    h, w = surface.height.shape
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    reach = np.float32(surface.thick * _BEND)
    bent = cv2.remap(
        through,
        x - surface.right * reach,
        y - surface.down * reach,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    facing = np.sqrt(np.clip(1 - surface.right**2 - surface.down**2, 0, 1))
    share = clear * (1 - (1 - facing) ** _RIM)
    relief = surface.light - cv2.GaussianBlur(surface.light, (0, 0), max(surface.size / 20, 1.5))
    share = share * np.exp(-np.abs(relief) / _EDGES)
    lit = np.clip(1 + (surface.shade - 1) * 0.35, 0.6, 1.3)[..., None]
    passed = np.array(_PASSED, np.float32) if colour is None else np.array(colour, np.float32) / max(colour)
    glass = bent * lit * passed
    mixed = painted * (1 - share[..., None]) + glass * share[..., None]
    return np.asarray(mixed + np.clip(relief, -25, 40)[..., None] * 0.9, np.float32)


def _behind(picture: Array, region: Region, context: Context) -> Array:
    """What would be seen if the object were not there."""
    hole = cv2.dilate(region.mask, np.ones((5, 5), np.uint8))
    return np.asarray(
        fill(picture, np.asarray(hole, np.uint8), rng=context.rng(2), parts=context.encoders.parts), np.uint8
    )
