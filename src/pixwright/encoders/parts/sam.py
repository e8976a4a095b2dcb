"""SAM 2.1 and SlimSAM (Ravi et al. 2024, arXiv 2408.00714; Chen et al. 2023, arXiv 2312.05284): boxes and points to masks, as the published ONNX exports have them.

Encoder in: `pixel_values` (1, 3, 1024, 1024) float32 by ImageNet's mean and deviation. SAM 2.1 stretches a picture to the square; SlimSAM scales its longer side and pads. Encoder out:
`image_embeddings.0` to `.2` (SAM 2.1), or `image_embeddings` and `image_positional_embeddings` (SlimSAM).
Decoder in: those, `input_points` (1, P, N, 2) in pixels of the square, `input_labels` (1, P, N) int64 (1 on it, 0 not), and of SAM 2.1 `input_boxes` (1, B, 4).
Decoder out: `pred_masks` (1, P, 3, 256, 256) logits, `iou_scores` (1, P, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pixwright.encoders.parts.contract import Floats, PixelBox, Point, checked
from pixwright.encoders.parts.opened import PublishedGraph, shown
from pixwright.encoders.published import IMAGENET_MEAN, IMAGENET_STD
from pixwright.errors import PartFailed
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array

SIDE = 1024
RAMP = 4.0
"""Logits from -half to half of this are a mask's soft edge."""
LARGEST = 8.0
"""Logits beyond this say no more."""
IOU = (-0.5, 1.5)
"""Within which the network's own guess of its intersection over union lies."""
PADDING = -1
"""The label of a point that is none."""
BOXES = "input_boxes"


@dataclass(frozen=True, eq=False)
class Embedded:
    """What the encoder keeps of a picture: its outputs by name; `scale`: (x, y) pixels of the square a pixel of the picture; `used`: (y, x) share of the square that is picture."""

    outputs: Mapping[str, Floats]
    scale: tuple[float, float]
    used: tuple[float, float]


class Sam2:
    """SAM 2.1. Implements `Outliner`. Stateless."""

    embeddings: tuple[str, ...] = ("image_embeddings.0", "image_embeddings.1", "image_embeddings.2")
    encoder_file = "onnx/vision_encoder_quantized.onnx"
    decoder_file = "onnx/prompt_encoder_mask_decoder.onnx"

    def __init__(self, encoder: PublishedGraph, decoder: PublishedGraph) -> None:
        self._encoder, self._decoder = encoder, decoder

    @classmethod
    def load(cls, name: str) -> Sam2:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, cls.encoder_file), PublishedGraph.of(name, cls.decoder_file))

    def look(self, picture: Array) -> Embedded:
        """Run the encoder on HxWx3 uint8. Raises `PartFailed`."""
        rows, columns = self._encoder.size("pixel_values", SIDE)
        return self._embedded(
            shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD),
            (columns / picture.shape[1], rows / picture.shape[0]),
            (1.0, 1.0),
        )

    def _embedded(self, pixels: Floats, scale: Point, used: tuple[float, float]) -> Embedded:
        outputs = self._encoder.run(self.embeddings, {"pixel_values": pixels})
        named = {
            name: checked(out, (1, None, None, None), name) for name, out in zip(self.embeddings, outputs, strict=True)
        }
        return Embedded(named, scale, used)

    def boxes(self, looked: Embedded, boxes: Sequence[tuple[float, float, float, float]]) -> list[tuple[Floats, float]]:
        """The thing in each box: of the three masks the one that the network believes most. Raises `PartFailed`."""
        given = np.asarray(boxes, np.float32) * np.array([*looked.scale, *looked.scale], np.float32)
        out = []
        for box in given:
            # One at a time: exports differ in whether several boxes are one prompt or several.
            masks, sure = self._decoded(looked, np.zeros((1, 2), np.float32), [PADDING], box[None])
            best = int(sure.argmax())
            out.append((soft(masks[best], looked.used), float(np.clip(sure[best], 0, 1))))
        return out

    def points(
        self, looked: Embedded, at: Sequence[Point], not_at: Sequence[Point], about: Callable[[], PixelBox | None]
    ) -> tuple[Floats, float]:
        """The thing at points, and in the box about it where the graph takes boxes. Raises `PartFailed`.

        Given no box, such a graph joins the points to a box's three rows all the same, and onnxruntime leaves those unwritten: the answer would hang on what lay in memory.
        """
        box = about() if BOXES in self._decoder.inputs else ()
        if box is None:
            raise PartFailed("nothing stands out at the points, and this export takes them beside a box")
        masks, sure = self._pointed(looked, at, not_at, box)
        best = int(sure.argmax())
        return soft(masks[best], looked.used), float(np.clip(sure[best], 0, 1))

    def _pointed(
        self, looked: Embedded, at: Sequence[Point], not_at: Sequence[Point], box: Sequence[float] = ()
    ) -> tuple[Floats, Floats]:
        given = np.asarray([*at, *not_at], np.float32).reshape(-1, 2) * np.array(looked.scale, np.float32)
        beside = np.asarray(box, np.float32).reshape(-1, 4) * np.array([*looked.scale, *looked.scale], np.float32)
        return self._decoded(looked, given, [1] * len(at) + [0] * len(not_at), beside)

    def _decoded(self, looked: Embedded, points: Floats, labels: Sequence[int], boxes: Floats) -> tuple[Floats, Floats]:
        """Three masks of logits (3, h, w), and how sure each is (3,)."""
        masks, sure = self._decoder.run(
            ["pred_masks", "iou_scores"],
            {
                **looked.outputs,
                "input_points": points[None, None],
                "input_labels": np.asarray(labels, np.int64)[None, None],
                BOXES: boxes[None],
            },
        )
        kept = checked(sure, (1, 1, None), "iou_scores", *IOU)[0, 0]
        return checked(masks, (1, 1, len(kept), None, None), "pred_masks")[0, 0], kept


class SlimSam(Sam2):
    """SlimSAM: its export takes points only. A box is its middle, and the mask that fills the box best. Implements `Outliner`. Stateless."""

    embeddings = ("image_embeddings", "image_positional_embeddings")
    decoder_file = "onnx/prompt_encoder_mask_decoder_quantized.onnx"

    def look(self, picture: Array) -> Embedded:
        """Run the encoder on HxWx3 uint8: the longer side fills the square, the rest stays empty. Raises `PartFailed`."""
        rows, columns = self._encoder.size("pixel_values", SIDE)
        ratio = min(rows / picture.shape[0], columns / picture.shape[1])
        height, width = (max(1, int(length * ratio + 0.5)) for length in picture.shape[:2])
        square = np.zeros((1, 3, rows, columns), np.float32)
        small = resized(np.ascontiguousarray(picture[..., :3]), height, width)
        square[..., :height, :width] = shown(small, height, width, IMAGENET_MEAN, IMAGENET_STD)
        scale = width / picture.shape[1], height / picture.shape[0]
        return self._embedded(square, scale, (height / rows, width / columns))

    def boxes(self, looked: Embedded, boxes: Sequence[tuple[float, float, float, float]]) -> list[tuple[Floats, float]]:
        """The thing about the middle of each box, of three sizes the one that agrees with the box. Raises `PartFailed`."""
        out = []
        rows, columns = self._encoder.size("pixel_values", SIDE)
        for x0, y0, x1, y1 in boxes:
            masks, sure = self._pointed(looked, [((x0 + x1) / 2, (y0 + y1) / 2)], [])
            height, width = masks.shape[1:]
            across, down = looked.scale[0] * width / columns, looked.scale[1] * height / rows
            agreed = [_agreement(mask > 0, (x0 * across, y0 * down, x1 * across, y1 * down)) for mask in masks]
            best = int(np.argmax(agreed))
            out.append((soft(masks[best], looked.used), float(np.clip(sure[best], 0, 1))))
        return out


def _agreement(solid: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], box: tuple[float, float, float, float]) -> float:
    """Intersection over union of a mask (h, w) and a box XYXY in its pixels."""
    inside = np.zeros_like(solid)
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    inside[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = True
    return float((solid & inside).sum()) / max(1, int((solid | inside).sum()))


def soft(logits: Floats, used: tuple[float, float]) -> Floats:
    """(h, w) logits over the square -> (h', w') in [0, 1] over the picture, its padding cut off."""
    height, width = (max(1, round(n * share)) for n, share in zip(logits.shape, used, strict=True))
    return np.asarray(np.clip(np.clip(logits[:height, :width], -LARGEST, LARGEST) / RAMP + 0.5, 0, 1), np.float32)
