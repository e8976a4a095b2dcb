"""Rows as token ids, and what the frozen layers say of each text, once: rows that differ in their pictures alone share it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pixwright.mllm.network import InterleavedNetwork
from pixwright.mllm.tokens import Writer
from pixwright.train.language.rows import LanguageRow

_TOGETHER = 2048
"""Tokens that are read at once."""


@dataclass(frozen=True)
class TokenRow:
    """A row in numbers."""

    ids: tuple[int, ...]
    slots: tuple[tuple[int, int, int], ...]
    """Position, part, and the vector's number."""
    learnt: range
    """Positions whose token the model shall write: the one before each predicts it."""
    controls: tuple[tuple[int, int], ...]
    """Position of each control token, and the number of the vector that is read there."""


def encoded(row: LanguageRow, writer: Writer) -> TokenRow:
    """The prompt and the answer of a row."""
    prompt = writer.prompt(row.words, {number: kind for number, (kind, _) in row.inputs.items()})
    answer = [*writer.controls(row.controls), *(writer.words(row.said) if row.said else ())]
    first = len(prompt.ids)
    return TokenRow(
        (*prompt.ids, *answer),
        tuple((slot.place, slot.part, row.inputs[slot.number][1]) for slot in prompt.slots),
        range(first, first + len(answer)),
        tuple((first + k, target) for k, target in enumerate(row.targets)),
    )


class States:
    """States (T, H) float16 of texts, by their ids; kept in a folder, one file for all texts of a set of rows."""

    def __init__(self, network: InterleavedNetwork, rows: Sequence[TokenRow], folder: Path) -> None:
        self._network = network
        self.texts = {
            text: k for k, text in enumerate(sorted({row.ids for row in rows}, key=lambda ids: (len(ids), ids)))
        }
        self._ends = np.cumsum([len(text) for text in self.texts])
        digest = hashlib.sha256(repr((network.adaptation.enter, network.size, list(self.texts))).encode()).hexdigest()
        target = folder / f"states-{digest[:16]}.npy"
        if not target.exists():
            self._make(target)
        self._held: NDArray[np.float16] = np.load(target, mmap_mode="r")

    def of(self, ids: tuple[int, ...]) -> NDArray[np.float16]:
        """(T, H)."""
        number = self.texts[ids]
        return self._held[self._ends[number] - len(ids) : self._ends[number]]

    @torch.inference_mode()
    def _make(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}")
        out = np.lib.format.open_memmap(
            draft, mode="w+", dtype=np.float16, shape=(int(self._ends[-1]), self._network.size)
        )
        texts = list(self.texts)
        start = place = 0
        device = self._network.rows.device
        while start < len(texts):
            length = len(texts[start])
            stop = start + 1
            # Texts of one length are neighbours, and need no padding.
            while stop < len(texts) and len(texts[stop]) == length and (stop - start) * length < _TOGETHER:
                stop += 1
            states = self._network.lower(torch.tensor(texts[start:stop], device=device))
            out[place : place + (stop - start) * length] = states.reshape(-1, self._network.size).half().cpu().numpy()
            place += (stop - start) * length
            start = stop
        out.flush()
        draft.replace(target)
