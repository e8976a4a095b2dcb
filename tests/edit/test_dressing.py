"""Nobody is dressed anew: what is worn takes the colour, or it is said that it cannot be done; nothing is hung over a face."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.dispatch import edit
from pixwright.edit.placing.dressing import dressed
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region
from pixwright.words import read

HEIGHT, WIDTH = 200, 160
SHIRT = np.s_[100:190, 40:120]


@pytest.fixture
def portrait():
    out = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    out[30:100, 60:100] = (205, 160, 140)
    out[SHIRT] = (70, 110, 170)
    return np.clip(out + np.random.default_rng(0).normal(0, 2, out.shape), 0, 255).astype(np.uint8)


def context(asked):
    def ground(shown, phrase):
        asked.append(str(phrase))
        mask = np.zeros(shown.shape[:2], np.uint8)
        if not {"clothes", "shirt"}.isdisjoint(str(phrase).split()):
            mask[SHIRT] = 255
            return Region(mask, ((40, 100, 120, 190),), 0.9, str(phrase), "phrase")
        return Region(mask, (), 0.0, str(phrase), "phrase")

    return Context(0, Encoders(), ground)


def on(value, who="the man"):
    where = Where(relation=Relation.ON, anchor=read(who))
    return Step(type=EditType.ADD, instruction="", value=value, where=where)


NOWHERE = Region(np.zeros((HEIGHT, WIDTH), np.uint8), (), 0.0, "", "none")


@pytest.mark.parametrize(
    "step, garment",
    [
        (on("black suit"), "clothes"),
        (Step(type=EditType.REPLACE, instruction="", target=read("the man"), value="red sweater"), "shirt"),
        (Step(type=EditType.REPLACE, instruction="", target=read("his shirt"), value="leather jacket"), "shirt"),
    ],
)
def test_what_is_worn_takes_the_colour_or_material_and_keeps_its_cut(portrait, step, garment):
    asked = []
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[30:190, 40:120] = 255
    somebody = Region(mask, ((40, 30, 120, 190),), 0.9, str(step.target), "phrase")
    proposal = edit(portrait, step, NOWHERE if step.target is None else somebody, context(asked))
    assert proposal.refused is None and "cut of what is worn stays" in proposal.partly
    assert proposal.done_as is not None and proposal.done_as.target.head == garment
    changed = np.any(proposal.picture != portrait, axis=2) & (proposal.mask > 0)
    assert changed[SHIRT].mean() > 0.5 and not changed[:95].any(), "the face is as it was"


def test_a_garment_without_a_look_is_refused_in_words_that_help(portrait):
    proposal = edit(portrait, on("suit"), NOWHERE, context([]))
    assert "'suit'" in proposal.refused and "make the man's clothes black" in proposal.refused


def test_hats_and_things_are_no_business_of_it(portrait):
    for step in (on("hat"), on("balloon"), Step(type=EditType.ADD, instruction="", value="jacket")):
        assert dressed(portrait, step, context([])) is None


def shod(seen):
    """A context in which shoes are found, and somebody if `seen`."""

    def ground(shown, phrase):
        mask = np.zeros(shown.shape[:2], np.uint8)
        if str(phrase) in {"shoes", *(["person"] if seen else [])}:
            mask[SHIRT] = 255
            return Region(mask, ((40, 100, 120, 190),), 0.9, str(phrase), "phrase")
        return Region(mask, (), 0.0, str(phrase), "phrase")

    return Context(0, Encoders(), ground)


def test_shoes_on_feet_take_the_colour_and_are_not_put_before_the_legs(portrait):
    step = Step(type=EditType.REPLACE, instruction="", target=read("shoes"), value="yellow rain boots")
    proposal = dressed(portrait, step, shod(True))
    assert proposal is not None and proposal.done_as.target.head == "shoe" and proposal.done_as.value == "yellow"
    plain = dressed(portrait, step.model_copy(update={"value": "rain boots"}), shod(True))
    assert plain is not None and "rain boots" in plain.refused
    assert dressed(portrait, step, shod(False)) is None, "a shoe that stands alone is a thing as any"


def test_of_one_of_several_the_clothes_are_meant_and_not_all_of_him(portrait):
    asked = []
    made = dressed(portrait, on("black suit", "the man on the left"), context(asked))
    assert made is not None and not made.refused and asked[0] == "the clothes of the man on the left"
    refused = dressed(portrait, on("suit", "the man on the left"), context([]))
    assert refused is not None and "the clothes of the man on the left" in refused.refused
