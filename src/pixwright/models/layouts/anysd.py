"""AnySD's published experts, and IP-Adapter-Plus as a start for all of them, as weights of `nn.experts.Experts`.

One file an expert: `image_proj.*`, a resampler of its own, and `ip_adapter.N.to_k_ip.weight`, `.to_v_ip.weight`, N the number of the attention layer among
all that the network has, self-attention included. The task table is a file beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pixwright.errors import InvalidOption
from pixwright.models.layouts.reading import fit, read
from pixwright.models.layouts.recognise import (
    EXPERT_FILES,
    FOLDERS,
    SUPPORTED,
    TASK_ROWS,
    Layout,
    Shapes,
    header,
    recognise,
)
from pixwright.nn.experts import Experts, cross_attention, experts_for
from pixwright.nn.network import UNet
from pixwright.nn.tasks import EXPERTS

HEAD_WIDTH = 64
GROWTH = 4
_RESAMPLER = {"latents": "queries", "proj_in": "enter", "proj_out": "leave", "norm_out": "norm"}
_READING = {"norm1": "norm_features", "norm2": "norm_tokens", "to_q": "to_q", "to_kv": "to_kv", "to_out": "to_out"}


@dataclass(frozen=True)
class ExpertsReport:
    """What was found, and what stands in for the rest."""

    present: tuple[str, ...]
    """The experts (names of `nn.tasks.EXPERTS`) that were read."""
    missing: tuple[str, ...]
    """Those without a file: the layer's own keys and values, and no picture tokens."""
    has_table: bool
    """Whether the task table was read; without, every task token is zero. The row `GENERAL`, which the published table has not, is always zero."""
    feature_width: int
    """Of the picture features that they read."""
    settings: Mapping[str, int | bool]
    """What `nn.experts.experts_for` is given for experts of this shape."""
    files: Mapping[str, Path]
    """Everything that was read."""


def experts_layout(path: Path) -> Layout:
    """The layout of the experts at that path; its `feature_width` says which picture encoder they need. Raises InvalidOption if there are none."""
    found = recognise(_experts_in(path))
    if found.kind not in ("experts", "adapter") or not found.feature_width:
        holds = ", ".join(found.parts) or found.kind
        raise InvalidOption(f"{path} holds {holds}, no experts; give one of: {SUPPORTED}")
    return found


def _experts_in(path: Path) -> Path:
    """The folder of experts in a folder, or its IP-Adapter-Plus (h94/IP-Adapter keeps it in models/), or the path itself."""
    inside = path / FOLDERS["experts"]
    adapters = [one for place in (path, path / "models") for one in sorted(place.glob("ip-adapter-plus*.safetensors"))]
    if len(adapters) > 1:
        raise InvalidOption(f"{path} holds {', '.join(one.name for one in adapters)}; give one of the files")
    return inside if inside.is_dir() else adapters[0] if adapters else path


@torch.no_grad()
def open_experts(path: Path, unet: UNet) -> tuple[Experts, ExpertsReport]:
    """The experts themselves, on the network's device and in its dtype, not injected yet.

    path: AnySD's folder of experts, or the folder that it lies in; one expert's file; or IP-Adapter-Plus, from which all nine then start.
    Raises InvalidOption (no experts, or for another network), WeightsCorrupt or MissingExtra.
    """
    found = experts_layout(path)
    files = {name: file for name, file in found.parts.items() if name != "table"}
    settings: dict[str, Any] = {
        **_settings(path, header(next(iter(files.values())))[0]),
        "own_projectors": "adapter" not in files,
    }
    with torch.random.fork_rng(devices=[]):
        # The router is not published. Its output is that of table 8 whatever its first layer, which this makes the same every time.
        torch.manual_seed(0)
        experts = experts_for(unet, found.feature_width, **settings)
    experts.table.weight.zero_()
    for parameter in experts.projector.parameters():
        parameter.zero_()
    for name, file in files.items():
        chosen = slice(None) if name == "adapter" else EXPERT_FILES.index(name)
        _fill(file, unet, experts, chosen)
    if "table" in found.parts:
        _fill_table(found.parts["table"], experts)
    present = tuple(
        expert for expert, name in zip(EXPERTS, EXPERT_FILES, strict=True) if name in files or "adapter" in files
    )
    missing = tuple(expert for expert in EXPERTS if expert not in present)
    report = ExpertsReport(present, missing, "table" in found.parts, found.feature_width, settings, dict(found.parts))
    return experts, report


def _settings(path: Path, shapes: Shapes) -> dict[str, int | bool]:
    """The resampler's shape; its heads are of 64, as in every published one."""
    _, queries, width = shapes["image_proj.latents"]
    depth = sum(name.endswith(".0.to_q.weight") for name in shapes)
    inner = shapes.get("image_proj.layers.0.0.to_q.weight", (0,))[0]
    grown = shapes.get("image_proj.layers.0.1.1.weight", (0,))[0]
    if not depth or not inner or inner % HEAD_WIDTH or grown != GROWTH * width:
        raise InvalidOption(
            f"{path} has a resampler of {depth} layers, width {width}, attention {inner}, inner {grown}; "
            f"heads of {HEAD_WIDTH} and an inner width of {GROWTH} times its own are supported"
        )
    return {
        "queries": queries,
        "projector_width": width,
        "depth": depth,
        "heads": inner // HEAD_WIDTH,
        "head_width": HEAD_WIDTH,
    }


def _fill(file: Path, unet: UNet, experts: Experts, chosen: slice | int) -> None:
    """One file into one expert, or into all of them and the projector that they share."""
    state = read(file, header(file)[0])
    prefix, ours = "image_proj.", {}
    for name in [name for name in state if name.startswith(prefix)]:
        ours[_ours(file, name.removeprefix(prefix))] = state.pop(name)
    projector = experts.projector if isinstance(chosen, slice) else experts.projector.get_submodule(str(chosen))
    fit(file, ours, projector.state_dict(), "the projector")
    projector.load_state_dict(ours)

    numbers = {name: number for number, name in enumerate(unet.attn_processors)}
    published = {}
    for (name, attn), layer in zip(cross_attention(unet), experts.each_layer(), strict=True):
        lead = f"ip_adapter.{numbers[f'{name}.processor']}"
        published[f"{lead}.to_k_ip.weight"] = (attn.to_k.weight, layer.to_k)
        published[f"{lead}.to_v_ip.weight"] = (attn.to_v.weight, layer.to_v)
    fit(file, state, {name: weight for name, (weight, _) in published.items()}, "this network's experts")
    for name, (_, target) in published.items():
        target[chosen] = state[name].to(target)


def _ours(file: Path, name: str) -> str:
    """A resampler's published name in ours: `layers.2.0.norm1.weight` is `read.2.norm_features.weight`, `layers.2.1.3.weight` is `think.2.3.weight`."""
    first, *rest = name.split(".")
    if first in _RESAMPLER:
        return ".".join([_RESAMPLER[first], *rest])
    match rest:
        case [index, "0", part, *end] if first == "layers" and part in _READING:
            return ".".join(["read", index, _READING[part], *end])
        case [index, "1", *end] if first == "layers":
            return ".".join(["think", index, *end])
    raise InvalidOption(
        f"{file} has image_proj.{name}, which no resampler of IP-Adapter-Plus has; supported: {SUPPORTED}"
    )


def _fill_table(file: Path, experts: Experts) -> None:
    """The fourteen rows, in the order of `Traits.task`: the three of the global expert, the four of the viewpoint one, then the visual ones,
    each as numbered in its own training.

    The list that the published program samples with counts from 1 and has rotation before outpaint. Its last number is outside of fourteen rows, so it
    cannot be the file's; if these two rows are swapped in the file, that is the reason.
    """
    (table,) = read(file, header(file)[0]).values()
    width = experts.table.weight.shape[1]
    if table.shape[-1] != width:
        raise InvalidOption(
            f"{file}: the task table is {table.shape[-1]} wide, the network's text {width}; give its own"
        )
    experts.table.weight[:TASK_ROWS] = table.reshape(TASK_ROWS, width).to(experts.table.weight)
