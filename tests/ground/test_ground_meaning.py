"""The classes' names, and how near the lexicon's nouns are to them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from ground_looks import encoders

import pixwright.ground.meaning
from pixwright.errors import WeightsMissing
from pixwright.ground.meaning.classes import FAR, STEPS, class_likeness, class_vectors, near_classes
from pixwright.weights.store import expected_digest
from pixwright.words import lexicon

HALF_A_STEP = (1 - FAR) / STEPS / 2 + 1e-6


class Told:
    """A text encoder that is there but must not be asked, or is not there."""

    def __init__(self, problem):
        self.problem = problem

    def embed(self, texts):
        raise self.problem


def test_the_classes_names_have_vectors_of_unit_length():
    vectors = class_vectors()
    assert vectors.shape == (1000, 384)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-2
    cat, dog, car = encoders().text.embed(["tabby cat", "golden retriever dog", "sports car"])
    names = encoders().picture.class_names
    assert names[int((vectors @ cat).argmax())].startswith("tabby")
    assert (vectors @ dog).argmax() != (vectors @ car).argmax()


def test_the_table_is_of_these_nouns_this_network_and_these_classes():
    table, folder = near_classes(), Path(pixwright.ground.meaning.__file__).parent
    vectors = hashlib.sha256((folder / "class_vectors.npy").read_bytes()).hexdigest()
    assert table.made_of == f"{expected_digest('minilm')} {vectors}", "run recipes/convert/near_classes.py"
    missing = set(lexicon().nouns) - set(table.rows)
    # A noun without a row costs time alone; many show that nobody ran the recipe.
    assert len(missing) < 0.01 * len(table.rows), "run recipes/convert/near_classes.py"


def test_the_table_tells_what_the_network_says():
    nouns = list(near_classes().rows)[::400]
    said = encoders().text.embed(nouns) @ class_vectors().T
    told = np.stack([class_likeness(noun, encoders()) for noun in nouns])
    assert np.abs(told - np.where(said > FAR, said, 0))[np.abs(said - FAR) > HALF_A_STEP].max() <= HALF_A_STEP


def test_the_network_is_asked_for_other_words_alone():
    mute = SimpleNamespace(text=Told(AssertionError("asked")))
    assert class_likeness("cup", mute).max() > 0.9
    assert class_likeness("fluffball", encoders()).max() > FAR
    assert not class_likeness("fluffball", SimpleNamespace(text=Told(WeightsMissing("none")))).any()
