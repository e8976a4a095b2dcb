"""When memory runs out: one try on a picture of half the size, whose change is brought to the full one; then a clear error."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.composite import blend
from pixwright.errors import OutOfMemory
from pixwright.flow import Request, Watch, best_of, unwatched
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.placement import SINGLE_PIXELS, UNMOVED, Laid
from pixwright.records.region import Box, Region
from pixwright.records.result import Result, Verdict
from pixwright.systems import System

_SAYS = ("to allocate", "insufficient memory", "out of memory", "bad alloc")
"""What the errors of libraries say that have no class of their own for it."""
_TOLD = "memory ran out, so it was made at half the picture's size"
_LEAST = 64
"""Pixels of a side under which half a picture is too small to be edited."""
_RGB = 3


def edit_within_memory(pixels: Array, request: Request, system: System, n: int, watch: Watch = unwatched) -> Result:
    """`flow.best_of`; where memory runs out, the same on a picture of half the size.

    There only what changed is brought back to the full size: the change itself where things stay (colour, tone), else the new pixels, which are softer then. No verdict is
    better than `partly`, and a note says why. Raises what `best_of` raises, and OutOfMemory where the half does not fit either, or changes the picture's size.
    """
    try:
        return best_of(pixels, request, system, n, watch)
    except faults() as error:
        if not ran_out(error):
            raise
    return _halved(pixels, request, system, n, watch)


def faults() -> tuple[type[Exception], ...]:
    """What may mean that memory ran out. Asked when something has failed: the classes of onnxruntime have no parent but `Exception`, and it is not loaded for their sake."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    return MemoryError, RuntimeError, cv2.error, runtime.Fail, runtime.RuntimeException


def ran_out(error: Exception) -> bool:
    """Whether an error says that there is no memory: numpy's has a class, OpenCV's a number, onnxruntime's only words."""
    if isinstance(error, MemoryError) or getattr(error, "code", None) == cv2.Error.StsNoMem:
        return True
    return any(word in str(error).lower() for word in _SAYS)


def _halved(pixels: Array, request: Request, system: System, n: int, watch: Watch) -> Result:
    height, width = pixels.shape[:2]
    size = -(-height // 2), -(-width // 2)
    if min(size) < _LEAST:
        raise OutOfMemory("memory ran out; close other programs, or make the picture smaller")
    small = resized(pixels, *size)
    try:
        result = best_of(small, _on_half(request, size), system, n, watch)
    except faults() as error:
        if not ran_out(error):
            raise
        raise OutOfMemory("memory ran out, at half the picture's size too; make the picture smaller first") from error
    if result.effective_mask is None or result.picture.shape[:2] != size:
        raise OutOfMemory(
            "memory ran out, and a change of the picture's size cannot be made at half of it; make it smaller first"
        )
    mask = resized(result.effective_mask, height, width, cv2.INTER_LINEAR)
    mask = mask if request.limit is None else np.minimum(mask, request.limit)
    before = np.ascontiguousarray(pixels[..., :_RGB])
    if any(step.type.traits.redraws for step in result.plan.steps):
        wanted = resized(np.ascontiguousarray(result.picture[..., :_RGB]), height, width)
    else:
        change = result.picture[..., :_RGB].astype(np.int16) - small[..., :_RGB]
        grown = cv2.resize(change, (width, height), interpolation=cv2.INTER_LINEAR)
        wanted = np.clip(before + grown, 0, 255).astype(np.uint8)
    picture = blend(before, wanted, mask)
    if result.picture.shape[2] > _RGB:
        picture = np.dstack([picture, resized(np.ascontiguousarray(result.picture[..., _RGB]), height, width)])
    report = result.report
    if report.verdict is Verdict.DONE:
        report = report.model_copy(update={"verdict": Verdict.PARTLY})
    report = report.model_copy(update={"reasons": (*report.reasons, _TOLD)})
    return replace(
        result,
        picture=picture,
        report=report,
        regions=(),
        effective_mask=mask,
        notes=(*result.notes, _TOLD),
        masks=(),
        laid=Laid(UNMOVED, mask),
    )


def _on_half(request: Request, size: tuple[int, int]) -> Request:
    """The same request for the picture of half the size."""
    region = request.user_region
    limit = None if request.limit is None else resized(request.limit, *size)
    return replace(
        request,
        user_region=None if region is None else _half(region, size),
        limit=limit,
        grid=SINGLE_PIXELS,
        regions=(),
    )


def _half(region: Region, size: tuple[int, int]) -> Region:
    boxes: tuple[Box, ...] = tuple((x0 // 2, y0 // 2, -(-x1 // 2), -(-y1 // 2)) for x0, y0, x1, y1 in region.boxes)
    labels = None
    if region.labels is not None:
        labels = np.asarray(cv2.resize(region.labels, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    return replace(region, mask=resized(region.mask, *size), boxes=boxes, labels=labels)
