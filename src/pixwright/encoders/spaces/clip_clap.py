"""CLIP for words and pictures, CLAP for sounds and music: two free networks behind one interface, joined by words that both read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pixwright.encoders.heads import unit
from pixwright.encoders.published import (
    CLIP_MEAN,
    CLIP_STD,
    Floats,
    folder_of,
    middle_square,
    need,
    normalised,
    open_network,
    unit_rows,
)
from pixwright.encoders.signal import resample
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array, Samples
from pixwright.weights.ledger import measured
from pixwright.weights.store import digest

_SHARP = 20.0
"""How sharply a sound chooses among the texts of the bridge."""


def open_clip_clap(clip: str, clap: str, bridge: Sequence[str], device: str = "auto") -> ClipClapEncoder:
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

    terms = ""

    def __init__(self, clip: Any, clap: Any, where: tuple[Path, Path], bridge: tuple[str, ...]) -> None:
        self._clip, self._clap, self._where, self._bridge = clip, clap, where, bridge
        self.width = int(clip.config.projection_dim)

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> sha256 of the folders."""
        return {one.name: measured(one, digest) for one in self._where}

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors of texts, by CLIP; each is cut at the length that it reads."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        return self._read(self._clip, self._where[0], texts, int(self._clip.config.text_config.max_position_embeddings))

    def picture(self, picture: Array) -> Floats:
        """(width,) of a picture HxWx3 uint8: its middle square, as CLIP was trained."""
        torch = need("torch")
        side = int(self._clip.config.vision_config.image_size)
        square = middle_square(picture, side)
        given = torch.from_numpy(normalised(square, CLIP_MEAN, CLIP_STD)).to(self._clip.device)
        with torch.inference_mode():
            return np.asarray(unit_rows(self._clip.get_image_features(pixel_values=given))[0], np.float32)

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a sound, mono float32 at `rate` Hz: what it is like among the texts of the bridge, in CLIP's space."""
        torch, transformers = need("torch"), need("transformers")
        listens = transformers.ClapFeatureExtractor.from_pretrained(str(self._where[1]), local_files_only=True)
        heard = resample(samples, rate, int(listens.sampling_rate))
        given = listens(heard, sampling_rate=int(listens.sampling_rate), return_tensors="pt")
        with torch.inference_mode():
            vector = unit_rows(self._clap.get_audio_features(**given.to(self._clap.device)))[0]
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
            return unit_rows(network.get_text_features(**given))
