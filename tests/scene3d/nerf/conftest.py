"""The one fit that the tests of this folder share: 250 steps, some seconds on one core."""

import pytest


@pytest.fixture(scope="session")
def stored(tmp_path_factory):
    """A folder with the finished fit, as a run leaves it."""
    torch = pytest.importorskip("torch")
    from two_balls import SIDE, SMALL, VIEWS, ring, trace

    from pixwright.scene3d.nerf.fitting import fit_field
    from pixwright.scene3d.nerf.views import views_of

    folder = tmp_path_factory.mktemp("fit")
    cameras = ring(VIEWS, SIDE)
    views = views_of(cameras, [trace(camera)[0] for camera in cameras])
    fit_field(views, SMALL, torch.device("cpu"), checkpoint=folder / "fit.safetensors")
    return folder / "fit.safetensors", views


@pytest.fixture
def fitted(stored):
    """The field, as it is after the fit."""
    import torch
    from two_balls import SMALL

    from pixwright.scene3d.nerf.fitting import fit_field

    path, views = stored
    return fit_field(views, SMALL, torch.device("cpu"), checkpoint=path)
