"""What the benchmarks of the diffusion systems share: options, weights where there are none, turns in one process, peak memory, tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import cv2
import diffusers
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline

from pixwright.encoders.bundle import Encoders
from pixwright.models.files import save_part
from pixwright.nn.experts import cross_attention
from pixwright.nn.sampling import Sampler, Schedule, scheduler_of
from pixwright.nn.shapes import Shape, shape
from pixwright.weights.registry import registry

T = TypeVar("T")
Contestants: TypeAlias = Mapping[str, Callable[[], Callable[[], T]]]
"""Name -> what makes a contestant ready, warm, and returns its work."""
WIDTHS = {"142m": (128, 256, 512, 512), "sd15": (320, 640, 1280, 1280)}


@dataclass(frozen=True)
class Turn(Generic[T]):
    """One contestant's turn: what came out, wall and processor seconds (which others on the machine touch less)."""

    value: T
    wall: float
    used: float


def arguments(about: str, repeats: int = 3) -> argparse.ArgumentParser:
    """The options that all share."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: does it run, not how fast")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--dtype", nargs="+", default=["float32"], choices=("float32", "bfloat16"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=repeats, help="turns of each; the best counts")
    parser.add_argument("--weights", default="", help="a folder; default: the packaged mini weights, else random ones")
    parser.add_argument("--shape", default="mini", choices=("mini", *WIDTHS), help="of random weights")
    parser.add_argument("--no-memory", action="store_true", help="measure no peak memory")
    parser.add_argument("--alone", default="", help=argparse.SUPPRESS)
    return parser


def prepare(args: argparse.Namespace, scratch: Path) -> None:
    """Threads, and weights where none are given: in `scratch`, so that every process reads the same."""
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    diffusers.utils.logging.disable_progress_bar()
    if args.quick:
        args.repeats = 1
    args.kind = args.weights or "packaged mini"
    if not args.weights and args.shape == "mini" and "mini-denoiser" in registry():
        args.weights = "mini"
    elif not args.weights:
        args.kind = f"{args.shape}, random"
        args.weights = str(scratch)
        torch.manual_seed(0)
        (random_mini if args.shape == "mini" else random_published)(args.shape, scratch)


def random_mini(name: str, folder: Path) -> None:
    """Untrained weights as a training run exports them."""
    made = shape(name)
    unet, coder = made.make_unet(), made.make_autoencoder()
    layers = [attn for _, attn in cross_attention(unet)]
    about = {**made.projector, "feature_width": 1280, "width": int(layers[0].to_k.in_features)}
    about["inner"] = [int(attn.to_k.out_features) for attn in layers]
    schedule = Schedule(prediction="v_prediction")
    for part, network, told in (
        ("denoiser", unet, made.unet),
        ("autoencoder", coder, made.autoencoder),
        ("experts", made.make_experts(unet, 1280), about),
    ):
        path = folder / f"{part}.safetensors"
        save_part(path, network.state_dict(), told, schedule if part == "denoiser" else None, 64, {}, dtype="float32")


def random_published(name: str, folder: Path) -> None:
    """Untrained weights in diffusers' layout: Stable Diffusion 1.5's blocks, its autoencoder and its text encoder (whose words are letters)."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    words = folder / "tokenizer"
    words.mkdir(parents=True)
    letters = [chr(c) + end for end in ("", "</w>") for c in range(33, 127)]
    ends = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    known = {token: i for i, token in enumerate([*letters, *dict.fromkeys(ends.values())])}
    (words / "vocab.json").write_text(json.dumps(known))
    (words / "merges.txt").write_text("#version: 0.2\n")
    told = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "unk_token": "<|endoftext|>", **ends}
    (words / "tokenizer_config.json").write_text(json.dumps(told))
    size = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
    marks = {f"{end[:3]}_token_id": known[token] for end, token in ends.items()}
    made: Shape = shape("sd15").with_unet({"block_out_channels": WIDTHS[name]})
    pipe = StableDiffusionInstructPix2PixPipeline(
        vae=made.make_autoencoder(),
        unet=made.make_unet(),
        scheduler=scheduler_of(Sampler(), Schedule()),
        text_encoder=CLIPTextModel(CLIPTextConfig(**size, **marks)).eval(),
        tokenizer=CLIPTokenizer.from_pretrained(words),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    held = {file.name: file.read_bytes() for file in words.iterdir()}
    pipe.save_pretrained(folder)
    for file, content in held.items():
        (words / file).write_bytes(content)


def clock(work: Callable[[], T], device: str) -> Turn[T]:
    """One turn."""
    if device == "cuda":
        torch.cuda.synchronize()
    wall, used = time.perf_counter(), time.process_time()
    value = work()
    if device == "cuda":
        torch.cuda.synchronize()
    return Turn(value, time.perf_counter() - wall, time.process_time() - used)


def alternate(contestants: Contestants[T], args: argparse.Namespace) -> dict[str, Turn[T]]:
    """The best turn of each, by wall time; what came out is the first turn's."""
    works = {name: ready() for name, ready in contestants.items()}
    turns: dict[str, list[Turn[T]]] = {name: [] for name in works}
    for _ in range(args.repeats):
        for name, work in works.items():
            turns[name].append(clock(work, args.device))
    return {
        name: Turn(rows[0].value, min(row.wall for row in rows), min(row.used for row in rows))
        for name, rows in turns.items()
    }


def memory(contestants: Contestants[Any], args: argparse.Namespace) -> dict[str, str]:
    """Peak memory of each, in a process of its own."""
    if args.no_memory:
        return dict.fromkeys(contestants, "-")
    found = {}
    for name in contestants:
        command = [sys.executable, *sys.argv, "--weights", args.weights, "--alone", name]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found[name] = told.strip().splitlines()[-1]
    return found


def alone(contestants: Contestants[Any], args: argparse.Namespace) -> None:
    """One contestant's only turn; prints the peak memory of this process, and what of it was there before any network."""
    before = peak("VmHWM")
    contestants[args.alone]()()
    said = f"{peak('VmHWM'):.2f} GiB ({before:.2f} before any network)"
    print(said + (f", GPU {torch.cuda.max_memory_allocated() / 2**30:.2f} GiB" if args.device == "cuda" else ""))


def peak(name: str) -> float:
    """GiB. Linux' own figure: getrusage's is inherited from the parent process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{name}:")[1].split()[0]) / 2**20


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def machine(args: argparse.Namespace) -> str:
    """One line: processor, threads, versions, what else runs."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")]
    gpu = f"{torch.cuda.get_device_name()}, " if args.device == "cuda" else ""
    used = f"{gpu}{names[0] if names else platform.processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} thread(s)"
    libraries = f"torch {torch.__version__}, diffusers {diffusers.__version__}, Python {platform.python_version()}"
    kind = "QUICK: not a measurement. " if args.quick else ""
    weights = Path(args.kind).name
    return f"{kind}{used}, load {os.getloadavg()[0]:.1f}; {libraries}; weights: {weights}; best of {args.repeats}."


@cache
def encoders() -> Encoders:
    """The packaged ones, read once."""
    return Encoders()
