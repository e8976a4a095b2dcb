"""What is put into a picture: which cut-out, from where, how large, and what it says of itself."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data

from pixwright.edit.contract import Context
from pixwright.edit.editors import add
from pixwright.edit.editors.visual import reference
from pixwright.edit.painting.phenomena import PAINTERS
from pixwright.edit.placing import copies, shelves
from pixwright.edit.placing.anchor import Anchor
from pixwright.edit.placing.attached import faded
from pixwright.edit.placing.before import stands_before
from pixwright.edit.placing.library import find
from pixwright.edit.placing.place import Placement, Spot, find_spots, looks_back
from pixwright.edit.placing.space import read_space
from pixwright.edit.placing.surroundings import cast_by
from pixwright.edit.placing.worn import eyes_of
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.words import lexicon, read, read_step

ENCODERS = Encoders()


def known(shape, phrase, boxes, score=0.9):
    mask, labels = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        mask[y0:y1, x0:x1], labels[y0:y1, x0:x1] = 255, number
    return Region(mask, tuple(boxes), score if boxes else 0.0, phrase, "phrase" if boxes else "none", labels)


def context(things=None, **more):
    """A context whose grounder knows some phrases by their boxes in pixels."""

    def ground(picture, phrase):
        return known(picture.shape[:2], str(phrase), (things or {}).get(str(phrase), ()))

    return Context(3, ENCODERS, ground, **more)


def adding(**more):
    return read_step(Step(type=EditType.ADD, instruction="test", **more))


@pytest.fixture(scope="module")
def meadow():
    rng = np.random.default_rng(1)
    picture = np.zeros((300, 420, 3), np.uint8)
    picture[:120], picture[120:] = (150, 190, 235), (90, 150, 70)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """A fetched set with a photograph of a duck and one of a hot air balloon."""
    folder = tmp_path / "store" / "stamps"
    (folder / "files").mkdir(parents=True)
    rows = []
    for name in ("duck", "hot air balloon", "christmas tree", "birch tree"):
        rgba = np.zeros((60, 50, 4), np.uint8)
        cv2.ellipse(rgba, (25, 30), (20, 26), 0, 0, 360, (120, 90, 60, 255), -1)
        cv2.imwrite(str(folder / "files" / f"{name}.png"), rgba)
        rows.append({"kind": "cutout", "photographic": True, "name": name, "path": f"{name}.png", "size_m": None})
    (folder / "index.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(tmp_path / "store"))


def test_photographs_come_before_drawings_and_what_is_fetched_fills_gaps(photographs):
    assert find("a duck", ENCODERS, None).flaw == "" and find("a hot air balloon", ENCODERS, None).flaw == ""
    assert find("a croissant", ENCODERS, None).origin is Origin.DRAWN
    assert find("a birch tree", ENCODERS, None).origin is Origin.CUTOUTS


def test_a_special_kind_does_not_stand_for_the_common_one(photographs):
    assert "christmas" not in find("a tree", ENCODERS, None).name
    assert find("a bird", ENCODERS, None).flaw == "" and find("a balloon", ENCODERS, None).name == "balloon"


def test_the_thing_itself_comes_before_its_like_and_its_like_says_so():
    assert find("a dog", ENCODERS, None).origin is Origin.CUTOUTS
    spaniel = find("a spaniel", ENCODERS, None)
    assert spaniel.photographic and spaniel.flaw.endswith("not spaniel")


@pytest.mark.parametrize("name", ["a red collar", "wings", "a campfire set", "a lighthouse", "a cane", "an iceberg"])
def test_what_only_sounds_alike_does_not_stand_for_a_thing(name):
    """A dog stood for its collar, a fly for wings, an office building for a lighthouse, a candy cane for a cane."""
    found = find(name, ENCODERS, None)
    kind = lexicon().look(read(name).head)
    assert found is None or (kind is not None and lexicon().is_(read(found.name).head, *kind.kinds))


def test_a_colour_that_is_at_hand_is_taken_and_another_is_painted():
    red, green = find("a red car", ENCODERS, None), find("a green car", ENCODERS, None)
    assert red.name == "red car" and green.name == "green car"
    middle = [np.median(one.pixels[one.pixels[..., 3] > 200][:, :3], axis=0) for one in (red, green)]
    assert middle[0][0] > middle[0][1] + 40 and middle[1][1] > middle[1][0]


def test_a_drawn_cut_out_says_so_and_another_kind_says_which(meadow):
    assert "drawn croissant" in find("a croissant", ENCODERS, None).flaw
    proposal = add.edit(meadow, adding(value="a croissant"), known((300, 420), "", ()), context())
    assert proposal.added is Origin.DRAWN and "drawn" in proposal.partly and len(proposal.notes) == 1


def test_who_made_a_cut_out_is_said_where_its_licence_asks_for_it(meadow):
    proposal = add.edit(meadow, adding(value="a siamese cat"), known((300, 420), "", ()), context())
    assert proposal.added is Origin.CUTOUTS and proposal.partly is None
    assert [note for note in proposal.notes if "CC-BY" in note]
    free = add.edit(meadow, adding(value="a barrel"), known((300, 420), "", ()), context())
    assert not [note for note in free.notes if "CC" in note]


def test_a_head_is_not_put_where_a_whole_animal_was_asked(meadow):
    assert "only the head" in add.edit(meadow, adding(value="a unicorn"), known((300, 420), "", ()), context()).refused


def test_a_thing_looks_into_the_picture_and_lettering_is_never_mirrored(meadow):
    fox, cake = find("a fox", ENCODERS, None), find("a birthday cake", ENCODERS, None)
    left, right = Spot((10, 100, 90, 180), True), Spot((330, 100, 410, 180), True)
    assert fox.faces == "right" and not looks_back(fox, left, meadow) and looks_back(fox, right, meadow)
    assert cake.faces == "lettered" and not looks_back(cake, replace(right, mirrored=True), meadow)
    beside = replace(right, anchor=(350, 100, 420, 180))
    assert not looks_back(fox, beside, meadow)


def test_a_drawn_boat_has_no_slab_of_water_and_a_slanting_thing_lies():
    rows = {entry.name: entry for entry in shelves.drawn()}
    boat = shelves.load(rows["sailboat"], None)
    assert rows["sailboat"].waterline > 0 and boat.pixels[-4:, :, 3].max() > 200
    baguette = shelves.load(rows["baguette"], None).pixels
    assert baguette.shape[1] > 1.5 * baguette.shape[0]


def disc_photograph():
    """A red disc before green, cut off at the left."""
    picture = np.full((120, 160, 3), (60, 140, 60), np.uint8)
    cv2.circle(picture, (40, 60), 45, (200, 40, 40), -1, cv2.LINE_AA)
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, (40, 60), 45, 255, -1, cv2.LINE_AA)
    return picture, mask


def test_an_attachment_is_what_stands_out_in_it_in_its_own_colours(meadow):
    picture, mask = disc_photograph()
    asked = []

    def ground(pixels, phrase):
        asked.append(str(phrase))
        if str(phrase) == "foreground" and pixels.shape[:2] == mask.shape:
            return Region(mask, ((0, 15, 86, 106),), 0.9, "foreground", "phrase", (mask > 127).astype(np.uint8))
        return known(pixels.shape[:2], str(phrase), ())

    ctx = Context(3, ENCODERS, ground, attachments=(PictureAttachment("one.png", picture),))
    todo = read_step(Step(type=EditType.VISUAL_REFERENCE, instruction="test", target="dog", reference=1))
    proposal = reference.edit(meadow, todo, known((300, 420), "dog", [(100, 120, 200, 260)]), ctx)
    assert "dog" not in asked[:1] and proposal.added is Origin.EXISTING
    assert "cut off" in proposal.partly and "left" in proposal.partly
    cutout = shelves.cut(picture, "thing", mask)
    rim = (cutout.pixels[..., 3] > 40) & (cutout.pixels[..., 3] < 250)
    assert rim.any() and cutout.pixels[rim][:, 1].max() < 90  # none of the green behind it


def test_shreds_are_refused(meadow):
    picture = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    boxes = [(5, 5, 40, 40), (60, 60, 95, 95), (120, 10, 150, 40)]
    mask = known((120, 160), "foreground", boxes).mask
    region = Region(mask, ((5, 5, 150, 95),), 0.9, "foreground")
    ctx = Context(3, ENCODERS, lambda p, w: region, attachments=(PictureAttachment("one.png", picture),))
    todo = read_step(Step(type=EditType.VISUAL_REFERENCE, instruction="test", reference=1))
    assert "nothing could be cut out" in reference.edit(meadow, todo, known((300, 420), "", ()), ctx).refused


def ducks(meadow):
    picture = meadow.copy()
    cv2.ellipse(picture, (120, 200), (30, 20), 0, 0, 360, (40, 40, 120), -1)
    return picture, {"duck": [(90, 180, 150, 221)]}


def test_the_kind_that_is_there_is_copied(meadow):
    picture, things = ducks(meadow)
    proposal = add.edit(picture, adding(value="a second duck"), known((300, 420), "", ()), context(things))
    assert proposal.added is Origin.EXISTING and proposal.partly is None
    ((x0, y0, x1, y1),) = proposal.evidence.placed
    assert y1 > 140 and (x1 <= 96 or x0 >= 144 or y1 < 221)
    middle = proposal.picture[(y0 + y1) // 2, (x0 + x1) // 2].astype(int)
    assert np.abs(middle - (40, 40, 120)).max() < 25


def test_what_is_worn_or_cut_by_the_frame_is_not_copied_unasked(meadow):
    things = {"hat": [(90, 180, 150, 221)], "duck": [(0, 180, 60, 221)]}
    assert copies.kind_in(meadow, "a hat", context(things)) is None
    assert copies.kind_in(meadow, "a duck", context(things)) is None
    assert copies.kind_in(meadow, "a duck", context({"duck": [(90, 180, 150, 221)]})) is not None


def test_people_tell_the_scale_and_the_horizon(meadow):
    people = [(50, 150, 66, 200), (200, 160, 231, 260)]  # 50 pixels tall at row 200, 100 at row 260
    space = read_space(meadow, context({"person": people}), None)
    assert space.sure and abs(space.horizon - 140) < 5
    near = read_space(meadow, context({"sky": [(0, 0, 420, 120)]}), None)
    assert not near.sure and near.per_metre == pytest.approx(180 / 1.6, rel=0.05)


def test_a_thing_beside_people_has_its_size(meadow):
    people = {"person": [(50, 150, 66, 200), (200, 160, 231, 260)], "sky": [(0, 0, 420, 120)]}
    proposal = add.edit(meadow, adding(value="a dog"), known((300, 420), "", ()), context(people))
    ((_, y0, _, y1),) = proposal.evidence.placed
    assert 0.15 < (y1 - y0) / (100 * (y1 - 140) / 120) < 0.6


def test_people_stand_before_what_is_behind_them(meadow):
    front = stands_before(meadow, (80, 100, 200, 200), context({"person": [(150, 120, 180, 260)]}))
    assert front is not None and front[200, 160] == 255
    assert stands_before(meadow, (80, 100, 200, 270), context({"person": [(150, 120, 180, 260)]})) is None


@pytest.mark.parametrize("name", sorted(PAINTERS))
def test_what_appears_in_the_sky_stays_in_the_sky_and_is_seen(meadow, name):
    night = (meadow * 0.3).astype(np.uint8)
    sky = {"sky": [(0, 0, 420, 120)]}
    proposal = add.edit(night, adding(value=f"a {name}"), known((300, 420), "", ()), context(sky))
    change = np.abs(proposal.picture.astype(int) - night).max(axis=2)
    assert proposal.refused is None and change[:120].max() > 20
    assert change[130:].mean() < 4 and np.array_equal(proposal.picture[proposal.mask == 0], night[proposal.mask == 0])
    assert "sky" in add.edit(night, adding(value=f"a {name}"), known((300, 420), "", ()), context()).refused


def test_glasses_sit_on_two_eyes_and_are_turned_with_them(meadow):
    things = {"cat": [(100, 60, 300, 280)], "the cat's eyes": [(160, 120, 180, 140), (220, 135, 240, 155)]}
    where = Where(relation=Relation.ON, anchor="cat")
    proposal = add.edit(meadow, adding(value="glasses", where=where), known((300, 420), "", ()), context(things))
    ((x0, y0, x1, y1),) = proposal.evidence.placed
    assert abs((x0 + x1) / 2 - 200) < 3 and abs((y0 + y1) / 2 - 137) < 4 and 100 < x1 - x0 < 150


def test_two_dark_ears_are_no_eyes(meadow):
    anchor = Anchor(known((300, 420), "cat", [(100, 60, 300, 280)]), (100, 60, 300, 280), False, False, None, None)
    ears = context({"the cat's eyes": [(105, 62, 125, 82), (275, 62, 295, 82)]})
    assert eyes_of(meadow, read("cat"), anchor, ears) is None


def test_light_comes_from_the_other_side_than_the_shadow_and_new_ones_fall_as_it_does():
    picture = np.full((200, 300, 3), 170, np.uint8)
    mask = np.zeros((200, 300), np.uint8)
    mask[60:160, 130:170] = 255
    picture[mask > 0] = (180, 60, 60)
    picture[150:164, 165:181] = 70
    cast = cast_by(picture, mask)
    assert cast is not None and cast.light < -0.2 and cast.aside > 0.2 and 0.3 < cast.dark < 0.66
    assert cast_by(np.full_like(picture, 170), mask) is None


def test_what_people_make_is_not_mirrored(meadow):
    picture, things = ducks(meadow)
    picture[190:211, 100:110] = (250, 250, 250)
    sign = {"sign": things["duck"], "duck": things["duck"]}
    for noun, flipped in (("sign", False), ("duck", True)):
        region = known((300, 420), noun, things["duck"])
        after = copies.repeat(picture, region, 1, context(sign))
        ((x0, y0, x1, y1),) = after.evidence.placed
        bright = np.flatnonzero((after.picture[y0:y1, x0:x1].min(axis=2) > 200).any(axis=0))
        assert (bright.mean() > (x1 - x0) / 2) == flipped


def test_a_cut_side_fades_unless_the_frame_hides_it(meadow):
    cutout = shelves.Cutout("x", np.full((40, 40, 4), 255, np.uint8), cropped=frozenset(("left", "bottom")))
    free = faded(cutout, (100, 100, 140, 140), meadow).pixels[..., 3]
    assert free[:36, 0].max() < 60 and free[-1].max() < 60 and free[0, 39] == 255
    assert faded(cutout, (0, 260, 40, 300), meadow).pixels[..., 3].min() == 255


def test_the_moon_is_where_the_words_say(meadow):
    where = Where(relation=Relation.TOP_LEFT)
    proposal = add.edit(
        meadow // 3,
        adding(value="a moon", where=where),
        known((300, 420), "", ()),
        context({"sky": [(0, 0, 420, 120)]}),
    )
    x0, _, x1, _ = proposal.evidence.placed[0]
    assert x1 < 210


def test_a_photograph_is_changed_less_than_a_drawing():
    assert shelves.Cutout("x", data.astronaut(), origin=Origin.CUTOUTS).photographic
    assert not shelves.Cutout("x", data.astronaut(), origin=Origin.DRAWN).photographic


def test_what_goes_into_hair_is_on_it_and_not_on_the_face_within():
    picture = np.full((300, 300, 3), 128, np.uint8)
    hair = np.zeros((300, 300), np.uint8)
    cv2.ellipse(hair, (150, 150), (100, 120), 0, 0, 360, 255, -1)
    cv2.ellipse(hair, (150, 175), (60, 90), 0, 0, 360, 0, -1)

    def ground(pixels, phrase):
        size = (pixels.shape[1], pixels.shape[0])
        mask = (
            cv2.resize(hair, size, interpolation=cv2.INTER_NEAREST)
            if "hair" in str(phrase)
            else np.zeros(size[::-1], np.uint8)
        )
        box = (50 * size[0] // 300, 30 * size[1] // 300, 250 * size[0] // 300, 270 * size[1] // 300)
        return Region(mask, (box,) if mask.any() else (), 0.9 if mask.any() else 0.0, str(phrase))

    step = Step(
        type=EditType.ADD,
        instruction="",
        value="flower",
        where=Where(relation=Relation.INSIDE, anchor=read("her hair")),
    )
    nothing = Region(np.zeros((300, 300), np.uint8), (), 0.0, "")
    proposal = add.edit(picture, step, nothing, Context(3, Encoders(), ground))
    x0, y0, x1, y1 = proposal.evidence.placed[0]
    assert hair[(y0 + y1) // 2, (x0 + x1) // 2] == 255


@pytest.mark.parametrize("water", [(0, 120, 190, 300), (230, 120, 420, 300)])
def test_what_floats_is_put_on_the_water(meadow, water):
    cutout = replace(find("duck", ENCODERS, None), support="water")
    (spot,) = find_spots(meadow, Placement(cutout), context({"the water": [water]}))
    (land,) = find_spots(meadow, Placement(replace(cutout, support="ground")), context({"the water": [water]}))
    middle = (spot.box[0] + spot.box[2]) / 2
    assert water[0] < middle < water[2] and spot.box[3] > water[1]
    assert land.box == find_spots(meadow, Placement(replace(cutout, support="ground")), context())[0].box
