"""Measurements: known facts about drawn pairs, and one planted mistake for each that must show."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pixwright.build.measure.appearance import BASIC
from pixwright.build.measure.measures import MEASURES, bank_of, measure, rounded
from pixwright.build.measure.register import register
from pixwright.build.measure.surface import looks
from pixwright.build.measure.things import refined
from pixwright.build.measure.view import View
from pixwright.build.pairs.references import material
from pixwright.build.scene.looks import dressed
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.edit.painting.scenery import PAINTERS, paint
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType as T
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.sample import Reference, Sample, Split
from pixwright.records.vocabulary import APPEARANCES, COLOURS, MATERIALS, STYLES, TONES

SIDE = 192


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    return Encoders()


@pytest.fixture(scope="module")
def cutouts() -> dict[str, np.ndarray]:
    found = {}
    for split in Split:
        catalogue = PackagedCatalogue(split)
        found |= {
            a.name: a.key for a in catalogue.assets("cutout") if a.name in ("teapot", "guitar", "car", "duck")
        } and {
            a.name: catalogue.pixels(a.key)
            for a in catalogue.assets("cutout")
            if a.name in ("teapot", "guitar", "car", "duck")
        }
    return found


def ground(seed: int = 0, place: str = "meadow") -> np.ndarray:
    return paint(place, SIDE, SIDE, np.random.default_rng(seed))


def lay(picture, rgba, x: float, tall: int, foot: float = 0.9, angle: float = 0.0):
    """The picture with a thing on it, and the thing's mask."""
    scale = tall / rgba.shape[0]
    move = cv2.getRotationMatrix2D((rgba.shape[1] / 2, rgba.shape[0] / 2), -angle, scale)
    move[:, 2] += (x * SIDE - rgba.shape[1] / 2, foot * SIDE - tall / 2 - rgba.shape[0] / 2)
    laid = cv2.warpAffine(rgba, move, (SIDE, SIDE), flags=cv2.INTER_AREA)
    alpha = laid[..., 3:].astype(np.float32) / 255
    return (laid[..., :3] * alpha + picture * (1 - alpha)).astype(np.uint8), np.where(
        laid[..., 3] > 127, 255, 0
    ).astype(np.uint8)


def sample(kind: T, before, after, mask=None, **step) -> Sample:
    return Sample(
        "s", "t", kind, before, after, "do it", Step(type=kind, instruction="do it", **step), "", "", mask=mask
    )


def test_l1_does_not_wrap(encoders):
    """Subtracted as uint8, 10 - 20 is 246: the mistake of AnyEdit's filter."""
    dark, light = np.full((64, 64, 3), 10, np.uint8), np.full((64, 64, 3), 20, np.uint8)
    one = measure(sample(T.TONE_TRANSFER, dark, light), encoders)
    other = measure(sample(T.TONE_TRANSFER, light, dark), encoders)
    assert one["float_l1"] == other["float_l1"] == pytest.approx(10 / 255, abs=1e-4)
    assert one["l2_distance"] == pytest.approx((10 / 255) ** 2, abs=1e-4)


def test_outside_is_apart_from_inside(encoders, cutouts):
    picture = ground()
    after, mask = lay(picture, cutouts["teapot"], 0.5, 80)
    exact = np.where(mask[..., None] > 0, after, picture)
    found = measure(sample(T.ADD, picture, exact, mask, value="teapot"), encoders)
    assert found["outside_max"] == found["outside_l1"] == found["shift"] == 0
    assert found["inside_changed"] > 0.9 and 0.9 < found["mask_ratio"] <= 1
    spoilt = exact.copy()
    spoilt[0, 0] ^= 255
    assert measure(sample(T.ADD, picture, spoilt, mask, value="teapot"), encoders)["outside_max"] > 0.4


@pytest.mark.parametrize("way", [(5, 0), (-4, 6)])
def test_a_shifted_picture_is_found(encoders, way):
    picture = ground(1, "street")
    toned = (picture * 0.8).astype(np.uint8)
    moved = cv2.warpAffine(
        toned, np.array([[1, 0, way[0]], [0, 1, way[1]]], np.float32), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE
    )
    assert measure(sample(T.TONE_TRANSFER, picture, toned, value="dark"), encoders)["shift"] == 0
    assert measure(sample(T.TONE_TRANSFER, picture, moved, value="dark"), encoders)["shift"] == pytest.approx(
        np.hypot(*way), abs=1.5
    )


def test_the_named_thing_is_told_from_others(encoders, cutouts):
    picture = ground(2)
    after, mask = lay(picture, cutouts["guitar"], 0.4, 90)
    right = measure(sample(T.ADD, picture, after, mask, value="guitar"), encoders)
    wrong = measure(sample(T.ADD, picture, after, mask, value="duck"), encoders)
    assert right["noun_rank"] > 0.98 > wrong["noun_rank"] and right["noun_margin"] > 0.1 > wrong["noun_margin"]
    assert right["rim_gain"] > 0.05
    gone = measure(sample(T.REMOVE, after, picture, mask, target="guitar"), encoders)
    assert gone["target_gain"] < -0.2 and gone["rim_gain"] < -0.05 and gone["target_rank"] > 0.98


def test_the_reference_is_told_from_others(encoders, cutouts):
    picture = ground(3)
    after, mask = lay(picture, cutouts["car"], 0.5, 70)
    base = sample(T.VISUAL_REFERENCE, picture, after, mask, value="car", reference=1)
    shown = {n: Reference(1, n, n, np.ascontiguousarray(cutouts[n][:, ::-1])) for n in ("car", "teapot")}
    right, wrong = (measure(replace(base, references=(shown[n],)), encoders) for n in ("car", "teapot"))
    assert right["reference_margin"] > 0.1 > wrong["reference_margin"]


def test_the_reference_of_a_material_is_told_from_others(encoders, cutouts):
    picture = ground(3)
    before, mask = lay(picture, cutouts["teapot"], 0.5, 90)
    for number, (value, other) in enumerate((("brick", "fur"), ("denim", "gold"))):
        after, _ = lay(picture, dressed(cutouts["teapot"], ((T.MATERIAL_CHANGE, value),), 1), 0.5, 90)
        base = sample(T.MATERIAL_TRANSFER, before, after, mask, target="teapot", reference=1)
        right, wrong = (
            measure(replace(base, references=(Reference(1, n, n, material(n, 40 + number)),)), encoders)
            for n in (value, other)
        )
        assert right["look_margin"] > 0 > wrong["look_margin"] + 0.2
        assert right["look_rank"] > 0.95 > wrong["look_rank"]


def test_a_thing_is_found_on_the_ground_that_its_mask_holds(encoders, cutouts):
    picture = ground(4, "street")
    before, old = lay(picture, cutouts["guitar"], 0.5, 120)
    after, new = lay(picture, cutouts["teapot"], 0.5, 60)
    part = (old | new) > 0
    (found,) = refined(after, part)
    both = (found & (new > 0)).sum() / (found | (new > 0)).sum()
    assert both > (new > 0).sum() / part.sum() + 0.1
    found = measure(sample(T.REPLACE, before, after, np.where(part, 255, 0).astype(np.uint8), value="teapot"), encoders)
    assert found["noun_rank"] > 0.97


def test_a_name_that_nothing_has_is_absent_not_zero(encoders, cutouts):
    picture = ground(3)
    after, mask = lay(picture, cutouts["car"], 0.5, 70)
    found = measure(sample(T.ADD, picture, after, mask, value="zyzzyva"), encoders)
    assert "noun_rank" not in found and "colour_distance" not in found and "text_read" not in found


def test_colour_is_nearest_to_its_own_name(encoders, cutouts):
    picture, mask = lay(ground(4), cutouts["teapot"], 0.5, 100)
    for name in ("red", "blue", "yellow"):
        painted = picture.copy()
        shade = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[mask > 0, None] / 160
        painted[mask > 0] = np.clip(np.array(COLOURS[name]) * shade, 0, 255).astype(np.uint8)
        margins = {
            value: measure(sample(T.COLOR_ALTER, picture, painted, mask, target="teapot", value=value), encoders)[
                "colour_margin"
            ]
            for value in ("red", "blue", "yellow")
        }
        assert max(margins, key=margins.__getitem__) == name and margins[name] > 0
        assert all(margins[other] < 0 for other in margins if other != name)


@pytest.mark.parametrize(("factor", "angle"), [(1.4, 0.0), (0.6, 0.0), (1.0, 30.0), (1.0, -90.0)])
def test_size_and_angle_are_measured(encoders, cutouts, factor, angle):
    before, one = lay(ground(5), cutouts["duck"], 0.5, 70, 0.8)
    after, two = lay(ground(5), cutouts["duck"], 0.5, round(70 * factor), 0.8, angle)
    mask = np.maximum(one, two)
    if angle:
        amount = Amount(value=angle, unit=Unit.DEGREES)
        found = measure(sample(T.ROTATION_CHANGE, before, after, mask, target="duck", amount=amount), encoders)
        assert found["angle_error"] == 0 and found["angle_gain"] > 0.05
        other = Amount(value=angle + 60, unit=Unit.DEGREES)
        assert (
            measure(sample(T.ROTATION_CHANGE, before, after, mask, target="duck", amount=other), encoders)[
                "angle_error"
            ]
            > 40
        )
    else:
        amount = Amount(value=factor, unit=Unit.FACTOR)
        found = measure(sample(T.RESIZE, before, after, mask, target="duck", amount=amount), encoders)
        assert found["size_error"] < 0.15 and found["size_direction"] > 0.2
        swapped = measure(sample(T.RESIZE, after, before, mask, target="duck", amount=amount), encoders)
        assert swapped["size_direction"] < 0


def test_movement_is_measured_along_its_direction(encoders, cutouts):
    before, one = lay(ground(6), cutouts["car"], 0.3, 50)
    after, two = lay(ground(6), cutouts["car"], 0.55, 50)
    where, amount = Where(relation=Relation.RIGHT), Amount(value=25, unit=Unit.PERCENT)
    found = measure(
        sample(T.MOVEMENT, before, after, np.maximum(one, two), target="car", where=where, amount=amount), encoders
    )
    assert found["move_error"] < 0.02 and found["move_direction"] > 0.99 and found["move_fit"] > 0.9
    back = measure(
        sample(T.MOVEMENT, after, before, np.maximum(one, two), target="car", where=where, amount=amount), encoders
    )
    assert back["move_direction"] < -0.9 and back["move_error"] > 0.4


def test_register_finds_a_mirrored_thing(cutouts):
    before, one = lay(ground(7), cutouts["duck"], 0.5, 90)
    after, two = lay(ground(7), np.ascontiguousarray(cutouts["duck"][:, ::-1]), 0.5, 90)
    still, flipped = register(before, after, (one > 0) | (two > 0), [(1.0, 0.0, False), (1.0, 0.0, True)])
    assert flipped.fit > 0.95 and flipped.fit > still.fit + 0.02


def test_things_are_counted(encoders, cutouts):
    before, _ = lay(ground(8), cutouts["duck"], 0.2, 50)
    after, one = lay(before, cutouts["duck"], 0.5, 50)
    after, two = lay(after, cutouts["duck"], 0.8, 50)
    base = sample(
        T.COUNTING, before, after, np.maximum(one, two), target="ducks", amount=Amount(value=2, unit=Unit.ITEMS)
    )
    found = measure(base, encoders)
    assert found["changed_items"] == 2 and found["count_error"] == 0 and found["count_direction"] > 0
    by_total = replace(
        base, step=Step(type=T.COUNTING, instruction="", target="ducks", count=4), source_caption="A duck on a meadow."
    )
    assert measure(by_total, encoders)["count_error"] == 1
    assert measure(replace(base, source=after, edited=before), encoders)["count_direction"] < 0


def test_text_is_read(encoders):
    def sign(word: str) -> np.ndarray:
        picture = np.full((SIDE, SIDE, 3), (90, 140, 90), np.uint8)
        cv2.rectangle(picture, (20, 60), (172, 120), (240, 240, 230), -1)
        cv2.putText(picture, word, (30, 102), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 20), 3, cv2.LINE_AA)
        return picture

    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[62:119, 22:171] = 255
    right = sample(T.TEXTUAL_CHANGE, sign("OPEN"), sign("SALE"), mask, value="SALE", old_text="OPEN")
    found = measure(right, encoders)
    assert found["text_read"] > 0.9 and found["text_margin"] > 0.3
    assert measure(replace(right, edited=right.source), encoders)["text_margin"] < 0


def test_outpainting_keeps_its_source(encoders):
    wide = ground(9, "beach")
    x0, x1 = 40, SIDE
    base = replace(sample(T.OUTPAINT, wide[:, x0:x1].copy(), wide), canvas=(x0, 0, x1, SIDE))
    found = measure(base, encoders)
    assert (
        found["canvas_max"] == 0
        and found["canvas_new"] == pytest.approx(x0 / SIDE, abs=1e-3)
        and found["canvas_spread"] > 0.01
    )
    flat = wide.copy()
    flat[:, :x0] = 120
    assert measure(replace(base, edited=flat), encoders)["canvas_spread"] == 0


@pytest.mark.parametrize("kind", [T.VISUAL_SKETCH, T.VISUAL_BBOX])
def test_guidance_belongs_to_its_picture(encoders, cutouts, kind):
    before = ground(10, "street")
    after, mask = lay(before, cutouts["car"], 0.3, 60)
    other = ground(11, "forest")
    guides = []
    for picture, box in ((after, cv2.boundingRect(mask)), (other, (120, 10, 40, 40))):
        if kind is T.VISUAL_SKETCH:
            guides.append(
                cv2.cvtColor(255 - cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 50, 150), cv2.COLOR_GRAY2RGB)
            )
        else:
            guides.append(cv2.rectangle(before.copy(), box[:2], (box[0] + box[2], box[1] + box[3]), (230, 20, 20), 2))
    base = sample(kind, before, after, mask, value="car", reference=1)
    right, wrong = (measure(replace(base, references=(Reference(1, "guide", "guide", g),)), encoders) for g in guides)
    name = "condition_peak" if kind is T.VISUAL_SKETCH else "box_overlap"
    assert right[name] > wrong[name] + 0.2


def test_every_number_is_described_and_within_its_range(encoders, cutouts):
    picture = ground(12)
    after, mask = lay(picture, cutouts["teapot"], 0.5, 80)
    for kind in list(T)[::4]:
        found = measure(sample(kind, picture, after, mask, target="teapot", value="teapot"), encoders)
        assert found
        for name, value in found.items():
            assert MEASURES[name].low <= value <= MEASURES[name].high, (kind, name, value)


def test_there_is_one_zero():
    assert str(rounded(-1e-9)) == str(rounded(1e-9)) == "0.0" and rounded(-0.123456) == -0.12346


def test_pictures_that_cannot_be_compared_have_no_numbers(encoders):
    assert measure(sample(T.ADD, ground(), ground()[:100]), encoders) == {}


def test_an_implicit_edit_is_measured_as_its_step(encoders):
    picture = ground(13)
    base = replace(
        sample(T.TONE_TRANSFER, picture, (picture * 0.4).astype(np.uint8), value="dark"), type=T.IMPLICIT_CHANGE
    )
    assert View(base, encoders).type is T.TONE_TRANSFER
    assert measure(base, encoders)["look_margin"] > 0


def test_the_table_of_looks_knows_the_vocabulary():
    known = looks()
    assert set(known["tone"].names) == set(TONES) and set(known["style"].names) == set(STYLES)
    assert set(known["material"].names) == set(MATERIALS) and set(known["appearance"].names) == set(APPEARANCES)
    assert set(known["background"].names) == set(PAINTERS)
    assert set(BASIC) <= set(COLOURS)


def test_the_bank_is_kept_with_its_encoders(encoders):
    assert bank_of(encoders) is bank_of(encoders)
    assert bank_of(encoders).find("two small teapots") and not bank_of(encoders).find("zyzzyva")
