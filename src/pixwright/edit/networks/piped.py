"""Editors that repaint the whole picture (FLUX.2, Kontext, Qwen-Image-Edit): the words go in as they are, and only what changed comes back.

What such a network left alone is repainted all the same, a little off in colour and place. So the drift is undone (`edit.networks.alignment`) and what comes back
is told from the network's own reconstruction of the input (`edit.networks.window`): the rest of the photograph stays as it was, bit for bit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, Working, refuse
from pixwright.edit.networks.alignment import find_alignment
from pixwright.edit.networks.choosing import NOISE
from pixwright.edit.networks.claims import unseen
from pixwright.edit.networks.inside import beyond, limit_of
from pixwright.edit.networks.window import Window, window_for
from pixwright.errors import InvalidOption
from pixwright.media.pixels import on_white
from pixwright.models.families import Piped, PipelineRequest
from pixwright.records.instruction import Array, Attachment, PictureAttachment
from pixwright.records.kind import EditType, Group
from pixwright.records.plan import Step
from pixwright.records.region import Region

_NAMED = re.compile(r"\[(\d{1,2})\]")
_BLACK = 3
"""Levels: a picture with nothing brighter was blackened, by a filter or by numbers that overflowed."""
_NOISE = 12
"""Levels by which autoencoders and repainting miss a colour."""


@dataclass(frozen=True, eq=False)
class PipedEditor:
    """An editor around a published pipeline. `side`: longer side at which it works, pixels; None is its own."""

    piped: Piped
    steps: int
    guidance: float
    side: int | None = None
    negative: str = ""
    """Words for what shall not be there, where the pipeline takes them."""

    def __post_init__(self) -> None:
        """Raise InvalidOption for a side that the pipeline would not keep to."""
        if self.piped.fixed and self.side is not None:
            raise InvalidOption(f"side={self.side}: {self.piped.name} works at one megapixel only; leave it out")

    @property
    def digests(self) -> Mapping[str, str]:
        """Name -> sha256 of every weight file that was read."""
        return self.piped.digests

    def edit(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """Run the step's words on the picture HxWx3 uint8, near the region where there is one and nowhere else where the user drew it."""
        if step.type is EditType.OUTPAINT:
            return refuse(picture, "this network keeps the picture's size; leave --system out to widen a picture")
        words, pictures, reason = self._request(step, context.attachments)
        if reason:
            return refuse(picture, reason)
        limit = None if context.user_region is None else context.user_region.mask
        if self.piped.masked:
            lost = limit is None and step.target is not None and (not region.found or region.source == "whole")
            reason = beyond(step) or (f"{step.target} was not found: show it with --box X0,Y0,X1,Y1" if lost else "")
            if reason:
                return refuse(picture, reason)
            words, limit = step.edited_caption or words, limit_of(step, region, limit is not None)
        window = self._window(picture, limit if limit is not None else _local(region))
        shown = window.take(picture)
        after = self.piped.run(self._asked(words, [shown, *pictures], window, limit, context))
        if self.piped.paints_noise(shown, after):
            return refuse(picture, NOISE)
        if after.max() <= _BLACK and shown.max() > _BLACK:
            return refuse(
                picture, "the network gave a black picture; try another --seed, or dtype=float32 if it was float16"
            )
        notes: tuple[str, ...] = ()
        inside = None if limit is None else window.take_mask(limit)
        if step.target is not None or step.type.group is not Group.CAMERA:  # else the drift may be what was asked for
            after, notes = _settled(shown, after, inside)
        calm = limit if inside is not None and _calm(shown, after, inside == 0) else None
        result, mask = window.put(
            picture, self.piped.rebuild(shown), after, redrawn=step.type.traits.redraws, limit=calm
        )
        mask = mask if limit is None else np.minimum(mask, limit)
        if not mask.any():
            return refuse(picture, "the network changed nothing; say it in other words, or try another --seed")
        return Proposal(result, mask, partly=unseen(picture, result, mask, step, context), notes=notes)

    def _asked(
        self, words: str, pictures: list[Array], window: Window, limit: Array | None, context: Context
    ) -> PipelineRequest:
        mask = window.take_mask(limit) if self.piped.masked and limit is not None else None

        def watch(done: int, of: int) -> None:
            context.working(Working(done, of))

        return PipelineRequest(pictures, words, context.seed, self.steps, self.guidance, self.negative, mask, watch)

    def _window(self, picture: Array, mask: Array | None) -> Window:
        """The window; where the pipeline chooses the size, at that size, so that it need not resize what comes."""
        height, width = picture.shape[:2]
        window = window_for(height, width, mask, self.side or self.piped.side, self.piped.multiple)
        if not self.piped.fixed:
            return window
        x0, y0, x1, y1 = window.box
        size = self.piped.fit(y1 - y0, x1 - x0)
        return replace(window, inner=size, outer=size)

    def _request(self, step: Step, attachments: tuple[Attachment, ...]) -> tuple[str, list[Array], str]:
        """The words as the network wants them, the further pictures, and why it cannot be done, or ""."""
        numbers = [int(n) for n in _NAMED.findall(step.instruction)]
        if step.reference is not None:
            numbers.append(step.reference)
        numbers = list(dict.fromkeys(n for n in numbers if 1 <= n <= len(attachments)))
        used = [attachments[n - 1] for n in numbers]
        if any(not isinstance(one, PictureAttachment) for one in used):
            return "", [], f"{self.piped.name} hears no sound; say in words what it shall bring about"
        if len(used) >= self.piped.several:
            room = self.piped.several - 1
            return "", [], f"{self.piped.name} takes {room or 'no'} pictures besides the one to edit, not {len(used)}"
        place = {n: self.piped.called.format(i) for i, n in enumerate(numbers, start=2)}
        words = _NAMED.sub(lambda found: place.get(int(found[1]), found[0]), step.instruction)
        unnamed = [name for n, name in place.items() if f"[{n}]" not in step.instruction]
        words = f"{words} ({', '.join(unnamed)})" if unnamed else words
        return words, [on_white(one.pixels) for one in used if isinstance(one, PictureAttachment)], ""


def _local(region: Region) -> Array | None:
    return region.mask if region.found and region.source != "whole" else None


def _calm(shown: Array, after: Array, outside: NDArray[np.bool_]) -> bool:
    """Whether the network left what it was not asked for alone, but for noise: only then do its colours there say how far off it is elsewhere."""
    difference = cv2.absdiff(shown, after).max(axis=2)[outside]
    return bool(difference.size) and float(np.median(difference)) < _NOISE


def _settled(shown: Array, after: Array, edited: Array | None) -> tuple[Array, tuple[str, ...]]:
    """The edit without the network's drift, and a note where there was one."""
    found = find_alignment(shown, after, edited)
    if found is None:
        return after, ()
    height, width = shown.shape[:2]
    zoom = 100 * ((found.zoom_x + found.zoom_y) / 2 - 1)
    way = found.largest(height, width)
    laid = found.undo(after)
    if _calm(shown, laid, np.ones((height, width), np.bool_)):
        laid = np.where(
            found.left(height, width)[..., None], shown, laid
        )  # an edge that was not restyled stays as it was
    return laid, (
        f"The network had moved the picture by up to {way:.1f} of its pixels (zoom {zoom:+.1f} %); that was undone.",
    )
