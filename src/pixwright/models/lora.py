"""LoRA weights (arXiv 2106.09685) merged into a network when it is loaded: W + scale * alpha / rank * up @ down. Needs no peft.

Known forms: kohya's (`lora_unet_..._to_q.lora_down.weight`), diffusers' of today (`unet....to_q.lora_A.weight`) and of before peft
(`unet....processor.to_q_lora.down.weight`), each with or without alpha. Anything else in the file is refused rather than left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.weights.store import refuse_pickle

_KINDS = {
    "lora_down.weight": "down",
    "lora_A.weight": "down",
    "lora_A.default.weight": "down",
    "lora.down.weight": "down",
    "down.weight": "down",
    "lora_up.weight": "up",
    "lora_B.weight": "up",
    "lora_B.default.weight": "up",
    "lora.up.weight": "up",
    "up.weight": "up",
    "alpha": "alpha",
}
_SPELLING = re.compile(r"^(?P<layer>.+?)\.(?P<kind>" + "|".join(re.escape(key) for key in _KINDS) + r")$")
_OLD = re.compile(r"\.processor\.(to_[qkv]|to_out)_lora$")


@dataclass
class Change:
    """What one layer's weight gets: up (out, r[, 1, 1]) @ down (r, in[, k, k]), times alpha / r."""

    down: Tensor | None = None
    up: Tensor | None = None
    alpha: float | None = None

    def delta(self) -> Tensor:
        """In float32, (out, in) or (out, in, k, k)."""
        assert self.up is not None and self.down is not None
        up, down = self.up.float(), self.down.float()
        rank = down.shape[0]
        product = up.flatten(1) @ down.flatten(1)
        return product.reshape(up.shape[0], *down.shape[1:]) * ((rank if self.alpha is None else self.alpha) / rank)


def merge_lora(path: Path, unet: nn.Module, texts: Mapping[str, nn.Module] | None = None, *, scale: float = 1.0) -> int:
    """Add the file's changes to the network's weights, in place; the number of layers that changed. `scale=-1` takes them out again, up to rounding.

    texts: text encoders by diffusers' names (`text_encoder`, `text_encoder_2`), for files that change those too. Nothing is changed unless
    every entry of the file fits. Raises WeightsMissing (no file), WeightsCorrupt (pickle, no safetensors) or InvalidOption (an entry that
    is not known, or does not fit the network).
    """
    found = [(*_target(path, name, unet, texts or {}), change) for name, change in read_lora(path).items()]
    for layer, name, change in found:
        if change.up is None or change.down is None:
            raise InvalidOption(f"{path.name}: {name} has only one of its two factors; take the whole file")
        factors = change.down.shape[0] == change.up.shape[1] and change.delta().shape == layer.weight.shape
        if not factors:
            raise InvalidOption(
                f"{path.name}: {name} is {tuple(change.up.shape)} x {tuple(change.down.shape)}, the network's layer "
                f"{tuple(layer.weight.shape)}; it was made for another network"
            )
    with torch.no_grad():
        for layer, _, change in found:
            weight = layer.weight
            weight.copy_((weight.float() + scale * change.delta().to(weight.device)).to(weight.dtype))
    return len(found)


def read_lora(path: Path) -> dict[str, Change]:
    """Layer as the file spells it -> its change. Raises as `merge_lora`."""
    if not path.is_file():
        raise WeightsMissing(f"lora={path} is no file; give a .safetensors file")
    refuse_pickle(path)
    changes: dict[str, Change] = {}
    try:
        with safe_open(str(path), framework="pt") as opened:
            about = opened.metadata() or {}
            for key in opened.keys():  # noqa: SIM118 - not a mapping
                spelled = _SPELLING.match(key)
                if spelled is None:
                    raise InvalidOption(
                        f"{path.name} holds {key!r}, which is no LoRA of kohya's or diffusers' form (DoRA, LoHa and LoKr are not known)"
                    )
                kind, tensor = _KINDS[spelled["kind"]], opened.get_tensor(key)
                setattr(
                    changes.setdefault(spelled["layer"], Change()), kind, float(tensor) if kind == "alpha" else tensor
                )
    except SafetensorError as problem:
        raise WeightsCorrupt(f"{path} is no safetensors file ({problem}); fetch it again") from None
    if not changes:
        raise InvalidOption(f"{path.name} is empty; give a file of LoRA weights")
    _alphas(about, changes)
    return changes


def _alphas(about: Mapping[str, str], changes: Mapping[str, Change]) -> None:
    """diffusers keeps peft's settings in the metadata: alpha for all layers, or for those that a pattern names."""
    kept: dict[str, Any] = json.loads(about.get("lora_adapter_metadata", "{}"))
    for name, change in changes.items():
        part, _, layer = name.partition(".")
        if kept.get(f"{part}.use_dora") or kept.get(f"{part}.use_rslora"):
            raise InvalidOption(
                f"the file's {part} is DoRA or rank-stabilised, which is not known; give plain LoRA weights"
            )
        if change.alpha is None and f"{part}.lora_alpha" in kept:
            patterns = kept.get(f"{part}.alpha_pattern") or {}
            special = [value for key, value in patterns.items() if layer == key or layer.endswith(f".{key}")]
            change.alpha = float(special[0] if special else kept[f"{part}.lora_alpha"])


def _target(path: Path, name: str, unet: nn.Module, texts: Mapping[str, nn.Module]) -> tuple[Any, str]:
    """The layer that a spelling names, and its full name."""
    for prefix, part in _prefixes(name):
        network = unet if part == "unet" else texts.get(part)
        if network is None:
            raise InvalidOption(
                f"{path.name} changes {part} ({name}), which this model has not; it was made for another one"
            )
        layer = _layer(network, name.removeprefix(prefix), flat=prefix.startswith("lora_"))
        if layer is not None:
            return layer, name
    raise InvalidOption(f"{path.name} changes {name!r}, a layer that this network has not; it was made for another one")


def _prefixes(name: str) -> list[tuple[str, str]]:
    """(prefix, part of the model) that a spelling may start with."""
    known = {
        "lora_unet_": "unet",
        "lora_te1_": "text_encoder",
        "lora_te2_": "text_encoder_2",
        "lora_te_": "text_encoder",
        "unet.": "unet",
        "text_encoder_2.": "text_encoder_2",
        "text_encoder.": "text_encoder",
    }
    found = [(prefix, part) for prefix, part in known.items() if name.startswith(prefix)]
    return found or [("", "unet")]


def _layer(network: nn.Module, name: str, *, flat: bool) -> nn.Module | None:
    """A linear or convolutional layer by its dotted name, or by kohya's, where every dot is an underscore."""
    layers = {key: part for key, part in network.named_modules() if isinstance(part, nn.Linear | nn.Conv2d)}
    if flat:
        layers = {key.replace(".", "_"): part for key, part in layers.items()}
        return layers.get(name) or layers.get(name.removeprefix("text_model_"))
    name = _OLD.sub(r".\1", name)
    stem = name.removeprefix("text_model.")
    return next((layers[key] for key in (name, f"{name}.0", stem) if key in layers), None)
