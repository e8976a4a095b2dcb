"""Text where there was none: its place, its size, its ink, and what makes it readable and part of the surface that it stands on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.lettering.calm import calmest, centred
from pixwright.edit.lettering.faces import CAP, Face, Type, block
from pixwright.edit.toning.lut import Colours
from pixwright.records.instruction import Array
from pixwright.records.plan import Lettering, Relation
from pixwright.records.region import Box
from pixwright.records.vocabulary import Rgb
from pixwright.words.colours import rgb

SIZES: dict[str | None, float] = {"small": 0.055, None: 0.095, "large": 0.16}
"""Size of the type as a share of the picture's shorter side, by what was said."""
_BOLD, _THIN = 850, 300
"""Weights of letters that were asked for bold or thin."""
_WIDEST = 0.9
"""Share of the frame's width that text takes at most."""
_SMALLER = (1.0, 0.8, 0.65)
"""How much smaller text is set where there is no room."""
_MARGIN = 0.04
"""Free at the frame's edges, as a share of the shorter side."""
_ON_THING = (0.42, 0.34, 0.27, 0.21, 0.17, 0.13, 0.1, 0.075, 0.055, 0.04, 0.03)
"""Heights of text that are tried on a thing, as shares of the thing's."""
_MOST_ON_THING = 0.13
"""Size of the type on a thing, as a share of the picture's shorter side, that is not exceeded where no size was said."""
_LEAST_TYPE = 0.016
"""Size of the type, as a share of the picture's shorter side, under which nobody reads it."""
_LIGHT_INK: Rgb = (250, 250, 248)
_DARK_INK: Rgb = (24, 24, 28)
_READABLE = 38.0
"""Difference of lightness (L*, 0 to 100) between ink and ground from which text needs no rim."""
_RIM = (0.25, 0.6)
"""How dense the soft rim is about text that nearly has contrast enough, and about text that has none."""
_UNSEEN = 0.01
_OFF_MIDDLE = 0.2
"""What it costs text to be away from a thing's middle by that thing's diagonal, in units of unrest (`calm`)."""
_AIR = 0.015
"""Free at a thing's edge, as a share of its height."""
_MOST_LINES = 4
_WORTH_BREAKING = 1.3
"""How much larger text on more lines must be to be set so."""
_WORN = 0.8
"""How much of the ground's light and shade text on a thing takes over."""
_SHADE = (0.55, 1.45)
"""Bounds of that light and shade."""
_ACROSS, _ACROSS_TALL = 0.75, 0.45
"""Share of a thing's width that text spans which goes across it, and of its height that it takes at most."""
_EXTENT = (3.0, 97.0)
"""Per cent of a thing's pixels between whose places it lies: stray ones are not its edge."""
_SPOTS: dict[Relation, tuple[float, float]] = {
    Relation.TOP: (0.5, 0.0),
    Relation.ABOVE: (0.5, 0.0),
    Relation.BOTTOM: (0.5, 1.0),
    Relation.BELOW: (0.5, 1.0),
    Relation.LEFT: (0.0, 0.5),
    Relation.RIGHT: (1.0, 0.5),
    Relation.TOP_LEFT: (0.0, 0.0),
    Relation.TOP_RIGHT: (1.0, 0.0),
    Relation.BOTTOM_LEFT: (0.0, 1.0),
    Relation.BOTTOM_RIGHT: (1.0, 1.0),
    Relation.CENTER: (0.5, 0.5),
}
"""Where in the frame, as shares of what is free across and down."""


@dataclass(frozen=True, eq=False)
class PlacedText:
    """Text with its place: `letters` is its coverage at the place's size, `box` XYXY, `cap` the size of the type in pixels."""

    letters: Array
    box: Box
    cap: float


def type_of(lettering: Lettering | None) -> tuple[Type, str | None]:
    """How it is set, and what of the wish the faces do not have."""
    if lettering is None:
        return Type(), None
    missing = "the letters are set in a plain face: there is no typewriter face" if lettering.face == "mono" else None
    face: Face = "sans" if lettering.face is None or lettering.face == "mono" else lettering.face
    slant = 0.2 if lettering.italic else 0.0
    weight = _BOLD if lettering.bold else _THIN if lettering.thin else Type().weight
    return Type(weight, slant, face), missing


def in_frame(
    text: str,
    type_: Type,
    picture: Array,
    cap: float,
    where: Relation | None,
    busy: Array,
    near: tuple[float, float] | None = None,
) -> PlacedText:
    """Text in the frame: exactly where it was said; else in the calmest place, near (x, y), or near the lower edge rather than elsewhere.

    `busy` HxW uint8: what it should not lie on.
    """
    height, width = picture.shape[:2]
    margin = _MARGIN * min(height, width)
    letters = block(text, type_)
    scale = min(cap / CAP, _WIDEST * width / letters.shape[1], (height - 2 * margin) / letters.shape[0])
    tall, wide = letters.shape[0] * scale, letters.shape[1] * scale
    at = _SPOTS.get(where) if where is not None else None
    if at is not None:
        left, top = margin + at[0] * (width - wide - 2 * margin), margin + at[1] * (height - tall - 2 * margin)
        return _sized(letters, (round(left), round(top), round(left + wide), round(top + tall)), scale)
    free = np.zeros((height, width), np.uint8)
    edge = round(margin)
    free[edge : height - edge, edge : width - edge] = 255
    low = near or (width / 2, height - margin - tall / 2)
    heights = [share * tall for share in _SMALLER]
    found = calmest(picture, np.minimum(free, 255 - busy), wide / tall, heights, low)
    found = found or calmest(picture, free, wide / tall, heights[:1], low)
    if found is None:
        left, top = (width - wide) / 2, height - margin - tall
        found = (round(left), round(top), round(left + wide), round(top + tall))
    return _sized(letters, found, (found[3] - found[1]) / letters.shape[0])


def on_thing(text: str, type_: Type, picture: Array, mask: Array, grown: float) -> PlacedText | None:
    """Text in the largest calm place of a thing (`mask` HxW uint8), `grown` times the usual size; None where it would not be read.

    Words are set on several lines where they are larger so.
    """
    height, width = mask.shape
    rows = np.flatnonzero((mask > 127).any(axis=1))
    if not rows.size:
        return None
    tall, short = int(rows[-1] - rows[0] + 1), min(height, width)
    # A little air about it, so that no letter touches the thing's edge or the frame's.
    air = max(1, round(_AIR * tall))
    roomy = np.zeros_like(mask)
    edge = max(air, round(_MARGIN * short))
    inside = np.s_[edge : height - edge, edge : width - edge]
    roomy[inside] = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * air + 1, 2 * air + 1)))[inside]
    middle, near = _middle(roomy)
    best: PlacedText | None = None
    for lines in broken(text):
        letters = block(lines, type_)
        least, most = (share * short * letters.shape[0] / CAP for share in (_LEAST_TYPE, _MOST_ON_THING * grown))
        heights = [h for h in (min(share * tall * grown, most) for share in _ON_THING) if h >= least]
        found = calmest(picture, roomy, letters.shape[1] / letters.shape[0], heights, middle, near)
        if found is not None:
            found = centred(picture, roomy, found)
            placed = _sized(letters, found, (found[3] - found[1]) / letters.shape[0])
            if best is None or placed.cap > _WORTH_BREAKING * best.cap:
                best = placed
    return best


def across_thing(text: str, type_: Type, mask: Array, largest: float) -> PlacedText | None:
    """Text on one line over most of a thing's width (`mask` HxW uint8), at the height where most of the thing is under it, its type at most `largest` pixels; None where it would not be read."""
    rows, columns = np.nonzero(mask > 127)
    if not rows.size:
        return None
    height, width = mask.shape
    left, right = np.percentile(columns, _EXTENT)
    top, bottom = np.percentile(rows, _EXTENT)
    letters = block(text, type_)
    scale = min(_ACROSS * (right - left) / letters.shape[1], _ACROSS_TALL * (bottom - top) / letters.shape[0])
    scale = min(scale, largest / CAP)
    if scale * CAP < _LEAST_TYPE * min(height, width):
        return None
    tall, wide = round(scale * letters.shape[0]), round(scale * letters.shape[1])
    x = round((left + right - wide) / 2)
    under = cv2.boxFilter((mask[:, x : x + wide] > 127).mean(axis=1, keepdims=True).astype(np.float32), -1, (1, tall))
    middles = np.arange(round(top + tall / 2), max(round(bottom - tall / 2), round(top + tall / 2)) + 1)
    # Where as much of it is under the text at several heights, in the middle of these.
    best = middles[under[middles, 0] > under[middles, 0].max() - _UNSEEN]
    y = round(float(np.median(best)) - tall / 2)
    return _sized(letters, (x, y, x + wide, y + tall), scale)


def _middle(mask: Array) -> tuple[tuple[float, float] | None, float]:
    """The middle (x, y) of what `mask` (HxW uint8) covers, and what it costs text to be away from it by the picture's diagonal: the more, the smaller the thing."""
    rows, columns = np.nonzero(mask > 127)
    if not rows.size:
        return None, 0.0
    size = float(np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1))
    return (float(columns.mean()), float(rows.mean())), _OFF_MIDDLE * float(np.hypot(*mask.shape)) / size


def broken(text: str) -> list[str]:
    """The text on one line, two, three, ... of about the same length; as it is where its lines were given."""
    words = text.split()
    if "\n" in text or len(words) < 2:
        return [text]
    layouts = [text]
    for count in range(2, min(len(words), _MOST_LINES) + 1):
        lines, length = [""], len(text) / count
        for word in words:
            if lines[-1] and len(lines) < count and len(lines[-1]) + len(word) / 2 > length:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        layouts.append("\n".join(lines))
    return layouts


def ink_for(lettering: Lettering | None, picture: Array, box: Box) -> Rgb:
    """The colour that was said; else what is readable on the place, light or dark."""
    said = lettering.colour if lettering is not None else None
    named = rgb(said) if said else None
    return named or (_LIGHT_INK if _lightness(picture, box) < 60 else _DARK_INK)


def written(picture: Array, placed: PlacedText, ink: Rgb, *, on: bool) -> tuple[Array, Array]:
    """The picture with the text, and what it touches: HxWx3, HxW uint8. `on`: it stands on a thing and takes that thing's light."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = placed.box
    pad = max(2, round(placed.cap / 3))
    left, top, right, bottom = max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad)
    part = np.s_[top:bottom, left:right]
    cover = np.zeros((bottom - top, right - left), np.uint8)
    inner = cover[y0 - top : y1 - top, x0 - left : x1 - left]
    inner[:] = placed.letters[: inner.shape[0], : inner.shape[1]]
    ground = picture[part].astype(np.float32)
    light = _lightness(picture, placed.box)
    own = cv2.cvtColor(np.array([[ink]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0, 0]
    touched = cover.copy()
    if (lacking := 1 - abs(float(own) - light) / _READABLE) > 0:
        rim = _rim(cover, placed.cap) * np.float32(_RIM[0] + (_RIM[1] - _RIM[0]) * lacking)
        ground = (
            ground * (1 - rim[..., None]) + np.array(_DARK_INK if own > 50 else _LIGHT_INK, np.float32) * rim[..., None]
        )
        touched = np.where(rim > 0, 255, touched).astype(np.uint8)
    colour = np.broadcast_to(np.array(ink, np.float32), ground.shape)
    if on:
        colour = colour * _light_of(picture[part], placed.cap)
    share = (cover.astype(np.float32) / 255)[..., None]
    out = picture.copy()
    out[part] = np.clip(ground * (1 - share) + colour * share + 0.5, 0, 255).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[part] = np.where(touched > 0, 255, 0)
    return out, mask


def _sized(letters: Array, box: Box, scale: float) -> PlacedText:
    size = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return PlacedText(np.asarray(cv2.resize(letters, size, interpolation=way), np.uint8), box, scale * CAP)


def _lightness(picture: Array, box: Box) -> float:
    """Median L*, 0 to 100, of a place."""
    x0, y0, x1, y1 = box
    part = picture[max(0, y0) : y1, max(0, x0) : x1]
    if not part.size:
        return 50.0
    return float(np.median(cv2.cvtColor(part, cv2.COLOR_RGB2LAB)[..., 0])) / 2.55


def _rim(cover: Array, cap: float) -> Colours:
    """A soft rim about the letters, [0, 1], which fades out: no second outline."""
    reach = max(1, round(cap / 14))
    wide = cv2.dilate(cover, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    soft = cv2.GaussianBlur(wide, (0, 0), max(0.8, cap / 11)).astype(np.float32) / 255
    return np.asarray(np.where(soft < _UNSEEN, 0, soft), np.float32)


def _light_of(part: Array, cap: float) -> Colours:
    """The ground's light and shade as a factor about 1, hxwx1: its lightness over its own median."""
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) + 8
    soft = cv2.GaussianBlur(grey, (0, 0), max(0.8, cap / 40))
    factor = np.clip((soft / float(np.median(soft))) ** _WORN, *_SHADE)
    return np.asarray(factor[..., None], np.float32)
