"""What a step must leave is a limit of its change."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from pixwright.canvas import Canvas, spared_too
from pixwright.flow import _spared
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import StepReport, Verdict
from pixwright.words import read

PICTURE = np.zeros((8, 8, 3), np.uint8)
STEP = Step(type=EditType.COLOR_ALTER, instruction="", target=read("the wall"), value="red", protect=read("the door"))


DOOR = np.zeros((8, 8), np.uint8)
DOOR[:, 4:] = 255


def test_what_is_spared_is_out_of_reach():
    canvas = Canvas(PICTURE, None, None)
    limit = canvas.limit_for(DOOR)
    assert limit[:, :4].min() == 255 and limit[:, 4:].max() == 0


def test_the_users_limit_holds_as_well():
    own = np.zeros((8, 8), np.uint8)
    own[:2] = 255
    limit = Canvas(PICTURE, None, own).limit_for(DOOR)
    assert limit[0, 0] == 255 and limit[5, 0] == 0 and limit[0, 6] == 0


@pytest.mark.parametrize(("columns", "verdict", "changed"), [(0, "done", 0), (1, "partly", 8)])
def test_what_changed_of_it_is_counted(columns, verdict, changed):
    after = PICTURE.copy()
    after[:, : 4 + columns] = 9
    report = spared_too(StepReport(type=STEP.type, verdict=Verdict.DONE), STEP, DOOR, PICTURE, after)
    assert (report.verdict, report.protected_changed) == (verdict, changed)
    assert f"shall stay: {changed} pixels" in " ".join(report.lines())


def test_what_is_not_found_limits_nothing_and_is_told():
    assert Canvas(PICTURE, None, None).limit_for(None) is None
    report = spared_too(StepReport(type=STEP.type, verdict=Verdict.DONE), STEP, None, PICTURE, PICTURE)
    assert report.verdict is Verdict.PARTLY and "which shall stay, was not found" in report.reasons[0]


@pytest.mark.parametrize(("rows", "left"), [((2, 4), 0), ((0, 8), 255)])
def test_the_smaller_thing_on_what_shall_stay_is_edited(rows, left):
    """ "The cup, but keep the saucer": the saucer's outline holds the cup. What is no smaller is not taken out of it."""
    cup = np.zeros((8, 8), np.uint8)
    cup[slice(*rows), 4:] = 255
    eyes = SimpleNamespace(
        find=lambda *_: Region(DOOR, ((4, 0, 8, 8),), 0.9, "saucer"),
        find_step=lambda *_: Region(cup, ((4, rows[0], 8, rows[1]),), 0.9, "cup"),
    )
    kept = _spared(Canvas(PICTURE, None, None), STEP, eyes).mask
    assert kept[3, 6] == left and kept[7, 6] == 255
