"""From where a scene is looked at, and where in that the user pointed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, InvalidScene
from pixwright.pointing import NOWHERE, UserPlace
from pixwright.scene3d.cameras import Camera, orbit, read_transforms
from pixwright.scene3d.finding import FoundGaussians, find_pointed
from pixwright.scene3d.splats.gaussians import Gaussians, gaussians_of
from pixwright.scene3d.splats.ply import SceneFile
from pixwright.scene3d.splats.render import BACKDROP
from pixwright.scene3d.stage import SceneStage
from pixwright.scene3d.views import Backdrop

VIEWS, LEAST_VIEWS, MOST_VIEWS = 16, 4, 64
"""Views that are looked at, and how many may be asked for."""
SIDE, LEAST_SIDE, MOST_SIDE = 256, 64, 1024
"""Longer side of a view, in pixels."""
_EMPTY = 0.01
"""Share of a view's light that Gaussians must take, in the fullest view."""


@dataclass(frozen=True)
class Survey:
    """The views of a scene, and what the user pointed at in one of them."""

    cameras: Path | None = None
    """A `transforms.json` of nerfstudio; None: an orbit around the scene."""
    views: int = VIEWS
    side: int = SIDE
    place: UserPlace = NOWHERE
    """In pixels of view `view`; a mask or a box says which thing is meant, and is no limit."""
    view: int = 1
    """From 1. Left and right are as the first view sees them; words are read beside this one."""
    backdrop: Backdrop = BACKDROP

    def check(self) -> None:
        """Raises InvalidOption for what cannot work, before anything is read."""
        for value, low, high, name in (
            (self.views, LEAST_VIEWS, MOST_VIEWS, "views"), (self.side, LEAST_SIDE, MOST_SIDE, "side"), (self.view, 1, self.views, "view"),
        ):  # fmt: skip
            if not low <= value <= high:
                raise InvalidOption(f"--{name} is {value}; allowed: {low} to {high}")

    @property
    def files(self) -> tuple[Path, ...]:
        """What it reads, and nobody may overwrite."""
        return tuple(path for path in (self.cameras, self.place.mask) if path is not None)

    def seen_from(self, gaussians: Gaussians) -> tuple[Camera, ...]:
        """The cameras of the views: so many of the file's, evenly chosen, or an orbit around the scene's box."""
        if self.cameras is None:
            return orbit(*gaussians.box(), self.views, self.side)
        found = read_transforms(self.cameras)
        chosen = np.unique(np.linspace(0, len(found) - 1, min(self.views, len(found))).round().astype(int))
        if self.view > len(chosen):
            raise InvalidOption(f"--view is {self.view}; {self.cameras} has {len(chosen)} views")
        return tuple(found[number].sized(self.side) for number in chosen)

    def camera(self, gaussians: Gaussians) -> Camera:
        """The camera of the view in which places are."""
        return self.seen_from(gaussians)[self.view - 1]

    def record(self) -> str | None:
        """How a report names what was pointed at; None: nothing."""
        place = self.place.record()
        return None if place is None else f"{place} in view {self.view}"


ORBITED = Survey()
"""An orbit around the scene, and nothing pointed at."""


def staged(path: Path, scene: SceneFile, survey: Survey) -> SceneStage:
    """A file's scene before its views. Raises InvalidScene where none of them sees it; `path` is what that error names."""
    gaussians = gaussians_of(scene)
    stage = SceneStage(scene, gaussians, survey.seen_from(gaussians), survey.backdrop)
    if max(1 - float(one.left.mean()) for one in stage.views.footprints) < _EMPTY:
        raise InvalidScene(
            f"{survey.cameras or path}: no camera sees the scene; leave --cameras out for an orbit around it"
        )
    return stage


def pointed_at(stage: SceneStage, survey: Survey, encoders: Encoders) -> FoundGaussians | None:
    """What the user pointed at; None where nobody did. Raises InvalidScene where no Gaussian is there."""
    region = survey.place.region(stage.pictures[survey.view - 1], encoders)
    if region is None:
        return None
    found = find_pointed(stage.gaussians, stage.views, survey.view - 1, region)
    if not found.chosen.any():
        raise InvalidScene(f"{survey.record()}: {found.note}")
    return found
