from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_small import PIXELS, SMALL, layer, scene

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.scene.geometry import extent_of, place, size_of, width_of
from pixwright.build.scene.render import bilinear, boxes_of, render
from pixwright.build.scene.texture import Bounded, sides_for, texture_of
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType

KEYS = ("own/ball", "own/block", "own/noise", "own/dot", "sign/wooden")
layers = st.builds(
    Layer,
    asset=st.sampled_from(KEYS),
    name=st.just("thing"),
    x=st.floats(-0.5, 2),
    y=st.floats(-0.2, 1.6),
    height=st.floats(0.01, 1.5),
    angle=st.floats(-360, 360),
    flip=st.booleans(),
    shadow=st.floats(0, 1),
)
scenes = st.builds(
    LayeredScene,
    background=st.sampled_from(["own/plain", "own/ramp"]),
    place=st.just("road"),
    layers=st.lists(layers, max_size=4).map(tuple),
    width=st.integers(1, 83),
    height=st.integers(1, 83),
)


@settings(max_examples=60, deadline=None)
@given(scenes)
def test_masks_are_disjoint_and_boxes_fit_them(given_scene: LayeredScene) -> None:
    got = render(given_scene, SMALL)
    shape = (given_scene.height, given_scene.width)
    assert got.picture.shape == (*shape, 3) and got.picture.dtype == np.uint8
    assert got.masks.shape == (len(given_scene.layers), *shape) and got.masks.dtype == np.uint8
    assert set(np.unique(got.masks)) <= {0, 255}
    assert (got.masks > 0).sum(axis=0).max(initial=0) <= 1
    for mask, (x0, y0, x1, y1) in zip(got.masks, got.boxes, strict=True):
        assert 0 <= x0 <= x1 <= shape[1] and 0 <= y0 <= y1 <= shape[0]
        outside = mask.copy()
        outside[y0:y1, x0:x1] = 0
        assert not outside.any()
        assert mask.any() == (x1 > x0)
    again = render(given_scene, SMALL)
    assert np.array_equal(got.picture, again.picture) and np.array_equal(got.masks, again.masks)
    assert got.caption == again.caption


def test_a_hidden_layer_has_no_box_and_no_mask() -> None:
    got = render(scene(layer("own/dot", height=0.05, y=0.7), layer("own/ball", height=0.6, y=0.95)), SMALL)
    assert got.boxes[0] == (0, 0, 0, 0) and not got.masks[0].any()
    assert got.boxes[1] != (0, 0, 0, 0)
    outside = render(scene(layer(x=5.0)), SMALL)
    assert outside.boxes == ((0, 0, 0, 0),)
    assert np.array_equal(outside.picture, render(scene(), SMALL).picture)


def test_a_thing_stands_on_its_foot_with_its_height() -> None:
    got = render(scene(layer("own/noise", x=0.5, y=0.75, height=0.5), width=200, height=100), SMALL)
    x0, y0, x1, y1 = got.boxes[0]
    assert abs(y1 - 75) <= 1 and abs((y1 - y0) - 50) <= 2
    assert abs((x0 + x1) / 2 - 50) <= 1 and abs((x1 - x0) - 50 * 51 / 150) <= 2


def test_its_colours_are_those_of_the_cutout() -> None:
    got = render(scene(layer("own/ball"), width=128, height=128), SMALL)
    inner = got.picture[90:95, 62:66].reshape(-1, 3)
    assert np.abs(inner.astype(int) - (230, 120, 20)).max() <= 1
    assert tuple(got.picture[2, 2]) == (120, 120, 120)


def test_flipping_mirrors_the_thing() -> None:
    plain = render(scene(layer("own/block", x=0.5), width=100, height=100), SMALL).picture
    turned = render(scene(layer("own/block", x=0.5, flip=True), width=100, height=100), SMALL).picture
    assert np.abs(plain[:, ::-1].astype(int) - turned).max() <= 1
    assert not np.array_equal(plain, turned)


def test_a_quarter_turn_clockwise_turns_the_picture() -> None:
    up = render(scene(layer("own/block", x=0.5, y=0.75, height=0.5), width=100, height=100), SMALL).picture
    right = render(scene(layer("own/block", x=0.5, y=0.75, height=0.5, angle=90), width=100, height=100), SMALL).picture
    assert np.abs(np.rot90(up, -1).astype(int) - right).max() <= 1


def test_the_camera_shows_its_window_exactly() -> None:
    whole = scene(
        layer("own/ball", angle=20, shadow=0.6), layer("own/noise", x=1.1), width=160, height=80, background="own/ramp"
    )
    part = replace(whole, width=80, height=60, camera=(0.25, 0.25, 0.75, 1.0))
    assert width_of(part) == pytest.approx(width_of(whole))
    large, small = render(whole, SMALL), render(part, SMALL)
    assert np.abs(large.picture[20:, 40:120].astype(int) - small.picture).max() <= 2
    assert (large.masks[:, 20:, 40:120] != small.masks).mean() < 0.001


def test_a_crop_shows_that_part_of_the_background() -> None:
    got = render(scene(width=100, height=75, background="own/ramp", crop=(0.5, 0, 1, 0.5)), SMALL).picture
    assert abs(int(got[30, 0, 0]) - 128) <= 2 and got[30, -1, 0] >= 252


def test_a_shadow_darkens_the_ground_below_and_nothing_else() -> None:
    without, cast = (render(scene(layer(shadow=s), horizon=0.2), SMALL) for s in (0.0, 0.7))
    darker = without.picture.astype(int) - cast.picture
    assert darker.min() >= 0 and darker.max() > 25
    rows = np.flatnonzero(darker.max(axis=(1, 2)) > 3)
    assert rows.min() > 0.6 * 96 and rows.max() >= 0.8 * 96
    assert not darker[without.masks[0] == 255].max(initial=0) > 60
    assert np.array_equal(without.masks, cast.masks)


def test_light_changes_the_thing_alone() -> None:
    half = (0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0)
    got = render(scene(layer(light=half), width=128, height=128), SMALL).picture
    assert np.abs(got[92, 64].astype(int) - (115, 60, 10)).max() <= 1
    swapped = (0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0)
    assert tuple(render(scene(layer(light=swapped), width=128, height=128), SMALL).picture[92, 64]) == (20, 120, 230)


def test_the_front_layer_hides_the_back_one() -> None:
    got = render(scene(layer("own/block", height=0.6), layer("own/ball", height=0.3, y=0.7)), SMALL)
    assert got.masks[1].any() and got.masks[0].any()
    alone = render(scene(layer("own/block", height=0.6)), SMALL)
    assert np.array_equal(alone.masks[0] > 0, (got.masks[0] > 0) | ((got.masks[1] > 0) & (alone.masks[0] > 0)))


def test_bilinear_is_exact_on_a_plane() -> None:
    level = np.zeros((16, 16, 4), np.uint8)
    level[..., 0] = np.arange(16)[None] * 3 + np.arange(16)[:, None] * 5
    level[..., 3] = 255
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 14.9, (2, 50, 1)).astype(np.float32)
    assert np.abs(bilinear(level, x, y)[..., 0] - (3 * x + 5 * y)).max() < 1e-3


def test_shrinking_averages_and_does_not_skip() -> None:
    got = render(scene(layer("own/noise", height=0.2, y=0.6), width=64, height=64), SMALL)
    inside = got.picture[got.masks[0] == 255].astype(float)
    assert inside.std() < 0.75 * PIXELS["own/noise"][..., :3].std()


def test_levels_are_premultiplied_with_a_clear_rim() -> None:
    texture = texture_of(layer("own/noise"), SMALL)
    for side in (8, 32, 256):
        level = texture.level(side)
        assert level.shape == (side, side, 4)
        assert (level[..., :3].max(axis=2) <= level[..., 3]).all()
        assert not level[0].any() and not level[:, 0].any() and not level[-1].any() and not level[:, -1].any()
    assert sides_for(np.array([31.0, 30, 900, 1]), np.array([500.0, 500, 90, 9])).tolist() == [64, 32, 128, 8]


def test_extent_matches_the_mask() -> None:
    turned = layer("own/block", x=0.6, y=0.7, height=0.4, angle=33)
    x0, y0, x1, y1 = render(scene(turned, width=200, height=200), SMALL).boxes[0]
    assert np.abs(np.array(extent_of(turned, SMALL)) * 200 - (x0, y0, x1, y1)).max() <= 3
    assert size_of(turned, SMALL) == pytest.approx((0.3, 0.4))


def test_signs_carry_their_text_and_other_things_none() -> None:
    plain, written = (render(scene(layer("sign/wooden", height=0.8, y=0.95, text=t)), SMALL) for t in ("", "OPEN NOW"))
    assert np.array_equal(plain.masks, written.masks)
    assert (np.abs(plain.picture.astype(int) - written.picture).max(axis=2) > 60).mean() > 0.02
    with pytest.raises(InvalidOption, match="cannot be written on"):
        render(scene(layer("own/ball", text="HI")), SMALL)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (scene(layer("own/nothing")), "unknown"),
        (scene(layer("sign/nothing")), "not drawn here"),
        (scene(width=0), "sides from 1"),
        (scene(camera=(0.5, 0, 0.4, 1)), "camera"),
        (scene(layer(height=0.0)), "out of range"),
        (scene(layer(x=float("nan"))), "out of range"),
        (scene(layer(looks=((EditType.REMOVE, "x"),))), "no look of a thing"),
        (scene(layer(looks=((EditType.COLOR_ALTER, "no colour"),))), "cannot be given"),
        (scene(finish=((EditType.COLOR_ALTER, "red"),)), "no look of a whole picture"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(bad: LayeredScene, match: str) -> None:
    with pytest.raises(InvalidOption, match=match) as error:
        render(bad, SMALL)
    assert "\n" not in str(error.value)


def test_the_cache_is_bounded() -> None:
    cache: Bounded[bytes] = Bounded(100, len)
    made: list[int] = []

    def make(number: int) -> bytes:
        made.append(number)
        return bytes(40)

    for number in (1, 2, 1, 3, 1, 2):
        cache.get(number, lambda number=number: make(number))  # type: ignore[misc]
    assert made == [1, 2, 3, 2]


def test_empty_scenes_have_no_layers_to_place() -> None:
    assert place([scene()], [], []).sides.shape == (0,)
    assert render(scene(), SMALL).masks.shape == (0, 96, 96) and boxes_of(np.zeros((0, 2, 2), np.uint8)) == ()
