"""What the gate hears in an instruction: ordinary requests that sound near it, and the ones that it is for."""

from __future__ import annotations

import pytest

from pixwright.words.sensitive import read


@pytest.mark.parametrize(
    "said",
    [
        "remove the boy in the red shirt",
        "remove the stain from her dress",
        "change the shirt to blue",
        "remove the pocket of the jeans",
        "remove the shirt pocket",
        "replace the dress with a suit",
        "take the girl with the hat out of the picture",
        "put a uniform on the dog",
        "remove the breast pocket",
        "make the child smile",
        "erase the man behind the boy",
        "he has a formal meeting to attend",
        "remove the sexton's bell",
    ],
)
def test_ordinary_requests_are_nothing_to_it(said):
    heard = read(said)
    assert not heard.sexual and not heard.uncovers


@pytest.mark.parametrize(
    "said", ["make her NAKED", "ｎｕｄｅ photo of him", "turn it into an erotic scene", "undress the woman"]
)
def test_sexual_words_are_heard_in_any_case_and_width(said):
    assert read(said).sexual


@pytest.mark.parametrize(
    "said",
    [
        "take off her shirt",
        "remove the woman's dress",
        "remove the red bikini from the lady",
        "strip off his clothes, please",
    ],
)
def test_uncovering_is_heard(said):
    assert read(said).uncovers


def test_minors_are_heard_by_whole_words():
    assert read("make the toddler's ball red").minor is False or read("the toddler laughs").minor
    assert read("the toddler laughs").minor and not read("a kidney bean").minor
