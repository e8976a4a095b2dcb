"""What the mini decoder learns: a frozen denoiser is shown embeddings of the picture and of what is in it (InstructAny2Pix, section 3.2.1 and A.1.2).

Scenes are composed and rendered; the whole picture and one crop of each go through the aligned encoder: half of the crops are a thing's box, half are drawn at random. Text, whole and crop are
dropped with 0.2 each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixwright.build.chance import pick
from pixwright.encoders.aligned import HEADS
from pixwright.errors import InvalidOption
from pixwright.media.pixels import resized
from pixwright.models.layouts.views import save_views
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition
from pixwright.nn.experts import eject
from pixwright.nn.guidance import Scales
from pixwright.nn.sampling import Sampler, sample
from pixwright.nn.views import DROPPED, drop_views, inject_views, views_for
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.train.autoencoder import to_pictures, to_pixels
from pixwright.train.config import Data, Run
from pixwright.train.loop import draws, tiled
from pixwright.train.networks import Networks
from pixwright.train.objective import Batch, Noise, ViewsStage
from pixwright.train.scenes import Studio
from pixwright.weights.store import expected_digest

Floats = NDArray[np.float32]

NORM = 20.0
"""Length of the embeddings that the decoder is shown, in training and at work."""
_LOOK = 2
"""The encoder sees scenes this many times as large as the denoiser."""
_SMALLEST = 0.2
"""Least side of a random crop, as a share of the picture's."""
_TOGETHER = 64
"""Scenes rendered at once."""
_CHECKED, _SHOWN, _STEPS, _GUIDANCE = 128, 16, 15, 3.0
"""Held-out examples of the validation loss, and of the sheet; denoising steps and guidance of its samples."""


class PictureVectors(Protocol):
    """`encoders.aligned.AlignedEncoder`, or a test's own."""

    @property
    def width(self) -> int: ...
    def picture(self, picture: Array) -> Floats:
        """(width,) unit vector of HxWx3 uint8."""
        ...


def make_views(folder: Path, data: Data, side: int, vectors: PictureVectors) -> None:
    """The parts of the cache that are missing, each whole or not there: pictures, vectors and captions of `data.part` scenes."""
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(side * _LOOK, data.seed)
    for number, first in enumerate(range(0, data.pairs, data.part)):
        path = folder / f"views-{number:04d}.npz"
        if path.exists():
            continue
        rows = list(_examples(studio, first, min(first + data.part, data.pairs), side, vectors))
        draft = path.with_suffix(".part.npz")
        pictures, whole, crops, captions = zip(*rows, strict=True)
        np.savez(
            draft,
            pictures=np.stack(pictures),
            views=np.stack([np.stack(whole), np.stack(crops)], 1).astype(np.float16),
            captions=np.array(captions),
        )
        draft.replace(path)


def _examples(
    studio: Studio, start: int, stop: int, side: int, vectors: PictureVectors
) -> Iterator[tuple[Array, Floats, Floats, str]]:
    """Scenes start..stop-1: the picture at `side`, the vector of the whole and of a crop, the caption."""
    for first in range(start, stop, _TOGETHER):
        places = range(first, min(first + _TOGETHER, stop))
        scenes = [studio.scene(index) for index in places]
        for index, rendering in zip(places, studio.rendered(scenes), strict=True):
            rng = np.random.default_rng([studio.seed, index, 1])
            box = crop_of(rendering.boxes, studio.side, rng)
            crop = rendering.picture[box[1] : box[3], box[0] : box[2]]
            small = resized(rendering.picture, side, side)
            yield small, vectors.picture(rendering.picture), vectors.picture(crop), rendering.caption


def crop_of(boxes: tuple[Box, ...], side: int, rng: np.random.Generator) -> Box:
    """A thing's box, or in half of the cases one drawn at random (paper: A.1.2)."""
    least = _SMALLEST * side / 2
    seen = [box for box in boxes if min(box[2] - box[0], box[3] - box[1]) >= least]
    if seen and rng.random() < 0.5:
        return pick(rng, seen)
    wide, tall = (round(side * float(rng.uniform(_SMALLEST, 1))) for _ in range(2))
    left, top = int(rng.integers(side - wide + 1)), int(rng.integers(side - tall + 1))
    return left, top, left + wide, top + tall


class DecoderTask:
    """The adapter beside the frozen denoiser, on the cache that `make_views` wrote."""

    def __init__(self, run: Run, networks: Networks, cache: Path, vectors: PictureVectors) -> None:
        parts = sorted(cache.glob("views-*.npz"))
        if not parts:
            raise InvalidOption(f"{cache} holds no examples of the decoder; leave out --no-make")
        held = [dict(np.load(path)) for path in parts]
        self._pictures, self._views, self._captions = (
            np.concatenate([part[name] for part in held]) for name in ("pictures", "views", "captions")
        )
        self._run, self._net, self._vectors = run, networks, vectors
        self._held = min(run.data.held_out, len(self._pictures) // 2)
        self._null = torch.from_numpy(networks.readers.read([""]))[0]
        self._noise = Noise(networks.schedule)
        eject(networks.unet)
        torch.manual_seed(run.seed)
        self.views = views_for(networks.unet, int(self._views.shape[-1]))
        inject_views(networks.unet, self.views)
        networks.unet.eval()
        self.module: torch.nn.Module = ViewsStage(networks.unet, self.views, self._noise, run.objective).train()
        self._device = next(networks.unet.parameters()).device
        self._shown: tuple[Array, Array, Array] | None = None

    def size(self) -> int:
        """Examples for training."""
        return len(self._pictures) - self._held

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Any, ...]:
        """One `Batch` and the embeddings (B, 2, W), conditions dropped."""
        made, views = self._batch(indices + self._held, generator, DROPPED)
        return made.to(device), views.to(device)

    def _batch(self, places: NDArray[np.int64], generator: torch.Generator, dropped: float) -> tuple[Batch, Tensor]:
        pixels = to_pixels(torch.from_numpy(self._pictures[places])).to(self._device)
        clean = encode(self._net.autoencoder, pixels).float().cpu()
        text = torch.from_numpy(self._net.readers.read(self._captions[places].tolist()))
        kept = torch.rand(len(places), generator=generator) >= dropped
        made = Batch(
            clean=clean,
            picture=torch.zeros_like(clean),
            text=torch.where(kept[:, None, None], text, self._null),
            noise=torch.randn(clean.shape, generator=generator),
            timesteps=torch.randint(0, self._noise.steps, (len(places),), generator=generator),
            task=torch.zeros(len(places), dtype=torch.long),
        )
        views = NORM * torch.from_numpy(self._views[places].astype(np.float32))
        return made, drop_views(views, generator, dropped)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss on held-out scenes with text and views, and with text alone; and how near samples are to the true picture's vector, shown text and views, or text alone."""
        count = min(_CHECKED, self._held)
        losses = np.zeros(2)
        for first in range(0, count, _SHOWN):
            places = np.arange(first, min(first + _SHOWN, count))
            made, views = self._batch(places, draws(self._run.seed, 1, first), 0.0)
            made, views = made.to(self._device), views.to(self._device)
            losses += [float(self.module(made, shown)) * len(places) for shown in (views, torch.zeros_like(views))]
        self._shown = _, shown, plain = self._samples()
        near, far = (self._nearness(one) for one in (shown, plain))
        return {
            "validation_loss": losses[0] / count,
            "loss_of_text_alone": losses[1] / count,
            "nearness": near,
            "nearness_of_text_alone": far,
        }

    def _nearness(self, pictures: Array) -> float:
        """Mean cosine of samples with the vectors of the pictures that they were to be."""
        wanted = self._views[: len(pictures), 0].astype(np.float32)
        found = np.stack([self._vectors.picture(one) for one in pictures])
        return float((wanted * found).sum(1).mean())

    @torch.no_grad()
    def _samples(self) -> tuple[Array, Array, Array]:
        """Held-out pictures, samples of text and views, and samples of text alone, (n, S, S, 3) uint8 each."""
        places = np.arange(min(_SHOWN, self._held))
        made, views = self._batch(places, draws(self._run.seed, 2), 0.0)
        made, views = made.to(self._device), views.to(self._device)
        noise = torch.randn(made.clean.shape, generator=draws(self._run.seed, 3)).to(self._device)
        sampler = Sampler(solver="dpm++", steps=_STEPS, scales=Scales(picture=1.0, text=_GUIDANCE, visual=_GUIDANCE))
        pictures = []
        for visual in (self.views(views), None):
            null = self._null.to(self._device).expand_as(made.text)
            condition = Condition(text=made.text, null_text=null, picture=made.picture, visual=visual)
            latents = sample(self._net.unet, condition, sampler, noise, schedule=self._net.schedule)
            pictures.append(to_pictures(decode(self._net.autoencoder, latents)).cpu().numpy())
        return self._pictures[places], pictures[0], pictures[1]

    def sheet(self) -> Array:
        """True pictures, samples of text and views, samples of text alone."""
        return tiled([list(row) for row in self._shown or self._samples()])

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """views.safetensors in the published layout."""
        self._net.keep(folder)
        about = {"recipe": recipe, "norm": NORM, "side": self._run.side, "trained_on": {HEADS: expected_digest(HEADS)}}
        save_views(folder / "views.safetensors", self._net.unet, self.views, about)
