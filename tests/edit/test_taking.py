"""What goes with a thing that is taken away, and how the hole that it leaves is closed: on pictures whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.dispatch import edit
from pixwright.edit.filling import emptying, lines, plate, shadows, taking
from pixwright.edit.filling.fill import fill
from pixwright.edit.placing import lifting
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.words import read

ENCODERS = Encoders()
RED = (190, 40, 30)


def context(standing=None, protected=None):
    return Context(
        0,
        ENCODERS,
        lambda shown, phrase: whole(*shown.shape[:2]),
        protected=protected,
        standing=lambda shown: np.zeros(shown.shape[:2], np.uint8) if standing is None else standing,
    )


def grainy(height=200, width=260, level=150, grain=3.0, seed=0):
    rng = np.random.default_rng(seed)
    ramp = np.linspace(-20, 20, width)[None, :, None] + np.zeros((height, 1, 3))
    return np.clip(level + ramp + rng.normal(0, grain, (height, width, 3)), 0, 255).astype(np.uint8)


def ball(shape, at, radius):
    return cv2.circle(np.zeros(shape[:2], np.uint8), at, radius, 255, -1)


@pytest.mark.parametrize("blur", [0.8, 3.0])
def test_the_hole_reaches_as_far_as_the_colour_bleeds(blur):
    mask = ball((240, 300), (150, 110), 50)
    soft = cv2.GaussianBlur(mask, (0, 0), blur).astype(np.float32)[..., None] / 255
    picture = (grainy(240, 300) * (1 - soft) + np.array(RED) * soft).astype(np.uint8)
    hole = taking.taken(picture, mask, context()).hole
    away = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 3)
    reach = float(away[hole > 0].max())
    assert 1.2 * blur < reach < 2.6 * blur + 6


def test_a_forgotten_foot_goes_and_a_neighbour_of_the_same_kind_stays():
    picture = grainy()
    mask = ball(picture.shape, (90, 90), 40)
    picture[mask > 0] = RED
    picture[124:140, 84:92] = RED
    picture[40:140, 150:230] = RED
    standing = np.where((picture == RED).all(axis=2), 255, 0).astype(np.uint8)
    hole = taking.taken(picture, mask, context(standing)).hole
    assert hole[135, 88] == 255 and not hole[40:140, 155:230].any()


def test_what_stands_beside_a_hole_is_not_copied_but_what_it_lies_before_is():
    standing = np.zeros((200, 260), np.uint8)
    standing[60:140, 20:80] = 255
    hole = ball(standing.shape, (150, 100), 30)
    assert taking.beside(standing, hole)[100, 50] == 255
    standing[40:170, 100:200] = 255
    other = taking.beside(standing, hole)
    assert other[100, 50] == 255 and not other[50, 110]


def shadowed(picture, at, axes, strength=0.5):
    shade = cv2.ellipse(np.zeros(picture.shape[:2], np.float32), at, axes, 0, 0, 360, 1, -1)
    factor = 1 - strength * cv2.GaussianBlur(shade, (0, 0), 2)
    return (picture * factor[..., None]).astype(np.uint8)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_cast_shadow_goes_with_its_thing(side):
    mask = ball((200, 260), (130, 90), 36)
    picture = shadowed(grainy(), (130 + side * 50, 122), (48, 11))
    picture[mask > 0] = RED
    gone = taking.taken(picture, mask, context())
    assert gone.hole[122, 130 + side * 85] == 255 and gone.left is None
    assert not gone.hole[122, 130 - side * 85]


def test_a_dark_patch_as_there_are_others_is_left():
    mask = ball((200, 260), (130, 90), 36)
    picture = grainy()
    for x in (50, 105, 160, 210):
        picture = shadowed(picture, (x, 132), (24, 10))
    picture[mask > 0] = RED
    shadow, left = shadows.cast_shadow(picture, mask, mask * 0)
    assert not shadow.any() and left is not None


def test_the_shadow_of_a_neighbour_makes_the_own_one_no_less_sure():
    mask = ball((200, 260), (110, 90), 36)
    picture = shadowed(shadowed(grainy(), (160, 122), (48, 11)), (30, 150), (30, 9))
    picture[mask > 0] = RED
    shadow, left = shadows.cast_shadow(picture, mask, mask * 0)
    assert shadow[122, 190] > 127 and left is None and not shadow[150, 25]
    shadow, left = shadows.cast_shadow(picture, mask, ball((200, 260), (20, 130), 25))
    assert shadow[122, 190] > 127 and left is None


def test_the_image_in_the_water_goes_too_but_no_second_thing():
    mask = np.zeros((240, 200), np.uint8)
    cv2.fillConvexPoly(mask, np.array([(60, 110), (140, 110), (100, 40)]), 255)
    picture = grainy(240, 200)
    mirrored = np.zeros_like(mask)
    mirrored[111:182] = mask[40:111][::-1]
    wet = picture.copy()
    wet[mirrored > 0] = (0.4 * np.array(RED) + 0.6 * wet[mirrored > 0]).astype(np.uint8)
    wet[mask > 0] = picture[mask > 0] = RED
    assert shadows.mirror_image(wet, mask, mask * 0)[140, 100] == 255
    assert not shadows.mirror_image(picture, mask, mask * 0).any()
    assert not shadows.mirror_image(wet, mask, mirrored).any()


def test_what_the_user_protects_stays():
    mask = ball((200, 260), (130, 90), 36)
    keep = np.zeros_like(mask)
    keep[:, 130:] = 255
    picture = grainy()
    picture[mask > 0] = RED
    assert not taking.taken(picture, mask, context(protected=keep)).hole[:, 130:].any()
    assert taking.forbidden(picture, mask, context(protected=keep))[10, 200] == 255


def test_a_smooth_backdrop_goes_on_without_a_plateau_and_keeps_its_grain():
    picture = grainy(220, 300)
    clean = grainy(220, 300, grain=0.0)
    hole = ball(picture.shape, (150, 110), 55)
    broken = np.where(hole[..., None] > 0, 20, picture).astype(np.uint8)
    filled = fill(broken, hole, rng=np.random.default_rng(3))
    inside = filled[hole > 0].astype(float) - clean[hole > 0]
    assert abs(inside.mean()) < 1.5 and 1.8 < inside.std() < 4.5
    calm = cv2.GaussianBlur(filled.astype(np.float32), (0, 0), 6) - cv2.GaussianBlur(
        clean.astype(np.float32), (0, 0), 6
    )
    assert np.abs(calm[hole > 0]).max() < 4


def test_a_rough_ground_is_no_smooth_backdrop():
    rng = np.random.default_rng(0)
    picture = rng.integers(60, 200, (160, 200, 3), np.uint8)
    hole = ball(picture.shape, (100, 80), 30) > 0
    assert plate.smooth_plate(picture, hole, np.zeros_like(hole), rng) is None


@pytest.mark.parametrize("slope", [0.0, 0.15, -0.3])
def test_an_edge_goes_straight_through(slope):
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[0:200, 0:300]
    below = rows > 100 + slope * (columns - 150)
    truth = np.where(below[..., None], (70, 90, 40), (150, 180, 220)) + rng.normal(0, 12, (200, 300, 3))
    picture = np.clip(truth, 0, 255).astype(np.uint8)
    hole = ball(picture.shape, (150, 100), 45)
    broken = np.where(hole[..., None] > 0, RED, picture).astype(np.uint8)
    found = lines.continued(broken, hole > 0)
    assert found is not None and found[1].sum() > 200 and not (found[1] & (hole == 0)).any()
    filled = fill(broken, hole, rng=np.random.default_rng(0))
    is_sky = filled[..., 2].astype(int) - filled[..., 1] > 10
    near = (hole > 0) & (np.abs(rows - 100 - slope * (columns - 150)) > 4)
    assert (cv2.medianBlur(is_sky.astype(np.uint8), 5)[near] == ~below[near]).mean() > 0.97


def test_a_line_that_ends_in_the_hole_is_not_continued():
    picture = grainy(200, 300)
    picture[98:102, :150] = 20
    hole = ball(picture.shape, (150, 100), 40)
    assert lines.continued(picture, hole > 0) is None


def test_a_long_edge_of_a_large_picture_goes_through():
    picture = np.full((1500, 2200, 3), 210, np.uint8)
    picture[750:] = (60, 90, 50)
    hole = np.zeros((1500, 2200), np.uint8)
    hole[300:1300, 400:1800] = 255
    found = lines.continued(np.where(hole[..., None] > 0, 0, picture).astype(np.uint8), hole > 0)
    assert found is not None and found[1].sum() > 2**15
    assert np.abs(found[0].astype(int) - picture)[found[1]].mean() < 3


def test_on_even_ground_the_forgotten_rest_of_a_thing_and_its_soft_shadow_go_with_it():
    """A chair whose legs the outline forgot, and the shade beside it: nothing of them is to be seen on the wall afterwards."""
    clean = grainy(220, 300, level=190, grain=1.0)
    seat = np.zeros((220, 300), np.uint8)
    seat[60:120, 110:180] = 255
    picture = clean.copy()
    picture[60:120, 110:180] = RED
    picture[120:138, 116:124] = picture[120:138, 166:174] = (120, 80, 50)
    shade = np.zeros((220, 300), np.float32)
    shade[70:150, 178:196] = 1
    picture = (picture * (1 - 0.12 * cv2.GaussianBlur(shade, (0, 0), 4))[..., None]).astype(np.uint8)
    hole = taking.taken(picture, seat, context()).hole
    left = (np.abs(picture.astype(int) - clean).max(axis=2) > 12) & (hole == 0)
    assert left.mean() < 0.001
    assert not hole[:40].any() and not hole[:, :80].any()


def test_on_uneven_ground_nothing_more_is_taken():
    rng = np.random.default_rng(3)
    picture = np.repeat(np.repeat(rng.integers(40, 220, (20, 30, 3), dtype=np.uint8), 10, 0), 10, 1)
    mask = ball(picture.shape, (150, 100), 30)
    picture[mask > 0] = RED
    away = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 3)
    assert away[taking.taken(picture, mask, context()).hole > 0].max() < 12


def test_what_lies_on_a_plate_goes_with_the_plate():
    picture = grainy(220, 300, level=190)
    plate_, fruit = ball(picture.shape, (150, 180), 90), ball(picture.shape, (150, 190), 36)
    picture[plate_ > 0], picture[fruit > 0] = (240, 220, 220), RED
    standing = plate_.copy()
    mask = np.where(fruit > 0, 0, plate_).astype(np.uint8)
    hole = taking.taken(picture, mask, context(standing)).hole
    assert (hole[fruit > 0] > 0).all()


def test_a_moved_plate_takes_its_fruit_along_without_slits_and_its_rim_stays_soft():
    picture = grainy(220, 300, level=190)
    plate_, fruit = ball(picture.shape, (150, 110), 90), ball(picture.shape, (150, 110), 36)
    picture[plate_ > 0], picture[fruit > 0] = (240, 220, 220), RED
    mask = cv2.GaussianBlur(np.where(fruit > 0, 0, plate_).astype(np.uint8), (0, 0), 2)
    got = taking.taken(picture, mask, context(plate_)).mask
    assert (got[fruit > 0] == 255).all()
    rim = (mask > 60) & (mask < 200) & (cv2.dilate(fruit, np.ones((25, 25), np.uint8)) == 0)
    assert np.median(got[rim]) < 230


def test_the_shadow_of_a_thing_on_a_wall_is_as_high_as_the_thing():
    mask = ball((200, 260), (130, 90), 36)
    picture = shadowed(grainy(), (100, 84), (30, 40), 0.35)
    picture[mask > 0] = RED
    shadow, left = shadows.cast_shadow(picture, mask, mask * 0)
    assert left is None and shadow[60, 85] > 200 and shadow[84, 78] > 200 and not shadow[84, 30]


def test_a_sleeve_goes_on_in_a_hole_and_the_head_is_not_copied_there():
    standing = np.zeros((240, 260), np.uint8)
    standing[20:220, 110:240] = 255
    hole = ball(standing.shape, (90, 160), 40)
    other = taking.beside(standing, hole)
    assert not other[160, 135] and other[40, 200] == 255


def two_grounds():
    """Sky above, boards below, and a red box of the height of both at the right."""
    rng = np.random.default_rng(3)
    picture = np.full((220, 300, 3), (150, 180, 220), np.uint8)
    picture[110:] = (120, 90, 60)
    picture[110::12] = (60, 45, 30)
    picture[40:190, 215:290] = RED
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def test_a_hole_is_closed_from_as_high_and_not_from_another_thing():
    picture = two_grounds()
    hole = np.zeros(picture.shape[:2], np.uint8)
    hole[60:180, 140:200] = 255
    torn = picture.copy()
    torn[hole > 0] = (20, 200, 20)
    seen = replace(context(), things=lambda shown: ((215, 40, 290, 190),))
    closed = emptying.emptied(torn, taking.Taken(hole, hole, hole * 0), seen, 1)
    inside = closed.picture[65:175, 145:195].astype(int)
    assert (inside[..., 0] - inside[..., 1] > 60).mean() < 0.01
    assert (inside[:40, :, 2] > 150).mean() > 0.95 and (inside[-50:, :, 2] < 120).mean() > 0.95
    assert (closed.weight[hole > 0] == 255).all() and not closed.weight[:, 215:].any()


def test_what_is_new_fades_beyond_a_hole_but_not_beyond_a_drawn_one():
    picture = grainy()
    hole = ball(picture.shape, (130, 100), 30)
    gone = taking.Taken(hole, hole, hole * 0)
    soft = emptying.emptied(picture, gone, context(), 1).weight
    ring = soft[(soft > 0) & (hole == 0)]
    assert ring.size > 100 and ring.min() < 90 < ring.max() < 255
    assert np.array_equal(emptying.emptied(picture, replace(gone, drawn=True), context(), 1).weight, hole)


def test_a_tomato_beside_a_pan_does_not_run_into_the_backdrop_and_a_stalk_goes_on():
    picture = grainy(240, 320)
    known = ~(ball(picture.shape, (120, 120), 60) > 0)
    cv2.circle(picture, (205, 120), 26, RED, -1)
    hole = ~known
    none = np.zeros_like(hole)
    others = plate.strangers(picture, hole, none)
    assert others[120, 205] and others.mean() < 0.1
    full = plate.smooth_plate(picture, hole, others, np.random.default_rng(0))
    assert full is not None and np.abs(full[hole].astype(int) - grainy(240, 320)[hole]).mean() < 8
    line = grainy(240, 320)
    line[115:126] = RED
    assert not plate.strangers(line, hole, none).any()


def test_a_thing_that_is_moved_with_its_shadow_has_no_bright_rim():
    """The search for a shadow ends at the thing's rim; between the two it is no lighter than the shadow is."""
    height, width = 200, 300
    mask = np.zeros((height, width), np.uint8)
    mask[60:120, 90:160] = 255
    shadow = np.zeros_like(mask)
    shadow[124:150, 80:180] = 255
    picture = np.full((height, width, 3), 220, np.uint8)
    picture[120:150, 80:180] = 150
    picture[mask > 0] = RED
    cut = lifting.piece(picture, mask, shadow, np.full_like(picture, 220))
    x0, y0, *_ = cut.box
    strip = cut.shade[120 - y0 : 148 - y0, 100 - x0 : 150 - x0].astype(int)
    assert strip.max() < 255 * (150 / 220) + 25
    assert (cut.shade[: 100 - y0, : 85 - x0] > 250).all()


def test_what_lies_between_two_things_that_go_stays():
    picture = grainy(240, 400)
    labels = np.zeros(picture.shape[:2], np.uint8)
    for number, x in enumerate((80, 320), 1):
        labels[ball(picture.shape, (x, 120), 45) > 0] = number
    picture[labels > 0] = RED
    cv2.circle(picture, (200, 120), 40, (30, 60, 200), -1)
    standing = np.where(np.ptp(picture.astype(int), axis=2) > 60, 255, 0).astype(np.uint8)
    mask = np.where(labels > 0, 255, 0).astype(np.uint8)
    both = Region(mask, ((35, 75, 126, 166), (275, 75, 366, 166)), 0.9, "balls", "phrase", labels)
    hole = taking.going(picture, both, context(standing)).hole
    assert (hole[labels > 0] == 255).all() and not hole[:, 155:245].any()


def test_what_was_only_pointed_at_goes_with_its_halo_and_what_was_drawn_as_drawn():
    mask = ball((200, 260), (130, 100), 40)
    soft = cv2.GaussianBlur(mask, (0, 0), 3).astype(np.float32)[..., None] / 255
    picture = (grainy() * (1 - soft) + np.array(RED) * soft).astype(np.uint8)
    drawn = Region(mask, ((90, 60, 171, 141),), 1.0, "", "user", (mask > 0).astype(np.uint8))
    assert np.array_equal(taking.going(picture, drawn, context()).hole, mask)
    hole = taking.going(picture, replace(drawn, outlined=True), context()).hole
    assert hole[mask > 0].all() and (hole > 0).sum() > 1.1 * (mask > 0).sum()


@pytest.mark.parametrize(("bow", "left", "top"), [(16, 30, 60), (25, 60, 90)])
def test_a_backdrop_goes_on_far_in_colours_that_it_has(bow, left, top):
    y, x = np.mgrid[0:1:240j, 0:1:320j]
    sand = np.stack([236 - 9 * y * x, 228 - bow * (y + x - 0.4) ** 2, 214 - 6 * x], axis=2)
    picture = np.clip(sand + np.random.default_rng(1).normal(0, 1.5, (240, 320, 3)), 0, 255).astype(np.uint8)
    hole = np.zeros((240, 320), np.bool_)
    hole[top:, left:] = True
    picture[hole] = (60, 30, 25)
    full = plate.smooth_plate(picture, hole, np.zeros_like(hole), np.random.default_rng(0))
    assert full is not None
    assert (full[hole].min(axis=0) > picture[~hole].min(axis=0) - 14.0).all()


@pytest.mark.parametrize("foot", [232, 200])
def test_a_floor_of_which_nothing_is_known_is_not_taken_with_what_stands_on_it(foot):
    y, x = np.mgrid[0:1:260j, 0:1:340j]
    light = np.stack([238 - 6 * x, 232 - 30 * np.maximum(y - 0.5, 0) ** 2, 214 - 40 * (y - 0.2) ** 2], axis=2)
    picture = np.clip(light + np.random.default_rng(2).normal(0, 1.0, light.shape), 0, 255).astype(np.uint8)
    mask = np.zeros((260, 340), np.uint8)
    mask[95:foot, 30:312] = 255
    picture[mask > 0] = (70, 35, 30)
    gone = taking.taken(picture, mask, context())
    assert (gone.hole > 0).sum() < 1.25 * (mask > 0).sum() and (gone.mask > 127).sum() < 1.05 * (mask > 0).sum()


@pytest.mark.parametrize("score, source, done", [(0.45, "phrase", False), (0.9, "phrase", True), (0.45, "user", True)])
def test_half_a_picture_is_not_taken_away_on_a_doubtful_name(score, source, done):
    picture = grainy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[20:140, 30:200] = 255
    step = Step(type=EditType.REMOVE, instruction="", target="the boats")
    proposal = edit(picture, step, Region(mask, ((30, 20, 200, 140),), score, "the boats", source), context())
    assert (proposal.refused is None) == done
    assert done or ("the boats" in proposal.refused and "--box" in proposal.refused)


@pytest.mark.parametrize("eyes_at, done", [((100, 60), False), ((20, 180), True)])
def test_glasses_are_not_taken_off_a_face_with_the_eyes(eyes_at, done):
    picture = grainy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[50:75, 70:140] = 255
    eyes = ball(picture.shape, eyes_at, 8)
    seen = replace(context(), ground=lambda shown, phrase: Region(eyes, ((0, 0, 9, 9),), 0.9, str(phrase), "phrase"))
    step = Step(type=EditType.REMOVE, instruction="", target=read("the glasses"))
    proposal = edit(picture, step, Region(mask, ((70, 50, 140, 75),), 0.9, "the glasses", "phrase"), seen)
    assert (proposal.refused is None) == done, "on a table nothing is behind them"


@pytest.mark.parametrize("phrase, source, done", [("his beard", "phrase", False), ("the moustache", "phrase", False), ("his beard", "user", True), ("the hat", "phrase", True)])  # fmt: skip
def test_nobody_is_shaved_with_what_is_beside_the_beard(phrase, source, done):
    picture = grainy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[50:75, 70:140] = 255
    step = Step(type=EditType.REMOVE, instruction="", target=read(phrase))
    proposal = edit(picture, step, Region(mask, ((70, 50, 140, 75),), 0.9, phrase, source), context())
    assert (proposal.refused is None) == done
    assert done or "the face" in proposal.refused


@pytest.mark.parametrize("face_at, done", [((100, 60), False), ((20, 180), True)])
def test_lips_do_not_go_with_their_lipstick(face_at, done):
    picture = grainy()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[50:70, 90:110] = 255
    face = ball(picture.shape, face_at, 40)
    seen = replace(context(), ground=lambda shown, phrase: Region(face, ((0, 0, 9, 9),), 0.9, str(phrase), "phrase"))
    step = Step(type=EditType.REMOVE, instruction="", target=read("her lipstick"))
    proposal = edit(picture, step, Region(mask, ((90, 50, 110, 70),), 0.9, "her lipstick", "phrase"), seen)
    assert (proposal.refused is None) == done, "one that stands on a table is a thing"
    assert done or "the lips" in proposal.refused
