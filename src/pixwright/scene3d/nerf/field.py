"""A radiance field: density and colour of every place of a scene without bounds, as one hash grid and two small MLPs (NeRF, arXiv 2003.08934; instant-ngp, arXiv 2201.05989).

Places are in the field's own units: the cameras stand within a ball of radius 1 about the middle of what they look at. What lies farther out is drawn together
(Mip-NeRF 360, arXiv 2111.12077, equation 10), so that a grid of a cube holds the horizon as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pixwright.nn.fields import AnnealedEncoding, HashGrid, mlp

_HIGHEST = 9.0
"""Logarithm of the highest density: denser is no more opaque in these units."""
_THIN = -1.0
"""Logarithm of the density that an unlearnt field has: everything is a thin fog then."""
_DIRECTIONS = 2
"""Octaves of the direction of sight."""


@dataclass(frozen=True, kw_only=True)
class FieldSize:
    """How large a field is. The defaults are for a GPU, of the size of nerfacto's."""

    levels: int = 16
    features: int = 2
    table: int = 2**19
    coarsest: int = 16
    finest: int = 2048
    """Cells of the grid along a side of the drawn-together cube."""
    width: int = 64
    """Of both MLPs."""
    hidden: int = 15
    """Numbers that the first hands to the second."""


class RadianceField(nn.Module):
    """`density` first, then `colour` with what it gives besides."""

    def __init__(self, size: FieldSize, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.grid = HashGrid(
                3,
                levels=size.levels,
                features=size.features,
                table=size.table,
                coarsest=size.coarsest,
                finest=size.finest,
            )
            self.shape = mlp(self.grid.width, 1 + size.hidden, width=size.width, depth=1)
            self.sight = AnnealedEncoding(3, _DIRECTIONS)
            self.colours = mlp(size.hidden + self.sight.width, 3, width=size.width, depth=2)

    def density(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 3) -> density (N), a unit of length less; and (N, hidden) for `colour`."""
        found = self.shape(self.grid(in_cube(points)))
        return (found[:, 0] + _THIN).clamp(max=_HIGHEST).exp(), found[:, 1:]

    def colour(self, hidden: Tensor, directions: Tensor) -> Tensor:
        """(N, hidden) and unit directions of sight (N, 3) -> (N, 3) in 0..1."""
        return torch.sigmoid(self.colours(torch.cat([hidden, self.sight(directions)], dim=1)))


def in_cube(points: Tensor) -> Tensor:
    """(..., 3) anywhere -> (..., 3) in 0..1: the ball of radius 1 takes half of each side, all the rest lies around it."""
    length = points.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    drawn = torch.where(length <= 1, points, (2 - 1 / length) * points / length)
    return (drawn + 2) / 4
