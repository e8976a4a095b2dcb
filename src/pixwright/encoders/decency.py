"""Whether a picture is indecent: nsfwjs's MobileNetV2 (Laborde 2019), five classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from pixwright.encoders.lean import lean
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

_SIDE = 224
"""Pixels of the square in which the whole picture is seen."""


@dataclass(frozen=True)
class Decency:
    """Likelihoods of what a picture is, 0 to 1; together 1."""

    drawing: float
    drawn_indecent: float
    neutral: float
    indecent: float
    suggestive: float

    @property
    def explicit(self) -> float:
        """How likely it shows sexual acts or parts, photographed or drawn."""
        return self.indecent + self.drawn_indecent


class DecencyReader:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls) -> DecencyReader:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("nsfw"))

    def read(self, picture: Array) -> Decency:
        """What a picture HxWx3|4 uint8 is, by its looks as a whole."""
        way = cv2.INTER_AREA if min(picture.shape[:2]) > _SIDE else cv2.INTER_LINEAR
        shown = cv2.resize(np.ascontiguousarray(picture[..., :3]), (_SIDE, _SIDE), interpolation=way)
        found = self._session.run(None, {"picture": shown[None]}, lean())[0][0]
        return Decency(*(float(value) for value in found))
