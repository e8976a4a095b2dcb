"""The language model at work: greedy writing with remembered keys and values, and what was written read as an understanding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixwright.errors import InvalidAttachment, InvalidOption
from pixwright.mllm.contract import Input, Understanding, Vector
from pixwright.mllm.network import InterleavedNetwork
from pixwright.mllm.retrieval import nearest, retrieve
from pixwright.mllm.tokens import BASE, CONTROLS, GEN, SUB, Encoded, Writer

MOST_WORDS = 48
"""Tokens after which a caption or an answer ends, whatever the model says."""
_EXCLUDED = -1e9


class InterleavedModel:
    """A `LanguageModel`: an `InterleavedNetwork` with its writer. Not for several threads at once."""

    def __init__(
        self, network: InterleavedNetwork, writer: Writer, name: str = "mini", *, describes: bool = True
    ) -> None:
        """describes: whether its captions may be shown; else it writes none."""
        self.network, self.writer, self.name, self.describes = network.eval(), writer, name, describes
        self.width = network.adaptation.width

    def understand(self, words: str, inputs: Sequence[Input], *, caption: bool = True) -> Understanding:
        """As the contract says. Until `[gen]` only control tokens are written, at most one `[sub]` for each attachment. `caption=False` stops at `[gen]`.
        `words` stay empty where the model's captions are not to be shown."""
        speech = self._speech(words, inputs)
        controls: list[str] = []
        vectors: list[Vector] = []
        while not controls or controls[-1] != GEN:
            control = CONTROLS[speech.best(self._allowed(controls, len(inputs))) - self.writer.first]
            vectors.append(speech.say(self.writer.controls([control])[0]))
            controls.append(control)
        said = speech.write(MOST_WORDS) if caption and self.describes else []
        base = vectors[controls.index(BASE)] if BASE in controls else None
        subs = tuple(v for control, v in zip(controls, vectors, strict=True) if control == SUB)
        retrieved = None if base is None else nearest(base, inputs, _pictures(inputs))
        return Understanding(
            base=retrieved,
            subs=retrieve(
                subs, inputs, [k for k in range(len(inputs)) if k != (0 if retrieved is None else retrieved)]
            ),
            gen=vectors[-1],
            base_vector=base,
            sub_vectors=subs,
            text=self.writer.text([*self.writer.controls(controls), *said]),
            words=self.writer.text(said),
        )

    def answer(self, prompt: str, inputs: Sequence[Input] = (), *, most: int = MOST_WORDS) -> str:
        """Plain words, at most `most` tokens; control tokens are not written.

        Raises as the contract says, and InvalidOption where what the model says of inputs is not to be shown.
        """
        if inputs and not self.describes:
            raise InvalidOption(
                f"the captions of the language model '{self.name}' are not good enough to be shown; use one whose are (recipes/train: LanguageSettings.describes), or: pixwright describe"
            )
        return self.writer.text(self._speech(prompt, inputs).write(most))

    def _speech(self, words: str, inputs: Sequence[Input]) -> Speech:
        for number, one in enumerate(inputs):
            if one.vector.shape != (self.width,):
                raise InvalidAttachment(
                    f"input {number} ({one.label or one.kind}) is a vector of shape {one.vector.shape}; this model reads ({self.width},):"
                    " use the aligned encoder that it was trained with"
                )
        encoded = self.writer.prompt(words, {k: one.kind for k, one in enumerate(inputs)})
        return Speech(self.network, self.writer, encoded, {k: one.vector for k, one in enumerate(inputs)})

    def _allowed(self, controls: list[str], inputs: int) -> list[int]:
        """What may follow: [base] only first, then as many [sub] as there are attachments, then [gen]."""
        allowed = [SUB] * (controls.count(SUB) < max(inputs - 1, 1) and inputs > 0) + [GEN]
        if not controls and inputs:
            allowed.append(BASE)
        return list(self.writer.controls(allowed))


class Speech:
    """One prompt and what is written after it."""

    def __init__(
        self, network: InterleavedNetwork, writer: Writer, prompt: Encoded, vectors: Mapping[int, np.ndarray]
    ) -> None:
        from transformers import DynamicCache

        self._network, self._writer = network, writer
        below: Any = DynamicCache()
        above: Any = DynamicCache()
        self._caches = (below, above)
        slots = prompt.slots
        places = torch.tensor([[0, slot.place, slot.part] for slot in slots], dtype=torch.long).reshape(-1, 3)
        given = np.stack([vectors[slot.number] for slot in slots]) if slots else np.zeros((0, 1), np.float32)
        self._hidden = self._read(list(prompt.ids), places, torch.from_numpy(given))

    @torch.inference_mode()
    def _read(self, ids: Sequence[int], places: Tensor, vectors: Tensor) -> Tensor:
        """The last hidden state (H,) after further tokens."""
        network = self._network
        device = network.rows.device
        rows = torch.tensor([list(ids)], device=device)
        states = network.lower(rows, cache=self._caches[0])
        states = network.enter(states, rows, places.to(device), vectors.to(device, network.rows.dtype))
        hidden: Tensor = network.upper(states.to(network.embed.weight.dtype), cache=self._caches[1])[0, -1]
        return hidden

    @torch.inference_mode()
    def best(self, allowed: Sequence[int] | None = None) -> int:
        """The likeliest next id; without `allowed` any but control tokens."""
        logits = self._network.logits(self._hidden).float()
        if allowed is None:
            logits[self._writer.first :] = _EXCLUDED
            return int(logits.argmax())
        return int(allowed[int(logits[list(allowed)].argmax())])

    @torch.inference_mode()
    def say(self, token: int) -> np.ndarray:
        """Write a token; the vector (W,) that is read there."""
        none = torch.zeros((0, 3), dtype=torch.long)
        self._hidden = self._read([token], none, torch.zeros((0, 1)))
        return np.asarray(self._network.vectors(self._hidden.to(self._network.rows.dtype)).cpu().numpy(), np.float32)

    def write(self, most: int) -> list[int]:
        """Words until the end or `most` tokens."""
        said: list[int] = []
        while len(said) < most and (token := self.best()) != self._writer.end:
            said.append(token)
            self.say(token)
        return said


def _pictures(inputs: Sequence[Input]) -> list[int]:
    return [k for k, one in enumerate(inputs) if one.kind == "picture"]
