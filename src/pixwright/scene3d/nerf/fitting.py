"""Fitting a radiance field to pictures, and pictures and depths out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixwright.models.fits import resume_fit, save_fit
from pixwright.nn.fitting import Fit, FittingPace
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.nerf.field import FieldSize, RadianceField
from pixwright.scene3d.nerf.render import Marched, RaySamples, march
from pixwright.scene3d.nerf.views import SceneViews

_CHUNK = 2**12
"""Rays that are rendered at once where nothing learns."""
_SAVED_EVERY = 500
"""Steps between two checkpoints."""
_PEAK, _FLOOR = 255.0, 1e-10


@dataclass(frozen=True, kw_only=True)
class FieldSettings:
    """How a field is fitted. The defaults are nerfacto's: 30,000 steps of 4,096 rays, for a GPU."""

    steps: int = 30_000
    rays: int = 4096
    rate: float = 1e-2
    end: float = 0.01
    """Part of the rate that is left at the end."""
    size: FieldSize = field(default_factory=FieldSize)
    samples: RaySamples = field(default_factory=RaySamples)
    seed: int = 0


class FittedField:
    """A field, the views that it is fitted to, and how far the fit is. Pictures may be exchanged between steps."""

    def __init__(self, views: SceneViews, settings: FieldSettings, device: torch.device) -> None:
        self.views, self.settings, self.device = views, settings, device
        self.field = RadianceField(settings.size, settings.seed).to(device)
        self.fit = Fit(self.field, FittingPace(settings.steps, settings.rate, settings.end), settings.seed)
        rays = [views.rays(camera) for camera in views.cameras]
        self._origins = torch.stack([origin[0] for origin, _ in rays]).to(device)
        self._directions = torch.cat([direction for _, direction in rays]).to(device)
        counts = np.array([camera.width * camera.height for camera in views.cameras])
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._colours = torch.empty((int(self._starts[-1]), 3), dtype=torch.uint8, device=device)
        for number, picture in enumerate(views.pictures):
            self.show(number, picture)

    def show(self, number: int, picture: Array) -> None:
        """From now on view `number` looks like this: HxWx3 uint8."""
        part = slice(self._starts[number], self._starts[number + 1])
        self._colours[part] = torch.from_numpy(np.array(picture)).reshape(-1, 3).to(self.device)

    def learn(self) -> float:
        """One step on rays of all views; the mean squared difference of colours in 0..1."""
        draws = self.fit.draws()
        rows = draws.integers(0, self._starts[-1], self.settings.rays)
        view = torch.from_numpy(np.searchsorted(self._starts, rows, side="right") - 1).to(self.device)
        row = torch.from_numpy(rows).to(self.device)
        met = march(self.field, self._origins[view], self._directions[row], self.settings.samples, draws)
        wanted = self._colours[row].float() / _PEAK
        return self.fit.learn((met.colour - wanted).square().mean())

    def begin(self, pace: FittingPace, seed: int) -> None:
        """A new fit of the same network, with nothing remembered of the old one but what was learnt: for an edit."""
        self.fit = Fit(self.field, pace, seed)

    @property
    def step(self) -> int:
        """Steps of the present fit that are over."""
        return self.fit.step

    def picture(self, camera: Camera) -> Array:
        """What a camera sees: HxWx3 uint8."""
        return self.render(camera)[0]

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """Store the fit; `about`: plain values that say what is fitted to what, besides the field's own settings."""
        save_fit(path, self.fit, self._about(about))

    def resume(self, path: Path, about: Mapping[str, Any]) -> bool:
        """Go on from the file, if it is there. Raises InvalidRecord for another fit's."""
        return resume_fit(path, self.fit, self._about(about))

    def _about(self, about: Mapping[str, Any]) -> dict[str, Any]:
        sizes = [list(picture.shape[:2]) for picture in self.views.pictures]
        return {**asdict(self.settings), "sizes": sizes, **about}

    @torch.no_grad()
    def marched(self, camera: Camera) -> list[Marched]:
        """What all rays of a camera meet, row by row, in parts."""
        origins, directions = (one.to(self.device) for one in self.views.rays(camera))
        parts = zip(torch.split(origins, _CHUNK), torch.split(directions, _CHUNK), strict=True)
        return [march(self.field, origin, direction, self.settings.samples) for origin, direction in parts]

    def render(self, camera: Camera) -> tuple[Array, NDArray[np.float32]]:
        """The picture HxWx3 uint8 of a camera, and depths HxW along the rays in units of the world."""
        parts = self.marched(camera)
        size = (camera.height, camera.width)
        colour = torch.cat([part.colour for part in parts]).cpu().numpy().reshape(*size, 3)
        depth = torch.cat([part.depth for part in parts]).cpu().numpy().reshape(size) / self.views.scale
        return np.rint(colour * _PEAK).clip(0, _PEAK).astype(np.uint8), depth.astype(np.float32)


def fit_field(
    views: SceneViews,
    settings: FieldSettings,
    device: torch.device,
    *,
    checkpoint: Path | None = None,
    watch: Callable[[int, int], None] = lambda step, steps: None,
) -> FittedField:
    """A field fitted to the views. A fit that finds its own `checkpoint` goes on from there; `watch(step, steps)` is called before each step."""
    fitted = FittedField(views, settings, device)
    if checkpoint is not None:
        fitted.resume(checkpoint, {})
    try:
        while not fitted.fit.done:
            watch(fitted.step, settings.steps)
            fitted.learn()
            if checkpoint is not None and fitted.step % _SAVED_EVERY == 0:
                fitted.save(checkpoint, {})
    finally:
        if checkpoint is not None:
            fitted.save(checkpoint, {})
    return fitted


def psnr(fitted: FittedField, cameras: Sequence[Camera], pictures: Sequence[Array]) -> tuple[float, ...]:
    """Of the field's pictures against those given, dB, one a camera."""
    return likeness([fitted.picture(camera) for camera in cameras], pictures)


def likeness(
    shown: Sequence[Array], pictures: Sequence[Array], besides: Sequence[Array] | None = None
) -> tuple[float, ...]:
    """PSNR of pictures HxWx3 uint8 against others, dB. besides: masks HxW uint8; only where they are 0 is looked at."""
    found = []
    for number, (one, picture) in enumerate(zip(shown, pictures, strict=True)):
        squares = (one.astype(np.float64) - picture) ** 2
        if besides is not None and not besides[number].all():
            squares = squares[besides[number] == 0]
        found.append(float(10 * np.log10(_PEAK**2 / max(float(squares.mean()), _FLOOR))))
    return tuple(found)
