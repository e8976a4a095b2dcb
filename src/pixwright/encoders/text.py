"""MiniLM: text -> a direction in 384 dimensions; texts of like meaning point the same way (their dot product is near 1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.weights.session import open_session
from pixwright.weights.store import path

Floats = NDArray[np.float32]
DIMENSIONS = 384
BATCH = 64
REMEMBERED = 4096


class TextEncoder:
    """Safe to share between threads. The last few thousand short texts are remembered: phrases recur within an edit."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._one = lru_cache(REMEMBERED)(self._embed_one)

    @classmethod
    def load(cls) -> TextEncoder:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(path("minilm-tokenizer")))
        return cls(open_session("minilm"), tokenizer)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (N, 384) of `texts`, each cut at 256 tokens. Case does not matter."""
        if len(texts) == 1:
            return self._one(texts[0])[None].copy()
        out = np.zeros((len(texts), DIMENSIONS), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            out[part] = self._run([texts[i] for i in part])
        return out

    def tokens(self, texts: Sequence[str], length: int) -> Floats:
        """(N, length, 384): what the network's last layer says of each token, before the mean. Zeros behind a text's end; what is longer is cut."""
        out = np.zeros((len(texts), length, DIMENSIONS), np.float32)
        for start in range(0, len(texts), BATCH):
            ids, mask = self._batch(list(texts[start : start + BATCH]), length)
            found = self._session.run(["tokens"], {"ids": ids, "mask": mask})[0]
            out[start : start + len(ids), : ids.shape[1]] = found * mask[..., None]
        return out

    def unmixed(self, text: str, length: int) -> tuple[Any, Floats]:
        """One text's tokens as the tokenizer gives them (`Encoding`), and what the table of words says of each of the first `length`, before any layer: (1, t, 384)."""
        encoded = self._tokenizer.encode(text)
        ids = np.array([encoded.ids[:length]], np.int64)
        found = self._session.run(["unmixed"], {"ids": ids, "mask": np.ones_like(ids)})[0]
        return encoded, np.asarray(found, np.float32)

    def ids(self, texts: Sequence[str], length: int) -> tuple[tuple[int, ...], ...]:
        """The vocabulary's numbers of each text's tokens, at most `length`: what `tokens` has a row for."""
        return tuple(tuple(found.ids[:length]) for found in self._tokenizer.encode_batch(list(texts)))

    def _embed_one(self, text: str) -> Floats:
        return np.asarray(self._run([text])[0], np.float32)

    def _run(self, texts: list[str]) -> Floats:
        ids, mask = self._batch(texts)
        embedding = self._session.run(["embedding"], {"ids": ids, "mask": mask})[0]
        return np.asarray(embedding, np.float32)

    def _batch(self, texts: list[str], most: int | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Token ids and what of them is text, (n, t) each: as long as the longest of the texts."""
        tokens = [t.ids[:most] for t in self._tokenizer.encode_batch(texts)]
        length = max(map(len, tokens))
        ids = np.zeros((len(tokens), length), np.int64)
        mask = np.zeros_like(ids)
        for row, values in enumerate(tokens):
            ids[row, : len(values)] = values
            mask[row, : len(values)] = 1
        return ids, mask
