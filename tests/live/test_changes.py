"""Beginnings are heard on features: pieces after silence, sections where the music changes, and nothing in silence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pixwright.live.changes import APART, ChangeDetector, features, novelty

RATE = 16_000


def heard(samples, block=4000):
    detector = ChangeDetector()
    return [one for k in range(0, len(samples), block) for one in detector.hear(samples[k : k + block])]


def test_silence_and_a_microphones_own_noise_begin_nothing():
    quiet = 2e-4 * np.random.default_rng(0).standard_normal(30 * RATE).astype(np.float32)
    assert heard(np.zeros(30 * RATE, np.float32)) == [] and heard(quiet) == []


def test_a_piece_begins_with_sound_after_silence_however_it_is_cut_into_blocks(music):
    rest = np.zeros(3 * RATE, np.float32)
    played = np.concatenate([rest, music["calm-00"], rest, music["sad-03"]])
    for block in (1234, 8000, len(played)):
        pieces = [one.at for one in heard(played, block) if one.what == "piece"]
        assert pieces == [3.0, 30.0]


@pytest.mark.parametrize(
    "first, second", [("calm-00", "energetic-00"), ("energetic-00", "sad-03"), ("sad-03", "energetic-00")]
)
def test_a_section_begins_where_one_piece_runs_into_another(music, first, second):
    began = heard(np.concatenate([music[first], music[second]]))
    assert began[0].at == 0.0 and began[0].what == "piece"
    sections = [one.at for one in began[1:]]
    assert any(22 <= at <= 28 for at in sections), sections
    assert all(b - a >= APART - 4 for a, b in pairwise(sections))


def test_the_same_piece_goes_on_without_sections_of_its_own(music):
    for name, samples in music.items():
        assert len(heard(samples)) <= 2, name


def test_novelty_is_about_the_difference_and_not_the_loudness_alone(music):
    looks = np.stack([features(music["calm-00"][k * RATE : (k + 1) * RATE]) for k in range(12)])
    other = np.stack([features(music["energetic-00"][k * RATE : (k + 1) * RATE]) for k in range(4)])
    assert novelty(np.concatenate([looks[:8], other])) > novelty(looks)
    louder = np.stack([features(1.5 * music["calm-00"][k * RATE : (k + 1) * RATE]) for k in range(8, 12)])
    assert novelty(np.concatenate([looks[:8], other])) > novelty(np.concatenate([looks[:8], louder]))
