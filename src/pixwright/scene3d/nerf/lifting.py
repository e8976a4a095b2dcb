"""What was found in single views, lifted into the field: every place is voted on by the rays that end there, and the mask of any view is what it sees of the votes.

So one view in which the finder was wrong is outvoted by the others, and all masks are of one thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.nerf.field import in_cube
from pixwright.scene3d.nerf.fitting import FittedField

VOTING_SIDE = 96
"""Longer side, pixels, at which views vote."""
_CELLS = 64
"""Along each side of the box of places that are voted on."""
_TAIL = 0.01
"""Share of the votes on either side, in each direction, that may lie outside of the box."""
_ROOM = 0.1
"""Of the box, around it."""
_RIM = 0.5
"""Share of yes that the edge of a mask fades over, about one half."""
_PEAK = 255.0


@dataclass(frozen=True, eq=False)
class LiftedMask:
    """Votes in a box of the drawn-together cube (`field.in_cube`). `low` and `high` 3; `yes` and `all` (1, 1, D, H, W): z, y, x."""

    low: Tensor
    high: Tensor
    yes: Tensor
    all: Tensor

    def share(self, points: Tensor) -> Tensor:
        """Points (N, 3) of the field -> the share of the votes that says yes, N in 0..1; 0 where nobody voted."""
        inside = (in_cube(points) - self.low) / (self.high - self.low)
        grid = (inside * 2 - 1)[None, None, None]
        yes, votes = (F.grid_sample(one, grid, align_corners=False).reshape(-1) for one in (self.yes, self.all))
        return torch.where(votes > 0, yes / votes.clamp_min(1e-9), torch.zeros_like(votes)).clamp(0, 1)


@torch.no_grad()
def lift(fitted: FittedField, cameras: Sequence[Camera], masks: Sequence[Array]) -> LiftedMask | None:
    """masks HxW uint8, one a camera, of any size with its aspect: where the thing was found. None where all of them are empty."""
    views = [camera.sized(min(VOTING_SIDE, max(camera.width, camera.height))) for camera in cameras]
    small = [resized(mask, view.height, view.width) for view, mask in zip(views, masks, strict=True)]
    low, high = _box(fitted, views, small)
    if low is None or high is None:
        return None
    cells = torch.zeros(2, _CELLS**3, device=fitted.device)
    for points, weights, said in _votes(fitted, views, small):
        place = (in_cube(points) - low) / (high - low)
        cell = (place * _CELLS).long()
        kept = ((cell >= 0) & (cell < _CELLS)).all(1)
        x, y, z = cell[kept].unbind(1)
        rows = (z * _CELLS + y) * _CELLS + x
        cells[0].index_add_(0, rows, (weights * said)[kept])
        cells[1].index_add_(0, rows, weights[kept])
    # Cells between the rays are asked of their neighbours.
    spread = F.avg_pool3d(cells.reshape(2, 1, _CELLS, _CELLS, _CELLS), 3, 1, 1)
    return LiftedMask(low, high, spread[:1], spread[1:])


@torch.no_grad()
def seen_by(fitted: FittedField, lifted: LiftedMask, camera: Camera) -> Array:
    """The lifted mask as a camera sees it: HxW uint8, soft at its edge, 0 away from it."""
    shares = []
    for part in fitted.marched(camera):
        share = lifted.share(part.points.reshape(-1, 3)).reshape(part.weights.shape)
        shares.append((part.weights * share).sum(1))
    found = torch.cat(shares).cpu().numpy().reshape(camera.height, camera.width)
    return np.rint(_PEAK * np.clip((found - 0.5) / _RIM + 0.5, 0, 1)).astype(np.uint8)


def _votes(
    fitted: FittedField, views: Sequence[Camera], masks: Sequence[Array]
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Points (N, 3), how much of a ray ends at each, and what the ray's pixel says in 0..1."""
    for view, mask in zip(views, masks, strict=True):
        said = torch.from_numpy(mask.reshape(-1).astype(np.float32) / _PEAK).to(fitted.device)
        start = 0
        for part in fitted.marched(view):
            own = said[start : start + len(part.weights), None].expand_as(part.weights)
            start += len(part.weights)
            yield part.points.reshape(-1, 3), part.weights.reshape(-1), own.reshape(-1)


def _box(
    fitted: FittedField, views: Sequence[Camera], masks: Sequence[Array]
) -> tuple[Tensor, Tensor] | tuple[None, None]:
    """The corners of the box that holds nearly all places which were said to be the thing."""
    fine = 8 * _CELLS
    counts = torch.zeros(3, fine, device=fitted.device)
    for points, weights, said in _votes(fitted, views, masks):
        cell = (in_cube(points) * fine).long().clamp(0, fine - 1)
        for axis in range(3):
            counts[axis].index_add_(0, cell[:, axis], weights * said)
    if float(counts.sum()) <= 0:
        return None, None
    sums = counts.cumsum(1) / counts.sum(1, keepdim=True)
    low = (sums < _TAIL).sum(1).float() / fine
    high = ((sums < 1 - _TAIL).sum(1).float() + 1) / fine
    room = _ROOM * (high - low).max()
    return low - room, high + room
