"""One plain sentence for what a step means."""

from __future__ import annotations

import pytest

from pixwright.build.wording.plain import plainly
from pixwright.parse.rules import parse_rules


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("I want the dog gone", "remove the dog"),
        ("could you please get rid of the dog?", "remove the dog"),
        ("swap the dog for a cat", "replace the dog with a cat"),
        ("how about an owl?", "add an owl"),
        ("color the car lime", "make the car lime"),
        ("rebuild the car out of wood", "make the car out of wood"),
        ("shrink the car by 60%", "make the car smaller"),
        ("what if it were sunrise?", "make it sunrise"),
        ("more contrast please", "increase the contrast"),
        ("less contrast please", "reduce the contrast"),
        ("extend the picture to the left", "extend the picture to the left"),
        ("put an owl to the left of the car", "put an owl to the left of the car"),
    ],
)
def test_what_means_the_same_is_said_the_same(words, plain):
    """Where a place is said, the words stay: it has many forms."""
    assert plainly(parse_rules(words, ()).steps[0]) == plain
