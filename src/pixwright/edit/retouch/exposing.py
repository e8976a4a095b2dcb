"""Exposure and white balance: how far a photograph is off, measured on its own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.toning.lut import Colours, expose, grey, guided, luma, map_colours, mix, smoothstep
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 512
"""Longer side, in pixels, at which light is measured."""
_GAMMA = 2.2
_KEY = 0.14
"""Log-average of linear light that a photograph is brought to (Reinhard et al. 2002 call it the key; 0.18 there, and the median of 80 photographs here)."""
_BLACK = 0.004
"""Added to light before its logarithm."""
MOST_STOPS, _MOST_DARKENED = 3.0, 0.75
"""Stops that a photograph is brightened or darkened by at most; and by which it is darkened at most unasked, since light walls and snow are as bright as too much light, and turn grey. Of 178 photographs
that were lit by 0.8 and 1.4 stops too much (recipes/train/residual.py's, 130 of them) the mean error was least so: 15 of 255 after it, 41 before it, and 35 where all that was measured was taken."""
_ROOM, _PEAK = 1.5, 99.0
"""Stops by which the light at this percentile may be driven beyond white: the curve has a soft shoulder."""
LEAST_STOPS = 0.6
"""Stops below which a photograph counts as well exposed."""
_CLIPPED = 252
"""Level from which a sample holds no detail."""
_GREY_NORM = 6.0
"""Minkowski norm of "shades of grey" (Finlayson and Trezzi 2004)."""
_TOP = 0.03
"""Share of the brightest unclipped pixels that are taken for white."""
_AGREE = 5.0
"""Degrees between the estimates of a cast, up to which they agree."""
LEAST_CAST = 3.0
"""Degrees between the light and grey, from which it is a cast."""
_MOST_GAIN = 2.2
"""Largest gain of a channel."""
_LIGHTS = {
    "yellow": (1.0, 0.82, 0.45),
    "orange": (1.0, 0.68, 0.38),
    "red": (1.0, 0.6, 0.55),
    "pink": (1.0, 0.72, 0.88),
    "purple": (0.86, 0.66, 1.0),
    "blue": (0.6, 0.82, 1.0),
    "green": (0.78, 1.0, 0.75),
}
"""Linear light of a strong cast that people call so: only its direction counts."""
_DARK_SAMPLE = 25
"""Level of its brightest channel up to which a pixel's colour is mostly noise."""
LIGHT_THINGS, MIDDLE_THINGS, _LEAST_TINTED = 0.7, 0.3, 0.25
"""What is not in this share of the darkest is looked at for a cast that was named, in the lights and in the middle tones; and the share of that which may be less tinted than the light is taken to be: the white things of the picture."""
_MORE_BELOW = 1.6
"""How much stronger a cast may be in the middle tones than in the lights, at most: a camera that clips one channel hides it in the lights."""
_LIGHTS_FROM = (0.45, 0.8)
"""Luma at which the lights begin, and from which they are all lights."""
_SKIN_RED, _SKIN_BLUE = (0.42, 0.95), (-0.2, 0.12)
"""Natural skin in daylight: logarithm of its red over its green light, and by how much that of its blue over its green lies above `_SKIN_SLOPE` times that. From light to dark skin (the two of the ColorChecker, and eight of people in daylight) it lies about one line."""
_SKIN_SLOPE = -0.6
_ONE_INK = 0.15
"""Deviation of the logarithms of red and of blue light over green, up to which a photograph is grey or in one ink: its skin tells nothing."""
_CHEEKS = (0.22, 0.42, 0.78, 0.8)
"""Where a face's box shows little but skin: from its left, top, to its right and bottom, as shares of it."""
_LIT_SKIN = (30, 85)
"""Percentiles of light between which the pixels there are skin, and no shade, hair or gloss."""
_ALIKE, _ASIDE = 0.12, 0.6
"""Log light about that level in which the things lie that say the light's exact colour; and how far that may lie beside the named direction, over its length."""

_WIDE, _DIM, _BRIGHT = 20, 0.35, 0.8
"""What is bright or dark is told at this part of the picture's longer side; luma up to which a place takes all of a lift, and from which it takes none."""
_COLOUR = 0.93
"""Of colour, as a factor for each stop of light."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Exposure:
    """`stops` that a photograph lacks (negative: has too many), and the share of its pixels that are clipped to white in all channels."""

    stops: float
    blown: float


def measure_exposure(picture: Array, mask: Array) -> Exposure:
    """The exposure of HxWx3 under `mask` (HxW uint8, > 127)."""
    pixels = _inside(picture, mask)
    light = np.asarray((pixels / 255) ** _GAMMA @ np.array([0.2126, 0.7152, 0.0722]), np.float64)
    stops = np.log2(_KEY / np.exp(np.log(light + _BLACK).mean()))
    room = -np.log2(max(float(np.percentile(light, _PEAK)), _BLACK)) + _ROOM
    blown = float((pixels >= _CLIPPED).all(axis=1).mean())
    return Exposure(float(np.clip(min(stops, room), -_MOST_DARKENED, MOST_STOPS)), blown)


@dataclass(frozen=True)
class Cast:
    """The light's colour: `gains` (red, green, blue) make it grey; `degrees` is how far it is from grey, and `apart` how far the estimates are from each other."""

    gains: tuple[float, float, float]
    degrees: float
    apart: float

    @property
    def sure(self) -> bool:
        """Whether the estimates agree."""
        return self.apart <= _AGREE


def measure_cast(picture: Array, mask: Array) -> Cast:
    """The colour of the light that falls on HxWx3 under `mask`, by what two ways of measuring it have in common.

    The brightest pixels that are not clipped are taken for white, and the differences between neighbours for grey on average (van de Weijer et al. 2007, "Edge-based color
    constancy"): a coloured thing fools the one or the other, a coloured light both.
    """
    small = shrink(picture, _SIDE)
    inside = shrink(mask, _SIDE) > 127
    linear = (small / 255.0) ** _GAMMA
    whole = (small < _CLIPPED).all(axis=2) & inside
    if whole.sum() < 100:
        return Cast((1.0, 1.0, 1.0), 0.0, 0.0)
    bright = linear[whole]
    order = np.argsort(bright.sum(axis=1))
    white = bright[order[-max(20, round(_TOP * len(order))) :]].mean(axis=0)
    steps = _steps(linear, whole)
    edges = (steps**_GREY_NORM).mean(axis=0) ** (1 / _GREY_NORM)
    a, b = (one / max(float(np.linalg.norm(one)), 1e-9) for one in (white, edges))
    light = a + b
    light /= np.linalg.norm(light)
    grey = np.full(3, 3**-0.5)
    gains = np.clip(light[1] / np.maximum(light, 1e-3), 1 / _MOST_GAIN, _MOST_GAIN)
    return Cast((float(gains[0]), float(gains[1]), float(gains[2])), _degrees(light, grey), _degrees(a, b))


def measure_named_cast(picture: Array, mask: Array, colour: str, darkest: float = LIGHT_THINGS) -> Cast:
    """The light on HxWx3 under `mask` where its colour is known by name (one of `_LIGHTS`): how much of it there is, `darkest` (a share of the pixels) left out.

    Of what is light, unclipped and the least tinted that way the tint is the light's: white walls and clothes. So nothing white is turned past grey, and a picture without the cast has gains of 1.
    """
    pixels = _inside(picture, mask)
    pixels = pixels[(pixels < _CLIPPED).all(axis=1) & (pixels.max(axis=1) > _DARK_SAMPLE)]
    if len(pixels) < 100:
        return Cast((1.0, 1.0, 1.0), 0.0, 0.0)
    linear = np.maximum(pixels / 255.0, _BLACK) ** _GAMMA
    light = linear.sum(axis=1)
    tints = np.log(linear[light >= np.quantile(light, darkest)])
    tints -= tints.mean(axis=1, keepdims=True)
    way = np.log(np.array(_LIGHTS[colour]))
    way -= way.mean()
    way /= np.linalg.norm(way)
    along = tints @ way
    much = max(float(np.quantile(along, _LEAST_TINTED)), 0.0)
    near = np.median(tints[np.abs(along - much) <= _ALIKE], axis=0) if much else np.zeros(3)
    beside = near - (near @ way) * way
    beside *= min(1.0, _ASIDE * much / max(float(np.linalg.norm(beside)), 1e-9))
    gains = np.exp(-(much * way + beside))
    gains = np.clip(gains / gains[1], 1 / _MOST_GAIN, _MOST_GAIN)
    away = 1 / gains
    return Cast(
        (float(gains[0]), float(gains[1]), float(gains[2])),
        _degrees(away / np.linalg.norm(away), np.full(3, 3**-0.5)),
        0.0,
    )


def without_named_cast(picture: Array, mask: Array, colour: str, share: float = 1.0) -> tuple[Array, Cast]:
    """HxWx3 with `share` (0 to 1) of a cast of that colour taken away, and the cast in its lights, or in its middle tones where that is stronger.

    Where the two estimates that know no name agree on a cast of that side, the half of it is theirs: of ten known casts each on 12 photographs the error is so least.
    """
    lights, middle = (measure_named_cast(picture, mask, colour, part) for part in (LIGHT_THINGS, MIDDLE_THINGS))
    pale, strong = (np.log(np.array(one.gains)) for one in (lights, middle))
    strong *= min(1.0, _MORE_BELOW * float(np.abs(pale).max()) / max(float(np.abs(strong).max()), 1e-9))
    unnamed = measure_cast(picture, mask)
    seen = np.log(np.array(unnamed.gains))
    if unnamed.sure and pale.any() and float((seen - seen.mean()) @ (pale - pale.mean())) > 0:
        pale = (pale + seen) / 2
    if middle.degrees <= lights.degrees or not strong.any():
        return balanced(picture, _part(pale, share)), lights
    above = smoothstep(*_LIGHTS_FROM, grey(picture) / np.float32(255))
    return mix(balanced(picture, _part(strong, share)), balanced(picture, _part(pale, share)), above), middle


def skin_cast(picture: Array, faces: Sequence[tuple[float, float, float, float]]) -> Cast | None:
    """The light by the skin of `faces` (XYXY in pixels of HxWx3): what brings it to the nearest colour that skin has in daylight. None where there is too little of it, or the picture is in one ink."""
    small = np.log(np.maximum(shrink(picture, _SIDE)[..., :3].reshape(-1, 3) / 255.0, _BLACK) ** _GAMMA)
    if max(float((small[:, 0] - small[:, 1]).std()), float((small[:, 2] - small[:, 1]).std())) < _ONE_INK:
        return None
    shown = []
    for left, top, right, bottom in faces:
        across, down = right - left, bottom - top
        x0, x1 = (round(left + share * across) for share in _CHEEKS[::2])
        y0, y1 = (round(top + share * down) for share in _CHEEKS[1::2])
        pixels = picture[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0), :3].reshape(-1, 3)
        pixels = pixels[(pixels < _CLIPPED).all(axis=1) & (pixels.max(axis=1) > _DARK_SAMPLE)]
        if len(pixels) < 100:
            continue
        light = np.log(np.maximum(pixels / 255.0, _BLACK) ** _GAMMA)
        low, high = np.percentile(light.sum(axis=1), _LIT_SKIN)
        shown.append(np.median(light[(light.sum(axis=1) >= low) & (light.sum(axis=1) <= high)], axis=0))
    if not shown:
        return None
    red, green, blue = np.median(np.array(shown), axis=0)
    natural = float(np.clip(red - green, *_SKIN_RED))
    low, high = (_SKIN_SLOPE * natural + off for off in _SKIN_BLUE)
    gains = np.exp([natural - (red - green), 0.0, float(np.clip(blue - green, low, high)) - (blue - green)])
    gains = np.clip(gains, 1 / _MOST_GAIN, _MOST_GAIN)
    away = 1 / gains
    return Cast(
        (float(gains[0]), 1.0, float(gains[2])), _degrees(away / np.linalg.norm(away), np.full(3, 3**-0.5)), 0.0
    )


def usual_cast(colour: str, share: float) -> tuple[float, float, float]:
    """The gains that take `share` (0 to 1) of a strong cast of that colour away, whatever the picture shows."""
    light = np.log(np.array(_LIGHTS[colour]))
    return _part(-(light - light[1]), share)


def _part(gains: Floats, share: float) -> tuple[float, float, float]:
    """Gains of which the logarithms are `gains`, by a share of them."""
    red, green, blue = (float(one) for one in np.exp(gains * share))
    return red, green, blue


def lit(picture: Array, stops: float) -> Array:
    """HxWx3 with more light where it is dark: what is bright already stays, as a photographer holds a hand before it, and colour grows less than light."""
    light = np.asarray(grey(picture) / np.float32(255), np.float32)
    base = guided(light, light, max(2, max(picture.shape) // _WIDE))
    open_to = smoothstep(_BRIGHT, _DIM, base)

    def grade(c: Colours) -> Colours:
        more = expose(c, stops)
        y = luma(more)
        return np.asarray(y + (more - y) * np.float32(_COLOUR**stops))

    return mix(picture, map_colours(picture, grade), open_to)


def _steps(linear: Floats, whole: NDArray[np.bool_]) -> Floats:
    """Differences between neighbours, of pixels that are not clipped: Nx3."""
    down, across = np.abs(np.diff(linear, axis=0)), np.abs(np.diff(linear, axis=1))
    return np.concatenate([down[whole[1:] & whole[:-1]], across[whole[:, 1:] & whole[:, :-1]]])


def _degrees(a: Floats, b: Floats) -> float:
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def balanced(picture: Array, gains: tuple[float, float, float]) -> Array:
    """HxWx3 under a light with these gains, as bright as before."""
    linear = ((np.arange(256) / 255) ** _GAMMA)[:, None] * np.array(gains)
    # The brightness of the picture's mean colour stays.
    mean = ((shrink(picture, _SIDE).reshape(-1, 3) / 255.0) ** _GAMMA).mean(axis=0)
    weights = np.array([0.2126, 0.7152, 0.0722])
    linear *= float(weights @ mean) / max(float(weights @ (mean * np.array(gains))), 1e-6)
    table = np.rint(255 * np.clip(linear, 0, 1) ** (1 / _GAMMA)).astype(np.uint8)
    return np.stack([table[picture[..., k], k] for k in range(3)], axis=-1)


def _inside(picture: Array, mask: Array) -> Array:
    """The pixels under the mask, Nx3, at the size of measuring; all of them where there are none."""
    small, inside = shrink(picture, _SIDE), shrink(mask, _SIDE) > 127
    pixels: Array = small[inside] if inside.any() else small.reshape(-1, 3)
    return pixels
