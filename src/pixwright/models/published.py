"""Published denoisers: a folder in diffusers' layout (Stable Diffusion 1, InstructPix2Pix, MagicBrush, AnySD, SDXL), or one file of them all.

Only safetensors, only local files, no code from the folder; weights that are missing in a file are an error, not drawn by chance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, cast, get_args

import torch

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.models.clip import TOKENS, ClipTextEncoder, look_with, preparation
from pixwright.models.device import cast_to, in_float32, quiet
from pixwright.models.ready import Loaded, check_fit, factor_of
from pixwright.nn.sampling import Prediction, Schedule
from pixwright.nn.shapes import shape
from pixwright.weights import store
from pixwright.weights.registry import registry

BASE = "stable-diffusion-1.5"
"""Whose autoencoder, texts and schedule serve folders that hold a denoiser of its shape alone (AnySD)."""
_SCHEDULERS = ("DDIM", "DDPM", "PNDM", "LMS", "Euler", "DPMSolver", "Heun", "UniPC", "KDPM2", "DEIS")
"""Schedulers whose settings say noise levels that our samplers can follow; not distilled networks' (LCM, TCD) or flows'."""


@dataclass
class Folder:
    """A folder in diffusers' layout and, for parts that it lacks, the base's. `files` gathers everything that is read."""

    path: Path
    dtype: torch.dtype
    files: dict[str, Path] = field(default_factory=dict)

    def has(self, part: str) -> bool:
        return (self.path / part).is_dir()

    def part(self, part: str) -> Path:
        """Where a part lies. Raises WeightsMissing."""
        if self.has(part):
            return self.path / part
        base = store.place(registry()[BASE]) if BASE in registry() else self.path
        if (base / part).is_dir() and not self.has("text_encoder_2"):
            return base / part
        raise WeightsMissing(f"{self.path} has no {part}/; fetch it whole, or its base: pixwright models pull {BASE}")

    def config(self, part: str, name: str) -> dict[str, Any]:
        """A JSON file of a part. Raises WeightsMissing or WeightsCorrupt."""
        path = self.part(part) / name
        if not path.is_file():
            raise WeightsMissing(f"{path} is missing; fetch the folder whole")
        self.files[f"{part}/{name}"] = path
        return read_json(path)

    def network(self, part: str, module: str, kind: str) -> Any:
        """A network by its class, in our dtype. Raises WeightsMissing or WeightsCorrupt."""
        folder = self.part(part)
        self.config(part, "config.json")
        variant = self._variant(part, folder)
        make = getattr(import_module(module), kind)
        with _reading(folder), quiet():
            network, report = make.from_pretrained(
                str(folder), use_safetensors=True, local_files_only=True, variant=variant, output_loading_info=True
            )
        if missing := sorted(report["missing_keys"]):
            raise WeightsCorrupt(f"{folder} has no {missing[0]} ({len(missing)} weights are missing); fetch it again")
        return cast_to(network, self.dtype)

    def tokenizer(self, part: str) -> Any:
        """CLIP's, from vocab.json and merges.txt."""
        return tokenizer_from(self.part(part), self.files, part)

    def _variant(self, part: str, folder: Path) -> str | None:
        """Full precision rather than half, unless half is what will be computed in. Records the files."""
        found = {
            name: sorted(folder.glob(pattern))
            for name, pattern in (("", "*.safetensors"), ("fp16", "*.fp16*.safetensors"))
        }
        plain = [path for path in found[""] if path.name.count(".") == 1]
        half = found["fp16"] if (self.dtype is torch.float16 or not plain) else []
        chosen = half or plain
        if not chosen:
            for path in sorted(folder.iterdir()):
                store.refuse_pickle(path)
            raise WeightsMissing(f"{folder} holds no weights in .safetensors; fetch them, or convert them")
        self.files.update({f"{part}/{path.name}": path for path in chosen})
        return "fp16" if half else None


def load_folder(path: Path, name: str, device: torch.device, dtype: torch.dtype) -> Loaded:
    """The networks of a folder, on the processor, in that dtype.

    Raises WeightsMissing (a part), WeightsCorrupt (pickle, or weights that do not fit their config) or InvalidOption (a kind that is not supported).
    """
    folder = Folder(path, dtype)
    kind = folder.config("unet", "config.json").get("_class_name", "UNet2DConditionModel")
    if kind != "UNet2DConditionModel":
        raise InvalidOption(f"{name}: the denoiser is a {kind}; UNet2DConditionModel is supported")
    unet = folder.network("unet", "diffusers.models.unets.unet_2d_condition", kind)
    autoencoder = folder.network("vae", "diffusers.models.autoencoders.autoencoder_kl", "AutoencoderKL")
    clip = "transformers.models.clip.modeling_clip"
    texts = {"text_encoder": folder.network("text_encoder", clip, "CLIPTextModel")}
    double = folder.has("text_encoder_2")
    if double:
        texts["text_encoder_2"] = folder.network("text_encoder_2", clip, "CLIPTextModelWithProjection")
    tokenizers = [folder.tokenizer(part) for part in ("tokenizer", *(["tokenizer_2"] if double else []))]
    index = path / "model_index.json"
    blank = double and index.is_file() and bool(read_json(index).get("force_zeros_for_empty_prompt", False))
    schedule = schedule_from(folder.config("scheduler", "scheduler_config.json"))
    reader = ClipTextEncoder(tuple(texts.values()), tokenizers, device, dtype, blank)
    loaded = _loaded(name, unet, autoencoder, texts, reader, schedule, folder.files)
    if folder.has("image_encoder"):
        load_picture_encoder(path, loaded, device, dtype)
    return loaded


def load_picture_encoder(path: Path, loaded: Loaded, device: torch.device, dtype: torch.dtype) -> None:
    """Let the model see with the CLIP picture encoder of a folder, which has an image_encoder/ (in models/, as IP-Adapter has it) or is one itself.

    Raises WeightsMissing or WeightsCorrupt.
    """
    path = path.resolve()
    places = [path / "image_encoder", path / "models" / "image_encoder", path]
    place = next((one for one in places if (one / "config.json").is_file()), None)
    if place is None:
        raise WeightsMissing(f"{path} holds no picture encoder (image_encoder/config.json); give the folder of one")
    folder = Folder(place.parent, dtype, loaded.files)
    eyes = folder.network(place.name, "transformers.models.clip.modeling_clip", "CLIPVisionModelWithProjection")
    told = [place / "preprocessor_config.json", place.parent / "feature_extractor" / "preprocessor_config.json"]
    prepare = preparation(next((one for one in told if one.is_file()), told[0]), eyes.config.image_size)
    loaded.image_encoder, loaded.feature_width = eyes, int(eyes.config.hidden_size)
    loaded.look = look_with(eyes, prepare, device, dtype)


def load_file(path: Path, name: str, device: torch.device, dtype: torch.dtype) -> Loaded:
    """The networks of a single file of Stable Diffusion 1 or InstructPix2Pix (epsilon, its usual noise levels); errors as `load_folder`.

    The file holds no tokenizer: a folder `tokenizer` beside it is used, or that of the registry's Stable Diffusion 1.5.
    """
    from pixwright.models.layouts.compvis import autoencoder_state, denoiser_state, text_state
    from pixwright.models.layouts.recognise import recognise

    found = recognise(path)
    if missing := [part for part in ("denoiser", "autoencoder", "text") if part not in found.parts]:
        raise WeightsMissing(f"{path} holds no {missing[0]}; give a whole checkpoint or a folder in diffusers' layout")
    usual = shape("sd15").with_unet({"in_channels": found.channels})
    unet = _filled(usual.make_unet(), denoiser_state(path, usual.unet), path, dtype)
    autoencoder = _filled(usual.make_autoencoder(), autoencoder_state(path), path, dtype)
    clip: Any = import_module("transformers")
    texts = {"text_encoder": _filled(clip.CLIPTextModel(clip.CLIPTextConfig(**CLIP_L)), text_state(path), path, dtype)}
    folder = Folder(path.parent, dtype, {path.name: path})
    reader = ClipTextEncoder(tuple(texts.values()), [folder.tokenizer("tokenizer")], device, dtype)
    return _loaded(name, unet, autoencoder, texts, reader, Schedule(), folder.files)


CLIP_L: dict[str, Any] = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "projection_dim": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": TOKENS,
    "hidden_act": "quick_gelu",
    "vocab_size": 49408,
}
"""Settings of the text encoder of Stable Diffusion 1: CLIP ViT-L/14's."""


def schedule_from(config: Mapping[str, Any]) -> Schedule:
    """The noise levels that a scheduler_config.json says. Raises InvalidOption for those that the samplers cannot follow."""
    kind = str(config.get("_class_name", "DDIMScheduler"))
    prediction = str(config.get("prediction_type", "epsilon"))
    if not kind.startswith(_SCHEDULERS):
        raise InvalidOption(f"the scheduler is {kind}; weights trained for {', '.join(_SCHEDULERS)} are supported")
    if prediction not in get_args(Prediction):
        raise InvalidOption(f"the denoiser predicts {prediction!r}; {' and '.join(get_args(Prediction))} are supported")
    special = [key for key in ("trained_betas", "rescale_betas_zero_snr") if config.get(key)]
    if special:
        raise InvalidOption(f"the scheduler has {special[0]}, which the samplers do not know; use other weights")
    return Schedule(
        train_steps=int(config.get("num_train_timesteps", 1000)),
        beta_start=float(config.get("beta_start", 0.0001)),
        beta_end=float(config.get("beta_end", 0.02)),
        beta_schedule=str(config.get("beta_schedule", "linear")),
        prediction=cast(Prediction, prediction),
    )


def tokenizer_from(folder: Path, files: dict[str, Path], part: str) -> Any:
    """CLIP's tokenizer. Raises WeightsMissing or WeightsCorrupt."""
    for name in ("vocab.json", "merges.txt"):
        if not (folder / name).is_file():
            raise WeightsMissing(f"{folder / name} is missing; fetch the folder whole")
        files[f"{part}/{name}"] = folder / name
    make = import_module("transformers").CLIPTokenizer
    with _reading(folder):
        return make.from_pretrained(str(folder), local_files_only=True)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises WeightsCorrupt."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as problem:
        raise WeightsCorrupt(f"{path} is no JSON ({problem}); fetch it again") from None
    if not isinstance(found, dict):
        raise WeightsCorrupt(f"{path} is no JSON object; fetch it again")
    return found


def _loaded(
    name: str,
    unet: Any,
    autoencoder: Any,
    texts: dict[str, Any],
    reader: ClipTextEncoder,
    schedule: Schedule,
    files: dict[str, Path],
) -> Loaded:
    """Checked against each other."""
    check_fit(name, unet, autoencoder, sum(int(text.config.hidden_size) for text in texts.values()))
    config = unet.config
    if config.addition_embed_type == "text_time":
        if "text_encoder_2" not in texts:
            raise WeightsMissing(f"{name} has no text_encoder_2/, which a denoiser of SDXL's shape needs")
        wanted = 6 * int(config.addition_time_embed_dim) + int(texts["text_encoder_2"].config.projection_dim)
        if int(config.projection_class_embeddings_input_dim) != wanted:
            raise InvalidOption(f"{name} is not told six sizes, as SDXL's refiner; take the base network")
        if autoencoder.dtype is torch.float16 and autoencoder.config.force_upcast:
            in_float32(autoencoder)
    side = int(config.sample_size or 64) * factor_of(autoencoder)
    return Loaded(
        unet=unet, autoencoder=autoencoder, schedule=schedule, read=reader, side=side, texts=texts, files=files
    )


def _filled(network: Any, state: Mapping[str, Any], path: Path, dtype: torch.dtype) -> Any:
    with _reading(path):
        network.load_state_dict(dict(state))
    return cast_to(network, dtype)


@contextmanager
def _reading(where: Path) -> Iterator[None]:
    """The libraries' errors about broken files as ours."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, SafetensorError) as problem:
        if isinstance(problem, WeightsCorrupt | WeightsMissing | InvalidOption):
            raise
        reason = " ".join(str(problem).split())[:200]
        raise WeightsCorrupt(f"{where} cannot be read ({reason}); fetch it again") from None
