"""What the diffusion editors are handed: networks that are ready to run, and what they need to be told. Mini and published are the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pixwright.nn.experts import Experts
    from pixwright.nn.network import Autoencoder, UNet
    from pixwright.nn.sampling import Schedule


@dataclass(frozen=True, eq=False)
class Texts:
    """Encoded texts, on the model's device and in its dtype."""

    tokens: Tensor
    """(B, N, C): one row of N tokens a text; an empty text is encoded as such."""
    pooled: Tensor | None = None
    """(B, P), for networks in SDXL's shape."""


@dataclass(frozen=True, eq=False)
class LatentModel:
    """A latent denoiser with all that belongs to it. Nothing in it changes from edit to edit."""

    name: str
    unet: UNet
    """Four or eight input channels: `edits` says which."""
    autoencoder: Autoencoder
    schedule: Schedule
    side: int
    """Pixels of the pictures that it was trained on: 64 (mini), 512, 1024."""
    multiple: int
    """The sides of what it is given must be multiples of this many pixels."""
    read: Callable[[Sequence[str]], Texts]
    """Texts -> conditions."""
    device: torch.device
    dtype: torch.dtype
    look: Callable[[Sequence[Array]], Tensor] | None = None
    """Pictures HxWx3 uint8 of any size -> (B, N, F) features for the visual prompt; None where the model has no picture encoder."""
    experts: Experts | None = None
    """Injected already; a null visual prompt is the plain network."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Name -> sha256 of every weight file that was read."""
    blank: int = 0
    """Grey level, 0 to 255, of the canvas that an outpaint shows it: black in AnyEdit's samples."""
    reads_captions: bool = False
    """A network of eight channels that was trained with captions where it sees no picture: it can stand in for one of four channels."""

    @property
    def edits(self) -> bool:
        """Whether the network is shown the picture to edit (eight channels, InstructPix2Pix) or only text (four channels)."""
        return int(self.unet.config.in_channels) >= 2 * int(self.unet.config.out_channels)

    def need_experts(self) -> Experts:
        """The experts. Raises InvalidOption if there are none."""
        if self.experts is None:
            raise InvalidOption(
                f"{self.name} has no experts; give their folder with --set experts=DIR, or leave out what needs them"
            )
        return self.experts
