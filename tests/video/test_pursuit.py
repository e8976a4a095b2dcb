"""A thing is looked for again where it was lost or time has passed, and carried over from another picture where the one before shows too little of it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("av")
from films import SIZE, Film, disc, ground, over, overlap

from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.systems import local
from pixwright.video import pursuit
from pixwright.video.contract import Followed
from pixwright.video.footage import Footage
from pixwright.video.pursuit import FollowedThing, Pursuit
from pixwright.video.spool import Spool, spot

STEP = Step(type=EditType.COLOR_ALTER, instruction="make the red disc blue")


def table(frame):
    """The still life without colour: what is red is the disc."""
    return np.repeat(ground(frame).mean(2, keepdims=True).astype(np.uint8), 3, 2)


def ball(count):
    """Frames and exact masks."""
    discs = [disc(frame) for frame in range(count)]
    return [over(table(k), *one) for k, one in enumerate(discs)], [mask for _, mask in discs]


class RedEyes:
    """Finds what is red: all that these films need."""

    looked = 0

    def find_step(self, picture, step, user):
        RedEyes.looked += 1
        red = picture[..., 0].astype(int) - picture[..., 1] > 60
        red = cv2.morphologyEx(red.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
        x, y, wide, tall = cv2.boundingRect(red)
        boxes = ((x, y, x + wide, y + tall),) if red.sum() > 300 else ()
        return Region(red * np.uint8(255) * bool(boxes), boxes, 0.9, "red disc")


class Heard:
    """What a carrier would hear."""

    def __init__(self):
        self.links, self.seen = [], []

    def link(self, subject, anchor, kept, mask):
        self.links.append((anchor, kept, mask))

    def see(self, pixels, things):
        self.seen.append([one.anchor for one in things])


def pursued(frames, mask, tmp_path, key=0, **asked):
    film = Film(options={"crf": "4"}).write(tmp_path / "f.mp4", frames)
    heard, spool = Heard(), Spool(tmp_path)
    thing = FollowedThing(0, 0, Followed(mask, **asked), STEP)
    eyes = replace(local(), eyes=RedEyes)
    found = Pursuit(Footage(film), eyes, [thing], spool, heard)
    count = []
    found.run(0, key, len(frames), lambda more: count.append(more))
    assert sum(count) == len(frames)
    return found, heard, spool


def test_from_a_key_frame_in_the_middle_both_ways(tmp_path):
    frames, masks = ball(9)
    found, heard, spool = pursued(frames, masks[4], tmp_path, key=4)
    assert not found.renewals and len(heard.seen) == 8
    for k in (0, 8):
        where = spot(spool.get(k)[0], frames[k])
        mask = np.zeros(SIZE, np.uint8)
        mask[where.part] = cv2.remap(masks[4], where.place, None, cv2.INTER_LINEAR)
        assert overlap(mask, masks[k]) > 0.85


def test_what_was_gone_is_found_when_it_is_back(tmp_path):
    frames, masks = ball(16)
    for k in range(5, 9):
        frames[k] = table(k)
    found, heard, spool = pursued(frames, masks[0], tmp_path, phrase=True)
    assert spool.get(7)[0].anchor == -1 and spool.get(15)[0].anchor > 0
    renewal = found.renewals[0]
    assert renewal.found and renewal.lost and renewal.frame >= 9 and renewal.frame in found.grounded
    assert overlap(heard.links[0][2], masks[renewal.frame]) > 0.8


def test_what_comes_back_by_halves_is_followed_from_where_it_is_whole(tmp_path):
    """Behind a post it is gone, then half of it is seen; the outline of the half gives way to the whole one, in the frames before as well."""
    frames, masks = ball(16)
    for k in range(5, 12):
        colours, mask = disc(k)
        mask[:, : 160 if k < 9 else 34 + 4 * k] = 0
        frames[k] = over(table(k), colours, mask)
    found, heard, spool = pursued(frames, masks[0], tmp_path, phrase=True)
    half, whole = found.renewals
    assert half.frame < 12 < whole.frame and half.lost and not whole.lost
    for k in (12, 15):
        kept = spool.get(k)[0]
        assert kept.anchor == whole.anchor
        where, mask = spot(kept, frames[k]), np.zeros(SIZE, np.uint8)
        mask[where.part] = cv2.remap(whole.mask, where.place, None, cv2.INTER_LINEAR)
        assert overlap(mask, masks[k]) > 0.85


def test_what_was_hidden_in_the_key_frame_is_found_when_it_comes_out(tmp_path):
    """A post covers a part of it there: the whole outline takes the place of that part, in the frames between as well."""
    frames, masks = ball(8)
    for k, frame in enumerate(frames):
        frame[:, :21] = (40, 60, 90)
        masks[k][:, :21] = 0
    found, heard, spool = pursued(frames, masks[0], tmp_path, phrase=True)
    (renewal,) = found.renewals
    assert renewal.frame == 4 and renewal.found and not renewal.lost
    assert overlap(renewal.mask, masks[4]) > 0.95
    assert [spool.get(k)[0].anchor for k in range(8)] == [0] + 7 * [1]


def test_what_stands_beside_its_way_is_no_part_of_it(tmp_path):
    """The finder takes a red patch of the ground for a part of the disc: it does not move along."""
    frames, masks = ball(8)
    for frame in frames:
        frame[100:114, 40:54] = (200, 40, 40)
    found, _, _ = pursued(frames, masks[0], tmp_path, phrase=True)
    assert not found.renewals


def test_a_thing_that_is_followed_well_is_looked_for_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(pursuit, "AGAIN", 3)
    frames, masks = ball(8)
    RedEyes.looked = 0
    found, _, spool = pursued(frames, masks[0], tmp_path, phrase=True)
    assert RedEyes.looked == 2 and not found.renewals and not found.grounded
    assert {spool.get(k)[0].anchor for k in range(8)} == {0}


def test_a_picture_that_shows_too_little_gives_way_to_another(tmp_path):
    frames = [ground(4 * k) for k in range(12)]
    found, _, spool = pursued(frames, np.full(SIZE, 255, np.uint8), tmp_path, whole=True, least=0.9)
    assert found.renewals and not any(one.found for one in found.renewals)
    assert found.renewals[0].frame >= 6 and spool.get(11)[0].anchor == len(found.renewals)
    assert (found.renewals[0].mask == 255).all()


def test_nothing_to_follow_is_followed_at_once(tmp_path):
    frames, _ = ball(3)
    film = Film().write(tmp_path / "f.mp4", frames)
    spool = Spool(tmp_path)
    Pursuit(Footage(film), local(), [], spool, Heard()).run(0, 1, 3, lambda more: None)
    assert [spool.get(k) for k in range(3)] == [[], [], []]
