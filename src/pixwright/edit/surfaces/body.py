"""What of a thing a colour or a material is said of: the paint of a car and not its tyres, the cup and not the coffee, the fur and not the eyes.

A made thing is looked at by its colours: the dominant one is meant, if there is one, in light and in shade. Of a living one everything is meant but what lies in it as
a small spot, much darker than what is around or of quite another hue: eyes, a nose, a beak, hooves.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.bordering import one_surface, shaded_side
from pixwright.edit.surfaces.noise import fbm
from pixwright.edit.surfaces.paint import share_of, sides
from pixwright.edit.surfaces.surface import DIM, chromaticity, hue_of, softened, to_lab
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.thing import Thing
from pixwright.words.colours import rgb
from pixwright.words.lexicon import lexicon

Field = NDArray[np.float32]

_SIDE = 420
"""Longer side, in pixels, at which the colours of a thing are told apart."""
_STRIP = 512
"""Rows worked on at a time."""
_COLOURED = (0.17, 0.30)
"""Chroma over lightness from which a pixel begins to have a hue, and from which it has one."""
_PAINT, _UNLIKE = 0.45, (0.22, 0.4)
"""The same: what has less is white, grey, black or a tint of them; and how far from such a thing's own what is on it may be (skin, gold, a red lamp)."""
_NO_OTHER = ((35.0, 75.0), (14.0, 6.0), (30.0, 12.0))
"""By L* of a thing: distance in (a*, b*) from its own colour up to which a place is of it, however dark, and from which the above decides. A dark surface mirrors a little of everything."""
_SAID, _LEAST_SAID = 45.0, 0.06
"""Degrees from the colour that a thing is called by ("the orange house") in which its paint is looked for, and the share of it that this must have."""
_WASHED, _GLARE = (0.3, 0.6), (0.06, 0.2)
"""The same as a share of the dominant colour's: what has less is a print, a window; and for what is brighter than the surface: there a lamp's reflection washes it out."""
_SHADED, _DARK = (0.12, 0.3), 0.6
"""And for what is darker than this share of the surface's lightness: shade takes colour away."""
_SHADE_TURN, _DEEP = 28.0, (0.7, 0.95)
"""Degrees that the hue of what is in the shade may be farther off, since the light there comes from other things; and the share of the paint's chroma over lightness
from which on it begins to be the paint in the shade, and from which on it is: wood beside it is paler."""
_STRONG, _FAINT_TURN = 0.8, 25.0
"""Chroma over lightness of a paint whose hue is steady; and degrees that the hue of the faintest may be farther off: grey-blue cloth is greenish where the light is."""
_GRAIN = 1.2
"""Sigma, in pixels, of the blur under which grain has no hue of its own."""
_GLARE_RISE = 25.0
"""L* above the surface's own at which the latter counts wholly."""
_INWARD = 0.1
"""How fast pixels lose weight inward when the thing's colour is looked for: a share of the square root of its area. What is enclosed may be contents."""
_PAINTED, _ACCENT = 0.35, 0.10
"""Share of a thing that one hue must have to be its colour; of a vehicle or machine, where tyres, glass and steel are the most."""
_ALONE = 0.65
"""Share of the coloured pixels that so small a one must have."""
_HUE_BINS, _HUE_BLUR = 72, 1.2
"""Of the histogram of hues: bins of five degrees, and sigma of its blur in bins."""
_HUE_SOFT = 14.0
"""Degrees over which the membership ends."""
_NEIGHBOURS, _MAJORITY = 120.0, 1.2
"""Sigma of a pixel's neighbourhood: the square root of the thing's area over this; how much what most of it is counts."""
_OTHER = 0.2
"""Distance in (a*, b*) / L* from the thing's colour, as a share of that, from which an enclosed piece is contents."""
_DARK_CLOTH = 20.0
"""L* of a garment under which its hue is noise: navy cloth is not told from black by it."""
_SMALL = 0.03
"""A piece is small that has less than this share of the largest one's area."""
_MINE, _THEIRS = 0.7, (0.15, 0.35)
"""Share of a colour, counted over the thing and its surroundings, that lies in the thing: of a paint that is not all around, and of what is the surroundings'."""
_MIRRORED = 0.01
"""Area of a mirrored piece of the surroundings, as a share of the thing, at most."""
_FAINT = 0.04
"""Weight of a pixel that is hardly of the thing's colour."""
_LETTERS, _INK, _HALF = 0.25, 35.0, 127
"""Share of a thing that what is written on it has, at most; chroma of its ink, at least; and a pixel of a mask above it belongs to the thing."""
_SOLID, _FEWEST = 200, 64
"""A pixel of a shrunk mask above it lies wholly inside; so few of them have no colours to tell apart."""
_VALLEY = 0.15
"""A hue belongs to the peak down to this share of its height."""
_WIDEST = 6
"""Bins on either side of the peak, at most."""
_MADE, _COAT = (0.5, 24.0, 40.0), (0.8, 42.0, 42.0)
"""Share that has no hue, and L* between its light and its dark from which these are two things: where most is light (a silver car and its windows) and where most is dark (a black
shoe and its sole, not the side of a black box that mirrors a lamp); a zebra, a magpie."""
_GLAZED = ("vehicle", "machine", "building", "structure")
"""Kinds of things of which what is dark is rather glass, tyres and openings than a shaded side."""
_LIGHT_BLUR, _HEAP, _SHALLOW = 2.5, 0.03, 0.45
"""Of the histogram of L*: sigma of its blur, the least share of a heap, and the height of what parts two as a share of the lower one's."""
_SPOT, _SPECK = 0.03, 0.004
"""Greatest area of a round spot, and of one of any form, as a share of the thing."""
_MOST_SPOTS = 9
"""More spots than these are a pattern of the coat."""
_SPOT_DARK, _SPOT_HUE = 0.5, 26.0
"""A spot is so much darker than what is around (a factor of L*), or so far from its hue (distance in a*, b*)."""
_ROUND, _COMPACT = 0.85, 0.55
"""Area of a spot over that of its hull, at least, of a large and of a small one: a stripe or a crease is none."""
_NO_BRIGHTER = 1.15
"""A spot of another hue is at most so much lighter than what is around: a white patch belongs to the coat."""

_PAINTED_PART = "wheel"
"""Of all parts the one whose colour is said of its paint; of the others, which are of the living, it is said of all."""
_COLOURLESS, _VIVID, _BLACK, _PUPIL, _EYE = 14.0, 22.0, 25.0, 0.045, 0.002
"""Chroma of a coat that has no colour to speak of, and of an eye in it, which may then be lighter than the coat: a black cat's; L* of a black coat; and, of the
square root of its area, over how much a pupil in a bright eye is closed; and the share of it that such an eye has at least: less is noise."""


_PALE_COAT, _SKIN = 55.0, (5.0, 10.0, 25.0)
"""L* of a coat from which bare skin is told from it; a* over the coat's from which a place begins to be skin, and is; and L* from which it is no shade."""
_MARKINGS, _BROAD = (3.0, 14.0), 0.55
"""Of a coat: how many broad markings and locks there are to the square root of its area, and the share of the former."""


@dataclass(frozen=True, eq=False)
class Meant:
    """`mask` HxW uint8: how far each pixel is what is meant; `paint`: it is of one colour, so that what is paler shows a lamp."""

    mask: Array
    paint: bool = False


def meant(
    pixels: Array,
    mask: Array,
    target: Thing | None,
    *,
    statue: bool = False,
    alone: bool = True,
    loosely: bool = False,
) -> Meant:
    """What inside `mask` (HxW uint8) of the pixels HxWx3 a colour or a material of the thing is said of. `statue`: all of a living thing is.

    `alone`: what is around it keeps its colours, so that those may be told from its own where the outline may be wrong. `loosely`: all of the thing, but for what plainly is of
    another colour, unless most of it is of one paint.
    """
    if not loosely:
        return _meant(pixels, mask, target, statue, alone)
    first = _meant(pixels, mask, target, statue, alone)
    if first.paint and np.count_nonzero(first.mask > _HALF) > _PAINTED * np.count_nonzero(mask > _HALF):
        return first
    return Meant(_weighted(mask, 1 - _plainly_other(pixels, mask)))


def _plainly_other(pixels: Array, mask: Array) -> Field:
    """HxW in [0, 1]: letters, labels and the like, which have a strong colour that the rest of the thing has not; 0 where that is no small part of it."""
    soft = shrink(mask, _SIDE)
    inside = soft > _SOLID
    lab = to_lab(cv2.bilateralFilter(shrink(pixels, _SIDE), 5, 24, 3))
    hue, colour = hue_of(lab)
    centre = _dominant(hue[inside], colour[inside], np.ones(int(inside.sum()), np.float32), _PAINTED)
    strong = (colour > (_STRONG if centre is None else _PAINT)) & (np.hypot(lab[..., 1], lab[..., 2]) > _INK)
    other = strong & inside if centre is None else strong & inside & (_apart(hue, centre[0]) > centre[1] + _SAID)
    if np.count_nonzero(other) > _LETTERS * np.count_nonzero(inside):
        return np.zeros(mask.shape, np.float32)
    other = cv2.dilate(other.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(softened(other, mask.shape), np.float32)


def _meant(pixels: Array, mask: Array, target: Thing | None, statue: bool, alone: bool) -> Meant:
    entry = lexicon().look(target.head) if target is not None and target.head else None
    small, soft = shrink(pixels, _SIDE), shrink(mask, _SIDE)
    inside = soft > _SOLID
    if np.count_nonzero(inside) < _FEWEST:
        return Meant(mask)
    lab = to_lab(cv2.bilateralFilter(small, 5, 24, 3))
    if entry is not None and entry.is_("animal", "person"):
        if statue:
            return Meant(mask)
        coat = _light_or_dark(lab[inside], *_COAT)
        parted = coat is not None and coat[2] != 0
        weight = _by_light(pixels, *coat, living=True) if coat and parted else 1 - _spots(pixels, mask)
        return Meant(_weighted(mask, weight * (1 - _bare(pixels, lab[inside]))))
    if entry is not None and entry.part and entry.part != _PAINTED_PART:
        # Hair is light on top and dark beneath; all of it is dyed.
        return Meant(mask)
    if entry is not None and entry.is_("fruit", "vegetable"):
        return Meant(mask, paint=True)
    least = _ACCENT if entry is not None and entry.is_("vehicle", "machine") else _PAINTED
    glazed = entry is not None and entry.is_(*_GLAZED)
    dark = _DARK_CLOTH if entry is not None and entry.worn else 0.0
    return _made(pixels, mask, lab, soft, least, alone, called(target), one=not glazed, dark=dark)


def called(target: Thing | None) -> float | None:
    """The hue in degrees of the colour that a thing is called by, if it is called by one that has a hue."""
    known = rgb(target.colours[0]) if target is not None and len(target.colours) == 1 else None
    if known is None:
        return None
    hue, colour = hue_of(to_lab(np.array([[known]], np.uint8)))
    return float(hue[0, 0]) if colour[0, 0] > _COLOURED[1] else None


def _made(
    pixels: Array,
    mask: Array,
    lab: Field,
    soft: Array,
    least: float,
    alone: bool,
    called: float | None = None,
    *,
    one: bool = True,
    dark: float = 0.0,
) -> Meant:
    """Of a made thing: its paint, else the light or dark that it mostly is, else all of it. `one`: what is darker may be its shaded side. `dark`: L* under which its hue is noise, and no paint."""
    inside = soft > _SOLID
    hue, colour = hue_of(lab)
    inner = (hue[inside], colour[inside], _outer(inside)[inside])
    centre = None
    if called is not None:
        said = inner[1] * (_apart(inner[0], called) < _SAID)
        centre = _dominant(inner[0], said, inner[2], _LEAST_SAID)
    centre = centre or _dominant(*inner, least)
    if centre is not None:
        own = inside & (_apart(hue, centre[0]) < centre[1]) & (colour > _COLOURED[1])
        usual, light = float(np.median(colour[own])), float(np.median(lab[own][:, 0]))
        if usual > _PAINT and light > dark:
            faint = float(np.clip((_STRONG - usual) / (_STRONG - _PAINT), 0, 1))
            weight = _by_hue(pixels, centre[0], centre[1] + _FAINT_TURN * faint, usual, light)
            # Of things that are changed together each lies in the other's surroundings: those tell nothing.
            weight = _smooth(weight * _not_around(lab, soft, own, mask.shape) if alone else weight, mask)
            weight = weight * (1 - _contents(lab, inside, weight))
            weight = one_surface(lab, inside, weight, light) if one else weight
            return Meant(_weighted(mask, weight), paint=True)
    split = _light_or_dark(lab[inside], *_MADE)
    if split is None:
        return Meant(mask)
    weight = _smooth(_by_light(pixels, *split), mask)
    if one and split[2] > 0:
        weight = np.maximum(weight, shaded_side(lab, inside, split[0], mask.shape))
    return Meant(_weighted(mask, weight))


def _not_around(lab: Field, soft: Array, own: NDArray[np.bool_], shape: tuple[int, ...]) -> Field:
    """0 where a colour is the surroundings' rather than the paint's (hair over a sweater), else 1; of `shape`. 1 everywhere if the paint `own` is all around as well."""
    thing, around = sides(soft)
    share = share_of(lab, thing, around)
    if share is None or float(np.median(share[own])) < _MINE:
        return np.ones(shape[:2], np.float32)
    weight = np.clip((cv2.blur(share, (3, 3)) - _THEIRS[0]) / (_THEIRS[1] - _THEIRS[0]), 0, 1)
    inside = soft > _SOLID
    count, labels, stats, _ = cv2.connectedComponentsWithStats(((weight < 1) | ~inside).astype(np.uint8))
    # What is enclosed by paint and small is no ground that shows: it mirrors it.
    small = stats[:, cv2.CC_STAT_AREA] < _MIRRORED * np.count_nonzero(inside)
    small[0] = False
    weight = np.where(small[labels] & inside, 1, weight).astype(np.float32)
    return np.asarray(cv2.resize(weight, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _smooth(weight: Field, mask: Array) -> Field:
    """Lone pixels go with their neighbours."""
    sigma = max(float(np.sqrt(np.count_nonzero(mask > _SOLID))) / _NEIGHBOURS, 1.0)
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.asarray(np.clip(weight + (near - 0.5) * _MAJORITY, 0, 1), np.float32)


def _contents(lab: Field, inside: NDArray[np.bool_], weight: Field) -> Field:
    """HxW of `weight`: 1 in pieces that are not of the outline's colour and lie within the thing (coffee in a cup), or are small and paler (spots of skin beside a red
    shirt), and in faint ones by themselves."""
    small = cv2.resize(weight, (inside.shape[1], inside.shape[0]), interpolation=cv2.INTER_AREA)
    taken = small > 0.5
    count, labels, stats, _ = cv2.connectedComponentsWithStats((taken & inside).astype(np.uint8), connectivity=4)
    rim = inside & (cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=0) == 0)
    touching = np.bincount(labels[rim], minlength=count) > 0
    touching[0] = False
    found = np.zeros(inside.shape, np.float32)
    if touching.any():
        colour = chromaticity(lab)
        outer, light = np.median(colour[touching[labels]], axis=0), np.median(lab[touching[labels]][:, 0])
        areas = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
        a, b, bright = (
            np.bincount(labels.ravel(), plane.ravel(), minlength=count) / areas
            for plane in (colour[..., 0], colour[..., 1], lab[..., 0])
        )
        strange = np.hypot(a - outer[0], b - outer[1]) > _OTHER * np.linalg.norm(outer)
        # What lies in deep shade has little colour to tell it by.
        paler = (np.hypot(a, b) < np.linalg.norm(outer)) & (bright > _DARK * light)
        strange &= ~touching | (paler & (areas < _SMALL * areas[1:].max()))
        strange[0] = True
        faint, spread = cv2.connectedComponents((small > _FAINT).astype(np.uint8), connectivity=8)
        kept = (
            np.bincount(
                spread.ravel(), ~strange[labels].ravel() | (lab[..., 0] < _DARK * light).ravel(), minlength=faint
            )
            > 0
        )
        strange[0] = False
        found[strange[labels] | ~kept[spread]] = 1
    found = cv2.dilate(found, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(found, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _weighted(mask: Array, weight: Field) -> Array:
    return np.asarray(np.rint(mask * weight), np.uint8)


def _outer(inside: NDArray[np.bool_]) -> Field:
    """1 at the outline, falling inward."""
    distance = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.asarray(np.exp(-distance / (_INWARD * np.sqrt(inside.sum()))), np.float32)


def _apart(hue: Field, centre: float) -> Field:
    return np.asarray(np.abs((hue - centre + 180) % 360 - 180), np.float32)


def _dominant(hue: Field, colour: Field, weight: Field, least: float) -> tuple[float, float] | None:
    """(hue, half width) in degrees of the thing's colour; None if it has no one colour."""
    coloured = colour > _COLOURED[1]
    if not coloured.any():
        return None
    bins = (hue[coloured] * _HUE_BINS / 360).astype(int) % _HUE_BINS
    counts = np.bincount(bins, weight[coloured], minlength=_HUE_BINS)
    wrapped = np.concatenate([counts, counts, counts]).astype(np.float32)[None]
    smooth = cv2.GaussianBlur(wrapped, (0, 0), _HUE_BLUR)[0, _HUE_BINS : 2 * _HUE_BINS]
    peak = int(smooth.argmax())
    sides = []
    for way in (-1, 1):
        step = 0
        while step < _WIDEST:
            here, there = (float(smooth[(peak + way * s) % _HUE_BINS]) for s in (step, step + 1))
            if there < _VALLEY * smooth[peak] or there > 1.05 * here:
                break
            step += 1
        sides.append(step)
    left, right = sides
    bin_width = 360 / _HUE_BINS
    centre = (peak + 0.5 + (right - left) / 2) * bin_width
    half = ((left + right) / 2 + 1) * bin_width
    count = float(weight[coloured & (_apart(hue, centre) < half)].sum())
    share, alone = count / float(weight.sum()), count / float(weight[coloured].sum())
    return (centre % 360, half) if share > (least if alone > _ALONE else _PAINTED) else None


def _by_hue(pixels: Array, centre: float, half: float, usual: float, light: float) -> Field:
    out = np.empty(pixels.shape[:2], np.float32)
    for top in range(0, pixels.shape[0], _STRIP):
        lab = to_lab(cv2.GaussianBlur(pixels[top : top + _STRIP], (0, 0), _GRAIN))
        hue, colour = hue_of(lab)
        glare = np.clip((lab[..., 0] - light) / _GLARE_RISE, 0, 1)
        dark = np.clip(2 - 2 * lab[..., 0] / (_DARK * light), 0, 1)
        deep = np.clip((colour / usual - _DEEP[0]) / (_DEEP[1] - _DEEP[0]), 0, 1)
        wide = half + _SHADE_TURN * deep * np.clip(2 * dark, 0, 1)
        near = np.clip((wide + _HUE_SOFT - _apart(hue, centre)) / _HUE_SOFT, 0, 1)
        low, high = (a + (b - a) * glare + (c - a) * dark for a, b, c in zip(_WASHED, _GLARE, _SHADED))
        out[top : top + _STRIP] = near * np.clip((colour / usual - low) / (high - low), 0, 1)
    return out


def _light_or_dark(lab: Field, share: float, gap: float, dark_gap: float) -> tuple[Field, float, int] | None:
    """(usual L*a*b*, L* of the division, 1 if what is lighter is meant, -1 for darker, 0 for both) of a thing without much hue; None if it is coloured."""
    plain = lab[hue_of(lab)[1] < _PAINT]
    if len(plain) < share * len(lab):
        return None
    level, side = _valley(plain[:, 0]), 0
    if level is not None:
        bright = plain[:, 0] > level
        mostly = 1 if bright.mean() > 0.5 else -1
        if plain[bright, 0].mean() - plain[~bright, 0].mean() > (gap if mostly > 0 else dark_gap):
            side = mostly
            plain = plain[bright] if side > 0 else plain[~bright]
    return np.median(plain, axis=0), level or 0.0, side


def _valley(light: Field) -> float | None:
    """The L* that parts two heaps of values with little between them; None if there is but one heap."""
    counts = np.bincount(np.clip(light, 0, 100).astype(int), minlength=101).astype(np.float32)
    smooth = cv2.GaussianBlur(counts[None], (0, 0), _LIGHT_BLUR, borderType=cv2.BORDER_REFLECT)[0]
    left, right = np.maximum.accumulate(smooth), np.maximum.accumulate(smooth[::-1])[::-1]
    depth = smooth / np.maximum(np.minimum(left, right), 1e-6)
    below = np.cumsum(counts) / max(float(counts.sum()), 1.0)
    depth[(below < _HEAP) | (below > 1 - _HEAP)] = 1
    level = int(depth.argmin())
    return float(level) if depth[level] < _SHALLOW else None


def _by_light(pixels: Array, own: Field, level: float, side: int, *, living: bool = False) -> Field:
    out = np.empty(pixels.shape[:2], np.float32)
    near, other = (float(np.interp(own[0], _NO_OTHER[0], bound)) for bound in _NO_OTHER[1:])
    for top in range(0, pixels.shape[0], _STRIP):
        lab = to_lab(cv2.GaussianBlur(pixels[top : top + _STRIP], (0, 0), _GRAIN))
        off = np.linalg.norm(chromaticity(lab) - chromaticity(own), axis=2)
        # A lamp that is mirrored has little colour: what is much lighter and has some is another thing.
        far = off * np.maximum(lab[..., 0], DIM) + np.clip(lab[..., 0] - own[0] - _GLARE_RISE, 0, None)
        unlike = np.minimum((off - _UNLIKE[0]) / (_UNLIKE[1] - _UNLIKE[0]), (far - near) / (other - near))
        alike = 1.0 if living else 1 - np.clip(unlike, 0, 1)
        out[top : top + _STRIP] = np.clip((lab[..., 0] - level) * side / 8 + 0.5, 0, 1) * alike if side else alike
    return out


def coat_of(mask: Array, rng: np.random.Generator) -> Field:
    """HxW in [-1, 1]: how much paler or deeper the hairs of a coat of one colour are from place to place: broad markings, and locks in them. `mask` HxW uint8 is the animal."""
    height, width = mask.shape
    size = float(np.sqrt(np.count_nonzero(mask > _SOLID)))
    broad, locks = (fbm(height, width, max(size / part, 2.0), 3, rng) - 0.5 for part in _MARKINGS)
    return np.asarray(np.clip(3 * (broad * _BROAD + locks * (1 - _BROAD)), -1, 1), np.float32)


def _bare(pixels: Array, coat: Field) -> Field:
    """HxW in [0, 1]: the skin of ears, nose and mouth in a white or grey coat (its pixels Nx3, L*a*b*), which is redder; 0 of any other coat."""
    light, a, b = (float(v) for v in np.median(coat, axis=0))
    if np.hypot(a, b) > _COLOURLESS or light < _PALE_COAT:
        return np.zeros(pixels.shape[:2], np.float32)
    lab = to_lab(cv2.GaussianBlur(pixels, (0, 0), _GRAIN))
    redder = (lab[..., 1] - a - _SKIN[0]) / (_SKIN[1] - _SKIN[0])
    return np.asarray(np.clip(np.minimum(redder, (lab[..., 0] - _SKIN[2]) / _SKIN[2]), 0, 1), np.float32)


def _spots(pixels: Array, mask: Array) -> Field:
    """HxW in [0, 1]: eyes and what is like them."""
    small, soft = shrink(pixels, _SIDE), shrink(mask, _SIDE)
    inside = (soft > 127).astype(np.float32)
    area = float(inside.sum())
    found = np.zeros(inside.shape, np.uint8)
    if area < 200:
        return np.zeros(mask.shape, np.float32)
    lab = to_lab(cv2.GaussianBlur(small, (0, 0), 0.8))
    sigma = float(np.sqrt(area)) / 9
    total = np.maximum(cv2.GaussianBlur(inside, (0, 0), sigma), 0.02)
    around = cv2.GaussianBlur(lab * inside[..., None], (0, 0), sigma) / total[..., None]
    dark = (lab[..., 0] < _SPOT_DARK * around[..., 0]) & (inside > 0)
    off = np.hypot(lab[..., 1] - around[..., 1], lab[..., 2] - around[..., 2]) > _SPOT_HUE
    off &= (lab[..., 0] < _NO_BRIGHTER * around[..., 0]) & (inside > 0)
    grey = np.hypot(around[..., 1], around[..., 2]) < _COLOURLESS
    vivid = grey & (np.hypot(lab[..., 1], lab[..., 2]) > _VIVID) & (inside > 0)
    wide = max(3, round(_PUPIL * float(np.sqrt(area))))
    closed = cv2.morphologyEx(vivid.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    # On a black coat nothing is much darker, but for noise.
    black = float(np.median(lab[..., 0][inside > 0])) < _BLACK
    bright = [piece for piece in _pieces(closed > 0, area) if piece.sum() > _EYE * area]
    pupils = ([] if black else _pieces(dark, area)) + bright
    # The coloured ring about a pupil is a spot with it, if both are round together.
    eyes = [piece for piece in _pieces(dark | off, area) if any((piece & pupil).any() for pupil in pupils)]
    spots = pupils + eyes
    if len(pupils) <= _MOST_SPOTS and spots:
        found[np.logical_or.reduce(spots)] = 255
    found = cv2.dilate(found, np.ones((3, 3), np.uint8))
    return np.asarray(softened(found, mask.shape) / np.float32(255), np.float32)


def _pieces(where: NDArray[np.bool_], whole: float) -> list[NDArray[np.bool_]]:
    """The connected pieces that have a spot's size and form."""
    tidy = cv2.morphologyEx(where.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(tidy)
    pieces = ((labels == i, stats[i]) for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] < _SPOT * whole)
    return [piece for piece, stat in pieces if _is_spot(piece, stat, whole)]


def _is_spot(piece: NDArray[np.bool_], stats: NDArray[np.int32], whole: float) -> bool:
    share = float(stats[cv2.CC_STAT_AREA]) / whole
    return _solidity(piece, stats) > (_ROUND if share > _SPECK else _COMPACT)


def _solidity(piece: NDArray[np.bool_], stats: NDArray[np.int32]) -> float:
    x, y, w, h = (int(v) for v in stats[:4])
    part = piece[y : y + h, x : x + w].astype(np.uint8)
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(np.concatenate(outlines))
    filled = cv2.fillConvexPoly(np.zeros_like(part), hull, 1)
    return float(part.sum() / max(int(filled.sum()), 1))
