"""Drawing by gsplat: the call fits its documented signature, and what is made of its pictures and gradients is the footprint.

gsplat itself draws with CUDA alone. Here a function with its signature and meaning stands in, made of our own weights and differentiable as gsplat's is.
"""

import inspect
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from clouds import cloud

from pixwright.scene3d.cameras import looking
from pixwright.scene3d.splats import gpu
from pixwright.scene3d.splats.render import weights_of

torch = pytest.importorskip("torch")
from gsplat_stand_in import documented  # noqa: E402

CAMERA = looking((0.4, -3.2, 1.1), (0, 0, 0), 32, 45)


def test_the_call_fits_the_signature():
    given = gpu.arguments(cloud(5), CAMERA, torch.zeros(5, 3))
    inspect.signature(documented).bind(**given)
    shapes = {name: tuple(value.shape) for name, value in given.items() if hasattr(value, "shape")}
    assert shapes == {
        "means": (5, 3), "quats": (5, 4), "scales": (5, 3), "opacities": (5,), "colors": (5, 3), "viewmats": (1, 4, 4), "Ks": (1, 3, 3),
    }  # fmt: skip
    if "gsplat" in sys.modules or gpu.find_spec("gsplat"):
        inspect.signature(__import__("gsplat").rasterization).bind(**given)


def test_its_pictures_and_gradients_are_the_footprint(monkeypatch):
    stand_in = ModuleType("gsplat")
    stand_in.rasterization = documented
    monkeypatch.setitem(sys.modules, "gsplat", stand_in)
    gaussians = cloud(60, 1)
    gaussians = replace(gaussians, centres=gaussians.centres.copy())
    gaussians.centres[7] = np.nan  # is not drawn, and poisons nothing
    ours, theirs = weights_of(gaussians, CAMERA), gpu.Rasterised(gaussians, CAMERA, device="cpu")
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 3)).astype(np.float32)
    picture = rng.normal(size=(32, 32, 2)).astype(np.float32)
    assert np.allclose(theirs.left, ours.left, atol=1e-4)
    assert np.allclose(theirs.forward(values), ours.forward(values), atol=1e-3)
    assert np.allclose(theirs.backward(picture), ours.backward(picture), atol=1e-3)
    assert theirs.of(np.ones(60, bool)) is theirs


def test_it_is_used_only_where_it_can_draw():
    assert gpu.available() is (bool(gpu.find_spec("gsplat")) and torch.cuda.is_available())
