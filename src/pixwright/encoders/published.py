"""What every network in transformers' layout needs: its folder by name, its weights without pickle or foreign code, its tokenizer, and pictures as it saw them in training."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import unit
from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.weights.registry import registry
from pixwright.weights.store import path

Floats: TypeAlias = NDArray[np.float32]

CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def need(name: str) -> Any:
    """torch or transformers. Raises `MissingExtra`."""
    try:
        return importlib.import_module(name)
    except ImportError as problem:
        raise MissingExtra(f"this needs {name}: pip install 'pixwright[torch]'") from problem


def folder_of(name: str) -> Path:
    """The folder of weights: a name of the registry, or a path. Raises `WeightsMissing`."""
    where = path(name) if name in registry() else Path(name).expanduser()
    if not where.is_dir():
        raise WeightsMissing(
            f"{name!r} is neither a folder nor a name of `pixwright models`; pull or name one that holds config.json"
        )
    return where


def device_of(name: str) -> Any:
    """The `torch.device` of auto, cpu, cuda, cuda:1 or mps. Raises `InvalidOption`."""
    torch = need("torch")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.device(name)
    except RuntimeError:
        raise InvalidOption(f"device {name!r} is unknown; allowed: auto, cpu, cuda, cuda:1, mps") from None


def open_network(kind: str, where: Path, device: str, dtype: str = "float32") -> Any:
    """A class of transformers by name, read from a folder with config.json and .safetensors, ready to run.

    Raises `WeightsCorrupt` where they do not fit, are pickle, or lack a tensor; `MissingExtra`.
    """
    torch, transformers = need("torch"), need("transformers")
    transformers.utils.logging.disable_progress_bar()
    if not list(where.glob("*.safetensors")):
        raise WeightsCorrupt(f"{where} holds no .safetensors; other formats can run code when loaded and are refused")
    try:
        network, report = getattr(transformers, kind).from_pretrained(
            str(where),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            dtype=getattr(torch, dtype),
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as problem:
        reason = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise WeightsCorrupt(
            f"{where} is no {kind} ({reason}); it needs config.json and .safetensors of one"
        ) from problem
    if report["missing_keys"]:
        # transformers fills what is missing with random numbers and only logs it.
        raise WeightsCorrupt(f"{where} lacks {sorted(report['missing_keys'])[0]}; get the whole folder again")
    return network.eval().to(device_of(device))


def open_tokenizer(where: Path) -> Any:
    """The `tokenizers.Tokenizer` of a folder. Raises `WeightsCorrupt`."""
    from tokenizers import Tokenizer

    file = where / "tokenizer.json"
    if not file.is_file():
        raise WeightsCorrupt(f"{where} has no tokenizer.json; get the whole folder again")
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def normalised(picture: Array, mean: Sequence[float], std: Sequence[float]) -> Floats:
    """HxWx3 uint8 -> (1, 3, H, W) float32: (x / 255 - mean) / std."""
    values = (picture.astype(np.float32) / 255 - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None], np.float32)


def middle_square(picture: Array, side: int) -> Array:
    """The middle square of a picture HxWx3 (or more) uint8, side x side x 3: what CLIP and its descendants see of it."""
    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return resized(np.ascontiguousarray(picture[top : top + edge, left : left + edge, :3]), side, side)


def unit_rows(found: Any) -> Floats:
    """Unit rows of what a network's projection gives, which is a tensor or, since transformers 5, an output that holds one."""
    tensor = found if hasattr(found, "detach") else found.pooler_output
    return unit(np.asarray(tensor.float().cpu().numpy(), np.float32))
