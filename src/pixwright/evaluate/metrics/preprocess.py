"""What each backbone sees: the published resizing and cropping, done with Pillow as the published code does it.

Only uint8 comes in. A picture in [-1, 1] would be clipped or shifted without a word, which has happened in public evaluators.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixwright.errors import InvalidImage
from pixwright.records.instruction import Array

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def crop_square(picture: Array, resize: int, side: int) -> Array:
    """Shorter side to `resize` (bicubic with anti-aliasing, the longer side rounded down), then the middle `side` x `side`.

    CLIP: 224, 224 (openai/CLIP, `clip.py: _transform`). DINO in MagicBrush: 256, 224 (`evaluation/image_eval.py`).
    Raises `InvalidImage` unless the picture is HxWx3 uint8.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise InvalidImage(
            f"a picture of {picture.dtype} {picture.shape}; backbones take HxWx3 uint8 sRGB, 0 to 255; convert it first"
        )
    height, width = picture.shape[:2]
    if height <= width:
        size = (int(resize * width / height), resize)
    else:
        size = (resize, int(resize * height / width))
    image = Image.fromarray(picture)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    return np.asarray(image.crop((left, top, left + side, top + side)), np.uint8)


def normalised(crops: Array, mean: tuple[float, ...], std: tuple[float, ...]) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8 -> (N, 3, S, S) float32: divided by 255, less the mean, by the deviation."""
    values = np.asarray(crops, np.float32) / np.float32(255)
    values = np.asarray((values - np.asarray(mean, np.float32)) / np.asarray(std, np.float32), np.float32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def fit(picture: Array, height: int, width: int) -> Array:
    """The picture at height x width: Pillow's default filter, bicubic (as MagicBrush brings a result to the truth's size)."""
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height)), np.uint8)
