"""Sentence embeddings of the detector's 80 kinds -> ground/kind_vectors.npy, float16. `python -m recipes.convert.kind_vectors`.

Run with the package installed; it needs nothing else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pixwright.encoders.sight import Detector
from pixwright.encoders.text import TextEncoder

OUT = Path(__file__).parents[2] / "src/pixwright/ground/kind_vectors.npy"


def main() -> None:
    vectors = TextEncoder.load().embed(Detector.load().kinds)
    np.save(OUT, vectors.astype(np.float16))
    print(f"{len(vectors)} vectors -> {OUT}")


if __name__ == "__main__":
    main()
