"""The paper's forms: words, pictures and sounds together, attachments whose names say nothing, the picture's own reference, and a language model where no rule reads."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.mllm.contract import Understanding
from pixwright.parse.interleaved import Senses, parse_interleaved
from pixwright.parse.interleaved.forms import bases, restated
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment

SHOWN = {"IMG_1.png": "dog", "IMG_2.png": "cat", "rec_1.ogg": "cow", "rec_2.ogg": "rain"}
MUSIC = ("track.ogg", "song.ogg", "energetic-00.flac")


def senses() -> Senses:
    """Who looks and listens, by the files' names."""
    kind = lambda one: "picture" if isinstance(one, PictureAttachment) else "music" if one.name in MUSIC else "sound"  # noqa: E731
    return Senses(kind, lambda one: SHOWN.get(one.name))


def attached(*names: str):
    sound = np.zeros(1600, np.float32)
    return tuple(
        SoundAttachment(name, sound, 16_000)
        if name.rsplit(".", 1)[1] in ("ogg", "wav", "flac")
        else PictureAttachment(name, np.zeros((8, 8, 3), np.uint8))
        for name in names
    )


def plan(words: str, *names: str, reader=None):
    return parse_interleaved(Instruction(words, attached(*names)), None, Encoders(), senses(), reader)


def told(words: str, *names: str):
    return [(str(s.type), str(s.target) if s.target else None, s.value, s.reference) for s in plan(words, *names).steps]


REFER, STYLE = "visual_reference", "style_transfer"
FORMS = [
    ("add [1] and [2]", ("cat.png", "dog.png"), [(REFER, None, None, 1), (REFER, None, None, 2)]),
    ("replace the dog with [1]", ("cat.png",), [(REFER, "dog", None, 1)]),
    ("replace the dog with [1]", ("cow.ogg",), [("replace", "dog", "cow", None)]),
    ("replace [1] with [2]", ("IMG_1.png", "IMG_2.png"), [(REFER, "dog", None, 2)]),
    ("fit the picture to [1]", ("track.ogg",), [(STYLE, None, None, 1)]),
    ("fit the picture to [1]", ("cow.ogg",), [("add", None, "cow", None)]),
    ("fit the picture to [1]", ("rec_2.ogg",), [("tone_transfer", None, "rain", None)]),
    ("add [1] and fit the mood of [2]", ("rec_1.ogg", "song.ogg"), [("add", None, "cow", None), (STYLE, None, None, 2)]),
    ("change [1] to the style of [2]", ("photo.png", "paint.png"), [(STYLE, None, None, 2)]),
    ("redraw [1] in the style of [2]", ("photo.png", "paint.png"), [(STYLE, None, None, 2)]),
    ("add [2] to [1]", ("photo.png", "cat.png"), [(REFER, None, None, 2)]),
    ("transform [1] into a night scene with the sound of [2]", ("photo.png", "owl.ogg"), [("tone_transfer", None, "night", None), ("add", None, "owl", None)]),
    ("modify the design of [1] based on [2]", ("shirt.png", "energetic-00.flac"), [(STYLE, None, None, 2)]),
    ("modify the design of the picture based on [1]", ("track.ogg",), [(STYLE, None, None, 1)]),
    ("modify the picture to convey the feeling of [1]", ("track.ogg",), [(STYLE, None, None, 1)]),
    ("generate an image based on [1]", ("track.ogg",), [(STYLE, None, None, 1)]),
    ("add [1] in the style of [2] and fit the picture to [3]", ("cat.png", "art.png", "song.ogg"), [(REFER, None, None, 1), (STYLE, None, None, 2), (STYLE, None, None, 3)]),
    ("add [image:fireworks] to [image:base:a city skyline at night]", ("fireworks.png",), [(REFER, None, None, 1)]),
    ("fit [image:base:an empty street] to [audio: upbeat electronic music]", (), [(STYLE, None, "upbeat electronic music", None)]),
    ("fit [image:base:a city skyline] to the style [image:an impressionist painting]", ("art.png",), [(STYLE, None, None, 1)]),
    ("remove [audio: water stream] from [image:base:a cabin by the lake]", (), [("remove", "water stream", None, None)]),
    ("add a cat and remove the dog", (), [("add", None, "cat", None), ("remove", "dog", None, None)]),
    ("fit the picture to [1] and [2]", ("track.ogg", "song.ogg"), [(STYLE, None, None, 1), (STYLE, None, None, 2)]),
]  # fmt: skip


@pytest.mark.parametrize("words, names, steps", FORMS, ids=[words for words, _, _ in FORMS])
def test_the_papers_forms_are_read(words, names, steps):
    assert told(words, *names) == steps
    assert plan(words, *names).instruction == words, "as it was said"


def test_the_very_picture_and_what_becomes_a_scene_are_the_picture_itself():
    rng = np.random.default_rng(0)
    source, other = (rng.integers(0, 255, (40, 60, 3)).astype(np.uint8) for _ in range(2))
    asked = Instruction(
        "replace [1] with [2]", (PictureAttachment("dog.png", other), PictureAttachment("cat.png", source))
    )
    read = parse_interleaved(asked, source, Encoders(), senses())
    assert [(str(s.type), s.reference) for s in read.steps] != [(REFER, 2)], "[2] is what is edited"
    same = Instruction(
        "change [1] to the style of [2]", (PictureAttachment("dog.png", source), PictureAttachment("art.png", other))
    )
    assert [(str(s.type), s.reference) for s in parse_interleaved(same, source, Encoders(), senses()).steps] == [
        (STYLE, 2)
    ]
    night = [("tone_transfer", None, "night", None), ("add", None, "owl", None)]
    assert told("transform [1] into a night scene with the sound of [2]", "rocket.png", "owl.ogg") == night


def test_what_an_attachment_was_taken_for_and_what_was_not_used_is_said():
    notes = plan("add [1]", "rec_1.ogg", "dog.png").notes
    assert "[1] sounds like cow" in notes and "[2] 'dog.png': attached and named nowhere, so not used" in notes
    assert plan("add [1]", "cow.ogg").notes == (), "a name that says it is believed"
    assert "[1] shows dog" in plan("remove [1]", "IMG_1.png").notes


def test_a_number_without_a_file_and_words_that_are_no_english_are_typed_errors():
    with pytest.raises(UnclearInstruction, match="nothing is attached"):
        plan("remove [3]", "IMG_1.png")
    with pytest.raises(UnclearInstruction, match="only English"):
        plan("mets [1] dans l'image s'il te plaît", "cat.png")
    with pytest.raises(UnclearInstruction, match="names no thing"):
        plan("replace the cup with [1]", "IMG_9.ogg")


class Model:
    """A reader that always understands the same."""

    name = "Tester 2"

    def __init__(self, *subs: int, base: int | None = 0, words: str = ""):
        vector = np.ones(1, np.float32)
        self.answer = Understanding(base, subs, vector, vector, (vector,) * len(subs), "[base] [gen]", words)

    def __call__(self, instruction, picture):
        return self.answer


def test_a_language_model_is_heard_and_decides_only_where_no_rule_reads():
    read = plan("add [1] and [2]", "cat.png", "dog.png", reader=Model(2, words="a dog"))
    assert [step.reference for step in read.steps] == [1, 2] and read.parser == "rules"
    assert read.notes == ('Tester 2 read: base the picture, subjects [2]; it shall be "a dog"',)
    words = "mets [1] dans l'image avec [2]"
    lost = plan(words, "cat.png", "song.ogg", reader=Model(1, base=None))
    assert lost.parser == "llm:tester-2" and lost.instruction == words
    assert [(str(s.type), s.reference) for s in lost.steps] == [(REFER, 1), (STYLE, 2)]
    with pytest.raises(UnclearInstruction, match="only English"):
        plan(words, "cat.png", "rec_9.ogg", reader=Model())


def test_forms_are_of_speech_and_leave_other_words_alone():
    for words in (
        "make the cup red",
        "replace the sound of the picture",
        "add [1] to the left",
        "the design of the chair is old",
    ):
        assert restated(words) == words
    pictures = attached("a.png", "b.png")
    assert list(bases("replace [1] with [2]", pictures)) == [], "what is replaced is no base"
    assert next(iter(bases("change [1] to the style of [2]", pictures))) == "change the picture to the style of [2]"
    assert list(bases("fit [1] to [2]", attached("a.ogg", "b.ogg"))) == [], "a sound is no picture to edit"
