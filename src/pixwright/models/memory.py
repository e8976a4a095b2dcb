"""Whether networks fit where they shall run, from their files' headers, before any of them is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch

from pixwright.errors import InvalidOption
from pixwright.models.layouts.recognise import header
from pixwright.models.options import ModelOptions

GIGABYTE = 1e9
ROOM = 1.0
"""Gigabytes that are kept free on a card for what a network computes."""
_SMALL = 0.1
"""Gigabytes, below which weights are told in megabytes."""
_VARIANTS = (".fp16", ".bf16", ".non_ema")
_SHARES = {"no": 1.0, "fp8": 0.6, "int8": 0.6, "int4": 0.4}
"""Of a denoiser's weights in 16 bits, about: convolutions and norms stay as they are."""


@dataclass(frozen=True)
class MemoryPlan:
    """How networks share a device."""

    offload: bool
    said: str
    """One line for the user."""


def weigh(path: Path, dtype: torch.dtype) -> dict[str, float]:
    """Part (a folder of `path`, or its own name) -> gigabytes of its weights in that dtype. Of variants of one network the larger counts. Nothing but headers is read."""
    files = [path] if path.is_file() else sorted([*path.glob("*.safetensors"), *path.glob("*/*.safetensors")])
    found: dict[tuple[str, str], float] = {}
    for file in files:
        if file.suffix != ".safetensors":
            continue
        part = file.stem if file.parent == path or file == path else file.parent.name
        variant = next((one for one in _VARIANTS if one in file.name), "")
        count = sum(prod(shape) for shape in header(file)[0].values())
        found[part, variant] = found.get((part, variant), 0.0) + count * dtype.itemsize / GIGABYTE
    parts = {part for part, _ in found}
    return {part: max(size for (name, _), size in found.items() if name == part) for part in sorted(parts)}


def free_on(device: torch.device) -> float | None:
    """Gigabytes that are free there; None where nobody can tell."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0]) / GIGABYTE
    if device.type != "cpu":
        return None
    try:
        text = Path("/proc/meminfo").read_text("ascii")
        return float(text.split("MemAvailable:")[1].split()[0]) * 1024 / GIGABYTE
    except (OSError, IndexError, ValueError):
        pass
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE") / GIGABYTE
    except (AttributeError, ValueError, OSError):
        return None


def plan(parts: Mapping[str, float], options: ModelOptions, device: torch.device, free: float | None) -> MemoryPlan:
    """Whether the networks stay on the device beside each other or take turns. Raises InvalidOption where not even the largest fits: what would help."""
    shares = {
        name: _SHARES[options.quantised] if name in ("unet", "transformer", "denoiser") else 1.0 for name in parts
    }
    sizes = {name: size * shares[name] for name, size in parts.items()}
    all_of_them, largest = sum(sizes.values()), max(sizes.values(), default=0.0)
    room = 0.0 if device.type == "cpu" else ROOM
    have = "" if free is None else f", {free:.1f} GB free"
    size = f"{all_of_them:.1f} GB" if all_of_them >= _SMALL else f"{1000 * all_of_them:.0f} MB"
    told = f"{size} of weights for {device}{have}"
    if options.offload != "auto":
        chosen = bool(options.offload)
    else:
        chosen = device.type != "cpu" and free is not None and all_of_them + room > free
    needed = (largest if chosen else all_of_them) + room
    if free is not None and needed > free:
        smaller = "quantised=int8, or smaller weights" if device.type != "cpu" else "dtype=bfloat16, or smaller weights"
        raise InvalidOption(f"{told}: {needed:.1f} GB are needed at once; take --set {smaller}, or free some memory")
    return MemoryPlan(chosen, f"{told}: " + ("each network in turn" if chosen else "all stay there"))
