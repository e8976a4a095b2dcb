"""Where things stand to each other in a scene: what may be moved where, and what a person would say of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scene_small import SMALL, layer, scene

from pixwright.build.pairs import camera, local, relation
from pixwright.build.pairs.stage import Extent, PairDraft, Stage, Unfit, area, overlap, place_words
from pixwright.build.scene.geometry import background_window, extent_of, size_of, width_of
from pixwright.build.scene.setting import horizon_in
from pixwright.build.scene.signs import SIGNS, TABLES, is_drawn, pixels_of
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Unit, Where


def stage(*layers, seed=0, **changes):
    return Stage(scene(*layers, **changes), SMALL, np.random.default_rng(seed))


LEFT, RIGHT = layer(x=0.25, height=0.25), layer("own/block", x=0.75, height=0.3)


def test_a_box_has_sides_a_width_a_height_and_an_area():
    box = Extent(0.1, 0.2, 0.4, 0.8)
    assert (box.wide, box.tall) == pytest.approx((0.3, 0.6)) and area(box) == pytest.approx(0.18)
    assert overlap(box, Extent(0.3, 0.7, 1.0, 1.0)) == pytest.approx(0.01)
    assert overlap(box, Extent(0.5, 0.2, 0.9, 0.8)) == 0 and area(Extent(1, 1, 1, 1)) > 0


def test_a_layer_stands_on_its_foot_and_turns_about_its_middle():
    ball = layer(height=0.4)
    x0, y0, x1, y1 = extent_of(ball, SMALL)
    assert (x0 + x1) / 2 == pytest.approx(0.5) and y1 == pytest.approx(0.8) and y1 - y0 == pytest.approx(0.4)
    block = layer("own/block", height=0.4)
    wide, tall = size_of(block, SMALL)
    a0, b0, a1, b1 = extent_of(replace(block, angle=90.0), SMALL)
    assert (a1 - a0, b1 - b0) == pytest.approx((tall, wide), abs=1e-6)


def test_the_camera_shows_a_part():
    whole = scene(width=200, height=100)
    half = replace(whole, width=100, camera=(0.0, 0.0, 0.5, 1.0))
    assert width_of(whole) == pytest.approx(2.0) and width_of(half) == pytest.approx(2.0)
    assert background_window(half) == pytest.approx((0.0, 0.0, 0.5, 1.0))


def test_what_is_inside_seen_and_in_the_way():
    here = stage(LEFT, RIGHT)
    assert here.inside(LEFT) == pytest.approx(1.0) and here.inside(replace(LEFT, x=0.0)) == pytest.approx(0.5, abs=0.01)
    assert here.crowded(LEFT, [RIGHT]) == 0 and here.crowded(LEFT, [LEFT]) == pytest.approx(1.0)
    assert here.seen(0) == 1.0
    hidden = stage(LEFT, replace(LEFT, height=0.3))
    assert hidden.seen(0) < 0.3 and hidden.seen(1) == 1.0 and not hidden.editable(0)


def test_a_thing_on_the_ground_grows_towards_the_viewer():
    here = stage(LEFT, horizon=0.4)
    nearer, farther = here.at(LEFT, 0.5, 0.95), here.at(LEFT, 0.5, 0.6)
    assert nearer.height > LEFT.height > farther.height
    flying = replace(LEFT, support="air")
    assert here.at(flying, 0.5, 0.3).height == flying.height


def test_a_target_is_named_alone():
    index, phrase = stage(LEFT, RIGHT).target()
    assert phrase == ("ball", "block")[index]
    with pytest.raises(Unfit):
        stage().target()


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (LEFT, RIGHT, Relation.LEFT),
        (RIGHT, LEFT, Relation.RIGHT),
        (replace(RIGHT, support="air", y=0.3), replace(RIGHT, height=0.2), Relation.ABOVE),
        (replace(LEFT, y=0.85), replace(LEFT, x=0.3), Relation.IN_FRONT),
    ],
)
def test_a_relation_is_said_as_a_person_would(one, other, said):
    assert local._relation(stage(other, one), one, other, True) is said


def test_what_lies_far_apart_is_not_beside():
    far = layer("own/block", x=3.0, height=0.3)
    assert local._relation(stage(LEFT, far, width=400), LEFT, far, False) is None


@pytest.mark.parametrize("side", [Relation.LEFT, Relation.RIGHT])
def test_a_thing_goes_to_the_other_side(side):
    here = stage(replace(LEFT, x=0.8), replace(RIGHT, x=1.2), width=192)
    mover = 1 if side is Relation.LEFT else 0
    after = relation._PLACERS[side](here, mover, 1 - mover)
    moved = next(one for one in after.layers if one not in here.scene.layers)
    rest = next(one for one in after.layers if one in here.scene.layers)
    assert (moved.x < rest.x) == (side is Relation.LEFT)
    with pytest.raises(Unfit, match="already"):
        relation._PLACERS[side](here, 1 - mover, mover)


def test_two_things_change_their_places():
    here = stage(LEFT, RIGHT)
    after = relation._swap(here, 0, 1)
    assert (after.layers[0].x, after.layers[1].x) == (0.25, 0.75)
    assert {one.asset for one in after.layers} == {"own/ball", "own/block"}
    assert after.layers[0].asset == "own/block"
    with pytest.raises(Unfit, match="hardly"):
        relation._swap(stage(LEFT, replace(RIGHT, x=0.3)), 0, 1)


def test_places_have_words():
    assert place_words(Where(relation=Relation.LEFT, anchor="ball")) == "to the left of the ball"
    assert "left" in place_words(Where(relation=Relation.LEFT))


@pytest.mark.parametrize("seed", range(4))
def test_a_row_of_equal_things_fits_the_picture(seed):
    here = stage(layer(height=0.2), width=192, seed=seed)
    row = local._row(here, 0, 0.15)
    assert 2 <= len(row) <= local.MOST
    assert all(here.inside(one) > 0.97 for one in row)
    assert all(here.crowded(one, [other for other in row if other is not one]) < 0.2 for one in row)


def test_a_stand_in_has_its_own_size_within_reason():
    here = stage(LEFT)
    pole = local.sized(here, LEFT, SMALL.asset("own/noise"))
    assert pole.height == pytest.approx(LEFT.height * 1.6), "a pole of 1.2 m in place of a ball of 0.3 m"
    assert local.sized(here, LEFT, SMALL.asset("own/block")).height == pytest.approx(LEFT.height * 1.6)
    dot = local.sized(here, LEFT, SMALL.asset("own/dot"))
    assert dot.height == pytest.approx(LEFT.height * 0.6)


@pytest.mark.parametrize("seed", range(6))
def test_camera_edits_say_what_they_do(seed):
    here = stage(LEFT, RIGHT, width=192, seed=seed)
    moved = camera.movement(here)
    assert isinstance(moved, PairDraft) and moved.step.type is EditType.MOVEMENT
    was, now = (moved_to.layers[moved.touched[0]] for moved_to in (moved.before, moved.after))
    way = moved.step.where.relation
    assert (now.x < was.x) == (way is Relation.LEFT)
    if moved.step.amount is not None:
        assert abs(now.x - was.x) == pytest.approx(moved.step.amount.value / 100 * here.width)
    sized = camera.resize(stage(LEFT, RIGHT, width=192, seed=seed))
    factor = sized.after.layers[sized.touched[0]].height / sized.before.layers[sized.touched[0]].height
    if sized.step.amount.unit is Unit.FACTOR:
        assert factor == pytest.approx(sized.step.amount.value, rel=1e-3)
    else:
        assert (factor > 1) == (sized.step.amount.value > 0)


@pytest.mark.parametrize("seed", range(8))
def test_an_outpainting_is_a_crop_turned_round(seed):
    draft = camera.outpaint(stage(LEFT, RIGHT, width=192, seed=seed))
    x0, y0, x1, y1 = map(int, draft.extra["canvas"].split(","))
    assert (draft.before.width, draft.before.height) == (x1 - x0, y1 - y0)
    assert 0 <= x0 < x1 <= draft.after.width and 0 <= y0 < y1 <= draft.after.height
    grown = {Relation.LEFT: x0 > 0, Relation.RIGHT: x1 < 192, Relation.ABOVE: y0 > 0, Relation.BELOW: y1 < 96}
    assert grown.get(draft.step.where.relation, x0 > 0 and y1 < 96)


def test_a_ball_looks_the_same_however_it_is_turned():
    ball, block = (SMALL.pixels(key) for key in ("own/ball", "own/block"))
    assert not camera.differs(ball, turned=45.0) and not camera.differs(ball, mirrored=True)
    assert camera.differs(block, turned=45.0) and camera.differs(block, mirrored=True)


def test_a_turned_thing_rests_on_its_lowest_point():
    here = stage(RIGHT)
    turned = camera.rested(here, replace(RIGHT, angle=40.0))
    assert here.box(turned).bottom == pytest.approx(RIGHT.y)
    assert camera.rested(here, replace(RIGHT, angle=40.0, support="air")).y == RIGHT.y


@pytest.mark.parametrize("design", SIGNS)
def test_a_sign_can_be_written_on(design):
    empty, said = (pixels_of(f"sign/{design}", text, SMALL) for text in ("", "OPEN"))
    assert empty.shape == said.shape and empty.shape[2] == 4 and (empty != said).any()
    assert np.array_equal(empty[..., 3], said[..., 3])


@pytest.mark.parametrize("surface", TABLES)
def test_a_table_is_as_wide_as_a_picture(surface):
    drawn = pixels_of(f"table/{surface}", "", SMALL)
    assert drawn.shape[1] > 3 * drawn.shape[0] and (drawn[..., 3] == 255).mean() > 0.8


def test_what_is_no_sign_cannot_be_written_on():
    assert is_drawn("table/wood") and not is_drawn("own/ball")
    with pytest.raises(InvalidOption, match="cannot be written on"):
        pixels_of("own/ball", "OPEN", SMALL)


@pytest.mark.parametrize("share", [0.35, 0.5, 0.6])
def test_a_horizon_is_found_where_the_colours_part(share):
    rows = round(200 * share)
    picture = np.vstack([np.full((rows, 300, 3), (120, 180, 240)), np.full((200 - rows, 300, 3), (70, 130, 50))])
    assert horizon_in(picture.astype(np.uint8)) == pytest.approx(share, abs=0.03)
    assert horizon_in(np.full((50, 50, 3), 99, np.uint8)) == pytest.approx(0.45)
