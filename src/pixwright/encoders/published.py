"""What every network in transformers' layout needs: its folder by name, its weights without pickle or foreign code, its tokenizer, and pictures as it saw them in training."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import unit
from pixwright.encoders.signal import resample
from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt, WeightsMissing
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array, Samples
from pixwright.weights.registry import registry
from pixwright.weights.store import digest, path

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


_SHARP = 20.0
"""How sharply a sound chooses among the texts of the bridge."""


def open_published(clip: str, clap: str, bridge: Sequence[str], device: str = "auto") -> ClipClapEncoder:
    """From folders, or names of the registry, in transformers' layout: config.json, .safetensors, a tokenizer, and CLAP's preprocessor_config.json.

    `bridge`: texts that sounds and music are likened to, such as "the sound of a dog". Raises `InvalidOption` for none, `WeightsMissing`, `WeightsCorrupt`, `MissingExtra`.
    """
    if not bridge:
        raise InvalidOption("the bridge has no texts; give what sounds may be, such as 'the sound of a dog'")
    seen, heard = folder_of(clip), folder_of(clap)
    return ClipClapEncoder(
        open_network("CLIPModel", seen, device), open_network("ClapModel", heard, device), (seen, heard), tuple(bridge)
    )


class ClipClapEncoder:
    """CLIP for words and pictures, CLAP for sounds and music, in the aligned encoder's place: implements `encoders.aligned.Aligned`.

    CLIP and CLAP were trained apart. What joins them is text, which both read: a sound is likened to a list of texts in CLAP's space, and becomes the mixture of the same texts in
    CLIP's (C-MCR and FreeBind, Wang et al. 2023 and 2024; here without their learnt projectors). Vectors are as wide as CLIP's. Nothing is kept between calls but the bridge's vectors."""

    def __init__(self, clip: Any, clap: Any, where: tuple[Path, Path], bridge: tuple[str, ...]) -> None:
        self._clip, self._clap, self._where, self._bridge = clip, clap, where, bridge
        self.width = int(clip.config.projection_dim)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> sha256 of the folders."""
        return {one.name: digest(one) for one in self._where}

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors of texts, by CLIP; each is cut at the length that it reads."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        return self._read(self._clip, self._where[0], texts, int(self._clip.config.text_config.max_position_embeddings))

    def picture(self, picture: Array) -> Floats:
        """(width,) of a picture HxWx3 uint8: its middle square, as CLIP was trained."""
        torch = need("torch")
        side = int(self._clip.config.vision_config.image_size)
        height, width = picture.shape[:2]
        edge = min(height, width)
        top, left = (height - edge) // 2, (width - edge) // 2
        square = resized(np.ascontiguousarray(picture[top : top + edge, left : left + edge, :3]), side, side)
        given = torch.from_numpy(normalised(square, CLIP_MEAN, CLIP_STD)).to(self._clip.device)
        with torch.inference_mode():
            return np.asarray(_unit_rows(self._clip.get_image_features(pixel_values=given))[0], np.float32)

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a sound, mono float32 at `rate` Hz: what it is like among the texts of the bridge, in CLIP's space."""
        torch, transformers = need("torch"), need("transformers")
        listens = transformers.ClapFeatureExtractor.from_pretrained(str(self._where[1]), local_files_only=True)
        heard = resample(samples, rate, int(listens.sampling_rate))
        given = listens(heard, sampling_rate=int(listens.sampling_rate), return_tensors="pt")
        with torch.inference_mode():
            vector = _unit_rows(self._clap.get_audio_features(**given.to(self._clap.device)))[0]
        like = _SHARP * (self._bridges[0] @ vector)
        share = np.exp(like - like.max())
        return unit(np.asarray((share / share.sum()) @ self._bridges[1], np.float32))

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a piece of music: as `sound`."""
        return self.sound(samples, rate)

    @cached_property
    def _bridges(self) -> tuple[Floats, Floats]:
        """The texts of the bridge in CLAP's space and in CLIP's."""
        length = int(self._clap.config.text_config.max_position_embeddings)
        return self._read(self._clap, self._where[1], self._bridge, length - 2), self.text(self._bridge)

    def _read(self, network: Any, where: Path, texts: Sequence[str], most: int) -> Floats:
        torch, transformers = need("torch"), need("transformers")
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(where), local_files_only=True, trust_remote_code=False
        )
        given = tokenizer(list(texts), padding=True, truncation=True, max_length=most, return_tensors="pt")
        given = {name: given[name].to(network.device) for name in ("input_ids", "attention_mask")}
        with torch.inference_mode():
            return _unit_rows(network.get_text_features(**given))


def _unit_rows(found: Any) -> Floats:
    """Unit rows of what a network's projection gives, which is a tensor or, since transformers 5, an output that holds one."""
    tensor = found if hasattr(found, "detach") else found.pooler_output
    return unit(np.asarray(tensor.float().cpu().numpy(), np.float32))
