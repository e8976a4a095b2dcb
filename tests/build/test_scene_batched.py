from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_small import SMALL, layer, scene
from test_scene_render import layers

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.scene.render import layers_of, render
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType

torch = pytest.importorskip("torch")
from pixwright.build.scene import batched  # noqa: E402

RENDERER = batched.BatchRenderer("cpu")

LIGHTS = (
    (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
    (0.8, 0, 0, 0.03, 0, 0.9, 0, -0.02, 0, 0, 1.15, 0),
    (0.5, 0.3, 0.1, 0.05, 0, 0.9, 0.2, 0, 0.3, 0, 0.8, -0.1),
)


def same(scenes: list[LayeredScene]) -> None:
    batch = RENDERER.render(scenes, SMALL)
    assert batch.pictures.shape == (len(scenes), 3, scenes[0].height, scenes[0].width)
    assert batch.pictures.dtype == torch.uint8
    for index, one in enumerate(scenes):
        picture, labels = layers_of(one, SMALL)
        new = batch.pictures[index].numpy().transpose(1, 2, 0)
        assert np.abs(new.astype(int) - picture).max() <= 2
        # Where alpha is a half to within rounding, either side may win.
        assert (batch.labels[index].numpy() != labels).sum() <= 2


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.builds(lambda k, light: replace(k, light=light), layers, st.sampled_from(LIGHTS)), max_size=5).map(tuple),
             min_size=1, max_size=4),
    st.integers(1, 70),
    st.integers(1, 70),
)  # fmt: skip
def test_any_batch_equals_numpy(stacks: list[tuple[Layer, ...]], width: int, height: int) -> None:
    same(
        [
            scene(*stack, width=width, height=height, background="own/ramp", crop=(0.1, 0.2, 0.9, 1.0))
            for stack in stacks
        ]
    )


def test_scaled_turned_flipped_lit_shadowed_overlapping_and_seen_in_part() -> None:
    stack = (
        layer("own/noise", x=0.3, angle=33, shadow=0.5, light=LIGHTS[1]),
        layer("own/block", x=0.5, flip=True, angle=-70, shadow=0.9, light=LIGHTS[2]),
        layer("own/ball", x=0.7, height=0.06, shadow=0.4),
        layer("sign/street", x=0.9, y=1.2, height=0.9, text="SLOW"),
    )
    full = scene(*stack, width=128, height=128)
    same([full, replace(full, camera=(0.2, 0.1, 0.7, 0.6)), scene(width=128, height=128), full])


def test_finishes_are_the_same_in_a_batch() -> None:
    kinds = ((EditType.TONE_TRANSFER, "sepia"), (EditType.TONE_TRANSFER, "rain"), (EditType.STYLE_CHANGE, "mosaic"))
    stack = (layer("own/ball"), layer("own/block", x=0.3))
    scenes = [scene(*stack, background="own/field", finish=(look,), seed=3) for look in kinds]
    scenes.append(scene(*stack, background="own/field"))
    batch = RENDERER.render(scenes, SMALL)
    for index, one in enumerate(scenes):
        new = batch.pictures[index].numpy().transpose(1, 2, 0).astype(int)
        apart = np.abs(new - render(one, SMALL).picture)
        # An editor may enlarge a difference of one level where it draws a line.
        assert (apart.max() <= 2) if index in (0, 3) else (np.mean(apart > 2) < 0.01)


def test_the_masks_of_a_batch_are_those_of_numpy() -> None:
    one = scene(layer("own/block", x=0.3), layer("own/ball", x=0.5))
    masks = RENDERER.render([one], SMALL).masks(0, 2)
    assert np.array_equal(masks, render(one, SMALL).masks)


def test_a_full_bank_makes_room() -> None:
    renderer = batched.BatchRenderer(bank_bytes=1)
    looks = [((EditType.COLOR_ALTER, colour),) for colour in ("red", "blue", "green", "yellow", "white", "black")]
    scenes = [scene(layer(looks=look)) for look in looks]
    for one in (*scenes, *scenes):
        new = renderer.render([one], SMALL).pictures[0].numpy().transpose(1, 2, 0)
        assert np.abs(new.astype(int) - layers_of(one, SMALL)[0]).max() <= 2
    whole = renderer.render(scenes, SMALL).pictures.numpy().transpose(0, 2, 3, 1)
    assert all(
        np.abs(new.astype(int) - layers_of(one, SMALL)[0]).max() <= 2 for new, one in zip(whole, scenes, strict=True)
    )


def test_a_batch_is_of_one_size_and_not_empty() -> None:
    with pytest.raises(InvalidOption, match="those of one size"):
        RENDERER.render([scene(), scene(width=50)], SMALL)
    with pytest.raises(InvalidOption, match="at least one"):
        RENDERER.render([], SMALL)
