"""What a published checkpoint is, from the names and shapes in its safetensors header. No tensor is read, pickle is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights.store import PICKLE_SUFFIXES, refuse_pickle

Kind: TypeAlias = Literal["pixwright", "pipeline", "compvis", "diffusers", "tiny", "experts", "adapter", "table"]
"""pixwright: what its own training writes (`models.files`). pipeline: a folder in diffusers' layout. compvis: one file in that of latent-diffusion.
diffusers: one network in diffusers' or transformers' names. tiny: TAESD. experts: AnySD's folder of experts. adapter: one expert, or IP-Adapter-Plus.
table: AnySD's task table."""
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]

SUPPORTED = (
    "a diffusers folder, a single file of Stable Diffusion 1 or InstructPix2Pix, a UNet, autoencoder, TAESD or CLIP text encoder, "
    "AnySD experts, IP-Adapter-Plus"
)
UNET = "model.diffusion_model."
AUTOENCODER = "first_stage_model."
TEXT = "cond_stage_model.transformer."
TASK_ROWS = 14
EXPERT_FILES = (
    "global",
    "viewpoint",
    "visual_bbox",
    "visual_dep",
    "visual_mat",
    "visual_ref",
    "visual_scr",
    "visual_seg",
    "visual_ske",
)
"""The files of AnySD's experts, without suffix, in the order of `nn.tasks.EXPERTS`."""
TABLE_FILE = "task_embs"
FOLDERS = {
    "denoiser": "unet",
    "autoencoder": "vae",
    "text": "text_encoder",
    "pictures": "image_encoder",
    "experts": "experts",
}
"""Where a pipeline's parts lie."""
_MOST_HEADER = 100_000_000
"""Bytes; the format's own limit."""


@dataclass(frozen=True)
class Layout:
    """What lies at a path."""

    kind: Kind
    path: Path
    parts: Mapping[str, Path] = field(default_factory=dict)
    """denoiser, autoencoder, text, pictures (an encoder), experts, table, a name of `EXPERT_FILES` -> the file, or for experts the folder."""
    channels: int = 0
    """What the denoiser takes: 4 (text to picture) or 8 (shown the picture to edit); 0 where there is none."""
    feature_width: int = 0
    """Width of the picture features that the experts read: 1280 for CLIP ViT-H/14, 1664 for ViT-bigG/14; 0 where there are none."""
    averaged: bool = False
    """The file has the denoiser's moving average as well; it is what is used."""


def recognise(path: Path) -> Layout:
    """What the file or folder is.

    Raises InvalidOption (not there, or nothing that is supported: what was found, what is) or WeightsCorrupt (pickle, or a broken file).
    """
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise InvalidOption(f"{path} is not there; give {SUPPORTED}")
    return _file(path)


def header(path: Path) -> tuple[Shapes, Mapping[str, str]]:
    """Name -> shape of every tensor, and the metadata. Raises WeightsCorrupt for pickle and for a file that is broken or cut off."""
    try:
        refuse_pickle(path)
    except WeightsCorrupt as problem:
        raise WeightsCorrupt(f"{problem} ({_instead(path)})") from None
    size = path.stat().st_size
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= min(_MOST_HEADER, size - 8):
                raise ValueError("no safetensors header")
            read: dict[str, Any] = json.loads(stream.read(length))
        about = read.pop("__metadata__", {})
        shapes = {name: tuple(int(n) for n in row["shape"]) for name, row in read.items()}
        end = max((int(row["data_offsets"][1]) for row in read.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
        raise WeightsCorrupt(f"{path} is no readable .safetensors file ({problem}); fetch it again") from None
    if size != 8 + length + end:
        raise WeightsCorrupt(f"{path} has {size} bytes, its header promises {8 + length + end}; fetch it again")
    return shapes, about


def _instead(path: Path) -> str:
    """What to use in place of a pickle file that is known to be published."""
    if path.suffix == ".ckpt":
        return (
            "MagicBrush and the like: take the .safetensors files of a diffusers folder, as vinesmsuic/magicbrush-jul7"
        )
    if path.stem in (*EXPERT_FILES, TABLE_FILE) or path.stem.startswith("ip_adapter"):
        return f"`pixwright models convert {path}` writes its tensors as {path.stem}.safetensors; `pixwright models pull anysd` brings all of AnySD's so"
    return f"supported: {SUPPORTED}"


def _folder(path: Path) -> Layout:
    own = {part: path / f"{part}.safetensors" for part in ("denoiser", "autoencoder", "experts")}
    own = {part: file for part, file in own.items() if file.is_file()}
    if own and all("shape" in header(file)[1] for file in own.values()):
        return Layout("pixwright", path, own)
    experts = {name: path / f"{name}.safetensors" for name in (*EXPERT_FILES, TABLE_FILE)}
    experts = {name: file for name, file in experts.items() if file.is_file()}
    if experts:
        return _experts_folder(path, experts)
    if (file := _weights(path)) is not None:
        return replace(_file(file), path=path)
    parts = {part: file for part, name in FOLDERS.items() if (file := _weights(path / name)) is not None}
    if any((path / "experts").glob("*.safetensors")):
        parts["experts"] = path / "experts"
    if parts:
        channels = _denoiser_channels(parts["denoiser"]) if "denoiser" in parts else 0
        width = _folder(parts["experts"]).feature_width if "experts" in parts else 0
        return Layout("pipeline", path, parts, channels, width)
    for folder in (path, *(path / name for name in FOLDERS.values())):
        refuse_pickled(folder)
    names = ", ".join(sorted(entry.name for entry in path.iterdir())[:3]) or "nothing"
    raise InvalidOption(f"{path} holds {names}; supported: {SUPPORTED}")


def refuse_pickled(folder: Path) -> None:
    """Raise WeightsCorrupt, with what to use instead, if there is pickle in the folder: called where weights that can be read were not found."""
    for file in sorted(folder.glob("*")):
        if file.suffix in PICKLE_SUFFIXES:
            header(file)


def _weights(folder: Path) -> Path | None:
    """The one file of weights in a folder of diffusers' layout: full precision rather than half."""
    for stem in ("diffusion_pytorch_model", "model"):
        for variant in ("", ".fp16"):
            file = folder / f"{stem}{variant}.safetensors"
            if file.is_file():
                return file
    return None


def _experts_folder(path: Path, files: dict[str, Path]) -> Layout:
    widths = {name: recognise(file).feature_width for name, file in files.items() if name != TABLE_FILE}
    if len(set(widths.values())) > 1:
        raise InvalidOption(
            f"the experts in {path} read features of different widths: {widths}; give those of one model"
        )
    parts = {("table" if name == TABLE_FILE else name): file for name, file in files.items()}
    return Layout("experts", path, parts, feature_width=next(iter(widths.values()), 0))


def _file(path: Path) -> Layout:
    shapes, about = header(path)
    if {"shape", "side"} <= about.keys():
        return Layout("pixwright", path, {"part": path})
    for holds, make in _SIGNS:
        if holds(shapes):
            return make(path, shapes)
    names = ", ".join(sorted(shapes)[:3]) or "no tensor"
    raise InvalidOption(f"{path} has tensors of no known layout ({names}, ...); supported: {SUPPORTED}")


def _starts(prefix: str) -> Callable[[Shapes], bool]:
    return lambda shapes: any(name.startswith(prefix) for name in shapes)


def _has(*names: str) -> Callable[[Shapes], bool]:
    return lambda shapes: all(name in shapes for name in names)


def _refuse(what: str) -> Callable[[Path, Shapes], Layout]:
    def make(path: Path, shapes: Shapes) -> Layout:
        raise InvalidOption(f"{path} is {what}; supported: {SUPPORTED}")

    return make


def _single(kind: Kind, part: str) -> Callable[[Path, Shapes], Layout]:
    return lambda path, shapes: Layout(kind, path, {part: path})


def _compvis(path: Path, shapes: Shapes) -> Layout:
    known = {"denoiser": UNET, "autoencoder": AUTOENCODER, "text": TEXT}
    parts = {part: path for part, prefix in known.items() if _starts(prefix)(shapes)}
    averaged = "model_ema.diffusion_modelinput_blocks00weight" in shapes
    return Layout("compvis", path, parts, _channels(path, shapes[f"{UNET}input_blocks.0.0.weight"]), averaged=averaged)


def _denoiser(path: Path, shapes: Shapes) -> Layout:
    return Layout("diffusers", path, {"denoiser": path}, _channels(path, shapes["conv_in.weight"]))


def _denoiser_channels(file: Path) -> int:
    found = _file(file)
    if "denoiser" not in found.parts:
        raise InvalidOption(f"{file} is no denoiser; supported: {SUPPORTED}")
    return found.channels


def _channels(path: Path, first: tuple[int, ...]) -> int:
    if len(first) != 4 or first[1] not in (4, 8):
        raise InvalidOption(
            f"{path} has a denoiser whose first layer is {first}; 4 channels (text) and 8 (shown the picture) are supported, "
            "not the 9 of inpainting"
        )
    return first[1]


def _adapter(path: Path, shapes: Shapes) -> Layout:
    name = path.stem if path.stem in EXPERT_FILES else "adapter"
    return Layout("adapter", path, {name: path}, feature_width=shapes["image_proj.proj_in.weight"][1])


def _is_table(shapes: Shapes) -> bool:
    only = next(iter(shapes.values())) if len(shapes) == 1 else ()
    return len(only) in (2, 4) and only[0] == TASK_ROWS and set(only[1:-1]) <= {1}


_SIGNS: tuple[tuple[Callable[[Shapes], bool], Callable[[Path, Shapes], Layout]], ...] = (
    (_starts("conditioner."), _refuse("a single file of Stable Diffusion XL; give its diffusers folder")),
    (_starts("cond_stage_model.model."), _refuse("a single file of Stable Diffusion 2")),
    (_has(f"{UNET}input_blocks.0.0.weight"), _compvis),
    (_starts(UNET), _refuse("a single file of a transformer such as FLUX or SD 3; give its diffusers folder")),
    (_starts(AUTOENCODER), _single("compvis", "autoencoder")),
    (_has("encoder.down.0.block.0.conv1.weight", "decoder.conv_in.weight"), _single("compvis", "autoencoder")),
    (
        lambda shapes: any(".lora_" in name or ".lora." in name for name in shapes),
        _refuse("LoRA weights: give them as lora=FILE"),
    ),
    (_has("conv_in.weight", "time_embedding.linear_1.weight"), _denoiser),
    (_has("encoder.conv_in.weight", "decoder.conv_in.weight"), _single("diffusers", "autoencoder")),
    (_has("encoder.layers.0.weight", "decoder.layers.0.weight"), _single("tiny", "autoencoder")),
    (
        _has("1.conv.0.weight"),
        _refuse(
            "half of TAESD in its author's layout; give diffusion_pytorch_model.safetensors of the same repository"
        ),
    ),
    (_starts("vision_model."), _refuse("a picture encoder; it is opened from its folder")),
    (_has("text_model.embeddings.token_embedding.weight"), _single("diffusers", "text")),
    (_has("embeddings.token_embedding.weight"), _single("diffusers", "text")),
    (_has("image_proj.latents", "image_proj.proj_in.weight"), _adapter),
    (_starts("image_proj."), _refuse("an IP-Adapter without a resampler")),
    (_is_table, _single("table", "table")),
)
