"""Grounding DINO (Liu et al. 2023, arXiv 2303.05499): phrases to boxes, as the published ONNX export has it.

In: `pixel_values` (1, 3, 800, 800) float32 by ImageNet's mean and deviation, `pixel_mask` (1, 800, 800), `input_ids`, `token_type_ids`, `attention_mask` (1, T).
Out: `logits` (1, 900, 256), a logit of every box for every token; `pred_boxes` (1, 900, 4), middle and size in 0..1. The export stretches pictures to a square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pixwright.encoders.parts.contract import Floats, Found, checked, sigmoid
from pixwright.encoders.parts.opened import WordsAndSight, shown
from pixwright.encoders.published import IMAGENET_MEAN, IMAGENET_STD
from pixwright.encoders.sight import suppress
from pixwright.records.instruction import Array

SIDE = 800
TOKENS = 256
"""Most tokens of all phrases together."""
BOX, TEXT = 0.3, 0.25
"""Least score of a box, and of the noun's own word in it (the paper's code: the same two)."""
SAME = 0.5
"""Intersection over union from which two boxes of one phrase are one thing."""
MOST = 32
"""Boxes a phrase."""


class GroundingDino(WordsAndSight):
    """Implements `PhraseFinder`. Stateless."""

    def find(self, picture: Array, phrases: Sequence[str]) -> list[list[Found]]:
        """Boxes of each phrase in HxWx3 uint8, surest first. Raises `PartFailed`."""
        rows, columns = self._graph.size("pixel_values", SIDE)
        ids, spans, heads = phrase_tokens(self._tokenizer, phrases, TOKENS)
        ones = np.ones((1, len(ids)), np.int64)
        logits, boxes = self._graph.run(
            ["logits", "pred_boxes"],
            {
                "pixel_values": shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD),
                "pixel_mask": np.ones((1, rows, columns), np.int64),
                "input_ids": [ids],
                "token_type_ids": 0 * ones,
                "attention_mask": ones,
            },
        )
        # Tokens that are not there have logits of minus infinity.
        boxes = checked(boxes, (1, None, 4), "pred_boxes", -0.5, 1.5)[0]
        odds = sigmoid(checked(np.asarray(logits)[..., : len(ids)], (1, len(boxes), len(ids)), "logits"))[0]
        height, width = picture.shape[:2]
        placed = corners(boxes, height, width)
        return [
            kept(placed, odds[:, span], odds[:, head].max(1)) if span else []
            for span, head in zip(spans, heads, strict=True)
        ]


def corners(boxes: Floats, height: int, width: int) -> Floats:
    """(n, 4) middle and size in 0..1 -> XYXY in pixels, within the picture."""
    middle, half = np.split(boxes, 2, axis=1)
    edges = np.concatenate([middle - half / 2, middle + half / 2], axis=1)
    return np.asarray(np.clip(edges, 0, 1) * [width, height, width, height], np.float32)


def phrase_tokens(
    tokenizer: Any, phrases: Sequence[str], most: int
) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """The ids of "a cat. a dog.", and which tokens each phrase and each phrase's last word have; none for phrases beyond the limit."""
    text, ranges = "", []
    for phrase in phrases:
        plain = phrase.lower().replace(".", " ").strip()
        begin = len(text) + (1 if text else 0)
        text = f"{text} {plain}." if text else f"{plain}."
        ranges.append((begin, begin + plain.rfind(" ") + 1, begin + len(plain)))
    found = tokenizer.encode(text)
    ids, offsets = list(found.ids[:most]), list(found.offsets[:most])
    spans, heads = [], []
    for begin, head, end in ranges:
        own = [i for i, (a, b) in enumerate(offsets) if a >= begin and b <= end and b > a]
        spans.append(own)
        heads.append([i for i in own if offsets[i][0] >= head] or own)
    return ids, spans, heads


def kept(boxes: Floats, words: Floats, heads: Floats) -> list[Found]:
    """Those above both thresholds, without doubles, best first. boxes: (n, 4) XYXY; words: (n, tokens of the phrase); heads: (n,).

    A box's score is its best token's, as published; but a blue cup is then as good a "red cup" as a red one, so the order is by the mean over the tokens.
    """
    scores, ranks = words.max(1), words.mean(1)
    good = np.flatnonzero((scores > BOX) & (heads > TEXT) & ((boxes[:, 2:] - boxes[:, :2]).min(1) >= 1))
    order = suppress(boxes[good], np.zeros(len(good), np.int64), ranks[good], SAME)[:MOST]
    return [
        Found((float(x0), float(y0), float(x1), float(y1)), float(scores[good[i]]))
        for i in order
        for x0, y0, x1, y1 in [boxes[good[i]]]
    ]
