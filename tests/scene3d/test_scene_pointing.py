"""What the user points at in one view is that thing all around; it is edited, or cut out."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from test_edit import EXAMPLE, SEEN, ColourEyes, rows_of, run

from pixwright.errors import InvalidOption, InvalidScene, NothingFound, OutputExists
from pixwright.pointing import UserPlace
from pixwright.records.result import Verdict
from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.cut import SceneCut, cut_scene
from pixwright.scene3d.finding import find_pointed
from pixwright.scene3d.spreading import spread
from pixwright.scene3d.survey import Survey
from pixwright.scene3d.views import views_of

BALL = "86,130,146,188"
"""The box of the ball in the first view at 256 pixels, by hand."""


def two_spheres(apart=2.5, count=1500):
    """Points on a red and a blue sphere side by side: centres, colours, which are red."""
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(2 * count, 3))
    red = np.arange(2 * count) < count
    centres = directions / np.linalg.norm(directions, axis=1, keepdims=True) + np.where(red, 0, apart)[:, None] * [
        1,
        0,
        0,
    ]
    colours = np.where(red[:, None], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8])
    return centres.astype(np.float32), colours.astype(np.float32), red


@pytest.mark.parametrize("apart", [2.5, 2.0, 1.7])
def test_a_thing_is_known_all_around_from_its_front(apart):
    """Apart, touching, and one in the other: colour parts them where place does not."""
    centres, colours, red = two_spheres(apart)
    front = centres[:, 1] < -0.3
    found = spread(centres, colours, red & front, front)
    assert np.array_equal(found[front], red[front])
    assert np.mean(found == red) > 0.98


def test_things_of_one_colour_are_parted_by_place():
    centres, _, red = two_spheres(2.5)
    front = centres[:, 1] < -0.3
    found = spread(centres, np.full_like(centres, 0.5), red & front, front)
    assert np.mean(found == red) > 0.98


def test_what_is_no_number_is_not_the_thing():
    centres, colours, red = two_spheres()
    centres[3], colours[4] = np.nan, np.inf
    found = spread(centres, colours, red & (centres[:, 1] < 0), centres[:, 1] < 0)
    assert not found[3] and found.sum() > red.sum() * 0.9


def test_nothing_spreads_from_nothing():
    centres, colours, red = two_spheres()
    assert not spread(centres, colours, np.zeros_like(red), red).any()


@pytest.fixture(scope="module")
def system():
    from pixwright.systems import build

    return build("local")


def pointing(side=256, **more):
    return Survey(views=4, side=side, place=UserPlace(box=BALL), **more)


def test_it_is_what_a_box_shows_and_nothing_else_changes(tmp_path, system, monkeypatch):
    monkeypatch.setattr("pixwright.scene3d.verdicts._JUDGED", 1)
    done = run(tmp_path, "make it green", system, survey={"views": 4, "side": 256, "place": UserPlace(box=BALL)})
    (step,) = done.report.steps
    assert step.verdict is not Verdict.NOT_DONE and done.report.pointed == f"box:{BALL} in view 1"
    assert done.report.outside_bytes_differ == 0 and 500 < done.report.changed < 750  # 605 by its noun, from 16 views


def test_the_place_holds_for_later_steps(tmp_path, system, monkeypatch):
    """The Gaussians are followed: by the second step they stand elsewhere."""
    monkeypatch.setattr("pixwright.scene3d.verdicts._JUDGED", 1)
    words, survey = (
        "move it up by 10%, then rotate it by 90 degrees",
        {"views": 4, "side": 256, "place": UserPlace(box=BALL)},
    )
    first, second = run(tmp_path, words, system, survey=survey).report.steps
    assert first.selected == second.selected > 500 and "up in the scene" in first.reasons[0]


def test_a_thing_and_the_rest_are_the_scene(tmp_path, system):
    thing, rest = tmp_path / "ball.ply", tmp_path / "rest.ply"
    found = cut_scene(SceneCut(EXAMPLE, None, thing, pointing()), system)
    cut_scene(SceneCut(EXAMPLE, None, rest, pointing(), rest=True), system)
    whole, own, others = (rows_of(path) for path in (EXAMPLE, thing, rest))
    assert own == [row for row, chosen in zip(whole, found.chosen, strict=True) if chosen]
    assert others == [row for row, chosen in zip(whole, found.chosen, strict=True) if not chosen]


def test_a_mask_points_as_well(tmp_path, system):
    x0, y0, x1, y1 = map(int, BALL.split(","))
    drawn = np.zeros((256, 256), np.uint8)
    drawn[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4] = 255
    Image.fromarray(drawn).save(tmp_path / "mask.png")
    survey = Survey(views=4, side=256, place=UserPlace(mask=tmp_path / "mask.png"))
    found = cut_scene(SceneCut(EXAMPLE, None, tmp_path / "o.ply", survey), system)
    assert 450 < found.chosen.sum() < 800 and found.views == (0,)


def test_pointing_at_nothing_is_said(tmp_path, system):
    survey = Survey(views=4, side=256, place=UserPlace(box="2,2,20,20"))
    with pytest.raises(InvalidScene, match="box:2,2,20,20 in view 1: no Gaussian"):
        cut_scene(SceneCut(EXAMPLE, None, tmp_path / "o.ply", survey), system)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_cut_is_said(tmp_path, system):
    system = replace(system, eyes=ColourEyes)
    out = tmp_path / "o.ply"
    with pytest.raises(InvalidOption, match="nothing was named"):
        cut_scene(SceneCut(EXAMPLE, None, out, SEEN), system)
    with pytest.raises(NothingFound, match="found in none of 5 views"):
        cut_scene(SceneCut(EXAMPLE, "the elephant", out, SEEN), system)
    with pytest.raises(InvalidOption, match=r"written as \.ply"):
        cut_scene(SceneCut(EXAMPLE, "the ball", tmp_path / "o.obj", SEEN), system)
    with pytest.raises(InvalidOption, match="never overwritten"):
        cut_scene(SceneCut(EXAMPLE, "the ball", EXAMPLE, SEEN, force=True), system)
    out.write_text("mine")
    with pytest.raises(OutputExists):
        cut_scene(SceneCut(EXAMPLE, "the ball", out, SEEN), system)
    assert out.read_text() == "mine"


def test_a_view_decides_only_of_what_it_shows_well(scene):
    """A mask of a whole view takes what that view shows, though the other side was never in it."""
    from pixwright.records.region import whole
    from pixwright.scene3d.splats.gaussians import gaussians_of

    gaussians = gaussians_of(scene)
    views = views_of(gaussians, orbit(*gaussians.box(), 4, 64))
    found = find_pointed(gaussians, views, 0, whole(64, 64))
    assert found.chosen.mean() > 0.95
