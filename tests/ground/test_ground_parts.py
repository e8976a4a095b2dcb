"""Parts of people, animals and vehicles; and that none is found where none can be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import Nobody, encoders, iou, overlap, photo, planted

from pixwright.ground import ground, see
from pixwright.ground.grounder import find
from pixwright.ground.instance import Instance, Sight
from pixwright.ground.parts.eyes import MIRRORED, blob_pair, middle_of, mirrored
from pixwright.ground.parts.find import SIZES, find_part, kinds_of
from pixwright.ground.parts.person import _bare_hands
from pixwright.ground.parts.silhouette import build_of
from pixwright.ground.persons import Face, Person, mesh
from pixwright.words import lexicon, read

nobodys = pytest.mark.xfail(strict=True, reason="a part that is nobody's is looked for on whatever stands out")


def boxes(name, phrase):
    region = ground(photo(name), phrase, encoders())
    return sorted(region.boxes)


@pytest.mark.parametrize(
    ("phrase", "box"),
    [
        ("face", (180, 60, 275, 190)),
        ("the woman's face", (180, 60, 275, 190)),
        ("mouth", (203, 142, 250, 165)),
        ("her lips", (202, 138, 246, 157)),  # measured on the enlarged picture
        ("the woman's nose", (213, 105, 240, 145)),
        ("hair", (148, 15, 305, 200)),
        ("the head", (148, 15, 305, 190)),
    ],
)
def test_parts_of_a_face(phrase, box):
    (found,) = boxes("astronaut", phrase)
    assert overlap(found, box) >= 0.5, found


@pytest.mark.parametrize("phrase", ["her lips", "her lipstick"])
def test_lips_are_the_mouth_without_its_teeth(phrase):
    mouth, lips = (ground(photo("astronaut"), one, encoders()).mask > 127 for one in ("her mouth", phrase))
    assert (lips & ~mouth).sum() < 0.1 * lips.sum()
    (upper, tooth, lower) = (141, 223), (146, 223), (153, 223)  # looked up in the photograph
    assert lips[upper] and lips[lower] and mouth[tooth] and not lips[tooth]


def test_two_eyes_and_one_of_them():
    left, right = boxes("astronaut", "the eyes")
    assert overlap(left, (192, 96, 212, 105)) > 0.5 and overlap(right, (237, 98, 260, 107)) > 0.5
    assert boxes("astronaut", "the left eye") == [left] and boxes("astronaut", "her right eye") == [right]


def test_eyes_of_a_cat_whose_face_no_network_knows():
    left, right = boxes("chelsea", "the eyes")
    assert overlap(left, (134, 85, 207, 148)) > 0.5 and overlap(right, (293, 110, 342, 164)) > 0.5
    (nose,) = boxes("chelsea", "the cat's nose")
    assert overlap(nose, (228, 208, 279, 263)) > 0.5


def test_a_part_lies_on_its_owner():
    region = ground(photo("chelsea"), "the cat's ears", encoders())
    cat = ground(photo("chelsea"), "the cat", encoders())
    assert region.found and max(y1 for _, _, _, y1 in region.boxes) < 130
    assert (cat.mask[region.mask > 127] > 127).mean() > 0.9


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("chelsea", "wheel"),
        ("coffee", "hair"),
        ("rocket", "the man's hand"),
        ("coffee", "the dog's ear"),
        ("astronaut", "the dog's tail"),
        ("astronaut", "wheels"),
        ("coffee", "wheel"),
        ("coffee", "the tail"),
        ("coffee", "the face"),
        pytest.param("chelsea", "the beak", marks=nobodys),
    ],
)
def test_parts_of_what_is_not_there(name, phrase):
    assert not ground(photo(name), phrase, encoders()).found


def test_without_an_owner_there_is_no_part_and_the_reason_is_told():
    sight = find_part(photo("coffee"), "ear", Sight())
    assert not sight.found and "owner" in sight.guess


def seen_as(owner, name):
    """The parts of a drawn owner, nobody and nothing else being in the picture."""
    scene = planted(np.full((384, 512, 3), 90, np.uint8), detector=Nobody(), people=None)
    scene.__dict__["people"] = ()
    return find_part(scene, name, Sight((owner,), 1.0))


def animal():
    """A body with a head, two ears and a long thin tail, in the middle of the picture."""
    mask = np.zeros((384, 512), np.float32)
    cv2.ellipse(mask, (250, 220), (105, 55), 0, 0, 360, 1.0, -1)
    cv2.circle(mask, (370, 155), 48, 1.0, -1)
    for x in (346, 397):
        cv2.ellipse(mask, (x, 110), (12, 32), 0, 0, 360, 1.0, -1)
    cv2.line(mask, (150, 205), (40, 160), 1.0, 12)
    return Instance(mask)


def test_tail_and_head_of_a_drawn_animal():
    owner = animal()
    (tail,), (head,) = (seen_as(owner, name).found for name in ("tail", "head"))
    assert tail.box[2] < 0.4 and tail.box[0] < 0.12 and tail.area < 0.3 * owner.area
    assert head.centre[0] > 0.6 and head.centre[1] < 0.55
    ears = seen_as(owner, "ear").found
    assert len(ears) == 2 and all(ear.box[3] < 0.45 for ear in ears)


def test_a_size_that_the_part_cannot_have_is_not_believed(monkeypatch):
    owner = animal()
    assert seen_as(owner, "tail").found
    monkeypatch.setitem(SIZES, "tail", (0.4, 0.9))
    sight = seen_as(owner, "tail")
    assert not sight.found and sight.score == 0


def test_a_ball_has_no_tail_no_ears_and_no_legs():
    mask = np.zeros((384, 512), np.float32)
    cv2.circle(mask, (250, 190), 110, 1.0, -1)
    ball = Instance(mask)
    assert not any(seen_as(ball, name).found for name in ("tail", "ear", "leg"))
    assert build_of(mask) is not None


def test_a_doubtful_owner_makes_its_part_doubtful():
    scene = photo("astronaut")
    woman = ground(scene, "the woman", encoders())
    assert woman.found
    owner = find(scene, read("the woman"))
    sure, doubtful = (find_part(scene, "nose", Sight(owner.found, score)).score for score in (1.0, 0.3))
    assert doubtful < 0.7 * sure


def test_the_detectors_animals_and_vehicles_come_from_the_lexicon():
    scene = photo("chelsea")
    assert {"dog", "cat", "bird", "horse"} <= set(kinds_of(scene, "animal"))
    assert {"car", "bus", "bicycle"} <= set(kinds_of(scene, "vehicle")) and "cup" not in kinds_of(scene, "vehicle")


def test_every_canonical_part_has_a_size_or_is_a_surface_of_something():
    table = lexicon()
    parts = {entry.part for noun in table.nouns if (entry := table.entry(noun)) and entry.part}
    assert {"eye", "ear", "tail", "wheel", "face"} <= parts
    assert all(0 < low < high <= 1 for low, high in SIZES.values())
    assert {"face", "mouth", "nose", "left eye", "right eye"} <= set(mesh())
    assert all(0 <= point < 468 for points in mesh().values() for point in points)


def test_the_wheels_of_a_long_vehicle_are_small():
    picture = np.full((384, 512, 3), 200, np.uint8)
    cv2.rectangle(picture, (40, 170), (470, 290), (160, 60, 40), -1)
    body = np.zeros(picture.shape[:2], np.float32)
    wheels = [(120, 290, 26), (390, 290, 26)]
    for x, y, r in wheels:
        cv2.circle(picture, (x, y), r, (20, 20, 20), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, y), r // 2, (150, 150, 150), -1, cv2.LINE_AA)
        cv2.circle(body, (x, y), r, 1.0, -1)
    cv2.rectangle(body, (40, 170), (470, 290), 1.0, -1)
    scene = planted(picture, detector=Nobody(), people=None)
    scene.__dict__["people"] = ()
    found = find_part(scene, "wheel", Sight((Instance(body),), 1.0)).found
    assert len(found) == 2
    for each, (x, y, r) in zip(sorted(found, key=lambda i: i.box[0]), wheels, strict=True):
        true = np.zeros(body.shape, np.float32)
        cv2.circle(true, (x, y), r, 1.0, -1)
        assert iou(each.mask, true) > 0.8


def test_hair_is_about_the_face_and_is_neither_face_nor_suit():
    scene = photo("astronaut")
    hair = find_part(scene, "hair", None).found
    face = find_part(scene, "face", None).found
    assert len(hair) == len(face) == 1
    inside = hair[0].mask > 0.5
    assert (inside & (face[0].mask > 0.5)).sum() < 0.1 * inside.sum()
    x0, y0, x1, y1 = face[0].box
    assert hair[0].box[0] < x0 and hair[0].box[2] > x1 and hair[0].box[1] < y0
    assert hair[0].box[3] < y1 + 0.1, "the collar is no hair"


def test_the_head_of_an_animal_is_none_of_a_body_that_was_seen_in_it(monkeypatch):
    """The network of bodies sees one in a dog that sits: the noun of the owner says which of the two it is."""
    asked = []
    monkeypatch.setattr("pixwright.ground.parts.find.parts_of_person", lambda *given: asked.append(given) or [])
    monkeypatch.setattr("pixwright.ground.parts.find._person_in", lambda *given: photo("astronaut").people[0])
    scene = photo("chelsea")
    cat = Sight(tuple(find(scene, read("the cat")).found), 1.0)
    assert not find_part(scene, "eye", cat).found and len(asked) == 1
    assert find_part(scene, "eye", cat, of_animal=True).found and len(asked) == 1


def someone(monkeypatch, *limbs):
    """A person in blue with a face, and what else of them is bare: ellipses (x, y, half width, half height)."""
    picture = np.full((512, 512, 3), (210, 220, 210), np.uint8)
    body = np.zeros((512, 512), np.float32)
    cv2.rectangle(body, (150, 60), (370, 512), 1.0, -1)
    picture[body > 0] = (30, 40, 120)
    angles = np.linspace(0, 2 * np.pi, 468)
    face = np.stack([260 + 45 * np.cos(angles), 120 + 60 * np.sin(angles)], 1).astype(np.float32)
    for x, y, wide, tall in ((260, 120, 45, 60), *limbs):
        cv2.ellipse(picture, (x, y), (wide, tall), 0, 0, 360, (214, 160, 130), -1)
        cv2.ellipse(body, (x, y), (wide, tall), 0, 0, 360, 1.0, -1)
    monkeypatch.setattr("pixwright.ground.parts.person.masks_of", lambda scene, people: [body for _ in people])
    monkeypatch.setattr("pixwright.ground.parts.person.mesh", lambda: {"face": list(range(468))})
    return planted(picture), Person((0.3, 0.1, 0.7, 1.0), 1.0, face=Face(face, 1.0))


def test_hands_of_crossed_arms_are_what_is_bare_apart_from_the_head(monkeypatch):
    scene, person = someone(monkeypatch, (190, 380, 22, 16), (330, 350, 18, 24))
    found = sorted(_bare_hands(scene, person), key=lambda one: one.centre)
    assert [tuple(round(512 * at, -1) for at in one.centre) for one in found] == [(190, 380), (330, 350)]
    assert not _bare_hands(scene, Person(person.box, 1.0))


def test_of_a_bare_arm_the_hand_is_the_far_end(monkeypatch):
    scene, person = someone(monkeypatch, (370, 380, 24, 120))
    (hand,) = _bare_hands(scene, person)
    assert hand.box[3] > 0.95 and 512 * (hand.box[3] - hand.box[1]) < 110


def test_a_crumb_of_skin_and_the_neck_are_no_hands(monkeypatch):
    scene, person = someone(monkeypatch, (190, 400, 5, 5), (260, 190, 22, 30))
    assert not _bare_hands(scene, person)


def _head(x, *, eyes=True):
    """A grey animal whose head has two dark eyes, a nose and ears about x: HxWx3, and its outline."""
    pixels, mask = np.full((300, 400, 3), 220, np.uint8), np.zeros((300, 400), np.uint8)
    for at, canvas, colour in ((0, pixels, (150, 140, 130)), (0, mask, 1)):
        cv2.circle(canvas, (x, 120), 80, colour, -1)
        cv2.rectangle(canvas, (x - 60, 160 + at), (x + 60, 299), colour, -1)
    for side in (-1, 1) if eyes else ():
        cv2.circle(pixels, (x + side * 32, 105), 9, (20, 20, 20), -1)
        cv2.line(pixels, (x + side * 45, 80), (x + side * 20, 84), (90, 80, 70), 3)
    cv2.circle(pixels, (x, 140), 7, (60, 40, 40), -1)
    return pixels, mask.astype(np.float32)


def test_a_face_mirrors_itself_about_its_eyes():
    pixels, mask = _head(200)
    scene = see(pixels, encoders())
    scale = scene.shape[1] / 400
    assert mirrored(scene, (168 * scale, 105 * scale), (232 * scale, 105 * scale)) > 0.9
    assert mirrored(scene, (140 * scale, 200 * scale), (200 * scale, 140 * scale)) < MIRRORED
    found = blob_pair(scene, cv2.resize(mask, scene.shape[::-1]))
    assert [round(middle_of(one)[0] / scale / 8) for one in found] == [21, 29]


def test_spots_at_the_outline_are_no_eyes():
    """What shows between legs and beside ears is behind the animal."""
    pixels, mask = _head(200, eyes=False)
    for x in (128, 272):
        cv2.circle(pixels, (x, 105), 9, (20, 20, 20), -1)
    scene = see(pixels, encoders())
    assert not blob_pair(scene, cv2.resize(mask, scene.shape[::-1]))


def test_each_of_several_owners_has_its_parts(monkeypatch):
    from pixwright.ground.parts import find as finding

    scene = photo("chelsea")
    half = scene.shape[1] // 2
    wholes = [np.zeros(scene.shape, np.float32) for _ in range(2)]
    wholes[0][:, :half], wholes[1][:, half:] = 1, 1
    monkeypatch.setattr(
        finding,
        "parts_of_silhouette",
        lambda scene, name, whole: [Instance(whole * 0.99 * (np.indices(whole.shape)[0] < 20), 0.7)],
    )
    owner = Sight(tuple(Instance(whole, 0.9) for whole in wholes), 0.9)
    assert len(find_part(scene, "eye", owner, True).found) == 2


@pytest.mark.parametrize(
    ("phrase", "left", "right"),
    [
        ("her cheeks", (178, 106, 204, 132), (238, 108, 266, 134)),
        ("her eyelids", (190, 90, 212, 102), (238, 92, 262, 104)),
        ("her eyelashes", (192, 94, 212, 102), (238, 96, 260, 104)),
    ],
)
def test_what_make_up_is_worn_on_is_there_on_either_side_of_a_face(phrase, left, right):
    for (x0, y0, x1, y1), (left_, top, right_, bottom) in zip(boxes("astronaut", phrase), (left, right), strict=True):
        assert left_ < (x0 + x1) / 2 < right_ and top < (y0 + y1) / 2 < bottom
