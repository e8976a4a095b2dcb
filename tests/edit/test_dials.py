"""Controls of a tone: what is reported makes the same picture again, and moving one moves what it is named for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.toning.dials import dialled, temperature, tone_for
from pixwright.edit.toning.grade import Grade, apply_grade, grade_named
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.region import whole
from pixwright.records.vocabulary import CONTROLS, TONES

ENCODERS = Encoders()
RAMP = np.tile(np.linspace(20, 235, 96, dtype=np.uint8)[None, :, None], (64, 1, 3))


def context(**controls):
    return Context(0, ENCODERS, lambda p, _: whole(*p.shape[:2]), controls=controls)


def graded(name, **controls):
    return apply_grade(RAMP, dialled(grade_named(name), context(**controls))[0], np.random.default_rng(0)).astype(int)


@pytest.mark.parametrize("name", [name for name in TONES if name not in CONTROLS])
def test_every_tone_says_its_controls_and_why(name):
    tone = tone_for(name, 1.0, context())
    assert {"exposure", "contrast", "saturation", "temperature", "amount"} <= {one.name for one in tone.controls}
    assert all(one.why and one.low <= one.value <= one.high for one in tone.controls)
    assert tone.grade == grade_named(name), "what nobody set stays as it was"


@pytest.mark.parametrize("name", ["sunset", "vivid", "scary"])
def test_values_that_were_reported_make_the_same_picture_again(name):
    told = {one.name: one.value for one in tone_for(name, 1.0, context()).controls}
    again = tone_for(name, 1.0, context(**told))
    assert again.controls == tone_for(name, 1.0, context()).controls
    first, second = (apply_grade(RAMP, grade, np.random.default_rng(0)) for grade in (grade_named(name), again.grade))
    assert np.abs(first.astype(int) - second).max() <= 2


def test_moving_a_control_moves_what_it_is_named_for():
    assert graded("sunset", exposure=1.0).mean() > graded("sunset").mean() + 10
    cold, warm = (graded("sunset", temperature=value) for value in (-60, 60))
    assert (warm[..., 0] - warm[..., 2]).mean() > (cold[..., 0] - cold[..., 2]).mean() + 20
    assert graded("sunset", contrast=80).std() > graded("sunset", contrast=0).std() + 5


def test_a_warm_grade_has_a_high_temperature():
    assert temperature(grade_named("blue hour")) < 0 < temperature(grade_named("golden hour"))
    assert temperature(replace(Grade(), toning=1.0)) == 0


def test_a_value_outside_the_range_is_named_with_the_range():
    with pytest.raises(InvalidOption, match=r"exposure=9: allowed are -3 to 3"):
        tone_for("sunset", 1.0, context(exposure=9))


def test_a_dark_picture_is_darkened_less():
    day, night = (tone_for("night", 1.0, context(), light=light).grade for light in (0.5, 0.12))
    assert day.exposure < night.exposure <= 0 and day.gamma > night.gamma >= 1
    assert tone_for("bright", 1.0, context(), light=0.12).grade == grade_named("bright")


def test_at_noon_a_dark_picture_becomes_a_light_one():
    dusk, noon = tone_for("noon", 1.0, context(), True, 0.2), tone_for("noon", 1.0, context(), True, 0.6)
    assert dusk.grade.gamma < 0.75 * noon.grade.gamma and noon.grade == grade_named("noon")
    assert tone_for("night", 1.0, context(), True, 0.2).grade.gamma >= 1
