from __future__ import annotations

import numpy as np
import pytest
from scene_small import PIXELS, SMALL, layer, scene

from pixwright.build.scene.looks import TABLE, dressed, finished, nothing, table_of
from pixwright.build.scene.render import render
from pixwright.build.scene.signs import SIGNS, TABLES, sign, table
from pixwright.build.scene.truth import ground_in
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType

BALL = PIXELS["own/ball"]


def middle(rgba: Array) -> np.ndarray:  # type: ignore[type-arg]
    solid = rgba[..., 3] > 250
    return np.asarray(rgba[solid][:, :3].mean(axis=0))


def test_a_colour_is_given_and_alpha_kept() -> None:
    blue = dressed(BALL, ((EditType.COLOR_ALTER, "blue"),), "ball")
    assert np.array_equal(blue[..., 3], BALL[..., 3])
    red, green, value = middle(blue)
    assert value > 120 and value > 1.8 * green and value > 2 * red
    assert dressed(BALL, (), "ball") is BALL


def test_the_soft_rim_takes_the_colour_too() -> None:
    red = dressed(BALL, ((EditType.COLOR_ALTER, "green"),), "ball")
    rim = (red[..., 3] > 20) & (red[..., 3] < 200)
    assert rim.any()
    assert np.abs(red[rim][:, :3].mean(axis=0) - middle(red)).max() < 40


@pytest.mark.parametrize(
    "look",
    [(EditType.MATERIAL_CHANGE, "wood"), (EditType.APPEARANCE_ALTER, "striped"), (EditType.STYLE_CHANGE, "pencil sketch"),
     (EditType.TONE_TRANSFER, "sepia")],
)  # fmt: skip
def test_every_kind_of_look_changes_the_thing_the_same_way_twice(look: tuple[EditType, str]) -> None:
    one, two = (dressed(BALL, (look,), "salt") for _ in range(2))
    assert np.array_equal(one, two) and np.array_equal(one[..., 3], BALL[..., 3])
    assert np.abs(one.astype(int) - BALL).mean() > 3


@pytest.mark.parametrize("look", [(EditType.APPEARANCE_ALTER, "transparent"), (EditType.MATERIAL_CHANGE, "glass")])
def test_clear_things_let_the_background_through(look: tuple[EditType, str]) -> None:
    clear = dressed(BALL, (look,), "ball")
    assert 40 < clear[48, 48, 3] < 200
    seen = render(scene(layer(looks=(look,)), background="own/ramp"), SMALL).picture.astype(int)
    row = seen[57, 35:61, 0]
    assert row[-1] - row[0] > 15


def test_looks_go_one_after_the_other() -> None:
    both = dressed(BALL, ((EditType.APPEARANCE_ALTER, "striped"), (EditType.TONE_TRANSFER, "black and white")), "x")
    solid = both[both[..., 3] > 250][:, :3].astype(int)
    assert np.ptp(solid, axis=1).max() <= 24 and solid.std() > 10


def test_a_table_of_colours_is_what_the_editor_does() -> None:
    table_ = table_of((EditType.TONE_TRANSFER, "sepia"))
    assert table_ is not None and table_.shape == (TABLE, TABLE, TABLE, 3)
    # Multiples of five are steps of the table: no rounding between.
    colours = np.random.default_rng(2).integers(0, TABLE, (40, 40, 3)) * 5
    done = finished(colours.astype(np.uint8), ((EditType.TONE_TRANSFER, "sepia"),), 5, nothing)
    assert np.array_equal(table_[tuple(np.moveaxis(colours // 5, -1, 0))], done)


@pytest.mark.parametrize("value", ["night", "rain", "contrast", "vignette", "blur", "grain"])
def test_what_depends_on_more_than_the_colour_is_no_table(value: str) -> None:
    assert table_of((EditType.TONE_TRANSFER, value)) is None
    assert table_of((EditType.STYLE_CHANGE, "mosaic")) is None


def test_the_scene_answers_where_things_are() -> None:
    one = scene(layer("own/block", name="red block", x=0.3), layer("own/ball", name="ball", x=0.7))
    drawn = render(one, SMALL)
    find = ground_in(one, drawn.masks, SMALL)
    assert np.array_equal(find(drawn.picture, "the ball").mask, drawn.masks[1])
    assert np.array_equal(find(drawn.picture, "foreground").mask, drawn.masks.max(axis=0))
    assert find(drawn.picture, "the ball").boxes == (drawn.boxes[1],)
    assert not find(drawn.picture, "elephant").found
    small = drawn.picture[::2, ::2]
    assert find(small, "ball").mask.shape == small.shape[:2]


def test_the_sky_is_that_of_the_background_without_the_things() -> None:
    one = scene(layer("own/ball", y=0.45, height=0.3), width=120, height=80, background="own/field")
    drawn = render(one, SMALL)
    sky = ground_in(one, drawn.masks, SMALL)(drawn.picture, "sky")
    assert sky.found and sky.mask[5].mean() > 200 and sky.mask[60].mean() < 50
    assert sky.mask[drawn.masks[0] == 255].max() == 0
    night = render(
        scene(layer(y=0.9), width=120, height=80, background="own/field", finish=((EditType.TONE_TRANSFER, "night"),)),
        SMALL,
    )
    assert night.picture.mean() < 0.6 * drawn.picture.mean()


def test_finishes_are_seeded() -> None:
    rainy = [scene(layer(), finish=((EditType.TONE_TRANSFER, "rain"),), seed=seed) for seed in (1, 1, 2)]
    one, two, three = (render(k, SMALL).picture for k in rainy)
    assert np.array_equal(one, two) and not np.array_equal(one, three)


@pytest.mark.parametrize("design", sorted(SIGNS))
def test_signs_are_solid_and_lettered_within_their_board(design: str) -> None:
    plain, written = sign(SIGNS[design], ""), sign(SIGNS[design], "FRESH FRUIT TODAY")
    assert plain.shape == written.shape and np.array_equal(plain[..., 3], written[..., 3])
    assert plain[..., 3].max() == 255 and (plain[..., 3] == 0).any()
    ys, xs = np.nonzero(np.abs(plain[..., :3].astype(int) - written[..., :3]).max(axis=2) > 40)
    assert len(ys) > 500 and ys.max() < SIGNS[design].tall * plain.shape[0]
    assert xs.min() > 0.02 * plain.shape[1] and xs.max() < 0.98 * plain.shape[1]


def test_tables_are_opaque_and_differ() -> None:
    drawn = [table(name) for name in TABLES]
    assert all((one[..., 3] == 255).all() for one in drawn)
    assert len({one.tobytes() for one in drawn}) == len(TABLES)
