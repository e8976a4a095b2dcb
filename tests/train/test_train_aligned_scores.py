"""What is measured of the heads, and the words of rows: on vectors and assets that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.records.sample import Asset, Split
from pixwright.train.aligned.charts import curve
from pixwright.train.aligned.concepts import reserved_concept
from pixwright.train.aligned.heads import TrainedHead
from pixwright.train.aligned.latents import text_latents
from pixwright.train.aligned.objective import COLDEST, START, WARMEST, AlignedHeads
from pixwright.train.aligned.rows import (
    AlignedRow,
    concepts_of,
    cropped,
    music_texts,
    recipes_of,
    sound_texts,
    texts_of,
)
from pixwright.train.aligned.scores import mood_recall, one_of_each, recall
from pixwright.train.config import AlignedSettings


def asset(name: str, kind: str = "cutout", tags: tuple[str, ...] = ()) -> Asset:
    """Any asset of that name."""
    return Asset(f"x/{name}", kind, name, f"A {name}.", "animal", "MIT", "test", f"{name}.png", "00" * 32, tags=tags)


def row(name: str, key: str = "", vector: tuple[float, ...] = (1.0, 0.0)) -> AlignedRow:
    """A row that is a point in a plane."""
    return AlignedRow(np.array(vector, np.float32), key or f"x/{name}#0", (name,), (name,), False)


def test_recall_counts_the_own_picture_among_all():
    searched = np.eye(8, dtype=np.float32)
    queries = searched.copy()
    queries[0] = [0.5, 1, 0, 0, 0, 0, 0, 0]
    queries[1] = [1, 0, 1, 1, 1, 1, 1, 0]
    found = recall(queries, searched, list("abcdefgh"))
    assert (found.queries, found.among) == (8, 8)
    assert found.first == pytest.approx(6 / 8) and found.five == pytest.approx(7 / 8)
    assert found.missed == ("b",)


def test_each_concept_is_asked_once_and_by_its_split():
    rows = [row("dog", "a/dog#0"), row("dog", "a/dog#1"), row("cow"), row("dog", "scenery/dog-1#0")]
    assert reserved_concept("dog") and not reserved_concept("cow")
    assert [one.key for one in one_of_each(rows, True)] == ["a/dog#0"]
    assert [one.key for one in one_of_each(rows, False)] == ["x/cow#0"]


def test_a_piece_is_asked_for_its_mood(tmp_path):
    moods = ("calm", "happy", "sad")
    axes = {mood: np.eye(3, dtype=np.float32)[k] for k, mood in enumerate(moods)}
    rows = [row(mood, f"{mood}-{k}", tuple(axes[mood])) for mood in moods for k in range(2)]
    rows[0] = row("calm", "calm-0", tuple(axes["sad"]))

    def project(kind: str, latents: np.ndarray) -> np.ndarray:
        return np.eye(3, dtype=np.float32) if kind == "text" else latents

    found = mood_recall(project, rows, tmp_path)
    assert found.first == pytest.approx(5 / 6) and found.among == 3
    assert found.missed == ("calm as sad",)


def test_words_of_a_thing_hold_its_caption_its_name_and_its_synonyms():
    words = texts_of(asset("cat", tags=("ground", "pussycat")))
    assert words[0] == "A cat." and {"cat", "a cat", "a photo of a cat", "a pussycat"} <= set(words)
    assert "a ground" not in words and len(set(words)) == len(words)


def test_words_of_a_sound_say_what_makes_it():
    assert {"the sound of a cow", "a cow", "cow"} <= set(sound_texts(asset("cow", "sound")))


def test_words_of_music_hold_mood_tempo_and_instrument():
    words = music_texts(asset("sad-01", "music", ("sad", "slow", "minor", "piano")))
    assert {"sad", "sad music", "sad piano music", "a slow sad piece", "sad music in a minor key"} <= set(words)


def test_a_scene_is_of_what_it_shows():
    layers = (Layer("x/a", "striped cat", 0.3, 0.8, 0.3), Layer("x/b", "cats", 0.8, 0.8, 0.3))
    scene = LayeredScene("x/lawn", "lawn", layers, 80, 60)
    assert concepts_of(scene) == ("cat",)


def test_a_crop_of_a_background_is_most_of_it():
    pixels = np.arange(60 * 80 * 3, dtype=np.uint32).reshape(60, 80, 3).astype(np.uint8)
    for k in range(5):
        part = cropped(pixels, np.random.default_rng(k))
        assert 36 <= part.shape[0] <= 60 and 48 <= part.shape[1] <= 80


def test_more_copies_only_append():
    catalogues = {split: PackagedCatalogue(split) for split in Split}
    few = recipes_of("view", catalogues, AlignedSettings(views=1))
    more = recipes_of("view", catalogues, AlignedSettings(views=2))
    assert more[: len(few)] == few and len(more) == 2 * len(few)
    assert len(recipes_of("scene", catalogues, AlignedSettings(scenes=5, tested=2))) == 7
    assert len(recipes_of("music", catalogues, AlignedSettings())) == 280


def test_texts_are_embedded_once(tmp_path):
    first = text_latents(tmp_path, ["a cow", "a cat"])
    stamp = (tmp_path / "texts.npz").stat().st_mtime_ns
    again = text_latents(tmp_path, ["a cat", "a cow", "a cat"])
    assert np.array_equal(first[[1, 0, 1]], again)
    assert (tmp_path / "texts.npz").stat().st_mtime_ns == stamp


def test_a_head_starts_linear_and_ends_on_the_sphere():
    latents = np.random.default_rng(0).normal(5, 2, (30, 7)).astype(np.float32)
    head = TrainedHead(latents, 8, 2, 2, 0.5).eval()
    given = torch.from_numpy(latents)
    made = head(given)
    assert torch.allclose(made.norm(dim=1), torch.ones(30), atol=1e-5)
    linear = torch.nn.functional.normalize(head.first((given - head.mean) * head.scale), dim=1)
    assert torch.allclose(made, linear, atol=1e-6)


def test_the_temperature_stays_within_its_bounds():
    heads = AlignedHeads({})
    assert float(heads.temperature.detach()) == pytest.approx(START, abs=1e-6)
    for value, bound in ((-20.0, COLDEST), (20.0, WARMEST)):
        heads.log_temperature.data.fill_(value)
        assert float(heads.temperature.detach()) == pytest.approx(bound)


def test_a_curve_falls_where_its_values_do():
    picture = curve([4.0, 3.0, 2.0, 1.0], "loss")
    inked = np.argwhere((picture == (150, 60, 30)).all(2))
    left, right = inked[inked[:, 1] < 100, 0].mean(), inked[inked[:, 1] > 400, 0].mean()
    assert picture.shape == (300, 520, 3) and left < right
    assert curve([], "nothing yet").shape == (300, 520, 3)
