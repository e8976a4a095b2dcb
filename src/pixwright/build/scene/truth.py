"""What is where in a rendered scene, from the scene itself: the `Context.ground` of the looks of a whole picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene
from pixwright.build.run.networks import encoders
from pixwright.build.scene.geometry import background_window
from pixwright.build.scene.looks import nothing
from pixwright.build.scene.texture import Bounded, backdrop_of
from pixwright.ground import ground
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_in
from pixwright.records.thing import Thing

_SIDE = 320
"""Longer side, in pixels, at which the sky of a background is looked for."""
_SKIES: Bounded[tuple[Array, float]] = Bounded(64 << 20, lambda found: found[0].nbytes)


def ground_in(scene: LayeredScene, masks: Array, catalogue: Catalogue) -> Callable[[Array, str | Thing], Region]:
    """Answers a phrase with the exact masks of the layers of that name, "foreground" with all of them, "sky" with the background's sky.

    The sky is looked for once in each background, without anything before it, by the project's own grounder. Nothing else is found.
    """

    def find(picture: Array, phrase: str | Thing) -> Region:
        size = (picture.shape[1], picture.shape[0])
        phrase = str(phrase).lower().removeprefix("the ").strip()
        if phrase == "sky":
            mask, score = _sky(scene, size, catalogue)
            seen = resized(masks.max(axis=0), *size[::-1]) if len(masks) else np.zeros_like(mask)
            return _region(np.minimum(mask, 255 - seen), phrase, score)
        chosen = [
            mask
            for mask, layer in zip(masks, scene.layers, strict=True)
            if phrase in ("foreground", layer.name.lower())
        ]
        if not chosen:
            return nothing(picture, phrase)
        return _region(resized(np.max(chosen, axis=0), *size[::-1]), phrase, 1.0)

    return find


def sky_of(key: str, catalogue: Catalogue) -> tuple[Array, float]:
    """The sky of a background, hxw uint8 at a small size, and how sure the grounder is of it."""
    backdrop = backdrop_of(key, catalogue)

    def seek() -> tuple[Array, float]:
        region = ground(shrink(backdrop.pixels, _SIDE), "sky", encoders())
        return region.mask, region.score

    return _SKIES.get(backdrop.key, seek)


def _sky(scene: LayeredScene, size: tuple[int, int], catalogue: Catalogue) -> tuple[Array, float]:
    mask, score = sky_of(scene.background, catalogue)
    tall, wide = mask.shape
    x0, y0, x1, y1 = background_window(scene)
    left, top = min(int(x0 * wide), wide - 1), min(int(y0 * tall), tall - 1)
    part = mask[top : max(top + 1, round(y1 * tall)), left : max(left + 1, round(x1 * wide))]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.uint8), score


def _region(mask: Array, phrase: str, score: float) -> Region:
    box = box_in(mask)
    if box is None:
        return Region(mask, (), 0.0, phrase, "none")
    return Region(mask, (box,), score, phrase, "phrase", (mask > 127).astype(np.uint8))
