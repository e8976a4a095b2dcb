"""The guided filter by colour (He, Sun and Tang 2013, eq. 19), its lines fitted at half size (He and Sun 2015, "Fast guided filter")."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.geometry import Floats

EPSILON = 1e-3
"""The variance of a guide in 0..1 that is taken for noise."""


class Guide:
    """A picture whose edges maps are made to follow."""

    def __init__(self, pixels: Floats, radius: int) -> None:
        """`pixels` (h, w, 3) in [0, 1]; `radius` of the windows in pixels."""
        self._pixels = pixels
        size = -(-pixels.shape[1] // 2), -(-pixels.shape[0] // 2)
        self._small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
        self._window = (2 * (radius // 2) + 1, 2 * (radius // 2) + 1)
        self._mean = cv2.blur(self._small, self._window)
        (a, b, c), (d, e), (f,) = (
            [self._varying(self._small[..., j, None], i)[..., 0] + (EPSILON if i == j else 0) for j in range(i, 3)]
            for i in range(3)
        )
        minors = np.stack(
            [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b], -1
        )
        whole = a * minors[..., 0] + b * minors[..., 1] + c * minors[..., 2]
        self._inverse = (minors / whole[..., None])[..., None]

    def filtered(self, values: Floats) -> Floats:
        """Maps (h, w, k), as they follow the picture's edges."""
        size = self._pixels.shape[1], self._pixels.shape[0]
        small = cv2.resize(values, self._small.shape[1::-1], interpolation=cv2.INTER_LINEAR).reshape(
            *self._small.shape[:2], -1
        )
        x, y, z = (self._varying(small, channel) for channel in range(3))
        p, q, r, s, t, u = np.moveaxis(self._inverse, 2, 0)
        slopes = p * x + q * y + r * z, q * x + s * y + t * z, r * x + t * y + u * z
        rest = self._blurred(small) - sum(slope * self._mean[..., i, None] for i, slope in enumerate(slopes))
        out = cv2.resize(self._blurred(rest), size, interpolation=cv2.INTER_LINEAR).reshape(values.shape)
        for i, slope in enumerate(slopes):
            large = cv2.resize(self._blurred(slope), size, interpolation=cv2.INTER_LINEAR).reshape(values.shape)
            out += large * self._pixels[..., i, None]
        return np.asarray(out, np.float32)

    def _blurred(self, values: Floats) -> Floats:
        """The mean of maps (h, w, k) over each window."""
        return np.asarray(cv2.blur(values, self._window).reshape(values.shape), np.float32)

    def _varying(self, values: Floats, channel: int) -> Floats:
        """(h, w, k): how maps vary with a channel of the picture in each window."""
        own, mean = self._small[..., channel, None], self._mean[..., channel, None]
        return np.asarray(self._blurred(own * values) - mean * self._blurred(values), np.float32)
