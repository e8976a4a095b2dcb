"""Seasons and times of day: the sky, the light, and what they do to plants and lamps."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.painting.skies import add_clouds, add_moon, add_stars, add_sun, gradient, rays
from pixwright.edit.retouch.exposing import balanced, without_named_cast
from pixwright.edit.surfaces.noise import Field, fbm, worley
from pixwright.edit.toning.dials import Tone, tone_for
from pixwright.edit.toning.grade import Grade, apply_grade, between, grade_named
from pixwright.edit.toning.lut import (
    LUMA,
    ColourMap,
    Colours,
    as_picture,
    blur_field,
    blur_picture,
    contrast,
    grey,
    luma,
    map_colours,
    mix,
    multiply_layer,
    resize_field,
    rotate_hue,
    saturate,
    screen_layer,
    smoothstep,
)
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

Stops = tuple[tuple[float, Rgb], ...]

SKIES: dict[str, tuple[Stops, float]] = {
    "spring": (((0, (112, 176, 236)), (1, (208, 230, 246))), 0.22),
    "summer": (((0, (40, 120, 220)), (1, (170, 214, 246))), 0.14),
    "autumn": (((0, (128, 158, 190)), (1, (230, 218, 196))), 0.45),
    "winter": (((0, (176, 192, 210)), (1, (228, 233, 239))), 0.6),
    "sunrise": (((0, (112, 150, 204)), (0.45, (214, 176, 190)), (0.78, (255, 190, 142)), (1, (255, 226, 170))), 0.35),
    "noon": (((0, (38, 116, 214)), (1, (178, 216, 244))), 0.12),
    "golden hour": (((0, (112, 152, 200)), (0.5, (176, 190, 202)), (0.8, (244, 212, 166)), (1, (255, 206, 132))), 0.3),
    "sunset": (
        (
            (0, (58, 52, 112)),
            (0.35, (142, 72, 120)),
            (0.68, (238, 104, 62)),
            (0.9, (255, 176, 70)),
            (1, (255, 214, 120)),
        ),
        0.42,
    ),
    "blue hour": (((0, (10, 24, 66)), (0.55, (38, 74, 138)), (0.88, (122, 138, 182)), (1, (206, 168, 160))), 0.3),
    "night": (((0, (4, 8, 26)), (0.6, (12, 22, 54)), (1, (30, 44, 84))), 0.12),
    "sunny": (((0, (36, 118, 222)), (1, (176, 218, 248))), 0.16),
    "cloudy": (((0, (148, 156, 166)), (1, (206, 210, 214))), 0.86),
    "rain": (((0, (84, 92, 102)), (1, (150, 158, 166))), 0.9),
    "storm": (((0, (28, 32, 42)), (1, (96, 104, 112))), 0.92),
    "snow": (((0, (168, 176, 186)), (1, (220, 224, 229))), 0.8),
    "epic": (((0, (52, 78, 112)), (0.6, (178, 138, 110)), (1, (252, 196, 120))), 0.6),
}
"""Gradient from the top of the sky down to the horizon, and how much of it is clouded."""

_CLOUD: dict[str, tuple[Rgb, Rgb]] = {
    "sunset": ((255, 158, 92), (112, 58, 92)),
    "sunrise": ((255, 214, 186), (176, 140, 168)),
    "golden hour": ((255, 232, 184), (196, 160, 130)),
    "blue hour": ((84, 104, 158), (24, 38, 82)),
    "night": ((34, 46, 82), (10, 16, 38)),
    "cloudy": ((226, 228, 231), (132, 140, 150)),
    "rain": ((138, 145, 154), (72, 80, 92)),
    "storm": ((112, 118, 126), (20, 24, 34)),
    "snow": ((232, 235, 239), (162, 170, 182)),
    "winter": ((240, 243, 247), (176, 188, 204)),
    "epic": ((255, 206, 140), (66, 62, 84)),
    "autumn": ((244, 236, 224), (160, 156, 160)),
}
_SUN: dict[str, Rgb] = {"sunrise": (255, 206, 150), "sunset": (255, 140, 60), "golden hour": (255, 196, 96)}
"""Colour of the low sun's light."""
_COVERED: dict[str, tuple[str, float, float]] = {
    "sunrise": ("sunrise", 0.35, 0.0),
    "noon": ("noon", 0.0, 0.0),
    "golden hour": ("golden hour", 0.4, 0.0),
    "sunset": ("blue hour", 0.42, 0.45),
    "blue hour": ("blue hour", 0.85, 0.6),
    "night": ("night", 0.8, 0.8),
}
"""By the hour: whose light a covered sky lets through, how much of it, and how bright lamps are."""
_SUN_SIZE = 0.016
"""Radius of the sun's disc, of the longer side."""
_FROM_ASIDE = (0.26, 0.16)
"""Where no sky is seen: the light of the low sun from one side, and of its beams: more of it veils what is in the picture."""
_STARS = 160
"""Stars in a picture of 512 x 512 pixels at half the control."""
_SHORE = 0.1
"""Share of a row that is water from which on the shore is counted."""
_REFLECTS, _MIRRORED, _DARK_LEVEL = 0.85, (0.25, 1.9), 12.0
"""How much of the sky's change of colour the water takes, the least and the most that a channel of it changes by, and what is added to both skies for that, of 255."""
_SPARED_BY_SEASONS = 0.45
"""How much less of a season's grade the subject takes: it is around it. The light of an hour falls on everything."""
_LAMP_REACH, _FLOOD = 0.22, 0.85
"""Height at which the light from below has faded to a third, of the picture's; and how much of the day's picture it brings back."""
_LAMP_SOFT = 0.02
"""How soft lamplight ends on what is built, of the longer side."""
_LAMP_LIGHT = (1.0, 0.72, 0.40)
"""Light of lamps, as gains."""
_AUTUMN_LEAVES = ((0.80, 0.58, 0.16), (0.82, 0.46, 0.12), (0.74, 0.30, 0.11), (0.86, 0.66, 0.22))
_DRY_GRASS = (0.66, 0.58, 0.30)
_INSIDE = 0.9
"""Share of sky from which a pixel shows the new one alone."""
_HALF = 0.5
"""Share of sky under which a pixel is ground."""
_GREY_SHARE, _MUTED, _LEAST_LIGHT = 0.85, 0.4, 0.02
"""Of a dark place by day: how far its mean colour goes to grey, how much of its colours' strength goes, since light of lamps has more, and the least mean that is reckoned with."""
_BY_DAY, _EVENING_KEPT = ("noon", "sunny"), 0.1
"""Skies of a fine day, and how much of the light and shade of an evening's clouds is left in them."""
_DARK_GROUND = 0.75
"""Luma of the ground, over that of the day, from which it is all dark."""
_MOST_TURNED = (0.45, 2.2)
"""The least and the most that a channel's light is multiplied by for that."""
_SNOW_SIDE = 1400
"""Longer side, in pixels, at which snow on the ground is made."""
_DRIFT = 5.0
"""Blur under which the ground's relief is still seen through snow, in pixels of a 512-pixel picture."""
_SNOW_DETAIL = 0.8
"""How much of the ground's fine light and shade is seen through snow."""
_SNOW_LIT, _SNOW_SHADE = np.array([238, 242, 248], np.float32), np.array([206, 219, 240], np.float32)
_WHITER, _GAMMA = 7.0, 2.2
"""How much more light snow throws back than what it covers, at most: in the shade it is no lighter than that, whatever was taken for ground. From pixels to light."""
_TOO_DARK = (0.2, 0.38)
"""How light, 0 to 1, snow would be in a place where none is shown, and from which on all is: grey snow is a smudge."""
_WHITE: tuple[Rgb, Rgb] = ((252, 252, 252), (190, 204, 220))


def paint_sky(picture: Array, outdoors: Outdoors, name: str, keep: float = 0.35, amount: float = 1.0) -> Array:
    """The sky of tone `name` in place of the picture's, and its colours on the water; `keep` of the old clouds' light and shade remains.

    `amount` 0 to 1 is how much of the new sky. No sky: unchanged.
    """
    sky = outdoors.sky
    if sky is None or amount <= 0:
        return picture
    h, w = picture.shape[:2]
    stops, cover = SKIES[name]
    low = max(outdoors.horizon, 0.05)
    new = gradient(h, w, [(place * low, colour) for place, colour in stops])
    part = max(8, min(h, round(low * h) + 1))
    lit, shade = _CLOUD.get(name, _WHITE)
    new[:part] = add_clouds(np.ascontiguousarray(new[:part]), cover, lit, shade, outdoors.rng(11))
    y = grey(outdoors.picture).astype(np.float32)
    level = float((y * sky).sum() / max(float(sky.sum()), 1.0))
    if name in _BY_DAY and outdoors.by_evening:
        keep = min(keep, _EVENING_KEPT)
    relief = np.clip(1 + keep * (y - level) / max(level, 60.0), 0.5, 1.35)
    out = mix(picture, _behind(picture, multiply_layer(new, relief), outdoors, sky), amount)
    return _mirrored(out, new, outdoors, amount)


def _behind(picture: Array, new: Array, outdoors: Outdoors, sky: Field) -> Array:
    """The sky `new` in place of the picture's: a pixel of the rim, or of a twig, holds the old sky's light; that much of it goes, and that much of the new comes."""
    out = mix(picture, new, np.clip((sky - _INSIDE) / (1 - _INSIDE), 0, 1))
    rim = (sky > 0) & (sky < 1)
    old, above, share = picture[rim].astype(np.float32), new[rim].astype(np.float32), sky[rim][:, None]
    about = outdoors.sky_about_in(picture)[rim]
    mixed = np.clip(old + share * (above - about), np.minimum(old, above) - 2, np.maximum(old, above) + 2)
    inner = np.clip((share - _INSIDE) / (1 - _INSIDE), 0, 1)
    out[rim] = np.clip(inner * above + (1 - inner) * mixed + 0.5, 0, 255).astype(np.uint8)
    return out


def _mirrored(picture: Array, sky: Array, outdoors: Outdoors, amount: float) -> Array:
    """Water takes the colours of the sky above it, upside down, and keeps its own waves."""
    water = outdoors.mirroring
    rows = np.flatnonzero(outdoors.water.mean(1) > _SHORE)
    if not rows.size or not water.any():
        return picture
    h, w = picture.shape[:2]
    shore = max(int(rows[0]), 1)
    top = blur_picture(
        np.ascontiguousarray(sky[: max(2, min(shore, round(outdoors.horizon * h)))][::-1]), 3 * outdoors.unit
    )
    mirror = np.repeat(sky[:1], h, axis=0).astype(np.float32)
    mirror[shore:] = resized(top, h - shore, w)
    was = outdoors.sky_usual
    gain = np.clip((mirror + _DARK_LEVEL) / (was + _DARK_LEVEL), *_MIRRORED)
    share = (water * np.float32(_REFLECTS * amount))[..., None]
    return as_picture(picture * gain**share)


def graded(outdoors: Outdoors, tone: Tone, spared: float, picture: Array | None = None) -> Array:
    """The picture (or `picture`, a changed one) in the tone's grade; the subject takes it less by `spared`, 0 to 1, so that it keeps its own colours."""
    source = outdoors.picture if picture is None else picture
    source = _by_day(source, outdoors, tone.grade.level) if tone.grade.level else source
    out = apply_grade(source, tone.grade, outdoors.rng(1))
    if spared <= 0 or not (subject := outdoors.subject_if_sure).any():
        return out
    milder = between(replace(Grade(), haze_rgb=tone.grade.haze_rgb), tone.grade, 1 - spared)
    return mix(out, apply_grade(source, milder, outdoors.rng(1)), subject)


def _by_day(picture: Array, outdoors: Outdoors, level: float) -> Array:
    """The picture without the light of dusk on what is not sky: by day a white thing is white; and the darker it is, the less of the colour of lamps and of the evening stays."""
    below = np.where(outdoors.full(outdoors.sky_whole) < _HALF, 255, 0).astype(np.uint8)
    white = without_named_cast(picture, below, "blue")[0]
    share = float(smoothstep(level, level * _DARK_GROUND, np.array(outdoors.ground_light)))
    if not share or not outdoors.by_evening:
        return white
    mean = np.array(cv2.mean(white, below)[:3], np.float64) / 255
    gains = np.clip((mean.mean() / np.maximum(mean, _LEAST_LIGHT)) ** (_GAMMA * _GREY_SHARE * share), *_MOST_TURNED)
    grey_on_average = balanced(white, (float(gains[0]), float(gains[1]), float(gains[2])))
    return map_colours(grey_on_average, lambda c: saturate(c, 1 - _MUTED * share))


def time_of_day(outdoors: Outdoors, tone: Tone, picture: Array | None = None) -> Array:
    """The time of day `tone.name`, one of `vocabulary.TIMES`; `picture`: a changed one of the same place."""
    name = tone.name
    out = graded(outdoors, tone, 0, picture)
    out = paint_sky(out, outdoors, name, amount=tone.scene.get("sky", 0.0))
    if name == "night":
        out = _night_sky(out, outdoors, tone.scene.get("stars", 0.0))
    if "lamps" in tone.scene:
        return lamps(_lit_from_below(out, outdoors, tone.scene["lamps"]), outdoors, tone.scene["lamps"])
    if name in _SUN:
        return _low_sun(out, outdoors, name, tone.scene.get("sun", 0.6))
    return out


def at_hour(picture: Array, outdoors: Outdoors, hour: str) -> Array:
    """A picture under a covered sky, the sky with it, at another hour, one of `vocabulary.TIMES`: no sun comes up and none goes down, it is only less light; lamps shine in the dark."""
    name, share, power = _COVERED[hour]
    out = apply_grade(picture, replace(between(Grade(), grade_named(name), share), glow=0), outdoors.rng(1))
    return lamps(_lit_from_below(out, outdoors, power), outdoors, power) if power else out


def _low_sun(picture: Array, outdoors: Outdoors, name: str, power: float) -> Array:
    """The sun at the horizon if there is a sky; else its light from the side."""
    colour = _SUN[name]
    h, w = picture.shape[:2]
    sky = outdoors.sky
    if sky is not None:
        columns = cv2.resize(sky, (16, 16), interpolation=cv2.INTER_AREA)
        row = min(15, max(0, int((outdoors.horizon - 0.06) * 16)))
        x = (float(np.argmax(columns[row] + 0.1 * outdoors.rng(12).random(16))) + 0.5) / 16
        return add_sun(picture, x, outdoors.horizon * 0.86, _SUN_SIZE, colour, 0.7 * power, sky)
    across, down = np.linspace(0, 1, w, dtype=np.float32)[None], np.linspace(0, 1, h, dtype=np.float32)[:, None]
    side = smoothstep(0.95, 0.0, np.hypot(across - 1.02, (down - 0.12) * 0.9)) * np.float32(_FROM_ASIDE[0])
    beam = rays(h, w, 1.05, -0.05, outdoors.rng(13)) * np.float32(_FROM_ASIDE[1])
    return screen_layer(picture, np.clip((side + beam) * np.float32(power / 0.6), 0, 1), colour)


def _night_sky(picture: Array, outdoors: Outdoors, amount: float) -> Array:
    """Stars that thin out towards the horizon, and the moon where there is room for it."""
    sky = outdoors.sky
    if sky is None or amount <= 0:
        return picture
    h = picture.shape[0]
    fade = np.linspace(1, 0, h, dtype=np.float32)[:, None] ** 0.5
    where = np.asarray(np.clip(sky * 1.2 - 0.2, 0, 1) * fade, np.float32)
    out = add_stars(picture, 2 * _STARS * amount, outdoors.rng(14), where)
    thumb = cv2.resize(sky, (12, 12), interpolation=cv2.INTER_AREA)
    solid = cv2.erode(thumb, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    spots = np.argwhere(solid[:6] > 0.95)
    if len(spots):
        row, column = spots[int(outdoors.rng(15).integers(len(spots)))]
        out = add_moon(out, (column + 0.5) / 12, (row + 0.5) / 12, 0.02, outdoors.rng(16), sky)
    return out


def _lit_from_below(picture: Array, outdoors: Outdoors, power: float) -> Array:
    """Street lamps: what is built catches warm light that comes from the ground and fades upward."""
    walls = outdoors.built
    if not walls.any():
        return picture
    rows = np.flatnonzero((walls > _HALF).any(axis=1))
    foot = float(rows[-1]) if rows.size else float(len(walls))
    height = (foot - np.arange(len(walls), dtype=np.float32)[:, None]) / max(len(walls), 1)
    fall = np.exp(-np.maximum(height, 0) / _LAMP_REACH)
    light = outdoors.full(blur_field(np.asarray(walls * fall, np.float32), _LAMP_SOFT * max(walls.shape))) * np.float32(
        _FLOOD * power
    )
    warm_day = map_colours(outdoors.picture, lambda c: np.asarray(c * np.array(_LAMP_LIGHT, np.float32)))
    return mix(picture, warm_day, np.clip(light, 0, 1))


def lamps(picture: Array, outdoors: Outdoors, power: float) -> Array:
    """What shines in the photograph (small, bright, not sky) shines on, with a warm halo; dark openings of a front light up as windows."""
    h, w = picture.shape[:2]
    small = outdoors.small
    sh, sw = small.shape[:2]
    y = grey(small)
    size = max(3, round(max(sh, sw) / 45)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    spot = cv2.morphologyEx(y, cv2.MORPH_TOPHAT, kernel).astype(np.float32)
    warmth = small[..., 0].astype(np.float32) - small[..., 2]
    shine = smoothstep(55, 110, spot) * smoothstep(205, 246, y.astype(np.float32)) * smoothstep(8, 45, warmth)
    panes = windows(small, outdoors.rng(17)) * outdoors.built
    light = np.maximum(shine * 0.8, panes)
    # What is strongly yellow and bright is lit from within, however large (a floodlit tower), and keeps its colour.
    flood = smoothstep(120, 175, warmth) * smoothstep(140, 185, y.astype(np.float32))
    picture = mix(picture, outdoors.picture, resize_field(flood, w, h) * np.float32(0.85 * power))
    sky = outdoors.sky
    if sky is not None:
        light = light * (1 - resize_field(sky, sw, sh))
    core = resize_field(np.asarray(light, np.float32), w, h)
    u = outdoors.unit
    glow = blur_field(core, 5 * u) * 0.9 + blur_field(core, 18 * u) * 0.9
    out = screen_layer(picture, np.clip(core * np.float32(0.85 * power), 0, 1), (255, 206, 120))
    return screen_layer(out, np.clip(glow * np.float32(power), 0, 0.8), (255, 168, 74))


def windows(small: Array, rng: np.random.Generator) -> Field:
    """Dark openings of regular size (a front's windows), about half of them: HxW in [0, 1]. Empty where there are not at least four
    alike, two or more in a row."""
    y = grey(small)
    h, w = y.shape
    light = np.zeros((h, w), np.float32)
    size = max(5, round(max(h, w) / 28)) | 1
    pit = cv2.morphologyEx(y, cv2.MORPH_BLACKHAT, np.ones((size, size), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats((pit > 34).astype(np.uint8), connectivity=4)
    boxes = []
    for x0, y0, bw, bh, area in stats[1:count].tolist():
        if bw >= 4 and bh >= 5 and 0.5 <= bh / bw <= 3.5 and area > 0.68 * bw * bh and bh < size * 1.6:
            boxes.append((x0, y0, bw, bh))
    middle = np.median([bw * bh for _, _, bw, bh in boxes]) if boxes else 0
    boxes = [box for box in boxes if 0.5 * middle <= box[2] * box[3] <= 2 * middle]
    boxes = [a for a in boxes if sum(abs(a[1] + a[3] / 2 - b[1] - b[3] / 2) < 0.3 * a[3] for b in boxes) >= 2]
    if len(boxes) < 4:
        return light
    for x0, y0, bw, bh in boxes:
        if rng.random() < 0.7:
            light[y0 : y0 + bh, x0 : x0 + bw] = rng.uniform(0.55, 1.0)
    return blur_field(light * smoothstep(20, 60, pit.astype(np.float32)), 0.7)


def season(outdoors: Outdoors, tone: Tone) -> Array:
    """The season `tone.name`, one of `vocabulary.SEASONS`, at its hour (`tone.hour`) if it has one."""
    out = {"autumn": _autumn, "winter": _winter, "spring": _spring, "summer": _summer}[tone.name](outdoors, tone)
    if tone.hour:
        hour = tone_for(tone.hour, 1.0, replace(outdoors.context, controls={}), outdoors.has_sky, outdoors.ground_light)
        return time_of_day(outdoors, hour, out)
    return paint_sky(out, outdoors, tone.name, 0.6, tone.scene.get("sky", 0.0))


def _leaf_colour(target: tuple[float, float, float]) -> ColourMap:
    colour = np.array(target, np.float32)

    def grade(c: Colours) -> Colours:
        y = luma(c)
        shade = colour * (y / float(colour @ LUMA))
        over = np.maximum(shade.max(-1, keepdims=True) - 1, 0)
        lit = np.clip(y * 1.15 + over, 0, 1)
        return np.asarray(contrast(np.asarray(shade * (1 - 0.25 * lit) + 0.25 * lit * c), 0.08))

    return grade


def _recolour_leaves(
    picture: Array, leaf: Field, colours: tuple[tuple[float, float, float], ...], outdoors: Outdoors
) -> Array:
    """Trees in several colours: each patch of foliage leans to one of them."""
    h, w = leaf.shape
    noise = _patches(h, w, 60 * outdoors.unit, outdoors.rng(20))
    out = picture
    for k, target in enumerate(colours):
        grade = _leaf_colour(target)
        weight = leaf if k == 0 else leaf * smoothstep(k / len(colours) - 0.2, k / len(colours) + 0.2, noise)
        out = mix(out, map_colours(picture, grade), np.ascontiguousarray(weight, np.float32))
    return out


def _patches(h: int, w: int, size: float, rng: np.random.Generator) -> Field:
    """Noise spread evenly over [0, 1], made small and enlarged."""
    scale = min(1.0, 480 / max(h, w))
    field = fbm(max(4, round(h * scale)), max(4, round(w * scale)), size * scale, 4, rng)
    ranks = np.interp(field, np.quantile(field, np.linspace(0, 1, 33)), np.linspace(0, 1, 33))
    return resize_field(ranks.astype(np.float32), w, h)


def _autumn(outdoors: Outdoors, tone: Tone) -> Array:
    """Leaves turn; grass only yellows."""
    leaves = outdoors.leaves * np.float32(tone.scene["leaves"])
    out = _recolour_leaves(outdoors.picture, leaves, _AUTUMN_LEAVES, outdoors)
    grass = np.clip(outdoors.plants - outdoors.leaves, 0, 1) * np.float32(tone.scene["grass"])
    out = mix(out, map_colours(outdoors.picture, _leaf_colour(_DRY_GRASS)), grass)
    return graded(outdoors, tone, _SPARED_BY_SEASONS, out)


def _summer(outdoors: Outdoors, tone: Tone) -> Array:
    lush = map_colours(outdoors.picture, lambda c: saturate(rotate_hue(c, -4), 1.25))
    out = mix(outdoors.picture, lush, outdoors.plants * np.float32(tone.scene["leaves"]))
    out = graded(outdoors, tone, _SPARED_BY_SEASONS, out)
    h, w = out.shape[:2]
    return screen_layer(out, rays(h, w, 0.9, -0.15, outdoors.rng(21)) * np.float32(0.22), (255, 236, 170))


def _spring(outdoors: Outdoors, tone: Tone) -> Array:
    """Young green, and blossom in clusters on a part of the trees."""
    fresh = map_colours(outdoors.picture, lambda c: saturate(rotate_hue(np.asarray(c**0.82), 7), 1.22))
    out = mix(outdoors.picture, fresh, outdoors.plants * np.float32(tone.scene["leaves"]))
    out = graded(outdoors, tone, _SPARED_BY_SEASONS, out)
    h, w = out.shape[:2]
    u = outdoors.unit
    sw, sh = min(w, 1400), max(4, round(h * min(w, 1400) / w))
    near, _, ident = worley(sh, sw, max(4.5 * u * sw / w, 2.5), outdoors.rng(22))
    chosen = outdoors.rng(23).random(int(ident.max()) + 1) > 0.35
    petals = smoothstep(3.0 * u * sw / w, 1.2 * u * sw / w, near) * chosen[ident]
    cluster = smoothstep(0.50, 0.74, _patches(h, w, 46 * u, outdoors.rng(24)))
    y = grey(outdoors.picture).astype(np.float32)
    lit = smoothstep(-22, 14, y - blur_field(y, 7 * u))
    bloom = resize_field(petals, w, h) * cluster * outdoors.leaves * (0.35 + 0.65 * lit)
    pink = map_colours(
        out,
        lambda c: np.asarray(
            0.35 * c + 0.65 * np.clip(np.array([1.0, 0.74, 0.84], np.float32) * (0.62 + 0.55 * luma(c)), 0, 1)
        ),
    )
    return mix(out, pink, np.clip(bloom * np.float32(1.7 * tone.scene["blossom"]), 0, 1))


def _winter(outdoors: Outdoors, tone: Tone) -> Array:
    """Bare grey-brown plants under snow that lies on everything that faces up; cold, soft light."""
    bare = map_colours(
        outdoors.picture, lambda c: np.asarray(saturate(c, 0.15) * np.array([1.03, 1.0, 0.97], np.float32))
    )
    out = mix(outdoors.picture, bare, outdoors.plants * np.float32(tone.scene["leaves"]))
    out = graded(outdoors, tone, _SPARED_BY_SEASONS, out)
    return lay_snow(out, outdoors, tone.scene["cover"])


def _snow_cap(c: Colours) -> Colours:
    """A little snow on something of colour `c`."""
    y = luma(c)
    most = _lightest(y)
    cap = np.clip(np.array([0.90, 0.935, 0.98], np.float32) * (0.80 + 0.26 * y) * most, 0, 1)
    return np.asarray(c + (cap - c) * smoothstep(*_TOO_DARK, most))


def lay_snow(picture: Array, outdoors: Outdoors, amount: float) -> Array:
    """Snow: a smooth field on level ground, that keeps the shadows and lets the highest tufts through, and caps on what faces up."""
    h, w = picture.shape[:2]
    patch = _patches(h, w, 40 * outdoors.unit, outdoors.rng(25))
    caps = np.clip(outdoors.upward * (0.55 + 0.6 * patch) * np.float32(amount * 1.1), 0, 0.95)
    cap = map_colours(picture, _snow_cap)
    out = mix(picture, cap, np.ascontiguousarray(caps, np.float32))
    snow, ground = _snow_field(outdoors, amount)
    return mix(out, resized(snow, h, w), resize_field(ground, w, h))


def _lightest(y: Colours) -> Field:
    """How light snow can be, 0 to 1, where as much light falls on it as on what it covers, of luma `y` (0 to 1)."""
    return np.asarray(np.minimum(np.clip(y, 0, 1) ** _GAMMA * _WHITER, 1) ** (1 / _GAMMA), np.float32)


def _snow_field(outdoors: Outdoors, amount: float) -> tuple[Array, Field]:
    """Snow on level ground, HxWx3 uint8, and how much of it lies, both at a reduced size: it is smooth."""
    near = shrink(outdoors.picture, _SNOW_SIDE)
    h, w = near.shape[:2]
    u = outdoors.unit * w / outdoors.width
    level = resize_field(outdoors.level, w, h)
    y = grey(near).astype(np.float32)
    soft = blur_field(y, _DRIFT * u)
    mean = float((soft * level).sum() / max(float(level.sum()), 1.0))
    light = np.clip((soft / max(mean, 1.0)) ** np.float32(0.45), 0.5, 1.08) if mean else np.ones_like(soft)
    light = light + np.clip((y - soft) / 255, -0.3, 0.12) * np.float32(_SNOW_DETAIL)
    shade = np.clip((1.06 - light) * 2, 0, 1)[..., None]
    colour = _SNOW_LIT * (1 - shade) + _SNOW_SHADE * shade
    most = _lightest(soft / 255)
    snow = as_picture(colour * np.clip(light, 0, 1.02)[..., None] * most[..., None])
    patch = _patches(h, w, 40 * u, outdoors.rng(25))
    thick = smoothstep(0.0, 0.7, amount * 1.25 - 0.45 * patch + 0.15)
    tufts = smoothstep(10, 45, soft - y) * np.float32(1 - 0.75 * amount)
    return snow, np.asarray(
        np.clip(level * thick * (1 - 0.7 * tufts) * smoothstep(*_TOO_DARK, most), 0, 0.97), np.float32
    )
