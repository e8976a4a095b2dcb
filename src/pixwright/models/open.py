"""One door to every denoiser: `weights=` is mini, a name of the registry, a folder, or a file. torch is imported when a model is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.extras import require
from pixwright.models.contract import LatentModel
from pixwright.models.files import PARTS
from pixwright.models.options import ModelOptions
from pixwright.weights import store
from pixwright.weights.registry import registry

if TYPE_CHECKING:
    import torch

    from pixwright.models.ready import Loaded


def open_model(options: ModelOptions, encoders: Encoders) -> LatentModel:
    """Read the networks and make them ready. What they are read from is known by its digests, which are computed when asked for.

    Raises MissingExtra (no torch), WeightsMissing, WeightsCorrupt, InvalidRecord (a file of our own kind that is broken), InvalidOption.
    """
    require(("torch", "diffusers", "transformers", "safetensors"), "a denoiser", "torch")
    from pixwright.models.device import resolve
    from pixwright.models.ready import make_ready

    device, dtype = resolve(options)
    loaded = _load(options.weights, encoders, device, dtype)
    if options.experts:
        _load_experts(Path(options.experts).expanduser(), loaded)
    return make_ready(options.weights, loaded, options, device, dtype)


def _load(weights: str, encoders: Encoders, device: torch.device, dtype: torch.dtype) -> Loaded:
    if weights == "mini":
        return _load_mini(_packaged(), encoders, device, dtype)
    path = store.path(weights) if weights in registry() else Path(weights).expanduser()
    if not path.exists():
        raise WeightsMissing(
            f"weights={weights!r} is neither mini, a name of `pixwright models list`, nor a folder or file"
        )
    if path.is_dir() and (path / "denoiser.safetensors").is_file():
        return _load_mini(_in_folder(path), encoders, device, dtype)
    from pixwright.models.published import load_file, load_folder

    if path.is_file():
        store.refuse_pickle(path)
        return load_file(path, weights, device, dtype)
    if not (path / "unet").is_dir():
        raise WeightsMissing(
            f"{path} holds neither unet/ (diffusers' layout) nor denoiser.safetensors (of this project's training); give one that does"
        )
    loaded = load_folder(path, weights, device, dtype)
    if (path / "experts").is_dir():
        _load_experts(path, loaded)
    return loaded


def _load_mini(files: dict[str, Path], encoders: Encoders, device: torch.device, dtype: torch.dtype) -> Loaded:
    from pixwright.models.mini import load_mini

    return load_mini(files, encoders, device, dtype)


def _packaged() -> dict[str, Path]:
    known = registry()
    if any(f"mini-{part}" not in known for part in ("autoencoder", "denoiser")):
        raise WeightsMissing(
            "this package holds no mini weights; train them (recipes/train) and give --set weights=FOLDER, or a folder of published weights"
        )
    return {part: store.path(f"mini-{part}") for part in PARTS if f"mini-{part}" in known}


def _in_folder(path: Path) -> dict[str, Path]:
    """The parts of a folder of our own; its autoencoder must be there, its experts need not."""
    found = {part: path / f"{part}.safetensors" for part in PARTS}
    if not found["autoencoder"].is_file():
        raise WeightsMissing(f"{path} holds no autoencoder.safetensors, which its denoiser needs; copy it there")
    return {part: file for part, file in found.items() if file.is_file()}


def _load_experts(path: Path, loaded: Loaded) -> None:
    """Ours, or AnySD's published ones, in place of what came with the weights."""
    from pixwright.models.layouts.anysd import open_experts
    from pixwright.models.layouts.recognise import recognise
    from pixwright.models.mini import load_experts

    if not path.exists():
        raise WeightsMissing(f"experts={path} is not there; give a folder or file of experts")
    own = path / "experts.safetensors" if path.is_dir() else path
    if own.is_file() and (path.is_dir() or recognise(path).kind == "pixwright"):
        loaded.experts, width = load_experts(own, loaded.unet)
        loaded.files["experts"] = own
    else:
        loaded.experts, report = open_experts(path, loaded.unet)
        width = report.feature_width
        loaded.files.update({f"experts/{name}": file for name, file in report.files.items()})
    if loaded.feature_width and width != loaded.feature_width:
        raise InvalidOption(
            f"{path}: the experts read picture features of width {width}, the picture encoder gives {loaded.feature_width}; "
            "take the one that they were trained with"
        )
