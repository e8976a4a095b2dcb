"""Frames side by side: a preview before minutes are spent, and sheets and small animations of results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pixwright.errors import InvalidOption
from pixwright.flow import Request, best_of, understood
from pixwright.media import check_target, load_attachment, save_plain
from pixwright.media.pixels import shrink
from pixwright.pointing import NOWHERE
from pixwright.records.instruction import Array, Instruction
from pixwright.systems import System, build
from pixwright.video.footage import Footage
from pixwright.video.run import VideoJob, frame_at, span_of

_SIDE, _GAP = 480, 4
"""Longer side of a frame on a sheet, in pixels, and the space between two."""


def preview(job: VideoJob, count: int, system: System | None = None) -> tuple[Path, list[str]]:
    """Edit `count` frames spread over the job's part, each as a picture, and write them under their originals: (the sheet, each frame's verdict).

    The words are read once, in the first. What following will find is not shown here; a place holds in the key frame only, which is then the first on the sheet.
    """
    target = job.output.with_name(f"{job.output.stem}-preview.png")
    check_target(target, force=job.force, inputs=(job.video, *job.attachments))
    footage, system = Footage(job.video), system or build(job.system, None, job.options)
    first, last = span_of(footage, job.start, job.end)
    if count > last - first:
        raise InvalidOption(f"{count} frames are asked for, and there are {last - first} in that part")
    indexes = [first + int((k + 0.5) * (last - first) / count) for k in range(count)]
    if job.place != NOWHERE or job.key is not None:
        indexes[0] = first if job.key is None else frame_at(footage, job.key)
    words = Instruction(job.instruction, tuple(load_attachment(path) for path in job.attachments))
    request = Request(words, job.seed, library=job.library, controls=job.controls)
    columns, verdicts = list[tuple[Array, Array]](), list[str]()
    for number, index in enumerate(indexes):
        pixels = footage.frame(index).pixels
        asked = request
        if number == 0 and job.place != NOWHERE:
            region = job.place.region(pixels, system.encoders)
            asked = replace(request, user_region=region, limit=job.place.limit(pixels, region))
        if request.plan is None:
            plan = understood(words, pixels, system, system.eyes())
            request, asked = replace(request, plan=plan), replace(asked, plan=plan)
        result = best_of(pixels, asked, system, 1)
        columns.append((pixels, np.ascontiguousarray(result.picture[..., :3])))
        verdicts.append(str(result.report.verdict))
    save_plain(sheet([list(row) for row in zip(*columns, strict=True)]), target, replace=job.force)
    return target, verdicts


def sheet(rows: Sequence[Sequence[Array]]) -> Array:
    """Pictures HxWx3 in rows, shrunk to one size, with white between them."""
    small = [[shrink(one, _SIDE) for one in row] for row in rows]
    tall, wide = max(one.shape[0] for row in small for one in row), max(one.shape[1] for row in small for one in row)
    lines = [np.hstack([_framed(one, tall, wide) for one in row]) for row in small]
    return np.asarray(np.vstack(lines), np.uint8)


def _framed(picture: Array, tall: int, wide: int) -> Array:
    down, across = tall - picture.shape[0] + _GAP, wide - picture.shape[1] + _GAP
    return np.asarray(
        cv2.copyMakeBorder(picture, 0, down, 0, across, cv2.BORDER_CONSTANT, value=(255, 255, 255)), np.uint8
    )


def side_by_side(before: Iterable[Array], after: Iterable[Array]) -> Iterable[Array]:
    """Both videos' frames, one beside the other."""
    for was, now in zip(before, after, strict=False):
        yield sheet([[was, now]])
