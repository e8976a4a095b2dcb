"""Texts on several lines."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.lettering.stacked import shared_out, stacked
from pixwright.encoders.reading import TextLine


def line(text, top, left=10, height=20):
    right = left + 12 * len(text)
    corners = [(left, top), (right, top), (right, top + height), (left, top + height)]
    return TextLine(text, np.array(corners, np.float32), 0.9)


def test_lines_that_stand_below_each_other_are_one_text():
    lines = [line("NO", 10), line("ENTRY", 36), line("open daily", 200)]
    assert [one.text for one in stacked(lines, "no entry")] == ["NO", "ENTRY"]
    assert stacked(lines, "open daily") == () and stacked(lines, "entry") == ()
    assert stacked([line("NO", 10), line("ENTRY", 120)], "no entry") == (), "too far below"
    assert stacked([line("NO", 10), line("ENTRY", 36, left=400)], "no entry") == (), "beside it"


@pytest.mark.parametrize(
    ("value", "old", "new"),
    [
        ("COME IN", ["NO", "ENTRY"], ["COME", "IN"]),
        ("fresh bread and rolls", ["closed for", "the winter"], ["fresh bread", "and rolls"]),
        ("SOLD", ["TO", "LET"], ["SOLD", ""]),
    ],
)
def test_new_words_are_shared_out_over_the_old_lines(value, old, new):
    assert shared_out(value, old) == new
