"""Traced things: exact from every side and in every pose, on the same spot, and told in words that are read back."""

from functools import cache

import numpy as np
import pytest

from pixwright.build.contract import Layer, ScenePair
from pixwright.build.pairs.realise import realise
from pixwright.build.pairs.stage import Stage, Unfit, worded
from pixwright.build.pairs.traced import ACTS, METHOD, exchanged, posed, turned_view
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.scene.signs import asset_of, pixels_of
from pixwright.build.scene.traced.cutouts import STANDING, TracedKey, footing, read_key, traced_pixels
from pixwright.build.scene.traced.figures import FOUR_LEGGED, UPRIGHT
from pixwright.build.scene.traced.models import COLOURS, FIXED, MAIN, MODELS
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.build.wording.check import parse_back
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Split
from pixwright.words import read

DUCK = TracedKey("rubber duck", "yellow", 60)


@cache
def catalogue() -> PackagedCatalogue:
    return PackagedCatalogue(Split.TRAIN)


def outline(key: TracedKey) -> np.ndarray:
    return traced_pixels(str(key))[..., 3] > 127


def test_a_symmetric_thing_from_the_left_is_its_mirror_image_from_the_right():
    right, left = outline(DUCK), outline(DUCK._replace(heading=300))
    assert right.shape == left.shape
    assert (right[:, ::-1] & left).sum() > 0.98 * (right | left[:, ::-1]).sum()
    assert (right & left).sum() < 0.9 * (right | left).sum()  # and it is not the same picture


def test_colours_are_paint_only_and_a_key_is_read_as_it_is_written():
    yellow, blue = (traced_pixels(str(DUCK._replace(colour=colour))) for colour in ("yellow", "blue"))
    assert np.array_equal(yellow[..., 3], blue[..., 3])
    solid = yellow[..., 3] == 255
    assert yellow[solid].mean(axis=0)[0] > 1.5 * blue[solid].mean(axis=0)[0]
    assert read_key(str(DUCK)) == DUCK
    asset = asset_of(str(DUCK), catalogue())
    assert (asset.name, asset.caption, asset.split is not None) == ("rubber duck", "a rubber duck", True)
    for wrong in (
        "traced/rubber duck/pink/0/stand",
        "traced/rubber duck/blue/0/wave",
        "traced/dragon/red/0/stand",
        "traced/",
    ):
        with pytest.raises(InvalidOption, match="is not traced here"):
            pixels_of(wrong, "", catalogue())


def test_a_turned_thing_turns_about_the_spot_that_it_stands_on():
    mug = TracedKey("mug", "red", 0)
    layer = Layer(str(mug), "mug", 0.5, 0.8, 0.3)
    new = exchanged(layer, mug._replace(heading=90))
    was, now = footing(str(mug)), footing(new.asset)
    scale = layer.height / was.tall
    assert new.height == pytest.approx(now.tall * scale)  # of the same size, seen from the side
    assert new.x + (now.x - now.wide / 2) * scale == pytest.approx(layer.x + (was.x - was.wide / 2) * scale)
    assert new.y + (now.y - now.tall) * scale == pytest.approx(layer.y + (was.y - was.tall) * scale)
    assert now.wide > was.wide  # the handle shows


def test_every_part_of_every_model_has_a_colour_lies_in_its_ball_and_every_pose_has_words():
    rng = np.random.default_rng(0)
    for noun, model in MODELS.items():
        assert set(model.colours) <= set(COLOURS) and STANDING in model.poses
        # A thin shell just outside of the ball that the camera frames.
        way = rng.normal(size=(600, 3))
        shell = (way / np.linalg.norm(way, axis=1, keepdims=True) * model.radius + [0, 0, model.middle]).astype(
            np.float32
        )
        for pose in model.poses:
            assert pose == STANDING or pose in ACTS, pose
            for solid, colour, _ in model.parts(pose):
                assert colour == MAIN or colour in FIXED
                assert solid(shell).min() > 0, (noun, pose)
    assert set(UPRIGHT) | set(FOUR_LEGGED) <= {STANDING, *ACTS}


@pytest.mark.parametrize("pose", ACTS)
def test_what_a_figure_does_is_read_as_its_pose(pose):
    act = ACTS[pose]
    wanted = Step(type=EditType.ACTION_CHANGE, instruction="", target=read("robot"), value=pose)
    for words in (f"make the robot {act.asked}", f"what if the robot were {act.told}?"):
        assert parse_back(words, wanted, ()) is None


def made(kind: EditType) -> ScenePair:
    draft = {EditType.ACTION_CHANGE: posed, EditType.ROTATION_CHANGE: turned_view}[kind]
    for seed in range(40):
        rng = np.random.default_rng([7, seed])
        scene = compose(catalogue(), rng, 128, 128, 2)
        try:
            stage = Stage(scene, catalogue(), rng)
            return worded(stage, kind, draft(stage))
        except Unfit:
            continue
    raise AssertionError("no scene in forty has room")


@pytest.mark.parametrize("kind", [EditType.ACTION_CHANGE, EditType.ROTATION_CHANGE])
def test_a_pair_shows_the_same_thing_otherwise_and_leaves_the_rest_alone(kind):
    pair = made(kind)
    assert parse_back(pair.instruction, pair.step, ()) is None
    (index,) = pair.touched
    was, now = (read_key(one.layers[index].asset) for one in (pair.before, pair.after))
    assert (was.noun, was.colour) == (now.noun, now.colour) and was != now
    row = realise(pair, render, catalogue(), "one")
    outside = row.mask == 0
    assert np.array_equal(row.source[outside], row.edited[outside]) and not np.array_equal(row.source, row.edited)
    assert row.extra["method"] == METHOD and row.source_caption != row.edited_caption
    assert any(part.key == pair.after.layers[index].asset for part in row.parts)
    if kind is EditType.ROTATION_CHANGE:
        assert pair.step.amount is not None and (now.heading - was.heading - pair.step.amount.value) % 360 == 0
    else:
        assert ACTS[pair.step.value].told in row.edited_caption
