"""Which of several is meant: each rule, with masks that are made."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import block, planted

from pixwright.ground.choose import LEAST_TIE, choose, standing, whole_ones, without_groups
from pixwright.ground.instance import Instance
from pixwright.words import read

PICTURE = np.full((512, 512, 3), 128, np.uint8)
SCENE = planted(PICTURE)


def box(x0, y0, x1, y1, score=0.9):
    """Sides in hundredths of the picture."""
    return block(*(round(5.12 * v) for v in (x0, y0, x1, y1)), score, (512, 512))


def row():
    """Four of one size, from left to right."""
    return [box(x, 40, x + 12, 60) for x in (5, 30, 55, 80)]


def chosen(phrase, found, anchors=(), scene=SCENE):
    """The places in `found` of those that the phrase means."""
    choice = choose(scene, found, read(phrase), anchors)
    return [next(i for i, one in enumerate(found) if one.mask is each.mask) for each in choice.found]


def painted(colours):
    """A scene whose places of `row` have these colours."""
    picture = PICTURE.copy()
    for one, colour in zip(row(), colours, strict=True):
        picture[one.solid] = colour
    return planted(picture)


RED, BLUE, GREEN = (210, 30, 30), (30, 60, 220), (30, 150, 50)


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [("the red cup", [1]), ("the blue cups", [0, 2]), ("the green cup", [3]), ("red and green cups", [1, 3])],
)
def test_colour(phrase, wanted):
    scene = painted([BLUE, RED, BLUE, GREEN])
    assert sorted(chosen(phrase, row(), scene=scene)) == wanted


def test_a_colour_that_nothing_has_makes_doubtful():
    scene = painted([BLUE] * 4)
    right, wrong = (choose(scene, row(), read(f"the {name} cup")) for name in ("blue", "yellow"))
    assert right.doubt == 1 and wrong.doubt <= 0.5 and len(wrong.found) == 1


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("the cup on the left", 0),
        ("the rightmost cup", 3),
        ("the left cup", 0),
        ("the second cup from the left", 1),
        ("the second cup from the right", 2),
        ("the last cup", 3),
        ("the third cup", 2),
    ],
)
def test_place_and_order_in_a_row(phrase, wanted):
    assert chosen(phrase, row()) == [wanted]


def test_order_from_the_top_and_beyond_the_end():
    column = [box(40, y, 60, y + 12) for y in (75, 5, 40)]
    assert chosen("the second cup from the top", column) == [2]
    assert chosen("the top cup", column) == [1] and chosen("the bottom cup", column) == [0]
    beyond = choose(SCENE, column, read("the fifth cup from the left"))
    assert not beyond.found and beyond.doubt == 0 and "only 3" in beyond.note


def test_the_middle_the_front_and_the_back():
    assert chosen("the cup in the middle", [box(5, 5, 15, 15), box(44, 44, 56, 56), box(80, 80, 95, 95)]) == [1]
    depth = [box(40, 30, 46, 38), box(30, 50, 70, 98)]
    assert chosen("the cup in the background", depth) == [0]
    assert chosen("the cup in the foreground", depth) == [1]
    assert chosen("the nearest cup", depth) == [1] and chosen("the farthest cup", depth) == [0]


def test_several_at_a_place_are_those_before_the_widest_gap():
    birds = [box(3, 40, 8, 45), box(80, 40, 85, 45), box(12, 50, 17, 55), box(20, 42, 25, 47)]
    assert sorted(chosen("the birds on the left", birds)) == [0, 2, 3]


def test_several_on_a_side_are_all_of_that_half_however_unevenly_they_stand():
    people = [box(2, 40, 5, 50), box(30, 41, 36, 57), box(37, 44, 40, 52), box(41, 44, 44, 52), box(50, 40, 66, 60)]
    assert sorted(chosen("the birds on the left", people)) == [0, 1, 2, 3]
    assert chosen("the birds on the right", people) == [4]


def test_the_little_one_is_not_the_one_that_is_many_times_as_large():
    frames = [box(18, 46, 46, 88), box(72, 55, 84, 79)]
    assert chosen("the cup", frames) == [0]
    assert chosen("the little cup", frames) == [1] and chosen("the big cup", frames) == [0]


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("the biggest cup", 2),
        ("the smallest cup", 0),
        ("the tallest cup", 1),
        ("the widest cup", 2),
    ],
)
def test_rank_by_size(phrase, wanted):
    assert chosen(phrase, [box(5, 50, 12, 57), box(30, 10, 40, 90), box(50, 30, 95, 60)]) == [wanted]


def test_rank_by_light():
    scene = painted([(90, 90, 90), (240, 240, 240), (10, 10, 10), (128, 128, 128)])
    assert chosen("the brightest cup", row(), scene=scene) == [1]
    assert chosen("the darkest cup", row(), scene=scene) == [2]


def test_one_several_all_and_a_number():
    found = [box(x, 40, x + 12, 60, s) for x, s in ((5, 0.9), (30, 0.8), (55, 0.7), (80, 0.2))]
    assert chosen("the cup", found) == [0]
    assert sorted(chosen("the cups", found)) == sorted(chosen("all the cups", found)) == [0, 1, 2]
    assert sorted(chosen("two cups", found)) == [0, 1]
    assert chosen("the two cups on the right", found) == [2, 1], "the faint one is none of them"
    short = choose(SCENE, found[:1], read("three cups"))
    assert len(short.found) == 1 and short.doubt < 1 and short.note == "1 of 3 found"


def test_a_named_number_takes_fainter_ones_too():
    found = [box(x, 40, x + 12, 60, s) for x, s in ((5, 0.9), (30, 0.3))]
    assert chosen("cups", found) == [0] and sorted(chosen("two cups", found)) == [0, 1]


def test_of_two_as_sure_the_larger_one_is_meant():
    assert chosen("the cup", [box(5, 5, 15, 15), box(40, 40, 90, 90)]) == [1]


def test_relations():
    dog = [box(40, 40, 60, 60)]
    cups = [box(20, 44, 32, 56), box(68, 44, 80, 56), box(44, 20, 56, 34), box(44, 66, 56, 80), box(47, 47, 53, 53)]
    for phrase, wanted in {
        "to the left of": 0,
        "to the right of": 1,
        "above": 2,
        "below": 3,
        "on": 4,
        "in": 4,
    }.items():
        assert chosen(f"the cup {phrase} the dog", cups, [dog])[0] == wanted, phrase


def test_next_to_is_the_nearest_and_between_lies_between():
    cups = [box(2, 44, 10, 56), box(46, 44, 54, 56), box(64, 44, 72, 56)]
    assert chosen("the cup next to the dog", cups, [[box(75, 40, 95, 60)]]) == [2]
    between = [[box(25, 40, 35, 60)], [box(62, 40, 76, 60)]]
    assert chosen("the cup between the dog and the cat", cups, between) == [1]


def test_before_and_behind_go_by_where_they_stand():
    dog = [box(40, 30, 60, 70)]
    cups = [box(36, 40, 44, 55), box(52, 70, 62, 88)]
    assert chosen("the cup behind the dog", cups, [dog]) == [0]
    assert chosen("the cup in front of the dog", cups, [dog]) == [1]


def test_who_has_it():
    men = [box(5, 20, 30, 95), box(60, 20, 90, 95)]
    hat = [box(65, 20, 80, 30)]
    assert chosen("the man with the hat", men, [hat]) == [1]


def test_a_thing_is_not_beside_itself_and_a_lost_anchor_leaves_all():
    cups = row()
    assert chosen("the cup next to the dog", cups, [[cups[1]]])[0] != 1
    assert len(choose(SCENE, cups, read("the cups next to the dog"), [()]).found) == 4
    assert not choose(SCENE, [], read("the cup")).found


def test_fragments_groups_and_specks_are_none():
    one, two = box(5, 5, 40, 40, 0.8), box(50, 50, 90, 90, 0.7)
    double, part = box(5, 5, 40, 39, 0.6), box(10, 10, 20, 20, 0.3)
    group = box(4, 4, 95, 95, 0.6)
    assert whole_ones([part, one, two, double, group]) == [one, two]
    speck = Instance(block(300, 300, 304, 304, shape=(512, 512)).mask, 0.6)
    assert chosen("the cups", [one, two, speck]) == [0, 1]
    assert chosen("the cups", [speck]) == [0], "a speck that is as sure as any counts"


def test_a_thing_with_a_part_that_two_boxes_show_is_no_group():
    boat, part, same = box(5, 5, 90, 60, 0.9), box(10, 10, 60, 50, 0.5), box(12, 11, 59, 50, 0.4)
    assert without_groups([boat, part, same])[0] is boat
    other = box(62, 10, 88, 50, 0.5)
    assert boat not in without_groups([boat, part, same, other])


def test_a_speck_at_the_side_is_not_all_that_is_on_that_side():
    """Of a crowd at the left the one far out at the edge is one; the man in the middle is none."""
    found = [box(1, 40, 3, 44), box(15, 40, 25, 80), box(24, 42, 34, 82), box(60, 30, 75, 95)]
    assert sorted(chosen("the people on the left", found)) == [0, 1, 2]


CORNERS = [
    (0.02, 0.02, 0.2, 0.2),
    (0.8, 0.02, 0.98, 0.2),
    (0.02, 0.8, 0.2, 0.98),
    (0.8, 0.8, 0.98, 0.98),
    (0.42, 0.42, 0.58, 0.58),
]


@pytest.mark.parametrize(
    ("phrase", "best"),
    [
        ("the badge at the bottom left", 2),
        ("the lantern at the top right", 1),
        ("the parcel in the middle", 4),
        ("the kite on the right", 1),
    ],
)
def test_boxes_answer_to_places(phrase, best):
    marks = standing(CORNERS, read(phrase), ())
    assert marks[:, 0].max() == pytest.approx(marks[best, 0]) and not marks[:, 1].any() and (abs(marks) <= 1).all()


@pytest.mark.parametrize(
    ("phrase", "best"),
    [("the parcel under the shelf", 1), ("the jar above the shelf", 0), ("the kettle to the left of the shelf", 2)],
)
def test_boxes_answer_to_a_relation(phrase, best):
    around = [(0.45, 0.2, 0.55, 0.38), (0.45, 0.62, 0.55, 0.8), (0.1, 0.42, 0.3, 0.58)]
    marks = standing(around, read(phrase), [[box(38, 40, 62, 60)]])
    assert marks[:, 1].argmax() == best and marks[:, 1].min() >= LEAST_TIE and not marks[:, 0].any()


def test_without_places_and_relations_all_boxes_stand_alike():
    assert not standing(CORNERS, read("the parcel"), ()).any() and standing([], read("the parcel"), ()).shape == (0, 3)
    assert not standing(CORNERS, read("the parcel on the shelf"), [[]]).any()


def test_who_stands_behind_another_is_no_piece_of_it():
    front, arm = box(0, 5, 99, 100), box(70, 40, 95, 60, 0.6)
    behind = Instance(np.clip(box(72, 10, 98, 45, 0.8).mask, 0, 1), 0.8)
    front = Instance(np.where(behind.mask > 0, 0, front.mask).astype(np.float32), 0.9)
    assert whole_ones([front, behind]) == [front, behind]
    assert whole_ones([front, arm]) == [front]


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("the man on the left", []),
        ("the man at the top", []),
        ("the man on the right", [0]),
        ("the man at the bottom", [0]),
    ],
)
def test_what_lies_in_the_other_half_is_not_meant(phrase, wanted):
    assert chosen(phrase, [box(60, 60, 90, 95)]) == wanted


def test_what_fills_the_picture_is_not_what_is_in_the_background():
    assert chosen("the man in the background", [box(5, 10, 95, 100)]) == []
    assert chosen("the man in the background", [box(5, 10, 95, 100), box(2, 5, 12, 30)]) == [1]
