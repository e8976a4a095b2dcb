"""AnySD beside diffusers' InstructPix2Pix pipeline, its shortcuts beside 100 whole steps, and what its experts cost. Prints Markdown.

    python benchmarks/diffusion.py pipelines                               whole edits, same weights, seed, solver and steps
    python benchmarks/diffusion.py pipelines --shape sd15 --steps 2        the published size, random weights
    python benchmarks/diffusion.py fast --weights FOLDER                   fewer steps, guidance interval, reuse: speed and PSNR of decoded pictures
    python benchmarks/diffusion.py experts                                 soft and hard routing, two and three guidance scales

Ours is `open_model` and `AnySDEditor.edit`: text encoder, encoder, loop, decoder (twice at the first try at a picture: the autoencoder's own loss is told from the edit; once at the next), compositing. The
contestants take turns in one process, the best turn counts; peak memory is each one's in a process of its own. With a random network a PSNR says only
whether two runs computed the same thing. `fast` compares with DDIM: an ancestral solver draws noise in every step, so nothing comes near its result.
"""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from skimage import data
from torch import Tensor
from turns import Contestants, Turn, alone, alternate, arguments, encoders, machine, memory, prepare, table

from pixwright.edit.contract import Context
from pixwright.edit.networks import anysd as painter
from pixwright.edit.networks.anysd import AnySDEditor
from pixwright.models.contract import LatentModel
from pixwright.models.open import open_model
from pixwright.models.options import ModelOptions
from pixwright.nn.experts import eject
from pixwright.nn.guidance import Scales
from pixwright.nn.packing import unpack
from pixwright.nn.sampling import Sampler, Schedule, scheduler_of
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole

SEED = 5


@dataclass(frozen=True, eq=False)
class Shot:
    """What an edit gave to the decoder and got from it: (1, c, h, w) latents, scaled, and (1, 3, H, W) in [-1, 1], both float32."""

    latents: Tensor
    pixels: Tensor


def remembered(coder: Any) -> Callable[[], Shot]:
    """Let an autoencoder remember what it decoded: the edit first, then, for ours, the picture itself."""
    if hasattr(coder, "first_shot"):
        return coder.first_shot
    inner, held = coder.decode, []

    def decode(latents: Tensor, *given: Any, **named: Any) -> Any:
        found = inner(latents, *given, **named)
        held.append((latents, found[0]))
        return found

    def first() -> Shot:
        latents, pixels = (one.float().cpu() for one in held[0])
        held.clear()
        return Shot(latents * coder.config.scaling_factor, pixels.clamp(-1, 1))

    coder.decode, coder.first_shot = decode, first
    return first


def psnr(got: Tensor, wanted: Tensor) -> float:
    """Of pixels in [-1, 1], in dB; 200 where they are the same."""
    error = (got.double() - wanted.double()).square().mean().clamp_min(4e-20)
    return float(10 * torch.log10(4 / error))


@cache
def opened(weights: str, device: str, dtype: str) -> LatentModel:
    """A model as a user opens it."""
    return open_model(ModelOptions(weights=weights, device=device, dtype=dtype), encoders())


def without_experts(model: LatentModel) -> LatentModel:
    """Its experts ejected."""
    eject(model.unet)
    return replace(model, experts=None)


def never(picture: Array, phrase: str) -> Region:
    """Whole pictures are edited, so nothing is looked for."""
    raise AssertionError(phrase)


def editing(
    editor: AnySDEditor, picture: Array, instruction: str, reference: Array | None = None, *, again: bool = False
) -> Callable[[], Shot]:
    """One whole edit. With a reference it is a visual one; `again`: not the first try at its picture, whose own coding is kept."""
    kind = EditType.STYLE_CHANGE if reference is None else EditType.VISUAL_REFERENCE
    attached = () if reference is None else (PictureAttachment("reference.png", reference),)
    context = Context(SEED, encoders(), never, attached)
    step, region = Step(type=kind, instruction=instruction), whole(*picture.shape[:2])
    last = remembered(editor.model.autoencoder)

    def work() -> Shot:
        (editor if again else replace(editor)).edit(picture, step, region, context)
        return last()

    return work


def squared(picture: Array, side: int) -> Array:
    """Cut to a square of that side."""
    least = min(picture.shape[:2])
    top, left = ((n - least) // 2 for n in picture.shape[:2])
    cut = picture[top : top + least, left : left + least, :3]
    return cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA)


def pipelines(args: Namespace) -> Contestants[Shot]:
    """Both sides in every dtype that is asked for."""
    told = "make it look like a watercolour"
    scales = Scales(picture=1.5, text=7.5)
    sampler = Sampler(solver=args.solver, steps=args.steps, scales=scales)

    def ours(dtype: str, again: bool = False) -> Callable[[], Shot]:
        model = without_experts(opened(args.weights, args.device, dtype))
        side = args.side or model.side
        picture = squared(data.astronaut(), side)
        editing(AnySDEditor(model, replace(sampler, steps=1), side=side), picture, told)()
        return editing(AnySDEditor(model, sampler, side=side), picture, told, again=again)

    def theirs(dtype: str) -> Callable[[], Shot]:
        pipe, read, side = plain(args, dtype, sampler)
        picture = torch.from_numpy(squared(data.astronaut(), args.side or side)).permute(2, 0, 1)[None] / 255
        work = piping(pipe, read, told, picture, sampler)
        piping(pipe, read, told, picture, replace(sampler, steps=1))()
        return work

    pairs = {
        f"{who}, {dtype}": (side, dtype)
        for dtype in args.dtype
        for who, side in (("diffusers", theirs), ("ours", ours), ("ours again", partial(ours, again=True)))
    }
    return {name: lambda side=side, dtype=dtype: side(dtype) for name, (side, dtype) in pairs.items()}


def plain(args: Namespace, dtype: str, sampler: Sampler) -> tuple[Any, Any, int]:
    """diffusers' pipeline in diffusers' layout of memory, the mini network's reader of texts (or None), and the side of its pictures."""
    kind: Any = StableDiffusionInstructPix2PixPipeline
    if (Path(args.weights) / "model_index.json").is_file():
        pipe = kind.from_pretrained(args.weights, dtype=getattr(torch, dtype), local_files_only=True)
        config = pipe.scheduler.config
        schedule, side, read = Schedule(prediction=config.prediction_type), 8 * pipe.unet.config.sample_size, None
    else:
        model = without_experts(
            open_model(ModelOptions(weights=args.weights, device=args.device, dtype=dtype), encoders())
        )
        for network in (model.unet, model.autoencoder):
            unpack(network)
            network.to(memory_format=torch.contiguous_format)
        empty = dict.fromkeys(("text_encoder", "tokenizer", "safety_checker", "feature_extractor", "scheduler"))
        pipe = kind(vae=model.autoencoder, unet=model.unet, **empty, requires_safety_checker=False)
        schedule, side, read = model.schedule, model.side, model.read
    pipe.scheduler = scheduler_of(sampler, schedule)
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(args.device), read, side


def piping(pipe: Any, read: Any, told: str, picture: Tensor, sampler: Sampler) -> Callable[[], Shot]:
    """One whole call of diffusers' pipeline, with the noise that ours draws."""
    last = remembered(pipe.vae)
    factor = 2 ** (len(pipe.vae.config.block_out_channels) - 1)
    size = (1, 4, *(n // factor for n in picture.shape[2:]))

    def work() -> Shot:
        dice = torch.Generator().manual_seed(SEED)
        noise = torch.randn(size, generator=dice).to(pipe.device, pipe.unet.dtype)
        words: dict[str, Any] = {"prompt": told}
        if read is not None:
            tokens = read([told, ""]).tokens
            words = {"prompt_embeds": tokens[:1], "negative_prompt_embeds": tokens[1:]}
        pipe(
            **words,
            image=picture,
            num_inference_steps=sampler.steps,
            guidance_scale=sampler.scales.text,
            image_guidance_scale=sampler.scales.picture,
            latents=noise,
            generator=dice,
            output_type="np",
        )
        return last()

    return work


def tell_pipelines(turns: dict[str, Turn[Shot]], peaks: dict[str, str], args: Namespace) -> str:
    """The table, and whether the latents are equal."""
    rows, said = [], []
    first = next(iter(turns.values()))
    for name, turn in turns.items():
        base = turns[f"diffusers, {name.split(', ')[1]}"]
        gap = float((turn.value.latents - base.value.latents).abs().max())
        near = [psnr(turn.value.pixels, one.value.pixels) for one in (base, first)]
        ratios = [f"{other.wall / turn.wall:.2f} x" for other in (base, first)]
        rows.append(
            [
                name,
                f"{turn.wall:.3f}",
                f"{turn.used:.3f}",
                ratios[0],
                f"{gap:.1e}",
                f"{near[0]:.1f}",
                ratios[1],
                f"{near[1]:.1f}",
                peaks[name],
            ]
        )
        if name == "ours, float32":
            said.append(
                f"Latents in float32, values up to {float(base.value.latents.abs().max()):.1f}, differ by at most {gap:.1e}: the limit of 1e-4 is {'met' if gap < 1e-4 else 'MISSED'}."
            )
    pixels = "x".join(str(n) for n in first.value.pixels.shape[2:])
    head = [
        "",
        "s",
        "processor s",
        "faster, same dtype",
        "latents: largest difference",
        "PSNR, dB",
        f"to {next(iter(turns))}",
        "PSNR, dB",
        "peak memory",
    ]
    return "\n\n".join(
        [f"Whole edits, {pixels} pixels, {args.solver}, {args.steps} steps of three passes.", table(head, rows), *said]
    )


def pictures(side: int, count: int) -> list[tuple[Array, str]]:
    """Three photographs and five drawn scenes (composed anew, of the things that training draws with), with an instruction each."""
    from pixwright.train.scenes import Studio

    photos = [
        (data.astronaut(), "make the suit blue"),
        (data.coffee(), "turn it into a watercolour painting"),
        (data.chelsea(), "make it look like a snowy day"),
    ]
    found = [(squared(picture, side), words) for picture, words in photos]
    found += [(one.source, one.instruction) for one in Studio(side, 90_001).examples(0, 5)]
    return found[:count]


def fast(args: Namespace) -> Contestants[list[Shot]]:
    """Every shortcut; the first is what they are compared with, the second how far that is from twice as many steps."""
    usual = opened(args.weights, args.device, args.dtype[0]).scales
    steps = args.steps
    ddim = Sampler(solver="ddim", steps=steps, scales=Scales(picture=usual.picture, text=usual.text))
    dpm = replace(ddim, solver="dpm++")
    few, fewer = max(2, steps // 4), max(2, steps // 5)
    ways = {
        f"ddim, {steps} steps": ddim,
        f"ddim, {2 * steps} steps": replace(ddim, steps=2 * steps),
        "guided until 0.8": replace(ddim, interval=(0.0, 0.8)),
        "reuse 2": replace(ddim, reuse=2),
        "reuse 3": replace(ddim, reuse=3),
        "compare 2": replace(ddim, compare=2),
        "compare 4": replace(ddim, compare=4),
        f"dpm++, {few} steps": replace(dpm, steps=few),
        f"dpm++, {fewer} steps": replace(dpm, steps=fewer),
        f"dpm++, {few} steps, reuse 2": replace(dpm, steps=few, reuse=2),
        f"dpm++, {fewer} steps, reuse 2, compare 2 (preset fast)": replace(dpm, steps=fewer, reuse=2, compare=2),
        f"dpm++, {fewer} steps, guided until 0.8, reuse 2": replace(dpm, steps=fewer, interval=(0.0, 0.8), reuse=2),
    }

    def ready(sampler: Sampler) -> Callable[[], list[Shot]]:
        model = without_experts(opened(args.weights, args.device, args.dtype[0]))
        count = 1 if args.alone else 2 if args.quick else 8
        shown = pictures(args.side or model.side, count)
        editor = AnySDEditor(model, sampler, side=args.side or model.side)
        editing(replace(editor, sampler=replace(sampler, steps=3)), *shown[0])()
        works = [editing(editor, *one) for one in shown]
        return lambda: [work() for work in works]

    return {name: lambda sampler=sampler: ready(sampler) for name, sampler in ways.items()}


def tell_fast(turns: dict[str, Turn[list[Shot]]], peaks: dict[str, str], args: Namespace) -> str:
    """The table."""
    first = next(iter(turns.values()))
    rows = []
    for name, turn in turns.items():
        near = [psnr(got.pixels, wanted.pixels) for got, wanted in zip(turn.value, first.value)]
        own = turn is first
        said = ["", ""] if own else [f"{sum(near) / len(near):.1f}", f"{min(near):.1f}"]
        each = [f"{one / len(near):.3f}" for one in (turn.wall, turn.used)]
        rows.append([name, *each, "" if own else f"{first.used / turn.used:.2f} x", *said, peaks[name]])
    head = ["", "s an edit", "processor s", "faster by these", "mean PSNR, dB", "least PSNR, dB", "peak memory"]
    side = first.value[0].pixels.shape[-1]
    about = f"{len(first.value)} pictures of {side} px, {args.dtype[0]}, one at a time; decoded pictures against the first row."
    return f"{about}\n\n{table(head, rows)}"


def experts(args: Namespace) -> Contestants[Shot]:
    """Routing by the number of guidance scales; one reference picture."""
    own = opened(args.weights, args.device, args.dtype[0]).scales
    usual = Scales(picture=own.picture, text=own.text)
    sampler = Sampler(solver="dpm++", steps=args.steps, scales=usual)

    def ready(routing: str, visual: float) -> Callable[[], Shot]:
        # Experts are injected when a model is opened, and a shared model would lose them.
        model = open_model(ModelOptions(weights=args.weights, device=args.device, dtype=args.dtype[0]), encoders())
        model = without_experts(model) if routing == "none" else model
        side = args.side or model.side
        scales = replace(sampler.scales, visual=visual)
        editor = AnySDEditor(model, replace(sampler, scales=scales), "hard" if routing == "hard" else "soft", side=side)
        given = (squared(data.astronaut(), side), "put [1] on the table", None if routing == "none" else data.coffee())
        editing(replace(editor, sampler=replace(editor.sampler, steps=1)), *given)()
        return editing(editor, *given)

    same, other = usual.text, usual.text + 1
    ways = {"no experts": ("none", same)}
    ways |= {f"{how}, s_V = s_T": (how, same) for how in ("hard", "soft")}
    ways |= {f"{how}, three scales": (how, other) for how in ("hard", "soft")}
    return {name: lambda way=way: ready(*way) for name, way in ways.items()}


def tell_experts(turns: dict[str, Turn[Shot]], peaks: dict[str, str], args: Namespace) -> str:
    """The table."""
    first = next(iter(turns.values()))
    head = ["", "passes a step", "s", "to no experts", "peak memory"]
    rows = [
        [name, "4" if "three" in name else "3", f"{turn.wall:.3f}", f"{turn.wall / first.wall:.2f} x", peaks[name]]
        for name, turn in turns.items()
    ]
    side = first.value.pixels.shape[-1]
    return f"Whole edits, {side} px, {args.dtype[0]}, dpm++, {args.steps} steps.\n\n{table(head, rows)}"


PARTS: dict[str, tuple[Callable[[Any], Contestants[Any]], Callable[..., str], int]] = {
    "pipelines": (pipelines, tell_pipelines, 20),
    "fast": (fast, tell_fast, 100),
    "experts": (experts, tell_experts, 25),
}
"""Part -> its contestants, its table, its usual number of steps."""


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--side", type=int, default=0, help="of the pictures, pixels; default: the network's")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--solver", default="euler_ancestral", choices=("ddim", "euler_ancestral", "dpm++"))
    args = parser.parse_args()
    make, tell, usual = PARTS[args.part]
    # Random networks paint noise, which an editor would refuse.
    painter.is_noise = lambda before, after, mask=None: [False] * len(after)
    args.steps = args.steps or (max(4, usual // 5) if args.quick else usual)
    if args.part == "experts" and args.shape != "mini":
        parser.error("experts are measured on the mini shape, or on --weights FOLDER that holds some")
    with tempfile.TemporaryDirectory() as scratch:
        prepare(args, Path(scratch))
        contestants = make(args)
        if args.alone:
            alone(contestants, args)
            return
        about, peaks = machine(args), memory(contestants, args)
        print(f"### {args.part}\n\n{about}\n\n{tell(alternate(contestants, args), peaks, args)}\n")


if __name__ == "__main__":
    main()
