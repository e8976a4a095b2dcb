"""ReasonPix2Pix's training: words and picture are read together, the language model stays as it is, connector and denoiser learn."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from small import DATA, SIDE, networks, run_of
from torch.nn import functional as F

from pixwright.errors import InvalidOption, InvalidRecord
from pixwright.models.connector import MINI, connector_for, load_connector, pooled, put_layers
from pixwright.records.kind import EditType
from pixwright.train.cache import Examples, make_parts, parts_of
from pixwright.train.config import UNREAD
from pixwright.train.loop import Loop
from pixwright.train.networks import networks_for
from pixwright.train.readers import Readers, states_readers
from pixwright.train.reasoning import CONNECTOR, ConnectorTask, ReasonTask, nearest_right, solve
from pixwright.train.scenes import Studio
from pixwright.train.tasks import DenoiserTask


class Told:
    """A language model's place: states that say the words' length and the picture's mean."""

    width, tokens = 12, 7
    digests: ClassVar = {"language model": "d" * 64}

    def __call__(self, asked):
        return torch.stack([self.one(words, picture) for words, picture in asked])

    def one(self, words, picture):
        out = torch.zeros(self.tokens, self.width)
        out[0, 0] = 1
        if picture is not None:
            out[1] = torch.linspace(0, len(words) / 10, self.width)
            out[2] = torch.linspace(0, float(picture.mean()) / 50, self.width)
        return out


def _plainly(texts):
    """(B, 32, 24): a token for each word, the same for the same word."""
    out = np.zeros((len(texts), 32, 24), np.float32)
    for k, text in enumerate(texts):
        for n, word in enumerate(("begin", *text.split())):
            out[k, n] = np.random.default_rng([*word.encode()]).normal(size=24)
    return out


PLAIN = Readers(32, 24, _plainly, None)
READERS = states_readers(Told(), PLAIN)
REASONED = DATA.model_copy(
    update={"reasoned": True, "types": {EditType.REMOVE: 1.0, EditType.COLOR_ALTER: 1.0}, "seed": 5}
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reason") / "cache"
    make_parts(folder, REASONED, SIDE, READERS)
    return folder


def run_for(kind, **given):
    return run_of(kind, **given).model_copy(update={"data": REASONED})


def task(cache, run, begin=None):
    made = replace(networks(), readers=READERS, digests={"denoiser": "e" * 64})
    return ConnectorTask(run, made, cache) if run.kind == "connector" else ReasonTask(run, made, cache, begin)


def test_each_example_is_read_with_its_own_picture_indirectly_and_directly(cache):
    task(cache, run_for("reason"))  # encodes the pictures
    examples = Examples(parts_of(cache, coded=True), READERS, held_out=0)
    rows = examples.take(np.arange(8), np.zeros(8, np.bool_))
    about = [examples.row(k) for k in range(8)]
    for k, row in enumerate(about):
        told = Told().one(row["instruction"], examples.pictures(k)[0])
        assert np.allclose(rows.words[k], told, rtol=2e-3, atol=2e-3)
        assert np.allclose(rows.meant[k], _plainly([row["plain"]])[0], rtol=2e-3, atol=2e-3)
    assert not rows.said.any()
    for one, other in pairwise(about):
        if one["indirect"]:
            assert not other["indirect"] and one["plain"] == other["plain"]
    assert any(one["indirect"] for one in about)


def test_a_cache_that_another_language_model_read_is_refused(cache):
    others = replace(READERS, digests={"language model": "0" * 64})
    with pytest.raises(InvalidOption, match="another language model"):
        Examples(parts_of(cache), others, held_out=0)


def test_a_cache_that_another_language_model_read_is_read_again_and_keeps_its_pictures(cache, tmp_path):
    copied = tmp_path / "cache"
    shutil.copytree(cache, copied)

    class Louder(Told):
        digests: ClassVar = {"language model": "0" * 64}

        def one(self, words, picture):
            return 2 * super().one(words, picture)

    readers = states_readers(Louder(), READERS.meant)
    before = [np.array(part.pictures) for part in parts_of(copied)]
    assert make_parts(copied, REASONED, SIDE, readers) == 0
    for old, part, was in zip(parts_of(cache), parts_of(copied), before, strict=True):
        assert part.read_by == readers.digests and np.array_equal(part.pictures, was)
        plain, loud = np.zeros((2, Told.tokens, Told.width), np.float32)
        old.text(3, plain)
        part.text(3, loud)
        assert plain.any() and np.allclose(loud, 2 * plain, rtol=2e-3)


def test_an_indirect_instruction_is_not_the_direct_one_and_both_mean_the_plain_one():
    studio = Studio(SIDE, 5, REASONED.types, reasoned=True)
    told = [one for one in studio.examples(0, 8) if one.reasoning]
    assert len(told) >= 4
    for one in told:
        assert one.reasoning != one.instruction and one.plain.split()[0] in ("remove", "make")
        assert [reading.instruction for reading in one.readings()] == [one.reasoning, one.instruction]
    assert [one.reasoning for one in Studio(SIDE, 5, REASONED.types).examples(0, 8)] == [""] * 8


def test_the_connector_learns_to_say_what_was_meant(cache, tmp_path):
    """The linear path is solved and stays, what stands beside it learns."""
    run = run_for("connector", steps=8)
    made = task(cache, run)
    solved = made.connector.linear[1].weight.clone()
    assert solved.any() and not made.connector.say.weight.any()
    Loop(run, made, tmp_path)()
    assert torch.equal(made.connector.linear[1].weight, solved) and made.connector.say.weight.any()
    seen = made.validate()
    assert 0 <= seen["right_indirect"] <= 1 and seen["meanings"] > 1
    assert load_connector(tmp_path / CONNECTOR).about["of"] == {"language model": "d" * 64, "denoiser": "e" * 64}


def test_the_linear_path_is_solved():
    """Tokens that are a linear function of what is summed up of the states come out as they are, and zeros behind them."""
    connector = connector_for(8, 6, 5, "made up", 0, {**MINI, "rank": 7, "length": 20})
    rng = torch.Generator().manual_seed(4)
    states = torch.randn(2000, 5, 8, generator=rng)
    states[::3, 3:] = 0
    seen = pooled(states)
    narrow = torch.randn(24, 7, generator=rng) @ torch.randn(7, 16 * 6, generator=rng)
    wanted = (seen @ narrow + 1.5).view(2000, 16, 6)
    solve(connector, seen, F.pad(wanted, (0, 0, 0, 4)))
    said = connector(states)
    assert said.shape == (2000, 20, 6) and not said[:, 16:].any()
    assert (said[:, :16] - wanted).square().mean() < 0.02 * wanted.var()


def test_what_is_summed_up_does_not_depend_on_the_zeros_behind_the_end():
    states = torch.randn(3, 4, 6)
    assert torch.allclose(pooled(states), pooled(F.pad(states, (0, 0, 0, 9))), atol=1e-6)
    assert torch.allclose(pooled(states)[:, 6:12], F.layer_norm(states, (6,))[:, -1], atol=1e-6)
    assert torch.isfinite(pooled(torch.zeros(1, 4, 6))).all()


def test_the_denoiser_goes_on_with_the_connector_that_was_trained_before_it(cache, tmp_path):
    run = run_for("connector", steps=2)
    Loop(run, task(cache, run), tmp_path)()
    begun = task(cache, run_for("reason"), tmp_path / CONNECTOR).connector
    wanted = load_connector(tmp_path / CONNECTOR).state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in begun.state_dict().items())
    other = replace(networks(), readers=READERS, digests={"denoiser": "f" * 64})
    for kind in (ReasonTask, ConnectorTask):
        with pytest.raises(InvalidOption, match="differs in of"):
            kind(run_for("reason"), other, cache, tmp_path / CONNECTOR)


def test_a_connector_gets_used_to_another_language_model_and_keeps_the_layers_beside_it(cache, tmp_path):
    run = run_for("reason", steps=4, learns="text")
    Loop(run, task(cache, run), tmp_path)()
    old = load_connector(tmp_path / CONNECTOR)
    another = replace(READERS, digests={"language model": "b" * 64})
    for part in parts_of(cache):
        (part.folder / "read_by.json").write_text(json.dumps(dict(another.digests)))
    made = replace(networks(), readers=another, digests={"denoiser": "e" * 64})
    with pytest.raises(InvalidOption, match="differs in of"):
        ReasonTask(run, made, cache, tmp_path / CONNECTOR)
    words = run_for("connector", steps=1)
    Loop(words, ConnectorTask(words, made, cache, tmp_path / CONNECTOR), tmp_path)()
    new = load_connector(tmp_path / CONNECTOR)
    assert new.about["of"]["language model"] == "b" * 64 and not torch.equal(new.say.weight, old.say.weight)
    assert all(torch.equal(value, new.layers[name]) for name, value in old.layers.items())
    unet = ReasonTask(run, made, cache, tmp_path / CONNECTOR).unet
    assert all(torch.equal(dict(unet.named_parameters())[name], value) for name, value in old.layers.items())
    for part in parts_of(cache):
        (part.folder / "read_by.json").write_text(json.dumps(dict(READERS.digests)))


def moved_in(made, run, folder):
    before = {name: value.clone() for name, value in made.module.named_parameters()}
    Loop(run, made, folder)()
    return {name for name, value in made.module.named_parameters() if not torch.equal(value, before[name])}


def test_connector_and_denoiser_learn_and_the_folder_can_be_opened(cache, tmp_path):
    run = run_for("reason", steps=8)
    moved = moved_in(task(cache, run), run, tmp_path)
    assert {name.split(".")[0] for name in moved} == {"unet", "connector"}
    assert any(".resnets." in name for name in moved)
    connector = load_connector(tmp_path / CONNECTOR)
    assert connector.about["tokens"] == Told.tokens and connector.about["states"] == Told.width
    assert not connector.layers


def test_where_only_the_layers_learn_that_read_the_text_they_lie_with_the_connector(cache, tmp_path):
    run = run_for("reason", steps=8, learns="text")
    made = task(cache, run)
    moved = moved_in(made, run, tmp_path)
    assert all(".attn2." in name for name in moved if name.startswith("unet.")) and any(
        ".attn2." in name for name in moved
    )
    assert not (tmp_path / "denoiser.safetensors").exists()
    connector = load_connector(tmp_path / CONNECTOR)
    fresh = networks().unet
    put_layers(fresh, connector, tmp_path / CONNECTOR)
    own = dict(fresh.named_parameters())
    assert connector.layers and all(torch.equal(own[name], value) for name, value in connector.layers.items())
    connector.layers = {"no.such.layer": torch.zeros(2)}
    with pytest.raises(InvalidRecord, match="another denoiser"):
        put_layers(fresh, connector, tmp_path / CONNECTOR)


@pytest.mark.parametrize("kind", ["reason", "connector"])
def test_an_interrupted_run_has_the_losses_of_an_uninterrupted_one(cache, tmp_path, kind):
    run = run_for(kind)
    whole = Loop(run, task(cache, run), tmp_path / "whole")().losses
    first = Loop(run, task(cache, run), tmp_path / "cut")(lambda step: step >= 3).losses
    rest = Loop(run, task(cache, run), tmp_path / "cut", resume=True)().losses
    assert len(first) == 3 and first + rest == whole


@pytest.fixture
def in_parts(cache, tmp_path):
    """The cache with every third row of part II."""
    copied = tmp_path / "parts"
    shutil.copytree(cache, copied)
    for part in parts_of(copied):
        rows = [row | {"part": "II" if k % 3 == 0 else "I"} for k, row in enumerate(part.rows)]
        (part.folder / "rows.json").write_text(json.dumps(rows))
    return copied


def test_only_the_parts_that_are_wanted_are_learnt_from_and_all_are_held_out(in_parts):
    task(in_parts, run_for("reason"))  # encodes the pictures
    parts = parts_of(in_parts, coded=True)
    every = Examples(parts, READERS, held_out=6)
    some = Examples(parts, READERS, held_out=6, kinds=("II",))
    assert 0 < len(some) < len(every) and {some.row(k)["part"] for k in range(len(some))} == {"II"}
    held = Examples(parts, READERS, held_out=6, validation=True, kinds=("II",))
    assert {held.row(k)["part"] for k in range(len(held))} == {"I", "II"}
    run = run_for("connector").model_copy(
        update={"data": REASONED.model_copy(update={"kinds": ("II",), "held_out": 6})}
    )
    assert task(in_parts, run).size() == len(some)
    with pytest.raises(InvalidOption, match="no example"):
        Examples(parts, READERS, held_out=6, kinds=("III",))


def test_without_a_language_model_the_denoisers_own_encoder_reads_and_its_text_layers_learn(tmp_path):
    run = run_for("reason", steps=4, learns="text").model_copy(update={"reader": UNREAD})
    make_parts(tmp_path / "cache", REASONED, SIDE, PLAIN)
    made = DenoiserTask(run, replace(networks(), readers=PLAIN), tmp_path / "cache")
    moved = moved_in(made, run, tmp_path)
    assert moved and all(".attn2." in name for name in moved)
    rows = [made.held.row(k) for k in range(len(made.held))]
    assert {row["indirect"] for row in rows} == {True, False} and {row["part"] for row in rows} == {"I"}
    assert made.loss_of(0, 3) == made.loss_of(0, 3) > 0
    before, after, sampled = made.sampled(np.arange(3))
    assert before.shape == after.shape == sampled.shape == (3, SIDE, SIDE, 3)


def test_a_run_without_a_language_model_asks_for_none():
    run = run_for("reason").model_copy(update={"reader": UNREAD, "start": "mini", "shape": "mini", "side": 64})
    readers = networks_for(run, Path(), torch.device("cpu")).readers
    assert readers.understand is None and readers.meant is None


def test_the_nearest_plain_instruction_is_the_right_one_or_not():
    meant = torch.eye(3)[[0, 1, 1, 2]][:, None]
    said = torch.stack([meant[0], meant[1] + 0.1, meant[2] * 0.2 + meant[0] * 0.9, meant[3]])
    assert nearest_right(said, meant, ["a", "b", "b", "c"]).tolist() == [True, True, False, True]


def test_the_linear_path_is_solved_from_fewer_examples_than_features():
    connector = connector_for(96, 6, 5, "made up", 0, {**MINI, "rank": 12, "length": 16})
    states = 400 * torch.randn(60, 5, 96, generator=torch.Generator().manual_seed(4)).exp()
    wanted = torch.randn(60, 16, 6, generator=torch.Generator().manual_seed(5))
    solve(connector, pooled(states), wanted)
    assert torch.isfinite(connector(states)).all()
