"""Things are followed by their own motion, what hides them is seen, and what is kept on disc is what was found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("av")
from films import SIZE, ball, disc, ground, over, overlap, small

from pixwright.motion import (
    ExpectedMotion,
    PixelMotion,
    affine_of,
    grey,
    grid,
    motion_between,
    own_motion,
    put_together,
    sampled,
)
from pixwright.video.contract import Chain
from pixwright.video.following import ThingTrack, small_size
from pixwright.video.samples import shrunk
from pixwright.video.spool import ArrayShelf, KeptPlace, Spool, keep, spot

WIDE = small_size(*SIZE)


def followed(frames, mask, *, whole=False):
    track = ThingTrack(shrunk(frames[0], WIDE), small(mask, WIDE), whole=whole)
    greys = [grey(shrunk(one, WIDE)) for one in frames]
    found = [track.now]
    for k in range(1, len(frames)):
        found.append(track.follow(motion_between(greys[k], greys[k - 1]), shrunk(frames[k], WIDE)))
    return found


def test_a_disc_is_followed_over_a_ground_that_moves():
    frames, masks = ball(10)
    found = followed(frames, masks[0])
    for where, mask in zip(found, masks, strict=True):
        assert overlap(np.rint(where.share * 255).astype(np.uint8), mask) > 0.85
        assert where.coverage > 0.8 and not where.lost


def test_the_affine_map_says_where_the_thing_was():
    frames, masks = ball(6)
    matrix = followed(frames, masks[0])[-1].matrix
    at = matrix @ [34 + 20, 60 + 7.5, 1]
    assert np.abs(at - [34, 60]).max() < 2.5


def test_what_passes_before_a_thing_hides_it():
    frames, masks = ball(8)
    for k, frame in enumerate(frames):
        if k >= 3:
            frame[:, 60 + 2 * k : 84 + 2 * k] = (20, 60, 200)
    found = followed(frames, masks[0])[-1]
    bar = np.zeros(SIZE, bool)
    bar[:, 78:94] = True
    own = masks[7] > 128
    assert (
        found.share[own & bar].mean() < 0.3 < 0.6 < found.share[own & ~np.roll(bar, 4, 1) & ~np.roll(bar, -4, 1)].mean()
    )


def test_what_is_nearly_hidden_is_followed_by_what_still_shows():
    """A bar stands before it until less than a third of it is left: it goes on as it went."""
    frames, masks = ball(12)
    for frame in frames:
        frame[:, 70:110] = (20, 60, 200)
    shows = [float((mask[:, np.r_[:70, 110:160]] > 128).sum() / (mask > 128).sum()) for mask in masks]
    assert min(shows) < 0.3
    for where, mask, share in zip(followed(frames, masks[0]), masks, shows, strict=True):
        assert not where.lost
        assert overlap(np.rint(where.mask * 255).astype(np.uint8), mask) > 0.8
        assert abs(1 - where.hidden - share) < 0.15


def test_another_thing_in_its_place_is_no_longer_it():
    frames, masks = ball(6)
    rng = np.random.default_rng(1)
    frames[4] = rng.integers(0, 255, frames[4].shape, dtype=np.uint8)
    assert followed(frames[:5], masks[0])[-1].lost


def test_a_whole_picture_knows_what_came_into_sight():
    frames = [ground(3 * k) for k in range(6)]
    last = followed(frames, np.full(SIZE, 255, np.uint8), whole=True)[-1]
    assert last.coverage < 0.95 and last.valid[:, -15:].mean() < 0.4 < 0.9 < last.valid[20:90, 20:110].mean()
    assert (last.share == 1).all()


def test_an_affine_motion_is_found_among_other_motions():
    field = np.zeros((60, 80, 2), np.float32)
    y, x = np.mgrid[:60, :80]
    field[..., 0], field[..., 1] = 2 + 0.05 * x, -1 + 0.02 * y
    field[:10] = 9
    matrix = affine_of(field, np.ones((60, 80), np.float32))
    assert np.allclose(matrix, [[0.05, 0, 2], [0, 0.02, -1]], atol=0.1)


def test_what_little_shows_of_a_thing_tells_where_it_is_and_not_how_it_turns():
    field, weight = np.zeros((60, 80, 2), np.float32), np.zeros((60, 80), np.float32)
    field[..., 0] = 2 + 0.1 * np.arange(80)
    weight[10:40, 40:42] = 1
    before = np.array([[0.0, 0, 4], [0, 0, 0]])
    bold = affine_of(field, weight)
    held = affine_of(field, weight, ExpectedMotion(before, 0.4))
    assert abs(held @ [40.5, 25, 1] - [6.05, 0]).max() < 0.1
    assert abs(held[0, 0]) < 0.03 < bold[0, 0]
    field[..., 0] = 30
    assert affine_of(field, weight, ExpectedMotion(before, 0.9)) is before


def test_the_motion_of_a_thing_goes_on_beyond_its_outline():
    flow = np.zeros((60, 80, 2), np.float32)
    share = np.zeros((60, 80), np.float32)
    share[20:40, 20:40] = 1
    flow[20:40, 20:40] = (5, -2)
    own = own_motion(PixelMotion(flow, np.ones_like(share)), share)
    assert np.allclose(own[10:50, 10:50], (5, -2), atol=0.2)
    nothing = own_motion(PixelMotion(flow, np.zeros_like(share)), share)
    assert nothing is flow


def test_motions_put_together_are_one_motion():
    shift = np.full((40, 50, 2), 2, np.float32)
    place = put_together(grid(40, 50) + shift, shift)
    assert np.allclose(place[5:30, 5:40], (grid(40, 50) + 4)[5:30, 5:40])
    values = grid(40, 50)[..., 0]
    assert np.allclose(sampled(values, grid(40, 50) + shift)[:, :45], values[:, :45] + 2)


def test_what_is_kept_comes_back():
    frames, masks = ball(5)
    where = followed(frames, masks[0])[-1]
    kept = KeptPlace.unpacked(keep(where, 7).packed())
    assert kept.anchor == 7 and kept.small == WIDE and np.allclose(kept.matrix, where.matrix)
    found = spot(kept, frames[-1])
    assert np.abs(found.place - where.place[found.part])[where.share[found.part] > 0.9].max() < 0.5
    x0, y0, x1, y1 = found.box
    rows, columns = np.nonzero(where.share > 0.05)
    assert x0 <= columns.min() and x1 > columns.max() and y0 <= rows.min() and y1 > rows.max()


def test_what_hides_a_thing_ends_on_the_pictures_edge():
    """What is kept is coarse; at full size the red thing ends where the blue one before it begins."""
    frames, masks = ball(4)
    for frame in frames[1:]:
        frame[:, 50:] = (20, 60, 200)
    where = followed(frames, masks[0])[-1]
    wide = np.repeat(np.repeat(frames[-1], 3, 0), 3, 1)
    found = spot(keep(where, 0), wide)
    row = found.hidden[3 * 64 - found.box[1], 120 - found.box[0] : 180 - found.box[0]]
    assert row[:28].max() < 0.3 and row[32:].min() > 0.7


def test_an_unmoved_thing_is_exactly_where_it_was_at_every_size():
    where = followed(ball(1)[0], ball(1)[1][0])[0]
    for size in (SIZE, (361, 483), (77, 101)):
        found = spot(keep(where, 0), np.zeros((*size, 3), np.uint8))
        x0, y0, x1, y1 = found.box
        own = grid(y1 - y0, x1 - x0) + np.array([x0, y0], np.float32)
        assert np.array_equal(found.place, own) and (found.valid == 1).all() and (found.hidden == 0).all()


def test_a_thing_that_left_is_kept_as_not_seen():
    frames, masks = ball(2)
    kept = keep(followed(frames, np.zeros(SIZE, np.uint8))[-1], 3)
    assert KeptPlace.unpacked(kept.packed()).anchor == -1


def test_spool_and_shelf_hold_more_than_memory_does(tmp_path):
    where = followed(ball(1)[0], ball(1)[1][0])[0]
    spool = Spool(tmp_path)
    spool.put(4, [keep(where, 0), keep(where, 1)])
    assert [one.anchor for one in spool.get(4)] == [0, 1]
    shelf = ArrayShelf(tmp_path / "shelf")
    for k in range(9):
        shelf.put(f"a-{k}", np.full(3, k), np.full(2, -k))
    assert shelf.get("nothing") is None and len(shelf._near) <= 4
    first, second = shelf.get("a-0")
    assert (first == 0).all() and (second == 0).all() and (shelf.get("a-8")[0] == 8).all()


def test_a_chain_goes_over_pictures_between():
    frames, masks = ball(9)
    found = followed(frames[:5], masks[0])
    chain = Chain()
    chain.link(1, keep(found[-1], 0))
    later = followed(frames[4:], masks[4])[-1]
    at = chain.to_key(keep(later, 1), SIZE) @ [34 + 32, 60 + 12, 1]
    assert np.abs(at[:2] - [34, 60]).max() < 3.5


def test_a_disc_that_grows_is_followed_to_its_rim():
    _, mask = disc(3)
    colours, _ = disc(3)
    below = ground(0)
    start = over(below, colours, mask)
    grown = np.array([[1.08, 0, -0.08 * 46], [0, 1.08, -0.08 * 64.5]])
    bigger = cv2.warpAffine(mask, grown, SIZE[::-1])
    after = over(below, cv2.warpAffine(colours, grown, SIZE[::-1]), bigger)
    found = followed([start, after], mask)[-1]
    assert overlap(np.rint(found.share * 255).astype(np.uint8), bigger) > 0.93
