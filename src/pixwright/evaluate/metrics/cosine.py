"""Metrics of embeddings. Vectors are (D,) and need not have unit length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TINY = 1e-8
STILL = 1e-5
"""Difference of unit vectors below which nothing changed: float32 networks give the same picture two vectors about 1e-7 apart."""


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Cosine of the angle, in [-1, 1]; 0 if either vector is zero. CLIP-I, CLIP-T, CLIP-out and DINO are this, of different vectors."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(np.clip(x @ y / size, -1, 1)) if size > TINY else 0.0


def directional(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    words_before: NDArray[np.float32],
    words_after: NDArray[np.float32],
) -> float:
    """Does the picture change as its caption does? Cosine of the two differences of unit vectors, in [-1, 1].

    Gal et al. 2021 (StyleGAN-NADA), as InstructPix2Pix measures with it. A picture that did not change scores 0.
    """
    seen, said = unit(after) - unit(before), unit(words_after) - unit(words_before)
    if min(np.linalg.norm(seen), np.linalg.norm(said)) < STILL:
        return 0.0
    return cosine(seen, said)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length 1; a zero vector stays zero."""
    size = float(np.linalg.norm(vector))
    return np.asarray(vector / size if size > TINY else vector * 0, np.float32)


def clip_score(picture: NDArray[np.float32], words: NDArray[np.float32]) -> float:
    """100 max(cosine, 0), 0 to 100 (Hessel et al. 2021 as torchmetrics scales it; the "CLIP" column of InstructEdit's table 1)."""
    return 100 * max(cosine(picture, words), 0.0)


def linear_chain(
    vector: NDArray[np.float32], layers: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
) -> float:
    """A head of linear layers without activations, (weight (o, i), bias (o,)), on a unit vector: LAION's aesthetic predictor V2."""
    value = unit(vector)
    for weight, bias in layers:
        value = weight @ value + bias
    return float(value[0])


def scaled(picture: NDArray[np.float32], words: NDArray[np.float32], scale: float) -> float:
    """`scale` x cosine: PickScore (Kirstain et al. 2023), whose scale is exp of the model's learned logit scale, about 100."""
    return scale * cosine(picture, words)
