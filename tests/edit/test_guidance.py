"""Guidance pictures: what was drawn is read back, the words' own edit happens there, and what cannot be read is refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors.visual import bbox as visual_bbox
from pixwright.edit.editors.visual import depth as visual_depth
from pixwright.edit.editors.visual import scribble as visual_scribble
from pixwright.edit.editors.visual import segment as visual_segment
from pixwright.edit.editors.visual.depth import read_depth
from pixwright.edit.editors.visual.guidance import derive, outline_area, read, rectangle, region_of
from pixwright.edit.editors.visual.segment import read_segments
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region

ENCODERS = Encoders()
PICTURE = np.ascontiguousarray(data.coffee())
HEIGHT, WIDTH = PICTURE.shape[:2]


def nothing(picture, phrase=""):
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, phrase, "none")


def context(guide, seed=0):
    return Context(seed, ENCODERS, nothing, (PictureAttachment("guide.png", guide),))


def step(kind, **more):
    return Step(type=kind, instruction="test", **more)


def run(module, kind, guide, picture=PICTURE, **more):
    proposal = module.edit(picture, step(kind, reference=1, **more), nothing(picture), context(guide))
    after, mask = composite(picture, proposal)
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    return proposal, after, mask


@settings(max_examples=15, deadline=None)
@given(
    x=st.integers(5, 200), y=st.integers(5, 150), wide=st.integers(30, 300), tall=st.integers(30, 200),
    line=st.sampled_from([-1, 2, 4]), over=st.booleans(),
)  # fmt: skip
def test_a_drawn_rectangle_is_read_back(x, y, wide, tall, line, over):
    guide = PICTURE.copy() if over else np.full_like(PICTURE, 255)
    cv2.rectangle(guide, (x, y), (x + wide, y + tall), (255, 0, 0), line)
    box = rectangle(guide, PICTURE)
    assert isinstance(box, tuple), box
    assert np.abs(np.array(box) - (x, y, x + wide, y + tall)).max() <= 6


def test_what_is_no_rectangle_is_refused():
    circle = np.full_like(PICTURE, 255)
    cv2.circle(circle, (300, 200), 90, (255, 0, 0), 4)
    assert isinstance(rectangle(circle, PICTURE), str)
    assert isinstance(rectangle(PICTURE, PICTURE), str)


def test_shapes_that_do_not_fit_and_missing_guidance_are_refused():
    assert "shapes differ" in str(
        read(step(EditType.VISUAL_BBOX), PICTURE.shape, context(np.zeros((400, 400, 3), np.uint8)))
    )
    assert "attach" in str(read(step(EditType.VISUAL_BBOX), PICTURE.shape, Context(0, ENCODERS, nothing)))
    half = read(step(EditType.VISUAL_BBOX), PICTURE.shape, context(PICTURE[::2, ::2].copy()))
    assert not isinstance(half, str) and half.shape == PICTURE.shape


@pytest.mark.parametrize("gap", [0.0, 0.03])
def test_an_outline_is_filled(gap):
    angles = np.linspace(0, 2 * np.pi * (1 - gap), 80)
    points = np.stack([300 + 120 * np.cos(angles), 200 + 90 * np.sin(angles)], 1).astype(np.int32)
    guide = np.full_like(PICTURE, 255)
    cv2.polylines(guide, [points], False, (0, 0, 0), 4)
    area = outline_area(guide, PICTURE)
    assert not isinstance(area, str)
    truth = cv2.ellipse(np.zeros((HEIGHT, WIDTH), np.uint8), (300, 200), (120, 90), 0, 0, 360, 255, -1)
    assert ((area > 0) & (truth > 0)).sum() / ((area > 0) | (truth > 0)).sum() > 0.9
    assert isinstance(outline_area(np.full_like(PICTURE, 255), PICTURE), str)


def test_words_name_the_ordinary_edit():
    def kind(value, target=None):
        return derive(step(EditType.VISUAL_SCRIBBLE, value=value, target=target)).type

    assert kind("red", "the cup") == EditType.COLOR_ALTER and kind("wood") == EditType.MATERIAL_CHANGE
    assert kind("a dog") == EditType.ADD and kind("a dog", "the cat") == EditType.REPLACE
    assert kind(None, "the cat") == EditType.REMOVE and kind("fog") == EditType.TONE_TRANSFER


def test_a_thing_goes_into_the_box_and_a_colour_into_the_outline():
    guide = PICTURE.copy()
    cv2.rectangle(guide, (440, 250), (590, 390), (255, 0, 0), 3)
    proposal, _, _ = run(visual_bbox, EditType.VISUAL_BBOX, guide, value="an apple")
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert x0 >= 436 and y0 >= 246 and x1 <= 594 and y1 <= 394
    outline = np.full_like(PICTURE, 255)
    cv2.rectangle(outline, (20, 20), (120, 150), (0, 0, 0), 4)
    _, after, mask = run(visual_scribble, EditType.VISUAL_SCRIBBLE, outline, value="blue")
    ys, xs = np.nonzero(mask)
    assert xs.min() >= 14 and xs.max() <= 126 and ys.max() <= 156
    inside = after[40:130, 40:100].reshape(-1, 3).mean(axis=0)
    assert inside[2] > inside[0]


def test_a_cutout_takes_the_drawn_shape():
    guide = np.full_like(PICTURE, 255)
    cv2.ellipse(guide, (120, 200), (60, 110), 0, 0, 360, (0, 0, 0), 3)
    proposal, _, _ = run(visual_scribble, EditType.VISUAL_SCRIBBLE, guide, value="a balloon")
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert abs(x0 - 60) < 25 and abs(x1 - 180) < 25 and abs(y1 - 310) < 12 and y0 < 150


def test_a_label_map_names_the_place():
    guide = np.full_like(PICTURE, (120, 120, 120))
    guide[250:390, 400:590] = (0, 102, 200)  # ADE20K's car
    labels, palette = read_segments(guide)
    assert len(palette) == 2 and len(np.unique(labels)) == 2
    proposal, _, _ = run(visual_segment, EditType.VISUAL_SEGMENT, guide, value="a car")
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert x0 >= 390 and x1 <= 600 and y0 >= 240 and y1 <= 394
    assert isinstance(read_segments(PICTURE), str)


def test_depth_hides_what_is_farther():
    near = np.repeat(np.linspace(0, 200, HEIGHT).astype(np.uint8)[:, None], WIDTH, 1)
    near[:, 250:350] = 255
    guide = np.dstack([near] * 3)
    place = Where(relation=Relation.CENTER)
    proposal, after, _ = run(visual_depth, EditType.VISUAL_DEPTH, guide, value="an elephant", where=place)
    x0, _, x1, _ = proposal.evidence.placed[0]
    assert x0 < 350 and x1 > 250
    assert np.array_equal(after[:, 260:340], PICTURE[:, 260:340])
    assert isinstance(read_depth(np.full_like(PICTURE, 90)), str)


@settings(max_examples=10, deadline=None)
@given(st.integers(3, 80), st.integers(3, 80), st.integers(0, 9))
def test_regions_hold_their_masks(height, width, seed):
    mask = np.where(np.random.default_rng(seed).random((height, width)) > 0.5, 255, 0).astype(np.uint8)
    region = region_of(mask, "x")
    assert region.labels is not None and int(region.labels.max()) == len(region.boxes)
    for index, (x0, y0, x1, y1) in enumerate(region.boxes):
        ys, xs = np.nonzero(region.labels == index + 1)
        assert (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) == (x0, y0, x1, y1)
