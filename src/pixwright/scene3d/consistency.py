"""How well views of a scene agree: one is carried into the next by the depth of what it shows, and compared where both see the same."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import depth_of
from pixwright.scene3d.views import Views

_OUTSIDE = -1e6
"""A pixel that no picture has."""
_SAME_DEPTH = 0.02
"""Share by which the depths may differ where two views see the same."""


def warp_error(
    gaussians: Gaussians,
    views: Views,
    pairs: Sequence[tuple[int, int]],
    where: Sequence[NDArray[np.bool_]] | None = None,
) -> float:
    """Mean absolute difference, 0 to 255, between each pair's first view and its second carried into it, over what both see.

    `where` HxW bool for each view: only pixels of the first view that lie in it count. NaN where no pixel is seen by both.
    """
    depths = {
        number: depth_of(gaussians, views.cameras[number], views.footprints[number])
        for pair in pairs
        for number in pair
    }
    total, count = 0.0, 0
    for first, second in pairs:
        carried, seen = carried_into(
            views.cameras[first], depths[first], views.cameras[second], depths[second], views.colours(gaussians, second)
        )
        if where is not None:
            seen &= where[first]
        total += float(np.abs(carried - views.colours(gaussians, first))[seen].sum()) * 255
        count += int(seen.sum()) * carried.shape[2]
    return total / count if count else float("nan")


def carried_into(
    here: Camera, depth: Floats, there: Camera, other: Floats, picture: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """What a camera `there` sees (HxWx3, with the depths `other`), as the camera `here` would see it by its own depths; and which pixels both see, HxW bool."""
    finite = np.isfinite(depth)
    along = here.rays() @ here.forward
    points = here.position + here.rays() * (np.where(finite, depth, 1).ravel() / along)[:, None]
    pixels = np.nan_to_num(there.projected(points), nan=_OUTSIDE).astype(np.float32).reshape(
        *depth.shape, 2
    ) - np.float32(0.5)
    known = np.where(np.isfinite(other), other, -1).astype(np.float32)
    across, down = pixels[..., 0], pixels[..., 1]
    met = cv2.remap(known, across, down, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=-1)
    expected = there.seen(points)[:, -1].reshape(depth.shape)
    carried = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(carried, np.float32), finite & (np.abs(met - expected) <= _SAME_DEPTH * expected)
