"""A new colour for a surface: its light and shade apart from its colour, brought into the range that the new colour has in nature.

`t = ln(L* + 16)` is a third of the logarithm of luminance plus a constant, so that what the light does to a surface is a difference in `t`. The slow part of it (the
base) is mapped by quantiles into the range of the goal: a white thing has little room above its colour, a black one much. The fine part (the detail: fur, grain,
creases) is laid on again, as strong as it is on a surface of the new lightness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.exposure import OFFSET, dimmed
from pixwright.edit.surfaces.surface import DIM, from_lab, hue_of, to_lab
from pixwright.media.guided import guided_lines, within
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

Field = NDArray[np.float32]
Part: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

_SIDE = 480
"""Longer side, in pixels, at which the base is worked out."""
_STRIP = 512
"""Rows coloured at a time: bounds the working memory at 12 megapixels."""
_BASE, _BASE_NOISE, _PLANE_NOISE = 0.07, 0.004, 0.04
"""The guided filter of the base: its radius as a share of the square root of the area, and the variance of `t` that counts as detail; and on a plane, where boards and tiles are none of its form."""
_QUANTILES = (0.02, 0.25, 0.5, 0.75, 0.98)
"""Of the base; they are mapped, and lines drawn between them."""
_BRIGHTEST, _DARKEST = 97.5, 3.0
"""L* that a lit surface reaches without being blown, or a shaded one without being a hole."""
_SPREAD = ((0.0, 0.48, 0.30), (20.0, 0.26, 0.34), (60.0, 0.20, 0.32), (100.0, 0.11, 0.22))
"""Of goals by L*: how far the 98th percentile of the base stands above its median, and the second below it, at most, in `t`."""
_FAR = 30.0
"""Difference in L* between the old surface and the goal from which those bounds hold wholly; with none the surface keeps its own range."""
_GRAIN = ((0.0, 0.045, 0.16), (20.0, 0.030, 0.09), (60.0, 0.010, 0.075), (100.0, 0.004, 0.036))
"""Of goals by L*: deviation of the detail of a natural surface, at least and at most, in `t`."""
_AMPLIFIED = 2.5
"""The most that detail is strengthened: beyond it, compression and noise would show."""
_GREY = 12.0
"""Chroma under which a colour has no hue to speak of."""
_MOTTLED, _HUES = (0.75, 1.2), 0.2
"""How far chroma may stay uneven, as factors, and hue, in radians."""
_COAT_LIGHT, _COAT_RISE, _COAT_PALE, _COAT_DEEPEST = 0.13, 30.0, (0.45, 0.3), -0.4
"""Of fur: `t` of hairs that are palest, L* over the coat's at which it is so pale, how much less of a* and b* these have, and how deep the deepest are."""
_KNEE = 88.0
"""L* of a relit surface above which it is pressed together."""
_PALE, _GLARE_RISE = 0.7, 25.0
"""What has less than this share of the usual chroma over L* is pale; L* above the usual at which it is a lamp's."""
_SHADE = 0.35
"""The least share of its chroma that a pattern's colour keeps in the shade."""
_LIGHTS = 2
"""Steps a unit of L* in the table of what a colour is by how much light falls on it."""
_OWN_LIGHT, _MUCH_DARKER = 1.5, 60.0
"""A light surface lights its own shade, and a dark one does not: so much more (a factor less 1) stands the new base out than the old one, where it is darker by the second in L*."""
_LEAST_LINEAR, _SPILLS = 0.004, 4
"""Linear light that every channel of a colour has at least: no surface is purer; and how often light that is too much for one channel is shared out to the others."""
_BLACKEST = 9.0
"""L* that a surface in daylight has at least on the whole: the darkest mirrors a little of what is around."""


@dataclass(frozen=True)
class _Coat:
    """What the surface is now: quantiles of its base and deviation of its detail in `t`; the usual chroma by lightness, and hue in radians, of a coloured one."""

    quantiles: tuple[float, ...]
    grain: float
    chroma: float
    light: float
    hue: float


@dataclass(frozen=True, eq=False)
class _Light:
    """How a surface is lit, apart from its colour: lines of the base, the curve from old base to new, and how strong detail is laid on."""

    coat: _Coat
    lines: Field
    curve: tuple[tuple[float, ...], tuple[float, ...]]
    gain: float

    def on(self, lab: Field, part: Part) -> Field:
        """`t` of the new surface, HxW, where the old one was `lab` (a part of the whole)."""
        t = np.log(lab[..., 0] + OFFSET)
        base = self.lines[(*part, 0)] * t + self.lines[(*part, 1)]
        new = np.interp(base, *self.curve).astype(np.float32)
        detail = (t - base) * np.float32(self.gain)
        room = np.float32(np.log(_BRIGHTEST + OFFSET)) - new
        # Detail that would be blown is pressed together: no flat white.
        return np.asarray(
            new + np.where(detail > 0, room * np.tanh(detail / np.maximum(room, 0.01)), detail), np.float32
        )


def tinted(
    pixels: Array, share: Array, rgb: Rgb, *, paint: bool = False, dim: float = 1.0, coat: Field | None = None
) -> Array:
    """HxWx3 -> HxWx3 uint8: the pixels in the colour `rgb`, lit as they were. `share` HxW uint8 says which of them are the surface.

    `paint`: the surface is of one colour, so that what is paler than it shows a lamp (the dichromatic model, Shafer 1985): that stays. `dim` as `exposure.dimness` gives it.
    `coat`: it is fur, and how much paler (to 1) or deeper (to -1) its hairs are from place to place, HxW.
    """
    level, shades = _shades(rgb)
    level = dimmed(level, dim)
    light = _lit(pixels, share, max(level, _BLACKEST))
    out = pixels.copy()
    for part in _strips(share):
        lab = to_lab(pixels[part])
        bright = light.on(lab, part)
        if coat is not None:
            bright = bright + np.float32(_COAT_LIGHT) * coat[part]
        new = _coloured(lab, np.exp(bright) - np.float32(OFFSET), light.coat, shades)
        if coat is not None:
            new = _as_fur(new, coat[part], level)
        out[part] = from_lab(_under_lamp(lab, new, light.coat) if paint else new)
    return out


def _as_fur(new: Field, coat: Field, level: float) -> Field:
    """Of one coat the light hairs are paler and yellower, and the dark ones deeper: as much as they are lit, and as `coat` says besides."""
    pale = np.clip((new[..., 0] - level) / _COAT_RISE + coat, _COAT_DEEPEST, 1)
    a, b = new[..., 1] * (1 - _COAT_PALE[0] * pale), new[..., 2] * (1 - _COAT_PALE[1] * pale)
    return np.dstack([new[..., 0], a, b]).astype(np.float32)


def _strips(share: Array) -> Iterator[Part]:
    """The rows and columns that hold the surface, some rows at a time: beyond them nothing is worked out."""
    rows, columns = (np.flatnonzero(share.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return
    across = slice(int(columns[0]), int(columns[-1]) + 1)
    for start in range(int(rows[0]), int(rows[-1]) + 1, _STRIP):
        yield slice(start, min(start + _STRIP, int(rows[-1]) + 1)), across


def relit(
    albedo: Field, pixels: Array, share: Array, *, detail: float = 1.0, dim: float = 1.0, plane: bool = False
) -> Array:
    """HxWx3 uint8: the surface `albedo` (HxWx3, 0 to 255) in the light of `pixels` HxWx3. `share` HxW uint8 says which of them are the surface.

    `detail` is how much of the old fine relief stays (1 as on a surface of that lightness). `dim` as `exposure.dimness` gives it. `plane`: it is flat, so that all but strong
    shadows on it is the old surface's pattern.
    """
    flat = np.clip(albedo, 0, 255).astype(np.uint8)
    inside = share > 127 if (share > 127).any() else share >= share.max()
    level = float(np.median(to_lab(flat)[..., 0][inside]))
    light = _lit(pixels, share, dimmed(level, dim), detail, fresh=True, noise=_PLANE_NOISE if plane else _BASE_NOISE)
    out = pixels.copy()
    for part in _strips(share):
        lab = to_lab(flat[part])
        factor = np.exp(light.on(to_lab(pixels[part]), part)) / np.float32(level + OFFSET)
        new = np.clip((lab[..., 0] + OFFSET) * factor - OFFSET, 0, None)
        new = np.where(new > _KNEE, _KNEE + (100 - _KNEE) * np.tanh((new - _KNEE) / (100 - _KNEE)), new)
        lab[..., 1:] *= np.clip(factor, _SHADE, 1)[..., None]
        lab[..., 0] = new
        out[part] = from_lab(lab)
    return out


def _lit(
    pixels: Array, share: Array, level: float, detail: float = 1.0, *, fresh: bool = False, noise: float = _BASE_NOISE
) -> _Light:
    """`noise`: variance of `t` that counts as detail. `fresh`: what is dark or light on the old surface is its print as well as its light, and of that a new material keeps no more than it has in nature."""
    small, weight = shrink(pixels, _SIDE), np.asarray(shrink(share, _SIDE), np.float32) / np.float32(255)
    lab = to_lab(small)
    slope, offset = _base(np.log(lab[..., 0] + OFFSET), weight, noise)
    coat = _read(lab, weight, slope, offset)
    size = (share.shape[1], share.shape[0])
    lines = cv2.resize(np.dstack([slope, offset]), size, interpolation=cv2.INTER_LINEAR)
    return _Light(coat, np.asarray(lines, np.float32), _curve(coat, level, fresh), _gain(coat, level) * detail)


def _shades(rgb: Rgb) -> tuple[float, Field]:
    """L* of a colour, and its (a*, b*) in less and in more light, (100 * _LIGHTS + 1) x 2.

    It is the same linear sRGB times a factor. Where a screen does not go so bright, half of what is too much becomes white and half goes into the other channels: orange turns
    yellow and then white, as film shows it.
    """
    goal = cv2.cvtColor(np.array([[rgb]], np.float32) / 255, cv2.COLOR_RGB2LAB)
    grey = np.zeros((1, 100 * _LIGHTS + 1, 3), np.float32)
    grey[0, :, 0] = np.linspace(0, 100, grey.shape[1])
    bright = cv2.cvtColor(grey, cv2.COLOR_LAB2LRGB)[0, :, :1]
    weights = cv2.cvtColor(np.eye(3, dtype=np.float32)[None], cv2.COLOR_RGB2XYZ)[0, :, 1]
    linear = np.clip(cv2.cvtColor(goal, cv2.COLOR_LAB2LRGB)[0, 0], _LEAST_LINEAR, 1)
    colour = linear * bright / float(linear @ weights)
    most = colour.max(axis=1, keepdims=True)
    white = bright + (colour - bright) * np.clip((1 - bright) / np.maximum(most - bright, 1e-4), 0, 1)
    for _ in range(_SPILLS):
        over = np.clip(colour - 1, 0, None) @ weights
        colour = np.minimum(colour, 1)
        room = (colour < 1) * colour
        colour = colour + room * (over / np.maximum(room @ weights, 1e-6))[:, None]
    colour = np.clip((white + np.minimum(colour, 1)) / 2, 0, 1).astype(np.float32)
    return float(goal[0, 0, 0]), np.asarray(cv2.cvtColor(colour[None], cv2.COLOR_LRGB2LAB)[0, :, 1:], np.float32)


def _coloured(lab: Field, light: Field, coat: _Coat, shades: Field) -> Field:
    light = np.clip(light, 0, 100)
    ab = shades[np.asarray(light * _LIGHTS + 0.5, np.int16)]
    if coat.chroma > _GREY and float(np.hypot(shades[:, 0], shades[:, 1]).max()) > _GREY:
        ab = _mottled(lab, ab, coat)
    return np.dstack([light, ab]).astype(np.float32)


def _under_lamp(old: Field, new: Field, coat: _Coat) -> Field:
    """What is brighter and paler than the surface is the lamp's light, as far as it is pale: it keeps its lightness, and has no colour."""
    usual = coat.chroma / max(coat.light, DIM)
    pale = 1 - np.clip(hue_of(old)[1] / usual / _PALE, 0, 1)
    lamp = pale * np.clip((old[..., 0] - coat.light) / _GLARE_RISE, 0, 1)
    new[..., 1:] *= (1 - lamp)[..., None]
    new[..., 0] += np.clip(old[..., 0] - new[..., 0], 0, None) * lamp
    return new


def _mottled(lab: Field, ab: Field, coat: _Coat) -> Field:
    """The goal's colour `ab`, uneven as the old one was: paler where that was paler, of another tint where that was."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    usual = coat.chroma * np.clip(lab[..., 0] / coat.light, _SHADE, 1.5)
    # What is nearly grey has no hue, and its chroma is noise.
    sure = float(np.clip((coat.chroma - _GREY) / _GREY, 0, 1))
    factor = 1 + sure * (np.clip(np.sqrt(chroma / np.maximum(usual, 1)), *_MOTTLED) - 1)
    turn = np.arctan2(lab[..., 2], lab[..., 1]) - np.float32(coat.hue)
    turn = np.clip((turn + np.pi) % (2 * np.pi) - np.pi, -2 * _HUES, 2 * _HUES) / 2
    turn *= sure * np.clip(chroma / coat.chroma, 0, 1) * np.clip(1 - (lab[..., 0] - coat.light) / _GLARE_RISE, 0, 1)
    sine, cosine = np.sin(turn), np.cos(turn)
    turned = np.stack([ab[..., 0] * cosine - ab[..., 1] * sine, ab[..., 0] * sine + ab[..., 1] * cosine], axis=2)
    return np.asarray(turned * factor[..., None], np.float32)


def _base(t: Field, weight: Field, noise: float) -> tuple[Field, Field]:
    """The guided filter's lines (base = slope * t + offset), fitted to the surface alone."""
    radius = max(_BASE * float(np.sqrt(weight.sum())), 2.0)
    lines = guided_lines(t, t, within(weight, radius), noise)
    return lines.slope, lines.offset


def _read(lab: Field, weight: Field, slope: Field, offset: Field) -> _Coat:
    t = np.log(lab[..., 0] + OFFSET)
    base = slope * t + offset
    inside = weight > 0.5
    if not inside.any():
        inside = weight >= weight.max()
    values = np.quantile(base[inside], _QUANTILES)
    grain = float((t - base)[inside].std())
    a, b = (float(np.median(lab[..., i][inside])) for i in (1, 2))
    light = float(np.median(lab[..., 0][inside]))
    return _Coat(
        tuple(float(v) for v in values), grain, float(np.hypot(a, b)), max(light, 1.0), float(np.arctan2(b, a))
    )


def _curve(coat: _Coat, level: float, fresh: bool = False) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Old base -> new, through the quantiles: the median at the goal's lightness, as far as the light has room above and below it."""
    low, first, middle, third, high = coat.quantiles
    levels, ups, downs = zip(*_SPREAD)
    # A surface about as light as before is lit as before: only one that was much darker or lighter had another range.
    kept = 0.0 if fresh else float(np.clip(1 - abs(level - coat.light) / _FAR, 0, 1))
    more = 1 + _OWN_LIGHT * float(np.clip((coat.light - level) / _MUCH_DARKER, 0, 1))
    up, down = (
        min(was * more, most + kept * max(was - most, 0))
        for was, most in (
            (high - middle, float(np.interp(level, levels, ups))),
            (middle - low, float(np.interp(level, levels, downs))),
        )
    )
    top, floor = float(np.log(_BRIGHTEST + OFFSET)), float(np.log(_DARKEST + OFFSET))
    centre = min(max(float(np.log(level + OFFSET)), floor + down / 2), top - up)
    upper, lower = up / max(high - middle, 1e-3), down / max(middle - low, 1e-3)
    new = (
        centre - down,
        centre - (middle - first) * lower,
        centre,
        centre + (third - middle) * upper,
        centre + up,
    )
    # Beyond the quantiles it still rises, so that nothing is flat.
    return (
        (low - 1, *coat.quantiles, high + 0.5),
        (new[0] - 0.5, *new, min(new[-1] + 0.25, max(top, new[-1] + 0.02))),
    )


def _gain(coat: _Coat, level: float) -> float:
    levels, least, most = zip(*_GRAIN)
    grain = max(coat.grain, 1e-4)
    wanted = float(np.clip(grain, np.interp(level, levels, least), np.interp(level, levels, most)))
    return min(wanted / grain, _AMPLIFIED)
