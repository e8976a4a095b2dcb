"""How what a step did to the key frame is done in every frame. Which way is decided by the table of edit types, never by a single type or noun.

A look is carried as parameters (`looks`), a removal by what other frames show (`plates`), what was brought by the motion of what it stands on (`layers`).
What moves a thing, or changes the frame itself, is edited frame by frame with the thing where following found it.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.records.instruction import Array
from pixwright.records.kind import Aspect
from pixwright.systems import Eyes
from pixwright.video.contract import Carrier, MadeStep
from pixwright.video.layers import BackdropCarrier, LayerCarrier
from pixwright.video.looks import LookCarrier
from pixwright.video.plates import RemovalCarrier
from pixwright.video.spool import ArrayShelf

_SOLID = 128
"""Level of a mask from which a pixel is the thing's."""
_ON, _ROUND, _LEAST = 0.2, 0.15, 8
"""Share of what was brought that lies on a thing that carries it; how far about it the ground is looked at, as a share of its size, and in pixels at least."""


def carrier_for(made: MadeStep, eyes: Eyes, shelf: ArrayShelf) -> Carrier | None:
    """What carries a step, its pictures on `shelf`; None where each frame is edited by itself."""
    traits = made.step.type.traits
    if made.after.shape != made.before.shape or traits.moves:
        return None
    if traits.surface or traits.finish:
        return LookCarrier(made, shelf)
    if traits.changes is Aspect.BACKGROUND:
        return BackdropCarrier(made.after, made.mask, shelf)
    brought = made.result.brought[0] if made.result.brought else None
    if traits.changes is Aspect.TEXT or brought is not None:
        return LayerCarrier(made.before, made.after, made.mask, brought, anchor_of(made, brought, eyes), shelf)
    if traits.changes is Aspect.THING and not traits.brings:
        return RemovalCarrier(made.before, made.after, made.mask, made.region.source == "phrase", shelf)
    return LookCarrier(made, shelf)


def anchor_of(made: MadeStep, brought: Array | None, eyes: Eyes) -> tuple[Array, bool]:
    """What moves what was brought (HxW uint8): the thing that it is on or takes the place of, else what is about it; and whether words find it again."""
    if brought is None:
        return about(made.mask), False
    if made.region.source == "phrase" and made.region.found:
        return made.region.mask, True
    where = made.step.where
    if where is not None and where.anchor is not None:
        thing = eyes.find(made.before, where.anchor)
        if thing.found and _touching(brought, thing.mask):
            return thing.mask, False
    return about(brought), False


def _touching(brought: Array, thing: Array) -> bool:
    """Whether a good part of what was brought lies on the thing."""
    own = brought >= _SOLID
    return bool((own & (thing >= _SOLID)).sum() > _ON * own.sum())


def about(brought: Array) -> Array:
    """What was brought, and a little of what is about it: HxW uint8."""
    own = (brought > 0).astype(np.uint8)
    reach = max(_LEAST, round(_ROUND * float(np.sqrt(own.sum()))))
    near = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return np.asarray(near * 255, np.uint8)
