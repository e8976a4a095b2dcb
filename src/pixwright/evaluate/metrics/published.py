"""CLIP and DINO as published, through transformers: exact preprocessing, float32, no gradient."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixwright.errors import WeightsCorrupt
from pixwright.evaluate.metrics.backbones import BackboneRow, need
from pixwright.evaluate.metrics.contract import Floats
from pixwright.evaluate.metrics.preprocess import (
    CLIP_MEAN,
    CLIP_STD,
    IMAGENET_MEAN,
    IMAGENET_STD,
    crop_square,
    normalised,
)
from pixwright.records.instruction import Array

CONTEXT = 77


class Clip:
    """OpenAI's CLIP and its descendants: unit vectors of pictures and texts."""

    def __init__(self, model: Any, tokenizer: Any, known: BackboneRow, revision: str, device: str) -> None:
        self.name, self.revision = known.name, revision
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._side = int(model.config.vision_config.image_size)
        # A network of another input size than the published one resizes to its own.
        self._resize = known.resize if self._side == 224 else self._side
        self.recipe = f"square {self._resize} {self._side}"

    @classmethod
    def load(cls, where: Path, known: BackboneRow, revision: str, device: str) -> Clip:
        """From a folder with config.json, model.safetensors and tokenizer.json. Raises `WeightsCorrupt`, `MissingExtra`."""
        from tokenizers import Tokenizer

        transformers = need("transformers")
        model = _opened(transformers.CLIPModel, where, device)
        text = where / "tokenizer.json"
        if not text.is_file():
            raise WeightsCorrupt(
                f"{where} has no tokenizer.json; get the whole folder of {known.repo}@{known.revision}"
            )
        tokenizer = Tokenizer.from_file(str(text))
        limit = min(CONTEXT, int(model.config.text_config.max_position_embeddings))
        tokenizer.enable_truncation(limit)
        return cls(model, tokenizer, known, revision, device)

    @property
    def scale(self) -> float:
        """exp of the learned logit scale."""
        return float(self._model.logit_scale.exp().item())

    def prepare(self, picture: Array) -> Array:
        """HxWx3 uint8 -> SxSx3 uint8."""
        return crop_square(picture, self._resize, self._side)

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, D) unit vectors."""
        torch = need("torch")
        with torch.inference_mode():
            values = torch.from_numpy(normalised(prepared, CLIP_MEAN, CLIP_STD)).to(self._device)
            pooled = self._model.vision_model(pixel_values=values).pooler_output
            return _units(self._model.visual_projection(pooled))

    def texts(self, texts: Sequence[str]) -> Floats:
        """(N, D) unit vectors; a text is cut at 77 tokens, its last one staying the end."""
        torch = need("torch")
        tokens = [found.ids for found in self._tokenizer.encode_batch(list(texts))]
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for index, values in enumerate(tokens):
            # Padding repeats the end; attention is causal, so what follows the first end changes nothing.
            ids[index] = values[-1]
            ids[index, : len(values)], mask[index, : len(values)] = values, 1
        with torch.inference_mode():
            found = self._model.text_model(
                input_ids=torch.from_numpy(ids).to(self._device), attention_mask=torch.from_numpy(mask).to(self._device)
            )
            return _units(self._model.text_projection(found.pooler_output))


class Dino:
    """DINO's vision transformers: the class token after the last norm."""

    def __init__(self, model: Any, known: BackboneRow, revision: str, device: str) -> None:
        self.name, self.revision = known.name, revision
        self._model, self._device = model, device
        self._side = int(model.config.image_size)
        self._resize = known.resize if self._side == 224 else self._side
        self.recipe = f"square {self._resize} {self._side}"

    @classmethod
    def load(cls, where: Path, known: BackboneRow, revision: str, device: str) -> Dino:
        """From a folder with config.json and model.safetensors. Raises `WeightsCorrupt`, `MissingExtra`."""
        # The networks were trained with this epsilon (facebookresearch/dino, vision_transformer.py); the hub's configuration says 1e-12.
        options = {"add_pooling_layer": False, "layer_norm_eps": 1e-6}
        model = _opened(need("transformers").ViTModel, where, device, options)
        return cls(model, known, revision, device)

    def prepare(self, picture: Array) -> Array:
        """HxWx3 uint8 -> SxSx3 uint8."""
        return crop_square(picture, self._resize, self._side)

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, D) vectors."""
        torch = need("torch")
        with torch.inference_mode():
            values = torch.from_numpy(normalised(prepared, IMAGENET_MEAN, IMAGENET_STD)).to(self._device)
            found = self._model(pixel_values=values).last_hidden_state[:, 0]
            return np.asarray(found.float().cpu().numpy(), np.float32)


def _opened(kind: Any, where: Path, device: str, options: dict[str, float] | None = None) -> Any:
    try:
        model, report = kind.from_pretrained(
            str(where), local_files_only=True, use_safetensors=True, output_loading_info=True, **(options or {})
        )
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        reason = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise WeightsCorrupt(
            f"{where} cannot be opened ({reason}); it needs config.json and model.safetensors"
        ) from problem
    if report["missing_keys"]:
        # transformers fills what is missing with random numbers and only logs it: such scores would look real.
        raise WeightsCorrupt(f"{where} lacks {sorted(report['missing_keys'])[0]}; get the whole folder again")
    return model.eval().to(device)


def _units(vectors: Any) -> Floats:
    values = vectors.float()
    return np.asarray((values / values.norm(dim=-1, keepdim=True)).cpu().numpy(), np.float32)
