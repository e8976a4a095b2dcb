"""What the labeller of people is shown and told, and what is made of what it says."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import Said, encoders, iou, photo, planted, rows

from pixwright.encoders.boxed.frames import SIDE
from pixwright.encoders.worn.labeller import CELLS, LABELS, LEVELS, tamed
from pixwright.ground import ground
from pixwright.ground.persons import Person, mesh
from pixwright.ground.persons.labelled import LAYERS, PLACES, ZONES, body_frame, looked_at, place_of, shown_of, worn_on
from pixwright.words import lexicon


def scene_with(**where):
    scene = planted(np.full((400, 400, 3), 120, np.uint8), worn=Said(**where))
    return scene, Person((0.25, 0.25, 0.75, 0.75), 0.9)


def test_all_labels_of_a_zone_are_labels_and_every_layer_is_of_its_zone():
    assert all(label in LABELS for labels in ZONES.values() for label in labels)
    assert all(set(own) < set(ZONES[zone]) for zone, own in LAYERS.items())
    worn = {entry.worn for noun in ("shirt", "jacket", "coat", "dress", "jeans", "shoe", "hat", "tie") if (entry := lexicon().look(noun))}  # fmt: skip
    assert worn <= set(ZONES)


def test_the_place_of_a_cell_is_told_by_box_body_and_face():
    scene = photo("astronaut")
    person = scene.people[0]
    frame = body_frame(person)
    crop, lab = shown_of(scene, frame)
    place = place_of(scene, person, frame, lab)
    assert crop.shape == (SIDE, SIDE, 3) and place.shape == (CELLS, CELLS, PLACES) and np.isfinite(place).all()
    bare = place_of(scene, Person(person.box, 0.9), frame, lab)
    np.testing.assert_array_equal(bare[..., :9], place[..., :9])
    assert not bare[..., 9:].any() and place[..., 9:].any((0, 1)).all()
    face = person.face.points[mesh()["face"]].mean(0) / scene.shape[::-1]
    column, row = (
        int((v - low) / (high - low) * CELLS) for v, low, high in zip(face, frame[:2], frame[2:], strict=True)
    )
    assert place[row, column, 13] > 0.9 > place[-1, 0, 13], "the face lies where the face is"


def test_what_is_worn_lies_where_the_labeller_saw_it():
    scene, person = scene_with(lower=(rows(0.5, 0.9), rows(0.3, 0.7)))
    mask, sure = worn_on(scene, person, "lower")
    x0, y0, x1, y1 = body_frame(person)
    height, width = scene.shape
    true = np.zeros(scene.shape, np.float32)
    true[int((y0 + 0.5 * (y1 - y0)) * height) : int((y0 + 0.9 * (y1 - y0)) * height), int((x0 + 0.3 * (x1 - x0)) * width) : int((x0 + 0.7 * (x1 - x0)) * width)] = 1  # fmt: skip
    assert iou(mask, true) > 0.85 and sure > 0.9
    nothing, none = worn_on(scene, person, "head")
    assert not nothing.any() and none == 0


def test_somebody_is_looked_at_once():
    scene, person = scene_with(hair=(rows(0, 0.3), rows(0, 1)))
    for zone in ("hair", "head", "upper"):
        worn_on(scene, person, zone)
    looked_at(scene, person)
    assert scene.encoders.worn.looks == 1


@pytest.mark.parametrize(("zone", "half"), [("upper", 0), ("over", 1), ("coat", 1)])
def test_of_a_jacket_over_a_shirt_the_one_asked_for_is_found(zone, half):
    sides = {"inner": (rows(0.3, 0.8), rows(0.2, 0.5)), "outer": (rows(0.3, 0.8), rows(0.5, 0.8))}
    scene, person = scene_with(**sides)
    mask, _ = worn_on(scene, person, zone)
    middle = round((person.box[0] + person.box[2]) / 2 * scene.shape[1])
    parts = mask[:, :middle].sum(), mask[:, middle:].sum()
    assert parts[half] > 20 * parts[1 - half]


@pytest.mark.parametrize("zone", ["upper", "over"])
def test_one_garment_is_meant_whatever_it_is_called(zone):
    scene, person = scene_with(outer=(rows(0.3, 0.8), rows(0.2, 0.8)))
    assert worn_on(scene, person, zone)[1] > 0.9


def test_crumbs_are_no_garment():
    scene, person = scene_with(feet=(rows(0.8, 0.95), rows(0.2, 0.5)))
    scene.encoders.worn.share[2, 50] = np.eye(len(LABELS))[LABELS.index("feet")]
    mask, _ = worn_on(scene, person, "feet")
    assert not mask[: scene.shape[0] // 2].any() and mask.any()


def test_the_packaged_labeller_gives_shares_and_knows_the_astronaut():
    scene = photo("astronaut")
    share, _ = looked_at(scene, scene.people[0])
    np.testing.assert_allclose(share.sum(-1), 1, atol=1e-4)
    hair, suit = (ground(scene, phrase, encoders()).mask > 127 for phrase in ("her hair", "her clothes"))
    assert hair.any() and suit.any() and (hair & suit).sum() < 0.05 * hair.sum()


def test_features_are_tamed_with_their_sign():
    np.testing.assert_allclose(tamed(np.array([-4.0, 0.0, 9.0], np.float32)), [-2, 0, 3])
    assert set(LEVELS) <= {"grid", "mid", "stride8", "stride4"}
