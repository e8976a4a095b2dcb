"""Following all things of a shot from its key frame, forwards and then backwards; finding them again, and going over to another picture where the one before shows too little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.motion import Floats, grey, motion_between
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.systems import System
from pixwright.video.contract import Followed, MadeStep
from pixwright.video.following import ThingNow, ThingTrack, small_size
from pixwright.video.footage import Footage, ShownFrame
from pixwright.video.samples import shrunk
from pixwright.video.spool import KeptPlace, Spool, keep, spot

AGAIN = 12
"""Frames after which a thing is looked for again."""
_EARLY = 4
"""The same once after the picture that it is carried over from: something may have been before it there."""
_SOON = 3
"""The same where it was lost."""
_REST = 6
"""Frames for which a picture is carried over at least, before another one takes its place."""
_SAME, _OTHER = 0.75, 0.3
"""Overlap (intersection over union) of what is followed and what is found from which they are one; under the second what is found is something else."""
_CONFIRMED = 0.92
"""The same from which all of a thing that came back is in sight."""
_WHOLLY, _RIM, _PIECE = 0.95, (0.003, 3), (0.005, 0.5)
"""Share of what is followed that must be found for what was found besides to count; half of how wide that must be, as a share of the frame's longer side and in pixels at least, and how large, as a share of the thing."""
_BETTER = 1.15
"""How many times as well an outline found anew must lie on the picture's edges to be taken."""
_WITHIN = 0.6
"""Share of what is followed that must lie in what is found, for that to be the same thing come farther into sight."""
_SURE = 0.5
"""Share of its score in the key frame that a lost thing must be found with."""
_SOLID, _GONE = 128, 0.0004
"""Level of a mask from which a pixel is the thing's; share of the frame under which nothing of a thing is left in sight."""
_MOSTLY = 0.6
"""Share of a thing that is hidden from which it is looked for when it comes back."""
_HELD = 60_000_000
"""Pixels that are held decoded while frames are gone through backwards."""
_CHUNK = (4, 24)
"""Frames of which that is, at least and at most."""


@dataclass(frozen=True, eq=False)
class FollowedThing:
    """A thing that is followed for a step."""

    step: int
    thing: int
    """Which of those that its carrier asked for."""
    followed: Followed
    words: Step

    @staticmethod
    def of_region(number: int, made: MadeStep) -> FollowedThing | None:
        """The thing of a step that is edited frame by frame; None where it is no thing that was found by words."""
        if made.region.source != "phrase" or not made.region.found:
            return None
        return FollowedThing(number, 0, Followed(made.region.mask, phrase=True), made.step)


@dataclass(frozen=True, eq=False)
class Renewal:
    """From `frame` on a thing is carried over from that frame's own picture."""

    subject: FollowedThing
    frame: int
    anchor: int
    kept: KeptPlace
    """Where it was in the picture before."""
    mask: Array
    found: bool
    """It was found again there, and `mask` is what was found."""
    lost: bool
    """It had been lost before."""


@dataclass(frozen=True, eq=False)
class _Gap:
    """Frames in which a thing was lost, up to `frame`, in which all of it was found again."""

    number: int
    anchor: int
    frame: int
    lost_at: int
    before: int
    """The picture that it was carried over from until then."""
    mask: Array


Solid: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
"""HxW: which pixels are a thing's."""


class Listener(Protocol):
    """Is told what following finds."""

    def link(self, subject: FollowedThing, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """A thing is carried over from another picture from now on."""
        ...

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """A frame, and where all things are in it."""
        ...


@dataclass(eq=False)
class _State:
    """A thing on its way in one direction."""

    subject: FollowedThing
    track: ThingTrack
    mask: Array
    anchor: int = 0
    since: int = 0
    """Frames since it was found, or looked for."""
    age: int = 0
    """Frames since the picture that it is carried over from."""
    born: int = 0
    """The frame of that picture."""
    missing: bool = False
    lost_at: int = -1
    """The first frame in which it was lost, or that in which least of it showed."""
    before: int = 0
    """The picture that it was carried over from until then."""
    hidden: float = 0.0
    """Share of it that was hidden at most, since it was last confirmed."""
    uncovered: bool = False
    """A part of it was found that something was before in the picture that it is carried over from."""
    returned: bool = False
    """It was found after it had been lost, or shows again after most of it was hidden, and is not yet confirmed."""


class Pursuit:
    """Follows the things of one shot. `renewals` and `grounded` say what was done."""

    def __init__(
        self, footage: Footage, system: System, subjects: Sequence[FollowedThing], spool: Spool, listener: Listener
    ) -> None:
        """What is followed, where it is kept, and who is told."""
        self._footage, self._system, self._spool, self._listener = footage, system, spool, listener
        self._subjects = subjects
        self._anchors = [0] * len(subjects)
        self._scores = dict[int, float]()
        self._gaps = dict[tuple[int, int], _Gap]()
        self.renewals: list[Renewal] = []
        self.grounded: set[int] = set()

    def run(self, first: int, key: int, last: int, tell: Callable[[int], None]) -> None:
        """Frames `first` up to `last`, from `key`; `tell` hears of each."""
        shown = self._footage.frame(key)
        small = _small(shown.pixels)
        self._spool.put(key, [keep(state.track.now, 0) for state in self._states(small, key)])
        tell(1)
        self._one_way(small, key, self._footage.frames(key + 1, last), tell)
        pixels = shown.pixels.shape[0] * shown.pixels.shape[1]
        chunk = int(np.clip(_HELD // pixels, *_CHUNK))
        self._one_way(small, key, _reversed(self._footage.backwards(first, key, chunk)), tell)
        for gap in self._gaps.values():
            self._fill(gap, chunk)

    def _fill(self, gap: _Gap, chunk: int) -> None:
        """Follow a thing from where all of it was found again back to where it was lost: between them it is seen longer than from the other side."""
        low, high = sorted((gap.frame, gap.lost_at))
        backwards = gap.lost_at < gap.frame
        frames = (
            _reversed(self._footage.backwards(low, high, chunk))
            if backwards
            else self._footage.frames(low + 1, high + 1)
        )
        small = _small(self._footage.frame(gap.frame).pixels)
        track, before = ThingTrack(small, _share(gap.mask, small)), grey(small)
        for shown in frames:
            small = _small(shown.pixels)
            now = grey(small)
            where = track.follow(motion_between(now, before), small)
            before = now
            if where.lost or float(where.share.mean()) < _GONE:
                return
            things = self._spool.get(shown.index)
            known = things[gap.number]
            if known.anchor != gap.before or known.off > where.off:
                things[gap.number] = keep(where, gap.anchor)
                self._spool.put(shown.index, things)

    def _states(self, small: Array, key: int) -> list[_State]:
        states = []
        for subject in self._subjects:
            share = _share(subject.followed.mask, small)
            states.append(
                _State(subject, ThingTrack(small, share, whole=subject.followed.whole), subject.followed.mask, born=key)
            )
        return states

    def _one_way(self, small: Array, key: int, frames: Iterable[ShownFrame], tell: Callable[[int], None]) -> None:
        states = self._states(small, key)
        before = grey(small)
        for shown in frames:
            if not states:
                self._spool.put(shown.index, [])
                tell(1)
                continue
            small = _small(shown.pixels)
            now = grey(small)
            motion = motion_between(now, before)
            things = []
            for number, state in enumerate(states):
                where = state.track.follow(motion, small)
                things.append(self._looked_after(number, state, where, shown, small))
            self._spool.put(shown.index, things)
            self._listener.see(shown.pixels, things)
            before = now
            tell(1)

    def _looked_after(self, number: int, state: _State, where: ThingNow, shown: ShownFrame, small: Array) -> KeptPlace:
        """What is kept of a thing in a frame; it is looked for again, and carried over from here, where need be."""
        state.since += 1
        state.age += 1
        followed = state.subject.followed
        gone = not followed.whole and float(where.share.mean()) < _GONE
        lost = state.missing or gone or where.lost
        if where.hidden >= max(_MOSTLY, state.hidden) and not lost and not followed.whole:
            state.hidden, state.lost_at, state.before, state.returned = where.hidden, shown.index, state.anchor, True
        back = state.returned and where.hidden < _MOSTLY
        soon = _SOON if (lost and state.missing) or (back and not lost) else AGAIN if not lost else 1
        early = state.age == _EARLY and state.since == _EARLY
        if followed.phrase and (state.since >= soon or early):
            state.since = 0
            region = self._found(shown.pixels, state, where, lost)
            if region is not None:
                self.grounded.add(shown.index)
                return self._from_here(number, state, where, shown, small, region.mask, found=True, lost=lost)
        if followed.phrase and lost:
            if not (state.missing or state.returned):
                state.lost_at, state.before = shown.index, state.anchor
            state.missing = True
            return replace(keep(where, state.anchor), anchor=-1)
        hidden = where.hidden >= _MOSTLY
        if state.age >= _REST and not hidden and (where.lost or where.coverage < followed.least) and not gone:
            mask = _mask_in(where, state, shown.pixels)
            if followed.whole or (mask >= _SOLID).any():
                return self._from_here(number, state, where, shown, small, mask, found=False, lost=where.lost)
        return keep(where, state.anchor)

    def _found(self, pixels: Array, state: _State, where: ThingNow, lost: bool) -> Region | None:
        """What is found by the words, if it is to be taken instead of what is followed."""
        region = self._system.eyes().find_step(pixels, state.subject.words, None)
        if not region.found or region.guess:
            return None
        best = self._scores.setdefault(id(state.subject), region.score)
        if lost:
            return region if region.score >= _SURE * best else None
        followed, found = _mask_in(where, state, pixels) >= _SOLID, region.mask >= _SOLID
        overlap = float((followed & found).sum() / max(1, (followed | found).sum()))
        if state.returned:
            within = float((followed & found).sum() / max(1, followed.sum()))
            state.returned = overlap < _CONFIRMED and state.age < 2 * AGAIN
            return region if state.returned and within > _WITHIN and region.score >= _SURE * best else None
        if overlap >= _SAME:
            state.uncovered = _uncovered(pixels, followed, found, state.track.came_out(_small(pixels)))
            return region if state.uncovered else None
        if overlap < _OTHER:
            return None
        edges = _edges(pixels)
        return region if _on_edges(edges, found) > _BETTER * _on_edges(edges, followed) else None

    def _from_here(
        self,
        number: int,
        state: _State,
        where: ThingNow,
        shown: ShownFrame,
        small: Array,
        mask: Array,
        *,
        found: bool,
        lost: bool,
    ) -> KeptPlace:
        kept = keep(where, state.anchor)
        self._anchors[number] += 1
        state.anchor = self._anchors[number]
        followed = state.subject.followed
        state.track = ThingTrack(small, _share(mask, small), whole=followed.whole)
        if state.uncovered:
            state.lost_at, state.before = state.born + (1 if shown.index > state.born else -1), -1
        state.mask, state.age, state.missing, state.born = mask, 0, False, shown.index
        if found and (lost or state.returned or state.uncovered):
            state.lost_at = shown.index if state.lost_at < 0 else state.lost_at
            self._gaps[number, state.lost_at] = _Gap(
                number, state.anchor, shown.index, state.lost_at, state.before, mask
            )
        state.uncovered, state.returned = False, state.returned or (found and lost)
        self._listener.link(state.subject, state.anchor, kept, mask)
        self.renewals.append(Renewal(state.subject, shown.index, state.anchor, kept, mask, found, lost))
        return keep(state.track.now, state.anchor)


def _reversed(chunks: Iterator[list[ShownFrame]]) -> Iterator[ShownFrame]:
    for chunk in chunks:
        while chunk:
            yield chunk.pop()


def _small(pixels: Array) -> Array:
    return shrunk(pixels, small_size(*pixels.shape[:2]))


def _share(mask: Array, small: Array) -> Floats:
    size = (small.shape[1], small.shape[0])
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255, np.float32)


def _mask_in(where: ThingNow, state: _State, pixels: Array) -> Array:
    """The thing's mask in a frame, at full size: HxW uint8."""
    height, width = pixels.shape[:2]
    if state.subject.followed.whole:
        return np.full((height, width), 255, np.uint8)
    mask = np.zeros((height, width), np.uint8)
    kept = keep(where, state.anchor)
    if kept.anchor < 0:
        return mask
    found = spot(kept, pixels)
    own = cv2.remap(state.mask, found.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    mask[found.part] = np.rint(own * (1 - found.hidden))
    return mask


def _uncovered(pixels: Array, followed: Solid, found: Solid, hid: Solid) -> bool:
    """Whether what is found is what is followed (both HxW) and a part beside it, in its colours, where something else was (`hid`, h x w): no mere rim, and no other thing."""
    if (followed & found).sum() < _WHOLLY * followed.sum():
        return False
    reach = max(_RIM[1], round(_RIM[0] * max(found.shape)))
    more = cv2.morphologyEx(
        (found & ~followed).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2 * reach + 1,) * 2, np.uint8)
    )
    there = cv2.resize(hid.astype(np.uint8), found.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    low, high = (share * followed.sum() for share in _PIECE)
    new = there & (more > 0)
    if not low <= new.sum() or more.sum() > high:
        return False
    palette = np.bincount(_colours(pixels[followed]), minlength=_TONES**3) >= _COMMON * followed.sum()
    return bool(palette[_colours(pixels[new])].mean() > _ALIKE)


def _colours(pixels: Array) -> NDArray[np.int64]:
    """Which of _TONES ** 3 colours each of N pixels has."""
    red, green, blue = (pixels.astype(np.int64) * _TONES // 256).T
    return np.asarray((red * _TONES + green) * _TONES + blue, np.int64)


_TONES, _COMMON, _ALIKE = 8, 0.005, 0.5
"""Steps of a channel in which colours are compared; share of a thing from which a colour is one of its; share of a part beside it that must have those."""


def _edges(pixels: Array) -> Floats:
    """How strong the picture's edges are: HxW."""
    light = cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.float32)
    across, down = (cv2.Sobel(light, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(across, down).max(axis=2), np.float32)


def _on_edges(edges: Floats, solid: Solid) -> float:
    """Mean edge along an outline, over the mean beside it."""
    own = solid.astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    line = cv2.dilate(own, kernel) != cv2.erode(own, kernel)
    beside = cv2.dilate(line.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    if not line.any():
        return 0.0
    return float(edges[line].mean() / (edges[beside].mean() + 1))
