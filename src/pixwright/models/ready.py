"""From networks that were read to a model that runs: LoRA, experts, quantised weights, memory layout, device. In this order, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.models.contract import PIX2PIX, LatentModel, Look, Texts, Unreferenced, UsualScales
from pixwright.models.device import Turns, cast_to, quantise
from pixwright.models.digests import Digests
from pixwright.models.lora import merge_lora
from pixwright.models.options import ModelOptions
from pixwright.nn.experts import Experts, inject
from pixwright.nn.network import Autoencoder, UNet
from pixwright.nn.packing import pack
from pixwright.nn.routing import Routing
from pixwright.nn.sampling import Schedule
from pixwright.weights import store
from pixwright.weights.registry import registry


@dataclass(eq=False, kw_only=True)
class Loaded:
    """Networks in main memory, in their dtype, with what belongs to them."""

    unet: UNet
    autoencoder: Autoencoder
    schedule: Schedule
    read: Callable[[Sequence[str]], Texts]
    look: Look | None = None
    side: int
    reads_captions: bool = False
    blank: int = 0
    experts: Experts | None = None
    routing: Routing = "soft"
    unreferenced: Unreferenced = "zero_tokens"
    missing: frozenset[str] = frozenset()
    scales: UsualScales = PIX2PIX
    texts: Mapping[str, nn.Module] = field(default_factory=dict)
    """Text encoders by diffusers' names, where they are torch networks."""
    image_encoder: nn.Module | None = None
    glimpse: Autoencoder | None = None
    feature_width: int = 0
    """F of what `look` gives; 0 where it does not matter."""
    files: dict[str, Path]
    """Everything that was read."""
    folder: Path | None = None
    """Of published weights in diffusers' layout: where experts may lie."""


def make_ready(
    name: str, loaded: Loaded, options: ModelOptions, device: torch.device, dtype: torch.dtype, offload: bool = False
) -> LatentModel:
    """The model; `offload` lets its networks take turns on the device. Raises InvalidOption, MissingExtra, WeightsMissing or WeightsCorrupt for options that cannot be met."""
    unet, files = loaded.unet, dict(loaded.files)
    if options.lora:
        path = lora_file(options.lora)
        merge_lora(path, unet, loaded.texts)
        files["lora"] = path
    if loaded.experts is not None:
        inject(unet, loaded.experts)
    if options.quantised == "int4" and offload:
        raise InvalidOption("quantised=int4 weights are packed for the GPU and stay there; use offload=no, or int8")
    if options.quantised != "no":
        quantise(unet, options.quantised, device)
    for network in (unet, loaded.autoencoder):
        network.to(memory_format=torch.channels_last)
    if options.tiles:
        loaded.autoencoder.enable_tiling()
    if options.preview:
        loaded.glimpse = tiny_autoencoder(options.preview, device, dtype, loaded)
    _place(loaded, offload, device)
    if options.compiled:
        unet.compile()
    elif device.type == "cpu" and not offload:
        quantised = options.quantised != "no"
        convolutions = [layer for layer in unet.modules() if isinstance(layer, nn.Conv2d)]
        for network in (*(convolutions if quantised else [unet]), loaded.autoencoder, *loaded.texts.values()):
            pack(network, keep=False)
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
        routing=loaded.routing,
        unreferenced=loaded.unreferenced,
        missing=loaded.missing,
        scales=loaded.scales,
        digests=Digests(files),
        reads_captions=loaded.reads_captions,
        blank=loaded.blank,
        glimpse=loaded.glimpse,
        tiles=options.tiles,
    )


def lora_file(given: str) -> Path:
    """A LoRA by its name in the registry, or a file. Raises WeightsMissing (what to pull)."""
    return store.path(given) if given in registry() else Path(given).expanduser()


def tiny_autoencoder(given: str, device: torch.device, dtype: torch.dtype, loaded: Loaded) -> Autoencoder:
    """A tiny autoencoder (TAESD) by name or folder, for the same latents. Raises WeightsMissing, WeightsCorrupt or InvalidOption."""
    import diffusers

    folder = store.path(given) if given in registry() else Path(given).expanduser()
    if not (folder / "config.json").is_file():
        raise WeightsMissing(f"preview={given!r} is no folder of a tiny autoencoder; run: pixwright models pull taesd")
    library: Any = diffusers
    try:
        tiny = library.AutoencoderTiny.from_pretrained(str(folder), use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise WeightsCorrupt(f"{folder} cannot be read as a tiny autoencoder ({reason}); fetch it again") from None
    if tiny.config.latent_channels != loaded.autoencoder.config.latent_channels:
        raise InvalidOption(
            f"preview={given!r} reads latents of {tiny.config.latent_channels} channels, the model has "
            f"{loaded.autoencoder.config.latent_channels}; take the tiny autoencoder of the same family"
        )
    loaded.files["preview"] = folder / "config.json"
    return cast_to(tiny, dtype).to(device)


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


def _place(loaded: Loaded, offload: bool, device: torch.device) -> None:
    main = [loaded.unet, *([loaded.experts] if loaded.experts is not None else [])]
    seeing = [loaded.image_encoder] if loaded.image_encoder is not None else []
    if not offload:
        for network in (*main, loaded.autoencoder, *loaded.texts.values(), *seeing):
            network.to(device)
        return
    turns = Turns(device)
    # Reuse of inner features calls parts of the network; the time embedding is the first of them.
    turns.add(main, doors=[loaded.unet.time_embedding])
    turns.add([loaded.autoencoder], methods=["encode", "decode"])
    for network in (*loaded.texts.values(), *seeing):
        turns.add([network])
