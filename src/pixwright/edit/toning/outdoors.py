"""What light and weather need to know of a picture: its sky, its plants, how far things seem. Found once, when first asked for."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import blur_field, grey, resize_field, smoothstep
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 640
_SURE = 0.6


class Outdoors:
    """Lazy facts about one picture (HxWx3 uint8). All layers are HxW float32 in [0, 1] at the picture's size."""

    def __init__(self, picture: Array, context: Context) -> None:
        self.picture = picture
        self.height, self.width = picture.shape[:2]
        self.context = context
        self.small = shrink(picture, _SIDE)

    @property
    def unit(self) -> float:
        """1.0 where the geometric mean of the sides is 512 pixels."""
        return float(max(np.sqrt(self.height * self.width), 48.0) / 512.0)

    def rng(self, salt: int) -> np.random.Generator:
        """The edit's generator."""
        return self.context.rng(salt)

    def find(self, phrase: str, least: float = 0.0) -> Field | None:
        """Where `phrase` is, or None if the grounder does not find it, is less sure than `least`, or finds it in less than 1 % of the picture."""
        region = self.context.ground(self.small, phrase)
        if not region.found or region.score < least or region.mask.mean() < 2.5:
            return None
        return resize_field(region.mask.astype(np.float32) / 255, self.width, self.height)

    @cached_property
    def sky(self) -> Field | None:
        """The sky, if there is one and the grounder is sure of it: a painted sky on a wall would be absurd."""
        return self.find("sky", _SURE)

    @cached_property
    def horizon(self) -> float:
        """Lower end of the sky, as a fraction of the height; 0.35 where no sky is seen."""
        if self.sky is None:
            return 0.35
        rows = np.flatnonzero(cv2.resize(self.sky, (16, 256), interpolation=cv2.INTER_AREA).max(1) > 0.5)
        return float(np.clip((rows[-1] + 1) / 256, 0.1, 0.9)) if rows.size else 0.35

    @cached_property
    def foliage(self) -> Field:
        """Plants, by their green (excess green over red and blue), without the sky."""
        p = self.small.astype(np.float32)
        red, green, blue = p[..., 0], p[..., 1], p[..., 2]
        excess = (green - np.maximum(red * 0.97, blue)) / np.maximum(p.max(2), 24)
        leaf = smoothstep(-0.02, 0.14, excess) * smoothstep(10, 34, green) * smoothstep(250, 215, p.min(2))
        leaf = resize_field(blur_field(leaf, 1.2), self.width, self.height)
        return leaf if self.sky is None else np.asarray(leaf * (1 - self.sky), np.float32)

    @cached_property
    def distance(self) -> Field:
        """How far away, 0 near to 1 far: by height in the picture up to the horizon, farther where the picture is pale and flat."""
        rows = np.linspace(0, 1, self.small.shape[0], dtype=np.float32)[:, None]
        high = np.broadcast_to(smoothstep(1.02, self.horizon, rows), self.small.shape[:2])
        y = grey(self.small).astype(np.float32)
        detail = blur_field(np.abs(y - blur_field(y, 3)), 12)
        plain = smoothstep(9, 2, detail)
        colour = self.small.max(2).astype(np.float32) - self.small.min(2)
        pale = smoothstep(90, 25, blur_field(colour, 9)) * smoothstep(70, 170, blur_field(y, 9))
        far = np.asarray(high * (0.55 + 0.25 * plain + 0.2 * pale), np.float32)
        far = resize_field(blur_field(far, 6), self.width, self.height)
        return far if self.sky is None else np.maximum(far, self.sky)

    @cached_property
    def upward(self) -> Field:
        """Where snow would lie: upper edges (lighter above than below), plants, and level ground at the bottom."""
        y = blur_field(grey(self.small).astype(np.float32), 1.2)
        fall = cv2.Sobel(y, cv2.CV_32F, 0, 1)
        thick = max(3, self.small.shape[0] // 90)
        top = smoothstep(18, 60, -fall)
        top = cv2.dilate(top, np.ones((thick, 1), np.uint8), anchor=(0, thick - 1))
        local = y - blur_field(y, 7)
        leaf = resize_field(self.foliage, self.small.shape[1], self.small.shape[0])
        lit = leaf * smoothstep(-10, 9, local)
        snow = np.maximum(blur_field(top, 0.8), lit * 0.95)
        snow = resize_field(np.asarray(snow, np.float32), self.width, self.height)
        return snow if self.sky is None else np.asarray(snow * (1 - self.sky), np.float32)
