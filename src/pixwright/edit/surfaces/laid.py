"""Something laid on a thing: its rim unmixed, what is meant of it picked out, and the change brought to full size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.surfaces.body import Meant, called, meant
from pixwright.edit.surfaces.bordering import on_edges
from pixwright.edit.surfaces.edge import Edge, read_edge
from pixwright.edit.surfaces.neighbours import joined
from pixwright.edit.surfaces.paint import carried_on, kindred
from pixwright.edit.surfaces.surface import bounds
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.records.thing import Thing
from pixwright.words import lexicon

_MARGIN, _LEAST_MARGIN = 0.15, 24
"""How far around a thing is looked, in longer sides of its box, and at least, in pixels."""
_FINEST = 1200
"""Longer side, in pixels, at which what is meant is picked out."""
_HALF = 127
"""A pixel of a mask above it belongs to the thing."""
_LEAST_MEANT = 0.06
"""Share of the thing that must be meant; under it the whole thing is."""

_SEAM = 1 / 60
"""Width of the gap between boards or tiles, at most, over the square root of the plane's area."""

Work = Callable[[Array, Meant], Array]
"""The thing's own colours HxWx3 and what of it is meant -> the new colours."""


def laid(
    picture: Array,
    region: Region,
    target: Thing | None,
    work: Work,
    *,
    everything: bool = False,
    statue: bool = False,
    plane: bool = False,
    loosely: bool = False,
    side: int | None = None,
) -> tuple[Array, Array]:
    """The picture HxWx3 with `work` done on the region, and how much of each pixel is meant, HxW uint8.

    `everything` takes the whole thing; `statue` the whole of a living one; `plane` what is as narrow as a seam with what is beside it; `loosely` all but what
    plainly has another colour. `side`: longer side, in pixels, at which the work is done; the change is enlarged, so that the
    fine detail of a larger picture stays.
    """
    region = _whole_paint(picture, region, target)
    x0, y0, x1, y1 = bounds(region.mask, margin_of(region.mask))
    part = np.s_[y0:y1, x0:x1]
    pixels = np.ascontiguousarray(picture[part])
    edge = _edge(pixels, part, picture, region)
    body = (
        Meant(edge.mask)
        if everything or region.exact
        else _picked(edge.own, edge.mask, target, statue, region.beside is None and region.source != "user", loosely)
    )
    if np.count_nonzero(body.mask > _HALF) < _LEAST_MEANT * np.count_nonzero(edge.mask > _HALF):
        body = Meant(edge.mask)
    if plane:
        body = replace(body, mask=_with_seams(body.mask, edge.mask))
    own = edge.own if side is None else shrink(edge.own, side)
    small = Meant(body.mask if side is None else shrink(body.mask, side), body.paint)
    change = work(own, small).astype(np.int16) - own
    if own.shape != edge.own.shape:
        change = np.asarray(cv2.resize(change, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR), np.int16)
    out, mask = picture.copy(), np.zeros_like(region.mask)
    # The change of the thing's own colour is laid on what is there, which on the rim is in part the ground's.
    out[part] = np.clip(change + pixels, 0, 255)
    mask[part] = body.mask if region.beside is None else _over(body.mask, region.beside.after[part])
    return out, mask


def _with_seams(mask: Array, thing: Array) -> Array:
    """The mask HxW uint8 of what is meant of a plane, with the gaps between its boards or tiles, which are of another colour; `thing` is all of the plane."""
    wide = max(round(float(np.sqrt(np.count_nonzero(thing > _HALF))) * _SEAM), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    return np.minimum(np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), np.uint8), thing)


def margin_of(mask: Array) -> int:
    """Pixels of ground around the thing under `mask` (HxW uint8) that its rim and its colours are told from."""
    x0, y0, x1, y1 = bounds(mask)
    return max(_LEAST_MARGIN, round(_MARGIN * max(x1 - x0, y1 - y0)))


def _whole_paint(picture: Array, region: Region, target: Thing | None) -> Region:
    """The region with what of its paint its outline cuts off; what the user drew, what was decided before, and what has a neighbour that is changed too is as it is."""
    if region.source == "user" or region.exact or region.beside is not None:
        return region
    x0, y0, x1, y1 = bounds(region.mask, 2 * margin_of(region.mask))
    part = np.s_[y0:y1, x0:x1]
    mask = region.mask.copy()
    mask[part] = carried_on(np.ascontiguousarray(picture[part]), np.ascontiguousarray(mask[part]))
    hue = called(target) if target is not None and _all_of_a_colour(target) else None
    if hue is not None:
        mask = kindred(picture, mask, hue)
    return replace(region, mask=mask)


def _all_of_a_colour(target: Thing) -> bool:
    """Whether all that has the colour is meant: "all red chairs", "the yellow of the wall", and not those on the left."""
    entry = lexicon().look(target.head)
    several = target.plural or target.every or (entry is not None and bool(entry.stuff))
    return several and not (target.places or target.link or target.owner or target.order or target.count)


def _edge(pixels: Array, part: tuple[slice, slice], picture: Array, region: Region) -> Edge:
    """The thing's rim: against the ground, not against what is changed together with it."""
    mask = region.mask if region.labels is None else joined(picture, region.mask, region.labels)
    own = np.ascontiguousarray(mask[part])
    if region.beside is None:
        return read_edge(pixels, own)
    others = region.beside.before[part].astype(np.uint16) + region.beside.after[part]
    every = np.minimum(own + others, 255).astype(np.uint8)
    edge = read_edge(pixels, every)
    share = own.astype(np.float32) / np.maximum(own + others, 1)
    return Edge(np.asarray(np.rint(edge.mask * share), np.uint8), edge.own)


def _over(mask: Array, later: Array) -> Array:
    """The weight with which the surface is laid down, so that its share is `mask` (HxW uint8) once `later` is laid over it."""
    room = np.maximum(255 - later.astype(np.float32), 1)
    return np.asarray(np.minimum(np.rint(mask * (255 / room)), 255), np.uint8)


def _picked(own: Array, mask: Array, target: Thing | None, statue: bool, alone: bool, loosely: bool) -> Meant:
    """What is meant, looked for at a bounded size: there is no finer paint than that."""
    pixels, small = shrink(own, _FINEST), shrink(mask, _FINEST)
    body = meant(pixels, small, target, statue=statue, alone=alone, loosely=loosely)
    known = np.asarray(body.mask / np.maximum(small, 1), np.float32)
    share = cv2.resize(
        on_edges(pixels, known, small > _HALF), (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    return Meant(np.asarray(np.rint(np.minimum(share, 1) * mask), np.uint8), body.paint)
