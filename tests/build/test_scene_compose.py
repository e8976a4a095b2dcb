from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_small import SMALL

from pixwright.build.contract import LayeredScene
from pixwright.build.scene.compose import compose
from pixwright.build.scene.geometry import extent_of, width_of
from pixwright.build.scene.render import render
from pixwright.build.scene.setting import horizon_in, light_of, setting_of, shelf_of
from pixwright.build.scene.signs import asset_of, is_drawn
from pixwright.build.scene.texture import backdrop_of
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.errors import InvalidOption
from pixwright.records.sample import Split


class _Quick(PackagedCatalogue):
    """The packaged cut-outs before small stand-ins of the paintings, which would take a tenth of a second each."""

    def pixels(self, key: str) -> np.ndarray:  # type: ignore[type-arg]
        if key.startswith("scenery/"):
            return np.tile(np.linspace(200, 90, 128).astype(np.uint8)[:, None, None], (1, 192, 3))
        return super().pixels(key)


@cache
def packaged() -> _Quick:
    return _Quick(Split.TRAIN)


@cache
def some(rare: bool = False) -> tuple[LayeredScene, ...]:
    return tuple(compose(packaged(), np.random.default_rng([9, k]), 192, 160, 1 + k % 4, rare) for k in range(60))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(9, 200), st.integers(9, 200), st.integers(0, 6), st.booleans())
def test_any_scene_renders_and_repeats(seed: int, width: int, height: int, count: int, rare: bool) -> None:
    if max(width, height) > 4 * min(width, height):
        return
    one = compose(SMALL, np.random.default_rng(seed), width, height, count, rare)
    assert one == compose(SMALL, np.random.default_rng(seed), width, height, count, rare)
    assert len([k for k in one.layers if not k.asset.startswith("table/")]) <= count
    assert render(one, SMALL).picture.shape == (height, width, 3)


def things(one: LayeredScene) -> list[int]:
    return [k for k, layer in enumerate(one.layers) if not layer.asset.startswith("table/")]


def test_things_lie_in_the_picture_and_cover_each_other_little() -> None:
    filled = 0
    for one in some():
        boxes = [extent_of(one.layers[k], packaged()) for k in things(one)]
        filled += len(boxes)
        for n, (x0, y0, x1, y1) in enumerate(boxes):
            assert x0 >= -1e-6 and x1 <= width_of(one) + 1e-6 and y0 > 0 and y1 < 1.04
            for a0, b0, a1, b1 in boxes[:n]:
                shared = max(0, min(x1, a1) - max(x0, a0)) * max(0, min(y1, b1) - max(y0, b0))
                assert shared <= 0.23 * min((x1 - x0) * (y1 - y0), (a1 - a0) * (b1 - b0))
    assert filled > 0.85 * sum(1 + k % 4 for k in range(60))


def test_what_stands_on_the_ground_has_its_perspective_size() -> None:
    compared = 0
    for one in some():
        stands = [one.layers[k] for k in things(one) if one.layers[k].support in ("ground", "table")]
        assert all(k.y > one.horizon for k in stands)
        sizes = []
        for k in stands:
            metres = asset_of(k.asset, packaged()).size_m
            assert metres is not None
            sizes.append(k.height / (k.y - one.horizon) / metres)
        if len(sizes) > 1:
            compared += 1
            assert max(sizes) / min(sizes) < 1.2
    assert compared > 10


def test_supports_are_kept() -> None:
    for one in some():
        kind = setting_of(packaged().asset(one.background), packaged()).kind
        for k in things(one):
            layer = one.layers[k]
            if kind == "deep":
                assert layer.support == "water"
            if kind in ("sky", "float"):
                assert layer.support == "air" and layer.shadow == 0
            if layer.support in ("ground", "table"):
                assert layer.shadow > 0.2
        if any(one.layers[k].support == "table" for k in things(one)):
            assert one.layers[0].asset.startswith("table/")


def test_layers_go_from_the_back_to_the_front() -> None:
    for one in some():
        feet = [one.layers[k].y for k in things(one) if one.layers[k].support != "air"]
        assert feet == sorted(feet)


def test_rare_scenes_mix_categories() -> None:
    mixed = [[asset_of(one.layers[k].asset, packaged()).category for k in things(one)] for one in some(True)]
    assert all(len(set(kinds)) == len(kinds) for kinds in mixed if "sign" not in kinds)
    kinds = [kind for row in mixed for kind in row]
    assert len(set(kinds)) >= 14 and max(kinds.count(k) for k in set(kinds)) < 0.25 * len(kinds)


def test_signs_say_something_and_are_never_mirrored() -> None:
    signs = [k for one in some() for k in one.layers if k.asset.startswith("sign/")]
    assert signs and all(k.text and not k.flip and is_drawn(k.asset) for k in signs)


def test_light_follows_the_background() -> None:
    bright, dark = (light_of(backdrop_of(key, SMALL), window, False) for key, window in
                    (("own/ramp", (0.8, 0, 1, 1)), ("own/ramp", (0, 0, 0.2, 1))))  # fmt: skip
    assert bright[0] > dark[0] + 0.2
    red, green, blue = (light_of(backdrop_of("own/field", SMALL), (0, 0, 1, 0.5), False)[k] for k in (0, 5, 10))
    assert blue > green > red


def test_the_horizon_is_where_the_colours_change() -> None:
    assert abs(horizon_in(SMALL.pixels("own/field")) - 0.5) < 0.03
    assert horizon_in(SMALL.pixels("own/plain")) == 0.45


def test_the_shelf_is_sorted_once() -> None:
    assert shelf_of(SMALL) is shelf_of(SMALL)
    shelf = shelf_of(packaged())
    assert shelf.weight.sum() == pytest.approx(1) and (shelf.metres > 0).all()


@pytest.mark.parametrize(("width", "height", "count"), [(64, 64, -1), (64, 64, 99), (0, 5, 1), (600, 20, 1)])
def test_numbers_out_of_range_are_refused(width: int, height: int, count: int) -> None:
    with pytest.raises(InvalidOption, match="give"):
        compose(SMALL, np.random.default_rng(0), width, height, count)
