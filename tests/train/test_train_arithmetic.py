"""The arithmetic of training, piece by piece: each against what it is by definition."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small import networks, run_of
from torch import nn

from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.errors import InvalidOption
from pixwright.nn.sampling import Schedule
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Sample, Split
from pixwright.train.autoencoder import Reconstruction, psnr, spread, to_pictures, to_pixels
from pixwright.train.cache import changes
from pixwright.train.config import Data, Length, Objective, Optimiser, Run
from pixwright.train.example import TrainingExample, from_sample, shard_files, square_of
from pixwright.train.loop import Average, ExampleOrder, draws, rate, tiled
from pixwright.train.objective import Noise
from pixwright.train.scenes import Shrunk, proportions
from pixwright.words import read


def pictures(count=2, side=16, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), np.uint8))


def test_pictures_come_back_from_the_network_s_range():
    given = pictures()
    pixels = to_pixels(given)
    assert pixels.shape == (2, 3, 16, 16) and float(pixels.min()) >= -1 and float(pixels.max()) <= 1
    assert torch.equal(to_pictures(pixels), given)
    assert torch.equal(to_pictures(pixels * 9), to_pictures((pixels * 9).clamp(-1, 1)))


class Same(nn.Module):
    """An autoencoder that changes nothing, or shifts what it gives back."""

    def __init__(self, shift=0.0):
        super().__init__()
        self.shift = nn.Parameter(torch.tensor(shift))
        self.config = type("Config", (), {"scaling_factor": 1.0})()

    def encode(self, pixels):
        return type("Encoded", (), {"latents": pixels})()

    def decode(self, latents):
        return type("Decoded", (), {"sample": latents + self.shift})()


def test_a_perfect_reconstruction_costs_only_its_spread():
    pixels = torch.randn(4, 3, 32, 32)
    quiet = torch.zeros_like(pixels)
    perfect, shifted = (float(Reconstruction(Same(shift))(pixels, quiet)) for shift in (0.0, 0.5))
    assert perfect < 0.01 and shifted == pytest.approx(perfect + 0.5 + 2 * 0.25, abs=1e-4)
    assert float(Reconstruction(Same())(pixels, torch.randn_like(pixels))) > perfect


def test_a_small_autoencoder_is_measured():
    coder, pixels = networks().autoencoder, to_pixels(pictures(2, 32))
    assert spread(coder, pixels) > 0 and math.isfinite(psnr(coder, pixels))


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_noise_and_picture_are_found_from_what_is_predicted(prediction):
    noise = Noise(Schedule(prediction=prediction))
    assert torch.allclose(noise.kept**2 + noise.added**2, torch.ones(noise.steps), atol=1e-5)
    assert (noise.snr.diff() < 0).all()
    clean, drawn = torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8)
    steps = torch.tensor([0, noise.steps // 2, noise.steps - 1])
    noisy, target = noise.noisy(clean, drawn, steps), noise.target(clean, drawn, steps)
    kept, added = noise.at(noise.kept, steps), noise.at(noise.added, steps)
    back = kept * noisy - added * target if prediction == "v_prediction" else (noisy - added * target) / kept
    assert torch.allclose(back, clean, atol=1e-2)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_no_noise_level_weighs_more_than_gamma_allows(prediction):
    noise = Noise(Schedule(prediction=prediction))
    steps = torch.arange(noise.steps)
    assert torch.equal(noise.weights(steps, None), torch.ones(noise.steps))
    weights = noise.weights(steps, 5.0)
    assert (weights > 0).all() and (weights <= 1 + 1e-6).all()
    assert float(weights[0]) < float(weights[noise.steps // 2])


def test_an_average_follows_and_changes_places():
    module = nn.Linear(2, 1, bias=False)
    nn.init.zeros_(module.weight)
    average = Average(module, 0.9)
    nn.init.ones_(module.weight)
    average.update(0)
    assert torch.allclose(average.kept[0], torch.full((1, 2), 0.9)), "a tenth of the past at the first step"
    for step in range(1, 400):
        average.update(step)
    assert torch.allclose(average.kept[0], torch.ones(1, 2), atol=1e-3)
    average.kept[0].fill_(7)
    with average.swapped():
        assert float(module.weight[0, 0]) == 7
    assert float(module.weight[0, 0]) == 1 and float(average.kept[0][0, 0]) == 7
    with pytest.raises(RuntimeError), average.swapped():
        raise RuntimeError
    assert float(module.weight[0, 0]) == 1


@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(0, 9))
def test_draws_depend_on_where_and_nothing_else(seed, step, process):
    one, same, other = (
        torch.rand(4, generator=draws(seed, *at)) for at in ((step, process), (step, process), (step + 1, process))
    )
    assert torch.equal(one, same) and not torch.equal(one, other)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 99), st.integers(0, 200))
def test_an_order_is_cut_anywhere(size, seed, first):
    order = ExampleOrder(size, seed)
    whole = order.at(0, 240).tolist()
    assert ExampleOrder(size, seed).at(first, 40).tolist() == whole[first : first + 40]


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_rate_is_never_above_its_own(step, progress):
    settings = Optimiser(lr=3e-4)
    assert 0 <= rate(settings, step, progress) <= 3e-4
    assert rate(settings, step, 1.5) == pytest.approx(0, abs=1e-12)


def test_a_sheet_holds_its_pictures():
    red, blue = (np.full((4, 6, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    sheet = tiled([[red, blue], [blue]], gap=1)
    assert sheet.shape == (9, 13, 3)
    assert (sheet[:4, :6] == red).all() and (sheet[:4, 7:] == blue).all() and (sheet[5:, :6] == blue).all()
    assert (sheet[5:, 7:] == sheet[4, 0]).all()


def example(source, edited):
    return TrainingExample(source, edited, "", "", EditType.ADD, True)


def test_a_change_that_is_not_to_be_seen_is_no_example():
    grey = np.full((64, 64, 3), 128, np.uint8)
    dot, thing = grey.copy(), grey.copy()
    dot[:2, :2], thing[:20, :20] = 255, 255
    assert not changes(example(grey, grey)) and not changes(example(grey, dot)) and changes(example(grey, thing))
    assert not changes(example(grey, grey + 10)), "a hair brighter everywhere"


def test_samples_become_squares():
    source, edited = np.zeros((40, 80, 3), np.uint8), np.full((40, 160, 3), 200, np.uint8)
    step = Step(type=EditType.OUTPAINT, instruction="widen it")
    row = Sample("a", "x", EditType.OUTPAINT, source, edited, "widen it", step, "", "a field", canvas=(40, 0, 120, 40))
    made = from_sample(row, 32)
    assert made.source.shape == made.edited.shape == (32, 32, 3) and made.instruction == "widen it"
    assert made.source[16, 16].max() == 0 and made.source[16, 2].min() > 60, "what is new lies on grey"


def test_a_row_that_reasons_is_read_as_it_is_told_indirectly_and_directly():
    grey = np.full((40, 40, 3), 128, np.uint8)
    step = Step(type=EditType.REMOVE, instruction="I want the dog gone", target=read("dog"))
    row = Sample(
        "a", "x", EditType.REMOVE, grey, grey, "I want the dog gone", step, "", "", reasoning="the dog ran off"
    )
    made = from_sample(row, 32)
    assert made.plain == "remove the dog"
    assert [one.instruction for one in made.readings()] == ["the dog ran off", "I want the dog gone"]
    assert not from_sample(replace(row, reasoning="it went left"), 32).flips


def test_shards_are_found_and_rejects_left_out(tmp_path):
    for name in ("b/shard-1.parquet", "b/shard-0.tar", "b/rejected-0.parquet", "b/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [one.name for one in shard_files([str(tmp_path)])] == ["shard-0.tar", "shard-1.parquet"]
    assert [one.name for one in shard_files([str(tmp_path / "b/shard-1.parquet")])] == ["shard-1.parquet"]
    with pytest.raises(InvalidOption, match="no shard"):
        shard_files([str(tmp_path / "nowhere")])


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (Data, {"pairs": 0}),
        (Data, {"types": {"add": -1}}),
        (Optimiser, {"lr": 0}),
        (Optimiser, {"ema": 1.5}),
        (Optimiser, {"precision": "int4"}),
        (Length, {"steps": 0}),
        (Objective, {"drop_each": 0.4}),
        (Objective, {"stage": 3}),
        (Run, {"name": "a", "kind": "poet"}),
        (Run, {"name": "a", "kind": "denoiser", "side": 8}),
    ],
)
def test_a_run_has_bounds(value, wrong):
    with pytest.raises(ValidationError):
        value(**wrong)


def test_a_run_is_the_same_after_json():
    run = run_of("experts", balance=0.1)
    assert Run.model_validate_json(run.model_dump_json()) == run


def test_every_type_is_shown_and_guidance_too():
    shares = proportions()
    assert set(shares) <= set(EditType) and all(share > 0 for share in shares.values())
    assert any(kind.traits.guided for kind in shares) and EditType.REMOVE in shares


def test_pictures_of_a_shrunk_catalogue_are_as_large_as_needed():
    inner = PackagedCatalogue(Split.TRAIN)
    small = Shrunk(inner, 32)
    for kind, most in (("cutout", 64), ("background", 96)):
        asset = small.assets(kind)[0]
        assert max(small.pixels(asset.key).shape[:2]) <= most
        assert asset.sha256 != inner.asset(asset.key).sha256 and small.asset(asset.key) is asset
    assert small.split is Split.TRAIN


def test_squares_of_pairs_are_not_stretched_and_hold_what_was_edited():
    source = np.zeros((90, 200, 3), np.uint8)
    edited = source.copy()
    edited[30:50, 150:180] = 255
    found = [square_of(source, edited, draw) for draw in np.linspace(0, 0.99, 40)]
    sides = {rows.stop - rows.start for rows, _ in found}
    assert all(r.stop - r.start == c.stop - c.start for r, c in found) and 80 <= min(sides) < max(sides) <= 90
    assert all((edited[part] > 0).sum() == (edited > 0).sum() for part in found), "the edit is in every one"
    assert len({columns.start for _, columns in found}) > 5 and square_of(source, edited, 0.3) == square_of(
        source, edited, 0.3
    )
    wide = np.full_like(source, 255)
    assert all(part[1].start >= 0 and part[1].stop <= 200 for part in (square_of(source, wide, d) for d in (0.1, 0.6)))
