"""The single checks: each is shown a picture that passes and one that fails by a little more than its threshold."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.judge import colour, geometry, presence, tone
from pixwright.judge.contract import DIGITS, Trial, at_least, at_most, crop, difference
from pixwright.media.pixels import lab
from pixwright.records.evidence import Evidence
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.words import read

SIDE = 120
BOX = (30, 30, 90, 90)
INSIDE = np.s_[30:90, 30:90]


def plain(level=120):
    noise = np.random.default_rng(1).integers(-20, 20, (SIDE, SIDE, 1))
    return np.repeat(np.clip(level + noise, 0, 255), 3, axis=2).astype(np.uint8)


def trial(before, after, kind=EditType.COLOR_ALTER, value=None, evidence=None, region=None, **more):
    mask = np.zeros(after.shape[:2], np.uint8)
    mask[INSIDE] = 255
    region = region or Region(mask, (BOX,), 0.9, "thing")
    nothing = Region(np.zeros_like(mask), (), 0.0, "thing")
    step = Step(type=kind, instruction="", target="thing", value=value, **more)
    return Trial(
        before,
        after,
        step,
        region,
        mask,
        evidence or Evidence(),
        Encoders(),
        lambda picture, phrase: nothing,
        lambda picture: np.zeros(picture.shape[:2], np.uint8),
    )


def passed(findings):
    return {finding.check.name: finding.check.passed for finding in findings}


def changed(picture, by):
    out = picture.astype(int)
    out[INSIDE] += np.asarray(by)
    return np.clip(out, 0, 255).astype(np.uint8)


def test_a_dark_thing_on_light_ground_that_becomes_light_kept_its_form():
    """What lies around it is no part of its light and shade."""
    before = plain(235)
    before[INSIDE] = plain(30)[INSIDE] // 2 + np.arange(60, dtype=np.uint8)[:, None] // 4
    after = changed(before, 150)
    assert passed([colour.structure(trial(before, after), 0.9)])["structure_kept"]


def test_a_finding_s_score_is_a_half_at_the_threshold():
    assert at_least("a", 2.0, 2.0, "").score == at_most("a", 2.0, 2.0, "").score == 0.5
    assert at_least("a", 9.0, 2.0, "").score == at_most("a", 0.0, 2.0, "").score == 1.0
    assert not at_least("a", 1.99, 2.0, "").check.passed and not at_most("a", 2.01, 2.0, "").check.passed
    assert at_most("a", 1 / 3, 2.0, "").check.value == round(1 / 3, DIGITS)


def test_colours_and_crops_are_what_they_say():
    white, red = lab(np.array([[[255, 255, 255], [255, 0, 0]]], np.uint8))[0]
    assert white == pytest.approx([100, 0, 0], abs=0.5) and red == pytest.approx([53.2, 80.1, 67.2], abs=0.5)
    assert crop(plain(), (-5, 100, 20, 130)).shape == (20, 20, 3)
    assert difference(plain(100), changed(plain(100), [30, 0, 0]))[INSIDE].mean() == pytest.approx(10)


@pytest.mark.parametrize(("by", "seen"), [(5, True), (2, False)])
def test_another_material_must_be_seen(by, seen):
    assert passed(colour.material(trial(plain(), changed(plain(), by))))["visible_change"] is seen


def test_a_surface_keeps_its_light_and_shade_unless_it_had_none():
    before, flat = plain(), np.full((SIDE, SIDE, 3), 120, np.uint8)
    painted = before.copy()
    painted[INSIDE] = (200, 30, 30)
    assert not passed([colour.structure(trial(before, painted), 0.5)])["structure_kept"]
    assert passed([colour.structure(trial(before, changed(before, [60, -20, -20])), 0.5)])["structure_kept"]
    assert passed([colour.structure(trial(flat, painted), 0.5)])["structure_kept"]
    negative = (255 - before).astype(np.uint8)
    assert passed([colour.structure(trial(before, negative), 0.5, either_way=True)])["structure_kept"]
    assert not passed([colour.structure(trial(before, negative), 0.5)])["structure_kept"]


def test_a_colour_is_measured_from_its_name():
    red, pink = changed(plain(), [110, -90, -90]), changed(plain(), [20, -5, -5])
    assert passed(colour.colour(trial(plain(), red, value="red")))["colour_distance"]
    assert not passed(colour.colour(trial(plain(), pink, value="red")))["colour_distance"]
    assert not passed(colour.colour(trial(red, plain(), value="red")))["colour_nearer"]


def test_a_background_leaves_something_before_it():
    everything = trial(plain(), plain(200), EditType.BACKGROUND_CHANGE)
    assert passed(colour.background(everything))["foreground_share"]
    everything.mask[:] = 255
    assert not passed(colour.background(everything))["foreground_share"]


def test_a_frame_that_stayed_is_no_change_of_the_frame():
    assert passed(geometry.framed(trial(plain(), plain())))["frame_changed"] is False
    kept = trial(
        plain(),
        cv2.copyMakeBorder(plain(), 0, 0, 40, 0, cv2.BORDER_REFLECT),
        evidence=Evidence(canvas=(40, 0, 160, 120)),
    )
    assert passed(geometry.framed(kept)) == {"frame_changed": True, "kept_part": True}
    kept.after[100, 100] += 1
    assert passed(geometry.framed(kept))["kept_part"] is False


@pytest.mark.parametrize(("angle", "asked"), [(540, -180), (190, -170), (-181, 179), (30, 30)])
def test_angles_are_compared_the_short_way_round(angle, asked):
    assert geometry._half_turns(angle) == asked


def test_what_was_placed_must_be_seen_in_its_place():
    there = Evidence(placed=(BOX,))
    assert passed(presence.placed(trial(plain(), changed(plain(), 60), EditType.ADD, evidence=there, reference=1)))[
        "shown"
    ]
    assert not passed(presence.placed(trial(plain(), changed(plain(), 3), EditType.ADD, evidence=there)))[
        "visible_where_placed"
    ]
    assert passed(presence.placed(trial(plain(), plain(), EditType.ADD))) == {"placed": False}


@pytest.mark.parametrize(("value", "by", "done"), [("night", -60, True), ("night", -1, False), ("bright", 40, True)])
def test_a_tone_moves_its_own_statistic(value, by, done):
    findings = passed(tone.tone(trial(plain(), changed(plain(), by), EditType.TONE_TRANSFER, value)))
    assert findings[f"tone_{value}"] is done


def test_a_drawing_in_one_ink_has_no_other_colours():
    drawn = changed(plain(), [90, -60, -60])
    assert not passed(tone.style(trial(plain(), drawn, EditType.STYLE_CHANGE, "pencil sketch")))["colourfulness"]
    assert "colourfulness" not in passed(tone.style(trial(plain(), drawn, EditType.STYLE_CHANGE, "oil painting")))


@pytest.mark.parametrize(("by", "gone"), [(60, True), (45, True), (25, False), (95, False)])
def test_a_shadow_is_gone_where_it_is_as_light_as_what_is_around(by, gone):
    shaded = changed(plain(), -60)
    one = trial(shaded, changed(shaded, by), EditType.REMOVE)
    one = replace(one, step=one.step.model_copy(update={"target": read("the thing's shadow")}))
    assert passed(presence.removed(one)) == {"visible_change": True, "shadow_left": gone}


@pytest.mark.parametrize("origin, verdict_hard", [(Origin.EXISTING, True), (Origin.DRAWN, False)])
def test_a_metal_by_its_colours_name_has_lights_of_its_own(origin, verdict_hard):
    """A golden vase need not be light and dark where the clay was; a golden shirt must."""
    before = plain()
    after = before.copy()
    after[INSIDE] = np.clip(255 - after[INSIDE].astype(int), 0, 255).astype(np.uint8)
    found = colour.colour(trial(before, after, evidence=Evidence(origin=origin)))
    (structure,) = (finding for finding in found if finding.check.name == "structure_kept")
    assert structure.hard == verdict_hard and not structure.check.passed
