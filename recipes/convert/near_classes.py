"""Make `src/pixwright/ground/meaning/near_classes.npz`: the cosines of the lexicon's nouns with the names of the classifier's classes, above `FAR`.

    python recipes/convert/near_classes.py        # after every change of lexicon.tsv's nouns, and after class_vectors.py

In 8 bits and sparse it is a fifth of the nouns' vectors in 8 bits, and tells more: of vectors that are made as small by PCA, one cosine in all is .56 off.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

import pixwright.ground.meaning
from pixwright.encoders.text import TextEncoder
from pixwright.ground.meaning.classes import FAR, STEPS, class_vectors
from pixwright.weights.store import expected_digest
from pixwright.words import lexicon

FOLDER = Path(pixwright.ground.meaning.__file__).parent
BATCH = 64


def made_of() -> str:
    """sha256 of what the cosines are of: the network, and the vectors of the classes' names."""
    vectors = hashlib.sha256((FOLDER / "class_vectors.npy").read_bytes()).hexdigest()
    return f"{expected_digest('minilm')} {vectors}"


def main() -> None:
    text, nouns = TextEncoder.load(), list(lexicon().nouns)
    vectors = np.concatenate([text.embed(nouns[i : i + BATCH]) for i in range(0, len(nouns), BATCH)])
    cosines = vectors @ class_vectors().T
    near = cosines > FAR
    target = FOLDER / "near_classes.npz"
    np.savez_compressed(
        target,
        nouns=np.frombuffer("\n".join(nouns).encode(), np.uint8),
        counts=near.sum(axis=1).astype(np.uint16),
        classes=np.nonzero(near)[1].astype(np.uint16),
        steps=np.clip(np.round((cosines[near] - FAR) / (1 - FAR) * STEPS), 0, STEPS).astype(np.uint8),
        made_of=np.array(made_of()),
    )
    print(f"{len(nouns)} nouns, {near.sum()} cosines, {target.stat().st_size} bytes -> {target}")


if __name__ == "__main__":
    main()
