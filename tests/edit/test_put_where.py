"""Where a thing is put and how large: on whose face, on the free part of a surface, beside what stands there already; and of several that touch, one."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.editors import counting, relation_change, resize
from pixwright.edit.placing.anchor import Anchor, carries
from pixwright.edit.placing.copies import repeat, size_beside
from pixwright.edit.placing.free import free_place
from pixwright.edit.placing.library import find
from pixwright.edit.placing.lifting import Cut, alike, common, without
from pixwright.edit.placing.place import Placement, Spot, find_spots, looks_back
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.space import standing_about
from pixwright.edit.placing.worn import EyePair, eyes_of, wearer_of, worn_place
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region
from pixwright.words import read, read_step
from pixwright.words.naming import scale_of

ENCODERS = Encoders()
SHAPE = (300, 420)
TABLE = np.full((*SHAPE, 3), (150, 110, 70), np.uint8)


def known(phrase, boxes, score=0.9):
    mask, labels = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        mask[y0:y1, x0:x1], labels[y0:y1, x0:x1] = 255, number
    return Region(mask, tuple(boxes), score if boxes else 0.0, phrase, "phrase" if boxes else "none", labels)


def context(things=None, seen=()):
    def ground(picture, phrase):
        return known(str(phrase), (things or {}).get(str(phrase), ()))

    return Context(3, ENCODERS, ground, things=lambda picture: tuple(seen))


def test_boxes_share_what_they_share():
    assert common((0, 0, 10, 10), (5, 5, 20, 20)) == 25 and common((0, 0, 5, 5), (5, 5, 9, 9)) == 0
    assert alike((0, 0, 10, 10), (0, 0, 10, 10)) == 1 and alike((0, 0, 10, 10), (5, 0, 15, 10)) == 50 / 150


def test_a_young_animal_is_smaller_than_its_kind_and_a_young_woman_is_not():
    assert scale_of(read("baby deer")) == 0.5 == scale_of(read("a baby elephant"))
    assert scale_of(read("young horse")) < 1 and scale_of(read("newborn lamb")) < 0.5
    assert scale_of(read("young woman")) == 1 == scale_of(read("deer"))
    assert scale_of(read("tiny baby deer")) == 0.25


def test_a_copy_is_as_small_as_the_words_say():
    picture = TABLE.copy()
    picture[180:260, 60:130] = (90, 60, 40)
    there = known("deer", [(60, 180, 130, 260)])
    usual, young = (repeat(picture, there, 1, context(), None, size).evidence.placed[0] for size in (1.0, 0.5))
    assert young[3] - young[1] < 0.65 * (usual[3] - usual[1])


def test_a_puppy_beside_a_dog_is_smaller_and_beside_a_puppy_is_not():
    dog, puppy = read("dog"), read("puppy")
    there = known("puppy", [(60, 180, 130, 260)], 0.7)
    grown = context({"dog": [(60, 180, 130, 260)]})
    assert size_beside(TABLE, puppy, there, grown) < 0.6 and size_beside(TABLE, dog, there, grown) == 1
    assert size_beside(TABLE, puppy, known("puppy", there.boxes, 0.95), grown) == 1


def test_what_flies_is_not_hidden_by_its_model():
    picture = TABLE.copy()
    picture[60:120, 100:170] = (20, 20, 20)
    made = repeat(picture, known("bird", [(100, 60, 170, 120)]), 1, context(), None)
    assert made.refused is None and common(made.evidence.placed[0], (100, 60, 170, 120)) < 0.1 * 70 * 60


def test_what_is_worn_is_not_mirrored():
    cap = Cutout("baseball cap", np.full((30, 40, 4), 255, np.uint8), 0.12, "wear", faces="right")
    assert not looks_back(cap, Spot((300, 40, 360, 80), False, anchor=(100, 20, 400, 300), worn=True), TABLE)


def test_glasses_are_for_the_eyes_of_whom_the_words_say():
    left, right = [(80, 60, 100, 70), (130, 60, 150, 70)], [(280, 60, 300, 70), (330, 60, 350, 70)]
    seen = context({"the man's eyes": left, "the eyes of the man in the hat": right})
    anchor = Anchor(known("man", [(240, 20, 390, 300)]), (240, 20, 390, 300), False, False, 1.8, None, True)
    pair = eyes_of(TABLE, read("the man in the hat"), anchor, seen)
    assert pair is not None and pair.middle == (315, 65)
    assert eyes_of(TABLE, read("the man"), anchor, seen) is None


def test_glasses_are_not_put_on_a_person_whose_eyes_are_not_seen():
    glasses = Cutout("glasses", np.full((20, 60, 4), 255, np.uint8), 0.05, "wear")
    where = Where(relation=Relation.ON, anchor=read("the man"))
    made = find_spots(TABLE, Placement(glasses, where), context({"the man": [(240, 20, 390, 300)]}))
    assert isinstance(made, str) and "eyes" in made
    assert not isinstance(
        find_spots(TABLE, Placement(glasses, where), context({"the man": [(240, 20, 300, 290), (40, 20, 90, 290)]})),
        str,
    )


def test_what_is_worn_on_a_part_is_worn_by_its_owner():
    assert wearer_of(read("her face")).head == "person" and wearer_of(read("the dog's head")).head == "dog"
    assert wearer_of(read("the man")).head == "man"


def test_a_hat_on_a_head_that_leans_leans_with_it():
    anchor = Anchor(known("man", [(100, 20, 300, 300)]), (100, 20, 300, 300), False, False, 1.8, None, True)
    hat = Cutout("crown", np.full((60, 60, 4), 255, np.uint8), 0.2, "wear")
    (x0, _, x1, y1), tilt = worn_place(anchor, 0, hat, EyePair((200, 120), 40, 0))
    assert abs((x0 + x1) / 2 - 200) < 2 and tilt == 0 and 70 < y1 < 100
    (u0, _, u1, _), tilt = worn_place(anchor, 0, hat, EyePair((200, 120), 40, 20))
    assert tilt == 20 and (u0 + u1) / 2 > 215


def test_a_scarf_around_her_neck_is_worn():
    things = {"her": [(100, 20, 300, 300)], "the person's eyes": [(160, 100, 180, 110), (220, 100, 240, 110)]}
    scarf = Cutout("scarf", np.full((40, 60, 4), 255, np.uint8), 0.3, "wear")
    placed = find_spots(
        TABLE, Placement(scarf, Where(relation=Relation.AROUND, anchor=read("her neck"))), context(things)
    )
    assert not isinstance(placed, str) and placed[0].worn


def test_a_thing_goes_to_the_free_part_of_a_surface():
    picture = TABLE.copy()
    picture[120:260, 40:220] = 240
    picture[160:200, 90:160] = 20
    own, table = known("phone", [(90, 160, 160, 200)]).mask, known("table", [(0, 80, 420, 300)]).mask
    place = free_place(picture, own, table, (70, 40), context())
    assert place is not None and (place[0] >= 216 or place[1] >= 250), "off the white book that it lies on"
    assert place[1] >= 80
    cup = (230, 120, 420, 300)
    place = free_place(picture, own, table, (70, 40), context(seen=[cup]))
    assert place is None or common((*place, place[0] + 70, place[1] + 40), cup) == 0
    assert free_place(picture, own, np.zeros(SHAPE, np.uint8), (70, 40), context()) is None


def test_a_phone_is_moved_onto_the_table_though_the_table_holds_it():
    picture = TABLE.copy()
    picture[120:260, 40:220] = 240
    picture[160:200, 90:160] = 20
    step = read_step(Step(type=EditType.RELATION_CHANGE, instruction="t", target="phone", where=Where(relation=Relation.ON, anchor="table")))  # fmt: skip
    seen = context({"table": [(0, 80, 420, 300)]})
    made = relation_change.edit(picture, step, known("phone", [(90, 160, 160, 200)]), seen)
    assert made.refused is None and common(made.evidence.placed[0], (40, 120, 220, 260)) == 0
    full = relation_change.edit(
        picture, step, known("phone", [(90, 160, 160, 200)]), context({"table": [(380, 80, 420, 300)]})
    )
    assert "no free place" in (full.refused or "")
    assert carries(read("the table")) and carries(read("the floor")) and not carries(read("the stack of books"))


def test_on_the_books_is_not_on_the_one_that_it_lies_on():
    picture = TABLE.copy()
    picture[140:160, 60:120] = 20
    books = {"books": [(20, 100, 200, 220), (240, 140, 400, 260)]}
    step = read_step(Step(type=EditType.RELATION_CHANGE, instruction="t", target="pen", where=Where(relation=Relation.ON, anchor="books")))  # fmt: skip
    made = relation_change.edit(picture, step, known("pen", [(60, 140, 120, 160)]), context(books))
    assert made.refused is None and made.evidence.placed[0][0] >= 240


def test_what_stands_about_a_thing_is_neither_it_nor_its_table():
    cup, table, laptop = (180, 120, 260, 200), (0, 60, 420, 300), (20, 80, 140, 220)
    assert standing_about([cup, table, laptop], cup, (420, 300)) == (laptop,)
    saucer = (170, 170, 270, 215)
    assert laptop in standing_about([laptop, saucer], cup, (420, 300))


def test_two_that_touch_are_two_where_the_detector_sees_two():
    one, two = (60, 100, 150, 200), (140, 100, 230, 200)
    both = known("bird", [(60, 100, 230, 200)])
    things = {"birds": [one, two]}
    apart = counting._as_one(TABLE, both, context(things, [one, two]))
    assert apart.boxes == (one, two)
    assert counting._as_one(TABLE, both, context(things, [(60, 100, 230, 200)])) is both
    many = known("birds", [one, two])
    assert counting._as_one(TABLE, many, context({"bird": [(60, 100, 230, 200)]}, [one, two])) is many


def test_who_stands_before_a_mountain_stays_as_he_is_when_it_grows():
    picture = TABLE.copy()
    picture[60:160, 100:300] = (90, 90, 120)
    man = (190, 100, 220, 290)
    picture[man[1] : man[3], man[0] : man[2]] = (200, 30, 30)
    things = {"person": [man]}
    step = read_step(Step(type=EditType.RESIZE, instruction="t", target="mountain"))
    made = resize.edit(picture, step, known("mountain", [(100, 60, 300, 160)]), context(things))
    assert made.refused is None
    assert np.array_equal(made.picture[man[1] : man[3], man[0] : man[2]], picture[man[1] : man[3], man[0] : man[2]])
    assert (made.picture[:, :185, 0] < 190).all() and (made.picture[:, 225:, 0] < 190).all(), "and there is one of him"


def test_a_piece_without_another_thing_ends_at_its_rim():
    cut = Cut(np.zeros((50, 50, 3), np.uint8), np.full((50, 50), 255, np.uint8), np.full((50, 50), 255, np.uint8), (0, 0, 50, 50))  # fmt: skip
    other = known("man", [(20, 20, 40, 60)]).mask
    rest = without(cut, other)
    assert rest.alpha[30, 30] == 0 == rest.alpha[30, 18] and rest.alpha[5, 5] == 255


def test_a_flock_flies_one_way_and_not_in_a_file():
    bird = Cutout("bird", np.full((30, 40, 4), 255, np.uint8), 0.25, "air")
    spots = find_spots(
        TABLE, Placement(bird, Where(relation=Relation.ON, anchor=read("sky")), 5), context({"sky": [(0, 0, 420, 200)]})
    )
    assert not isinstance(spots, str) and len(spots) == 5 and not any(spot.mirrored for spot in spots)
    middles = np.array([(spot.box[0] + spot.box[2]) / 2 for spot in spots])
    assert np.ptp(middles) > 50 and max(spot.box[3] - spot.box[1] for spot in spots) < 60


@pytest.mark.parametrize(
    ("name", "longest"), [("banana", 0.25), ("bowl", 0.3), ("keys", 0.15), ("steak", 0.3), ("hot dog", 0.25)]
)
def test_what_lies_is_no_longer_than_such_a_thing(name, longest):
    cutout = find(name, ENCODERS, None)
    assert cutout is not None and cutout.size_m is not None
    rows, columns = cutout.pixels.shape[:2]
    assert cutout.size_m * max(columns / rows, 1) < longest
