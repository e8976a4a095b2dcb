"""People and what they wear, on a portrait and on drawn sweets."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from ground_looks import encoders, iou, overlap, photo, planted

from pixwright.ground import ground, people, see
from pixwright.ground.colour import skin_odds
from pixwright.ground.instance import Sight
from pixwright.ground.people import (
    HIPS,
    ITSELF,
    SHOULDERS,
    SOMEBODY,
    _beard,
    _classes_of,
    _is_worn,
    faces_away,
    find_people,
    find_worn,
    head_box,
    masks_of,
    patterned,
    rough,
    whose,
    worn_by,
    worn_in,
    zone_of,
)
from pixwright.ground.persons import Person
from pixwright.ground.persons.bodies import own_body
from pixwright.ground.persons.meeting import _tidy
from pixwright.ground.persons.wearing import Worn
from pixwright.records.region import box_of
from pixwright.words import lexicon, read


@pytest.fixture(scope="module")
def portrait():
    return photo("astronaut")


def box(scene, phrase):
    region = ground(scene, phrase, encoders())
    assert region.found, region.note
    return region.boxes[0]


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("the woman", (10, 10, 370, 512)),
        ("person", (10, 10, 370, 512)),
        ("the woman in the orange suit", (10, 10, 370, 512)),
        ("the orange suit", (15, 190, 360, 512)),
    ],
)
def test_a_woman_and_her_suit(portrait, phrase, wanted):
    assert overlap(box(portrait, phrase), wanted) >= 0.75


def test_clothes_are_on_the_person_and_below_the_chin(portrait):
    clothes = ground(portrait, "her clothes", encoders())
    woman = ground(portrait, "the woman", encoders())
    assert clothes.found and (woman.mask[clothes.mask > 127] > 127).mean() > 0.95
    assert clothes.boxes[0][1] > 145
    face = ground(portrait, "face", encoders()).mask > 127
    assert (clothes.mask[face] > 127).mean() < 0.1


@pytest.mark.parametrize(
    "phrase",
    [
        "the man in the green coat",
        "the green jacket",
        "shoes",
    ],
)
def test_clothes_that_nobody_wears(portrait, phrase):
    assert not ground(portrait, phrase, encoders()).found


@pytest.mark.parametrize("phrase", ["person", "the people", "hair", "the woman in red"])
def test_nobody_is_in_a_cup(phrase):
    assert not ground(photo("coffee"), phrase, encoders()).found


def test_she_is_the_surest_with_body_and_face(portrait):
    person, *others = portrait.people
    assert all(other.score < 0.8 * person.score and other.face is None for other in others)
    assert person.score > 0.8 and person.face is not None and person.points is not None
    assert person.outline is not None and person.outline.shape == portrait.shape
    (mask,) = masks_of(portrait, [person])
    assert iou(mask, rough(portrait, person)) > 0.8
    x0, y0, x1, y1 = head_box(portrait, person)
    face = person.face.points
    assert x0 < face[:, 0].min() and face[:, 0].max() < x1 and y0 < face[:, 1].min() and face[:, 1].max() < y1 + 2
    assert overlap(find_people(portrait, read("the woman")).found[0].box, person.box) > 0.9
    assert masks_of(portrait, []) == []


def test_zones_come_from_top_to_bottom(portrait):
    person = portrait.people[0]
    body = masks_of(portrait, [person])[0]
    upper, every = (zone_of(portrait, person, body, zone) for zone in ("upper", "all"))
    assert upper.sum() <= every.sum() < body.sum()
    assert box_of(every > 0.5)[1] > box_of(body > 0.5)[1]
    assert not zone_of(portrait, person, body, "no such zone").any()


def standing(height, trunk):
    """Points of a body whose shoulders are at 100 and whose hips are so much lower, all of them seen."""
    points = np.zeros((33, 3), np.float32)
    points[:, 2] = 1
    points[list(SHOULDERS), :2] = (80, 100), (120, 100)
    points[list(HIPS), :2] = (90, 100 + trunk), (110, 100 + trunk)
    body = np.zeros((512, 512), np.float32)
    body[512 - height :, 60:460] = 1
    return points, body


def test_a_pose_that_is_small_for_its_outline_is_not_believed():
    scene = planted(np.full((512, 512, 3), 90, np.uint8))
    points, body = standing(412, 70)
    half = Person((0.12, 0.2, 0.9, 1.0), 0.9, points=points)
    shirt = zone_of(scene, half, body, "upper")
    assert np.flatnonzero((shirt > 0.5).any(1))[-1] > 400, "half a person's shirt goes to the edge of the picture"
    narrow = np.zeros((512, 512), np.float32)
    narrow[60:500, 75:125] = 1
    whole = Person((0.14, 0.1, 0.25, 0.98), 0.9, points=points)
    assert np.flatnonzero((zone_of(scene, whole, narrow, "upper") > 0.5).any(1))[-1] < 200


def test_without_a_face_there_is_neither_beard_nor_pair_of_glasses():
    scene = planted(np.full((384, 384, 3), 90, np.uint8))
    assert not _beard(scene, Person((0.1, 0.1, 0.9, 1.0), 0.9)).any()


def test_skin_is_on_the_face_and_not_on_the_suit(portrait):
    odds = skin_odds(portrait.lab)
    assert odds[120:150, 215:240].mean() > 0.5
    assert odds[400:480, 100:200].mean() < -0.5


def test_a_person_without_a_body_is_a_box():
    scene = see(np.zeros((100, 100, 3), np.uint8), encoders())
    guess = rough(scene, Person((0.2, 0.1, 0.8, 0.9), 0.5))
    x0, y0, x1, y1 = box_of(guess > 0.5)
    height, width = scene.shape
    assert 0.2 < x0 / width < x1 / width < 0.81 and abs(y0 / height - 0.1) < 0.02 and abs(y1 / height - 0.9) < 0.02


def test_boxes_of_one_person_are_one():
    one, other = Person((0, 0, 0.4, 0.8), 0.9), Person((0.5, 0.1, 0.9, 0.9), 0.8)
    again, part, around = (
        Person((0.01, 0, 0.41, 0.8), 0.7),
        Person((0.1, 0.1, 0.2, 0.3), 0.4),
        Person((0, 0, 0.9, 0.9), 0.6),
    )
    assert _tidy([again, around, one, part, other]) == [one, other]


@pytest.mark.parametrize(
    ("phrase", "garment"),
    [
        ("the man in the beige coat", "coat"),
        ("the woman with the hat", "hat"),
        ("the woman wearing a scarf", "scarf"),
        ("the red person", "clothes"),
        ("the man next to the dog", None),
        ("the man", None),
    ],
)
def test_what_a_person_is_picked_by(phrase, garment):
    found = worn_by(read(phrase))
    assert (found.head if found else None) == garment


def test_patterns():
    assert patterned(read("the striped shirt")) and not patterned(read("the red shirt"))


def sweets():
    page = np.full((360, 520, 3), (232, 226, 214), np.uint8)
    where = {"red": [], "blue": []}
    for i in range(12):
        x, y = 60 + (i % 4) * 130 + 7 * (i % 3), 65 + (i // 4) * 115 + 5 * (i % 2)
        name, colour = (("red", (200, 30, 40)), ("blue", (30, 70, 200)))[i % 2]
        cv2.circle(page, (x, y), 27, colour, -1, cv2.LINE_AA)
        where[name].append((x - 27, y - 27, x + 27, y + 27))
    return page, where


@pytest.mark.parametrize("name", ["red", "blue"])
def test_all_sweets_of_a_colour(name):
    page, where = sweets()
    region = ground(page, f"the {name} sweets", encoders())
    assert len(region.boxes) == 6
    assert all(max(overlap(one, found) for found in region.boxes) > 0.8 for one in where[name])


def test_hair_and_clothes_do_not_share_a_place(portrait):
    hair, clothes = (ground(portrait, phrase, encoders()).mask > 127 for phrase in ("her hair", "her clothes"))
    assert hair.any() and (hair & clothes).sum() < 0.03 * hair.sum()
    chin = box(portrait, "face")[3]
    assert hair[chin + 40 :].sum() < 0.02 * hair.sum(), "the orange suit is no hair"


def test_what_is_worn_about_the_neck_is_less_than_all_clothes(portrait):
    person = portrait.people[0]
    body = masks_of(portrait, [person])[0]
    neck, coat = (zone_of(portrait, person, body, zone) > 0.5 for zone in ("neck", "coat"))
    assert neck.any() and neck.sum() < 0.6 * coat.sum()
    face = person.face.points
    middle = face[:, 0].mean()
    assert abs(np.nonzero(neck)[1].mean() - middle) < np.ptp(face[:, 0])


def test_a_boot_by_itself_is_nobody(monkeypatch):
    """What the classifier sees as a garment all over, without a face, wears nothing; unless it is surely somebody, cut off above the waist."""
    scene = photo("chelsea")
    someone = Person((0.0, 0.0, 1.0, 1.0), SOMEBODY / 2)
    names = encoders().picture.class_names
    shoes, hats = ({names[i] for i in np.flatnonzero(_classes_of(zone))} for zone in ("feet", "head"))
    assert "running shoe" in shoes and "sombrero" in hats and not shoes & hats and not _classes_of("nowhere").any()
    assert not _is_worn(scene, someone, "feet")
    logits = np.zeros(1000, np.float32)
    logits[names.index("sandal")] = 20
    monkeypatch.setitem(scene._labels, someone.box, logits)
    assert _is_worn(scene, someone, "feet") and not _is_worn(scene, someone, "head") and ITSELF < 1
    faced = Person(someone.box, 1.0, face=photo("astronaut").people[0].face)
    assert not _is_worn(scene, faced, "feet")
    assert not _is_worn(scene, replace(someone, score=SOMEBODY), "feet")


def with_people(scene, people):
    """The same picture, with these people in it."""
    other = see(scene.picture, encoders())
    vars(other)["people"] = people
    return other


def test_whose_shirt_is_meant_where_several_wear_one_is_a_guess(portrait):
    alone, entry = portrait.people[0], lexicon().look("shirt")
    x0, y0, x1, y1 = alone.box
    two = with_people(portrait, (alone, replace(alone, box=(x0 + 0.01, y0, x1, y1))))
    one = find_worn(portrait, entry, read("the shirt"), None)
    guess = find_worn(two, entry, read("the shirt"), None)
    assert len(guess.found) == 1 and guess.score < one.score - 0.05
    # All of them are meant, and nobody has to be chosen.
    every = find_worn(two, entry, read("the shirts"), None)
    assert len(every.found) == 2 and every.score > guess.score


def test_a_garment_is_no_surer_than_whose_it_is(portrait):
    worn = find_worn(portrait, lexicon().look("shirt"), read("the woman's shirt"), None)
    sure, doubtful = (whose(worn, Sight(worn.found, score)) for score in (1.0, 0.4))
    assert sure > worn.score - 0.05 and doubtful == pytest.approx(0.7 * sure)


def test_the_colour_tells_whose_garment_is_meant(monkeypatch):
    """Of two who may be meant the one whose trousers have the colour is, however little less likely the place."""
    scene = see(
        np.concatenate([np.full((256, 256, 3), one, np.uint8) for one in ((30, 40, 120), (150, 30, 30))], 1), encoders()
    )
    halves = [np.pad(np.ones((256, 256), np.float32), ((0, 0), side)) for side in ((0, 256), (256, 0))]
    somebody = [Person((0.0, 0.0, 0.5, 1.0), 1.0), Person((0.5, 0.0, 1.0, 1.0), 1.0)]
    told = [Worn(0, (0.0, 0.0, 0.5, 1.0), 5.0, 0.8, 0.7), Worn(1, (0.5, 0.0, 1.0, 1.0), 4.0, 0.8, 0.7)]
    monkeypatch.setattr(people, "rather", lambda *_: told)
    monkeypatch.setattr(people, "drawn", lambda scene, person, zone, box, tint: halves[somebody.index(person)])
    red, blue, plain = (
        worn_in(scene, somebody, "lower", read(words)) for words in ("the red pants", "the blue pants", "the pants")
    )
    assert red.found[0].mask[:, 256:].all() and not red.found[0].mask[:, :256].any() and red.score > 0.7
    assert blue.found[0].mask[:, :256].all() and plain.found[0].mask[:, :256].all() and plain.score == 0.7
    assert len(worn_in(scene, somebody, "lower", read("the pants").model_copy(update={"plural": True})).found) == 2


def test_the_body_of_somebody_else_in_the_box_is_not_believed():
    scene = planted(np.full((512, 512, 3), 128, np.uint8))
    own, other = np.zeros(scene.shape, np.float32), np.zeros(scene.shape, np.float32)
    height, width = scene.shape
    own[:height, width // 2 :], other[height // 2 :, width * 3 // 4 : width * 4 // 5] = 1, 1
    right = Person((0.5, 0.0, 1.0, 1.0), 0.9, own)
    assert own_body(scene, right) is own
    assert own_body(scene, replace(right, outline=other)) is None


def test_who_faces_away():
    assert faces_away(read("the woman with her back to the camera")) and faces_away(read("the man facing away"))
    assert not faces_away(read("the man facing us"))


def test_who_wears_it_is_told_by_what_is_seen_on_each(monkeypatch, portrait):
    scene = portrait
    bare, hatted = Person((0.0, 0.0, 0.4, 1.0), 0.9), Person((0.5, 0.0, 0.9, 1.0), 0.8)
    on_the_other = Worn(1, (0.6, 0.0, 0.8, 0.1), 2.0, 0.9, 0.9)
    monkeypatch.setattr(people, "rather", lambda scene, seen, *told: [on_the_other][: len(seen)])
    assert people._dressed(scene, [bare, hatted], read("the hat")) == [hatted]
    assert people._dressed(scene, [bare, hatted], read("the sunglasses")) == [bare, hatted], "no face is seen"
    monkeypatch.setattr(people, "rather", lambda *told: [])
    assert people._dressed(scene, [bare, hatted], read("the hat")) == [bare, hatted]


def test_a_cheek_ends_nowhere(portrait):
    mask = ground(portrait, "her cheeks", encoders()).mask
    assert ((mask > 20) & (mask < 235)).sum() > 2 * (mask >= 235).sum()
