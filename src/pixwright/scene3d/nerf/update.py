"""The iterative dataset update (Instruct-NeRF2NeRF, arXiv 2303.12789, section 3.3): while a scene is fitted, its pictures are edited again, one at a time, from how the scene looks by now.

Which picture, how much noise and which seed an iteration takes hangs on the settings alone. What an edit may touch is the mask; all other pixels of a picture are the
photograph's own, bit for bit. The scene is anything that can learn, show itself and be stored: the field here, or Gaussians on a GPU (`recipes/scenes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pixwright.edit.composite import blend
from pixwright.errors import InvalidOption
from pixwright.media import load_picture, save_plain
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera

_SAVED_EVERY = 10
"""Updates between two checkpoints."""
_NAMED = re.compile(r"(\d{6})-(\d{4})\.png")
"""A picture that was made at an iteration, of a view."""


@dataclass(frozen=True, kw_only=True)
class UpdateSettings:
    """The published ones; InstructEdit's own runs had about 3,000 iterations (its section D.3)."""

    iterations: int = 3000
    every: int = 10
    """Iterations from one edited picture to the next."""
    low: float = 0.02
    high: float = 0.98
    """The share of noise is drawn evenly between these."""
    steps: int = 20
    """Denoising steps of an edit."""
    rate: float = 5e-3
    """Of learning; it does not fall, for the pictures go on changing."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.iterations < 1 or self.every < 1 or self.steps < 1 or not 0 < self.low <= self.high < 1:
            raise InvalidOption(
                f"iterations {self.iterations}, every {self.every}, steps {self.steps} (1 or more) and noise {self.low} to {self.high} (between 0 and 1) do not fit"
            )


@dataclass(frozen=True)
class Update:
    """One picture to be edited, before the scene learns in this iteration (counted from 0)."""

    iteration: int
    view: int
    share: float
    """Of noise."""


class LearningScene(Protocol):
    """A scene that is being fitted to pictures."""

    @property
    def step(self) -> int:
        """Iterations of the edit that are over."""
        ...

    def show(self, number: int, picture: Array) -> None:
        """From now on view `number` looks like this: HxWx3 uint8."""
        ...

    def learn(self) -> float:
        """One iteration; its loss."""
        ...

    def picture(self, camera: Camera) -> Array:
        """What a camera sees by now: HxWx3 uint8."""
        ...

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """Store everything that `resume` needs."""
        ...

    def resume(self, path: Path, about: dict[str, Any]) -> bool:
        """Go on from the file, if it is there."""
        ...


ViewEdit = Callable[[int, Array, Array, Update], Array]
"""(view, its photograph, the render, the update), HxWx3 uint8 each -> the edited picture; only what lies in the view's mask of it is taken."""
Watch = Callable[[int, int, Update | None], None]
"""Is told the iteration, how many there are, and the update that it begins with; what it raises stops the run after a checkpoint."""


def updates(settings: UpdateSettings, views: int) -> tuple[Update, ...]:
    """Every update of a run over `views` pictures: each is edited once before any is edited again, in a new order each time."""
    found = []
    for number, iteration in enumerate(range(0, settings.iterations, settings.every)):
        order = np.random.default_rng([settings.seed, number // views]).permutation(views)
        share = float(np.random.default_rng([settings.seed, number, 1]).uniform(settings.low, settings.high))
        found.append(Update(iteration, int(order[number % views]), share))
    return tuple(found)


def update_dataset(
    scene: LearningScene,
    cameras: Sequence[Camera],
    photographs: Sequence[Array],
    masks: Sequence[Array],
    edit: ViewEdit,
    settings: UpdateSettings,
    folder: Path,
    *,
    watch: Watch = lambda iteration, iterations, update: None,
) -> tuple[Array, ...]:
    """Run all iterations that are still to be done, and return the pictures as they are at the end: HxWx3 uint8, outside of the masks (HxW uint8) the photographs'.

    `folder` keeps the scene and the edited pictures; a run that was stopped goes on there, with the result of one that was not.
    """
    stored, made = folder / "edit.safetensors", folder / "updates"
    about = {"update": asdict(settings), "views": len(photographs)}
    scene.resume(stored, about)
    pictures = list(photographs)
    for view, path in _latest(made, scene.step).items():
        pictures[view] = load_picture(path).pixels
        scene.show(view, pictures[view])
    by_iteration = {update.iteration: update for update in updates(settings, len(photographs))}
    try:
        while scene.step < settings.iterations:
            update = by_iteration.get(scene.step)
            watch(scene.step, settings.iterations, update)
            if update is not None:
                view = update.view
                edited = edit(view, photographs[view], scene.picture(cameras[view]), update)
                pictures[view] = blend(photographs[view], edited, masks[view])
                made.mkdir(parents=True, exist_ok=True)
                save_plain(pictures[view], made / f"{update.iteration:06d}-{view:04d}.png", replace=True)
                scene.show(view, pictures[view])
            scene.learn()
            if scene.step % (settings.every * _SAVED_EVERY) == 0:
                scene.save(stored, about)
                _tidy(made, scene.step)
    finally:
        scene.save(stored, about)
    return tuple(pictures)


def _listed(made: Path) -> list[tuple[int, int, Path]]:
    """(iteration, view, file), in their order."""
    if not made.is_dir():
        return []
    matches = ((_NAMED.fullmatch(path.name), path) for path in sorted(made.iterdir()))
    return [(int(match[1]), int(match[2]), path) for match, path in matches if match]


def _latest(made: Path, step: int) -> dict[int, Path]:
    """What each view looked like when iteration `step` was about to begin."""
    return {view: path for iteration, view, path in _listed(made) if iteration < step}


def _tidy(made: Path, step: int) -> None:
    """Pictures that a later one of the same view has taken the place of are not needed once the scene is stored."""
    kept = set(_latest(made, step).values())
    for iteration, _, path in _listed(made):
        if iteration < step and path not in kept:
            path.unlink()
