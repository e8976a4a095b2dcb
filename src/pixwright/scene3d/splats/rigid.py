"""Things of a scene moved, turned, made larger and repeated: their Gaussians as a whole, spherical harmonics with them. Nothing is resampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import turning

_CORE = (0.03, 0.97)
"""Shares of a thing's Gaussians, along each axis, between which its box lies."""
_QUATERNION = 4
_GAP = 0.15
"""Room between things that are put beside each other, in widths of the one that is put."""
LEVEL = 0.15
"""Share of a thing's height, from its foot, under which other Gaussians are the ground it stands on."""
_RINGS, _PLACES = (1.0, 1.5, 2.0), 12
"""Distances at which a free place is looked for, in the nearest possible, and directions at each."""
_FULL = 0.04
"""How many Gaussians, in shares of the thing's own, may lie where it is to stand."""


@dataclass(frozen=True)
class Similarity:
    """x -> scale * rotation (x - about) + about + shift. `rotation` 3x3, `about` and `shift` 3."""

    rotation: Floats
    about: Floats
    shift: Floats
    scale: float = 1.0


def moved(gaussians: Gaussians, by: Similarity) -> Gaussians:
    """All of the Gaussians, carried along: centres, axes, sizes, and what each direction sees of their colours."""
    centres = by.scale * (gaussians.centres - by.about) @ by.rotation.T + by.about + by.shift
    if np.array_equal(by.rotation, np.eye(len(by.about))):
        quaternions, coefficients = gaussians.quaternions, gaussians.coefficients
    else:
        quaternions = _product(quaternions_of(by.rotation[None])[0], gaussians.quaternions)
        turn = turning(by.rotation, gaussians.degree)
        coefficients = np.einsum("jk,nkc->njc", turn, gaussians.coefficients)
    return Gaussians(
        centres.astype(np.float32), quaternions.astype(np.float32, copy=False),
        gaussians.log_scales + np.float32(np.log(by.scale)), gaussians.logits, coefficients.astype(np.float32, copy=False),
    )  # fmt: skip


def about_axis(axis: Floats, degrees: float) -> Floats:
    """The 3x3 that turns by an angle around a unit vector, counter-clockwise where it points at the viewer (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(len(axis)) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def quaternions_of(rotations: Floats) -> Floats:
    """Of Nx3x3 rotations: Nx4, w first. Eigenvectors of Bar-Itzhack's matrices, which need no cases."""
    a, b, c, d, e, f, g, h, i = rotations.reshape(len(rotations), -1).T
    held = np.stack([
        a + e + i, h - f, c - g, d - b,
        h - f, a - e - i, b + d, c + g,
        c - g, b + d, e - a - i, f + h,
        d - b, c + g, f + h, i - a - e,
    ], axis=1)  # fmt: skip
    return np.asarray(np.linalg.eigh(held.reshape(-1, *(_QUATERNION,) * 2))[1][:, :, -1])


def _product(one: Floats, many: Floats) -> Floats:
    """Hamilton's product of a quaternion with each of Nx4."""
    w, x, y, z = one
    left = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    return np.asarray(many @ left.T)


@dataclass(frozen=True, eq=False)
class Bearings:
    """Which way is up, to the right and away in a scene (3 each): as its first camera sees it, on the level."""

    right: Floats
    away: Floats
    up: Floats

    @property
    def axes(self) -> Floats:
        """3x3, a row a direction."""
        return np.stack([self.right, self.away, self.up])

    def box(self, centres: Floats) -> tuple[Floats, Floats]:
        """The corners of points Nx3 along right, away, up, without stray ones: 3 each."""
        low, high = np.nanquantile(centres @ self.axes.T, _CORE, axis=0)
        return np.asarray(low), np.asarray(high)


def bearings(cameras: Sequence[Camera]) -> Bearings:
    """Up is what the cameras call up on the average; right is the first one's."""
    up = np.mean([camera.up for camera in cameras], axis=0)
    up /= np.linalg.norm(up)
    right = cameras[0].right - (cameras[0].right @ up) * up
    right /= np.linalg.norm(right)
    return Bearings(right, np.cross(up, right), up)


def foot(box: tuple[Floats, Floats]) -> Floats:
    """The middle of a box's lower face, along right, away, up."""
    return np.append((box[0] + box[1])[:2] / 2, box[0][2])


def side_by_side(box: tuple[Floats, Floats], anchor: tuple[Floats, Floats], way: tuple[int, int]) -> Floats:
    """How far a box must move along right, away, up to stand beside another: `way` is (1, 0) to its right, (0, -1) before it, ... Its height stays."""
    sides, others = (box[1] - box[0])[:2], (anchor[1] - anchor[0])[:2]
    apart = (sides + others) / 2 + _GAP * sides
    goal = (anchor[0] + anchor[1])[:2] / 2 + np.array(way) * apart
    return np.append(goal - (box[0] + box[1])[:2] / 2, 0.0)


def free_place(centres: Floats, own: NDArray[np.bool_], towards: Bearings) -> Floats:
    """How far (right, away, up) a copy of `own` (N bool) of the points Nx3 is to be put: beside it, where least stands and most ground lies, the right first."""
    box = towards.box(centres[own])
    sides = box[1] - box[0]
    local = centres[~own] @ towards.axes.T
    level = box[0][2] + LEVEL * sides[2]
    standing = (local[:, 2] > level) & (local[:, 2] < box[1][2])
    ground = ~standing & (np.abs(local[:, 2] - box[0][2]) <= LEVEL * sides[2])
    best: tuple[float, Floats] | None = None
    for ring in _RINGS:
        for angle in 2 * np.pi * np.arange(_PLACES) / _PLACES:
            way = np.append(np.array([np.cos(angle), np.sin(angle)]) * ring * (1 + _GAP) * sides[:2].max(), 0.0)
            inside = ((local[:, :2] > (box[0] + way)[:2]) & (local[:, :2] < (box[1] + way)[:2])).all(axis=1)
            taken = max(0.0, int((inside & standing).sum()) / int(own.sum()) - _FULL)
            score = int((inside & ground).sum()) / (1 + int(ground.sum())) - taken
            if best is None or score > best[0] * (1 + _FULL) + _FULL**2:
                best = score, way
    assert best is not None
    return best[1]


def joined(first: Gaussians, second: Gaussians) -> Gaussians:
    """All of both."""
    return replace(
        first,
        **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in first.__dataclass_fields__},
    )


def part(gaussians: Gaussians, which: NDArray[np.bool_] | NDArray[np.intp]) -> Gaussians:
    """Those of them that are named, by N bool or by numbers."""
    return replace(gaussians, **{name: getattr(gaussians, name)[which] for name in gaussians.__dataclass_fields__})
