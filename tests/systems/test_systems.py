"""The named systems: how they are found, what their options may be, and what the embedded one remembers during an edit."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data as data
from pydantic import ValidationError

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.systems import BUILDERS, build, describe
from pixwright.systems.options import AnySDOptions, InstructEditOptions
from pixwright.systems.torch_parts import Once


def test_a_system_is_found_by_its_name():
    assert build("local").name == "local"
    for wrong in ("nobody", "", "LOCAL"):
        with pytest.raises(InvalidOption, match="local, anysd"):
            build(wrong)
        with pytest.raises(InvalidOption, match="local, anysd"):
            describe(wrong)


@pytest.mark.parametrize("name", BUILDERS)
def test_every_option_has_a_default_and_a_line(name):
    rows = describe(name)
    fields = BUILDERS[name].options.model_fields
    assert len(rows) == max(len(fields), 1) and BUILDERS[name].about
    assert all(
        field in row and info.description in row for (field, info), row in zip(fields.items(), rows, strict=False)
    )


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"steps": "many"}, {"picture": -1}, {"solver": "magic"}, {"guided_until": 0}, {"colour": 1}]
)
def test_options_have_bounds(wrong):
    with pytest.raises(ValidationError):
        AnySDOptions(**wrong)
    assert AnySDOptions().steps == 25 and InstructEditOptions().ratio == "auto"


def test_the_embedded_system_takes_no_options():
    with pytest.raises(PixwrightError, match="steps"):
        build("local", None, {"steps": "3"})


def test_the_eyes_of_an_edit_look_at_a_picture_once():
    encoders = Encoders()
    system = build("local", encoders)
    eyes, picture = system.eyes(), data.chelsea()
    first = eyes.find(picture, "cat")
    assert first.found and eyes.find(picture, "cat") is first
    assert system.eyes().find(picture, "cat") is not first, "what eyes remember ends with the edit"
    step = Step(type=EditType.COLOR_ALTER, instruction="", target="cat", value="gray")
    assert np.array_equal(eyes.find_step(picture, step, None).mask > 127, first.mask > 127)
    assert system.weights_used(), "what was loaded is named with its hash"


def test_a_system_parses_with_its_own_networks():
    plan = build("local").parse(Instruction("make the cat gray"), None)
    assert plan.steps[0].type is EditType.COLOR_ALTER


def test_what_costs_much_is_made_once():
    made = []
    once = Once(lambda: made.append(1) or object())
    assert once.made is None and not made
    assert once() is once() is once.made and made == [1]
