"""A view adapter (`nn.views`) as one safetensors file, in the layout that InstructAny2Pix publishes: `image_proj.proj`, `.norm`, `.raw_embed`, and
`ip_adapter.N.to_k_ip.weight`, `.to_v_ip.weight`, N the number of the attention layer among all that the network has, self-attention included.

The project's own decoder is written in the same layout, so that both are read by one function.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.models.layouts.reading import fit, library, read
from pixwright.models.layouts.recognise import header
from pixwright.nn.network import UNet
from pixwright.nn.views import TOKENS, ViewAdapter, views_for
from pixwright.weights.store import refuse_pickle, refuse_unfit

_PROJECTOR = "image_proj."
_LINEAR = f"{_PROJECTOR}proj.weight"


@torch.no_grad()
def open_views(path: Path, unet: UNet) -> ViewAdapter:
    """The adapter for that network, on its device and in its dtype, not injected yet.

    Raises InvalidOption (not there, another kind of file, or of another network), WeightsCorrupt (pickle; trained on other heads of the aligned encoder than those installed)
    or MissingExtra.
    """
    if not path.is_file():
        raise InvalidOption(f"{path} is not there; give the file of a view adapter (image_proj and ip_adapter)")
    refuse_pickle(path)
    shapes = header(path)[0]
    if _LINEAR not in shapes:
        raise InvalidOption(f"{path} has no {_LINEAR}; a view adapter is a linear projector of {TOKENS} tokens a view")
    refuse_unfit(
        path, about_views(path).get("trained_on", {}), "train it again: python -m recipes.train.run mini_decoder"
    )
    adapter = views_for(unet, int(shapes[_LINEAR][1]))
    wanted = _names(unet, adapter)
    state = read(path, shapes)
    fit(path, state, wanted, "this network's view adapter")
    for name, target in wanted.items():
        target.copy_(state[name].to(target))
    return adapter


def save_views(path: Path, unet: UNet, adapter: ViewAdapter, about: Mapping[str, Any], dtype: str = "float16") -> None:
    """Write an adapter in the published layout, `about` in its header: what trained it, and which encoder it reads."""
    torch_library, safetensors = library("torch"), library("safetensors.torch")
    kind = getattr(torch_library, dtype)
    state = {name: value.detach().cpu().to(kind).contiguous() for name, value in _names(unet, adapter).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors.save_file(state, str(path), metadata={"about": json.dumps(dict(about), default=str)})


def about_views(path: Path) -> dict[str, Any]:
    """What `save_views` wrote beside the weights; empty for a published file."""
    safetensors = library("safetensors")
    with safetensors.safe_open(str(path), framework="pt") as opened:
        found: dict[str, Any] = json.loads((opened.metadata() or {}).get("about", "{}"))
    return found


def _names(unet: UNet, adapter: ViewAdapter) -> dict[str, Tensor]:
    """Published name -> the adapter's own tensor."""
    names = {f"{_PROJECTOR}{name}": value for name, value in adapter.image_proj.state_dict(keep_vars=True).items()}
    numbers = [n for n, name in enumerate(unet.attn_processors) if ".attn2." in name]
    for number, layer in zip(numbers, adapter.each_layer(), strict=True):
        for name, value in layer.state_dict(keep_vars=True).items():
            names[f"ip_adapter.{number}.{name}"] = value
    return names
