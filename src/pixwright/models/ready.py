"""From networks that were read to a model that runs: LoRA, experts, quantised weights, memory layout, device. In this order, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.models.device import Turns, quantise
from pixwright.models.digests import Digests
from pixwright.models.lora import merge_lora
from pixwright.models.options import ModelOptions
from pixwright.nn.experts import Experts, inject
from pixwright.nn.network import Autoencoder, UNet
from pixwright.nn.packing import pack
from pixwright.nn.sampling import Schedule
from pixwright.records.instruction import Array


@dataclass(eq=False, kw_only=True)
class Loaded:
    """Networks in main memory, in their dtype, with what belongs to them."""

    unet: UNet
    autoencoder: Autoencoder
    schedule: Schedule
    read: Callable[[Sequence[str]], Texts]
    look: Callable[[Sequence[Array]], Tensor] | None = None
    side: int
    reads_captions: bool = False
    blank: int = 0
    experts: Experts | None = None
    texts: Mapping[str, nn.Module] = field(default_factory=dict)
    """Text encoders by diffusers' names, where they are torch networks."""
    image_encoder: nn.Module | None = None
    feature_width: int = 0
    """F of what `look` gives; 0 where it does not matter."""
    files: dict[str, Path]
    """Everything that was read."""


def make_ready(
    name: str, loaded: Loaded, options: ModelOptions, device: torch.device, dtype: torch.dtype
) -> LatentModel:
    """The model. Raises InvalidOption, MissingExtra, WeightsMissing or WeightsCorrupt for options that cannot be met."""
    unet, files = loaded.unet, dict(loaded.files)
    if options.lora:
        path = Path(options.lora).expanduser()
        merge_lora(path, unet, loaded.texts)
        files["lora"] = path
    if loaded.experts is not None:
        inject(unet, loaded.experts)
    if options.quantised == "int4" and options.offload:
        raise InvalidOption("quantised=int4 weights are packed for the GPU and stay there; use offload=no, or int8")
    if options.quantised != "no":
        quantise(unet, options.quantised, device)
    for network in (unet, loaded.autoencoder):
        network.to(memory_format=torch.channels_last)
    _place(loaded, options, device)
    if device.type == "cpu" and not options.offload:
        # Packing doubles the memory of the weights, which is what offloading is there to save.
        quantised = options.quantised != "no"
        convolutions = [layer for layer in unet.modules() if isinstance(layer, nn.Conv2d)]
        for network in (*(convolutions if quantised else [unet]), loaded.autoencoder, *loaded.texts.values()):
            pack(network)
    return LatentModel(
        name=name,
        unet=unet,
        autoencoder=loaded.autoencoder,
        schedule=loaded.schedule,
        side=loaded.side,
        multiple=factor_of(loaded.autoencoder) * 2 ** (len(unet.config.block_out_channels) - 1),
        read=loaded.read,
        device=device,
        dtype=dtype,
        look=loaded.look,
        experts=loaded.experts,
        digests=Digests(files),
        reads_captions=loaded.reads_captions,
        blank=loaded.blank,
    )


def factor_of(autoencoder: Autoencoder) -> int:
    """Pixels of a latent's side."""
    config = autoencoder.config
    blocks = config.get("block_out_channels") or config.get("encoder_block_out_channels")
    return int(2 ** (len(blocks) - 1))


def check_fit(name: str, unet: UNet, autoencoder: Autoencoder, text_width: int) -> None:
    """Raise InvalidOption unless this is a denoiser that the editors can drive: four or eight channels, the text's width, the autoencoder's latents."""
    config = unet.config
    takes, gives = int(config.in_channels), int(config.out_channels)
    latent = int(autoencoder.config.latent_channels)
    if takes not in (gives, 2 * gives):
        kind = "an inpainting network" if takes == 2 * gives + 1 else "of an unknown kind"
        raise InvalidOption(
            f"{name}: the denoiser takes {takes} channels and is {kind}; {gives} (text to picture) or {2 * gives} (editing) are supported"
        )
    if latent != gives:
        raise InvalidOption(f"{name}: latents of {latent} channels, a denoiser of {gives}; take both from one model")
    if int(config.cross_attention_dim) != text_width:
        raise InvalidOption(
            f"{name}: texts are {text_width} wide, the denoiser reads {config.cross_attention_dim}; take both from one model"
        )
    strange = [key for key in ("class_embed_type", "encoder_hid_dim", "time_cond_proj_dim") if config.get(key)]
    if strange or config.addition_embed_type not in (None, "text_time"):
        raise InvalidOption(
            f"{name}: the denoiser has {(strange or ['addition_embed_type'])[0]}; the shapes of Stable Diffusion 1 and XL are supported"
        )


def _place(loaded: Loaded, options: ModelOptions, device: torch.device) -> None:
    main = [loaded.unet, *([loaded.experts] if loaded.experts is not None else [])]
    seeing = [loaded.image_encoder] if loaded.image_encoder is not None else []
    if not options.offload:
        for network in (*main, loaded.autoencoder, *loaded.texts.values(), *seeing):
            network.to(device)
        return
    turns = Turns(device)
    # Reuse of inner features calls parts of the network; the time embedding is the first of them.
    turns.add(main, doors=[loaded.unet.time_embedding])
    turns.add([loaded.autoencoder], methods=["encode", "decode"])
    for network in (*loaded.texts.values(), *seeing):
        turns.add([network])
