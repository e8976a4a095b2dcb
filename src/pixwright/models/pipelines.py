"""Editors that others published as whole pipelines in diffusers' layout: a folder becomes one function from pictures and words to a picture.

Only what is listed in `families` is opened, only from safetensors (or a .gguf file), and no code from the folder is ever run.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing
from pixwright.extras import require
from pixwright.media.pixels import resized
from pixwright.models.families import FAMILIES, PAINTERS, REFINER, REFINER_FAMILY, Family, Piped, PipelineRequest, Run
from pixwright.models.options import ModelOptions
from pixwright.records.instruction import Array
from pixwright.weights.registry import registry
from pixwright.weights.store import PICKLE_SUFFIXES, digest
from pixwright.weights.store import path as stored

if TYPE_CHECKING:
    import torch

MEGAPIXEL = 1024 * 1024
"""All of them but InstructPix2Pix were trained on about this many pixels."""
_NARROWEST = 8
"""Longest side by shortest side; FLUX.2 refuses more."""
_SHORTEST = 64
"""Pixels of the shortest side; FLUX.2 refuses less."""


def open_refiner(options: ModelOptions, strength: float) -> Piped:
    """SDXL's refiner of `options.weights`, which repaints a picture by `strength` in (0, 1]: 0.5 from half of the noise on. Raises what `open_pipeline` raises."""
    return _opened(options, {REFINER: REFINER_FAMILY}, {"strength": strength})


def open_painter(options: ModelOptions, strength: float, tell: Callable[[str], None] = lambda said: None) -> Piped:
    """A text-to-picture pipeline of `options.weights` that paints inside a mask, from `strength` in (0, 1] of the noise. Raises what `open_pipeline` raises."""
    return _opened(options, PAINTERS, {"strength": strength}, "", tell)


def open_pipeline(options: ModelOptions, denoiser: str = "", tell: Callable[[str], None] = lambda said: None) -> Piped:
    """Load the pipeline of `options.weights`, a folder in diffusers' layout or a name in the registry; `denoiser`: a .gguf file in place of the folder's own.

    `tell` hears, before anything is read, how much memory it needs. Raises WeightsMissing, WeightsCorrupt (pickle, files that do not fit together), InvalidOption (a class or component that is not supported, a
    device that is not there), MissingExtra (torch, diffusers, transformers; accelerate to offload, peft for LoRA, torchao for 8 and 4 bits, gguf).
    """
    return _opened(options, FAMILIES, {}, denoiser, tell)


def _opened(
    options: ModelOptions,
    families: Mapping[str, Family],
    further: Mapping[str, Any],
    denoiser: str = "",
    tell: Callable[[str], None] = lambda said: None,
) -> Piped:
    """The pipeline, of one of those classes; `further` goes into each of its runs."""
    folder = _folder(options)
    name, parts = _index(folder, tuple(families))
    family = families[name]
    variant = _safe_variant(folder, parts, family.denoiser)
    _extras(options)
    import diffusers

    from pixwright.models.device import quiet
    from pixwright.models.memory import free_on, plan, weigh

    kind = getattr(diffusers, family.opened_as or name, None)
    if kind is None:
        raise MissingExtra(f"{name} is not in diffusers {diffusers.__version__}: pip install -U diffusers")
    device, dtype = _where(options)
    planned = plan(weigh(folder, dtype), options, device, free_on(device))
    tell(planned.said)
    with quiet():
        pipe = _loaded(kind, folder, options, family, dtype, variant, denoiser)
        _with_lora(pipe, options.lora)
    if family.chat and not getattr(pipe.tokenizer, "chat_template", None):
        raise WeightsMissing(
            f"{folder / 'tokenizer'} has no chat_template.jinja, in whose form {name} reads words; fetch it again: pixwright models pull {options.weights}"
        )
    if options.tiles:
        pipe.vae.enable_tiling()
    if options.compiled:
        getattr(pipe, family.denoiser).compile()
    if planned.offload:
        require(("accelerate",), "networks that take turns", "accelerate")
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
        masked=family.masked,
        paints_noise=_noise_teller(pipe),
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
        "accelerate": options.offload is True and "offload=yes",
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
    if options.offload is True and device.type == "cpu":
        raise InvalidOption("offload=yes frees the memory of a GPU, and the device is the processor; leave it out")
    if options.dtype == "auto":
        plain = device.type == "cpu" and options.quantised == "no"  # quantised layers compute in bfloat16
        return device, torch.float32 if plain else torch.bfloat16
    dtype: torch.dtype = getattr(torch, options.dtype)
    return device, dtype


def _loaded(
    kind: Any,
    folder: Path,
    options: ModelOptions,
    family: Family,
    dtype: torch.dtype,
    variant: str | None,
    denoiser: str,
) -> Any:
    checked = "requires_safety_checker" in inspect.signature(kind.__init__).parameters
    further: dict[str, Any] = {"requires_safety_checker": False} if checked else {}
    if options.quantised != "no":
        further["quantization_config"] = _quantisation(family.denoiser, options.quantised)
    if denoiser:
        further[family.denoiser] = _from_gguf(Path(denoiser).expanduser(), folder, family.denoiser, dtype)
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
        _with_picture_marks(pipe.text_encoder)
        return pipe
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise WeightsCorrupt(f"{folder.name} could not be loaded as {kind.__name__}: {reason}") from problem


def _quantisation(denoiser: str, bits: str) -> Any:
    import diffusers

    quantisation: Any = import_module("torchao.quantization")
    kinds = {"int8": "Int8WeightOnlyConfig", "fp8": "Float8WeightOnlyConfig", "int4": "Int4WeightOnlyConfig"}
    kind = getattr(quantisation, kinds[bits])
    library: Any = diffusers
    return library.PipelineQuantizationConfig(quant_mapping={denoiser: library.TorchAoConfig(kind())})


def _from_gguf(file: Path, folder: Path, denoiser: str, dtype: torch.dtype) -> Any:
    """The denoiser from a .gguf file, whose weights stay quantised and are widened layer by layer; its settings are the folder's. Raises what `open_pipeline` raises."""
    if file.suffix != ".gguf":
        raise InvalidOption(f"denoiser={str(file)!r} is no .gguf file; leave it out to take the folder's own")
    if not file.is_file():
        raise WeightsMissing(f"denoiser={str(file)!r} is not there")
    require(("gguf", "accelerate"), "a .gguf file", "gguf")
    import diffusers

    library: Any = diffusers
    kind = json.loads((folder / denoiser / "config.json").read_text(encoding="utf-8")).get("_class_name", "")
    try:
        return getattr(library, kind).from_single_file(
            str(file),
            config=str(folder),
            subfolder=denoiser,
            quantization_config=library.GGUFQuantizationConfig(compute_dtype=dtype),
            torch_dtype=dtype,
            local_files_only=True,
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise WeightsCorrupt(f"{file.name} is no {kind or denoiser} of this pipeline: {reason}") from problem


def _with_lora(pipe: Any, lora: str) -> None:
    if not lora:
        return
    file = stored(lora) if lora in registry() else Path(lora).expanduser()
    if file.suffix != ".safetensors":
        raise WeightsCorrupt(f"lora={lora!r} is not a .safetensors file; nothing else is loaded")
    if not file.is_file():
        raise WeightsMissing(f"lora={lora!r} is not there")
    try:
        pipe.load_lora_weights(str(file.parent), weight_name=file.name, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())[:300]
        raise WeightsCorrupt(f"{file.name} is no LoRA for {type(pipe).__name__}: {reason}") from problem


def _multiple(pipe: Any, family: Family) -> int:
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
        file = stored(lora) if lora in registry() else Path(lora).expanduser()
        named[f"lora/{file.name}"] = file
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(named, pool.map(digest, named.values()), strict=True))


def _read(file: Path, variant: str | None) -> bool:
    """Whether this is one of the files that are read: with variants beside each other, one of them."""
    marked = variant is not None and any(f".{variant}" in p.name for p in file.parent.glob("*.safetensors"))
    return f".{variant}" in file.name if marked else not any(v in file.name for v in (".fp16", ".bf16", "non_ema"))


def _runner(pipe: Any, family: Family, fit: Callable[[int, int], tuple[int, int]], further: Mapping[str, Any]) -> Run:
    import torch

    def run(asked: PipelineRequest) -> Array:
        pictures = asked.pictures
        if not 1 <= len(pictures) <= family.several:
            raise InvalidOption(f"{len(pictures)} pictures; {type(pipe).__name__} takes 1 to {family.several}")
        if asked.negative and not family.negative:
            raise InvalidOption(f"negative={asked.negative!r}: {type(pipe).__name__} takes no such words; leave it out")
        wide = [_less_narrow(picture) for picture in pictures]
        height, width = fit(*wide[0].shape[:2])
        seen = [resized(wide[0], height, width), *(_large_enough(picture) for picture in wide[1:])]
        own = family.arguments([Image.fromarray(picture) for picture in seen], height, width, asked.guidance)
        if asked.negative:
            own["negative_prompt"] = asked.negative
        if asked.mask is not None:
            own["mask_image"] = Image.fromarray(resized(_less_narrow(asked.mask), height, width))

        def done(_: Any, step: int, timestep: Any, kept: dict[str, Any]) -> dict[str, Any]:
            asked.watch(step + 1, pipe.num_timesteps)
            return kept

        # The older of the pipelines call back in another form, and do not count their steps; some not at all.
        new = "callback_on_step_end" in inspect.signature(pipe.__call__).parameters
        old = {"callback": lambda step, timestep, latents: asked.watch(step + 1, asked.steps), "callback_steps": 1}
        told: dict[str, Any] = {} if not family.calls_back else {"callback_on_step_end": done} if new else old
        with nullcontext() if family.calls_back else _each_call(getattr(pipe, family.denoiser), asked):
            result = pipe(
                prompt=asked.words,
                num_inference_steps=asked.steps,
                generator=torch.Generator("cpu").manual_seed(asked.seed),
                output_type="pt",
                **told,
                **further,
                **own,
            ).images[0]
        return _back(result, wide[0], pictures[0])

    return run


@contextmanager
def _each_call(denoiser: torch.nn.Module, asked: PipelineRequest) -> Iterator[None]:
    """Tells `asked.watch` of each call of the denoiser: one a step."""
    steps = count(1)
    hook = denoiser.register_forward_hook(lambda *_: asked.watch(next(steps), asked.steps))
    try:
        yield
    finally:
        hook.remove()


def _with_picture_marks(text_encoder: Any) -> None:
    """Let a language model that sees be told which tokens are a picture's, as its positions in two dimensions need it.

    Up to transformers 4 the model found them itself; from 5 on it wants `mm_token_type_ids`, which diffusers' Qwen-Image pipelines do not hand on, and silently counts a picture's tokens in one line.
    """

    def marked(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if kwargs.get("image_grid_thw") is not None and kwargs.get("mm_token_type_ids") is None:
            ids = kwargs["input_ids"]
            kwargs = {**kwargs, "mm_token_type_ids": (ids == text_encoder.config.image_token_id).to(ids.dtype)}
        return args, kwargs

    # SDXL's refiner has no first text encoder.
    if text_encoder is not None and "mm_token_type_ids" in inspect.signature(text_encoder.forward).parameters:
        text_encoder.register_forward_pre_hook(marked, with_kwargs=True)


def _encoded(pipe: Any, picture: Array) -> torch.Tensor:
    """HxWx3 uint8 of a size that it works at -> the autoencoder's latents (1, c, h, w), or (1, c, 1, h, w) where it is one of films."""
    import torch

    values = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    values = values.to(pipe._execution_device, pipe.vae.dtype)
    found = pipe.vae.encode(values[:, :, None] if _of_films(pipe) else values)
    latents: torch.Tensor = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latents
    return latents


def _of_films(pipe: Any) -> bool:
    return len(pipe.vae.config.get("temperal_downsample", ())) > 0


def _noise_teller(pipe: Any) -> Callable[[Array, Array], bool]:
    import torch

    from pixwright.nn.latents.coherence import is_noise

    def paints_noise(before: Array, after: Array) -> bool:
        multiple = int(pipe.vae_scale_factor) * 2
        height, width = (max(multiple, n // multiple * multiple) for n in before.shape[:2])
        with torch.inference_mode():
            latents = [_encoded(pipe, resized(one, height, width)) for one in (before, after)]
        pipe.maybe_free_model_hooks()
        known, painted = (one[:, :, 0] if one.ndim == 5 else one for one in latents)
        return is_noise(known, painted)[0]

    return paints_noise


def _rebuilder(pipe: Any, fit: Callable[[int, int], tuple[int, int]]) -> Callable[[Array], Array]:
    import torch

    def rebuild(picture: Array) -> Array:
        wide = _less_narrow(picture)
        seen = resized(wide, *fit(*wide.shape[:2]))
        films = _of_films(pipe)
        with torch.inference_mode():
            decoded = pipe.vae.decode(_encoded(pipe, seen), return_dict=False)[0]
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
    return np.pad(picture, ((0, max(0, down)), (0, max(0, right)), (0, 0))[: picture.ndim], "symmetric")


def _large_enough(picture: Array) -> Array:
    height, width = picture.shape[:2]
    scale = _SHORTEST / min(height, width)
    return picture if scale <= 1 else resized(picture, math.ceil(height * scale), math.ceil(width * scale))
