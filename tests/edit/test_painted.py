from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.networks.claims import unseen
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region

BEFORE, AFTER = np.zeros((40, 60, 3), np.uint8), np.ones((40, 60, 3), np.uint8)


def square(x0, y0, x1, y1):
    mask = np.zeros((40, 60), np.uint8)
    mask[y0:y1, x0:x1] = 255
    return mask


def told(kind, found, value="dog", before=None):
    step = Step(type=kind, instruction="replace the cat with a dog", target="cat", value=value)
    asked = []

    def ground(picture, phrase):
        asked.append(phrase)
        mask = found if picture is AFTER else before
        return Region(square(0, 0, 0, 0) if mask is None else mask, ((0, 0, 60, 40),) * (mask is not None), 0.9, phrase)

    return unseen(BEFORE, AFTER, square(10, 10, 30, 30), step, Context(0, Encoders(), ground)), asked


@pytest.mark.parametrize("kind", [EditType.ADD, EditType.REPLACE])
def test_a_thing_must_be_recognised_where_it_was_painted(kind):
    assert told(kind, square(12, 12, 30, 30)) == (None, ["dog", "dog"])
    assert "no dog" in told(kind, square(40, 10, 60, 30))[0]
    assert "no dog" in told(kind, None)[0]


def test_what_was_taken_for_it_before_is_no_evidence():
    grown = square(12, 12, 30, 30)
    assert "already" in told(EditType.REPLACE, grown, "statue", before=square(8, 8, 26, 30))[0]
    assert told(EditType.ADD, grown, before=square(26, 0, 60, 40))[0] is None, "another one beside it does not matter"


def test_what_nothing_can_check_is_said():
    assert "gold" in told(EditType.MATERIAL_CHANGE, None, "gold")[0]
    assert told(EditType.VISUAL_SKETCH, None)[0] and told(EditType.STYLE_CHANGE, None)[0]


def test_what_the_judge_measures_is_left_to_it():
    for kind in (EditType.COLOR_ALTER, EditType.TONE_TRANSFER, EditType.REMOVE):
        assert told(kind, None) == (None, [])
