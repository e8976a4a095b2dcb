"""Mattes: what colour a thing has by itself where its soft edge mixes it with what is behind."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.records.instruction import Array

BLURS = (0.09, 0.006)
"""Shares of the picture's longer side over which foreground colours are gathered, first and last (Forte and Pitié 2021: 90 and 6 pixels)."""


def foreground_colours(picture: Array, mask: Array) -> Array:
    """HxWx3 uint8: the colour of the thing alone at every pixel, so that it can stand before anything without a halo of its old background.

    `mask` HxW uint8, 255 = thing. Two passes of "Approximate fast foreground colour estimation" (Forte and Pitié 2021): colours gathered from the thing and from
    its surroundings, then moved so that they mix to the picture.
    """
    seen = picture[..., :3].astype(np.float32) / 255
    alpha = mask.astype(np.float32)[..., None] / 255
    front, back = seen, seen
    for share in BLURS:
        size = (2 * max(1, round(share * max(mask.shape) / 2)) + 1,) * 2
        weight = cv2.blur(alpha, size)[..., None]
        near = cv2.blur(front * alpha, size) / (weight + 1e-5)
        behind = cv2.blur(back * (1 - alpha), size) / (1 - weight + 1e-5)
        front = np.clip(near + alpha * (seen - alpha * near - (1 - alpha) * behind), 0, 1)
        back = behind
    return np.asarray(np.where(alpha >= 1, picture[..., :3], np.round(255 * front)), np.uint8)
