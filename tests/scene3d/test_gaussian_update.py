"""The recipe that runs the iterative dataset update on Gaussians: its call fits gsplat's signature, what was found learns what the pictures show, and all other Gaussians keep their bytes."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from clouds import balls, file_of  # noqa: E402
from gsplat_stand_in import documented  # noqa: E402

from pixwright.scene3d.cameras import looking  # noqa: E402
from pixwright.scene3d.nerf.update import UpdateSettings, update_dataset  # noqa: E402
from pixwright.scene3d.splats.render import weights_of  # noqa: E402

SETTINGS = UpdateSettings(iterations=24, every=4)
CAMERAS = [looking((3 * np.sin(turn), -3 * np.cos(turn), 0.8), (0, 0, 0), 24, 45) for turn in (0.0, 0.4, -0.4)]


@pytest.fixture
def recipe(monkeypatch):
    """The recipe, with a gsplat that draws on a processor and says what it was called with."""
    calls = []

    def rasterization(**given):
        calls.append(inspect.signature(documented).bind(**given).arguments)
        return documented(**given)

    gsplat = ModuleType("gsplat")
    gsplat.rasterization = rasterization
    monkeypatch.setitem(sys.modules, "gsplat", gsplat)
    path = Path(__file__).parents[2] / "recipes" / "scenes" / "gaussian_update.py"
    spec = importlib.util.spec_from_file_location("gaussian_update", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.calls = calls
    return module


def test_only_what_was_found_learns_and_a_stopped_run_ends_the_same(recipe, tmp_path):
    gaussians, owners = balls(60)
    chosen = owners == 0
    views = [weights_of(gaussians, camera) for camera in CAMERAS]
    masks = [
        np.rint(255 * np.minimum(1, view.forward(np.float32(chosen)[:, None])[..., 0])).astype(np.uint8)
        for view in views
    ]
    scene = file_of(gaussians)

    def begun(pictures):
        return recipe.GaussianScene(scene, chosen, CAMERAS, pictures, SETTINGS, device="cpu")

    pictures = [begun([]).picture(camera) for camera in CAMERAS]

    def green(view, photograph, render, update):
        return np.rint(0.3 * render + 0.7 * np.float32((0, 255, 0))).astype(np.uint8)

    def run(folder, stop=None):
        def watch(iteration, iterations, update):
            if iteration == stop:
                raise KeyboardInterrupt

        learning = begun(pictures)
        update_dataset(learning, CAMERAS, pictures, masks, green, SETTINGS, folder, watch=watch)
        return learning.written()

    whole = run(tmp_path / "whole")
    assert whole.rows[~chosen].tobytes() == scene.rows[~chosen].tobytes()
    assert whole.rows[chosen].tobytes() != scene.rows[chosen].tobytes()
    given = recipe.calls[-1]
    assert given["sh_degree"] == 1 and tuple(given["colors"].shape) == (len(owners), 4, 3)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", stop=13)
    assert run(tmp_path / "parts").rows.tobytes() == whole.rows.tobytes()
