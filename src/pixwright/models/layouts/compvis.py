"""Denoiser, autoencoder and text encoder out of single files in latent-diffusion's layout, or in diffusers' own. diffusers' converters do the renaming."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixwright.errors import InvalidOption
from pixwright.models.layouts.reading import fit, library, read
from pixwright.models.layouts.recognise import (
    AUTOENCODER,
    FOLDERS,
    SUPPORTED,
    TEXT,
    UNET,
    Layout,
    header,
    recognise,
    refuse_pickled,
)

if TYPE_CHECKING:
    from torch import Tensor

_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
"""How diffusers named an autoencoder's attention until 0.17; the published files of Stable Diffusion 1 still do."""
_AUTOENCODER_PARTS = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")


def denoiser_state(path: Path, unet_config: Mapping[str, Any]) -> dict[str, Tensor]:
    """The weights of `UNet2DConditionModel(**unet_config)` from a file or folder.

    Where a single file has the moving average of the weights as well (InstructPix2Pix), that is what its own program samples with, and what is given.
    Raises InvalidOption (no denoiser there, or of other settings), WeightsCorrupt or MissingExtra.
    """
    found, file = _part(path, "denoiser")
    if found.kind == "compvis":
        stored = {name: _average(name) if found.averaged else name for name in header(file)[0] if name.startswith(UNET)}
        known = read(file, stored.values())
        convert = library("diffusers.loaders.single_file_utils").convert_ldm_unet_checkpoint
        tensors = {name: known[source] for name, source in stored.items()}
        try:
            state: dict[str, Tensor] = convert(tensors, dict(unet_config))
        except (KeyError, TypeError) as problem:
            raise InvalidOption(
                f"{file} does not fit these settings of a UNet ({problem}); give the settings it was trained with"
            ) from None
    else:
        state = read(file, header(file)[0])
    torch, diffusers = library("torch"), library("diffusers")
    with torch.device("meta"):
        wanted = diffusers.UNet2DConditionModel(**unet_config).state_dict()
    fit(file, state, wanted, "a UNet of these settings")
    return state


def _average(name: str) -> str:
    """Where the moving average of a weight lies: its name in the wrapped network, without the dots."""
    return "model_ema." + name.removeprefix("model.").replace(".", "")


def autoencoder_state(path: Path) -> dict[str, Tensor]:
    """The weights of diffusers' `AutoencoderKL`, or of `AutoencoderTiny` where that is what the file holds, from a file or folder.

    Raises InvalidOption (no autoencoder there), WeightsCorrupt or MissingExtra.
    """
    found, file = _part(path, "autoencoder")
    names = header(file)[0]
    if found.kind != "compvis":
        return {_modern(name): tensor for name, tensor in read(file, names).items()}
    prefix = AUTOENCODER if any(name.startswith(AUTOENCODER) for name in names) else ""
    wanted = [name for name in names if name.startswith(tuple(prefix + part for part in _AUTOENCODER_PARTS))]
    state = {name.removeprefix(prefix): tensor for name, tensor in read(file, wanted).items()}
    depth = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.down."))
    convert = library("diffusers.loaders.single_file_utils").convert_ldm_vae_checkpoint
    done: dict[str, Tensor] = convert(state, {"down_block_types": [""] * depth, "up_block_types": [""] * depth})
    return done


def _modern(name: str) -> str:
    if "mid_block.attentions." in name:
        for old, new in _OLD_ATTENTION.items():
            name = name.replace(old, new)
    return name


def text_state(path: Path) -> dict[str, Tensor]:
    """The weights of transformers' `CLIPTextModel` from a file or folder, by the names of the installed version: 5 has no `text_model.` before them.

    Raises InvalidOption (no CLIP text encoder there), WeightsCorrupt or MissingExtra.
    """
    _, file = _part(path, "text")
    names = header(file)[0]
    prefix = TEXT if any(name.startswith(TEXT) for name in names) else ""
    # The positions 0..76 were stored as a tensor once; they are no weights.
    wanted = [name for name in names if name.startswith(prefix) and not name.endswith(".position_ids")]
    known = read(file, wanted)
    lead = "text_model." if _leads() else ""
    return {lead + name.removeprefix(prefix).removeprefix("text_model."): tensor for name, tensor in known.items()}


def _leads() -> bool:
    """Whether the installed transformers puts `text_model.` before a text encoder's names."""
    torch, transformers = library("torch"), library("transformers")
    tiny = {"hidden_size": 2, "intermediate_size": 2, "num_hidden_layers": 1, "num_attention_heads": 1}
    shape = transformers.CLIPTextConfig(**tiny, vocab_size=3, bos_token_id=0, eos_token_id=1, pad_token_id=2)
    with torch.device("meta"):
        names = transformers.CLIPTextModel(shape).state_dict()
    return any(name.startswith("text_model.") for name in names)


def _part(path: Path, part: str) -> tuple[Layout, Path]:
    found = recognise(path)
    if part not in found.parts:
        if path.is_dir():
            refuse_pickled(path / FOLDERS[part])
        holds = ", ".join(found.parts) or "none of its parts"
        raise InvalidOption(f"{path} holds {holds}, no {part}; give one of: {SUPPORTED}")
    return found, found.parts[part]
