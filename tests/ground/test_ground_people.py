"""People, their parts and their clothes, colours, order and the detector's boxes; on scikit-image's photographs and on drawn sweets."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.sight import Detection
from pixwright.ground import ground, look
from pixwright.ground.detected import Named, Seen, _fuse, kinds_of, propose_boxes, tidy, without_groups
from pixwright.ground.lexicon import lexicon
from pixwright.ground.phrase import parse_phrase


@pytest.fixture(scope="module")
def encoders():
    return Encoders()


@pytest.fixture(scope="module")
def astronaut(encoders):
    return look(data.astronaut(), encoders)


def overlap(a, b):
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(tall, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@pytest.mark.parametrize(
    ("phrase", "box"),
    [
        ("the woman in the orange suit", (10, 10, 365, 512)),
        ("the woman's face", (180, 60, 275, 190)),
        ("mouth", (203, 142, 250, 165)),
        ("the woman's nose", (213, 105, 240, 145)),
        ("the orange suit", (15, 190, 360, 512)),
        ("hair", (148, 15, 305, 140)),
    ],
)
def test_a_person_and_her_parts(astronaut, encoders, phrase, box):
    region = ground(astronaut, phrase, encoders)
    assert region.found, region.note
    assert overlap(region.boxes[0], box) >= 0.5, region.boxes


def test_two_eyes(astronaut, encoders):
    left, right = sorted(ground(astronaut, "the eyes", encoders).boxes)
    assert overlap(left, (192, 96, 212, 105)) > 0.5 and overlap(right, (237, 98, 260, 107)) > 0.5
    assert ground(astronaut, "the left eye", encoders).boxes == (left,)


@pytest.mark.parametrize("phrase", ["sky", "road", "table", "bird", "the dog", "the green jacket", "the red ball"])
def test_what_the_portrait_does_not_show(astronaut, encoders, phrase):
    assert not ground(astronaut, phrase, encoders).found


@pytest.mark.parametrize("phrase", ["person", "the people", "the face", "hair"])
def test_nobody_is_in_a_cup(encoders, phrase):
    assert not ground(data.coffee(), phrase, encoders).found


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
def test_all_sweets_of_a_colour(encoders, name):
    page, where = sweets()
    region = ground(page, f"the {name} sweets", encoders)
    assert len(region.boxes) == 6
    assert all(max(overlap(box, found) for found in region.boxes) > 0.8 for box in where[name])


def test_a_nouns_kinds():
    assert kinds_of("terrier") == ("dog",) and kinds_of("woman") == ("person",) and kinds_of("mug") == ("cup",)
    assert "vase" not in kinds_of("pumpkin") and not kinds_of("temple")


def test_glasses_are_one_thing_and_sheets_of_paper_are_paper():
    assert lexicon().singular("glasses") == ("glasses", False)
    (query,) = parse_phrase("the sheets of paper")
    assert query.head == "paper" and query.several and query.link is None


def test_looks_are_fused_and_doubtful_alone():
    agreed = [(n, Detection("dog", (0.1, 0.1, 0.5 + 0.01 * n, 0.6), 0.6)) for n in range(3)]
    once = [(0, Detection("cat", (0.6, 0.1, 0.9, 0.6), 0.6))]
    fused = sorted(_fuse(agreed + once, 100, 100), key=lambda s: s.kind)
    assert [s.kind for s in fused] == ["cat", "dog"]
    assert fused[1].score > 1.5 * fused[0].score and 0.5 < fused[1].box[2] < 0.52


def test_a_box_of_all_kinds_and_its_rivals():
    (proposal,) = propose_boxes([Seen("dog", (0, 0, 0.5, 0.5), 0.6), Seen("cat", (0, 0, 0.5, 0.48), 0.3)])
    assert proposal.kinds == {"dog": 0.6, "cat": 0.3} and proposal.of(["dog"]) == 0.6
    assert proposal.of(["cat"]) < 0.1 < proposal.of(["cat"], ["dog"])


def test_groups_and_parts_give_way():
    one, two = Named((0, 0, 0.4, 0.4), 0.8), Named((0.5, 0.5, 0.9, 0.9), 0.7)
    group, part = Named((0, 0, 0.95, 0.95), 0.9), Named((0.1, 0.1, 0.2, 0.2), 0.3)
    assert without_groups([group, one, two]) == [one, two]
    assert tidy([one, part, two]) == [one, two] and tidy([one, part], nested=False) == [one, part]
