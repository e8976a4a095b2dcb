"""CLIPSeg (Lüddecke and Ecker, CVPR 2022): words to a map, as the published ONNX export has it.

In: `pixel_values` (1, 3, 352, 352) float32 by ImageNet's mean and deviation, the picture stretched; `input_ids`, `attention_mask` (1, T) of CLIP's tokenizer. Out: `logits`, (1, 352, 352) or, of
one phrase, (352, 352).
"""

from __future__ import annotations

import numpy as np

from pixwright.encoders.parts.contract import Floats, checked, sigmoid
from pixwright.encoders.parts.opened import WordsAndSight, shown
from pixwright.encoders.published import IMAGENET_MEAN, IMAGENET_STD
from pixwright.records.instruction import Array

SIDE = 352
TOKENS = 77


class ClipSeg(WordsAndSight):
    """Implements `WordsMasker`. Stateless."""

    def mask(self, picture: Array, phrase: str) -> Floats:
        """(352, 352) in [0, 1]: how likely each place is the phrase. Raises `PartFailed`."""
        rows, columns = self._graph.size("pixel_values", SIDE)
        found = self._tokenizer.encode(phrase).ids
        # The last token ends the text: a phrase that is too long is cut before it.
        ids = found if len(found) <= TOKENS else [*found[: TOKENS - 1], found[-1]]
        given = {
            "input_ids": [ids],
            "attention_mask": [[1] * len(ids)],
            "pixel_values": shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD),
        }
        (logits,) = self._graph.run(["logits"], given)
        flat = np.asarray(logits)
        return sigmoid(checked(flat[0] if flat.ndim == 3 else flat, (rows, columns), "logits"))
