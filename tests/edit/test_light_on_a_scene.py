"""Seasons, weather and time of day on a scene whose parts are known: each part is treated as what it is."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.painting.weather import weather
from pixwright.edit.toning import light
from pixwright.edit.toning.dials import tone_for
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.encoders.bundle import Encoders
from pixwright.records.region import Region

ENCODERS = Encoders()
HEIGHT, WIDTH = 180, 240
PARTS = {
    "sky": np.s_[:60, :],
    "trees": np.s_[60:90, :80],
    "wall": np.s_[60:110, 160:],
    "water": np.s_[90:120, :160],
    "grass": np.s_[120:, :],
    "foreground": np.s_[100:170, 100:140],
}
COLOURS = {
    "sky": (150, 190, 235),
    "trees": (30, 90, 25),
    "wall": (170, 165, 160),
    "water": (70, 100, 140),
    "grass": (90, 165, 70),
    "foreground": (190, 60, 40),
}
INNER = {name: np.s_[rows.start + 8 if rows.start else 8 : rows.stop and rows.stop - 8, columns.start and columns.start + 8 : columns.stop and columns.stop - 8] for name, (rows, columns) in PARTS.items()}  # fmt: skip
INNER |= {"water": np.s_[98:112, 10:80], "grass": np.s_[130:175, 10:80]}


def scene():
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = COLOURS["grass"]
    for name, part in PARTS.items():
        picture[part] = COLOURS[name]
    noise = np.random.default_rng(3).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def outdoors(without=(), **controls):
    def ground(shown, phrase):
        mask = np.zeros(shown.shape[:2], np.uint8)
        if str(phrase) in PARTS and str(phrase) not in without:
            mask[PARTS[str(phrase)]] = 255
        return Region(mask, ((0, 0, 1, 1),) if mask.any() else (), 0.9 if mask.any() else 0.0, str(phrase))

    return Outdoors(scene(), Context(5, ENCODERS, ground, controls=controls))


def mean(picture, part):
    return picture[INNER[part]].reshape(-1, 3).astype(float).mean(0)


def warmth(picture, part):
    red, _, blue = mean(picture, part)
    return red - blue


def season(name, **controls):
    here = outdoors(**controls)
    return light.season(here, tone_for(name, 1.0, here.context))


def hour(name, without=(), **controls):
    here = outdoors(without, **controls)
    return light.time_of_day(here, tone_for(name, 1.0, here.context))


def air(name, **controls):
    here = outdoors(**controls)
    return weather(here, tone_for(name, 1.0, here.context))


def test_in_autumn_leaves_turn_and_the_lawn_does_not():
    out = season("autumn")
    trees, lawn = mean(out, "trees"), mean(out, "grass")
    assert trees[0] > 1.3 * trees[1], "trees are red and golden"
    assert lawn[0] < 1.25 * lawn[1], "grass is yellow at most"
    assert mean(season("autumn", leaves=0), "trees")[0] < 1.1 * mean(season("autumn", leaves=0), "trees")[1]


@pytest.mark.parametrize("make", [lambda: season("winter"), lambda: air("snow")])
def test_snow_lies_on_the_lawn_and_not_on_the_subject_or_the_water(make):
    out, was = make(), scene()
    assert mean(out, "grass").min() > mean(was, "grass").min() + 60
    red, green, _ = mean(out, "foreground")
    assert red > 1.8 * green, "the subject keeps its colour"
    assert mean(out, "water").mean() < mean(out, "grass").mean() - 30


def test_no_cover_no_snow():
    assert mean(season("winter", cover=0), "grass").min() < mean(season("winter"), "grass").min() - 40


def test_snow_keeps_the_shadows_on_the_ground():
    here = outdoors()
    here.picture[140:160, 10:60] //= 3
    out = light.lay_snow(here.picture, here, 0.85).astype(float)
    shadow, open_snow = out[146:154, 20:50].mean((0, 1)), out[130:136, 20:50].mean((0, 1))
    assert shadow.mean() < open_snow.mean() - 20 and shadow[2] > shadow[0], "shadows on snow are blue"


def test_fog_leaves_the_subject_before_it():
    out, was = air("fog"), scene()
    change = {part: np.abs(mean(out, part) - mean(was, part)).mean() for part in ("foreground", "trees")}
    assert change["foreground"] < 0.6 * change["trees"]
    assert np.abs(air("fog", fog=0).astype(int) - was).mean() < np.abs(out.astype(int) - was).mean()


def test_water_takes_the_colours_of_the_new_sky():
    assert warmth(hour("sunset"), "water") > warmth(scene(), "water") + 50
    dry = hour("sunset", without=("water",))
    assert warmth(hour("sunset"), "water") > warmth(dry, "water") + 30


def test_at_night_lamps_light_what_is_built():
    lit, dark = hour("night"), hour("night", lamps=0)
    assert warmth(lit, "wall") > warmth(dark, "wall") + 15 and mean(lit, "wall").mean() > mean(dark, "wall").mean()
    assert np.abs(mean(lit, "grass") - mean(dark, "grass")).max() < 12


def test_rain_wets_the_ground_more_than_the_subject():
    out, was = air("rain"), scene()
    darker = {part: mean(was, part).mean() - mean(out, part).mean() for part in ("grass", "foreground")}
    assert darker["grass"] > darker["foreground"]
