"""Looks by parameters, removal by what other frames show, layers by motion: each on films whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("av")
from films import SIZE, ball, ground, small

from pixwright.motion import grey, motion_between
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region, whole
from pixwright.records.result import Report, Result, StepReport, Verdict
from pixwright.systems import local
from pixwright.video import looks
from pixwright.video.carriers import about, anchor_of, carrier_for
from pixwright.video.contract import MadeStep
from pixwright.video.following import ThingTrack, small_size
from pixwright.video.layers import BackdropCarrier, LayerCarrier
from pixwright.video.looks import LookCarrier
from pixwright.video.plates import RemovalCarrier
from pixwright.video.samples import shrunk
from pixwright.video.spool import ArrayShelf, keep

WIDE = small_size(*SIZE)
EYES = local().eyes()


def made(before, after, mask, kind=EditType.COLOR_ALTER, brought=None, source="phrase"):
    step = Step(type=kind, instruction="make the ball blue")
    report = StepReport(type=kind, verdict=Verdict.DONE)
    account = Report(
        verdict=Verdict.DONE, reasons=(), steps=(report,), score=1.0, changed_fraction=0.1, outside_max_difference=0
    )
    region = whole(*SIZE) if source == "whole" else Region(mask, ((9, 35, 59, 85),), 1.0, "ball", source)
    plan = Plan(instruction="make the ball blue", steps=(step,))
    return MadeStep(before, after, plan, Result(after, plan, account, (region,), masks=(mask,), brought=(brought,)))


def things_of(carrier, frames):
    """What following finds of all that a carrier asked for, frame by frame; the carrier sees every frame."""
    tracks = [ThingTrack(shrunk(frames[0], WIDE), small(one.mask, WIDE), whole=one.whole) for one in carrier.followed]
    rows = [[keep(track.now, 0) for track in tracks]]
    for k in range(1, len(frames)):
        now, then = (shrunk(one, WIDE) for one in (frames[k], frames[k - 1]))
        motion = motion_between(grey(now), grey(then))
        rows.append([keep(track.follow(motion, now), 0) for track in tracks])
        carrier.see(frames[k], rows[-1])
    carrier.finish()
    return rows


def test_a_look_is_a_function_of_colour_where_it_is_one():
    rng = np.random.default_rng(2)
    before = rng.integers(20, 220, (*SIZE, 3), dtype=np.uint8)
    after = np.clip(before[..., ::-1] * 0.8 + 10, 0, 255).astype(np.uint8)
    transfer = looks.fit(before, after, np.full(SIZE, 255, np.uint8))
    other = rng.integers(20, 220, (30, 30, 3), dtype=np.uint8)
    assert np.abs(transfer(other).astype(int) - (other[..., ::-1] * 0.8 + 10)).max() <= 3


def test_what_is_no_function_of_colour_is_left_over_and_laid_on():
    before = np.full((*SIZE, 3), 120, np.uint8)
    after = before.copy()
    after[::2] = 200
    mask = np.full(SIZE, 255, np.uint8)
    transfer = looks.fit(before, after, mask)
    rest = looks.Rest.of(before, after, mask, transfer)
    assert np.array_equal(transfer(before).astype(int) + rest.left, after)


def test_the_key_frame_is_as_it_was_edited_and_others_are_edited_alike(tmp_path):
    frames, masks = ball(7)
    blue = [np.where(m[..., None] > 0, f[..., ::-1], f) for f, m in zip(frames, masks, strict=True)]
    look = LookCarrier(made(frames[0], blue[0], masks[0]), ArrayShelf(tmp_path))
    rows = things_of(look, frames)
    first, mask = look.lay(frames[0], rows[0])
    core = masks[0] == 255
    core &= np.roll(core, 2, 0) & np.roll(core, -2, 0) & np.roll(core, 2, 1) & np.roll(core, -2, 1)
    assert np.array_equal(first[core], blue[0][core]) and np.array_equal(first[mask == 0], frames[0][mask == 0])
    for frame, row, want, own in zip(frames, rows, blue, masks, strict=True):
        after, mask = look.lay(frame, row)
        assert np.array_equal(after[mask == 0], frame[mask == 0])
        off = np.abs(after.astype(int) - want)[own == 255]
        assert off.mean() < 14 and (mask[own == 255] > 128).mean() > 0.85


def test_light_that_changes_is_edited_as_light(tmp_path):
    frames, masks = ball(4)
    blue = np.where(masks[0][..., None] > 0, frames[0][..., ::-1], frames[0])
    look = LookCarrier(made(frames[0], blue, masks[0]), ArrayShelf(tmp_path))
    dim = [np.rint(frame * (1 - 0.1 * k)).astype(np.uint8) for k, frame in enumerate(frames)]
    rows = things_of(look, dim)
    after, mask = look.lay(dim[-1], rows[-1])
    own = (masks[-1] == 255) & (mask > 200)
    want = dim[-1][..., ::-1].astype(int)
    assert np.abs(after.astype(int) - want)[own].mean() < 16


def test_what_was_behind_a_thing_is_taken_from_frames_that_show_it(tmp_path):
    frames, masks = ball(14)
    key = frames[0]
    hole = np.where(masks[0] > 0, 255, 0).astype(np.uint8)
    filled = np.where(hole[..., None] > 0, np.uint8(128), key)
    removal = RemovalCarrier(key, filled, hole, True, ArrayShelf(tmp_path))
    rows = things_of(removal, frames)
    for k in (0, 6, 13):
        after, mask = removal.lay(frames[k], rows[k])
        assert np.array_equal(after[mask == 0], frames[k][mask == 0])
        own, truth = masks[k] > 0, ground(k).astype(int)
        off, grey_off = (np.abs(one - truth).mean(2)[own].mean() for one in (after, np.int64(128)))
        assert off < 0.3 * grey_off, "the ground, not grey"


def test_what_no_frame_shows_is_as_the_system_filled_it(tmp_path):
    frames = [ball(1)[0][0]] * 3
    mask = ball(1)[1][0]
    hole = np.where(mask > 0, 255, 0).astype(np.uint8)
    filled = np.where(hole[..., None] > 0, np.uint8(128), frames[0])
    removal = RemovalCarrier(frames[0], filled, hole, False, ArrayShelf(tmp_path))
    rows = things_of(removal, frames)
    after, _ = removal.lay(frames[2], rows[2])
    assert np.ptp(after[55:65, 28:40].astype(int), axis=(0, 1)).max() < 40, "one grey, lit as the ring is"


def test_what_was_brought_moves_with_what_it_stands_on(tmp_path):
    frames = [ground(k) for k in range(6)]
    brought = np.zeros(SIZE, np.uint8)
    brought[40:60, 50:80] = 255
    after = frames[0].copy()
    after[brought > 0] = (250, 0, 250)
    layer = LayerCarrier(frames[0], after, brought, brought, (about(brought), False), ArrayShelf(tmp_path))
    rows = things_of(layer, frames)
    last, mask = layer.lay(frames[5], rows[5])
    y, x = np.nonzero(mask >= 128)
    assert abs(y.mean() - (49.5 - 5)) < 1.2 and abs(x.mean() - (64.5 - 10)) < 1.2
    assert np.array_equal(last[mask == 0], frames[5][mask == 0])


def test_what_was_brought_is_lit_as_its_place_is(tmp_path):
    frames = [ground(0), np.rint(ground(0) * 0.6).astype(np.uint8)]
    brought = np.zeros(SIZE, np.uint8)
    brought[40:60, 50:80] = 255
    after = frames[0].copy()
    after[brought > 0] = 200
    layer = LayerCarrier(frames[0], after, brought, brought, (about(brought), False), ArrayShelf(tmp_path))
    rows = things_of(layer, frames)
    last, _ = layer.lay(frames[1], rows[1])
    assert abs(float(last[45:55, 55:75].mean()) - 120) < 12


def test_another_background_moves_as_the_old_one_did(tmp_path):
    frames, masks = ball(6)
    sky = np.tile(np.linspace(0, 255, SIZE[1]).astype(np.uint8)[None, :, None], (SIZE[0], 1, 3))
    after = np.where(masks[0][..., None] > 128, frames[0], sky)
    backdrop = BackdropCarrier(after, np.asarray(255 - masks[0], np.uint8), ArrayShelf(tmp_path))
    rows = things_of(backdrop, frames)
    last, _ = backdrop.lay(frames[5], rows[5])
    corner = last[5:25, 40:140].astype(int)
    assert np.abs(corner - np.roll(sky, -10, 1)[5:25, 40:140]).mean() < 8
    ball_now = masks[5] == 255
    assert np.abs(last.astype(int) - frames[5])[ball_now].mean() < 12


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        (EditType.COLOR_ALTER, LookCarrier),
        (EditType.MATERIAL_CHANGE, LookCarrier),
        (EditType.TONE_TRANSFER, LookCarrier),
        (EditType.STYLE_CHANGE, LookCarrier),
        (EditType.REMOVE, RemovalCarrier),
        (EditType.TEXTUAL_CHANGE, LayerCarrier),
        (EditType.BACKGROUND_CHANGE, BackdropCarrier),
        (EditType.MOVEMENT, type(None)),
        (EditType.COUNTING, type(None)),
    ],
)
def test_the_table_of_types_says_how_a_step_is_carried(kind, way, tmp_path):
    frames, masks = ball(1)
    after = np.where(masks[0][..., None] > 0, np.uint8(90), frames[0])
    assert type(carrier_for(made(frames[0], after, masks[0], kind), EYES, ArrayShelf(tmp_path))) is way


def test_a_thing_in_the_place_of_another_is_a_layer_over_a_removal(tmp_path):
    frames, masks = ball(1)
    brought = np.zeros(SIZE, np.uint8)
    brought[50:70, 25:45] = 255
    after = np.where(masks[0][..., None] > 0, np.uint8(90), frames[0])
    step = made(frames[0], after, masks[0], EditType.REPLACE, brought)
    carrier = carrier_for(step, EYES, ArrayShelf(tmp_path))
    assert isinstance(carrier, LayerCarrier) and len(carrier.followed) == 3
    assert anchor_of(step, brought, EYES)[1], "it moves with what it takes the place of"


def test_a_crop_is_edited_frame_by_frame(tmp_path):
    frames, masks = ball(1)
    step = made(frames[0], frames[0][:60], masks[0], EditType.RESIZE, source="whole")
    assert carrier_for(step, EYES, ArrayShelf(tmp_path)) is None
