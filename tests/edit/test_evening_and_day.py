"""Light of another hour, as a photographer has it: warm and not yellow, an evening in a room by its lamps, day without the evening's colours; and no sky or lake where there is none."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.editors import appearance_alter, tone_transfer
from pixwright.edit.toning.grade import apply_grade, grade_named
from pixwright.edit.toning.interiors import by_lamplight
from pixwright.edit.toning.light import graded
from pixwright.edit.toning.lut import warm
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.words import read

ENCODERS = Encoders()
HEIGHT, WIDTH = 240, 320


def context(**seen):
    """A grounder that knows some phrases by one box each, or by box and score."""

    def ground(picture, phrase):
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        box = seen.get(str(phrase).removeprefix("the "))
        if box is None:
            return Region(mask, (), 0.0, str(phrase), note="not seen")
        x0, y0, x1, y1 = (round(share * side) for share, side in zip(box[:4], (width, height) * 2, strict=True))
        mask[y0:y1, x0:x1] = 255
        return Region(mask, ((x0, y0, x1, y1),), box[4] if len(box) > 4 else 0.9, str(phrase))

    return Context(0, ENCODERS, ground)


def field(colour, noise=0, seed=0):
    rng = np.random.default_rng(seed)
    flat = np.tile(np.array(colour, np.float32), (HEIGHT, WIDTH, 1))
    return np.clip(flat + rng.normal(0, noise, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)


def test_warm_light_leaves_white_cream_and_blue_blue():
    white, grey, blue = (np.array([one], np.float32) / 255 for one in ((250, 250, 250), (128, 128, 128), (40, 80, 190)))
    lit = {name: np.clip(warm(one, 0.7), 0, 1)[0] for name, one in (("white", white), ("grey", grey), ("blue", blue))}
    assert 0.03 < lit["white"][0] - lit["white"][2] < 0.2, "cream"
    assert lit["grey"][0] - lit["grey"][2] > 0.15, "warm"
    assert lit["blue"][2] > 1.5 * lit["blue"][0], "still blue"


def test_a_golden_hour_is_warm_in_its_lights_and_cooler_in_its_shadows():
    lights, shadows = (
        apply_grade(field((tone,) * 3), grade_named("golden hour"), np.random.default_rng(0)).reshape(-1, 3).mean(0)
        for tone in (170, 45)
    )
    assert lights[0] - lights[2] > 25 > 8 > shadows[0] - shadows[2]


def room():
    """A grey room with a white lamp and a bright window."""
    picture = field((150, 150, 150))
    picture[60:100, 40:80] = (250, 245, 235)
    picture[30:110, 220:300] = (225, 235, 240)
    return picture


LAMP, WINDOW = (40 / 320, 60 / 240, 80 / 320, 100 / 240), (220 / 320, 30 / 240, 300 / 320, 110 / 240)
INSIDE = {"wall": (0, 0, 1, 0.7), "table": (0.2, 0.6, 0.8, 1)}


def test_an_evening_in_a_room_is_dim_with_warm_lamps_and_dusk_in_its_window():
    picture = room()
    done = tone_transfer.edit(
        picture,
        Step(type=EditType.TONE_TRANSFER, instruction="evening", value="sunset"),
        whole(HEIGHT, WIDTH),
        context(**INSIDE, lamp=LAMP, window=WINDOW),
    )
    new = done.picture.astype(int)
    assert done.partly is None
    assert new[70:90, 50:70].mean() > 150 > 90 > new[200:, 200:].mean(), "only the lamp is bright"
    near, far = new[104:112, 50:70], new[200:, 280:]
    assert (near[..., 0] - near[..., 2]).mean() > 10 > (far[..., 0] - far[..., 2]).mean(), "warm about it alone"
    pane = new[60:80, 250:270]
    assert (pane[..., 2] - pane[..., 0]).mean() > 40, "dusk-blue"


def test_a_room_without_a_lamp_only_goes_dim_and_that_is_said():
    step = Step(type=EditType.TONE_TRANSFER, instruction="evening", value="sunset")
    done = tone_transfer.edit(field((150, 150, 150)), step, whole(HEIGHT, WIDTH), context(**INSIDE))
    assert done.picture.mean() < 90 and done.partly is not None and "lamp" in done.partly


def test_a_bedroom_has_no_sky_above_its_walls():
    """A ceiling is smooth and light: a sunset was painted on it."""
    ceiling = {"sky": (0, 0, 1, 0.3, 0.74), "wall": (0, 0, 1, 0.7)}
    picture = field((190, 190, 190))
    assert not Outdoors(picture, context(**ceiling, bed=(0.2, 0.6, 0.8, 1))).has_sky
    assert Outdoors(picture, context(**ceiling)).has_sky


def town_by_night():
    """A dark sky over a town: dark, full of lights."""
    picture = field((60, 70, 90))
    rng = np.random.default_rng(1)
    picture[100:] = (16, 14, 12)
    picture[100:][rng.random((HEIGHT - 100, WIDTH)) > 0.93] = (250, 180, 70)
    return picture


def test_what_is_rough_below_the_horizon_is_no_sky():
    """Half of a town by night was taken for its sky, and painted grey."""

    def ground(picture, phrase):
        region = context(sky=(0, 0, 1, 100 / 240)).ground(picture, phrase)
        height, width = picture.shape[:2]
        if region.found:
            region.mask[: round(0.8 * height), round(0.3 * width) : round(0.6 * width)] = 255
        return region

    sky = Outdoors(town_by_night(), Context(0, ENCODERS, ground)).sky
    assert sky is not None and sky[:90].min() > 0.9 and sky[130:].mean() < 0.02


def test_what_is_as_surely_ground_mirrors_no_sky():
    picture = field((150, 160, 190))
    picture[120:] = (120, 125, 140)
    lake = {"sky": (0, 0, 1, 0.5), "water": (0, 0.5, 1, 1, 0.75)}
    assert Outdoors(picture, context(**lake)).mirroring.max() > 0.9
    assert Outdoors(picture, context(**lake, ground=(0, 0.5, 1, 1, 0.8))).mirroring.max() == 0


def test_day_takes_the_evening_off_the_ground_and_says_what_it_cannot():
    """Under a red sky the ground was pink, and stayed so by day."""
    picture = field((200, 120, 90))
    picture[100:] = (95, 70, 75)
    seen = context(sky=(0, 0, 1, 100 / 240))
    here = Outdoors(picture, seen)
    assert here.by_evening
    step = Step(type=EditType.TONE_TRANSFER, instruction="noon", value="noon")
    done = tone_transfer.edit(picture, step, whole(HEIGHT, WIDTH), seen)
    ground = done.picture[150:].reshape(-1, 3).mean(0)
    assert ground.mean() > 1.3 * 80 and np.ptp(ground) < 10 and done.partly is not None
    by_day = field((130, 180, 240))
    by_day[100:] = (95, 70, 75)
    assert not Outdoors(by_day, seen).by_evening
    kept = graded(Outdoors(by_day, seen), _noon(), 0)[150:].reshape(-1, 3).mean(0)
    assert kept[0] - kept[1] > 12, "red earth stays red"


def _noon():
    from pixwright.edit.toning.dials import tone_for

    return tone_for("noon", 1.0, context(), True, 0.3)


def test_nothing_falls_in_the_outline_of_a_sky():
    picture = field((130, 150, 170))
    region = Region(np.full((HEIGHT, WIDTH), 255, np.uint8), ((0, 0, WIDTH, HEIGHT),), 0.9, "sky")
    step = Step(type=EditType.TONE_TRANSFER, instruction="a rainy sky", value="rain", target=read("sky"))
    seen = context(sky=(0, 0, 1, 1))
    dry = tone_transfer.edit(picture, step, region, seen)
    wet = tone_transfer.edit(picture, step.model_copy(update={"target": None}), region, seen)
    fine = [float(np.abs(np.diff(one.picture.astype(int), axis=1)).mean()) for one in (dry, wet)]
    assert fine[0] < 0.6 * fine[1]


def test_a_light_thing_shines_without_burning_out():
    picture = field((205, 207, 210), noise=9, seed=2)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[40:200, 60:260] = 255
    region = Region(mask, ((60, 40, 260, 200),), 0.9, "car")
    step = Step(type=EditType.APPEARANCE_ALTER, instruction="make the car shiny", value="shiny", target=read("the car"))
    new = appearance_alter.edit(picture, step, region, context()).picture[60:180, 80:240]
    assert (new.min(axis=-1) >= 250).mean() < 0.01 and new.std() > picture[60:180, 80:240].std()


def test_lamplight_needs_a_lamp():
    here = Outdoors(field((150, 150, 150)), context())
    assert not by_lamplight(here, None, None, "night")[1]
    lamp = np.zeros(here.small.shape[:2], np.uint8)
    lamp[60:100, 40:80] = 255
    dark, lit = (by_lamplight(Outdoors(room(), context()), lamp, None, hour) for hour in ("night", "sunset"))
    assert dark[1] and lit[1] and dark[0][200:].mean() < lit[0][200:].mean()


def test_a_white_balance_ends_where_white_is_white(monkeypatch):
    """A red face made white walls teal, and that was called done."""
    from pixwright.edit.retouch import repair
    from pixwright.edit.retouch.exposing import Cast

    picture = field((235, 218, 200), noise=4, seed=3)
    picture[150:] = (90, 60, 50)
    monkeypatch.setattr(repair, "_by_skin", lambda picture, context: Cast((0.5, 1.0, 1.1), 20.0, 0.0))
    walls = repair.repair(picture, "orange cast", whole(HEIGHT, WIDTH), context()).picture[:140].reshape(-1, 3).mean(0)
    assert np.ptp(walls) < 12 and walls[0] > walls.mean() - 4
    monkeypatch.setattr(repair, "_by_skin", lambda picture, context: Cast((0.8, 1.0, 1.2), 8.0, 0.0))
    followed = repair.repair(picture, "orange cast", whole(HEIGHT, WIDTH), context())
    assert "skin" in followed.controls[0].why, "a face that agrees with the walls tells how much"


def test_snow_lies_only_where_a_thing_surely_is():
    """Snow on roofs that were hardly found lay in blots on the walls."""
    picture = field((120, 110, 100), noise=12, seed=4)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[40:140, 60:260] = 255
    step = Step(type=EditType.APPEARANCE_ALTER, instruction="snow", value="snow covered", target=read("the roofs"))
    doubtful, sure, shown = (
        appearance_alter.edit(
            picture, step, Region(mask, ((60, 40, 260, 140),), score, "roofs", source=source), context()
        )
        for score, source in ((0.37, "phrase"), (0.8, "phrase"), (0.37, "user"))
    )
    assert doubtful.refused is not None and "roofs" in doubtful.refused
    assert sure.refused is None and shown.refused is None
