"""What a colour is said of, where a thing ends, and a new colour in the light that was there: on surfaces that are known to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.editors import appearance_alter, color_alter, material_change
from pixwright.edit.surfaces.body import meant
from pixwright.edit.surfaces.edge import read_edge
from pixwright.edit.surfaces.surface import inflate, read_surface, sample, to_lab
from pixwright.edit.surfaces.tint import relit, tinted
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import COLOURS, material_in
from pixwright.words import read
from pixwright.words.colours import rgb as named_colour

SIDE = 240


def disc(radius=80.0, soft=1.5, centre=(120, 120)):
    """The share of a disc in each pixel, HxW in [0, 1]."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return np.clip((radius - np.hypot(x - centre[0], y - centre[1])) / (2 * soft) + 0.5, 0, 1)


def lit(colour, seed=1):
    """A surface of one colour under light that falls off from left to right, with fine grain."""
    light = np.linspace(1.15, 0.55, SIDE, dtype=np.float32)[None, :, None]
    grain = 1 + np.random.default_rng(seed).normal(0, 0.03, (SIDE, SIDE, 1))
    return np.clip(np.float32(colour) * light * grain, 0, 255)


def over(top, share, ground):
    return np.asarray(np.rint(top * share[..., None] + np.float32(ground) * (1 - share[..., None])), np.uint8)


def as_mask(share):
    return np.asarray(np.rint(share * 255), np.uint8)


def context(**more):
    def nothing(picture, phrase):
        return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, str(phrase))

    return Context(7, Encoders(), nothing, **more)


def named(head):
    return Thing(text=f"the {head}", head=head)


def recoloured(pixels, share, words, head="cup", **more):
    mask = as_mask(share)
    region = Region(mask, ((0, 0, SIDE, SIDE),), 0.9, head, "user")
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=named(head), value=words)
    return color_alter.edit(pixels, step, region, context(**more))


def test_the_rim_is_told_from_the_colours_on_both_sides():
    """A mask that is 1.5 px too small and hard gets the true soft rim, and the thing's colour there has nothing of the ground."""
    share = disc()
    pixels = over(lit((190, 40, 40)), share, (60, 120, 200))
    edge = read_edge(pixels, as_mask(disc(78.5, 0.01)))
    rim = (share > 0.02) & (share < 0.98)
    assert np.abs(edge.mask[rim] / 255 - share[rim]).mean() < 0.14
    assert np.abs(edge.mask / 255 - share)[~rim].mean() < 0.01
    mixed = (share > 0.3) & (share < 0.7)
    assert (edge.own[mixed][:, 2] < 80).all(), "the ground's blue is in the thing's colour"


def test_where_both_sides_look_alike_the_mask_stays():
    pixels = np.full((SIDE, SIDE, 3), 120, np.uint8)
    mask = as_mask(disc())
    assert np.abs(read_edge(pixels, mask).mask.astype(int) - mask).max() <= 1


def test_a_new_colour_leaves_no_fringe_of_the_old_one():
    share = disc(soft=3)
    pixels = over(lit((235, 120, 30)), share, (40, 60, 40))
    proposal = recoloured(pixels, share, "blue", "ball")
    rim = (share > 0.3) & (share < 0.9)
    after = proposal.picture[rim].astype(int)
    assert (after[:, 0] < 110).all(), "orange is left on the rim"


@pytest.mark.parametrize("head", ["car", "bus", "hat"])
def test_of_a_made_thing_the_dominant_colour_is_meant(head):
    """Red paint in light and shade; black tyres and a white print are left."""
    body = lit((200, 30, 35))
    body[60:100, 80:160] = (25, 25, 28)
    body[140:160, 90:150] = (240, 240, 240)
    share = disc()
    got = meant(over(body, share, (90, 130, 90)), as_mask(share), named(head)).mask
    inside = share > 0.99
    assert (got[68:92, 90:150] < 40).all() and (got[145:155, 100:140] < 40).all()
    paint = inside.copy()
    paint[52:108, 72:168] = paint[132:168, 82:158] = False
    assert (got[paint] > 200).mean() > 0.97


def test_paint_in_the_shade_is_paint_and_wood_beside_it_is_not():
    """The light in the shade comes from other things: yellow is orange there. Brown wood of that hue is paler."""
    body = lit((235, 180, 25))
    body[100:150, 60:120] = (78, 42, 2)
    body[170:190, 100:140] = (66, 42, 38)
    share = disc()
    got = meant(over(body, share, (180, 180, 190)), as_mask(share), named("armchair")).mask
    assert (got[110:140, 70:110] > 160).mean() > 0.9
    assert (got[175:185, 108:132] < 90).mean() > 0.9


def test_what_a_cup_holds_is_not_the_cup():
    """Coffee lies within a white ring within a red cup; its hue is near the cup's."""
    pixels = lit((170, 45, 25))
    pixels = over(lit((235, 225, 205)), disc(62), pixels)
    pixels = over(lit((190, 120, 50)), disc(45), pixels.astype(np.float32))
    share = disc(100)
    got = meant(over(pixels.astype(np.float32), share, (100, 80, 60)), as_mask(share), named("cup")).mask
    assert got[disc(40) > 0.5].mean() < 20, "the coffee is coloured"
    assert got[(disc(95) > 0.99) & (disc(68) < 0.01)].mean() > 230, "the cup is not"


def test_a_silver_car_keeps_its_windows_and_a_white_print_on_black_stays():
    pixels = lit((180, 182, 186))
    pixels[70:110, 70:170] = (28, 30, 32)
    share = disc()
    got = meant(over(pixels, share, (80, 110, 70)), as_mask(share), named("car")).mask
    assert got[75:105, 80:160].max() < 60
    assert got[130:160, 90:150].min() > 200


def test_the_eyes_of_an_animal_are_left_and_its_spots_are_not():
    """Two dark round eyes with green irises stay; thirty spots of the coat are the animal's own."""
    pixels = lit((190, 150, 105))
    for x in (90, 150):
        cv2.circle(pixels, (x, 100), 9, (120, 150, 40), -1)
        cv2.circle(pixels, (x, 100), 5, (10, 10, 10), -1)
    share = disc(90)
    got = meant(over(pixels, share, (110, 140, 170)), as_mask(share), named("cat")).mask
    assert got[100, 90] < 60 and got[100, 150] < 60 and got[106, 90] < 130
    assert got[(disc(85) > 0.99)].mean() > 235
    for i in range(30):
        cv2.circle(pixels, (60 + 24 * (i % 6), 120 + 16 * (i // 6)), 4, (30, 22, 15), -1)
    spotted = meant(over(pixels, share, (110, 140, 170)), as_mask(share), named("cheetah")).mask
    assert spotted[120, 84] > 200


@pytest.mark.parametrize(
    ("ground", "more", "whole"),
    [((225, 224, 220), {"attempt": 1}, True), ((225, 224, 220), {}, False), ((200, 30, 35), {"attempt": 1}, False)],
)
def test_the_second_way_takes_the_whole_thing_unless_it_is_of_one_paint(ground, more, whole):
    body = lit(ground)
    body[90:150, 90:150] = (25, 25, 28)
    share = disc()
    mask = recoloured(over(body, share, (90, 130, 90)), share, "green", "car", **more).mask
    assert (mask[100:140, 100:140].min() > 200) == whole


@pytest.mark.parametrize("old", [(20, 18, 17), (70, 50, 35), (235, 232, 228)])
@pytest.mark.parametrize("name", ["white", "black", "red", "yellow", "navy"])
def test_any_colour_is_reached_from_any_other_without_flat_or_blown_areas(old, name):
    """The median is at the goal, light and shade are still there and in order, and fewer than 2 % of the pixels are at an end."""
    pixels = lit(old).astype(np.uint8)
    after = tinted(pixels, np.full((SIDE, SIDE), 255, np.uint8), COLOURS[name])
    goal, now = to_lab(np.array([[COLOURS[name]]], np.uint8))[0, 0], to_lab(after)
    assert np.linalg.norm(np.median(now, axis=(0, 1)) - goal) < 20
    slow = cv2.GaussianBlur(now[..., 0], (0, 0), 10)[SIDE // 2, 20:-20]
    assert (np.diff(slow) < 0.05).all() and slow[0] - slow[-1] > 4
    luma = after.astype(int).sum(axis=2)
    assert ((luma <= 0) | (luma >= 765)).mean() < 0.02
    assert (now[..., 0] - cv2.GaussianBlur(now[..., 0], (0, 0), 3)).std() > 0.3, "the grain is gone"


def test_a_lamps_reflection_on_paint_stays():
    pixels = lit((190, 30, 30))
    pixels[100:110, 100:120] = 252
    after = tinted(pixels.astype(np.uint8), np.full((SIDE, SIDE), 255, np.uint8), COLOURS["blue"], paint=True)
    assert after[105, 110].min() > 225 and after[105, 110].max() - after[105, 110].min() < 20


def test_controls_say_what_was_done_and_do_it():
    share = disc()
    pixels = over(lit((200, 30, 35)), share, (90, 130, 90))
    plain = recoloured(pixels, share, "blue", "car")
    assert {c.name: c.value for c in plain.controls} == {"strength": 1.0, "hue": 0.0, "lightness": 0.0}
    moved = recoloured(pixels, share, "blue", "car", controls={"lightness": 20.0, "strength": 0.5, "hue": 999.0})
    assert {c.name: c.value for c in moved.controls} == {"strength": 0.5, "hue": 180.0, "lightness": 20.0}
    assert moved.mask.max() < 130
    lighter = recoloured(pixels, share, "blue", "car", controls={"lightness": 20.0}).picture
    assert to_lab(lighter)[120, 120, 0] > to_lab(plain.picture)[120, 120, 0] + 10


@pytest.mark.parametrize(
    ("words", "rgb"),
    [("#ff0000", (255, 0, 0)), ("#1e90ff", (30, 144, 255)), ("hotpink", (255, 80, 165)), ("rgb(1, 2, 3)", (1, 2, 3))],
)
def test_exact_colours_are_named(words, rgb):
    assert named_colour(words) == rgb


@pytest.mark.parametrize("name", ["red", "green", "blue", "teal"])
def test_shades_go_where_the_word_says(name):
    def light_and_chroma(words):
        lab = to_lab(np.array([[named_colour(words)]], np.uint8))[0, 0]
        return float(lab[0]), float(np.hypot(lab[1], lab[2]))

    plain = light_and_chroma(name)
    assert light_and_chroma(f"bright {name}")[0] > plain[0] + 4
    assert light_and_chroma(f"deep {name}")[0] < plain[0] - 4
    assert light_and_chroma(f"pastel {name}")[1] < plain[1]
    assert named_colour(f"purring {name}") is None


def test_an_inflated_disc_is_a_half_ball_and_a_limb_stays_low():
    inside = disc(80) > 0.5
    inside[110:131, 200:238] = True
    height = inflate(inside)
    ball = np.sqrt(np.clip(1 - (np.hypot(*(np.mgrid[0:SIDE, 0:SIDE] - 120)) / 80) ** 2, 0, 1))
    middle = disc(60) > 0.99
    assert np.abs(height - ball)[middle].mean() < 0.08
    assert height[120, 225] < 0.35 and height[cv2.dilate(inside.astype(np.uint8), np.ones((7, 7))) == 0].max() < 0.05


def test_a_pattern_that_does_not_fit_itself_has_no_seam():
    """A ramp is mirrored at its ends: no step is larger than the ramp's own."""
    surface = read_surface(np.full((SIDE, SIDE, 3), 120, np.uint8), np.full((SIDE, SIDE), 255, np.uint8))
    ramp = np.tile(np.linspace(0, 1, 60, dtype=np.float32), (60, 1))
    assert np.abs(np.diff(sample(ramp, surface)[100:140, 100:140], axis=1)).max() < 0.1
    assert np.abs(np.diff(sample(ramp, surface, repeats=True)[100:140], axis=1)).max() > 0.5


@pytest.mark.parametrize("editor", ["material", "pattern", "rust"])
def test_what_is_laid_on_leaves_the_windows(editor):
    kind, value, work = {
        "material": (EditType.MATERIAL_CHANGE, "gold", material_change),
        "pattern": (EditType.APPEARANCE_ALTER, "checkered", appearance_alter),
        "rust": (EditType.APPEARANCE_ALTER, "rusty", appearance_alter),
    }[editor]
    body = lit((200, 30, 35))
    body[90:130, 80:150] = (25, 25, 28)
    share = disc()
    region = Region(as_mask(share), ((0, 0, SIDE, SIDE),), 0.9, "bus", "user")
    step = Step(type=kind, instruction="", target=named("bus"), value=value)
    proposal = work.edit(over(body, share, (90, 130, 90)), step, region, context())
    assert proposal.mask[95:125, 86:144].max() < 60 and proposal.mask[150:170, 100:140].min() > 200
    assert proposal.controls


def test_a_surface_as_light_as_before_keeps_its_shadows():
    """A shadow four times as dark as the rest is as dark in the new colour; a new colour that is far lighter has shadows of its own."""
    picture = np.full((120, 160, 3), (150, 40, 30), np.uint8)
    picture[60:] = (38, 10, 8)
    share = np.full((120, 160), 255, np.uint8)
    blue, white = (to_lab(tinted(picture, share, colour))[..., 0] for colour in ((40, 70, 200), (255, 255, 255)))
    assert blue[90].mean() < 0.4 * blue[30].mean()
    assert white[90].mean() > 0.5 * white[30].mean()


@pytest.mark.parametrize(
    ("words", "material"),
    [("gold foil", "gold"), ("brushed gold", "gold"), ("dark wood", "wood"), ("Rose gold", "gold"), ("red bricks", "brick"), ("stainless steel", "steel")],
)  # fmt: skip
def test_a_material_is_heard_in_its_forms(words, material):
    assert material_in(words) == material


def test_a_sound_names_no_material():
    assert material_in("thunder") is None and material_in("") is None


def test_a_new_material_does_not_keep_the_old_print():
    """A black and white rabbit that becomes wood is of wood all over."""
    share = disc()
    print_ = np.where(
        (np.arange(SIDE) // 40 % 2 == 0)[None, :, None], np.float32((230, 230, 230)), np.float32((20, 20, 20))
    )
    pixels = over(np.broadcast_to(print_, (SIDE, SIDE, 3)), share, (90, 120, 90))
    oak = np.full((SIDE, SIDE, 3), (160, 108, 62), np.float32)
    light = to_lab(relit(oak, pixels, as_mask(share)))[..., 0][share > 0.95]
    old = to_lab(pixels)[..., 0][share > 0.95]
    assert np.ptp(np.percentile(light, (5, 95))) < 0.5 * np.ptp(np.percentile(old, (5, 95)))


def test_a_new_pattern_is_not_laid_over_an_old_one():
    share = disc()
    stripes = np.where(
        (np.arange(SIDE) // 6 % 2 == 0)[:, None, None], np.float32((235, 235, 235)), np.float32((30, 40, 90))
    )
    tie = over(np.broadcast_to(stripes, (SIDE, SIDE, 3)), share, (160, 160, 160))
    plain = over(lit((60, 70, 130)), share, (160, 160, 160))
    for pixels, changed in ((tie, True), (plain, False)):
        made = appearance_alter._plain(pixels, as_mask(share), read_surface(pixels, as_mask(share)))
        assert changed == (np.abs(made[share > 0.9].astype(int) - pixels[share > 0.9]).mean() > 10)


def test_the_eyes_of_a_black_animal_keep_their_colour():
    share = disc()
    coat = lit((14, 13, 13))
    for x in (95, 145):
        cv2.circle(coat, (x, 105), 9, (215, 190, 40), -1)
        cv2.circle(coat, (x, 105), 3, (5, 5, 5), -1)
    pixels = over(coat, share, (120, 140, 170))
    kept = meant(pixels, as_mask(share), named("cat")).mask
    assert kept[105, 90] < 60 and kept[105, 150] < 60 and kept[150, 120] > 200


def test_all_of_the_hair_is_dyed():
    """Light strands are hair as well."""
    share = disc()
    strands = np.where(
        (np.arange(SIDE) // 9 % 2 == 0)[None, :, None], np.float32((205, 170, 120)), np.float32((70, 45, 30))
    )
    pixels = over(np.broadcast_to(strands, (SIDE, SIDE, 3)), share, (210, 180, 190))
    assert np.array_equal(meant(pixels, as_mask(share), named("hair")).mask, as_mask(share))


def test_what_a_dark_surface_mirrors_is_no_other_part():
    """A black thing mirrors skin and sky a little: all of it is meant. A brown strap on it is another thing."""
    pixels = lit((34, 34, 36))
    pixels[60:110, 70:170] = (46, 32, 26)
    pixels[110:140, 70:170] = (20, 28, 32)
    pixels[160:185, 90:150] = (150, 90, 40)
    share = disc()
    got = meant(over(pixels, share, (200, 205, 210)), as_mask(share), named("sunglasses")).mask
    assert got[65:105, 76:164].min() > 200 and got[115:135, 76:164].min() > 200
    assert got[165:180, 96:144].max() < 60


@pytest.mark.parametrize("called, paint", [("orange house", True), ("house", False)])
def test_the_colour_that_a_thing_is_called_by_is_what_is_meant(called, paint):
    """A house that is white for the most part, with orange walls above: of the orange house these are painted."""
    pixels = lit((220, 218, 212))
    pixels[50:110, 60:180] = (215, 95, 30)
    share = disc()
    got = meant(over(pixels, share, (90, 130, 190)), as_mask(share), read(called)).mask
    assert (got[60:100, 70:170].min() > 200) == paint
    assert (got[130:180, 80:160].max() < 60) == paint


def test_what_is_enclosed_by_paint_and_small_is_no_ground_that_shows():
    """A red saucer on brown wood mirrors a streak of the wood; the wood that is seen through its handle is larger."""
    pixels = lit((170, 40, 24))
    pixels[100:104, 70:100] = (150, 88, 40)
    share = disc()
    wood = (150, 88, 40)
    got = meant(over(pixels, share, wood), as_mask(share), named("saucer")).mask
    assert got[101:103, 74:96].min() > 120
    pixels[120:165, 90:150] = wood
    got = meant(over(pixels, share, wood), as_mask(share), named("saucer")).mask
    assert got[128:158, 98:142].max() < 60


def test_lips_keep_half_of_their_own_light():
    """Pale pink on dark lips is make-up and no plaster."""
    pixels = lit((120, 70, 62))
    share = disc(50)
    mouth = recoloured(over(pixels, share, (235, 205, 190)), share, "pink", "lip").picture
    chair = recoloured(over(pixels, share, (235, 205, 190)), share, "pink", "chair").picture
    inside = share > 0.99
    own, made, plain = (float(np.median(to_lab(p)[inside][:, 0])) for p in (np.uint8(pixels), mouth, chair))
    assert own + 8 < made < plain - 8


def test_red_hair_is_copper_and_a_red_hat_is_red():
    pixels = lit((70, 48, 36))
    share = disc(60)
    hair, hat = (recoloured(over(pixels, share, (230, 225, 220)), share, "red", head) for head in ("hair", "hat"))
    inside = share > 0.99
    hues = [np.degrees(np.arctan2(*np.median(to_lab(p.picture)[inside][:, [2, 1]], axis=0))) for p in (hair, hat)]
    assert hues[0] > hues[1] + 8 and hair.mask[inside].min() > 240
