"""Edits of views by other systems: what is no function of colour is solved for, what a network paints is painted again from what the scene shows by then."""

from dataclasses import replace

import numpy as np
import pytest
from clouds import BOX, balls

from pixwright.edit.contract import Proposal, refuse
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.result import Origin
from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.repaint import Editing, repainted
from pixwright.scene3d.views import views_of
from pixwright.systems import build

STEP = Step(type=EditType.APPEARANCE_ALTER, instruction="", target="ball", value="striped")


@pytest.fixture(scope="module")
def scene():
    gaussians, owners = balls(500)
    return (
        gaussians,
        owners == 0,
        views_of(gaussians, orbit(*BOX, 6, 64, (5.0,))),
    )  # level: the upper half of each picture is that of the ball


def painter(paint, origin=Origin.EXISTING):
    """A system that lays `paint(picture)` on the region, and what it was shown."""
    shown = []

    def edit(picture, step, region, context):
        shown.append(picture)
        return Proposal(paint(picture), region.mask, added=origin)

    system = replace(build("local"), name="painter", edit=edit)
    return Editing(system, system.eyes()), shown


def upper_half_white(picture):
    out = picture.copy()
    out[: len(out) // 2] = 250
    return out


def own_colours(gaussians, chosen):
    return gaussians.colours(np.array([0.0, -3, 0.5]))[chosen]


def test_what_depends_on_the_place_is_solved_for(scene):
    gaussians, chosen, views = scene
    editing, shown = painter(upper_half_white)
    result = repainted(gaussians, chosen, views, STEP, editing)
    assert not result.as_function and len(shown) == len(result.views) == 6
    assert np.array_equal(result.gaussians.coefficients[~chosen], gaussians.coefficients[~chosen])
    after = views.pictures(result.gaussians)
    missed = changed = 0.0
    for edit in result.views:
        own = coverage(views.footprints[edit.number], chosen) > 0.9
        missed += np.abs(edit.after[own].astype(float) - after[edit.number][own]).sum()
        changed += np.abs(edit.after[own].astype(float) - edit.before[own]).sum()
    assert missed < 0.4 * changed


def test_a_function_of_colour_is_the_same_in_every_direction(scene):
    gaussians, chosen, views = scene
    editing, _ = painter(lambda picture: picture[..., ::-1].copy())
    result = repainted(gaussians, chosen, views, STEP, editing)
    assert result.as_function
    red, blue = own_colours(gaussians, chosen), own_colours(result.gaussians, chosen)
    assert np.abs(blue - red[:, ::-1]).mean() < 0.05


def test_a_network_paints_again_what_the_scene_shows_by_then(scene):
    gaussians, chosen, views = scene
    editing, shown = painter(upper_half_white, Origin.GENERATED)
    result = repainted(gaussians, chosen, views, STEP, replace(editing, rounds=2))
    assert len(shown) == 12 and len(result.views) == 6
    first = coverage(views.footprints[0], chosen) > 0.9
    assert shown[6][first].mean() > shown[0][first].mean() + 20  # whiter than the scene was
    assert np.array_equal(result.gaussians.coefficients[~chosen], gaussians.coefficients[~chosen])


def test_where_every_view_is_refused_nothing_changes(scene):
    gaussians, chosen, views = scene
    system = replace(build("local"), edit=lambda picture, step, region, context: refuse(picture, "no"))
    result = repainted(gaussians, chosen, views, STEP, Editing(system, system.eyes()))
    assert result.gaussians is gaussians and {one.proposal.refused for one in result.views} == {"no"}


def test_a_colour_of_the_embedded_editors_is_laid_on_all_views_at_once(scene):
    gaussians, chosen, views = scene
    sizes = []

    def edit(picture, step, region, context):
        sizes.append(picture.shape)
        assert len(region.boxes) == 6 and region.mask.shape == picture.shape[:2]
        return Proposal(255 - picture, region.mask)

    system = replace(build("local"), edit=edit)
    step = Step(type=EditType.COLOR_ALTER, instruction="", target="ball", value="teal")
    result = repainted(gaussians, chosen, views, step, Editing(system, system.eyes()))
    assert sizes == [(64, 6 * 64, 3)] and result.as_function
    assert all(one.after.shape == (64, 64, 3) for one in result.views)
    assert np.abs(own_colours(result.gaussians, chosen) - (1 - own_colours(gaussians, chosen))).mean() < 0.08
