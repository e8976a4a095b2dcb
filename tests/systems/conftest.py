"""What the tests of the systems share: a small photograph."""

from __future__ import annotations

import cv2
import pytest
from skimage import data


@pytest.fixture
def coffee(tmp_path):
    """A file, 150 x 200 pixels."""
    path = tmp_path / "coffee.png"
    cv2.imwrite(str(path), data.coffee()[:, :, ::-1][60:360:2, 100:500:2])
    return path
