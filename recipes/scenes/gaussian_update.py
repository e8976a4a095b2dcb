"""The iterative dataset update on Gaussians: as `pixwright scene edit-photos`, with a scene of Gaussians in the radiance field's place. For a GPU with CUDA and gsplat.

    pip install 'pixwright[torch]' gsplat
    python recipes/scenes/gaussian_update.py SCENE.ply DATASET OUT.ply "turn the bear into a panda" --set weights=stable-diffusion-1.4

DATASET is in nerfstudio's layout and holds the photographs that the scene was fitted to, with their cameras in the scene's own coordinates. Only the Gaussians that were found
learn; all others keep their bytes. A run that was stopped goes on in OUT.ply's folder `OUT.unfinished`. Rates are those of nerfstudio's splatfacto.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixwright.errors import InvalidOption, NothingFound
from pixwright.extras import optional
from pixwright.models.fits import resume_fit, save_fit
from pixwright.nn.fitting import Fit, FittingPace
from pixwright.records.instruction import Array, Instruction
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.finding import find
from pixwright.scene3d.nerf.edited import PlacedStep, ViewEditor
from pixwright.scene3d.nerf.update import UpdateSettings, update_dataset
from pixwright.scene3d.nerf.views import read_dataset
from pixwright.scene3d.splats import harmonics
from pixwright.scene3d.splats.gaussians import Gaussians, as_rows, gaussians_of
from pixwright.scene3d.splats.gpu import arguments
from pixwright.scene3d.splats.ply import SceneFile, read_ply, write_ply
from pixwright.scene3d.splats.render import as_bytes
from pixwright.scene3d.views import views_of
from pixwright.systems import build
from pixwright.words import read_plan

RATES = {"centres": 1.6e-4, "quaternions": 1e-3, "log_scales": 5e-3, "logits": 5e-2, "first": 2.5e-3, "rest": 1.25e-4}
"""Of learning, as splatfacto has them."""
UNIT = 1e-3
"""Adam's own rate; the others are reached by scaling what it moves."""
ABSOLUTE = 0.8
"""Part of the loss that is the absolute difference; the rest is the squared one."""


class Moved(nn.Module):
    """By how much the chosen Gaussians differ from the file's, in units of their rates."""

    def __init__(self, gaussians: Gaussians) -> None:
        super().__init__()
        own = parts_of(gaussians)
        self.by = nn.ParameterDict({name: nn.Parameter(torch.zeros(value.shape)) for name, value in own.items()})


def parts_of(gaussians: Gaussians) -> dict[str, NDArray[Any]]:
    """What learns, each with a rate of its own."""
    return {
        "centres": gaussians.centres,
        "quaternions": gaussians.quaternions,
        "log_scales": gaussians.log_scales,
        "logits": gaussians.logits,
        "first": gaussians.coefficients[:, :1],
        "rest": gaussians.coefficients[:, 1:],
    }


class GaussianScene:
    """A scene that learns, as `update_dataset` has it."""

    def __init__(
        self, scene: SceneFile, chosen: NDArray[np.bool_], cameras: Sequence[Camera], pictures: Sequence[Array], settings: UpdateSettings, device: str = "cuda"
    ) -> None:  # fmt: skip
        self.scene, self.gaussians, self.cameras, self.seed = scene, gaussians_of(scene), cameras, settings.seed
        self.device = torch.device(device)
        self.which = torch.from_numpy(np.flatnonzero(chosen)).to(self.device)
        self.moved = Moved(only(self.gaussians, np.flatnonzero(chosen))).to(self.device)
        self.start = {name: torch.from_numpy(value).to(self.device) for name, value in parts_of(self.gaussians).items()}
        self.fit = Fit(self.moved, FittingPace(settings.iterations, UNIT, 1.0), settings.seed)
        self.pictures = [torch.from_numpy(np.array(picture)) for picture in pictures]

    @property
    def step(self) -> int:
        return self.fit.step

    def show(self, number: int, picture: Array) -> None:
        self.pictures[number] = torch.from_numpy(np.array(picture))

    def learn(self) -> float:
        number = int(self.fit.draws().integers(len(self.cameras)))
        off = self.drawn(self.cameras[number]) - self.pictures[number].to(self.device).float() / 255
        return self.fit.learn(ABSOLUTE * off.abs().mean() + (1 - ABSOLUTE) * off.square().mean())

    def picture(self, camera: Camera) -> Array:
        with torch.no_grad():
            return as_bytes(self.drawn(camera).cpu().numpy())

    def save(self, path: Path, about: dict[str, Any]) -> None:
        save_fit(path, self.fit, about)

    def resume(self, path: Path, about: dict[str, Any]) -> bool:
        return resume_fit(path, self.fit, about)

    def now(self) -> dict[str, Tensor]:
        """Every Gaussian's numbers as they are by now, with gradients for the chosen ones."""
        return {
            name: value.index_add(0, self.which, self.moved.by[name] * (RATES[name] / UNIT))
            for name, value in self.start.items()
        }

    def drawn(self, camera: Camera) -> Tensor:
        """HxWx3 in 0..1 and above, on the file's own backdrop of black."""
        gsplat = optional("gsplat", "the update of Gaussians", "gsplat")
        now = self.now()
        colours = torch.cat([now["first"], now["rest"]], dim=1)
        given = arguments(self.gaussians, camera, colours) | {
            "means": now["centres"],
            "quats": now["quaternions"],
            "scales": now["log_scales"].exp(),
            "opacities": now["logits"].sigmoid(),
            "sh_degree": harmonics.degree_of(colours.shape[1]),
        }
        return gsplat.rasterization(**given)[0][0]

    def written(self) -> SceneFile:
        """The file with the chosen rows as they are now; all other rows are the file's own bytes."""
        which = self.which.cpu().numpy()
        now = {name: value[self.which].detach().cpu().numpy() for name, value in self.now().items()}
        coefficients = np.concatenate([now["first"], now["rest"]], axis=1)
        after = Gaussians(now["centres"], now["quaternions"], now["log_scales"], now["logits"], coefficients)
        rows = self.scene.rows.copy()
        rows[which] = as_rows(self.scene, which, after)
        return self.scene.with_rows(rows)


def only(gaussians: Gaussians, which: NDArray[np.intp]) -> Gaussians:
    """Some of them."""
    return Gaussians(
        gaussians.centres[which], gaussians.quaternions[which], gaussians.log_scales[which], gaussians.logits[which],
        gaussians.coefficients[which],
    )  # fmt: skip


def main() -> None:
    """Find, update, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("scene", "dataset", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("words")
    parser.add_argument("--system", default="instructedit")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=UpdateSettings().iterations)
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        raise InvalidOption(
            "this recipe draws with gsplat, which needs CUDA; without it: pixwright scene edit, or pixwright scene edit-photos"
        )
    scene, views = read_ply(asked.scene), read_dataset(asked.dataset, asked.side)
    gaussians = gaussians_of(scene)
    system = build(asked.system, None, dict(one.split("=", 1) for one in asked.set))
    seen = views_of(gaussians, views.cameras)
    plan = read_plan(system.parse(Instruction(asked.words), views.pictures[0]))
    placed, chosen = [], np.zeros(len(gaussians), np.bool_)
    for step in plan.steps:
        if step.target is None:
            raise InvalidOption(f"'{step.instruction}' names no thing: this recipe edits a thing of the scene")
        found = find(gaussians, seen, views.pictures, step, system.eyes())
        if not found.chosen.any():
            raise NothingFound(found.note)
        masks = tuple(seen.region(number, found.chosen, str(step.target)).mask for number in range(len(views.cameras)))
        placed.append(PlacedStep(step, masks, False, len(found.views), len(views.cameras)))
        chosen |= found.chosen
    masks = [np.maximum.reduce([one.masks[view] for one in placed]) for view in range(len(views.cameras))]
    settings = UpdateSettings(iterations=asked.iterations)
    learning = GaussianScene(scene, chosen, views.cameras, views.pictures, settings)
    editor = ViewEditor(plan, placed, system, settings)
    folder = asked.out.with_suffix(".unfinished")
    folder.mkdir(parents=True, exist_ok=True)
    update_dataset(learning, views.cameras, views.pictures, masks, editor, settings, folder)
    write_ply(learning.written(), asked.out)
    print(
        f"{asked.out}: {int(chosen.sum()):,} of {len(gaussians):,} Gaussians were edited, all others keep their bytes"
    )


if __name__ == "__main__":
    main()
