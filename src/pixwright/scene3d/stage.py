"""The scene on its way through the steps: its Gaussians by now, which of the file's rows they are, and the views that show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.splats.gaussians import Gaussians, as_rows
from pixwright.scene3d.splats.ply import SceneFile
from pixwright.scene3d.splats.rigid import Bearings, bearings, joined, part
from pixwright.scene3d.views import Backdrop, Views, views_of


class SceneStage:
    """A scene that is being edited. Everything that changes it goes through `recolour`, `carry`, `drop`, `repeat` or `bring`, which keep the books."""

    def __init__(self, scene: SceneFile, gaussians: Gaussians, cameras: Sequence[Camera], backdrop: Backdrop) -> None:
        """`gaussians`: the file's. `cameras`: of the views that are looked at; the first says what left and right are."""
        self._scene = scene
        self.gaussians = gaussians
        self._origin = np.arange(len(self.gaussians))
        """The row of the input that each Gaussian is, or is a copy of."""
        self._copied = np.zeros(len(self.gaussians), np.bool_)
        self._touched = np.zeros(len(self.gaussians), np.bool_)
        self._gone = np.zeros(len(self.gaussians), np.bool_)
        """Which rows of the input were taken away."""
        self.views: Views = views_of(self.gaussians, cameras, backdrop)
        self._pictures: list[Array] | None = None

    @property
    def rows(self) -> int:
        """How many Gaussians the input holds."""
        return len(self._gone)

    @property
    def bearings(self) -> Bearings:
        """Which way is right, away and up."""
        return bearings(self.views.cameras)

    @property
    def pictures(self) -> list[Array]:
        """What the views show now: HxWx3 uint8 each."""
        if self._pictures is None:
            self._pictures = self.views.pictures(self.gaussians)
        return self._pictures

    def still(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the Gaussians as they are now (N bool) are those of the input's `rows` (bool each); copies are not."""
        return rows[self._origin] & ~self._copied

    def remembered(self) -> dict[str, Any]:
        """How it stands now, for `back_to`. Nothing in it is written to afterwards."""
        return dict(vars(self))

    def back_to(self, then: dict[str, Any]) -> None:
        """As it stood when `then` was remembered."""
        vars(self).update(then)

    def recolour(self, chosen: NDArray[np.bool_], now: Gaussians) -> None:
        """Other colours, of the chosen (N bool) alone; the geometry of `now` is the old one."""
        stays = ~chosen
        assert np.array_equal(now.coefficients[stays], self.gaussians.coefficients[stays], equal_nan=True), (
            "only the chosen"
        )
        self.gaussians, self._pictures = now, None
        self._touched = self._touched | chosen

    def carry(self, chosen: NDArray[np.bool_], now: Gaussians) -> None:
        """The chosen (N bool) as they are `now`, elsewhere."""
        fields = {name: getattr(self.gaussians, name).copy() for name in Gaussians.__dataclass_fields__}
        for name, values in fields.items():
            values[chosen] = getattr(now, name)
        self.gaussians = Gaussians(**fields)
        self._touched = self._touched | chosen
        self._look_again()

    def drop(self, chosen: NDArray[np.bool_]) -> None:
        """Without the chosen (N bool)."""
        own = chosen & ~self._copied
        self._gone = self._gone.copy()
        self._gone[self._origin[own]] = True
        self.gaussians = part(self.gaussians, ~chosen)
        self._origin, self._copied, self._touched = self._origin[~chosen], self._copied[~chosen], self._touched[~chosen]
        self._look_again()

    def repeat(self, chosen: NDArray[np.bool_], now: Gaussians) -> None:
        """The chosen (N bool) once more, as `now`; behind all others in the file."""
        count = int(np.count_nonzero(chosen))
        self.gaussians = joined(self.gaussians, now)
        self._origin = np.concatenate([self._origin, self._origin[chosen]])
        self._copied = np.concatenate([self._copied, np.ones(count, np.bool_)])
        self._touched = np.concatenate([self._touched, np.ones(count, np.bool_)])
        self._look_again()

    def bring(self, now: Gaussians) -> None:
        """Gaussians that the scene did not hold; behind all others in the file. What else its rows say they share with its first one."""
        self.gaussians = joined(self.gaussians, now)
        self._origin = np.concatenate([self._origin, np.zeros(len(now), self._origin.dtype)])
        self._copied = np.concatenate([self._copied, np.ones(len(now), np.bool_)])
        self._touched = np.concatenate([self._touched, np.ones(len(now), np.bool_)])
        self._look_again()

    def _look_again(self) -> None:
        self.views = views_of(self.gaussians, self.views.cameras, self.views.backdrop)
        self._pictures = None

    def written(self) -> SceneFile:
        """The file now: rows that no step selected are the input's own, byte for byte and in their order."""
        rows = self._scene.rows[self._origin].copy()
        if self._touched.any():
            touched = np.flatnonzero(self._touched)
            rows[touched] = as_rows(self._scene, self._origin[touched], part(self.gaussians, touched))
        return self._scene.with_rows(rows)

    def counts(self) -> tuple[int, int, int]:
        """How many of the input's Gaussians were changed, how many removed, and how many added."""
        changed = np.count_nonzero(self._touched & ~self._copied)
        return int(changed), int(self._gone.sum()), int(self._copied.sum())

    def outside(self, read_back: SceneFile) -> tuple[float, int]:
        """Of the rows of a written file that no step selected: the largest difference of any number to the input's, and the bytes that differ."""
        kept = np.flatnonzero(~self._touched & ~self._copied)
        was, now = self._scene.rows[self._origin[kept]], read_back.rows[kept]
        if was.tobytes() == now.tobytes():
            return 0.0, 0
        apart = max(
            float(np.nanmax(np.abs(now[name].astype(np.float64) - was[name]), initial=0))
            for name in was.dtype.names or ()
        )
        flat = (np.frombuffer(one.tobytes(), np.uint8) for one in (was, now))
        return apart, int(np.count_nonzero(np.not_equal(*flat)))
