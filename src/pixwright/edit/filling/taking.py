"""What goes with a thing that is taken out of a picture: its halo, bits of it that its outline forgot, its shadow, its mirror image.

Everything here is measured beside the thing, and goes only as far as what is measured: what cannot be told from the ground stays, and is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context
from pixwright.edit.filling.clean_plate import refine
from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.shadows import cast_shadow, mirror_image
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_of

_SIDE = 420
"""Longer side, in pixels, of the window at which a thing and its rim are looked at."""
_HALO, _LEAST_HALO = 0.05, 2
"""How far a halo is looked for, as a share of the thing's size, and the least that is taken, in pixels of the window."""
_BLED = 0.1
"""Share of the thing's colour in a ring around it, below which its halo has ended."""
_FALLS = 0.02
"""By so much the share falls from ring to ring while it is a halo; what stays as it is is the ground's own variation."""
_TELLING = 12.0
"""Difference of thing and ground (L*a*b*) from which a share of either can be told."""
_REACH, _BIT = 0.15, 0.15
"""How far from the thing forgotten bits of it are looked for, as a share of its size; and the most they cover, as a share of its area."""
_BORDER, _SHADES, _STEP, _UNLIKE, _MIXED = 5, 0.4, 6.0, 18.0, 0.5
"""Radius in pixels of what is right beside a mark; how much L* counts there, and the steps in which its commonest colour is counted; the distance from that which is another surface; and the most of that there is beside a mark on one."""
_STANDS = 100
_TOUCHED = 16
"""Level of a mask from which a pixel shows something of it."""
_OWN = 0.6
"""Odds, in [0, 1], that a pixel's colour is the thing's rather than the ground's, from which it is taken for a bit of the thing."""
_SLIT = 0.02
"""Width, over the hole's size, of a slit between the thing and its shadow that goes with them."""
_SLIVER = 0.05
"""Thickness, over the hole's size, up to which what stands beside a hole is the rim of what was in it."""
_RIM, _AROUND, _NEAR = 0.35, 0.8, 0.35
"""Share of a hole's rim along which a thing must stand to be what the hole lies before, and to be all that is around it; and how far from the hole, in its sizes, it may be copied otherwise."""
_SEVERAL = 12
"""Things that are each looked at by themselves; of more, what lies around all together."""
_BINS = (10, 14, 14)
_CLEAR, _EVEN = 0.18, 2.5
"""How far from the thing, in its sizes, the ground is surely not its shadow; and the deviation (L*a*b*) from a smooth surface up to which ground is even."""
_OFF, _OFF_ROUGH = 2.0, 4.0
"""Difference (L*a*b*) from even ground that is seen, and the same in deviations of the ground."""
_SHADE, _GREYISH = 32.0, 7.0
"""L* by which a soft shadow on even ground is darker, at most, and by how much its colour may differ (distance in a*, b*)."""
_STRANGE = 20.0
"""Difference (L*a*b*) from even ground from which it is no glow of it."""
_MOST_BESIDE = 0.6
"""The most that is taken beside a thing on even ground, as a share of its area."""
_UNSEEN = 0.25
"""The most of it, as a share, that lies where no ground is known, so that it may be ground itself."""
_ENCLOSED, _CONTENTS = 0.6, 0.9
"""Share of an enclosed piece's rim that the thing must have, where the frame has not; and the most of it, over the thing's area."""
_LEAST_GROUND, _ROUNDS, _STRIDE = 400, 4, 3
"""Pixels of ground, at least, from which a surface is fitted; how often what is off it is left out; and every which row and column is looked at."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Taken:
    """`hole` HxW uint8, 0 or 255: all that goes. `shadow` HxW uint8, soft: what of it is the thing's shadow. `left`: what had to stay, in words."""

    mask: Array
    hole: Array
    shadow: Array
    left: str | None = None
    drawn: bool = False
    """Whether the user drew it: nothing beyond it changes."""


def taken(picture: Array, mask: Array, context: Context) -> Taken:
    """Everything of the thing under `mask` (HxW uint8) in `picture` HxWx3, what the user protects excepted."""
    standing = context.standing(picture)
    exact = refine(picture, mask)
    both = np.maximum(mask, exact)
    body, with_it, shade = _body(picture, both, standing)
    if not body.any():
        return Taken(exact, body, np.zeros_like(body))
    others = beside(standing, body)
    shadow, left = cast_shadow(picture, both, others)
    exact, shadow = np.maximum(exact, with_it), np.maximum(shadow, shade)
    hole = np.maximum(body, np.where(shadow > 24, 255, 0).astype(np.uint8))
    hole = _joined(np.maximum(hole, mirror_image(picture, both, others)))
    if context.protected is not None:
        hole[context.protected > 127] = 0
    return Taken(exact, hole, shadow, left)


def _joined(hole: Array) -> Array:
    """A hole without the slits between what was found in several ways."""
    x, y, wide, tall = cv2.boundingRect(hole)
    kernel = _disc(max(1, round(_SLIT * max(wide, tall))))
    part = np.s_[y : y + tall, x : x + wide]
    hole[part] = cv2.morphologyEx(hole[part], cv2.MORPH_CLOSE, kernel)
    return hole


def going(picture: Array, region: Region, context: Context) -> Taken:
    """The same of a region; one that the user drew, and did not only point at, is taken as it is drawn."""
    if region.exact:
        # Marks on a surface have no shadow and no halo.
        hole = cv2.dilate((region.mask >= _TOUCHED).astype(np.uint8), _disc(_LEAST_HALO)) * np.uint8(255)
        if context.protected is not None:
            hole[context.protected > 127] = 0
        return Taken(region.mask, hole, np.zeros_like(region.mask))
    if region.source != "user" or region.outlined:
        several = 1 < len(region.boxes) <= _SEVERAL and region.labels is not None
        if not several:
            return taken(picture, region.mask, context)
        # Each by itself: what lies between two of them is ground, and no slit in one thing.
        each = [taken(picture, region.instance(n), context) for n in range(len(region.boxes))]
        mask, hole, shadow = (
            np.maximum.reduce([getattr(one, name) for one in each]) for name in ("mask", "hole", "shadow")
        )
        return Taken(mask, hole, shadow, next((one.left for one in each if one.left), None))
    return Taken(region.mask, region.mask.copy(), np.zeros_like(region.mask), drawn=True)


def forbidden(picture: Array, hole: Array, context: Context, also: Array | None = None) -> Array:
    """What must not be copied into `hole` (HxW uint8): what stands out elsewhere, what the user protects, and `also`. HxW uint8."""
    mask = beside(np.maximum(context.standing(picture), context.people(picture)), hole)
    for more in (context.protected, also):
        if more is not None:
            mask = np.maximum(mask, more)
    return mask


def beyond_surface(picture: Array, hole: Array) -> Array | None:
    """What differs from the surface around a hole (HxW uint8, 255), on which a mark lay: it is no part of that surface. None where the hole lies on several."""
    ring = (cv2.dilate(hole, _disc(_BORDER)) > 0) & (hole == 0)
    if not ring.any():
        return None
    lab = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] *= _SHADES
    colours = lab[ring]
    bins = np.floor(colours / _STEP).astype(np.int32)
    kinds, counts = np.unique(bins, axis=0, return_counts=True)
    commonest = np.median(colours[(np.abs(bins - kinds[int(counts.argmax())]) <= 1).all(axis=1)], axis=0)
    unlike = np.linalg.norm(lab - commonest, axis=2) > _UNLIKE
    return None if unlike[ring].mean() > _MIXED else np.where(unlike & (hole == 0), 255, 0).astype(np.uint8)


def beside(standing: Array, hole: Array) -> Array:
    """What stands out of the picture besides what is in the hole, whose rim stands out as well: HxW uint8, 0 or 255."""
    other = ((standing > 127) & (hole == 0)).astype(np.uint8)
    box = cv2.boundingRect((hole > 0).astype(np.uint8))
    reach = max(1, round(_SLIVER * max(box[2:]) / 2))
    other = other & ~_behind(other, hole, box, reach)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    x0, y0 = max(0, box[0] - 3 * reach), max(0, box[1] - 3 * reach)
    near = np.s_[y0 : box[1] + box[3] + 3 * reach, x0 : box[0] + box[2] + 3 * reach]
    other[near] = cv2.morphologyEx(other[near], cv2.MORPH_OPEN, kernel)
    return np.asarray(other * 255, np.uint8)


def _behind(other: Array, hole: Array, box: Sequence[int], reach: int) -> Array:
    """Of what stands, the things that the hole lies before: they are along much of its rim, and go on in it. HxW, 0 or 1."""
    x0, y0 = max(0, box[0] - 2 * reach), max(0, box[1] - 2 * reach)
    near = np.s_[y0 : box[1] + box[3] + 2 * reach, x0 : box[0] + box[2] + 2 * reach]
    rim = (cv2.dilate((hole[near] > 0).astype(np.uint8), _disc(reach + 2)) > 0) & (hole[near] == 0)
    _, labels = cv2.connectedComponents(other, connectivity=8)
    share = np.bincount(labels[near][rim], minlength=int(labels.max()) + 1) / max(1, int(rim.sum()))
    share[0] = 0.0
    if not (share > _RIM).any():
        return np.zeros_like(other)
    close = cv2.distanceTransform((hole == 0).astype(np.uint8), cv2.DIST_L2, 3) < _NEAR * max(box[2:])
    # Of what only stands beside the hole as well, the head is not to be copied to where the sleeve was hidden.
    return np.asarray((share > _AROUND)[labels] | ((share > _RIM)[labels] & close), np.uint8)


def _body(picture: Array, mask: Array, standing: Array) -> tuple[Array, Array, Array]:
    """The thing with its halo and all that goes with it, HxW uint8, 0 or 255; what of that is of the thing or lies on it, and what is its soft shadow, HxW uint8."""
    hole, with_it, shade = np.zeros((3, *mask.shape), np.uint8)
    x, y, wide, tall = cv2.boundingRect((mask >= 16).astype(np.uint8))
    if not wide:
        return hole, with_it, shade
    around = max(8, round(2 * _REACH * max(wide, tall)))
    part = np.s_[max(0, y - around) : y + tall + around, max(0, x - around) : x + wide + around]
    pixels, own, stands = (shrink(one[part], _SIDE, least=8) for one in (picture, mask, standing))
    scale = max(own.shape) / max(mask[part].shape)
    size = max(wide, tall) * scale
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    thing = (own >= 16).astype(np.uint8)
    halo = _halo(lab, own, stands, size)
    grown = cv2.dilate(_solid(thing, halo), _disc(halo))
    bits = _forgotten(lab, thing > 0, grown > 0, stands > _STANDS, size)
    grown = np.maximum(grown, cv2.dilate(bits.astype(np.uint8), _disc(halo)))
    contents = _contents(lab, grown > 0, stands > _STANDS)
    grown = np.maximum(grown, contents)
    # Deep in the thing there is no ground: soft slits about what lies on it are its own.
    deep = cv2.erode(grown, _disc(3 * halo))
    rest, strange, dark = _off_even_ground(lab, grown > 0, stands > _STANDS, size)
    grown, own_too = np.maximum(grown, rest), np.maximum(deep, strange)
    whole = mask[part].shape[::-1]
    soft, with_it[part], shade[part] = (
        cv2.resize(one * 255, whole, interpolation=cv2.INTER_LINEAR) for one in (grown, own_too, dark)
    )
    # What the mask itself marks is in the hole at the picture's own size, however thin it is.
    exact = cv2.dilate((mask[part] >= 16).astype(np.uint8), _disc(max(2, round(0.7 * halo / scale))))
    hole[part] = np.where((soft > 127) | (exact > 0), 255, 0)
    return hole, with_it, shade


def _disc(radius: int) -> Array:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _solid(thing: Array, radius: int) -> Array:
    """Small holes within a thing are part of it for whoever wants it gone."""
    padded = np.pad(thing, 2 * radius)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, _disc(radius))
    return np.asarray(closed[2 * radius : -2 * radius, 2 * radius : -2 * radius], np.uint8)


def _halo(lab: Floats, own: Array, stands: Array, size: float) -> int:
    """How far, in pixels, the thing's colour bleeds into the ground around it."""
    most = max(4, round(_HALO * size))
    thing = own > 127
    inner = cv2.erode(thing.astype(np.uint8), _disc(2)) > 0
    away = cv2.distanceTransform((~thing).astype(np.uint8), cv2.DIST_L2, 3)
    ground = (away > most + 2) & (stands < _STANDS)
    if inner.sum() < 16 or ground.sum() < 60:
        return max(_LEAST_HALO, most // 3)
    colour, behind = diffuse(lab, inner), diffuse(lab, ground)
    contrast = ((colour - behind) ** 2).sum(axis=2)
    share = ((lab - behind) * (colour - behind)).sum(axis=2) / np.maximum(contrast, 1e-3)
    # Where another thing stands beside this one, what bleeds is not to be told.
    telling = (contrast > _TELLING**2) & ((stands < _STANDS) | (away < most / 2))
    before = np.inf
    for reach in range(_LEAST_HALO, most):
        ring = telling & (away > reach - 0.5) & (away <= reach + 0.5)
        here = float(np.median(share[ring])) if ring.sum() >= 12 else 0.0
        if here < _BLED or here > before - _FALLS:
            return reach
        before = here
    return most


def _forgotten(lab: Floats, thing: Bools, hole: Bools, stands: Bools, size: float) -> Bools:
    """What stands out beside the hole, touches it, ends within reach, and has the thing's colours rather than the ground's."""
    reach = max(6, round(_REACH * size))
    wide = cv2.dilate(hole.astype(np.uint8), _disc(reach)) > 0
    ground = ~hole & ~stands
    if not (stands & wide & ~hole).any() or ground.sum() < 60:
        return np.zeros_like(thing)
    low, high = np.array([0, -60, -60], np.float32), np.array([100.01, 60.01, 60.01], np.float32)
    index = np.clip((lab - low) / (high - low), 0, 0.9999) * np.array(_BINS, np.float32)
    flat = np.ravel_multi_index(tuple(np.moveaxis(index.astype(np.int32), 2, 0)), _BINS)
    shares = []
    for part in (thing, ground):
        counts = np.bincount(flat[part], minlength=int(np.prod(_BINS))).reshape(_BINS).astype(np.float32)
        smooth = sum(np.roll(counts, step, axis) for axis in range(3) for step in (-1, 1)) / 12 + counts / 2
        shares.append((smooth / max(1.0, counts.sum())).ravel())
    odds = shares[0] / np.maximum(shares[0] + shares[1], 1e-6)
    alike = cv2.blur(odds[flat].astype(np.float32), (3, 3)) > _OWN
    found = stands & alike & ~hole
    near = cv2.dilate(hole.astype(np.uint8), _disc(2)) > 0
    count, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    good = np.bincount(labels[near], minlength=count) > 0
    good &= np.bincount(labels[~wide], minlength=count) == 0  # what goes on further is another thing
    good &= np.bincount(labels.ravel(), minlength=count) > 4
    good[0] = False
    bits = good[labels]
    return bits if bits.sum() <= _BIT * thing.sum() else np.zeros_like(thing)


def _contents(lab: Floats, hole: Bools, stands: Bools) -> Array:
    """What lies on the thing or in it and is no ground: enclosed by the hole and the frame, and of other colours than what is around. HxW, 0 or 1."""
    found = np.zeros(hole.shape, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~hole).astype(np.uint8), connectivity=4)
    frame = np.zeros_like(hole)
    frame[0], frame[-1], frame[:, 0], frame[:, -1] = True, True, True, True
    touching = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    for i in range(1, count):
        piece = labels == i
        area = int(stats[i, cv2.CC_STAT_AREA])
        if area > _CONTENTS * hole.sum():
            continue
        edge = np.count_nonzero(piece & touching)
        if edge > _ENCLOSED * (edge + np.count_nonzero(piece & frame)) and stands[piece].mean() > 1 / 2:
            found[piece] = 1
    return found


def _off_even_ground(lab: Floats, hole: Bools, stands: Bools, size: float) -> tuple[Array, Array, Array]:
    """On even ground, what is seen beside the hole and is joined to it, what of that is surely of the thing, and what is its soft shadow. HxW each, 0 or 1."""
    nothing = np.zeros(hole.shape, np.uint8), np.zeros(hole.shape, np.uint8), np.zeros(hole.shape, np.uint8)
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3)
    ground = (away > _CLEAR * size) & ~stands
    off, rough = _off_surface(lab, ground)
    if rough > _EVEN:
        return nothing
    seen = (np.linalg.norm(off, axis=2) > max(_OFF, _OFF_ROUGH * rough)) & ~hole
    count, labels = cv2.connectedComponents(seen.astype(np.uint8), connectivity=8)
    good = np.bincount(labels[(away < 3) & seen], minlength=count) > 0
    # What goes on farther is another thing.
    good &= np.bincount(labels[seen & (away > 2 * _CLEAR * size)], minlength=count) == 0
    good[0] = False
    found = good[labels]
    if found.sum() > _MOST_BESIDE * hole.sum() or found[~_spanned(ground)].sum() > _UNSEEN * found.sum():
        return nothing
    shadow = found & (off[..., 0] < 0) & (off[..., 0] > -_SHADE) & (np.linalg.norm(off[..., 1:], axis=2) < _GREYISH)
    strange = found & ~shadow & (np.linalg.norm(off, axis=2) > _STRANGE)
    return found.astype(np.uint8), strange.astype(np.uint8), shadow.astype(np.uint8)


def _spanned(known: Bools) -> Bools:
    """The rows and columns between which something is known, HxW: a surface says nothing of what lies beyond, as of the floor where only the wall is seen."""
    within = np.zeros_like(known)
    if known.any():
        x0, y0, x1, y1 = box_of(known)
        within[y0:y1, x0:x1] = True
    return within


def _off_surface(lab: Floats, known: Bools) -> tuple[Floats, float]:
    """By how much each pixel is off the surface of second order through the known ones (HxWx3, in L*a*b*), and how far those are from it, usually."""
    nothing = np.zeros(lab.shape, np.float32)
    height, width = known.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(y), y, x, y * y, x * x, x * y], axis=2)
    sample = np.s_[::_STRIDE, ::_STRIDE]
    ground, rows, colours = known[sample].ravel(), terms[sample].reshape(-1, terms.shape[2]), lab[sample].reshape(-1, 3)
    rough = np.inf
    for _ in range(_ROUNDS):
        if np.count_nonzero(ground) < _LEAST_GROUND / _STRIDE:
            return nothing, np.inf
        weights, *_ = np.linalg.lstsq(rows[ground], colours[ground], rcond=None)
        gap = np.linalg.norm(colours - rows @ weights, axis=1)
        rough = float(np.median(gap[ground]))
        ground &= gap < max(3 * rough, 1.0)
    if rough > _EVEN:
        return nothing, rough
    return np.asarray(cv2.GaussianBlur(lab - (terms @ weights).astype(np.float32), (0, 0), 1.0), np.float32), rough
