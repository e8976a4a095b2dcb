"""Where networks run, in what numbers, and how they share a device that is too small for all of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from pixwright.errors import InvalidOption
from pixwright.extras import optional
from pixwright.models.options import ModelOptions
from pixwright.nn.network import Autoencoder, UNet


def devices() -> list[str]:
    """What this machine has, the best first: the GPUs, mps, cpu."""
    graphics = [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return [*graphics, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]


def device_named(name: str) -> torch.device:
    """The device of that name; `auto` is the best there is. Raises InvalidOption for one that is not there: which are."""
    there = devices()
    wanted = there[0] if name == "auto" else name
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise InvalidOption(f"device={wanted!r} is no device; there is: auto, {', '.join(there)}") from None
    full = f"cuda:{device.index or 0}" if device.type == "cuda" else device.type
    if full not in there:
        raise InvalidOption(
            f"device={wanted!r} is not there (or this torch cannot use it); there is: {', '.join(there)}"
        )
    return device


def resolve(options: ModelOptions) -> tuple[torch.device, torch.dtype]:
    """The device and the dtype that the options mean here. Raises InvalidOption for a device that is not there: which are."""
    device = device_named(options.device)
    if options.dtype != "auto":
        return device, cast(torch.dtype, getattr(torch, options.dtype))
    if device.type == "cpu":
        return device, torch.float32
    old = device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False)
    return device, torch.float16 if old else torch.bfloat16


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars of the libraries while they load, nor word of what they will rename (`torch_dtype`; both names are in use)."""
    import diffusers.utils.logging as ours
    import transformers.utils.logging as theirs

    was = [(module, module.is_progress_bar_enabled()) for module in (ours, theirs)]
    for module, _ in was:
        module.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        for module, on in was:
            if on:
                module.enable_progress_bar()


def cast_to(network: Any, dtype: torch.dtype) -> Any:
    """The network in that dtype, for inference. diffusers' own `to` warns about layers kept in float32 even where it keeps none."""
    return nn.Module.to(network, dtype).requires_grad_(False).eval()


class Turns:
    """Networks that take turns on the device: one is moved there when it is called, and back when another is.

    So a network stays for all the steps of its turn, and the device needs memory for the largest one only.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.there: Sequence[nn.Module] = ()
        """Who is on the device now."""

    def add(self, group: Sequence[nn.Module], doors: Sequence[nn.Module] = (), methods: Sequence[str] = ()) -> None:
        """Let the networks of `group` share turns.

        Calling any of them is a turn, and so is calling one of `doors` (parts that are called on their own) or one of `methods` of the first.
        """

        def enter(*_: Any) -> None:
            self._enter(group)

        for module in (*group, *doors):
            module.register_forward_pre_hook(enter)
        for name in methods:
            _before(group[0], name, enter)

    def _enter(self, group: Sequence[nn.Module]) -> None:
        if self.there is group:
            return
        for module in self.there:
            module.to("cpu")
        for module in group:
            module.to(self.device)
        self.there = group


def _before(module: nn.Module, name: str, enter: Callable[[], None]) -> None:
    inner = getattr(module, name)

    def method(*given: Any) -> Any:
        enter()
        return inner(*given)

    setattr(module, name, method)


def in_float32(autoencoder: Autoencoder) -> None:
    """Let an autoencoder compute in float32 whatever it is given, and answer in what it was given.

    SDXL's own overflows in float16 (its `force_upcast`). Inputs and results keep the shapes of `encode` and `decode`.
    """
    cast_to(autoencoder, torch.float32)
    encode, decode = autoencoder.encode, autoencoder.decode

    def encode_wide(pixels: Tensor) -> Any:
        coded = encode(pixels.float())
        coded.latent_dist = type(coded.latent_dist)(coded.latent_dist.parameters.to(pixels.dtype))
        return coded

    def decode_wide(latents: Tensor) -> Any:
        decoded = decode(latents.float())
        decoded.sample = decoded.sample.to(latents.dtype)
        return decoded

    autoencoder.encode, autoencoder.decode = encode_wide, decode_wide


def quantise(unet: UNet, bits: str, device: torch.device) -> None:
    """The linear layers' weights in 8 bits (int8 or fp8, one scale a row) or 4 bits (one scale for 32), through torchao; activations stay as they are.

    Layers whose width does not fit keep theirs. 4 bits exist for CUDA with bfloat16 only. Raises MissingExtra or InvalidOption.
    """
    if bits == "int4" and (device.type != "cuda" or unet.dtype is not torch.bfloat16):
        raise InvalidOption(
            f"quantised=int4 needs CUDA and bfloat16, this is {device.type} and {unet.dtype}; int8 works everywhere"
        )
    torchao = optional("torchao.quantization", f"quantised={bits}", "torchao")
    if bits in ("int8", "fp8"):
        config = torchao.Int8WeightOnlyConfig() if bits == "int8" else torchao.Float8WeightOnlyConfig()
        torchao.quantize_(unet, config)
        return
    config = torchao.Int4WeightOnlyConfig(group_size=32, int4_packing_format="tile_packed_to_4d")
    torchao.quantize_(
        unet.to(device), config, lambda layer, _: isinstance(layer, nn.Linear) and layer.in_features % 32 == 0
    )
