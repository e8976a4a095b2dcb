"""Memory that runs out: a smaller try, then one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pixwright.errors import OutOfMemory
from pixwright.flow import Request
from pixwright.records.instruction import Instruction
from pixwright.records.region import whole
from pixwright.records.result import Verdict
from pixwright.smaller import edit_within_memory, faults, ran_out
from pixwright.systems import local

SYSTEM = local()
PICTURE = np.asarray(
    Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 201))
)


def cramped(most, error=MemoryError("Unable to allocate")):
    """The system on a machine where pictures of more than `most` pixels do not fit."""

    def edit(picture, step, region, context):
        if picture.shape[0] * picture.shape[1] > most:
            raise error
        return SYSTEM.edit(picture, step, region, context)

    return replace(SYSTEM, edit=edit)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 2 GiB"),
        RuntimeError("bad allocation"),
        faults()[-1]("Failed to allocate memory"),
    ],
)
def test_half_the_size_is_tried(error):
    request = Request(Instruction("make it black and white"))
    result = edit_within_memory(PICTURE, request, cramped(20_000, error), 1)
    assert result.picture.shape == PICTURE.shape and result.report.verdict is Verdict.PARTLY
    assert any("half the picture's size" in reason for reason in result.report.reasons)
    free = edit_within_memory(PICTURE, request, SYSTEM, 1)
    assert free.report.verdict is Verdict.DONE
    off = np.abs(result.picture.astype(int) - free.picture)
    assert off.mean() < 6, "a change of tone is brought to the full picture with all of its detail"
    sharp = cv2.Laplacian(cv2.cvtColor(result.picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).std()
    assert sharp > 0.8 * cv2.Laplacian(cv2.cvtColor(free.picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).std()


def test_the_users_limit_holds_at_half_the_size_too():
    limit = np.zeros(PICTURE.shape[:2], np.uint8)
    limit[51:150, 41:203] = 255
    place = replace(whole(*PICTURE.shape[:2]), mask=limit, boxes=((41, 51, 203, 150),), source="user")
    request = Request(Instruction("make it black and white"), user_region=place, limit=limit)
    result = edit_within_memory(PICTURE, request, cramped(20_000), 1)
    assert np.array_equal(result.picture[limit == 0], PICTURE[limit == 0])
    assert not np.array_equal(result.picture[limit == 255], PICTURE[limit == 255])
    assert np.array_equal(result.laid.kept(PICTURE.shape[:2]), result.effective_mask == 0)


def test_then_it_is_an_error_of_one_line():
    request = Request(Instruction("make it black and white"))
    with pytest.raises(OutOfMemory, match="half the picture's size too"):
        edit_within_memory(PICTURE, request, cramped(100), 1)
    with pytest.raises(OutOfMemory, match="change of the picture's size"):
        edit_within_memory(PICTURE, Request(Instruction("crop by 20%")), cramped(20_000), 1)
    with pytest.raises(OutOfMemory, match="close other programs"):
        edit_within_memory(PICTURE[:90, :90].copy(), request, cramped(100), 1)


def test_other_faults_are_not_taken_for_it():
    with pytest.raises(RuntimeError, match="a fault"):
        edit_within_memory(
            PICTURE, Request(Instruction("make it black and white")), cramped(0, RuntimeError("a fault")), 1
        )
    assert ran_out(MemoryError()) and not ran_out(RuntimeError("shape mismatch"))
    with pytest.raises(cv2.error) as caught:
        cv2.resize(np.zeros((2, 2), np.uint8), (2**31 - 1, 2**31 - 1))
    assert isinstance(ran_out(caught.value), bool)
