"""Outlines of plain surfaces that are drawn here, with pieces left out and added."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import encoders, iou, photo

from pixwright.ground import ground_step, see
from pixwright.ground.fitted import completing
from pixwright.ground.fitted.completing import completed, measures, network
from pixwright.ground.geometry import frame_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import read

SIZE = (288, 400)


def scene_of(thing=(90, 120, 150), around=(205, 200, 190)):
    """A thing of one colour, lit from the left, before a wall and on a floor; and its outline."""
    draw = np.random.default_rng(1)
    pixels = np.empty((*SIZE, 3), np.float32)
    pixels[:] = around
    pixels[200:] = (150, 120, 90)
    truth = np.zeros(SIZE, np.float32)
    cv2.rectangle(truth, (90, 90), (310, 240), 1, -1)
    light = np.linspace(1.1, 0.7, SIZE[1], dtype=np.float32)[None, :, None]
    pixels = np.where(truth[..., None] > 0, np.float32(thing) * light, pixels) + draw.normal(0, 3, (*SIZE, 1))
    scene = see(np.clip(pixels, 0, 255).astype(np.uint8), encoders())
    return scene, np.asarray(cv2.resize(truth, scene.shape[::-1]), np.float32)


@pytest.fixture(scope="module")
def sofa():
    return scene_of()


def test_the_network_fits_the_measures(sofa):
    scene, truth = sofa
    seen = measures(scene, truth, frame_of(truth), 0.8)
    fitted = network()
    assert seen.shape == (len(scene.pieces.area), len(fitted["mean"])) and np.isfinite(seen).all()
    assert np.abs(seen).max() <= completing.MOST
    assert fitted["first"].shape[1] == len(fitted["first_bias"]) == len(fitted["second"])


def test_colours_in_shade_are_the_things(sofa):
    """By chroma over lightness the dark side of a thing is as much of it as the light one, and the wall is none of it."""
    scene, truth = sofa
    seen = measures(scene, truth, frame_of(truth), 0.8)
    was = scene.pieces.mean(truth)
    assert np.median(seen[was > 0.9, 0]) > 1 > -1 > np.median(seen[(was < 0.1) & (seen[:, 15] > -0.3), 0])


def test_what_is_left_out_is_added(sofa):
    scene, truth = sofa
    mask = truth.copy()
    height, width = scene.shape
    mask[round(0.62 * height) :, round(0.5 * width) :] = 0
    found = completed(scene, mask, frame_of(mask), 0.8)
    assert found is not None
    whole, changed = found
    assert iou(whole, truth) > iou(mask, truth) + 0.08 and changed.any()
    assert (np.abs(whole - mask)[changed == 0] == 0).all()


def test_what_is_right_is_hardly_changed(sofa):
    scene, truth = sofa
    found = completed(scene, truth, frame_of(truth), 0.8)
    assert found is None or iou(found[0], truth) > 0.95


def test_a_speck_is_left_as_it_is(sofa):
    scene, truth = sofa
    speck = np.zeros_like(truth)
    speck[10:15, 10:15] = 1
    assert completed(scene, speck, frame_of(speck), 0.8) is None


def test_surfaces_are_completed_and_what_is_taken_away_is_not(monkeypatch):
    """Colours and materials are said of the whole surface; the user's own region, several things and parts stay as they are."""
    scene = photo("chelsea")
    asked = []
    monkeypatch.setattr("pixwright.ground.grounder.completed", lambda *given: asked.append(given) or None)

    def ask(kind, words, value=None):
        ground_step(scene, Step(type=kind, instruction="", target=read(words), value=value), encoders())
        return len(asked)

    assert ask(EditType.REMOVE, "the cat") == 0 and ask(EditType.COLOR_ALTER, "the cat's eyes", "blue") == 0
    assert ask(EditType.COLOR_ALTER, "the cat", "white") == 1
    assert ask(EditType.MATERIAL_CHANGE, "the cat", "stone") == 2


def test_a_completed_region_is_one_of_the_pictures_size(monkeypatch):
    scene = photo("chelsea")
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=read("the cat"), value="white")

    def more(scene, mask, box, score):
        changed = np.zeros_like(mask)
        changed[:40, :40] = 1
        return np.maximum(mask, changed), changed

    before = ground_step(scene, Step(type=EditType.REMOVE, instruction="", target=read("the cat")), encoders())
    monkeypatch.setattr("pixwright.ground.grounder.completed", more)
    after = ground_step(scene, step, encoders())
    assert after.mask.shape == before.mask.shape and after.mask[:20, :20].min() > 200
    rest = np.s_[120:, 120:]
    assert (after.mask[rest] == before.mask[rest]).all()
    assert after.labels is not None and (after.labels[after.mask > 127] == 1).all() and after.boxes[0][:2] == (0, 0)
