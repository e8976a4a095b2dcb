"""Tone, style, background and style transfer: every listed value does something, only where it may, and the same each time."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import background_change as background
from pixwright.edit.editors import style_change as style
from pixwright.edit.editors import tone_transfer as tone
from pixwright.edit.editors.visual import style_transfer
from pixwright.edit.styles.following import carried
from pixwright.edit.toning.controls import control
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region, whole
from pixwright.records.result import Origin
from pixwright.records.vocabulary import COLOURS, CONTROLS, STYLES, TONES

ENCODERS = Encoders()
LOOSE = [t for t in TONES if t not in CONTROLS]


def photograph(h, w):
    return np.ascontiguousarray(cv2.resize(data.astronaut(), (w, h), interpolation=cv2.INTER_AREA))


def disc(h, w):
    mask = np.zeros((h, w), np.uint8)
    cv2.circle(mask, (w // 2, h // 2), min(h, w) // 3, 255, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.5)
    return Region(mask, ((w // 6, h // 6, w - w // 6, h - h // 6),), 0.9, "the thing")


def ground(picture, phrase):
    """A grounder that knows a sky (the upper third) and a foreground (a disc)."""
    h, w = picture.shape[:2]
    if phrase == "foreground":
        return disc(h, w)
    mask = np.zeros((h, w), np.uint8)
    if phrase == "sky":
        mask[: h // 3] = 255
    return Region(mask, ((0, 0, w, max(1, h // 3)),) if mask.any() else (), 0.9 if mask.any() else 0.0, phrase)


CONTEXT = Context(7, ENCODERS, ground)
EDITORS = {
    EditType.TONE_TRANSFER: (tone.edit, TONES),
    EditType.STYLE_CHANGE: (style.edit, STYLES),
    EditType.BACKGROUND_CHANGE: (
        background.edit,
        (*(n for n in background.PAINTED if n != "desert"), "blurred", "red", "white"),
    ),
}
CASES = [(kind, value) for kind, (_, values) in EDITORS.items() for value in values]


def step(kind, value, **more):
    return Step(type=kind, instruction="", value=value, **more)


def run(kind, value, picture, region, context=CONTEXT, **more):
    return EDITORS[kind][0](picture, step(kind, value).model_copy(update=more), region, context)


@pytest.mark.parametrize(("kind", "value"), CASES, ids=[v for _, v in CASES])
def test_every_value_changes_the_region_and_nothing_else(kind, value):
    for h, w in ((48, 64), (127, 83)):
        picture = photograph(h, w)
        kept = picture.copy()
        region = disc(h, w)
        proposal = run(kind, value, picture, region)
        assert proposal.refused is None
        assert proposal.picture.shape == picture.shape and proposal.picture.dtype == np.uint8
        assert np.array_equal(picture, kept), "the input was written to"
        result, mask = composite(picture, proposal)
        assert np.array_equal(result[mask == 0], picture[mask == 0])
        if kind is not EditType.BACKGROUND_CHANGE:
            assert np.array_equal(mask, region.mask)
        assert np.abs(result[mask > 200].astype(int) - picture[mask > 200]).mean() > 0.5


@settings(max_examples=12, deadline=None)
@given(case=st.sampled_from(CASES), seed=st.integers(0, 2**31))
def test_same_seed_same_bytes_at_an_odd_size(case, seed):
    picture = photograph(331 // 2, 509 // 2)
    context = replace(CONTEXT, seed=seed)
    once, again = (run(*case, picture, whole(*picture.shape[:2]), context).picture for _ in range(2))
    assert np.array_equal(once, again)


def test_full_odd_size():
    picture = photograph(331, 509)
    for kind, value in (
        (EditType.TONE_TRANSFER, "snow"),
        (EditType.STYLE_CHANGE, "mosaic"),
        (EditType.BACKGROUND_CHANGE, "city"),
    ):
        assert run(kind, value, picture, whole(331, 509)).picture.shape == (331, 509, 3)


def test_styles_differ_from_each_other():
    picture = photograph(192, 192)
    looks = [style.stylise(picture, s, np.random.default_rng(0)).astype(np.int16) for s in STYLES]
    for k, one in enumerate(looks):
        for other in looks[k + 1 :]:
            assert np.abs(one - other).mean() > 4


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (31, 200)])
def test_tiny_pictures_can_be_styled(size):
    picture = photograph(*size)
    for name in STYLES:
        assert style.stylise(picture, name, np.random.default_rng(0)).shape == picture.shape


def test_unknown_words_are_refused_with_the_list_and_near_words_are_said():
    picture = photograph(48, 64)
    region = whole(48, 64)
    for kind, word in (
        (EditType.TONE_TRANSFER, "purple"),
        (EditType.TONE_TRANSFER, "mathematics"),
        (EditType.STYLE_CHANGE, "hamburger"),
        (EditType.BACKGROUND_CHANGE, "banana"),
    ):
        proposal = run(kind, word, picture, region)
        assert proposal.refused and word in proposal.refused and EDITORS[kind][1][0] in proposal.refused
    near = run(EditType.TONE_TRANSFER, "snowy day", picture, region)
    assert near.refused is None and "'snow'" in near.notes[0]
    assert "impressionism" in run(EditType.STYLE_CHANGE, "monet painting", picture, region).notes[0]


def luma(picture):
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)


def test_brightness_and_contrast_keep_their_promise():
    picture = photograph(200, 200)
    rng = np.random.default_rng(0)
    for amount in (-0.4, -0.2, 0.2, 0.3):
        ratio = luma(control(picture, "brightness", amount, rng)).mean() / luma(picture).mean()
        assert abs(ratio - (1 + amount)) < 0.06
    for amount in (-0.5, -0.25):
        ratio = luma(control(picture, "contrast", amount, rng)).std() / luma(picture).std()
        assert abs(ratio - (1 + amount)) < 0.04
    assert luma(control(picture, "contrast", 0.3, rng)).std() > 1.05 * luma(picture).std()


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_turn_both_ways(name):
    picture = photograph(120, 120)
    size = 40.0 if name == "hue" else 0.4
    more, less = (control(picture, name, a, np.random.default_rng(0)).astype(int) for a in (size, -size))
    assert np.abs(more - picture).mean() > 0.2 and np.abs(less - picture).mean() > 0.2
    assert np.abs(more - less).mean() > 0.5


def test_amount_of_a_control():
    picture = photograph(80, 80)
    given_30 = tone.edit(
        picture,
        step(EditType.TONE_TRANSFER, "brightness", amount=Amount(value=-30, unit=Unit.PERCENT)),
        whole(80, 80),
        CONTEXT,
    )
    assert luma(given_30.picture).mean() < 0.78 * luma(picture).mean()
    none = tone.edit(
        picture,
        step(EditType.TONE_TRANSFER, "brightness", amount=Amount(value=0, unit=Unit.PERCENT)),
        whole(80, 80),
        CONTEXT,
    )
    assert none.refused


def test_strength_of_a_tone():
    picture = photograph(120, 160)
    changes = [
        np.abs(
            tone.edit(
                picture,
                step(EditType.TONE_TRANSFER, "sepia", amount=Amount(value=v, unit=Unit.STRENGTH)),
                whole(120, 160),
                CONTEXT,
            ).picture.astype(int)
            - picture
        ).mean()
        for v in (0.3, 0.6, 0.9)
    ]
    assert changes[0] < 0.7 * changes[1] and changes[1] < changes[2]


def test_tones_mean_what_they_say():
    picture = photograph(160, 160)

    def mean(name):
        return run(EditType.TONE_TRANSFER, name, picture, whole(160, 160)).picture.reshape(-1, 3).mean(0)

    before = picture.reshape(-1, 3).mean(0)
    warmth = before[0] - before[2]
    for name in ("warm", "golden hour", "sunset", "cozy", "sepia", "sandstorm"):
        assert mean(name)[0] - mean(name)[2] > warmth, name
    for name in ("cool", "blue hour", "night", "winter", "underwater", "sad"):
        assert mean(name)[0] - mean(name)[2] < warmth, name
    assert mean("night").mean() < 0.45 * before.mean()
    assert mean("bright").mean() > before.mean() > mean("dark").mean()


def test_autumn_turns_leaves_orange():
    green = np.full((96, 96, 3), (60, 120, 40), np.uint8)
    green = cv2.add(green, np.random.default_rng(0).integers(0, 30, green.shape, np.uint8))
    result = run(
        EditType.TONE_TRANSFER, "autumn", green, whole(96, 96), replace(CONTEXT, ground=lambda p, _: nowhere(p))
    )
    red, grass, _ = result.picture[8:-8, 8:-8].reshape(-1, 3).mean(0)
    assert red > 1.3 * grass


def nowhere(picture):
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, "", "none")


def test_no_sky_no_stars_and_it_is_said():
    picture = photograph(96, 128)
    without = run(
        EditType.TONE_TRANSFER, "night", picture, whole(96, 128), replace(CONTEXT, ground=lambda p, _: nowhere(p))
    )
    assert any("no sky" in note for note in without.notes)
    assert not run(EditType.TONE_TRANSFER, "night", picture, whole(96, 128)).notes


def test_background_keeps_the_subject_bit_for_bit_and_paints_a_plain_colour():
    picture = photograph(200, 200)
    proposal = run(EditType.BACKGROUND_CHANGE, "red", picture, whole(200, 200))
    result, mask = composite(picture, proposal)
    middle = np.s_[80:120, 80:120]
    assert not mask[middle].any() and np.array_equal(result[middle], picture[middle])
    assert (result[:8] == COLOURS["red"]).all() and proposal.evidence.colour == COLOURS["red"]


def test_a_place_can_be_painted_in_a_season_and_at_a_time():
    picture = photograph(160, 160)
    by_day, in_snow, by_night = (
        run(EditType.BACKGROUND_CHANGE, "meadow", picture, whole(160, 160), conditions=conditions)
        for conditions in (None, "snow", "night")
    )
    corner = np.s_[140:, :20]
    assert not any(one.notes for one in (by_day, in_snow, by_night))
    assert by_night.picture[corner].mean() < 0.6 * by_day.picture[corner].mean()
    greener = [
        float(one.picture[corner][..., 1].mean() - one.picture[corner][..., 0].mean()) for one in (by_day, in_snow)
    ]
    assert greener[1] < 0.6 * greener[0]


def test_background_from_a_user_mask_touches_only_the_mask():
    picture = photograph(120, 120)
    mask = np.zeros((120, 120), np.uint8)
    mask[:50] = 255
    user = Region(mask, ((0, 0, 120, 50),), 1.0, "", "user")
    result, effective = composite(picture, run(EditType.BACKGROUND_CHANGE, "beach", picture, user))
    assert np.array_equal(effective, mask) and np.array_equal(result[50:], picture[50:])


def test_background_refusals():
    picture = photograph(96, 96)
    lost = run(
        EditType.BACKGROUND_CHANGE, "beach", picture, whole(96, 96), replace(CONTEXT, ground=lambda p, _: nowhere(p))
    )
    assert "--mask" in lost.refused
    missing = background.edit(picture, step(EditType.BACKGROUND_CHANGE, "x", reference=1), whole(96, 96), CONTEXT)
    assert "[1]" in missing.refused


def test_a_background_that_is_removed_leaves_alpha():
    proposal = run(EditType.BACKGROUND_CHANGE, "transparent", photograph(96, 96), whole(96, 96))
    assert proposal.alpha is not None and proposal.alpha.min() == 0 and proposal.alpha.max() == 255
    assert 0 < proposal.evidence.cleared < 1 and not proposal.mask[proposal.alpha == 255].any()


def test_attached_picture_becomes_the_background():
    picture = photograph(120, 160)
    attached = PictureAttachment("blue.png", np.full((50, 90, 4), (10, 40, 220, 255), np.uint8))
    context = replace(CONTEXT, attachments=(attached,))
    proposal = background.edit(
        picture, Step(type=EditType.BACKGROUND_CHANGE, instruction="", reference=1), whole(120, 160), context
    )
    red, _, blue = proposal.picture[:6, :6].reshape(-1, 3).mean(0)
    assert blue > 150 > red


def transfer(picture, reference):
    context = replace(CONTEXT, attachments=(PictureAttachment("r.png", reference),))
    made = Step(type=EditType.STYLE_TRANSFER, instruction="", reference=1)
    return style_transfer.edit(picture, made, whole(*picture.shape[:2]), context)


def test_reference_colours_are_taken_over():
    picture = photograph(200, 200)
    dusk = np.clip(data.coffee()[:300, :300] * [0.4, 0.5, 1.1], 0, 255).astype(np.uint8)
    proposal = transfer(picture, dusk)
    gap = np.abs(proposal.picture.reshape(-1, 3).mean(0) - dusk.reshape(-1, 3).mean(0)).mean()
    was = np.abs(picture.reshape(-1, 3).mean(0) - dusk.reshape(-1, 3).mean(0)).mean()
    assert gap < 0.4 * was


@pytest.mark.parametrize("name", ["pencil sketch", "stained glass", "blueprint"])
def test_the_hand_of_a_reference_is_recognised(name):
    reference = style.stylise(data.coffee(), name, np.random.default_rng(1))
    assert name in transfer(photograph(128, 128), reference).notes[0]


def test_a_photograph_is_not_taken_for_a_named_hand():
    note = transfer(photograph(128, 128), np.ascontiguousarray(data.chelsea())).notes[0]
    assert not any(name in note for name in STYLES)


def test_a_smooth_reference_gives_its_colours_only():
    smooth = cv2.GaussianBlur(np.ascontiguousarray(data.coffee()), (0, 0), 9)
    proposal = transfer(photograph(160, 160), smooth)
    assert "smooth" in proposal.notes[0] and proposal.added is Origin.EXISTING


def test_a_painted_reference_is_followed_by_the_network_as_far_as_was_said():
    picture = photograph(200, 260)
    made = Step(type=EditType.STYLE_TRANSFER, instruction="", reference=1)
    painted = PictureAttachment("painted.png", np.ascontiguousarray(data.coffee()))
    told = replace(CONTEXT, attachments=(painted,))
    changes = []
    for strength in (20.0, 100.0):
        proposal = style_transfer.edit(
            picture, made, whole(200, 260), replace(told, controls={"style_strength": strength})
        )
        assert proposal.added is Origin.GENERATED
        assert {c.name: c.value for c in proposal.controls}["style_strength"] == strength
        changes.append(np.abs(proposal.picture.astype(int) - picture).mean())
    assert changes[1] > 1.5 * changes[0]


def test_a_named_style_is_mixed_where_little_was_asked():
    picture = photograph(96, 128)
    changes = []
    for amount in (Amount(value=0.3, unit=Unit.STRENGTH), None):
        made = Step(type=EditType.STYLE_CHANGE, instruction="", value="watercolor", amount=amount)
        proposal = style.edit(picture, made, whole(96, 128), CONTEXT)
        changes.append(np.abs(proposal.picture.astype(int) - picture).mean())
        assert proposal.controls[0].name == "style_strength"
    assert 0.3 < changes[0] / changes[1] < 0.7


def test_a_painting_is_carried_to_full_size_with_the_pictures_own_edges():
    picture = np.full((400, 600, 3), 40, np.uint8)
    picture[:, 301:] = 220
    painted = np.full((100, 150, 3), (20, 60, 90), np.uint8)
    painted[:, 75:] = (240, 200, 120)
    full = carried(picture, painted)
    assert full.shape == picture.shape
    assert np.abs(full[:, 290:300].astype(int) - (20, 60, 90)).mean() < 12
    assert np.abs(full[:, 303:313].astype(int) - (240, 200, 120)).mean() < 12
