"""What every measurement looks at: a sample brought to one size, with its mask, decoded and reduced once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.judge.contract import Trial
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.region import Box, Region
from pixwright.records.sample import Reference, Sample

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

SIDE = 256
"""Longer side, in pixels, at which looks are compared; differences of pixels are measured at full size."""
SEEN = 12
"""Difference of a channel, of 255, from which on a pixel counts as changed: an eye sees it."""


@dataclass(frozen=True, eq=False)
class View:
    """A sample as the measurements see it. `before`, `after` HxWx3 uint8 of one size, or both empty where the sizes do not agree."""

    sample: Sample
    encoders: Encoders

    @property
    def type(self) -> EditType:
        """What the edit really is: an implicit one and a guided one are measured as what their step asks for."""
        return self.sample.step.type if self.sample.type is EditType.IMPLICIT_CHANGE else self.sample.type

    @cached_property
    def _aligned(self) -> tuple[Array, Array, Array | None]:
        before, after, mask = self.sample.source[..., :3], self.sample.edited[..., :3], self.sample.mask
        if self.sample.canvas is not None:
            x0, y0, x1, y1 = self.sample.canvas
            after = after[max(y0, 0) : y1, max(x0, 0) : x1]
            mask = None if mask is None else mask[max(y0, 0) : y1, max(x0, 0) : x1]
        if before.shape != after.shape or (mask is not None and mask.shape != after.shape[:2]):
            return before[:0], before[:0], None
        return np.ascontiguousarray(before), np.ascontiguousarray(after), mask

    @property
    def before(self) -> Array:
        """The source."""
        return self._aligned[0]

    @property
    def after(self) -> Array:
        """The edited picture; of an outpainted one the part that shows the source."""
        return self._aligned[1]

    @property
    def same_size(self) -> bool:
        """Whether the two can be compared pixel by pixel."""
        return self.before.size > 0

    @cached_property
    def inside(self) -> Bools | None:
        """HxW: where the edit is; None for an edit of the whole picture, or a mask that says nothing."""
        mask = self._aligned[2]
        if mask is None or not (mask > 127).any():
            return None
        return np.asarray(mask > 127)

    @cached_property
    def difference(self) -> Array:
        """HxW uint8: the largest difference of a channel. `cv2.absdiff`: uint8 arrays that are subtracted wrap round."""
        delta = cv2.absdiff(self.before, self.after)
        return np.asarray(cv2.max(cv2.max(delta[..., 0], delta[..., 1]), delta[..., 2]), np.uint8)

    @cached_property
    def part(self) -> Bools | None:
        """HxW: what of the mask changed, without its specks. A mask may hold things that stand among the edited ones."""
        if self.inside is None:
            return None
        seen = cv2.medianBlur((self.inside & (self.difference > SEEN)).astype(np.uint8), 3)
        seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0
        return np.asarray(seen & self.inside) if seen.sum() > 0.01 * self.inside.sum() else self.inside

    @cached_property
    def box(self) -> Box | None:
        """The mask's bounds, XYXY."""
        if self.inside is None:
            return None
        x, y, w, h = cv2.boundingRect(self.inside.astype(np.uint8))
        return x, y, x + w, y + h

    @cached_property
    def small(self) -> tuple[Array, Array, Bools | None]:
        """Before, after and mask with a longer side of at most SIDE."""
        inside = None if self.inside is None else shrink(self.inside.astype(np.uint8) * 255, SIDE) > 127
        return (
            shrink(self.before, SIDE),
            shrink(self.after, SIDE),
            None if inside is None or not inside.any() else inside,
        )

    @property
    def reference(self) -> Reference | None:
        """The first picture that the instruction names and the step uses."""
        wanted = self.sample.step.reference
        shown = [r for r in self.sample.references if r.pixels is not None]
        return next((r for r in shown if r.number == wanted), shown[0] if shown else None)

    @cached_property
    def trial(self) -> Trial:
        """The same as the judge's checks take it."""
        height, width = self.before.shape[:2]
        mask = np.full((height, width), 255, np.uint8) if self.inside is None else self.inside.astype(np.uint8) * 255
        region = Region(mask, (self.box or (0, 0, width, height),), 1.0, str(self.sample.step.target or ""), "user")
        pair = self.before, self.after, self.sample.step
        return Trial(*pair, region, mask, Evidence(), self.encoders, lambda _p, _w: region, lambda _p: mask)


def squared(picture: Array, inside: Bools, side: int = 160) -> Array:
    """The masked thing on mid grey, in a square of `side` pixels: what stands behind it cannot be mistaken for it."""
    x, y, w, h = cv2.boundingRect(inside.astype(np.uint8))
    n = max(w, h)
    pad = n // 8 + 1
    out = np.full((n + 2 * pad, n + 2 * pad, 3), 128, np.uint8)
    top, left = pad + (n - h) // 2, pad + (n - w) // 2
    part = np.s_[y : y + h, x : x + w]
    out[top : top + h, left : left + w] = np.where(inside[part][..., None], picture[part][..., :3], 128)
    how = cv2.INTER_AREA if len(out) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(out, (side, side), interpolation=how), np.uint8)


def components(inside: Bools, least: float = 0.15) -> list[Bools]:
    """The connected parts of a mask, largest first, without those smaller than `least` of the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    order = sorted(range(1, count), key=lambda i: -int(area[i]))
    return [np.asarray(labels == i) for i in order if area[i] >= least * area[order[0]]]
