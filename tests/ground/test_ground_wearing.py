"""Which place is what somebody wears: what the labeller saw, or a box."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import Said, encoders, iou, photo, planted, rows

from pixwright.ground import ground
from pixwright.ground.detections import Detected, overlap
from pixwright.ground.fitted.wearing import BOXED, BY_FACE, SEEN, WornPlace, measures, merits, numbers, signs, surely
from pixwright.ground.geometry import frame_of
from pixwright.ground.people import by_face, find_worn, owner_of, worn_in
from pixwright.ground.persons import Person
from pixwright.ground.persons.wearing import drawn, rather, spots
from pixwright.words import lexicon, read


def place(person=0, box=(0.2, 0.3, 0.6, 0.8), how=SEEN, sure=0.8, likely=0.8, held=0.9, **more):
    told = {"agrees": 1.0, "score": 0.9, "size": 0.3, "holds": 0.0, "much": 0.3, **more}
    return WornPlace(person, box, how, sure, told["agrees"], likely, held, told["score"], told["size"], told["holds"], told["much"])  # fmt: skip


def dressed(*people, boxes=(), **where):
    """A grey picture with people in it, of whom the labeller says the same, and boxes of the detector."""
    scene = planted(np.full((400, 400, 3), 120, np.uint8), worn=Said(**where), picture=encoders().picture)
    vars(scene)["people"] = tuple(people)
    vars(scene)["proposals"] = tuple(Detected(box, 0.4, {}) for box in boxes)
    return scene


def test_the_numbers_fit_the_measures():
    table = measures([place(), place(how=BOXED, agrees=0.7, holds=0.5), place(how=BY_FACE)], "upper")
    assert table.shape == (3, len(numbers()["weights"])) and np.isfinite(table).all()
    assert len(signs(merits(table), [place()] * 3, 0)) == len(numbers()["sure"])


@pytest.mark.parametrize("zone", ["upper", "hair", "lower"])
def test_what_the_labeller_believes_in_is_rather_meant(zone):
    full, empty = place(), place(likely=0.1, held=0.2, how=BOXED, agrees=0.1, holds=0.3)
    merit = merits(measures([empty, full], zone))
    assert merit[1] > merit[0]
    assert surely(merit, [empty, full], 1) > surely(merit, [empty, full], 0)


def test_where_the_labeller_is_unsure_so_is_the_choice():
    weak = place(sure=0.5, likely=0.3, held=0.3, much=0.01)
    sure, unsure = (surely(merits(measures([one], "head")), [one], 0) for one in (place(), weak))
    assert 0 < unsure < sure < 1


def test_two_who_wear_the_same_share_the_sureness():
    here = place()
    alone, both = [here], [here, place(person=1)]
    one, two = (surely(merits(measures(some, "upper")), some, 0) for some in (alone, both))
    assert two < one


def test_a_box_about_what_was_seen_is_a_place_and_one_elsewhere_is_none():
    person = Person((0.25, 0.25, 0.75, 0.75), 0.9)
    about, elsewhere = (0.3, 0.5, 0.7, 0.75), (0.8, 0.0, 1.0, 0.2)
    scene = dressed(person, boxes=(about, elsewhere), lower=(rows(0.5, 0.9), rows(0.2, 0.8)))
    found = spots(scene, [person], "lower", [None])
    assert {one.how for one in found} == {SEEN, BOXED} and all(one.box != elsewhere for one in found)
    boxed = next(one for one in found if one.how == BOXED)
    assert boxed.agrees > 0.5 and boxed.likely > 0.5 and boxed.holds == pytest.approx(0.4)
    shape = np.zeros(scene.shape, np.float32)
    shape[250:300, 200:260] = 1
    with_shape = spots(scene, [person], "lower", [shape])
    assert BY_FACE in {one.how for one in with_shape}


def test_nobody_wears_nothing():
    person = Person((0.25, 0.25, 0.75, 0.75), 0.9)
    assert rather(dressed(person), [person], "feet") == []
    assert not find_worn(dressed(), lexicon().look("hat"), read("the hat"), None).found


def test_each_person_has_a_place_and_the_likeliest_is_first():
    left, right = Person((0.0, 0.2, 0.3, 0.9), 0.9), Person((0.6, 0.1, 1.0, 0.95), 0.9)
    scene = dressed(left, right, inner=(rows(0.2, 0.6), rows(0.2, 0.8)))
    found = rather(scene, [left, right], "upper")
    assert [one.person for one in found] in ([0, 1], [1, 0]) and found[0].merit >= found[1].merit
    assert len({one.meant for one in found}) == 1 and found[0].meant <= max(one.sure for one in found) + 1e-6
    one, all_of_them = (worn_in(scene, [left, right], "upper", read(words)) for words in ("the shirt", "the shirts"))
    assert len(one.found) == 1 and len(all_of_them.found) == 2


def test_colour_tells_whose_is_meant():
    left, right = Person((0.02, 0.2, 0.4, 0.9), 0.9), Person((0.6, 0.2, 0.98, 0.9), 0.9)
    scene = dressed(left, right, inner=(rows(0.2, 0.7), rows(0.2, 0.8)))
    scene.small[:, 256:] = (200, 30, 30)
    scene.picture[:, 200:] = (200, 30, 30)
    found = worn_in(scene, [left, right], "upper", read("the red shirt"))
    assert found.found and found.found[0].centre[0] > 0.5


def test_an_outline_keeps_to_its_box_and_to_what_the_labeller_saw():
    scene = photo("astronaut")
    person = scene.people[0]
    (hair,) = rather(scene, [person], "hair")
    mask = drawn(scene, person, "hair", hair.box)
    x0, y0, x1, y1 = frame_of(mask)
    assert overlap((x0, y0, x1, y1), hair.box) > 0.6
    assert iou(mask, ground(scene, "her hair", encoders()).mask) > 0.7


def test_the_points_of_a_face_tell_where_glasses_are_and_of_nothing_else():
    scene = photo("astronaut")
    person = scene.people[0]
    eyes = person.face.points[[33, 263]].mean(0)
    band = by_face(scene, person, "eyes")
    assert band[int(eyes[1]), int(eyes[0])] == 1 and band.mean() < 0.05
    assert by_face(scene, person, "feet") is None and by_face(scene, Person(person.box, 0.9), "eyes") is None


def test_an_arm_is_more_than_its_hand():
    assert lexicon().look("arm").part == "arm" and lexicon().look("hand").part == "hand" and lexicon().look("foot").part == "foot"  # fmt: skip


def test_whose_it_is_restricts_where_it_says_more_than_a_person():
    assert owner_of(read("the woman's red hat")) is None and owner_of(read("the hat")) is None
    assert owner_of(read("the dog's hat")).head == "dog"


def test_hair_is_found_on_whoever_has_it():
    scene = photo("astronaut")
    hair = find_worn(scene, lexicon().look("hair"), read("her hair"), None)
    assert len(hair.found) == 1 and hair.score > 0.5
    assert not ground(photo("coffee"), "the hair", encoders()).found
