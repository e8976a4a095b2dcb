"""Each witness is content with a picture that shows a good edit, and objects to one that shows what it looks for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import skimage

from pixwright.encoders.critic import Opinion
from pixwright.encoders.picture import PictureEncoder
from pixwright.judge import WITNESSES, witnessed
from pixwright.judge.contract import Trial
from pixwright.judge.look import Look, along, cells, frequencies
from pixwright.judge.trust import ELSE, FRAME, Scale, Trust, kind_of, trust
from pixwright.records.evidence import Evidence
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Beside, Region, whole
from pixwright.records.result import Origin
from pixwright.words import read

H, W = 240, 320
BOX = (100, 60, 180, 180)
GROUND, THING = (90, 130, 80), (200, 60, 50)


def ground(seed=0):
    """An uneven lawn."""
    noise = np.random.default_rng(seed).integers(-12, 12, (H, W, 1))
    return np.clip(np.array(GROUND) + noise, 0, 255).astype(np.uint8)


def disc(box=BOX):
    x0, y0, x1, y1 = box
    mask = np.zeros((H, W), np.uint8)
    cv2.ellipse(mask, ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2), 0, 0, 360, 255, -1)
    return mask


def painted(picture, mask, colour=THING):
    out = picture.copy()
    noise = np.random.default_rng(9).integers(-12, 12, (H, W, 1))
    out[mask > 0] = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)[mask > 0]
    return out


def region(mask, box=BOX, score=0.9, source="phrase"):
    return Region(mask, (box,), score, "the cat", source)


def step(kind, target="the cat", value=None, **more):
    return Step(type=kind, instruction="", target=target and read(target), value=value, **more)


class Reader:
    def __init__(self, text):
        self.text = text

    def recognise(self, crop):
        return self.text, 1.0


class Segmenter:
    """Of these pictures: what is not lawn."""

    def outline(self, picture, side):
        return (np.abs(picture.astype(int) - GROUND).max(axis=2) > 30).astype(np.float32)


def objections(before, after, told, where, mask=None, evidence=None, stands=None, reader="", opinion=Opinion(1, 0), least=0.5):  # fmt: skip
    """Names of the witnesses that object, and what they say; with a lower `least` of those that doubt as well."""
    stands = disc() if stands is None else stands
    trial = Trial(
        before, after, told, where, where.mask if mask is None else mask, evidence or Evidence(),
        SimpleNamespace(reader=Reader(reader), critic=lambda *_: opinion, picture=SEEN, segmenter=Segmenter()),
        lambda *_: where, lambda _: stands,
    )  # fmt: skip
    scales = trust().scales
    return {n: said.objection for n, said in witnessed(trial).items() if scales[n].doubt(said.value) >= least}


def removal(taken=None, filling=None, found=None, score=0.9, target="the cat", stands=None):
    """A cat on a lawn is removed: `taken` is the hole, `filling` what is in it."""
    before = painted(ground(), disc())
    hole = cv2.dilate(disc(), np.ones((5, 5), np.uint8)) if taken is None else taken
    after = before.copy()
    after[hole > 0] = (ground(1) if filling is None else filling)[hole > 0]
    where = region(disc() if found is None else found, score=score)
    return objections(before, after, step(EditType.REMOVE, target), where, hole, Evidence(vacated=(BOX,)), stands)


def test_the_critic_takes_trust_away_of_what_it_knows_only():
    """What it says of a tone is not heard, but of noise; a picture of another size it is not asked about."""
    here, doubtful = region(disc()), Opinion(0.02, 0.9)
    after = painted(ground(), disc(), (60, 60, 200))
    before = painted(ground(), disc())
    heard = objections(before, after, step(EditType.COLOR_ALTER, value="blue"), here, opinion=doubtful)
    assert {"stranger", "broken"} <= set(heard) and heard["broken"] == "what is there now looks like noise"
    assert not {"stranger", "broken"} & set(objections(before, after, step(EditType.COLOR_ALTER, value="blue"), here))
    all_of_it = whole(H, W)
    toned = objections(before, after, step(EditType.TONE_TRANSFER, None, "night"), all_of_it, opinion=doubtful)
    assert "broken" in toned and "stranger" not in toned
    styled = step(EditType.STYLE_CHANGE, None, "mosaic")
    painted_by_a_network = Evidence(origin=Origin.GENERATED)
    for evidence in (Evidence(), painted_by_a_network):
        assert "broken" not in objections(before, after, styled, all_of_it, evidence=evidence, opinion=doubtful)
    moved = step(EditType.MOVEMENT, "disc")
    assert "broken" in objections(before, after, moved, here, evidence=painted_by_a_network, opinion=doubtful)
    larger = np.pad(after, ((0, 8), (0, 8), (0, 0)))
    mask = np.full(larger.shape[:2], 255, np.uint8)
    assert not {"stranger", "broken"} & set(
        objections(before, larger, step(EditType.REMOVE), here, mask, opinion=doubtful)
    )


def test_every_witness_has_a_scale():
    assert set(WITNESSES) == set(trust().scales)


def test_nobody_objects_to_a_clean_removal():
    assert removal() == {}


def test_a_doubtful_find():
    assert removal(score=0.2)["found"] == "it is not sure that what was edited is the cat"


def test_a_piece_that_is_left():
    half = disc()
    half[120:] = 0
    said = removal(taken=half, found=half)
    assert said["leftovers"] == "a piece of the cat is left at the lower edge"
    assert "rest_of_it" in said


def test_one_of_a_group_may_be_meant():
    half = disc()
    half[120:] = 0
    assert "rest_of_it" not in removal(taken=half, found=half, target="the cat on the left")


def test_a_filling_of_another_colour():
    plate = np.full((H, W, 3), (150, 150, 200), np.uint8)
    wide = cv2.dilate(disc(), np.ones((17, 17)))
    assert {"filling", "seam"} <= set(removal(taken=wide, filling=plate))


def test_an_outline_off_the_edges():
    shifted = np.roll(disc(), 45, axis=1)
    assert "outline_on_edges" in removal(found=shifted, stands=shifted)


def test_a_surface_has_no_edges_of_its_own():
    shifted = np.roll(disc(), 45, axis=1)
    assert "outline_on_edges" not in removal(found=shifted, stands=shifted, target="the grass")


@pytest.mark.parametrize(("share", "objects"), [(0.3, False), (1.0, True)])
def test_a_part_is_not_all_of_its_owner(share, objects):
    before, part = painted(ground(), disc()), disc()
    part[: round(60 + 120 * (1 - share))] = 0
    told = step(EditType.COLOR_ALTER, "the cat's tail", "white")
    said = objections(before, painted(before, part, (230, 230, 230)), told, region(part))
    assert ("whole_owner" in said) is objects


def recoloured(colour, kind=EditType.COLOR_ALTER, before=None, after=None, mask=None):
    before = painted(ground(), disc()) if before is None else before
    after = painted(before, disc() if mask is None else mask, colour) if after is None else after
    return set(objections(before, after, step(kind, value="blue"), region(disc()))) - {"outline_on_edges"}


def test_nobody_objects_to_a_clean_new_colour():
    assert recoloured((50, 60, 200)) == set()


def test_what_has_another_colour_is_not_the_things_own():
    before = painted(ground(), disc())
    before[disc() > 0] = painted(ground(), disc(), (60, 60, 200))[disc() > 0]
    for top, colour in ((90, (210, 200, 60)), (150, (60, 190, 190))):
        band = disc()
        band[:top], band[top + 45 :] = 0, 0
        before = painted(before, band, colour)
    assert "other_colours" in recoloured((220, 60, 200), before=before)
    kept = before.copy()
    own = np.all(np.abs(before.astype(int) - (60, 60, 200)) < 14, axis=2)
    kept[own] = (200, 60, 60)
    assert "other_colours" not in recoloured(None, before=before, after=kept)


def test_detail_is_kept():
    before = painted(ground(), disc())
    flat = before.copy()
    flat[disc() > 0] = (110, 120, 190)
    assert "lost_detail" in recoloured(None, before=before, after=flat)


def test_what_gets_dark_has_less_contrast_and_lost_nothing():
    before = painted(ground(), disc())
    dark = before.copy()
    dark[disc() > 0] = (before[disc() > 0] * 0.4).astype(np.uint8)
    assert "lost_detail" not in recoloured(None, before=before, after=dark)


def test_a_print_lies_flat():
    before = painted(ground(), disc())
    striped = before.copy()
    bars = (np.arange(W) // 6 % 2 * 220).astype(np.uint8)
    striped[disc() > 0] = np.repeat(np.tile(bars, (H, 1))[..., None], 3, 2)[disc() > 0]
    assert "flat_pattern" in recoloured(None, EditType.APPEARANCE_ALTER, before, striped)
    assert "flat_pattern" not in recoloured(None, EditType.COLOR_ALTER, before, striped)


def half_of(mask):
    half = mask.copy()
    half[120:] = 0
    return half


def test_a_surface_of_which_half_was_coloured():
    """The mask is as wrong as the change: what lies beyond it tells, and where the change ends."""
    before, half = painted(ground(), disc()), half_of(disc())
    after = painted(before, half, (50, 60, 200))
    said = objections(before, after, step(EditType.COLOR_ALTER, value="blue"), region(half))
    assert {"goes_on", "ends_on_edges"} <= set(said)
    assert said["goes_on"] == "a part of the cat seems to lie beyond the outline"


def test_what_another_step_changes_with_it_is_no_rest():
    """ "Make the cup and the saucer blue": what lies beyond the cup's outline is the saucer, which is as blue a step later."""
    before, half = painted(ground(), disc()), half_of(disc())
    after = painted(before, half, (50, 60, 200))
    other = replace(region(half), beside=Beside(np.zeros_like(half), disc() - half))
    said = objections(before, after, step(EditType.COLOR_ALTER, value="blue"), other)
    assert said.keys().isdisjoint({"goes_on", "ends_on_edges", "camouflage"})


def test_a_change_that_ends_nowhere():
    before = painted(ground(), disc())
    wide = cv2.dilate(disc(), np.ones((41, 41), np.uint8))
    after = painted(before, wide, (50, 60, 200))
    said = objections(before, after, step(EditType.COLOR_ALTER, value="blue"), region(wide))
    assert {"drawn_anew", "ends_on_edges"} <= set(said)


def test_blots_on_a_surface():
    before = painted(ground(), disc())
    after = painted(before, disc(), (50, 60, 200))
    for x in range(112, 175, 14):
        for y in range(90, 155, 14):
            cv2.circle(after, (x, y), 4, (240, 240, 240), -1)
    assert "new_edges" in objections(before, after, step(EditType.COLOR_ALTER, value="blue"), region(disc()))


def test_the_rim_of_a_mask_that_the_user_drew_is_not_doubted_and_blots_in_it_are():
    """A pale thing on a pale wall that becomes black has an edge all around that was not there; of what words found that is a torn rim."""
    pale = np.full((H, W, 3), 225, np.uint8)
    before = painted(pale, disc(), (232, 232, 232))
    after = painted(before, disc(), (20, 20, 22))
    black = step(EditType.COLOR_ALTER, value="black")
    assert "new_edges" in objections(before, after, black, region(disc()))
    drawn = region(disc(), source="user")
    assert not {"new_edges", "ends_on_edges"} & set(objections(before, after, black, drawn))
    for x in range(112, 175, 14):
        for y in range(90, 155, 14):
            cv2.circle(after, (x, y), 4, (232, 232, 232), -1)
    assert "new_edges" in objections(before, after, black, drawn)


@pytest.mark.parametrize("holes", [False, True])
def test_bricks_have_edges_of_their_own_and_a_torn_wall_has_holes(holes):
    before = painted(ground(), disc())
    after = painted(before, disc(), (60, 60, 200))
    after[::8][disc()[::8] > 0] = (200, 200, 60)
    if holes:
        for x in range(112, 175, 14):
            for y in range(90, 155, 14):
                cv2.circle(after, (x, y), 5, THING, -1)
    said = objections(before, after, step(EditType.MATERIAL_CHANGE, value="brick"), region(disc(), source="user"))
    assert ("new_edges" in said) == holes


def test_what_cannot_be_seen():
    before = painted(ground(), disc())
    assert "faint" in recoloured(None, before=before, after=cv2.add(before, (1, 1, 1, 0)))


@pytest.mark.parametrize("inside", [(236, 236, 232), (60, 60, 200)])
def test_the_white_inside_of_a_coloured_thing_rightly_stays(inside):
    """The inside of a red cup is seen unchanged, and nothing was missed; another paint that stays was."""
    inner = disc()
    inner[138:] = 0
    before = painted(painted(ground(), disc(), (200, 50, 40)), inner, inside)
    after = painted(before, cv2.subtract(disc(), inner), (60, 160, 60))
    told = step(EditType.COLOR_ALTER, value="green")
    assert ("faint" in objections(before, after, told, region(disc()), least=0.01)) == (inside[0] < 100)


def test_a_thing_of_its_surroundings_colours():
    before = ground()
    assert "camouflage" in recoloured((50, 60, 200), before=before)


SEEN = PictureEncoder.load()
PHOTO = skimage.data.astronaut()[:240, :320].copy()


def toned(after, value, kind=EditType.TONE_TRANSFER, before=PHOTO, evidence=None, **more):
    return set(objections(before, after, step(kind, None, value, **more), whole(H, W), evidence=evidence))


def test_nobody_objects_to_a_darker_picture():
    assert toned((PHOTO * 0.6).astype(np.uint8), "dark") == set()


def test_what_vanishes_in_fog_is_meant_to():
    veiled = cv2.GaussianBlur(PHOTO, (0, 0), 6)
    assert "vanished" in toned(veiled, "night") and "vanished" not in toned(veiled, "fog")


def test_patches_of_colour():
    red = PHOTO.copy()
    for x in range(10, W, 40):
        cv2.circle(red, (x, 120), 9, (255, 0, 0), -1)
    assert "blotches" in toned(red, "autumn")


def test_a_manner_is_more_than_its_colours():
    tinted = np.clip(PHOTO * np.array([1.1, 1.0, 0.7]), 0, 255).astype(np.uint8)
    assert "colours_only" in toned(tinted, None, EditType.STYLE_TRANSFER, reference=1)
    assert "colours_only" not in toned(tinted, "sepia", EditType.STYLE_CHANGE)


def test_a_style_may_not_lose_what_it_shows():
    painted = cv2.pyrMeanShiftFiltering(PHOTO, 6, 20)
    tiles = cv2.resize(cv2.resize(PHOTO, (9, 7), interpolation=cv2.INTER_AREA), (W, H), interpolation=cv2.INTER_NEAREST)
    assert "dissolved" not in toned(painted, "oil painting", EditType.STYLE_CHANGE)
    assert "dissolved" in toned(tiles, "mosaic", EditType.STYLE_CHANGE)
    assert "dissolved" not in toned(tiles, "dark"), "only a style draws things anew"


def test_noise_of_a_network():
    rough = np.random.default_rng(0).integers(0, 255, PHOTO.shape).astype(np.uint8)
    smooth = cv2.GaussianBlur(PHOTO, (0, 0), 2)
    made = Evidence(origin=Origin.GENERATED)
    assert "noise" in toned(rough, "night", before=smooth, evidence=made)
    assert "noise" not in toned(rough, "night", before=smooth)


def arrived(kind=EditType.ADD, value="cat", at=BOX, name="cat", shown=None, target=None, **more):
    facts = {key: more.pop(key) for key in ("origin", "factor", "text") if key in more}
    before = ground()
    after = painted(before, disc(at) if shown is None else shown)
    none = Region(np.zeros((H, W), np.uint8), (), 0.0, "", "none")
    where = region(disc()) if target or more.pop("anchored", False) else none
    return objections(
        before, after, step(kind, target, value, **more), where, np.full((H, W), 255, np.uint8),
        Evidence(placed=(at,), placed_phrase=name, **facts),
    )  # fmt: skip


def test_nobody_objects_to_the_thing_that_was_asked():
    assert arrived() == {}


def test_a_drawing_is_said_to_be_one():
    assert "drawn" in arrived(origin=Origin.DRAWN)


def test_light_in_the_sky_has_no_drawn_surface():
    assert "drawn" not in arrived(value="rainbow", name="rainbow", origin=Origin.DRAWN)


def test_a_top_hat_is_a_hat():
    assert "other_name" not in arrived(value="hat", name="top hat")
    assert "other_name" in arrived(value="hot air balloon", name="balloon")


def test_another_name():
    assert arrived(name="dog")["other_name"] == 'what was put in is "dog", not "cat"'


@pytest.mark.parametrize(
    ("relation", "objects"), [(Relation.LEFT, True), (Relation.RIGHT, False), (Relation.TOP_RIGHT, False)]
)
def test_the_side_that_was_asked_for(relation, objects):
    said = arrived(at=(220, 20, 300, 100), where=Where(relation=relation))
    assert ("place" in said) is objects


def test_the_middle():
    assert "place" in arrived(at=(240, 10, 310, 60), where=Where(relation=Relation.CENTER))
    assert "place" not in arrived(at=(130, 90, 190, 150), where=Where(relation=Relation.CENTER))


@pytest.mark.parametrize(
    ("relation", "at", "objects"),
    [
        (Relation.LEFT, (20, 80, 80, 140), False),
        (Relation.LEFT, (200, 80, 260, 140), True),
        (Relation.BESIDE, (185, 80, 245, 140), False),
        (Relation.BESIDE, (260, 10, 310, 50), True),
    ],
)
def test_the_side_of_an_anchor_that_was_asked_for(relation, at, objects):
    """The lambda that grounds finds the anchor where the disc is."""
    said = arrived(at=at, where=Where(relation=relation, anchor=read("the cup")), anchored=True)
    assert ("by_anchor" in said) is objects


def test_a_thing_in_pieces():
    torn = disc()
    torn[100:140] = 0
    assert "pieces" in arrived(EditType.VISUAL_REFERENCE, None, shown=torn, reference=1)
    assert "pieces" not in arrived(EditType.VISUAL_REFERENCE, None, reference=1)


def test_what_the_frame_cuts_off():
    said = arrived(EditType.RESIZE, None, at=(100, 0, 180, 180), target="the cat", factor=2.0)
    assert "cut_off" in said


def test_words_stand_out():
    before = ground()
    letters = np.zeros((H, W), np.uint8)
    letters[100:140:2, 40:240] = 255
    told = step(EditType.TEXTUAL_CHANGE, None, "HELLO")
    at = Evidence(text="HELLO", placed=((40, 100, 240, 140),))
    where = region(disc(), source="none")
    said = [
        set(objections(before, painted(before, letters, ink), told, where, evidence=at, reader="HELLO"))
        for ink in ((110, 150, 100), (250, 250, 250))
    ]
    assert said == [{"legible"}, set()]


@pytest.mark.parametrize(("seen", "objects"), [("HELLO", False), ("OTTEH", True), ("", True)])
def test_words_are_read_upright(seen, objects):
    before = ground()
    told = step(EditType.TEXTUAL_CHANGE, None, "HELLO")
    at = Evidence(text="HELLO", placed=((40, 100, 240, 140),))
    said = objections(before, painted(before, disc()), told, region(disc(), source="none"), evidence=at, reader=seen)
    assert ("upright" in said) is objects


def test_a_foreground_that_lost_a_part():
    told, kept = step(EditType.BACKGROUND_CHANGE, None, "beach"), half_of(disc())
    before = painted(ground(), disc())
    assert "cut_anew" in objections(before, before, told, region(255 - kept))
    assert "cut_anew" not in objections(before, before, told, region(255 - disc()))


def test_the_foreground():
    told = step(EditType.BACKGROUND_CHANGE, None, "beach")
    doubtful, sure = (region(255 - disc(), score=score) for score in (0.7, 0.92))
    before = painted(ground(), disc())
    assert "foreground" in objections(before, before, told, doubtful)
    assert "foreground" not in objections(before, before, told, sure)


def test_an_outline_on_an_edge_and_one_on_none():
    before = painted(ground(), disc())
    told = step(EditType.REMOVE)
    trial = Trial(before, ground(), told, region(disc()), disc(), Evidence(), None, lambda *_: None, lambda _: disc())
    look = Look(trial)
    assert along(disc() > 0, look).was_edge > 0.95
    assert along(np.roll(disc(), 60, axis=1) > 0, look).was_edge < 0.4
    assert along(np.zeros((H, W), bool), look) is None


def test_frequencies_are_shares_over_chance():
    found = cells(np.full((10, 10, 3), 50, np.float32))
    often = frequencies(found)
    assert often[found[0, 0]] == often.max() > 100
    assert np.isclose(often.mean(), 1, atol=1e-3)


def test_doubt_lowers_the_probability():
    scales = {"high": Scale(0, 1, 2.0), "low": Scale(1, 0, 1.0)}
    made = Trust(0.7, {ELSE: 0.0, "remove": 1.0}, scales)
    assert made.doubts({"high": 0.25, "low": 0.25}) == {"high": 0.25, "low": 0.75}
    assert made.from_doubts({}, "a kind that nobody rated") == 0.5
    assert made.from_doubts({"high": 1.0}, "remove") == pytest.approx(1 / (1 + np.exp(1)))
    assert made.from_doubts({"high": 1.0, "low": 0.5}, "remove") == pytest.approx(1 / (1 + np.exp(1.5)))
    assert scales["low"].threshold == 0.5


def test_the_strongest_doubt_is_the_one_that_counts_most():
    made = Trust(0.7, {ELSE: 0.0}, {"light": Scale(0, 1, 0.5), "heavy": Scale(0, 1, 2.0)})
    assert made.strongest({"light": 1.0, "heavy": 0.2}) == "light"
    assert made.strongest({"light": 1.0, "heavy": 0.3}) == "heavy"
    assert made.strongest({"light": 0.0}) is None


def test_a_turn_of_the_picture_is_another_kind_than_that_of_a_thing():
    assert kind_of(step(EditType.ROTATION_CHANGE, None)) == FRAME
    assert kind_of(step(EditType.ROTATION_CHANGE)) == "rotation_change"


def test_no_witness_can_make_an_edit_likelier():
    assert all(scale.weight >= 0 for scale in trust().scales.values())


@pytest.mark.parametrize("ink", [(1.0, 1.0, 1.0), (1.0, 0.86, 0.66)])
def test_edges_of_colour_alone_may_go_where_all_colour_goes(ink):
    """Grey and sepia take the edge between two colours of one lightness away, as asked; a line of another lightness must stay."""
    red, green = (200, 60, 60), (60, 128, 60)
    before = np.full((64, 96, 3), red, np.uint8)
    before[:, 48:] = green
    grey = cv2.cvtColor(before, cv2.COLOR_RGB2GRAY)[..., None]
    after = (grey * np.array(ink)).clip(0, 255).astype(np.uint8)
    assert not says_that_things_vanished(before, after)
    lined = before.copy()
    lined[30:33] = 250
    assert says_that_things_vanished(lined, after)


def says_that_things_vanished(before, after):
    told, everywhere = (
        step(EditType.TONE_TRANSFER, target=None, value="sepia"),
        np.full(before.shape[:2], 255, np.uint8),
    )
    return "vanished" in objections(before, after, told, whole(*before.shape[:2]), everywhere)


def test_a_season_that_can_hardly_be_seen():
    warmer = cv2.add(PHOTO, (4, 2, 0, 0))
    assert "slight" in toned(warmer, "autumn")
    assert "slight" not in toned(warmer, "warm", evidence=Evidence(turned=0.1)), "a little was asked for"
    assert "slight" not in toned(cv2.subtract(PHOTO, (90, 80, 60, 0)), "night")


def test_what_is_made_of_a_wish_may_be_something_else():
    assert "wished" in toned(PHOTO, "sunny", why="good weather is sunshine")
    assert "wished" not in toned(PHOTO, "sunny")


@pytest.mark.parametrize(("at", "objects"), [((120, 70, 160, 120), False), ((200, 20, 240, 90), True)])
def test_what_was_put_on_a_thing_stands_on_it(at, objects):
    said = arrived(at=at, where=Where(relation=Relation.ON, anchor=read("the table")), anchored=True)
    assert ("rests" in said) is objects


@pytest.mark.parametrize(("at", "objects"), [((190, 80, 270, 160), False), ((140, 60, 220, 180), True)])
def test_what_was_put_in_hides_no_half_of_something_else(at, objects):
    assert ("covers" in arrived(at=at)) is objects


def test_where_the_change_ends_on_edges_another_outline_is_no_strong_sign():
    """The cat stands out together with a lawn of its own: what is drawn anew is larger. Where the recolouring ends on the cat's edge, that is no doubt of it."""
    before = painted(ground(), disc((60, 20, 260, 230)), (150, 150, 60))
    before = painted(before, disc())
    told = step(EditType.COLOR_ALTER, value="blue")
    right = objections(before, painted(before, disc(), (50, 60, 200)), told, region(disc()))
    wide = cv2.dilate(disc(), np.ones((25, 25), np.uint8))
    wrong = objections(before, painted(before, wide, (50, 60, 200)), told, region(wide))
    assert "drawn_anew" not in right and "drawn_anew" in wrong
