"""Seasons, times of day, weather, controls and the dispatch: what each must do to a picture whose parts are known."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit import dispatch
from pixwright.edit.contract import Context, Proposal
from pixwright.edit.filling import taking
from pixwright.edit.painting.weather import weather
from pixwright.edit.surfaces.surface import read_surface, sample
from pixwright.edit.toning import controls, light, mood
from pixwright.edit.toning.dials import tone_for
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType, Group, Target
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region, whole
from pixwright.records.vocabulary import CONTROLS, SEASONS, TIMES, WEATHERS

ENCODERS = Encoders()
HEIGHT, WIDTH = 160, 220
SKY, GROUND = np.s_[5:45, 10:-10], np.s_[110:150, 10:-10]


def meadow(seed=0):
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:53], picture[53:] = (150, 190, 235), (70, 150, 60)
    noise = np.random.default_rng(seed).normal(0, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def outdoors(sky=True, picture=None):
    def ground(shown, phrase):
        mask = np.zeros(shown.shape[:2], np.uint8)
        if sky and str(phrase) == "sky":
            mask[: shown.shape[0] // 3] = 255
        boxes = ((0, 0, shown.shape[1], shown.shape[0] // 3),) if mask.any() else ()
        return Region(mask, boxes, 0.9 if boxes else 0.0, str(phrase))

    return Outdoors(meadow() if picture is None else picture, Context(5, ENCODERS, ground))


def toned(name, strength=1.0):
    return tone_for(name, strength, outdoors().context)


def mean(picture, part):
    return picture[part].reshape(-1, 3).astype(float).mean(0)


@pytest.mark.parametrize("name", TIMES)
def test_a_time_of_day_repeats_and_keeps_the_size(name):
    here = outdoors()
    out = light.time_of_day(here, toned(name))
    assert out.shape == here.picture.shape and out.dtype == np.uint8
    assert np.array_equal(out, light.time_of_day(outdoors(), toned(name)))


def test_night_is_dark_and_a_low_sun_is_warm():
    day = meadow()
    night, sunset = (light.time_of_day(outdoors(), toned(name)) for name in ("night", "sunset"))
    assert night[GROUND].mean() < 0.6 * day[GROUND].mean()
    red, _, blue = mean(sunset, SKY)
    assert red > blue and mean(day, SKY)[0] < mean(day, SKY)[2]
    inside = light.time_of_day(outdoors(sky=False), toned("sunset"))
    assert mean(inside, GROUND)[0] - mean(inside, GROUND)[2] > mean(day, GROUND)[0] - mean(day, GROUND)[2]


@pytest.mark.parametrize("name", SEASONS)
def test_a_season_changes_plants_most(name):
    here, day = outdoors(), meadow()
    out = light.season(here, toned(name))
    plants = np.abs(out[GROUND].astype(int) - day[GROUND]).mean()
    assert plants > 5 and out.shape == day.shape
    if name == "winter":
        assert out[GROUND].mean() > day[GROUND].mean() + 15, "snow lies on level ground"
    if name == "autumn":
        assert mean(out, GROUND)[0] > mean(out, GROUND)[1], "leaves turn from green to red"


def test_more_snow_is_whiter():
    here = outdoors()
    little, much = (light.lay_snow(here.picture, here, amount)[GROUND].mean() for amount in (0.3, 1.0))
    assert here.picture[GROUND].mean() < little < much


@pytest.mark.parametrize("name", [*WEATHERS, "sandstorm", "underwater"])
def test_weather_repeats_and_grows_with_its_strength(name):
    here = outdoors()
    weak, strong = (weather(here, toned(name, strength)) for strength in (0.4, 1.2))
    assert weak.shape == strong.shape == here.picture.shape
    assert np.array_equal(strong, weather(outdoors(), toned(name, 1.2)))
    assert np.abs(strong.astype(int) - here.picture).mean() > 1


def test_fog_takes_the_far_first():
    striped = meadow()
    striped[60:150:6] = 20
    out = weather(outdoors(picture=striped), toned("fog"))
    far, near = np.s_[60:80], np.s_[125:148]
    assert out[far].std() / striped[far].std() < out[near].std() / striped[near].std()


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_that_is_not_turned_does_next_to_nothing(name):
    out = controls.control(meadow(), name, 0.0, np.random.default_rng(0))
    assert np.abs(out.astype(int) - meadow()).mean() < 4, "no more than the noise of the picture"


@pytest.mark.parametrize(
    ("unit", "value", "meant"),
    [
        (Unit.PERCENT, 30, 0.3),
        (Unit.FACTOR, 2.0, 1.0),
        (Unit.STRENGTH, 1.0, 0.6),
        (Unit.STRENGTH, -0.5, -0.3),
        (Unit.PERCENT, -500, -1.0),
    ],
)
def test_an_amount_is_a_fraction(unit, value, meant):
    assert controls.signed("contrast", Amount(value=value, unit=unit)) == pytest.approx(meant)
    assert controls.signed("contrast", None) == pytest.approx(0.36)
    assert controls.signed("hue", Amount(value=90, unit=Unit.DEGREES)) == 90


@pytest.mark.parametrize("a", [-0.4, 0.25, 0.5])
def test_brightness_and_contrast_reach_their_goal(a):
    picture = meadow()
    grey = picture.astype(float) @ (0.299, 0.587, 0.114)
    bright = controls.brightness(picture, a).astype(float) @ (0.299, 0.587, 0.114)
    assert bright.mean() == pytest.approx(grey.mean() * (1 + a), rel=0.03)
    spread = controls.contrast_by(picture, a).astype(float) @ (0.299, 0.587, 0.114)
    assert (spread.std() > grey.std()) == (a > 0)


def test_brightness_keeps_black_and_does_not_lift_colour_into_blotches():
    """A dark shirt before a sunset turned into flat grey, and the blue in deep shadow into ultramarine."""
    shirt = np.full((120, 60, 3), 110, np.uint8)
    shirt[:60] = np.arange(60)[:, None, None] * 4
    shirt[80:] = (26, 26, 26)
    shirt[100:, ::2] = (34, 34, 34)
    bright = controls.brightness(shirt, 0.36).astype(int)
    assert bright[0].max() <= 4, "black stays"
    assert (bright[110, 0] - bright[110, 1]).min() > 8, "and the folds in what is dark can be seen"
    shade = np.full((60, 60, 3), 190, np.uint8)
    shade[40:] = (2, 3, 30)
    shade[:8] = 0
    for lifted in (
        controls.brightness(shade, 0.36),
        controls.control(shade, "shadows", 0.36, np.random.default_rng(0)),
    ):
        chroma = np.ptp(lifted[50, 30].astype(int)) / 28
        luma = (lifted[50, 30] @ (0.299, 0.587, 0.114)) / (shade[50, 30] @ (0.299, 0.587, 0.114))
        assert luma > 1.5 and chroma < 0.8 * luma


def test_moods_mix_their_corners():
    happy, sad = (mood.grade_of(mood.Mood(v, a, "", (), True)) for v, a in ((1, 1), (-1, -1)))
    middle = mood.grade_of(mood.Mood(0, 0, "", (), True))
    assert happy != sad
    low, high = sorted((happy.saturation, sad.saturation))
    assert low - 1e-6 <= middle.saturation <= high + 1e-6 or middle.saturation > 0
    assert mood.describe(mood.Mood(0.8, 0.7, "", ("fast", "major"), True))


def test_a_surface_is_read_and_wrapped():
    mask = np.zeros((80, 80), np.uint8)
    mask[15:65, 15:65] = 255
    shaded = np.repeat(np.linspace(60, 200, 80)[None, :, None], 80, 0).repeat(3, 2).astype(np.uint8)
    found = read_surface(shaded, mask)
    inside = mask > 0
    assert found.size == pytest.approx(50) and found.shade[inside].mean() == pytest.approx(1, abs=0.1)
    assert found.shade[40, 60] > found.shade[40, 20] and found.height[40, 40] > found.height[40, 17]
    tile = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    laid = sample(tile, found, 2.0)
    assert laid.shape == (80, 80) and laid.min() >= 0 and laid.max() <= 1


def test_a_hole_hides_a_thing_with_its_halo():
    mask = np.zeros((100, 100), np.uint8)
    mask[30:70, 30:70] = 255
    mask[48:52, 48:52] = 0
    picture = np.where(mask[..., None] > 0, 40, 200).repeat(3, 2).astype(np.uint8)
    hole = taking.taken(picture, mask, Context(0, ENCODERS, lambda shown, phrase: whole(*shown.shape[:2]))).hole
    assert set(np.unique(hole)) <= {0, 255} and hole[50, 50] == 255 and hole[28, 50] == 255 and hole[20, 50] == 0
    empty = taking.taken(picture, mask * 0, Context(0, ENCODERS, lambda shown, phrase: whole(*shown.shape[:2])))
    assert not empty.hole.any()


@pytest.mark.parametrize("kind", EditType)
def test_every_type_has_its_module_beside_its_group(kind):
    module = dispatch.module_of(kind)
    assert (".visual." in module) == (kind.group is Group.VISUAL)
    named = Step(type=kind, instruction="", target="cat")
    bare = Step(type=kind, instruction="")
    needed = kind.traits.target
    assert dispatch.needs_target(bare) == (needed is Target.NEEDED)
    assert dispatch.needs_target(named) == (needed in (Target.NEEDED, Target.USUAL, Target.OPTIONAL))


def test_what_was_not_found_is_refused_once_for_all():
    picture = meadow()
    step = Step(type=EditType.COLOR_ALTER, instruction="", target="cat", value="red")
    nothing = Region(np.zeros((HEIGHT, WIDTH), np.uint8), (), 0.1, "cat", "none", note="")
    found = dispatch.edit(picture, step, nothing, outdoors().context)
    assert isinstance(found, Proposal) and found.refused and "cat" in found.refused and "--box" in found.refused
    toned = dispatch.edit(
        picture,
        Step(type=EditType.TONE_TRANSFER, instruction="", value="warm"),
        whole(HEIGHT, WIDTH),
        outdoors().context,
    )
    assert toned.refused is None and toned.picture.shape == picture.shape


def test_what_is_only_guessed_at_is_not_taken_away():
    """ "Remove the garlic" took the pan beside it: of eleven guesses on development pairs one was right."""
    picture = meadow()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[20:60, 20:60] = 255
    guessed = Region(mask, ((20, 20, 60, 60),), 0.36, "garlic", guess=True, note="nothing here is known as it")
    context = Context(0, Encoders(), lambda shown, phrase: whole(*shown.shape[:2]))
    for kind in (EditType.REMOVE, EditType.REPLACE, EditType.MOVEMENT, EditType.RESIZE):
        told = dispatch.edit(picture, Step(type=kind, instruction="", target="garlic", value="apple"), guessed, context)
        assert told.refused and '"garlic"' in told.refused and "--point" in told.refused
    blue = Step(type=EditType.COLOR_ALTER, instruction="make the garlic blue", target="garlic", value="blue")
    assert dispatch.edit(picture, blue, guessed, context).refused is None
