"""How new colours and materials take the light of the place: dim rooms, blacks, metals, grain and planes, on surfaces that are known to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.editors import color_alter, material_change
from pixwright.edit.surfaces.exposure import dimness
from pixwright.edit.surfaces.substances import SUBSTANCES, in_colour, meant_by
from pixwright.edit.surfaces.surface import read_surface, sample, to_lab
from pixwright.edit.surfaces.tint import relit, tinted
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import lexicon, read
from pixwright.words.colours import lab_of
from pixwright.words.colours import rgb as named_colour

SIDE = 220


def mask_of(x0, y0, x1, y1):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[y0:y1, x0:x1] = 255
    return mask


def shown(pixels, mask, words, phrase, kind=EditType.COLOR_ALTER):
    def nothing(picture, what):
        return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, str(what))

    ys, xs = np.nonzero(mask)
    region = Region(mask, ((int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1),), 0.9, phrase, "user")
    editor = color_alter if kind is EditType.COLOR_ALTER else material_change
    step = Step(type=kind, instruction="", target=read(phrase), value=words)
    return editor.edit(pixels, step, region, Context(7, Encoders(), nothing)).picture


def column(colour, least=0.6, grain=0.01):
    """A surface of one colour that is darker to the right, with a little grain, SIDE x SIDE x 3."""
    light = np.linspace(1, least, SIDE, dtype=np.float32)[None, :, None]
    noise = 1 + np.random.default_rng(2).normal(0, grain, (SIDE, SIDE, 1))
    return np.clip(np.float32(colour) * light * noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("brightest, dim", [(250, 1.0), (110, 0.75)])
def test_white_is_as_bright_as_the_place_is(brightest, dim):
    pixels = np.full((SIDE, SIDE, 3), brightest // 3, np.uint8)
    pixels[:30] = brightest
    mask = mask_of(60, 60, 160, 160)
    pixels[mask > 0] = column((40, 26, 18))[mask > 0]
    assert dimness(pixels, mask) == pytest.approx(dim, abs=0.15) and (dimness(pixels, mask) == 1) == (dim == 1)
    got = to_lab(shown(pixels, mask, "white", "chair"))[70:150, 70:150, 0].mean()
    assert (got > 88) == (dim == 1) and got > 50


@pytest.mark.parametrize("name", ["blue", "red", "orange", "dark green"])
def test_a_colour_has_one_hue_in_light_and_in_shade(name):
    """In the shade it is the same linear light times a factor; what is brighter than a screen shows is paler and never of another hue than its neighbour on the wheel."""
    pixels = column((150, 150, 150), 0.15)
    got = tinted(pixels, np.full((SIDE, SIDE), 255, np.uint8), named_colour(name))
    linear = cv2.cvtColor(got.astype(np.float32) / 255, cv2.COLOR_RGB2XYZ)
    shade = linear[:, -90:].reshape(-1, 3)
    share = shade / np.maximum(shade.sum(axis=1, keepdims=True), 1e-4)
    bright = shade[:, 1] > 0.01
    assert share[bright].std(axis=0).max() < 0.03


def test_bright_orange_turns_yellow_and_not_pink():
    pixels = column((250, 250, 250), 0.55)
    lab = to_lab(tinted(pixels, np.full((SIDE, SIDE), 255, np.uint8), named_colour("orange")))
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    assert hue[:, :20].mean() >= hue[:, 100:120].mean() - 1


def test_a_white_thing_that_becomes_black_shows_its_form():
    """White lights its own shade, so that it shows 15 % of contrast; black shows more than that, and is no hole."""
    pixels = column((240, 240, 238), 0.85)
    light = to_lab(tinted(pixels, np.full((SIDE, SIDE), 255, np.uint8), named_colour("black")))[..., 0]
    bright, dark = light[:, :20].mean(), light[:, -20:].mean()
    assert (bright + 16) / (dark + 16) > 1.15 and dark > 5 and bright < 30


@pytest.mark.parametrize(
    "words, phrase, metal", [("golden", "vase", True), ("silver", "phone", True), ("golden", "shirt", False)]
)
def test_a_metals_name_is_metal_on_hard_things(words, phrase, metal):
    """Metal mirrors dark and light: it has more contrast than paint of that colour in the same light."""
    pixels = np.full((SIDE, SIDE, 3), 235, np.uint8)
    mask = mask_of(60, 40, 160, 190)
    pixels[mask > 0] = column((150, 145, 140), 0.55)[mask > 0]
    got = to_lab(shown(pixels, mask, words, phrase))[45:185, 65:155, 0]
    paint = to_lab(tinted(pixels, mask, named_colour(words)))[45:185, 65:155, 0]
    assert (np.ptp(np.percentile(got, (3, 97))) > 1.3 * np.ptp(np.percentile(paint, (3, 97)))) == metal


@pytest.mark.parametrize("box, along", [((20, 80, 200, 140), 1), ((80, 20, 140, 200), 0)])
def test_grain_runs_along_the_longer_side(box, along):
    pixels = np.full((SIDE, SIDE, 3), 225, np.uint8)
    mask = mask_of(*box)
    pixels[mask > 0] = (120, 118, 116)
    light = to_lab(shown(pixels, mask, "wood", "plank", EditType.MATERIAL_CHANGE))[..., 0]
    x0, y0, x1, y1 = box
    inner = light[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8]
    down, right = np.abs(np.diff(inner, axis=0)).mean(), np.abs(np.diff(inner, axis=1)).mean()
    assert (down > 1.5 * right) if along else (right > 1.5 * down)


@pytest.mark.parametrize(
    "phrase, plane",
    [
        ("stone wall", True),
        ("table", True),
        ("floor", True),
        ("ceiling", True),
        ("countertop", True),
        ("vase", False),
        ("dog", False),
        ("river", False),
    ],
)
def test_what_is_flat(phrase, plane):
    assert material_change.is_plane(read(phrase)) == plane


@pytest.mark.parametrize(
    "phrase, built",
    [("garage door", True), ("house", True), ("cupboard", True), ("sofa", False), ("mug", False), ("car", False)],
)
def test_what_is_built_of_flat_sides(phrase, built):
    assert material_change.is_built(read(phrase)) == built


@pytest.mark.parametrize("level", [True, False])
def test_boards_of_a_door_keep_their_seams_and_the_grain_runs_along_them(level):
    pixels = np.full((SIDE, SIDE, 3), 60, np.uint8)
    mask = mask_of(20, 20, 200, 200)
    pixels[mask > 0] = (150, 155, 165)
    pixels[20:200, 20:200][18::36] = 90
    pixels = pixels if level else np.ascontiguousarray(pixels.swapaxes(0, 1))
    light = to_lab(shown(pixels, mask, "wood", "garage door", EditType.MATERIAL_CHANGE))[..., 0]
    light = light if level else light.T
    rows = light[30:190, 30:190].mean(axis=1)
    assert rows[[8, 44, 80, 116]].max() < np.median(rows) - 4
    board = light[40:70, 30:190]
    assert np.abs(np.diff(board, axis=0)).mean() > 2 * np.abs(np.diff(board, axis=1)).mean()


def test_suede_keeps_the_colour_of_what_it_is_made_of():
    pixels = np.full((SIDE, SIDE, 3), 225, np.uint8)
    mask = mask_of(40, 40, 180, 180)
    pixels[mask > 0] = column((40, 60, 140))[mask > 0]
    a, b = to_lab(shown(pixels, mask, "suede", "shoe", EditType.MATERIAL_CHANGE))[60:160, 60:160, 1:].mean(axis=(0, 1))
    assert b < -20 and a > 0


def test_bricks_on_a_stone_wall_lie_in_straight_rows():
    pixels = np.full((SIDE, SIDE, 3), 150, np.uint8)
    mask = mask_of(0, 60, SIDE, 180)
    pixels[mask > 0] = (140, 132, 120)
    got = to_lab(shown(pixels, mask, "brick", "stone wall", EditType.MATERIAL_CHANGE))[64:176]
    redness = got[..., 1].astype(np.float32)
    rows = redness.mean(axis=1)
    assert rows.std() > 3, "no row of mortar goes through from end to end"
    ends = np.corrcoef(redness[:, :40].mean(axis=1), redness[:, -40:].mean(axis=1))[0, 1]
    assert ends > 0.8


def test_what_shows_its_form_is_not_lit_twice():
    """A white cup in full light and shade that becomes marble is as light as marble, and not as marble in the shade."""
    pixels = np.full((SIDE, SIDE, 3), 230, np.uint8)
    mask = mask_of(60, 50, 160, 180)
    pixels[mask > 0] = column((245, 245, 245), 0.25)[mask > 0]
    got = to_lab(shown(pixels, mask, "marble", "cup", EditType.MATERIAL_CHANGE))[55:175, 65:155, 0]
    albedo = np.full((SIDE, SIDE, 3), 235, np.float32)
    alone = to_lab(relit(albedo, pixels, mask))[55:175, 65:155, 0]
    assert abs(float(np.median(got)) - float(np.median(alone))) < 8


def test_of_several_threads_to_a_pixel_their_mean_is_seen():
    """A weave of two pixels a thread, made four times smaller, is even: no moire."""
    weave = np.zeros((64, 64, 3), np.float32)
    weave[:, ::4] = weave[:, 1::4] = 255
    surface = read_surface(np.full((60, 60, 3), 128, np.uint8), np.full((60, 60), 255, np.uint8), flat=True)
    assert sample(weave, surface, 1.0)[5:55, 5:55].std() > 100
    assert sample(weave, surface, 3.7)[5:55, 5:55].std() < 30


def test_a_flat_black_pane_becomes_a_golden_one_without_blots():
    """A telephone's screen and its frame differ by a few L*: these are no lights and shades of a metal."""
    pixels = np.full((SIDE, SIDE, 3), 225, np.uint8)
    mask = mask_of(60, 30, 160, 190)
    pixels[mask > 0] = 16
    pixels[50:170, 70:150] = (40, 30, 28)
    light = to_lab(shown(pixels, mask, "gold", "phone"))[34:186, 64:156, 0]
    assert np.percentile(light, 20) > 30, "the frame is a hole"


@pytest.mark.parametrize(
    "words, colour",
    [
        ("green marble", "green"),
        ("black marble", "black"),
        ("navy ceramic", "navy"),
        ("dark brown suede", "dark brown"),
    ],
)
def test_a_material_comes_in_the_colour_that_is_said(words, colour):
    pixels = np.full((SIDE, SIDE, 3), 205, np.uint8)
    mask = mask_of(50, 50, 170, 170)
    pixels[mask > 0] = column((150, 140, 130))[mask > 0]
    got = np.median(to_lab(shown(pixels, mask, words, "box", EditType.MATERIAL_CHANGE))[60:160, 60:160], axis=(0, 1))
    assert np.linalg.norm(got - lab_of(named_colour(colour))) < 22


def test_black_marble_has_light_veins_and_white_marble_dark_ones():
    tile = SUBSTANCES["marble"].paint(256, np.random.default_rng(3))
    skews = []
    for name in ("white", "black"):
        light = to_lab(in_colour(tile, named_colour(name), veined=True).astype(np.uint8))[..., 0]
        low, middle, high = np.percentile(light, (2, 50, 98))
        skews.append((high - middle) - (middle - low))
    assert skews[0] < 0 < skews[1]


def test_words_name_a_substance_and_its_colour():
    assert meant_by("suede")[0] is SUBSTANCES["suede"] and meant_by("suede")[1] is None
    assert meant_by("rose gold") == (SUBSTANCES["gold"], named_colour("rose gold"))
    assert meant_by("wooden") == (SUBSTANCES["wood"], None) and meant_by("zebra") is None
    assert meant_by("gray concrete floor") == (SUBSTANCES["concrete"], named_colour("gray"))


@pytest.mark.parametrize(
    "name, colour", [("marble", "white"), ("concrete", "gray"), ("leather", "brown"), ("brick", "red")]
)
def test_what_is_of_that_colour_by_nature_stays_so(name, colour):
    tile = SUBSTANCES[name].paint(96, np.random.default_rng(1))
    assert in_colour(tile, named_colour(colour)) is tile and in_colour(tile, named_colour("navy")) is not tile


def test_boards_do_not_show_through_concrete():
    pixels = np.full((SIDE, SIDE, 3), (150, 105, 70), np.uint8)
    pixels[:, ::24] = (95, 62, 40)
    pixels[:, 100:124] = (170, 122, 84)
    got = to_lab(shown(pixels, mask_of(0, 20, SIDE, 200), "concrete", "floor", EditType.MATERIAL_CHANGE))[30:190, :, 0]
    was = to_lab(pixels)[30:190, :, 0].mean(axis=0)
    assert np.ptp(got.mean(axis=0)) < 0.6 * np.ptp(was)


def furred(side=SIDE):
    """A white animal, with hairs, a dark eye and a pink nose, on grey."""
    pixels = np.full((side, side, 3), 120, np.uint8)
    mask = np.zeros((side, side), np.uint8)
    cv2.ellipse(mask, (110, 110), (80, 70), 0, 0, 360, 255, -1)
    hairs = 1 + np.random.default_rng(5).normal(0, 0.03, (side, side, 1))
    pixels[mask > 0] = np.clip(np.float32((232, 230, 226)) * hairs, 0, 255).astype(np.uint8)[mask > 0]
    cv2.circle(pixels, (85, 90), 9, (20, 20, 22), -1)
    cv2.ellipse(pixels, (110, 125), (9, 6), 0, 0, 360, (232, 150, 150), -1)
    return pixels, mask


def test_fur_is_not_of_one_hue_and_eyes_and_nose_stay():
    pixels, mask = furred()
    region = Region(mask, ((30, 40, 191, 181),), 0.9, "kitten", "user")
    made = color_alter.edit(
        pixels,
        Step(type=EditType.COLOR_ALTER, instruction="", target=read("kitten"), value="ginger"),
        region,
        Context(7, Encoders(), lambda picture, what: region),
    )
    got, _ = composite(pixels, made)
    inner = to_lab(got)[140:170, 70:150].reshape(-1, 3)
    flat = to_lab(tinted(pixels, mask, named_colour("ginger")))[140:170, 70:150].reshape(-1, 3)
    chroma, even = (np.hypot(*lab[:, 1:].T) for lab in (inner, flat))
    assert chroma.std() > 2 * even.std() and np.median(chroma) > 20
    for x, y in ((85, 90), (110, 125)):
        assert np.abs(got[y, x].astype(int) - pixels[y, x]).max() < 25


@pytest.mark.parametrize(
    "phrase, furry", [("cat", True), ("lamb", True), ("frog", False), ("turtle", False), ("vase", False)]
)
def test_what_has_a_coat(phrase, furry):
    entry = lexicon().look(phrase)
    assert color_alter._has_fur(entry) is furry


def test_lamps_are_mirrored_by_what_was_white():
    """A white glossy vase has little light and shade: made of bronze it shows its form, and the lamp where it was."""
    pixels = np.full((SIDE, SIDE, 3), 150, np.uint8)
    mask = mask_of(70, 30, 150, 190)
    pixels[mask > 0] = column((236, 234, 230), 0.93)[mask > 0]
    cv2.ellipse(pixels, (95, 90), (4, 10), 0, 0, 360, (255, 255, 255), -1)
    light = to_lab(shown(pixels, mask, "bronze", "vase", EditType.MATERIAL_CHANGE))[..., 0]
    assert light[90, 95] > np.median(light[80:100, 110:140]) + 12
