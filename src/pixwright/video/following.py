"""Following a thing through the frames of a shot: where each of its pixels was in the picture that it is carried over from, whether it is seen, and when it must be found again.

All of it at a reduced size. Motions are put together and taken from the first picture each time, so that outlines do not blur.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.motion import Floats, PixelMotion, affine_of, grey, grid, motion_between, own_motion, sampled
from pixwright.records.instruction import Array

SIDE = 640
"""Longer side, in pixels, at which motion is measured."""
_OWN = 0.5
"""Share from which a pixel is the thing's."""
_ANOTHER, _MORE = 34.0, 2.5
"""Difference of 255 from a thing's own picture at which something else is seen, and how many times the usual difference it must be."""
_SURELY, _BLANK = 0.9, 0.05
"""Share from which a pixel is the thing's alone, and weight of those about a place under which nothing can be said there."""
_PATCH = 2.5
"""Sigma, in pixels, over which that difference is averaged."""
_SPECK = 24
"""Pixels under which what hides a thing is noise."""
_ROUNDS = 3
"""In which what hides a thing is told from it, each with the light of what was left before."""
_LOST = 30.0
"""Mean difference of 255 from its own picture at which a thing is no longer followed."""
_CORRECTED = 3.0
"""Pixels by which a thing may lie beside where it was expected."""
_STEADY = 0.75
"""Pixels by which a part of it may lie otherwise beside its place than what is about it."""
_GAIN = (0.5, 2.0)
"""Within which the light on a thing may change from its own picture."""
_CAST = (0.85, 1.2)
"""Within which each colour of it may change otherwise."""


def small_size(height: int, width: int) -> tuple[int, int]:
    """Width and height at which a frame is followed."""
    scale = min(1.0, SIDE / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, eq=False)
class ThingNow:
    """Where a thing is in a frame; fields h x w at the reduced size."""

    place: Floats
    """h x w x 2: where each pixel was in the picture that it is carried over from, at the reduced size."""
    valid: Floats
    """In [0, 1]: whether that can be believed: the pixel was in sight then, and nothing is before it now."""
    share: Floats
    """In [0, 1]: how much of each pixel is the thing's; what hides it is not."""
    mask: Floats
    """The same, with what hides it."""
    off: float
    """Mean difference of 255 from the thing's own picture, in the same light."""

    matrix: NDArray[np.float64] = field(default_factory=lambda: np.eye(2, 3))
    """2x3, on (x, y, 1): the affine map that comes nearest to `place`."""

    @property
    def coverage(self) -> float:
        """How much of the thing was in sight in the picture that it is carried over from."""
        total = float(self.share.sum())
        return float((self.share * self.valid).sum()) / total if total else 0.0

    @property
    def lost(self) -> bool:
        """Whether what is there is no longer the thing."""
        return self.off > _LOST


class ThingTrack:
    """A thing from one picture on, frame by frame."""

    def __init__(self, picture: Array, share: Floats, *, whole: bool = False) -> None:
        """`picture` h x w x 3 uint8 at the reduced size, `share` h x w in [0, 1]. `whole`: all that is seen, not a thing in it."""
        height, width = share.shape
        self._picture, self._share, self._whole = picture.astype(np.float32), share, whole
        self.now = ThingNow(grid(height, width), np.ones_like(share), share, share, 0.0)

    def follow(self, motion: PixelMotion, picture: Array) -> ThingNow:
        """Where it is in the next frame, which looks like `picture`."""
        flow = motion.flow
        height, width = flow.shape[:2]
        own = grid(height, width)
        if not self._whole:
            near = sampled(self.now.share * np.where(self.now.valid > _OWN, 1, 0.1).astype(np.float32), own + flow)
            flow = own_motion(motion, np.asarray(near, np.float32))
        step = own + flow
        place = np.asarray(sampled(self.now.place, step), np.float32)
        place = self._drawn_back(place, picture)
        valid = np.asarray(sampled(self.now.valid, step) * _inside(step), np.float32)
        valid *= _inside(place)
        if self._whole:
            valid *= motion.trust
        mask = np.asarray(cv2.remap(self._share, place, None, cv2.INTER_LINEAR, borderValue=0), np.float32)
        share = np.asarray(mask * ~_drawn_out(place), np.float32)
        if self._whole:
            mask = share = np.ones_like(mask)
        self.now = self._looked_at(ThingNow(place, valid, share, mask, 0.0), picture)
        return self.now

    def _drawn_back(self, place: Floats, picture: Array) -> Floats:
        """The places, corrected by the motion between the thing's own picture, as it would look there, and what is seen: so no error adds up."""
        expected = np.asarray(np.clip(sampled(self._picture, place), 0, 255), np.uint8)
        share = np.asarray(cv2.remap(self._share, place, None, cv2.INTER_LINEAR, borderValue=0), np.float32)
        if self._whole:
            share = np.asarray(_inside(place), np.float32)
        alone = np.asarray(picture + (expected.astype(np.float32) - picture) * share[..., None], np.uint8)
        left = motion_between(grey(picture), grey(alone))
        near = np.linalg.norm(left.flow, axis=2) <= _CORRECTED
        more = own_motion(PixelMotion(left.flow, np.asarray(left.trust * near, np.float32)), share, _STEADY)
        more = np.clip(more, -_CORRECTED, _CORRECTED)
        return np.asarray(sampled(place, grid(*share.shape) + more), np.float32)

    def _looked_at(self, found: ThingNow, picture: Array) -> ThingNow:
        """The same, with what hides the thing taken off, and how much it looks like itself."""
        inside = (found.share > _OWN) & (found.valid > _OWN)
        if not inside.any():
            return replace(found, off=0.0 if self._whole else 255.0)
        own = sampled(self._picture, found.place)
        another = np.zeros_like(inside)
        for _ in range(_ROUNDS):  # What hides it says nothing of the light on it, nor of how much it usually differs.
            alone = inside & ~another
            if alone.sum() < _PART * inside.sum():
                break
            off, soft, usual = _apart(own, picture, found.share, alone)
            another = _without_specks(soft > max(_ANOTHER, _MORE * usual))
        valid = np.asarray(
            np.where(another, 0, np.maximum(found.valid, _returned(found.valid, soft, usual))), np.float32
        )
        share = found.share if self._whole else np.asarray(found.share * ~another, np.float32)
        left = inside & ~another
        mean = float(off[left].mean()) if left.sum() > _PART * inside.sum() else float(off[inside].mean())
        weight = np.asarray(share * valid, np.float32)
        matrix = np.eye(2, 3) + affine_of(np.asarray(found.place - grid(*share.shape), np.float32), weight)
        return ThingNow(found.place, valid, share, found.mask, mean, matrix)


_PART = 0.4
"""Share of a thing that must be seen for its looks to be judged by that."""


def _apart(
    own: Floats, picture: Array, share: Floats, alone: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.floating], float]:
    """How much a picture differs from a thing's own, of 255, in the light of `alone` (h x w bool): of each pixel, averaged about it, and usually."""
    light = _light(picture[alone].mean(0), own[alone].mean(0))
    off = np.abs(own * light - picture).mean(2)
    usual = float(np.median(off[alone]))
    part = (share > _SURELY).astype(np.float32)
    near = cv2.GaussianBlur(part, (0, 0), _PATCH)
    soft = cv2.GaussianBlur(off * part, (0, 0), _PATCH) / np.maximum(near, _BLANK)
    soft[near < _BLANK] = usual
    return off, soft, usual


def _light(now: NDArray[np.floating], then: NDArray[np.floating]) -> NDArray[np.float64]:
    """By how much the light is stronger now, by channel: all together, and each a little otherwise."""
    ratio = (now.astype(np.float64) + 1) / (then + 1)
    together = float(np.clip(np.exp(np.log(ratio).mean()), *_GAIN))
    return np.asarray(together * np.clip(ratio / together, *_CAST), np.float64)


def _returned(valid: Floats, soft: Floats, usual: float) -> Floats:
    """What was hidden and looks like itself again is seen again."""
    again = (soft < max(_ANOTHER / 2, usual)) & (valid <= _OWN)
    return np.asarray(again * _BELIEVED, np.float32)


_BELIEVED = 0.75
"""How far what came into sight again is believed."""


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = [k for k in range(1, count) if stats[k][cv2.CC_STAT_AREA] >= _SPECK]
    return np.asarray(np.isin(labels, large), np.bool_)


def _drawn_out(place: Floats) -> NDArray[np.bool_]:
    """Where a part that was missed would be drawn out to a thread: along it hardly any way is made in the thing's own picture, across it much."""
    along = [np.linalg.norm(cv2.Sobel(place, cv2.CV_32F, *way, scale=1 / 8), axis=2) for way in ((1, 0), (0, 1))]
    thread = (np.minimum(*along) < _THREAD * np.maximum(*along)).astype(np.uint8)
    return np.asarray(cv2.dilate(thread, np.ones((3, 3), np.uint8)) > 0, np.bool_)


_THREAD = 0.35
"""How much less that is."""


def _inside(place: Floats) -> NDArray[np.bool_]:
    height, width = place.shape[:2]
    x, y = place[..., 0], place[..., 1]
    return np.asarray((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1), np.bool_)
