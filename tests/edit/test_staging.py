"""A subject before a new background: shadow, light, focus, plain colours, and cut-outs that get something behind them."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright import edit
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import background_change as background
from pixwright.edit.painting import floors, staging
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.records.result import Origin

HEIGHT, WIDTH = 160, 200
BODY = np.s_[40:130, 80:120]
ENCODERS = Encoders()


def alpha():
    layer = np.zeros((HEIGHT, WIDTH), np.float32)
    layer[BODY] = 1
    return layer


def photograph():
    picture = np.random.default_rng(2).integers(90, 150, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    picture[BODY] = (200, 60, 50)
    return picture


def ground(shown, phrase):
    mask = np.zeros(shown.shape[:2], np.uint8)
    if str(phrase) == "foreground":
        mask[BODY] = 255
    return Region(mask, ((80, 40, 120, 130),) if mask.any() else (), 0.9 if mask.any() else 0.0, str(phrase))


def changed(value, **controls):
    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value=value)
    return background.edit(photograph(), step, whole(HEIGHT, WIDTH), Context(1, ENCODERS, ground, controls=controls))


def test_feet_are_the_lowest_row_unless_the_frame_cuts_them_off():
    assert staging.foot_of(alpha()) == pytest.approx(130 / HEIGHT)
    cut = alpha()
    cut[40:, 80:120] = 1
    assert staging.foot_of(cut) is None and staging.foot_of(np.zeros_like(cut)) is None


def test_the_shadow_lies_under_the_feet():
    shadow = staging.contact_shadow(alpha())
    assert shadow[130:134, 85:115].mean() > 0.3 > shadow[:100].max() and shadow[155:, :40].max() < 0.05
    cut = alpha()
    cut[40:, 80:120] = 1
    assert staging.contact_shadow(cut).max() == 0


def test_what_is_behind_the_feet_is_out_of_focus_and_the_ground_at_them_is_not():
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    out = staging.behind_focus(noise, 0.8, 1.0)
    assert out[:30].std() < 0.35 * noise.std() and out[140:].std() > 0.6 * noise.std()
    assert staging.behind_focus(noise, None, 1.0)[140:].std() < 0.35 * noise.std()
    assert np.array_equal(staging.behind_focus(noise, 0.8, 0.0), noise)


def test_a_lens_blur_leaves_no_halo_of_what_is_kept_out():
    picture = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    picture[BODY] = 250
    ones = np.ones((HEIGHT, WIDTH), np.float32)
    clean, mixed = (staging.lens_blur(picture, ones, back) for back in (1 - alpha(), None))
    assert clean[85, 76:79].max() < 45 < mixed[85, 76:79].max()


def test_the_light_of_a_scene_falls_on_the_subject():
    scene = np.full((HEIGHT, WIDTH, 3), (30, 40, 110), np.uint8)
    lit = staging.scene_light(photograph(), scene, alpha())[60:110, 90:110].reshape(-1, 3).mean(0)
    was = photograph()[60:110, 90:110].reshape(-1, 3).mean(0)
    assert lit.mean() < was.mean() and lit[2] / lit[0] > was[2] / was[0]


@pytest.mark.parametrize(
    ("said", "colour"),
    [
        ("plain white", (255, 255, 255)),
        ("black", (0, 0, 0)),
        ("#ff8800", (255, 136, 0)),
        ("solid #0a0 background", (0, 170, 0)),
        ("plain white studio", (255, 255, 255)),
    ],
)
def test_a_plain_colour_is_that_colour(said, colour):
    proposal = changed(said)
    result, mask = composite(photograph(), proposal)
    assert (result[:10] == colour).all() and proposal.evidence.colour == colour
    assert np.array_equal(result[60:110, 90:110], photograph()[60:110, 90:110]), "nothing shines on the subject"


def test_a_scene_is_drawn_and_its_controls_can_be_moved():
    proposal = changed("meadow")
    assert proposal.added is Origin.DRAWN and {"blur", "light", "shadow"} == {one.name for one in proposal.controls}
    dark, free = (composite(photograph(), changed("meadow", blur=0, shadow=value))[0] for value in (100, 0))
    assert dark[131:134, 85:115].mean() < 0.85 * free[131:134, 85:115].mean()
    unlit, mask = composite(photograph(), changed("meadow", light=0))
    assert np.array_equal(unlit[60:110, 90:110], photograph()[60:110, 90:110])
    assert (composite(photograph(), proposal)[1][60:110, 90:110] < 127).all(), "the subject is kept, a little lit"


def test_where_nobody_can_stand_it_is_said_and_a_place_is_a_photograph():
    assert (
        "attach a picture" in changed("desert").refused
        and "attach a picture" in changed("blackboard full of sums").refused
    )
    assert changed("city").added is Origin.CUTOUTS and changed("bar").added is Origin.CUTOUTS


def test_what_stands_far_behind_does_not_come_along():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[BODY] = 255
    mask[10:14, 20:26] = 255
    assert background.whole_subject(mask)[:20].max() == 0 and background.whole_subject(mask)[BODY].min() == 255


def test_a_cut_out_gets_a_background_that_is_seen():
    cut = np.dstack([photograph(), (alpha() * 255).astype(np.uint8)])
    result = edit(cut, "change the background to a beach")
    assert result.picture.shape[2] == 4 and (result.picture[..., 3] == 255).all()
    assert result.report.verdict == "done"
    kept = np.abs(result.picture[60:110, 90:110, :3].astype(int) - photograph()[60:110, 90:110])
    assert kept.mean() < 30


def test_grounds_are_read_with_what_stands_behind_them():
    assert floors.floor_in("wooden floor").boards and not floors.floor_in("marble table").boards
    assert floors.floor_in("red brick wall and pavement").wall == "brick"
    for words in ("brick wall", "beach", "lawn", "table", "glass table", "wooden floor and a dog"):
        assert floors.floor_in(words) is None


@pytest.mark.parametrize("words", ["wooden floor", "black marble table", "brick wall and pavement"])
def test_the_ground_ends_above_the_feet(words):
    painted = floors.paint_floor(floors.floor_in(words), 120, 160, 0.9, 0.4, np.random.default_rng(0))
    wall, near = painted[10:50].mean((0, 1)), painted[100:].mean((0, 1))
    assert painted.shape == (120, 160, 3) and np.abs(wall - near).max() > 20
    again = floors.paint_floor(floors.floor_in(words), 120, 160, 0.9, 0.4, np.random.default_rng(0))
    assert np.array_equal(painted, again)


def test_what_lies_on_one_rough_ground_gets_the_new_one_from_above():
    rough = np.random.default_rng(5).integers(60, 200, (HEIGHT, WIDTH, 1)).repeat(3, 2).astype(np.uint8)
    smooth = np.full((HEIGHT, WIDTH, 3), 180, np.uint8)
    assert background._from_above(rough, alpha()) and not background._from_above(smooth, alpha())
    rough[80:] //= 3
    assert not background._from_above(rough, alpha())


def test_the_named_subject_stays_where_something_else_stands_out():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[20:60, 140:180] = 255

    def kept(place, score, words="cup"):
        named = np.zeros((HEIGHT, WIDTH), np.uint8)
        named[place] = 255
        region = Region(named, ((0, 0, 1, 1),), score, words, "phrase")
        step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value="beach", target=words)
        return background._subject(photograph(), step, region, Context(1, ENCODERS, ground)).alpha

    apart = np.s_[20:60, 140:180]
    assert kept(apart, 0.9)[40, 160] > 0.9 and kept(apart, 0.9)[80, 100] < 0.1
    assert kept(apart, 0.5)[80, 100] > 0.9 and kept(np.s_[40:80, 80:120], 0.9)[120, 100] > 0.9


def test_a_subject_that_would_come_out_in_shreds_is_refused():
    def doubtful(shown, phrase):
        found = ground(shown, phrase)
        return Region(np.where(found.mask > 0, np.uint8(120), np.uint8(0)), found.boxes, 0.9, str(phrase))

    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value="beach")
    made = background.edit(photograph(), step, whole(HEIGHT, WIDTH), Context(1, ENCODERS, doubtful))
    assert made.refused and "--mask" in made.refused
