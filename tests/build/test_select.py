"""The selector: the first failed rule with its numbers; absent numbers fail nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.build.measure.select import load_thresholds, select
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Sample

BLANK = np.zeros((1, 1, 3), np.uint8)


def scored(kind: EditType, **scores: float) -> Sample:
    return Sample("s", "t", kind, BLANK, BLANK, "", Step(type=kind, instruction=""), "", "", scores=scores)


RULES = {"all": {"contrast": (0.1, None)}, "color_alter": {"colour_distance": (None, 40.0), "structure": (0.5, None)}}


def test_the_first_failed_rule_with_its_numbers():
    assert (
        select(scored(EditType.COLOR_ALTER, colour_distance=61.2, structure=0.1), RULES) == "colour_distance 61.2 > 40"
    )
    assert select(scored(EditType.COLOR_ALTER, colour_distance=39, structure=0.1), RULES) == "structure 0.1 < 0.5"
    assert select(scored(EditType.COLOR_ALTER, contrast=0.01, colour_distance=99), RULES) == "contrast 0.01 < 0.1"


def test_an_implicit_edit_has_the_rules_of_its_step():
    step = Step(type=EditType.COLOR_ALTER, instruction="")
    sample = Sample("s", "t", EditType.IMPLICIT_CHANGE, BLANK, BLANK, "", step, "", "", scores={"structure": 0.1})
    assert select(sample, RULES) == "structure 0.1 < 0.5"


def test_what_is_not_measured_fails_nothing():
    assert select(scored(EditType.COLOR_ALTER), RULES) == ""
    assert select(scored(EditType.ADD, colour_distance=99), RULES) == ""


@given(st.floats(-100, 100), st.floats(-100, 100))
@settings(max_examples=40, deadline=None)
def test_limits_are_inclusive(value, limit):
    sample = scored(EditType.ADD, rise=value)
    assert bool(select(sample, {"add": {"rise": (limit, None)}})) == (value < limit)
    assert bool(select(sample, {"add": {"rise": (None, limit)}})) == (value > limit)


def test_the_shipped_thresholds_load_for_every_type():
    shipped = load_thresholds()
    assert set(shipped) == {"all", *EditType} - {EditType.IMPLICIT_CHANGE}
    assert all(shipped.values())


@pytest.mark.parametrize(
    "text", ["[", "[]", '{"ad": {}}', '{"add": 3}', '{"add": {"no_such": [0, 1]}}', '{"add": {"rise": [0]}}']
)
def test_a_bad_table_is_refused_in_one_line(tmp_path, text):
    file = tmp_path / "t.json"
    file.write_text(text)
    with pytest.raises(InvalidOption) as caught:
        load_thresholds(file)
    assert "\n" not in str(caught.value)


def test_a_recipe_brings_its_own(tmp_path):
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"add": {"noun_rank": [0.9, None]}}))
    assert load_thresholds(file) == {"add": {"noun_rank": (0.9, None)}}
