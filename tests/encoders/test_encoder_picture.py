"""EfficientNet-Lite2: equal to the original, and its maps point at the things."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixwright.encoders.picture import PictureEncoder

GOLDEN = Path(__file__).parents[1] / "golden/encoders/picture.npz"


@pytest.fixture(scope="module")
def encoder():
    return PictureEncoder.load()


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_outputs_equal_the_originals(encoder, name):
    photo = Image.fromarray(getattr(skimage.data, name)()).resize((320, 320), Image.Resampling.BILINEAR)
    features = encoder.features(np.asarray(photo), 320)
    logits = encoder.logits(features)
    with np.load(GOLDEN) as golden:
        assert np.abs(logits - golden[name + "_logits"]).max() < 0.015
        assert (np.argsort(logits)[-5:] == np.argsort(golden[name + "_logits"])[-5:]).all()
        grid = golden[name + "_grid"].astype(np.float32).transpose(1, 2, 0)
        mid = golden[name + "_mid"].astype(np.float32).transpose(1, 2, 0)
    assert np.abs(features.grid[..., ::40] - grid).max() < 0.06
    assert np.abs(features.mid[::2, ::2, ::20] - mid).max() < 0.15


def test_classifies_photographs(encoder):
    cats = encoder.classify(skimage.data.chelsea(), 3)
    assert {label.index for label in cats} == {285, 282, 281}
    assert cats[0].name == "Egyptian cat" and cats[0].wnid == "n02124075"
    assert cats[0].probability > cats[1].probability > cats[2].probability
    assert encoder.classify(skimage.data.coffee(), 1)[0].index == 967


def test_activation_finds_the_cup_not_the_table(encoder):
    weights = np.zeros(1000, np.float32)
    weights[[967, 968]] = 0.5
    heat = encoder.activation(encoder.features(skimage.data.coffee(), 520), weights)
    heat = cv2.resize(heat, (600, 400))
    assert heat[100:250, 200:380].mean() > 4 * abs(heat[:, :100].mean())


def test_mean_of_the_activation_is_the_class_score(encoder):
    features = encoder.features(skimage.data.chelsea(), 224)
    only = np.eye(1000, dtype=np.float32)
    bias = encoder.logits(features) - encoder.class_weights @ features.grid.mean((0, 1))
    for index in (0, 285, 999):
        assert encoder.activation(features, only[index]).mean() + bias[index] == pytest.approx(
            encoder.logits(features)[index], abs=1e-3
        )


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([32, 100, 224]))
def test_any_size_gives_maps_that_cover_it(encoder, height, width, side):
    picture = np.full((height, width, 3), 90, np.uint8)
    features = encoder.features(picture, side)
    rows, columns, channels = features.grid.shape
    assert channels == 1280 and rows >= 1 and columns >= 1
    assert features.mid.shape == (2 * rows, 2 * columns, 120)
    assert abs(max(rows, columns) * 32 - side) <= 16
    assert (features.height, features.width) == (height, width)
    assert np.isfinite(features.grid).all()


def test_class_names_are_wordnets(encoder):
    assert len(encoder.class_names) == len(encoder.classes) == 1000
    assert encoder.class_names[1] == "goldfish"
    assert all(wnid.startswith("n") and len(wnid) == 9 for wnid, _ in encoder.classes)
