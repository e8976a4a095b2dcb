"""One shot: a key frame is chosen and edited as a picture, what was edited is followed both ways from it, and every frame is made of what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.composite import blend
from pixwright.edit.dispatch import needs_target
from pixwright.edit.painting.weather import Fall, fall_of
from pixwright.errors import InvalidOption
from pixwright.flow import Request, best_of, understood
from pixwright.motion import Floats, flow_between, grey, grid, sampled
from pixwright.records.instruction import Array
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.records.result import Verdict
from pixwright.sequence import moved_region
from pixwright.systems import System
from pixwright.video.account import FrameAccount, ShotAccount
from pixwright.video.carriers import carrier_for
from pixwright.video.contract import Carrier, MadeStep
from pixwright.video.footage import Footage, ShownFrame
from pixwright.video.pursuit import FollowedThing, Pursuit, Renewal
from pixwright.video.samples import shrunk
from pixwright.video.spool import ArrayShelf, KeptPlace, Spool, spot

Tell: TypeAlias = Callable[[str, int], None]
"""Is told a stage and how many more frames it has done; what it raises ends the edit."""

_CANDIDATES, _APART = 5, 12
"""Frames of a shot that are tried as its key frame, at most, and how far they are apart at least."""
_CUT_OFF = 0.7
"""Of its score a thing that the frame cuts off has."""
_SOLID = 128
"""Level of a mask from which a pixel is the thing's."""
_SEEN = 0.5
"""Coverage from which a step counts as carried."""


@dataclass(frozen=True, eq=False)
class VideoAsk:
    """What is asked of the whole video."""

    request: Request
    system: System
    n: int = 1
    key: int | None = None
    """The frame that a place was shown in, or that was chosen by hand."""

    def of(self, plan: Plan, number: int, region: Region | None, *, again: bool) -> Request:
        """The request of one step (from 0 on). `again`: not on the key frame, so that no place holds."""
        single = plan.model_copy(update={"steps": (plan.steps[number],), "unread": (), "notes": ()})
        controls = self.request.controls
        if len(plan.steps) > 1:
            mark = f"{number + 1}."
            if vague := [name for name in controls if not name[:1].isdigit()]:
                raise InvalidOption(f"control {vague[0]}: with several steps say which one, as in 2.{vague[0]}=..")
            controls = {name.removeprefix(mark): value for name, value in controls.items() if name.startswith(mark)}
        asked = replace(self.request, plan=single, controls=controls, regions=(region,))
        return replace(asked, user_region=None, limit=None, protect=None) if again else asked


@dataclass(frozen=True, eq=False)
class DoneFrame:
    """A frame that is done: HxWx3 uint8 before and after, HxW uint8 of what was touched, and its account."""

    shown: ShownFrame
    after: Array
    mask: Array
    account: FrameAccount


class Shot:
    """Frames `first` up to `last`, which is left out."""

    def __init__(self, footage: Footage, first: int, last: int, asked: VideoAsk, folder: Path) -> None:
        """`folder` takes what following finds."""
        self.first, self.last = first, last
        self._footage, self._asked, self._folder = footage, asked, folder
        self._spool = Spool(folder / "where")
        self.key: int | None = None
        self._made: list[MadeStep] = []
        self._falls: dict[int, Fall] = {}
        """By step: what falls in its weather. It is no part of what is carried, since it moves on its own."""
        self._carriers: list[Carrier | None] = []
        self._things: list[slice] = []
        self._renewals: list[Renewal] = []
        self._grounded: set[int] = set()

    @property
    def done(self) -> bool:
        """Whether any step could be done on the key frame."""
        return any(made.done for made in self._made)

    @property
    def size(self) -> tuple[int, ...] | None:
        """Height and width of the key frame after the edit; None before that."""
        return self._made[-1].after.shape[:2] if self._made else None

    def open(self, plan: Plan | None) -> Plan:
        """Choose the key frame and edit it; returns the plan, which is made here if there is none yet. Raises what `edit_picture` raises."""
        system, asked = self._asked.system, self._asked
        plan, self.key = self._chosen(plan)
        picture = self._footage.frame(self.key).pixels
        for number in range(len(plan.steps)):
            again = self._asked.key is not None and self._asked.key != self.key
            request = self._request(plan, number, None, again=again)
            result = best_of(picture, request, system, asked.n)
            after = result.picture
            fall = fall_of(result.report.steps[0].controls, result.report.seed)
            if fall is not None:
                self._falls[number] = fall
                still = replace(request, seed=fall.seed, controls={**request.controls, fall.dial: 0.0})
                after = best_of(picture, still, system, 1).picture
            made = MadeStep(picture, np.ascontiguousarray(after[..., :3]), result.plan, result)
            self._made.append(made)
            picture = made.after
        return plan

    def _request(self, plan: Plan, number: int, region: Region | None, *, again: bool) -> Request:
        """The request of one step, without what falls in its weather once that is known. `plan`: the whole one, or of this step alone."""
        asked = self._asked.of(plan, number if len(plan.steps) > 1 else 0, region, again=again)
        fall = self._falls.get(number)
        return asked if fall is None else replace(asked, controls={**asked.controls, fall.dial: 0.0})

    def fallen(self, pixels: Array, mask: Array, number: int, seconds: float) -> Array:
        """A frame HxWx3 uint8 after a step, with what falls in its weather, inside of what the step touched (HxW uint8)."""
        fall = self._falls.get(number)
        return pixels if fall is None else blend(pixels, fall.over(pixels, seconds), mask)

    def _chosen(self, plan: Plan | None) -> tuple[Plan, int]:
        """The plan, and the frame in which what it names is seen best."""
        asked = self._asked
        candidates = self._candidates()
        best: tuple[float, int] | None = None
        for index in candidates:
            picture = self._footage.frame(index).pixels
            eyes = asked.system.eyes()
            if plan is None:
                plan = understood(asked.request.instruction, picture, asked.system, eyes)
            named = [step for step in plan.steps if needs_target(step)]
            if len(candidates) == 1 or not named:
                return plan, index
            regions = [eyes.find_step(picture, step, None) for step in named]
            score = min(_clearly(region) for region in regions)
            if best is None or score > best[0]:
                best = score, index
        assert plan is not None and best is not None, "there is a candidate"
        return plan, best[1]

    def _candidates(self) -> list[int]:
        """Frames that may be the key frame; the middle one first, since the words may be read there."""
        if self._asked.key is not None and self.first <= self._asked.key < self.last:
            return [self._asked.key]
        count = max(1, min(_CANDIDATES, (self.last - self.first) // _APART))
        found = [self.first + int((k + 0.5) * (self.last - self.first) / count) for k in range(count)]
        return sorted(found, key=lambda index: abs(index - (self.first + self.last) / 2))

    def follow(self, tell: Tell) -> None:
        """Follow what was edited through the shot, and make what its frames need."""
        assert self.key is not None, "the key frame is known"
        self._spool.folder.mkdir(parents=True, exist_ok=True)
        subjects = list[FollowedThing]()
        for number, made in enumerate(self._made):
            eyes = self._asked.system.eyes()
            shelf = ArrayShelf(self._folder / f"step-{number}")
            carrier = carrier_for(made, eyes, shelf) if made.done else None
            self._carriers.append(carrier)
            start = len(subjects)
            if carrier is not None:
                subjects += [FollowedThing(number, k, one, made.step) for k, one in enumerate(carrier.followed)]
            elif made.done and (region := FollowedThing.of_region(number, made)) is not None:
                subjects.append(region)
            self._things.append(slice(start, len(subjects)))
        pursuit = Pursuit(self._footage, self._asked.system, subjects, self._spool, self._told(subjects))
        pursuit.run(self.first, self.key, self.last, lambda count: tell("follow", count))
        for carrier in self._carriers:
            if carrier is not None:
                carrier.finish()
        self._renewals, self._grounded = pursuit.renewals, pursuit.grounded
        for renewal in sorted(self._renewals, key=lambda one: one.subject.step):
            self._renew(renewal)

    def _told(self, subjects: Sequence[FollowedThing]) -> _Listener:
        return _Listener(self._carriers, self._things)

    def _renew(self, renewal: Renewal) -> None:
        """The edit in a later picture: what the one before covers is carried over, the rest is edited there."""
        number = renewal.subject.step
        carrier, made = self._carriers[number], self._made[number]
        if carrier is None or not carrier.renews or renewal.subject.thing:
            return
        shown = self._footage.frame(renewal.frame)
        before = self._through(shown.pixels, self._spool.get(renewal.frame), number)
        carried, own = carrier.lay(before, [renewal.kept])
        known = replace(made.region, mask=renewal.mask, boxes=_boxes(renewal.mask), labels=None)
        region = known if made.region.source != "whole" else None
        fresh = best_of(before, self._request(made.result.plan, number, region, again=True), self._asked.system, 1)
        if fresh.report.verdict is Verdict.NOT_DONE or fresh.picture.shape[:2] != before.shape[:2]:
            carrier.renew(renewal.anchor, before, carried, own)
            return
        cover = np.zeros(before.shape[:2], np.uint8)
        found = spot(renewal.kept, before)
        if not renewal.lost:
            cover[found.part] = np.rint(255 * found.valid * (1 - found.hidden))
        after = blend(np.ascontiguousarray(fresh.picture[..., :3]), carried, cover)
        mask = fresh.masks[0]
        if not renewal.found:
            both = blend(np.repeat(mask[..., None], 3, 2), np.repeat(own[..., None], 3, 2), cover)
            mask = np.ascontiguousarray(both[..., 0])
        carrier.renew(renewal.anchor, before, after, mask)

    def _through(self, pixels: Array, things: Sequence[KeptPlace], steps: int) -> Array:
        """A frame after its first so many steps."""
        for number in range(steps):
            pixels = self._step(pixels, things, number)[0]
        return pixels

    def _step(self, pixels: Array, things: Sequence[KeptPlace], number: int) -> tuple[Array, Array, Verdict, float]:
        """One step on a frame: its pixels, what was touched, its verdict, and how much of it could be carried."""
        made, carrier, mine = self._made[number], self._carriers[number], list(things[self._things[number]])
        nothing = np.zeros(pixels.shape[:2], np.uint8)
        if not made.done:
            return pixels, nothing, Verdict.NOT_DONE, 0.0
        if carrier is None:
            return self._alone(pixels, mine, number)
        after, mask = carrier.lay(pixels, mine)
        coverage = _coverage(mine[0])
        if not mask.any():
            return after, mask, Verdict.NOT_DONE, 0.0
        worse = coverage < _SEEN and not carrier.renews
        verdict = Verdict.PARTLY if worse else made.report.verdict
        return after, mask, verdict, coverage

    def _alone(self, pixels: Array, things: Sequence[KeptPlace], number: int) -> tuple[Array, Array, Verdict, float]:
        """A frame that is edited by itself, with the thing where it was followed to."""
        made, region = self._made[number], None
        if things and things[0].anchor == 0:
            place = np.full((*pixels.shape[:2], 2), -2, np.float32)
            found = spot(things[0], pixels)
            place[found.part] = found.place
            region = moved_region(made.region, place, np.zeros(pixels.shape[:2]))
        request = self._request(made.result.plan, number, region, again=True)
        result = best_of(pixels, request, self._asked.system, 1)
        report = result.report.steps[0]
        after = np.ascontiguousarray(result.picture[..., :3])
        mask = result.masks[0]
        if after.shape != pixels.shape:
            mask = np.full(after.shape[:2], 255, np.uint8)
        return after, mask, report.verdict, 1.0

    def frames(self, first: int, last: int) -> Iterator[DoneFrame]:
        """Frames `first` up to `last` of the shot, done. What `follow` finds must be there."""
        before: tuple[Array, Array] | None = None
        base = self._footage.facts.time_base
        for shown in self._footage.frames(first, last):
            things = self._spool.get(shown.index)
            pixels, mask = shown.pixels, np.zeros(shown.pixels.shape[:2], np.uint8)
            verdicts, coverage = list[Verdict](), 1.0
            for number in range(len(self._made)):
                pixels, touched, verdict, covered = self._step(pixels, things, number)
                pixels = self.fallen(pixels, touched, number, float(shown.pts * base))
                mask = touched if touched.shape != mask.shape else np.maximum(mask, touched)
                verdicts.append(verdict)
                coverage = min(coverage, covered)
            account = FrameAccount(
                frame=shown.index,
                seconds=round(float(shown.pts * base), 6),
                verdicts=tuple(verdicts),
                key=shown.index == self.key or any(one.frame == shown.index for one in self._renewals),
                grounded=shown.index in self._grounded,
                coverage=round(coverage, 4),
            )
            account, before = framed(account, shown.pixels, pixels, mask, before)
            yield DoneFrame(shown, pixels, mask, account)

    def account(self) -> ShotAccount:
        """What the shot's key frame says."""
        ways = tuple(
            "not done" if not made.done else "frame by frame" if carrier is None else carrier.way
            for made, carrier in zip(self._made, self._carriers, strict=False)
        )
        regions = tuple(f"{one.region.phrase or one.region.source}: {one.region.score:.2f}" for one in self._made)
        steps = tuple(made.report for made in self._made)
        key = self.key if self.done else None
        return ShotAccount(first=self.first, last=self.last, key=key, steps=steps, ways=ways, regions=regions)


class _Listener:
    """Hands what following finds to the carriers."""

    def __init__(self, carriers: Sequence[Carrier | None], things: Sequence[slice]) -> None:
        self._carriers, self._things = carriers, things

    def link(self, subject: FollowedThing, anchor: int, kept: KeptPlace, mask: Array) -> None:
        carrier = self._carriers[subject.step]
        if carrier is not None:
            carrier.link(subject.thing, anchor, kept, mask)

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        for carrier, mine in zip(self._carriers, self._things, strict=True):
            if carrier is not None:
                carrier.see(pixels, things[mine])


def _clearly(region: Region) -> float:
    """How well a thing is seen: its score, less where the frame cuts it off."""
    if not region.found:
        return 0.0
    own = region.mask >= _SOLID
    edge = own[0].any() or own[-1].any() or own[:, 0].any() or own[:, -1].any()
    return region.score * (_CUT_OFF if edge else 1.0) * (_CUT_OFF if region.guess else 1.0)


def _boxes(mask: Array) -> tuple[tuple[int, int, int, int], ...]:
    solid = mask >= _SOLID
    if not solid.any():
        return ()
    x, y, wide, tall = cv2.boundingRect(solid.astype(np.uint8))
    return ((x, y, x + wide, y + tall),)


def _coverage(kept: KeptPlace) -> float:
    """Of what is seen, as it was kept."""
    if kept.anchor < 0 or not kept.valid.size:
        return 0.0
    seen = kept.hidden < _SOLID
    return float(kept.valid[seen].mean() / 255) if seen.any() else 0.0


def _outside(before: Array, after: Array, mask: Array) -> int:
    free = mask == 0
    if not free.any():
        return 0
    return int(cv2.absdiff(before, after)[free].max(initial=0))


def framed(
    account: FrameAccount, before: Array, after: Array, mask: Array, last: tuple[Array, Array] | None
) -> tuple[FrameAccount, tuple[Array, Array] | None]:
    """The account with what changed, measured on the pixels (HxWx3 uint8, the mask HxW), and what the next frame needs."""
    if before.shape != after.shape:
        return account.model_copy(update={"changed_fraction": 1.0}), last
    measured = {
        "changed_fraction": round(float((after != before).any(axis=2).mean()), 6),
        "outside_max_difference": _outside(before, after, mask),
    }
    return _with_warp(account.model_copy(update=measured), before, after, mask, last)


def _with_warp(
    account: FrameAccount, before: Array, after: Array, mask: Array, last: tuple[Array, Array] | None
) -> tuple[FrameAccount, tuple[Array, Array]]:
    """The account with the warp error inside the edit, and what the next frame needs."""
    height, width = before.shape[:2]
    scale = min(1.0, _MEASURED / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    now = shrunk(before, size), shrunk(after, size)
    if last is None or last[0].shape != now[0].shape:
        return account, now
    inside = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) >= _SOLID
    if not inside.any():
        return account, now
    place: Floats = grid(*now[0].shape[:2]) + flow_between(grey(now[0]), grey(last[0]))
    was, then = (_off(new, np.asarray(sampled(old, place)), inside) for new, old in zip(now, last, strict=True))
    return account.model_copy(update={"warp_error": then, "input_warp_error": was}), now


_MEASURED = 480
"""Longer side, in pixels, at which the warp error is measured."""


def _off(new: Array, old: NDArray[np.uint8], inside: NDArray[np.bool_]) -> float:
    return round(float(cv2.absdiff(new, old)[inside].mean()), 4)
