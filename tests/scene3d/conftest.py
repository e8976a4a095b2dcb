"""Small scenes of known content."""

import pytest
from clouds import cloud, file_of


@pytest.fixture
def scene():
    """300 Gaussians with colours of degree 1, as a file."""
    return file_of(cloud(300, 1))


@pytest.fixture
def written(scene, tmp_path):
    """Its path."""
    path = tmp_path / "scene.ply"
    path.write_bytes(scene.data())
    return path
