"""What music feels like, by its words."""

from __future__ import annotations

import pytest

from pixwright.records.vocabulary import TONES
from pixwright.words.music import felt_by_tags, music, nearest_tone


def test_every_row_lies_in_the_circumplex_and_every_tone_is_one_of_pictures():
    for word, row in music().items():
        assert -1 <= row.valence <= 1 and -1 <= row.arousal <= 1, word
        assert row.sort != "tone" or word.removeprefix("=") in TONES, word


@pytest.mark.parametrize(
    ("valence", "arousal", "tone"),
    [(0.9, 0.4, "happy"), (-0.9, -0.5, "sad"), (0.2, -0.9, "calm"), (-0.5, 1, "dramatic")],
)
def test_the_nearest_tone_feels_the_same(valence, arousal, tone):
    assert nearest_tone(valence, arousal) == tone


def test_the_tags_of_sounds_are_a_part_of_the_table():
    assert felt_by_tags()["happy"] == (1.0, 0.4)
    assert "waltz" in music() and "waltz" not in felt_by_tags()
