"""Things put in, words set and walls covered: what was asked for is what comes, where it was asked, and nothing of the old shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_placing import adding, context, known

from pixwright.edit.editors import add, material_change, textual_change
from pixwright.edit.editors import replace as replacing
from pixwright.edit.editors.visual import style_transfer
from pixwright.edit.filling.backdrop import unmixed
from pixwright.edit.filling.taking import Taken
from pixwright.edit.lettering import adding as texts
from pixwright.edit.lettering.calm import centred
from pixwright.edit.lettering.faces import cut
from pixwright.edit.lettering.stacked import numbers
from pixwright.edit.placing import copies
from pixwright.edit.placing.anchor import Anchor, far_end, find_anchor
from pixwright.edit.placing.library import find
from pixwright.edit.placing.place import Placement, find_spots
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.space import Space, height_at
from pixwright.edit.placing.worn import head_seen, worn_place
from pixwright.edit.surfaces.surface import read_surface
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.reading import TextLine
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Lettering, Relation, Step, Where
from pixwright.records.result import Origin
from pixwright.words import read, read_step
from pixwright.words.naming import number_of

ENCODERS = Encoders()
GREEN = np.full((240, 320, 3), (80, 140, 70), np.uint8)


@pytest.fixture
def shipped_alone(tmp_path, monkeypatch):
    """Nothing that was fetched takes part."""
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(tmp_path))


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("a cup of coffee", "cup of coffee"),
        ("a vase with flowers", "vase of flowers"),
        ("a bowl of fruit", "bowl of fruit"),
        ("a bottle of wine", "bottle of wine"),
    ],
)
def test_a_thing_comes_with_what_it_holds(shipped_alone, phrase, name):
    found = find(phrase, ENCODERS, None)
    assert found is not None and found.name == name and not found.flaw


def test_what_comes_without_its_contents_says_so(shipped_alone):
    found = find("a bowl of soup", ENCODERS, None)
    assert found is not None and "without soup" in found.flaw


def test_a_photograph_of_the_kind_comes_before_a_drawing_that_bears_the_name_beside_its_own(shipped_alone):
    found = find("a kitten", ENCODERS, None)
    assert found is not None and found.origin is Origin.CUTOUTS
    assert found.size_m == pytest.approx(0.17), "a grown cat, as small as a kitten"


@pytest.mark.parametrize(
    ("phrase", "many"),
    [("a few seagulls", 3), ("some birds", 3), ("many birds", 6), ("birds", 3), ("two birds", 2), ("a bird", 1)],
)
def test_a_plural_is_several(phrase, many):
    assert number_of(read(phrase)) == many


def test_a_cut_out_that_shows_several_is_put_once():
    tulips = Cutout("tulips", np.full((40, 30, 4), 255, np.uint8), 0.3, "table")
    placed = add.placement_for(tulips, "tulips", adding(value="tulips"), GREEN, context())
    assert placed.count == 1
    gull = Cutout("seagull", np.full((10, 40, 4), 255, np.uint8), 0.25, "air")
    assert add.placement_for(gull, "a few seagulls", adding(value="a few seagulls"), GREEN, context()).count == 3


def test_a_flat_thing_that_flies_is_as_wide_as_another_is_high():
    grid = np.zeros((10, 10), np.float32)
    space = Space(400, 600, 0.1, grid, grid, grid, 150.0)
    base = np.array([100.0])
    flat, tall = (
        Cutout("bird", np.zeros((rows, columns, 4), np.uint8), 0.25, "air") for rows, columns in ((20, 80), (80, 80))
    )
    high = float(height_at(space, flat, base, 1.0, True)[0])
    assert 4 * high < 1.6 * float(height_at(space, tall, base, 1.0, True)[0])


def test_what_a_cup_holds_is_not_copied_from_any_cup():
    held = {"cup": [(60, 60, 140, 160)], "cup of coffee": [(60, 60, 140, 160)]}
    assert copies.kind_in(GREEN, "a cup", context(held)) is not None
    assert copies.kind_in(GREEN, "a cup of coffee", context(held)) is None


def test_the_end_of_a_pier_is_its_farthest_part_and_an_area():
    mask = np.zeros((240, 320), np.uint8)
    cv2.fillConvexPoly(mask, np.array([(150, 60), (170, 60), (280, 239), (40, 239)], np.int32), 255)
    end = far_end(mask)
    rows, columns = np.nonzero(end)
    assert rows.max() < 60 + 0.25 * 180 and columns.min() > 145 and columns.max() < 175
    assert not (end > mask).any()
    across = np.zeros((240, 320), np.uint8)
    across[100:130, 0:200] = 255
    assert np.nonzero(far_end(across))[1].min() > 150, "the side that the frame does not cut"
    where = Where(relation=Relation.BESIDE, anchor=read("the end of the pier"))
    found = find_anchor(GREEN, where, context({"the pier": [(100, 60, 220, 240)]}))
    assert isinstance(found, Anchor) and found.area and found.box[3] < 120


def test_a_little_crown_is_smaller_and_a_hat_is_seen_whole():
    head = known((240, 320), "the man", [(120, 40, 200, 230)])
    anchor = Anchor(head, head.boxes[0], False, False, 1.8, None, True)
    crown = Cutout("crown", np.full((60, 60, 4), 255, np.uint8), 0.2, "wear")
    usual, little = (worn_place(anchor, 0, crown, None, scale)[0] for scale in (1.0, 0.7))
    assert little[2] - little[0] < 0.8 * (usual[2] - usual[0])
    near = known((240, 320), "the cat", [(60, 4, 260, 239)])
    high = worn_place(Anchor(near, near.boxes[0], False, False, 0.3, None), 0, crown, None)[0]
    assert -high[1] < 0.3 * (high[3] - high[1])


def test_a_hat_is_on_the_head_of_an_animal_that_walks_and_not_on_its_back():
    dog = known((240, 320), "the dog", [(40, 80, 280, 220)])
    anchor = Anchor(dog, dog.boxes[0], False, False, 0.6, None)
    seen = context({"the dog's head": [(230, 84, 276, 130)]})
    head = head_seen(GREEN, read("the dog"), anchor, seen)
    assert head == (230, 84, 276, 130)
    crown = Cutout("crown", np.full((60, 60, 4), 255, np.uint8), 0.2, "wear")
    (x0, _, x1, _), _ = worn_place(anchor, 0, crown, None, head=head)
    assert abs((x0 + x1) / 2 - 253) < 4 and x1 - x0 < 90
    assert head_seen(GREEN, read("the dog"), anchor, context({"the dog's head": [(0, 0, 40, 40)]})) is None, "another's"


def test_on_top_is_on_top_of_what_the_picture_shows():
    cherry = Cutout("cherry", np.full((20, 20, 4), 255, np.uint8), 0.03, "table")
    wanted = adding(value="cherry", where=Where(relation=Relation.ON, anchor=read("the top")))
    placed = add.placement_for(cherry, "cherry", wanted, GREEN, context())
    assert placed.where is not None and str(placed.where.anchor) == "foreground"


def test_the_old_shadow_stays_for_what_is_as_wide():
    mask, shadow = np.zeros((100, 100), np.uint8), np.zeros((100, 100), np.uint8)
    mask[20:60, 30:70], shadow[58:80, 30:90] = 255, 200
    gone = Taken(mask, np.maximum(mask, shadow), shadow)
    assert replacing._keeps_shadow(gone, [(28, 20, 72, 60)], [(30, 20, 70, 60)])
    assert not replacing._keeps_shadow(gone, [(45, 20, 55, 60)], [(30, 20, 70, 60)])
    assert not replacing._keeps_shadow(Taken(mask, mask, np.zeros_like(mask)), [(28, 20, 72, 60)], [(30, 20, 70, 60)])
    alone = replacing._shadow_alone(gone)
    assert alone[75, 80] and not alone[mask > 0].any() and not alone[59, 50]


def card(light=235):
    """A table with a white card that has a line about it: (picture, mask of the card)."""
    picture = np.full((200, 300, 3), 120, np.uint8)
    picture[20:180, 60:240] = light
    cv2.rectangle(picture, (70, 30), (230, 170), (90, 70, 20), 2)
    mask = np.zeros((200, 300), np.uint8)
    mask[20:180, 60:240] = 255
    return picture, mask


def test_text_is_in_the_middle_of_what_carries_it_and_crosses_no_line():
    picture, mask = card()
    placed = texts.on_thing("MENU", texts.Type(), picture, mask, 1.0)
    assert placed is not None
    x0, y0, x1, y1 = placed.box
    assert abs((x0 + x1) / 2 - 150) < 8 and abs((y0 + y1) / 2 - 100) < 12
    assert x0 > 74 and x1 < 226


def test_a_place_is_centred_between_lines():
    picture, mask = card()
    x0, y0, x1, y1 = centred(picture, mask, (80, 40, 120, 60))
    assert abs((x0 + x1) / 2 - 150) < 5 and abs((y0 + y1) / 2 - 100) < 8


def test_thin_letters_are_thin():
    thin, usual, bold = (
        float((cut("slow", texts.type_of(Lettering(**look))[0]) > 127).mean())
        for look in ({"thin": True}, {}, {"bold": True})
    )
    assert thin < 0.8 * usual < usual < bold


def test_a_wall_is_flat():
    mask = np.zeros((80, 120), np.uint8)
    mask[10:70, 10:110] = 255
    pixels = np.full((80, 120, 3), 150, np.uint8)
    flat, body = read_surface(pixels, mask, flat=True), read_surface(pixels, mask)
    assert np.array_equal(flat.u[40], np.arange(120)) and not np.array_equal(body.u[40], np.arange(120))
    assert material_change.is_plane(read("the brick wall")) and not material_change.is_plane(read("the cup"))


def test_all_of_the_wall_behind_somebody_is_covered_and_nothing_of_him():
    picture = np.full((240, 320, 3), (210, 170, 180), np.uint8)
    picture[80:, 110:210] = (60, 50, 45)
    picture = np.clip(picture + np.random.default_rng(0).normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    things = {
        "foreground": [(110, 80, 210, 240)],
        "the wall behind him": [(0, 0, 320, 150)],
    }
    where = context(things)
    region = where.ground(picture, "the wall behind him")
    region.mask[80:150, 110:210] = 0
    step = read_step(
        Step(
            type=EditType.MATERIAL_CHANGE,
            instruction="change the wall behind him to brick",
            target="the wall behind him",
            value="brick",
        )
    )
    done = material_change.edit(picture, step, region, where)
    assert done.mask[200, 20] > 200, "the part that was not found"
    assert done.mask[120:, 125:195].max() == 0


def test_hair_is_told_from_a_plain_backdrop_by_its_colour():
    picture = np.full((240, 240, 3), 230, np.float32)
    true = np.zeros((240, 240), np.float32)
    cv2.circle(true, (120, 140), 60, 1, -1, cv2.LINE_AA)
    for column in range(70, 170, 6):
        cv2.line(true, (column, 140), (column, 78), 1, 1, cv2.LINE_AA)
    picture = picture * (1 - true[..., None]) + np.array((60, 40, 30), np.float32) * true[..., None]
    picture = np.clip(picture + np.random.default_rng(0).normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)
    rough = cv2.GaussianBlur(true, (0, 0), 3)
    better = unmixed(picture, rough)
    assert np.abs(better - true).mean() < 0.5 * np.abs(rough - true).mean()
    busy = np.random.default_rng(1).integers(0, 255, picture.shape, dtype=np.uint8)
    assert np.array_equal(unmixed(busy, rough), rough), "behind which nothing is known"


@pytest.mark.parametrize(
    ("words", "painted"), [("give it the colors of [1]", False), ("paint it in the style and colors of [1]", True)]
)
def test_colours_that_are_asked_for_are_all_that_is_taken(words, painted, monkeypatch):
    rng = np.random.default_rng(2)
    picture = np.clip(rng.normal(120, 40, (90, 120, 3)), 0, 255).astype(np.uint8)
    reference = np.clip(rng.normal((200, 90, 60), 30, (90, 120, 3)), 0, 255).astype(np.uint8)
    ways: list[str] = []
    follow = style_transfer._followed
    monkeypatch.setattr(style_transfer, "_followed", lambda *given: ways.append("followed") or follow(*given))
    step = read_step(Step(type=EditType.STYLE_TRANSFER, instruction=words, reference=1))
    whole = known(picture.shape[:2], "", [(0, 0, 120, 90)])
    given = context(attachments=(PictureAttachment("a.png", reference),))
    done = style_transfer.edit(picture, step, whole, given)
    assert bool(ways) is painted
    if not painted:
        assert done.picture[..., 0].mean() > done.picture[..., 2].mean() + 40


def read_line(text, x, y, score=0.9, high=20):
    wide = 12 * len(text)
    quad = np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], np.float32)
    return TextLine(text, quad, score)


def test_a_number_takes_the_place_of_the_largest_number_wherever_that_stands():
    lines = [
        read_line("555", 10, 10),
        read_line("SUBARU", 60, 10),
        read_line("555", 200, 40),
        read_line("12", 10, 80, high=9),
    ]
    assert [line.text for line in numbers(lines, "777")] == ["555", "555"]
    assert not numbers(lines, "seven") and not numbers([lines[1]], "777")


def test_what_is_written_on_a_thing_of_which_a_part_was_found_is_on_the_thing():
    sole = known((240, 320), "shoe", [(40, 200, 280, 220)])
    whole = np.zeros((240, 320), np.uint8)
    whole[60:220, 40:280] = 255
    brand, sign = read_line("LOWA", 100, 100), read_line("SALE", 5, 5)
    meant = textual_change._on([brand, sign], textual_change._all_of_it(sole, whole))
    assert [line.text for line in meant] == ["LOWA"]
    elsewhere = known((240, 320), "shoe", [(0, 0, 30, 30)])
    assert textual_change._all_of_it(elsewhere, whole) is elsewhere


def test_a_thing_that_lies_beside_another_does_not_stand_before_clutter():
    rng = np.random.default_rng(4)
    picture = np.full((240, 320, 3), 170, np.uint8)
    picture[60:170, 190:320] = rng.integers(0, 255, (110, 130, 3))
    laptop = {"the laptop": [(130, 90, 190, 160)]}
    where = Where(relation=Relation.BESIDE, anchor=read("the laptop"))
    cup = Cutout("cup", np.full((40, 50, 4), 255, np.uint8), 0.1, "table")
    spots = find_spots(picture, Placement(cup, where), context(laptop))
    assert not isinstance(spots, str) and spots[0].box[2] <= 140, "on the free side"
