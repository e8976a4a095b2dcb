"""Make `src/pixwright/ground/class_vectors.npy`: the sentence embedding of each ImageNet-1k class's name, (1000, 384) float16.

    python recipes/convert/class_vectors.py

The names are the first lemmas in `nouns.tsv.gz`; run this again when wordnet.py or text.py has made its output anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pixwright.encoders.text import TextEncoder
from pixwright.ground.lexicon import lexicon

OUT = Path(__file__).parents[2] / "src/pixwright/ground/class_vectors.npy"


def main() -> None:
    vectors = TextEncoder.load().embed(lexicon().names)
    np.save(OUT, vectors.astype(np.float16))
    worst = float(np.abs(np.load(OUT).astype(np.float32) - vectors).max())
    print(f"{len(vectors)} vectors, largest rounding error {worst:.1e} -> {OUT}")


if __name__ == "__main__":
    main()
