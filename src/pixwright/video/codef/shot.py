"""A shot that is carried over from fitted canonical pictures: the key frame only shows what is meant, the canonical picture is edited, and every frame takes the edit from there.

Following still says where in a frame the edit may be: outside of that mask a frame keeps its own pixels, whatever the fit makes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from pixwright.errors import InvalidOption
from pixwright.flow import best_of
from pixwright.motion import Floats, flow_between, grey, grid, sampled
from pixwright.records.instruction import Array
from pixwright.records.region import Region
from pixwright.video.account import ShotAccount
from pixwright.video.codef.fit import PRESETS, CanonicalSettings, fit_canonical
from pixwright.video.codef.layers import CanonicalVideo
from pixwright.video.contract import MadeStep
from pixwright.video.footage import Footage
from pixwright.video.shot import DoneFrame, Shot, Tell, VideoAsk, framed

_MOST = 400_000_000
"""Pixels of all frames of a shot, which are held in memory for the fit."""
_SOLID = 128
_APART = 1.0
"""Pixels by which the way to the next frame and back may miss, up to which it is trusted."""
_DIGITS = 2


class CanonicalShot(Shot):
    """As a `Shot` is used."""

    def __init__(
        self,
        footage: Footage,
        first: int,
        last: int,
        asked: VideoAsk,
        folder: Path,
        *,
        settings: CanonicalSettings | None = None,
        device: str = "auto",
    ) -> None:
        """`settings`: None is what the device can do."""
        super().__init__(footage, first, last, asked, folder)
        self._settings, self._device = settings, device
        self._video: CanonicalVideo | None = None
        self._picture: Array | None = None
        self._detail = True

    def follow(self, tell: Tell) -> None:
        """Follow what was edited, fit the canonical pictures, and edit the one of what was meant. Raises InvalidOption for a shot that is too long to be held."""
        height, width = self._made[0].before.shape[:2]
        if (self.last - self.first) * height * width > _MOST:
            raise InvalidOption(
                f"a shot of {self.last - self.first} frames of {width}x{height} is too long for one canonical picture; edit a part with --from and --to, or leave --canonical out"
            )
        super().follow(tell)
        shown = [(frame.shown.pixels, frame.mask) for frame in super().frames(self.first, self.last)]
        pictures, masks = [one for one, _ in shown], [mask for _, mask in shown]
        whole = all(bool((mask == 255).all()) for mask in masks)
        self._video = fit_canonical(
            pictures,
            masks=None if whole else masks,
            flows=flows_of(pictures),
            settings=self._settings or _usual(self._device),
            device=self._device,
            checkpoint=self._folder / "canonical",
            watch=lambda step, steps: tell("follow", 0),
        )
        self._edit(self._video, None if whole else masks)

    def _edit(self, video: CanonicalVideo, masks: list[Array] | None) -> None:
        """The plan, step by step, on the canonical picture of what was meant."""
        layer = video.layers[0]
        self._picture = layer.picture
        place = None if masks is None else layer.gathered(masks)
        for number, made in enumerate(self._made):
            if not made.done:
                continue
            before = self._picture
            region = None if place is None else _region(made.region, place)
            request = self._request(made.result.plan, number, region, again=True)
            result = best_of(before, request, self._asked.system, self._asked.n)
            after = np.ascontiguousarray(result.picture[..., :3])
            if after.shape != before.shape:
                raise InvalidOption(
                    f"'{made.step.instruction}' changes the frame itself: leave --canonical out, it has no canonical picture"
                )
            self._made[number] = MadeStep(before, after, made.plan, replace(made.result, report=result.report))
            self._picture = after
            self._detail &= made.step.type.traits.surface or made.step.type.traits.finish

    def frames(self, first: int, last: int) -> Iterator[DoneFrame]:
        """Frames `first` up to `last` of the shot, done from the canonical picture."""
        assert self._video is not None and self._picture is not None, "the shot was followed"
        before: tuple[Array, Array] | None = None
        for frame in super().frames(first, last):
            pixels = self._video.carried(frame.shown.index - self.first, self._picture, frame.mask, detail=self._detail)
            for number in range(len(self._made)):
                pixels = self.fallen(pixels, frame.mask, number, frame.account.seconds)
            account, before = framed(frame.account, frame.shown.pixels, pixels, frame.mask, before)
            yield DoneFrame(frame.shown, pixels, frame.mask, account)

    def account(self) -> ShotAccount:
        """What the shot's canonical picture says."""
        plain = super().account()
        if self._video is None:
            return plain
        ways = tuple("canonical picture" if made.done else "not done" for made in self._made)
        mean = round(float(np.mean(self._video.psnr)), _DIGITS)
        return plain.model_copy(update={"ways": ways, "reconstruction_psnr": mean})


def flows_of(pictures: list[Array]) -> list[Floats]:
    """The way from each picture HxWx3 uint8 to the next, HxWx2; NaN where the way back does not meet it."""
    flows = []
    for here, there in pairwise(pictures):
        one, other = grey(here), grey(there)
        way, back = flow_between(one, other), flow_between(other, one)
        missed = np.linalg.norm(way + sampled(back, grid(*one.shape) + way), axis=2)
        flows.append(np.where((missed < _APART)[..., None], way, np.float32(np.nan)))
    return flows


def _region(known: Region, place: Array) -> Region:
    """Where in the canonical picture a step takes place."""
    x, y, wide, tall = cv2.boundingRect((place >= _SOLID).astype(np.uint8))
    boxes = ((x, y, x + wide, y + tall),) if wide else ()
    return replace(known, mask=place, boxes=boxes, labels=None, exact=True)


def _usual(device: str) -> CanonicalSettings:
    from pixwright.models.device import device_named

    return PRESETS["codef-small" if device_named(device).type == "cpu" else "codef-large"]
