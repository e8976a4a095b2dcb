"""Gaussians as numbers to compute with, and back into the rows of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.splats import harmonics
from pixwright.scene3d.splats.ply import CENTRE, COLOUR, OPACITY, ROTATION, SCALE, SceneFile

_GREY = 0.5
"""What the first harmonic is added to (Kerbl et al. 2023)."""
_CORE = (0.02, 0.98)
"""Shares of the Gaussians, along each axis, between which a scene's box lies: a few stray ones are far out."""
_SEEN = 0.1
"""Opacity from which a Gaussian counts for a scene's box."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """N Gaussians, float32.

    `centres` Nx3. `quaternions` Nx4, w first, of any length but 0. `log_scales` Nx3. `logits` N: of the opacities. `coefficients` NxKx3: spherical harmonics of each
    channel, K = 1, 4, 9 or 16.
    """

    centres: Floats
    quaternions: Floats
    log_scales: Floats
    logits: Floats
    coefficients: Floats

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def degree(self) -> int:
        """Of the spherical harmonics, 0 to 3."""
        return harmonics.degree_of(self.coefficients.shape[1])

    @cached_property
    def opacities(self) -> Floats:
        """N, 0 to 1. Of Gaussians whose numbers are not finite: 0, so that they are never drawn."""
        with np.errstate(over="ignore"):
            opaque = 1 / (1 + np.exp(-self.logits))
        whole = np.isfinite(opaque)
        for values in (self.centres, self.quaternions, self.log_scales, self.coefficients):
            whole &= np.isfinite(values.reshape(len(self), -1)).all(axis=1)
        return np.where(whole, opaque, 0).astype(np.float32)

    def colours(self, eye: Floats) -> Floats:
        """What an eye at a place (3) sees of each: Nx3 sRGB, 0 and above."""
        if self.degree == 0:
            return np.asarray(
                np.maximum(self.coefficients[:, 0] * np.float32(harmonics.CONSTANT) + np.float32(_GREY), 0)
            )
        seen = np.einsum("nk,nkc->nc", self.seen_basis(eye), self.coefficients)
        return np.asarray(np.maximum(seen + np.float32(_GREY), 0))

    def seen_basis(self, eye: Floats) -> Floats:
        """The harmonics in the direction from an eye (3) to each: NxK."""
        away = self.centres - eye.astype(np.float32)
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return harmonics.basis(away, self.degree).astype(np.float32)

    def box(self) -> tuple[Floats, Floats]:
        """The corners (3 each) of the box that holds all but stray Gaussians."""
        seen = self.opacities > _SEEN
        points = self.centres[seen if seen.any() else self.opacities >= 0]
        low, high = np.quantile(points, _CORE, axis=0)
        return np.asarray(low, np.float64), np.asarray(high, np.float64)


def gaussians_of(scene: SceneFile) -> Gaussians:
    """The numbers in a file's rows."""
    rest = _columns(scene.rows, scene.rest_names())
    first = _columns(scene.rows, COLOUR)[:, None]
    above = rest.reshape(len(rest), len(COLOUR), -1).transpose(0, 2, 1)
    return Gaussians(
        _columns(scene.rows, CENTRE), _columns(scene.rows, ROTATION), _columns(scene.rows, SCALE),
        _columns(scene.rows, (OPACITY,))[:, 0], np.concatenate([first, above], axis=1),
    )  # fmt: skip


def as_rows(scene: SceneFile, which: NDArray[np.intp], now: Gaussians) -> NDArray[Any]:
    """The file's rows numbered `which`, as copies, with the numbers `now` in place of theirs; other properties stay."""
    rows = scene.rows[which].copy()
    _put(rows, CENTRE, now.centres)
    _put(rows, ROTATION, now.quaternions)
    _put(rows, SCALE, now.log_scales)
    _put(rows, (OPACITY,), now.logits[:, None])
    _put(rows, COLOUR, now.coefficients[:, 0])
    _put(rows, scene.rest_names(), now.coefficients[:, 1:].transpose(0, 2, 1).reshape(len(now), -1))
    return rows


def _columns(rows: NDArray[Any], names: tuple[str, ...]) -> Floats:
    found = np.empty((len(rows), len(names)), np.float32)
    for n, name in enumerate(names):
        found[:, n] = rows[name]
    return found


def _put(rows: NDArray[Any], names: tuple[str, ...], values: Floats) -> None:
    for n, name in enumerate(names):
        rows[name] = values[:, n]


def rotations(quaternions: Floats | Floats) -> Floats:
    """Nx4, w first, of any length but 0: as matrices Nx3x3."""
    w, x, y, z = (quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)).T
    return np.stack([
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ], axis=1).reshape(len(quaternions), len(CENTRE), len(CENTRE))  # fmt: skip
