"""CLIP, as the published denoisers read with it: texts of 77 tokens, one encoder or two, and pictures for the experts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from pixwright.models.contract import Look, Texts
from pixwright.records.instruction import Array

TOKENS = 77
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, eq=False)
class ClipTextEncoder:
    """Texts -> tokens, as diffusers' pipelines make them."""

    encoders: Sequence[Any]
    """CLIPTextModel; or CLIPTextModel and CLIPTextModelWithProjection (SDXL)."""
    tokenizers: Sequence[Any]
    device: torch.device
    dtype: torch.dtype
    blank_is_zero: bool = False
    """SDXL base was trained so: the empty text is zeros rather than encoded (its `force_zeros_for_empty_prompt`)."""

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Texts:
        """(B, 77 k, C): one encoder's last layer, or two encoders' last but one side by side; then with what the second pools of the first 77, (B, P).

        An encoder reads 77 tokens. What the longest text has beyond them is read in further rows of as many, which stand behind each other; k is 1 for usual texts.
        """
        pieces = [pieces_of(tokenizer, texts) for tokenizer in self.tokenizers]
        most = max(len(rows) for kind in pieces for rows in kind)
        parts, pooled, read = [], None, []
        for encoder, tokenizer, kind in zip(self.encoders, self.tokenizers, pieces, strict=True):
            rows = [piece for text in kind for piece in (*text, *[""] * (most - len(text)))]
            ids = tokenizer(rows, padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
            read = ids.input_ids.reshape(len(texts), -1).tolist()
            single = len(self.encoders) == 1
            said = encoder(ids.input_ids.to(self.device), output_hidden_states=not single)
            states = said.last_hidden_state if single else said.hidden_states[-2]
            parts.append(states.reshape(len(texts), -1, states.shape[-1]))
            pooled = getattr(said, "text_embeds", None)
        pooled = None if pooled is None else pooled[::most]
        tokens = torch.cat(parts, dim=-1).to(self.dtype)
        if pooled is not None:
            pooled = pooled.to(self.dtype)
        if self.blank_is_zero:
            said_something = torch.tensor([bool(text) for text in texts], device=self.device)
            tokens = tokens * said_something[:, None, None]
            pooled = None if pooled is None else pooled * said_something[:, None]
        return Texts(tokens, pooled, tuple(map(tuple, read)))


def pieces_of(tokenizer: Any, texts: Sequence[str]) -> list[list[str]]:
    """Each text in pieces that fit between the encoder's two end tokens, cut between words."""
    found = []
    for text in texts:
        room, pieces, piece = TOKENS - 2, [], ""
        for word in [text] if _length(tokenizer, text) <= room else text.split():
            longer = f"{piece} {word}".strip()
            if piece and _length(tokenizer, longer) > room:
                pieces.append(piece)
                longer = word
            piece = longer
        found.append([*pieces, piece])
    return found


def _length(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids)


def look_with(
    encoder: nn.Module, prepare: Callable[[Array | None], Tensor], device: torch.device, dtype: torch.dtype
) -> Look:
    """Pictures HxWx3 uint8 of any size -> (B, N, F): the last layer but one, as IP-Adapter-Plus and AnySD read it (ViT-H/14: 257 x 1280)."""

    @torch.no_grad()
    def look(pictures: Sequence[Array | None]) -> Tensor:
        pixels = torch.stack([prepare(picture) for picture in pictures]).to(device, dtype)
        features: Tensor = encoder(pixels, output_hidden_states=True).hidden_states[-2]
        return features.to(dtype)

    return look


def preparation(settings: Path, side: int) -> Callable[[Array | None], Tensor]:
    """A picture HxWx3 uint8 -> (3, side, side) float32: shorter side to `side`, bicubic, the middle square, mean and deviation; None -> zeros.

    settings: preprocessor_config.json, for another mean and deviation than CLIP's; it need not exist.
    """
    told = json.loads(settings.read_text("utf-8")) if settings.is_file() else {}
    mean = np.asarray(told.get("image_mean", MEAN), np.float32)
    deviation = np.asarray(told.get("image_std", DEVIATION), np.float32)

    def prepare(picture: Array | None) -> Tensor:
        if picture is None:
            return torch.zeros(3, side, side)
        height, width = picture.shape[:2]
        short = min(height, width)
        rows, columns = (side if n == short else int(side * n / short) for n in (height, width))
        resized = Image.fromarray(np.ascontiguousarray(picture[..., :3])).resize(
            (columns, rows), Image.Resampling.BICUBIC
        )
        top, left = (rows - side) // 2, (columns - side) // 2
        middle = np.asarray(resized, np.float32)[top : top + side, left : left + side] / 255
        return torch.from_numpy(((middle - mean) / deviation).transpose(2, 0, 1).copy())

    return prepare
