"""Runs of a few steps: the loss falls, a batch is learnt by heart, an interrupted run is an uninterrupted one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import safetensors
import torch
from small import READERS, SIDE, cache_in, networks, run_of

from pixwright.errors import InvalidOption, InvalidRecord
from pixwright.models.files import read_part
from pixwright.nn.denoise import Condition
from pixwright.nn.guidance import Scales
from pixwright.nn.sampling import Sampler, sample
from pixwright.train.cache import Examples, encode_parts, parts_of
from pixwright.train.config import Objective, Optimiser
from pixwright.train.loop import ExampleOrder, Loop, rate
from pixwright.train.networks import widen
from pixwright.train.objective import Noise, Stage1, Stage2, make_batch
from pixwright.train.tasks import AutoencoderTask, DenoiserTask, ExpertsTask

DEADLOCK = 120
"""Seconds."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return cache_in(tmp_path_factory.mktemp("loop") / "cache")


@pytest.fixture(scope="module")
def rows(cache):
    encode_parts(cache, networks().autoencoder, "d")
    return Examples(parts_of(cache, coded=True), READERS, held_out=8, looks=True)


def finished(kind, cache, out, *, until=None, resume=False, **options):
    run = run_of(kind, **options)
    if kind == "autoencoder":
        task = AutoencoderTask(run, parts_of(cache))
    else:
        task = (ExpertsTask if kind == "experts" else DenoiserTask)(run, networks(), cache)
    return Loop(run, task, out, resume=resume)(until).losses


@pytest.mark.parametrize("kind", ["autoencoder", "denoiser", "experts"])
def test_an_interrupted_run_has_the_losses_of_an_uninterrupted_one(kind, cache, tmp_path):
    whole = finished(kind, cache, tmp_path / "whole")
    first = finished(kind, cache, tmp_path / "cut", until=lambda step: step >= 3)
    rest = finished(kind, cache, tmp_path / "cut", resume=True)
    assert len(first) == 3 and first + rest == whole
    with safetensors.safe_open(str(tmp_path / "cut" / f"checkpoint-{kind}.safetensors"), "pt") as held:
        recipe = json.loads(held.metadata()["recipe"])
    assert recipe["step"] == 6 and recipe["run"] == run_of(kind).model_dump(mode="json")
    assert not [one for one in (tmp_path / "cut").iterdir() if one.name.endswith(".part")]
    log = [json.loads(line) for line in (tmp_path / "cut" / f"log-{kind}.jsonl").read_text().splitlines()]
    assert {"loss", "lr", "pictures_per_second"} <= set(log[0])
    assert cv2.imread(str(tmp_path / "cut" / "sheets" / f"{kind}-0000006.png")).std() > 0
    if kind == "denoiser":
        assert 0 < log[-1]["l1_of_source"] < 1 and log[-1]["validation_loss"] > 0
    else:
        part = read_part(tmp_path / "cut" / f"{kind}.safetensors")
        assert part.side == SIDE and part.recipe["step"] == 6


def test_a_checkpoint_holds_the_average_beside_the_live_weights(cache, tmp_path):
    run = run_of("denoiser", steps=3)
    loop = Loop(run, DenoiserTask(run, networks(), cache), tmp_path)
    loop()
    with safetensors.safe_open(str(loop.checkpoint), "pt") as held:
        found = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118 - not a mapping
    names = [name for name, one in loop.module.named_parameters() if one.requires_grad]
    for name, live, averaged in zip(names, loop.average.live, loop.average.kept, strict=True):
        assert torch.equal(found[f"model.{name}"], live) and torch.equal(found[f"ema.{name}"], averaged)
    assert any(not torch.equal(found[f"model.{name}"], found[f"ema.{name}"]) for name in names)
    run = run.model_copy(update={"length": run.length.model_copy(update={"steps": 4})})
    again = Loop(run, DenoiserTask(run, networks(), cache), tmp_path, resume=True)
    assert all(torch.equal(a, b) for a, b in zip(again.average.kept, loop.average.kept, strict=True))


def test_a_sharded_run_is_checked_saved_and_resumed(cache, tmp_path):
    """Two processes: the first check ends, and what is saved is whole."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    worker = Path(__file__).with_name("sharded.py")
    env = os.environ | {"MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    env |= {"PYTHONPATH": os.pathsep.join([str(worker.parent), *sys.path])}
    with subprocess.Popen(
        [sys.executable, str(worker), str(cache), str(tmp_path)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as both:
        try:
            said = both.communicate(timeout=DEADLOCK)[0]
        finally:
            if both.poll() is None:
                os.killpg(both.pid, signal.SIGKILL)
    assert both.returncode == 0 and [len(line.split()) for line in said.splitlines()] == [5, 5]
    with safetensors.safe_open(str(tmp_path / "checkpoint-denoiser.safetensors"), "pt") as held:
        found = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118 - not a mapping
    live, averaged = (
        {k.split(".", 1)[1]: v for k, v in found.items() if k.startswith(f"{p}.")} for p in ("model", "ema")
    )
    whole = {f"unet.{name}": value.shape for name, value in networks().unet.state_dict().items()}
    assert {name: value.shape for name, value in live.items()} == whole == {n: v.shape for n, v in averaged.items()}
    assert any(not torch.equal(live[name], averaged[name]) for name in live)
    assert list((tmp_path / "sheets").glob("*.png"))


def test_a_checkpoint_is_neither_overwritten_nor_mistaken(cache, tmp_path):
    finished("autoencoder", cache, tmp_path, steps=1)
    with pytest.raises(InvalidOption, match="--resume"):
        finished("autoencoder", cache, tmp_path, steps=1)
    other = run_of("autoencoder").model_copy(update={"optimiser": Optimiser(lr=1e-5, batch=2)})
    with pytest.raises(InvalidRecord, match="optimiser"):
        Loop(other, AutoencoderTask(other, parts_of(cache)), tmp_path, resume=True)


def test_accumulated_micro_steps_see_different_examples(cache):
    run = run_of("denoiser", drop_each=0.0)
    task = DenoiserTask(run, networks(), cache)
    loop = Loop(
        run.model_copy(update={"optimiser": run.optimiser.model_copy(update={"accumulate": 2})}), task, cache / "acc"
    )
    before = [one.detach().clone() for one in loop.average.live]
    seen = []
    task.batch = lambda indices, generator, device, kept=task.batch: (
        seen.append(indices) or kept(indices, generator, device)
    )
    loop._step()
    assert [len(one) for one in seen] == [4, 4] and not set(seen[0]) & set(seen[1])
    assert any(not torch.equal(a, b) for a, b in zip(before, loop.average.live, strict=True))


def test_loss_falls(cache, tmp_path):
    losses = finished("denoiser", cache, tmp_path, steps=60)
    assert np.mean(losses[-15:]) < 0.8 * np.mean(losses[:15])


def test_an_overfitted_batch_is_reproduced_by_sampling(rows):
    torch.manual_seed(1)
    net = networks()
    objective = Objective(prediction="v_prediction", drop_each=0.0)
    noise = Noise(net.schedule)
    # Blocks of colour: an untrained autoencoder's latents of any two pictures are nearly the same.
    blocks = np.random.default_rng(2).normal(size=(2, 4, 2, 2)).astype(np.float32).repeat(4, 2).repeat(4, 3)
    taken = replace(rows.take(np.arange(2), np.zeros(2, bool)), edited=blocks)
    null = torch.from_numpy(READERS.read([""]))[0]
    scaling = 1.0
    module = Stage1(net.unet, noise, objective).train()
    optimiser = torch.optim.AdamW(net.unet.parameters(), lr=4e-3)
    steps = 260
    for step in range(steps):
        batches = [
            make_batch(taken, null, scaling, objective, 1000, torch.Generator().manual_seed(8 * step + k))
            for k in range(4)
        ]
        joined = type(batches[0])(*[
            None if getattr(batches[0], name) is None else torch.cat([getattr(one, name) for one in batches])
            for name in batches[0].__dataclass_fields__
        ])  # fmt: skip
        for group in optimiser.param_groups:
            group["lr"] = 4e-3 * (1 - step / steps)
        module(joined).backward()
        optimiser.step()
        optimiser.zero_grad()
    condition = Condition(
        text=torch.from_numpy(taken.words),
        null_text=null.expand(2, -1, -1),
        picture=torch.from_numpy(taken.source),
    )
    sampler = Sampler(solver="dpm++", steps=12, scales=Scales(picture=1, text=1))
    start = torch.randn(2, *taken.edited.shape[1:], generator=torch.Generator().manual_seed(0))
    made = sample(net.unet.eval(), condition, sampler, start, schedule=net.schedule)
    wanted = torch.from_numpy(taken.edited) * scaling
    error = (made - wanted).abs().mean() / wanted.abs().mean()
    swapped = (made - wanted.flip(0)).abs().mean() / wanted.abs().mean()
    assert error < 0.35 and error < 0.6 * swapped


def test_dropout_rates_and_captions(rows):
    objective = Objective(drop_each=0.05, captions=0.12)
    null = torch.from_numpy(READERS.read([""]))[0]
    lost = np.zeros(4)
    count = 0
    for seed in range(400):
        taken = rows.take(np.arange(20), np.zeros(20, bool))
        made = make_batch(taken, null, 1.0, objective, 1000, torch.Generator().manual_seed(seed))
        blank = (made.text == null).all((1, 2)).numpy()
        unseen = (made.picture == 0).all((1, 2, 3)).numpy()
        words = torch.from_numpy(taken.words)
        own = (made.text == words).all((1, 2)).numpy()
        caption = ~blank & ~own
        lost += [(blank & ~unseen).sum(), (own & unseen).sum(), (blank & unseen).sum(), caption.sum()]
        count += len(blank)
        assert unseen[caption].all()
        assert not made.visual.numpy()[blank | unseen].any()
    share = lost / count
    # Captions take 12 % and lose a tenth of their text; the rest is dropped 5 / 5 / 5.
    np.testing.assert_allclose(share, [0.044, 0.044, 0.044 + 0.012, 0.108], atol=0.01)


def test_min_snr_weights_and_targets():
    net = networks()
    velocity, epsilon = Noise(net.schedule), Noise(networks("epsilon").schedule)
    times = torch.tensor([0, 300, 999])
    snr = velocity.snr[times]
    torch.testing.assert_close(epsilon.weights(times, 5.0), snr.clamp_max(5) / snr)
    torch.testing.assert_close(velocity.weights(times, 5.0), snr.clamp_max(5) / (snr + 1))
    assert torch.equal(velocity.weights(times, None), torch.ones(3))
    clean, drawn = torch.randn(2, 3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    noisy = velocity.noisy(clean, drawn, times)
    kept, added = (table[times][:, None, None, None] for table in (velocity.kept, velocity.added))
    target = velocity.target(clean, drawn, times)
    torch.testing.assert_close(kept * noisy - added * target, clean, atol=1e-5, rtol=1e-4)
    assert torch.equal(epsilon.target(clean, drawn, times), drawn)


def test_stage_two_trains_experts_and_nothing_else(cache, rows):
    net = networks()
    task = ExpertsTask(run_of("experts", balance=0.1, drop_visual=0.5), net, cache)
    before = {name: value.clone() for name, value in net.unet.state_dict().items()}
    assert isinstance(task.module, Stage2)
    named = dict(task.module.named_parameters())
    assert all(name.startswith("experts.") for name in named) and not any(
        p.requires_grad for p in net.unet.parameters()
    )
    given = task.batch(np.arange(8), torch.Generator().manual_seed(0), torch.device("cpu"))
    task.module(*given).backward()
    touched = {
        name.split(".")[1] for name, value in named.items() if value.grad is not None and value.grad.abs().sum() > 0
    }
    assert touched == {"layers", "table", "projector", "router"}
    assert all(torch.equal(value, before[name]) for name, value in net.unet.state_dict().items())


def test_every_epoch_shows_everything_once():
    order = ExampleOrder(10, 3)
    epochs = [order.at(first, 10).tolist() for first in (0, 10)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10)) and epochs[0] != epochs[1]
    assert order.at(7, 6).tolist() == epochs[0][7:] + epochs[1][:3]


def test_rate_warms_up_and_falls():
    settings = Optimiser(lr=1.0, warm_up=10)
    assert rate(settings, 0, 0.0) == pytest.approx(0.1) and rate(settings, 50, 0.5) == pytest.approx(0.5)
    assert rate(settings, 99, 1.0) == pytest.approx(0.0)
    assert rate(settings.model_copy(update={"cosine": False}), 99, 1.0) == 1.0


def test_a_widened_network_begins_as_it_was():
    net = networks().unet
    four = type(net).from_config({**net.config, "in_channels": 4}).eval()
    latents, text = torch.randn(1, 4, 8, 8), torch.randn(1, 6, 24)
    with torch.no_grad():
        narrow = four(latents, 10, text).sample
        widen(four)
        wide = four(torch.cat([latents, torch.randn(1, 4, 8, 8)], 1), 10, text).sample
    assert four.config.in_channels == 8
    torch.testing.assert_close(narrow, wide, atol=1e-5, rtol=1e-4)
