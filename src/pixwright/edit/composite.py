"""The one place that decides what an edit touches.

An editor proposes a picture and a soft mask; here the two are blended in integers, so that a weight of 0 keeps the input's pixel and
a weight of 255 takes the proposal's, both bit for bit.
"""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Proposal
from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

_STRIP = 256
"""Rows blended at a time: bounds the working memory at 12 megapixels."""


def composite(before: Array, proposal: Proposal, limit: Array | None = None) -> tuple[Array, Array]:
    """The edited picture and its effective mask, both new arrays.

    `before` HxWx3 uint8; `limit` HxW uint8 is the user's own mask: no pixel gets more weight than it allows. Where the
    effective mask is 0 the result equals `before`. A proposal that changes the canvas (`evidence.canvas`) returns the new size and no
    limit applies: its old part, or for a crop the part that was kept, is copied from `before`.
    """
    height, width = before.shape[:2]
    if proposal.refused is not None:
        return before.copy(), np.zeros((height, width), np.uint8)
    assert proposal.picture.dtype == np.uint8 and proposal.mask.dtype == np.uint8
    assert proposal.mask.shape == proposal.picture.shape[:2]
    if proposal.evidence.canvas is not None:
        return _canvas(before, proposal, proposal.evidence.canvas)
    assert proposal.picture.shape == before.shape, (proposal.picture.shape, before.shape)
    mask = proposal.mask.copy() if limit is None else np.minimum(proposal.mask, limit)
    return blend(before, proposal.picture, mask), mask


def blend(before: Array, after: Array, mask: Array) -> Array:
    """`before * (255 - mask) + after * mask`, rounded; exact where the mask is 0 or 255. HxWx3, HxWx3, HxW uint8 -> HxWx3."""
    result = before.copy()
    if not mask.any():
        return result
    left, first, right, end = box_of(mask)
    for top in range(first, end, _STRIP):
        part = np.s_[top : min(top + _STRIP, end), left:right]
        weight = mask[part].astype(np.uint16)[..., None]
        mixed = before[part].astype(np.uint16) * (255 - weight) + after[part].astype(np.uint16) * weight
        result[part] = ((mixed + 127) // 255).astype(np.uint8)
    return result


def _canvas(before: Array, proposal: Proposal, canvas: Box) -> tuple[Array, Array]:
    """A larger canvas keeps the old picture, a crop is a part of it, a quarter turn holds its pixels; only a rescaling and a turn by a few degrees resample."""
    height, width = before.shape[:2]
    x0, y0, x1, y1 = canvas
    new = proposal.picture
    if (x1 - x0, y1 - y0) == (width, height):
        picture = new.copy()
        picture[y0:y1, x0:x1] = before
        mask = np.full(picture.shape[:2], 255, np.uint8)
        mask[y0:y1, x0:x1] = 0
        return picture, mask
    if proposal.evidence.angle is not None and proposal.evidence.angle % 90 == 0:
        turned = np.rot90(before, -round(proposal.evidence.angle / 90))
        assert np.array_equal(turned, new), "a turned canvas must hold the old pixels"
        return new.copy(), np.full(new.shape[:2], 255, np.uint8)
    if proposal.evidence.factor is not None or proposal.evidence.angle is not None:
        return new.copy(), np.full(new.shape[:2], 255, np.uint8)
    assert new.shape[:2] == (y1 - y0, x1 - x0) and 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height, canvas
    return before[y0:y1, x0:x1].copy(), np.zeros(new.shape[:2], np.uint8)
