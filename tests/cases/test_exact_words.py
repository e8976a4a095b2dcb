"""Cases of other people, as they are wanted, and a neighbour of each kind: words of exact things."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pixwright import edit
from pixwright.edit.lettering.faces import unset
from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import language, parse
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import Instruction


@pytest.mark.parametrize("code", ["#ff0000", "#00ff00", "#1e90ff", "#abc", "rgb(30, 144, 255)", "rebeccapurple"])
def test_a_colour_by_its_code(code):
    named = {"rebeccapurple": "rebecca purple"}.get(code, code)
    (step,) = parse_rules(f"make the cup {code}").steps
    assert (step.type, str(step.target), step.value) == ("color_alter", "cup", named)
    (step,) = parse_rules(f"replace the background with {code}").steps
    assert (step.type, step.value) == ("background_change", named)


@pytest.mark.parametrize(
    ("words", "times"), [("upscale the image 4x", 4), ("make the photo twice as large", 2), ("scale it to 50%", 0.5)]
)
def test_an_enlarged_picture_has_more_pixels_and_all_of_it(words, times):
    picture = np.repeat(np.repeat(np.arange(240, dtype=np.uint8).reshape(12, 20, 1), 3, axis=2), 4, axis=0)
    result = edit(picture, words)
    assert result.picture.shape[:2] == (48 * times, 20 * times)
    assert abs(int(result.picture[0, 0, 0]) - int(picture[0, 0, 0])) < 12
    assert abs(int(result.picture[-1, -1, 0]) - int(picture[-1, -1, 0])) < 12, "the corners are still there"


@pytest.mark.parametrize(
    ("words", "old"),
    [
        ('remove the text "10:24"', "10:24"),
        ("remove the text", None),
        ("remove the date stamp", None),
        ("erase all text", None),
        ("take out the subtitles", None),
    ],
)
def test_text_that_goes_is_found_by_reading(words, old):
    (step,) = parse_rules(words).steps
    assert (step.type, step.value, step.old_text) == ("textual_change", None, old)


@pytest.mark.parametrize(
    ("words", "colour", "size", "place"),
    [
        ('add "SALE" in large yellow letters at the bottom', "yellow", "large", "bottom"),
        ('add the text "DRAFT" in red', "red", None, None),
        ('put "Closed" at the top in tiny #112233 type', "#112233", "small", "top"),
    ],
)
def test_how_letters_look(words, colour, size, place):
    (step,) = parse_rules(words).steps
    assert step.lettering.colour == colour and step.lettering.size == size and step.target is None
    assert (step.where and step.where.relation) == place


@pytest.mark.parametrize(
    "words", ["remove everything except the bottom left cup", "get rid of all the cups but the bottom left one"]
)
def test_what_shall_stay_alone_keeps_its_place_in_the_words(words):
    (step,) = parse_rules(words).steps
    kept = step.target.all_but or step.target
    assert kept.head == "cup" and set(kept.places) == {"bottom", "left"}


PLAN = json.dumps(
    {"steps": [{"type": "color_alter", "instruction": "make the cup red", "target": "cup", "value": "red"}]}
)


@pytest.mark.parametrize(
    "message",
    [
        {"content": f'<think>The schema is {{"steps": [...]}}, so {{one}} will do.</think>\n{PLAN}'},
        {"content": [{"type": "text", "text": PLAN[:40]}, {"type": "text", "text": PLAN[40:]}]},
        {"content": None, "reasoning_content": f"The answer is {PLAN}"},
        {"content": "", "reasoning": PLAN},
        {"content": PLAN, "reasoning_content": "{first} I thought"},
    ],
    ids=["thinking with braces", "parts", "reasoning content", "reasoning", "both"],
)
def test_a_reply_is_read_whatever_stands_around_it(message, monkeypatch):
    reply = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant"} | message}]})
    monkeypatch.setattr(language, "_post", lambda *asked: (200, 0.0, reply))
    monkeypatch.setenv("PIXWRIGHT_LLM_URL", "http://model.test/v1")
    plan = parse(Instruction("把杯子变成红色"), None, None)
    assert (str(plan.steps[0].target), plan.steps[0].value) == ("cup", "red") and plan.parser.startswith("llm:")


@pytest.mark.parametrize(
    "words", ["把杯子变成红色", "mach bitte tasse rot", "сделай чашку красной", "enlève chien vite"]
)
def test_another_language_is_named_as_such(words):
    with pytest.raises(UnclearInstruction, match=r"only English is read here.*PIXWRIGHT_LLM_URL"):
        parse(Instruction(words), None, Encoders(), use_llm=False)


@pytest.mark.parametrize("words", ["flurb the gnarl", "snarf quux"])
def test_odd_english_is_no_other_language(words):
    with pytest.raises(UnclearInstruction, match=r"^(?!.*only English)"):
        parse(Instruction(words), None, Encoders(), use_llm=False)


def test_a_model_that_did_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(language, "_post", lambda *asked: (404, 0.0, ""))
    monkeypatch.setenv("PIXWRIGHT_LLM_URL", "http://model.test/v1")
    with pytest.raises(UnclearInstruction, match=r"model\.test.*status 404"):
        parse(Instruction("把杯子变成红色"), None, Encoders())


@pytest.mark.parametrize(
    ("text", "can"), [("שלום", False), ("مرحبا", False), ("नमस्ते", False), ("Café №5 Привет", True)]
)
def test_joined_and_mirrored_scripts_are_refused_before_anything_is_written(text, can):
    assert (unset(text) is None) == can
    if not can:
        picture = np.full((64, 96, 3), 200, np.uint8)
        result = edit(picture, f'write "{text}" at the top')
        assert result.report.verdict == "not_done" and (result.picture == picture).all()
