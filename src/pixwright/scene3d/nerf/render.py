"""Volume rendering: samples along rays, first stratified, then where the first ones found something (NeRF, arXiv 2003.08934, sections 4 and 5.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pixwright.scene3d.nerf.field import RadianceField

_NEAR = 0.05
"""Where sampling begins, in the field's units."""
_FAR = 1e3
_SPARE = 1e-2
"""Weight that every stretch of a ray keeps for the second samples: none is written off for good."""


@dataclass(frozen=True)
class RaySamples:
    """How many samples a ray has."""

    stratified: int = 96
    more: int = 48
    """Drawn from the weights of the first."""


@dataclass(frozen=True, eq=False)
class Marched:
    """What rays met. `colour` (R, 3) in 0..1; `depth` (R) along the ray, the median of what it met; `weights` (R, S) and `points` (R, S, 3) of the samples."""

    colour: Tensor
    depth: Tensor
    weights: Tensor
    points: Tensor


def march(
    field: RadianceField,
    origins: Tensor,
    directions: Tensor,
    samples: RaySamples,
    draws: np.random.Generator | None = None,
) -> Marched:
    """Rays (R, 3) with unit directions (R, 3). Without `draws` samples lie in the middle of their stretches: the same picture each time."""
    count = len(origins)
    edges = torch.linspace(0, 1, samples.stratified + 1, device=origins.device).expand(count, -1)
    width = 1 / samples.stratified
    first = edges[:, :-1] + width * _within(draws, (count, samples.stratified), origins)
    density, hidden, points = _asked(field, origins, directions, first)
    with torch.no_grad():
        weights = _weights(density, first)
        second = _drawn(edges, weights, samples.more, draws)
    more = _asked(field, origins, directions, second)
    order = torch.cat([first, second], dim=1).argsort(dim=1)
    places = torch.cat([first, second], dim=1).gather(1, order)
    density, hidden, points = (
        _sorted(torch.cat([one, other], dim=1), order)
        for one, other in zip((density, hidden, points), more, strict=True)
    )
    weights = _weights(density, places)
    sight = directions[:, None].expand(-1, places.shape[1], -1).reshape(-1, 3)
    colours = field.colour(hidden.reshape(-1, hidden.shape[-1]), sight).reshape(*places.shape, 3)
    middle = (weights.detach().cumsum(1) < 0.5).sum(1, keepdim=True).clamp_max(places.shape[1] - 1)
    depth = distance(places.gather(1, middle))[:, 0]
    return Marched((weights[..., None] * colours).sum(1), depth, weights, points)


def distance(places: Tensor) -> Tensor:
    """Places 0..1 of a ray -> distances: half of them evenly up to 1, the others evenly in one over the distance, as far as it matters."""
    low, high = _squeezed(_NEAR), _squeezed(_FAR)
    place = low + places * (high - low)
    return torch.where(place < 0.5, 2 * place, 1 / (2 - 2 * place))


def _squeezed(length: float) -> float:
    return length / 2 if length < 1 else 1 - 1 / (2 * length)


def _within(draws: np.random.Generator | None, shape: tuple[int, int], like: Tensor) -> Tensor:
    """Numbers in 0..1, or one half everywhere."""
    if draws is None:
        return torch.full(shape, 0.5, device=like.device)
    return torch.from_numpy(draws.random(shape, np.float32)).to(like.device)


def _asked(field: RadianceField, origins: Tensor, directions: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Density (R, S), what colours need (R, S, hidden) and points (R, S, 3) at places (R, S) of the rays."""
    points = origins[:, None] + distance(places)[..., None] * directions[:, None]
    density, hidden = field.density(points.reshape(-1, 3))
    return density.reshape(places.shape), hidden.reshape(*places.shape, -1), points


def _weights(density: Tensor, places: Tensor) -> Tensor:
    """How much of a ray ends at each sample (R, S); they sum to 1, for the last one takes the rest: behind it is nothing."""
    along = distance(places)
    lengths = along.diff(dim=1)
    stays = torch.exp(-density[:, :-1] * lengths)
    through = torch.cumprod(torch.cat([torch.ones_like(stays[:, :1]), stays], dim=1), dim=1)
    ends = torch.cat([1 - stays, torch.ones_like(stays[:, :1])], dim=1)
    return through * ends


def _drawn(edges: Tensor, weights: Tensor, count: int, draws: np.random.Generator | None) -> Tensor:
    """`count` places (R, count) with the density of the weights (R, S) of the stretches between edges (R, S + 1): the inverse of their sum."""
    shares = weights + _SPARE / weights.shape[1]
    sums = torch.cumsum(shares / shares.sum(1, keepdim=True), dim=1)
    sums = torch.cat([torch.zeros_like(sums[:, :1]), sums], dim=1)
    even = (torch.arange(count, device=edges.device) + _within(draws, (len(edges), count), edges)) / count
    above = torch.searchsorted(sums.contiguous(), even.contiguous(), right=True).clamp(1, weights.shape[1])
    low, high = sums.gather(1, above - 1), sums.gather(1, above)
    share = ((even - low) / (high - low).clamp_min(1e-8)).clamp(0, 1)
    start, end = edges.gather(1, above - 1), edges.gather(1, above)
    return start + share * (end - start)


def _sorted(values: Tensor, order: Tensor) -> Tensor:
    """(R, S) or (R, S, C), put into the order (R, S)."""
    if values.ndim == 2:
        return values.gather(1, order)
    return values.gather(1, order[..., None].expand(-1, -1, values.shape[-1]))
