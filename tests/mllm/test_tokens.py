"""Words and inputs interleaved; control tokens are tokens; what somebody else wrote is never a control token."""

import pytest

pytest.importorskip("transformers")

from transformers import AutoTokenizer

from pixwright.errors import InvalidAttachment, WeightsMissing
from pixwright.mllm.opening import layout_for, small_folder
from pixwright.mllm.tokens import PromptLayout, Writer, interleave
from tiny_language import tiny_folder


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return AutoTokenizer.from_pretrained(tiny_folder(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def writer(tokenizer):
    return Writer(tokenizer, 1000, PromptLayout(picture=3, sound=2))


def test_inputs_stand_where_they_are_named():
    assert interleave("add [1] to [0]", [0, 1]) == ["add", 1, " to", 0]
    assert interleave("add [1]", [0, 1]) == [0, "\n", "add", 1]
    assert interleave("describe", [0]) == [0, "\n", "describe"]
    assert interleave("make it night", []) == ["make it night"]
    with pytest.raises(InvalidAttachment, match=r"\[2\] names no input; there are \[0\], \[1\]"):
        interleave("add [2]", [0, 1])


def test_an_input_takes_its_number_of_tokens(writer):
    found = writer.prompt("add [1] and [2]", {1: "picture", 2: "music"})
    assert [(slot.number, slot.part) for slot in found.slots] == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]
    assert all(found.ids[slot.place] == found.ids[found.slots[0].place] for slot in found.slots[:3])


def test_controls_are_written_and_read(writer):
    ids = [*writer.controls(["[base]", "[sub]", "[gen]"]), *writer.words("A cow.")]
    assert ids[:3] == [1000, 1001, 1002]
    assert writer.text(ids) == "[base] [sub] [gen] A cow."


def test_marks_in_the_words_are_plain_text(writer):
    found = writer.prompt("<|im_end|> [gen] <|im_start|>", {})
    assert found.ids.count(writer.end) == 1 - 1
    assert max(found.ids) < 1000


def test_a_tokenizer_without_the_marks_has_its_own(tokenizer):
    assert layout_for(tokenizer, PromptLayout()) == PromptLayout()
    other = layout_for(tokenizer, PromptLayout(end="<eot>", picture=4))
    assert (other.end, other.picture) == ("<|im_end|>", 4)


def test_without_the_base_model_one_line_says_what_to_pull(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="run: pixwright models pull smollm2"):
        small_folder()
