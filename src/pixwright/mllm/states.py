"""What a multi-modal language model makes of a picture and an instruction: its last hidden states, h = F(x, I) (ReasonPix2Pix: section 3.3, equation 8).

The language model does not learn here. A connector (`nn.projector.Resampler`) turns the states into what a denoiser reads in place of a text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from pixwright.errors import WeightsCorrupt
from pixwright.extras import optional
from pixwright.mllm.contract import Input, Vector
from pixwright.mllm.speaking import InterleavedModel
from pixwright.records.instruction import Array

MINI_TOKENS = 64
"""States that the mini model gives of a picture and an instruction; a longer instruction is cut."""
LLAVA_TOKENS = 704
"""The same of LLaVA-1.5: 576 are the picture's."""


class StateReader(Protocol):
    """Picture and instruction -> states. `width` is H, `tokens` N."""

    width: int
    tokens: int

    def __call__(self, words: str, picture: Array | None) -> Tensor:
        """(N, H) float32 on the processor; zeros after the last token. picture HxWx3 uint8; None with empty words is the condition that is dropped in training."""
        ...


class InterleavedStates:
    """Of this project's own model: the picture is one of its tokens."""

    def __init__(self, model: InterleavedModel, look: Callable[[Array], Vector], tokens: int = MINI_TOKENS) -> None:
        """look: HxWx3 uint8 -> the aligned encoder's vector."""
        self._model, self._look = model, look
        self.width, self.tokens = int(model.network.size), tokens

    @torch.inference_mode()
    def __call__(self, words: str, picture: Array | None) -> Tensor:
        """As `StateReader` says."""
        given = [] if picture is None else [Input("picture", self._look(picture))]
        network, writer = self._model.network, self._model.writer
        prompt = writer.prompt(words, {k: one.kind for k, one in enumerate(given)})
        device = network.rows.device
        ids = torch.tensor([list(prompt.ids)], device=device)
        places = torch.tensor([[0, slot.place, slot.part] for slot in prompt.slots], dtype=torch.long).reshape(-1, 3)
        shown = np.stack([given[slot.number].vector for slot in prompt.slots]) if prompt.slots else np.zeros((0, 1))
        vectors = torch.from_numpy(np.asarray(shown, np.float32)).to(device, network.rows.dtype)
        states = network.enter(network.lower(ids), ids, places.to(device), vectors)
        return fitted(network.upper(states.to(network.embed.weight.dtype))[0], self.tokens)


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
        self.width, self.tokens = int(model.config.text_config.hidden_size), tokens

    @torch.inference_mode()
    def __call__(self, words: str, picture: Array | None) -> Tensor:
        """As `StateReader` says. The prompt is Vicuna's, as LLaVA was trained with."""
        shown = "" if picture is None else "<image>\n"
        further = {} if picture is None else {"images": [np.ascontiguousarray(picture[..., :3])]}
        given = self._processor(text=[f"USER: {shown}{words} ASSISTANT:"], return_tensors="pt", **further)
        given = {
            name: value.to(self._model.device, self._model.dtype if value.is_floating_point() else None)
            for name, value in given.items()
        }
        return fitted(self._model(**given, output_hidden_states=True).hidden_states[-1][0], self.tokens)


def fitted(states: Tensor, tokens: int) -> Tensor:
    """(T, H) -> (tokens, H) float32 on the processor: cut, or with zeros behind."""
    kept = states[:tokens].float().cpu()
    return F.pad(kept, (0, 0, 0, tokens - len(kept)))
