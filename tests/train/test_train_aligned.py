"""The aligned encoder's training: what may be learnt, what a batch holds, and a run of a few steps on made-up latents."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.encoders.heads import head_of, unpack
from pixwright.encoders.latents import MUSIC_WIDTH, PICTURE_WIDTH, SOUND_WIDTH
from pixwright.encoders.signal import RATE
from pixwright.errors import InvalidOption
from pixwright.records.sample import Split, split_of
from pixwright.train.aligned.augment import heard_otherwise
from pixwright.train.aligned.concepts import concept_of, reserved_concept, trainable
from pixwright.train.aligned.latents import make_latents, read_latents, write_rows
from pixwright.train.aligned.objective import contrast
from pixwright.train.aligned.rows import AlignedRow, recipes_of
from pixwright.train.aligned.tasks import AlignedTask, apart
from pixwright.train.config import AlignedSettings, Length, Optimiser, Run
from pixwright.train.loop import Loop, draws

NAMES = ("cat", "cow", "frog", "lion", "horse", "train")
RUN = Run(
    name="test",
    kind="aligned",
    optimiser=Optimiser(lr=5e-3, batch=24, warm_up=2, ema=0.5),
    length=Length(steps=8, log_every=2, check_every=60),
    aligned=AlignedSettings(width=16, blocks=1, dropout=0.0, mixed=0.3),
)


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """The file of what every task embeds: its words, all nouns and all classes."""
    folder = made_up(tmp_path_factory.mktemp("said"))
    AlignedTask(RUN, folder, folder)
    return folder / "texts.npz"


def made_up(folder, said=None, trained=True):
    """Rows whose latents are a direction for each name, with noise; `said`: the latents of their words, which take seconds."""
    folder.mkdir(exist_ok=True)
    if said is not None:
        shutil.copy(said, folder)
    rng = np.random.default_rng(0)
    widths = {"view": PICTURE_WIDTH, "scene": PICTURE_WIDTH, "sound": SOUND_WIDTH, "music": MUSIC_WIDTH}
    for side, width in widths.items():
        axes = rng.normal(size=(len(NAMES), width))
        rows = [
            AlignedRow(
                (axes[k] + 0.3 * rng.normal(size=width)).astype(np.float32),
                f"{side}/{name}{copy}",
                (f"a {name}", name) if side != "music" else (f"{name} music",),
                (name,),
                trained or copy == 0,
            )
            for k, name in enumerate(NAMES)
            for copy in range(3)
        ]
        write_rows(folder / f"{side}-0000.npz", rows)
    return folder


def test_concepts_are_nouns_and_one_in_eight_is_reserved():
    assert concept_of("tamworth pig") == "pig" and concept_of("brown hen") == concept_of("hens") == "hen"
    names = sorted({concept_of(one.name) for split in Split for one in PackagedCatalogue(split).assets("cutout")})
    share = np.mean([reserved_concept(name) for name in names])
    assert 0.07 < share < 0.18 and reserved_concept("dog")


def test_no_row_of_a_reserved_file_or_concept_is_trained(tmp_path):
    settings = AlignedSettings(views=1, scenes=4, tested=2, most=10)
    catalogues = {split: PackagedCatalogue(split) for split in Split}
    for recipe in recipes_of("view", catalogues, settings):
        concepts = (concept_of(recipe.asset.name),)
        if trainable(recipe.asset, concepts):
            assert split_of(recipe.asset.path) is Split.TRAIN and not reserved_concept(concepts[0])
    # And in what is written: scenes, whose things are drawn at random, too.
    make_latents(tmp_path, settings, ("view", "scene"))
    rows = read_latents(tmp_path, "view") + read_latents(tmp_path, "scene")
    assert {row.trained for row in rows} == {True, False}
    for row in rows:
        if row.trained:
            assert "/test#" not in row.key and not any(map(reserved_concept, row.concepts)), row.key


def test_a_killed_run_makes_only_what_is_missing(tmp_path):
    settings = AlignedSettings(views=1, most=4)
    assert make_latents(tmp_path, settings, ("view",)) == 4
    assert make_latents(tmp_path, settings, ("view",)) == 0
    first = read_latents(tmp_path, "view")
    (tmp_path / "view-0000.npz").unlink()
    make_latents(tmp_path, settings, ("view",))
    again = read_latents(tmp_path, "view")
    assert [row.key for row in first] == [row.key for row in again]
    assert np.array_equal(first[3].latent, again[3].latent)


def test_a_sound_heard_otherwise_is_still_a_sound():
    t = np.arange(2 * 44_100) / 44_100
    bark = (np.sin(2 * np.pi * 500 * t) * (np.sin(2 * np.pi * 3 * t) > 0)).astype(np.float32)
    heard = [heard_otherwise(bark, 44_100, np.random.default_rng(k))[0] for k in range(4)]
    assert all(0.5 * RATE < len(one) < 3 * RATE and np.isfinite(one).all() and one.std() > 0.05 for one in heard)
    assert len({one[:200].tobytes() for one in heard}) == 4


def test_a_scene_with_a_thing_is_neither_the_same_as_it_nor_something_else():
    clear = apart(np.array([0, 1, 0, 2]), [frozenset("c"), frozenset("cd"), frozenset("c"), frozenset("e")])
    assert clear.tolist() == [
        [True, False, True, True],
        [False, True, False, True],
        [True, False, True, True],
        [True] * 4,
    ]


def test_contrast_is_least_where_all_positives_are_found_alike():
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    right = contrast(20.0 * same.float(), same, torch.ones_like(same))
    wrong = contrast(20.0 * torch.eye(3).roll(1, 0), same, torch.ones_like(same))
    assert float(right) == pytest.approx(np.log(2) * 2 / 3, abs=1e-3) and float(wrong) > 5
    # What does not count is not pushed away.
    assert float(contrast(wrong * torch.ones(3, 3), same, same)) < float(contrast(torch.ones(3, 3), same, same | True))


def test_a_run_learns_exports_and_is_resumed_exactly(tmp_path, said):
    cache = made_up(tmp_path / "cache", said)
    task = AlignedTask(RUN, cache, tmp_path / "whole")
    whole = Loop(RUN, task, tmp_path / "whole")().losses
    assert np.mean(whole[-2:]) < np.mean(whole[:2])
    Loop(RUN, AlignedTask(RUN, cache, tmp_path / "parts"), tmp_path / "parts")(lambda step: step == 4)
    rest = Loop(RUN, AlignedTask(RUN, cache, tmp_path / "parts"), tmp_path / "parts", resume=True)().losses
    assert rest == pytest.approx(whole[4:], abs=1e-5)
    with np.load(tmp_path / "whole" / "aligned.npz") as stored:
        head = head_of(unpack({name: stored[name] for name in stored.files}), "picture")
    latents = np.stack([row.latent for row in read_latents(cache, "view")])
    task.module.load_state_dict(task.module.state_dict())
    assert head(latents).shape == (18, 16)
    lines = [json.loads(line) for line in (tmp_path / "whole" / "log-aligned.jsonl").read_text().splitlines()]
    assert any("loss" in line for line in lines)
    assert list((tmp_path / "whole" / "sheets").glob("aligned-*.png"))


def test_held_rows_are_scored_and_not_learnt(tmp_path, said):
    cache = made_up(tmp_path / "cache", said, trained=False)
    task = AlignedTask(RUN, cache, tmp_path)
    assert sum(map(len, task.held.values())) == 4 * 12 and task.size() == 4 * 6
    scores = task.scores()
    assert scores.found["music_mood"].queries == 12 and scores.found["text_scene"].queries == 12
    assert all(0 <= value <= 1 for value in scores.flat().values())


def test_a_batch_is_the_same_for_the_same_dice(tmp_path, said):
    task = AlignedTask(RUN, made_up(tmp_path, said), tmp_path)
    one, two = (task.batch(np.arange(24), draws(1, 2), torch.device("cpu")) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    pictures, sounds, music, words, partners, groups, clear, mixed = one
    assert len(words) == len(groups) == len(mixed) == len(clear) == len(pictures) + len(sounds) + len(music)
    heard = slice(len(pictures), len(pictures) + len(partners))
    assert len(partners) and not mixed[heard].any()


def test_sources_without_sounds_are_an_error(tmp_path):
    with pytest.raises(InvalidOption, match="sound"):
        AlignedTask(RUN, tmp_path, tmp_path)
