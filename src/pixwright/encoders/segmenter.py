"""IS-Net: the outline of whatever stands out in a picture, or in a crop of it.

Qin et al. 2022, "Highly accurate dichotomous image segmentation". The packaged weights are quantised to 8 bits; on a processor without instructions for
8-bit products the same file is computed in float32, which is slower and no worse.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.lean import lean
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

Floats = NDArray[np.float32]
STRIDE = 32
"""The network's sides are multiples of this."""
LEAST = 96
"""Pixels: on fewer its deepest layers see nothing."""
DARK, LIGHTEST = 0.25, 0.35
"""Mean of a picture, in 0..1, below which it is shown lightened to that: the network was trained by day. The least power of its values by which it is."""
SURE = 0.3
"""Highest value in the outline of a lightened picture from which something stands out: that value then counts as 1."""
SIDE = 384
"""Longer side, in pixels, at which a picture is shown where nothing else is said."""


class Segmenter:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls) -> Segmenter:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("isnet"))

    def outline(self, picture: Array, side: int = SIDE) -> Floats:
        """(H, W) float32 in [0, 1]: what stands out in `picture` (HxWx3 uint8), shown at `side` pixels of its longer side.

        The network gives no probability but a matte: soft values are rims, hair and what it is unsure of.
        """
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        rows, columns = (max(LEAST, round(n * scale / STRIDE) * STRIDE) for n in (height, width))
        how = cv2.INTER_AREA if rows * columns < height * width else cv2.INTER_LINEAR
        shown = cv2.resize(np.ascontiguousarray(picture[..., :3]), (columns, rows), interpolation=how)
        mean = float(shown.mean()) / 255
        power = max(LIGHTEST, float(np.log(DARK) / np.log(mean))) if 0 < mean < DARK else 1.0
        if power < 1:
            shown = np.asarray(cv2.LUT(shown, _lighter(power)), np.uint8)
        outline = self._session.run(["outline"], {"picture": shown[None]}, lean())[0][0, 0]
        if power < 1 and SURE < float(outline.max()) < 1:
            outline = outline / outline.max()
        return np.asarray(cv2.resize(outline, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _lighter(power: float) -> Array:
    """(256,) uint8: values raised to a power below 1."""
    return np.asarray(np.rint(255 * (np.arange(256) / 255) ** power), np.uint8)
