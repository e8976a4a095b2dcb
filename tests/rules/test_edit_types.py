"""Every edit type has its row and is in the four registries: rule, editor, check, maker of pairs."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pytest

from pixwright.build.pairs import DRAFTS, MAKERS
from pixwright.edit.dispatch import module_of
from pixwright.judge import CHECKS
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType, Takes

EVERY = pytest.mark.parametrize("kind", EditType)


@pytest.mark.parametrize("kind", [kind for kind in EditType if kind is not EditType.IMPLICIT_CHANGE])
def test_a_rule_reads_its_example(kind):
    """A situation is read by what is known of the world (`parse/implicit`), not by a rule."""
    words = kind.traits.example
    attached = (PictureAttachment("reference", np.zeros((8, 8, 3), np.uint8)),) if "[1]" in words else ()
    assert bool(attached) == (kind.traits.takes in (Takes.PICTURE, Takes.ANYTHING))
    assert parse_rules(words, attached).steps[0].type is kind


@EVERY
def test_an_editor_carries_it_out(kind):
    assert list(inspect.signature(import_module(module_of(kind)).edit).parameters) == [
        "picture",
        "step",
        "region",
        "context",
    ]


@EVERY
def test_a_check_judges_it(kind):
    assert callable(CHECKS[kind])


@EVERY
def test_a_maker_of_pairs_shows_it(kind):
    assert callable(MAKERS[kind])
    assert (kind in DRAFTS) != kind.traits.guided


def test_the_registries_hold_nothing_else():
    assert set(CHECKS) == set(MAKERS) == set(EditType)
