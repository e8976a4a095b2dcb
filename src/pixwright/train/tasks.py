"""The three things that are trained: the autoencoder, the denoiser (stage 1) and the experts (stage 2)."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.models.files import save_part
from pixwright.nn.codec import decode
from pixwright.nn.denoise import Condition
from pixwright.nn.experts import Experts, VisualPrompt, cross_attention, eject, experts_for, inject
from pixwright.nn.guidance import Scales
from pixwright.nn.network import Autoencoder
from pixwright.nn.routing import load_balance
from pixwright.nn.sampling import Sampler, sample
from pixwright.nn.shapes import shape
from pixwright.nn.tasks import GENERAL, task_of
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.train.autoencoder import Reconstruction, psnr, spread, to_pictures, to_pixels
from pixwright.train.cache import CachePart, Examples, Rows, encode_parts, parts_of
from pixwright.train.config import Run
from pixwright.train.loop import draws, first_process_first, tiled
from pixwright.train.networks import Networks
from pixwright.train.objective import Noise, Stage1, Stage2, condition_of, make_batch

SHOWN = 16
"""Examples on a sample sheet."""
_STEPS = 15
_CHECKED = 128
"""Held-out examples that the validation loss is of."""


class AutoencoderTask:
    """Pictures of a cache, source and edited alike."""

    def __init__(self, run: Run, parts: list[CachePart]) -> None:
        torch.manual_seed(run.seed)
        self._run, self._shape = run, dict(shape(run.shape).autoencoder)
        self.autoencoder: Autoencoder = shape(run.shape).make_autoencoder().to(memory_format=torch.channels_last)
        self.module: torch.nn.Module = Reconstruction(self.autoencoder).train()
        self._parts = parts
        self._places = np.array([(p, k) for p, part in enumerate(parts) for k in range(len(part.rows))], np.int64)
        held = min(run.data.held_out, len(self._places) // 2)
        self._held, self._places = self._places[:held], self._places[held:]

    def size(self) -> int:
        """Pairs; a draw says which of the two pictures is seen."""
        return len(self._places)

    def batch(
        self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Pixels, half of them mirrored, and the noise on their latents."""
        which = torch.randint(0, 2, (2, len(indices)), generator=generator)
        pixels = self._pixels(self._places[indices], which[0].numpy())
        pixels = torch.where(which[1][:, None, None, None] > 0, pixels.flip(3), pixels)
        side, channels = self._run.side // 4, int(self._shape["latent_channels"])
        noise = torch.randn(len(indices), channels, side, side, generator=generator)
        return pixels.to(device, memory_format=torch.channels_last), noise.to(device)

    def validate(self) -> dict[str, float]:
        """PSNR of held-out pictures and the spread of their latents."""
        pixels = self._pixels(self._held[:_CHECKED], np.ones(_CHECKED, np.int64)).to(self._device())
        return {"psnr": psnr(self.autoencoder, pixels), "spread": spread(self.autoencoder, pixels)}

    def sheet(self) -> Array:
        """Above pictures, below what the autoencoder makes of them."""
        pixels = self._pixels(self._held[:SHOWN], np.ones(SHOWN, np.int64)).to(self._device())
        with torch.no_grad():
            back = self.autoencoder.decode(self.autoencoder.encode(pixels).latents).sample
        return tiled([list(to_pictures(one).cpu().numpy()) for one in (pixels, back)])

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """autoencoder.safetensors, with the scaling factor that was measured."""
        pixels = self._pixels(self._held[:_CHECKED], np.zeros(_CHECKED, np.int64)).to(self._device())
        about = {**self._shape, "scaling_factor": round(1 / spread(self.autoencoder, pixels), 5)}
        state = self.autoencoder.state_dict()
        save_part(folder / "autoencoder.safetensors", state, about, None, self._run.side, recipe)

    def _device(self) -> torch.device:
        return next(self.module.parameters()).device

    def _pixels(self, places: NDArray[np.int64], which: NDArray[np.int64]) -> Tensor:
        rows = zip(places.tolist(), which.tolist(), strict=False)
        return to_pixels(torch.from_numpy(np.stack([self._parts[p].pictures[k, w] for (p, k), w in rows])))


class DenoiserTask:
    """Stage 1, and what stage 2 shares with it: `networks` learn from the examples in `cache`, which `networks`' autoencoder encodes first."""

    def __init__(self, run: Run, networks: Networks, cache: Path) -> None:
        self._run, self._net = run, networks
        self.unet, self.autoencoder = networks.unet, networks.autoencoder
        self.experts: Experts | None = None
        self._device = next(self.unet.parameters()).device
        first_process_first(
            lambda: encode_parts(
                cache,
                self.autoencoder,
                networks.digest,
                fast=run.optimiser.precision == "bf16",
                keep=run.data.keep_pictures,
            )
        )
        self._scaling = float(self.autoencoder.config.scaling_factor)
        self._null = torch.from_numpy(networks.readers.read([""]))[0]
        self._noise = Noise(networks.schedule)
        parts = parts_of(cache, coded=True)
        types, looks = self._wanted()
        held, readers = run.data.held_out, networks.readers
        kinds = run.data.kinds
        self._examples = Examples(parts, readers, held_out=held, types=types, looks=looks, kinds=kinds)
        self._checked = Examples(parts, readers, held_out=held, types=types, looks=looks, validation=True)
        self._shown: tuple[Array, Array, Array] | None = None
        if run.optimiser.recompute:
            self.unet.enable_gradient_checkpointing()
        self.module: torch.nn.Module = self._learning()

    def _wanted(self) -> tuple[tuple[EditType, ...] | None, bool]:
        """The types to train on, and whether references are read."""
        return None, False

    def _learning(self) -> torch.nn.Module:
        self._choose()
        return Stage1(self.unet, self._noise, self._run.objective).train()

    def _choose(self) -> None:
        """Freeze what of the denoiser does not learn."""
        if self._run.objective.learns == "text":
            self.unet.requires_grad_(False)
            for _, layer in cross_attention(self.unet):
                layer.requires_grad_(True)

    def size(self) -> int:
        """Examples for training."""
        return len(self._examples)

    def batch(self, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device) -> tuple[Any, ...]:
        """One `Batch`."""
        return self._batch(self._examples, indices, generator, device)

    def _batch(
        self, examples: Examples, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device
    ) -> tuple[Any, ...]:
        flips = torch.rand(len(indices), generator=generator).numpy() < (0.5 if self._run.objective.flip else 0.0)
        rows = examples.take(indices, flips)
        made = make_batch(rows, self._null, self._scaling, self._run.objective, self._noise.steps, generator)
        return (made.to(device),)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss on held-out examples with the same noise every time; and how far 15-step samples are from the edited pictures, L1 in [0, 1],
        beside how far the sources are: a network that does nothing would have that."""
        count = min(_CHECKED, len(self._checked))
        losses = []
        for first in range(0, count, 32):
            indices = np.arange(first, min(first + 32, count))
            given = self._batch(self._checked, indices, draws(self._run.seed, 1, first), self._device)
            losses.append(float(self.module(*given)) * len(indices))
        before, after, made = self._shown = self.sampled(self._first())
        return {
            "validation_loss": sum(losses) / count,
            "l1_to_edited": float(np.abs(made.astype(np.float32) - after).mean()) / 255,
            "l1_of_source": float(np.abs(before.astype(np.float32) - after).mean()) / 255,
        }

    def sheet(self) -> Array:
        """Source, wanted and sampled, in three rows, twice: what `validate` looked at."""
        before, after, made = self._shown or self.sampled(self._first())
        half = -(-len(made) // 2)
        rows = [list(one[k : k + half]) for k in (0, half) for one in (before, after, made)]
        return tiled([row for row in rows if row])

    @property
    def held(self) -> Examples:
        """The examples that only validation sees."""
        return self._checked

    @torch.no_grad()
    def loss_of(self, index: int, noises: int) -> float:
        """The loss on a held-out example, mean over so many draws, which are the same for every task of the run's seed."""
        generator = draws(self._run.seed, 4, index)
        given = self._batch(self._checked, np.full(noises, index), generator, self._device)
        return float(self.module(*given))

    def _first(self) -> NDArray[np.int64]:
        return np.arange(min(SHOWN, len(self._checked)))

    @torch.no_grad()
    def sampled(self, indices: NDArray[np.int64]) -> tuple[Array, Array, Array]:
        """Sources, edited pictures and samples of held-out examples, (n, S, S, 3) uint8 each."""
        rows = self._checked.take(indices, np.zeros(len(indices), np.bool_))
        condition = self._condition(rows)
        sampler = Sampler(solver="dpm++", steps=_STEPS, scales=Scales(picture=1.5, text=3.0, visual=3.0))
        noise = torch.randn(rows.edited.shape, generator=draws(self._run.seed, 2)).to(self._device)
        latents = sample(self.unet, condition, sampler, noise, schedule=self._net.schedule)
        made = to_pictures(decode(self.autoencoder, latents)).cpu().numpy()
        both = np.stack([self._checked.pictures(k) for k in indices.tolist()])
        return both[:, 0], both[:, 1], made

    def _condition(self, rows: Rows) -> Condition:
        """What sampling is shown, on the device."""
        return _on(condition_of(rows, self._null, self._device, self.experts), self._device)

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """The denoiser, and the autoencoder that it was trained with."""
        self._net.keep(folder)
        self._net.export_unet(folder, recipe)


class ExpertsTask(DenoiserTask):
    """Stage 2: the types of table 8 and the visual ones, with their references."""

    def _wanted(self) -> tuple[tuple[EditType, ...] | None, bool]:
        return tuple(one for one in EditType if task_of(one) != GENERAL), True

    def _learning(self) -> torch.nn.Module:
        eject(self.unet)
        shown = [part for part in self._examples.parts if (part.folder / "looks.npy").exists()]
        if not shown:
            raise InvalidOption("the cache holds no reference; stage 2 needs types with references")
        torch.manual_seed(self._run.seed)
        self._width = int(shown[0].looks.shape[-1])
        self.experts = experts_for(self.unet, self._width, **_sizes(self._run))
        inject(self.unet, self.experts)
        self.unet.eval()
        return Stage2(self.unet, self.experts, self._noise, self._run.objective).train()

    def validate(self) -> dict[str, float]:
        """With the balance of the experts besides."""
        found = super().validate()
        count = min(_CHECKED, len(self._checked))
        rows = self._checked.take(np.arange(count), np.zeros(count, np.bool_))
        with torch.no_grad():
            visual = condition_of(rows, self._null, self._device, self.experts).visual
        assert isinstance(visual, VisualPrompt)
        balance = load_balance(visual.routing)
        return {**found, "experts_used": balance.effective, "shared_path": balance.share[-1]}

    def export(self, folder: Path, recipe: dict[str, Any]) -> None:
        """experts.safetensors, beside the parts that they belong to."""
        assert self.experts is not None
        layers = [attn for _, attn in cross_attention(self.unet)]
        about = {
            **_sizes(self._run),
            "feature_width": self._width,
            "inner": [int(attn.to_k.out_features) for attn in layers],
            "width": int(layers[0].to_k.in_features),
        }
        self._net.keep(folder)
        save_part(folder / "experts.safetensors", self.experts.state_dict(), about, None, self._run.side, recipe)


def _sizes(run: Run) -> dict[str, Any]:
    return dict(shape(run.shape).projector)


def _on(condition: Condition, device: torch.device) -> Condition:
    """The condition on a device; its visual prompt is there already."""
    held = {one.name: getattr(condition, one.name) for one in fields(condition)}
    moved: Any = {name: value.to(device) for name, value in held.items() if isinstance(value, Tensor)}
    return replace(condition, **moved)
