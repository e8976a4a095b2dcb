"""The two captions of a step: what the picture shows before and after (InstructEdit's editing prompts)."""

from __future__ import annotations

import pytest

from pixwright.parse.caption import captioned, captions
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType
from pixwright.records.plan import Step

BOTH = {
    "remove the fork": ("a photo of the fork", "a photo without the fork"),
    "replace the cup with a teapot": ("a photo of the cup", "a photo of a teapot"),
    "put a hat on the cat": ("a photo", "a photo with a hat on the cat"),
    "there should be two rockets": ("a photo of the rockets", "a photo with 2 rockets"),
    "make the cup red": ("a photo of the cup", "a photo of the red cup"),
    "make the cup striped": ("a photo of the cup", "a photo of the striped cup"),
    "make the table out of marble": ("a photo of the table", "a photo of the table made of marble"),
    'change the text "NASA" to "MOON"': ("a photo", 'a photo with the text "MOON"'),
    'write "Hi" on the mug': ("a photo of the mug", 'a photo of the mug with the text "Hi"'),
    "change the background to a beach": ("a photo", "a photo with a beach background"),
    "turn it into an oil painting": ("a photo", "an oil painting"),
    "move the rocket to the left": ("a photo of the rocket", "a photo of the rocket at the left"),
    "make the cup twice as large": ("a photo of the cup", "a photo of a larger cup"),
    "make the cup smaller": ("a photo of the cup", "a photo of a smaller cup"),
    "extend the picture to the left by 30%": ("a photo", "a photo, extended at the left"),
    "rotate the spoon by 30 degrees": ("a photo of the spoon", "a photo of the spoon, rotated"),
    "swap the cup and the spoon": ("a photo of the cup", "a photo of the cup in the place of the spoon"),
    "brighten the photo": ("a photo", "a photo with more brightness"),
    "darken the shed": ("a photo of the shed", "a photo of the shed with less brightness"),
    "two fewer candles": ("a photo of the candles", "a photo with 2 fewer candles"),
}


@pytest.mark.parametrize("text", BOTH)
def test_before_and_after(text):
    step = parse_rules(text).steps[0]
    assert (step.source_caption, step.edited_caption) == BOTH[text]


@pytest.mark.parametrize("kind", EditType)
def test_every_type_has_captions(kind):
    both = captions(Step(type=kind, instruction="x", target="old barn", value="red", reference=1))
    assert all(caption and "None" not in caption and "  " not in caption for caption in both)
    assert "old barn" in both[0]


def test_no_caption_says_none():
    bare = {kind: captions(Step(type=kind, instruction="x", target="old barn", reference=1)) for kind in EditType}
    assert {str(kind) for kind, both in bare.items() if "None" in both[1]} == set()


def test_what_the_picture_shows_begins_the_caption():
    step = parse_rules("make it winter").steps[0]
    before, after = captions(step, "a photo of a village")
    assert before == "a photo of a village" and after.startswith(before)


def test_captions_that_a_step_has_are_kept_or_made_anew_alike():
    steps = parse_rules("make the barn red, then make it winter").steps
    assert captioned(steps) == captioned(captioned(steps))
    assert [step.type for step in captioned(steps)] == ["color_alter", "tone_transfer"]
