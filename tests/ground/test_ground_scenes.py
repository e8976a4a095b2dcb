"""Phrases on real photographs that ship with scikit-image; boxes drawn by hand."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from skimage import data

from pixwright.encoders.bundle import Encoders
from pixwright.ground import from_mask, ground, ground_step, look
from pixwright.ground.grounder import SURE
from pixwright.ground.segment import _walk
from pixwright.ground.unnamed import class_vectors
from pixwright.records.kind import EditType
from pixwright.records.plan import Step


@pytest.fixture(scope="module")
def encoders():
    return Encoders()


@pytest.fixture(scope="module")
def scenes(encoders):
    names = ("chelsea", "coffee", "astronaut", "rocket")
    return {name: look(np.ascontiguousarray(getattr(data, name)()[..., :3]), encoders) for name in names}


def overlap(a, b):
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(tall, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@pytest.mark.parametrize(
    ("name", "phrase", "box"),
    [
        ("chelsea", "cat", (0, 0, 400, 300)),
        ("coffee", "the cup", (172, 17, 400, 312)),
        ("astronaut", "helmet", (280, 343, 512, 512)),
        ("astronaut", "rocket", (352, 0, 460, 285)),
        ("astronaut", "the woman", (25, 10, 375, 512)),
        ("astronaut", "face", (180, 60, 275, 190)),
        ("rocket", "rocket", (308, 125, 335, 408)),
    ],
)
def test_finds_what_is_there(scenes, encoders, name, phrase, box):
    region = ground(scenes[name], phrase, encoders)
    assert region.found and region.score >= SURE, region.note
    assert overlap(region.boxes[0], box) >= 0.5, region.boxes


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("chelsea", "dog"),
        ("coffee", "horse"),
        ("astronaut", "pizza"),
        ("rocket", "elephant"),
        ("chelsea", "the car"),
        ("coffee", "bicycle"),
    ],
)
def test_abstains_from_what_is_not_there(scenes, encoders, name, phrase):
    region = ground(scenes[name], phrase, encoders)
    assert not region.found and region.score < SURE and not region.boxes
    assert "--box X0,Y0,X1,Y1" in region.note and phrase in region.note


def test_background_and_foreground_share_the_picture(scenes, encoders):
    front, back = (ground(scenes["coffee"], p, encoders).mask.astype(int) for p in ("foreground", "background"))
    assert np.abs(front + back - 255).mean() < 20


def test_everything_but_is_the_rest(scenes, encoders):
    thing = ground(scenes["coffee"], "cup", encoders).mask.astype(int)
    rest = ground(scenes["coffee"], "everything except the cup", encoders).mask.astype(int)
    assert np.abs(thing + rest - 255).mean() < 12


def test_regions_are_consistent(scenes, encoders):
    region = ground(scenes["astronaut"], "the woman", encoders)
    assert region.labels.shape == region.mask.shape == (512, 512)
    assert ((region.labels > 0) == (region.mask > 0)).all()
    x0, y0, x1, y1 = region.boxes[0]
    solid = region.mask > 127
    assert solid[:, x0:x1][y0:y1].sum() == solid.sum()


def test_same_answer_every_time(encoders):
    picture = data.chelsea()
    first, second = (ground(picture, "cat", encoders) for _ in range(2))
    assert (first.mask == second.mask).all() and first.score == second.score


def test_twelve_megapixels(encoders):
    large = cv2.resize(data.chelsea(), (4242, 2828))
    start = time.process_time()
    region = ground(large, "cat", encoders)
    assert region.found and region.mask.shape == (2828, 4242)
    assert time.process_time() - start < 12


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("size", [(7, 9), (1, 40)])
def test_tiny_pictures_do_not_break(encoders, size):
    picture = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    for phrase in ("dog", "sky", "the red thing on the left", "eye"):
        assert ground(picture, phrase, encoders).mask.shape == size


def test_steps(scenes, encoders):
    scene = scenes["coffee"]
    mine = from_mask(np.full((400, 600), 255, np.uint8))
    add = Step(type=EditType.ADD, instruction="add a dog", value="dog")
    assert ground_step(scene, add, encoders, None).source == "none"
    assert ground_step(scene, add, encoders, mine) is mine
    tone = Step(type=EditType.TONE_TRANSFER, instruction="make it warm", value="warm")
    assert ground_step(scene, tone, encoders, None).source == "whole"
    back = Step(type=EditType.BACKGROUND_CHANGE, instruction="change the background", value="beach")
    assert ground_step(scene, back, encoders, None).phrase == "background"


def test_a_saucer_is_not_its_cup(scenes, encoders):
    saucer, cup = (ground(scenes["coffee"], p, encoders) for p in ("saucer", "cup"))
    assert overlap(saucer.boxes[0], (77, 70, 480, 390)) > 0.7
    assert np.minimum(saucer.mask, cup.mask).mean() < 0.1 * cup.mask.mean()


def test_a_sky_goes_down_to_the_horizon(scenes, encoders):
    sky = ground(scenes["rocket"], "sky", encoders).mask > 127
    assert sky[:320, 380:440].mean() > 0.95 and sky[400:].mean() < 0.3
    assert not (sky & (ground(scenes["rocket"], "rocket", encoders).mask > 127))[200:380].any(1).all()


def test_both_eyes_of_a_cat(scenes, encoders):
    boxes = sorted(ground(scenes["chelsea"], "the eyes", encoders).boxes)
    assert len(boxes) == 2
    assert overlap(boxes[0], (134, 85, 207, 148)) > 0.5 and overlap(boxes[1], (293, 110, 342, 164)) > 0.5


def test_the_walk_solves_its_system(scenes):
    pieces = scenes["coffee"].pieces
    rng = np.random.default_rng(0)
    n = len(pieces.area)
    odds, trust = rng.random(n).astype(np.float32), (0.05 + rng.random(n)).astype(np.float32)
    near, weight, degree = pieces.links
    system = np.diag(degree + trust * pieces.area / pieces.area.mean()).astype(np.float64)
    np.subtract.at(system, (np.repeat(np.arange(n), near.shape[1]), near.ravel()), weight.ravel())
    exact = np.linalg.solve(system, trust * pieces.area / pieces.area.mean() * odds)
    assert np.abs(_walk(pieces, odds, trust) - exact).max() < 0.01


def test_words_no_table_knows_are_looked_for_by_likeness(scenes, encoders):
    vectors = class_vectors()
    assert vectors.shape == (1000, 384)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-2
    assert not ground(scenes["coffee"], "zorbulator", encoders).found


def test_a_flag_is_found_behind_a_person(scenes, encoders):
    region = ground(scenes["astronaut"], "flag", encoders)
    assert overlap(region.boxes[0], (0, 0, 112, 512)) > 0.5
