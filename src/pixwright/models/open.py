"""One door to every denoiser: `weights=` is mini, a name of the registry, a folder, or a file. torch is imported when a model is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, WeightsMissing
from pixwright.extras import require
from pixwright.models.contract import ANYSD, LatentModel
from pixwright.models.files import PARTS
from pixwright.models.options import ModelOptions
from pixwright.weights import store
from pixwright.weights.registry import registry

if TYPE_CHECKING:
    import torch

    from pixwright.models.ready import Loaded


def open_model(
    options: ModelOptions, encoders: Encoders, tell: Callable[[str], None] = lambda said: None
) -> LatentModel:
    """Read the networks and make them ready. `tell` hears, before anything is read, how much memory they need and whether they take turns. What they are read from is known by its digests, which are computed when asked for.

    Raises MissingExtra (no torch), WeightsMissing, WeightsCorrupt, InvalidRecord (a file of our own kind that is broken), InvalidOption.
    """
    require(("torch", "diffusers", "transformers", "safetensors"), "a denoiser", "torch")
    from pixwright.models.device import resolve
    from pixwright.models.memory import free_on, plan
    from pixwright.models.ready import make_ready

    device, dtype = resolve(options)
    planned = plan(_weights_of(options, dtype), options, device, free_on(device))
    tell(planned.said)
    loaded = _load(options.weights, encoders, device, dtype)
    if options.image_encoder:
        from pixwright.models.published import load_picture_encoder

        load_picture_encoder(_place(options.image_encoder, "image_encoder"), loaded, device, dtype)
    _with_experts(options, loaded, device, dtype)
    return make_ready(options.weights, loaded, options, device, dtype, planned.offload)


def _weights_of(options: ModelOptions, dtype: torch.dtype) -> dict[str, float]:
    """Gigabytes by part of what will be read; what is not there is told by those who read it."""
    from pixwright.models.memory import weigh

    networks = [f"mini-{part}" for part in PARTS] if options.weights == "mini" else [options.weights]
    given = [*networks, *(one for one in (options.experts, options.image_encoder) if one not in ("", "no"))]
    parts: dict[str, float] = {}
    for one in given:
        path = store.place(registry()[one]) if one in registry() else Path(one).expanduser()
        if path.exists():
            parts |= weigh(path, dtype)
    return parts


def _place(given: str, option: str) -> Path:
    """Where a name of the registry, a folder or a file lies. Raises WeightsMissing."""
    path = store.path(given) if given in registry() else Path(given).expanduser()
    if not path.exists():
        raise WeightsMissing(f"{option}={given!r} is neither a name of `pixwright models list` nor a folder or file")
    return path


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
    loaded.folder = path
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


def _with_experts(options: ModelOptions, loaded: Loaded, device: torch.device, dtype: torch.dtype) -> None:
    """The experts that were asked for, or that lie with the weights: ours, AnySD's published ones, or an IP-Adapter in all their places."""
    if options.experts == "no":
        loaded.experts = None
        return
    if options.experts:
        path = _place(options.experts, "experts")
    elif loaded.folder is not None and any((loaded.folder / "experts").glob("*.safetensors")):
        path = loaded.folder
    else:
        return
    from pixwright.models.layouts.recognise import recognise
    from pixwright.models.mini import load_experts

    own = path / "experts.safetensors" if path.is_dir() else path
    if own.is_file() and (path.is_dir() or recognise(path).kind == "pixwright"):
        loaded.experts, width = load_experts(own, loaded.unet)
        loaded.files["experts"] = own
    else:
        width = _published_experts(path, loaded, device, dtype)
    if loaded.feature_width and width != loaded.feature_width:
        raise InvalidOption(
            f"{path}: the experts read picture features of width {width}, the picture encoder gives {loaded.feature_width}; "
            "give the one that they were trained with: --set image_encoder=DIR (1280: CLIP ViT-H/14, 1664: CLIP ViT-bigG/14)"
        )


def _published_experts(path: Path, loaded: Loaded, device: torch.device, dtype: torch.dtype) -> int:
    """AnySD's or an IP-Adapter's, with how they were trained, and the picture encoder beside them where the model has none; the width that they read."""
    from pixwright.models.layouts.anysd import open_experts
    from pixwright.models.published import load_picture_encoder

    loaded.experts, report = open_experts(path, loaded.unet)
    loaded.files.update({f"experts/{name}": file for name, file in report.files.items()})
    loaded.routing, loaded.missing = "hard", frozenset(report.missing)
    loaded.unreferenced = "zero_picture" if loaded.experts.own_projectors else "plain"
    if loaded.experts.own_projectors:
        loaded.scales = ANYSD
    if loaded.look is None:
        beside = [one for one in (path, path.parent, path.parent.parent) if (one / "image_encoder").is_dir()]
        inside = [path] if (path / "models" / "image_encoder").is_dir() else []
        if not beside + inside:
            raise WeightsMissing(
                f"{path} has no image_encoder/ beside it, and the weights have none; give --set image_encoder=DIR, "
                "the CLIP picture encoder that the experts were trained with"
            )
        load_picture_encoder((inside + beside)[0], loaded, device, dtype)
    return report.feature_width
