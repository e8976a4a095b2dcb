"""Make `src/pixwright/ground/meaning/class_vectors.npy`: the sentence embedding of each ImageNet-1k class's name, (1000, 384) float16.

    python recipes/convert/class_vectors.py

The names are the first lemmas in `encoders/data/imagenet.json`; run this again when picture.py or text.py has made its output anew, and near_classes.py after it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pixwright.encoders.text import TextEncoder

PACKAGE = Path(__file__).parents[2] / "src/pixwright"
OUT = PACKAGE / "ground/meaning/class_vectors.npy"


def main() -> None:
    rows = json.loads((PACKAGE / "encoders/data/imagenet.json").read_text("utf-8"))
    vectors = TextEncoder.load().embed([row["lemmas"][0] for row in rows])
    np.save(OUT, vectors.astype(np.float16))
    worst = float(np.abs(np.load(OUT).astype(np.float32) - vectors).max())
    print(f"{len(vectors)} vectors, largest rounding error {worst:.1e} -> {OUT}")


if __name__ == "__main__":
    main()
