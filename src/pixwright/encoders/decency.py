"""Whether a picture is indecent: nsfwjs's MobileNetV2 (Laborde 2019), five classes; and, where it was pulled, open_nsfw's ResNet-50 (Yahoo 2016) as a second witness."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

from pixwright.encoders.lean import lean
from pixwright.records.instruction import Array
from pixwright.weights.registry import entry
from pixwright.weights.session import open_session
from pixwright.weights.store import place

SECOND = "open-nsfw"
"""The registry's name of the second witness, which is not in the package."""
_SIDE = 224
"""Pixels of the square in which the whole picture is seen."""
_AROUND = 256
"""Of the square that the second one is shown the middle of."""
_MEAN = np.array((104, 117, 123), np.float32)
"""Blue, green, red: what the second one was trained to have taken off."""


@dataclass(frozen=True)
class Decency:
    """Likelihoods of what a picture is, 0 to 1; together 1."""

    drawing: float
    drawn_indecent: float
    neutral: float
    indecent: float
    suggestive: float
    second: float | None = None
    """The second witness's likelihood of an explicit picture; None where it was not pulled."""

    @property
    def explicit(self) -> float:
        """How likely it shows sexual acts or parts, photographed or drawn."""
        return self.indecent + self.drawn_indecent


class DecencyReader:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any, second: Any = None) -> None:
        self._session, self._second = session, second

    @classmethod
    def load(cls) -> DecencyReader:
        """The packaged network, and the second one where it was pulled. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("nsfw"), open_session(SECOND) if place(entry(SECOND)).exists() else None)

    def read(self, picture: Array) -> Decency:
        """What a picture HxWx3|4 uint8 is, by its looks as a whole."""
        way = cv2.INTER_AREA if min(picture.shape[:2]) > _SIDE else cv2.INTER_LINEAR
        shown = cv2.resize(np.ascontiguousarray(picture[..., :3]), (_SIDE, _SIDE), interpolation=way)
        found = self._session.run(None, {"picture": shown[None]}, lean())[0][0]
        drawing, drawn, neutral, indecent, suggestive = (float(value) for value in found)
        return Decency(drawing, drawn, neutral, indecent, suggestive, self._asked(picture))

    def _asked(self, picture: Array) -> float | None:
        """What the second one says, shown the picture as it was trained: squeezed into a square, its middle, through a JPEG, BGR less the mean."""
        if self._second is None:
            return None
        edge = (_AROUND - _SIDE) // 2
        square = Image.fromarray(np.ascontiguousarray(picture[..., :3])).resize(
            (_AROUND, _AROUND), Image.Resampling.BILINEAR
        )
        held = io.BytesIO()
        square.crop((edge, edge, edge + _SIDE, edge + _SIDE)).save(held, "JPEG")
        given = np.asarray(Image.open(held), np.float32)[..., ::-1] - _MEAN
        (name,) = (one.name for one in self._second.get_inputs())
        return float(self._second.run(None, {name: given[None]}, lean())[0][0][1])
