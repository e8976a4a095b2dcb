"""What a scene did not hold: things from cut-outs, letters on a surface, another background. All that it held stays, byte for byte."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from ball_eyes import ColourEyes

from pixwright.records.plan import Relation
from pixwright.records.result import Verdict
from pixwright.scene3d.brought.form import blown_up, heights
from pixwright.scene3d.brought.letters import laid
from pixwright.scene3d.brought.place import Ground, at_thing, height_beside, open_place, sized
from pixwright.scene3d.cameras import looking, orbit
from pixwright.scene3d.edit import SceneJob, edit_scene
from pixwright.scene3d.splats.gaussians import gaussians_of
from pixwright.scene3d.splats.ply import read_ply
from pixwright.scene3d.splats.render import render, weights_of
from pixwright.scene3d.survey import Survey

EXAMPLE = Path(__file__).parents[2] / "examples" / "scenes" / "table-vase.ply"


def disc(side=64, colour=(200, 40, 30)):
    """A round cut-out."""
    pixels = np.zeros((side, side, 4), np.uint8)
    cv2.circle(pixels, (side // 2, side // 2), side // 2 - 2, (*colour, 255), -1)
    return pixels


def test_a_disc_becomes_a_ball():
    solid = disc()[..., 3] > 0
    deep = np.sqrt(heights(solid))
    assert deep.max() == pytest.approx(30, abs=2)
    ball = blown_up(disc(), 1000, 1)
    assert 600 < len(ball) < 1600 and ball.coefficients.shape[1:] == (4, 3)
    low, high = ball.centres.min(axis=0), ball.centres.max(axis=0)
    assert np.allclose(high - low, 60 / 64, atol=0.06) and abs(low[2]) < 0.06, "as deep as wide, its foot at the origin"
    away = np.linalg.norm(ball.centres - (low + high) / 2, axis=1)
    assert away.std() < 0.02, "on the ball's surface"


def test_a_bar_is_as_deep_as_it_is_wide_and_a_long_one_lies_flat():
    upright = np.zeros((80, 30), bool)
    upright[:, 5:25] = True
    assert np.sqrt(heights(upright)[40]).max() == pytest.approx(10, abs=1), "a bottle is round"
    lying = np.zeros((30, 80), bool)
    lying[5:25] = True
    assert np.sqrt(heights(lying)).max() < 20, "what lies is not as deep as it is long"


def test_its_picture_is_seen_from_before_and_mirrored_from_behind():
    pixels = disc()
    pixels[:, :32, :3] = (20, 40, 220)
    ball = blown_up(pixels, 2500, 0)
    low, high = ball.box()
    for eye, left in ((-4, True), (4, False)):
        shown = render(ball, looking((0, eye, 0.5), (low + high) / 2, 64, 25.0)).astype(int)
        red = (shown[..., 0] - shown[..., 2] > 60).sum(axis=0)
        assert (red[:30].sum() < red[34:].sum()) == left


@pytest.fixture
def table():
    """A level square of side 2 with a block on it at x = 0.5, which is 0.4 wide and high."""
    rng = np.random.default_rng(0)
    level = np.column_stack([rng.uniform(-1, 1, (3000, 2)), rng.normal(0, 0.002, 3000)])
    block = rng.uniform((0.3, -0.2, 0.0), (0.7, 0.2, 0.4), (600, 3))
    return Ground(np.concatenate([level, block]), (np.array([-1.0, -1, 0]), np.array([1.0, 1, 0.4]))), block


SIZE, BLOCK = np.array([0.3, 0.3, 0.3]), (np.array([0.3, -0.2, 0.0]), np.array([0.7, 0.2, 0.4]))


def test_places_are_on_the_ground_and_free(table):
    ground, block = table
    assert abs(ground.level) < 0.02
    place = open_place(ground, SIZE)
    assert abs(place[2]) < 0.02 and abs(place[0] - 0.5) > 0.3
    beside = {
        one: at_thing(ground, BLOCK, block, SIZE, one, False) for one in (Relation.LEFT, Relation.IN_FRONT, Relation.ON)
    }
    assert beside[Relation.LEFT][0] < 0.2 and beside[Relation.IN_FRONT][1] < -0.3
    assert beside[Relation.ON] == pytest.approx((0.5, 0, 0.4), abs=0.06)
    assert at_thing(ground, BLOCK, block, np.array([0.6, 0.6, 0.3]), Relation.RIGHT, False) is None, "the table ends"


def test_sizes_are_of_the_world_where_both_are_known(table):
    ground, _ = table
    assert height_beside(0.1, 0.2, BLOCK) == pytest.approx(0.2) and height_beside(None, 0.2, BLOCK) is None
    shape = np.array([2.0, 1.0, 1.0])
    assert sized(shape, 0.2, ground, Relation.ON, BLOCK) == pytest.approx(0.2), "0.4 wide, as the block"
    assert sized(shape, None, ground, None, None) * 2 < ground.width / 2


def test_letters_lie_on_what_the_camera_sees():
    camera = looking((0, -4, 0), (0, 0, 0), 64, 30.0)
    where = np.zeros((64, 64), bool)
    where[30:34, 20:44] = True
    letters = laid(camera, np.full((64, 64, 3), 10, np.uint8), where, np.full((64, 64), 3.0), 1)
    assert len(letters) == where.sum()
    assert np.allclose(camera.seen(letters.centres.astype(float))[:, 2], 3.0, atol=0.05)
    shown = weights_of(letters, camera).left
    assert shown[where].mean() < 0.3 and shown[:20].min() > 0.95


@pytest.fixture(scope="module")
def system():
    from pixwright.systems import build

    return replace(build("local"), eyes=ColourEyes)


def run(folder, words, system, monkeypatch):
    monkeypatch.setattr("pixwright.scene3d.verdicts._JUDGED", 1)
    done = edit_scene(SceneJob(EXAMPLE, words, folder / "out.ply", Survey(views=4, side=72)), system)
    assert done.output is not None, done.report.reasons
    assert done.report.outside_max_difference == 0 and done.report.outside_bytes_differ == 0
    return done, gaussians_of(read_ply(done.output))


def test_a_hat_is_put_on_the_ball(tmp_path, system, monkeypatch):
    done, after = run(tmp_path, "put a hat on the ball", system, monkeypatch)
    assert done.report.changed == done.report.removed == 0 and done.report.added > 2000
    before = read_ply(EXAMPLE).rows
    assert read_ply(done.output).rows[: len(before)].tobytes() == before.tobytes()
    hat = after.centres[len(before) :]
    assert np.median(hat, axis=0)[:2] == pytest.approx((-0.08, -0.5), abs=0.06), "over the ball"
    assert 0.35 < hat[:, 2].min() < hat[:, 2].max() < 0.9
    assert "mirror image" in done.report.reasons[0]


def test_what_is_replaced_gives_way_on_its_own_place(tmp_path, system, monkeypatch):
    done, after = run(tmp_path, "replace the ball with a lamp", system, monkeypatch)
    assert done.report.removed > 500 and done.report.added > 2000
    new = after.centres[4000 - done.report.removed :]
    assert np.median(new, axis=0)[:2] == pytest.approx((-0.08, -0.5), abs=0.08) and abs(new[:, 2].min()) < 0.1


def test_a_background_is_behind_everything_all_around(tmp_path, system, monkeypatch):
    done, after = run(tmp_path, "change the background to green", system, monkeypatch)
    assert done.report.verdict is Verdict.DONE and done.report.changed == 0
    was = gaussians_of(read_ply(EXAMPLE))
    for camera in orbit(*was.box(), 2, 48):
        shown, old = render(after, camera).astype(int), render(was, camera)
        corners = shown[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert (corners[:, 1] - corners[:, [0, 2]].max(axis=1) > 40).all()
        middle = np.abs(shown - old)[20:28, 20:28]
        assert np.median(middle) < 8, "the things stay before it"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("add a rainbow", "no form that stands in a scene"),
        ("put a zeppelin on the ball", "no cut-out of"),
        ("blur the background", "no focus"),
        ("make the background transparent", "transparent there already"),
        ("put a hat on the elephant", "found in none"),
        ('write "HI"', "names no thing"),
        ("extend the picture to the left by 30%", "a scene has neither"),
    ],
)
def test_what_cannot_be_brought_is_said(words, why, tmp_path, system):
    done = edit_scene(SceneJob(EXAMPLE, words, tmp_path / "out.ply", Survey(views=4, side=64)), system)
    assert done.output is None and why in " ".join(done.report.reasons), done.report.reasons
