"""Pictures per second of our stage-1 step and of a plain loop that does what diffusers' example `train_instruct_pix2pix.py` does. Prints Markdown.

    python benchmarks/training.py                            float32
    python benchmarks/training.py --dtype bfloat16           both under accelerate's bf16

Same network, first weights, pictures, batch, dtype and learning rate; turns of some steps each in one process, best turn; memory in a process each. Ours is
`train.loop.Loop`'s own step, twice: with pictures and words encoded in every step as in the example, and with both from the cache, as recipes do. What the first
gains is the loop's; the rest is the cache's, which costs one encoding of each picture and text before, not counted here. The example's pictures lie decoded in
memory here, which favours it; its null text is encoded in every step, as it does. The mini shape reads texts by MiniLM and has an autoencoder without a
distribution; both sides use the same ones.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from turns import Contestants, Turn, alone, alternate, arguments, machine, memory, prepare, table

from pixwright.models.device import cast_to
from pixwright.models.files import PARTS
from pixwright.nn.codec import encode
from pixwright.nn.packing import unpack
from pixwright.train.autoencoder import to_pixels
from pixwright.train.cache import CachePart, Examples, Rows, write_part
from pixwright.train.config import Data, Length, Objective, Optimiser, Run
from pixwright.train.loop import Loop
from pixwright.train.networks import Networks, networks_for
from pixwright.train.objective import make_batch
from pixwright.train.scenes import Studio
from pixwright.train.tasks import DenoiserTask
from pixwright.weights import store

DROP, RATE, CLIP, DECAY = 0.05, 1e-4, 1.0, 0.999
Losses = list[float]


class Plain:
    """The example's loop, step by step; accelerate for backward, clipping and precision, as there. The networks lie as diffusers makes them."""

    def __init__(self, networks: Networks, part: CachePart, args: Namespace) -> None:
        from accelerate import Accelerator

        torch.manual_seed(0)
        self.accelerator = Accelerator(mixed_precision=precision(args), cpu=args.device == "cpu")
        device, self.dtype = self.accelerator.device, getattr(torch, args.dtype[0])
        for network in (networks.unet, networks.autoencoder):
            unpack(network)
            network.to(memory_format=torch.contiguous_format)
        unet, self.vae = networks.unet.train(), cast_to(networks.autoencoder.to(device), self.dtype)
        self.factor = float(self.vae.config.scaling_factor)
        self.average = EMAModel(unet.parameters(), decay=DECAY, model_cls=type(unet), model_config=unet.config)
        optimiser = torch.optim.AdamW(unet.parameters(), lr=RATE, betas=(0.9, 0.999), weight_decay=0.01, eps=1e-8)
        plan = get_scheduler("constant", optimizer=optimiser)
        rows: Any = list(range(1, len(part.rows)))
        loader = torch.utils.data.DataLoader(
            rows,
            batch_size=args.batch,
            shuffle=True,
            drop_last=True,
            collate_fn=lambda chosen: self.collated(part, chosen),
        )
        self.unet, self.optimiser, self.loader, self.plan = self.accelerator.prepare(unet, optimiser, loader, plan)
        self.average.to(device)
        self.readers, self.batches = networks.readers, self._endless()
        schedule = networks.schedule
        self.noise: Any = DDPMScheduler(
            beta_start=schedule.beta_start,
            beta_end=schedule.beta_end,
            beta_schedule=schedule.beta_schedule,
            prediction_type=schedule.prediction,
        )

    @staticmethod
    def collated(part: CachePart, chosen: list[int]) -> dict[str, Any]:
        """Pictures to floats in [-1, 1], both of a row mirrored alike or not, and the words."""
        pairs = [torch.from_numpy(np.array(part.pictures[k])).permute(0, 3, 1, 2).float() / 127.5 - 1 for k in chosen]
        pairs = [pair.flip(3) if torch.rand(()) < 0.5 else pair for pair in pairs]
        words = [part.rows[k]["instruction"] for k in chosen]
        both = torch.stack(pairs).to(memory_format=torch.contiguous_format)
        return {"original": both[:, 0], "edited": both[:, 1], "words": words}

    def _endless(self) -> Iterator[dict[str, Any]]:
        while True:
            yield from self.loader

    def read(self, words: list[str]) -> Tensor:
        """(B, N, C)."""
        return torch.from_numpy(self.readers.read(words)).to(self.accelerator.device, self.dtype)

    @torch.no_grad()
    def encoded(self, pixels: Tensor, *, drawn: bool) -> Tensor:
        """(B, c, h, w), not scaled: a draw for what is learned, the mode for what is shown."""
        coded = self.vae.encode(pixels.to(self.accelerator.device, self.dtype))
        if hasattr(coded, "latents"):
            return coded.latents
        return coded.latent_dist.sample() if drawn else coded.latent_dist.mode()

    def step(self) -> float:
        """One step, and its loss."""
        batch = next(self.batches)
        latents = self.encoded(batch["edited"], drawn=True) * self.factor
        noise = torch.randn_like(latents)
        size, device = len(latents), latents.device
        times = torch.randint(0, self.noise.config.num_train_timesteps, (size,), device=device)
        noisy = self.noise.add_noise(latents, noise, times)
        text, shown = self.read(batch["words"]), self.encoded(batch["original"], drawn=False)
        dice = torch.rand(size, device=device)
        text = torch.where((dice < 2 * DROP)[:, None, None], self.read([""]), text)
        blind = (dice >= DROP) & (dice < 3 * DROP)
        shown = shown * (~blind).to(shown.dtype)[:, None, None, None]
        velocity = self.noise.config.prediction_type == "v_prediction"
        target = self.noise.get_velocity(latents, noise, times) if velocity else noise
        predicted = self.unet(torch.cat([noisy, shown], 1), times, text).sample
        loss = F.mse_loss(predicted.float(), target.float())
        logged = self.accelerator.gather(loss.repeat(size)).mean().item()
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.unet.parameters(), CLIP)
        self.optimiser.step()
        self.plan.step()
        self.optimiser.zero_grad()
        self.average.step(self.unet.parameters())
        return float(logged)


class OnTheFly(DenoiserTask):
    """Our task with a batch that reads the words and encodes the pictures in every step."""

    def _batch(
        self, examples: Examples, indices: NDArray[np.int64], generator: torch.Generator, device: torch.device
    ) -> tuple[Any, ...]:
        rows = [examples.row(k) for k in indices.tolist()]
        flips = (torch.rand(len(rows), generator=generator).numpy() < 0.5) & [row["flips"] for row in rows]
        words = self._net.readers.read([row["instruction"] for row in rows])
        both = np.stack([examples.pictures(k) for k in indices.tolist()])
        both[flips] = both[flips][:, :, :, ::-1]
        pixels = to_pixels(torch.from_numpy(both.reshape(-1, *both.shape[2:]))).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self._run.optimiser.precision == "bf16"):
            latents = encode(self.autoencoder, pixels, scaled=False).float().cpu().numpy()
        latents = latents.reshape(len(both), 2, *latents.shape[1:])
        none = np.zeros(len(both), np.bool_)
        seen = Rows(latents[:, 0], latents[:, 1], words, words, none, np.zeros(len(both), np.int64), None, none)
        made = make_batch(seen, self._null, self._scaling, self._run.objective, self._noise.steps, generator)
        return (made.to(device),)


def precision(args: Namespace) -> Any:
    """accelerate's word for the dtype."""
    return "bf16" if args.dtype[0] == "bfloat16" else "no"


def weights_of(args: Namespace, scratch: Path) -> Path:
    """A folder with the weights to begin with."""
    if args.weights != "mini":
        return Path(args.weights)
    folder = scratch / "mini"
    folder.mkdir(exist_ok=True)
    for part in PARTS[:2]:
        (folder / f"{part}.safetensors").write_bytes(store.path(f"mini-{part}").read_bytes())
    return folder


def contestants_of(args: Namespace, scratch: Path) -> Contestants[Losses]:
    """The example's loop and both of ours, on one set of examples in `scratch`."""
    folder, cache = weights_of(args, scratch), Path(args.examples or scratch / "cache")
    mini = (folder / "denoiser.safetensors").exists()
    run = Run(
        name="benchmark",
        kind="denoiser",
        shape="mini" if mini else "sd15",
        side=args.side,
        data=Data(pairs=args.pairs, held_out=1),
        optimiser=Optimiser(lr=RATE, warm_up=0, cosine=False, batch=args.batch, ema=DECAY, precision=precision(args)),
        length=Length(steps=10**6),
        objective=Objective(drop_each=DROP),
        start=str(folder),
    )

    def networks() -> Networks:
        return networks_for(run, folder, torch.device(args.device))

    if not args.examples:
        write_part(cache / "part-00000", list(Studio(args.side, 7).examples(0, args.pairs)), networks().readers)
        sys.argv += ["--examples", str(cache)]  # for those who are measured alone

    def ours(kind: type[DenoiserTask]) -> Callable[[], float]:
        loop = Loop(run, kind(run, networks(), cache), Path(tempfile.mkdtemp(dir=scratch)))

        def step() -> float:
            loss = loop._step()
            loop.progress.step += 1
            return loss

        return step

    makers: dict[str, Callable[[], Callable[[], float]]] = {
        "diffusers' example": lambda: Plain(networks(), CachePart(cache / "part-00000"), args).step,
        "ours, on the fly": lambda: ours(OnTheFly),
        "ours, cached": lambda: ours(DenoiserTask),
    }

    def ready(make: Callable[[], Callable[[], float]]) -> Callable[[], Losses]:
        step = make()
        for _ in range(2):
            step()
        return lambda: [step() for _ in range(args.steps)]

    return {name: lambda make=make: ready(make) for name, make in makers.items()}


def tell(turns: dict[str, Turn[Losses]], peaks: dict[str, str], args: Namespace) -> str:
    """The table, and whose gain is whose."""
    speed = {name: args.batch * args.steps / turn.wall for name, turn in turns.items()}
    base, fly, cached = speed.values()
    rows = [
        [name, f"{speed[name]:.1f}", f"{speed[name] / base:.2f} x", f"{np.mean(turn.value):.3f}", peaks[name]]
        for name, turn in turns.items()
    ]
    head = ["", "pictures/s", "faster", "mean loss, first turn", "peak memory"]
    about = f"Stage 1, {args.side} px, batch {args.batch}, {args.dtype[0]}, turns of {args.steps} steps."
    shares = f"Of {cached / base:.2f} x the loop gives {fly / base:.2f} x with everything on the fly, the cache the other {cached / fly:.2f} x."
    return f"{about}\n\n{table(head, rows)}\n\n{shares}"


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--steps", type=int, default=0, help="of a turn")
    parser.add_argument("--side", type=int, default=64, help="of the pictures, pixels")
    parser.add_argument("--pairs", type=int, default=0, help="examples to draw")
    parser.add_argument("--examples", default="", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.batch = args.batch or (4 if args.quick else 32)
    args.steps = args.steps or (2 if args.quick else 20)
    args.pairs = args.pairs or (3 * args.batch if args.quick else 256)
    with tempfile.TemporaryDirectory() as scratch:
        prepare(args, Path(scratch))
        contestants = contestants_of(args, Path(scratch))
        if args.alone:
            alone(contestants, args)
            return
        about, peaks = machine(args), memory(contestants, args)
        print(f"### training\n\n{about}\n\n{tell(alternate(contestants, args), peaks, args)}\n")


if __name__ == "__main__":
    main()
