"""Words about what the user shows by a mask, a box or a point."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.flow import Request, edit_picture
from pixwright.ground import from_mask
from pixwright.parse import parse
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan
from pixwright.systems.local import local

MARKED = "what is marked"


def read(words: str, pointed: bool = True) -> Plan:
    return parse(Instruction(words, pointed=pointed), None, Encoders(), use_llm=False)


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ("remove it", EditType.REMOVE, None),
        ("erase", EditType.REMOVE, None),
        ("get rid of this thing", EditType.REMOVE, None),
        ("delete the selected object please", EditType.REMOVE, None),
        ("replace it with a cat", EditType.REPLACE, "cat"),
        ("replace with a bowl", EditType.REPLACE, "bowl"),
        ("make it gold", EditType.COLOR_ALTER, "gold"),
        ("turn this into a bird", EditType.REPLACE, "bird"),
        ("paint the marked area green", EditType.COLOR_ALTER, "green"),
        ("move left", EditType.MOVEMENT, None),
        ("make it bigger", EditType.RESIZE, None),
        ("write SALE on it", EditType.TEXTUAL_CHANGE, "SALE"),
    ],
)
def test_it_is_what_is_marked(words: str, kind: EditType, value: str | None) -> None:
    (step,) = read(words).steps
    assert (step.type, step.value, str(step.target)) == (kind, value, MARKED)


@pytest.mark.parametrize("words", ["turn it into a watercolor", "make it a sunset", "make the sky pink", "add a hat"])
def test_what_is_said_of_the_picture_or_of_a_named_thing_stays_so(words: str) -> None:
    assert all(str(step.target) != MARKED for step in read(words).steps)


def test_an_area_of_something_is_a_phrase_of_its_own() -> None:
    (step,) = read("make the area of the lake blue").steps
    assert str(step.target) != MARKED


def test_pronouns_after_the_first_step_still_mean_what_was_named() -> None:
    first, second = read("make it red and turn the lamp around, then remove it").steps[0::2]
    assert str(first.target) == MARKED
    assert str(second.target) == "lamp"


@pytest.mark.parametrize("words", ["remove it", "move this left", "delete that"])
def test_without_a_mark_the_error_says_that_one_may_point(words: str) -> None:
    with pytest.raises(UnclearInstruction, match="show it by --point"):
        read(words, pointed=False)


def test_flow_tells_the_parser_that_the_user_pointed() -> None:
    picture = np.full((96, 96, 3), (90, 120, 60), np.uint8)
    picture[30:60, 30:60] = (200, 40, 40)
    system = local()
    mask = np.zeros((96, 96), np.uint8)
    mask[28:62, 28:62] = 255
    asked = Request(Instruction("remove it"), user_region=from_mask(mask))
    result = edit_picture(picture, asked, system)
    assert str(result.plan.steps[0].target) == MARKED
    assert np.abs(result.picture[45, 45].astype(int) - (90, 120, 60)).max() < 30
    with pytest.raises(UnclearInstruction):
        edit_picture(picture, Request(Instruction("remove it")), system)
