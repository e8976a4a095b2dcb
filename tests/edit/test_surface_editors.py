"""Colour, appearance, material, material transfer and text: what they promise on every size, and that they do what they say."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright import words
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import appearance_alter as appearance
from pixwright.edit.editors import color_alter as color
from pixwright.edit.editors import material_change as material
from pixwright.edit.editors import textual_change as textual
from pixwright.edit.editors.visual import material_transfer
from pixwright.edit.surfaces.surface import to_lab
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Lettering, Relation, Step, Where
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import APPEARANCES, COLOURS, MATERIALS
from pixwright.words.colours import rgb as named_colour

ENCODERS = Encoders()
REFERENCE = PictureAttachment("gravel.png", np.dstack([skimage.data.gravel()] * 3))


def nothing(picture, phrase):
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, phrase)


def context(*attachments):
    return Context(7, ENCODERS, nothing, attachments)


def step(kind, value, **more):
    return Step(type=kind, instruction="", target="thing", value=value, **more)


def disc(height, width):
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (max(width // 3, 1), max(height // 3, 1)), 0, 0, 360, 255, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.5)
    ys, xs = np.nonzero(mask)
    return Region(mask, ((int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1),), 0.9, "thing")


def photograph(height, width):
    return cv2.resize(skimage.data.astronaut(), (width, height), interpolation=cv2.INTER_AREA)


CASES = (
    [(color, EditType.COLOR_ALTER, v) for v in ("red", "black", "white", "dark blue")]
    + [(appearance, EditType.APPEARANCE_ALTER, v) for v in APPEARANCES]
    + [(material, EditType.MATERIAL_CHANGE, v) for v in MATERIALS]
    + [(material_transfer, EditType.MATERIAL_TRANSFER, "x")]
)


@pytest.mark.parametrize(("editor", "kind", "value"), CASES, ids=[f"{k}-{v}" for _, k, v in CASES])
def test_every_value_changes_the_inside_and_nothing_else(editor, kind, value):
    before = photograph(101, 67)
    kept = before.copy()
    region = disc(101, 67)
    more = {"reference": 1} if kind is EditType.MATERIAL_TRANSFER else {}
    proposal = editor.edit(before, step(kind, value, **more), region, context(REFERENCE))
    assert proposal.refused is None
    after, mask = composite(before, proposal)
    assert np.array_equal(before, kept), "the input was written to"
    assert after.shape == before.shape and after.dtype == np.uint8
    assert np.array_equal(after[mask == 0], before[mask == 0])
    inside = region.mask > 200
    assert np.abs(after.astype(int) - before)[inside].mean() > 1.0
    again = editor.edit(before, step(kind, value, **more), region, context(REFERENCE))
    assert np.array_equal(again.picture, proposal.picture), "not reproducible"


@settings(max_examples=12, deadline=None)
@given(
    st.integers(9, 90),
    st.integers(9, 90),
    st.sampled_from(["striped", "old", "burnt", "glowing"]),
    st.sampled_from(["wood", "gold", "glass"]),
)
def test_odd_sizes(height, width, look, stuff):
    before, region = photograph(height, width), disc(height, width)
    for editor, kind, value in (
        (color, EditType.COLOR_ALTER, "green"),
        (appearance, EditType.APPEARANCE_ALTER, look),
        (material, EditType.MATERIAL_CHANGE, stuff),
    ):
        proposal = editor.edit(before, step(kind, value), region, context())
        after, mask = composite(before, proposal)
        assert after.shape == before.shape
        assert np.array_equal(after[mask == 0], before[mask == 0])


@pytest.mark.parametrize("name", sorted(COLOURS))
def test_a_named_colour_is_reached(name):
    before = photograph(120, 120)
    region = disc(120, 120)
    proposal = color.edit(before, step(EditType.COLOR_ALTER, name), region, context())
    after, inside = proposal.picture, proposal.mask > 250
    goal = to_lab(np.array([[COLOURS[name]]], np.uint8))[0, 0]
    median = np.median(to_lab(after)[inside], axis=0)
    # A saturated colour leaves sRGB in deep shade, and this picture is half black: a quarter of the chroma may be lost.
    assert np.linalg.norm((median - goal)[1:]) < 25, (median, goal)


def test_shading_survives_a_new_colour():
    before, region = photograph(160, 160), disc(160, 160)
    after = color.edit(before, step(EditType.COLOR_ALTER, "blue"), region, context()).picture
    inside = region.mask > 250
    assert np.corrcoef(to_lab(before)[inside][:, 0], to_lab(after)[inside][:, 0])[0, 1] > 0.95


@pytest.mark.parametrize(
    ("editor", "kind"),
    [(color, EditType.COLOR_ALTER), (appearance, EditType.APPEARANCE_ALTER), (material, EditType.MATERIAL_CHANGE)],
)
def test_an_unknown_value_is_refused_by_name(editor, kind):
    proposal = editor.edit(photograph(40, 40), step(kind, "flurbish"), disc(40, 40), context())
    assert "flurbish" in proposal.refused
    assert not proposal.mask.any()


def test_every_word_of_the_vocabulary_is_known():
    assert set(material.SUBSTANCES) >= set(MATERIALS)
    assert all(named_colour(name) for name in COLOURS)
    assert named_colour("dark red") != named_colour("red") and named_colour("#102030") == (16, 32, 48)
    assert named_colour("#10203") is None and named_colour("dark thing") is None


def test_a_sound_is_no_material():
    proposal = material_transfer.edit(
        photograph(40, 40), step(EditType.MATERIAL_TRANSFER, None, reference=2), disc(40, 40), context(REFERENCE)
    )
    assert "[2]" in proposal.refused


def test_a_fleck_in_a_close_up_is_not_the_material():
    fleck = np.zeros((60, 60), np.uint8)
    fleck[20:34, 20:34] = 255
    close_up = PictureAttachment("wood.png", photograph(60, 60))
    sees = replace(context(close_up), ground=lambda picture, phrase: Region(fleck, ((20, 20, 34, 34),), 0.9, phrase))
    transfer = step(EditType.MATERIAL_TRANSFER, None, reference=1)
    proposal = material_transfer.edit(photograph(80, 80), transfer, disc(80, 80), sees)
    assert proposal.refused is None and proposal.mask.any()


def sign(words, size=(220, 640)):
    picture = np.full((*size, 3), (150, 40, 40), np.uint8)
    picture[:] = np.clip(picture + np.random.default_rng(1).normal(0, 3, picture.shape), 0, 255)
    cv2.putText(picture, words, (40, 140), (250, 250, 240), cv2.FontFace("sans"), 72, 650)
    return picture


def read(picture):
    return " ".join(line.text for line in ENCODERS.reader.read(picture))


def test_a_word_is_replaced_and_can_be_read():
    before = sign("SALE today")
    told = step(EditType.TEXTUAL_CHANGE, "OPEN", old_text="SALE")
    proposal = textual.edit(before, told, nothing(before, ""), context())
    after, mask = composite(before, proposal)
    assert read(after).replace(" ", "") == "OPENtoday"
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert proposal.evidence.text == "OPEN"


def test_a_text_is_taken_away():
    before = sign("SALE")
    after, _ = composite(
        before,
        textual.edit(before, step(EditType.TEXTUAL_CHANGE, None, old_text="SALE"), nothing(before, ""), context()),
    )
    assert read(after) == ""
    assert np.abs(after.astype(int) - (150, 40, 40)).max() < 60


def test_a_text_that_is_not_there_is_refused_with_what_is():
    before = sign("SALE")
    proposal = textual.edit(
        before, step(EditType.TEXTUAL_CHANGE, "x", old_text="ZEBRA"), nothing(before, ""), context()
    )
    assert "ZEBRA" in proposal.refused and "SALE" in proposal.refused


def texted(before, words, value, **more):
    """What is left to be read, the picture and the proposal."""
    told = Step(type=EditType.TEXTUAL_CHANGE, instruction=words, value=value, **more)
    proposal = textual.edit(before, told, nothing(before, ""), context())
    assert proposal.refused is None, proposal.refused
    after, mask = composite(before, proposal)
    assert np.array_equal(after[mask == 0], before[mask == 0])
    return read(after), after, proposal


def stamped(words="12:45", colour=(240, 200, 90)):
    picture = photograph(420, 600).copy()
    cv2.putText(picture, words, (480, 400), colour, cv2.FontFace("sans"), 28, 400)
    return picture


def test_without_an_old_text_writing_adds_and_nothing_is_replaced():
    said, _, proposal = texted(sign("SALE"), 'write "today" in red', "today", lettering=Lettering(colour="yellow"))
    assert "SALE" in said and "today" in said
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert x1 - x0 > y1 - y0 and proposal.added is Origin.DRAWN
    assert {c.name for c in proposal.controls} == {"text_size", "text_x", "text_y"}


def test_colour_and_size_of_added_text_are_those_that_were_said():
    plain = np.full((300, 400, 3), 120, np.uint8)
    where = Where(relation=Relation.BOTTOM)
    heights = []
    for size in ("small", None, "large"):
        _, after, proposal = texted(
            plain, 'add "Hey"', "Hey", where=where, lettering=Lettering(colour="yellow", size=size)
        )
        x0, y0, x1, y1 = proposal.evidence.placed[0]
        heights.append(y1 - y0)
        r, g, b = np.percentile(after[y0:y1, x0:x1].reshape(-1, 3), 90, axis=0)
        assert r > 200 and g > 170 and b < 120 and y0 > 150
    assert heights[0] < heights[1] < heights[2]


def test_a_control_moves_added_text():
    plain = np.full((300, 400, 3), 120, np.uint8)
    told = Step(type=EditType.TEXTUAL_CHANGE, instruction='add "Hey"', value="Hey")
    moved = replace(context(), controls={"text_x": 20.0, "text_y": 20.0, "text_size": 8.0})
    x0, y0, x1, y1 = textual.edit(plain, told, nothing(plain, ""), moved).evidence.placed[0]
    assert abs((x0 + x1) / 2 - 80) < 3 and abs((y0 + y1) / 2 - 60) < 3 and y1 - y0 < 30


@pytest.mark.parametrize("words", ["remove the time in the corner", "remove the text", "get rid of the date stamp"])
def test_a_stamp_is_read_and_filled(words):
    before = stamped()
    assert "12:45" in read(before[280:])
    _, after, _ = texted(before, words, None)
    assert "12:45" not in read(after[280:])
    assert np.abs(after.astype(int) - photograph(420, 600)).mean() < 1.5


def test_what_a_thing_says_is_changed_and_a_wish_to_write_adds():
    here = Region(np.full((220, 640), 255, np.uint8), ((0, 0, 640, 220),), 0.9, "sign", source="phrase")
    on_sign = replace(context(), ground=lambda picture, phrase: here)
    before = sign("SALE")
    changed, added = (
        composite(
            before,
            textual.edit(
                before,
                Step(type=EditType.TEXTUAL_CHANGE, instruction=words, target="sign", value="OPEN"),
                nothing(before, ""),
                on_sign,
            ),
        )[0]
        for words in ('make the sign say "OPEN"', 'write "OPEN" on the sign')
    )
    assert read(changed) == "OPEN"
    assert {"SALE", "OPEN"} <= set(read(added).split())


def test_text_on_a_thing_that_is_not_there_is_refused():
    told = Step(type=EditType.TEXTUAL_CHANGE, instruction='write "A" on the boat', target="boat", value="A")
    assert "boat" in textual.edit(sign("SALE"), told, nothing(sign("SALE"), ""), context()).refused


def painted_eye(wide, high):
    """A brown iris with a dark pupil, 60 px across, in a white almond of that size in skin; the picture, and the almond's mask."""
    picture = np.full((160, 260, 3), (214, 170, 146), np.uint8)
    mask = np.zeros((160, 260), np.uint8)
    cv2.ellipse(mask, (130, 80), (wide // 2, high // 2), 0, 0, 360, 255, -1)
    iris, pupil = np.zeros_like(mask), np.zeros_like(mask)
    cv2.circle(iris, (130, 80), 30, 255, -1)
    cv2.circle(pupil, (130, 80), 12, 255, -1)
    picture[mask > 0] = (236, 232, 228)
    picture[(iris > 0) & (mask > 0)] = (112, 74, 48)
    picture[pupil > 0] = (18, 14, 14)
    return picture, mask, (iris > 0) & (pupil == 0) & (mask > 0), pupil > 0


@pytest.mark.parametrize(("wide", "high"), [(170, 70), (60, 60)])
def test_of_eyes_the_irises_are_dyed(wide, high):
    picture, mask, iris, pupil = painted_eye(wide, high)
    region = Region(mask, ((130 - wide // 2, 80 - high // 2, 130 + wide // 2, 80 + high // 2),), 1.0, "her eyes")
    step = Step(type=EditType.COLOR_ALTER, instruction="blue eyes", target=words.read("her eyes"), value="blue")
    after, _ = composite(picture, color.edit(picture, step, region, context()))
    red, _, blue = after[iris].mean(axis=0)
    assert blue > red + 20 and blue < 220, "blue as an eye is, and not as a flag is"
    assert np.abs(after[pupil].astype(int) - picture[pupil]).mean() < 12
    white = (mask > 0) & ~cv2.dilate((iris | pupil).astype(np.uint8), np.ones((13, 13))).astype(bool)
    if white.any():
        assert np.abs(after[white].astype(int) - picture[white]).mean() < 4
