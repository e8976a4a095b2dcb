"""Descriptions: pictures by the detector and the aligned encoder, sounds, and music by what is measured; on real small things."""

from __future__ import annotations

import json

import numpy as np
import pytest
from skimage import data

import pixwright
from pixwright.build.music.listing import play
from pixwright.encoders.aligned import likelihoods
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.describing import NOTHING, Describer, seems_music
from pixwright.errors import InvalidOption
from pixwright.records.instruction import SoundAttachment

ENCODERS = Encoders()
DESCRIBER = Describer(ENCODERS)


def noise(seconds: float, rate: int = 16_000) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, int(seconds * rate)).astype(np.float32)


def test_a_photograph_of_a_cat_is_of_a_cat():
    found = DESCRIBER.picture(data.chelsea())
    assert "a cat" in found.caption and found.written_by == "tags"
    assert found.tags[0].name == "cat" and found.tags[0].kind == "thing"


def test_what_nothing_is_known_of_is_said():
    grey = np.full((80, 80, 3), 128, np.uint8)
    found = DESCRIBER.picture(grey)
    assert all(0 <= tag.likelihood <= 1 for tag in found.tags)
    # InstructEdit's processor is told nothing rather than a sentence without a noun.
    assert DESCRIBER.describe(grey) == ("" if found.caption == NOTHING else found.caption)


def test_music_has_tempo_key_mood_and_instruments():
    samples, rate = play("sad-00")
    found = DESCRIBER.music(samples, rate)
    assert found.kind == "music" and found.facts["mode"] == "minor"
    moods = [tag for tag in found.tags if tag.kind == "mood"]
    assert moods and "piece" in found.caption and str(found.facts["key"]) in found.caption
    assert {"instrument", "mood"} <= {tag.kind for tag in found.tags}


def test_long_tonal_sound_is_music_and_noise_is_not():
    samples, rate = play("calm-01")
    assert seems_music(samples, rate)
    assert not seems_music(noise(9), 16_000) and not seems_music(samples[: 3 * rate], rate)


def test_a_sound_is_one_of_those_that_are_known():
    found = DESCRIBER.heard(noise(2), 16_000)
    assert found.kind == "sound" and "sound of" in found.caption
    assert sum(tag.likelihood for tag in found.tags) <= 1.0001


def test_likelihoods_are_shares():
    shares = likelihoods(np.array([0.9, 0.1, -0.5], np.float32))
    assert shares.sum() == pytest.approx(1) and shares[0] > 0.99


def test_a_model_that_sees_writes_the_sentence():
    class Teller:
        def tell(self, kind, vector, tags):
            return f" A {kind} with {tags[0].name} in {len(vector)} numbers. "

    found = Describer(ENCODERS, Teller()).picture(data.chelsea())
    assert found.caption == "A picture with cat in 256 numbers." and found.written_by == "model"


def test_json_and_text_say_the_same():
    found = DESCRIBER.picture(data.chelsea())
    read = json.loads(found.json())
    assert read["caption"] == found.caption and read["tags"][0]["name"] == "cat"
    assert found.text().splitlines()[0] == found.caption and "thing: cat" in found.text()


def test_from_python():
    assert "cat" in pixwright.describe(data.chelsea()).caption
    sound = SoundAttachment("x", noise(1), 16_000)
    assert pixwright.describe(sound, kind="music").kind == "music"
    with pytest.raises(InvalidOption, match="that is a sound"):
        pixwright.describe(sound, kind="picture")
    with pytest.raises(InvalidOption, match="that is a picture"):
        pixwright.describe(data.chelsea(), kind="music")


def test_instructedit_may_ask_it_what_the_picture_shows():
    pytest.importorskip("torch")
    from pixwright.records.instruction import Instruction
    from pixwright.systems.instructedit import instructedit

    system = instructedit(ENCODERS, {"captioner": "embedded"})
    plan = system.parse(Instruction("make it red"), data.chelsea())
    assert plan.steps and plan.steps[0].target is not None and plan.steps[0].target.head == "cat"
