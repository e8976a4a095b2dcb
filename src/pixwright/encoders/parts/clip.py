"""CLIP ViT-B/32 (Radford et al. 2021): pictures and words in one space, as the published ONNX export has it.

Text: `input_ids` (N, T), and `attention_mask` where the graph asks for it; `text_embeds` (N, 512). Picture: `pixel_values` (1, 3, 224, 224) float32 by CLIP's mean and deviation,
the middle square of the picture with its shorter side at 224; `image_embeds` (1, 512).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixwright.encoders.heads import unit
from pixwright.encoders.parts.contract import Floats, checked
from pixwright.encoders.parts.opened import PublishedGraph, shown, tokenizer_of
from pixwright.encoders.published import CLIP_MEAN, CLIP_STD
from pixwright.records.instruction import Array

SIDE, TOKENS = 224, 77


class ClipTowers:
    """Implements `Likeness`. Stateless."""

    def __init__(self, words: PublishedGraph, sight: PublishedGraph, tokenizer: Any) -> None:
        self._words, self._sight, self._tokenizer = words, sight, tokenizer

    @classmethod
    def load(cls, name: str) -> ClipTowers:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        files = "onnx/text_model_quantized.onnx", "onnx/vision_model_quantized.onnx"
        return cls(PublishedGraph.of(name, files[0]), PublishedGraph.of(name, files[1]), tokenizer_of(name))

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors. Raises `PartFailed`."""
        found = [self._tokenizer.encode(text).ids for text in texts]
        # The last token ends the text, and fills up the shorter ones: only its first place counts.
        cut = [ids if len(ids) <= TOKENS else [*ids[: TOKENS - 1], ids[-1]] for ids in found]
        longest = max(len(ids) for ids in cut)
        given = {
            "input_ids": [ids + [ids[-1]] * (longest - len(ids)) for ids in cut],
            "attention_mask": [[1] * len(ids) + [0] * (longest - len(ids)) for ids in cut],
        }
        (out,) = self._words.run(["text_embeds"], given)
        return unit(checked(out, (len(texts), None), "text_embeds"))

    def picture(self, picture: Array) -> Floats:
        """(width,) of HxWx3 uint8. Raises `PartFailed`."""
        rows, columns = self._sight.size("pixel_values", SIDE)
        edge = min(picture.shape[:2])
        top, left = (picture.shape[0] - edge) // 2, (picture.shape[1] - edge) // 2
        middle = np.ascontiguousarray(picture[top : top + edge, left : left + edge])
        (out,) = self._sight.run(["image_embeds"], {"pixel_values": shown(middle, rows, columns, CLIP_MEAN, CLIP_STD)})
        return np.asarray(unit(checked(out, (1, None), "image_embeds"))[0], np.float32)
