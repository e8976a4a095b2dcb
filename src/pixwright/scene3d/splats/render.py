"""What a camera sees of Gaussians, as a linear map of their colours: a pixel is a weighted sum of colours and the backdrop, once the geometry is fixed.

Splatting as in Kerbl et al. (2023), on the processor: projected to the first order, widened by 0.3 square pixels, drawn from front to back in tiles. A weight is an
opacity at the pixel times what is left of the light. Drawing ends where less than a ten-thousandth is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.splats.gaussians import Gaussians, rotations

BACKDROP = (0.8, 0.82, 0.85)
"""sRGB, 0 to 1, of what is behind every Gaussian: light, so that the grounder sees things on it."""
NEAR = 0.01
"""Depth, in the scene's units, from which a Gaussian is drawn."""
WIDENED = 0.3
"""Square pixels that are added to each Gaussian's variance: none falls between pixels."""
_BEYOND = 0.3
"""How far beside the picture, in half sides, the slope of the projection is still taken where a Gaussian lies."""
FAINTEST, DENSEST = 1 / 255, 0.99
"""Opacity at a pixel under which a Gaussian adds nothing there, and the most that one has."""
_DARK = 1e-4
"""Share of the light under which drawing ends."""
TILE = 16
"""Side of a tile, in pixels."""
_CHUNK = 128
"""Gaussians of a tile that are drawn at a time."""


class Footprint(Protocol):
    """A view as a linear map: from the Gaussians' values to the picture's, and its transpose. `left` HxW: the share of the backdrop at each pixel."""

    @property
    def left(self) -> Floats:
        """HxW, 0 to 1."""
        ...

    def forward(self, values: Floats) -> Floats:
        """Values of the Gaussians NxC -> of the pixels HxWxC, with nothing behind."""
        ...

    def backward(self, picture: Floats) -> Floats:
        """Values of the pixels HxWxC -> for each Gaussian their sum by its weights, NxC."""
        ...

    def of(self, chosen: NDArray[np.bool_]) -> Footprint:
        """The same for the chosen Gaussians (N bool): of the others nothing is asked any more, and they are still counted."""
        ...


@dataclass(frozen=True, eq=False)
class Weights:
    """The rendering weights of one view, those that are not 0.

    `pixels` and `owners` E int32: at which pixel (row by row) which Gaussian has the weight `values` (E float32). `left` HxW float32. `count`: of all Gaussians.
    """

    pixels: NDArray[np.int32]
    owners: NDArray[np.int32]
    values: Floats
    left: Floats
    count: int

    def forward(self, values: Floats) -> Floats:
        """See `Footprint`."""
        shape = *self.left.shape, values.shape[1]
        found = [
            np.bincount(self.pixels, self.values * values[self.owners, channel], self.left.size)
            for channel in range(values.shape[1])
        ]
        return np.stack(found, axis=1).astype(np.float32).reshape(shape)

    def backward(self, picture: Floats) -> Floats:
        """See `Footprint`."""
        flat = picture.reshape(self.left.size, -1)
        found = [
            np.bincount(self.owners, self.values * flat[self.pixels, channel], self.count)
            for channel in range(flat.shape[1])
        ]
        return np.stack(found, axis=1).astype(np.float32)

    def of(self, chosen: NDArray[np.bool_]) -> Weights:
        """The part that belongs to the `chosen` of all Gaussians (N bool); they are still counted as before."""
        own = chosen[self.owners]
        return Weights(self.pixels[own], self.owners[own], self.values[own], self.left, self.count)


@dataclass(frozen=True, eq=False)
class _Splats:
    """Gaussians in a picture, the nearest first: which they are, middles Mx2, inverse covariances (a, b, c) Mx3, opacities, half sides Mx2 of what they touch."""

    owners: NDArray[np.int32]
    middles: Floats
    inverse: Floats
    opacities: Floats
    reach: Floats


def weights_of(gaussians: Gaussians, camera: Camera) -> Weights:
    """The rendering weights of a view."""
    splats = _project(gaussians, camera)
    shape = camera.height, camera.width
    left = np.ones(shape, np.float32)
    parts = [_draw_tile(splats, drawn, corner, left) for corner, drawn in _tiles(splats, *shape)]
    pixels, owners, values = (
        (np.concatenate([part[n] for part in parts]) if parts else np.zeros(0, kind))
        for n, kind in enumerate((np.int32, np.int32, np.float32))
    )
    return Weights(pixels, owners, values, left, len(gaussians))


def render(gaussians: Gaussians, camera: Camera, backdrop: tuple[float, float, float] = BACKDROP) -> Array:
    """The picture of a view: HxWx3 uint8 sRGB. `backdrop`: sRGB, 0 to 1."""
    return picture_of(gaussians, camera, weights_of(gaussians, camera), backdrop)


def picture_of(
    gaussians: Gaussians, camera: Camera, footprint: Footprint, backdrop: tuple[float, float, float] = BACKDROP
) -> Array:
    """The picture of a view whose footprint is known: HxWx3 uint8."""
    return as_bytes(colours_of(gaussians, camera, footprint, backdrop))


def colours_of(
    gaussians: Gaussians, camera: Camera, footprint: Footprint, backdrop: tuple[float, float, float] = BACKDROP
) -> Floats:
    """The same before it is rounded: HxWx3 float32, 0 and above."""
    behind = footprint.left[..., None] * np.array(backdrop, np.float32)
    return np.asarray(footprint.forward(gaussians.colours(camera.position)) + behind)


def as_bytes(colours: Floats) -> Array:
    """0 to 1 as uint8."""
    return np.asarray(np.rint(np.clip(colours, 0, 1) * 255), np.uint8)


def depth_of(gaussians: Gaussians, camera: Camera, footprint: Footprint) -> Floats:
    """Depth along the line of sight, HxW: the mean of the Gaussians' by their weights; infinite where the backdrop has more than half of a pixel."""
    depths = camera.seen(gaussians.centres.astype(np.float64))[:, -1:].astype(np.float32)
    depths = np.where(gaussians.opacities[:, None] > 0, depths, 0)
    covered = 1 - footprint.left
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(covered > 1 - covered, footprint.forward(depths)[..., 0] / covered, np.inf)


def _project(gaussians: Gaussians, camera: Camera) -> _Splats:
    """Gaussians that a camera may see."""
    seen = (gaussians.centres - camera.position.astype(np.float32)) @ camera.rotation.astype(np.float32)
    near = np.flatnonzero((seen[:, -1] > NEAR) & (gaussians.opacities > FAINTEST))
    order = near[np.argsort(seen[near, -1], kind="stable")]
    x, y, z = seen[order].T
    middles = np.stack([camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy], axis=1)
    spread = _covariances(gaussians, camera, order, (x, y, z))
    a, b, c = spread[:, 0, 0] + WIDENED, spread[:, 0, 1], spread[:, 1, 1] + WIDENED
    inverse = np.stack([c, -b, a], axis=1) / (a * c - b * b)[:, None]
    opacities = gaussians.opacities[order]
    # Where the opacity at a pixel is under the faintest, nothing is drawn: the box of that ellipse.
    far = 2 * np.log(opacities / np.float32(FAINTEST))
    reach = np.sqrt(np.stack([a, c], axis=1) * far[:, None])
    inside = ((middles + reach > 0) & (middles - reach < (camera.width, camera.height))).all(axis=1)
    return _Splats(
        order[inside].astype(np.int32), middles[inside].astype(np.float32), inverse[inside].astype(np.float32),
        opacities[inside], reach[inside].astype(np.float32),
    )  # fmt: skip


def _covariances(
    gaussians: Gaussians, camera: Camera, order: NDArray[Any], seen: tuple[Floats, Floats, Floats]
) -> NDArray[Any]:
    """Covariances in the picture, Mx2x2, by the projection's slope at each middle."""
    x, y, z = seen
    across, down = camera.width / 2 / camera.fx, camera.height / 2 / camera.fy
    right, bottom = (camera.width - camera.cx) / camera.fx, (camera.height - camera.cy) / camera.fy
    x = z * np.clip(x / z, -camera.cx / camera.fx - _BEYOND * across, right + _BEYOND * across)
    y = z * np.clip(y / z, -camera.cy / camera.fy - _BEYOND * down, bottom + _BEYOND * down)
    nothing = np.zeros_like(z)
    slopes = np.stack([
        np.stack([camera.fx / z, nothing, -camera.fx * x / z**2], axis=1),
        np.stack([nothing, camera.fy / z, -camera.fy * y / z**2], axis=1),
    ], axis=1).astype(np.float32)  # fmt: skip
    axes = rotations(gaussians.quaternions[order]) * np.exp(gaussians.log_scales[order])[:, None]
    flat = slopes @ camera.rotation.T.astype(np.float32) @ axes
    return np.asarray(flat @ flat.transpose(0, 2, 1))


def _tiles(splats: _Splats, height: int, width: int) -> Iterator[tuple[tuple[int, int], NDArray[np.int32]]]:
    """The upper left corner (y, x) of each tile on which anything is drawn, and which splats, the nearest first."""
    across, down = -(-width // TILE), -(-height // TILE)
    first = np.clip(np.floor((splats.middles - splats.reach) / TILE), 0, (across - 1, down - 1)).astype(np.int64)
    last = np.clip(np.floor((splats.middles + splats.reach) / TILE), 0, (across - 1, down - 1)).astype(np.int64)
    sides = last - first + 1
    often = sides[:, 0] * sides[:, 1]
    splat = np.repeat(np.arange(len(often), dtype=np.int32), often)
    within = np.arange(len(splat)) - np.repeat(np.cumsum(often) - often, often)
    wide = sides[splat, 0]
    tile = (first[splat, 1] + within // wide) * across + first[splat, 0] + within % wide
    order = np.argsort(tile, kind="stable")
    tile, splat = tile[order], splat[order]
    starts = np.flatnonzero(np.diff(tile, prepend=-1))
    for start, drawn in zip(starts, np.split(splat, starts[1:])):
        down_at, across_at = divmod(int(tile[start]), across)
        yield (down_at * TILE, across_at * TILE), drawn


def _draw_tile(
    splats: _Splats, drawn: NDArray[np.int32], corner: tuple[int, int], left: Floats
) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """The weights on one tile: pixels, owners, values. What is left of the light is written into `left` HxW."""
    height, width = left.shape
    y, x = np.mgrid[corner[0] : min(corner[0] + TILE, height), corner[1] : min(corner[1] + TILE, width)]
    pixel = (y * width + x).ravel().astype(np.int32)
    x, y = (x.ravel() + 0.5).astype(np.float32), (y.ravel() + 0.5).astype(np.float32)
    light = np.ones(len(pixel), np.float32)
    open_still = np.ones(len(pixel), bool)
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], Floats]] = []
    for start in range(0, len(drawn), _CHUNK):
        part = drawn[start : start + _CHUNK]
        here = np.flatnonzero(open_still)
        dx, dy = x[here, None] - splats.middles[part, 0], y[here, None] - splats.middles[part, 1]
        a, b, c = splats.inverse[part].T
        opaque = splats.opacities[part] * np.exp(-(a * dx * dx + c * dy * dy) / 2 - b * dx * dy)
        opaque = np.where(opaque < np.float32(FAINTEST), 0, np.minimum(opaque, np.float32(DENSEST)))
        behind = light[here, None] * np.cumprod(1 - opaque, axis=1)
        before = np.concatenate([light[here, None], behind[:, :-1]], axis=1)
        lit = behind >= _DARK
        weight = opaque * before * lit
        light[here] = np.where(lit, behind, before[:, :1]).min(axis=1)
        open_still[here] = lit.all(axis=1)
        row, column = np.nonzero(weight)
        found.append((pixel[here[row]], splats.owners[part[column]], weight[row, column]))
        if not open_still.any():
            break
    left.reshape(-1)[pixel] = light
    pixels, owners, values = (np.concatenate(one) for one in zip(*found, strict=True))
    return pixels, owners, values
