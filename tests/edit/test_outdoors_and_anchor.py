"""What is known of a place before something is put there or its weather changes: sky, plants, distance, and the thing to stand by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.editors import tone_transfer
from pixwright.edit.naming import canonical
from pixwright.edit.placing.anchor import find_anchor, is_ground, outline, top_line
from pixwright.edit.placing.library import find, nearest
from pixwright.edit.placing.shelves import cut, support_of
from pixwright.edit.placing.worn import worn_place
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.region import Region, whole
from pixwright.records.vocabulary import STYLES, TONES
from pixwright.words import read

ENCODERS = Encoders()
HEIGHT, WIDTH = 240, 320


def meadow():
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:80] = (150, 190, 235)
    picture[80:] = (70, 150, 60)
    return picture


def context(**boxes):
    """A grounder that knows some phrases by one box each."""

    def ground(picture, phrase):
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        box = boxes.get(str(phrase).removeprefix("the ").replace(" ", "_"))
        if box is None:
            return Region(mask, (), 0.0, str(phrase), note="not seen")
        x0, y0, x1, y1 = (round(share * side) for share, side in zip(box, (width, height) * 2, strict=True))
        mask[y0:y1, x0:x1] = 255
        return Region(mask, ((x0, y0, x1, y1),), 0.9, str(phrase))

    return Context(0, ENCODERS, ground)


SKY = {"sky": (0, 0, 1, 1 / 3)}


def test_sky_horizon_plants_and_distance():
    here = Outdoors(meadow(), context(**SKY, grass=(0, 1 / 3, 1, 1)))
    assert here.sky is not None and here.sky[:70].min() > 0.9 and here.sky[100:].max() < 0.1
    assert here.horizon == pytest.approx(1 / 3, abs=0.02)
    assert here.plants[120:, 20:-20].mean() > 0.8 and here.plants[:70].max() < 0.1
    assert here.level[120:].mean() > 0.8 and here.leaves[120:].max() < 0.2, "grass is no foliage"
    assert here.distance[90:110].mean() > here.distance[200:].mean()
    for layer in (here.plants, here.level, here.distance, here.upward):
        assert layer.shape == (HEIGHT, WIDTH) and layer.min() >= -1e-5 and layer.max() <= 1 + 1e-5


def test_without_a_sky_none_is_made_up():
    here = Outdoors(meadow(), context())
    assert here.sky is None and here.horizon == 0.35 and here.plants[120:].mean() > 0.5


def test_weather_in_a_room_is_seen_through_its_windows():
    """It snowed on a dining table, and that was called done."""
    room = np.full((HEIGHT, WIDTH, 3), 170, np.uint8)
    seen = {"wall": (0, 0, 1, 0.7), "table": (0.2, 0.6, 0.8, 1)}
    assert Outdoors(room, context(**seen)).indoors
    assert not Outdoors(room, context(**seen, trees=(0, 0, 0.3, 1))).indoors, "walls of a house in a garden"
    assert not Outdoors(room, context(**seen, foreground=(0.1, 0.1, 0.9, 1))).indoors, "a portrait before a wall"
    snow = Step(type=EditType.TONE_TRANSFER, instruction="make it snow", value="snow")
    everywhere = whole(HEIGHT, WIDTH)
    refused = tone_transfer.edit(room, snow, everywhere, context(**seen))
    assert refused.refused and "room" in refused.refused
    through = tone_transfer.edit(room, snow, everywhere, context(**seen, windows=(0.3, 0.1, 0.5, 0.4)))
    assert through.mask[30:90, 100:155].all() and not through.mask[150:].any()


def test_where_no_sky_is_seen_the_view_is_closed():
    """A cliff that is taken for ground is no ground that things stand on: a waterfall in it was left out of the fog, with a rim, and all else vanished."""
    boxes = {"ground": (0, 0, 1, 1)}
    here = Outdoors(meadow(), context(**boxes))
    assert 0.5 < here.distance.max() <= 0.7 + 1e-5
    assert np.ptp(here.distance[:60], axis=1).max() < 0.05, "nothing above the horizon stands alone in it"
    assert Outdoors(meadow(), context(**SKY, **boxes)).distance.max() > 0.9


def test_the_subject_is_no_plant_and_as_near_as_its_foot():
    here = Outdoors(meadow(), context(**SKY, grass=(0, 1 / 3, 1, 1), foreground=(0.4, 0.3, 0.6, 0.9)))
    inside = np.s_[100:200, 140:180]
    assert here.subject[inside].min() > 0.9 and here.plants[inside].max() < 0.1
    assert here.distance[110, 160] < 0.3 * here.distance[90, 20], "its head is no farther than its feet"
    assert here.upward[inside].max() < 0.1 and here.living[inside].min() > 0.9
    built = Outdoors(meadow(), context(**SKY, foreground=(0.4, 0.3, 0.6, 0.9), wall=(0.4, 0.3, 0.6, 0.9)))
    assert built.living.max() < 0.1 and built.built.max() > 0.5


def test_a_tree_that_stands_out_is_no_subject():
    here = Outdoors(meadow(), context(**SKY, foreground=(0.4, 0.4, 0.6, 0.9), trees=(0.3, 0.3, 0.7, 1.0)))
    assert here.subject.max() == 0


def test_thin_dark_lines_before_the_sky_are_not_sky():
    picture = meadow()
    picture[10:80, 100:102] = 20
    sky = Outdoors(picture, context(**SKY)).sky
    assert sky[20:70, 100:102].max() < 0.3 and sky[20:70, 90].min() > 0.9


def test_the_dark_underside_of_a_cloud_is_sky():
    picture = meadow().astype(np.float32)
    rows = np.exp(-(((np.arange(HEIGHT) - 40) / 4.0) ** 2))[:, None, None]
    across = np.exp(-(((np.arange(WIDTH) - 200) / 60.0) ** 4))[None, :, None]
    picture -= 90 * rows * across * np.float32([1.0, 1.0, 1.0])
    sky = Outdoors(np.clip(picture, 0, 255).astype(np.uint8), context(**SKY)).sky
    assert sky[38:42, 180:220].min() > 0.9


def test_a_lawn_goes_on_up_to_what_stands_on_it():
    """The grounder leaves a patch about the thing: what has the lawn's colour there is lawn, the thing is not."""
    picture = meadow()
    picture[140:200, 150:170] = (120, 80, 50)
    here = Outdoors(
        picture, context(**SKY, grass=(0, 1 / 3, 0.38, 1), foreground=(150 / 320, 140 / 240, 170 / 320, 200 / 240))
    )
    assert here.level[150:190, 128:142].mean() > 0.7 and here.level[150:190, 152:168].max() < 0.2


def test_a_speck_of_sky_is_none():
    assert Outdoors(meadow(), context(sky=(0, 0, 0.05, 0.05))).sky is None


@pytest.mark.parametrize("side", [64, 512, 2048])
def test_a_unit_grows_with_the_picture(side):
    assert Outdoors(np.zeros((side, side, 3), np.uint8), context()).unit == pytest.approx(side / 512)


TABLE = {"table": (0.1, 0.5, 0.9, 1.0)}


def test_an_anchor_is_found_with_its_outline():
    found = find_anchor(meadow(), Where(relation=Relation.ON, anchor=read("the table")), context(**TABLE))
    assert not isinstance(found, str) and found.area and not found.person
    rows = outline(found)
    assert rows.shape == (WIDTH,) and rows[WIDTH // 2] == 120 and rows[0] == 240
    assert top_line(found, 100, 200) == 120 and top_line(found, 5000, 5001) == 120


def test_a_missing_anchor_is_a_sentence_that_says_what_to_do():
    said = find_anchor(meadow(), Where(relation=Relation.ON, anchor=read("the table")), context())
    assert isinstance(said, str) and "table" in said and "not seen" in said and "--box" in said


def test_between_needs_both():
    where = Where(relation=Relation.BETWEEN, anchor=read("the cup"), second_anchor=read("the dog"))
    both = context(cup=(0.1, 0.5, 0.2, 0.6), dog=(0.7, 0.4, 0.9, 0.7))
    found = find_anchor(meadow(), where, both)
    assert not isinstance(found, str) and found.second == (224, 96, 288, 168)
    assert "dog" in find_anchor(meadow(), where, context(cup=(0.1, 0.5, 0.2, 0.6)))


def test_a_known_size_gives_a_scale_unless_it_is_cut():
    dog = find_anchor(
        meadow(), Where(relation=Relation.BESIDE, anchor=read("the dog")), context(dog=(0.4, 0.5, 0.6, 0.8))
    )
    assert dog.size_m and dog.per_metre == pytest.approx((0.8 - 0.5) * HEIGHT / dog.size_m, rel=0.02)
    tower = find_anchor(
        meadow(), Where(relation=Relation.BESIDE, anchor=read("the tower")), context(tower=(0.4, 0.1, 0.6, 0.8))
    )
    assert tower.per_metre is None, "a tower tells nothing of what is near"


@pytest.mark.parametrize(("phrase", "ground"), [("the floor", True), ("the table", True), ("the dog", False)])
def test_what_carries_everything_is_told(phrase, ground):
    assert is_ground(read(phrase)) is ground


def test_worn_things_sit_on_the_head():
    man = find_anchor(meadow(), Where(relation=Relation.ON, anchor=read("the man")), context(man=(0.4, 0.1, 0.6, 1.0)))
    assert man.person
    hat, tilt = worn_place(man, 0, find("a top hat", ENCODERS, None), None)
    assert tilt == 0 and hat[1] < 60 and hat[3] < 110 and 110 < (hat[0] + hat[2]) / 2 < 210


def test_the_library_knows_names_meanings_and_what_holds_a_thing_up():
    assert find("a dog", ENCODERS, None).name and find("xylophonist convention", ENCODERS, None) is None
    assert len(nearest("a puppy", ENCODERS, None)) == 3
    assert support_of("balloon") == "air" and support_of("flurb") == "ground"


def test_a_thing_is_cut_out_by_its_alpha_or_by_a_mask():
    solid = np.full((40, 40, 3), 90, np.uint8)
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 5:25] = 255
    found = cut(solid, "box", mask)
    assert found.pixels.shape == (20, 20, 4) and found.photographic
    clear = np.dstack([solid, mask])
    assert cut(clear, "box").pixels.shape == (20, 20, 4)
    assert cut(solid, "box") is None and cut(solid, "box", mask * 0) is None


@pytest.mark.parametrize(
    ("words", "names", "kind", "meant"),
    [
        ("Oil  Painting", STYLES, "styles", "oil painting"),
        ("ghibli", STYLES, "styles", "anime"),
        ("night", TONES, "tones", "night"),
        ("purple", TONES, "tones", None),
        ("", TONES, "tones", None),
    ],
)
def test_people_call_one_thing_by_many_names(words, names, kind, meant):
    assert canonical(words, names, kind, context()) == meant


def test_one_sits_on_a_chair_below_its_back():
    found = find_anchor(
        meadow(), Where(relation=Relation.ON, anchor=read("the armchair")), context(armchair=(0.3, 0.25, 0.7, 0.95))
    )
    assert not isinstance(found, str) and found.seat
    assert 60 + 0.5 * 168 < top_line(found, 140, 180) < 60 + 0.7 * 168


@pytest.mark.parametrize(("score", "sky"), [(0.62, False), (0.9, True)])
def test_a_doubtful_sky_beside_a_wall_is_the_wall(score, sky):
    known = context(**SKY, wall=(0, 0, 1, 1 / 2))

    def ground(picture, phrase):
        found = known.ground(picture, phrase)
        return replace(found, score=score) if phrase == "sky" and found.found else found

    assert Outdoors(meadow(), replace(known, ground=ground)).has_sky is sky
