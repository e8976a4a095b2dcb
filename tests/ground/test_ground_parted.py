"""Somebody cut up into hair, skin and clothes: place and colour together, within the outline."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import Said, iou, photo, planted, rows

from pixwright.encoders.people import FaceBox
from pixwright.encoders.worn.labeller import LABELS
from pixwright.ground.instance import Instance
from pixwright.ground.persons import Person, hull, meeting, mesh, parted
from pixwright.ground.persons.guided import Guide
from pixwright.ground.persons.labelled import body_frame
from pixwright.ground.persons.parted import CLOTHES, NOBODY, PARTS, SKIN, garment_of, part_of
from pixwright.ground.persons.wearing import as_worn
from pixwright.words import lexicon

SURE = 0.6
"""How sure the labeller is of what it says."""
BANDS = {"hair": (128, 190), SKIN: (190, 280), "inner": (280, 370), "lower": (370, 460)}
COLOURS = {"hair": (90, 50, 20), SKIN: (220, 170, 140), "inner": (40, 120, 60), "lower": (40, 40, 110)}


def standing(monkeypatch, slip=0.0, **less):
    """Bands of colour one over the other, whose labels have slipped downward by a share of what is shown; and the person."""
    picture = np.full((512, 512, 3), (150, 150, 160), np.uint8)
    person = Person((0.25, 0.25, 0.75, 0.9), 0.9)
    x0, y0, x1, y1 = body_frame(person)
    said = {}
    for label, (top, low) in BANDS.items():
        picture[top:low, 128:384] = COLOURS[label]
        first, last = ((v / 512 - y0) / (y1 - y0) + slip for v in (top, low))
        said["face" if label == SKIN else label] = rows(first, last), rows((0.25 - x0) / (x1 - x0), (0.75 - x0) / (x1 - x0))  # fmt: skip
    rng = np.random.default_rng(0)
    noisy = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    worn = Said(**{**said, **less})
    worn.share = (SURE * worn.share + (1 - SURE) / len(LABELS)).astype(np.float32)
    scene = planted(noisy, worn=worn)
    outline = np.zeros(scene.shape, np.float32)
    outline[128:460, 128:384] = 1
    monkeypatch.setattr(parted, "masks_of", lambda *_: [outline])
    vars(scene)["people"] = (person,)
    return scene, person


def band(name):
    mask = np.zeros((512, 512), np.float32)
    mask[slice(*BANDS[name]), 128:384] = 1
    return mask


def test_parts_end_where_the_picture_does_and_not_where_the_cells_do(monkeypatch):
    scene, person = standing(monkeypatch, slip=0.03)
    for name, part in (("hair", "hair"), (SKIN, SKIN)):
        assert iou(part_of(scene, person, part), band(name)) > 0.9
    assert iou(part_of(scene, person, CLOTHES), np.maximum(band("inner"), band("lower"))) > 0.93


def test_of_the_clothes_the_garment_that_is_meant_is_found(monkeypatch):
    scene, person = standing(monkeypatch, slip=0.03)
    even = np.zeros(scene.shape, np.float32)
    assert iou(garment_of(scene, person, ("inner", "outer", "dress"), even), band("inner")) > 0.9
    assert iou(garment_of(scene, person, ("lower",), even), band("lower")) > 0.85


def test_what_else_is_known_decides_where_the_labeller_does_not(monkeypatch):
    scene, person = standing(monkeypatch)
    both = np.maximum(band("inner"), band("lower"))
    rather = 3 * (2 * band("lower") - 1)
    everything = PARTS[CLOTHES][:-1]
    assert iou(garment_of(scene, person, everything, np.zeros_like(both)), both) > 0.93
    assert garment_of(scene, person, ("lower",), rather)[band("inner") > 0].mean() < 0.05


def test_nothing_lies_outside_of_the_outline(monkeypatch):
    scene, person = standing(monkeypatch, hair=(rows(0, 0.25), rows(0, 1)))
    beyond = part_of(scene, person, "hair").copy()
    beyond[120:468, 120:392] = 0
    assert beyond.max() < 0.1


def test_somebody_without_an_outline_is_told_by_the_labeller_and_the_colours(monkeypatch):
    scene, person = standing(monkeypatch)
    monkeypatch.setattr(parted, "masks_of", lambda *_: [np.zeros(scene.shape, np.float32)])
    assert iou(part_of(scene, person, "hair"), band("hair")) > 0.8


def test_each_is_looked_at_once_and_shares_add_up_to_one(monkeypatch):
    scene, person = standing(monkeypatch)
    told = parted.parted(scene, person)
    assert parted.parted(scene, person) is told and scene.encoders.worn.looks == 1
    np.testing.assert_allclose(told.share.sum(-1), 1, atol=1e-5)
    assert told.share.shape[-1] == len(PARTS) and told.of(NOBODY)[0, 0] > 0.9


def test_a_face_is_skin_and_no_hair():
    scene = photo("astronaut")
    person = scene.people[0]
    face = hull(person.face.points[mesh()["face"]], scene.shape) > 0.99
    assert part_of(scene, person, SKIN)[face].mean() > 0.85 and part_of(scene, person, "hair")[face].mean() < 0.08
    assert part_of(scene, person, CLOTHES)[face].mean() < 0.02


def test_on_another_head_nothing_is_the_neighbours(monkeypatch):
    scene, person = standing(monkeypatch)
    points = np.full((468, 2), 160, np.float32)
    around = np.linspace(0, 2 * np.pi, len(mesh()["face"]), endpoint=False)
    points[mesh()["face"]] = np.stack([170 + 26 * np.cos(around), 160 + 26 * np.sin(around)], 1)
    other = Person((0.25, 0.25, 0.5, 0.9), 0.9, face=meeting.Face(points, 0.9))
    vars(scene)["people"] = (person, other)
    hair = part_of(scene, person, "hair")
    assert hair[140:180, 150:190].mean() < 0.3 < 0.9 < hair[140:180, 260:360].mean()


@pytest.mark.parametrize("many", [1, 7])
def test_a_map_follows_the_edges_of_the_picture(many):
    pixels = np.zeros((60, 81, 3), np.float32)
    pixels[:, 40:] = (0.8, 0.3, 0.1)
    rough = np.zeros((60, 81, many), np.float32)
    rough[:, 37:] = 1
    out = Guide(pixels, 6).filtered(rough)
    assert out.shape == rough.shape
    assert out[:, :39].mean() < 0.1 and out[:, 42:].mean() > 0.95
    np.testing.assert_allclose(Guide(pixels, 6).filtered(np.full_like(rough, 0.4)), 0.4, atol=1e-3)


def test_a_thing_that_nobody_wears_stays_as_it_is(monkeypatch):
    scene, _ = standing(monkeypatch)
    away = np.zeros(scene.shape, np.float32)
    away[10:60, 420:490] = 1
    one = Instance(away)
    assert as_worn(scene, one, "upper", None) is one and as_worn(scene, one, "feet", None) is one
    assert as_worn(scene, one, "waist", None) is one


@pytest.mark.parametrize(
    ("noun", "zone"),
    [("sweatshirt", "upper"), ("polo shirt", "upper"), ("leather jacket", "over"), ("sundress", "all"), ("sun hat", "head"), ("headdress", "head"), ("shirt", "upper"), ("teacup", "")],
)  # fmt: skip
def test_a_garment_is_worn_where_what_it_is_named_after_is(noun, zone):
    entry = lexicon().entry(noun)
    assert entry is not None and entry.worn == zone


def test_a_large_face_below_the_middle_of_its_box_is_the_persons():
    box = Person((0.1, 0.1, 0.9, 1.0), 0.9)
    near = FaceBox((200, 160, 440, 440), np.zeros((2, 2), np.float32), 0.9)
    small = FaceBox((300, 320, 340, 360), np.zeros((2, 2), np.float32), 0.9)
    assert meeting._belongs(near, box, 640, 480) and not meeting._belongs(small, box, 640, 480)


def test_a_face_that_fills_the_picture_is_seen_from_farther_away():
    eyes = np.array([[270, 270], [330, 270]], np.float32)

    def faces(picture, least):
        return (FaceBox((250, 240, 350, 360), eyes, 0.8),) if picture.shape[0] > 250 else ()

    shown = np.zeros((200, 200, 3), np.uint8)
    (found,) = meeting._faces(shown, [Person((0.0, 0.0, 1.0, 1.0), 0.9)], SimpleNamespace(faces=faces))
    assert found.box == (150, 140, 250, 260)
    np.testing.assert_array_equal(found.eyes, eyes - 100)
