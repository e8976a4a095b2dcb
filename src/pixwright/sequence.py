"""One plan over many frames: the words are read once, and what they name is followed from frame to frame, or found again. Animations and pages now, videos with another decoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import tee

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.canvas import TIMING_DIGITS
from pixwright.errors import InvalidOption
from pixwright.flow import Request, best_of
from pixwright.media import EditedFrame, Frames, PictureFrame, largest_difference
from pixwright.motion import SMALLEST, Floats, flow_between, grey, grid, put_together, sampled
from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_of
from pixwright.records.result import Report, Result, StepReport, Verdict
from pixwright.systems import System

_ALIKE = 14.0
"""Mean difference, 0 to 255, between a thing and its image in the frame before, up to which it is the same thing."""
_SHRUNK, _GROWN = 0.5, 2.0
"""By how much what is followed may change its area from one frame to the next."""
_SOLID = 128
"""Level of a mask from which a pixel is the thing's own."""
_LISTED = 12
"""Numbers of frames that a line names."""


def edit_sequence(frames: Iterable[Array], request: Request, system: System, n: int = 1) -> Iterator[Result]:
    """Edit frames (HxWx3 or HxWx4 uint8 sRGB) in their order, each as it comes. Raises what `edit_picture` raises.

    The first frame is the key frame: the plan is made for it, of `n` tries the best is taken, and its seed holds for all. In every later one a thing that a phrase
    names is followed by the motion of its pixels; where they no longer agree (a cut, something before it, another page) it is found again. A frame that equals the one before is not edited again.
    """
    before: Array | None = None
    last: Result | None = None
    track = RegionTrack(())
    for pixels in frames:
        if last is None or before is None:
            last = best_of(pixels, request, system, n)
            request = replace(request, plan=last.plan, seed=last.report.seed)
            track = RegionTrack(_known(last))
        elif not np.array_equal(before, pixels):
            regions = track.follow(before, pixels)
            last = best_of(
                pixels, replace(request, regions=regions, anyway=last.report.verdict is not Verdict.NOT_DONE), system, 1
            )
            if track.lost:
                track = RegionTrack(_known(last))
        yield last
        before = pixels


def _known(result: Result) -> tuple[Region, ...]:
    """Where each step took place; where only a surface changed, exactly what changed of it, so that the same part changes in every frame."""
    return tuple(
        replace(region, mask=mask, exact=True)
        if step.type.traits.surface and mask.any() and _is_thing(region)
        else region
        for step, region, mask in zip(result.plan.steps, result.regions, result.masks)
    )


class RegionTrack:
    """Regions of one frame, followed through the frames after it by dense optical flow (DIS: Kroeger et al. 2016).

    Motions are put together, and the regions are taken from the first frame each time, so that their edges do not blur.
    """

    def __init__(self, regions: tuple[Region, ...]) -> None:
        """`regions` of the frame from which on is followed."""
        self._regions = regions
        self._where: Floats | None = None
        self.lost = False
        """Whether a thing must be found again: then a new track begins."""

    def follow(self, before: Array, after: Array) -> tuple[Region | None, ...]:
        """Where each region is in the next frame (both HxWx3 or HxWx4 uint8); None where it must be found."""
        things = [_is_thing(one) for one in self._regions]
        if before.shape != after.shape or min(after.shape[:2]) < SMALLEST:
            self.lost = True
        if self.lost or not any(things):
            return (None,) * len(self._regions)
        flow = flow_between(grey(after), grey(before))
        step = grid(*flow.shape[:2]) + flow
        off = np.abs(sampled(before[..., :3], step).astype(np.int16) - after[..., :3]).mean(2)
        self._where = step if self._where is None else put_together(self._where, flow)
        found = tuple(moved_region(one, self._where, off) for one in self._regions)
        self.lost = any(thing and one is None for thing, one in zip(things, found))
        return found


class SequenceRun:
    """Frames of a file on their way through one plan: iterate once to get them edited, then ask what became of them."""

    def __init__(
        self, frames: Frames, request: Request, system: System, n: int, finish: Callable[[Array, Result], Result]
    ) -> None:
        """`n` tries of the first frame; `finish` has the last word on each (its pixels before, its result). Frames are decoded, edited and let go one after the other."""
        self.frames = frames
        self._request, self._system, self._n, self._finish = request, system, n, finish
        self._results: list[Result] = []
        self._kept: list[NDArray[np.uint8]] = []

    def __iter__(self) -> Iterator[EditedFrame]:
        """Every frame with its pixels as they are now. Raises what `edit_picture` raises, and InvalidOption where a place was given and the frames differ in size."""
        ahead, behind = tee(self.frames)
        results = edit_sequence(self._fitting(ahead), self._request, self._system, self._n)
        for frame, result in zip(behind, results, strict=True):
            result = self._finish(frame.picture.pixels, result)
            size, laid = frame.picture.size, result.laid
            kept = np.zeros(result.picture.shape[:2], np.bool_) if laid is None else laid.kept(size)
            self._kept.append(np.packbits(kept))
            # The pixels are in the file by then; of the first frame all is kept, to be shown.
            slim = replace(result, picture=result.picture[:0], regions=(), effective_mask=None, laid=None)
            self._results.append(slim if self._results else result)
            yield EditedFrame(frame, result.picture, None if laid is None else laid.placement)

    def _fitting(self, frames: Iterable[PictureFrame]) -> Iterator[Array]:
        place = self._request.user_region
        for number, frame in enumerate(frames, 1):
            pixels = frame.picture.pixels
            if place is not None and place.mask.shape != pixels.shape[:2]:
                raise InvalidOption(
                    f"frame {number} has another size than the place that was given: edit it alone with --frame"
                )
            yield pixels

    def whole(self) -> Result:
        """The first frame's result, with one account of all frames."""
        notes = tuple(dict.fromkeys(note for one in self._results for note in one.notes))
        return replace(self._results[0], report=account([one.report for one in self._results]), notes=notes)

    def measured(self, written: Frames) -> Result:
        """The same with the largest difference outside the edit, over all frames, as they are in the file that was written."""
        largest = 0
        for was, now, bits in zip(self.frames, written, self._kept, strict=True):
            height, width = now.picture.size
            where = np.unpackbits(bits, count=height * width).reshape(height, width).astype(np.bool_)
            if was.picture.size == now.picture.size:
                largest = max(largest, largest_difference(was.picture, now.picture, where))
        result = self.whole()
        return replace(result, report=result.report.model_copy(update={"file_outside_max_difference": largest}))


def _is_thing(region: Region) -> bool:
    return region.source == "phrase" and region.found


def moved_region(region: Region, where: Floats, off: NDArray[np.float64]) -> Region | None:
    """A region where `where` (HxWx2: x and y in its own frame) says that it is now; None where its pixels are others (`off`, HxW), or too few or many."""
    if not _is_thing(region) or region.mask.shape != where.shape[:2]:
        return None
    mask = np.asarray(cv2.remap(region.mask, where, None, cv2.INTER_LINEAR, borderValue=0), np.uint8)
    solid, was = mask >= _SOLID, int((region.mask >= _SOLID).sum())
    if not _SHRUNK * was <= int(solid.sum()) <= _GROWN * was or not solid.any() or off[solid].mean() > _ALIKE:
        return None
    labels = None
    if region.labels is not None:
        labels = np.asarray(cv2.remap(region.labels, where, None, cv2.INTER_NEAREST, borderValue=0), np.uint8)
    numbers = range(1, 1 + len(region.boxes))
    parts: list[NDArray[np.bool_]] = [solid] if labels is None else [np.asarray(labels == one) for one in numbers]
    if (labels is None and len(region.boxes) > 1) or not all(part.any() for part in parts):
        return None
    return replace(region, mask=mask, boxes=tuple(map(box_of, parts)), labels=labels)


def account(reports: list[Report]) -> Report:
    """One report for all frames: a step is done if it is in every frame; where it is not, the line names the frames."""
    first, together = reports[0], zip(*(report.steps for report in reports), strict=True)
    steps = tuple(_step(list(each)) for each in together)
    verdicts = {step.verdict for step in steps} | ({Verdict.NOT_DONE} if first.unread else set())
    update = {
        "verdict": verdicts.pop() if len(verdicts) == 1 else Verdict.PARTLY,
        "reasons": tuple(reason for step in steps for reason in step.reasons)
        + first.reasons[sum(len(step.reasons) for step in first.steps) :],
        "steps": steps,
        "score": float(np.mean([report.score for report in reports])),
        "changed_fraction": float(np.mean([report.changed_fraction for report in reports])),
        "outside_max_difference": max(report.outside_max_difference for report in reports),
        "outside_ssim": min(report.outside_ssim for report in reports),
        "timings": {
            stage: round(sum(report.timings.get(stage, 0.0) for report in reports), TIMING_DIGITS)
            for stage in first.timings
        },
        "weights": reports[-1].weights,
    }
    return first.model_copy(update=update)


def _step(each: list[StepReport]) -> StepReport:
    """What became of a step in all frames."""
    ends = {one.verdict for one in each}
    if len(ends) == 1:
        return each[0]
    missing = [number for number, one in enumerate(each, 1) if one.verdict is Verdict.NOT_DONE]
    worst = next(one for one in each if one.verdict is not Verdict.DONE)
    shown = ", ".join(map(str, missing[:_LISTED])) + (", ..." if len(missing) > _LISTED else "")
    told = (f"not done in {len(missing)} of {len(each)} frames ({shown})",) if missing else ()
    return each[0].model_copy(update={"verdict": Verdict.PARTLY, "reasons": (*told, *worst.reasons)})
