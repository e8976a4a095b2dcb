"""The network: the outline of the thing in a box, from what the picture encoder sees in a crop about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pixwright.encoders.boxed.frames import SIDE, Floats, Frame, frame_about, place_of, shown, within
from pixwright.encoders.lean import lean
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session


class BoxOutliner:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any, features: Callable[[Array], dict[str, Floats]]) -> None:
        """`features`: of the picture encoder at all its strides, (1, C, h, w) each by the name of its output."""
        self._session = session
        self._features = features

    @classmethod
    def load(cls, features: Callable[[Array], dict[str, Floats]]) -> BoxOutliner:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("box-outline"), features)

    def odds(self, picture: Array, box: Frame) -> tuple[Floats, Frame]:
        """Log-odds (SIDE / 2, SIDE / 2) that a place is of the thing in a box (XYXY in 0..1) of `picture` (HxWx3 uint8), and the frame that they cover."""
        height, width = picture.shape[:2]
        frame = frame_about(box, width / height)
        crop = shown(picture, frame)
        given = {**self._features(crop), "picture": crop[None], "place": place_of(within(box, frame), SIDE // 2)[None]}
        return np.asarray(self._session.run(["odds"], given, lean())[0][0, 0], np.float32), frame
