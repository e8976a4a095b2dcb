"""What a multi-modal language model makes of a picture and an instruction: its last hidden states, h = F(x, I) (ReasonPix2Pix: section 3.3, equation 8).

The language model does not learn here. A connector (`nn.projector.Resampler`) turns the states into what a denoiser reads in place of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from pixwright.errors import WeightsCorrupt
from pixwright.extras import optional
from pixwright.mllm.contract import Vector
from pixwright.mllm.speaking import InterleavedModel
from pixwright.mllm.tokens import Encoded
from pixwright.models.connector import NO_DIGESTS
from pixwright.records.instruction import Array

MINI_TOKENS = 64
"""States that the mini model gives of a picture and an instruction; a longer instruction is cut."""
LLAVA_TOKENS = 704
"""The same of LLaVA-1.5: 576 are the picture's."""


Asked: TypeAlias = tuple[str, Array | None]
"""An instruction and its picture, HxWx3 uint8; None with empty words is the condition that is dropped in training."""
TOGETHER = 16
"""Instructions of one length that are read at once: on a processor each then takes less than half the time."""


class StateReader(Protocol):
    """Pictures and instructions -> states. `width` is H, `tokens` N."""

    width: int
    tokens: int
    digests: Mapping[str, str]
    """sha256 of the trained parts that the states depend on, by name."""

    def __call__(self, asked: Sequence[Asked]) -> Tensor:
        """(B, N, H) float32 on the processor; zeros after each last token. A row does not depend on the others."""
        ...


class InterleavedStates:
    """Of this project's own model: the picture is one of its tokens."""

    def __init__(
        self,
        model: InterleavedModel,
        look: Callable[[Array], Vector],
        tokens: int = MINI_TOKENS,
        digests: Mapping[str, str] = NO_DIGESTS,
    ) -> None:
        """look: HxWx3 uint8 -> the aligned encoder's vector."""
        self._model, self._look = model, look
        self.width, self.tokens, self.digests = int(model.network.size), tokens, digests

    @torch.inference_mode()
    def __call__(self, asked: Sequence[Asked]) -> Tensor:
        """As `StateReader` says."""
        seen = {_key(picture): picture for _, picture in asked if picture is not None}
        looks = {key: self._look(picture) for key, picture in seen.items()}
        prompts = [self._prompt(words, picture) for words, picture in asked]
        out = torch.zeros(len(asked), self.tokens, self.width)
        for length in {len(prompt.ids) for prompt in prompts}:
            alike = [k for k, prompt in enumerate(prompts) if len(prompt.ids) == length]
            for first in range(0, len(alike), TOGETHER):
                rows = alike[first : first + TOGETHER]
                vectors = [looks[_key(asked[k][1])] for k in rows for _ in prompts[k].slots]
                out[rows] = fitted(self._read([prompts[k] for k in rows], vectors), self.tokens)
        return out

    def _prompt(self, words: str, picture: Array | None) -> Encoded:
        return self._model.writer.prompt(words, {} if picture is None else {0: "picture"})

    def _read(self, prompts: Sequence[Encoded], vectors: Sequence[Vector]) -> Tensor:
        """(B, T, H) of prompts of one length; a vector for each slot of each."""
        network = self._model.network
        device = network.rows.device
        ids = torch.tensor([list(prompt.ids) for prompt in prompts], device=device)
        slots = [[row, slot.place, slot.part] for row, prompt in enumerate(prompts) for slot in prompt.slots]
        places = torch.tensor(slots, dtype=torch.long).reshape(-1, 3)
        shown = torch.from_numpy(np.stack(vectors).astype(np.float32) if vectors else np.zeros((0, 1), np.float32))
        states = network.enter(network.lower(ids), ids, places.to(device), shown.to(device, network.rows.dtype))
        return network.upper(states.to(network.embed.weight.dtype))


class LlavaStates:
    """Of LLaVA-1.5 in transformers' layout (a folder such as llava-hf/llava-1.5-7b-hf)."""

    def __init__(self, folder: Path, device: str = "cpu", tokens: int = LLAVA_TOKENS) -> None:
        """Raises WeightsCorrupt for a folder that transformers cannot read, and MissingExtra."""
        transformers = optional("transformers", "reasonpix2pix", "torch")
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        try:
            self._processor: Any = transformers.AutoProcessor.from_pretrained(str(folder), local_files_only=True)
            model = transformers.LlavaForConditionalGeneration.from_pretrained(
                str(folder), local_files_only=True, dtype=dtype
            )
        except (OSError, ValueError, KeyError) as problem:
            reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
            raise WeightsCorrupt(f"{folder} is no LLaVA model that transformers reads: {reason}") from problem
        self._model: Any = model.eval().to(device)
        self.width, self.tokens, self.digests = int(model.config.text_config.hidden_size), tokens, NO_DIGESTS

    @torch.inference_mode()
    def __call__(self, asked: Sequence[Asked]) -> Tensor:
        """As `StateReader` says. The prompt is Vicuna's, as LLaVA was trained with."""
        return torch.cat([fitted(self._states(words, picture), self.tokens) for words, picture in asked])

    def _states(self, words: str, picture: Array | None) -> Tensor:
        shown = "" if picture is None else "<image>\n"
        further = {} if picture is None else {"images": [np.ascontiguousarray(picture[..., :3])]}
        given = self._processor(text=[f"USER: {shown}{words} ASSISTANT:"], return_tensors="pt", **further)
        given = {
            name: value.to(self._model.device, self._model.dtype if value.is_floating_point() else None)
            for name, value in given.items()
        }
        found: Tensor = self._model(**given, output_hidden_states=True).hidden_states[-1]
        return found


def _key(picture: Array | None) -> bytes:
    """What tells a picture from the others: several instructions are often about the same."""
    return b"" if picture is None else picture.tobytes()


def fitted(states: Tensor, tokens: int) -> Tensor:
    """(B, T, H) -> (B, tokens, H) float32 on the processor: cut, or with zeros behind."""
    kept = states[:, :tokens].float().cpu()
    return F.pad(kept, (0, 0, 0, tokens - kept.shape[1]))
