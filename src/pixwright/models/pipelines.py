"""Editors that others published as whole pipelines in diffusers' layout: a folder becomes one function from pictures and words to a picture.

Only what is listed in `SUPPORTED` is opened, only from safetensors, and no code from the folder is ever run.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PIL import Image

from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing
from pixwright.extras import require
from pixwright.media.pixels import resized
from pixwright.models.options import ModelOptions
from pixwright.records.instruction import Array
from pixwright.weights.store import PICKLE_SUFFIXES, digest
from pixwright.weights.store import path as stored

if TYPE_CHECKING:
    import torch

Run: TypeAlias = Callable[[Sequence[Array], str, int, int, float], Array]
"""pictures (each HxWx3 uint8, the one to edit first), instruction, seed, steps, guidance -> HxWx3 uint8 of the first picture's size."""

MEGAPIXEL = 1024 * 1024
"""All of them but InstructPix2Pix were trained on about this many pixels."""
_NARROWEST = 8
"""Longest side by shortest side; FLUX.2 refuses more."""
_SHORTEST = 64
"""Pixels of the shortest side; FLUX.2 refuses less."""


@dataclass(frozen=True, eq=False)
class Piped:
    """A published pipeline, ready to run. Nothing in it changes from edit to edit."""

    name: str
    """diffusers' name of the class."""
    run: Run
    """Any size is taken; what the pipeline cannot take is resized for it, and the result is put back to the first picture's size."""
    side: int
    """Pixels of the pictures that it was trained on."""
    multiple: int
    """Of this many pixels are the sides at which it works."""
    fit: Callable[[int, int], tuple[int, int]]
    """Height and width of a picture -> those at which it is worked on. What has this size already is not resized."""
    rebuild: Callable[[Array], Array]
    """HxWx3 uint8 -> the same, through the pipeline's autoencoder and back."""
    digests: Mapping[str, str]
    """Name -> sha256 of every weight file that was read."""
    several: int = 1
    """How many pictures it takes, the one to edit included."""
    called: str = "image {}"
    """How its training instructions name the n-th picture."""
    fixed: bool = False
    """Works at about one megapixel, whatever it is given."""


@dataclass(frozen=True)
class _Family:
    """How a pipeline's class is called. `arguments`: pictures, height, width, guidance -> what is particular to it."""

    arguments: Callable[[list[Image.Image], int, int, float], dict[str, Any]]
    side: int = 1024
    several: int = 1
    called: str = "image {}"
    fixed: bool = False
    denoiser: str = "transformer"
    made_here: Callable[[Path], dict[str, Any]] = lambda folder: {}
    """Parts that are not loaded as the folder's index says."""


def _flux2(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures, "height": height, "width": width, "guidance_scale": guidance}


def _kontext(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    """Its own choice among seventeen sizes would change the aspect, and what comes out would not lie on what went in."""
    own = {"max_area": height * width, "_auto_resize": False}
    return {"image": pictures[0], "height": height, "width": width, "guidance_scale": guidance, **own}


def _qwen(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    """Guided only where there is something to be guided away from: its authors use one blank."""
    guided = guidance > 1
    words = {"negative_prompt": " " if guided else None, "true_cfg_scale": guidance if guided else 1.0}
    return {"image": pictures[0], "height": height, "width": width, **words}


def _qwen_plus(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return _qwen(pictures, height, width, guidance) | {"image": pictures}


def _pix2pix(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures[0], "guidance_scale": guidance, "image_guidance_scale": 1.5}


class _Reader:
    """What Qwen2VLProcessor does with words and pictures; the library's own also wants a reader of films, which needs torchvision."""

    def __init__(self, folder: Path) -> None:
        import transformers

        pictures = getattr(transformers, "Qwen2VLImageProcessorPil", None) or transformers.Qwen2VLImageProcessor
        self._pictures = pictures.from_pretrained(str(folder), local_files_only=True)
        self._words = transformers.Qwen2Tokenizer.from_pretrained(str(folder), local_files_only=True)

    def __call__(self, text: list[str], images: Any, padding: bool, return_tensors: str) -> Any:
        """One text; each of its picture marks is repeated as often as the picture has tokens."""
        from transformers import BatchFeature

        seen = self._pictures(images=images, return_tensors=return_tensors)
        counts = (seen["image_grid_thw"].prod(dim=1) // self._pictures.merge_size**2).tolist()
        pieces = text[0].split(_PICTURE)
        marked = "".join(piece + _PICTURE * count for piece, count in zip(pieces, [*counts, 0], strict=True))
        words = self._words([marked], padding=padding, return_tensors=return_tensors)
        return BatchFeature({**words, **seen})


_PICTURE = "<|image_pad|>"


def _own_reader(folder: Path) -> dict[str, Any]:
    return {"processor": _Reader(folder / "processor")}


def _only_words(folder: Path) -> dict[str, Any]:
    """FLUX.2's processor reads words only unless it is asked to rewrite them; its pictures' part needs torchvision."""
    from transformers import AutoTokenizer

    return {"tokenizer": AutoTokenizer.from_pretrained(str(folder / "tokenizer"), local_files_only=True)}


def _refine(pictures: list[Image.Image], height: int, width: int, guidance: float) -> dict[str, Any]:
    return {"image": pictures[0], "guidance_scale": guidance}


def _unchecked(folder: Path) -> dict[str, Any]:
    return {"safety_checker": None}


_FAMILIES: dict[str, _Family] = {
    "Flux2KleinPipeline": _Family(_flux2, several=4),
    "Flux2Pipeline": _Family(_flux2, several=6, made_here=_only_words),
    "FluxKontextPipeline": _Family(_kontext),
    "QwenImageEditPipeline": _Family(_qwen, fixed=True, made_here=_own_reader),
    "QwenImageEditPlusPipeline": _Family(_qwen_plus, several=3, called="Picture {}", fixed=True, made_here=_own_reader),
    "StableDiffusionInstructPix2PixPipeline": _Family(_pix2pix, side=512, denoiser="unet", made_here=_unchecked),
}
SUPPORTED: tuple[str, ...] = tuple(_FAMILIES)
"""The classes that a folder's model_index.json may name."""
REFINER = "StableDiffusionXLImg2ImgPipeline"
"""What repaints the detail of a finished picture: SDXL's refiner."""
_REFINER = _Family(_refine, denoiser="unet")


def open_refiner(options: ModelOptions, strength: float) -> Piped:
    """SDXL's refiner of `options.weights`, which repaints a picture by `strength` in (0, 1]: 0.5 from half of the noise on. Raises what `open_pipeline` raises."""
    return _opened(options, {REFINER: _REFINER}, {"strength": strength})


def open_pipeline(options: ModelOptions) -> Piped:
    """Load the pipeline of `options.weights`, a folder in diffusers' layout or a name in the registry.

    Raises WeightsMissing, WeightsCorrupt (pickle, files that do not fit together), InvalidOption (a class or component that is not supported, a
    device that is not there), MissingExtra (torch, diffusers, transformers; accelerate to offload, peft for LoRA, torchao for 8 and 4 bits).
    """
    return _opened(options, _FAMILIES, {})


def _opened(options: ModelOptions, families: Mapping[str, _Family], further: Mapping[str, Any]) -> Piped:
    """The pipeline, of one of those classes; `further` goes into each of its runs."""
    folder = _folder(options)
    name, parts = _index(folder, tuple(families))
    family = families[name]
    variant = _safe_variant(folder, parts, family.denoiser)
    _extras(options)
    import diffusers

    kind = getattr(diffusers, name, None)
    if kind is None:
        raise MissingExtra(f"{name} is not in diffusers {diffusers.__version__}: pip install -U diffusers")
    device, dtype = _where(options)
    with _quiet():
        pipe = _loaded(kind, folder, options, family, dtype, variant)
        _with_lora(pipe, options.lora)
    if options.offload:
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.to(device)
    pipe.set_progress_bar_config(disable=True)
    multiple = _multiple(pipe, family)

    def fit(height: int, width: int) -> tuple[int, int]:
        return _size(height, width, multiple, family.fixed)

    return Piped(
        name=name,
        run=_runner(pipe, family, fit, further),
        side=family.side,
        multiple=multiple,
        fit=fit,
        rebuild=_rebuilder(pipe, fit),
        digests=_digests(folder, parts, variant, options.lora),
        several=family.several,
        called=family.called,
        fixed=family.fixed,
    )


def _folder(options: ModelOptions) -> Path:
    if options.experts:
        raise InvalidOption(f"experts={options.experts!r}: published pipelines take no experts; leave it out")
    given = Path(options.weights).expanduser()
    folder = given if given.is_dir() else stored(options.weights)
    if not (folder / "model_index.json").is_file():
        raise WeightsMissing(f"{folder} has no model_index.json; give a folder in diffusers' layout")
    return folder


def _index(folder: Path, known: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The class and the folders of its components; both are refused where loading them would need code from the folder."""
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        name = index["_class_name"]
        rows = {key: value for key, value in index.items() if isinstance(value, list)}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WeightsCorrupt(f"{folder / 'model_index.json'} is no index of a pipeline; download it again") from None
    if name not in known:
        shown = name if isinstance(name, str) else json.dumps(name)
        raise InvalidOption(f"pipelines of class {shown} are not supported; there is: {', '.join(known)}")
    parts = []
    for part, row in rows.items():
        if part in ("safety_checker", "_class_name") or row[0] is None:
            continue
        if row[0] not in ("diffusers", "transformers"):
            raise InvalidOption(
                f"{part} of {folder.name} comes from {row[0]!r}; only parts of diffusers and transformers are loaded, no code beside the weights"
            )
        parts.append(part)
    return name, tuple(parts)


def _safe_variant(folder: Path, parts: tuple[str, ...], denoiser: str) -> str | None:
    """None, or "fp16" where only such files were downloaded. Raises WeightsCorrupt where a part has pickle only."""
    for part in parts:
        held = [p for p in (folder / part).glob("*") if p.is_file()]
        safe = [p for p in held if p.suffix == ".safetensors"]
        pickled = sorted(p.name for p in held if p.suffix in PICKLE_SUFFIXES)
        if pickled and not safe:
            raise WeightsCorrupt(f"{part}/{pickled[0]} is pickle, which is never loaded; get the .safetensors files")
        for index in (p for p in held if p.name.endswith(".index.json")):
            named = set(json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values())
            if "safetensors" in index.name and any(not name.endswith(".safetensors") for name in named):
                raise WeightsCorrupt(f"{part}/{index.name} names files that are not safetensors; download it again")
    files = [p.name for p in (folder / denoiser).glob("*.safetensors")]
    if not files:
        raise WeightsMissing(f"{folder / denoiser} has no .safetensors file; download the whole folder")
    return "fp16" if all(".fp16" in name for name in files) else None


def _extras(options: ModelOptions) -> None:
    require(("torch", "diffusers", "transformers"), "a published pipeline", "torch")
    wanted = {
        "accelerate": options.offload and "offload=yes",
        "peft": options.lora and "lora=FILE",
        "torchao": options.quantised != "no" and f"quantised={options.quantised}",
    }
    for name, reason in wanted.items():
        if reason:
            require((name,), str(reason), name)


def _where(options: ModelOptions) -> tuple[torch.device, torch.dtype]:
    import torch

    found = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(found if options.device == "auto" else options.device)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise InvalidOption(f"device={options.device!r} is not there; auto would take {found}") from None
    if options.offload and device.type == "cpu":
        raise InvalidOption("offload=yes frees the memory of a GPU, and the device is the processor; leave it out")
    if options.dtype == "auto":
        plain = device.type == "cpu" and options.quantised == "no"  # quantised layers compute in bfloat16
        return device, torch.float32 if plain else torch.bfloat16
    dtype: torch.dtype = getattr(torch, options.dtype)
    return device, dtype


@contextmanager
def _quiet() -> Iterator[None]:
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


def _loaded(
    kind: Any, folder: Path, options: ModelOptions, family: _Family, dtype: torch.dtype, variant: str | None
) -> Any:
    further: dict[str, Any] = {"requires_safety_checker": False} if family.denoiser == "unet" else {}
    if options.quantised != "no":
        further["quantization_config"] = _quantisation(family.denoiser, options.quantised)
    try:
        made = family.made_here(folder)
        pipe = kind.from_pretrained(
            str(folder),
            torch_dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            variant=variant,
            **further,
            **dict.fromkeys(made),
        )
        pipe.register_modules(**made)
        return pipe
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise WeightsCorrupt(f"{folder.name} could not be loaded as {kind.__name__}: {reason}") from problem


def _quantisation(denoiser: str, bits: str) -> Any:
    import diffusers

    quantisation: Any = import_module("torchao.quantization")
    kind = quantisation.Int8WeightOnlyConfig if bits == "int8" else quantisation.Int4WeightOnlyConfig
    library: Any = diffusers
    return library.PipelineQuantizationConfig(quant_mapping={denoiser: library.TorchAoConfig(kind())})


def _with_lora(pipe: Any, lora: str) -> None:
    if not lora:
        return
    file = Path(lora).expanduser()
    if file.suffix != ".safetensors":
        raise WeightsCorrupt(f"lora={lora!r} is not a .safetensors file; nothing else is loaded")
    if not file.is_file():
        raise WeightsMissing(f"lora={lora!r} is not there")
    try:
        pipe.load_lora_weights(str(file.parent), weight_name=file.name, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise WeightsCorrupt(f"{file.name} is no LoRA for {type(pipe).__name__}: {reason}") from problem


def _multiple(pipe: Any, family: _Family) -> int:
    """Latents are packed two by two; InstructPix2Pix's network halves them at every level but the last."""
    if family.fixed:
        return 32
    if family.denoiser == "unet":
        return int(pipe.vae_scale_factor * 2 ** (len(pipe.unet.config.block_out_channels) - 1))
    return int(pipe.vae_scale_factor) * 2


def _digests(folder: Path, parts: tuple[str, ...], variant: str | None, lora: str) -> dict[str, str]:
    files = [p for part in parts for p in sorted((folder / part).glob("*.safetensors")) if _read(p, variant)]
    named = {f"{p.parent.name}/{p.name}": p for p in files}
    if lora:
        named[f"lora/{Path(lora).name}"] = Path(lora).expanduser()
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(named, pool.map(digest, named.values()), strict=True))


def _read(file: Path, variant: str | None) -> bool:
    """Whether this is one of the files that are read: with variants beside each other, one of them."""
    marked = variant is not None and any(f".{variant}" in p.name for p in file.parent.glob("*.safetensors"))
    return f".{variant}" in file.name if marked else not any(v in file.name for v in (".fp16", ".bf16", "non_ema"))


def _runner(pipe: Any, family: _Family, fit: Callable[[int, int], tuple[int, int]], further: Mapping[str, Any]) -> Run:
    import torch

    def run(pictures: Sequence[Array], instruction: str, seed: int, steps: int, guidance: float) -> Array:
        if not 1 <= len(pictures) <= family.several:
            raise InvalidOption(f"{len(pictures)} pictures; {type(pipe).__name__} takes 1 to {family.several}")
        wide = [_less_narrow(picture) for picture in pictures]
        height, width = fit(*wide[0].shape[:2])
        seen = [resized(wide[0], height, width), *(_large_enough(picture) for picture in wide[1:])]
        result = pipe(
            prompt=instruction,
            num_inference_steps=steps,
            generator=torch.Generator("cpu").manual_seed(seed),
            output_type="pt",
            **further,
            **family.arguments([Image.fromarray(picture) for picture in seen], height, width, guidance),
        ).images[0]
        return _back(result, wide[0], pictures[0])

    return run


def _rebuilder(pipe: Any, fit: Callable[[int, int], tuple[int, int]]) -> Callable[[Array], Array]:
    import torch

    def rebuild(picture: Array) -> Array:
        wide = _less_narrow(picture)
        seen = resized(wide, *fit(*wide.shape[:2]))
        values = torch.from_numpy(seen).permute(2, 0, 1)[None].float() / 127.5 - 1
        films = len(pipe.vae.config.get("temperal_downsample", ())) > 0
        with torch.inference_mode():
            values = values.to(pipe._execution_device, pipe.vae.dtype)
            latents = pipe.vae.encode(values[:, :, None] if films else values).latent_dist.mode()
            decoded = pipe.vae.decode(latents, return_dict=False)[0]
        pipe.maybe_free_model_hooks()
        return _back((decoded[:, :, 0] if films else decoded)[0] / 2 + 0.5, wide, picture)

    return rebuild


def _back(result: torch.Tensor, wide: Array, first: Array) -> Array:
    """3xHxW in 0..1 as a picture of the size of `first`, of which `wide` is the continuation."""
    if not bool(result.isfinite().all()):
        raise InvalidOption("the network's numbers overflowed; choose dtype=bfloat16 or dtype=float32")
    levels = (result.float().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    painted = resized(np.ascontiguousarray(levels), *wide.shape[:2])
    return np.ascontiguousarray(painted[: first.shape[0], : first.shape[1]])


def _size(height: int, width: int, multiple: int, fixed: bool) -> tuple[int, int]:
    """Where the pipeline works: at this very size if it can, and always where what comes out has the size of what it was shown."""
    scale = math.sqrt(MEGAPIXEL / (height * width))
    if not fixed:
        scale = max(min(1.0, scale), _SHORTEST / min(height, width))
    sides = [max(multiple, round(side * scale / multiple) * multiple) for side in (height, width)]
    while not fixed and sides[0] * sides[1] > MEGAPIXEL:
        sides[sides.index(max(sides))] -= multiple
    return sides[0], sides[1]


def _less_narrow(picture: Array) -> Array:
    """Strips are continued below or to the right, mirrored, to what the pipelines accept."""
    height, width = picture.shape[:2]
    down, right = math.ceil(width / _NARROWEST) - height, math.ceil(height / _NARROWEST) - width
    if max(down, right) <= 0:
        return picture
    return np.pad(picture, ((0, max(0, down)), (0, max(0, right)), (0, 0)), "symmetric")


def _large_enough(picture: Array) -> Array:
    height, width = picture.shape[:2]
    scale = _SHORTEST / min(height, width)
    return picture if scale <= 1 else resized(picture, math.ceil(height * scale), math.ceil(width * scale))
