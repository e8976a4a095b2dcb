"""Every template is read back by the parser as the step that it stands for; what differs is found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pixwright.build.pairs.global_ import bare_or_article, tone_values
from pixwright.build.pairs.surface import PATTERNS, PLAIN_COLOURS, STATES
from pixwright.build.wording.check import parse_back, same_thing
from pixwright.build.wording.grammar import Unsaid, compose, frames, say, slots_of, templates, wordings
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.vocabulary import MATERIALS, STYLES

PICTURE = (PictureAttachment("reference", np.zeros((8, 8, 3), np.uint8)),)
DOG = {"target": "the dog"}
LEFT_OF_TREE = Where(relation=Relation.LEFT, anchor="tree")
SWAP = Where(relation=Relation.SWAP, anchor="tree")
Case = tuple[str, dict[str, str], Step]


def _step(kind: EditType, target: str | None = None, value: str | None = None, **rest: object) -> Step:
    return Step.model_validate({"type": kind, "instruction": "", "target": target, "value": value, **rest})


def _things() -> Iterator[Case]:
    e = EditType
    yield "remove", DOG, _step(e.REMOVE, "dog")
    yield "remove", {"target": "all the dogs"}, _step(e.REMOVE, "all dogs")
    yield "replace", {**DOG, "thing": "a red car"}, _step(e.REPLACE, "dog", "red car")
    yield "add", {"thing": "an apple"}, _step(e.ADD, None, "apple")
    yield "add.many", {"thing": "two apples"}, _step(e.ADD, None, "apples", count=2)
    place = {"thing": "an apple", "place": "to the left of the tree"}
    yield "add.place", place, _step(e.ADD, None, "apple", where=LEFT_OF_TREE)
    side = {"thing": "an apple", "place": "on the right"}
    yield "add.place", side, _step(e.ADD, None, "apple", where=Where(relation=Relation.RIGHT))
    number = {"number": "three", "things": "dogs", "plural": "dogs", "before": "one"}
    yield "counting.total", number, _step(e.COUNTING, "dogs", count=3)
    for key, sign in (("counting.more", 1), ("counting.fewer", -1)):
        yield key, number, _step(e.COUNTING, "dogs", amount=Amount(value=3 * sign, unit=Unit.ITEMS))
    yield "textual_change", {"target": "the wooden sign", "old": "OPEN", "new": "NO ENTRY"}, _step(
        e.TEXTUAL_CHANGE, "wooden sign", "NO ENTRY", old_text="OPEN"
    )  # fmt: skip
    for action in ("turn around", "lie down", "jump", "fly", "flip", "tilt"):
        yield f"action.{action}", {**DOG, "side": "left"}, _step(e.ACTION_CHANGE, "dog", action)
    yield "action.pose", {**DOG, "act": "sit down", "acting": "sitting"}, _step(e.ACTION_CHANGE, "dog", "sit")
    behind = Amount(value=180, unit=Unit.DEGREES)
    yield "rotation_change.behind", DOG, _step(e.ROTATION_CHANGE, "dog", "seen from behind", amount=behind)


def _surfaces() -> Iterator[Case]:
    for colour in PLAIN_COLOURS:
        yield "color_alter", {**DOG, "value": colour}, _step(EditType.COLOR_ALTER, "dog", colour)
    for pattern in PATTERNS:
        yield "appearance_alter.pattern", {**DOG, "value": pattern}, _step(EditType.APPEARANCE_ALTER, "dog", pattern)
    for state in STATES:
        yield "appearance_alter", {**DOG, "value": state}, _step(EditType.APPEARANCE_ALTER, "dog", state)
    for name in MATERIALS:
        yield "material_change", {**DOG, "value": name}, _step(EditType.MATERIAL_CHANGE, "dog", name)


def _wholes() -> Iterator[Case]:
    for key in ("tone.season", "tone.time", "tone.look", "tone.mood"):
        for value in tone_values(key):
            yield key, {"value": value}, _step(EditType.TONE_TRANSFER, None, value)
    for value, adjective, noun in (("rain", "rainy", "rain"), ("snow", "snowy", "snow"), ("fog", "foggy", "fog")):
        yield "tone.weather", {"adjective": adjective, "noun": noun}, _step(EditType.TONE_TRANSFER, None, value)
    yield "tone.effect", {"noun": "fog"}, _step(EditType.TONE_TRANSFER, None, "fog")
    for key, sign in (("tone.more", 1), ("tone.less", -1)):
        for control in ("brightness", "contrast", "saturation", "warmth"):
            amount = Amount(value=0.6 * sign, unit=Unit.STRENGTH)
            yield key, {"control": control}, _step(EditType.TONE_TRANSFER, None, control, amount=amount)
    for style in STYLES:
        yield (
            "style_change",
            {"value": style, "styled": bare_or_article(style)},
            _step(EditType.STYLE_CHANGE, None, style),
        )
    for place in ("beach", "mountains", "space", "office"):
        step = _step(EditType.BACKGROUND_CHANGE, None, place)
        yield "background_change", {"scenery": bare_or_article(place)}, step


def _views() -> Iterator[Case]:
    e = EditType
    left = Where(relation=Relation.LEFT)
    yield "movement", {**DOG, "direction": "to the left"}, _step(e.MOVEMENT, "dog", where=left)
    by = Amount(value=20, unit=Unit.PERCENT)
    moved = {**DOG, "direction": "to the left", "percent": "20"}
    yield "movement.percent", moved, _step(e.MOVEMENT, "dog", where=left, amount=by)
    words = {**DOG, "percent": "30", "rest": "70", "factor": "1.3", "times": "twice"}
    sizes = {
        "resize.larger": Amount(value=0.6, unit=Unit.STRENGTH),
        "resize.smaller": Amount(value=-0.6, unit=Unit.STRENGTH),
        "resize.percent_larger": Amount(value=1.3, unit=Unit.FACTOR),
        "resize.percent_smaller": Amount(value=0.7, unit=Unit.FACTOR),
        "resize.times": Amount(value=2, unit=Unit.FACTOR),
    }
    for key, amount in sizes.items():
        yield key, words, _step(e.RESIZE, "dog", amount=amount)
    for way, sign in (("clockwise", 1), ("counterclockwise", -1)):
        turn = Amount(value=40 * sign, unit=Unit.DEGREES)
        side = "right" if way == "clockwise" else "left"
        yield (
            "rotation_change.view",
            {**DOG, "degrees": "40", "side": side},
            _step(e.ROTATION_CHANGE, "dog", amount=turn),
        )
        yield "rotation_change", {**DOG, "degrees": "40", "way": way}, _step(e.ROTATION_CHANGE, "dog", amount=turn)
    for relation, side, seen in (("left", "to the left", "on the left"), ("above", "at the top", "at the top")):
        where = Where(relation=Relation(relation))
        yield "outpaint", {"side": side, "seen": seen}, _step(e.OUTPAINT, where=where)
        yield (
            "outpaint.percent",
            {"side": side, "seen": seen, "percent": "20"},
            _step(e.OUTPAINT, where=where, amount=by),
        )
    every = Where(relation=Relation.EVERY_SIDE)
    yield "outpaint.every", {}, _step(e.OUTPAINT, where=every)
    yield "outpaint.every_percent", {"percent": "20"}, _step(e.OUTPAINT, where=every, amount=by)
    pair = {**DOG, "anchor": "the tree", "place": "to the left of the tree"}
    yield "relation.swap", pair, _step(e.RELATION_CHANGE, "dog", where=SWAP)
    yield "relation.place", pair, _step(e.RELATION_CHANGE, "dog", where=LEFT_OF_TREE)


def _references() -> Iterator[Case]:
    e = EditType
    slots = {**DOG, "thing": "cat", "place": "to the left of the tree"}
    yield "visual_reference.replace", slots, _step(e.VISUAL_REFERENCE, "dog", "cat", reference=1)
    yield "visual_reference.add", slots, _step(e.VISUAL_REFERENCE, None, "cat", reference=1)
    placed = _step(e.VISUAL_REFERENCE, None, "cat", reference=1, where=LEFT_OF_TREE)
    yield "visual_reference.add_place", slots, placed
    yield "material_transfer", DOG, _step(e.MATERIAL_TRANSFER, "dog", reference=1)
    yield "style_transfer", {}, _step(e.STYLE_TRANSFER, reference=1)
    guides = {
        e.VISUAL_BBOX: "bounding box",
        e.VISUAL_SCRIBBLE: "scribble",
        e.VISUAL_SEGMENT: "segmentation map",
        e.VISUAL_SKETCH: "sketch",
        e.VISUAL_DEPTH: "depth map",
    }
    for kind, guide in guides.items():
        yield "guided", {"guide": guide, "edit": "add an apple"}, _step(kind, None, "apple", reference=1)
        yield "guided", {"guide": guide, "edit": "paint the dog red"}, _step(kind, "dog", "red", reference=1)


CASES = [*_things(), *_surfaces(), *_wholes(), *_views(), *_references()]
_KNOWN = {
    "turn the dog into gold": "color_alter",
    "turn the dog into silver": "color_alter",
    "turn the dog into copper": "color_alter",
    "turn the dog into bronze": "color_alter",
}
"""Wordings that mean a colour as well; the grammar draws another one when they come."""


@pytest.mark.parametrize("group", [_things, _surfaces, _wholes, _views, _references])
def test_every_template_is_read_back(group: object) -> None:
    assert callable(group)
    wrong = {}
    for key, slots, step in group():
        filled = [template.format(**slots) for template, _ in wordings(key, slots)]
        assert filled, key
        for sentence in filled:
            reason = parse_back(sentence, step, PICTURE if step.reference else ())
            if reason is not None and sentence not in _KNOWN:
                wrong[sentence] = reason
    assert not wrong


def test_every_template_has_a_case() -> None:
    covered = {key for key, _, _ in CASES}
    assert {key for key in templates() if not key.startswith("implicit")} == covered


@pytest.mark.parametrize("frame", frames())
def test_frames_change_nothing(frame: str) -> None:
    for key, slots, step in list(_things())[:6] + list(_views())[:4]:
        sentence = frame.format(x=wordings(key, slots)[0][0].format(**slots))
        assert parse_back(sentence, step) is None, sentence


def test_at_least_eight_wordings_a_type() -> None:
    """Imperatives, questions and wishes together; framing multiplies the imperatives."""
    family = {
        EditType.ACTION_CHANGE: "action.", EditType.TONE_TRANSFER: "tone.", EditType.RELATION_CHANGE: "relation.",
        EditType.IMPLICIT_CHANGE: "implicit_change",
    }  # fmt: skip
    for kind in EditType:
        start = "guided" if kind in _GUIDED else family.get(kind, str(kind))
        found = [t for key, table in templates().items() if key.startswith(start) for t in table["do"] + table["say"]]
        assert len(set(found)) >= 8, kind


_GUIDED = [kind for kind in EditType if kind.startswith("visual_") and kind != EditType.VISUAL_REFERENCE]


@pytest.mark.parametrize(
    ("sentence", "step", "reason"),
    [
        ("remove the cat", _step(EditType.REMOVE, "dog"), "target"),
        ("remove the left dog", _step(EditType.REMOVE, "right dog"), "target"),
        ("paint the dog red", _step(EditType.COLOR_ALTER, "dog", "blue"), "value"),
        ("paint the dog red", _step(EditType.REMOVE, "dog"), "read as color_alter"),
        ("there should be four dogs", _step(EditType.COUNTING, "dogs", count=3), "count"),
        ("rotate the dog 30 degrees clockwise", _step(EditType.ROTATION_CHANGE, "dog", amount=Amount(value=-30, unit=Unit.DEGREES)), "amount"),
        ("move the dog to the left", _step(EditType.MOVEMENT, "dog", where=Where(relation=Relation.RIGHT)), "place"),
        ("put the dog to the left of the tree", _step(EditType.RELATION_CHANGE, "dog", where=Where(relation=Relation.LEFT, anchor="car")), "place"),
        ('change "OPEN" to "SALE"', _step(EditType.TEXTUAL_CHANGE, "sign", "EXIT", old_text="OPEN"), "value"),
        ("remove the dog and add a cat", _step(EditType.REMOVE, "dog"), "2 steps"),
        ("blarg fnord wibble", _step(EditType.REMOVE, "dog"), "not understood"),
    ],
)  # fmt: skip
def test_disagreement_is_named(sentence: str, step: Step, reason: str) -> None:
    assert reason in (parse_back(sentence, step) or "")


def test_a_swap_may_be_read_the_other_way_round() -> None:
    assert parse_back("swap the tree and the dog", _step(EditType.RELATION_CHANGE, "dog", where=SWAP)) is None


def test_same_thing_looks_at_noun_colour_and_place() -> None:
    assert same_thing("the red apple on the left", "red apple on the left")
    assert not same_thing("red apple", "green apple")
    assert not same_thing("apple on the left", "apple on the right")
    assert same_thing("apples", "apple")
    assert not same_thing(None, "apple")


def test_what_cannot_be_said_is_unsaid() -> None:
    with pytest.raises(Unsaid, match="target read as"):
        say("remove", {"target": "the cat"}, _step(EditType.REMOVE, "dog"), np.random.default_rng(0))


def test_wording_follows_the_seed() -> None:
    slots = {**DOG, "value": "red"}
    first = [compose("color_alter", slots, np.random.default_rng(k)) for k in range(30)]
    assert first == [compose("color_alter", slots, np.random.default_rng(k)) for k in range(30)]
    assert len(set(first)) > 10


def test_slots_are_named() -> None:
    assert slots_of("make {target} {value}") == {"target", "value"}
