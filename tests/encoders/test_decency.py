"""The packaged classifier answers what TensorFlow.js answers with the published file (tests/golden/encoders/nsfw.json, by recipes/convert/nsfw.py)."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import skimage.data
from PIL import Image
from tiny_second import BLUE, GREEN, RED, TARGET

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.decency import SECOND, DecencyReader
from pixwright.weights.registry import entry
from pixwright.weights.session import open_session
from pixwright.weights.store import place

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/encoders/nsfw.json").read_text())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_it_answers_what_the_published_network_does(name):
    picture = Image.fromarray(getattr(skimage.data, name)()[..., :3]).resize((224, 224), Image.Resampling.BILINEAR)
    found = astuple(Encoders().decency.read(np.asarray(picture)))[:5]
    assert np.allclose(found, GOLDEN[name], atol=1e-5)
    assert abs(sum(found) - 1) < 1e-5


def test_size_and_alpha_of_a_picture_matter_little():
    reader, picture = Encoders().decency, skimage.data.chelsea()
    with_alpha = np.dstack([picture, np.full(picture.shape[:2], 9, np.uint8)])
    assert reader.read(with_alpha) == reader.read(picture)
    assert reader.read(np.zeros((3, 900, 3), np.uint8)).explicit < 0.5


def second(picture):
    """What a second witness of known answers says."""
    planted = onnxruntime.InferenceSession(TARGET, providers=["CPUExecutionProvider"])
    return DecencyReader(open_session("nsfw"), planted).read(picture).second


def test_the_second_witness_is_shown_what_it_was_trained_on():
    """Blue before green before red, less the mean; the middle of the picture, whatever its proportion."""
    plain = np.full((90, 160, 3), (200, 60, 110), np.uint8)
    logit = BLUE * (110 - 104) + GREEN * (60 - 117) + RED * (200 - 123)
    assert second(plain) == pytest.approx(1 / (1 + np.exp(-logit)), abs=0.01)
    framed = np.zeros((256, 256, 3), np.uint8)
    framed[16:-16, 16:-16] = plain[0, 0]
    assert second(framed) == pytest.approx(second(plain), abs=0.01)
    with_alpha = np.dstack([plain, np.full(plain.shape[:2], 9, np.uint8)])
    assert second(with_alpha) == second(plain)


def test_without_a_pulled_one_there_is_no_second_witness(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    assert DecencyReader.load().read(skimage.data.chelsea()).second is None


def test_the_pulled_one_answers_what_its_publisher_says():
    if not place(entry(SECOND)).exists():
        pytest.skip(f"{SECOND} is not in the store")
    reader = DecencyReader.load()
    for name, published in (("astronaut", 0.031794), ("coffee", 0.013048)):
        assert reader.read(getattr(skimage.data, name)()).second == pytest.approx(published, abs=1e-4)
