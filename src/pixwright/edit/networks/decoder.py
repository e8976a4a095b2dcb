"""InstructAny2Pix's decoder: a picture painted anew from its own noise, under an embedding of what it shall be, embeddings of its subjects, and words (section 3.2.1).

The network sees the picture at its own size; `edit.networks.window` brings what it painted back. Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pixwright.edit.networks.wanted import Wanted
from pixwright.edit.networks.window import Floats, Window, window_for
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.models.families import Piped, PipelineRequest
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import invert, ladder
from pixwright.nn.latents.coherence import is_noise
from pixwright.nn.views import ViewAdapter, ViewPrompt, mixture, polar_mix
from pixwright.records.instruction import Array

PRAISE, FAULTS = "best quality, high quality", "monochrome, lowres, bad anatomy, worst quality, low quality"
"""The published prompt's first words, and its negative prompt. A network that was trained on plain captions is told neither."""
POLISHED = "high quality, well-formed, award-winning"
"""What the refiner is told after the caption."""


@dataclass(frozen=True, eq=False)
class Decoder:
    """`paint` is all of it. Raises InvalidOption for options out of range, or a network that follows no captions."""

    model: LatentModel
    views: ViewAdapter
    steps: int = 25
    guidance: float = 10.0
    alpha: float = 0.7
    """1 keeps the structure of the picture, 0 begins with noise alone."""
    h: tuple[float, float, float] = (0.0, 0.4, 1.0)
    """Base, gen and refined in the global condition."""
    norm: float = 20.0
    subject: float = 0.65
    """How much the subjects' own tokens count; 0 shows the whole picture's in their place."""
    strength: float = 1.0
    """Factor on what the embeddings add to the text."""
    side: int | None = None
    praised: bool = False
    """Whether the words are framed by `PRAISE` and `FAULTS`."""
    refiner: Piped | None = None
    """Repaints the detail afterwards, if there is one."""

    def __post_init__(self) -> None:
        if self.model.edits and not self.model.reads_captions:
            raise InvalidOption(
                f"{self.model.name} is shown the picture and follows instructions, not captions; give weights of a text-to-image network "
                "(Stable Diffusion XL) with --set weights=DIR"
            )
        if self.side is not None and self.side < self.model.multiple:
            raise InvalidOption(f"side {self.side} is under the {self.model.multiple} pixels of this network's grid")

    def window(self, picture: Array, limit: Array | None) -> Window:
        """Where the network looks: about the limit HxW uint8, or at the whole picture."""
        return window_for(picture.shape[0], picture.shape[1], limit, self.side or self.model.side, self.model.multiple)

    def paint(self, picture: Array, wanted: Wanted, limit: Array | None, seed: int) -> tuple[Array, Array]:
        """`picture` HxWx3 uint8 of any size -> (painted HxWx3, mask HxW uint8). Outside of the mask, and of `limit`, the picture's own pixels."""
        window = self.window(picture, limit)
        before, after = self.repaint(window.take(picture), wanted, seed)
        if self.refiner is not None:
            shown = np.clip(after + 0.5, 0, 255).astype(np.uint8)
            said = f"{wanted.words}, {POLISHED}" if wanted.words else POLISHED
            after = np.asarray(
                self.refiner.run(PipelineRequest([shown], said, seed, self.steps, self.guidance)), np.float32
            )
        return window.put(picture, before, after, redrawn=self.alpha < 1, limit=limit)

    @torch.no_grad()
    def repaint(self, picture: Array, wanted: Wanted, seed: int) -> tuple[Floats, Floats]:
        """`picture` HxWx3 uint8 of the network's size -> as the autoencoder alone gives it back, and painted anew: HxWx3 float32 in 0..255.

        Inverted without words or embeddings, mixed with noise by `alpha`, denoised under all conditions (paper: A.1.2; the public program's order).
        """
        model, coder = self.model, self.model.autoencoder
        pixels = torch.from_numpy(np.ascontiguousarray(picture)).to(model.device).permute(2, 0, 1)[None]
        clean = encode(coder, pixels.to(coder.dtype) / 127.5 - 1).float()
        rungs = ladder(self.steps, model.schedule)
        said = f"{PRAISE}, {wanted.words}" if self.praised else wanted.words
        texts = model.read([said, FAULTS if self.praised else "", ""])
        prompt = self._prompt(wanted)
        plain = self._condition(texts, 2, 2, clean, picture.shape[:2], None)
        asked = self._condition(texts, 0, 1, clean, picture.shape[:2], prompt)
        top = invert(Denoiser(model.unet, plain, None), clean, rungs, rungs.steps)[-1]
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed)).to(top)
        latents = polar_mix(top, noise, self.alpha)
        scales = Scales(text=self.guidance, visual=self.guidance, picture=1.0)
        denoiser = Denoiser(model.unet, asked, scales)
        for here in range(rungs.steps, 0, -1):
            latents = rungs.move(latents, denoiser(latents, rungs.timesteps[here]), here, here - 1)
        if is_noise(clean, latents)[0]:
            latents = clean  # nothing is better than noise
        decoded = decode(coder, torch.cat([clean, latents]).to(coder.dtype)).float()
        if not bool(torch.isfinite(decoded).all()):
            raise InvalidOption(f"{model.name} overflowed in {model.dtype}; use --set dtype=bfloat16 or float32")
        shown = ((decoded.permute(0, 2, 3, 1) + 1) * 127.5).cpu().numpy()
        return np.asarray(shown[0], np.float32), np.asarray(shown[1], np.float32)

    def _prompt(self, wanted: Wanted) -> ViewPrompt:
        base, gen, refined = (self._tensor([one]) for one in (wanted.base, wanted.gen, wanted.refined))
        whole = mixture(base, gen, refined, self.h, self.norm)
        parts = self.norm * self._tensor(wanted.subjects) if wanted.subjects else torch.zeros_like(whole)
        views = torch.cat([whole, parts])[None].to(self.model.dtype)
        subject = self.subject if wanted.subjects else 1.0
        prompt: ViewPrompt = self.views(views, subject=subject, strength=self.strength)
        return prompt

    def _tensor(self, vectors: Sequence[Floats]) -> Tensor:
        return torch.from_numpy(np.stack(vectors)).to(self.model.device, torch.float32)

    def _condition(
        self, texts: Texts, row: int, null: int, clean: Tensor, size: tuple[int, ...], prompt: ViewPrompt | None
    ) -> Condition:
        """Of one caption. A network of eight channels is shown no picture: zeros, as in its training with captions."""
        pooled = texts.pooled
        sizes = torch.tensor([[*size[:2], 0, 0, *size[:2]]], device=self.model.device, dtype=self.model.dtype)
        return Condition(
            text=texts.tokens[row : row + 1],
            null_text=texts.tokens[null : null + 1],
            picture=torch.zeros_like(clean, dtype=self.model.dtype) if self.model.edits else None,
            visual=prompt,
            pooled=None if pooled is None else pooled[row : row + 1],
            null_pooled=None if pooled is None else pooled[null : null + 1],
            sizes=None if pooled is None else sizes,
        )
