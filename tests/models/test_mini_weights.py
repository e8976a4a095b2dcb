"""The packaged mini weights: small, but trained. The bounds leave room below what was measured when they were made."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import data

from pixwright.encoders.bundle import Encoders
from pixwright.flow import Request, edit_picture
from pixwright.models.mini import tokens_of
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions
from pixwright.nn.codec import decode, encode
from pixwright.records.instruction import Instruction
from pixwright.records.result import Verdict
from pixwright.systems import build
from pixwright.weights.registry import entry

ENCODERS = Encoders()
COFFEE = np.ascontiguousarray(data.coffee()[::2, ::2])


@pytest.fixture(scope="module")
def model():
    return open_model(ModelOptions(), ENCODERS)


def small(picture):
    """64 x 64 pixels in [-1, 1]."""
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    return torch.nn.functional.interpolate(pixels, (64, 64), mode="area")


def test_it_is_what_the_registry_says(model):
    assert model.side == 64 and model.edits and model.reads_captions and model.experts is not None
    named = {name.removeprefix("mini-"): digest for name, digest in model.digests.items()}
    assert all(entry(f"mini-{part}").sha256 in named.values() for part in ("autoencoder", "denoiser", "experts"))


@torch.no_grad()
def test_the_autoencoder_gives_photographs_back(model):
    for picture in (COFFEE, data.astronaut(), data.chelsea()):
        pixels = small(picture)
        error = (decode(model.autoencoder, encode(model.autoencoder, pixels)) - pixels).square().mean()
        assert 10 * torch.log10(4 / error) > 17


@torch.no_grad()
def test_the_denoiser_uses_the_picture_and_the_words(model):
    """Its error at half noise, shown the picture, another one, and none."""
    pixels = torch.cat([small(picture) for picture in (COFFEE, data.astronaut(), data.chelsea())])
    clean = encode(model.autoencoder, pixels)
    shown = encode(model.autoencoder, pixels, scaled=False)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    alpha = torch.tensor(0.2)
    text = torch.from_numpy(tokens_of(["make it a little brighter"] * 3, ENCODERS))
    table = torch.linspace(0.00085**0.5, 0.012**0.5, 1000).square()
    step = int((torch.cumprod(1 - table, 0) - alpha).abs().argmin())
    noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise

    def error(picture):
        predicted = model.unet(torch.cat([noisy, picture], 1), step, text).sample
        return float((predicted - (alpha.sqrt() * noise - (1 - alpha).sqrt() * clean)).square().mean())

    assert error(shown) < 0.7 * error(torch.zeros_like(shown)) and error(shown) < 0.7 * error(shown.roll(1, 0))


def test_words_change_the_light():
    system = build("anysd", ENCODERS, {"steps": "12"})
    night = edit_picture(COFFEE, Request(Instruction("make it night")), system)
    assert night.picture.mean() < COFFEE.mean() - 10
    assert night.report.verdict is Verdict.DONE
