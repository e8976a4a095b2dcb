"""What the tests of training share: a cache of a few examples, tiny networks, a run of a few steps."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import torch

from pixwright.nn.sampling import Schedule
from pixwright.nn.shapes import Shape, shape
from pixwright.records.kind import EditType
from pixwright.train.cache import make_parts
from pixwright.train.config import Data, Length, Objective, Optimiser, Run
from pixwright.train.networks import Networks
from pixwright.train.readers import Readers

TINY = {"block_out_channels": [16, 32], "cross_attention_dim": 24, "attention_head_dim": 2, "norm_num_groups": 8,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
        "sample_size": 8}  # fmt: skip
CODER = {"kind": "tiny", "latent_channels": 4, "encoder_block_out_channels": [8, 8, 8], "decoder_block_out_channels": [8, 8, 8],
         "num_encoder_blocks": [1, 1, 1], "num_decoder_blocks": [1, 1, 1], "upsampling_scaling_factor": 2,
         "scaling_factor": 2.0}  # fmt: skip
SIDE = 32
TYPES = {
    EditType.ADD: 1.0,
    EditType.REMOVE: 1.0,
    EditType.BACKGROUND_CHANGE: 1.0,
    EditType.VISUAL_REFERENCE: 1.0,
    EditType.VISUAL_BBOX: 1.0,
}


def _read(texts: object) -> np.ndarray:
    """(B, 6, 24): a fixed noise for each text, 3 tokens for short ones; the empty text has one."""
    out = np.zeros((len(texts), 6, 24), np.float32)
    for k, text in enumerate(texts):
        seed = int.from_bytes(hashlib.md5(text.encode()).digest()[:4], "big")
        length = 6 if len(text) > 40 else 3 if text else 1
        out[k, :length] = np.random.default_rng(seed).normal(size=(length, 24))
    return out


READERS = Readers(6, 24, _read, lambda picture: np.full((4, 10), picture.mean() / 255, np.float32))
DATA = Data(pairs=40, part=20, seed=3, held_out=8, types=TYPES)


def cache_in(folder: Path) -> Path:
    """The examples in a folder of one's own; they are made once a process."""
    shutil.copytree(_made().name, folder)
    return folder


@cache
def _made() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory()
    make_parts(Path(made.name), DATA, SIDE, READERS)
    return made


def networks(prediction: str = "v_prediction") -> Networks:
    torch.manual_seed(0)
    made = Shape({**shape("mini").unet, **TINY}, CODER, {})
    coder = made.make_autoencoder().requires_grad_(False)
    schedule = Schedule(prediction=prediction)
    return Networks(made.make_unet(), coder, "d", schedule, READERS, lambda folder: None, lambda folder, recipe: None)


def run_of(kind: str = "denoiser", *, steps: int = 6, **objective: object) -> Run:
    stage = 2 if kind == "experts" else 1
    return Run(
        name="test",
        kind=kind,
        side=SIDE,
        data=DATA,
        optimiser=Optimiser(lr=2e-3, batch=4, warm_up=2),
        length=Length(steps=steps, log_every=2, check_every=60),
        objective=Objective(stage=stage, prediction="v_prediction", **objective),
    )
