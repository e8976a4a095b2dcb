"""What the diffusion editors are handed: networks that are ready to run, and what they need to be told. Mini and published are the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from pixwright.records.instruction import Array

Look: TypeAlias = "Callable[[Sequence[Array | None]], Tensor]"
"""Pictures HxWx3 uint8 of any size -> (B, N, F); None stands for a picture whose prepared pixels are zero."""

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pixwright.nn.experts import Experts
    from pixwright.nn.network import Autoencoder, UNet
    from pixwright.nn.routing import Routing
    from pixwright.nn.sampling import Schedule


@dataclass(frozen=True)
class UsualScales:
    """The guidance scales that weights were published or trained with: s_I and s_T of the network alone, and those of a step that an expert takes part in."""

    picture: float = 1.5
    text: float = 7.5
    expert_picture: float = 1.5
    expert_text: float = 7.5


PIX2PIX = UsualScales()
"""InstructPix2Pix, section 4; also of weights that do not say theirs."""
ANYSD = UsualScales(3.0, 3.0, 2.0, 1.5)
"""The published program's (`infer.py`): general edits, and those of an expert."""
MINI = UsualScales(1.8, 4.0, 1.8, 4.0)
"""Found on the packaged mini weights."""

Unreferenced: TypeAlias = Literal["zero_tokens", "zero_picture", "plain"]
"""What experts see of a step without a reference: picture tokens of zero (the paper; this project's training), those of a picture whose prepared pixels are
zero (AnySD's published training), or no experts at all (an IP-Adapter, which knows no task)."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Encoded texts, on the model's device and in its dtype."""

    tokens: Tensor
    """(B, N, C): one row of N tokens a text; an empty text is encoded as such."""
    pooled: Tensor | None = None
    """(B, P), for networks in SDXL's shape."""
    ids: tuple[tuple[int, ...], ...] = ()
    """What each text's tokens are in the vocabulary, the first N of them; empty where the reader does not say."""


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
    look: Look | None = None
    """Pictures -> features for the visual prompt; None where the model has no picture encoder."""
    experts: Experts | None = None
    """Injected already; a null visual prompt is the plain network."""
    routing: Routing = "soft"
    """The gate that the experts were trained with: published ones have none but table 8."""
    unreferenced: Unreferenced = "zero_tokens"
    missing: frozenset[str] = frozenset()
    """Experts (names of `nn.tasks.EXPERTS`) that were not published with the others: their steps are the plain network's."""
    scales: UsualScales = PIX2PIX
    digests: Mapping[str, str] = field(default_factory=dict)
    """Name -> sha256 of every weight file that was read."""
    glimpse: Autoencoder | None = None
    """A tiny autoencoder of the same latents, for looks at what is becoming."""
    tiles: bool = False
    """Larger pictures are worked on in tiles of `side`."""
    blank: int = 0
    """Grey level, 0 to 255, of the canvas that an outpaint shows it: black in AnyEdit's samples."""
    reads_captions: bool = False
    """A network of eight channels that was trained with captions where it sees no picture: it can stand in for one of four channels."""

    @property
    def edits(self) -> bool:
        """Whether the network is shown the picture to edit (eight channels, InstructPix2Pix) or only text (four channels)."""
        return int(self.unet.config.in_channels) >= 2 * int(self.unet.config.out_channels)
