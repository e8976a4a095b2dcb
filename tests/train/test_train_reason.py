"""ReasonPix2Pix's training: words and picture are read together, the language model stays as it is, connector and denoiser learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small import DATA, SIDE, networks, run_of

from pixwright.models.connector import load_connector
from pixwright.train.cache import Examples, make_parts, parts_of
from pixwright.train.loop import Loop
from pixwright.train.readers import states_readers
from pixwright.train.tasks import ReasonTask


class Told:
    """A language model's place: states that say the words' length and the picture's mean."""

    width, tokens = 12, 7

    def __call__(self, words, picture):
        out = torch.zeros(self.tokens, self.width)
        out[0, 0] = 1
        if picture is not None:
            out[1] = torch.linspace(0, len(words) / 10, self.width)
            out[2] = torch.linspace(0, float(picture.mean()) / 50, self.width)
        return out


READERS = states_readers(Told())


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reason") / "cache"
    make_parts(folder, DATA, SIDE, READERS)
    return folder


def task(cache, run):
    return ReasonTask(run, replace(networks(), readers=READERS), cache)


def test_each_example_is_read_with_its_own_picture(cache):
    task(cache, run_of("reason"))  # encodes the pictures
    examples = Examples(parts_of(cache, coded=True), READERS, held_out=0)
    rows = examples.take(np.arange(4), np.zeros(4, np.bool_))
    for k in range(4):
        told = Told()(examples.row(k)["instruction"], examples.pictures(k)[0])
        assert np.allclose(rows.words[k], told, rtol=2e-3, atol=2e-3)
    assert not rows.said.any()


def test_connector_and_denoiser_learn_and_the_folder_can_be_opened(cache, tmp_path):
    run = run_of("reason", steps=8)
    made = task(cache, run)
    before = {name: value.clone() for name, value in made.module.named_parameters()}
    Loop(run, made, tmp_path)()
    moved = {
        name.split(".")[0] for name, value in made.module.named_parameters() if not torch.equal(value, before[name])
    }
    assert moved == {"unet", "connector"}
    connector = load_connector(tmp_path / "connector.safetensors")
    assert connector.about["tokens"] == Told.tokens and connector.about["states"] == Told.width


def test_an_interrupted_run_has_the_losses_of_an_uninterrupted_one(cache, tmp_path):
    run = run_of("reason")
    whole = Loop(run, task(cache, run), tmp_path / "whole")().losses
    first = Loop(run, task(cache, run), tmp_path / "cut")(lambda step: step >= 3).losses
    rest = Loop(run, task(cache, run), tmp_path / "cut", resume=True)().losses
    assert len(first) == 3 and first + rest == whole
