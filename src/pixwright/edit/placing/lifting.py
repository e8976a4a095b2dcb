"""Objects as things that can be lifted out of a picture, changed in size, angle or direction, and put down again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pixwright.edit.composite import blend
from pixwright.edit.contract import Context
from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import taken
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation
from pixwright.records.region import Box, box_in

FAINT, OWN = 16, 96
"""Mask levels: from the first on something of a thing or of its shadow is there at all, from the second on the pixel is the thing's."""
_SOLID = 200
"""From this alpha on a pixel shows the object's own colour."""

_GAP = 0.03
"""Width of the gap between a thing and its shadow that is closed, to each side, as a share of both's size."""
_CUT_LEAST, _CUT_SHARE = 3, 0.01
"""Pixels of an object along a side of the frame, absolute and as a share of the frame's shorter side, from which the frame cuts it."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A piece of a picture: `pixels` hxwx3, `alpha` hxw, `shade` hxw (255 = no shadow), all uint8; `box` is where it was."""

    pixels: Array
    alpha: Array
    shade: Array
    box: Box

    @property
    def core(self) -> Box:
        """The object's own bounds within the piece, without its shadow."""
        found = bounds(self.alpha)
        return found if found is not None else (0, 0, self.alpha.shape[1], self.alpha.shape[0])


@dataclass(frozen=True, eq=False)
class Lifted:
    """A picture taken apart: the object, the picture without it, and how much of each of its pixels is new."""

    cut: Cut
    background: Array
    hole: Array
    left: str | None = None
    """What of it had to stay, in words."""


def bounds(mask: Array, least: int = OWN) -> Box | None:
    """The box of the pixels of at least `least`, or None."""
    return box_in(mask >= least)


def clip(box: Box, width: int, height: int) -> Box:
    """The part of a box that lies in the frame."""
    x0, y0, x1, y1 = box
    return max(0, x0), max(0, y0), min(width, x1), min(height, y1)


def common(one: Box, other: Box) -> int:
    """Pixels that two boxes share."""
    wide, tall = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(tall, 0)


def alike(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    both = common(one, other)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / max(areas - both, 1)


def grown(box: Box, by: int, width: int, height: int) -> Box:
    """A box with `by` pixels more on every side, within the frame."""
    return clip((box[0] - by, box[1] - by, box[2] + by, box[3] + by), width, height)


def lift(picture: Array, mask: Array, context: Context, salt: int, also: Array | None = None) -> Lifted:
    """Take the object under `mask` (HxW uint8) out of `picture`, with all that goes with it, and fill what it leaves.

    `also` HxW uint8: what must not be copied there, besides what stands out.
    """
    gone = taken(picture, mask, context)
    empty = emptied(picture, gone, context, salt, also)
    cut = piece(picture, gone.mask, gone.shadow, empty.picture)
    return Lifted(cut, empty.picture, empty.weight, gone.left)


def piece(picture: Array, mask: Array, shadow: Array, background: Array) -> Cut:
    """The object as a cut-out, its soft edge freed of the old background's colour, and its shadow as a ratio to `background`."""
    box = bounds(np.maximum(mask, shadow), FAINT)
    assert box is not None, "an empty mask cannot be lifted"
    x0, y0, x1, y1 = box
    part = np.s_[y0:y1, x0:x1]
    alpha = mask[part].copy()
    solid = alpha >= min(_SOLID, int(alpha.max()))
    pixels = picture[part].copy()
    spread = diffuse(pixels.astype(np.float32), solid)
    pixels[~solid] = np.clip(spread[~solid] + 0.5, 0, 255).astype(np.uint8)
    shade = np.full(alpha.shape, 255, np.uint8)
    if shadow.any():
        shade = _shade(picture[part], alpha, shadow[part], background[part])
    return Cut(pixels, alpha, shade, box)


def _shade(picture: Array, alpha: Array, shadow: Array, background: Array) -> Array:
    """How much darker the shadow is than the filled ground; under the object it goes on, so that a moved object stands in it."""
    was, now = (cv2.blur(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), (3, 3)).astype(np.float32) for p in (picture, background))
    own = alpha > 16
    # Between a thing and its shadow there is no light: the rim of the thing hid from the search for the shadow what is shadow too.
    reach = 2 * max(2, round(_GAP * max(alpha.shape))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    joined = cv2.morphologyEx(np.maximum(shadow, np.where(own, 255, 0).astype(np.uint8)), cv2.MORPH_CLOSE, kernel)
    weight = np.where(own, shadow, joined).astype(np.float32) / 255
    ratio = np.clip((was + 4) / (now + 4), 0.35, 1).astype(np.float32)
    below = diffuse(ratio[..., None], ~own & (weight > 0.3))[..., 0]
    low = (np.arange(len(alpha)) > len(alpha) * 2 // 3)[:, None]
    dim = np.where(own, np.where(low, below, 1), 1 - (1 - ratio) * weight).astype(np.float32)
    return np.asarray(np.clip(cv2.GaussianBlur(dim, (0, 0), 1.5) * 255, 0, 255), np.uint8)


def without(cut: Cut, other: Array) -> Cut:
    """The piece without what belongs to the thing under `other` (HxW uint8 of the whole picture) and its rim."""
    x0, y0, x1, y1 = cut.box
    reach = 2 * max(_CUT_LEAST, round(_CUT_SHARE * min(other.shape))) + 1
    rim = cv2.dilate(other[y0:y1, x0:x1], cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return replace(cut, alpha=np.minimum(cut.alpha, 255 - rim))


def scaled(cut: Cut, factor_x: float, factor_y: float | None = None) -> Cut:
    """The piece in another size: area averaging when smaller, Lanczos when larger."""
    factor_y = factor_x if factor_y is None else factor_y
    height, width = cut.alpha.shape
    size = (max(1, round(width * factor_x)), max(1, round(height * factor_y)))
    if size == (width, height):
        return cut
    way = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_LANCZOS4
    return Cut(
        cv2.resize(cut.pixels, size, interpolation=way),
        cv2.resize(cut.alpha, size, interpolation=cv2.INTER_AREA if way == cv2.INTER_AREA else cv2.INTER_LINEAR),
        cv2.resize(cut.shade, size, interpolation=cv2.INTER_LINEAR),
        cut.box,
    )


def turned(cut: Cut, degrees: float) -> Cut:
    """The piece rotated clockwise about its middle, its frame grown to hold it; the shadow, which would not turn with it, is dropped."""
    if degrees % 360 == 0:
        return cut
    if degrees % 90 == 0:
        times = -round(degrees / 90)
        pixels, alpha = (np.ascontiguousarray(np.rot90(part, times)) for part in (cut.pixels, cut.alpha))
        return Cut(pixels, alpha, np.full(alpha.shape, 255, np.uint8), cut.box)
    height, width = cut.alpha.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(np.ceil(width * cosine + height * sine)) + 2, int(np.ceil(width * sine + height * cosine)) + 2)
    matrix[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    pixels = cv2.warpAffine(cut.pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(cut.alpha, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0)
    return Cut(pixels, alpha, np.full(alpha.shape, 255, np.uint8), cut.box)


def mirrored(cut: Cut, *, upside_down: bool = False) -> Cut:
    """The piece reflected left to right, or top to bottom (then without its shadow)."""
    way = np.s_[::-1] if upside_down else np.s_[:, ::-1]
    shade = np.full_like(cut.shade, 255) if upside_down else np.ascontiguousarray(cut.shade[way])
    return replace(
        cut, pixels=np.ascontiguousarray(cut.pixels[way]), alpha=np.ascontiguousarray(cut.alpha[way]), shade=shade
    )


def put(
    picture: Array, mask: Array, cut: Cut, left: int, top: int, *, front: Array | None = None
) -> tuple[Array, Array]:
    """`picture` with the piece's frame at (left, top), clipped at the frame, and `mask` joined with what it touches; both new.

    `front` HxW uint8: what stands before the piece and stays visible.
    """
    height, width = mask.shape
    tall, wide = cut.alpha.shape
    x0, y0, x1, y1 = clip((left, top, left + wide, top + tall), width, height)
    result, touched = picture.copy(), mask.copy()
    if x1 <= x0 or y1 <= y0:
        return result, touched
    place, part = np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha, shade = cut.alpha[part], cut.shade[part]
    if front is not None:
        keep = 255 - front[place]
        alpha = np.minimum(alpha, keep)
        shade = np.maximum(shade, 255 - keep)
    ground = (result[place].astype(np.uint16) * shade[..., None] // 255).astype(np.uint8)
    result[place] = blend(ground, np.ascontiguousarray(cut.pixels[part]), np.ascontiguousarray(alpha))
    touched[place] = np.where((alpha > 0) | (shade < 255), 255, touched[place])
    return result, touched


def spot(
    relation: Relation, size: tuple[int, int], frame: tuple[int, int], anchor: Box | None = None
) -> tuple[int, int] | None:
    """Left and top of a box of `size` (width, height) that stands as `relation` says, relative to `anchor` or within the `frame`
    (width, height); None if the relation is no place. Kept within the frame where it fits."""
    wide, tall = size
    width, height = frame
    edge = round(0.03 * min(width, height))
    if anchor is not None:
        x0, y0, x1, y1 = anchor
        gap = round(0.04 * (x1 - x0)) + 2
        middle, rest = (x0 + x1 - wide) // 2, y1 - tall
        right_fits = width - x1 >= wide + gap or width - x1 >= x0
        places = {
            Relation.LEFT: (x0 - gap - wide, rest),
            Relation.RIGHT: (x1 + gap, rest),
            Relation.BESIDE: (x1 + gap, rest) if right_fits else (x0 - gap - wide, rest),
            Relation.ABOVE: (middle, y0 - gap - tall),
            Relation.TOP: (middle, y0 - gap - tall),
            Relation.BELOW: (middle, y1 + gap),
            Relation.BOTTOM: (middle, y1 + gap),
            Relation.ON: (middle, y0 + round(0.12 * (y1 - y0)) - tall),
            Relation.INSIDE: (middle, y0 + round(0.62 * (y1 - y0)) - tall),
            Relation.BEHIND: (middle + round(0.3 * (x1 - x0)), rest - round(0.12 * (y1 - y0))),
            Relation.IN_FRONT: (middle, rest + round(0.12 * (y1 - y0))),
            Relation.CENTER: (middle, (y0 + y1 - tall) // 2),
        }
    else:
        left, top, right, bottom = edge, edge, width - wide - edge, height - tall - edge
        across, down = (width - wide) // 2, (height - tall) // 2
        places = {
            Relation.CENTER: (across, down),
            Relation.TOP: (across, top),
            Relation.BOTTOM: (across, bottom),
            Relation.LEFT: (left, down),
            Relation.RIGHT: (right, down),
            Relation.TOP_LEFT: (left, top),
            Relation.TOP_RIGHT: (right, top),
            Relation.BOTTOM_LEFT: (left, bottom),
            Relation.BOTTOM_RIGHT: (right, bottom),
            Relation.FOREGROUND: (across, bottom),
        }
    place = places.get(relation)
    if place is None:
        return None
    return within(place[0], wide, width), within(place[1], tall, height)


def cut_sides(mask: Array) -> tuple[str, ...]:
    """Sides of the frame ("left", "top", "right", "bottom") that cut the object under `mask` (HxW uint8) off."""
    height, width = mask.shape
    edges = {"left": mask[:, 0], "top": mask[0], "right": mask[:, -1], "bottom": mask[-1]}
    least = max(_CUT_LEAST, round(_CUT_SHARE * min(height, width)))
    return tuple(name for name, edge in edges.items() if int((edge > 127).sum()) >= least)


def within(start: int, length: int, room: int) -> int:
    """`start` moved so that `length` pixels lie in `room`, if they fit; else centred."""
    return min(max(0, start), room - length) if length <= room else (room - length) // 2
