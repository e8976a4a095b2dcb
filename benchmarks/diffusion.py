"""Our sampling loop beside diffusers' InstructPix2Pix pipeline: same random network, conditions, noise, solver and steps, in turn in one process.

python benchmarks/diffusion.py                         # CPU, float32 and bfloat16, same steps
python benchmarks/diffusion.py --fast                  # and the shortcuts, against 100 whole steps
python benchmarks/diffusion.py --device cuda --widths 320 640 1280 1280 --side 64

The network is random: PSNR says whether two runs computed the same thing, and for shortcuts how far they drift on *this* network, not how a trained one
would look.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from torch import Tensor

from pixwright.nn.codec import encode
from pixwright.nn.denoise import Condition
from pixwright.nn.guidance import Scales
from pixwright.nn.packing import pack, unpack
from pixwright.nn.sampling import Sampler, Schedule, sample, scheduler_of
from pixwright.nn.shapes import shape

SCALES = Scales(picture=1.5, text=7.5)


Run: TypeAlias = tuple[Tensor, float, float]
"""Latents, wall seconds, processor seconds."""


def psnr(got: Tensor, wanted: Tensor) -> float:
    """Of latents, in dB; the peak is the range of `wanted`."""
    error = (got.double() - wanted.double()).square().mean().clamp_min(1e-30)
    return float(10 * torch.log10((wanted.double().max() - wanted.double().min()) ** 2 / error))


def timed(work: Callable[[], Tensor], device: str) -> Run:
    """The result, wall seconds and processor seconds (which others on the machine touch less)."""
    if device == "cuda":
        torch.cuda.synchronize()
    wall, used = time.perf_counter(), time.process_time()
    result = work()
    if device == "cuda":
        torch.cuda.synchronize()
    return result, time.perf_counter() - wall, time.process_time() - used


class Bench:
    """One random network in one dtype, with the conditions of one edit."""

    def __init__(self, args: argparse.Namespace, dtype: torch.dtype) -> None:
        torch.manual_seed(0)
        self.device, self.dtype = args.device, dtype
        self.unet = shape("sd15").with_unet({"block_out_channels": args.widths}).make_unet().to(self.device, dtype)
        self.vae = shape("mini").make_autoencoder().to(self.device, dtype)
        width = self.unet.config.cross_attention_dim
        made = torch.Generator().manual_seed(1)
        draw = lambda *size: torch.randn(*size, generator=made)  # noqa: E731
        self.text, self.null = (draw(1, 77, width).to(self.device, dtype) for _ in range(2))
        self.pixels = draw(1, 3, 4 * args.side, 4 * args.side).clamp(-1, 1).to(self.device, dtype)
        self.noise = draw(1, 4, args.side, args.side).to(self.device)

    def prepare(self, *, packed: bool) -> None:
        """Lay the weights out as diffusers does, or as ours may."""
        unpack(self.unet)
        self.unet.to(memory_format=torch.channels_last if packed else torch.contiguous_format)
        if packed:
            pack(self.unet)

    def theirs(self, sampler: Sampler) -> Tensor:
        """diffusers' pipeline as it comes."""
        parts = {"text_encoder": None, "tokenizer": None, "safety_checker": None, "feature_extractor": None}
        pipe = StableDiffusionInstructPix2PixPipeline(
            vae=self.vae,
            unet=self.unet,
            scheduler=scheduler_of(sampler, Schedule()),
            requires_safety_checker=False,
            **parts,
        )
        pipe.set_progress_bar_config(disable=True)
        return pipe(
            image=(self.pixels + 1) / 2,
            prompt_embeds=self.text,
            negative_prompt_embeds=self.null,
            num_inference_steps=sampler.steps,
            guidance_scale=sampler.scales.text,
            image_guidance_scale=sampler.scales.picture,
            latents=self.noise.to(self.dtype),
            generator=torch.Generator().manual_seed(2),
            output_type="latent",
        ).images

    def ours(self, sampler: Sampler) -> Tensor:
        """Our loop: latents in float32 whatever the network's dtype."""
        picture = encode(self.vae, self.pixels, scaled=False)
        condition = Condition(text=self.text, null_text=self.null, picture=picture)
        return sample(self.unet, condition, sampler, self.noise, generator=torch.Generator().manual_seed(2))


def same_steps(args: argparse.Namespace) -> None:
    """Both at the same number of steps, in turn, the best of each; layout and packing are changed between turns, as they are part of ours."""
    sampler = Sampler(solver="euler_ancestral", steps=args.steps, scales=SCALES)
    exact: list[Run] = []
    for dtype in (torch.float32, torch.bfloat16):
        bench = Bench(args, dtype)
        rows = turns(bench, sampler, args)
        base = rows["diffusers"]
        exact = exact or base
        million = sum(p.numel() for p in bench.unet.parameters()) / 1e6
        print(
            f"{str(dtype)[6:]}: {million:.0f} M parameters, {args.side}x{args.side} latents, {args.steps} steps of 3 passes, {args.device}"
        )
        for name, runs in rows.items():
            print(f"  {name:16s} {best(runs, 1):7.2f} s wall, {best(runs, 2):7.2f} s processor")
            for other, theirs in (("diffusers", base), ("diffusers in float32", exact)):
                ratios = (
                    f"wall x{best(theirs, 1) / best(runs, 1):.2f}, processor x{best(theirs, 2) / best(runs, 2):.2f}"
                )
                print(f"      to {other:20s} {ratios}, PSNR {psnr(runs[0][0], theirs[0][0]):.1f} dB")


def turns(bench: Bench, sampler: Sampler, args: argparse.Namespace) -> dict[str, list[Run]]:
    """One turn to warm up, then `repeats` of each way."""
    rows: dict[str, list[Run]] = {"diffusers": [], "ours, plain": [], "ours, packed": []}
    for _ in range(args.repeats + 1):
        bench.prepare(packed=False)
        rows["diffusers"].append(timed(lambda: bench.theirs(sampler), args.device))
        rows["ours, plain"].append(timed(lambda: bench.ours(sampler), args.device))
        bench.prepare(packed=True)
        bench.ours(replace(sampler, steps=1))  # packing happens at the first call
        rows["ours, packed"].append(timed(lambda: bench.ours(sampler), args.device))
    return rows


def best(runs: list[Run], column: int) -> float:
    """The least of the turns after the first."""
    return min(run[column] for run in runs[1:])


def shortcuts(args: argparse.Namespace) -> None:
    """What each shortcut saves and costs against the reference: whole DDIM steps, guided everywhere, in the same dtype and layout."""
    whole = Sampler(solver="ddim", steps=args.reference, scales=SCALES)
    table = {
        "interval 0.1-0.8": replace(whole, interval=(0.1, 0.8)),
        "reuse 2": replace(whole, reuse=2),
        "reuse 3": replace(whole, reuse=3),
        "reuse 3, two layers": replace(whole, reuse=3, reuse_layers=2),
        "dpm++ 25": replace(whole, solver="dpm++", steps=25),
        "dpm++ 25, reuse 2": replace(whole, solver="dpm++", steps=25, reuse=2),
        "dpm++ 20, interval, reuse 2": replace(whole, solver="dpm++", steps=20, reuse=2, interval=(0.0, 0.8)),
    }
    bench = Bench(args, torch.float32)
    bench.prepare(packed=True)
    bench.ours(replace(whole, steps=1))
    wanted, wall, used = timed(lambda: bench.ours(whole), args.device)
    print(f"shortcuts, float32: {whole.steps} whole ddim steps take {wall:.2f} s wall, {used:.2f} s processor")
    for name, sampler in table.items():
        got, taken, busy = timed(lambda sampler=sampler: bench.ours(sampler), args.device)
        print(
            f"  {name:28s} wall x{wall / taken:5.2f}  processor x{used / busy:5.2f}  PSNR {psnr(got, wanted):5.1f} dB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--widths", type=int, nargs=4, default=[128, 256, 512, 512], help="320 640 1280 1280 is the published size"
    )
    parser.add_argument("--side", type=int, default=32, help="of the latents; 64 is a picture of 512 px")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fast", action="store_true", help="measure the shortcuts too")
    parser.add_argument("--reference", type=int, default=100, help="steps of the reference of the shortcuts")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    same_steps(args)
    if args.fast:
        shortcuts(args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"peak memory {peak:.1f} GiB"
        + (f", GPU {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if args.device == "cuda" else "")
    )


if __name__ == "__main__":
    main()
