"""Cut-outs of product photographs: the shadow that is kept, the fringe that goes, the edges that are trimmed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import pixwright
from pixwright.edit.contract import Context
from pixwright.edit.editors import background_change
from pixwright.edit.filling.backdrop import cut_from, cut_out, measure_backdrop, without_backdrop, without_windows
from pixwright.edit.trimming import border_colour, content_box, margin_pixels, trimmed
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region, whole

HEIGHT, WIDTH = 300, 400


def product(colour, grain=2.0):
    """A red ball on a backdrop with falling light, its shadow beside it: (picture, mask, shadow in [0, 1], backdrop)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    backdrop = np.array(colour) * (1 - 0.15 * ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.3) ** 2))[..., None]
    shadow = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(shadow, (230, 205), (75, 16), 0, 0, 360, 1, -1)
    shadow = cv2.GaussianBlur(shadow, (0, 0), 6) * 0.4
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(mask, (200, 150), 55, 1, -1, cv2.LINE_AA)
    ball = np.array((190, 40, 35)) * (0.7 + 0.5 * np.exp(-((x - 180) ** 2 + (y - 130) ** 2) / 2500))[..., None]
    picture = backdrop * (1 - shadow[..., None]) * (1 - mask[..., None]) + ball * mask[..., None]
    picture += np.random.default_rng(0).normal(0, grain, picture.shape)
    return picture.clip(0, 255).astype(np.uint8), np.rint(255 * mask).astype(np.uint8), shadow, backdrop


@pytest.mark.parametrize("colour", [(245, 245, 245), (90, 140, 200), (70, 180, 90)])
def test_a_shadow_is_kept_as_black_with_alpha(colour):
    picture, mask, shadow, backdrop = product(colour)
    cut = cut_from(picture, mask, shadow=True)
    assert cut.problem is None
    beside = mask == 0
    assert np.abs(cut.alpha / 255 - shadow)[beside].mean() < 0.012
    assert cut.colours[beside & (cut.alpha > 20)].max() < 40
    # Before its own backdrop it is the photograph again.
    share = cut.alpha[..., None] / 255
    again = backdrop * (1 - share) + cut.colours * share
    assert np.abs(again - picture).mean() < 4


def held_up(white=False):
    """A frame before a graded backdrop, and what a segmenter makes of it; `white`: its middle is of the backdrop's colour, and the segmenter is not sure of it."""
    frame = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.rectangle(frame, (120, 60), (280, 240), 1, -1)
    inner = np.zeros_like(frame)
    cv2.rectangle(inner, (150, 90), (250, 210), 1, -1)
    _, _, _, backdrop = product((180, 180, 184))
    share = (frame - inner)[..., None]
    picture = backdrop * (1 - share) + np.array((60, 90, 40)) * share
    picture += np.random.default_rng(0).normal(0, 1.5, picture.shape)
    seen = np.rint(255 * (frame - inner * (0.3 if white else 1.0))).astype(np.uint8)
    return picture.clip(0, 255).astype(np.uint8), np.rint(255 * frame).astype(np.uint8), seen, inner > 0


@pytest.mark.parametrize("white", [False, True])
def test_a_new_background_is_seen_through_a_frame_and_a_doubtful_hole_is_said(white):
    picture, closed, seen, middle = held_up(white)

    def ground(shown, phrase):
        mask = closed if str(phrase) == "foreground" else np.zeros_like(closed)
        boxes = ((120, 60, 281, 241),) if mask.any() else ()
        return Region(cv2.resize(mask, shown.shape[1::-1]), boxes, 0.9, str(phrase), "phrase")

    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value="blue")
    context = Context(1, Encoders(), ground, standing=lambda _: seen)
    made = background_change.edit(picture, step, whole(HEIGHT, WIDTH), context)
    share = (np.abs(made.picture.astype(int) - picture).max(axis=2) > 60)[middle].mean()
    assert share < 0.05 if white else share > 0.9
    assert ("may still be seen through" in (made.partly or "")) is white


def test_without_a_shadow_or_a_plain_backdrop_the_reason_is_said():
    picture, mask, shadow, backdrop = product((240, 240, 240))
    bright = np.where(mask[..., None] > 0, picture, backdrop.astype(np.uint8))
    assert cut_from(bright, mask, shadow=True).problem == "no shadow was found beside it"
    noise = np.random.default_rng(1).integers(0, 255, picture.shape, dtype=np.uint8)
    busy = np.where(mask[..., None] > 0, picture, noise)
    cut = cut_from(busy, mask, shadow=True)
    assert "not plain" in cut.problem and np.array_equal(cut.alpha, mask)


def test_a_fringe_of_the_backdrop_goes_and_a_white_thing_stays():
    picture, mask, _, _ = product((90, 140, 200))
    fat = cv2.dilate(mask, np.ones((9, 9), np.uint8))
    thin = without_backdrop(picture, fat, measure_backdrop(picture, fat))
    ring = (fat > 200) & (mask == 0)
    assert fat[ring].mean() > 200 and thin[ring].mean() < 130
    assert (thin[mask == 255] > 200).mean() > 0.98
    white, mask, _, _ = product((245, 245, 245))
    white[mask > 0] = 246  # a white plate before white
    kept = without_backdrop(white, mask, measure_backdrop(white, mask))
    assert (kept > 127).sum() > 0.6 * (mask > 127).sum()


def test_what_was_transparent_stays_so_in_a_cut_out():
    picture = np.full((4, 6, 4), 200, np.uint8)
    picture[..., 3] = 255
    picture[:, :3, 3] = 0
    mask = np.zeros((4, 6), np.uint8)
    mask[:, 2:5] = 255
    assert (cut_out(picture, mask)[0][0, :, 3] == [0, 0, 0, 255, 255, 0]).all()
    assert (cut_out(picture[..., :3], mask)[0][..., 3] == mask).all()


@pytest.mark.parametrize(
    ("words", "alpha_of_shadow"),
    [
        ("remove the background", False),
        ("remove the background and keep the shadow", True),
        ("make the background transparent but leave the shadow", True),
    ],
)
def test_a_shadow_by_words(words, alpha_of_shadow):
    picture, mask, shadow, _ = product((245, 245, 245))
    result = pixwright.edit(picture, words)
    assert result.report.verdict != "not_done" and result.picture.shape[2] == 4
    beside = (shadow > 0.25) & (mask == 0)
    assert bool(result.picture[..., 3][beside].mean() > 30) is alpha_of_shadow
    far = cv2.dilate((np.maximum(mask, shadow * 255) > 2).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    assert result.picture[..., 3][far].max() == 0


def test_content_is_found_by_alpha_or_by_a_border_of_one_colour():
    picture, mask, _, _ = product((245, 245, 245), grain=0)
    flat = np.full_like(picture, 250)
    flat[100:200, 50:170] = (10, 60, 90)
    assert content_box(flat) == (50, 100, 170, 200) and border_colour(flat) == (250, 250, 250)
    cut = np.dstack([picture, mask])
    assert content_box(cut) == (145, 95, 256, 206)
    noise = np.random.default_rng(1).integers(0, 255, picture.shape, dtype=np.uint8)
    assert content_box(noise) is None and content_box(np.full_like(picture, 7)) is None


def test_a_margin_may_reach_beyond_the_picture():
    picture = np.full((40, 60, 3), (200, 210, 220), np.uint8)
    picture[5:35, 2:50] = 0
    box = content_box(picture)
    assert margin_pixels(Amount(value=10, unit=Unit.PERCENT), box) == 5
    assert margin_pixels(Amount(value=12, unit=Unit.PIXELS), box) == 12 and margin_pixels(None, box) == 0
    wide = trimmed(picture, box, 12)
    assert wide.shape == (54, 72, 3) and (wide[0, 0] == (200, 210, 220)).all()
    clear = trimmed(np.dstack([picture, np.full((40, 60), 255, np.uint8)]), box, 12)
    assert clear[0, 0, 3] == 0 and clear[20, 20, 3] == 255


@pytest.mark.parametrize(
    ("words", "margin"),
    [
        ("remove the background and trim it", 0),
        ("remove the background and trim it with a 20 px margin", 20),
        ("make the background transparent, then trim the transparent edges, leaving a margin of 10%", None),
    ],
)
def test_trimmed_by_words(words, margin):
    picture, mask, _, _ = product((90, 140, 200))
    result = pixwright.edit(picture, words)
    alpha = result.picture[..., 3]
    x, y, wide, high = cv2.boundingRect((alpha >= 8).astype(np.uint8))
    own = margin if margin is not None else round(0.1 * max(wide, high))
    assert (x, y) == (own, own) and alpha.shape == (high + 2 * own, wide + 2 * own)
    assert abs(wide - 111) < 12 and any(note.startswith("trimmed from 400x300 to ") for note in result.notes)


def test_an_opaque_picture_is_trimmed_to_its_content_or_refused():
    flat = np.full((80, 100, 3), 250, np.uint8)
    flat[30:60, 20:70] = (10, 60, 90)
    result = pixwright.edit(flat, "trim the white borders with a margin of 4 pixels")
    assert np.array_equal(result.picture, flat[26:64, 16:74]) and result.report.verdict == "done"
    noise = np.random.default_rng(1).integers(0, 255, flat.shape, dtype=np.uint8)
    refused = pixwright.edit(noise, "trim it").report
    assert refused.verdict == "not_done" and "no empty edge" in refused.reasons[0]


@pytest.mark.parametrize(("backdrop", "seen"), [((70, 180, 90), True), ((40, 40, 40), False)])
def test_a_backdrop_is_seen_through_a_loop_but_a_grey_one_may_be_an_eye(backdrop, seen):
    picture = np.full((HEIGHT, WIDTH, 3), backdrop, np.uint8)
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(alpha, (200, 150), 80, 1, -1)
    picture[alpha > 0] = (200, 190, 220)
    cv2.circle(picture, (220, 130), 14, backdrop, -1)
    left = without_windows(picture, alpha)
    assert bool(left[130, 220] < 0.1) is seen
    assert left[150, 170] == 1 and np.array_equal(left == 0, alpha == 0) is not seen
