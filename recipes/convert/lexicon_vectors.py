"""Make `src/pixwright/words/vectors.npy`: MiniLM's sentence embeddings, in 8 bits, of the nouns that a network can find.

python recipes/convert/lexicon_vectors.py        # after every change of lexicon.tsv
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import pixwright.words
from pixwright.encoders.text import TextEncoder
from pixwright.words.nearest import names
from pixwright.words.vectors import in_eight_bits


def main() -> None:
    text = TextEncoder.load()
    nouns = names()
    rows = np.concatenate([np.asarray(text.embed(list(nouns[i : i + 64]))) for i in range(0, len(nouns), 64)])
    target = Path(pixwright.words.__file__).with_name("vectors.npy")
    np.save(target, in_eight_bits(rows))
    print(f"{len(nouns)} nouns, {target.stat().st_size} bytes -> {target}")


if __name__ == "__main__":
    main()
