"""The namer's rows and its training: what is right and wrong for a noun, and that a network learns what it is shown and says the same in numpy."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixwright.encoders.naming.namer import FEATURES, FORM, WIDTH, BoxLooks, Namer  # noqa: E402
from pixwright.ground.detections import overlaps  # noqa: E402
from pixwright.train.naming.fit import AskedBoxes, Nouns, train  # noqa: E402
from pixwright.train.naming.network import Directions, NamingNetwork, inputs  # noqa: E402
from pixwright.train.naming.samples import NamedBox, NamedPhotograph, NamedSample, Vocabulary, asked, read_rows  # noqa: E402

WORDS = ("cup", "lamp", "mug")


def looks(rng, count, marks=()):
    """Features of `count` boxes; those in `marks` have one of their own each."""
    within = rng.random((count, FEATURES)).astype(np.float32) * 0.1
    for box, feature in marks:
        within[box, feature] = 9
    zeros = np.zeros((count, WIDTH), np.float32)
    return BoxLooks(within, within, within.mean(0), zeros, zeros, rng.random((count, FORM)).astype(np.float32))


def sample(named, others=(), seen=None):
    boxes = np.array([*(one.box for one in named), *others], np.float32)
    return NamedSample(seen or looks(np.random.default_rng(0), len(boxes)), tuple(named), overlaps(boxes))


def test_rows_are_read_with_their_names_and_how_well_a_box_holds_them(tmp_path):
    file = tmp_path / "boxes.jsonl"
    file.write_text(json.dumps({"photo": "a.jpg", "boxes": [[0, 0, 0.5, 1, "mug, cup", "red"], [0.5, 0, 1, 1, "~lamp"], [0, 0, 1, 1, ""]]}))  # fmt: skip
    (row,) = read_rows(file)
    assert [(box.names, box.whole) for box in row.boxes] == [(("mug", "cup"), True), (("lamp",), False), ((), True)]


def test_a_box_that_nearly_fits_or_has_another_name_of_the_thing_is_neither_right_nor_wrong():
    named = [NamedBox((0, 0, 0.4, 0.4), ("mug", "cup"), True), NamedBox((0.6, 0, 1, 0.4), ("cup",), True)]
    others = [(0, 0, 0.4, 0.42), (0, 0, 0.4, 0.85), (0, 0.5, 0.4, 1)]
    vocabulary = Vocabulary.of([NamedPhotograph("a.jpg", tuple(named))])
    found = asked(sample(named, others), vocabulary)
    mug = list(found.nouns).index(vocabulary.nouns.index("mug"))
    assert found.right[:, mug].tolist() == [True, False, True, False, False]
    # The cup may be a mug as well, and half of the large box is the mug.
    assert found.told[:, mug].tolist() == [True, False, True, False, True]


def test_a_noun_that_only_badly_held_things_have_is_not_asked_for():
    named = [NamedBox((0, 0, 0.4, 0.4), ("lamp",), False)]
    found = asked(sample(named, [(0.5, 0.5, 1, 1)]), Vocabulary(("lamp",), {"lamp": frozenset(("lamp",))}))
    assert found.nouns.shape == (0,)


def test_what_is_shown_is_learnt_and_numpy_says_the_same_as_torch():
    rng = np.random.default_rng(1)
    embedded = rng.normal(size=(len(WORDS), WIDTH)).astype(np.float32)
    embedded /= np.linalg.norm(embedded, axis=1, keepdims=True)
    left, right = NamedBox((0, 0, 0.4, 1), ("cup",), True), NamedBox((0.6, 0, 1, 1), ("lamp",), True)
    samples = [sample((left, right), [(0.4, 0, 0.6, 1)], looks(rng, 3, ((0, 5), (1, 9)))) for _ in range(24)]
    vocabulary = Vocabulary(WORDS, {word: frozenset((word,)) for word in WORDS})
    told: list[str] = []
    network = train(samples, vocabulary, embedded, passes=60, say=told.append)
    losses = [float(line.rpartition(" ")[2]) for line in told]
    assert losses[-1] < 0.5 * losses[0]

    fresh = looks(rng, 3, ((0, 9), (1, 5)))
    namer = Namer(network.tensors())
    held = namer.held(fresh)
    odds = namer.likeness(held, namer.turned(embedded)) + held.whole[:, None]
    assert odds[:, 0].argmax() == 1
    assert odds[:, 1].argmax() == 0
    with torch.no_grad():
        vectors, whole = network(*inputs(fresh, network.directions))
        true = vectors @ network.words(torch.from_numpy(embedded)).T
    np.testing.assert_allclose(namer.likeness(held, namer.turned(embedded)), true.numpy(), atol=1e-3)
    np.testing.assert_allclose(held.whole, whole.numpy(), atol=1e-4)


def test_a_step_has_the_named_boxes_some_of_the_others_and_every_noun_that_is_theirs():
    named = [NamedBox((0, 0, 0.4, 0.4), ("mug", "cup"), True)]
    others = [(0.5, 0.1 * i, 0.9, 0.1 * i + 0.1) for i in range(8)]
    own, vocabulary, rng = sample(named, others), Vocabulary.of([NamedPhotograph("a.jpg", tuple(named))]), np.random.default_rng(0)  # fmt: skip
    shown = AskedBoxes(inputs(own.looks, Directions.of([own.looks] * 80)), own.named, asked(own, vocabulary))
    some = shown.some(3, rng)
    assert {len(part) for part in some.inputs} == {4} and some.questions.right[:, 0].tolist() == [True, False, False, False]  # fmt: skip
    words = torch.arange(6.0)[:, None]
    every = Vocabulary(tuple("abcdef"), {})
    nouns = Nouns.drawn(["c", "unheard"], every, words, 2, rng)
    assert nouns.place["c"] == 0 and len(nouns.place) == 3
    assert [float(nouns.embedded[i]) for i in nouns.place.values()] == [
        float(every.place[noun]) for noun in nouns.place
    ]
    # Two of five others stand for all of them.
    assert nouns.stands_for.exp().tolist() == pytest.approx([1, 2.5, 2.5])


def test_the_network_exports_what_the_namer_needs_and_no_more():
    network = NamingNetwork(Directions.of([looks(np.random.default_rng(0), 3)] * 80))
    assert not any(name.startswith(("common", "none")) for name in network.tensors())
