"""The packaged classifier answers what TensorFlow.js answers with the published file (tests/golden/encoders/nsfw.json, by recipes/convert/nsfw.py)."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from pixwright.encoders.bundle import Encoders

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/encoders/nsfw.json").read_text())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_it_answers_what_the_published_network_does(name):
    picture = Image.fromarray(getattr(skimage.data, name)()[..., :3]).resize((224, 224), Image.Resampling.BILINEAR)
    found = astuple(Encoders().decency.read(np.asarray(picture)))
    assert np.allclose(found, GOLDEN[name], atol=1e-5)
    assert abs(sum(found) - 1) < 1e-5


def test_size_and_alpha_of_a_picture_matter_little():
    reader, picture = Encoders().decency, skimage.data.chelsea()
    with_alpha = np.dstack([picture, np.full(picture.shape[:2], 9, np.uint8)])
    assert reader.read(with_alpha) == reader.read(picture)
    assert reader.read(np.zeros((3, 900, 3), np.uint8)).explicit < 0.5
