"""Imagined pictures, directions that tell sounds apart, and the memory of known sounds: on numbers whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.heads import SoundMemory, unit
from pixwright.records.sample import split_of
from pixwright.train.aligned.concepts import concept_of, reserved_concept
from pixwright.train.aligned.heads import discriminants
from pixwright.train.aligned.imagined import Imagined, class_texts, nouns_imagined
from pixwright.train.aligned.rows import AlignedRow
from pixwright.train.aligned.scores import sound_recalls
from pixwright.train.aligned.tasks import vocabulary_of, without_second_recordings

PICTURES = Encoders().picture
CAT = 281
"""ImageNet's tabby."""


def sound(key: str, name: str, vector: tuple[float, ...] = (1.0, 0.0), trained: bool = True) -> AlignedRow:
    return AlignedRow(np.array(vector, np.float32), key, (name,), (name,), trained)


def test_imagined_pictures_are_of_the_class_that_was_asked_for():
    rng = np.random.default_rng(0)
    # Features of a network after its ReLU: none below zero, most of them small.
    real = np.sqrt(0.3 * np.abs(rng.normal(size=(1500, 1280)))).astype(np.float32)
    made = Imagined(real, PICTURES).draw(np.tile(np.eye(1000, dtype=np.float32)[CAT], (20, 1)), rng)
    assert made.shape == (20, 1280) and (made >= 0).all() and len(np.unique(made[:, 0])) > 10
    scores = np.square(made) @ PICTURES.class_weights.T
    plain = np.square(real) @ PICTURES.class_weights.T
    assert scores[:, CAT].mean() > plain[:, CAT].mean() + plain[:, CAT].std()


def test_no_class_with_a_reserved_name_is_imagined():
    texts = class_texts(PICTURES)
    assert 300 < len(texts) < 1000
    for words in texts.values():
        names = [word for word in words if not word.startswith(("a ", "an ", "some "))]
        assert not any(reserved_concept(concept_of(name)) for name in names)
    assert split_of("apple").value == "test"
    assert not any("apple" in words for words in texts.values())


def test_nouns_are_imagined_as_mixtures_and_reserved_ones_are_not():
    found = nouns_imagined()
    assert len(found) > 2000 and max((one.shares > 0).sum() for one in found) > 1
    for one in found:
        assert one.shares.sum() == pytest.approx(1, abs=1e-4)
        assert not reserved_concept(one.concept) and "apple" not in one.texts


def test_directions_leave_out_what_copies_differ_in():
    rng = np.random.default_rng(2)
    classes = np.repeat(np.arange(6), 20)
    latents = rng.normal(0, 0.05, (120, 8)).astype(np.float32)
    latents[:, 0] += classes
    latents[:, 1] += rng.normal(0, 5, 120)
    basis = discriminants(latents, classes, classes)
    moved = latents.copy()
    moved[:, 1] += 10
    change = np.abs((moved - latents) @ basis[0]).mean()
    between = np.abs(np.diff(np.array([latents[classes == k].mean(0) for k in range(6)]) @ basis[0])).mean()
    assert between > 5 * change


def test_a_sound_is_what_it_is_like():
    values = unit(np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    memory = SoundMemory(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32), values)
    near, between = memory(np.array([[3.0, 0.1], [1.0, 1.0]], np.float32))
    assert near @ values[0] > 0.99
    assert between @ values[0] == pytest.approx(between @ values[1], abs=1e-5)


def test_a_second_collections_recording_is_kept_for_the_test():
    rows = [
        sound("stamps/cow.ogg#0", "cow"),
        sound("stamps/cow2.ogg#0", "cow"),
        sound("sounds/cow#0", "cow"),
        sound("sounds/harp#0", "harp"),
    ]
    assert [row.trained for row in without_second_recordings(rows)] == [True, True, False, True]


def test_sounds_are_asked_for_their_animal_among_those_that_are_heard():
    views = [
        sound("x/cow#0", "cow", (1, 0)),
        sound("x/cat#0", "cat", (0, 1)),
        sound("x/harp#0", "harp", (1, 1)),
        sound("x/lion#0", "lion", (1, 1)),
    ]
    asked = [sound("s/cow#0", "cow", (0.9, 0.1)), sound("s/cow#1", "cow", (0, 1)), sound("s/harp#0", "harp", (1, 1))]
    found = sound_recalls(lambda kind, latents: latents, asked, views, {"cow", "cat", "harp"})
    assert set(found) == {"sound_picture_heard"}
    one = found["sound_picture_heard"]
    assert (one.queries, one.among, one.first) == (1, 2, 1.0)


def test_words_that_describe_are_things_with_a_size_and_places():
    rows = {
        "view": [
            sound("fluent/cat#0", "cat"),
            sound("fluent/zzz#0", "zzz"),
            sound("scenery/beach-1#0", "beach"),
            sound("photos/cup#0", "cup"),
        ],
        "sound": [sound("stamps/cow.ogg#0", "cow")],
        "music": [sound("music/sad-01", "sad")],
    }
    assert vocabulary_of(rows) == {"things": ["cat"], "places": ["beach"], "sounds": ["cow"], "moods": ["sad"]}
