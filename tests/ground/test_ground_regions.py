"""What the namer is told of a picture's boxes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import photo

from pixwright.encoders.naming.namer import FEATURES, FORM, WIDTH
from pixwright.errors import WeightsMissing
from pixwright.ground.detections import Detected
from pixwright.ground.meaning.regions import cells, kind_vectors, looks, named_so, tells
from pixwright.words.nearest import names, vector_of

BOXES = [(0.0, 0.0, 0.89, 1.0), (0.31, 0.22, 0.33, 0.24), (0.1, 0.1, 0.8, 0.9)]


def test_features_are_the_mean_of_a_boxs_cells_over_the_scales_that_tell_best():
    scene = photo("chelsea")
    seen = looks(scene, BOXES, [None] * 3)
    assert seen.within.shape == seen.around.shape == (3, FEATURES)
    assert seen.classes.shape == seen.kinds.shape == (3, WIDTH) and seen.form.shape == (3, FORM)
    for number, box in enumerate(BOXES):
        parts = [cells(look.grid, box) for look in scene.features]
        trust = np.array([float(tells(part.shape[0] * part.shape[1])) for part in parts])
        mean = sum(t * part.mean((0, 1)) for t, part in zip(trust / trust.sum(), parts, strict=True))
        np.testing.assert_allclose(seen.within[number], mean, rtol=1e-3, atol=1e-4)


def test_form_tells_what_holds_a_box_and_how_surely_something_is_there():
    detected = Detected(BOXES[0], 0.8, {"cat": 0.8, "dog": 0.1})
    form = looks(photo("chelsea"), BOXES, [detected, None, None]).form
    assert form[0, 6:9] == pytest.approx([0.8, 0.8, 0.9]) and not form[1:, 6:9].any()
    # Two boxes hold the small one; the first holds both others.
    assert form[:, 10] == pytest.approx(np.log1p([0, 2, 1])) and form[:, 11] == pytest.approx(np.log1p([2, 0, 1]))
    assert list(form[:, 12]) == [3, 0, 0]


def test_what_the_detector_calls_a_box_is_told_in_the_space_of_words():
    kinds = looks(photo("chelsea"), BOXES, [Detected(BOXES[0], 0.5, {"cat": 0.5}), None, None]).kinds
    np.testing.assert_allclose(kinds[0], 0.5 * vector_of("cat"), atol=1e-5)
    assert not kinds[1:].any() and (np.linalg.norm(kind_vectors(), axis=1) > 0.9).mean() > 0.95


def test_a_noun_without_a_stored_vector_needs_the_text_network():
    scene = photo("chelsea")
    assert named_so(scene, BOXES, [None] * 3, "fluffball").shape == (3, 3)

    class Missing:
        def embed(self, texts):
            raise WeightsMissing("none")

    mute = SimpleNamespace(text=Missing(), picture=scene.encoders.picture, namer=scene.encoders.namer)
    blind = type(scene)(scene.picture, scene.small, mute)
    assert named_so(blind, BOXES, [None] * 3, "fluffball") is None
    assert named_so(blind, BOXES, [None] * 3, names()[0]) is not None
