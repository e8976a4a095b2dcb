"""Adding, replacing and counting: only what is claimed is touched, things stand where they were asked, refusals are honest."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import add, counting
from pixwright.edit.editors import replace as replacing
from pixwright.edit.editors.visual import reference as visual_reference
from pixwright.edit.placing.library import find
from pixwright.edit.placing.shelves import Cutout
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Region
from pixwright.words import read_step

ENCODERS = Encoders()
NOTHING = ()


def rectangles(height, width, phrase, *boxes):
    mask, labels = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        mask[y0:y1, x0:x1], labels[y0:y1, x0:x1] = 255, number
    return Region(mask, tuple(boxes), 0.9 if boxes else 0.0, phrase, "phrase" if boxes else "none", labels)


def context(known=None, seed=3, **more):
    """A context whose grounder knows some phrases by their boxes, as shares of the picture's sides."""

    def ground(picture, phrase):
        height, width = picture.shape[:2]
        boxes = (known or {}).get(str(phrase), ())
        scaled = [tuple(round(v * n) for v, n in zip(box, (width, height) * 2)) for box in boxes]
        return rectangles(height, width, phrase, *scaled)

    return Context(seed, ENCODERS, ground, **more)


def step(kind, **more):
    return read_step(Step(type=kind, instruction="test", **more))


def nowhere(picture):
    return rectangles(*picture.shape[:2], "")


@pytest.fixture(scope="module")
def meadow():
    rng = np.random.default_rng(1)
    picture = np.zeros((300, 420, 3), np.uint8)
    picture[:120] = (150, 190, 235)
    picture[120:] = (90, 150, 70)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


SKY = {"sky": [(0, 0, 1, 0.4)]}


@settings(max_examples=12, deadline=None)
@given(
    height=st.integers(40, 331),
    width=st.integers(40, 509),
    thing=st.sampled_from(["a dog", "two red balloons", "a top hat", "an apple", "a boat"]),
    relation=st.sampled_from([None, *(r for r in Relation if r != Relation.SWAP)]),
    anchored=st.booleans(),
    seed=st.integers(0, 9),
)
def test_outside_the_mask_nothing_changes(height, width, thing, relation, anchored, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    where = Where(relation=relation, anchor="the cat" if anchored else None) if relation else None
    ctx = context({"the cat": [(0.3, 0.4, 0.7, 0.95)]}, seed)
    before = picture.copy()
    proposal = add.edit(picture, step(EditType.ADD, value=thing, where=where), nowhere(picture), ctx)
    after, mask = composite(picture, proposal)
    assert np.array_equal(picture, before)
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    assert np.array_equal(proposal.picture[proposal.mask == 0], picture[proposal.mask == 0])
    if proposal.refused is None:
        assert proposal.evidence.placed and mask.any()
        for x0, y0, x1, y1 in proposal.evidence.placed:
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height


def test_same_seed_same_pixels(meadow):
    todo = step(EditType.ADD, value="three dogs")
    one, two, other = (add.edit(meadow, todo, nowhere(meadow), context(SKY, seed)).picture for seed in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


def test_ground_things_stand_below_the_sky_and_air_things_in_it(meadow):
    dog = add.edit(meadow, step(EditType.ADD, value="a dog"), nowhere(meadow), context(SKY))
    balloon = add.edit(meadow, step(EditType.ADD, value="a balloon"), nowhere(meadow), context(SKY))
    assert dog.evidence.placed[0][3] > 150
    assert balloon.evidence.placed[0][3] <= 130


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        (Relation.LEFT, lambda b: b[2] <= 190),
        (Relation.RIGHT, lambda b: b[0] >= 230),
        (Relation.ABOVE, lambda b: b[3] <= 160),
        (Relation.BELOW, lambda b: b[1] >= 215),
        (Relation.IN_FRONT, lambda b: b[3] >= 225 and 120 < (b[0] + b[2]) / 2 < 300),
    ],
)
def test_the_thing_stands_in_its_relation(meadow, relation, holds):
    ctx = context({**SKY, "the sheep": [(0.44, 0.55, 0.56, 0.74)]})
    todo = step(EditType.ADD, value="a rabbit", where=Where(relation=relation, anchor="the sheep"))
    box = add.edit(meadow, todo, nowhere(meadow), ctx).evidence.placed[0]
    assert holds(box), box


def test_behind_is_hidden_by_the_anchor(meadow):
    ctx = context({**SKY, "the sheep": [(0.4, 0.5, 0.6, 0.8)]})
    todo = step(EditType.ADD, value="an elephant", where=Where(relation=Relation.BEHIND, anchor="the sheep"))
    proposal = add.edit(meadow, todo, nowhere(meadow), ctx)
    sheep = np.s_[152:238, 170:250]
    assert np.array_equal(proposal.picture[sheep], meadow[sheep])


def test_size_follows_the_anchor(meadow):
    def height(anchor):
        todo = step(EditType.ADD, value="a rabbit", where=Where(relation=Relation.RIGHT, anchor=anchor))
        x0, y0, x1, y1 = add.edit(
            meadow, todo, nowhere(meadow), context({anchor: [(0.3, 0.3, 0.5, 0.9)]})
        ).evidence.placed[0]
        return y1 - y0

    assert height("the cat") > 1.5 * height("the man")


def test_several_do_not_overlap(meadow):
    boxes = add.edit(meadow, step(EditType.ADD, value="three apples"), nowhere(meadow), context(SKY)).evidence.placed
    assert len(boxes) == 3
    for index, (ax0, ay0, ax1, ay1) in enumerate(boxes):
        for bx0, by0, bx1, by1 in boxes[index + 1 :]:
            shared = max(0, min(ax1, bx1) - max(ax0, bx0)) * max(0, min(ay1, by1) - max(ay0, by0))
            assert shared <= 0.1 * min((ax1 - ax0) * (ay1 - ay0), (bx1 - bx0) * (by1 - by0))


def test_the_users_box_is_the_place(meadow):
    ctx = replace(context(SKY), user_region=replace(rectangles(300, 420, "", (300, 200, 380, 290)), source="user"))
    x0, y0, x1, y1 = add.edit(meadow, step(EditType.ADD, value="a dog"), nowhere(meadow), ctx).evidence.placed[0]
    assert x0 >= 300 and x1 <= 380 and y0 >= 200 and y1 == 290


def test_a_hat_sits_on_the_head_and_glasses_on_the_face():
    picture = np.full((400, 300, 3), 150, np.uint8)
    mask = cv2.ellipse(np.zeros((400, 300), np.uint8), (150, 150), (35, 45), 0, 0, 360, 255, -1)
    mask[190:400, 70:230] = 255
    region = Region(mask, ((70, 105, 230, 400),), 0.9, "the woman", labels=(mask > 0).astype(np.uint8))
    known = {
        "the woman": region,
        "the woman's eyes": rectangles(400, 300, "", (131, 142, 141, 148), (158, 142, 168, 148)),
    }
    ctx = replace(context(), ground=lambda _, phrase: known.get(str(phrase), nowhere(picture)))

    def worn(thing):
        todo = step(EditType.ADD, value=thing, where=Where(relation=Relation.ON, anchor="the woman"))
        return add.edit(picture, todo, nowhere(picture), ctx).evidence.placed[0]

    hat, glasses = worn("a top hat"), worn("sunglasses")
    assert abs((hat[0] + hat[2]) / 2 - 150) < 8 and 105 < hat[3] < 150 and 50 < hat[2] - hat[0] < 130
    assert 110 < (glasses[1] + glasses[3]) / 2 < 180 and 35 < glasses[2] - glasses[0] < 90


def test_unknown_things_and_places_are_refused_with_what_to_do(meadow):
    thing = add.edit(meadow, step(EditType.ADD, value="a zxqv"), nowhere(meadow), context())
    assert thing.refused and "--library" in thing.refused
    todo = step(EditType.ADD, value="a dog", where=Where(relation=Relation.LEFT, anchor="the tower"))
    assert "--box" in (add.edit(meadow, todo, nowhere(meadow), context()).refused or "")
    gone = step(EditType.ADD, value="the thing", reference=4)
    assert "[4]" in (add.edit(meadow, gone, nowhere(meadow), context()).refused or "")


def test_names_colours_and_the_users_own_folder(tmp_path):
    red, blue = (find(f"a {colour} balloon", ENCODERS, None) for colour in ("red", "blue"))
    assert red is not None and blue is not None
    solid = blue.pixels[..., 3] > 200
    assert np.median(blue.pixels[solid][:, 2]) > np.median(blue.pixels[solid][:, 0]) + 30
    stamp = np.zeros((40, 30, 4), np.uint8)
    stamp[5:35, 5:25] = (10, 200, 30, 255)
    cv2.imwrite(str(tmp_path / "gnome_1.png"), cv2.cvtColor(stamp, cv2.COLOR_RGBA2BGRA))
    own = find("two garden gnomes", ENCODERS, tmp_path) or find("gnomes", ENCODERS, tmp_path)
    assert own is not None and own.name == "gnome" and own.pixels.shape == (30, 20, 4)
    (tmp_path / "dog.png").write_bytes(b"no picture")
    with pytest.raises(InvalidOption, match=r"dog\.png"):
        find("dog", ENCODERS, tmp_path)
    with pytest.raises(InvalidOption, match="not a folder"):
        find("dog", ENCODERS, tmp_path / "missing")


def test_replace_stands_where_the_old_one_stood():
    picture = np.ascontiguousarray(data.coffee())
    region = rectangles(400, 600, "the cup", (190, 20, 470, 330))
    proposal = replacing.edit(picture, step(EditType.REPLACE, target="the cup", value="a teapot"), region, context())
    x0, _, x1, y1 = proposal.evidence.placed[0]
    assert proposal.evidence.vacated == region.boxes and y1 == 330
    assert x0 < 330 < x1 and 0.6 * 280 < x1 - x0 < 1.7 * 280
    after, mask = composite(picture, proposal)
    assert np.array_equal(after[mask == 0], picture[mask == 0]) and (mask[region.mask > 0] > 0).all()


def test_counting_up_down_and_not_at_all(meadow):
    picture = meadow.copy()
    boxes = (60, 200, 100, 240), (150, 200, 190, 240), (250, 210, 270, 235)
    for x0, y0, x1, y1 in boxes:
        picture[y0:y1, x0:x1] = (200, 40, 40)
    region = rectangles(300, 420, "box", *boxes)
    more = counting.edit(picture, step(EditType.COUNTING, target="box", count=5), region, context())
    assert len(more.evidence.placed) == 2
    for _, y0, _, y1 in more.evidence.placed:  # on the same ground, smaller further back and larger in front
        assert y1 > 120 and ((y1 - y0) - 40) * (y1 - 240) >= -4 * abs(y1 - 240)
    fewer = counting.edit(picture, step(EditType.COUNTING, target="box", count=2), region, context())
    assert fewer.evidence.vacated == (boxes[2],)
    assert np.array_equal(fewer.picture[200:240, 60:100], picture[200:240, 60:100])
    assert fewer.picture[222, 260, 0] < 150
    added = Amount(value=-1, unit=Unit.ITEMS)
    assert counting.edit(
        picture, step(EditType.COUNTING, target="box", amount=added), region, context()
    ).evidence.vacated
    assert "already" in (
        counting.edit(picture, step(EditType.COUNTING, target="box", count=3), region, context()).refused or ""
    )


def test_where_fewer_are_found_than_are_said_to_be_there_nothing_is_copied(meadow):
    picture = meadow.copy()
    picture[200:240, 60:140] = (200, 40, 40)
    blob = rectangles(300, 420, "chicks", (60, 200, 140, 240))
    said = Amount(value=1, unit=Unit.ITEMS)
    made = counting.edit(picture, step(EditType.COUNTING, target="chicks", count=3, amount=said), blob, context())
    assert made.refused is not None and "2 of" in made.refused and "1 was found" in made.refused
    fewer = counting.edit(picture, step(EditType.COUNTING, target="chicks", count=3), blob, context())
    assert fewer.refused is None or "said to be there" not in fewer.refused


def test_a_reference_is_cut_out_and_keeps_its_colours(meadow):
    stamp = np.zeros((80, 60, 4), np.uint8)
    cv2.circle(stamp, (30, 40), 25, (220, 30, 30, 255), -1)
    ctx = context(SKY, attachments=(PictureAttachment("ball.png", stamp),))
    proposal = visual_reference.edit(
        meadow, step(EditType.VISUAL_REFERENCE, value="ball", reference=1), nowhere(meadow), ctx
    )
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    red, green, blue = proposal.picture[(y0 + y1) // 2, (x0 + x1) // 2].astype(int)
    assert red > 120 and red > green + 60 and red > blue + 60
    assert visual_reference.edit(meadow, step(EditType.VISUAL_REFERENCE), nowhere(meadow), context()).refused


def test_fragments_of_one_thing_count_as_one(meadow):
    """A plural that is found in pieces of what the singular finds whole is one thing: two means one more, not one less."""
    picture = meadow
    height, width = picture.shape[:2]
    one = (0.4, 0.4, 0.5, 0.9)
    x0, y0, x1, y1 = (round(v * n) for v, n in zip(one, (width, height) * 2))
    middle = (y0 + y1) // 2
    pieces = rectangles(
        height, width, "boxes", (x0, y0, x1, middle - 5), (x0, middle, x1, middle + 20), (x0, y1 - 10, x1, y1)
    )
    more = counting.edit(picture, step(EditType.COUNTING, target="boxes", count=2), pieces, context({"box": (one,)}))
    assert len(more.evidence.placed) == 1 and not more.evidence.vacated


def test_what_replaces_something_slender_is_as_tall():
    picture = np.zeros((400, 600, 3), np.uint8)
    square = Cutout("ball", np.full((50, 50, 4), 255, np.uint8))
    x0, y0, x1, y1 = replacing.in_place_of(square, (300, 100, 330, 350), picture)
    assert (y1, y1 - y0) == (350, 250) and x0 < 300 and x1 > 330
