"""Arbitrary stylisation: a picture's style as a vector, and another picture in it.

Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic stylization network". The vectors are a space: between two of them lie styles
between the two.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.lean import lean
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

Style = NDArray[np.float32]
"""(100,): what the networks know of a style."""
_STYLE_SIDE = 256
"""Pixels of the square in which a style is seen."""
_STRIDE = 4
"""The sides of a picture that is painted are multiples of this."""
_LEAST = 32
"""Pixels: the least side that is painted."""


class Stylist:
    """Stateless: may be used from several threads."""

    def __init__(self, predictor: Any, painter: Any) -> None:
        self._predictor = predictor
        self._painter = painter

    @classmethod
    def load(cls) -> Stylist:
        """The packaged networks. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("style-predict"), open_session("style-transform"))

    def style_of(self, picture: Array) -> Style:
        """The style of the middle square of a picture HxWx3 uint8."""
        height, width = picture.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = np.ascontiguousarray(picture[top : top + side, left : left + side, :3])
        way = cv2.INTER_AREA if side > _STYLE_SIDE else cv2.INTER_LINEAR
        shown = cv2.resize(square, (_STYLE_SIDE, _STYLE_SIDE), interpolation=way)
        return np.asarray(self._predictor.run(None, {"picture": shown[None]}, lean())[0].ravel(), np.float32)

    def paint(self, picture: Array, style: Style, side: int) -> Array:
        """A picture HxWx3 uint8 in the style, its longer side about `side` pixels: the strokes are the finer the larger it is painted."""
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        rows, columns = (max(_LEAST, round(n * scale / _STRIDE) * _STRIDE) for n in (height, width))
        way = cv2.INTER_AREA if rows * columns < height * width else cv2.INTER_LINEAR
        shown = cv2.resize(np.ascontiguousarray(picture[..., :3]), (columns, rows), interpolation=way)
        names = [given.name for given in self._painter.get_inputs()]
        given = {names[0]: shown[None], names[1]: style.reshape(1, 1, 1, -1)}
        painted = self._painter.run(None, given, lean())[0][0]
        return np.asarray(np.clip(painted * 255 + 0.5, 0, 255), np.uint8)
