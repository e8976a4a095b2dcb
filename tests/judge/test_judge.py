"""Each check passes on a picture that shows the edit and fails on one that does not."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest
import skimage
from skimage.metrics import structural_similarity

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.critic import Opinion
from pixwright.judge import CHECKS, judge_step
from pixwright.judge.decoupled import ssim_map
from pixwright.judge.trust import trust
from pixwright.records.evidence import Evidence
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region, whole
from pixwright.records.result import Verdict

H, W = 240, 320
BOX = (60, 70, 140, 150)


def nothing_found(picture, phrase):
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, phrase)


def nothing_salient(picture):
    return np.zeros(picture.shape[:2], np.uint8)


def everywhere(picture, phrase):
    height, width = picture.shape[:2]
    return Region(np.full((height, width), 255, np.uint8), ((0, 0, width, height),), 0.9, phrase)


def scene(seed=0):
    noise = np.random.default_rng(seed).integers(90, 130, (H // 4, W // 4, 3), np.uint8)
    return cv2.GaussianBlur(cv2.resize(noise, (W, H), interpolation=cv2.INTER_LINEAR), (5, 5), 0)


def with_object(picture, centre, size=80, angle=0.0):
    """A striped, asymmetric object that can be registered."""
    out = picture.copy()
    patch = np.zeros((size, size, 3), np.uint8)
    patch[:] = (180, 60, 50)
    patch[: size // 2, : size // 2] = (240, 220, 60)
    patch[size // 2 :, size // 4 : size // 3] = (20, 40, 160)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), -angle, 1.0)
    side = int(size * 1.5)
    turn[:, 2] += (side - size) / 2
    moved = cv2.warpAffine(patch, turn, (side, side))
    cover = cv2.warpAffine(np.full((size, size), 255, np.uint8), turn, (side, side)) > 127
    x, y = centre[0] - side // 2, centre[1] - side // 2
    out[y : y + side, x : x + side][cover] = moved[cover]
    return out


def boxed(box=BOX):
    mask = np.zeros((H, W), np.uint8)
    x0, y0, x1, y1 = box
    mask[y0:y1, x0:x1] = 255
    return Region(mask, (box,), 0.9, "thing")


@lru_cache(maxsize=1)
def content():
    """The networks; the critic, which knows photographs and no flat drawings, has nothing to say against these."""
    networks = Encoders()
    networks.critic = lambda *_: Opinion(1, 0)
    return networks


def verdict(before, after, step, region=None, mask=None, evidence=None, ground=nothing_found):
    region = region or boxed()
    report = judge_step(
        before, after, step, region, region.mask if mask is None else mask, evidence or Evidence(),
        encoders=content(), ground=ground, salient=nothing_salient,
    )  # fmt: skip
    return report.verdict, report


def step(kind, target="thing", value=None, **more):
    return Step(type=kind, instruction="", target=target, value=value, **more)


def test_every_type_has_a_check():
    assert set(CHECKS) == set(EditType)


@pytest.mark.parametrize("kind", [k for k in EditType if k not in (EditType.TEXTUAL_CHANGE,)])
def test_an_unchanged_picture_is_never_done(kind):
    before = with_object(scene(), (100, 110))
    evidence = Evidence(placed=(BOX,), vacated=(BOX,), displacement=(60.0, 0.0), factor=1.5, angle=40.0, mirrored=True)
    value = {EditType.COLOR_ALTER: "blue", EditType.TONE_TRANSFER: "night"}.get(kind, "thing")
    found, _ = verdict(before, before.copy(), step(kind, value=value), evidence=evidence)
    assert found is Verdict.NOT_DONE


def test_colour_wants_the_named_colour():
    before = with_object(scene(), (100, 110))
    region = boxed()
    shade = cv2.cvtColor(before, cv2.COLOR_RGB2GRAY).astype(np.float32) / 160
    blue = before.copy()
    blue[region.mask > 0] = np.clip(shade[..., None] * (40, 80, 200), 0, 255).astype(np.uint8)[region.mask > 0]
    assert verdict(before, blue, step(EditType.COLOR_ALTER, value="blue"))[0] is not Verdict.NOT_DONE
    assert verdict(before, blue, step(EditType.COLOR_ALTER, value="green"))[0] is Verdict.NOT_DONE


def test_a_colour_with_a_name_of_its_own_is_not_any_of_its_kind():
    before = with_object(scene(), (100, 110))
    inside = boxed().mask > 0
    shade = cv2.cvtColor(before, cv2.COLOR_RGB2GRAY).astype(np.float32) / 160

    def of(colour):
        made = before.copy()
        made[inside] = np.clip(shade[..., None] * colour, 0, 255).astype(np.uint8)[inside]
        return made

    sage, bright, grey = of((150, 165, 132)), of((60, 200, 70)), of((170, 165, 160))
    asked = step(EditType.COLOR_ALTER, value="sage green")
    assert verdict(before, sage, asked)[0] is not Verdict.NOT_DONE
    assert verdict(before, bright, asked)[0] is Verdict.NOT_DONE
    assert verdict(before, grey, asked)[0] is Verdict.NOT_DONE
    assert verdict(before, bright, step(EditType.COLOR_ALTER, value="green"))[0] is not Verdict.NOT_DONE


def test_a_material_has_the_colour_that_was_said_of_it():
    before = with_object(scene(), (100, 110))
    red = before.copy()
    red[boxed().mask > 0] = (190, 60, 50)
    claimed, other = Evidence(colour=(180, 50, 45)), Evidence(colour=(40, 60, 190))
    asked = step(EditType.MATERIAL_CHANGE, value="red leather")
    found = [verdict(before, red, asked, evidence=evidence)[0] for evidence in (claimed, other)]
    assert found[0] is not Verdict.NOT_DONE and found[1] is Verdict.NOT_DONE


def test_movement_is_measured():
    empty = scene()
    before, after = with_object(empty, (100, 110)), with_object(empty, (200, 120))
    right = verdict(before, after, step(EditType.MOVEMENT), evidence=Evidence(displacement=(100.0, 10.0)))
    wrong = verdict(before, after, step(EditType.MOVEMENT), evidence=Evidence(displacement=(-40.0, 0.0)))
    assert (right[0], wrong[0]) == (Verdict.DONE, Verdict.NOT_DONE)


@pytest.mark.parametrize(
    ("made", "claimed", "done"), [(1.4, 1.4, True), (0.6, 0.6, True), (1.0, 1.5, False), (1.4, 0.7, False)]
)
def test_size_is_measured(made, claimed, done):
    empty = scene()
    before, after = with_object(empty, (100, 110)), with_object(empty, (110, 115), size=round(80 * made))
    found = verdict(before, after, step(EditType.RESIZE), evidence=Evidence(factor=claimed))
    assert (found[0] is not Verdict.NOT_DONE) is done, found[1]


@pytest.mark.parametrize(
    ("made", "claimed", "done"), [(30, 30, True), (-45, -45, True), (90, 90, True), (30, -30, False), (0, 45, False)]
)
def test_angle_is_measured(made, claimed, done):
    empty = scene()
    before, after = with_object(empty, (100, 110)), with_object(empty, (100, 110), angle=made)
    found = verdict(before, after, step(EditType.ROTATION_CHANGE), evidence=Evidence(angle=claimed))
    assert (found[0] is not Verdict.NOT_DONE) is done, found[1]


def test_a_mirror_image_is_one():
    before = with_object(scene(), (100, 110))
    x0, y0, x1, y1 = BOX
    after = before.copy()
    after[y0:y1, x0:x1] = before[y0:y1, x0:x1][:, ::-1]
    assert (
        verdict(before, after, step(EditType.ACTION_CHANGE, value="face left"), evidence=Evidence(mirrored=True))[0]
        is not Verdict.NOT_DONE
    )


@pytest.mark.parametrize(
    ("made", "done"),
    [(lambda p: p[:, ::-1], True), (lambda p: p[::-1], False), (lambda p: np.rot90(p, 2), False)],
)
def test_a_flip_of_the_picture_is_not_a_turn(made, done):
    before = with_object(scene(), (100, 110))
    after = np.ascontiguousarray(made(before))
    flip = step(EditType.ROTATION_CHANGE, target=None, value="flip horizontal")
    found, _ = verdict(before, after, flip, whole(H, W), evidence=Evidence(mirrored=True))
    assert (found is Verdict.DONE) is done


def test_what_is_still_seen_was_not_removed():
    before = with_object(scene(), (100, 110))
    after = scene()
    remove = step(EditType.REMOVE)
    assert verdict(before, after, remove)[0] is Verdict.DONE
    assert verdict(before, after, remove, ground=everywhere)[0] is Verdict.NOT_DONE


def test_much_left_beside_a_hole_is_partly_removed():
    """The grounder finds the thing again in the old box, but where nothing was filled."""
    before = with_object(scene(), (100, 110))
    mask = np.zeros((H, W), np.uint8)
    mask[70:100, 60:140] = 255
    after = np.where(mask[..., None] > 0, scene(), before)

    def lower_half(picture, phrase):
        found = np.zeros(picture.shape[:2], np.uint8)
        found[picture.shape[0] // 2 :] = 255
        return Region(found, ((0, picture.shape[0] // 2, picture.shape[1], picture.shape[0]),), 0.9, phrase)

    region = Region(mask, (BOX,), 0.9, "thing")
    found, report = verdict(before, after, step(EditType.REMOVE), region, ground=lower_half)
    assert found is Verdict.PARTLY and "rest" in [c.name for c in report.checks if not c.passed]


def test_a_fill_of_half_the_picture_is_a_guess():
    before = with_object(scene(), (100, 110))
    box = (0, 0, W, H * 2 // 3)
    found, report = verdict(before, cv2.add(before, (60, 60, 60, 0)), step(EditType.REMOVE), boxed(box))
    assert found is Verdict.PARTLY and any(c.name == "made_up" and not c.passed for c in report.checks)


@pytest.mark.parametrize(("ground", "expected"), [("everywhere", Verdict.DONE), ("nothing", Verdict.PARTLY)])
def test_a_copy_that_is_not_recognised_is_partly_counted(ground, expected):
    before = with_object(scene(), (100, 110))
    after = with_object(before, (240, 110))
    copy = (200, 70, 280, 150)
    evidence = Evidence(placed=(copy,), placed_phrase="thing")
    sees = everywhere if ground == "everywhere" else nothing_found
    found, _ = verdict(before, after, step(EditType.COUNTING), mask=boxed(copy).mask, evidence=evidence, ground=sees)
    assert found is expected


def test_what_is_all_but_hidden_is_partly_added():
    before = scene()
    evidence = Evidence(placed=(BOX,), placed_phrase="thing")
    nowhere = Region(np.zeros((H, W), np.uint8), (), 0.0, "", "none")
    added = {"region": nowhere, "mask": boxed().mask, "evidence": evidence}
    thin = before.copy()
    thin[145:150, 60:140] = 250
    failed = [
        {
            check.name
            for check in verdict(before, after, step(EditType.ADD, value="thing"), **added)[1].checks
            if not check.passed
        }
        for after in (with_object(before, (100, 110)), thin)
    ]
    assert "shown" in failed[1] - failed[0]


@pytest.mark.parametrize(
    ("value", "amount", "change", "done"),
    [
        ("brightness", 30, lambda p: cv2.add(p, (25, 25, 25, 0)), True),
        ("brightness", -30, lambda p: cv2.add(p, (25, 25, 25, 0)), False),
        ("contrast", 30, lambda p: cv2.convertScaleAbs(p, alpha=1.5, beta=-50), True),
        ("saturation", 40, lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), False),
        (
            "black and white",
            None,
            lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB),
            True,
        ),
        ("black and white", None, lambda p: cv2.add(p, (25, 25, 25, 0)), False),
        ("night", None, lambda p: (p * 0.3).astype(np.uint8), True),
        ("blur", None, lambda p: cv2.GaussianBlur(p, (0, 0), 3), True),
    ],
)
def test_tone_moves_the_right_way(value, amount, change, done):
    before = skimage.data.astronaut()[:240, :320].copy()
    told = step(EditType.TONE_TRANSFER, None, value, amount=amount and Amount(value=amount, unit=Unit.PERCENT))
    found = verdict(before, np.ascontiguousarray(change(before)), told, whole(240, 320))
    assert (found[0] is not Verdict.NOT_DONE) is done, found[1]


def test_the_outside_is_measured_to_the_last_pixel():
    before = scene()
    after = before.copy()
    after[0, 0] = after[0, 0] + 7
    _, report = verdict(before, after, step(EditType.APPEARANCE_ALTER))
    assert report.outside_max_difference == 7
    assert report.changed_fraction == pytest.approx(1 / (H * W), abs=1e-6)


def test_ssim_agrees_with_an_independent_one():
    a = cv2.cvtColor(skimage.data.astronaut()[:200, :200], cv2.COLOR_RGB2GRAY)
    b = cv2.GaussianBlur(a, (5, 5), 0)
    theirs = structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True)[1]
    assert np.abs(ssim_map(a, b) - theirs)[8:-8, 8:-8].max() < 2e-2


LAWN, COAT = (90, 130, 80), (190, 70, 60)


def animal(seed=3):
    """A round animal on a lawn, both with grain, and where it is."""
    grain = np.random.default_rng(seed).integers(-12, 12, (H, W, 1))
    mask = np.zeros((H, W), np.uint8)
    cv2.ellipse(mask, (150, 120), (60, 75), 0, 0, 360, 255, -1)
    cv2.ellipse(mask, (150, 40), (30, 28), 0, 0, 360, 255, -1)
    colours = np.where(mask[..., None] > 0, COAT, LAWN)
    return np.clip(colours + grain, 0, 255).astype(np.uint8), mask


def planted(mask, after, kind=EditType.COLOR_ALTER, value="blue", **evidence):
    """The verdict on what a mask, right or wrong, made of the animal."""
    before, _ = animal()
    ys, xs = np.nonzero(mask)
    box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    facts = {name: (box,) for name, wanted in evidence.items() if wanted}
    return verdict(before, after, step(kind, value=value), Region(mask, (box,), 0.9, "thing"), None, Evidence(**facts))


def blue(mask):
    """The animal's picture with the mask coloured blue, its light and grain kept."""
    before, _ = animal()
    tint = np.array((40, 70, 200)) + (before.astype(int).mean(axis=2, keepdims=True) - 107)
    return np.where(mask[..., None] > 0, np.clip(tint, 0, 255), before).astype(np.uint8)


def test_a_right_colour_is_done():
    _, mask = animal()
    assert planted(mask, blue(mask))[0] is Verdict.DONE


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda mask: np.where(np.arange(H)[:, None] > 110, mask, 0).astype(np.uint8), "lie beyond the outline"),
        (lambda mask: cv2.dilate(mask, np.ones((61, 61), np.uint8)), "ends where nothing"),
        (lambda mask: np.roll(mask, 70, axis=1), "ends where nothing"),
    ],
    ids=["half of it", "the lawn too", "beside it"],
)
def test_a_wrong_part_in_a_right_colour_is_never_done(spoil, said):
    """The checks see a blue region with its light and shade; only what does not trust the mask tells."""
    _, mask = animal()
    found, report = planted(spoil(mask), blue(spoil(mask)))
    assert found is not Verdict.DONE and any(said in reason for reason in report.reasons)


def filled(mask):
    """The animal's picture with lawn where the mask is."""
    before, _ = animal()
    grain = np.random.default_rng(8).integers(-12, 12, (H, W, 1))
    return np.where(mask[..., None] > 0, np.clip(np.array(LAWN) + grain, 0, 255), before).astype(np.uint8)


def test_a_removal_that_leaves_the_head_is_never_done():
    _, mask = animal()
    headless = np.where(np.arange(H)[:, None] > 60, mask, 0).astype(np.uint8)
    remove = {"kind": EditType.REMOVE, "value": None, "vacated": True}
    assert planted(headless, filled(cv2.dilate(headless, np.ones((5, 5)))), **remove)[0] is not Verdict.DONE


def test_what_is_not_likely_enough_says_so():
    """A colour that nobody doubts is done; an addition that nobody doubts is not, as too few additions are kept."""
    _, mask = animal()
    sure = {check.name: check for check in planted(mask, blue(mask))[1].checks}["sure"]
    assert sure.value >= sure.threshold == trust().done and sure.passed
    before = scene()
    evidence = Evidence(placed=(BOX,), placed_phrase="thing")
    nowhere = Region(np.zeros((H, W), np.uint8), (), 0.0, "", "none")
    found, report = verdict(
        before, with_object(before, (100, 110)), step(EditType.ADD, value="thing"), nowhere, boxed().mask, evidence
    )
    assert found is Verdict.PARTLY and [check.name for check in report.checks if not check.passed] == ["sure"]
    assert report.reasons == ("of edits of this kind 3 in ten come out badly: look at it before you keep it",)
