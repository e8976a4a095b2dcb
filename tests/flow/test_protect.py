"""What a step must leave is a limit of its change."""

from __future__ import annotations

import numpy as np

from pixwright.canvas import Canvas
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read

PICTURE = np.zeros((8, 8, 3), np.uint8)
STEP = Step(type=EditType.COLOR_ALTER, instruction="", target=read("the wall"), value="red", protect=read("the door"))


def region(found: bool) -> Region:
    mask = np.zeros((8, 8), np.uint8)
    mask[:, 4:] = 255 if found else 0
    return Region(mask, ((4, 0, 8, 8),) if found else (), 0.9 if found else 0.0, "door", "phrase")


def test_what_is_spared_is_out_of_reach():
    canvas = Canvas(PICTURE, None, None)
    limit = canvas.limit_for(STEP, region(True))
    assert limit[:, :4].min() == 255 and limit[:, 4:].max() == 0


def test_the_users_limit_holds_as_well():
    own = np.zeros((8, 8), np.uint8)
    own[:2] = 255
    limit = Canvas(PICTURE, None, own).limit_for(STEP, region(True))
    assert limit[0, 0] == 255 and limit[5, 0] == 0 and limit[0, 6] == 0


def test_what_is_not_found_limits_nothing_and_is_told():
    canvas = Canvas(PICTURE, None, None)
    assert canvas.limit_for(STEP, region(False)) is None
    assert "which shall stay" in canvas._notes[0]
