"""The views of a scene that an edit works with: cameras, their footprints, and what they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_in
from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import BACKDROP, Footprint, as_bytes, colours_of, weights_of

Backdrop = tuple[float, float, float]
"""sRGB, 0 to 1, of what is behind every Gaussian."""
_HALF = 127
"""Level of a mask above which a pixel is the thing's own."""


@dataclass(frozen=True, eq=False)
class Views:
    """Cameras with their footprints, in the same order. The footprints hold for one geometry; colours may change."""

    cameras: tuple[Camera, ...]
    footprints: tuple[Footprint, ...]
    backdrop: Backdrop = BACKDROP

    def colours(self, gaussians: Gaussians, number: int) -> Floats:
        """What a view sees, HxWx3 float32 sRGB, 0 and above."""
        return colours_of(gaussians, self.cameras[number], self.footprints[number], self.backdrop)

    def pictures(self, gaussians: Gaussians) -> list[Array]:
        """What every view sees, HxWx3 uint8 each."""
        return [as_bytes(self.colours(gaussians, number)) for number in range(len(self.cameras))]

    def region(self, number: int, chosen: NDArray[np.bool_], phrase: str) -> Region:
        """Where the chosen Gaussians (N bool) are in a view."""
        mask = as_bytes(coverage(self.footprints[number], chosen))
        box = box_in(mask > _HALF)
        labels = np.where(mask > _HALF, 1, 0).astype(np.uint8)
        return Region(mask, () if box is None else (box,), 1.0, phrase, labels=labels, exact=True)


def views_of(gaussians: Gaussians, cameras: Sequence[Camera], backdrop: Backdrop = BACKDROP) -> Views:
    """The footprints of a geometry: on a graphics processor where `splats.gpu` can draw on one, here otherwise."""
    from pixwright.scene3d.splats import gpu

    draw = gpu.footprint if gpu.available() else weights_of
    return Views(tuple(cameras), tuple(draw(gaussians, camera) for camera in cameras), backdrop)
