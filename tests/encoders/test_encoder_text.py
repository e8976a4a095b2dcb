"""MiniLM: equal to the original within the stated loss, and meaning decides nearness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.encoders.text import TextEncoder

GOLDEN = Path(__file__).parents[1] / "golden/encoders/text.npz"


@pytest.fixture(scope="module")
def encoder():
    return TextEncoder.load()


def test_embeddings_equal_the_originals(encoder):
    with np.load(GOLDEN) as golden:
        phrases, expected = [str(p) for p in golden["phrases"]], golden["embeddings"]
    cosine = (encoder.embed(phrases) * expected).sum(1)
    assert cosine.min() > 0.997
    assert cosine[[p != "?" for p in phrases]].min() > 0.999


def test_likeness_follows_meaning(encoder):
    dog, puppy, car, engine = encoder.embed(["a dog", "a small puppy", "a car", "an automobile"])
    assert dog @ puppy > dog @ car + 0.2
    assert car @ engine > car @ puppy + 0.2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_unit_length_and_independent_of_the_batch(encoder, texts):
    together = encoder.embed(texts)
    assert together.shape == (len(texts), 384) and together.dtype == np.float32
    for text, row in zip(texts, together, strict=True):
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-4)
        assert np.abs(encoder.embed([text])[0] - row).max() < 1e-4


def test_long_text_is_cut_not_refused(encoder):
    long = " ".join(["word"] * 3000)
    assert encoder.embed([long]).shape == (1, 384)


def test_what_is_returned_may_be_written_to(encoder):
    first = encoder.embed(["a cat"])
    first[:] = 0
    assert np.linalg.norm(encoder.embed(["a cat"])) == pytest.approx(1, abs=1e-4)
