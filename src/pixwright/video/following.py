"""Following a thing through the frames of a shot: where each of its pixels was in the picture that it is carried over from, whether it is seen, and when it must be found again.

All of it at a reduced size. Motions are put together and taken from the first picture each time, so that outlines do not blur.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.motion import (
    SMALLEST,
    ExpectedMotion,
    Floats,
    PixelMotion,
    affine_of,
    grey,
    grid,
    motion_between,
    own_motion,
    sampled,
)
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
_OFF_UNSEEN = 9.0
"""Further pixels, for what was hidden."""
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
    def hidden(self) -> float:
        """How much of it something else is before."""
        total = float(self.mask.sum())
        return 1 - float(self.share.sum()) / total if total else 0.0

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
        self._usual = _Usual(np.ones(picture.shape[2]), 0.0)
        self._pulled = int(np.clip(_PULLED_SHARE * np.sqrt(share.sum()), *_PULLED))
        self._along = np.ones_like(share, np.bool_)
        self._last: tuple[Floats, Floats] | None = None
        self.now = ThingNow(grid(height, width), np.ones_like(share), share, share, 0.0)

    def follow(self, motion: PixelMotion, picture: Array) -> ThingNow:
        """Where it is in the next frame, which looks like `picture`."""
        own, flow = grid(*picture.shape[:2]), motion.flow
        hides, expected = None, None
        if not self._whole:
            flow, hides, expected = self._moved(motion, picture)
        step = own + flow
        place = np.asarray(sampled(self.now.place, step), np.float32)
        valid = np.asarray(sampled(self.now.valid, step) * _inside(step), np.float32)
        seen = None if hides is None else np.asarray((valid > _OWN) & _clear_of(hides, self._pulled), np.bool_)
        more = self._beside(place, seen, picture, 0.0 if expected is None else expected.hidden)
        if not self._whole:
            self._along = self._with_it(motion.flow, flow + more)
            self._last = flow + more, np.asarray(sampled(self.now.mask, step), np.float32)
        place = np.asarray(sampled(place, own + more), np.float32)
        valid *= _inside(place)
        if self._whole:
            valid *= motion.trust
        mask = np.asarray(cv2.remap(self._share, place, None, cv2.INTER_LINEAR, borderValue=0), np.float32)
        share = np.asarray(mask * ~_drawn_out(place), np.float32)
        if self._whole:
            mask = share = np.ones_like(mask)
        self.now = self._looked_at(ThingNow(place, valid, share, mask, 0.0), picture)
        return self.now

    def came_out(self, picture: Array) -> NDArray[np.bool_]:
        """Where the picture that it is carried over from showed something else than this frame does, and what is seen now moves along with the thing, h x w: it may have been hidden then."""
        was = np.asarray(sampled(self._picture, self.now.place), np.float32)
        off = cv2.GaussianBlur(_off(was, picture.astype(np.float32), self._usual.light), (0, 0), _PATCH)
        return np.asarray((off > _ANOTHER / 2) & self._along, np.bool_)

    def _moved(
        self, motion: PixelMotion, picture: Array
    ) -> tuple[Floats, NDArray[np.bool_] | None, ExpectedMotion | None]:
        """Its own flow; where a good part of it is hidden also by what (h x w), and how the rest of it was expected to move."""
        seen = self.now.share * np.where(self.now.valid > _OWN, 1, 0.1).astype(np.float32)
        own = grid(*seen.shape)
        near = np.asarray(sampled(np.asarray(seen, np.float32), own + motion.flow), np.float32)
        before = self.now.mask - self.now.share > _OWN
        if self.now.hidden > _SOME:
            flow = _own_about(motion, near * _clear_of(before, self._pulled), self._expected(self.now.hidden))
        else:
            flow = _own_about(motion, near, None)
        hides, share = self._hides(own + flow, picture)
        if max(share, self.now.hidden) <= _SOME:
            return flow, None, None
        # Dense flow is pulled along by what passes before the thing: once that is known, what is near it does not count.
        expected = self._expected(share)
        flow = _own_about(motion, near * _clear_of(before | hides, self._pulled), expected)
        return flow, self._hides(own + flow, picture)[0], expected

    def _with_it(self, flow: Floats, own: Floats) -> NDArray[np.bool_]:
        """What moves as the thing does, and not as the scenery, h x w."""
        about = flow[self.now.mask < 1 - _SURELY]
        scenery = np.median(about, axis=0) if len(about) else np.zeros(2)
        apart = np.linalg.norm(own - scenery, axis=2)
        return np.asarray((np.linalg.norm(flow - own, axis=2) <= _ALONG * apart) & (apart > _STEADY), np.bool_)

    def _expected(self, hidden: float) -> ExpectedMotion:
        """As it moved a frame ago."""
        return ExpectedMotion(np.zeros((2, 3)) if self._last is None else affine_of(*self._last), hidden)

    def _hides(self, step: Floats, picture: Array) -> tuple[NDArray[np.bool_], float]:
        """What is before the thing where it is expected to be, h x w, and the share of it that is hidden so."""
        mask = np.asarray(sampled(self.now.mask, step), np.float32)
        whole = mask > _OWN
        inside = whole & (sampled(self.now.valid, step) > _OWN)
        if not inside.any():
            return np.zeros_like(inside), 1.0
        place = np.asarray(sampled(self.now.place, step), np.float32)
        hides = _told_apart(self._picture, place, picture, mask, inside, self._usual).another
        return hides, float((hides & whole).sum() / whole.sum())

    def _beside(self, place: Floats, seen: NDArray[np.bool_] | None, picture: Array, hidden: float) -> Floats:
        """By how much the places are off: the motion between the thing's own picture, as it would look there, and what is seen of it, so that no error adds up."""
        share = np.asarray(cv2.remap(self._share, place, None, cv2.INTER_LINEAR, borderValue=0), np.float32)
        share = np.asarray(_inside(place), np.float32) if self._whole else share if seen is None else share * seen
        part = _box_of(share > 0, _ABOUT)
        if min(share[part].shape) < SMALLEST:
            return np.zeros_like(place)
        own, now = share[part], picture[part]
        expected = np.asarray(np.clip(sampled(self._picture, place[part]), 0, 255), np.uint8)
        alone = np.asarray(now + (expected.astype(np.float32) - now) * own[..., None], np.uint8)
        left = motion_between(grey(now), grey(alone))
        reach = _CORRECTED + _OFF_UNSEEN * max(hidden, self.now.hidden)
        near = np.linalg.norm(left.flow, axis=2) <= reach
        there = ExpectedMotion(np.zeros((2, 3)), hidden)
        more = own_motion(PixelMotion(left.flow, np.asarray(left.trust * near, np.float32)), own, _STEADY, there)
        return _gone_on(np.asarray(np.clip(more, -reach, reach), np.float32), part, share.shape)

    def _looked_at(self, found: ThingNow, picture: Array) -> ThingNow:
        """The same, with what hides the thing taken off, and how much what still shows looks like itself."""
        inside = (found.share > _OWN) & (found.valid > _OWN)
        if not inside.any():
            return replace(found, off=0.0 if self._whole else 255.0)
        # As it looked a frame ago: however much of it went out of sight since then, the rest is known by that.
        seen = _told_apart(self._picture, found.place, picture, found.share, inside, self._usual)
        if seen.left.sum() < _PART * inside.sum():
            # Or all of it is in another light.
            other = _told_apart(self._picture, found.place, picture, found.share, inside, None)
            seen = other if other.left.sum() >= _PART * inside.sum() and other.mean <= _LOST else seen
        if seen.left.sum() >= _STILL * (found.share > _OWN).sum():
            self._usual = seen.usual
        another = seen.another
        again = _returned(found.valid, seen.soft, seen.usual.off)
        valid = np.asarray(np.where(another, 0, np.maximum(found.valid, again)), np.float32)
        share = found.share if self._whole else np.asarray(found.share * ~another, np.float32)
        shows = (share > _OWN) & (valid > _OWN)
        mean = seen.mean if shows.sum() >= _STILL * (found.share > _OWN).sum() else 255.0
        weight = np.asarray(share * valid, np.float32)
        matrix = np.eye(2, 3) + affine_of(np.asarray(found.place - grid(*share.shape), np.float32), weight)
        return ThingNow(found.place, valid, share, found.mask, mean, matrix)


def _to_edges(wide: NDArray[np.bool_], fine: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is found of areas, ended where single pixels say: an average runs over at edges."""
    kernel = np.ones((2 * round(_PATCH) + 3,) * 2, np.uint8)
    own = wide.astype(np.uint8)
    inner, outer = cv2.erode(own, kernel), cv2.dilate(own, kernel)
    near = cv2.morphologyEx((fine & (outer > 0)).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return np.asarray((inner > 0) | (near > 0) & (outer > 0), np.bool_)


def _clear_of(hides: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Where what hides a thing (h x w) is too far off to pull its flow along."""
    kernel = np.ones((2 * pixels + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(hides.astype(np.uint8), kernel) == 0, np.bool_)


_SOME = 0.1
"""Share of a thing that is hidden from which that is no doubt about where it is."""
_PULLED, _PULLED_SHARE = (3, 12), 0.1
"""Pixels about an edge, at least and at most, and share of a thing's size, within which dense flow is neither side's: it is worked out in patches."""
_LIT = 0.15
_PART, _STILL = 0.4, 0.04
"""Share of what was seen of a thing a frame ago that must be seen now for its light to be measured there; share of the thing that must show for it to be followed."""


@dataclass(frozen=True, eq=False)
class _Usual:
    """How a thing looks beside its own picture: the light on it by channel, and the usual difference of 255 in that light."""

    light: NDArray[np.float64]
    off: float


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is seen of a thing; fields h x w."""

    another: NDArray[np.bool_]
    """Something else is seen there."""
    left: NDArray[np.bool_]
    """Of what was seen a frame ago."""
    soft: NDArray[np.floating]
    """Difference of 255 from its own picture, averaged about each pixel."""
    usual: _Usual
    mean: float
    """Difference of `left`."""


def _told_apart(
    before: Floats, place: Floats, picture: Array, share: Floats, inside: NDArray[np.bool_], usual: _Usual | None
) -> _Seen:
    """What hides a thing told from its picture `before`, round by round: `usual` is how it looked, then how what is left of it looks. `inside` h x w: where it was seen."""
    part = _box_of(share > 0, _ABOUT)
    seen = _told_apart_in(
        sampled(before, place[part]), picture[part].astype(np.float32), share[part], inside[part], usual
    )
    another, left = np.zeros_like(inside), np.zeros_like(inside)
    another[part], left[part] = seen.another, seen.left
    soft = np.full(inside.shape, seen.usual.off, np.float32)
    soft[part] = seen.soft
    return replace(seen, another=another, left=left, soft=soft)


def _own_about(motion: PixelMotion, share: Floats, expected: ExpectedMotion | None) -> Floats:
    """`own_motion`, worked out about the thing alone."""
    if not share.any():
        return own_motion(motion, share, expected=expected)
    part = _box_of(share > 0, 2 * _ABOUT)
    if expected is not None:
        at = np.array([part[1].start, part[0].start])
        turn = expected.matrix[:, :2]
        expected = replace(expected, matrix=np.column_stack([turn, expected.matrix[:, 2] + turn @ at]))
    near = own_motion(PixelMotion(motion.flow[part], motion.trust[part]), share[part], expected=expected)
    return _gone_on(near, part, share.shape)


def _gone_on(field: Floats, part: tuple[slice, slice], shape: tuple[int, ...]) -> Floats:
    """A field of a part, h x w: farther off nothing is the thing's, and it goes on as at the edge."""
    rows, columns = part
    about = (rows.start, max(0, shape[0] - rows.stop), columns.start, max(0, shape[1] - columns.stop))
    return np.asarray(cv2.copyMakeBorder(field, *about, cv2.BORDER_REPLICATE), np.float32)


def _box_of(own: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The rows and columns of what is true (h x w), and a margin in pixels."""
    x, y, wide, tall = cv2.boundingRect(own.astype(np.uint8))
    return np.s_[max(0, y - margin) : y + tall + margin, max(0, x - margin) : x + wide + margin]


_ABOUT = 24
"""Pixels about a thing in which it is compared with what is seen."""


def _told_apart_in(
    own: Floats, picture: Floats, share: Floats, inside: NDArray[np.bool_], usual: _Usual | None
) -> _Seen:
    usual = usual or _usual_of(own, picture, inside)
    for _ in range(_ROUNDS):
        off, soft = _apart(own, picture, share, usual)
        most = max(_ANOTHER, _MORE * usual.off)
        another = _without_specks(_to_edges(soft > most, off > most))
        left = np.asarray(inside & ~another, np.bool_)
        if left.sum() < max(_PART * inside.sum(), _LIT * (share > _OWN).sum()):
            break
        usual = _usual_of(own, picture, left)
    return _Seen(another, left, soft, usual, float(off[left].mean()) if left.any() else float(off[inside].mean()))


def _usual_of(own: Floats, picture: Floats, alone: NDArray[np.bool_]) -> _Usual:
    light = _light(picture[alone].mean(0), own[alone].mean(0))
    return _Usual(light, float(np.median(_off(own[alone][None], picture[alone][None], light))))


def _off(own: Floats, picture: Floats, light: NDArray[np.float64]) -> Floats:
    """Mean difference of three channels, h x w, in a light."""
    apart = cv2.absdiff(own * light.astype(np.float32), picture)
    return np.asarray(cv2.transform(apart, np.full((1, 3), 1 / 3, np.float32)).reshape(own.shape[:2]), np.float32)


def _apart(
    own: Floats, picture: Floats, share: Floats, usual: _Usual
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """How much a picture differs from a thing's own, of 255, in its light: of each pixel, and averaged about it."""
    off = _off(own, picture, usual.light)
    part = (share > _SURELY).astype(np.float32)
    near = cv2.GaussianBlur(part, (0, 0), _PATCH)
    soft = cv2.GaussianBlur(off * part, (0, 0), _PATCH) / np.maximum(near, _BLANK)
    soft[near < _BLANK] = usual.off
    return off, soft


def _light(now: NDArray[np.floating], then: NDArray[np.floating]) -> NDArray[np.float64]:
    """By how much the light is stronger now, by channel: all together, and each a little otherwise."""
    ratio = (now.astype(np.float64) + 1) / (then + 1)
    together = float(np.clip(np.exp(np.log(ratio).mean()), *_GAIN))
    return np.asarray(together * np.clip(ratio / together, *_CAST), np.float64)


def _returned(valid: Floats, soft: Floats, usual: float) -> Floats:
    """What was hidden and looks like itself again is seen again."""
    again = (soft < max(_ANOTHER / 2, usual)) & (valid <= _OWN)
    return np.asarray(again * _BELIEVED, np.float32)


_ALONG = 0.3
"""Share of how a thing moves otherwise than the scenery, by which what moves along with it may."""
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
