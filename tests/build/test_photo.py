"""Photographs as pairs: what is found, what is carried out, and what is refused."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data, io

from pixwright.build.measure.select import load_thresholds, select
from pixwright.build.pairs.conditions import label_colour
from pixwright.build.photo import PIPELINES, Attempt, Failed, candidate, look, realise
from pixwright.build.photo.captions import captions_of
from pixwright.build.photo.look import nouns
from pixwright.build.photo.realise import _covered, _parts, _segments, _told, _weak, _worded
from pixwright.build.run.networks import system
from pixwright.build.run.recipe import anyedit
from pixwright.build.sets.bench import catalogue_of
from pixwright.judge.trust import trust
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.sample import Part, Sample, Split
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import MOODS
from pixwright.words import read

PART = Part("mine/cup", "folder:mine", "public domain", "0" * 64)


def test_nouns_are_those_that_the_grounder_knows() -> None:
    assert nouns("a photo of two black cats on a red sofa in front of a window") == ("cats", "sofa")
    assert nouns("an orange cup beside an orange") == ("cup", "orange")
    assert nouns("an orange leaf") == ("leaf",)
    assert nouns("an orange nose") == ()
    assert nouns("") == ()


def test_every_type_has_a_pipeline() -> None:
    assert set(PIPELINES) == set(EditType)


@pytest.fixture(scope="module")
def cup():  # type: ignore[no-untyped-def]
    pixels = np.ascontiguousarray(data.coffee()[::2, ::2])
    return look("mine/cup", pixels, "a cup on a table", PART, system())


def cat_on_the_ground() -> NDArray[np.uint8]:
    """A cat's head, round, on even, dark ground: something that can be taken away whole and without a guess (a cup on its saucer cannot)."""
    cut = np.ascontiguousarray(data.chelsea()[:250, 90:340])
    cut = np.dstack([cut, np.zeros(cut.shape[:2], np.uint8)])
    alpha = np.zeros(cut.shape[:2], np.uint8)
    cv2.ellipse(alpha, (125, 125), (110, 118), 0, 0, 360, 255, -1, cv2.LINE_AA)
    cut[..., 3] = alpha
    cut = cv2.resize(cut, (110, 110), interpolation=cv2.INTER_AREA)
    grain = np.random.default_rng(5).normal(0, 16, (220, 330, 3)).astype(np.float32)
    ground = (np.array([60, 60, 70], np.float32) + cv2.GaussianBlur(grain, (0, 0), 1.0)).clip(0, 255).astype(np.uint8)
    place, weight = np.s_[55:165, 110:220], cut[..., 3:] / 255.0
    ground[place] = (ground[place] * (1 - weight) + cut[..., :3] * weight).astype(np.uint8)
    return ground


@pytest.fixture(scope="module")
def cat():  # type: ignore[no-untyped-def]
    return look("mine/cat", cat_on_the_ground(), "a cat on the ground", PART, system())


def attempted(cup, kind: EditType, seed: int = 3) -> Sample | Failed:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    catalogue = catalogue_of((), Split.TRAIN)
    attempt = PIPELINES[kind](cup, catalogue, rng)
    assert attempt is not None
    return realise(cup, attempt, catalogue, rng, "row", "anyedit")


def test_adding_is_the_reverse_of_removal(cat) -> None:  # type: ignore[no-untyped-def]
    assert "cat" in [thing.name for thing in cat.objects]
    gone, come = attempted(cat, EditType.REMOVE), attempted(cat, EditType.ADD)
    assert isinstance(gone, Sample) and isinstance(come, Sample)
    assert np.array_equal(gone.source, cat.pixels)
    assert np.array_equal(come.edited, cat.pixels)
    assert "cat" in gone.instruction and "cat" in come.instruction
    for row in (gone, come):
        assert row.mask is not None and row.mask.any()
        assert np.array_equal(row.source[row.mask == 0], row.edited[row.mask == 0])
        assert row.parts == (PART,)
    # A row may be good though a person is not told that it is done: the limit is the data's own.
    rules = load_thresholds()
    least = rules["remove"]["judge"][0]
    assert least is not None and least < trust().done and 0 <= gone.scores["judge"] <= 1
    assert select(replace(gone, scores={"judge": least - 0.01}), rules).startswith("judge ")
    assert select(replace(gone, scores={"judge": least}), rules) == ""
    assert "judge_back" in come.scores
    assert len(cat.eyes._scenes) == 1, "what was seen in the edits is not kept with the photograph"


def test_outpainting_is_the_reverse_of_cropping() -> None:
    pixels = np.ascontiguousarray(data.coffee())
    photo = look("mine/cup", pixels, "a cup", PART, system())
    attempt = PIPELINES[EditType.OUTPAINT](photo, catalogue_of((), Split.TRAIN), np.random.default_rng(1))
    assert attempt is not None
    row = realise(photo, attempt, catalogue_of((), Split.TRAIN), np.random.default_rng(1), "row", "anyedit")
    assert isinstance(row, Sample) and row.canvas is not None
    x0, y0, x1, y1 = row.canvas
    assert np.array_equal(row.edited[y0:y1, x0:x1], row.source)


def test_a_depth_guide_is_not_tried_and_no_drawing_is_put_in(cup) -> None:  # type: ignore[no-untyped-def]
    held = catalogue_of((), Split.TRAIN)
    assert PIPELINES[EditType.VISUAL_DEPTH](cup, held, np.random.default_rng(3)) is None
    assert PIPELINES[EditType.REPLACE](cup, held, np.random.default_rng(3)) is None


def backwards(photo, kind: EditType) -> Sample:  # type: ignore[no-untyped-def]
    """A row of the type whose edited picture is the photograph itself."""
    held = catalogue_of((), Split.TRAIN)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        attempt = PIPELINES[kind](photo, held, rng)
        if attempt is not None and attempt.reverse:
            row = realise(photo, attempt, held, rng, "row", "anyedit")
            if isinstance(row, Sample):
                return row
    pytest.fail(f"no {kind} backwards")


def test_backwards_a_size_is_undone(cat) -> None:  # type: ignore[no-untyped-def]
    held = catalogue_of((), Split.TRAIN)
    tried = [PIPELINES[EditType.RESIZE](cat, held, np.random.default_rng(seed)) for seed in range(20)]
    undone = [one for one in tried if one is not None and one.reverse and one.run is not None]
    assert {one.slots["times"] for one in undone} == {"half", "twice"}
    for one in undone:
        assert one.run is not None and one.run.amount is not None and one.step.amount is not None
        assert one.run.amount.value * one.step.amount.value == pytest.approx(1.0)


def test_backwards_the_photograph_is_the_exact_target(cat) -> None:  # type: ignore[no-untyped-def]
    row = backwards(cat, EditType.MOVEMENT)
    assert np.array_equal(row.edited, cat.pixels) and row.mask is not None
    assert not np.array_equal(row.source, cat.pixels)
    thing = next(one for one in cat.objects if one.name == "cat").region.mask > 127
    there, back = (np.abs(one.astype(int) - row.source.astype(int)).max(2) > 20 for one in (row.edited, cat.pixels))
    assert np.array_equal(there, back) and there[thing].mean() > 0.3
    if row.step.where is not None:
        assert f"to the {row.step.where.relation}" in row.instruction


def test_captions_of_a_photograph_differ_in_what_the_step_changes() -> None:
    def told(kind: EditType, value: str | None = None, target: str | None = "cup", **more: object) -> tuple[str, str]:
        step = Step(type=kind, instruction="", target=read(target) if target else None, value=value, **more)
        return captions_of("a cup of coffee on a table", ("cup", "table"), step, had=3)

    plain = "A cup of coffee on a table."
    assert told(EditType.COLOR_ALTER, "red") == (plain, "A red cup of coffee on a table.")
    assert told(EditType.MATERIAL_CHANGE, "wood")[1] == "A cup made of wood of coffee on a table."
    assert told(EditType.REPLACE, "owl") == (plain, "An owl of coffee on a table.")
    assert told(EditType.REMOVE) == ("A photograph of a cup and a table.", "A photograph of a table.")
    assert told(EditType.STYLE_CHANGE, "watercolor", None)[1] == "A watercolor of a cup of coffee on a table."
    assert told(EditType.TONE_TRANSFER, "night", None)[1] == "A cup of coffee on a table, at night."
    assert told(EditType.BACKGROUND_CHANGE, "beach", None)[1] == "A cup and a table on the beach."
    assert told(EditType.COUNTING, None, "cup", count=2) == (
        "Three cups of coffee on a table.",
        "Two cups of coffee on a table.",
    )
    assert told(EditType.COLOR_ALTER, "red", "spoon") == (
        "A photograph of a cup, a table and a spoon.", "A photograph of a cup, a table and a red spoon.",
    )  # fmt: skip
    blue = ("a plant in a blue pot", ("plant", "pot"))
    red = Step(type=EditType.COLOR_ALTER, instruction="", target=read("pot"), value="white")
    assert captions_of(*blue, red)[1] == "A plant in a white pot."
    put = Step(type=EditType.REPLACE, instruction="", target=read("pot"), value="cup")
    assert captions_of(*blue, put) == ("A plant in a blue pot.", "A plant in a cup.")
    assert told(EditType.MOVEMENT)[0] == told(EditType.MOVEMENT)[1] == plain


def test_a_thing_of_another_photograph_takes_the_place_and_the_map_of_segments_shows_the_photographs_own(
    cat, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    cup = np.ascontiguousarray(data.coffee()[40:320, 140:420])
    alpha = cv2.ellipse(np.zeros(cup.shape[:2], np.uint8), (140, 140), (130, 130), 0, 0, 360, 255, -1)
    io.imsave(tmp_path / "cup.png", np.dstack([cup, alpha]), check_contrast=False)
    row = {"file_name": "cup.png", "caption": "a cup", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    held = catalogue_of((f"cutouts:{tmp_path}",), Split.TRAIN)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        attempt = PIPELINES[EditType.VISUAL_SEGMENT](cat, held, rng)
        assert attempt is not None and attempt.given is not None and attempt.given.name == "cup"
        if attempt.reverse:
            break
    said, step = _worded(attempt, rng, ())
    assert "the cup with a cat" in said and step.value == "cat"
    mine, other = _parts(cat, attempt)
    assert mine == PART and other.key.endswith("cup.png")
    thing = next(one for one in cat.objects if one.name == "cat").region.mask > 127
    guide = _segments(cat, attempt, thing, cat.pixels.shape)
    assert (guide[thing] == label_colour("cat")).all()
    assert not (guide[~thing] == label_colour("cat")).all(axis=-1).any()


def test_a_folder_of_photographs_is_a_source(tmp_path: Path) -> None:
    io.imsave(tmp_path / "cat.png", cat_on_the_ground(), check_contrast=False)
    row = {"file_name": "cat.png", "caption": "a cat", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    held = catalogue_of((f"folder:{tmp_path}", "packaged"), Split.TRAIN)
    recipe = anyedit().model_copy(update={"types": {EditType.REMOVE: 1.0}, "size": 330})
    found = candidate(held, recipe, 0, np.random.default_rng(2), "row")
    assert not isinstance(found, str), found
    assert found.type == EditType.REMOVE and found.extra["photograph"].endswith("cat.png")
    nothing = candidate(catalogue_of((), Split.TRAIN), recipe, 0, np.random.default_rng(2), "row")
    assert isinstance(nothing, str) and nothing.startswith("no_photograph: ")


def test_what_a_photograph_cannot_show_is_not_tried(cat) -> None:  # type: ignore[no-untyped-def]
    held = catalogue_of((), Split.TRAIN)
    ball = np.zeros((220, 330), np.uint8)
    cv2.circle(ball, (165, 110), 40, 255, -1)
    pixels = np.full((220, 330, 3), 120, np.uint8)
    pixels[ball > 0] = (40, 60, 200)
    thing = replace(cat.objects[0], name="ball", region=Region(ball, ((125, 70, 206, 151),), 1.0, "ball"))
    photo = replace(cat, pixels=pixels, things=(thing,))
    tried = [PIPELINES[EditType.ROTATION_CHANGE](photo, held, np.random.default_rng(n)) for n in range(8)]
    assert tried == [None] * 8, "a round thing of one colour looks the same when it is turned"
    colours = [PIPELINES[EditType.COLOR_ALTER](photo, held, np.random.default_rng(n)) for n in range(60)]
    forth = {one.step.value for one in colours if one is not None and not one.reverse}
    back = [one for one in colours if one is not None and one.reverse]
    assert "blue" not in forth and {"red", "green"} <= forth
    assert {one.step.value for one in back} == {"blue"}, (
        "backwards the words ask for the colour that the photograph has"
    )
    assert all(one.run is not None and one.run.value != "blue" for one in back)
    tones = {PIPELINES[EditType.TONE_TRANSFER](photo, held, np.random.default_rng(n)).key for n in range(20)}  # type: ignore[union-attr]
    assert tones == {"tone.look", "tone.mood", "tone.more"}, (
        "nothing of the sky or the ground is seen: there is no weather"
    )
    frame = cv2.rectangle(np.zeros_like(ball), (60, 20), (270, 200), 255, 4)
    fence = replace(thing, name="fence", region=Region(frame, ((58, 18, 273, 203),), 1.0, "fence"))
    fenced = replace(photo, things=(fence,))
    assert PIPELINES[EditType.REMOVE](fenced, held, np.random.default_rng(1)) is None, "a frame is no object"


def test_a_surface_that_covers_a_part_of_the_thing_is_no_row(cat) -> None:  # type: ignore[no-untyped-def]
    thing = next(one for one in cat.objects if one.name == "cat")
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=read("cat"), value="red")
    attempt = Attempt(step, "color_alter", thing=thing)
    part, whole = cat.pixels.copy(), cat.pixels.copy()
    inside = thing.region.mask > 127
    whole[inside] = 255 - whole[inside]
    part[:90] = whole[:90]
    assert _covered(attempt, cat.pixels, whole) > 0.9 > 0.6 > _covered(attempt, cat.pixels, part)
    assert _covered(replace(attempt, step=step.model_copy(update={"type": EditType.MOVEMENT})), part, part) == 1.0


@pytest.fixture
def balls(cat):  # type: ignore[no-untyped-def]
    """A blue ball and two red ones on grey, as if they had been found; nothing is looked for."""
    pixels = np.full((220, 330, 3), 120, np.uint8)
    things = []
    for name, places, colour in (("ball", (60,), (40, 60, 200)), ("cups", (160, 260), (200, 40, 40))):
        mask = np.zeros((220, 330), np.uint8)
        for x in places:
            cv2.ellipse(mask, (x, 110), (30, 42), 0, 0, 360, 255, -1)
        pixels[mask > 0] = colour
        boxes = tuple((x - 30, 68, x + 31, 153) for x in places)
        things.append(replace(cat.objects[0], name=name, region=Region(mask, boxes, 1.0, name)))
    return replace(cat, pixels=pixels, caption="a wooden ball and two cups in a garden", things=tuple(things))


def tried(photo, kind: EditType, count: int = 60, sources: tuple[str, ...] = ()) -> list[Attempt]:  # type: ignore[no-untyped-def]
    held = catalogue_of(sources, Split.TRAIN)
    made = (PIPELINES[kind](photo, held, np.random.default_rng(seed)) for seed in range(count))
    return [one for one in made if one is not None]


def test_backwards_the_words_ask_for_what_the_photograph_has(balls) -> None:  # type: ignore[no-untyped-def]
    for kind, own in ((EditType.MATERIAL_CHANGE, "wood"), (EditType.BACKGROUND_CHANGE, "garden")):
        ways = tried(balls, kind)
        back = [one for one in ways if one.reverse]
        assert back and {one.step.value for one in back} == {own}
        assert all(one.run is not None and one.run.value != own for one in back)
        assert own not in {one.step.value for one in ways if not one.reverse}, "it is that already"
    assert not any(one.reverse for one in tried(replace(balls, caption="a ball"), EditType.BACKGROUND_CHANGE, 9))


def test_what_was_put_in_goes_again_and_leaves_the_photograph(balls, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    alpha = cv2.circle(np.zeros((60, 60), np.uint8), (30, 30), 25, 255, -1)
    io.imsave(tmp_path / "owl.png", np.dstack([np.full((60, 60, 3), 90, np.uint8), alpha]), check_contrast=False)
    row = {"file_name": "owl.png", "caption": "an owl", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    ways = tried(balls, EditType.REMOVE, 20, (f"cutouts:{tmp_path}",))
    back = [one for one in ways if one.reverse]
    assert back and len(back) < len(ways)
    for one in back:
        assert one.given is not None and one.given.name == str(one.step.target) == "owl" and one.thing is None
        assert one.run is not None and (one.run.type, one.run.value) == (EditType.VISUAL_REFERENCE, "owl")
        told = _told(balls, one, one.run)
        assert "an owl" in told[0] and "owl" not in told[1], "the source shows it, the photograph does not"


def test_things_are_counted_only_where_the_caption_tells_their_number(balls) -> None:  # type: ignore[no-untyped-def]
    assert {one.step.count for one in tried(balls, EditType.COUNTING, 4)} == {1}
    for caption in ("a ball and cups", "a ball and three cups"):
        assert not tried(replace(balls, caption=caption), EditType.COUNTING, 4)


def test_a_situation_of_a_thing_names_the_thing(balls) -> None:  # type: ignore[no-untyped-def]
    ways = tried(replace(balls, things=balls.things[:1]), EditType.IMPLICIT_CHANGE, 16)
    of_thing = [one for one in ways if one.thing is not None]
    assert of_thing and all(isinstance(one.step.target, Thing) for one in of_thing)
    values = {one.step.value for one in ways if one.thing is None}
    assert values and values <= set(MOODS), "no weather is told of a picture without open air, nor what a camera did"


def test_only_what_lives_jumps(balls) -> None:  # type: ignore[no-untyped-def]
    assert not tried(balls, EditType.ACTION_CHANGE, 8), "an even ball looks the same from both sides"
    living = replace(balls, things=(replace(balls.things[0], name="dog"),))
    assert {one.step.value for one in tried(living, EditType.ACTION_CHANGE, 12)} == {"jump"}


def test_a_photographs_things_are_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    io.imsave(tmp_path / "cat.png", cat_on_the_ground(), check_contrast=False)
    row = {"file_name": "cat.png", "caption": "a cat", "licence": "public domain", "photographic": True}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    held = catalogue_of((f"folder:{tmp_path}",), Split.TRAIN)
    (asset,) = [one for one in held.assets("background") if one.key.endswith("cat.png")]
    looked = importlib.import_module("pixwright.build.photo.look")
    first = looked.photograph(held, asset, 330)
    monkeypatch.setattr(looked, "_photographs", {})
    monkeypatch.setattr(looked, "look", None)
    again = looked.photograph(held, asset, 330)
    assert again is not first and again.things == first.things and again.caption == first.caption


def test_a_material_takes_room_and_what_goes_is_the_thing_alone(balls) -> None:  # type: ignore[no-untyped-def]
    assert balls.things[0].area > 0.05 and tried(balls, EditType.MATERIAL_CHANGE, 4)
    small = replace(
        balls.things[0],
        region=Region(cv2.erode(balls.things[0].region.mask, np.ones((45, 25))), ((1, 1, 9, 9),), 1.0, "ball"),
    )
    assert not tried(replace(balls, things=(small,)), EditType.MATERIAL_CHANGE, 4)
    assert not tried(replace(balls, caption="a ball"), EditType.MATERIAL_CHANGE, 4), (
        "only back to what the caption tells"
    )
    step = Step(type=EditType.REMOVE, instruction="", target=read("ball"))
    attempt = Attempt(step, "remove", thing=balls.things[0])
    gone = balls.pixels.copy()
    gone[balls.things[0].region.mask > 127] = 120
    assert _weak(attempt, step, balls.pixels, gone) is None
    failed = _weak(attempt, step, balls.pixels, np.full_like(balls.pixels, 119))
    assert failed is not None and failed.reason.startswith("beyond: ")
    tone = Step(type=EditType.TONE_TRANSFER, instruction="", value="warm")
    faint = _weak(Attempt(tone, "tone.look"), tone, balls.pixels, balls.pixels + 2)
    assert faint is not None and faint.reason.startswith("faint: ")
