"""Every edit type through the whole flow, on photographs of an odd size: what is outside of the edit is untouched, to the bit."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from pixwright.flow import Request, edit_picture
from pixwright.media import load_attachment, load_picture
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.result import Verdict
from pixwright.systems import local

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from cases import CASES

SYSTEM = local()
CHANGES_SIZE = {"crop", "outpaint"}


def test_there_are_two_cases_of_every_type():
    counts = {kind: sum(case.type is kind for case in CASES) for kind in EditType}
    assert min(counts.values()) >= 2, counts


@pytest.mark.parametrize(
    "case", [next(c for c in CASES[::-1] if c.type is kind) for kind in EditType], ids=lambda c: c.type
)
def test_nothing_outside_the_edit_changes(case):
    pixels = cv2.resize(load_picture(case.picture).pixels[..., :3], (331, 509), interpolation=cv2.INTER_AREA)
    kept = pixels.copy()
    attachments = tuple(load_attachment(path) for path in case.attachments())
    result = edit_picture(pixels, Request(Instruction(case.instruction, attachments)), SYSTEM)
    assert np.array_equal(pixels, kept), "the input was written to"
    assert result.report.outside_max_difference == 0
    assert result.picture.dtype == np.uint8
    if result.effective_mask is not None:
        outside = result.effective_mask == 0
        assert result.picture.shape == pixels.shape
        assert np.array_equal(result.picture[outside], pixels[outside])
    for step in result.report.steps:
        assert step.verdict is Verdict.DONE or step.reasons, "not done, and no reason given"
        assert all(check.reason for check in step.checks)
