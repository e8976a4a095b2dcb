"""Make-up is seen through: the part takes the colour, and keeps its light and its lines."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.dispatch import edit
from pixwright.edit.surfaces.surface import to_lab
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read

SIDE = 120
PART = np.s_[50:70, 30:90]


@pytest.fixture(scope="module")
def face():
    out = np.full((SIDE, SIDE, 3), (214, 168, 146), np.float32)
    out[PART] = (190, 120, 116)
    out[59:61, 30:90] = (110, 62, 60)
    return np.clip(out + np.random.default_rng(1).normal(0, 3, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)


def made(face, part, colour):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[PART] = 255
    region = Region(mask, ((30, 50, 90, 70),), 0.9, part, "phrase")
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=read(part), value=colour)
    return edit(face, step, region, Context(0, Encoders(), lambda shown, phrase: region))


@pytest.mark.parametrize("part", ["lips", "lipstick", "cheeks", "eyelids"])
def test_the_part_takes_the_colour_and_keeps_its_lines(face, part):
    new = made(face, part, "pink").picture
    lab, before = to_lab(new)[PART], to_lab(face)[PART]
    assert lab[..., 1].mean() > before[..., 1].mean() + 5
    line = slice(9, 11)
    assert before[line, :, 0].mean() - before[..., 0].mean() == pytest.approx(
        lab[line, :, 0].mean() - lab[..., 0].mean(), abs=4
    )


def test_red_lips_are_no_signal(face):
    lab = to_lab(made(face, "lips", "red").picture)[PART]
    chroma = np.hypot(lab[..., 1], lab[..., 2]).mean()
    assert 35 < chroma < 75


def test_beyond_the_part_nothing_changes(face):
    proposal = made(face, "lips", "red")
    outside = proposal.mask == 0
    assert outside.any() and (proposal.picture[:40] == face[:40]).all()
