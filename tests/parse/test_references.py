"""References that stand for nouns: by the paper's notation, by file names, by what makes a sound; and the data sets' own wordings."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.build.sets.mm_inst import filled, table
from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.parse.heard import heard, is_music, pictured
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType

BASE = "[image:base:a dog and a cat, on a beach]"


def attached(name):
    if name.endswith((".wav", ".ogg", ".mp3")):
        return SoundAttachment(name, np.zeros(16, np.float32), 16_000)
    return PictureAttachment(name, np.zeros((4, 4, 3), np.uint8))


def said(text, *names):
    """Each step as "type target > value @relation anchor [reference]", without what is empty."""
    return [brief(step) for step in parse_rules(text, tuple(map(attached, names))).steps]


def brief(step):
    parts = [str(step.type), str(step.target or "-"), step.value and f"> {step.value}"]
    parts += [step.where and f"@{step.where.relation} {step.where.anchor or ''}".strip()]
    return " ".join(filter(None, [*parts, step.reference and f"[{step.reference}]"]))


NOTATION = {
    f"add [audio:dog barking] to {BASE}": ["add - > dog"],
    f"remove [audio:dog barking] from {BASE}": ["remove dog"],
    f"replace [audio:dog barking] with [audio:cat meowing] in {BASE}": ["replace dog > cat"],
    f"replace [image:dog] with [image:cat] in {BASE}": ["replace dog > cat"],
    f"substitute [image:a small owl] for [audio:the sound of a cow] in {BASE}": ["replace cow > small owl"],
    "make it foggy with [audio:owl hooting]": ["tone_transfer - > fog", "add - > owl"],
    f"add [audio:rain on a roof] to {BASE}": ["tone_transfer - > rain"],
    f"add [audio:heavy rain and thunder] to {BASE}": ["tone_transfer - > storm"],
    f"fit {BASE} to [audio:rain]": ["tone_transfer - > rain"],
    f"fit {BASE} to [audio:upbeat pop with guitar, 120 bpm]": ["style_transfer - [1]"],
    f"change {BASE} to the style of [image:a watercolor]": ["style_change - > watercolor"],
    "move [image:a photo of a red car] to the left": ["movement red car @left"],
    "add [audio:birds chirping] to the sky": ["add - > birds @inside sky"],
    "replace [image:dog] with [image:lamp.png]": ["visual_reference dog [2]"],
}


@pytest.mark.parametrize("text", NOTATION)
def test_a_caption_stands_for_its_thing_where_nothing_is_attached(text):
    assert said(text) == NOTATION[text]


ATTACHED = [
    ("replace [1] with [2]", "dog.png cat.png", ["visual_reference dog [2]"]),
    ("substitute [2] for [1]", "dog.png cat.png", ["visual_reference dog [2]"]),
    ("[2] instead of [1]", "dog.png cat.png", ["visual_reference dog [2]"]),
    ("replace [1] with [2]", "dog.png IMG_7.jpg", ["visual_reference dog [2]"]),
    ("replace [1] with [2]", "moo.wav cat.png", ["visual_reference cow [2]"]),
    ("replace [1] with [2]", "cat.png moo.wav", ["replace cat > cow"]),
    ("swap [1] and [2]", "dog.png cat.png", ["relation_change dog @swap cat"]),
    ("put [1] in place of [2]", "dog.png cat.png", ["visual_reference cat [1]"]),
    ("put [1] next to [2]", "dog.png cat.png", ["visual_reference - @beside cat [1]"]),
    ("remove [1] from the picture", "dog.png", ["remove dog"]),
    ("remove [1] and [2]", "twoDogs.png small_red-car02.png", ["remove two dogs", "remove small red car"]),
    ("place [1] in the picture", "IMG_1234.jpg", ["visual_reference - [1]"]),
    ("[1] instead of the dog", "IMG_1234.jpg", ["visual_reference dog [1]"]),
    ("fit [1] to [2]", "IMG_1.jpg song.mp3", ["style_transfer - [2]"]),
    ("fit [1] to [2]", "dog.png van_gogh.jpg", ["style_transfer - [2]"]),
    ("stylize [1] like [2]", "photo.png monet.png", ["style_transfer - [2]"]),
    ("remove the animal that makes the sound [1]", "dog_barking.ogg", ["remove dog"]),
    ("remove the one who makes this noise: [1]", "bark.wav", ["remove dog"]),
    ("remove what is heard in [1] and make the sky pink", "meow.wav", ["remove cat", "color_alter sky > pink"]),
    ("the dog in [1] should be in front of the house", "dog.png", ["relation_change dog @in_front house"]),
    ("put a hat on [1]", "dog.png", ["add - > hat @on dog"]),
    ("add the hat on [1]", "man.png", ["visual_reference - > hat [1]"]),
    ("turn the picture snowy with [1] in it", "cow.png", ["tone_transfer - > snow", "visual_reference - [1]"]),
    ("replace [image:dog] with [image:lamp.png]", "lamp.png", ["visual_reference dog [1]"]),
    ("replace [image:dog] with [audio:moo]", "a.wav b.png", ["replace dog > cow"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names", "steps"), ATTACHED)
def test_a_reference_is_used_where_its_pixels_can_be_and_is_a_noun_elsewhere(text, names, steps):
    assert said(text, *names.split()) == steps


def test_steps_say_how_each_reference_was_read():
    steps = parse_rules("add [1] and [2] and make it night", (attached("dog barking.ogg"), attached("meow.mp3"))).steps
    assert [step.why for step in steps] == ["[1] was read as 'dog'", "[2] was read as 'cat'", ""]
    assert parse_rules("fit [1] to [2]", (attached("a.jpg"), attached("b.mp3"))).steps[0].why.endswith("'the picture'")
    assert parse_rules("replace the dog with [1]", (attached("cat.png"),)).steps[0].why == ""


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("remove [1]", "IMG_1234.jpg", r"'IMG_1234.jpg', which names no thing; .*write \[image:dog\]"),
        ("put the dog next to [1]", "DSC_01.png", "'DSC_01.png', which names no thing"),
        ("remove [1]", "REC_20240101.wav", r"names no thing; .*dog.wav.*write \[audio:dog barking\]"),
        ("add [1]", "slow jazz.mp3", "is music"),
        ("replace the dog with [99]", "dog.png", r"\[99\] is no attachment"),
        ("flurb [1]", "dog.png", r"did not understand 'flurb \[1\]'"),
    ],
)
def test_a_name_that_says_nothing_is_told_in_one_line(text, name, told):
    instruction = Instruction(text, (attached(name),))
    with pytest.raises(UnclearInstruction, match=told) as caught:
        parse(instruction, None, Encoders(), use_llm=False)
    assert "\n" not in str(caught.value)


def test_too_many_references_are_refused_and_many_are_answered_soon():
    with pytest.raises(UnclearInstruction, match="at most 24"):
        said("remove [1] and " * 25, "dog.png")
    start = time.process_time()
    for text in ("make [1] and ", "a cat with [1] on [2] ", "flurb [1] with [2] to [3] and "):
        with pytest.raises(UnclearInstruction):
            said(text * 8, "dog.png", "cat.png", "IMG_1.png")
    assert time.process_time() - start < 8


HEARD = {
    "dog barking": "dog", "barking dog": "dog", "bark of a small dog": "small dog", "meow": "cat", "cow_moo-2.wav": "cow", "car engine starting": "car", "engine": "car",
    "motorcycle_engine.ogg": "motorcycle", "police car siren": "police car", "rain": "rain", "thunder rumbling": "storm", "wind blowing through trees": "storm",
    "ocean waves crashing": "ocean", "waves": "ocean", "church bell ringing": "church bell", "phone_ring": "phone", "woman singing": "woman", "crow cawing": "crow", "crowing": "rooster",
    "the sound of a helicopter": "helicopter", "kitten meowing softly": "kitten", "piano": "piano", "acoustic guitar solo": "acoustic guitar", "recording_20230101.m4a": None,
    "a slow sad piano piece in a minor key": None, "rock": None, "calm music": None, "song.mp3": None,
}  # fmt: skip


@pytest.mark.parametrize("name", HEARD)
def test_a_sound_is_what_makes_it(name):
    assert heard(name) == HEARD[name]


def test_music_is_no_thing():
    assert is_music("a fast happy piece for flute and piano in a major key") and is_music("jazz.mp3")
    assert not is_music("happy dog barking") and not is_music("rock falling") and not is_music("violin.wav")


PICTURED = {
    "a black cow": "black cow", "Black Cow.PNG": "black cow", "a photo of a small brown dog": "small brown dog", "two dogs on a bench": "two dogs", "golden retriever in snow.jpg": "golden retriever",
    "DSC_0001.jpg": None, "WhatsApp Image 2024-01-01 at 10.22.33.jpeg": None, "untitled.png": None, "a1b2c3d4e5.jpg": None, "remove.png": None, "it.png": None, "picture.png": None,
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURED)
def test_a_picture_is_what_its_name_says(name):
    assert pictured(name) == PICTURED[name]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_name_is_a_noun_or_nothing(name, file):
    for read in (heard, pictured):
        noun = read(name + ".png" if file else name)
        assert noun is None or noun.strip()


NOT_ENGLISH = {"transform {base}: {tone}, with {1}"}
"""Wordings of the data set that name no edit."""
EXPECTED = {
    "add": {("picture", EditType.VISUAL_REFERENCE), ("sound", EditType.ADD)},
    "replace": {("picture", EditType.VISUAL_REFERENCE), ("sound", EditType.REPLACE)},
    "replace_named": {("picture", EditType.VISUAL_REFERENCE), ("sound", EditType.REPLACE)},
    "remove": {("picture", EditType.REMOVE), ("sound", EditType.REMOVE)},
    "fit_music": {("music", EditType.STYLE_TRANSFER)},
    "fit_style": {("style", EditType.STYLE_TRANSFER)},
}
SEVERAL = {
    "tone_add": (EditType.TONE_TRANSFER, EditType.VISUAL_REFERENCE),
    "tone_remove": (EditType.TONE_TRANSFER, EditType.REMOVE),
    "place_add": (EditType.BACKGROUND_CHANGE, EditType.VISUAL_REFERENCE),
    "add_several": (EditType.VISUAL_REFERENCE, EditType.VISUAL_REFERENCE),
    "replace_remove": (EditType.VISUAL_REFERENCE, EditType.REMOVE),
}
"""Instructions of several steps, by the kind of the data set; their order is the words'."""
CAPTIONS = {
    "picture": [("image", "a black cow", "black_cow.png"), ("image", "an owl", "owl.png")],
    "sound": [("audio", "the sound of a black cow", "black cow.wav"), ("audio", "owl hooting", "owl hooting.wav")],
    "music": [("audio", "a slow sad piano piece in a minor key", "piece.ogg")],
    "style": [("image", "a watercolor", "style.png")],
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_multimodal_wording_is_understood(kind):
    for words in set(table()[kind]) - NOT_ENGLISH:
        for given_as, wanted in EXPECTED[kind]:
            (step,) = _understood(words, CAPTIONS[given_as])
            assert step.type is wanted, (words, step)
            first = {"replace_named": "red car", "replace": "black cow", "remove": "black cow"}.get(kind)
            assert (step.target and str(step.target)) == first, (words, step)


@pytest.mark.parametrize("kind", SEVERAL)
def test_every_wording_of_several_steps_is_understood(kind):
    assert SEVERAL.keys() == table()["other"].keys()
    captions = (*CAPTIONS["picture"], ("image", "a red car", "red_car.png"))
    slots = {"base": "the picture", "place": "on a beach", "things": "{1} and {2}"}
    for words in table()["other"][kind]:
        for tone in table()["tones"] if "{tone}" in words else ("",):
            text = filled(words, slots | {"tone": table()["tones"].get(tone, "")})
            files = tuple(attached(name) for n, (_, _, name) in enumerate(captions, 1) if f"{{{n}}}" in text)
            steps = parse_rules(filled(text, {"1": "[1]", "2": "[2]", "3": "[3]"}), files).steps
            assert sorted(step.type for step in steps) == sorted(SEVERAL[kind]), (text, steps)
            assert not tone or tone in [step.value for step in steps], (text, steps)


def _understood(words, captions):
    words = words.replace("{target}", "red car")
    notation = {str(n): f"[{kind}:{caption}]" for n, (kind, caption, _) in enumerate(captions, 1)}
    files = tuple(attached(name) for _, _, name in captions[: 2 if "{2}" in words else 1])
    steps = parse_rules(filled(words, {"base": BASE, **notation}), files).steps
    numbered = parse_rules(filled(words, {"base": "the picture", "1": "[1]", "2": "[2]"}), files).steps
    assert [brief(step) for step in steps] == [brief(step) for step in numbered] or not captions[0][2].startswith(
        "black"
    )
    assert parse_rules(filled(words, {"base": BASE, **notation})).steps
    return steps
